"""One text on its way to a platform: at most one request that could publish, and never a second one unasked."""

from __future__ import annotations

import logging
from dataclasses import replace

from desk import crash
from desk.desk import Desk
from desk.flows.acknowledge import not_acknowledged, too_late
from desk.flows.handing import handed_over
from desk.flows.outcome import (
    LOOKS,
    TROUBLE,
    again,
    begun,
    fail,
    queued,
    refused,
    settled,
    show_state,
    taken,
    tell_leads,
    unsure,
)
from desk.model.catalogue import say
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.message import Outgoing
from desk.model.outbox import Delivery, Operation
from desk.model.words import clean, code, who
from desk.ports import Tx

log = logging.getLogger("frontdesk.outbox")


def outgoing(tx: Tx, op: Operation) -> Outgoing:
    """What is to be said, as the connector takes it; a further part answers the part before it."""
    reply_to = op.payload["reply_to"]
    if reply_to is None and op.after is not None and op.payload["way"] == "reply":
        before = tx.op(op.after)
        if before is not None:
            reply_to = before.remote_id or outgoing(tx, before).reply_to
    people = tuple(op.payload["people"])
    media = tuple(op.payload.get("handed", {}).get("ids", ()))
    return Outgoing(op.op_id, op.payload["way"], op.payload["text"], reply_to, op.payload.get("to"), people, media)


async def publish(desk: Desk, op: Operation) -> None:
    """Say one owed text."""

    async def begin(tx: Tx) -> tuple[Operation, Outgoing] | None:
        now = desk.now()
        fresh = tx.op(op.op_id)
        if fresh is None or fresh.state is not Delivery.OWED:
            return None
        agent = fresh.payload.get("agent")
        waits = ""
        if tx.setting("hold"):
            waits = say("It waits: publishing is on hold.")
        elif agent and desk.people.stale():
            waits = say("It waits until Slack says again who belongs to the team.")
        if waits:
            tx.keep_op(replace(fresh, not_before=now + TROUBLE, reason=waits))
            if fresh.reason != waits:
                show_state(tx, fresh, now)
            return None
        if agent and desk.people.person(agent) is None:
            own = code(f"/{desk.rules.prefix}reply {fresh.number} …")
            why = say(
                "{who} is no longer in the agents' group. To say it in your own name: {command}.",
                who=who(agent),
                command=own,
            )
            fail(tx, fresh, why, now)
            return None
        if "about" in fresh.payload and (why := too_late(tx, fresh, now)):
            tx.keep_op(replace(fresh, state=Delivery.CANCELLED, settled_at=now, reason=why))
            not_acknowledged(tx, fresh, why, now)
            return None
        sending = begun(fresh, now)
        tx.keep_op(sending)
        return sending, outgoing(tx, sending)

    if op.payload.get("media") and not await handed_over(desk, op):
        return
    crash.reached("CP4", op.op_id)
    started = await desk.transact(begin)
    if started is None:
        return
    sending, out = started
    platform = desk.platform(op.target)
    if sending.payload.get("look_first") and not await _surely_missing(desk, sending, out):
        return
    place = f"{op.target} answers"
    crash.reached("CP5", op.op_id)
    try:
        receipt = await crash.unanswered("CP6", op.op_id, platform.publish(out))
    except Busy as busy:
        await again(desk, sending, busy.retry_at, spent=False, reason=queued(platform.title, busy.retry_at))
    except Unreachable:
        await unsure(desk, sending, desk.now() + LOOKS[0])
    except Refused as error:
        if error.code == "duplicate":
            # The platform has this very text: perhaps an earlier attempt of ours. Reading tells.
            await unsure(desk, sending, desk.now(), duplicate=error.why)
        else:
            await refused(desk, sending, error.why, error.code)
    except Unauthorised as error:
        await _shut_out(desk, place, platform.title, error.why)
        await refused(desk, sending, error.why)
    else:
        crash.reached("CP7", op.op_id)
        desk.health.pop(place, None)

        async def settle(tx: Tx) -> None:
            settled(desk, tx, tx.op(op.op_id) or sending, receipt.remote_id, receipt.url)

        await desk.transact(settle)
        crash.reached("CP8", op.op_id)
        log.info("published", extra={"number": op.number, "op": op.op_id, "platform": op.target})


async def _shut_out(desk: Desk, place: str, title: str, why: str) -> None:
    """The platform does not accept us: the leads hear it once."""
    if desk.health.get(place) == why:
        return
    desk.health[place] = why
    log.error("%s: %s", place, why)

    async def work(tx: Tx) -> None:
        sentence = say(
            "{platform} does not let us answer. {why} No text is lost: each stands in its thread, with Send again for "
            "when an owner has mended it.",
            platform=title,
            why=clean(why),
        )
        tell_leads(desk, tx, place, desk.rules.ops_channel or desk.rules.leads_channel, sentence)

    await desk.transact(work)


async def _surely_missing(desk: Desk, op: Operation, out: Outgoing) -> bool:
    """Before a text that was in doubt is said again, one more look. Where we can't look, it waits."""
    try:
        receipt = await desk.platform(op.target).find(out, op.first_started_at)
    except OutsideError as error:
        at = error.retry_at if isinstance(error, Busy) else desk.now() + LOOKS[1]
        reason = say("Before it is said again, I must look whether it is there.")
        await again(desk, op, at, spent=False, reason=reason)
        return False

    async def settle(tx: Tx) -> bool:
        if receipt is None or taken(tx, op, receipt.remote_id):
            return True
        settled(desk, tx, tx.op(op.op_id) or op, receipt.remote_id, receipt.url)
        return False

    return await desk.transact(settle)
