"""An answer goes out once: taken back in time, refused in words, queued, or in doubt, whatever the platform does."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, words_of

POST = "POST /2/tweets"
OWN = "GET /2/users/*/tweets"
COMMENT = "POST /v23.0/*/comments"
SEND = "POST /v23.0/me/messages"


async def asked(journey: Journey, text: str = "@acme my parcel is stuck since Monday") -> str:
    """Inquiry #1 on X, with Ana."""
    post = await journey.on_x(text)
    await journey.types(ANA, "/claim 1")
    return post


def seen(journey: Journey) -> list[str]:
    """From now on: each state that a message in the desk's channel went through, as people saw it."""
    states: list[str] = []

    def note(change: dict[str, Any]) -> None:
        if change["type"] in ("message", "changed") and change.get("channel") == DESK:
            states.append(words_of(change["message"]))

    journey.slack.listeners.append(note)
    return states


def texts(journey: Journey) -> list[str]:
    return [post["text"] for post in journey.published]


def attempts(journey: Journey, method: str = POST) -> int:
    verb, path = method.split(" ")
    return sum(r.method == verb and r.path == path for r in journey.wire.records)


# held: undo, send now


async def test_an_answer_that_is_taken_back_at_the_last_moment_never_goes_out(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday, promised.")
    await journey.pass_(seconds=9.9)
    await journey.presses_in(ANA, DESK, "It comes on Tuesday", "undo")
    await journey.pass_(minutes=5)
    assert texts(journey) == []
    assert attempts(journey) == 0
    assert "Taken back" in words_of(journey.in_thread(1, "It comes on Tuesday"))
    assert "It comes on Tuesday, promised." in journey.only_for(ANA)[-1]
    assert "WAITING" not in journey.card(1)


async def test_undo_comes_too_late_once_it_is_out_and_says_so(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    held = journey.slack.ephemerals(ANA)[-1]["ts"]
    await journey.pass_(seconds=11)
    await journey.slack.press(ANA, DESK, held, "undo")
    await journey.pass_(seconds=2)
    assert len(texts(journey)) == 1
    assert "Too late" in journey.only_for(ANA)[-1]
    assert "Published" in words_of(journey.in_thread(1, "It comes on Tuesday"))


async def test_send_now_ends_the_wait_and_the_receipt_has_the_link(journey: Journey) -> None:
    post = await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=1)
    await journey.presses_in(ANA, DESK, "It comes on Tuesday", "send_now")
    assert [(p["text"], p["in_reply_to"]) for p in journey.published] == [("It comes on Tuesday. – Ana", post)]
    receipt = words_of(journey.in_thread(1, "It comes on Tuesday"))
    assert "Published* in public on X" in receipt
    assert f"https://x.com/acme/status/{journey.published[0]['id']}" in receipt


async def test_two_presses_and_a_redelivered_command_are_one_answer(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    frame = [f for f in journey.slack.frames if f["type"] == "slash_commands" and f["direction"] == "out"][-1]
    await journey.slack.redeliver(frame["envelope_id"])
    held = journey.slack.ephemerals(ANA)[-1]["ts"]
    await journey.slack.press(ANA, DESK, held, "send_now")
    await journey.slack.press(ANA, DESK, held, "send_now")
    await journey.pass_(minutes=2)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


async def test_a_restart_inside_the_wait_sends_the_answer_once(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=3)
    await journey.down(seconds=30)
    await journey.restart()
    await journey.pass_(minutes=2)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


async def test_after_a_long_time_down_the_agent_is_asked_before_a_held_answer_goes_out(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=3)
    await journey.down(minutes=30)
    await journey.restart()
    await journey.pass_(minutes=2)
    assert texts(journey) == []
    told = words_of(journey.in_thread(1, "did not go out"))
    assert f"<@{ANA}>" in told
    assert "The desk was down" in told
    assert "It comes on Tuesday. – Ana" in told
    await journey.presses_in(ANA, DESK, "did not go out", "send_again")
    await journey.pass_(seconds=5)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


# refused


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 401, "body": {"title": "Unauthorized", "status": 401}}, "does not accept our tokens"),
        ({"status": 404, "body": {"title": "Not Found", "status": 404}}, "does not have this any more"),
        ({"status": 403, "body": {"title": "Forbidden", "detail": "You are not permitted."}}, "not permitted"),
    ],
)
async def test_what_x_refuses_turns_red_with_its_reason_and_a_way_on(
    journey: Journey, fault: dict[str, Any], why: str
) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "status", **fault)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=2)
    assert texts(journey) == []
    assert attempts(journey) == 1
    told = words_of(journey.in_thread(1, "did not go out"))
    assert why in told
    assert f"<@{ANA}>" in told
    assert "[Send again]" in told
    assert "[Change it…]" in told
    assert "It comes on Tuesday. – Ana" in told
    assert "the last answer did *NOT GO OUT*" in journey.card(1)
    assert "first answer due" in journey.card(1)
    await journey.presses_in(ANA, DESK, "did not go out", "send_again")
    await journey.pass_(seconds=5)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert "Published" in words_of(journey.in_thread(1, ":white_check_mark:"))


