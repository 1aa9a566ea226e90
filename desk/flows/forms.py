"""What a form shows when it opens, how it counts while the agent types, and whether it is still the one we opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from desk.desk import Desk
from desk.flows.finding import newest_customer_entry
from desk.flows.reply import signature_of
from desk.model.inquiry import Inquiry
from desk.model.people import Person
from desk.model.refusals import Refusal, UnknownNumber
from desk.model.signature import signed
from desk.ports import Tx


async def note_values(desk: Desk, number: int) -> Inquiry:
    """The inquiry that the note is about. Raises `UnknownNumber`."""

    async def work(tx: Tx) -> Inquiry:
        return _inquiry(tx, number)

    return await desk.read(work)


async def reply_values(
    desk: Desk, person: Person, number: int, *, private: bool, key: str, text: str = ""
) -> dict[str, Any]:
    """All that `reply_form` draws. Raises `UnknownNumber`, and `NoName` before the agent has written a word."""

    async def work(tx: Tx) -> dict[str, Any]:
        inquiry = _inquiry(tx, number)
        platform = desk.platform(inquiry.platform)
        can = platform.capabilities
        sign = signature_of(desk, tx, person, text)
        privately = private or inquiry.private
        return {
            "inquiry": inquiry,
            "newest": newest_customer_entry(tx, inquiry),
            "platform": platform.title,
            "private": privately,
            "can_private": not inquiry.private and (can.direct_to_anyone or can.private_reply_window is not None),
            "public_limit": can.public_limit,
            "private_limit": can.private_limit,
            "size": platform.length(signed(text, sign)),
            "text": text,
            "sign": sign,
            "key": key,
        }

    return await desk.read(work)


def _inquiry(tx: Tx, number: int) -> Inquiry:
    found = tx.inquiry(number)
    if found is None:
        raise UnknownNumber(number, tx.highest())
    return found
