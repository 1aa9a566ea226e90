"""An agent answers: checked, signed, held for a moment, then owed to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from desk.desk import Desk
from desk.flows import invitation
from desk.flows.canned_said import begun_as, must_be_filled_in
from desk.flows.canned_said import sent as canned_sent
from desk.flows.chances import private_way
from desk.flows.claim import take
from desk.flows.finding import (
    account_of,
    customer_name,
    meant,
    must_be_free_or_mine,
    must_be_open,
    newest_customer_entry,
)
from desk.flows.guarding import Passed, called, kept_with, let_go, look, passed_in_form, resumed, stop
from desk.flows.owing import bring_up, owe_card, owe_edit, owe_line
from desk.flows.promise import said_with, with_answer
from desk.flows.waiting import clock_from, known_to, solution
from desk.model.asking import ALONE, INVITE, Answer, Ask, Button, Line
from desk.model.catalogue import say, say_n
from desk.model.guards import Level, stopping
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.markup import for_customers
from desk.model.media import Attached, why_not
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.parts import split
from desk.model.people import Person
from desk.model.private import Invites
from desk.model.promise import find
from desk.model.refusals import EmptyText, Held, NoName, Refusal, TooLong, moved_on
from desk.model.signature import sign_off, signed, unsigned
from desk.model.words import clean, says_something, when, who
from desk.ports import Platform, Tx

SETTLING = timedelta(seconds=2)
"""So long after an answer's wait its card is drawn at the latest: until then the line in the thread says that it is
going out, and mostly the card can say at once what became of it."""
OVERTAKEN = "overtaken"
"""Marks, in what is kept of an answer, that the customer wrote while it waited, and that nobody decided since."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer on its way to the outbox: where to, how, signed with what, in which parts."""

    inquiry: Inquiry
    newest: Entry
    way: str
    text: str
    sign: str
    parts: tuple[str, ...]
    close: bool = False
    files: tuple[Attached, ...] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    """What the last part carries besides: that it is a holding reply, what it promises."""


async def reply(desk: Desk, ask: Ask) -> Answer:
    """Answer where the customer wrote: in public to a public message, privately to a private one."""
    return await _answer(desk, ask, private=False)


async def private(desk: Desk, ask: Ask) -> Answer:
    """Answer privately, also to a public message."""
    return await _answer(desk, ask, private=True)


async def _answer(desk: Desk, ask: Ask, *, private: bool) -> Answer:
    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        if not ask.text.strip():
            if ask.extra == "no form":
                raise EmptyText(ask.command("private" if private else "reply", say("your words"), inquiry.number))
            must_be_open(desk, inquiry, ask)
            must_be_free_or_mine(desk, inquiry, ask)
            newest = newest_customer_entry(tx, inquiry)
            if private or newest.private:
                _way(desk, tx, inquiry, newest, True, ask)
            return Answer("", form="private" if private else "reply", number=inquiry.number)
        return send(desk, tx, ask, inquiry, private=private, parts_wanted=ask.extra == "split")

    return await desk.once(ask, work)


