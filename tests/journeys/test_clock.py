"""The promises as people meet them: a ping before a deadline, one alert after it, nothing at night, nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, TUESDAY, Journey, words_of

AGENTS_GROUP, LEADS_GROUP = "<!subteam^S0AGENTS>", "<!subteam^S0LEADS>"
LEFT, MISSED = "business time left", "missed its"


def warnings(journey: Journey, number: int = 1) -> list[dict[str, Any]]:
    """The pings in an inquiry's thread."""
    replies = journey.slack.replies(DESK, journey.root(number)["ts"])
    return [message for message in replies if LEFT in words_of(message)]


def alerts(journey: Journey) -> list[str]:
    """What the leads' channel says of broken promises."""
    return [words for words in journey.channel(LEADS) if "missed" in words]


def at(message: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(float(message["ts"]), UTC)


def seconds_between(message: dict[str, Any], since: datetime) -> float:
    return (at(message) - since).total_seconds()


# the shipped promises


@pytest.mark.parametrize(
    ("way", "minutes", "ping"),
    [("x", 15, 7.5), ("comment", 60, 45), ("messenger", 30, 15), ("direct", 30, 15)],
    ids=lambda v: str(v),
)
async def test_a_first_answer_is_due_as_promised_counted_from_when_the_customer_wrote(
    journey: Journey, way: str, minutes: int, ping: float
) -> None:
    wrote = journey.clock.now()
    if way == "x":
        await journey.on_x("@acme my parcel is stuck")
    elif way == "comment":
        await journey.comment("Is there lactose in it?")
    elif way == "messenger":
        await journey.message("I was charged twice")
    else:
        await journey.direct_on_x("My order number is 4711, where is it?")
    assert f"<!date^{int((wrote + timedelta(minutes=minutes)).timestamp())}^" in journey.card(1)
    await journey.go_to(wrote + timedelta(minutes=minutes + 1))
    [warning] = warnings(journey)
    assert 0 <= seconds_between(warning, wrote) - ping * 60 <= 5
    assert len(alerts(journey)) == 1
    alert = next(m for m in journey.slack.messages(LEADS) if MISSED in words_of(m))
    assert 0 <= seconds_between(alert, wrote) - minutes * 60 <= 5


async def test_the_next_answer_is_due_an_hour_after_the_oldest_unanswered_message(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=15)
    wrote = journey.clock.now()
    first = await journey.on_x("@acme and when tomorrow?", reply_to=journey.published[0]["id"])
    await journey.pass_(minutes=20)
    await journey.on_x("@acme hello? it is urgent!", reply_to=first)
    due = int((wrote + timedelta(hours=1)).timestamp())
    assert f"<!date^{due}^" in journey.card(1)
    assert "next answer due" in journey.card(1)
    await journey.go_to(wrote + timedelta(minutes=61))
    [warning] = warnings(journey)
    assert f"<@{ANA}>" in warning["text"]
    assert 0 <= seconds_between(warning, wrote) - 45 * 60 <= 5
    assert len(alerts(journey)) == 1
    assert "missed its next answer" in alerts(journey)[0]


async def test_a_post_that_is_seen_late_has_its_clock_from_when_it_was_written(journey: Journey) -> None:
    await journey.down(seconds=1)
    wrote = journey.clock.now()
    journey.x.add_person("maria_k", "Maria K.")
    journey.x.post("maria_k", "@acme my parcel is stuck")
    await journey.pass_(minutes=10)
    await journey.restart()
    await journey.pass_(minutes=2)
    [warning] = warnings(journey)
    assert 0 <= seconds_between(warning, wrote) - 600 <= 75
    await journey.pass_(minutes=4)
    assert f"<!date^{int((wrote + timedelta(minutes=15)).timestamp())}^" in alerts(journey)[0]


# warning


async def test_a_warning_is_a_new_message_for_the_one_who_has_it_and_stands_in_the_channel_too(
    journey: Journey,
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.pass_(minutes=13)
    [warning] = warnings(journey)
    assert f"<@{ANA}>" in warning["text"]
    assert "7 min of business time left on #1 (@maria_k)" in warning["text"]
    assert warning["thread_ts"] == journey.root(1)["ts"]
    assert warning.get("subtype") == "thread_broadcast"
    assert "edited" not in warning
    assert AGENTS_GROUP not in warning["text"]


async def test_a_warning_of_what_nobody_has_calls_the_group(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=13)
    [warning] = warnings(journey)
    assert AGENTS_GROUP in warning["text"]
    assert "Nobody has it yet" in words_of(warning)
    await journey.presses_in(ANA, DESK, LEFT, "claim")
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)


async def test_warnings_for_one_owner_at_one_moment_are_one_message_and_all_others_stand_alone(
    journey: Journey,
) -> None:
    for handle in ("maria_k", "tom", "ines", "paul"):
        journey.x.add_person(handle, handle)
        journey.x.post(handle, f"@acme no heating at {handle}'s since Sunday")
    await journey.pass_(minutes=1)
    for number, user in ((1, ANA), (2, BEN), (3, ANA)):
        await journey.types(user, f"/claim {number}")
    await journey.pass_(minutes=12)
    [told] = [words for words in journey.channel() if "time runs out" in words]
    assert f"<@{ANA}>, time runs out for 2 of your inquiries:" in told
    assert told.count(f"<@{ANA}>") == 1 and f"<@{BEN}>" not in told
    assert "#1" in told and "#3" in told and "#2" not in told
    assert [len(warnings(journey, number)) for number in (1, 2, 3, 4)] == [0, 1, 0, 1]
    await journey.restart()
    await journey.pass_(minutes=1)
    assert len([words for words in journey.channel() if "time runs out" in words]) == 1


async def test_with_warn_channel_off_only_the_unclaimed_are_told_in_the_channel(journey: Journey) -> None:
    await journey.owner_sets(sla={"warn_channel": False})
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.on_x("@acme no heating since Sunday", handle="tom")
    await journey.pass_(minutes=13)
    assert [m.get("subtype") for m in warnings(journey, 1)] == [None]
    assert [m.get("subtype") for m in warnings(journey, 2)] == ["thread_broadcast"]


async def test_a_warning_knows_of_the_answer_that_is_being_held(journey: Journey) -> None:
    await journey.owner_sets(desk={"undo_seconds": 120})
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=6)
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=1)
    assert "A reply is on its way." in words_of(warnings(journey)[0])


