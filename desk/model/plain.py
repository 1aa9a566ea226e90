"""From the text that Slack hands over to the words that a customer reads, and back.

Slack escapes `&`, `<` and `>` and writes people, channels and links between angle brackets. Customers must see none of
that.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(
    r"<(?:"
    r"(?P<sign>[@#])(?P<id>[A-Z0-9]+)(?:\|(?P<label>[^<>]*))?"
    r"|!(?P<command>[^<>|]+)(?:\|(?P<spoken>[^<>]*))?"
    r"|(?P<url>[A-Za-z][A-Za-z0-9+.-]*:[^<>|]+)(?:\|(?P<shown>[^<>]*))?"
    r")>"
    r"|&(?P<entity>amp|lt|gt);"
)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_ADDRESSES = ("mailto:", "tel:")


def plain(text: str) -> str:
    """What the customer reads of a text in Slack's form; line breaks and all the rest stay as they are.

    Entities are unescaped once. A link becomes its address: `<https://a.example|there>` reads `https://a.example`;
    where Slack itself made a link of a typed `a.example`, it reads as typed. People and channels become `@ana` and
    `#name`; `internal_mentions` tells who was named, for a warning before it goes out.
    """
    return _SPECIAL.sub(_words, text)


def internal_mentions(text: str) -> tuple[str, ...]:
    """Whom of the team a text in Slack's form names: user ids, and "!here", "!subteam^S1" … for groups; no doubles."""
    found: dict[str, None] = {}
    for match in _SPECIAL.finditer(text):
        if match["sign"] == "@":
            found[match["id"]] = None
        elif match["command"] and not match["command"].startswith("date^"):
            found["!" + match["command"]] = None
    return tuple(found)


def escape(text: str) -> str:
    """Plain words in the form that Slack shows as they are: nothing in them pings, links or formats as a token."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(match: re.Match[str]) -> str:
    if match["entity"]:
        return _ENTITIES[match["entity"]]
    if match["sign"]:
        return match["sign"] + _unescape(match["label"] or match["id"]).removeprefix(match["sign"])
    if match["command"]:
        if match["spoken"]:
            return _unescape(match["spoken"])
        return "@" + match["command"].partition("^")[0]
    url, shown = _unescape(match["url"]), _unescape(match["shown"] or "")
    for scheme in _ADDRESSES:
        if url.startswith(scheme):
            return shown if scheme == "tel:" and shown else url.removeprefix(scheme)
    typed = {f"http://{shown}", f"http://{shown}/"}
    return shown if shown and url in typed else url


def _unescape(text: str) -> str:
    return re.sub(r"&(amp|lt|gt);", lambda match: _ENTITIES[match[1]], text)
