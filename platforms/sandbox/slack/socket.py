"""The doors from Slack to the app: Socket Mode connections and signed HTTP, with acknowledgements and retries."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from platforms.sandbox.slack import limits


@dataclass(frozen=True, slots=True)
class Ack:
    """What became of one delivery. `error` is "operation_timeout" or "dispatch_failed" (no connection to the app)."""

    ok: bool
    error: str | None = None
    payload: Any = None
    envelope_id: str = ""


@dataclass(slots=True)
class Waiting:
    """An envelope that the app has not acknowledged."""

    future: asyncio.Future[Any]
    frame: dict[str, Any]
    since: float


@dataclass(eq=False, slots=True)
class Connection:
    """One live Socket Mode connection; `refreshing` ones get no new envelopes."""

    socket: web.WebSocketResponse
    refreshing: bool = False
    sent: int = 0


@dataclass(slots=True)
class Doors:
    """How envelopes reach the app. Story time comes from `now` and is only written down; all waiting is real time.

    `retry_seconds` are the real seconds before each further attempt to deliver an event that was not acknowledged
    (Slack's own: at once, 1 minute, 5 minutes). Commands, buttons and modals are tried once.
    `deliver_to`, if set, is the app's HTTP address: requests go there, signed, instead of into a socket.
    """

    now: Callable[[], datetime]
    signing_secret: str
    app_id: str
    ack_seconds: float = limits.ACK_SECONDS
    retry_seconds: tuple[float, ...] = (0.2, 2.0, 10.0)
    ping_seconds: float = 10.0
    deliver_to: str | None = None
    open: bool = False
    connections: list[Connection] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    envelopes: dict[str, dict[str, Any]] = field(default_factory=dict)
    missed: list[dict[str, Any]] = field(default_factory=list)
    given_up: list[dict[str, Any]] = field(default_factory=list)
    acks_to_lose: int = 0
    _turn: int = 0
    _retrying: int = 0
    firsts: set[asyncio.Future[None]] = field(default_factory=set)
    _tickets: set[str] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    # --- connections ---

    def ticket(self) -> str:
        """A ticket for one connection."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Serve one Socket Mode connection until it ends."""
        if request.query.get("ticket") not in self._tickets:
            return web.Response(status=403, text="invalid ticket")
        self._tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse(heartbeat=self.ping_seconds, autoping=True)
        await socket.prepare(request)
        connection = Connection(socket)
        if len(self.connections) >= limits.CONNECTIONS:
            await self._say(connection, self._goodbye("too_many_websockets"))
            await socket.close()
            return socket
        self.connections.append(connection)
        try:
            await self._say(
                connection,
                {
                    "type": "hello",
                    "num_connections": len(self.connections),
                    "debug_info": {
                        "host": "sandbox",
                        "build_number": 1,
                        "approximate_connection_time": 18060,
                    },
                    "connection_info": {"app_id": self.app_id},
                },
            )
            async for frame in socket:
                if frame.type == aiohttp.WSMsgType.TEXT:
                    self._heard(frame.data)
        finally:
            with contextlib.suppress(ValueError):
                self.connections.remove(connection)
        return socket

    def _heard(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            self._note("in", None, "unreadable", text)
            return
        envelope_id = said.get("envelope_id")
        note = self._note("in", envelope_id, "ack", said.get("payload"))
        if self.acks_to_lose > 0:
            self.acks_to_lose -= 1
            note["type"] = "lost ack"
            return
        waiting = self.waiting.pop(envelope_id, None)
        if waiting is None:
            return
        took = round((time.monotonic() - waiting.since) * 1000, 3)
        note["ack_ms"] = waiting.frame["ack_ms"] = took
        if not waiting.future.done():
            waiting.future.set_result(said.get("payload"))

    def _note(self, direction: str, envelope_id: str | None, kind: str, payload: Any) -> dict[str, Any]:
        note = {
            "at": self.now(),
            "direction": direction,
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "ack_ms": None,
        }
        self.frames.append(note)
        return note

    async def _say(self, connection: Connection, frame: dict[str, Any]) -> None:
        self._note("out", None, frame["type"], frame)
        with contextlib.suppress(ConnectionError):
            await connection.socket.send_str(json.dumps(frame))

    def _goodbye(self, reason: str) -> dict[str, Any]:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}

    async def disconnect(self, reason: str, close_after: float | None) -> None:
        """Send a disconnect frame on every connection; after `close_after` real seconds close it (None: never)."""
        for connection in list(self.connections):
            connection.refreshing = reason != "warning"
            await self._say(connection, self._goodbye(reason))
            if close_after is not None:
                self.later(self._close_soon(connection, close_after))

    async def _close_soon(self, connection: Connection, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if not connection.socket.closed:
            await connection.socket.close()

    def drop(self) -> None:
        """Cut every connection, without a word."""
        for connection in list(self.connections):
            self.connections.remove(connection)
            transport = getattr(connection.socket, "_req", None)
            if transport is not None and transport.transport is not None:
                transport.transport.abort()

    def _next(self) -> Connection | None:
        live = [one for one in self.connections if not one.socket.closed]
        ready = [one for one in live if not one.refreshing] or live
        if not ready:
            return None
        self._turn += 1
        return ready[self._turn % len(ready)]

    # --- delivery ---

    @property
    def reachable(self) -> bool:
        """Whether there is an app at the other end."""
        return self.deliver_to is not None or bool(self.connections)

    def busy(self) -> str | None:
        """How many envelopes wait for their acknowledgement or, where there is an app, for their next attempt."""
        count = max(len(self.waiting), len(self.firsts)) + (self._retrying if self.reachable else 0)
        return f"{count} Slack envelope(s) unacknowledged" if count else None

    async def send(self, kind: str, payload: dict[str, Any], *, accepts: bool) -> Ack:
        """Deliver a command ("slash_commands") or an interaction ("interactive"), once."""
        envelope = {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": kind,
            "accepts_response_payload": accepts,
        }
        return await self._deliver(envelope)

    def send_event(self, payload: dict[str, Any]) -> None:
        """Deliver an event; where it is not acknowledged, again, three times, each with its number and the reason.

        Goes on by itself; `firsts` holds a future for each event whose first attempt has not ended.
        """
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.firsts.add(first)
        self.later(self._attempts(payload, first))

    async def _attempts(self, payload: dict[str, Any], first: asyncio.Future[None]) -> None:
        try:
            ack = await self._deliver(self._event(payload, 0, ""))
        finally:
            self.firsts.discard(first)
            if not first.done():
                first.set_result(None)
        if ack.ok:
            return
        self._retrying += 1
        try:
            for attempt, seconds in enumerate(self.retry_seconds, 1):
                await asyncio.sleep(seconds)
                reason = "timeout" if ack.error == "operation_timeout" else "http_error"
                ack = await self._deliver(self._event(payload, attempt, reason))
                if ack.ok:
                    return
            self.given_up.append(payload)
        finally:
            self._retrying -= 1

    def _event(self, payload: dict[str, Any], attempt: int, reason: str) -> dict[str, Any]:
        return {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": attempt,
            "retry_reason": reason,
        }

    async def redeliver(self, envelope_id: str) -> Ack:
        """Deliver a past envelope once more, with the same id; an event carries the next attempt's number."""
        envelope = dict(self.envelopes[envelope_id])
        if "retry_attempt" in envelope:
            envelope["retry_attempt"] += 1
            envelope["retry_reason"] = "timeout"
        return await self._deliver(envelope)

    async def _deliver(self, envelope: dict[str, Any]) -> Ack:
        envelope_id: str = envelope["envelope_id"]
        self.envelopes[envelope_id] = envelope
        frame = self._note("out", envelope_id, envelope["type"], envelope["payload"])
        frame["retry_attempt"] = envelope.get("retry_attempt", 0)
        if self.deliver_to is not None:
            return await self._post(envelope, frame)
        connection = self._next()
        if connection is None:
            frame["error"] = "dispatch_failed"
            return Ack(False, "dispatch_failed", None, envelope_id)
        waiting = Waiting(asyncio.get_running_loop().create_future(), frame, time.monotonic())
        self.waiting[envelope_id] = waiting
        connection.sent += 1
        try:
            await connection.socket.send_str(json.dumps(envelope))
            payload = await asyncio.wait_for(waiting.future, self.ack_seconds)
        except (TimeoutError, ConnectionError):
            frame["error"] = "operation_timeout"
            return Ack(False, "operation_timeout", None, envelope_id)
        finally:
            if self.waiting.get(envelope_id) is waiting:
                del self.waiting[envelope_id]
        return Ack(True, None, payload, envelope_id)

    async def _post(self, envelope: dict[str, Any], frame: dict[str, Any]) -> Ack:
        """Deliver over HTTP: JSON for events, a form for commands, a form with `payload` for interactions."""
        envelope_id = envelope["envelope_id"]
        payload = envelope["payload"]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if envelope["type"] == "events_api":
            body = json.dumps(payload)
            headers["Content-Type"] = "application/json"
            if envelope["retry_attempt"]:
                headers["X-Slack-Retry-Num"] = str(envelope["retry_attempt"])
                reasons = {"timeout": "http_timeout"}
                headers["X-Slack-Retry-Reason"] = reasons.get(envelope["retry_reason"], envelope["retry_reason"])
        elif envelope["type"] == "slash_commands":
            body = urlencode(payload)
        else:
            body = urlencode({"payload": json.dumps(payload)})
        headers.update(sign(self.signing_secret, body))
        waiting = Waiting(asyncio.get_running_loop().create_future(), frame, time.monotonic())
        self.waiting[envelope_id] = waiting
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with self._session.post(
                str(self.deliver_to),
                data=body.encode(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.ack_seconds),
            ) as answer:
                text = await answer.text()
        except (TimeoutError, aiohttp.ClientError) as why:
            frame["error"] = "operation_timeout" if isinstance(why, TimeoutError) else "dispatch_failed"
            return Ack(False, frame["error"], None, envelope_id)
        finally:
            self.waiting.pop(envelope_id, None)
        frame["ack_ms"] = round((time.monotonic() - waiting.since) * 1000, 3)
        if answer.status != 200:
            frame["error"] = "dispatch_failed"
            return Ack(False, "dispatch_failed", None, envelope_id)
        said: Any = None
        if text:
            with contextlib.suppress(ValueError):
                said = json.loads(text)
            said = said if isinstance(said, dict) else {"text": text}
        self._note("in", envelope_id, "ack", said)["ack_ms"] = frame["ack_ms"]
        return Ack(True, None, said, envelope_id)

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every connection and everything that waits."""
        self.open = False
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self.connections):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(connection.socket.close(), 1.0)
        if self._session is not None:
            await self._session.close()
            self._session = None


def sign(secret: str, body: str, at: int | None = None) -> dict[str, str]:
    """Slack's v0 signature of a request body; `at` is real time in seconds (signatures are wire time)."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
