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
from desk.model.catalogue import say, say_n
from desk.model.duration import spoken
from desk.model.inquiry import Flag, Inquiry, Said, Status
from desk.model.ladder import Time
from desk.model.message import kind_words
from desk.model.policies import EVERYTHING_ELSE, because
from desk.model.promise import in_words, open_in_words
from desk.model.reasons import reason_words
from desk.model.refusals import Refusal, either, stands
from desk.model.sla import SlaClock
from desk.model.words import clean, code, ended, link, strong, when, who
from desk.ports import Tx

ROWS = 10
VIEWS = ("open", "mine", "late", "unclaimed", "pending", "snoozed")
PAGES = ("thanks", "ignored")
"""Views of the queue by name; two have pages of their own."""
STATES = ("new", "open", "pending", "closed")


async def queue(desk: Desk, ask: Ask) -> Answer:
    """What waits, by deadline; "mine", "late", "unclaimed", "pending", "snoozed", or a colleague's."""

    if ask.other is None and ask.text.strip().casefold() in PAGES:
        return await (thank_queue if ask.text.strip().casefold() == "thanks" else ignored_people)(desk, ask)

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        word = ask.text.strip().casefold() or "open"
        if ask.other is None and word not in VIEWS:
            raise Refusal(
                say(
                    "The queue has these views: {views}; or name a colleague: {example}",
                    views=", ".join((*VIEWS, *PAGES)),
                    example=code(f"{ask.typed} @ben"),
                )
            )
        rows = [i for i in tx.open_inquiries() if _in_view(i, word, ask, now)]
        rows.sort(key=by_urgency)
        if not rows:
            nothing = {"late": say("Nothing is late."), "mine": say("You have nothing open.")}
            return Answer(nothing.get(word, say("Nothing waits here.")))
        shown = tuple(_row(desk, i) for i in rows[:ROWS])
        if ask.other:
            owner = who(ask.other.user)
            title = say_n("{n} inquiry of {who} (open).", "{n} inquiries of {who} (open).", len(rows), who=owner)
        else:
            title = say_n("{n} inquiry ({view}).", "{n} inquiries ({view}).", len(rows), view=word)
        if len(rows) > ROWS:
            title += " " + say("Showing the first {n}.", n=ROWS)
        buttons = (
            (Button("claim_next", say("Claim most urgent"), "next", "primary"),)
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
        at = when(inquiry.clock.due_at, "day")
        due = " · " + (say("was due {at}", at=at) if inquiry.clock.breached_at else say("due {at}", at=at))
    if inquiry.promised is not None:
        due += " · " + say("promised: {promised}", promised=in_words(inquiry.promised))
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
                Said.CUSTOMER: entry.author.name or entry.author.handle or say("customer"),
                Said.REPLY: say("{who}, to the customer", who=who(entry.agent)) if entry.agent else say("reply"),
                Said.NOTE: say("{who}, note", who=who(entry.agent)) if entry.agent else say("note"),
                Said.OUTSIDE: say("outside the desk"),
                Said.MOVED: say("now in #{number}", number=entry.moved_to),
            }[entry.said]
            words = say("(taken back)") if entry.deleted else " ".join(entry.text.split())
            cut = f"{words[:180]}…" if len(words) > 180 else words
            there = f" {link(entry.url, say('open'))}" if entry.url else ""
            said = f"{strong(name) if entry.said is Said.CUSTOMER else name}{f': {cut}' if cut else ''}"
            lines.append(f"{when(entry.at, 'day')} {said}{there}")
        title = say(
            "{number} {platform} {kind} from {name}",
            number=strong(f"#{inquiry.number}"),
            platform=platform.title if platform else inquiry.platform,
            kind=kind_words(inquiry.kind),
            name=customer_name(inquiry),
        )
        if inquiry.is_open:
            parts = [title, state_in_words(inquiry.status), stands(inquiry)]
        else:
            parts = [title, say("closed: {reason}", reason=clean(reason_words(inquiry.closed_reason)))]
        if inquiry.clock:
            parts.append(say("answer due {at}", at=when(inquiry.clock.due_at, "day")))
        if promised := open_in_words(inquiry.promises):
            parts.append(say("promised: {promised}", promised=promised))
        return Answer(
            " · ".join(parts),
            lines=tuple(lines),
            number=inquiry.number,
        )

    return await desk.read(work)


