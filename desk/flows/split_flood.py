"""An agent splits a flood: every gathered conversation that has had no answer becomes an inquiry of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.amend import forget_edits, shows_of
from desk.flows.finding import meant, must_be_open
from desk.flows.flood import RELATED, customer_key
from desk.flows.owing import forget_files, owe_card, owe_edit, owe_files, owe_line, owe_shows
from desk.flows.receive import open_inquiry
from desk.flows.waiting import clock_now
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said
from desk.model.words import who
from desk.ports import Tx


async def split_flood(desk: Desk, ask: Ask) -> Answer:
    """Take apart what was shown in one thread. What was answered there, or taken back, stays."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        groups = _apart(tx, inquiry)
        if not groups:
            return Answer(say("Nothing in #{number} is left to split.", number=inquiry.number))
        numbers = [_own(desk, tx, inquiry, identity, entries, now) for identity, entries in groups.items()]
        key = customer_key(inquiry.platform, inquiry.account, inquiry.customer)
        left = replace(
            inquiry,
            conversations=tuple(one for one in inquiry.conversations if one not in groups and one != key),
            flood=0,
            flags=(*inquiry.flags, Flag.SPLIT),
            message_count=inquiry.message_count - sum(map(len, groups.values())),
            related=tuple(numbers[-RELATED:]),
            version=inquiry.version + 1,
        )
        left = _without(desk, tx, left)
        tx.keep_inquiry(left)
        tx.log(Event(now, inquiry.number, "split", ask.agent.user, None, {"into": numbers}))
        last = f"#{numbers[-1]}"
        span = last if len(numbers) == 1 else say("{first} to {last}", first=f"#{numbers[0]}", last=last)
        noun = say_n("an inquiry of its own", "{n} inquiries of their own", len(numbers))
        by = who(ask.agent.user)
        told = say("{who} split what had been gathered here: {what}, {span}.", who=by, what=noun, span=span)
        line = Line(told, mark="scissors")
        owe_line(tx, left, f"split:{now.timestamp()}", line, now)
        owe_card(tx, left, now)
        return Answer(
            say(
                "#{number} is split: {what}, {span}. Their threads come one by one.",
                number=inquiry.number,
                what=noun,
                span=span,
            )
        )

    return await desk.once(ask, work)


def _apart(tx: Tx, inquiry: Inquiry) -> dict[str, list[Entry]]:
    """The gathered conversations in which nothing was answered or taken back, with what was said in each."""
    entries = tx.entries(inquiry.number)
    last_answer = max((e.index for e in entries if e.said in (Said.REPLY, Said.OUTSIDE)), default=-1)
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if Flag.FLOOD in entry.flags and entry.said is Said.CUSTOMER:
            groups[entry.conversation] = []
    for entry in entries:
        if entry.conversation in groups:
            groups[entry.conversation].append(entry)
    return {
        identity: said
        for identity, said in groups.items()
        if all(e.said is Said.CUSTOMER and e.index > last_answer and not e.deleted for e in said)
    }


def _own(desk: Desk, tx: Tx, inquiry: Inquiry, identity: str, entries: list[Entry], now: datetime) -> int:
    """One conversation as an inquiry of its own; returns its number."""
    had_files = [forget_files(tx, entry, now) for entry in entries]
    for entry in entries:
        forget_edits(tx, entry, now)
        tx.keep_entry(replace(entry, said=Said.MOVED, remote_id="", text="", edits=(), attachments=(), alts=()))
    first, *rest = (
        replace(entry, conversation="", flags=tuple(f for f in entry.flags if f != Flag.FLOOD)) for entry in entries
    )
    people = {e.author.handle.casefold(): e.author.handle for e in entries if e.author.handle}
    key = customer_key(inquiry.platform, inquiry.account, first.author)
    newest = tx.by_identity(key) if key else None
    opened = open_inquiry(
        desk,
        tx,
        first,
        identity=identity,
        account=inquiry.account,
        kind=inquiry.kind,
        people=tuple(people.values()) or inquiry.people,
        now=now,
        conversations=(key,) if key else (),
        related=(inquiry.number,),
        flags=(Flag.SPLIT,),
        channel=inquiry.channel,
    )
    before = tx.inquiry(newest) if newest is not None and newest != inquiry.number else None
    if before is not None and key in before.conversations:
        tx.keep_inquiry(replace(before, conversations=tuple(one for one in before.conversations if one != key)))
    for index, entry in enumerate(rest, start=1):
        opened = replace(
            opened, last_message_id=entry.remote_id, last_customer_at=entry.at, message_count=opened.message_count + 1
        )
        entry = replace(entry, number=opened.number, index=index)
        tx.keep_entry(entry)
        if Flag.MUTED in opened.flags:
            continue  # of somebody ignored: it has no thread, and is shown once they are brought back
        owe_shows(tx, opened, entry, now)
        if had_files[index]:
            owe_files(tx, opened, entry, now)
    tx.keep_inquiry(opened)
    for moved in tx.entries(inquiry.number):
        if any(moved.index == entry.index for entry in entries):
            tx.keep_entry(replace(moved, moved_to=opened.number))
            for op in shows_of(tx, inquiry.number, moved.index):
                owe_edit(tx, op.op_id, now)
    return opened.number


def _without(desk: Desk, tx: Tx, inquiry: Inquiry) -> Inquiry:
    """What is left of the inquiry, with the clock for what still waits in it."""
    stands = [e for e in tx.entries(inquiry.number) if e.said is Said.CUSTOMER and not e.deleted]
    newest = max(stands, key=lambda e: (e.at, e.index), default=None)
    if newest is not None:
        inquiry = replace(inquiry, last_message_id=newest.remote_id, last_customer_at=newest.at)
    return replace(inquiry, clock=clock_now(desk, tx, inquiry) if inquiry.clock is not None else None)
