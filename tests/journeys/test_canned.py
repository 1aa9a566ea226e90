"""Canned answers: offered in the customer's language, filled in, held against their facts, never the same words."""

from __future__ import annotations

from typing import Any

from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, words_of


def view_of(journey: Journey, user: str = ANA) -> dict[str, Any]:
    """The form that this person sees."""
    return journey.slack.open_views(user)[-1]


def typed_block(view: dict[str, Any]) -> str:
    """The block of the form's text: it has a new name each time it is filled in."""
    return next(str(b["block_id"]) for b in view["blocks"] if str(b["block_id"]).partition(":")[0] == ids.TEXT_BLOCK)


def text_in(view: dict[str, Any]) -> str:
    """What stands in the form's text: what was typed, else what it was filled with."""
    name = typed_block(view)
    typed = view["state"]["values"].get(name, {}).get(ids.TEXT_INPUT, {}).get("value")
    element = next(block["element"] for block in view["blocks"] if block["block_id"] == name)
    return str(typed or element.get("initial_value", ""))


async def sends(journey: Journey, text: str | None = None, user: str = ANA) -> Any:
    """Submit the reply form, with its text changed where one is given."""
    view = view_of(journey, user)
    fields = {} if text is None else {typed_block(view): {ids.TEXT_INPUT: text}}
    reply = await journey.slack.submit(user, view["id"], fields)
    await journey.pass_(seconds=2)
    return reply


async def chooses(journey: Journey, name: str) -> dict[str, Any]:
    """A canned answer from the list in the reply form."""
    await journey.slack.type_in_view(ANA, view_of(journey)["id"], ids.CANNED_BLOCK, ids.CANNED_INPUT, name)
    return view_of(journey)


async def adds(journey: Journey, user: str, text: str) -> str:
    return await journey.types(user, f"/canned add {text}")


RETURNS = (
    "shoe-size shop Sorry that it does not fit[, {name}]. | Send it back within 30 days, see acme.example/returns. | "
    "I'll write to you {until} when it is here."
)


