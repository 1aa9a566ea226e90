"""Closed lanes: who must wait, how long, and the one try that opens them again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.model.lanes import Lanes

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
