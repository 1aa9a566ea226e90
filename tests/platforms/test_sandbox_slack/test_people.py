"""What people do beside commands and modals: they press, choose, write and react, and the app hears of it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from tests.platforms.test_sandbox_slack.ways import button, refused, until

# --- buttons, menus, reactions, shortcuts ---


async def test_a_button_says_who_pressed_what_and_where(linked: AsyncApp, client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    heard: list[dict[str, Any]] = []

    @linked.action("claim")
    async def claim(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    row = {"type": "actions", "block_id": "act-1", "elements": [button("Claim", "claim", "42")]}
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    ts = (await client.chat_postMessage(channel="C0DESK", text="card", blocks=[row], thread_ts=root))["ts"]
    assert (await slack.press("U0BEN", "C0DESK", ts, "claim")).ok
    (body,) = heard
    assert body["user"]["id"] == "U0BEN" and body["channel"]["id"] == "C0DESK"
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0DESK",
        "is_ephemeral": False,
        "thread_ts": root,
    }
    assert body["message"]["ts"] == ts
    (action,) = body["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("claim", "act-1", "42")


async def test_a_button_that_is_not_there_cannot_be_pressed(client: AsyncWebClient, slack: Slack) -> None:
    row = {"type": "actions", "elements": [button("Claim", "claim")]}
    ts = (await client.chat_postMessage(channel="C0DESK", text="card", blocks=[row]))["ts"]
    assert (await slack.press("U0ANA", "C0DESK", ts, "done")).error == "no_such_element: done (there are: claim)"
    assert (await slack.press("U0ANA", "C0DESK", "1.000001", "claim")).error == "message_not_found"


async def test_of_two_like_buttons_the_value_says_which(linked: AsyncApp, client: AsyncWebClient, slack: Slack) -> None:
    heard: list[str] = []

    @linked.action("claim")
    async def claim(ack: Any, action: dict[str, Any]) -> None:
        heard.append(action["value"])
        await ack()

    rows = [{"type": "actions", "elements": [button("Claim", "claim", n)]} for n in ("1", "2")]
    ts = (await client.chat_postMessage(channel="C0DESK", text="queue", blocks=rows))["ts"]
    await slack.press("U0ANA", "C0DESK", ts, "claim", value="2")
    assert heard == ["2"]


async def test_menus_send_what_was_chosen(linked: AsyncApp, client: AsyncWebClient, slack: Slack) -> None:
    heard: list[dict[str, Any]] = []

    @linked.action(re.compile(".*"))
    async def chosen(ack: Any, action: dict[str, Any]) -> None:
        heard.append(action)
        await ack()

    options = [{"text": {"type": "plain_text", "text": n}, "value": n} for n in ("2h", "4h")]
    row = {
        "type": "actions",
        "elements": [
            {"type": "static_select", "action_id": "snooze", "options": options},
            {"type": "users_select", "action_id": "assign"},
        ],
    }
    ts = (await client.chat_postMessage(channel="C0DESK", text="card", blocks=[row]))["ts"]
    await slack.press("U0ANA", "C0DESK", ts, "snooze", selected="4h")
    await slack.press("U0ANA", "C0DESK", ts, "assign", selected="U0BEN")
    assert heard[0]["selected_option"]["value"] == "4h"
    assert heard[1]["selected_user"] == "U0BEN"


async def test_a_message_and_a_mention_reach_the_app(linked: AsyncApp, slack: Slack) -> None:
    heard: list[tuple[str, str, str | None]] = []

    @linked.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(("message", event["text"], event.get("thread_ts")))

    @linked.event("app_mention")
    async def mention(event: dict[str, Any]) -> None:
        heard.append(("app_mention", event["text"], event.get("thread_ts")))

    ts = await slack.say("U0ANA", "C0DESK", "!claim")
    await slack.say("U0ANA", "C0DESK", "<@U0BOT> reply Hello", thread_ts=ts)
    assert sorted(heard) == [
        ("app_mention", "<@U0BOT> reply Hello", ts),
        ("message", "!claim", None),
        ("message", "<@U0BOT> reply Hello", ts),
    ]
    assert slack.busy() is None


async def test_edits_and_deletions_reach_the_app(linked: AsyncApp, slack: Slack) -> None:
    heard: list[dict[str, Any]] = []

    @linked.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event)

    ts = await slack.say("U0ANA", "C0DESK", "one")
    await slack.edit("C0DESK", ts, "two")
    slack.delete_message("C0DESK", ts)
    await until(lambda: len(heard) == 3)
    assert [one.get("subtype") for one in heard] == [None, "message_changed", "message_deleted"]
    assert heard[1]["message"]["text"] == "two" and heard[1]["previous_message"]["text"] == "one"
    assert heard[2]["deleted_ts"] == ts


async def test_the_bots_own_posts_come_back_as_events(linked: AsyncApp, client: AsyncWebClient, slack: Slack) -> None:
    await client.chat_postMessage(channel="C0DESK", text="mine")
    await until(lambda: slack.busy() is None)
    (frame,) = [one for one in slack.frames if one["type"] == "events_api"]
    assert frame["payload"]["event"]["bot_id"] == "B0BOT" and frame["ack_ms"] is not None


async def test_channels_where_the_bot_is_not_are_silent(linked: AsyncApp, slack: Slack) -> None:
    await slack.say("U0ANA", "C0RANDOM", "<@U0BOT> are you there?")
    assert [one for one in slack.frames if one["type"] == "events_api"] == []


async def test_reactions_reach_the_app(linked: AsyncApp, slack: Slack) -> None:
    heard: list[tuple[str, str]] = []

    @linked.event(re.compile("reaction_.*"))
    async def reaction(event: dict[str, Any]) -> None:
        heard.append((event["type"], event["reaction"]))

    @linked.event("message")
    async def message() -> None:
        pass

    ts = await slack.say("U0ANA", "C0DESK", "root")
    await slack.react("U0ANA", "C0DESK", ts, "eyes")
    await slack.react("U0ANA", "C0DESK", ts, "eyes")
    await slack.react("U0ANA", "C0DESK", ts, "eyes", remove=True)
    assert heard == [("reaction_added", "eyes"), ("reaction_removed", "eyes")]


async def test_shortcuts_reach_the_app(linked: AsyncApp, client: AsyncWebClient, slack: Slack) -> None:
    heard: list[dict[str, Any]] = []

    @linked.shortcut(re.compile(".*"))
    async def shortcut(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    ts = (await client.chat_postMessage(channel="C0DESK", text="card"))["ts"]
    assert (await slack.shortcut("U0ANA", "C0DESK", ts, "reply_to_customer")).ok
    assert (await slack.global_shortcut("U0ANA", "queue")).ok
    assert [one["type"] for one in heard] == ["message_action", "shortcut"]
    assert heard[0]["message"]["text"] == "card" and heard[0]["callback_id"] == "reply_to_customer"
    assert (await slack.shortcut("U0ANA", "C0DESK", "1.000001", "x")).error == "message_not_found"


# --- what else happens in a workspace ---


async def test_other_bots_are_heard_and_the_own_one_is_known(linked: AsyncApp, slack: Slack) -> None:
    heard: list[str] = []

    @linked.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event["bot_id"])

    await slack.other_bot_says("C0DESK", "deploying")
    await slack.other_bot_says("C0DESK", "deploying", classic=True)
    assert heard == ["B0OTHER", "B0OTHER"]


async def test_a_removed_app_is_told_and_refused(linked: AsyncApp, slack: Slack, client: AsyncWebClient) -> None:
    slack.uninstall()
    assert (await refused(client.auth_test()))["error"] == "account_inactive"
    told = [one["payload"]["event"]["type"] for one in slack.frames if one["type"] == "events_api"]
    assert told == ["app_uninstalled", "tokens_revoked"]


async def test_what_only_one_person_sees_can_be_dismissed(client: AsyncWebClient, slack: Slack) -> None:
    ts = (await client.chat_postEphemeral(channel="C0DESK", user="U0ANA", text="Only you"))["message_ts"]
    assert slack.dismiss("U0ANA", ts) and slack.ephemerals("U0ANA") == []
    assert not slack.dismiss("U0ANA", ts)


async def test_the_bot_hears_that_it_was_removed_invited_and_that_a_channel_closed(
    linked: AsyncApp, slack: Slack
) -> None:
    heard: list[tuple[str, str | None]] = []

    @linked.event(re.compile("member_.*|channel_.*"))
    async def moved(event: dict[str, Any]) -> None:
        heard.append((event["type"], event.get("user")))

    slack.kick_bot("C0DESK")
    slack.invite("C0DESK", "U0BOT", inviter="U0ANA")
    slack.archive("C0DESK")
    await until(lambda: len(heard) == 4)
    assert heard == [
        ("member_left_channel", "U0BOT"),
        ("channel_left", None),
        ("member_joined_channel", "U0BOT"),
        ("channel_archive", "USLACKBOT"),
    ]


async def test_an_account_that_changes_and_a_group_are_told_to_the_app(linked: AsyncApp, slack: Slack) -> None:
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    @linked.event("user_change")
    async def person(event: dict[str, Any]) -> None:
        await heard.put((event["user"]["id"], str(event["user"]["is_restricted"])))

    @linked.event("subteam_updated")
    async def group(event: dict[str, Any]) -> None:
        await heard.put((event["subteam"]["id"], ""))

    slack.add_usergroup("S0AGENTS", "agents", ["U0ANA"])
    slack.change_user("U0ANA", is_restricted=True)
    assert await asyncio.wait_for(heard.get(), 5) == ("U0ANA", "True")
    slack.change_group("S0AGENTS", [])
    assert await asyncio.wait_for(heard.get(), 5) == ("S0AGENTS", "")
    assert slack.usergroups["S0AGENTS"]["users"] == []
