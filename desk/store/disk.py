"""The one place where the store's bytes meet the disk, step by step, so that a test can stop the world between two."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from desk.store.errors import StoreUnusable

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_STEP = 1 << 14
_PLAIN = os.O_NOFOLLOW | os.O_CLOEXEC


class Disk:
    """Plain system calls. With `fsync=False` nothing is forced out: fast, and no promise over a power cut."""

    def __init__(self, fsync: bool = True) -> None:
        self.fsync = fsync

    def open_new(self, path: Path) -> int:
        """Create an empty file to append to, in place of one left over under that name."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _PLAIN, FILE_MODE)

    def open_end(self, path: Path) -> int:
        """Open a file to append to; made where it is missing."""
        return _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, fd: int, data: bytes) -> None:
        """Write all of `data`, however many calls that takes. Raises OSError; part of it may then be written."""
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    def sync(self, fd: int) -> None:
        """Wait until what was written to `fd` survives a power cut."""
        if self.fsync:
            os.fdatasync(fd)

    def sync_folder(self, folder: Path) -> None:
        """Wait until the names in `folder` survive a power cut."""
        if self.fsync:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Put `old` in the place of `new`, at once."""
        os.rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name."""
        os.link(old, new, follow_symlinks=False)

    def remove(self, path: Path) -> None:
        """Remove a name; nothing happens where it is missing."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)

    def cut(self, path: Path, size: int) -> None:
        """Shorten a file to `size` bytes, durably."""
        fd = _open(path, os.O_WRONLY)
        try:
            os.ftruncate(fd, size)
            self.sync(fd)
        finally:
            os.close(fd)


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | _PLAIN, FILE_MODE)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StoreUnusable(f"{path} is a symbolic link. Put the file itself there.") from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR):
            raise StoreUnusable(f"{path} cannot be opened: {error.strerror}. It must belong to this user.") from None
        raise


def read_lines(path: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Each line with the offset of its first byte, newline kept; a symbolic link is refused."""
    fd = _open(path, os.O_RDONLY)
    with os.fdopen(fd, "rb", buffering=1 << 20) as file:
        file.seek(start)
        offset = start
        for line in file:
            yield offset, line
            offset += len(line)


def read_line_at(path: Path, offset: int) -> bytes:
    """The line that begins at `offset`; what there is of it at the end of the file."""
    fd = _open(path, os.O_RDONLY)
    try:
        line = b""
        while more := os.pread(fd, _STEP, offset + len(line)):
            end = more.find(b"\n")
            line += more if end < 0 else more[: end + 1]
            if end >= 0:
                break
        return line
    finally:
        os.close(fd)


def make_folder(folder: Path) -> None:
    """Make `folder` where it is missing, and keep others out of it. Raises StoreUnusable."""
    if folder.is_symlink():
        raise StoreUnusable(f"The folder {folder} is a symbolic link. Name the folder itself.")
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(FOLDER_MODE)
    except FileExistsError:
        raise StoreUnusable(f"{folder} is a file; the desk needs a folder there.") from None
    except OSError as error:
        raise StoreUnusable(f"The folder {folder} cannot be used: {error.strerror}.") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StoreUnusable(f"The folder {folder} is not writable for this user.")
