"""The wire that every stand-in hangs on: a record of each request, and a fault switch per request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import parse_qsl

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Action = Literal["accept", "drop_before", "drop_after", "hang", "hang_after", "lag", "status"]

LAG = web.RequestKey("lag", float)
"""Story seconds after which what this request wrote may be read back; 0 where no fault asks for more."""
PARSED = web.RequestKey("parsed", dict)
"""The request's parameters, query and body as one dict (form or JSON)."""
ANSWER = web.RequestKey("answer", object)
"""The answer's body as a value, where the handler has it: saves reading the JSON back for the record."""
UNRECORDED = web.RequestKey("unrecorded", bool)
"""Set by a handler whose request is no part of the conversation (WebSocket upgrades, control calls)."""


@dataclass(slots=True)
class Record:
    """One request as the stand-in saw it. `at` is story time, in UTC; `status` 0 means that no answer was sent.

    `ms` is how long the answer took, in real milliseconds.
    """

    seq: int
    at: datetime
    to: str
    method: str
    path: str
    request: dict[str, Any]
    status: int = 0
    response: Any = None
    fault: str | None = None
    ms: float = 0.0
    began: float = field(default_factory=time.perf_counter, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The form of a line in WIRE.jsonl."""
        return {
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "to": self.to,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "request": self.request,
            "response": self.response,
        }


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests that match; `times=None` is until it is taken off.

    `match` is a glob over "METHOD /path" ("POST /api/chat.postMessage", "* /2/tweets*"). `lag` (story seconds) delays
    when a write can be read back, and goes with `accept`, `lag`, `drop_after` and `hang_after` (done, and never
    answered). `seconds` bounds a hang in real time. `about`: only a request in which these words stand.
    """

    to: str
    match: str
    action: Action
    times: int | None = 1
    after: int = 0
    lag: float = 0.0
    seconds: float | None = None
    status: int = 500
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    hits: int = 0

    def fits(self, to: str, line: str, params: Mapping[str, Any]) -> bool:
        if self.to not in (to, "*") or not fnmatchcase(line, self.match):
            return False
        return not self.about or any(self.about in str(value) for value in params.values())


class Wire:
    """The record and the faults of one sandbox; `now` gives story time as an aware datetime in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.records: list[Record] = []
        self.faults: list[Fault] = []
        self.unexpected: list[str] = []
        """Calls that no method of a stand-in names; a test that leaves one behind fails."""
        self.open = 0
        """Requests that wait for their answer at this moment."""
        self.listeners: list[Callable[[Record], None]] = []
        self._unhang = asyncio.Event()

    def fault(self, to: str, match: str, action: Action, **more: Any) -> Fault:
        """Set a fault switch; `more` are the fields of `Fault`. The first that matches a request is used."""
        switch = Fault(to, match, action, **more)
        self.faults.append(switch)
        return switch

    def clear_faults(self) -> None:
        """Take off every switch and let go of what hangs."""
        self.faults.clear()
        self._unhang.set()
        self._unhang = asyncio.Event()

    def to(self, name: str) -> list[Record]:
        """The record of one stand-in, oldest first."""
        return [record for record in self.records if record.to == name]

    def busy(self) -> str | None:
        """Why the clock may not jump now, or None."""
        return f"{self.open} request(s) open at a stand-in" if self.open else None

    def _take(self, to: str, line: str, params: Mapping[str, Any]) -> Fault | None:
        for switch in self.faults:
            if switch.fits(to, line, params):
                switch.hits += 1
                if switch.hits <= switch.after:
                    continue
                if switch.times is not None and switch.hits - switch.after >= switch.times:
                    self.faults.remove(switch)
                return switch
        return None

    def middleware(self, to: str) -> Any:
        """The aiohttp middleware that records every request to `to` and works the fault switches."""

        @web.middleware
        async def on_wire(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith("/control") or request.headers.get("Upgrade", "").lower() == "websocket":
                return await handler(request)
            self.open += 1
            try:
                return await self._serve(to, request, handler)
            finally:
                self.open -= 1

        return on_wire

    async def _serve(self, to: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        params = await _parameters(request)
        request[PARSED] = params
        request[LAG] = 0.0
        record = Record(len(self.records), self.now(), to, request.method, request.path, _safe(params))
        self.records.append(record)
        switch = self._take(to, f"{request.method} {request.path}", params)
        if switch is not None:
            record.fault = switch.action
            request[LAG] = switch.lag
            if switch.action == "drop_before":
                return self._drop(request, record)
            if switch.action == "hang":
                await self._hang(switch)
                return self._drop(request, record)
            if switch.action == "status":
                body = switch.body if isinstance(switch.body, str) else json.dumps(switch.body)
                kind = (
                    "text/html"
                    if isinstance(switch.body, str) and body.lstrip().startswith("<")
                    else "application/json"
                )
                answer = web.Response(status=switch.status, text=body, headers={"Content-Type": kind, **switch.headers})
                self._close_record(record, switch.status, switch.body)
                return answer
        response = await handler(request)
        if switch is not None and switch.action in ("drop_after", "hang_after"):
            if switch.action == "hang_after":
                await self._hang(switch)
            return self._drop(request, record)
        self._close_record(record, response.status, request[ANSWER] if ANSWER in request else _body(response))
        return response

    async def _hang(self, switch: Fault) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._unhang.wait(), switch.seconds)

    def _drop(self, request: web.Request, record: Record) -> web.StreamResponse:
        self._close_record(record, 0, None)
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=500)

    def _close_record(self, record: Record, status: int, response: Any) -> None:
        record.status = status
        record.response = response
        record.ms = round((time.perf_counter() - record.began) * 1000, 1)
        for listener in list(self.listeners):
            listener(record)


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Query and body as one dict; an empty body counts as {} (the Slack SDK sends one for auth.test)."""
    params: dict[str, Any] = dict(request.query)
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        for key, value in form.items():
            params[key] = f"<file {value.filename}>" if isinstance(value, web.FileField) else str(value)
        return params
    data = await request.read()
    if request.path.startswith("/upload/"):
        return {**params, "size": len(data)}
    text = data.decode("utf-8", "replace")
    if not text:
        return params
    if request.content_type == "application/x-www-form-urlencoded":
        params.update(dict(parse_qsl(text, keep_blank_values=True)))
        return params
    try:
        body = json.loads(text)
    except ValueError:
        params["_unreadable"] = text
        return params
    params.update(body if isinstance(body, dict) else {"_body": body})
    return params


SECRETS = frozenset({"token", "access_token", "appsecret_proof", "client_secret"})


def _safe(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "•••" if key in SECRETS else value for key, value in params.items()}


def _body(response: web.StreamResponse) -> Any:
    if not isinstance(response, web.Response) or response.text is None:
        return None
    try:
        return json.loads(response.text)
    except ValueError:
        return response.text


async def serve(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Start `app` on `host`; port 0 takes a free one. Returns the runner and the port that it listens on."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    address: tuple[str, int] = runner.addresses[0]
    return runner, address[1]
