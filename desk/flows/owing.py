"""How a flow owes something to the outside: every operation of the outbox begins here, in the flow's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from desk.model.asking import Line
from desk.model.inquiry import Entry, Flag, Inquiry
from desk.model.neutral import pieces
from desk.model.outbox import Delivery, Lane, Operation, OpKind, urgency
from desk.ports import Tx

COALESCE = timedelta(seconds=1)
"""Edits of one message come at most this often."""
FILES = 4
"""Files of one message that are brought into its thread; the others stay links."""
AT_HOME = "at home"
"""The setting that says who used their own page in Slack, and when last."""
IN_USE = timedelta(minutes=30)
"""How long after somebody opened their page, or pressed something on it, it is drawn anew when something changes."""
HOME_EVERY = timedelta(seconds=10)
"""It is drawn anew this often at most, unless its own owner did something on it."""


def root_id(number: int) -> str:
    return f"root:{number}"


def owe_root(tx: Tx, inquiry: Inquiry, now: datetime) -> None:
    """Owe the inquiry's thread: its card as a new message in the desk's channel."""
    tx.keep_op(
        Operation(
            root_id(inquiry.number),
            OpKind.ROOT,
            Lane.ROOT,
            "slack",
            inquiry.channel,
            now,
            now,
            inquiry.number,
        )
    )


def bring_up(tx: Tx, number: int) -> bool:
    """Somebody takes the inquiry: its thread, if it does not stand yet, goes before those that nobody took. True where
    it had to wait until now."""
    root = tx.op(root_id(number))
    if root is None or root.state is not Delivery.OWED:
        return False
    if root.lane is Lane.ROOT:
        tx.keep_op(replace(root, lane=Lane.TAKEN))
    return True


def owe_card(tx: Tx, inquiry: Inquiry, now: datetime, *, lane: Lane = Lane.AGENT, by: datetime | None = None) -> None:
    """Owe an edit of the card to what is true now. Before the thread stands this is nothing: it is drawn fresh then.

    `by`: nobody waits for it, so it may come as late as that, and with whatever changes sooner.
    """
    owe_homes(tx, now)
    root = tx.op(root_id(inquiry.number))
    if root is None or root.state is Delivery.OWED:
        return
    _owe_edit(tx, f"card:{inquiry.number}", OpKind.CARD, inquiry.number, inquiry.channel, root.op_id, now, lane, by)


def owe_homes(tx: Tx, now: datetime) -> None:
    """Something that people see has changed: the pages in use follow, each at most every few seconds."""
    for user, at in (tx.setting(AT_HOME) or {}).items():
        if now - datetime.fromisoformat(at) < IN_USE:
            owe_home(tx, user, now)


def owe_home(
    tx: Tx,
    user: str,
    now: datetime,
    *,
    at_once: bool = False,
    said: dict[str, Any] | None = None,
    more: bool = False,
) -> None:
    """Owe somebody's own page as it is now. `at_once`: they did something on it; `said` is the answer that stands at
    its top from then on (`Answer.as_json`), `more` whether the whole queue is shown."""
    op_id = f"home:{user}"
    known = tx.op(op_id)
    if known is None:
        payload: dict[str, Any] = {"rev": 1, "said": said, "more": more}
        tx.keep_op(Operation(op_id, OpKind.HOME, Lane.AGENT, "slack", user, now, now, None, payload))
        return
    payload = {**known.payload, "rev": known.payload["rev"] + 1}
    if at_once:
        payload |= {"said": said, "more": more}
    due = now if at_once or known.settled_at is None else max(now, known.settled_at + HOME_EVERY)
    if known.state is Delivery.OWED:
        due = min(due, known.not_before)
    state = Delivery.SENDING if known.state is Delivery.SENDING else Delivery.OWED
    tx.keep_op(replace(known, state=state, payload=payload, not_before=due, attempts=0))


def owe_edit(tx: Tx, said: str, now: datetime) -> None:
    """Owe an edit of the message that operation `said` posts, to what is true now."""
    op = tx.op(said)
    if op is None or op.state in (Delivery.OWED, Delivery.CANCELLED, Delivery.FAILED):
        return
    _owe_edit(tx, f"edit:{said}", OpKind.EDIT, op.number, op.place, said, now)


def _owe_edit(
    tx: Tx,
    op_id: str,
    kind: OpKind,
    number: int | None,
    channel: str,
    after: str,
    now: datetime,
    lane: Lane = Lane.AGENT,
    by: datetime | None = None,
) -> None:
    known = tx.op(op_id)
    wanted, patient = max(now, by or now), {} if by is None else {"patient": True}
    if known is None:
        payload = {"rev": 1, **patient}
        tx.keep_op(Operation(op_id, kind, lane, "slack", channel, now, wanted, number, payload, after=after))
        return
    due = wanted if known.settled_at is None else max(wanted, known.settled_at + COALESCE)
    if known.state is Delivery.OWED:
        if known.payload.get("patient"):
            due = min(due, known.not_before)
        else:
            due, patient = known.not_before, {}
    state = known.state if known.state is Delivery.SENDING else Delivery.OWED
    new = {"new": known.payload["new"]} if "new" in known.payload else {}
    tx.keep_op(
        replace(
            known,
            state=state,
            lane=min(lane, known.lane, key=urgency) if known.waiting else lane,
            payload={"rev": known.payload["rev"] + 1, **patient, **new},
            not_before=due,
            attempts=0,
        )
    )


def owe_shows(tx: Tx, inquiry: Inquiry, entry: Entry, now: datetime, *, first_piece: int = 0, ping: str = "") -> None:
    """Owe a customer's message in the thread, a long one in pieces. The root itself holds piece 0 of the first."""
    count = len(pieces(entry.text))
    for piece in range(first_piece, count):
        tx.keep_op(
            Operation(
                f"show:{inquiry.number}:{entry.index}:{piece}",
                OpKind.SHOW,
                Lane.FOLLOW,
                "slack",
                inquiry.channel,
                now,
                now,
                inquiry.number,
                {"entry": entry.index, "piece": piece, "pieces": count, "ping": ping if piece == first_piece else ""},
                after=root_id(inquiry.number),
            )
        )


