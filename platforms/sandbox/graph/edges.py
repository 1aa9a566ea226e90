"""How the Page's things look to an API client: fields of each node, lists on each edge, and their pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from platforms.sandbox.graph.errors import nonexisting_field, parameter, unknown_path
from platforms.sandbox.graph.fields import Field, read_fields
from platforms.sandbox.graph.page import Conversation, Page, Person, Said, Thing

Node = Person | Thing | Conversation | Said
MOST = 100
"""The longest page of any edge here."""
DEFAULT_LIMIT = 25


def wire_time(at: datetime) -> str:
    """Graph's form of a time: seconds, and +0000 without a colon."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


class Reader:
    """Shows nodes and edges of one Page for one request."""

    def __init__(self, page: Page, base: str, echoed: Mapping[str, str]) -> None:
        self.page = page
        self.base = base
        """Where `next` leads: scheme, host and version."""
        self.echoed = echoed
        """Parameters that every `next` repeats (the token, where it came as one)."""
        self.permissions: set[str] = set()
        """What the answer needed; the server checks it against what the token was granted."""

    # nodes

    def type_of(self, node: Node) -> str:
        """Graph's name of the node's type."""
        if isinstance(node, Person):
            return "Page" if node is self.page.me else "User"
        if isinstance(node, Thing):
            return "Comment" if node.kind == "comment" else "Post"
        return "UnifiedThread" if isinstance(node, Conversation) else "Message"

    def node(self, node: Node, fields: Sequence[Field] | None = None) -> dict[str, Any]:
        """The node with the fields that were asked for, or its default ones; `id` always."""
        kind = self.type_of(node)
        wanted = fields or [Field(name) for name in DEFAULTS[kind]]
        out: dict[str, Any] = {}
        for field in wanted:
            if field.name in EDGES[kind]:
                listed = self.edge(node, field.name, field.modifiers, field.inner)
                if listed["data"] or "summary" in listed:
                    out[field.name] = listed
                continue
            show = FIELDS[kind].get(field.name)
            if show is None:
                raise nonexisting_field(field.name, kind)
            if (permission := NEEDS.get((kind, field.name))) is not None:
                self.permissions.add(permission)
            value = show(self.page, node)
            if field.inner is not None and isinstance(value, dict):
                value = {inner.name: value[inner.name] for inner in field.inner if inner.name in value}
            if value is not None:
                out[field.name] = value
        out["id"] = node.id
        return out

    # edges

    def has_edge(self, node: Node, name: str) -> bool:
        return name in EDGES[self.type_of(node)]

    def edge(
        self, node: Node, name: str, params: Mapping[str, str], inner: Sequence[Field] | None = None
    ) -> dict[str, Any]:
        """One page of an edge: data, paging cursors, and `next` where there is more."""
        kind = self.type_of(node)
        if name not in EDGES[kind]:
            raise unknown_path(f"/{name}")
        permission, listing = EDGES[kind][name]
        self.permissions.add(permission)
        if inner is None and params.get("fields"):
            inner = read_fields(params["fields"])
        found = listing(self.page, node, params)
        total = len(found)
        limit = _limit(params.get("limit"))
        start = 0
        if after := params.get("after"):
            start = _position(found, after) + 1
        elif before := params.get("before"):
            end = _position(found, before)
            start, found = max(0, end - limit), found[:end]
        shown = found[start : start + limit]
        answer: dict[str, Any] = {"data": [self.node(one, inner) for one in shown]}
        if shown:
            paging: dict[str, Any] = {"cursors": {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}}
            repeated = {key: value for key, value in params.items() if key not in NOT_REPEATED} | dict(self.echoed)
            place = f"{self.base}/{node.id}/{name}?"
            if start + limit < len(found):
                query = {**repeated, "limit": str(limit), "after": paging["cursors"]["after"]}
                paging["next"] = place + urlencode(query)
            if start > 0:
                query = {**repeated, "limit": str(limit), "before": paging["cursors"]["before"]}
                paging["previous"] = place + urlencode(query)
            answer["paging"] = paging
        if params.get("summary") in ("1", "true", "total_count") and name == "comments":
            answer["summary"] = {"order": params.get("order", "chronological"), "total_count": total}
        return answer


NOT_REPEATED = frozenset({"access_token", "appsecret_proof", "after", "before", "limit", "__before__"})


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not str(text).isascii() or not str(text).isdigit() or int(text) < 1:
        raise parameter("Param limit must be an integer greater than zero")
    return min(int(text), MOST)