async def test_a_canned_answer_is_found_looked_at_and_sent_from_the_card(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday, where is it?")
    await journey.presses(ANA, 1, "canned")
    assert "Canned answers for #1" in journey.only_for(ANA)[-1]
    assert journey.only_for(ANA)[-1].index("late-parcel") < journey.only_for(ANA)[-1].index("opening-hours")
    await journey.presses_in(ANA, DESK, "Canned answers for #1", "canned_0")
    assert "Still to be filled in: `/desk canned 1 late-parcel days=…`" in journey.only_for(ANA)[-1]
    assert "[Use]" not in journey.only_for(ANA)[-1]
    await journey.types(ANA, "/canned 1 late-parcel days=3")
    assert "Sorry that your parcel keeps you waiting, Maria." in journey.only_for(ANA)[-1]
    assert journey.published == []
    await journey.presses_in(ANA, DESK, "late-parcel for @maria_k", "canned_use")
    await journey.pass_(seconds=15)
    (post,) = journey.published
    assert post["text"] == (
        "Sorry that your parcel keeps you waiting, Maria. The carrier tells us that it needs 3 more working days. "
        "I'll look again and write to you tomorrow by 10:30. – Ana"
    )
    assert "CLAIMED" in journey.card(1)


async def test_the_customers_language_comes_first_in_the_list_and_in_the_text(journey: Journey) -> None:
    await journey.on_x("@acme ich warte seit Montag auf mein Paket, wo ist es denn und wann kommt es?", lang="de")
    await journey.types(ANA, "/canned 1")
    assert journey.only_for(ANA)[-1].splitlines()[1].startswith("*late-parcel* · delivery · Ein Paket ist nicht da")
    await journey.types(ANA, "/canned 1 late-parcel days=2")
    assert "Es tut mir leid, dass Sie auf Ihr Paket warten, Maria." in journey.only_for(ANA)[-1]
    await journey.types(ANA, "/canned 1 app-login")
    assert "The customer seems to write in de, this is en." in journey.only_for(ANA)[-1]


async def test_an_unsure_language_means_the_desks_own_first_and_is_said(journey: Journey) -> None:
    """Portuguese, which the desk does not speak, with a word that German has, too."""
    await journey.message("Olá! O pacote já está fora de prazo, was ist? Ajuda, die encomenda…", person="Rui Costa")
    assert "language unsure" in journey.card(1)
    await journey.types(ANA, "/canned 1")
    told = journey.only_for(ANA)[-1]
    assert "English first, as the customer's language is unsure" in told
    assert "A parcel has not come" in told and "Ein Paket" not in told
    await journey.types(ANA, "/canned 1 late-parcel days=2")
    told = journey.only_for(ANA)[-1]
    assert "The customer's language is unsure, this is English." in told and "Sorry that your parcel" in told
    await journey.presses(ANA, 1, "reply")
    form = str(view_of(journey)["blocks"])
    assert "(English: the customer's is unsure)" in form and "A parcel has not come" in form and "Ein Paket" not in form
    await journey.owner_sets(customers={"languages": ["de", "en"]})
    await journey.types(ANA, "/canned 1")
    assert "German first" in journey.only_for(ANA)[-1] and "Ein Paket ist nicht da" in journey.only_for(ANA)[-1]


async def test_a_language_without_any_gets_the_desks_own_first(journey: Journey) -> None:
    await journey.on_x("@acme var er min pakke, den er ikke kommet?", lang="da")
    await journey.types(ANA, "/canned 1")
    told = journey.only_for(ANA)[-1]
    assert "A parcel has not come" in told and "Ein Paket" not in told


async def test_the_list_in_the_form_fills_the_text_and_what_is_missing_must_be_filled_in(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday, where is it?")
    await journey.presses(ANA, 1, "reply")
    view = await chooses(journey, "late-parcel")
    assert text_in(view).startswith(
        "Sorry that your parcel keeps you waiting, Maria. The carrier tells us that it needs {days}"
    )
    again = await chooses(journey, "app-login")
    assert "Thank you for telling us, Maria" in text_in(again)
    view = await chooses(journey, "late-parcel")
    refused = await sends(journey)
    assert "{days} must be filled in first" in str(refused.response)
    assert text_in(view_of(journey)) == text_in(view)
    assert (await sends(journey, text_in(view).replace("{days}", "4"))).ok
    await journey.pass_(seconds=15)
    assert "it needs 4 more working days" in journey.published[0]["text"]


async def test_edit_opens_the_form_with_the_text_and_a_lost_fact_is_told_before_it_goes_out(journey: Journey) -> None:
    await journey.on_x("@acme where is my refund of 49.90 €?")
    await journey.types(ANA, '/canned 1 refund-status amount="49.90 €"')
    await journey.presses_in(ANA, DESK, "refund-status for", "canned_edit")
    offered = text_in(view_of(journey))
    assert "We have sent 49.90 € back to you; banks take up to 5 working days." in offered
    held = await sends(journey, offered.replace("49.90 €", "59.90 €").replace("5 working days", "a week"))
    assert held.ok
    told = words_of(view_of(journey))
    assert "A fact of the canned answer was lost or changed: 5 working days, 49.90 €." in told
    await journey.pass_(seconds=15)
    assert journey.published == []
    await sends(journey, offered)
    await journey.pass_(seconds=15)
    assert [post["text"] for post in journey.published] == [f"{offered} – Ana"]


async def test_the_same_words_are_not_offered_twice_and_typed_again_they_are_told(journey: Journey) -> None:
    said: list[str] = []
    for number in (1, 2, 3):
        await journey.on_x("@acme the app logs me out all the time", handle=f"person_{number}", name=f"Jonas {number}")
        await journey.types(ANA, f"/canned {number} app-login")
        await journey.presses_in(ANA, DESK, f"in #{number}:", "canned_use")
        await journey.pass_(seconds=15)
        said.append(journey.published[-1]["text"])
    assert len(said) == len(set(said)) == 3
    await journey.on_x("@acme the app logs me out all the time", handle="amira", name="Amira")
    await journey.types(BEN, "/canned 4 app-login")
    before = journey.only_for(BEN)[-1]
    await journey.presses_in(BEN, DESK, "in #4:", "canned_other")
    assert journey.only_for(BEN)[-1] != before
    await journey.presses_in(BEN, DESK, "in #4:", "canned_edit")
    await sends(journey, said[0].removesuffix(" – Ana").replace("Jonas", "Amira"), BEN)
    assert "The very same words went out in #1 lately" in words_of(view_of(journey, BEN))
    assert len(journey.published) == 3


async def test_what_was_copied_by_hand_is_held_to_the_same(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "Not sent: {days} must be filled in first" in await journey.types(
        ANA, "/reply 1 It takes {days} days, Maria."
    )
    await journey.types(ANA, "/canned 1 late-parcel days=3")
    await journey.presses_in(ANA, DESK, "late-parcel for", "canned_use")
    await journey.pass_(seconds=15)
    (post,) = journey.published
    await journey.on_x("@acme mine, too", "otto_b", "Otto B.")
    pasted = post["text"].replace("Maria", "Otto").removesuffix(" – Ana")
    await journey.types(BEN, f"/reply 2 {pasted}")
    assert "went out in #1" in journey.only_for(BEN)[-1] and "[Send anyway]" in journey.only_for(BEN)[-1]
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1
    told = await journey.types(ANA, "/canned 1 late-parcel day=3")
    assert "late-parcel has no place “day”. Write: /canned 1 late-parcel days=…" in told
    assert "Which one? Write: /desk canned remove late-parcel" in await journey.types(LEE, "/desk canned remove")


async def test_the_date_of_a_canned_answer_can_be_kept_track_of(journey: Journey) -> None:
    await journey.on_x("@acme the app logs me out all the time")
    await journey.types(ANA, "/canned 1 app-login")
    await journey.presses_in(ANA, DESK, "app-login for", "canned_use")
    assert "It seems to promise something by" in journey.only_for(ANA)[-1]
    await journey.presses_in(ANA, DESK, "It seems to promise", "keep_track")
    await journey.pass_(seconds=15)
    assert "*PROMISED* an answer by" in journey.card(1)


async def test_what_an_agent_adds_waits_for_a_lead_and_then_everybody_has_it(journey: Journey) -> None:
    await journey.on_x("@acme these shoes are too small, can I send them back?")
    assert "A lead has it before them" in await adds(journey, ANA, RETURNS)
    assert "no canned answer like" in await journey.types(BEN, "/canned 1 shoe-size")
    assert "already" in await adds(journey, BEN, RETURNS)
    await journey.pass_(seconds=2)
    await journey.presses_in(ANA, LEADS, "suggests a canned answer", "canned_approve")
    assert "Only leads approve canned answers" in journey.only_for(ANA, LEADS)[-1]
    await journey.presses_in(LEE, LEADS, "suggests a canned answer", "canned_approve")
    (asked,) = [line for line in journey.channel(LEADS) if "suggests" in line]
    assert "approved it" in asked and "[Approve]" not in asked
    await journey.types(BEN, "/canned 1 shoe-size")
    assert "see acme.example/returns. I'll write to you tomorrow by" in journey.only_for(BEN)[-1]
    assert "is removed" in await journey.types(LEE, "/canned remove shoe-size")
    assert "no canned answer like" in await journey.types(BEN, "/canned 1 shoe-size")


async def test_a_good_answer_is_saved_without_its_names_and_numbers(journey: Journey) -> None:
    await journey.on_x("@acme my order 4711 came without the lid")
    text = "So sorry, Maria! The lid of order 4711 left us today, code AB12. I'll write to you by tomorrow 4 pm."
    await journey.types(ANA, f"/reply 1 {text}")
    await journey.pass_(seconds=15)
    line = journey.in_thread(1, "*Published*")
    await journey.slack.press(ANA, DESK, line["ts"], "canned_save")
    view = view_of(journey)
    shown = {
        block["block_id"]: block["element"].get("initial_value", "") for block in view["blocks"] if "element" in block
    }
    assert shown["feeling"] == "So sorry, {name}!"
    assert shown["facts"] == "The lid of order {order} left us today, code {number}."
    assert shown["next"] == "I'll write to you {until}."
    assert "Maria" not in str(view["blocks"]) and "4711" not in str(view["blocks"])
    fields = {"name": {ids.TEXT_INPUT: "Missing Lid!"}, "topic": {ids.TEXT_INPUT: "shop"}}
    assert "small letters" in str((await journey.slack.submit(ANA, view["id"], fields)).response)
    fields["name"] = {ids.TEXT_INPUT: "missing-lid"}
    assert (await journey.slack.submit(ANA, view["id"], fields)).ok
    await journey.pass_(seconds=2)
    await journey.presses_in(LEE, LEADS, "suggests a canned answer: *missing-lid*", "canned_approve")
    await journey.types(BEN, "/canned 1 missing-lid number=CD34")
    assert "The lid of order 4711 left us today, code CD34." in journey.only_for(BEN)[-1]


async def test_leads_see_how_they_fare(journey: Journey) -> None:
    await journey.on_x("@acme the app logs me out all the time")
    await journey.types(ANA, "/canned 1 app-login")
    await journey.presses_in(ANA, DESK, "app-login for", "canned_edit")
    rewritten = "Sorry Maria! Nobody here can log in, it seems. I ask who made it, and write again tomorrow by 10:30."
    await sends(journey, rewritten)
    await journey.pass_(minutes=5)
    await journey.on_x("@acme and now?", reply_to=journey.published[0]["id"])
    assert "Only leads see how canned answers fare" in await journey.types(ANA, "/canned health")
    told = await journey.types(LEE, "/canned health")
    told = told if "app-login" in told else journey.only_for(LEE)[-1]
    assert "*app-login*: used once, rewritten 1, asked again after it 1" in told
    assert "Never used: broken-item, complaint-heard, late-parcel" in told


async def test_canned_answers_are_searched_by_words_and_all_are_listed(journey: Journey) -> None:
    await journey.on_x("@acme hello?")
    await journey.types(ANA, "/canned")
    assert "*late-parcel* · delivery · A parcel has not come · en, de · `days=…`" in journey.only_for(ANA)[-1]
    await journey.types(ANA, "/canned refnud")
    assert "refund-status" in journey.only_for(ANA)[-1] and "late-parcel" not in journey.only_for(ANA)[-1]
    assert "no canned answer like “zebra”" in await journey.types(ANA, "/canned 1 zebra")
    assert "three parts with | between them" in await journey.types(ANA, "/canned add half a thing")
    await journey.types(ANA, "/canned add")
    assert view_of(journey)["title"]["text"] == "A canned answer"
