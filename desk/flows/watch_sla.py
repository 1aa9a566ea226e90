"""The clock ticks: warnings before a promise breaks, one alert to the leads when it does, sleepers woken."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import customer_name
from desk.flows.outcome import progress
from desk.flows.owing import owe_card, owe_line, owe_post
from desk.model.asking import Button, Line
from desk.model.duration import spoken
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import Lane
from desk.model.sla import SlaClock
from desk.model.words import code, group, strong, when, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.sla")

BATCH = 500
UNSEEN = timedelta(minutes=5)
"""A deadline that passed longer ago than this passed while nobody watched: the desk was down, or its clock jumped."""
MANY = 5
"""More of those at once are told in one message."""
LISTED = 15
"""How many of them that message names."""


async def watch_sla(desk: Desk) -> int:
    """Say what is due and not said yet; each once, however often this runs. Returns how many inquiries were touched."""
    before, desk.watched = desk.watched, desk.now()
    total = 0
    while (first := await first_alarm(desk)) is not None and first <= desk.now():

        async def work(tx: Tx) -> int:
            return _touch_all(desk, tx, tx.due_before(desk.now(), BATCH), before)

        total += await desk.transact(work)
    return total


def _touch_all(desk: Desk, tx: Tx, due: Sequence[Inquiry], before: datetime | None) -> int:
    now = desk.now()
    unseen = [i for i in due if _breaks(i, now) and i.clock is not None and now - i.clock.due_at > UNSEEN]
    together = unseen if len(unseen) > MANY else []
    for inquiry in due:
        _touch(desk, tx, inquiry, now, alert=inquiry not in together)
    if together:
        _tell_together(desk, tx, together, before, now)
    return len(due)


def _breaks(inquiry: Inquiry, now: datetime) -> bool:
    clock = inquiry.clock
    return clock is not None and clock.breached_at is None and clock.due_at <= now


def _touch(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime, *, alert: bool) -> None:
    if inquiry.snoozed_until is not None and inquiry.snoozed_until <= now:
        inquiry = _woken(tx, inquiry, now)
    clock = inquiry.clock
    if clock is not None and clock.alarm_at is not None and clock.alarm_at <= now:
        if clock.due_at <= now:
            inquiry = _breached(desk, tx, inquiry, clock, now, alert=alert)
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


def _warned(desk: Desk, tx: Tx, inquiry: Inquiry, clock: SlaClock, now: datetime) -> Inquiry:
    left = desk.hours(tx).between(now, clock.due_at)
    whom = who(inquiry.assignee) if inquiry.assignee else group(desk.rules.agents_group)
    nobody = "" if inquiry.assignee else " Nobody has it yet."
    state = progress(tx, inquiry.number)
    line = Line(
        f"{whom} {spoken(left)} of business time left on #{inquiry.number} ({customer_name(inquiry)}): "
        f"{_which(clock)} answer due {when(clock.due_at)}. {state}{nobody}",
        buttons=_for_agents(inquiry),
        mark="hourglass_flowing_sand",
        extra={"while": clock.key},
    )
    broadcast = desk.rules.warn_channel or inquiry.assignee is None
    owe_line(tx, inquiry, f"warning:{clock.key}", line, now, lane=Lane.SLA, broadcast=broadcast)
    seconds = desk.hours(tx).between(clock.started_at, now).total_seconds()
    tx.log(Event(now, inquiry.number, "warned", inquiry.assignee, seconds, {"target": clock.target}))
    return replace(inquiry, clock=replace(clock, warned_at=now))


def _breached(desk: Desk, tx: Tx, inquiry: Inquiry, clock: SlaClock, now: datetime, *, alert: bool) -> Inquiry:
    if alert:
        line = Line(
            f"{group(desk.rules.leads_group)} #{inquiry.number} missed its {_which(clock)} answer"
            f"{_late(desk, tx, clock, now)} ({when(clock.due_at, 'day')}) · {_where(desk, inquiry)} · "
            f"{customer_name(inquiry)} · {_with_whom(inquiry)}.{_excuse(inquiry, clock, now)}",
            buttons=_for_leads(inquiry),
            mark="rotating_light",
            extra={"thread_of": inquiry.number},
        )
        key = f"breach:{inquiry.number}:{clock.key}"
        owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA, number=inquiry.number)
    seconds = desk.hours(tx).between(clock.started_at, now).total_seconds()
    tx.log(Event(now, inquiry.number, "breached", inquiry.assignee, seconds, {"target": clock.target}))
    log.warning("breached", extra={"number": inquiry.number, "target": clock.target})
    return replace(inquiry, clock=replace(clock, warned_at=clock.warned_at or now, breached_at=now))


def _tell_together(desk: Desk, tx: Tx, missed: Sequence[Inquiry], before: datetime | None, now: datetime) -> None:
    """One message about many promises that broke while nobody watched."""
    if before is None:
        why = "while the desk was down"
    elif now - before > UNSEEN:
        log.warning("the clock jumped", extra={"from": before.isoformat(), "to": now.isoformat()})
        why = f"between {when(before, 'day')} and now: the machine slept, or its clock jumped"
    else:
        why = "before they reached the desk"
    rows = [
        f"{strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · "
        f"{_which(i.clock)} answer missed{_late(desk, tx, i.clock, now)} · {_with_whom(i)}"
        for i in missed[:LISTED]
        if i.clock is not None
    ]
    if len(missed) > LISTED:
        rows.append(f"and {len(missed) - LISTED} more: {code(f'/{desk.rules.prefix}desk queue late')}")
    head = f"{group(desk.rules.leads_group)} {len(missed)} inquiries missed their answer {why}."
    line = Line(
        "\n".join((head, *rows)), buttons=(Button("queue", "See all that is late", "late"),), mark="rotating_light"
    )
    key = f"breaches:{missed[0].number}:{len(missed)}:{now.isoformat()}"
    owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA)


def _which(clock: SlaClock) -> str:
    return "first" if clock.target == "first" else "next"


def _where(desk: Desk, inquiry: Inquiry) -> str:
    platform = desk.platforms.get(inquiry.platform)
    return f"{platform.title if platform else inquiry.platform} {inquiry.kind}"


def _with_whom(inquiry: Inquiry) -> str:
    return f"it is with {who(inquiry.assignee)}" if inquiry.assignee else "nobody has it"


def _late(desk: Desk, tx: Tx, clock: SlaClock, now: datetime) -> str:
    over = desk.hours(tx).between(clock.due_at, now)
    return f" by {spoken(over)}" if over >= timedelta(minutes=1) else ""


def _excuse(inquiry: Inquiry, clock: SlaClock, now: datetime) -> str:
    """Why nobody was warned, where nobody was."""
    if inquiry.received_at > clock.due_at >= inquiry.created_at:
        return f" It reached the desk only {when(inquiry.received_at, 'day')}."
    if clock.warned_at is None and now - clock.due_at > UNSEEN:
        return " The warning fell into a time in which the desk was down."
    return ""


def _for_agents(inquiry: Inquiry) -> tuple[Button, ...]:
    number = str(inquiry.number)
    if inquiry.assignee is None:
        return (Button("claim", "Claim", number, "primary"), Button("reply", "Reply…", number))
    return (Button("reply", "Reply…", number, "primary"), Button("release", "I can't: release", number))


def _for_leads(inquiry: Inquiry) -> tuple[Button, ...]:
    number = str(inquiry.number)
    if inquiry.assignee is None:
        return (Button("claim", "Claim", number, "primary"), Button("reply", "Reply…", number))
    return (Button("release", "Free it for others", number),)


async def first_alarm(desk: Desk) -> datetime | None:
    """The next instant at which `watch_sla` has something to say."""

    async def work(tx: Tx) -> datetime | None:
        return tx.first_alarm()

    return await desk.read(work)
