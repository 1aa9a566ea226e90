"""How Meta calls us about the Page: its question, its signature, and its entries as the desk's messages."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.model.errors import Refused
from desk.model.message import Account, Author, Delivered, Greeting, Message
from platforms.facebook import FacebookPlatform
from platforms.facebook_sweep import NAME

SIGNATURE = "x-hub-signature-256"
"""The SHA-1 header that Meta sends beside it is not looked at."""
_SIGNED = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9._-]{1,256}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_.:$=-]{1,300}", re.ASCII)
EARLY = timedelta(minutes=10)
"""A time further ahead of ours makes no sense."""
KNOWN = 5_000
"""Posts and people whose author or name is remembered, so that Graph is asked once."""
POST_ITEMS = frozenset({"post", "status", "photo", "video", "share", "link", "album", "note"})
CHANGED = {"add": "add", "edited": "edited", "edit": "edited", "remove": "remove", "delete": "remove"}
"""Meta's verbs that change what somebody said; *hide*, *like* and their kind change nothing for us."""


@dataclass(slots=True)
class _Found:
    """What one delivery held, in its order."""

    messages: list[Message] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


class FacebookWebhook:
    """The port `Hook` for one Page. `verify_token` is the owner's own word that Meta repeats in its question."""

    name = NAME

    def __init__(self, platform: FacebookPlatform, app_secret: str, verify_token: str) -> None:
        self._platform = platform
        self._secret = app_secret.encode()
        self._word = verify_token.encode()
        self._visitors: dict[str, bool] = {}
        """Whether a post is a visitor's, by its id."""
        self._people: dict[str, tuple[str, str]] = {}
        """Name and inbox address of people in Messenger, by their id."""

    def greet(self, query: Mapping[str, str]) -> Greeting:
        """Meta's question at the subscription: 403 for another word, 400 for a challenge that is none."""
        word = query.get("hub.verify_token", "").encode("utf-8", "replace")
        if query.get("hub.mode") != "subscribe" or "hub.challenge" not in query:
            return Greeting(400, "This is no question of Meta's.")
        if not hmac.compare_digest(word, self._word):
            return Greeting(403, "The verify token is another.")
        if not _CHALLENGE.fullmatch(query["hub.challenge"]):
            return Greeting(400, "This is no challenge of Meta's.")
        return Greeting(200, query["hub.challenge"])

    def genuine(self, raw: bytes, headers: Mapping[str, Sequence[str]]) -> bool:
        signed = [_SIGNED.fullmatch(one) for one in headers.get(SIGNATURE, ())]
        if len(signed) != 1 or signed[0] is None:
            return False
        ours = hmac.new(self._secret, raw, hashlib.sha256).hexdigest()
        return hmac.compare_digest(ours.encode(), signed[0][1].encode())

    async def read(self, body: Any) -> Delivered:
        """Comments, visitors' posts and messages, with their edits and removals; likes, receipts and what concerns
        another Page are passed over. Asks Graph whose a post is, and how somebody is called, once each."""
        me = await self._platform.me()
        found = _Found()
        entries = body.get("entry") if isinstance(body, dict) and body.get("object") == "page" else None
        if not isinstance(entries, list):
            return Delivered()
        for entry in entries:
            if not isinstance(entry, dict):
                self._odd(found, entry, "no object")
                continue
            if str(entry.get("id")) != me.remote_id:
                continue
            for kind, read in (("changes", self._change), ("messaging", self._said)):
                items = entry.get(kind, [])
                if not isinstance(items, list):
                    self._odd(found, entry, f"{kind} is no list")
                    continue
                for item in items:
                    try:
                        message = await read(item, me)
                    except (KeyError, TypeError, ValueError, AttributeError) as error:
                        self._odd(found, item, error.args[0] if error.args else type(error).__name__)
                    else:
                        if message is not None:
                            found.messages.append(message)
                            found.keys.append(_key(item))
        return Delivered(tuple(found.messages), tuple(found.keys), tuple(found.broken))

    def _odd(self, found: _Found, item: Any, why: object) -> None:
        """What cannot be read, by its id or, where that is what is wrong, by its fingerprint."""
        value = item.get("value", item.get("message", item)) if isinstance(item, dict) else {}
        value = value if isinstance(value, dict) else {}
        names = ("comment_id", "mid") if value.get("item") in ("comment", None) else ("post_id",)
        ids = [value[name] for name in names if isinstance(value.get(name), str) and value[name]]
        name = ids[0][:100] if ids else f"webhook {_key(item)[:12]}"
        found.broken.append(f"{name}: {str(why)[:60]}")

    # what stands on the Page

    async def _change(self, item: dict[str, Any], me: Account) -> Message | None:
        value = item["value"]
        if item.get("field") != "feed" or value.get("verb") not in CHANGED:
            return None
        verb, what = CHANGED[value["verb"]], value.get("item")
        if what == "comment":
            return await self._comment(value, verb, me)
        if what in POST_ITEMS:
            return self._post(value, verb, me)
        return None

    async def _comment(self, value: dict[str, Any], verb: str, me: Account) -> Message:
        comment, post = _id(value, "comment_id"), _id(value, "post_id")
        parent = _id(value, "parent_id") if value.get("parent_id") is not None else post
        above = None if _same_post(parent, post) else parent
        author = _author(value, verb)
        # A removal need not be placed: the desk knows the comment, or there is nothing to remove.
        visitor = verb != "remove" and await self._is_visitors(post, me)
        reply_to = above or (post if visitor else None)
        return Message(
            platform=NAME,
            account=me.remote_id,
            remote_id=comment,
            conversation=f"post:{post if visitor else above or comment}",
            kind="reply" if reply_to else "comment",
            private=False,
            author=author,
            text=_text(value, verb),
            created_at=_at(value.get("created_time"), self._platform.now()),
            url=f"https://www.facebook.com/{post}?comment_id={comment.rpartition('_')[2]}",
            reply_to=reply_to,
            own=author.remote_id == me.remote_id,
            previous_id=comment if verb == "edited" else None,
            deleted=verb == "remove",
            attachments=_pictures(value),
        )

    def _post(self, value: dict[str, Any], verb: str, me: Account) -> Message | None:
        post = _id(value, "post_id")
        author = _author(value, verb)
        self._know(post, author.remote_id != me.remote_id)
        if author.remote_id == me.remote_id and verb != "remove":
            return None  # What the Page itself posts is nobody's inquiry.
        return Message(
            platform=NAME,
            account=me.remote_id,
            remote_id=post,
            conversation=f"post:{post}",
            kind="visitor post",
            private=False,
            author=author,
            text=_text(value, verb),
            created_at=_at(value.get("created_time"), self._platform.now()),
            url=f"https://www.facebook.com/{post}",
            previous_id=post if verb == "edited" else None,
            deleted=verb == "remove",
            attachments=_pictures(value),
        )

    async def _is_visitors(self, post: str, me: Account) -> bool:
        if post not in self._visitors:
            try:
                writer = (await self._platform.about(post, "from")).get("from") or {}
            except Refused:
                return False  # gone, or hidden from us: nothing more hangs below it
            self._know(post, bool(writer.get("id")) and str(writer["id"]) != me.remote_id)
        return self._visitors[post]

    def _know(self, post: str, visitors: bool) -> None:
        if len(self._visitors) >= KNOWN:
            self._visitors.clear()
        self._visitors[post] = visitors

    # what is said in Messenger

    async def _said(self, item: dict[str, Any], me: Account) -> Message | None:
        said, edited = item.get("message"), item.get("message_edit")
        if said is None and edited is None:
            return None  # read receipts, deliveries, reactions, buttons
        value: dict[str, Any] = said or edited or {}
        own = bool(value.get("is_echo"))
        remote_id = _id(value, "mid")
        customer = _id(item["recipient" if own else "sender"], "id")
        deleted = value.get("is_deleted") is True
        name, link = ("", "") if deleted else await self._person(customer)
        author = Author(me.remote_id, "", me.name) if own else Author(customer, "", name)
        files = [] if deleted else [one for one in value.get("attachments") or () if isinstance(one, dict)]
        return Message(
            platform=NAME,
            account=me.remote_id,
            remote_id=remote_id,
            conversation=f"direct:{customer}",
            kind="message",
            private=True,
            author=author,
            text="" if deleted else _words(value.get("text")),
            created_at=_at(item.get("timestamp"), self._platform.now()),
            url=link or f"https://www.facebook.com/{remote_id}",
            own=own,
            previous_id=remote_id if edited is not None else None,
            deleted=deleted,
            attachments=tuple(str((one.get("payload") or {}).get("url") or one.get("type")) for one in files),
        )

    async def _person(self, customer: str) -> tuple[str, str]:
        """How somebody is called, and where the talk with them is; Meta's call names neither."""
        if customer not in self._people:
            try:
                found = await self._platform.talk_with(customer)
            except Refused:
                found = ("", "")
            if len(self._people) >= KNOWN:
                self._people.clear()
            self._people[customer] = found
        return self._people[customer]


