"""A desk that runs for real between a store on disk and an outside that takes everything at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from desk.clock import WallClock
from desk.desk import Desk
from desk.flows.deliver import run_outbox
from desk.model.hours import DAYS, BusinessHours
from desk.model.inquiry import Entry, Inquiry, Said, Status
from desk.model.ladder import Ladder
from desk.model.message import Author
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.people import Person
from desk.model.policies import Match, Policy
from desk.model.rules import Rules
from desk.model.sla import Target, start_clock
from desk.ports import Tx
from desk.store import TinyStore
from handlers.schedule.timetable import start_scheduler, timetable

ALWAYS = BusinessHours(ZoneInfo("UTC"), {day: [("00:00", "24:00")] for day in DAYS})
QUICK = Policy("Quick", Match(), first=timedelta(minutes=15))
"""One ping, at half of it."""
SLOW = Policy("Slow", Match(), first=timedelta(days=20))


class Open:
    """The port `Board`, as a Slack that takes everything at once."""

    def free_at(self, op: Operation, now: datetime) -> datetime:
        return now

    async def deliver(self, op: Operation, view: dict[str, Any]) -> str:
        return f"{op.created_at.timestamp():.6f}"

    async def find(self, op: Operation, thread_ts: str | None) -> str | None:
        return None

    async def shared(self, channel: str) -> bool:
        return False

    def permalink(self, channel: str, ts: str) -> str:
        return ""


class Two:
    """The port `People`: two agents."""

    def __init__(self) -> None:
        self._people = [Person(f"U{n}", f"Agent {n}", f"Agent {n}", "UTC", True, n == 1) for n in (1, 2)]

    def person(self, user: str) -> Person | None:
        return next((one for one in self._people if one.user == user), None)

    def stale(self) -> bool:
        return False

    def changed(self, user: str | None) -> None:
        return None

    def agents(self) -> Sequence[Person]:
        return self._people

    def leads(self) -> Sequence[Person]:
        return self._people[:1]

    def by_name(self, name: str) -> Person | None:
        return None


async def fill(folder: Path, count: int) -> None:
    """A new store with so many open inquiries, each with its thread in Slack and a clock that runs for days."""
    store, now = TinyStore.open(folder, fsync=False), WallClock().now()
    for first in range(0, count, 500):

        async def work(tx: Tx, upto: int = min(500, count - first)) -> None:
            for _ in range(upto):
                keep(tx, tx.next_number(), now, SLOW)

        await store.transact(work)
    await store.checkpoint()
    await store.close()


def keep(tx: Tx, number: int, since: datetime, policy: Policy) -> None:
    """An open inquiry whose clock runs since then."""
    author = Author(str(10_000 + number), f"customer{number}", f"Customer {number}")
    clock = start_clock(Target.FIRST, since, policy, ALWAYS)
    tx.keep_inquiry(
        Inquiry(
            number, f"x:1000:post:{number}", "x", "1000", "mention", False, author, Status.NEW, since, since, "C0DESK",
            str(number), str(number), clock=clock, last_customer_at=since, message_count=1, thread_ts=f"{number}.0001",
        )
    )  # fmt: skip
    if tx.op(f"root:{number}") is None:
        tx.keep_entry(Entry(number, 0, Said.CUSTOMER, "x", str(number), author, "Where is my parcel?", since))
        root = Operation(f"root:{number}", OpKind.ROOT, Lane.ROOT, "slack", "C0DESK", since, since, number, {"rev": 1})
        tx.keep_op(replace(root, state=Delivery.SENT, settled_at=since, remote_id=f"{number}.0001"))


@asynccontextmanager
async def running(folder: Path, *, board: bool = False) -> AsyncIterator[Desk]:
    """The store in that folder, with the outbox and the whole timetable at work on it."""
    store = TinyStore.open(folder)
    rules = Rules(
        "Bench", "C0DESK", "C0LEADS", "S0AGENTS", "S0LEADS", ALWAYS, {}, ladder=Ladder(together=1000), board=board
    )
    desk = Desk(rules, WallClock(), store, Open(), Two(), {})
    outbox = asyncio.create_task(run_outbox(desk))
    scheduler = start_scheduler(timetable(desk, _nothing, _nothing), desk.now)
    try:
        yield desk
    finally:
        scheduler.shutdown(wait=False)
        outbox.cancel()
        await asyncio.gather(outbox, return_exceptions=True)
        await store.close()


async def _nothing() -> None:
    return None


def read(question: Callable[[Tx], Any]) -> Callable[[Tx], Any]:
    """A plain question as the work of a transaction."""

    async def work(tx: Tx) -> Any:
        return question(tx)

    return work
