"""Which inquiry is meant: by number, link or thread, else the agent's only one."""

from __future__ import annotations

import difflib
import re

from desk.desk import Desk
from desk.model.asking import Ask
from desk.model.catalogue import say
from desk.model.inquiry import Entry, Inquiry, Said
from desk.model.message import Capabilities, Does
from desk.model.refusals import AlreadyClaimed, Closed, Merged, NoNumber, NotYours, UnknownNumber
from desk.model.words import code
from desk.ports import Tx


def meant(tx: Tx, ask: Ask) -> Inquiry:
    """The inquiry that the agent asked about. Raises `UnknownNumber`, or `NoNumber` where it is not clear."""
    if ask.number is not None:
        found = tx.inquiry(ask.number)
        if found is None:
            known = [str(inquiry.number) for inquiry in tx.open_inquiries()]
            close = difflib.get_close_matches(str(ask.number), known, n=2, cutoff=0.6)
            raise UnknownNumber(ask.number, tx.highest(), [int(number) for number in close], ask.text)
        return found
    mine = [inquiry for inquiry in tx.open_inquiries() if inquiry.assignee == ask.agent.user]
    if len(mine) != 1:
        free = [inquiry for inquiry in tx.open_inquiries() if inquiry.assignee is None and inquiry.clock is not None]
        numbers = [inquiry.number for inquiry in sorted(mine or free, key=by_urgency)][:5]
        example = code(f"{ask.typed} {numbers[0] if numbers else 42}")
        raise NoNumber(example, numbers if mine else (), () if mine else numbers, ask.text)
    return mine[0]


def goes_on_in(tx: Tx, number: int | None) -> int | None:
    """Where what is said in an inquiry goes on: in itself, or in the one into which it was merged."""
    seen: set[int] = set()
    while number is not None and number not in seen:
        seen.add(number)
        inquiry = tx.inquiry(number)
        if inquiry is None or inquiry.merged_into is None:
            break
        number = inquiry.merged_into
    return number


async def in_thread(desk: Desk, channel: str, thread_ts: str | None) -> int | None:
    """The inquiry whose thread that is, or None."""
    if not thread_ts:
        return None

    async def work(tx: Tx) -> int | None:
        return tx.by_thread(channel, thread_ts)

    return await desk.read(work)


async def by_link(desk: Desk, url: str) -> int | None:
    """The inquiry that a Slack permalink, or the address of a customer's post or of our answer, belongs to."""
    slack = re.search(r"/archives/(\w+)/p(\d{10})(\d{6})(?:\?(?:[^#]*&)?thread_ts=([\d.]+))?", url)

    async def work(tx: Tx) -> int | None:
        if slack is not None:
            return tx.by_thread(slack[1], slack[4] or f"{slack[2]}.{slack[3]}")
        for name in desk.platforms:
            for word in reversed(re.findall(r"[\w.-]+", url)):
                entry = tx.entry_of(name, word)
                if entry is not None:
                    return entry.number
        # Where the address does not hold the message's id, what is open is looked through.
        open_ones = (inquiry.number for inquiry in tx.open_inquiries())
        return next((n for n in open_ones if any(entry.url == url for entry in tx.entries(n))), None)

    return await desk.read(work)


def must_be_open(desk: Desk, inquiry: Inquiry, ask: Ask) -> None:
    must_be_its_own(inquiry, ask)
    if not inquiry.is_open:
        raise Closed(inquiry, ask.command("reopen", number=inquiry.number), ask.text)


def must_be_its_own(inquiry: Inquiry, ask: Ask) -> None:
    if not inquiry.is_open and inquiry.merged_into is not None:
        raise Merged(inquiry.number, inquiry.merged_into, ask.command("split", number=inquiry.number), ask.text)


def must_be_free_or_mine(desk: Desk, inquiry: Inquiry, ask: Ask) -> None:
    if inquiry.assignee not in (None, ask.agent.user) and not ask.force:
        take = ask.command("claim", "--force", inquiry.number)
        raise AlreadyClaimed(inquiry, desk.now(), take, ask.text)


def must_be_mine_or_lead(inquiry: Inquiry, ask: Ask) -> None:
    if inquiry.assignee != ask.agent.user and not ask.agent.lead:
        raise NotYours(inquiry, ask.text)


def newest_customer_entry(tx: Tx, inquiry: Inquiry) -> Entry:
    """The customer's newest message that still stands; the first one where all were taken back.

    The newest as it was written: what surfaces late is older than what is there already.
    """
    entries = [entry for entry in tx.entries(inquiry.number) if entry.said is Said.CUSTOMER]
    standing = [entry for entry in entries if not entry.deleted]
    return max(standing, key=lambda entry: (entry.at, entry.index), default=entries[0])


def can_be_hidden(tx: Tx, inquiry: Inquiry, entry: Entry, can: Capabilities) -> bool:
    """Whether the platform may let us hide a customer's message. Where only replies below our own posts can be hidden,
    a conversation that the customer began is none; who began what the desk has not seen, the platform knows."""
    if entry.private or Does.HIDE not in can.changes:
        return False
    if not can.hides_replies:
        return True
    if entry.reply_to is None:
        return False
    conversation = (entry.conversation or inquiry.identity).split(":", 2)[-1]
    root = tx.entry_of(entry.platform, conversation)
    if root is not None:
        return root.said is not Said.CUSTOMER
    same = [one for one in tx.entries(inquiry.number) if one.conversation == entry.conversation and not one.private]
    return not any(one.said is Said.CUSTOMER and one.reply_to is None for one in same)


def account_of(inquiry: Inquiry, entry: Entry) -> str:
    """Our account to which a message was written; in a merged inquiry that need not be the inquiry's own."""
    return entry.conversation.split(":")[1] if entry.conversation.count(":") >= 2 else inquiry.account


def by_urgency(inquiry: Inquiry) -> tuple[int, float, int]:
    """The order of every queue."""
    return inquiry.urgency


def by_deadline(inquiry: Inquiry) -> tuple[bool, float, int]:
    """By what is due first, whoever the customer is; then the rest by age."""
    at = inquiry.next_due
    return (at is None, (at or inquiry.last_customer_at or inquiry.created_at).timestamp(), inquiry.number)


def customer_name(inquiry: Inquiry) -> str:
    """How people call the customer: "@maria" where there is a handle, else the name."""
    return f"@{inquiry.customer.handle}" if inquiry.customer.handle else inquiry.customer.name or say("the customer")
