"""After it was published: other words in place of an answer, an answer taken away, a customer's comment hidden.

What is asked for is written down like everything that goes out, and done once the platform says so; doing it twice is
doing it once, so what is in doubt is simply asked again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from desk.desk import Desk
from desk.flows.amend import shows_of
from desk.flows.finding import can_be_hidden, meant
from desk.flows.guarding import called, look
from desk.flows.outcome import TROUBLE, again, queued
from desk.flows.owing import owe_card, owe_edit, owe_line
from desk.flows.reply import parts_of, signature_of
from desk.flows.waiting import unanswered, wake
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.catalogue import say
from desk.model.errors import Busy, Refused, Unauthorised, Unreachable
from desk.model.guards import stopping
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said
from desk.model.markup import for_customers
from desk.model.message import Change, Does
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.refusals import EmptyText, Refusal
from desk.model.signature import signed
from desk.model.words import clean, link, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

TRIES = 5
"""So often a change that brings no answer is asked for, before people are told."""
PAUSE = timedelta(seconds=15)


async def correct(desk: Desk, ask: Ask, nth: int | None = None) -> Answer:
    """Other words in place of the last answer (or of answer `nth`), signed as before, where the platform allows it."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        parts = _published(tx, inquiry, nth, ask)
        _must_be_allowed(desk, tx, parts[0], Does.EDIT, ask)
        if len(parts) > 1:
            raise Refusal(say("That answer has {n} parts. Delete it, and answer anew.", n=len(parts)), quote=ask.text)
        if not ask.text.strip():
            raise EmptyText(ask.command("correct", say("your words"), inquiry.number))
        (said,) = parts
        text = for_customers(ask.text.strip(), partial(called, desk))
        stops = stopping(look(desk, tx, inquiry, text, public=True, typed=ask.text))
        if stops:
            reasons = " ".join(hit.reason for hit in stops)
            raise Refusal(say("Nothing was changed. {reasons} Change the words:", reasons=reasons), quote=ask.text)
        platform = desk.platform(said.target)
        whole = signed(text, signature_of(desk, tx, ask.agent, ask.text))
        if whole == str(said.payload.get("now") or said.payload["text"]):
            raise Refusal(
                say("These very words stand on {platform} already. Nothing was changed.", platform=platform.title),
                quote=ask.text,
            )
        size, limit = platform.length(whole), platform.capabilities.public_limit
        if size > limit:
            raise Refusal(
                say(
                    "Nothing was changed: {size}/{limit} for {platform}, the signature included. Shorten it:",
                    size=size,
                    limit=limit,
                    platform=platform.title,
                ),
                quote=ask.text,
            )
        _owe(desk, tx, ask, inquiry, said, Does.EDIT, whole)
        return Answer(
            say("It is being changed on {platform}; the thread says when it is.", platform=platform.title),
            quote=whole,
            number=inquiry.number,
        )

    return await desk.once(ask, work)


async def correct_values(desk: Desk, ask: Ask, nth: int) -> dict[str, Any]:
    """What the form for other words shows: the answer as it stands, without its signature. Raises a `Refusal` where it
    may not be changed."""

    async def work(tx: Tx) -> dict[str, Any]:
        inquiry = meant(tx, ask)
        parts = _published(tx, inquiry, nth, ask)
        _must_be_allowed(desk, tx, parts[0], Does.EDIT, ask)
        said = parts[0]
        text = str(said.payload.get("now") or said.payload["text"])
        behind = signed("", signature_of(desk, tx, ask.agent, ""))
        platform = desk.platform(said.target)
        return {
            "number": inquiry.number,
            "nth": nth,
            "text": text.removesuffix(behind).rstrip(),
            "platform": platform.title,
        }

    return await desk.read(work)


