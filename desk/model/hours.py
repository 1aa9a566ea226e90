"""Business hours: when the team is there, and arithmetic in the time that counts.

Wall times belong to one IANA zone; everything that comes out is UTC. Open spans are laid out once as sorted instants
with the open time through each, so every question is a bisection, whether it spans an hour or two months. How spans
and a week are written stands in `intervals.py` and `week.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.model.catalogue import say
from desk.model.days import WEEK as DAYS
from desk.model.days import clock, long_day
from desk.model.errors import DeskError
from desk.model.intervals import (
    NAMES,
    HoursError,
    Spans,
    check_week,
    clash,
    overlap_sentence,
    read_day,
    read_span,
    unknown_day,
)
from desk.model.week import format_week

__all__ = ["DAYS", "HORIZON", "BusinessHours", "HoursError", "NeverCloses", "NeverOpen", "Spans", "without"]

HORIZON = timedelta(days=1827)
"""How far ahead an opening is looked for: 5 years, with their leap days."""

_ZERO = timedelta(0)
_MARGIN = 5
"""Days between what is laid out and what is trusted: a span may run two dates on, and zones have skipped a date."""
_CHUNK = 400
"""Days that are laid out at a time."""
_FAR = 30 * 365
"""Days from what is known beyond which a lone question (1970, 2099: broken stamps) is not worth filling the gap."""
_FIRST, _LAST = date.min.toordinal() + _MARGIN, date.max.toordinal() - _MARGIN


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
            special[day] = read_day(_date_name(day), spans, mistakes)
        self.zone: ZoneInfo = zone
        self.week: dict[str, tuple[tuple[str, str], ...]] = {
            day: tuple((clock(start), clock(end)) for start, end in plan[day]) for day in DAYS if plan.get(day)
        }
        self.holidays: frozenset[date] = frozenset(closed)
        self.exceptions: dict[date, tuple[tuple[str, str], ...]] = {
            day: tuple((clock(start), clock(end)) for start, end in spans) for day, spans in special.items()
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
        return tuple((clock(start), clock(end)) for start, end in self._of(day.toordinal()))

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
        check_week(dict(zip(DAYS, self._minutes, strict=True)), mistakes)
        seen: set[tuple[int, int]] = set()
        for day_of in sorted(special):
            around = day_of.toordinal()
            for first, ahead in ((around - 2, 2), (around - 1, 1), (around, 1), (around, 2)):
                if first < 1 or first + ahead > date.max.toordinal() or (first, first + ahead) in seen:
                    continue
                seen.add((first, first + ahead))
                if met := clash(self._of(first), self._of(first + ahead), ahead):
                    one, other = date.fromordinal(first), date.fromordinal(first + ahead)
                    mistakes.append(overlap_sentence(_date_name(one), met[0], _date_name(other), met[1]))

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
    left = list(read_day(say("The hours"), intervals, mistakes))
    for pair in breaks:
        cut = read_span(say("The break"), pair, mistakes, later=True)
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
    return [(clock(first), clock(last)) for first, last in left]


# What is wrong with hours, in sentences.


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
            plan[day] = read_day(long_day(day), spans, mistakes)
            continue
        mistakes.append(unknown_day(str(day)))
        read_day(str(day), spans, mistakes)
    return plan


def _read_holidays(holidays: Collection[date], mistakes: list[str]) -> list[date]:
    closed: list[date] = []
    for day in holidays:
        if type(day) is date:
            closed.append(day)
        else:
            mistakes.append(say("The holiday {day} is no date. Write it as 2026-12-25.", day=f"{day!r}"))
    return closed
