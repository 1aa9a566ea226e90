"""One look at X: mentions, our own posts, replies in our conversations, direct messages, and how far we had come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.model.errors import Busy
from desk.model.message import Account, Author, Fetched, Gap, Message
from platforms.wording import spelt_out, unescaped, without_leading_handles

EPOCH_MS = 1_288_834_974_657
"""Where X's ids begin to count, in milliseconds since 1970: an id holds the instant at which it was made."""
OVERLAP = timedelta(minutes=5)
"""What appears late, within this time of being written, is still found."""
DEPTH = 800
"""How many mentions X gives (tweepy's documentation of the endpoint)."""
NEARLY = DEPTH - 100
"""From this many on, a sweep looks whether it really met what it knew; X may leave deleted posts out of the 800."""
PAGE = 100
PEEK = 5
"""Direct messages cannot be asked for since an id: this many are looked at before more are read."""
FIRST_DIRECTS = 20
QUERY = 512
"""Characters of one search query."""
SEARCH_AGE = timedelta(days=7) - timedelta(minutes=5)
"""How far recent search reaches back, with some room."""
CONVERSATIONS = 22
"""How many conversations, the latest ones, are searched for replies that do not name us: what two queries hold."""
KEPT = 100
"""How many of the newest ids are kept, to see repetitions and deletions."""
KEPT_AGE = timedelta(days=2)

TWEET_FIELDS = (
    "author_id,conversation_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets,attachments,"
    "edit_history_tweet_ids"
)
SHAPE = {
    "tweet_fields": TWEET_FIELDS,
    "expansions": "author_id,attachments.media_keys",
    "user_fields": "name,username",
    "media_fields": "url,preview_image_url,type,alt_text",
}
DM_SHAPE = {
    "dm_event_fields": "sender_id,created_at,dm_conversation_id,entities,attachments",
    "expansions": "sender_id,attachments.media_keys",
    "user_fields": "name,username",
    "media_fields": "url,preview_image_url,type,alt_text",
    "event_types": "MessageCreate",
}

Call = Callable[..., dict[str, Any]]
"""`call(name, *args, **parameters)`: one GET through tweepy, its body as a dict, or one of the desk's four errors."""


def made_at(key: str) -> datetime:
    """The instant that an id of X holds."""
    return datetime.fromtimestamp(((int(key) >> 22) + EPOCH_MS) / 1000, UTC)


def first_id(at: datetime) -> int:
    """The lowest id that X could give at that instant."""
    return max(0, int(at.timestamp() * 1000) - EPOCH_MS) << 22


