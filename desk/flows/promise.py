"""Promises to customers with a time: kept track of, and kept by the next answer; they outlive the SLA."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from desk.desk import Desk
from desk.flows.claim import take
from desk.flows.finding import customer_name, meant, must_be_free_or_mine, must_be_open
from desk.flows.owing import owe_card, owe_line
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say
from desk.model.inquiry import Event, Inquiry, Status
from desk.model.outbox import Delivery, Operation, OpKind
from desk.model.promise import in_words
from desk.model.promise import promise as made_promise
from desk.model.refusals import Closed, Refusal
from desk.model.words import clean, strong, when, who
from desk.ports import Tx

KEPT = 8
"""How many promises of one inquiry stay at hand once they ended; the history holds all of them."""
SAME = timedelta(minutes=1)
"""Two promises of an inquiry that are due within this are one."""
LONGEST = 200
"""Characters that say what was promised."""


async def promise(desk: Desk, ask: Ask, until: datetime) -> Answer:
    """Keep track of what a customer was promised, `ask.text`, until then. Nothing is sent to the customer."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        must_be_free_or_mine(desk, inquiry, ask)
        if until <= now:
            raise Refusal(
                say(
                    "{at} is past. Write: {example}",
                    at=when(until, "day"),
                    example=ask.command("promise", "tomorrow 16:00 refund status"),
                ),
                quote=ask.text,
            )
        if inquiry.assignee != ask.agent.user:
            inquiry = take(desk, tx, inquiry, ask.agent.user, now)
        kept = begin(desk, tx, inquiry, ask.agent.user, until, ask.text, now)
        owe_card(tx, kept, now)
        return Answer(
            say(
                "I keep track of it for {name}: {promised}. You are told before and when it is due; the next "
                "answer or {done} keeps it. Nothing went to the customer.",
                promised=in_words(kept.promises[-1]),
                name=customer_name(kept),
                done=strong(say("Done")),
            ),
            number=kept.number,
        )

    return await desk.once(ask, work)


async def withdraw(desk: Desk, ask: Ask) -> Answer:
    """`/promise 42 off`: what was promised holds no more; the customer was told so, or it was a mistake."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_free_or_mine(desk, inquiry, ask)
        if inquiry.promised is None:
            return Answer(say("Nothing is promised in #{number}.", number=inquiry.number))
        changed = _without_promises(end(tx, inquiry, now, ask.agent.user, kept=False))
        tx.keep_inquiry(changed)
        owe_card(tx, changed, now)
        return Answer(
            say("#{number}: the promise is off. If the customer counts on it, tell them.", number=inquiry.number)
        )

    return await desk.once(ask, work)


def begin(desk: Desk, tx: Tx, inquiry: Inquiry, by: str, until: datetime, what: str, now: datetime) -> Inquiry:
    """The inquiry with one promise more, kept and logged; the same one where it stands already."""
    what = clean(" ".join(what.split()))[:LONGEST].rstrip(" .")
    for one in inquiry.promises:
        if one.is_open and abs(one.due_at - until) < SAME and what in ("", one.what):
            return inquiry
    key = f"{now.timestamp():.3f}:{until.timestamp():.0f}"
    fresh = made_promise(key, what, by, now, until, desk.hours(tx))
    gone = [one for one in inquiry.promises if not one.is_open][:-KEPT]
    changed = replace(
        inquiry,
        promises=(*(one for one in inquiry.promises if one not in gone), fresh),
        # We owe something, so it is not the customer whom the team waits for.
        status=Status.OPEN if inquiry.status is Status.PENDING else inquiry.status,
    )
    tx.keep_inquiry(changed)
    tx.log(Event(now, inquiry.number, "promised", by, None, {"due": until.isoformat(), "what": what}))
    return changed


def end(
    tx: Tx, inquiry: Inquiry, at: datetime, user: str | None, *, kept: bool = True, before: datetime | None = None
) -> Inquiry:
    """The inquiry with its open promises (those made `before`, where that is given) kept, or withdrawn, at `at`."""
    changed = []
    for one in inquiry.promises:
        if not one.is_open or (before is not None and one.made_at > before):
            changed.append(one)
            continue
        changed.append(one.fulfilled(at) if kept else one.withdrawn(at))
        details = {"what": one.what, "due": one.due_at.isoformat(), "late": one.late(at)}
        tx.log(Event(at, inquiry.number, "promise kept" if kept else "promise withdrawn", user, None, details))
    return replace(inquiry, promises=tuple(changed))


async def it_is_kept(desk: Desk, ask: Ask) -> Answer:
    """*It is kept*: what was promised was done, by telephone or by an answer that was given outside the desk."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_free_or_mine(desk, inquiry, ask)
        if inquiry.promised is None:
            return Answer(say("Nothing is promised in #{number} any more.", number=inquiry.number))
        words = in_words(inquiry.promised)
        changed = _without_promises(end(tx, inquiry, now, ask.agent.user))
        tx.keep_inquiry(changed)
        line = say("{who}: what was promised is kept ({promise}).", who=who(ask.agent.user), promise=words)
        owe_line(tx, changed, f"kept:{now.timestamp()}", Line(line, mark="handshake"), now)
        owe_card(tx, changed, now)
        return Answer(say("#{number}: kept, and noted in the thread.", number=inquiry.number))

    return await desk.once(ask, work)


