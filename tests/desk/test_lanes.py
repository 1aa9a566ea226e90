"""Closed lanes: who must wait, how long, and the one try that opens them again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model.lanes import FLOOR, Lanes
from desk.model.outbox import Lane, urgency

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
POST = ("slack", "C0DESK", "post")
EDIT = ("slack", "C0DESK", "edit")


def seconds(lanes: Lanes, lane: tuple[str, ...], now: datetime = NOW) -> float:
    return (lanes.free_at(lane, now) - now).total_seconds()


def test_an_open_lane_is_free_at_once() -> None:
    assert seconds(Lanes(), POST) == 0


def test_each_closing_in_a_row_lasts_longer_up_to_a_minute() -> None:
    lanes, now, waits = Lanes(), NOW, []
    for _ in range(9):
        lanes.close(POST, now, now)
        waits.append(seconds(lanes, POST, now))
        now += timedelta(seconds=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_the_other_side_asks_for_is_honoured() -> None:
    lanes = Lanes()
    lanes.close(POST, NOW + timedelta(seconds=300), NOW)
    assert seconds(lanes, POST) == 300


def test_closing_one_way_leaves_the_others_open_and_closing_a_channel_closes_all_of_it() -> None:
    lanes = Lanes()
    lanes.close(POST, NOW, NOW)
    assert seconds(lanes, EDIT) == 0
    lanes.close(POST[:2], NOW, NOW)
    assert seconds(lanes, EDIT) == 1
    assert seconds(lanes, ("slack", "C0LEADS", "post")) == 0


def test_one_success_opens_the_lane_and_what_holds_it() -> None:
    lanes = Lanes()
    lanes.close(("slack",), NOW, NOW)
    lanes.close(POST[:2], NOW, NOW)
    assert lanes.probes(EDIT) == (("slack",), ("slack", "C0DESK"))
    assert lanes.open(EDIT)
    assert lanes.probes(EDIT) == ()
    assert not lanes.open(EDIT), "it was open already"


def test_people_are_told_at_once_and_then_every_five_minutes() -> None:
    lanes = Lanes()
    told = [lanes.close(POST, NOW, NOW + timedelta(minutes=minute)) for minute in range(11)]
    assert [minute for minute, tell in enumerate(told) if tell] == [0, 5, 10]


# whose turn it is over one channel's budget

BUSY = st.lists(st.sets(st.sampled_from(list(Lane)), min_size=1), min_size=60, max_size=300)


def handed_out(moments: list[set[Lane]]) -> list[tuple[set[Lane], int]]:
    """Who got each message, with what waited at that moment."""
    lanes, given = Lanes(), []
    for waiting in moments:
        first = lanes.order(POST, waiting)[0]
        lanes.given(POST, waiting, first)
        given.append((waiting, first))
    return given


@given(BUSY)
def test_nothing_that_waits_is_passed_over_for_longer_than_its_share(moments: list[set[Lane]]) -> None:
    passed: dict[int, int] = {}
    for waiting, first in handed_out(moments):
        assert first in waiting, "a message goes to what waits"
        passed = {lane: passed.get(lane, 0) + 1 for lane in waiting if lane != first}
        for lane, count in passed.items():
            assert lane == Lane.AGENT or count < FLOOR[lane] + len(FLOOR), "one at a time, but soon"


@given(BUSY)
def test_of_what_is_not_starving_the_most_urgent_goes_first(moments: list[set[Lane]]) -> None:
    passed: dict[int, int] = {}
    for waiting, first in handed_out(moments):
        starving = [lane for lane in waiting if lane in FLOOR and passed.get(lane, 0) >= FLOOR[lane] - 1]
        assert first in (starving or [min(waiting, key=urgency)])
        passed = {lane: passed.get(lane, 0) + 1 for lane in waiting if lane != first}


def test_where_everything_waits_every_fifth_message_is_a_thread_and_half_are_agents_results() -> None:
    given = [first for _, first in handed_out([set(Lane)] * 400)]
    counts = {lane: given.count(lane) for lane in Lane}
    assert counts[Lane.ROOT] >= 80 and counts[Lane.SLA] >= 60
    assert counts[Lane.FOLLOW] >= 18 and counts[Lane.NOTICE] >= 18
    assert counts[Lane.AGENT] >= 190


def test_a_lane_in_which_nothing_waited_saves_up_no_claim() -> None:
    lanes = Lanes()
    for _ in range(50):
        lanes.given(POST, {Lane.AGENT}, Lane.AGENT)
    assert lanes.order(POST, {Lane.AGENT, Lane.ROOT}) == [Lane.AGENT, Lane.ROOT]
