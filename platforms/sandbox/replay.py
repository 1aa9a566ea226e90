"""The player: recorded conversations, acted out by customers on the networks and by an agent who types in Slack."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

Place = tuple[str, str]
"""Where a row is played, and so where its answers come out: ("x", conversation), ("direct", user), ("comment", the
first comment or visitor post), ("message", person)."""

HANDLES = re.compile(r"^\s*(?:@\w+\s+)+")
NUMBER = re.compile(r"^#(\d+)\s")
MARK = re.compile(r"\s(\d{1,3})/(\d{1,3})$")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\u200b\ufeff]")


PATIENCE = timedelta(days=3)
"""Story time without any arrival after which it is not worth waiting any longer, where all rows wait."""


class Clock(Protocol):
    """Story time, aware and in UTC; `sleep_until` returns at once for a time that has passed."""

    def now(self) -> datetime: ...

    async def sleep_until(self, at: datetime) -> None: ...


def read(source: Path) -> list[dict[str, Any]]:
    """The rows of a .jsonl file, or of all such files of a folder in the order of their names."""
    files = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]


def outgoing(text: str) -> str:
    """What the agent wants the customer to read: entities decoded, the handles in front left to the network."""
    return HANDLES.sub("", html.unescape(text)).strip()


def typed(text: str) -> str:
    """A text as Slack hands it over from the composer."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """An answer in the form in which two are compared."""
    return unicodedata.normalize("NFC", UNSEEN.sub("", text)).strip()


def part_of(text: str) -> tuple[int, int, list[str]] | None:
    """The mark of a part of a split answer and its words without it, or None where the text ends with no mark."""
    text = plain(text)
    mark = MARK.search(text)
    if mark is None or not 1 <= int(mark[1]) <= int(mark[2]) or int(mark[2]) < 2:
        return None
    return int(mark[1]), int(mark[2]), text[: mark.start()].split()


@dataclass(slots=True, eq=False)
class Turn:
    """One turn of a row and what became of it on stage. `at` is the file's time; all times are story time, in UTC."""

    row: Row
    role: Literal["customer", "agent"]
    author: str
    at: datetime
    text: str
    id: str | None = None
    """What the network calls it; customers' turns only, None until it was played."""
    played_at: datetime | None = None
    answers: str | None = None
    """Agents' turns: the newest customer post of the row when this was typed."""
    skipped: bool = False
    arrived: bool = False
    heard: str | None = None
    """What Slack told the agent, where it told anything."""
    _waiting: asyncio.Future[None] | None = None
    _parts: dict[int, tuple[str, list[str]]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Row:
    """One conversation on stage."""

    index: int
    platform: Literal["x", "facebook"]
    private: bool
    wall: bool
    turns: list[Turn] = field(default_factory=list)
    place: Place | None = None
    root: str | None = None
    newest: str | None = None
    """The newest post of the row, one of ours included."""
    newest_customer: str | None = None
    claimed: bool = False
    speaking: Turn | None = None
    """The agent's turn that is on its way to the customer."""


class Player:
    """Plays rows against a sandbox world; `log` and the turns' ids are all that it leaves to the report.

    `rows` have the form of a line of `tests/data/conversations/`. `clock` is the sandbox's story clock, whose driver
    sets the pace (`speed` says which, for those who ask); the player itself never waits in real time and never polls.
    """

    def __init__(
        self,
        world: Any,
        clock: Clock,
        rows: Iterable[Mapping[str, Any]],
        *,
        agent: str = "U0ANA",
        speed: str | float = "max",
        desk: str = "C0DESK",
    ) -> None:
        self.world = world
        self.clock = clock
        self.agent = agent
        self.speed = speed
        self.desk = desk
        self.rows = [_row(index, row) for index, row in enumerate(rows)]
        self.log: list[Turn] = []
        """Agents' turns in the order in which they were typed."""
        self.problems: list[str] = []
        """What stopped a row, one sentence each; no customer's text."""
        self.gave_up: str | None = None
        self.began_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.wall_seconds = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._presses: set[asyncio.Task[None]] = set()
        self._busy = 0
        self._asleep = 0
        self._moved_at: datetime | None = None
        self._turns: dict[str, Turn] = {}
        self._shown: dict[str, set[str]] = {}
        self._thread: dict[str, str] = {}
        self._places: dict[Place, list[Row]] = {}
        self._place_of: dict[str, Place] = {}
        self._speaking: dict[str, list[Turn]] = {}
        self._numbers: dict[int, Row] = {}
        self._pressed: set[str] = set()

    @property
    def first_at(self) -> datetime | None:
        """The time of the earliest turn: where a story clock begins."""
        return min((turn.at for row in self.rows for turn in row.turns), default=None)

    def busy(self) -> str | None:
        """Why the clock may not jump now: a turn is being played at this moment. None while all only wait."""
        return f"{self._busy} turn(s) being played" if self._busy else None

    def waiting(self) -> list[str]:
        """What the rows wait for that are neither over nor asleep until their next turn, one sentence a row."""
        return [
            f"row {row.index + 1}: {turn.role}'s turn {number} has not arrived"
            + (f" ({turn.heard})" if turn.heard else "")
            for row in self.rows
            for number, turn in enumerate(row.turns, 1)
            if turn._waiting is not None and not turn.arrived
        ]

    def stalled(self) -> str | None:
        """Why nothing more is to be expected, for `give_up`: all rows wait, and nothing arrived for `PATIENCE`."""
        if self._asleep or self._busy or self._moved_at is None or self.clock.now() - self._moved_at < PATIENCE:
            return None
        waiting = self.waiting()
        if not waiting:
            return None
        return f"{len(waiting)} row(s) wait, and nothing has arrived for {PATIENCE.days} days; {waiting[0]}"

    def give_up(self, reason: str) -> None:
        """End the run although rows still wait, as nothing more can happen; `run` returns, and the rest is lost."""
        if self.gave_up is None:
            self.gave_up = reason
        for task in self._tasks:
            task.cancel()

    async def run(self) -> None:
        """Play all rows; returns when every turn arrived or was given up."""
        listeners = (
            (self.world.slack.listeners, self._on_slack),
            (self.world.x.listeners, self._on_x),
            (self.world.graph.listeners, self._on_graph),
        )
        for into, listener in listeners:
            into.append(listener)
        began = time.monotonic()
        self.began_at = self._moved_at = self.clock.now()
        try:
            self._busy += len(self.rows)
            self._tasks = [asyncio.create_task(self._play(row), name=f"row {row.index + 1}") for row in self.rows]
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            for task in (*self._tasks, *self._presses):
                task.cancel()
            for into, listener in listeners:
                into.remove(listener)
            self.ended_at = self.clock.now()
            self.wall_seconds = time.monotonic() - began

    # --- a row --------------------------------------------------------------------------------------------------

    async def _play(self, row: Row) -> None:
        try:
            for turn in row.turns:
                if turn.role == "agent" and row.root is None:
                    turn.skipped = True
                    continue
                await self._sleep(turn.at)
                if turn.role == "customer":
                    self._write(turn)
                else:
                    await self._answer(turn)
                await self._arrival(turn)
        except Exception as error:
            self.problems.append(f"row {row.index + 1}: {type(error).__name__}: {error}")
        finally:
            self._busy -= 1

    async def _sleep(self, until: datetime) -> None:
        if until <= self.clock.now():
            return
        self._busy -= 1
        self._asleep += 1
        try:
            await self.clock.sleep_until(until)
        finally:
            self._asleep -= 1
            self._busy += 1
            self._moved_at = self.clock.now()

    async def _arrival(self, turn: Turn) -> None:
        if turn.arrived:
            return
        turn._waiting = asyncio.get_running_loop().create_future()
        self._busy -= 1
        try:
            await turn._waiting
        except asyncio.CancelledError:
            if not turn.arrived:
                self._busy += 1
            raise

    def _arrive(self, turn: Turn) -> None:
        if turn.arrived:
            return
        turn.arrived = True
        self._moved_at = self.clock.now()
        if turn._waiting is not None:
            self._busy += 1  # before its task runs again, so that no clock jumps in between
            turn._waiting.set_result(None)

    def _write(self, turn: Turn) -> None:
        """The customer writes: the first turn begins the conversation, a later one replies to the row's newest post."""
        row, text = turn.row, html.unescape(turn.text)
        turn.played_at = self.clock.now()
        place: Place
        if row.platform == "x":
            x = self.world.x
            handle = re.sub(r"\W", "_", turn.author, flags=re.ASCII)[:15]
            user = x.add_person(handle, turn.author)
            if row.private:
                turn.id = x.direct(handle, text)
                place = ("direct", user)
            else:
                turn.id = x.post(handle, text, reply_to=row.newest, mentions=[x.me.username])
                place = ("x", row.root or str(turn.id))
        else:
            graph = self.world.graph
            person = graph.add_person(turn.author)
            if row.private:
                turn.id = graph.message(person, text)
                place = ("message", person)
            elif row.newest is None and row.wall:
                turn.id = graph.visitor_post(person, text)
                place = ("comment", str(turn.id))
            else:
                turn.id = graph.comment(person, text, on=row.newest)
                place = ("comment", row.root or str(turn.id))
        key = str(turn.id)
        self._turns[key] = turn
        self._place_of[key] = place
        if row.root is None:
            row.root, row.place = key, place
            self._places.setdefault(place, []).append(row)
        row.newest = row.newest_customer = key

    async def _answer(self, turn: Turn) -> None:
        """The agent finds the row's thread, takes it where nobody has it, and types the answer."""
        row = turn.row
        number = self._number(row)
        self._numbers[number] = row
        if not row.claimed:
            row.claimed = True
            await self.world.slack.command(self.agent, self.desk, f"/claim {number}")
        text = outgoing(turn.text)
        turn.played_at = self.clock.now()
        turn.answers = row.newest_customer
        self.log.append(turn)
        row.speaking = turn
        self._speaking.setdefault(plain(text), []).append(turn)
        reply = await self.world.slack.command(self.agent, self.desk, f"/reply {number} {typed(text)}")
        said = reply.response if isinstance(reply.response, dict) else {}
        turn.heard = reply.error if not reply.ok else (str(said.get("text") or "")[:60] or None)

    def _number(self, row: Row) -> int:
        """The number that the root message of the row's thread begins with."""
        root = self.world.slack.message(self.desk, self._thread.get(row.root or "", ""))
        found = NUMBER.match(str((root or {}).get("text", "")))
        if found is None:
            raise LookupError("the root message of its thread does not begin with #number")
        return int(found[1])

    # --- what is heard from the world -------------------------------------------------------------------------------

    def _on_slack(self, event: Mapping[str, Any]) -> None:
        kind = event.get("type")
        if kind in ("message", "changed") and event.get("channel") == self.desk:
            self._on_desk(event["message"])
        elif kind == "ephemeral" and event.get("user") == self.agent:
            self._on_hint(str(event.get("channel") or self.desk), event["message"])

    def _on_desk(self, message: Mapping[str, Any]) -> None:
        payload = payload_of(message)
        if payload.get("folded"):
            return
        for key in payload.get("message_ids") or (payload.get("message_id", ""),):
            turn = self._turns.get(str(key))
            if turn is not None and turn.id is not None:
                self._see(turn, turn.id, message, payload)

    def _see(self, turn: Turn, id_: str, message: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        ts = str(message["ts"])
        self._thread.setdefault(id_, str(message.get("thread_ts") or ts))
        part = str(payload.get("part") or "1/1")
        shown = self._shown.setdefault(id_, set())
        shown.add(part)
        if len(shown) >= int(part.rpartition("/")[2]):
            self._arrive(turn)

    def _on_hint(self, channel: str, message: Mapping[str, Any]) -> None:
        """Only the agent sees it; where it offers to split an answer that is too long, the agent does, and what a guard
        questions they send anyway: so it was said once."""
        ts = str(message.get("ts"))
        for block in message.get("blocks") or ():
            for element in block.get("elements") or ():
                action = str(element.get("action_id"))
                if action in ("split", "send_anyway") and ts not in self._pressed:
                    number = re.match(r"\d+", str(element.get("value", "")))
                    row = self._numbers.get(int(number[0])) if number else None
                    if row is None or row.speaking is None:
                        continue
                    self._pressed.add(ts)
                    self._busy += 1
                    press = asyncio.create_task(self._press(channel, ts, action, str(element["value"])))
                    self._presses.add(press)
                    press.add_done_callback(self._presses.discard)

    async def _press(self, channel: str, ts: str, action: str, value: str) -> None:
        try:
            await self.world.slack.press(self.agent, channel, ts, action, value=value)
        except Exception as error:
            self.problems.append(f"{action} could not be pressed: {type(error).__name__}: {error}")
        finally:
            self._busy -= 1

    def _on_x(self, event: Mapping[str, Any]) -> None:
        if event.get("type") == "published" and not event["post"].get("native"):
            post = event["post"]
            self._on_answer(str(post["id"]), ("x", str(post["conversation_id"])), str(post["text"]))
        elif event.get("type") == "direct_sent":
            direct = event["direct"]
            self._on_answer(str(direct["id"]), ("direct", str(direct["to"])), str(direct["text"]))

    def _on_graph(self, event: Mapping[str, Any]) -> None:
        if event.get("type") == "message_sent":
            self._on_answer(str(event["id"]), ("message", str(event["to"])), str(event["text"]))
        elif event.get("type") == "published" and event.get("on"):
            place = self._place_of.get(str(event["on"]), ("comment", str(event["on"])))
            self._place_of[str(event["id"])] = place
            self._on_answer(str(event["id"]), place, str(event["text"]))

    def _on_answer(self, key: str, place: Place, text: str) -> None:
        """Something of ours came out. It belongs to the row of its place, else to who waits for just these words."""
        said = plain(text)
        rows = self._places.get(place, ())
        for row in rows:
            row.newest = key
        for row in rows:
            if row.speaking is not None and self._completes(row.speaking, key, said):
                self._spoken(row.speaking, key)
                return
        for turn in self._speaking.get(said, ()):
            if not turn.arrived:
                self._spoken(turn, turn.row.newest or key)
                return

    def _completes(self, turn: Turn, key: str, said: str) -> bool:
        wanted = plain(outgoing(turn.text))
        if said == wanted:
            return True
        part = part_of(said)
        if part is None:
            return False
        which, of, words = part
        turn._parts[which] = (key, words)
        if any(index not in turn._parts for index in range(1, of + 1)):
            return False
        return [word for index in range(1, of + 1) for word in turn._parts[index][1]] == wanted.split()

    def _spoken(self, turn: Turn, newest: str) -> None:
        turn.row.newest = newest
        turn.row.speaking = None
        waiting = self._speaking.get(plain(outgoing(turn.text)), [])
        if turn in waiting:
            waiting.remove(turn)
        self._arrive(turn)


def payload_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """What the app wrote into a Slack message's metadata; empty where it wrote nothing."""
    payload = (message.get("metadata") or {}).get("event_payload")
    return payload if isinstance(payload, dict) else {}


def _row(index: int, raw: Mapping[str, Any]) -> Row:
    platform: Literal["x", "facebook"] = "facebook" if raw.get("platform") == "facebook" else "x"
    row = Row(index, platform, bool(raw.get("private")), bool(raw.get("wall")))
    turns: Sequence[Mapping[str, Any]] = raw["turns"]
    for turn in turns:
        role: Literal["customer", "agent"] = "agent" if turn["role"] == "agent" else "customer"
        at = datetime.fromisoformat(str(turn["created_at"]).replace("Z", "+00:00")).astimezone(UTC)
        row.turns.append(Turn(row, role, str(turn["author"]), at, str(turn["text"])))
    return row
