"""Every value of the model goes into JSON and comes back the same."""

from __future__ import annotations

import json
import typing
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.model.inquiry import Entry, Event, Inquiry
from desk.model.ladder import Shares
from desk.model.message import Author
from desk.model.outbox import Operation
from desk.model.sla import SlaClock
from desk.store.codec import decode, encode
from desk.store.lines import Change, dumps, frame, read_record, record, unframe

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
numbers = st.floats(0, 1e9)
spans = st.timedeltas(timedelta(0), timedelta(days=400))
jsons = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that the model uses."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    plain = {str: texts, datetime: instants, timedelta: spans, bool: st.booleans(), int: st.integers(), float: numbers}
    if hint in plain:
        return plain[hint]
    if origin is dict:
        return jsons
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if type(None) in arguments:
        return st.none() | values(arguments[0])
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    hints = typing.get_type_hints(hint)
    if hint is Shares:  # refuses what does not rise
        return st.sampled_from((Shares(), Shares(0.25, 0.5, 0.9), Shares(None, 0.5, None)))
    return st.builds(hint, **{f.name: values(hints[f.name]) for f in fields(hint)})


@pytest.mark.parametrize("cls", [Inquiry, Entry, Event, Operation, SlaClock, Author])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_value_comes_back_the_same(cls: type, data: st.DataObject) -> None:
    value = data.draw(values(cls))
    assert decode(cls, json.loads(dumps(encode(value)))) == value


class Colour(StrEnum):
    RED = "red"


class Rank(IntEnum):
    LOW = 3


@dataclass(frozen=True, slots=True)
class Odd:
    """Each kind of field once."""

    colour: Colour
    rank: Rank
    maybe: str | None
    span: timedelta
    spans: tuple[timedelta, ...] = ()
    pair: tuple[str, int] = ("a", 1)
    author: Author | None = None
    authors: tuple[Author, ...] = ()
    on: bool = True
    rate: float | None = 1.0
    more: dict[str, Any] = field(default_factory=dict)
    free: Any = None


def test_each_kind_of_field_is_written_as_the_document_says() -> None:
    value = Odd(
        Colour.RED, Rank.LOW, None, timedelta(seconds=1.5), (timedelta(1),), ("b", 2), Author("1"), (Author("2", "b"),),
        False, None, {"x": [1]}, {"y": None},
    )  # fmt: skip
    written = encode(value)
    assert written == {
        "colour": "red", "rank": 3, "span": 1_500_000, "spans": [86_400_000_000], "pair": ["b", 2],
        "author": {"remote_id": "1"}, "authors": [{"remote_id": "2", "handle": "b"}], "on": False, "rate": None,
        "more": {"x": [1]}, "free": {"y": None},
    }  # fmt: skip
    assert decode(Odd, written) == value
    short = Odd(Colour.RED, Rank.LOW, "", timedelta(0))
    assert encode(short) == {
        "colour": "red",
        "rank": 3,
        "maybe": "",
        "span": 0,
        "pair": ["a", 1],
        "on": True,
        "rate": 1.0,
    }
    assert decode(Odd, encode(short)) == short


def test_instants_are_kept_in_utc() -> None:
    at = datetime(2026, 7, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    written = encode(Event(at, 1, "x"))
    assert written["at"] == "2026-07-01T10:30:00Z"
    assert decode(Event, written).at.utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="time zone"):
        encode(Event(datetime(2026, 7, 1), 1, "x"))


def test_fields_of_another_version_do_no_harm() -> None:
    written = encode(Author("1", "mia"))
    assert decode(Author, {**written, "shoe_size": 39}) == Author("1", "mia")
    assert decode(Author, {"remote_id": "1"}) == Author("1")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", 'b"c', "ö"]), st.integers(0), st.none() | jsons.map(dumps)), max_size=5)
)
def test_a_transaction_comes_back_from_its_line(changes: list[Change]) -> None:
    text = unframe(frame(record(7, changes)))
    assert text is not None
    assert read_record(text) == (7, changes)
    assert json.loads(text)["d"] == [json.loads(document) for _, _, document in changes if document is not None]
    assert "\n" not in text and text.isascii()


def test_a_changed_line_is_not_read() -> None:
    line = frame(record(1, [("t", 1, '{"a":1}')]))
    assert unframe(line) is not None
    for at in range(len(line)):
        assert unframe(line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]) is None
        assert unframe(line[:at]) is None
    assert unframe(b"") is None
