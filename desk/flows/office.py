"""Office hours: shown to everybody, set by leads for the week."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from desk.desk import Desk
from desk.flows.finding import by_urgency
from desk.flows.owing import owe_card, owe_post
from desk.flows.public import preview
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.hours import BusinessHours, format_week, parse_week
from desk.model.inquiry import Event, Inquiry
from desk.model.opening import present
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.sla import SlaClock, counted_anew
from desk.model.words import code, strong, when, who
from desk.ports import Tx

SHOWN = 10
"""How many moved deadlines a preview lists."""


async def hours(desk: Desk, ask: Ask) -> Answer:
    """`/hours`, `/hours week`, `/hours set mon-fri 9-17`, `/hours post`."""
    word, _, rest = ask.text.strip().partition(" ")
    match word.casefold():
        case "" | "today":
            return await desk.read(_today(desk))
        case "week":
            return await desk.read(_week(desk))
        case "set":
            return await _set(desk, ask, rest.strip())
        case "post":
            return await preview(desk, ask)
    raise Refusal(
        f"/hours knows: today, week, set, post. For example {code(f'{ask.typed} set mon-fri 9-17, sat 10-14')}.",
        quote=ask.text,
    )


def _today(desk: Desk) -> Callable[[Tx], Awaitable[Answer]]:
    async def work(tx: Tx) -> Answer:
        return Answer(present(desk.hours(tx), desk.now()))

    return work


def _week(desk: Desk) -> Callable[[Tx], Awaitable[Answer]]:
    async def work(tx: Tx) -> Answer:
        open_hours = desk.hours(tx)
        return Answer(f"{format_week(open_hours.week)} ({open_hours.zone.key}). {present(open_hours, desk.now())}")

    return work


async def _set(desk: Desk, ask: Ask, typed: str) -> Answer:
    """Say whose deadlines would move; the change itself comes with *Confirm*."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, "change the office hours")
        week = parse_week(typed)
        own = desk.rules.hours
        moved = _moved(desk, tx, BusinessHours(own.zone, week, own.holidays, own.exceptions))
        lines = [
            f"#{inquiry.number}: {when(before.due_at, 'day')} → {when(after.due_at, 'day')}"
            for inquiry, before, after in moved[:SHOWN]
        ]
        if len(moved) > SHOWN:
            lines.append(f"and {len(moved) - SHOWN} more")
        count = f"{len(moved)} open deadlines move" if len(moved) != 1 else "1 open deadline moves"
        return Answer(
            f"New hours: {strong(format_week(week))} ({own.zone.key}). "
            f"{count if moved else 'No open deadline moves'}. Nothing has changed yet.",
            lines=tuple(lines),
            buttons=(Button("hours_confirm", "Confirm", format_week(week), "primary"),),
        )

    return await desk.once(ask, work)


def _leads_only(desk: Desk, ask: Ask, what: str) -> None:
    if not ask.agent.lead:
        raise LeadsOnly(what, [lead.user for lead in desk.people.leads()], ask.text)


async def confirm_hours(desk: Desk, ask: Ask) -> Answer:
    """The new hours, in force: running clocks are counted anew from their start. Pressed twice, it is done once."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, "change the office hours")
        now = desk.now()
        before = tx.setting("hours") or format_week(desk.rules.hours.week)
        wanted = format_week(parse_week(ask.text))
        if wanted == before:
            return Answer(f"In force already: {wanted}.")
        tx.set_setting("hours", wanted)
        changed = desk.hours(tx)
        for inquiry, _, after in _moved(desk, tx, changed):
            moved = replace(inquiry, clock=after)
            tx.keep_inquiry(moved)
            due = after.due_at.isoformat()
            tx.log(Event(now, inquiry.number, "deadline moved", ask.agent.user, None, {"due": due}))
            owe_card(tx, moved, now)
        tx.log(Event(now, 0, "hours set", ask.agent.user, None, {"before": before, "after": wanted}))
        line = Line(f"{who(ask.agent.user)} set the office hours: {wanted} ({changed.zone.key}).", mark="clock9")
        owe_post(tx, f"hours:{now.isoformat()}", desk.rules.channel, line, now)
        return Answer(f"In force: {wanted}.")

    return await desk.once(ask, work)


def _moved(desk: Desk, tx: Tx, changed: BusinessHours) -> list[tuple[Inquiry, SlaClock, SlaClock]]:
    """Open inquiries whose deadline other hours move, most urgent first, with their clock before and after."""
    now = desk.now()
    found = []
    for inquiry in sorted(tx.open_inquiries(), key=by_urgency):
        if inquiry.clock is not None:
            after = counted_anew(inquiry.clock, changed, now)
            if after.due_at != inquiry.clock.due_at:
                found.append((inquiry, inquiry.clock, after))
    return found
