"""The outbox: everything that the desk owes to the outside, written down before it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Delivery(StrEnum):
    """How far an operation has come. `unsure`: we do not know whether it arrived, and look before anything else."""

    OWED = "owed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    CANCELLED = "cancelled"


class OpKind(StrEnum):
    """What is owed."""

    ROOT = "root"
    """The inquiry's thread: its live card as a new message."""
    CARD = "card"
    """An edit of that card to what is true now. One per inquiry, owed again and again."""
    SHOW = "show"
    """A customer's further message in the thread."""
    SAY = "say"
    """A line of the desk in an inquiry's thread."""
    EDIT = "edit"
    """An edit of a message of ours in Slack, by the op that posted it."""
    TELL = "tell"
    """A line for one person only."""
    POST = "post"
    """A message in a channel outside any thread: alerts and notices."""
    FOLD = "fold"
    """A look whether a thread stands twice, after it had to be posted again; the younger one is then folded."""
    HOME = "home"
    """The page of one agent, drawn anew. One per person, owed again and again; its place is the person."""
    PIN = "pin"
    """A pin on the message that another operation posts."""
    TOPIC = "topic"
    """A channel's topic."""
    CHANGE = "change"
    """A change of what stands on a platform: other words of ours, taken away, a comment hidden."""
    PUBLISH = "publish"
    """A text to a platform."""
    FILE = "file"
    """A customer's picture or file, brought from the platform into the thread."""
    FORGET = "forget"
    """Such a file taken out of Slack again: the customer took back what it hung on."""


IDEMPOTENT = frozenset(
    {
        OpKind.CARD,
        OpKind.CHANGE,
        OpKind.EDIT,
        OpKind.FOLD,
        OpKind.FORGET,
        OpKind.HOME,
        OpKind.PIN,
        OpKind.TOPIC,
    }
)
"""Edits to what is true now: doing them twice is doing them once."""

Line = tuple[str, ...]
"""What has one pace: ("slack", "C0DESK", "post"), or a platform and the way there."""


def line_of(kind: str, target: str, place: str) -> Line:
    """A channel's posts, its edits, its files and what single people are told each have a pace of their own; so has
    each way to a platform."""
    if target != "slack":
        return (target, place)
    if kind in (OpKind.FILE, OpKind.FORGET):
        return ("slack", place, "file")
    return ("slack", place, "edit" if kind in IDEMPOTENT else "tell" if kind == OpKind.TELL else "post")


class Lane(IntEnum):
    """Who goes first over one channel's budget, in the order of `urgency`. The numbers stand in the store and stay."""

    AGENT = 0
    """What an agent did, as others read it."""
    SLA = 1
    ROOT = 2
    """The thread of an inquiry that nobody has taken."""
    FOLLOW = 3
    NOTICE = 4
    TAKEN = 5
    """The thread of an inquiry that somebody took before it stood. They have the customer's words already."""


_URGENCY = {
    lane: place for place, lane in enumerate((Lane.AGENT, Lane.SLA, Lane.TAKEN, Lane.ROOT, Lane.FOLLOW, Lane.NOTICE))
}


def urgency(lane: int) -> int:
    """The place of a lane in the queue for a channel's budget: smaller is sooner."""
    return _URGENCY[Lane(lane)]


@dataclass(frozen=True, slots=True)
class Operation:
    """One outward act. `op_id` is deterministic, so the same act can't be owed twice.

    `target` is "slack" or a platform's name. `place` is the channel (Slack) or the way (platforms), which share one
    pace. `after` names an operation that must be *sent* first. `seq` is the order in which things were owed. `looks`
    counts how often we have looked for an unsure one. `remote_id` is Slack's ts or the platform's id once sent.
    """

    op_id: str
    kind: OpKind
    lane: Lane
    target: str
    place: str
    created_at: datetime
    not_before: datetime
    number: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    after: str | None = None
    state: Delivery = Delivery.OWED
    seq: int = 0
    started_at: datetime | None = None
    settled_at: datetime | None = None
    attempts: int = 0
    looks: int = 0
    remote_id: str | None = None
    url: str = ""
    reason: str | None = None

    @property
    def first_started_at(self) -> datetime:
        """When the first attempt began, however many there were: from then on it may be out there."""
        since = self.payload.get("since")
        return datetime.fromisoformat(since) if since else self.started_at or self.created_at

    @property
    def line(self) -> Line:
        """What it shares one pace with."""
        return line_of(self.kind, self.target, self.place)

    @property
    def waiting(self) -> bool:
        """Still to be done or to be settled."""
        return self.state in (Delivery.OWED, Delivery.SENDING, Delivery.UNSURE)
