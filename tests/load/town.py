"""A town around the bot: customers who write, a hall of agents who answer, and a tally of what the outside saw."""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bot
from desk.model.inquiry import Entry, Inquiry, Said, Status
from desk.model.message import Author
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.ports import Tx
from desk.store import TinyStore
from platforms.sandbox.wire import Record

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Nine o'clock in Lisbon on a working day."""
DESK, LEADS, FACE = "C0DESK", "C0LEADS", "C0FACE"
POST = "/api/chat.postMessage"
SUMS = re.compile(r"\*([\d,]+)\* queued \+ \*([\d,]+)\* shown \+ \*([\d,]+)\* closed = \*([\d,]+)\* ingested")
SAYINGS = """
parcel refund late broken password app order voucher coffee machine delivery invoice address size colour seat flight
bag ticket booking card screen cable filter spare battery taste smell shop queue waiter table return invoice
"""
WORDS = SAYINGS.split()


class Tally:
    """What passed over the wire, counted as it passes; bodies are not kept."""

    def __init__(self, town: Town) -> None:
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.reads: dict[str, list[datetime]] = defaultdict(list)
        self.edits: dict[str, list[datetime]] = defaultdict(list)
        self.posted: dict[str, list[datetime]] = defaultdict(list)
        """By channel, when Slack took a message."""
        self.about: Counter[int] = Counter()
        """Calls to Slack by the inquiry that they are about."""
        self.unanswered: list[str] = []
        """The answers to customers of whose fate the desk was not told."""
        self._town = town
        self._roots: dict[str, int] = {}
        town.world.wire.listeners.append(self._heard)

    def _heard(self, record: Record) -> None:
        call = f"{record.to} {record.path}"
        self.calls[call] += 1
        if record.status == 429:
            self.refused[call] += 1
        if record.to == "x" and record.method == "GET":
            self.reads[record.path].append(record.at)
        if record.to == "slack":
            self._slack(record)
        elif record.method == "POST" and record.status == 0:
            self.unanswered.append(str(record.request.get("text") or record.request.get("message") or ""))
        record.request, record.response = {}, None  # hours of bodies are more than a machine should hold

    def _slack(self, record: Record) -> None:
        request = record.request
        payload: dict[str, Any] = {}
        with suppress(ValueError, TypeError):
            metadata = request.get("metadata")
            payload = (json.loads(metadata) if isinstance(metadata, str) else metadata or {}).get("event_payload") or {}
        if payload.get("inquiry"):
            self.about[int(payload["inquiry"])] += 1
        if record.path == POST and record.status == 200:
            self.posted[str(request["channel"])].append(record.at)
        elif record.path == "/api/chat.update" and record.status == 200:
            self.edits[str(request.get("ts"))].append(record.at)

    def share_refused(self) -> float:
        """429s of all posts that were tried."""
        return self.refused[f"slack {POST}"] / max(1, self.calls[f"slack {POST}"])

    def most_in(self, times: list[datetime], window: timedelta) -> int:
        """The largest number of these instants within such a window."""
        most, first = 0, 0
        for last, at in enumerate(times):
            while times[first] <= at - window:
                first += 1
            most = max(most, last - first + 1)
        return most


