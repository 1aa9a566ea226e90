"""In doubt, and honest about it: what may or may not have arrived is said, looked for, and settled or handed over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import ANA, DESK, LEE, Journey, words_of

DOUBT = "I don't know whether this went out; checking…"
HANDED = "I don't know whether your answer to #1 went out"
TEXT = "It comes on Tuesday."
WAYS = {
    "public on X": ("x", "POST /2/tweets", "/reply"),
    "privately on X": ("x", "POST /2/dm_conversations/*", "/private"),
    "a comment": ("graph", "POST /v23.0/*/comments", "/reply"),
    "a private reply": ("graph", "POST /v23.0/me/messages", "/private"),
    "Messenger": ("graph", "POST /v23.0/me/messages", "/reply"),
}


async def inquiry_for(journey: Journey, way: str) -> None:
    """Inquiry #1, of the kind that is answered in that way."""
    if "X" in way:
        await journey.on_x("@acme my parcel is stuck since Monday")
    elif way == "Messenger":
        await journey.message("Hello, where is my parcel?")
    else:
        await journey.comment("Is there lactose in it?")


def out(journey: Journey) -> int:
    """How often our text stands at a platform."""
    posts = [*journey.x.published, *journey.x.sent_directs, *journey.graph.published]
    return sum(TEXT in one["text"] for one in posts)


def answers_line(journey: Journey) -> str:
    """The line in the thread that follows the answer."""
    return next(line for line in journey.thread(1) if TEXT in line and "[It's there]" not in line)


@pytest.mark.parametrize("way", WAYS)
async def test_a_doubt_is_said_within_seconds_and_ends_by_itself_where_it_did_arrive(
    journey: Journey, way: str
) -> None:
    to, match, command = WAYS[way]
    await inquiry_for(journey, way)
    journey.wire.fault(to, match, "drop_after", lag=10)
    await journey.types(ANA, f"{command} 1 {TEXT}")
    await journey.pass_(seconds=13)
    assert DOUBT in answers_line(journey), "three seconds after the attempt"
    assert "IN DOUBT" in journey.card(1)
    await journey.pass_(minutes=2)
    assert out(journey) == 1
    assert "Published" in answers_line(journey)
    assert not any("[Send again]" in line for line in journey.thread(1))


@pytest.mark.parametrize("way", WAYS)
async def test_a_doubt_that_nobody_can_settle_is_handed_to_the_agent_and_only_they_say_it_again(
    journey: Journey, way: str
) -> None:
    to, match, command = WAYS[way]
    await inquiry_for(journey, way)
    journey.wire.fault(to, match, "drop_before")
    await journey.types(ANA, f"{command} 1 {TEXT}")
    await journey.pass_(minutes=10)
    assert out(journey) == 0
    handed = words_of(journey.in_thread(1, HANDED))
    assert f"<@{ANA}>" in handed and TEXT in handed and "[It's there]\n[Send again]" in handed
    await journey.presses_in(ANA, DESK, HANDED, "send_again")
    await journey.presses_in(LEE, DESK, HANDED, "send_again")
    await journey.pass_(minutes=2)
    assert out(journey) == 1
    assert "Published" in answers_line(journey)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502, "body": "<html>Bad gateway</html>"},
        {"status": 200, "body": "<html>Welcome</html>"},
        {"status": 200, "body": {"success": True}},
        {"status": 500, "body": {"error": {"code": 2, "message": "Service temporarily unavailable"}}},
        {"status": 500, "body": ""},
    ],
    ids=["502 in HTML", "200 in HTML", "200 without an id", "code 2", "empty 500"],
)
async def test_whatever_facebook_answers_that_is_no_yes_and_no_no_is_a_doubt(
    journey: Journey, answer: dict[str, Any]
) -> None:
    await journey.comment("Is there lactose in it?")
    journey.wire.fault("graph", "POST /v23.0/*/comments", "status", **answer)
    await journey.types(ANA, f"/reply 1 {TEXT}")
    await journey.pass_(minutes=3)
    assert out(journey) == 0
    assert "[It's there]\n[Send again]" in words_of(journey.in_thread(1, HANDED))