def send(
    desk: Desk,
    tx: Tx,
    ask: Ask,
    inquiry: Inquiry,
    *,
    private: bool,
    parts_wanted: bool = False,
    also: Mapping[str, Any] | None = None,
    passed: Passed | None = None,
    draft_key: str = "",
) -> Answer:
    """Check one answer and owe it, in parts where the agent chose *Split*. Raises a `Refusal` that keeps the text.

    Every answer of a person comes through here, whatever the door, so the guards stand here. `also` is what its last
    part carries besides: "promise", what it promises until when; "holding". `passed`: what its author was told of
    before and sends anyway, under `draft_key`.
    """
    now = desk.now()
    must_be_open(desk, inquiry, ask)
    must_be_free_or_mine(desk, inquiry, ask)
    held_by = tx.setting("hold")
    if held_by:
        raise Held(held_by, desk.rules.prefix, ask.text)
    way = "private" if private else "reply"
    passed = passed or passed_in_form(tx, ask, inquiry.number, way)
    moved = _moved(tx, ask, inquiry, passed)
    carried = dict(also or said_with(ask.promise))
    if "promise" in carried and ask.extra == "close":
        raise Refusal(
            say("Not sent: it promises something and would be closed at once, so nobody would keep that. Choose one."),
            quote=ask.text,
        )
    must_be_filled_in(desk, tx, ask)
    invites = "invite" in carried
    draft = _drafted(desk, tx, ask, inquiry, private, parts_wanted, invites=invites)
    hits = look(desk, tx, inquiry, draft.text, public=draft.way == "reply", typed=ask.text, offer=ask.offer)
    stops = [hit for hit in stopping(hits) if hit.rule not in passed.rules]
    if moved or stops:
        kept = kept_with(ask, inquiry, stops, way, parts=parts_wanted, also=also, passed=passed)
        can = desk.platform(draft.newest.platform).capabilities
        privately = draft.way == "reply" and (can.direct_to_anyone or can.private_reply_window is not None)
        key = draft_value(ask, inquiry.number, private)
        raise stop(ask, inquiry, draft.text, stops, moved, key, kept, now, privately=privately)
    if "promise" not in carried and not invites and (found := find(draft.text, now, desk.hours(tx))) is not None:
        carried["found"] = found.due_at.isoformat()
    if (canned := begun_as(tx, ask.offer, inquiry, draft.text)) is not None:
        carried["canned"] = canned
    draft = replace(draft, also=carried)
    if inquiry.assignee != ask.agent.user:
        inquiry = take(desk, tx, inquiry, ask.agent.user, now)
    let_go(tx, inquiry, ask.agent, passed, hits, draft_key, now)
    if not invites and "holding" not in carried:
        _replaced(tx, inquiry.number, ask.agent.user, now)
    answer = _owe(desk, tx, ask.agent, replace(draft, inquiry=inquiry), now)
    if draft.way == "reply" or draft.newest.private:
        return answer
    return _and_in_public(desk, tx, ask, inquiry, draft.newest, answer)


def _and_in_public(desk: Desk, tx: Tx, ask: Ask, inquiry: Inquiry, newest: Entry, answer: Answer) -> Answer:
    """The answer to a private message for somebody who wrote in public: with the public line that points to it, where
    that is wanted, else with a button for it. The line waits for the private message, and the guards look at it."""
    number, nth = inquiry.number, replies_begun(tx, inquiry.number)
    too = Button("invite_too", say("Invite in public, too"), f"{number}:{nth}")
    wanted = INVITE in ask.flags or (desk.rules.private.invite and ALONE not in ask.flags)
    if invitation.invited(tx, number, since=newest.at) is not None:
        return answer
    if not wanted:
        return replace(answer, buttons=(*answer.buttons, too))
    try:
        public = send_invitation(desk, tx, ask, inquiry, Invites.SENT)
    except Refusal as refusal:
        said = say("No public invitation goes with it yet. {why}", why=refusal.sentence)
        return replace(answer, sentence=f"{answer.sentence}\n{said}", buttons=(*answer.buttons, too))
    said = say("Then, once that stands, in public: “{text}”", text=clean(public.quote))
    alone = Button("only_private", say("Only privately"), f"{number}:{replies_begun(tx, number)}")
    return replace(answer, sentence=f"{answer.sentence}\n{said}", buttons=(*answer.buttons, alone))


def replies_begun(tx: Tx, number: int) -> int:
    """How many answers to an inquiry were begun so far."""
    inquiry = tx.inquiry(number)
    return inquiry.replies_begun if inquiry is not None else 0


def send_invitation(desk: Desk, tx: Tx, ask: Ask, inquiry: Inquiry, kind: Invites) -> Answer:
    """Owe the public line of that kind, below the customer's newest public message; guarded, held and signed like any
    answer. Raises `Refusal`."""
    entry = invitation.newest_public(tx, inquiry)
    if entry is None:
        raise Refusal(say("Nothing of #{number} stands in public, so nobody is invited there.", number=inquiry.number))
    chosen = invitation.line_for(desk, tx, inquiry, entry, kind, signature_of(desk, tx, ask.agent, ""))
    if chosen is None:
        raise Refusal(say("No invitation fits there: the text is too long, or [contact] names no other way."))
    asked = replace(
        ask,
        text=chosen.text,
        version=None,
        extra="",
        promise=None,
        offer="",
        draft="",
        flags=frozenset[str](),
        files=(),
    )
    fresh = tx.inquiry(inquiry.number) or inquiry
    return send(desk, tx, asked, fresh, private=False, also={"invite": chosen.as_json()})


