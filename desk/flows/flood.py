"""Several messages of one customer in one Slack message: what they write within seconds, and very many posts at once,
which are gathered in one thread and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from desk.flows.owing import owe_card, owe_edit, owe_shows, root_id
from desk.model.inquiry import Entry, Flag, Inquiry, Said
from desk.model.message import Author, Message
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.ports import Tx

ROOTS = 5
"""So many inquiries of one customer may begin …"""
WITHIN = timedelta(minutes=2)
"""… within this time, as the customer wrote; what is more goes into the thread of the first of them."""
RELATED = 6
"""How many earlier inquiries of the same customer an inquiry remembers: enough to tell a flood."""
POSTS, CHARACTERS = 40, 8500
"""How many posts, and how much text, of a flood one Slack message shows (Slack takes about 13,200 characters)."""
LONG = 1500
"""A post longer than this has Slack messages of its own."""
FURTHER = timedelta(seconds=20)
"""What a customer goes on to write within this time stands in one Slack message."""
FURTHERS = 10
"""So many of them at most: each takes two of the fifty blocks that a Slack message may have."""


def customer_key(platform: str, account: str, author: Author) -> str:
    """The identity under which the newest inquiry of a customer is found; "" where the platform names nobody."""
    return f"{platform}:{account}:customer:{author.remote_id}" if author.remote_id else ""


def earlier(tx: Tx, message: Message) -> tuple[Inquiry, ...]:
    """The latest inquiries of the customer, oldest first."""
    key = customer_key(message.platform, message.account, message.author)
    newest = tx.by_identity(key) if key else None
    last = tx.inquiry(newest) if newest is not None else None
    if last is None:
        return ()
    before = (tx.inquiry(number) for number in sorted(last.related) if number < last.number)
    return (*(one for one in before if one is not None), last)[-RELATED:]


def hand_over(tx: Tx, other: Inquiry, number: int, key: str, now: datetime) -> None:
    """An earlier inquiry of the same customer: it names the new one, which alone is found by the customer from now."""
    changed = other
    if key in other.conversations:
        changed = replace(changed, conversations=tuple(one for one in other.conversations if one != key))
    if other.is_open:
        changed = replace(changed, related=(*(n for n in other.related if n != number), number)[-RELATED:])
        owe_card(tx, changed, now)
    if changed != other:
        tx.keep_inquiry(changed)


def thread_for(tx: Tx, others: tuple[Inquiry, ...], at: datetime) -> Inquiry | None:
    """The inquiry in whose thread a post from that instant is shown, if it is one of very many; else None."""
    since = at - WITHIN
    if was_split(others, at):
        return None
    begun = [one for one in others if one.created_at > since]
    running: Inquiry | None = None
    count = len(begun)
    for one in others:
        if one.flood:
            gathered = sum(Flag.FLOOD in entry.flags and entry.at > since for entry in tx.entries(one.number))
            count += gathered
            running = one if gathered else running
    if count < ROOTS:
        return None
    return running or begun[0]


def was_split(others: tuple[Inquiry, ...], at: datetime) -> bool:
    """Whether an agent has split a flood of this customer, and it goes on."""
    return any(Flag.SPLIT in one.flags and one.created_at > at - WITHIN for one in others)


def owe_gathered(tx: Tx, inquiry: Inquiry, entry: Entry, now: datetime, ping: str) -> None:
    """Owe a post of a flood: in the thread's newest such message if there is room, else in a new one."""
    if len(entry.text) > LONG:
        owe_shows(tx, inquiry, entry, now, ping=ping)
        return
    entries = {one.index: one for one in tx.entries(inquiry.number)}
    gathered = (
        op
        for op in reversed(tx.ops_of(inquiry.number))
        if "entries" in op.payload and Flag.FLOOD in entries[op.payload["entries"][0]].flags
    )
    last = next(gathered, None)
    if last is not None and _has_room(last, entry, entries, POSTS):
        _join(tx, last, entry, now)
        return
    _owe_together(tx, inquiry.number, inquiry.channel, [entry.index], ping, now)


