"""What a start does with files that are torn, damaged, missing, foreign, newer, or in use."""

# ruff: noqa: ASYNC220, ASYNC221, ASYNC240 -- nothing else runs in the loops of these tests

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from desk.model.inquiry import Status
from desk.ports import Tx
from desk.store import StoreBroken, StoreLocked, StoreNewer, StoreUnusable, TinyStore
from desk.store.look import copied
from tests.store.things import NINE, an_entry, an_inquiry, asked

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "desk"


def intake(tx: Tx) -> int:
    number = tx.next_number()
    tx.keep_inquiry(an_inquiry(number))
    tx.keep_entry(an_entry(number))
    return number


async def with_inquiries(folder: Path, count: int, checkpoint_after: int = 0) -> None:
    store = TinyStore.open(folder)
    for number in range(1, count + 1):
        await store.transact(asked(intake))
        if number == checkpoint_after:
            await store.checkpoint()
    await store.close()


async def highest(folder: Path) -> int:
    """How many inquiries a start finds; each is whole."""
    store = TinyStore.open(folder)

    def look(tx: Tx) -> int:
        for number in range(1, tx.highest() + 1):
            assert tx.inquiry(number) == an_inquiry(number)
            assert list(tx.entries(number)) == [an_entry(number)]
        assert tx.inquiry(tx.highest() + 1) is None
        return tx.highest()

    try:
        return await store.transact(asked(look))
    finally:
        await store.close()


def journal(folder: Path, generation: int = 1) -> Path:
    return folder / f"desk.journal-{generation:06}"


def ends_of_lines(path: Path) -> list[int]:
    data = path.read_bytes()
    return [at + 1 for at, byte in enumerate(data) if byte == 10]


