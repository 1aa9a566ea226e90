"""`/desk practice`: a made-up inquiry in a channel of its own, answered like a real one and published nowhere.

No inquiry is kept for it, so no queue, clock or count knows of it; and no text is ever owed to a platform.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from desk.desk import Desk
from desk.flows.canned import choices_for, worded
from desk.flows.canned_said import known
from desk.flows.guarding import called, guards_of
from desk.flows.owing import owe_edit
from desk.flows.reply import signature_of
from desk.flows.waiting import clock_from
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.canned import named
from desk.model.catalogue import say, say_n
from desk.model.duration import spoken
from desk.model.guards import Reply, check
from desk.model.heard import missing
from desk.model.inquiry import Entry, Inquiry, Said, Status
from desk.model.markup import for_customers
from desk.model.message import Author
from desk.model.neutral import name_for_greeting
from desk.model.outbox import Lane, Operation, OpKind
from desk.model.people import Person
from desk.model.practice import Case, Run, Seen, next_case
from desk.model.refusals import EmptyText, NoName, Refusal
from desk.model.signature import signed
from desk.model.words import clean, code, link, says_something, strong, who
from desk.ports import Tx

KEPT = "practice"
KINDS = {"facebook": "comment"}
"""What a public message of a made-up customer is called, where it is no mention."""
RUNS = 40
"""How many runs are kept; an older one can no longer be answered."""


def root_of(nth: int) -> str:
    """The operation that posts the card of a run."""
    return f"post:practice:{nth}"


def runs_of(tx: Tx) -> list[Run]:
    """The latest runs, the oldest first."""
    return [Run.from_json(kept) for kept in (tx.setting(KEPT) or {}).get("runs", ())]


def run_of(tx: Tx, nth: int) -> Run:
    """One run. Raises `Refusal` where it is kept no longer."""
    found = next((run for run in runs_of(tx) if run.nth == nth), None)
    if found is None:
        raise Refusal(say("That practice is over. Begin another: {command}", command=code("/desk practice")))
    return found


def _keep(tx: Tx, run: Run) -> None:
    kept = tx.setting(KEPT) or {"count": 0, "runs": [], "played": {}}
    runs = [one for one in kept["runs"] if one["nth"] != run.nth]
    runs = sorted([*runs, run.as_json()], key=lambda one: int(one["nth"]))[-RUNS:]
    tx.set_setting(KEPT, {**kept, "count": max(kept["count"], run.nth), "runs": runs})


# Beginning


async def practice(desk: Desk, ask: Ask) -> Answer:
    """Play the next inquiry to the agent, or the one that they name; `list` shows all."""

    async def work(tx: Tx) -> Answer:
        rules = desk.rules.practice
        if not rules.channel:
            raise Refusal(
                say("There is no place to practise. Ask the owner to name one: [practice] channel in frontdesk.toml.")
            )
        word = ask.text.strip().casefold()
        if word == "list":
            lines = tuple(f"{strong(case.name)} · {clean(case.about)}" for case in rules.cases)
            return Answer(say("To practise with:"), lines=lines)
        case = next((one for one in rules.cases if one.name == word), None)
        if case is None and word not in ("", "next"):
            raise Refusal(
                say("There is no practice “{name}”. All: {list}", name=clean(word), list=code(f"{ask.typed} list"))
            )
        played = dict(((tx.setting(KEPT) or {}).get("played") or {}).get(ask.agent.user, {}))
        case = case or next_case([one for one in rules.cases if one.platform in desk.platforms], played)
        if case is None or case.platform not in desk.platforms:
            raise Refusal(say("There is nothing to practise with for the platforms of this desk."))
        run = _begin(desk, tx, ask.agent, case)
        if ask.channel == rules.channel:
            return Answer(say("Practice {n} waits below. Nothing of it leaves Slack.", n=run.nth))
        there = link(f"https://slack.com/app_redirect?channel={rules.channel}", say("the practice channel"))
        return Answer(say("Practice {n} waits in {place}. Nothing of it leaves Slack.", n=run.nth, place=there))

    return await desk.once(ask, work)


def _begin(desk: Desk, tx: Tx, agent: Person, case: Case) -> Run:
    now = desk.now()
    kept = tx.setting(KEPT) or {"count": 0, "runs": [], "played": {}}
    played = {**kept.get("played", {})}
    own = dict(played.get(agent.user, {}))
    own[case.name] = own.get(case.name, 0) + 1
    tx.set_setting(KEPT, {**kept, "played": {**played, agent.user: own}})
    run = Run(int(kept["count"]) + 1, agent.user, case, now, now)
    _keep(tx, run)
    payload = {**Line("").as_json(), "practice": run.nth}
    channel = desk.rules.practice.channel
    tx.keep_op(Operation(root_of(run.nth), OpKind.POST, Lane.AGENT, "slack", channel, now, now, None, payload))
    return run


def _below(desk: Desk, tx: Tx, run: Run, key: str, line: Line, now: datetime) -> None:
    """A line in the thread of a run."""
    root = root_of(run.nth)
    payload = {**line.as_json(), "below": root}
    channel = desk.rules.practice.channel
    tx.keep_op(
        Operation(f"{root}:{key}", OpKind.POST, Lane.AGENT, "slack", channel, now, now, None, payload, after=root)
    )


# What is drawn


def as_inquiry(desk: Desk, tx: Tx, run: Run) -> tuple[Inquiry, Entry]:
    """The inquiry that it would be, and the customer's newest words; neither is ever kept."""
    case, platform = run.case, desk.platform(run.case.platform)
    author = Author(f"practice-{run.nth}", case.handle, case.customer)
    kind = "private message" if case.private else KINDS.get(case.platform, "mention")
    inquiry = Inquiry(
        run.nth,
        f"practice:{run.nth}",
        platform.name,
        "",
        kind,
        case.private,
        author,
        Status.NEW,
        run.began_at,
        run.began_at,
        desk.rules.practice.channel,
        "",
        "",
        assignee=run.user,
        language=case.language,
    )
    if not run.over:
        inquiry = replace(inquiry, clock=clock_from(desk, tx, inquiry, run.asked_at))
    entry = Entry(run.nth, 0, Said.CUSTOMER, platform.name, "", author, run.words, run.asked_at, private=case.private)
    return inquiry, entry


