"""What the Page holds: people, posts, comments and conversations, and what people and colleagues do to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

PICTURES = "scontent.xx.fbcdn.net"
"""Meta's host for pictures."""
Kind = Literal["post", "visitor_post", "comment"]


@dataclass(slots=True)
class Person:
    """Somebody as the Page sees them: a page-scoped id. A `nameless` one comes without `from`."""

    id: str
    name: str
    nameless: bool = False
    blocks_us: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a multipart call."""

    name: str
    mime: str
    data: bytes


@dataclass(slots=True)
class Thing:
    """A post or a comment. `parent` is the post, or for a reply the top comment; `on` is what was addressed."""

    id: str
    seq: int
    kind: Kind
    author: Person
    text: str
    at: datetime
    visible: datetime
    post: str = ""
    parent: str | None = None
    on: str | None = None
    hidden: bool = False
    edited: bool = False
    deleted: bool = False
    by_page: bool = False
    privately_answered: bool = False
    updated: datetime | None = None
    pictures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Said:
    """One Messenger message."""

    id: str
    seq: int
    author: Person
    to: Person
    text: str
    at: datetime
    visible: datetime
    deleted: bool = False
    pictures: list[str] = field(default_factory=list)
    metadata: str = ""
    """What the sender of ours wants to see again in the echo."""


@dataclass(slots=True)
class Conversation:
    """All Messenger messages with one person."""

    id: str
    person: Person
    messages: list[Said] = field(default_factory=list)

    def last_from_them(self) -> datetime | None:
        """When the person last wrote; the 24-hour window opens then."""
        return max((said.at for said in self.messages if said.author is self.person), default=None)


class Page:
    """The memory of one Page. Nothing here knows HTTP; all times are story time, aware and in UTC."""

    def __init__(self, now: Callable[[], datetime], page_id: str, page_name: str) -> None:
        self.now = now
        self.me = Person(page_id, page_name)
        self.people: dict[str, Person] = {}
        self.things: dict[str, Thing] = {}
        self.conversations: dict[str, Conversation] = {}
        self.published: list[dict[str, Any]] = []
        """What came in through the API, oldest first: id, text, on, kind, to, at."""
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self.touched = 0
        """Counts what customers wrote, edited and removed."""
        self.lag = timedelta()
        """How long after it was written the next thing can be read; set per request."""
        self.stored: dict[str, bytes] = {}
        """What Meta's host for pictures holds, by name."""
        self.attachments: dict[str, tuple[str, str]] = {}
        """What was handed over for Messenger: kind and place, by attachment_id."""
        self.photos: dict[str, tuple[str, str]] = {}
        """Photos that stand nowhere yet: place and what they show, by id."""
        self._seq = 0
        self._direct: dict[str, list[Thing]] = {}
        self._stream: dict[str, list[Thing]] = {}

    # people

    def add_person(self, name: str, *, nameless: bool = False) -> str:
        """The page-scoped id of `name`; the same name is the same person."""
        for person in self.people.values():
            if person.name == name:
                return person.id
        person = Person(str(24_000_000_000_001 + len(self.people)), name, nameless)
        self.people[person.id] = person
        return person.id

    def person(self, who: str) -> Person:
        """Somebody by id or by name; a new name is a new person."""
        return self.people[who if who in self.people else self.add_person(who)]

    def block(self, who: str) -> None:
        """The person blocks the Page: messages to them fail with 551."""
        self.person(who).blocks_us = True

    # what customers do

    def comment(self, person: str, text: str, *, on: str | None = None) -> str:
        """A customer's comment on a post or a comment; None is the newest post of the Page."""
        self.touched += 1
        thing = self._comment(self.person(person), text, on or self._newest_post())
        self.tell("comment", **shown(thing))
        return thing.id

    def visitor_post(self, person: str, text: str) -> str:
        """A customer's own post on the Page."""
        self.touched += 1
        thing = self._post("visitor_post", self.person(person), text)
        self.tell("post", **shown(thing))
        return thing.id

    def message(self, person: str, text: str) -> str:
        """A customer's Messenger message to the Page."""
        self.touched += 1
        who = self.person(person)
        said = self._say(self.conversation_with(who), who, self.me, text)
        self.tell("message", id=said.id, text=text, person=who.id, name=who.name, at=said.at)
        return said.id

    def edit(self, thing_id: str, text: str) -> None:
        """The author changes a post, a comment or a message; its id stays."""
        found = self._find(thing_id)
        found.text = text
        if isinstance(found, Thing):
            found.edited = True
            self._touch(found)
        self.touched += 1
        self.tell("edited", id=thing_id, text=text)

    def picture(self, data: bytes, name: str = "n.jpg") -> str:
        """A picture at Meta's own host; its address, signed as they are."""
        key = f"{300_000_000 + len(self.stored)}_{name}"
        self.stored[key] = data
        return f"https://{PICTURES}/v/{key}?oh=00_sandbox&oe=6900"

    def attach(self, thing_id: str, picture: str) -> None:
        """The author adds a picture, by its address."""
        self._find(thing_id).pictures.append(picture)

    def delete(self, thing_id: str) -> None:
        """The author removes it; what hangs below it goes too."""
        self.remove(self._find(thing_id))
        self.touched += 1

    # what the Page and its people do elsewhere

    def page_post(self, text: str) -> str:
        """A post of the Page, written in Facebook itself."""
        return self._post("post", self.me, text).id

    def native_comment(self, text: str, on: str) -> str:
        """A colleague answers as the Page, in Facebook itself."""
        self.touched += 1
        thing = self._comment(self.me, text, on)
        self.tell("native", **shown(thing))
        return thing.id

    def native_message(self, person: str, text: str) -> str:
        """A colleague answers in the Page's inbox."""
        self.touched += 1
        who = self.person(person)
        said = self._say(self.conversation_with(who), self.me, who, text)
        self.tell("native", id=said.id, text=text, person=who.id, at=said.at)
        return said.id

    # what comes in through the API

    def publish_comment(self, text: str, on: Thing, photo: tuple[str, str] | None = None) -> Thing:
        """Our comment; kept in `published`. `photo`: where it is, and what it shows."""
        thing = self._comment(self.me, text, on.id)
        if photo is not None:
            thing.pictures.append(photo[0])
        self._publish(thing.id, text, on.id, "comment", None, thing.at, photo)
        return thing

    def publish_post(self, text: str) -> Thing:
        """Our post; kept in `published`."""
        thing = self._post("post", self.me, text)
        self._publish(thing.id, text, None, "post", None, thing.at)
        return thing

    def publish_message(
        self,
        person: Person,
        text: str,
        answers: Thing | None = None,
        metadata: str = "",
        pictures: Sequence[str] = (),
    ) -> Said:
        """Our message; `answers` is the comment or post that a private reply belongs to."""
        conversation = self.conversation_with(person)
        said = self._say(conversation, self.me, person, text)
        said.metadata = metadata
        said.pictures += pictures
        photo = (pictures[0], "") if pictures else None
        if answers is not None:
            answers.privately_answered = True
            self._publish(said.id, text, answers.id, "private_reply", person.id, said.at, photo)
        else:
            self._publish(said.id, text, conversation.id, "message", person.id, said.at, photo)
        return said

    def remove(self, found: Thing | Said) -> None:
        """Take it out of every list."""
        found.deleted = True
        if isinstance(found, Thing):
            for thing in self.things.values():
                if thing.parent == found.id or thing.post == found.id:
                    thing.deleted = True
        self.tell("deleted", id=found.id)

    # reading

    def alive(self) -> list[Thing]:
        """Posts and comments that can be read now, in the order in which they were written."""
        now = self.now()
        return [thing for thing in self.things.values() if not thing.deleted and thing.visible <= now]

    def below(self, parent: Thing, *, stream: bool) -> list[Thing]:
        """Comments under a post or comment; `stream` also gives replies to comments of a post."""
        now = self.now()
        under = self._stream if stream and parent.kind != "comment" else self._direct
        return [thing for thing in under.get(parent.id, ()) if not thing.deleted and thing.visible <= now]

    def said_in(self, conversation: Conversation) -> list[Said]:
        """Messages that can be read now, oldest first."""
        now = self.now()
        return [said for said in conversation.messages if not said.deleted and said.visible <= now]

    def conversation_with(self, person: Person) -> Conversation:
        """The one conversation with a person."""
        if person.id not in self.conversations:
            self.conversations[person.id] = Conversation(f"t_{100_000_000 + len(self.conversations)}", person)
        return self.conversations[person.id]

    def feed(self) -> list[dict[str, Any]]:
        """Posts, newest first, each with its comments (`comments`, oldest first, one level deeper for replies)."""
        alive = [thing for thing in self.things.values() if not thing.deleted]
        under: dict[str, list[Thing]] = {}
        for thing in alive:
            under.setdefault(thing.parent or "", []).append(thing)

        def tree(thing: Thing) -> dict[str, Any]:
            return {**shown(thing), "comments": [tree(child) for child in under.get(thing.id, ())]}

        return [tree(post) for post in reversed(under.get("", []))]

    def conversation(self, person_id: str) -> list[dict[str, Any]]:
        """The messages with one person, oldest first."""
        found = self.conversations.get(self.person(person_id).id)
        return [
            {
                "id": said.id,
                "text": said.text,
                "at": said.at,
                "author": said.author.name,
                "by_page": said.author is self.me,
                "pictures": list(said.pictures),
            }
            for said in (found.messages if found else ())
            if not said.deleted
        ]

    def tell(self, event: str, /, **what: Any) -> None:
        """Tell every listener what happened: `{"type": event, …}`."""
        for listener in list(self.listeners):
            listener({"type": event, **what})

    # inside

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _newest_post(self) -> str:
        posts = [thing.id for thing in self.things.values() if thing.kind == "post" and not thing.deleted]
        return posts[-1] if posts else self.page_post("Hello from our team!")

    def _post(self, kind: Kind, author: Person, text: str) -> Thing:
        seq = self._next()
        at = self.now()
        thing_id = f"{self.me.id}_{100_000_000 + seq}"
        thing = Thing(thing_id, seq, kind, author, text, at, at + self.lag, updated=at, by_page=author is self.me)
        self.things[thing.id] = thing
        return thing

    def _comment(self, author: Person, text: str, on: str) -> Thing:
        target = self.things[on]
        seq = self._next()
        at = self.now()
        post = target.post or target.id
        parent = target.id if target.kind != "comment" or target.parent == target.post else target.parent
        thing = Thing(
            f"{post.partition('_')[2]}_{100_000_000 + seq}",
            seq,
            "comment",
            author,
            text,
            at,
            at + self.lag,
            post=post,
            parent=parent,
            on=on,
            by_page=author is self.me,
        )
        self.things[thing.id] = thing
        self._direct.setdefault(parent or post, []).append(thing)
        self._stream.setdefault(post, []).append(thing)
        self._touch(thing)
        return thing

    def _touch(self, thing: Thing) -> None:
        self.things[thing.post or thing.id].updated = self.now()

    def _say(self, conversation: Conversation, author: Person, to: Person, text: str) -> Said:
        seq = self._next()
        at = self.now()
        said = Said(f"m_{100_000_000 + seq}-sandbox", seq, author, to, text, at, at + self.lag)
        conversation.messages.append(said)
        return said

    def _find(self, thing_id: str) -> Thing | Said:
        if thing_id in self.things:
            return self.things[thing_id]
        found = self.said(thing_id)
        if found is None:
            raise KeyError(thing_id)
        return found

    def said(self, message_id: str) -> Said | None:
        """A message by its id."""
        for conversation in self.conversations.values():
            for said in conversation.messages:
                if said.id == message_id:
                    return said
        return None

    def _publish(
        self,
        thing_id: str,
        text: str,
        on: str | None,
        kind: str,
        to: str | None,
        at: datetime,
        photo: tuple[str, str] | None = None,
    ) -> None:
        record: dict[str, Any] = {"id": thing_id, "text": text, "on": on, "kind": kind, "to": to, "at": at}
        if photo is not None:
            record |= {"picture": photo[0], "alt": photo[1]}
        self.published.append(record)
        self.tell("message_sent" if to else "published", **record)


def shown(thing: Thing) -> dict[str, Any]:
    """A post or comment as the customers' column shows it."""
    return {
        "id": thing.id,
        "kind": thing.kind,
        "author": thing.author.name,
        "author_id": thing.author.id,
        "text": thing.text,
        "at": thing.at,
        "on": thing.on,
        "hidden": thing.hidden,
        "edited": thing.edited,
        "by_page": thing.by_page,
        "pictures": list(thing.pictures),
    }