def owe_further(tx: Tx, inquiry: Inquiry, entry: Entry, now: datetime, ping: str) -> None:
    """Owe a further message of a customer: in the Slack message of the one before, if they wrote both within `FURTHER`
    and nobody said anything, or began to, in between; else in one of its own. Nobody waits for that: the first is shown
    at once."""
    entries = {one.index: one for one in tx.entries(inquiry.number)}
    before = entries.get(entry.index - 1)
    last = tx.op(_shows(tx, inquiry.number, before.index)) if before is not None else None
    if (
        last is None
        or before is None
        or _answer_goes(tx, last)
        or not _goes_with(last, before, entry, entries, now, ping)
    ):
        owe_shows(tx, inquiry, entry, now, ping=ping)
    else:
        _join(tx, last, entry, now, ping)


def _shows(tx: Tx, number: int, index: int) -> str:
    """The operation in whose Slack message that entry's words begin."""
    own = f"show:{number}:{index}:0"
    if tx.op(own) is None:
        for op in reversed(tx.ops_of(number)):
            if op.kind is OpKind.SHOW and index in op.payload.get("entries", ()):
                return op.op_id
    return own


def _answer_goes(tx: Tx, last: Operation) -> bool:
    """Whether an answer that was written after it is still on its way out: what comes now must not stand above that,
    where nobody looks. One that this very message holds back rings for its agent below."""
    return any(op.kind is OpKind.PUBLISH and op.waiting and op.seq > last.seq for op in tx.ops_of(last.number or 0))


def _goes_with(
    last: Operation, before: Entry, entry: Entry, entries: dict[int, Entry], now: datetime, ping: str
) -> bool:
    """Whether the entry is more of what `last` shows, and `last` may still take it."""
    first = entries[last.payload["entry"]]
    for one in (before, entry):
        whole = one.said is Said.CUSTOMER and not one.deleted and one.starts_clock and not one.attachments
        if not whole or len(one.text) > LONG or Flag.FLOOD in one.flags:
            return False
    if (before.author.remote_id, before.platform, before.private, before.conversation) != (
        entry.author.remote_id,
        entry.platform,
        entry.private,
        entry.conversation,
    ):
        return False
    if not (before.at <= entry.at <= first.at + FURTHER) or not _has_room(last, entry, entries, FURTHERS):
        return False
    if last.state is Delivery.OWED:
        return True
    # It stands there already, or is about to: an edit is seen by who looks, but rings for nobody.
    shown = last.settled_at or last.started_at or last.created_at
    return now - shown <= FURTHER and not (ping and not last.payload["ping"])


def _has_room(last: Operation, entry: Entry, entries: dict[int, Entry], most: int) -> bool:
    if last.state in (Delivery.CANCELLED, Delivery.FAILED):
        return False
    there = last.payload.get("entries", (last.payload["entry"],))
    size = sum(len(entries[index].text) for index in there if index in entries)
    return len(there) < most and size + len(entry.text) <= CHARACTERS


def _join(tx: Tx, last: Operation, entry: Entry, now: datetime, ping: str = "") -> None:
    """The entry is shown in that message, which is drawn anew where it was sent already."""
    there = last.payload.get("entries", [last.payload["entry"]])
    payload = {**last.payload, "entries": [*there, entry.index], "ping": last.payload["ping"] or ping}
    tx.keep_op(replace(last, payload=payload))
    owe_edit(tx, last.op_id, now)
    edit = tx.op(f"edit:{last.op_id}")
    if last.state is not Delivery.OWED and edit is not None:
        new = [*edit.payload.get("new", ()), entry.index]
        tx.keep_op(replace(edit, payload={**edit.payload, "new": new}))


def part_again(tx: Tx, edit: Operation, now: datetime) -> None:
    """Slack does not let the message be changed any more (somebody deleted it): what was to come into it and never
    stood there is owed in a message of its own."""
    said = tx.op(edit.after) if edit.after is not None else None
    new = [index for index in edit.payload.get("new", ()) if said is not None and index in said.payload["entries"]]
    if said is None or said.number is None or not new:
        return
    kept = [index for index in said.payload["entries"] if index not in new]
    tx.keep_op(replace(said, payload={**said.payload, "entries": kept}))
    _owe_together(tx, said.number, said.place, new, "", now)


def _owe_together(tx: Tx, number: int, channel: str, indexes: list[int], ping: str, now: datetime) -> None:
    payload = {"entry": indexes[0], "entries": indexes, "piece": 0, "pieces": 1, "ping": ping}
    tx.keep_op(
        Operation(
            f"show:{number}:{indexes[0]}:0",
            OpKind.SHOW,
            Lane.FOLLOW,
            "slack",
            channel,
            now,
            now,
            number,
            payload,
            after=root_id(number),
        )
    )
