"""Office hours: shown, set by leads, posted to Slack at opening and closing, and to the platforms on command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import by_urgency
from desk.flows.owing import owe_card, owe_post
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.hours import BusinessHours, NeverCloses, NeverOpen, format_spans, format_week, parse_week
from desk.model.inquiry import Event, Inquiry
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.sla import SlaClock, counted_anew
from desk.model.words import clean, code, link, strong, when, who
from desk.ports import Tx

FRESH = timedelta(hours=1)
"""An opening or closing longer ago than this is no news any more (the desk was down)."""
BACK = timedelta(days=3)
"""How far back the last opening is looked for: a span ends 48 hours after its date begins, at the latest."""
SHOWN = 10
"""How many moved deadlines a preview lists."""
LOOKS = 3
"""After so many looks a post that may have arrived is left to people."""


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
    except NeverCloses:
        return f"{strong('Open')} around the clock ({zone})."
    except NeverOpen as never:
        return never.sentence


async def _set(desk: Desk, ask: Ask, typed: str) -> Answer:
    """Say whose deadlines would move; the change itself comes with *Confirm*."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, "change the office hours")
        week = parse_week(typed)
        own = desk.rules.hours
        moved = _moved(desk, tx, BusinessHours(own.zone, week, own.holidays, own.exceptions))
        lines = [
            f"#{inquiry.number}: {when(before.due_at, 'day')} → {when(after.due_at, 'day')}"
            for inquiry, before, after in moved[:SHOWN]
        ]
        if len(moved) > SHOWN:
            lines.append(f"and {len(moved) - SHOWN} more")
        count = f"{len(moved)} open deadlines move" if len(moved) != 1 else "1 open deadline moves"
        return Answer(
            f"New hours: {strong(format_week(week))} ({own.zone.key}). "
            f"{count if moved else 'No open deadline moves'}. Nothing has changed yet.",
            lines=tuple(lines),
            buttons=(Button("hours_confirm", "Confirm", format_week(week), "primary"),),
        )

    return await desk.once(ask, work)


def _leads_only(desk: Desk, ask: Ask, what: str) -> None:
    if not ask.agent.lead:
        raise LeadsOnly(what, [lead.user for lead in desk.people.leads()], ask.text)


