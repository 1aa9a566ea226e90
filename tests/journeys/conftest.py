"""The whole bot between its stand-ins, with a story clock: what every journey begins with, and the audit at its end."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot
from tests.journeys import audit
from tests.journeys.visitor import browser, visitor

__all__ = ["browser", "visitor"]

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""Ten o'clock in Lisbon on a working day."""
POLL = 30
"""Story seconds between two looks at a platform, unless a test is marked `looks_every`: each look costs some requests,
and most stories are not about seconds."""
DESK, LEADS = "C0DESK", "C0LEADS"
ANA, BEN, LEE, SAM = "U0ANA", "U0BEN", "U0LEE", "U0SAM"


class Journey:
    """One desk from outside: customers write, agents type and press, and what all of them see is read back.

    Everything that is asserted on comes from the stand-ins. `expected_bugs` are the lines of the log about what a
    journey breaks on purpose.
    """

    def __init__(self, sandbox: bot.Sandbox) -> None:
        self.sandbox = sandbox
        self.expected_bugs: list[str] = []
        self.never_seen = ""
        """Why the desk ends without something that a platform took (a gap, a budget); "" where it must have it all."""
        self.invented = False
        """Whether messages were handed to the desk that no stand-in has."""
        self.world, self.clock = sandbox.world, sandbox.clock
        self.slack, self.x, self.graph, self.wire = (
            sandbox.world.slack,
            sandbox.world.x,
            sandbox.world.graph,
            sandbox.world.wire,
        )

    async def pass_(self, **length: float) -> None:
        """Let story time pass (`minutes=5`), with everything that is due on the way."""
        await self.clock.jump(self.clock.now() + timedelta(**length))

    async def go_to(self, at: datetime) -> None:
        await self.clock.jump(at)

    # customers
    async def on_x(self, text: str, handle: str = "maria_k", name: str = "Maria K.", **more: Any) -> str:
        """A post that mentions us; returns its id once the desk has had time to see it."""
        self.x.add_person(handle, name)
        post = self.x.post(handle, text, **more)
        await self.pass_(seconds=40)
        return str(post)

    async def direct_on_x(self, text: str, handle: str = "maria_k", name: str = "Maria K.") -> str:
        self.x.add_person(handle, name)
        event = self.x.direct(handle, text)
        await self.pass_(seconds=90)
        return str(event)

    async def comment(self, text: str, person: str = "Zuzana M.", on: str | None = None) -> str:
        """A comment on the Page's newest post (one is made where there is none), or on `on`."""
        if on is None:
            on = self.graph.page_post("Our autumn blend is back.")
        comment = self.graph.comment(person, text, on=on)
        await self.pass_(seconds=40)
        return str(comment)

    async def message(self, text: str, person: str = "Peter Holm") -> str:
        """A Messenger message."""
        mid = self.graph.message(person, text)
        await self.pass_(seconds=40)
        return str(mid)

    # the team
    async def types(self, user: str, command: str, channel: str = DESK) -> str:
        """A slash command; returns what its author alone reads ("" where nothing)."""
        reply = await self.slack.command(user, channel, command)
        assert reply.ok or reply.error, reply
        return str((reply.response or {}).get("text") or reply.error or "")

    async def last_line_after(self, user: str, command: str, number: int = 1) -> str:
        """A slash command, and the last line that the inquiry's thread then has."""
        await self.types(user, command)
        await self.pass_(seconds=3)
        return self.thread(number)[-1]

    async def says(self, user: str, number: int, text: str) -> str:
        """Plain words in an inquiry's thread; returns the message's ts."""
        ts = await self.slack.say(user, DESK, text, thread_ts=self.root(number)["ts"])
        await self.pass_(seconds=2)
        return str(ts)

    async def presses(self, user: str, number: int, action: str, **more: Any) -> Any:
        """A button on an inquiry's card, or what stands behind its last one."""
        root = self.root(number)
        if option := behind_more(root, action):
            action, more = "more", {"selected": option}
        reply = await self.slack.press(user, DESK, root["ts"], action, **more)
        await self.pass_(seconds=2)
        return reply

    # what people see
    def roots(self) -> list[dict[str, Any]]:
        return [message for message in self.slack.messages(DESK) if inquiry_of(message) and not folded(message)]

    def root(self, number: int) -> dict[str, Any]:
        found = [message for message in self.roots() if inquiry_of(message) == number]
        assert len(found) == 1, f"#{number} has {len(found)} roots"
        return found[0]

    def card(self, number: int) -> str:
        """The words of the card."""
        return words_of(self.root(number))

    def thread(self, number: int) -> list[str]:
        """The words of each message in the thread, oldest first."""
        return [words_of(message) for message in self.slack.replies(DESK, self.root(number)["ts"])]

    def in_thread(self, number: int, fragment: str) -> dict[str, Any]:
        """The one message of the thread that holds the fragment."""
        replies = self.slack.replies(DESK, self.root(number)["ts"])
        found = [message for message in replies if fragment in words_of(message)]
        assert len(found) == 1, f"{len(found)} messages of #{number} hold {fragment!r}: {self.thread(number)}"
        return found[0]

    def only_for(self, user: str, channel: str | None = None) -> list[str]:
        return [words_of(message) for message in self.slack.ephemerals(user, channel)]

    def channel(self, channel: str = DESK) -> list[str]:
        """Top-level messages that are no inquiry's root."""
        return [words_of(m) for m in self.slack.messages(channel) if not inquiry_of(m) or channel != DESK]

    @property
    def published(self) -> list[dict[str, Any]]:
        return list(self.x.published)

    async def restart(self) -> None:
        """The bot stops and comes back; the world has not moved."""
        await self.sandbox.restart()

    async def owner_sets(self, **sections: dict[str, Any]) -> None:
        """The owner changes options (`x={"monthly_reads": 100}`) and starts the desk anew."""
        kept = self.sandbox.bot.settings
        values = {name: getattr(kept, name) for name in type(kept).model_fields}
        for name, options in sections.items():
            plain = isinstance(values[name], dict)  # [teams.<name>]: a table of sections
            values[name] = options if plain else values[name].model_copy(update=options)
        self.sandbox.bot.settings = type(kept).model_construct(**values)
        await self.restart()

    async def down(self, **length: float) -> None:
        """The bot is away for a while; the world goes on."""
        await self.sandbox.bot.stop(seconds=2.0)
        self.clock.busy[:] = [self.world.busy]
        self.clock.instants.clear()
        self.clock.on_stop.clear()
        await self.pass_(**length)

    async def presses_in(self, user: str, channel: str, fragment: str, action: str, **more: Any) -> Any:
        """A button on the newest message of a channel, threads and what only `user` sees included, with those words."""
        everything = [message for top in self.slack.messages(channel) for message in (top, *self._below(channel, top))]
        everything += self.slack.ephemerals(user, channel)
        found = [m for m in everything if fragment in words_of(m)]
        assert found, f"nothing in {channel} says {fragment!r}: {self.channel(channel)}"
        newest = max(found, key=lambda message: float(message["ts"]))
        reply = await self.slack.press(user, channel, newest["ts"], action, **more)
        await self.pass_(seconds=2)
        return reply

    def _below(self, channel: str, top: dict[str, Any]) -> list[dict[str, Any]]:
        return self.slack.replies(channel, top["ts"]) if top.get("reply_count") else []

    async def audit(self, logged: str = "") -> None:
        """What must be true at the end of every journey, seen from outside. A desk that has not looked yet at what
        customers wrote is given time for it, with every fault taken off."""
        assert self.wire.unexpected == [], "calls that no stand-in names"
        assert not self.sandbox.bot.broken.done(), self.sandbox.bot.broken
        audit.no_secrets(self.sandbox, logged)
        if self.is_down:
            return
        kept = await self._remembered()
        left = {"directs": self.sandbox.bot.settings.x.directs}
        for _ in range(4):
            if self.never_seen or not audit.missing(self.world, kept, **left):
                break
            self.wire.clear_faults()
            await self.pass_(minutes=5)
            kept = await self._remembered()
        assert self.never_seen or not (lost := audit.missing(self.world, kept, **left)), f"lost: {lost}"
        if not self.invented:
            strange = audit.written(kept) - audit.ever_written(self.world)
            assert not strange, f"kept, and nobody wrote it: {strange}"
            audit.shown(self.world, kept)
        audit.said_in_slack(self.world, kept)
        audit.published(self.world, kept)

    async def _remembered(self) -> audit.Kept:
        return await audit.remembered(self.sandbox.bot.store, audit.op_ids(self.world))

    @property
    def is_down(self) -> bool:
        """Whether the desk was stopped and not started again."""
        return self.sandbox.bot.busy not in self.clock.busy


