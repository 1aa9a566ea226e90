"""Slack in trouble: nothing is dropped or doubled, the order stays, and people hear of it where they still look."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, folded, inquiry_of, words_of

Message = dict[str, Any]

SAY = "POST /api/chat.postMessage"
EDIT = "POST /api/chat.update"
TELL = "POST /api/chat.postEphemeral"
HISTORY = "* /api/conversations.history"


def tries(journey: Journey, method: str = "chat.postMessage") -> list[Any]:
    """The calls of a method about an inquiry in the desk's channel, as Slack saw them."""
    made = [r for r in journey.wire.to("slack") if r.path.endswith(method) and r.request.get("channel") == DESK]
    return [r for r in made if '"post:' not in json.dumps(r.request.get("metadata")).replace("\\", "")]


def threads(journey: Journey) -> list[Message]:
    """The first messages of all threads, folded ones included."""
    return [message for message in journey.slack.messages(DESK) if inquiry_of(message)]


def customers(journey: Journey) -> list[str]:
    """Each customer's words that stand in the desk's channel as the first message of a thread, oldest first."""
    return [words_of(root).split("\n")[2] for root in journey.roots()]


# did it arrive?


async def test_slack_took_the_thread_but_not_a_word_of_it_came_back(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "drop_after")
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=30)
    assert len(threads(journey)) == 1
    assert len(tries(journey)) == 2, "the thread once, the answer's line once"
    assert "Published" in words_of(journey.in_thread(1, "It comes tomorrow."))


async def test_a_thread_that_slack_did_not_take_is_posted_again_once(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "drop_before")
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=2)
    assert len(threads(journey)) == 1
    assert len(tries(journey)) == 2


@pytest.mark.parametrize("body", ["<html>Oops</html>", ""])
async def test_a_200_that_is_no_answer_is_not_taken_for_a_no(journey: Journey, body: str) -> None:
    journey.wire.fault("slack", SAY, "status", status=200, body=body)
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=2)
    assert len(threads(journey)) == 1
    assert len([r for r in journey.wire.to("slack") if r.path.endswith("conversations.history")]) >= 2


async def test_a_history_that_lags_ten_seconds_does_not_double_the_thread(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "drop_after", lag=10)
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=3)
    assert len(threads(journey)) == 1
    assert len(tries(journey)) == 1


async def test_a_thread_that_stands_twice_after_all_is_folded_into_the_elder(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "drop_after", lag=45)
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=5)
    elder, younger = threads(journey)
    assert not folded(elder)
    assert folded(younger)
    assert younger["text"].startswith("Duplicate of #1")
    assert elder["ts"].replace(".", "") in words_of(younger)
    assert "it goes on here" in words_of(journey.in_thread(1, "stood twice"))
    await journey.on_x("@acme and now?", reply_to=journey.published[0]["id"])
    assert "and now?" in words_of(journey.in_thread(1, "and now?"))
    assert "and now?" not in "".join(words_of(m) for m in journey.slack.replies(DESK, younger["ts"]))


@pytest.mark.looks_every(6)
async def test_a_line_that_stands_twice_after_all_is_folded_too_and_the_elder_says_what_is_so(journey: Journey) -> None:
    root = await journey.on_x("@acme my parcel is stuck")
    journey.wire.fault("slack", SAY, "drop_after", lag=45)
    journey.x.post("maria_k", "@acme are you there?", reply_to=root)
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=5)
    replies = journey.slack.replies(DESK, journey.root(1)["ts"])
    elder, younger = (m for m in replies if m["metadata"]["event_payload"]["op_id"] == "say:1:reply:1")
    assert folded(younger) and not folded(elder)
    assert "Not sent yet" in words_of(elder), "what she wrote came in while the answer waited"
    assert elder["ts"].replace(".", "") in words_of(younger)
    assert "[" not in words_of(younger), "no second button that undoes or sends"
    asked = [m for m in replies if "are you there?" in words_of(m)]
    assert len(asked) == 1


async def test_where_slack_never_lets_us_look_a_thread_is_posted_again_once_and_no_more(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "drop_before", times=3)
    refusal = {"ok": False, "error": "missing_scope", "needed": "channels:history"}
    journey.wire.fault("slack", HISTORY, "status", times=None, status=200, body=refusal)
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=15)
    assert len(tries(journey)) == 2
    journey.wire.clear_faults()
    await journey.pass_(minutes=3)
    assert len(threads(journey)) == 1


