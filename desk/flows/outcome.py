"""How an operation went, written down: again later, unsure, sent, failed; and who is told."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.acknowledge import acknowledged, not_acknowledged
from desk.flows.flood import part_again
from desk.flows.invitation import drop
from desk.flows.owing import owe_card, owe_edit, owe_line, owe_post
from desk.flows.reply import parts_of, published
from desk.model.asking import Button, Line
from desk.model.catalogue import say
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import IDEMPOTENT, Delivery, Lane, Operation, OpKind
from desk.model.words import when, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

LOOKS = (timedelta(seconds=2), timedelta(seconds=15), timedelta(seconds=60))
"""When an unsure publication is looked for, after the attempt: platforms show a new post with a delay."""
TROUBLE = timedelta(seconds=60)
"""How long to wait after a refusal that only people can mend."""
FOLD_AFTER = timedelta(seconds=60)
"""How long after something was posted again we look whether the first attempt had arrived after all."""


def begun(op: Operation, now: datetime) -> Operation:
    """The operation as it is kept before the call that could have an effect."""
    payload = op.payload if "since" in op.payload else {**op.payload, "since": now.isoformat()}
    return replace(op, state=Delivery.SENDING, started_at=now, attempts=op.attempts + 1, payload=payload, reason=None)


def resting(op: Operation) -> bool:
    """In doubt, looked for often enough: only a person, or the platform itself, can tell now."""
    return op.state is Delivery.UNSURE and op.kind is OpKind.PUBLISH and op.looks >= len(LOOKS)


async def again(desk: Desk, op: Operation, at: datetime, *, spent: bool = True, reason: str | None = None) -> None:
    """Definitely not done: owed again at `at`. Being told to wait spends no attempt; `reason` is then shown."""

    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state not in (Delivery.OWED, Delivery.SENDING):
            return
        attempts = fresh.attempts if spent else max(0, fresh.attempts - 1)
        kept = replace(fresh, state=Delivery.OWED, not_before=max(at, desk.now()), attempts=attempts)
        tx.keep_op(kept if reason is None else replace(kept, reason=reason))
        if reason is not None:
            show_state(tx, fresh, desk.now())

    await desk.transact(work)


async def unsure(desk: Desk, op: Operation, look_at: datetime, *, duplicate: str = "") -> None:
    """Nobody knows whether it was done: looked for at `look_at`. `duplicate`: the platform says that it has this very
    text already, and why it then refuses."""

    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id) or op
        payload = {**fresh.payload, "duplicate": duplicate} if duplicate else fresh.payload
        tx.keep_op(replace(fresh, state=Delivery.UNSURE, not_before=look_at, looks=0, payload=payload))
        show_state(tx, fresh, desk.now())

    log.warning("unsure", extra={"number": op.number, "op": op.op_id})
    await desk.transact(work)


def show_state(tx: Tx, op: Operation, now: datetime) -> None:
    """An answer's line and its card are drawn anew."""
    if op.kind is OpKind.PUBLISH and op.number is not None:
        inquiry = _inquiry(tx, op)
        owe_edit(tx, f"say:{op.number}:reply:{op.payload['nth']}", now)
        owe_card(tx, inquiry, now)


# Slack


