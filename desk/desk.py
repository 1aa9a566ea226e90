"""The desk: what a flow may use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from desk.model.asking import Answer, Ask, carried
from desk.model.catalogue import say
from desk.model.changes import applied
from desk.model.errors import DeskError, NotKept
from desk.model.hours import BusinessHours, HoursError, Spans
from desk.model.lanes import Lanes
from desk.model.rules import Rules
from desk.model.storm import Sky
from desk.model.teams import Team
from desk.ports import Board, Clock, Directory, Files, Languages, People, Platform, Store, Tx

T = TypeVar("T")
DISK = "disk"
log = logging.getLogger("frontdesk")


@dataclass(frozen=True, slots=True)
class Waits:
    """What is to be done at an instant, after so many tries."""

    at: datetime
    tries: int = 0


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
    files: Files | None = None
    """Slack's files; None: nothing is carried."""
    languages: Languages | None = None
    """Tells in which language customers write; None: only the platforms say."""
    directory: Directory | None = None
    """The company's own system; None: it is not asked."""
    look_ups: dict[int, Waits] = field(default_factory=dict)
    """The inquiries whose customer is still to be looked up there."""
    look_ups_begun: bool = False
    """Whether those were asked for whom the last run had no answer."""
    look_up_failed: datetime | None = None
    """When it gave no answer; None: it did, the last time."""
    health: dict[str, str] = field(default_factory=dict)
    """What is wrong now, by place ("slack", "x", "facebook"); empty when all is well."""
    looked: dict[str, datetime] = field(default_factory=dict)
    """When each platform was looked at last."""
    next_look: dict[str, datetime] = field(default_factory=dict)
    """Before that instant a platform is not looked at again: its pace, or what it asked for."""
    delivering: set[str] = field(default_factory=set)
    """Platforms that bring by webhook what is new: they are looked at less often, until a look finds something else."""
    watched: datetime | None = None
    """When deadlines were looked at last, since this start."""
    changes: int = 0
    """How many transactions may have changed something, since this start."""
    board_seen: tuple[int, datetime] | None = None
    """The deadline board says what was so after that many changes, and nothing on it turns late before that instant."""
    sky: Sky = field(default_factory=Sky)
    """What a storm's card is made from."""
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called after each transaction that may have changed something."""
    _hours: dict[str, tuple[str, BusinessHours]] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def homes(self) -> tuple[str, ...]:
        """Every channel in which inquiries live: the main one first, those of the routes, and those that no rule names
        any more, as long as an open inquiry is there."""
        return tuple(dict.fromkeys((*self.rules.homes, *sorted(self.store.homes))))

    def kick(self) -> None:
        """Something is owed: let the outbox look."""
        self.wake.set()

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """One transaction, after which the outbox looks for what is owed. Raises NotKept."""
        try:
            result = await self.store.transact(work)
        except NotKept:
            self.health[DISK] = self.store.trouble
            raise
        if DISK in self.health and not self.store.trouble:
            del self.health[DISK]
        self.wake.set()
        self.changes += 1
        for listener in self.listeners:
            listener()
        return result

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """A transaction that only reads."""
        return await self.store.transact(work)

    def hours(self, tx: Tx) -> BusinessHours:
        """The business hours now: the owner's, or what a lead has set by `/hours set` and for single dates."""
        return self._changed(tx, "", self.rules.hours, self.rules.breaks)

    def team_hours(self, tx: Tx, team: Team) -> BusinessHours:
        """The hours of one team, with what leads have changed."""
        return self._changed(tx, f":{team.name}", team.hours, team.breaks)

    def _changed(self, tx: Tx, name: str, own: BusinessHours, breaks: Spans) -> BusinessHours:
        week, dates = tx.setting(f"hours{name}"), tx.setting(f"dates{name}") or {}
        if not isinstance(week, str) and not dates:
            return own
        key = f"{week}{sorted(dates.items())}"
        if name not in self._hours or self._hours[name][0] != key:
            try:
                changed = applied(own, breaks, week, dates)
            except HoursError:
                # The owner has changed the configuration since, and the two do not go together: the owner's holds.
                log.exception("the hours that a lead set do not fit the configuration any more")
                changed = own
            self._hours[name] = (key, changed)
        return self._hours[name][1]

    def platform(self, name: str) -> Platform:
        """The connector of that name. Raises DeskError where the desk was built without it."""
        found = self.platforms.get(name)
        if found is None:
            raise DeskError(
                say(
                    "{platform} is not switched on at this desk. Ask the owner to enable {section} in frontdesk.toml.",
                    platform=name,
                    section=f"[{name}]",
                )
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
            kept, then = getattr(refusal, "kept", {}), getattr(refusal, "then", None)

            async def remember(tx: Tx) -> None:
                tx.remember(ask.key, {**answer.as_json(), **carried(ask), **kept}, self.now())
                if then is not None:
                    then(tx)

            if ask.key:
                await self.transact(remember)
        return answer
