"""A storm: far more comes in than a channel takes, so new inquiries wait in a queue; when it begins, when it ends."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Storm:
    """When it is one. Counts are of the inquiries of one channel whose thread is not shown yet."""

    above: int = 60
    """More than so many that wait: threads are not pushed any more, people ask for the next one …"""
    lasting: timedelta = timedelta(seconds=60)
    """… if more than `below` have waited for so long: the channel does not keep up, and it is no mere burst."""
    below: int = 20
    """Fewer than so many: what is left is pushed again."""
    alike: int = 10
    """More than so many similar messages within `ALIKE_WITHIN` are named on the card as one line."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How it stands; kept, so that it survives a restart. `over_since`: since when more than the rule's
    `below` wait, by channel. `since`: when the storm began, None where there is none; `channels` are those in which it
    is, in the order in which it came there. `nth` counts storms; `first` is the lowest number that belongs to this one,
    in whichever channel it lives. `missed`: promises of waiting inquiries that broke since the leads were told of them
    last, at `told_at`."""

    over_since: Mapping[str, datetime] = field(default_factory=dict)
    since: datetime | None = None
    nth: int = 0
    first: int = 0
    missed: int = 0
    told_at: datetime | None = None
    card: int = 1
    """Which card it is: one more for each that somebody deleted."""
    channels: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept."""
        return {
            "over_since": {channel: at.isoformat() for channel, at in self.over_since.items()},
            "since": self.since and self.since.isoformat(),
            "nth": self.nth,
            "first": self.first,
            "missed": self.missed,
            "told_at": self.told_at and self.told_at.isoformat(),
            "card": self.card,
            "channels": list(self.channels),
        }

    @staticmethod
    def from_json(kept: dict[str, Any] | None) -> Weather:
        """Undo `as_json`; None is fair weather."""
        if not kept:
            return Weather()
        since, told = _instant(kept.get("since")), _instant(kept.get("told_at"))
        crowded = kept.get("over_since")  # one instant where an older desk kept it, for its one channel: it begins anew
        over = {one: datetime.fromisoformat(at) for one, at in crowded.items()} if isinstance(crowded, dict) else {}
        where = tuple(kept.get("channels", ()))
        return Weather(over, since, kept["nth"], kept["first"], kept["missed"], told, kept["card"], where)


def _instant(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def turned(before: Weather, waiting: Mapping[str, int], lowest: int, now: datetime, rule: Storm) -> Weather:
    """The weather now that so many inquiries wait for their thread in each channel, of which `lowest` has the lowest
    number. It begins with the first channel that does not keep up, and is over once the last one does again; each
    comes and goes by its own count."""
    calm = {channel: count for channel, count in waiting.items() if channel not in before.channels}
    over = {channel: before.over_since.get(channel, now) for channel, count in calm.items() if count > rule.below}
    new = [one for one, since in over.items() if calm[one] > rule.above and now - since >= rule.lasting]
    over = {channel: since for channel, since in over.items() if channel not in new}
    channels = (*(one for one in before.channels if waiting.get(one, 0) >= rule.below), *new)
    if not channels:
        return replace(before, over_since=over, since=None, channels=())
    if before.since is None:
        return Weather(over, now, before.nth + 1, lowest, channels=channels)
    return replace(before, over_since=over, channels=channels)


def turns_at(before: Weather, waiting: Mapping[str, int], now: datetime, rule: Storm) -> datetime | None:
    """When it is to be looked at again though nothing happens: a storm begins then, or comes to a further channel."""
    if turned(before, waiting, 0, now, rule) != before:
        return now
    soon = [since + rule.lasting for one, since in before.over_since.items() if waiting.get(one, 0) > rule.above]
    return min(soon, default=None)


ALIKE_WITHIN = timedelta(minutes=5)
_LIKE = 0.5
"""Two messages are similar if they share at least this part of all their words."""
_BANDS, _ROWS = 6, 2
_KEPT = 2000
"""Groups that are remembered; the oldest are forgotten, and one that comes again begins anew."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_NOT_WORDS = re.compile(r"https?://\S+|[@#]\w+")


def words_of(text: str) -> frozenset[str]:
    """The words by which messages are compared: no names, no links, no numbers, nothing short."""
    return frozenset(_WORD.findall(_NOT_WORDS.sub(" ", text).casefold()))


@dataclass(slots=True)
class Group:
    """Similar messages: the first one's words, and the numbers and instants of the inquiries that began with them."""

    text: str
    words: frozenset[str]
    numbers: list[int]
    recent: deque[datetime]
    many: bool = False
    """Whether there were ever more within five minutes than the rule allows."""


class Alike:
    """Inquiries that begin with similar words, found as they come. In memory only: it is made anew from the queue."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self._groups: dict[tuple[int, ...], Group] = {}
        self._known: deque[tuple[int, ...]] = deque()

    def add(self, number: int, text: str, at: datetime, many: int) -> None:
        """An inquiry that began with this text at that instant; each number counts once."""
        if number in self.seen:
            return
        self.seen.add(number)
        words = words_of(text)
        if len(words) < 3:
            return
        sketch = _sketch(words)
        group = next((g for band in sketch if (g := self._groups.get(band)) and _similar(g.words, words)), None)
        if group is None:
            group = Group(text, words, [], deque())
        for band in sketch:
            if band not in self._groups:
                self._groups[band] = group
                self._known.append(band)
        while len(self._known) > _KEPT * _BANDS:
            self._groups.pop(self._known.popleft(), None)
        group.numbers.append(number)
        group.recent.append(at)
        while group.recent[0] < at - ALIKE_WITHIN:
            group.recent.popleft()
        group.many = group.many or len(group.recent) > many

    def groups(self) -> list[Group]:
        """Those that were many at once, the largest first."""
        found = {id(group): group for group in self._groups.values() if group.many}
        return sorted(found.values(), key=lambda group: (-len(group.numbers), group.numbers[0]))


@dataclass(slots=True)
class Sky:
    """What a desk knows of its storm's queue, in memory only: groups of similar messages, and when each is due.
    `looked` is when the card was made last, since this start."""

    alike: Alike = field(default_factory=Alike)
    due: dict[int, datetime | None] = field(default_factory=dict)
    looked: datetime | None = None

    def late(self, numbers: Collection[int], at: datetime) -> int:
        """How many of these should be answered by `at`."""
        return sum((due := self.due.get(number)) is not None and due <= at for number in numbers)


def _similar(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _LIKE * len(one | other)


def _sketch(words: frozenset[str]) -> list[tuple[int, ...]]:
    """Some short marks of a set of words; similar sets nearly always have one in common."""
    encoded = [word.encode() for word in words]
    lowest = [min(crc32(word, seed * 0x9E3779B1 & 0xFFFFFFFF) for word in encoded) for seed in range(_BANDS * _ROWS)]
    return [(band, *lowest[band * _ROWS : (band + 1) * _ROWS]) for band in range(_BANDS)]
