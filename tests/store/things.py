"""Inquiries, messages and operations for the tests of the store, as small as they may be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from desk.model.inquiry import Entry, Event, Inquiry, Said, Status
from desk.model.message import Author
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.sla import SlaClock, Target
from desk.ports import Tx

T = TypeVar("T")

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def asked(question: Callable[[Tx], T]) -> Callable[[Tx], Awaitable[T]]:
    """A plain function as the work of a transaction."""

    async def work(tx: Tx) -> T:
        return question(tx)

    return work


def a_clock(due: datetime, warn: datetime | None = None) -> SlaClock:
    return SlaClock(Target.FIRST, NINE, timedelta(minutes=15), warn or due, due)


def an_inquiry(number: int, **fields: Any) -> Inquiry:
    known: dict[str, Any] = {
        "number": number,
        "identity": f"x:1000:post:{number}",
        "platform": "x",
        "account": "1000",
        "kind": "mention",
        "private": False,
        "customer": Author(f"9{number}", "mia", "Mia Berg"),
        "status": Status.NEW,
        "created_at": NINE,
        "received_at": NINE,
        "channel": "C0DESK",
        "first_message_id": str(number),
        "last_message_id": str(number),
    }
    return Inquiry(**{**known, **fields})


def an_entry(number: int, index: int = 0, text: str = "Where is my parcel?", **fields: Any) -> Entry:
    known: dict[str, Any] = {
        "number": number,
        "index": index,
        "said": Said.CUSTOMER,
        "platform": "x",
        "remote_id": f"{number}-{index}",
        "author": Author(f"9{number}", "mia", "Mia Berg"),
        "text": text,
        "at": NINE,
    }
    return Entry(**{**known, **fields})


def an_op(op_id: str, number: int | None = 1, **fields: Any) -> Operation:
    known: dict[str, Any] = {
        "op_id": op_id,
        "kind": OpKind.SAY,
        "lane": Lane.FOLLOW,
        "target": "slack",
        "place": "C0DESK",
        "created_at": NINE,
        "not_before": NINE,
        "number": number,
    }
    return Operation(**{**known, **fields})


def a_sent_op(op_id: str, number: int | None = 1, at: datetime = NINE, **fields: Any) -> Operation:
    return an_op(op_id, number, state=Delivery.SENT, settled_at=at, remote_id="1.0", **fields)


def an_event(number: int, what: str = "claimed", **fields: Any) -> Event:
    return Event(fields.pop("at", NINE), number, what, **fields)