async def find(desk: Desk, ask: Ask) -> Answer:
    """Inquiries in which all the words occur; `from:@maria`, `is:open`, `is:closed` narrow it down."""

    async def work(tx: Tx) -> Answer:
        words = ask.text.split()
        if not words:
            example = code(f"{ask.typed} parcel from:@maria is:open")
            raise Refusal(say("What shall I look for? {example}", example=example))
        state = [word[3:].casefold() for word in words if word.startswith("is:")]
        if odd := [word for word in state if word not in STATES]:
            known = either([f"is:{name}" for name in STATES])
            raise Refusal(
                say("There is no “is:{word}”. Write {known}.", word=clean(odd[0]), known=known), quote=ask.text
            )
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
            return Answer(say("Nothing found for these words:"), quote=ask.text.strip())
        rows = tuple(_row(desk, inquiry) for inquiry in found[:ROWS])
        title = say_n("{n} found.", "{n} found.", len(found))
        if len(found) > ROWS:
            title += " " + say("Showing the first {n}.", n=ROWS)
        return Answer(title, lines=rows)

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
            return Answer(f"#{inquiry.number}: {_without_clock(inquiry)} {rule}")
        first = clock.target == "first"
        if clock.paused_at is not None:
            return Answer(f"{_stopped(tx, inquiry, clock)} {rule}")
        if not clock.is_promised:
            waits = (
                say("the first answer waits, promised for no time.")
                if first
                else say("the next answer waits, promised for no time.")
            )
            return Answer(f"#{inquiry.number}: {waits} {rule}")
        time, left = _counted(clock), _time_left(desk, tx, clock)
        told = (
            say("first answer within {time}; {left}.", time=time, left=left)
            if first
            else say("next answer within {time}; {left}.", time=time, left=left)
        )
        return Answer(f"#{inquiry.number}: {told} {rule}")

    return await desk.read(work)


def _all_promises(desk: Desk) -> list[str]:
    """A line for each policy, in the order in which they are looked up; those of platforms that are off left out."""
    on, found = set(desk.platforms), []
    for policy in (*desk.rules.promises, EVERYTHING_ELSE):
        if not policy.match.platforms or on & set(policy.match.platforms):
            what = policy.match.words(titles(desk))
            whom = "" if what == policy.name else f" ({what})"
            found.append(f"{strong(policy.called)}{whom}: {policy.promises()}.")
    return found


def _without_clock(inquiry: Inquiry) -> str:
    """Why no clock runs, and how long the first answer took."""
    if inquiry.first_answer_seconds is None:
        if inquiry.is_open:
            return say("nothing waits for an answer, so no clock runs.")
        return say("closed.")
    took = spoken(timedelta(seconds=inquiry.first_answer_seconds))
    if inquiry.is_open:
        return say(
            "nothing waits for an answer, so no clock runs; first answer took {time} of business time.", time=took
        )
    return say("closed; first answer took {time} of business time.", time=took)


def state_in_words(status: Status) -> str:
    """What state an inquiry is in."""
    return {
        Status.NEW: say("new"),
        Status.OPEN: say("open"),
        Status.PENDING: say("pending"),
        Status.CLOSED: say("closed"),
    }[status]


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
    time = spoken(clock.budget)
    if clock.time is Time.BUSINESS:
        return say("{time} of business time", time=time)
    return say("{time}, day and night", time=time)


def _time_left(desk: Desk, tx: Tx, clock: SlaClock) -> str:
    now, hours = desk.now(), desk.hours(tx)
    if clock.due_at <= now:
        over = spoken(clock.passed(clock.due_at, now, hours))
        return say("{time} over (was due {at})", time=over, at=when(clock.due_at, "day"))
    left = spoken(clock.passed(now, clock.due_at, hours))
    return say("{time} left (due {at} your time)", time=left, at=when(clock.due_at, "day"))


def _solution(desk: Desk, tx: Tx, clock: SlaClock) -> str:
    if clock.paused_at is not None:
        left = max(clock.budget - clock.used, timedelta(0))
        return say(
            "Solution within {time}: {left} left, standing still while the customer is asked.",
            time=_counted(clock),
            left=spoken(left),
        )
    return say("Solution within {time}; {left}.", time=_counted(clock), left=_time_left(desk, tx, clock))


def _which_policy(desk: Desk, inquiry: Inquiry) -> str:
    """Which policy an inquiry keeps, and why; and another one where that would be chosen for it today."""
    kept, today = policy_of(desk, inquiry), chosen(desk, inquiry)
    if kept == today.policy:
        return today.why
    keeps = say("It keeps the policy that it started with; a new one would get “{policy}”.", policy=today.policy.called)
    return f"{because(kept, titles(desk))} {keeps}"


def promise(desk: Desk, platform: str) -> str:
    """One line: what the team promises on a platform."""
    policy = desk.rules.policy(platform)
    title = desk.platforms[platform].title if platform in desk.platforms else platform
    return say(
        "{platform}: first answer within {first}, further answers {further}, private {private}; ping at {share}.",
        platform=strong(title),
        first=spoken(policy.first),
        further=spoken(policy.next),
        private=spoken(policy.private),
        share=f"{policy.warn_share:.0%}",
    )
