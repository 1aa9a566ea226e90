"""A customer writes: into the inquiry of the same matter, or into a new one."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk import crash
from desk.desk import Desk
from desk.flows.acknowledge import owe_acknowledgement
from desk.flows.amend import edited, withdrawn
from desk.flows.chances import with_window
from desk.flows.customer import ask_for, with_customer, with_language
from desk.flows.finding import goes_on_in
from desk.flows.flood import RELATED, customer_key, earlier, hand_over, owe_further, owe_gathered, thread_for, was_split
from desk.flows.ignore import is_ignored, kept_quiet
from desk.flows.invitation import arrived, tell_arrival
from desk.flows.languages import with_languages
from desk.flows.outside import own_message
from desk.flows.overtaken import hold_back
from desk.flows.owing import owe_card, owe_files, owe_post, owe_root, owe_shows
from desk.flows.reach import tell_reach
from desk.flows.silence import noted
from desk.flows.waiting import clock_from, policy_of, solution, wake
from desk.model.asking import Button, Line
from desk.model.catalogue import say
from desk.model.errors import NotKept
from desk.model.inquiry import Entry, Event, Flag, Inquiry, Said, Status
from desk.model.media import ALT
from desk.model.message import Author, Fetched, Message
from desk.model.neutral import neutral
from desk.model.outbox import Lane
from desk.model.policies import Facts
from desk.model.routes import channel_for
from desk.model.sensitive import without_cards
from desk.model.sla import when_written
from desk.model.thanks import needs_no_answer
from desk.model.words import clean, code, link
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.receive")

BATCH = 50
"""Messages in one transaction; the cursor moves with the last."""
TRIES = 3
"""So often one message is tried before it is set aside, so that the others can go on."""
SKEW = timedelta(minutes=5)
"""A platform's clock may be this far ahead of ours without a word about it."""
_URL = re.compile(r"https?://[^\s<>|\"\\^`{}]+\Z", re.IGNORECASE)


async def receive(desk: Desk, platform: Platform, fetched: Fetched) -> int:
    """Keep one sweep of a platform, then move its cursor. Returns how many messages were new to the desk."""
    fresh = 0
    fetched = replace(fetched, messages=await with_languages(desk, fetched.messages))
    if fetched.messages:
        crash.reached("CP1", platform.name)
    batches = [fetched.messages[i : i + BATCH] for i in range(0, len(fetched.messages), BATCH)] or [()]
    for index, batch in enumerate(batches):
        last = fetched if index == len(batches) - 1 else None
        try:
            fresh += await _keep(desk, platform, batch, last)
            if last is None:
                crash.reached("CP3", f"{platform.name}, of many")
        except NotKept:
            raise  # nothing is wrong with any of them: they are read again
        except Exception:
            # One of them cannot be kept. Each alone: the others must not wait for it.
            for message in batch:
                fresh += await _keep_or_set_aside(desk, platform, message)
            await _keep(desk, platform, (), last)
    if fresh:
        log.info("received", extra={"platform": platform.name, "messages": fresh})
    return fresh


async def _keep(desk: Desk, platform: Platform, batch: Sequence[Message], last: Fetched | None) -> int:
    """Keep messages in one transaction, with the last of a sweep also how far it came and what it could not read."""

    async def work(tx: Tx) -> int:
        now = desk.now()
        count = sum(_take(desk, tx, message, now) for message in batch)
        if count:
            noted(desk, tx, platform, count, now)
            crash.reached("CP3", platform.name)
        if last is not None:
            if last.cursor is not None and tx.cursor(platform.name) != last.cursor:
                tx.set_cursor(platform.name, last.cursor)
            if last.gap is not None:
                _announce_gap(desk, tx, platform, last, now)
            for item in last.broken:
                _announce_broken(desk, tx, platform, item, now)
        return count

    return await desk.transact(work)


