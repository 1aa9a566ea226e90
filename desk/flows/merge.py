"""Two inquiries that are one matter become one, and are split again where that was a mistake; and following one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.flows.amend import forget_edits, show_repeated, shows_of
from desk.flows.chances import with_window
from desk.flows.finding import meant, must_be_free_or_mine, must_be_open
from desk.flows.owing import forget_files, owe_card, owe_edit, owe_files, owe_line, owe_shows
from desk.flows.split_flood import split_flood
from desk.flows.waiting import clock_now, solution
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.outbox import OpKind
from desk.model.reasons import merged_into
from desk.model.refusals import Refusal, UnknownNumber
from desk.model.words import link, who
from desk.ports import Tx


async def merge(desk: Desk, ask: Ask, into: int) -> Answer:
    """Put an inquiry into another one: all that was said goes along, and what its customer writes from now on comes
    there, whatever the platform. The other keeps its number, thread and policy; the clock runs from the oldest message
    that waits in either, and what was promised in either is kept track of."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        gone = meant(tx, ask)
        kept = tx.inquiry(into)
        if kept is None:
            raise UnknownNumber(into, tx.highest())
        if gone.number == kept.number:
            raise Refusal(say("#{number} cannot be merged into itself. Name another one.", number=gone.number))
        if gone.merged_into == kept.number:
            return Answer(say("#{gone} is in #{kept} already.", gone=gone.number, kept=kept.number))
        for one in (gone, kept):
            must_be_open(desk, one, ask)
            must_be_free_or_mine(desk, one, ask)
        _must_be_still(tx, gone)
        _move(tx, gone, kept, tx.entries(gone.number), now)
        merged = replace(
            kept,
            people=tuple(dict.fromkeys((*kept.people, *gone.people))),
            promises=(*kept.promises, *gone.promises),
            assignee=kept.assignee or gone.assignee,
            claimed_at=kept.claimed_at or gone.claimed_at,
            message_count=kept.message_count + gone.message_count,
            related=tuple(n for n in dict.fromkeys((*kept.related, *gone.related)) if n not in (gone.number, into)),
            followers=tuple(dict.fromkeys((*kept.followers, *gone.followers))),
            invitation=kept.invitation or gone.invitation,
            version=kept.version + 1,
        )
        merged = _counted_anew(desk, tx, merged, now)
        closed = replace(
            gone,
            status=Status.CLOSED,
            clock=None,
            resolution=None,
            window_at=None,
            snoozed_until=None,
            promises=(),
            closed_at=now,
            closed_by=ask.agent.user,
            closed_reason=merged_into(kept.number),
            merged_into=kept.number,
        )
        tx.keep_inquiry(closed)
        tx.keep_inquiry(merged)
        tx.log(Event(now, gone.number, "merged", ask.agent.user, None, {"into": kept.number}))
        tx.log(Event(now, kept.number, "took in", ask.agent.user, None, {"from": gone.number}))
        agent, here, there = who(ask.agent.user), _thread(desk, gone), _thread(desk, kept)
        moved = say(
            "{who} merged this into {inquiry}. What is said from now on stands there.", who=agent, inquiry=there
        )
        apart = ask.command("split", number=gone.number)
        came = say(
            "{who} merged {inquiry} into this. To take it out again: {command}", who=agent, inquiry=here, command=apart
        )
        mark = "twisted_rightwards_arrows"
        owe_line(tx, closed, f"merged:{now.timestamp()}", Line(moved, mark=mark), now)
        owe_line(tx, merged, f"took:{gone.number}:{now.timestamp()}", Line(came, mark=mark), now)
        owe_card(tx, closed, now)
        owe_card(tx, merged, now)
        return Answer(
            say("#{gone} is part of #{kept} now; answers go from there.", gone=gone.number, kept=kept.number),
            number=kept.number,
        )

    return await desk.once(ask, work)


async def split(desk: Desk, ask: Ask) -> Answer:
    """Take apart what was put together: a merged inquiry, or the posts that were gathered as a flood."""

    async def work(tx: Tx) -> bool:
        inquiry = meant(tx, ask)
        return inquiry.flood > 0 and inquiry.merged_into is None

    return await (split_flood if await desk.read(work) else take_apart)(desk, ask)


