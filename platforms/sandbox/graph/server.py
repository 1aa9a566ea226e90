"""The Graph stand-in's HTTP side: versions, tokens, rates, routing, and the usage headers."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from platforms.sandbox.graph.edges import Node, Reader
from platforms.sandbox.graph.errors import (
    TOKEN_TROUBLE,
    GraphError,
    gone,
    missing_permission,
    parameter,
    sunset,
    unknown_path,
)
from platforms.sandbox.graph.fields import read_fields
from platforms.sandbox.graph.hooks import Hooks
from platforms.sandbox.graph.page import PICTURES, Page, Thing, Upload
from platforms.sandbox.graph.send import send, take_attachment
from platforms.sandbox.wire import ANSWER, LAG, PARSED, Wire, serve

PERMISSIONS = (
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_posts",
    "pages_messaging",
    "human_agent",
)
COMMENT_LIMIT = 8_000
POST_LIMIT = 63_206
DUPLICATE_WITHIN = timedelta(hours=1)
PHOTO_LIMIT = 4_000_000
"""Bytes of a photo (Photo reference)."""
CALLS_PER_HOUR = 4_800
"""Calls of one token in an hour of story time before error 4."""


class Graph(Page):
    """One Page behind graph.facebook.com. Story time comes from `now`; requests are recorded on `wire` as "graph".

    `token_trouble`: None, or (subcode,) after `revoke_token`. `require_proof`: calls without appsecret_proof are
    refused. `usage` and `business_usage` override the percentages in the usage headers.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        wire: Wire,
        page_id: str = "2000",
        page_name: str = "Acme",
        token: str = "EAA-sandbox",
        app_secret: str = "sandbox-app-secret",
        versions: Sequence[str] = ("v22.0", "v23.0"),
        app_id: str = "4000",
    ) -> None:
        super().__init__(now, page_id, page_name)
        self.wire = wire
        self.token = token
        self.app_secret = app_secret
        self.versions = tuple(versions)
        self.permissions = set(PERMISSIONS)
        self.require_proof = False
        self.calls_per_hour = CALLS_PER_HOUR
        self.usage: dict[str, int] = {}
        """Percentages for X-App-Usage and X-Page-Usage: "app", "page"; unset ones are counted."""
        self.business_usage: int | None = None
        self.throttled: int | None = None
        """4, 17, 32 or 613: every call is refused with it; None: nobody is throttled but by `calls_per_hour`."""
        self.url = ""
        self.hooks = Hooks(self, app_secret, app_id)
        self._token_subcode: tuple[int | None] | None = None
        self._calls: deque[datetime] = deque()
        self._traces = itertools.count(1)
        self._files: dict[str, Upload] = {}
        self._runner: web.AppRunner | None = None

    # life

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; `url` then stands for https://graph.facebook.com."""
        app = web.Application(middlewares=[self.wire.middleware("graph")], client_max_size=32 * 2**20)
        app.router.add_get(f"/{PICTURES}/v/{{name}}", self._picture)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner, taken = await serve(app, host, port)
        self.url = f"http://{host}:{taken}"

    async def stop(self) -> None:
        """Stop listening; what the Page holds stays."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def revoke_token(self, subcode: int | None = 460) -> None:
        """The token is refused from now on with 190 and this subcode; `token = …` gives a new one its chance."""
        self._token_subcode = (subcode,)

    def accept_token(self, token: str | None = None) -> None:
        """The token (a new one, where given) works again."""
        self.token = token or self.token
        self._token_subcode = None

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        """Meta's host for pictures: no token is asked for, and none belongs here."""
        if request.headers.get("Authorization"):
            self.wire.unexpected.append(f"graph: a token at the host of pictures: {request.path}")
        data = self.stored.get(request.match_info["name"])
        request[ANSWER] = "no such picture" if data is None else f"<{len(data)} bytes>"
        if data is None:
            return web.Response(status=404, text="")
        return web.Response(body=data, content_type="image/jpeg")

    # one request

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        params: dict[str, Any] = request[PARSED]
        version = self.versions[0]
        try:
            version, path = self._version(request.path)
            self._admit(request, params)
            self.lag = timedelta(seconds=request[LAG])
            self._files = await _files_of(request)
            status, body = 200, self._route(request.method, version, path, params)
        except GraphError as refusal:
            status, body = refusal.status, refusal.body(f"A{next(self._traces):010d}")
        finally:
            self.lag = timedelta()
        headers = {"facebook-api-version": version, "x-fb-trace-id": f"{next(self._traces):08d}", **self._usage()}
        if status != 200:
            headers["WWW-Authenticate"] = f'OAuth "Facebook Platform" "invalid_request" "(#{body["error"]["code"]})"'
        text = json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json", charset="UTF-8", headers=headers)

    def _version(self, path: str) -> tuple[str, list[str]]:
        parts = [part for part in path.split("/") if part]
        if not parts or not re.fullmatch(r"v\d+(\.\d+)?", parts[0]):
            return self.versions[0], parts
        asked = parts.pop(0)
        if asked in self.versions:
            return asked, parts
        if _number(asked) < _number(self.versions[0]) and re.fullmatch(r"v\d+\.\d{1,2}", asked):
            raise sunset(self.versions[-1])
        raise unknown_path("/" + "/".join(parts))

    def _admit(self, request: web.Request, params: Mapping[str, Any]) -> None:
        """Token, proof and rates, in this order."""
        header = request.headers.get("Authorization", "")
        scheme, _, carried = header.partition(" ")
        token = params.get("access_token") or (carried if scheme in ("Bearer", "OAuth") else "")
        if not token:
            raise GraphError(104, "An access token is required to request this resource.")
        if self._token_subcode is not None:
            subcode = self._token_subcode[0]
            raise GraphError(190, TOKEN_TROUBLE.get(subcode, TOKEN_TROUBLE[None]), subcode=subcode)
        if not hmac.compare_digest(str(token).encode(), self.token.encode()):
            raise GraphError(190, TOKEN_TROUBLE[None])
        proof = params.get("appsecret_proof")
        if proof is None and self.require_proof:
            raise GraphError(
                100, "API calls from the server require an appsecret_proof argument", kind="GraphMethodException"
            )
        expected = hmac.new(self.app_secret.encode(), str(token).encode(), hashlib.sha256).hexdigest()
        if proof is not None and not hmac.compare_digest(str(proof).encode(), expected.encode()):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException")
        if self.throttled is not None:
            raise GraphError(self.throttled, transient=self.throttled in (4, 17))
        now = self.now()
        while self._calls and self._calls[0] <= now - timedelta(hours=1):
            self._calls.popleft()
        if len(self._calls) >= self.calls_per_hour:
            raise GraphError(4, transient=True)
        self._calls.append(now)

    def _usage(self) -> dict[str, str]:
        counted = 100 * len(self._calls) // self.calls_per_hour
        app = self.usage.get("app", counted)
        headers = {"X-App-Usage": json.dumps({"call_count": app, "total_time": app, "total_cputime": app})}
        if "page" in self.usage:
            page = self.usage["page"]
            headers["X-Page-Usage"] = json.dumps({"call_count": page, "total_time": page, "total_cputime": page})
        if self.business_usage is not None:
            entry = {
                "type": "pages",
                "call_count": self.business_usage,
                "total_cputime": self.business_usage,
                "total_time": self.business_usage,
                "estimated_time_to_regain_access": 60 if self.business_usage >= 100 else 0,
            }
            headers["X-Business-Use-Case-Usage"] = json.dumps({self.me.id: [entry]})
        return headers

    # routing

    def _route(self, method: str, version: str, path: list[str], params: Mapping[str, Any]) -> Any:
        if len(path) not in (1, 2) or method not in ("GET", "POST", "DELETE"):
            raise self._unexpected(method, path)
        node = self._node(path[0])
        edge = path[1] if len(path) == 2 else ""
        if node is None:
            if edge and not any(edge in names for names in NAMED.values()):
                raise self._unexpected(method, path)
            raise gone(method, path[0])
        if method == "GET":
            return self._get(node, edge, version, params, path)
        if method == "DELETE":
            return self._delete(node, edge, path)
        return self._post_to(node, edge, params, path)

    def _unexpected(self, method: str, path: list[str]) -> GraphError:
        self.wire.unexpected.append(f"graph {method} /{'/'.join(path)}")
        return unknown_path("/" + "/".join(path))

    def _node(self, node_id: str) -> Node | None:
        if node_id in ("me", self.me.id):
            return self.me
        thing = self.things.get(node_id)
        if thing is not None:
            return None if thing.deleted or thing.visible > self.now() else thing
        if node_id in self.people:
            return self.people[node_id]
        for conversation in self.conversations.values():
            if conversation.id == node_id:
                return conversation if self.said_in(conversation) else None
        said = self.said(node_id)
        return said if said is not None and not said.deleted and said.visible <= self.now() else None

    def _get(self, node: Node, edge: str, version: str, params: Mapping[str, Any], path: list[str]) -> Any:
        echoed = {"access_token": params["access_token"]} if "access_token" in params else {}
        reader = Reader(self, f"{self.url}/{version}", echoed)
        asked = {key: str(value) for key, value in params.items()}
        if edge:
            if not reader.has_edge(node, edge):
                raise self._unexpected("GET", path)
            answer = reader.edge(node, edge, asked)
        else:
            answer = reader.node(node, read_fields(asked["fields"]) if asked.get("fields") else None)
        for permission in sorted(reader.permissions):
            self._need(permission)
        return answer

    def _delete(self, node: Node, edge: str, path: list[str]) -> Any:
        if edge or not isinstance(node, Thing):
            raise self._unexpected("DELETE", path)
        self._need("pages_manage_engagement" if node.kind == "comment" else "pages_manage_posts")
        self.remove(node)
        return {"success": True}

    def _post_to(self, node: Node, edge: str, params: Mapping[str, Any], path: list[str]) -> Any:
        if isinstance(node, Thing) and edge == "comments":
            self._need("pages_manage_engagement")
            text = _message(params, COMMENT_LIMIT)
            self._refuse_duplicate(text, node.id)
            photo = self.photos.get(str(params.get("attachment_id")))
            if "attachment_id" in params and photo is None:
                raise parameter("(#100) Param attachment_id must be a valid ID")
            return {"id": self.publish_comment(text, node, photo).id}
        if node is self.me and edge == "photos":
            self._need("pages_manage_posts")
            return self._take_photo(params)
        if node is self.me and edge == "message_attachments":
            self._need("pages_messaging")
            return {"attachment_id": take_attachment(self, params, self._files)}
        if node is self.me and edge == "feed":
            self._need("pages_manage_posts")
            text = _message(params, POST_LIMIT)
            self._refuse_duplicate(text, None)
            return {"id": self.publish_post(text).id}
        if node is self.me and edge == "messages":
            self._need("pages_messaging")
            person, said = send(self, params, self.permissions)
            return {"recipient_id": person.id, "message_id": said.id}
        if isinstance(node, Thing) and not edge:
            return self._change(node, params)
        raise self._unexpected("POST", path)

    def _take_photo(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A photo that stands nowhere: for a comment. One that is published at once the desk never wants."""
        file = self._files.get("source")
        if file is None or str(params.get("published")).lower() != "false":
            raise parameter("(#324) Requires upload file")
        if not file.mime.startswith("image/") or not file.data.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8")):
            raise GraphError(324, "(#324) Missing or invalid image file")
        if len(file.data) > PHOTO_LIMIT:
            raise parameter("Invalid image size")
        key = str(122_000_000 + len(self.photos))
        self.photos[key] = (self.picture(file.data, file.name), str(params.get("alt_text_custom") or ""))
        return {"id": key}

    def _change(self, node: Thing, params: Mapping[str, Any]) -> dict[str, Any]:
        """Our own words may be changed; anybody's comment may be hidden."""
        self._need("pages_manage_engagement" if node.kind == "comment" else "pages_manage_posts")
        if "is_hidden" in params:
            node.hidden = str(params["is_hidden"]).lower() in ("true", "1")
            self.tell("hidden", id=node.id, hidden=node.hidden)
        if "message" in params:
            if not node.by_page:
                raise GraphError(200)
            node.text = _message(params, COMMENT_LIMIT if node.kind == "comment" else POST_LIMIT)
            node.edited = True
            self.tell("edited", id=node.id, text=node.text)
        if "is_hidden" not in params and "message" not in params:
            raise parameter("Nothing to change: message or is_hidden must be given")
        return {"success": True}

    def _need(self, permission: str) -> None:
        if permission not in self.permissions:
            raise missing_permission(permission)

    def _refuse_duplicate(self, text: str, on: str | None) -> None:
        since = self.now() - DUPLICATE_WITHIN
        for thing in reversed(self.things.values()):
            if thing.at < since:
                return
            same_place = thing.on == on and (on is not None or thing.kind == "post")
            if thing.by_page and not thing.deleted and same_place and _folded(thing.text) == _folded(text):
                raise GraphError(506)


NAMED = {
    "GET": ("feed", "posts", "visitor_posts", "tagged", "comments", "conversations", "messages"),
    "POST": ("comments", "feed", "messages", "message_attachments", "photos"),
}


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version[1:].split("."))


def _message(params: Mapping[str, Any], limit: int) -> str:
    text = params.get("message")
    if not isinstance(text, str) or not text.strip():
        raise parameter("Missing message or attachment")
    if len(text) > limit:
        raise parameter(f"Length of param message must be less than or equal to {limit}")
    return text


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


async def _files_of(request: web.Request) -> dict[str, Upload]:
    """The files of a multipart call, by their field."""
    if not request.content_type.startswith("multipart/"):
        return {}
    form = await request.post()
    return {
        key: Upload(one.filename, one.content_type, one.file.read())
        for key, one in form.items()
        if isinstance(one, web.FileField)
    }
