"""The clock of a promise: when it warns, when it breaks, and from when it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.model.hours import BusinessHours, parse_week
from desk.model.sla import SlaPolicy, Target, counted_anew, start_clock, when_written

OFFICE = BusinessHours(ZoneInfo("Europe/Lisbon"), parse_week("mon-fri 9-17"))
POLICY = SlaPolicy(timedelta(minutes=15), timedelta(hours=1), timedelta(minutes=30))
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("target", "private", "budget"),
    [(Target.FIRST, False, 15), (Target.NEXT, False, 60), (Target.FIRST, True, 30), (Target.NEXT, True, 30)],
)
def test_each_promise_has_its_own_time_and_warns_at_three_quarters(target: Target, private: bool, budget: int) -> None:
    clock = start_clock(target, TEN, POLICY, private, OFFICE)
    assert clock.due_at == TEN + minutes(budget)
    assert clock.warn_at == TEN + minutes(budget * 0.75)


def test_what_must_be_said_next_is_the_warning_then_the_breach_then_nothing() -> None:
    clock = start_clock(Target.FIRST, TEN, POLICY, False, OFFICE)
    assert clock.alarm_at == clock.warn_at
    warned = replace(clock, warned_at=clock.warn_at)
    assert warned.alarm_at == clock.due_at
    assert replace(warned, breached_at=clock.due_at).alarm_at is None


def test_a_promise_goes_on_in_the_morning() -> None:
    clock = start_clock(Target.FIRST, datetime(2026, 11, 24, 16, 50, tzinfo=UTC), POLICY, False, OFFICE)
    assert clock.warn_at == datetime(2026, 11, 25, 9, 1, 15, tzinfo=UTC)
    assert clock.due_at == datetime(2026, 11, 25, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize("day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
def test_business_minutes_are_real_minutes_on_the_days_on_which_the_clock_changes(day: datetime) -> None:
    always = BusinessHours(ZoneInfo("Europe/Lisbon"), parse_week("24/7"))
    clock = start_clock(Target.NEXT, day + minutes(30), POLICY, False, always)
    assert clock.due_at == day + minutes(90)


def test_where_no_hour_is_to_come_the_promise_never_runs_out() -> None:
    closed = BusinessHours(ZoneInfo("UTC"), {})
    clock = start_clock(Target.FIRST, TEN, POLICY, False, closed)
    assert clock.alarm_at is not None
    assert clock.alarm_at > TEN + timedelta(days=1800)


@pytest.mark.parametrize(
    ("stamp", "since"),
    [
        (TEN - minutes(20), TEN - minutes(20)),
        (TEN - timedelta(days=59), TEN - timedelta(days=59)),
        (None, TEN),
        (TEN + minutes(5), TEN),
        (datetime(2099, 1, 1, tzinfo=UTC), TEN),
        (datetime(1970, 1, 1, tzinfo=UTC), TEN),
    ],
)
def test_a_clock_counts_from_the_customers_own_time_unless_that_makes_no_sense(
    stamp: datetime | None, since: datetime
) -> None:
    assert when_written(stamp, TEN) == since


def test_other_hours_move_the_deadline_and_keep_what_is_still_true() -> None:
    clock = replace(start_clock(Target.FIRST, TEN, POLICY, False, OFFICE), warned_at=TEN + minutes(12))
    afternoon = BusinessHours(ZoneInfo("Europe/Lisbon"), parse_week("mon-fri 13-17"))
    moved = counted_anew(clock, 0.75, afternoon, TEN + minutes(13))
    assert moved.due_at == datetime(2026, 11, 24, 13, 15, tzinfo=UTC)
    assert moved.warned_at is None
    same = counted_anew(clock, 0.75, OFFICE, TEN + minutes(13))
    assert same == clock
    assert moved.key != clock.key
    assert same.key == clock.key
