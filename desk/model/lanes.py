"""Closed lanes: what must wait because Slack said so, or said nothing; and the one try that shows it is well again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

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

    def free_at(self, lane: Lane, now: datetime) -> datetime:
        """When something may be tried there; `now` if at once."""
        if not self._closed:
            return now
        return max([now, *(closed.until for part in _parts(lane) if (closed := self._closed.get(part)))])

    def probes(self, lane: Lane) -> tuple[Lane, ...]:
        """The closed lanes around it, over each of which only one try at a time may go."""
        return tuple(part for part in _parts(lane) if part in self._closed) if self._closed else ()


def _parts(lane: Lane) -> Iterator[Lane]:
    return (lane[:length] for length in range(1, len(lane) + 1))
