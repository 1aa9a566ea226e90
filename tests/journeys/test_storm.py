"""A storm: one card counts what waits and always adds up, agents ask for the next, nothing is dropped."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEADS, Journey, inquiry_of, words_of

pytestmark = pytest.mark.looks_every(6)
SUMS = re.compile(r"\*([\d,]+)\* queued \+ \*([\d,]+)\* shown \+ \*([\d,]+)\* closed = \*([\d,]+)\* ingested")
SMALL = {"above": 8, "seconds": 5, "below": 3, "alike": 5}


def cards(journey: Journey) -> list[dict[str, Any]]:
    return [message for message in journey.slack.messages(DESK) if SUMS.search(words_of(message))]


def sums(journey: Journey) -> tuple[int, int, int, int]:
    """Queued, shown, closed and ingested, as the newest card has them; they add up."""
    found = SUMS.search(words_of(cards(journey)[-1]))
    assert found is not None
    queued, shown, closed, ingested = (int(number.replace(",", "")) for number in found.groups())
    assert queued + shown + closed == ingested
    return queued, shown, closed, ingested


async def breaks_out(journey: Journey, count: int = 60) -> None:
    """So many customers write in one moment; then time enough for the desk to call it a storm."""
    await journey.owner_sets(storm=SMALL)
    for n in range(count):
        journey.x.add_person(f"c{n}", f"Customer {n}")
        journey.x.post(f"c{n}", f"@acme my parcel {n} is stuck in the depot since Monday, where is it?")
    await journey.pass_(seconds=45)


async def test_a_storm_has_one_card_that_adds_up_and_pushes_no_thread(journey: Journey) -> None:
    await breaks_out(journey)
    shown = len(journey.roots())
    await journey.pass_(seconds=40)
    assert len(journey.roots()) == shown < 60, "nothing is pushed any more"
    [card] = cards(journey)
    left = 60 - shown
    assert sums(journey) == (left, 0, 0, left)
    words = words_of(card)
    assert "Storm since" in words and "The oldest waits since" in words and f"X {left}" in words
    assert re.search(rf"{left} × “@acme my parcel \d+ is stuck", words), "one cause, counted"
    for n in range(shown + 3):
        await journey.types(ANA, "/desk next")
        await journey.pass_(seconds=n % 3)
    await journey.pass_(seconds=30)
    assert sums(journey) == (left - 3, 3, 0, left)
    edits = [r.at for r in journey.wire.to("slack") if r.path.endswith("chat.update") and r.request["ts"] == card["ts"]]
    assert edits and all((after - before).total_seconds() >= 10 for before, after in itertools.pairwise(edits))


async def test_who_asks_gets_the_inquiry_that_is_due_first_and_its_thread(journey: Journey) -> None:
    await breaks_out(journey)
    shown = {inquiry_of(root) for root in journey.roots()}
    numbers = []
    for _ in range(len(shown) + 1):
        await journey.types(ANA, "/desk next")
        found = re.search(r"You have \*?#(\d+)", journey.only_for(ANA)[-1])
        assert found is not None, journey.only_for(ANA)
        numbers.append(int(found[1]))
    assert numbers == sorted(numbers), "by what is due first, those that are shown already included"
    number = numbers[-1]
    assert number not in shown
    assert "is stuck in the depot" in journey.only_for(ANA)[-1], "the words are there before the thread is"
    await journey.pass_(seconds=5)
    assert f"CLAIMED* by <@{ANA}>" in journey.card(number)
    assert any(f"Here is #{number}" in words for words in journey.only_for(ANA))
    [card] = cards(journey)
    await journey.slack.press(BEN, DESK, card["ts"], "claim_next")
    await journey.pass_(seconds=5)
    fresh = {inquiry_of(root) for root in journey.roots()} - shown - {number}
    assert len(fresh) == 1 and f"CLAIMED* by <@{BEN}>" in journey.card(fresh.pop())
    await journey.pass_(seconds=15)
    left = 60 - len(shown)
    assert sums(journey) == (left - 2, 2, 0, left)


async def test_a_storm_survives_a_restart_and_ends_when_few_are_left(journey: Journey) -> None:
    await breaks_out(journey, 25)
    [card] = cards(journey)
    await journey.restart()
    await journey.pass_(seconds=15)
    shown = len(journey.roots())
    for _ in range(30):
        if "The storm is over" in words_of(cards(journey)[-1]):
            break
        await journey.types(ANA, "/desk next")
        await journey.pass_(seconds=12)
    await journey.pass_(seconds=40)
    assert len(journey.roots()) == 25 > shown, "what was left is pushed again"
    [same] = cards(journey)
    assert same["ts"] == card["ts"] and "The storm is over" in words_of(same)
    assert sums(journey)[0] < 3


async def test_a_card_that_somebody_deleted_is_made_anew(journey: Journey) -> None:
    await breaks_out(journey)
    [card] = cards(journey)
    journey.slack.delete_message(DESK, card["ts"])
    await journey.on_x("@acme and where is mine?", "late_one", "Late One")
    await journey.pass_(seconds=40)
    [fresh] = cards(journey)
    assert fresh["ts"] != card["ts"]
    sums(journey)


async def test_promises_that_break_in_the_queue_are_one_message_for_the_leads(journey: Journey) -> None:
    await breaks_out(journey)
    before = len(journey.channel(LEADS))
    await journey.pass_(minutes=25)
    told = [words for words in journey.channel(LEADS)[before:] if "storm's queue" in words]
    assert 1 <= len(told) <= 3
    assert "Late already: *" in words_of(cards(journey)[0])