async def test_what_belongs_into_a_thread_waits_for_its_first_message(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "drop_before")
    root = await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme are you there?", reply_to=root)
    await journey.pass_(minutes=2)
    assert len(threads(journey)) == 1
    assert "are you there?" in words_of(journey.in_thread(1, "are you there?"))


async def test_messages_of_a_thread_keep_their_order_while_one_is_in_doubt(journey: Journey) -> None:
    root = await journey.on_x("@acme my parcel is stuck")
    journey.wire.fault("slack", SAY, "drop_before")
    for number, handle in enumerate(("maria_k", "omar", "maria_k"), 1):
        journey.x.add_person(handle, handle)
        journey.x.post(handle, f"@acme more {number}", reply_to=root)
    await journey.pass_(minutes=3)
    shown = [line.split("\n")[1] for line in journey.thread(1)]
    assert shown == ["@acme more 1", "@acme more 2", "@acme more 3"]


async def test_what_one_person_was_to_read_is_said_again(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    journey.wire.fault("slack", TELL, "drop_before")
    await journey.says(ANA, 1, f"!reply {'too long ' * 60}")
    await journey.pass_(minutes=1)
    assert "Not sent" in journey.only_for(ANA)[-1]


# told to wait


async def test_a_429_is_waited_out_and_the_order_stays(journey: Journey) -> None:
    headers = {"Retry-After": "30"}
    journey.wire.fault("slack", SAY, "status", status=429, body={"ok": False, "error": "ratelimited"}, headers=headers)
    for number in range(4):
        await journey.on_x(f"@acme parcel {number}", handle=f"customer{number}", name=f"C{number}")
    await journey.pass_(minutes=2)
    assert customers(journey) == [f"@acme parcel {number}" for number in range(4)]
    first, second = tries(journey)[:2]
    assert (second.at - first.at).total_seconds() >= 30
    assert len(tries(journey)) == 5


async def test_without_retry_after_each_wait_is_longer(journey: Journey) -> None:
    journey.wire.fault("slack", SAY, "status", times=4, status=429, body={"ok": False, "error": "ratelimited"})
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=3)
    at = [r.at for r in tries(journey)]
    waits = [round((b - a).total_seconds()) for a, b in itertools.pairwise(at)]
    assert waits == [1, 2, 4, 8]
    assert len(journey.roots()) == 1


