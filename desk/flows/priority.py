"""Priority, set by hand: it moves in the queue, and the promise is chosen anew."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.finding import meant, must_be_open
from desk.flows.owing import owe_card, owe_line
from desk.flows.waiting import chosen, policy_of, rechosen
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say
from desk.model.customer import Priority
from desk.model.inquiry import Event, Inquiry
from desk.model.refusals import Refusal
from desk.model.words import clean, ended, when, who
from desk.ports import Tx


async def priority(desk: Desk, ask: Ask) -> Answer:
    """`/priority 42 high [why]`: kept, told in the thread with the policy that holds now; the old one stays there."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        word, _, why = ask.text.strip().partition(" ")
        if word.casefold() not in set(Priority):
            example = ask.command("priority", "high", inquiry.number)
            raise Refusal(
                say("How pressing is it: urgent, high, normal or low? For example {example}.", example=example),
                quote=ask.text,
            )
        wanted = Priority(word.casefold())
        before = Priority(inquiry.priority or Priority.NORMAL)
        if wanted is before:
            return Answer(say("#{number} has {priority} priority already.", number=inquiry.number, priority=wanted))
        raised = replace(inquiry, priority="" if wanted is Priority.NORMAL else wanted.value)
        found = chosen(desk, raised)
        other = found.policy != policy_of(desk, inquiry)
        if other:
            raised = rechosen(desk, tx, raised)
        tx.keep_inquiry(raised)
        details = {"before": before.value, "after": wanted.value, "policy": found.policy.name}
        tx.log(Event(now, inquiry.number, "priority set", ask.agent.user, None, details))
        by = who(ask.agent.user)
        if reason := ended(clean(why.strip())) if why.strip() else "":
            head = say("{who} set the priority to {priority}: {why}", who=by, priority=wanted.value, why=reason)
        else:
            head = say("{who} set the priority to {priority}.", who=by, priority=wanted.value)
        what = f"{found.why} {_due(raised)}" if other else say("The promise stays as it is.")
        line = Line(f"{head} {what}".strip(), mark="vertical_traffic_light")
        owe_line(tx, raised, f"priority:{now.isoformat()}", line, now)
        owe_card(tx, raised, now)
        done = say("#{number} has {priority} priority now.", number=inquiry.number, priority=wanted.value)
        return Answer(f"{done} {what}".strip(), number=inquiry.number)

    return await desk.once(ask, work)


def _due(inquiry: Inquiry) -> str:
    """When the answer is due now; "" where none is."""
    clock = inquiry.clock
    if clock is None or not clock.is_promised or clock.paused_at is not None:
        return ""
    return say("The answer is due {at}, counted from the customer's message.", at=when(clock.due_at, "day"))
