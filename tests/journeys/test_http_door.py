"""Slack over HTTP: the same desk behind another called, whose requests are signed, come twice, or from a stranger."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

import aiohttp

from platforms.sandbox.slack.socket import sign
from tests.journeys.conftest import ANA, BEN, DESK, SAM, Journey, words_of

SECRET = "sandbox-secret"


async def post(journey: Journey, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
    """One request to the desk; its status and text."""
    address = journey.sandbox.bot.web.url + path
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body.encode(), headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def command(text: str, user: str = ANA, **more: str) -> str:
    """A slash command's body, as Slack sends it."""
    name, _, rest = text.partition(" ")
    fields = {
        "command": name,
        "text": rest,
        "user_id": user,
        "team_id": "T0ACME",
        "channel_id": DESK,
        "trigger_id": "1.2.abc",
        "response_url": "http://127.0.0.1:9/commands/x",
    }
    return urlencode(fields | more)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_the_main_job_through_signed_http(called: Journey) -> None:
    assert called.slack.connections == 0
    post_id = await called.on_x("@acme my parcel is stuck since Monday, please help")
    assert (await called.presses(ANA, 1, "claim")).ok
    assert f"CLAIMED* by <@{ANA}>" in called.card(1)
    assert "10 s" in await called.types(ANA, "/reply 1 Sorry, Maria! It left today.")
    await called.pass_(seconds=12)
    assert [(p["text"], p["in_reply_to"]) for p in called.published] == [
        ("Sorry, Maria! It left today. – Ana", post_id),
    ]
    assert "Published" in words_of(called.in_thread(1, "It left today"))
    await called.on_x("@acme and now?", reply_to=called.published[0]["id"])
    await called.presses(ANA, 1, "reply")
    (view,) = called.slack.open_views(ANA)
    typed = {
        block["block_id"]: {block["element"]["action_id"]: "Tomorrow at ten."}
        for block in view["blocks"]
        if block.get("element", {}).get("type") == "plain_text_input" and not block.get("optional")
    }
    assert (await called.slack.submit(ANA, view["id"], typed)).ok
    await called.says(BEN, 1, "!note I have called the depot")
    await called.pass_(seconds=15)
    assert len(called.published) == 2
    assert "called the depot" in "".join(called.thread(1))
    assert {frame["type"] for frame in called.slack.frames} >= {"slash_commands", "interactive", "events_api"}


async def test_strangers_are_refused_at_this_door_too(called: Journey) -> None:
    await called.on_x("@acme my parcel is stuck")
    assert "Only members of" in await called.types(SAM, "/claim 1")
    assert "customers' matters stay there" in await called.types(ANA, "/claim 1", "C0RANDOM")
    foreign = command("/claim 1", team_id="T0OTHER")
    status, said = await post(called, "/slack/events", foreign, FORM | sign(SECRET, foreign))
    assert (status, "another workspace" in said) == (200, True)
    assert "UNCLAIMED" in called.card(1)


async def test_a_request_that_is_played_again_acts_once_and_answers_as_the_first_time(called: Journey) -> None:
    await called.on_x("@acme my parcel is stuck")
    body = command("/reply 1 It comes tomorrow.")
    headers = FORM | sign(SECRET, body)
    first = await post(called, "/slack/events", body, headers)
    again = await asyncio.gather(*(post(called, "/slack/events", body, headers) for _ in range(3)))
    await called.pass_(seconds=15)
    await called.restart()
    later = await post(called, "/slack/events", body, headers)
    await called.pass_(seconds=15)
    assert first[0] == 200
    assert {json.loads(said)["text"] for _, said in (first, *again, later)} == {json.loads(first[1])["text"]}
    assert len(called.published) == 1


async def test_an_event_whose_first_delivery_nobody_heard_is_not_ignored_when_it_comes_again(called: Journey) -> None:
    await called.on_x("@acme my parcel is stuck")
    heard, called.slack.deliver_to = called.slack.deliver_to, "http://127.0.0.1:9/slack/events"
    await called.slack.say(BEN, DESK, "!note I have called the depot", thread_ts=called.root(1)["ts"])
    called.slack.deliver_to = heard
    await called.pass_(seconds=5)
    assert any(frame.get("retry_attempt") for frame in called.slack.frames)
    assert "called the depot" in "".join(called.thread(1))


async def test_slack_may_look_at_the_certificate_and_ask_for_its_challenge(called: Journey) -> None:
    assert await post(called, "/slack/events", "ssl_check=1&token=x", FORM) == (200, "")
    more = command("/claim 1", ssl_check="1")
    assert (await post(called, "/slack/events", more, FORM))[0] == 401
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"})
    json_type = {"Content-Type": "application/json"}
    assert (await post(called, "/slack/events", body, json_type))[0] == 401
    status, said = await post(called, "/slack/events", body, json_type | sign(SECRET, body))
    assert (status, "3eZbrw1aB" in said) == (200, True)
