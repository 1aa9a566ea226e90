"""What each event does to the clocks of an answer and of a solution: stated in docs/sla.md, and so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, words_of
from tests.journeys.test_policies import due, promises

SOLVED = {"name": "Solved", "platforms": ["x", "facebook"], "first": "1h", "next": "1h", "resolution": "4h"}


async def everything(journey: Journey, user: str, command: str) -> str:
    """All that the person who typed it reads."""
    return words_of((await journey.slack.command(user, DESK, command)).response or {})


def solution_due(journey: Journey, number: int) -> str:
    found = re.search(r"solution due <!date\^(\d+)\^", journey.card(number))
    assert found, journey.card(number)
    return found[1]


async def test_a_lead_stops_the_clocks_with_a_reason_and_an_agent_gets_theirs_back(journey: Journey) -> None:
    await promises(journey, SOLVED)
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=10)
    refused = await everything(journey, ANA, "/snooze 1 2h --stop waiting for the police report")
    assert "Only leads stop the clock of an answer" in refused and "waiting for the police report" in refused
    assert f"first answer due {due(wrote + timedelta(hours=1))}" in journey.card(1)
    assert "Say why the clock stops" in await journey.types(LEE, "/snooze 1 2h --stop")
    stopped_at = journey.clock.now()
    assert "its clocks stand still" in await journey.types(LEE, "/snooze 1 2h --stop waiting for the police report")
    await journey.pass_(seconds=3)
    assert "*STOPPED* the clock" in journey.card(1) and "solution clock stands still" in journey.card(1)
    assert "waiting for the police report" in journey.in_thread(1, "has stopped the clocks of #1")["text"]
    told = await journey.types(BEN, "/sla 1")
    assert "has stopped its clock until" in told and "waiting for the police report" in told
    await journey.pass_(minutes=115)
    assert journey.channel(LEADS) == []
    await journey.pass_(minutes=10)
    left = timedelta(hours=1) - (stopped_at - wrote)
    back = stopped_at + timedelta(hours=2)
    assert f"first answer due {due(back + left)}" in journey.card(1)
    assert f"solution due {due(wrote + timedelta(hours=6))}" in journey.card(1)
    await journey.restart()
    await journey.pass_(hours=1)
    [alert] = journey.channel(LEADS)
    assert "#1 missed its first answer" in alert


async def test_what_a_lead_has_stopped_goes_on_when_the_customer_writes_or_an_agent_snoozes_it(
    journey: Journey,
) -> None:
    first = await journey.on_x("@acme my parcel is stuck")
    await journey.types(LEE, "/snooze 1 3h --stop police report")
    await journey.pass_(minutes=30)
    await journey.on_x("@acme hello?", reply_to=first)
    assert "STOPPED" not in journey.card(1) and "SNOOZED" not in journey.card(1)
    assert "first answer due" in journey.card(1)
    await journey.types(LEE, "/snooze 1 3h --stop police report")
    await journey.types(BEN, "/snooze 1 1h lunch")
    await journey.pass_(minutes=20)
    [alert] = journey.channel(LEADS)
    assert "#1 missed its first answer" in alert


async def test_a_reopened_one_keeps_its_policy_and_its_solution_goes_on_with_what_was_left(journey: Journey) -> None:
    await promises(journey, SOLVED)
    await journey.on_x("@acme my parcel is stuck")
    before = int(solution_due(journey, 1))
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=15)
    await journey.types(ANA, "/done 1")
    closed = journey.clock.now()
    await journey.pass_(hours=1)
    await promises(journey, {"name": "Other", "first": "2h"})
    await journey.on_x("@acme it did not come", reply_to=journey.published[0]["id"])
    told = await journey.types(ANA, "/sla 1")
    assert "“Solved” matches" in told and "next answer within 1 h" in told
    stood = (journey.clock.now() - closed).total_seconds()
    assert abs(int(solution_due(journey, 1)) - before - stood) < 90
    await journey.types(ANA, "/done 1")
    await journey.pass_(hours=1)
    await journey.types(LEE, "/reopen 1")
    await journey.pass_(seconds=3)
    assert "solution due" in journey.card(1)


async def test_moving_to_private_changes_no_policy_and_an_answer_outside_meets_the_promise(journey: Journey) -> None:
    await promises(journey, {**SOLVED, "private": False}, {"name": "Private", "private": True, "first": "5m"})
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/private 1 Please send me your order number.")
    await journey.pass_(seconds=15)
    assert "“Solved” matches" in await journey.types(ANA, "/sla 1")
    assert "solution clock stands still" in journey.card(1)
    await journey.pass_(hours=1)
    await journey.direct_on_x("It is 4711.")
    assert "“Solved” matches" in await journey.types(ANA, "/sla 1")
    assert "next answer within 1 h" in await journey.types(ANA, "/sla 1")
    assert int(solution_due(journey, 1)) > (wrote + timedelta(hours=4)).timestamp()
    second = await journey.on_x("@acme and the invoice is wrong", handle="tom", name="Tom")
    await journey.pass_(minutes=5)
    journey.x.native_reply("We look into the invoice.", second)
    await journey.pass_(minutes=2)
    assert "ANSWERED OUTSIDE THE DESK" in journey.card(2) and "solution clock stands still" in journey.card(2)
    await journey.pass_(hours=2)
    assert not any("#2" in words for words in journey.channel(LEADS))


async def test_other_hours_move_solutions_and_window_pings_after_a_preview(journey: Journey) -> None:
    await promises(journey, {**SOLVED, "resolution": "20h"})
    await journey.message("Where is my parcel?")
    before = solution_due(journey, 1)
    told = await everything(journey, LEE, "/hours 2026-11-24 9-15")
    assert "#1, solution: <!date" in told
    assert "#1, ping before the platform's last chance ends: <!date" in told
    assert solution_due(journey, 1) == before
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.pass_(seconds=3)
    assert int(solution_due(journey, 1)) - int(before) == 2 * 3600
    await journey.go_to(datetime(2026, 11, 24, 14, 40, tzinfo=UTC))
    assert any("left for a private answer to #1" in words for words in journey.thread(1))


async def test_sla_without_a_number_lists_every_policy_in_its_order(journey: Journey) -> None:
    await promises(journey, {"name": "VIP", "vip": True, "first": "5m", "time": "calendar"}, SOLVED)
    told = await everything(journey, ANA, "/sla")
    order = [told.index(name) for name in ("*VIP*", "*Solved* (X or Facebook)", "*X, private*", "*Everything else*")]
    assert order == sorted(order)
    assert "within 5 min, day and night" in told and "a solution within 4 h" in told
