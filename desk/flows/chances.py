"""The platform's own last chance for a private answer: which ones there are, and when to tell before one closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.desk import Desk
from desk.model.hours import BusinessHours, NeverOpen
from desk.model.inquiry import Inquiry, Said
from desk.model.outbox import Delivery, OpKind
from desk.model.windows import Window, for_good, pings, windows
from desk.ports import Tx


def chances(desk: Desk, tx: Tx, inquiry: Inquiry) -> tuple[Window, ...]:
    """The chances that the customer's messages have opened, the first to close first; () where there is no end."""
    written = [entry for entry in tx.entries(inquiry.number) if entry.said is Said.CUSTOMER and not entry.deleted]
    where = max(written, key=lambda entry: (entry.at, entry.index)).platform if written else inquiry.platform
    platform = desk.platforms.get(where)
    if platform is None:
        return ()
    can = platform.capabilities
    if can.window is None and can.private_reply_window is None:
        return ()
    theirs = [entry for entry in written if entry.platform == where]
    used = any(
        op.kind is OpKind.PUBLISH
        and op.payload.get("way") == "private_reply"
        and op.state not in (Delivery.CANCELLED, Delivery.FAILED)
        for op in tx.ops_of(inquiry.number)
    )
    return windows(
        can,
        last_private_at=max((entry.at for entry in theirs if entry.private), default=None),
        last_public_at=max((entry.at for entry in theirs if not entry.private), default=None),
        private_reply_used=used,
        tagged=desk.rules.tagged.get(where),
    )


def with_window(desk: Desk, tx: Tx, inquiry: Inquiry, now: datetime, hours: BusinessHours | None = None) -> Inquiry:
    """The inquiry with the next instant at which somebody is told that the last chance of all comes to its end, in the
    hours that are in force, or in others."""
    last = for_good(chances(desk, tx, inquiry))
    at: datetime | None = None
    if last is not None:
        try:
            at = next((at for at in pings(last, hours or desk.hours(tx)) if at > now), None)
        except NeverOpen:
            at = None
    return inquiry if at == inquiry.window_at else replace(inquiry, window_at=at)
