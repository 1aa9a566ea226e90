"""A simulated year: what is pinged, and when, against an oracle that steps through it and knows nothing of the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.conftest import DESK, LEADS, Journey, words_of

HOLIDAYS = {date(2026, 12, 25), date(2027, 1, 1), date(2027, 5, 3), date(2027, 11, 1)}
STEP = timedelta(seconds=30)


def is_open(at: datetime, zone: ZoneInfo) -> bool:
    here = at.astimezone(zone)
    return here.weekday() < 5 and 9 <= here.hour < 17 and here.date() not in HOLIDAYS


def reached(start: datetime, minutes: float, zone: ZoneInfo) -> datetime:
    """The oracle: so many open minutes after `start`, found step by step."""
    left = timedelta(minutes=minutes)
    at = start
    while left > timedelta(0):
        if is_open(at, zone):
            left -= STEP
        at += STEP
    return at


def year(*chosen: int) -> list[datetime]:
    """When customers write: around holidays, week-ends and both nights of the changed clocks, at many times of day."""
    days = [
        (2026, 12, 24),
        (2026, 12, 31),
        (2027, 2, 12),
        (2027, 3, 12),
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
    starts = [datetime(*day, *times[index % len(times)], tzinfo=UTC) for index, day in enumerate(days)]
    return [starts[index] for index in chosen] or starts


async def lives(journey: Journey, name: str, starts: list[datetime]) -> None:
    """Customers write on X and nobody answers: one ping at half of 15 minutes, one alert at the end, each once."""
    zone = ZoneInfo(name)
    await journey.owner_sets(hours={"zone": zone, "closed_on": sorted(HOLIDAYS)}, ladder={"together": 100})
    for number, planned in enumerate(starts, 1):
        start = max(planned, journey.clock.now())
        await journey.go_to(start)
        await journey.on_x(f"@acme parcel {number} is lost", handle=f"person{number}")
        due = reached(start, 15, zone)
        await journey.go_to(due + timedelta(minutes=2))
        await journey.restart()
        await journey.pass_(hours=30)
        replies = journey.slack.replies(DESK, journey.root(number)["ts"])
        pings = [m for m in replies if "business time left" in words_of(m)]
        alerts = [m for m in journey.slack.messages(LEADS) if f"#{number} missed" in words_of(m)]
        for said, minutes in ((pings, 7.5), (alerts, 15)):
            assert len(said) == 1, (start, said)
            sent = datetime.fromtimestamp(float(said[0]["ts"]), UTC)
            wanted = max(reached(start, minutes, zone), start)
            assert timedelta(0) <= sent - wanted <= timedelta(seconds=15), (start, minutes, sent, wanted)


async def test_a_year_in_lisbon_is_pinged_as_the_oracle_says(journey: Journey) -> None:
    await lives(journey, "Europe/Lisbon", year(0))


@pytest.mark.full
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Manila"])
async def test_a_year_is_pinged_as_the_oracle_says_in_every_zone(journey: Journey, zone: str) -> None:
    await lives(journey, zone, year())
