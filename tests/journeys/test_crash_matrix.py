"""The real process, dead at each of 14 points in each of six operations: nothing is lost, nothing is said twice."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError

from desk import crash
from desk.flows.receive import BATCH
from desk.ports import Tx
from desk.store import TinyStore
from platforms.sandbox.report import shown_by
from tests.journeys.process import BOTH, DESK, TOKENS, Bot, Outside, outside, until
from tests.store.things import asked

ANA = "U0ANA"
POINTS = tuple(crash.POINTS)


@dataclass(frozen=True)
class Walk:
    """One operation from the customer's words to its end. `op` is the outbox's name of it, with the inquiry's number,
    `request` the one that does it, at the stand-in `to`."""

    name: str
    platform: str
    op: str
    to: str
    request: str
    command: str = "/claim"

    @property
    def answered(self) -> bool:
        return self.command == "/reply"


WALKS = (
    Walk("X reply", "x", "reply:{n}:1:1", "x", "POST /2/tweets", "/reply"),
    Walk("X DM", "x", "reply:{n}:1:1", "x", "POST /2/dm_conversations/*", "/reply"),
    Walk("FB comment", "facebook", "reply:{n}:1:1", "graph", "POST /*/comments", "/reply"),
    Walk("Messenger", "facebook", "reply:{n}:1:1", "graph", "POST /*/messages", "/reply"),
    Walk("root post", "facebook", "root:{n}", "slack", "POST /api/chat.postMessage"),
    Walk("ping", "facebook", "say:{n}:warning:*", "slack", "POST /api/chat.postMessage"),
)
BY_NAME = {walk.name: walk for walk in WALKS}

Cell = tuple[str, str]
IMPOSSIBLE: dict[Cell, str] = {
    (walk.name, "CP12"): "There is no ping in it: only what the clock says is owed and marked as said."
    for walk in WALKS
    if walk.name != "ping"
}
"""Cells that cannot occur, each with the reason. All others are killed."""
CELLS = tuple((walk.name, point) for walk in WALKS for point in POINTS)
KILLED = tuple(cell for cell in CELLS if cell not in IMPOSSIBLE)

DOUBTFUL = ("CP5", "CP13", "CP14")
"""Points at which an answer may be marked as sending and not be out."""
PADDED = 17
"""Megabytes that make a journal long enough for a snapshot."""


class Matrix:
    """One world and one desk, in which one process after the other dies."""

    def __init__(self, world: Outside, bot: Bot) -> None:
        self.world = world
        self.bot = bot
        self.kills: list[Cell] = []
        self.cells: dict[int, Cell] = {}
        self.pressed: set[int] = set()
        """Answers that only an agent could decide about: she pressed *Send again*."""

    # what happens in a cell

    async def kill(self, name: str, point: str) -> None:
        """One cell: the process dies at that point of that operation, and comes back."""
        walk, n = BY_NAME[name], len(self.cells) + 1
        self.cells[n] = (name, point)
        typed = False
        if point in ("CP1", "CP2", "CP3"):
            about = walk.platform
            self.bot.die_at(point, about)
            await self.write(walk, n)
            if point == "CP2":
                await self.call_the_webhook(walk, n)
        elif walk.answered or point in ("CP9", "CP10", "CP11"):
            await self.write(walk, n)
            await self.rooted(n)
            about = await self.arm(walk, n, point)
            typed = True
            await self.types(walk, n)
        elif walk.name == "ping" and point not in ("CP13", "CP14"):
            about = await self.arm(walk, n, point)
            await self.write(walk, n)
        elif walk.name == "ping":
            await self.write(walk, n)
            await self.rooted(n)
            about = await self.arm(walk, n, point)
        else:
            about = await self.arm(walk, n, point)
            await self.write(walk, n)
        await self.bot.died(point, about.partition("*")[0])
        self.kills.append((name, point))
        if point in ("CP6", "CP7"):
            assert await self.arrived(walk, n), "the other side has it, and the desk does not know"
        if point in ("CP4", "CP5"):
            assert not await self.arrived(walk, n), "nothing has gone out yet"
        await self.world.call("wire", "clear_faults")
        await self.bot.start()
        await self.rooted(n)
        if not typed:
            await self.types(walk, n)
        if walk.answered:
            await until(lambda: self._told(n), 180)  # or the next death would meet this answer, and not its own

    async def _told(self, n: int) -> bool:
        """Whether the thread says that the answer is out, or that nobody knows."""
        said = {str(payload(message).get("op_id")): json.dumps(message) for message in await self.said()}
        asked = any(key.startswith(f"say:{n}:unsure") for key in said)
        return asked or "*Published*" in said.get(f"say:{n}:reply:1", "")

    async def arm(self, walk: Walk, n: int, point: str) -> str:
        """Give the order; what it is about."""
        about = {"CP9": walk.command, "CP10": walk.command, "CP11": f"card:{n}", "CP12": str(n)}.get(point)
        if point in ("CP13", "CP14"):
            assert await self.bot.end() == 0
            await pad(self.bot.folder / "data")
            self.bot.die_at(point)
            await self.bot.start()
            return ""
        about = about or walk.op.format(n=n)
        if point == "CP6":
            words = text_of(n) if walk.answered else walk.op.format(n=n).removesuffix("*")
            await self.world.fault(walk.to, walk.request, "hang_after", seconds=30, about=words)
        self.bot.die_at(point, about)
        return about

    async def write(self, walk: Walk, n: int) -> None:
        """A customer writes."""
        words, person = f"Where is my parcel number {n}?", f"customer{n}"
        match walk.name:
            case "X reply":
                await self.world.call("x", "add_person", username=person, name=person)
                await self.world.call("x", "post", username=person, text=f"@acme {words}")
            case "X DM":
                await self.world.call("x", "add_person", username=person, name=person)
                await self.world.call("x", "direct", username=person, text=words)
            case "FB comment" | "root post":
                post = await self.world.call("graph", "page_post", text=f"Our blend number {n} is back.")
                await self.world.call("graph", "comment", person=person, text=words, on=post)
            case "Messenger":
                await self.world.call("graph", "message", person=person, text=words)
            case "ping":
                await self.world.call("graph", "visitor_post", person=person, text=words)

    async def call_the_webhook(self, walk: Walk, n: int) -> None:
        """The platform calls, and gets no answer."""
        if walk.platform == "facebook":
            assert await self.world.call("hooks", "send") == [0], "no answer"
            return
        secret = (await self.world.call("x", "tokens"))["consumer_secret"]
        body = json.dumps({"for_user_id": "1000", "note": n}).encode()
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        headers = {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()}
        with pytest.raises(ClientError):
            await self.world.http.post(f"http://127.0.0.1:{self.bot.port}/x/webhook", data=body, headers=headers)

    async def types(self, walk: Walk, n: int) -> None:
        words = f"/reply {n} {text_of(n)}" if walk.answered else f"/claim {n}"
        await self.world.tries("slack", "command", user=ANA, channel=DESK, text=words)

    # what can be seen

    async def rooted(self, n: int) -> None:
        async def there() -> bool:
            return n in await self.roots()

        await until(there, 180)

    async def roots(self) -> dict[int, dict[str, Any]]:
        return {int(payload(m)["inquiry"]): m for m in await self.world.threads() if not payload(m).get("folded")}

    async def said(self) -> list[dict[str, Any]]:
        """Every message of the bot, wherever it stands."""
        found = []
        for channel in (DESK, "C0LEADS", "C0RANDOM"):
            for top in await self.world.call("slack", "messages", channel=channel):
                found.append(top)
                if top.get("reply_count"):
                    found += await self.world.call("slack", "replies", channel=channel, thread_ts=top["ts"])
        return [message for message in found if message.get("bot_id")]

    async def published(self) -> Counter[str]:
        """How often each of our texts stands on a platform."""
        both = [*(await self.world.call("x", "published")), *(await self.world.call("x", "sent_directs"))]
        texts = [one["text"] for one in (*both, *(await self.world.call("graph", "published")))]
        return Counter(match[0] for text in texts if (match := re.search(r"It comes tomorrow, number \d+\.", text)))

    async def arrived(self, walk: Walk, n: int) -> bool:
        if walk.answered:
            return (await self.published())[text_of(n)] == 1
        wanted = re.compile(walk.op.format(n=n).replace("*", ".*"))
        return any(wanted.fullmatch(str(payload(message).get("op_id"))) for message in await self.said())

    # the end

    async def finish(self) -> None:
        """The agent decides what only she can; all else comes to its end by itself."""
        await until(self._done, 300)
        await asyncio.sleep(3)  # what would come twice comes now

    async def _send_again(self) -> None:
        """Whatever the desk cannot know, it asks, once."""
        for message in await self.said():
            asked = re.match(r"say:(\d+):unsure", str(payload(message).get("op_id")))
            if asked is None or int(asked[1]) in self.pressed:
                continue
            n = int(asked[1])
            self.pressed.add(n)
            how = {"action_id": "send_again", "value": f"{n}:1"}
            await self.world.call("slack", "press", user=ANA, channel=DESK, ts=message["ts"], **how)

    async def _done(self) -> bool:
        await self._send_again()
        said = {str(payload(message).get("op_id")): json.dumps(message) for message in await self.said()}
        for n, (name, _) in self.cells.items():
            walk = BY_NAME[name]
            if f"<@{ANA}>" not in said.get(f"root:{n}", ""):
                return False
            if walk.answered and "*Published*" not in said.get(f"say:{n}:reply:1", ""):
                return False
            if name == "ping" and not any(key.startswith(f"say:{n}:warning:") for key in said):
                return False
        return True

    async def audit(self) -> None:
        """From outside: what was taken is there, once; what was said was owed, once; and no secret anywhere."""
        messages = await self.said()
        ids = Counter(str(payload(m).get("op_id")) for m in messages if not payload(m).get("folded"))
        assert {key: count for key, count in ids.items() if count > 1} == {}, "said twice"
        roots = await self.roots()
        assert sorted(roots) == sorted(self.cells), "each inquiry has its thread"
        taken = await self.taken()
        shown = Counter(str(payload(root)["message_id"]) for root in roots.values())
        assert shown == Counter(taken), "what the platforms took is what stands in Slack"
        answers = [n for n, (name, _) in self.cells.items() if BY_NAME[name].answered]
        assert await self.published() == Counter(text_of(n) for n in answers), "each answer went out once"
        assert await self.asked_for() == Counter(text_of(n) for n in answers), "and was asked for once"
        expected = set[str]()
        for n, (name, _) in self.cells.items():
            expected.add(f"root:{n}")
            if BY_NAME[name].answered:
                expected.add(f"say:{n}:reply:1")
            if n in self.pressed:
                expected.add(f"say:{n}:unsure")
            if name == "ping":
                expected.add(f"say:{n}:warning")
        # Marked as sending and never sent; a snapshot may be written at any moment, at that one too.
        doubtful = {n for n, (name, point) in self.cells.items() if BY_NAME[name].answered and point in DOUBTFUL}
        surely = {n for n in doubtful if self.cells[n][1] == "CP5"}
        assert surely <= self.pressed <= doubtful, "nobody is asked what the desk can find out by itself"
        found = {re.sub(r"^(say:\d+:(?:unsure|warning)):.*", r"\1", key) for key in ids}
        assert found == expected, "what nobody expected, or what is missing"
        everything = json.dumps(messages)
        tokens = [*TOKENS.values(), *(await self.world.call("x", "tokens")).values()]
        for token in tokens:
            assert token not in everything and token not in self.bot.said()
            for path in (self.bot.folder / "data").rglob("*"):
                assert path.is_dir() or token.encode() not in path.read_bytes(), path
        assert "Traceback" not in self.bot.said()

    async def taken(self) -> list[str]:
        """The ids of what customers wrote."""
        found = [post["id"] for post in await self.world.call("x", "all_posts") if post["username"] != "acme"]
        ours = {one["id"] for one in await self.world.call("x", "sent_directs")}
        for n, (name, _) in self.cells.items():
            if name == "X DM":
                directs = await self.world.call("x", "directs_with", username=f"customer{n}")
                found += [one["id"] for one in directs if one["id"] not in ours]
        return [*found, *(await self.on_facebook())]

    async def on_facebook(self) -> list[str]:
        found: list[str] = []

        def walk(things: Sequence[dict[str, Any]]) -> None:
            for thing in things:
                if not thing["by_page"]:
                    found.append(thing["id"])
                walk(thing.get("comments") or ())

        walk(await self.world.call("graph", "feed"))
        for n, (name, _) in self.cells.items():
            if name == "Messenger":
                person = await self.world.call("graph", "add_person", name=f"customer{n}")
                said = await self.world.call("graph", "conversation", person_id=person)
                found += [one["id"] for one in said if not one["by_page"]]
        return found

    async def asked_for(self) -> Counter[str]:
        """How often a platform was asked to take each of our texts, whatever it made of it."""
        async with self.world.http.get(f"{self.world.where['control']}records") as response:
            records = (await response.json())["records"]
        bodies = [
            json.dumps(one["request"]) for one in records if one["method"] == "POST" and one["to"] in ("x", "graph")
        ]
        return Counter(match[0] for body in bodies if (match := re.search(r"It comes tomorrow, number \d+\.", body)))


def text_of(n: int) -> str:
    return f"It comes tomorrow, number {n}."


def payload(message: dict[str, Any]) -> dict[str, Any]:
    return (message.get("metadata") or {}).get("event_payload") or {}


async def pad(folder: Path) -> None:
    """Make the journal so long that the next transaction begins a snapshot."""
    store = TinyStore.open(folder, fsync=False, snapshot_bytes=2**40)
    for count in range(PADDED):
        words = str(count % 10) * 2**20

        def work(tx: Tx, words: str = words) -> None:
            tx.set_setting("padding", words)

        await store.transact(asked(work))
    await store.transact(asked(lambda tx: tx.set_setting("padding", None)))
    await store.close()


@pytest.fixture
async def matrix(tmp_path: Path) -> AsyncIterator[Matrix]:
    async with outside() as world:
        bot = Bot(world, tmp_path, undo=0, config=BOTH)
        try:
            await world.call("hooks", "url", value=f"http://127.0.0.1:{bot.port}/facebook/webhook")
            # A desk that starts 14 times in a few minutes asks X more often than X allows; that is a test of its own.
            limits = await world.call("rates", "limits")
            await world.call("rates", "limits", value={name: dict.fromkeys(who, 9000) for name, who in limits.items()})
            await bot.start()
            yield Matrix(world, bot)
        finally:
            await bot.put_down()


async def all_killed(matrix: Matrix, cells: Sequence[Cell]) -> None:
    for name, point in cells:
        await matrix.kill(name, point)
    await matrix.finish()
    assert await matrix.bot.end() == 0
    await matrix.audit()
    assert matrix.kills == list(cells), "every process died, where it should"


SHARE = tuple(random.Random(1).sample(KILLED, 4))
"""What every run kills; the others wait for the full one."""


def test_every_cell_is_killed_or_cannot_be() -> None:
    assert len(CELLS) == 84 and len(set(CELLS)) == 84
    assert not set(KILLED) & set(IMPOSSIBLE)
    assert len(KILLED) + len(IMPOSSIBLE) == 84
    assert all(IMPOSSIBLE.values())


def test_the_points_are_where_the_table_says() -> None:
    root = Path(crash.__file__).parents[1]
    code = "\n".join(
        path.read_text("utf-8") for name in ("desk", "handlers") for path in (root / name).rglob("*.py")
    ) + (root / "bot.py").read_text("utf-8")
    named = set(re.findall(r'"(CP\d+)"', code.replace((root / "desk" / "crash.py").read_text("utf-8"), "")))
    assert named == set(POINTS)
    table = (root / "docs" / "reliability.md").read_text("utf-8")
    for point, sentence in crash.POINTS.items():
        assert f"| {point} | {sentence} |" in table


async def test_a_few_of_the_cells(matrix: Matrix) -> None:
    await all_killed(matrix, SHARE)


@pytest.mark.full
@pytest.mark.parametrize("name", list(BY_NAME))
async def test_all_cells_of_one_operation(matrix: Matrix, name: str) -> None:
    await all_killed(matrix, [cell for cell in KILLED if cell[0] == name])


@pytest.mark.full
async def test_dying_between_two_batches_of_a_long_sweep_loses_and_doubles_nothing(matrix: Matrix) -> None:
    """CP3 behind a batch: fifty are kept, the cursor stands before all of them, and they come once more."""
    await matrix.world.call("x", "add_person", username="maria", name="Maria")
    matrix.bot.die_at("CP3", "x, of many")
    texts = [f"@acme help {n}" for n in range(BATCH + 20)]
    written = [await matrix.world.call("x", "post", username="maria", text=text) for text in texts]
    await matrix.bot.died("CP3", "x, of many")
    await matrix.world.call("wire", "clear_faults")
    await matrix.bot.start()

    async def all_shown() -> bool:
        return sum(len(shown_by(message)) for message in await matrix.said()) >= len(written)

    await until(all_shown, 120)
    await asyncio.sleep(3)  # what would come twice comes now
    shown = Counter(id_ for message in await matrix.said() for id_, _ in shown_by(message))
    assert shown == Counter(map(str, written))
    assert await matrix.bot.end() == 0
