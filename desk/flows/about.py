"""The desk about itself: the one-page guide, its state and spending, an agent's name, and the brake."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.looking import promise
from desk.flows.owing import owe_post
from desk.flows.poll import pace, spent, too_tight
from desk.model.asking import Answer, Ask, Line
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
            lines += [strong("Tone"), *(f"• {clean(line)}" for line in desk.rules.tone)]
        if desk.rules.decisions:
            lines += [strong("You may decide alone"), *(f"• {clean(line)}" for line in desk.rules.decisions)]
        return Answer(f"{strong('The guide of ' + desk.rules.name)}", lines=tuple(lines))

    return await desk.read(work)


async def status(desk: Desk, ask: Ask) -> Answer:
    """How the desk does: what is open, what waits to go out, what it reads and costs, what is wrong."""

    async def work(tx: Tx) -> Answer:
        opened = tx.open_inquiries()
        waiting = tx.waiting_ops()
        unsure = sum(op.state is Delivery.UNSURE for op in waiting)
        lines = [
            f"{len(opened)} open, {sum(i.assignee is None for i in opened)} of them unclaimed; "
            f"highest is #{tx.highest()}.",
            f"{len(waiting)} messages wait to go out{f', {unsure} in doubt' if unsure else ''}.",
        ]
        for name, platform in desk.platforms.items():
            used, budget = spent(desk, tx, name)
            cost = used * desk.rules.price_per_read.get(name, 0.0)
            read = "" if budget is None else f"; {used:,} of {budget:,} reads this month"
            price = f", about ${cost:.2f}" if cost else ""
            looked = desk.looked.get(name)
            last = f", last look {when(looked)}" if looked else ""
            every = pace(desk, tx, name)
            looks = f"looks every {spoken(every)}" if every is not None else "looks no more this month"
            lines.append(f"{strong(platform.title)}: {looks}{last}{read}{price}.")
            if warning := too_tight(desk, tx, name):
                lines.append(warning)
        held = tx.setting("hold")
        if held:
            lines.append(f"{strong('Publishing is on hold')} (by {who(held)}).")
        lines += [f"{strong('Trouble')} {place}: {clean(why)}" for place, why in desk.health.items()]
        return Answer(f"{desk.rules.name} is {'up' if not desk.health else 'in trouble'}.", lines=tuple(lines))

    return await desk.read(work)


async def set_name(desk: Desk, ask: Ask) -> Answer:
    """The name that an agent's replies are signed with."""

    async def work(tx: Tx) -> Answer:
        name = clean(ask.text.strip())
        if not name or len(name) > 40 or "\n" in name or not any(letter.isalpha() for letter in name):
            raise Refusal(
                f"A name has letters, and at most 40 characters. Write: {code(f'{ask.typed} name Mia')}", quote=ask.text
            )
        try:
            sign = sign_off(desk.rules.sign_off or "{first}", name)
        except NoName:
            raise Refusal(
                f"Customers should know who answers, and that is nobody's name. Write: {code(f'{ask.typed} name Mia')}",
                quote=ask.text,
            ) from None
        tx.set_setting(f"name:{ask.agent.user}", name)
        tx.log(Event(desk.now(), 0, "name set", ask.agent.user))
        if not desk.rules.sign_off:
            return Answer(f"Kept: {sign}. This desk signs no replies at present.")
        return Answer(f"Your replies end with “{sign}” from now on.")

    return await desk.once(ask, work)


async def hold(desk: Desk, ask: Ask) -> Answer:
    """Stop (or, with "off", resume) all publishing; what is written stays owed."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly("hold all publishing", [lead.user for lead in desk.people.leads()])
        off = ask.text.strip().casefold() in ("off", "end", "stop")
        held = tx.setting("hold")
        if off == (not held):
            return Answer("Publishing is on hold already." if held else "Publishing was not on hold.")
        now = desk.now()
        tx.set_setting("hold", None if off else ask.agent.user)
        tx.log(Event(now, 0, "hold off" if off else "hold", ask.agent.user))
        word = "let publishing go on" if off else "put all publishing on hold: answers wait until a lead ends it"
        owe_post(
            tx,
            f"hold:{now.isoformat()}",
            desk.rules.channel,
            Line(f"{who(ask.agent.user)} {word}.", mark="octagonal_sign"),
            now,
        )
        return Answer("Publishing goes on." if off else f"On hold. End it with {code(f'{ask.typed} hold off')}.")

    return await desk.once(ask, work)
