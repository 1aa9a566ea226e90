"""Who calls the X stand-in, and how often they may: authorisation and rate windows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, unquote

from aiohttp import web

Caller = Literal["user", "app"]
WINDOW = timedelta(minutes=15)
"""The length of a rate window, in story time."""

LIMITS: dict[str, dict[Caller, int]] = {
    "mentions": {"user": 180, "app": 450},
    "timeline": {"user": 900, "app": 1500},
    "search": {"user": 180, "app": 450},
    "lookup": {"user": 900, "app": 300},
    "post": {"user": 100},
    "delete": {"user": 50},
    "hide": {"user": 50},
    "me": {"user": 75},
    "users": {"user": 900, "app": 300},
    "dm_events": {"user": 15},
    "dm_with": {"user": 15},
    "dm_send": {"user": 200},
    "upload": {"user": 415},
}
"""Requests per window and caller. X changes them often; a test or a fault may set others."""


@dataclass(slots=True)
class Tokens:
    """What the API accepts; anything else is answered with 401."""

    bearer_token: str = "sandbox-bearer"
    consumer_key: str = "sandbox-key"
    consumer_secret: str = "sandbox-secret"
    access_token: str = "1000-sandbox"
    access_token_secret: str = "sandbox-token-secret"


class Problem(Exception):
    """An answer that is no success, with X's body."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


def plain(status: int, title: str, detail: str, **more: Any) -> Problem:
    """The usual problem body of API v2."""
    return Problem(status, {"title": title, "type": "about:blank", "status": status, "detail": detail, **more})


UNAUTHORISED = (401, "Unauthorized", "Unauthorized")
USER_ONLY = Problem(
    403,
    {
        "title": "Unsupported Authentication",
        "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported "
        "authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        "type": "https://api.twitter.com/2/problems/unsupported-authentication",
        "status": 403,
    },
)


def caller(request: web.Request, tokens: Tokens, bases: tuple[str, ...]) -> Caller:
    """Whether a request comes from our user or from the app alone; `Problem` 401 where the tokens are wrong.

    `bases` are the addresses that an OAuth 1.0a signature may have been made for; none: signatures are not checked.
    """
    header = request.headers.get("Authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(rest.encode(), tokens.bearer_token.encode()):
        return "app"
    if scheme.lower() == "oauth":
        given = {key: unquote(value) for key, value in re.findall(r'(\w+)="([^"]*)"', rest)}
        known = (given.get("oauth_consumer_key"), given.get("oauth_token")) == (
            tokens.consumer_key,
            tokens.access_token,
        )
        if known and (not bases or any(_signature(request, given, tokens, base) for base in bases)):
            return "user"
    raise plain(*UNAUTHORISED)


def _signature(request: web.Request, given: dict[str, str], tokens: Tokens, base: str) -> bool:
    params = [(key, value) for key, value in given.items() if key.startswith("oauth_") and key != "oauth_signature"]
    pairs = sorted((_coded(key), _coded(value)) for key, value in [*params, *request.query.items()])
    line = "&".join(f"{key}={value}" for key, value in pairs)
    text = "&".join((request.method.upper(), _coded(base + request.path), _coded(line)))
    secret = f"{_coded(tokens.consumer_secret)}&{_coded(tokens.access_token_secret)}"
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(digest).decode(), given.get("oauth_signature", ""))


def _coded(text: str) -> str:
    return quote(text, safe="-._~")


@dataclass(slots=True)
class Rates:
    """Rate windows in story time: a window opens with its first request and lasts 15 minutes."""

    now: Callable[[], datetime]
    limits: dict[str, dict[Caller, int]] = field(default_factory=lambda: {k: dict(v) for k, v in LIMITS.items()})
    windows: dict[tuple[str, Caller], tuple[datetime, int]] = field(default_factory=dict)

    def take(self, lane: str, who: Caller) -> dict[str, str]:
        """Count a request; returns the headers of its answer, or raises `Problem` 429."""
        if who not in self.limits[lane]:
            raise USER_ONLY
        limit = self.limits[lane][who]
        opened, used = self.windows.get((lane, who), (self.now(), 0))
        if self.now() - opened >= WINDOW:
            opened, used = self.now(), 0
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - used - 1)),
            "x-rate-limit-reset": str(int((opened + WINDOW).timestamp())),
            "x-access-level": "read-write-directmessages" if who == "user" else "read",
        }
        if used >= limit:
            problem = plain(429, "Too Many Requests", "Too Many Requests")
            problem.headers = headers
            raise problem
        self.windows[lane, who] = (opened, used + 1)
        return headers