async def posted(desk: Desk, op: Operation, ts: str) -> None:
    """It stands in Slack, as `ts`."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None:
            return
        newer = fresh.kind in IDEMPOTENT and fresh.payload.get("rev") != op.payload.get("rev")
        payload = fresh.payload if newer else {key: kept for key, kept in fresh.payload.items() if key != "new"}
        tx.keep_op(
            replace(
                fresh,
                payload=payload,
                state=Delivery.OWED if newer else Delivery.SENT,
                remote_id=ts or fresh.remote_id,
                settled_at=now,
                not_before=now + timedelta(seconds=1) if newer else fresh.not_before,
                reason=None,
            )
        )
        if op.kind is OpKind.ROOT:
            tx.keep_inquiry(replace(_inquiry(tx, op), thread_ts=ts))
        if fresh.payload.get("reposted"):
            _owe_fold(tx, fresh, now)

    await desk.transact(work)


def _owe_fold(tx: Tx, post: Operation, now: datetime) -> None:
    """The first attempt may have arrived after all, and Slack only been slow to show it."""
    op_id = f"fold:{post.op_id}:{post.attempts}"
    tx.keep_op(
        Operation(
            op_id,
            OpKind.FOLD,
            Lane.FOLLOW,
            "slack",
            post.place,
            now,
            now + FOLD_AFTER,
            post.number,
            after=post.op_id,
        )
    )


async def failed_in_slack(desk: Desk, op: Operation, why: str) -> None:
    """Slack will never take it."""

    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is not None:
            tx.keep_op(replace(fresh, state=Delivery.FAILED, settled_at=desk.now(), reason=why))
            edit = fresh if fresh.kind is OpKind.EDIT else tx.op(f"edit:{fresh.op_id}")
            if edit is not None:
                part_again(tx, edit, desk.now())

    log.error("slack refused", extra={"op": op.op_id, "number": op.number, "why": why})
    await desk.transact(work)


async def root_gone(desk: Desk, op: Operation) -> None:
    """Somebody deleted the thread's first message in Slack: the card is posted anew, and the thread goes on there."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        inquiry, fresh = _inquiry(tx, op), tx.op(op.op_id)
        root = tx.op(f"root:{op.number}")
        if fresh is not None:
            tx.keep_op(replace(fresh, state=Delivery.OWED, not_before=now))
        if root is None or root.state is not Delivery.SENT:
            return
        nth = int(root.payload.get("anew", 0)) + 1
        tx.keep_op(
            replace(
                root,
                state=Delivery.OWED,
                lane=Lane.AGENT,
                not_before=now,
                remote_id=None,
                looks=0,
                payload={"anew": nth, "since": now.isoformat()},
            )
        )
        tx.keep_inquiry(replace(inquiry, thread_ts=None))
        line = Line(
            say(
                "The first message of this thread was deleted in Slack, so it goes on here. Nothing was lost: "
                "{command} has all that was said.",
                command=f"/show {op.number}",
            ),
            mark="wastebasket",
        )
        owe_line(tx, inquiry, f"anew:{nth}", line, now)

    log.warning("thread was deleted", extra={"number": op.number})
    await desk.transact(work)


# platforms


def settled(desk: Desk, tx: Tx, op: Operation, remote_id: str, url: str) -> None:
    """It stands on the platform."""
    now = desk.now()
    if op.number is not None:
        published(desk, tx, op, remote_id, url, now)
    elif "about" in op.payload:
        acknowledged(tx, op, remote_id, url, now)
    else:
        tx.keep_op(replace(op, state=Delivery.SENT, remote_id=remote_id, url=url, settled_at=now))


def taken(tx: Tx, op: Operation, remote_id: str) -> bool:
    """Whether what was found by that id is another text of ours, with the same words."""
    entry = tx.entry_of(op.target, remote_id)
    return entry is not None and entry.op_id != op.op_id


async def refused(desk: Desk, op: Operation, why: str, code: str = "") -> None:
    """The platform will not take it. The text is kept, and its agent is told what can be done."""

    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id) or op
        fail(tx, replace(fresh, payload={**fresh.payload, "code": code}), why, desk.now())

    log.warning("refused", extra={"number": op.number, "op": op.op_id, "why": why})
    await desk.transact(work)


