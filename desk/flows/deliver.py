"""The outbox at work: what is owed goes out in order and at the pace the outside allows; what is unsure is looked for.

An operation is *sending*, durably, before the call that could have an effect, and settled after it. What was *sending*
when the desk died is *unsure* at the next start, never *owed*.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.doubt import fold, look_in_slack, look_on_platform
from desk.flows.outcome import IDEMPOTENT, TROUBLE, fail, resting, show_state, unsure
from desk.flows.post import lane_of, post
from desk.flows.publish import publish
from desk.model.lanes import Lane
from desk.model.outbox import Delivery, Operation, OpKind
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

PARALLEL = 4
"""Lines for single people under way at once in one channel; all else goes one by one."""


async def recover(desk: Desk) -> None:
    """At start: what was *sending* is *unsure*; a held answer that is too late asks its agent first."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        for op in tx.waiting_ops():
            if op.state is Delivery.SENDING:
                if op.kind in IDEMPOTENT:
                    tx.keep_op(replace(op, state=Delivery.OWED))
                else:
                    tx.keep_op(replace(op, state=Delivery.UNSURE, not_before=now, looks=0))
                    show_state(tx, op, now)
            elif _held_too_long(op, now, desk.rules.late):
                fail(tx, op, "The desk was down when this was due to go out; the talk may have moved on.", now)

    await desk.transact(work)


def _held_too_long(op: Operation, now: datetime, late: timedelta) -> bool:
    held = op.kind is OpKind.PUBLISH and op.state is Delivery.OWED and op.attempts == 0 and op.payload.get("held")
    return bool(held) and op.after is None and now - op.not_before >= late


async def run_outbox(desk: Desk) -> None:
    """Deliver for ever; ends only by being cancelled."""
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            desk.wake.clear()
            ready, next_at = await _look(desk)
            for op in ready:
                desk.running.add(op.op_id)
                task = asyncio.create_task(_one(desk, op), name=f"deliver {op.op_id}")
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            if next_at is None:
                await desk.wake.wait()
            else:
                await _wake_or(desk, next_at)
    finally:
        for task in tasks:
            task.cancel()


async def _wake_or(desk: Desk, at: datetime) -> None:
    """Until something new is owed, or `at`."""
    sleeper = asyncio.ensure_future(desk.clock.sleep_until(at))
    waker = asyncio.ensure_future(desk.wake.wait())
    try:
        await asyncio.wait((sleeper, waker), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        waker.cancel()


async def _look(desk: Desk) -> tuple[list[Operation], datetime | None]:
    """What can start now, and the next instant at which more can."""
    if desk.closing:
        return [], None

    async def work(tx: Tx) -> tuple[list[Operation], datetime | None]:
        now = desk.now()
        waiting = [op for op in tx.waiting_ops() if not resting(op)]
        ready: list[Operation] = []
        later: list[datetime] = []
        lanes = _Lanes(desk, [op for op_id in desk.running if (op := tx.op(op_id))], waiting)
        for op in waiting:
            if op.op_id in desk.running or not _its_turn(tx, op):
                continue
            at = max(op.not_before, lanes.free_at(op, now))
            if at > now:
                later.append(at)
                lanes.queued(op)
            elif lanes.take(op):
                ready.append(op)
        return ready, min(later, default=None)

    return await desk.read(work)


def _its_turn(tx: Tx, op: Operation) -> bool:
    """Whether what must be *sent* before it is."""
    if op.after is None:
        return True
    before = tx.op(op.after)
    return before is None or before.state is Delivery.SENT


class _Lanes:
    """What is under way, and so who must wait: one post at a time in a channel, one answer at a time in an inquiry, and
    nothing of an inquiry past something of it that is in doubt."""

    def __init__(self, desk: Desk, running: list[Operation], waiting: list[Operation]) -> None:
        self.desk = desk
        self._used: dict[Lane, int] = {}
        self._probed: set[Lane] = set()
        for op in running:
            self._take(op)
        self._doubtful = {self._matter(op) for op in waiting if op.state is Delivery.UNSURE}

    def _lane(self, op: Operation) -> Lane:
        return lane_of(op) if op.target == "slack" else (op.target, op.place)

    def _matter(self, op: Operation) -> tuple[Lane, int | None]:
        return self._lane(op), op.number

    def free_at(self, op: Operation, now: datetime) -> datetime:
        if op.target != "slack":
            return now
        at = self.desk.lanes.free_at(self._lane(op), now)
        return max(at, self.desk.board.free_at(op, now)) if op.state is Delivery.OWED else at

    def queued(self, op: Operation) -> None:
        """It is this one's turn, only not yet: answers in one inquiry keep their order, also where they wait."""
        due = op.state is Delivery.OWED and op.not_before <= self.desk.now()
        if op.target != "slack" or due:
            self._take(op)

    def take(self, op: Operation) -> bool:
        lane = self._lane(op)
        room = PARALLEL if op.kind is OpKind.TELL else 1
        if self._used.get(lane, 0) >= room or any(part in self._probed for part in self.desk.lanes.probes(lane)):
            return False
        if op.state is Delivery.OWED and op.number is not None and self._matter(op) in self._doubtful:
            return False
        self._take(op)
        return True

    def _take(self, op: Operation) -> None:
        lane = self._lane(op)
        self._used[lane] = self._used.get(lane, 0) + 1
        self._probed.update(self.desk.lanes.probes(lane))


async def _one(desk: Desk, op: Operation) -> None:
    try:
        if op.state is Delivery.UNSURE:
            await (look_in_slack if op.target == "slack" else look_on_platform)(desk, op)
        elif op.kind is OpKind.PUBLISH:
            await publish(desk, op)
        elif op.kind is OpKind.FOLD:
            await fold(desk, op)
        else:
            await post(desk, op)
    except asyncio.CancelledError:
        raise
    except Exception:
        # A bug of ours must not stop the desk, nor the same operation spin, nor say anything twice.
        log.exception("delivery broke", extra={"op": op.op_id, "number": op.number})
        await _broke(desk, op)
    finally:
        desk.running.discard(op.op_id)
        desk.kick()


async def _broke(desk: Desk, op: Operation) -> None:
    """Later; and if it had begun, it may be out there, so we look first."""

    async def work(tx: Tx) -> Operation | None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is Delivery.SENDING:
            return fresh
        if fresh.waiting:
            tx.keep_op(replace(fresh, not_before=desk.now() + TROUBLE))
        return None

    begun = await desk.transact(work)
    if begun is not None:
        await unsure(desk, begun, desk.now())
