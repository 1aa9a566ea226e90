"""What is said as a promise to a customer comes due: its owner is reminded, and the leads hear of a broken one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.alarms import LISTED, called_alone, for_leads, whos_there
from desk.flows.finding import customer_name
from desk.flows.owing import owe_line, owe_post
from desk.flows.shift import call, called, is_gone, somebody_from
from desk.model.asking import Button, Line
from desk.model.catalogue import say, say_n
from desk.model.duration import spoken
from desk.model.inquiry import Event, Inquiry
from desk.model.ladder import BEAT, by_owner, together
from desk.model.outbox import Lane
from desk.model.promise import Promise
from desk.model.words import clean, group, strong, when, who
from desk.ports import Tx

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to say: the promise as it is now, and the inquiry that it belongs to."""

    inquiry: Inquiry
    promise: Promise

    @property
    def broken(self) -> bool:
        return self.promise.breached_at is not None


def watch_promises(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> tuple[Inquiry, list[Reminder]]:
    """The inquiry with what is due of its promises noted, each once: before the time, and at the time; and what is to
    be said of them. While nobody is there it waits for the opening; after a time of being down only the latest is said.
    """
    changed, due = [], []
    for one in inquiry.promises:
        if one.alarm_at is None or one.alarm_at > now:
            changed.append(one)
            continue
        if (from_then := _sayable(desk, tx, inquiry, one.alarm_at, now)) > now:
            changed.append(replace(one, not_before=from_then))
            continue
        if one.due_at <= now:
            one = replace(one, warned_at=one.warned_at or now, breached_at=now)
        else:
            one = replace(one, warned_at=now)
        changed.append(one)
        due.append(one)
        what = "promise due" if one.breached_at else "promise called to mind"
        details = {"what": one.what, "due": one.due_at.isoformat()}
        tx.log(Event(now, inquiry.number, what, inquiry.assignee, None, details))
    after = replace(inquiry, promises=tuple(changed)) if changed else inquiry
    return after, [Reminder(after, one) for one in due]


def _sayable(desk: Desk, tx: Tx, inquiry: Inquiry, at: datetime, now: datetime) -> datetime:
    """When what fell due at `at` may be said: now, if somebody is there, or was there to the very end; else later."""
    then = at - INSTANT
    if now - at <= BEAT and somebody_from(desk, tx, inquiry.assignee, then) <= then:
        return now
    return somebody_from(desk, tx, inquiry.assignee, now)


def remind_all(desk: Desk, tx: Tx, due: Sequence[Reminder], now: datetime) -> None:
    """Owe what is to be said at this moment; more than a few for one place are one message, and so are those for one
    owner."""
    many = desk.rules.ladder.together

    def whose(one: Reminder) -> str | None:
        return called_alone(desk, tx, one.inquiry, now)

    for _, same in by_owner(due, lambda one: one.inquiry.channel, whose, many):
        if len({one.inquiry.number for one in same}) == 1:
            for one in same:
                _ping(desk, tx, one, now)
        else:
            _ping_together(desk, tx, same, now)
    for _, same in together([one for one in due if one.broken], lambda one: desk.rules.leads_channel, many):
        if len(same) == 1:
            _alert(desk, tx, same[0], now)
        else:
            _alert_together(desk, tx, same, now)


def _what(one: Promise) -> str:
    return clean(one.what) or say("an answer")


def _state(one: Promise, now: datetime) -> str:
    due, over = when(one.due_at, "day"), now - one.due_at
    if over < timedelta(0):
        return say("it is due {due}, in {left}.", due=due, left=spoken(-over))
    if over < timedelta(minutes=1):
        return say("it was due {due}. Keep it, or tell the customer why not.", due=due)
    return say("it was due {due}, {over} ago. Keep it, or tell the customer why not.", due=due, over=spoken(over))


def _ping(desk: Desk, tx: Tx, due: Reminder, now: datetime) -> None:
    inquiry, one = due.inquiry, due.promise
    owner, number = inquiry.assignee, str(inquiry.number)
    away = owner is not None and is_gone(desk, tx, owner, now)
    whom = who(owner) if owner and not away else call(desk, tx, now, owner or "")
    said = [
        say(
            "{whom}, {what} is promised to {customer} in #{number}: {state}",
            whom=whom,
            what=strong(_what(one)),
            customer=customer_name(inquiry),
            number=inquiry.number,
            state=_state(one, now),
        )
    ]
    if one.by != owner:
        said.append(say("{who} promised it.", who=who(one.by)))
    if owner is None:
        said.append(say("Nobody has it."))
    elif away:
        said.append(say("{name} has #{number} and is away.", name=called(desk, owner), number=inquiry.number))
    answer = Button("reply", say("Reply…"), number, "primary")
    kept = Button("promise_kept", say("It is kept"), number)
    buttons: tuple[Button, ...]
    if owner is None:
        buttons = (Button("claim", say("Claim"), number, "primary"), answer)
    else:
        buttons = (answer, Button("take_over", say("Take over"), number), kept) if away else (answer, kept)
    mark = "bell" if due.broken else "handshake"
    line = Line(" ".join(said), buttons=buttons, mark=mark, extra={"while": f"promise:{one.key}"})
    key = f"promise:{one.key}:{'due' if due.broken else 'soon'}"
    owe_line(tx, inquiry, key, line, now, lane=Lane.SLA, broadcast=owner is None or away)


def _ping_together(desk: Desk, tx: Tx, due: Sequence[Reminder], now: datetime) -> None:
    owners = {called_alone(desk, tx, one.inquiry, now) for one in due}
    owner = owners.pop() if len(owners) == 1 else None
    whom = call(desk, tx, now) if owner is None else who(owner)
    head = say_n("{whom} {n} promise to a customer comes due.", "{whom} {n} promises to customers come due.",
                 len(due), whom=whom)  # fmt: skip
    view = "open" if owner is None else "mine"
    line = Line(_listed(due, head), buttons=(Button("queue", say("See the queue"), view),), mark="handshake")
    owe_post(
        tx, f"promises:{due[0].inquiry.number}:{now.isoformat()}", due[0].inquiry.channel, line, now, lane=Lane.SLA
    )


def _alert(desk: Desk, tx: Tx, due: Reminder, now: datetime) -> None:
    inquiry, one = due.inquiry, due.promise
    said = (
        say(
            "{leads} #{number}: {what} was promised to {customer} by {due}, and that is not kept.",
            leads=group(desk.rules.leads_group),
            number=inquiry.number,
            what=_what(one),
            customer=customer_name(inquiry),
            due=when(one.due_at, "day"),
        ),
        say("It is with {who}.", who=who(inquiry.assignee)) if inquiry.assignee else say("Nobody has it."),
        whos_there(desk, tx, inquiry, now),
    )
    extra = {"thread_of": inquiry.number}
    line = Line(" ".join(said), buttons=for_leads(inquiry), mark="rotating_light", extra=extra)
    key = f"broken:{inquiry.number}:{one.key}"
    owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA, number=inquiry.number)


def _alert_together(desk: Desk, tx: Tx, due: Sequence[Reminder], now: datetime) -> None:
    head = say_n("{leads} {n} promise to a customer is not kept.", "{leads} {n} promises to customers are not kept.",
                 len(due), leads=group(desk.rules.leads_group))  # fmt: skip
    button = Button("queue", say("See all that is late"), "late")
    line = Line(_listed(due, head), buttons=(button,), mark="rotating_light")
    key = f"broken:{due[0].inquiry.number}:{len(due)}:{now.isoformat()}"
    owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA)


def _listed(due: Sequence[Reminder], head: str) -> str:
    rows = []
    for one in due[:LISTED]:
        inquiry, promise = one.inquiry, one.promise
        whose = who(inquiry.assignee) if inquiry.assignee else say("nobody has it")
        row = (strong(f"#{inquiry.number}"), customer_name(inquiry), _what(promise), when(promise.due_at, "day"), whose)
        rows.append(" · ".join(row))
    if len(due) > LISTED:
        rows.append(say("and {n} more", n=len(due) - LISTED))
    return "\n".join((head, *rows))
