"""The card of an inquiry: what is true now, in one look; and a customer's further message below it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.model.asking import Button
from desk.model.duration import spoken
from desk.model.inquiry import Entry, Inquiry, Status
from platforms.slack import ids
from platforms.slack.blocks.pieces import Block, actions, context, quote, section
from platforms.slack.wording import date, escape

MARKS = {"x": "bird", "facebook": "blue_book"}


def inquiry_card(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Notification text and blocks of the root message.

    `view`: inquiry, first (its first Entry), text (what of it fits), pieces, platform (title), now, delivery, prefix.
    """
    inquiry: Inquiry = view["inquiry"]
    first: Entry = view["first"]
    now: datetime = view["now"]
    if inquiry.status is Status.CLOSED:
        return _closed_card(inquiry, view)
    state = _state(inquiry, now, view["delivery"])
    source = f"{view['platform']} {inquiry.kind}"
    head = (
        f":{MARKS.get(inquiry.platform, 'speech_balloon')}: *#{inquiry.number} · {escape(source)}* "
        f"from {_customer(first)}\n{state}"
    )
    more = _more(inquiry, first, view)
    blocks = [section(head), quote(_words(first, view["text"])), *actions(_buttons(inquiry, first, view))]
    hint = (
        f"In the channel: `/{view['prefix']}reply {inquiry.number} …` · in the thread: `!reply …` · "
        "plain thread messages stay internal"
    )
    blocks.append(context(f"{more}{hint}"))
    return f"{_plain_state(inquiry, now)} · {escape(source)} · {_name(first)}: {escape(_short(first))}", blocks


