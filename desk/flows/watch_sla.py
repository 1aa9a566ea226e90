"""The clock ticks: each promise climbs its ladder, last chances are told of, sleepers woken; each once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk import crash
from desk.desk import Desk
from desk.flows.alarms import Told, tell_all, tell_window
from desk.flows.chances import with_window
from desk.flows.invitation import nudged
from desk.flows.owing import owe_card, owe_line
from desk.flows.remind import Reminder, remind_all, watch_promises
from desk.flows.waiting import started_again, titles
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.hours import NeverOpen
from desk.model.inquiry import Event, Inquiry
from desk.model.ladder import Stage
from desk.model.outbox import Lane
from desk.model.sla import SlaClock
from desk.model.words import who
from desk.ports import Tx

log = logging.getLogger("frontdesk.sla")

BATCH = 500
LEAST = timedelta(seconds=1)
"""What was looked at now is not looked at again before this."""


async def watch_sla(desk: Desk) -> int:
    """Say what is due and not said yet; each once, however often this runs. Returns how many inquiries were touched."""
    before, desk.watched = desk.watched, desk.now()
    total = 0
    while (first := await first_alarm(desk)) is not None and first <= desk.now():

        async def work(tx: Tx) -> int:
            return _touch_all(desk, tx, tx.due_before(desk.now(), BATCH), before)

        total += await desk.transact(work)
    return total


async def first_alarm(desk: Desk) -> datetime | None:
    """The next instant at which `watch_sla` has something to say."""

    async def work(tx: Tx) -> datetime | None:
        return tx.first_alarm()

    return await desk.read(work)


def _touch_all(desk: Desk, tx: Tx, due: Sequence[Inquiry], before: datetime | None) -> int:
    now = desk.now()
    told: list[Told] = []
    reminders: list[Reminder] = []
    for inquiry in due:
        said, promised = _touch(desk, tx, inquiry, now)
        told += said
        reminders += promised
    remind_all(desk, tx, reminders, now)
    tell_all(desk, tx, told, before, now)
    for one in told:
        crash.reached("CP12", str(one.inquiry.number))
    return len(due)


def _touch(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> tuple[list[Told], list[Reminder]]:
    """All that is due of one inquiry; what is to be said of its clocks and its promises is handed back, to be said
    together."""
    if inquiry.snoozed_until is not None and inquiry.snoozed_until <= now:
        inquiry = started_again(desk, tx, _woken(tx, inquiry, now))
    told: list[Told] = []
    clock = inquiry.clock
    if clock is not None:
        clock, said = _climbed(desk, tx, inquiry, clock, now)
        inquiry = replace(inquiry, clock=clock)
        told += said
    if inquiry.resolution is not None:
        solution, said = _climbed(desk, tx, inquiry, inquiry.resolution, now)
        inquiry = replace(inquiry, resolution=solution)
        told += said
    if inquiry.replying_until is not None and inquiry.replying_until <= now:
        inquiry = replace(inquiry, replying="", replying_until=None)
    if inquiry.window_at is not None and inquiry.window_at <= now:
        inquiry = _last_chance(desk, tx, inquiry, now)
    inquiry = nudged(desk, tx, inquiry, now)
    inquiry, promised = watch_promises(desk, tx, inquiry, now)
    tx.keep_inquiry(inquiry)
    owe_card(tx, inquiry, now, lane=Lane.SLA)
    return [replace(one, inquiry=inquiry) for one in told], promised


def _climbed(desk: Desk, tx: Tx, inquiry: Inquiry, clock: SlaClock, now: datetime) -> tuple[SlaClock, list[Told]]:
    """The clock after its latest step, and what is to be said of it; no more than its next instant where none is."""
    if clock.alarm_at is None or clock.alarm_at > now:
        return clock, []
    hours = desk.hours(tx)
    step = clock.due(now, hours)
    if step is None:
        return _later(clock.set_for(now, hours), now), []
    after = _later(clock.told(step, now, hours), now)
    what = "breached" if step.step.loudest is Stage.BREACH else "warned" if step.step.speaks else "coloured"
    seconds = clock.passed(clock.started_at, now, hours).total_seconds()
    details = {"target": clock.target, "step": step.said}
    tx.log(Event(now, inquiry.number, what, inquiry.assignee, seconds, details))
    if what == "breached":
        log.warning("breached", extra={"number": inquiry.number, "target": clock.target})
    return after, [Told(inquiry, after, step)] if step.step.speaks else []


def _later(clock: SlaClock, now: datetime) -> SlaClock:
    if clock.next_at is not None and clock.next_at <= now and clock.breached_at is None:
        return replace(clock, next_at=now + LEAST)
    return clock


def _woken(tx: Tx, inquiry: Inquiry, now: datetime) -> Inquiry:
    tx.log(Event(now, inquiry.number, "woke"))
    if inquiry.assignee:
        told = say("{who}, #{number} is back from its snooze.", who=who(inquiry.assignee), number=inquiry.number)
    else:
        told = say("#{number} is back from its snooze.", number=inquiry.number)
    line = Line(told, mark="alarm_clock")
    owe_line(tx, inquiry, f"woke:{now.timestamp()}", line, now, lane=Lane.SLA)
    return replace(inquiry, snoozed_until=None)


def _last_chance(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> Inquiry:
    """Tell that the platform's last chance comes to its end; in closed hours at the opening, if that is in time."""
    hours = desk.hours(tx)
    if not hours.is_open(now):
        try:
            return replace(inquiry, window_at=hours.next_opening(now))
        except NeverOpen:
            return replace(inquiry, window_at=None)
    if inquiry.clock is not None:
        tell_window(desk, tx, inquiry, titles(desk).get(inquiry.platform, inquiry.platform), now)
    return with_window(desk, tx, replace(inquiry, window_at=None), now)
