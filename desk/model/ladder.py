"""The ladder: what is said as a promise runs out, at which shares of its time, once each, and never at night."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

NEAR = timedelta(minutes=10)
"""Steps closer than this are one: nobody is pinged twice within ten minutes about the same inquiry."""
MANY = 5
"""More pings than this for one place at one time are one message."""
BEAT = timedelta(minutes=2)
"""How long after a closing what fell due by then may still be said: the beat of the timetable, no more."""


class Stage(StrEnum):
    """What happens on a step, from quiet to loud."""

    COLOUR = "colour"
    """The card changes its colour. Nobody is pinged."""
    PING = "ping"
    """The assignee is pinged, or those on shift where nobody has it."""
    CHANNEL = "channel"
    """The channel reads it, too."""
    BREACH = "breach"
    """The promise is broken: the leads are told."""


@dataclass(frozen=True, slots=True)
class Shares:
    """At which share of the promised time each step stands, above 0 and below 1; None leaves a step out.

    The breach stands at the whole time and cannot be left out.
    """

    colour: float | None = 0.5
    ping: float | None = 0.75
    channel: float | None = 0.9

    def __post_init__(self) -> None:
        wanted = [share for share in (self.colour, self.ping, self.channel) if share is not None]
        if any(not 0 < share < 1 for share in wanted):
            raise ValueError("a share of the time is more than 0 and less than 1")
        if any(later < earlier for earlier, later in pairwise(wanted)):
            raise ValueError("the shares rise: colour first, then ping, then channel")


@dataclass(frozen=True, slots=True)
class Ladder:
    """How the desk's ladders are climbed: `near` merges steps, *I'm on it* is `quiet` for so long, and more than
    `together` pings for one place at one moment are one message."""

    near: timedelta = NEAR
    quiet: timedelta = timedelta(minutes=30)
    together: int = MANY


NORMAL = Shares()
"""Half the time, three quarters, nine tenths."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `after` is what must have passed since the clock's start, in the time in which it is counted.

    `stages` are all that happen here; there are several where steps were too close to each other.
    """

    stages: tuple[Stage, ...]
    after: timedelta

    @property
    def loudest(self) -> Stage:
        return self.stages[-1]

    @property
    def speaks(self) -> bool:
        """Whether anybody is told; a mere change of colour is no message."""
        return self.stages != (Stage.COLOUR,)


class Hours(Protocol):
    """What the ladder asks of business hours; `desk.model.hours.BusinessHours` is one."""

    def add(self, start: datetime, amount: timedelta) -> datetime: ...

    def is_open(self, at: datetime) -> bool: ...

    def next_opening(self, at: datetime) -> datetime: ...


class Time(StrEnum):
    """In which time a promise is counted."""

    BUSINESS = "business"
    CALENDAR = "calendar"


def after(start: datetime, amount: timedelta, time: Time, hours: Hours) -> datetime:
    """The instant (UTC) at which `amount` has passed since `start`. Raises `NeverOpen` in business time."""
    return hours.add(start, amount) if time is Time.BUSINESS else start + amount


@dataclass(frozen=True, slots=True)
class Running:
    """One running clock. All instants are UTC.

    `said`: how many steps of its ladder are behind it, told or passed over. `quiet_until`: somebody said *I'm on it*;
    until then nothing is repeated, but a breach is told all the same.
    """

    started_at: datetime
    time: Time = Time.BUSINESS
    said: int = 0
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be said now: the latest step, when it fell due (UTC), and the earlier ones that nobody hears of.

    `said` is what `Running.said` becomes once this is owed.
    """

    step: Step
    at: datetime
    superseded: tuple[Step, ...]
    said: int


def steps(budget: timedelta, shares: Shares = NORMAL, near: timedelta = NEAR) -> tuple[Step, ...]:
    """The ladder of a promise of `budget`, rising; the last step is the breach.

    A step closer than `near` to the one before it, or to the breach, is taken together with the one before. The first
    step and the breach always stand: a target of 5 or 15 minutes has one ping, at half, and the breach.
    Raises `ValueError` for a budget that is not positive.
    """
    if budget <= timedelta(0):
        raise ValueError(f"a promise needs some time, not {budget}")
    wanted = ((Stage.COLOUR, shares.colour), (Stage.PING, shares.ping), (Stage.CHANNEL, shares.channel))
    found: list[Step] = []
    for stage, share in wanted:
        if share is None:
            continue
        at = budget * share
        if found and (at - found[-1].after < near or budget - at < near or at == found[-1].after):
            found[-1] = Step((*found[-1].stages, stage), found[-1].after)
        else:
            found.append(Step((stage,), at))
    return (*found, Step((Stage.BREACH,), budget))


