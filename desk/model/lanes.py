"""Who goes next over a channel's budget; and closed lanes: what must wait because Slack said so, or said nothing, and
the one try that shows it is well again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.model.outbox import urgency

Lane = tuple[str, ...]
"""From wide to narrow: ("slack",), ("slack", "C0DESK"), ("slack", "C0DESK", "post"). Closing one closes all below."""

LONGEST = timedelta(seconds=60)
"""However often a lane was closed in a row, it is tried again after this long, unless the other side asks for more."""
SAY_AGAIN = timedelta(minutes=5)
"""A trouble that lasts is told again this often."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A lane that waits until `until`; closed `times` times in a row; told of last at `said_at`."""

    until: datetime
    times: int
    said_at: datetime


class Lanes:
    """Which lanes are closed, in memory only: a start tries everything once."""

    def __init__(self) -> None:
        self._closed: dict[Lane, Closed] = {}
        self._barred: set[Lane] = set()
        self._passed: dict[Lane, dict[int, int]] = {}

    def order(self, lane: Lane, waiting: Collection[int]) -> list[int]:
        """Whose turn it is on that line, of the lanes in which something waits."""
        return in_turn(waiting, self._passed.get(lane, {}))

    def given(self, lane: Lane, waiting: Collection[int], to: int) -> None:
        """A message of that line's budget went to lane `to`."""
        self._passed[lane] = passed_over(waiting, self._passed.get(lane, {}), to)

    def close(self, lane: Lane, until: datetime, now: datetime) -> bool:
        """Close it until then, but longer each time in a row: 1, 2, 4 … 60 s. True where people should be told."""
        before = self._closed.get(lane)
        times = before.times + 1 if before else 1
        backoff = min(LONGEST, timedelta(seconds=2 ** min(times - 1, 6)))
        tell = before is None or now - before.said_at >= SAY_AGAIN
        said_at = now if before is None or tell else before.said_at
        self._closed[lane] = Closed(max(until, now + backoff), times, said_at)
        return tell

    def open(self, lane: Lane) -> bool:
        """Something went well there: the lane and all that hold it are open. True where one was closed."""
        return any([self._closed.pop(part, None) is not None for part in _parts(lane)])

    def bar(self, lane: Lane) -> None:
        """Nothing at all may go there, and nothing is tried, until it is let free."""
        self._barred.add(lane)

    def free(self, lane: Lane) -> None:
        """It is barred no longer."""
        self._barred.discard(lane)

    def barred(self, lane: Lane) -> bool:
        """Whether it, or one that holds it, is barred."""
        return bool(self._barred) and any(part in self._barred for part in _parts(lane))

    def free_at(self, lane: Lane, now: datetime) -> datetime:
        """When something may be tried there; `now` if at once."""
        if self.barred(lane):
            return now + LONGEST
        if not self._closed:
            return now
        return max([now, *(closed.until for part in _parts(lane) if (closed := self._closed.get(part)))])

    def probes(self, lane: Lane) -> tuple[Lane, ...]:
        """The closed lanes around it, over each of which only one try at a time may go."""
        return tuple(part for part in _parts(lane) if part in self._closed) if self._closed else ()


FLOOR = {1: 6, 2: 5, 3: 20, 4: 20, 5: 20}
"""Of so many messages in a row that a channel takes, a lane of `outbox.Lane` gets one at least while something waits in
it: every fifth is the oldest waiting thread's, so that nothing starves. Lane 0 needs none, it goes first."""


def in_turn(waiting: Collection[int], passed: Mapping[int, int]) -> list[int]:
    """The lanes in the order in which they may have the channel's next message: the first to come, then the next.

    Strictly the most urgent lane first, but for one that was passed over so often that the next is its own. `passed`
    counts for each lane how many messages in a row others got while something waited in it.
    """
    starving = [lane for lane in waiting if lane in FLOOR and passed.get(lane, 0) >= FLOOR[lane] - 1]
    starving.sort(key=lambda lane: FLOOR[lane])
    return [*starving, *(lane for lane in sorted(waiting, key=urgency) if lane not in starving)]


def passed_over(waiting: Collection[int], passed: Mapping[int, int], given: int) -> dict[int, int]:
    """The counts after lane `given` had a message, while something waited in `waiting`."""
    return {lane: passed.get(lane, 0) + 1 for lane in waiting if lane != given}


def _parts(lane: Lane) -> Iterator[Lane]:
    return (lane[:length] for length in range(1, len(lane) + 1))
