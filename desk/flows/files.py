"""Customers' pictures and files come into the thread, where the owner wants that; else, and in doubt, their links
stand there alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from desk import crash
from desk.desk import Desk
from desk.flows.outcome import TROUBLE, again, begun, failed_in_slack, posted, unsure
from desk.flows.owing import owe_forget, owe_line
from desk.flows.post import ALL, SHORT, SLACK_LOOKS, lane_of, silent, trouble, well
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.inquiry import Entry, Inquiry
from desk.model.media import Content
from desk.model.outbox import Delivery, Lane, Operation
from desk.model.words import clean
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

TRIES = 3
"""So often a file is fetched that does not come; then its link must do."""
PAUSE = timedelta(seconds=20)


async def bring(desk: Desk, op: Operation) -> None:
    """One file from its platform into the thread: fetched and handed over first, which nobody sees; then its id is
    written down, and it is shown by one call."""
    if desk.files is None or (asked := await _asked(desk, op)) is None:
        return
    inquiry, entry = asked
    nth = int(op.payload["nth"])
    try:
        content = await desk.platform(entry.platform).download(entry.attachments[nth])
    except Busy as busy:
        await again(desk, op, busy.retry_at, spent=False)
        return
    except Unreachable as error:
        await _later_or_never(desk, op, str(error))
        return
    except OutsideError as error:
        await _stays_a_link(desk, op, str(error))
        return
    alt = entry.alts[nth] if nth < len(entry.alts) else ""
    try:
        file = await desk.files.put(replace(content, alt=alt))
    except OutsideError as error:
        await _not_handed_over(desk, op, error)
        return

    async def begin(tx: Tx) -> Operation | None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED or _gone(tx, fresh):
            return None
        sending = begun(replace(fresh, payload={**fresh.payload, "file": file}), desk.now())
        tx.keep_op(sending)
        return sending

    crash.reached("CP4", op.op_id)
    sending = await desk.transact(begin)
    if sending is None:
        return
    crash.reached("CP5", op.op_id)
    try:
        shown = desk.files.share(file, _title(content, alt), inquiry.channel, inquiry.thread_ts or "")
        await crash.unanswered("CP6", op.op_id, shown)
    except Unreachable:
        silent(desk, lane_of(op))
        await unsure(desk, sending, desk.now() + SLACK_LOOKS[0])
    except OutsideError as error:
        await _not_handed_over(desk, sending, error)
    else:
        crash.reached("CP7", op.op_id)
        well(desk, lane_of(op))
        await posted(desk, sending, "")
        crash.reached("CP8", op.op_id)


def _title(content: Content, alt: str) -> str:
    return (" ".join(alt.split()) or content.name)[:200]


async def _asked(desk: Desk, op: Operation) -> tuple[Inquiry, Entry] | None:
    """Whose file it is; None where it need not come any more."""

    async def work(tx: Tx) -> tuple[Inquiry, Entry] | None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return None
        assert op.number is not None
        inquiry, entry = tx.inquiry(op.number), _entry(tx, op)
        if inquiry is None or inquiry.thread_ts is None or entry is None or _gone(tx, op):
            tx.keep_op(replace(fresh, state=Delivery.CANCELLED, settled_at=desk.now()))
            return None
        return inquiry, entry

    return await desk.transact(work)


def _entry(tx: Tx, op: Operation) -> Entry | None:
    assert op.number is not None
    return next((one for one in tx.entries(op.number) if one.index == op.payload["entry"]), None)


def _gone(tx: Tx, op: Operation) -> bool:
    entry = _entry(tx, op)
    return entry is None or entry.deleted or int(op.payload["nth"]) >= len(entry.attachments)


async def _not_handed_over(desk: Desk, op: Operation, error: OutsideError) -> None:
    """Slack did not take it, and shows nothing of it."""
    now = desk.now()
    match error:
        case Busy():
            desk.lanes.close(lane_of(op), error.retry_at, now)
            await again(desk, op, error.retry_at, spent=False)
        case Unreachable():
            silent(desk, lane_of(op))
            await _later_or_never(desk, op, say("Slack did not take it"))
        case Unauthorised() if "missing_scope" not in error.why:
            await trouble(desk, ALL, error.why)
            await again(desk, op, now + TROUBLE, spent=False)
        case _:
            await _stays_a_link(desk, op, str(error))


async def _later_or_never(desk: Desk, op: Operation, why: str) -> None:
    """Once more in a while, a few times."""

    async def work(tx: Tx) -> bool:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state not in (Delivery.OWED, Delivery.SENDING):
            return False
        tries = int(fresh.payload.get("tries", 0)) + 1
        kept = replace(fresh, payload={**fresh.payload, "tries": tries})
        tx.keep_op(replace(kept, state=Delivery.OWED, not_before=desk.now() + PAUSE))
        return tries >= TRIES

    if await desk.transact(work):
        await _stays_a_link(desk, op, why)


async def _stays_a_link(desk: Desk, op: Operation, why: str) -> None:
    """It cannot be brought: the thread says so, and why; the link stands above."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh, inquiry = tx.op(op.op_id), tx.inquiry(op.number) if op.number is not None else None
        if fresh is None or not fresh.waiting or inquiry is None:
            return
        tx.keep_op(replace(fresh, state=Delivery.FAILED, settled_at=now, reason=why))
        sentence = say(
            "A file of the customer's could not be brought here: {why}. Its link stands above.",
            why=clean(why).rstrip("."),
        )
        owe_line(tx, inquiry, op.op_id, Line(sentence, mark="paperclip"), now, lane=Lane.FOLLOW)

    log.info("a file stays a link", extra={"op": op.op_id, "number": op.number})
    await desk.transact(work)


