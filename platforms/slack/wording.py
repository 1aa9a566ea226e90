"""Slack's mark-up: the one place where the desk's sentences are escaped and get their people, times and links."""

from __future__ import annotations

from datetime import UTC, datetime

from desk.model.words import render

DATE_FORMS = {
    "time": ("{time}", "%H:%M UTC"),
    "day": ("{date_short_pretty} at {time}", "%d %b %H:%M UTC"),
    "date": ("{date_short_pretty}", "%d %b %Y"),
}


def escape(text: str) -> str:
    """Text that Slack shows as it is: `<!channel>` in it pings nobody, `<https://a|b>` is no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def date(at: datetime, style: str = "time") -> str:
    """An instant that each reader sees in their own zone, with a form in UTC where Slack can't show it."""
    form, fallback = DATE_FORMS[style]
    return f"<!date^{int(at.timestamp())}^{form}|{at.astimezone(UTC).strftime(fallback)}>"


def mrkdwn(sentence: str) -> str:
    """A sentence of the desk in Slack's mark-up."""
    return render(sentence, escape, _token)


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
        case "link":
            return f"<{value.replace('>', '%3E').replace('|', '%7C')}|{escape(arguments[1])}>"
        case "strong":
            return f"*{escape(value)}*"
        case "code":
            return f"`{escape(value)}`"
        case _:
            return date(datetime.fromisoformat(value), kind)


def _plain_token(kind: str, arguments: list[str]) -> str:
    value = arguments[0] if arguments else ""
    match kind:
        case "who" | "group":
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
