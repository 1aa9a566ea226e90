"""What is said as promises run out: a ping in the thread, an alert for the leads, one message where it is many."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.chances import chances
from desk.flows.finding import customer_name
from desk.flows.outcome import progress
from desk.flows.owing import owe_line, owe_post
from desk.flows.shift import call, called, is_gone, on_shift
from desk.flows.storm import kept_for_the_card
from desk.model.asking import Button, Line
from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.inquiry import Inquiry
from desk.model.ladder import Due, Stage, Time, by_owner
from desk.model.outbox import Lane
from desk.model.sla import SlaClock
from desk.model.windows import Chance, for_good
from desk.model.words import code, group, strong, when, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.sla")

UNSEEN = timedelta(minutes=5)
"""A deadline that passed longer ago than this passed while nobody watched: the desk was down, or its clock jumped."""
LISTED = 20
"""How many inquiries a message about many names."""
NAMES = {"first": "first answer", "next": "next answer", "resolution": "solution"}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to say: the inquiry and its clock as they are now, and the step of the ladder."""

    inquiry: Inquiry
    clock: SlaClock
    due: Due

    @property
    def broken(self) -> bool:
        return self.due.step.loudest is Stage.BREACH


def tell_all(desk: Desk, tx: Tx, told: Sequence[Told], before: datetime | None, now: datetime) -> None:
    """Owe what is to be said at this moment; more than a few for one place are one message, and so are warnings for one
    owner."""
    told = [one for one in told if not kept_for_the_card(tx, one.inquiry, one.broken)]

    def whose(one: Told) -> str | None:
        return called_alone(desk, tx, one.inquiry, now) if desk.rules.warn_channel and not one.broken else None

    for broken, many in by_owner(told, lambda one: one.broken, whose, desk.rules.ladder.together):
        if len({one.inquiry.number for one in many}) == 1:
            for one in many:
                (_alert if broken else _ping)(desk, tx, one, now)
        else:
            _tell_together(desk, tx, many, before, now)


def called_alone(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> str | None:
    """Its owner, where a ping calls them and nobody else; None where it calls the team."""
    owner = inquiry.assignee
    return None if owner is None or is_gone(desk, tx, owner, now) else owner


def _ping(desk: Desk, tx: Tx, told: Told, now: datetime) -> None:
    inquiry, clock = told.inquiry, told.clock
    left = clock.passed(now, clock.due_at, desk.hours(tx))
    state = progress(tx, inquiry.number)
    silent = inquiry.assignee is not None and _is_silent(tx, inquiry)
    away = inquiry.assignee is not None and is_gone(desk, tx, inquiry.assignee, now)
    whom = who(inquiry.assignee) if inquiry.assignee and not away else call(desk, tx, now, inquiry.assignee or "")
    if inquiry.assignee is None:
        state += " Nobody has it yet."
    elif silent or away:
        name = called(desk, inquiry.assignee)
        gone = f" {name} is away." if away else ""
        state = f"{name} has #{inquiry.number}, {'no reply yet' if silent else 'and an answer under way'}.{gone}"
    line = Line(
        f"{whom} {spoken(left)}{' of business time' if clock.time is Time.BUSINESS else ''} left on #{inquiry.number} "
        f"({customer_name(inquiry)}): {NAMES[clock.target]} due {when(clock.due_at)}. {state}",
        buttons=_for_agents(inquiry, silent or away),
        mark="hourglass_flowing_sand",
        extra={"while": clock.key},
    )
    loud = Stage.CHANNEL in told.due.step.stages
    broadcast = inquiry.assignee is None or away or (desk.rules.warn_channel and (loud or silent))
    owe_line(tx, inquiry, f"warning:{clock.key}:{told.due.said}", line, now, lane=Lane.SLA, broadcast=broadcast)


def _alert(desk: Desk, tx: Tx, told: Told, now: datetime) -> None:
    inquiry, clock = told.inquiry, told.clock
    waits = spoken(max(now - clock.started_at + clock.used, timedelta(minutes=1)))
    line = Line(
        f"{group(desk.rules.leads_group)} #{inquiry.number} missed its {NAMES[clock.target]}"
        f"{_late(desk, tx, clock, now)} ({when(clock.due_at, 'day')}) · {_where(desk, inquiry)} · "
        f"{customer_name(inquiry)} waits for {waits} · {_with_whom(inquiry)}. {whos_there(desk, tx, now)}"
        f"{_excuse(told, now)}",
        buttons=for_leads(inquiry),
        mark="rotating_light",
        extra={"thread_of": inquiry.number},
    )
    key = f"breach:{inquiry.number}:{clock.key}"
    owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA, number=inquiry.number)


