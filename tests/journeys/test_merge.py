"""Two inquiries that are one matter: merged, answered once more from one thread, and taken apart again."""

from __future__ import annotations

from tests.journeys.conftest import ANA, BEN, LEE, Journey


async def two(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.pass_(minutes=5)
    await journey.on_x("@acme still no news of parcel 77, same as Maria's", "joao_s", "João S.")


async def test_what_was_said_goes_along_and_the_oldest_waiting_message_sets_the_time(journey: Journey) -> None:
    await two(journey)
    due = journey.card(1).partition("first answer due")[2].partition("\n")[0]
    answer = await journey.types(ANA, "/merge 1 into 2")
    await journey.pass_(seconds=15)
    assert "#1 is part of #2 now" in answer
    assert "CLOSED" in journey.card(1)
    assert "merged into #2" in journey.card(1)
    assert "stuck since Monday" not in journey.card(1), "the customer's words stand in one place"
    assert "stuck since Monday" in " ".join(journey.thread(2))
    assert journey.card(2).partition("first answer due")[2].partition("\n")[0] == due
    shown = await journey.types(ANA, "/show 2")
    del shown
    again = await journey.types(ANA, "/merge 1 into 2")
    assert "#1 is in #2 already" in again


async def test_what_the_customer_writes_from_then_on_comes_there_and_is_answered_from_there(journey: Journey) -> None:
    first = await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.comment("I also wrote to you on X about the parcel", "Maria K.")
    await journey.types(ANA, "/merge 1 into 2")
    await journey.pass_(seconds=15)
    later = await journey.on_x("@acme hello? anybody?", reply_to=first)
    assert "hello? anybody?" in " ".join(journey.thread(2))
    assert len(journey.roots()) == 2
    await journey.types(ANA, "/reply 2 We found it, Maria.")
    await journey.pass_(seconds=40)
    (post,) = journey.published
    assert (post["text"], post["in_reply_to"]) == ("We found it, Maria. – Ana", later), "where they wrote last"
    assert journey.graph.published == []


async def test_taken_apart_each_has_its_own_again_with_what_came_in_since(journey: Journey) -> None:
    await two(journey)
    await journey.types(ANA, "/merge 1 into 2")
    await journey.pass_(seconds=10)
    await journey.on_x("@acme João again: it is 78, not 77", "joao_s", "João S.")
    answer = await journey.types(ANA, "/split 1")
    await journey.pass_(seconds=20)
    assert "#1 is an inquiry of its own again" in answer
    assert "stuck since Monday" in journey.card(1)
    assert "first answer due" in journey.card(1)
    assert "stuck since Monday" not in " ".join(journey.thread(2))
    await journey.types(ANA, "/reply 1 Yours comes tomorrow.")
    await journey.pass_(seconds=40)
    assert [post["text"] for post in journey.published] == ["Yours comes tomorrow. – Ana"]
    assert "still no news" in journey.card(2)


async def test_merging_is_refused_where_it_would_lose_or_double_something(journey: Journey) -> None:
    await two(journey)
    assert "cannot be merged into itself" in await journey.types(ANA, "/merge 1 into 1")
    assert "No inquiry #99" in await journey.types(ANA, "/merge 1 into 99")
    assert "Which one into which?" in await journey.types(ANA, "/merge 1 into the other one")
    assert "not merged into another one" in await journey.types(ANA, "/split 1")
    await journey.types(BEN, "/claim 2")
    assert "#2 is with <@U0BEN>" in await journey.types(ANA, "/merge 1 into 2")
    await journey.types(BEN, "/release 2")
    await journey.types(ANA, "/reply 1 On its way.")
    assert "on its way or in doubt" in await journey.types(ANA, "/merge 1 into 2")
    await journey.pass_(seconds=30)
    assert len(journey.published) == 1


async def test_in_a_thread_its_own_number_need_not_be_said(journey: Journey) -> None:
    await two(journey)
    await journey.says(ANA, 1, "!merge into 2")
    await journey.pass_(seconds=10)
    assert "merged into #2" in journey.card(1)


async def test_who_follows_is_called_when_the_customer_writes_and_no_longer_when_they_stop(journey: Journey) -> None:
    first = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    assert "You follow #1" in await journey.types(LEE, "/follow 1")
    assert "1 colleague follows it, too." in await journey.types(BEN, "/follow 1")
    await journey.types(BEN, "/follow 1 off")
    assert "no longer" in await journey.types(BEN, "/follow 1 perhaps")
    await journey.on_x("@acme any news?", reply_to=first)
    called = journey.in_thread(1, "any news?")["text"]
    assert "<@U0ANA>" in called
    assert "<@U0LEE>" in called
    assert "<@U0BEN>" not in called


async def test_what_was_merged_says_where_it_goes_on_and_is_not_opened_beside_it(journey: Journey) -> None:
    await two(journey)
    await journey.types(ANA, "/merge 1 into 2")
    await journey.pass_(seconds=10)
    for command in ("/reply 1 It comes tomorrow.", "/reopen 1"):
        told = await journey.types(ANA, command)
        assert "#1 is part of #2 now: write there" in told and "/desk split 1" in told, command
    assert "It comes tomorrow." in journey.only_for(ANA)[-2], "the words are kept"
    await journey.types(ANA, "/show 1")
    shown = journey.only_for(ANA)[-1]
    assert "closed: merged into #2" in shown and "now in #2 " in shown
    await journey.pass_(seconds=15)
    assert "CLOSED" in journey.card(1) and journey.published == []
