"""One look at a Facebook Page: what is new, changed or gone, oldest first, and the cursor that passes just that."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from desk.model.errors import OutsideError, Refused, Unreachable
from desk.model.message import Account, Author, Fetched, Message
from platforms.graph import GraphAPI

T = TypeVar("T")

NAME = "facebook"
FIRST_LOOK = timedelta(hours=24)
"""A first look shows nothing older."""
OVERLAP = timedelta(minutes=10)
"""Each sweep reads again what is this much older than the newest item it knows: things can surface late."""
POSTS = 100
"""How many of the newest posts a sweep looks under; comments below older ones are seen by webhook only."""
WATCHED = 100
"""How many of the newest items the cursor remembers, to notice edits and removals."""
CHECKED = 20
"""How many missing items a sweep asks for by id, to tell removal from being out of reach."""

_COMMENT = "id,from,message,created_time,permalink_url,parent{id},attachment"
_ORDER = "filter(stream).order(reverse_chronological)"
_POST = "id,from,message,created_time,permalink_url,attachments"
_FEED = f"{_POST},comments.limit(25).{_ORDER}{{{_COMMENT}}}"
_SAID = "id,created_time,from,message,attachments,sticker,shares"
_TALK = f"id,updated_time,link,participants,messages.limit(25){{{_SAID}}}"


@dataclass(frozen=True, slots=True)
class _Watched:
    """What the cursor remembers of an item: enough to tell an edit, and to name what was removed."""

    sum: int
    epoch: int
    where: str
    """The post or Messenger thread that lists it."""
    conversation: str
    kind: str
    author: str


@dataclass(slots=True)
class Cursor:
    """How far we have read: the newest time seen, in epoch seconds, for public and private, and what we watch.

    `passed` are ids within the overlap that are too many to be watched: known, and not told again.
    """

    public: int | None = None
    private: int | None = None
    watched: dict[str, _Watched] = field(default_factory=dict)
    passed: frozenset[str] = frozenset()

    def floor(self, private: bool) -> int:
        """The oldest time of interest to the next sweep."""
        return ((self.private if private else self.public) or 0) - int(OVERLAP.total_seconds())

    def __str__(self) -> str:
        """Compact JSON, the same for the same state: a sweep that finds nothing changes nothing."""
        known = sorted(self.watched.items(), key=lambda pair: (pair[1].epoch, pair[0]))
        newest, older = known[-WATCHED:], known[:-WATCHED]
        watched = {key: [w.sum, w.epoch, w.where, w.conversation, w.kind, w.author] for key, w in newest}
        passed = [key for key, w in older if w.epoch >= self.floor(w.conversation.startswith("direct:"))]
        whole = {"v": 1, "public": self.public, "private": self.private, "watched": watched, "passed": passed}
        return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)


def read_cursor(text: str | None) -> Cursor:
    """A cursor as it was stored; None is the start. Raises `Refused` where it is none of ours."""
    if not text:
        return Cursor()
    try:
        whole = json.loads(text)
        watched = {key: _Watched(*kept) for key, kept in whole["watched"].items()}
        return Cursor(whole["public"], whole["private"], watched, frozenset(whole["passed"]))
    except (ValueError, LookupError, TypeError, AttributeError):
        trouble = Refused("The stored place where reading Facebook stopped makes no sense.")
    raise trouble


class Sweep:
    """One look at everything, in a thread. Any error of Graph ends it, so that no cursor passes what was missed."""

    def __init__(self, api: GraphAPI, me: Account, now: datetime, posts: int, cursor: Cursor) -> None:
        self.api = api
        self.me = me
        self.now = now
        self.posts = posts
        self.old = cursor
        self.first = cursor.public is None
        start = int((now - FIRST_LOOK).timestamp())
        self.new = Cursor(cursor.public or start, cursor.private or start, dict(cursor.watched))
        self.floor = {private: start if self.first else cursor.floor(private) for private in (False, True)}
        """The oldest time of interest, by privateness."""
        self.messages: list[tuple[int, int, Message]] = []
        self.broken: list[str] = []
        self.seen: set[str] = set()
        self.covered: dict[str, int] = {}
        """How far back we have read each post's comments, each Messenger thread, and "feed": all if 0."""

    def run(self) -> Fetched:
        """Read public things, private things, and what is missing."""
        self._feed()
        self._talks()
        if not self.first:
            self._missing()
        self.messages.sort(key=lambda entry: entry[:2])
        told = tuple(message for _, _, message in self.messages)
        return Fetched(told, str(self.new), broken=tuple(self.broken))

    # public

    def _feed(self) -> None:
        read = 0
        oldest = int(self.now.timestamp())
        for page, more in self._pages("me", "feed", {"fields": _FEED, "limit": 50}):
            read += len(page)
            for post in page:
                epoch = self._guarded(post, self._post)
                oldest = min(oldest, epoch if epoch is not None else oldest)
            if not more:
                oldest = 0
            # more may have come since the last look than one reads as a rule: until then, all of it is read
            if self.first or (read >= self.posts and oldest < self.floor[False]):
                break
        self.covered["feed"] = oldest

    def _post(self, post: dict[str, Any]) -> int | None:
        """A post with the comments below it; what the Page itself posts is nobody's inquiry."""
        post_id = str(post["id"])
        visitor = id_of(post.get("from")) != self.me.remote_id
        asked = {"fields": _COMMENT, "filter": "stream", "order": "reverse_chronological", "limit": 100}
        oldest = int(self.now.timestamp())
        for page, more in self._pages(post_id, "comments", asked, post.get("comments") or {"data": []}):
            for comment in page:
                epoch = self._guarded(comment, lambda c: self._comment(c, post_id, visitor))
                oldest = min(oldest, epoch if epoch is not None else oldest)
            if not more:
                oldest = 0
            if self.first or oldest < self.floor[False]:
                break
        self.covered[post_id] = oldest
        if not visitor:
            return self._epoch(post)
        return self._item(post, "feed", f"post:{post_id}", "visitor post", None, _pictures(post.get("attachments")))

    def _comment(self, comment: dict[str, Any], post_id: str, visitor: bool) -> int | None:
        comment_id = str(comment["id"])
        parent = id_of(comment.get("parent"))
        root = post_id if visitor else parent or comment_id
        reply_to = parent or (post_id if visitor else None)
        kind = "reply" if reply_to else "comment"
        attached = {"data": [comment["attachment"]]} if comment.get("attachment") else None
        return self._item(comment, post_id, f"post:{root}", kind, reply_to, _pictures(attached))

    # private

    def _talks(self) -> None:
        for page, _ in self._pages("me", "conversations", {"fields": _TALK, "limit": 20}):
            for talk in page:
                at = time_of(talk.get("updated_time")) if isinstance(talk, dict) else None
                if at is not None and at.timestamp() < self.floor[True]:
                    return
                self._guarded(talk, self._talk)
            if self.first:
                return

    def _talk(self, talk: dict[str, Any]) -> None:
        talk_id = str(talk["id"])
        others = [one for one in talk["participants"]["data"] if id_of(one) != self.me.remote_id]
        customer = id_of(others[0])
        if not customer:
            raise KeyError("participants")
        link = str(talk.get("link") or "")
        url = f"https://www.facebook.com{link}" if link.startswith("/") else link
        oldest = int(self.now.timestamp())
        asked = {"fields": _SAID, "limit": 100}
        for page, more in self._pages(talk_id, "messages", asked, talk.get("messages") or {"data": []}):
            for said in page:
                epoch = self._guarded(said, lambda one: self._said(one, talk_id, customer, url))
                oldest = min(oldest, epoch if epoch is not None else oldest)
            if not more:
                oldest = 0
            if self.first or oldest < self.floor[True]:
                break
        self.covered[talk_id] = oldest

    def _said(self, said: dict[str, Any], talk_id: str, customer: str, url: str) -> int | None:
        files = _files(said)
        return self._item({**said, "permalink_url": url}, talk_id, f"direct:{customer}", "message", None, files)

    # both

    def _item(
        self,
        item: dict[str, Any],
        where: str,
        conversation: str,
        kind: str,
        reply_to: str | None,
        attachments: tuple[str, ...],
    ) -> int | None:
        """Note one item, and hand it over if it is new or was changed; returns its time in epoch seconds."""
        remote_id = str(item["id"])
        private = conversation.startswith("direct:")
        writer = item.get("from") or {}
        author = Author(str(id_of(writer) or ""), "", str(writer.get("name") or ""))
        text = item.get("message") or ""
        if not isinstance(text, str):
            raise TypeError("message is no text")
        epoch = self._epoch(item)
        self.seen.add(remote_id)
        before = self.old.watched.get(remote_id)
        total = zlib.crc32("\0".join((text, *(urlsplit(one).path for one in attachments))).encode("utf-8", "replace"))
        newest = (self.new.private if private else self.new.public) or 0
        if epoch is not None and epoch > newest:
            if private:
                self.new.private = epoch
            else:
                self.new.public = epoch
        kept = before.epoch if before and epoch is None else epoch if epoch is not None else newest
        changed = before is not None and before.sum != total
        if before is not None or kept >= self.floor[private]:
            self.new.watched[remote_id] = _Watched(total, kept, where, conversation, kind, author.remote_id)
        new = before is None and kept >= self.floor[private] and remote_id not in self.old.passed
        if changed or new:
            message = Message(
                platform=NAME,
                account=self.me.remote_id,
                remote_id=remote_id,
                conversation=conversation,
                kind=kind,
                private=private,
                author=author,
                text=text,
                created_at=datetime.fromtimestamp(epoch, UTC) if epoch is not None else None,
                url=str(item.get("permalink_url") or f"https://www.facebook.com/{remote_id}"),
                reply_to=reply_to,
                own=author.remote_id == self.me.remote_id,
                previous_id=remote_id if changed else None,
                attachments=attachments,
            )
            # Lists are read newest first: of two in the same second, the one read later is the older.
            self.messages.append((kept, -len(self.messages), message))
        return epoch

    def _missing(self) -> None:
        """What we watch, and should have read but did not: removed, if Graph no longer knows it."""
        feed = self.covered["feed"]
        missing = [
            (remote_id, kept)
            for remote_id, kept in self.old.watched.items()
            if remote_id not in self.seen
            and (
                self.covered.get(kept.where, kept.epoch) < kept.epoch
                or (feed == 0 and kept.where not in self.covered and not kept.conversation.startswith("direct:"))
            )
        ]
        for remote_id, kept in missing[:CHECKED]:
            try:
                self.api.get_object(remote_id, fields="id")
            except Refused as refusal:
                if refusal.code == "gone":
                    self._removed(remote_id, kept)
            del self.new.watched[remote_id]

    def _removed(self, remote_id: str, kept: _Watched) -> None:
        message = Message(
            platform=NAME,
            account=self.me.remote_id,
            remote_id=remote_id,
            conversation=kept.conversation,
            kind=kept.kind,
            private=kept.conversation.startswith("direct:"),
            author=Author(kept.author),
            text="",
            created_at=datetime.fromtimestamp(kept.epoch, UTC),
            url="",
            own=kept.author == self.me.remote_id,
            deleted=True,
        )
        self.messages.append((int(self.now.timestamp()), -len(self.messages), message))

    def _guarded(self, item: Any, work: Callable[[dict[str, Any]], T]) -> T | None:
        """One item that cannot be read is named, and does not hold up the others."""
        try:
            return work(item)
        except OutsideError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            name = item.get("id") if isinstance(item, dict) else None
            what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else type(error).__name__
            self.broken.append(f"{name or 'an item without id'}: {what}")
            return None

    def _epoch(self, item: Mapping[str, Any]) -> int | None:
        """The item's own time, or None where it is missing or makes no sense (before Facebook, or in the future)."""
        at = time_of(item.get("created_time"))
        if at is None or at.year < 2004 or at > self.now + OVERLAP:
            return None
        return int(at.timestamp())

    def _pages(
        self, above: str, edge: str, asked: dict[str, Any], first: dict[str, Any] | None = None
    ) -> Iterator[tuple[list[Any], bool]]:
        """The pages of an edge, each with whether more follow; `first` came nested in another answer."""
        page = first if first is not None else self.api.get_connections(above, edge, **asked)
        while True:
            data = page.get("data")
            if not isinstance(data, list):
                raise Unreachable("Facebook's answer holds no list")
            after = _after(page)
            yield data, after is not None
            if after is None:
                return
            page = self.api.get_connections(above, edge, **{**asked, "after": after})


