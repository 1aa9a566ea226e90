"""The real process on a disk that is full, torn, damaged, foreign or not there: what it says, and what it loses."""

# ruff: noqa: ASYNC230 -- small files, and nothing else runs

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot as front
from desk.store import TinyStore
from tests.journeys.process import BOTH, ROOT, Bot, Outside, outside, until
from tests.store.test_recovery import intake
from tests.store.things import asked

ANA = "U0ANA"
FREE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.fixture
async def world() -> AsyncIterator[Outside]:
    async with outside() as standing:
        yield standing


@pytest.fixture
async def bot(world: Outside, tmp_path: Path) -> AsyncIterator[Bot]:
    process = Bot(world, tmp_path, undo=0, config=BOTH)
    try:
        yield process
    finally:
        await process.put_down()


async def writes(world: Outside, text: str) -> None:
    await world.call("x", "add_person", username="maria_k", name="Maria K.")
    await world.call("x", "post", username="maria_k", text=f"@acme {text}")


async def healthy(bot: Bot) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{bot.port}/healthz") as answer:
        return answer.status, await answer.json()


async def threads(world: Outside, count: int) -> None:
    async def so_many() -> bool:
        return len(await world.threads()) == count

    await until(so_many, 120)


async def answered(world: Outside, text: str) -> None:
    async def out() -> bool:
        return await world.published() == [text]

    await until(out, 90)


def journal(bot: Bot) -> Path:
    return max((bot.folder / "data").glob("desk.journal-??????"))


async def test_a_full_disk_acknowledges_nothing_and_goes_on_by_itself(world: Outside, bot: Bot) -> None:
    await writes(world, "my parcel is stuck")
    await bot.start()
    await threads(world, 1)
    await asyncio.sleep(1.5)  # the last of it is kept
    before = journal(bot).read_bytes()
    assert bot.process is not None
    # Half of the next record still fits.
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (len(before) + 100, resource.RLIM_INFINITY))
    await writes(world, "and mine has a hole")
    refused = json.loads(await world.types(ANA, "/reply 1 It comes tomorrow."))
    assert not refused["ok"], "no acknowledgement: Slack says that the command failed"
    await world.call("hooks", "url", value=f"http://127.0.0.1:{bot.port}/facebook/webhook")
    await world.call("graph", "message", person="Peter Holm", text="Hello?")
    assert await world.call("hooks", "send") == [503], "the platform keeps it, and comes again"
    status, health = await healthy(bot)
    assert status == 503 and any("no room left" in sentence for sentence in health["wrong"])
    await asyncio.sleep(6)  # two more looks at X, and nothing changes
    assert journal(bot).read_bytes() == before, "half a record is not left there"
    assert len(await world.threads()) == 1 and await world.published() == []
    assert "/queue" not in json.loads(await world.types(ANA, "/queue")), "reading goes on"
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, FREE)
    await threads(world, 3)
    assert json.loads(await world.types(ANA, "/reply 1 It comes tomorrow."))["ok"]
    await answered(world, "It comes tomorrow. – Ana")
    assert (await healthy(bot))[1]["wrong"] == []
    assert bot.said().count("There is no room left") == 1 and "There is room again" in bot.said()
    bugs = [line for line in bot.said().splitlines() if "Traceback" in line]
    assert [line for line in bugs if "frontdesk.languages" not in line] == [], "others may write files, too"
    assert await bot.end() == 0


@pytest.mark.full
async def test_a_disk_that_fills_up_while_an_answer_is_under_way_says_it_once(world: Outside, bot: Bot) -> None:
    await writes(world, "my parcel is stuck")
    await bot.start()
    await threads(world, 1)
    await asyncio.sleep(1.5)
    await world.fault("x", "POST /2/tweets", "hang_after", seconds=3)
    await world.types(ANA, "/reply 1 It comes tomorrow.")
    await answered(world, "It comes tomorrow. – Ana")
    assert bot.process is not None
    size = journal(bot).stat().st_size
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (size + 10, resource.RLIM_INFINITY))
    await asyncio.sleep(6)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, FREE)

    async def receipt() -> bool:
        return "*Published* in public on X" in await world.thread()

    await until(receipt, 120)
    assert len(await world.records("POST", "/2/tweets")) == 1
    assert await world.published() == ["It comes tomorrow. – Ana"]
    assert await bot.end() == 0