def _tell_together(desk: Desk, tx: Tx, many: Sequence[Told], before: datetime | None, now: datetime) -> None:
    """One message instead of many: pings in the desk's channel, broken promises in that of the leads."""
    broken = many[0].broken
    owners = {None if broken else called_alone(desk, tx, one.inquiry, now) for one in many}
    owner = owners.pop() if len(owners) == 1 else None
    rows = []
    for one in many[:LISTED]:
        name, i = NAMES[one.clock.target], one.inquiry
        how = f"{name} missed{_late(desk, tx, one.clock, now)}" if broken else f"{name} due {when(one.clock.due_at)}"
        rows.append(
            f"{strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · {how} · {_with_whom(i)}"
            if broken or i.assignee is None
            else f"{strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · {how}"
            if owner is not None
            else f"{who(i.assignee)} {strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · {how}"
        )
    if len(many) > LISTED:
        rows.append(f"and {len(many) - LISTED} more: {code(f'/{desk.rules.prefix}desk queue late')}")
    if broken:
        head = f"{group(desk.rules.leads_group)} {len(many)} inquiries missed their answer {_why(many, before, now)}."
        button, channel = Button("queue", "See all that is late", "late"), desk.rules.leads_channel
    elif owner is not None:
        head = say("{whom}, time runs out for {n} of your inquiries:", whom=who(owner), n=len(many))
        button, channel = Button("queue", "See the queue", "mine"), desk.rules.channel
    else:
        head = f"{call(desk, tx, now)} Time runs out for {len(many)} inquiries."
        button, channel = Button("queue", "See the queue", "open"), desk.rules.channel
    line = Line("\n".join((head, *rows)), buttons=(button,), mark="rotating_light" if broken else HOURGLASS)
    key = f"{'breaches' if broken else 'warnings'}:{many[0].inquiry.number}:{len(many)}:{now.isoformat()}"
    owe_post(tx, key, channel, line, now, lane=Lane.SLA)


HOURGLASS = "hourglass_flowing_sand"


def _why(many: Sequence[Told], before: datetime | None, now: datetime) -> str:
    if any(now - one.clock.due_at <= UNSEEN for one in many):
        return "at once"
    if before is None:
        return "while the desk was down"
    if now - before > UNSEEN:
        log.warning("the clock jumped", extra={"from": before.isoformat(), "to": now.isoformat()})
        return f"between {when(before, 'day')} and now: the machine slept, or its clock jumped"
    return "before they reached the desk"


def tell_window(desk: Desk, tx: Tx, inquiry: Inquiry, title: str, now: datetime) -> None:
    """Owe a ping that the platform's last chance for a private answer closes for good."""
    last = for_good(chances(desk, tx, inquiry))
    if last is None or last.closes_at <= now:
        return
    whom = who(inquiry.assignee) if inquiry.assignee else call(desk, tx, now)
    what = "the one private reply" if last.chance is Chance.PRIVATE_REPLY else "a private answer"
    line = Line(
        f"{whom} {spoken(last.closes_at - now)} left for {what} to #{inquiry.number} ({customer_name(inquiry)}): "
        f"{title} closes it for good {when(last.closes_at, 'day')}.",
        buttons=_for_agents(inquiry, silent=False),
        mark=HOURGLASS,
        extra={"while": inquiry.clock.key} if inquiry.clock else {},
    )
    at = inquiry.window_at or now
    key = f"window:{last.closes_at.timestamp():.0f}:{at.timestamp():.0f}"
    owe_line(tx, inquiry, key, line, now, lane=Lane.SLA, broadcast=True)


def whos_there(desk: Desk, tx: Tx, now: datetime) -> str:
    """A sentence that says who is on shift, for the leads; nobody is pinged by it."""
    names = ", ".join(person.first_name or person.real_name for person in on_shift(desk, tx, now))
    return f"On shift: {names}." if names else "Nobody is on shift."


def _is_silent(tx: Tx, inquiry: Inquiry) -> bool:
    return progress(tx, inquiry.number) == "No reply yet."


def _where(desk: Desk, inquiry: Inquiry) -> str:
    platform = desk.platforms.get(inquiry.platform)
    return f"{platform.title if platform else inquiry.platform} {inquiry.kind}"


def _with_whom(inquiry: Inquiry) -> str:
    return f"it is with {who(inquiry.assignee)}" if inquiry.assignee else "nobody has it"


def _late(desk: Desk, tx: Tx, clock: SlaClock, now: datetime) -> str:
    over = clock.passed(clock.due_at, now, desk.hours(tx))
    return f" by {spoken(over)}" if over >= timedelta(minutes=1) else ""


def _excuse(told: Told, now: datetime) -> str:
    """Why nobody was warned, where nobody was."""
    inquiry, clock = told.inquiry, told.clock
    if inquiry.received_at > clock.due_at >= inquiry.created_at:
        return f" It reached the desk only {when(inquiry.received_at, 'day')}."
    if clock.warned_at is None and now - clock.due_at > UNSEEN:
        return " The warning fell into a time in which the desk was down."
    return ""


def _for_agents(inquiry: Inquiry, silent: bool) -> tuple[Button, ...]:
    number = str(inquiry.number)
    on_it = Button("on_it", "I'm on it", number)
    if inquiry.assignee is None:
        claim, reply = Button("claim", "Claim", number, "primary"), Button("reply", "Reply…", number)
        return (claim, reply, Button("holding", "Looking into it…", number), on_it)
    offered = (Button("take_over", "Take over", number),) if silent else ()
    return (
        Button("reply", "Reply…", number, "primary"),
        on_it,
        *offered,
        Button("holding", "Looking into it…", number),
        Button("release", "I can't: release", number),
    )


def for_leads(inquiry: Inquiry) -> tuple[Button, ...]:
    number = str(inquiry.number)
    give = Button("assign_to", "Assign to…", number)
    on_it = Button("on_it", "I'm on it", number)
    if inquiry.assignee is None:
        return (
            give,
            Button("claim", "Claim", number, "primary"),
            on_it,
            Button("reply", "Reply…", number),
        )
    return (give, on_it, Button("release", "Free it for others", number))