async def _keep_or_set_aside(desk: Desk, platform: Platform, message: Message) -> int:
    """One message alone. What fails `TRIES` times is named in Slack, with where it stands; its words stay there."""
    why = ""
    for _ in range(TRIES):
        try:
            return await _keep(desk, platform, (message,), None)
        except NotKept:
            raise
        except Exception as error:
            why = type(error).__name__  # not its message: that may hold the customer's words

    async def set_aside(tx: Tx) -> None:
        now = desk.now()
        key = _id(message)
        details = {"platform": platform.name, "message": key, "why": why}
        tx.log(Event(now, 0, "set aside", details=details))
        url = _url(message.url)
        told = [
            say(
                "A message on {platform} could not be kept after {tries} tries ({why}); its id is {id}.",
                platform=platform.title,
                tries=TRIES,
                why=why,
                id=code(key),
            )
        ]
        if url:
            label = say("open on {platform}", platform=platform.title)
            told.append(say("Read it there: {link}.", link=link(url, label)))
        told.append(say("All others go on. Tell the owner: this is a fault of the desk."))
        line = Line(" ".join(told), mark="warning")
        owe_post(tx, f"aside:{platform.name}:{key}", desk.rules.channel, line, now, lane=Lane.SLA)

    await desk.transact(set_aside)
    log.error("set aside", extra={"platform": platform.name, "id": _id(message), "why": why})
    return 0


def _id(message: Message) -> str:
    """The platform's id of a message, whatever it is, in a form that can be shown."""
    return neutral(clean(str(message.remote_id)))[:100]


def _take(desk: Desk, tx: Tx, message: Message, now: datetime) -> bool:
    """One message; True where it was new. What is known already changes nothing."""
    message = _cleaned(desk, message)
    known = tx.entry_of(message.platform, message.remote_id)
    if known is None and message.previous_id is not None:
        known = tx.entry_of(message.platform, message.previous_id)
    number = known.number if known else goes_on_in(tx, tx.by_identity(identity_of(message)))
    if message.own:
        if known is not None or number is None:
            return False
        return own_message(desk, tx, message, number, lambda index: _entry(message, number, index, now, False), now)
    if known is not None:
        return withdrawn(desk, tx, known, now) if message.deleted else edited(desk, tx, message, known, now)
    if message.deleted:
        return False
    if number is None:
        _begin(desk, tx, message, now)
    else:
        _go_on(desk, tx, message, number, now)
    return True


def identity_of(message: Message) -> str:
    return f"{message.platform}:{message.account}:{message.conversation}"


def _cleaned(desk: Desk, message: Message) -> Message:
    """The message without the characters that the desk keeps for itself, or that would deceive a reader, and without
    card numbers and passwords: those stay on the platform alone."""

    def harmless(text: str) -> str:
        return neutral(clean(text))

    author = message.author
    followers = desk.rules.reach.kept(author.followers)
    return replace(
        message,
        text=without_cards(harmless(message.text)),
        kind=harmless(message.kind),
        url=_url(message.url),
        author=Author(
            harmless(author.remote_id), harmless(author.handle), harmless(author.name), _url(author.url), followers
        ),
        attachments=tuple(harmless(one) for one in message.attachments),
        alts=tuple(without_cards(harmless(one))[:ALT] for one in message.alts),
        people=tuple(harmless(one) for one in message.people),
    )


def _url(address: str) -> str:
    """A web address that can stand in a link, or ""."""
    return address if _URL.match(address) and len(address) <= 2000 else ""


def _entry(message: Message, number: int, index: int, now: datetime, starts_clock: bool) -> Entry:
    at = when_written(message.created_at, now)
    return Entry(
        number,
        index,
        Said.CUSTOMER,
        message.platform,
        message.remote_id,
        message.author,
        message.text,
        at,
        message.url,
        message.reply_to,
        message.private,
        starts_clock=starts_clock,
        attachments=message.attachments,
        alts=message.alts,
        flags=(Flag.NO_TIME,) if message.created_at is None or abs(at - message.created_at) > SKEW else (),
    )