async def delete(desk: Desk, ask: Ask, nth: int | None = None, *, sure: bool = True) -> Answer:
    """Take the last answer (or answer `nth`) away from the platform, all its parts; where nobody was asked yet whether
    they are `sure`, show what would go, with a button."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        parts = _published(tx, inquiry, nth, ask)
        _must_be_allowed(desk, tx, parts[0], Does.DELETE, ask)
        title = desk.platform(parts[0].target).title
        if not sure:
            value = f"{inquiry.number}:{parts[0].payload['nth']}"
            return Answer(
                say(
                    "Nothing is deleted yet. This would go from {platform}; who has seen it, has seen it:",
                    platform=title,
                ),
                quote="\n".join(str(said.payload.get("now") or said.payload["text"]) for said in parts),
                buttons=(Button("delete_answer", say("Delete"), value, "danger"),),
                number=inquiry.number,
            )
        for said in reversed(parts):
            _owe(desk, tx, ask, inquiry, said, Does.DELETE)
        return Answer(
            say("It is being deleted from {platform}; the thread says when it is gone.", platform=title),
            number=inquiry.number,
        )

    return await desk.once(ask, work)


async def hide(desk: Desk, ask: Ask, on: bool) -> Answer:
    """Hide the customer's last public words from everybody else, or show them again."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        entries = [e for e in tx.entries(inquiry.number) if e.said is Said.CUSTOMER and not e.private and not e.deleted]
        entry = max(entries, key=lambda e: (e.at, e.index), default=None)
        if entry is None or not entry.remote_id:
            raise Refusal(say("Nothing in #{number} stands in public, so nothing was hidden.", number=inquiry.number))
        does = Does.HIDE if on else Does.SHOW
        platform = desk.platform(entry.platform)
        if does not in platform.capabilities.changes:
            raise Refusal(say("{platform} lets us hide nothing. Nothing was changed.", platform=platform.title))
        if not can_be_hidden(tx, inquiry, entry, platform.capabilities):
            raise Refusal(_cannot_hide(platform.title, entry))
        hidden = Flag.HIDDEN in entry.flags
        if hidden == on:
            already = say("The comment is hidden already.") if on else say("The comment is not hidden.")
            return Answer(already, number=inquiry.number)
        _owe_change(desk, tx, ask, inquiry, does, entry.platform, entry.remote_id, {"entry": entry.index})
        if on:
            sentence = say("It is being hidden on {platform}; the thread says when it is.", platform=platform.title)
            if platform.capabilities.hides_replies:
                sentence += " " + say("Whoever opens the hidden replies there still reads it.")
        else:
            sentence = say(
                "It is being shown again on {platform}; the thread says when it is.", platform=platform.title
            )
        return Answer(sentence, number=inquiry.number)

    return await desk.once(ask, work)


def _cannot_hide(title: str, entry: Entry) -> str:
    told = say(
        "{platform} lets us hide only replies below our own posts, and this is none. Nothing was changed. Only its "
        "author, or {platform}, can take it away.",
        platform=title,
    )
    if not entry.url:
        return told
    there = link(entry.url, say("open on {platform}", platform=title))
    return f"{told} {say('To report it there: {link}.', link=there)}"


def _published(tx: Tx, inquiry: Inquiry, nth: int | None, ask: Ask) -> list[Operation]:
    """The parts of an answer that stand on the platform."""
    chosen = range(inquiry.replies_begun, 0, -1) if nth is None else (nth,)
    for one in chosen:
        parts = [op for op in parts_of(tx, inquiry.number, one) if op.state is Delivery.SENT and op.remote_id]
        if parts and not any("deleted" in op.payload for op in parts):
            return parts
    raise Refusal(
        say("No answer of #{number} stands on the platform, so there is nothing to change.", number=inquiry.number),
        quote=ask.text,
    )


def _must_be_allowed(desk: Desk, tx: Tx, said: Operation, does: Does, ask: Ask) -> None:
    """Its author and leads may, where the platform does, and what was said in private stays as it is."""
    platform = desk.platform(said.target)
    author = said.payload.get("agent")
    if author != ask.agent.user and not ask.agent.lead:
        raise Refusal(
            say("{who} wrote that answer. Only they or a lead can change or delete it.", who=who(str(author))),
            quote=ask.text,
        )
    if said.payload["way"] != "reply":
        raise Refusal(
            say(
                "That was said in private on {platform}, where nothing can be changed any more.",
                platform=platform.title,
            ),
            quote=ask.text,
        )
    if does not in platform.capabilities.changes:
        raise Refusal(
            say("{platform} lets no answer be changed. Delete it, and answer anew.", platform=platform.title),
            quote=ask.text,
        )
    if tx.op(f"change:{said.op_id}:{Does.DELETE}") is not None:
        raise Refusal(say("That answer is being deleted already."), quote=ask.text)


