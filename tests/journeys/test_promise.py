"""Promises with a time: kept track of, called to mind, handed over, kept; each said once, whatever happens."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, TUESDAY, Journey, words_of


def pings(journey: Journey, number: int = 1) -> list[str]:
    """What the thread says of a promise that comes near, or is due."""
    return [words for words in journey.thread(number) if "is promised to" in words]


async def answered(journey: Journey) -> None:
    """#1 is Ana's and answered, so that no clock runs."""
    await journey.on_x("@acme where is my refund?")
    await journey.types(ANA, "/reply 1 I am asking our bank.")
    await journey.pass_(seconds=30)


async def test_a_promise_outlives_the_sla_and_pings_its_owner_before_and_at_the_time(journey: Journey) -> None:
    await answered(journey)
    told = await journey.types(ANA, "/promise 1 14:00 refund status")
    assert "refund status by" in told and "Nothing went to the customer" in told
    await journey.pass_(seconds=2)
    assert "*PROMISED* refund status by" in journey.card(1)
    assert "refund status by" in await journey.types(ANA, "/show 1")
    await journey.types(ANA, "/queue mine")
    assert "refund status by" in journey.only_for(ANA)[-1]
    await journey.go_to(TUESDAY + timedelta(hours=2, minutes=55))
    assert pings(journey) == []
    await journey.restart()
    await journey.go_to(TUESDAY + timedelta(hours=3, minutes=5))
    [soon] = pings(journey)
    assert f"<@{ANA}>, *refund status* is promised to @maria_k" in soon and "is due" in soon
    await journey.restart()
    await journey.go_to(TUESDAY + timedelta(hours=5))
    assert len(pings(journey)) == 2 and "was due" in pings(journey)[1]
    assert len(journey.published) == 1, "a promise says nothing to the customer"


async def test_the_next_answer_keeps_a_promise_and_nothing_more_is_said(journey: Journey) -> None:
    await answered(journey)
    await journey.types(ANA, "/promise 1 14:00 refund status")
    await journey.types(ANA, "/reply 1 The refund is on your account.")
    await journey.pass_(seconds=30)
    assert "PROMISED" not in journey.card(1)
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)
    await journey.pass_(hours=8)
    assert pings(journey) == []


async def test_done_keeps_it_and_off_ends_it(journey: Journey) -> None:
    await answered(journey)
    await journey.types(ANA, "/promise 1 14:00 refund status")
    await journey.types(ANA, "/done 1")
    await journey.pass_(hours=1)
    await journey.types(ANA, "/reopen 1")
    await journey.types(ANA, "/promise 1 15:00 a call")
    assert "the promise is off" in await journey.types(ANA, "/promise 1 off")
    await journey.pass_(hours=8)
    assert pings(journey) == []
    assert "Nothing is promised" in await journey.types(ANA, "/promise 1 off")


async def test_a_promise_moves_to_the_next_owner(journey: Journey) -> None:
    await answered(journey)
    await journey.types(ANA, "/promise 1 14:00 refund status")
    await journey.types(ANA, f"/assign 1 <@{BEN}> he knows the bank")
    await journey.pass_(seconds=5)
    assert (
        "Promised to the customer: refund status by"
        in journey.in_thread(1, "gives you #1")["blocks"][0]["text"]["text"]
    )
    await journey.go_to(TUESDAY + timedelta(hours=5))
    assert all(f"<@{BEN}>" in words and f"<@{ANA}> promised it" in words for words in pings(journey))
    assert len(pings(journey)) == 2


async def test_after_a_time_of_being_down_only_the_latest_is_said(journey: Journey) -> None:
    await answered(journey)
    await journey.types(ANA, "/promise 1 14:00 refund status")
    await journey.down(hours=5)
    await journey.restart()
    await journey.pass_(minutes=1)
    [due] = pings(journey)
    assert "was due" in due and "ago" in due