async def test_a_torn_last_line_is_set_aside_and_named(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    await with_inquiries(folder, 3)
    whole = journal(folder).read_bytes()
    start = ends_of_lines(journal(folder))[-2]
    for end in (start + 1, start + 9, len(whole) - 1):
        caplog.clear()
        journal(folder).write_bytes(whole[:end])
        with caplog.at_level(logging.WARNING):
            assert await highest(folder) == 2
        assert journal(folder).read_bytes() == whole[:start]
        aside = folder / f"{journal(folder).name}.torn-{start}"
        assert aside.read_bytes() == whole[start:end]
        assert aside.name in caplog.text and str(end - start) in caplog.text and "parcel" not in caplog.text
        aside.unlink()


async def test_each_torn_end_has_a_file_of_its_own(folder: Path) -> None:
    await with_inquiries(folder, 1)
    for _ in range(3):
        with journal(folder).open("ab") as file:
            file.write(b"12345678 {")
        assert await highest(folder) == 1
    assert len(list(folder.glob("*.torn-*"))) == 3


async def test_zeros_at_the_end_are_set_aside_like_a_torn_line(folder: Path) -> None:
    await with_inquiries(folder, 2)
    with journal(folder).open("ab") as file:
        file.write(bytes(4096))
    assert await highest(folder) == 2
    assert [path.stat().st_size for path in folder.glob("*.torn-*")] == [4096]


async def test_work_goes_on_after_a_torn_line(folder: Path) -> None:
    await with_inquiries(folder, 2)
    with journal(folder).open("ab") as file:
        file.write(b"12345678 {")
    await with_inquiries(folder, 2)
    assert await highest(folder) == 4


async def test_a_flipped_bit_is_refused_with_file_and_offset(folder: Path) -> None:
    await with_inquiries(folder, 6)
    whole = journal(folder).read_bytes()
    ends = ends_of_lines(journal(folder))
    chance = random.Random(5)
    for at in sorted(chance.sample(range(len(whole)), 60)) + [end - 1 for end in ends]:
        journal(folder).write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        damaged = journal(folder).read_bytes()
        with pytest.raises(StoreBroken) as refused:
            TinyStore.open(folder)
        line = max(end for end in [0, *ends] if end <= at)
        assert str(journal(folder)) in refused.value.sentence
        assert line == 0 or f"byte {line}:" in refused.value.sentence
        assert "estore" in refused.value.sentence
        assert journal(folder).read_bytes() == damaged
        assert not list(folder.glob("*.torn-*"))
    journal(folder).write_bytes(whole)
    assert await highest(folder) == 6


async def test_a_line_that_is_missing_is_noticed(folder: Path) -> None:
    await with_inquiries(folder, 4)
    lines = journal(folder).read_bytes().splitlines(keepends=True)
    journal(folder).write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(StoreBroken, match="transaction 2 is missing"):
        TinyStore.open(folder)


async def test_a_line_that_stands_there_twice_counts_once(folder: Path) -> None:
    await with_inquiries(folder, 3)
    lines = journal(folder).read_bytes().splitlines(keepends=True)
    journal(folder).write_bytes(b"".join([*lines[:3], lines[2], lines[3], lines[1]]))
    assert await highest(folder) == 3


async def test_an_empty_journal_is_refused(folder: Path) -> None:
    await with_inquiries(folder, 2)
    os.truncate(journal(folder), 0)
    with pytest.raises(StoreBroken, match="is empty, but a journal never is"):
        TinyStore.open(folder)


async def test_a_missing_journal_is_no_empty_desk(folder: Path) -> None:
    await with_inquiries(folder, 2)
    journal(folder).unlink()
    with pytest.raises(StoreBroken, match=r"desk\.journal-000001 is missing"):
        TinyStore.open(folder)


@pytest.mark.parametrize("gone", [True, False], ids=["missing", "empty"])
@pytest.mark.parametrize("checkpoints", [0, 1, 2])
async def test_without_its_snapshot_a_desk_is_rebuilt_whole(
    folder: Path, gone: bool, checkpoints: int, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(checkpoints):
        await with_inquiries(folder, 2, checkpoint_after=1)
    await with_inquiries(folder, 3)
    snapshot = folder / "desk.snapshot"
    if gone:
        snapshot.unlink()
    else:
        os.truncate(snapshot, 0)
    assert await highest(folder) == 3 + 2 * checkpoints
    assert "desk.snapshot is" in caplog.text
    await with_inquiries(folder, 1, checkpoint_after=1)
    caplog.clear()
    assert await highest(folder) == 4 + 2 * checkpoints
    assert not caplog.records


async def test_with_neither_snapshot_nor_all_journals_it_refuses(folder: Path) -> None:
    for _ in range(3):
        await with_inquiries(folder, 2, checkpoint_after=1)
    (folder / "desk.snapshot").unlink()
    (folder / "desk.snapshot.previous").unlink()
    with pytest.raises(StoreBroken, match="not an empty desk"):
        TinyStore.open(folder)


async def test_an_archive_alone_is_no_empty_desk(folder: Path) -> None:
    (folder / "archive").mkdir(parents=True)
    (folder / "archive" / "2026-03.archive").write_bytes(b"x")
    with pytest.raises(StoreBroken, match="not an empty desk"):
        TinyStore.open(folder)


async def test_a_damaged_snapshot_is_refused_and_the_way_it_names_works(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        await with_inquiries(folder, 3, checkpoint_after=2)
    snapshot = folder / "desk.snapshot"
    data = bytearray(snapshot.read_bytes())
    data[len(data) // 2] ^= 4
    snapshot.write_bytes(data)
    with pytest.raises(StoreBroken, match=r"desk\.snapshot is damaged at byte \d+.*move .* out of the folder"):
        TinyStore.open(folder)
    snapshot.rename(tmp_path / "aside")
    assert await highest(folder) == 6


@pytest.mark.parametrize("lines", [1, 2])
async def test_a_snapshot_that_ends_too_early_is_refused(folder: Path, lines: int) -> None:
    await with_inquiries(folder, 3, checkpoint_after=2)
    snapshot = folder / "desk.snapshot"
    snapshot.write_bytes(b"".join(snapshot.read_bytes().splitlines(keepends=True)[:lines]))
    with pytest.raises(StoreBroken, match="it ends too early"):
        TinyStore.open(folder)


async def test_only_the_journals_that_the_previous_snapshot_needs_are_kept(folder: Path) -> None:
    for _ in range(4):
        await with_inquiries(folder, 1, checkpoint_after=1)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "desk.journal-000004", "desk.journal-000005", "desk.lock", "desk.snapshot", "desk.snapshot.previous",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b'{"_default": {"1": {"a": 1}}}', b"PK\x03\x04", b"\n", b"[]"])
@pytest.mark.parametrize("name", ["desk.snapshot", "desk.journal-000001"])
async def test_another_programs_file_is_refused(folder: Path, content: bytes, name: str) -> None:
    await with_inquiries(folder, 1)
    (folder / name).write_bytes(content)
    with pytest.raises(StoreBroken, match=f"{name} is not a (snapshot|journal) of Frontdesk"):
        TinyStore.open(folder)
    assert (folder / name).read_bytes() == content


async def test_another_programs_name_and_version_are_said(folder: Path) -> None:
    await with_inquiries(folder, 1)
    (folder / "desk.snapshot").write_bytes(json.dumps({"app": "otherbot", "version": 7}).encode())
    with pytest.raises(StoreBroken, match=r"schema 1.*otherbot, version 7"):
        TinyStore.open(folder)


@pytest.mark.parametrize("name", ["desk.snapshot", "desk.journal-000001"])
async def test_a_newer_schema_is_refused_naming_both(folder: Path, name: str) -> None:
    await with_inquiries(folder, 1)
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    body = lines[0][9:-1].replace(b'"schema":1', b'"schema":3')
    (folder / name).write_bytes(b"%08x %s\n" % (zlib.crc32(body), body) + b"".join(lines[1:]))
    with pytest.raises(StoreNewer, match="schema 3; this one knows schema 1") as refused:
        TinyStore.open(folder)
    assert (refused.value.found, refused.value.known) == (3, 1)


async def test_a_second_store_is_locked_out_by_pid_and_the_first_goes_on(folder: Path) -> None:
    store = TinyStore.open(folder)
    said = subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from desk.store import *\n"
         "try: TinyStore.open(Path(sys.argv[1]))\nexcept StoreLocked as e: print(e.pid, e.sentence)", str(folder)],
        capture_output=True, text=True, cwd=ROOT, check=True,
    ).stdout  # fmt: skip
    assert said.startswith(f"{os.getpid()} Another Frontdesk (process {os.getpid()})")
    with pytest.raises(StoreLocked):
        TinyStore.open(folder)
    assert await store.transact(asked(intake)) == 1
    await store.close()
    assert await highest(folder) == 1


