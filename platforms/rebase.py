"""A requests adapter: moves a hard-coded host to another base URL, bounds each call in time, keeps what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The last HTTP answer of a session; `status` 0 means that none came."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body.decode("utf-8", "replace"))
        except ValueError:
            return None


class Rebase(HTTPAdapter):
    """Sends what a library addresses to `host` ("https://api.twitter.com") to `base` instead.

    Every call gets `timeouts` (connect, read; seconds of wall-clock time) where the library sets none: tweepy sets
    none at all. A GET whose connection broke is tried once more; nothing else is ever sent twice. `last` is the answer
    to the last call, with its status, however the library reads it; `on_answer` is told of each. One adapter belongs
    to one session, and one session to one thread.
    """

    def __init__(
        self,
        host: str,
        base: str,
        *,
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        on_answer: Callable[[Answer], None] | None = None,
    ) -> None:
        super().__init__()
        self.host = host.rstrip("/")
        self.base = base.rstrip("/")
        self.timeouts = timeouts
        self.on_answer = on_answer
        self.last = Answer()

    def mount(self, session: requests.Session) -> None:
        """Put this adapter in front of `host` in a session. A moved one follows no proxies of the environment."""
        session.trust_env = self.base == self.host
        session.mount(self.host, self)

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        self.last = Answer()
        url = request.url or ""
        if url.startswith(self.host) and self.base != self.host:
            request.url = self.base + url[len(self.host) :]
            request.headers["Host"] = urlsplit(self.base).netloc
        if more.get("timeout") is None:
            more["timeout"] = self.timeouts
        try:
            response = super().send(request, *args, **more)
        except requests.ConnectionError:
            if request.method != "GET":
                raise
            response = super().send(request, *args, **more)
        self.last = Answer(response.status_code, dict(response.headers), response.content)
        if self.on_answer is not None:
            self.on_answer(self.last)
        return response


def never_sent(error: Exception) -> bool:
    """Whether an error says for certain that nothing was sent: no connection could be made at all."""
    reason: Any = error
    if isinstance(error, requests.ConnectionError) and error.args:
        reason = getattr(error.args[0], "reason", error.args[0])
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, ConnectTimeoutError | NewConnectionError)
