"""What the store looks things up by: kept in memory, rebuilt at a start, never written."""

from __future__ import annotations

import heapq
import sys
from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from desk.model.inquiry import Inquiry, Status
from desk.model.outbox import Delivery
from desk.store.codec import decode
from desk.store.dues import Dues
from desk.store.owed import Owed

INQUIRIES, ENTRIES, OPS, EVENTS = "inquiries", "entries", "ops", "events"
CURSORS, SETTINGS, ANSWERS, COUNTERS = "cursors", "settings", "answers", "counters"
CUSTOMERS = "customers"

SPAN = 1_000_000
"""Ids of an inquiry's entries and events: number × SPAN + index."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WAITING = frozenset({Delivery.OWED.value, Delivery.SENDING.value, Delivery.UNSURE.value})
_CLOSED = Status.CLOSED.value

Document = dict[str, Any]
K = TypeVar("K", int, Any)


def ticks(at: datetime) -> int:
    """An instant as whole microseconds since 1970, UTC."""
    return (at - _EPOCH) // _MICROSECOND


def instant(microseconds: int) -> datetime:
    """Undo `ticks`."""
    return _EPOCH + timedelta(microseconds=microseconds)


def identity_key(identity: str) -> str:
    """What an identity is indexed under; the other keys likewise, so that one index can hold all."""
    return f"i {identity}"


def thread_key(channel: str, thread_ts: str) -> str:
    return f"t {channel} {thread_ts}"


def message_key(platform: str, remote_id: str) -> str:
    return f"m {platform} {remote_id}"


_TIMED = ("clock", "snoozed_until", "promises", "resolution", "window_at", "replying_until", "invitation")
"""The fields of an inquiry without which it has no alarm; looked at first, so that most need not be decoded."""


def inquiry_keys(document: Document) -> list[str]:
    """The keys under which an inquiry is found."""
    keys = [identity_key(identity) for identity in (document["identity"], *document.get("conversations", ()))]
    if document.get("thread_ts"):
        keys.append(thread_key(document["channel"], document["thread_ts"]))
    return keys


def entry_keys(document: Document) -> list[str]:
    """The keys under which an entry is found."""
    return [message_key(document["platform"], document["remote_id"])] if document["remote_id"] else []


def customer_keys(document: Document) -> list[str]:
    """The keys under which a person is found: each profile, its handle and its name."""
    found = []
    for one in document.get("profiles", ()):
        found.append(f"p {one['platform']}:{one['account']}:{one['remote_id']}")
        found += [f"h {said.casefold()}" for said in (one.get("handle"), one.get("name")) if said]
    return list(dict.fromkeys(found))


class Keys:
    """Key → the ids that have it; nearly always one. Of several the highest is found."""

    def __init__(self) -> None:
        self._ids: dict[str, int | tuple[int, ...]] = {}

    def find(self, key: str) -> int | None:
        found = self._ids.get(key)
        return found[-1] if isinstance(found, tuple) else found

    def every(self, key: str) -> tuple[int, ...]:
        """All ids that have it, lowest first."""
        found = self._ids.get(key)
        return found if isinstance(found, tuple) else () if found is None else (found,)

    def add(self, key: str, number: int) -> None:
        found = self._ids.get(key)
        if found is None:
            self._ids[key] = number
        elif found != number:
            several = found if isinstance(found, tuple) else (found,)
            self._ids[key] = tuple(sorted({*several, number}))

    def drop(self, key: str, number: int) -> None:
        found = self._ids.get(key)
        if isinstance(found, tuple):
            left = tuple(one for one in found if one != number)
            self._ids[key] = left[0] if len(left) == 1 else left
        elif found == number:
            del self._ids[key]


class Groups:
    """Number → the sorted ids that belong to it."""

    def __init__(self) -> None:
        self._ids: dict[int, list[int]] = {}

    def of(self, number: int) -> list[int]:
        """A copy, lowest first."""
        return self._ids.get(number, [])[:]

    def last(self, number: int) -> int | None:
        found = self._ids.get(number)
        return found[-1] if found else None

    def add(self, number: int, key: int) -> None:
        found = self._ids.setdefault(number, [])
        if not found or key > found[-1]:
            found.append(key)
        elif found[bisect_left(found, key)] != key:
            insort(found, key)

    def drop(self, number: int, key: int) -> None:
        found = self._ids.get(number, [])
        at = bisect_left(found, key)
        if at < len(found) and found[at] == key:
            del found[at]
        if not found:
            self._ids.pop(number, None)


class Order(Generic[K]):
    """Numbers by a key: a heap in which what has changed is dropped only when it comes up."""

    def __init__(self) -> None:
        self._at: dict[int, K] = {}
        self._heap: list[tuple[K, int]] = []

    def set(self, number: int, at: K | None) -> None:
        """The number's key; None: it has no place in the order any more."""
        if at is None:
            self._at.pop(number, None)
        elif self._at.get(number) != at:
            self._at[number] = at
            heapq.heappush(self._heap, (at, number))
        if len(self._heap) > 2 * len(self._at) + 1000:
            self._heap = [(at, number) for number, at in self._at.items()]
            heapq.heapify(self._heap)

    def first(self) -> K | None:
        """The lowest key."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def until(self, at: K | None, limit: int) -> list[int]:
        """Numbers whose key is at or before `at` (None: all), lowest first."""
        due: list[tuple[K, int]] = []
        while len(due) < limit and (lowest := self.first()) is not None and (at is None or lowest <= at):
            one = heapq.heappop(self._heap)
            if not due or one != due[-1]:
                due.append(one)
        for one in due:
            heapq.heappush(self._heap, one)
        return [number for _, number in due]


class Alarms(Order[int]):
    """Numbers by the instant of their alarm, in microseconds."""


class Indexes:
    """All of them. `change` takes any document from what it was to what it is, either of which may be None."""

    def __init__(self) -> None:
        self.identities = Keys()
        self.threads = Keys()
        self.messages = Keys()
        self.people = Keys()
        self.open: dict[int, str] = {}
        """Inquiries that are not closed, each with its platform."""
        self.homes: dict[str, int] = {}
        """Channel → how many of them live there."""
        self.free: Order[Any] = Order()
        """Those that nobody has, by urgency."""
        self.alarms = Alarms()
        self.dues = Dues()
        """Those in which an answer is due, by when."""
        self.entries = Groups()
        self.events = Groups()
        self.ops = Groups()
        self.op_ids: dict[str, int] = {}
        self.waiting: list[tuple[int, int]] = []
        self.owed = Owed()
        self.closed: list[tuple[int, int]] = []
        """(when closed, number), soonest first."""
        self.settled: list[tuple[int, int]] = []
        """(when settled, seq) of operations of no inquiry, soonest first."""
        self.names: dict[str, dict[str, int]] = {CURSORS: {}, SETTINGS: {}, ANSWERS: {}}
        self._ages: list[tuple[int, str]] = []
        self._answered: dict[str, int] = {}

    def change(
        self, table: str, key: int, old: Document | None, new: Document | None, value: Inquiry | None = None
    ) -> None:
        """Follow one change of a document; `value` spares decoding `new` where an inquiry is at hand."""
        if table == INQUIRIES:
            self._inquiry(key, old, new, value)
        elif table == ENTRIES:
            self._entry(key, old, new)
        elif table == OPS:
            self._op(key, old, new)
        elif table == CUSTOMERS:
            for one in customer_keys(old) if old else ():
                self.people.drop(one, key)
            for one in customer_keys(new) if new else ():
                self.people.add(one, key)
        elif table == EVENTS:
            (self.events.drop if new is None else self.events.add)(key // SPAN, key)
        elif table in self.names:
            self._named(table, key, old, new)

    def _inquiry(self, number: int, old: Document | None, new: Document | None, value: Inquiry | None) -> None:
        before, after = inquiry_keys(old) if old else [], inquiry_keys(new) if new else []
        if before != after:
            for key in before:
                (self.threads if key[0] == "t" else self.identities).drop(key, number)
            for key in after:
                (self.threads if key[0] == "t" else self.identities).add(key, number)
        left, lives = _home(old), _home(new)
        if left != lives:
            if left is not None:
                self.homes[left] -= 1
                if not self.homes[left]:
                    del self.homes[left]
            if lives is not None:
                self.homes[lives] = self.homes.get(lives, 0) + 1
        if new is not None and new["status"] != _CLOSED:
            self.open[number] = sys.intern(new["platform"])
            alarm, urgency, due = None, None, None
            if not new.get("assignee") or any(new.get(name) for name in _TIMED):
                value = value or decode(Inquiry, new)
                alarm, urgency = value.alarm_at, value.urgency if value.is_free else None
                due = value.next_due
            self.alarms.set(number, None if alarm is None else ticks(alarm))
            self.free.set(number, urgency)
            self.dues.set(number, None if due is None else ticks(due), not new.get("assignee"))
        else:
            self.open.pop(number, None)
            self.alarms.set(number, None)
            self.free.set(number, None)
            self.dues.set(number, None, False)
        was, now = _closing(old), _closing(new)
        if was != now:
            _move(self.closed, None if was is None else (was, number), None if now is None else (now, number))

    def _entry(self, key: int, old: Document | None, new: Document | None) -> None:
        if new is None:
            self.entries.drop(key // SPAN, key)
        elif old is None:
            self.entries.add(key // SPAN, key)
        before, after = entry_keys(old) if old else [], entry_keys(new) if new else []
        if before != after:
            for one in before:
                self.messages.drop(one, key)
            for one in after:
                self.messages.add(one, key)

    def _op(self, seq: int, old: Document | None, new: Document | None) -> None:
        if old is not None and (new is None or (old["op_id"], old.get("number")) != (new["op_id"], new.get("number"))):
            if self.op_ids.get(old["op_id"]) == seq:
                del self.op_ids[old["op_id"]]
            if old.get("number") is not None:
                self.ops.drop(old["number"], seq)
        if new is not None:
            self.op_ids[new["op_id"]] = seq
            if new.get("number") is not None:
                self.ops.add(new["number"], seq)
        was = (old["lane"], seq) if old and old["state"] in _WAITING else None
        now = (new["lane"], seq) if new and new["state"] in _WAITING else None
        if was != now:
            _move(self.waiting, was, now)
        self.owed.change(seq, old, new)
        over, done = _settling(old), _settling(new)
        if over != done:
            _move(self.settled, None if over is None else (over, seq), None if done is None else (done, seq))

    def _named(self, table: str, key: int, old: Document | None, new: Document | None) -> None:
        names = self.names[table]
        if old is not None and names.get(old["name"]) == key:
            del names[old["name"]]
            self._answered.pop(old["name"], None)
        if new is not None:
            names[new["name"]] = key
            if table == ANSWERS:
                at = ticks(datetime.fromisoformat(new["at"]))
                self._answered[new["name"]] = at
                heapq.heappush(self._ages, (at, new["name"]))

    def answers_until(self, at: int) -> Iterator[str]:
        """The keys of answers given at or before `at`, oldest first; each is passed once."""
        while self._ages and self._ages[0][0] <= at:
            given, name = heapq.heappop(self._ages)
            if self._answered.get(name) == given:
                yield name


def _home(document: Document | None) -> str | None:
    """The channel of an inquiry that is not closed."""
    return None if document is None or document["status"] == _CLOSED else sys.intern(document["channel"])


def _closing(document: Document | None) -> int | None:
    if document is None or document["status"] != _CLOSED or not document.get("closed_at"):
        return None
    return ticks(datetime.fromisoformat(document["closed_at"]))


def _settling(document: Document | None) -> int | None:
    if document is None or document.get("number") is not None or document["state"] in _WAITING:
        return None
    settled = document.get("settled_at") or document["created_at"]
    return ticks(datetime.fromisoformat(settled))


def _move(ordered: list[tuple[int, int]], old: tuple[int, int] | None, new: tuple[int, int] | None) -> None:
    """Take `old` out of a sorted list and put `new` in."""
    if old is not None:
        at = bisect_left(ordered, old)
        if at < len(ordered) and ordered[at] == old:
            del ordered[at]
    if new is not None:
        insort(ordered, new)
