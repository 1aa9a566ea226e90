"""The HTTP door: Slack's requests, the platforms' calls, and the question how the desk does; limits in front of all.

Everything comes from strangers until its signature says otherwise: nothing is read that is too long, too slow or
packed, and no answer tells a caller more than whether it was heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from desk.desk import Desk
from desk.flows.health import Health, health
from desk.flows.inbox import Inbox
from desk.ports import Hook
from handlers.inbound.webhook import Unreadable, strict, take

log = logging.getLogger("frontdesk.web")
_AIOHTTP = logging.getLogger("aiohttp.frontdesk")
"""aiohttp repeats what a caller wrote when it cannot read it; nobody needs that in a log."""
_AIOHTTP.setLevel(logging.CRITICAL + 1)

SLACK = "/slack/events"
_STAMP = re.compile(r"[0-9]{1,11}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
FORM = "application/x-www-form-urlencoded"
FIELDS = 1000
"""Fields of a form: Slack's have some twenty."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a caller may ask of us: bytes of a body and of all headers, seconds for the body to arrive, seconds in which
    a new or open line may go without a whole head (aiohttp counts them, however it drips), and how many requests are
    read at the same time; the next is told to come again."""

    body: int = 2**20
    headers: int = 16 * 1024
    seconds: float = 10.0
    idle: float = 75.0
    at_once: int = 64


class Web:
    """The server. `app` and `signing_secret` are Slack's door, without them there is none; `hooks` are the platforms
    that call. `more` tells what is wrong outside the desk itself: the disk, Slack's connection."""

    def __init__(
        self,
        desk: Desk,
        inbox: Inbox,
        *,
        app: AsyncApp | None = None,
        signing_secret: str = "",
        hooks: Mapping[str, Hook] | None = None,
        more: Callable[[], Awaitable[list[str]]] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.desk, self.inbox, self.app = desk, inbox, app
        self.hooks = dict(hooks or {})
        self.more = more
        self.limits = limits or Limits()
        self.url = ""
        self._verifier = SignatureVerifier(signing_secret) if app is not None else None
        self._open = 0
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. `url` says where. Raises OSError where that cannot be."""
        server = web.Application(middlewares=[self._guard], client_max_size=self.limits.body)
        server.router.add_get("/healthz", self._health)
        server.router.add_get("/readyz", self._ready)
        if self.app is not None:
            server.router.add_post(SLACK, self._slack)
        for name, hook in self.hooks.items():
            server.router.add_get(f"/{name}/webhook", self._greeting(hook))
            server.router.add_post(f"/{name}/webhook", self._delivery(hook))
        server.on_response_prepare.append(_unnamed)
        self._runner = web.AppRunner(
            server,
            access_log=None,
            logger=_AIOHTTP,
            auto_decompress=False,
            max_field_size=self.limits.headers,
            lingering_time=1.0,
            keepalive_timeout=self.limits.idle,
            shutdown_timeout=3.0,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        taken = self._runner.addresses[0]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{taken[1]}"

    async def stop(self) -> None:
        """Take no more; what was taken is answered within three seconds."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # in front of everything

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if sum(len(name) + len(value) for name, value in request.raw_headers) > self.limits.headers:
            return _said(400, "These headers are too long.")
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            return _said(refusal.status, refusal.reason)
        except Exception:
            log.exception("a request broke", extra={"path": request.path[:100]})
            return _said(500, "Something broke here.")

    async def _body(self, request: web.Request) -> bytes:
        """The bytes as they came. Raises the HTTP error of what is too much."""
        if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
            raise web.HTTPBadRequest(reason="Packed bodies are not read.")
        if request.content_length is not None and request.content_length > self.limits.body:
            raise _too_large(self.limits.body, request.content_length)
        if self._open >= self.limits.at_once:
            raise web.HTTPServiceUnavailable(reason="Very much at once. Please come again.")
        self._open += 1
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(reason="The body did not arrive in time.") from None
        finally:
            self._open -= 1

    # Slack

    async def _slack(self, request: web.Request) -> web.StreamResponse:
        raw = await self._body(request)
        if _is_ssl_check(request, raw):
            return _said(200, "")
        if not self._from_slack(request, raw):
            return _said(401, "The signature is not right.")
        try:
            _must_be_plain(request, raw)
        except ValueError:
            return _said(400, "This cannot be read.")
        if self.desk.closing:
            return _said(503, "The desk is about to stop. Please come again.")
        assert self.app is not None
        asked = AsyncBoltRequest(body=raw.decode("utf-8"), query=request.query_string, headers=dict(request.headers))
        return await to_aiohttp_response(await self.app.async_dispatch(asked))

    def _from_slack(self, request: web.Request, raw: bytes) -> bool:
        """Slack's own check, which raises on some of what is no signature at all; whatever cannot be read is a no."""
        stamps = request.headers.getall("X-Slack-Request-Timestamp", [])
        signatures = request.headers.getall("X-Slack-Signature", [])
        if len(stamps) != 1 or len(signatures) != 1:
            return False
        if not _STAMP.fullmatch(stamps[0]) or not _SIGNATURE.fullmatch(signatures[0]):
            return False
        assert self._verifier is not None
        with contextlib.suppress(UnicodeDecodeError):
            return self._verifier.is_valid(raw, stamps[0], signatures[0])
        return False

    # platforms

    def _greeting(self, hook: Hook) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def greet(request: web.Request) -> web.StreamResponse:
            said = hook.greet({name: value for name, value in request.query.items()})
            return _said(said.status, said.text, said.content_type)

        return greet

    def _delivery(self, hook: Hook) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def deliver(request: web.Request) -> web.StreamResponse:
            raw = await self._body(request)
            headers = {name.casefold(): request.headers.getall(name) for name in request.headers}
            status, words = await take(self.desk, self.inbox, hook, raw, headers)
            if status != 200:
                log.warning("a delivery was refused", extra={"platform": hook.name, "status": status})
            return _said(status, words)

        return deliver

    # how the desk does

    async def _health(self, request: web.Request) -> web.StreamResponse:
        if not _from_here(request):
            return _said(404, "Not Found")
        found: Health = await health(self.desk, await self.more() if self.more is not None else [])
        return _said(200 if found.green else 503, json.dumps(found.as_json()), "application/json")

    async def _ready(self, request: web.Request) -> web.StreamResponse:
        if not _from_here(request):
            return _said(404, "Not Found")
        return _said(503, "stopping") if self.desk.closing else _said(200, "ready")


def _said(status: int, text: str, content_type: str = "text/plain") -> web.Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = "10"
    return web.Response(status=status, text=text, content_type=content_type, headers=headers)


def _too_large(most: int, size: int) -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(max_size=most, actual_size=size)


async def _unnamed(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "Frontdesk"


def _from_here(request: web.Request) -> bool:
    """Whether somebody on this machine asks, and not for somebody else: a proxy says for whom."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _is_ssl_check(request: web.Request, raw: bytes) -> bool:
    """Slack's look at the certificate: nothing else stands in it, and nothing is done."""
    if request.content_type != FORM or len(raw) > 1000 or not raw.isascii():
        return False
    fields = dict(parse_qsl(raw.decode("ascii"), keep_blank_values=True))
    return fields.get("ssl_check") == "1" and set(fields) <= {"ssl_check", "token"}


def _must_be_plain(request: web.Request, raw: bytes) -> None:
    """What Slack signed is read strictly as well, before Bolt reads it. Raises ValueError."""
    if request.content_type == "application/json":
        if not isinstance(strict(raw), dict):
            raise Unreadable("no object")
        return
    fields = dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS))
    if "payload" in fields and not isinstance(strict(fields["payload"].encode()), dict):
        raise Unreadable("no object")
