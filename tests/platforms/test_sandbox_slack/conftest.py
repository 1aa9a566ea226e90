"""A small workspace behind the Slack stand-in, and the SDK's clients that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from platforms.sandbox.wire import Wire
from tests.platforms.test_sandbox_slack.ways import Story


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def wire(story: Story) -> Wire:
    return Wire(story)


@pytest.fixture
async def slack(story: Story, wire: Wire) -> AsyncIterator[Slack]:
    """Ana and Ben in #frontdesk with the bot. Who answers has as long as at Slack; see `hasty`."""
    slack = Slack(story, wire, ack_seconds=3.0, trigger_seconds=3.0, retry_seconds=(0.02, 0.03, 0.04))
    slack.add_user("U0ANA", name="ana", real_name="Ana Sousa", email="ana@acme.example")
    slack.add_user("U0BEN", name="ben", real_name="Ben Carter", tz="America/New_York")
    slack.add_channel("C0DESK", "frontdesk", members=["U0ANA", "U0BEN", "U0BOT"])
    slack.add_channel("C0RANDOM", "random", members=["U0ANA"])
    slack.add_channel("G0LEADS", "leads", members=["U0ANA", "U0BOT"], private=True)
    slack.add_usergroup("S0AGENTS", "frontdesk-agents", ["U0ANA", "U0BEN"])
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
def hasty(slack: Slack) -> None:
    """Short real times, where a test waits for one to pass. Elsewhere a busy machine would be taken for a late bot."""
    slack.doors.ack_seconds = 0.3
    slack.trigger_seconds = 0.2


@pytest.fixture
async def client(slack: Slack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient("xoxb-sandbox", base_url=slack.url, session=session, retry_handlers=[])


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, process_before_response=True)


@pytest.fixture
async def linked(app: AsyncApp) -> AsyncIterator[AsyncApp]:
    """The app with one Socket Mode connection; tests add their listeners to it."""
    handler = AsyncSocketModeHandler(app, "xapp-sandbox", ping_interval=1)
    await handler.connect_async()
    yield app
    await handler.close_async()
