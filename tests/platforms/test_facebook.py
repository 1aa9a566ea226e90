"""The Facebook connector against the Graph stand-in: what it reads, what it says, and what it knows afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.message import Fetched, Message, Outgoing
from platforms.facebook import COMMENT_LIMIT, MESSAGE_LIMIT, FacebookPlatform
from platforms.graph import GraphAPI, encoded, read_usage
from platforms.sandbox.graph import Graph, error_body
from platforms.sandbox.wire import Fault, Wire
from tests.platforms.promises import Promises, Scene

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN = "EAAcanary0123456789"
SECRET = "canary-app-secret"


class Hands:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


class Looking:
    """Somebody who polls as the desk does: keeps the cursor of each complete sweep, and what came."""

    def __init__(self, facebook: FacebookPlatform) -> None:
        self.facebook = facebook
        self.cursor: str | None = None
        self.last: Fetched | None = None

    async def look(self) -> list[Message]:
        self.last = await self.facebook.fetch(self.cursor)
        self.cursor = self.last.cursor
        return list(self.last.messages)

    async def texts(self) -> list[str]:
        return [message.text for message in await self.look()]


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def graph(clock: Hands) -> AsyncIterator[Graph]:
    wire = Wire(clock.now)
    standin = Graph(clock.now, wire, token=TOKEN, app_secret=SECRET)
    standin.require_proof = True
    await standin.start()
    yield standin
    wire.clear_faults()
    await standin.stop()
    assert wire.unexpected == []


def connect(graph: Graph, clock: Hands, **more: Any) -> FacebookPlatform:
    more = {"app_secret": SECRET, "base": graph.url, "timeouts": (2.5, 2.5), **more}
    return FacebookPlatform(TOKEN, now=clock.now, **more)


@pytest.fixture
async def facebook(graph: Graph, clock: Hands) -> AsyncIterator[FacebookPlatform]:
    connector = connect(graph, clock)
    yield connector
    assert connector.in_flight == 0
    await connector.close()


@pytest.fixture
def eyes(facebook: FacebookPlatform) -> Looking:
    return Looking(facebook)


def reply(to: str, text: str, way: str = "reply", **more: Any) -> Outgoing:
    return Outgoing("op-1", way, text, reply_to=to, **more)


def direct(to: str, text: str) -> Outgoing:
    return Outgoing("op-1", "direct", text, to=to)


def writes(graph: Graph) -> int:
    return sum(record.method != "GET" for record in graph.wire.to("graph"))


class FacebookScene(Scene):
    """The Page, its customers, and the connector between it and the desk."""

    to = "graph"
    publishing = "POST *"
    reading = "GET */comments"
    uploading = "POST */photos"
    secrets = (TOKEN, SECRET, hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest())

    def __init__(self) -> None:
        self.at = START
        self.wire = Wire(lambda: self.at)
        self.graph = Graph(lambda: self.at, self.wire, token=TOKEN, app_secret=SECRET)
        self.graph.require_proof = True

    async def open(self) -> None:
        await self.graph.start()
        self.platform = FacebookPlatform(
            TOKEN, app_secret=SECRET, base=self.graph.url, now=lambda: self.at, timeouts=(2.5, 2.5)
        )

    async def close(self) -> None:
        self.wire.clear_faults()
        await self.platform.close()
        await self.graph.stop()

    def fault(self, match: str, action: Any, **more: Any) -> Fault:
        """A read is tried three times, so a fault that is to be felt lasts as long."""
        if match == self.reading:
            more["times"] = 3 * more.get("times", 1)
        return super().fault(match, action, **more)

    def customer_writes(self, text: str) -> str:
        return self.graph.comment("Mia Holt", text)

    def customer_answers(self, text: str, to: str) -> str:
        return self.graph.comment("Tom Reed", text, on=to)

    def customer_writes_privately(self, text: str) -> str:
        return self.graph.message("Mia Holt", text)

    def customer_edits(self, remote_id: str, text: str) -> str:
        self.graph.edit(remote_id, text)
        return remote_id

    def customer_deletes(self, remote_id: str) -> None:
        self.graph.delete(remote_id)

    def colleague_answers(self, text: str, to: str) -> str:
        return self.graph.native_comment(text, to)

    def said(self) -> list[str]:
        return [one["text"] for one in self.graph.published]

    def pictures(self) -> list[int]:
        return [int("picture" in one) for one in self.graph.published]

    def customer_shows(self, data: bytes) -> str:
        return self.graph.picture(data)

    def standing(self) -> list[str]:
        return [thing.text for thing in self.graph.alive() if thing.by_page and thing.kind == "comment"]

    def customer_answers_us(self, text: str) -> str:
        return self.graph.comment("Mia Holt", text, on=self.graph.page_post("We open at nine."))

    def is_hidden(self, remote_id: str) -> bool:
        return self.graph.things[remote_id].hidden

    def targets(self) -> list[str | None]:
        return [one["on"] for one in self.graph.published if one["kind"] == "comment"]

    def revoke(self) -> None:
        self.graph.revoke_token(460)


class TestFacebookKeepsThePromises(Promises):
    @pytest.fixture
    async def scene(self) -> AsyncIterator[Scene]:
        scene = FacebookScene()
        await scene.open()
        yield scene
        await scene.close()
        assert scene.wire.unexpected == []

    def busy(self, scene: Scene) -> dict[str, Any]:
        return {"status": 400, "body": error_body(32)}


# reading


async def test_comments_replies_visitor_posts_and_messages_come_oldest_first(
    graph: Graph, clock: Hands, eyes: Looking
) -> None:
    post = graph.page_post("We open at nine")
    clock.on(minutes=1)
    top = graph.comment("Mia Holt", "And on Sundays?")
    clock.on(minutes=1)
    mid = graph.message("Tom Reed", "Where is my parcel?")
    clock.on(minutes=1)
    visit = graph.visitor_post("Ida Berg", "Great shop!")
    clock.on(minutes=1)
    below = graph.comment("Tom Reed", "I wonder too", on=top)
    clock.on(minutes=1)
    under_visit = graph.comment("Mia Holt", "It is!", on=visit)
    found = await eyes.look()
    assert [(one.remote_id, one.kind, one.conversation, one.reply_to) for one in found] == [
        (top, "comment", f"post:{top}", None),
        (mid, "message", f"direct:{graph.add_person('Tom Reed')}", None),
        (visit, "visitor post", f"post:{visit}", None),
        (below, "reply", f"post:{top}", top),
        (under_visit, "reply", f"post:{visit}", visit),
    ]
    first = found[0]
    assert (first.platform, first.account, first.private, first.own) == ("facebook", "2000", False, False)
    assert (first.author.name, first.author.remote_id) == ("Mia Holt", graph.add_person("Mia Holt"))
    assert first.created_at == START + timedelta(minutes=1)
    assert first.url == f"https://www.facebook.com/{post}?comment_id={top.partition('_')[2]}"
    assert found[1].private
    assert "/inbox/" in found[1].url


async def test_a_second_look_finds_nothing_and_leaves_the_cursor_as_it_was(
    graph: Graph, clock: Hands, eyes: Looking
) -> None:
    graph.comment("Mia Holt", "And on Sundays?")
    graph.message("Tom Reed", "Where is my parcel?")
    assert len(await eyes.look()) == 2
    before = eyes.cursor
    clock.on(minutes=30)
    assert await eyes.look() == []
    assert eyes.cursor == before
    json.loads(before or "")


async def test_an_idle_look_costs_two_calls(graph: Graph, eyes: Looking) -> None:
    graph.comment("Mia Holt", "And on Sundays?")
    graph.message("Tom Reed", "Where is my parcel?")
    await eyes.look()
    before = len(graph.wire.to("graph"))
    await eyes.look()
    assert [record.path for record in graph.wire.to("graph")[before:]] == ["/v23.0/me/feed", "/v23.0/me/conversations"]


@pytest.mark.parametrize("junk", ["{", "[]", "7", '{"v": 1}', "x"])
async def test_a_cursor_that_is_none_of_ours_is_refused_in_words(facebook: FacebookPlatform, junk: str) -> None:
    with pytest.raises(Refused, match="makes no sense"):
        await facebook.fetch(junk)


async def test_two_in_the_same_second_keep_their_order(graph: Graph, eyes: Looking) -> None:
    top = graph.comment("Mia Holt", "one")
    graph.comment("Tom Reed", "two", on=top)
    graph.comment("Mia Holt", "three", on=top)
    visit = graph.visitor_post("Ida Berg", "four")
    graph.comment("Ida Berg", "five", on=visit)
    texts = await eyes.texts()
    assert [text for text in texts if text in ("one", "two", "three")] == ["one", "two", "three"]
    assert [text for text in texts if text in ("four", "five")] == ["four", "five"]


async def test_nothing_is_missed_when_there_is_more_than_a_page_of_everything(
    graph: Graph, clock: Hands, eyes: Looking
) -> None:
    post = graph.page_post("Sale!")
    await eyes.look()
    wanted = []
    for number in range(130):
        clock.on(seconds=1)
        wanted.append(graph.comment(f"Person {number}", f"comment {number}", on=post))
        if number % 2:
            wanted.append(graph.message(f"Person {number}", f"message {number}"))
        if number % 3 == 0:
            wanted.append(graph.message("Chatty", f"chatty {number}"))
        if number % 2 == 0:
            wanted.append(graph.visitor_post(f"Person {number}", f"post {number}"))
    clock.on(minutes=1)
    found = await eyes.look()
    assert sorted(one.remote_id for one in found) == sorted(wanted)
    times = [one.created_at for one in found if one.created_at]
    assert times == sorted(times)


async def test_a_first_look_leaves_what_is_older_than_a_day(graph: Graph, clock: Hands, eyes: Looking) -> None:
    graph.comment("Mia Holt", "long ago")
    graph.message("Tom Reed", "long ago too")
    clock.on(hours=25)
    graph.comment("Mia Holt", "just now")
    assert await eyes.texts() == ["just now"]
    assert await eyes.texts() == []


async def test_what_surfaces_late_is_still_read(graph: Graph, clock: Hands, eyes: Looking) -> None:
    post = graph.page_post("Sale!")
    await eyes.look()
    graph.lag = timedelta(minutes=3)
    graph.comment("Mia Holt", "slow", on=post)
    graph.lag = timedelta()
    clock.on(minutes=1)
    graph.comment("Tom Reed", "quick", on=post)
    assert await eyes.texts() == ["quick"]
    clock.on(minutes=3)
    assert await eyes.texts() == ["slow"]


async def test_what_the_page_says_is_known_as_our_own(graph: Graph, facebook: FacebookPlatform, eyes: Looking) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.message("Tom Reed", "Open?")
    graph.native_comment("Yes, until six", top)
    graph.native_message("Tom Reed", "Yes!")
    sent = await facebook.publish(reply(top, "See you"))
    found = {one.text: one for one in await eyes.look()}
    assert [found[text].own for text in ("Yes, until six", "Yes!", "See you")] == [True, True, True]
    assert found["Yes, until six"].conversation == f"post:{top}"
    assert found["See you"].remote_id == sent.remote_id
    assert not found["Open?"].own


async def test_edits_come_with_the_same_id_and_removals_without_text(graph: Graph, clock: Hands, eyes: Looking) -> None:
    top = graph.comment("Mia Holt", "Open on Sunday?")
    visit = graph.visitor_post("Ida Berg", "My order is wrong")
    under_visit = graph.comment("Tom Reed", "Mine too", on=visit)
    mid = graph.message("Tom Reed", "My card number is 1")
    graph.message("Tom Reed", "Hello?")
    await eyes.look()
    clock.on(minutes=2)
    graph.edit(top, "Open on Saturday?")
    graph.delete(visit)
    graph.delete(mid)
    found = {one.remote_id: one for one in await eyes.look()}
    assert set(found) == {top, visit, under_visit, mid}
    assert (found[top].text, found[top].previous_id, found[top].deleted) == ("Open on Saturday?", top, False)
    for gone in (visit, under_visit, mid):
        assert (found[gone].text, found[gone].deleted, found[gone].previous_id) == ("", True, None)
    assert found[mid].conversation == f"direct:{graph.add_person('Tom Reed')}"
    assert await eyes.look() == []


async def test_what_is_only_out_of_sight_is_not_called_removed(graph: Graph, clock: Hands) -> None:
    connector = connect(graph, clock, posts=50)
    eyes = Looking(connector)
    graph.comment("Mia Holt", "under an old post")
    await eyes.look()
    for number in range(60):
        graph.page_post(f"post {number}")
    assert await eyes.look() == []
    await connector.close()


async def test_only_what_facebook_calls_gone_is_called_removed(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    await eyes.look()
    before = eyes.cursor
    graph.delete(top)
    graph.wire.fault("graph", f"GET */{top}", "status", status=500, body={}, times=3)
    with pytest.raises(Unreachable):
        await eyes.look()
    assert eyes.cursor == before
    graph.wire.fault("graph", f"GET */{top}", "status", status=400, body=error_body(368))
    assert await eyes.look() == []


async def test_pictures_come_as_links(graph: Graph, eyes: Looking) -> None:
    for made in (graph.comment("Mia", ""), graph.visitor_post("Mia", "look"), graph.message("Mia", "")):
        graph.attach(made, "https://example.com/broken.jpg?sig=1")
    assert [one.attachments for one in await eyes.look()] == [("https://example.com/broken.jpg?sig=1",)] * 3


async def test_somebody_unnamed_is_still_heard(graph: Graph, eyes: Looking) -> None:
    graph.comment(graph.add_person("Nobody Known", nameless=True), "Hello?")
    (message,) = await eyes.look()
    assert (message.author.remote_id, message.author.name, message.own) == ("", "", False)


def comment(number: int, **more: Any) -> dict[str, Any]:
    whole = {
        "id": f"1_{number}",
        "message": f"comment {number}",
        "created_time": "2026-03-02T08:00:00+0000",
        "from": {"id": "77", "name": "Mia Holt"},
    }
    return {key: value for key, value in {**whole, **more}.items() if value is not None}


async def test_one_bad_item_does_not_hold_up_the_others(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking
) -> None:
    await facebook.account()
    bad: list[Any] = [comment(2, id=None), comment(3, message=7), "not even an object"]
    post = {"id": "2000_1", "from": {"id": "2000"}, "comments": {"data": [comment(1), *bad, comment(9)]}}
    graph.wire.fault("graph", "GET */feed", "status", status=200, body={"data": [post, {"from": {}}]})
    assert sorted(await eyes.texts()) == ["comment 1", "comment 9"]
    assert eyes.last is not None
    assert len(eyes.last.broken) == 4
    assert "1_3: TypeError" in eyes.last.broken


@pytest.mark.parametrize("strange", [None, "yesterday", "1970-01-01T00:00:00+0000", "2099-01-01T00:00:00+0000", 7])
async def test_a_time_that_makes_no_sense_is_none_and_moves_no_cursor(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking, strange: Any
) -> None:
    await facebook.account()
    post = {"id": "2000_1", "from": {"id": "2000"}, "comments": {"data": [comment(1, created_time=strange)]}}
    graph.wire.fault("graph", "GET */feed", "status", status=200, body={"data": [post]}, times=2)
    (message,) = await eyes.look()
    assert message.created_at is None
    before = eyes.cursor
    assert await eyes.look() == []
    assert eyes.cursor == before


async def test_a_sweep_that_breaks_off_moves_no_cursor(graph: Graph, clock: Hands, eyes: Looking) -> None:
    post = graph.page_post("Sale!")
    await eyes.look()
    before = eyes.cursor
    for number in range(60):
        clock.on(seconds=1)
        graph.comment("Mia Holt", f"comment {number}", on=post)
    graph.wire.fault("graph", "GET */comments", "status", status=500, body=error_body(2), times=3)
    with pytest.raises(Unreachable):
        await eyes.look()
    assert eyes.cursor == before
    assert len(await eyes.look()) == 60


async def test_a_read_is_tried_again_and_a_write_is_not(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "GET */feed", "status", status=503, body="<html>sorry</html>", times=2)
    assert await eyes.texts() == ["Open?"]
    graph.wire.fault("graph", "POST *", "status", status=503, body="<html>sorry</html>")
    with pytest.raises(Unreachable):
        await facebook.publish(reply(top, "Yes"))
    assert writes(graph) == 1


# pace


async def test_polling_slows_down_at_80_percent_and_pauses_at_95_while_publishing_goes_on(
    graph: Graph, facebook: FacebookPlatform, clock: Hands, eyes: Looking
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.usage = {"app": 12, "page": 83}
    await eyes.look()
    with pytest.raises(Busy) as slow:
        await eyes.look()
    assert slow.value.retry_at == clock.now() + timedelta(minutes=2)
    clock.on(minutes=2)
    graph.usage = {"app": 12}
    graph.business_usage = 96
    await eyes.look()
    with pytest.raises(Busy) as pause:
        await eyes.look()
    assert pause.value.retry_at == clock.now() + timedelta(minutes=15)
    await facebook.publish(reply(top, "Yes"))
    clock.on(minutes=15)
    graph.business_usage = 20
    await eyes.look()
    await eyes.look()


async def test_graphs_own_estimate_of_a_lock_is_believed(graph: Graph, clock: Hands, eyes: Looking) -> None:
    graph.business_usage = 100
    await eyes.look()
    with pytest.raises(Busy) as pause:
        await eyes.look()
    assert pause.value.retry_at == clock.now() + timedelta(minutes=60)


@pytest.mark.parametrize("code", [4, 17, 32, 613])
async def test_a_rate_limit_is_busy_for_reading_and_writing(
    graph: Graph, facebook: FacebookPlatform, clock: Hands, eyes: Looking, code: int
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    await eyes.look()
    graph.throttled = code
    for work in (eyes.look(), facebook.publish(reply(top, "Yes"))):
        with pytest.raises(Busy) as busy:
            await work
        assert busy.value.retry_at > clock.now()
        assert str(code) in busy.value.why


# saying


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


async def test_a_lost_answer_is_ambiguous_and_looking_settles_it(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "POST *", "drop_after")
    with pytest.raises(Unreachable):
        await facebook.publish(reply(top, "Yes"))
    found = await facebook.find(reply(top, "Yes"), START)
    assert found is not None
    assert found.remote_id == graph.published[0]["id"]
    graph.wire.fault("graph", "POST *", "drop_before")
    with pytest.raises(Unreachable):
        await facebook.publish(reply(top, "Really"))
    assert await facebook.find(reply(top, "Really"), START) is None
    assert len(graph.published) == 1


async def test_what_lags_is_not_found_yet(graph: Graph, facebook: FacebookPlatform, clock: Hands) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "POST *", "drop_after", lag=10)
    with pytest.raises(Unreachable):
        await facebook.publish(reply(top, "Yes"))
    assert await facebook.find(reply(top, "Yes"), START) is None
    clock.on(seconds=10)
    assert await facebook.find(reply(top, "Yes"), START) is not None


AMBIGUOUS: list[tuple[int, Any, dict[str, str]]] = [
    (500, {}, {}),
    (500, "", {}),
    (502, "<html><h1>Bad gateway</h1></html>", {}),
    (503, error_body(2), {}),
    (400, error_body(1), {}),
    (500, error_body(2), {}),
    (200, {}, {}),
    (200, [], {}),
    (200, "<html>hello</html>", {}),
    (200, '{"id": "1_', {}),
    (200, "", {}),
    (200, {"id": None}, {}),
    (200, {"success": True}, {}),
    (302, "", {"Location": "/elsewhere"}),
]


@pytest.mark.parametrize(("status", "body", "headers"), AMBIGUOUS)
async def test_an_answer_that_does_not_say_leaves_it_open(
    graph: Graph, facebook: FacebookPlatform, status: int, body: Any, headers: dict[str, str]
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "POST *", "status", status=status, body=body, headers=headers)
    with pytest.raises(Unreachable):
        await facebook.publish(reply(top, "Yes"))
    assert len(graph.wire.to("graph")) == 1


async def test_no_content_type_and_a_torn_answer_leave_it_open(clock: Hands) -> None:
    answers = [
        b"HTTP/1.1 500 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{"id"',
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nnonsense",
        b"no HTTP at all\r\n\r\n",
    ]
    taken = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers[taken])
        taken += 1
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connector = FacebookPlatform(TOKEN, now=clock.now, base=f"http://127.0.0.1:{port}")
    for number in range(len(answers)):
        with pytest.raises(Unreachable):
            await connector.publish(reply("1_2", "Yes"))
        assert taken == number + 1
    await connector.close()
    server.close()


async def test_a_server_that_never_answers_is_given_up_within_the_time_limit(
    graph: Graph, facebook: FacebookPlatform
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.wire.fault("graph", "POST *", "hang", seconds=5)
    async with asyncio.timeout(4):
        with pytest.raises(Unreachable):
            await facebook.publish(reply(top, "Yes"))


async def test_without_a_connection_nothing_was_published_and_it_may_be_tried_again(clock: Hands) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    connector = FacebookPlatform(TOKEN, now=clock.now, base=f"http://127.0.0.1:{port}")
    with pytest.raises(Busy) as busy:
        await connector.publish(reply("1_2", "Yes"))
    assert busy.value.retry_at == START + timedelta(seconds=30)
    with pytest.raises(Unreachable):
        await connector.fetch(None)
    await connector.close()


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


# tokens and versions


async def test_the_account_is_the_page(facebook: FacebookPlatform) -> None:
    account = await facebook.account()
    assert (account.remote_id, account.name, account.handle) == ("2000", "Acme", "")


async def test_a_token_of_somebody_else_is_unauthorised(graph: Graph, clock: Hands) -> None:
    connector = connect(graph, clock, page_id="2001")
    for work in (connector.account(), connector.fetch(None)):
        with pytest.raises(Unauthorised, match="belongs to 2000"):
            await work
    await connector.close()
    right = connect(graph, clock, page_id="2000")
    await right.fetch(None)
    await right.close()


@pytest.mark.parametrize("subcode", [None, 458, 460, 463, 467, 493])
async def test_a_dead_token_is_unauthorised_for_reading_and_writing(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking, subcode: int | None
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    await eyes.look()
    graph.revoke_token(subcode)
    for work in (facebook.account(), eyes.look(), facebook.publish(reply(top, "Yes"))):
        with pytest.raises(Unauthorised) as trouble:
            await work
        assert str(subcode or 190) in trouble.value.why
    graph.accept_token()
    await facebook.publish(reply(top, "Yes"))


async def test_a_missing_permission_is_unauthorised_and_names_it(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.permissions.discard("pages_manage_engagement")
    with pytest.raises(Unauthorised) as trouble:
        await facebook.publish(reply(top, "Yes"))
    assert "pages_manage_engagement" in trouble.value.why


async def test_a_version_that_is_gone_is_refused_at_the_start(graph: Graph, clock: Hands) -> None:
    old = connect(graph, clock, version="v19.0")
    with pytest.raises(Refused) as refusal:
        await old.account()
    assert "2635" in refusal.value.why
    await old.close()
    for wrong in ("22.0", "v2", "latest", "v22.0/../me"):
        with pytest.raises(ValueError, match="must look like"):
            connect(graph, clock, version=wrong)


async def test_a_version_that_facebook_silently_replaced_is_noticed(clock: Hands) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"id": "2000", "name": "Acme"}, headers={"facebook-api-version": "v25.0"})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    connector = FacebookPlatform(TOKEN, now=clock.now, base=f"http://127.0.0.1:{runner.addresses[0][1]}")
    with pytest.raises(Refused, match=r"v25\.0"):
        await connector.account()
    await connector.close()
    await runner.cleanup()


async def test_no_token_and_no_words_of_customers_leave_in_logs_errors_or_urls(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    top = graph.comment("Mia Holt", "canary words of a customer")
    said = []
    graph.usage = {"app": 85}
    faults: list[tuple[str, dict[str, Any]]] = [
        ("drop_after", {}),
        ("status", {"status": 400, "body": error_body(190, message=f"Bad access_token={TOKEN} or {TOKEN}")}),
        ("status", {"status": 400, "body": error_body(10, message=f"(#10) access_token={TOKEN} lacks it")}),
        ("status", {"status": 400, "body": error_body(12345, message=f"no, {TOKEN}, appsecret_proof=abc")}),
        ("status", {"status": 400, "body": error_body(100, message="(#100) no: canary words of ours, that is")}),
        ("status", {"status": 502, "body": f"<html>{TOKEN}</html>"}),
    ]
    for action, more in faults:
        graph.wire.fault("graph", "POST *", action, **more)  # type: ignore[arg-type]
        with pytest.raises(OutsideError) as trouble:
            await facebook.publish(reply(top, "canary words of ours"))
        error: BaseException | None = trouble.value
        while error is not None:
            said.append(f"{error!r} {error} {vars(error)}")
            error = error.__cause__ or error.__context__
    body = {"data": [{"id": "2000_1", "comments": {"data": [comment(1, message={"canary": 1})]}}]}
    graph.wire.fault("graph", "GET */feed", "status", status=200, body=body)
    await eyes.look()
    everything = "\n".join([*said, caplog.text, repr(facebook), eyes.cursor or ""])
    for canary in (TOKEN, SECRET, "canary words", '"canary"', "appsecret_proof=abc"):
        assert canary not in everything
    for record in graph.wire.to("graph"):
        assert "access_token" not in record.request


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


def test_usage_is_the_highest_of_all_headers_and_junk_is_no_usage() -> None:
    assert read_usage({"X-App-Usage": "junk", "X-Page-Usage": "[1]"}, START) is None
    usage = read_usage({"X-APP-USAGE": '{"call_count": 28, "total_time": 93.6}', "x-page-usage": "{}"}, START)
    assert usage is not None
    assert (usage.percent, usage.regain) == (93, None)


def test_the_demanded_sdk_is_what_speaks() -> None:
    import facebook as sdk

    assert issubclass(GraphAPI, sdk.GraphAPI)