def card_of_practice(desk: Desk, tx: Tx, nth: int) -> dict[str, Any] | None:
    """What the card of a run is drawn from; None where it is kept no longer."""
    run = next((one for one in runs_of(tx) if one.nth == nth), None)
    if run is None or run.case.platform not in desk.platforms:
        return None
    inquiry, entry = as_inquiry(desk, tx, run)
    first = replace(entry, text=run.case.text)
    return {
        "inquiry": inquiry,
        "first": first,
        "pieces": 1,
        "text": first.text,
        "platform": desk.platform(inquiry.platform).title,
        "now": desk.now(),
        "delivery": "",
        "group": desk.rules.agents_group,
        "prefix": desk.rules.prefix,
        "over": run.over,
    }


async def practice_values(desk: Desk, person: Person, nth: int, *, key: str, text: str = "") -> dict[str, Any]:
    """All that the reply form draws, for practice."""

    async def work(tx: Tx) -> dict[str, Any]:
        run = _open_run(desk, tx, nth)
        inquiry, newest = as_inquiry(desk, tx, run)
        platform = desk.platform(inquiry.platform)
        sign = signature_of(desk, tx, person, text)
        as_read = for_customers(text.strip(), partial(called, desk))
        return {
            "inquiry": inquiry,
            "newest": newest,
            "platform": platform.title,
            "private": inquiry.private,
            "can_private": False,
            "public_limit": platform.capabilities.public_limit,
            "private_limit": platform.capabilities.private_limit,
            "size": platform.length(signed(as_read, sign), private=inquiry.private),
            "hints": _hits(desk, tx, run, as_read) if as_read else [],
            "text": text,
            "sign": sign,
            "key": key,
            "canned": choices_for(desk, tx, newest.text, run.case.language),
        }

    return await desk.read(work)


async def practice_canned(desk: Desk, person: Person, nth: int, name: str) -> str:
    """The text of the response that was chosen in the form of practice; nothing of it is counted as a use."""

    async def work(tx: Tx) -> str:
        run = _open_run(desk, tx, nth)
        inquiry, newest = as_inquiry(desk, tx, run)
        one = named(known(desk, tx), name, run.case.language)
        if one is None:
            raise Refusal(say("There is no canned answer {name} any more.", name=clean(name)))
        return worded(desk, tx, person, inquiry, newest, (newest,), one, {})[1].text

    return await desk.read(work)


def _open_run(desk: Desk, tx: Tx, nth: int) -> Run:
    run = run_of(tx, nth)
    desk.platform(run.case.platform)
    if run.over:
        raise Refusal(say("Practice {n} is answered. Begin another: {command}", n=nth, command=code("/desk practice")))
    return run


# Answering


async def in_practice(desk: Desk, channel: str, thread_ts: str | None) -> int | None:
    """The run whose thread that is, or None."""
    if not thread_ts or channel != desk.rules.practice.channel:
        return None

    async def work(tx: Tx) -> int | None:
        for run in reversed(runs_of(tx)):
            root = tx.op(root_of(run.nth))
            if root is not None and root.remote_id == thread_ts:
                return run.nth
        return None

    return await desk.read(work)


