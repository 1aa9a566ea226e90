"""What an agent asked for, whichever door it came through, and what the desk answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from desk.model.media import Attached
from desk.model.people import Person
from desk.model.words import code

SHORT = frozenset({"claim", "reply", "private", "done", "hours", "desk"})
"""Verbs that are Slack commands of their own everywhere; the others are always understood behind /desk."""

INVITE, ALONE = "invite", "alone"
"""Flags of a private answer: with a public line that points to it, or without; neither is as the owner set it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `key` names the click or command itself, so that a redelivery gets the first answer again.

    `number` is None where the agent gave none. `text` is what the customer (or the team) is to read, in plain words.
    `version`: the state of the inquiry that the agent saw when the form was opened; None: not known. `typed` is the
    command as the agent typed it ("/claim", "/desk claim", "!claim"), and `lead` what stands before a verb there ("/",
    "/desk ", "!"), both for the sentences that name commands. `form` names the form that was sent: it acts once,
    however often it is sent, but after a refusal it may be sent again.
    """

    key: str
    agent: Person
    channel: str
    number: int | None = None
    text: str = ""
    other: Person | None = None
    force: bool = False
    version: int | None = None
    typed: str = ""
    extra: str = ""
    lead: str = "/"
    form: str = ""
    flags: frozenset[str] = frozenset()
    """Options behind the command, without their dashes."""
    promise: tuple[datetime, str] | None = None
    """What the answer promises to the customer, until when (UTC); set by the form's own field."""
    offer: str = ""
    """The canned answer that the text began as, by the key under which it was offered."""
    files: tuple[Attached, ...] = ()
    """What goes along, in the order of the form."""
    draft: str = ""
    """The request whose refusal the form showed: sent once more with the same words, it means *Send anyway*."""

    def command(self, verb: str, words: str = "", number: int | None = None) -> str:
        """A token for what to type where the agent is: "/reply 42 words", "/desk note 42 words", "!reply words"."""
        if self.lead.startswith(("!", "@")):
            return code(f"{self.lead}{verb} {words}".strip())
        behind = "" if verb in SHORT or self.lead.endswith("desk ") else "desk "
        return code(f"{self.lead}{behind}{verb} {number or self.number or 42} {words}".strip())


def carried(ask: Ask) -> dict[str, Any]:
    """What a refused text is kept with, so that *Split* and *Send anyway* mean all of what was asked."""
    kept: dict[str, Any] = {"close": True} if ask.extra == "close" else {}
    if ask.promise is not None:
        kept["promise"] = [ask.promise[0].isoformat(), ask.promise[1]]
    if ask.offer:
        kept["offer"] = ask.offer
    if wish := ask.flags & {INVITE, ALONE}:
        kept["flags"] = sorted(wish)
    if ask.files:
        kept["files"] = [one.as_json() for one in ask.files]
    return kept


def again(ask: Ask, kept: Mapping[str, Any]) -> Ask:
    """The request with the text that was refused, and with what `carried` kept of it."""
    due, what = kept.get("promise") or (None, "")
    promise = (datetime.fromisoformat(due), str(what)) if due else ask.promise
    extra = "close" if kept.get("close") else ask.extra
    offer = str(kept.get("offer") or ask.offer)
    flags = frozenset(kept.get("flags") or ask.flags)
    files = tuple(Attached(*one) for one in kept.get("files") or ())
    return replace(ask, text=kept["quote"], extra=extra, promise=promise, offer=offer, flags=flags, files=files)


@dataclass(frozen=True, slots=True)
class Button:
    """A thing to press below a line: `action` is one of `platforms/slack/ids.py`; `style` "", "primary" or "danger"."""

    action: str
    label: str
    value: str = ""
    style: str = ""
    url: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person who asked reads. `quote` is foreign or kept text, shown verbatim; `refused`: nothing was done."""

    sentence: str
    quote: str = ""
    buttons: tuple[Button, ...] = ()
    refused: bool = False
    form: str = ""
    """A form to open: "reply", "private", "note" … for the inquiry in `number`."""
    number: int | None = None
    lines: tuple[str, ...] = ()
    """Further lines below the sentence, each with tokens."""

    def as_json(self) -> dict[str, Any]:
        """The form in which a first answer is kept."""
        return {
            "sentence": self.sentence,
            "quote": self.quote,
            "buttons": [
                [button.action, button.label, button.value, button.style, button.url, button.confirm]
                for button in self.buttons
            ],
            "refused": self.refused,
            "form": self.form,
            "number": self.number,
            "lines": list(self.lines),
        }

    @staticmethod
    def from_json(kept: dict[str, Any]) -> Answer:
        return Answer(
            kept["sentence"],
            kept["quote"],
            tuple(Button(*button) for button in kept["buttons"]),
            kept["refused"],
            kept["form"],
            kept["number"],
            tuple(kept["lines"]),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the desk in Slack: a sentence with tokens, perhaps a quote and buttons. JSON-able through `as_json`.

    `mark` is an emoji name without colons ("hourglass_flowing_sand"); it never carries the meaning alone.
    """

    text: str
    quote: str = ""
    buttons: tuple[Button, ...] = ()
    mark: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "quote": self.quote,
            "buttons": [[b.action, b.label, b.value, b.style, b.url, b.confirm] for b in self.buttons],
            "mark": self.mark,
            **self.extra,
        }
