"""The journal: every transaction as one line, in files that follow one another, and what a start makes of them."""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

from desk.store.disk import Disk, read_lines
from desk.store.errors import StoreBroken, StoreFull
from desk.store.lines import Change, header, read_header, read_record, torn, unframe

KIND = "journal"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a write is refused with where room is missing; everything else means that the disk cannot be trusted."""
_NAME = re.compile(r"desk\.journal-(\d{6,})")
_log = logging.getLogger(__name__)


def path_of(folder: Path, generation: int) -> Path:
    """Where the journal of that generation lies."""
    return folder / f"desk.journal-{generation:06}"


def generations(folder: Path) -> list[int]:
    """The journals in a folder, oldest first."""
    return sorted(int(found[1]) for path in folder.iterdir() if (found := _NAME.fullmatch(path.name)))


class Journal:
    """The journal that is written now. Everything but `size` belongs to the thread that writes."""

    def __init__(self, folder: Path, disk: Disk, generation: int) -> None:
        self._folder = folder
        self._disk = disk
        self.generation = generation
        self._fd = disk.open_end(path_of(folder, generation))
        self.size = os.fstat(self._fd).st_size
        """Bytes in this file."""

    @classmethod
    def create(cls, folder: Path, disk: Disk, generation: int) -> Journal:
        """A new file, which has its name only once its first line is on the disk."""
        path = path_of(folder, generation)
        temporary = path.with_name(path.name + ".new")
        fd = disk.open_new(temporary)
        try:
            disk.write(fd, header(KIND, generation=generation))
            disk.sync(fd)
        finally:
            os.close(fd)
        disk.rename(temporary, path)
        disk.sync_folder(folder)
        return cls(folder, disk, generation)

    def append(self, data: bytes) -> None:
        """Write whole lines and wait for the disk.

        Raises StoreFull where there is no room; the file is then as it was before. Raises OSError for everything else,
        a sync that failed above all: what the disk holds is unknown then, and nothing more may be written here.
        """
        try:
            self._disk.write(self._fd, data)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            self._disk.cut(path_of(self._folder, self.generation), self.size)
            raise StoreFull(
                f"There is no room left for {self._folder}: {error.strerror}. Nothing new is taken and nothing was "
                "lost; it goes on by itself as soon as there is room."
            ) from None
        self._disk.sync(self._fd)
        self.size += len(data)

    def next(self) -> Journal:
        """The file that follows; this one is closed."""
        following = Journal.create(self._folder, self._disk, self.generation + 1)
        self.close()
        return following

    def close(self) -> None:
        """Give the file back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def replay(folder: Path, disk: Disk, generation: int, last: bool, after: int) -> Iterator[tuple[int, list[Change]]]:
    """The transactions of one journal that come after number `after`, in order.

    The end of the last journal may be torn. It is set aside into a file of its own, which a warning names. Raises
    StoreBroken where a broken line stands anywhere else, or a number is missing.
    """
    path = path_of(folder, generation)
    lines = read_lines(path)
    first = next(lines, None)
    if first is None:
        raise StoreBroken(f"{path} is empty, but a journal never is: restore it, or the whole folder, from a backup.")
    read_header(first[1], str(path), KIND)
    for offset, line in lines:
        text = unframe(line)
        if text is None:
            if not last or not torn([line, *(later for _, later in lines)]):
                raise _broken(path, offset, "the line there fails its checksum")
            _set_aside(folder, disk, path, offset)
            return
        try:
            number, changes = read_record(text)
        except ValueError:
            raise _broken(path, offset, "the line there is no transaction") from None
        if number <= after:
            continue
        if number != after + 1:
            raise _broken(path, offset, f"transaction {after + 1} is missing, {number} stands there")
        after = number
        yield number, changes


def _broken(path: Path, offset: int, why: str) -> StoreBroken:
    return StoreBroken(
        f"{path} is damaged at byte {offset}: {why}. Nothing was changed. Restore the whole folder from a backup; or, "
        f"to go on without what follows, keep a copy of the folder, cut the file there (truncate -s {offset} {path}) "
        "and remove the journals with higher numbers."
    )


def _set_aside(folder: Path, disk: Disk, path: Path, offset: int) -> None:
    """Keep the torn end of a journal in a file beside it, then cut it off."""
    with open(path, "rb") as file:
        file.seek(offset)
        rest = file.read()
    name = f"{path.name}.torn-{offset}"
    aside, more = folder / name, 1
    while aside.exists():
        more += 1
        aside = folder / f"{name}.{more}"
    fd = disk.open_new(aside)
    try:
        disk.write(fd, rest)
        disk.sync(fd)
    finally:
        os.close(fd)
    disk.sync_folder(folder)
    disk.cut(path, offset)
    _log.warning(
        "%s ended in a torn line: its last %d bytes, from byte %d, never acknowledged, were set aside in %s",
        path.name,
        len(rest),
        offset,
        aside.name,
    )
