"""The Slack stand-in as a server: the Web API, Socket Mode, response_urls, and the control door."""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from platforms.sandbox.slack import blocks as block_kit
from platforms.sandbox.slack import limits
from platforms.sandbox.slack.files import give, take
from platforms.sandbox.slack.methods import APP_TOKEN_METHODS, METHODS, Refusal
from platforms.sandbox.slack.objects import Address, micros
from platforms.sandbox.slack.people import People, Reply
from platforms.sandbox.slack.socket import Doors
from platforms.sandbox.wire import ANSWER, LAG, PARSED, Wire, serve


class Slack(People):
    """A workspace behind Slack's own doors, on the loopback.

    `now` gives story time (aware, UTC): every `ts`, rate window, Retry-After and response_url's 30 minutes. Real are
    the 3 seconds for an acknowledgement (`ack_seconds`), a trigger_id's life (`trigger_seconds`), pings and retries.
    `burst` is how many chat.postMessage calls a channel takes at once before the one-a-second rule holds.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        wire: Wire,
        bot_token: str = "xoxb-sandbox",
        app_token: str = "xapp-sandbox",
        signing_secret: str = "sandbox-secret",
        *,
        trigger_seconds: float = 3.0,
        ack_seconds: float = limits.ACK_SECONDS,
        retry_seconds: tuple[float, ...] = (0.2, 2.0, 10.0),
        burst: int = 1,
    ) -> None:
        doors = Doors(now, signing_secret, self.app_id, ack_seconds, retry_seconds)
        super().__init__(now, doors, trigger_seconds)
        self.wire = wire
        self.bot_token = bot_token
        self.app_token = app_token
        self.signing_secret = signing_secret
        self.burst = burst
        self.strict_rates = True
        """Whether calls above Slack's rates are refused with 429, in story time."""
        self.targets: dict[str, Any] = {"slack": self, "wire": wire}
        """What the control door may call, by name."""
        self._token_error: str | None = None
        self._posts: dict[str, int] = {}
        self._calls: dict[str, deque[int]] = {}
        self._runner: web.AppRunner | None = None

    # --- life ---

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        app = web.Application(middlewares=[self.wire.middleware("slack")], client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self.doors.link)
        app.router.add_post("/upload/v1/{ticket}", self._take)
        app.router.add_get("/files-pri/{file}/{name}", self._give)
        app.router.add_post("/{kind:commands|actions|app}/{rest:.+}", self._respond)
        app.router.add_post("/control/call", self._control_call)
        app.router.add_get("/control/records", self._control_records)
        app.router.add_route("*", "/{rest:.*}", self._nowhere)
        self._runner, bound = await serve(app, host, port)
        self.base = f"http://{host}:{bound}"
        self.doors.open = True

    async def stop(self) -> None:
        """Close every connection and stop listening. A stopped stand-in keeps its state and may start again."""
        await self.doors.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """The Web API's base URL, with the slash at its end that the SDK needs."""
        return f"{self.base}/api/"

    def busy(self) -> str | None:
        """Why the clock may not jump now (envelopes without acknowledgement), or None."""
        return self.doors.busy()

    @property
    def connections(self) -> int:
        """Live Socket Mode connections."""
        return len(self.doors.connections)

    @property
    def frames(self) -> list[dict[str, Any]]:
        """The Socket Mode record, oldest first. `direction` "out" is Slack to app, "in" app to Slack.

        Each has `at` (story time), `envelope_id`, `type`, `payload`, `ack_ms` (real; None until acknowledged); an
        envelope also `retry_attempt` and, where it failed, `error`.
        """
        return self.doors.frames

    @property
    def deliver_to(self) -> str | None:
        """The app's HTTP address ("http://…/slack/events"); None means Socket Mode."""
        return self.doors.deliver_to

    @deliver_to.setter
    def deliver_to(self, address: str | None) -> None:
        self.doors.deliver_to = address

    # --- what fault tests need ---

    def disconnect(self, reason: str = "refresh_requested", close_after: float | None = None) -> None:
        """Send a disconnect frame on each connection ("warning", "refresh_requested", "link_disabled" …).

        After a warning the connection stays; else it is closed `close_after` real seconds later (10, as Slack does).
        """
        if close_after is None and reason != "warning":
            close_after = 10.0
        self.doors.later(self.doors.disconnect(reason, close_after))

    def drop_connections(self) -> None:
        """Cut every Socket Mode connection without a word."""
        self.doors.drop()

    def hold_acks(self, count: int = 1) -> None:
        """Lose the next `count` acknowledgements: the app has acted, Slack does not know."""
        self.doors.acks_to_lose = count

    async def redeliver(self, envelope_id: str) -> Reply:
        """Deliver any past envelope once more, with the same id."""
        ack = await self.doors.redeliver(envelope_id)
        return Reply(ack.ok, ack.error, ack.payload if isinstance(ack.payload, dict) else None, ack.envelope_id)

    def revoke_token(self, error: str = "token_revoked") -> None:
        """From now on every call is refused with `error` (token_revoked, account_inactive, invalid_auth)."""
        self._token_error = error
        if error == "token_revoked":
            self.tell(
                "tokens_revoked",
                {"type": "tokens_revoked", "tokens": {"oauth": [self.bot_user], "bot": [self.bot_user]}},
            )

    def uninstall(self) -> None:
        """Somebody removes the app from the workspace: it is told, and its token is dead."""
        self.tell("app_uninstalled", {"type": "app_uninstalled", "event_ts": self.new_ts()})
        self.revoke_token()
        self._token_error = "account_inactive"

    def restore_token(self) -> None:
        """The token works again."""
        self._token_error = None

    # --- the Web API ---

    async def _api(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        params = request[PARSED]
        try:
            method = METHODS.get(name)
            if method is None:
                self.wire.unexpected.append(f"slack {request.method} {request.path}")
                raise Refusal("unknown_method", req_method=name)
            if "_unreadable" in params:
                raise Refusal("invalid_json")
            self._authorise(name, request, params)
            need = limits.SCOPES.get(name)
            if need is not None and self.scopes is not None and need not in self.scopes:
                raise Refusal("missing_scope", needed=need, provided=",".join(sorted(self.scopes)))
            if self.strict_rates:
                self._pace(name, params)
            answer = method(self, params, request[LAG])
            if name == "chat.postMessage":
                self._count_post(str(params.get("channel")))
            return self._answer(request, {"ok": True, **answer})
        except Refusal as no:
            body = {"ok": False, "error": no.error, **no.more}
            return self._answer(request, body, no.status, no.headers)

    async def _take(self, request: web.Request) -> web.Response:
        return await take(self, request)

    async def _give(self, request: web.Request) -> web.Response:
        return give(self, request, self.bot_token if self._token_error is None else "")

    def _answer(
        self, request: web.Request, body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> web.Response:
        request[ANSWER] = body
        headers = dict(headers or {})
        if self.scopes is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(self.scopes))
        return web.Response(
            status=status, text=json.dumps(body), content_type="application/json", headers=headers or None
        )

    def _authorise(self, name: str, request: web.Request, params: dict[str, Any]) -> None:
        header = request.headers.get("Authorization", "")
        token = header[7:].strip() if header.lower().startswith("bearer ") else params.get("token")
        if not token:
            raise Refusal("not_authed")
        wanted, other = self.bot_token, self.app_token
        if name in APP_TOKEN_METHODS:
            wanted, other = other, wanted
        if token == other:
            raise Refusal("not_allowed_token_type")
        if token != wanted:
            raise Refusal("invalid_auth")
        if self._token_error is not None:
            raise Refusal(self._token_error)

    def _pace(self, name: str, params: dict[str, Any]) -> None:
        """Slack's rates, in story time: 429 with whole seconds in Retry-After. A refused post does not count as one."""
        at = micros(self.now())
        if name == "chat.postMessage":
            free = self._posts.get(str(params.get("channel")), 0)
            if free > at:
                self._too_fast(free - at)
            return
        allowed = limits.PER_MINUTE.get(name)
        if allowed is None:
            return
        calls = self._calls.setdefault(name, deque())
        while calls and calls[0] <= at - 60_000_000:
            calls.popleft()
        if len(calls) >= allowed:
            self._too_fast(calls[0] + 60_000_000 - at)
        calls.append(at)

    def _count_post(self, channel: str) -> None:
        earliest = micros(self.now()) - (self.burst - 1) * limits.POST_INTERVAL
        self._posts[channel] = max(self._posts.get(channel, 0), earliest) + limits.POST_INTERVAL

    def _too_fast(self, wait: int) -> None:
        seconds = max(1, math.ceil(wait / 1_000_000))
        raise Refusal("ratelimited", status=429, headers={"Retry-After": str(seconds)})

    async def _nowhere(self, request: web.Request) -> web.Response:
        self.wire.unexpected.append(f"slack {request.method} {request.path}")
        return web.Response(status=404, text="Not Found")

    # --- response_url ---

    async def _respond(self, request: web.Request) -> web.Response:
        address = self.addresses.get(request.path.lstrip("/"))
        if address is None:
            return self._answer(request, {"ok": False, "error": "invalid_url"}, 404)
        age = micros(self.now()) - address.made
        if age > limits.RESPONSE_URL_MINUTES * 60 * 1_000_000:
            return self._answer(request, {"ok": False, "error": "expired_url"}, 404)
        if address.uses >= limits.RESPONSE_URL_USES:
            return self._answer(request, {"ok": False, "error": "used_url"}, 404)
        params = request[PARSED]
        if "payload" in params and isinstance(params["payload"], str):
            params = json.loads(params["payload"])
        wrong = self._wrong_response(address, params)
        if wrong is not None:
            return self._answer(request, {"ok": False, **wrong}, 400)
        address.uses += 1
        self._responded(address, params)
        return self._answer(request, {"ok": True})

    def _wrong_response(self, address: Address, params: dict[str, Any]) -> dict[str, Any] | None:
        if params.get("delete_original"):
            return None
        if not params.get("text") and not params.get("blocks"):
            return {"error": "no_text"}
        wrong = block_kit.check_message(params["blocks"]) if params.get("blocks") else []
        if wrong:
            return {"error": "invalid_blocks", "response_metadata": {"messages": wrong}}
        if block_kit.text_length(params.get("blocks")) > limits.BLOCKS_TEXT:
            return {"error": "msg_blocks_too_long"}
        if len(str(params.get("text") or "")) > limits.TEXT:
            return {"error": "msg_too_long"}
        return None

    def _responded(self, address: Address, params: dict[str, Any]) -> None:
        channel = self.channels[address.channel]
        if params.get("delete_original"):
            if address.ts is not None and address.ephemeral:
                self.replace_only(address.user, address.ts, None)
            elif address.ts is not None:
                self.remove(channel, address.ts)
            return
        message = self.bot_message(str(params.get("text") or ""), params.get("blocks") or None)
        if params.get("replace_original") and address.ts is not None:
            if address.ephemeral:
                if self.replace_only(address.user, address.ts, message):
                    return
            elif address.ts in channel.messages:
                old = channel.messages[address.ts]
                new = {**old, "text": message["text"]}
                new.pop("blocks", None)
                if "blocks" in message:
                    new["blocks"] = message["blocks"]
                self.rewrite(channel, address.ts, new, self.bot_user)
                return
        thread_ts = params.get("thread_ts") or (address.thread_ts if address.ephemeral else None)
        if params.get("response_type") == "in_channel":
            self.post(channel, message, thread_ts=str(thread_ts) if thread_ts else None)
        else:
            self.show_only(address.user, channel.id, message, str(thread_ts) if thread_ts else None)

    # --- the control door ---

    async def _control_call(self, request: web.Request) -> web.Response:
        """Call a public method (or read or set a public value) of a stand-in or the wire, from another process."""
        asked = await request.json()
        target = self.targets.get(asked.get("target", "slack"))
        name = str(asked.get("method", ""))
        if target is None or not name or name.startswith("_") or name in ("start", "stop") or not hasattr(target, name):
            return web.json_response({"ok": False, "error": f"no such method: {name}"}, status=404)
        args = asked.get("args") or {}
        if isinstance(args, dict):
            args = {key: b64decode(one["base64"]) if _is_bytes(one) else one for key, one in args.items()}
        try:
            value = getattr(target, name)
            if callable(value):
                value = value(*args) if isinstance(args, list) else value(**args)
                if hasattr(value, "__await__"):
                    value = await value
            elif isinstance(args, dict) and "value" in args:
                setattr(target, name, args["value"])
                value = args["value"]
        except Exception as why:
            return web.json_response({"ok": False, "error": f"{type(why).__name__}: {why}"}, status=400)
        return web.json_response({"ok": True, "result": _plain(value)})

    async def _control_records(self, request: web.Request) -> web.Response:
        """Every request that the wire recorded, in the form of WIRE.jsonl; `?since=` skips the first ones."""
        since = int(request.query.get("since", "0"))
        records = [record.as_json() for record in self.wire.records[since:]]
        return web.json_response({"ok": True, "records": _plain(records), "unexpected": self.wire.unexpected})


def _plain(value: Any) -> Any:
    """A value as JSON can carry it."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return repr(value)


def _is_bytes(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"base64"}
