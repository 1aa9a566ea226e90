"""What a form shows when it opens, how it counts while the agent types, and whether it is still the one we opened."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from desk.desk import Desk
from desk.flows.canned import choices, unsure_of
from desk.flows.chances import private_way
from desk.flows.finding import newest_customer_entry
from desk.flows.guarding import called, look
from desk.flows.invitation import invited, line_for
from desk.flows.owing import owe_card
from desk.flows.reply import signature_of
from desk.model.catalogue import say
from desk.model.inquiry import Inquiry
from desk.model.markup import for_customers
from desk.model.people import Person
from desk.model.private import Invites
from desk.model.refusals import Refusal, UnknownNumber
from desk.model.signature import signed
from desk.model.words import code
from desk.ports import Tx

REPLYING = timedelta(minutes=3)
"""So long the card says that somebody is replying, where nothing tells that they have stopped."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an open form is about. `version`: the inquiry as the agent saw it; `key` names the opening; `draft` the
    refusal that it shows, "" where it shows none."""

    number: int
    version: int
    private: bool
    key: str
    draft: str = ""
    offer: str = ""
    """The canned answer that the text began as; `filled`: how often the text was filled in from one."""
    filled: int = 0
    channel: str = ""
    """Where its answer is told: where it was opened; on somebody's own page, where the inquiry lives."""


async def opened(
    desk: Desk, key: str, person: Person, number: int, form: str, *, channel: str = "", replying: bool = False
) -> None:
    """Keep for whom, about what and where a form opens ("": on somebody's own page): what comes back in it is checked
    against this, never trusted. Where it is for a reply, the card names who is at it, for a while."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        kept = {"user": person.user, "number": number, "form": form, "channel": channel}
        tx.remember(f"opened:{key}", kept, now)
        inquiry = tx.inquiry(number)
        if replying and inquiry is not None and inquiry.is_open:
            tx.keep_inquiry(replace(inquiry, replying=person.user, replying_until=now + REPLYING))
            owe_card(tx, inquiry, now)

    await desk.transact(work)


async def shut(desk: Desk, person: Person, number: int) -> None:
    """The form is closed, or never stood: nobody is replying any more."""

    async def work(tx: Tx) -> None:
        inquiry = tx.inquiry(number)
        if inquiry is not None and inquiry.replying == person.user:
            tx.keep_inquiry(replace(inquiry, replying="", replying_until=None))
            owe_card(tx, inquiry, desk.now())

    await desk.transact(work)


async def shown_before(desk: Desk, person: Person, form: str, carried: str) -> Shown:
    """What the form that came back is about. `carried` is its private_metadata.

    Raises `Refusal` where we opened no such form for this person about this inquiry within the last day.
    """
    try:
        said = json.loads(carried)
        number, key = said["number"], said["key"]
        draft, offer, filled = said.get("draft", ""), said.get("offer", ""), said.get("filled", 0)
        shown = Shown(number, said.get("version", 0), said.get("private", False), key, draft, offer, filled)
        known = [type(value) for value in (number, shown.version, shown.private, key, draft, offer, filled)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        known = []

    async def work(tx: Tx) -> str | None:
        kept = {"channel": "", **(tx.answer(f"opened:{shown.key}") or {})}
        channel, inquiry = str(kept.pop("channel")), tx.inquiry(shown.number)
        if kept != {"user": person.user, "number": shown.number, "form": form}:
            return None
        return channel or (inquiry.channel if inquiry is not None else desk.rules.channel)

    channel = await desk.read(work) if known == [int, int, bool, str, str, str, int] else None
    if channel is None:
        raise Refusal(
            say(
                "This form is not the one that was opened here, or it is older than a day. Nothing was sent. "
                "Copy your text, close the form and open it anew."
            )
        )
    return replace(shown, channel=channel)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that was refused, to go on with in a form."""

    number: int
    text: str
    private: bool
    close: bool = False
    offer: str = ""


async def kept_draft(desk: Desk, person: Person, key: str, number: int, *, private: bool) -> Draft:
    """The text that was refused under `key`. Raises `Refusal` where it is no longer kept, or is somebody else's."""

    async def work(tx: Tx) -> Draft:
        kept = tx.answer(key)
        if kept is None or not kept.get("quote"):
            raise Refusal(say("That text is no longer kept here (a day is the limit). Please type it again."))
        if kept.get("author", person.user) != person.user:
            raise Refusal(say("Those are a colleague's words. Only they can change them."))
        offer = str(kept.get("offer") or "")
        return Draft(int(kept.get("about", number)), str(kept["quote"]), private, bool(kept.get("close")), offer)

    return await desk.read(work)


async def note_values(desk: Desk, number: int) -> Inquiry:
    """The inquiry that the note is about. Raises `UnknownNumber`."""

    async def work(tx: Tx) -> Inquiry:
        return _inquiry(tx, number)

    return await desk.read(work)


async def reply_values(
    desk: Desk, person: Person, number: int, *, private: bool, key: str, text: str = "", draft: str = ""
) -> dict[str, Any]:
    """All that `reply_form` draws. Raises `UnknownNumber`, and `NoName` before the agent has written a word."""

    async def work(tx: Tx) -> dict[str, Any]:
        inquiry = _inquiry(tx, number)
        newest = newest_customer_entry(tx, inquiry)
        platform = desk.platform(newest.platform)
        can = platform.capabilities
        sign = signature_of(desk, tx, person, text)
        privately = private or newest.private
        way, no_way = private_way(desk, tx, inquiry, newest)
        pointing = (
            line_for(desk, tx, inquiry, newest, Invites.SENT, sign)
            if way and not newest.private and invited(tx, number, since=newest.at) is None
            else None
        )
        as_read = for_customers(text.strip(), partial(called, desk))
        return {
            "inquiry": inquiry,
            "newest": newest,
            "platform": platform.title,
            "private": privately,
            "takes": can.media.get(way if privately else "reply") if _can_read_files(desk) else None,
            "can_private": not newest.private and bool(way),
            "no_private": "" if newest.private or not no_way else f"{no_way} {_how_else(desk, number)}",
            "invitation": pointing.text if pointing else "",
            "inviting": desk.rules.private.invite,
            "public_limit": can.public_limit,
            "private_limit": can.private_limit,
            "size": platform.length(signed(as_read, sign), private=privately),
            "hints": [hit.reason for hit in look(desk, tx, inquiry, as_read, public=not privately, typed=text)]
            if as_read
            else [],
            "text": text,
            "sign": sign,
            "key": key,
            "draft": draft,
            "canned": choices(desk, tx, inquiry),
            "canned_unsure": unsure_of(desk, inquiry),
        }

    return await desk.read(work)


def _can_read_files(desk: Desk) -> bool:
    return desk.files is not None and desk.files.readable


def _how_else(desk: Desk, number: int) -> str:
    typed = code(f"/{desk.rules.prefix}private {number} invite")
    return say("To invite them in public to write to you: {command}", command=typed)


def _inquiry(tx: Tx, number: int) -> Inquiry:
    found = tx.inquiry(number)
    if found is None:
        raise UnknownNumber(number, tx.highest())
    return found
