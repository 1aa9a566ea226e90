"""The outbox at work: what is owed goes out in order and at the pace the outside allows; what is unsure is looked for.

An operation is *sending*, durably, before the call that could have an effect, and settled after it. What was *sending*
when the desk died is *unsure* at the next start, never *owed*.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.drawing import view_of
from desk.flows.owing import owe_card, owe_edit, owe_line
from desk.flows.reply import published
from desk.model.asking import Button, Line
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.inquiry import Event
from desk.model.message import Outgoing
from desk.model.outbox import Delivery, Operation, OpKind
from desk.model.words import when, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")

LOOKS = (timedelta(seconds=2), timedelta(seconds=15), timedelta(seconds=60))
"""When an unsure publication is looked for, after the attempt: platforms show a new post with a delay."""
SLACK_LOOKS = (timedelta(seconds=1), timedelta(seconds=6))
"""The same for a Slack post; not found twice, 5 s apart, it may be posted again (a doubled line is noise, not harm)."""
IDEMPOTENT = frozenset({OpKind.CARD, OpKind.EDIT})
"""Edits to what is true now: doing them twice is doing them once."""
SHORT = timedelta(seconds=5)
TROUBLE = timedelta(seconds=60)
"""How long to wait after Slack refused for a reason that only people can mend."""
PARALLEL = 4
"""Publications under way at once on one platform."""
LOST_IF_OLD = frozenset({OpKind.TELL})
"""A line for one person only is not sent a second time: the thread tells the same."""


async def recover(desk: Desk) -> None:
    """At start: what was *sending* is *unsure*; a held answer that is too late asks its agent first."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        for op in tx.waiting_ops():
            if op.state is Delivery.SENDING:
                if op.kind in IDEMPOTENT:
                    tx.keep_op(replace(op, state=Delivery.OWED))
                else:
                    tx.keep_op(replace(op, state=Delivery.UNSURE, not_before=now))
                    _show_state(tx, op, now)
            elif _held_too_long(op, now, desk.rules.late):
                why = "The desk was down when this was due to go out."
                tx.keep_op(replace(op, state=Delivery.FAILED, settled_at=now, reason=why))
                _tell_agent(tx, op, why, now)

    await desk.transact(work)


def _held_too_long(op: Operation, now: datetime, late: timedelta) -> bool:
    held = op.kind is OpKind.PUBLISH and op.state is Delivery.OWED and op.attempts == 0 and op.payload.get("held")
    return bool(held) and op.after is None and now - op.not_before >= late


async def run_outbox(desk: Desk) -> None:
    """Deliver for ever; ends only by being cancelled."""
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            desk.wake.clear()
            ready, next_at = await _look(desk)
            for op in ready:
                desk.running.add(op.op_id)
                task = asyncio.create_task(_one(desk, op), name=f"deliver {op.op_id}")
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            if next_at is None:
                await desk.wake.wait()
            else:
                await _wake_or(desk, next_at)
    finally:
        for task in tasks:
            task.cancel()


