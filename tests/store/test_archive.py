"""Closed inquiries leave memory for the archive, are found there for good, and come back when the customer does."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.model.errors import DeskError
from desk.model.inquiry import Inquiry, Status
from desk.model.outbox import Delivery
from desk.ports import Tx
from desk.store import StoreBroken, TinyStore
from tests.store.disks import FailingDisk
from tests.store.things import DAY, HOUR, NINE, a_clock, a_sent_op, an_entry, an_event, an_inquiry, an_op, asked

LATER = NINE + 30 * DAY


def closed(number: int, at: datetime = NINE, **fields: object) -> Inquiry:
    return an_inquiry(number, status=Status.CLOSED, closed_at=at, closed_reason="solved", **fields)


def a_whole_one(tx: Tx, number: int, at: datetime = NINE) -> None:
    """A closed inquiry with all that can belong to one."""
    tx.keep_inquiry(closed(number, at, thread_ts=f"{number}.5", conversations=(f"x:1000:direct:{number}",)))
    for index in range(3):
        tx.keep_entry(an_entry(number, index, f"Text {index} of {number} ő"))
    tx.keep_op(a_sent_op(f"root:{number}", number))
    tx.log(an_event(number, "arrived"))
    tx.log(an_event(number, "closed"))


def all_about(tx: Tx, number: int) -> list[object]:
    return [
        tx.inquiry(number), list(tx.entries(number)), list(tx.ops_of(number)), list(tx.events(number)),
        tx.by_identity(f"x:1000:post:{number}"), tx.by_identity(f"x:1000:direct:{number}"),
        tx.by_thread("C0DESK", f"{number}.5"), tx.entry_of("x", f"{number}-1"), tx.op(f"root:{number}"),
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "desk"


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[TinyStore]:
    opened = TinyStore.open(folder, fsync=False)
    yield opened
    await opened.close()


async def reopened(store: TinyStore, folder: Path) -> TinyStore:
    await store.close()
    return TinyStore.open(folder, fsync=False)


async def test_an_archived_inquiry_is_found_as_before_and_over_a_restart(store: TinyStore, folder: Path) -> None:
    await store.transact(asked(lambda tx: [a_whole_one(tx, number) for number in (1, 2, 3)]))
    known = [await store.transact(asked(lambda tx, n=n: all_about(tx, n))) for n in (1, 2, 3)]
    assert await store.archive(LATER) == 3
    assert len(store.db.table("inquiries")) == len(store.db.table("entries")) == len(store.db.table("ops")) == 0
    assert [await store.transact(asked(lambda tx, n=n: all_about(tx, n))) for n in (1, 2, 3)] == known
    store = await reopened(store, folder)
    assert [await store.transact(asked(lambda tx, n=n: all_about(tx, n))) for n in (1, 2, 3)] == known
    (folder / "archive" / "index").unlink()
    store = await reopened(store, folder)
    assert [await store.transact(asked(lambda tx, n=n: all_about(tx, n))) for n in (1, 2, 3)] == known
    await store.close()


async def test_only_what_was_closed_before_goes_by_the_month_of_its_closing(store: TinyStore, folder: Path) -> None:
    def work(tx: Tx) -> None:
        tx.keep_inquiry(closed(1, NINE))
        tx.keep_inquiry(closed(2, NINE + 31 * DAY))
        tx.keep_inquiry(closed(3, NINE + 40 * DAY))
        tx.keep_inquiry(an_inquiry(4))
        tx.keep_inquiry(closed(5))
        tx.keep_op(an_op("still owed", 5))

    await store.transact(asked(work))
    assert await store.archive(NINE + 40 * DAY) == 2
    assert sorted(p.name for p in (folder / "archive").iterdir()) == ["2026-03.archive", "2026-04.archive", "index"]
    assert sorted(doc.doc_id for doc in store.db.table("inquiries")) == [3, 4, 5]
    assert await store.archive(NINE + 40 * DAY) == 0


async def test_a_late_message_brings_the_whole_inquiry_back(store: TinyStore, folder: Path) -> None:
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.archive(LATER)

    def late(tx: Tx) -> None:
        number = tx.by_identity("x:1000:post:1")
        assert number == 1
        inquiry = tx.inquiry(1)
        assert inquiry is not None
        tx.keep_inquiry(replace(inquiry, status=Status.OPEN, closed_at=None, clock=a_clock(LATER + HOUR)))
        tx.keep_entry(an_entry(1, len(tx.entries(1)), "One more thing"))
        tx.keep_op(an_op("show:1:3"))
        tx.log(an_event(1, "reopened"))

    def look(tx: Tx) -> list[object]:
        return [
            [e.index for e in tx.entries(1)], [(o.op_id, o.seq) for o in tx.ops_of(1)],
            [e.what for e in tx.events(1)], [i.number for i in tx.open_inquiries()], tx.first_alarm(),
            [o.op_id for o in tx.waiting_ops()], *all_about(tx, 1)[4:7], tx.entry_of("x", "1-3"),
        ]  # fmt: skip

    await store.transact(asked(late))
    seen = await store.transact(asked(look))
    assert seen[:6] == [
        [0, 1, 2, 3], [("root:1", 1), ("show:1:3", 2)], ["arrived", "closed", "reopened"], [1], LATER + HOUR,
        ["show:1:3"],
    ]  # fmt: skip
    assert seen[6:9] == [1, 1, 1]
    store = await reopened(store, folder)
    assert await store.transact(asked(look)) == seen
    await store.close()


async def test_an_operation_that_was_archived_cannot_be_owed_anew(store: TinyStore) -> None:
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.transact(asked(lambda tx: tx.keep_op(a_sent_op("notice:2026-03-02", None))))
    await store.archive(LATER)
    assert len(store.db.table("ops")) == 0
    for op_id in ("root:1", "notice:2026-03-02"):
        found = await store.transact(asked(lambda tx, op_id=op_id: tx.op(op_id)))
        assert found is not None and found.state is Delivery.SENT


async def test_an_inquiry_that_came_back_and_went_again_is_found_in_its_latest_form(
    store: TinyStore, folder: Path
) -> None:
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.archive(LATER)
    again = closed(1, LATER + HOUR, assignee="U0BEN", thread_ts="9.9")
    await store.transact(asked(lambda tx: tx.keep_inquiry(again)))
    assert await store.archive(LATER + DAY) == 1

    def look(tx: Tx) -> list[object]:
        return [
            tx.inquiry(1), len(tx.entries(1)), tx.by_thread("C0DESK", "9.9"), tx.by_thread("C0DESK", "1.5"),
            tx.by_identity("x:1000:direct:1"),
        ]  # fmt: skip

    assert await store.transact(asked(look)) == [again, 3, 1, None, None]
    store = await reopened(store, folder)
    assert await store.transact(asked(look)) == [again, 3, 1, None, None]
    await store.close()


async def test_what_changes_while_it_is_archived_stays_resident(store: TinyStore) -> None:
    await store.transact(asked(lambda tx: [tx.keep_inquiry(closed(number)) for number in range(1, 40)]))
    moving = asyncio.ensure_future(store.archive(LATER))
    await asyncio.sleep(0)
    await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(7, status=Status.OPEN))))
    moved = await moving
    found = await store.transact(asked(lambda tx: tx.inquiry(7)))
    assert found is not None and found.status is Status.OPEN
    assert moved == 38 and [doc.doc_id for doc in store.db.table("inquiries")] == [7]


async def test_a_failed_transaction_leaves_an_archived_inquiry_in_the_archive(store: TinyStore) -> None:
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.archive(LATER)
    known = await store.transact(asked(lambda tx: all_about(tx, 1)))

    async def failing(tx: Tx) -> None:
        tx.keep_entry(an_entry(1, 3))
        raise DeskError("no")

    with pytest.raises(DeskError):
        await store.transact(failing)
    assert len(store.db.table("inquiries")) == 0
    assert await store.transact(asked(lambda tx: all_about(tx, 1))) == known


async def test_a_torn_end_of_the_archive_loses_nothing(store: TinyStore, folder: Path) -> None:
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.archive(LATER)
    month = folder / "archive" / "2026-03.archive"
    with month.open("ab") as file:
        file.write(b"0000000")
    store = await reopened(store, folder)
    await store.transact(asked(lambda tx: a_whole_one(tx, 2)))
    await store.archive(LATER)
    store = await reopened(store, folder)
    assert b"0000000" not in month.read_bytes()
    for number in (1, 2):
        assert (await store.transact(asked(lambda tx, n=number: all_about(tx, n))))[4] == number
    await store.close()


async def test_an_archive_without_room_leaves_all_resident_and_goes_on_later(folder: Path) -> None:
    disk = FailingDisk()
    store = TinyStore.open(folder, disk=disk)
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.archive(LATER)
    await store.transact(asked(lambda tx: a_whole_one(tx, 2)))
    disk.fail(errno.ENOSPC, writes=True)
    with pytest.raises(OSError, match="No space"):
        await store.archive(LATER)
    disk.mend()
    assert [doc.doc_id for doc in store.db.table("inquiries")] == [2]
    assert await store.archive(LATER) == 1
    known = [await store.transact(asked(lambda tx, n=n: all_about(tx, n))) for n in (1, 2)]
    (folder / "archive" / "index").unlink()
    store = await reopened(store, folder)
    assert [await store.transact(asked(lambda tx, n=n: all_about(tx, n))) for n in (1, 2)] == known
    assert known[1][4] == 2
    await store.close()


async def test_a_missing_or_damaged_month_is_named(store: TinyStore, folder: Path) -> None:
    await store.transact(asked(lambda tx: a_whole_one(tx, 1)))
    await store.archive(LATER)
    await store.close()
    month = folder / "archive" / "2026-03.archive"
    whole = month.read_bytes()
    month.unlink()
    with pytest.raises(StoreBroken, match=r"2026-03\.archive is missing or shorter"):
        TinyStore.open(folder)
    month.write_bytes(whole[:-20] + b"?" + whole[-19:])
    store = TinyStore.open(folder)
    with pytest.raises(StoreBroken, match=r"2026-03\.archive is damaged at byte \d+"):
        await store.transact(asked(lambda tx: tx.inquiry(1)))
    assert await store.transact(asked(lambda tx: tx.inquiry(2))) is None
    await store.close()


async def test_of_many_archived_inquiries_each_is_found(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path / "desk", fsync=False)
    count = 3000

    def many(tx: Tx, first: int) -> None:
        for number in range(first, first + 500):
            tx.keep_inquiry(closed(number, datetime(2026, 1 + number % 3, 5, tzinfo=UTC)))
            tx.keep_entry(an_entry(number))

    for first in range(1, count, 500):
        await store.transact(asked(lambda tx, first=first: many(tx, first)))
        await store.archive(LATER)
    assert len(store.db.table("inquiries")) == 0
    store = await reopened(store, tmp_path / "desk")

    def found(tx: Tx) -> bool:
        return all(
            tx.by_identity(f"x:1000:post:{n}") == n and (tx.entry_of("x", f"{n}-0") or an_entry(0)).number == n
            for n in range(1, count + 1, 97)
        )

    assert await store.transact(asked(found))
    assert await store.transact(asked(lambda tx: tx.entry_of("x", "never"))) is None
    await store.close()