async def look_for_file(desk: Desk, op: Operation) -> None:
    """One look for a file of which nobody knows whether the thread shows it. Not to be seen twice, it is brought
    again; where we may not look, its link must do."""

    async def thread(tx: Tx) -> str:
        inquiry = tx.inquiry(op.number) if op.number is not None else None
        return (inquiry.thread_ts if inquiry is not None else None) or ""

    file, thread_ts = str(op.payload.get("file") or ""), await desk.read(thread)
    found: str | None = None
    try:
        if desk.files is not None and file and thread_ts:
            found = await desk.files.shared(file, op.place, thread_ts)
    except Refused as error:
        await _stays_a_link(desk, op, str(error))
        return
    except OutsideError as error:
        if isinstance(error, Unauthorised):
            await trouble(desk, ALL, error.why)
        at = error.retry_at if isinstance(error, Busy) else desk.now() + SHORT

        async def later(tx: Tx) -> None:
            fresh = tx.op(op.op_id)
            if fresh is not None and fresh.state is Delivery.UNSURE:
                tx.keep_op(replace(fresh, not_before=max(at, desk.now())))

        await desk.transact(later)
        return
    well(desk, lane_of(op))
    if found is not None:
        await posted(desk, op, found)
        return

    async def work(tx: Tx) -> None:
        now, fresh = desk.now(), tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.UNSURE:
            return
        if fresh.looks + 1 >= len(SLACK_LOOKS):
            kept = {key: value for key, value in fresh.payload.items() if key != "file"}
            tx.keep_op(replace(fresh, state=Delivery.OWED, not_before=now, looks=0, payload=kept))
            # Slack may only be slow to show it: then it would stand there twice, or after it was taken back.
            owe_forget(tx, fresh, file, now)
            return
        at = max((fresh.started_at or now) + SLACK_LOOKS[fresh.looks + 1], now + SHORT)
        tx.keep_op(replace(fresh, looks=fresh.looks + 1, not_before=at))

    await desk.transact(work)


async def forget(desk: Desk, op: Operation) -> None:
    """Take a file out of Slack."""

    async def which(tx: Tx) -> str:
        if "file" in op.payload:
            return str(op.payload["file"])
        brought = tx.op(op.after) if op.after is not None else None
        return str(brought.payload.get("file") or "") if brought is not None else ""

    file = await desk.read(which)
    try:
        if file and desk.files is not None:
            await desk.files.forget(file)
    except Busy as busy:
        await again(desk, op, busy.retry_at, spent=False)
    except Unreachable:
        silent(desk, lane_of(op))
        await again(desk, op, desk.now() + SHORT)
    except Unauthorised as error:
        await trouble(desk, ALL, error.why)
        await again(desk, op, desk.now() + TROUBLE, spent=False)
    except Refused as error:
        await failed_in_slack(desk, op, error.why)
    else:
        await posted(desk, op, "")