async def _wake_or(desk: Desk, at: datetime) -> None:
    """Until something new is owed, or `at`."""
    sleeper = asyncio.ensure_future(desk.clock.sleep_until(at))
    waker = asyncio.ensure_future(desk.wake.wait())
    try:
        await asyncio.wait((sleeper, waker), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        waker.cancel()


async def _look(desk: Desk) -> tuple[list[Operation], datetime | None]:
    """What can start now, and the next instant at which more can."""

    async def work(tx: Tx) -> tuple[list[Operation], datetime | None]:
        now = desk.now()
        ready: list[Operation] = []
        later: list[datetime] = []
        taken = _tracks_in_use(desk, tx)
        for op in tx.waiting_ops():
            if op.op_id in desk.running:
                continue
            if not _its_turn(tx, op):
                continue
            if op.not_before > now:
                later.append(op.not_before)
                continue
            track = _track(op)
            if taken.get(track, 0) >= _room(op):
                continue
            free = desk.board.free_at(op, now) if op.target == "slack" and op.state is Delivery.OWED else now
            taken[track] = taken.get(track, 0) + 1
            if free > now:
                later.append(free)
                continue
            ready.append(op)
        return ready, min(later, default=None)

    return await desk.read(work)


def _its_turn(tx: Tx, op: Operation) -> bool:
    """Whether what must be *sent* before it is."""
    if op.after is None:
        return True
    before = tx.op(op.after)
    return before is None or before.state is Delivery.SENT


def _track(op: Operation) -> tuple[str, str, str]:
    """Operations on one track go one after the other: a channel's posts, its edits, an inquiry's publications."""
    if op.target != "slack":
        return (op.target, op.place, "publish")
    if op.kind in IDEMPOTENT:
        return ("slack", op.place, "edit")
    if op.kind is OpKind.TELL:
        return ("slack", op.place, "tell")
    return ("slack", op.place, "post")


def _room(op: Operation) -> int:
    return PARALLEL if op.kind is OpKind.TELL else 1


def _tracks_in_use(desk: Desk, tx: Tx) -> dict[tuple[str, str, str], int]:
    used: dict[tuple[str, str, str], int] = {}
    for op_id in desk.running:
        op = tx.op(op_id)
        if op is not None:
            used[_track(op)] = used.get(_track(op), 0) + 1
    return used


async def _one(desk: Desk, op: Operation) -> None:
    try:
        if op.state is Delivery.UNSURE:
            await _find(desk, op)
        elif op.kind is OpKind.PUBLISH:
            await _publish(desk, op)
        else:
            await _post(desk, op)
    except asyncio.CancelledError:
        raise
    except Exception:
        # A bug of ours must not stop the desk, nor the same operation spin: it is tried again later.
        log.exception("delivery broke", extra={"op": op.op_id, "number": op.number})
        await _again(desk, op, desk.now() + TROUBLE)
    finally:
        desk.running.discard(op.op_id)
        desk.kick()


# Slack


async def _post(desk: Desk, op: Operation) -> None:
    async def begin(tx: Tx) -> tuple[Operation, dict[str, object]] | None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return None
        view = view_of(desk, tx, fresh)
        if view is None:
            tx.keep_op(replace(fresh, state=Delivery.CANCELLED, settled_at=desk.now()))
            return None
        if fresh.kind not in IDEMPOTENT:
            fresh = replace(fresh, state=Delivery.SENDING, started_at=desk.now(), attempts=fresh.attempts + 1)
            tx.keep_op(fresh)
        return fresh, view

    begun = await desk.store.transact(begin)
    if begun is None:
        return
    sending, view = begun
    try:
        ts = await desk.board.deliver(sending, view)
    except Busy as busy:
        await _again(desk, sending, busy.retry_at, spent=False)
    except Unreachable:
        if sending.kind in IDEMPOTENT:
            await _again(desk, sending, desk.now() + SHORT)
        else:
            await _unsure(desk, sending, desk.now() + SLACK_LOOKS[0])
    except Unauthorised as error:
        await _slack_trouble(desk, sending, error.why)
    except Refused as error:
        if error.code == "place":
            await _slack_trouble(desk, sending, error.why)
        else:
            await _failed_in_slack(desk, sending, error.why)
    else:
        desk.health.pop("slack", None)
        await _posted(desk, sending, ts)


async def _posted(desk: Desk, op: Operation, ts: str) -> None:
    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None:
            return
        newer = fresh.kind in IDEMPOTENT and fresh.payload["rev"] != op.payload["rev"]
        state = Delivery.OWED if newer else Delivery.SENT
        tx.keep_op(
            replace(
                fresh,
                state=state,
                remote_id=ts or fresh.remote_id,
                settled_at=now,
                not_before=now + timedelta(seconds=1) if newer else fresh.not_before,
                reason=None,
            )
        )
        if op.kind is OpKind.ROOT and op.number is not None:
            inquiry = tx.inquiry(op.number)
            assert inquiry is not None
            tx.keep_inquiry(replace(inquiry, thread_ts=ts))
            if op.payload.get("drawn_version", inquiry.version) != inquiry.version:
                owe_card(tx, inquiry, now)

    await desk.transact(work)


async def _slack_trouble(desk: Desk, op: Operation, why: str) -> None:
    """Only people can mend it: nothing is dropped, and one look a minute tells when it is well again."""
    if desk.health.get("slack") != why:
        log.error("slack trouble: %s", why)
    desk.health["slack"] = why
    await _again(desk, op, desk.now() + TROUBLE, spent=False)


async def _failed_in_slack(desk: Desk, op: Operation, why: str) -> None:
    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is not None:
            tx.keep_op(replace(fresh, state=Delivery.FAILED, settled_at=desk.now(), reason=why))

    log.error("slack refused", extra={"op": op.op_id, "number": op.number, "why": why})
    await desk.transact(work)


# platforms


def outgoing(tx: Tx, op: Operation) -> Outgoing:
    """What is to be said, as the connector takes it; a further part answers the part before it."""
    reply_to = op.payload["reply_to"]
    if reply_to is None and op.after is not None and op.payload["way"] == "reply":
        before = tx.op(op.after)
        if before is not None:
            reply_to = before.remote_id or outgoing(tx, before).reply_to
    way = op.payload["way"]
    if way == "private_reply" and op.payload["part"] > 1:
        way = "direct"
    return Outgoing(op.op_id, way, op.payload["text"], reply_to, op.payload.get("to"), tuple(op.payload["people"]))


async def _publish(desk: Desk, op: Operation) -> None:
    async def begin(tx: Tx) -> tuple[Operation, Outgoing] | None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return None
        if tx.setting("hold"):
            tx.keep_op(replace(fresh, not_before=now + TROUBLE))
            return None
        agent = fresh.payload.get("agent")
        if agent and desk.people.person(agent) is None:
            why = f"{who(agent)} is no longer in the agents' group."
            tx.keep_op(replace(fresh, state=Delivery.FAILED, settled_at=now, reason=why))
            _tell_agent(tx, fresh, why, now)
            return None
        sending = replace(fresh, state=Delivery.SENDING, started_at=now, attempts=fresh.attempts + 1)
        tx.keep_op(sending)
        return sending, outgoing(tx, sending)

    begun = await desk.transact(begin)
    if begun is None:
        return
    sending, out = begun
    platform = desk.platform(op.target)
    if sending.payload.get("look_first") and await _there_already(desk, sending, out):
        return
    try:
        receipt = await platform.publish(out)
    except Busy as busy:
        await _again(desk, sending, busy.retry_at, spent=False, say=True)
    except Unreachable:
        await _unsure(desk, sending, desk.now() + LOOKS[0])
    except Refused as error:
        if error.code == "duplicate":
            # The platform has this very text: perhaps an earlier attempt of ours. Reading tells.
            await _unsure(desk, sending, desk.now())
        else:
            await _refused(desk, sending, error.why)
    except Unauthorised as error:
        desk.health[op.target] = error.why
        await _refused(desk, sending, error.why)
    else:
        desk.health.pop(op.target, None)

        async def settle(tx: Tx) -> None:
            fresh = tx.op(op.op_id) or sending
            _published_or_posted(desk, tx, fresh, receipt.remote_id, receipt.url)

        await desk.transact(settle)
        log.info("published", extra={"number": op.number, "op": op.op_id, "platform": op.target})


def _published_or_posted(desk: Desk, tx: Tx, op: Operation, remote_id: str, url: str) -> None:
    now = desk.now()
    if op.number is not None:
        published(desk, tx, op, remote_id, url, now)
    else:
        tx.keep_op(replace(op, state=Delivery.SENT, remote_id=remote_id, url=url, settled_at=now))


async def _there_already(desk: Desk, op: Operation, out: Outgoing) -> bool:
    """Before an unsure text is said again, one more look."""
    try:
        receipt = await desk.platform(op.target).find(out, op.created_at)
    except OutsideError:
        return False
    if receipt is None:
        return False

    async def settle(tx: Tx) -> None:
        _published_or_posted(desk, tx, tx.op(op.op_id) or op, receipt.remote_id, receipt.url)

    await desk.transact(settle)
    return True


async def _refused(desk: Desk, op: Operation, why: str) -> None:
    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id) or op
        tx.keep_op(replace(fresh, state=Delivery.FAILED, settled_at=now, reason=why))
        _tell_agent(tx, fresh, why, now)

    log.warning("refused", extra={"number": op.number, "op": op.op_id, "why": why})
    await desk.transact(work)


