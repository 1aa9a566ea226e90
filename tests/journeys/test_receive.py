"""What comes in: once, whole, in order, whatever its time stamp or its form, and never held up by something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desk.flows.receive import receive
from desk.model.message import Author, Fetched, Message
from desk.ports import Tx
from tests.journeys.conftest import ANA, DESK, Journey, words_of


def journal_of(journey: Journey) -> bytes:
    """All that the store has written."""
    folder = Path(journey.sandbox.folder)
    return b"".join(
        file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file() and "lock" not in file.name
    )


async def forget_the_cursor(journey: Journey, platform: str) -> None:
    """The next look reads everything again, as after a crash before the cursor was stored."""

    async def work(tx: Tx) -> None:
        tx.set_cursor(platform, "{}" if platform == "x" else "")

    await journey.sandbox.bot.store.transact(work)


def crafted(journey: Journey, **more: Any) -> Message:
    """A message as a connector might hand it over."""
    journey.invented = True
    plain = Message(
        platform="x",
        account="1000",
        remote_id="555",
        conversation="post:555",
        kind="mention",
        private=False,
        author=Author("700999", "crafty", "Crafty"),
        text="@acme is this right?",
        created_at=journey.clock.now(),
        url="https://x.com/crafty/status/555",
    )
    return replace(plain, **more)


async def hand_over(journey: Journey, *messages: Message) -> None:
    """Messages into the desk as one sweep; the cursor stays where it is."""
    desk = journey.sandbox.bot.desk

    async def cursor(tx: Tx) -> str:
        return tx.cursor("x") or ""

    await receive(desk, desk.platforms["x"], Fetched(messages, await desk.read(cursor)))
    await journey.pass_(seconds=10)


# once


async def test_the_same_mention_on_two_polls_changes_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("Is there lactose in it?")
    calls, written = len(journey.wire.to("slack")), journal_of(journey)
    looks = len(journey.wire.to("x"))
    await journey.pass_(minutes=2)
    assert len(journey.wire.to("x")) > looks, "it was looked at again"
    assert journal_of(journey) == written
    assert [r for r in journey.wire.to("slack")[calls:] if "chat" in r.path] == []


async def test_what_a_platform_gives_again_is_known_although_the_cursor_was_lost(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("Is there lactose in it?")
    await journey.message("Hello, I was charged twice.")
    await journey.direct_on_x("Can you change my order?")
    before = {number: (journey.card(number), journey.thread(number)) for number in (1, 2, 3, 4)}
    await forget_the_cursor(journey, "x")
    await forget_the_cursor(journey, "facebook")
    await journey.restart()
    await journey.pass_(minutes=3)
    assert {number: (journey.card(number), journey.thread(number)) for number in (1, 2, 3, 4)} == before
    assert len(journey.roots()) == 4


async def test_the_echo_of_our_own_answer_is_no_inquiry_and_no_line(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.message("Hello, I was charged twice.")
    for number in (1, 2):
        await journey.types(ANA, f"/claim {number}")
        await journey.types(ANA, f"/reply {number} We look into it. See https://acme.example/help")
    await journey.pass_(minutes=5)
    assert len(journey.roots()) == 2
    for number in (1, 2):
        assert len(journey.thread(number)) == 1
        assert "Published" in journey.thread(number)[0]
        assert "outside" not in journey.card(number).casefold()


async def test_an_answer_in_doubt_is_settled_by_its_echo(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    journey.wire.fault("x", "POST /2/tweets", "drop_after")
    journey.wire.fault("x", "GET /2/users/1000/tweets", "status", status=503, body="", times=3)
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=5)
    assert len(journey.published) == 1
    assert len(journey.thread(1)) == 1 and "Published" in journey.thread(1)[0]
    assert "OUTSIDE" not in journey.card(1) and "IN DOUBT" not in journey.card(1)


# restarts


@pytest.mark.looks_every(6)
async def test_a_restart_in_the_middle_of_receiving_loses_and_doubles_nothing(journey: Journey) -> None:
    texts = [f"@acme question number {n}, please?" for n in range(1, 71)]
    for n, text in enumerate(texts):
        journey.x.add_person(f"customer_{n}", f"Customer {n}")
        journey.x.post(f"customer_{n}", text)
    await journey.pass_(seconds=9)
    there = len(journey.roots())
    assert 0 < there < 70, "in the middle of it"
    await journey.restart()
    await journey.pass_(seconds=20)
    await journey.restart()
    await journey.pass_(seconds=90)
    cards = [words_of(root) for root in journey.roots()]
    assert len(cards) == 70
    assert [sum(text in card for card in cards) for text in texts] == [1] * 70


async def test_what_came_while_the_desk_was_down_comes_oldest_first_and_says_when_it_was_written(
    journey: Journey,
) -> None:
    await journey.down(seconds=1)
    journey.x.add_person("maria_k", "Maria K.")
    journey.x.post("maria_k", "@acme first question, where is my parcel?")
    await journey.pass_(minutes=30)
    journey.x.add_person("jonas_b", "Jonas Berg")
    journey.x.post("jonas_b", "@acme second question, do you open today?")
    await journey.pass_(minutes=30)
    await journey.restart()
    await journey.pass_(minutes=1)
    assert "first question" in journey.card(1) and "second question" in journey.card(2)
    assert "written <!date" in journey.card(1) and ", came in <!date" in journey.card(1)
    assert "LATE" in journey.card(1), "the clock counts from when the customer wrote"


# whole, and in order


async def test_a_comment_of_65_kb_goes_on_in_pieces_whole_and_in_order(journey: Journey) -> None:
    words = [f"word{n}" for n in range(8_600)]
    text = "Dear team, " + " ".join(words) + "\n\nPlease answer all of it. 👩‍👩‍👧‍👦"
    assert len(text) > 65_000
    await journey.comment(text)
    await journey.pass_(minutes=1)
    shown = [quoted(journey.root(1)), *map(quoted, journey.slack.replies(DESK, journey.root(1)["ts"]))]
    assert "".join(shown) == text
    parts = [m["metadata"]["event_payload"].get("part") for m in journey.slack.replies(DESK, journey.root(1)["ts"])]
    assert parts == [f"{n}/{len(shown)}" for n in range(2, len(shown) + 1)]
    assert f"part 1 of {len(shown)}" in journey.card(1)
    assert all(len(piece) <= 2800 for piece in shown)


def quoted(message: dict[str, Any]) -> str:
    """The customer's words in a message."""
    return "".join(
        element["text"]
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for part in block["elements"]
        if part["type"] == "rich_text_quote"
        for element in part["elements"]
    )


