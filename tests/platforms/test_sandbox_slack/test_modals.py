"""Modals that people fill in, submit and close, and the Home tab; the app answers through Bolt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from tests.platforms.test_sandbox_slack.ways import button, modal, refused, section, text_input


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


@pytest.mark.usefixtures("hasty")
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


@pytest.mark.usefixtures("hasty")
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
