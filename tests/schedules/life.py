"""One life of a desk: a world, a bot that may be dropped at any instant, and one random schedule after the other.

All choices come from one generator, seeded with the life's number, so the same number makes the same choices.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bot
from desk.flows.outcome import resting
from desk.model.errors import DeskError, OutsideError
from desk.model.inquiry import Said
from desk.model.outbox import Delivery, OpKind
from desk.ports import Tx
from platforms.sandbox.wire import Record
from tests.journeys import audit
from tests.journeys.conftest import ANA, BEN, DESK, LEE, Journey, folded, inquiry_of

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TEAM = (ANA, BEN, LEE)
SCHEDULES = 8
"""Schedules in one life: a world costs as much as one of them."""
STEPS = (5, 12)
"""So many things happen in one schedule, at least and at most."""
WAITS = (1, 3, 7, 7, 12, 12, 20, 45, 90, 400, 1500)
"""Seconds of story time that pass at once."""
KINDS = {"mention": 3, "reply": 2, "direct": 1, "comment": 2, "under": 1, "message": 1, "visitor": 1}
"""How customers write, and how often."""
TAKES = ("chat.postMessage", "chat.update", "chat.postEphemeral", "mentions", "tweets", "feed", "comments", "messages")
"""The calls that a crash may wait for, by the end of their path."""


class Wrong(Exception):
    """Something that must never be so; the text tells the whole schedule, and how it is played again."""


class Life:
    """One world and the desk in it. `seed` is the life's number; `told` is what happened, in words."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.folder = folder
        self.rng = random.Random(seed)
        self.told: list[str] = []
        self.crashes = 0
        self.restarts = 0
        self.schedules = 0
        self.counts: dict[str, int] = {}

    async def __aenter__(self) -> Life:
        self.sandbox = bot.Sandbox(MONDAY, self.folder, patience=60.0)
        await self.sandbox.start()
        self.journey = Journey(self.sandbox)
        self.world = self.sandbox.world
        self.world.slack.doors.retry_seconds = (0.02, 0.05, 0.1)
        self.world.slack.doors.ack_seconds = 1.0
        self.world.wire.listeners.append(self._heard)
        self._armed: int | None = None
        self._coming_back: asyncio.Task[None] | None = None
        self._words = 0
        self._frames = 0
        self.sandbox.clock.busy.append(self._returning)
        self.texts: dict[str, str] = {}
        await self.journey.pass_(seconds=5)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._coming_back is not None:
            await self._coming_back
        await self.sandbox.stop()

    # one schedule

    async def live(self, schedules: int = SCHEDULES) -> None:
        """So many schedules, one after the other. Raises `Wrong`."""
        for number in range(schedules):
            self.told = [f"schedule {number} of life {self.seed}"]
            try:
                await self._schedule()
            except Exception as error:
                steps = "\n  ".join(self.told)
                again = f".venv/bin/python -m tests.schedules --life {self.seed}"
                raise Wrong(f"{error}\n  {steps}\nPlay it again: {again}") from error
            self.schedules += 1

    async def _schedule(self) -> None:
        self.mentions: list[str] = []
        self.comments: list[str] = []
        self.people: list[str] = [f"c{self.seed}_{self.schedules}_{n}" for n in range(3)]
        self._frames = len(self.world.slack.frames)
        for _ in range(self.rng.randint(*STEPS)):
            step = self.rng.choices(list(STEPS_AND_WEIGHTS), list(STEPS_AND_WEIGHTS.values()))[0]
            self.counts[step.__name__] = self.counts.get(step.__name__, 0) + 1
            await step(self)
            await self._whole()
        await self._settle()
        await self._closing_audit()

    def note(self, words: str) -> None:
        self.told.append(f"{self.sandbox.clock.now():%a %H:%M:%S} {words}")

    # crash

    def _heard(self, record: Record) -> None:
        """A stand-in has dealt with a request, and has not answered yet."""
        if self._armed is None or record.path.rsplit("/", 1)[-1] not in TAKES:
            return
        self._armed -= 1
        if self._armed <= 0:
            self.drop(f"at {record.method} {record.path}")

    def drop(self, why: str) -> None:
        """The process is gone at this very instant: no word reaches anybody any more, and what is on the disk stays."""
        self._armed = None
        if self._coming_back is not None:
            return
        self.note(f"crash {why}")
        self.crashes += 1
        old = self.sandbox.bot
        folder = self.folder / f"crash{self.crashes}"
        shutil.copytree(old.settings.data_dir, folder / old.settings.desk.data_dir)
        doors = self.world.slack.doors
        doors.drop()
        for waiting in doors.waiting.values():
            if not waiting.future.done():
                waiting.future.set_exception(ConnectionError())
        if hasattr(old, "desk"):
            old.desk.closing = True
        for task in old._tasks:
            task.cancel()
        self._coming_back = asyncio.create_task(self._come_back(old, folder))

    def _returning(self) -> str | None:
        return "the desk comes back" if self._coming_back is not None else None

    async def _come_back(self, old: bot.Frontdesk, folder: Path) -> None:
        clock = self.sandbox.clock
        try:
            await old.stop(seconds=0.0)
            while any(platform.in_flight for platform in old.platforms.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            self.folder_of(folder)
            await self._start()
        finally:
            self._coming_back = None
        assert self.world.busy in clock.busy

    def folder_of(self, folder: Path) -> None:
        """From now on the desk lives there."""
        kept = self.sandbox.bot.settings
        values = {name: getattr(kept, name) for name in type(kept).model_fields}
        self.sandbox.bot.settings = type(kept).model_construct(**{**values, "folder": folder})
        self.sandbox.folder = folder

    async def _start(self) -> None:
        """As a supervisor does it: again and again, until it stands."""
        clock, settings, written = self.sandbox.clock, self.sandbox.bot.settings, self.sandbox.bot.written
        for _ in range(6):
            clock.busy[:] = [self.world.busy, self._returning]
            clock.instants.clear()
            clock.on_stop.clear()
            self.sandbox.bot = bot.Frontdesk(settings, clock, written)
            try:
                await self.sandbox.bot.start()
            except (OutsideError, DeskError) as error:
                self.note(f"it does not start: {type(error).__name__}")
                await self.sandbox.bot.stop(seconds=0.0)
                self.world.wire.clear_faults()
            else:
                self.restarts += 1
                return
        raise AssertionError("the desk does not start any more")

    async def _whole(self) -> None:
        """Return when no crash is under way any more."""
        while self._coming_back is not None:
            await self._coming_back

    # what may happen

    def word(self) -> str:
        self._words += 1
        return f"w{self.seed}x{self._words}"

    async def deliver(self) -> None:
        """A customer writes, anywhere; X may be late to show it, so that a child is seen before its parent."""
        rng, x, graph = self.rng, self.world.x, self.world.graph
        who, text = rng.choice(self.people), f"where is my parcel {self.word()}?"
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        late = rng.choice((0.0, 0.0, 0.0, 5.0, 30.0))
        if kind == "reply" and self.mentions:
            parent = rng.choice(self.mentions)
            self.mentions.append(x.post(who, f"@acme {text}", reply_to=parent, late=late))
        elif kind in ("mention", "reply"):
            self.mentions.append(x.post(who, f"@acme {text}", late=late))
        elif kind == "direct":
            x.direct(who, text)
        elif kind == "under" and self.comments:
            self.comments.append(graph.comment(who, text, on=rng.choice(self.comments)))
        elif kind in ("comment", "under"):
            self.comments.append(graph.comment(who, text, on=graph.page_post("Our autumn blend is back.")))
        elif kind == "visitor":
            graph.visitor_post(who, text)
        else:
            graph.message(who, text)
        self.note(f"{who} writes ({kind}, {late:.0f} s late): {text}")
        await self._pass(rng.choice((0, 7, 15, 40)))

    async def amend(self) -> None:
        """A customer changes a post, or takes it back."""
        rng = self.rng
        place = rng.choice((self.mentions, self.comments))
        if not place:
            return
        key = place.pop(rng.randrange(len(place)))
        network: Any = self.world.x if place is self.mentions else self.world.graph
        if rng.random() < 0.5:
            self.note(f"{key} is taken back")
            network.delete(key)
            if place is self.comments:
                self.comments[:] = [one for one in self.comments if not self.world.graph.things[one].deleted]
        else:
            self.note(f"{key} is changed")
            place.append(network.edit(key, f"@acme where is it now {self.word()}?") or key)
        await self._pass(rng.choice((0, 7, 40)))

    async def duplicate(self) -> None:
        """Slack delivers something once more, or the desk reads everything once more."""
        frames = self.world.slack.frames[self._frames :]
        ids = [f["envelope_id"] for f in frames if f["direction"] == "out" and f["envelope_id"]]
        if ids and self.rng.random() < 0.7:
            again = self.rng.choice(ids)
            self.note(f"delivered again: {next(f['type'] for f in frames if f['envelope_id'] == again)}")
            await self.world.slack.redeliver(again)
            return
        self.note("the cursors are lost")

        async def work(tx: Tx) -> None:
            tx.set_cursor("x", "{}")
            tx.set_cursor("facebook", "")

        await self.sandbox.bot.store.transact(work)
        await self._pass(7)

    def numbers(self) -> list[int]:
        """The newest inquiries that stand in Slack."""
        return sorted({n for m in self.world.slack.messages(DESK) if (n := inquiry_of(m)) and not folded(m)})[-6:]

    async def claim(self) -> None:
        """One agent takes an inquiry, or two at once."""
        if not (numbers := self.numbers()):
            return
        number = self.rng.choice(numbers)
        team = self.rng.sample(TEAM, self.rng.choice((1, 1, 2)))
        self.note(f"{' and '.join(team)}: /claim {number}")
        await asyncio.gather(*(self.world.slack.command(one, DESK, f"/claim {number}") for one in team))

    async def publish(self) -> None:
        """An agent answers, perhaps undoes it, or does not wait."""
        if not (numbers := self.numbers()):
            return
        rng = self.rng
        number, who, word = rng.choice(numbers), rng.choice(TEAM), self.word()
        text = f"It comes tomorrow {word}."
        reply = await self.world.slack.command(who, DESK, f"/reply {number} {text}")
        said = str((reply.response or {}).get("text") or reply.error or "")
        self.texts[text] = said
        self.note(f"{who}: /reply {number} {text} -> {said[:60]!r}")
        then = rng.choice(("", "", "", "undo", "send_now", "both"))
        await self._pass(rng.choice((0, 0, 2, 11)))
        if then in ("undo", "both"):
            await self._press(who, text, "undo")
        if then in ("send_now", "both"):
            await self._press(who, text, "send_now")
        await self._pass(rng.choice((0, 12, 20)))

    async def _press(self, who: str, text: str, action: str) -> None:
        only = [m for m in self.world.slack.ephemerals(who, DESK) if text in str(m.get("blocks"))]
        if not only:
            return
        with contextlib.suppress(LookupError):
            await self.world.slack.press(who, DESK, only[-1]["ts"], action)
            self.note(f"{who} presses {action}")

    async def tick(self) -> None:
        """Time passes."""
        await self._pass(self.rng.choice(WAITS))

    async def fault(self) -> None:
        """The next one, two or three requests of a kind go wrong."""
        to, match, action, more = self.rng.choice(FAULTS)
        times = self.rng.choice((1, 1, 2, 3))
        more = dict(more)
        if action in ("drop_after", "accept"):
            more["lag"] = self.rng.choice((0.0, 5.0, 12.0, 30.0) if to == "slack" else (0.0, 5.0, 25.0, 100.0))
        self.note(f"fault: {to} {match} {action} {more} x{times}")
        self.world.wire.fault(to, match, action, times=times, **more)

    async def line(self) -> None:
        """Slack renews its line, or loses an acknowledgement."""
        what = self.rng.choice(("renewed", "an acknowledgement is lost"))
        self.note(f"Slack's line: {what}")
        if what == "renewed":
            self.world.slack.disconnect("refresh_requested", close_after=0.01)
            await asyncio.sleep(0.02)
            await self._connected()
        else:
            self.world.slack.hold_acks(1)

    async def _connected(self) -> None:
        """Return when there is a line again; what people do meanwhile Slack itself refuses."""
        for _ in range(1500):
            if any(not one.socket.closed and not one.refreshing for one in self.world.slack.doors.connections):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the desk does not come back to Slack")

    async def crash(self) -> None:
        """The desk is dropped: now, or when a stand-in deals with one of its next requests."""
        if self.rng.random() < 0.3:
            self.drop("between two steps")
        else:
            self._armed = self.rng.randint(1, 6)
            self.note(f"a crash is to come at request {self._armed}")

    async def _pass(self, seconds: float) -> None:
        if seconds:
            await self.journey.pass_(seconds=seconds)

    # the end of it

    async def _settle(self) -> None:
        """Everything is well again, and what is owed goes out; who was asked about a doubt looks, and answers truly."""
        self._armed = None
        self.world.wire.clear_faults()
        self.world.slack.doors.acks_to_lose = 0
        await self._whole()
        await self._connected()
        for _ in range(12):
            await self._pass(100)
            waiting = await self._waiting()
            if not waiting and not await self._missing():
                return
            for op in waiting:
                if resting(op):
                    await self._decide(op)
        left = [(op.op_id, str(op.state), op.not_before) for op in waiting]
        raise AssertionError(f"it is never done: {left}; lost: {await self._missing()}")

    async def _waiting(self) -> list[Any]:
        async def work(tx: Tx) -> list[Any]:
            return list(tx.waiting_ops())

        return await self.sandbox.bot.store.transact(work)

    async def _missing(self) -> list[str]:
        return audit.missing(self.world, await audit.remembered(self.sandbox.bot.store, frozenset()))

    async def _decide(self, op: Any) -> None:
        there = self.out(op.payload["text"].rpartition(" – ")[0])
        action = "its_there" if there else "send_again"
        self.note(f"asked about a doubt: {action}")
        value = f"{op.number}:{op.payload['nth']}"
        thread = self.world.slack.replies(DESK, self.journey.root(op.number)["ts"])
        asked = [m for m in thread if action in (text := str(m.get("blocks"))) and f"'{value}'" in text]
        assert asked, f"nobody was asked about {op.op_id}"
        await self.world.slack.press(LEE, DESK, asked[-1]["ts"], action, value=value)
        await self._pass(2)

    def out(self, text: str) -> int:
        """How often it stands at a platform, as from us."""
        x, graph = self.world.x, self.world.graph
        posts = [post.text for post in x.shelf.posts.values() if post.author == x.me.id]
        directs = [event.text for event in x.shelf.directs.values() if event.sender == x.me.id]
        return sum(text in one for one in (*posts, *directs, *(record["text"] for record in graph.published)))

    async def _closing_audit(self) -> None:
        world, store = self.world, self.sandbox.bot.store
        assert world.wire.unexpected == [], world.wire.unexpected
        assert not self.sandbox.bot.broken.done(), self.sandbox.bot.broken
        kept = await audit.remembered(store, audit.op_ids(world))
        assert not (lost := audit.missing(world, kept)), f"lost: {lost}"
        strange = audit.written(kept) - audit.ever_written(world)
        assert not strange, f"kept, and nobody wrote it: {strange}"
        audit.shown(world, kept)
        audit.said_in_slack(world, kept)
        audit.published(world, kept)
        audit.no_secrets(self.sandbox, "")
        self._order(kept)
        self._answers(kept)

    def _order(self, kept: audit.Kept) -> None:
        """In each thread the messages stand in the order in which the desk took them in."""
        ts: dict[int, list[tuple[float, int]]] = {}
        for entry in kept.entries:
            op = kept.ops.get(f"show:{entry.number}:{entry.index}:0")
            if entry.said is Said.CUSTOMER and op is not None and op.remote_id:
                ts.setdefault(entry.number, []).append((float(op.remote_id), entry.index))
        for number, shown in ts.items():
            assert [index for _, index in sorted(shown)] == sorted(index for _, index in shown), f"order of #{number}"

    def _answers(self, kept: audit.Kept) -> None:
        """Each answer is out once, or taken back, or refused; and none that was acknowledged is forgotten."""
        by_text: dict[str, list[Any]] = {}
        for op in kept.ops.values():
            if op.kind is OpKind.PUBLISH:
                by_text.setdefault(op.payload["text"].rpartition(" – ")[0], []).append(op)
        for text, said in self.texts.items():
            ops = by_text.get(text, [])
            assert len(ops) <= 1, f"owed twice: {text}"
            if "Going out" in said:
                assert ops, f"acknowledged and forgotten: {text}"
            out = self.out(text)
            if not ops:
                assert out == 0, f"published and not known: {text}"
            elif ops[0].state is Delivery.SENT:
                assert out == 1, f"{text} is out {out} times"
            else:
                assert out == 0, f"{text} is {ops[0].state} and out {out} times"


HTML = {"status": 502, "body": "<html>Bad gateway</html>"}
LIMIT = {"status": 429, "body": {"title": "Too Many Requests"}}
SLOW = {"status": 429, "body": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "4"}}
FAULTS: tuple[tuple[str, str, Any, dict[str, Any]], ...] = (
    ("x", "POST *", "drop_after", {}),
    ("x", "POST *", "drop_before", {}),
    ("x", "POST *", "status", HTML),
    ("x", "POST *", "status", LIMIT),
    ("x", "POST *", "accept", {}),
    ("x", "GET *", "status", HTML),
    ("x", "GET *", "drop_after", {}),
    ("x", "GET *", "status", LIMIT),
    ("graph", "POST *", "drop_after", {}),
    ("graph", "POST *", "drop_before", {}),
    ("graph", "POST *", "status", {"status": 500, "body": {}}),
    ("graph", "GET *", "status", HTML),
    ("graph", "GET *", "drop_before", {}),
    ("slack", "POST /api/chat.postMessage", "drop_after", {}),
    ("slack", "POST /api/chat.postMessage", "drop_after", {}),
    ("slack", "POST /api/chat.postMessage", "drop_before", {}),
    ("slack", "POST /api/chat.postMessage", "status", HTML),
    ("slack", "POST /api/chat.postMessage", "status", SLOW),
    ("slack", "POST /api/chat.postMessage", "status", {"status": 200, "body": "<html>well</html>"}),
    ("slack", "POST /api/chat.update", "drop_after", {}),
    ("slack", "POST /api/chat.update", "status", SLOW),
    ("slack", "POST /api/chat.postEphemeral", "drop_after", {}),
    ("slack", "* /api/conversations.*", "status", HTML),
)
STEPS_AND_WEIGHTS: dict[Callable[[Life], Awaitable[None]], int] = {
    Life.deliver: 7,
    Life.amend: 1,
    Life.duplicate: 2,
    Life.claim: 2,
    Life.publish: 5,
    Life.tick: 3,
    Life.fault: 5,
    Life.line: 1,
    Life.crash: 3,
}
