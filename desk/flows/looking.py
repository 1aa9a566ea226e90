"""Looking without changing anything: one inquiry, the queue, a search, a promise."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.finding import by_urgency, customer_name, meant
from desk.flows.ignore import ignored_people
from desk.flows.poll import too_tight
from desk.flows.praise import thank_queue
from desk.flows.waiting import chosen, policy_of, titles
from desk.model.asking import Answer, Ask, Button
from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.inquiry import Flag, Inquiry, Said, Status
from desk.model.ladder import Time
from desk.model.policies import EVERYTHING_ELSE, because
from desk.model.promise import in_words, open_in_words
from desk.model.refusals import Refusal, stands
from desk.model.sla import SlaClock
from desk.model.words import clean, code, ended, link, strong, when, who
from desk.ports import Tx

ROWS = 10
VIEWS = ("open", "mine", "late", "unclaimed", "pending", "snoozed")
"""Views of the queue by name; `thanks` and `ignored` have pages of their own."""


async def queue(desk: Desk, ask: Ask) -> Answer:
    """What waits, by deadline; "mine", "late", "unclaimed", "pending", "snoozed", or a colleague's."""

    if ask.other is None and ask.text.strip().casefold() in ("thanks", "ignored"):
        return await (thank_queue if ask.text.strip().casefold() == "thanks" else ignored_people)(desk, ask)

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        word = ask.text.strip().casefold() or "open"
        if ask.other is None and word not in VIEWS:
            raise Refusal(
                f"The queue has these views: {', '.join(VIEWS)}; or name a colleague: {code(f'{ask.typed} @ben')}"
            )
        rows = [i for i in tx.open_inquiries() if _in_view(i, word, ask, now)]
        rows.sort(key=by_urgency)
        if not rows:
            return Answer(
                {"late": "Nothing is late.", "mine": "You have nothing open."}.get(word, "Nothing waits here.")
            )
        shown = tuple(_row(desk, i) for i in rows[:ROWS])
        more = f" Showing the first {ROWS}." if len(rows) > ROWS else ""
        whose = f" of {who(ask.other.user)}" if ask.other else ""
        noun = "inquiry" if len(rows) == 1 else "inquiries"
        title = f"{len(rows)} {noun}{whose} ({word if not ask.other else 'open'}).{more}"
        buttons = (
            (Button("claim_next", "Claim most urgent", "next", "primary"),)
            if ask.other is None and any(inquiry.assignee is None for inquiry in rows)
            else ()
        )
        return Answer(title, lines=shown, buttons=buttons)

    return await desk.read(work)


def _broke(inquiry: Inquiry, now: datetime) -> bool:
    """Whether something that was promised to the customer is late."""
    return inquiry.promised is not None and inquiry.promised.due_at <= now


def _in_view(inquiry: Inquiry, word: str, ask: Ask, now: datetime) -> bool:
    if ask.other is not None:
        return inquiry.assignee == ask.other.user
    asleep = inquiry.snoozed_until is not None
    match word:
        case "mine":
            return inquiry.assignee == ask.agent.user and not asleep
        case "late":
            return (inquiry.clock is not None and inquiry.clock.breached_at is not None) or _broke(inquiry, now)
        case "unclaimed":
            return inquiry.assignee is None and inquiry.status is not Status.PENDING and not asleep
        case "pending":
            return inquiry.status is Status.PENDING
        case "snoozed":
            return asleep
        case _:
            return inquiry.status is not Status.PENDING and not asleep


def _row(desk: Desk, inquiry: Inquiry) -> str:
    due = ""
    if inquiry.clock is not None and inquiry.clock.paused_at is not None:
        due = f" · {say('clock stopped by a lead')}"
    elif inquiry.clock is not None:
        verb = "was due" if inquiry.clock.breached_at else "due"
        due = f" · {verb} {when(inquiry.clock.due_at, 'day')}"
    if inquiry.promised is not None:
        due += f" · promised: {in_words(inquiry.promised)}"
    title = desk.platforms[inquiry.platform].title if inquiry.platform in desk.platforms else inquiry.platform
    first = [strong(say("VIP"))] if inquiry.vip else []
    first += [strong(say("{priority} priority", priority=inquiry.priority))] if inquiry.priority else []
    mark = f" {' '.join(first)}" if first else ""
    return f"{strong(f'#{inquiry.number}')}{mark} {title} {customer_name(inquiry)} · {stands(inquiry)}{due}"


