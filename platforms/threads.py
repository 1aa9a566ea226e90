"""Threads of a connector's own: a vendor's client that waits works there, and its outcome comes back to the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from desk.model.errors import OutsideError

T = TypeVar("T")


class Threads:
    """`in_flight` counts the calls whose outcome is not yet with the one who waits for it; one that was cancelled
    counts until its thread is done. `closed` is what is raised where somebody calls after the end."""

    def __init__(self, number: int, name: str, closed: Callable[[], OutsideError]) -> None:
        self.in_flight = 0
        self._closed = closed
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=name)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` gives, or raises, in one of the threads."""
        loop = asyncio.get_running_loop()

        def landed() -> None:
            self.in_flight -= 1

        def ended(_: Future[T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(landed)

        self.in_flight += 1
        try:
            job = self._pool.submit(work)
        except RuntimeError:
            landed()
            raise self._closed() from None
        try:
            return await asyncio.wrap_future(job)
        finally:
            if job.done():
                landed()
            else:  # cancelled, and the thread works on
                job.add_done_callback(ended)

    def close(self) -> None:
        """Take no more calls. What is under way ends within its time limit."""
        self._pool.shutdown(wait=False, cancel_futures=True)
