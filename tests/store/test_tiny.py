"""TinyStore keeps the promises of every store: plain, without fsync, and restarted before every single transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from desk.ports import Store, Tx
from desk.store import TinyStore
from tests.store.promises import Promises

T = TypeVar("T")


class Restarted:
    """A store that is closed and opened again before every transaction."""

    def __init__(self, folder: Path, checkpoint: bool) -> None:
        self._folder = folder
        self._checkpoint = checkpoint
        self._store = TinyStore.open(folder, fsync=False)
        self._turn = asyncio.Lock()
        self.trouble = ""

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        async with self._turn:
            if self._checkpoint:
                await self._store.checkpoint()
            await self._store.close()
            self._store = TinyStore.open(self._folder, fsync=False)
            return await self._store.transact(work)

    async def close(self) -> None:
        await self._store.close()


@pytest.fixture(params=["plain", "without fsync", "restarted", "restarted from a snapshot"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened: Store
    if request.param.startswith("restarted"):
        opened = Restarted(tmp_path / "desk", checkpoint="snapshot" in request.param)
    else:
        opened = TinyStore.open(tmp_path / "desk", fsync=request.param == "plain")
    yield opened
    await opened.close()


class TestTinyStore(Promises):
    """The suite, on each of them."""
