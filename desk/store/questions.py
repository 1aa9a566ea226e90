"""The store's answers to the desk's questions: one transaction's view, in which what it staged is true already."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from desk.model.customer import Customer
from desk.model.due import DueCount
from desk.model.inquiry import Entry, Event, Inquiry
from desk.model.outbox import Line, Operation, urgency
from desk.store.archive import Archive, Packed, op_key
from desk.store.codec import decode, encode
from desk.store.indexes import (
    ANSWERS,
    COUNTERS,
    CURSORS,
    CUSTOMERS,
    ENTRIES,
    EVENTS,
    INQUIRIES,
    OPS,
    SETTINGS,
    SPAN,
    Indexes,
    Keys,
    identity_key,
    instant,
    message_key,
    thread_key,
    ticks,
)
from desk.store.lines import Change, dumps
from desk.store.storage import JournalStorage
from desk.store.tables import DeskDB, ResidentTable

T = TypeVar("T")

ANSWERS_KEPT = timedelta(hours=24)
"""How long a first answer is kept, in story time: Slack redelivers an event for much less."""

_NUMBER, _SEQ, _PERSON = 1, 2, 3
_ASCII = frozenset(map(chr, range(128)))
_VALUES = 4096
_FOLDS = re.compile("|".join(f"\\\\u{one:04x}" for one in range(128, 0x10000) if set(chr(one).casefold()) & _ASCII))
"""How JSON writes the letters outside ASCII that are plain letters once case is folded: ß is ss."""


class Values:
    """Decoded documents that were looked at lately; one holds as long as the document's text is the same object."""

    def __init__(self, capacity: int = _VALUES) -> None:
        self._capacity = capacity
        self._known: dict[tuple[str, int], tuple[str, Any]] = {}

    def of(self, table: str, key: int, text: str, cls: type[T]) -> T:
        known = self._known.get((table, key))
        if known is not None and known[0] is text:
            value: T = known[1]
            return value
        value = decode(cls, json.loads(text))
        if known is None and len(self._known) >= self._capacity:
            del self._known[next(iter(self._known))]
        self._known[table, key] = (text, value)
        return value


class Memory:
    """The tables, the indexes over them and the decoded values: what transactions look at and change."""

    def __init__(self, db: DeskDB) -> None:
        storage = db.storage
        assert isinstance(storage, JournalStorage)
        self.storage = storage
        self.archive = Archive(storage.folder, storage.disk)
        self.indexes = Indexes()
        self.values = Values()
        names = (INQUIRIES, ENTRIES, OPS, EVENTS, CUSTOMERS, CURSORS, SETTINGS, ANSWERS, COUNTERS)
        self.tables: dict[str, ResidentTable] = {}
        for name in names:
            table = db.table(name)
            assert isinstance(table, ResidentTable)
            self.tables[name] = table
        for name in (INQUIRIES, ENTRIES, OPS, CUSTOMERS, CURSORS, SETTINGS, ANSWERS):
            for key, text in self.tables[name].texts().items():
                self.indexes.change(name, key, None, json.loads(text))
        for key in self.tables[EVENTS].texts():
            self.indexes.change(EVENTS, key, None, {})

    def put(self, table: str, key: int, document: dict[str, Any] | None, value: Inquiry | None = None) -> None:
        """Insert, replace or remove (None) a document, and follow in the indexes; `value` is what it decodes to."""
        resident = self.tables[table]
        old = resident.text(key)
        new = None if document is None else dumps(document)
        if old != new:
            resident.put(key, new)
            self.indexes.change(table, key, None if old is None else json.loads(old), document, value)

    def waits(self, seq: int) -> bool:
        """Whether an operation is still to be done."""
        text = self.tables[OPS].text(seq)
        return text is not None and decode(Operation, json.loads(text)).waiting

    def all_of(self, number: int) -> tuple[Change, ...]:
        """Every document of an inquiry."""
        indexes = self.indexes
        ids = {ENTRIES: indexes.entries.of(number), OPS: indexes.ops.of(number), EVENTS: indexes.events.of(number)}
        return tuple(
            (table, key, text)
            for table, keys in ({INQUIRIES: [number]} | ids).items()
            for key in keys
            if (text := self.tables[table].text(key)) is not None
        )

    def of_none(self, before: int) -> list[Change]:
        """Operations of no inquiry that were settled before that instant (in microseconds), and such events."""
        ops = [(OPS, seq) for settled, seq in self.indexes.settled if settled < before]
        events = [(EVENTS, key) for key in self.indexes.events.of(0)]
        found: list[Change] = []
        for table, key in ops + events:
            text = self.tables[table].text(key)
            if text is not None and (table == OPS or ticks(decode(Event, json.loads(text)).at) < before):
                found.append((table, key, text))
        return found

    def undo(self) -> None:
        """Take back what is staged."""
        self._follow(self.storage.staged())
        self.storage.rollback()

    def take_back(self, before: Mapping[tuple[str, int], str | None]) -> None:
        """Take back the last of the transactions that ended, which found the documents so."""
        self._follow(before)
        self.storage.put_back(before)
        self.storage.number -= 1

    def _follow(self, back: Mapping[tuple[str, int], str | None]) -> None:
        """Let the indexes know what documents are about to be again."""
        for (table, key), old in reversed(list(back.items())):
            now = self.tables[table].text(key)
            if now != old:
                before, after = (None if text is None else json.loads(text) for text in (now, old))
                self.indexes.change(table, key, before, after)


