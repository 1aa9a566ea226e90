"""The desk's values as JSON and back, for any of the model's dataclasses: what a field is says its type hint."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")
Way = Callable[[Any], Any]
_MICROSECOND = timedelta(microseconds=1)


def encode(value: Any) -> dict[str, Any]:
    """A dataclass as JSON-able values. What is empty by default and empty here is left out.

    Instants become ISO 8601 in UTC, durations whole microseconds, enums their value, tuples lists. Raises ValueError
    for an instant without a time zone.
    """
    return cast(dict[str, Any], _encoder(cast(Hashable, type(value)))(value))


def decode(cls: type[T], document: dict[str, Any]) -> T:
    """Undo `encode`. A field that is missing gets its default; a field that `cls` does not know is passed over."""
    return cast(T, _decoder(cast(Hashable, cls))(document))


def _same(value: Any) -> Any:
    return value


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()[:-6] + "Z"


def _duration(value: int) -> timedelta:
    return timedelta(microseconds=value)


@cache
def _encoder(cls: Any) -> Way:
    hints = typing.get_type_hints(cls)
    fields = [(f.name, _ways(hints[f.name])[0], _left_out(f, hints[f.name])) for f in dataclasses.fields(cls)]

    def to_document(value: Any) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for name, way, left_out in fields:
            found = getattr(value, name)
            if found is None:
                if left_out is not None:
                    document[name] = None
            elif found != left_out:
                document[name] = found if way is _same else way(found)
        return document

    return to_document


@cache
def _decoder(cls: Any) -> Way:
    hints = typing.get_type_hints(cls)
    ways = {f.name: _ways(hints[f.name])[1] for f in dataclasses.fields(cls)}
    missing = {
        f.name: None
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING and _optional(hints[f.name])
    }

    def to_value(document: dict[str, Any]) -> Any:
        arguments: dict[str, Any] = missing.copy()
        for name, found in document.items():
            way = ways.get(name)
            if way is _same:
                arguments[name] = found
            elif way is not None:
                arguments[name] = None if found is None else way(found)
        return cls(**arguments)

    return to_value


def _left_out(field: dataclasses.Field[Any], hint: Any) -> Any:
    """The empty value of a field that need not be written, because reading gives it back; else MISSING."""
    if field.default_factory is not dataclasses.MISSING:
        made = field.default_factory()
        return dataclasses.MISSING if made else made
    if field.default is dataclasses.MISSING:
        return None if _optional(hint) else dataclasses.MISSING
    return field.default if field.default is None or field.default in ("", ()) else dataclasses.MISSING


def _optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


@cache
def _ways(hint: Any) -> tuple[Way, Way]:
    """How to write and how to read a value of this type; None never gets here but inside a tuple."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [a for a in arguments if a is not type(None)]
        write, read = _ways(inner)
        return (write, read) if write is _same else (_or_none(write), _or_none(read))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            write, read = _ways(arguments[0])
            if write is _same:
                return list, tuple
            return (lambda found: [write(one) for one in found]), (lambda found: tuple([read(one) for one in found]))
        pairs = [_ways(a) for a in arguments]
        return (
            lambda found: [way(one) for (way, _), one in zip(pairs, found, strict=True)],
            lambda found: tuple([way(one) for (_, way), one in zip(pairs, found, strict=True)]),
        )
    if hint is datetime:
        return _instant, datetime.fromisoformat
    if hint is timedelta:
        return (lambda found: found // _MICROSECOND), _duration
    if isinstance(hint, type) and issubclass(hint, Enum):
        known = {member.value: member for member in hint}
        return (lambda found: found.value), known.__getitem__
    if dataclasses.is_dataclass(hint):
        return _encoder(cast(Hashable, hint)), _decoder(cast(Hashable, hint))
    if hint in (str, int, float, bool) or hint is Any or origin is dict:
        return _same, _same
    raise TypeError(f"the store does not know how to keep {hint!r}")


def _or_none(way: Way) -> Way:
    return lambda found: None if found is None else way(found)
