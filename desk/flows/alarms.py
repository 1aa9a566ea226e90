"""What is said as promises run out: a ping in the thread, an alert for the leads, one message where it is many."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.chances import chances
from desk.flows.finding import customer_name
from desk.flows.outcome import progress, under_way
from desk.flows.owing import owe_line, owe_post
from desk.flows.shift import call, called, for_inquiry, is_gone, on_shift
from desk.flows.storm import kept_for_the_card
from desk.model.asking import Button, Line
from desk.model.catalogue import say, say_n
from desk.model.duration import spoken
from desk.model.inquiry import Inquiry
from desk.model.ladder import Due, Stage, Time, by_owner
from desk.model.message import kind_words
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


def clock_name(target: str) -> str:
    """What a clock runs for, in words."""
    if target == "first":
        return say("first answer")
    return say("next answer") if target == "next" else say("solution")


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

    for place, many in by_owner(told, lambda one: _place(desk, one), whose, desk.rules.ladder.together):
        if len({one.inquiry.number for one in many}) == 1:
            for one in many:
                (_alert if one.broken else _ping)(desk, tx, one, now)
        else:
            _tell_together(desk, tx, many, place[1], before, now)


def _place(desk: Desk, one: Told) -> tuple[bool, str]:
    """What is told together: broken promises to the leads, warnings in the channel where their inquiries live."""
    return one.broken, desk.rules.leads_channel if one.broken else one.inquiry.channel


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
        state = f"{state} {say('Nobody has it yet.')}"
    elif silent or away:
        name = called(desk, inquiry.assignee)
        if silent:
            state = say("{name} has #{number}, no reply yet.", name=name, number=inquiry.number)
        else:
            state = say("{name} has #{number}, and an answer under way.", name=name, number=inquiry.number)
        if away:
            state = f"{state} {say('{name} is away.', name=name)}"
    length = spoken(left)
    line = Line(
        say(
            "{whom} {left} left on #{number} ({customer}): {what} due {due}. {state}",
            whom=whom,
            left=say("{length} of business time", length=length) if clock.time is Time.BUSINESS else length,
            number=inquiry.number,
            customer=customer_name(inquiry),
            what=clock_name(clock.target),
            due=when(clock.due_at),
            state=state,
        ),
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
    leads, what = group(desk.rules.leads_group), clock_name(clock.target)
    if late := _late(desk, tx, clock, now):
        missed = say(
            "{leads} #{number} missed its {what} by {late}", leads=leads, number=inquiry.number, what=what, late=late
        )
    else:
        missed = say("{leads} #{number} missed its {what}", leads=leads, number=inquiry.number, what=what)
    state = say(
        "{where} · {customer} has waited {waits} · {whose}. {there}",
        where=_where(desk, inquiry),
        customer=customer_name(inquiry),
        waits=waits,
        whose=_with_whom(inquiry),
        there=whos_there(desk, tx, inquiry, now),
    )
    excuse = [words] if (words := _excuse(told, now)) else []
    line = Line(
        " ".join((f"{missed} ({when(clock.due_at, 'day')}) · {state}", *excuse)),
        buttons=for_leads(inquiry),
        mark="rotating_light",
        extra={"thread_of": inquiry.number},
    )
    key = f"breach:{inquiry.number}:{clock.key}"
    owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA, number=inquiry.number)


def _tell_together(
    desk: Desk, tx: Tx, many: Sequence[Told], channel: str, before: datetime | None, now: datetime
) -> None:
    """One message in that channel instead of many."""
    broken = many[0].broken
    owners = {None if broken else called_alone(desk, tx, one.inquiry, now) for one in many}
    owner = owners.pop() if len(owners) == 1 else None
    rows = []
    for one in many[:LISTED]:
        name, i = clock_name(one.clock.target), one.inquiry
        if not broken:
            how = say("{what} due {due}", what=name, due=when(one.clock.due_at))
        elif late := _late(desk, tx, one.clock, now):
            how = say("{what} missed by {late}", what=name, late=late)
        else:
            how = say("{what} missed", what=name)
        rows.append(
            f"{strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · {how} · {_with_whom(i)}"
            if broken or i.assignee is None
            else f"{strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · {how}"
            if owner is not None
            else f"{who(i.assignee)} {strong(f'#{i.number}')} {_where(desk, i)} · {customer_name(i)} · {how}"
        )
    if len(many) > LISTED:
        command = code(f"/{desk.rules.prefix}desk queue late")
        rows.append(say("and {n} more: {command}", n=len(many) - LISTED, command=command))
    if broken:
        head = _missed_together(desk, many, before, now)
        button = Button("queue", say("See all that is late"), "late")
    elif owner is not None:
        head = say("{whom}, time runs out for {n} of your inquiries:", whom=who(owner), n=len(many))
        button = Button("queue", say("See the queue"), "mine")
    else:
        head = say_n("{whom} Time runs out for {n} inquiry.", "{whom} Time runs out for {n} inquiries.",
                     len(many), whom=call(desk, tx, now))  # fmt: skip
        button = Button("queue", say("See the queue"), "open")
    line = Line("\n".join((head, *rows)), buttons=(button,), mark="rotating_light" if broken else HOURGLASS)
    key = f"{'breaches' if broken else 'warnings'}:{many[0].inquiry.number}:{len(many)}:{now.isoformat()}"
    owe_post(tx, key, channel, line, now, lane=Lane.SLA)


HOURGLASS = "hourglass_flowing_sand"


def _missed_together(desk: Desk, many: Sequence[Told], before: datetime | None, now: datetime) -> str:
    """How many missed their answer, and why so many at a time."""
    leads, n = group(desk.rules.leads_group), len(many)
    if any(now - one.clock.due_at <= UNSEEN for one in many):
        return say("{leads} {n} inquiries missed their answer at once.", leads=leads, n=n)
    if before is None:
        return say("{leads} {n} inquiries missed their answer while the desk was down.", leads=leads, n=n)
    if now - before > UNSEEN:
        log.warning("the clock jumped", extra={"from": before.isoformat(), "to": now.isoformat()})
        return say(
            "{leads} {n} inquiries missed their answer between {before} and now: the machine slept, or its clock "
            "jumped.",
            leads=leads,
            n=n,
            before=when(before, "day"),
        )
    return say("{leads} {n} inquiries missed their answer before they reached the desk.", leads=leads, n=n)


def tell_window(desk: Desk, tx: Tx, inquiry: Inquiry, title: str, now: datetime) -> None:
    """Owe a ping that the platform's last chance for a private answer closes for good."""
    last = for_good(chances(desk, tx, inquiry))
    if last is None or last.closes_at <= now:
        return
    whom = who(inquiry.assignee) if inquiry.assignee else call(desk, tx, now)
    what = say("the one private reply") if last.chance is Chance.PRIVATE_REPLY else say("a private answer")
    line = Line(
        say(
            "{whom} {left} left for {what} to #{number} ({customer}): {platform} closes it for good {at}.",
            whom=whom,
            left=spoken(last.closes_at - now),
            what=what,
            number=inquiry.number,
            customer=customer_name(inquiry),
            platform=title,
            at=when(last.closes_at, "day"),
        ),
        buttons=_for_agents(inquiry, silent=False),
        mark=HOURGLASS,
        extra={"while": inquiry.clock.key} if inquiry.clock else {},
    )
    at = inquiry.window_at or now
    key = f"window:{last.closes_at.timestamp():.0f}:{at.timestamp():.0f}"
    owe_line(tx, inquiry, key, line, now, lane=Lane.SLA, broadcast=True)


