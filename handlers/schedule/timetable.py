"""The timetable: what happens regularly, each entry a name, an APScheduler trigger and a job.

A job asks the clock what is due and never trusts the beat, so a beat that is late, doubled or missed changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from desk.clock import StoryClock
from desk.desk import Desk
from desk.flows.deadline_board import EDIT_EVERY, watch_board
from desk.flows.look_up import look_up, next_look_up
from desk.flows.notices import watch_hours
from desk.flows.poll import poll
from desk.flows.sharing import watch_channels
from desk.flows.shift import next_shift_end, watch_shifts
from desk.flows.silence import watch_silence
from desk.flows.storm import next_look, watch_storm
from desk.flows.watch_sla import first_alarm, watch_sla
from desk.model.errors import NotKept
from desk.model.opening import next_notice
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.schedule")

SLA_EVERY = timedelta(seconds=10)
STORM_EVERY = timedelta(seconds=5)
HOURS_EVERY = timedelta(seconds=30)
PEOPLE_EVERY = timedelta(minutes=4)
SILENCE_EVERY = timedelta(minutes=5)
CHANNELS_EVERY = timedelta(minutes=10)
TIDY_EVERY = timedelta(hours=6)
LOOK_UP_EVERY = timedelta(seconds=2)
POLL_BEAT = timedelta(seconds=5)
"""How often it is asked whether a platform is due for a look; the look's own pace is in `desk/flows/poll.py`."""
CHECK_EVERY = 10.0
"""Real seconds between two comparisons of the machine's clock with one that nobody sets."""
STEP = 60.0
"""By so many seconds the machine's clock must have been set before the timetable begins anew."""


@dataclass(frozen=True, slots=True)
class Job:
    """One entry. `due` names the next instant at which the job has something to do, as the store knows it: it runs
    then, whatever the beat. `soon` is the same from memory, for a clock that jumps."""

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
    jobs.append(Job("shifts", every(HOURS_EVERY, now), lambda: watch_shifts(desk), lambda: next_shift_end(desk)))
    if desk.directory is not None:
        jobs.append(Job("look-ups", every(LOOK_UP_EVERY, now), lambda: look_up(desk), soon=lambda: next_look_up(desk)))
    jobs.append(Job("storm", every(STORM_EVERY, now), lambda: watch_storm(desk), lambda: next_look(desk)))
    if desk.rules.board:
        jobs.append(Job("deadline board", every(EDIT_EVERY, now), lambda: watch_board(desk)))
    jobs.append(Job("channels", every(CHANNELS_EVERY, now + CHANNELS_EVERY), lambda: watch_channels(desk)))
    jobs.append(Job("silent platforms", every(SILENCE_EVERY, now), lambda: watch_silence(desk)))
    jobs.append(Job("people", every(PEOPLE_EVERY, now + PEOPLE_EVERY), refresh_people))
    jobs.append(Job("tidy", every(TIDY_EVERY, now + TIDY_EVERY), tidy))
    return jobs


def _poll_job(desk: Desk, platform: Platform, now: datetime, written: Callable[[str], int] | None) -> Job:
    length = min(desk.rules.poll_every.get(platform.name, timedelta(seconds=60)), POLL_BEAT)
    seen = 0

    async def run() -> object:
        nonlocal seen
        count = written(platform.name) if written is not None else 0
        fresh = await poll(desk, platform)
        if fresh is not None:
            seen = count
        return fresh

    def soon() -> datetime | None:
        if written is None:
            return None
        if written(platform.name) != seen:
            return max(desk.now(), desk.next_look.get(platform.name, desk.now()))
        again = platform.look_again_at
        return None if again is None else max(again, desk.next_look.get(platform.name, again))

    return Job(f"look at {platform.title}", every(length, now), run, soon=soon)


