"""X itself, without its HTTP: people, posts and direct messages, what customers do, and what came from us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.sandbox.wire import Wire, serve
from platforms.sandbox.x.access import Rates, Tokens
from platforms.sandbox.x.media import Picture, mime_of
from platforms.sandbox.x.texts import Link, folded, named, shorten

EPOCH_MS = 1_288_834_974_657
"""Where X's ids begin to count (2010-11-04)."""


@dataclass(slots=True)
class Person:
    """An account. `directs_open` False: refuses direct messages of people whom they never wrote to."""

    id: str
    username: str
    name: str
    followers: int
    verified: bool
    created_at: datetime
    directs_open: bool = True


@dataclass(slots=True)
class Post:
    """One version of a post. `text` is as written; `sent` as the API shows it: t.co links, X's own handles in front."""

    id: str
    author: str
    text: str
    sent: str
    at: datetime
    conversation: str
    reply_to: str | None
    mentions: tuple[str, ...]
    links: tuple[Link, ...]
    lang: str
    history: list[str]
    visible_at: datetime
    added: tuple[str, ...] = ()
    """Handles that X put in front by itself."""
    quotes: str | None = None
    deleted: bool = False
    replaced: bool = False
    hidden: bool = False
    native: bool = False
    pictures: tuple[Picture, ...] = ()
    picture_link: str = ""
    """X's own short link to the pictures, at the end of `sent`."""


@dataclass(slots=True)
class Direct:
    """One direct message."""

    id: str
    conversation: str
    sender: str
    recipient: str
    text: str
    sent: str
    links: tuple[Link, ...]
    at: datetime
    visible_at: datetime
    pictures: tuple[Picture, ...] = ()
    picture_link: str = ""


@dataclass(slots=True)
class Shelf:
    """Everything that was ever written, in the order of writing."""

    people: dict[str, Person] = field(default_factory=dict)
    by_handle: dict[str, str] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    mentioning: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, list[str]] = field(default_factory=dict)
    conversations: dict[str, list[str]] = field(default_factory=dict)
    directs: dict[str, Direct] = field(default_factory=dict)
    media: dict[str, Picture] = field(default_factory=dict)
    ours: dict[tuple[str | None, str], list[str]] = field(default_factory=dict)
    """Our posts by reply target and folded text."""