def _moved(tx: Tx, ask: Ask, inquiry: Inquiry, passed: Passed) -> str:
    """What has happened since the author last looked at the conversation, in a sentence; "" where nothing has."""
    seen = passed.version if passed.version is not None else ask.version
    if seen is None or seen == inquiry.version or ask.force:
        return ""
    newest = newest_customer_entry(tx, inquiry)
    return moved_on(inquiry, customer_name(inquiry), newest.text[:200])


def _drafted(
    desk: Desk, tx: Tx, ask: Ask, inquiry: Inquiry, private: bool, parts_wanted: bool, *, invites: bool = False
) -> _Draft:
    newest = (invitation.newest_public(tx, inquiry) if invites else None) or newest_customer_entry(tx, inquiry)
    platform = desk.platform(newest.platform)
    way = _way(desk, tx, inquiry, newest, private or newest.private, ask)
    text = for_customers(ask.text.strip(), partial(called, desk))
    text = _without_leading_handles(text, inquiry) if way == "reply" else text
    sign = signature_of(desk, tx, ask.agent, ask.text)
    if not says_something(unsigned(text, sign)):
        raise EmptyText(ask.command("private" if private else "reply", say("your words"), inquiry.number))
    whole, can = signed(text, sign), platform.capabilities
    is_private = way != "reply"
    length = partial(platform.length, private=is_private)
    limit = can.private_limit if is_private else can.public_limit
    draft = _Draft(inquiry, newest, way, text, sign, (whole,), close=ask.extra == "close", files=ask.files)
    if ask.files and (why := why_not(ask.files, can.media.get(way), where_to(platform, way))):
        raise Refusal(say("Not sent: {why}", why=why), quote=ask.text)
    if length(whole) <= limit:
        return draft
    # The platform's one private answer is one message: no further part could follow it.
    may_split = way != "private_reply"
    if parts_wanted and may_split:
        return replace(draft, parts=tuple(split(text, limit, length, sign)))
    key = draft_value(ask, inquiry.number, private)
    buttons = [Button("split", say("Split"), key, "primary")] if may_split else []
    has_private = can.direct_to_anyone or can.private_reply_window is not None
    if way == "reply" and has_private and platform.length(whole, private=True) <= can.private_limit:
        buttons.append(Button("private_draft", say("Private"), key))
    counting = "" if is_private else can.counting
    hits = stopping(look(desk, tx, inquiry, text, public=not is_private, typed=ask.text))
    reasons = [hit.reason for hit in hits]
    refused = TooLong(length(whole), limit, platform.title, counting, ask.text, buttons, reasons)
    told = [hit for hit in hits if hit.level is Level.WARN]
    refused.kept = kept_with(ask, inquiry, told, "private" if private else "reply")
    raise refused


def draft_value(ask: Ask, number: int, private: bool) -> str:
    """What a button below a refusal carries: the refusal is kept under the key of what was asked, with the text."""
    return f"{number}:{'private' if private else 'reply'}:{ask.key}"


def under_way(tx: Tx, number: int, draft: str) -> Answer | None:
    """What to say where that very draft is on its way already (a double click); None where it is not, or was undone."""
    parts = [op for kept in _sendings(tx, draft) for op in parts_of(tx, number, kept["nth"])]
    if all(op.state in (Delivery.CANCELLED, Delivery.FAILED) for op in parts):
        return None
    return Answer(say("It is on its way already; the thread of #{number} shows what becomes of it.", number=number))


def begun(tx: Tx, number: int, draft: str, now: datetime) -> None:
    """Keep that the newest answer of the inquiry was made from that draft."""
    inquiry = tx.inquiry(number)
    assert inquiry is not None
    tx.remember(f"draft:{draft}:{len(_sendings(tx, draft))}", {"nth": inquiry.replies_begun}, now)


def _sendings(tx: Tx, draft: str) -> list[dict[str, Any]]:
    """The answers that were made from a draft so far: one, or more where some were undone."""
    found: list[dict[str, Any]] = []
    while (kept := tx.answer(f"draft:{draft}:{len(found)}")) is not None:
        found.append(kept)
    return found


