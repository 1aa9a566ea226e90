"""Office hours: shown in everybody's own zone; set by leads for the week, for single dates, and for each team."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from desk.desk import Desk
from desk.flows.chances import with_window
from desk.flows.finding import by_deadline
from desk.flows.owing import owe_card, owe_post
from desk.flows.public import preview
from desk.flows.shift import roster
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.catalogue import say, say_n
from desk.model.changes import applied, read_date
from desk.model.days import dated, spans_words, week_words
from desk.model.hours import BusinessHours, HoursError
from desk.model.inquiry import Event, Inquiry
from desk.model.opening import present, today_in, week_in
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.sla import counted_anew
from desk.model.teams import Team
from desk.model.week import format_spans, format_week, parse_week
from desk.model.words import clean, code, strong, when, who
from desk.ports import Tx

SHOWN = 10
"""How many moved deadlines a preview lists."""
AHEAD = timedelta(days=366)
"""How far ahead holidays and other dates are listed …"""
LISTED = 20
"""… and how many of them."""
SOON = 7
"""Days ahead in which a date with other hours is told beside today's."""


async def hours(desk: Desk, ask: Ask) -> Answer:
    """`/hours`, `/hours week`, `/hours holidays`, `/hours set mon-fri 9-17`, `/hours 2026-12-24 9-13`, `/hours post`;
    the same for a team behind its name."""
    team, typed = _team(desk, ask.text)
    word, _, rest = typed.partition(" ")
    match word.casefold():
        case "" | "today":
            return await _shown(desk, ask, team, week=False)
        case "week":
            return await _shown(desk, ask, team, week=True)
        case "holidays":
            return await _holidays(desk, team)
        case "post" if team is None:
            return await preview(desk, ask)
        case "set" if not rest.strip():
            raise Refusal(
                say("Which hours? For example {example}.", example=code(f"{ask.typed} set mon-fri 9-17, sat 10-14"))
            )
    if word.casefold() == "set" or word[:1].isdecimal():
        return await _set(desk, ask, team, typed)
    words = ["today", "week", "set", "post", "holidays", say("a date"), *(one.name for one in desk.rules.teams)]
    raise Refusal(
        say(
            "{command} knows: {words}. For example {example} or {other}.",
            command="/hours",
            words=", ".join(words),
            example=code(f"{ask.typed} set mon-fri 9-17, sat 10-14"),
            other=code(f"{ask.typed} 2026-12-24 9-13"),
        ),
        quote=ask.text,
    )


def _team(desk: Desk, text: str) -> tuple[Team | None, str]:
    """The team that the words begin with, if they do, and the rest."""
    word, _, rest = text.strip().partition(" ")
    team = next((one for one in desk.rules.teams if one.name.casefold() == word.casefold()), None)
    return (team, rest.strip()) if team is not None else (None, text.strip())


def _hours(desk: Desk, tx: Tx, team: Team | None) -> BusinessHours:
    return desk.hours(tx) if team is None else desk.team_hours(tx, team)


async def _shown(desk: Desk, ask: Ask, team: Team | None, *, week: bool) -> Answer:
    async def work(tx: Tx) -> Answer:
        now, own = desk.now(), _hours(desk, tx, team)
        zone = ZoneInfo(ask.agent.zone)
        usual = f"{week_words(own.week)} ({own.zone.key})"
        lines = []
        if zone.key != own.zone.key and own.week:
            if week:
                there = week_words(week_in(own, now, zone))
                lines.append(say("In your zone this week: {hours} ({zone}).", hours=there, zone=zone.key))
            else:
                there = today_in(own, now, zone)
                lines.append(say("In your zone today: {hours} ({zone}).", hours=there, zone=zone.key))
        if not week:
            lines.append(say("The week: {hours}.", hours=usual))
        today = now.astimezone(own.zone).date()
        lines += [f"• {line}" for line in _other_dates(desk, tx, team, today, today + timedelta(days=SOON))]
        lines.append(roster(desk, tx, now))
        if team is None:
            lines += [f"{strong(one.name)}: {present(desk.team_hours(tx, one), now)}" for one in desk.rules.teams]
        return Answer(f"{usual}. {present(own, now)}" if week else present(own, now), lines=tuple(lines))

    return await desk.read(work)


def _other_dates(desk: Desk, tx: Tx, team: Team | None, first: date, last: date) -> list[str]:
    """The dates with other hours than the week's, the soonest first: "Thu 2026-12-24: 09:00–13:00 (Christmas Eve)"."""
    own = _hours(desk, tx, team)
    found = []
    for day in sorted({*own.holidays, *own.exceptions}):
        if first <= day <= last:
            name = desk.rules.dates.get(day, "")
            found.append(f"{dated(day)}: {spans_words(own.on(day))}{f' ({clean(name)})' if name else ''}")
    return found


