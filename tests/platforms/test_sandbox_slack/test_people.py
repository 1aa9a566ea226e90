"""What people do: they type commands, press, fill in modals and react, and the app answers through Bolt."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from platforms.sandbox.slack import ManifestRejected, Slack
from tests.platforms.test_sandbox_slack.ways import Story, button, modal, refused, section, text_input, until

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


async def test_a_command_in_a_thread_is_refused_in_slacks_words(linked: AsyncApp, slack: Slack) -> None:
    ts = await slack.say("U0ANA", "C0DESK", "root")
    reply = await slack.command("U0ANA", "C0DESK", "/claim 1", thread_ts=ts)
    assert (reply.ok, reply.error) == (False, "/claim is not supported in threads. Sorry!")
    (seen,) = slack.ephemerals("U0ANA")
    assert (seen["text"], seen["thread_ts"]) == ("/claim is not supported in threads. Sorry!", ts)
    assert not [frame for frame in slack.frames if frame["type"] == "slash_commands"]


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


# --- modals ---


async def open_modal(linked: AsyncApp, slack: Slack, view: dict[str, Any]) -> str:
    """Have the app open a modal for Ana; its id."""

    @linked.command("/reply")
    async def reply(ack: Any, command: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=command["trigger_id"], view=view)
        await ack()

    assert (await slack.command("U0ANA", "C0DESK", "/reply 1")).ok
    (opened,) = slack.open_views("U0ANA")
    return str(opened["id"])


async def test_a_modal_is_filled_in_and_submitted(linked: AsyncApp, slack: Slack) -> None:
    heard: list[dict[str, Any]] = []

    @linked.view("reply")
    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        heard.append(view)
        await ack()

    options = [{"text": {"type": "plain_text", "text": n}, "value": n} for n in ("public", "private")]
    radio = {
        "type": "input",
        "block_id": "how",
        "label": {"type": "plain_text", "text": "How"},
        "element": {
            "type": "radio_buttons",
            "action_id": "how",
            "options": options,
            "initial_option": options[0],
        },
    }
    view_id = await open_modal(linked, slack, modal(text_input(), radio, private_metadata="1:abc"))
    reply = await slack.submit("U0ANA", view_id, {"words": {"text": "Hello Maria"}})
    assert reply.ok and slack.open_views("U0ANA") == []
    (view,) = heard
    assert view["private_metadata"] == "1:abc"
    assert view["state"]["values"]["words"]["text"] == {"type": "plain_text_input", "value": "Hello Maria"}
    assert view["state"]["values"]["how"]["how"]["selected_option"]["value"] == "public"


async def test_slack_itself_refuses_an_empty_or_too_long_input(linked: AsyncApp, slack: Slack) -> None:
    view_id = await open_modal(linked, slack, modal(text_input(max_length=5)))
    empty = await slack.submit("U0ANA", view_id)
    long = await slack.submit("U0ANA", view_id, {"words": {"text": "too long"}})
    assert (empty.error, long.error) == ("invalid_input", "invalid_input")
    assert slack.open_views("U0ANA")[0]["errors"] == {"words": "Must be at most 5 characters."}
    with pytest.raises(LookupError, match="words/text"):
        await slack.submit("U0ANA", view_id, {"nothing": {"text": "x"}})


async def test_the_app_can_refuse_update_push_and_clear(linked: AsyncApp, slack: Slack) -> None:
    answers: list[dict[str, Any]] = [
        {"response_action": "errors", "errors": {"words": "291/280"}},
        {"response_action": "update", "view": modal(text_input(), private_metadata="two")},
        {"response_action": "push", "view": modal(section("Sure?"), callback_id="reply")},
        {"response_action": "clear"},
    ]

    @linked.view("reply")
    async def submitted(ack: Any) -> None:
        await ack(**answers.pop(0))

    view_id = await open_modal(linked, slack, modal(text_input()))
    words = {"words": {"text": "Hello"}}
    assert (await slack.submit("U0ANA", view_id, words)).ok
    (view,) = slack.open_views("U0ANA")
    assert view["errors"] == {"words": "291/280"} and view["state"]["values"]["words"]["text"]["value"] == "Hello"
    await slack.submit("U0ANA", view_id, words)
    (view,) = slack.open_views("U0ANA")
    assert (view["id"], view["private_metadata"], view["errors"]) == (view_id, "two", {})
    await slack.submit("U0ANA", view_id, words)
    below, top = slack.open_views("U0ANA")
    assert (top["previous_view_id"], top["root_view_id"]) == (below["id"], below["id"])
    await slack.submit("U0ANA", top["id"])
    assert slack.open_views("U0ANA") == []


async def test_errors_on_what_is_no_input_are_trouble(linked: AsyncApp, slack: Slack) -> None:
    @linked.view("reply")
    async def submitted(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "wrong"})

    view_id = await open_modal(linked, slack, modal(text_input()))
    reply = await slack.submit("U0ANA", view_id, {"words": {"text": "Hello"}})
    assert not reply.ok and "nowhere is not an input block" in str(reply.error)
    assert slack.open_views("U0ANA")[0]["errors"]


async def test_a_modal_whose_submission_is_not_acknowledged_stays(linked: AsyncApp, slack: Slack) -> None:
    @linked.view("reply")
    async def submitted() -> None:
        await asyncio.sleep(0.4)

    view_id = await open_modal(linked, slack, modal(text_input()))
    reply = await slack.submit("U0ANA", view_id, {"words": {"text": "Hello"}})
    assert reply.error == "operation_timeout" and len(slack.open_views("U0ANA")) == 1


async def test_typing_reaches_the_app_where_it_asked_for_it(linked: AsyncApp, slack: Slack) -> None:
    heard: list[str] = []

    @linked.action("text")
    async def typed(ack: Any, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        heard.append(action["value"])
        counter = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"{len(action['value'])}/280"}]}
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=modal(live, counter))
        await ack()

    live = {
        **text_input(dispatch_action_config={"trigger_actions_on": ["on_character_entered"]}),
        "dispatch_action": True,
    }
    view_id = await open_modal(linked, slack, modal(live))
    reply = await slack.type_in_view("U0ANA", view_id, "words", "text", "Hello")
    assert reply is not None and reply.ok and heard == ["Hello"]
    (view,) = slack.open_views("U0ANA")
    assert view["blocks"][1]["elements"][0]["text"] == "5/280"
    assert view["state"]["values"]["words"]["text"]["value"] == "Hello"


async def test_typing_is_nobodys_business_otherwise(linked: AsyncApp, slack: Slack) -> None:
    view_id = await open_modal(linked, slack, modal(text_input()))
    assert await slack.type_in_view("U0ANA", view_id, "words", "text", "Hello") is None


async def test_closing_a_modal_is_told_where_asked_for(linked: AsyncApp, slack: Slack) -> None:
    heard: list[str] = []

    @linked.view_closed("reply")
    async def closed(ack: Any, view: dict[str, Any]) -> None:
        heard.append(view["id"])
        await ack()

    view_id = await open_modal(linked, slack, modal(text_input(), notify_on_close=True))
    assert (await slack.close_view("U0ANA", view_id)).ok
    assert heard == [view_id] and slack.open_views("U0ANA") == []


async def test_closing_a_modal_is_nobodys_business_otherwise(linked: AsyncApp, slack: Slack) -> None:
    view_id = await open_modal(linked, slack, modal(text_input()))
    assert (await slack.close_view("U0ANA", view_id)).ok
    assert [one["type"] for one in slack.frames if one["direction"] == "out"] == ["hello", "slash_commands"]


async def test_a_trigger_works_once_and_not_for_long(linked: AsyncApp, slack: Slack, client: AsyncWebClient) -> None:
    triggers: list[str] = []

    @linked.command("/reply")
    async def reply(ack: Any, command: dict[str, Any]) -> None:
        triggers.append(command["trigger_id"])
        await ack()

    for _ in range(2):
        await slack.command("U0ANA", "C0DESK", "/reply 1")
    await client.views_open(trigger_id=triggers[0], view=modal(section("x")))
    again = client.views_open(trigger_id=triggers[0], view=modal(section("x")))
    assert (await refused(again))["error"] == "exchanged_trigger_id"
    await asyncio.sleep(0.25)
    late = client.views_open(trigger_id=triggers[1], view=modal(section("x")))
    assert (await refused(late))["error"] == "expired_trigger_id"
    wrong = client.views_open(trigger_id="1.2.3", view=modal(section("x")))
    assert (await refused(wrong))["error"] == "invalid_trigger_id"


async def test_a_view_that_moved_on_is_not_overwritten(linked: AsyncApp, slack: Slack, client: AsyncWebClient) -> None:
    view_id = await open_modal(linked, slack, modal(text_input(), external_id="reply-1"))
    old = client.views_update(view_id=view_id, hash="1.old", view=modal(text_input()))
    assert (await refused(old))["error"] == "hash_conflict"
    await client.views_update(external_id="reply-1", view=modal(section("new")))
    missing = client.views_update(view_id="V0NONE", view=modal(section("new")))
    assert (await refused(missing))["error"] == "not_found"


async def test_a_view_is_pushed_on_top_and_the_one_below_stays(
    linked: AsyncApp, slack: Slack, client: AsyncWebClient
) -> None:
    below = await open_modal(linked, slack, modal(text_input()))
    for depth in (2, 3):
        await client.views_push(trigger_id=slack.new_trigger("U0ANA"), view=modal(section("the guide")))
        assert len(slack.open_views("U0ANA")) == depth
    fourth = client.views_push(trigger_id=slack.new_trigger("U0ANA"), view=modal(section("x")))
    assert (await refused(fourth))["error"] == "push_limit_reached"
    await slack.close_view("U0ANA", slack.open_views("U0ANA")[-1]["id"])
    assert slack.open_views("U0ANA")[0]["id"] == below
    nobody = client.views_push(trigger_id=slack.new_trigger("U0BEN"), view=modal(section("x")))
    assert (await refused(nobody))["error"] == "invalid_arguments"


async def test_a_home_tab_is_published_opened_and_pressed(
    linked: AsyncApp, slack: Slack, client: AsyncWebClient
) -> None:
    heard: list[str] = []

    @linked.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        heard.append(event["tab"])
        row = {"type": "actions", "elements": [button("Claim", "claim")]}
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [row]})

    @linked.action("claim")
    async def claim(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["container"]["type"])
        await ack()

    await slack.open_home("U0ANA")
    async with asyncio.timeout(5):
        while (home := slack.home("U0ANA")) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert home["type"] == "home" and slack.home("U0BEN") is None
    assert (await slack.press_in_view("U0ANA", home["id"], "claim")).ok
    assert heard == ["home", "view"]


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


# --- the manifest ---


def manifest(**features: Any) -> dict[str, Any]:
    return {
        "display_information": {"name": "Frontdesk"},
        "features": {
            "bot_user": {"display_name": "frontdesk"},
            "slash_commands": [{"command": "/claim", "description": "Take an inquiry", "usage_hint": "[number]"}],
            **features,
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:history", "users:read"]}},
        "settings": {
            "socket_mode_enabled": True,
            "interactivity": {"is_enabled": True},
            "event_subscriptions": {"bot_events": ["message.channels"]},
        },
    }


async def test_an_installed_manifest_says_which_commands_there_are(linked: AsyncApp, slack: Slack) -> None:
    slack.install(manifest())
    assert [(one.name, one.usage_hint) for one in slack.commands] == [("/claim", "[number]")]
    unknown = await slack.command("U0ANA", "C0DESK", "/claime 1")
    assert unknown.error == "invalid_command"
    assert "`/claime` is not a valid command." in slack.ephemerals("U0ANA")[0]["text"]


async def test_an_installed_manifest_says_which_events_and_methods_the_app_may_use(
    linked: AsyncApp, slack: Slack, client: AsyncWebClient
) -> None:
    slack.install(manifest())
    no = await refused(client.users_lookupByEmail(email="ana@acme.example"))
    assert (no["error"], no["needed"]) == ("missing_scope", "users:read.email")
    assert (await refused(client.conversations_history(channel="G0LEADS")))["needed"] == "groups:history"
    assert "email" not in (await client.users_info(user="U0ANA"))["user"]["profile"]
    await slack.say("U0ANA", "C0DESK", "<@U0BOT> hello")
    await slack.say("U0ANA", "G0LEADS", "hello")
    events = [one["payload"]["event"]["type"] for one in slack.frames if one["type"] == "events_api"]
    assert events == ["message"]


@pytest.mark.parametrize("name", ["/close", "/away", "/status", "/remind", "/topic"])
async def test_slacks_own_command_names_are_refused(slack: Slack, name: str) -> None:
    commands = [{"command": name, "description": "x"}]
    with pytest.raises(ManifestRejected, match="is Slack's own"):
        slack.install(manifest(slash_commands=commands))


async def test_a_manifest_is_told_all_its_mistakes_at_once(slack: Slack) -> None:
    bad = manifest(
        slash_commands=[
            {"command": "claim", "description": "x"},
            {"command": "/claim", "description": "", "hint": "?"},
            {"command": "/claim", "description": "x" * 2001},
        ],
        shortcuts=[{"name": "x" * 25, "type": "thread", "callback_id": "a", "description": "b"}],
        emoji=True,
    )
    bad["display_information"] = {"name": "x" * 36, "description": "x" * 141}
    bad["oauth_config"]["scopes"]["bot"] = ["chat:write", "chat:shout"]
    bad["settings"]["event_subscriptions"]["bot_events"] = ["message.channels", "nothing.happened"]
    with pytest.raises(ManifestRejected) as no:
        slack.install(bad)
    told = "\n".join(no.value.errors)
    for part in (
        "/features/emoji: unknown field",
        "/display_information/name: more than 35",
        "/display_information/description: more than 140",
        "/features/slash_commands/0/command",
        "/features/slash_commands/1/hint: unknown field",
        "/features/slash_commands/1/description: is missing",
        "/features/slash_commands/2/command: /claim is there twice",
        "/features/slash_commands/2/description: more than 2000",
        "/features/shortcuts/0/name: more than 24",
        "/features/shortcuts/0/type",
        "Slash Commands requires `commands` bot scope",
        "chat:shout is not a scope",
        "message.channels requires `channels:history`",
        "nothing.happened is not an event",
    ):
        assert part in told
    assert slack.commands == []


# --- what else happens in a workspace ---


async def test_other_bots_are_heard_and_the_own_one_is_known(linked: AsyncApp, slack: Slack) -> None:
    heard: list[str] = []

    @linked.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event["bot_id"])

    await slack.other_bot_says("C0DESK", "deploying")
    await slack.other_bot_says("C0DESK", "deploying", classic=True)
    assert heard == ["B0OTHER", "B0OTHER"]


async def test_an_external_menu_asks_the_app_for_its_options(linked: AsyncApp, slack: Slack) -> None:
    @linked.options("who")
    async def options(ack: Any, payload: dict[str, Any]) -> None:
        text = {"type": "plain_text", "text": payload["value"].title()}
        await ack(options=[{"text": text, "value": payload["value"]}] if payload["value"] != "nobody" else [])

    who = {
        "type": "input",
        "block_id": "who",
        "label": {"type": "plain_text", "text": "Who"},
        "element": {"type": "external_select", "action_id": "who"},
    }
    view_id = await open_modal(linked, slack, modal(who))
    reply = await slack.suggest("U0ANA", view_id, "who", "who", "maria")
    assert reply.response is not None and reply.response["options"][0]["text"]["text"] == "Maria"
    assert (await slack.suggest("U0ANA", view_id, "who", "who", "nobody")).ok
    assert (await slack.suggest("U0ANA", view_id, "who", "what", "x")).error == "no_such_element: what"


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
