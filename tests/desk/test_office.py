"""What the hours say by themselves: the state in a sentence, and which notice a moment calls for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.model.hours import BusinessHours
from desk.model.opening import next_notice, notice, present
from desk.model.week import parse_week

LISBON = ZoneInfo("Europe/Lisbon")
TUESDAY = datetime(2026, 11, 24, tzinfo=UTC)


def week(text: str) -> BusinessHours:
    return BusinessHours(LISBON, parse_week(text))


def told(hours: BusinessHours, since: datetime, days: int) -> list[tuple[str, date]]:
    """Every notice that a beat of ten minutes meets, each once."""
    found: list[tuple[str, date]] = []
    for step in range(days * 144):
        said = notice(hours, since + timedelta(minutes=10 * step))
        if said is not None and said not in found:
            found.append(said)
    return found


@pytest.mark.parametrize(
    ("typed", "openings", "closings"),
    [
        ("mon-fri 9-17", 5, 5),
        ("mon-fri 9-12 and 13-17", 5, 5),
        ("mon-fri 22:00-30:00", 5, 5),
        ("mon-thu 22:00-26:00, fri-sun 9-12", 7, 7),
        ("mon-fri 0-24", 1, 1),
        ("24/7", 0, 0),
    ],
)
def test_a_week_has_as_many_notices_as_it_has_days_of_work(typed: str, openings: int, closings: int) -> None:
    monday = datetime(2026, 11, 30, 7, 0, tzinfo=UTC) if typed != "mon-fri 0-24" else datetime(2026, 11, 29, tzinfo=UTC)
    kinds = [kind for kind, _ in told(week(typed), monday, 7)]
    assert (kinds.count("opening"), kinds.count("closing")) == (openings, closings)


def test_a_night_with_a_break_is_one_date() -> None:
    night = BusinessHours(LISBON, {"tue": [("22:00", "26:00"), ("27:00", "30:00")]})
    assert told(night, TUESDAY, 3) == [("opening", TUESDAY.date()), ("closing", TUESDAY.date())]


def test_hours_that_never_open_are_said_and_call_for_nothing() -> None:
    never = BusinessHours(LISBON, {})
    assert "does not open within 5 years" in present(never, TUESDAY)
    assert next_notice(never, TUESDAY) is None
    assert notice(never, TUESDAY) is None


def test_hours_without_an_end_are_said_and_call_for_nothing() -> None:
    always = week("24/7")
    assert "around the clock" in present(always, TUESDAY)
    assert next_notice(always, TUESDAY) is None
    assert notice(always, TUESDAY) is None


def test_the_last_closing_of_all_is_told() -> None:
    once = BusinessHours(LISBON, {}, exceptions={TUESDAY.date(): (("09:00", "17:00"),)})
    assert notice(once, TUESDAY + timedelta(hours=17, minutes=1)) == ("closing", TUESDAY.date())
    assert next_notice(once, TUESDAY + timedelta(hours=12)) == TUESDAY + timedelta(hours=17)
    assert next_notice(once, TUESDAY + timedelta(hours=18)) is None