def owe_files(tx: Tx, inquiry: Inquiry, entry: Entry, now: datetime) -> None:
    """Owe what hangs on a customer's message as files in the thread, behind the message itself."""
    show = f"show:{inquiry.number}:{entry.index}:0"
    after = show if tx.op(show) is not None else root_id(inquiry.number)
    for nth, place in enumerate(entry.attachments[:FILES]):
        if place.startswith("https://"):
            op_id = f"file:{inquiry.number}:{entry.index}:{nth}"
            while (there := tx.op(op_id)) is not None and there.state is not Delivery.CANCELLED:
                op_id += "+"  # another one stood in its place before, or this one comes back
            tx.keep_op(
                Operation(
                    op_id,
                    OpKind.FILE,
                    Lane.FOLLOW,
                    "slack",
                    inquiry.channel,
                    now,
                    now,
                    inquiry.number,
                    {"entry": entry.index, "nth": nth},
                    after=after,
                )
            )


def forget_files(tx: Tx, entry: Entry, now: datetime) -> bool:
    """The message is taken back, or stands elsewhere now: what hung on it leaves its thread, too, or never comes. True
    where anything was owed or had come."""
    found = False
    for op in list(tx.ops_of(entry.number)):
        if op.kind is not OpKind.FILE or op.payload["entry"] != entry.index:
            continue
        if op.state is Delivery.OWED:
            tx.keep_op(replace(op, state=Delivery.CANCELLED, settled_at=now))
            found = True
        elif op.state in (Delivery.SENT, Delivery.SENDING, Delivery.UNSURE):
            owe_forget(tx, op, str(op.payload.get("file") or "") if op.state is Delivery.SENT else "", now)
            found = True
    return found


def owe_forget(tx: Tx, op: Operation, file: str, now: datetime) -> None:
    """Owe that a file leaves Slack; without its id it is the one that `op` brings, once that stands."""
    tx.keep_op(
        Operation(
            f"forget:{file or op.op_id}",
            OpKind.FORGET,
            Lane.AGENT,
            "slack",
            op.place,
            now,
            now,
            op.number,
            {"file": file} if file else {},
            after=None if file else op.op_id,
        )
    )


def owe_line(
    tx: Tx,
    inquiry: Inquiry,
    key: str,
    line: Line,
    now: datetime,
    *,
    lane: Lane = Lane.AGENT,
    broadcast: bool = False,
) -> str:
    """Owe a line in the inquiry's thread, once per `key`. Returns its op_id."""
    op_id = f"say:{inquiry.number}:{key}"
    if Flag.MUTED in inquiry.flags:
        return op_id  # there is no thread yet
    if tx.op(op_id) is None:
        payload: dict[str, Any] = line.as_json()
        if broadcast:
            payload["broadcast"] = True
        tx.keep_op(
            Operation(
                op_id,
                OpKind.SAY,
                lane,
                "slack",
                inquiry.channel,
                now,
                now,
                inquiry.number,
                payload,
                after=root_id(inquiry.number),
            )
        )
    return op_id


def owe_post(
    tx: Tx, key: str, channel: str, line: Line, now: datetime, *, lane: Lane = Lane.NOTICE, number: int | None = None
) -> None:
    """Owe a message in a channel, outside any thread, once per `key`."""
    op_id = f"post:{key}"
    if tx.op(op_id) is None:
        tx.keep_op(Operation(op_id, OpKind.POST, lane, "slack", channel, now, now, number, line.as_json()))


def owe_tell(
    tx: Tx,
    key: str,
    user: str,
    channel: str,
    line: Line,
    now: datetime,
    *,
    thread_ts: str | None = None,
    after: str | None = None,
) -> None:
    """Owe a line that only `user` sees; nothing important may stand there alone."""
    op_id = f"tell:{key}"
    if tx.op(op_id) is None:
        payload = {**line.as_json(), "user": user, "thread_ts": thread_ts}
        tx.keep_op(Operation(op_id, OpKind.TELL, Lane.AGENT, "slack", channel, now, now, None, payload, after=after))
