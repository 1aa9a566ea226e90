"""What the desk needs from outside: time, memory, platforms, Slack, people. Small promises, each with one suite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Protocol, TypeVar

from desk.model.customer import Customer, Guess, Known, Profile
from desk.model.due import DueCount
from desk.model.inquiry import Entry, Event, Inquiry
from desk.model.media import Content
from desk.model.message import Account, Capabilities, Change, Delivered, Fetched, Greeting, Outgoing, Receipt
from desk.model.outbox import Line, Operation
from desk.model.people import Person

T = TypeVar("T")


class Clock(Protocol):
    """Story time, in UTC."""

    def now(self) -> datetime: ...

    async def sleep_until(self, at: datetime) -> None:
        """Returns when `now() >= at`; an instant that the clock may jump to."""
        ...


class Tx(Protocol):
    """One transaction's view of the store. Values are immutable; `keep_*` writes a whole value."""

    # inquiries
    def next_number(self) -> int:
        """The next inquiry number; taken for good when the transaction commits."""
        ...

    def highest(self) -> int:
        """The highest number given so far; 0 at first."""
        ...

    def inquiry(self, number: int) -> Inquiry | None:
        """Also archived ones."""
        ...

    def keep_inquiry(self, inquiry: Inquiry) -> None:
        """Insert or replace; indexes identity, further conversations, thread, alarm, openness."""
        ...

    def by_identity(self, identity: str) -> int | None:
        """The inquiry of a matter, open, closed or archived: identities stay indexed for good."""
        ...

    def by_thread(self, channel: str, thread_ts: str) -> int | None: ...

    def open_inquiries(self) -> Sequence[Inquiry]:
        """All that are not closed, by number."""
        ...

    def due_before(self, at: datetime, limit: int = 100) -> Sequence[Inquiry]:
        """Inquiries with `alarm_at <= at`, soonest first."""
        ...

    def first_alarm(self) -> datetime | None:
        """The soonest `alarm_at` of all."""
        ...

    def open_numbers(self) -> Mapping[int, str]:
        """The same by number, each with its platform only; to read only."""
        ...

    def most_urgent(self, limit: int = 1) -> Sequence[Inquiry]:
        """The open inquiries that nobody has and that wait for no customer and no snooze, the most urgent first."""
        ...

    def soonest_due(self, limit: int) -> Sequence[Inquiry]:
        """The open inquiries in which an answer is due by their `next_due`, soonest first, whoever has them."""
        ...

    def due_count(self, at: datetime) -> DueCount:
        """How many those are, and how many of them are late at that instant."""
        ...

    def search(self, words: Sequence[str], limit: int = 20) -> Sequence[Inquiry]:
        """Inquiries in whose texts, names or handles every word occurs (case-folded), newest first."""
        ...

    # customers
    def customer(self, key: int) -> Customer | None:
        """The person with that id."""
        ...

    def customer_of(self, profile: str) -> Customer | None:
        """The person to whom a profile belongs, by `Profile.key`."""
        ...

    def customers_named(self, name: str) -> Sequence[Customer]:
        """All who have a profile of that handle (without its @) or name, case-folded, by id."""
        ...

    def next_customer(self) -> int:
        """The next person's id; taken for good when the transaction commits."""
        ...

    def keep_customer(self, customer: Customer) -> None:
        """Insert or replace by id; indexes profiles, handles and names."""
        ...

    def forget_customer(self, key: int) -> None:
        """Remove a record: two have become one, or the person is erased."""
        ...

    # what was said
    def entries(self, number: int) -> Sequence[Entry]:
        """By index."""
        ...

    def keep_entry(self, entry: Entry) -> None:
        """Insert or replace by (number, index); indexes (platform, remote_id) where remote_id is not empty."""
        ...

    def entry_of(self, platform: str, remote_id: str) -> Entry | None:
        """The message with that id: this is the deduplication, kept for good."""
        ...

    # outbox
    def op(self, op_id: str) -> Operation | None: ...

    def keep_op(self, op: Operation) -> None:
        """Insert (giving it the next `seq` where it has 0) or replace."""
        ...

    def waiting_ops(self) -> Sequence[Operation]:
        """All that are owed, sending or unsure, by (lane, seq)."""
        ...

    def lines(self) -> Sequence[Line]:
        """The lines on which something may go now or later, the most urgent first; what waits for another operation
        to be *sent* does not count."""
        ...

    def lanes(self, line: Line) -> Mapping[int, int]:
        """How many operations wait on a line, by lane; those that wait for another not counted."""
        ...

    def waiting_in(self, line: Line, lane: int) -> Iterator[Operation]:
        """Those of one lane on a line, by seq, one after the other; nothing may be kept meanwhile. What waits for
        another to be *sent* (`Operation.after`) is not among them before that."""
        ...

    def unsure_ops(self) -> Sequence[Operation]:
        """All that are in doubt."""
        ...

    def unshown(self) -> Set[int]:
        """The inquiries whose thread is owed and does not stand yet; to read only."""
        ...

    def unshown_in(self) -> Mapping[str, Set[int]]:
        """The same by the channel that the thread belongs to, without channels that have none; to read only."""
        ...

    def ops_of(self, number: int) -> Sequence[Operation]:
        """All operations of an inquiry that are kept, by seq."""
        ...

    # small things
    def cursor(self, name: str) -> str | None: ...

    def set_cursor(self, name: str, value: str) -> None: ...

    def setting(self, name: str) -> Any:
        """What people set by command (JSON-able), or None."""
        ...

    def set_setting(self, name: str, value: Any) -> None: ...

    def answer(self, key: str) -> dict[str, Any] | None:
        """What was answered to this trigger or event before."""
        ...

    def remember(self, key: str, answer: dict[str, Any], at: datetime) -> None:
        """Keep a first answer for 24 hours (story time), so that a redelivery gets it again."""
        ...

    def log(self, event: Event) -> None:
        """Append to the history."""
        ...

    def events(self, number: int) -> Sequence[Event]: ...


