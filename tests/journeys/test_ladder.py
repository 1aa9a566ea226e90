"""The ladder as people meet it: quiet first, then loud, each step once; and the buttons on what it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from config.times import TeamSection
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, SAM, TUESDAY, Journey, words_of
from tests.journeys.test_policies import promises

LEFT, MISSED = "business time left", "missed its"


def pings(journey: Journey, number: int = 1) -> list[str]:
    return [words for words in journey.thread(number) if LEFT in words]


def said_after(messages: list[dict[str, Any]], words: str, since: datetime) -> list[int]:
    """After how many minutes, to the nearest, each message with those words came."""
    found = [float(message["ts"]) for message in messages if words in words_of(message)]
    return [round((at - since.timestamp()) / 60) for at in found]


async def test_half_is_a_colour_three_quarters_a_ping_nine_tenths_the_channel_and_the_end_the_leads(
    journey: Journey,
) -> None:
    await promises(journey, {"name": "Long", "platforms": ["x"], "first": "4h"})
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.go_to(wrote + timedelta(minutes=121))
    assert "TIME RUNS" in journey.card(1)
    assert pings(journey) == []
    await journey.go_to(wrote + timedelta(minutes=181))
    assert "SOON DUE" in journey.card(1)
    assert len(pings(journey)) == 1
    await journey.go_to(wrote + timedelta(minutes=217))
    assert len(pings(journey)) == 2
    newest = journey.slack.replies(DESK, journey.root(1)["ts"])[-1]
    assert newest.get("subtype") == "thread_broadcast"
    assert journey.channel(LEADS) == []
    for _ in range(3):
        await journey.restart()
        await journey.pass_(minutes=10)
    assert len(pings(journey)) == 2
    [alert] = journey.channel(LEADS)
    assert MISSED in alert


async def test_the_owner_sets_the_shares_and_what_would_come_within_ten_minutes_is_one(journey: Journey) -> None:
    await journey.owner_sets(ladder={"colour": 0.2, "ping": 0.4, "channel": 0.6})
    own = [0.5, 0.6, 0.95]
    await promises(
        journey,
        {"name": "Long", "platforms": ["x"], "first": "4h"},
        {"name": "Short", "platforms": ["facebook"], "first": "1h", "ladder": own},
    )
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    asked = journey.clock.now()
    await journey.comment("Is there lactose in it?")
    await journey.go_to(wrote + timedelta(minutes=241))
    # Forty and sixty per cent of four hours; half of an hour, with which the two that follow are one; and both ends.
    assert said_after(journey.slack.replies(DESK, journey.root(1)["ts"]), LEFT, wrote) == [96, 144]
    assert said_after(journey.slack.replies(DESK, journey.root(2)["ts"]), LEFT, asked) == [30]
    assert said_after(journey.slack.messages(LEADS), "#1 missed its", wrote) == [240]
    assert said_after(journey.slack.messages(LEADS), "#2 missed its", asked) == [60]


async def test_who_says_i_am_on_it_is_not_pinged_again_but_the_leads_hear_of_the_breach(journey: Journey) -> None:
    await promises(journey, {"name": "Long", "platforms": ["x"], "first": "4h"})
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.go_to(wrote + timedelta(minutes=210))
    await journey.presses_in(ANA, DESK, LEFT, "on_it")
    assert "No more pings about #1" in journey.only_for(ANA)[-1]
    assert any("is on it" in words for words in journey.thread(1))
    await journey.go_to(wrote + timedelta(minutes=239))
    assert len(pings(journey)) == 1
    await journey.go_to(wrote + timedelta(minutes=241))
    assert len(journey.channel(LEADS)) == 1


async def test_what_a_silent_owner_has_is_offered_and_never_taken(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.pass_(minutes=8)
    [ping] = pings(journey)
    assert "Ana has #1, no reply yet" in ping
    assert "[Take over]" in ping
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)
    await journey.presses_in(BEN, DESK, LEFT, "take_over")
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1)
    assert any("took this over from" in words for words in journey.thread(1))


async def test_with_teams_the_leads_read_who_of_the_inquirys_team_is_on_shift(journey: Journey) -> None:
    for team, user in (("LISBON", ANA), ("MANILA", BEN), ("YORK", LEE)):
        journey.slack.add_usergroup(f"S0{team}", team.casefold(), [user])
    hours = {"lisbon": "09:00-17:00", "manila": "01:00-03:00", "york": "09:00-17:00"}
    await journey.owner_sets(
        teams={
            name: TeamSection.model_validate({"group": f"S0{name.upper()}", "tue": at}) for name, at in hours.items()
        }
    )
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme is the shop open?", handle="tom_b")
    await journey.types(ANA, "/claim 2")
    await journey.pass_(minutes=16)
    alerts = journey.channel(LEADS)
    assert [said.partition("On shift: ")[2].partition(".")[0] for said in alerts] == ["Ana, Lee", "Ana"], alerts


async def test_the_leads_give_it_to_somebody_from_the_alert(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=16)
    [alert] = journey.channel(LEADS)
    assert "@maria_k has waited 15 min" in alert
    assert "On shift: Ana, Ben, Lee" in alert
    assert "[I'm on it]" in alert
    assert "[Open thread]" in alert
    await journey.presses_in(LEE, LEADS, MISSED, "assign_to", selected=SAM)
    assert "answers no customers here" in journey.only_for(LEE)[-1]
    assert "UNCLAIMED" in journey.card(1)
    await journey.presses_in(LEE, LEADS, MISSED, "assign_to", selected=BEN)
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1)
    assert any(f"<@{BEN}>, <@{LEE}> gives you #1" in words for words in journey.thread(1))


async def test_more_than_five_at_once_are_one_message(journey: Journey) -> None:
    for index in range(6):
        journey.x.add_person(f"person{index}", f"Person {index}")
        journey.x.post(f"person{index}", f"@acme parcel {index} is lost")
    await journey.go_to(TUESDAY + timedelta(minutes=10))
    together = [words for words in journey.channel() if "Time runs out for 6 inquiries" in words]
    assert len(together) == 1
    assert all(pings(journey, number) == [] for number in range(1, 7))
    await journey.go_to(TUESDAY + timedelta(minutes=20))
    [alert] = journey.channel(LEADS)
    assert "6 inquiries missed their answer at once" in alert


async def test_after_a_time_away_only_the_latest_step_is_told(journey: Journey) -> None:
    await promises(journey, {"name": "Long", "platforms": ["x"], "first": "4h"})
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.down(minutes=220)
    await journey.restart()
    await journey.go_to(wrote + timedelta(minutes=225))
    [ping] = journey.slack.replies(DESK, journey.root(1)["ts"])
    assert LEFT in words_of(ping)


async def test_an_owner_who_is_away_is_not_pinged_and_what_they_have_is_offered_to_who_is_there(
    journey: Journey,
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/shift away 15:00")
    await journey.pass_(minutes=8)
    [ping] = pings(journey)
    assert f"<@{ANA}>" not in ping
    assert f"<@{BEN}> <@{LEE}>" in ping
    assert "Ana has #1, no reply yet. Ana is away." in ping
    await journey.pass_(minutes=8)
    assert "On shift: Ben, Lee." in journey.channel(LEADS)[0]


async def test_the_opening_brings_the_list_of_what_is_late_and_due_today(journey: Journey) -> None:
    await journey.go_to(TUESDAY.replace(hour=16, minute=30))
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.go_to(TUESDAY.replace(hour=20))
    await journey.comment("Is there lactose in it?")
    before = len(journey.channel())
    await journey.go_to(TUESDAY.replace(day=25, hour=9, minute=1))
    [opening] = [words for words in journey.channel()[before:] if "Desk open" in words]
    assert "*#1* @maria_k · was due" in opening
    assert f"with <@{ANA}>" in opening
    assert "*#2* Zuzana M. · due" in opening
