"""The bot as a process of its own, beside stand-ins as another: started, killed, asked from outside, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from config.manifest import manifest

ROOT = Path(__file__).resolve().parents[2]
DESK = "C0DESK"
CONFIG = """
[desk]
name = "Acme"
data_dir = "data"
undo_seconds = {undo}
[slack]
base_url = "{slack}"
channel = "C0DESK"
leads_channel = "C0LEADS"
agents_group = "S0AGENTS"
leads_group = "S0LEADS"
all_verbs = true
[x]
enabled = true
base_url = "{x}"
account = "acme"
poll_seconds = 5
monthly_reads = 0
directs = false
"""


async def until(what: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> Any:
    """What `what` gives once it gives something; raises TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = await what()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} gave nothing within {seconds} s")
        await asyncio.sleep(0.05)


class Outside:
    """The stand-ins alone, as a process; everything that people see there, and everything they do."""

    def __init__(self, process: asyncio.subprocess.Process, where: dict[str, Any], http: aiohttp.ClientSession) -> None:
        self.process = process
        self.where = where
        self.http = http

    async def call(self, target: str, method: str, **args: Any) -> Any:
        """Call a method of a stand-in, or read a value of it."""
        asked = {"target": target, "method": method, "args": args}
        async with self.http.post(f"{self.where['control']}call", json=asked) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def records(self, method: str, path: str) -> list[dict[str, Any]]:
        """Every request of that method and path that came in, those that wait for their answer included."""
        async with self.http.get(f"{self.where['control']}records") as response:
            answer = await response.json()
        assert answer["unexpected"] == [], "calls that no stand-in names"
        return [r for r in answer["records"] if r["method"] == method and r["path"] == path]

    async def fault(self, to: str, match: str, action: str, **more: Any) -> None:
        await self.call("wire", "fault", to=to, match=match, action=action, **more)

    async def published(self) -> list[str]:
        return [post["text"] for post in await self.call("x", "published")]

    async def threads(self) -> list[dict[str, Any]]:
        """The first message of each inquiry's thread."""
        messages = await self.call("slack", "messages", channel=DESK)
        return [m for m in messages if str(_payload(m).get("op_id", "")).startswith("root:")]

    async def thread(self) -> str:
        """Everything that stands in the thread of the only inquiry, as one text."""
        (root,) = await self.threads()
        replies = await self.call("slack", "replies", channel=DESK, thread_ts=root["ts"])
        return json.dumps([root, *replies], ensure_ascii=False)

    async def types(self, user: str, command: str) -> str:
        reply = await self.call("slack", "command", user=user, channel=DESK, text=command)
        return json.dumps(reply, ensure_ascii=False)


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    return (message.get("metadata") or {}).get("event_payload") or {}


@contextlib.asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """Stand-ins in a process of their own, with the app installed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "platforms.sandbox", "--with-parent", "--trigger-seconds", "30"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        where = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        async with aiohttp.ClientSession() as http:
            world = Outside(process, where, http)
            await world.call("slack", "install", manifest=manifest(all_verbs=True))
            yield world
    finally:
        process.terminate()
        await process.wait()


class Bot:
    """`bot.py run`, as an owner starts it: a configuration file, tokens in the environment."""

    def __init__(self, world: Outside, folder: Path, *, undo: int = 1) -> None:
        self.world = world
        self.config = folder / "frontdesk.toml"
        self.config.write_text(
            CONFIG.format(slack=world.where["slack"], x=world.where["x"], undo=undo), encoding="utf-8"
        )
        self.tokens = {"FRONTDESK_SLACK_BOT_TOKEN": "xoxb-sandbox", "FRONTDESK_SLACK_APP_TOKEN": "xapp-sandbox"}
        self.process: asyncio.subprocess.Process | None = None
        self.log = folder / "log"

    async def spawn(self, **tokens: str) -> asyncio.subprocess.Process:
        """Start it, and don't wait until it is ready."""
        x = {f"FRONTDESK_X_{name.upper()}": value for name, value in (await self.world.call("x", "tokens")).items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("bot.py", "run", "--config", str(self.config)),
                cwd=ROOT,
                env={**kept, **x, **self.tokens, **tokens},
                stdout=log,
                stderr=log,
            )
        return self.process

    async def start(self) -> None:
        """Start it, and return once it says that it is ready."""
        before = self.said().count('"ready:')
        process = await self.spawn()

        async def ready() -> bool:
            assert process.returncode is None, self.said()
            return self.said().count("ready: Acme") > before

        await until(ready, 30)

    def said(self) -> str:
        """All that it wrote."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    async def kill(self) -> None:
        """The machine pulls the plug: nothing of the process runs any more."""
        assert self.process is not None and self.process.returncode is None, "it had ended by itself"
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL

    async def end(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 15)

    async def gone(self) -> int:
        """The exit code, once it ends by itself."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), 20)

    async def put_down(self) -> None:
        """Whatever became of the test, no process stays."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