def _cursor(node: Node) -> str:
    mark = str(node.seq) if isinstance(node, Thing | Said) else node.id
    return base64.urlsafe_b64encode(f"at:{mark}".encode()).decode().rstrip("=")


def _position(found: Sequence[Node], cursor: str) -> int:
    """Where the cursor's node stands, or stood before it was removed."""
    try:
        mark = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        mark = ""
    if not mark.startswith("at:"):
        raise parameter("Invalid cursors values. Please use the cursors returned by the API")
    mark = mark[3:]
    for index, node in enumerate(found):
        if (str(node.seq) if isinstance(node, Thing | Said) else node.id) == mark:
            return index
    if mark.isdigit():
        seqs = [node.seq for node in found if isinstance(node, Thing | Said)]
        newest_first = len(seqs) > 1 and seqs[0] > seqs[-1]
        return sum(seq > int(mark) if newest_first else seq < int(mark) for seq in seqs) - 1
    return -1


def _when(text: str) -> datetime:
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise parameter("Param since must be a valid timestamp or strtotime() value") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _between(things: list[Thing], params: Mapping[str, str]) -> list[Thing]:
    """Graph's times have whole seconds, so `since` and `until` compare those."""
    if since := params.get("since"):
        start = _when(since)
        things = [thing for thing in things if thing.at.replace(microsecond=0) >= start]
    if until := params.get("until"):
        end = _when(until)
        things = [thing for thing in things if thing.at.replace(microsecond=0) <= end]
    return things


def _posts(*kinds: str) -> Callable[[Page, Any, Mapping[str, str]], list[Thing]]:
    def listing(page: Page, node: Any, params: Mapping[str, str]) -> list[Thing]:
        found = [thing for thing in page.alive() if thing.kind in kinds]
        return _between(found[::-1], params)

    return listing


def _comments(page: Page, node: Any, params: Mapping[str, str]) -> list[Thing]:
    scope = params.get("filter", "toplevel")
    if scope not in ("toplevel", "stream"):
        raise parameter("Param filter must be one of {toplevel, stream}")
    order = params.get("order", "chronological")
    if order not in ("chronological", "reverse_chronological", "ranked"):
        raise parameter("Param order must be one of {chronological, reverse_chronological}")
    found = page.below(node, stream=scope == "stream")
    return _between(found[::-1] if order == "reverse_chronological" else found, params)


def _conversations(page: Page, node: Any, params: Mapping[str, str]) -> list[Conversation]:
    """Newest talk first. There is no paging by time on this edge: `since` is not looked at."""
    if params.get("platform", "messenger").lower() != "messenger":
        return []
    found = [talk for talk in page.conversations.values() if page.said_in(talk)]
    if who := params.get("user_id"):
        found = [talk for talk in found if talk.person.id == who]
    return sorted(found, key=lambda talk: page.said_in(talk)[-1].seq, reverse=True)


def _messages(page: Page, node: Any, params: Mapping[str, str]) -> list[Said]:
    return page.said_in(node)[::-1]


def _from(page: Page, thing: Thing) -> dict[str, str] | None:
    return None if thing.author.nameless else {"name": thing.author.name, "id": thing.author.id}


def _in_messenger(person: Person) -> dict[str, str]:
    return {"name": person.name, "email": f"{person.id}@facebook.com", "id": person.id}


def _link(page: Page, thing: Thing) -> str:
    return _link_of(thing)


def _link_of(thing: Thing) -> str:
    place = f"https://www.facebook.com/{thing.post or thing.id}"
    return place if thing.kind != "comment" else f"{place}?comment_id={thing.id.partition('_')[2]}"


def _parent(page: Page, thing: Thing) -> dict[str, Any] | None:
    """Replies name the comment above; a top comment has no `parent`."""
    if thing.parent == thing.post or thing.parent is None:
        return None
    above = page.things[thing.parent]
    return {"created_time": wire_time(above.at), "message": above.text, "id": above.id}


def _can_reply_privately(page: Page, thing: Thing) -> bool:
    fresh = (page.now() - thing.at).total_seconds() <= 7 * 86400
    return not thing.by_page and not thing.privately_answered and fresh


def _media(thing: Thing) -> list[dict[str, Any]]:
    return [
        {"media": {"image": {"height": 480, "src": src, "width": 720}}, "type": "photo", "url": _link_of(thing)}
        for src in thing.pictures
    ]