async def test_a_message_without_words_says_what_hangs_on_it(journey: Journey) -> None:
    post = journey.graph.page_post("Our autumn blend is back.")
    comment = journey.graph.comment("Zuzana M.", "", on=post)
    journey.graph.attach(comment, "https://scontent.fbcdn.net/v/t1/broken_lid.jpg?sig=1")
    await journey.pass_(seconds=40)
    assert "[photo: open it on Facebook]" in journey.card(1)
    assert "photo: open it" in journey.root(1)["text"]
    assert "first answer due" in journey.card(1), "a picture may well be a complaint"
    with_words = journey.graph.comment("Peter Holm", "Mine looks like this.", on=post)
    journey.graph.attach(with_words, "https://scontent.fbcdn.net/v/t1/lid.jpg")
    await journey.pass_(seconds=40)
    assert "with photo" in journey.card(2) or "with a photo" in journey.card(2)


@pytest.mark.parametrize("year", [None, 1970, 2099])
async def test_a_time_that_makes_no_sense_counts_from_when_it_came_in(journey: Journey, year: int | None) -> None:
    now = journey.clock.now()
    await hand_over(journey, crafted(journey, created_at=year and datetime(year, 1, 1, tzinfo=UTC)))
    assert f"{now:%H}:15 UTC" in journey.card(1)
    assert "X gave no usable time" in journey.card(1)
    assert "LATE" not in journey.card(1)


