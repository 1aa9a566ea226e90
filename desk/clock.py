"""The one clock: wall time for a real desk, story time for the sandbox, tests and replays."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

LONGEST_NAP = 3600.0
"""Seconds of one real sleep, so that a stepped or suspended host is noticed."""


class WallClock:
    """Time as the machine has it, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, at: datetime) -> None:
        while (left := (at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110  (time passes by itself)
            await asyncio.sleep(min(left, LONGEST_NAP))

    async def sleep_periodic(self, at: datetime) -> None:
        """Like `sleep_until`, for a beat that a story clock need not stop at."""
        await self.sleep_until(at)


class NotIdle(Exception):
    """The clock was to jump, and something was still going on after `patience` real seconds; the text names it."""


class StoryClock:
    """A clock that can be played at any rate, paused, and moved on.

    `rate` is story seconds per real second; 0 is a pause. `busy` holds callables that say why the clock may not jump
    now (None: go ahead), `instants` callables that name further instants at which a jump must stop (a job that will be
    due). `patience` is in real seconds. A jump goes from instant to instant and lets everything happen that is due.
    """

    def __init__(self, start: datetime, rate: float = 0.0, patience: float = 30.0) -> None:
        if start.tzinfo is None:
            raise ValueError("the start of a story needs a time zone")
        self._base = start.astimezone(UTC)
        self._mono = time.monotonic()
        self.rate = rate
        self.patience = patience
        self.busy: list[Callable[[], str | None]] = []
        self.instants: list[Callable[[], datetime | None]] = []
        self._waiting: list[tuple[datetime, int, bool, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._jumping = asyncio.Lock()
        self._resume_rate = rate
        self.on_stop: list[Callable[[], None]] = []
        """Called at each instant that a jump stops at."""
        self.stops = 0
        """How many instants jumps have stopped at."""

    # time
    def now(self) -> datetime:
        if not self.rate:
            return self._base
        return self._base + timedelta(seconds=(time.monotonic() - self._mono) * self.rate)

    async def sleep_until(self, at: datetime) -> None:
        """Returns when the story has come to `at`; a jump stops there."""
        await self._sleep(at, True)

    async def sleep_periodic(self, at: datetime) -> None:
        """The same for a beat: wakes when the story has passed `at`, but no jump stops for it."""
        await self._sleep(at, False)

    async def _sleep(self, at: datetime, instant: bool) -> None:
        if at <= self.now():
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (at, next(self._count), instant, future)
        heapq.heappush(self._waiting, entry)
        self._arm()
        try:
            await future
        except asyncio.CancelledError:
            # Who sleeps no more is forgotten at once, however far the instant: the heap holds sleepers only.
            if entry in self._waiting:
                self._waiting.remove(entry)
                heapq.heapify(self._waiting)
            raise

    # playing
    def play(self, rate: float = 1.0) -> None:
        """Let the story run at `rate` story seconds a second."""
        self._set(self.now(), rate)

    def pause(self) -> None:
        self.play(0.0)

    def step(self, at: datetime) -> None:
        """Set the clock, back or forward, as somebody sets that of a machine: nothing happens in between."""
        self._set(at.astimezone(UTC), self.rate)

    @property
    def state(self) -> str:
        """One word or two for people: "paused", "playing", "×60", "jumping"."""
        if self._jumping.locked():
            return "jumping"
        return {0.0: "paused", 1.0: "playing"}.get(self.rate, f"×{self.rate:g}")

    def _set(self, base: datetime, rate: float) -> None:
        self._base, self._mono, self.rate = base, time.monotonic(), rate
        self._release()
        self._arm()

    def _release(self) -> None:
        now = self.now()
        while self._waiting and self._waiting[0][0] <= now:
            future = heapq.heappop(self._waiting)[3]
            if not future.done():
                future.set_result(None)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and self._waiting[0][3].done():
            heapq.heappop(self._waiting)
        if self.rate > 0 and self._waiting:
            delay = (self._waiting[0][0] - self.now()).total_seconds() / self.rate
            self._timer = asyncio.get_running_loop().call_later(max(0.0, min(delay, LONGEST_NAP)), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._release()
        self._arm()

    # jumping
    def next_instant(self) -> datetime | None:
        """The next one-shot instant: the soonest sleeper or named instant; None if nothing is to come."""
        named = [at for ask in self.instants if (at := ask()) is not None]
        sleepers = [at for at, _, instant, future in self._waiting if instant and not future.done()]
        return min(named + sleepers, default=None)

    async def settle(self) -> None:
        """Return when nothing is going on any more; after `patience` seconds `NotIdle`, naming what still is."""
        deadline = time.monotonic() + self.patience
        quiet = 0
        while quiet < 6:
            why = next((reason for ask in self.busy if (reason := ask()) is not None), None)
            if why is None:
                quiet += 1
                await asyncio.sleep(0)
                continue
            quiet = 0
            if time.monotonic() > deadline:
                raise NotIdle(why)
            await asyncio.sleep(0.0005)

    async def jump(self, to: datetime) -> None:
        """Move the story on to `to`, stopping at each instant on the way; goes on at the rate of before."""
        async with self._jumping:
            rate = self.rate
            self._set(self.now(), 0.0)
            try:
                while True:
                    await self.settle()
                    instant = self.next_instant()
                    if instant is None or instant > to:
                        break
                    self._stop_at(instant)
                if to > self._base:
                    self._stop_at(to)
                    await self.settle()
            finally:
                self._set(self.now(), rate)

    async def run(self, until: Callable[[], bool]) -> bool:
        """Go from instant to instant, as fast as things get done, until `until()`; False if nothing is to come."""
        async with self._jumping:
            self._set(self.now(), 0.0)
            while True:
                await self.settle()
                if until():
                    return True
                instant = self.next_instant()
                if instant is None:
                    return False
                self._stop_at(instant)

    def _stop_at(self, instant: datetime) -> None:
        self.stops += 1
        self._set(max(instant, self._base), 0.0)
        for listener in self.on_stop:
            listener()
