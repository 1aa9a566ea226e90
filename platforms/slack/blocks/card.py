"""The card of an inquiry: what is true now, in one look; and a customer's further message below it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.inquiry import Entry, Flag, Inquiry, Said, Status
from desk.model.private import Invitation
from desk.model.sensitive import HIDDEN
from desk.model.sla import SlaClock
from desk.model.windows import Chance, Window
from desk.model.words import code, strong
from desk.model.words import when as at
from desk.model.words import who as who_is
from platforms.slack import ids
from platforms.slack.blocks.pieces import Block, actions, button, context, quote, section
from platforms.slack.wording import date, escape, linked, mrkdwn, named, unmarked

MARKS = {"x": "bird", "facebook": "blue_book"}
LATE_ARRIVAL = timedelta(minutes=10)
"""A message that comes in this much after it was written says so."""
SHORT = 140
"""Characters of a customer's text in a notification."""


def inquiry_card(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Notification text and blocks of the root message.

    `view`: inquiry, first (its first Entry), text (what of it fits), pieces, platform (title), now, delivery, prefix.
    """
    inquiry: Inquiry = view["inquiry"]
    first: Entry = view["first"]
    now: datetime = view["now"]
    if inquiry.status is Status.CLOSED:
        return _closed_card(inquiry, view)
    source = f"{view['platform']} {inquiry.kind}"
    head = (
        f":{MARKS.get(inquiry.platform, 'speech_balloon')}: *#{inquiry.number} · {unmarked(source)}* "
        f"from {_customer(first)}{_with(first)}\n{_state(inquiry, now, view['delivery'])}"
    )
    blocks = [section(head), quote(_words(first, view["text"], view["platform"]))]
    if view.get("about"):
        blocks.append(context(mrkdwn(view["about"])))
    blocks += actions(_buttons(inquiry, first, view), _seldom(inquiry, first, view))
    below = _more(inquiry, first, view)
    if inquiry.assignee is None and _can_answer(inquiry):
        below.append(
            f"In the channel: `/{view['prefix']}reply {inquiry.number} …` · in the thread: `!reply …` · "
            "plain thread messages stay internal"
        )
    if below:
        blocks.append(context(" · ".join(below)))
    plain = f"{_plain_state(inquiry, now, view['delivery'])} · {escape(source)} · {_name(first)}: "
    return f"{plain}{escape(_short(first, view['platform']))}", blocks


def _closed_card(inquiry: Inquiry, view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Compact, so that the channel can be scanned: one sentence, and the beginning of the customer's words."""
    first: Entry = view["first"]
    by = f" by <@{inquiry.closed_by}>" if inquiry.closed_by else ""
    took = ""
    if inquiry.first_answer_seconds is not None:
        took = f" · first answer in {spoken(timedelta(seconds=inquiry.first_answer_seconds))} of business time"
    link = f" · {linked(inquiry.last_reply_url, 'our answer')}" if inquiry.last_reply_url else ""
    count = f" · {inquiry.message_count} message{'s' if inquiry.message_count != 1 else ''}"
    reason = _one_line(inquiry.closed_reason or "solved", 200)
    text = (
        f":white_check_mark: *#{inquiry.number} CLOSED*{by}: {unmarked(reason)} · "
        f"{unmarked(view['platform'])} · {_customer(first)}{took}{count}{link}"
    )
    if first.url and not first.deleted:
        text += f" · {linked(first.url, 'open on ' + view['platform'])}"
    if Flag.MUTED in inquiry.flags:
        command = code(f"/{view['prefix']}desk ignore {inquiry.number} off")
        text += f" · {mrkdwn(say('{command} brings them back', command=command))}"
    again = Button(ids.REOPEN, "Reopen", str(inquiry.number))
    blocks = [
        section(text, button(again) if _can_reopen(inquiry) else None),
        quote(_short(first, view["platform"])),
    ]
    if also := _also(inquiry):
        blocks.append(context(also))
    return f"#{inquiry.number} closed{by}: {escape(reason)} · {_name(first)}", blocks


def _can_reopen(inquiry: Inquiry) -> bool:
    """What was merged is open elsewhere; who is ignored is brought back first."""
    return inquiry.merged_into is None and Flag.MUTED not in inquiry.flags


def _state(inquiry: Inquiry, now: datetime, delivery: str) -> str:
    """The true state in words: who has it, until when, and how an answer under way does."""
    who = f"*CLAIMED* by <@{inquiry.assignee}>" if inquiry.assignee else "*UNCLAIMED*"
    parts = [who]
    clock = inquiry.clock
    if inquiry.replying and inquiry.replying == inquiry.assignee:
        whose = who_is(inquiry.replying)
        parts[0] = mrkdwn(say("{claimed} by {person}, who is replying", claimed=strong("CLAIMED"), person=whose))
    elif inquiry.replying:
        parts.append(mrkdwn(say("{person} is replying", person=who_is(inquiry.replying))))
    if inquiry.snoozed_until is not None:
        parts.append(f"*SNOOZED* until {date(inquiry.snoozed_until, 'day')}")
    if clock is not None and clock.paused_at is not None:
        parts.append("a lead has *STOPPED* the clock until then")
    elif clock is not None:
        name = "first answer" if clock.target == "first" else "next answer"
        if clock.breached_at is not None or clock.due_at <= now:
            parts.insert(0, ":red_circle: *LATE*")
            parts.append(f"{name} was due {date(clock.due_at, 'day')}")
        elif not clock.is_promised:
            parts.append(f"{name} waits, promised for no time")
        else:
            if clock.warned_at is not None:
                parts.insert(0, ":large_orange_circle: *SOON DUE*")
            elif clock.reached is not None:
                parts.insert(0, ":large_yellow_circle: *TIME RUNS*")
            parts.append(f"{name} due {date(clock.due_at, 'day')}")
    elif inquiry.promised is None:
        parts.append(f"*{_waits_for_nothing(inquiry)}*")
    if (promised := inquiry.promised) is not None:
        word = ":red_circle: *PROMISE LATE:*" if promised.due_at <= now else "*PROMISED*"
        parts.append(f"{word} {unmarked(promised.what or 'an answer')} by {date(promised.due_at, 'day')}")
    if (solution := inquiry.resolution) is not None:
        over = _is_over(solution, now)
        late = ":red_circle: *SOLUTION LATE*, was due" if over else "solution due"
        stands = "solution clock stands still" if solution.paused_at and not over else ""
        parts.append(stands or f"{late} {date(solution.due_at, 'day')}")
    if inquiry.flood:
        more = "1 more post" if inquiry.flood == 1 else f"{inquiry.flood} more posts"
        parts.append(f"*FLOOD*: {more} of this customer within minutes, gathered in this thread")
    delivered = {
        "unsure": ":grey_question: an answer is *IN DOUBT*, see the thread",
        "failed": ":red_circle: the last answer did *NOT GO OUT*, see the thread",
        "going out": "an answer is going out",
    }.get(delivery)
    if delivered:
        parts.append(delivered)
    return " · ".join(parts)


def _is_over(clock: SlaClock, now: datetime) -> bool:
    return clock.breached_at is not None or (clock.paused_at is None and clock.due_at <= now)


def _waits_for_nothing(inquiry: Inquiry) -> str:
    """Why no clock runs."""
    if Flag.WITHDRAWN in inquiry.flags:
        return "TAKEN BACK BY THE CUSTOMER"
    if Flag.OUTSIDE in inquiry.flags:
        return "ANSWERED OUTSIDE THE DESK"
    if inquiry.status is Status.PENDING:
        return "WAITING FOR THE CUSTOMER"
    return "NO ANSWER NEEDED, it seems"


def _plain_state(inquiry: Inquiry, now: datetime, delivery: str) -> str:
    """The same for notifications and screen readers, without mark-up and with times in UTC."""
    clock = inquiry.clock
    parts = [f"claimed by <@{inquiry.assignee}>" if inquiry.assignee else "unclaimed"]
    if inquiry.replying:
        parts.append(f"<@{inquiry.replying}> is replying")
    if clock is not None and clock.paused_at is not None:
        parts.append("clock stopped")
    elif clock is not None:
        due = f"{clock.due_at:%d %b %H:%M} UTC"
        if clock.breached_at is not None or clock.due_at <= now:
            parts = ["LATE", *parts, f"was due {due}"]
        else:
            parts = [*(["soon due"] if clock.warned_at else []), *parts, f"due {due}"]
    elif inquiry.promised is None:
        parts.append(_waits_for_nothing(inquiry).lower())
    if (promised := inquiry.promised) is not None:
        late = "promise LATE, was due" if promised.due_at <= now else "promised by"
        parts.append(f"{late} {promised.due_at:%d %b %H:%M} UTC")
    if (solution := inquiry.resolution) is not None and solution.paused_at is None:
        parts.append(f"solution {'LATE, was ' if _is_over(solution, now) else ''}due {solution.due_at:%d %b %H:%M} UTC")
    if inquiry.snoozed_until is not None:
        parts.append(f"snoozed until {inquiry.snoozed_until:%d %b %H:%M} UTC")
    if inquiry.flood:
        parts.append(f"{inquiry.flood} more posts")
    if delivery:
        parts.append(
            {"unsure": "an answer is in doubt", "failed": "the last answer did NOT go out"}.get(delivery, delivery)
        )
    if inquiry.vip:
        parts.insert(0, "VIP")
    return f"#{inquiry.number} {', '.join(parts)}"


def _buttons(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> tuple[Button, ...]:
    """What is done often, each with its label, and few enough for a telephone; nothing that would only be refused."""
    number = str(inquiry.number)
    clock = inquiry.clock
    late = clock is not None and clock.paused_at is None and clock.due_at <= view["now"]
    buttons = []
    if inquiry.assignee is None:
        urgent = "danger" if late else "" if _is_quiet(inquiry) else "primary"
        buttons.append(Button(ids.CLAIM, "Claim", number, urgent))
    if _can_answer(inquiry):
        buttons.append(Button(ids.REPLY, "Reply…", number, "primary" if inquiry.assignee else ""))
        if not inquiry.private and not _is_special(inquiry):
            buttons.append(Button(ids.PRIVATE, "Private…", number))
        if inquiry.clock is not None and not view["delivery"]:
            buttons.append(Button(ids.HOLDING, "Looking into it…", number))
    if inquiry.assignee is not None:
        buttons.append(Button(ids.RELEASE, "Release", number))
    if _is_quiet(inquiry):
        buttons.append(Button(ids.THANK, say("Thank them"), number, "" if inquiry.assignee else "primary"))
        buttons.append(Button(ids.NEEDS_ANSWER, "It needs an answer", number))
    if HIDDEN * 4 in first.text and not inquiry.private and not first.deleted:
        sure = say("Only its author, their friends and we see it then.")
        buttons.append(Button(ids.HIDE, say("Hide it on {platform}", platform=view["platform"]), number, confirm=sure))
    if inquiry.flood:
        many = f"Each gathered conversation gets a number and a thread of its own: up to {inquiry.flood} new ones."
        buttons.append(Button(ids.SPLIT_FLOOD, "Split", number, confirm=many))
    waits = inquiry.clock is not None and inquiry.first_answered_at is None
    buttons.append(Button(ids.DONE, "Done", number, confirm="The customer has had no answer yet." if waits else ""))
    return tuple(buttons)


def _seldom(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> tuple[Button, ...]:
    """What has another way that is as near (the form's canned answers, a command), behind the card's last button."""
    number = str(inquiry.number)
    seldom = [Button(ids.NOTE, "Note…", number)]
    if _can_answer(inquiry):
        seldom.insert(0, Button(ids.CANNED, say("Canned…"), number))
        if not inquiry.private and _is_special(inquiry):
            seldom.insert(1, Button(ids.PRIVATE, "Private…", number))
    if first.url and not first.deleted:
        seldom.append(Button(ids.OPEN, f"Open on {view['platform']}", number, url=first.url))
    return tuple(seldom)


def _can_answer(inquiry: Inquiry) -> bool:
    return inquiry.private or Flag.WITHDRAWN not in inquiry.flags


def _is_quiet(inquiry: Inquiry) -> bool:
    """Thanks, praise or a greeting: nothing waits, and nothing was answered."""
    return _can_answer(inquiry) and inquiry.clock is None and inquiry.first_answered_at is None


def _is_special(inquiry: Inquiry) -> bool:
    """It has buttons of its own that come before what is seldom wanted there."""
    return bool(inquiry.flood) or _is_quiet(inquiry)


def _more(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> list[str]:
    parts = []
    if inquiry.wow:
        parts.append(f":gift: {unmarked(say('a good deed is planned: {idea}', idea=_one_line(inquiry.wow, 200)))}")
    if inquiry.invitation is not None:
        parts.append(_in_private(inquiry.invitation))
    if view["pieces"] > 1 and not first.deleted:
        parts.append(f"part 1 of {view['pieces']}, the rest is in the thread")
    if first.edits:
        parts.append("edited by the customer")
    if Flag.HIDDEN in first.flags:
        parts.append(say("we hid the comment from everybody but its author"))
    if Flag.NO_TIME in inquiry.flags:
        parts.append(f"{unmarked(view['platform'])} gave no usable time: it counts from when it came in")
    elif inquiry.received_at - inquiry.created_at >= LATE_ARRIVAL:
        parts.append(f"written {date(inquiry.created_at, 'day')}, came in {date(inquiry.received_at, 'day')}")
    if inquiry.message_count > 1:
        answers = "1 answer" if inquiry.reply_count == 1 else f"{inquiry.reply_count} answers"
        parts.append(f"{inquiry.message_count} messages from customers, {answers}")
    if inquiry.last_reply_url:
        parts.append(linked(inquiry.last_reply_url, "our last answer"))
    parts += [_chance(window, view) for window in view.get("windows", ())]
    if also := _also(inquiry):
        parts.append(also)
    return parts


def _in_private(asked: Invitation) -> str:
    """Whether the customer, who was invited to go on in private, has come."""
    if asked.arrived_at is not None:
        said = say("moved to private, arrived {when}", when=at(asked.arrived_at, "day"))
    elif not asked.seen:
        said = say("told {when} how else to reach us", when=at(asked.at, "day"))
    else:
        said = say("invited to private messages {when}, not there yet", when=at(asked.at, "day"))
    return f":lock: {mrkdwn(said)}"


def _chance(window: Window, view: dict[str, Any]) -> str:
    """The platform's own clock: how long it lets us answer privately."""
    platform = unmarked(view["platform"])
    if window.closes_at < view["now"]:
        return f"{platform} has closed {CHANCES[window.chance]}"
    return f"{platform} allows {CHANCES[window.chance]} until {date(window.closes_at, 'day')}"


CHANCES = {
    Chance.MESSAGE: "a private answer",
    Chance.TAGGED: "a private answer as a person",
    Chance.PRIVATE_REPLY: "one private reply",
}


def _also(inquiry: Inquiry) -> str:
    numbers = ", ".join(f"#{number}" for number in inquiry.related)
    return f"same customer: also {numbers}" if numbers else ""


def customer_message(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """A further message of a customer in the thread: who, when, the words, and where they stand.

    `view`: inquiry, entry, text (this piece), piece, pieces, ping (the assignee, on the first piece), platform; posts
    (entries) where it is several of a flood.
    """
    if view.get("posts"):
        return _gathered(view)
    entry: Entry = view["entry"]
    many = view["pieces"] > 1 or view["piece"] > 0
    part = f" (part {view['piece'] + 1} of {max(view['pieces'], view['piece'] + 1)})" if many else ""
    ping = "".join(f"<@{user}> " for user in view["ping"].split())
    link = f" · {linked(entry.url, 'open')}" if entry.url and not entry.deleted else ""
    edited = " · edited" if entry.edits and not entry.deleted else ""
    if Flag.HIDDEN in entry.flags and not entry.deleted:
        edited += f" · *{say('hidden by us')}*"
    when = f"{'at an unknown time, came in ' if Flag.NO_TIME in entry.flags else ''}{date(entry.at, 'day')}"
    where = f"wrote on {unmarked(view['platform'])}"
    head = f"{ping}*{_customer(entry)}* {where} {when}{part}{_with(entry)}{edited}{link}"
    if entry.said is Said.MOVED:
        words = f"(now #{entry.moved_to})"
    elif view["piece"] >= view["pieces"]:
        words = "(taken back by the customer)" if entry.deleted else "(the message is shorter now)"
    else:
        words = _words(entry, view["text"], view["platform"])
    blocks = [section(head), quote(words)]
    if (public := view.get("goes_on_from")) is not None and not entry.deleted:
        words = say("in private from here on; in public they wrote: “{words}”", words=_short(public, view["platform"]))
        where = f" ({linked(public.url, 'open')})" if public.url else ""
        blocks.append(context(f":lock: {escape(words)}{where}"))
    if not entry.starts_clock and not entry.deleted and view["piece"] == 0:
        number = view["inquiry"].number
        blocks.append(context("It reads like thanks or a greeting, so no clock was started."))
        blocks += actions((Button(ids.NEEDS_ANSWER, "It needs an answer", f"{number}:{entry.index}"),))
    return f"{ping}{_name(entry)}: {escape(_short(entry, view['platform']))}", blocks


def _gathered(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Several posts of a flood in one message, each with its time and where it stands."""
    posts: list[Entry] = view["posts"]
    ping = "".join(f"<@{user}> " for user in view["ping"].split())
    count = "One more post" if len(posts) == 1 else f"{len(posts)} more posts"
    head = f"{ping}{count} from {_customer(posts[0])}, each of which would be an inquiry of its own:"
    parts: list[Block] = []
    for post in posts:
        words = f"(now #{post.moved_to})" if post.moved_to else _words(post, post.text, view["platform"])
        line: list[Block] = [{"type": "text", "text": f"{post.at:%H:%M:%S} UTC "}]
        if post.url and not post.deleted:
            line.append({"type": "link", "url": post.url, "text": f"open on {view['platform']}"})
        parts.append({"type": "rich_text_section", "elements": line})
        parts.append({"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]})
    return f"{ping}{count} from {_name(posts[0])}", [section(head), {"type": "rich_text", "elements": parts}]


def _words(entry: Entry, text: str, platform: str) -> str:
    if entry.said is Said.MOVED:
        return say("(now in #{number})", number=entry.moved_to)
    if entry.deleted:
        return "(taken back by the customer)"
    if not entry.text.strip():
        return f"[{_attached(entry) or 'no text'}: open it on {platform}]"
    return text


def _with(entry: Entry) -> str:
    """What hangs on a message besides its words, and what of them is hidden here."""
    if HIDDEN * 4 in entry.text and not entry.attachments:
        return " · " + say("a card number or a password in it is hidden here")
    if entry.deleted or not entry.attachments or not entry.text.strip():
        return ""
    return f" · with {_attached(entry)}"


def _attached(entry: Entry) -> str:
    """ "photo", "2 photos and a video": what kind of things hang on a message, as far as their addresses tell."""
    kinds: dict[str, int] = {}
    for place in entry.attachments:
        address = place.partition("?")[0].casefold()
        kind = "attachment"
        for word, marks in KINDS.items():
            if any(mark in address for mark in marks):
                kind = word
                break
        kinds[kind] = kinds.get(kind, 0) + 1
    said = [kind if count == 1 else f"{count} {kind}s" for kind, count in kinds.items()]
    return " and ".join(said)


KINDS = {
    "video": (".mp4", ".mov", "video", "amplify"),
    "voice message": (".aac", ".ogg", ".m4a", ".mp3", "audio"),
    "sticker": ("sticker",),
    "photo": (".jpg", ".jpeg", ".png", ".gif", ".webp", "photo", "image", "/media/", "scontent"),
}
"""By what an attachment's address gives itself away; the first that fits."""


def _customer(entry: Entry) -> str:
    """The customer's name and handle; never a live mention, never mark-up of theirs, linked to their profile only.

    The link's label is the handle, never the name that they chose: "bank.example" may not lead elsewhere.
    """
    author = entry.author
    if not author.handle:
        name = named(author.name)
        return f"{name} ({linked(author.url, 'profile')})" if author.url else name
    handle = linked(author.url, f"@{named(author.handle)}")
    return handle if author.name in ("", author.handle) else f"{named(author.name, author.handle)} ({handle})"


def _name(entry: Entry) -> str:
    author = entry.author
    return escape(_one_line(f"@{author.handle}" if author.handle else author.name or "customer", 80))


def _short(entry: Entry, platform: str) -> str:
    return _one_line(_words(entry, entry.text, platform), SHORT)


def _one_line(text: str, most: int) -> str:
    words = " ".join(text[: most * 20].split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
