"""The invitation to go on in private: the public line, whether the customer came, and the word when they did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from desk.desk import Desk
from desk.flows.finding import customer_name, goes_on_in
from desk.flows.flood import RELATED
from desk.flows.languages import language_for
from desk.flows.owing import owe_card, owe_edit, owe_line
from desk.flows.shift import call, is_gone
from desk.model.asking import Button, Line
from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.hours import NeverOpen
from desk.model.inquiry import Entry, Event, Inquiry, Said
from desk.model.neutral import name_for_greeting
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.private import Fares, Invitation, Invites, key_of, whose_turn, worded
from desk.model.signature import signed
from desk.model.words import who
from desk.ports import Tx

LAST, FARES = "private:last", "private:fares"
"""The settings that hold the wording that went last, by kind and language; and how each has fared, by its key."""
ALONE = "alone"
"""Stands for a private message without a public line."""


# The public line


@dataclass(frozen=True, slots=True)
class Chosen:
    """The public line for one customer, with the wording that it is made from. JSON-able through `as_json`."""

    kind: Invites
    language: str
    wording: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "language": self.language, "wording": self.wording}


def newest_public(tx: Tx, inquiry: Inquiry) -> Entry | None:
    """The customer's newest public message that still stands; None where everything was private or is gone."""
    said = [e for e in tx.entries(inquiry.number) if e.said is Said.CUSTOMER and not e.private and not e.deleted]
    return max(said, key=lambda entry: (entry.at, entry.index), default=None)


def line_for(desk: Desk, tx: Tx, inquiry: Inquiry, entry: Entry, kind: Invites, sign: str) -> Chosen | None:
    """The invitation whose turn it is, in the customer's language, below that message; None where none fits."""
    platform = desk.platform(entry.platform)
    language = inquiry.language
    if not (language in desk.rules.private.texts and language in (desk.rules.served or (language,))):
        language = language_for(desk, inquiry, entry.text)
    wordings = desk.rules.private.wordings(language).of(kind)
    wording = whose_turn(wordings, (tx.setting(LAST) or {}).get(f"{kind.value}:{language}", ""))
    name = name_for_greeting(entry.author.name)
    limit = platform.capabilities.public_limit
    said = worded(wording, name, desk.rules.contact, language, limit, lambda text: platform.length(signed(text, sign)))
    return Chosen(kind, language, wording, said.text) if said.good else None


def turn_taken(tx: Tx, invite: Mapping[str, str]) -> None:
    """That wording is on its way: the next customer gets another."""
    key = f"{invite['kind']}:{invite['language']}"
    tx.set_setting(LAST, {**(tx.setting(LAST) or {}), key: invite["wording"]})


def under_way(tx: Tx, number: int) -> Operation | None:
    """The last part of a private message that is on its way to the customer."""
    waits = [op for op in _said(tx, number) if op.payload["way"] != "reply" and op.waiting]
    return max(waits, key=lambda op: op.seq, default=None)


def written_in_private(tx: Tx, inquiry: Inquiry, whom: str) -> bool:
    """Whether a private message of ours stands, or is on its way, and they have not come since."""
    if any(e.private and e.said is Said.CUSTOMER and e.author.remote_id == whom for e in tx.entries(inquiry.number)):
        return False
    ours = [op for op in _said(tx, inquiry.number) if op.payload["way"] != "reply" and op.payload.get("to") == whom]
    return any(op.waiting or op.state is Delivery.SENT for op in ours)


def invited(tx: Tx, number: int, *, since: datetime) -> Operation | None:
    """The newest public invitation that stands or is on its way, written since then: since they last wrote."""
    found = [op for op in _said(tx, number) if "invite" in op.payload and op.created_at >= since]
    return max((op for op in found if op.waiting or op.state is Delivery.SENT), key=lambda op: op.seq, default=None)


