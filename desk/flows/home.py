"""Each agent's own page in Slack: what is theirs, what nobody has, what waits for the customer; kept true while in use.

Slack tells when somebody opens it and never when they leave, so it is kept true for a while after it was last used.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desk.desk import Desk
from desk.flows.finding import by_urgency, newest_customer_entry
from desk.flows.owing import AT_HOME, IN_USE, owe_home
from desk.flows.shift import away_until
from desk.model.asking import Answer
from desk.model.inquiry import Inquiry, Status
from desk.model.outbox import Operation
from desk.ports import Tx

MINE, FREE, WAITING = 20, 8, 10
"""Rows of each list before *Show more*; a page of Slack takes 100 blocks."""


async def open_home(desk: Desk, user: str) -> None:
    """Somebody looks at their page: draw it, and keep it true for a while."""

    async def work(tx: Tx) -> None:
        _used(tx, user, desk.now())
        owe_home(tx, user, desk.now(), at_once=True)

    await desk.transact(work)


async def said_at_home(desk: Desk, user: str, answer: Answer | None, *, more: bool = False) -> None:
    """Something was pressed on the page: what the desk answered stands at its top until the next press."""

    async def work(tx: Tx) -> None:
        _used(tx, user, desk.now())
        kept = answer.as_json() if answer is not None and (answer.sentence or answer.lines) else None
        owe_home(tx, user, desk.now(), at_once=True, said=kept, more=more)

    await desk.transact(work)


def _used(tx: Tx, user: str, now: datetime) -> None:
    users = tx.setting(AT_HOME) or {}
    fresh = {known: at for known, at in users.items() if now - datetime.fromisoformat(at) < IN_USE}
    tx.set_setting(AT_HOME, {**fresh, user: now.isoformat()})


def home_of(desk: Desk, tx: Tx, op: Operation) -> dict[str, Any]:
    """The values to draw somebody's page from; "person" is None for who does not work at the desk (any more)."""
    now = desk.now()
    person = desk.people.person(op.place)
    values: dict[str, Any] = {"user": op.place, "person": person, "group": desk.rules.agents_group, "now": now}
    if person is None or not (person.agent or person.lead):
        return {**values, "person": None}
    open_ones = sorted(tx.open_inquiries(), key=by_urgency)
    awake = [i for i in open_ones if i.snoozed_until is None and i.status is not Status.PENDING]
    mine = [i for i in awake if i.assignee == op.place]
    free = [i for i in awake if i.assignee is None]
    waiting = [i for i in open_ones if i.assignee == op.place and i not in mine]
    most = MINE + WAITING if op.payload.get("more") else MINE
    gone, until = away_until(tx, op.place, now)
    return {
        **values,
        "mine": _rows(desk, tx, mine[:most]),
        "mine_all": len(mine),
        "free": _rows(desk, tx, free[:FREE]),
        "free_all": len(free),
        "waiting": _rows(desk, tx, waiting[: 0 if op.payload.get("more") else WAITING]),
        "waiting_all": len(waiting),
        "away": gone,
        "away_until": until,
        "team": _team(desk, open_ones, now) if person.lead else (),
        "said": Answer.from_json(op.payload["said"]) if op.payload.get("said") else None,
        "prefix": desk.rules.prefix,
    }


def _rows(desk: Desk, tx: Tx, inquiries: Sequence[Inquiry]) -> list[dict[str, Any]]:
    rows = []
    for inquiry in inquiries:
        platform = desk.platforms.get(inquiry.platform)
        rows.append(
            {
                "inquiry": inquiry,
                "platform": platform.title if platform else inquiry.platform,
                "text": newest_customer_entry(tx, inquiry).text,
                "url": desk.board.permalink(inquiry.channel, inquiry.thread_ts) if inquiry.thread_ts else "",
            }
        )
    return rows


def _team(desk: Desk, open_ones: Sequence[Inquiry], now: datetime) -> list[tuple[str, int, int]]:
    """Per agent: how many they have, and how many of those are late; who has most first."""
    counted: dict[str, tuple[int, int]] = {person.user: (0, 0) for person in desk.people.agents()}
    for inquiry in open_ones:
        if inquiry.assignee is not None:
            has, late = counted.get(inquiry.assignee, (0, 0))
            is_late = inquiry.next_due is not None and inquiry.next_due <= now
            counted[inquiry.assignee] = (has + 1, late + is_late)
    return sorted(((user, *counts) for user, counts in counted.items()), key=lambda row: (-row[2], -row[1], row[0]))
