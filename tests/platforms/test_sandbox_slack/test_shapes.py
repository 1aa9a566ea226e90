"""Real payloads beside ours: each recorded file has a shape that the stand-in produces or accepts, or is listed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from platforms.sandbox.slack.blocks import check_options
from platforms.sandbox.wire import Wire
from tests.platforms.test_sandbox_slack.ways import button, modal, refused, text_input, until

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "payloads" / "slack"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json"))

pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not FOLDER.is_dir(), reason="no ../shared/data here")]

NOT_PRODUCED = {
    "bolt-python/events.message_file_share_body.json": "files in messages are not played",
    "bolt-python/message_file_share.event_payload.json": "files in messages are not played",
    "bolt-python/events_ignore_self.event_body.json": "its item has a channel_type, which no other reaction has",
    "bolt-python/events_org_apps.event_payload.json": "the workspace belongs to no Enterprise organisation",
}
"""Recorded files that the stand-in neither produces nor accepts, with why."""

ELSEWHERE = {
    "enterprise_id": "Enterprise organisations only",
    "enterprise_name": "Enterprise organisations only",
    "enterprise": "null outside Enterprise organisations",
    "authed_users": "an older form; Slack sends `authorizations` since 2020",
    "icons": "an app's pictures: ours has none",
}
"""Fields that recorded files have and ours need not have, with why."""

OPAQUE = {"blocks", "values"}
"""Fields whose insides are the app's own or a person's choice."""


def shape(value: Any, at: str = "") -> set[str]:
    """Each place in a payload with the kind of value that stands there."""
    if isinstance(value, dict):
        places = {f"{at}:object"}
        for name, inside in value.items():
            if name in ELSEWHERE:
                continue
            places |= {f"{at}.{name}:list"} if name in OPAQUE else shape(inside, f"{at}.{name}")
        return places
    if isinstance(value, list):
        return {f"{at}:list"}.union(*(shape(one, f"{at}[]") for one in value))
    kinds: dict[type, str] = {bool: "flag", int: "number", float: "number", str: "text", type(None): "any"}
    return {f"{at}:{kinds[type(value)]}"}


def kind(payload: dict[str, Any]) -> str:
    """What a payload is: "event_callback message message_changed", "block_actions view", "slash_command" …"""
    event = payload.get("event", {})
    if "command" in payload:
        return "slash_command"
    words = [payload["type"], event.get("type"), event.get("subtype")]
    if event.get("type") == "message" and not event.get("subtype"):
        words.append("by a bot" if "bot_id" in event else "by a person")
    if payload["type"] == "block_actions":
        words.append("in a view" if payload.get("container", {}).get("type") == "view" else "in a message")
    return " ".join(word for word in words if word)


def lacking(recorded: Any, ours: set[str]) -> list[str]:
    """Places of a recorded payload that none of ours has, or has with another kind of value."""
    missing = []
    for place in sorted(shape(recorded)):
        path, _, what = place.rpartition(":")
        if what == "any":
            there = any(one.rpartition(":")[0] == path for one in ours)
        else:
            there = place in ours or f"{path}:any" in ours
        if not there:
            missing.append(place)
    return missing


@pytest.fixture
async def produced(linked: AsyncApp, slack: Slack, client: AsyncWebClient) -> dict[str, set[str]]:
    """The shapes of everything that a busy day in the workspace sends to the app, by kind; and of the envelopes."""
    slack.strict_rates = False

    @linked.event(re.compile(".*"))
    async def event() -> None:
        pass

    @linked.action(re.compile(".*"))
    async def action(ack: Any) -> None:
        await ack()

    @linked.shortcut(re.compile(".*"))
    async def shortcut(ack: Any) -> None:
        await ack()

    @linked.options("who")
    async def options(ack: Any) -> None:
        await ack(options=[{"text": {"type": "plain_text", "text": "Ana"}, "value": "ana"}])

    @linked.view("reply")
    async def submitted(ack: Any) -> None:
        await ack()

    @linked.view_closed("reply")
    async def closed(ack: Any) -> None:
        await ack()

    who = {
        "type": "input",
        "block_id": "who",
        "optional": True,
        "label": {"type": "plain_text", "text": "Who"},
        "element": {"type": "external_select", "action_id": "who"},
    }
    options_row = [{"text": {"type": "plain_text", "text": "x"}, "value": "x"}]
    live = {
        **text_input(dispatch_action_config={"trigger_actions_on": ["on_character_entered"]}),
        "dispatch_action": True,
    }
    where = {
        "type": "input",
        "block_id": "where",
        "label": {"type": "plain_text", "text": "Where"},
        "element": {
            "type": "conversations_select",
            "action_id": "where",
            "response_url_enabled": True,
            "initial_conversation": "C0DESK",
        },
    }
    groups = [{"label": {"type": "plain_text", "text": "Days"}, "options": options_row}]
    grouped = {
        "type": "actions",
        "block_id": "grouped",
        "elements": [{"type": "static_select", "action_id": "day", "option_groups": groups}],
    }
    view = modal(live, who, where, grouped, close={"type": "plain_text", "text": "Cancel"}, notify_on_close=True)
    row = {
        "type": "actions",
        "elements": [button("Claim", "claim"), {"type": "static_select", "action_id": "pick", "options": options_row}],
    }

    @linked.command("/reply")
    async def reply(ack: Any, command: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=command["trigger_id"], view=view)
        await ack(text="Only you", blocks=[row])

    for ends in (slack.submit, slack.close_view):
        await slack.command("U0ANA", "C0DESK", "/reply 1 Hello")
        view_id = slack.open_views("U0ANA")[0]["id"]
        await slack.type_in_view("U0ANA", view_id, "words", "text", "Hello")
        await slack.type_in_view("U0ANA", view_id, "grouped", "day", "x")
        await slack.suggest("U0ANA", view_id, "who", "who", "a")
        await ends("U0ANA", view_id)
    await slack.press("U0ANA", "C0DESK", slack.ephemerals("U0ANA")[0]["ts"], "claim")
    ts = (await client.chat_postMessage(channel="C0DESK", text="card", blocks=[row]))["ts"]
    await slack.press("U0ANA", "C0DESK", ts, "claim")
    mine = await slack.say("U0ANA", "C0DESK", "<@U0BOT> hello")
    await client.chat_postMessage(channel="C0DESK", text="loud", thread_ts=mine, reply_broadcast=True)
    await slack.say("U0ANA", "C0DESK", "loud", thread_ts=mine, broadcast=True)
    await slack.other_bot_says("C0DESK", "hello")
    await slack.other_bot_says("C0DESK", "hello", classic=True)
    other = await slack.say("U0BEN", "C0DESK", "one")
    await slack.edit("C0DESK", other, "two")
    slack.delete_message("C0DESK", other)
    await slack.react("U0ANA", "C0DESK", mine, "eyes")
    await slack.shortcut("U0ANA", "C0DESK", mine, "reply")
    await slack.global_shortcut("U0ANA", "queue")
    await slack.open_home("U0ANA")
    slack.leave("C0DESK", "U0BEN")
    slack.invite("C0DESK", "U0BEN", inviter="U0ANA")
    await until(lambda: slack.busy() is None)
    slack.uninstall()
    await until(lambda: slack.busy() is None)

    shapes: dict[str, set[str]] = {}
    for frame in slack.frames:
        if frame["direction"] == "out" and frame["envelope_id"]:
            payload = json.loads(json.dumps(frame["payload"]))
            shapes.setdefault(kind(payload), set()).update(shape(payload))
    for envelope in slack.doors.envelopes.values():
        outer = {key: value for key, value in envelope.items() if key != "payload"}
        shapes.setdefault(f"envelope {envelope['type']}", set()).update(shape(outer))
    return shapes


async def test_each_recorded_payload_has_the_shape_of_ours_or_is_listed(
    produced: dict[str, set[str]], slack: Slack, client: AsyncWebClient, wire: Wire
) -> None:
    trouble: dict[str, list[str]] = {}
    for name in FILES:
        recorded = json.loads((FOLDER / name).read_text())
        if name.startswith("errors/"):
            missing = await other_than(recorded, slack, client, wire)
        elif "option_groups" in recorded:
            missing = check_options(recorded)
        else:
            missing = []
            if name.startswith("socket-mode/"):
                outer = {key: value for key, value in recorded.items() if key != "payload"}
                missing += lacking(outer, produced[f"envelope {recorded['type']}"])
                recorded = recorded["payload"]
            missing += lacking(recorded, produced.get(kind(recorded), set()))
        if missing:
            trouble[name] = missing
    print(f"{len(FILES)} recorded files, {len(FILES) - len(trouble)} with the shape of ours; not:")
    for name in trouble:
        print(f"  {name}: {NOT_PRODUCED.get(name, trouble[name])}")
    assert {name: places for name, places in trouble.items() if name not in NOT_PRODUCED} == {}
    assert set(NOT_PRODUCED) - set(trouble) == set(), "these are produced now: take them off the list"


async def other_than(recorded: dict[str, Any], slack: Slack, client: AsyncWebClient, wire: Wire) -> list[str]:
    """Have the stand-in give a recorded error, by itself where it can; what is different then."""
    slack.restore_token()
    error = recorded["body"]["error"]
    if error == "ratelimited":
        slack.strict_rates = True
        await client.chat_postMessage(channel="G0LEADS", text="x")
        no = await refused(client.chat_postMessage(channel="G0LEADS", text="x"))
    elif error == "invalid_auth":
        no = await refused(AsyncWebClient("xoxb-no", base_url=slack.url, retry_handlers=[]).auth_test())
    else:
        wire.fault("slack", "*auth.test", "status", status=recorded["status"], body=recorded["body"])
        no = await refused(client.auth_test())
    headers = {header.lower() for header in no.headers}
    missing = [header for header in recorded["headers"] if header.lower() not in headers]
    if (no.status_code, no.data) != (recorded["status"], recorded["body"]):
        missing.append(f"answered {no.status_code} {no.data}")
    return missing
