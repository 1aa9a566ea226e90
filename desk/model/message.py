"""What customers write and what we answer, free of any network's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.catalogue import say
from desk.model.media import Takes


def kind_words(kind: str) -> str:
    """What a message is, in the team's words; a kind that a connector made up stays as it is."""
    return {
        "mention": say("mention"),
        "reply": say("reply"),
        "comment": say("comment"),
        "post": say("post"),
        "visitor post": say("visitor post"),
        "message": say("message"),
        "direct message": say("direct message"),
        "private message": say("private message"),
    }.get(kind, kind)


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote: one account on one platform. `handle` has no @ and may be empty (Facebook); `name` may be empty.
    `followers` is None where nobody counted them."""

    remote_id: str
    handle: str = ""
    name: str = ""
    url: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said on a platform, as a connector hands it over.

    `conversation` names the matter inside our account and never changes: "post:<root id>" for public talk (X:
    conversation_id; Facebook: the top comment or visitor post), "direct:<customer's id>" for private messages.
    `kind` is a word for people: "mention", "reply", "comment", "visitor post", "direct message", "message".
    `own`: written by our account, by the desk or outside it. `previous_id`: this is an edit of that earlier remote id
    (its own, where the platform keeps ids). `deleted`: the customer took it back; `text` is empty then.
    `people`: handles of all others in the conversation whom the platform addresses by itself in a reply.
    `created_at` is the customer's time, UTC, or None where the platform's own is missing or makes no sense.
    """

    platform: str
    account: str
    remote_id: str
    conversation: str
    kind: str
    private: bool
    author: Author
    text: str
    created_at: datetime | None
    url: str
    reply_to: str | None = None
    own: bool = False
    previous_id: str | None = None
    deleted: bool = False
    attachments: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    language: str = ""
    """A short code ("de") as the platform says, or as the desk detected it; "" where nobody knows."""
    perhaps: str = ""
    """The language that it may be, where `language` is not known; "?" where nothing can be said at all."""
    alts: tuple[str, ...] = ()
    """What each attachment shows, in its author's words and in their order; "" where they did not say."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages between two known ones that the platform no longer gives (X: more than 800 since the last look).

    `search_url` is where a person can look for them."""

    after_id: str
    before_id: str
    search_url: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One sweep: messages oldest first, and the cursor that may be stored once they are. `reads`: billed items.

    `cursor` None: this was no sweep (a webhook brought it), and how far we have looked stays as it is."""

    messages: tuple[Message, ...]
    cursor: str | None
    gap: Gap | None = None
    reads: int = 0
    broken: tuple[str, ...] = ()
    """Items that could not be read, as "id: why"; they do not hold up the others."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one call of a platform brought. `keys` names each message's delivery, the same when it comes once more."""

    messages: tuple[Message, ...] = ()
    keys: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """Items that could not be read, as "id: why"; they do not hold up the others."""
    look: bool = False
    """It only says that something is new: a look brings it."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a platform is answered that asks whether we are there; always as plain text or JSON, never as a page."""

    status: int
    text: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to publish. `way` is "reply" (public, under `reply_to`), "direct" (private, to `to`), "private_reply"
    (the platform's one private answer to the public `reply_to`) or "post" (public, to nobody: availability)."""

    op_id: str
    way: str
    text: str
    reply_to: str | None = None
    to: str | None = None
    people: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    """What goes along, by the ids that `Platform.upload` gave."""

    @property
    def private(self) -> bool:
        return self.way in ("direct", "private_reply")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A text that stands on the platform: its id there, and where a person can see it ("" for private messages)."""

    remote_id: str
    url: str = ""


class Does(StrEnum):
    """What can be done to something that stands on a platform."""

    EDIT = "edit"
    """Other words in place of ours."""
    DELETE = "delete"
    """Ours is taken away."""
    HIDE = "hide"
    """A customer's comment is shown to nobody but its author, their friends and us, or put away (`hides_replies`)."""
    SHOW = "show"
    """A hidden comment is shown again."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what stands there: `remote_id` is ours, or with `HIDE` and `SHOW` a customer's. Doing it twice is
    doing it once."""

    op_id: str
    does: Does
    remote_id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Our own account on a platform, as the platform names it."""

    remote_id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do, so that the desk refuses early with a sentence.

    Limits are in the platform's own counting (`Platform.length`). `window`: private answers are allowed this long after
    the customer's last private message (None: always). `private_reply_window`: one private reply to a public message
    within this time (None: the platform has none). `direct_to_anyone`: a private message may open the conversation.
    `changes`: what can be done to what stands there in public; nothing that was said in private can be changed.
    """

    public_limit: int
    private_limit: int
    window: timedelta | None = None
    private_reply_window: timedelta | None = None
    direct_to_anyone: bool = False
    counting: str = ""
    """How the platform counts public texts, for people: "URLs count 23, emoji 2"."""
    changes: frozenset[Does] = frozenset()
    hides_replies: bool = False
    """Only what stands below a post of ours can be hidden, and whoever opens the hidden replies still reads it."""
    media: Mapping[str, Takes] = field(default_factory=dict)
    """What may go along with an answer, by its way; a way that is missing takes words only."""
