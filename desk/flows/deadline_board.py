"""The deadline board: one pinned message in the desk's main channel, edited in place: all that is due by time left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import customer_name
from desk.flows.owing import owe_edit, owe_post
from desk.model.asking import Button, Line
from desk.model.catalogue import say
from desk.model.inquiry import Inquiry
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.words import clean, link, strong, when, who
from desk.ports import Tx

EDIT_EVERY = timedelta(seconds=10)
"""The board is edited at most this often, however much happens."""
AT_LEAST = timedelta(hours=1)
"""An empty board is looked at anew after this, even where nothing happened."""
ROWS = 15
"""How many inquiries it names; the rest is counted."""


async def watch_board(desk: Desk) -> None:
    """Bring the board up to date: posted and pinned once, edited where it changed, made anew where it is gone."""
    if not desk.rules.board:
        return
    seen, changes = desk.board_seen, desk.changes
    if seen is not None and seen[0] == changes and desk.now() < seen[1]:
        return

    async def stale(tx: Tx) -> tuple[bool, datetime]:
        op = tx.op(_post_id(_nth(tx)))
        line, until = _line(desk, tx)
        return op is None or _gone(tx, op) or op.payload != line.as_json(), until

    is_stale, until = await desk.read(stale)
    if not is_stale:
        desk.board_seen = changes, until
        return

    async def work(tx: Tx) -> None:
        now, nth = desk.now(), _nth(tx)
        op = tx.op(_post_id(nth))
        if op is not None and _gone(tx, op):
            nth, op = nth + 1, None
            tx.set_setting("board", nth)
        line, _ = _line(desk, tx)
        if op is None:
            _owe(tx, nth, desk.rules.channel, line, now)
            return
        edit = tx.op(f"edit:{op.op_id}")
        last = edit.settled_at if edit is not None else None
        if op.state in (Delivery.SENDING, Delivery.UNSURE) or (last is not None and now - last < EDIT_EVERY):
            return
        tx.keep_op(replace(op, payload=line.as_json()))
        owe_edit(tx, op.op_id, now)

    await desk.transact(work)


def _nth(tx: Tx) -> int:
    """Which board it is: they are counted from 1, one more for each that was deleted in Slack."""
    return int(tx.setting("board") or 1)


def _post_id(nth: int) -> str:
    return f"post:board:{nth}"


def _gone(tx: Tx, op: Operation) -> bool:
    """Whether Slack no longer has it: an edit of it failed for good."""
    edit = tx.op(f"edit:{op.op_id}")
    return Delivery.FAILED in (op.state, edit.state if edit is not None else None)


def _owe(tx: Tx, nth: int, channel: str, line: Line, now: datetime) -> None:
    owe_post(tx, f"board:{nth}", channel, line, now, lane=Lane.NOTICE)
    pin = Operation(f"pin:board:{nth}", OpKind.PIN, Lane.NOTICE, "slack", channel, now, now, after=_post_id(nth))
    tx.keep_op(pin)


def _line(desk: Desk, tx: Tx) -> tuple[Line, datetime]:
    """What the board says, and until when; nothing in it changes by the mere passing of time but *LATE*."""
    now = desk.now()
    due = tx.due_count(now)
    head = " · ".join(
        f"{strong(name)}: {count}"
        for name, count in ((say("Due"), due.all), (say("unclaimed"), due.free), (say("late"), due.late))
    )
    rows = [_row(desk, inquiry, now) for inquiry in tx.soonest_due(ROWS)]
    if due.all > ROWS:
        rows.append(say("and {n} more", n=due.all - ROWS))
    buttons = (
        Button("claim_next", say("Claim most urgent"), "next", "primary"),
        Button("queue", say("See the queue"), "open"),
    )
    words = "\n".join((head, *(rows or [say("Nothing waits.")])))
    return Line(words, buttons=buttons if due.all else (), mark="alarm_clock"), due.next or now + AT_LEAST


def _row(desk: Desk, inquiry: Inquiry, now: datetime) -> str:
    assert inquiry.next_due is not None
    late = inquiry.next_due <= now
    at = when(inquiry.next_due, "day")
    state = say("{late}, was due {at}", late=strong(say("LATE")), at=at) if late else say("due {at}", at=at)
    whose = who(inquiry.assignee) if inquiry.assignee else strong(say("UNCLAIMED"))
    promised = inquiry.promised
    what = []
    if promised is not None and promised.due_at == inquiry.next_due:
        what = [say("promised: {what}", what=promised.what or say("an answer"))]
    title = desk.platforms[inquiry.platform].title if inquiry.platform in desk.platforms else inquiry.platform
    name = strong(f"#{inquiry.number}")
    if inquiry.channel != desk.rules.channel and inquiry.thread_ts:
        name = link(desk.board.permalink(inquiry.channel, inquiry.thread_ts), f"#{inquiry.number}")
    return " · ".join((f"{name} {state}", f"{title} {clean(customer_name(inquiry))}", whose, *what))