async def take_apart(desk: Desk, ask: Ask) -> Answer:
    """Undo a merging: what belongs to the conversations of the merged inquiry goes back, with what came in since."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        gone = meant(tx, ask)
        kept = tx.inquiry(gone.merged_into) if gone.merged_into is not None else None
        if kept is None:
            raise Refusal(
                say("#{number} was not merged into another one, so there is nothing to take apart.", number=gone.number)
            )
        must_be_free_or_mine(desk, kept, ask)
        _must_be_still(tx, kept)
        own = {gone.identity, *gone.conversations}
        entries = tx.entries(kept.number)
        theirs = [e for e in entries if e.said is not Said.MOVED and e.conversation in own]
        ids = {e.remote_id for e in theirs if e.remote_id}
        theirs += [e for e in entries if e.said in (Said.REPLY, Said.OUTSIDE) and e.reply_to in ids]
        theirs.sort(key=lambda entry: entry.index)
        opened = replace(
            gone,
            status=Status.OPEN,
            closed_at=None,
            closed_by=None,
            closed_reason=None,
            merged_into=None,
            assignee=gone.assignee or kept.assignee,
            version=gone.version + 1,
        )
        _move(tx, kept, opened, theirs, now)
        opened = _counted_anew(desk, tx, opened, now)
        left = replace(kept, message_count=max(1, kept.message_count - gone.message_count), version=kept.version + 1)
        left = _counted_anew(desk, tx, left, now)
        tx.keep_inquiry(left)
        tx.keep_inquiry(opened)
        tx.log(Event(now, gone.number, "taken apart", ask.agent.user, None, {"from": kept.number}))
        sentence = say(
            "{who} took {gone} and {kept} apart again.",
            who=who(ask.agent.user),
            gone=_thread(desk, opened),
            kept=_thread(desk, left),
        )
        for one in (opened, left):
            owe_line(tx, one, f"apart:{gone.number}:{now.timestamp()}", Line(sentence, mark="scissors"), now)
            owe_card(tx, one, now)
        return Answer(say("#{number} is an inquiry of its own again.", number=gone.number), number=gone.number)

    return await desk.once(ask, work)


def _must_be_still(tx: Tx, inquiry: Inquiry) -> None:
    if any(op.kind is OpKind.PUBLISH and op.waiting for op in tx.ops_of(inquiry.number)):
        raise Refusal(
            say(
                "An answer of #{number} is on its way or in doubt. Settle that first: its thread shows what to press.",
                number=inquiry.number,
            )
        )


def _move(tx: Tx, source: Inquiry, to: Inquiry, entries: Sequence[Entry], now: datetime) -> None:
    """Entries of `source` in `to`, in their order; where they stood there is a pointer, and no words."""
    index = len(tx.entries(to.number))
    back = {e.index: e for e in tx.entries(to.number) if e.said is Said.MOVED and e.moved_to == source.number}
    for entry in entries:
        if entry.said is Said.MOVED:
            continue
        empty = replace(
            entry, said=Said.MOVED, text="", remote_id="", edits=(), attachments=(), alts=(), moved_to=to.number
        )
        tx.keep_entry(empty)
        had_files = forget_files(tx, entry, now)
        forget_edits(tx, entry, now)
        show_repeated(tx, entry, now)
        for op in list(shows_of(tx, source.number, entry.index)):
            owe_edit(tx, op.op_id, now)
        conversation = entry.conversation or (source.identity if source.merged_into is None else "")
        own = to.identity == conversation
        moved = replace(entry, number=to.number, conversation="" if own else conversation)
        place = next((at for at, e in back.items() if (e.at, e.author) == (entry.at, entry.author)), None)
        if place is not None:
            del back[place]
            tx.keep_entry(replace(moved, index=place))
            if had_files:
                owe_files(tx, to, replace(moved, index=place), now)
            for op in list(shows_of(tx, to.number, place)):
                owe_edit(tx, op.op_id, now)
            continue
        moved = replace(moved, index=index)
        tx.keep_entry(moved)
        if moved.said is Said.CUSTOMER:
            owe_shows(tx, to, moved, now)
            if had_files:
                owe_files(tx, to, moved, now)
        index += 1


def _counted_anew(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime) -> Inquiry:
    """The inquiry with its newest message, its clocks and its status as what stands in it now demands."""
    said = [e for e in tx.entries(inquiry.number) if e.said is Said.CUSTOMER and not e.deleted]
    newest = max(said, key=lambda e: (e.at, e.index), default=None)
    if newest is not None:
        inquiry = replace(inquiry, last_message_id=newest.remote_id, last_customer_at=newest.at)
    inquiry = replace(inquiry, clock=clock_now(desk, tx, inquiry))
    status = inquiry.status
    if inquiry.clock is None and inquiry.is_open and inquiry.first_answered_at is not None:
        status = Status.PENDING
    elif inquiry.clock is not None and status is Status.PENDING:
        status = Status.OPEN
    flags = tuple(flag for flag in inquiry.flags if flag != Flag.WITHDRAWN) if inquiry.clock else inquiry.flags
    inquiry = replace(inquiry, status=status, flags=flags)
    return with_window(desk, tx, solution(desk, tx, inquiry), now)


def _thread(desk: Desk, inquiry: Inquiry) -> str:
    if inquiry.thread_ts is None:
        return f"#{inquiry.number}"
    return link(desk.board.permalink(inquiry.channel, inquiry.thread_ts), f"#{inquiry.number}")


async def follow(desk: Desk, ask: Ask, on: bool) -> Answer:
    """Be called in the thread when its customer writes, without having it; or no longer."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        user = ask.agent.user
        others = tuple(one for one in inquiry.followers if one != user)
        changed = replace(inquiry, followers=(*others, user) if on else others)
        if on and not inquiry.is_open:
            must_be_open(desk, inquiry, ask)
        if changed != inquiry:
            tx.keep_inquiry(changed)
            tx.log(Event(desk.now(), inquiry.number, "followed" if on else "unfollowed", user))
        if not on:
            return Answer(say("You don't follow #{number} any more.", number=inquiry.number))
        count = len(changed.followers) - 1
        too = f" {say_n('{n} colleague follows it, too.', '{n} colleagues follow it, too.', count)}" if count else ""
        return Answer(
            say("You follow #{number}: you are called in its thread when the customer writes.", number=inquiry.number)
            + too
        )

    return await desk.once(ask, work)
