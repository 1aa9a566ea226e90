"""Somebody writes whom very many people hear: the leads are told, once; a lead decides whether answers need two."""

from __future__ import annotations

from datetime import datetime

from desk.desk import Desk
from desk.flows.finding import customer_name
from desk.flows.owing import owe_post
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.catalogue import say
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import Lane
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.words import clean, code, group, who
from desk.ports import Tx

SETTING = "reach"
SECOND = "second"


def tell_reach(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> None:
    """Tell the leads, once for each inquiry, where its customer is one of those."""
    why = desk.rules.reach.of(inquiry.customer)
    if not why:
        return
    words = say(
        "{leads} Very many people may hear {name} in #{number}: {why}.",
        leads=group(desk.rules.leads_group),
        name=clean(customer_name(inquiry)),
        number=inquiry.number,
        why=why,
    )
    line = Line(
        words,
        buttons=(Button("claim", say("Claim"), str(inquiry.number), "primary"),),
        mark="loudspeaker",
        extra={"thread_of": inquiry.number},
    )
    owe_post(
        tx, f"reach:{inquiry.number}", desk.rules.leads_channel, line, now, lane=Lane.NOTICE, number=inquiry.number
    )


async def set_reach(desk: Desk, ask: Ask) -> Answer:
    """`/desk reach second`: public answers to them wait for a second pair of eyes; `/desk reach flag`: only flagged."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly(
                say("say what happens to answers that many people read"), [one.user for one in desk.people.leads()]
            )
        word = ask.text.strip().casefold()
        if word not in (SECOND, "flag"):
            raise Refusal(say("Write: {example}", example=code(f"{ask.typed} reach second")), quote=ask.text)
        tx.set_setting(SETTING, SECOND if word == SECOND else None)
        now = desk.now()
        tx.log(Event(now, 0, f"reach {word}", ask.agent.user))
        if word == SECOND:
            said = say(
                "{person} has decided: a public answer where very many people listen needs a second pair of eyes.",
                person=who(ask.agent.user),
            )
        else:
            said = say(
                "{person} has decided: customers whom very many people hear are flagged, and answered like all others.",
                person=who(ask.agent.user),
            )
        owe_post(tx, f"reach:{now.isoformat()}", desk.rules.channel, Line(said, mark="loudspeaker"), now)
        return Answer(say("Kept. Everybody is told in the channel."))

    return await desk.once(ask, work)
