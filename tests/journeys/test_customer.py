"""Who the customer is: the record behind the card, `/customer`, VIPs first, and what a priority does to a promise."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, words_of
from tests.journeys.test_policies import due, promises


async def order(journey: Journey) -> list[str]:
    """The inquiries of the queue, as it lists them."""
    shown = (await journey.slack.command(BEN, DESK, "/queue")).response or {}
    return re.findall(r"^\*(#\d+)\*", words_of(shown), re.MULTILINE)


async def test_a_customer_is_shown_with_history_answers_notes_and_profiles(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=15)
    await journey.types(ANA, "/done 1")
    await journey.types(ANA, "/customer @maria_k note prefers short words")
    await journey.on_x("@acme now the invoice is wrong")
    assert "1 earlier inquiry" in journey.card(2)
    assert "note by Ana: prefers short words" in journey.card(2)
    await journey.comment("Hello, it is me, Maria", person="Maria Kowalska")
    told = await journey.types(BEN, "/customer 3 link @maria_k")
    assert "are one person now" in told
    shown = (await journey.slack.command(BEN, DESK, "/customer 3")).response
    words = str(shown)
    for part in (
        "X",
        "Facebook",
        "Maria Kowalska",
        "my parcel is stuck",
        "It comes tomorrow.",
        "prefers short words",
        "#2",
    ):
        assert part in words, part
    await journey.pass_(seconds=3)
    assert "2 earlier inquiries" in journey.card(3)
    assert "prefers short words" in journey.card(3)
    await journey.types(BEN, '/customer 3 unlink "Maria Kowalska"')
    await journey.pass_(seconds=3)
    assert "earlier" not in journey.card(3)
    assert "1 earlier inquiry" in journey.card(2)


async def test_a_vip_comes_first_in_the_queue_and_everyone_is_answered(journey: Journey) -> None:
    await journey.on_x("@acme no heating since Sunday", handle="tom", name="Tom")
    await journey.on_x("@acme my parcel is stuck")
    assert await order(journey) == ["#1", "#2"]
    told = await journey.types(ANA, "/customer @maria_k vip")
    assert "is a VIP now, and comes first in the queue" in told
    await journey.pass_(seconds=3)
    assert "VIP" in journey.card(2)
    assert await order(journey) == ["#2", "#1"]
    assert "You have #2" in await journey.types(ANA, "/claim")
    assert "You have #1" in await journey.types(BEN, "/claim")
    await journey.on_x("@acme and one thing more")
    assert "VIP" in journey.card(3)
    assert "is no VIP any more" in await journey.types(LEE, "/customer @maria_k vip off")
    await journey.pass_(seconds=3)
    assert "VIP" not in journey.card(3)


async def test_who_is_a_vip_and_what_language_they_speak_chooses_the_policy_of_what_comes_next(
    journey: Journey,
) -> None:
    await promises(
        journey,
        {"name": "VIP", "vip": True, "first": "5m"},
        {"name": "Portuguese", "languages": ["pt"], "first": "2h"},
        {"name": "Rest", "first": "3h"},
    )
    await journey.on_x("@acme my parcel is stuck")
    told = await journey.types(ANA, "/customer 1 vip")
    assert "#1 keeps the policy that it started with; a new one would get “VIP”" in told
    assert "“Rest” matches" in await journey.types(ANA, "/sla 1")
    await journey.on_x("@acme and the invoice")
    assert "“VIP” matches" in await journey.types(ANA, "/sla 2")
    await journey.on_x("@acme obrigado", handle="joao", name="João", lang="pt")
    assert "“Portuguese” matches" in await journey.types(ANA, "/sla 3")
    assert "Portuguese" in journey.card(3)
    assert "writes Spanish" in await journey.types(ANA, "/customer 3 language spanish")
    await journey.on_x("@acme mais uma coisa", handle="joao", name="João", lang="pt")
    assert "“Rest” matches" in await journey.types(ANA, "/sla 4")


async def test_a_raised_priority_chooses_the_promise_anew_and_says_which_and_why(journey: Journey) -> None:
    await promises(
        journey,
        {"name": "Urgent", "priorities": ["urgent"], "first": "30m", "resolution": "2h"},
        {"name": "Rest", "first": "3h"},
    )
    wrote = journey.clock.now()
    await journey.on_x("@acme there is smoke from the plug")
    await journey.on_x("@acme my parcel is stuck", handle="tom")
    told = await journey.types(BEN, "/priority 2 urgent fire in the flat")
    assert "#2 has urgent priority now" in told and "“Urgent” matches: urgent priority" in told
    await journey.pass_(seconds=3)
    line = journey.in_thread(2, "set the priority to urgent")["text"]
    assert "fire in the flat" in line and "counted from the customer's message" in line
    assert "urgent priority" in journey.card(2) and "solution due" in journey.card(2)
    assert "“Urgent” matches" in await journey.types(ANA, "/sla 2")
    assert f"due {due(wrote + timedelta(hours=3))}" in journey.card(1)
    assert "You have #2" in await journey.types(ANA, "/claim")
    await journey.pass_(minutes=35)
    [alert] = journey.channel(LEADS)
    assert "#2 missed its first answer" in alert
    assert "urgent, high, normal or low" in await journey.types(BEN, "/priority 2 very")
    await journey.types(BEN, "/priority 2 normal")
    await journey.pass_(seconds=3)
    assert "solution" not in journey.card(2) and "LATE" not in journey.card(2)
    await journey.pass_(hours=2)
    assert len(journey.channel(LEADS)) == 1


async def test_the_language_is_the_platforms_or_detected_and_unsure_is_shown_as_unsure(journey: Journey) -> None:
    await journey.owner_sets(customers={"languages": ["en", "cs"]}, acknowledge={"arrival": True})
    await journey.message("Kde je můj balík? Čekám na něj už týden.", person="Petr Novák")
    assert "Czech" in journey.card(1)
    [acknowledged] = journey.graph.published
    assert "Děkujeme" in acknowledged["text"]
    await journey.message("Onde está a minha encomenda? Estou à espera há uma semana.", person="Rui Costa")
    assert "language unsure" in journey.card(2)
    await journey.types(ANA, "/customer 2 language cs")
    await journey.presses(ANA, 2, "holding")
    await journey.pass_(seconds=15)
    assert "Děkujeme za zprávu" in journey.graph.published[-1]["text"]
    told = await journey.types(ANA, "/customer 2 language pt")
    assert "The desk has no texts of its own in it" in told
    await journey.on_x("@acme kde je můj balík?", handle="petr", name="Petr", lang="cs")
    assert "Czech" in journey.card(3)


async def test_what_cannot_be_meant_is_refused_with_the_words_kept(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "Did you mean @maria_k (#1)?" in await journey.types(ANA, "/customer @maria vip")
    assert "Portuguese" in await journey.types(ANA, "/customer 1 language portugese")
    assert "no platform" in await journey.types(ANA, "/customer @maria_k on myspace")
    refused = await journey.slack.command(ANA, DESK, "/customer 1 nite likes tea")
    assert "nite likes tea" in str(refused.response) and "Behind the customer comes" in str(refused.response)


async def test_linking_two_profiles_leaves_each_inquiry_its_language(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.comment("Wo ist mein Paket? Ich warte seit Montag und niemand antwortet mir.", "Maria Kowalska")
    await journey.types(ANA, '/customer 1 link "Maria Kowalska" on facebook')
    assert "and Maria Kowalska are known as one person already" in await journey.types(ANA, "/customer 1 link 2")
    assert "1 other inquiry" in await journey.types(ANA, "/customer 1")
    await journey.pass_(seconds=3)
    assert "English" in journey.card(1) and "German" in journey.card(2)
    await journey.types(ANA, "/customer 1 unlink 2")
    await journey.types(ANA, "/customer 1 language pt")
    await journey.pass_(seconds=3)
    assert "Portuguese" in journey.card(1) and "German" in journey.card(2)


async def test_what_is_left_out_behind_a_customer_is_asked_for(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "Which language? For example /customer 1 language Portuguese." in await journey.types(
        ANA, "/customer 1 language"
    )
    assert "so nothing was kept" in await journey.types(ANA, "/customer 1 note")


async def test_why_it_is_pressing_belongs_to_the_sentence(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    told = await journey.last_line_after(ANA, "/priority 1 urgent the flight leaves at 9")
    assert "set the priority to urgent: the flight leaves at 9. The promise stays" in told


async def test_where_a_customer_mostly_writes_is_shown(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/customer 1")
    assert "Mostly writes" not in journey.only_for(ANA)[-1]
    await journey.direct_on_x("it is parcel 4711")
    await journey.types(ANA, "/customer 2")
    assert "Mostly writes" not in journey.only_for(ANA)[-1], "neither way leads"
    await journey.on_x("@acme and where is the other one?")
    await journey.types(ANA, "/customer @maria_k")
    assert "Mostly writes in public on X: 2 of 3 inquiries." in journey.only_for(ANA)[-1]
