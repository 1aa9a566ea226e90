"""The outbox at work: what is owed goes out in order and at the pace the outside allows; what is unsure is looked for.

An operation is *sending*, durably, before the call that could have an effect, and settled after it. What was *sending*
when the desk died is *unsure* at the next start, never *owed*.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import DISK, Desk
from desk.flows.correct import change
from desk.flows.doubt import fold, look_in_slack, look_on_platform
from desk.flows.files import bring, forget, look_for_file
from desk.flows.outcome import TROUBLE, fail, resting, show_state, unsure
from desk.flows.post import post
from desk.flows.publish import publish
from desk.flows.storm import redone_at, stormy
from desk.model.catalogue import say
from desk.model.errors import NotKept
from desk.model.outbox import IDEMPOTENT, Delivery, Lane, Line, Operation, OpKind
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

PARALLEL = 4
"""Lines for single people under way at once in one channel; all else goes one by one."""


UNTIL_ROOM = timedelta(seconds=5)
"""How long to wait before a disk that was full is tried again."""


async def recover(desk: Desk) -> None:
    """At start: what was *sending* is *unsure*; a held answer that is too late asks its agent first."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        for op in tx.waiting_ops():
            if op.state is Delivery.SENDING:
                if op.kind in IDEMPOTENT:
                    tx.keep_op(replace(op, state=Delivery.OWED, not_before=redone_at(op)))
                else:
                    tx.keep_op(replace(op, state=Delivery.UNSURE, not_before=now, looks=0))
                    show_state(tx, op, now)
            elif _held_too_long(op, now, desk.rules.late):
                fail(tx, op, say("The desk was down when this was due to go out; the talk may have moved on."), now)

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
            try:
                ready, next_at = await _look(desk)
            except NotKept:  # it saw what then found no room on the disk; who wrote that says so
                await desk.clock.sleep_until(desk.now() + UNTIL_ROOM)
                continue
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
        look = _Look(desk, tx)
        for line in tx.lines():
            look.at(line)
        return look.ready, min(look.later, default=None)

    return await desk.read(work)


class _Look:
    """One look at what waits: one post at a time in a channel, one answer at a time in an inquiry, and nothing of an
    inquiry past something of it that is in doubt. On each line it ends with the first that must wait for the line."""

    def __init__(self, desk: Desk, tx: Tx) -> None:
        self.desk, self.tx, self.now = desk, tx, desk.now()
        self.ready: list[Operation] = []
        self.later: list[datetime] = []
        self._used: dict[Line, int] = {}
        self._probed: set[Line] = set()
        for op_id in desk.running:
            if (op := tx.op(op_id)) is not None:
                self._take(op.line)
        self._stormy = stormy(tx)
        self._unsure = [op for op in tx.unsure_ops() if not resting(op)]
        self._doubtful = {(op.line, op.number) for op in self._unsure}

    def at(self, line: Line) -> None:
        """What can start on one line, and when the next can."""
        slack = line[0] == "slack"
        room = (PARALLEL if line[-1] == "tell" and slack else 1) - self._used.get(line, 0)
        closed = self.desk.lanes.free_at(line, self.now) if slack else self.now
        waiting = [lane for lane in self.tx.lanes(line) if not (lane == Lane.ROOT and line[1] in self._stormy)]
        for op in self._in_order(line, waiting):
            if room <= 0 or any(part in self._probed for part in self.desk.lanes.probes(line)):
                return
            if not self._may_go(op):
                continue
            at = max(op.not_before, closed)
            if slack and op.state is Delivery.OWED:
                at = max(at, self.desk.board.free_at(op, self.now))
            if at <= self.now:
                self.ready.append(op)
                self._take(line)
                if op.state is Delivery.OWED:
                    self.desk.lanes.given(line, waiting, op.lane)
                room -= 1
                continue
            self.later.append(at)
            if not slack or (op.state is Delivery.OWED and op.not_before <= self.now):
                return  # it is this one's turn, only not yet

    def _in_order(self, line: Line, waiting: list[int]) -> Iterator[Operation]:
        """What waits on a line, first whose turn it is. In a channel's storm no thread is pushed there: people
        ask for them; only whether one that was begun stands is still looked for."""
        if line[1] in self._stormy:
            yield from (op for op in self._unsure if op.line == line and op.lane is Lane.ROOT)
        for lane in self.desk.lanes.order(line, waiting):
            yield from self.tx.waiting_in(line, lane)

    def _may_go(self, op: Operation) -> bool:
        if op.state is Delivery.SENDING or op.op_id in self.desk.running or resting(op):
            return False
        return not (op.state is Delivery.OWED and op.number is not None and (op.line, op.number) in self._doubtful)

    def _take(self, line: Line) -> None:
        self._used[line] = self._used.get(line, 0) + 1
        self._probed.update(self.desk.lanes.probes(line))


async def _one(desk: Desk, op: Operation) -> None:
    try:
        if op.kind is OpKind.FILE:
            await (look_for_file if op.state is Delivery.UNSURE else bring)(desk, op)
        elif op.kind is OpKind.FORGET:
            await forget(desk, op)
        elif op.state is Delivery.UNSURE:
            await (look_in_slack if op.target == "slack" else look_on_platform)(desk, op)
        elif op.kind is OpKind.PUBLISH:
            await publish(desk, op)
        elif op.kind is OpKind.CHANGE:
            await change(desk, op)
        elif op.kind is OpKind.FOLD:
            await fold(desk, op)
        else:
            await post(desk, op)
    except asyncio.CancelledError:
        raise
    except NotKept:
        await _not_kept(desk, op)
    except Exception:
        # A bug of ours must not stop the desk, nor the same operation spin, nor say anything twice.
        log.exception("delivery broke", extra={"op": op.op_id, "number": op.number})
        try:
            await _broke(desk, op)
        except NotKept:
            await _not_kept(desk, op)
    finally:
        desk.running.discard(op.op_id)
        desk.kick()


async def _not_kept(desk: Desk, op: Operation) -> None:
    """No room on the disk: what was not begun is still owed, and what was is looked for once that can be kept."""
    desk.health[DISK] = desk.store.trouble
    while not desk.closing:
        await desk.clock.sleep_until(desk.now() + UNTIL_ROOM)
        with contextlib.suppress(NotKept):

            async def begun(tx: Tx) -> Operation | None:
                fresh = tx.op(op.op_id)
                return fresh if fresh is not None and fresh.state is Delivery.SENDING else None

            sending = await desk.read(begun)
            if sending is not None:
                await unsure(desk, sending, desk.now())
            return


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