def _without_promises(inquiry: Inquiry) -> Inquiry:
    """Once nothing is promised and no clock runs, it is the customer whom the team waits for."""
    if inquiry.is_open and inquiry.clock is None and inquiry.first_answered_at is not None:
        return replace(inquiry, status=Status.PENDING)
    return inquiry


# In an answer


def said_with(promised: tuple[datetime, str] | None) -> dict[str, Any]:
    """What an answer's last operation carries, so that the promise begins when the customer reads it."""
    return {} if promised is None else {"promise": {"due": promised[0].isoformat(), "what": promised[1]}}


def with_answer(desk: Desk, tx: Tx, inquiry: Inquiry, op: Operation, at: datetime) -> Inquiry:
    """The inquiry once an answer stands there: earlier promises are kept by it, and its own begins.

    A holding reply keeps no promise.
    """
    agent = op.payload["agent"]
    if not op.payload.get("holding"):
        inquiry = end(tx, inquiry, at, agent, before=op.created_at)
    own = op.payload.get("promise")
    if own is not None and (due := datetime.fromisoformat(own["due"])) > at:
        inquiry = begin(desk, tx, inquiry, agent, due, own["what"], at)
    if inquiry.promised is not None and inquiry.status is Status.PENDING:
        inquiry = replace(inquiry, status=Status.OPEN)
    return inquiry


async def keep_track(desk: Desk, ask: Ask, nth: int) -> Answer:
    """*Keep track* of the time that was found in an answer, whether that is out yet or not."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        parts = [op for op in tx.ops_of(inquiry.number) if op.kind is OpKind.PUBLISH and op.payload["nth"] == nth]
        op = max(parts, key=lambda one: int(one.payload["part"]), default=None)
        if op is None or "found" not in op.payload:
            raise Refusal(
                say(
                    "No time was found in that answer. Write: {example}",
                    example=ask.command("promise", "tomorrow 16:00"),
                )
            )
        due = datetime.fromisoformat(op.payload["found"])
        if op.state is Delivery.CANCELLED:
            raise Refusal(say("That answer was taken back, so nothing is promised."))
        if due <= now:
            raise Refusal(say("That time, {at}, is past.", at=when(due, "day")))
        if not inquiry.is_open:
            raise Closed(inquiry, ask.command("reopen", number=inquiry.number), "")
        if op.state is Delivery.SENT:
            inquiry = begin(desk, tx, inquiry, ask.agent.user, due, "", now)
            owe_card(tx, inquiry, now)
        else:
            # What is promised is not closed before it is kept.
            carried = {name: value for name, value in op.payload.items() if name != "close"}
            tx.keep_op(replace(op, payload={**carried, **said_with((due, ""))}))
        return Answer(
            say(
                "I keep track of it for {name}: an answer by {at}.",
                at=when(due, "day"),
                name=customer_name(inquiry),
            )
        )

    return await desk.once(ask, work)
