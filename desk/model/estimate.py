"""How long it will probably take, said so that it can be believed: from the queue as it is, and never rounded down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean, median

from desk.model.hours import BusinessHours, NeverOpen
from desk.model.tongues import ENGLISH, tongue

ENOUGH = 5
"""Fewer recent ones than this are nothing to go on."""
SURE = 0.9
"""The share of the recent ones that would have kept to what is said."""
BUSY = 1.5
"""Where more than this waited for each agent on the average, nobody had a free hand."""
RESERVE = 1.25
"""What is put on top of the pace of a full desk: answers take longer and shorter than the average."""
SOON = timedelta(hours=3)
"""Up to here a length of time is said, beyond it a time of day."""
FARTHEST = timedelta(days=21)
"""What lies beyond this is no estimate any more."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue at this moment, and how it went lately. Seconds are business time, of the same hours.

    `ahead`: inquiries that wait for an answer before this one. `recent`: from the customer's message to our answer, of
    the last ones (some dozens). `over`: the business time in which those were answered, None where not known.
    `agents` are on shift now, 0 while closed; `usual_agents` were it lately, None where not known.
    """

    ahead: int
    recent: Sequence[float]
    over: timedelta | None = None
    agents: int = 0
    usual_agents: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What to expect, in business time from now: `usual` in most cases, `high` seldom exceeded; `by` (UTC) is `high`
    as an instant."""

    usual: timedelta
    high: timedelta
    by: datetime


def estimate(queue: Queue, now: datetime, hours: BusinessHours) -> Estimate | None:
    """When somebody who writes at `now` (UTC) will have an answer; None where there is too little to go on.

    The recent waits are stretched by how much longer the queue is than it was for them, and by how many fewer people
    are there. A shorter queue does not promise less than half of the usual wait: what one answer takes stays.
    """
    waits = sorted(seconds for seconds in queue.recent if seconds >= 0)
    if len(waits) < ENOUGH:
        return None
    usual_ahead = _usual_ahead(queue, waits)
    stretch = (queue.ahead + 1) / (usual_ahead + 1)
    if queue.agents > 0 and queue.usual_agents:
        stretch *= queue.usual_agents / queue.agents
    usual = median(waits) * max(0.5, stretch)
    high = max(usual, _quantile(waits, SURE) * max(0.5, stretch))
    if queue.over is not None and usual_ahead > BUSY * max(1, queue.agents):
        # All hands were full, so the pace of late is the best that there is: the queue drains no faster.
        high = max(high, RESERVE * (queue.ahead + 1) * queue.over.total_seconds() / len(waits))
    try:
        by = hours.add(now, timedelta(seconds=max(1.0, high)))
    except (NeverOpen, OverflowError):
        return None
    if by - now > FARTHEST:
        return None
    return Estimate(timedelta(seconds=usual), timedelta(seconds=high), by)


def solution(recent: Sequence[float], now: datetime, hours: BusinessHours) -> Estimate | None:
    """When a matter that begins at `now` (UTC) will probably be solved, from the recent ones (business seconds)."""
    return estimate(Queue(0, recent), now, hours)


def _usual_ahead(queue: Queue, waits: Sequence[float]) -> float:
    """How many waited on the average lately: what comes in a second, times how long it waits (Little's law)."""
    if queue.over is None or queue.over <= timedelta(0):
        return 0.0
    return len(waits) / queue.over.total_seconds() * fmean(waits)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value that this share does not exceed, taken up to the next one there is; the longest of a short list."""
    index = -int(-share * (len(ordered) + 1) // 1) - 1
    return ordered[min(len(ordered) - 1, max(0, index))]


@dataclass(frozen=True, slots=True)
class Said:
    """An estimate in words, and the instant (UTC) that these words promise; it is never before the estimate."""

    words: str
    until: datetime


def said(by: datetime, now: datetime, hours: BusinessHours, language: str = ENGLISH) -> Said:
    """An instant in words that round up: "in about 20 minutes", "tomorrow by 10:00", "by Monday 10:00".

    Times of day are on the wall clock of the desk's zone; in languages that the desk does not speak it is English.
    """
    words = tongue(language)
    left = max(timedelta(seconds=1), by - now)
    if left <= SOON:
        minutes = _rounded(left)
        until = now + timedelta(minutes=minutes)
        if minutes == 60:
            return Said(words.hour, until)
        if minutes % 60 == 0:
            return Said(words.hours.format(n=minutes // 60), until)
        return Said(words.minutes.format(n=minutes), until)
    until = half_hour(by, hours)
    there, here = until.astimezone(hours.zone), now.astimezone(hours.zone)
    time, days = f"{there:%H:%M}", (there.date() - here.date()).days
    if days == 0:
        return Said(words.today.format(time=time), until)
    if days == 1:
        return Said(words.tomorrow.format(time=time), until)
    if days < 7:
        return Said(words.by_day.format(day=words.days[there.weekday()], time=time), until)
    return Said(words.by_date.format(d=there.day, month=words.months[there.month - 1], time=time), until)


def _rounded(left: timedelta) -> int:
    """Minutes up to the next round number: 5, 10 … 30, 40 … 60, 90, 120, 180."""
    minutes = -(-left // timedelta(minutes=1))
    step = 5 if minutes <= 30 else 10 if minutes <= 60 else 30 if minutes <= 120 else 60
    return -(-minutes // step) * step


def half_hour(at: datetime, hours: BusinessHours) -> datetime:
    """The next half hour of the desk's wall clock at or after `at`, in UTC."""
    there = at.astimezone(hours.zone)
    over = timedelta(minutes=there.minute % 30, seconds=there.second, microseconds=there.microsecond)
    return (at if not over else at + (timedelta(minutes=30) - over)).astimezone(UTC)
