"""A customer changes or takes back what they wrote: it changes, or goes, everywhere in Slack and in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.overtaken import hold_back
from desk.flows.owing import forget_files, owe_card, owe_edit, owe_files, owe_line, owe_shows, root_id
from desk.flows.waiting import clock_now
from desk.model.asking import Line
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.message import Message
from desk.model.neutral import display_name, pieces
from desk.model.outbox import Delivery, Operation, OpKind
from desk.model.reasons import WITHDRAWN
from desk.model.words import strong
from desk.ports import Tx

QUOTED = 1200
"""Characters of a former text, and of what it is now, that the thread's line about an edit shows."""


def edited(desk: Desk, tx: Tx, message: Message, known: Entry, now: datetime) -> bool:
    """The message as it reads now; what it said before stands in the thread. False where nothing changed."""
    if message.private and not message.attachments:
        # What tells of an edit in Messenger names the words alone; nobody can take a file out of a private message.
        message = replace(message, attachments=known.attachments, alts=known.alts)
    same_text = known.text == message.text
    same_things = (_places(known.attachments), known.alts) == (_places(message.attachments), message.alts)
    if known.deleted or (same_text and same_things):
        return False
    inquiry = tx.inquiry(known.number)
    assert inquiry is not None, "a message always belongs to an inquiry"
    shown = _is_shown(tx, known)
    changed = replace(
        known,
        text=message.text,
        remote_id=message.remote_id,
        url=message.url or known.url,
        attachments=message.attachments,
        alts=message.alts,
        edits=(*known.edits, known.text) if shown and not same_text else known.edits,
    )
    tx.keep_entry(changed)
    if _places(known.attachments) != _places(changed.attachments) and known.said is Said.CUSTOMER:
        forget_files(tx, known, now)
        if desk.rules.bring_files and tx.op(root_id(known.number)) is not None:
            owe_files(tx, inquiry, changed, now)
    tx.log(Event(now, known.number, "customer edited", details={"index": known.index}))
    if shown and known.said is Said.CUSTOMER and not same_text:
        line = Line(
            say("{name} edited a message.", name=strong(display_name(known.author.name, known.author.handle))),
            quote=f"{say('Before: {text}', text=_cut(known.text))}\n{say('Now: {text}', text=_cut(message.text))}",
            mark="pencil2",
        )
        owe_line(tx, inquiry, f"edited:{known.index}:{len(known.edits)}", line, now)
    newest = inquiry.last_message_id == known.remote_id
    inquiry = replace(
        inquiry,
        version=inquiry.version + 1,
        last_message_id=message.remote_id if newest else inquiry.last_message_id,
        first_message_id=message.remote_id if known.index == 0 else inquiry.first_message_id,
    )
    tx.keep_inquiry(inquiry)
    _show_again(tx, inquiry, changed, now)
    if known.said is Said.CUSTOMER:
        hold_back(tx, known.number, say("The customer has changed a message since. Read that first."), now)
    owe_card(tx, inquiry, now)
    return True


def withdrawn(desk: Desk, tx: Tx, known: Entry, now: datetime) -> bool:
    """The message without its words, wherever they stood. The clock runs on only for what still waits."""
    if known.deleted:
        return False
    inquiry = tx.inquiry(known.number)
    assert inquiry is not None, "a message always belongs to an inquiry"
    shown = _is_shown(tx, known)
    gone = replace(known, text="", attachments=(), alts=(), edits=(), deleted=True)
    tx.keep_entry(gone)
    forget_files(tx, known, now)
    tx.log(Event(now, known.number, "customer withdrew", details={"index": known.index}))
    forget_edits(tx, known, now)
    clock = clock_now(desk, tx, inquiry) if inquiry.clock is not None else None
    changed = replace(inquiry, version=inquiry.version + 1, clock=clock)
    if inquiry.clock is not None and clock is None:
        tx.log(Event(now, known.number, "clock stopped", details={"why": "withdrawn"}))
    nothing_left = not any(e.said is Said.CUSTOMER and not e.deleted for e in tx.entries(known.number))
    if clock is None and inquiry.is_open and (inquiry.clock is not None or nothing_left):
        changed = replace(changed, status=Status.PENDING, flags=(*changed.flags, Flag.WITHDRAWN))
    if nothing_left and not shown and inquiry.is_open and known.index == 0:
        changed = replace(changed, status=Status.CLOSED, closed_at=now, closed_reason=WITHDRAWN)
    tx.keep_inquiry(changed)
    if shown and known.said is Said.CUSTOMER:
        name = strong(display_name(known.author.name, known.author.handle))
        line = Line(say("{name} took a message back. Its text is gone from here, too.", name=name), mark="wastebasket")
        owe_line(tx, changed, f"withdrawn:{known.index}", line, now)
    _show_again(tx, changed, gone, now)
    if known.said is Said.CUSTOMER:
        hold_back(
            tx, known.number, say("The customer has taken a message back since. Look at what is left first."), now
        )
    owe_card(tx, changed, now)
    return True