def start_scheduler(jobs: Sequence[Job], now: Callable[[], datetime]) -> AsyncIOScheduler:
    """APScheduler on the running loop, forgiving: late beats still come, several missed ones as one, none twice.

    `now` is the desk's clock. APScheduler keeps the instant of a job's next beat, so a clock that is set back would
    silence it for as long: the timetable begins anew then.
    """
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in jobs:
        begins = getattr(job.trigger, "start_date", None) or now()
        # Without this the first beat would come only after a whole length: a desk that starts looks at once.
        first = max(now(), begins)
        work = partial(_punctual, scheduler, job, now)
        scheduler.add_job(work, job.trigger, id=job.name, name=job.name, next_run_time=first)
    scheduler.add_listener(_heard, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    scheduler.start()
    _mind_the_clock(scheduler, now, None)
    return scheduler


async def _punctual(scheduler: AsyncIOScheduler, job: Job, now: Callable[[], datetime]) -> None:
    """A beat, and then one run more at the very instant at which the job knows to have something to do."""
    try:
        if not await _guarded(job) or job.due is None:
            return
        at = await job.due()
    except (asyncio.CancelledError, NotKept):
        return  # the desk stops, or its disk is full; APScheduler would call it an error
    beat = scheduler.get_job(job.name)
    if at is None or beat is None or beat.next_run_time is None or at >= beat.next_run_time:
        return
    # A run that is not over yet may call for the next, so two may be under way; what is due is taken once all the same.
    work = partial(_punctual, scheduler, job, now)
    name, trigger = f"{job.name}, on time", DateTrigger(max(at, now()))
    scheduler.add_job(work, trigger, id=name, name=name, max_instances=2, replace_existing=True)


def _mind_the_clock(
    scheduler: AsyncIOScheduler, now: Callable[[], datetime], known: float | None, seconds: float = CHECK_EVERY
) -> None:
    """Compare the clock with the loop's own, which only runs; where it was set, let every job run at once."""
    if not scheduler.running and known is not None:
        return
    loop = asyncio.get_running_loop()
    ahead = now().timestamp() - loop.time()
    if known is not None and abs(ahead - known) > STEP:
        log.warning("the machine's clock was set", extra={"seconds": round(ahead - known)})
        for job in scheduler.get_jobs():
            job.modify(next_run_time=now())
    loop.call_later(seconds, _mind_the_clock, scheduler, now, ahead, seconds)


def _heard(event: Any) -> None:
    log.warning("job %s: %s", getattr(event, "job_id", "?"), type(event).__name__)


async def _guarded(job: Job) -> bool:
    """A job that raises is logged and comes again with the next beat. Returns whether it ended well."""
    try:
        await job.run()
    except NotKept:
        return False  # the store has said why, once
    except Exception:
        log.exception("job broke", extra={"job": job.name})
        return False
    return True


class StoryDriver:
    """Walks the same timetable in story time: on each beat that passes, and at each instant that a job names."""

    def __init__(self, clock: StoryClock, desk: Desk, jobs: Sequence[Job]) -> None:
        self.clock = clock
        self.jobs = list(jobs)
        self._next: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._look = asyncio.Event()
        self._walking = False
        self._walked = clock.now()
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
            try:
                await asyncio.wait((beat, look), return_when=asyncio.FIRST_COMPLETED)
            finally:
                beat.cancel()
                look.cancel()
            self._walking = True
            self._look.clear()
            try:
                await self._walk()
            finally:
                self._walking = False

    async def _walk(self) -> None:
        if self.clock.now() < self._walked:  # somebody set the clock back: the beats begin anew
            self._next = dict.fromkeys(self._next, self.clock.now())
        self._walked = self.clock.now()
        broke: set[str] = set()
        for job in self.jobs:
            now = self.clock.now()
            beat = self._next[job.name] <= now
            soon = job.soon() if job.soon is not None else None
            due = self._due.get(job.name)
            if beat:
                fire = job.trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
                self._next[job.name] = fire or now + timedelta(days=3650)
            called = beat or (soon is not None and soon <= now) or (due is not None and due <= now)
            if called and not await _guarded(job):
                broke.add(job.name)
        now = self.clock.now()
        for job in self.jobs:
            at = await job.due() if job.due is not None else None
            if at is None:
                self._due.pop(job.name, None)
            else:
                # What broke waits for its beat, so that a story does not stand still over it.
                least = self._next[job.name] if job.name in broke else now + timedelta(milliseconds=1)
                self._due[job.name] = max(at, least)
