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


@dataclass(frozen=True, slots=True)
class Shown:
    """What an open form is about. `version`: the inquiry as the agent saw it; `key` names the opening."""

    number: int
    version: int
    private: bool
    key: str


async def opened(desk: Desk, key: str, person: Person, number: int, form: str) -> None:
    """Keep for whom and about what a form opens: what comes back in it is checked against this, never trusted."""

    async def work(tx: Tx) -> None:
        tx.remember(f"opened:{key}", {"user": person.user, "number": number, "form": form}, desk.now())

    await desk.transact(work)


async def shown_before(desk: Desk, person: Person, form: str, carried: str) -> Shown:
    """What the form that came back is about. `carried` is its private_metadata.

    Raises `Refusal` where we opened no such form for this person about this inquiry within the last day.
    """
    try:
        said = json.loads(carried)
        number, key = said["number"], said["key"]
        shown = Shown(number, said.get("version", 0), said.get("private", False), key)
        known = [type(value) for value in (shown.number, shown.version, shown.private, shown.key)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        known = []

    async def work(tx: Tx) -> bool:
        kept = tx.answer(f"opened:{shown.key}")
        return kept == {"user": person.user, "number": shown.number, "form": form}

    if known != [int, int, bool, str] or not await desk.read(work):
        raise Refusal(
            "This form is not the one that was opened here, or it is older than a day. Nothing was sent. "
            "Copy your text, close the form and open it anew."
        )
    return shown


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
        newest = newest_customer_entry(tx, inquiry)
        platform = desk.platform(newest.platform)
        can = platform.capabilities
        sign = signature_of(desk, tx, person, text)
        newest = newest_customer_entry(tx, inquiry)
        privately = private or newest.private
        return {
            "inquiry": inquiry,
            "newest": newest,
            "platform": platform.title,
            "private": privately,
            "can_private": not newest.private and (can.direct_to_anyone or can.private_reply_window is not None),
            "public_limit": can.public_limit,
            "private_limit": can.private_limit,
            "size": platform.length(signed(text, sign), private=privately),
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
