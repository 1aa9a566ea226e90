"""Business hours: when the team is there, and arithmetic in the time that counts.

Wall times belong to one IANA zone; everything that comes out is UTC. Open spans are laid out once as sorted instants
with the open time through each, so every question is a bisection, whether it spans an hour or two months.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from desk.model.catalogue import say
from desk.model.days import long_day
from desk.model.errors import DeskError

Spans = Sequence[tuple[str, str]]
"""Opening and closing times of one date, "HH:MM" each; an end counts on beyond 24:00, up to 48:00."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
HORIZON = timedelta(days=1827)
"""How far ahead an opening is looked for: 5 years, with their leap days."""

_MIDNIGHT = 24 * 60
_LATEST = 48 * 60
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_ZERO = timedelta(0)
_DAY = timedelta(days=1)
_MARGIN = 5
"""Days between what is laid out and what is trusted: a span may run two dates on, and zones have skipped a date."""
_CHUNK = 400
"""Days that are laid out at a time."""
_FAR = 30 * 365
"""Days from what is known beyond which a lone question (1970, 2099: broken stamps) is not worth filling the gap."""
_FIRST, _LAST = date.min.toordinal() + _MARGIN, date.max.toordinal() - _MARGIN


class HoursError(DeskError, ValueError):
    """Hours that cannot be. `mistakes` holds each of them, a sentence that names the place and the form to write."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(" ".join(self.mistakes))


class NeverOpen(DeskError):
    """Nothing opens within 5 years of the instant that was asked about."""

    def __init__(self, after: datetime) -> None:
        super().__init__(
            say(
                "The desk does not open within 5 years of {date}. Set some hours: /hours set mon-fri 9-17.",
                date=f"{after:%Y-%m-%d}",
            )
        )
        self.after = after


class NeverCloses(DeskError):
    """The desk is open without an end in sight (24 hours on 7 days): no closing within 5 years."""

    def __init__(self, after: datetime) -> None:
        super().__init__(
            say(
                "The desk is open around the clock: it does not close within 5 years of {date}.",
                date=f"{after:%Y-%m-%d}",
            )
        )
        self.after = after


class BusinessHours:
    """When the team is there: a week, holidays, and exceptions for single dates, in one zone.

    `week` maps "mon" … "sun" to opening and closing times; a missing day is closed. Times are "HH:MM". An end counts on
    beyond 24:00, up to 48:00 ("22:00" to "30:00" is until 06:00 the next day), and a span belongs to the date on which
    it begins. `holidays` are closed; an exception replaces its date's hours and beats a holiday; `()` is closed.
    A later span of a date may itself begin beyond 24:00: what a break leaves of a night (see `without`).

    The constructor raises one `HoursError` with every mistake; overlaps are mistakes.

    Time is real elapsed time. A wall time that a clock change skips moves forward by the gap, one that comes twice is
    the first. Spans that touch are one, also over midnight. At a closing instant the desk is closed: [start, end).
    Arguments must be aware, in any zone (`ValueError` for naive ones); results are UTC.
    """

    __slots__ = (
        "_asked",
        "_closes",
        "_from",
        "_high",
        "_low",
        "_minutes",
        "_opens",
        "_through",
        "_to",
        "_wide",
        "exceptions",
        "holidays",
        "week",
        "zone",
    )

    def __init__(
        self,
        zone: ZoneInfo,
        week: Mapping[str, Spans],
        holidays: Collection[date] = (),
        exceptions: Mapping[date, Spans] | None = None,
    ) -> None:
        mistakes: list[str] = []
        if not isinstance(zone, ZoneInfo):
            mistakes.append(
                say("The zone {zone} is no time zone. Write an IANA name such as Europe/Berlin.", zone=f"{zone!r}")
            )
        plan = _read_week(week, mistakes)
        closed = _read_holidays(holidays, mistakes)
        special: dict[date, tuple[tuple[int, int], ...]] = {}
        for day, spans in (exceptions or {}).items():
            if type(day) is not date:
                mistakes.append(
                    say(
                        'The exception for {day} needs a date. Write it as 2026-12-24 = [["09:00", "13:00"]].',
                        day=f"{day!r}",
                    )
                )
                continue
            special[day] = _read_day(_date_name(day), spans, mistakes)
        self.zone: ZoneInfo = zone
        self.week: dict[str, tuple[tuple[str, str], ...]] = {
            day: tuple((_clock(start), _clock(end)) for start, end in plan[day]) for day in DAYS if plan.get(day)
        }
        self.holidays: frozenset[date] = frozenset(closed)
        self.exceptions: dict[date, tuple[tuple[str, str], ...]] = {
            day: tuple((_clock(start), _clock(end)) for start, end in spans) for day, spans in special.items()
        }
        self._minutes: tuple[tuple[tuple[int, int], ...], ...] = tuple(plan.get(day, ()) for day in DAYS)
        self._asked: dict[int, tuple[tuple[int, int], ...]] = {day.toordinal(): () for day in closed}
        self._asked.update((day.toordinal(), spans) for day, spans in special.items())
        if not mistakes:
            self._check_nights(special, mistakes)
        if mistakes:
            raise HoursError(mistakes)
        self._opens: list[datetime] = []
        self._closes: list[datetime] = []
        self._through: list[timedelta] = []
        self._wide: list[int] = []
        self._low = self._high = 0
        self._from = self._to = datetime.min.replace(tzinfo=UTC)

    def __repr__(self) -> str:
        return f"BusinessHours({self.zone.key}, {format_week(self.week)})"

    def on(self, day: date) -> tuple[tuple[str, str], ...]:
        """The spans that begin on `day` (a date in the desk's zone), exceptions and holidays heeded; `()` is closed."""
        return tuple((_clock(start), _clock(end)) for start, end in self._of(day.toordinal()))

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The instant at which `amount` of open time has passed since `start`.

        An amount used up exactly at a closing is due at that closing instant; zero at a closed time is the next
        opening, and `start` itself at an open one. Raises `ValueError` for a negative amount, `NeverOpen`.
        """
        if amount <= _ZERO:
            if amount < _ZERO:
                raise ValueError(f"cannot add a negative amount of business time: {amount}")
            return self.next_opening(start)
        start = _utc(start)
        self._reach(start)
        index = bisect_right(self._opens, start) - 1
        if index < 0:
            target = amount
        else:
            close = self._closes[index]
            target = (self._through[index] if start >= close else self._through[index] - (close - start)) + amount
        while True:
            found = bisect_left(self._through, target)
            if found < len(self._through):
                due = self._closes[found] - (self._through[found] - target)
                if due <= self._to:
                    break
            self._further(self._closes[-1] if self._closes and self._closes[-1] > start else start)
        self._no_wide_gap(start, index, found)
        return due

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The open time from `a` to `b`; zero where `b` is not after `a`."""
        a, b = _utc(a), _utc(b)
        if b <= a:
            return _ZERO
        self._reach(a)
        self._reach(b, keep=True)
        return self._passed(b) - self._passed(a)

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at that instant; at a closing instant it is not."""
        at = _utc(at)
        self._reach(at)
        index = bisect_right(self._opens, at) - 1
        return index >= 0 and at < self._closes[index]

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself where the desk is open, else the next instant at which it opens. Raises `NeverOpen`."""
        at = _utc(at)
        index = self._next(at)
        return max(at, self._opens[index])

    def next_closing(self, at: datetime) -> datetime:
        """The end of the open span that `at` is in, or of the next one. Raises `NeverOpen`, `NeverCloses`."""
        at = _utc(at)
        index = self._next(at)
        while self._closes[index] >= self._to:
            if self._closes[index] - max(at, self._opens[index]) > HORIZON or not self._grow():
                raise NeverCloses(at)
            index = self._next(at)
        if self._closes[index] - max(at, self._opens[index]) > HORIZON:
            raise NeverCloses(at)
        return self._closes[index]

    # Below: how the open spans are laid out.

    def _of(self, ordinal: int) -> tuple[tuple[int, int], ...]:
        """The spans of a date, in minutes of its wall clock."""
        asked = self._asked.get(ordinal)
        return self._minutes[(ordinal - 1) % 7] if asked is None else asked

    def _check_nights(self, special: Mapping[date, object], mistakes: list[str]) -> None:
        """Adds a mistake for each span that runs into the hours of a following date."""
        for index, day in enumerate(DAYS):
            for ahead in (1, 2):
                after = DAYS[(index + ahead) % 7]
                if clash := _clash(self._minutes[index], self._minutes[(index + ahead) % 7], ahead):
                    mistakes.append(_overlap_sentence(long_day(day), clash[0], long_day(after), clash[1]))
        seen: set[tuple[int, int]] = set()
        for day_of in sorted(special):
            around = day_of.toordinal()
            for first, ahead in ((around - 2, 2), (around - 1, 1), (around, 1), (around, 2)):
                if first < 1 or first + ahead > date.max.toordinal() or (first, first + ahead) in seen:
                    continue
                seen.add((first, first + ahead))
                if clash := _clash(self._of(first), self._of(first + ahead), ahead):
                    one, other = date.fromordinal(first), date.fromordinal(first + ahead)
                    mistakes.append(_overlap_sentence(_date_name(one), clash[0], _date_name(other), clash[1]))

    def _passed(self, at: datetime) -> timedelta:
        """Open time from the beginning of what is laid out to `at`."""
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return _ZERO
        close = self._closes[index]
        return self._through[index] if at >= close else self._through[index] - (close - at)

    def _next(self, at: datetime) -> int:
        """The index of the span that `at` is in, or of the next one within the horizon."""
        self._reach(at)
        while (index := bisect_right(self._closes, at)) == len(self._closes) or self._opens[index] > self._to:
            self._further(at)
        if self._opens[index] - at > HORIZON:
            raise NeverOpen(at)
        return index

    def _no_wide_gap(self, start: datetime, index: int, found: int) -> None:
        """Raises where more than the horizon lies closed on the way from `start` to the span `found`."""
        if index < 0 or start >= self._closes[index]:
            if self._opens[index + 1] - start > HORIZON:
                raise NeverOpen(start)
            index += 1
        if self._wide:
            for wide in self._wide:
                if index < wide <= found:
                    raise NeverOpen(self._closes[wide - 1])

    def _further(self, after: datetime) -> None:
        """Lays out more of the future; raises where the horizon after `after` is known to be closed."""
        if self._to - after > HORIZON or not self._grow():
            raise NeverOpen(after)

    def _reach(self, at: datetime, keep: bool = False) -> None:
        """Makes sure that what is known covers `at`, unless `keep` starting anew where it lies decades away."""
        if self._from <= at < self._to:
            return
        ordinal = min(max(at.date().toordinal(), _FIRST), _LAST)
        far = ordinal < self._low - _FAR or ordinal > self._high + _FAR
        if self._low == self._high or (far and not keep):
            self._opens, self._closes, self._through = [], [], []
            self._low = self._high = max(_FIRST, ordinal - 2 * _MARGIN)
            self._lay(self._low, min(_LAST, ordinal + _CHUNK))
        elif at < self._from:
            self._lay(max(_FIRST, ordinal - _CHUNK), self._high)
        else:
            self._lay(self._low, min(_LAST, ordinal + _CHUNK))

    def _grow(self) -> bool:
        """Lays out another stretch of the future, each longer than the one before; False at the calendar's end."""
        if self._high >= _LAST:
            return False
        self._lay(self._low, min(_LAST, self._high + max(_CHUNK, self._high - self._low)))
        return True

    def _lay(self, low: int, high: int) -> None:
        """Extends what is known to the dates from `low` up to `high` and counts the open time through each span."""
        spans: list[tuple[datetime, datetime]] = [*zip(self._opens, self._closes, strict=True)]
        if low < self._low:
            spans += self._spans(low, self._low)
        if high > self._high:
            spans += self._spans(self._high, high)
        spans.sort()
        opens: list[datetime] = []
        closes: list[datetime] = []
        for start, end in spans:
            if closes and start <= closes[-1]:
                closes[-1] = max(closes[-1], end)
            else:
                opens.append(start)
                closes.append(end)
        through: list[timedelta] = []
        total = _ZERO
        for start, end in zip(opens, closes, strict=True):
            total += end - start
            through.append(total)
        self._opens, self._closes, self._through = opens, closes, through
        self._wide = [
            index + 1
            for index, (end, start) in enumerate(zip(closes, opens[1:], strict=False))
            if start - end > HORIZON
        ]
        self._low, self._high = low, high
        edge = time(tzinfo=UTC)
        lowest = datetime.min.replace(tzinfo=UTC)
        self._from = lowest if low <= _FIRST else datetime.combine(date.fromordinal(low + _MARGIN), edge)
        highest = datetime.max.replace(tzinfo=UTC)
        self._to = highest if high >= _LAST else datetime.combine(date.fromordinal(high - _MARGIN), edge)

    def _spans(self, low: int, high: int) -> list[tuple[datetime, datetime]]:
        """The open spans of the dates from `low` up to, without, `high`, as UTC instants."""
        spans: list[tuple[datetime, datetime]] = []
        zone, midnight = self.zone, time()
        minute = timedelta(minutes=1)
        for ordinal in range(low, high):
            for first, last in self._of(ordinal):
                day = datetime.combine(date.fromordinal(ordinal), midnight)
                # A naive time with its zone put on, and no fold, is the rule itself: forward by a gap, first of two.
                start = (day + first * minute).replace(tzinfo=zone).astimezone(UTC)
                end = (day + last * minute).replace(tzinfo=zone).astimezone(UTC)
                if start < end:  # a gap can push the opening past the closing: then nothing is left of the span
                    spans.append((start, end))
        return spans


def without(intervals: Spans, breaks: Spans) -> list[tuple[str, str]]:
    """The intervals of one date with the breaks cut out; both count their ends on beyond midnight.

    What is left of a night may begin beyond 24:00. Breaks may overlap each other. Raises `HoursError`.
    """
    mistakes: list[str] = []
    left = list(_read_day(say("The hours"), intervals, mistakes))
    for pair in breaks:
        cut = _read_span(say("The break"), pair, mistakes, later=True)
        if cut is None:
            continue
        begin, end = cut
        kept: list[tuple[int, int]] = []
        for first, last in left:
            if last <= begin or end <= first:
                kept.append((first, last))
                continue
            if first < begin:
                kept.append((first, begin))
            if end < last:
                kept.append((end, last))
        left = kept
    if mistakes:
        raise HoursError(mistakes)
    return [(_clock(first), _clock(last)) for first, last in left]


# What is wrong with hours, in sentences.


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _date_name(day: date) -> str:
    return say("{weekday} {date}", weekday=long_day(DAYS[day.weekday()]), date=day.isoformat())


def _utc(at: datetime) -> datetime:
    """The same instant in UTC; a time without a zone could be any of 38 hours, so it is refused."""
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"business hours need a time with a zone, not the naive {at.isoformat()}")
    return at.astimezone(UTC)


