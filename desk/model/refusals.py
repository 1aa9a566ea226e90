"""The desk's refusals: each says what is so, then what the agent can do. An agent's text is kept in `quote`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say
from desk.model.errors import DeskError
from desk.model.inquiry import Inquiry, Status
from desk.model.reasons import reason_words
from desk.model.words import clean, code, ended, when, who


class Refusal(DeskError):
    """A refusal with the agent's text kept, and perhaps things to press instead."""

    def __init__(self, sentence: str, *, quote: str = "", buttons: Sequence[Button] = ()) -> None:
        super().__init__(sentence)
        self.quote = quote
        self.buttons = tuple(buttons)
        self.kept: Mapping[str, Any] = {}
        """What is kept beside the text until somebody goes on with it (JSON-able)."""
        self.then: Callable[[Any], None] | None = None
        """What is done in the transaction that keeps the refusal, with its `Tx`."""


class UnknownNumber(Refusal):
    """There is no inquiry of that number."""

    def __init__(self, number: int, highest: int, similar: Sequence[int] = (), text: str = "") -> None:
        told = [say("No inquiry #{number}.", number=number)]
        if highest == 0:
            told.append(say("There is none yet: the first customer's message opens #1."))
        else:
            told.append(say("The highest is #{number}.", number=highest))
            if similar:
                told.append(say("Did you mean {numbers}?", numbers=either([f"#{n}" for n in similar])))
        super().__init__(" ".join(told), quote=text)


class NoNumber(Refusal):
    """A command came without a number, and it is not clear which inquiry is meant."""

    def __init__(self, example: str, mine: Sequence[int], waiting: Sequence[int] = (), text: str = "") -> None:
        """`example` is a whole command with a number; `waiting` are some that nobody has."""
        told = [say("Which inquiry? Say its number: {example}.", example=example)]
        if mine:
            told.append(say("Yours: {numbers}.", numbers=", ".join(f"#{n}" for n in mine)))
        elif waiting:
            told.append(say("Unclaimed now: {numbers}.", numbers=", ".join(f"#{n}" for n in waiting)))
        super().__init__(" ".join(told), quote=text)


class AlreadyClaimed(Refusal):
    """Another agent has it."""

    def __init__(self, inquiry: Inquiry, now: datetime, take: str, text: str = "") -> None:
        """`take` is the command that takes it over."""
        assert inquiry.assignee is not None
        number, owner = inquiry.number, who(inquiry.assignee)
        if inquiry.claimed_at:
            since = ago(inquiry.claimed_at, now)
            told = say("#{number} is with {who}, who claimed it {ago}.", number=number, who=owner, ago=since)
        else:
            told = say("#{number} is with {who}.", number=number, who=owner)
        ways = say("Ask them, or take it over (everybody sees that): {take}", take=take)
        super().__init__(f"{told} {ways}", quote=text)


class Closed(Refusal):
    """The inquiry is closed."""

    def __init__(self, inquiry: Inquiry, reopen: str, text: str = "") -> None:
        """`reopen` is the command that opens it again."""
        number, reason = inquiry.number, ended(reason_words(inquiry.closed_reason))
        if inquiry.closed_by:
            by = who(inquiry.closed_by)
            told = say("#{number} was closed by {who}: {reason}", number=number, who=by, reason=reason)
        else:
            told = say("#{number} was closed: {reason}", number=number, reason=reason)
        super().__init__(f"{told} {say('Open it again, then repeat: {command}', command=reopen)}", quote=text)


class Merged(Refusal):
    """The inquiry is part of another one, where it goes on."""

    def __init__(self, number: int, into: int, split: str, text: str = "") -> None:
        """`split` is the command that takes the two apart again."""
        told = say("#{number} is part of #{into} now: write there, with that number.", number=number, into=into)
        super().__init__(f"{told} {say('To take them apart again: {command}', command=split)}", quote=text)


class NotYours(Refusal):
    """Only the agent who has it, or a lead, may do this."""

    def __init__(self, inquiry: Inquiry, text: str = "") -> None:
        number = inquiry.number
        if inquiry.assignee:
            told = say(
                "#{number} is with {who}, not with you. Only they or a lead can do that.",
                number=number,
                who=who(inquiry.assignee),
            )
        else:
            told = say("#{number} is with nobody, not with you. Only they or a lead can do that.", number=number)
        super().__init__(told, quote=text)


