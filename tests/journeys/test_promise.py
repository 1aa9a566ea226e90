"""Promises with a time: kept track of, called to mind, handed over, kept; each said once, whatever happens."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.conftest import ANA, BEN, DESK, TUESDAY, Journey


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
