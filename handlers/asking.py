"""Reading what was typed: which inquiry, whom, until when, and the words that are left, to the last line break.

`/verb [#id] [@who] [text]` is read from the left; each `read_…` takes its own off the front and gives back the rest.
Text arrives in Slack's form (`&amp;`, `<@U1|ana>`), and what is left stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.model.catalogue import say
from desk.model.errors import DeskError
from desk.model.plain import plain
from desk.model.refusals import either
from desk.model.words import clean, code

MORNING = time(9)
"""The hour that a day without one means: "tomorrow"."""
FARTHEST = timedelta(days=366)
"""How far ahead one may say; beyond it is more likely a slip than a plan."""
DIGITS = 9
"""Digits that an inquiry's number may have."""

Ahead = Callable[[date], bool]
Refuse = Callable[[str], DeskError]


class Mistyped(DeskError):
    """What was typed cannot be read. `quote` keeps it whole, so that nobody types it again."""

    def __init__(self, sentence: str, quote: str = "") -> None:
        super().__init__(sentence)
        self.quote = quote


class NumberMissing(Mistyped):
    """There is no inquiry's number where one is needed."""

    def __init__(self, quote: str = "") -> None:
        super().__init__(
            say("Which inquiry? Write its number first, 42 or #42, or paste the link to its thread."), quote
        )


class NotANumber(Mistyped):
    """Something stands where the number belongs, and is none."""

    def __init__(self, typed: str, quote: str = "") -> None:
        super().__init__(
            say(
                "“{word}” is no inquiry's number. Numbers count from 1: write 42 or #42, or paste the link to its "
                "thread.",
                word=_shown(typed),
            ),
            quote,
        )


class NotADuration(Mistyped):
    """Something that is no length of time."""

    def __init__(self, typed: str, quote: str = "") -> None:
        said = say("“{words}” is no length of time.", words=_shown(typed)) if typed.strip() else say("How long?")
        super().__init__(f"{said} {say('Write 30m, 2h, 1h 30m or 1d.')}", quote)


class NotATime(Mistyped):
    """Something that is no time to come, or one that has passed; `example` is a whole command that works."""

    def __init__(self, said: str, example: str = "", quote: str = "") -> None:
        if example:
            forms = say(
                "Write 2h, 30m, 16:00, tomorrow 9:00, fri 14:00 or 2026-12-24 13:00: {example}.", example=code(example)
            )
        else:
            forms = say("Write 2h, 30m, 16:00, tomorrow 9:00, fri 14:00 or 2026-12-24 13:00.")
        super().__init__(f"{said} {forms}", quote)


class UnknownFlag(Mistyped):
    """An option that the command does not have."""

    def __init__(self, flag: str, known: Collection[str], quote: str = "") -> None:
        have = either([f"--{name}" for name in sorted(known)])
        told = say("There is no option {option}. Write {known}, or leave it out.", option=_shown(flag), known=have)
        super().__init__(told, quote)


# Numbers

