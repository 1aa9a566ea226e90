"""The clock ticks: warnings before a promise breaks, one alert to the leads when it does, sleepers woken."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import customer_name
from desk.flows.owing import owe_card, owe_line, owe_post
from desk.model.asking import Button, Line
from desk.model.duration import spoken
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import Delivery, Lane, OpKind
from desk.model.sla import SlaClock
from desk.model.words import group, when, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.sla")

BATCH = 100


async def watch_sla(desk: Desk) -> int:
    """Say what is due and not said yet; each once, however often this runs. Returns how many inquiries were touched."""

    async def work(tx: Tx) -> int:
        now = desk.now()
        due = tx.due_before(now, BATCH)
        for inquiry in due:
            _touch(desk, tx, inquiry, now)
        return len(due)

    total = 0
    while True:
        count = await desk.read(work)
        total += count
        if count:
            desk.kick()
        if count < BATCH:
            return total


def _touch(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> None:
    if inquiry.snoozed_until is not None and inquiry.snoozed_until <= now:
        inquiry = _woken(tx, inquiry, now)
    clock = inquiry.clock
    if clock is not None and clock.alarm_at is not None and clock.alarm_at <= now:
        if clock.due_at <= now:
            inquiry = _breached(desk, tx, inquiry, clock, now)
        else:
            inquiry = _warned(desk, tx, inquiry, clock, now)
    tx.keep_inquiry(inquiry)
    owe_card(tx, inquiry, now)


def _woken(tx: Tx, inquiry: Inquiry, now: datetime) -> Inquiry:
    tx.log(Event(now, inquiry.number, "woke"))
    whom = who(inquiry.assignee) + ", " if inquiry.assignee else ""
    line = Line(f"{whom}#{inquiry.number} is back from its snooze.", mark="alarm_clock")
    owe_line(tx, inquiry, f"woke:{now.timestamp()}", line, now, lane=Lane.SLA)
    return replace(inquiry, snoozed_until=None)


def _key(clock: SlaClock) -> str:
    return f"{clock.target}:{clock.started_at.timestamp():.3f}"


def _warned(desk: Desk, tx: Tx, inquiry: Inquiry, clock: SlaClock, now: datetime) -> Inquiry:
    left = desk.hours(tx).between(now, clock.due_at)
    whom = who(inquiry.assignee) if inquiry.assignee else group(desk.rules.agents_group)
    nobody = "" if inquiry.assignee else " Nobody has it yet."
    on_its_way = any(
        op.kind is OpKind.PUBLISH and op.state in (Delivery.OWED, Delivery.SENDING) for op in tx.ops_of(inquiry.number)
    )
    state = "A reply is on its way." if on_its_way else "No reply yet."
    line = Line(
        f"{whom} {spoken(left)} of business time left on #{inquiry.number} ({customer_name(inquiry)}): "
        f"{'first' if clock.target == 'first' else 'next'} answer due {when(clock.due_at)}. {state}{nobody}",
        buttons=_buttons(inquiry),
        mark="hourglass_flowing_sand",
    )
    broadcast = desk.rules.warn_channel or inquiry.assignee is None
    owe_line(tx, inquiry, f"warning:{_key(clock)}", line, now, lane=Lane.SLA, broadcast=broadcast)
    seconds = desk.hours(tx).between(clock.started_at, now).total_seconds()
    tx.log(Event(now, inquiry.number, "warned", inquiry.assignee, seconds, {"target": clock.target}))
    return replace(inquiry, clock=replace(clock, warned_at=now))


def _breached(desk: Desk, tx: Tx, inquiry: Inquiry, clock: SlaClock, now: datetime) -> Inquiry:
    over = desk.hours(tx).between(clock.due_at, now)
    late = f" by {spoken(over)}" if over >= timedelta(minutes=1) else ""
    with_whom = f"It is with {who(inquiry.assignee)}." if inquiry.assignee else "Nobody has it."
    platform = desk.platforms.get(inquiry.platform)
    where = f"{platform.title if platform else inquiry.platform} {inquiry.kind}"
    which = "first" if clock.target == "first" else "next"
    line = Line(
        f"{group(desk.rules.leads_group)} #{inquiry.number} missed its {which} answer"
        f"{late} ({when(clock.due_at, 'day')}) · {where} · {customer_name(inquiry)} · {with_whom}",
        buttons=_buttons(inquiry),
        mark="rotating_light",
        extra={"thread_of": inquiry.number},
    )
    owe_post(
        tx,
        f"breach:{inquiry.number}:{_key(clock)}",
        desk.rules.leads_channel,
        line,
        now,
        lane=Lane.SLA,
        number=inquiry.number,
    )
    seconds = desk.hours(tx).between(clock.started_at, now).total_seconds()
    tx.log(Event(now, inquiry.number, "breached", inquiry.assignee, seconds, {"target": clock.target}))
    log.warning("breached", extra={"number": inquiry.number, "target": clock.target})
    return replace(inquiry, clock=replace(clock, warned_at=clock.warned_at or now, breached_at=now))


def _buttons(inquiry: Inquiry) -> tuple[Button, ...]:
    number = str(inquiry.number)
    if inquiry.assignee is None:
        return (Button("claim", "Claim", number, "primary"), Button("reply", "Reply…", number))
    return (Button("reply", "Reply…", number, "primary"), Button("release", "I can't: release", number))


async def first_alarm(desk: Desk) -> datetime | None:
    """The next instant at which `watch_sla` has something to say."""

    async def work(tx: Tx) -> datetime | None:
        return tx.first_alarm()

    return await desk.read(work)
