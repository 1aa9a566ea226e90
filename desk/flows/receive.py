"""A customer writes: into the inquiry of the same matter, or into a new one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.owing import owe_card, owe_edit, owe_line, owe_post, owe_root, owe_shows
from desk.model.asking import Button, Line
from desk.model.inquiry import Entry, Event, Inquiry, Said, Status
from desk.model.message import Author, Fetched, Message
from desk.model.neutral import neutral
from desk.model.outbox import Delivery, Lane, OpKind
from desk.model.sla import Target, start_clock, when_written
from desk.model.thanks import needs_no_answer
from desk.model.words import clean, link
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.receive")

BATCH = 50
"""Messages in one transaction; the cursor moves with the last."""


async def receive(desk: Desk, platform: Platform, fetched: Fetched) -> int:
    """Keep one sweep of a platform, then move its cursor. Returns how many messages were new to the desk."""
    fresh = 0
    batches = [fetched.messages[i : i + BATCH] for i in range(0, len(fetched.messages), BATCH)] or [()]
    for index, batch in enumerate(batches):
        last = index == len(batches) - 1

        async def keep(tx: Tx, batch: Sequence[Message] = batch, last: bool = last) -> int:
            now = desk.now()
            count = sum(_take(desk, tx, message, now) for message in batch)
            if last:
                if tx.cursor(platform.name) != fetched.cursor:
                    tx.set_cursor(platform.name, fetched.cursor)
                if fetched.gap is not None:
                    _announce_gap(desk, tx, platform, fetched, now)
                for item in fetched.broken:
                    _announce_broken(desk, tx, platform, item, now)
            return count

        fresh += await desk.transact(keep)
    if fresh:
        log.info("received", extra={"platform": platform.name, "messages": fresh})
    return fresh


def _take(desk: Desk, tx: Tx, message: Message, now: datetime) -> bool:
    """One message; True where it was new. What is known already changes nothing."""
    message = _cleaned(message)
    known = tx.entry_of(message.platform, message.remote_id)
    if known is None and message.previous_id is not None:
        known = tx.entry_of(message.platform, message.previous_id)
    number = known.number if known else tx.by_identity(_identity(message))
    if message.own:
        return known is None and number is not None and _answered_outside(desk, tx, message, number, now)
    if known is not None:
        return _changed(desk, tx, message, known, now)
    if message.deleted:
        return False
    if number is None:
        _open(desk, tx, message, now)
    else:
        _append(desk, tx, message, number, now)
    return True


def _identity(message: Message) -> str:
    return f"{message.platform}:{message.account}:{message.conversation}"


def _cleaned(message: Message) -> Message:
    """The message without the characters that the desk keeps for itself, or that would deceive a reader."""
    author = message.author
    return replace(
        message,
        text=neutral(clean(message.text)),
        author=replace(author, name=neutral(clean(author.name)), handle=neutral(clean(author.handle))),
    )


def _entry(message: Message, number: int, index: int, now: datetime, starts_clock: bool) -> Entry:
    return Entry(
        number,
        index,
        Said.CUSTOMER,
        message.platform,
        message.remote_id,
        message.author,
        message.text,
        when_written(message.created_at, now),
        message.url,
        message.reply_to,
        message.private,
        starts_clock=starts_clock,
        attachments=message.attachments,
    )


def _open(desk: Desk, tx: Tx, message: Message, now: datetime) -> None:
    number = tx.next_number()
    needs_answer = not _only_thanks(message)
    entry = _entry(message, number, 0, now, needs_answer)
    policy = desk.rules.policy(message.platform)
    clock = start_clock(Target.FIRST, entry.at, policy, message.private, desk.hours(tx)) if needs_answer else None
    inquiry = Inquiry(
        number,
        _identity(message),
        message.platform,
        message.account,
        message.kind,
        message.private,
        message.author,
        Status.NEW,
        entry.at,
        now,
        desk.rules.channel,
        message.remote_id,
        message.remote_id,
        clock=clock,
        last_customer_at=entry.at,
        people=_people(message.people, message.author),
        message_count=1,
    )
    tx.keep_inquiry(inquiry)
    tx.keep_entry(entry)
    tx.log(Event(now, number, "opened", details={"kind": message.kind, "clock": bool(clock)}))
    owe_root(tx, inquiry, now)
    owe_shows(tx, inquiry, entry, now, first_piece=1)
    log.info("opened", extra={"number": number, "platform": message.platform})


def _append(desk: Desk, tx: Tx, message: Message, number: int, now: datetime) -> None:
    inquiry = tx.inquiry(number)
    assert inquiry is not None, "an identity always names an inquiry"
    index = len(tx.entries(number))
    needs_answer = not _only_thanks(message)
    entry = _entry(message, number, index, now, needs_answer)
    tx.keep_entry(entry)
    changed = replace(
        inquiry,
        last_message_id=message.remote_id,
        last_customer_at=entry.at,
        version=inquiry.version + 1,
        message_count=inquiry.message_count + 1,
        people=_people((*inquiry.people, *message.people), message.author),
    )
    if needs_answer:
        changed = wake(desk, tx, changed, entry.at, now)
    tx.keep_inquiry(changed)
    tx.log(Event(now, number, "customer wrote", details={"needs_answer": needs_answer}))
    owe_shows(tx, changed, entry, now, ping=changed.assignee or "" if needs_answer else "")
    owe_card(tx, changed, now)


def wake(desk: Desk, tx: Tx, inquiry: Inquiry, since: datetime, now: datetime) -> Inquiry:
    """The inquiry as it stands once something in it waits for an answer since `since`: open, awake, its clock running.

    The next-response clock counts from the oldest unanswered message, so one that runs already goes on.
    """
    if not inquiry.is_open:
        tx.log(Event(now, inquiry.number, "reopened", details={"by": "customer"}))
        inquiry = replace(inquiry, closed_at=None, closed_reason=None, closed_by=None)
    status = Status.OPEN if inquiry.assignee or inquiry.first_answered_at else Status.NEW
    clock = inquiry.clock
    if clock is None:
        target = Target.NEXT if inquiry.first_answered_at else Target.FIRST
        policy = desk.rules.policy(inquiry.platform)
        clock = start_clock(target, since, policy, inquiry.private, desk.hours(tx))
        tx.log(Event(now, inquiry.number, "clock started", details={"target": target, "due": clock.due_at.isoformat()}))
    return replace(inquiry, status=status, clock=clock, snoozed_until=None)


def _only_thanks(message: Message) -> bool:
    return not message.attachments and needs_no_answer(message.text)


def _people(handles: Sequence[str], author: Author) -> tuple[str, ...]:
    """Everybody in the conversation whom the platform itself addresses in a reply, each once."""
    seen: dict[str, str] = {}
    for handle in (*handles, author.handle):
        if handle:
            seen.setdefault(handle.casefold(), handle)
    return tuple(seen.values())


def _changed(desk: Desk, tx: Tx, message: Message, known: Entry, now: datetime) -> bool:
    """An edit or a deletion of something that we have; an unchanged message leaves no trace."""
    inquiry = tx.inquiry(known.number)
    assert inquiry is not None
    if message.deleted:
        if known.deleted:
            return False
        tx.keep_entry(replace(known, text="", edits=(), deleted=True))
        tx.log(Event(now, known.number, "customer withdrew", details={"index": known.index}))
        said = f"*{known.author.name or known.author.handle}* took a message back. Its text is gone from here, too."
        owe_line(tx, inquiry, f"withdrawn:{known.index}", Line(said.replace("*", ""), mark="wastebasket"), now)
    else:
        if known.text == message.text or known.deleted:
            return False
        old = known.text
        tx.keep_entry(replace(known, text=message.text, remote_id=message.remote_id, edits=(*known.edits, old)))
        if inquiry.last_message_id == known.remote_id:
            inquiry = replace(inquiry, last_message_id=message.remote_id)
        tx.log(Event(now, known.number, "customer edited", details={"index": known.index}))
        name = known.author.name or known.author.handle
        line = Line(f"{name} edited a message. It said before:", quote=old, mark="pencil2")
        owe_line(tx, inquiry, f"edited:{known.index}:{len(known.edits)}", line, now)
    changed = replace(inquiry, version=inquiry.version + 1)
    tx.keep_inquiry(changed)
    if known.index == 0:
        owe_card(tx, changed, now)
    else:
        owe_edit(tx, f"show:{known.number}:{known.index}:0", now)
    return True


def _answered_outside(desk: Desk, tx: Tx, message: Message, number: int, now: datetime) -> bool:
    """Our account spoke, and not through the desk. Ours under way are not taken for that."""
    under_way = (Delivery.SENDING, Delivery.UNSURE)
    ours = [op for op in tx.ops_of(number) if op.kind is OpKind.PUBLISH]
    if any(op.state in under_way or op.remote_id == message.remote_id for op in ours):
        return False
    inquiry = tx.inquiry(number)
    assert inquiry is not None
    index = len(tx.entries(number))
    at = when_written(message.created_at, now)
    tx.keep_entry(replace(_entry(message, number, index, now, False), said=Said.OUTSIDE))
    seconds = desk.hours(tx).between(inquiry.created_at, at).total_seconds()
    first = inquiry.first_answered_at or at
    changed = replace(
        inquiry,
        clock=None,
        status=Status.PENDING if inquiry.is_open else inquiry.status,
        version=inquiry.version + 1,
        first_answered_at=first,
        first_answer_seconds=inquiry.first_answer_seconds if inquiry.first_answered_at else seconds,
        last_reply_url=message.url or inquiry.last_reply_url,
    )
    tx.keep_inquiry(changed)
    tx.log(Event(now, number, "answered outside", business_seconds=seconds))
    line = Line(
        f"Answered outside the desk, as our account ({link(message.url, 'open') if message.url else 'private'}). "
        "The clock has stopped. If that was no answer, press the button.",
        quote=message.text,
        buttons=(Button("needs_answer", "It needs an answer", f"{number}:{index}"),),
        mark="speech_balloon",
    )
    owe_line(tx, changed, f"outside:{index}", line, now)
    owe_card(tx, changed, now)
    return True


def _announce_gap(desk: Desk, tx: Tx, platform: Platform, fetched: Fetched, now: datetime) -> None:
    gap = fetched.gap
    assert gap is not None
    where = f" Look there by hand: {link(gap.search_url, 'search on ' + platform.title)}." if gap.search_url else ""
    line = Line(
        f"Messages on {platform.title} between {gap.after_id} and {gap.before_id} may be missing: more came in than "
        f"{platform.title} gives.{where}",
        buttons=(Button("dismiss", "Seen", "gap"),),
        mark="warning",
    )
    owe_post(tx, f"gap:{platform.name}:{gap.after_id}", desk.rules.channel, line, now, lane=Lane.SLA)
    log.warning("gap", extra={"platform": platform.name, "after": gap.after_id, "before": gap.before_id})


def _announce_broken(desk: Desk, tx: Tx, platform: Platform, item: str, now: datetime) -> None:
    key = item.split(":", 1)[0]
    line = Line(
        f"One item on {platform.title} could not be read and was set aside: {clean(item)[:200]}", mark="warning"
    )
    owe_post(tx, f"broken:{platform.name}:{key}", desk.rules.channel, line, now)
