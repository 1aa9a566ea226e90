"""The platform's own last chance: until when it lets us answer privately, and when to say so before it is too late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from desk.model.message import Capabilities

SHARES = (5 / 6, 23 / 24)
"""When somebody is told: of 24 hours, 4 and 1 before the end; of 7 days, 28 and 7 hours before."""
MARGIN = timedelta(minutes=30)
"""A ping that would fall into closed hours comes this much before the last closing ahead of it."""


class Chance(StrEnum):
    """A way to write to the customer that the platform takes away after a time."""

    MESSAGE = "message"
    """An ordinary private answer (Messenger: within 24 hours of the customer's last private message)."""
    TAGGED = "tagged"
    """A private answer marked as a person's (Messenger's human-agent tag: within 7 days)."""
    PRIVATE_REPLY = "private reply"
    """The one private answer to a public message (Meta: within 7 days)."""


@dataclass(frozen=True, slots=True)
class Window:
    """One chance: open from the customer's message (UTC) until `closes_at` (UTC), at which it is still possible."""

    chance: Chance
    opened_at: datetime
    closes_at: datetime

    def is_open(self, at: datetime) -> bool:
        return self.opened_at <= at <= self.closes_at


class Hours(Protocol):
    """What is asked of business hours; `desk.model.hours.BusinessHours` is one."""

    def add(self, start: datetime, amount: timedelta) -> datetime: ...

    def between(self, a: datetime, b: datetime) -> timedelta: ...

    def is_open(self, at: datetime) -> bool: ...

    def next_opening(self, at: datetime) -> datetime: ...


def windows(
    can: Capabilities,
    *,
    last_private_at: datetime | None,
    last_public_at: datetime | None = None,
    private_reply_used: bool = False,
    tagged: timedelta | None = None,
) -> tuple[Window, ...]:
    """The chances that a customer's messages have opened, the first to close first; () where the platform sets none.

    `last_private_at`, `last_public_at`: the customer's newest private and public message (UTC). Once the customer has
    written privately the one private reply matters no more. `tagged`: how long a person's tag lasts, None without one.
    """
    found: list[Window] = []
    if last_private_at is not None:
        if can.window is not None:
            found.append(Window(Chance.MESSAGE, last_private_at, last_private_at + can.window))
            if tagged is not None and tagged > can.window:
                found.append(Window(Chance.TAGGED, last_private_at, last_private_at + tagged))
    elif last_public_at is not None and can.private_reply_window is not None and not private_reply_used:
        found.append(Window(Chance.PRIVATE_REPLY, last_public_at, last_public_at + can.private_reply_window))
    return tuple(found)


def usable(found: Sequence[Window], now: datetime) -> Window | None:
    """The chance that holds now: the first that is still open; None where none is."""
    return next((window for window in found if window.is_open(now)), None)


def for_good(found: Sequence[Window]) -> Window | None:
    """The last chance of all: when it closes, nothing private is left. None where the platform sets no time."""
    return max(found, key=lambda window: window.closes_at, default=None)


def closes_at(found: Sequence[Window]) -> datetime | None:
    """When the last private way closes for good (UTC); None: never, or there is none."""
    last = for_good(found)
    return last.closes_at if last is not None else None


def pings(window: Window, hours: Hours, shares: Sequence[float] = SHARES) -> tuple[datetime, ...]:
    """When to say that a window closes for good: instants (UTC) in open hours, rising, all before it closes.

    One that would fall into closed hours comes earlier, before the team goes home; where nobody was there since the
    customer wrote, at the next opening if that is in time. Empty where nobody is there while the window is open.
    """
    found: list[datetime] = []
    for share in sorted(shares):
        at = _in_time(window, window.opened_at + (window.closes_at - window.opened_at) * share, hours)
        if at is not None and at not in found:
            found.append(at)
    return tuple(sorted(found))


def _in_time(window: Window, wanted: datetime, hours: Hours) -> datetime | None:
    if hours.is_open(wanted):
        return wanted
    before = hours.between(window.opened_at, wanted)
    if before > timedelta(0):
        at = hours.add(window.opened_at, max(before - MARGIN, before / 2))
        if not hours.is_open(at):  # used up exactly at a closing
            at -= timedelta(minutes=1)
        return max(at, window.opened_at)
    opening = hours.next_opening(wanted)
    return opening if opening < window.closes_at else None