async def show(desk: Desk, ask: Ask) -> Answer:
    """One inquiry with its history."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        platform = desk.platforms.get(inquiry.platform)
        lines = []
        for entry in tx.entries(inquiry.number)[-ROWS:]:
            name = {
                Said.CUSTOMER: entry.author.name or entry.author.handle or "customer",
                Said.REPLY: f"{who(entry.agent)}, to the customer" if entry.agent else "reply",
                Said.NOTE: f"{who(entry.agent)}, note" if entry.agent else "note",
                Said.OUTSIDE: "outside the desk",
                Said.MOVED: f"now #{entry.moved_to}",
            }[entry.said]
            words = "(taken back)" if entry.deleted else " ".join(entry.text.split())
            cut = f"{words[:180]}…" if len(words) > 180 else words
            there = f" {link(entry.url, 'open')}" if entry.url else ""
            lines.append(
                f"{when(entry.at, 'day')} {strong(name) if entry.said is Said.CUSTOMER else name}: {cut}{there}"
            )
        due = f" · answer due {when(inquiry.clock.due_at, 'day')}" if inquiry.clock else ""
        if promised := open_in_words(inquiry.promises):
            due += f" · promised: {promised}"
        return Answer(
            f"{strong(f'#{inquiry.number}')} {platform.title if platform else inquiry.platform} {inquiry.kind} from "
            f"{customer_name(inquiry)} · {inquiry.status} · {stands(inquiry)}{due}",
            lines=tuple(lines),
            number=inquiry.number,
        )

    return await desk.read(work)


async def find(desk: Desk, ask: Ask) -> Answer:
    """Inquiries in which all the words occur; `from:@maria`, `is:open`, `is:closed` narrow it down."""

    async def work(tx: Tx) -> Answer:
        words = ask.text.split()
        if not words:
            raise Refusal(f"What shall I look for? {code(f'{ask.typed} parcel from:@maria is:open')}")
        state = [word[3:] for word in words if word.startswith("is:")]
        sender = [word[5:].lstrip("@").casefold() for word in words if word.startswith("from:")]
        plain = [clean(word) for word in words if not word.startswith(("is:", "from:"))]
        found = [
            inquiry
            for inquiry in tx.search([*plain, *sender], 200)
            if all((inquiry.is_open and word == "open") or inquiry.status == word for word in state)
            and all(
                name in inquiry.customer.handle.casefold() or name in inquiry.customer.name.casefold()
                for name in sender
            )
        ]
        if not found:
            return Answer("Nothing found for these words:", quote=ask.text.strip())
        rows = tuple(_row(desk, inquiry) for inquiry in found[:ROWS])
        more = f" Showing the first {ROWS}." if len(found) > ROWS else ""
        return Answer(f"{len(found)} found.{more}", lines=rows)

    return await desk.read(work)


async def sla(desk: Desk, ask: Ask) -> Answer:
    """The promise of one inquiry; without a number, what the desk promises."""

    async def work(tx: Tx) -> Answer:
        if ask.number is None:
            warnings = tuple(warning for name in desk.platforms if (warning := too_tight(desk, tx, name)))
            return Answer(
                say("What we promise. The first that matches holds:"), lines=(*_all_promises(desk), *warnings)
            )
        inquiry = meant(tx, ask)
        rule = _which_policy(desk, inquiry)
        if inquiry.resolution is not None and inquiry.is_open and Flag.STOPPED not in inquiry.flags:
            rule = f"{_solution(desk, tx, inquiry.resolution)} {rule}"
        clock = inquiry.clock
        if clock is None:
            state = "closed" if not inquiry.is_open else "nothing waits for an answer, so no clock runs"
            if inquiry.first_answer_seconds is not None:
                state += (
                    f"; first answer took {spoken(timedelta(seconds=inquiry.first_answer_seconds))} of business time"
                )
            return Answer(f"#{inquiry.number}: {state}. {rule}")
        kind = "first" if clock.target == "first" else "next"
        if clock.paused_at is not None:
            return Answer(f"{_stopped(tx, inquiry, clock)} {rule}")
        if not clock.is_promised:
            return Answer(f"#{inquiry.number}: the {kind} answer waits, promised for no time. {rule}")
        return Answer(
            f"#{inquiry.number}: {kind} answer within {_counted(clock)}; {_time_left(desk, tx, clock)}. {rule}"
        )

    return await desk.read(work)


def _all_promises(desk: Desk) -> list[str]:
    """A line for each policy, in the order in which they are looked up; those of platforms that are off left out."""
    on, found = set(desk.platforms), []
    for policy in (*desk.rules.promises, EVERYTHING_ELSE):
        if not policy.match.platforms or on & set(policy.match.platforms):
            what = policy.match.words(titles(desk))
            whom = "" if what == policy.name else f" ({what})"
            found.append(f"{strong(policy.name)}{whom}: {policy.promises()}.")
    return found


def _stopped(tx: Tx, inquiry: Inquiry, clock: SlaClock) -> str:
    """Why a clock stands still, and what is left of it."""
    by = next((one for one in reversed(tx.events(inquiry.number)) if one.details.get("stopped")), None)
    left = spoken(max(clock.budget - clock.used, timedelta(0)))
    if by is None or inquiry.snoozed_until is None:
        return say("#{number}: its clock stands still, with {left} left.", number=inquiry.number, left=left)
    return say(
        "#{number}: {who} has stopped its clock until {at}, with {left} left: {why}",
        number=inquiry.number,
        who=who(by.agent or ""),
        at=when(inquiry.snoozed_until, "day"),
        left=left,
        why=ended(clean(str(by.details["why"]))),
    )


def _counted(clock: SlaClock) -> str:
    return f"{spoken(clock.budget)}{' of business time' if clock.time is Time.BUSINESS else ', day and night'}"


def _time_left(desk: Desk, tx: Tx, clock: SlaClock) -> str:
    now, hours = desk.now(), desk.hours(tx)
    if clock.due_at <= now:
        return f"{spoken(clock.passed(clock.due_at, now, hours))} over (was due {when(clock.due_at, 'day')})"
    return f"{spoken(clock.passed(now, clock.due_at, hours))} left (due {when(clock.due_at, 'day')} your time)"


def _solution(desk: Desk, tx: Tx, clock: SlaClock) -> str:
    if clock.paused_at is not None:
        left = max(clock.budget - clock.used, timedelta(0))
        return f"Solution within {_counted(clock)}: {spoken(left)} left, standing still while the customer is asked."
    return f"Solution within {_counted(clock)}; {_time_left(desk, tx, clock)}."


def _which_policy(desk: Desk, inquiry: Inquiry) -> str:
    """Which policy an inquiry keeps, and why; and another one where that would be chosen for it today."""
    kept, today = policy_of(desk, inquiry), chosen(desk, inquiry)
    if kept == today.policy:
        return today.why
    return (
        f"{because(kept, titles(desk))} It keeps the policy that it started with; a new one would get "
        f"“{today.policy.name}”."
    )


def promise(desk: Desk, platform: str) -> str:
    """One line: what the team promises on a platform."""
    policy = desk.rules.policy(platform)
    title = desk.platforms[platform].title if platform in desk.platforms else platform
    return (
        f"{strong(title)}: first answer within {spoken(policy.first)}, further answers {spoken(policy.next)}, "
        f"private {spoken(policy.private)}; ping at {policy.warn_share:.0%}."
    )
