"""One inquiry from the post to the answer, told as it happens: who saw what, and when in the story."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from platforms.sandbox.world import World

ZONE = ZoneInfo("Europe/Lisbon")
"""The desk's zone; the story's times are told in it."""
DESK, LEADS = "C0DESK", "C0LEADS"


class Clock(Protocol):
    """A story clock, as far as telling needs it."""

    def now(self) -> datetime: ...

    async def jump(self, to: datetime) -> None: ...


class Teller:
    """Prints a line for everything that a person sees, once, with its time in the story."""

    def __init__(self, world: World, clock: Clock, out: Callable[[str], None]) -> None:
        self.world, self.clock, self.out = world, clock, out
        self._shown: dict[tuple[str, str], str] = {}
        world.slack.listeners.append(self._slack)
        world.x.listeners.append(self._x)
        world.graph.listeners.append(self._graph)

    def line(self, who: str, text: str) -> None:
        """One line: when, who, what; long ones wrapped under themselves."""
        at = self.clock.now().astimezone(ZONE)
        head = f"{at:%a %H:%M:%S}  {who:<18} "
        wrapped = textwrap.wrap(text, 88) or [""]
        self.out(head + wrapped[0])
        for more in wrapped[1:]:
            self.out(" " * len(head) + more)

    def _slack(self, change: dict[str, Any]) -> None:
        message = change.get("message") or {}
        if change["type"] not in ("message", "changed") or not message.get("bot_id"):
            return
        channel = {DESK: "#frontdesk", LEADS: "#frontdesk-leads"}.get(change["channel"], "Slack")
        in_thread = message.get("thread_ts") not in (None, message["ts"])
        text = readable(message)
        edit = (change["channel"], message["ts"]) in self._shown
        if edit and not in_thread:
            text = readable({"blocks": message["blocks"][:1]})
        key = (change["channel"], message["ts"])
        if self._shown.get(key) == text:
            return
        edited = "(edited) " if key in self._shown else ""
        self._shown[key] = text
        self.line(f"{channel}{' ↳' if in_thread else ''}", f"{edited}{text}")

    def _x(self, change: dict[str, Any]) -> None:
        if change["type"] == "published":
            self.line("X, public", f"@acme: {self.world.x.published[-1]['text']}")

    def _graph(self, change: dict[str, Any]) -> None:
        if change["type"] == "published":
            self.line("Facebook, public", f"Acme: {self.world.graph.published[-1]['text']}")

    async def wait(self, **length: float) -> None:
        """Let the story go on."""
        await self.clock.jump(self.clock.now() + timedelta(**length))

    async def until(self, hour: int, minute: int) -> None:
        """Let the story go on to a time of the same day, in the desk's zone."""
        here = self.clock.now().astimezone(ZONE)
        await self.clock.jump(here.replace(hour=hour, minute=minute, second=0, microsecond=0))

    async def types(self, user: str, name: str, command: str) -> dict[str, Any]:
        """An agent types; what only they read is told as well."""
        self.line(f"{name} types", command)
        reply = await self.world.slack.command(user, DESK, command)
        answer = reply.response or {}
        if answer.get("text"):
            self.line(f"{name} alone reads", readable(answer))
        return answer


def readable(message: dict[str, Any]) -> str:
    """A message as plain words: its first block and what is quoted, mark-up taken off."""
    parts = []
    for block in message.get("blocks") or ():
        if block["type"] == "section":
            parts.append(block["text"]["text"])
        elif block["type"] == "rich_text":
            words = [e.get("text", "") for part in block["elements"] for e in part["elements"]]
            parts.append(f"“{''.join(words)}”")
        elif block["type"] == "actions":
            labels = [e["text"]["text"] for e in block["elements"] if e["type"] == "button"]
            labels += ["⋯" for e in block["elements"] if e["type"] == "overflow"]
            parts.append(" ".join(f"[{label}]" for label in labels))
    text = "  ".join(parts) or message.get("text", "")
    text = re.sub(r"<!date\^(\d+)\^[^|>]*\|[^>]*>", lambda m: _wall(int(m[1])), text)
    text = re.sub(r"<!subteam\^S0(\w+)>", lambda m: f"@{m[1].lower()}", text)
    text = re.sub(r"<@U0(\w+)>", lambda m: f"@{m[1].lower()}", text)
    text = re.sub(r"<[^|>]+\|([^>]*)>", r"\1", text)
    text = re.sub(r":[a-z_]+: ", "", text)
    text = text.replace("*", "").replace("`", "").replace("\n", " · ")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _wall(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, ZONE).strftime("%H:%M")


async def tell(world: World, clock: Clock, out: Callable[[str], None]) -> None:
    """The whole main job on one working day: post, thread, warning, claim, reply, receipt, answer, breach, hours."""
    teller = Teller(world, clock, out)
    await teller.wait(minutes=2)
    world.x.add_person("maria_k", "Maria K.")
    words = "@acme my parcel has been stuck since Monday and the tracking page shows nothing. Please help?"
    teller.line("Maria on X", words)
    world.x.post("maria_k", words)
    await teller.wait(minutes=12)
    await teller.types("U0ANA", "Ana", "/claim 1")
    await teller.types("U0ANA", "Ana", "/reply 1 Hi Maria, I am sorry. It left the depot and reaches you tomorrow.")
    await teller.wait(seconds=15)
    page_post = world.graph.page_post("Our autumn blend is back.")
    question = "Is there lactose in it? My daughter is allergic."
    teller.line("Zuzana on Facebook", question)
    world.graph.comment("Zuzana M.", question, on=page_post)
    await teller.wait(minutes=62)
    await teller.types("U0LEE", "Lee", "/hours post")
    told = world.slack.ephemerals("U0LEE", DESK)[-1]
    teller.line("Lee presses", "[Post it]")
    await world.slack.press("U0LEE", DESK, told["ts"], "hours_post")
    await teller.wait(seconds=20)
    await teller.until(17, 0)