@pytest.mark.parametrize("stamp", ["yesterday", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", None])
async def test_x_may_send_any_time_stamp(journey: Journey, stamp: str | None) -> None:
    body = {
        "data": [
            {
                "id": "1990000000000000001",
                "author_id": "700999",
                "conversation_id": "1990000000000000001",
                "text": "@acme hello, where is my parcel?",
                "edit_history_tweet_ids": ["1990000000000000001"],
                **({"created_at": stamp} if stamp else {}),
            }
        ],
        "includes": {"users": [{"id": "700999", "username": "odd", "name": "Odd"}]},
        "meta": {"result_count": 1},
    }
    journey.wire.fault("x", "GET /2/users/1000/mentions", "status", status=200, body=body)
    await journey.on_x("@acme another question")
    await journey.pass_(minutes=2)
    journey.invented = True
    cards = "\n".join(words_of(root) for root in journey.roots())
    assert "where is my parcel?" in cards and "another question" in cards
    assert "X gave no usable time" in cards


# thanks and greetings


async def test_a_first_message_that_only_greets_has_no_clock_and_says_so(journey: Journey) -> None:
    await journey.on_x("@acme Hello!")
    assert "NO ANSWER NEEDED, it seems" in journey.card(1)
    assert "[It needs an answer]" in journey.card(1)
    await journey.pass_(hours=1)
    assert journey.channel("C0LEADS") == []
    await journey.presses(ANA, 1, "needs_answer")
    assert "first answer" in journey.card(1) and "[It needs an answer]" not in journey.card(1)


@pytest.mark.parametrize("thanks", ["Thanks Ana!", "@acme thank you, Acme 👍", "Danke Lee"])
async def test_thanks_to_one_of_the_team_start_no_clock_and_reopen_nothing(journey: Journey, thanks: str) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    await journey.types(ANA, "/done 1 solved")
    await journey.on_x(thanks, reply_to=post)
    assert "CLOSED" in journey.card(1)
    line = journey.thread(1)[-1]
    assert "no clock was started" in line and "[It needs an answer]" in line


async def test_thanks_that_need_an_answer_after_all_lose_their_button(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    await journey.on_x("Thank you!", reply_to=post)
    shown = journey.in_thread(1, "no clock was started")
    await journey.slack.press(ANA, DESK, shown["ts"], "needs_answer")
    await journey.pass_(seconds=5)
    assert "next answer" in journey.card(1)
    assert "[It needs an answer]" not in "\n".join(journey.thread(1))


async def test_thanks_to_somebody_who_is_not_of_the_team_wait_for_an_answer(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    await journey.on_x("Thanks Roberta", reply_to=post)
    assert "next answer due" in journey.card(1)


# poison


async def test_a_message_that_cannot_be_kept_is_set_aside_with_its_id_and_holds_up_nobody(journey: Journey) -> None:
    naive = datetime(2026, 11, 24, 10, 0)  # a connector that forgot the zone
    await hand_over(
        journey,
        crafted(journey, remote_id="1", conversation="post:1", text="@acme the one before, where is it?"),
        crafted(journey, remote_id="2", conversation="post:2", created_at=naive, url="https://x.com/i/status/2"),
        crafted(journey, remote_id="3", conversation="post:3", text="@acme the one after, where is it?"),
    )
    cards = "\n".join(words_of(root) for root in journey.roots())
    assert "the one before" in cards and "the one after" in cards
    [told] = [words for words in journey.channel() if "could not be kept" in words]
    assert "`2`" in told and "3 tries" in told and "https://x.com/i/status/2" in told
    await hand_over(journey, crafted(journey, remote_id="2", conversation="post:2", created_at=naive))
    assert sum("could not be kept" in words for words in journey.channel()) == 1, "it is said once"
    await journey.on_x("@acme life goes on, and my parcel?")
    assert len(journey.roots()) == 3


async def test_half_characters_and_controls_anywhere_in_a_message_are_kept_and_shown(journey: Journey) -> None:
    await hand_over(
        journey,
        crafted(
            journey,
            text="@acme so \ud83d sad\x00, pay at \u202eten.koob\u202c?\ue000who\ue002U0BEN\ue001",
            author=Author("9\ud83d", "han\ud83ddle", "Na\x1b[2Jme \ud83d", "https://x.com/han\ud83ddle"),
            attachments=("https://pbs.twimg.com/\ud83d.jpg",),
            people=("other\ud83d",),
            url="javascript:alert(1)",
        ),
    )
    assert "so \ufffd sad, pay at ⟦RLO⟧ten.koob⟦PDF⟧?whoU0BEN" in journey.card(1)
    assert "<@U0BEN>" not in str(journey.root(1))
    assert "javascript" not in str(journey.root(1))
    await journey.types(ANA, "/claim 1")
    assert "CLAIMED" in journey.card(1)


async def test_an_item_of_x_that_cannot_be_read_is_named_and_the_others_come(journey: Journey) -> None:
    good = {
        "id": "1990000000000000009",
        "author_id": "700999",
        "conversation_id": "1990000000000000009",
        "text": "@acme hello, where is my parcel?",
        "created_at": "2026-11-24T10:00:00.000Z",
        "edit_history_tweet_ids": ["1990000000000000009"],
    }
    bad = {"id": "1990000000000000008", "text": "@acme who am I?"}
    body = {"data": [good, bad], "meta": {"result_count": 2}}
    journey.wire.fault("x", "GET /2/users/1000/mentions", "status", status=200, body=body)
    await journey.pass_(minutes=1)
    await journey.pass_(minutes=1)
    journey.invented = True
    assert "where is my parcel?" in journey.card(1)
    [told] = [words for words in journey.channel() if "could not be read" in words]
    assert "1990000000000000008" in told


# quiet


async def test_a_simple_inquiry_costs_the_channel_one_root_one_line_and_three_edits(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.pass_(seconds=30)
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=5)
    assert "Published" in journey.thread(1)[0]
    calls = [record.path.rpartition("/")[2] for record in journey.wire.to("slack") if "chat." in record.path]
    posts = calls.count("chat.postMessage") - len(journey.channel())
    assert posts == 2, "the root, and the line that follows the answer"
    cards = [
        r for r in journey.wire.to("slack") if "chat.update" in r.path and r.request["ts"] == journey.root(1)["ts"]
    ]
    lines = calls.count("chat.update") - len(cards)
    assert len(cards) <= 2, "claimed, waiting for the customer"
    assert lines <= 1
    assert calls.count("chat.postEphemeral") == 0