def _key(item: Any) -> str:
    """The fingerprint of one item: the same when it is delivered once more."""
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:32]


def _id(value: Mapping[str, Any], name: str) -> str:
    """An id, which may come as a number. Raises ValueError where it is none: a float has lost its last digits."""
    found = value[name]
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise ValueError(f"{name} is no id")
    return found


def _same_post(parent: str, post: str) -> bool:
    """Whether a comment hangs below the post itself; Meta writes a post's id with the Page's before it, or without."""
    return parent == post or post.endswith(f"_{parent}")


def _author(value: Mapping[str, Any], verb: str) -> Author:
    writer = value.get("from")
    if not isinstance(writer, dict) or writer.get("id") is None:
        return Author("")  # somebody whom the app may not see
    return Author(_id(writer, "id"), "", _words(writer.get("name")))


def _text(value: Mapping[str, Any], verb: str) -> str:
    return "" if verb == "remove" else _words(value.get("message"))


def _words(text: Any) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise TypeError("message is no text")
    return text


def _at(stamp: Any, now: datetime) -> datetime | None:
    """Seconds, or milliseconds in Messenger; None where the time is missing or makes no sense."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return None
    seconds = stamp / 1000 if stamp > 10**11 else stamp
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year >= 2004 and at <= now + EARLY else None


def _pictures(value: Mapping[str, Any]) -> tuple[str, ...]:
    photos = [value.get("photo"), *(value.get("photos") or ())]
    return tuple(one for one in photos if isinstance(one, str))
