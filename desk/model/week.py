"""A week of hours as people type it and as agents read it back: "mon-fri 9-17, sat 10-14", and the zone it is in."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from desk.model.catalogue import say
from desk.model.days import MIDNIGHT, clock, day_runs, long_day, minutes_of
from desk.model.days import WEEK as DAYS
from desk.model.intervals import CLOCK, NAMES, HoursError, Spans, check_week, read_day, read_span, unknown_day

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_TOKEN = re.compile(
    r"(?P<next>(?:the\s+)?next\s+day|\+1)"
    r"|(?P<round>24\s*/\s*7)"
    r"|(?P<time>\d+(?:[:.h]\d+)?(?:\s*[ap]\.?m\b\.?)?)"
    r"|(?P<dash>-|\b(?:to|until|till|bis)\b)"
    r"|(?P<and>[,;&+\n]|\band\b)"
    r"|(?P<word>[^\W\d_]+)\.?:?"
    r"|(?P<space>\s+|:)"
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN_TIME = re.compile(r"(\d+)(?:[:.h](\d+))?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE | re.ASCII)
_ALIASES = {
    **{day: (day,) for day in DAYS},
    **{name.casefold(): (day,) for day, name in NAMES.items()},
    "tues": ("tue",),
    "weds": ("wed",),
    "thur": ("thu",),
    "thurs": ("thu",),
    "weekdays": DAYS[:5],
    "weekday": DAYS[:5],
    "weekend": DAYS[5:],
    "weekends": DAYS[5:],
    "daily": DAYS,
    "everyday": DAYS,
    "always": DAYS,
}
_CLOSED = ("closed", "off", "none")


def _form() -> str:
    return say("Write days and times like this: {example}.", example="mon-fri 9-17, sat 10-14")


def parse_week(text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The week that somebody typed: "mon-fri 9-17, sat 10-14", "mon-thu 9-12 and 13-17, sun closed", "24/7".

    Days are English, short or whole, single, in lists or in ranges. Times are "9", "09:00" or "9am". A night counts on
    ("22:00-30:00") or says so ("22:00-06:00 next day"). A day that is not named is closed and missing in the answer.
    Raises one `HoursError` with every mistake.
    """
    mistakes: list[str] = []
    groups = _groups(unicodedata.normalize("NFKC", text).translate(_DASHES), mistakes)
    plan: dict[str, list[tuple[int, int]]] = {}
    for days, spans in groups:
        for day in days:
            plan.setdefault(day, []).extend(spans)
    week: dict[str, tuple[tuple[str, str], ...]] = {}
    said: set[str] = set()
    for day in DAYS:
        if not plan.get(day):
            continue
        found: list[str] = []
        typed = sorted(plan[day])
        read = read_day(long_day(day), [(clock(first), clock(last)) for first, last in typed], found)
        for sentence in found:
            # "mon-fri 17-9" is one mistake, not five.
            if (rest := sentence.replace(long_day(day), "", 1)) not in said:
                said.add(rest)
                mistakes.append(sentence)
        week[day] = tuple((clock(first), clock(last)) for first, last in read)
    if not mistakes:
        check_week(plan, mistakes)
    if not mistakes and not week:
        mistakes.append(say("These hours never open. {form}", form=_form()))
    if mistakes:
        raise HoursError(mistakes)
    return week


def _groups(text: str, mistakes: list[str]) -> list[tuple[list[str], list[tuple[int, int]]]]:
    """Days and the spans typed for them, in order; a word where days are expected is named as a mistake."""
    tokens: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind != "space":
            tokens.append((kind, match[0].strip().rstrip(".:") if kind == "word" else match[0].strip()))
    groups: list[tuple[list[str], list[tuple[int, int]]]] = []
    days: list[str] = []
    spans: list[tuple[int, int]] | None = None
    known = True
    at = 0

    def flush() -> None:
        nonlocal days, spans, known
        if days and spans is None and known:
            named = ", ".join(long_day(day) for day in dict.fromkeys(days))
            mistakes.append(say('{named}: no times. Write "{day} 9-17", or "{day} closed".', named=named, day=days[0]))
        elif days:
            groups.append((days, spans or []))
        days, spans, known = [], None, True

    while at < len(tokens):
        kind, value = tokens[at]
        at += 1
        if kind == "word" and value.casefold() in _CLOSED:
            if not days and known:
                days = list(DAYS)
            spans = spans or []
        elif kind == "word":
            if spans is not None:
                flush()
            if (
                value.casefold() in ("every", "all")
                and at < len(tokens)
                and tokens[at][1].casefold() in ("day", "days")
            ):
                at += 1
                days += DAYS
                continue
            first = _ALIASES.get(value.casefold())
            if first is None:
                mistakes.append(unknown_day(value))
                known = False
                continue
            days += first
            if at + 1 < len(tokens) and tokens[at][0] == "dash" and tokens[at + 1][0] == "word":
                last = _ALIASES.get(tokens[at + 1][1].casefold())
                if last is None:
                    mistakes.append(unknown_day(tokens[at + 1][1]))
                    known = False
                elif len(first) == len(last) == 1:
                    begin, end = DAYS.index(first[0]), DAYS.index(last[0])
                    days += [DAYS[(begin + step) % 7] for step in range(1, (end - begin) % 7 + 1)]
                else:
                    mistakes.append(
                        say(
                            '"{value}-{last}" is no range of days. {form}',
                            value=value,
                            last=tokens[at + 1][1],
                            form=_form(),
                        )
                    )
                    known = False
                at += 2
        elif kind == "round":
            if not days and known:
                days = list(DAYS)
            spans = [*(spans or []), (0, MIDNIGHT)]
        elif kind == "time":
            if not days and known:
                mistakes.append(say('"{value}" stands before any day. {form}', value=value, form=_form()))
                known = False
            name = long_day(days[0]) if days else say("The hours")
            if at + 1 < len(tokens) and tokens[at][0] == "dash" and tokens[at + 1][0] == "time":
                closing = tokens[at + 1][1]
                at += 2
                over = at < len(tokens) and tokens[at][0] == "next"
                at += over
                spans = spans or []
                if (span := _typed_span(name, value, closing, over, mistakes)) is not None:
                    spans.append(span)
            else:
                mistakes.append(
                    say('{name}: "{value}" is only one time. Write opening and closing: 9-17.', name=name, value=value)
                )
                spans = spans or []
                while at < len(tokens) and tokens[at][0] in ("dash", "next"):
                    at += 1
        elif kind == "and":
            continue
        else:
            mistakes.append(say('"{value}" is out of place. {form}', value=value, form=_form()))
    flush()
    return groups