def fail(tx: Tx, op: Operation, why: str, now: datetime) -> None:
    """An answer did not go out, nor will the parts behind it: its line turns red, and its agent is pinged with the
    text and with what can be done."""
    tx.keep_op(replace(op, state=Delivery.FAILED, settled_at=now, reason=why))
    if "about" in op.payload:
        not_acknowledged(tx, op, why, now)
    if op.number is None:
        return
    inquiry, nth, agent = _inquiry(tx, op), int(op.payload["nth"]), op.payload["agent"]
    rest = [part for part in parts_of(tx, op.number, nth) if part.payload["part"] > op.payload["part"]]
    for part in rest:
        tx.keep_op(replace(part, state=Delivery.FAILED, settled_at=now))
    private = op.payload["way"] != "reply"
    if private:
        drop(tx, op.number, nth, now)
    tx.log(Event(now, op.number, "not published", agent, None, {"nth": nth, "why": why}))
    line = Line(
        say(
            "{who}, {answer} to #{number} did not go out. {why} Nothing is lost, the text:",
            who=who(agent),
            answer=_which(op),
            number=op.number,
            why=why,
        ),
        quote="\n".join(part.payload["text"] for part in (op, *rest) if part.payload["text"]),
        buttons=(
            Button("send_again", say("Send again"), f"{op.number}:{nth}", "primary"),
            Button("reply", say("Change it…"), str(op.number)),
            *_ways_on(inquiry, private),
        ),
        mark="red_circle",
    )
    owe_line(tx, inquiry, f"failed:{op.op_id}:{op.attempts}:{op.payload.get('again', 0)}", line, now)
    owe_edit(tx, f"say:{op.number}:reply:{nth}", now)
    owe_card(tx, inquiry, now)


def _ways_on(inquiry: Inquiry, private: bool) -> tuple[Button, ...]:
    """What else can be done where somebody who wrote in public was not answered; `private`: not even privately."""
    if inquiry.private:
        return ()
    number = str(inquiry.number)
    if private:
        return (Button("invite", say("Invite to write to us"), number),)
    return (Button("private", say("Private…"), number),)


def ask_agent(tx: Tx, op: Operation, now: datetime) -> None:
    """We looked often enough: a person must look, and then decide."""
    if "about" in op.payload:
        not_acknowledged(tx, op, say("Nobody knows whether it arrived; it is not said again."), now)
    if op.number is None:
        return
    inquiry = _inquiry(tx, op)
    value = f"{op.number}:{op.payload['nth']}"
    line = Line(
        say(
            "{who}, I don't know whether {answer} to #{number} went out: the connection broke, and I can't see it "
            "there. Please look, then press one. Until then nothing is sent twice.",
            who=who(op.payload["agent"]),
            answer=_which(op),
            number=op.number,
        ),
        quote=op.payload["text"],
        buttons=(
            Button("its_there", say("It's there"), value, "primary"),
            Button(
                "send_again",
                say("Send again"),
                value,
                confirm=say("It is said twice if it did arrive. Have you looked?"),
            ),
        ),
        mark="grey_question",
    )
    owe_line(tx, inquiry, f"unsure:{op.op_id}:{op.payload.get('again', 0)}", line, now)
    show_state(tx, op, now)


def _which(op: Operation) -> str:
    if op.payload["parts"] == 1:
        return say("your answer")
    return say("part {part} of your answer", part=op.payload["part"])


def tell_leads(desk: Desk, tx: Tx, place: str, channel: str, sentence: str) -> None:
    """A trouble that only people can mend, told once an hour."""
    now = desk.now()
    line = Line(sentence, mark="red_circle")
    owe_post(tx, f"trouble:{place}:{now:%Y-%m-%dT%H}", channel, line, now, lane=Lane.SLA)


def queued(title: str, at: datetime) -> str:
    """Why an answer waits, for its line."""
    return say("Queued until {at}: {platform} takes no more for now.", at=when(at), platform=title)


def _inquiry(tx: Tx, op: Operation) -> Inquiry:
    assert op.number is not None
    inquiry = tx.inquiry(op.number)
    assert inquiry is not None, "an operation's inquiry is kept for good"
    return inquiry


def under_way(tx: Tx, number: int) -> list[Operation]:
    """The parts of answers to an inquiry that are owed, on their way or in doubt."""
    return [op for op in tx.ops_of(number) if op.kind is OpKind.PUBLISH and op.waiting]


def progress(tx: Tx, number: int) -> str:
    """How far the answer to an inquiry has come, in a sentence for a warning."""
    ops = under_way(tx, number)
    if any(op.state is Delivery.UNSURE for op in ops):
        return say("An answer is in doubt, see the thread.")
    if waits := next((op.reason for op in ops if op.reason), None):
        return say("A reply is written. {why}", why=waits)
    return say("A reply is on its way.") if ops else say("No reply yet.")