async def test_ten_minutes_of_503_lose_nothing_and_double_nothing(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    journey.wire.fault("slack", "* /api/c*", "status", times=None, status=503, body="<html>no</html>")
    for number in range(5):
        await journey.on_x(f"@acme parcel {number}", handle=f"customer{number}", name=f"C{number}")
    await journey.pass_(minutes=8)
    said = [r for r in caplog.records if "Slack does not answer" in r.getMessage()]
    assert 1 <= len(said) <= 4
    assert len(tries(journey)) <= 20
    journey.wire.clear_faults()
    await journey.pass_(minutes=4)
    assert sorted(customers(journey)) == [f"@acme parcel {number}" for number in range(5)]
    assert len(threads(journey)) == 5


# only people can mend it


async def mended(journey: Journey, trouble: str) -> None:
    if trouble == "is_archived":
        journey.slack.channels[DESK].flags["is_archived"] = False
    elif trouble == "not_in_channel":
        journey.slack.channels[DESK].members[journey.slack.bot_user] = None


@pytest.mark.parametrize("trouble", ["is_archived", "not_in_channel"])
async def test_a_channel_that_is_shut_keeps_everything_waiting_and_drains_in_order(
    journey: Journey, trouble: str
) -> None:
    await journey.on_x("@acme parcel 0", handle="customer0", name="C0")
    if trouble == "is_archived":
        journey.slack.archive(DESK)
    else:
        journey.slack.kick_bot(DESK)
    for number in range(1, 5):
        await journey.on_x(f"@acme parcel {number}", handle=f"customer{number}", name=f"C{number}")
    before = len(tries(journey)) + len(tries(journey, "chat.update"))
    await journey.pass_(minutes=10)
    probes = len(tries(journey)) + len(tries(journey, "chat.update")) - before
    assert probes <= 11, "one look a minute"
    told = [line for line in journey.channel(LEADS) if "I can't post in the desk's channel" in line]
    assert len(told) == 1
    await journey.types(LEE, "/desk", LEADS)
    assert trouble in journey.only_for(LEE, LEADS)[-1]
    await mended(journey, trouble)
    await journey.pass_(minutes=3)
    assert customers(journey) == [f"@acme parcel {number}" for number in range(5)]
    await journey.types(LEE, "/desk", LEADS)
    assert trouble not in journey.only_for(LEE, LEADS)[-1]


async def test_the_owner_may_have_trouble_told_in_a_channel_of_its_own(journey: Journey) -> None:
    await journey.owner_sets(slack={"ops_channel": "C0RANDOM"})
    journey.slack.archive(DESK)
    await journey.on_x("@acme parcel 0")
    await journey.pass_(minutes=2)
    assert any("I can't post in the desk's channel" in line for line in journey.channel("C0RANDOM"))
    assert not any("I can't post" in line for line in journey.channel(LEADS))


async def test_a_revoked_token_stops_every_call_and_a_good_one_lets_all_of_it_through(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    await journey.on_x("@acme parcel 0", handle="customer0", name="C0")
    revoked = {"ok": False, "error": "token_revoked"}
    journey.wire.fault("slack", "* /api/*", "status", times=None, status=200, body=revoked)
    began = journey.clock.now()
    for number in range(1, 4):
        await journey.on_x(f"@acme parcel {number}", handle=f"customer{number}", name=f"C{number}")
    await journey.pass_(minutes=10)
    calls = [r for r in journey.wire.to("slack") if r.at > began and "/api/chat." in r.path]
    assert len(calls) <= 14, "one look a minute"
    assert any("the token was revoked" in r.getMessage() for r in caplog.records)
    journey.wire.clear_faults()
    await journey.pass_(minutes=3)
    assert customers(journey) == [f"@acme parcel {number}" for number in range(4)]


# what Slack will not have


@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long", "invalid_blocks"])
async def test_what_slack_will_not_have_in_blocks_it_gets_as_text_whole(journey: Journey, error: str) -> None:
    words = "@acme " + " ".join(f"word{n}" for n in range(300))
    journey.wire.fault("slack", SAY, "status", status=200, body={"ok": False, "error": error})
    await journey.on_x(words)
    await journey.pass_(minutes=1)
    (root,) = threads(journey)
    assert not root.get("blocks")
    assert words in root["text"]
    assert root["metadata"]["event_payload"]["op_id"] == "root:1"


async def test_ten_thousand_ampersands_come_through(journey: Journey) -> None:
    words = "&" * 10_000
    await journey.message(words)
    await journey.pass_(minutes=1)
    shown = [m for m in [journey.root(1), *journey.slack.replies(DESK, journey.root(1)["ts"])]]
    assert sum(words_of(m).count("&") - words_of(m).count("&amp;") for m in shown) >= 10_000


async def test_a_thread_whose_first_message_was_deleted_goes_on_in_a_new_one(journey: Journey) -> None:
    root = await journey.on_x("@acme my parcel is stuck")
    journey.slack.delete_message(DESK, journey.root(1)["ts"])
    await journey.on_x("@acme are you there?", reply_to=root)
    await journey.pass_(minutes=1)
    assert "my parcel is stuck" in journey.card(1)
    assert "are you there?" in words_of(journey.in_thread(1, "are you there?"))
    assert "was deleted in Slack" in words_of(journey.in_thread(1, "was deleted"))
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=15)
    assert "Published" in words_of(journey.in_thread(1, "It comes tomorrow."))


# an hour without Slack


async def test_an_hour_without_slack_keeps_every_message_and_drains_in_its_order(journey: Journey) -> None:
    """The first, of which nobody knows whether Slack has it, is looked for twice before it is posted; the others wait
    in their order, untried."""
    await journey.owner_sets(x={"poll_seconds": 600}, facebook={"poll_seconds": 600})
    journey.wire.fault("slack", "* /api/*", "status", times=None, status=503, body="<html>no</html>")
    for number in range(5):
        await journey.on_x(f"@acme parcel {number}", handle=f"customer{number}", name=f"C{number}")
        await journey.pass_(minutes=12)
    tried = {word for record in tries(journey) for word in re.findall(r"@acme parcel \d", json.dumps(record.request))}
    assert len(tried) <= 2
    journey.wire.clear_faults()
    await journey.pass_(minutes=4)
    expected = [f"@acme parcel {number}" for number in range(5)]
    assert sorted(customers(journey)) == expected
    assert [one for one in customers(journey) if one not in tried] == [one for one in expected if one not in tried]
    assert len(threads(journey)) == 5


# other people's eyes


async def test_a_channel_that_is_shared_with_another_company_gets_no_word_until_that_ends(journey: Journey) -> None:
    await journey.on_x("@acme parcel 0", handle="customer0", name="C0")
    before = len(tries(journey))
    journey.slack.share(DESK)
    await journey.clock.settle()
    for number in range(1, 4):
        await journey.on_x(f"@acme parcel {number}", handle=f"customer{number}", name=f"C{number}")
    assert "shared with another workspace" in await journey.types(ANA, "/claim 1")
    await journey.restart()
    await journey.pass_(minutes=25)
    assert len(tries(journey)) == before
    told = [line for line in journey.channel(LEADS) if "is shared with another workspace" in line]
    assert len(told) == 1
    assert "parcel" not in told[0]
    await journey.types(LEE, "/desk", LEADS)
    assert "is shared with another workspace" in journey.only_for(LEE, LEADS)[-1]
    journey.slack.share(DESK, False)
    await journey.clock.settle()
    await journey.pass_(minutes=2)
    assert customers(journey) == [f"@acme parcel {number}" for number in range(4)]
    assert any("is shared no more" in line for line in journey.channel(LEADS))


async def test_a_desk_that_was_not_told_sees_at_its_start_and_every_ten_minutes_who_can_read(journey: Journey) -> None:
    journey.slack.channels[DESK].flags["is_ext_shared"] = True
    await journey.restart()
    await journey.on_x("@acme parcel 0")
    assert threads(journey) == []
    journey.slack.channels[DESK].flags["is_ext_shared"] = False
    await journey.pass_(minutes=11)
    await journey.pass_(minutes=1)
    assert len(threads(journey)) == 1


# slow, or too late


def slowest_ack(journey: Journey) -> float:
    """Real milliseconds of the slowest acknowledgement; each envelope must have one."""
    out = [frame for frame in journey.slack.frames if frame["direction"] == "out" and frame.get("envelope_id")]
    assert all(frame.get("error") is None for frame in out), "Slack showed operation_timeout"
    return max(frame["ack_ms"] for frame in out)


async def test_a_platform_or_a_form_that_takes_ten_seconds_keeps_nobody_waiting(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    journey.wire.fault("x", "POST /2/tweets", "hang", seconds=10)
    journey.wire.fault("slack", "POST /api/views.open", "hang", seconds=10)
    assert (await journey.slack.press(ANA, DESK, journey.root(1)["ts"], "reply")).ok
    assert "10 s" in await journey.types(ANA, "/reply 1 It comes tomorrow.")
    sent = journey.clock.now() + timedelta(seconds=10)
    journey.clock.play(60.0)
    await journey.clock.sleep_until(sent)  # the answer is under way now, and hangs
    await asyncio.sleep(0.1)
    assert "1 inquiry" in await journey.types(ANA, "/queue mine")
    journey.clock.pause()
    assert slowest_ack(journey) < 3000
    journey.wire.clear_faults()
    await journey.pass_(minutes=3)
    assert len(journey.published) <= 1


async def test_an_address_for_answers_that_has_expired_loses_no_answer(journey: Journey) -> None:
    """Slack's `response_url` lives for 30 minutes and five uses; nothing of ours depends on it."""
    journey.wire.fault("slack", "POST /commands/*", "status", times=None, status=410, body="expired_url")
    journey.wire.fault("slack", "POST /actions/*", "status", times=None, status=410, body="expired_url")
    await journey.on_x("@acme my parcel is stuck")
    await journey.presses(BEN, 1, "claim")
    await journey.says(ANA, 1, "!claim")
    assert any(f"<@{BEN}>" in line for line in journey.only_for(ANA, DESK)), "the loser hears who has it"
    await journey.types(BEN, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=40)
    assert "Published" in words_of(journey.in_thread(1, "It comes tomorrow."))
