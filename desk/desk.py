"""The desk: what a flow may use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from desk.model.asking import Answer, Ask
from desk.model.errors import DeskError
from desk.model.hours import BusinessHours, parse_week
from desk.model.lanes import Lanes
from desk.model.rules import Rules
from desk.ports import Board, Clock, People, Platform, Store, Tx

T = TypeVar("T")
log = logging.getLogger("frontdesk")


@dataclass(slots=True)
class Desk:
    """Everything that a flow needs, handed to it as its first argument; built once, in `bot.py`."""

    rules: Rules
    clock: Clock
    store: Store
    board: Board
    people: People
    platforms: Mapping[str, Platform]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where something new is owed, so that the outbox looks at once."""
    running: set[str] = field(default_factory=set)
    """Operations that are being sent at this moment."""
    closing: bool = False
    """Set when the desk is about to stop: what is being sent comes to its end, nothing new begins."""
    lanes: Lanes = field(default_factory=Lanes)
    """What waits because Slack asked for it, or does not answer."""
    health: dict[str, str] = field(default_factory=dict)
    """What is wrong now, by place ("slack", "x", "facebook"); empty when all is well."""
    looked: dict[str, datetime] = field(default_factory=dict)
    """When each platform was looked at last."""
    next_look: dict[str, datetime] = field(default_factory=dict)
    """Before that instant a platform is not looked at again: its pace, or what it asked for."""
    watched: datetime | None = None
    """When deadlines were looked at last, since this start."""
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called after each transaction that may have changed something."""
    _hours: tuple[str, BusinessHours] | None = None

    def now(self) -> datetime:
        return self.clock.now()

    def kick(self) -> None:
        """Something is owed: let the outbox look."""
        self.wake.set()

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """One transaction, after which the outbox looks for what is owed."""
        result = await self.store.transact(work)
        self.wake.set()
        for listener in self.listeners:
            listener()
        return result

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """A transaction that only reads."""
        return await self.store.transact(work)

    def hours(self, tx: Tx) -> BusinessHours:
        """The business hours now: the owner's, or what a lead has set by `/hours set`."""
        week = tx.setting("hours")
        if not isinstance(week, str):
            return self.rules.hours
        if self._hours is None or self._hours[0] != week:
            own = self.rules.hours
            self._hours = (week, BusinessHours(own.zone, parse_week(week), own.holidays, own.exceptions))
        return self._hours[1]

    def platform(self, name: str) -> Platform:
        """The connector of that name. Raises DeskError where the desk was built without it."""
        found = self.platforms.get(name)
        if found is None:
            raise DeskError(
                f"{name} is not switched on at this desk. Ask the owner to enable [{name}] in frontdesk.toml."
            )
        return found

    async def once(self, ask: Ask, work: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        """Do what was asked, once: the same click or command again gets the first answer again, a refusal too.

        A form acts once; sent again after a refusal, it is looked at anew. A refusal always hands the text back.
        """
        keys = [key for key in (ask.key, ask.form) if key]

        async def unless_known(tx: Tx) -> Answer:
            kept = next((found for key in keys if (found := tx.answer(key)) is not None), None)
            if kept is not None:
                return Answer.from_json(kept)
            answer = await work(tx)
            for key in keys:
                tx.remember(key, answer.as_json(), self.now())
            return answer

        try:
            answer = await self.transact(unless_known)
        except DeskError as refusal:
            quote = getattr(refusal, "quote", "") or ask.text
            answer = Answer(refusal.sentence, quote, getattr(refusal, "buttons", ()), refused=True)

            async def remember(tx: Tx) -> None:
                tx.remember(ask.key, answer.as_json(), self.now())

            if ask.key:
                await self.transact(remember)
        return answer