def _read_week(week: Mapping[str, Spans], mistakes: list[str]) -> dict[str, tuple[tuple[int, int], ...]]:
    plan: dict[str, tuple[tuple[int, int], ...]] = {}
    for day, spans in week.items():
        if day in NAMES:
            plan[day] = _read_day(long_day(day), spans, mistakes)
            continue
        mistakes.append(_unknown_day(str(day)))
        _read_day(str(day), spans, mistakes)
    return plan


def _unknown_day(word: str) -> str:
    near = difflib.get_close_matches(word.casefold(), [*DAYS, *(name.casefold() for name in NAMES.values())], 1, 0.5)
    if not near:
        return say('"{word}" is no day. Write mon, tue, wed, thu, fri, sat or sun.', word=word)
    guess = near[0][:3]
    return say(
        '"{word}" is no day. Did you mean {near}? Write mon, tue, wed, thu, fri, sat or sun.', word=word, near=guess
    )


def _read_holidays(holidays: Collection[date], mistakes: list[str]) -> list[date]:
    closed: list[date] = []
    for day in holidays:
        if type(day) is date:
            closed.append(day)
        else:
            mistakes.append(say("The holiday {day} is no date. Write it as 2026-12-25.", day=f"{day!r}"))
    return closed


def _read_day(name: str, spans: Spans, mistakes: list[str]) -> tuple[tuple[int, int], ...]:
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
    read = [_read_span(name, pair, mistakes, later=index > 0) for index, pair in enumerate(spans)]
    found = sorted(span for span in read if span is not None)
    for one, other in pairwise(found):
        if other[0] < one[1]:
            mistakes.append(_overlap_sentence(name, one, "", other))
    if found and found[0][0] >= _MIDNIGHT and len(mistakes) == before:
        mistakes.append(_begins_late(name, *found[0]))
    return tuple(found)


