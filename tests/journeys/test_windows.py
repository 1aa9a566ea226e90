"""The platform's own last chance: on the card beside our promise, and told of before it closes for good."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.conftest import ANA, Journey
from tests.journeys.test_policies import due


def told(journey: Journey) -> list[str]:
    return [words for words in journey.thread(1) if "closes it for good" in words]


async def test_the_card_shows_how_long_the_platform_lets_us_answer_privately(journey: Journey) -> None:
    wrote = journey.clock.now()
    await journey.message("I was charged twice")
    assert f"allows a private answer until {due(wrote + timedelta(hours=24))}" in journey.card(1)
    await journey.comment("Is there lactose in it?")
    assert "allows one private reply until" in journey.card(2)


async def test_x_sets_no_time_so_its_cards_show_none(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "allows" not in journey.card(1)


async def test_somebody_is_told_in_office_hours_before_a_window_closes_for_good(journey: Journey) -> None:
    wrote = journey.clock.now()
    await journey.message("I was charged twice")
    await journey.types(ANA, "/claim 1")
    await journey.go_to(wrote.replace(hour=17))
    first = told(journey)
    assert len(first) == 1
    assert f"<@{ANA}>" in first[0]
    assert "left for a private answer to #1" in first[0]
    await journey.go_to(wrote + timedelta(hours=23, minutes=30))
    both = told(journey)
    assert len(both) == 2
    await journey.restart()
    await journey.pass_(hours=8)
    assert told(journey) == both


async def test_what_was_answered_needs_no_word_about_its_window(journey: Journey) -> None:
    await journey.message("I was charged twice")
    await journey.types(ANA, "/reply 1 We give it back.")
    await journey.pass_(hours=30)
    assert told(journey) == []