async def test_a_platform_that_no_longer_accepts_us_is_told_to_the_leads_once(journey: Journey) -> None:
    await asked(journey)
    await journey.on_x("@acme and mine?", handle="jonas", name="Jonas")
    journey.wire.fault("x", POST, "status", times=None, status=401, body={"title": "Unauthorized"})
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.types(ANA, "/reply 2 Yours, too.")
    await journey.pass_(minutes=2)
    assert len([line for line in journey.channel(LEADS) if "does not let us answer" in line]) == 1
    await journey.types(LEE, "/desk")
    assert "x answers: X does not accept our tokens" in journey.only_for(LEE)[-1]


@pytest.mark.looks_every(6)
async def test_the_post_that_an_answer_was_for_is_gone(journey: Journey) -> None:
    post = await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    journey.x.delete(post)
    await journey.pass_(minutes=2)
    assert texts(journey) == [] and attempts(journey) == 0
    assert "has taken a message back" in words_of(journey.in_thread(1, "was not sent"))
    await journey.presses_in(ANA, DESK, "was not sent", "send_again")
    await journey.pass_(minutes=2)
    assert texts(journey) == []
    assert "is gone from X" in words_of(journey.in_thread(1, "did not go out"))
    await journey.presses_in(ANA, DESK, "did not go out", "send_again")
    assert "#1: it is tried once more now." in journey.only_for(ANA)[-1], (
        "there is no doubt about it, so nothing to look for"
    )


async def test_the_same_text_twice_is_refused_with_a_hint_and_not_tried_again(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=12)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=3)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert attempts(journey) == 2
    assert "Change the wording" in words_of(journey.in_thread(1, "did not go out"))


async def test_an_agent_who_left_the_team_meanwhile_publishes_nothing(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "status", status=429, body={"title": "Too Many Requests"})
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=15)
    journey.slack.add_usergroup("S0AGENTS", "frontdesk-agents", [BEN, LEE])
    await journey.down(seconds=1)
    await journey.restart()
    await journey.pass_(minutes=5)
    assert texts(journey) == []
    told = words_of(journey.in_thread(1, "did not go out"))
    assert "no longer in the agents' group" in told
    assert "It comes on Tuesday. – Ana" in told


async def test_nothing_goes_out_while_nobody_can_say_who_is_in_the_team(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("slack", "* /api/usergroups.list", "status", times=None, status=503, body="")
    await journey.pass_(minutes=9)
    await journey.pass_(minutes=9)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=1)
    assert texts(journey) == []
    assert "until Slack says again who belongs to the team" in words_of(journey.in_thread(1, "It comes on Tuesday"))
    journey.wire.clear_faults()
    await journey.pass_(minutes=6)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


# told to wait


async def test_too_many_posts_are_queued_until_x_says_and_the_warning_still_comes(journey: Journey) -> None:
    await asked(journey)
    await journey.pass_(minutes=5)
    reset = int(journey.clock.now().timestamp()) + 540
    headers = {"x-rate-limit-reset": str(reset)}
    journey.wire.fault("x", POST, "status", status=429, body={"title": "Too Many Requests"}, headers=headers)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=1)
    queued = words_of(journey.in_thread(1, "It comes on Tuesday"))
    assert "Queued until" in queued
    assert f"<!date^{reset}" in queued
    assert texts(journey) == []
    await journey.pass_(minutes=7)
    warning = words_of(journey.in_thread(1, "business time left"))
    assert "A reply is written. Queued until" in warning
    await journey.pass_(minutes=2)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert attempts(journey) == 2


