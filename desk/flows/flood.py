"""Very many posts of one customer at once: gathered in one thread, counted, and several to a Slack message."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from desk.flows.owing import owe_card, owe_edit, owe_shows, root_id
from desk.model.inquiry import Entry, Flag, Inquiry
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
    last = next((op for op in reversed(tx.ops_of(inquiry.number)) if "entries" in op.payload), None)
    if last is not None and last.state is not Delivery.CANCELLED:
        known = {one.index: len(one.text) for one in tx.entries(inquiry.number)}
        size = sum(known.get(index, 0) for index in last.payload["entries"])
        if len(last.payload["entries"]) < POSTS and size + len(entry.text) <= CHARACTERS:
            tx.keep_op(replace(last, payload={**last.payload, "entries": [*last.payload["entries"], entry.index]}))
            owe_edit(tx, last.op_id, now)
            return
    payload = {"entry": entry.index, "entries": [entry.index], "piece": 0, "pieces": 1, "ping": ping}
    tx.keep_op(
        Operation(
            f"show:{inquiry.number}:{entry.index}:0",
            OpKind.SHOW,
            Lane.FOLLOW,
            "slack",
            inquiry.channel,
            now,
            now,
            inquiry.number,
            payload,
            after=root_id(inquiry.number),
        )
    )