@pytest.mark.parametrize(
    "body",
    ["<html>Welcome</html>", [], {"errors": None}, {"data": None, "errors": [{"title": "x"}]}, {"data": {}}],
    ids=["HTML", "a list", "no errors", "no data", "no id"],
)
async def test_whatever_x_answers_that_is_no_yes_and_no_no_is_a_doubt(journey: Journey, body: Any) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    journey.wire.fault("x", "POST /2/tweets", "status", status=200, body=body)
    await journey.types(ANA, f"/reply 1 {TEXT}")
    await journey.pass_(minutes=3)
    assert out(journey) == 0
    assert "[It's there]\n[Send again]" in words_of(journey.in_thread(1, HANDED))


async def test_an_answer_that_the_connector_cannot_read_is_a_doubt_and_is_looked_for(journey: Journey) -> None:
    journey.expected_bugs = ["delivery broke"]
    await journey.on_x("@acme my parcel is stuck since Monday")
    odd = journey.wire.fault("x", "POST /2/tweets", "status", status=201, body={"data": "1700000000000000000"})
    await journey.types(ANA, f"/reply 1 {TEXT}")
    await journey.pass_(seconds=11)
    assert odd.hits == 1
    assert DOUBT in answers_line(journey)
    await journey.pass_(minutes=5)
    tries = [r for r in journey.wire.to("x") if r.method == "POST" and r.path == "/2/tweets"]
    assert len(tries) == 1, "nothing is said twice, whatever broke"
    await journey.presses_in(ANA, DESK, HANDED, "send_again")
    await journey.pass_(minutes=1)
    assert out(journey) == 1


async def test_send_again_looks_first_where_nothing_else_has_looked(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    journey.wire.fault("x", "GET /2/users/*/mentions", "status", times=None, status=503, body="")
    journey.wire.fault("x", "POST /2/tweets", "drop_after", lag=90)
    await journey.types(ANA, f"/reply 1 {TEXT}")
    await journey.pass_(seconds=110)
    await journey.presses_in(ANA, DESK, HANDED, "send_again")
    await journey.pass_(minutes=3)
    tries = [r for r in journey.wire.to("x") if r.method == "POST" and r.path == "/2/tweets"]
    assert len(tries) == out(journey) == 1
    assert "Published" in answers_line(journey)


async def test_what_waits_when_a_lead_holds_the_desk_stays(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.types(ANA, f"/reply 1 {TEXT}")
    await journey.types(LEE, "/desk hold")
    await journey.pass_(minutes=5)
    await journey.restart()
    await journey.pass_(minutes=5)
    assert out(journey) == 0
    assert "publishing is on hold" in answers_line(journey)
    await journey.types(LEE, "/desk hold off")
    await journey.pass_(minutes=2)
    assert out(journey) == 1


@pytest.mark.parametrize("line", ["a message", "an answer's line"])
async def test_a_post_in_slack_that_is_in_doubt_is_found_by_what_it_carries_and_not_by_its_words(
    journey: Journey, line: str
) -> None:
    root = await journey.on_x("@acme my parcel is stuck since Monday")
    journey.wire.fault("slack", "POST /api/chat.postMessage", "drop_after", lag=5)
    if line == "a message":
        journey.x.post("maria_k", "@acme are you there?", reply_to=root)
    else:
        await journey.types(ANA, f"/reply 1 {TEXT}")
    await journey.pass_(minutes=3)
    everything = [m for c in journey.slack.channels for m in journey.slack.messages(c)]
    everything += journey.slack.replies(DESK, journey.root(1)["ts"])
    ids = [m["metadata"]["event_payload"]["op_id"] for m in everything if "metadata" in m]
    assert len(ids) == len(set(ids)), "each once"
    asked = [r.request for r in journey.wire.to("slack") if r.path.endswith((".history", ".replies"))]
    assert asked and all(str(one.get("include_all_metadata")).casefold() in ("true", "1") for one in asked)
