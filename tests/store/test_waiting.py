"""Who waits for the disk, for how much of it, and what happens when it says no."""

# ruff: noqa: ASYNC240 -- nothing else runs in the loops of these tests

from __future__ import annotations

import asyncio
import errno
import random
from pathlib import Path

import pytest

from desk.model.errors import DeskError
from desk.ports import Tx
from desk.store import StoreBroken, StoreFull, TinyStore
from tests.store.disks import CountingDisk, FailingDisk, HeldDisk
from tests.store.things import an_entry, an_inquiry, asked


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0.01)


async def test_what_is_not_durable_is_shown_to_nobody(tmp_path: Path) -> None:
    disk = HeldDisk()
    store = TinyStore.open(tmp_path, disk=disk)
    disk.hold()

    async def refused(tx: Tx) -> None:
        raise DeskError(f"#1 is already with {tx.setting('owner')}.")

    first = asyncio.ensure_future(store.transact(asked(lambda tx: tx.set_setting("owner", "U0ANA"))))
    reading = asyncio.ensure_future(store.transact(asked(lambda tx: tx.setting("owner"))))
    refusal = asyncio.ensure_future(store.transact(refused))
    await settle()
    assert not first.done() and not reading.done() and not refusal.done()
    assert store.pending == 3
    disk.release()
    await first
    assert await reading == "U0ANA"
    with pytest.raises(DeskError, match="U0ANA"):
        await refusal
    assert store.pending == 0
    await store.close()


async def test_many_who_wait_share_one_sync(tmp_path: Path) -> None:
    disk = CountingDisk()
    store = TinyStore.open(tmp_path, disk=disk)
    before = disk.syncs
    await asyncio.gather(*[store.transact(asked(lambda tx, n=n: tx.set_cursor(f"c{n}", "1"))) for n in range(100)])
    assert disk.syncs - before <= 2
    await store.close()


async def test_reading_and_keeping_the_same_again_cost_no_disk(tmp_path: Path) -> None:
    disk = CountingDisk()
    store = TinyStore.open(tmp_path, disk=disk)

    def work(tx: Tx) -> None:
        tx.keep_inquiry(an_inquiry(1))
        tx.keep_entry(an_entry(1))
        tx.set_cursor("x", "1")

    await store.transact(asked(work))
    before = (disk.writes, disk.syncs)
    await store.transact(asked(work))
    assert await store.transact(asked(lambda tx: tx.inquiry(1))) == an_inquiry(1)
    with pytest.raises(ZeroDivisionError):
        await store.transact(asked(lambda tx: (tx.set_cursor("x", "2"), 1 // 0)))
    assert (disk.writes, disk.syncs) == before
    await store.close()


@pytest.mark.parametrize(("error", "writes"), [(errno.EIO, False), (errno.ENOSPC, False), (errno.EIO, True)])
async def test_once_the_disk_has_failed_nothing_is_acknowledged(tmp_path: Path, error: int, writes: bool) -> None:
    disk = FailingDisk()
    store = TinyStore.open(tmp_path, disk=disk)
    await store.transact(asked(lambda tx: tx.set_cursor("x", "1")))
    disk.fail(error, writes)
    waiting = [store.transact(asked(lambda tx, n=n: tx.set_cursor("x", str(n)))) for n in range(2, 6)]
    results = await asyncio.gather(*waiting, store.transact(asked(lambda tx: tx.cursor("x"))), return_exceptions=True)
    assert all(isinstance(result, StoreBroken) for result in results)
    disk.mend()
    for _ in range(2):
        with pytest.raises(StoreBroken, match="could not be written"):
            await store.transact(asked(lambda tx: tx.cursor("x")))
    with pytest.raises(StoreBroken):
        await store.checkpoint()
    with pytest.raises(StoreBroken, match="could not be written"):
        await asyncio.wait_for(store.until_broken(), 5)
    assert store.pending == 0
    await store.close()
    again = TinyStore.open(tmp_path)
    assert await again.transact(asked(lambda tx: tx.cursor("x"))) in ("1", "2", "3", "4", "5")
    await again.close()


@pytest.mark.parametrize("fsync", [True, False])
async def test_without_room_nothing_is_acknowledged_nothing_is_left_of_it_and_it_goes_on_by_itself(
    tmp_path: Path, fsync: bool
) -> None:
    disk = FailingDisk()
    disk.fsync = fsync
    store = TinyStore.open(tmp_path, disk=disk)
    await store.transact(asked(lambda tx: (tx.keep_inquiry(an_inquiry(tx.next_number())), tx.set_cursor("x", "1"))))
    for _ in range(2):
        disk.fail(errno.ENOSPC, writes=True)
        waiting = [store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(tx.next_number())))) for _ in range(4)]
        results = await asyncio.gather(*waiting, store.checkpoint(), return_exceptions=True)
        assert all(isinstance(result, StoreFull) for result in results[:4])
        assert "no room" in store.trouble and str(tmp_path) in store.trouble
        assert await store.transact(asked(lambda tx: (tx.highest(), tx.cursor("x")))) == (1, "1"), (
            "what is read is true"
        )
        assert await store.transact(asked(lambda tx: tx.by_identity(an_inquiry(2).identity))) is None
    disk.mend()
    assert await store.transact(asked(lambda tx: tx.next_number())) == 2
    assert store.trouble == ""
    await store.checkpoint()
    await store.close()
    again = TinyStore.open(tmp_path)
    assert not list(tmp_path.glob("*.torn-*")), "half a record was cut off at once"
    assert await again.transact(asked(lambda tx: (tx.highest(), tx.cursor("x")))) == (2, "1")
    await again.close()


