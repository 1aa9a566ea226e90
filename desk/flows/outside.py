"""Our own account spoke: an echo of what the desk published, or a colleague who answered natively."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.acknowledge import came_back
from desk.flows.owing import owe_card, owe_line
from desk.flows.reply import name_it, published
from desk.flows.waiting import clock_now, solution
from desk.model.asking import Button, Line
from desk.model.catalogue import say
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.message import Message
from desk.model.neutral import same_words
from desk.model.outbox import Delivery, OpKind
from desk.model.promise import in_words
from desk.model.words import link
from desk.ports import Tx


def own_message(
    desk: Desk, tx: Tx, message: Message, number: int, entry: Callable[[int], Entry], now: datetime
) -> bool:
    """Something that our account said in an inquiry and that we don't have: True where it was not the desk's doing.

    `entry(index)` makes what is kept of it.
    """
    if message.deleted:
        return False
    if came_back(tx, number, message, now):
        return False
    for op in tx.ops_of(number):
        if op.kind is not OpKind.PUBLISH:
            continue
        if op.remote_id == message.remote_id:
            return False
        if op.remote_id or not op.started_at or not same_words(op.payload["text"], message.text):
            continue
        if op.state is Delivery.UNSURE:
            # What was in doubt is there: the platform itself says so.
            published(desk, tx, op, message.remote_id, message.url, now)
        elif op.state is Delivery.SENT:
            name_it(tx, op, message.remote_id, message.url, now)
        if op.state in (Delivery.SENDING, Delivery.UNSURE, Delivery.SENT):
            return False
    _answered_outside(desk, tx, message, entry(len(tx.entries(number))), now)
    return True


def _answered_outside(desk: Desk, tx: Tx, message: Message, entry: Entry, now: datetime) -> None:
    inquiry = tx.inquiry(entry.number)
    assert inquiry is not None, "an identity always names an inquiry"
    hours = desk.hours(tx)
    tx.keep_entry(replace(entry, said=Said.OUTSIDE, starts_clock=False))
    since = inquiry.clock.started_at if inquiry.clock else inquiry.created_at
    seconds = hours.between(since, entry.at).total_seconds() if entry.at > since else 0.0
    changed = inquiry
    if inquiry.first_answered_at is None:
        took = hours.between(inquiry.created_at, entry.at).total_seconds() if entry.at > inquiry.created_at else 0.0
        changed = replace(changed, first_answered_at=entry.at, first_answer_seconds=took)
    clock = clock_now(desk, tx, changed) if inquiry.clock is not None else None
    changed = replace(
        changed,
        clock=clock,
        status=_status(inquiry, clock is not None),
        flags=(*(flag for flag in inquiry.flags if flag != Flag.OUTSIDE), Flag.OUTSIDE),
        version=inquiry.version + 1,
        last_reply_url=message.url or inquiry.last_reply_url,
    )
    changed = solution(desk, tx, changed)
    tx.keep_inquiry(changed)
    tx.log(Event(now, entry.number, "answered outside", business_seconds=seconds))
    where = link(message.url, say("open it")) if message.url else say("in private")
    if not inquiry.is_open:
        what = say("The inquiry stays closed.")
    elif clock is None:
        what = say("The clock has stopped. If that was no answer, press the button.")
    else:
        what = say("The customer wrote again after it, so the clock runs on.")
    buttons = [Button("needs_answer", say("It needs an answer"), f"{entry.number}:{entry.index}")]
    if not inquiry.is_open or clock is not None:
        buttons = []
    if inquiry.is_open and inquiry.promised is not None:
        asked = say("Promised is {promise}: was that kept with it?", promise=in_words(inquiry.promised))
        what = f"{what} {asked}"
        buttons.insert(0, Button("promise_kept", say("It is kept"), str(entry.number)))
    line = Line(
        say("Answered outside the desk, as our account ({where}). {what}", where=where, what=what),
        quote=message.text[:2000],
        buttons=tuple(buttons),
        mark="speech_balloon",
    )
    owe_line(tx, changed, f"outside:{entry.index}", line, now)
    owe_card(tx, changed, now)


def _status(inquiry: Inquiry, waits: bool) -> Status:
    """Where it stands after an answer: the customer's turn, unless something waits still, or is promised."""
    if not inquiry.is_open or waits:
        return inquiry.status
    return Status.PENDING if inquiry.promised is None else Status.OPEN
