"""Shifts: away and back, own hours, who is there, and what is handed over to whom at the end."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.times import TeamSection
from tests.journeys.conftest import ANA, BEN, DESK, LEE, TUESDAY, Journey, words_of


async def ask(journey: Journey, user: str, command: str) -> str:
    """Everything that the person who typed it reads."""
    return words_of((await journey.slack.command(user, DESK, command)).response or {})


async def test_who_is_away_is_not_on_shift_until_the_time_they_said(journey: Journey) -> None:
    until = f"<!date^{int(TUESDAY.replace(hour=15).timestamp())}^"
    assert f"You are away until {until}" in await ask(journey, ANA, "/desk shift away 15:00")
    told = await ask(journey, BEN, "/desk shift who")
    assert f"On shift: <@{BEN}>, <@{LEE}>." in told
    assert f"Away: <@{ANA}> until {until}" in told
    assert f"Away: <@{ANA}>" in await ask(journey, BEN, "/hours")
    await journey.restart()
    assert f"Away: <@{ANA}>" in await ask(journey, BEN, "/desk shift")
    await journey.go_to(TUESDAY.replace(hour=15))
    assert f"On shift: <@{ANA}>, <@{BEN}>, <@{LEE}>." in await ask(journey, BEN, "/desk shift")


async def test_back_ends_it_sooner(journey: Journey) -> None:
    assert "until you say `/desk shift back`" in await ask(journey, ANA, "/desk shift away")
    assert "Welcome back" in await ask(journey, ANA, "/desk shift back")
    assert "here already" in await ask(journey, ANA, "/desk shift back")
    assert "Away" not in await ask(journey, BEN, "/desk shift")


async def test_a_time_that_is_none_is_refused_and_nobody_is_away(journey: Journey) -> None:
    assert "Write 2h, 30m, 16:00" in await ask(journey, ANA, "/desk shift away 25:00")
    assert "17:00-09:00 ends before it begins" in await ask(journey, ANA, "/desk shift hours mon 17:00-09:00")
    assert "away, back, who, hours" in await ask(journey, ANA, "/desk shift tomorrow")
    assert "Away" not in await ask(journey, BEN, "/desk shift")


async def test_who_goes_is_asked_what_to_hand_over_and_the_next_get_one_line_each(journey: Journey) -> None:
    for number, text in enumerate(("@acme my parcel is stuck", "@acme where is my refund"), start=1):
        await journey.on_x(text, handle=f"customer{number}", name=f"Customer {number}")
        await journey.types(ANA, f"/claim {number}")
    told = await ask(journey, ANA, "/desk shift away")
    assert "#1 · X mention · @customer1" in told
    assert "#2 · X mention · @customer2" in told
    await journey.presses_in(ANA, DESK, "You are away", "hand_over")
    [said] = [words for words in journey.channel() if "hands over" in words]
    assert f"<@{BEN}> <@{LEE}> <@{ANA}> hands over" in said
    assert "#1 · X mention · @customer1" in said
    assert "#2 · X mention · @customer2" in said
    for number in (1, 2):
        assert "UNCLAIMED" in journey.card(number)
        assert any("to the next" in words for words in journey.thread(number))
    await journey.presses_in(BEN, DESK, "hands over", "claim_next")
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1)


async def test_only_one_of_several_can_be_handed_over(journey: Journey) -> None:
    for number in (1, 2):
        await journey.on_x(f"@acme parcel {number} is stuck", handle=f"customer{number}")
        await journey.types(ANA, f"/claim {number}")
    await ask(journey, ANA, "/desk shift away")
    await journey.presses_in(ANA, DESK, "You are away", "hand_over_1")
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)
    assert "UNCLAIMED" in journey.card(2)


async def test_the_end_of_ones_own_hours_asks_once_in_ones_own_zone(journey: Journey) -> None:
    assert "Mon–Thu 04:00–06:00 (America/New_York)" in await ask(journey, BEN, "/desk shift hours mon-thu 4-6")
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(BEN, "/claim 1")
    await journey.go_to(TUESDAY.replace(hour=10, minute=59))
    assert not any("your shift is over" in words for words in journey.channel())
    await journey.go_to(TUESDAY.replace(hour=11, minute=1))
    await journey.restart()
    await journey.pass_(minutes=5)
    [asked] = [words for words in journey.channel() if "your shift is over" in words]
    assert f"<@{BEN}>" in asked
    assert "#1 · X mention · @maria_k" in asked
    assert f"On shift: <@{ANA}>, <@{LEE}>." in await ask(journey, ANA, "/desk shift")
    await journey.presses_in(ANA, DESK, "your shift is over", "hand_over")
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1), "another agent's to decide"
    await journey.presses_in(BEN, DESK, "your shift is over", "hand_over")
    assert "UNCLAIMED" in journey.card(1)
    assert any(f"<@{ANA}> <@{LEE}> <@{BEN}> hands over" in words for words in journey.channel())


async def test_the_next_team_gets_one_line_for_each_inquiry_when_one_leaves(journey: Journey) -> None:
    lisbon = TeamSection.model_validate({"group": "S0AGENTS", "tue": "09:00-11:00", "wed": "09:00-11:00"})
    manila = TeamSection.model_validate({"group": "S0LEADS", "zone": ZoneInfo("Asia/Manila"), "tue": "18:00-23:00"})
    await journey.owner_sets(teams={"lisbon": lisbon, "manila": manila})
    await journey.comment("Is there lactose in it?")
    await journey.comment("And gluten?", person="Peter Holm")
    await journey.types(ANA, "/claim 1")
    await journey.go_to(datetime(2026, 11, 24, 11, 2, tzinfo=UTC))
    await journey.restart()
    await journey.pass_(minutes=2)
    [said] = [words for words in journey.channel() if "leaves" in words]
    assert "<!subteam^S0LEADS>, lisbon leaves" in said
    assert "#1 · Facebook comment · Zuzana M. · answer due" in said
    assert f"with <@{ANA}>" in said
    assert "#2 · Facebook comment · Peter Holm" in said
    await journey.presses_in(ANA, DESK, "lisbon leaves", "hand_over")
    assert "UNCLAIMED" in journey.card(1)


async def test_a_ping_to_nobody_in_particular_goes_to_those_on_shift(journey: Journey) -> None:
    await ask(journey, ANA, "/desk shift away 15:00")
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=10)
    [ping] = [words for words in journey.thread(1) if "business time left" in words]
    assert f"<@{BEN}> <@{LEE}>" in ping
    assert f"<@{ANA}>" not in ping


async def test_who_has_no_hours_of_their_own_is_asked_when_the_desk_closes_once_for_all(journey: Journey) -> None:
    for number, user in enumerate((ANA, BEN), start=1):
        await journey.comment("Is there lactose in it?", person=f"Customer {number}")
        await journey.types(user, f"/claim {number}")
    await journey.go_to(TUESDAY.replace(hour=16, minute=59))
    assert not any("we close" in words for words in journey.channel())
    await journey.go_to(TUESDAY.replace(hour=17, minute=1))
    await journey.restart()
    await journey.pass_(minutes=2)
    [asked] = [words for words in journey.channel() if "we close" in words]
    assert f"<@{ANA}> <@{BEN}>, we close" in asked
    assert "#2 · Facebook comment · Customer 2 · answer due" in asked
    await journey.presses_in(BEN, DESK, "we close", "hand_over")
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1) and "UNCLAIMED" in journey.card(2)
