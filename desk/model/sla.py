"""The clock of a promise: which target runs for an inquiry, until when, and what was said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


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