async def test_without_a_time_to_come_back_x_is_left_alone_for_a_minute(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "status", status=429, body={"title": "Too Many Requests"})
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=60)
    assert texts(journey) == []
    await journey.pass_(seconds=15)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


async def test_a_queued_answer_can_still_be_taken_back(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "status", status=429, body={"title": "Too Many Requests"})
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=30)
    await journey.presses_in(ANA, DESK, "Queued until", "undo")
    await journey.pass_(minutes=5)
    assert texts(journey) == []


# windows


async def test_messengers_window_is_closed_before_the_network_is_asked(journey: Journey) -> None:
    await journey.message("Hello, I was charged twice.")
    await journey.pass_(hours=25)
    told = await journey.types(ANA, "/reply 1 Here is your money.")
    assert "within 24 hours" in told
    assert attempts(journey, "POST /v23.0/me/messages") == 0
    assert "Here is your money." in journey.only_for(ANA)[-1]


async def test_a_comment_gets_one_private_reply_and_only_within_a_week(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    assert "privately on Facebook" in await journey.types(ANA, "/private 1 There is none.")
    assert "it is used" in await journey.types(ANA, "/private 1 And no gluten.")
    await journey.pass_(seconds=12)
    sent = [(one["kind"], one["text"]) for one in journey.graph.published if one["kind"] != "post"]
    assert sent == [("private_reply", "There is none. – Ana")]
    await journey.comment("And sugar?", person="Petr")
    await journey.pass_(days=7, hours=1)
    assert "within 7 days" in await journey.types(ANA, "/private 2 There is some.")
    assert attempts(journey, "POST /v23.0/me/messages") == 1


async def test_the_private_answer_to_a_private_reply_comes_into_the_same_thread_and_is_answered_privately(
    journey: Journey,
) -> None:
    await journey.comment("Is there lactose in it?", person="Zuzana")
    await journey.types(ANA, "/private 1 Which pack do you have?")
    await journey.pass_(seconds=12)
    await journey.message("The red one, 500 g.", person="Zuzana")
    assert len(journey.roots()) == 1
    assert "The red one, 500 g." in words_of(journey.in_thread(1, "The red one"))
    assert "privately on Facebook" in await journey.types(ANA, "/reply 1 No lactose in that one.")
    await journey.pass_(seconds=12)
    sent = [(one["kind"], one["text"]) for one in journey.graph.published if one["kind"] != "post"]
    assert sent == [("private_reply", "Which pack do you have? – Ana"), ("message", "No lactose in that one. – Ana")]


async def test_on_x_the_customers_direct_answer_comes_into_the_same_thread(journey: Journey) -> None:
    await asked(journey)
    await journey.types(ANA, "/private 1 What is your order number?")
    await journey.pass_(seconds=12)
    await journey.direct_on_x("It is 4711.")
    await journey.pass_(minutes=5)
    assert len(journey.roots()) == 1
    assert "It is 4711." in words_of(journey.in_thread(1, "It is 4711."))
    await journey.types(ANA, "/reply 1 Found it, thank you.")
    await journey.pass_(seconds=12)
    assert [one["text"] for one in journey.x.sent_directs] == [
        "What is your order number? – Ana",
        "Found it, thank you. – Ana",
    ]
    assert texts(journey) == []


async def test_private_messages_that_have_an_inquiry_of_their_own_keep_it(journey: Journey) -> None:
    await journey.direct_on_x("Where is my invoice?")
    await journey.on_x("@acme and my parcel is stuck, too")
    await journey.types(ANA, "/private 2 What is your order number?")
    await journey.pass_(seconds=12)
    await journey.direct_on_x("It is 4711.")
    assert "It is 4711." in words_of(journey.in_thread(1, "It is 4711."))


async def test_a_private_message_may_be_as_long_as_x_lets_it_in_plain_characters(journey: Journey) -> None:
    await asked(journey)
    text = "漢" * 6000
    assert "privately on X" in await journey.types(ANA, f"/private 1 {text}")
    await journey.pass_(seconds=12)
    assert [one["text"] for one in journey.x.sent_directs] == [f"{text} – Ana"]


# in doubt


async def test_published_but_the_answer_lost_is_looked_for_and_found(journey: Journey) -> None:
    await asked(journey)
    states = seen(journey)
    journey.wire.fault("x", POST, "drop_after", lag=5)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=2)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert attempts(journey) == 1
    assert any("I don't know whether this went out; checking…" in state for state in states)
    assert f"status/{journey.published[0]['id']}" in words_of(journey.in_thread(1, "Published"))
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)
    assert len(journey.thread(1)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 503, "body": "<html><body>Over capacity</body></html>"},
        {"action": "status", "status": 200, "body": "<html>hello</html>"},
        {"action": "status", "status": 500, "body": {}},
        {"action": "hang", "seconds": 0.3},
        {"action": "drop_before"},
    ],
)
async def test_not_published_and_no_word_of_it_is_looked_for_three_times_and_then_asked(
    journey: Journey, fault: dict[str, Any]
) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, **fault)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    sent_at = journey.clock.now()
    await journey.pass_(minutes=4)
    looks = [r.at for r in journey.wire.records if r.path.endswith("/tweets") and r.method == "GET"]
    looked_after = [round((at - sent_at).total_seconds()) - 10 for at in looks if at > sent_at]
    assert {2, 15, 60} <= set(looked_after)
    assert texts(journey) == []
    assert attempts(journey) == 1
    told = words_of(journey.in_thread(1, "I don't know whether your answer"))
    assert f"<@{ANA}>" in told
    assert "[It's there]" in told
    assert "[Send again]" in told
    assert "IN DOUBT" in journey.card(1)
    await journey.presses_in(ANA, DESK, "I don't know whether your answer", "send_again")
    await journey.pass_(seconds=5)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