FAILS = """
import os, runpy, sys
real, switch = os.fdatasync, sys.argv.pop(1)
def fdatasync(fd):
    if os.path.exists(switch):
        raise OSError(5, "Input/output error")
    real(fd)
os.fdatasync = fdatasync
sys.argv[0] = "bot.py"
runpy.run_path("bot.py", run_name="__main__")
"""


async def test_a_disk_that_cannot_be_trusted_ends_the_desk_and_nobody_to_write_the_log_to_does_not(
    world: Outside, bot: Bot, tmp_path: Path
) -> None:
    switch = tmp_path / "switch"
    x = {f"FRONTDESK_X_{name.upper()}": value for name, value in (await world.call("x", "tokens")).items()}
    # Its standard streams are closed: not even there may anything of the store be written.
    bot.process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"),
        *(sys.executable, "-c", FAILS, str(switch), "run", "--config", str(bot.config)),
        cwd=ROOT,
        env={**os.environ, **x, **bot.tokens},
    )
    await writes(world, "my parcel is stuck")
    await threads(world, 1)
    assert json.loads(await world.types(ANA, "/claim 1"))["ok"]
    switch.touch()
    assert not json.loads(await world.types(ANA, "/reply 1 It comes tomorrow."))["ok"]
    assert await asyncio.wait_for(bot.process.wait(), 60) == 4
    assert await world.published() == []
    switch.unlink()
    # And now with a log whose disk is full.
    with open("/dev/full", "w") as full:
        bot.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "bot.py", "--verbose", "run", "--config", str(bot.config)),
            cwd=ROOT,
            env={**os.environ, **x, **bot.tokens},
            stdout=full,
            stderr=full,
        )
    await until(lambda: claimed_again(world), 120)
    await world.types(ANA, "/reply 1 It comes today.")

    async def said() -> bool:
        return "It comes today. – Ana" in await world.published()

    await until(said, 120)
    assert await bot.end() == 0
    for path in (bot.folder / "data").glob("desk.journal-*"):
        assert b"frontdesk.receive" not in path.read_bytes(), "no line of the log"
        assert len(await world.threads()) == 1


async def claimed_again(world: Outside) -> bool:
    return bool(json.loads(await world.types(ANA, "/show 1"))["ok"])


async def test_a_torn_last_line_is_set_aside_and_the_desk_goes_on(world: Outside, bot: Bot) -> None:
    await writes(world, "my parcel is stuck")
    await bot.start()
    await threads(world, 1)
    await bot.kill()
    with journal(bot).open("ab") as file:
        file.write(b'0123abcd {"n":99,"c":[["inqu')
    os.truncate(bot.folder / "data" / "desk.snapshot", 0)
    await bot.start()
    (aside,) = (bot.folder / "data").glob("*.torn-*")
    assert aside.name in bot.said(), "the log names what was set aside"
    assert "desk.snapshot is empty" in bot.said()
    await world.types(ANA, "/reply 1 It comes tomorrow.")
    await answered(world, "It comes tomorrow. – Ana")
    assert len(await world.threads()) == 1, "no empty desk that begins anew"
    assert await bot.end() == 0


# What it refuses, it refuses before anything else: no Slack is needed to see it.

CONFIG = """
[desk]
data_dir = {data}
[slack]
base_url = "http://127.0.0.1:9/api/"
channel = "C0DESK"
leads_channel = "C0LEADS"
agents_group = "S0AGENTS"
leads_group = "S0LEADS"
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder in which a desk has worked."""
    folder = tmp_path / "data"

    async def work() -> None:
        store = TinyStore.open(folder)
        for _ in range(3):
            await store.transact(asked(intake))
        await store.checkpoint()
        for _ in range(3):
            await store.transact(asked(intake))
        await store.close()

    asyncio.run(work())
    return folder


@contextlib.contextmanager
def tokens() -> Iterator[None]:
    """What the environment holds."""
    names = {"FRONTDESK_SLACK_BOT_TOKEN": "xoxb-sandbox", "FRONTDESK_SLACK_APP_TOKEN": "xapp-sandbox"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        yield


def started(folder: Path, capsys: pytest.CaptureFixture[str], data: str = '"data"') -> tuple[int, str]:
    """The exit code, and what stands on the terminal."""
    path = folder / "frontdesk.toml"
    path.write_text(CONFIG.format(data=data), "utf-8")
    with tokens():
        code = front.main(["run", "--config", str(path)])
    return code, capsys.readouterr().err


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "desk.lock"}


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def newer(path: Path) -> None:
    first, _, rest = path.read_bytes().partition(b"\n")
    body = first[9:].replace(b'"schema":1', b'"schema":2')
    path.write_bytes(b"%08x %s\n" % (zlib.crc32(body), body) + rest)