async def test_a_time_in_an_answer_is_offered_and_kept_track_of_with_one_press(journey: Journey) -> None:
    await journey.on_x("@acme where is my refund?")
    told = await journey.types(ANA, "/reply 1 We'll write to you by tomorrow 4 pm.")
    assert "It seems to promise something by" in told
    await journey.presses_in(ANA, DESK, "It seems to promise", "keep_track")
    await journey.pass_(seconds=30)
    assert "*PROMISED* an answer by" in journey.card(1)
    assert len(journey.published) == 1
    await journey.go_to(TUESDAY + timedelta(days=1, hours=7))
    assert len(pings(journey)) == 2


async def test_what_was_taken_back_promises_nothing(journey: Journey) -> None:
    await journey.on_x("@acme where is my refund?")
    await journey.types(ANA, "/reply 1 We'll write to you by tomorrow 4 pm.")
    await journey.presses_in(ANA, DESK, "It seems to promise", "keep_track")
    journey.wire.fault("slack", "* /actions/*", "status", status=404)  # so that the buttons stay
    await journey.presses_in(ANA, DESK, "It seems to promise", "undo")
    await journey.pass_(seconds=30)
    assert "PROMISED" not in journey.card(1)
    await journey.presses_in(ANA, DESK, "It seems to promise", "keep_track")
    assert any("nothing is promised" in words for words in journey.only_for(ANA))


async def test_the_reply_form_has_a_field_for_it(journey: Journey) -> None:
    await journey.on_x("@acme where is my refund?")
    await journey.presses(ANA, 1, "reply")
    [view] = journey.slack.open_views(ANA)
    written = {"text": {"typed": "I am on it."}, "promise": {"until": "25:00 refund"}}
    refused = await journey.slack.submit(ANA, view["id"], written)
    assert "promise" in refused.response["errors"]
    written["promise"] = {"until": "14:00 refund status"}
    assert (await journey.slack.submit(ANA, view["id"], written)).ok
    await journey.pass_(seconds=30)
    assert "*PROMISED* refund status by" in journey.card(1)
    assert len(journey.published) == 1 and "14:00" not in journey.published[0]["text"]


async def test_a_promise_without_a_time_is_refused_with_the_form_to_write(journey: Journey) -> None:
    await answered(journey)
    for typed in ("/promise 1", "/promise 1 soon", "/promise 1 25:00 refund", "/promise 1 yesterday"):
        assert "Write" in await journey.types(ANA, typed)
    assert f"#1 is with <@{ANA}>" in await journey.types(BEN, "/promise 1 14:00 refund")
    assert "PROMISED" not in journey.card(1)


async def test_a_broken_promise_is_told_to_the_leads_once_and_stands_in_queue_late_and_on_the_board(
    journey: Journey,
) -> None:
    await journey.owner_sets(desk={"board": True})
    await answered(journey)
    await journey.types(ANA, "/promise 1 14:00 refund status")
    await journey.go_to(TUESDAY + timedelta(hours=4, minutes=1))
    await journey.restart()
    await journey.go_to(TUESDAY + timedelta(hours=6))
    [alert] = [words for words in journey.channel(LEADS) if "promised" in words]
    assert "#1: refund status was promised to @maria_k by" in alert and "that is not kept" in alert
    assert f"It is with <@{ANA}>" in alert and "On shift: Ana, Ben, Lee." in alert and "[I'm on it]" in alert
    await journey.types(LEE, "/queue late")
    assert "#1" in journey.only_for(LEE)[-1]
    [board] = [words for words in journey.channel() if "*unclaimed*:" in words]
    assert "*late*: 1" in board and "LATE" in board and "promised: refund status" in board
    await journey.presses_in(ANA, DESK, "was due", "promise_kept")
    assert any("what was promised is kept" in words for words in journey.thread(1))
    await journey.types(LEE, "/queue late")
    assert "#1" not in journey.only_for(LEE)[-1]
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)


async def test_nobody_is_told_of_a_promise_at_night_and_the_opening_brings_it(journey: Journey) -> None:
    await answered(journey)
    await journey.types(ANA, "/promise 1 20:00 refund status")
    await journey.types(ANA, "/shift away")
    await journey.go_to(TUESDAY.replace(hour=16, minute=50))
    [soon] = pings(journey)
    assert f"<@{BEN}> <@{LEE}>, *refund status*" in soon and "Ana has #1 and is away" in soon and "[Take over]" in soon
    await journey.go_to(TUESDAY.replace(day=25, hour=8, minute=59))
    assert len(pings(journey)) == 1 and journey.channel(LEADS) == []
    await journey.go_to(TUESDAY.replace(day=25, hour=9, minute=1))
    assert len(pings(journey)) == 2 and len(journey.channel(LEADS)) == 1
    [opening] = [words for words in journey.channel() if "Desk open" in words and "#1" in words]
    assert "promised: refund status" in opening