def _begins_late(name: str, first: int, last: int) -> str:
    moved = f"{_clock(first - _MIDNIGHT)}-{_clock(last - _MIDNIGHT)}"
    return say(
        "{name}: {time} is no time to open at, a day begins between 00:00 and 23:59. If you mean "
        "the night, write {moved} under the next day.",
        name=name,
        time=_clock(first),
        moved=moved,
    )


def _read_span(name: str, pair: object, mistakes: list[str], later: bool) -> tuple[int, int] | None:
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
    shown = f"{_clock(start)}-{_clock(end)}"
    if start == end:
        mistakes.append(
            say(
                "{name}: {shown} is empty. For the whole day write 00:00-24:00; to be closed, leave it out.",
                name=name,
                shown=shown,
            )
        )
    elif end < start:
        night = f"{_clock(start)}-{_clock(end + _MIDNIGHT)}"
        form = "" if night == "22:00-30:00" else say(", as in {example}", example="22:00-30:00")
        noon = _MIDNIGHT // 2
        told = [say("{name}: {shown} ends before it begins.", name=name, shown=shown)]
        if start <= noon:
            told.append(
                say("If you mean the afternoon, write {example}.", example=f"{_clock(start)}-{_clock(end + noon)}")
            )
        told.append(say("If it ends on the next day, count on beyond midnight: {example}.", example=f"{night}{form}"))
        mistakes.append(" ".join(told))
    elif start >= _MIDNIGHT and not later:
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
            meant = _clock(side)  # readers that know sexagesimal numbers make 1350 of an unquoted 22:30
        mistakes.append(
            say('{name}: {side} is not a quoted time. Put it in quotes: "{meant}".', name=name, side=side, meant=meant)
        )
        return None
    match = _CLOCK.fullmatch(side.strip())
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


