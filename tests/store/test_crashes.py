"""A store that dies at any moment has everything that it acknowledged, whole, and nothing by halves."""

# ruff: noqa: ASYNC220, ASYNC251 -- nothing else runs in the loops of these tests

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desk.model.inquiry import Inquiry, Status
from desk.model.outbox import Delivery
from desk.ports import Tx
from desk.store import StoreError, TinyStore
from desk.store.disk import Disk
from tests.store.disks import DyingDisk
from tests.store.things import DAY, NINE, an_entry, an_inquiry, an_op, asked

ROOT = Path(__file__).resolve().parents[2]


def intake(tx: Tx) -> int:
    """A transaction of several documents in several tables."""
    number = tx.next_number()
    tx.keep_inquiry(an_inquiry(number, thread_ts=f"{number}.1"))
    tx.keep_entry(an_entry(number))
    tx.keep_op(an_op(f"root:{number}", number))
    tx.set_cursor("x", str(number))
    return number


def finish(tx: Tx, number: int) -> None:
    inquiry = tx.inquiry(number)
    assert inquiry is not None
    tx.keep_inquiry(an_inquiry(number, status=Status.CLOSED, closed_at=NINE, thread_ts=f"{number}.1"))
    op = tx.op(f"root:{number}")
    assert op is not None
    tx.keep_op(an_op(f"root:{number}", number, seq=op.seq, state=Delivery.SENT))


async def a_life(folder: Path, disk: Disk, done: list[str]) -> None:
    """Everything a store does in its life; what it acknowledged is noted in `done`."""
    store = TinyStore.open(folder, disk=disk)
    try:
        for _ in range(2):
            done.append(f"kept {await store.transact(asked(intake))}")
        await store.transact(asked(lambda tx: finish(tx, 1)))
        done.append("closed 1")
        await store.checkpoint()
        done.append(f"kept {await store.transact(asked(intake))}")
        await store.archive(NINE + DAY)
        await store.checkpoint()
        for number in await asyncio.gather(*[store.transact(asked(intake)) for _ in range(3)]):
            done.append(f"kept {number}")
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(1, thread_ts="1.1"))))
        done.append("reopened 1")
        await store.checkpoint()
        done.append(f"kept {await store.transact(asked(intake))}")
    finally:
        await store.close()


async def check(folder: Path, done: list[str]) -> None:
    """All that was acknowledged is there; the transaction under way may be, but only whole."""
    store = TinyStore.open(folder)

    def look(tx: Tx) -> tuple[int, list[Inquiry | None]]:
        highest = tx.highest()
        assert tx.cursor("x") == (str(highest) if highest else None)
        for number in range(1, highest + 1):
            assert len(tx.entries(number)) == 1
            assert tx.by_identity(f"x:1000:post:{number}") == tx.by_thread("C0DESK", f"{number}.1") == number
            entry, op = tx.entry_of("x", f"{number}-0"), tx.op(f"root:{number}")
            assert entry is not None and entry.number == number
            assert op is not None and op.seq == number
        return highest, [tx.inquiry(number) for number in range(1, highest + 1)]

    highest, inquiries = await store.transact(asked(look))
    kept = max([int(one.split()[1]) for one in done if one.startswith("kept")], default=0)
    assert kept <= highest <= kept + 3
    assert all(inquiry is not None for inquiry in inquiries)
    first = inquiries[0] if inquiries else None
    if "reopened 1" in done:
        assert first is not None and first.status is Status.NEW
    elif "kept 4" not in done and "closed 1" in done:
        assert first is not None and first.status is Status.CLOSED
    assert await store.transact(asked(lambda tx: tx.next_number())) == highest + 1
    await store.checkpoint()
    await store.close()
    again = TinyStore.open(folder)
    assert await again.transact(asked(lambda tx: tx.highest())) == highest + 1
    await again.close()


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
async def test_dying_between_any_two_steps_on_the_disk_loses_nothing(tmp_path: Path, power: bool) -> None:
    steps, deaths = 0, 0
    while True:
        folder, disk, done = tmp_path / str(steps), DyingDisk(steps), list[str]()
        try:
            await a_life(folder, disk, done)
        except (OSError, StoreError):
            deaths += 1
        if not disk.dead:
            break
        if power:
            disk.cut_power(folder)
        await check(folder, done)
        steps += 1
    assert deaths > 40
    assert done[-1] == "kept 7"


CHILD = """
import asyncio, sys
from pathlib import Path
from desk.store import TinyStore
from tests.store.test_crashes import finish, intake
from tests.store.things import DAY, NINE, asked

async def main():
    store = TinyStore.open(Path(sys.argv[1]), snapshot_bytes=20_000)

    async def one(beat):
        while True:
            number = await store.transact(asked(intake))
            print(number, flush=True)
            if number % 5 == 0:
                await store.transact(asked(lambda tx: finish(tx, number)))
            if number % 50 == 0:
                await store.archive(NINE + DAY)

    await asyncio.gather(*[one(beat) for beat in range(4)])

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(2))
async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    await _kill_again_and_again(tmp_path / "desk", random.Random(seed), times=2)


@pytest.mark.full
async def test_kill_9_a_hundred_times_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await _kill_again_and_again(tmp_path / "desk", random.Random(99), times=100)


async def _kill_again_and_again(folder: Path, chance: random.Random, times: int) -> None:
    acknowledged = 0
    for _ in range(times):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        try:
            assert child.stdout is not None
            first = child.stdout.readline()
            time.sleep(chance.uniform(0, 0.4))
        finally:
            child.send_signal(signal.SIGKILL)
        said = [first, *child.stdout.read().splitlines(keepends=True)]
        child.stdout.close()
        assert child.wait() == -signal.SIGKILL
        numbers = [int(line) for line in said if line.endswith("\n")]
        acknowledged = max([acknowledged, *numbers])
        store = TinyStore.open(folder)

        def look(tx: Tx, upto: int = acknowledged) -> list[int]:
            return [n for n in range(1, upto + 1) if tx.inquiry(n) is None or tx.entry_of("x", f"{n}-0") is None]

        assert await store.transact(asked(look)) == []
        await store.close()
    assert acknowledged > times
