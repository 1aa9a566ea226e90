"""Socket Mode and signed HTTP: how envelopes reach the app, and what happens when they do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from tests.platforms.test_sandbox_slack.ways import button, refused, until


def listening(app: AsyncApp) -> list[dict[str, Any]]:
    """Let an app note each message; what it heard."""
    heard: list[dict[str, Any]] = []

    @app.event("message")
    async def message(event: dict[str, Any], request: Any) -> None:
        heard.append({**event, "retry": request.headers.get("x-slack-retry-num")})

    @app.command("/claim")
    async def claim(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command)
        await ack(f"#{command['text']} is yours.")

    return heard


async def test_only_the_app_token_opens_a_connection(client: AsyncWebClient, slack: Slack) -> None:
    assert (await refused(client.apps_connections_open(app_token="xapp-wrong")))["error"] == "invalid_auth"
    assert (await refused(client.apps_connections_open(app_token="xoxb-sandbox")))["error"] == "not_allowed_token_type"
    url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["connection_info"]["app_id"]) == ("hello", "A0DESK")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


@pytest.mark.usefixtures("hasty")
async def test_an_event_that_nobody_acknowledges_comes_again_with_its_number(linked: AsyncApp, slack: Slack) -> None:
    heard = listening(linked)
    slack.hold_acks(2)
    await slack.say("U0ANA", "C0DESK", "!claim")
    await until(lambda: slack.busy() is None)
    assert [one["retry"] for one in heard] == [["0"], ["1"], ["2"]]
    sent = [one for one in slack.frames if one["type"] == "events_api"]
    assert len({one["payload"]["event_id"] for one in sent}) == 1
    assert len({one["envelope_id"] for one in sent}) == 3
    assert [one["retry_attempt"] for one in sent] == [0, 1, 2]
    assert sent[-1]["ack_ms"] is not None and sent[0]["ack_ms"] is None


@pytest.mark.usefixtures("hasty")
async def test_an_event_that_is_never_acknowledged_is_given_up_after_three_retries(
    linked: AsyncApp, slack: Slack
) -> None:
    heard = listening(linked)
    slack.hold_acks(100)
    await slack.say("U0ANA", "C0DESK", "!claim")
    assert slack.busy() is not None
    await until(lambda: slack.busy() is None)
    assert len(heard) == 4 and len(slack.doors.given_up) == 1


async def test_an_event_for_an_app_that_was_away_comes_when_it_is_back(app: AsyncApp, slack: Slack) -> None:
    slack.doors.retry_seconds = (0.3, 0.3, 0.3)
    heard = listening(app)
    await slack.say("U0ANA", "C0DESK", "anybody?")
    assert slack.busy() is None
    handler = AsyncSocketModeHandler(app, "xapp-sandbox")
    await handler.connect_async()
    await until(lambda: heard)
    assert heard[0]["retry"] in (["1"], ["2"], ["3"])
    await handler.close_async()


@pytest.mark.usefixtures("hasty")
async def test_a_command_whose_ack_is_lost_is_not_sent_again(linked: AsyncApp, slack: Slack) -> None:
    heard = listening(linked)
    slack.hold_acks(1)
    reply = await slack.command("U0ANA", "C0DESK", "/claim 1")
    assert reply.error == "operation_timeout"
    await asyncio.sleep(0.2)
    assert len(heard) == 1


async def test_any_envelope_can_be_delivered_twice(linked: AsyncApp, slack: Slack) -> None:
    heard = listening(linked)
    first = await slack.command("U0ANA", "C0DESK", "/claim 1")
    second = await slack.redeliver(first.envelope_id)
    assert second.ok and second.response == first.response
    assert heard[0]["trigger_id"] == heard[1]["trigger_id"]
    await slack.say("U0ANA", "C0DESK", "hello")
    (envelope,) = [one["envelope_id"] for one in slack.frames if one["type"] == "events_api"]
    await slack.redeliver(envelope)
    assert heard[-1]["retry"] == ["1"]


async def test_envelopes_are_spread_over_the_connections(app: AsyncApp, slack: Slack) -> None:
    listening(app)
    handlers = [AsyncSocketModeHandler(app, "xapp-sandbox") for _ in range(2)]
    for handler in handlers:
        await handler.connect_async()
    await until(lambda: slack.connections == 2)
    for n in range(6):
        assert (await slack.command("U0ANA", "C0DESK", f"/claim {n}")).ok
    assert [one.sent for one in slack.doors.connections] == [3, 3]
    for handler in handlers:
        await handler.close_async()
    await until(lambda: slack.connections == 0)


async def test_ten_connections_and_no_more(client: AsyncWebClient, slack: Slack) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = []
        for _ in range(11):
            url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
            sockets.append(await session.ws_connect(url))
        frame = await sockets[10].receive_json()
        assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
        assert slack.connections == 10
        for socket in sockets:
            await socket.close()


async def test_an_app_that_is_asked_to_refresh_comes_back(linked: AsyncApp, slack: Slack) -> None:
    listening(linked)
    slack.disconnect("refresh_requested", close_after=0.2)
    await until(lambda: [one for one in slack.frames if one["type"] == "hello"][1:])
    await until(lambda: slack.connections == 1)
    assert (await slack.command("U0ANA", "C0DESK", "/claim 1")).ok
    assert [one["payload"]["reason"] for one in slack.frames if one["type"] == "disconnect"] == ["refresh_requested"]


async def test_a_raw_connection_stays_open_after_a_warning(client: AsyncWebClient, slack: Slack) -> None:
    url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        slack.disconnect("warning")
        frame = await socket.receive_json()
        assert (frame["type"], frame["reason"]) == ("disconnect", "warning")
        asked = asyncio.create_task(slack.command("U0ANA", "C0DESK", "/claim 1"))
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "yours"}})
        assert (await asked).response == {"text": "yours"}


async def test_a_cut_connection_is_built_up_again(linked: AsyncApp, slack: Slack) -> None:
    listening(linked)
    slack.drop_connections()
    assert (await slack.command("U0ANA", "C0DESK", "/claim 1")).error == "dispatch_failed"
    await until(lambda: slack.connections == 1, seconds=8)
    assert (await slack.command("U0ANA", "C0DESK", "/claim 1")).ok


async def test_the_record_says_when_how_and_how_fast(linked: AsyncApp, slack: Slack) -> None:
    listening(linked)
    await slack.command("U0ANA", "C0DESK", "/claim 1")
    hello, out, back = slack.frames
    assert (hello["type"], out["direction"], back["direction"]) == ("hello", "out", "in")
    assert out["envelope_id"] == back["envelope_id"] and out["type"] == "slash_commands"
    assert out["at"] == slack.now() and out["ack_ms"] > 0
    assert back["payload"] == {"text": "#1 is yours."}


# --- signed HTTP ---


@pytest.fixture
async def by_http(client: AsyncWebClient, slack: Slack) -> AsyncIterator[AsyncApp]:
    """An app that Slack reaches by HTTP."""
    app = AsyncApp(client=client, signing_secret="sandbox-secret", process_before_response=True)
    server = TestServer(app.web_app(path="/slack/events"))
    await server.start_server()
    slack.deliver_to = str(server.make_url("/slack/events"))
    yield app
    await server.close()


async def test_commands_buttons_and_events_reach_an_app_by_signed_http(
    by_http: AsyncApp, slack: Slack, client: AsyncWebClient
) -> None:
    heard = listening(by_http)
    pressed: list[str] = []

    @by_http.action("claim")
    async def claim(ack: Any, action: dict[str, Any]) -> None:
        pressed.append(action["value"])
        await ack()

    reply = await slack.command("U0ANA", "C0DESK", "/claim 1 &amp; more")
    assert reply.ok and heard[0]["text"] == "1 &amp; more"
    assert slack.ephemerals("U0ANA")[0]["text"] == "#1 &amp; more is yours."
    row = {"type": "actions", "elements": [button("Claim", "claim", "7")]}
    ts = (await client.chat_postMessage(channel="C0DESK", text="card", blocks=[row]))["ts"]
    assert (await slack.press("U0ANA", "C0DESK", ts, "claim")).ok and pressed == ["7"]
    await slack.say("U0ANA", "C0DESK", "hello")
    await until(lambda: slack.busy() is None)
    assert [one["text"] for one in heard[1:]] == ["hello"]


async def test_a_wrong_secret_is_refused_by_the_app(by_http: AsyncApp, slack: Slack) -> None:
    heard = listening(by_http)
    slack.doors.signing_secret = "another"
    assert (await slack.command("U0ANA", "C0DESK", "/claim 1")).error == "dispatch_failed"
    await slack.say("U0ANA", "C0DESK", "hello")
    await until(lambda: slack.busy() is None)
    assert heard == [] and len(slack.doors.given_up) == 1


async def test_the_clock_may_not_jump_while_an_envelope_is_out(linked: AsyncApp, slack: Slack) -> None:
    free = asyncio.Event()

    @linked.command("/slow")
    async def slow(ack: Any) -> None:
        await free.wait()
        await ack()

    asked = asyncio.create_task(slack.command("U0ANA", "C0DESK", "/slow"))
    await until(lambda: slack.busy() == "1 Slack envelope(s) unacknowledged")
    free.set()
    assert (await asked).ok and slack.busy() is None


async def test_slack_can_go_down_and_come_back_at_the_same_place(app: AsyncApp, slack: Slack) -> None:
    listening(app)
    port = int(slack.base.rpartition(":")[2])
    await slack.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await app.client.auth_test()
    await slack.start(port=port)
    handler = AsyncSocketModeHandler(app, "xapp-sandbox")
    await handler.connect_async()
    assert (await slack.command("U0ANA", "C0DESK", "/claim 1")).ok
    await handler.close_async()
