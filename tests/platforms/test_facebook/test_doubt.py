"""Where Graph's answer is lost or says nothing: nobody claims to know, and looking settles it."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from typing import Any

import pytest

from desk.model.errors import Busy, Unreachable
from platforms.facebook import FacebookPlatform
from platforms.sandbox.graph import Graph, error_body
from tests.platforms.test_facebook.ways import START, TOKEN, Hands, reply


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
