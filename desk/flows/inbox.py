"""What platforms deliver by themselves: kept as it came, before they hear *yes*; read in its order; a delivery that
cannot be read is set aside, and holds up no other."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta

from desk.desk import Desk
from desk.flows.owing import owe_post
from desk.flows.receive import receive
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.errors import NotKept, OutsideError
from desk.model.inquiry import Event
from desk.model.message import Delivered, Fetched, Message
from desk.model.outbox import Lane
from desk.model.words import code
from desk.ports import Hook, Tx

log = logging.getLogger("frontdesk.inbox")

TRIES = 3
"""So often one delivery is tried before it is set aside."""
RETRY = timedelta(seconds=10)
"""How long to wait where reading a delivery needs the platform, and that does not answer."""
MOST = 10_000
"""Deliveries that may wait; the next one is refused, and the platform keeps it."""
NUDGE = timedelta(seconds=15)
"""A platform that only says *look* makes us look no more often than this."""


class Full(Exception):
    """So much waits that nothing more is taken."""


class Inbox:
    """The deliveries of all platforms, each platform's in its order. `hooks` reads them, by the platform's name."""

    def __init__(self, desk: Desk, hooks: Mapping[str, Hook]) -> None:
        self.desk = desk
        self.hooks = hooks
        self._arrived = asyncio.Event()
        self._arrived.set()  # what the last run left
        self._reading = False

    def busy(self) -> str | None:
        """Why a story's clock may not jump now, or None."""
        return "a delivery is read" if self._reading or self._arrived.is_set() else None

    async def keep(self, name: str, raw: str) -> None:
        """Keep a delivery; durable when this returns. Raises `Full`."""

        async def work(tx: Tx) -> bool:
            first, end = tx.setting(_queue(name)) or (0, 0)
            if end - first >= MOST:
                return False
            tx.set_setting(_item(name, end), raw)
            tx.set_setting(_queue(name), [first, end + 1])
            return True

        if not await self.desk.store.transact(work):
            raise Full
        self._arrived.set()

    async def run(self) -> None:
        """Read what comes, for ever."""
        while True:
            await self._arrived.wait()
            self._reading = True
            self._arrived.clear()
            try:
                waits = [name for name in self.hooks if not await self._read_all(name)]
            finally:
                self._reading = False
            if waits:
                await self._wait()

    async def _wait(self) -> None:
        sleeper = asyncio.ensure_future(self.desk.clock.sleep_until(self.desk.now() + RETRY))
        try:
            await sleeper
        finally:
            sleeper.cancel()
        self._arrived.set()

    async def _read_all(self, name: str) -> bool:
        """Everything that waits of one platform; False where it must wait for the platform."""
        while True:
            try:
                raw = await self.desk.read(lambda tx: _first(tx, name))
                if raw is None:
                    return True
                await self._read(name, raw)
                await self.desk.store.transact(lambda tx: _done(tx, name))
            except (OutsideError, NotKept) as error:
                log.warning("a delivery waits", extra={"platform": name, "why": type(error).__name__})
                return False

    async def _read(self, name: str, raw: str) -> None:
        why = ""
        for _ in range(TRIES):
            try:
                await self._take(name, await self.hooks[name].read(json.loads(raw)))
            except (OutsideError, NotKept):
                raise
            except Exception as error:
                why = type(error).__name__  # not its message: that may hold the customer's words
            else:
                return
        await self._set_aside(name, raw, why)

    async def _take(self, name: str, delivered: Delivered) -> None:
        desk, platform = self.desk, self.desk.platform(name)
        now = desk.now()
        if delivered.look:
            looked = desk.looked.get(name)
            soonest = now if looked is None else max(now, looked + NUDGE)
            desk.next_look[name] = min(soonest, desk.next_look.get(name, soonest))
        if delivered.messages:
            desk.delivering.add(name)

        async def known(tx: Tx) -> list[Message]:
            ids = {message.remote_id for message in delivered.messages}
            gone = {one for one in ids if tx.answer(_gone(name, one)) is not None}
            fresh: list[Message] = []
            for key, message in zip(delivered.keys, delivered.messages, strict=True):
                if message.deleted:
                    gone.add(message.remote_id)
                elif message.remote_id in gone or _stale(tx, message):
                    continue
                if tx.answer(_seen(name, key)) is None:
                    fresh.append(message)
            return fresh

        fresh = await desk.read(known)
        if fresh or delivered.broken:
            await receive(desk, platform, Fetched(tuple(fresh), None, broken=delivered.broken))

        async def remember(tx: Tx) -> None:
            for key, message in zip(delivered.keys, delivered.messages, strict=True):
                tx.remember(_seen(name, key), {}, now)
                if message.deleted:
                    tx.remember(_gone(name, message.remote_id), {}, now)

        if delivered.messages:
            await desk.store.transact(remember)

    async def _set_aside(self, name: str, raw: str, why: str) -> None:
        desk = self.desk
        key = hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest()[:12]

        async def work(tx: Tx) -> None:
            now = desk.now()
            tx.log(Event(now, 0, "set aside", details={"platform": name, "delivery": key, "why": why}))
            sentence = say(
                "A delivery from {platform} could not be read after {tries} tries ({why}) and was set aside as {key}. "
                "The desk looks for its messages by itself as well. Tell the owner: this is a fault of the desk.",
                platform=desk.platform(name).title,
                tries=TRIES,
                why=why,
                key=code(key),
            )
            owe_post(tx, f"aside:{name}:{key}", desk.rules.channel, Line(sentence, mark="warning"), now, lane=Lane.SLA)

        log.error("delivery set aside", extra={"platform": name, "delivery": key, "why": why})
        desk.delivering.discard(name)
        await desk.transact(work)


def _queue(name: str) -> str:
    return f"inbox:{name}"


def _item(name: str, at: int) -> str:
    return f"inbox:{name}:{at}"


def _seen(name: str, key: str) -> str:
    return f"delivered:{name}:{key}"


def _gone(name: str, remote_id: str) -> str:
    return f"gone:{name}:{remote_id}"


async def _first(tx: Tx, name: str) -> str | None:
    first, end = tx.setting(_queue(name)) or (0, 0)
    return str(tx.setting(_item(name, first))) if first < end else None


async def _done(tx: Tx, name: str) -> None:
    """Names are used again, so that the store does not grow with what was delivered."""
    first, end = tx.setting(_queue(name)) or (0, 0)
    tx.set_setting(_item(name, first), None)
    tx.set_setting(_queue(name), [0, 0] if first + 1 >= end else [first + 1, end])


def _stale(tx: Tx, message: Message) -> bool:
    """Whether this is how a message read before it was edited: delivered late, or once more."""
    if message.previous_id is not None:
        return False
    known = tx.entry_of(message.platform, message.remote_id)
    return known is not None and message.text in known.edits
