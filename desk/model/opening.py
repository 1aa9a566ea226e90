"""The hours at an instant: open or closed in a sentence, and which notice it calls for; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.model.catalogue import say
from desk.model.days import spans_words, weekday_of
from desk.model.hours import DAYS, BusinessHours, NeverCloses, NeverOpen
from desk.model.words import strong, when

FRESH = timedelta(hours=1)
"""An opening or closing longer ago than this is no news any more (the desk was down)."""
BACK = timedelta(days=3)
"""How far back the last opening is looked for: a span ends 48 hours after its date begins, at the latest."""


def present(open_hours: BusinessHours, now: datetime) -> str:
    """One sentence: open or closed now, until when, and today's hours in the desk's own zone."""
    today = spans_words(open_hours.on(now.astimezone(open_hours.zone).date()))
    zone = open_hours.zone.key
    try:
        if open_hours.is_open(now):
            return say(
                "{open} until {at} · today {hours} ({zone}).",
                open=strong(say("Open")),
                at=when(open_hours.next_closing(now), "day"),
                hours=today,
                zone=zone,
            )
        return say(
            "{closed}, opens {at} · today: {hours} ({zone}).",
            closed=strong(say("Closed")),
            at=when(open_hours.next_opening(now), "day"),
            hours=today,
            zone=zone,
        )
    except NeverCloses:
        return say("{open} around the clock ({zone}).", open=strong(say("Open")), zone=zone)
    except NeverOpen as never:
        return never.sentence


@dataclass(frozen=True, slots=True)
class Span:
    """An open time: its two instants (`closing` None: it has no end in sight) and the date that it belongs to."""

    opening: datetime
    closing: datetime | None
    day: date


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
    return None if day_of(open_hours, opens) == span.day else ("closing", span.day)


def _last_span(open_hours: BusinessHours, now: datetime) -> Span | None:
    """The span that `now` is in, or the last one before it; None where the desk was closed for days."""
    found = None
    edge = at = now - BACK
    try:
        while (opening := open_hours.next_opening(at)) <= now:
            try:
                closing = open_hours.next_closing(opening)
            except NeverCloses:
                return Span(opening, None, day_of(open_hours, opening))
            # Open for longer than that without a break: the date on which it ends names it as well as any.
            last = closing - timedelta(seconds=1)
            day = day_of(open_hours, opening) if opening > edge else last.astimezone(open_hours.zone).date()
            found = Span(opening, closing, day)
            if closing > now:
                break
            at = closing
    except NeverOpen:
        pass
    return found


def day_of(open_hours: BusinessHours, opening: datetime) -> date:
    """The date that an opening belongs to: its own, or the one before where a night goes on after a break."""
    here = opening.astimezone(open_hours.zone)
    for back in (1, 2):
        day = here.date() - timedelta(days=back)
        if any(start == f"{here.hour + 24 * back:02d}:{here:%M}" for start, _ in open_hours.on(day)):
            return day
    return here.date()


def last_closing_today(open_hours: BusinessHours, now: datetime) -> datetime | None:
    """When the day's last span ends, breaks passed over; None where that has no end in sight."""
    day = day_of(open_hours, open_hours.next_opening(now))
    try:
        closing = open_hours.next_closing(now)
        while day_of(open_hours, opening := open_hours.next_opening(closing)) == day:
            closing = open_hours.next_closing(opening)
    except NeverOpen:
        return closing
    except NeverCloses:
        return None
    return closing


def wall(open_hours: BusinessHours, at: datetime) -> str:
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


# the same in another zone


def today_in(open_hours: BusinessHours, now: datetime, zone: ZoneInfo) -> str:
    """The hours of the desk's own today, as clocks in another zone show them: "04:00–12:00"; "closed"."""
    day = now.astimezone(open_hours.zone).date()
    here = now.astimezone(zone).date()
    found = []
    for opening, closing in _instants(open_hours, day):
        first, last = opening.astimezone(zone), closing.astimezone(zone)
        found.append(f"{_day_mark(first.date(), here)}{first:%H:%M}–{_day_mark(last.date(), first.date())}{last:%H:%M}")
    spans = found[0] if found else say("closed")
    for span in found[1:]:
        spans = say("{one} and {other}", one=spans, other=span)
    return spans


def _day_mark(day: date, here: date) -> str:
    return "" if day == here else f"{weekday_of(day)} "


def week_in(open_hours: BusinessHours, now: datetime, zone: ZoneInfo) -> dict[str, tuple[tuple[str, str], ...]]:
    """The hours of this week, from Monday on, as clocks in another zone show them; the ends count on past midnight."""
    today = now.astimezone(open_hours.zone).date()
    monday = today - timedelta(days=today.weekday())
    found: dict[str, list[tuple[str, str]]] = {}
    for ahead in range(7):
        for opening, closing in _instants(open_hours, monday + timedelta(days=ahead)):
            first, last = opening.astimezone(zone), closing.astimezone(zone)
            hours = last.hour + 24 * (last.date() - first.date()).days
            found.setdefault(DAYS[first.weekday()], []).append((f"{first:%H:%M}", f"{hours:02d}:{last:%M}"))
    return {day: tuple(sorted(spans)) for day, spans in found.items()}


def _instants(open_hours: BusinessHours, day: date) -> list[tuple[datetime, datetime]]:
    return [(_instant(open_hours, day, start), _instant(open_hours, day, end)) for start, end in open_hours.on(day)]


def _instant(open_hours: BusinessHours, day: date, clock: str) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    wall = datetime.combine(day + timedelta(days=hours // 24), time(hours % 24, minutes), open_hours.zone)
    return wall.astimezone(ZoneInfo("UTC"))