def _tell_agent(tx: Tx, op: Operation, why: str, now: datetime) -> None:
    """An answer did not go out: its line turns red, and its agent is pinged with what can be done."""
    if op.number is None:
        return
    inquiry = tx.inquiry(op.number)
    assert inquiry is not None
    nth = op.payload["nth"]
    agent = op.payload["agent"]
    tx.log(Event(now, op.number, "not published", agent, None, {"nth": nth, "why": why}))
    value = f"{op.number}:{nth}"
    line = Line(
        f"{who(agent)}, your answer to #{op.number} did *not* go out. {why} Nothing is lost, the text:".replace(
            "*", ""
        ),
        quote=op.payload["text"],
        buttons=(Button("send_again", "Send again", value, "primary"), Button("private", "Private…", str(op.number))),
        mark="red_circle",
    )
    owe_line(tx, inquiry, f"failed:{op.op_id}:{op.payload.get('again', 0)}", line, now)
    owe_edit(tx, f"say:{op.number}:reply:{nth}", now)
    owe_card(tx, inquiry, now)


def _show_state(tx: Tx, op: Operation, now: datetime) -> None:
    if op.kind is OpKind.PUBLISH and op.number is not None:
        inquiry = tx.inquiry(op.number)
        assert inquiry is not None
        owe_edit(tx, f"say:{op.number}:reply:{op.payload['nth']}", now)
        owe_card(tx, inquiry, now)


