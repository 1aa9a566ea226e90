"""Shifts: who is there, who is away until when, agents' own hours, and what is handed over at the end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from desk.desk import Desk
from desk.flows.finding import by_urgency, customer_name
from desk.flows.owing import owe_card, owe_line, owe_post
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.catalogue import say
from desk.model.days import week_words
from desk.model.hours import BusinessHours, HoursError, NeverOpen
from desk.model.inquiry import Event, Inquiry
from desk.model.message import kind_words
from desk.model.opening import next_notice, notice, present
from desk.model.outbox import Lane
from desk.model.people import Person
from desk.model.refusals import Refusal
from desk.model.teams import Team, relieved_by
from desk.model.week import format_week, parse_week
from desk.model.words import code, group, when, who
from desk.ports import Tx

CALLED = 10
"""So many people are called by name at most; more are called as a group."""
LISTED = 15
"""So many inquiries are listed when a shift ends."""


# who is there


def _state(tx: Tx, user: str) -> dict[str, Any]:
    return dict(tx.setting(f"shift:{user}") or {})


def away_until(tx: Tx, user: str, now: datetime) -> tuple[bool, datetime | None]:
    """Whether somebody said that they are away, and until when (None: until they say *back*)."""
    state = _state(tx, user)
    if not state.get("away"):
        return False, None
    until = datetime.fromisoformat(state["until"]) if state.get("until") else None
    return (until is None or now < until), until


def own_hours(desk: Desk, tx: Tx, person: Person) -> BusinessHours | None:
    """The hours that an agent has set, in their own zone, with the desk's holidays; None: they have the desk's."""
    state = _state(tx, person.user)
    if not state.get("hours"):
        return None
    return BusinessHours(ZoneInfo(state["zone"]), parse_week(state["hours"]), desk.rules.hours.holidays)


def is_on_shift(desk: Desk, tx: Tx, person: Person, now: datetime) -> bool:
    """Whether an agent is there: not away, and in their own hours; else in those of a team that they are in; who is in
    none, in the desk's or in those of any team."""
    if away_until(tx, person.user, now)[0]:
        return False
    own = own_hours(desk, tx, person)
    if own is not None:
        return own.is_open(now)
    there = _teams_there(desk, tx, now)
    if any(team.group in person.groups for team in desk.rules.teams):
        return any(team.group in person.groups for team in there)
    return desk.hours(tx).is_open(now) or bool(there)


def on_shift(desk: Desk, tx: Tx, now: datetime) -> list[Person]:
    """The agents who are there now."""
    return [person for person in desk.people.agents() if is_on_shift(desk, tx, person, now)]


def for_inquiry(desk: Desk, inquiry: Inquiry, there: Sequence[Person]) -> list[Person]:
    """Those of the people there who are in a team of whoever has the inquiry; all of them where nobody has it, or
    nobody of that team is there."""
    owner = desk.people.person(inquiry.assignee) if inquiry.assignee else None
    teams = {team.group for team in desk.rules.teams if owner is not None and team.group in owner.groups}
    return [person for person in there if person.groups & teams] or list(there)


def is_gone(desk: Desk, tx: Tx, user: str, now: datetime) -> bool:
    """Whether somebody is known to be away, or off shift, while others are there."""
    person = desk.people.person(user)
    return person is None or (not is_on_shift(desk, tx, person, now) and bool(on_shift(desk, tx, now)))


def called(desk: Desk, user: str) -> str:
    """What the team calls somebody where they are not to be pinged."""
    person = desk.people.person(user)
    return (person.first_name or person.real_name) if person else say("Somebody")


def somebody_from(desk: Desk, tx: Tx, user: str | None, now: datetime) -> datetime:
    """The first instant from `now` on at which the desk, a team, or `user` by their own hours, is there; `now` itself
    where none of them ever opens."""
    person = desk.people.person(user) if user else None
    own = own_hours(desk, tx, person) if person is not None and not away_until(tx, person.user, now)[0] else None
    every = [desk.hours(tx), *(desk.team_hours(tx, team) for team in desk.rules.teams), *([own] if own else ())]
    found = []
    for hours in every:
        with suppress(NeverOpen):
            found.append(hours.next_opening(now))
    return min(found, default=now)


def _teams_there(desk: Desk, tx: Tx, now: datetime) -> list[Team]:
    return [team for team in desk.rules.teams if desk.team_hours(tx, team).is_open(now)]


def call(desk: Desk, tx: Tx, now: datetime, without: str = "") -> str:
    """Whom a ping to nobody in particular goes to: the teams that are there; else those on shift, by name where some
    are not; else all agents."""
    if teams := _teams_there(desk, tx, now):
        return " ".join(group(team.group) for team in teams)
    everybody = desk.people.agents()
    there = [person for person in on_shift(desk, tx, now) if person.user != without]
    if not there or len(there) == len(everybody) or len(there) > CALLED:
        return group(desk.rules.agents_group)
    return " ".join(who(person.user) for person in there)


