"""Taking a matter private beside the message itself: the invitation alone, the one that comes later, how they fare."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.finding import meant, must_be_free_or_mine, must_be_open
from desk.flows.invitation import ALONE, fares, invited, newest_public, written_in_private
from desk.flows.reply import parts_of, send_invitation
from desk.flows.reply import private as answer_privately
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Inquiry
from desk.model.notice import fill
from desk.model.outbox import Delivery
from desk.model.private import Fares, Invites
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.words import clean, when
from desk.ports import Tx

INVITE = "invite"
"""The one word behind /private that is no message: a public invitation to write to us."""


async def private(desk: Desk, ask: Ask) -> Answer:
    """Answer privately; with the one word "invite", invite the customer in public to write to us."""
    if ask.text.strip().casefold() == INVITE:
        return await invite(desk, ask)
    return await answer_privately(desk, ask)


async def invite(desk: Desk, ask: Ask) -> Answer:
    """Owe the public invitation that is true now: to look at our private message, to write us one, or by other ways."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        must_be_free_or_mine(desk, inquiry, ask)
        return _invite(desk, tx, ask, inquiry)

    return await desk.once(ask, work)


async def invite_too(desk: Desk, ask: Ask, nth: int) -> Answer:
    """The public line for a private message that went without one, or is about to. Raises `Refusal` where that message
    does not go out: nothing public may point to nothing."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        parts = parts_of(tx, inquiry.number, nth)
        if not parts or any(op.state in (Delivery.CANCELLED, Delivery.FAILED) for op in parts):
            raise Refusal(say("That private message does not go out, so nothing points to it in public."))
        must_be_open(desk, inquiry, ask)
        must_be_free_or_mine(desk, inquiry, ask)
        return _invite(desk, tx, ask, inquiry)

    return await desk.once(ask, work)


def _invite(desk: Desk, tx: Tx, ask: Ask, inquiry: Inquiry) -> Answer:
    entry = newest_public(tx, inquiry)
    if entry is None:
        raise Refusal(say("#{number} is private already: there is nobody to invite in public.", number=inquiry.number))
    if (before := invited(tx, inquiry.number, since=entry.at)) is not None:
        raise Refusal(
            say(
                "They were invited in public already, {when}; the thread of #{number} shows what became of it. "
                "In your own words: {command}",
                when=when(before.settled_at or before.not_before, "day"),
                number=inquiry.number,
                command=ask.command("reply", "…", inquiry.number),
            )
        )
    return send_invitation(desk, tx, ask, inquiry, _kind(desk, tx, inquiry, entry.author.remote_id, entry.platform))


def _kind(desk: Desk, tx: Tx, inquiry: Inquiry, whom: str, where: str) -> Invites:
    can = desk.platform(where).capabilities
    if written_in_private(tx, inquiry, whom):
        return Invites.SENT
    none = not can.direct_to_anyone and can.private_reply_window is None and can.window is None
    return Invites.WAYS if none or where in desk.rules.private.off else Invites.WRITE


async def how_they_fare(desk: Desk, ask: Ask) -> Answer:
    """For leads: of how many that were invited, how many came, by wording."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly(say("see how invitations fare"), [lead.user for lead in desk.people.leads()])
        found = fares(tx)
        total, came = sum(one.invited for one in found), sum(one.arrived for one in found)
        head = say_n(
            "Taken private: {n} customer was invited, {came} came.",
            "Taken private: {n} customers were invited, {came} came.",
            total,
            came=came,
        )
        return Answer(head, lines=tuple(_fares(one) for one in found))

    return await desk.read(work)


def _fares(one: Fares) -> str:
    if one.kind == Invites.WAYS:
        return say(
            "{words} ({language}): {invited} invited; by e-mail or phone nobody is seen to come.",
            words=_shown(one),
            language=one.language,
            invited=one.invited,
        )
    return say(
        "{words}: {invited} invited, {arrived} came, {share} %.",
        words=say("The private message alone") if one.kind == ALONE else f"{_shown(one)} ({one.language})",
        invited=one.invited,
        arrived=one.arrived,
        share=round(100 * one.share),
    )


def _shown(one: Fares) -> str:
    text = fill(one.text, {"ways": "…"} if one.kind == Invites.WAYS else {}, len(one.text) + 10).text
    return f"“{clean(text)}”"
