"""The forms: they open in time, count while one types, keep what was written, and send it once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, Journey, words_of

Fields = dict[str, dict[str, Any]]


def view_of(journey: Journey, user: str = ANA) -> dict[str, Any]:
    """The form that this person sees."""
    return journey.slack.open_views(user)[-1]


def says(text: str, way: str = "", close: bool = False) -> Fields:
    fields: Fields = {ids.TEXT_BLOCK: {ids.TEXT_INPUT: text}}
    if way:
        fields[ids.WAY_BLOCK] = {ids.WAY_INPUT: way}
    if close:
        fields[ids.CLOSE_BLOCK] = {ids.CLOSE_INPUT: ["close"]}
    return fields


async def opens(journey: Journey, button: str = "reply", user: str = ANA) -> dict[str, Any]:
    """The form behind a button of the card."""
    reply = await journey.presses(user, 1, button)
    assert reply.ok
    return view_of(journey, user)


async def sends(journey: Journey, text: str, user: str = ANA, **more: Any) -> Any:
    reply = await journey.slack.submit(user, view_of(journey, user)["id"], says(text, **more))
    await journey.pass_(seconds=2)
    return reply


def counter(view: dict[str, Any]) -> str:
    return str(next(b["text"]["text"] for b in view["blocks"] if b["block_id"] == ids.COUNTER_BLOCK))


async def types_in(journey: Journey, text: str, block: str = ids.TEXT_BLOCK, action: str = ids.TEXT_INPUT) -> str:
    """Type, and read the counter."""
    await journey.slack.type_in_view(ANA, view_of(journey)["id"], block, action, text)
    return counter(view_of(journey))


async def test_reply_without_words_opens_the_form_from_the_command_and_from_the_button(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1")
    view = view_of(journey)
    assert view["title"]["text"] == "Reply to #1"
    assert "my parcel is stuck" in words_of(view)
    named = [str(block.get("block_id")) for block in view["blocks"]]
    below = view["blocks"][named.index(ids.TEXT_BLOCK) + 1]
    assert (below["block_id"], below["accessory"]["text"]["text"]) == (ids.COUNTER_BLOCK, "Tone and limits…")
    assert journey.only_for(ANA) == []
    await opens(journey, user=BEN)
    assert view_of(journey, BEN)["title"]["text"] == "Reply to #1"


async def test_a_form_opens_within_the_life_of_its_trigger(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    pressed = await journey.presses(ANA, 1, "reply")
    frame = next(f for f in journey.slack.frames if f.get("envelope_id") == pressed.envelope_id)
    assert frame["ack_ms"] < 3000
    opened = [record for record in journey.wire.to("slack") if record.path.endswith("views.open")]
    assert [record.response["ok"] for record in opened] == [True]


async def test_when_slack_does_not_open_the_form_the_command_is_told(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    journey.wire.fault("slack", "* /api/views.open", "hang", seconds=4)
    before = asyncio.get_running_loop().time()
    await journey.types(ANA, "/reply 1")
    assert asyncio.get_running_loop().time() - before < 3
    assert "Slack did not open the form" in journey.only_for(ANA)[-1]
    assert "`/reply 1 your words`" in journey.only_for(ANA)[-1]
    journey.wire.clear_faults()
    journey.wire.fault(
        "slack", "* /api/views.open", "status", status=200, body={"ok": False, "error": "expired_trigger_id"}
    )
    await journey.presses(ANA, 1, "note")
    assert "`/desk note 1 your words`" in journey.only_for(ANA)[-1]


async def test_the_counter_counts_while_one_types(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert counter(await opens(journey)) == "*5/280* · X · everybody can read it · signed `– Ana`"
    assert (await types_in(journey, "Hello Maria")).startswith("*17/280*")
    assert (await types_in(journey, "日本 https://www.example.com/a/long/address/that/counts/as/23")).startswith(
        "*34/280*"
    )
    assert "too long" in await types_in(journey, "word " * 60)
    assert "too long" not in await types_in(journey, "private", ids.WAY_BLOCK, ids.WAY_INPUT)
    assert "only the customer reads it" in counter(view_of(journey))
    typed = view_of(journey)["state"]["values"][ids.TEXT_BLOCK][ids.TEXT_INPUT]["value"]
    assert typed == "word " * 60
    assert journey.published == []


async def test_a_count_that_comes_late_disturbs_nobody(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    view = await opens(journey)
    body = {"ok": False, "error": "hash_conflict"}
    journey.wire.fault("slack", "* /api/views.update", "status", status=200, body=body)
    reply = await journey.slack.type_in_view(ANA, view["id"], ids.TEXT_BLOCK, ids.TEXT_INPUT, "Hello")
    assert reply is not None and reply.ok
    assert journey.only_for(ANA) == []


async def test_it_is_sent_in_public_or_privately_as_chosen(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    assert (await sends(journey, "It left today.")).ok
    assert journey.slack.open_views(ANA) == []
    await journey.pass_(seconds=12)
    assert [(p["text"], p["in_reply_to"]) for p in journey.published] == [("It left today. – Ana", post)]
    await opens(journey)
    await sends(journey, "Your number?", way="private")
    await journey.pass_(seconds=12)
    await opens(journey, "private")
    await sends(journey, "And your name?")
    await journey.pass_(seconds=12)
    assert [d["text"] for d in journey.x.sent_directs] == ["Your number? – Ana", "And your name? – Ana"]
    assert len(journey.published) == 1


async def test_it_is_closed_once_it_is_sent_where_that_was_ticked(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    await sends(journey, "It left today.", close=True)
    assert "CLOSED" not in journey.card(1)
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1
    assert f"CLOSED* by <@{ANA}>: solved" in journey.card(1)


async def test_too_long_stands_at_the_input_the_text_stays_and_split_is_offered(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    text = "We are sorry about that. " * 20
    await opens(journey)
    reply = await sends(journey, text)
    error = reply.response["errors"][ids.TEXT_BLOCK]
    assert "/280 for X" in error and "Split" in error
    assert view_of(journey)["state"]["values"][ids.TEXT_BLOCK][ids.TEXT_INPUT]["value"] == text
    told = journey.slack.ephemerals(ANA)[-1]
    assert text.strip() in words_of(told) and "[Split]" in words_of(told)
    await journey.pass_(seconds=15)
    assert journey.published == []
    await journey.slack.close_view(ANA, view_of(journey)["id"])
    await journey.slack.press(ANA, DESK, told["ts"], "split")
    await journey.pass_(seconds=30)
    assert [p["text"][-3:] for p in journey.published] == ["1/2", "2/2"]


async def test_after_a_refusal_the_corrected_text_goes_out(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    await sends(journey, "We are sorry about that. " * 20)
    assert (await sends(journey, "We are sorry.")).response is None
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["We are sorry. – Ana"]


async def test_what_was_refused_because_of_a_colleague_may_be_sent_when_the_way_is_free(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    await journey.types(BEN, "/claim 1")
    error = (await sends(journey, "It left today.")).response["errors"][ids.TEXT_BLOCK]
    assert "#1 is with Ben" in error and "<" not in error
    await journey.types(BEN, "/release 1")
    assert (await sends(journey, "It left today.")).response is None
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1


async def test_when_the_customer_wrote_meanwhile_the_form_shows_it_before_anything_is_sent(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    await journey.on_x("@acme it was the green one", reply_to=post)
    await sends(journey, "It left today.")
    view = view_of(journey)
    assert "#1 has moved" in words_of(view) and "it was the green one" in words_of(view)
    element = next(b["element"] for b in view["blocks"] if b["block_id"] == ids.TEXT_BLOCK)
    assert element["initial_value"] == "It left today."
    await journey.pass_(seconds=15)
    assert journey.published == []
    assert (await sends(journey, "The green one left today.")).response is None
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["The green one left today. – Ana"]


async def test_a_form_that_is_sent_twice_sends_once(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    view = await opens(journey)
    slack = journey.slack
    body = {
        **view,
        "state": {"values": {ids.TEXT_BLOCK: {ids.TEXT_INPUT: {"type": "plain_text_input", "value": "No."}}}},
    }
    acks = [
        await slack.doors.send(
            "interactive",
            {**slack._from(ANA, "view_submission"), "trigger_id": slack.new_trigger(ANA), "view": body},
            accepts=True,
        )
        for _ in range(2)
    ]
    assert all(ack.ok for ack in acks)
    await slack.doors.redeliver(acks[0].envelope_id)
    await journey.pass_(seconds=30)
    assert [p["text"] for p in journey.graph.published] == ["No. – Ana"]
    assert len([line for line in journey.thread(1) if "No. – Ana" in line]) == 1


TAMPERED = (
    "",
    "{",
    "null",
    "[]",
    "7",
    '{"number": "1"}',
    '{"number": 2, "version": 1, "private": false, "key": "KEY"}',
    '{"number": 1, "version": "x", "private": false, "key": "KEY"}',
    '{"number": 1, "version": 1, "private": false, "key": "another"}',
    '{"number": -1, "version": 1, "private": false, "key": "KEY"}',
    "[" * 2900,
    "x" * 3000,
)
"""What may come back in a form that we did not put there; KEY stands for the form's own."""


