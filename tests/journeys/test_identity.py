"""Which messages are one matter: conversations, people in them, related inquiries, and floods."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, Journey, words_of


async def test_several_people_in_one_conversation_stand_in_one_thread_each_named(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck, please help")
    await journey.on_x("@acme mine too, since Friday!", "jonas_b", "Jonas Berg", reply_to=post)
    await journey.on_x("@acme and mine, any news?", "amira", "Amira", reply_to=post)
    assert len(journey.roots()) == 1
    assert "Maria K." in journey.card(1)
    jonas, amira = journey.thread(1)[-2:]
    assert "Jonas Berg" in jonas and "@jonas_b" in jonas and "mine too" in jonas
    assert "Amira" in amira and "and mine" in amira


async def test_different_conversations_are_different_inquiries_and_name_each_other(journey: Journey) -> None:
    await journey.on_x("@acme where is my parcel?")
    await journey.on_x("@acme and the shop in Porto, is it open today?")
    await journey.on_x("@acme do you sell umbrellas?", "jonas_b", "Jonas Berg")
    await journey.pass_(seconds=5)
    assert len(journey.roots()) == 3
    assert "same customer: also #1" in journey.card(2)
    assert "same customer: also #2" in journey.card(1)
    assert "same customer" not in journey.card(3)


async def test_a_top_comment_and_its_replies_are_one_inquiry_and_another_comment_is_another(journey: Journey) -> None:
    post = journey.graph.page_post("Our autumn blend is back.")
    top = await journey.comment("Is there lactose in it?", on=post)
    await journey.comment("I would like to know that, too.", "Peter Holm", on=top)
    await journey.comment("When do you open on Sunday?", "Nina Berg", on=post)
    assert len(journey.roots()) == 2
    assert "I would like to know that, too." in journey.thread(1)[-1]
    assert "Peter Holm" in journey.thread(1)[-1]
    assert "When do you open on Sunday?" in journey.card(2)


async def test_a_visitor_post_and_all_comments_below_it_are_one_inquiry(journey: Journey) -> None:
    post = journey.graph.visitor_post("Peter Holm", "Your machine ate my coins in Lisbon station.")
    await journey.pass_(seconds=40)
    await journey.comment("It took mine as well!", "Nina Berg", on=post)
    assert len(journey.roots()) == 1
    assert "Facebook visitor post" in journey.card(1)
    assert "It took mine as well!" in journey.thread(1)[-1]


async def test_messenger_is_one_inquiry_for_each_customer(journey: Journey) -> None:
    await journey.message("Hello, I was charged twice.")
    await journey.message("It was order 4711, on Monday.")
    await journey.message("Can I change my address?", "Nina Berg")
    assert len(journey.roots()) == 2
    assert "It was order 4711" in journey.thread(1)[-1]
    assert "Can I change my address?" in journey.card(2)
    assert "[Private…]" not in journey.card(1)


async def test_direct_messages_on_x_are_one_inquiry_for_each_customer(journey: Journey) -> None:
    await journey.direct_on_x("Can you change the name on my order?")
    await journey.direct_on_x("It should be Maria Keller.")
    await journey.on_x("@acme I wrote you a private message, please look")
    assert len(journey.roots()) == 2
    assert "It should be Maria Keller." in journey.thread(1)[-1]
    assert "same customer: also #1" in journey.card(2)


async def test_a_reply_that_comes_before_its_parent_opens_the_one_inquiry_of_both(journey: Journey) -> None:
    journey.x.add_person("maria_k", "Maria K.")
    parent = journey.x.post("maria_k", "@acme my parcel is stuck", late=150.0)
    await journey.pass_(seconds=20)
    child = await journey.on_x("@acme order 4711, by the way", reply_to=parent)
    assert "order 4711" in journey.card(1)
    await journey.pass_(seconds=200)
    assert len(journey.roots()) == 1
    assert "my parcel is stuck" in journey.thread(1)[-1]
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 We look for it.")
    await journey.pass_(seconds=12)
    assert journey.published[0]["in_reply_to"] == child, "the newest as it was written is answered"


@pytest.mark.looks_every(6)
async def test_the_clock_counts_from_the_older_message_although_it_came_late(journey: Journey) -> None:
    journey.x.add_person("maria_k", "Maria K.")
    parent = journey.x.post("maria_k", "@acme my parcel is stuck", late=150.0)
    written = journey.clock.now()
    await journey.pass_(minutes=1)
    await journey.on_x("@acme order 4711, by the way", reply_to=parent)
    await journey.pass_(seconds=200)
    assert f"{written + timedelta(minutes=15):%H:%M} UTC" in journey.card(1)


async def test_a_late_message_reopens_the_same_number_in_the_same_thread(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    await journey.types(ANA, "/done 1 solved")
    await journey.pass_(seconds=5)
    assert "CLOSED" in journey.card(1)
    await journey.pass_(hours=3)
    await journey.on_x("@acme it did not come!", reply_to=post)
    assert len(journey.roots()) == 1
    assert "CLOSED" not in journey.card(1) and "next answer due" in journey.card(1)
    assert f"<@{ANA}>" in journey.in_thread(1, "it did not come!")["text"]


async def test_a_late_message_finds_its_number_in_the_archive(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/done 1 solved")
    await journey.pass_(days=2)
    await journey.sandbox.bot.store.archive(journey.clock.now())
    await journey.restart()
    await journey.on_x("@acme it did not come!", reply_to=post)
    assert len(journey.roots()) == 1
    assert "it did not come!" in journey.thread(1)[-1]
    assert "CLAIMED" in journey.card(1)


async def test_the_next_matter_of_a_customer_whose_first_is_archived_names_it(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/done 1 solved")
    await journey.pass_(days=2)
    await journey.sandbox.bot.store.archive(journey.clock.now())
    await journey.on_x("@acme another thing: do you deliver to Malta?")
    assert "same customer: also #1" in journey.card(2)


def flood(journey: Journey, count: int, handle: str = "loud_one") -> list[str]:
    """Posts of one customer, each a conversation of its own."""
    journey.x.add_person(handle, "Loud One")
    return [journey.x.post(handle, f"@acme where is my parcel number {n}?") for n in range(1, count + 1)]


def links_in(messages: list[dict[str, Any]]) -> set[str]:
    """All addresses in the rich text of some messages."""
    return {
        element["url"]
        for message in messages
        for block in message.get("blocks") or ()
        if block["type"] == "rich_text"
        for part in block["elements"]
        for element in part["elements"]
        if element["type"] == "link"
    }


async def test_a_flood_of_one_customer_is_shown_in_one_thread_and_counted(journey: Journey) -> None:
    posts = flood(journey, 45)
    journey.x.add_person("quiet_one", "Quiet One")
    journey.x.post("quiet_one", "@acme is the shop open today?")
    await journey.pass_(minutes=2)
    assert len(journey.roots()) == 6, "five of the flood, and the other customer's"
    assert "is the shop open today?" in journey.card(6)
    assert "FLOOD*: 40 more posts" in journey.card(1)
    assert "[Split]" in journey.card(1)
    gathered = journey.slack.replies(DESK, journey.root(1)["ts"])
    assert len(gathered) == 1
    shown = "\n".join(map(words_of, gathered))
    assert all(f"parcel number {n}?" in shown for n in range(6, 46))
    assert {url.rpartition("/")[2] for url in links_in(gathered)} == set(posts[5:])


@pytest.mark.looks_every(6)
async def test_five_hundred_posts_of_one_are_two_dozen_messages_and_nobody_else_waits(journey: Journey) -> None:
    flood(journey, 250)
    for n in range(20):
        journey.x.add_person(f"quiet_{n}", f"Quiet {n}")
        journey.x.post(f"quiet_{n}", f"@acme quiet question {n}, please?")
    flood(journey, 250)
    await journey.pass_(seconds=45)
    cards = "\n".join(map(words_of, journey.roots()))
    assert all(f"quiet question {n}," in cards for n in range(20))
    await journey.pass_(minutes=1)
    assert "FLOOD*: 495 more posts" in journey.card(1)
    gathered = journey.slack.replies(DESK, journey.root(1)["ts"])
    assert len(journey.roots()) == 25 and 5 + len(gathered) <= 25
    assert len(links_in(gathered)) == 495


async def test_five_inquiries_of_one_customer_are_no_flood_and_neither_are_six_in_an_hour(journey: Journey) -> None:
    flood(journey, 5)
    await journey.pass_(minutes=3)
    flood(journey, 1)
    await journey.pass_(minutes=1)
    assert len(journey.roots()) == 6
    assert "FLOOD" not in journey.card(1)


async def test_a_flood_that_goes_on_stays_in_its_thread(journey: Journey) -> None:
    flood(journey, 8)
    for _ in range(5):
        await journey.pass_(seconds=50)
        flood(journey, 4)
    await journey.pass_(minutes=1)
    assert len(journey.roots()) == 5
    assert "FLOOD*: 23 more posts" in journey.card(1)


async def test_a_post_of_a_flood_that_grows_is_shown_whole_and_once(journey: Journey) -> None:
    posts = flood(journey, 7)
    await journey.pass_(minutes=1)
    words = [f"word{n}" for n in range(700)]
    journey.x.edit(posts[6], " ".join(("@acme", *words)))
    await journey.pass_(minutes=1)
    shown = " ".join(one for one in journey.thread(1) if "edited a message" not in one).split()
    assert [word for word in words if shown.count(word) != 1] == []


async def test_split_gives_each_gathered_conversation_a_number_and_a_thread(journey: Journey) -> None:
    posts = flood(journey, 8)
    await journey.pass_(minutes=1)
    reply = await journey.on_x("@acme number 7 is the urgent one", "loud_one", reply_to=posts[6])
    await journey.presses(BEN, 1, "split_flood")
    await journey.pass_(seconds=30)
    assert len(journey.roots()) == 8
    assert "FLOOD" not in journey.card(1)
    assert f"<@{BEN}> split what had been gathered here: 3 inquiries of their own, #6 to #8." in "\n".join(
        journey.thread(1)
    )
    assert "parcel number 7?" in journey.card(7)
    assert "number 7 is the urgent one" in journey.thread(7)[0]
    assert "number 7" not in "\n".join(journey.thread(1)) and "(now #7)" in "\n".join(journey.thread(1))
    await journey.types(ANA, "/claim 7")
    await journey.types(ANA, "/reply 7 It is on its way.")
    await journey.pass_(seconds=12)
    assert journey.published[0]["in_reply_to"] == reply
    await journey.on_x("@acme thank you for the answer, and when exactly?", "loud_one", reply_to=posts[6])
    assert "and when exactly?" in journey.thread(7)[-1]


async def test_what_is_split_of_somebody_ignored_has_no_thread_until_they_are_back(journey: Journey) -> None:
    posts = flood(journey, 7)
    await journey.pass_(minutes=1)
    await journey.on_x("@acme number 7 is the urgent one", "loud_one", reply_to=posts[6])
    for command in ("/ignore 1 spam", "/reopen 1", "/split 1"):
        await journey.types(ANA, command)
    await journey.pass_(seconds=30)
    assert len(journey.channel()) == 1, "the opening of the desk"
    await journey.types(ANA, "/ignore 1 off")
    await journey.pass_(seconds=30)
    assert "number 7 is the urgent one" in "\n".join(journey.thread(7))


async def test_what_somebody_ignored_makes_long_is_shown_whole_once_they_are_back(journey: Journey) -> None:
    top = await journey.comment("Is there lactose in it?")
    await journey.types(ANA, "/ignore 1 spam")
    more = await journey.comment("And nuts?", on=top)
    apart = await journey.comment("Hello?")
    words = [f"word{n}" for n in range(700)]
    for one in (more, apart):
        journey.graph.edit(one, " ".join(words))
    await journey.pass_(minutes=2)
    assert len(journey.channel()) == 1 and len(journey.roots()) == 1
    assert "word" not in "".join(journey.thread(1)), "the opening of the desk, and the closed card"
    await journey.types(ANA, "/ignore 1 off")
    await journey.pass_(minutes=1)
    for shown in (" ".join(journey.thread(1)), f"{journey.card(2)} {' '.join(journey.thread(2))}"):
        assert [word for word in words if shown.split().count(word) != 1] == []


async def test_what_was_answered_in_the_flood_stays_when_it_is_split(journey: Journey) -> None:
    flood(journey, 7)
    await journey.pass_(minutes=1)
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 We look at all of them.")
    await journey.pass_(seconds=12)
    await journey.presses(ANA, 1, "split_flood")
    assert "Nothing in #1 is left to split." in "\n".join(journey.only_for(ANA))
    assert len(journey.roots()) == 5


async def test_after_a_split_the_same_customer_is_not_gathered_again_at_once(journey: Journey) -> None:
    flood(journey, 7)
    await journey.pass_(seconds=40)
    await journey.presses(BEN, 1, "split_flood")
    flood(journey, 6)
    await journey.pass_(minutes=1)
    assert len(journey.roots()) == 13
