"""The platform's own last chance for a private answer: which ones there are, and when to tell before one closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import customer_name
from desk.model.catalogue import say
from desk.model.hours import BusinessHours, NeverOpen
from desk.model.inquiry import Entry, Inquiry, Said
from desk.model.outbox import Delivery, Operation, OpKind
from desk.model.windows import Window, for_good, pings, windows
from desk.model.words import clean, when
from desk.ports import Platform, Tx

TURNED_AWAY = frozenset({"not_allowed", "already_replied", "window"})
"""How a platform says that this customer takes no private message from us."""
STILL = timedelta(days=30)
"""So long we believe it; people change their settings."""


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


def private_way(desk: Desk, tx: Tx, inquiry: Inquiry, newest: Entry) -> tuple[str, str]:
    """How a private answer to that message would go ("direct" or "private_reply") and "", or "" and why none can: in
    sentences, known before a word is written."""
    now, platform = desk.now(), desk.platform(newest.platform)
    can, whom = platform.capabilities, newest.author.remote_id
    theirs = [e for e in tx.entries(inquiry.number) if e.said is Said.CUSTOMER and e.author.remote_id == whom]
    privately = [entry for entry in theirs if entry.private]
    if privately:
        last = privately[-1].at
        if can.window is not None and now > last + can.window:
            return "", say(
                "{platform} allows private answers only within {hours} hours of the customer's last private message; "
                "that was {when}. They must write first.",
                platform=platform.title,
                hours=int(can.window.total_seconds() // 3600),
                when=when(last, "day"),
            )
        return "direct", ""
    if platform.name in desk.rules.private.off:
        return "", say(
            "No private messages are sent on {platform} here: nobody would read what comes back.",
            platform=platform.title,
        )
    if (no := _turned_away(tx, inquiry, newest, now)) is not None:
        return "", say(
            "{customer} could not be written to in private on {when}: {why}",
            customer=customer_name(inquiry),
            when=when(no.settled_at or no.created_at, "day"),
            why=clean(no.reason or ""),
        )
    if can.direct_to_anyone:
        return "direct", ""
    return _private_reply(tx, inquiry, newest, platform, now)


def _private_reply(tx: Tx, inquiry: Inquiry, newest: Entry, platform: Platform, now: datetime) -> tuple[str, str]:
    allowed = platform.capabilities.private_reply_window
    if allowed is None:
        return "", say("{platform} has no private messages.", platform=platform.title)
    if any(
        op.payload.get("way") == "private_reply"
        and op.state is not Delivery.CANCELLED
        and op.state is not Delivery.FAILED
        and op.payload.get("reply_to") == newest.remote_id
        for op in tx.ops_of(inquiry.number)
    ):
        return "", say(
            "{platform} allows one private reply to a comment, and it is used. The customer must answer it first.",
            platform=platform.title,
        )
    if now > newest.at + allowed:
        return "", say(
            "{platform} allows a private reply within {days} days, and the customer wrote {when}.",
            platform=platform.title,
            days=allowed.days,
            when=when(newest.at, "day"),
        )
    return "private_reply", ""


def _turned_away(tx: Tx, inquiry: Inquiry, newest: Entry, now: datetime) -> Operation | None:
    """Our latest private message to this customer, where the platform refused it for good and that is not long ago."""
    tried = [
        op
        for number in (inquiry.number, *inquiry.related)
        for op in tx.ops_of(number)
        if op.kind is OpKind.PUBLISH
        and op.target == newest.platform
        and op.payload.get("way") in ("direct", "private_reply")
        and op.payload.get("to") == newest.author.remote_id
        and op.state in (Delivery.SENT, Delivery.FAILED)
    ]
    last = max(tried, key=lambda op: (op.settled_at or op.created_at, op.seq), default=None)
    if last is None or last.state is Delivery.SENT or last.payload.get("code") not in TURNED_AWAY:
        return None
    if last.payload.get("way") == "private_reply" and last.payload.get("reply_to") != newest.remote_id:
        return None  # another comment has a private reply of its own
    return last if now - (last.settled_at or last.created_at) < STILL else None
