"""The timetable, walked by APScheduler for real and by a story: late beats come, broken jobs hold up nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from desk.clock import StoryClock
from handlers.schedule import timetable
from handlers.schedule.timetable import Job, StoryDriver, every, start_scheduler

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def wall() -> datetime:
    return datetime.now(UTC)


def often(name: str, work: object, seconds: float = 0.02) -> Job:
    return Job(name, IntervalTrigger(seconds=seconds, timezone=UTC), work)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def running(*jobs: Job) -> AsyncIterator[AsyncIOScheduler]:
    scheduler = start_scheduler(jobs, wall)
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


class Counted:
    """A job that counts its runs; `fails` times it raises."""

    def __init__(self, fails: int = 0, lasts: float = 0.0) -> None:
        self.runs, self.fails, self.lasts = 0, fails, lasts
        self.at_once = self.most = 0

    async def __call__(self) -> None:
        self.runs += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            if self.runs <= self.fails:
                raise RuntimeError("a bug")
            await asyncio.sleep(self.lasts)
        finally:
            self.at_once -= 1


async def until(true: object, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)


async def test_a_job_that_raises_comes_again_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = Counted(fails=1000), Counted()
    async with running(often("bad", bad), often("good", good)):
        await until(lambda: bad.runs >= 3 and good.runs >= 3)
    assert any(record.getMessage() == "job broke" for record in caplog.records)


async def test_a_beat_that_is_hours_late_still_comes_once() -> None:
    late = Counted()
    async with running(Job("late", DateTrigger(wall() - timedelta(hours=3), timezone=UTC), late)):
        await until(lambda: late.runs == 1)
        await asyncio.sleep(0.05)
    assert late.runs == 1


async def test_beats_that_were_missed_while_the_loop_stood_still_come_as_one() -> None:
    job = Counted()
    async with running(often("job", job)) as scheduler:
        await until(lambda: job.runs >= 1)
        assert scheduler.get_job("job").coalesce is True
        assert scheduler.get_job("job").misfire_grace_time is None
        before = job.runs
        time.sleep(0.3)  # noqa: ASYNC251  (the machine is suspended)
        await asyncio.sleep(0.01)
        assert job.runs - before <= 2


async def test_a_job_never_runs_beside_itself() -> None:
    slow = Counted(lasts=0.1)
    async with running(often("slow", slow)):
        await asyncio.sleep(0.3)
    assert slow.most == 1


async def test_a_job_that_knows_its_instant_runs_then_and_waits_for_no_beat() -> None:
    job = Counted()
    instants = [wall() + timedelta(seconds=seconds) for seconds in (0.1, 0.2)]

    async def due() -> datetime | None:
        return next((at for at in instants if at > wall()), None)

    begins = wall()
    async with running(Job("promises", every(timedelta(hours=1), begins), job, due)):
        await until(lambda: job.runs == 3)
    assert instants[1] <= wall() < instants[1] + timedelta(seconds=3)


async def test_a_machines_clock_that_is_set_back_silences_no_job(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    job = Counted()
    ahead = [timedelta(0)]
    scheduler = start_scheduler([often("hourly", job, 3600)], wall)
    try:
        timetable._mind_the_clock(scheduler, lambda: wall() + ahead[0], None, seconds=0.01)
        await asyncio.sleep(0.05)
        assert job.runs == 0
        ahead[0] = timedelta(hours=-1)
        await until(lambda: job.runs == 1)
        await asyncio.sleep(0.05)
        assert job.runs == 1
    finally:
        scheduler.shutdown(wait=False)
    assert any("clock was set" in record.getMessage() for record in caplog.records)


# in a story


class NoDesk:
    """As much of a desk as the driver needs."""

    def __init__(self) -> None:
        self.listeners: list[object] = []


@contextlib.asynccontextmanager
async def told(clock: StoryClock, *jobs: Job) -> AsyncIterator[StoryDriver]:
    driver = StoryDriver(clock, NoDesk(), jobs)  # type: ignore[arg-type]
    task = asyncio.create_task(driver.run())
    try:
        await asyncio.sleep(0)
        await clock.settle()
        yield driver
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_beats_due_in_a_jump_come_once_at_its_end_as_after_a_laptops_sleep() -> None:
    clock, job = StoryClock(TEN), Counted()
    async with told(clock, Job("beat", every(timedelta(seconds=10), TEN), job)):
        assert job.runs == 1
        await clock.jump(TEN + timedelta(hours=1))
        assert job.runs == 2


async def test_a_jump_stops_where_a_job_has_something_to_do() -> None:
    clock = StoryClock(TEN)
    deadlines = [TEN + timedelta(minutes=m) for m in (11, 15, 70)]
    seen: list[datetime] = []

    async def work() -> None:
        while deadlines and deadlines[0] <= clock.now():
            seen.append(clock.now())
            deadlines.pop(0)

    async def due() -> datetime | None:
        return deadlines[0] if deadlines else None

    async with told(clock, Job("promises", every(timedelta(hours=9), TEN), work, due)):
        await clock.jump(TEN + timedelta(hours=1))
    assert seen == [TEN + timedelta(minutes=11), TEN + timedelta(minutes=15)]


async def test_a_job_that_breaks_at_its_instant_comes_again_with_its_beat_and_the_story_goes_on() -> None:
    clock, good = StoryClock(TEN), Counted()
    runs: list[datetime] = []

    async def work() -> None:
        if clock.now() >= TEN + timedelta(minutes=5):
            runs.append(clock.now())
            if len(runs) == 1:
                raise RuntimeError("a bug")

    async def due() -> datetime | None:
        return TEN + timedelta(minutes=5) if len(runs) < 2 else None

    async with told(
        clock,
        Job("bad", every(timedelta(seconds=10), TEN), work, due),
        Job("good", every(timedelta(hours=1), TEN), good),
    ):
        await clock.jump(TEN + timedelta(hours=2))
    assert runs[0] == TEN + timedelta(minutes=5)
    assert timedelta(0) < runs[1] - runs[0] <= timedelta(seconds=10)
    assert good.runs == 2


async def test_both_drivers_walk_the_same_entries() -> None:
    clock, job = StoryClock(TEN), Counted()
    entry = often("both", job)
    async with running(entry):
        await until(lambda: job.runs >= 1)
    before = job.runs
    async with told(clock, entry):
        await clock.jump(TEN + timedelta(days=1))
    assert job.runs > before
