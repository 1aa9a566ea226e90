"""Which promise an inquiry has and why, and what events do to its two clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from config.times import PolicySection
from tests.journeys.conftest import ANA, LEADS, Journey


async def promises(journey: Journey, *policies: dict[str, Any]) -> None:
    """The owner writes these [[policies]] and starts the desk anew."""
    sections = [PolicySection(**policy) for policy in policies]
    journey.sandbox.bot.settings = journey.sandbox.bot.settings.model_copy(update={"policies": sections})
    await journey.restart()


def due(at: datetime) -> str:
    return f"<!date^{int(at.timestamp())}^"


async def test_sla_says_which_policy_an_inquiry_has_and_why_and_it_keeps_it(journey: Journey) -> None:
    await promises(
        journey,
        {"name": "Mentions", "platforms": ["x"], "kinds": ["mention"], "first": "20m", "next": "2h"},
        {"name": "All of X", "platforms": ["x"], "first": "3h"},
    )
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    told = await journey.types(ANA, "/sla 1")
    assert "first answer within 20 min of business time" in told
    assert "“Mentions” matches: X, mention; it promises a first answer within 20 min" in told
    await promises(journey, {"name": "Quick", "platforms": ["x"], "first": "5m"})
    told = await journey.types(ANA, "/sla 1")
    assert "“Mentions” matches" in told
    assert "a new one would get “Quick”" in told
    assert due(wrote + timedelta(minutes=20)) in journey.card(1)
    await journey.on_x("@acme no heating since Sunday", handle="tom")
    assert "“Quick” matches" in await journey.types(ANA, "/sla 2")


async def test_a_promise_by_the_calendar_runs_at_night_and_is_told_in_the_morning(journey: Journey) -> None:
    await promises(journey, {"name": "Day and night", "platforms": ["x"], "first": "4h", "time": "calendar"})
    await journey.go_to(datetime(2026, 11, 24, 16, 55, tzinfo=UTC))
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    assert due(wrote + timedelta(hours=4)) in journey.card(1)
    await journey.go_to(datetime(2026, 11, 25, 8, 59, tzinfo=UTC))
    assert journey.thread(1) == journey.channel(LEADS) == []
    await journey.pass_(minutes=2)
    [alert] = journey.channel(LEADS)
    assert "missed its first answer" in alert
    assert journey.thread(1) == []


async def test_the_clock_to_a_solution_stands_still_while_we_wait_for_the_customer(journey: Journey) -> None:
    await promises(
        journey, {"name": "Solved today", "platforms": ["x"], "first": "1h", "next": "1h", "resolution": "4h"}
    )
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    assert f"solution due {due(wrote + timedelta(hours=4))}" in journey.card(1)
    await journey.types(ANA, "/reply 1 Which number does it have?")
    await journey.pass_(seconds=15)
    assert "solution clock stands still" in journey.card(1)
    assert "standing still" in await journey.types(ANA, "/sla 1")
    await journey.pass_(hours=2)
    await journey.on_x("@acme it is 4711", reply_to=journey.published[0]["id"])
    assert f"solution due {due(wrote + timedelta(hours=4))}" not in journey.card(1)
    assert "Solution within 4 h of business time; 3 h" in await journey.types(ANA, "/sla 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=15)
    await journey.types(ANA, "/done 1")
    await journey.pass_(hours=20)
    assert not any("solution" in words for words in journey.channel(LEADS))


async def test_a_solution_that_is_late_is_told_to_the_leads_once(journey: Journey) -> None:
    await promises(
        journey, {"name": "Solved soon", "platforms": ["x"], "first": "4h", "next": "4h", "resolution": "2h"}
    )
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(hours=3)
    [alert] = journey.channel(LEADS)
    assert "#1 missed its solution" in alert
    assert "SOLUTION LATE" in journey.card(1)