def drop(tx: Tx, number: int, nth: int, now: datetime) -> bool:
    """The private message `nth` does not go out, so the public line that points to it does not either. True where there
    was one."""
    found = [op for op in _said(tx, number) if op.payload.get("with") == nth and op.state is Delivery.OWED]
    for op in found:
        payload = {**op.payload, "dropped": True}
        tx.keep_op(replace(op, state=Delivery.CANCELLED, settled_at=now, payload=payload))
        owe_edit(tx, f"say:{number}:reply:{op.payload['nth']}", now)
    return bool(found)


def take_up(tx: Tx, number: int, nth: int, now: datetime) -> None:
    """The private message `nth` goes out after all, and with it the public line that was dropped."""
    for op in _said(tx, number):
        if op.payload.get("with") == nth and op.state is Delivery.CANCELLED and op.payload.get("dropped"):
            payload = {name: value for name, value in op.payload.items() if name != "dropped"}
            fresh = replace(op, state=Delivery.OWED, not_before=now, settled_at=None, payload=payload)
            tx.keep_op(fresh)
            owe_edit(tx, f"say:{number}:reply:{op.payload['nth']}", now)


def _said(tx: Tx, number: int) -> list[Operation]:
    return [op for op in tx.ops_of(number) if op.kind is OpKind.PUBLISH and "way" in op.payload]


# It stands


def stands(desk: Desk, tx: Tx, inquiry: Inquiry, op: Operation, at: datetime) -> Inquiry:
    """The inquiry after the last part of an answer stands: with an invitation, where this was one, and with the
    customer's private messages led into the same inquiry."""
    invite, whom = op.payload.get("invite"), str(op.payload.get("to") or "")
    if not whom or (invite is None and op.payload["way"] == "reply"):
        return inquiry
    inquiry, elsewhere = _led_here(tx, inquiry, op, whom)
    entries = tx.entries(inquiry.number)
    if any(e.said is Said.CUSTOMER and e.private and e.author.remote_id == whom for e in entries):
        return inquiry
    before = inquiry.invitation
    if before is not None and before.waits and before.whom == whom:
        if invite is None or before.said:
            return inquiry
        _count(tx, ALONE, {}, invited=-1)
        return replace(inquiry, invitation=replace(before, said=_invited_with(tx, invite)))
    seen = invite is None or invite["kind"] != Invites.WAYS
    if invite is None:
        _count(tx, ALONE, {}, invited=1)
    said = "" if invite is None else _invited_with(tx, invite)
    try:
        nudge_at = desk.hours(tx).add(at, desk.rules.private.nudge) if seen else None
    except NeverOpen:
        nudge_at = None
    made = Invitation(at, whom, op.payload["agent"], said, seen, nudge_at, elsewhere=elsewhere)
    tx.log(Event(at, inquiry.number, "invited", op.payload["agent"], None, {"said": said or ALONE}))
    return replace(inquiry, invitation=made)


def _led_here(tx: Tx, inquiry: Inquiry, op: Operation, whom: str) -> tuple[Inquiry, int]:
    """The inquiry into which this customer's private messages come from now on, and the number of another where they
    have an open one of their own. One that is closed is over: what they write now is about this matter."""
    direct = f"{op.target}:{op.payload.get('account') or inquiry.account}:direct:{whom}"
    if direct == inquiry.identity or direct in inquiry.conversations:
        return inquiry, 0
    number = goes_on_in(tx, tx.by_identity(direct))
    other = tx.inquiry(number) if number is not None else None
    if other is None or (not other.is_open and other.number < inquiry.number):
        return replace(inquiry, conversations=(*inquiry.conversations, direct)), 0
    if other.number != inquiry.number and inquiry.number not in other.related:
        tx.keep_inquiry(replace(other, related=(*other.related, inquiry.number)[-RELATED:]))
    return inquiry, other.number if other.number != inquiry.number else 0


# They come, or do not


def arrived(tx: Tx, inquiry: Inquiry, entry: Entry) -> Inquiry:
    """The inquiry after a customer's message: where it is the first private one since the invitation, they came."""
    asked = inquiry.invitation
    if not entry.private or asked is None or not asked.waits or asked.whom != entry.author.remote_id:
        return inquiry
    _count(tx, asked.said or ALONE, {}, arrived=1)
    tx.log(Event(entry.at, inquiry.number, "arrived", asked.by, None, {"said": asked.said or ALONE}))
    return replace(inquiry, invitation=replace(asked, arrived_at=entry.at, nudge_at=None))


