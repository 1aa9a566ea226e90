"""Slack over HTTP: the same desk behind another door, whose requests are signed, come twice, or from a stranger."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

import bot
from platforms.sandbox.slack.socket import sign
from tests.journeys.conftest import ANA, BEN, DESK, SAM, TUESDAY, Journey, bugs_in, words_of

SECRET = "sandbox-secret"


@pytest.fixture
async def door(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Journey]:
    """A desk at ten on a Tuesday that Slack and Meta call by HTTP."""
    caplog.set_level(logging.WARNING)
    sandbox = bot.Sandbox(TUESDAY, tmp_path, door="http")
    await sandbox.start()
    told = Journey(sandbox)
    try:
        await told.pass_(seconds=5)
        yield told
        await told.audit()
    finally:
        await sandbox.stop()
    assert bugs_in(caplog) == told.expected_bugs


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


async def test_the_main_job_through_signed_http(door: Journey) -> None:
    assert door.slack.connections == 0
    post_id = await door.on_x("@acme my parcel is stuck since Monday, please help")
    assert (await door.presses(ANA, 1, "claim")).ok
    assert f"CLAIMED* by <@{ANA}>" in door.card(1)
    assert "10 s" in await door.types(ANA, "/reply 1 Sorry, Maria! It left today.")
    await door.pass_(seconds=12)
    assert [(p["text"], p["in_reply_to"]) for p in door.published] == [
        ("Sorry, Maria! It left today. – Ana", post_id),
    ]
    assert "Published" in words_of(door.in_thread(1, "It left today"))
    await door.on_x("@acme and now?", reply_to=door.published[0]["id"])
    await door.presses(ANA, 1, "reply")
    (view,) = door.slack.open_views(ANA)
    typed = {
        block["block_id"]: {block["element"]["action_id"]: "Tomorrow at ten."}
        for block in view["blocks"]
        if block.get("element", {}).get("type") == "plain_text_input" and not block.get("optional")
    }
    assert (await door.slack.submit(ANA, view["id"], typed)).ok
    await door.says(BEN, 1, "!note I have called the depot")
    await door.pass_(seconds=15)
    assert len(door.published) == 2
    assert "called the depot" in "".join(door.thread(1))
    assert {frame["type"] for frame in door.slack.frames} >= {"slash_commands", "interactive", "events_api"}


async def test_strangers_are_refused_at_this_door_too(door: Journey) -> None:
    await door.on_x("@acme my parcel is stuck")
    assert "Only members of" in await door.types(SAM, "/claim 1")
    assert "customers' matters stay there" in await door.types(ANA, "/claim 1", "C0RANDOM")
    foreign = command("/claim 1", team_id="T0OTHER")
    status, said = await post(door, "/slack/events", foreign, FORM | sign(SECRET, foreign))
    assert (status, "another workspace" in said) == (200, True)
    assert "UNCLAIMED" in door.card(1)


async def test_a_request_that_is_played_again_acts_once_and_answers_as_the_first_time(door: Journey) -> None:
    await door.on_x("@acme my parcel is stuck")
    body = command("/reply 1 It comes tomorrow.")
    headers = FORM | sign(SECRET, body)
    first = await post(door, "/slack/events", body, headers)
    again = await asyncio.gather(*(post(door, "/slack/events", body, headers) for _ in range(3)))
    await door.pass_(seconds=15)
    await door.restart()
    later = await post(door, "/slack/events", body, headers)
    await door.pass_(seconds=15)
    assert first[0] == 200
    assert {json.loads(said)["text"] for _, said in (first, *again, later)} == {json.loads(first[1])["text"]}
    assert len(door.published) == 1


async def test_an_event_whose_first_delivery_nobody_heard_is_not_ignored_when_it_comes_again(door: Journey) -> None:
    await door.on_x("@acme my parcel is stuck")
    heard, door.slack.deliver_to = door.slack.deliver_to, "http://127.0.0.1:9/slack/events"
    await door.slack.say(BEN, DESK, "!note I have called the depot", thread_ts=door.root(1)["ts"])
    door.slack.deliver_to = heard
    await door.pass_(seconds=5)
    assert any(frame.get("retry_attempt") for frame in door.slack.frames)
    assert "called the depot" in "".join(door.thread(1))


async def test_slack_may_look_at_the_certificate_and_ask_for_its_challenge(door: Journey) -> None:
    assert await post(door, "/slack/events", "ssl_check=1&token=x", FORM) == (200, "")
    more = command("/claim 1", ssl_check="1")
    assert (await post(door, "/slack/events", more, FORM))[0] == 401
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"})
    json_type = {"Content-Type": "application/json"}
    assert (await post(door, "/slack/events", body, json_type))[0] == 401
    status, said = await post(door, "/slack/events", body, json_type | sign(SECRET, body))
    assert (status, "3eZbrw1aB" in said) == (200, True)
