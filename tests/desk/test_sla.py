"""The clock of a promise: when it warns, when it breaks, and from when it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.model.hours import BusinessHours
from desk.model.ladder import Stage, Time
from desk.model.policies import Policy
from desk.model.sla import SlaClock, Target, counted_anew, start_clock, under, when_written
from desk.model.week import parse_week

OFFICE = BusinessHours(ZoneInfo("Europe/Lisbon"), parse_week("mon-fri 9-17"))
POLICY = Policy("X, public", first=timedelta(minutes=15), next=timedelta(hours=1))
PRIVATE = Policy("X, private", first=timedelta(minutes=30), next=timedelta(minutes=30))

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("target", "private", "budget", "ping"),
    [
        (Target.FIRST, False, 15, 7.5),
        (Target.NEXT, False, 60, 45),
        (Target.FIRST, True, 30, 15),
        (Target.NEXT, True, 30, 15),
    ],
)
def test_each_promise_has_its_own_time_and_pings_at_three_quarters_a_short_one_at_half(
    target: Target, private: bool, budget: int, ping: float
) -> None:
    clock = start_clock(target, TEN, PRIVATE if private else POLICY, OFFICE)
    assert clock.due_at == TEN + minutes(budget)
    assert clock.warn_at == TEN + minutes(ping)


def test_what_must_be_said_next_is_the_warning_then_the_breach_then_nothing() -> None:
    clock = start_clock(Target.FIRST, TEN, POLICY, OFFICE)
    assert clock.alarm_at == clock.warn_at
    ping = clock.due(clock.warn_at, OFFICE)
    assert ping is not None
    warned = clock.told(ping, clock.warn_at, OFFICE)
    assert warned.warned_at == clock.warn_at
    assert warned.due(clock.warn_at, OFFICE) is None
    assert warned.alarm_at == clock.due_at
    breach = warned.due(clock.due_at, OFFICE)
    assert breach is not None
    assert warned.told(breach, clock.due_at, OFFICE).alarm_at is None


def test_what_an_older_desk_has_kept_rings_at_its_ping_and_at_its_end() -> None:
    kept = SlaClock(Target.FIRST, TEN, minutes(15), TEN + minutes(11), TEN + minutes(15))
    assert kept.alarm_at == TEN + minutes(11)
    assert replace(kept, warned_at=TEN + minutes(11)).alarm_at == TEN + minutes(15)


def test_a_clock_that_stood_still_goes_on_with_what_was_left() -> None:
    clock = start_clock(Target.RESOLUTION, TEN, Policy("Solved today", resolution=timedelta(hours=4)), OFFICE)
    stood = clock.paused(TEN + timedelta(hours=1), OFFICE)
    assert stood.alarm_at is None
    on = stood.resumed(TEN + timedelta(hours=5), OFFICE)
    assert on.due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    assert [step.after for step in on.ladder()] == [
        timedelta(hours=1),
        timedelta(hours=2),
        timedelta(hours=2, minutes=36),
        timedelta(hours=3),
    ]


def test_a_target_that_no_policy_promises_never_runs_out() -> None:
    clock = start_clock(Target.NEXT, TEN, Policy("First only", first=timedelta(hours=1)), OFFICE)
    assert not clock.is_promised
    assert clock.due(TEN + timedelta(days=400), OFFICE) is None


def test_a_promise_by_the_calendar_runs_at_night_but_is_told_in_the_morning() -> None:
    late = datetime(2026, 11, 24, 16, 50, tzinfo=UTC)
    clock = start_clock(Target.FIRST, late, Policy("VIP", first=timedelta(hours=4), time=Time.CALENDAR), OFFICE)
    assert clock.due_at == late + timedelta(hours=4)
    assert clock.due(clock.due_at, OFFICE) is None
    morning = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert clock.set_for(late + timedelta(hours=3, minutes=50), OFFICE).alarm_at == morning
    found = clock.due(morning, OFFICE)
    assert found is not None
    assert found.step.loudest is Stage.BREACH


def test_a_promise_goes_on_in_the_morning() -> None:
    clock = start_clock(Target.FIRST, datetime(2026, 11, 24, 16, 50, tzinfo=UTC), POLICY, OFFICE)
    assert clock.warn_at == datetime(2026, 11, 24, 16, 57, 30, tzinfo=UTC)
    assert clock.due_at == datetime(2026, 11, 25, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize("day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
def test_business_minutes_are_real_minutes_on_the_days_on_which_the_clock_changes(day: datetime) -> None:
    always = BusinessHours(ZoneInfo("Europe/Lisbon"), parse_week("24/7"))
    clock = start_clock(Target.NEXT, day + minutes(30), POLICY, always)
    assert clock.due_at == day + minutes(90)


def test_where_no_hour_is_to_come_the_promise_never_runs_out() -> None:
    closed = BusinessHours(ZoneInfo("UTC"), {})
    clock = start_clock(Target.FIRST, TEN, POLICY, closed)
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
    fresh = start_clock(Target.FIRST, TEN, POLICY, OFFICE)
    ping = fresh.due(TEN + minutes(12), OFFICE)
    assert ping is not None
    clock = fresh.told(ping, TEN + minutes(12), OFFICE)
    afternoon = BusinessHours(ZoneInfo("Europe/Lisbon"), parse_week("mon-fri 13-17"))
    moved = counted_anew(clock, afternoon, TEN + minutes(13))
    assert moved.due_at == datetime(2026, 11, 24, 13, 15, tzinfo=UTC)
    assert moved.warned_at is None
    same = counted_anew(clock, OFFICE, TEN + minutes(13))
    assert same == clock
    assert moved.key != clock.key
    assert same.key == clock.key


def test_under_another_policy_a_clock_counts_from_where_it_did_and_what_is_over_stays_over() -> None:
    now = TEN + minutes(40)
    late = start_clock(Target.FIRST, TEN, POLICY, OFFICE)
    while (step := late.due(now, OFFICE)) is not None:
        late = late.told(step, now, OFFICE)
    assert late.breached_at == now
    shorter = under(late, PRIVATE, OFFICE, now)
    assert (shorter.due_at, shorter.breached_at) == (TEN + minutes(30), now)
    assert shorter.due(now, OFFICE) is None, "one alert is enough"
    longer = under(late, Policy("Long", first=timedelta(hours=3)), OFFICE, now)
    assert (longer.due_at, longer.breached_at) == (TEN + timedelta(hours=3), None)
    never = under(late, Policy("None", next=minutes(5)), OFFICE, now)
    assert not never.is_promised and never.alarm_at is not None and never.alarm_at > now + timedelta(days=365)


def test_under_another_policy_what_stood_still_stays_used_and_goes_on_when_it_is_back() -> None:
    asleep = start_clock(Target.FIRST, TEN, POLICY, OFFICE).paused(TEN + minutes(10), OFFICE)
    moved = under(asleep, PRIVATE, OFFICE, TEN + minutes(20))
    assert (moved.paused_at, moved.used, moved.counts_from) == (TEN + minutes(10), minutes(10), TEN)
    back = moved.resumed(TEN + minutes(60), OFFICE)
    assert (back.due_at, back.counts_from) == (TEN + minutes(80), TEN)
