"""The desk about itself: the one-page guide, its state and spending, an agent's name, and the brake."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.looking import promise
from desk.flows.owing import owe_post
from desk.flows.poll import pace, spent, too_tight
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say, say_n
from desk.model.duration import spoken
from desk.model.inquiry import Event
from desk.model.opening import present
from desk.model.outbox import Delivery
from desk.model.refusals import LeadsOnly, NoName, Refusal
from desk.model.signature import sign_off
from desk.model.words import clean, code, strong, when, who
from desk.ports import Tx


async def guide(desk: Desk, ask: Ask) -> Answer:
    """Response times, tone, and what an agent may decide alone, on one page."""

    async def work(tx: Tx) -> Answer:
        lines = [promise(desk, name) for name in desk.platforms]
        lines.append(present(desk.hours(tx), desk.now()))
        if desk.rules.tone:
            lines += [strong(say("Tone")), *(f"• {clean(line)}" for line in desk.rules.tone)]
        if desk.rules.decisions:
            lines += [strong(say("You may decide alone")), *(f"• {clean(line)}" for line in desk.rules.decisions)]
        return Answer(strong(say("The guide of {desk}", desk=desk.rules.name)), lines=tuple(lines))

    return await desk.read(work)


async def status(desk: Desk, ask: Ask) -> Answer:
    """How the desk does: what is open, what waits to go out, what it reads and costs, what is wrong."""

    async def work(tx: Tx) -> Answer:
        opened = tx.open_inquiries()
        waiting = tx.waiting_ops()
        unsure = sum(op.state is Delivery.UNSURE for op in waiting)
        lines = [
            say(
                "{open} open, {free} of them unclaimed; highest is #{number}.",
                open=len(opened),
                free=sum(i.assignee is None for i in opened),
                number=tx.highest(),
            ),
            _to_go_out(len(waiting), unsure),
        ]
        for name, platform in desk.platforms.items():
            used, budget = spent(desk, tx, name)
            cost = used * desk.rules.price_per_read.get(name, 0.0)
            every, looked = pace(desk, tx, name), desk.looked.get(name)
            parts = [say("looks every {time}", time=spoken(every)) if every else say("looks no more this month")]
            if looked:
                parts.append(say("last look {at}", at=when(looked)))
            told = f"{strong(platform.title)}: {', '.join(parts)}"
            if budget is not None:
                told += "; " + say("{used} of {budget} reads this month", used=f"{used:,}", budget=f"{budget:,}")
            if cost:
                told += ", " + say("about ${cost}", cost=f"{cost:.2f}")
            lines.append(f"{told}.")
            if warning := too_tight(desk, tx, name):
                lines.append(warning)
        held = tx.setting("hold")
        if held:
            lines.append(say("{hold} (by {who}).", hold=strong(say("Publishing is on hold")), who=who(held)))
        lines += [f"{strong(say('Trouble'))} {place}: {clean(why)}" for place, why in desk.health.items()]
        name = desk.rules.name
        state = say("{desk} is in trouble.", desk=name) if desk.health else say("{desk} is up.", desk=name)
        return Answer(state, lines=tuple(lines))

    return await desk.read(work)


def _to_go_out(waiting: int, unsure: int) -> str:
    """How much the outbox holds."""
    if unsure:
        return say_n(
            "{n} message waits to go out, {unsure} in doubt.",
            "{n} messages wait to go out, {unsure} in doubt.",
            waiting,
            unsure=unsure,
        )
    return say_n("{n} message waits to go out.", "{n} messages wait to go out.", waiting)


async def set_name(desk: Desk, ask: Ask) -> Answer:
    """The name that an agent's replies are signed with."""

    async def work(tx: Tx) -> Answer:
        name, example = clean(ask.text.strip()), code(f"{ask.typed} name Mia")
        if name.casefold() == "off":
            tx.set_setting(f"name:{ask.agent.user}", None)
            tx.log(Event(desk.now(), 0, "name set", ask.agent.user))
            return Answer(say("Your replies end with your name in Slack again."))
        if not name or len(name) > 40 or "\n" in name or not any(letter.isalpha() for letter in name):
            raise Refusal(
                say("A name has letters, and at most 40 characters. Write: {example}", example=example), quote=ask.text
            )
        try:
            sign = sign_off(desk.rules.sign_off or "{first}", name)
        except NoName:
            raise Refusal(
                say("Customers should know who answers, and that is nobody's name. Write: {example}", example=example),
                quote=ask.text,
            ) from None
        tx.set_setting(f"name:{ask.agent.user}", name)
        tx.log(Event(desk.now(), 0, "name set", ask.agent.user))
        if not desk.rules.sign_off:
            return Answer(say("Kept: {sign}. This desk signs no replies at present.", sign=sign))
        return Answer(say("Your replies end with “{sign}” from now on.", sign=sign))

    return await desk.once(ask, work)


async def hold(desk: Desk, ask: Ask) -> Answer:
    """Stop (or, with "off", resume) all publishing; what is written stays owed."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly(say("hold all publishing"), [lead.user for lead in desk.people.leads()])
        word = ask.text.strip().casefold()
        off = word in ("off", "end", "stop")
        if word not in ("", "on") and not off:
            on, ends = code(f"{ask.typed} hold"), code(f"{ask.typed} hold off")
            told = say("Nothing was changed. {on} holds all publishing, {off} lets it go on.", on=on, off=ends)
            raise Refusal(told, quote=ask.text)
        held = tx.setting("hold")
        if off == (not held):
            return Answer(say("Publishing is on hold already.") if held else say("Publishing was not on hold."))
        now = desk.now()
        tx.set_setting("hold", None if off else ask.agent.user)
        tx.log(Event(now, 0, "hold off" if off else "hold", ask.agent.user))
        lead = who(ask.agent.user)
        told = (
            say("{who} let publishing go on.", who=lead)
            if off
            else say("{who} put all publishing on hold: answers wait until a lead ends it.", who=lead)
        )
        owe_post(
            tx,
            f"hold:{now.isoformat()}",
            desk.rules.channel,
            Line(told, mark="octagonal_sign"),
            now,
        )
        if off:
            return Answer(say("Publishing goes on."))
        return Answer(say("On hold. End it with {command}.", command=code(f"{ask.typed} hold off")))

    return await desk.once(ask, work)
