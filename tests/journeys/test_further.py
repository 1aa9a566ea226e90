"""What a customer goes on to write within seconds stands in one Slack message: nothing of it is lost or shown twice,
whatever happens to that message, and nobody is rung for each line."""

from __future__ import annotations

from typing import Any

import pytest

from desk.flows.flood import FURTHERS
from platforms.sandbox.report import shown_by
from tests.journeys.conftest import ANA, BEN, DESK, Journey, words_of
from tests.journeys.test_files import JPEG

pytestmark = pytest.mark.looks_every(6)
Message = dict[str, Any]
PETER = "Peter Holm"
SAY = "POST /api/chat.postMessage"


def messages_of(journey: Journey, number: int) -> list[Message]:
    """Slack messages below the card that show a customer's words."""
    below = journey.slack.replies(DESK, journey.root(number)["ts"])
    return [message for message in below if shown_by(message)]


def words_shown(journey: Journey, number: int) -> list[list[str]]:
    """The customer's words in each of them."""
    return [[words for _, words in shown_by(message)] for message in messages_of(journey, number)]


def posted(journey: Journey) -> int:
    """How many messages the bot has posted."""
    return sum(record.path == "/api/chat.postMessage" for record in journey.wire.to("slack"))


async def goes_on(journey: Journey, *texts: str, seconds: int = 6) -> list[str]:
    """Peter writes one after the other in Messenger, so many seconds apart."""
    ids = []
    for text in texts:
        ids.append(journey.graph.message(PETER, text))
        await journey.pass_(seconds=seconds)
    return ids


