"""Reactions as a quick way, where the owner wants it: one sign claims, one closes after a check."""

from __future__ import annotations

from enum import StrEnum

from desk.desk import Desk
from desk.flows.claim import claim, release
from desk.flows.settle import done
from desk.model.asking import Answer, Ask, Button
from desk.model.catalogue import say
from desk.model.inquiry import Inquiry
from desk.ports import Tx


class Sign(StrEnum):
    """What a reaction means."""

    MINE = "mine"
    DONE = "done"


async def signed_with(desk: Desk, ask: Ask, sign: Sign, *, set_: bool) -> Answer | None:
    """A sign was set on a card, or taken away. None where it did what it says, and the card shows it."""
    inquiry = await _inquiry(desk, ask)
    if inquiry is None:
        return None
    if sign is Sign.MINE:
        if set_ and inquiry.is_open:
            answer = await claim(desk, ask)
        elif not set_ and inquiry.is_open and inquiry.assignee == ask.agent.user:
            answer = await release(desk, ask)
        else:
            return None
        return answer if answer.refused else None
    if not set_ or not inquiry.is_open:
        return None
    if inquiry.clock is not None or inquiry.first_answered_at is None:
        return Answer(
            say("#{number} still waits for an answer. Close it all the same?", number=inquiry.number),
            buttons=(
                Button("close_it", say("Close it"), str(inquiry.number), "danger"),
                Button("dismiss", say("Keep it open"), str(inquiry.number)),
            ),
        )
    answer = await done(desk, ask)
    return answer if answer.refused else None


async def _inquiry(desk: Desk, ask: Ask) -> Inquiry | None:
    async def work(tx: Tx) -> Inquiry | None:
        return tx.inquiry(ask.number) if ask.number is not None else None

    return await desk.read(work)
