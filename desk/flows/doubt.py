"""In doubt: what may or may not have arrived is looked for, before anything else is done with it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.outcome import LOOKS, TROUBLE, ask_agent, fail, posted, settled, taken
from desk.flows.owing import owe_edit, owe_line
from desk.flows.post import ALL, SHORT, SLACK_LOOKS, lane_of, silent, trouble, well
from desk.flows.publish import outgoing
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.message import Outgoing, Receipt
from desk.model.outbox import Delivery, Operation, OpKind
from desk.model.words import link
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

BLIND_LOOKS = 2
"""So often Slack may refuse to let us look before we post again without having looked, once."""
TELLS = 3
"""So often a line for one person is tried. Twice the same line is noise; a lost refusal would lose a text."""
TELL_AGE = timedelta(minutes=10)


async def look_in_slack(desk: Desk, op: Operation) -> None:
    """One look for an unsure Slack post."""
    if op.kind is OpKind.TELL:
        await _tell_again(desk, op)
        return
    blind = False
    found: str | None = None
    try:
        found = await desk.board.find(op, await _thread_of(desk, op))
    except Busy as busy:
        await _look_again(desk, op, busy.retry_at)
        return
    except Unreachable:
        silent(desk, lane_of(op))
        await _look_again(desk, op, desk.now() + SHORT)
        return
    except Unauthorised as error:
        await trouble(desk, ALL, error.why)
        await _look_again(desk, op, desk.now())
        return
    except Refused as error:
        if error.code == "place":
            await trouble(desk, lane_of(op)[:2], error.why)
            await _look_again(desk, op, desk.now())
            return
        blind = error.code != "thread_not_found"
        if blind and not op.payload.get("blind"):
            log.error("slack does not let us look for what we posted: %s", error.why)
        desk.health["slack looks"] = error.why
    else:
        well(desk, lane_of(op))
        desk.health.pop("slack looks", None)
    if found is not None:
        await posted(desk, op, found)
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.UNSURE:
            return
        count = fresh.looks + (0 if blind else 1)
        dark = int(fresh.payload.get("blind", 0)) + (1 if blind else 0)
        payload = {**fresh.payload, "blind": dark} if blind else fresh.payload
        enough = count >= len(SLACK_LOOKS) or (dark >= BLIND_LOOKS and not fresh.payload.get("reposted"))
        if enough:
            payload = {**payload, "reposted": True}
            tx.keep_op(replace(fresh, state=Delivery.OWED, not_before=now, looks=0, payload=payload))
        elif blind:
            tx.keep_op(replace(fresh, not_before=now + TROUBLE, payload=payload))
        else:
            started = fresh.started_at or fresh.created_at
            at = max(started + SLACK_LOOKS[count], now + SHORT)
            tx.keep_op(replace(fresh, looks=count, not_before=at, payload=payload))

    await desk.transact(work)


async def look_on_platform(desk: Desk, op: Operation) -> None:
    """One look for an unsure publication."""

    async def build(tx: Tx) -> Outgoing:
        return outgoing(tx, op)

    receipt: Receipt | None = None
    try:
        receipt = await desk.platform(op.target).find(await desk.read(build), op.first_started_at)
    except Busy as busy:
        await _look_again(desk, op, busy.retry_at)
        return
    except OutsideError as error:
        log.warning("could not look", extra={"op": op.op_id, "why": type(error).__name__})
        await _look_again(desk, op, desk.now() + TROUBLE)
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.UNSURE:
            return
        if receipt is not None and not taken(tx, fresh, receipt.remote_id):
            settled(desk, tx, fresh, receipt.remote_id, receipt.url)
            return
        count = fresh.looks + 1
        if count < len(LOOKS):
            at = max((fresh.started_at or now) + LOOKS[count], now + timedelta(seconds=1))
            tx.keep_op(replace(fresh, looks=count, not_before=at))
        elif duplicate := fresh.payload.get("duplicate"):
            kept = {key: value for key, value in fresh.payload.items() if key != "duplicate"}
            fail(tx, replace(fresh, payload=kept), duplicate, now)
        else:
            # Never said again by itself: the agent decides.
            tx.keep_op(replace(fresh, looks=count))
            ask_agent(tx, fresh, now)

    await desk.transact(work)


async def fold(desk: Desk, op: Operation) -> None:
    """What had to be posted again: does it stand twice? The elder stays, the board folds the other."""

    async def read(tx: Tx) -> Operation | None:
        return tx.op(op.after) if op.after is not None else None

    post = await desk.read(read)
    kept: str | None = None
    if post is not None:
        try:
            kept = await desk.board.find(post, await _thread_of(desk, post))
        except OutsideError:
            await _fold_later(desk, op)
            return

    async def work(tx: Tx) -> None:
        now = desk.now()
        tx.keep_op(replace(op, state=Delivery.SENT, settled_at=now, remote_id=kept))
        fresh = tx.op(post.op_id) if post is not None else None
        if fresh is None or kept is None or kept == fresh.remote_id:
            return
        tx.keep_op(replace(fresh, remote_id=kept))
        if fresh.kind is OpKind.ROOT:
            _moved(desk, tx, fresh, kept, now)
        else:
            owe_edit(tx, fresh.op_id, now)

    await desk.transact(work)


def _moved(desk: Desk, tx: Tx, root: Operation, kept: str, now: datetime) -> None:
    """A thread goes on below the elder of two first messages, and says where the rest of the talk is."""
    inquiry = tx.inquiry(root.number) if root.number is not None else None
    assert inquiry is not None
    before = inquiry.thread_ts
    moved = replace(inquiry, thread_ts=kept)
    tx.keep_inquiry(moved)
    if before is not None:
        other = desk.board.permalink(inquiry.channel, before)
        line = Line(
            say(
                "Slack was slow, so this thread stood twice. Part of the talk is in {link}; it goes on here.",
                link=link(other, say("the other one")),
            ),
            mark="twisted_rightwards_arrows",
        )
        owe_line(tx, moved, f"folded:{before}", line, now)


async def _fold_later(desk: Desk, op: Operation) -> None:
    async def work(tx: Tx) -> None:
        tx.keep_op(replace(op, not_before=desk.now() + TROUBLE))

    await desk.transact(work)


async def _look_again(desk: Desk, op: Operation, at: datetime) -> None:
    """This look showed nothing, not even that it is not there."""

    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is not None and fresh.state is Delivery.UNSURE:
            tx.keep_op(replace(fresh, not_before=max(at, desk.now())))

    await desk.transact(work)


async def _tell_again(desk: Desk, op: Operation) -> None:
    """Nothing shows whether one person saw a line, so it is said again: soon, seldom, and not when it is old."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None:
            return
        if fresh.attempts < TELLS and now - fresh.created_at < TELL_AGE:
            tx.keep_op(replace(fresh, state=Delivery.OWED, not_before=now))
        else:
            tx.keep_op(replace(fresh, state=Delivery.CANCELLED, settled_at=now))

    await desk.transact(work)


async def _thread_of(desk: Desk, op: Operation) -> str | None:
    if op.kind not in (OpKind.SAY, OpKind.SHOW) or op.number is None:
        return None
    number = op.number

    async def read(tx: Tx) -> str | None:
        inquiry = tx.inquiry(number)
        return inquiry.thread_ts if inquiry else None

    return await desk.read(read)
