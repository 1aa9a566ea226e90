"""The customer writes while an answer waits to be undone: it does not go out by itself, and nothing of it is lost."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import ANA, DESK, Journey, words_of
from tests.journeys.test_forms import sends, view_of

pytestmark = pytest.mark.looks_every(6)
PETER = "Peter Holm"
OWN = "A new cup is on its way."


async def waits(journey: Journey, *, seconds: int = 10) -> str:
    """Peter has written, and Ana's answer waits to be undone; the id of his message."""
    if seconds != 10:
        await journey.owner_sets(desk={"undo_seconds": seconds})
    mid: str = journey.graph.message(PETER, "One cup is broken")
    await journey.pass_(seconds=40)
    await journey.types(ANA, f"/reply 1 {OWN}")
    await journey.pass_(seconds=2)
    return mid


async def writes(journey: Journey, text: str) -> None:
    journey.graph.message(PETER, text)
    await journey.pass_(seconds=3)


def said(journey: Journey) -> list[str]:
    return [str(one["text"]) for one in journey.graph.published]


async def test_what_the_customer_writes_meanwhile_holds_the_answer(called: Journey) -> None:
    await waits(called)
    await writes(called, "No: it was the neighbour's, mine is fine!")
    await called.pass_(minutes=30)
    assert said(called) == []
    told = words_of(called.in_thread(1, "was not sent"))
    assert f"<@{ANA}>, your answer to Peter Holm (#1)" in told and "has written since" in told and OWN in told
    assert "[Review]\n[Send anyway]" in told
    assert "*Not sent yet* privately on Facebook" in words_of(called.in_thread(1, "written by"))
    card = called.card(1)
    assert "an answer is *NOT SENT YET*" in card and "WAITING FOR THE CUSTOMER" not in card, "it has had no answer"


async def test_sent_anyway_it_goes_once_and_answers_what_was_read(called: Journey) -> None:
    await waits(called)
    await writes(called, "And the box was wet")
    for _ in range(2):
        await called.presses_in(ANA, DESK, "was not sent", "send_again")
    await called.pass_(minutes=5)
    assert said(called) == [f"{OWN} – Ana"]
    assert "WAITING FOR THE CUSTOMER" in called.card(1)
    await writes(called, "When does it come?")
    await called.pass_(seconds=30)
    assert "WAITING FOR THE CUSTOMER" not in called.card(1)


async def test_reviewed_it_goes_in_other_words_and_the_first_never(called: Journey) -> None:
    await waits(called)
    await writes(called, "And the box was wet")
    await called.presses_in(ANA, DESK, "was not sent", "change")
    assert OWN in str(view_of(called, ANA))
    assert (await sends(called, "A new cup and a dry box are on their way.")).ok
    await called.pass_(seconds=15)
    assert said(called) == ["A new cup and a dry box are on their way. – Ana"]
    await called.presses_in(ANA, DESK, "was not sent", "send_again")
    await called.pass_(minutes=5)
    assert len(said(called)) == 1 and "has answered #1 since" in called.only_for(ANA)[-1]
    assert f"*Not sent* privately on Facebook, written by <@{ANA}>: <@{ANA}> answered anew" in " ".join(
        called.thread(1)
    )


async def test_its_old_buttons_say_what_is_so(called: Journey) -> None:
    await waits(called)
    held = called.slack.ephemerals(ANA)[-1]["ts"]
    await writes(called, "And the box was wet")
    await called.slack.press(ANA, DESK, held, "send_now")
    await called.pass_(seconds=5)
    assert said(called) == [] and "has written since" in called.only_for(ANA)[-1]
    await called.presses_in(ANA, DESK, "has written since", "send_again")
    await called.pass_(seconds=5)
    assert said(called) == [f"{OWN} – Ana"]


async def test_taken_back_it_is_over(called: Journey) -> None:
    await waits(called)
    held = called.slack.ephemerals(ANA)[-1]["ts"]
    await writes(called, "And the box was wet")
    await called.slack.press(ANA, DESK, held, "undo")
    await called.pass_(seconds=5)
    assert "Taken back. Nothing went out." in called.only_for(ANA)[-1] and OWN in called.only_for(ANA)[-1]
    await called.presses_in(ANA, DESK, "was not sent", "send_again")
    await called.pass_(minutes=5)
    assert said(called) == []


async def test_send_now_before_they_wrote_goes(called: Journey) -> None:
    await waits(called)
    held = called.slack.ephemerals(ANA)[-1]["ts"]
    await called.slack.press(ANA, DESK, held, "send_now")
    await writes(called, "And the box was wet")
    await called.pass_(minutes=1)
    assert said(called) == [f"{OWN} – Ana"]
    assert "WAITING FOR THE CUSTOMER" not in called.card(1), "the box waits for an answer"


async def test_it_is_held_over_a_restart(called: Journey) -> None:
    await waits(called)
    await writes(called, "And the box was wet")
    await called.restart()
    await called.pass_(minutes=5)
    assert said(called) == []
    await called.presses_in(ANA, DESK, "was not sent", "send_again")
    await called.pass_(seconds=30)
    assert said(called) == [f"{OWN} – Ana"]


async def test_with_no_seconds_to_undo_it_is_out_already(called: Journey) -> None:
    await waits(called, seconds=0)
    await writes(called, "And the box was wet")
    assert said(called) == [f"{OWN} – Ana"]
    assert "WAITING FOR THE CUSTOMER" not in called.card(1)


@pytest.mark.parametrize("what", ["edits", "takes back"])
async def test_an_answer_to_what_reads_otherwise_now_is_held(journey: Journey, what: str) -> None:
    await journey.owner_sets(desk={"undo_seconds": 120})
    post = await journey.on_x("@acme my parcel 4711 is stuck")
    other = journey.x.post("maria_k", "@acme it is urgent", reply_to=post)
    await journey.pass_(seconds=40)
    await journey.types(ANA, "/reply 1 We look for it.")
    await journey.pass_(seconds=2)
    if what == "edits":
        new = journey.x.edit(other, "@acme it has come")
    else:
        journey.x.delete(other)
    await journey.pass_(seconds=60)
    told = words_of(journey.in_thread(1, "was not sent"))
    assert ("has changed a message" if what == "edits" else "has taken a message back") in told
    await journey.pass_(minutes=5)
    assert journey.published == []
    await journey.presses_in(ANA, DESK, "was not sent", "send_again")
    await journey.pass_(minutes=1)
    (out,) = journey.published
    assert out["text"] == "We look for it. – Ana"
    assert out["in_reply_to"] == (new if what == "edits" else post)
