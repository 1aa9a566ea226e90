"""Notes, closing, reopening, snoozing, and *It needs an answer*: where an inquiry stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.amend import shows_of
from desk.flows.finding import (
    customer_name,
    meant,
    must_be_free_or_mine,
    must_be_its_own,
    must_be_open,
    newest_customer_entry,
)
from desk.flows.owing import owe_card, owe_edit, owe_line
from desk.flows.promise import end
from desk.flows.waiting import solution, started_again, stopped, unanswered, wake
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.message import Author
from desk.model.outbox import Delivery, OpKind
from desk.model.reasons import reason_words
from desk.model.refusals import EmptyText, LeadsOnly, Refusal
from desk.model.sla import Target
from desk.model.words import clean, ended, strong, when, who
from desk.ports import Tx

REASONS = {
    "solved": "solved",
    "spam": "spam",
    "no answer": "no answer needed",
    "no answer needed": "no answer needed",
    "duplicate": "duplicate",
}


async def note(desk: Desk, ask: Ask) -> Answer:
    """Keep a note for the team; customers never see it."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        if not ask.text.strip():
            raise EmptyText(ask.command("note", say("your words"), inquiry.number), note=True)
        add_note(tx, inquiry, ask.agent.user, ask.text.strip(), desk.now(), show=True)
        return Answer(say("Noted in #{number}. Only the team sees it.", number=inquiry.number))

    return await desk.once(ask, work)


def add_note(
    tx: Tx, inquiry: Inquiry, user: str, text: str, now: datetime, *, show: bool, slack_ts: str | None = None
) -> None:
    """Keep a note; `show` puts it into the thread (it stands there already where it was typed in the thread)."""
    index = len(tx.entries(inquiry.number))
    author = Author(user)
    tx.keep_entry(
        Entry(
            inquiry.number,
            index,
            Said.NOTE,
            "slack",
            slack_ts or "",
            author,
            clean(text),
            now,
            agent=user,
            slack_ts=slack_ts,
            starts_clock=False,
        )
    )
    tx.log(Event(now, inquiry.number, "note", user))
    if show:
        told = say("Note by {who}, for the team:", who=who(user))
        owe_line(tx, inquiry, f"note:{index}", Line(told, quote=text, mark="memo"), now)


async def done(desk: Desk, ask: Ask) -> Answer:
    """Close it, with a reason."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        if not inquiry.is_open:
            reason = ended(reason_words(inquiry.closed_reason))
            return Answer(say("#{number} is closed already: {reason}", number=inquiry.number, reason=reason))
        must_be_free_or_mine(desk, inquiry, ask)
        under_way = [op for op in tx.ops_of(inquiry.number) if op.kind is OpKind.PUBLISH and op.waiting]
        if any(op.state is Delivery.UNSURE for op in under_way):
            raise Refusal(
                say(
                    "An answer in #{number} is in doubt. In its thread, press {there} or {again} first.",
                    number=inquiry.number,
                    there=strong(say("It’s there")),
                    again=strong(say("Send again")),
                )
            )
        word = ask.text.strip() or "solved"
        reason = REASONS.get(word.casefold(), clean(word))
        waited = None
        if inquiry.clock is not None:
            waited = desk.hours(tx).between(inquiry.clock.started_at, now).total_seconds()
        closed = replace(
            inquiry,
            status=Status.CLOSED,
            clock=None,
            snoozed_until=None,
            closed_at=now,
            closed_reason=reason,
            closed_by=ask.agent.user,
        )
        closed = end(tx, closed, now, ask.agent.user, kept=reason == "solved")
        closed = solution(desk, tx, closed)
        tx.keep_inquiry(closed)
        tx.log(Event(now, inquiry.number, "closed", ask.agent.user, waited, {"reason": reason}))
        owe_card(tx, closed, now)
        told = [say("#{number} is closed: {reason}", number=inquiry.number, reason=ended(reason_words(reason)))]
        if not inquiry.first_answered_at:
            told.append(say("{name} has had no answer.", name=customer_name(inquiry)))
        told.append(say("Open it again: {command}", command=ask.command("reopen", number=inquiry.number)))
        return Answer(" ".join(told))

    return await desk.once(ask, work)


async def reopen(desk: Desk, ask: Ask) -> Answer:
    """Open it again. Response clocks start only where a customer's message waits."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        if inquiry.is_open:
            return Answer(say("#{number} is open already.", number=inquiry.number))
        must_be_its_own(inquiry, ask)
        if Flag.MUTED in inquiry.flags:
            raise Refusal(
                say(
                    "#{number} came from somebody who is ignored. Bring them back first: {command}",
                    number=inquiry.number,
                    command=ask.command("ignore", "off", inquiry.number),
                )
            )
        waiting = unanswered(tx, inquiry.number)
        opened = replace(
            inquiry,
            status=Status.PENDING if inquiry.first_answered_at else Status.OPEN,
            closed_at=None,
            closed_reason=None,
            closed_by=None,
        )
        if waiting is not None:
            opened = wake(desk, tx, opened, now, now)
        opened = solution(desk, tx, opened)
        tx.keep_inquiry(opened)
        tx.log(Event(now, inquiry.number, "reopened", ask.agent.user))
        owe_card(tx, opened, now)
        return Answer(say("#{number} is open again.", number=inquiry.number))

    return await desk.once(ask, work)


