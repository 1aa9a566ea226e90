"""Office hours: shown, set by leads, posted to Slack at opening and closing, and to the platforms on command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import by_urgency
from desk.flows.owing import owe_card, owe_post
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.hours import BusinessHours, NeverOpen, format_spans, format_week, parse_week
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import Lane, Operation, OpKind
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.sla import start_clock
from desk.model.words import clean, code, strong, when, who
from desk.ports import Tx

FRESH = timedelta(hours=1)
"""An opening or closing longer ago than this is no news any more (the desk was down)."""


async def hours(desk: Desk, ask: Ask) -> Answer:
    """`/hours`, `/hours week`, `/hours set mon-fri 9-17`, `/hours post`."""
    word, _, rest = ask.text.strip().partition(" ")
    match word.casefold():
        case "" | "today":
            return await desk.read(_today(desk))
        case "week":
            return await desk.read(_week(desk))
        case "set":
            return await _set(desk, ask, rest.strip())
        case "post":
            return await _preview(desk, ask)
    raise Refusal(
        f"/hours knows: today, week, set, post. For example {code(f'{ask.typed} set mon-fri 9-17, sat 10-14')}.",
        quote=ask.text,
    )


def _today(desk: Desk) -> Callable[[Tx], Awaitable[Answer]]:
    async def work(tx: Tx) -> Answer:
        return Answer(present(desk.hours(tx), desk.now()))

    return work


def _week(desk: Desk) -> Callable[[Tx], Awaitable[Answer]]:
    async def work(tx: Tx) -> Answer:
        open_hours = desk.hours(tx)
        return Answer(f"{format_week(open_hours.week)} ({open_hours.zone.key}). {present(open_hours, desk.now())}")

    return work


def present(open_hours: BusinessHours, now: datetime) -> str:
    """One sentence: open or closed now, until when, and today's hours in the desk's own zone."""
    today = format_spans(open_hours.on(now.astimezone(open_hours.zone).date())) or "closed today"
    zone = open_hours.zone.key
    try:
        if open_hours.is_open(now):
            return f"{strong('Open')} until {when(open_hours.next_closing(now), 'day')} · today {today} ({zone})."
        return f"{strong('Closed')}, opens {when(open_hours.next_opening(now), 'day')} · today: {today} ({zone})."
    except NeverOpen as never:
        return never.sentence


async def _set(desk: Desk, ask: Ask, typed: str) -> Answer:
    """Say whose deadlines would move; the change itself comes with *Confirm*."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly("change the office hours", [lead.user for lead in desk.people.leads()], ask.text)
        week = parse_week(typed)
        changed = BusinessHours(desk.rules.hours.zone, week, desk.rules.hours.holidays, desk.rules.hours.exceptions)
        moved = _moved(desk, tx, changed)
        lines = tuple(
            f"#{inquiry.number}: {when(inquiry.clock.due_at, 'day')} → {when(due, 'day')}"
            for inquiry, due in moved[:10]
            if inquiry.clock is not None
        )
        count = f"{len(moved)} open deadlines move" if len(moved) != 1 else "1 open deadline moves"
        return Answer(
            f"New hours: {strong(format_week(week))} ({desk.rules.hours.zone.key}). "
            f"{count if moved else 'No open deadline moves'}. Nothing has changed yet.",
            lines=lines,
            buttons=(Button("hours_confirm", "Confirm", format_week(week), "primary"),),
        )

    return await desk.once(ask, work)


