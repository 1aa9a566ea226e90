"""The inquiry: one customer, one matter, one Slack thread; and what was said in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk.model.customer import rank
from desk.model.message import Author
from desk.model.policies import Policy
from desk.model.private import Invitation
from desk.model.promise import Promise, standing
from desk.model.sla import SlaClock


class Status(StrEnum):
    """Where an inquiry stands. Claimed is no status: it has an assignee. Snoozed is a time beside it."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One matter. Slack users are ids ("U0ANA"); all instants are UTC.

    `identity` is "<platform>:<account>:<conversation>", indexed for good. `version` grows with everything that an agent
    who answers should know of (a customer's message, another agent's answer). `answered_outside`: the last reply was
    given natively. `last_message_id` is the customer's newest message, the one that a reply answers.
    """

    number: int
    identity: str
    platform: str
    account: str
    kind: str
    private: bool
    customer: Author
    status: Status
    created_at: datetime
    received_at: datetime
    channel: str
    first_message_id: str
    last_message_id: str
    version: int = 1
    assignee: str | None = None
    claimed_at: datetime | None = None
    thread_ts: str | None = None
    clock: SlaClock | None = None
    first_answered_at: datetime | None = None
    first_answer_seconds: float | None = None
    """Business seconds from the customer's first message to our first answer."""
    last_customer_at: datetime | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    closed_reason: str | None = None
    closed_by: str | None = None
    last_reply_url: str = ""
    conversations: tuple[str, ...] = ()
    """Further identities that belong to this matter (a private path beside the public one)."""
    people: tuple[str, ...] = ()
    message_count: int = 0
    reply_count: int = 0
    replies_begun: int = 0
    """How many answers were owed so far, sent or not; numbers their operations."""
    flags: tuple[str, ...] = ()
    """What is true of it besides; of `Flag`."""
    wow: str = ""
    """The unexpected good deed that an agent wants to do for the customer."""
    corrections: int = 0
    """How often an answer was changed or deleted after it had been published."""
    merged_into: int | None = None
    """The inquiry into which an agent merged this one; what its customer writes goes on there."""
    followers: tuple[str, ...] = ()
    """Who is called when the customer writes, besides the assignee."""
    related: tuple[int, ...] = ()
    """The latest other inquiries of the same customer, by number."""
    flood: int = 0
    """How many posts that would be inquiries of their own are shown in this one's thread, until somebody splits it."""
    promises: tuple[Promise, ...] = ()
    """What was promised to the customer until when, in the order in which it was; of those that ended the last few."""
    policy: Policy | None = None
    """What is promised here: the policy that it started with, whatever is changed later. None: an older desk's."""
    resolution: SlaClock | None = None
    """The clock to a solution, beside `clock`, which is the one to our first or next answer."""
    priority: str = ""
    """What an agent set: "low", "high", "urgent"; "" is normal."""
    language: str = ""
    """The customer's, a short code; "" where it is not known."""
    perhaps: str = ""
    """The language that it may be, where it is not known; "?" where nothing can be said at all."""
    replying: str = ""
    """Who has a reply form open, and until when the card says so."""
    replying_until: datetime | None = None
    window_at: datetime | None = None
    """When somebody is told that the platform's last chance for a private answer comes to its end."""
    invitation: Invitation | None = None
    """The latest invitation to go on in private."""

    @property
    def alarm_at(self) -> datetime | None:
        """The next instant at which the desk must act on this inquiry by itself, or None. The store indexes it."""
        if self.status is Status.CLOSED:
            return None
        instants = (
            self.clock.alarm_at if self.clock else None,
            self.resolution.alarm_at if self.resolution else None,
            self.window_at if self.clock else None,
            self.replying_until,
            self.snoozed_until,
            self.invitation.nudge_at if self.invitation else None,
            *(promise.alarm_at for promise in self.promises),
        )
        return min((at for at in instants if at is not None), default=None)

    @property
    def promised(self) -> Promise | None:
        """The promise to the customer that is due first of those that still hold, or None."""
        return standing(self.promises)

    @property
    def next_due(self) -> datetime | None:
        """When an answer is due, by the clock or by a promise, whichever comes first; None: nothing is due."""
        promised = self.promised
        clock = self.clock if self.clock and self.clock.paused_at is None else None
        dues = (clock.due_at if clock else None, promised.due_at if promised else None)
        return min((at for at in dues if at is not None), default=None)

    @property
    def vip(self) -> bool:
        return Flag.VIP in self.flags

    @property
    def urgency(self) -> tuple[int, float, int]:
        """The order of every queue: VIPs, then what an agent has raised, then all others; among equals what has a
        deadline or a promise by its time, then the rest by age."""
        first = 2 * rank(self.vip, self.priority)
        if (due := self.next_due) is not None:
            return (first, due.timestamp(), self.number)
        return (first + 1, (self.last_customer_at or self.created_at).timestamp(), self.number)

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def is_free(self) -> bool:
        """Whether it waits for anybody who takes it."""
        return self.assignee is None and self.snoozed_until is None and self.status in (Status.NEW, Status.OPEN)


class Flag(StrEnum):
    """Marks on an inquiry or on a message in it."""

    WITHDRAWN = "withdrawn"
    """The customer took back everything that waited for an answer."""
    OUTSIDE = "outside"
    """The last answer was given natively, not through the desk."""
    NO_TIME = "no time"
    """The platform gave no usable time; it counts from when it came in."""
    FLOOD = "flood"
    """Shown in another inquiry's thread, as one of very many posts at once."""
    SPLIT = "split"
    """Taken out of a flood by an agent; what follows from the same customer is not gathered again for a while."""
    VIP = "vip"
    """The customer comes first in the queue."""
    STOPPED = "stopped"
    """A lead has stopped its clocks until it is back from its snooze."""
    MUTED = "muted"
    """Its customer was out of the queue when it came in: kept, and shown nowhere until they are brought back."""
    HIDDEN = "hidden"
    """On a message: we hid it."""
    HOLDING = "holding"
    """“We are looking into it” where that is no answer yet: the customer still waits."""


class Said(StrEnum):
    """Who said a message in an inquiry. `moved`: it was a customer's and has an inquiry of its own now (`moved_to`)."""

    CUSTOMER = "customer"
    REPLY = "reply"
    NOTE = "note"
    OUTSIDE = "outside"
    MOVED = "moved"
    DESK = "desk"
    """An acknowledgement: said by the desk itself, and no answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, reply or note of an inquiry, as the desk keeps it. (platform, remote_id) is unique where set.

    `remote_id` of a note or of a reply not yet published is "". `starts_clock` is False for a bare thank-you.
    """

    number: int
    index: int
    said: Said
    platform: str
    remote_id: str
    author: Author
    text: str
    at: datetime
    url: str = ""
    reply_to: str | None = None
    private: bool = False
    agent: str | None = None
    op_id: str | None = None
    slack_ts: str | None = None
    starts_clock: bool = True
    deleted: bool = False
    edits: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    conversation: str = ""
    """Its identity where that is not the inquiry's own (a flood, a private path)."""
    moved_to: int | None = None
    alts: tuple[str, ...] = ()
    """What each attachment shows, in its author's words; "" or missing where they did not say."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state, owner or clock, kept from the first day: when (UTC), who, what, business seconds since the
    clock of that moment started (None where none ran)."""

    at: datetime
    number: int
    what: str
    agent: str | None = None
    business_seconds: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