def instant(value: Any, now: datetime) -> datetime | None:
    """X's created_at, or None where it makes no sense."""
    try:
        at = datetime.fromisoformat(str(value).replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if datetime(2006, 1, 1, tzinfo=UTC) < at < now + timedelta(days=1) else None


@dataclass(slots=True)
class Cursor:
    """How far we have read, durable as one line of JSON; the same state always gives the same line.

    `mentions`, `own`, `directs`: the newest ids that were handed over. `seen`: the newest ids of customers' posts, to
    tell repetitions and deletions. `conversations`: id → [searched up to, last activity]. `versions`: a post's first
    id → the id of the version that was handed over last.
    """

    mentions: str = ""
    own: str = ""
    directs: str = ""
    seen: list[str] = field(default_factory=list)
    own_seen: list[str] = field(default_factory=list)
    direct_seen: list[str] = field(default_factory=list)
    conversations: dict[str, list[str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, line: str | None) -> Cursor:
        """A cursor that cannot be read counts as none: reading again is harmless."""
        try:
            kept = json.loads(line or "{}")
            return cls(**{key: kept[key] for key in cls.__slots__ if key in kept})
        except (ValueError, TypeError):
            return cls()

    def latest(self) -> dict[str, list[str]]:
        """The CONVERSATIONS in which something was last said."""
        latest = sorted(self.conversations.items(), key=lambda item: int(item[1][1]), reverse=True)[:CONVERSATIONS]
        return dict(sorted(latest))

    def line(self) -> str:
        self.seen = _newest(self.seen, KEPT)
        self.own_seen = _newest(self.own_seen, KEPT)
        self.direct_seen = _newest(self.direct_seen, KEPT)
        self.conversations = self.latest()
        self.versions = dict(sorted(self.versions.items(), key=lambda item: int(item[1]))[-50:])
        return json.dumps(
            {key: value for key in self.__slots__ if (value := getattr(self, key))}, separators=(",", ":")
        )


def _newest(keys: list[str], limit: int) -> list[str]:
    """The newest ids: `limit` of them within two days of the newest, and all that the overlap may bring again."""
    if not keys:
        return []
    keys = sorted(set(keys), key=int)
    edge, overlap = first_id(made_at(keys[-1]) - KEPT_AGE), first_id(made_at(keys[-1]) - OVERLAP)
    return [key for at, key in enumerate(keys) if int(key) >= overlap or (len(keys) - at <= limit and int(key) > edge)]


def _since(newest: str, now: datetime) -> str | None:
    """From where to read, so that what surfaced late is found: the newest known id, but at least the overlap."""
    return str(min(int(newest), first_id(now - OVERLAP))) if newest else None


def _max(*keys: str) -> str:
    return max((key for key in keys if key), key=int, default="")


@dataclass(slots=True)
class Quota:
    """What X said is left of a rate window: so many calls of `limit`, until `reset` (story time)."""

    limit: int
    left: int
    reset: datetime

    def free_at(self, now: datetime) -> datetime | None:
        """When the next call may go out without a 429; None: now."""
        return self.reset if self.left <= 0 and self.reset > now else None

    def spaced(self, now: datetime) -> datetime | None:
        """When a call that can wait should come, so that the rest of the window is used evenly; None: at once.

        The first third of a window may be spent as fast as one likes; a look may take two calls.
        """
        if self.reset <= now or self.left > self.limit * 2 // 3:
            return None
        return now + (self.reset - now) / (self.left // 2 + 1)


@dataclass(slots=True)
class Pace:
    """What a connector remembers between looks, in story time; a restart forgets it without harm."""

    search_at: datetime | None = None
    recheck_at: datetime | None = None
    directs_at: datetime | None = None
    own_at: datetime | None = None
    lookup_at: datetime | None = None
    quotas: dict[str, Quota] = field(default_factory=dict)

    def next(self, now: datetime) -> datetime | None:
        """When something that a look left out, to keep within X's rates, becomes due."""
        return min((at for at in (self.directs_at, self.own_at) if at is not None and at > now), default=None)


class Sweep:
    """One look, from a cursor to the next. `call` reads; nothing is handed over unless the whole look ended well."""

    def __init__(
        self,
        call: Call,
        me: Account,
        now: datetime,
        cursor: str | None,
        pace: Pace,
        *,
        directs: bool = True,
        counts: bool = False,
        search_every: timedelta | None = timedelta(minutes=2),
        recheck_every: timedelta | None = timedelta(hours=6),
    ) -> None:
        self.call = call
        self.me = me
        self.now = now
        self.first = cursor is None
        self.cursor = Cursor.read(cursor)
        self.pace = pace
        self.directs = directs
        self.users = {"user_fields": "name,username,public_metrics"} if counts else {}
        self.search_every = search_every
        self.recheck_every = recheck_every
        self.found: dict[str, Message] = {}
        self.broken: list[str] = []
        self.gap: Gap | None = None
        self.missing: list[str] = []
        """What the last look found in the time that this one read again, and this one did not."""

    def run(self) -> Fetched:
        """Raises what `call` raises, unless it is a pause for a part that can wait while mentions go on."""
        self._mentions()
        for part, name, asks in (
            (self._deletions, "lookup_at", "get_tweets"),
            (self._own, "own_at", "get_users_tweets"),
            (self._conversations, "search_at", "search_recent_tweets"),
            (self._directs, "directs_at", "get_direct_message_events"),
        ):
            due = getattr(self.pace, name)
            if due is not None and due > self.now:
                continue
            setattr(self.pace, name, None)
            try:
                part()
            except Busy as busy:
                setattr(self.pace, name, busy.retry_at)
            else:
                spaced = quota.spaced(self.now) if (quota := self.pace.quotas.get(asks)) else None
                setattr(self.pace, name, max((at for at in (getattr(self.pace, name), spaced) if at), default=None))
        messages = sorted(self.found.values(), key=lambda message: int(message.remote_id))
        return Fetched(tuple(messages), self.cursor.line(), self.gap, 0, tuple(self.broken))

    # --- what customers say in public ----------------------------------------------------------------------------

    def _mentions(self) -> None:
        known = self.cursor.mentions
        since = _since(known, self.now)
        items: list[dict[str, Any]] = []
        users: dict[str, dict[str, Any]] = {}
        media: dict[str, dict[str, Any]] = {}
        for page in self._pages("get_users_mentions", self.me.remote_id, since_id=since, once=self.first):
            items += page.get("data") or []
            _collect(page, users, media)
        if known and len(items) >= NEARLY and all(int(item["id"]) > int(known) for item in items):
            self._look_for_a_gap(known, min((item["id"] for item in items), key=int))
        history: set[str] = set()
        for item in items:
            history.update(str(key) for key in item.get("edit_history_tweet_ids") or ())
            message = self._taken(item, users, media, self.cursor.seen)
            if message is not None:
                self._part_of(message)
        self.cursor.mentions = _max(known, *(str(item["id"]) for item in items if str(item.get("id", "")).isdigit()))
        edge = int(since or 0) or None if not self.first else None
        there = {str(item.get("id")) for item in items} | history
        self.missing = [key for key in self.cursor.seen if edge is not None and int(key) > edge and key not in there]

    def _look_for_a_gap(self, known: str, oldest: str) -> None:
        """Whether what X gives reaches back to what we know: the post before the oldest one tells."""
        before = self.call("get_users_mentions", self.me.remote_id, until_id=oldest, max_results=5).get("data") or []
        if any(int(item["id"]) <= int(known) for item in before):
            return
        search = f"%40{self.me.handle}%20since_id%3A{known}%20max_id%3A{oldest}"
        self.gap = Gap(known, oldest, f"https://x.com/search?q={search}&f=live")

    def _deletions(self) -> None:
        """Which of the missing are gone; and now and then, whether the latest still stand."""
        doubtful = self.missing
        if self.recheck_every is not None:
            if self.pace.recheck_at is not None and self.pace.recheck_at <= self.now:
                edge = first_id(self.now - KEPT_AGE)
                doubtful = [key for key in self.cursor.seen if int(key) > edge][-PAGE:]
                self.pace.recheck_at = None
            self.pace.recheck_at = self.pace.recheck_at or self.now + self.recheck_every
        doubtful = [key for key in doubtful if key not in self.found]
        for start in range(0, len(doubtful), PAGE):
            answer = self.call("get_tweets", doubtful[start : start + PAGE])
            for error in answer.get("errors") or ():
                key = str(error.get("resource_id") or error.get("value") or "")
                if key in doubtful and str(error.get("type", "")).endswith("resource-not-found"):
                    self._deleted(key)

    def _deleted(self, key: str) -> None:
        self.cursor.seen = [one for one in self.cursor.seen if one != key]
        self.found[key] = Message(
            "x",
            self.me.remote_id,
            key,
            f"post:{key}",
            "mention",
            False,
            Author(""),
            "",
            None,
            f"https://x.com/i/status/{key}",
            deleted=True,
        )

    def _conversations(self) -> None:
        """Replies that do not name us, in the conversations that we are part of."""
        if self.search_every is None:
            return
        edge = first_id(self.now - SEARCH_AGE)
        live = {key: marks for key, marks in self.cursor.latest().items() if int(marks[1]) > edge}
        suffix = f" -@{self.me.handle} -from:{self.me.handle} -is:retweet"
        for keys in _packed(sorted(live, key=lambda key: int(live[key][0])), QUERY - len(suffix) - 2):
            query = f"({' OR '.join(f'conversation_id:{key}' for key in keys)}){suffix}"
            since = max(edge, min(int(live[key][0]) for key in keys))
            users: dict[str, dict[str, Any]] = {}
            media: dict[str, dict[str, Any]] = {}
            items: list[dict[str, Any]] = []
            for page in self._pages("search_recent_tweets", query, since_id=str(since)):
                items += page.get("data") or []
                _collect(page, users, media)
            for item in items:
                message = self._taken(item, users, media, self.cursor.seen)
                if message is not None:
                    marks = self.cursor.conversations.get(message.conversation.removeprefix("post:"))
                    if marks is not None:
                        marks[:] = [_max(marks[0], message.remote_id), _max(marks[1], message.remote_id)]
        self.pace.search_at = self.now + self.search_every

    def _own(self) -> None:
        """What our account says, through the desk or not; it also tells which conversations we are part of."""
        users: dict[str, dict[str, Any]] = {}
        media: dict[str, dict[str, Any]] = {}
        items: list[dict[str, Any]] = []
        since = _since(self.cursor.own, self.now)
        for page in self._pages("get_users_tweets", self.me.remote_id, since_id=since, once=self.first, user_auth=True):
            items += page.get("data") or []
            _collect(page, users, media)
        for item in items:
            message = self._taken(item, users, media, self.cursor.own_seen)
            if message is not None:
                self._part_of(message)
                self.cursor.own = _max(self.cursor.own, message.remote_id)

    def _part_of(self, message: Message) -> None:
        key = message.conversation.removeprefix("post:")
        marks = self.cursor.conversations.setdefault(key, [message.remote_id, message.remote_id])
        marks[1] = _max(marks[1], message.remote_id)

    def _pages(self, name: str, *args: Any, once: bool = False, **more: Any) -> Iterator[dict[str, Any]]:
        token: str | None = None
        limit = DEPTH // PAGE + 2
        turning = "next_token" if name == "search_recent_tweets" else "pagination_token"
        for _ in range(limit):
            page = self.call(name, *args, max_results=PAGE, **{turning: token}, **{**SHAPE, **self.users}, **more)
            yield page
            token = (page.get("meta") or {}).get("next_token")
            if token is None or once:
                return

    def _taken(
        self,
        item: dict[str, Any],
        users: dict[str, dict[str, Any]],
        media: dict[str, dict[str, Any]],
        seen: list[str],
    ) -> Message | None:
        """The message in a post, if it is new to us; what cannot be read is set aside."""
        try:
            if str(item["id"]) in seen or any(
                ref["type"] == "retweeted" for ref in item.get("referenced_tweets") or ()
            ):
                return None
            message = self._message(item, users, media)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.broken.append(f"{item.get('id', '?') if isinstance(item, dict) else '?'}: {type(error).__name__}")
            return None
        seen.append(message.remote_id)
        self.found[message.remote_id] = message
        return message

    def _message(
        self, item: dict[str, Any], users: dict[str, dict[str, Any]], media: dict[str, dict[str, Any]]
    ) -> Message:
        key, author = str(int(item["id"])), str(item["author_id"])
        user = users.get(author, {})
        handle = str(user.get("username", ""))
        history = [str(one) for one in item.get("edit_history_tweet_ids") or (key,)]
        previous = None
        if len(history) > 1 and history[0] != key:
            previous = self.cursor.versions.get(history[0], history[0])
            self.cursor.versions[history[0]] = key
        whole = item.get("note_tweet") or item
        entities = {**(item.get("entities") or {}), **(whole.get("entities") or {})}
        answered = (str(ref["id"]) for ref in item.get("referenced_tweets") or () if ref["type"] == "replied_to")
        reply_to = next(answered, None)
        own = author == self.me.remote_id
        kind = "post" if own and reply_to is None else "reply" if reply_to else "mention"
        named = (handle, *(str(one["username"]) for one in (item.get("entities") or {}).get("mentions") or ()))
        people = {one.casefold(): one for one in named if one and one.casefold() != self.me.handle.casefold()}
        text = text_of(str(whole["text"]), entities)
        places, alts = _attached(item, media)
        return Message(
            platform="x",
            account=self.me.remote_id,
            remote_id=key,
            conversation=f"post:{item['conversation_id']}",
            kind=kind,
            private=False,
            author=_author(author, user),
            text=without_leading_handles(text, people) if own and reply_to else text,
            created_at=instant(item.get("created_at"), self.now),
            url=f"https://x.com/{handle or 'i'}/status/{key}",
            reply_to=reply_to,
            own=own,
            previous_id=previous,
            attachments=places,
            alts=alts,
            people=tuple(people.values()),
            language=language_of(item.get("lang")),
        )

    # --- what customers say in private ---------------------------------------------------------------------------

    def _directs(self) -> None:
        if not self.directs:
            return
        known = self.cursor.directs
        users: dict[str, dict[str, Any]] = {}
        media: dict[str, dict[str, Any]] = {}
        events = self._newest_directs(known, users, media)
        for event in events:
            try:
                key = str(int(event["id"]))
                if key in self.cursor.direct_seen or (known and int(key) <= int(known)):
                    continue
                message = self._direct(event, users, media)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self.broken.append(f"{event.get('id', '?')}: {type(error).__name__}")
                continue
            self.cursor.direct_seen.append(key)
            self.found[key] = message
        self.cursor.directs = _max(known, *(str(event["id"]) for event in events if str(event.get("id", "")).isdigit()))

    def _newest_directs(
        self, known: str, users: dict[str, dict[str, Any]], media: dict[str, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Events since `known`: a short look first, and all pages only where it does not reach what we know."""

        def reaches(page: dict[str, Any]) -> bool:
            items = page.get("data") or []
            met = any(int(one["id"]) <= int(known or 0) for one in items)
            return met or "next_token" not in (page.get("meta") or {})

        size = FIRST_DIRECTS if self.first else PEEK
        page = self.call("get_direct_message_events", max_results=size, **{**DM_SHAPE, **self.users})
        if not self.first and not reaches(page):
            events: list[dict[str, Any]] = []
            token: str | None = None
            while True:
                page = self.call(
                    "get_direct_message_events", max_results=PAGE, pagination_token=token, **{**DM_SHAPE, **self.users}
                )
                events += page.get("data") or []
                _collect(page, users, media)
                if reaches(page):
                    return events
                token = page["meta"]["next_token"]
        _collect(page, users, media)
        return list(page.get("data") or [])

    def _direct(
        self, event: dict[str, Any], users: dict[str, dict[str, Any]], media: dict[str, dict[str, Any]]
    ) -> Message:
        key, sender = str(int(event["id"])), str(event["sender_id"])
        people = str(event["dm_conversation_id"]).split("-")
        if len(people) != 2 or self.me.remote_id not in people:
            raise ValueError("not a conversation of two")
        other = next((one for one in people if one != self.me.remote_id), self.me.remote_id)
        user = users.get(sender, {})
        places, alts = _attached(event, media)
        return Message(
            platform="x",
            account=self.me.remote_id,
            remote_id=key,
            conversation=f"direct:{other}",
            kind="direct message",
            private=True,
            author=_author(sender, user),
            text=text_of(str(event["text"]), event.get("entities") or {}),
            created_at=instant(event.get("created_at"), self.now),
            url=f"https://x.com/messages/{event['dm_conversation_id']}#{key}",
            own=sender == self.me.remote_id,
            attachments=places,
            alts=alts,
        )


_OLD = {"in": "id", "iw": "he", "ji": "yi"}
"""Codes that X still uses for languages that have others today."""
_NONE = frozenset({"und", "art", "zxx", "qam", "qct", "qht", "qme", "qst"})
"""What X says of texts of mere mentions, tags, links, pictures, or a word or two."""


def language_of(code: Any) -> str:
    """The language that X gives for a post, as a short code; "" where it gives none."""
    short = code.casefold().partition("-")[0] if isinstance(code, str) else ""
    return "" if short in _NONE or not short.isalpha() else _OLD.get(short, short)


def text_of(text: str, entities: dict[str, Any]) -> str:
    """The words as they were written: short links spelt out, those of attached media left out, entities decoded."""
    links: dict[str, str] = {}
    for one in entities.get("urls") or ():
        if isinstance(one.get("url"), str):
            links[one["url"]] = "" if one.get("media_key") else str(one.get("expanded_url") or one["url"])
    decoded = unescaped(text)
    spelt = spelt_out(decoded, links)
    return spelt.rstrip() if "" in links.values() else spelt


def _collect(page: dict[str, Any], users: dict[str, dict[str, Any]], media: dict[str, dict[str, Any]]) -> None:
    includes = page.get("includes") or {}
    users.update({str(one["id"]): one for one in includes.get("users") or ()})
    media.update({str(one["media_key"]): one for one in includes.get("media") or ()})


def _attached(item: dict[str, Any], media: dict[str, dict[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where what hangs on a post or message is, and what each shows in its author's words; a video's own address is
    not given, only that of its still picture."""
    found = [media.get(one, {}) for one in (item.get("attachments") or {}).get("media_keys") or ()]
    there = [(str(url), one) for one in found if (url := one.get("url") or one.get("preview_image_url"))]
    alts = tuple(str(one.get("alt_text") or "") for _, one in there)
    return tuple(url for url, _ in there), alts if any(alts) else ()


def _packed(keys: Iterable[str], room: int) -> Iterator[Sequence[str]]:
    """Conversation ids in groups whose query fits."""
    group: list[str] = []
    used = 0
    for key in keys:
        cost = len("conversation_id:") + len(key) + len(" OR ")
        if group and used + cost > room:
            yield group
            group, used = [], 0
        group.append(key)
        used += cost
    if group:
        yield group


def _author(key: str, user: Mapping[str, Any]) -> Author:
    handle = str(user.get("username", ""))
    followers = (user.get("public_metrics") or {}).get("followers_count")
    url = f"https://x.com/{handle}" if handle else ""
    return Author(key, handle, str(user.get("name", "")), url, followers if isinstance(followers, int) else None)