def roster(desk: Desk, tx: Tx, now: datetime) -> str:
    """Who is on shift and who is away, in a sentence or two."""
    there, gone = on_shift(desk, tx, now), []
    for person in desk.people.agents():
        away, until = away_until(tx, person.user, now)
        if away:
            name = who(person.user)
            gone.append(say("{who} until {until}", who=name, until=when(until, "day")) if until else name)
    teams = _teams_there(desk, tx, now)
    named = [group(team.group) for team in teams] if teams else [who(person.user) for person in there]
    said = say("On shift: {names}.", names=", ".join(named)) if named else say("Nobody is on shift now.")
    return f"{said} {say('Away: {names}.', names=', '.join(gone))}" if gone else said


# the command


async def show(desk: Desk, ask: Ask) -> Answer:
    """Who is on shift, who is away, and the hours that agents have set for themselves."""

    async def work(tx: Tx) -> Answer:
        now, lines = desk.now(), []
        for person in desk.people.agents():
            if (own := own_hours(desk, tx, person)) is not None:
                lines.append(f"{who(person.user)}: {week_words(own.week)} ({own.zone.key}). {present(own, now)}")
        lines += [f"{group(team.group)}: {present(desk.team_hours(tx, team), now)}" for team in desk.rules.teams]
        return Answer(roster(desk, tx, now), lines=tuple(lines))

    return await desk.read(work)


async def away(desk: Desk, ask: Ask, until: datetime | None) -> Answer:
    """Away, until a time or until *back*: pings go to others, and what to hand over is asked at once."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        user = ask.agent.user
        tx.set_setting(
            f"shift:{user}",
            {**_state(tx, user), "away": now.isoformat(), "until": until.isoformat() if until else None},
        )
        tx.log(Event(now, 0, "away", user, None, {"until": until.isoformat() if until else ""}))
        back = code(f"{ask.lead}{'' if ask.lead.endswith('desk ') else 'desk '}shift back")
        said = (
            say("You are away until {until}.", until=when(until, "day"))
            if until
            else say("You are away until you say {command}.", command=back)
        )
        mine = _of(tx, user)
        if not mine:
            return Answer(f"{said} {say('You have nothing to hand over.')}")
        return Answer(
            f"{said} {say('Hand over what you have? What you keep stays with you.')}",
            lines=tuple(_row(desk, one) for one in mine[:LISTED]),
            buttons=_buttons(user, mine),
        )

    return await desk.once(ask, work)


async def back(desk: Desk, ask: Ask) -> Answer:
    """There again."""

    async def work(tx: Tx) -> Answer:
        user = ask.agent.user
        was, _ = away_until(tx, user, desk.now())
        tx.set_setting(f"shift:{user}", {**_state(tx, user), "away": None, "until": None})
        if not was:
            return Answer(say("You are here already."))
        tx.log(Event(desk.now(), 0, "back", user))
        return Answer(say("Welcome back. Pings reach you again."))

    return await desk.once(ask, work)


async def set_own(desk: Desk, ask: Ask, typed: str) -> Answer:
    """An agent's own hours, in their own zone; "usual" gives the desk's back."""

    async def work(tx: Tx) -> Answer:
        user = ask.agent.user
        if typed.casefold() in ("usual", "none", "desk"):
            tx.set_setting(f"shift:{user}", {**_state(tx, user), "hours": None})
            return Answer(say("You have the desk's hours again."))
        try:
            week = format_week(parse_week(typed))
            BusinessHours(ZoneInfo(ask.agent.zone), parse_week(week))
        except HoursError as error:
            raise Refusal(error.sentence, quote=ask.text) from error
        tx.set_setting(f"shift:{user}", {**_state(tx, user), "hours": week, "zone": ask.agent.zone})
        tx.log(Event(desk.now(), 0, "own hours", user, None, {"hours": week}))
        return Answer(
            say(
                "Your hours: {hours} ({zone}). Outside of them pings go to others.",
                hours=week_words(parse_week(week)),
                zone=ask.agent.zone,
            )
        )

    return await desk.once(ask, work)


# the end of a shift


def _of(tx: Tx, user: str) -> list[Inquiry]:
    return sorted((one for one in tx.open_inquiries() if one.assignee == user), key=by_urgency)


def _row(desk: Desk, inquiry: Inquiry) -> str:
    platform = desk.platforms.get(inquiry.platform)
    if inquiry.clock:
        due = say("answer due {at}", at=when(inquiry.clock.due_at, "day"))
    else:
        due = say("waits for the customer")
    title = platform.title if platform else inquiry.platform
    return f"#{inquiry.number} · {title} {kind_words(inquiry.kind)} · {customer_name(inquiry)} · {due}"


def _homes(desk: Desk, inquiries: Sequence[Inquiry]) -> list[tuple[str, list[Inquiry]]]:
    """The inquiries by the channel where they live, the desk's main one first: nobody reads of those of another."""
    found: dict[str, list[Inquiry]] = {desk.rules.channel: []}
    for one in inquiries:
        found.setdefault(one.channel, []).append(one)
    return [(channel, own) for channel, own in found.items() if own]


