"""The hours in public: in each language, on command and on schedule, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot
from tests.journeys.conftest import DESK, LEE, TUESDAY, Journey, words_of


def facebook(journey: Journey) -> list[str]:
    return [said["text"] for said in journey.graph.published if said["kind"] == "post"]


def on_x(journey: Journey) -> list[str]:
    return [said["text"] for said in journey.published]


SERVED: dict[str, Any] = {"availability": {"languages": ["en", "de"]}, "contact": {"email": "help@acme.example"}}


async def test_each_language_has_its_words_with_the_other_ways_after_a_preview(journey: Journey) -> None:
    await journey.owner_sets(**SERVED)
    told = words_of((await journey.slack.command(LEE, DESK, "/hours post")).response or {})
    english = (
        "We are here until 17:00 (Lisbon time). Our hours: Mon–Fri 09:00–17:00. "
        "You can also reach us by e-mail: help@acme.example."
    )
    assert f"*X (en)*: {english}" in told
    assert "*Facebook (de)*: Wir sind bis 17:00 Uhr" in told
    assert on_x(journey) == []
    for _ in range(2):
        await journey.presses_in(LEE, DESK, "This would stand in public", "hours_post")
    await journey.restart()
    await journey.pass_(minutes=2)
    assert len(on_x(journey)) == len(facebook(journey)) == 2
    assert english in on_x(journey)
    assert english in facebook(journey)


async def test_a_week_of_posts_on_schedule_has_each_date_and_kind_once_over_restarts(journey: Journey) -> None:
    await journey.owner_sets(
        availability={"languages": ["en", "de"], "post_at": ["opening", "closing"]}, hours={"closed_on": []}
    )
    words_of((await journey.slack.command(LEE, DESK, "/hours 2026-11-26 closed")).response or {})
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.go_to(TUESDAY.replace(hour=20))
    before = len(on_x(journey))
    for day in range(1, 7):
        for hour in (9, 17):
            await journey.go_to((TUESDAY + timedelta(days=day)).replace(hour=hour, minute=0, second=20))
            await journey.restart()
            await journey.pass_(minutes=1)
    said = on_x(journey)[before:]
    assert [text[-11:-1] for text in said] == [f"2026-11-{day}" for day in ("25", "27", "30") for _ in range(4)], (
        "opening and closing in two languages, and nothing on the day off and at the week-end"
    )
    assert len(set(said)) == len(said)
    assert facebook(journey)[-len(said) :] == said


@pytest.mark.parametrize("sunday", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
async def test_the_night_in_which_the_clock_changes_posts_once(tmp_path: Path, sunday: datetime) -> None:
    sandbox = bot.Sandbox(sunday - timedelta(hours=12), tmp_path)
    await sandbox.start()
    try:
        journey = Journey(sandbox)
        await journey.owner_sets(
            availability={"languages": ["en"], "post_at": ["opening"]}, hours={"sun": (("01:30", "09:00"),)}
        )
        for minutes in range(15, 181, 15):
            await journey.go_to(sunday + timedelta(minutes=minutes))
            if minutes % 60 == 30:
                await journey.restart()
        await journey.pass_(minutes=2)
        assert len(on_x(journey)) == 1
        assert len(facebook(journey)) == 1
    finally:
        await sandbox.stop()


async def test_what_waited_too_long_to_be_true_is_not_posted(journey: Journey) -> None:
    await journey.owner_sets(availability={"post_at": ["closing"]})
    await journey.types(LEE, "/desk hold")
    await journey.go_to(TUESDAY.replace(hour=20))
    await journey.types(LEE, "/desk hold off")
    await journey.pass_(minutes=5)
    assert on_x(journey) == []
    assert any("waited too long to be true" in words for words in journey.channel())