def _typed_span(name: str, opening: str, closing: str, over: bool, mistakes: list[str]) -> tuple[int, int] | None:
    """One typed span in minutes, or None and a sentence; `over`: the end was said to be on the next day."""
    sides: list[str] = []
    for typed in (opening, closing):
        match = _TOKEN_TIME.fullmatch(typed)
        assert match is not None  # the token's own form
        hours, half = int(match[1][:6]), match[3]
        if half:
            if not 1 <= hours <= 12:
                mistakes.append(say('{name}: "{typed}" is no time. Write 9am, 9pm or 21:00.', name=name, typed=typed))
                return None
            hours = hours % 12 + (12 if half in "pP" else 0)
        sides.append(f"{hours:02d}:{(match[2] or '00')}")
    if over and (read := CLOCK.fullmatch(sides[1])) is not None and int(read[1]) <= 24:
        sides[1] = f"{int(read[1]) + 24:02d}:{read[2]}"
    elif _TOKEN_TIME.fullmatch(closing)[3] and sides[1] == "00:00":  # type: ignore[index]
        sides[1] = "24:00"
    return read_span(name, sides, mistakes, later=False)


def format_week(week: Mapping[str, Spans]) -> str:
    """A week as agents read it: "Mon–Fri 09:00–17:00, Sat 10:00–14:00"; `parse_week` reads it back.

    Days with the same hours that follow each other are one range; closed days are left out. A night reads
    "22:00–06:00 next day".
    """
    runs = day_runs(week)
    if not runs:
        return "closed all week"
    written: list[str] = []
    for first, last, spans in runs:
        named = first.capitalize() if first == last else f"{first.capitalize()}–{last.capitalize()}"
        written.append(f"{named} {format_spans(spans)}")
    return ", ".join(written)


def format_spans(spans: Spans) -> str:
    """The spans of one date as agents read them: "09:00–12:00 and 13:00–17:00", "22:00–06:00 next day", "closed"."""
    return " and ".join(_span_words(start, end) for start, end in spans) or "closed"


def _span_words(start: str, end: str) -> str:
    first, last = minutes_of(start), minutes_of(end)
    if first < MIDNIGHT < last:
        return f"{clock(first)}–{clock(last - MIDNIGHT)} next day"
    return f"{clock(first)}–{clock(last)}"


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Every zone that may be written, by its folded name: places and UTC, no abbreviations of an offset."""
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}


def zone_named(name: str) -> ZoneInfo:
    """The zone with that IANA name, in any case. Raises `HoursError` with the nearest name for all else.

    Abbreviations such as CET are refused: they stand for an offset, and leave open which country's clock changes hold.
    """
    zones = _zones()
    typed = name.strip()
    if found := zones.get(typed.casefold()):
        return ZoneInfo(found)
    wanted = typed.casefold().replace(" ", "_")
    cities = {key.rsplit("/", 1)[-1]: full for key, full in sorted(zones.items(), reverse=True)}
    near: str | None = cities.get(wanted) or zones.get(wanted)
    if near is None and "/" in wanted and (close := difflib.get_close_matches(wanted, zones, 1, 0.6)):
        near = zones[close[0]]
    if (
        near is None
        and len(wanted) > 3
        and (close := difflib.get_close_matches(wanted.rsplit("/", 1)[-1], cities, 1, 0.6))
    ):
        near = cities[close[0]]
    if near is not None:
        raise HoursError(
            [say('"{typed}" is no time zone. Did you mean {near}? Write the IANA name.', typed=typed, near=near)]
        )
    raise HoursError(
        [say('"{typed}" is no time zone. Write the IANA name of a place, such as Europe/Berlin, or UTC.', typed=typed)]
    )