async def test_what_was_answered_in_time_is_not_pinged(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(hours=3)
    assert warnings(journey) == []
    assert alerts(journey) == []


@pytest.mark.parametrize("seconds", [3, 0, -1])
async def test_what_the_desk_had_not_seen_when_an_answer_was_written_waits_for_another(
    journey: Journey, seconds: int
) -> None:
    """The customer writes `seconds` after the agent has sent; the desk looks at X every six, and nothing is held."""
    await journey.owner_sets(desk={"undo_seconds": 0})
    first = await journey.on_x("@acme my parcel is stuck")
    if seconds < 0:
        journey.x.post("maria_k", "@acme it came, and the cup is broken", reply_to=first)
        await journey.pass_(seconds=-seconds)
        assert len(journey.thread(1)) == 0, "nobody at the desk has seen it"
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    if seconds >= 0:
        await journey.pass_(seconds=seconds)
        journey.x.post("maria_k", "@acme it came, and the cup is broken", reply_to=first)
    await journey.pass_(seconds=40)
    assert [post["in_reply_to"] for post in journey.published] == [first]
    assert "next answer due" in journey.card(1) and "WAITING FOR THE CUSTOMER" not in journey.card(1)
    await journey.types(ANA, "/done 1")
    await journey.types(ANA, "/reopen 1")
    await journey.pass_(seconds=3)
    assert "next answer due" in journey.card(1)
    await journey.pass_(hours=2)
    assert "missed its next answer" in alerts(journey)[0]


async def test_an_answer_that_closes_closes_nothing_that_came_in_meanwhile(journey: Journey) -> None:
    await journey.owner_sets(desk={"undo_seconds": 0})
    first = await journey.on_x("@acme my parcel is stuck")
    await journey.presses(ANA, 1, "reply")
    view = journey.slack.open_views(ANA)[-1]["id"]
    await journey.slack.submit(ANA, view, {"text": {"typed": "It comes tomorrow."}, "after": {"close": ["close"]}})
    journey.x.post("maria_k", "@acme it came, and the cup is broken", reply_to=first)
    await journey.pass_(seconds=40)
    assert [post["in_reply_to"] for post in journey.published] == [first]
    assert "CLOSED" not in journey.card(1) and "next answer due" in journey.card(1)


async def test_a_warning_that_was_overtaken_while_it_waited_for_slack_is_not_posted(journey: Journey) -> None:
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.go_to(wrote + timedelta(minutes=7, seconds=15))
    journey.wire.fault(
        "slack",
        "POST /api/chat.postMessage",
        "status",
        status=429,
        body={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": "30"},
    )
    await journey.pass_(seconds=16)
    await journey.types(ANA, "/done 1 solved by phone")
    await journey.pass_(minutes=5)
    assert warnings(journey) == []


# breach


async def test_a_breach_is_one_alert_for_the_leads_with_buttons_that_work(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=16)
    [alert] = alerts(journey)
    assert LEADS_GROUP in alert
    assert "missed its first answer" in alert
    assert "X mention" in alert
    assert "@maria_k" in alert
    assert "nobody has it" in alert
    assert "[Open thread]" in alert
    await journey.presses_in(LEE, LEADS, MISSED, "claim")
    assert f"CLAIMED* by <@{LEE}>" in journey.card(1)
    await journey.pass_(hours=2)
    assert len(alerts(journey)) == 1


async def test_a_lead_frees_from_the_alert_what_somebody_sits_on(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(BEN, "/claim 1")
    await journey.pass_(minutes=16)
    assert f"it is with <@{BEN}>" in alerts(journey)[0]
    await journey.presses_in(LEE, LEADS, MISSED, "release")
    assert "UNCLAIMED" in journey.card(1)


async def test_the_card_says_that_it_is_late(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=16)
    assert "was due" in journey.card(1)


# exactly once


async def test_five_restarts_at_ping_time_say_everything_once(journey: Journey) -> None:
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme no heating since Sunday", handle="tom")
    for instant in (timedelta(minutes=7, seconds=29), timedelta(minutes=14, seconds=59)):
        await journey.go_to(wrote + instant)
        for _ in range(5):
            await journey.pass_(seconds=1)
            await journey.restart()
    await journey.pass_(minutes=30)
    assert len(warnings(journey, 1)) == len(warnings(journey, 2)) == 1
    assert sorted(alert.split("#")[1][0] for alert in alerts(journey)) == ["1", "2"]


async def test_down_across_warning_and_deadline_is_one_overdue_message(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.down(minutes=57)
    await journey.restart()
    await journey.pass_(hours=1)
    [alert] = alerts(journey)
    assert "missed its first answer by 42 min" in alert
    assert "The warning fell into a time in which the desk was down." in alert
    assert warnings(journey) == []


async def test_answered_from_the_app_while_down_is_not_pinged(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.down(minutes=5)
    journey.x.native_reply("It comes tomorrow!", post)
    await journey.pass_(minutes=50)
    await journey.restart()
    await journey.pass_(hours=1)
    assert warnings(journey) == []
    assert alerts(journey) == []


async def test_many_that_broke_while_nobody_watched_are_one_message(journey: Journey) -> None:
    await journey.down(seconds=1)
    for index in range(20):
        journey.x.add_person(f"person{index}", f"Person {index}")
        journey.x.post(f"person{index}", f"@acme parcel {index} is lost")
        await journey.pass_(seconds=30)
    await journey.pass_(hours=3)
    await journey.restart()
    await journey.pass_(minutes=5)
    [alert] = alerts(journey)
    assert "20 inquiries missed their answer" in alert
    assert alert.count("·") >= 3 * 20 and "more:" not in alert
    assert LEADS_GROUP in alert
    await journey.presses_in(LEE, LEADS, "20 inquiries", "queue")
    assert any(words.startswith("20 inquiries (late)") for words in journey.only_for(LEE))
    assert all(warnings(journey, number) == [] for number in range(1, 21))


# hours


async def test_nothing_rings_at_night_and_the_deadline_is_in_the_morning(journey: Journey) -> None:
    await journey.go_to(TUESDAY.replace(hour=16, minute=55))
    await journey.on_x("@acme my parcel is stuck")
    due = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)
    assert f"<!date^{int(due.timestamp())}^" in journey.card(1)
    await journey.go_to(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert warnings(journey) == []
    await journey.go_to(datetime(2026, 11, 25, 9, 30, tzinfo=UTC))
    [warning] = warnings(journey)
    assert 0 <= seconds_between(warning, datetime(2026, 11, 25, 9, 2, 30, tzinfo=UTC)) <= 5
    assert len(alerts(journey)) == 1


async def test_what_is_written_at_the_week_end_is_due_on_monday(journey: Journey) -> None:
    await journey.go_to(datetime(2026, 11, 28, 11, 0, tzinfo=UTC))
    await journey.on_x("@acme my parcel is stuck")
    await journey.go_to(datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    assert warnings(journey) == []
    assert alerts(journey) == []
    await journey.go_to(datetime(2026, 11, 30, 9, 16, tzinfo=UTC))
    assert len(warnings(journey)) == len(alerts(journey)) == 1


async def test_a_snooze_never_stops_the_clock_of_a_first_answer(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    told = await journey.types(ANA, "/snooze 1 2h waiting for stock")
    assert "still due" in told
    await journey.pass_(minutes=16)
    assert len(warnings(journey)) == len(alerts(journey)) == 1
    await journey.pass_(hours=2)
    assert len([words for words in journey.thread(1) if "back from its snooze" in words]) == 1


# a clock that is set


async def test_a_clock_that_is_set_back_pings_nobody_twice_and_the_desk_goes_on_looking(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=16)
    assert len(warnings(journey)) == len(alerts(journey)) == 1
    journey.clock.step(journey.clock.now() - timedelta(minutes=8))
    await journey.pass_(minutes=2)
    await journey.comment("Is there lactose in it?")
    assert "lactose" in journey.card(2)
    await journey.pass_(minutes=40)
    assert len(warnings(journey)) == 1
    assert len([alert for alert in alerts(journey) if "#1" in alert]) == 1


async def test_a_clock_that_leaps_forward_is_told_as_that_and_breaks_no_promise_silently(journey: Journey) -> None:
    for index in range(7):
        await journey.on_x(f"@acme parcel {index} is lost", handle=f"person{index}")
    journey.clock.step(journey.clock.now() + timedelta(hours=3))
    await journey.pass_(minutes=1)
    [alert] = alerts(journey)
    assert "7 inquiries missed their answer between" in alert
    assert "its clock jumped" in alert


# asking


async def test_sla_says_what_is_promised_and_how_long_is_left(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    told = await journey.types(ANA, "/sla 1")
    assert "first answer within 15 min of business time; 14 min left" in told
    await journey.types(ANA, "/sla")
    everything = words_of((await journey.slack.command(ANA, DESK, "/sla")).response or {})
    assert "X, public*: a first answer within 15 min, each further one within 1 h, in business hours" in everything
    assert "Facebook, private*: a first answer within 30 min" in everything


async def test_queue_late_lists_what_is_late_and_sla_says_by_how_much(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "Nothing is late" in await journey.types(ANA, "/queue late")
    await journey.pass_(minutes=16)
    await journey.on_x("@acme no heating since Sunday", handle="tom")
    late = words_of((await journey.slack.command(ANA, DESK, "/queue late")).response or {})
    assert "#1" in late
    assert "#2" not in late
    assert "2 min over" in await journey.types(ANA, "/sla 1")