def _begin(desk: Desk, tx: Tx, message: Message, now: datetime) -> None:
    """A conversation that we don't know: an inquiry of its own, unless it is one of very many at once."""
    others = earlier(tx, message)
    entry = _entry(message, 0, 0, now, not _only_thanks(desk, message))
    gathered = thread_for(tx, others, entry.at)
    if gathered is not None:
        entry = replace(entry, flags=(*entry.flags, Flag.FLOOD))
        _append(desk, tx, message, gathered, entry, now)
        return
    key = customer_key(message.platform, message.account, message.author)
    inquiry = open_inquiry(
        desk,
        tx,
        entry,
        identity=identity_of(message),
        account=message.account,
        kind=message.kind,
        people=_people(message.people, message.author),
        now=now,
        conversations=(key,) if key else (),
        related=tuple(one.number for one in others)[-RELATED:],
        flags=(Flag.SPLIT,) if was_split(others, entry.at) else (),
        language=message.language,
        perhaps=message.perhaps,
    )
    tell_reach(desk, tx, inquiry, now)
    for other in others:
        hand_over(tx, other, inquiry.number, key, now)


def open_inquiry(
    desk: Desk,
    tx: Tx,
    entry: Entry,
    *,
    identity: str,
    account: str,
    kind: str,
    people: tuple[str, ...],
    now: datetime,
    conversations: tuple[str, ...] = (),
    related: tuple[int, ...] = (),
    flags: tuple[str, ...] = (),
    language: str = "",
    perhaps: str = "",
    channel: str = "",
) -> Inquiry:
    """A new inquiry that begins with this message: numbered, its clock started, its thread owed. It lives in `channel`,
    or, without one, where the routes say."""
    number = tx.next_number()
    entry = replace(entry, number=number, index=0)
    inquiry = Inquiry(
        number,
        identity,
        entry.platform,
        account,
        kind,
        entry.private,
        entry.author,
        Status.NEW,
        entry.at,
        now,
        desk.rules.channel,
        entry.remote_id,
        entry.remote_id,
        last_customer_at=entry.at,
        conversations=conversations,
        people=people,
        message_count=1,
        flags=(*flags, *(flag for flag in entry.flags if flag == Flag.NO_TIME)),
        related=related,
    )
    inquiry = with_customer(tx, inquiry, language, perhaps)
    inquiry = replace(inquiry, policy=policy_of(desk, inquiry), channel=channel or _channel_for(desk, inquiry))
    if is_ignored(tx, inquiry):
        tx.keep_entry(entry)
        tx.keep_inquiry(kept_quiet(inquiry, now))
        tx.log(Event(now, number, "opened", details={"kind": kind, "clock": False, "ignored": True}))
        return kept_quiet(inquiry, now)
    if entry.starts_clock:
        inquiry = solution(desk, tx, replace(inquiry, clock=clock_from(desk, tx, inquiry, entry.at)))
    tx.keep_entry(entry)
    inquiry = with_window(desk, tx, inquiry, now)
    tx.keep_inquiry(inquiry)
    tx.log(Event(now, number, "opened", details={"kind": kind, "clock": bool(inquiry.clock)}))
    owe_root(tx, inquiry, now)
    owe_shows(tx, inquiry, entry, now, first_piece=1)
    if desk.rules.bring_files:
        owe_files(tx, inquiry, entry, now)
    owe_acknowledgement(desk, tx, inquiry, entry, kind, now)
    ask_for(desk, tx, inquiry)
    log.info("opened", extra={"number": number, "platform": entry.platform})
    return inquiry


def _channel_for(desk: Desk, inquiry: Inquiry) -> str:
    facts = Facts(inquiry.platform, inquiry.private, language=inquiry.language)
    return channel_for(desk.rules.routes, facts, desk.rules.channel)


def _go_on(desk: Desk, tx: Tx, message: Message, number: int, now: datetime) -> None:
    inquiry = tx.inquiry(number)
    assert inquiry is not None, "an identity always names an inquiry"
    entry = _entry(message, number, 0, now, not _only_thanks(desk, message))
    _append(desk, tx, message, inquiry, entry, now)