async def confirm_hours(desk: Desk, ask: Ask) -> Answer:
    """The new hours, in force: running clocks are counted anew from their start."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly("change the office hours", [lead.user for lead in desk.people.leads()])
        now = desk.now()
        before = tx.setting("hours") or format_week(desk.rules.hours.week)
        tx.set_setting("hours", format_week(parse_week(ask.text)))
        changed = desk.hours(tx)
        for inquiry, due in _moved(desk, tx, changed):
            assert inquiry.clock is not None
            policy = desk.rules.policy(inquiry.platform)
            fresh = start_clock(inquiry.clock.target, inquiry.clock.started_at, policy, inquiry.private, changed)
            kept = replace(
                fresh,
                warned_at=inquiry.clock.warned_at,
                breached_at=inquiry.clock.breached_at if due <= now else None,
            )
            moved = replace(inquiry, clock=kept)
            tx.keep_inquiry(moved)
            tx.log(Event(now, inquiry.number, "deadline moved", ask.agent.user, None, {"due": due.isoformat()}))
            owe_card(tx, moved, now)
        tx.log(Event(now, 0, "hours set", ask.agent.user, None, {"before": before, "after": ask.text}))
        line = Line(
            f"{who(ask.agent.user)} set the office hours: {format_week(changed.week)} ({changed.zone.key}).",
            mark="clock9",
        )
        owe_post(tx, f"hours:{now.timestamp()}", desk.rules.channel, line, now)
        return Answer(f"In force: {format_week(changed.week)}.")

    return await desk.once(ask, work)


def _moved(desk: Desk, tx: Tx, changed: BusinessHours) -> list[tuple[Inquiry, datetime]]:
    """Open inquiries whose deadline another week moves, with the new one."""
    found = []
    for inquiry in sorted(tx.open_inquiries(), key=by_urgency):
        if inquiry.clock is not None:
            due = changed.add(inquiry.clock.started_at, inquiry.clock.budget)
            if due != inquiry.clock.due_at:
                found.append((inquiry, due))
    return found


# notices in Slack


async def watch_hours(desk: Desk) -> None:
    """Post the opening and the closing notice of a date, each once, however often this runs."""

    async def work(tx: Tx) -> None:
        now = desk.now()
        open_hours = desk.hours(tx)
        zone = open_hours.zone
        here = now.astimezone(zone)
        day = here.date()
        if open_hours.is_open(now):
            opened, opening_day = _opened(open_hours, now)
            if now - opened <= FRESH:
                _notice(desk, tx, "opening", opening_day, _opening_line(desk, tx, open_hours, now), now)
            return
        closed = _closed(open_hours, now)
        if closed is None or now - closed > FRESH:
            return
        closing_day = (closed - timedelta(seconds=1)).astimezone(zone).date()
        try:
            upcoming = open_hours.next_opening(now).astimezone(zone).date()
        except NeverOpen:
            upcoming = None
        if upcoming != day and upcoming != closing_day:
            _notice(desk, tx, "closing", closing_day, _closing_line(desk, tx, open_hours, now), now)

    await desk.transact(work)


def _opened(open_hours: BusinessHours, now: datetime) -> tuple[datetime, date]:
    """When the present open time began, and its local date. A day's later spans belong to the date as well."""
    step = now - timedelta(days=2)
    start = step
    while (found := open_hours.next_opening(step)) <= now:
        start = found
        closing = open_hours.next_closing(found)
        if closing > now:
            break
        step = closing
    return start, start.astimezone(open_hours.zone).date()


def _closed(open_hours: BusinessHours, now: datetime) -> datetime | None:
    """The last closing at or before `now`, within the last hour or so."""
    step = now - FRESH - timedelta(minutes=1)
    last = None
    try:
        while (closing := open_hours.next_closing(step)) <= now:
            last = closing
            step = closing
    except NeverOpen:
        pass
    return last


def _notice(desk: Desk, tx: Tx, kind: str, day: date, line: Line, now: datetime) -> None:
    """Owe it, unless this date had it: kept for good as the last date, so that no restart says it again."""
    key = f"notice:{kind}"
    last = tx.setting(key)
    if last is not None and last >= day.isoformat():
        return
    tx.set_setting(key, day.isoformat())
    owe_post(tx, f"{kind}:{day.isoformat()}", desk.rules.channel, line, now)


def _waiting(tx: Tx) -> list[Inquiry]:
    return sorted((i for i in tx.open_inquiries() if i.clock is not None), key=by_urgency)


def _waiting_words(waiting: list[Inquiry], now: datetime) -> str:
    if not waiting:
        return "Nothing waits."
    first = waiting[0]
    assert first.clock is not None
    verb = "was due" if first.clock.due_at <= now else "due"
    count = "1 inquiry waits" if len(waiting) == 1 else f"{len(waiting)} inquiries wait"
    return f"{count}, the earliest (#{first.number}) {verb} {when(first.clock.due_at, 'day')}."


def _opening_line(desk: Desk, tx: Tx, open_hours: BusinessHours, now: datetime) -> Line:
    closing = _last_closing_today(open_hours, now)
    until = f"{when(closing)} ({_wall(open_hours, closing)})"
    text = f"{strong('Desk open')} until {until}. {_waiting_words(_waiting(tx), now)}"
    buttons = (
        Button("claim_next", "Claim most urgent", "next", "primary"),
        Button("queue", "See what waits", "open"),
    )
    return Line(text, buttons=buttons if _waiting(tx) else (), mark="sunrise")


