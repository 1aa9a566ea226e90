"""Office hours as people meet them: shown, set by leads, told morning and evening, posted in public on command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import bot
from config.manifest import manifest
from tests.journeys.conftest import ANA, DESK, LEADS, LEE, TUESDAY, Journey, words_of


async def ask(journey: Journey, user: str, command: str) -> str:
    """Everything that the person who typed it reads."""
    return words_of((await journey.slack.command(user, DESK, command)).response or {})


def notices(journey: Journey) -> list[str]:
    return [words.split("*")[1] for words in journey.channel() if "*Desk " in words]


def facebook(journey: Journey) -> list[dict[str, Any]]:
    return [said for said in journey.graph.published if said["kind"] == "post"]


# shown


async def test_hours_says_whether_we_are_there_and_until_when(journey: Journey) -> None:
    told = await ask(journey, ANA, "/hours")
    assert "*Open* until <!date^" in told
    assert "today 09:00–17:00 (Europe/Lisbon)" in told
    assert "Mon–Fri 09:00–17:00 (Europe/Lisbon)" in await ask(journey, ANA, "/hours week")
    await journey.go_to(TUESDAY.replace(hour=20))
    assert "*Closed*, opens <!date^" in await ask(journey, ANA, "/hours today")


async def test_hours_names_what_it_knows(journey: Journey) -> None:
    assert "today, week, set, post" in await ask(journey, LEE, "/hours tomorrow")


# set


async def test_only_leads_set_hours_and_post_them(journey: Journey) -> None:
    for command in ("/hours set mon-fri 9-12", "/hours post"):
        told = await ask(journey, ANA, command)
        assert "Only leads" in told
        assert f"<@{LEE}>" in told
    await journey.pass_(minutes=1)
    assert "17:00" in await ask(journey, ANA, "/hours week")
    assert journey.published == []


async def test_new_hours_show_which_deadlines_move_and_move_them_when_confirmed(journey: Journey) -> None:
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    before = f"<!date^{int((wrote + timedelta(minutes=15)).timestamp())}^"
    assert before in journey.card(1)
    told = await ask(journey, LEE, "/hours set mon-fri 12-18")
    after = f"<!date^{int(datetime(2026, 11, 24, 12, 15, tzinfo=UTC).timestamp())}^"
    assert "1 open deadline moves" in told
    assert "Nothing has changed yet" in told
    assert f"#1: {before}" in told
    assert f"→ {after}" in told
    await journey.pass_(minutes=1)
    assert before in journey.card(1)
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    assert after in journey.card(1)
    assert "Mon–Fri 12:00–18:00" in await ask(journey, ANA, "/hours week")
    assert any(f"<@{LEE}> set the office hours: Mon–Fri 12:00–18:00" in words for words in journey.channel())
    await journey.go_to(TUESDAY.replace(hour=12, minute=7))
    assert not any("business time left" in words for words in journey.thread(1))
    await journey.go_to(TUESDAY.replace(hour=12, minute=8))
    assert len([words for words in journey.thread(1) if "business time left" in words]) == 1


async def test_other_hours_in_the_configuration_move_deadlines_at_the_start_and_the_leads_read_whose(
    journey: Journey,
) -> None:
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.restart()
    assert journey.channel(LEADS) == [], "nothing has changed"
    await journey.owner_sets(hours={day: (("12:00", "18:00"),) for day in ("mon", "tue", "wed", "thu", "fri")})
    await journey.pass_(seconds=5)
    before = f"<!date^{int((wrote + timedelta(minutes=15)).timestamp())}^"
    after = f"<!date^{int(datetime(2026, 11, 24, 12, 15, tzinfo=UTC).timestamp())}^"
    [told] = journey.channel(LEADS)
    assert "The configuration has other office hours: Mon–Fri 12:00–18:00" in told
    assert "1 open deadline moved" in told
    assert f"#1: {before}" in told and f"→ {after}" in told
    assert after in journey.card(1)
    await journey.restart()
    await journey.go_to(TUESDAY.replace(hour=12, minute=14))
    assert len(journey.channel(LEADS)) == 1
    assert len([words for words in journey.thread(1) if "business time left" in words]) == 1


async def test_a_deadline_that_moves_after_it_was_missed_is_warned_of_and_missed_anew(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=16)
    await ask(journey, LEE, "/hours set mon-fri 12-18")
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.go_to(TUESDAY.replace(hour=12, minute=30))
    assert len([words for words in journey.thread(1) if "business time left" in words]) == 2
    assert len([words for words in journey.channel(LEADS) if "missed its first answer" in words]) == 2


async def test_hours_that_were_set_hold_over_a_restart_and_are_confirmed_once(journey: Journey) -> None:
    await ask(journey, LEE, "/hours set mon-fri 12-18")
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.restart()
    assert "Mon–Fri 12:00–18:00" in await ask(journey, ANA, "/hours week")
    assert len([words for words in journey.channel() if "set the office hours" in words]) == 1
    assert any("In force already" in words for words in journey.only_for(LEE))


async def test_hours_that_cannot_be_are_refused_with_the_form_to_write(journey: Journey) -> None:
    assert "17:00-09:00 ends before it begins" in await ask(journey, LEE, "/hours set mon-fri 17-9")
    assert "never open" in await ask(journey, LEE, "/hours set mon closed")
    assert "09:00–17:00" in await ask(journey, LEE, "/hours week")


# notices


async def test_a_week_has_five_openings_five_closings_and_none_at_the_week_end(journey: Journey) -> None:
    await journey.go_to(datetime(2026, 11, 29, 12, 0, tzinfo=UTC))
    before = len(notices(journey))
    for day in range(7):
        for hour in (9, 17):
            await journey.go_to(datetime(2026, 11, 30, hour, 0, 20, tzinfo=UTC) + timedelta(days=day))
            await journey.restart()
        if day == 4:
            assert len(notices(journey)) - before == 10
    assert notices(journey)[before:] == ["Desk open", "Desk closed."] * 5


def local(message: dict[str, Any]) -> str:
    return datetime.fromtimestamp(float(message["ts"]), ZoneInfo("Europe/Lisbon")).strftime("%H:%M")


@pytest.mark.parametrize(
    ("sunday", "first"),
    [
        (datetime(2026, 10, 25, tzinfo=UTC), ["01:30", "01:30", "01:30"]),
        (datetime(2027, 3, 28, tzinfo=UTC), ["01:30", "02:30", "01:30"]),
    ],
    ids=["autumn fold", "spring gap"],
)
async def test_the_weeks_in_which_the_clock_changes_have_each_notice_once_at_its_wall_time(
    tmp_path: Path, sunday: datetime, first: list[str]
) -> None:
    sandbox = bot.Sandbox(sunday - timedelta(days=2, hours=-12), tmp_path)
    await sandbox.start()
    try:
        journey = Journey(sandbox)
        await journey.types(LEE, "/hours set mon-sun 1:30-4:00 and 9-17")
        await journey.pass_(seconds=5)
        await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
        await journey.go_to(sunday - timedelta(days=1))
        before = len(notices(journey))
        for hour in range(0, 72, 8):
            await journey.go_to(sunday - timedelta(days=1) + timedelta(hours=hour, minutes=90))
            await journey.restart()
        await journey.go_to(sunday + timedelta(days=2))
        said = [m for m in journey.slack.messages(DESK) if "*Desk " in words_of(m)][before:]
        assert [words_of(m).split("*")[1] for m in said] == ["Desk open", "Desk closed."] * 3
        assert [local(m) for m in said[::2]] == first
        assert [local(m) for m in said[1::2]] == ["17:00"] * 3
    finally:
        await sandbox.stop()


async def test_the_topic_says_until_when_we_are_there_where_the_owner_wants_it(journey: Journey) -> None:
    assert journey.slack.topic(DESK) == ""
    journey.slack.scopes = frozenset(manifest(topic=True)["oauth_config"]["scopes"]["bot"])
    await journey.owner_sets(slack={"topic": True})
    await journey.go_to(TUESDAY.replace(hour=17, minute=1))
    assert journey.slack.topic(DESK) == "Closed - opens Wed 09:00 Lisbon - 0 waiting"
    await journey.on_x("@acme my parcel is stuck")
    for minute in (1, 20, 40):
        await journey.go_to(TUESDAY.replace(day=25, hour=9, minute=minute))
        await journey.restart()
    assert journey.slack.topic(DESK) == "Open now - closes 17:00 Lisbon - 1 waiting"
    changes = [message for message in journey.slack.messages(DESK) if message.get("subtype") == "channel_topic"]
    assert len(changes) == 2, "each is a line in the channel, so only openings and closings"


async def test_a_topic_that_may_not_be_set_is_told_to_the_leads_once_and_holds_up_nothing(journey: Journey) -> None:
    journey.slack.scopes = frozenset(manifest()["oauth_config"]["scopes"]["bot"])
    await journey.owner_sets(slack={"topic": True})
    before = len(notices(journey))
    await journey.go_to(TUESDAY.replace(day=26, hour=9, minute=1))
    assert journey.slack.topic(DESK) == ""
    assert notices(journey)[before:] == ["Desk closed.", "Desk open", "Desk closed.", "Desk open"]
    [told] = journey.channel(LEADS)
    assert "I may not set the topic" in told and "bot.py manifest --topic" in told


async def test_a_lunch_break_makes_no_further_notice(journey: Journey) -> None:
    await ask(journey, LEE, "/hours set mon-fri 9-12 and 13-17")
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    before = len(notices(journey))
    await journey.go_to(datetime(2026, 11, 26, 8, 0, tzinfo=UTC))
    assert notices(journey)[before:] == ["Desk closed.", "Desk open", "Desk closed."]


async def test_a_night_shift_opens_and_closes_once_a_night(journey: Journey) -> None:
    await ask(journey, LEE, "/hours set mon-fri 22:00-30:00")
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.go_to(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))
    before = len(notices(journey))
    await journey.go_to(datetime(2026, 11, 27, 12, 0, tzinfo=UTC))
    assert notices(journey)[before:] == ["Desk open", "Desk closed."] * 2


async def test_around_the_clock_nothing_opens_or_closes_and_promises_run_at_night(journey: Journey) -> None:
    await ask(journey, LEE, "/hours set 24/7")
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    before = len(notices(journey))
    assert "*Open* around the clock" in await ask(journey, ANA, "/hours")
    assert "around the clock" in await ask(journey, ANA, "/guide")
    await journey.go_to(datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=16)
    assert any("missed its first answer" in words for words in journey.channel(LEADS))
    assert notices(journey)[before:] == []
    assert "until further notice" not in await ask(journey, LEE, "/hours post")


async def test_the_opening_says_what_waits_and_gives_the_most_urgent(journey: Journey) -> None:
    await journey.go_to(TUESDAY.replace(hour=20))
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("Is there lactose in it?")
    await journey.go_to(datetime(2026, 11, 25, 9, 1, tzinfo=UTC))
    [opening] = [words for words in journey.channel() if "*Desk open" in words and "2 inquiries wait" in words]
    assert f"the earliest (#1) due <!date^{int(datetime(2026, 11, 25, 9, 15, tzinfo=UTC).timestamp())}^" in opening
    assert "(17:00 Lisbon)" in opening
    await journey.presses_in(ANA, DESK, "2 inquiries wait", "claim_next")
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)


async def test_a_notice_that_was_missed_for_long_is_no_news_any_more(journey: Journey) -> None:
    await journey.go_to(TUESDAY.replace(hour=16))
    before = len(notices(journey))
    await journey.down(hours=20)
    await journey.restart()
    await journey.pass_(minutes=2)
    assert notices(journey)[before:] == []


async def test_a_notice_that_was_missed_for_some_minutes_still_comes(journey: Journey) -> None:
    await journey.go_to(TUESDAY.replace(hour=16, minute=59))
    before = len(notices(journey))
    await journey.down(minutes=20)
    await journey.restart()
    await journey.pass_(minutes=2)
    assert notices(journey)[before:] == ["Desk closed."]


# in public


async def test_hours_are_posted_only_after_the_preview_and_once_however_often_one_presses(journey: Journey) -> None:
    told = await ask(journey, LEE, "/hours post")
    words = "We answer here Mon–Fri 09:00–17:00 (Europe/Lisbon)."
    assert f"*X*: {words}" in told
    assert f"*Facebook*: {words}" in told
    assert "Nothing has been posted yet" in told
    await journey.pass_(minutes=2)
    assert journey.published == []
    assert facebook(journey) == []
    for _ in range(3):
        await journey.presses_in(LEE, DESK, "This would stand in public", "hours_post")
    await journey.restart()
    await journey.pass_(minutes=2)
    assert [post["text"] for post in journey.published] == [words]
    assert [post["text"] for post in facebook(journey)] == [words]
    assert len([said for said in journey.channel() if f"<@{LEE}> posts our hours" in said]) == 1
    [outcome] = [said for said in journey.channel() if "Our hours in public" in said]
    assert f"/status/{journey.published[0]['id']}|X>" in outcome
    assert any("Posted already" in said for said in journey.only_for(LEE))


async def test_an_old_preview_posts_nothing(journey: Journey) -> None:
    await ask(journey, LEE, "/hours post")
    old = journey.slack.ephemerals(LEE, DESK)[-1]["ts"]
    await journey.pass_(minutes=1)
    await ask(journey, LEE, "/hours post")
    await journey.slack.press(LEE, DESK, old, "hours_post")
    await journey.pass_(minutes=1)
    assert any("That preview is old" in said for said in journey.only_for(LEE))
    assert journey.published == []


async def test_a_platform_that_refuses_the_hours_is_named(journey: Journey) -> None:
    journey.wire.fault("x", "POST /2/tweets", "status", status=403, body={"title": "Forbidden", "detail": "No."})
    await ask(journey, LEE, "/hours post")
    await journey.presses_in(LEE, DESK, "This would stand in public", "hours_post")
    await journey.pass_(minutes=1)
    [outcome] = [said for said in journey.channel() if "Our hours in public" in said]
    assert "X did not take them" in outcome
    assert "They stand on" in outcome
    assert "Facebook" in outcome
