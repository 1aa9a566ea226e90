"""A simulated year: what is pinged, and when, against an oracle that steps through it and knows nothing of the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

import bot
from tests.journeys.conftest import DESK, LEADS, Journey, audited, words_of
from tests.journeys.test_policies import promises

HOLIDAYS = {date(2026, 12, 25), date(2027, 1, 1), date(2027, 5, 3), date(2027, 11, 1)}
STEP = timedelta(seconds=30)


class Shape(NamedTuple):
    """When a team is there, what it promises, and at which shares of that somebody is pinged."""

    days: range
    opens: int
    closes: int
    minutes: float
    shares: tuple[float, ...]


OFFICE = Shape(range(5), 9, 17, 15, (0.5,))
NIGHTS = Shape(range(7), 0, 8, 240, (0.75, 0.9))
"""The clocks change while this team is there."""


def is_open(at: datetime, zone: ZoneInfo, shape: Shape) -> bool:
    here = at.astimezone(zone)
    return here.weekday() in shape.days and shape.opens <= here.hour < shape.closes and here.date() not in HOLIDAYS


def reached(start: datetime, minutes: float, zone: ZoneInfo, shape: Shape) -> datetime:
    """The oracle: so many open minutes after `start`, found step by step."""
    left = timedelta(minutes=minutes)
    at = start
    while left > timedelta(0):
        if is_open(at, zone, shape):
            left -= STEP
        at += STEP
    return at


def year() -> list[datetime]:
    """When customers write: around holidays, week-ends and both nights of the changed clocks, at many times of day."""
    days = [
        (2026, 12, 24),
        (2026, 12, 31),
        (2027, 2, 12),
        (2027, 3, 12),
        (2027, 3, 14),
        (2027, 3, 26),
        (2027, 3, 28),
        (2027, 4, 30),
        (2027, 7, 1),
        (2027, 9, 5),
        (2027, 10, 29),
        (2027, 10, 31),
        (2027, 11, 5),
        (2027, 11, 7),
    ]
    times = [(16, 50), (1, 30), (8, 55), (12, 0), (23, 10), (21, 52)]
    return [datetime(*day, *times[index % len(times)], tzinfo=UTC) for index, day in enumerate(days)]


async def lives(journey: Journey, name: str, shape: Shape, starts: list[datetime]) -> None:
    """Customers write on X and nobody answers: a ping at each share of the promise, one alert at its end, each once."""
    zone = ZoneInfo(name)
    week = {day: () for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    week |= {day: ((f"{shape.opens:02}:00", f"{shape.closes:02}:00"),) for day in list(week)[: len(shape.days)]}
    await journey.owner_sets(hours={"zone": zone, "closed_on": sorted(HOLIDAYS), **week}, ladder={"together": 100})
    await promises(journey, {"name": "All", "first": f"{shape.minutes}m"})
    for number, planned in enumerate(starts, 1):
        start = max(planned, journey.clock.now())
        await journey.go_to(start)
        await journey.on_x(f"@acme parcel {number} is lost", handle=f"person{number}")
        await journey.go_to(reached(start, shape.minutes, zone, shape) + timedelta(minutes=2))
        await journey.restart()
        await journey.pass_(hours=30)
        replies = journey.slack.replies(DESK, journey.root(number)["ts"])
        pings = [m for m in replies if "business time left" in words_of(m)]
        alerts = [m for m in journey.slack.messages(LEADS) if f"#{number} missed" in words_of(m)]
        assert (len(pings), len(alerts)) == (len(shape.shares), 1), start
        for said, share in zip([*pings, *alerts], [*shape.shares, 1], strict=True):
            sent = datetime.fromtimestamp(float(said["ts"]), UTC)
            wanted = max(reached(start, share * shape.minutes, zone, shape), start)
            assert timedelta(0) <= sent - wanted <= timedelta(seconds=15), (start, share, sent, wanted)


@pytest.mark.parametrize(
    ("zone", "shape", "start"),
    [
        pytest.param("Europe/Lisbon", OFFICE, datetime(2026, 12, 24, 16, 50, tzinfo=UTC), id="over Christmas"),
        pytest.param("Europe/Lisbon", NIGHTS, datetime(2027, 3, 27, 22, 10, tzinfo=UTC), id="the short night"),
        pytest.param("America/New_York", NIGHTS, datetime(2027, 11, 7, 3, 30, tzinfo=UTC), id="the long night"),
        pytest.param("Asia/Manila", OFFICE, datetime(2027, 4, 30, 8, 55, tzinfo=UTC), id="a holiday on Monday"),
    ],
)
async def test_the_hard_days_of_the_year_are_pinged_as_the_oracle_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, zone: str, shape: Shape, start: datetime
) -> None:
    async with audited(bot.Sandbox(start - timedelta(minutes=5), tmp_path), caplog) as journey:
        await lives(journey, zone, shape, [start])


@pytest.mark.full
@pytest.mark.parametrize("shape", [OFFICE, NIGHTS], ids=["office", "nights"])
@pytest.mark.parametrize("zone", ["Europe/Lisbon", "Europe/Berlin", "America/New_York", "Asia/Manila"])
async def test_a_year_is_pinged_as_the_oracle_says_in_every_zone(journey: Journey, zone: str, shape: Shape) -> None:
    await lives(journey, zone, shape, year())
