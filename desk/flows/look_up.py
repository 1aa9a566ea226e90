"""The company's own system is asked who a customer is: beside the desk's work, at most once in a while, and quietly."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk, Waits
from desk.flows.customer import ask_for, followed, is_fresh, person_of, recorded
from desk.flows.owing import owe_card, owe_line
from desk.flows.waiting import chosen, policy_of, rechosen
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.customer import SYSTEM, Customer, Known
from desk.model.errors import OutsideError
from desk.model.inquiry import Event, Inquiry
from desk.ports import Tx

log = logging.getLogger("frontdesk.look_up")

TRIES = (timedelta(seconds=30), timedelta(minutes=5))
"""After a call that failed it is asked again so much later; then only for the next inquiry, or `/customer`."""


def next_look_up(desk: Desk) -> datetime | None:
    """When somebody is to be looked up next."""
    return min((one.at for one in desk.look_ups.values()), default=None)


async def look_up(desk: Desk) -> int:
    """Ask for everybody who waits, one after the other; a call that fails harms nothing. How many were answered."""
    directory, answered = desk.directory, 0
    if directory is None:
        return 0
    if not desk.look_ups_begun:
        desk.look_ups_begun = True
        await desk.read(lambda tx: _left(desk, tx))
    for number, waits in [(n, one) for n, one in desk.look_ups.items() if one.at <= desk.now()]:

        async def who(tx: Tx, number: int = number) -> Customer | None:
            inquiry = tx.inquiry(number)
            person = person_of(tx, inquiry) if inquiry is not None else None
            return None if person is None or is_fresh(desk, person) else person

        person = await desk.read(who)
        desk.look_ups.pop(number, None)
        if person is None:
            continue
        try:
            known = await directory.find(person.profiles, desk.now())
        except OutsideError as error:
            desk.look_up_failed = desk.now()
            log.info("not looked up", extra={"number": number, "why": str(error)})
            if waits.tries < len(TRIES):
                desk.look_ups[number] = Waits(desk.now() + TRIES[waits.tries], waits.tries + 1)
            break  # it has trouble: the others wait for the next beat
        desk.look_up_failed = None
        await _keep(desk, number, known)
        answered += 1
    return answered


async def _left(desk: Desk, tx: Tx) -> None:
    """Those whom the last run did not come to."""
    for inquiry in tx.open_inquiries():
        ask_for(desk, tx, inquiry)


async def _keep(desk: Desk, number: int, known: Known) -> None:
    async def work(tx: Tx) -> None:
        now = desk.now()
        inquiry = tx.inquiry(number)
        person = recorded(tx, inquiry) if inquiry is not None else None
        if person is None:
            return
        before = person
        if known.vip is not None and person.vip_by in ("", SYSTEM):
            person = replace(person, vip=known.vip, vip_by=SYSTEM)
        if known.language and not person.language_by:
            person = replace(person, language=known.language)
        person = replace(person, known=known)
        tx.keep_customer(person)
        details = {"customer": person.id, "found": known.found, "vip": person.vip}
        tx.log(Event(now, number, "looked up", details=details))
        other = (person.vip, person.language) != (before.vip, before.language)
        for one in followed(tx, person, now):
            if other and one.first_answered_at is None and not one.priority:
                _chosen_anew(desk, tx, one, now)

    await desk.transact(work)


def _chosen_anew(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> None:
    """What the company knows counts as known from the start, as long as nobody has answered."""
    found = chosen(desk, inquiry)
    if found.policy == policy_of(desk, inquiry):
        return
    changed = rechosen(desk, tx, inquiry)
    tx.keep_inquiry(changed)
    tx.log(Event(now, inquiry.number, "policy chosen", details={"policy": found.policy.name, "by": SYSTEM}))
    told = say("The company's own system knows this customer, so another promise holds: {why}", why=found.why)
    owe_line(tx, changed, f"known:{now.isoformat()}", Line(told, mark="card_index"), now)
    owe_card(tx, changed, now)
