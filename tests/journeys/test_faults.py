"""Rows of the fault table that have no other home; `docs/reliability.md` names the test of each row."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, words_of
from tests.journeys.process import Bot, outside, until

COMMENT = "POST /v23.0/*/comments"
SEND = "POST /v23.0/me/messages"


def graph_error(code: int, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    error = {"message": "No.", "type": "OAuthException", "code": code, **more}
    return {"error": error | ({"error_subcode": subcode} if subcode else {})}


# 4, 5: what a network shows late, or in pieces


async def test_a_page_of_facebooks_feed_that_fails_passes_nothing_and_doubles_nothing(journey: Journey) -> None:
    post = journey.graph.page_post("Our autumn blend is back.")
    journey.wire.fault("graph", "GET *", "status", status=500, body={}, after=2, times=3)
    for number in range(6):
        journey.graph.comment(f"Person {number}", f"Is there lactose in number {number}?", on=post)
    await journey.pass_(minutes=5)
    cards = [words_of(root) for root in journey.roots()]
    assert [sum(f"number {n}?" in card for card in cards) for n in range(6)] == [1] * 6


# 24: a ping does not wait for a thread that Slack holds back elsewhere


async def test_a_channel_that_must_wait_holds_up_no_ping_in_another(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=28)
    slow = {"ok": False, "error": "ratelimited"}
    limit = journey.wire.fault(
        "slack", "POST /api/chat.postMessage", "status", status=429, body=slow, headers={"Retry-After": "600"}
    )
    await journey.on_x("@acme and mine?", handle="jonas", name="Jonas")
    assert limit.hits == 1
    await journey.pass_(minutes=3)
    assert any("#1" in line for line in journey.channel(LEADS)), "the breach is told in the leads' channel"
    assert len(journey.roots()) == 1
    await journey.pass_(minutes=10)
    assert len(journey.roots()) == 2


# 32: what belongs into a thread waits for it


@pytest.mark.looks_every(6)
async def test_a_line_for_a_thread_that_slack_made_wait_is_never_a_message_of_its_own(journey: Journey) -> None:
    slow = {"ok": False, "error": "ratelimited"}
    journey.wire.fault(
        "slack", "POST /api/chat.postMessage", "status", status=429, body=slow, headers={"Retry-After": "40"}
    )
    for number in range(1, 4):
        journey.x.add_person(f"customer{number}", f"Customer {number}")
        journey.x.post(f"customer{number}", f"@acme my parcel {number} is stuck")
    await journey.pass_(seconds=10)
    assert journey.roots() == []
    for number in range(1, 4):
        await journey.types(ANA, f"/reply {number} Parcel {number} comes tomorrow.")
    await journey.pass_(minutes=2)
    for number in range(1, 4):
        assert "Published" in words_of(journey.in_thread(number, f"Parcel {number} comes tomorrow."))
    assert not any("comes tomorrow." in line for line in journey.channel())


# 45: a number that was typed wrong


async def test_a_wrong_number_is_seen_before_anything_goes_out_and_taken_back_without_a_trace(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.on_x("@acme can I have my money back, please?", handle="jonas", name="Jonas")
    told = await journey.types(ANA, "/reply 2 It left the depot this morning.")
    assert "@jonas" in told and "can I have my money back" in told and "in public on X" in told
    await journey.pass_(seconds=3)
    await journey.presses_in(ANA, DESK, "@jonas", "undo")
    await journey.pass_(minutes=5)
    assert not [r for r in journey.wire.to("x") if r.method == "POST"], "no trace on the platform"
    assert "WAITING" not in journey.card(2)
    await journey.types(ANA, "/reply 1 It left the depot this morning.")
    await journey.pass_(seconds=12)
    assert [(p["text"]) for p in journey.published] == ["It left the depot this morning. – Ana"]


# 52, 53, 54: what Facebook refuses at the moment of publishing


async def test_an_expired_token_at_publishing_keeps_the_drafts_and_is_told_once(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    await journey.comment("And sugar?", person="Petr")
    journey.wire.fault("graph", COMMENT, "status", times=None, status=400, body=graph_error(190, 463))
    await journey.types(ANA, "/reply 1 There is none.")
    await journey.types(BEN, "/reply 2 A little.")
    await journey.pass_(minutes=3)
    told = [line for line in journey.channel(LEADS) if "does not let us answer" in line]
    assert len(told) == 1 and "463" in told[0]
    await journey.types(LEE, "/desk")
    assert "facebook answers" in journey.only_for(LEE)[-1]
    tries = [r for r in journey.wire.to("graph") if r.method == "POST" and r.path.endswith("/comments")]
    assert len(tries) == 2, "nobody tries again by themselves"
    journey.wire.clear_faults()
    for user, number, text in ((ANA, 1, "There is none."), (BEN, 2, "A little.")):
        assert text in words_of(journey.in_thread(number, "did not go out"))
        thread = journey.slack.replies(DESK, journey.root(number)["ts"])
        failed = next(m for m in thread if "did not go out" in words_of(m))
        await journey.slack.press(user, DESK, failed["ts"], "send_again")
        await journey.pass_(seconds=5)
    comments = [one["text"] for one in journey.graph.published if one["kind"] == "comment"]
    assert comments == ["There is none. – Ana", "A little. – Ben"]
    await journey.types(LEE, "/desk")
    assert "facebook answers" not in journey.only_for(LEE)[-1]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (graph_error(100, 33), "no longer on Facebook"),
        (graph_error(10, 2018278), "only for a time"),
        (graph_error(551), "cannot be written to"),
        (graph_error(368), "stopped the Page"),
        (graph_error(200), "lacks a permission"),
    ],
    ids=["gone", "window", "blocked by them", "blocked", "permission"],
)
async def test_what_facebook_refuses_is_said_in_plain_words_and_not_tried_again(
    journey: Journey, body: dict[str, Any], why: str
) -> None:
    await journey.message("Hello, where is my parcel?")
    refusal = journey.wire.fault("graph", SEND, "status", times=None, status=400, body=body)
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(minutes=5)
    assert refusal.hits == 1
    told = words_of(journey.in_thread(1, "did not go out"))
    assert why in told and "It comes on Tuesday. – Ana" in told and "[Send again]" in told
    assert "NOT GO OUT" in journey.card(1)


# 60, 64: the clock


@pytest.mark.full
async def test_fifty_restarts_at_ping_time_say_everything_once(journey: Journey) -> None:
    journey.slack.strict_rates = False  # Slack itself would not let anybody start so often
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=6.5)
    for _ in range(50):
        await journey.restart()
        await journey.pass_(seconds=1.2)
    await journey.pass_(minutes=10)
    assert len([line for line in journey.thread(1) if "business time left" in line]) == 1
    assert len([line for line in journey.channel(LEADS) if "#1" in line]) == 1


@pytest.mark.parametrize("moment", [-0.001, 0.0, 0.001])
async def test_what_is_closed_at_the_very_instant_of_its_ping_is_not_pinged_after_that(
    journey: Journey, moment: float
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")

    async def alarm(tx: Any) -> Any:
        return tx.first_alarm()

    due = await journey.sandbox.bot.store.transact(alarm)
    while (due - journey.clock.now()).total_seconds() > 600:
        await journey.pass_(minutes=5)
    await journey.go_to(due + timedelta(seconds=moment))
    await journey.types(ANA, "/done 1 no answer needed")
    said = len(journey.thread(1))
    await journey.pass_(minutes=60)
    later = journey.thread(1)[said:]
    assert not [line for line in later if "left" in line or "due" in line.casefold()], later
    assert "CLOSED" in journey.card(1)


# 42: the line to Slack is cut without a word


async def test_a_line_that_is_cut_without_a_word_is_back_within_seconds(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    began = time.monotonic()
    journey.slack.drop_connections()
    while not journey.slack.connections:
        assert time.monotonic() - began < 8, "the desk is deaf"
        await asyncio.sleep(0.05)
    await journey.types(ANA, "/claim 1")
    await journey.pass_(seconds=5)
    assert f"<@{ANA}>" in journey.card(1)


# 74: nobody takes the log


async def test_a_log_that_nobody_can_write_stops_nothing(tmp_path: Path) -> None:
    async with outside() as world:
        bot = Bot(world, tmp_path)
        bot.log = Path("/dev/full")
        try:
            await world.call("x", "add_person", username="maria_k", name="Maria K.")
            await world.call("x", "post", username="maria_k", text="@acme my parcel is stuck")
            await bot.spawn()
            await until(world.threads, 60)
            await world.types(ANA, "/reply 1 It comes tomorrow.")
            await until(world.published, 60)
            assert await world.published() == ["It comes tomorrow. – Ana"]
            assert await bot.end() == 0
        finally:
            await bot.put_down()