def inquiry_of(message: dict[str, Any]) -> int | None:
    """The number of the inquiry whose root this is, from its metadata; None for any other message."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    if not str(payload.get("op_id", "")).startswith("root:"):
        return None
    return int(payload["inquiry"])


def folded(message: dict[str, Any]) -> bool:
    return bool(((message.get("metadata") or {}).get("event_payload") or {}).get("folded"))


def behind_more(message: dict[str, Any], action: str) -> str:
    """The option of a card's menu that stands for this action; "" where there is none."""
    elements = [element for block in message.get("blocks") or () for element in block.get("elements", ())]
    options = [one["value"] for element in elements for one in element.get("options", ())]
    return next((value for value in options if value.startswith(f"{action}:")), "")


def words_of(message: dict[str, Any]) -> str:
    """All words of a message as people read them, block by block."""
    parts: list[str] = []
    for block in message.get("blocks") or ():
        if block["type"] in ("section", "header"):
            parts.append(block["text"]["text"])
            if block.get("accessory", {}).get("type") == "button":
                parts.append(f"[{block['accessory']['text']['text']}]")
        elif block["type"] == "rich_text":
            parts += [e.get("text", "") for part in block["elements"] for e in part["elements"]]
        elif block["type"] == "context":
            parts += [e["text"] for e in block["elements"] if "text" in e]
        elif block["type"] == "actions":
            parts += [f"[{e['text']['text']}]" for e in block["elements"] if e["type"] == "button"]
            parts += [f"[{o['text']['text']}]" for e in block["elements"] for o in e.get("options", ())]
    return "\n".join(parts) or str(message.get("text", ""))