@pytest.mark.parametrize("checkpoints", [0, 1, 3])
async def test_a_store_in_use_is_looked_at_in_a_copy(
    folder: Path, tmp_path: Path, checkpoints: int, caplog: pytest.LogCaptureFixture
) -> None:
    store = TinyStore.open(folder)
    for _ in range(4):
        await store.transact(asked(intake))
        if checkpoints:
            checkpoints -= 1
            await store.checkpoint()
    newest = sorted(folder.glob("desk.journal-*"))[-1]
    with newest.open("ab") as file:
        file.write(b'89abcdef {"n":9')  # a line that is being written
    before = {path.name: path.read_bytes() for path in folder.glob("desk.*")}
    aside = tmp_path / "aside"
    aside.mkdir(mode=0o700)
    copied(folder, aside)
    assert await highest(aside) == 4
    assert {path.name: path.read_bytes() for path in folder.glob("desk.*")} == before
    assert caplog.messages == []
    await store.close()


async def test_a_lock_does_not_outlive_its_process(folder: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; from pathlib import Path; from desk.store import *\n"
         "store = TinyStore.open(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)", str(folder)],
        stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert child.stdout is not None and child.stdout.readline() == b"open\n"
    with pytest.raises(StoreLocked) as locked:
        TinyStore.open(folder)
    assert locked.value.pid == child.pid
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert await highest(folder) == 0


async def test_files_are_for_their_owner_only(folder: Path) -> None:
    old = os.umask(0)
    try:
        store = TinyStore.open(folder)
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(1, status=Status.CLOSED, closed_at=NINE))))
        await store.archive(NINE.replace(year=2030))
        await store.checkpoint()
        await store.checkpoint()
        await store.close()
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert {"desk.snapshot.previous", "desk.lock", "2026-03.archive", "index"} < set(modes)
    assert {name for name, mode in modes.items() if mode != (0o700 if name in ("desk", "archive") else 0o600)} == set()


@pytest.mark.parametrize("name", ["desk.snapshot", "desk.journal-000001", "desk.lock"])
async def test_a_symbolic_link_in_place_of_a_file_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    await with_inquiries(folder, 1)
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnusable, match=name):
        TinyStore.open(folder)


async def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(StoreUnusable, match="is a file"):
        TinyStore.open(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder_is_refused(folder: Path) -> None:
    await with_inquiries(folder, 1)
    folder.chmod(0o500)
    try:
        with pytest.raises(StoreUnusable, match="not writable"):
            TinyStore.open(folder)
    finally:
        folder.chmod(0o700)


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from desk.store import StoreFull, TinyStore
from tests.store.test_recovery import intake
from desk.store.look import copied
from tests.store.things import asked

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
    store = TinyStore.open(Path(sys.argv[1]), fsync=sys.argv[2] == "fsync")
    last = 0
    try:
        while True:
            last = await store.transact(asked(intake))
    except StoreFull as error:
        print(last, error.sentence)
    try:
        await store.transact(asked(intake))
    except StoreFull:
        print("refused; there are", await store.transact(asked(lambda tx: tx.highest())))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("then", await store.transact(asked(intake)))
    await store.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["fsync", "quick"])
async def test_a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room(folder: Path, way: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), way], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.splitlines()
    acknowledged = int(said[0].split()[0])
    assert "There is no room left" in said[0] and "goes on by itself" in said[0]
    assert said[1:] == [f"refused; there are {acknowledged}", f"then {acknowledged + 1}"]
    assert acknowledged > 5
    assert not list(folder.glob("*.torn-*"))
    assert await highest(folder) == acknowledged + 1


async def test_a_copy_made_while_it_works_is_a_whole_desk(folder: Path, tmp_path: Path) -> None:
    store = TinyStore.open(folder)
    known, backup = 0, tmp_path / "backup"

    def copy(pattern: str) -> None:
        for path in sorted(folder.glob(pattern)):
            (backup / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (backup / path.relative_to(folder)).write_bytes(path.read_bytes())

    for attempt in range(4):
        for pattern in ("desk.snapshot*", "desk.journal-*", "archive/*.archive"):
            await asyncio.gather(
                asyncio.to_thread(copy, pattern), *[store.transact(asked(intake)) for _ in range(10 * attempt)]
            )
            if pattern == "desk.snapshot*":
                known = await store.transact(asked(lambda tx: tx.highest()))
            if attempt == 2:
                await store.checkpoint()
        assert await highest(backup) >= known
        shutil.rmtree(backup)
    await store.close()
