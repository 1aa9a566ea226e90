"""Slack's mark-up: the one place where the desk's sentences are escaped and get their people, times and links."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from desk.model.neutral import display_name
from desk.model.words import render

DATE_FORMS = {
    "time": ("{time}", "%H:%M UTC"),
    "day": ("{date_short_pretty} at {time}", "%d %b %H:%M UTC"),
    "date": ("{date_short_pretty}", "%d %b %Y"),
}


_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ", "|": "¦"})
_EDGE = re.compile(r"(?<!\w)_|_(?!\w)|(?<=_)_|_(?=_)")
_EMOJI = re.compile(r"(?<!\d):(?=[\w+'-]+:)|:(?=[\d+'-]*[^\W\d][\w+'-]*:)")
"""The colon that begins an emoji's name; in "17:00-09:00" there is none."""
_WEB = re.compile(r"https?://\S", re.IGNORECASE)


def escape(text: str) -> str:
    """Text that Slack shows as it is: `<!channel>` in it pings nobody, `<https://a|b>` is no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unmarked(text: str) -> str:
    """Foreign words inside a sentence of ours: escaped, and what Slack would take for mark-up or an emoji replaced by
    its look-alike. An underscore inside a word ("maria_k") is no mark-up and stays."""
    text = _EDGE.sub("ˍ", escape(text).translate(_LOOK_ALIKES))
    return _EMOJI.sub("∶", text)


def named(name: str, handle: str = "") -> str:
    """A customer's name inside a sentence of ours: one short line, never empty, never mark-up, never a ping."""
    return unmarked(display_name(name, handle))


def linked(url: str, label: str) -> str:
    """A link whose label is mark-up already; the label alone where the address is none of the web."""
    if not _WEB.match(url):
        return label
    safe = "".join(f"%{ord(char):02X}" if char in "<>|`" or char <= " " else char for char in url)
    return f"<{escape(safe)}|{label.replace('|', '¦')}>"


def date(at: datetime, style: str = "time") -> str:
    """An instant that each reader sees in their own zone, with a form in UTC where Slack can't show it."""
    form, fallback = DATE_FORMS[style]
    return f"<!date^{int(at.timestamp())}^{form}|{at.astimezone(UTC).strftime(fallback)}>"


def mrkdwn(sentence: str) -> str:
    """A sentence of the desk in Slack's mark-up."""
    return render(sentence, unmarked, _token)


def plain(sentence: str) -> str:
    """A sentence for `plain_text` and for the notification of a message: no mark-up, nothing to escape but pings."""
    return render(sentence, escape, _plain_token)


def _token(kind: str, arguments: list[str]) -> str:
    value = arguments[0] if arguments else ""
    match kind:
        case "who":
            return f"<@{value}>"
        case "group":
            return f"<!subteam^{value}>"
        case "where":
            return f"<#{value}>"
        case "link":
            return linked(value, unmarked(arguments[1]))
        case "strong":
            return f"*{unmarked(value)}*"
        case "code":
            return f"`{escape(value)}`"
        case _:
            return date(datetime.fromisoformat(value), kind)


def _plain_token(kind: str, arguments: list[str]) -> str:
    value = arguments[0] if arguments else ""
    match kind:
        case "who" | "group" | "where":
            return _token(kind, arguments)
        case "link":
            return escape(arguments[1])
        case "strong" | "code":
            return escape(value)
        case _:
            return datetime.fromisoformat(value).astimezone(UTC).strftime(DATE_FORMS[kind][1])


def label(text: str) -> str:
    """Words on a button: at most 75 characters (Block Kit's limit), no mark-up."""
    return text if len(text) <= 75 else f"{text[:74]}…"
