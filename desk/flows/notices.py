"""Opening and closing notices in Slack: each once for its date, with what waits."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import by_urgency, customer_name
from desk.flows.owing import owe_post
from desk.flows.public import owe_scheduled, posts_to_tell, say_how_it_went
from desk.model.asking import Button, Line
from desk.model.catalogue import say, say_n
from desk.model.days import weekday_of
from desk.model.hours import BusinessHours, NeverOpen
from desk.model.inquiry import Inquiry
from desk.model.ladder import due_list
from desk.model.opening import last_closing_today, notice, wall
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.words import clean, code, strong, when, who
from desk.ports import Tx

DUE_LISTED = 10
"""How many inquiries the due list at an opening names."""


async def watch_hours(desk: Desk) -> None:
    """Post the opening and the closing notice of a date, each once, however often this runs; and how posts went."""

    async def due(tx: Tx) -> bool:
        return _notice_due(desk, tx) is not None or posts_to_tell(desk, tx)

    if not await desk.read(due):
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        if (found := _notice_due(desk, tx)) is not None:
            kind, day = found
            draw = _opening_line if kind == "opening" else _closing_line
            tx.set_setting(f"notice:{kind}", day.isoformat())
            key = f"{kind}:{day.isoformat()}"
            owe_post(tx, key, desk.rules.channel, draw(desk, tx, desk.hours(tx), now), now)
            _owe_topic(desk, tx, kind, day, now)
            owe_scheduled(desk, tx, kind, day, now)
        if posts_to_tell(desk, tx):
            say_how_it_went(desk, tx, now)

    await desk.transact(work)


def _notice_due(desk: Desk, tx: Tx) -> tuple[str, date] | None:
    """ "opening" or "closing" and the date, where that is fresh and not said yet."""
    found = notice(desk.hours(tx), desk.now())
    if found is None:
        return None
    kind, day = found
    last = tx.setting(f"notice:{kind}")
    # A date far ahead of this one was said under a clock that was wrong; it must not silence the desk.
    said = last is not None and day <= date.fromisoformat(last) <= day + timedelta(days=2)
    return None if said else (kind, day)


def _owe_topic(desk: Desk, tx: Tx, kind: str, day: date, now: datetime) -> None:
    """The channel's topic says whether we are open, where the owner wants that; set at an opening and a closing only,
    because Slack posts a line about each."""
    if not desk.rules.topic:
        return
    channel, before = desk.rules.channel, tx.op(tx.setting("topic") or "")
    if before is not None and before.state is Delivery.FAILED:
        why = say(
            "I may not set the topic of {channel}. Give the app that permission ({command} makes the manifest anew), "
            "or set topic = false.",
            channel=channel,
            command=code("bot.py manifest --topic"),
        )
        owe_post(tx, "topic:refused", desk.rules.ops_channel or desk.rules.leads_channel, Line(why), now)
    op_id = f"topic:{kind}:{day.isoformat()}"
    if tx.op(op_id) is None:
        said = {"text": _topic(desk.hours(tx), kind, len(_waiting(tx)), now)}
        tx.keep_op(Operation(op_id, OpKind.TOPIC, Lane.NOTICE, "slack", channel, now, now, None, said))
        tx.set_setting("topic", op_id)


def _topic(hours: BusinessHours, kind: str, n: int, now: datetime) -> str:
    """ "Open now - closes 18:00 New York - 3 waiting". Slack shows no reader's own time in a topic."""
    try:
        if kind == "opening":
            closing = last_closing_today(hours, now)
            if closing is None:
                return say_n("Open now - {n} waiting", "Open now - {n} waiting", n)
            time = wall(hours, closing)
            return say_n(
                "Open now - closes {time} - {n} waiting", "Open now - closes {time} - {n} waiting", n, time=time
            )
        opens = hours.next_opening(now)
        time = f"{weekday_of(opens.astimezone(hours.zone))} {wall(hours, opens)}"
        return say_n("Closed - opens {time} - {n} waiting", "Closed - opens {time} - {n} waiting", n, time=time)
    except NeverOpen:
        return say_n("Closed - {n} waiting", "Closed - {n} waiting", n)


def _waiting(tx: Tx) -> list[Inquiry]:
    return sorted((i for i in tx.open_inquiries() if i.next_due is not None), key=by_urgency)


def _waiting_words(waiting: list[Inquiry], now: datetime) -> str:
    if not waiting:
        return say("Nothing waits.")
    first = waiting[0]
    assert first.next_due is not None
    due, n = when(first.next_due, "day"), len(waiting)
    if first.next_due <= now:
        return say_n(
            "{n} inquiry waits, the earliest (#{number}) was due {due}.",
            "{n} inquiries wait, the earliest (#{number}) was due {due}.",
            n,
            number=first.number,
            due=due,
        )
    return say_n(
        "{n} inquiry waits, the earliest (#{number}) due {due}.",
        "{n} inquiries wait, the earliest (#{number}) due {due}.",
        n,
        number=first.number,
        due=due,
    )


def _due_rows(waiting: list[Inquiry], now: datetime, closing: datetime) -> list[str]:
    """The due list of a day: what is late already, and what falls due by the closing; one alone stands above."""
    late, today = due_list([(one, one.next_due) for one in waiting if one.next_due is not None], now, closing)
    if len(late) + len(today) < 2 and all(one.promised is None for one in (*late, *today)):
        return []
    rows = []
    for one in (*late, *today)[:DUE_LISTED]:
        if one.next_due is not None:
            at = when(one.next_due, "day")
            due = say("was due {at}", at=at) if one in late else say("due {at}", at=at)
            whose = say("with {who}", who=who(one.assignee)) if one.assignee else say("nobody has it")
            rows.append(" · ".join((f"{strong(f'#{one.number}')} {customer_name(one)}", due, whose, *_promised(one))))
    more = len(late) + len(today) - len(rows)
    return [*rows, say("and {n} more", n=more)] if more else rows


def _promised(inquiry: Inquiry) -> list[str]:
    """What is due, where that is a promise and not an answer."""
    promised = inquiry.promised
    if promised is None or promised.due_at != inquiry.next_due:
        return []
    return [say("promised: {what}", what=clean(promised.what) or say("an answer"))]


def _opening_line(desk: Desk, tx: Tx, open_hours: BusinessHours, now: datetime) -> Line:
    closing = last_closing_today(open_hours, now)
    is_open, waits = strong(say("Desk open")), _waiting_words(_waiting(tx), now)
    if closing is None:
        text = say("{open}. {waiting}", open=is_open, waiting=waits)
    else:
        until, there = when(closing), wall(open_hours, closing)
        text = say("{open} until {until} ({there}). {waiting}", open=is_open, until=until, there=there, waiting=waits)
    text = "\n".join((text, *_due_rows(_waiting(tx), now, closing or now)))
    buttons = (
        Button("claim_next", say("Claim most urgent"), "next", "primary"),
        Button("queue", say("See what waits"), "open"),
    )
    return Line(text, buttons=buttons if _waiting(tx) else (), mark="sunrise")


def _closing_line(desk: Desk, tx: Tx, open_hours: BusinessHours, now: datetime) -> Line:
    try:
        opens = open_hours.next_opening(now)
        back = say("Open again {at} ({there}).", at=when(opens, "day"), there=wall(open_hours, opens))
    except NeverOpen as never:
        back = never.sentence
    return Line(f"{strong(say('Desk closed.'))} {back} {_waiting_words(_waiting(tx), now)}", mark="city_sunset")