class EmptyText(Refusal):
    """Nothing to say."""

    def __init__(self, example: str, *, note: bool = False) -> None:
        """`example` is a whole command with words in it; a `note` would only have been kept."""
        if note:
            told = say("There are no words in it, so nothing was kept. Write: {example}", example=example)
        else:
            told = say("There are no words in it, so nothing was sent. Write: {example}", example=example)
        super().__init__(told)


class TooLong(Refusal):
    """Over the platform's limit; refused before the network, with the count and two ways on."""

    def __init__(
        self,
        size: int,
        limit: int,
        title: str,
        counting: str,
        text: str,
        buttons: Sequence[Button],
        reasons: Sequence[str] = (),
    ) -> None:
        """`reasons`: what the guards say of it besides, so that nothing is asked twice."""
        where = f"{title} ({counting})" if counting else title
        press = either([button.label for button in buttons])
        head = [
            say("Not sent: {size}/{limit} for {where}, the signature included.", size=size, limit=limit, where=where),
            say("Shorten it, or press {buttons}.", buttons=press) if press else say("Shorten it."),
        ]
        told = [say("Your text is kept:")]
        if reasons:
            told = [
                say("Look at this, too, before it goes out in another form:"),
                *(f"• {reason}" for reason in reasons),
            ]
        super().__init__(" ".join(head) + " " + "\n".join(told), quote=text, buttons=buttons)


class Stopped(Refusal):
    """A guard stops it: a second look by its author, or by a second person (`second`)."""

    def __init__(
        self, reasons: Sequence[str], text: str, buttons: Sequence[Button], *, number: int, second: bool = False
    ) -> None:
        lines = [say("Not sent yet. Have another look:"), *(f"• {reason}" for reason in reasons)]
        if second:
            lines.append(
                say(
                    "Another agent or a lead can send it anyway, in the thread of #{number}. Or change it:",
                    number=number,
                )
            )
        else:
            lines.append(say("Change it, or send it anyway:"))
        super().__init__("\n".join(lines), quote=text, buttons=buttons)


class LeadsOnly(Refusal):
    """An agent asked for what only leads decide."""

    def __init__(self, what: str, leads: Sequence[str], text: str = "") -> None:
        names = either([who(user) for user in leads[:3]]) or say("a lead")
        super().__init__(say("Only leads {what}. Ask {names}.", what=what, names=names), quote=text)


class NoName(Refusal):
    """A reply needs a signature, and Slack knows no first name."""

    def __init__(self, prefix: str = "", text: str = "") -> None:
        super().__init__(
            say(
                "Not sent: your Slack profile has no first name to sign with, and customers should know who answers. "
                "Set one: {command}. Then send this again:",
                command=code(f"/{prefix}desk name Mia"),
            ),
            quote=text,
        )


class Held(Refusal):
    """Publishing is on hold for the whole desk."""

    def __init__(self, by: str, prefix: str, text: str) -> None:
        super().__init__(
            say(
                "Publishing is on hold (by {who}). Nothing was sent. A lead ends it with {command}.",
                who=who(by),
                command=code(f"/{prefix}desk hold off"),
            ),
            quote=text,
        )


def moved_on(inquiry: Inquiry, name: str, newest: str) -> str:
    """The reason that holds an answer back which was written before the conversation moved."""
    return say(
        "#{number} has moved since you began: {name} wrote “{newest}”. Read it first.",
        number=inquiry.number,
        name=name,
        newest=clean(newest),
    )


def ago(at: datetime, now: datetime) -> str:
    """ "just now", "2 s ago", "18 min ago", or the day and the time."""
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < 60:
        return say("{n} s ago", n=seconds) if seconds else say("just now")
    if seconds < 5400:
        return say("{n} min ago", n=seconds // 60)
    return when(at, "day")


def stands(inquiry: Inquiry) -> str:
    """One word or two for where an inquiry stands: "unclaimed", "with @ana", "closed"."""
    if inquiry.status is Status.CLOSED:
        return say("closed")
    if inquiry.assignee:
        return say("with {who}", who=who(inquiry.assignee))
    return say("unclaimed")


def either(ways: Sequence[str]) -> str:
    """The one or the other: "#1", "#1 or #4", "#1 or #4 or #9"; "" of none."""
    found = ways[0] if ways else ""
    for way in ways[1:]:
        found = say("{one} or {other}", one=found, other=way)
    return found
