"""What can be wrong with the desk's memory, each said as a sentence that names the file and the way on."""

from __future__ import annotations

from desk.model.errors import NotKept


class StoreError(Exception):
    """The store cannot be used. `sentence` says what is so, then what to do; it holds no customer's text."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StoreLocked(StoreError):
    """Another process has this folder open. `pid` is its process id, 0 where it could not be read."""

    def __init__(self, pid: int, folder: str) -> None:
        super().__init__(
            f"Another Frontdesk (process {pid or 'unknown'}) is using {folder}. Stop it first, or give this one a "
            "folder of its own."
        )
        self.pid = pid


class StoreFull(StoreError, NotKept):
    """There is no room: this was not kept, and nothing of it is left. What comes later is kept again once there is."""


class StoreBroken(StoreError, NotKept):
    """A file is damaged, or the disk cannot be trusted: nothing more is acknowledged until a fresh start."""


class StoreUnusable(StoreBroken):
    """The folder cannot be used as it stands: not writable, not a folder, or a link where a file should be."""


class StoreNewer(StoreError):
    """The files were written by a newer Frontdesk. `found` and `known` are the two schema versions."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"{name} was written by a newer Frontdesk (schema {found}; this one knows schema {known}). Start the newer "
            "version again, or restore a backup from before the upgrade."
        )
        self.found = found
        self.known = known
