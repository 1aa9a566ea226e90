"""Slack's limits on blocks, texts and views: one character or item more is refused, with its place."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from tests.platforms.test_sandbox_slack.ways import button, modal, refused, section, text_input

PLAIN = {"type": "plain_text", "text": "x"}


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def options(count: int, length: int = 3) -> list[dict[str, Any]]:
    return [{"text": plain(3), "value": f"{n:0{length}}"} for n in range(count)]


def menu(**more: Any) -> dict[str, Any]:
    return actions({"type": "static_select", "action_id": "pick", "options": options(1), **more})


def quote(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": list(elements)}]}


RIGHT_AND_WRONG: dict[str, tuple[list[Any], list[Any], str]] = {
    "50 blocks": ([section("x")] * 50, [section("x")] * 51, "/blocks]"),
    "section text": ([section("x" * 3000)], [section("x" * 3001)], "/blocks/0/text/text"),
    "empty section": ([section("x")], [section("")], "/blocks/0/text/text"),
    "section fields": (
        [{"type": "section", "fields": [PLAIN] * 10}],
        [{"type": "section", "fields": [PLAIN] * 11}],
        "/blocks/0/fields",
    ),
    "one field": (
        [{"type": "section", "fields": [plain(2000)]}],
        [{"type": "section", "fields": [plain(2001)]}],
        "/blocks/0/fields/0/text",
    ),
    "header": ([{"type": "header", "text": plain(150)}], [{"type": "header", "text": plain(151)}], "/blocks/0/text"),
    "context": (
        [{"type": "context", "elements": [PLAIN] * 10}],
        [{"type": "context", "elements": [PLAIN] * 11}],
        "/blocks/0/elements",
    ),
    "buttons in a row": (
        [actions(*(button("x", f"a{n}") for n in range(25)))],
        [actions(*(button("x", f"a{n}") for n in range(26)))],
        "/blocks/0/elements",
    ),
    "an empty row": ([actions(button("x", "a"))], [actions()], "/blocks/0/elements"),
    "button text": (
        [actions(button("x" * 75, "a"))],
        [actions(button("x" * 76, "a"))],
        "/blocks/0/elements/0/text/text",
    ),
    "button value": (
        [actions(button("x", "a", "v" * 2000))],
        [actions(button("x", "a", "v" * 2001))],
        "/blocks/0/elements/0/value",
    ),
    "button url": (
        [actions({**button("x", "a"), "url": "https://" + "x" * 2992})],
        [actions({**button("x", "a"), "url": "https://" + "x" * 2993})],
        "/blocks/0/elements/0/url",
    ),
    "button style": (
        [actions({**button("x", "a"), "style": "danger"})],
        [actions({**button("x", "a"), "style": "loud"})],
        "/blocks/0/elements/0/style",
    ),
    "accessibility label": (
        [actions({**button("x", "a"), "accessibility_label": "x" * 75})],
        [actions({**button("x", "a"), "accessibility_label": "x" * 76})],
        "/blocks/0/elements/0/accessibility_label",
    ),
    "action_id": (
        [actions(button("x", "a" * 255))],
        [actions(button("x", "a" * 256))],
        "/blocks/0/elements/0/action_id",
    ),
    "block_id": (
        [{"type": "divider", "block_id": "b" * 255}],
        [{"type": "divider", "block_id": "b" * 256}],
        "/blocks/0/block_id",
    ),
    "the same block_id twice": (
        [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "c"}],
        [{"type": "divider", "block_id": "b"}] * 2,
        "/blocks/1/block_id",
    ),
    "the same action_id twice": (
        [actions(button("x", "a"), button("x", "b"))],
        [actions(button("x", "a"), button("x", "a"))],
        "/blocks/0/elements/1/action_id",
    ),
    "options": ([menu(options=options(100))], [menu(options=options(101))], "/blocks/0/elements/0/options"),
    "option value": (
        [menu(options=options(1, 150))],
        [menu(options=options(1, 151))],
        "/blocks/0/elements/0/options/0/value",
    ),
    "initial option": (
        [menu(initial_option=options(1)[0])],
        [menu(initial_option={"text": plain(3), "value": "no"})],
        "/blocks/0/elements/0/initial_option",
    ),
    "placeholder": (
        [menu(placeholder=plain(150))],
        [menu(placeholder=plain(151))],
        "/blocks/0/elements/0/placeholder/text",
    ),
    "overflow": (
        [actions({"type": "overflow", "action_id": "more", "options": options(5)})],
        [actions({"type": "overflow", "action_id": "more", "options": options(6)})],
        "/blocks/0/elements/0/options",
    ),
    "confirm": (
        [actions({**button("x", "a"), "confirm": {"title": plain(100), "text": plain(300), "confirm": plain(30)}})],
        [actions({**button("x", "a"), "confirm": {"title": plain(101), "text": plain(300), "confirm": plain(30)}})],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "image": (
        [{"type": "image", "alt_text": "x", "image_url": "https://acme.example/a.png"}],
        [{"type": "image", "image_url": "https://acme.example/a.png"}],
        "/blocks/0/alt_text",
    ),
    "quote": (
        [quote({"type": "text", "text": "Where is it?"})],
        [quote({"type": "text", "text": ""})],
        "/blocks/0/elements/0/elements/0/text",
    ),
    "rich elements": (
        [quote({"type": "user", "user_id": "U0ANA"}, {"type": "date", "timestamp": 1, "format": "{time}"})],
        [quote({"type": "button", "text": "x"})],
        "/blocks/0/elements/0/elements/0/type",
    ),
    "an unknown block": ([{"type": "divider"}], [{"type": "banner"}], "/blocks/0/type"),
    "an unknown field": ([{"type": "divider"}], [{"type": "divider", "colour": "red"}], "/blocks/0]"),
    "mrkdwn in a button": (
        [actions(button("x", "a"))],
        [actions({**button("x", "a"), "text": {"type": "mrkdwn", "text": "x"}})],
        "/blocks/0/elements/0/text/type",
    ),
    "an input in a row": (
        [actions(button("x", "a"))],
        [actions({"type": "plain_text_input", "action_id": "a"})],
        "/blocks/0/elements/0/type",
    ),
}


@pytest.mark.parametrize("what", RIGHT_AND_WRONG)
async def test_what_is_just_right_is_taken_and_what_is_too_much_refused(
    client: AsyncWebClient, slack: Slack, what: str
) -> None:
    right, wrong, where = RIGHT_AND_WRONG[what]
    no = await refused(client.chat_postMessage(channel="C0DESK", text="x", blocks=wrong))
    assert no["error"] == "invalid_blocks"
    assert any(where in message for message in no["response_metadata"]["messages"])
    await client.chat_postMessage(channel="C0DESK", text="x", blocks=right)
    assert len(slack.messages("C0DESK")) == 1


async def test_texts_of_all_blocks_together_have_a_limit(client: AsyncWebClient) -> None:
    blocks = [section("x" * 3000)] * 4
    fits = [*blocks, quote({"type": "text", "text": "x" * 1200})]
    over = [*blocks, quote({"type": "text", "text": "x" * 1201})]
    call = client.chat_postMessage(channel="C0DESK", text="x", blocks=over)
    assert (await refused(call))["error"] == "msg_blocks_too_long"
    posted = await client.chat_postMessage(channel="C0DESK", text="x", blocks=fits)
    update = client.chat_update(channel="C0DESK", ts=posted["ts"], text="x", blocks=over)
    assert (await refused(update))["error"] == "msg_blocks_too_long"


async def test_a_text_has_forty_thousand_characters_at_most(client: AsyncWebClient) -> None:
    assert (await refused(client.chat_postMessage(channel="C0DESK", text="x" * 40_001)))["error"] == "msg_too_long"
    await client.chat_postMessage(channel="C0DESK", text="x" * 40_000)


VIEWS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "title": (modal(section("x"), title=plain(24)), modal(section("x"), title=plain(25)), "/view/title/text"),
    "submit": (modal(section("x"), submit=plain(24)), modal(section("x"), submit=plain(25)), "/view/submit/text"),
    "close": (modal(section("x"), close=plain(24)), modal(section("x"), close=plain(25)), "/view/close/text"),
    "no submit": (modal(text_input()), modal(text_input(), submit=None), "submit"),
    "private_metadata": (
        modal(section("x"), private_metadata="x" * 3000),
        modal(section("x"), private_metadata="x" * 3001),
        "/view/private_metadata",
    ),
    "callback_id": (
        modal(section("x"), callback_id="x" * 255),
        modal(section("x"), callback_id="x" * 256),
        "/view/callback_id",
    ),
    "100 blocks": (modal(*[section("x")] * 100), modal(*[section("x")] * 101), "/view/blocks]"),
    "an unknown field": (modal(section("x")), modal(section("x"), colour="red"), "colour"),
    "input length": (
        modal(text_input(max_length=3000)),
        modal(text_input(max_length=3001)),
        "/view/blocks/0/element/max_length",
    ),
    "a home view": (modal(section("x")), {"type": "home", "blocks": [section("x")]}, "/view/type"),
}


@pytest.mark.parametrize("what", VIEWS)
async def test_a_modal_has_its_limits_too(linked: AsyncApp, client: AsyncWebClient, slack: Slack, what: str) -> None:
    right, wrong, where = VIEWS[what]
    triggers: list[str] = []

    @linked.command("/reply")
    async def reply(ack: Any, command: dict[str, Any]) -> None:
        triggers.append(command["trigger_id"])
        await ack()

    await slack.command("U0ANA", "C0DESK", "/reply 1")
    no = await refused(client.views_open(trigger_id=triggers[-1], view=wrong))
    assert no["error"] == "invalid_arguments"
    assert any(where in message for message in no["response_metadata"]["messages"])
    await slack.command("U0ANA", "C0DESK", "/reply 1")  # a new press: on a busy machine three seconds are soon over
    await client.views_open(trigger_id=triggers[-1], view=right)
    assert len(slack.open_views("U0ANA")) == 1
