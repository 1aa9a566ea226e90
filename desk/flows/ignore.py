"""People who are out of the queue: what they write is kept, nobody is called, and they can be brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from desk.desk import Desk
from desk.flows.amend import shows_of
from desk.flows.customer import open_ones, person_of, recorded
from desk.flows.finding import customer_name, meant
from desk.flows.owing import owe_card, owe_line, owe_root, owe_shows, root_id
from desk.flows.promise import end
from desk.flows.waiting import unanswered, wake
from desk.model import reasons
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Event, Flag, Inquiry, Said, Status
from desk.model.outbox import Delivery
from desk.model.refusals import Refusal
from desk.model.words import clean, ended, strong, when, who
from desk.ports import Tx

IGNORED = "ignored people"
"""The setting that names them: per customer the inquiry by which they are brought back, when, by whom and why."""


def is_ignored(tx: Tx, inquiry: Inquiry) -> bool:
    """Whether its customer is out of the queue."""
    person = person_of(tx, inquiry)
    return person is not None and person.muted


def kept_quiet(inquiry: Inquiry, now: datetime) -> Inquiry:
    """A new inquiry of somebody ignored: kept, in no queue, without thread and clock, until they are brought back."""
    return replace(
        inquiry,
        status=Status.CLOSED,
        clock=None,
        resolution=None,
        window_at=None,
        closed_at=now,
        closed_reason=reasons.IGNORED,
        flags=(*inquiry.flags, Flag.MUTED),
    )


async def ignore(desk: Desk, ask: Ask) -> Answer:
    """Take a person out of the queue: what is open of theirs is closed, what they write from now on is only kept."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        person = recorded(tx, inquiry)
        if person is None:
            raise Refusal(say("The platform does not say who wrote #{number}.", number=inquiry.number), quote=ask.text)
        name = customer_name(inquiry)
        back = ask.command("ignore", "off", inquiry.number)
        if person.muted:
            return Answer(say("{name} is ignored already. Bring them back: {command}", name=clean(name), command=back))
        numbers = tuple(sorted({*person.inquiries, inquiry.number}))
        person = replace(person, muted=True, inquiries=numbers)
        tx.keep_customer(person)
        why = clean(ask.text.strip())
        entry = {"number": inquiry.number, "at": now.isoformat(), "by": ask.agent.user, "why": why, "name": name}
        tx.set_setting(IGNORED, {**(tx.setting(IGNORED) or {}), str(person.id): entry})
        for one in open_ones(tx, person):
            closed = replace(
                one,
                status=Status.CLOSED,
                clock=None,
                resolution=None,
                window_at=None,
                snoozed_until=None,
                closed_at=now,
                closed_by=ask.agent.user,
                closed_reason=reasons.IGNORED,
            )
            closed = end(tx, closed, now, ask.agent.user, kept=False)
            tx.keep_inquiry(closed)
            owe_card(tx, closed, now)
        tx.log(Event(now, inquiry.number, "ignored", ask.agent.user, None, {"why": why}))
        by, whom = who(ask.agent.user), clean(name)
        if why:
            sentence = say("{who} has {name} ignored from now on: {why}", who=by, name=whom, why=ended(why))
        else:
            sentence = say("{who} has {name} ignored from now on.", who=by, name=whom)
        line = Line(f"{sentence} {say('Bring them back: {command}', command=back)}", mark="mute")
        owe_line(tx, inquiry, f"ignored:{now.timestamp()}", line, now)
        return Answer(
            say("{name} is ignored: what they write is kept and calls nobody.", name=clean(name)), number=inquiry.number
        )

    return await desk.once(ask, work)


async def bring_back(desk: Desk, ask: Ask) -> Answer:
    """Bring a person back, with all that they wrote meanwhile: each of it gets its thread, and waits from now on."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        person = person_of(tx, inquiry)
        name = clean(customer_name(inquiry))
        if person is None or not person.muted:
            return Answer(say("{name} is not ignored.", name=name), number=inquiry.number)
        tx.keep_customer(replace(person, muted=False))
        others = {key: value for key, value in (tx.setting(IGNORED) or {}).items() if key != str(person.id)}
        tx.set_setting(IGNORED, others)
        found = [one for number in person.inquiries if (one := tx.inquiry(number)) is not None]
        waiting = [one for one in found if Flag.MUTED in one.flags]
        for one in found:
            if one in waiting:
                _back(desk, tx, one, now)
            else:
                _show_rest(tx, one, now)
        tx.log(Event(now, inquiry.number, "brought back", ask.agent.user))
        sentence = say("{who} brought {name} back.", who=who(ask.agent.user), name=name)
        owe_line(tx, inquiry, f"back:{now.timestamp()}", Line(sentence, mark="sound"), now)
        count = say_n(
            "{n} inquiry of theirs came in meanwhile and waits now.",
            "{n} inquiries of theirs came in meanwhile and wait now.",
            len(waiting),
        )
        back = say("{name} is back in the queue.", name=name)
        return Answer(f"{back} {count}" if waiting else back, number=inquiry.number)

    return await desk.once(ask, work)


def _back(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> None:
    opened = replace(
        inquiry,
        status=Status.NEW,
        closed_at=None,
        closed_reason=None,
        closed_by=None,
        flags=tuple(flag for flag in inquiry.flags if flag != Flag.MUTED),
    )
    if unanswered(tx, inquiry.number) is not None:
        opened = wake(desk, tx, opened, now, now)
    tx.keep_inquiry(opened)
    root = tx.op(root_id(inquiry.number))
    if root is None:
        owe_root(tx, opened, now)
        owe_shows(tx, opened, tx.entries(inquiry.number)[0], now, first_piece=1)
    _show_rest(tx, opened, now)
    if root is not None and root.state is Delivery.SENT:
        owe_card(tx, opened, now)


def _show_rest(tx: Tx, inquiry: Inquiry, now: datetime) -> None:
    """What came into its thread meanwhile is shown there."""
    for entry in tx.entries(inquiry.number)[1:]:
        if entry.said is Said.CUSTOMER and not any(True for _ in shows_of(tx, inquiry.number, entry.index)):
            owe_shows(tx, inquiry, entry, now)


async def ignored_people(desk: Desk, ask: Ask) -> Answer:
    """Who is ignored, since when, by whom and why."""

    async def work(tx: Tx) -> Answer:
        kept: dict[str, dict[str, Any]] = tx.setting(IGNORED) or {}
        if not kept:
            return Answer(say("Nobody is ignored."))
        rows = sorted(kept.values(), key=lambda one: str(one["at"]))
        lines = [
            say(
                "{number} {name}, since {at}, by {who}: {command}",
                number=strong(f"#{one['number']}"),
                name=clean(str(one["name"])),
                at=when(datetime.fromisoformat(one["at"]), "date"),
                who=who(str(one["by"])),
                command=ask.command("ignore", "off", int(one["number"])),
            )
            + (f" · {clean(str(one['why']))}" if one["why"] else "")
            for one in rows
        ]
        return Answer(say_n("{n} person is ignored.", "{n} people are ignored.", len(rows)), lines=tuple(lines))

    return await desk.read(work)
