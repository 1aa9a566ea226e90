"""*Looking into it…*: one press tells the customer that somebody is there and when the answer comes."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.finding import meant, must_be_free_or_mine, must_be_open, newest_customer_entry
from desk.flows.languages import language_for
from desk.flows.reply import send
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.estimate import said
from desk.model.holding import holding_text
from desk.model.hours import NeverOpen
from desk.model.outbox import OpKind
from desk.model.refusals import Refusal
from desk.model.words import when
from desk.ports import Tx


async def holding(desk: Desk, ask: Ask) -> Answer:
    """Send the team's holding reply, signed and held like any answer; the time that it names is promised."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        must_be_free_or_mine(desk, inquiry, ask)
        if inquiry.clock is None:
            raise Refusal(say("Nothing waits for an answer in #{number}, so nothing was sent.", number=inquiry.number))
        if any(op.kind is OpKind.PUBLISH and op.waiting for op in tx.ops_of(inquiry.number)):
            raise Refusal(
                say(
                    "An answer to #{number} is on its way already, so nothing was sent. See its thread.",
                    number=inquiry.number,
                )
            )
        hours = desk.hours(tx)
        try:
            by = hours.add(now, desk.rules.holding_within)
        except NeverOpen as never:
            raise Refusal(say("There is no time to promise. {why}", why=never.sentence)) from None
        language = language_for(desk, inquiry, newest_customer_entry(tx, inquiry).text)
        promised = said(by, now, hours, language)
        text = holding_text(language, promised.words, desk.rules.holding)
        also = {"holding": True, "promise": {"due": promised.until.isoformat(), "what": ""}}
        answer = send(desk, tx, replace(ask, text=text), inquiry, private=inquiry.private, also=also)
        due = when(promised.until, "day")
        if desk.rules.holding_counts:
            told = say("It counts as the answer, and the answer that it promises is due {due}.", due=due)
        else:
            told = say("The clock runs on, and the answer that it promises is due {due}.", due=due)
        return replace(answer, sentence=f"{answer.sentence}\n{told}")

    return await desk.once(ask, work)