def shows_of(tx: Tx, number: int, index: int) -> Iterator[Operation]:
    """The operations that show a message in its thread; the first piece of the very first stands in the card."""
    for op in tx.ops_of(number):
        if op.kind is OpKind.SHOW and index in op.payload.get("entries", (op.payload["entry"],)):
            yield op


def _is_shown(tx: Tx, entry: Entry) -> bool:
    """Whether any of it may stand in Slack."""
    root = tx.op(root_id(entry.number))
    if entry.index == 0:
        return root is None or root.state is not Delivery.OWED
    return any(op.state is not Delivery.OWED for op in shows_of(tx, entry.number, entry.index))


def _show_again(tx: Tx, inquiry: Inquiry, entry: Entry, now: datetime) -> None:
    """Every message that shows it is drawn anew; pieces that it did not have before are added."""
    last, shows = 0, list(shows_of(tx, entry.number, entry.index))
    for op in shows:
        last = max(last, int(op.payload["piece"]))
        if op.state is not Delivery.OWED:
            owe_edit(tx, op.op_id, now)
        elif int(op.payload["piece"]) >= len(pieces(entry.text)):
            tx.keep_op(replace(op, state=Delivery.CANCELLED, settled_at=now))
    # What somebody ignored wrote stands nowhere yet, and is shown whole once they are brought back.
    begun = bool(shows) or (entry.index == 0 and tx.op(root_id(entry.number)) is not None)
    if entry.said is Said.CUSTOMER and begun:
        owe_shows(tx, inquiry, entry, now, first_piece=last + 1)
    show_repeated(tx, entry, now)


def show_repeated(tx: Tx, entry: Entry, now: datetime) -> None:
    """A customer's first private message repeats what they wrote in public before it, and is drawn anew with it."""
    for one in tx.entries(entry.number):
        if one.said is Said.CUSTOMER and one.private and one.author.remote_id == entry.author.remote_id:
            if one.index > entry.index and not entry.private:
                for op in list(shows_of(tx, one.number, one.index)):
                    owe_edit(tx, op.op_id, now)
            return


def forget_edits(tx: Tx, entry: Entry, now: datetime) -> None:
    """Lines that quoted what the message said before quote nothing any more: it is taken back, or stands elsewhere."""
    begins = f"say:{entry.number}:edited:{entry.index}:"
    for op in tx.ops_of(entry.number):
        if op.kind is OpKind.SAY and op.op_id.startswith(begins) and op.payload.get("quote"):
            tx.keep_op(replace(op, payload={**op.payload, "quote": ""}))
            owe_edit(tx, op.op_id, now)


def _places(attachments: Sequence[str]) -> list[str]:
    """Where attachments are, without what a platform signs anew each time."""
    return [place.partition("?")[0] for place in attachments]


def _cut(text: str) -> str:
    """The beginning of a text, with what is left out counted."""
    if not text.strip():
        return say("(no text)")
    begin = pieces(text, QUOTED)[0]
    more = len(text) - len(begin)
    if not more:
        return text
    return say_n("{begin} … ({n} more character)", "{begin} … ({n} more characters)", more, begin=begin.rstrip())
