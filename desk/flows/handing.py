"""What goes along with an answer is handed over to the platform before the answer is said: nobody sees it there yet, so
it may be done twice, and the answer itself is said once all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.outcome import again, fail, queued
from desk.model.catalogue import say
from desk.model.errors import Busy, OutsideError, Refused, Unreachable
from desk.model.media import Attached, Content, size
from desk.model.outbox import Delivery, Operation
from desk.model.words import clean
from desk.ports import Platform, Tx

KEPT = timedelta(hours=12)
"""So long a platform keeps what was handed over, at least (X: 24 hours)."""
TRIES = 3
PAUSE = timedelta(seconds=15)


async def handed_over(desk: Desk, op: Operation) -> bool:
    """Whether all that goes along is at the platform. False: it is tried again later, or the answer has failed and its
    agent was told; nothing was said."""
    known = op.payload.get("handed")
    if known and desk.now() - datetime.fromisoformat(known["at"]) < KEPT:
        return True
    platform = desk.platform(op.target)
    try:
        ids = [await _hand(desk, platform, op, Attached(*one)) for one in op.payload["media"]]
    except Busy as busy:
        await again(desk, op, busy.retry_at, spent=False, reason=queued(platform.title, busy.retry_at))
        return False
    except Unreachable:
        await _later_or_never(desk, op)
        return False
    except OutsideError as error:
        await _failed(desk, op, str(error))
        return False

    async def keep(tx: Tx) -> bool:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return False
        handed = {"ids": ids, "at": desk.now().isoformat()}
        tx.keep_op(replace(fresh, payload={**fresh.payload, "handed": handed}))
        return True

    return await desk.transact(keep)


async def _hand(desk: Desk, platform: Platform, op: Operation, one: Attached) -> str:
    """One file from Slack to the platform, looked at on the way: its bytes decide, not its name."""
    takes = platform.capabilities.media.get(op.payload["way"])
    if desk.files is None or takes is None:
        raise Refused(say("No file can go along there."), "kind")
    content = await desk.files.read(one.file, max(takes.kinds.values()))
    limit = takes.kinds.get(content.kind)
    if limit is None:
        raise Refused(
            say("{name} is not what its name says, or {platform} takes none of its kind.",
                name=clean(one.name), platform=platform.title),
            "kind",
        )  # fmt: skip
    if len(content.data) > limit:
        raise Refused(say("{name} is larger than {limit}.", name=clean(one.name), limit=size(limit)), "too_large")
    return await platform.upload(Content(one.name, content.kind, content.data, one.alt), op.payload["way"])


async def _later_or_never(desk: Desk, op: Operation) -> None:
    async def work(tx: Tx) -> bool:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return False
        tries = int(fresh.payload.get("tries", 0)) + 1
        tx.keep_op(replace(fresh, not_before=desk.now() + PAUSE, payload={**fresh.payload, "tries": tries}))
        return tries % TRIES == 0

    if await desk.transact(work):
        await _failed(desk, op, say("The file that goes along could not be handed over: no answer came."))


async def _failed(desk: Desk, op: Operation, why: str) -> None:
    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is not None and fresh.state is Delivery.OWED:
            fail(tx, fresh, why, desk.now())

    await desk.transact(work)