async def test_an_answer_in_doubt_stops_no_clock_and_the_warning_says_so(journey: Journey) -> None:
    await asked(journey)
    await journey.pass_(minutes=6)
    journey.wire.fault("x", POST, "drop_before")
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=4)
    assert "An answer is in doubt" in words_of(journey.in_thread(1, "business time left"))


async def test_it_is_there_ends_the_doubt_and_nothing_is_sent(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "drop_after", lag=3600)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=2)
    await journey.presses_in(ANA, DESK, "I don't know whether", "its_there")
    await journey.pass_(minutes=90)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert attempts(journey) == 1
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)
    assert not any("outside the desk" in line for line in journey.thread(1)), "our own post is no stranger's"


async def test_send_again_looks_first_and_adopts_what_has_come_up_meanwhile(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "drop_after", lag=90)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=105)
    await journey.presses_in(ANA, DESK, "I don't know whether", "send_again")
    await journey.pass_(minutes=3)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert attempts(journey) == 1
    assert "Published" in words_of(journey.in_thread(1, ":white_check_mark:"))


async def test_send_again_while_x_still_hides_it_is_a_duplicate_and_adopts_the_first(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "drop_after", lag=120)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=90)
    await journey.presses_in(ANA, DESK, "I don't know whether", "send_again")
    await journey.pass_(minutes=5)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert "Published" in words_of(journey.in_thread(1, ":white_check_mark:"))


async def test_send_again_sends_nothing_where_it_cannot_look(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "drop_before")
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=2)
    journey.wire.fault("x", OWN, "status", times=None, status=503, body="")
    await journey.presses_in(ANA, DESK, "I don't know whether", "send_again")
    await journey.pass_(minutes=3)
    assert attempts(journey) == 1
    journey.wire.clear_faults()
    await journey.pass_(minutes=1)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


async def test_an_answer_found_by_the_regular_look_ends_the_doubt_by_itself(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "drop_after", lag=120)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=90)
    assert "IN DOUBT" in journey.card(1)
    await journey.pass_(minutes=5)
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)
    assert not any("outside the desk" in line for line in journey.thread(1))


async def test_the_same_words_said_before_are_not_taken_for_the_lost_ones(journey: Journey) -> None:
    await journey.direct_on_x("Hello? Anybody?")
    await journey.types(ANA, "/reply 1 One moment please.")
    await journey.pass_(seconds=12)
    journey.wire.fault("x", "POST /2/dm_conversations/*", "drop_before")
    await journey.types(ANA, "/reply 1 One moment please.")
    await journey.pass_(minutes=3)
    assert len(journey.x.sent_directs) == 1
    assert any("I don't know whether your answer" in line for line in journey.thread(1))