async def confirm_hours(desk: Desk, ask: Ask) -> Answer:
    """The new hours, in force: running clocks are counted anew from their start. Pressed twice, it is done once."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, "change the office hours")
        now = desk.now()
        before = tx.setting("hours") or format_week(desk.rules.hours.week)
        wanted = format_week(parse_week(ask.text))
        if wanted == before:
            return Answer(f"In force already: {wanted}.")
        tx.set_setting("hours", wanted)
        changed = desk.hours(tx)
        for inquiry, _, after in _moved(desk, tx, changed):
            moved = replace(inquiry, clock=after)
            tx.keep_inquiry(moved)
            due = after.due_at.isoformat()
            tx.log(Event(now, inquiry.number, "deadline moved", ask.agent.user, None, {"due": due}))
            owe_card(tx, moved, now)
        tx.log(Event(now, 0, "hours set", ask.agent.user, None, {"before": before, "after": wanted}))
        line = Line(f"{who(ask.agent.user)} set the office hours: {wanted} ({changed.zone.key}).", mark="clock9")
        owe_post(tx, f"hours:{now.isoformat()}", desk.rules.channel, line, now)
        return Answer(f"In force: {wanted}.")

    return await desk.once(ask, work)


def _moved(desk: Desk, tx: Tx, changed: BusinessHours) -> list[tuple[Inquiry, SlaClock, SlaClock]]:
    """Open inquiries whose deadline other hours move, most urgent first, with their clock before and after."""
    now = desk.now()
    found = []
    for inquiry in sorted(tx.open_inquiries(), key=by_urgency):
        if inquiry.clock is not None:
            share = desk.rules.policy(inquiry.platform).warn_share
            after = counted_anew(inquiry.clock, share, changed, now)
            if after.due_at != inquiry.clock.due_at:
                found.append((inquiry, inquiry.clock, after))
    return found


# notices in Slack


@dataclass(frozen=True, slots=True)
class Span:
    """An open time: its two instants (`closing` None: it has no end in sight) and the date that it belongs to."""

    opening: datetime
    closing: datetime | None
    day: date


async def watch_hours(desk: Desk) -> None:
    """Post the opening and the closing notice of a date, each once, however often this runs; and how posts went."""

    async def due(tx: Tx) -> bool:
        return _notice_due(desk, tx) is not None or bool(_settled(tx))

    if not await desk.read(due):
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        if (notice := _notice_due(desk, tx)) is not None:
            kind, day = notice
            draw = _opening_line if kind == "opening" else _closing_line
            tx.set_setting(f"notice:{kind}", day.isoformat())
            key = f"{kind}:{day.isoformat()}"
            owe_post(tx, key, desk.rules.channel, draw(desk, tx, desk.hours(tx), now), now)
        if ops := _settled(tx):
            _say_how_it_went(desk, tx, ops, now)

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


def notice(open_hours: BusinessHours, now: datetime) -> tuple[str, date] | None:
    """What the hours alone would have said at `now`: the last opening, or closing for the day, if it is fresh.

    A break (the date opens once more) is none; a night belongs to the date on which it begins.
    """
    span = _last_span(open_hours, now)
    if span is None:
        return None
    if span.closing is None or span.closing > now:
        return ("opening", span.day) if now - span.opening <= FRESH else None
    if now - span.closing > FRESH:
        return None
    try:
        opens = open_hours.next_opening(now)
    except NeverOpen:
        return "closing", span.day
    return None if _day_of(open_hours, opens) == span.day else ("closing", span.day)


def _last_span(open_hours: BusinessHours, now: datetime) -> Span | None:
    """The span that `now` is in, or the last one before it; None where the desk was closed for days."""
    found = None
    edge = at = now - BACK
    try:
        while (opening := open_hours.next_opening(at)) <= now:
            try:
                closing = open_hours.next_closing(opening)
            except NeverCloses:
                return Span(opening, None, _day_of(open_hours, opening))
            # Open for longer than that without a break: the date on which it ends names it as well as any.
            last = closing - timedelta(seconds=1)
            day = _day_of(open_hours, opening) if opening > edge else last.astimezone(open_hours.zone).date()
            found = Span(opening, closing, day)
            if closing > now:
                break
            at = closing
    except NeverOpen:
        pass
    return found


def _day_of(open_hours: BusinessHours, opening: datetime) -> date:
    """The date that an opening belongs to: its own, or the one before where a night goes on after a break."""
    here = opening.astimezone(open_hours.zone)
    for back in (1, 2):
        day = here.date() - timedelta(days=back)
        if any(start == f"{here.hour + 24 * back:02d}:{here:%M}" for start, _ in open_hours.on(day)):
            return day
    return here.date()


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
    until = f" until {when(closing)} ({_wall(open_hours, closing)})" if closing is not None else ""
    text = f"{strong('Desk open')}{until}. {_waiting_words(_waiting(tx), now)}"
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


def _last_closing_today(open_hours: BusinessHours, now: datetime) -> datetime | None:
    """When the day's last span ends, breaks passed over; None where that has no end in sight."""
    day = _day_of(open_hours, open_hours.next_opening(now))
    try:
        closing = open_hours.next_closing(now)
        while _day_of(open_hours, opening := open_hours.next_opening(closing)) == day:
            closing = open_hours.next_closing(opening)
    except NeverOpen:
        return closing
    except NeverCloses:
        return None
    return closing


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
    except (NeverOpen, NeverCloses):
        return None


# posts on the platforms


async def _preview(desk: Desk, ask: Ask) -> Answer:
    """What would be posted, where; nothing goes out before *Post it*, and then just these words."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, "post the office hours in public")
        now = desk.now()
        texts = availability(desk, tx)
        lines = [f"{strong('Slack')}: {present(desk.hours(tx), now)}"]
        for name, text in texts.items():
            platform = desk.platform(name)
            size, limit = platform.length(text), platform.capabilities.public_limit
            if size > limit:
                raise Refusal(
                    f"Not posted: the text for {platform.title} takes {size} of {limit}. Ask the owner to shorten it "
                    "under [availability] in frontdesk.toml."
                )
            same = tx.setting(f"availability:{name}") == text
            again = " (word for word what was posted last time; some networks refuse that)" if same else ""
            lines.append(f"{strong(platform.title)}: {clean(text)}{again}")
        key = now.isoformat()
        tx.set_setting(f"preview:{ask.agent.user}", {"key": key, "texts": dict(texts)})
        return Answer(
            "This would stand in public. Nothing has been posted yet.",
            lines=tuple(lines),
            buttons=(Button("hours_post", "Post it", key, "primary", confirm="Everybody can read it."),),
        )

    return await desk.once(ask, work)


def availability(desk: Desk, tx: Tx) -> Mapping[str, str]:
    """The public text by platform, with today's facts filled in."""
    open_hours, now = desk.hours(tx), desk.now()
    until, state = _state(open_hours, now)
    facts = {"{hours}": format_week(open_hours.week), "{zone}": open_hours.zone.key, "{until}": until, "{state}": state}
    texts = {}
    for name in desk.platforms:
        text = desk.rules.availability.get(name, "{state} Our hours: {hours} ({zone}).")
        for mark, value in facts.items():
            text = text.replace(mark, value)
        if text.strip():
            texts[name] = text.strip()
    return texts


