"""A store with so many inquiries in it, and what the flows do to it, one durable transaction at a time.

`python -m tests.benchmarks.stock claim FOLDER COUNT` opens such a folder and claims (or takes in: `intake`) as
often as it is told.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.model.inquiry import Entry, Event, Inquiry, Said, Status
from desk.model.message import Author
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.sla import SlaClock, Target
from desk.ports import Tx
from desk.store import TinyStore

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = "Hi! My parcel was due on Monday and the tracking page has said “on its way” ever since. Order 4471-22, help? 😕"


async def stock(folder: Path, count: int) -> None:
    """Fill a new store with open inquiries, each with its message, its thread in Slack, a running clock, a history."""
    store = TinyStore.open(folder, fsync=False)
    for first in range(0, count, 200):

        async def work(tx: Tx, upto: int = min(200, count - first)) -> None:
            for _ in range(upto):
                _take_in(tx)

        await store.transact(work)
    await store.checkpoint()
    await store.close()


def _take_in(tx: Tx) -> int:
    number = tx.next_number()
    remote_id = str(1_900_000_000_000_000_000 + number)
    author = Author(str(10_000 + number), f"customer{number}", f"Customer {number}", f"https://x.com/customer{number}")
    due = NOW + timedelta(minutes=number)
    clock = SlaClock(Target.FIRST, NOW, timedelta(minutes=15), due - timedelta(minutes=4), due)
    tx.keep_inquiry(
        Inquiry(
            number, f"x:1000:post:{remote_id}", "x", "1000", "mention", False, author, Status.NEW, NOW, NOW, "C0DESK",
            remote_id, remote_id, clock=clock, last_customer_at=NOW, message_count=1, thread_ts=f"{number}.000100",
        )
    )  # fmt: skip
    url = f"https://x.com/customer{number}/status/{remote_id}"
    tx.keep_entry(Entry(number, 0, Said.CUSTOMER, "x", remote_id, author, TEXT, NOW, url))
    tx.log(Event(NOW, number, "opened", details={"kind": "mention", "clock": True}))
    root = Operation(
        f"root:{number}", OpKind.ROOT, Lane.ROOT, "slack", "C0DESK", NOW, NOW, number, {"rev": 1},
        state=Delivery.SENT, settled_at=NOW, remote_id=f"{number}.000100",
    )  # fmt: skip
    tx.keep_op(root)
    return number


def _intake(number: int) -> Callable[[Tx], Awaitable[int]]:
    """What taking in one polled message does: look whether it is known, open an inquiry, owe its thread."""

    async def work(tx: Tx) -> int:
        known = tx.highest() + 1
        remote_id = str(1_900_000_000_000_000_000 + known)
        if tx.entry_of("x", remote_id) is not None or tx.by_identity(f"x:1000:post:{remote_id}") is not None:
            raise AssertionError("it is known already")
        tx.set_cursor("x", remote_id)
        return _take_in(tx)

    return work


def _claim(number: int) -> Callable[[Tx], Awaitable[int]]:
    """What `/claim` does: unless it was answered before, the owner, the history, the card, and the answer."""

    async def work(tx: Tx) -> int:
        key = f"trigger:{number}"
        if tx.answer(key) is not None:
            raise AssertionError("each is claimed once")
        inquiry = tx.inquiry(number)
        assert inquiry is not None and inquiry.assignee is None and tx.op(f"root:{number}") is not None
        tx.keep_inquiry(replace(inquiry, assignee="U0ANA", claimed_at=NOW, status=Status.OPEN))
        tx.log(Event(NOW, number, "claimed", "U0ANA", 60.0, {"before": None}))
        card = Operation(
            f"card:{number}", OpKind.CARD, Lane.AGENT, "slack", "C0DESK", NOW, NOW, number, {"rev": 1},
            after=f"root:{number}",
        )  # fmt: skip
        tx.keep_op(replace(card, state=Delivery.SENT))
        tx.remember(key, {"sentence": f"You have #{number}."}, NOW)
        return number

    return work


async def _serve(what: str, folder: Path, count: int) -> None:
    store = TinyStore.open(folder)
    work = {"claim": _claim, "intake": _intake}[what]
    step = 37 if count > 10_000 else 1
    number = 0
    for warm in range(1, 20):
        await store.transact(_read(warm))
    print("ready", flush=True)
    for line in sys.stdin:
        times: list[float] = []
        for _ in range(int(line)):
            number += step
            began = time.perf_counter()
            await store.transact(work(number))
            times.append(time.perf_counter() - began)
        print(*times, flush=True)
    await store.close()


def _read(number: int) -> Callable[[Tx], Awaitable[Inquiry | None]]:
    async def work(tx: Tx) -> Inquiry | None:
        return tx.inquiry(number)

    return work


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
