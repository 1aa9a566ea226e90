"""One desk per folder: a lock that the operating system takes back by itself when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from desk.store.disk import FILE_MODE
from desk.store.errors import StoreLocked, StoreUnusable

NAME = "desk.lock"


class Lock:
    """An exclusive flock on `desk.lock`, which holds the pid of whoever has it. Raises StoreLocked at once."""

    def __init__(self, folder: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._fd = os.open(folder / NAME, flags, FILE_MODE)
        except OSError as error:
            raise StoreUnusable(f"{folder / NAME} cannot be opened: {error.strerror}.") from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held = os.pread(self._fd, 32, 0)
            os.close(self._fd)
            pid = 0
            with contextlib.suppress(ValueError):
                pid = int(held)
            raise StoreLocked(pid, str(folder)) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Let others in."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