class Town:
    """One desk with its customers and agents, in story time. All randomness comes from `chance`."""

    def __init__(self, sandbox: bot.Sandbox, chance: random.Random) -> None:
        self.sandbox, self.chance = sandbox, chance
        self.world, self.clock = sandbox.world, sandbox.clock
        self.slack, self.x, self.graph = sandbox.world.slack, sandbox.world.x, sandbox.world.graph
        self.tally = Tally(self)
        self.wrote: dict[str, str] = {}
        """Each message that begins an inquiry, by its id at the platform; and what it says."""
        self.followed: dict[str, str] = {}
        """Each further message, and the one that it follows."""
        self.waits: dict[str, list[float]] = defaultdict(list)
        """Story seconds that agents waited for what they asked for, by what it was."""
        self.threads: list[float] = []
        """Story seconds until the thread of what somebody took stood, where it did not yet. They had the words."""
        self.answered: dict[int, str] = {}
        self.unserved = 0
        self.names: list[str] = []
        """The agents, by Slack id."""
        self.wrote_at: dict[str, datetime] = {}
        self.flood: list[str] = []
        """What one customer wrote very much of."""
        self.picks: list[tuple[datetime, int]] = []
        """Who asked for the next inquiry when, and which it was."""
        self.late = 0.0
        """The share of posts on X that surface three quarters of a minute late, behind younger ones."""
        self.doubles = 0.0
        """The share of commands that Slack delivers twice."""
        self._acting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._marks: dict[str, asyncio.Future[datetime]] = {}
        self.roots: dict[int, str] = {}
        """Inquiry → the ts of its thread, as Slack has it."""
        self.rooms = [DESK]
        """The channels in which inquiries live."""
        self.early: dict[str, datetime] = {}
        self.slack.listeners.append(self._seen)
        self.clock.busy.append(self.is_busy)

    def is_busy(self) -> str | None:
        """Why the clock may not jump now, as far as the agents go."""
        return "an agent acts" if self._acting else None

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # what Slack shows
    def _seen(self, event: dict[str, Any]) -> None:
        message = event.get("message") or {}
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        op_id = str(payload.get("op_id", ""))
        if event["type"] != "message" or not op_id:
            return
        if op_id.startswith("root:"):
            self.roots.setdefault(int(payload["inquiry"]), message["ts"])
        mark = self._marks.pop(op_id, None)
        if mark is not None and not mark.done():
            mark.set_result(self.now)
        elif op_id.startswith(("root:", "say:")):
            self.early[op_id] = self.now

    async def appears(self, op_id: str) -> datetime:
        """When the message of that operation stood in Slack."""
        if op_id in self.early:
            return self.early[op_id]
        mark = self._marks.setdefault(op_id, asyncio.get_running_loop().create_future())
        return await mark

    # customers
    def words(self) -> str:
        """What a customer might write."""
        return " ".join(self.chance.choices(WORDS, k=self.chance.randrange(6, 18)))

    def writes(self, nth: int, text: str | None = None, facebook: bool | None = None) -> str:
        """A customer's first message; returns its id. Three quarters come on Facebook."""
        said = f"{text or self.words()} #{nth}"
        on_facebook = self.chance.random() < 0.75 if facebook is None else facebook
        if on_facebook:
            found = self.graph.visitor_post(f"Customer {nth}", said)
        else:
            self.x.add_person(f"c{nth}", f"Customer {nth}")
            found = self.x.post(f"c{nth}", f"@acme {said}", late=45 if self.chance.random() < self.late else 0)
        self.wrote[str(found)] = said
        self.wrote_at[str(found)] = self.now
        return str(found)

    def follows(self, nth: int, first: str) -> None:
        """The same customer goes on."""
        said = f"{self.words()} and #{nth} still waits"
        if first in self.x.shelf.posts:
            found = self.x.post(f"c{nth}", f"@acme {said}", reply_to=first)
        else:
            found = self.graph.comment(f"Customer {nth}", said, on=first)
        self.followed[str(found)] = first

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let somebody do something beside all others."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def customers(self, per_minute: float, minutes: float, follow: float = 0.0, first: int = 0) -> None:
        """So many write a minute, at random instants; of a share of them a further message comes soon after."""
        at, nth = self.now, first
        end = at + timedelta(minutes=minutes)
        instants = sorted(self.chance.uniform(0, minutes * 60) for _ in range(round(per_minute * minutes)))
        for seconds in instants:
            nth += 1
            await self.clock.sleep_until(end - timedelta(minutes=minutes) + timedelta(seconds=seconds))
            post = self.writes(nth)
            if self.chance.random() < follow:
                self.start(self._later(nth, post))

    async def flood_of_strangers(self, count: int) -> None:
        """So many on the Page within a minute, with an hour for each, so that no warning is due meanwhile."""
        begin = self.now
        for nth in range(count):
            await self.clock.sleep_until(begin + timedelta(seconds=60 * nth / count))
            self.writes(nth, facebook=True)

    async def floods(self, posts: int, minutes: float) -> None:
        """One customer, very many posts, each a conversation of its own."""
        begin = self.now
        self.x.add_person("flooder", "Flo Odder")
        for nth in range(posts):
            await self.clock.sleep_until(begin + timedelta(minutes=minutes * nth / posts))
            self.flood.append(str(self.x.post("flooder", f"@acme {self.words()} {nth}")))

    async def _later(self, nth: int, post: str) -> None:
        await self.clock.sleep_until(self.now + timedelta(seconds=self.chance.uniform(30, 240)))
        self.follows(nth, post)

    # agents
    def hire(self, count: int) -> list[str]:
        """So many agents, in the group and in the channel."""
        names = self.names = [f"U0AG{n:03}" for n in range(count)]
        for n, user in enumerate(names):
            self.slack.add_user(
                user, name=f"agent{n}", real_name=f"Agent{'abcdefghij'[n % 10]} {n}", tz="Europe/Lisbon"
            )
            for place in self.rooms:
                self.slack.channels[place].members[user] = None
        self.slack.add_usergroup("S0AGENTS", "frontdesk-agents", ["U0ANA", "U0BEN", "U0LEE", *names])
        return names

    def opens(self, place: str) -> None:
        """A further channel for inquiries, with the bot in it."""
        self.slack.add_channel(place, place.casefold(), members=[self.slack.bot_user])
        self.rooms.append(place)

    @asynccontextmanager
    async def act(self) -> AsyncIterator[None]:
        """While somebody does something the clock stands still."""
        self._acting += 1
        try:
            yield
        finally:
            self._acting -= 1

    async def types(self, user: str, command: str) -> str:
        """A slash command; what its author reads."""
        response = await self._typed(user, command)
        return str(response.get("text") or response.get("error") or "")

    async def _typed(self, user: str, command: str) -> dict[str, Any]:
        """The same; the whole answer as Slack got it. Each agent sits in one of the channels."""
        seat = self.rooms[self.names.index(user) % len(self.rooms)] if user in self.names else DESK
        async with self.act():
            reply = await self.slack.command(user, seat, command)
            if self.chance.random() < self.doubles and reply.ok:
                sent = [f for f in self.slack.frames[-40:] if f["direction"] == "out" and f["type"] == "slash_commands"]
                if sent:
                    await self.slack.redeliver(sent[-1]["envelope_id"])
        return reply.response or {"error": reply.error}

    async def agent(self, user: str, until: datetime, handling: tuple[float, float]) -> None:
        """Takes the next inquiry, answers it, closes it, and again; `handling` is in seconds, from and to."""
        await self.clock.sleep_until(self.now + timedelta(seconds=self.chance.uniform(0, handling[1])))
        while self.now < until:
            asked = self.now
            answer = await self._typed(user, "/desk next")
            said = str(answer.get("text") or answer.get("error") or "")
            found = re.search(r"You have #(\d+)", said)
            if found is None:
                self.unserved += "Nothing is waiting" not in said
                await self.clock.sleep_until(self.now + timedelta(seconds=30))
                continue
            number = int(found[1])
            self.picks.append((asked, number))
            if number not in self.roots:
                appears = (await self.appears(f"root:{number}") - asked).total_seconds()
                self.threads.append(appears)
                has_words = any(words in str(answer.get("blocks")) for words in self.wrote.values())
                self.waits["next"].append(0.0 if has_words else appears)
            await self.clock.sleep_until(self.now + timedelta(seconds=self.chance.uniform(*handling)))
            asked, text = self.now, f"We are on it, number {number}, by {user}."
            said = await self.types(user, f"/reply {number} {text}")
            if "Going out" in said:
                self.answered[number] = text
                self.waits["reply"].append((await self.appears(f"say:{number}:reply:1") - asked).total_seconds())
            else:
                self.unserved += 1
            await self.clock.sleep_until(self.now + timedelta(seconds=20))
            if self.chance.random() < 0.7:
                await self.types(user, f"/done {number}")

    # the story
    async def play(self, until: datetime) -> None:
        """Let the story run to that instant."""
        await self.clock.jump(until)

    async def restart(self, seconds: float = 2.0) -> None:
        """The bot goes and comes back; with 0 seconds it is stopped without warning: nothing is waited for."""
        await self.sandbox.bot.stop(seconds=seconds)
        self.clock.busy[:] = [self.world.busy, self.is_busy]
        self.clock.instants.clear()
        self.clock.on_stop.clear()
        self.sandbox.bot = bot.Frontdesk(self.sandbox.bot.settings, self.clock, self.sandbox.bot.written)
        await self.sandbox.bot.start()

    async def stop(self) -> None:
        """Everybody goes home."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # the audit
    def card(self) -> tuple[int, int, int, int] | None:
        """The sums on the newest storm card: queued, shown, closed, ingested."""
        for message in reversed(self.slack.messages(DESK)):
            found = SUMS.search(json.dumps(message.get("blocks") or ""))
            if found is not None:
                queued, shown, closed, ingested = (int(one.replace(",", "")) for one in found.groups())
                return queued, shown, closed, ingested
        return None

    def cards(self) -> set[str]:
        """The ts of each storm card."""
        return {one["ts"] for one in self.slack.messages(DESK) if SUMS.search(json.dumps(one.get("blocks") or ""))}

    def sizes(self) -> dict[str, int]:
        """What must not grow by time alone."""
        desk = self.sandbox.bot.desk
        return {
            "open files": len(list(Path("/proc/self/fd").iterdir())),
            "threads": threading.active_count(),
            "tasks": len(asyncio.all_tasks()),
            "sleepers": len(self.clock._waiting),
            "running": len(desk.running),
            "answers": len(self.sandbox.bot.store._memory.indexes.names["answers"]),
            "similar": len(desk.sky.alike.seen),
        }

    def shown(self) -> Shown:
        """What stands in the desk's channels now."""
        return Shown(self)

    async def read(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        """Something out of the desk's own store."""
        return await self.sandbox.bot.desk.read(work)


class Shown:
    """The channels, read once: which customer's message stands where, and in which order."""

    def __init__(self, town: Town) -> None:
        self.roots: Counter[int] = Counter()
        self.messages: Counter[str] = Counter()
        self.misplaced = 0
        self.at: dict[str, float] = {}
        """When a customer's message stood in Slack, as seconds since 1970."""
        self.below: Counter[str] = Counter()
        """Slack messages in a thread, by the message that it began with."""
        self.rooms: Counter[str] = Counter()
        """Threads by channel."""
        standing = [(one, root) for one in town.rooms for root in town.slack.messages(one)]
        for place, root in standing:
            payload = (root.get("metadata") or {}).get("event_payload") or {}
            if not str(payload.get("op_id", "")).startswith("root:") or payload.get("folded"):
                continue
            self.roots[int(payload["inquiry"])] += 1
            self.rooms[place] += 1
            self.messages[str(payload["message_id"])] += 1
            replies = town.slack.replies(place, root["ts"]) if root.get("reply_count") else []
            order = [str(payload["message_id"])]
            self.at[order[0]] = float(root["ts"])
            self.below[order[0]] += 1 + len(replies)
            for reply in replies:
                below = (reply.get("metadata") or {}).get("event_payload") or {}
                for one in below.get("message_ids") or (below.get("message_id"),):
                    if one:
                        order.append(str(one))
                        self.messages[order[-1]] += 1
            for one in order[1:]:
                if one in town.flood:
                    continue
                self.misplaced += town.followed.get(one) != order[0]

    @property
    def doubled(self) -> int:
        return sum(count - 1 for count in (*self.roots.values(), *self.messages.values()))


@asynccontextmanager
async def town(
    folder: Path, *, seed: int = 1, agents: int = 20, poll: int = 30, opened: int = 0, **rules: Any
) -> AsyncIterator[Town]:
    """A desk on an ordinary day, with so many inquiries open from before; gone afterwards. `rules` are what the owner
    changes, by section; the channels of their routes are there."""
    if opened:
        await stock(room(folder / "data"), opened)
    sandbox = bot.Sandbox(NINE, room(folder), poll=poll, patience=60)
    hall = Town(sandbox, random.Random(seed))
    for place in {route.channel for route in rules.get("slack", {}).get("routes", ())}:
        hall.opens(place)
    hall.hire(agents)
    await sandbox.start()
    try:
        if rules:
            kept = sandbox.bot.settings
            values = {name: getattr(kept, name) for name in type(kept).model_fields}
            values |= {name: values[name].model_copy(update=options) for name, options in rules.items()}
            sandbox.bot.settings = type(kept).model_construct(**values)
            await hall.restart()
        await hall.play(NINE + timedelta(seconds=5))
        yield hall
    finally:
        await hall.stop()
        await sandbox.stop()


def room(folder: Path) -> Path:
    """The folder, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def stock(folder: Path, count: int) -> None:
    """So many inquiries from yesterday that wait for their customers."""
    store = TinyStore.open(folder, fsync=False)
    then = NINE - timedelta(days=1)

    async def work(tx: Tx) -> None:
        for _ in range(count):
            number = tx.next_number()
            author = Author(f"old{number}", f"old{number}", f"Old {number}", "")
            tx.keep_inquiry(
                Inquiry(
                    number, f"x:1000:old{number}", "x", "1000", "mention", False, author, Status.PENDING, then, then,
                    DESK, f"old{number}", f"old{number}", assignee="U0ANA", thread_ts=f"{number}.000001",
                    first_answered_at=then, last_customer_at=then, message_count=1, reply_count=1,
                )
            )  # fmt: skip
            tx.keep_entry(Entry(number, 0, Said.CUSTOMER, "x", f"old{number}", author, "Where is it?", then))
            root = Operation(f"root:{number}", OpKind.ROOT, Lane.ROOT, "slack", DESK, then, then, number)
            tx.keep_op(_sent(root, then))

    await store.transact(work)
    await store.close()


def _sent(op: Operation, at: datetime) -> Operation:
    return replace(op, state=Delivery.SENT, settled_at=at, remote_id=f"{op.number}.000001")