async def _holidays(desk: Desk, team: Team | None) -> Answer:
    async def work(tx: Tx) -> Answer:
        own = _hours(desk, tx, team)
        today = desk.now().astimezone(own.zone).date()
        days = _other_dates(desk, tx, team, today, today + AHEAD)
        more = (say("and {n} more", n=len(days) - LISTED),) if len(days) > LISTED else ()
        if not days:
            example = code(f"/{desk.rules.prefix}hours {today.year}-12-25 closed")
            return Answer(
                say(
                    "No holiday and no other hours in the next twelve months. A lead sets one: {example}",
                    example=example,
                )
            )
        head = say("Holidays and other hours in the next twelve months ({zone}):", zone=own.zone.key)
        return Answer(head, lines=(*days[:LISTED], *more))

    return await desk.read(work)


# changes


@dataclass(frozen=True, slots=True)
class Change:
    """What a lead wants: `words` say it, `setting` and `value` keep it, `hours` are those after it. `same`: it is so
    already."""

    words: str
    setting: str
    value: object
    hours: BusinessHours
    same: bool


def _read(desk: Desk, tx: Tx, team: Team | None, typed: str) -> Change:
    """A change as typed: "set mon-fri 9-17", "2026-12-24 9-13". Raises `HoursError`."""
    now, before = desk.now(), _hours(desk, tx, team)
    name = f":{team.name}" if team is not None else ""
    own, breaks = (desk.rules.hours, desk.rules.breaks) if team is None else (team.hours, team.breaks)
    week, dates = tx.setting(f"hours{name}"), dict(tx.setting(f"dates{name}") or {})
    whose = f"{team.name}: " if team is not None else ""
    found = read_date(typed, now.astimezone(own.zone).date())
    if found is not None:
        day, spans = found
        if spans is None:
            dates.pop(day.isoformat(), None)
        else:
            dates[day.isoformat()] = spans
        after = applied(own, breaks, week, dates)
        words = f"{whose}{dated(day)} {spans_words(after.on(day))}"
        return Change(words, f"dates{name}", dates, after, after.on(day) == before.on(day))
    wanted = format_week(parse_week(typed.removeprefix("set ").strip()))
    after = applied(own, breaks, wanted, dates)
    return Change(f"{whose}{week_words(after.week)}", f"hours{name}", wanted, after, after.week == before.week)


async def _set(desk: Desk, ask: Ask, team: Team | None, typed: str) -> Answer:
    """Say whose deadlines would move; the change itself comes with *Confirm*."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, say("change the office hours"))
        try:
            change = _read(desk, tx, team, typed)
        except HoursError as error:
            raise Refusal(error.sentence, quote=ask.text) from error
        if change.same:
            return Answer(say("In force already: {hours} ({zone}).", hours=change.words, zone=change.hours.zone.key))
        moved = [words for one in _moved(desk, tx, change.hours) for words in one.words] if team is None else []
        lines = moved[:SHOWN]
        if len(moved) > SHOWN:
            lines.append(say("and {n} more", n=len(moved) - SHOWN))
        if team is not None:
            count = say("No open deadline moves (promises run in the desk's hours).")
        elif moved:
            count = say_n("{n} open deadline moves.", "{n} open deadlines move.", len(moved))
        else:
            count = say("No open deadline moves.")
        value = f"{team.name} {typed}" if team is not None else typed
        return Answer(
            say(
                "New hours: {hours} ({zone}). {moved} Nothing has changed yet.",
                hours=strong(change.words),
                zone=change.hours.zone.key,
                moved=count,
            ),
            lines=tuple(lines),
            buttons=(Button("hours_confirm", say("Confirm"), f"change {value}", "primary"),),
        )

    return await desk.once(ask, work)


def _leads_only(desk: Desk, ask: Ask, what: str) -> None:
    if not ask.agent.lead:
        raise LeadsOnly(what, [lead.user for lead in desk.people.leads()], ask.text)


async def confirm_hours(desk: Desk, ask: Ask) -> Answer:
    """The new hours, in force: running clocks are counted anew from their start. Pressed twice, it is done once."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask, say("change the office hours"))
        now = desk.now()
        team, typed = _team(desk, ask.text.removeprefix("change "))
        try:
            change = _read(desk, tx, team, typed)
        except HoursError as error:
            raise Refusal(error.sentence, quote=typed) from error
        if change.same:
            return Answer(say("In force already: {hours}.", hours=change.words))
        before = format_week(_hours(desk, tx, team).week)
        tx.set_setting(change.setting, change.value)
        if team is None:
            _move(desk, tx, change.hours, ask.agent.user, now)
        tx.log(Event(now, 0, "hours set", ask.agent.user, None, {"before": before, "after": change.words}))
        told = say(
            "{who} set the office hours: {hours} ({zone}).",
            who=who(ask.agent.user),
            hours=change.words,
            zone=change.hours.zone.key,
        )
        line = Line(told, mark="clock9")
        owe_post(tx, f"hours:{now.isoformat()}", desk.rules.channel, line, now)
        return Answer(say("In force: {hours}.", hours=change.words))

    return await desk.once(ask, work)


