"""A storm: threads are not pushed any more; one card counts what waits, and people ask for the next inquiry."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.owing import owe_edit, owe_post, owe_tell, root_id
from desk.model.asking import Ask, Button, Line
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Inquiry
from desk.model.neutral import neutral
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.storm import Weather, turned, turns_at
from desk.model.words import clean, code, group, strong, when, where
from desk.ports import Tx

log = logging.getLogger("frontdesk.storm")

EDIT_EVERY = timedelta(seconds=10)
"""The card is edited at most this often, however much happens."""
LOOK_EVERY = timedelta(seconds=60)
"""The card is made anew at least this often in a storm: what is late grows though nothing comes in."""
SOON = timedelta(minutes=15)
"""How far the card looks ahead for promises that will break."""
TELL_EVERY = timedelta(minutes=5)
"""The leads are told of broken promises of waiting inquiries at most this often, as one message."""
GROUPS = 5
"""So many groups of similar messages the card names."""
FIRST_WORDS = 80
"""Characters of a message that stand for its group."""


def weather(tx: Tx) -> Weather:
    """How it stands, as it was kept."""
    return Weather.from_json(tx.setting("storm"))


def stormy(tx: Tx) -> tuple[str, ...]:
    """The channels in which threads wait until somebody asks for them."""
    return weather(tx).channels


async def watch_storm(desk: Desk) -> None:
    """Begin or end a storm, and keep its card true."""
    at = await next_look(desk)
    if at is not None and at <= desk.now():
        await desk.transact(lambda tx: _look(desk, tx))


async def next_look(desk: Desk) -> datetime | None:
    """The next instant at which `watch_storm` has something to do, as far as it can be told."""

    async def work(tx: Tx) -> datetime | None:
        return _due(desk, tx)

    return await desk.read(work)


def _due(desk: Desk, tx: Tx) -> datetime | None:
    now, before = desk.now(), weather(tx)
    waiting = {channel: len(numbers) for channel, numbers in tx.unshown_in().items()}
    turns = turns_at(before, waiting, now, desk.rules.storm)
    if turns is not None or before.nth == 0:
        return turns
    card = tx.op(_card_id(before))
    if card is None or _gone(tx, card):
        return now if before.since is not None else None
    edit = tx.op(f"edit:{card.op_id}")
    if card.state is not Delivery.SENT or (edit is not None and edit.waiting) or card.payload.get("over"):
        return None
    last = (edit.settled_at if edit is not None else card.settled_at) or now
    if before.since is not None and card.payload.get("counted") == _fingerprint(tx, before):
        return max(last, desk.sky.looked or last) + LOOK_EVERY
    return max(now, last + EDIT_EVERY)


def _fingerprint(tx: Tx, now: Weather) -> str:
    """What changes when the card must."""
    return f"{now.since} {len(tx.unshown())} {tx.highest()} {len(tx.open_numbers())}"


def redone_at(op: Operation) -> datetime:
    """When an edit that a crash left in doubt is made again: the card keeps its pace over a restart."""
    if op.op_id.startswith("edit:post:storm:") and op.started_at is not None:
        return max(op.not_before, op.started_at + EDIT_EVERY)
    return op.not_before


def _gone(tx: Tx, card: Operation) -> bool:
    """Whether somebody deleted it in Slack: an edit of it failed for good."""
    edit = tx.op(f"edit:{card.op_id}")
    return edit is not None and edit.state is Delivery.FAILED and not card.payload.get("over")


async def _look(desk: Desk, tx: Tx) -> None:
    now, before, unshown, opened = desk.now(), weather(tx), tx.unshown(), tx.open_numbers()
    desk.sky.looked = now
    waiting = {
        channel: len(numbers) if before.since is None else sum(number in opened for number in numbers)
        for channel, numbers in tx.unshown_in().items()
    }
    after = turned(before, waiting, min(unshown, default=0), now, desk.rules.storm)
    if after.since is not None and after.missed and (after.told_at is None or now - after.told_at >= TELL_EVERY):
        _tell_leads(desk, tx, after, now)
        after = replace(after, missed=0, told_at=now)
    card = tx.op(_card_id(after)) if after.nth else None
    if card is not None and _gone(tx, card) and after.since is not None:
        after, card = replace(after, card=after.card + 1), None
    if after != before:
        tx.set_setting("storm", after.as_json())
        if (after.since is None) != (before.since is None):
            log.warning(
                "storm %s", "over" if after.since is None else "begins", extra={"waiting": sum(waiting.values())}
            )
    if after.nth == 0:
        return
    if card is None:
        if after.since is not None:
            _owe_card(desk, tx, after, _card(desk, tx, after, now), now)
        return
    if card.payload.get("over"):
        return
    line = _card(desk, tx, after, now)
    if card.payload != line.as_json():
        tx.keep_op(replace(card, payload=line.as_json()))
        owe_edit(tx, card.op_id, now)


def _card_id(now: Weather) -> str:
    return f"post:storm:{now.nth}:{now.card}"


def _owe_card(desk: Desk, tx: Tx, now: Weather, line: Line, at: datetime) -> None:
    """Owe the card, one for all channels, in the main one; pinned where the desk may pin, which it may if its deadline
    board is."""
    channel, key = desk.rules.channel, f"storm:{now.nth}:{now.card}"
    owe_post(tx, key, channel, line, at, lane=Lane.SLA)
    if desk.rules.board:
        pin = Operation(f"pin:{key}", OpKind.PIN, Lane.NOTICE, "slack", channel, at, at, after=f"post:{key}")
        tx.keep_op(pin)


def counts(tx: Tx, now: Weather) -> tuple[int, int, int, int]:
    """Of the storm's inquiries: how many wait for their thread, are shown, are closed; and how many came in."""
    opened, unshown = tx.open_numbers(), tx.unshown()
    queued = sum(number >= now.first and number in opened for number in unshown)
    shown = sum(number >= now.first and number not in unshown for number in opened)
    ingested = tx.highest() - now.first + 1
    return queued, shown, ingested - queued - shown, ingested