def _key(desk: Desk, key: str, channel: str) -> str:
    return key if channel == desk.rules.channel else f"{key}:{channel}"


def _buttons(user: str, mine: Sequence[Inquiry], which: str = "all") -> tuple[Button, ...]:
    every = Button("hand_over", say("Hand over all"), f"{user}:{which}", "primary")
    if len(mine) == 1:
        return (replace(every, label=say("Hand over #{number}", number=mine[0].number)),)
    return (
        every,
        *(Button(f"hand_over_{n}", f"#{one.number}", f"{user}:{one.number}") for n, one in enumerate(mine[:4])),
    )


async def hand_over(desk: Desk, ask: Ask) -> Answer:
    """Give to the next what somebody has: one inquiry, those of a channel, or all of them; the next read of it in the
    channel where they live. `ask.text` is "user:42", "user:C0DESK" or "user:all"."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        user, _, which = ask.text.partition(":")
        user = ask.agent.user if user == "me" else user
        if user != ask.agent.user and not ask.agent.lead:
            raise Refusal(say("That is for {who} to decide, or for a lead.", who=who(user)))
        mine = [one for one in _of(tx, user) if which in ("all", one.channel, str(one.number))]
        if not mine:
            return Answer(say("Nothing is left to hand over."))
        for inquiry in mine:
            free = replace(inquiry, assignee=None, claimed_at=None)
            tx.keep_inquiry(free)
            tx.log(Event(now, inquiry.number, "handed over", ask.agent.user, None, {"before": user}))
            line = Line(
                say("{who} hands #{number} over to the next.", who=who(user), number=inquiry.number), mark="handshake"
            )
            owe_line(tx, free, f"handed:{now.timestamp()}", line, now)
            owe_card(tx, free, now)
        urgent = Button("claim_next", say("Claim most urgent"), "next", "primary")
        for channel, own in _homes(desk, mine):
            head = say("{next} {who} hands over:", next=_next(desk, tx, now, user), who=who(user))
            text = "\n".join((head, *(_row(desk, one) for one in own[:LISTED])))
            if len(own) > LISTED:
                text += "\n" + say("and {n} more", n=len(own) - LISTED)
            line = Line(text, buttons=(urgent,), mark="handshake")
            key = _key(desk, f"handover:{user}:{now.isoformat()}:{which}", channel)
            owe_post(tx, key, channel, line, now, lane=Lane.AGENT)
        numbers = ", ".join(f"#{one.number}" for one in mine)
        return Answer(say("Handed over: {numbers}. The next have been told.", numbers=numbers))

    return await desk.once(ask, work)


def _next(desk: Desk, tx: Tx, now: datetime, user: str) -> str:
    """Who comes next: the team that is there or opens first, else those on shift."""
    teams = [replace(team, hours=desk.team_hours(tx, team)) for team in desk.rules.teams]
    if teams and not _teams_there(desk, tx, now):
        ended = next((team for team in teams if notice(team.hours, now) is not None), teams[0])
        follower = relieved_by(teams, ended, now)
        return group(follower.group) if follower else group(desk.rules.agents_group)
    return call(desk, tx, now, without=user)


async def watch_shifts(desk: Desk) -> None:
    """Ask agents whose own hours, or whose team's, are over what they hand over; each once for a date."""

    async def due(tx: Tx) -> bool:
        return bool(_ended(desk, tx))

    if not await desk.read(due):
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        for name, day, ask_whom in _ended(desk, tx):
            tx.set_setting(f"shift-end:{name}", day.isoformat())
            if ask_whom is None:
                _desk_ends(desk, tx, day, now)
            elif isinstance(ask_whom, Team):
                _team_ends(desk, tx, ask_whom, day, now)
            else:
                _person_ends(desk, tx, ask_whom, f"shift-end:{name}:{day}", now)

    await desk.transact(work)