def whos_there(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> str:
    """A sentence that says who is on shift for an inquiry, for the leads; nobody is pinged by it."""
    there = for_inquiry(desk, inquiry, on_shift(desk, tx, now))
    names = ", ".join(person.first_name or person.real_name for person in there)
    return say("On shift: {names}.", names=names) if names else say("Nobody is on shift.")


def _is_silent(tx: Tx, inquiry: Inquiry) -> bool:
    """Whether no answer is on its way."""
    return not under_way(tx, inquiry.number)


def _where(desk: Desk, inquiry: Inquiry) -> str:
    platform = desk.platforms.get(inquiry.platform)
    return f"{platform.title if platform else inquiry.platform} {kind_words(inquiry.kind)}"


def _with_whom(inquiry: Inquiry) -> str:
    return say("it is with {who}", who=who(inquiry.assignee)) if inquiry.assignee else say("nobody has it")


def _late(desk: Desk, tx: Tx, clock: SlaClock, now: datetime) -> str:
    over = clock.passed(clock.due_at, now, desk.hours(tx))
    return spoken(over) if over >= timedelta(minutes=1) else ""


def _excuse(told: Told, now: datetime) -> str:
    """Why nobody was warned, where nobody was."""
    inquiry, clock = told.inquiry, told.clock
    if inquiry.received_at > clock.due_at >= inquiry.created_at:
        return say("It reached the desk only {at}.", at=when(inquiry.received_at, "day"))
    if clock.warned_at is None and now - clock.due_at > UNSEEN:
        return say("The warning fell into a time in which the desk was down.")
    return ""


def _for_agents(inquiry: Inquiry, silent: bool) -> tuple[Button, ...]:
    number = str(inquiry.number)
    on_it = Button("on_it", say("I'm on it"), number)
    if inquiry.assignee is None:
        claim, reply = Button("claim", say("Claim"), number, "primary"), Button("reply", say("Reply…"), number)
        return (claim, reply, Button("holding", say("Looking into it…"), number), on_it)
    offered = (Button("take_over", say("Take over"), number),) if silent else ()
    return (
        Button("reply", say("Reply…"), number, "primary"),
        on_it,
        *offered,
        Button("holding", say("Looking into it…"), number),
        Button("release", say("I can't: release"), number),
    )


def for_leads(inquiry: Inquiry) -> tuple[Button, ...]:
    number = str(inquiry.number)
    give = Button("assign_to", say("Assign to…"), number)
    on_it = Button("on_it", say("I'm on it"), number)
    if inquiry.assignee is None:
        return (
            give,
            Button("claim", say("Claim"), number, "primary"),
            on_it,
            Button("reply", say("Reply…"), number),
        )
    return (give, on_it, Button("release", say("Free it for others"), number))
