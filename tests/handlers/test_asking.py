"""What is typed is read whole: numbers, people, times, and the words that are left, to the last line break."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.errors import DeskError
from desk.model.words import bare
from handlers.asking import (
    Mistyped,
    NotADuration,
    NotANumber,
    NotATime,
    NumberMissing,
    UnknownFlag,
    duration,
    number,
    read_number,
    read_when,
    read_who,
    take_flags,
    when,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday, 13:00 in Berlin
LINK = "https://acme.slack.example/archives/C0DESK/p1764073800000100?thread_ts=1764073800.000100"


@pytest.mark.parametrize(
    ("typed", "found", "rest"),
    [
        ("42", 42, ""),
        ("#42 On its way!", 42, "On its way!"),
        ("  42   On  its\n  way! ", 42, "On  its\n  way! "),
        ("42\nDear Maria,\n\nsorry.", 42, "Dear Maria,\n\nsorry."),
        ("42: On its way!", 42, "On its way!"),
        ("# 42 hello", 42, "hello"),
        ("007", 7, ""),
        ("１０４２ hello", 1042, "hello"),
        ("＃１０４２", 1042, ""),
        ("٤٢ hello", 42, "hello"),
        (LINK, LINK, ""),
        (f"<{LINK}&amp;cid=C0DESK> hello\n there", LINK + "&cid=C0DESK", "hello\n there"),
        ("<https://x.example/maria/status/17|x.example/maria>", "https://x.example/maria/status/17", ""),
        ("https://x.example/maria/status/17 hello", "https://x.example/maria/status/17", "hello"),
        ("", None, ""),
        ("On its way!", None, "On its way!"),
        ("  leading space stays", None, "  leading space stays"),
        ("#sorry about that", None, "#sorry about that"),
        ("2nd parcel is coming", None, "2nd parcel is coming"),
        ("24/7 we are here", None, "24/7 we are here"),
    ],
)
def test_the_number_or_link_is_taken_off_the_front(typed: str, found: object, rest: str) -> None:
    assert read_number(typed) == (found, rest)


@pytest.mark.parametrize(
    "typed", ["-1", "−1", "1e3", "0", "#0", "1,042", "4.2", "#12a", "#-1", "1-2", "9" * 5000, "1x3"]
)
def test_what_only_looks_like_a_number_is_refused_with_the_text_kept(typed: str) -> None:
    with pytest.raises(NotANumber) as caught:
        read_number(f"{typed} On its way!")
    assert caught.value.quote == f"{typed} On its way!"
    assert "write 42 or #42" in caught.value.sentence
    assert len(caught.value.sentence) < 200


def test_a_number_alone_is_a_number_a_link_or_a_sentence() -> None:
    assert number(" #42 ") == 42
    assert number(LINK) == LINK
    with pytest.raises(NumberMissing, match="Which inquiry"):
        number(" \n")
    for typed in ("forty-two", "42 43", "-1"):
        with pytest.raises(NotANumber):
            number(typed)


@pytest.mark.parametrize(
    ("typed", "who", "rest"),
    [
        ("<@U0ANA|ana> he knows\nrefunds", "U0ANA", "he knows\nrefunds"),
        ("<@U0ANA>", "U0ANA", ""),
        ("@ana he knows", "ana", "he knows"),
        ("@ana.sousa-2, he knows", "ana.sousa-2", "he knows"),
        ("@jürgen", "jürgen", ""),
        ("ana", None, "ana"),
        ("@", None, "@"),
        ("", None, ""),
        ("ask @ana", None, "ask @ana"),
    ],
)
def test_a_person_is_taken_off_the_front(typed: str, who: str | None, rest: str) -> None:
    assert read_who(typed) == (who, rest)


@pytest.mark.parametrize(
    ("typed", "rest", "flags"),
    [
        ("42 --force", "42", {"force"}),
        ("--force 42", "42", {"force"}),
        ("42 —force now", "42 now", {"force"}),
        ("42 --Force", "42", {"force"}),
        ("42", "42", set()),
        ("a--force  b -- c", "a--force  b -- c", set()),
    ],
)
def test_options_are_taken_out(typed: str, rest: str, flags: set[str]) -> None:
    assert take_flags(typed) == (rest, flags)


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(UnknownFlag, match=r"There is no option --forse\. Write --force, or leave it out\."):
        take_flags("42 --forse")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("2h", 120),
        ("30m", 30),
        ("1d", 1440),
        ("90 min", 90),
        ("1h30", 90),
        ("1h 30m", 90),
        ("1h30m", 90),
        ("1.5h", 90),
        ("1,5 hours", 90),
        ("in 2 hours", 120),
        ("1 hour and 5 minutes", 65),
        ("1w", 7 * 1440),
        ("２h", 120),
    ],
)
def test_a_length_of_time_is_read(typed: str, minutes: int) -> None:
    assert duration(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "typed", ["", "0m", "-2h", "two hours", "45", "400d", "2h x", "1h75", "h", "2 dogs", "999999w 999999w"]
)
def test_what_is_no_length_of_time_gets_the_form_to_write(typed: str) -> None:
    with pytest.raises(NotADuration) as caught:
        duration(typed)
    assert "30m, 2h, 1h 30m or 1d" in caught.value.sentence


@pytest.mark.parametrize(
    ("typed", "at", "rest"),
    [
        ("tomorrow 9:00", "2026-11-19T09:00", ""),
        ("tomorrow at 9", "2026-11-19T09:00", ""),
        ("tomorrow", "2026-11-19T09:00", ""),
        ("Tomorrow, 4pm: call back", "2026-11-19T16:00", "call back"),
        ("16:00", "2026-11-18T16:00", ""),
        ("12:59", "2026-11-19T12:59", ""),
        ("13:00 is now, so the next", "2026-11-19T13:00", "is now, so the next"),
        ("until 4 p.m. waiting", "2026-11-18T16:00", "waiting"),
        ("noon", "2026-11-19T12:00", ""),
        ("12am", "2026-11-19T00:00", ""),
        ("today 18:30 call", "2026-11-18T18:30", "call"),
        ("fri 14:00 refund status", "2026-11-20T14:00", "refund status"),
        ("Friday 14:00", "2026-11-20T14:00", ""),
        ("on monday waiting", "2026-11-23T09:00", "waiting"),
        ("wed 14:00", "2026-11-18T14:00", ""),
        ("wed 10:00", "2026-11-25T10:00", ""),
        ("next wed 14:00", "2026-11-25T14:00", ""),
        ("2026-12-24 13:00", "2026-12-24T13:00", ""),
        ("2026-12-24T13:00 closing", "2026-12-24T13:00", "closing"),
        ("24.12. 13:00", "2026-12-24T13:00", ""),
        ("3.1. 13:00", "2027-01-03T13:00", ""),
        ("24.12.2026 13:00", "2026-12-24T13:00", ""),
        ("2h waiting for the\n  warehouse", "2026-11-18T15:00", "waiting for the\n  warehouse"),
        ("in 90 min, lunch", "2026-11-18T14:30", "lunch"),
        ("1d", "2026-11-19T13:00", ""),
    ],
)
def test_a_time_to_come_is_read_on_the_agents_own_clock(typed: str, at: str, rest: str) -> None:
    expected = datetime.fromisoformat(at).replace(tzinfo=BERLIN)
    found, left = read_when(typed, NOW, BERLIN)
    assert found == expected.astimezone(UTC)
    assert found.tzinfo is UTC
    assert left == rest


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Until when?"),
        ("soon", "“soon” is no time."),
        ("waiting for stock", "“waiting for” is no time."),
        ("25:00", "“25:00” is no time of a day."),
        ("13pm", "is no time of a day"),
        ("9", "“9” is no time."),
        ("today", "When today?"),
        ("today 9:00", "“today 9:00” has passed."),
        ("2025-01-01 10:00", "has passed"),
        ("2026-02-29 10:00", "There is no such day"),
        ("31.2. 10:00", "There is no such day"),
        ("2027-12-24 10:00", "is more than a year ahead"),
        ("9999-12-31 23:00", "is more than a year ahead"),
        ("0001-01-01 00:00", "has passed"),
        ("99999d", "is more than a year ahead"),
        ("tomorrow 9 call", "leaves the hour open"),
        ("0m", "That is now."),
        ("16:00:30", "is no time"),
        ("two hours", "is no time"),
        ("-2h", "is no time"),
    ],
)
def test_what_is_no_time_to_come_is_refused_with_a_command_that_works(typed: str, said: str) -> None:
    with pytest.raises(NotATime) as caught:
        read_when(typed, NOW, BERLIN, "/snooze", 42)
    sentence = bare(caught.value.sentence)
    assert said in sentence
    assert "tomorrow 9:00" in sentence
    assert sentence.endswith("/snooze 42 2h waiting for stock.")
    assert caught.value.quote == typed
    assert isinstance(caught.value, DeskError)


def test_a_time_that_a_clock_change_skips_moves_forward_and_one_that_comes_twice_is_the_first() -> None:
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert when("tomorrow 2:30", spring, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert when("tomorrow 2:30", autumn, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_whole_text_must_be_a_time() -> None:
    assert when("16:00", NOW, BERLIN) == datetime(2026, 11, 18, 15, tzinfo=UTC)
    with pytest.raises(NotATime):
        when("16:00 or so", NOW, BERLIN)


def test_the_day_is_that_of_the_agents_zone() -> None:
    late = datetime(2026, 11, 18, 22, 30, tzinfo=UTC)
    assert when("tomorrow 9:00", late, ZoneInfo("Asia/Manila")) == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert when("tomorrow 9:00", late, ZoneInfo("America/New_York")) == datetime(2026, 11, 19, 14, tzinfo=UTC)


WORDS = st.text(alphabet="0123456789#@<>|&-+.,:;hmdw amptorwfri\n１٤—é", max_size=40)


@given(st.one_of(WORDS, st.text(max_size=60)))
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(typed: str) -> None:
    for reading in (
        lambda: read_number(typed),
        lambda: read_who(typed),
        lambda: take_flags(typed),
        lambda: duration(typed),
        lambda: read_when(typed, NOW, BERLIN, "/snooze", 42),
        lambda: number(typed),
    ):
        try:
            reading()
        except Mistyped as refusal:
            assert refusal.sentence  # noqa: PT017
            assert refusal.quote == typed  # noqa: PT017


@given(st.integers(1, 999_999_999), st.text(min_size=1, max_size=60))
def test_the_text_behind_a_number_keeps_every_character(found: int, text: str) -> None:
    if text[0].isspace() or not text.strip():
        return
    assert read_number(f"#{found} {text}") == (found, text)
