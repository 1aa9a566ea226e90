"""What the tests of the Facebook connector share: a clock, somebody who looks, and what is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from desk.model.message import Fetched, Message, Outgoing
from platforms.facebook import FacebookPlatform
from platforms.sandbox.graph import Graph

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN = "EAAcanary0123456789"
SECRET = "canary-app-secret"


class Hands:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


class Looking:
    """Somebody who polls as the desk does: keeps the cursor of each complete sweep, and what came."""

    def __init__(self, facebook: FacebookPlatform) -> None:
        self.facebook = facebook
        self.cursor: str | None = None
        self.last: Fetched | None = None

    async def look(self) -> list[Message]:
        self.last = await self.facebook.fetch(self.cursor)
        self.cursor = self.last.cursor
        return list(self.last.messages)

    async def texts(self) -> list[str]:
        return [message.text for message in await self.look()]


def connect(graph: Graph, clock: Hands, **more: Any) -> FacebookPlatform:
    more = {"app_secret": SECRET, "base": graph.url, "timeouts": (2.5, 2.5), **more}
    return FacebookPlatform(TOKEN, now=clock.now, **more)


def reply(to: str, text: str, way: str = "reply", **more: Any) -> Outgoing:
    return Outgoing("op-1", way, text, reply_to=to, **more)


def direct(to: str, text: str) -> Outgoing:
    return Outgoing("op-1", "direct", text, to=to)


def writes(graph: Graph) -> int:
    return sum(record.method != "GET" for record in graph.wire.to("graph"))


def comment(number: int, **more: Any) -> dict[str, Any]:
    whole = {
        "id": f"1_{number}",
        "message": f"comment {number}",
        "created_time": "2026-03-02T08:00:00+0000",
        "from": {"id": "77", "name": "Mia Holt"},
    }
    return {key: value for key, value in {**whole, **more}.items() if value is not None}