def tell_arrival(tx: Tx, inquiry: Inquiry, entry: Entry, now: datetime) -> None:
    """A line below the customer's first private message, where it is that; and a line in the inquiry that invited them,
    where their private messages have another one."""
    asked = inquiry.invitation
    if asked is not None and entry.private and asked.arrived_at == entry.at:
        line = Line(
            say(
                "{customer} has come, {after} after the invitation. What was said in public stands above: they need "
                "not say it again.",
                customer=customer_name(inquiry),
                after=spoken(max(entry.at - asked.at, timedelta(minutes=1))),
            ),
            mark="door",
        )
        owe_line(tx, inquiry, f"arrived:{entry.index}", line, now, lane=Lane.FOLLOW)
    for number in inquiry.related if entry.private else ():
        other = tx.inquiry(number)
        if other is None or other.invitation is None or other.invitation.elsewhere != inquiry.number:
            continue
        if (after := arrived(tx, other, entry)) is not other:
            tx.keep_inquiry(after)
            line = Line(
                say(
                    "{customer} has come. Their private messages have an inquiry of their own, #{number}: see there.",
                    customer=customer_name(other),
                    number=inquiry.number,
                ),
                mark="door",
            )
            owe_line(tx, after, f"arrived:{inquiry.number}:{entry.index}", line, now, lane=Lane.FOLLOW)
            owe_card(tx, after, now)


def nudged(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> Inquiry:
    """The inquiry after its owner was told that the customer has not come: once, and not where it is our turn."""
    asked = inquiry.invitation
    if asked is None or asked.nudge_at is None or asked.nudge_at > now:
        return inquiry
    if inquiry.snoozed_until is not None:
        return replace(inquiry, invitation=replace(asked, nudge_at=inquiry.snoozed_until))
    after = replace(inquiry, invitation=replace(asked, nudge_at=None))
    if not asked.waits or inquiry.clock is not None:
        return after
    owner, number = inquiry.assignee, str(inquiry.number)
    away = owner is None or is_gone(desk, tx, owner, now)
    line = Line(
        say(
            "{whom}, {customer} has not written in private yet: they were invited {after} ago. Ask once "
            "more, in other words, or close #{number}.",
            whom=call(desk, tx, now, owner or "") if away else who(owner or ""),
            customer=customer_name(inquiry),
            after=spoken(now - asked.at),
            number=inquiry.number,
        ),
        buttons=(
            Button("reply", say("Reply…"), number, "primary"),
            *(() if asked.said else (Button("invite", say("Invite in public"), number),)),
            Button("done", say("Done"), number),
        ),
        mark="hourglass_flowing_sand",
    )
    owe_line(tx, inquiry, f"not arrived:{asked.at.timestamp():.0f}", line, now, lane=Lane.NOTICE, broadcast=away)
    tx.log(Event(now, inquiry.number, "not arrived", asked.by))
    return after


# How each wording fares


def fares(tx: Tx) -> list[Fares]:
    """Every wording that was used, the most used first; the private message alone among them, of kind "alone"."""
    found = [Fares(**kept) for kept in (tx.setting(FARES) or {}).values()]
    return sorted((one for one in found if one.invited > 0), key=lambda one: -one.invited)


def _invited_with(tx: Tx, invite: Mapping[str, str]) -> str:
    key = key_of(invite["kind"], invite["language"], invite["wording"])
    _count(tx, key, invite, invited=1)
    return key


def _count(tx: Tx, key: str, invite: Mapping[str, str], *, invited: int = 0, arrived: int = 0) -> None:
    kept = dict(tx.setting(FARES) or {})
    new = Fares(invite.get("kind", ALONE), invite.get("language", ""), invite.get("wording", ""))
    was = Fares(**kept[key]) if key in kept else new
    kept[key] = asdict(replace(was, invited=max(0, was.invited + invited), arrived=was.arrived + arrived))
    tx.set_setting(FARES, kept)
