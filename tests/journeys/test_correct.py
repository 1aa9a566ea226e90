"""After it was published: corrected, deleted, hidden, each with a trace in the thread and nothing lost."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import ANA, BEN, DESK, LEE, Journey


async def on_facebook(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    await journey.types(ANA, "/reply 1 Yes, there si.")
    await journey.pass_(seconds=30)
    assert ours(journey) == ["Yes, there si. – Ana"]


async def on_x(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes today.")
    await journey.pass_(seconds=30)


def ours(journey: Journey) -> list[str]:
    """What stands of ours on Facebook, below posts."""
    return [thing.text for thing in journey.graph.alive() if thing.by_page and thing.kind == "comment"]


def on_x_stands(journey: Journey) -> list[str]:
    return [post["text"] for post in journey.x.all_posts() if post["ours"]]


def changes(journey: Journey, method: str) -> list[Any]:
    return [record for record in journey.wire.records if record.to in ("x", "graph") and record.method == method]


async def test_the_same_words_again_are_no_correction(journey: Journey) -> None:
    await on_facebook(journey)
    posted = len(changes(journey, "POST"))
    for same in ("Yes, there si.", "Yes, there si. – Ana"):
        assert "These very words stand on Facebook already." in await journey.types(ANA, f"/correct 1 {same}")
    await journey.pass_(seconds=20)
    assert "corrected" not in " ".join(journey.thread(1))
    assert ours(journey) == ["Yes, there si. – Ana"] and len(changes(journey, "POST")) == posted


async def test_a_correction_stands_there_and_the_thread_keeps_what_was_said_before(journey: Journey) -> None:
    await on_facebook(journey)
    answer = await journey.types(ANA, "/correct 1 Yes, there is.")
    await journey.pass_(seconds=20)
    assert "It is being changed on Facebook" in answer
    assert ours(journey) == ["Yes, there is. – Ana"]
    assert (
        "Yes, there si."
        in journey.in_thread(1, "corrected the answer on Facebook")["blocks"][1]["elements"][0]["elements"][0]["text"]
    )
    assert "corrected since" in " ".join(journey.thread(1))
    await journey.pass_(minutes=5)
    assert len(journey.roots()) == 1, "our own edit is nobody's message"


async def test_the_form_begins_with_what_stands_there_and_keeps_refused_words(
    journey: Journey,
) -> None:
    await on_facebook(journey)
    line = journey.in_thread(1, "*Published* in public on Facebook")
    await journey.slack.press(ANA, DESK, line["ts"], "correct_answer")
    (form,) = journey.slack.open_views(ANA)
    assert form["blocks"][0]["element"]["initial_value"] == "Yes, there si."
    refused = await journey.slack.submit(ANA, form["id"], {"text": {"typed": "Pay to 4111 1111 1111 1111."}})
    assert refused.response["response_action"] == "errors"
    await journey.slack.submit(ANA, form["id"], {"text": {"typed": "Yes, there is."}})
    await journey.pass_(seconds=20)
    assert ours(journey) == ["Yes, there is. – Ana"]
    await journey.slack.press(BEN, DESK, line["ts"], "correct_answer")
    await journey.pass_(seconds=3)
    assert journey.slack.open_views(BEN) == []
    assert any("Only they or a lead" in said for said in journey.only_for(BEN))


async def test_x_lets_nothing_be_changed_and_the_words_come_back(journey: Journey) -> None:
    await on_x(journey)
    answer = await journey.types(ANA, "/correct 1 It comes tomorrow.")
    assert "X lets no answer be changed. Delete it, and answer anew." in answer
    await journey.pass_(seconds=10)
    assert on_x_stands(journey) == ["It comes today. – Ana"]


async def test_a_deleted_answer_is_gone_there_and_the_customer_waits_again(journey: Journey) -> None:
    await on_x(journey)
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)
    line = journey.in_thread(1, "*Published* in public on X")
    await journey.slack.press(ANA, DESK, line["ts"], "delete_answer")
    await journey.pass_(seconds=20)
    assert on_x_stands(journey) == []
    said = " ".join(journey.thread(1))
    assert "*Deleted* by <@U0ANA>" in said
    assert "It comes today." in said, "the team still knows what was said"
    assert "The customer waits for another one." in said
    assert "next answer due" in journey.card(1)
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=30)
    assert on_x_stands(journey) == ["It comes tomorrow. – Ana"]


async def test_pressed_twice_it_is_deleted_once(journey: Journey) -> None:
    await on_x(journey)
    line = journey.in_thread(1, "*Published* in public on X")
    for _ in range(2):
        await journey.slack.press(ANA, DESK, line["ts"], "delete_answer")
    await journey.pass_(seconds=20)
    assert len(changes(journey, "DELETE")) == 1


async def test_an_answer_in_parts_goes_whole(journey: Journey) -> None:
    await journey.on_x("@acme how do I return it?")
    long = "First you print the label that we sent you by e-mail, then you pack it well. " * 6
    await journey.types(ANA, f"/reply 1 {long}")
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    await journey.pass_(minutes=1)
    assert len(on_x_stands(journey)) > 1
    assert "parts. Delete it" in await journey.types(LEE, "/correct 1 Short.") or "X lets no answer be changed" in str(
        journey.only_for(LEE)
    )
    await journey.types(LEE, "/delete 1 yes")
    await journey.pass_(seconds=30)
    assert on_x_stands(journey) == []


async def test_only_its_author_or_a_lead_may_and_what_is_private_stays(journey: Journey) -> None:
    await on_facebook(journey)
    assert "Only they or a lead can change or delete it" in await journey.types(BEN, "/delete 1")
    await journey.message("And where is my order?", "Peter Holm")
    await journey.types(ANA, "/reply 2 It comes today.")
    await journey.pass_(seconds=30)
    assert "said in private" in await journey.types(ANA, "/delete 2")
    assert "No answer of #3" in await after_another(journey)
    await journey.pass_(seconds=10)
    assert changes(journey, "DELETE") == []


async def after_another(journey: Journey) -> str:
    await journey.comment("And gluten?", "Tomas R.")
    return await journey.types(LEE, "/delete 3")


async def test_a_customers_comment_is_hidden_and_shown_again(journey: Journey) -> None:
    comment = await journey.comment("My card number is 4111 1111 1111 1111")
    assert "4111" not in journey.card(1)
    await journey.presses(ANA, 1, "hide")
    await journey.pass_(seconds=15)
    assert journey.graph.things[comment].hidden
    assert "hid the customer's comment on Facebook" in " ".join(journey.thread(1))
    assert "we hid the comment from everybody but its author" in journey.card(1)
    assert "hidden already" in await journey.types(ANA, "/hide 1")
    await journey.types(ANA, "/hide 1 off")
    await journey.pass_(seconds=15)
    assert not journey.graph.things[comment].hidden
    assert "we hid the comment" not in journey.card(1)


async def test_a_further_comment_that_is_hidden_says_so_where_it_stands(journey: Journey) -> None:
    first = await journey.comment("Is there lactose in it?")
    await journey.comment("Nobody answers here, you thieves.", on=first)
    await journey.types(ANA, "/hide 1")
    await journey.pass_(seconds=15)
    assert "*hidden by us*" in journey.in_thread(1, "you thieves")["blocks"][0]["text"]["text"]
    assert "we hid the comment" not in journey.card(1)


async def test_what_the_platform_refuses_is_told_with_its_reason(journey: Journey) -> None:
    journey.x.add_person("rival", "Rival")
    journey.x.add_person("maria_k", "Maria K.")
    theirs = journey.x.post("rival", "Who has the best coffee?")
    await journey.on_x("@acme you are all thieves", reply_to=theirs)
    await journey.types(ANA, "/hide 1")
    await journey.pass_(seconds=15)
    assert "was not hidden. X lets us hide only replies below our own posts." in " ".join(journey.thread(1))


async def test_what_x_lets_nobody_hide_is_said_at_once(journey: Journey) -> None:
    post = await journey.on_x("@acme my PIN is 4711, you thieves")
    assert "[Hide it on X]" not in journey.card(1)
    told = await journey.types(ANA, "/hide 1")
    assert "hide only replies below our own posts, and this is none. Nothing was changed" in told
    journey.x.post("maria_k", "@acme thieves!", reply_to=post)
    await journey.pass_(seconds=40)
    assert "and this is none" in await journey.types(ANA, "/hide 1")
    await journey.pass_(minutes=2)
    assert not any(record.path.endswith("/hidden") for record in journey.wire.to("x"))
    assert "hidden" not in " ".join(journey.thread(1))


async def test_a_reply_below_our_own_post_is_hidden_on_x_and_what_that_means_is_said(journey: Journey) -> None:
    ours = journey.x.write(journey.x.me.id, "We open at nine.", parent=None, extra=(), ours=True)
    ours.native = True
    below = await journey.on_x("@acme my PIN is 4711", reply_to=ours.id)
    assert "Hide it on X" in journey.card(1)
    assert "Whoever opens the hidden replies there still reads it." in await journey.types(ANA, "/hide 1")
    await journey.pass_(seconds=15)
    assert next(one["hidden"] for one in journey.x.all_posts() if one["id"] == below)
    assert "behind the hidden replies" in journey.card(1)


async def test_the_command_to_delete_shows_what_would_go_and_asks(journey: Journey) -> None:
    await on_x(journey)
    asked = await journey.types(ANA, "/delete")
    await journey.pass_(seconds=15)
    assert "Nothing is deleted yet. This would go from X" in asked
    assert "It comes today. – Ana" in journey.only_for(ANA)[-1]
    assert on_x_stands(journey) == ["It comes today. – Ana"]
    await journey.presses_in(ANA, DESK, "Nothing is deleted yet", "delete_answer")
    await journey.pass_(seconds=15)
    assert on_x_stands(journey) == [] and "*Deleted* by <@U0ANA>" in " ".join(journey.thread(1))
    assert not any("Nothing is deleted yet" in words for words in journey.only_for(ANA)), (
        "the button went with the press"
    )


async def test_an_answer_that_got_lost_is_asked_again_until_it_is_so(journey: Journey) -> None:
    await on_x(journey)
    journey.wire.fault("x", "DELETE *", "drop_after", times=1)
    await journey.types(ANA, "/delete 1 yes")
    await journey.pass_(minutes=1)
    assert on_x_stands(journey) == []
    assert "*Deleted* by <@U0ANA>" in " ".join(journey.thread(1))
    journey.wire.fault("x", "DELETE *", "drop_before", times=None)
    await journey.types(ANA, "/reply 1 Tomorrow, then.")
    await journey.pass_(seconds=30)
    await journey.types(ANA, "/delete 1 yes")
    await journey.pass_(minutes=15)
    assert "still stands there. X does not answer." in " ".join(journey.thread(1))
    assert on_x_stands(journey) == ["Tomorrow, then. – Ana"]


async def test_a_correction_passes_the_same_guards_as_an_answer(journey: Journey) -> None:
    await on_facebook(journey)
    answer = await journey.types(ANA, "/correct 1 Please pay to 4111 1111 1111 1111.")
    assert "Nothing was changed." in answer
    await journey.pass_(seconds=15)
    assert ours(journey) == ["Yes, there si. – Ana"]