async def answered(desk: Desk, ask: Ask, nth: int) -> Answer:
    """The trainee's answer: kept in the thread, and looked at. It goes nowhere."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        run = _open_run(desk, tx, nth)
        text = for_customers(ask.text.strip(), partial(called, desk))
        if not says_something(text):
            raise EmptyText(code(f"!reply {say('your words')}"))
        seen = _seen(desk, tx, run, ask.agent, text)
        turn = len(run.answers)
        done = replace(run, answers=(*run.answers, text))
        follows = not done.over
        if follows:
            done = replace(done, asked_at=now)
        _keep(tx, done)
        head = say("{agent} would have answered:", agent=who(ask.agent.user))
        whole = signed(text, seen.sign) if seen.sign else text
        _below(desk, tx, done, f"answer:{turn}", Line(head, whole, mark="speech_balloon"), now)
        lines = [_verdict(seen), *(f"• {line}" for line in in_words(seen))]
        more = () if follows else (Button("practice_next", say("Another one"), f"practice:{nth}"),)
        _below(desk, tx, done, f"seen:{turn}", Line("\n".join(lines), buttons=more, mark="mortar_board"), now)
        if follows:
            name = f"@{run.case.handle}" if run.case.handle else run.case.customer
            again = Button("practice_reply", say("Reply…"), f"practice:{nth}", "primary")
            line = Line(say("{name} writes again:", name=name), run.case.then, (again,), mark="bust_in_silhouette")
            _below(desk, tx, done, f"then:{turn}", line, now)
        owe_edit(tx, root_of(nth), now)
        return Answer(say("Looked at, in the thread of practice {n}. Nothing was published.", n=nth))

    return await desk.once(ask, work)


def _hits(desk: Desk, tx: Tx, run: Run, text: str) -> list[str]:
    case = run.case
    reply = Reply(
        text,
        public=not case.private,
        people=tuple(name for name in (case.handle, case.customer) if name),
        customer_text=run.words,
        colleagues=tuple(person.handle for person in (*desk.people.agents(), *desk.people.leads()) if person.handle),
        language=case.language,
    )
    return [hit.reason for hit in check(reply, guards_of(desk, tx))]


def _seen(desk: Desk, tx: Tx, run: Run, agent: Person, text: str) -> Seen:
    now, hours, platform = desk.now(), desk.hours(tx), desk.platform(run.case.platform)
    inquiry, _ = as_inquiry(desk, tx, run)
    try:
        sign = signature_of(desk, tx, agent, text)
    except NoName:
        sign = ""
    can = platform.capabilities
    name = name_for_greeting(run.case.customer)
    return Seen(
        hours.between(run.asked_at, now),
        inquiry.clock.budget if inquiry.clock is not None and inquiry.clock.is_promised else None,
        platform.length(signed(text, sign), private=run.case.private),
        can.private_limit if run.case.private else can.public_limit,
        sign,
        tuple(_hits(desk, tx, run, text)),
        missing(text, now, hours),
        not name or name.casefold() in text.casefold(),
    )


def _verdict(seen: Seen) -> str:
    if seen.faultless:
        return say("Practice: nothing to add. It would have gone out as it is.")
    return say("Practice: have a look at this.")


def in_words(seen: Seen) -> list[str]:
    """What is said of an answer, a line each: time, signature, room, guards, what it lacks."""
    lines = []
    took = spoken(seen.took)
    if seen.promised is None:
        lines.append(say("Time: {took} of business time.", took=took))
    elif seen.took <= seen.promised:
        lines.append(
            say("Time: {took}; {promised} are promised there. In time.", took=took, promised=spoken(seen.promised))
        )
    else:
        lines.append(
            say("Time: {took}; {promised} are promised there. Too late.", took=took, promised=spoken(seen.promised))
        )
    if seen.sign:
        lines.append(say("Signed: {sign}", sign=seen.sign))
    else:
        lines.append(say("Signed: not at all. Set your name: {command}", command=code("/desk name Mia")))
    if seen.size > seen.limit:
        lines.append(
            say("Length: {size}/{limit}, too long; it would have been refused.", size=seen.size, limit=seen.limit)
        )
    else:
        lines.append(say("Length: {size}/{limit}.", size=seen.size, limit=seen.limit))
    if seen.guards:
        lines.append(say_n("{n} guard would have asked:", "{n} guards would have asked:", len(seen.guards)))
        lines += [f"   {reason}" for reason in seen.guards]
    else:
        lines.append(say("Guards: none would have stopped it."))
    said = {
        "feeling": say("the feeling heard"),
        "facts": say("the facts"),
        "next": say("the next step with a date"),
    }
    if seen.missing:
        lines.append(say("Seems to be missing: {parts}.", parts=", ".join(said[part] for part in seen.missing)))
    else:
        lines.append(say("Feeling, facts and next step with a date: all there."))
    if not seen.named:
        lines.append(say("The customer's name is not in it."))
    return lines
