"""One operation of the outbox in Slack: drawn at the moment at which it goes, written down before and after."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from desk import crash
from desk.desk import Desk
from desk.flows.drawing import view_of
from desk.flows.outcome import TROUBLE, again, begun, failed_in_slack, posted, root_gone, tell_leads, unsure
from desk.flows.sharing import elsewhere, in_words
from desk.model.catalogue import say
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.lanes import Lane
from desk.model.outbox import IDEMPOTENT, Delivery, Operation, OpKind
from desk.model.words import clean
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

SLACK_LOOKS = (timedelta(seconds=2), timedelta(seconds=15))
"""When an unsure Slack post is looked for, after the attempt; not found twice, it may be posted again. Slack's history
may lag ten seconds behind."""
SHORT = timedelta(seconds=5)
ALL = ("slack",)
SILENT = "Slack does not answer"


def lane_of(op: Operation) -> Lane:
    """A channel's posts, its edits and what single people are told each have a pace of their own."""
    return op.line


async def post(desk: Desk, op: Operation) -> None:
    """Send one owed operation."""

    async def begin(tx: Tx) -> tuple[Operation, dict[str, object]] | None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return None
        view = view_of(desk, tx, fresh)
        if view is None:
            tx.keep_op(replace(fresh, state=Delivery.CANCELLED, settled_at=desk.now()))
            return None
        if fresh.kind not in IDEMPOTENT:
            fresh = begun(fresh, desk.now())
            tx.keep_op(fresh)
        return fresh, view

    crash.reached("CP11" if op.kind is OpKind.CARD else "CP4", op.op_id)
    started = await desk.store.transact(begin)
    if started is None:
        return
    sending, view = started
    crash.reached("CP5", op.op_id)
    try:
        ts = await crash.unanswered("CP6", op.op_id, desk.board.deliver(sending, view))
    except OutsideError as error:
        await _not_well(desk, sending, error)
    else:
        crash.reached("CP7", op.op_id)
        well(desk, lane_of(sending))
        await posted(desk, sending, ts)
        crash.reached("CP8", op.op_id)


async def _not_well(desk: Desk, op: Operation, error: OutsideError) -> None:
    now, lane = desk.now(), lane_of(op)
    match error:
        case Busy():
            desk.lanes.close(lane, error.retry_at, now)
            await again(desk, op, now, spent=False)
        case Unreachable():
            silent(desk, lane)
            if op.kind in IDEMPOTENT:
                await again(desk, op, now + SHORT)
            else:
                await unsure(desk, op, now + SLACK_LOOKS[0])
        case Unauthorised():
            await trouble(desk, ALL, error.why)
            await again(desk, op, now, spent=False)
        case Refused(code="place"):
            await trouble(desk, lane[:2], error.why)
            await again(desk, op, now, spent=False)
        case Refused(code="message_not_found" | "thread_not_found") if op.kind is not OpKind.EDIT and op.number:
            await root_gone(desk, op)
        case Refused():
            await failed_in_slack(desk, op, error.why)


def well(desk: Desk, lane: Lane) -> None:
    """Slack took something there: what waited may go."""
    if desk.lanes.open(lane):
        for place in ("slack", f"slack {lane[1]}"):
            if desk.health.pop(place, None):
                log.info("well again: %s", place)
        desk.kick()


def silent(desk: Desk, lane: Lane) -> None:
    """No answer that says anything: everything else waits a little, too, instead of running into the same."""
    now = desk.now()
    if desk.lanes.close(lane, now, now):
        log.warning("%s; what is owed waits, and is tried again", SILENT)
    desk.health.setdefault("slack", say("Slack does not answer; what is owed waits."))


async def trouble(desk: Desk, lane: Lane, why: str) -> None:
    """Only people can mend it: nothing is dropped, one try a minute tells when it is well again, and it is said where
    people still look: in the log, in /desk, and in the other channel of the desk where only one is shut."""
    now = desk.now()
    place = " ".join(lane)
    if desk.lanes.close(lane, now + TROUBLE, now):
        log.error("slack trouble: %s What is owed there waits; it is tried again every minute.", why)
    if desk.health.get(place) == why:
        return
    desk.health[place] = why
    if lane == ALL:
        return

    async def work(tx: Tx) -> None:
        sentence = say(
            "I can't post in {where}. {why} Nothing is lost: what belongs there waits, in its order.",
            where=in_words(desk, lane[1]),
            why=clean(why),
        )
        tell_leads(desk, tx, place, elsewhere(desk, lane[1]), sentence)

    await desk.transact(work)