def _move(desk: Desk, tx: Tx, changed: BusinessHours, by: str | None, now: datetime) -> list[str]:
    """Count what runs anew in other hours; a line for each deadline that moved."""
    tx.set_setting(COUNTED, _fingerprint(changed))
    lines: list[str] = []
    for moved in _moved(desk, tx, changed):
        tx.keep_inquiry(moved.after)
        if moved.words:
            dues = {"due": moved.due, "solution": moved.solution}
            tx.log(Event(now, moved.after.number, "deadline moved", by, None, dues))
            owe_card(tx, moved.after, now)
            lines += moved.words
    return lines


# changes in the configuration

COUNTED = "hours counted"
"""In which hours the running clocks are counted: what tells at a start that the owner has changed them."""


def _fingerprint(hours: BusinessHours) -> str:
    dates = sorted((str(day), format_spans(hours.on(day))) for day in {*hours.holidays, *hours.exceptions})
    return sha256(f"{hours.zone.key} {format_week(hours.week)} {dates}".encode()).hexdigest()


def _is_changed(desk: Desk, tx: Tx) -> bool:
    counted = tx.setting(COUNTED)
    return counted is not None and counted != _fingerprint(desk.hours(tx))


async def would_move(desk: Desk) -> list[str]:
    """A line for each open deadline that would move if the desk were started with this configuration."""

    async def work(tx: Tx) -> list[str]:
        moved = _moved(desk, tx, desk.hours(tx)) if _is_changed(desk, tx) else []
        return [words for one in moved for words in one.words]

    return await desk.read(work)


async def as_configured(desk: Desk) -> None:
    """At a start: where the owner has changed the hours since the last, running clocks are counted anew, and the leads
    are told whose deadlines moved."""

    async def is_known(tx: Tx) -> bool:
        return bool(tx.setting(COUNTED) == _fingerprint(desk.hours(tx)))

    if await desk.read(is_known):
        return

    async def work(tx: Tx) -> None:
        now, changed = desk.now(), desk.hours(tx)
        if not _is_changed(desk, tx):
            tx.set_setting(COUNTED, _fingerprint(changed))
            return
        lines = _move(desk, tx, changed, None, now)
        if lines:
            owe_post(tx, f"hours:{now.isoformat()}", desk.rules.leads_channel, _moved_line(changed, lines), now)

    await desk.transact(work)


def _moved_line(changed: BusinessHours, lines: list[str]) -> Line:
    head = say_n(
        "The configuration has other office hours: {hours}. {n} open deadline moved:",
        "The configuration has other office hours: {hours}. {n} open deadlines moved:",
        len(lines),
        hours=f"{week_words(changed.week)} ({changed.zone.key})",
    )
    more = [say("and {n} more", n=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    return Line("\n".join((head, *lines[:SHOWN], *more)), mark="clock9")


# what moves


@dataclass(frozen=True, slots=True)
class Moved:
    """An open inquiry as other hours make it, and a line for each deadline of it that they move."""

    after: Inquiry
    words: tuple[str, ...]

    @property
    def due(self) -> str | None:
        return self.after.clock.due_at.isoformat() if self.after.clock else None

    @property
    def solution(self) -> str | None:
        return self.after.resolution.due_at.isoformat() if self.after.resolution else None


def _moved(desk: Desk, tx: Tx, changed: BusinessHours) -> list[Moved]:
    """Open inquiries that other hours change: their answers, solutions, and pings before a platform's last chance; the
    most urgent first."""
    now = desk.now()
    found = []
    for inquiry in sorted(tx.open_inquiries(), key=by_deadline):
        after = replace(
            inquiry,
            clock=counted_anew(inquiry.clock, changed, now) if inquiry.clock else None,
            resolution=counted_anew(inquiry.resolution, changed, now) if inquiry.resolution else None,
        )
        after = with_window(desk, tx, after, now, changed)
        if after != inquiry:
            found.append(Moved(after, tuple(_differences(inquiry, after))))
    return found


def _differences(before: Inquiry, after: Inquiry) -> Iterator[str]:
    """A line for each instant that differs."""
    was, now = before.clock, after.clock
    if was is not None and now is not None and was.due_at != now.due_at:
        yield f"#{before.number}: {when(was.due_at, 'day')} → {when(now.due_at, 'day')}"
    was, now = before.resolution, after.resolution
    if was is not None and now is not None and was.due_at != now.due_at:
        old, new = when(was.due_at, "day"), when(now.due_at, "day")
        yield say("#{number}, solution: {old} → {new}", number=before.number, old=old, new=new)
    if before.clock is not None and before.window_at != after.window_at:
        never = say("never")
        old = when(before.window_at, "day") if before.window_at else never
        new = when(after.window_at, "day") if after.window_at else never
        yield say(
            "#{number}, ping before the platform's last chance ends: {old} → {new}",
            number=before.number,
            old=old,
            new=new,
        )
