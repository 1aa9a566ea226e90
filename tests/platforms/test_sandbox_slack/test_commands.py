"""Slash commands as people type them, and the response_url by which the app answers later."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from platforms.sandbox.slack import Slack
from tests.platforms.test_sandbox_slack.ways import Story, button

# --- commands ---


async def test_a_command_is_answered_for_its_sender_only(linked: AsyncApp, slack: Slack) -> None:
    @linked.command("/claim")
    async def claim(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"#{command['text']} is yours, <@{command['user_id']}>.")

    reply = await slack.command("U0ANA", "C0DESK", "/claim 1")
    assert reply.ok and reply.response == {"text": "#1 is yours, <@U0ANA>."}
    assert [one["text"] for one in slack.ephemerals("U0ANA", "C0DESK")] == ["#1 is yours, <@U0ANA>."]
    assert slack.ephemerals("U0BEN") == []
    assert slack.messages("C0DESK") == []


async def test_a_commands_text_keeps_its_lines_and_its_escapes(linked: AsyncApp, slack: Slack) -> None:
    heard: list[str] = []

    @linked.command("/reply")
    async def reply(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command["text"])
        await ack()

    await slack.command("U0ANA", "C0DESK", "/reply 1 Dear Maria,\n\nfish &amp; chips &lt;3  ")
    assert heard == ["1 Dear Maria,\n\nfish &amp; chips &lt;3"]
    assert slack.ephemerals("U0ANA") == []


async def test_an_answer_in_the_channel_is_for_everybody(linked: AsyncApp, slack: Slack) -> None:
    @linked.command("/hours")
    async def hours(ack: Any) -> None:
        await ack(text="Open until 18:00", response_type="in_channel")

    await slack.command("U0ANA", "C0DESK", "/hours")
    assert [one["text"] for one in slack.messages("C0DESK")] == ["Open until 18:00"]


@pytest.mark.usefixtures("hasty")
async def test_a_command_in_a_thread_is_refused_in_slacks_words(linked: AsyncApp, slack: Slack) -> None:
    ts = await slack.say("U0ANA", "C0DESK", "root")
    reply = await slack.command("U0ANA", "C0DESK", "/claim 1", thread_ts=ts)
    assert (reply.ok, reply.error) == (False, "/claim is not supported in threads. Sorry!")
    (seen,) = slack.ephemerals("U0ANA")
    assert (seen["text"], seen["thread_ts"]) == ("/claim is not supported in threads. Sorry!", ts)
    assert not [frame for frame in slack.frames if frame["type"] == "slash_commands"]


@pytest.mark.usefixtures("hasty")
async def test_a_command_that_is_not_acknowledged_has_timed_out(linked: AsyncApp, slack: Slack) -> None:
    @linked.command("/slow")
    async def slow(ack: Any) -> None:
        await asyncio.sleep(0.5)
        await ack("too late")

    reply = await slack.command("U0ANA", "C0DESK", "/slow")
    assert (reply.ok, reply.error) == (False, "operation_timeout")
    await asyncio.sleep(0.3)
    assert [one["text"] for one in slack.ephemerals("U0ANA")] == ['/slow failed with the error "operation_timeout"']
    assert len([one for one in slack.frames if one["type"] == "slash_commands"]) == 1


async def test_a_command_without_an_app_is_not_delivered(slack: Slack) -> None:
    reply = await slack.command("U0ANA", "C0DESK", "/claim 1")
    assert (reply.ok, reply.error) == (False, "dispatch_failed")
    assert slack.ephemerals("U0ANA")[0]["text"] == '/claim failed with the error "dispatch_failed"'


async def test_an_answer_that_slack_could_not_show_fails(linked: AsyncApp, slack: Slack) -> None:
    @linked.command("/bad")
    async def bad(ack: Any) -> None:
        await ack(text="x", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": ""}}])

    reply = await slack.command("U0ANA", "C0DESK", "/bad")
    assert not reply.ok and "/blocks/0/text/text" in str(reply.error)


async def test_who_is_not_in_the_channel_can_neither_write_nor_command(slack: Slack) -> None:
    assert (await slack.command("U0BEN", "C0RANDOM", "/claim 1")).error == "not_in_channel"
    with pytest.raises(ValueError, match="not_in_channel"):
        await slack.say("U0BEN", "C0RANDOM", "Hello")


# --- response_url ---


async def test_a_response_url_takes_five_answers_in_thirty_minutes(
    linked: AsyncApp, slack: Slack, story: Story
) -> None:
    urls: list[str] = []

    @linked.command("/claim")
    async def claim(ack: Any, command: dict[str, Any]) -> None:
        urls.append(command["response_url"])
        await ack()

    await slack.command("U0ANA", "C0DESK", "/claim 1")
    hook = AsyncWebhookClient(urls[0])
    for n in range(4):
        assert (await hook.send(text=f"answer {n}")).status_code == 200
    assert (await hook.send(text="for all", response_type="in_channel")).status_code == 200
    used = await hook.send(text="one too many")
    assert (used.status_code, "used_url" in used.body) == (404, True)
    assert [one["text"] for one in slack.ephemerals("U0ANA")] == [f"answer {n}" for n in range(4)]
    assert [one["text"] for one in slack.messages("C0DESK")] == ["for all"]
    await slack.command("U0ANA", "C0DESK", "/claim 1")
    story.go_on(minutes=31)
    late = await AsyncWebhookClient(urls[1]).send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_an_answer_replaces_or_takes_away_what_was_pressed(linked: AsyncApp, slack: Slack) -> None:
    row = {"type": "actions", "elements": [button("Undo", "undo"), button("Send now", "send_now")]}

    @linked.command("/reply")
    async def reply(ack: Any) -> None:
        await ack(text="Going out in 10 s", blocks=[row])

    @linked.action("undo")
    async def undo(ack: Any, respond: Any) -> None:
        await respond(text="Held back.", replace_original=True)
        await ack()

    @linked.action("send_now")
    async def send_now(ack: Any, respond: Any) -> None:
        await respond(delete_original=True)
        await ack()

    for action in ("undo", "send_now"):
        await slack.command("U0ANA", "C0DESK", "/reply 1 Hello")
        assert (await slack.press("U0ANA", "C0DESK", slack.ephemerals("U0ANA")[-1]["ts"], action)).ok
    assert [one["text"] for one in slack.ephemerals("U0ANA")] == ["Held back."]


async def test_an_answer_to_a_button_in_the_channel_can_rewrite_the_message(
    linked: AsyncApp, client: AsyncWebClient, slack: Slack
) -> None:
    row = {"type": "actions", "elements": [button("Confirm", "confirm")]}
    ts = (await client.chat_postMessage(channel="C0DESK", text="Sure?", blocks=[row]))["ts"]

    @linked.action("confirm")
    async def confirm(ack: Any, respond: Any) -> None:
        await respond(text="Done.", replace_original=True)
        await ack()

    await slack.press("U0ANA", "C0DESK", ts, "confirm")
    (seen,) = slack.messages("C0DESK")
    assert (seen["text"], "blocks" in seen, seen["ts"]) == ("Done.", False, ts)


async def test_an_answer_that_breaks_the_limits_is_refused(linked: AsyncApp, slack: Slack) -> None:
    urls: list[str] = []

    @linked.command("/claim")
    async def claim(ack: Any, command: dict[str, Any]) -> None:
        urls.append(command["response_url"])
        await ack()

    await slack.command("U0ANA", "C0DESK", "/claim 1")
    empty = await AsyncWebhookClient(urls[0]).send(text="")
    assert (empty.status_code, "no_text" in empty.body) == (400, True)
    bad = await AsyncWebhookClient(urls[0]).send(text="x", blocks=[{"type": "nonsense"}])
    assert (bad.status_code, "invalid_blocks" in bad.body) == (400, True)
    async with aiohttp.ClientSession() as session, session.post(urls[0] + "x", json={"text": "x"}) as answer:
        assert answer.status == 404