async def from_draft(desk: Desk, ask: Ask, private: bool, key: str, *, parts: bool = False) -> Answer:
    """Go on with a text that was refused under `key`: in parts, privately, or anyway.

    What its author was told then is not asked again; what needs a second person still does.
    """

    async def work(tx: Tx) -> Answer:
        kept = tx.answer(key)
        if kept is None or not kept.get("quote"):
            raise Refusal(say("That text is no longer kept here (a day is the limit). Please type it again."))
        inquiry = meant(tx, ask)
        if (before := under_way(tx, inquiry.number, key)) is not None:
            return before
        whose, passed = resumed(desk, ask, inquiry, kept, private=private, used=bool(_sendings(tx, key)))
        wanted = parts or bool(kept.get("parts"))
        answer = send(
            desk,
            tx,
            whose,
            inquiry,
            private=private,
            parts_wanted=wanted,
            also=kept.get("also"),
            passed=passed,
            draft_key=key,
        )
        begun(tx, inquiry.number, key, desk.now())
        return answer

    return await desk.once(ask, work)


def _way(desk: Desk, tx: Tx, inquiry: Inquiry, newest: Entry, private: bool, ask: Ask) -> str:
    """How the answer goes: "reply", "direct" or "private_reply". Refuses early what the platform would refuse, and says
    how else the customer can be taken out of the public."""
    if not private:
        return "reply"
    way, why = private_way(desk, tx, inquiry, newest)
    if way:
        return way
    said = say("Not sent: {why}", why=why) if ask.text.strip() else why
    if invitation.newest_public(tx, inquiry) is None:
        raise Refusal(said, quote=ask.text)
    ways, typed = desk.rules.contact.ways(), ask.command("private", "invite", inquiry.number)
    on = (
        say("Answer in public, or invite them there to write to you, or to reach you {ways}: {command}",
            ways=ways, command=typed)
        if ways
        else say("Answer in public, or invite them there to write to you: {command}", command=typed)
    )  # fmt: skip
    button = Button("invite", say("Invite to write to us"), str(inquiry.number), "primary")
    raise Refusal(f"{said} {on}", quote=ask.text, buttons=(button,))


def _without_leading_handles(text: str, inquiry: Inquiry) -> str:
    """The text without the handles that it begins with, where the platform adds those people itself."""
    known = {handle.casefold() for handle in inquiry.people}
    rest = text
    while rest.startswith("@"):
        head, _, tail = rest[1:].partition(" ")
        if "\n" in head:
            head, _, tail = rest[1:].partition("\n")
        if head.rstrip(",:").casefold() not in known:
            break
        rest = tail.lstrip()
    return rest


def signature_of(desk: Desk, tx: Tx, agent: Person, text: str) -> str:
    """The sign-off of this agent in the team's form, "" where the team signs nothing. Raises `NoName`."""
    form = desk.rules.sign_off
    if not form:
        return ""
    name = tx.setting(f"name:{agent.user}") or (agent.real_name if "initials" in form else agent.first_name)
    try:
        return sign_off(form, name)
    except NoName:
        if desk.rules.sign_required:
            raise NoName(desk.rules.prefix, text) from None
        return ""


