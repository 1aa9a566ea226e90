"""TinyDB's storage: the documents resident as JSON texts, each change a journal line, recovered at every start."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from desk import crash
from desk.store import journal, snapshot
from desk.store.disk import Disk, make_folder
from desk.store.errors import StoreBroken
from desk.store.journal import Journal
from desk.store.lines import dumps, frame, record
from desk.store.lock import Lock

Key = tuple[str, int]
ARCHIVE = "archive"
_log = logging.getLogger(__name__)


class JournalStorage(Storage):
    """A folder as a TinyDB storage.

    Outside a batch every change is written and synced before the call returns. Inside one (`begin` … `commit` or
    `rollback`) changes are in memory only, and `commit` returns the line that makes them last; who calls it writes it.
    """

    def __init__(self, folder: str | Path, disk: Disk | None = None) -> None:
        """Lock the folder and read it. Raises StoreLocked, StoreBroken, StoreNewer."""
        self.folder = Path(folder)
        self.disk = disk or Disk()
        make_folder(self.folder)
        self._lock = Lock(self.folder)
        try:
            self.tables, self.number, generation = self._recover()
            self.journal = Journal(self.folder, self.disk, generation)
        except OSError as error:
            self._lock.release()
            raise StoreBroken(
                f"{error.filename or self.folder} cannot be read or written: {error.strerror}."
            ) from error
        except BaseException:
            self._lock.release()
            raise
        self._before: dict[Key, str | None] | None = None

    # what TinyDB calls
    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables by name; documents are parsed only when one looks."""
        return {name: _Documents(documents) for name, documents in self.tables.items()} or None  # type: ignore[misc]

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Make `data` the whole content; only what differs is written."""
        changes: list[tuple[str, int, str | None]] = []
        for name, documents in self.tables.items():
            wanted = data.get(name, {})
            if not (isinstance(wanted, _Documents) and wanted.texts is documents):
                changes += [(name, key, None) for key in documents if str(key) not in wanted]
        for name, wanted in data.items():
            have = self.tables.setdefault(name, {})
            if not (isinstance(wanted, _Documents) and wanted.texts is have):
                texts = {int(key): dumps(document) for key, document in wanted.items()}
                changes += [(name, key, text) for key, text in texts.items() if have.get(key) != text]
        self.apply(changes)
        for name in [name for name in self.tables if name not in data]:
            del self.tables[name]

    def close(self) -> None:
        """Give the folder back."""
        self.journal.close()
        self._lock.release()

    # what the resident tables call
    def documents(self, table: str) -> dict[int, str]:
        """One table's texts by id; to read only."""
        return self.tables.setdefault(table, {})

    def apply(self, changes: Sequence[tuple[str, int, str | None]]) -> None:
        """Change documents: all or none of them, on the disk at once, or with the batch."""
        if self._before is None:
            if not changes:
                return
            self.journal.append(frame(record(self.number + 1, changes)))
            self.number += 1
        for table, key, text in changes:
            documents = self.documents(table)
            if self._before is not None:
                self._before.setdefault((table, key), documents.get(key))
            if text is None:
                documents.pop(key, None)
            else:
                documents[key] = text

    # batches
    def begin(self) -> None:
        """From here on changes are staged."""
        if self._before is not None:
            raise RuntimeError("a transaction is open already")
        self._before = {}

    def commit(self) -> bytes | None:
        """End the batch; the line to write, or None where nothing differs from before."""
        before, self._before = self._before or {}, None
        changes = [
            (table, key, text)
            for (table, key), old in before.items()
            if (text := self.documents(table).get(key)) != old
        ]
        if not changes:
            return None
        self.number += 1
        return frame(record(self.number, changes))

    def staged(self) -> dict[Key, str | None]:
        """What the changed documents of this batch were before."""
        return self._before or {}

    def rollback(self) -> None:
        """End the batch as if it had never begun."""
        before, self._before = self._before or {}, None
        self.put_back(before)

    def put_back(self, before: Mapping[Key, str | None]) -> None:
        """Make documents what they were."""
        for (table, key), old in before.items():
            if old is None:
                self.documents(table).pop(key, None)
            else:
                self.documents(table)[key] = old

    # snapshots
    def copy(self) -> snapshot.Tables:
        """All documents as they are now; the texts are shared, for they never change."""
        return {name: dict(documents) for name, documents in self.tables.items()}

    def rotate(self) -> None:
        """Go on in a new journal. Raises OSError; then the old one goes on."""
        self.journal = self.journal.next()

    def write_snapshot(self, tables: snapshot.Tables, number: int, generation: int) -> None:
        """Put a snapshot in place, then drop the journals that not even the previous one needs. Raises OSError."""
        snapshot.write(self.folder, self.disk, tables, number, generation)
        crash.reached("CP14")
        self._sweep()

    def _sweep(self) -> None:
        oldest = snapshot.generation_of(self.folder / snapshot.PREVIOUS)
        if oldest is not None:
            for old in journal.generations(self.folder):
                if old < oldest:
                    self.disk.remove(journal.path_of(self.folder, old))

    # the start
    def _recover(self) -> tuple[snapshot.Tables, int, int]:
        """Documents, number of the last transaction, and generation of the journal to go on with."""
        folder = self.folder
        present = journal.generations(folder)
        current, previous = folder / snapshot.NAME, folder / snapshot.PREVIOUS
        if current.exists() and not current.stat().st_size:
            _log.warning("%s is empty; the desk is rebuilt from what lies beside it", current.name)
            base = self._without_current(previous, present)
        elif current.exists():
            base = snapshot.read(current)
        elif not present and not previous.exists():
            return self._begin()
        else:
            _log.warning("%s is missing; the desk is rebuilt from what lies beside it", current.name)
            base = self._without_current(previous, present)
        if current.exists() and not current.stat().st_size:
            self.disk.remove(current)
        wanted = [generation for generation in present if generation >= base.generation]
        if wanted != list(range(base.generation, base.generation + len(wanted))) or not wanted:
            missing = next(g for g in range(base.generation, base.generation + len(wanted) + 1) if g not in wanted)
            raise StoreBroken(
                f"{journal.path_of(folder, missing)} is missing, and with it everything that was written into it. "
                "Nothing was changed. Put it back, or restore the whole folder from a backup."
            )
        tables, number = base.tables, base.number
        for generation in wanted:
            last = generation == wanted[-1]
            for done, changes in journal.replay(folder, self.disk, generation, last, after=number):
                number = done
                for table, key, text in changes:
                    documents = tables.setdefault(table, {})
                    if text is None:
                        documents.pop(key, None)
                    else:
                        documents[key] = text
        self._sweep()
        return {name: documents for name, documents in tables.items() if documents}, number, wanted[-1]

    def _without_current(self, previous: Path, present: list[int]) -> snapshot.Snapshot:
        """Where to begin when the snapshot is gone: at the previous one, or at the first journal of all."""
        if previous.exists() and previous.stat().st_size:
            return snapshot.read(previous)
        if present and present[0] == 1:
            return snapshot.Snapshot({}, 0, 1)
        raise StoreBroken(
            f"{self.folder / snapshot.NAME} is missing or empty, and neither a previous snapshot nor all journals are "
            "there to rebuild it. This is not an empty desk: restore the whole folder from a backup."
        )

    def _begin(self) -> tuple[snapshot.Tables, int, int]:
        """An empty desk; refused where an archive shows that there was one before."""
        if any((self.folder / ARCHIVE).glob("*")):
            raise StoreBroken(
                f"{self.folder} has an archive but neither snapshot nor journal. This is not an empty desk: restore "
                "the whole folder from a backup."
            )
        Journal.create(self.folder, self.disk, 1).close()
        snapshot.write(self.folder, self.disk, {}, 0, 1)
        return {}, 0, 1


class _Documents(Mapping[str, Any]):
    """One table as TinyDB expects it from a storage: ids as strings, each document parsed anew for whoever looks."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.texts = texts

    def __getitem__(self, key: str) -> Any:
        try:
            return json.loads(self.texts[int(key)])
        except ValueError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[str]:
        return (str(key) for key in self.texts)

    def __len__(self) -> int:
        return len(self.texts)
