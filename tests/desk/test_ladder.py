"""The ladder: which steps a promise has, which of them is said, when, and never at night."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.model.hours import BusinessHours
from desk.model.ladder import (
    BEAT,
    NEAR,
    Due,
    Running,
    Shares,
    Stage,
    Step,
    Time,
    by_owner,
    due,
    due_list,
    next_at,
    steps,
    together,
    whom,
)

WEEK = {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = BusinessHours(ZoneInfo("UTC"), WEEK)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: int, minute: int = 0, second: int = 0, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def shown(budget: timedelta, shares: Shares | None = None) -> list[tuple[float, str]]:
    """The ladder as minutes and words."""
    found = steps(budget, shares) if shares else steps(budget)
    return [(step.after / minutes(1), "+".join(step.stages)) for step in found]


# The steps


@pytest.mark.parametrize("budget", [5, 10, 15])
def test_a_short_promise_has_one_ping_at_half_and_the_breach(budget: int) -> None:
    assert shown(minutes(budget)) == [(budget / 2, "colour+ping+channel"), (budget, "breach")]


def test_half_an_hour_has_one_ping_as_well() -> None:
    assert shown(minutes(30)) == [(15, "colour+ping+channel"), (30, "breach")]


def test_an_hour_has_its_colour_at_half_and_one_ping_at_three_quarters() -> None:
    assert shown(minutes(60)) == [(30, "colour"), (45, "ping+channel"), (60, "breach")]


def test_two_hours_have_the_whole_ladder() -> None:
    assert shown(minutes(120)) == [(60, "colour"), (90, "ping"), (108, "channel"), (120, "breach")]


def test_steps_exactly_ten_minutes_apart_stay_apart() -> None:
    assert shown(minutes(100)) == [(50, "colour"), (75, "ping"), (90, "channel"), (100, "breach")]


def test_steps_can_be_left_out_and_moved_but_not_the_breach() -> None:
    assert shown(minutes(120), Shares(None, 0.5, None)) == [(60, "ping"), (120, "breach")]
    assert shown(minutes(120), Shares(None, None, None)) == [(120, "breach")]
    assert shown(minutes(8), Shares(None, 0.75, None)) == [(6, "ping"), (8, "breach")]


@pytest.mark.parametrize("wrong", [(0.8, 0.75, 0.9), (0.0, 0.5, 0.9), (0.5, 0.75, 1.0)])
def test_shares_that_fall_or_stand_at_the_ends_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        Shares(*wrong)


def test_a_promise_of_no_time_has_no_ladder() -> None:
    with pytest.raises(ValueError, match="needs some time"):
        steps(timedelta(0))


budgets = st.one_of(st.integers(1, 240), st.integers(1, 60 * 24 * 30)).map(lambda number: timedelta(minutes=number))
shares = st.builds(
    lambda values, left_out: Shares(
        *(None if out else value for value, out in zip(sorted(values), left_out, strict=True))
    ),
    st.tuples(*[st.floats(0.01, 0.99)] * 3),
    st.tuples(*[st.booleans()] * 3),
)


@given(budgets, shares)
def test_every_ladder_rises_ends_with_the_breach_and_says_each_stage_once(budget: timedelta, chosen: Shares) -> None:
    ladder = steps(budget, chosen)
    afters = [step.after for step in ladder]
    assert afters == sorted(set(afters))
    assert ladder[-1] == Step((Stage.BREACH,), budget)
    said = [stage for step in ladder for stage in step.stages]
    wanted = zip((Stage.COLOUR, Stage.PING, Stage.CHANNEL), (chosen.colour, chosen.ping, chosen.channel), strict=True)
    assert said == [stage for stage, share in wanted if share is not None] + [Stage.BREACH]


@given(budgets, shares)
def test_between_the_first_step_and_the_breach_nothing_comes_closer_than_ten_minutes(
    budget: timedelta, chosen: Shares
) -> None:
    ladder = steps(budget, chosen)
    for earlier, later in pairwise(ladder):
        if (earlier, later) != (ladder[0], ladder[-1]):
            assert later.after - earlier.after >= NEAR


# What is said when

LADDER = steps(minutes(120))


def said(now: datetime, clock: Running, ladder: tuple[Step, ...] = LADDER) -> str | None:
    found = due(ladder, clock, now, OFFICE)
    return None if found is None else "+".join(found.step.stages)


def test_each_step_is_said_when_its_share_is_used_up_and_not_again() -> None:
    clock = Running(at(9))
    assert said(at(9, 59), clock) is None
    assert said(at(10), clock) == "colour"
    assert said(at(10, 29), Running(at(9), said=1)) is None
    assert said(at(10, 30), Running(at(9), said=1)) == "ping"
    assert said(at(11), Running(at(9), said=4)) is None


def test_after_a_downtime_only_the_latest_step_is_said() -> None:
    found = due(LADDER, Running(at(9)), at(11, 30), OFFICE)
    assert found == Due(LADDER[3], at(11), LADDER[:3], 4)


def test_the_time_counts_only_while_the_desk_is_open() -> None:
    clock = Running(at(16), said=1)  # an hour left today: ping after 90 minutes of business time
    assert said(at(20), clock) is None
    assert said(at(9, 29, day=1), clock) is None
    assert said(at(9, 30, day=1), clock) == "ping"


def test_what_falls_due_at_the_closing_instant_is_said_then_or_at_the_opening() -> None:
    clock = Running(at(15, 30), said=1)
    assert said(at(17), clock) == "ping"
    assert said(at(17) + BEAT, clock) == "ping"
    assert said(at(17, 5), clock) is None
    assert said(at(9, day=1), clock) == "ping"
    assert next_at(LADDER, clock, at(17, 5), OFFICE) == at(9, day=1)


def test_a_promise_by_the_calendar_pings_nobody_at_night() -> None:
    clock = Running(at(18), Time.CALENDAR)
    assert said(at(19), clock) == "colour"
    assert said(at(20, 30), clock) is None
    assert next_at(LADDER, clock, at(18), OFFICE) == at(19)
    assert next_at(LADDER, Running(at(18), Time.CALENDAR, said=1), at(19), OFFICE) == at(9, day=1)
    assert said(at(9, day=1), clock) == "breach"


def test_nothing_is_said_in_the_lunch_break() -> None:
    assert said(at(12, 30), Running(at(9), said=0)) is None


def test_on_it_silences_what_would_be_repeated_until_its_time() -> None:
    quiet = Running(at(9), said=1, quiet_until=at(10, 50))
    assert said(at(10, 30), quiet) is None
    assert next_at(LADDER, quiet, at(10, 30), OFFICE) == at(10, 50)
    assert said(at(10, 50), quiet) == "channel"


def test_on_it_does_not_hide_a_breach() -> None:
    assert said(at(11), Running(at(9), said=3, quiet_until=at(16))) == "breach"


def test_after_the_breach_nothing_more_is_to_come() -> None:
    assert next_at(LADDER, Running(at(9), said=4), at(12), OFFICE) is None


clocks = st.builds(
    Running,
    st.integers(0, 7 * 24 * 60).map(lambda number: MONDAY + timedelta(minutes=number)),
    st.sampled_from(list(Time)),
    st.integers(0, 2),
    st.one_of(st.none(), st.integers(0, 9 * 24 * 60).map(lambda number: MONDAY + timedelta(minutes=number))),
)
nows = st.integers(0, 9 * 24 * 60).map(lambda number: MONDAY + timedelta(minutes=number))


@given(budgets, clocks, nows)
@example(timedelta(minutes=40), Running(MONDAY, Time.CALENDAR, 0, MONDAY + timedelta(minutes=30)), MONDAY)
def test_the_next_instant_is_the_first_at_which_something_is_said(
    budget: timedelta, clock: Running, now: datetime
) -> None:
    ladder = steps(budget)
    following = next_at(ladder, clock, now, OFFICE)
    if following is None:
        assert clock.said >= len(ladder)
        return
    assert following >= now
    assert due(ladder, clock, following, OFFICE) is not None
    for part in range(20):
        between = now + (following - now) * part / 20
        if now < following and between < following:
            assert due(ladder, clock, between, OFFICE) is None


@given(budgets, clocks, nows)
def test_whoever_is_told_is_told_in_open_hours(budget: timedelta, clock: Running, now: datetime) -> None:
    found = due(steps(budget), clock, now, OFFICE)
    if found is not None and found.step.speaks:
        assert OFFICE.is_open(now) or OFFICE.is_open(now - BEAT - timedelta(microseconds=1))


@given(budgets, st.sampled_from(list(Time)), st.lists(st.integers(1, 3 * 24 * 60), min_size=1, max_size=40))
def test_however_often_the_clock_ticks_each_stage_is_said_once_at_most(
    budget: timedelta, time: Time, ticks: list[int]
) -> None:
    ladder, clock, now = steps(budget), Running(at(10), time), at(10)
    heard: list[Stage] = []
    for tick in ticks:
        now += timedelta(minutes=tick)
        for _ in range(2):
            if (found := due(ladder, clock, now, OFFICE)) is not None:
                heard += found.step.stages
                clock = Running(clock.started_at, clock.time, found.said)
    assert len(heard) == len(set(heard))
    assert heard == sorted(heard, key=list(Stage).index)


# Whom, how many, which


def test_a_ping_is_for_the_assignee_or_for_those_on_shift() -> None:
    assert whom("U0ANA", ()) == ("U0ANA",)
    assert whom("U0ANA", ("U0BEN", "U0ANA")) == ("U0ANA",)
    assert whom("U0ANA", ("U0BEN",)) == ("U0BEN",)
    assert whom(None, ("U0BEN", "U0LEE")) == ("U0BEN", "U0LEE")
    assert whom(None, ()) == ()


def test_five_pings_are_five_messages_and_six_are_one() -> None:
    assert together(range(5), lambda number: "channel") == [("channel", (number,)) for number in range(5)]
    assert together(range(6), lambda number: "channel") == [("channel", (0, 1, 2, 3, 4, 5))]
    mixed = together(range(8), lambda number: "leads" if number > 5 else "channel")
    assert mixed == [("channel", (0, 1, 2, 3, 4, 5)), ("leads", (6,)), ("leads", (7,))]


def test_what_one_person_must_hear_at_once_is_one_message_and_nobodys_stay_apart() -> None:
    def whose(ping: str) -> str | None:
        return None if ping[0] == "-" else ping[0]

    told = by_owner(["a1", "-1", "b1", "a2", "-2"], lambda ping: "channel", whose)
    assert [own for _, own in told] == [("a1", "a2"), ("-1",), ("b1",), ("-2",)]
    assert by_owner(["a1", "a2"], lambda ping: ping[1], whose) == [("1", ("a1",)), ("2", ("a2",))]
    assert by_owner(["a1", "b1", "a2"], lambda ping: "channel", whose, 2) == [("channel", ("a1", "b1", "a2"))]


def test_the_list_at_the_opening_has_what_is_late_and_what_is_due_today() -> None:
    deadlines = [("#1", at(16)), ("#2", at(16, day=-3)), ("#3", at(9)), ("#4", at(10)), ("#5", at(10, day=1))]
    assert due_list(deadlines, at(9), at(17)) == (("#2", "#3"), ("#4", "#1"))