def _owe(desk: Desk, tx: Tx, agent: Person, draft: _Draft, now: datetime) -> Answer:
    inquiry, platform = draft.inquiry, desk.platform(draft.newest.platform)
    nth = inquiry.replies_begun + 1
    inquiry = replace(inquiry, replies_begun=nth)
    if inquiry.replying == agent.user:
        inquiry = replace(inquiry, replying="", replying_until=None)
    tx.keep_inquiry(inquiry)
    due = now + desk.rules.undo
    first = invitation.under_way(tx, inquiry.number) if "invite" in draft.also else None
    previous: str | None = first.op_id if first else None
    ids = []
    going = _with_files(draft, platform)
    for index, (part, files) in enumerate(going, start=1):
        op_id = f"reply:{inquiry.number}:{nth}:{index}"
        tx.keep_op(
            Operation(
                op_id,
                OpKind.PUBLISH,
                Lane.AGENT,
                platform.name,
                f"inquiry:{inquiry.number}",
                now,
                due,
                inquiry.number,
                {
                    "way": draft.way,
                    "text": part,
                    "reply_to": (draft.newest.remote_id if index == 1 else None) if draft.way != "direct" else None,
                    "to": draft.newest.author.remote_id,
                    "account": account_of(inquiry, draft.newest),
                    "people": list(inquiry.people),
                    "agent": agent.user,
                    "nth": nth,
                    "part": index,
                    "parts": len(going),
                    "held": True,
                    "known": len(tx.entries(inquiry.number)),
                    **({"media": [one.as_json() for one in files]} if files else {}),
                    **({"close": True} if draft.close else {}),
                    **(draft.also if index == len(going) else {}),
                    **({"with": first.payload["nth"]} if first else {}),
                },
                after=previous,
            )
        )
        previous = op_id
        ids.append(op_id)
    tx.log(
        Event(now, inquiry.number, "reply written", agent.user, None, {"nth": nth, "way": draft.way, "parts": len(ids)})
    )
    if "invite" in draft.also:
        invitation.turn_taken(tx, draft.also["invite"])
    owe_line(tx, inquiry, f"reply:{nth}", reply_line(inquiry.number, nth), now)
    owe_card(tx, inquiry, now, by=due + SETTLING)
    bring_up(tx, inquiry.number)
    return _held(desk, platform, inquiry, draft, nth)


def _with_files(draft: _Draft, platform: Platform) -> list[tuple[str, tuple[Attached, ...]]]:
    """The parts with what goes along: all of it with the first, or each file as a part of its own behind the words."""
    parts: list[tuple[str, tuple[Attached, ...]]] = [(part, ()) for part in draft.parts]
    takes = platform.capabilities.media.get(draft.way)
    if not draft.files or takes is None:
        return parts
    if takes.apart:
        return [*parts, *(("", (one,)) for one in draft.files)]
    return [(draft.parts[0], draft.files), *parts[1:]]


def where_to(platform: Platform, way: str) -> str:
    """ "in public on X", "privately on X"."""
    if way == "reply":
        return say("in public on {platform}", platform=platform.title)
    return say("privately on {platform}", platform=platform.title)


def reply_line(number: int, nth: int) -> Line:
    """The line that follows one answer from *held* to its receipt; drawn from the operations each time."""
    return Line("", extra={"reply": nth})


def _held(desk: Desk, platform: Platform, inquiry: Inquiry, draft: _Draft, nth: int) -> Answer:
    seconds = int(desk.rules.undo.total_seconds())
    where = where_to(platform, draft.way)
    limit = platform.capabilities.public_limit if draft.way == "reply" else platform.capabilities.private_limit
    if len(draft.parts) > 1:
        size = say_n("{n} part", "{n} parts", len(draft.parts))
    else:
        size = f"{platform.length(draft.parts[0], private=draft.way != 'reply')}/{limit}"
    words = draft.newest.text.strip().replace("\n", " ")
    cut = f"{words[:60]}…" if len(words) > 60 else words
    if draft.files:
        size += " · " + say("with {files}", files=clean(", ".join(one.name for one in draft.files)))
    value = f"{inquiry.number}:{nth}"
    buttons = [Button("undo", say("Undo"), value, "danger"), Button("send_now", say("Send now"), value, "primary")]
    promised = ""
    if found := draft.also.get("found"):
        at = when(datetime.fromisoformat(found), "day")
        promised = " · " + say("It seems to promise something by {at}.", at=at)
        buttons.append(Button("keep_track", say("Keep track"), value))
    elif "promise" in draft.also and "holding" not in draft.also:
        own = draft.also["promise"]
        what, at = clean(own["what"]) or say("an answer"), when(datetime.fromisoformat(own["due"]), "day")
        promised = " · " + say("Promised: {what} by {at}.", what=what, at=at)
    return Answer(
        say(
            "Going out {where} in {seconds} s to {name}, who wrote “{words}” · {size}",
            where=where,
            seconds=seconds,
            name=customer_name(inquiry),
            words=cut,
            size=size,
        )
        + promised,
        quote="\n".join(draft.parts),
        buttons=tuple(buttons),
        number=inquiry.number,
    )


