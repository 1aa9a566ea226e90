"""Acknowledgements: the desk's own first word to a customer, where the owner wants it; it stops no clock."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zlib import crc32

from desk.desk import Desk
from desk.flows.owing import owe_line
from desk.flows.shift import on_shift
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.estimate import Queue, estimate, said, solution
from desk.model.hours import BusinessHours
from desk.model.inquiry import Entry, Event, Flag, Inquiry
from desk.model.inquiry import Said as By
from desk.model.message import Message
from desk.model.neutral import same_words
from desk.model.notice import STALE, acknowledge, fill, public_facts
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.tongues import ENGLISH, TONGUES
from desk.model.words import clean
from desk.ports import Tx

log = logging.getLogger("frontdesk.acknowledge")

RECENT = 40
"""So many of the last inquiries tell how long things take."""
SHELVES = 64
"""Who was written to is kept in so many parts, so that one is small."""


def owe_acknowledgement(desk: Desk, tx: Tx, inquiry: Inquiry, entry: Entry, kind: str, now: datetime) -> None:
    """Owe the desk's own answer to a customer's message, if the owner wants one and they had none lately."""
    rule = desk.rules.acknowledge
    if not (rule.arrival or rule.closed) or Flag.FLOOD in entry.flags or not entry.author.remote_id:
        return
    hours, op_id = desk.hours(tx), f"ack:{inquiry.number}:{entry.index}"
    shelf, person = _shelf(inquiry, entry)
    lately = dict(tx.setting(shelf) or {})
    is_open = hours.is_open(now)
    verdict = acknowledge(
        rule,
        platform=inquiry.platform,
        kind=kind,
        private=entry.private,
        is_open=is_open,
        now=now,
        last_at=datetime.fromisoformat(lately[person]) if person in lately else None,
        needs_answer=entry.starts_clock,
        answered=(is_open and inquiry.assignee is not None) or _under_way(tx, inquiry.number),
        sent_at=entry.at,
    )
    platform = desk.platform(inquiry.platform)
    if verdict.occasion is None or tx.op(op_id) is not None:
        return
    language = desk.rules.languages[0] if desk.rules.languages else ENGLISH
    if inquiry.language in desk.rules.served and inquiry.language in TONGUES:
        language = inquiry.language
    facts = public_facts(hours, now, language, desk.rules.contact, _first_name(entry))
    facts |= {"answer": "", "solution": ""}
    if rule.estimate:
        facts |= _estimates(desk, tx, inquiry, hours, now, language)
    sign = f" – {desk.rules.name}"
    can = platform.capabilities
    limit = (can.private_limit if entry.private else can.public_limit) - len(sign)

    def length(text: str) -> int:
        return platform.length(text, private=entry.private)

    filled = fill(rule.text(verdict.occasion, language), facts, limit, length)
    if not filled.good:
        log.warning("not acknowledged", extra={"number": inquiry.number, "missing": ",".join(filled.missing)})
        return
    kept = {who: at for who, at in lately.items() if now - datetime.fromisoformat(at) < rule.again}
    tx.set_setting(shelf, {**kept, person: now.isoformat()})
    payload = {
        "way": "direct" if entry.private else "reply",
        "text": filled.text + sign,
        "reply_to": None if entry.private else entry.remote_id,
        "to": entry.author.remote_id,
        "people": list(inquiry.people),
        "part": 1,
        "parts": 1,
        "nth": 0,
        "about": inquiry.number,
    }
    place = f"inquiry:{inquiry.number}"
    tx.keep_op(Operation(op_id, OpKind.PUBLISH, Lane.NOTICE, inquiry.platform, place, now, now, None, payload))
    tx.log(Event(now, inquiry.number, "acknowledged", details={"why": verdict.why, "op": op_id}))


def too_late(tx: Tx, op: Operation, now: datetime) -> str:
    """Why an acknowledgement that waited must not go out any more, a sentence; "" where it may."""
    if now - op.created_at > STALE:
        return say("It waited too long to be of use.")
    number = int(op.payload["about"])
    theirs = [
        entry for entry in tx.entries(number) if entry.at > op.created_at and entry.said in (By.REPLY, By.OUTSIDE)
    ]
    return say("A person has answered meanwhile.") if theirs else ""


def _shelf(inquiry: Inquiry, entry: Entry) -> tuple[str, str]:
    person = f"{inquiry.platform}:{inquiry.account}:{entry.author.remote_id}"
    return f"acknowledged:{crc32(person.encode()) % SHELVES}", person


def _under_way(tx: Tx, number: int) -> bool:
    return any(op.kind is OpKind.PUBLISH and op.waiting for op in tx.ops_of(number))


def _first_name(entry: Entry) -> str:
    """What a customer is called by, where the platform gives a name that looks like one; else ""."""
    first = clean(entry.author.name).split()[0] if entry.author.name.split() else ""
    return first if first.isalpha() and first[:1].isupper() and 1 < len(first) <= 30 else ""


# the honest estimate


def _estimates(
    desk: Desk, tx: Tx, inquiry: Inquiry, hours: BusinessHours, now: datetime, language: str
) -> dict[str, str]:
    """When an answer and a solution may be expected, in words; nothing where there is too little to go by."""
    highest = tx.highest()
    lately = [one for n in range(highest, max(0, highest - RECENT), -1) if (one := tx.inquiry(n)) is not None]
    waits = [one.first_answer_seconds for one in lately if one.first_answer_seconds is not None]
    answered = [one.first_answered_at for one in lately if one.first_answered_at is not None]
    over = hours.between(min(answered), now) if answered else None
    kept = tx.inquiry(inquiry.number)
    ahead = tx.due_count(now).all - (kept is not None and kept.is_open and kept.next_due is not None)
    agents = len(on_shift(desk, tx, now)) if hours.is_open(now) else 0
    found = {}
    # Who answered lately is how many they usually are; more at work today promise nothing sooner.
    usual = max(agents, len({one.assignee for one in lately if one.assignee and one.first_answered_at is not None}))
    if (first := estimate(Queue(ahead, waits, over, agents, usual), now, hours)) is not None:
        found["answer"] = said(first.by, now, hours, language).words
    if (end := solution(_solved(lately, hours), now, hours)) is not None and (first is None or end.by > first.by):
        found["solution"] = said(end.by, now, hours, language).words
    return found


def _solved(lately: Sequence[Inquiry], hours: BusinessHours) -> list[float]:
    return [
        hours.between(one.created_at, one.closed_at).total_seconds()
        for one in lately
        if one.closed_at is not None and one.closed_reason == "solved"
    ]


# how it went


def acknowledged(tx: Tx, op: Operation, remote_id: str, url: str, now: datetime) -> None:
    """It stands on the platform: kept as said by the desk, shown in the thread; the clock runs on."""
    tx.keep_op(replace(op, state=Delivery.SENT, remote_id=remote_id, url=url, settled_at=now, reason=None))
    number = int(op.payload["about"])
    inquiry, entries = tx.inquiry(number), tx.entries(number)
    assert inquiry is not None, "an inquiry is kept for good"
    author = replace(entries[0].author, remote_id=inquiry.account, handle="", name="", url="")
    tx.keep_entry(
        Entry(
            number,
            len(entries),
            By.DESK,
            op.target,
            remote_id,
            author,
            op.payload["text"],
            op.started_at or now,
            url,
            op.payload["reply_to"],
            op.payload["way"] != "reply",
            None,
            op.op_id,
            starts_clock=False,
        )
    )
    line = Line(
        say("The desk acknowledged it by itself. The clock runs on:"), quote=op.payload["text"], mark="robot_face"
    )
    owe_line(tx, inquiry, op.op_id, line, now)


def not_acknowledged(tx: Tx, op: Operation, why: str, now: datetime) -> None:
    """It did not go out, or nobody knows: said in the thread, and never tried again."""
    inquiry = tx.inquiry(int(op.payload["about"]))
    if inquiry is not None:
        line = Line(say("The desk's own acknowledgement did not go out. {why}", why=why).strip(), mark="grey_question")
        owe_line(tx, inquiry, f"{op.op_id}:failed", line, now)


def came_back(tx: Tx, number: int, message: Message, now: datetime) -> bool:
    """Whether words of our account in an inquiry are an acknowledgement on its way; one in doubt is settled by it."""
    for op in tx.waiting_ops():
        if op.payload.get("about") != number or not op.started_at:
            continue
        if same_words(op.payload["text"], message.text):
            if op.state is Delivery.UNSURE:
                acknowledged(tx, op, message.remote_id, message.url, now)
            return True
    return False
