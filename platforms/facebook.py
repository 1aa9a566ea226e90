"""The Facebook connector: a Page's comments, visitor posts and Messenger, through facebook-sdk."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from desk.model.errors import Busy, OutsideError, Refused, Unreachable
from desk.model.message import Account, Author, Capabilities, Fetched, Message, Outgoing, Receipt
from platforms.graph import HOST, VERSION, GraphAPI, Usage
from platforms.rebase import CONNECT_SECONDS, READ_SECONDS
from platforms.wording import same

T = TypeVar("T")
log = logging.getLogger(__name__)

COMMENT_LIMIT = 8_000
"""Characters of a comment or post of ours (Facebook's form; the Graph reference names none)."""
MESSAGE_LIMIT = 2_000
"""Characters of a Messenger message (Send API reference, `message.text`)."""
WINDOW = timedelta(hours=24)
"""Messenger's standard window after the customer's last message (Messenger Platform policy)."""
HUMAN_AGENT_WINDOW = timedelta(days=7)
"""The window with the HUMAN_AGENT tag, which Meta grants per app and for people only (same policy)."""
PRIVATE_REPLY_WINDOW = timedelta(days=7)
"""One private reply per comment or visitor post, within this time (Private Replies reference)."""

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
SLOW_AT, PAUSE_AT = 80, 95
"""Percent of Graph's allowance from which polling slows down, and stops for a while; publishing goes on."""
SLOW_PACE = timedelta(minutes=2)
PAUSE = timedelta(minutes=15)
THREADS = 3
CLOCK_SLACK = timedelta(seconds=5)
"""Graph's times have whole seconds, and its clock is not ours."""

_COMMENT = "id,from,message,created_time,permalink_url,parent{id},attachment"
_ORDER = "filter(stream).order(reverse_chronological)"
_POST = "id,from,message,created_time,permalink_url,attachments"
_FEED = f"{_POST},comments.limit(25).{_ORDER}{{{_COMMENT}}}"
_SAID = "id,created_time,from,message,attachments,sticker,shares"
_TALK = f"id,updated_time,link,participants,messages.limit(25){{{_SAID}}}"
_ID = re.compile(r"[A-Za-z0-9_.:$=-]+")


class Facebook:
    """One Facebook Page. facebook-sdk runs in threads of this connector's own, with one client and session each.

    `token` is a Page access token; `app_secret` (optional) proves each call; `base_url` is where Graph is; `posts` is
    how many of the newest posts a sweep looks under; `human_agent` says that Meta granted the HUMAN_AGENT tag, which
    makes Messenger's window 7 days. `now` gives story time, aware and in UTC.
    """

    name = "facebook"
    title = "Facebook"

    def __init__(
        self,
        *,
        token: str,
        now: Callable[[], datetime],
        app_secret: str = "",
        base_url: str = HOST,
        version: str = VERSION,
        posts: int = POSTS,
        human_agent: bool = False,
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self.capabilities = Capabilities(
            public_limit=COMMENT_LIMIT,
            private_limit=MESSAGE_LIMIT,
            window=HUMAN_AGENT_WINDOW if human_agent else WINDOW,
            private_reply_window=PRIVATE_REPLY_WINDOW,
            counting="an emoji counts two or more",
        )
        self.in_flight = 0
        self._now = now
        self._posts = posts
        self._human_agent = human_agent
        self._me: Account | None = None
        self._usage: Usage | None = None
        self._swept_at: datetime | None = None
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="facebook")
        self._mine = threading.local()
        self._clients: list[GraphAPI] = []

        def client() -> GraphAPI:
            return GraphAPI(
                token,
                now=now,
                base=base_url,
                version=version,
                app_secret=app_secret,
                timeouts=timeouts,
                on_usage=self._note_usage,
            )

        self._client = client
        self._clients.append(client())  # so that a wrong version is refused at the start, by ValueError

    def length(self, text: str) -> int:
        """In UTF-16 units, as browsers count: never less than Facebook does."""
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    async def account(self) -> Account:
        """The Page; raises `Unauthorised` where the token is no good, `Refused` where the version is gone."""
        self._me = await self._run(_account)
        return self._me

    async def fetch(self, cursor: str | None) -> Fetched:
        """New comments, replies, visitor posts and messages; edits and removals among the newest 100 items.

        Raises `Busy` where Graph's allowance is nearly used up: from 80 % on it looks every 2 minutes, from 95 % on it
        pauses for 15 minutes or for as long as Graph says.
        """
        self._pace()
        if self._me is None:
            await self.account()
        assert self._me is not None
        me, at = self._me, self._now()
        fetched = await self._run(lambda api: _Sweep(api, me, at, self._posts, _read_cursor(cursor)).run())
        self._swept_at = at
        if fetched.broken:
            log.warning("facebook: %d item(s) could not be read: %s", len(fetched.broken), "; ".join(fetched.broken))
        return fetched

    async def publish(self, out: Outgoing) -> Receipt:
        """Say it. One request, and a second one only where the first was refused for the 24-hour window and the
        HUMAN_AGENT tag is allowed."""
        text = out.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        limit = self.capabilities.private_limit if out.private else self.capabilities.public_limit
        if self.length(text) > limit:
            raise Refused(f"The text is too long for Facebook: {self.length(text)} of {limit}.", "too_long")
        return await self._run(lambda api: self._publish(api, out, text))

    async def find(self, out: Outgoing, since: datetime) -> Receipt | None:
        """What the Page said since then in the same place and in the same words; None where it is not there (yet)."""
        me = self._me or await self.account()
        return await self._run(lambda api: _find(api, me, out, since - CLOCK_SLACK))

    async def close(self) -> None:
        """Take no more calls. What is under way ends within its time limit."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for api in self._clients:
            api.session.close()

    # inside

    async def _run(self, work: Callable[[GraphAPI], T]) -> T:
        """Run `work` in a thread of ours. It counts as in flight until the thread is done with it, cancelled or not."""
        loop = asyncio.get_running_loop()

        def landed(_: Future[T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._landed)

        self.in_flight += 1
        try:
            job = self._pool.submit(lambda: work(self._api()))
        except RuntimeError:
            self.in_flight -= 1
            raise Busy(self._now() + PAUSE, "the connector is closed") from None
        job.add_done_callback(landed)
        return await asyncio.wrap_future(job)

    def _landed(self) -> None:
        self.in_flight -= 1

    def _api(self) -> GraphAPI:
        """This thread's own client: requests promises nothing about a session that is shared."""
        if not hasattr(self._mine, "api"):
            self._mine.api = self._client()
            self._clients.append(self._mine.api)
        api: GraphAPI = self._mine.api
        return api

    def _note_usage(self, usage: Usage) -> None:
        if usage.percent >= SLOW_AT and (self._usage is None or self._usage.percent < SLOW_AT):
            log.warning("facebook: %d %% of Graph's allowance is used; polling slows down", usage.percent)
        self._usage = usage

    def _pace(self) -> None:
        usage = self._usage
        if usage is None or usage.percent < SLOW_AT:
            return
        if usage.percent >= PAUSE_AT:
            until = usage.at + (usage.regain or PAUSE)
        elif self._swept_at is not None:
            until = self._swept_at + SLOW_PACE
        else:
            return
        if self._now() < until:
            raise Busy(until, f"{usage.percent} % of Facebook's allowance is used")

    def _publish(self, api: GraphAPI, out: Outgoing, text: str) -> Receipt:
        if out.way == "post":
            return _receipt(api.put_object("me", "feed", message=text), "id")
        if out.way == "reply":
            return _receipt(api.put_comment(_plain_id(out.reply_to), text), "id")
        said = {"text": text, "metadata": out.op_id}
        if out.way == "private_reply":
            target = _plain_id(out.reply_to)
            to = {"post_id" if _is_post(api, target, self._me) else "comment_id": target}
            return _receipt(_send(api, to, said), "message_id")
        to = {"id": _plain_id(out.to)}
        try:
            return _receipt(_send(api, to, said), "message_id")
        except Refused as refusal:
            if refusal.code != "window" or not self._human_agent:
                raise
        return _receipt(_send(api, to, said, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT"), "message_id")


def _account(api: GraphAPI) -> Account:
    me = api.get_object("me", fields="id,name")
    api.check_version()
    return Account(str(me["id"]), "", str(me.get("name", "")))


def _send(api: GraphAPI, to: dict[str, str], said: dict[str, str], **more: str) -> dict[str, Any]:
    return api.put_object("me", "messages", **{"recipient": to, "message": said, "messaging_type": "RESPONSE", **more})


def _receipt(answer: Mapping[str, Any], key: str) -> Receipt:
    remote_id = answer.get(key)
    if not isinstance(remote_id, str) or not remote_id:
        raise Unreachable("Facebook's answer names no id")
    return Receipt(remote_id, "" if key == "message_id" else f"https://www.facebook.com/{remote_id}")


def _plain_id(remote_id: str | None) -> str:
    """An id as it may stand in a path."""
    if not remote_id or not _ID.fullmatch(remote_id):
        raise Refused("There is nothing on Facebook to answer by that id.", "gone")
    return remote_id


def _is_post(api: GraphAPI, remote_id: str, me: Account | None) -> bool:
    """Post ids begin with the Page's own."""
    return remote_id.startswith(f"{(me or _account(api)).remote_id}_")


# did it arrive?


def _find(api: GraphAPI, me: Account, out: Outgoing, since: datetime) -> Receipt | None:
    try:
        if out.private:
            return _find_message(api, me, out, since)
        if out.way == "post":
            listed = _listed(api, "me", "feed", fields="id,from,message,created_time")
        else:
            target = _plain_id(out.reply_to)
            above = target
            if not _is_post(api, target, me):
                # Facebook hangs replies to replies under the top comment.
                above = api.get_object(target, fields="id,parent{id}").get("parent", {}).get("id", target)
            asked = {"filter": "stream", "order": "reverse_chronological", "fields": "id,from,message,created_time"}
            listed = _listed(api, above, "comments", **asked)
    except Refused as refusal:
        if refusal.code == "gone":
            return None
        raise
    found = _ours(listed, me, out.text, since)
    return Receipt(found, f"https://www.facebook.com/{found}") if found else None


def _find_message(api: GraphAPI, me: Account, out: Outgoing, since: datetime) -> Receipt | None:
    to = out.to
    if out.way == "private_reply" and not to:
        to = api.get_object(_plain_id(out.reply_to), fields="from").get("from", {}).get("id")
    asked = {"fields": "messages.limit(50){id,created_time,from,message}"}
    if to:
        asked["user_id"] = _plain_id(to)
    for talk in _listed(api, "me", "conversations", **asked):
        found = _ours(talk.get("messages", {}).get("data", []), me, out.text, since)
        if found:
            return Receipt(found)
    return None


def _listed(api: GraphAPI, above: str, edge: str, **asked: Any) -> list[dict[str, Any]]:
    data = api.get_connections(above, edge, **{"limit": 50, **asked}).get("data")
    if not isinstance(data, list):
        raise Unreachable("Facebook's answer holds no list")
    return data


def _ours(listed: list[dict[str, Any]], me: Account, text: str, since: datetime) -> str | None:
    """The id of the newest item by us, since then, with the same words."""
    for item in listed:
        at = _time(item.get("created_time"))
        if at is None or at < since or _id_of(item.get("from")) != me.remote_id:
            continue
        if same(str(item.get("message") or ""), text):
            return str(item["id"])
    return None


# one sweep


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
class _Cursor:
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


def _read_cursor(text: str | None) -> _Cursor:
    if not text:
        return _Cursor()
    whole = json.loads(text)
    watched = {key: _Watched(*kept) for key, kept in whole["watched"].items()}
    return _Cursor(whole["public"], whole["private"], watched, frozenset(whole["passed"]))


class _Sweep:
    """One look at everything, in a thread. Any error of Graph ends it, so that no cursor passes what was missed."""

    def __init__(self, api: GraphAPI, me: Account, now: datetime, posts: int, cursor: _Cursor) -> None:
        self.api = api
        self.me = me
        self.now = now
        self.posts = posts
        self.old = cursor
        self.first = cursor.public is None
        start = int((now - FIRST_LOOK).timestamp())
        self.new = _Cursor(cursor.public or start, cursor.private or start, dict(cursor.watched))
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
            if self.first or read >= self.posts:
                break
        self.covered["feed"] = oldest

    def _post(self, post: dict[str, Any]) -> int | None:
        """A post with the comments below it; what the Page itself posts is nobody's inquiry."""
        post_id = str(post["id"])
        visitor = _id_of(post.get("from")) != self.me.remote_id
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
        parent = _id_of(comment.get("parent"))
        root = post_id if visitor else parent or comment_id
        reply_to = parent or (post_id if visitor else None)
        kind = "reply" if reply_to else "comment"
        attached = {"data": [comment["attachment"]]} if comment.get("attachment") else None
        return self._item(comment, post_id, f"post:{root}", kind, reply_to, _pictures(attached))

    # private

    def _talks(self) -> None:
        for page, _ in self._pages("me", "conversations", {"fields": _TALK, "limit": 20}):
            for talk in page:
                at = _time(talk.get("updated_time")) if isinstance(talk, dict) else None
                if at is not None and at.timestamp() < self.floor[True]:
                    return
                self._guarded(talk, self._talk)
            if self.first:
                return

    def _talk(self, talk: dict[str, Any]) -> None:
        talk_id = str(talk["id"])
        others = [one for one in talk["participants"]["data"] if _id_of(one) != self.me.remote_id]
        customer = _id_of(others[0])
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
        author = Author(str(_id_of(writer) or ""), "", str(writer.get("name") or ""))
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
                platform=Facebook.name,
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
                if refusal.code != "gone":
                    raise
                self._removed(remote_id, kept)
            del self.new.watched[remote_id]

    def _removed(self, remote_id: str, kept: _Watched) -> None:
        message = Message(
            platform=Facebook.name,
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
        at = _time(item.get("created_time"))
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


def _time(text: Any) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _id_of(value: Any) -> str | None:
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
