"""Disks that count, wait, fail, or stop for good in the middle of a step."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from desk.store.disk import Disk


class CountingDisk(Disk):
    """Counts what it is asked to do."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.syncs = 0

    def write(self, fd: int, data: bytes) -> None:
        self.writes += 1
        super().write(fd, data)

    def sync(self, fd: int) -> None:
        self.syncs += 1
        super().sync(fd)


class HeldDisk(Disk):
    """Once `hold` was called, lets no sync (or no write) through until `release`."""

    def __init__(self) -> None:
        super().__init__()
        self._free = threading.Event()
        self._free.set()
        self._error: int | None = None
        self._writes = False

    def hold(self, writes: bool = False) -> None:
        self._writes = writes
        self._free.clear()

    def release(self, error: int | None = None) -> None:
        """Go on; with `error`, fail what was held and everything after it."""
        self._error = error
        self._free.set()

    def write(self, fd: int, data: bytes) -> None:
        if self._writes:
            self._wait()
        super().write(fd, data)

    def sync(self, fd: int) -> None:
        if not self._writes:
            self._wait()
        super().sync(fd)

    def _wait(self) -> None:
        self._free.wait(10)
        if self._error is not None:
            raise OSError(self._error, os.strerror(self._error))


class FailingDisk(Disk):
    """From `fail` on every sync (or every write) is an error, as from a dying device or a full one."""

    def __init__(self) -> None:
        super().__init__()
        self._error: int | None = None
        self._writes = False

    def fail(self, error: int, writes: bool = False) -> None:
        self._error, self._writes = error, writes

    def mend(self) -> None:
        self._error = None

    def write(self, fd: int, data: bytes) -> None:
        if self._error is not None and self._writes:
            super().write(fd, data[: len(data) // 2])
            raise OSError(self._error, os.strerror(self._error))
        super().write(fd, data)

    def sync(self, fd: int) -> None:
        if self._error is not None and not self._writes:
            raise OSError(self._error, os.strerror(self._error))
        super().sync(fd)


class Died(OSError):
    """The process is no more."""

    def __init__(self) -> None:
        super().__init__(errno.EIO, "died")


class DyingDisk(Disk):
    """Does so many steps, half of the next one if that is a write, and nothing more: a process that was killed.

    `cut_power` then also takes from the files what no sync had forced out.
    """

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps
        self.dead = False
        self._files: dict[int, tuple[int, int]] = {}
        self._synced: dict[int, tuple[Path, int]] = {}

    def _step(self) -> bool:
        """Whether this step still happens."""
        if self.dead:
            raise Died
        self.left -= 1
        if self.left < 0:
            self.dead = True
        return not self.dead

    def _opened(self, fd: int, path: Path) -> int:
        found = os.fstat(fd)
        self._files[fd] = (found.st_ino, found.st_size)
        self._synced[found.st_ino] = (path, found.st_size)
        return fd

    def open_new(self, path: Path) -> int:
        if not self._step():
            raise Died
        return self._opened(super().open_new(path), path)

    def open_end(self, path: Path) -> int:
        if not self._step():
            raise Died
        return self._opened(super().open_end(path), path)

    def write(self, fd: int, data: bytes) -> None:
        if not self._step():
            super().write(fd, data[: len(data) // 2])
            raise Died
        super().write(fd, data)

    def sync(self, fd: int) -> None:
        if not self._step():
            raise Died
        super().sync(fd)
        found = os.fstat(fd)
        self._synced[found.st_ino] = (
            self._synced[found.st_ino][0] if found.st_ino in self._synced else Path(),
            found.st_size,
        )

    def sync_folder(self, folder: Path) -> None:
        if not self._step():
            raise Died
        super().sync_folder(folder)

    def rename(self, old: Path, new: Path) -> None:
        if not self._step():
            raise Died
        super().rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        if not self._step():
            raise Died
        super().link(old, new)

    def remove(self, path: Path) -> None:
        if not self._step():
            raise Died
        super().remove(path)

    def cut(self, path: Path, size: int) -> None:
        if not self._step():
            raise Died
        super().cut(path, size)

    def cut_power(self, folder: Path) -> None:
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            found = path.stat()
            known = self._synced.get(found.st_ino)
            if known is not None and known[1] < found.st_size:
                os.truncate(path, known[1])
