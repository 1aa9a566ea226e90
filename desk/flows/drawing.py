"""What a message in Slack is drawn from: the values, read from the store at the moment at which it goes out."""

from __future__ import annotations

from typing import Any

from desk.desk import Desk
from desk.flows.chances import chances
from desk.flows.customer import about
from desk.flows.finding import can_be_hidden
from desk.flows.home import home_of
from desk.flows.practice import card_of_practice
from desk.flows.reply import OVERTAKEN, parts_of
from desk.model.inquiry import Entry, Inquiry, Said
from desk.model.neutral import pieces
from desk.model.outbox import Delivery, Operation, OpKind
from desk.ports import Tx


def view_of(desk: Desk, tx: Tx, op: Operation) -> dict[str, Any] | None:
    """The values to draw `op` from; None where there is nothing to show any more."""
    if op.kind in (OpKind.ROOT, OpKind.CARD):
        assert op.number is not None
        inquiry = tx.inquiry(op.number)
        if inquiry is None:
            return None
        root = tx.op(op.after) if op.after else None
        return {
            **card_of(desk, tx, inquiry),
            "channel": inquiry.channel,
            "ts": inquiry.thread_ts or (root.remote_id if root else None),
        }
    if op.kind is OpKind.EDIT:
        return _edit_of(desk, tx, op)
    if op.kind is OpKind.HOME:
        return home_of(desk, tx, op)
    if op.kind is OpKind.PIN:
        posted = tx.op(op.after) if op.after else None
        return None if posted is None or posted.remote_id is None else {"ts": posted.remote_id}
    if op.kind is OpKind.SHOW:
        return _show_of(desk, tx, op)
    if op.kind is OpKind.SAY:
        assert op.number is not None
        inquiry = tx.inquiry(op.number)
        if inquiry is None or _overtaken(inquiry, op):
            return None
        return {
            "line": _line_of(desk, tx, op),
            "thread_ts": inquiry.thread_ts,
            "broadcast": op.payload.get("broadcast"),
        }
    view = {
        "line": _line_of(desk, tx, op),
        "thread_ts": op.payload.get("thread_ts"),
        "user": op.payload.get("user"),
    }
    if "below" in op.payload:
        above = tx.op(op.payload["below"])
        view["thread_ts"] = above.remote_id if above else None
    if "thread_of" in op.payload:
        about = tx.inquiry(int(op.payload["thread_of"]))
        if about is not None and about.thread_ts is not None:
            view["open"] = (about.channel, about.thread_ts)
    return view


def _overtaken(inquiry: Inquiry, op: Operation) -> bool:
    """Whether a line that holds only while a promise runs comes too late: it was kept, or moved."""
    if "while" not in op.payload:
        return False
    if str(op.payload["while"]).startswith("promise:"):
        return not any(one.is_open and op.payload["while"] == f"promise:{one.key}" for one in inquiry.promises)
    running = [clock.key for clock in (inquiry.clock, inquiry.resolution) if clock is not None]
    return not inquiry.is_open or op.payload["while"] not in running


def card_of(desk: Desk, tx: Tx, inquiry: Inquiry) -> dict[str, Any]:
    """All that the card shows of an inquiry now."""
    entries = tx.entries(inquiry.number)
    first = entries[0]
    parts = pieces(first.text)
    platform = desk.platforms.get(inquiry.platform)
    waiting = [op for op in tx.ops_of(inquiry.number) if op.kind is OpKind.PUBLISH and op.waiting]
    failed = [op for op in tx.ops_of(inquiry.number) if op.kind is OpKind.PUBLISH and op.state is Delivery.FAILED]
    # A public line that only points to a private message is not the last answer: that message is.
    said = [op for op in tx.ops_of(inquiry.number) if op.kind is OpKind.PUBLISH and "with" not in op.payload]
    last_failed = bool(failed) and failed[-1].payload["nth"] == max((op.payload["nth"] for op in said), default=0)
    may_hide = platform is not None and can_be_hidden(tx, inquiry, first, platform.capabilities)
    delivery = ""
    if any(op.state is Delivery.UNSURE for op in waiting):
        delivery = "unsure"
    elif last_failed:
        delivery = "held" if OVERTAKEN in failed[-1].payload else "failed"
    elif waiting:
        delivery = "going out"
    return {
        "inquiry": inquiry,
        "first": first,
        "pieces": len(parts),
        "text": parts[0],
        "platform": platform.title if platform else inquiry.platform,
        "now": desk.now(),
        "delivery": delivery,
        "hides": "" if not may_hide else "replies" if platform and platform.capabilities.hides_replies else "all",
        "group": desk.rules.agents_group,
        "prefix": desk.rules.prefix,
        "about": about(desk, tx, inquiry),
        "windows": chances(desk, tx, inquiry) if inquiry.is_open else (),
        "op_id": f"root:{inquiry.number}",
    }


def _show_of(desk: Desk, tx: Tx, op: Operation) -> dict[str, Any] | None:
    assert op.number is not None
    inquiry = tx.inquiry(op.number)
    entries = {entry.index: entry for entry in tx.entries(op.number)}
    entry = entries.get(op.payload["entry"])
    if inquiry is None or entry is None:
        return None
    parts = pieces(entry.text)
    piece = int(op.payload["piece"])
    platform = desk.platforms.get(entry.platform)
    return {
        "inquiry": inquiry,
        "entry": entry,
        "posts": [entries[index] for index in op.payload.get("entries", ()) if index in entries],
        "text": parts[piece] if piece < len(parts) else "",
        "piece": piece,
        "pieces": len(parts),
        "ping": op.payload["ping"],
        "platform": platform.title if platform else inquiry.platform,
        "thread_ts": inquiry.thread_ts,
        "op_id": op.op_id,
        "goes_on_from": _goes_on_from(entry, list(entries.values())) if piece == 0 else None,
    }


def _goes_on_from(entry: Entry, entries: list[Entry]) -> Entry | None:
    """What a customer's first private message goes on from: their newest public one before it, else None."""
    before = [e for e in entries if e.said is Said.CUSTOMER and e.index < entry.index]
    if not entry.private or any(e.private and e.author.remote_id == entry.author.remote_id for e in before):
        return None
    public = [e for e in before if e.author.remote_id == entry.author.remote_id and not e.deleted]
    return public[-1] if public else None


def _edit_of(desk: Desk, tx: Tx, op: Operation) -> dict[str, Any] | None:
    assert op.after is not None
    said = tx.op(op.after)
    if said is None or said.remote_id is None:
        return None
    view = _show_of(desk, tx, said) if said.kind is OpKind.SHOW else {"line": _line_of(desk, tx, said)}
    return None if view is None else {**view, "ts": said.remote_id, "edits": said.kind, "said": said.op_id}


def _line_of(desk: Desk, tx: Tx, op: Operation) -> dict[str, Any]:
    """A kept line as it is; the line of an answer, and a card of practice, drawn from how they stand now."""
    if "practice" in op.payload:
        card = card_of_practice(desk, tx, int(op.payload["practice"]))
        return op.payload if card is None else {**op.payload, "card": card}
    if "reply" not in op.payload or op.number is None:
        return op.payload
    nth = int(op.payload["reply"])
    parts = parts_of(tx, op.number, nth)
    inquiry = tx.inquiry(op.number)
    platform = desk.platforms.get(parts[0].target if parts else "")
    return {
        "reply": nth,
        "number": op.number,
        "parts": parts,
        "platform": platform.title if platform else "",
        "changes": platform.capabilities.changes if platform is not None else (),
        "account": inquiry.account if inquiry else "",
    }