def _after(page: Mapping[str, Any]) -> str | None:
    """The cursor of the next page; None on the last one."""
    paging = page.get("paging") or {}
    if not paging.get("next"):
        return None
    after = (paging.get("cursors") or {}).get("after") or next(iter(_query(paging["next"]).get("after", [])), None)
    if not after:
        raise Unreachable("Facebook's answer names a next page but not which")
    return str(after)


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def time_of(text: Any) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def id_of(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return str(found) if found else None


def _pictures(attachments: Any) -> tuple[str, ...]:
    """Where the attachments of a post or comment are: a picture's address, else that of what it shows."""
    found = []
    for one in attachments["data"] if attachments else ():
        picture = ((one.get("media") or {}).get("image") or {}).get("src")
        found.append(str(picture or one.get("url") or one.get("type") or "attachment"))
    return tuple(found)


def _files(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the attachments of a message are."""
    found = []
    for one in (said.get("attachments") or {}).get("data", ()):
        inner = one.get("image_data") or one.get("video_data") or {}
        found.append(str(inner.get("url") or one.get("file_url") or one.get("mime_type") or "attachment"))
    if said.get("sticker"):
        found.append(str(said["sticker"]))
    for one in (said.get("shares") or {}).get("data", ()):
        found.append(str(one.get("link") or "attachment"))
    return tuple(found)
