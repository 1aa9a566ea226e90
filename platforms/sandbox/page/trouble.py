"""Trouble that a visitor of the page can make for a network, told in plain words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from platforms.sandbox.wire import Fault, Wire

MAINTENANCE = "<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"

TROUBLES: dict[str, list[tuple[str, str, str]]] = {
    "x": [
        ("429", "429 Too many requests", "X says: slow down, for a minute."),
        ("403", "403 Forbidden", "X refuses the answer: this person limits who can reply."),
        ("after", "Timeout, but it arrived", "X takes the answer, and the connection breaks before it says so."),
        ("before", "Timeout, nothing arrived", "The connection breaks before X has taken anything."),
        ("503", "503 error page", "A web page in the place of an answer."),
    ],
    "graph": [
        ("429", "Rate limit (code 32)", "Facebook says: too many calls for this Page."),
        ("403", "Refused (code 200)", "Facebook refuses the answer: no permission for this."),
        ("after", "Timeout, but it arrived", "Facebook takes the answer, and the connection breaks before it says so."),
        ("before", "Timeout, nothing arrived", "The connection breaks before Facebook has taken anything."),
        ("503", "503 error page", "A web page in the place of an answer."),
    ],
    "slack": [
        ("429", "429 Too many requests", "Slack says: slow down, for half a minute."),
        ("403", "Channel archived", "Slack refuses what is posted: is_archived."),
        ("after", "Timeout, but it arrived", "Slack takes the message, and the connection breaks before it says so."),
        ("before", "Timeout, nothing arrived", "The connection breaks before Slack has taken anything."),
        ("503", "503 error page", "A web page in the place of an answer."),
    ],
}
"""Per network: (kind, label, what happens). Each meets what the desk publishes or posts, not what it reads."""

_MEETS = {"x": "POST *", "graph": "POST *", "slack": "POST /api/chat.*"}


class Trouble:
    """The switches that are on, as the page set them; other faults of the wire are left alone."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._on: dict[tuple[str, str], Fault] = {}

    def turn(self, network: str, kind: str, on: bool, now: datetime) -> None:
        """Turn a kind of trouble on or off. A network has one trouble at a time; "off" takes it away."""
        if network not in TROUBLES or kind not in ("off", *(one[0] for one in TROUBLES[network])):
            raise ValueError(f"There is no trouble called {kind} for {network}.")
        for key in [key for key in self._on if key[0] == network]:
            fault = self._on.pop(key)
            if fault in self.wire.faults:
                self.wire.faults.remove(fault)
        if on and kind != "off":
            action, more = _fault(network, kind, now)
            self._on[network, kind] = self.wire.fault(network, _MEETS[network], action, times=None, **more)

    def now(self) -> list[dict[str, Any]]:
        """What is on, with how many requests it has met."""
        out = []
        for (network, kind), fault in list(self._on.items()):
            if fault not in self.wire.faults:
                del self._on[network, kind]
                continue
            label = next(label for name, label, _ in TROUBLES[network] if name == kind)
            out.append({"network": network, "kind": kind, "label": label, "hits": fault.hits})
        return out


def _fault(network: str, kind: str, now: datetime) -> tuple[Any, dict[str, Any]]:
    if kind == "after":
        return "drop_after", {}
    if kind == "before":
        return "drop_before", {}
    if kind == "503":
        return "status", {"status": 503, "body": MAINTENANCE}
    if network == "slack":
        if kind == "429":
            body = {"ok": False, "error": "ratelimited"}
            return "status", {"status": 429, "body": body, "headers": {"Retry-After": "30"}}
        return "status", {"status": 200, "body": {"ok": False, "error": "is_archived"}}
    if network == "x":
        if kind == "429":
            reset = str(int((now + timedelta(seconds=60)).timestamp()))
            body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
            headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
            return "status", {"status": 429, "body": body, "headers": headers}
        why = "You are not permitted to perform this action."
        body = {"title": "Forbidden", "detail": why, "type": "about:blank", "status": 403}
        return "status", {"status": 403, "body": body}
    if kind == "429":
        return "status", {"status": 400, "body": _graph_error("(#32) Page request limit reached", 32)}
    return "status", {"status": 403, "body": _graph_error("(#200) Permissions error", 200)}


def _graph_error(message: str, code: int) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Asandbox"}}