# in doubt


async def _again(desk: Desk, op: Operation, at: datetime, *, spent: bool = True, say: bool = False) -> None:
    """Definitely not done: owed again at `at`. Being told to wait spends no attempt."""

    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state not in (Delivery.OWED, Delivery.SENDING):
            return
        attempts = fresh.attempts if spent else max(0, fresh.attempts - 1)
        reason = f"waits for {op.target} until {when(at)}" if say else fresh.reason
        tx.keep_op(
            replace(fresh, state=Delivery.OWED, not_before=max(at, desk.now()), attempts=attempts, reason=reason)
        )
        if say:
            _show_state(tx, fresh, desk.now())

    await desk.transact(work)


async def _unsure(desk: Desk, op: Operation, look_at: datetime) -> None:
    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id) or op
        tx.keep_op(replace(fresh, state=Delivery.UNSURE, not_before=look_at, looks=0))
        _show_state(tx, fresh, desk.now())

    log.warning("unsure", extra={"number": op.number, "op": op.op_id})
    await desk.transact(work)


async def _find(desk: Desk, op: Operation) -> None:
    """One look for an unsure operation."""
    if op.kind in LOST_IF_OLD:
        await _drop(desk, op)
        return
    slack = op.target == "slack"
    looks = SLACK_LOOKS if slack else LOOKS
    started = op.started_at or op.created_at
    found: tuple[str, str] | None = None
    looked = True
    retry_at: datetime | None = None
    try:
        if slack:
            ts = await desk.board.find(op, await _thread_of(desk, op))
            found = (ts, "") if ts else None
        else:

            async def build(tx: Tx) -> Outgoing:
                return outgoing(tx, op)

            out = await desk.read(build)
            receipt = await desk.platform(op.target).find(out, started)
            found = (receipt.remote_id, receipt.url) if receipt else None
    except Busy as busy:
        looked, retry_at = False, busy.retry_at
    except OutsideError as error:
        looked, retry_at = False, desk.now() + TROUBLE
        log.warning("could not look", extra={"op": op.op_id, "why": type(error).__name__})

    if found is not None and slack:
        await _posted(desk, op, found[0])
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.UNSURE:
            return
        if found is not None:
            _published_or_posted(desk, tx, fresh, *found)
            return
        count = fresh.looks + (1 if looked else 0)
        if count < len(looks):
            at = retry_at or max(started + looks[count], now + timedelta(seconds=1))
            tx.keep_op(replace(fresh, looks=count, not_before=at))
        elif slack:
            tx.keep_op(replace(fresh, state=Delivery.OWED, not_before=now, looks=0))
        else:
            # Never said again by itself: the agent decides.
            tx.keep_op(replace(fresh, looks=count, not_before=now + timedelta(days=3650)))
            if count == len(looks):
                _ask_agent(tx, fresh, now)

    await desk.transact(work)


async def _thread_of(desk: Desk, op: Operation) -> str | None:
    if op.kind not in (OpKind.SAY, OpKind.SHOW) or op.number is None:
        return None
    number = op.number

    async def read(tx: Tx) -> str | None:
        inquiry = tx.inquiry(number)
        return inquiry.thread_ts if inquiry else None

    return await desk.read(read)


async def _drop(desk: Desk, op: Operation) -> None:
    async def work(tx: Tx) -> None:
        fresh = tx.op(op.op_id)
        if fresh is not None:
            tx.keep_op(replace(fresh, state=Delivery.CANCELLED, settled_at=desk.now()))

    await desk.transact(work)


def _ask_agent(tx: Tx, op: Operation, now: datetime) -> None:
    if op.number is None:
        return
    inquiry = tx.inquiry(op.number)
    assert inquiry is not None
    value = f"{op.number}:{op.payload['nth']}"
    line = Line(
        f"{who(op.payload['agent'])}, I don't know whether your answer to #{op.number} went out: the connection broke, "
        "and I can't see it there. Please look, then press one. Until then nothing is sent twice.",
        quote=op.payload["text"],
        buttons=(
            Button("its_there", "It's there", value, "primary"),
            Button("send_again", "Send again", value, confirm="It is said twice if it did arrive. Have you looked?"),
        ),
        mark="grey_question",
    )
    owe_line(tx, inquiry, f"unsure:{op.op_id}:{op.payload.get('again', 0)}", line, now)
    _show_state(tx, op, now)
