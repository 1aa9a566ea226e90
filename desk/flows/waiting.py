"""What in an inquiry waits for an answer, since when, and the clock that runs for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.model.customer import Priority
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.outbox import Operation
from desk.model.policies import Chosen, Facts, Policy, choose
from desk.model.sla import SlaClock, Target, start_clock, under
from desk.ports import Tx


def unanswered(tx: Tx, number: int) -> Entry | None:
    """The oldest customer message that waits for an answer, or None."""
    waiting: list[Entry] = []
    for entry in tx.entries(number):
        if entry.said in (Said.REPLY, Said.OUTSIDE) and Flag.HOLDING not in entry.flags and not entry.deleted:
            op = tx.op(entry.op_id) if entry.op_id else None
            waiting = [one for one in waiting if not (known_to(op, one) if op else one.at <= entry.at)]
        elif entry.said is Said.CUSTOMER and entry.starts_clock and not entry.deleted:
            waiting.append(entry)
    return min(waiting, key=lambda entry: (entry.at, entry.index), default=None)


def known_to(op: Operation, entry: Entry) -> bool:
    """Whether a customer's message stood at the desk when an answer was written: what was written before and came in
    since has no answer yet. After a merging, where messages were counted anew, the time of writing tells."""
    if op.number == entry.number and "known" in op.payload:
        return entry.index < int(op.payload["known"])
    return entry.at <= op.created_at


def policy_of(desk: Desk, inquiry: Inquiry) -> Policy:
    """The policy that an inquiry started with; one kept by an older desk has the one that matches today."""
    return inquiry.policy or chosen(desk, inquiry).policy


def chosen(desk: Desk, inquiry: Inquiry) -> Chosen:
    """The first policy that matches an inquiry as it is, and why."""
    priority = inquiry.priority or Priority.NORMAL
    facts = Facts(inquiry.platform, inquiry.private, inquiry.kind, priority, inquiry.vip, inquiry.language)
    return choose(desk.rules.promises, facts, titles(desk))


def rechosen(desk: Desk, tx: Tx, inquiry: Inquiry) -> Inquiry:
    """The inquiry under the policy that would be chosen for it as it is now; its clocks count from where they did."""
    policy = chosen(desk, inquiry).policy
    now, hours, near = desk.now(), desk.hours(tx), desk.rules.ladder.near
    clock, end = inquiry.clock, inquiry.resolution
    changed = replace(
        inquiry,
        policy=policy,
        clock=under(clock, policy, hours, now, near) if clock is not None else None,
        resolution=under(end, policy, hours, now, near) if end is not None and policy.resolution else None,
    )
    return solution(desk, tx, changed)


def stopped(desk: Desk, tx: Tx, inquiry: Inquiry) -> Inquiry:
    """The inquiry with all its clocks standing still, until it is back from its snooze or the customer writes."""
    clock = inquiry.clock.paused(desk.now(), desk.hours(tx)) if inquiry.clock is not None else None
    flags = (*(flag for flag in inquiry.flags if flag != Flag.STOPPED), Flag.STOPPED)
    return solution(desk, tx, replace(inquiry, clock=clock, flags=flags))


def started_again(desk: Desk, tx: Tx, inquiry: Inquiry) -> Inquiry:
    """The inquiry with its clocks going on with what was left, where a lead had stopped them."""
    if Flag.STOPPED not in inquiry.flags:
        return inquiry
    clock = inquiry.clock.resumed(desk.now(), desk.hours(tx)) if inquiry.clock is not None else None
    flags = tuple(flag for flag in inquiry.flags if flag != Flag.STOPPED)
    return solution(desk, tx, replace(inquiry, clock=clock, flags=flags))


def titles(desk: Desk) -> dict[str, str]:
    """The platforms' names for people."""
    return {name: platform.title for name, platform in desk.platforms.items()}


def clock_from(desk: Desk, tx: Tx, inquiry: Inquiry, since: datetime) -> SlaClock:
    """The promise of an inquiry that waits since then."""
    target = Target.NEXT if inquiry.first_answered_at else Target.FIRST
    return start_clock(target, since, policy_of(desk, inquiry), desk.hours(tx), desk.rules.ladder.near, desk.now())


def solution(desk: Desk, tx: Tx, inquiry: Inquiry) -> Inquiry:
    """The inquiry with its clock to a solution as its status says: it stands still while we wait for the customer,
    and while it is closed; it runs otherwise. Where none is promised there is none."""
    now, hours, clock = desk.now(), desk.hours(tx), inquiry.resolution
    if clock is None:
        policy = policy_of(desk, inquiry)
        if policy.resolution is None or not inquiry.is_open:
            return inquiry
        clock = start_clock(Target.RESOLUTION, inquiry.created_at, policy, hours, desk.rules.ladder.near, now)
    if inquiry.status in (Status.PENDING, Status.CLOSED) or Flag.STOPPED in inquiry.flags:
        clock = clock.paused(now, hours)
    else:
        clock = clock.resumed(now, hours)
    return inquiry if clock == inquiry.resolution else replace(inquiry, resolution=clock)


def clock_now(desk: Desk, tx: Tx, inquiry: Inquiry) -> SlaClock | None:
    """The clock as it must run for what waits now: from the oldest unanswered message, or not at all.

    Warnings that were given for a clock that goes on from an earlier instant stay given.
    """
    oldest = unanswered(tx, inquiry.number)
    if oldest is None:
        return None
    running = inquiry.clock
    if running is not None and running.counts_from == oldest.at:
        return running
    fresh = clock_from(desk, tx, inquiry, oldest.at)
    if running is None or fresh.started_at > running.counts_from:
        return fresh
    return went_on(desk, tx, fresh, running)


def went_on(desk: Desk, tx: Tx, fresh: SlaClock, running: SlaClock) -> SlaClock:
    """A clock that counts from an earlier instant now: what was said of it stays said."""
    kept = replace(
        fresh,
        said=running.said,
        reached=running.reached,
        quiet_until=running.quiet_until,
        warned_at=running.warned_at,
        breached_at=running.breached_at,
    )
    return kept.set_for(desk.now(), desk.hours(tx))


def wake(desk: Desk, tx: Tx, inquiry: Inquiry, since: datetime, now: datetime) -> Inquiry:
    """The inquiry as it stands once something in it waits for an answer since `since`: open, awake, its clock running.

    The next-response clock counts from the oldest unanswered message, so one that runs already goes on, and starts
    earlier where an older message came late.
    """
    if not inquiry.is_open:
        tx.log(Event(now, inquiry.number, "reopened", details={"by": "customer"}))
        inquiry = replace(inquiry, closed_at=None, closed_reason=None, closed_by=None)
    status = Status.OPEN if inquiry.assignee or inquiry.first_answered_at else Status.NEW
    clock = inquiry.clock
    if clock is None:
        clock = clock_from(desk, tx, inquiry, since)
        details = {"target": clock.target, "due": clock.due_at.isoformat()}
        tx.log(Event(now, inquiry.number, "clock started", details=details))
    elif since < clock.counts_from:
        earlier = clock_from(desk, tx, inquiry, since)
        clock = went_on(desk, tx, earlier, clock)
    clock = clock.resumed(now, desk.hours(tx))
    flags = tuple(flag for flag in inquiry.flags if flag not in (Flag.WITHDRAWN, Flag.OUTSIDE, Flag.STOPPED))
    return solution(desk, tx, replace(inquiry, status=status, clock=clock, snoozed_until=None, flags=flags))
