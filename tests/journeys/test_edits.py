"""Customers change their words and take them back; colleagues answer past the desk: all of it shows, everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desk.model.outbox import Operation, OpKind
from desk.ports import Tx
from tests.journeys.conftest import ANA, DESK, LEADS, Journey, words_of

SECRET = "my address is Rua da Prata 12"


def everything_in_slack(journey: Journey) -> str:
    """All that stands in the desk's channels now, words, fallbacks and metadata."""
    found: list[dict[str, Any]] = []
    for channel in (DESK, LEADS):
        for message in journey.slack.messages(channel):
            found += [message, *journey.slack.replies(channel, message["ts"])]
    return json.dumps(found, ensure_ascii=False)


async def everything_kept(journey: Journey, number: int) -> str:
    """What the store tells of an inquiry."""

    async def work(tx: Tx) -> str:
        ops: list[Operation] = list(tx.ops_of(number))
        return repr((tx.inquiry(number), tx.entries(number), ops, tx.events(number)))

    return await journey.sandbox.bot.store.transact(work)


# edits


async def test_an_edited_first_post_is_edited_in_the_card_and_the_thread_says_what_it_was(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel 4711 is stuck")
    new = journey.x.edit(post, "@acme my parcel 4712 is stuck")
    await journey.pass_(seconds=40)
    assert "4712" in journey.card(1) and "4711" not in journey.card(1)
    assert "edited by the customer" in journey.card(1)
    assert "4712" in journey.root(1)["text"]
    line = journey.in_thread(1, "edited a message")
    assert "Before: @acme my parcel 4711 is stuck\nNow: @acme my parcel 4712 is stuck" in words_of(line)
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 We look for it.")
    await journey.pass_(seconds=12)
    assert journey.published[0]["in_reply_to"] == new
    assert len(journey.roots()) == 1


async def test_an_edited_comment_in_the_thread_is_edited_there(journey: Journey) -> None:
    top = await journey.comment("Is there lactose in it?")
    reply = await journey.comment("And nuts?", on=top)
    journey.graph.edit(reply, "And peanuts?")
    await journey.pass_(seconds=40)
    shown = journey.in_thread(1, "*Zuzana M.* wrote")
    assert "And peanuts?" in words_of(shown) and "edited" in words_of(shown)
    assert "Before: And nuts?\nNow: And peanuts?" in words_of(journey.in_thread(1, "edited a message"))


async def test_a_message_that_grows_and_shrinks_is_shown_whole_each_time(journey: Journey) -> None:
    comment = await journey.comment("Short.")
    long = "\n".join(f"Line {n} of a long story." for n in range(400))
    journey.graph.edit(comment, long)
    await journey.pass_(minutes=1)
    assert "".join(pieces_of(journey)) == long
    journey.graph.edit(comment, "Short again.")
    await journey.pass_(minutes=1)
    assert pieces_of(journey)[0] == "Short again."
    assert set(pieces_of(journey)[1:]) == {"(the message is shorter now)"}
    assert "more characters)" in words_of(journey.slack.replies(DESK, journey.root(1)["ts"])[-1])


def pieces_of(journey: Journey) -> list[str]:
    """The customer's words in the card and below it, without the lines about edits."""
    messages = [journey.root(1), *journey.slack.replies(DESK, journey.root(1)["ts"])]
    return [
        block["elements"][0]["elements"][0]["text"]
        for message in messages
        if "edited a message" not in words_of(message)
        for block in message["blocks"]
        if block["type"] == "rich_text"
    ]


async def test_an_edit_before_anybody_saw_it_is_simply_what_is_shown(journey: Journey) -> None:
    journey.wire.fault("slack", "POST /api/chat.postMessage", "status", status=429, headers={"Retry-After": "60"})
    post = journey.graph.visitor_post("Peter Holm", "Your machine eat my coins.")
    await journey.pass_(seconds=20)
    journey.graph.edit(post, "Your machine ate my coins.")
    await journey.pass_(minutes=2)
    assert "ate my coins" in journey.card(1)
    assert journey.thread(1) == []


# deletions


async def test_a_post_that_is_taken_back_goes_everywhere_and_its_clock_stops(journey: Journey) -> None:
    post = await journey.on_x(f"@acme {SECRET}, where is my parcel?")
    post = journey.x.edit(post, f"@acme {SECRET}, third floor, where is my parcel?")
    await journey.pass_(seconds=40)
    assert everything_in_slack(journey).count("Rua da Prata") > 2
    journey.x.delete(post)
    await journey.pass_(minutes=2)
    assert "Rua da Prata" not in everything_in_slack(journey)
    assert "Rua da Prata" not in await everything_kept(journey, 1)
    assert "TAKEN BACK BY THE CUSTOMER" in journey.card(1)
    assert "(taken back by the customer)" in journey.card(1)
    assert "[Reply…]" not in journey.card(1) and "[Open on X]" not in journey.card(1)
    assert "took a message back" in journey.thread(1)[-1]
    await journey.pass_(hours=2)
    assert journey.channel(LEADS) == [], "no clock runs any more"


async def test_every_piece_of_a_long_message_that_is_taken_back_goes(journey: Journey) -> None:
    comment = await journey.comment(" ".join(f"{SECRET} {n}" for n in range(300)))
    await journey.pass_(seconds=20)
    assert len(journey.thread(1)) > 2
    journey.graph.delete(comment)
    await journey.pass_(minutes=2)
    assert "Rua da Prata" not in everything_in_slack(journey)
    assert "Rua da Prata" not in await everything_kept(journey, 1)


async def test_one_message_of_several_is_taken_back_and_the_others_still_wait(journey: Journey) -> None:
    await journey.message("Hello, I was charged twice for order 4711.")
    second = await journey.message(f"By the way, {SECRET}.")
    journey.graph.delete(second)
    await journey.pass_(minutes=2)
    assert "Rua da Prata" not in everything_in_slack(journey)
    assert "charged twice" in journey.card(1)
    assert "first answer due" in journey.card(1)
    assert "(taken back by the customer)" in "\n".join(journey.thread(1))


@pytest.mark.looks_every(6)
async def test_what_was_taken_back_before_anybody_saw_it_never_shows_its_words(journey: Journey) -> None:
    journey.wire.fault("slack", "POST /api/chat.postMessage", "status", status=429, headers={"Retry-After": "60"})
    post = journey.graph.visitor_post("Peter Holm", SECRET)
    await journey.pass_(seconds=20)
    journey.graph.delete(post)
    await journey.pass_(minutes=2)
    assert "Rua da Prata" not in everything_in_slack(journey)
    assert all("Rua da Prata" not in str(r.request) for r in journey.wire.to("slack") if r.status == 200)
    assert "CLOSED" in journey.card(1) and "taken back before it was shown" in journey.card(1)
    assert journey.thread(1) == []


async def test_a_customer_who_writes_again_after_taking_back_waits_again(journey: Journey) -> None:
    first = await journey.message(SECRET)
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 We note it, thank you.")
    await journey.pass_(seconds=30)
    journey.graph.delete(first)
    await journey.pass_(minutes=2)
    assert "TAKEN BACK" in journey.card(1)
    await journey.message("Sorry, wrong chat. But where is my parcel?")
    assert "TAKEN BACK" not in journey.card(1) and "next answer due" in journey.card(1)


# past the desk


async def test_an_answer_given_in_x_itself_is_noted_and_stops_the_clock(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    journey.x.native_reply("Sorry Maria, it comes tomorrow.", post)
    await journey.pass_(minutes=3)
    assert len(journey.roots()) == 1
    line = words_of(journey.in_thread(1, "Answered outside the desk"))
    assert "Sorry Maria, it comes tomorrow." in line and "[It needs an answer]" in line
    assert "ANSWERED OUTSIDE THE DESK" in journey.card(1)
    await journey.pass_(hours=2)
    assert journey.channel(LEADS) == []
    assert sum("Answered outside" in words for words in journey.thread(1)) == 1


async def test_an_answer_outside_that_was_none_starts_the_clock_again(journey: Journey) -> None:
    comment = await journey.comment("Is there lactose in it?")
    journey.graph.native_comment("Interesting question!", comment)
    await journey.pass_(minutes=2)
    line = journey.in_thread(1, "Answered outside the desk")
    await journey.slack.press(ANA, DESK, line["ts"], "needs_answer")
    await journey.pass_(seconds=5)
    assert "answer due" in journey.card(1)
    assert "ANSWERED OUTSIDE" not in journey.card(1)


async def test_a_colleagues_message_in_the_pages_inbox_is_noted_in_the_thread(journey: Journey) -> None:
    await journey.message("Hello, I was charged twice.")
    journey.graph.native_message("Peter Holm", "We give one back today.")
    await journey.pass_(minutes=2)
    assert "We give one back today." in words_of(journey.in_thread(1, "Answered outside the desk"))


async def test_a_colleagues_answer_is_not_taken_for_ours_that_is_in_doubt(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    journey.wire.fault("x", "POST /2/tweets", "drop_before")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=13)
    journey.x.native_reply("Which number has it?", post)
    await journey.pass_(minutes=3)
    assert "Which number has it?" in words_of(journey.in_thread(1, "Answered outside the desk"))
    assert "*IN DOUBT*" in journey.card(1)


async def test_a_question_after_the_answer_outside_keeps_its_clock(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    journey.x.native_reply("Which number has it?", post)
    await journey.pass_(seconds=1)
    await journey.on_x("@acme 4711, and when does it come?", reply_to=post)
    await journey.pass_(minutes=3)
    assert "next answer due" in journey.card(1)


async def test_our_account_speaking_where_nobody_asked_is_no_inquiry(journey: Journey) -> None:
    journey.x.add_person("stranger", "Stranger")
    about = journey.x.post("stranger", "I love autumn")
    journey.x.native_reply("So do we!", about)
    journey.graph.page_post("Our autumn blend is back.")
    await journey.pass_(minutes=3)
    assert journey.roots() == []


async def test_a_line_about_an_edit_is_one_operation_of_the_thread(journey: Journey) -> None:
    """Each edit is said once, however often the platform is looked at."""
    post = await journey.on_x("@acme my parcel 4711 is stuck")
    journey.x.edit(post, "@acme my parcel 4712 is stuck")
    await journey.pass_(minutes=10)

    async def lines(tx: Tx) -> int:
        return sum(op.kind is OpKind.SAY and ":edited:" in op.op_id for op in tx.ops_of(1))

    assert await journey.sandbox.bot.store.transact(lines) == 1
    assert sum("edited a message" in words for words in journey.thread(1)) == 1