def _closing_line(desk: Desk, tx: Tx, open_hours: BusinessHours, now: datetime) -> Line:
    try:
        opens = open_hours.next_opening(now)
        back = f"Open again {when(opens, 'day')} ({_wall(open_hours, opens)})."
    except NeverOpen as never:
        back = never.sentence
    return Line(f"{strong('Desk closed.')} {back} {_waiting_words(_waiting(tx), now)}", mark="city_sunset")


def _last_closing_today(open_hours: BusinessHours, now: datetime) -> datetime:
    closing = open_hours.next_closing(now)
    day = now.astimezone(open_hours.zone).date()
    while True:
        try:
            opening = open_hours.next_opening(closing)
        except NeverOpen:
            return closing
        if opening.astimezone(open_hours.zone).date() != day:
            return closing
        closing = open_hours.next_closing(opening)


def _wall(open_hours: BusinessHours, at: datetime) -> str:
    """An instant in the desk's own zone, for people elsewhere: "18:00 London"."""
    city = open_hours.zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return f"{at.astimezone(open_hours.zone):%H:%M} {city}"


def next_notice(open_hours: BusinessHours, now: datetime) -> datetime | None:
    """The next opening or closing after `now`; None if nothing opens any more."""
    try:
        if open_hours.is_open(now):
            return open_hours.next_closing(now)
        return open_hours.next_opening(now)
    except NeverOpen:
        return None


# posts on the platforms


async def _preview(desk: Desk, ask: Ask) -> Answer:
    """What would be posted, where; nothing goes out before *Post it*."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly("post the office hours in public", [lead.user for lead in desk.people.leads()])
        texts = availability(desk, tx)
        if not texts:
            raise Refusal("No platform has a text for this. Write one under [availability] in frontdesk.toml.")
        lines = tuple(f"{strong(desk.platforms[name].title)}: {clean(text)}" for name, text in texts.items())
        return Answer(
            "This would stand in public. Nothing has been posted yet.",
            lines=lines,
            buttons=(Button("hours_post", "Post it", "post", "primary", confirm="Everybody can read it."),),
        )

    return await desk.once(ask, work)


def availability(desk: Desk, tx: Tx) -> Mapping[str, str]:
    """The public text by platform, with today's facts filled in."""
    open_hours, now = desk.hours(tx), desk.now()
    if open_hours.is_open(now):
        until = f"{_wall(open_hours, _last_closing_today(open_hours, now))} time"
        state = f"We are here until {until}."
    else:
        try:
            opens = open_hours.next_opening(now).astimezone(open_hours.zone)
            until = f"{opens:%a %H:%M}"
            state = f"We are back on {opens:%A} at {opens:%H:%M} {open_hours.zone.key.rsplit('/', 1)[-1]} time."
        except NeverOpen:
            until, state = "", "We are closed."
    facts = {"{hours}": format_week(open_hours.week), "{zone}": open_hours.zone.key, "{until}": until, "{state}": state}
    texts = {}
    for name in desk.platforms:
        text = desk.rules.availability.get(name, "{state} Our hours: {hours} ({zone}).")
        for mark, value in facts.items():
            text = text.replace(mark, value)
        if text.strip():
            texts[name] = text.strip()
    return texts


async def post_hours(desk: Desk, ask: Ask) -> Answer:
    """Owe the availability to Slack and to each platform, once for this press."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly("post the office hours in public", [lead.user for lead in desk.people.leads()])
        now = desk.now()
        for name, text in availability(desk, tx).items():
            platform = desk.platform(name)
            size, limit = platform.length(text), platform.capabilities.public_limit
            if size > limit:
                raise Refusal(
                    f"Not posted: the text for {platform.title} takes {size} of {limit}. Shorten [availability]."
                )
            tx.keep_op(
                Operation(
                    f"availability:{name}:{now.isoformat()}",
                    OpKind.PUBLISH,
                    Lane.NOTICE,
                    name,
                    "account",
                    now,
                    now,
                    None,
                    {
                        "way": "post",
                        "text": text,
                        "reply_to": None,
                        "to": None,
                        "people": [],
                        "part": 1,
                        "parts": 1,
                        "nth": 0,
                    },
                )
            )
        line = Line(f"{who(ask.agent.user)} posted our hours. {present(desk.hours(tx), now)}", mark="loudspeaker")
        owe_post(tx, f"availability:{now.isoformat()}", desk.rules.channel, line, now)
        tx.log(Event(now, 0, "hours posted", ask.agent.user))
        return Answer("Going out to " + ", ".join(desk.platforms[name].title for name in availability(desk, tx)) + ".")

    return await desk.once(ask, work)
