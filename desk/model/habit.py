"""How much usually comes from a platform at an hour, and from when on its silence is no longer its habit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from statistics import median_low

HOURS = 24
REMEMBERED = 28
"""Days of the past that make a habit."""
LEAST = 3
"""So many days of the same sort (working days, weekends) must be known before anything is usual."""
ENOUGH = 20.0
"""So many messages must be missing before silence is told: a platform whose messages come in heaps stays unreported."""
SOONEST = timedelta(hours=1)
"""No silence shorter than this is told."""
HOUR = timedelta(hours=1)

Counts = Mapping[date, Sequence[int]]
"""What came in each hour of a UTC day; a watched day that is not in it brought nothing."""


def usual(counts: Counts, first: date, at: datetime) -> float:
    """How many messages usually come in the hour of `at` (UTC): the median of the same hour on the days of the same
    sort, so that one storm makes no habit. `first` is the first day that was watched from its beginning to its end.

    Zero where too little is known. After daylight saving begins or ends it is an hour off for two weeks or three.
    """
    now = at.astimezone(UTC)
    alike = _alike(first, now.date())
    if len(alike) < LEAST:
        return 0.0
    hour = now.hour
    return float(median_low([counts[day][hour] if day in counts else 0 for day in alike]))


def expected(counts: Counts, first: date, since: datetime, now: datetime) -> float:
    """How many messages would usually have come between `since` and `now`; of more than a week, in its last week."""
    at = max(since, now - timedelta(days=7))
    total = 0.0
    while at < now:
        end = min(now, at.replace(minute=0, second=0, microsecond=0) + HOUR)
        total += usual(counts, first, at) * ((end - at) / HOUR)
        at = end
    return total


def too_silent(counts: Counts, first: date, since: datetime, now: datetime) -> bool:
    """Whether people should hear that nothing has come since `since`."""
    return now - since >= SOONEST and expected(counts, first, since, now) >= ENOUGH


def pace(counts: Counts, first: date, since: datetime, now: datetime) -> int:
    """Messages an hour that would usually have come in that time, for people; at least 1."""
    hours = min(now - since, timedelta(days=7)) / HOUR
    return max(1, round(expected(counts, first, since, now) / hours)) if hours else 1


@lru_cache(maxsize=64)
def _alike(first: date, today: date) -> tuple[date, ...]:
    """The remembered days before `today` that are of its sort."""
    days = (today - timedelta(days=back) for back in range(1, REMEMBERED + 1))
    return tuple(day for day in days if day >= first and _weekend(day) == _weekend(today))


def _weekend(day: date) -> bool:
    return day.weekday() >= 5