def _person_ends(desk: Desk, tx: Tx, person: Person, key: str, now: datetime) -> None:
    """Somebody leaves: they are asked what they hand over, in each channel for what they have there."""
    homes = _homes(desk, _of(tx, person.user))
    text = say(
        "{who}, your shift is over. Hand over what you have? What you keep stays yours.",
        who=who(person.user),
    )
    for channel, mine in homes:
        rows = "\n".join((text, *(_row(desk, one) for one in mine[:LISTED])))
        buttons = _buttons(person.user, mine, channel if len(homes) > 1 else "all")
        line = Line(rows, buttons=buttons, mark="city_sunset")
        owe_post(tx, _key(desk, key, channel), channel, line, now, lane=Lane.AGENT)


def _desk_ends(desk: Desk, tx: Tx, day: date, now: datetime) -> None:
    """The desk closes: who has something, and no hours of their own, is asked in one message what they hand over; in
    each channel for what lives there."""
    people = {one.user for one in desk.people.agents() if own_hours(desk, tx, one) is None}
    kept = sorted((one for one in tx.open_inquiries() if one.assignee in people), key=by_urgency)
    homes = _homes(desk, kept)
    for channel, own in homes:
        asked = " ".join(dict.fromkeys(who(one.assignee) for one in own if one.assignee))
        rows = [f"{_row(desk, one)} · {who(one.assignee or '')}" for one in own[:LISTED]]
        if len(own) > LISTED:
            rows.append(say("and {n} more", n=len(own) - LISTED))
        text = say("{people}, we close. Hand over what you have? What you keep stays yours.", people=asked)
        which = channel if len(homes) > 1 else "all"
        button = Button("hand_over", say("Hand over mine"), f"me:{which}", "primary")
        line = Line("\n".join((text, *rows)), buttons=(button,), mark="city_sunset")
        owe_post(tx, _key(desk, f"shift-end:desk:{day}", channel), channel, line, now, lane=Lane.AGENT)


def _team_ends(desk: Desk, tx: Tx, team: Team, day: date, now: datetime) -> None:
    """The next team gets one line for each inquiry that waits, and who has it, in the channel where it lives; whoever
    leaves can give theirs away."""
    teams = [replace(one, hours=desk.team_hours(tx, one)) for one in desk.rules.teams]
    leaving = next(one for one in teams if one.name == team.name)
    follower = relieved_by(teams, leaving, now)
    waiting = sorted((one for one in tx.open_inquiries() if one.clock is not None), key=by_urgency)
    if follower is None or not waiting:
        return
    text = say(
        "{next}, {team} leaves. {leaving}, hand over what you have?",
        next=group(follower.group),
        team=team.name,
        leaving=group(team.group),
    )
    homes = _homes(desk, waiting)
    for channel, own in homes:
        rows = [
            f"{_row(desk, one)} · {say('with {who}', who=who(one.assignee))}" if one.assignee else _row(desk, one)
            for one in own[:LISTED]
        ]
        if len(own) > LISTED:
            rows.append(say("and {n} more", n=len(own) - LISTED))
        which = channel if len(homes) > 1 else "all"
        line = Line(
            "\n".join((text, *rows)),
            buttons=(
                Button("hand_over", say("Hand over mine"), f"me:{which}", "primary"),
                Button("claim_next", say("Claim most urgent"), "next"),
            ),
            mark="handshake",
        )
        owe_post(tx, _key(desk, f"shift-end:{team.name}:{day}", channel), channel, line, now, lane=Lane.AGENT)


Ends = tuple[str, date, Person | Team | None]
Shift = tuple[str, BusinessHours, Person | Team | None]
"""A shift by name: a person's own, a team's, or, None, the desk's."""


def _ended(desk: Desk, tx: Tx) -> list[Ends]:
    """The shifts that ended lately and of which nothing was said yet."""
    now = desk.now()
    found: list[Ends] = []
    for name, hours, one in _shifts(desk, tx):
        said = notice(hours, now)
        last = tx.setting(f"shift-end:{name}")
        if said is not None and said[0] == "closing" and last != said[1].isoformat():
            found.append((name, said[1], one))
    return found


def _shifts(desk: Desk, tx: Tx) -> list[Shift]:
    # Where one team relieves the other, their ends are the ends; else the desk's closing is everybody's.
    found: list[Shift] = [] if len(desk.rules.teams) > 1 else [("desk", desk.hours(tx), None)]
    for person in desk.people.agents():
        if (own := own_hours(desk, tx, person)) is not None:
            found.append((person.user, own, person))
    found += [(team.name, desk.team_hours(tx, team), team) for team in desk.rules.teams]
    return found


async def next_shift_end(desk: Desk) -> datetime | None:
    """The next instant at which a shift may end; None where there are no shifts."""

    async def work(tx: Tx) -> datetime | None:
        instants = [next_notice(hours, desk.now()) for _, hours, _ in _shifts(desk, tx)]
        return min((at for at in instants if at is not None), default=None)

    return await desk.read(work)