class Store(Protocol):
    """Memory that survives a kill."""

    trouble: str
    """Why nothing can be kept at the moment, as a sentence; empty when all is well."""

    @property
    def homes(self) -> Set[str]:
        """The channels in which open inquiries live; to read only."""
        ...

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` alone, keep what it staged as one durable record, then return its value.

        `work` uses `tx` only, may run more than once, and returns a value; what it raises undoes it. Results, of
        reading transactions too, are handed out only once all that they saw is durable. Raises `NotKept` where the
        disk does not take it: then it has not happened.
        """
        ...

    async def close(self) -> None: ...


class Platform(Protocol):
    """A network where customers write. Raises only `Busy`, `Unreachable`, `Refused`, `Unauthorised`."""

    name: str
    """Stable word: "x", "facebook"."""
    title: str
    """For people: "X", "Facebook"."""
    capabilities: Capabilities

    @property
    def in_flight(self) -> int:
        """Calls under way in the connector's own threads: the clock may not jump while there are any."""
        ...

    @property
    def look_again_at(self) -> datetime | None:
        """When a part that the last look had to leave out becomes due (story time); None: nothing was left out."""
        ...

    def length(self, text: str, *, private: bool = False) -> int:
        """How much of the limit a text takes, as the platform counts: X weighs public posts and not private ones."""
        ...

    async def account(self) -> Account:
        """Who we are there; also the check that the token works."""
        ...

    async def fetch(self, cursor: str | None) -> Fetched:
        """What came in since `cursor` (None: start from now, with the newest page), oldest first. An incomplete sweep
        raises: it never returns a cursor that passes something unread."""
        ...

    async def publish(self, out: Outgoing) -> Receipt:
        """Say it there, once; at most one request that could publish."""
        ...

    async def change(self, change: Change) -> None:
        """Change what stands there in public: ours, or whether a customer's comment is seen. Raises `Refused` with the
        code "gone" where it is not there any more, but not for `DELETE`: then it is as it should be."""
        ...

    async def upload(self, content: Content, way: str) -> str:
        """Hand over what is to go along with an answer of that way; nobody sees it yet, and twice does no harm.
        Returns its id for `Outgoing.media`, good for half a day at least. Raises `Refused` where it is not taken."""
        ...

    async def download(self, address: str) -> Content:
        """What hangs on a customer's message, from the platform's own hosts only, without a token, bounded in size and
        time. Raises `Refused` where it is elsewhere, gone, too large or of a kind that the desk does not carry."""
        ...

    async def find(self, out: Outgoing, since: datetime) -> Receipt | None:
        """Did it arrive? Reads what we published since then, compares target and text. None: not to be seen (yet)."""
        ...

    async def close(self) -> None: ...


class Hook(Protocol):
    """How a platform calls us, in its own words. Neither `greet` nor `genuine` asks anybody, so both answer at once."""

    name: str
    """The platform's stable word: "facebook"."""

    def greet(self, query: Mapping[str, str]) -> Greeting:
        """The answer to its question whether we are there, and are who it thinks."""
        ...

    def genuine(self, raw: bytes, headers: Mapping[str, Sequence[str]]) -> bool:
        """Whether the platform signed these very bytes. `headers` by small names, each with all its values. Never
        raises."""
        ...

    async def read(self, body: Any) -> Delivered:
        """The messages in it. Raises the four outside errors where the platform must be asked, and does not answer."""
        ...


class Board(Protocol):
    """Slack, as far as the outbox needs it. Raises only `Busy`, `Unreachable`, `Refused`, `Unauthorised`."""

    def free_at(self, op: Operation, now: datetime) -> datetime:
        """When the pace of the channel and method allows this operation; `now` if at once."""
        ...

    async def deliver(self, op: Operation, view: dict[str, Any]) -> str:
        """Draw and send one operation; returns Slack's ts ("" where there is none). `view` holds the values to draw."""
        ...

    async def find(self, op: Operation, thread_ts: str | None) -> str | None:
        """The ts of the message with this op_id in its metadata, in that thread or in the channel; or None. Where it
        stands twice, the elder; the others are folded."""
        ...

    async def shared(self, channel: str) -> bool:
        """Whether people of another company can read the channel, or are invited to."""
        ...

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message in Slack."""
        ...


class Files(Protocol):
    """Files in Slack. Raises only `Busy`, `Unreachable`, `Refused`, `Unauthorised`."""

    @property
    def readable(self) -> bool:
        """Whether the bot may read what people put into Slack."""
        ...

    async def put(self, content: Content) -> str:
        """Hand a file over; nobody sees it yet. Returns its id."""
        ...

    async def share(self, file: str, title: str, channel: str, thread_ts: str) -> None:
        """Show in a thread what was handed over; at most one request that could show it."""
        ...

    async def shared(self, file: str, channel: str, thread_ts: str) -> str | None:
        """The ts of the message in the thread that shows it; or None."""
        ...

    async def read(self, file: str, most: int) -> Content:
        """What a person put into Slack, from Slack's own hosts only."""
        ...

    async def forget(self, file: str) -> None:
        """Take it out of Slack; twice is once."""
        ...


class Languages(Protocol):
    """Tells in which language a text is written. Never raises: what it cannot tell is unsure."""

    in_flight: int
    """Calls under way in its own thread: the clock may not jump while there are any."""

    async def of(self, texts: Sequence[str], among: Sequence[str]) -> Sequence[Guess]:
        """A guess for each text, over the languages that the desk serves; runs beside the loop."""
        ...


class Directory(Protocol):
    """The company's own system, asked about one customer. Raises `Unreachable` where it gives no usable answer."""

    in_flight: int

    async def find(self, profiles: Sequence[Profile], at: datetime) -> Known:
        """What it says of the person with these profiles; `found` is False where it knows nobody."""
        ...


class People(Protocol):
    """Who is who; answers at once, from what was last read."""

    def person(self, user: str) -> Person | None:
        """None: not in this workspace, or no member of the agents' or leads' group."""
        ...

    def stale(self) -> bool:
        """Nothing could be read for so long that nobody's membership is certain: nothing may go out in their name."""
        ...

    def changed(self, user: str | None) -> None:
        """Somebody's account changed (None: who is in a group): nobody relies on what was read of it before."""
        ...

    def agents(self) -> Sequence[Person]: ...

    def leads(self) -> Sequence[Person]: ...

    def by_name(self, name: str) -> Person | None:
        """An agent by handle or first name, as typed without the @."""
        ...
