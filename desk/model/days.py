"""Days, dates and spans of a day in the team's words: "Mon–Fri 09:00–17:00, Sat 10:00–14:00", "Thu 2026-12-24".

What is kept and typed is English and stands in `week.py` (`format_week`, `parse_week`); this is what people read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from desk.model.catalogue import say

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
"""Minutes of a day; the end of a span counts on beyond it."""


def short_day(day: str) -> str:
    """A weekday of `WEEK` in short: "Mon"."""
    return {
        "mon": say("Mon"),
        "tue": say("Tue"),
        "wed": say("Wed"),
        "thu": say("Thu"),
        "fri": say("Fri"),
        "sat": say("Sat"),
        "sun": say("Sun"),
    }[day]


def long_day(day: str) -> str:
    """A weekday of `WEEK` in full: "Monday"."""
    return {
        "mon": say("Monday"),
        "tue": say("Tuesday"),
        "wed": say("Wednesday"),
        "thu": say("Thursday"),
        "fri": say("Friday"),
        "sat": say("Saturday"),
        "sun": say("Sunday"),
    }[day]


def month_name(month: int) -> str:
    """A month, 1 to 12, in full: "December"."""
    return (
        say("January"),
        say("February"),
        say("March"),
        say("April"),
        say("May"),
        say("June"),
        say("July"),
        say("August"),
        say("September"),
        say("October"),
        say("November"),
        say("December"),
    )[month - 1]


def weekday_of(at: date) -> str:
    """The short weekday of a date, or of an instant as its own zone has it."""
    return short_day(WEEK[at.weekday()])


def dated(day: date) -> str:
    """A date with its weekday, which is nobody's own time: "Thu 2026-12-24"."""
    return say("{weekday} {date}", weekday=weekday_of(day), date=day.isoformat())


def clock(minutes: int) -> str:
    """Minutes since midnight as a clock shows them: "09:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: str) -> int:
    """The minutes since midnight of "HH:MM"; beyond 24:00 it counts on."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def day_runs(week: Mapping[str, Sequence[tuple[str, str]]]) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """A week in runs of days with the same hours that follow each other: first, last, spans; closed days left out."""
    runs: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
    for index, day in enumerate(WEEK):
        spans = tuple((start, end) for start, end in week.get(day, ()))
        if spans and runs and runs[-1][1:] == (WEEK[index - 1], spans):
            runs[-1] = (runs[-1][0], day, spans)
        elif spans:
            runs.append((day, day, spans))
    return runs


def week_words(week: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """A week for people: days with the same hours that follow each other are one range, closed days are left out."""
    runs = day_runs(week)
    if not runs:
        return say("closed all week")
    written = []
    for first, last, spans in runs:
        named = short_day(first) if first == last else f"{short_day(first)}–{short_day(last)}"
        written.append(f"{named} {spans_words(spans)}")
    return ", ".join(written)


def spans_words(spans: Sequence[tuple[str, str]]) -> str:
    """The spans of one date for people: "09:00–12:00 and 13:00–17:00", "22:00–06:00 next day", "closed"."""
    words = [_span(minutes_of(start), minutes_of(end)) for start, end in spans]
    if not words:
        return say("closed")
    told = words[0]
    for one in words[1:]:
        told = say("{one} and {other}", one=told, other=one)
    return told


def _span(first: int, last: int) -> str:
    if first < MIDNIGHT < last:
        return say("{span} next day", span=f"{clock(first)}–{clock(last - MIDNIGHT)}")
    return f"{clock(first)}–{clock(last)}"
