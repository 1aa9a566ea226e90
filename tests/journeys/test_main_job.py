"""The main job, end to end: a customer writes, an agent answers from Slack, the customer reads it."""

from __future__ import annotations

from tests.journeys.conftest import ANA, BEN, Journey


async def test_a_post_becomes_a_thread_is_claimed_answered_and_read_under_the_post(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck since Monday, please help")
    assert "my parcel is stuck since Monday" in journey.card(1)
    assert "UNCLAIMED" in journey.card(1)

    assert "You have #1" in await journey.types(ANA, "/claim 1")
    answer = await journey.types(ANA, "/reply 1 Sorry, Maria! It left today &amp; reaches you tomorrow.")
    assert "10 s" in answer
    await journey.pass_(seconds=12)

    assert [(p["text"], p["in_reply_to"]) for p in journey.published] == [
        ("Sorry, Maria! It left today & reaches you tomorrow. – Ana", post)
    ]
    assert "Published" in journey.in_thread(1, "It left today & reaches you")["blocks"][0]["text"]["text"]
    assert "CLAIMED" in journey.card(1)
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)


async def test_the_customers_next_post_comes_into_the_same_thread_and_waits_again(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    await journey.on_x("@acme it did not come, where is it?", reply_to=journey.published[0]["id"])
    assert len(journey.roots()) == 1
    shown = journey.in_thread(1, "it did not come, where is it?")
    assert f"<@{ANA}>" in shown["text"]
    assert "next answer due" in journey.card(1)


async def test_a_second_agent_cannot_claim_it(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    told = await journey.types(BEN, "/claim 1")
    assert f"<@{ANA}>" in told
    assert "--force" in told
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)
