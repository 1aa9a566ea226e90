"""What reads while somebody else's write finds no room on the disk: the outbox and the inbox wait, and go on."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.clock import StoryClock
from desk.desk import Desk
from desk.flows.deliver import UNTIL_ROOM, run_outbox
from desk.flows.inbox import RETRY, Inbox
from desk.flows.tell import tell
from desk.model.asking import Answer
from desk.model.errors import NotKept
from desk.model.message import Delivered
from desk.model.outbox import Delivery, Operation
from desk.model.rules import Rules
from desk.ports import Greeting
from desk.store import TinyStore
from tests.benchmarks.idle_desk import ALWAYS, Open, Two
from tests.store.disks import HeldDisk
from tests.store.things import asked


class Noting(Open):
    """A Slack that takes everything, and keeps what it took."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.breaks: list[Callable[[], None]] = []
        """What goes wrong with the next calls."""

    async def deliver(self, op: Operation, view: dict[str, Any]) -> str:
        if self.breaks:
            self.breaks.pop()()
        self.took.append(op.op_id)
        return await super().deliver(op, view)


class Calls:
    """A platform that calls, and brings nothing."""

    name = "x"

    def __init__(self) -> None:
        self.brought: list[Any] = []

    def greet(self, query: Mapping[str, str]) -> Greeting:
        raise NotImplementedError

    def genuine(self, raw: bytes, headers: Mapping[str, Sequence[str]]) -> bool:
        return True

    async def read(self, body: Any) -> Delivered:
        self.brought.append(body)
        return Delivered()


class Narrow:
    """A desk whose disk says when there is room."""

    def __init__(self, folder: Path) -> None:
        self.disk = HeldDisk()
        self.clock = StoryClock(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
        self.slack = Noting()
        self.store = TinyStore.open(folder, disk=self.disk)
        rules = Rules("Acme", "C0DESK", "C0LEADS", "S0AGENTS", "S0LEADS", ALWAYS, {})
        self.desk = Desk(rules, self.clock, self.store, self.slack, Two(), {"x": NotImplemented})

    async def find_no_room(self) -> asyncio.Task[None]:
        """Somebody's write is with the disk, and will find no room there."""
        self.disk.hold(writes=True)
        writing = asyncio.create_task(self.desk.transact(asked(lambda tx: tx.set_setting("owner", "U0ANA"))))
        await asyncio.sleep(0.02)
        return writing

    async def lose(self, writing: asyncio.Task[None]) -> None:
        await asyncio.sleep(0.02)
        self.disk.release(errno.ENOSPC)
        with pytest.raises(NotKept):
            await writing
        await asyncio.sleep(0.02)
        self.disk.release()


@pytest.fixture
async def narrow(tmp_path: Path) -> AsyncIterator[Narrow]:
    made = Narrow(tmp_path)
    try:
        yield made
    finally:
        await made.store.close()


async def until(done: Any) -> None:
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_the_outbox_that_looked_meanwhile_goes_on_when_there_is_room(narrow: Narrow) -> None:
    outbox = asyncio.create_task(run_outbox(narrow.desk))
    try:
        writing = await narrow.find_no_room()
        narrow.desk.kick()
        await narrow.lose(writing)
        assert not outbox.done()
        await tell(narrow.desk, "later", "U1", "C0DESK", Answer("It goes on."))
        await narrow.clock.jump(narrow.clock.now() + UNTIL_ROOM)
        await until(lambda: narrow.slack.took == ["tell:later"])
        assert await narrow.store.transact(asked(lambda tx: tx.setting("owner"))) is None, "it never was"
    finally:
        outbox.cancel()
        await asyncio.gather(outbox, return_exceptions=True)


async def test_a_bug_of_ours_on_a_full_disk_leaves_nothing_half_sent(narrow: Narrow) -> None:
    def breaks() -> None:
        narrow.disk.hold(writes=True)
        raise RuntimeError("a bug of ours")

    narrow.slack.breaks.append(breaks)
    outbox = asyncio.create_task(run_outbox(narrow.desk))
    try:
        await tell(narrow.desk, "late", "U1", "C0DESK", Answer("It goes on."))
        await until(lambda: not narrow.slack.breaks and narrow.store.pending)
        narrow.disk.release(errno.ENOSPC)
        await until(lambda: narrow.store.trouble)
        narrow.disk.release()
        await narrow.clock.jump(narrow.clock.now() + timedelta(minutes=5))
        await until(lambda: not narrow.desk.running)
        state = await narrow.store.transact(asked(lambda tx: getattr(tx.op("tell:late"), "state", None)))
        assert state in (Delivery.SENT, Delivery.UNSURE), "it is looked for, or has gone; it does not hang"
    finally:
        outbox.cancel()
        await asyncio.gather(outbox, return_exceptions=True)


async def test_the_inbox_that_looked_meanwhile_reads_what_came_when_there_is_room(narrow: Narrow) -> None:
    hook = Calls()
    inbox = Inbox(narrow.desk, {"x": hook})
    await inbox.keep("x", json.dumps({"n": 1}))
    writing = await narrow.find_no_room()
    reading = asyncio.create_task(inbox.run())
    try:
        await narrow.lose(writing)
        assert not reading.done() and hook.brought == []
        await narrow.clock.jump(narrow.clock.now() + RETRY + timedelta(seconds=1))
        await until(lambda: hook.brought == [{"n": 1}])
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
