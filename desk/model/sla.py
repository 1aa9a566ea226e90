"""The clock of a promise: which target runs for an inquiry, until when, and what was said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.hours import HORIZON, BusinessHours, NeverOpen
from desk.model.ladder import NEAR, NORMAL, Due, Running, Shares, Stage, Step, Time, after, due, next_at, steps
from desk.model.policies import Policy


class Target(StrEnum):
    """Which promise runs: to our first answer, to the next one (from the oldest unanswered customer message), or to
    the solution."""

    FIRST = "first"
    NEXT = "next"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class SlaClock:
    """One running promise. All instants are UTC; `budget` and the shares of it are counted in `time`.

    What was said about it is kept in the same transaction that owes the message, so each is said once: `said` steps of
    its ladder are over, `reached` is the loudest of them. `used` had passed before `started_at`, where it stood still
    in between; `paused_at`: it stands still since then. `next_at` is when the ladder has something to say again.
    """

    target: Target
    started_at: datetime
    budget: timedelta
    warn_at: datetime
    due_at: datetime
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    time: Time = Time.BUSINESS
    shares: Shares = NORMAL
    near: timedelta = NEAR
    said: int = 0
    reached: Stage | None = None
    quiet_until: datetime | None = None
    """Somebody said *I'm on it*: until then nothing is repeated."""
    used: timedelta = timedelta(0)
    paused_at: datetime | None = None
    next_at: datetime | None = None
    asked_at: datetime | None = None
    """The message that it counts from, where it stood still in between and `started_at` is when it went on."""

    @property
    def alarm_at(self) -> datetime | None:
        """The next instant at which something must be said about this clock, or None."""
        if self.breached_at is not None or self.paused_at is not None:
            return None
        if self.next_at is not None:
            return self.next_at
        return self.due_at if self.warned_at is not None else min(self.warn_at, self.due_at)

    @property
    def counts_from(self) -> datetime:
        """The customer's message that waits, however often the clock stood still since."""
        return self.asked_at or self.started_at

    @property
    def key(self) -> str:
        """Names the promise with its deadline: what is said of it is said once, and anew only where that moved."""
        return f"{self.target}:{self.started_at.timestamp():.3f}:{self.due_at.timestamp():.0f}"

    @property
    def is_promised(self) -> bool:
        """False where the policy names no time for this target: it waits, but never runs out."""
        return self.budget < HORIZON

    def ladder(self) -> tuple[Step, ...]:
        """What is said about it, each step counted from `started_at`."""
        if not self.is_promised:
            return ()
        nothing = timedelta(0)
        return tuple(
            Step(step.stages, max(step.after - self.used, nothing))
            for step in steps(self.budget, self.shares, self.near)
        )

    def _running(self) -> Running:
        return Running(self.started_at, self.time, self.said, self.quiet_until)

    def due(self, now: datetime, hours: BusinessHours) -> Due | None:
        """What is to be said at `now`, or None; the latest step only."""
        if self.paused_at is not None or self.breached_at is not None:
            return None
        try:
            return due(self.ladder(), self._running(), now, hours)
        except NeverOpen:
            return None

    def passed(self, since: datetime, until: datetime, hours: BusinessHours) -> timedelta:
        """How much of its own kind of time lies between two instants; zero where the second is not later."""
        if self.time is Time.BUSINESS:
            return hours.between(since, until)
        return max(until - since, timedelta(0))

    def set_for(self, now: datetime, hours: BusinessHours) -> SlaClock:
        """The clock with `next_at` as it must be after `now`."""
        try:
            at = next_at(self.ladder(), self._running(), now, hours)
        except NeverOpen:
            at = self.started_at + HORIZON
        return replace(self, next_at=at if at is not None else self.started_at + HORIZON)

    def told(self, what: Due, now: datetime, hours: BusinessHours) -> SlaClock:
        """The clock after a step was taken."""
        loudest = what.step.loudest
        after = replace(
            self,
            said=what.said,
            reached=loudest,
            warned_at=now if loudest in (Stage.PING, Stage.CHANNEL) else self.warned_at,
            breached_at=now if loudest is Stage.BREACH else None,
        )
        return after.set_for(now, hours)

    def paused(self, now: datetime, hours: BusinessHours) -> SlaClock:
        """It stands still; what is left of it stays."""
        if self.paused_at is not None:
            return self
        used = self.used + self.passed(self.started_at, now, hours)
        return replace(self, paused_at=now, used=used, asked_at=self.counts_from)

    def resumed(self, now: datetime, hours: BusinessHours) -> SlaClock:
        """It goes on with what was left."""
        if self.paused_at is None:
            return self
        went_on = replace(self, paused_at=None, started_at=now)
        warn_at, due_at = _alarms(went_on, hours)
        return replace(went_on, warn_at=warn_at, due_at=due_at).set_for(now, hours)


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
    target: Target,
    started_at: datetime,
    policy: Policy,
    hours: BusinessHours,
    near: timedelta = NEAR,
    now: datetime | None = None,
) -> SlaClock:
    """The clock of a promise that runs from `started_at` (UTC); `now` where that is later.

    Where no office hour is to come, or the policy names no time, it never runs out: it is due beyond the horizon of
    the hours.
    """
    budget = policy.budget(target)
    far = started_at + HORIZON
    if budget is None:
        return SlaClock(target, started_at, HORIZON, far, far, time=policy.time, shares=policy.shares, next_at=far)
    clock = SlaClock(target, started_at, budget, far, far, time=policy.time, shares=policy.shares, near=near)
    warn_at, due_at = _alarms(clock, hours)
    return replace(clock, warn_at=warn_at, due_at=due_at).set_for(now or started_at, hours)


def counted_anew(clock: SlaClock, hours: BusinessHours, now: datetime) -> SlaClock:
    """The same promise in other hours. What was said stays said, unless its moment is to come once more."""
    if clock.paused_at is not None or not clock.is_promised:
        return clock
    warn_at, due_at = _alarms(clock, hours)
    over = 0
    for step in clock.ladder()[: clock.said]:
        try:
            over += after(clock.started_at, step.after, clock.time, hours) <= now
        except NeverOpen:
            break
    changed = replace(
        clock,
        warn_at=warn_at,
        due_at=due_at,
        warned_at=clock.warned_at if warn_at <= now else None,
        breached_at=clock.breached_at if due_at <= now else None,
        said=over,
        reached=clock.ladder()[over - 1].loudest if over else None,
    )
    return changed.set_for(now, hours)


def under(clock: SlaClock, policy: Policy, hours: BusinessHours, now: datetime, near: timedelta = NEAR) -> SlaClock:
    """The same wait under another policy: it counts from where it counted, and what is over of it stays over."""
    budget = policy.budget(clock.target)
    if budget is None:
        far = start_clock(clock.target, clock.started_at, policy, hours, near, now)
        return replace(far, used=clock.used, paused_at=clock.paused_at, asked_at=clock.asked_at)
    moved = replace(clock, budget=budget, time=policy.time, shares=policy.shares, near=near)
    return moved if moved.paused_at is not None else counted_anew(moved, hours, now)


def _alarms(clock: SlaClock, hours: BusinessHours) -> tuple[datetime, datetime]:
    """When somebody is pinged first, and when the promise is broken."""
    ladder = clock.ladder()
    ping = next((step for step in ladder if step.speaks), ladder[-1])
    try:
        return (
            after(clock.started_at, ping.after, clock.time, hours),
            after(clock.started_at, ladder[-1].after, clock.time, hours),
        )
    except NeverOpen:
        return clock.started_at + HORIZON, clock.started_at + HORIZON
