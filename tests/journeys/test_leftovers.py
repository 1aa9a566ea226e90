"""What a customer takes back leaves nothing behind, in whichever message of the desk it was repeated."""

from __future__ import annotations

from tests.journeys.conftest import ANA, BEN, Journey, words_of
from tests.journeys.test_edits import SECRET, everything_in_slack, everything_kept
from tests.journeys.test_identity import flood
from tests.journeys.test_private import asks


async def test_what_was_edited_before_a_merging_is_taken_back_in_both_threads(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    comment = await journey.comment(f"I wrote on X, {SECRET}")
    journey.graph.edit(comment, f"I wrote on X, {SECRET}, third floor")
    await journey.pass_(seconds=40)
    await journey.types(ANA, "/merge 2 into 1")
    await journey.pass_(seconds=20)
    assert "Rua da Prata" not in "".join(journey.thread(2)), "the customer's words stand in one place"
    journey.graph.delete(comment)
    await journey.pass_(minutes=2)
    assert "Rua da Prata" not in everything_in_slack(journey)
    for number in (1, 2):
        assert "Rua da Prata" not in await everything_kept(journey, number)


async def test_what_was_edited_in_a_flood_is_taken_back_there_after_it_was_split(journey: Journey) -> None:
    posts = flood(journey, 7)
    await journey.pass_(minutes=1)
    post = journey.x.edit(posts[6], f"@acme {SECRET}")
    await journey.pass_(minutes=1)
    await journey.presses(BEN, 1, "split_flood")
    await journey.pass_(seconds=30)
    journey.x.delete(post)
    await journey.pass_(hours=7)
    assert "Rua da Prata" not in everything_in_slack(journey)
    for number in range(1, 8):
        assert "Rua da Prata" not in await everything_kept(journey, number)


async def test_public_words_that_a_private_message_repeats_are_taken_back_there_too(journey: Journey) -> None:
    post = await journey.on_x(f"@acme my parcel is stuck, {SECRET}, can somebody please help me?")
    await asks(journey)
    await journey.restart()
    await journey.direct_on_x("It is 4711.")
    await journey.pass_(minutes=2)
    assert "Rua da Prata" in words_of(journey.in_thread(1, "It is 4711."))
    post = journey.x.edit(post, "@acme my parcel is stuck, can somebody please help me?")
    await journey.pass_(minutes=1)
    assert "they wrote: “@acme my parcel is stuck, can" in words_of(journey.in_thread(1, "It is 4711."))
    journey.x.delete(post)
    await journey.pass_(hours=7)
    assert "in public they wrote" not in words_of(journey.in_thread(1, "It is 4711."))
    assert "Rua da Prata" not in everything_in_slack(journey)
