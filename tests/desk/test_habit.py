"""A platform's habit, as arithmetic: never told too soon, never for what is always so, and one storm makes no habit."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.model.habit import ENOUGH, HOUR, LEAST, SOONEST, expected, pace, too_silent, usual

MONDAY = date(2026, 11, 2)
TUESDAY = datetime(2026, 12, 1, tzinfo=UTC)
FLAT = {MONDAY + timedelta(days=n): (10,) * 24 for n in range(29)}


def test_three_hours_without_a_word_where_ten_an_hour_are_usual_are_told() -> None:
    at = TUESDAY + timedelta(hours=14)
    assert usual(FLAT, MONDAY, at) == 10
    assert not too_silent(FLAT, MONDAY, at - timedelta(minutes=119), at)
    assert too_silent(FLAT, MONDAY, at - timedelta(hours=3), at)
    assert pace(FLAT, MONDAY, at - timedelta(hours=3), at) == 10


def test_a_night_in_which_nobody_ever_writes_is_no_silence() -> None:
    days = {day: tuple(12 if 8 <= hour < 18 else 0 for hour in range(24)) for day in FLAT}
    evening = TUESDAY + timedelta(hours=18)
    assert expected(days, MONDAY, evening, evening + timedelta(hours=14)) == 0
    assert not too_silent(days, MONDAY, evening, evening + timedelta(hours=15))
    assert too_silent(days, MONDAY, evening, evening + timedelta(hours=16))


def test_a_weekend_has_a_habit_of_its_own() -> None:
    days = {day: (0 if day.weekday() >= 5 else 30,) * 24 for day in FLAT}
    saturday = datetime(2026, 11, 28, tzinfo=UTC)
    assert not too_silent(days, MONDAY, saturday, saturday + timedelta(hours=40))
    assert too_silent(days, MONDAY, saturday, saturday + timedelta(hours=49))


def test_one_storm_makes_no_habit() -> None:
    stormy = {date(2026, 11, 30): (500,) * 24}
    assert usual(stormy, MONDAY, TUESDAY) == 0
    assert not too_silent(stormy, MONDAY, TUESDAY, TUESDAY + timedelta(hours=20))


@pytest.mark.parametrize("known", range(LEAST))
def test_too_few_days_make_no_habit(known: int) -> None:
    first = date(2026, 12, 1) - timedelta(days=known)
    assert usual(FLAT, first, TUESDAY) == 0


counts = st.dictionaries(
    st.integers(0, 28).map(lambda n: MONDAY + timedelta(days=n)),
    st.lists(st.integers(0, 200), min_size=24, max_size=24).map(tuple),
    max_size=29,
)
moments = st.integers(0, 60 * 24 * 3).map(lambda minutes: TUESDAY + timedelta(minutes=minutes))


@given(counts, moments, st.integers(0, 3000), st.integers(0, 3000))
def test_what_is_missing_adds_up_and_only_grows(
    days: dict[date, tuple[int, ...]], at: datetime, a: int, b: int
) -> None:
    middle, end = at + timedelta(minutes=a), at + timedelta(minutes=a + b)
    whole = expected(days, MONDAY, at, end)
    assert whole == pytest.approx(expected(days, MONDAY, at, middle) + expected(days, MONDAY, middle, end))
    assert whole >= expected(days, MONDAY, at, middle) >= 0


@given(counts, moments, st.integers(0, 59))
def test_less_than_an_hour_is_never_told(days: dict[date, tuple[int, ...]], at: datetime, minutes: int) -> None:
    assert timedelta(minutes=minutes) < SOONEST
    assert not too_silent(days, MONDAY, at, at + timedelta(minutes=minutes))


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([0.2, 1.0, 5.0, 40.0]))
def test_a_platform_that_goes_on_as_it_always_did_is_not_reported(seed: int, rate: float) -> None:
    """Messages at random moments, none caused by another: four weeks of habit, then two days of just the same."""
    dice = random.Random(seed)
    days: dict[date, list[int]] = {}
    at = last = datetime(2026, 11, 2, tzinfo=UTC)
    while at < TUESDAY + timedelta(days=2):
        at += HOUR * dice.expovariate(rate)
        if at > TUESDAY:
            assert not too_silent(days, MONDAY, last, at), (seed, rate, last, at)
        last = at
        days.setdefault(at.date(), [0] * 24)[at.hour] += 1


@given(st.integers(1, 200))
def test_a_platform_that_falls_silent_is_reported_once_enough_is_missing(rate: int) -> None:
    days = {day: (rate,) * 24 for day in FLAT}
    needed = max(SOONEST, HOUR * (ENOUGH / rate)) + timedelta(seconds=1)
    assert too_silent(days, MONDAY, TUESDAY, TUESDAY + needed)
    assert not too_silent(days, MONDAY, TUESDAY, TUESDAY + needed * 0.9)