async def snooze(desk: Desk, ask: Ask, until: datetime) -> Answer:
    """Out of the queue until then. It never stops a clock, unless a lead says so with `--stop` and a reason."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        stop = "stop" in ask.flags
        if stop:
            _may_stop(desk, inquiry, ask)
        else:
            must_be_free_or_mine(desk, inquiry, ask)
        if until <= now:
            raise Refusal(
                say(
                    "{at} is past. Write: {example}",
                    at=when(until, "day"),
                    example=ask.command("snooze", "2h waiting for stock", inquiry.number),
                ),
                quote=ask.text,
            )
        asleep = replace(started_again(desk, tx, inquiry), snoozed_until=until)
        if stop:
            asleep = stopped(desk, tx, asleep)
        tx.keep_inquiry(asleep)
        details = {"until": until.isoformat(), "why": ask.text, **({"stopped": True} if stop else {})}
        tx.log(Event(now, inquiry.number, "snoozed", ask.agent.user, None, details))
        owe_card(tx, asleep, now)
        if stop:
            why = ended(clean(ask.text.strip()))
            told = say(
                "{who} has stopped the clocks of #{number} until {at}: {why} Then they go on with what is left.",
                who=who(ask.agent.user),
                number=inquiry.number,
                at=when(until, "day"),
                why=why,
            )
            owe_line(tx, asleep, f"stopped:{now.isoformat()}", Line(told, mark="double_vertical_bar"), now)
            return Answer(
                say(
                    "#{number} sleeps until {at}, and its clocks stand still.",
                    number=inquiry.number,
                    at=when(until, "day"),
                )
            )
        told = say("#{number} sleeps until {at}.", number=inquiry.number, at=when(until, "day"))
        if inquiry.clock is not None and inquiry.clock.target is Target.FIRST:
            told += " " + say("Its first answer is still due {at}.", at=when(inquiry.clock.due_at, "day"))
        return Answer(told)

    return await desk.once(ask, work)


async def awake(desk: Desk, ask: Ask) -> Answer:
    """Back in the queue before its time; where a lead had stopped the clocks, they go on."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        if not ask.agent.lead:
            must_be_free_or_mine(desk, inquiry, ask)
        number = inquiry.number
        if inquiry.snoozed_until is None:
            return Answer(say("#{number} is not snoozed.", number=number))
        back = replace(started_again(desk, tx, inquiry), snoozed_until=None)
        tx.keep_inquiry(back)
        tx.log(Event(now, number, "snooze ended", ask.agent.user))
        owe_card(tx, back, now)
        if Flag.STOPPED in inquiry.flags:
            told = say("{who} let the clocks of #{number} go on.", who=who(ask.agent.user), number=number)
            owe_line(tx, back, f"awake:{now.isoformat()}", Line(told, mark="arrow_forward"), now)
        return Answer(say("#{number} is back in the queue.", number=number))

    return await desk.once(ask, work)


def _may_stop(desk: Desk, inquiry: Inquiry, ask: Ask) -> None:
    """Only a lead stops a clock, and says why."""
    if not ask.agent.lead:
        raise LeadsOnly(say("stop the clock of an answer"), [lead.user for lead in desk.people.leads()], ask.text)
    if not ask.text.strip():
        example = ask.command("snooze", "2h --stop waiting for the police report", inquiry.number)
        raise Refusal(say("Say why the clock stops: {example}.", example=example))


async def needs_answer(desk: Desk, ask: Ask) -> Answer:
    """A message that we took for a mere thank-you, or an answer given outside, does wait for an answer."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        if inquiry.clock is not None and inquiry.is_open:
            due = when(inquiry.clock.due_at)
            return Answer(say("The clock of #{number} runs already; due {at}.", number=inquiry.number, at=due))
        newest = newest_customer_entry(tx, inquiry)
        tx.keep_entry(replace(newest, starts_clock=True))
        awake = wake(desk, tx, inquiry, newest.at, now)
        tx.keep_inquiry(awake)
        tx.log(Event(now, inquiry.number, "needs an answer", ask.agent.user))
        for shown in shows_of(tx, inquiry.number, newest.index):
            owe_edit(tx, shown.op_id, now)
        owe_card(tx, awake, now)
        assert awake.clock is not None
        due = when(awake.clock.due_at)
        return Answer(say("#{number} waits for an answer now, due {at}.", number=inquiry.number, at=due))

    return await desk.once(ask, work)
