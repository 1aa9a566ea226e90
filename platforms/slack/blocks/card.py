"""The card of an inquiry: what is true now, in one look; and a customer's further message below it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say, say_n
from desk.model.duration import spoken
from desk.model.inquiry import Entry, Flag, Inquiry, Said, Status
from desk.model.message import kind_words
from desk.model.neutral import pieces
from desk.model.private import Invitation
from desk.model.reasons import reason_words
from desk.model.sensitive import HIDDEN
from desk.model.sla import SlaClock
from desk.model.windows import Chance, Window
from desk.model.words import code, strong
from desk.model.words import when as at
from desk.model.words import who as who_is
from platforms.slack import ids
from platforms.slack.blocks.hanging import hanging, kind_of
from platforms.slack.blocks.pieces import Block, actions, button, context, quote, section
from platforms.slack.wording import date, escape, linked, mrkdwn, named, unmarked

MARKS = {"x": "bird", "facebook": "blue_book"}
LATE_ARRIVAL = timedelta(minutes=10)
"""A message that comes in this much after it was written says so."""
BUTTONS = 5
"""More buttons make two rows on a telephone, and Slack's menu takes no more options."""
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
    source = f"{view['platform']} {kind_words(inquiry.kind)}"
    matter = f"*#{inquiry.number} · {unmarked(source)}*"
    sender = say("{inquiry} from {customer}", inquiry=matter, customer=_customer(first))
    mark = MARKS.get(inquiry.platform, "speech_balloon")
    head = f":{mark}: {sender}{_with(first)}\n{_state(inquiry, now, view['delivery'])}"
    blocks = [section(head), quote(_words(first, view["text"], view["platform"])), *hanging(first)]
    if view.get("about"):
        blocks.append(context(mrkdwn(view["about"])))
    blocks += actions(*_row(inquiry, first, view))
    below = _more(inquiry, first, view)
    if inquiry.assignee is None and _can_answer(inquiry):
        below.append(
            say(
                "In the channel: {command} · in the thread: {typed} · plain thread messages stay internal",
                command=f"`/{view['prefix']}reply {inquiry.number} …`",
                typed="`!reply …`",
            )
        )
    if below:
        blocks.append(context(" · ".join(below)))
    plain = f"{_plain_state(inquiry, now, view['delivery'])} · {escape(source)} · {_name(first)}: "
    return f"{plain}{escape(_short(first, view['platform']))}", blocks


