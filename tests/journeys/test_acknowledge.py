"""Acknowledgements as customers get them: off by default, once, private, honest; and no answer to the promise."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import ANA, BEN, LEADS, LEE, TUESDAY, Journey


def directs(journey: Journey) -> list[str]:
    """What customers got in private, on X and on Facebook."""
    on_facebook = [said["text"] for said in journey.graph.published if said["kind"] == "message"]
    return [said["text"] for said in journey.x.sent_directs] + on_facebook


def public(journey: Journey) -> list[dict[str, Any]]:
    return [*journey.published, *(said for said in journey.graph.published if said["kind"] == "comment")]


async def test_nobody_is_acknowledged_unless_the_owner_says_so(journey: Journey) -> None:
    await journey.message("Where is my parcel?")
    await journey.on_x("@acme where is my parcel?")
    await journey.pass_(minutes=5)
    assert directs(journey) == []
    assert public(journey) == []


async def test_a_private_message_is_acknowledged_once_in_the_teams_name_and_the_clock_runs_on(journey: Journey) -> None:
    await journey.owner_sets(acknowledge={"arrival": True})
    await journey.message("Where is my parcel?")
    await journey.pass_(seconds=30)
    [said] = directs(journey)
    assert said == "Thank you for your message, Peter. We have it. – Acme"
    await journey.restart()
    await journey.message("It is parcel 55.")
    await journey.pass_(minutes=3)
    assert directs(journey) == [said]
    assert any("acknowledged it by itself" in words and said in words for words in journey.thread(1))
    assert not any("outside the desk" in words for words in journey.thread(1))
    assert "UNCLAIMED" in journey.card(1)
    await journey.pass_(minutes=30)
    assert any("#1 missed its first answer" in words for words in journey.channel(LEADS))


async def test_in_public_only_where_it_is_allowed(journey: Journey) -> None:
    await journey.owner_sets(acknowledge={"arrival": True})
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("Is there lactose in it?")
    await journey.pass_(minutes=2)
    assert public(journey) == []
    await journey.owner_sets(acknowledge={"public": True, "platforms": ["x"]})
    post = await journey.on_x("@acme the parcel is broken", handle="other")
    await journey.comment("And gluten?", person="Peter Holm")
    await journey.pass_(minutes=2)
    [said] = public(journey)
    assert said["in_reply_to"] == post
    assert "We have it." in said["text"]


async def test_outside_hours_it_says_when_we_are_back_and_how_else_to_reach_us(journey: Journey) -> None:
    await journey.owner_sets(acknowledge={"closed": True}, contact={"phone": "0800 1"})
    await journey.message("Where is my parcel?")
    assert directs(journey) == [], "open, and only closed hours are acknowledged"
    await journey.go_to(TUESDAY.replace(hour=20))
    await journey.message("Hello?", person="Ada Vik")
    await journey.pass_(minutes=1)
    [said] = directs(journey)
    assert said == (
        "Thank you for your message, Ada. We are closed now and back tomorrow at 09:00. "
        "If it cannot wait, you reach us by phone: 0800 1. – Acme"
    )


async def test_the_estimate_comes_from_the_last_answers_and_the_queue(journey: Journey) -> None:
    for number in range(1, 6):
        await journey.message("Where is my parcel?", person=f"Person {number}")
        await journey.pass_(minutes=6)
        await journey.types(ANA, f"/reply {number} It is on its way.")
        await journey.pass_(seconds=30)
        await journey.types(ANA, f"/done {number}")
    await journey.owner_sets(acknowledge={"arrival": True})
    before = len(directs(journey))
    await journey.message("And mine?", person="Ada Vik")
    await journey.pass_(seconds=30)
    [short] = directs(journey)[before:]
    assert "You can expect an answer in about 5 minutes." in short
    for waiting in range(6, 11):
        await journey.message("Hello?", person=f"Person {waiting}")
    await journey.message("Hello?", person="Rui Costa")
    assert "You can expect an answer in about 25 minutes." in directs(journey)[-1], "six are before this one"


async def test_a_message_that_took_long_to_reach_us_is_left_to_people(journey: Journey) -> None:
    await journey.owner_sets(acknowledge={"arrival": True})
    await journey.down(seconds=1)
    journey.graph.message("Peter Holm", "Where is my parcel?")
    await journey.pass_(hours=2)
    await journey.restart()
    await journey.pass_(minutes=2)
    assert "Where is my parcel?" in journey.card(1)
    assert directs(journey) == []


async def test_one_that_the_platform_refuses_is_named_in_the_thread_and_not_tried_again(journey: Journey) -> None:
    await journey.owner_sets(acknowledge={"arrival": True, "public": True})
    journey.wire.fault("x", "POST /2/tweets", "status", status=403, body={"title": "Forbidden", "detail": "No."})
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=3)
    assert public(journey) == []
    assert any("acknowledgement did not go out" in words for words in journey.thread(1))
    assert "failed" not in journey.card(1).casefold()


async def test_with_fewer_people_than_usual_the_estimate_is_longer(journey: Journey) -> None:
    for number in range(1, 7):
        await journey.message("Where is my parcel?", person=f"Person {number}")
        await journey.pass_(minutes=6)
        await journey.types((ANA, BEN, LEE)[number % 3], f"/reply {number} It is on its way.")
        await journey.pass_(seconds=30)
    for user in (BEN, LEE):
        await journey.types(user, "/shift away")
    await journey.owner_sets(acknowledge={"arrival": True})
    before = len(directs(journey))
    await journey.message("And mine?", person="Ada Vik")
    await journey.pass_(seconds=30)
    assert "You can expect an answer in about 10 minutes." in directs(journey)[before:][0], "five, with all three"


async def test_one_that_would_come_too_late_does_not_go_out(journey: Journey) -> None:
    await journey.owner_sets(acknowledge={"arrival": True})
    await journey.types(LEE, "/desk hold")
    await journey.message("Where is my parcel?")
    await journey.pass_(hours=2)
    await journey.types(LEE, "/desk hold off")
    await journey.pass_(minutes=5)
    assert directs(journey) == []
    assert any("waited too long to be of use" in words for words in journey.thread(1))
