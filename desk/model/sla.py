"""The clock of a promise: which target runs for an inquiry, until when, and what was said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.hours import HORIZON, BusinessHours, NeverOpen


class Target(StrEnum):
    """Which promise runs: to our first answer, or to the next one (from the oldest unanswered customer message)."""

    FIRST = "first"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class SlaClock:
    """One running promise. All instants are UTC; `budget` is business time, and so are the shares of it.

    `warned_at` and `breached_at` are set in the same transaction that owes the ping, so each is said once.
    """

    target: Target
    started_at: datetime
    budget: timedelta
    warn_at: datetime
    due_at: datetime
    warned_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def alarm_at(self) -> datetime | None:
        """The next instant at which something must be said about this clock, or None."""
        if self.breached_at is not None:
            return None
        return self.due_at if self.warned_at is not None else min(self.warn_at, self.due_at)

    @property
    def key(self) -> str:
        """Names the promise with its deadline: what is said of it is said once, and anew only where that moved."""
        return f"{self.target}:{self.started_at.timestamp():.3f}:{self.due_at.timestamp():.0f}"


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """What the team promises on one platform, in business time."""

    first: timedelta
    next: timedelta
    private: timedelta
    warn_share: float = 0.75

    def budget(self, target: Target, private: bool) -> timedelta:
        """How long the clock may run: private talk has one figure for first and next."""
        if private:
            return self.private
        return self.first if target is Target.FIRST else self.next


SANE = timedelta(days=60)
"""A customer's time stamp further back than this is taken for a mistake of the platform."""


def when_written(created_at: datetime | None, received_at: datetime) -> datetime:
    """The instant from which a clock counts: the customer's own, unless it is missing, in the future or absurd."""
    if created_at is None or created_at > received_at or received_at - created_at > SANE:
        return received_at
    return created_at


def start_clock(
    target: Target, started_at: datetime, policy: SlaPolicy, private: bool, hours: BusinessHours
) -> SlaClock:
    """The clock of a promise that runs from `started_at` (UTC), in business time.

    Where no office hour is to come, the promise never runs out: it is due beyond the horizon of the hours.
    """
    budget = policy.budget(target, private)
    return SlaClock(target, started_at, budget, *_alarms(started_at, budget, policy.warn_share, hours))


def counted_anew(clock: SlaClock, warn_share: float, hours: BusinessHours, now: datetime) -> SlaClock:
    """The same promise in other hours. What was said stays said, unless its moment is to come once more."""
    warn_at, due_at = _alarms(clock.started_at, clock.budget, warn_share, hours)
    return replace(
        clock,
        warn_at=warn_at,
        due_at=due_at,
        warned_at=clock.warned_at if warn_at <= now else None,
        breached_at=clock.breached_at if due_at <= now else None,
    )


def _alarms(
    started_at: datetime, budget: timedelta, warn_share: float, hours: BusinessHours
) -> tuple[datetime, datetime]:
    """When to warn, and when the promise is broken."""
    try:
        return hours.add(started_at, budget * warn_share), hours.add(started_at, budget)
    except NeverOpen:
        return started_at + HORIZON, started_at + HORIZON
