"""Who has an inquiry: claim it, give it back, give it to another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.finding import (
    customer_name,
    meant,
    must_be_free_or_mine,
    must_be_mine_or_lead,
    must_be_open,
)
from desk.flows.owing import bring_up, owe_card, owe_line
from desk.flows.storm import owe_opening
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say
from desk.model.inquiry import Event, Inquiry, Said, Status
from desk.model.outbox import Lane
from desk.model.promise import open_in_words
from desk.model.refusals import AlreadyClaimed, Refusal
from desk.model.words import clean, ended, when, who
from desk.ports import Tx


async def claim(desk: Desk, ask: Ask) -> Answer:
    """Take an inquiry; without a number the most urgent that nobody has."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask) if ask.number is not None else _most_urgent(tx)
        must_be_open(desk, inquiry, ask)
        if inquiry.assignee == ask.agent.user:
            yours = say("#{number} is yours already.", number=inquiry.number)
            return Answer(f"{yours} {_next_step(inquiry, ask)}", number=inquiry.number)
        try:
            must_be_free_or_mine(desk, inquiry, ask)
        except AlreadyClaimed as refusal:
            refused = Event(now, inquiry.number, "claim refused", ask.agent.user, None, {"with": inquiry.assignee})
            refusal.then = lambda kept: kept.log(refused)
            raise
        if inquiry.assignee is not None:
            line = Line(
                say("{who} took this over from {other}.", who=who(ask.agent.user), other=who(inquiry.assignee)),
                mark="arrows_counterclockwise",
            )
            owe_line(tx, inquiry, f"taken:{now.timestamp()}", line, now)
        claimed = take(desk, tx, inquiry, ask.agent.user, now)
        yours = say("You have #{number} ({name}).", number=inquiry.number, name=customer_name(inquiry))
        answer = Answer(f"{yours} {_next_step(claimed, ask)}", number=inquiry.number)
        if inquiry.number in tx.unshown():
            owe_opening(tx, ask, claimed, now)
            return replace(answer, quote=_written(tx, inquiry.number))
        return answer

    return await desk.once(ask, work)


def take(desk: Desk, tx: Tx, inquiry: Inquiry, user: str, now: datetime) -> Inquiry:
    """The inquiry with `user` as its assignee, kept, logged and shown."""
    status = Status.OPEN if inquiry.status is Status.NEW else inquiry.status
    claimed = replace(inquiry, assignee=user, claimed_at=now, status=status)
    tx.keep_inquiry(claimed)
    tx.log(Event(now, inquiry.number, "claimed", user, _waited(desk, tx, inquiry, now), {"before": inquiry.assignee}))
    owe_card(tx, claimed, now)
    bring_up(tx, claimed.number)
    return claimed


async def release(desk: Desk, ask: Ask) -> Answer:
    """Give it back, so that anybody can take it."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        if inquiry.assignee is None:
            return Answer(say("#{number} is with nobody already.", number=inquiry.number))
        must_be_mine_or_lead(inquiry, ask)
        free = replace(inquiry, assignee=None, claimed_at=None)
        tx.keep_inquiry(free)
        tx.log(
            Event(
                now, inquiry.number, "released", ask.agent.user, _waited(desk, tx, inquiry, now), {"reason": ask.text}
            )
        )
        back, number = who(ask.agent.user), inquiry.number
        if ask.text:
            told = say("{who} gave #{number} back: {why}", who=back, number=number, why=ended(clean(ask.text)))
        else:
            told = say("{who} gave #{number} back.", who=back, number=number)
        line = Line(_with_promises(told, inquiry), mark="leftwards_arrow_with_hook")
        owe_line(tx, free, f"released:{now.timestamp()}", line, now)
        owe_card(tx, free, now)
        return Answer(say("#{number} is free again.", number=inquiry.number))

    return await desk.once(ask, work)


async def assign(desk: Desk, ask: Ask) -> Answer:
    """Hand it over to a colleague, who is pinged in the thread, with a word on it."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        if ask.other is None:
            example = ask.command("assign", "@ben he knows refunds")
            raise Refusal(say("To whom? Write: {example}", example=example), quote=ask.text)
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        if inquiry.assignee not in (None, ask.agent.user) and not ask.agent.lead:
            must_be_free_or_mine(desk, inquiry, ask)
        to, by, number = who(ask.other.user), who(ask.agent.user), inquiry.number
        own = ask.other.user == ask.agent.user
        if inquiry.assignee == ask.other.user and (own or not ask.text):
            return Answer(say("#{number} is with {who} already.", number=number, who=to), quote=ask.text)
        claimed = take(desk, tx, inquiry, ask.other.user, now)
        if own and inquiry.assignee is None:
            return Answer(say("#{number} is with {who} now.", number=number, who=to))
        if ask.text:
            word = ended(clean(ask.text))
            told = say("{to}, {who} gives you #{number}: {word}", to=to, who=by, number=number, word=word)
        else:
            told = say("{to}, {who} gives you #{number}.", to=to, who=by, number=number)
        if claimed.clock:
            told += " " + say("Answer due {at}.", at=when(claimed.clock.due_at, "day"))
        line = Line(_with_promises(told, claimed), mark="handshake")
        owe_line(tx, claimed, f"assigned:{now.timestamp()}", line, now, lane=Lane.AGENT)
        if own:
            return Answer(say("#{number} is with {who} now.", number=number, who=to))
        return Answer(say("#{number} is with {who} now; they are told in the thread.", number=number, who=to))

    return await desk.once(ask, work)


def _most_urgent(tx: Tx) -> Inquiry:
    free = tx.most_urgent()
    if not free:
        raise Refusal(say("Nothing is waiting: every open inquiry has somebody. Enjoy the quiet."))
    return free[0]


def _written(tx: Tx, number: int) -> str:
    """What the customer wrote, for whoever takes it before its thread stands."""
    theirs = [entry for entry in tx.entries(number) if entry.said is Said.CUSTOMER and not entry.deleted]
    return "\n\n".join(entry.text for entry in theirs if entry.text)


def _next_step(inquiry: Inquiry, ask: Ask) -> str:
    reply = say("Reply: {command}", command=ask.command("reply", say("your words"), inquiry.number))
    if inquiry.clock is None:
        return reply
    return f"{say('Answer due {at}.', at=when(inquiry.clock.due_at, 'day'))} {reply}"


def _with_promises(told: str, inquiry: Inquiry) -> str:
    """The line, and what the customer was promised, for whoever takes it next."""
    if promised := open_in_words(inquiry.promises):
        return f"{told} {say('Promised to the customer: {promised}.', promised=promised)}"
    return told


def _waited(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> float | None:
    if inquiry.clock is None:
        return None
    return desk.hours(tx).between(inquiry.clock.started_at, now).total_seconds()