async def test_what_is_written_within_seconds_is_one_message_that_rings_once(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await called.types(ANA, "/claim 1")
    await called.pass_(seconds=5)
    posts = posted(called)
    texts = ("My order is 4471", "it came yesterday", "one cup is broken")
    ids = await goes_on(called, *texts)
    await called.pass_(seconds=5)
    (message,) = messages_of(called, 1)
    assert shown_by(message) == list(zip(ids, texts, strict=True))
    assert words_of(message).count("6 seconds later") == 2
    assert message["text"].startswith(f"<@{ANA}>") and message["text"].endswith("one cup is broken")
    assert posted(called) == posts + 1, "an edit rings for nobody"
    await called.types(ANA, "/reply 1 Sorry! A new cup is on its way.")
    await called.pass_(seconds=15)
    assert "A new cup" in called.graph.published[-1]["text"]


async def test_what_came_in_one_look_is_one_message_too(journey: Journey) -> None:
    await journey.message("Hello?")
    ids = [journey.graph.message(PETER, text) for text in ("My order is 4471", "one cup is broken")]
    await journey.pass_(seconds=60)
    (message,) = messages_of(journey, 1)
    assert [id_ for id_, _ in shown_by(message)] == ids


async def test_later_or_after_somebody_spoke_it_is_a_message_of_its_own(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await goes_on(called, "My order is 4471", seconds=21)
    await goes_on(called, "one cup is broken", seconds=5)
    await called.says(BEN, 1, "that is the third one this week")
    await goes_on(called, "and the box was wet", seconds=30)
    assert words_shown(called, 1) == [["My order is 4471"], ["one cup is broken"], ["and the box was wet"]]


async def test_what_looks_different_stands_alone(called: Journey) -> None:
    """Thanks has a button of its own, a long text is cut in pieces, a picture is seen whole, and ten are enough."""
    await goes_on(called, "Hello?", seconds=60)
    await goes_on(called, "My order is 4471", "thank you!", "w" * 1600, "is anybody there", seconds=4)
    called.graph.attach(called.graph.message(PETER, "this one"), called.graph.picture(JPEG))
    await called.pass_(seconds=60)
    alone = [["My order is 4471"], ["thank you!"], ["w" * 1600], ["is anybody there"], ["this one"]]
    assert words_shown(called, 1) == alone
    await called.pass_(seconds=40)
    await goes_on(called, *(f"line {nth}" for nth in range(FURTHERS + 2)), seconds=1)
    await called.pass_(seconds=10)
    assert [len(one) for one in words_shown(called, 1)[5:]] == [FURTHERS, 2]


async def test_an_edit_rings_for_nobody_so_who_took_it_meanwhile_gets_a_message(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await goes_on(called, "My order is 4471", seconds=8)
    assert words_shown(called, 1) == [["My order is 4471"]]
    await called.types(ANA, "/claim 1")
    await goes_on(called, "one cup is broken", seconds=20)
    assert words_shown(called, 1) == [["My order is 4471"], ["one cup is broken"]]
    assert [message["text"].startswith(f"<@{ANA}>") for message in messages_of(called, 1)] == [False, True]


async def test_while_slack_makes_it_wait_it_grows_and_rings_for_who_took_it_by_then(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    busy = {"ok": False, "error": "ratelimited"}
    called.wire.fault("slack", SAY, "status", status=429, body=busy, headers={"Retry-After": "60"})
    await goes_on(called, "My order is 4471", seconds=8)
    await called.types(ANA, "/claim 1")
    await goes_on(called, "one cup is broken", seconds=15)
    await goes_on(called, "and the box was wet", seconds=60)
    assert words_shown(called, 1) == [["My order is 4471", "one cup is broken"], ["and the box was wet"]]
    assert messages_of(called, 1)[0]["text"].startswith(f"<@{ANA}>")


async def test_what_the_platform_shows_late_is_seen_although_it_was_written_at_once(journey: Journey) -> None:
    first = await journey.on_x("@acme hello?")
    second = journey.x.post("maria_k", "@acme my order is 4471", reply_to=first)
    journey.x.post("maria_k", "@acme one cup is broken", reply_to=second, late=120)
    await journey.pass_(seconds=60)
    assert words_shown(journey, 1) == [["@acme my order is 4471"]]
    await journey.pass_(minutes=5)
    assert words_shown(journey, 1) == [["@acme my order is 4471"], ["@acme one cup is broken"]]


async def test_two_people_below_one_post_are_never_one_message(called: Journey) -> None:
    top = await called.comment("Is there lactose in it?")
    for person, text in (("Zuzana M.", "I mean the new blend"), ("Omar B.", "I ask the same"), ("Omar B.", "please")):
        called.graph.comment(person, text, on=top)
        await called.pass_(seconds=4)
    assert words_shown(called, 1) == [["I mean the new blend"], ["I ask the same", "please"]]


async def test_one_of_them_is_edited_or_taken_back_and_the_others_stand(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    one, two, three = await goes_on(called, "order 4471", "my card is 1234", "one cup is broken")
    called.graph.edit(three, "two cups are broken " + "indeed " * 900)
    called.graph.delete(two)
    await called.pass_(seconds=60)
    message, *rest = messages_of(called, 1)
    assert "1234" not in str(called.slack.replies(DESK, called.root(1)["ts"]))
    assert [id_ for id_, _ in shown_by(message)] == [one, two, three]
    shown = [words for _, words in shown_by(message)]
    assert shown[:2] == ["order 4471", "(taken back by the customer)"]
    edited = shown[2] + "".join(words for part in rest for _, words in shown_by(part))
    assert edited.split() == ["two", "cups", "are", "broken", *["indeed"] * 900], "what is too long now goes on below"


async def test_a_message_that_somebody_deleted_in_slack_takes_nothing_with_it(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await goes_on(called, "order 4471", "it came yesterday")
    (message,) = messages_of(called, 1)
    called.slack.delete_message(DESK, message["ts"])
    await goes_on(called, "one cup is broken")
    assert words_shown(called, 1) == [["one cup is broken"]], "what people deleted stays deleted"


async def test_nor_when_another_of_its_messages_is_edited_at_that_moment(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    (one,) = await goes_on(called, "order 4471")
    called.slack.delete_message(DESK, messages_of(called, 1)[0]["ts"])
    busy = {"ok": False, "error": "ratelimited"}
    called.wire.fault("slack", "POST /api/chat.update", "status", status=429, body=busy, headers={"Retry-After": "20"})
    await goes_on(called, "one cup is broken", seconds=10)
    called.graph.edit(one, "order 4472")
    await called.pass_(seconds=40)
    assert words_shown(called, 1) == [["one cup is broken"]]


async def test_what_slack_refuses_takes_nothing_with_it(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    called.wire.fault("slack", SAY, "status", status=200, body={"ok": False, "error": "cannot_reply_to_message"})
    await goes_on(called, "order 4471", "one cup is broken")
    assert words_shown(called, 1) == [["one cup is broken"]]


async def test_a_post_in_doubt_and_a_restart_in_between_show_each_once(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    called.wire.fault("slack", SAY, "drop_after")
    await goes_on(called, "order 4471", "it came yesterday", seconds=1)
    await called.restart()
    await goes_on(called, "one cup is broken")
    await called.pass_(minutes=2)
    assert words_shown(called, 1) == [["order 4471", "it came yesterday", "one cup is broken"]]


async def test_what_is_merged_or_moved_leaves_no_words_behind(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await goes_on(called, "order 4471", "it came yesterday")
    await called.comment("A cup is broken", person=PETER)
    await called.types(ANA, "/merge 1 2")
    await called.pass_(seconds=30)
    old, kept = (1, 2) if "4471" in str(words_shown(called, 2)) else (2, 1)
    flat = [words for one in words_shown(called, kept) for words in one]
    assert [flat.count(words) for words in ("order 4471", "it came yesterday")] == [1, 1]
    assert "4471" not in str(messages_of(called, old))


async def test_what_holds_an_answer_back_goes_with_the_message_before_and_the_line_below_rings(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await called.types(ANA, "/claim 1")
    await called.pass_(seconds=5)
    await goes_on(called, "My order is 4471")
    await called.types(ANA, "/reply 1 Found it, it comes tomorrow.")
    await goes_on(called, "no, wait, 4472", seconds=30)
    assert words_shown(called, 1) == [["My order is 4471", "no, wait, 4472"]]
    below = [words_of(message) for message in called.slack.replies(DESK, called.root(1)["ts"])]
    assert [nth for nth, words in enumerate(below) if "Found it" in words] == [1, 2]
    assert "Not sent yet" in below[1] and f"<@{ANA}>, your answer" in below[2]


async def test_what_comes_while_an_answer_is_on_its_way_out_stands_below_it_and_rings(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    await called.types(ANA, "/claim 1")
    await called.pass_(seconds=5)
    await goes_on(called, "My order is 4471")
    called.wire.fault("graph", "POST *", "status", times=None, status=503)
    await called.types(ANA, "/reply 1 Found it, it comes tomorrow.")
    await called.pass_(seconds=12)
    await goes_on(called, "no, wait, 4472", seconds=30)
    assert words_shown(called, 1) == [["My order is 4471"], ["no, wait, 4472"]]
    assert messages_of(called, 1)[1]["text"].startswith(f"<@{ANA}>")


async def test_what_slack_refuses_in_the_end_takes_nothing_with_it_that_came_meanwhile(called: Journey) -> None:
    await goes_on(called, "Hello?", seconds=60)
    called.wire.fault("slack", SAY, "drop_before")
    called.wire.fault("slack", SAY, "status", status=200, body={"ok": False, "error": "cannot_reply_to_message"})
    await goes_on(called, "order 4471", "one cup is broken", seconds=8)
    await called.pass_(minutes=2)
    assert words_shown(called, 1) == [["one cup is broken"]]