def _append(desk: Desk, tx: Tx, message: Message, inquiry: Inquiry, entry: Entry, now: datetime) -> None:
    """A further message in an inquiry; a gathered one of a flood brings its conversation with it."""
    identity = identity_of(message)
    gathered = Flag.FLOOD in entry.flags
    elsewhere = identity if identity != inquiry.identity else ""
    entry = replace(entry, number=inquiry.number, index=len(tx.entries(inquiry.number)), conversation=elsewhere)
    tx.keep_entry(entry)
    newest = inquiry.last_customer_at is None or entry.at >= inquiry.last_customer_at
    changed = replace(
        inquiry,
        last_message_id=message.remote_id if newest else inquiry.last_message_id,
        last_customer_at=entry.at if newest else inquiry.last_customer_at,
        created_at=inquiry.created_at if inquiry.first_answered_at else min(inquiry.created_at, entry.at),
        version=inquiry.version + 1,
        message_count=inquiry.message_count + 1,
        people=_people((*inquiry.people, *message.people), message.author),
        conversations=(*inquiry.conversations, identity) if gathered else inquiry.conversations,
        flood=inquiry.flood + gathered,
    )
    changed = arrived(tx, with_language(tx, changed, entry.author, message.language), entry)
    quiet = is_ignored(tx, inquiry)
    if entry.starts_clock and not quiet:
        changed = wake(desk, tx, changed, entry.at, now)
    changed = with_window(desk, tx, changed, now)
    tx.keep_inquiry(changed)
    tx.log(Event(now, inquiry.number, "customer wrote", details={"needs_answer": entry.starts_clock}))
    called = dict.fromkeys((*((changed.assignee,) if changed.assignee else ()), *changed.followers))
    if quiet:
        return  # it is shown once they are brought back
    ping = " ".join(called) if entry.starts_clock else ""
    hold_back(tx, changed.number, say("The customer has written since. Read that first."), now)
    if gathered:
        owe_gathered(tx, changed, entry, now, ping if inquiry.flood == 0 else "")
    else:
        owe_further(tx, changed, entry, now, ping)
        tell_arrival(tx, changed, entry, now)
        owe_acknowledgement(desk, tx, changed, entry, message.kind, now)
    if desk.rules.bring_files:
        owe_files(tx, changed, entry, now)
    owe_card(tx, changed, now)


def _only_thanks(desk: Desk, message: Message) -> bool:
    if message.attachments:
        return False
    team = (*desk.people.agents(), *desk.people.leads())
    return needs_no_answer(message.text, (desk.rules.name, *(person.first_name for person in team)))


def _people(handles: Sequence[str], author: Author) -> tuple[str, ...]:
    """Everybody in the conversation whom the platform itself addresses in a reply, each once."""
    seen: dict[str, str] = {}
    for handle in (*handles, author.handle):
        if handle:
            seen.setdefault(handle.casefold(), handle)
    return tuple(seen.values())


def _announce_gap(desk: Desk, tx: Tx, platform: Platform, fetched: Fetched, now: datetime) -> None:
    gap = fetched.gap
    assert gap is not None
    told = say(
        "Messages on {platform} between {after} and {before} may be missing: more came in than {platform} gives.",
        platform=platform.title,
        after=gap.after_id,
        before=gap.before_id,
    )
    if gap.search_url:
        label = say("search on {platform}", platform=platform.title)
        told = f"{told} {say('Look there by hand: {link}.', link=link(gap.search_url, label))}"
    line = Line(
        told,
        buttons=(Button("dismiss", say("Seen"), "gap"),),
        mark="warning",
    )
    owe_post(tx, f"gap:{platform.name}:{gap.after_id}", desk.rules.channel, line, now, lane=Lane.SLA)
    log.warning("gap", extra={"platform": platform.name, "after": gap.after_id, "before": gap.before_id})


def _announce_broken(desk: Desk, tx: Tx, platform: Platform, item: str, now: datetime) -> None:
    """An item that the connector could not read: named once, or once an hour where it has no id."""
    key, _, why = neutral(clean(item)).partition(": ")
    nameless = not any(char.isdigit() for char in key)
    line = Line(
        say(
            "One item on {platform} could not be read and was set aside: {id} ({why}). All others go on.",
            platform=platform.title,
            id=code(key[:100]),
            why=why[:100],
        ),
        mark="warning",
    )
    once = f"{key}:{now:%Y-%m-%dT%H}" if nameless else key
    owe_post(tx, f"broken:{platform.name}:{once}", desk.rules.channel, line, now)