class Questions:
    """A `Tx`. Reads see what this transaction kept; nothing may be asked once it has ended."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._indexes = memory.indexes
        self._inquiries = memory.tables[INQUIRIES]
        self._entries = memory.tables[ENTRIES]
        self._ops = memory.tables[OPS]
        self._events = memory.tables[EVENTS]
        self._customers = memory.tables[CUSTOMERS]
        self._over = False

    def end(self) -> None:
        """The transaction is over: from here on nothing may be kept through this view."""
        self._over = True

    # inquiries
    def next_number(self) -> int:
        return self._count(_NUMBER)

    def highest(self) -> int:
        return self._counter(_NUMBER)

    def inquiry(self, number: int) -> Inquiry | None:
        archived = self._archived(number)
        if archived is not None:
            return _decoded(archived, INQUIRIES, Inquiry)[0]
        return self._value(self._inquiries, number, Inquiry)

    def keep_inquiry(self, inquiry: Inquiry) -> None:
        self._bring_back(inquiry.number)
        self._put(INQUIRIES, inquiry.number, encode(inquiry), inquiry)

    def by_identity(self, identity: str) -> int | None:
        return self._number_of(identity_key(identity), self._indexes.identities)

    def by_thread(self, channel: str, thread_ts: str) -> int | None:
        return self._number_of(thread_key(channel, thread_ts), self._indexes.threads)

    def open_inquiries(self) -> Sequence[Inquiry]:
        return self._all(self._inquiries, sorted(self._indexes.open), Inquiry)

    def due_before(self, at: datetime, limit: int = 100) -> Sequence[Inquiry]:
        return self._all(self._inquiries, self._indexes.alarms.until(ticks(at), limit), Inquiry)

    def first_alarm(self) -> datetime | None:
        soonest = self._indexes.alarms.first()
        return None if soonest is None else instant(soonest)

    def open_numbers(self) -> Mapping[int, str]:
        return self._indexes.open

    def most_urgent(self, limit: int = 1) -> Sequence[Inquiry]:
        return self._all(self._inquiries, self._indexes.free.until(None, limit), Inquiry)

    def soonest_due(self, limit: int) -> Sequence[Inquiry]:
        return self._all(self._inquiries, self._indexes.dues.first(limit), Inquiry)

    def due_count(self, at: datetime) -> DueCount:
        dues, now = self._indexes.dues, ticks(at)
        coming = dues.after(now)
        return DueCount(len(dues), dues.free, dues.until(now), None if coming is None else instant(coming))

    def search(self, words: Sequence[str], limit: int = 20) -> Sequence[Inquiry]:
        """See `Tx.search`; archived inquiries are not searched."""
        wanted = [word.casefold() for word in words if word]
        found: list[Inquiry] = []
        if not wanted:
            return found
        for number in sorted(self._inquiries.texts(), reverse=True):
            if len(found) >= limit:
                break
            texts = [self._inquiries.texts()[number]]
            texts += [self._entries.texts()[key] for key in self._indexes.entries.of(number)]
            if _may_hold(texts, wanted) and _holds(texts, wanted):
                found += self._all(self._inquiries, [number], Inquiry)
        return found

    # customers
    def customer(self, key: int) -> Customer | None:
        return self._value(self._customers, key, Customer)

    def customer_of(self, profile: str) -> Customer | None:
        key = self._indexes.people.find(f"p {profile}")
        return None if key is None else self.customer(key)

    def customers_named(self, name: str) -> Sequence[Customer]:
        return self._all(self._customers, self._indexes.people.every(f"h {name.casefold()}"), Customer)

    def next_customer(self) -> int:
        return self._count(_PERSON)

    def keep_customer(self, customer: Customer) -> None:
        self._put(CUSTOMERS, customer.id, encode(customer))

    def forget_customer(self, key: int) -> None:
        self._put(CUSTOMERS, key, None)

    # what was said
    def entries(self, number: int) -> Sequence[Entry]:
        archived = self._archived(number)
        if archived is not None:
            return _decoded(archived, ENTRIES, Entry)
        return self._all(self._entries, self._indexes.entries.of(number), Entry)

    def keep_entry(self, entry: Entry) -> None:
        if not 0 <= entry.index < SPAN:
            raise ValueError(f"an entry's index is between 0 and {SPAN - 1}, not {entry.index}")
        self._bring_back(entry.number)
        self._put(ENTRIES, entry.number * SPAN + entry.index, encode(entry))

    def entry_of(self, platform: str, remote_id: str) -> Entry | None:
        if not remote_id:
            return None
        message = message_key(platform, remote_id)
        key = self._indexes.messages.find(message)
        if key is not None:
            return self._value(self._entries, key, Entry)
        for archived in self._elsewhere(message):
            for entry in _decoded(archived, ENTRIES, Entry):
                if (entry.platform, entry.remote_id) == (platform, remote_id):
                    return entry
        return None

    # outbox
    def op(self, op_id: str) -> Operation | None:
        seq = self._indexes.op_ids.get(op_id)
        if seq is not None:
            return self._value(self._ops, seq, Operation)
        for archived in self._elsewhere(op_key(op_id)):
            for op in _decoded(archived, OPS, Operation):
                if op.op_id == op_id:
                    return op
        return None

    def keep_op(self, op: Operation) -> None:
        if op.number is not None:
            self._bring_back(op.number)
        before = self.op(op.op_id)
        known = None if before is None else before.seq
        if op.seq == 0:
            op = replace(op, seq=self._count(_SEQ) if known is None else known)
        elif known not in (None, op.seq):
            raise ValueError(f"operation {op.op_id} is number {known}, not {op.seq}")
        self._put(OPS, op.seq, encode(op))

    def waiting_ops(self) -> Sequence[Operation]:
        return self._all(self._ops, [seq for _, seq in self._indexes.waiting], Operation)

    def lines(self) -> Sequence[Line]:
        lines = self._indexes.owed.lines
        return sorted(lines, key=lambda line: min((urgency(lane), seqs[0]) for lane, seqs in lines[line].items()))

    def lanes(self, line: Line) -> Mapping[int, int]:
        return {lane: len(seqs) for lane, seqs in self._indexes.owed.lines.get(line, {}).items()}

    def waiting_in(self, line: Line, lane: int) -> Iterator[Operation]:
        texts: Mapping[int, str] = self._ops.texts()
        for seq in self._indexes.owed.seqs(line, lane):
            yield self._memory.values.of(self._ops.name, seq, texts[seq], Operation)

    def unsure_ops(self) -> Sequence[Operation]:
        return self._all(self._ops, sorted(self._indexes.owed.unsure), Operation)

    def unshown(self) -> Set[int]:
        return self._indexes.owed.roots.keys()

    def unshown_in(self) -> Mapping[str, Set[int]]:
        return self._indexes.owed.homes

    def ops_of(self, number: int) -> Sequence[Operation]:
        archived = self._archived(number)
        if archived is not None:
            return _decoded(archived, OPS, Operation)
        return self._all(self._ops, self._indexes.ops.of(number), Operation)

    # small things
    def cursor(self, name: str) -> str | None:
        found = self._named(CURSORS, name)
        return None if found is None else str(found["value"])

    def set_cursor(self, name: str, value: str) -> None:
        self._put_named(CURSORS, name, {"value": value})

    def setting(self, name: str) -> Any:
        found = self._named(SETTINGS, name)
        return None if found is None else found["value"]

    def set_setting(self, name: str, value: Any) -> None:
        self._put_named(SETTINGS, name, {"value": value})

    def answer(self, key: str) -> dict[str, Any] | None:
        found = self._named(ANSWERS, key)
        return None if found is None else dict(found["answer"])

    def remember(self, key: str, answer: dict[str, Any], at: datetime) -> None:
        """Keep a first answer; while it is kept, a second one under the same key changes nothing."""
        for name in list(self._indexes.answers_until(ticks(at - ANSWERS_KEPT))):
            self._put(ANSWERS, self._indexes.names[ANSWERS][name], None)
        if key not in self._indexes.names[ANSWERS]:
            self._put_named(ANSWERS, key, {"answer": answer, "at": at.isoformat()})

    def log(self, event: Event) -> None:
        self._bring_back(event.number)
        last = self._indexes.events.last(event.number)
        self._put(EVENTS, event.number * SPAN + (0 if last is None else last % SPAN + 1), encode(event))

    def events(self, number: int) -> Sequence[Event]:
        archived = self._archived(number)
        if archived is not None:
            return _decoded(archived, EVENTS, Event)
        return self._all(self._events, self._indexes.events.of(number), Event)

    # the archive: what is resident counts, an archived form of it is out of date
    def _archived(self, number: int) -> Packed | None:
        if not self._memory.archive or number in self._inquiries.texts():
            return None
        return self._memory.archive.inquiry(number)

    def _elsewhere(self, key: str) -> list[Packed]:
        if not self._memory.archive:
            return []
        return [one for one in self._memory.archive.find(key) if one.number not in self._inquiries.texts()]

    def _number_of(self, key: str, resident: Keys) -> int | None:
        numbers = [one.number for one in self._elsewhere(key)]
        found = resident.find(key)
        return max(numbers if found is None else [*numbers, found], default=None)

    def _bring_back(self, number: int) -> None:
        """Make an archived inquiry resident again, with all that belongs to it, because it is about to change."""
        archived = self._archived(number)
        if archived is not None:
            for table, key, text in archived.changes:
                if text is not None:
                    self._put(table, key, json.loads(text))

    # how
    def _value(self, table: ResidentTable, key: int, cls: type[T]) -> T | None:
        text = table.text(key)
        return None if text is None else self._memory.values.of(table.name, key, text, cls)

    def _all(self, table: ResidentTable, keys: Iterable[int], cls: type[T]) -> list[T]:
        texts: Mapping[int, str] = table.texts()
        return [self._memory.values.of(table.name, key, texts[key], cls) for key in keys]

    def _put(self, table: str, key: int, document: dict[str, Any] | None, value: Inquiry | None = None) -> None:
        if self._over:
            raise RuntimeError("this transaction is over")
        self._memory.put(table, key, document, value)

    def _named(self, table: str, name: str) -> dict[str, Any] | None:
        key = self._memory.indexes.names[table].get(name)
        text = None if key is None else self._memory.tables[table].text(key)
        return None if text is None else json.loads(text)

    def _put_named(self, table: str, name: str, fields: dict[str, Any]) -> None:
        key = self._indexes.names[table].get(name)
        self._put(table, self._memory.tables[table].next_id() if key is None else key, {"name": name, **fields})

    def _counter(self, key: int) -> int:
        text = self._memory.tables[COUNTERS].text(key)
        return 0 if text is None else int(json.loads(text)["value"])

    def _count(self, key: int) -> int:
        value = self._counter(key) + 1
        self._put(COUNTERS, key, {"value": value})
        return value


def _decoded(archived: Packed, table: str, cls: type[T]) -> list[T]:
    return [decode(cls, json.loads(text)) for _, text in archived.texts(table)]


def _may_hold(texts: Sequence[str], words: Sequence[str]) -> bool:
    """A quick no, without parsing: some plain word is in none of the texts, nor could folding case make it appear."""
    lowered = [text.lower() for text in texts]
    for word in words:
        plain = word.isascii() and word.isalnum()
        if plain and not any(word in text for text in lowered) and not any(_FOLDS.search(text) for text in lowered):
            return False
    return True


def _holds(texts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether every word occurs in what was said, or in a name or handle."""
    said: list[str] = []
    for text in texts:
        document = json.loads(text)
        author = document.get("customer") or document.get("author") or {}
        said += [document.get("text", ""), author.get("name", ""), author.get("handle", "")]
        said += document.get("people", ())
    heap = "\n".join(said).casefold()
    return all(word in heap for word in words)
