"""Praise is thanked with one press, good deeds have their number, and who is ignored is kept and can come back."""

from __future__ import annotations

import re

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey


async def praise(journey: Journey, count: int) -> None:
    words = ("Thank you so much!", "Great service, thanks!", "Thanks, you are the best!")
    for n in range(count):
        await journey.on_x(f"@acme {words[n % 3]}", f"happy_{n}", f"Nina{'abcdefgh'[n]} P.")


async def test_praise_is_thanked_with_one_press_each_in_words_that_take_turns(journey: Journey) -> None:
    await praise(journey, 3)
    assert "NO ANSWER NEEDED" in journey.card(1)
    queue = await journey.types(ANA, "/queue thanks")
    assert "3 people said something nice." in queue
    for number in (1, 2):
        await journey.presses(ANA, number, "thank")
    await journey.presses_in(ANA, DESK, "said something nice", "thank_2")
    await journey.pass_(seconds=40)
    texts = [post["text"] for post in journey.published]
    assert len(texts) == 3
    assert len({re.sub(r"Nina\w, ", "", text) for text in texts}) == 3, "never the same words twice in a row"
    assert all(text.endswith("– Ana") for text in texts)
    assert texts[0].startswith("Ninaa, ")
    assert all("CLOSED" in journey.card(number) for number in (1, 2, 3))
    assert "Nobody waits for a thank-you." in await journey.types(ANA, "/thank")


async def test_a_question_gets_no_mere_thank_you(journey: Journey) -> None:
    await journey.on_x("@acme where is my parcel?")
    told = await journey.types(ANA, "/thank 1")
    assert "a mere thank-you is none" in told and "If it is praise all the same: /desk thank 1 --force" in told
    await journey.pass_(seconds=30)
    assert journey.published == []


async def test_praise_that_the_desk_took_for_a_question_is_thanked_all_the_same(journey: Journey) -> None:
    await journey.on_x("@acme thank you so much, you made my day! 😍")
    assert "NO ANSWER NEEDED" in journey.card(1)
    await journey.on_x("@acme the tea tastes like holidays by the sea", "otto_b", "Otto B.")
    await journey.types(ANA, "/claim 2")
    assert "#2 is with" in await journey.types(BEN, "/thank 2 --force"), "it takes nothing from anybody"
    await journey.types(ANA, "/thank 2 --force")
    await journey.pass_(seconds=30)
    (post,) = journey.published
    assert post["text"].startswith("Otto, ") and "CLOSED" in journey.card(2)


async def test_why_somebody_is_ignored_belongs_to_the_sentence(journey: Journey) -> None:
    await journey.on_x("@acme buy crypto")
    told = await journey.last_line_after(ANA, "/ignore 1 spammer")
    assert "has @maria_k ignored from now on: spammer. Bring them back: `/desk ignore 1 off`" in told


async def test_thanks_are_in_the_customers_language(journey: Journey) -> None:
    await journey.on_x("@acme vielen Dank!", "jonas_b", "Jonas B.", lang="de")
    await journey.presses(ANA, 1, "thank")
    await journey.pass_(seconds=40)
    (post,) = journey.published
    assert post["text"].startswith("Jonas, ")
    assert re.search("Dank|Danke|freut|nett", post["text"])


async def test_good_deeds_have_their_number_a_month_and_a_lead_may_go_beyond(journey: Journey) -> None:
    await journey.owner_sets(desk={"good_deeds": 1})
    await journey.on_x("@acme the tea arrived broken, on my birthday")
    await journey.on_x("@acme my cat ate the label", "joao_s", "João S.")
    assert "What is the good deed?" in await journey.types(ANA, "/wow 1")
    assert "0 more good deeds this month." in await journey.types(ANA, "/wow 1 a box of the tea that broke")
    assert "#1 is marked already." in await journey.types(ANA, "/wow 1 a box of the tea that broke")
    await journey.pass_(seconds=5)
    assert "a good deed is planned: a box of the tea that broke" in journey.card(1)
    assert "This month's 1 good deed is taken." in await journey.types(BEN, "/wow 2 a new label by courier")
    assert "#2 is marked." in await journey.types(LEE, "/wow 2 a new label by courier")
    listed = await journey.slack.command(BEN, DESK, "/wow")
    rows = str(listed.response)
    assert "2 good deeds this month." in rows
    assert "a new label by courier" in rows
    await journey.types(ANA, "/wow 1 off")
    await journey.pass_(seconds=5)
    assert "good deed" not in journey.card(1)
    await journey.pass_(days=8)  # December
    assert "0 good deeds this month." in str((await journey.slack.command(BEN, DESK, "/wow")).response)


async def test_who_is_ignored_calls_nobody_and_comes_back_with_all_that_they_wrote(journey: Journey) -> None:
    first = await journey.on_x("@acme you are all fools", "troll_1", "T. Roll")
    assert "is ignored" in await journey.types(ANA, "/ignore 1 insults every day")
    await journey.pass_(seconds=5)
    assert "CLOSED" in journey.card(1)
    said = len(journey.thread(1))
    await journey.on_x("@acme fools, all of you!", "troll_1", "T. Roll", reply_to=first)
    second = await journey.on_x("@acme where is my order 5?", "troll_1", "T. Roll")
    await journey.pass_(hours=2)
    assert len(journey.roots()) == 1
    assert len(journey.thread(1)) == said
    assert "Nothing waits here." in await journey.types(BEN, "/queue")
    assert not any("troll" in line or "#2" in line for line in journey.channel(LEADS))
    assert "insults every day" in str((await journey.slack.command(BEN, DESK, "/queue ignored")).response)
    assert "Bring them back first" in await journey.types(BEN, "/reopen 2")

    answer = await journey.types(BEN, "/ignore 1 off")
    await journey.pass_(seconds=20)
    assert "1 inquiry of theirs came in meanwhile and waits now." in answer
    assert "where is my order 5?" in journey.card(2)
    assert "first answer due" in journey.card(2)
    assert "LATE" not in journey.card(2), "it waits from now on"
    await journey.types(ANA, "/reply 2 It left today.")
    await journey.pass_(seconds=40)
    assert [post["in_reply_to"] for post in journey.published] == [second]
    assert "Nobody is ignored." in await journey.types(BEN, "/ignore")


async def test_what_an_ignored_person_edits_or_takes_back_shows_nowhere(journey: Journey) -> None:
    await journey.on_x("@acme you are all fools", "troll_1", "T. Roll")
    await journey.types(ANA, "/ignore 1")
    post = await journey.on_x("@acme still fools", "troll_1", "T. Roll")
    before = len(journey.slack.messages(DESK))
    new = journey.x.edit(post, "@acme still fools, all")
    await journey.pass_(minutes=2)
    journey.x.delete(new)
    await journey.pass_(minutes=2)
    assert len(journey.slack.messages(DESK)) == before


async def test_spam_leaves_the_queue_and_is_brought_back_by_one_press(journey: Journey) -> None:
    await journey.on_x("@acme cheap watches, best price?", "spam_1", "Watches")
    await journey.types(ANA, "/done 1 spam")
    await journey.pass_(seconds=5)
    assert "spam" in journey.card(1)
    assert "Nothing waits here." in await journey.types(BEN, "/queue")
    await journey.presses(BEN, 1, "reopen")
    assert "1 inquiry" in await journey.types(BEN, "/queue")