def _state(open_hours: BusinessHours, now: datetime) -> tuple[str, str]:
    """Until when things stay as they are, and how they are, in words for the public."""
    try:
        if open_hours.is_open(now):
            closing = _last_closing_today(open_hours, now)
            if closing is None:
                return "further notice", "We are here around the clock."
            until = f"{_wall(open_hours, closing)} time"
            return until, f"We are here until {until}."
        opens = open_hours.next_opening(now).astimezone(open_hours.zone)
        return f"{opens:%a %H:%M}", f"We are back on {opens:%A} at {_wall(open_hours, opens)} time."
    except NeverOpen:
        return "further notice", "We are closed."


async def post_hours(desk: Desk, ask: Ask) -> Answer:
    """Owe what the preview showed to Slack and to each platform, once for each preview. `ask.text` names it."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, "post the office hours in public")
        now = desk.now()
        preview = tx.setting(f"preview:{ask.agent.user}") or {}
        if preview.get("key") != ask.text:
            raise Refusal(f"That preview is old. Look at a new one: {code(f'/{desk.rules.prefix}hours post')}.")
        if preview.get("posted"):
            return Answer(
                f"Posted already, {when(datetime.fromisoformat(preview['posted']), 'day')}. Nothing is said twice."
            )
        tx.set_setting(f"preview:{ask.agent.user}", {**preview, "posted": now.isoformat()})
        texts: dict[str, str] = {name: text for name, text in preview["texts"].items() if name in desk.platforms}
        for name, text in texts.items():
            tx.set_setting(f"availability:{name}", text)
            tx.keep_op(_public(name, text, ask.text, now))
        tx.set_setting("availability", [_op_id(name, ask.text) for name in texts])
        line = Line(f"{who(ask.agent.user)} posts our hours. {present(desk.hours(tx), now)}", mark="loudspeaker")
        owe_post(tx, f"availability:{ask.text}", desk.rules.channel, line, now)
        tx.log(Event(now, 0, "hours posted", ask.agent.user))
        return Answer("Going out to " + ", ".join(("Slack", *(desk.platforms[name].title for name in texts))) + ".")

    return await desk.once(ask, work)


def _op_id(name: str, key: str) -> str:
    return f"availability:{name}:{key}"


def _public(name: str, text: str, key: str, now: datetime) -> Operation:
    said: dict[str, object] = {
        "way": "post",
        "text": text,
        "reply_to": None,
        "to": None,
        "people": [],
        "part": 1,
        "parts": 1,
        "nth": 0,
    }
    return Operation(_op_id(name, key), OpKind.PUBLISH, Lane.NOTICE, name, "account", now, now, None, said)


def _settled(tx: Tx) -> list[Operation]:
    """The posts of the last *Post it*, once it is known of each what became of it."""
    ops = [op for op_id in tx.setting("availability") or () if (op := tx.op(op_id)) is not None]
    known = all(not op.waiting or (op.state is Delivery.UNSURE and op.looks >= LOOKS) for op in ops)
    return ops if known else []


def _say_how_it_went(desk: Desk, tx: Tx, ops: list[Operation], now: datetime) -> None:
    tx.set_setting("availability", None)
    said = []
    for op in ops:
        title = desk.platforms[op.target].title if op.target in desk.platforms else op.target
        if op.state is Delivery.SENT:
            said.append(f"They stand on {link(op.url, title) if op.url else title}.")
        elif op.state is Delivery.UNSURE:
            said.append(f"Nobody knows whether {title} has them: please look, nothing is said twice by itself.")
        else:
            said.append(f"{title} did not take them. {clean(op.reason or '')}".strip())
    well = all(op.state is Delivery.SENT for op in ops)
    line = Line(f"Our hours in public: {' '.join(said)}", mark="white_check_mark" if well else "red_circle")
    owe_post(tx, f"{ops[0].op_id}:outcome", desk.rules.channel, line, now)
