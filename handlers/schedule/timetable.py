"""The timetable: what happens regularly, each entry a name, an APScheduler trigger and a job.

A job asks the clock what is due and never trusts the beat, so a beat that is late, doubled or missed changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from desk.clock import StoryClock
from desk.desk import Desk
from desk.flows.office import next_notice, watch_hours
from desk.flows.poll import poll
from desk.flows.watch_sla import first_alarm, watch_sla
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.schedule")

SLA_EVERY = timedelta(seconds=10)
HOURS_EVERY = timedelta(seconds=30)
PEOPLE_EVERY = timedelta(minutes=4)
TIDY_EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Job:
    """One entry. For a clock that jumps, `due` names the next instant at which the job has something to do, as the
    store     knows it, and `soon` the same from memory; without them only the beat counts."""

    name: str
    trigger: BaseTrigger
    run: Callable[[], Awaitable[object]]
    due: Callable[[], Awaitable[datetime | None]] | None = None
    soon: Callable[[], datetime | None] | None = None


def every(length: timedelta, start: datetime, jitter: int | None = None) -> IntervalTrigger:
    """A beat that begins at `start`."""
    return IntervalTrigger(seconds=max(1, int(length.total_seconds())), start_date=start, timezone=UTC, jitter=jitter)


def timetable(
    desk: Desk,
    refresh_people: Callable[[], Awaitable[object]],
    tidy: Callable[[], Awaitable[object]],
    written: Callable[[str], int] | None = None,
) -> list[Job]:
    """All regular jobs of a desk. `written(platform)` counts what customers wrote at a stand-in, where there is one."""
    now = desk.now()
    jobs = [_poll_job(desk, platform, now, written) for platform in desk.platforms.values()]

    async def alarm() -> datetime | None:
        return await first_alarm(desk)

    async def notice() -> datetime | None:
        async def work(tx: Tx) -> datetime | None:
            return next_notice(desk.hours(tx), desk.now())

        return await desk.read(work)

    jobs.append(Job("promises", every(SLA_EVERY, now), lambda: watch_sla(desk), alarm))
    jobs.append(Job("office hours", every(HOURS_EVERY, now), lambda: watch_hours(desk), notice))
    jobs.append(Job("people", every(PEOPLE_EVERY, now + PEOPLE_EVERY), refresh_people))
    jobs.append(Job("tidy", every(TIDY_EVERY, now + TIDY_EVERY), tidy))
    return jobs


def _poll_job(desk: Desk, platform: Platform, now: datetime, written: Callable[[str], int] | None) -> Job:
    length = desk.rules.poll_every.get(platform.name, timedelta(seconds=60))
    seen = 0

    async def run() -> int:
        nonlocal seen
        if written is not None:
            seen = written(platform.name)
        return await poll(desk, platform)

    def soon() -> datetime | None:
        if written is None:
            return None
        if written(platform.name) == seen:
            return platform.look_again_at
        return max(desk.now(), desk.next_look.get(platform.name, desk.now()))

    return Job(f"look at {platform.title}", every(length, now), run, soon=soon)


def start_scheduler(jobs: Sequence[Job]) -> AsyncIOScheduler:
    """APScheduler on the running loop, forgiving: late beats still come, several missed ones as one, none twice."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in jobs:
        scheduler.add_job(_guarded, job.trigger, args=[job], id=job.name, name=job.name)
    scheduler.add_listener(_heard, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    scheduler.start()
    return scheduler


def _heard(event: Any) -> None:
    log.warning("job %s: %s", getattr(event, "job_id", "?"), type(event).__name__)


async def _guarded(job: Job) -> None:
    """A job that raises is logged and comes again with the next beat."""
    try:
        await job.run()
    except Exception:
        log.exception("job broke", extra={"job": job.name})


class StoryDriver:
    """Walks the same timetable in story time: on each beat that passes, and at each instant that a job names."""

    def __init__(self, clock: StoryClock, desk: Desk, jobs: Sequence[Job]) -> None:
        self.clock = clock
        self.jobs = list(jobs)
        self._next: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._look = asyncio.Event()
        self._walking = False
        clock.instants.append(self._next_due)
        clock.on_stop.append(self._look.set)
        clock.busy.append(self._busy)
        desk.listeners.append(self._look.set)

    def _busy(self) -> str | None:
        return "a regular job runs" if self._walking or self._look.is_set() else None

    def _next_due(self) -> datetime | None:
        named = [at for job in self.jobs if job.soon is not None and (at := job.soon()) is not None]
        return min([*self._due.values(), *named], default=None)

    async def run(self) -> None:
        """For ever."""
        for job in self.jobs:
            fire = job.trigger.get_next_fire_time(None, self.clock.now())
            self._next[job.name] = fire or self.clock.now()
        self._look.set()
        while True:
            beat = asyncio.ensure_future(self.clock.sleep_periodic(min(self._next.values())))
            look = asyncio.ensure_future(self._look.wait())
            await asyncio.wait((beat, look), return_when=asyncio.FIRST_COMPLETED)
            beat.cancel()
            look.cancel()
            self._walking = True
            self._look.clear()
            try:
                await self._walk()
            finally:
                self._walking = False

    async def _walk(self) -> None:
        for job in self.jobs:
            now = self.clock.now()
            beat = self._next[job.name] <= now
            soon = job.soon() if job.soon is not None else None
            due = self._due.get(job.name)
            if beat:
                fire = job.trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
                self._next[job.name] = fire or now + timedelta(days=3650)
            if beat or (soon is not None and soon <= now) or (due is not None and due <= now):
                await _guarded(job)
        now = self.clock.now()
        for job in self.jobs:
            at = await job.due() if job.due is not None else None
            if at is None:
                self._due.pop(job.name, None)
            else:
                self._due[job.name] = max(at, now + timedelta(milliseconds=1))