def parts_of(tx: Tx, number: int, nth: int) -> list[Operation]:
    """The operations of one answer, in order."""
    ops = [op for op in tx.ops_of(number) if op.kind is OpKind.PUBLISH and op.payload["nth"] == nth]
    return sorted(ops, key=lambda op: int(op.payload["part"]))


def text_of(parts: list[Operation]) -> str:
    """What was to be said, part by part."""
    return "\n".join(op.payload["text"] for op in parts if op.payload["text"])


def overtaken_ways(tx: Tx, number: int, nth: int) -> tuple[Button, ...]:
    """What its agent can do with an overtaken answer. *Review* opens the form with all of it."""
    parts = parts_of(tx, number, nth)
    last = parts[-1].payload
    way = "reply" if last["way"] == "reply" else "private"
    key = f"{OVERTAKEN}:{number}:{nth}"
    kept = {"quote": text_of(parts), "author": last["agent"], "about": number, "way": way, "told": [], "version": None}
    tx.remember(
        key, {**kept, **({"close": True} if last.get("close") else {})}, parts[-1].settled_at or parts[-1].created_at
    )
    return (
        Button("change", say("Review"), f"{number}:{way}:{key}", "primary"),
        Button("send_again", say("Send anyway"), f"{number}:{nth}"),
    )


def _replaced(tx: Tx, number: int, by: str, now: datetime) -> None:
    """Somebody answers: what was overtaken before is over, so that no press on its old buttons says a second thing."""
    for op in tx.ops_of(number):
        if op.kind is OpKind.PUBLISH and op.state is Delivery.FAILED and OVERTAKEN in op.payload:
            payload = {**op.payload, "replaced": by}
            tx.keep_op(replace(op, state=Delivery.CANCELLED, settled_at=now, payload=payload))
            owe_edit(tx, f"say:{number}:reply:{op.payload['nth']}", now)


async def undo(desk: Desk, ask: Ask, nth: int) -> Answer:
    """Take back what is still held: none of it goes out. The text is handed back."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        parts = parts_of(tx, inquiry.number, nth)
        if not parts:
            raise Refusal(say("There is no answer to take back in #{number}.", number=inquiry.number))
        if all(op.state is Delivery.CANCELLED for op in parts):
            return Answer(say("Taken back already. Nothing went out."), quote=text_of(parts))
        if any(op.state not in (Delivery.OWED, Delivery.CANCELLED) and OVERTAKEN not in op.payload for op in parts):
            raise Refusal(
                say(
                    "Too late: it went out, or is on its way. The thread of #{number} shows what became of it.",
                    number=inquiry.number,
                ),
                quote=text_of(parts),
            )
        for op in parts:
            tx.keep_op(replace(op, state=Delivery.CANCELLED, settled_at=now, reason=ask.agent.user))
        tx.log(Event(now, inquiry.number, "reply undone", ask.agent.user, None, {"nth": nth}))
        owe_edit(tx, f"say:{inquiry.number}:reply:{nth}", now)
        owe_card(tx, inquiry, now)
        if "invite" in parts[-1].payload:
            with_it = invitation.written_in_private(tx, inquiry, str(parts[-1].payload["to"]))
            return Answer(
                say("Taken back: the public invitation. The private message stays as it is.")
                if with_it
                else say("Taken back: the public invitation. Nothing went out.")
            )
        if invitation.drop(tx, inquiry.number, nth, now):
            return Answer(
                say("Taken back, and the public invitation with it. Nothing went out. Your text, to go on with:"),
                quote=text_of(parts),
            )
        return Answer(say("Taken back. Nothing went out. Your text, to go on with:"), quote=text_of(parts))

    return await desk.once(ask, work)


async def send_now(desk: Desk, ask: Ask, nth: int) -> Answer:
    """End the wait."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        parts = parts_of(tx, inquiry.number, nth)
        waiting = [op for op in parts if op.state is Delivery.OWED]
        if overtaken := [op for op in parts if op.state is Delivery.FAILED and OVERTAKEN in op.payload]:
            raise Refusal(
                say("Not sent yet. {why}", why=overtaken[0].reason or ""),
                quote=text_of(parts),
                buttons=overtaken_ways(tx, inquiry.number, nth),
            )
        if not waiting:
            return Answer(
                say(
                    "It is out of your hands already; the thread of #{number} shows what became of it.",
                    number=inquiry.number,
                )
            )
        if "with" in parts[0].payload and invitation.under_way(tx, inquiry.number) is not None:
            raise Refusal(say("It goes out as soon as the private message stands, and not before."))
        for op in waiting:
            tx.keep_op(replace(op, not_before=min(op.not_before, now)))
        return Answer(say("#{number}: going out now.", number=inquiry.number))

    return await desk.once(ask, work)


