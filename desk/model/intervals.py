"""The open spans of a date: how they may be written, what cannot be, and the sentence that says so."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from itertools import pairwise

from desk.model.catalogue import say
from desk.model.days import MIDNIGHT, WEEK, clock, long_day
from desk.model.errors import DeskError

Spans = Sequence[tuple[str, str]]
"""Opening and closing times of one date, "HH:MM" each; an end counts on beyond 24:00, up to 48:00."""

NAMES = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
"""The days as they are kept and typed, in English; `days.py` has them as people read them."""

CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_LATEST = 48 * 60


class HoursError(DeskError, ValueError):
    """Hours that cannot be. `mistakes` holds each of them, a sentence that names the place and the form to write."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(" ".join(self.mistakes))


def read_day(name: str, spans: Spans, mistakes: list[str]) -> tuple[tuple[int, int], ...]:
    """The spans of one day in minutes, in order; each mistake is added as a sentence."""
    form = say("Write each span as {example}, one after the other in a list.", example='["09:00", "17:00"]')
    if isinstance(spans, str) or not isinstance(spans, Sequence):
        mistakes.append(say("{name}: {spans} is no list of spans. {form}", name=name, spans=f"{spans!r}", form=form))
        return ()
    if len(spans) == 2 and all(isinstance(side, str) for side in spans):
        mistakes.append(
            say(
                '{name}: {pair} stands alone. Put it in a list: [["{first}", "{last}"]].',
                name=name,
                pair=f"{list(spans)!r}",
                first=spans[0],
                last=spans[1],
            )
        )
        return ()
    before = len(mistakes)
    read = [read_span(name, pair, mistakes, later=index > 0) for index, pair in enumerate(spans)]
    found = sorted(span for span in read if span is not None)
    for one, other in pairwise(found):
        if other[0] < one[1]:
            mistakes.append(overlap_sentence(name, one, "", other))
    if found and found[0][0] >= MIDNIGHT and len(mistakes) == before:
        mistakes.append(_begins_late(name, *found[0]))
    return tuple(found)


def read_span(name: str, pair: object, mistakes: list[str], later: bool) -> tuple[int, int] | None:
    """One span in minutes, or None and a sentence. `later`: it may begin beyond 24:00."""
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        mistakes.append(
            say(
                '{name}: {pair} is no span. Write the opening and the closing time: ["09:00", "17:00"].',
                name=name,
                pair=f"{pair!r}",
            )
        )
        return None
    sides = [_read_clock(name, side, mistakes) for side in pair]
    start, end = sides
    if start is None or end is None:
        return None
    shown = f"{clock(start)}-{clock(end)}"
    if start == end:
        mistakes.append(
            say(
                "{name}: {shown} is empty. For the whole day write 00:00-24:00; to be closed, leave it out.",
                name=name,
                shown=shown,
            )
        )
    elif end < start:
        night = f"{clock(start)}-{clock(end + MIDNIGHT)}"
        form = "" if night == "22:00-30:00" else say(", as in {example}", example="22:00-30:00")
        noon = MIDNIGHT // 2
        told = [say("{name}: {shown} ends before it begins.", name=name, shown=shown)]
        if start <= noon:
            told.append(
                say("If you mean the afternoon, write {example}.", example=f"{clock(start)}-{clock(end + noon)}")
            )
        told.append(say("If it ends on the next day, count on beyond midnight: {example}.", example=f"{night}{form}"))
        mistakes.append(" ".join(told))
    elif start >= MIDNIGHT and not later:
        mistakes.append(_begins_late(name, start, end))
    else:
        return start, end
    return None


def _read_clock(name: str, side: object, mistakes: list[str]) -> int | None:
    """Minutes since midnight, or None and a sentence."""
    if not isinstance(side, str):
        meant = "22:30"
        if isinstance(side, time):
            meant = f"{side:%H:%M}"
        elif isinstance(side, int) and 0 <= side <= _LATEST:
            meant = clock(side)  # readers that know sexagesimal numbers make 1350 of an unquoted 22:30
        mistakes.append(
            say('{name}: {side} is not a quoted time. Put it in quotes: "{meant}".', name=name, side=side, meant=meant)
        )
        return None
    match = CLOCK.fullmatch(side.strip())
    if match is None:
        mistakes.append(say('{name}: "{side}" is no time. Write hours and minutes: 09:00.', name=name, side=side))
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    if int(match[2]) > 59:
        mistakes.append(
            say('{name}: "{side}" has more than 59 minutes. Write hours and minutes: 09:30.', name=name, side=side)
        )
        return None
    if minutes > _LATEST:
        mistakes.append(
            say(
                '{name}: "{side}" is past 48:00. Write a time from 00:00 to 24:00, or count on to the '
                "end of the next day: 22:00-30:00 is until 06:00.",
                name=name,
                side=side,
            )
        )
        return None
    return minutes


def clash(
    spans: Sequence[tuple[int, int]], after: Sequence[tuple[int, int]], ahead: int
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The first span of a date that runs into one of the date `ahead` days later."""
    shift = ahead * MIDNIGHT
    for one in spans:
        for other in after:
            if other[0] + shift < one[1] and one[0] < other[1] + shift:
                return one, other
    return None


def check_week(plan: Mapping[str, Sequence[tuple[int, int]]], mistakes: list[str]) -> None:
    """Adds a mistake for each span of a weekday that runs into the hours of one of the two days after it."""
    for index, day in enumerate(WEEK):
        for ahead in (1, 2):
            after = WEEK[(index + ahead) % 7]
            if met := clash(plan.get(day, ()), plan.get(after, ()), ahead):
                mistakes.append(overlap_sentence(long_day(day), met[0], long_day(after), met[1]))


def overlap_sentence(name: str, one: tuple[int, int], other_name: str, other: tuple[int, int]) -> str:
    first, second = (f"{clock(start)}-{clock(end)}" for start, end in (one, other))
    if other_name:
        return say(
            "{name} {first} runs into {other_name} {second}. Let the first end earlier or the second "
            "begin later: spans may touch, not overlap.",
            name=name,
            first=first,
            other_name=other_name,
            second=second,
        )
    joined = f"{clock(one[0])}-{clock(max(one[1], other[1]))}"
    return say(
        "{name}: {first} and {second} overlap. Write them as one: {joined}.",
        name=name,
        first=first,
        second=second,
        joined=joined,
    )


def _begins_late(name: str, first: int, last: int) -> str:
    moved = f"{clock(first - MIDNIGHT)}-{clock(last - MIDNIGHT)}"
    return say(
        "{name}: {time} is no time to open at, a day begins between 00:00 and 23:59. If you mean "
        "the night, write {moved} under the next day.",
        name=name,
        time=clock(first),
        moved=moved,
    )


def unknown_day(word: str) -> str:
    near = difflib.get_close_matches(word.casefold(), [*WEEK, *(name.casefold() for name in NAMES.values())], 1, 0.5)
    if not near:
        return say('"{word}" is no day. Write mon, tue, wed, thu, fri, sat or sun.', word=word)
    guess = near[0][:3]
    return say(
        '"{word}" is no day. Did you mean {near}? Write mon, tue, wed, thu, fri, sat or sun.', word=word, near=guess
    )