async def test_what_is_due_when_we_close_is_told_at_that_very_moment(journey: Journey) -> None:
    await answered(journey)
    await journey.types(ANA, "/promise 1 17:00 refund status")
    await journey.go_to(TUESDAY.replace(hour=17, minute=1))
    assert "was due" in pings(journey)[-1]


async def test_more_than_five_promises_at_once_are_one_message_here_and_one_for_the_leads(journey: Journey) -> None:
    for number in range(1, 7):
        journey.x.add_person(f"person{number}", f"Person {number}")
        journey.x.post(f"person{number}", f"@acme refund {number}?")
    await journey.pass_(minutes=1)
    for number in range(1, 7):
        await journey.types(ANA, f"/reply {number} I am asking our bank.")
    await journey.pass_(seconds=30)
    for number in range(1, 7):
        await journey.types(ANA, f"/promise {number} 16:00 refund status")
    await journey.go_to(TUESDAY + timedelta(hours=6, minutes=2))
    assert all(pings(journey, number) == [] for number in range(1, 7))
    assert len([words for words in journey.channel() if "6 promises to customers come due" in words]) == 2
    [alert] = [words for words in journey.channel(LEADS) if "promises" in words]
    assert "6 promises to customers are not kept" in alert and "#6 · @person6 · refund status" in alert.replace("*", "")


async def test_an_answer_outside_the_desk_asks_whether_it_kept_the_promise(journey: Journey) -> None:
    post = await journey.on_x("@acme where is my refund?")
    await journey.types(ANA, "/reply 1 I am asking our bank.")
    await journey.pass_(seconds=30)
    await journey.types(ANA, "/promise 1 14:00 refund status")
    journey.x.native_reply("It is on your account.", post)
    await journey.pass_(minutes=2)
    asked = words_of(journey.in_thread(1, "outside the desk"))
    assert "refund status by" in asked and "was that kept with it?" in asked
    assert "*PROMISED*" in journey.card(1)
    await journey.presses_in(ANA, DESK, "outside the desk", "promise_kept")
    assert "PROMISED" not in journey.card(1)
    await journey.pass_(hours=7)
    assert pings(journey) == []


async def test_a_promise_and_close_after_sending_survive_a_text_that_is_too_long(journey: Journey) -> None:
    await journey.on_x("@acme where is my refund?")
    await journey.on_x("@acme where is my parcel?", handle="other")
    long = "We are looking into it at our bank. " * 12
    for number, more in ((1, {"promise": {"until": "14:00 refund status"}}), (2, {"after": {"close": ["close"]}})):
        await journey.presses(ANA, number, "reply")
        view = journey.slack.open_views(ANA)[-1]
        await journey.slack.submit(ANA, view["id"], {"text": {"typed": long}, **more})
        await journey.slack.close_view(ANA, view["id"])
        await journey.pass_(seconds=2)
        await journey.presses_in(ANA, DESK, "Not sent", "split")
        await journey.pass_(minutes=1)
    assert "*PROMISED* refund status by" in journey.card(1)
    assert "CLOSED" in journey.card(2)


async def test_a_promise_survives_a_customer_who_wrote_meanwhile(journey: Journey) -> None:
    first = await journey.on_x("@acme where is my refund?")
    await journey.presses(ANA, 1, "reply")
    [view] = journey.slack.open_views(ANA)
    await journey.on_x("@acme hello?", reply_to=first)
    written = {"text": {"typed": "I am on it."}, "promise": {"until": "14:00 refund status"}}
    await journey.slack.submit(ANA, view["id"], written)
    [again] = journey.slack.open_views(ANA)
    await journey.slack.submit(ANA, again["id"], {"text": {"typed": "I am on it."}})
    await journey.pass_(seconds=30)
    assert "*PROMISED* refund status by" in journey.card(1)