def _closed_card(inquiry: Inquiry, view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Compact, so that the channel can be scanned; the customer's words stay for who needs them."""
    first: Entry = view["first"]
    by = f" by <@{inquiry.closed_by}>" if inquiry.closed_by else ""
    took = ""
    if inquiry.first_answer_seconds is not None:
        from datetime import timedelta

        took = f" · first answer in {spoken(timedelta(seconds=inquiry.first_answer_seconds))} of business time"
    link = f" · <{inquiry.last_reply_url}|our answer>" if inquiry.last_reply_url else ""
    count = f" · {inquiry.message_count} message{'s' if inquiry.message_count != 1 else ''}"
    text = (
        f":white_check_mark: *#{inquiry.number} CLOSED*{by}: {escape(inquiry.closed_reason or 'solved')} · "
        f"{escape(view['platform'])} · {_customer(first)}{took}{count}{link}"
    )
    blocks = [
        section(text),
        quote(_words(first, view["text"])),
        *actions((Button(ids.REOPEN, "Reopen", str(inquiry.number)), *_open_link(first, view))),
    ]
    plain = f"#{inquiry.number} closed: {escape(inquiry.closed_reason or 'solved')} · {_name(first)}"
    return plain, blocks


def _state(inquiry: Inquiry, now: datetime, delivery: str) -> str:
    """The true state in words: who has it, until when, and how an answer under way does."""
    who = f"*CLAIMED* by <@{inquiry.assignee}>" if inquiry.assignee else "*UNCLAIMED*"
    parts = [who]
    clock = inquiry.clock
    if inquiry.snoozed_until is not None:
        parts.append(f"*SNOOZED* until {date(inquiry.snoozed_until, 'day')}")
    if clock is not None:
        name = "first answer" if clock.target == "first" else "next answer"
        if clock.breached_at is not None or clock.due_at <= now:
            parts.insert(0, ":red_circle: *LATE*")
            parts.append(f"{name} was due {date(clock.due_at, 'day')}")
        else:
            if clock.warned_at is not None:
                parts.insert(0, ":large_orange_circle: *SOON DUE*")
            parts.append(f"{name} due {date(clock.due_at, 'day')}")
    elif inquiry.status is Status.PENDING:
        parts.append("*WAITING FOR THE CUSTOMER*")
    else:
        parts.append("no answer needed, it seems")
    delivered = {
        "unsure": ":grey_question: an answer is *in doubt*, see the thread",
        "failed": ":red_circle: the last answer did *not* go out, see the thread",
        "going out": "an answer is going out",
    }.get(delivery)
    if delivered:
        parts.append(delivered)
    return " · ".join(parts)


def _plain_state(inquiry: Inquiry, now: datetime) -> str:
    late = "LATE, " if inquiry.clock is not None and inquiry.clock.due_at <= now else ""
    who = "claimed" if inquiry.assignee else "unclaimed"
    due = f", due {inquiry.clock.due_at:%d %b %H:%M} UTC" if inquiry.clock is not None else ""
    return f"#{inquiry.number} {late}{who}{due}"


def _buttons(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> tuple[Button, ...]:
    number = str(inquiry.number)
    buttons = []
    if inquiry.assignee is None:
        buttons.append(Button(ids.CLAIM, "Claim", number, "primary"))
        buttons.append(Button(ids.REPLY, "Reply…", number))
    else:
        buttons.append(Button(ids.REPLY, "Reply…", number, "primary"))
    if not inquiry.private:
        buttons.append(Button(ids.PRIVATE, "Private…", number))
    buttons.append(Button(ids.NOTE, "Note…", number))
    if inquiry.assignee is not None:
        buttons.append(Button(ids.RELEASE, "Release", number))
    if inquiry.clock is None and inquiry.first_answered_at is None:
        buttons.append(Button(ids.NEEDS_ANSWER, "It needs an answer", number))
    unanswered = "" if inquiry.first_answered_at else "The customer has had no answer yet."
    buttons.append(Button(ids.DONE, "Done", number, confirm=unanswered))
    return (*buttons, *_open_link(first, view))


def _open_link(first: Entry, view: dict[str, Any]) -> tuple[Button, ...]:
    return (Button(ids.OPEN, f"Open on {view['platform']}", url=first.url),) if first.url else ()


def _more(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> str:
    parts = []
    if view["pieces"] > 1:
        parts.append(f"part 1 of {view['pieces']}, the rest is in the thread")
    if inquiry.message_count > 1:
        parts.append(f"{inquiry.message_count} messages from customers, {inquiry.reply_count} answers")
    if inquiry.last_reply_url:
        parts.append(f"<{inquiry.last_reply_url}|our last answer>")
    return "".join(f"{part} · " for part in parts)


def customer_message(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """A further message of a customer in the thread: who, when, the words, and where they stand.

    `view`: inquiry, entry, text (this piece), piece, pieces, ping (the assignee, on the first piece), platform.
    """
    entry: Entry = view["entry"]
    part = f" (part {view['piece'] + 1} of {view['pieces']})" if view["pieces"] > 1 else ""
    ping = f"<@{view['ping']}> " if view["ping"] else ""
    link = f" · <{entry.url}|open on {escape(view['platform'])}>" if entry.url else ""
    edited = " · edited" if entry.edits else ""
    head = f"{ping}*{_customer(entry)}* wrote {date(entry.at, 'day')}{part}{edited}{link}"
    blocks = [section(head), quote(_words(entry, view["text"]))]
    if not entry.starts_clock and not entry.deleted and view["piece"] == 0:
        number = view["inquiry"].number
        blocks.append(context("It reads like thanks or a greeting, so no clock was started."))
        blocks += actions((Button(ids.NEEDS_ANSWER, "It needs an answer", f"{number}:{entry.index}"),))
    return f"{ping}{_name(entry)}: {escape(_short(entry))}", blocks


def _words(entry: Entry, text: str) -> str:
    if entry.deleted:
        return "(taken back by the customer)"
    if not text.strip():
        what = ", ".join(entry.attachments) or "no text"
        return f"[{what}: open it on the platform]"
    return text


def _customer(entry: Entry) -> str:
    """The customer, labelled, with the handle always shown; never a live mention."""
    author = entry.author
    name = escape(author.name or author.handle or "somebody").replace("*", "∗").replace("_", "＿").replace("`", "ˋ")
    name = name.replace("~", "∼")
    handle = f" (@{escape(author.handle)})" if author.handle and author.handle != author.name else ""
    return f"<{author.url}|{name.replace('|', '¦')}>{handle}" if author.url else f"{name}{handle}"


def _name(entry: Entry) -> str:
    return escape(f"@{entry.author.handle}" if entry.author.handle else entry.author.name or "customer")


def _short(entry: Entry) -> str:
    words = " ".join(_words(entry, entry.text).split())
    return words if len(words) <= 140 else f"{words[:139]}…"
