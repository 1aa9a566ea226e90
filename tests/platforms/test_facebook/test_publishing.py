"""What the Facebook connector publishes, what Graph refuses, and what never leaves the house."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from desk.model.errors import Refused
from desk.model.message import Outgoing
from platforms.facebook import COMMENT_LIMIT, MESSAGE_LIMIT, FacebookPlatform
from platforms.graph import encoded
from platforms.sandbox.graph import Graph, error_body
from tests.platforms.test_facebook.ways import START, TOKEN, Hands, connect, direct, reply, writes


async def test_a_reply_a_message_a_private_reply_and_a_post_are_published_once(
    graph: Graph, facebook: FacebookPlatform
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    visit = graph.visitor_post("Ida Berg", "My order is wrong")
    graph.message("Tom Reed", "Where is my parcel?")
    mia, tom, ida = (graph.add_person(name) for name in ("Mia Holt", "Tom Reed", "Ida Berg"))
    receipts = [
        await facebook.publish(reply(top, "Yes, until six – Ana")),
        await facebook.publish(direct(tom, "On its way – Ana")),
        await facebook.publish(reply(top, "Tell us here – Ana", "private_reply")),
        await facebook.publish(reply(visit, "And you too – Ana", "private_reply")),
        await facebook.publish(Outgoing("op-5", "post", "We are here until six")),
    ]
    assert [(one["text"], one["on"], one["kind"], one["to"]) for one in graph.published] == [
        ("Yes, until six – Ana", top, "comment", None),
        ("On its way – Ana", graph.conversation_with(graph.person(tom)).id, "message", tom),
        ("Tell us here – Ana", top, "private_reply", mia),
        ("And you too – Ana", visit, "private_reply", ida),
        ("We are here until six", None, "post", None),
    ]
    assert [one.remote_id for one in receipts] == [one["id"] for one in graph.published]
    assert receipts[0].url == f"https://www.facebook.com/{receipts[0].remote_id}"
    assert receipts[1].url == ""
    assert writes(graph) == 5


async def test_what_was_published_is_found_again(graph: Graph, facebook: FacebookPlatform, clock: Hands) -> None:
    top = graph.comment("Mia Holt", "Open?")
    below = graph.comment("Tom Reed", "I wonder too", on=top)
    visit = graph.visitor_post("Ida Berg", "My order is wrong")
    graph.message("Tom Reed", "Where is my parcel?")
    everything = [
        reply(top, "Yes,\nuntil  six"),
        reply(below, "For you too: the café"),
        reply(visit, "Sorry!"),
        direct(graph.add_person("Tom Reed"), "On its way"),
        reply(top, "Tell us here", "private_reply"),
        reply(visit, "And you too", "private_reply"),
        Outgoing("op-5", "post", "We are here until six"),
    ]
    clock.on(seconds=0.7)
    for out in everything:
        since = clock.now()
        assert await facebook.find(out, since) is None
        receipt = await facebook.publish(out)
        assert await facebook.find(out, since) == receipt
        clock.on(minutes=1)
        assert await facebook.find(out, clock.now()) is None
    other = graph.comment("Mia Holt", "And tomorrow?")
    assert await facebook.find(reply(other, "Yes,\nuntil  six"), START) is None
    graph.comment("Eve", "Sorry! Sorry!", on=visit)
    assert await facebook.find(reply(visit, "Sorry! Sorry!"), START) is None


@pytest.mark.parametrize(
    ("code", "subcode", "word"),
    [
        (10, 2018278, "window"),
        (100, 33, "gone"),
        (100, 2018001, "not_allowed"),
        (100, 2018292, "gone"),
        (368, None, "not_allowed"),
        (506, None, "duplicate"),
        (551, 1545041, "not_allowed"),
        (10900, None, "already_replied"),
        (10901, None, "window"),
        (10903, None, "not_allowed"),
        (2635, None, "other"),
        (12345, None, "other"),
    ],
)
async def test_a_refusal_is_final_and_says_why(
    graph: Graph, facebook: FacebookPlatform, code: int, subcode: int | None, word: str
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    body = error_body(code, subcode=subcode)
    graph.wire.fault("graph", "POST *", "status", status=400, body=body)
    with pytest.raises(Refused) as refusal:
        await facebook.publish(reply(top, "Yes"))
    assert refusal.value.code == word
    assert str(code) in refusal.value.why
    assert writes(graph) == 1


async def test_a_refusal_that_nobody_can_read_is_still_one(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "POST *", "status", status=404, body="<html>no</html>")
    with pytest.raises(Refused):
        await facebook.publish(reply(top, "Yes"))


async def test_the_real_refusals_of_the_page_arrive(graph: Graph, facebook: FacebookPlatform, clock: Hands) -> None:
    top = graph.comment("Mia Holt", "Open?")
    gone = graph.comment("Mia Holt", "Never mind")
    graph.message("Tom Reed", "Hello")
    tom = graph.add_person("Tom Reed")
    graph.delete(gone)
    await facebook.publish(reply(top, "Yes"))
    await facebook.publish(reply(top, "Tell us here", "private_reply"))
    clock.on(hours=24, seconds=1)
    words = []
    for out in (
        reply(gone, "Too late"),
        reply(top, "Tell us again", "private_reply"),
        direct(tom, "Are you there?"),
        reply("../2000", "Hm"),
        direct("", "Hm"),
    ):
        with pytest.raises(Refused) as refusal:
            await facebook.publish(out)
        words.append(refusal.value.code)
    assert words == ["gone", "already_replied", "window", "gone", "gone"]


async def test_the_same_words_twice_are_refused_as_a_duplicate(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    await facebook.publish(reply(top, "Yes"))
    with pytest.raises(Refused) as refusal:
        await facebook.publish(reply(top, "Yes"))
    assert refusal.value.code == "duplicate"


async def test_what_is_too_long_never_leaves_the_house(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Tell me everything")
    graph.message("Mia Holt", "Here too")
    mia = graph.add_person("Mia Holt")
    for out in (reply(top, "a" * (COMMENT_LIMIT + 1)), direct(mia, "é" * MESSAGE_LIMIT + "!")):
        with pytest.raises(Refused) as refusal:
            await facebook.publish(out)
        assert refusal.value.code == "too_long"
    assert writes(graph) == 0
    await facebook.publish(direct(mia, "é" * MESSAGE_LIMIT))
    await facebook.publish(reply(top, "a" * COMMENT_LIMIT))


def test_the_page_says_what_it_can() -> None:
    connector = FacebookPlatform(TOKEN, now=lambda: START)
    able = connector.capabilities
    assert (able.public_limit, able.private_limit) == (8000, 2000)
    assert (able.window, able.private_reply_window) == (timedelta(hours=24), timedelta(days=7))
    assert not able.direct_to_anyone
    assert (connector.length("é"), connector.length("👍")) == (1, 2)


async def test_any_text_goes_out_as_it_is(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    text = 'Ja! 👩‍👩‍👧 <b>&amp; {"id": 1} 50 % + – “ß”\n\nمرحبا'
    await facebook.publish(reply(top, text))
    graph.message("Mia Holt", "Open?")
    await facebook.publish(direct(graph.add_person("Mia Holt"), text))
    assert [one["text"] for one in graph.published] == [text, text]
    assert (await facebook.find(reply(top, text), START)) is not None
    await facebook.publish(reply(top, "half \ud83d"))
    assert graph.published[-1]["text"] == "half \ufffd"


async def test_with_the_human_agent_tag_messages_go_out_for_7_days(graph: Graph, clock: Hands) -> None:
    connector = connect(graph, clock, human_agent=True)
    assert connector.capabilities.window == timedelta(days=7)
    graph.message("Tom Reed", "Hello")
    tom = graph.add_person("Tom Reed")
    clock.on(days=6)
    await connector.publish(direct(tom, "It has come"))
    sent = graph.wire.to("graph")[-1].request
    assert (sent["messaging_type"], sent["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    clock.on(days=2)
    with pytest.raises(Refused) as refusal:
        await connector.publish(direct(tom, "Are you there?"))
    assert refusal.value.code == "window"
    assert len(graph.published) == 1
    await connector.close()


async def test_a_refusal_for_another_reason_is_not_tried_with_the_tag(graph: Graph, clock: Hands) -> None:
    connector = connect(graph, clock, human_agent=True)
    graph.message("Tom Reed", "Stop it")
    graph.block("Tom Reed")
    with pytest.raises(Refused):
        await connector.publish(direct(graph.add_person("Tom Reed"), "Sorry"))
    assert writes(graph) == 1
    await connector.close()


async def test_the_wire_form_of_a_message_is_json_in_form_fields(graph: Graph, facebook: FacebookPlatform) -> None:
    graph.message("Tom Reed", "Hello")
    tom = graph.add_person("Tom Reed")
    await facebook.publish(direct(tom, "Hi"))
    sent = graph.wire.to("graph")[-1].request
    assert json.loads(sent["recipient"]) == {"id": tom}
    assert json.loads(sent["message"]) == {"text": "Hi", "metadata": "op-1"}
    assert sent["messaging_type"] == "RESPONSE"
    assert encoded({"a": {"b": 1}, "c": None, "d": True, "e": "x", "f": 5}) == {
        "a": '{"b": 1}',
        "d": "true",
        "e": "x",
        "f": 5,
    }


async def test_a_cancelled_call_counts_until_its_thread_is_done(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "POST *", "hang", seconds=0.5)
    task = asyncio.create_task(facebook.publish(reply(top, "Yes")))
    await asyncio.sleep(0.1)
    assert facebook.in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert facebook.in_flight == 1
    await facebook.account()
    await asyncio.sleep(1)
    assert facebook.in_flight == 0


async def test_many_calls_at_once_keep_their_answers_apart(graph: Graph, facebook: FacebookPlatform) -> None:
    tops = [graph.comment(f"Person {number}", f"question {number}") for number in range(24)]
    receipts = await asyncio.gather(*(facebook.publish(reply(top, f"answer to {top}")) for top in tops))
    published = {one["id"]: one for one in graph.published}
    assert [published[receipt.remote_id]["text"] for receipt in receipts] == [f"answer to {top}" for top in tops]
