"""The sandbox as a first visitor finds it, and the places in the story that are worth jumping to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from platforms.sandbox.world import World

DESK = "C0DESK"
SHORT = (("+1 min", timedelta(minutes=1)), ("+5 min", timedelta(minutes=5)), ("+1 h", timedelta(hours=1)))


class Clock(Protocol):
    """A story clock, as far as the opening needs it."""

    def now(self) -> datetime: ...

    async def jump(self, to: datetime) -> None: ...


def opening_day(now: datetime) -> datetime:
    """A quarter to ten on a working day: today, or the next Monday at the week-end."""
    day = now.replace(hour=9, minute=45, second=0, microsecond=0)
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


async def open_alive(world: World, clock: Clock) -> None:
    """Four inquiries: one close to its deadline, one claimed, one private, one new."""

    async def wait(**length: float) -> None:
        await clock.jump(clock.now() + timedelta(**length))

    await wait(seconds=20)
    world.x.add_person("jonas_b", "Jonas Berg", followers=212)
    world.x.post("jonas_b", "@acme Your app logs me out every time I open it since the update. Is this being fixed?")
    await wait(minutes=8)
    post = world.graph.page_post("Our autumn blend is back in all shops.")
    world.graph.comment("Zuzana Malá", "Is there lactose in it? My daughter is allergic.", on=post)
    await wait(minutes=2)
    numbers = [int(found[1]) for m in world.slack.messages(DESK) if (found := re.match(r"#(\d+) ", m["text"]))]
    await world.slack.command("U0BEN", DESK, f"/claim {numbers[-1]}")
    world.graph.message("Peter Holm", "Hello, I was charged twice for order 4711. Can you give one back?")
    await wait(minutes=1)
    world.x.add_person("amira_says", "Amira", followers=87)
    world.x.post("amira_says", "@acme the zip of my new bag broke on day two 😞 what can I do?")
    await wait(minutes=1)


class Places:
    """A clock with a jump menu: everything is the clock's own, `places` is added. `hours` are business hours."""

    def __init__(self, clock: Any, hours: Callable[[], Any]) -> None:
        self._clock = clock
        self._hours = hours

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)

    def places(self) -> list[tuple[str, datetime]]:
        """Label and instant of each place that lies ahead."""
        now, hours = self._clock.now(), self._hours()
        found = [(label, now + length) for label, length in SHORT]
        if (night := clock_change(now, hours.zone)) is not None:
            found.append(("to the night when the clocks change", night - timedelta(minutes=30)))
        here = now.astimezone(hours.zone)
        friday = (here + timedelta(days=(4 - here.weekday()) % 7)).replace(hour=16, minute=55, second=0, microsecond=0)
        if friday > here:
            found.append(("to Friday 16:55", friday))
        try:
            closing = hours.next_closing(now)
            if hours.is_open(now):
                found.append(("to closing time", closing - timedelta(minutes=1)))
            opening = hours.next_opening(closing if hours.is_open(now) else now)
            found.append(("to the next opening", opening - timedelta(minutes=1)))
        except Exception as never:  # a desk that never opens or never closes says so by an error of its own
            if not hasattr(never, "sentence"):
                raise
        return found


def clock_change(now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next instant at which the zone's offset changes, within a year, to the hour; None where it has none."""
    at = now.replace(minute=0, second=0, microsecond=0)
    for _ in range(366):
        later = at + timedelta(days=1)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            while at.astimezone(zone).utcoffset() == (at + timedelta(hours=1)).astimezone(zone).utcoffset():
                at += timedelta(hours=1)
            return at + timedelta(hours=1)
        at = later
    return None