def _card(desk: Desk, tx: Tx, now: Weather, at: datetime) -> Line:
    queued, shown, closed, ingested = counts(tx, now)
    sums = say(
        "{queued} queued + {shown} shown + {closed} closed = {ingested} ingested.",
        queued=strong(f"{queued:,}"),
        shown=strong(f"{shown:,}"),
        closed=strong(f"{closed:,}"),
        ingested=strong(f"{ingested:,}"),
    )
    extra = {"counted": _fingerprint(tx, now)}
    if now.since is None:
        over = say("The storm is over: new inquiries have their thread at once again. Nothing was dropped.")
        return Line(f"{over}\n{sums}", mark="sun_behind_cloud", extra={**extra, "over": True})
    if now.channels == (desk.rules.channel,):
        head = say(
            "Storm since {since}: more comes in than this channel takes, so new inquiries wait in a queue. "
            "Nothing is dropped.",
            since=when(now.since),
        )
    else:
        head = say(
            "Storm since {since}: in {channels} more comes in than Slack takes, so new inquiries there wait in a "
            "queue. Nothing is dropped.",
            since=when(now.since),
            channels=" ".join(where(one) for one in now.channels),
        )
    ask = say(
        "Press the button, or type {command}: the inquiry that is due first is yours, and its thread opens.",
        command=code(f"/{desk.rules.prefix}desk next"),
    )
    rows = [head, sums, *_details(desk, tx, at), ask]
    buttons = (
        Button("claim_next", say("Give me the next"), "next", "primary"),
        Button("queue", say("See the queue"), "open"),
    )
    return Line("\n".join(rows), _groups(desk, tx), buttons, mark="thunder_cloud_and_rain", extra=extra)


def _details(desk: Desk, tx: Tx, at: datetime) -> list[str]:
    """By platform, how long the oldest waits, and what will be late."""
    opened = tx.open_numbers()
    waiting = [number for number in tx.unshown() if number in opened]
    if not waiting:
        return []
    titles = {name: platform.title for name, platform in desk.platforms.items()}
    by_platform = Counter(opened[number] for number in waiting)
    rows = [" · ".join(f"{titles.get(name, name)} {count:,}" for name, count in by_platform.most_common())]
    oldest = tx.inquiry(min(waiting))
    if oldest is not None:
        rows.append(say("The oldest waits since {since}.", since=when(oldest.created_at, "day")))
    sky = desk.sky
    for number in waiting:
        if number not in sky.due:
            inquiry = tx.inquiry(number)
            sky.due[number] = inquiry.next_due if inquiry is not None else None
    late, soon = sky.late(waiting, at), sky.late(waiting, at + SOON)
    if soon:
        rows.append(
            say(
                "Late already: {late}. Late within {minutes} minutes, if nobody takes them: {soon}.",
                late=strong(f"{late:,}"),
                minutes=int(SOON.total_seconds() // 60),
                soon=strong(f"{soon:,}"),
            )
        )
    return rows


def _groups(desk: Desk, tx: Tx) -> str:
    """Lines about many similar messages, in the customers' words: one cause, perhaps."""
    for number in sorted(tx.unshown() - desk.sky.alike.seen):
        entries = tx.entries(number)
        if entries:
            desk.sky.alike.add(number, entries[0].text, entries[0].at, desk.rules.storm.alike)
    waiting = tx.unshown()
    rows = []
    for one in desk.sky.alike.groups()[:GROUPS]:
        words = " ".join(neutral(clean(one.text)).split())
        cut = f"{words[:FIRST_WORDS]}…" if len(words) > FIRST_WORDS else words
        left = sum(number in waiting for number in one.numbers)
        rows.append(say("{count} × “{words}” ({left} of them queued)", count=len(one.numbers), words=cut, left=left))
    return "\n".join(rows)


def _tell_leads(desk: Desk, tx: Tx, now: Weather, at: datetime) -> None:
    sentence = say_n(
        "{who} {n} inquiry in the storm's queue missed its promised time. The card in the channel counts all.",
        "{who} {n} inquiries in the storm's queue missed their promised time. The card in the channel counts all.",
        now.missed,
        who=group(desk.rules.leads_group),
    )
    button = Button("queue", say("See all that is late"), "late")
    line = Line(sentence, buttons=(button,), mark="rotating_light")
    owe_post(tx, f"storm missed:{now.nth}:{at.isoformat()}", desk.rules.leads_channel, line, at, lane=Lane.SLA)


def kept_for_the_card(tx: Tx, inquiry: Inquiry, broken: bool) -> bool:
    """Whether a warning or an alert is not said by itself: the inquiry waits in a storm, and the card counts it."""
    now = weather(tx)
    if inquiry.channel not in now.channels or inquiry.number not in tx.unshown():
        return False
    if broken:
        tx.set_setting("storm", replace(now, missed=now.missed + 1).as_json())
    return True


def owe_opening(tx: Tx, ask: Ask, inquiry: Inquiry, now: datetime) -> None:
    """Tell the agent who asked, there where they asked, where the thread is, once it stands."""
    line = Line(say("Here is #{number}, it is yours.", number=inquiry.number), extra={"thread_of": inquiry.number})
    key = f"next:{inquiry.number}:{now.timestamp()}"
    owe_tell(tx, key, ask.agent.user, ask.channel or inquiry.channel, line, now, after=root_id(inquiry.number))
