"""An answer that waits in its undo seconds is overtaken where the customer writes, or changes what they wrote: it waits
for its agent, who reads that first. Nothing of it is lost, and nothing goes out by itself any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.flows.finding import customer_name
from desk.flows.invitation import drop
from desk.flows.owing import owe_card, owe_edit, owe_line
from desk.flows.reply import OVERTAKEN, overtaken_ways, parts_of, text_of
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import Delivery, Operation, OpKind
from desk.model.words import who
from desk.ports import Tx


def hold_back(tx: Tx, number: int, why: str, now: datetime) -> None:
    """No answer of the inquiry that was written before, and is still waiting to be undone, goes out unasked. `why`, a
    sentence, quotes nothing: what the customer takes back must stand nowhere."""
    inquiry = tx.inquiry(number)
    ops = [op for op in tx.ops_of(number) if op.kind is OpKind.PUBLISH and "nth" in op.payload]
    for nth in sorted({int(op.payload["nth"]) for op in ops if _waits_to_be_undone(op, now)}):
        parts = parts_of(tx, number, nth)
        if inquiry is not None and all(op.state is Delivery.OWED for op in parts):
            _hold(tx, inquiry, parts, why, now)


def _waits_to_be_undone(op: Operation, now: datetime) -> bool:
    """Whether these are its undo seconds, and nobody said *Send now*. The public line that follows a private message
    shares that one's lot."""
    payload = op.payload
    untouched = op.state is Delivery.OWED and op.attempts == 0 and op.reason is None
    return (
        untouched
        and bool(payload.get("held"))
        and payload["part"] == 1
        and "with" not in payload
        and op.not_before > now
    )


def _hold(tx: Tx, inquiry: Inquiry, parts: list[Operation], why: str, now: datetime) -> None:
    number, payload = inquiry.number, parts[0].payload
    nth, agent, text = int(payload["nth"]), str(payload["agent"]), text_of(parts)
    for op in parts:
        kept = {**op.payload, OVERTAKEN: True}
        tx.keep_op(replace(op, state=Delivery.FAILED, settled_at=now, reason=why, payload=kept))
    if payload["way"] != "reply":
        drop(tx, number, nth, now)
    line = Line(
        say(
            "{who}, your answer to {name} (#{number}) was not sent: it had not gone out yet. {why} The clock runs on. "
            "Nothing is lost, the text:",
            who=who(agent),
            name=customer_name(inquiry),
            number=number,
            why=why,
        ),
        quote=text,
        buttons=overtaken_ways(tx, number, nth),
        mark="raised_hand",
    )
    tx.log(Event(now, number, "reply overtaken", agent, None, {"nth": nth}))
    owe_line(tx, inquiry, f"overtaken:{nth}", line, now)
    owe_edit(tx, f"say:{number}:reply:{nth}", now)
    owe_card(tx, inquiry, now)