def _clash(
    spans: Sequence[tuple[int, int]], after: Sequence[tuple[int, int]], ahead: int
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The first span of a date that runs into one of the date `ahead` days later."""
    shift = ahead * _MIDNIGHT
    for one in spans:
        for other in after:
            if other[0] + shift < one[1] and one[0] < other[1] + shift:
                return one, other
    return None


def _overlap_sentence(name: str, one: tuple[int, int], other_name: str, other: tuple[int, int]) -> str:
    first, second = (f"{_clock(start)}-{_clock(end)}" for start, end in (one, other))
    if other_name:
        return say(
            "{name} {first} runs into {other_name} {second}. Let the first end earlier or the second "
            "begin later: spans may touch, not overlap.",
            name=name,
            first=first,
            other_name=other_name,
            second=second,
        )
    joined = f"{_clock(one[0])}-{_clock(max(one[1], other[1]))}"
    return say(
        "{name}: {first} and {second} overlap. Write them as one: {joined}.",
        name=name,
        first=first,
        second=second,
        joined=joined,
    )


# What people type, and what they read.

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
        read = _read_day(long_day(day), [(_clock(first), _clock(last)) for first, last in typed], found)
        for sentence in found:
            # "mon-fri 17-9" is one mistake, not five.
            if (rest := sentence.replace(long_day(day), "", 1)) not in said:
                said.add(rest)
                mistakes.append(sentence)
        week[day] = tuple((_clock(first), _clock(last)) for first, last in read)
    if not mistakes:
        for index, day in enumerate(DAYS):
            for ahead in (1, 2):
                after = DAYS[(index + ahead) % 7]
                if clash := _clash(plan.get(day, ()), plan.get(after, ()), ahead):
                    mistakes.append(_overlap_sentence(long_day(day), clash[0], long_day(after), clash[1]))
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
                mistakes.append(_unknown_day(value))
                known = False
                continue
            days += first
            if at + 1 < len(tokens) and tokens[at][0] == "dash" and tokens[at + 1][0] == "word":
                last = _ALIASES.get(tokens[at + 1][1].casefold())
                if last is None:
                    mistakes.append(_unknown_day(tokens[at + 1][1]))
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
            spans = [*(spans or []), (0, _MIDNIGHT)]
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
    if over and (read := _CLOCK.fullmatch(sides[1])) is not None and int(read[1]) <= 24:
        sides[1] = f"{int(read[1]) + 24:02d}:{read[2]}"
    elif _TOKEN_TIME.fullmatch(closing)[3] and sides[1] == "00:00":  # type: ignore[index]
        sides[1] = "24:00"
    return _read_span(name, sides, mistakes, later=False)


def format_week(week: Mapping[str, Spans]) -> str:
    """A week as agents read it: "Mon–Fri 09:00–17:00, Sat 10:00–14:00"; `parse_week` reads it back.

    Days with the same hours that follow each other are one range; closed days are left out. A night reads
    "22:00–06:00 next day".
    """
    runs: list[tuple[list[str], Spans]] = []
    for day in DAYS:
        spans: Spans = tuple((str(start), str(end)) for start, end in week.get(day, ()))
        if spans and runs and runs[-1][1] == spans and DAYS.index(runs[-1][0][-1]) + 1 == DAYS.index(day):
            runs[-1][0].append(day)
        elif spans:
            runs.append(([day], spans))
    if not runs:
        return "closed all week"
    written: list[str] = []
    for days, spans in runs:
        named = days[0].capitalize() if len(days) == 1 else f"{days[0].capitalize()}–{days[-1].capitalize()}"
        written.append(f"{named} {format_spans(spans)}")
    return ", ".join(written)


def format_spans(spans: Spans) -> str:
    """The spans of one date as agents read them: "09:00–12:00 and 13:00–17:00", "22:00–06:00 next day", "closed"."""
    return " and ".join(_span_words(start, end) for start, end in spans) or "closed"


def _span_words(start: str, end: str) -> str:
    first, last = (int(hours) * 60 + int(minutes) for hours, minutes in (start.split(":"), end.split(":")))
    if first < _MIDNIGHT < last:
        return f"{_clock(first)}–{_clock(last - _MIDNIGHT)} next day"
    return f"{_clock(first)}–{_clock(last)}"


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
