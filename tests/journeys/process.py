"""The bot as a process of its own, beside stand-ins as another: started, killed, asked from outside, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
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


BOTH = (
    CONFIG.replace("directs = false", "directs = true\nwebhook = true")
    + """
[facebook]
enabled = true
base_url = "{graph}"
page_id = "2000"
poll_seconds = 5
webhook = true
backstop_seconds = 5
[web]
enabled = true
port = {port}
[hours]
mon = "00:00-24:00"
tue = "00:00-24:00"
wed = "00:00-24:00"
thu = "00:00-24:00"
fri = "00:00-24:00"
sat = "00:00-24:00"
sun = "00:00-24:00"
[sla.x]
first = "8h"
next = "8h"
private = "8h"
[sla.facebook]
first = "8h"
next = "8h"
private = "8h"
[ladder]
colour = 0
ping = 0.9
channel = 0
merge_minutes = 0
[[policies]]
name = "Soon"
kinds = ["visitor post"]
first = "8h"
next = "8h"
ladder = [0, 0.0002, 0]
"""
)
"""X and Facebook, called by both and looking every five seconds all the same, day and night. Whoever writes on our wall
is waited for, and six seconds later somebody is pinged."""


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

    async def tries(self, target: str, method: str, **args: Any) -> dict[str, Any]:
        """The same where it may go wrong: "ok", "result", "error"."""
        async with self.http.post(
            f"{self.where['control']}call", json={"target": target, "method": method, "args": args}
        ) as response:
            answer: dict[str, Any] = await response.json()
        return answer

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
        where = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        async with aiohttp.ClientSession() as http:
            world = Outside(process, where, http)
            await world.call("slack", "install", manifest=manifest(all_verbs=True))
            yield world
    finally:
        process.terminate()
        await process.wait()


def free_port() -> int:
    """One below those that the system gives away by itself, so that it stays free until the bot takes it."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


TOKENS = {
    "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-sandbox",
    "FRONTDESK_SLACK_APP_TOKEN": "xapp-sandbox",
    "FRONTDESK_FACEBOOK_PAGE_TOKEN": "EAA-sandbox",
    "FRONTDESK_FACEBOOK_APP_SECRET": "sandbox-app-secret",
    "FRONTDESK_FACEBOOK_VERIFY_TOKEN": "sandbox-verify",
}


class Bot:
    """`bot.py run`, as an owner starts it: a configuration file, tokens in the environment."""

    def __init__(self, world: Outside, folder: Path, *, undo: int = 1, config: str = CONFIG) -> None:
        self.world = world
        self.folder = folder
        self.config = folder / "frontdesk.toml"
        self.port = free_port()
        self.config.write_text(config.format(**world.where, undo=undo, port=self.port), encoding="utf-8")
        self.tokens = TOKENS
        self.process: asyncio.subprocess.Process | None = None
        self.log = folder / "log"
        self.orders = folder / "orders"

    async def spawn(self, **tokens: str) -> asyncio.subprocess.Process:
        """Start it, and don't wait until it is ready."""
        x = {f"FRONTDESK_X_{name.upper()}": value for name, value in (await self.world.call("x", "tokens")).items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("bot.py", "run", "--config", str(self.config)),
                cwd=ROOT,
                env={**kept, **x, **self.tokens, "FRONTDESK_CRASH_ORDERS": str(self.orders), **tokens},
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

        await until(ready, 120)

    def said(self) -> str:
        """All that it wrote."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def die_at(self, point: str, about: str = "*") -> None:
        """Order it to die there, the next time that it comes by; what it is about is a pattern."""
        new = self.orders.with_suffix(".new")
        new.write_text(f"{point} {about}", "utf-8")
        new.replace(self.orders)

    async def died(self, point: str, about: str = "") -> None:
        """It did, and there; the order is over."""
        assert self.process is not None
        code = await asyncio.wait_for(self.process.wait(), 120)
        assert code == 137, (point, about, code, self.said()[-3000:])
        last = self.said().splitlines()[-1]
        assert last.startswith(f"died at {point} {about}"), last
        self.orders.unlink()

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
