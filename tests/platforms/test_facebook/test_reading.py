"""What the Facebook connector reads: everything once, oldest first, whatever Graph does meanwhile."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from desk.model.errors import Refused, Unreachable
from platforms.facebook import FacebookPlatform
from platforms.sandbox.graph import Graph, error_body
from tests.platforms.test_facebook.ways import START, Hands, Looking, comment, connect, reply, writes


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
