"""What leads change about the hours by command: another week, other hours on a date; how it is read, kept, applied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from desk.model.catalogue import say
from desk.model.days import month_name
from desk.model.hours import DAYS, BusinessHours, HoursError, Spans, without
from desk.model.week import format_spans, parse_week

USUAL = ("usual", "as usual", "normal")
"""Words that take a change of a date back."""
CLOSED = ("closed", "off", "none")
FARTHEST = timedelta(days=3 * 366)
"""How far ahead a date may lie; beyond it is more likely a slip than a plan."""
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])[:,]?\s*(.*)", re.DOTALL)
_LIKE_A_DATE = re.compile(r"\d{1,4}[-./]\d")


def applied(
    own: BusinessHours, breaks: Spans = (), week: str | None = None, dates: Mapping[str, str] | None = None
) -> BusinessHours:
    """The owner's hours with what leads have set: `week` as `format_week` writes it (the breaks are cut out of it), and
    `dates` by ISO date ("" is closed). Holidays stay. Raises `HoursError` where they do not go together."""
    days: Mapping[str, Spans] = own.week
    if week is not None:
        days = {day: tuple(without(spans, breaks)) for day, spans in parse_week(week).items()}
    changed = {date.fromisoformat(day): spans_of(date.fromisoformat(day), text) for day, text in (dates or {}).items()}
    return BusinessHours(own.zone, days, own.holidays, {**own.exceptions, **changed})


def spans_of(day: date, text: str) -> Spans:
    """The hours of one date, typed as those of a week: "9-13", "9-12 and 14-16", "closed". Raises `HoursError`."""
    if text.strip().casefold() in ("", *CLOSED):
        return ()
    name = DAYS[day.weekday()]
    return parse_week(f"{name} {text}").get(name, ())


def read_date(typed: str, today: date) -> tuple[date, str | None] | None:
    """A date and its hours, from what a lead typed: "2026-12-24 9-13", "2026-12-25 closed", "2026-12-24 usual".

    The hours come as `format_spans` writes them, "" for closed, None for as usual. None where it begins with no date.
    Raises `HoursError` for a date that does not exist, has passed or has no hours.
    """
    match = _DATE.fullmatch(typed.strip())
    if match is None:
        if _LIKE_A_DATE.match(typed.strip()):
            word = typed.split()[0]
            raise HoursError(
                [
                    say(
                        "“{word}” is no date that I can read. Write it with the year first: {example}.",
                        word=word,
                        example="2026-12-24 9-13",
                    )
                ]
            )
        return None
    year, month, number, rest = int(match[1]), int(match[2]), int(match[3]), match[4].strip()
    try:
        day = date(year, month, number)
    except ValueError:
        typed_date = f"{match[1]}-{match[2]}-{match[3]}"
        raise HoursError([say("{date} is no date: {why}", date=typed_date, why=_why(year, month))]) from None
    if day < today:
        raise HoursError(
            [say("{date} has passed. Write a date from today on: {example}.", date=day, example=f"{today} 9-13")]
        )
    if day - today > FARTHEST:
        raise HoursError(
            [
                say(
                    "{date} is more than three years ahead. Write a nearer date: {example}.",
                    date=day,
                    example=f"{today.year}-12-24 9-13",
                )
            ]
        )
    if not rest:
        raise HoursError([say("{date} has no hours. Write {date} 9-13, {date} closed, or {date} usual.", date=day)])
    if rest.casefold() in USUAL:
        return day, None
    spans = spans_of(day, rest)
    return day, format_spans(spans) if spans else ""


def _why(year: int, month: int) -> str:
    if not 1 <= month <= 12:
        return say("months go from 01 to 12. Write it as {example}.", example="2026-12-24")
    first = date(year, month, 1)
    days = ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - first).days
    return say(
        "{month} has {n} days. Write it as {example}.",
        month=f"{month_name(month)} {year}",
        n=days,
        example="2026-12-24",
    )
