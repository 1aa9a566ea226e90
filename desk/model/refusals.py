"""The desk's refusals: each says what is so, then what the agent can do. An agent's text is kept in `quote`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say
from desk.model.errors import DeskError
from desk.model.inquiry import Inquiry, Status
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
        if highest == 0:
            rest = "There is none yet: the first customer's message opens #1."
        else:
            rest = f"The highest is #{highest}."
            if similar:
                rest += f" Did you mean {' or '.join(f'#{n}' for n in similar)}?"
        super().__init__(f"No inquiry #{number}. {rest}", quote=text)


class NoNumber(Refusal):
    """A command came without a number, and it is not clear which inquiry is meant."""

    def __init__(self, example: str, mine: Sequence[int], waiting: Sequence[int] = (), text: str = "") -> None:
        """`example` is a whole command with a number; `waiting` are some that nobody has."""
        have = f" Yours: {', '.join(f'#{n}' for n in mine)}." if mine else ""
        free = f" Unclaimed now: {', '.join(f'#{n}' for n in waiting)}." if waiting and not mine else ""
        super().__init__(f"Which inquiry? Say its number: {example}.{have}{free}", quote=text)


class AlreadyClaimed(Refusal):
    """Another agent has it."""

    def __init__(self, inquiry: Inquiry, now: datetime, take: str, text: str = "") -> None:
        """`take` is the command that takes it over."""
        assert inquiry.assignee is not None
        since = f", who claimed it {ago(inquiry.claimed_at, now)}" if inquiry.claimed_at else ""
        super().__init__(
            f"#{inquiry.number} is with {who(inquiry.assignee)}{since}. Ask them, or take it over (everybody sees "
            f"that): {take}",
            quote=text,
        )


class Closed(Refusal):
    """The inquiry is closed."""

    def __init__(self, inquiry: Inquiry, reopen: str, text: str = "") -> None:
        """`reopen` is the command that opens it again."""
        by = f" by {who(inquiry.closed_by)}" if inquiry.closed_by else ""
        super().__init__(
            f"#{inquiry.number} was closed{by}: {ended(inquiry.closed_reason or 'solved')} "
            f"Open it again, then repeat: {reopen}",
            quote=text,
        )


class NotYours(Refusal):
    """Only the agent who has it, or a lead, may do this."""

    def __init__(self, inquiry: Inquiry, text: str = "") -> None:
        whom = f"with {who(inquiry.assignee)}" if inquiry.assignee else "with nobody"
        super().__init__(f"#{inquiry.number} is {whom}, not with you. Only they or a lead can do that.", quote=text)


class EmptyText(Refusal):
    """Nothing to say."""

    def __init__(self, example: str) -> None:
        """`example` is a whole command with words in it."""
        super().__init__(f"There are no words in it, so nothing was sent. Write: {example}")


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
        how = f" ({counting})" if counting else ""
        press = " or ".join(button.label for button in buttons)
        ways = f"Shorten it, or press {press}" if press else "Shorten it"
        told = ["Your text is kept:"]
        if reasons:
            told = [
                say("Look at this, too, before it goes out in another form:"),
                *(f"• {reason}" for reason in reasons),
            ]
        super().__init__(
            f"Not sent: {size}/{limit} for {title}{how}, the signature included. {ways}. " + "\n".join(told),
            quote=text,
            buttons=buttons,
        )


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
        names = " or ".join(who(user) for user in leads[:3]) or "a lead"
        super().__init__(f"Only leads {what}. Ask {names}.", quote=text)


class NoName(Refusal):
    """A reply needs a signature, and Slack knows no first name."""

    def __init__(self, prefix: str = "", text: str = "") -> None:
        super().__init__(
            "Not sent: your Slack profile has no first name to sign with, and customers should know who answers. "
            f"Set one: {code(f'/{prefix}desk name Mia')}. Then send this again:",
            quote=text,
        )


class Held(Refusal):
    """Publishing is on hold for the whole desk."""

    def __init__(self, by: str, prefix: str, text: str) -> None:
        super().__init__(
            f"Publishing is on hold (by {who(by)}). Nothing was sent. "
            f"A lead ends it with {code(f'/{prefix}desk hold off')}.",
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
        return f"{seconds} s ago" if seconds else "just now"
    if seconds < 5400:
        return f"{seconds // 60} min ago"
    return when(at, "day")


def stands(inquiry: Inquiry) -> str:
    """One word or two for where an inquiry stands: "unclaimed", "with @ana", "closed"."""
    if inquiry.status is Status.CLOSED:
        return "closed"
    if inquiry.assignee:
        return f"with {who(inquiry.assignee)}"
    return "unclaimed"