def due(ladder: Sequence[Step], clock: Running, now: datetime, hours: Hours) -> Due | None:
    """What is to be said at `now` (UTC), or None. Of several that fell due only the latest is said.

    Nothing is said while `hours` are closed: it waits for the opening. What falls due at the closing instant itself
    may still be said within `BEAT`. While *I'm on it* holds, only a breach is said.
    """
    latest: tuple[int, datetime] | None = None
    for index in range(clock.said, len(ladder)):
        at = after(clock.started_at, ladder[index].after, clock.time, hours)
        if at > now:
            break
        latest = index, at
    if latest is None:
        return None
    index, at = latest
    step = ladder[index]
    if step.loudest is not Stage.BREACH and clock.quiet_until is not None and now < clock.quiet_until:
        return None
    if step.speaks and _sayable(at, hours) > now:
        return None
    if step.speaks and not hours.is_open(now) and now - at > BEAT:
        return None
    return Due(step, at, tuple(ladder[clock.said : index]), index + 1)


def next_at(ladder: Sequence[Step], clock: Running, now: datetime, hours: Hours) -> datetime | None:
    """The instant (UTC) at which `due` has something to say, `now` itself if it has; None after the last step."""
    if clock.said >= len(ladder):
        return None
    if due(ladder, clock, now, hours) is not None:
        return now
    left = [(after(clock.started_at, step.after, clock.time, hours), step) for step in ladder[clock.said :]]
    found: list[datetime] = []
    ends: list[datetime | None] = [*(at for at, _ in left[1:]), None]
    for (at, step), following in zip(left, ends, strict=True):
        if at > now:
            told = _told(step, at, clock, hours)
        elif following is not None and following <= now:
            continue
        else:
            told = _told(step, now, clock, hours)
            told = max(told, hours.next_opening(now)) if step.speaks else told
        if following is None or told < following:
            found.append(told)  # else the step behind it has come by then, and stands for both
    return min(found)


def _told(step: Step, at: datetime, clock: Running, hours: Hours) -> datetime:
    """The first instant from `at` on at which a step may be said: not while it is silenced, not while closed."""
    if step.loudest is not Stage.BREACH and clock.quiet_until is not None:
        at = max(at, clock.quiet_until)
    return _sayable(at, hours) if step.speaks else at


def _sayable(at: datetime, hours: Hours) -> datetime:
    """The first instant from `at` on at which somebody is there; the end of an open time still counts as there."""
    if hours.is_open(at) or hours.is_open(at - timedelta(microseconds=1)):
        return at
    return hours.next_opening(at)


def whom(assignee: str | None, on_shift: Sequence[str]) -> tuple[str, ...]:
    """Whom a ping is for: the assignee if on shift or if nobody is known to be, else those on shift; () is everybody.

    `on_shift` are Slack users; it is empty where the team keeps no shifts.
    """
    if assignee is not None and (not on_shift or assignee in on_shift):
        return (assignee,)
    return tuple(on_shift)


def together(pings: Iterable[T], place: Callable[[T], K], many: int = MANY) -> list[tuple[K, tuple[T, ...]]]:
    """The messages that a number of pings for one moment become, in order: more than `many` for one place are one."""
    places: dict[K, list[T]] = {}
    for ping in pings:
        places.setdefault(place(ping), []).append(ping)
    found: list[tuple[K, tuple[T, ...]]] = []
    for where, own in places.items():
        if len(own) > many:
            found.append((where, tuple(own)))
        else:
            found += [(where, (ping,)) for ping in own]
    return found


def by_owner(
    pings: Iterable[T], place: Callable[[T], K], owner: Callable[[T], str | None], many: int = MANY
) -> list[tuple[K, tuple[T, ...]]]:
    """As `together`; of the few that would be a message each, those of one owner are one, but not nobody's (None)."""
    found: list[tuple[K, tuple[T, ...]]] = []
    begun: dict[tuple[K, str], int] = {}
    for where, own in together(pings, place, many):
        whose = owner(own[0]) if len(own) == 1 else None
        if whose is None:
            found.append((where, own))
            continue
        at = begun.setdefault((where, whose), len(found))
        if at == len(found):
            found.append((where, own))
        else:
            found[at] = (where, (*found[at][1], *own))
    return found


def due_list(
    deadlines: Iterable[tuple[T, datetime]], opening: datetime, closing: datetime
) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """What stands on the list at an opening: those already late, and those due by `closing`, each the earliest first.

    All instants are UTC.
    """
    ranked = sorted(deadlines, key=lambda one: one[1])
    late = tuple(thing for thing, at in ranked if at <= opening)
    return late, tuple(thing for thing, at in ranked if opening < at <= closing)
