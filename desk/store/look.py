"""A look at a store that a running desk has: a copy of it as it was a moment ago, which nobody writes to."""

from __future__ import annotations

from pathlib import Path

from desk.store import journal, snapshot


def copied(folder: Path, to: Path) -> None:
    """Copy what a start reads from a store in use into an empty folder of one's own; the archive stays where it is.

    The snapshot comes first, for its journals stay until the next but one; then the journals from the last to the
    first: whichever is not the last has been written to the end by then. Of a line that is being written, nothing is
    taken. Raises OSError where a file goes meanwhile, or there is no room.
    """
    current = folder / snapshot.NAME
    if current.exists():
        (to / snapshot.NAME).write_bytes(current.read_bytes())
    present = sorted(journal.generations(folder), reverse=True)
    for generation in present:
        lines = journal.path_of(folder, generation).read_bytes()
        if generation == present[0]:
            lines = lines[: lines.rfind(b"\n") + 1]
        journal.path_of(to, generation).write_bytes(lines)