async def its_there(desk: Desk, ask: Ask, nth: int) -> Answer:
    """The agent has looked: an unsure answer did arrive."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        unsure = [op for op in parts_of(tx, inquiry.number, nth) if op.state is Delivery.UNSURE]
        if not unsure:
            return Answer(say("Nothing of #{number} is in doubt any more.", number=inquiry.number))
        for op in unsure:
            published(desk, tx, op, "", "", now, by=ask.agent.user)
        return Answer(say("Noted: the answer to #{number} arrived. The clock has stopped.", number=inquiry.number))

    return await desk.once(ask, work)


def _aimed_anew(tx: Tx, inquiry: Inquiry, op: Operation) -> dict[str, str]:
    """Below what an overtaken answer goes, where what it answered was edited or taken back since."""
    below = op.payload["reply_to"]
    if below is None:
        return {}
    answered = tx.entry_of(op.target, below)
    if answered is not None and answered.remote_id == below and not answered.deleted:
        return {}
    newest = newest_customer_entry(tx, inquiry)
    fits = newest.platform == op.target and not newest.private and not newest.deleted
    return {"reply_to": newest.remote_id} if fits else {}


async def send_again(desk: Desk, ask: Ask, nth: int) -> Answer:
    """The agent decides that an unsure or failed answer goes out (again)."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        parts = parts_of(tx, inquiry.number, nth)
        again = [op for op in parts if op.state in (Delivery.UNSURE, Delivery.FAILED)]
        if not again and (other := next((op.payload["replaced"] for op in parts if "replaced" in op.payload), "")):
            raise Refusal(
                say(
                    "Nothing was sent: {who} has answered #{number} since. If it is still to be said, send it as a new "
                    "reply:",
                    who=who(other),
                    number=inquiry.number,
                ),
                quote=text_of(parts),
            )
        if not again:
            return Answer(say("Nothing of #{number} waits for that.", number=inquiry.number))
        # Who sends an overtaken answer anyway has read what overtook it: it answers that, too.
        overtaken = all(OVERTAKEN in op.payload for op in again)
        known = {"known": len(tx.entries(inquiry.number))} if overtaken else {}
        for op in again:
            fresh = replace(
                op,
                state=Delivery.OWED,
                not_before=now,
                reason=None,
                looks=0,
                payload={
                    **{key: value for key, value in op.payload.items() if key not in ("handed", "tries", OVERTAKEN)},
                    **known,
                    **(_aimed_anew(tx, inquiry, op) if overtaken else {}),
                    "held": False,
                    "again": int(op.payload.get("again", 0)) + 1,
                },
            )
            if op.state is Delivery.UNSURE:
                fresh = replace(fresh, payload={**fresh.payload, "look_first": True})
            tx.keep_op(fresh)
        invitation.take_up(tx, inquiry.number, nth, now)
        what = "sent anyway" if overtaken else "send again"
        tx.log(Event(now, inquiry.number, what, ask.agent.user, None, {"nth": nth}))
        owe_edit(tx, f"say:{inquiry.number}:reply:{nth}", now)
        owe_card(tx, inquiry, now)
        if overtaken:
            return Answer(say("#{number}: going out now.", number=inquiry.number))
        if not any(op.state is Delivery.UNSURE for op in again):
            return Answer(say("#{number}: it is tried once more now.", number=inquiry.number))
        return Answer(say("#{number}: I look once more whether it is there, then it goes out.", number=inquiry.number))

    return await desk.once(ask, work)