class X:
    """The stand-in of X: one account of ours, any number of customers, and the API v2 on loopback.

    `now` gives story time (aware, UTC); nothing in here waits or looks at the wall clock.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        wire: Wire,
        username: str = "acme",
        name: str = "Acme",
        user_id: str = "1000",
        *,
        check_signatures: bool = True,
    ) -> None:
        self.now = now
        self.wire = wire
        self.access = Tokens(access_token=f"{user_id}-sandbox")
        self.check_signatures = check_signatures
        self.shelf = Shelf()
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self.touched = 0
        """Counts what customers wrote, changed or took back: the next poll will find something."""
        self.url = ""
        self.rates = Rates(now)
        """Rate windows; `rates.limits` may be changed."""
        self._last_id = 0
        self._links = 0
        self._people = 0
        self._runner: Any = None
        self.me = Person(user_id, username, name, 1200, True, now())
        self.shelf.people[user_id] = self.me
        self.shelf.by_handle[username.casefold()] = user_id

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; afterwards `url` stands for https://api.twitter.com."""
        from platforms.sandbox.x.api import Api  # here, as the API is built around the network

        self._runner, taken = await serve(Api(self).app(), host, port)
        self.url = f"http://{host}:{taken}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def tokens(self) -> dict[str, str]:
        """The keywords of `tweepy.Client` that the API accepts."""
        return {key: getattr(self.access, key) for key in Tokens.__slots__}

    # --- what customers do -------------------------------------------------------------------------------------

    def add_person(
        self,
        username: str,
        name: str | None = None,
        *,
        followers: int = 10,
        verified: bool = False,
        directs_open: bool = True,
    ) -> str:
        """The id of the account with that handle, which is made where there is none."""
        known = self.shelf.by_handle.get(username.casefold())
        if known is not None:
            return known
        self._people += 1
        person = Person(
            str(700_000 + self._people), username, name or username, followers, verified, self.now(), directs_open
        )
        self.shelf.people[person.id] = person
        self.shelf.by_handle[username.casefold()] = person.id
        return person.id

    def post(
        self,
        username: str,
        text: str,
        *,
        reply_to: str | None = None,
        mentions: Sequence[str] | None = None,
        lang: str = "en",
        late: float = 0.0,
        pictures: Sequence[str] = (),
    ) -> str:
        """A customer's post; returns its id. `pictures`: ids that `picture` gave.

        `mentions` are handles in its entities beyond those in the text. None: as X's app does, a reply also names
        the author of the post it answers and those whom that post names; a list (even an empty one) names only its
        own. `late`: story seconds after which the API shows the post.
        """
        author = self.add_person(username)
        parent = self._parent(reply_to)
        extra: list[str] = []
        if mentions is not None:
            extra = [self.add_person(handle.removeprefix("@")) for handle in mentions]
        elif parent is not None:
            extra = [parent.author, *parent.mentions]
        shown = [self.shelf.media[one] for one in pictures]
        post = self.write(author, text, parent=parent, extra=extra, lang=lang, lag=late, pictures=shown)
        self._tell("post", post=self.seen(post))
        self.touched += 1
        return post.id

    def picture(self, data: bytes, alt: str = "", *, url: str = "", mime: str = "") -> str:
        """A picture that a customer's app has handed over; returns its id. `mime`: as X says, whatever it is. `url`:
        where X says that it is, instead of X's own host for pictures."""
        return self.hand_over(data, mime or mime_of(data), alt=alt, url=url).id

    def direct(self, username: str, text: str, *, pictures: Sequence[str] = ()) -> str:
        """A customer's direct message to us; returns the event's id."""
        shown = [self.shelf.media[one] for one in pictures]
        event = self.write_direct(self.add_person(username), self.me.id, text, pictures=shown)
        self.touched += 1
        self._tell("direct", direct=self.seen_direct(event))
        return event.id

    def delete(self, post_id: str) -> None:
        """Somebody takes a post back: it disappears from every answer."""
        post = self.shelf.posts[post_id]
        for version in post.history:
            self.shelf.posts[version].deleted = True
        self.touched += 1
        self._tell("deleted", id=post_id, post=self.seen(post))

    def edit(self, post_id: str, text: str) -> str:
        """A new version with a new id; both carry the whole history, and lists show the new one only."""
        old = self.shelf.posts[post_id]
        parent = self.shelf.posts.get(old.reply_to or "")
        new = self.write(
            old.author, text, parent=parent, extra=old.mentions, lang=old.lang, conversation=old.conversation
        )
        old.replaced = True
        new.native = old.native
        for version in old.history:
            self.shelf.posts[version].history = [*old.history, new.id]
        new.history = [*old.history]
        self.touched += 1
        self._tell("edited", previous_id=post_id, post=self.seen(new))
        return new.id

    def native_reply(self, text: str, reply_to: str) -> str:
        """A colleague answers from X's own app, as us."""
        post = self.write(self.me.id, text, parent=self._parent(reply_to), extra=(), ours=True)
        post.native = True
        self.touched += 1
        self._tell("published", post=self.seen(post))
        return post.id

    # --- what people see ---------------------------------------------------------------------------------------

    @property
    def published(self) -> list[dict[str, Any]]:
        """Our posts that stand, oldest first, with the text as it was sent; `native`: not through the API."""
        ours = [self.shelf.posts[key] for key in self.shelf.written.get(self.me.id, [])]
        return [self.seen(post) for post in ours if not post.deleted and not post.replaced]

    @property
    def sent_directs(self) -> list[dict[str, Any]]:
        """Our direct messages, oldest first: id, text, to (user id), username, at."""
        return [self.seen_direct(event) for event in self.shelf.directs.values() if event.sender == self.me.id]

    def all_posts(self) -> list[dict[str, Any]]:
        """All posts that stand, newest versions, oldest first."""
        return [self.seen(post) for post in self.shelf.posts.values() if not post.deleted and not post.replaced]

    def thread(self, conversation_id: str) -> list[dict[str, Any]]:
        """The posts of one conversation that stand, oldest first."""
        posts = [self.shelf.posts[key] for key in self.shelf.conversations.get(conversation_id, [])]
        return [self.seen(post) for post in posts if not post.deleted and not post.replaced]

    def directs_with(self, username: str) -> list[dict[str, Any]]:
        """The direct messages between us and a customer, oldest first."""
        other = self.shelf.by_handle.get(username.casefold(), "")
        return [
            self.seen_direct(event) for event in self.shelf.directs.values() if other in (event.sender, event.recipient)
        ]

    def seen(self, post: Post) -> dict[str, Any]:
        author = self.shelf.people[post.author]
        return {
            "id": post.id,
            "text": post.text,
            "author_id": post.author,
            "username": author.username,
            "name": author.name,
            "ours": post.author == self.me.id,
            "native": post.native,
            "in_reply_to": post.reply_to,
            "conversation_id": post.conversation,
            "mentions": [self.shelf.people[key].username for key in post.mentions],
            "at": post.at,
            "edited": len(post.history) > 1,
            "history": list(post.history),
            "hidden": post.hidden,
            "pictures": [{"id": one.id, "alt": one.alt, "mime": one.mime} for one in post.pictures],
        }

    def seen_direct(self, event: Direct) -> dict[str, Any]:
        ours = event.sender == self.me.id
        other = self.shelf.people[event.recipient if ours else event.sender]
        return {
            "id": event.id,
            "text": event.text,
            "ours": ours,
            "to": event.recipient,
            "from": event.sender,
            "username": other.username,
            "name": other.name,
            "conversation_id": event.conversation,
            "at": event.at,
            "pictures": [{"id": one.id, "alt": one.alt, "mime": one.mime} for one in event.pictures],
        }

    # --- how things are written, by customers and by the API -----------------------------------------------------

    def next_id(self) -> str:
        """Ids as X makes them: milliseconds since 2010 in the upper bits, unique and increasing."""
        ms = max(0, round(self.now().timestamp() * 1000) - EPOCH_MS)
        self._last_id = max(self._last_id + 1, ms << 22)
        return str(self._last_id)

    def at_of(self, post_id: str) -> datetime:
        """When a post with that id was made."""
        return datetime.fromtimestamp(((int(post_id) >> 22) + EPOCH_MS) / 1000, UTC)

    def first_id_at(self, at: datetime) -> int:
        """The lowest id of that instant."""
        return max(0, round(at.timestamp() * 1000) - EPOCH_MS) << 22

    def _parent(self, reply_to: str | None) -> Post | None:
        if reply_to is None:
            return None
        parent = self.shelf.posts.get(reply_to)
        if parent is None or parent.deleted:
            raise LookupError(f"no post {reply_to} to reply to")
        return parent

    def write(
        self,
        author: str,
        text: str,
        *,
        parent: Post | None,
        extra: Sequence[str],
        lang: str = "en",
        lag: float = 0.0,
        ours: bool = False,
        conversation: str | None = None,
        quotes: str | None = None,
        pictures: Sequence[Picture] = (),
    ) -> Post:
        """Put a post on the shelf. `ours`: X adds the handles of the conversation's people in front by itself."""
        key = self.next_id()
        added: tuple[str, ...] = ()
        if ours and parent is not None:
            there = [who for who in dict.fromkeys((parent.author, *parent.mentions)) if who != author]
            added = tuple(self.shelf.people[who].username for who in there)
            extra = there
        in_text = [self.shelf.by_handle.get(handle.casefold()) for _, _, handle in named(text)]
        sent, links = shorten(text, self._short, bare=ours)
        picture_link = f"https://t.co/{self._short()}" if pictures else ""
        post = Post(
            id=key,
            author=author,
            text=text,
            sent="".join(f"@{handle} " for handle in added)
            + (f"{sent} {picture_link}".strip() if picture_link else sent),
            at=self.now(),
            conversation=conversation or (parent.conversation if parent is not None else key),
            reply_to=parent.id if parent is not None else None,
            mentions=tuple(dict.fromkeys(who for who in (*in_text, *extra) if who and who != author)),
            links=links,
            lang=lang,
            history=[key],
            visible_at=self.now() + timedelta(seconds=lag),
            added=added,
            quotes=quotes,
            pictures=tuple(pictures),
            picture_link=picture_link,
        )
        self.shelf.posts[key] = post
        self.shelf.written.setdefault(author, []).append(key)
        self.shelf.conversations.setdefault(post.conversation, []).append(key)
        if author == self.me.id:
            self.shelf.ours.setdefault((post.reply_to, folded(text)), []).append(key)
        for who in post.mentions:
            self.shelf.mentioning.setdefault(who, []).append(key)
        return post

    def hand_over(
        self, data: bytes, mime: str, *, alt: str = "", category: str = "", ours: bool = False, url: str = ""
    ) -> Picture:
        """Keep a picture that hangs on nothing yet."""
        picture = Picture(self.next_id(), mime, data, self.now(), alt, category, ours, url)
        self.shelf.media[picture.id] = picture
        return picture

    def publish(
        self,
        text: str,
        reply_to: Post | None,
        lag: float,
        quotes: str | None = None,
        pictures: Sequence[Picture] = (),
    ) -> Post:
        """A post of ours through the API."""
        post = self.write(
            self.me.id, text, parent=reply_to, extra=(), lag=lag, ours=True, quotes=quotes, pictures=pictures
        )
        self._tell("published", post=self.seen(post))
        return post

    def is_duplicate(self, text: str, reply_to: str | None) -> bool:
        """Same account, same text (NFC, spaces folded), same reply target or none for both, and still standing."""
        there = self.shelf.ours.get((reply_to, folded(text)), ())
        return any(not self.shelf.posts[key].deleted for key in there)

    def write_direct(
        self, sender: str, recipient: str, text: str, lag: float = 0.0, pictures: Sequence[Picture] = ()
    ) -> Direct:
        """Put a direct message on the shelf."""
        sent, links = shorten(text, self._short, bare=False)
        picture_link = f"https://t.co/{self._short()}" if pictures else ""
        event = Direct(
            id=self.next_id(),
            conversation="-".join(sorted((sender, recipient), key=int)),
            sender=sender,
            recipient=recipient,
            text=text,
            sent=(f"{sent} {picture_link}".strip() if picture_link else sent),
            links=links,
            at=self.now(),
            visible_at=self.now() + timedelta(seconds=lag),
            pictures=tuple(pictures),
            picture_link=picture_link,
        )
        self.shelf.directs[event.id] = event
        if sender == self.me.id:
            self._tell("direct_sent", direct=self.seen_direct(event))
        return event

    def withdraw(self, post: Post) -> None:
        """Delete through the API."""
        for version in post.history:
            self.shelf.posts[version].deleted = True
        self._tell("deleted", id=post.id, post=self.seen(post))

    def _short(self) -> str:
        self._links += 1
        return f"sb{self._links:08d}"

    def _tell(self, kind: str, **more: Any) -> None:
        for listener in list(self.listeners):
            listener({"type": kind, **more})