def _owe(desk: Desk, tx: Tx, ask: Ask, inquiry: Inquiry, said: Operation, does: Does, text: str = "") -> None:
    assert said.remote_id is not None
    about = {"said": said.op_id, "text": text}
    _owe_change(desk, tx, ask, inquiry, does, said.target, said.remote_id, about, once=said.op_id)


def _owe_change(
    desk: Desk,
    tx: Tx,
    ask: Ask,
    inquiry: Inquiry,
    does: Does,
    target: str,
    remote_id: str,
    about: Mapping[str, object],
    *,
    once: str = "",
) -> None:
    now = desk.now()
    op_id = f"change:{once}:{does}" if does is Does.DELETE else f"change:{inquiry.number}:{does}:{now.timestamp()}"
    place = f"changes:{inquiry.number}"
    payload = {"does": does.value, "remote_id": remote_id, "agent": ask.agent.user, **about}
    tx.keep_op(Operation(op_id, OpKind.CHANGE, Lane.AGENT, target, place, now, now, inquiry.number, payload))


# the outbox's part


async def change(desk: Desk, op: Operation) -> None:
    """Do one change that is owed."""

    async def waits(tx: Tx) -> bool:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return True
        if tx.setting("hold") or desk.people.stale():
            tx.keep_op(replace(fresh, not_before=desk.now() + TROUBLE))
            return True
        if desk.people.person(str(fresh.payload["agent"])) is None:
            gone = say("{who} is no longer in the agents' group.", who=who(str(fresh.payload["agent"])))
            _ended(tx, fresh, gone, desk.now())
            return True
        tx.keep_op(replace(fresh, attempts=fresh.attempts + 1))
        return False

    if await desk.transact(waits):
        return
    platform = desk.platform(op.target)
    wanted = Change(op.op_id, Does(op.payload["does"]), op.payload["remote_id"], str(op.payload.get("text", "")))
    try:
        await platform.change(wanted)
    except Busy as busy:
        await again(desk, op, busy.retry_at, spent=False, reason=queued(platform.title, busy.retry_at))
    except Unreachable:
        if op.attempts + 1 < TRIES:
            await again(desk, op, desk.now() + PAUSE * 2**op.attempts)
        else:
            await _failed(desk, op, say("{platform} does not answer.", platform=platform.title))
    except (Refused, Unauthorised) as error:
        await _failed(desk, op, clean(error.why))
    else:

        async def done(tx: Tx) -> None:
            fresh = tx.op(op.op_id)
            if fresh is not None and fresh.state is Delivery.OWED:
                _done(desk, tx, fresh)

        await desk.transact(done)
        log.info("changed", extra={"number": op.number, "op": op.op_id, "platform": op.target})


async def _failed(desk: Desk, op: Operation, why: str) -> None:
    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is not None and fresh.state is Delivery.OWED:
            _ended(tx, fresh, why, desk.now())

    await desk.transact(work)


def _ended(tx: Tx, op: Operation, why: str, now: datetime) -> None:
    tx.keep_op(replace(op, state=Delivery.FAILED, settled_at=now, reason=why))
    inquiry = tx.inquiry(op.number) if op.number is not None else None
    if inquiry is not None:
        what = {
            Does.EDIT: say("The answer was not changed. {why}", why=why),
            Does.DELETE: say("The answer was not deleted and still stands there. {why}", why=why),
            Does.HIDE: say("The comment was not hidden. {why}", why=why),
            Does.SHOW: say("The comment is still hidden. {why}", why=why),
        }[Does(op.payload["does"])]
        quote = str(op.payload.get("text", ""))
        owe_line(tx, inquiry, f"{op.op_id}:failed", Line(what, quote=quote, mark="red_circle"), now)