def published(
    desk: Desk, tx: Tx, op: Operation, remote_id: str, url: str, now: datetime, *, by: str | None = None
) -> None:
    """One part stands on the platform: keep it, and with the last part stop the clock and wait for the customer."""
    assert op.number is not None
    tx.keep_op(replace(op, state=Delivery.SENT, remote_id=remote_id or None, url=url, settled_at=now, reason=None))
    inquiry = tx.inquiry(op.number)
    assert inquiry is not None
    entries = tx.entries(op.number)
    agent = op.payload["agent"]
    at = op.started_at or now
    private = op.payload["way"] != "reply"
    counts = desk.rules.holding_counts or not op.payload.get("holding")
    first_customer = entries[0]
    tx.keep_entry(
        Entry(
            op.number,
            len(entries),
            Said.REPLY,
            op.target,
            remote_id,
            replace(first_customer.author, remote_id=inquiry.account, handle="", name="", url=""),
            op.payload["text"],
            at,
            url,
            op.payload["reply_to"],
            private,
            agent,
            op.op_id,
            starts_clock=False,
            attachments=tuple(one[1] for one in op.payload.get("media", ())),
            alts=tuple(one[4] for one in op.payload.get("media", ())),
            flags=() if counts else (Flag.HOLDING,),
        )
    )
    changed = replace(inquiry, last_reply_url=url or inquiry.last_reply_url)
    if op.payload["part"] == op.payload["parts"]:
        hours = desk.hours(tx)
        seconds = hours.between(inquiry.clock.started_at, at).total_seconds() if inquiry.clock else None
        newer = [e for e in entries if e.said is Said.CUSTOMER and e.starts_clock and not known_to(op, e)]
        first = inquiry.first_answered_at is None
        answered = replace(inquiry, first_answered_at=inquiry.first_answered_at or at)
        clock = clock_from(desk, tx, answered, newer[0].at) if newer else None
        changed = replace(
            changed,
            status=inquiry.status if newer or not inquiry.is_open else Status.PENDING,
            clock=clock,
            first_answered_at=at if first else inquiry.first_answered_at,
            first_answer_seconds=hours.between(inquiry.created_at, at).total_seconds()
            if first
            else inquiry.first_answer_seconds,
            version=inquiry.version + 1,
            reply_count=inquiry.reply_count + 1,
        )
        changed = invitation.stands(desk, tx, changed, op, at)
        if not counts:
            changed = _still_waiting(inquiry, changed)
        changed = with_answer(desk, tx, changed, op, at)
        canned_sent(tx, op.number, op.payload.get("canned"), at)
        late = inquiry.clock is not None and at > inquiry.clock.due_at
        details = {"nth": op.payload["nth"], "late": late, "confirmed_by": by}
        if op.payload.get("holding"):
            details["holding"] = True
        what = "answered" if counts else "holding reply"
        what = "invited in public" if op.payload.get("invite", {}).get("kind") == Invites.SENT else what
        tx.log(Event(now, op.number, what, agent, seconds, details))
        if op.payload.get("close") and not newer and changed.is_open:
            changed = replace(
                changed,
                status=Status.CLOSED,
                snoozed_until=None,
                closed_at=now,
                closed_reason="solved",
                closed_by=agent,
            )
            tx.log(Event(now, op.number, "closed", agent, None, {"reason": "solved", "after": op.op_id}))
    changed = solution(desk, tx, changed)
    tx.keep_inquiry(changed)
    owe_edit(tx, f"say:{op.number}:reply:{op.payload['nth']}", now)
    owe_card(tx, changed, now)


def _still_waiting(before: Inquiry, after: Inquiry) -> Inquiry:
    """The inquiry after a holding reply that is no answer here: the customer waits on, and so runs the clock."""
    return replace(
        after,
        status=before.status,
        clock=before.clock,
        first_answered_at=before.first_answered_at,
        first_answer_seconds=before.first_answer_seconds,
    )


def name_it(tx: Tx, op: Operation, remote_id: str, url: str, now: datetime) -> None:
    """An answer that stands there by an agent's word only is seen by the platform's own id now."""
    assert op.number is not None
    tx.keep_op(replace(op, remote_id=remote_id, url=url))
    for entry in tx.entries(op.number):
        if entry.op_id == op.op_id:
            tx.keep_entry(replace(entry, remote_id=remote_id, url=url))
    owe_edit(tx, f"say:{op.number}:reply:{op.payload['nth']}", now)
