"""*Looking into it…*: one press, a signed answer that names a time, and that time kept track of."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.conftest import ANA, DESK, LEADS, TUESDAY, Journey


async def test_one_press_tells_the_customer_when_the_answer_comes_and_keeps_track_of_it(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.presses(ANA, 1, "holding")
    told = journey.only_for(ANA)[-1]
    assert "We are looking into it and will answer you in about 2 hours. – Ana" in told
    assert "[Undo]" in told and "It counts as the answer" in told
    await journey.pass_(seconds=30)
    [post] = journey.published
    assert "We are looking into it" in post["text"] and "in about 2 hours" in post["text"]
    card = journey.card(1)
    assert "CLAIMED" in card and "*PROMISED* an answer by" in card and "first answer due" not in card
    await journey.go_to(TUESDAY + timedelta(hours=3))
    assert not any("missed" in words for words in journey.channel(LEADS)), "it met the first response"
    said = [words for words in journey.thread(1) if "is promised to" in words]
    assert len(said) == 2 and "was due" in said[1]


async def test_it_is_taken_back_like_any_answer_and_then_promises_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.pass_(minutes=12)
    await journey.presses(ANA, 1, "holding")
    assert "[Looking into it…]" not in journey.card(1)
    await journey.presses_in(ANA, DESK, "business time left", "holding")
    assert any("on its way already" in words for words in journey.only_for(ANA))
    await journey.presses_in(ANA, DESK, "We are looking into it", "undo")
    await journey.pass_(seconds=30)
    assert journey.published == []
    assert "PROMISED" not in journey.card(1) and "first answer due" in journey.card(1)


async def test_it_speaks_the_customers_language(journey: Journey) -> None:
    await journey.on_x("@acme mein Paket ist nicht da, wo bleibt es?", lang="de")
    await journey.presses(ANA, 1, "holding")
    await journey.pass_(seconds=30)
    assert "melden uns in etwa 2 Stunden" in journey.published[0]["text"]


async def test_the_customer_who_writes_again_starts_the_next_clock_and_the_promise_stays(journey: Journey) -> None:
    first = await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.presses(ANA, 1, "holding")
    await journey.pass_(seconds=30)
    await journey.on_x("@acme and the order number is 4711, is that enough?", reply_to=first)
    card = journey.card(1)
    assert "next answer due" in card and "*PROMISED*" in card
    await journey.types(ANA, "/reply 1 It is on its way.")
    await journey.pass_(seconds=30)
    assert "PROMISED" not in journey.card(1) and "next answer due" not in journey.card(1)


async def test_where_it_does_not_count_the_clock_runs_on(journey: Journey) -> None:
    await journey.owner_sets(sla={"holding_counts": False})
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.presses(ANA, 1, "holding")
    await journey.pass_(seconds=30)
    card = journey.card(1)
    assert "first answer due" in card and "*PROMISED*" in card
    await journey.pass_(minutes=20)
    assert any("missed its first" in words for words in journey.channel(LEADS))


async def test_the_warning_has_the_button_too(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.pass_(minutes=12)
    warning = journey.in_thread(1, "business time left")
    assert (await journey.slack.press(ANA, DESK, warning["ts"], "holding")).ok
    await journey.pass_(seconds=30)
    assert len(journey.published) == 1


async def test_where_nothing_waits_nothing_is_sent(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    warning_card = journey.root(1)["ts"]
    await journey.types(ANA, "/reply 1 It is on its way.")
    await journey.pass_(seconds=30)
    assert "Looking into it" not in journey.card(1)
    assert warning_card == journey.root(1)["ts"] and len(journey.published) == 1


async def test_the_owner_words_it(journey: Journey) -> None:
    await journey.owner_sets(holding={"en": "Ahoy! We look into it and answer {when}."})
    await journey.on_x("@acme my parcel is stuck since Monday")
    await journey.presses(ANA, 1, "holding")
    await journey.pass_(seconds=30)
    assert "Ahoy! We look into it and answer in about 2 hours." in journey.published[0]["text"]