def _done(desk: Desk, tx: Tx, op: Operation) -> None:
    """It is as it was asked for: the thread says so, and what was said before stands there, too."""
    now = desk.now()
    tx.keep_op(replace(op, state=Delivery.SENT, settled_at=now, remote_id=op.payload["remote_id"]))
    assert op.number is not None
    inquiry = tx.inquiry(op.number)
    if inquiry is None:
        return
    agent = str(op.payload["agent"])
    title = desk.platform(op.target).title
    match Does(op.payload["does"]):
        case Does.EDIT:
            inquiry = _edited(tx, inquiry, op, agent, title, now)
        case Does.DELETE:
            inquiry = _deleted(desk, tx, inquiry, op, agent, title, now)
        case does:
            _hidden(tx, inquiry, op, does is Does.HIDE, agent, title, now)
    tx.keep_inquiry(inquiry)
    owe_card(tx, inquiry, now)


def _edited(tx: Tx, inquiry: Inquiry, op: Operation, agent: str, title: str, now: datetime) -> Inquiry:
    said = tx.op(op.payload["said"])
    before = ""
    if said is not None:
        before = str(said.payload.get("now") or said.payload["text"])
        tx.keep_op(replace(said, payload={**said.payload, "now": op.payload["text"], "corrected": agent}))
        owe_edit(tx, f"say:{inquiry.number}:reply:{said.payload['nth']}", now)
    for entry in tx.entries(inquiry.number):
        if entry.op_id == op.payload["said"]:
            tx.keep_entry(replace(entry, text=op.payload["text"], edits=(*entry.edits, entry.text)))
    tx.log(Event(now, inquiry.number, "corrected", agent))
    sentence = say("{who} corrected the answer on {platform}. Before:", who=who(agent), platform=title)
    line = Line(sentence, quote=before, mark="pencil2")
    owe_line(tx, inquiry, op.op_id, line, now)
    return replace(inquiry, corrections=inquiry.corrections + 1)


def _deleted(desk: Desk, tx: Tx, inquiry: Inquiry, op: Operation, agent: str, title: str, now: datetime) -> Inquiry:
    """The customer has no answer there any more: where nothing else was said, the clock starts anew."""
    said = tx.op(op.payload["said"])
    nth = 0
    if said is not None:
        nth = int(said.payload["nth"])
        tx.keep_op(replace(said, payload={**said.payload, "deleted": agent}))
        owe_edit(tx, f"say:{inquiry.number}:reply:{nth}", now)
    for entry in tx.entries(inquiry.number):
        if entry.op_id == op.payload["said"]:
            tx.keep_entry(replace(entry, deleted=True))
    if said is not None and any("deleted" not in part.payload for part in parts_of(tx, inquiry.number, nth)):
        return inquiry
    tx.log(Event(now, inquiry.number, "answer deleted", agent))
    changed = replace(inquiry, corrections=inquiry.corrections + 1)
    waits = ""
    if inquiry.is_open and unanswered(tx, inquiry.number) is not None:
        changed = wake(desk, tx, changed, now, now)
        waits = say("The customer waits for another one.")
    sentence = say("{who} deleted the answer from {platform}.", who=who(agent), platform=title)
    owe_line(tx, inquiry, op.op_id, Line(f"{sentence} {waits}".strip(), mark="wastebasket"), now)
    return changed


def _hidden(tx: Tx, inquiry: Inquiry, op: Operation, on: bool, agent: str, title: str, now: datetime) -> None:
    entry = next((e for e in tx.entries(inquiry.number) if e.index == op.payload["entry"]), None)
    if entry is not None:
        others = tuple(flag for flag in entry.flags if flag != Flag.HIDDEN)
        tx.keep_entry(replace(entry, flags=(*others, Flag.HIDDEN) if on else others))
        for show in shows_of(tx, entry.number, entry.index):
            owe_edit(tx, show.op_id, now)
    tx.log(Event(now, inquiry.number, "hidden" if on else "shown", agent))
    if on:
        sentence = say("{who} hid the customer's comment on {platform}.", who=who(agent), platform=title)
    else:
        sentence = say("{who} let the customer's comment be seen on {platform} again.", who=who(agent), platform=title)
    owe_line(tx, inquiry, op.op_id, Line(sentence, mark="see_no_evil" if on else "eyes"), now)


__all__ = ["change", "correct", "delete", "hide"]