async def test_facebook_in_doubt_is_looked_for_in_comments_and_in_messages(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    await journey.message("Hello, I was charged twice.")
    journey.wire.fault("graph", COMMENT, "drop_after")
    journey.wire.fault("graph", SEND, "drop_after")
    await journey.types(ANA, "/reply 1 There is none.")
    await journey.types(BEN, "/reply 2 You get it back.")
    await journey.pass_(minutes=2)
    sent = Counter(one["text"] for one in journey.graph.published)
    assert (sent["There is none. – Ana"], sent["You get it back. – Ben"]) == (1, 1)
    for number, words in ((1, "There is none"), (2, "You get it back")):
        assert "Published" in words_of(journey.in_thread(number, words))


async def test_an_empty_500_from_facebook_is_no_success(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    journey.wire.fault("graph", COMMENT, "status", status=500, body={})
    await journey.types(ANA, "/reply 1 There is none.")
    await journey.pass_(minutes=3)
    assert any("I don't know whether your answer" in line for line in journey.thread(1))


async def test_a_500_is_no_success_though_its_body_names_an_id(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    journey.wire.fault("graph", COMMENT, "status", status=500, body={"id": "2000_1_77"})
    await journey.types(ANA, "/reply 1 There is none.")
    await journey.pass_(minutes=3)
    assert any("I don't know whether your answer" in line for line in journey.thread(1))
    assert not any("Published" in line for line in journey.thread(1))


async def test_a_platform_that_hangs_holds_up_nobody_else(journey: Journey) -> None:
    await asked(journey)
    await journey.comment("Is there lactose in it?")
    journey.wire.fault("x", POST, "hang", seconds=1.0)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.types(ANA, "/reply 2 There is none.")
    await journey.pass_(seconds=30)
    hung = next(r for r in journey.wire.records if r.path == "/2/tweets" and r.method == "POST")
    other = next(r for r in journey.wire.records if r.path.endswith("/comments") and r.method == "POST")
    assert other.began + other.ms / 1000 < hung.began + hung.ms / 1000
    assert [one["text"] for one in journey.graph.published if one["kind"] == "comment"] == ["There is none. – Ana"]


# two people, one inquiry


async def test_two_agents_reply_at_once_and_one_answer_goes_out(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    first = await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    second = await journey.types(BEN, "/reply 1 It comes on Friday.")
    assert "Going out" in first
    assert f"<@{ANA}>" in second
    assert "It comes on Friday." in journey.only_for(BEN)[-1]
    await journey.pass_(minutes=1)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]


# close after sending


async def submitted(journey: Journey, user: str, text: str, *, close: bool) -> None:
    """The reply form of #1, filled in and sent."""
    await journey.presses(user, 1, "reply")
    view = journey.slack.open_views(user)[-1]
    values = {"text": {"typed": text}, "after": {"close": ["close"] if close else []}}
    await journey.slack.submit(user, view["id"], values)


async def test_close_after_sending_closes_once_it_is_out_and_not_before(journey: Journey) -> None:
    await asked(journey)
    await submitted(journey, ANA, "It comes on Tuesday.", close=True)
    await journey.pass_(seconds=5)
    assert "CLOSED" not in journey.card(1)
    await journey.pass_(seconds=10)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
    assert "CLOSED" in journey.card(1)


async def test_what_was_refused_does_not_close_the_inquiry(journey: Journey) -> None:
    await asked(journey)
    journey.wire.fault("x", POST, "status", status=403, body={"title": "Forbidden", "detail": "No."})
    await submitted(journey, ANA, "It comes on Tuesday.", close=True)
    await journey.pass_(minutes=1)
    assert "CLOSED" not in journey.card(1)


async def test_a_form_that_is_submitted_twice_is_one_answer(journey: Journey) -> None:
    await asked(journey)
    await submitted(journey, ANA, "It comes on Tuesday.", close=False)
    frame = [f for f in journey.slack.frames if f["type"] == "interactive" and f["direction"] == "out"][-1]
    await journey.slack.redeliver(frame["envelope_id"])
    await journey.pass_(minutes=2)
    assert texts(journey) == ["It comes on Tuesday. – Ana"]