DAMAGE: dict[str, tuple[str, Any, str]] = {
    "a flipped bit in the journal": ("desk.journal-000002", flipped, "is damaged at byte"),
    "a flipped bit in the snapshot": ("desk.snapshot", flipped, "is damaged at byte"),
    "an empty journal": ("desk.journal-000002", lambda path: os.truncate(path, 0), "is empty, but a journal never is"),
    "no journal": ("desk.journal-000002", os.unlink, "is missing"),
    "half a snapshot": ("desk.snapshot", lambda path: os.truncate(path, 90), "damaged at byte"),
    "another program's": (
        "desk.snapshot",
        lambda path: path.write_text('{"app": "x"}\n'),
        "not a snapshot of Frontdesk",
    ),
    "another encoding": ("desk.journal-000002", lambda p: p.write_text(p.read_text(), "utf-16"), "not a journal of"),
    "a newer schema": ("desk.snapshot", newer, "schema 2; this one knows schema 1"),
}


@pytest.mark.parametrize("what", list(DAMAGE))
def test_what_is_damaged_is_named_and_left_alone(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    name, damage, sentence = DAMAGE[what]
    damage(kept / name)
    before = contents(kept)
    code, said = started(tmp_path, capsys)
    assert code == 4
    assert name in said and sentence in said
    assert len(said.splitlines()) == 1
    assert "estore" in said or "Start the newer version" in said, "and a way on"
    assert contents(kept) == before, "nothing is overwritten"


def test_an_empty_snapshot_is_no_empty_desk(kept: Path, tmp_path: Path) -> None:
    os.truncate(kept / "desk.snapshot", 0)
    path = tmp_path / "frontdesk.toml"
    path.write_text(CONFIG.format(data='"data"'), "utf-8")
    asked_to = [sys.executable, str(ROOT / "bot.py"), "run", "--config", str(path)]
    with tokens(), subprocess.Popen(asked_to, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as desk:
        assert desk.stderr is not None
        try:
            # The store opened; only Slack is not there.
            assert any("not started: Slack does not answer" in line for line in iter(desk.stderr.readline, ""))
        finally:
            desk.terminate()
    assert desk.returncode == 0

    async def count() -> int:
        store = TinyStore.open(kept)
        try:
            return await store.transact(asked(lambda tx: tx.highest()))
        finally:
            await store.close()

    assert asyncio.run(count()) == 6


def test_a_folder_that_cannot_be_used_is_refused_in_one_line(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "file").touch()
    (kept / "desk.snapshot").rename(tmp_path / "elsewhere")
    (kept / "desk.snapshot").symlink_to(tmp_path / "elsewhere")
    before = contents(kept)
    for data, why in (
        ('"link"', "symbolic link"),
        ('"file"', "is a file"),
        ('"data"', "symbolic link"),
        ('"../../etc"', "data_dir"),
        ('"da\\u0000ta"', "data_dir"),
        ('"/proc/nothing"', "cannot be used"),
    ):
        code, said = started(tmp_path, capsys, data)
        assert code == 2 and why in said and len(said.splitlines()) == 1, (data, code, said)
    assert contents(kept) == before


def test_a_folder_of_somebody_else_or_read_only_is_refused(kept: Path) -> None:
    """As a user who may not write there; root may everywhere, so it becomes somebody else."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        shutil.copytree(kept, place / "data")
        for path in [place / "data", *(place / "data").iterdir()]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        code = (
            f"from desk.store import TinyStore; from pathlib import Path; TinyStore.open(Path({str(place / 'data')!r}))"
        )
        become = "import os; os.geteuid() == 0 and os.setuid(65534)\n"
        said = subprocess.run(
            [sys.executable, "-c", f"import desk.store\n{become}{code}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "StoreUnusable" in said.stderr and "cannot be used" in said.stderr, said.stderr
        (place / "data").chmod(0o755)
