"""A platform falls silent: the owner hears of it once, sees it in /desk and at /healthz, and hears when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.journeys.conftest import LEADS, LEE, Journey

WEDNESDAY = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)


def told(journey: Journey, words: str) -> list[str]:
    return [line for line in journey.channel(LEADS) if words in line]


async def test_a_platform_that_is_silent_beyond_its_habit_is_told_once_and_its_end_too(journey: Journey) -> None:
    on = journey.graph.page_post("Our autumn blend is back.")
    top = await journey.comment("Where can I buy it?", on=on)
    for day in range(3):  # Wednesday to Friday: at ten, twenty-two people write
        await journey.go_to(WEDNESDAY + timedelta(days=day))
        for number in range(22):
            journey.graph.comment("Zuzana M.", f"And in shop {number}?", on=top)
        await journey.pass_(minutes=5)
    monday = WEDNESDAY + timedelta(days=5)
    await journey.go_to(monday + timedelta(minutes=45))
    assert told(journey, "Nothing has come from Facebook") == []
    for minutes in (58, 65, 75, 180):
        await journey.go_to(monday + timedelta(minutes=minutes))
        await journey.pass_(minutes=5)
    (line,) = told(journey, "Nothing has come from Facebook")
    assert "an hour at this time" in line
    assert "Is the token still the right one" in line
    await journey.restart()
    await journey.pass_(minutes=10)
    await journey.types(LEE, "/desk", LEADS)
    assert "Nothing has come from Facebook" in journey.only_for(LEE, LEADS)[-1]
    assert len(told(journey, "Nothing has come from Facebook")) == 1
    assert told(journey, "Nothing has come from X") == []

    await journey.comment("Is anybody there?", on=on)
    assert len(told(journey, "Facebook speaks again, after 3 days")) == 1
    await journey.types(LEE, "/desk", LEADS)
    assert "Nothing has come" not in journey.only_for(LEE, LEADS)[-1]

    # A platform that does not let us in has been reported already.
    journey.graph.revoke_token()
    for minutes in (0, 60, 120):
        await journey.go_to(monday + timedelta(days=1, minutes=minutes))
    assert len(told(journey, "does not let us in")) == 1
    assert len(told(journey, "Nothing has come from Facebook")) == 1
    journey.graph.accept_token()
    await journey.pass_(minutes=5)
