"""The clocks: a story's, which jumps from instant to instant when all is still, and the machine's."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from desk.clock import NotIdle, StoryClock, WallClock

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def after(**length: float) -> datetime:
    return TEN + timedelta(**length)


async def sleeper(clock: StoryClock, at: datetime, told: list[tuple[str, datetime]], name: str) -> None:
    await clock.sleep_until(at)
    told.append((name, clock.now()))


async def begun(*tasks: asyncio.Task[None]) -> None:
    await asyncio.sleep(0)


async def test_a_jump_wakes_sleepers_in_their_order_each_at_its_own_time() -> None:
    clock, told = StoryClock(TEN), []
    tasks = [
        asyncio.create_task(sleeper(clock, after(minutes=m), told, f"{m}"))
        for m in (5, 1, 3)  # type: ignore[arg-type]
    ]
    await begun(*tasks)
    await clock.jump(after(minutes=4))
    assert told == [("1", after(minutes=1)), ("3", after(minutes=3))]
    assert clock.now() == after(minutes=4)
    await clock.jump(after(minutes=10))
    assert told[-1] == ("5", after(minutes=5))
    await asyncio.gather(*tasks)


async def test_what_a_woken_sleeper_plans_is_a_stop_as_well() -> None:
    clock, told = StoryClock(TEN), []

    async def chain() -> None:
        for minutes in (1, 2, 3):
            await clock.sleep_until(after(minutes=minutes))
            told.append(clock.now())

    task = asyncio.create_task(chain())
    await begun(task)
    await clock.jump(after(hours=1))
    assert told == [after(minutes=1), after(minutes=2), after(minutes=3)]
    await task


async def test_a_beat_stops_no_jump_and_comes_once() -> None:
    clock, told = StoryClock(TEN), []

    async def beat() -> None:
        await clock.sleep_periodic(after(minutes=1))
        told.append(clock.now())

    task = asyncio.create_task(beat())
    await begun(task)
    await clock.jump(after(hours=1))
    await task
    assert told == [after(hours=1)]


async def test_a_named_instant_is_a_stop_and_is_told() -> None:
    clock = StoryClock(TEN)
    stops: list[datetime] = []
    clock.on_stop.append(lambda: stops.append(clock.now()))
    clock.instants.append(lambda: after(minutes=20) if clock.now() < after(minutes=20) else None)
    await clock.jump(after(hours=1))
    assert stops == [after(minutes=20), after(hours=1)]
    assert clock.stops == 2


async def test_it_does_not_jump_before_all_is_still() -> None:
    clock = StoryClock(TEN)
    left = [3]

    def busy() -> str | None:
        left[0] -= 1
        return "a call to Slack" if left[0] > 0 else None

    clock.busy.append(busy)
    await clock.settle()
    assert left[0] <= 0


async def test_what_never_ends_is_named() -> None:
    clock = StoryClock(TEN, patience=0.02)
    clock.busy.append(lambda: None)
    clock.busy.append(lambda: "delivery of root:1")
    with pytest.raises(NotIdle, match="delivery of root:1"):
        await clock.jump(after(minutes=1))
    assert clock.now() == TEN


async def test_it_plays_at_a_rate_and_goes_on_at_it_after_a_jump() -> None:
    clock, told = StoryClock(TEN), []
    task = asyncio.create_task(sleeper(clock, after(minutes=1), told, "a minute"))  # type: ignore[arg-type]
    await begun(task)
    clock.play(1200.0)
    assert clock.state == "×1200"
    before = time.monotonic()
    await asyncio.wait_for(task, 5)
    assert 0.04 < time.monotonic() - before < 4
    await clock.jump(clock.now() + timedelta(hours=1))
    assert clock.rate == 1200.0
    clock.pause()
    assert clock.state == "paused"
    at = clock.now()
    await asyncio.sleep(0.01)
    assert clock.now() == at


async def test_a_run_goes_on_until_it_is_told_or_nothing_is_to_come() -> None:
    clock, told = StoryClock(TEN), []
    task = asyncio.create_task(sleeper(clock, after(days=3), told, "late"))  # type: ignore[arg-type]
    await begun(task)
    assert await clock.run(until=lambda: bool(told))
    assert clock.now() == after(days=3)
    assert not await clock.run(until=lambda: False)


async def test_who_sleeps_no_more_is_no_stop() -> None:
    clock, told = StoryClock(TEN), []
    task = asyncio.create_task(sleeper(clock, after(minutes=1), told, "gone"))  # type: ignore[arg-type]
    await begun(task)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.next_instant() is None


async def test_a_clock_that_is_set_back_stays_back_and_its_sleepers_wait() -> None:
    clock, told = StoryClock(TEN), []
    task = asyncio.create_task(sleeper(clock, after(minutes=1), told, "later"))  # type: ignore[arg-type]
    await begun(task)
    clock.step(after(hours=-1))
    assert clock.now() == after(hours=-1)
    assert told == []
    clock.step(after(minutes=2))
    await task
    assert told == [("later", after(minutes=2))]


def test_a_story_begins_at_an_instant_and_not_at_a_wall_time() -> None:
    with pytest.raises(ValueError, match="time zone"):
        StoryClock(datetime(2026, 11, 24, 10, 0))


async def test_the_machines_clock_is_in_utc_and_sleeps_until_an_instant() -> None:
    clock = WallClock()
    assert clock.now().utcoffset() == timedelta(0)
    at = clock.now() + timedelta(seconds=0.02)
    await clock.sleep_until(at)
    assert clock.now() >= at
    await clock.sleep_until(at - timedelta(days=1))