def _closed_card(inquiry: Inquiry, view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Compact, so that the channel can be scanned: one sentence, and the beginning of the customer's words."""
    first: Entry = view["first"]
    number, reason = inquiry.number, _one_line(reason_words(inquiry.closed_reason), 200)
    if inquiry.closed_by:
        by = f"<@{inquiry.closed_by}>"
        told = say("*#{number} CLOSED* by {who}: {reason}", number=number, who=by, reason=unmarked(reason))
        short = say("#{number} closed by {who}: {reason}", number=number, who=by, reason=escape(reason))
    else:
        told = say("*#{number} CLOSED*: {reason}", number=number, reason=unmarked(reason))
        short = say("#{number} closed: {reason}", number=number, reason=escape(reason))
    parts = [f":white_check_mark: {told}", unmarked(view["platform"]), _customer(first)]
    if inquiry.first_answer_seconds is not None:
        took = spoken(timedelta(seconds=inquiry.first_answer_seconds))
        parts.append(say("first answer in {length} of business time", length=took))
    parts.append(say_n("{n} message", "{n} messages", inquiry.message_count))
    if inquiry.last_reply_url:
        parts.append(linked(inquiry.last_reply_url, escape(say("our answer"))))
    if first.url and not first.deleted:
        parts.append(linked(first.url, say("open on {platform}", platform=view["platform"])))
    if Flag.MUTED in inquiry.flags:
        command = code(f"/{view['prefix']}desk ignore {inquiry.number} off")
        parts.append(mrkdwn(say("{command} brings them back", command=command)))
    text = " · ".join(parts)
    again = Button(ids.REOPEN, say("Reopen"), str(inquiry.number))
    blocks = [
        section(text, button(again) if _can_reopen(inquiry) else None),
        quote(_short(first, view["platform"])),
    ]
    if also := _also(inquiry):
        blocks.append(context(also))
    return f"{short} · {_name(first)}", blocks


def _can_reopen(inquiry: Inquiry) -> bool:
    """What was merged is open elsewhere; who is ignored is brought back first."""
    return inquiry.merged_into is None and Flag.MUTED not in inquiry.flags


def _state(inquiry: Inquiry, now: datetime, delivery: str) -> str:
    """The true state in words: who has it, until when, and how an answer under way does."""
    parts = [_who_has_it(inquiry)]
    clock = inquiry.clock
    if inquiry.replying and inquiry.replying != inquiry.assignee:
        parts.append(mrkdwn(say("{person} is replying", person=who_is(inquiry.replying))))
    if inquiry.snoozed_until is not None:
        until = at(inquiry.snoozed_until, "day")
        parts.append(mrkdwn(say("{snoozed} until {at}", snoozed=strong(say("SNOOZED")), at=until)))
    if clock is not None and clock.paused_at is not None:
        parts.append(mrkdwn(say("a lead has {stopped} the clock until then", stopped=strong(say("STOPPED")))))
    elif clock is not None:
        name, due = _clock_name(clock), at(clock.due_at, "day")
        if clock.breached_at is not None or clock.due_at <= now:
            parts.insert(0, f":red_circle: *{say('LATE')}*")
            parts.append(mrkdwn(say("{what} was due {at}", what=name, at=due)))
        elif not clock.is_promised:
            parts.append(mrkdwn(say("{what} waits, promised for no time", what=name)))
        else:
            if clock.warned_at is not None:
                parts.insert(0, f":large_orange_circle: *{say('SOON DUE')}*")
            elif clock.reached is not None:
                parts.insert(0, f":large_yellow_circle: *{say('TIME RUNS')}*")
            parts.append(mrkdwn(say("{what} due {due}", what=name, due=due)))
    elif inquiry.promised is None:
        parts.append(f"*{_waits_for_nothing(inquiry)}*")
    if (promised := inquiry.promised) is not None:
        late = promised.due_at <= now
        told = say(
            "{promised} {what} by {at}",
            promised=strong(say("PROMISE LATE:") if late else say("PROMISED")),
            what=promised.what or say("an answer"),
            at=at(promised.due_at, "day"),
        )
        parts.append(f"{':red_circle: ' if late else ''}{mrkdwn(told)}")
    if (solution := inquiry.resolution) is not None:
        due = at(solution.due_at, "day")
        if _is_over(solution, now):
            over = strong(say("SOLUTION LATE"))
            parts.append(f":red_circle: {mrkdwn(say('{late}, was due {at}', late=over, at=due))}")
        elif solution.paused_at:
            parts.append(escape(say("solution clock stands still")))
        else:
            parts.append(mrkdwn(say("{what} due {due}", what=say("solution"), due=due)))
    if inquiry.flood:
        told = say_n(
            "{flood}: {n} more post of this customer within minutes, gathered in this thread",
            "{flood}: {n} more posts of this customer within minutes, gathered in this thread",
            inquiry.flood,
            flood=strong(say("FLOOD")),
        )
        parts.append(mrkdwn(told))
    if delivery == "unsure":
        doubt = say("an answer is {in_doubt}, see the thread", in_doubt=strong(say("IN DOUBT")))
        parts.append(f":grey_question: {mrkdwn(doubt)}")
    elif delivery == "failed":
        failed = say("the last answer did {not_go_out}, see the thread", not_go_out=strong(say("NOT GO OUT")))
        parts.append(f":red_circle: {mrkdwn(failed)}")
    elif delivery == "held":
        held = say("an answer is {not_sent_yet}, see the thread", not_sent_yet=strong(say("NOT SENT YET")))
        parts.append(f":raised_hand: {mrkdwn(held)}")
    elif delivery == "going out":
        parts.append(escape(say("an answer is going out")))
    return " · ".join(parts)


def _who_has_it(inquiry: Inquiry) -> str:
    if not inquiry.assignee:
        return mrkdwn(strong(say("UNCLAIMED")))
    claimed, whose = strong(say("CLAIMED")), who_is(inquiry.assignee)
    if inquiry.replying == inquiry.assignee:
        return mrkdwn(say("{claimed} by {person}, who is replying", claimed=claimed, person=whose))
    return mrkdwn(say("{claimed} by {person}", claimed=claimed, person=whose))


def _clock_name(clock: SlaClock) -> str:
    return say("first answer") if clock.target == "first" else say("next answer")


def _is_over(clock: SlaClock, now: datetime) -> bool:
    return clock.breached_at is not None or (clock.paused_at is None and clock.due_at <= now)


def _waits_for_nothing(inquiry: Inquiry) -> str:
    """Why no clock runs."""
    if Flag.WITHDRAWN in inquiry.flags:
        return say("TAKEN BACK BY THE CUSTOMER")
    if Flag.OUTSIDE in inquiry.flags:
        return say("ANSWERED OUTSIDE THE DESK")
    if inquiry.status is Status.PENDING:
        return say("WAITING FOR THE CUSTOMER")
    return say("NO ANSWER NEEDED, it seems")


def _plain_state(inquiry: Inquiry, now: datetime, delivery: str) -> str:
    """The same for notifications and screen readers, without mark-up and with times in UTC."""
    clock = inquiry.clock
    person = f"<@{inquiry.assignee}>"
    parts = [say("claimed by {person}", person=person) if inquiry.assignee else say("unclaimed")]
    if inquiry.replying:
        parts.append(say("{person} is replying", person=f"<@{inquiry.replying}>"))
    if clock is not None and clock.paused_at is not None:
        parts.append(say("clock stopped"))
    elif clock is not None:
        due = _utc(clock.due_at)
        if clock.breached_at is not None or clock.due_at <= now:
            parts = [say("LATE"), *parts, say("was due {at}", at=due)]
        else:
            parts = [*([say("soon due")] if clock.warned_at else []), *parts, say("due {at}", at=due)]
    elif inquiry.promised is None:
        parts.append(_waits_for_nothing(inquiry).lower())
    if (promised := inquiry.promised) is not None:
        due = _utc(promised.due_at)
        late = promised.due_at <= now
        parts.append(say("promise LATE, was due {at}", at=due) if late else say("promised by {at}", at=due))
    if (solution := inquiry.resolution) is not None and solution.paused_at is None:
        due = _utc(solution.due_at)
        late = _is_over(solution, now)
        parts.append(say("solution LATE, was due {at}", at=due) if late else say("solution due {at}", at=due))
    if inquiry.snoozed_until is not None:
        parts.append(say("snoozed until {at}", at=_utc(inquiry.snoozed_until)))
    if inquiry.flood:
        parts.append(say_n("{n} more post", "{n} more posts", inquiry.flood))
    if delivery == "unsure":
        parts.append(say("an answer is in doubt"))
    elif delivery == "failed":
        parts.append(say("the last answer did NOT go out"))
    elif delivery == "held":
        parts.append(say("an answer is not sent yet"))
    elif delivery:
        parts.append(say("going out"))
    if inquiry.vip:
        parts.insert(0, say("VIP"))
    return f"#{inquiry.number} {', '.join(parts)}"


def _utc(when: datetime) -> str:
    """An instant for where Slack shows no reader's own time."""
    return f"{when:%d %b %H:%M} UTC"


def _row(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> tuple[list[Button], list[Button]]:
    """The card's buttons, and what stands behind its ⋯; where there would be too many, those that can wait go there."""
    often, seldom = list(_buttons(inquiry, first, view)), list(_seldom(inquiry, first, view))
    for action in (ids.HOLDING, ids.THANK, ids.PRIVATE, ids.RELEASE, ids.NEEDS_ANSWER):
        spare = next((one for one in often if one.action == action), None)
        if len(often) > BUTTONS and spare is not None:
            often.remove(spare)
            seldom.insert(0, spare)
    while len(seldom) > BUTTONS:
        seldom.remove(next((one for one in seldom if one.action == ids.CANNED), seldom[0]))  # the form has them, too
    return often, seldom


def _buttons(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> tuple[Button, ...]:
    """What is done often, each with its label, and few enough for a telephone; nothing that would only be refused."""
    number = str(inquiry.number)
    clock = inquiry.clock
    late = clock is not None and clock.paused_at is None and clock.due_at <= view["now"]
    buttons = []
    if inquiry.assignee is None:
        urgent = "danger" if late else "" if _is_quiet(inquiry) else "primary"
        buttons.append(Button(ids.CLAIM, say("Claim"), number, urgent))
    if _can_answer(inquiry):
        buttons.append(Button(ids.REPLY, say("Reply…"), number, "primary" if inquiry.assignee else ""))
        if not inquiry.private and not _is_special(inquiry):
            buttons.append(Button(ids.PRIVATE, say("Private…"), number))
        if inquiry.clock is not None and not view["delivery"]:
            buttons.append(Button(ids.HOLDING, say("Looking into it…"), number))
    if inquiry.assignee is not None:
        buttons.append(Button(ids.RELEASE, say("Release"), number))
    if _is_quiet(inquiry):
        buttons.append(Button(ids.THANK, say("Thank them"), number, "" if inquiry.assignee else "primary"))
        buttons.append(Button(ids.NEEDS_ANSWER, say("It needs an answer"), number))
    if HIDDEN * 4 in first.text and view["hides"] and not first.deleted:
        sure = say("Only its author, their friends and we see it then.")
        if view["hides"] == "replies":
            sure = say("It moves behind the hidden replies then; whoever opens those still reads it.")
        buttons.append(Button(ids.HIDE, say("Hide it on {platform}", platform=view["platform"]), number, confirm=sure))
    if inquiry.flood:
        many = say_n(
            "Each gathered conversation gets a number and a thread of its own: up to {n} new one.",
            "Each gathered conversation gets a number and a thread of its own: up to {n} new ones.",
            inquiry.flood,
        )
        buttons.append(Button(ids.SPLIT_FLOOD, say("Split"), number, confirm=many))
    waits = inquiry.clock is not None and inquiry.first_answered_at is None
    sure = say("The customer has had no answer yet.") if waits else ""
    buttons.append(Button(ids.DONE, say("Done"), number, confirm=sure))
    return tuple(buttons)


def _seldom(inquiry: Inquiry, first: Entry, view: dict[str, Any]) -> tuple[Button, ...]:
    """What has another way that is as near (the form's canned answers, a command), behind the card's last button."""
    number = str(inquiry.number)
    seldom = [Button(ids.NOTE, say("Note…"), number)]
    if _can_answer(inquiry):
        seldom.insert(0, Button(ids.CANNED, say("Canned…"), number))
        if not inquiry.private and _is_special(inquiry):
            seldom.insert(1, Button(ids.PRIVATE, say("Private…"), number))
    if first.url and not first.deleted:
        seldom.append(Button(ids.OPEN, say("Open on {platform}", platform=view["platform"]), number, url=first.url))
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
        parts.append(escape(say("part 1 of {n}, the rest is in the thread", n=view["pieces"])))
    if first.edits:
        parts.append(escape(say("edited by the customer")))
    if Flag.HIDDEN in first.flags:
        put_away = say("we hid the comment behind the hidden replies")
        parts.append(
            put_away if view["hides"] == "replies" else say("we hid the comment from everybody but its author")
        )
    if Flag.NO_TIME in inquiry.flags:
        parts.append(
            mrkdwn(say("{platform} gave no usable time: it counts from when it came in", platform=view["platform"]))
        )
    elif inquiry.received_at - inquiry.created_at >= LATE_ARRIVAL:
        written, came = at(inquiry.created_at, "day"), at(inquiry.received_at, "day")
        parts.append(mrkdwn(say("written {written}, came in {received}", written=written, received=came)))
    if inquiry.message_count > 1:
        answers = say_n("{n} answer", "{n} answers", inquiry.reply_count)
        count = say_n(
            "{n} message from customers, {answers}",
            "{n} messages from customers, {answers}",
            inquiry.message_count,
            answers=answers,
        )
        parts.append(escape(count))
    if inquiry.last_reply_url:
        parts.append(linked(inquiry.last_reply_url, escape(say("our last answer"))))
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
    platform = view["platform"]
    what = {
        Chance.MESSAGE: say("a private answer"),
        Chance.TAGGED: say("a private answer as a person"),
        Chance.PRIVATE_REPLY: say("one private reply"),
    }[window.chance]
    if window.closes_at < view["now"]:
        return mrkdwn(say("{platform} has closed {what}", platform=platform, what=what))
    until = at(window.closes_at, "day")
    return mrkdwn(say("{platform} allows {what} until {at}", platform=platform, what=what, at=until))


def _also(inquiry: Inquiry) -> str:
    numbers = ", ".join(f"#{number}" for number in inquiry.related)
    return escape(say("same customer: also {numbers}", numbers=numbers)) if numbers else ""


def customer_message(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """A further message of a customer in the thread: who, when, the words, and where they stand.

    `view`: inquiry, entry, text (this piece), piece, pieces, ping (the assignee, on the first piece), platform; posts
    (entries) where it is several: of a flood, or written within seconds.
    """
    posts: list[Entry] = view.get("posts") or []
    entry: Entry = view["entry"]
    if posts and Flag.FLOOD in entry.flags:
        return _gathered(view)
    many = view["pieces"] > 1 or view["piece"] > 0
    nth = view["piece"] + 1
    part = f" ({say('part {nth} of {n}', nth=nth, n=max(view['pieces'], nth))})" if many else ""
    ping = "".join(f"<@{user}> " for user in view["ping"].split())
    link = f" · {linked(entry.url, say('open'))}" if entry.url and not entry.deleted else ""
    edited = f" · {say('edited')}" if entry.edits and not entry.deleted else ""
    if Flag.HIDDEN in entry.flags and not entry.deleted:
        edited += f" · *{say('hidden by us')}*"
    who, where, when = f"*{_customer(entry)}*", unmarked(view["platform"]), date(entry.at, "day")
    if Flag.NO_TIME in entry.flags:
        when = say("at an unknown time, came in {at}", at=when)
    wrote = say("{customer} wrote on {platform} {at}", customer=who, platform=where, at=when)
    head = f"{ping}{wrote}{part}{_with(entry)}{edited}{link}"
    if entry.said is Said.MOVED:
        words = say("(now #{number})", number=entry.moved_to)
    elif view["piece"] >= view["pieces"]:
        words = say("(taken back by the customer)") if entry.deleted else say("(the message is shorter now)")
    else:
        words = _words(entry, view["text"], view["platform"])
    blocks = [section(head), quote(words), *(hanging(entry) if view["piece"] == 0 else ())]
    for before, post in pairwise(posts):
        blocks += _further(before, post, view["platform"])
    if (public := view.get("goes_on_from")) is not None and not entry.deleted:
        words = say("in private from here on; in public they wrote: “{words}”", words=_short(public, view["platform"]))
        where = f" ({linked(public.url, say('open'))})" if public.url else ""
        blocks.append(context(f":lock: {escape(words)}{where}"))
    if not entry.starts_clock and not entry.deleted and view["piece"] == 0:
        number = view["inquiry"].number
        blocks.append(context(escape(say("It reads like thanks or a greeting, so no clock was started."))))
        blocks += actions((Button(ids.NEEDS_ANSWER, say("It needs an answer"), f"{number}:{entry.index}"),))
    said = "\n".join(escape(_short(post, view["platform"])) for post in posts or (entry,))
    return f"{ping}{_name(entry)}: {said}", blocks


def _further(before: Entry, post: Entry, platform: str) -> list[Block]:
    """What a customer went on to write within seconds: how much later, where it stands, and the words."""
    later = max(0, round((post.at - before.at).total_seconds()))
    told = [say_n("{n} second later", "{n} seconds later", later)]
    if not post.deleted:
        told += [say("edited")] if post.edits else []
        told += [f"*{say('hidden by us')}*"] if Flag.HIDDEN in post.flags else []
        told += [linked(post.url, say("open"))] if post.url else []
    return [context(" · ".join(told) + _with(post)), quote(_words(post, pieces(post.text)[0], platform))]


def _gathered(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Several posts of a flood in one message, each with its time and where it stands."""
    posts: list[Entry] = view["posts"]
    ping = "".join(f"<@{user}> " for user in view["ping"].split())
    told = say_n(
        "One more post from {customer}, each of which would be an inquiry of its own:",
        "{n} more posts from {customer}, each of which would be an inquiry of its own:",
        len(posts),
        customer=_customer(posts[0]),
    )
    head = f"{ping}{told}"
    parts: list[Block] = []
    for post in posts:
        begin = pieces(post.text)[0]  # what an edit made longer goes on in messages of its own
        words = say("(now #{number})", number=post.moved_to) if post.moved_to else _words(post, begin, view["platform"])
        line: list[Block] = [{"type": "text", "text": f"{post.at:%H:%M:%S} UTC "}]
        if post.url and not post.deleted:
            line.append({"type": "link", "url": post.url, "text": say("open on {platform}", platform=view["platform"])})
        parts.append({"type": "rich_text_section", "elements": line})
        parts.append({"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]})
    short = say_n(
        "One more post from {customer}", "{n} more posts from {customer}", len(posts), customer=_name(posts[0])
    )
    return f"{ping}{short}", [section(head), {"type": "rich_text", "elements": parts}]


def _words(entry: Entry, text: str, platform: str) -> str:
    if entry.said is Said.MOVED:
        return say("(now in #{number})", number=entry.moved_to)
    if entry.deleted:
        return say("(taken back by the customer)")
    if not entry.text.strip():
        what = _attached(entry) or say("no text")
        return say("[{what}: open it on {platform}]", what=what, platform=platform)
    return text


def _with(entry: Entry) -> str:
    """What hangs on a message besides its words, and what of them is hidden here."""
    if HIDDEN * 4 in entry.text and not entry.attachments:
        return " · " + say("a card number or a password in it is hidden here")
    if entry.deleted or not entry.attachments or not entry.text.strip():
        return ""
    return f" · {escape(say('with {what}', what=_attached(entry)))}"


def _attached(entry: Entry) -> str:
    """ "photo", "2 photos and a video": what kind of things hang on a message, as far as their addresses tell."""
    kinds: dict[str, int] = {}
    for place in entry.attachments:
        kind = kind_of(place)
        kinds[kind] = kinds.get(kind, 0) + 1
    said = [_counted(kind, count) for kind, count in kinds.items()]
    told = said[0] if said else ""
    for one in said[1:]:
        told = say("{one} and {other}", one=told, other=one)
    return told


def _counted(kind: str, count: int) -> str:
    match kind:
        case "video":
            return say_n("video", "{n} videos", count)
        case "voice message":
            return say_n("voice message", "{n} voice messages", count)
        case "sticker":
            return say_n("sticker", "{n} stickers", count)
        case "photo":
            return say_n("photo", "{n} photos", count)
    return say_n("attachment", "{n} attachments", count)


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
    return escape(_one_line(f"@{author.handle}" if author.handle else author.name or say("customer"), 80))


def _short(entry: Entry, platform: str) -> str:
    return _one_line(_words(entry, entry.text, platform), SHORT)


def _one_line(text: str, most: int) -> str:
    words = " ".join(text[: most * 20].split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