@pytest.mark.parametrize("seed", range(6))
async def test_a_disk_that_is_full_now_and_then_holds_exactly_what_was_acknowledged(tmp_path: Path, seed: int) -> None:
    chance, disk = random.Random(seed), FailingDisk()
    store = TinyStore.open(tmp_path, disk=disk, snapshot_bytes=3000)
    kept: dict[str, str] = {}
    refused = 0

    async def write(key: str, value: str) -> None:
        nonlocal refused
        try:
            await store.transact(asked(lambda tx: tx.set_cursor(key, value)))
        except StoreFull:
            refused += 1
        else:
            kept[key] = value

    def all_of(tx: Tx) -> dict[str, str]:
        return {key: value for key in map(str, range(9)) if (value := tx.cursor(key)) is not None}

    for step in range(120):
        (disk.mend if chance.random() < 0.6 else lambda: disk.fail(errno.ENOSPC, writes=True))()
        keys = chance.sample(range(9), chance.randrange(1, 5))
        await asyncio.gather(*[write(str(key), f"{step}") for key in keys])
        assert await store.transact(asked(all_of)) == kept
    disk.mend()
    await store.close()
    assert refused > 50
    again = TinyStore.open(tmp_path)
    assert await again.transact(asked(all_of)) == kept
    await again.close()


async def test_whoever_waits_behind_a_failing_write_hears_of_it(tmp_path: Path) -> None:
    disk = HeldDisk()
    store = TinyStore.open(tmp_path, disk=disk)
    disk.hold()
    under_way = asyncio.ensure_future(store.transact(asked(lambda tx: tx.set_cursor("x", "1"))))
    await settle()
    behind = [
        asyncio.ensure_future(store.transact(asked(lambda tx: tx.set_cursor("x", "2")))),
        asyncio.ensure_future(store.checkpoint()),
    ]
    await settle()
    disk.release(errno.EIO)
    results = await asyncio.wait_for(asyncio.gather(under_way, *behind, return_exceptions=True), 5)
    assert [type(result) for result in results] == [StoreBroken] * 3
    await asyncio.wait_for(store.close(), 5)


async def test_without_room_for_a_snapshot_the_store_works_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = FailingDisk()
    store = TinyStore.open(tmp_path, disk=disk)
    await store.transact(asked(lambda tx: tx.set_cursor("x", "1")))
    (tmp_path / "desk.snapshot.new").mkdir()
    with pytest.raises(OSError, match=r"desk\.snapshot\.new"):
        await store.checkpoint()
    await store.transact(asked(lambda tx: tx.set_cursor("x", "2")))
    (tmp_path / "desk.snapshot.new").rmdir()
    await store.checkpoint()
    await store.close()
    again = TinyStore.open(tmp_path)
    assert await again.transact(asked(lambda tx: tx.cursor("x"))) == "2"
    await again.close()


async def test_a_long_journal_becomes_a_snapshot_by_itself_while_work_goes_on(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, snapshot_bytes=20_000)
    for number in range(1, 200):
        await store.transact(asked(lambda tx, n=number: tx.keep_inquiry(an_inquiry(n))))
    await store.close()
    assert len(list(tmp_path.glob("desk.journal-*"))) <= 3
    assert (tmp_path / "desk.snapshot").stat().st_size > 10_000
    again = TinyStore.open(tmp_path)
    assert len(await again.transact(asked(lambda tx: tx.open_inquiries()))) == 199
    await again.close()


async def test_a_caller_who_gives_up_takes_nothing_from_the_others(tmp_path: Path) -> None:
    disk = HeldDisk()
    store = TinyStore.open(tmp_path, disk=disk)
    disk.hold()
    first = asyncio.ensure_future(store.transact(asked(lambda tx: tx.set_cursor("x", "1"))))
    second = asyncio.ensure_future(store.transact(asked(lambda tx: tx.set_cursor("y", "1"))))
    await settle()
    first.cancel()
    disk.release()
    await second
    assert first.cancelled()
    assert await store.transact(asked(lambda tx: (tx.cursor("x"), tx.cursor("y")))) == ("1", "1")
    await store.close()


async def test_closing_waits_for_the_disk(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path)
    waiting = asyncio.ensure_future(store.transact(asked(lambda tx: tx.set_cursor("x", "1"))))
    await asyncio.sleep(0)
    await store.close()
    await waiting
    with pytest.raises(RuntimeError, match="closed"):
        await store.transact(asked(lambda tx: tx.cursor("x")))
    again = TinyStore.open(tmp_path)
    assert await again.transact(asked(lambda tx: tx.cursor("x"))) == "1"
    await again.close()
