"""The Slack stand-in, driven with the vendor's SDK alone: what an app can see, and what people see of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from platforms.sandbox.wire import Wire


class Story:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
async def slack(story: Story) -> AsyncIterator[Slack]:
    slack = Slack(story, Wire(story), ack_seconds=0.4, trigger_seconds=0.2, retry_seconds=(0.02, 0.05, 0.1))
    slack.add_user("U0ANA", name="ana", real_name="Ana Sousa", email="ana@acme.example")
    slack.add_user("U0BEN", name="ben", real_name="Ben Carter", tz="America/New_York")
    slack.add_channel("C0DESK", "frontdesk", members=["U0ANA", "U0BEN", "U0BOT"])
    slack.add_channel("C0RANDOM", "random", members=["U0ANA", "U0BOT"])
    slack.add_usergroup("S0AGENTS", "frontdesk-agents", ["U0ANA", "U0BEN"])
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
async def client(slack: Slack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient("xoxb-sandbox", base_url=slack.url, session=session, retry_handlers=[])


@pytest.fixture
async def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, process_before_response=True)


@pytest.fixture
async def linked(app: AsyncApp) -> AsyncIterator[AsyncApp]:
    """The app with one Socket Mode connection; tests add their listeners to it."""
    handler = AsyncSocketModeHandler(app, "xapp-sandbox")
    await handler.connect_async()
    yield app
    await handler.close_async()


async def until(true: Any, seconds: float = 3.0) -> None:
    """Wait in real time until something holds."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as no:
        await call
    return str(no.value.response["error"])


async def test_the_bot_learns_who_it_is(client: AsyncWebClient) -> None:
    me = await client.auth_test()
    assert (me["team_id"], me["user_id"], me["bot_id"]) == ("T0ACME", "U0BOT", "B0BOT")


async def test_a_posted_message_stands_in_the_channel(client: AsyncWebClient, slack: Slack) -> None:
    posted = await client.chat_postMessage(channel="C0DESK", text="Good morning")
    (seen,) = slack.messages("C0DESK")
    assert (seen["ts"], seen["text"], seen["bot_id"]) == (posted["ts"], "Good morning", "B0BOT")


async def test_a_command_is_answered_for_its_sender_only(linked: AsyncApp, slack: Slack) -> None:
    @linked.command("/claim")
    async def claim(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"#{command['text']} is yours, <@{command['user_id']}>.")

    reply = await slack.command("U0ANA", "C0DESK", "/claim 1")
    assert reply.ok and reply.response == {"text": "#1 is yours, <@U0ANA>."}
    assert [one["text"] for one in slack.ephemerals("U0ANA", "C0DESK")] == ["#1 is yours, <@U0ANA>."]
    assert slack.ephemerals("U0BEN") == []
    assert slack.messages("C0DESK") == []