def _files(said: Said) -> list[dict[str, Any]]:
    return [
        {"id": f"{said.seq}{place}", "mime_type": "image/jpeg", "image_data": {"url": src, "preview_url": src}}
        for place, src in enumerate(said.pictures)
    ]


Show = Callable[[Page, Any], Any]
FIELDS: dict[str, dict[str, Show]] = {
    "Page": {
        "id": lambda page, node: node.id,
        "name": lambda page, node: node.name,
        "link": lambda page, node: f"https://www.facebook.com/{node.id}",
        "username": lambda page, node: node.name.lower().replace(" ", ""),
    },
    "User": {
        "id": lambda page, node: node.id,
        "name": lambda page, node: node.name,
        "first_name": lambda page, node: node.name.split(" ")[0],
        "last_name": lambda page, node: node.name.partition(" ")[2] or None,
    },
    "Post": {
        "id": lambda page, node: node.id,
        "created_time": lambda page, node: wire_time(node.at),
        "updated_time": lambda page, node: wire_time(node.updated or node.at),
        "message": lambda page, node: node.text or None,
        "from": _from,
        "permalink_url": _link,
        "is_hidden": lambda page, node: node.hidden,
        "attachments": lambda page, node: {"data": _media(node)} if node.pictures else None,
        "can_reply_privately": _can_reply_privately,
    },
    "Comment": {
        "id": lambda page, node: node.id,
        "created_time": lambda page, node: wire_time(node.at),
        "message": lambda page, node: node.text,
        "from": _from,
        "permalink_url": _link,
        "parent": _parent,
        "is_hidden": lambda page, node: node.hidden,
        "attachment": lambda page, node: _media(node)[0] if node.pictures else None,
        "can_reply_privately": _can_reply_privately,
        "can_comment": lambda page, node: True,
        "comment_count": lambda page, node: len(page.below(node, stream=False)),
        "object": lambda page, node: {"id": node.post},
    },
    "UnifiedThread": {
        "id": lambda page, node: node.id,
        "updated_time": lambda page, node: wire_time(page.said_in(node)[-1].at),
        "link": lambda page, node: f"/{page.me.id}/inbox/{node.id[2:]}/",
        "participants": lambda page, node: {"data": [_in_messenger(node.person), _in_messenger(page.me)]},
        "senders": lambda page, node: {"data": [_in_messenger(node.person), _in_messenger(page.me)]},
        "snippet": lambda page, node: page.said_in(node)[-1].text[:100],
        "message_count": lambda page, node: len(page.said_in(node)),
        "can_reply": lambda page, node: True,
    },
    "Message": {
        "id": lambda page, node: node.id,
        "created_time": lambda page, node: wire_time(node.at),
        "message": lambda page, node: node.text,
        "from": lambda page, node: _in_messenger(node.author),
        "to": lambda page, node: {"data": [_in_messenger(node.to)]},
        "attachments": lambda page, node: {"data": _files(node)} if node.pictures else None,
        "sticker": lambda page, node: None,
        "shares": lambda page, node: None,
    },
}
DEFAULTS: dict[str, tuple[str, ...]] = {
    "Page": ("name",),
    "User": ("first_name", "last_name"),
    "Post": ("created_time", "message"),
    "Comment": ("created_time", "from", "message"),
    "UnifiedThread": ("link", "updated_time"),
    "Message": ("created_time",),
}
Listing = Callable[[Page, Any, Mapping[str, str]], Sequence[Node]]
EDGES: dict[str, dict[str, tuple[str, Listing]]] = {
    "Page": {
        "feed": ("pages_read_engagement", _posts("post", "visitor_post")),
        "posts": ("pages_read_engagement", _posts("post")),
        "visitor_posts": ("pages_read_user_content", _posts("visitor_post")),
        "tagged": ("pages_read_user_content", _posts("visitor_post")),
        "conversations": ("pages_messaging", _conversations),
    },
    "Post": {"comments": ("pages_read_user_content", _comments)},
    "Comment": {"comments": ("pages_read_user_content", _comments)},
    "UnifiedThread": {"messages": ("pages_messaging", _messages)},
    "User": {},
    "Message": {},
}
NEEDS = {
    ("Comment", "message"): "pages_read_user_content",
    ("Message", "message"): "pages_messaging",
    ("UnifiedThread", "participants"): "pages_messaging",
}