@pytest.mark.parametrize("button", ["reply", "note"])
async def test_a_form_that_was_tampered_with_does_nothing_and_keeps_the_text(journey: Journey, button: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme where is my refund", handle="jo")
    before = [journey.card(1), journey.card(2), journey.thread(1), journey.thread(2)]
    for metadata in TAMPERED:
        await opens(journey, button)
        body = journey.slack.views[ANA][-1].body
        body["private_metadata"] = metadata.replace("KEY", json.loads(body["private_metadata"])["key"])
        reply = await sends(journey, "It left today.")
        assert reply.response and "is not the one that was opened here" in reply.response["errors"][ids.TEXT_BLOCK]
        assert view_of(journey)["state"]["values"][ids.TEXT_BLOCK][ids.TEXT_INPUT]["value"] == "It left today."
    await journey.pass_(minutes=4)
    assert [journey.card(1), journey.card(2), journey.thread(1), journey.thread(2)] == before
    assert journey.published == []


async def test_a_colleagues_form_and_an_unknown_one_are_refused(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    await opens(journey, "reply", BEN)
    mine, theirs = journey.slack.views[ANA][-1].body, journey.slack.views[BEN][-1].body
    theirs["private_metadata"] = mine["private_metadata"]
    reply = await sends(journey, "It left today.", BEN)
    assert "is not the one" in reply.response["errors"][ids.TEXT_BLOCK]
    mine["callback_id"] = "made_up"
    reply = await sends(journey, "It left today.")
    assert "another version" in reply.response["errors"][ids.TEXT_BLOCK]
    await journey.pass_(seconds=15)
    assert journey.published == []


async def test_a_form_outlives_a_restart_and_no_more_than_a_day(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey, "note")
    await journey.restart()
    assert (await sends(journey, "called the bank")).response is None
    assert "called the bank" in "\n".join(journey.thread(1))
    await opens(journey, "note")
    await journey.pass_(hours=30)
    await journey.types(ANA, "/claim 1")
    reply = await sends(journey, "called again")
    assert "older than a day" in reply.response["errors"][ids.TEXT_BLOCK]


async def test_a_note_is_kept_once_and_never_leaves(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey, "note", BEN)
    assert (await sends(journey, "refund approved by finance", BEN)).response is None
    assert "Note by <@U0BEN>, for the team:\nrefund approved by finance" in "\n".join(journey.thread(1))
    await opens(journey, "note", BEN)
    reply = await sends(journey, "   ", BEN)
    assert "no words" in reply.response["errors"][ids.TEXT_BLOCK]
    await journey.pass_(minutes=1)
    assert journey.published == []


async def test_a_form_is_not_opened_where_it_could_only_be_refused(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.pass_(seconds=2)
    await journey.presses(BEN, 1, "reply")
    assert journey.slack.open_views(BEN) == []
    assert "#1 is with <@U0ANA>" in journey.only_for(BEN)[-1]
    await journey.types(ANA, "/done 1")
    await journey.types(ANA, "/reply 1")
    assert journey.slack.open_views(ANA) == []
    assert "was closed by" in journey.only_for(ANA)[-1]


async def test_a_command_that_opened_a_form_may_be_delivered_again(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    first = await journey.slack.command(ANA, DESK, "/reply 1")
    again = await journey.slack.doors.redeliver(first.envelope_id)
    assert again.ok and not again.payload
    assert len(journey.slack.open_views(ANA)) == 1