_FIRST = re.compile(r"\s*(\S+)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"\s*(?:[#＃]\s*)?(\d+)[:,.)]?(?:\s+(.*))?", re.DOTALL)
_LIKE_A_NUMBER = re.compile(r"[#＃]?[-+−－–]?\d[\d.,_eExX+−–-]*|[#＃][-+−－–]?\d\S*")
_LINK = re.compile(r"\s*(?:<(https?://[^\s<>|]+)(?:\|[^<>]*)?>|(https?://[^\s<>|]+))[:,]?(?:\s+(.*)|\s*)", re.DOTALL)


def read_number(text: str) -> tuple[int | str | None, str]:
    """The inquiry that a text begins with, and the rest: a number, a link for the desk to look up, or None.

    Numbers are "42", "#42", "42:", in the digits of any script; a link is a Slack permalink or that of a customer's
    post. Raises `NotANumber` for what only looks like one: "-1", "1e3", "0", "#12a".
    """
    if link := _LINK.fullmatch(text):
        return plain(link[1] or link[2]), link[3] or ""
    if match := _NUMBER.fullmatch(text):
        digits = match[1]
        if len(digits) > DIGITS or (number := int(digits)) == 0:
            raise NotANumber(digits, text)
        return number, match[2] or ""
    first = _FIRST.fullmatch(text)
    if first and _LIKE_A_NUMBER.fullmatch(first[1]):
        raise NotANumber(first[1], text)
    return None, text


def number(text: str) -> int | str:
    """The inquiry that is all of the text: its number, or a link. Raises `NumberMissing`, `NotANumber`."""
    found, rest = read_number(text)
    if found is None and not rest.strip():
        raise NumberMissing(text)
    if found is None or rest.strip():
        raise NotANumber(text.strip(), text)
    return found


# People and options

_WHO = re.compile(r"\s*(?:<@([A-Z0-9]+)(?:\|[^<>]*)?>|@([\w.-]*\w))[:,]?(?:\s+(.*)|\s*)", re.DOTALL)
_FLAG = re.compile(r"(?<!\S)(?:--|—|––)([A-Za-z][\w-]*)(?!\S)")


def read_who(text: str) -> tuple[str | None, str]:
    """The person whom a text begins with, and the rest: a Slack user id (`<@U0ANA|ana>`), or the name behind an @."""
    match = _WHO.fullmatch(text)
    if match is None:
        return None, text
    return match[1] or match[2], match[3] or ""


def take_flags(text: str, known: Collection[str] = ("force",)) -> tuple[str, set[str]]:
    """The text without its options (`--force`, also with the one long dash that phones make of two), and their names.

    For commands that carry no text for others: there an option may stand anywhere. Raises `UnknownFlag`.
    """
    found: set[str] = set()
    for match in _FLAG.finditer(text):
        if match[1].casefold() not in known:
            raise UnknownFlag(match[0], known, text)
        found.add(match[1].casefold())
    if not found:
        return text, found
    return re.sub(r"[ \t]*" + _FLAG.pattern, "", text).strip(), found


# Times

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_COUNT = r"\d{1,6}(?:[.,]\d{1,3})?"
_UNIT = r"(?:m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![^\W\d_])"
_PIECE = re.compile(rf"({_COUNT})\s*({_UNIT})", re.IGNORECASE)
_DURATION = re.compile(
    rf"\s*(?:in\s+|for\s+)?({_COUNT}\s*{_UNIT}(?:\s*(?:and\s+)?{_COUNT}\s*{_UNIT})*(?:\d{{1,2}}(?!\S))?)",
    re.IGNORECASE,
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = (
    r"(?P<word>today|tomorrow|(?P<next>next\s+)?"
    r"(?P<week>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?))"
    r"(?![\w-])"
    r"|(?P<iso>\d{4}-\d{1,2}-\d{1,2})(?![\d-])"
    r"|(?P<dotted>\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?)(?![\w-])"
)
_TIME = (
    r"(?P<clock>\d{1,2}:\d{2})(?:\s*(?P<half>[ap])\.?m\b\.?)?(?!\w|:\d)"
    r"|(?P<hour>\d{1,2})\s*(?P<half2>[ap])\.?m\b\.?"
    r"|(?P<noon>noon)\b"
)
_WHEN = re.compile(
    rf"\s*(?:(?:on|until|till|by|from)\s+)?(?:(?:{_DAY})(?:T|\s*,?\s*(?:at\s+)?|$)(?:{_TIME}|(?P<bare>\d{{1,2}})(?=\s*$))?"
    rf"|(?:at\s+)?(?:{_TIME.replace('?P<', '?P<t_')}))(?:[,;:]\s*|\s+|$)",
    re.IGNORECASE,
)


def duration(text: str) -> timedelta:
    """A length of time: "2h", "30m", "90 min", "1h 30m", "1d" (24 hours). Raises `NotADuration`."""
    match = _DURATION.fullmatch(text)
    amount = _sum(match[1]) if match else None
    if amount is None or not timedelta(0) < amount <= FARTHEST:
        raise NotADuration(text, text)
    return amount


def when(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that the whole text names, in UTC: "16:00", "fri 14:00", "in 2h"; see `read_when` for the rules.

    Raises `NotATime`.
    """
    at, rest = read_when(text, now, zone)
    if rest.strip():
        raise NotATime(say("“{words}” is no time.", words=_shown(text)), quote=text)
    return at


def read_when(
    text: str, now: datetime, zone: ZoneInfo, typed: str = "", number: int | None = None
) -> tuple[datetime, str]:
    """The instant that a text begins with, in UTC, and the rest.

    A length of time counts from `now`; all else is on the wall clock of `zone`, where a time that a clock change skips
    moves forward and one that comes twice is the first. A time without a day is its next occurrence, as is a day of the
    week; a day without a time is 9:00. `typed` and `number` make the example in `NotATime`, which is raised for what is
    no time, has passed, or is more than a year ahead.
    """
    example = f"{typed} {number or 42} 2h waiting for stock" if typed else ""

    def refuse(said: str) -> NotATime:
        return NotATime(said, example, text)

    if not text.strip():
        raise refuse(say("Until when?"))
    if (match := _DURATION.match(text)) and (amount := _sum(match[1])) is not None and _ends(text, match.end()):
        if amount == timedelta(0):
            raise refuse(say("That is now."))
        at = now.astimezone(UTC) + min(amount, FARTHEST + timedelta(days=1))
        return _checked(at, now, match[0], refuse), text[match.end() :].lstrip(",;: \t\n")
    named = _WHEN.match(text)
    if named is None:
        raise refuse(say("“{words}” is no time.", words=_shown(" ".join(text.split()[:2]))))
    rest = text[named.end() :]
    local = now.astimezone(zone)
    hour = _hour(named)
    if hour is None:
        raise refuse(say("“{words}” is no time of a day.", words=_shown(named[0].strip())))
    if named["word"] is None and named["iso"] is None and named["dotted"] is None:
        day = local.date()
        if _instant(day, hour, zone) <= now:
            day += timedelta(days=1)
        return _checked(_instant(day, hour, zone), now, named[0], refuse), rest
    if not _says_time(named) and re.match(r"\d", rest):
        raise refuse(say("“{words}” leaves the hour open.", words=_shown(named[0] + rest.split()[0])))
    if not _says_time(named) and (named["word"] or "").casefold() == "today":
        raise refuse(say("When today?"))
    found = _day(named, local.date(), lambda day: _instant(day, hour, zone) > now)
    if found is None:
        raise refuse(say("There is no such day: {words}.", words=_shown(named[0].strip())))
    return _checked(_instant(found, hour, zone), now, named[0], refuse), rest


def _sum(said: str) -> timedelta | None:
    """The pieces of a length of time added up; a bare number behind hours is minutes ("1h30")."""
    total, last, end = timedelta(0), "", 0
    for piece in _PIECE.finditer(said):
        last, end = piece[2][0].casefold(), piece.end()
        total += float(piece[1].replace(",", ".")) * _UNITS[last]
    rest = said[end:].strip()
    if not rest:
        return total
    return total + timedelta(minutes=int(rest)) if last == "h" and rest.isdecimal() and int(rest) < 60 else None


def _ends(text: str, at: int) -> bool:
    """Whether a word ends at `at`."""
    return at >= len(text) or text[at].isspace() or text[at - 1].isspace() or text[at] in ",;:"


def _says_time(named: re.Match[str]) -> bool:
    return any(named[name] for name in ("clock", "hour", "noon", "bare", "t_clock", "t_hour", "t_noon"))


def _hour(named: re.Match[str]) -> time | None:
    """The time of day that was named, 9:00 where none was; None for 25:00 and 13pm."""
    for prefix in ("", "t_"):
        if named[prefix + "noon"]:
            return time(12)
        if (clock := named[prefix + "clock"]) or (named[prefix + "hour"]):
            half = named[prefix + "half"] or named[prefix + "half2"]
            hours, minutes = (int(part) for part in clock.split(":")) if clock else (int(named[prefix + "hour"]), 0)
            if half:
                if not 1 <= hours <= 12:
                    return None
                hours = hours % 12 + (12 if half in "pP" else 0)
            return time(hours, minutes) if hours < 24 and minutes < 60 else None
    if named["bare"]:
        return time(int(named["bare"])) if int(named["bare"]) < 24 else None
    return MORNING


def _day(named: re.Match[str], today: date, ahead: Ahead) -> date | None:
    """The date that was named; a day of the week, or one without a year, is its next occurrence that is `ahead`."""
    word = (named["word"] or "").casefold()
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    if named["week"]:
        wanted = next(index for index, name in enumerate(_DAYS) if name.startswith(named["week"].casefold()[:3]))
        days = (wanted - today.weekday()) % 7
        if days == 0 and (named["next"] or not ahead(today)):
            days = 7
        return today + timedelta(days=days)
    try:
        if named["iso"]:
            year, month, day = (int(part) for part in named["iso"].split("-"))
            return date(year, month, day)
        parts = [int(part) for part in named["dotted"].replace(" ", "").split(".") if part]
        if len(parts) == 3:
            return date(parts[2], parts[1], parts[0])
        this_year = date(today.year, parts[1], parts[0])
        return this_year if ahead(this_year) else this_year.replace(year=today.year + 1)
    except ValueError:
        return None


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
    except OverflowError:  # the first and the last hours of the calendar
        return (datetime.max if day.year > 5000 else datetime.min).replace(tzinfo=UTC)


def _checked(at: datetime, now: datetime, said: str, refuse: Refuse) -> datetime:
    if at <= now:
        raise refuse(say("“{words}” has passed.", words=_shown(said.strip())))
    if at - now > FARTHEST:
        raise refuse(say("“{words}” is more than a year ahead.", words=_shown(said.strip())))
    return at


def _shown(typed: str) -> str:
    """A few typed words as they may stand in a sentence."""
    words = clean(" ".join(plain(typed).split()))
    return words if len(words) <= 40 else words[:39] + "…"