@pytest.fixture
def poll(request: pytest.FixtureRequest) -> int:
    """Story seconds between two looks at a platform."""
    marked = request.node.get_closest_marker("looks_every")
    return int(marked.args[0]) if marked else POLL


@pytest.fixture
async def journey(tmp_path: Path, caplog: pytest.LogCaptureFixture, poll: int) -> AsyncIterator[Journey]:
    """A desk at ten on a Tuesday; audited when the story is over. A bug in the log is a failure as well."""
    async with audited(bot.Sandbox(TUESDAY, tmp_path, poll=poll), caplog) as told:
        yield told


@pytest.fixture
async def called(tmp_path: Path, caplog: pytest.LogCaptureFixture, poll: int) -> AsyncIterator[Journey]:
    """The same desk by its other door: Slack and Meta call it by HTTP, and it answers how it does."""
    async with audited(bot.Sandbox(TUESDAY, tmp_path, poll=poll, door="http"), caplog) as told:
        yield told


@contextlib.asynccontextmanager
async def audited(sandbox: bot.Sandbox, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Journey]:
    """A story from its start to the closing audit."""
    caplog.set_level(logging.WARNING)
    await sandbox.start()
    told = Journey(sandbox)
    try:
        await told.pass_(seconds=5)
        yield told
        await told.audit(caplog.text)
    finally:
        await sandbox.stop()
    assert bugs_in(caplog) == told.expected_bugs


def bugs_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log calls a bug (an error with its traceback), from the beginning of the test to now."""
    records = [record for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    return [
        record.getMessage()
        for record in records
        if record.name.startswith("frontdesk") and record.levelno >= logging.ERROR and record.exc_info
    ]
