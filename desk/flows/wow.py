"""An unexpected good deed: marked by an agent, within what the owner set aside for a month, listed for everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from desk.desk import Desk
from desk.flows.finding import customer_name, meant
from desk.flows.owing import owe_card, owe_line
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Event
from desk.model.refusals import Refusal
from desk.model.words import clean, strong, who
from desk.ports import Tx


def _month(desk: Desk) -> str:
    """The month by the desk's own calendar."""
    return f"wow:{desk.now().astimezone(desk.rules.hours.zone):%Y-%m}"


async def wow(desk: Desk, ask: Ask) -> Answer:
    """Mark an inquiry for a good deed, with the idea. Beyond the month's number only a lead may."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        idea = clean(ask.text.strip())
        month, most = _month(desk), desk.rules.wow_monthly
        marked: list[dict[str, Any]] = list(tx.setting(month) or ())
        if not idea:
            raise Refusal(
                say("What is the good deed? Write: {example}", example=ask.command("wow", "flowers", inquiry.number))
            )
        if idea == inquiry.wow:
            return Answer(say("#{number} is marked already.", number=inquiry.number), number=inquiry.number)
        others = [one for one in marked if one["number"] != inquiry.number]
        if len(others) >= most and not ask.agent.lead:
            raise Refusal(
                say_n(
                    "This month's {n} good deed is taken. A lead may go beyond it.",
                    "This month's {n} good deeds are taken. A lead may go beyond them.",
                    most,
                ),
                quote=ask.text,
            )
        now = desk.now()
        one = {"number": inquiry.number, "idea": idea, "by": ask.agent.user, "name": customer_name(inquiry)}
        tx.set_setting(month, [*others, one])
        changed = replace(inquiry, wow=idea)
        tx.keep_inquiry(changed)
        tx.log(Event(now, inquiry.number, "wow", ask.agent.user, None, {"idea": idea}))
        sentence = say("{who} wants to do something good here:", who=who(ask.agent.user))
        owe_line(tx, changed, f"wow:{now.timestamp()}", Line(sentence, quote=idea, mark="gift"), now)
        owe_card(tx, changed, now)
        left = max(0, most - len(others) - 1)
        return Answer(
            f"{say('#{number} is marked.', number=inquiry.number)} "
            + say_n("{n} more good deed this month.", "{n} more good deeds this month.", left),
            number=inquiry.number,
        )

    return await desk.once(ask, work)


async def take_back(desk: Desk, ask: Ask) -> Answer:
    """The mark goes, and its place in the month is free again."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        if not inquiry.wow:
            return Answer(say("#{number} is not marked.", number=inquiry.number))
        month = _month(desk)
        tx.set_setting(month, [one for one in (tx.setting(month) or ()) if one["number"] != inquiry.number])
        changed = replace(inquiry, wow="")
        tx.keep_inquiry(changed)
        tx.log(Event(now, inquiry.number, "wow taken back", ask.agent.user))
        owe_card(tx, changed, now)
        return Answer(say("#{number} is not marked any more.", number=inquiry.number), number=inquiry.number)

    return await desk.once(ask, work)


async def good_deeds(desk: Desk, ask: Ask) -> Answer:
    """This month's good deeds, and how many are left."""

    async def work(tx: Tx) -> Answer:
        marked: list[dict[str, Any]] = list(tx.setting(_month(desk)) or ())
        left = max(0, desk.rules.wow_monthly - len(marked))
        lines = tuple(_line(one) for one in marked)
        head = say_n("{n} good deed this month.", "{n} good deeds this month.", len(marked))
        return Answer(f"{head} {say('{n} more are planned for.', n=left)}", lines=lines)

    return await desk.read(work)


def _line(one: dict[str, Any]) -> str:
    number = strong(f"#{one['number']}")
    return f"{number} {clean(str(one['name']))}: {clean(str(one['idea']))} · {who(str(one['by']))}"
