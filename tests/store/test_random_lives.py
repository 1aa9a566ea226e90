"""Random lives of a store, compared after each step with plain dictionaries that never fail."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.model.due import DueCount
from desk.model.errors import DeskError
from desk.model.inquiry import Entry, Event, Inquiry, Status
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.ports import Tx
from desk.store import TinyStore
from tests.store.things import MINUTE, NINE, a_clock, an_entry, an_event, an_inquiry, an_op, asked

IDENTITIES = [f"x:1000:post:{n}" for n in range(8)]
THREADS = [f"{n}.1" for n in range(8)]


class Plain:
    """A `Tx` over dictionaries: each question is answered by looking at everything."""

    def __init__(self) -> None:
        self.number = 0
        self.seq = 0
        self.inquiries: dict[int, Inquiry] = {}
        self.entries_: dict[tuple[int, int], Entry] = {}
        self.ops: dict[str, Operation] = {}
        self.history: list[Event] = []
        self.values: dict[Any, Any] = {}

    def copy(self) -> Plain:
        other = Plain()
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if hasattr(value, "copy") else value)
        return other

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def keep_inquiry(self, inquiry: Inquiry) -> None:
        self.inquiries[inquiry.number] = inquiry

    def keep_entry(self, entry: Entry) -> None:
        self.entries_[entry.number, entry.index] = entry

    def keep_op(self, op: Operation) -> None:
        known = self.ops.get(op.op_id)
        if known is not None:
            op = replace(op, seq=known.seq)
        else:
            self.seq += 1
            op = replace(op, seq=self.seq)
        self.ops[op.op_id] = op

    def log(self, event: Event) -> None:
        self.history.append(event)

    def set_cursor(self, name: str, value: str) -> None:
        self.values[name] = value

    def _goes(self, op: Operation) -> bool:
        before = self.ops.get(op.after or "")
        return before is None or before.state is Delivery.SENT

    def seen(self) -> dict[str, Any]:
        """All that can be asked."""
        alarms = sorted((i.alarm_at, n) for n, i in self.inquiries.items() if i.alarm_at)
        dues = sorted((i.next_due, n) for n, i in self.inquiries.items() if i.is_open and i.next_due)
        waiting = sorted([o for o in self.ops.values() if o.waiting], key=lambda o: (o.lane, o.seq))
        by_identity, by_thread = dict[str, int | None](), dict[str, int | None]()
        for one in IDENTITIES:
            by_identity[one] = max(
                [n for n, i in self.inquiries.items() if one in (i.identity, *i.conversations)], default=None
            )
        for one in THREADS:
            by_thread[one] = max([n for n, i in self.inquiries.items() if i.thread_ts == one], default=None)
        return {
            "highest": self.number,
            "inquiries": dict(self.inquiries),
            "open": [i for _, i in sorted(self.inquiries.items()) if i.is_open],
            "alarms": [n for _, n in alarms],
            "first": alarms[0][0] if alarms else None,
            "identities": by_identity,
            "threads": by_thread,
            "entries": {n: [e for k, e in sorted(self.entries_.items()) if k[0] == n] for n in self.inquiries},
            "messages": {e.remote_id: e for e in self.entries_.values()},
            "ops": dict(self.ops),
            "ops of": {
                n: sorted([o for o in self.ops.values() if o.number == n], key=lambda o: o.seq) for n in self.inquiries
            },
            "waiting": waiting,
            "lines": _by_line([o for o in waiting if self._goes(o)]),
            "unsure": {o.op_id for o in waiting if o.state is Delivery.UNSURE},
            "unshown": {o.number for o in waiting if o.kind is OpKind.ROOT and o.number is not None},
            "unshown in": {
                o.place: {p.number for p in waiting if p.kind is OpKind.ROOT and p.place == o.place}
                for o in waiting
                if o.kind is OpKind.ROOT
            },
            "free": [
                i.number for i in sorted(self.inquiries.values(), key=lambda i: i.urgency) if i.is_open and i.is_free
            ],
            "due": [n for _, n in dues],
            "count": _counted([(at, self.inquiries[n].assignee is None) for at, n in dues]),
            "events": {n: [e for e in self.history if e.number == n] for n in self.inquiries},
            "cursor": self.values.get("x"),
        }


TEN = NINE + timedelta(hours=1)


def _counted(dues: list[tuple[datetime, bool]]) -> DueCount:
    late = sum(at <= TEN for at, _ in dues)
    coming = min((at for at, _ in dues if at > TEN), default=None)
    return DueCount(len(dues), sum(free for _, free in dues), late, coming)


def _by_line(ops: list[Operation]) -> dict[Any, list[str]]:
    return {line: [o.op_id for o in ops if o.line == line] for line in sorted({o.line for o in ops})}


def asked_of(tx: Tx, plain: Plain) -> dict[str, Any]:
    """The same, asked of a store."""
    numbers = range(1, plain.number + 1)
    return {
        "highest": tx.highest(),
        "inquiries": {n: i for n in numbers if (i := tx.inquiry(n)) is not None},
        "open": list(tx.open_inquiries()),
        "alarms": [i.number for i in tx.due_before(NINE + timedelta(days=999), limit=10_000)],
        "first": tx.first_alarm(),
        "identities": {one: tx.by_identity(one) for one in IDENTITIES},
        "threads": {one: tx.by_thread("C0DESK", one) for one in THREADS},
        "entries": {n: list(tx.entries(n)) for n in plain.inquiries},
        "messages": {e.remote_id: tx.entry_of("x", e.remote_id) for e in plain.entries_.values()},
        "ops": {op_id: tx.op(op_id) for op_id in plain.ops},
        "ops of": {n: list(tx.ops_of(n)) for n in plain.inquiries},
        "waiting": list(tx.waiting_ops()),
        "lines": _by_line(
            [o for line in tx.lines() for lane in sorted(tx.lanes(line)) for o in tx.waiting_in(line, lane)]
        ),
        "unsure": {o.op_id for o in tx.unsure_ops()},
        "unshown": set(tx.unshown()),
        "unshown in": {channel: set(numbers) for channel, numbers in tx.unshown_in().items()},
        "free": [i.number for i in tx.most_urgent(10_000)],
        "due": [i.number for i in tx.soonest_due(10_000)],
        "count": tx.due_count(TEN),
        "events": {n: list(tx.events(n)) for n in plain.inquiries},
        "cursor": tx.cursor("x"),
    }


def some_writes(tx: Any, chance: random.Random, at: datetime) -> None:
    """A few random writes; the same on both sides for the same `chance`."""
    for _ in range(chance.randrange(1, 5)):
        highest = tx.number if isinstance(tx, Plain) else tx.highest()
        number = chance.randrange(1, highest + 1) if highest else 0
        what = chance.choice(["new", "change", "say", "owe", "settle", "log", "cursor"])
        if what == "new" or not number:
            number = tx.next_number()
            what = "change"
        if what == "change":
            closed = chance.random() < 0.4
            tx.keep_inquiry(
                an_inquiry(
                    number,
                    identity=chance.choice(IDENTITIES),
                    conversations=tuple(chance.sample(IDENTITIES, chance.randrange(3))),
                    assignee=chance.choice([None, None, "U0ANA"]),
                    thread_ts=chance.choice([None, *THREADS]),
                    status=Status.CLOSED if closed else chance.choice([Status.NEW, Status.OPEN, Status.PENDING]),
                    closed_at=at if closed else None,
                    clock=chance.choice(
                        [None, a_clock(at + chance.randrange(1, 90) * MINUTE + number * timedelta(seconds=1))]
                    ),
                )
            )
        elif what == "say":
            index = chance.randrange(4)
            tx.keep_entry(an_entry(number, index, f"{chance.random()}"))
        elif what in ("owe", "settle"):
            state = chance.choice(
                [Delivery.SENT, Delivery.FAILED] if what == "settle" else [Delivery.OWED, Delivery.UNSURE]
            )
            nth = chance.randrange(3)
            settled = at if what == "settle" else None
            tx.keep_op(
                an_op(
                    f"{number}:{nth}",
                    number,
                    lane=chance.choice(list(Lane)),
                    state=state,
                    settled_at=settled,
                    kind=chance.choice([OpKind.ROOT, OpKind.CARD] if nth == 0 else [OpKind.CARD, OpKind.TELL]),
                    after=chance.choice([None, f"{number}:{(nth + 1) % 3}", f"{number}:0"]) if nth else None,
                )
            )
        elif what == "log":
            tx.log(an_event(number, f"{chance.random()}", at=at))
        else:
            tx.set_cursor("x", f"{chance.random()}")


@pytest.mark.parametrize("seed", range(6))
async def test_a_store_answers_as_dictionaries_would(tmp_path: Path, seed: int) -> None:
    await _live(tmp_path / "desk", random.Random(seed), steps=60)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 160))
async def test_a_store_answers_as_dictionaries_would_for_long(tmp_path: Path, seed: int) -> None:
    await _live(tmp_path / "desk", random.Random(seed), steps=200)


async def _live(folder: Path, chance: random.Random, steps: int) -> None:
    plain, store, at = Plain(), TinyStore.open(folder, fsync=False), NINE
    for _ in range(steps):
        at += MINUTE
        what = chance.choices(["write", "fail", "reopen", "checkpoint", "archive"], [10, 3, 1, 1, 2])[0]
        seed = chance.randrange(1 << 30)
        if what == "reopen":
            await store.close()
            store = TinyStore.open(folder, fsync=False)
        elif what == "checkpoint":
            await store.checkpoint()
        elif what == "archive":
            await store.archive(at - chance.randrange(20) * MINUTE)
        elif what == "write":
            await store.transact(asked(lambda tx, seed=seed, at=at: some_writes(tx, random.Random(seed), at)))
            some_writes(plain, random.Random(seed), at)
        else:

            async def failing(tx: Tx, seed: int = seed, at: datetime = at) -> None:
                some_writes(tx, random.Random(seed), at)
                raise DeskError("no")

            with pytest.raises(DeskError):
                await store.transact(failing)
        assert await store.transact(asked(lambda tx: asked_of(tx, plain))) == plain.seen()
        await asyncio.sleep(0)
    await store.close()
