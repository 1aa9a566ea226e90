"""Words with people, times and links in them, before a surface (Slack, a log, a test) gives them its own mark-up.

A sentence of the desk is a plain string. Where it names a person, an instant or a link, it holds a token between two
private-use characters, which `platforms/slack/wording.py` turns into Slack's form while it escapes all the rest. What
comes from outside passes `clean` first, so nobody can write a token by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime

OPEN, CLOSE, BAR = "\ue000", "\ue001", "\ue002"
_TOKEN = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_RESERVED = re.compile("[\ue000-\ue002]")


def clean(text: str) -> str:
    """Foreign text without the three characters that the desk keeps for its tokens."""
    return _RESERVED.sub("", text)


def who(user: str) -> str:
    """A token for a person in Slack, who is pinged where the sentence is posted as a new message."""
    return f"{OPEN}who{BAR}{user}{CLOSE}"


def group(usergroup: str) -> str:
    """A token for a Slack user group, pinged like a person."""
    return f"{OPEN}group{BAR}{usergroup}{CLOSE}"


def where(channel: str) -> str:
    """A token for a channel in Slack, by its id."""
    return f"{OPEN}where{BAR}{channel}{CLOSE}"


def when(at: datetime, style: str = "time") -> str:
    """A token for an instant, shown in each reader's own zone. `style` is "time", "day" (date and time) or "date"."""
    return f"{OPEN}{style}{BAR}{at.astimezone(UTC).isoformat()}{CLOSE}"


def link(url: str, label: str) -> str:
    """A token for a link of ours with a label; never for a link that a customer wrote."""
    return f"{OPEN}link{BAR}{clean(url)}{BAR}{clean(label)}{CLOSE}"


def strong(text: str) -> str:
    """A token for words that stand out."""
    return f"{OPEN}strong{BAR}{clean(text)}{CLOSE}"


def code(text: str) -> str:
    """A token for something to type."""
    return f"{OPEN}code{BAR}{clean(text)}{CLOSE}"


def says_something(text: str) -> bool:
    """Whether there is anything to read besides @names, blanks and signs that do not show."""
    rest = re.sub(r"(?<!\w)@[\w.]+", "", text)
    return any(unicodedata.category(char)[0] not in "ZC" for char in rest)


def ended(text: str) -> str:
    """Words with a full stop behind them, unless they have an end of their own ("Zuzana M.", "lunch!")."""
    return text if text.rstrip("”’\"')").endswith((".", "!", "?", "…", "。")) else f"{text}."


def render(text: str, plain: Callable[[str], str], token: Callable[[str, list[str]], str]) -> str:
    """`text` with `plain` applied to what stands between tokens and `token(kind, arguments)` to each token."""
    parts: list[str] = []
    last = 0
    for match in _TOKEN.finditer(text):
        parts.append(plain(text[last : match.start()]))
        kind, *arguments = match[1].split(BAR)
        parts.append(token(kind, arguments))
        last = match.end()
    parts.append(plain(text[last:]))
    return "".join(parts)


def bare(text: str, name: Callable[[str], str] = "@{}".format) -> str:
    """The sentence for a log, a form or a test: instants as "12:30 UTC", people as `name` calls them (else @id)."""

    def token(kind: str, arguments: list[str]) -> str:
        value = arguments[0] if arguments else ""
        if kind in ("time", "day", "date"):
            at = datetime.fromisoformat(value)
            return at.strftime({"time": "%H:%M UTC", "day": "%a %d %b %H:%M UTC", "date": "%a %d %b %Y"}[kind])
        if kind in ("who", "group"):
            return name(value)
        if kind == "where":
            return f"#{value}"
        if kind == "link":
            return f"{arguments[1]} ({value})" if len(arguments) > 1 else value
        return value

    return render(text, str, token)
