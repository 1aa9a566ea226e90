"""The desk's memory over TinyDB: one transaction after the other, and the disk shared by all who wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from desk.ports import Tx
from desk.store.archive import Packed, month_of
from desk.store.disk import Disk
from desk.store.errors import StoreBroken, StoreFull
from desk.store.indexes import instant, ticks
from desk.store.questions import Memory, Questions
from desk.store.storage import JournalStorage
from desk.store.tables import DeskDB

T = TypeVar("T")

SNAPSHOT_BYTES = 16 * 1024 * 1024
"""A journal longer than this is folded into a snapshot; and never before it is as long as the snapshot was."""

_PACKED = 50
"""Inquiries that go into the archive at a time."""

_log = logging.getLogger(__name__)


class TinyStore:
    """A `Store` in one folder, for one process and one event loop.

    A transaction changes the resident documents at once and keeps what they were, so that an exception undoes it. Its
    line goes to a thread that writes and syncs all lines waiting at that moment together; a result is handed out when
    the disk has everything that the transaction could see. Lines that find no room are taken back, and who waits for
    them is told so: nobody has seen them. A disk that fails in any other way is not trusted again.
    """

    def __init__(self, db: DeskDB, snapshot_bytes: int = SNAPSHOT_BYTES) -> None:
        """Use `open`."""
        assert isinstance(db.storage, JournalStorage)
        self._db = db
        self._storage = db.storage
        self._memory = Memory(db)
        self._turn = asyncio.Lock()
        self._archiving = asyncio.Lock()
        self._writer = ThreadPoolExecutor(1, "desk-disk")
        self._queue: list[bytes | asyncio.Future[int]] = []
        self._writing: asyncio.Future[None] | None = None
        self._kept = 0
        self._durable = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._undo: deque[Mapping[tuple[str, int], str | None]] = deque()
        self.trouble = ""
        """Why nothing can be kept at the moment, as a sentence; empty when all is well."""
        self.homes: Set[str] = self._memory.indexes.homes.keys()
        """The channels in which open inquiries live; to read only."""
        self._broken: str | None = None
        self._fatal = asyncio.Event()
        self._closed = False
        self._snapshot_bytes = snapshot_bytes
        self._snapshot_at = snapshot_bytes
        self._checkpointing: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        fsync: bool = True,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        disk: Disk | None = None,
    ) -> TinyStore:
        """Lock `folder` (made where it is missing) and read it.

        With `fsync=False` a power cut may take the last moments; a kill does not. Raises StoreLocked where another
        process has it, StoreBroken for damage, StoreNewer for files of a newer version.
        """
        collecting = gc.isenabled()
        gc.disable()  # reading makes no garbage, but would be interrupted to look for some, again and again
        try:
            return cls._opened(folder, snapshot_bytes, disk or Disk(fsync))
        finally:
            if collecting:
                gc.enable()

    @classmethod
    def _opened(cls, folder: Path, snapshot_bytes: int, disk: Disk) -> TinyStore:
        db = DeskDB(folder, disk)
        try:
            return cls(db, snapshot_bytes)
        except OSError as error:
            db.close()
            raise StoreBroken(f"{error.filename or folder} cannot be read: {error.strerror}.") from error
        except BaseException:
            db.close()
            raise

    @property
    def db(self) -> DeskDB:
        """The TinyDB database, to look into. Changes made here pass the indexes by: restart after them."""
        return self._db

    @property
    def pending(self) -> int:
        """Transactions that wait for the disk."""
        return len(self._waiting)

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """See `Store.transact`. Raises StoreFull where there is no room for it, StoreBroken from the first write or
        sync on that failed for another reason."""
        async with self._turn:
            self._check()
            self._storage.begin()
            tx = Questions(self._memory)
            failure: Exception | None = None
            try:
                value = await work(tx)
            except Exception as error:
                self._memory.undo()
                failure = error
            except BaseException:
                self._memory.undo()
                raise
            else:
                before = self._storage.staged()
                line = self._storage.commit()
                if line is not None:
                    self._keep(line, before)
            finally:
                tx.end()
            seen = self._kept
        if seen > self._durable:
            await self._wait_for(seen)
        if failure is not None:
            raise failure
        return value

    async def until_broken(self) -> None:
        """Ends only by raising StoreBroken, once the disk cannot be trusted any more: the process should end then."""
        await self._fatal.wait()
        self._check()

    async def checkpoint(self) -> None:
        """Fold the journal into a snapshot, while transactions go on. Raises OSError where it cannot be written; the
        store works on without it."""
        while self._checkpointing is not None:
            await asyncio.wait({self._checkpointing})
        self._check()
        self._checkpointing = asyncio.get_running_loop().create_task(self._checkpoint(), name="store-checkpoint")
        await asyncio.shield(self._checkpointing)

    async def archive(self, before: datetime) -> int:
        """Move inquiries that were closed before that instant, with all that belongs to them, out of memory into the
        archive, and settled operations and events of no inquiry too. How many inquiries moved.

        They are still found by number, conversation, thread, message and operation, and come back when something of
        theirs is kept. Raises OSError where the archive cannot be written; all that did not move is resident still.
        """
        async with self._archiving:
            return await self._archive(before)

    async def _archive(self, before: datetime) -> int:
        loop = asyncio.get_running_loop()
        moved, left_alone = 0, set[int]()
        while packed := self._pack(ticks(before), left_alone):
            self._check()
            await loop.run_in_executor(None, self._memory.archive.append, packed)
            gone = await self.transact(lambda tx, packed=packed: self._unload(packed))  # type: ignore[misc]
            left_alone |= {one.number for one in packed} - set(gone)
            moved += len([number for number in gone if number])
        if self._memory.archive:
            await loop.run_in_executor(None, self._memory.archive.save)
        return moved

    def _pack(self, before: int, left_alone: set[int]) -> list[Packed]:
        """Some of what may go, as it is now; 0 stands for what belongs to no inquiry."""
        indexes, packed = self._memory.indexes, list[Packed]()
        for closed, number in indexes.closed:
            if closed >= before or len(packed) >= _PACKED:
                break
            if number not in left_alone and not any(self._memory.waits(seq) for seq in indexes.ops.of(number)):
                packed.append(Packed(number, month_of(instant(closed)), self._memory.all_of(number)))
        if not packed and 0 not in left_alone:
            changes = self._memory.of_none(before)
            if changes:
                packed.append(Packed(0, month_of(instant(before)), tuple(changes[: _PACKED * 10])))
        return packed

    async def _unload(self, packed: list[Packed]) -> list[int]:
        """Drop from memory what is in the archive as it is in memory; the numbers of those."""
        gone = []
        for one in packed:
            now = self._memory.all_of(one.number) if one.number else one.changes
            if one.changes == now and all(self._memory.tables[t].text(key) == text for t, key, text in one.changes):
                for table, key, _ in one.changes:
                    self._memory.put(table, key, None)
                gone.append(one.number)
        return gone

    async def close(self) -> None:
        """Wait for the disk and give the folder back."""
        if self._closed:
            return
        self._closed = True
        if self._checkpointing is not None:
            await asyncio.wait({self._checkpointing})
        if self._broken is None and self._kept > self._durable:
            with contextlib.suppress(StoreBroken, StoreFull):
                await self._wait_for(self._kept)
        if self._writing is not None:
            await asyncio.wait({self._writing})
        self._writer.shutdown()
        self._db.close()

    # the disk
    def _check(self) -> None:
        if self._broken is not None:
            raise StoreBroken(self._broken)
        if self._closed:
            raise RuntimeError("the store is closed")

    def _keep(self, line: bytes, before: Mapping[tuple[str, int], str | None]) -> None:
        """Hand a line to the disk; `before` is what undoes it."""
        self._kept += 1
        self._undo.append(before)
        if self._storage.disk.fsync:
            self._queue.append(line)
            self._start()
        else:
            try:
                self._storage.journal.append(line)
            except StoreFull as full:
                self._take_back(full)
                raise
            except OSError as error:
                self._break(error)
            else:
                self._safe(1)
        if self._storage.journal.size > self._snapshot_at and self._checkpointing is None:
            self._checkpointing = asyncio.get_running_loop().create_task(self._by_itself(), name="store-checkpoint")

    def _start(self) -> None:
        if self._writing is None and self._queue and self._broken is None:
            loop = asyncio.get_running_loop()
            self._writing = loop.create_future()
            loop.call_soon(self._write)

    def _write(self) -> None:
        """Give the thread all that waits by now."""
        batch, self._queue = self._queue, []
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._writer, self._in_thread, batch)
        done.add_done_callback(lambda done: self._written(batch, done))

    def _in_thread(
        self, batch: list[bytes | asyncio.Future[int]]
    ) -> tuple[int, dict[int, OSError | int], StoreFull | None]:
        """Write lines, and begin a new journal where a snapshot asks for it: how many lines are safe, what became of
        each turn, and why it went no further."""
        safe = 0
        turned: dict[int, OSError | int] = {}
        lines: list[bytes] = []
        try:
            for at, item in enumerate(batch):
                if isinstance(item, bytes):
                    lines.append(item)
                    continue
                if lines:
                    self._storage.journal.append(b"".join(lines))
                    safe, lines = safe + len(lines), []
                try:
                    self._storage.rotate()
                    turned[at] = self._storage.journal.generation
                except OSError as error:
                    turned[at] = error
            if lines:
                self._storage.journal.append(b"".join(lines))
                safe += len(lines)
        except StoreFull as full:
            return safe, turned, full
        return safe, turned, None

    def _written(
        self,
        batch: list[bytes | asyncio.Future[int]],
        done: asyncio.Future[tuple[int, dict[int, OSError | int], StoreFull | None]],
    ) -> None:
        """Back in the loop: let go who waited for this."""
        writing, self._writing = self._writing, None
        error = done.exception()
        if error is not None:
            self._queue = batch + self._queue
            self._break(error)
        else:
            safe, turns, full = done.result()
            for at, turned in turns.items():
                item = batch[at]
                assert isinstance(item, asyncio.Future)
                if isinstance(turned, OSError):
                    item.set_exception(turned)
                else:
                    item.set_result(turned)
            self._safe(safe)
            if full is not None:
                self._queue[:0] = [item for item in batch if isinstance(item, asyncio.Future)]
                self._take_back(full)
            self._start()
        if writing is not None:
            writing.set_result(None)

    def _safe(self, lines: int) -> None:
        """So many more lines are on the disk."""
        self._durable += lines
        for _ in range(lines):
            self._undo.popleft()
        while self._waiting and self._waiting[0][0] <= self._durable:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
        if self.trouble and lines:
            self.trouble = ""
            _log.warning("There is room again in %s; all is kept as before.", self._storage.folder)

    def _take_back(self, full: StoreFull) -> None:
        """No room: what is not on the disk has never been, and whoever saw it hears so."""
        if not self.trouble:
            _log.error("%s", full.sentence)
        self.trouble = full.sentence
        while self._undo:
            self._memory.take_back(self._undo.pop())
        self._kept = self._durable
        self._give_up(full)

    async def _wait_for(self, seen: int) -> None:
        if self._broken is not None:
            raise StoreBroken(self._broken)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seen, waiter))
        await waiter

    def _break(self, error: BaseException) -> None:
        """The disk refused: from now on nothing is acknowledged."""
        why = (error.strerror or str(error)) if isinstance(error, OSError) else repr(error)
        self._broken = (
            f"The journal in {self._storage.folder} could not be written: {why}. What was acknowledged is safe; "
            "nothing more is accepted. Mend the disk, then start again."
        )
        _log.error("%s", self._broken)
        self.trouble = self._broken
        self._fatal.set()
        self._give_up(StoreBroken(self._broken))

    def _give_up(self, error: StoreFull | StoreBroken) -> None:
        """All who wait for the disk hear why it is in vain."""
        queue, self._queue = self._queue, []
        for item in queue:
            if isinstance(item, asyncio.Future) and not item.done():
                item.set_exception(type(error)(error.sentence))
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(type(error)(error.sentence))

    # snapshots
    async def _by_itself(self) -> None:
        try:
            await self._checkpoint()
        except (OSError, StoreBroken, StoreFull) as error:
            self._snapshot_at = self._storage.journal.size * 2
            _log.warning("no snapshot could be written, the journal goes on: %s", error)

    async def _checkpoint(self) -> None:
        try:
            async with self._turn:
                tables, number = self._storage.copy(), self._storage.number
                turned = self._turn_over()
            generation = await turned
            await asyncio.get_running_loop().run_in_executor(
                None, self._storage.write_snapshot, tables, number, generation
            )
            size = (self._storage.folder / "desk.snapshot").stat().st_size
            self._snapshot_at = max(self._snapshot_bytes, size)
        finally:
            self._checkpointing = None

    def _turn_over(self) -> asyncio.Future[int]:
        """Let the journal begin anew after all that is kept by now; the new one's generation."""
        self._check()
        turned: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._storage.disk.fsync:
            self._queue.append(turned)
            self._start()
        else:
            self._storage.rotate()
            turned.set_result(self._storage.journal.generation)
        return turned
