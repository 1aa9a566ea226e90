"""Looking at a platform: how often, at what price, and what to do when it does not let us."""

from __future__ import annotations

import calendar
import logging
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.owing import owe_post
from desk.flows.receive import receive
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.duration import in_full
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised
from desk.model.outbox import Lane
from desk.model.rules import Rules
from desk.model.words import clean, when
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.poll")

RETRY = timedelta(seconds=60)
WINDOW = timedelta(minutes=15)
"""How long a rate window lasts (X's): a pause is said once in that time, however often we are told to wait."""
MINUTE = timedelta(minutes=1)
EARLY = timedelta(seconds=1)
"""A beat may come this much early, where we look more often than once a minute. Whoever looks less often does so for
what a platform allows or charges in a window, and there a look too early is one too many."""


async def poll(desk: Desk, platform: Platform) -> int | None:
    """One look, if it is time for one; returns how many messages were new, None where nothing could be read.

    Trouble is said once and does not stop the clock's other jobs.
    """
    name, now = platform.name, desk.now()
    set_back = desk.looked.get(name, now) > now
    if now < desk.next_look.get(name, now) and not set_back:
        return None

    async def look(tx: Tx) -> tuple[str | None, str | None, timedelta | None, str | None]:
        return tx.cursor(name), tx.setting(_paused(name)), pace(desk, tx, name), tx.setting(_barred(name))

    cursor, paused, every, barred = await desk.read(look)
    if paused is not None and datetime.fromisoformat(paused) > now and not set_back:
        desk.next_look[name] = datetime.fromisoformat(paused)
        return None
    if every is None:
        await _nothing_left(desk, platform)
        return None
    usual = every
    if name in desk.delivering:
        every = max(every, desk.rules.backstop.get(name, every))
    desk.looked[name] = now
    desk.next_look[name] = _after(now, every)
    try:
        fetched = await platform.fetch(cursor)
    except Busy as busy:
        await _pause(desk, platform, busy)
        return None
    except Unauthorised as error:
        desk.next_look[name] = now + RETRY
        await _shut_out(desk, platform, error.why)
        return None
    except OutsideError as error:
        desk.next_look[name] = max(desk.next_look[name], now + RETRY if isinstance(error, Refused) else now)
        desk.health[name] = getattr(error, "why", "") or say(
            "{platform} does not answer; the desk goes on trying.", platform=platform.title
        )
        log.warning("could not look", extra={"platform": name, "why": type(error).__name__})
        return None
    if desk.health.pop(name, None):
        log.info("well again", extra={"platform": name})
    fresh = await receive(desk, platform, fetched)
    if fresh:
        desk.delivering.discard(name)  # its webhook did not bring this
        desk.next_look[name] = min(desk.next_look[name], _after(now, usual))
    await _went_well(desk, platform, max(1, fetched.reads), barred is not None)
    again = platform.look_again_at
    if again is not None and every <= min(MINUTE, desk.rules.poll_every.get(name, MINUTE)):
        # Whoever looks less than once a minute wants few reads: there it comes with the next look.
        desk.next_look[name] = min(desk.next_look[name], again)
    return fresh


def _after(now: datetime, every: timedelta) -> datetime:
    """When the next look may come."""
    return now + every - (EARLY if every < MINUTE else timedelta(0))


def _paused(name: str) -> str:
    return f"poll:{name}:not_before"


def _barred(name: str) -> str:
    return f"poll:{name}:barred"


async def _pause(desk: Desk, platform: Platform, busy: Busy) -> None:
    """The platform asks us to wait: only the looking stops, and the channel hears of it once in a window."""
    now = desk.now()
    until = max(busy.retry_at, now + RETRY)
    desk.next_look[platform.name] = until

    async def work(tx: Tx) -> None:
        tx.set_setting(_paused(platform.name), until.isoformat())
        said = tx.setting(f"poll:{platform.name}:said")
        if said is not None and timedelta(0) <= now - datetime.fromisoformat(said) < WINDOW:
            return
        tx.set_setting(f"poll:{platform.name}:said", now.isoformat())
        line = Line(
            say(
                "{platform} can't be read now ({why}): new messages from there come again at {until}. Answers and "
                "pings go on.",
                platform=platform.title,
                why=clean(busy.why),
                until=when(until),
            ),
            mark="hourglass",
        )
        owe_post(tx, f"paused:{platform.name}:{until.isoformat()}", desk.rules.channel, line, now)

    log.warning("paused", extra={"platform": platform.name, "until": until.isoformat()})
    await desk.transact(work)


async def _shut_out(desk: Desk, platform: Platform, why: str) -> None:
    """The platform does not let us in: the leads hear of it once, until it does again or says something else."""
    desk.health[platform.name] = why

    async def work(tx: Tx) -> None:
        now = desk.now()
        if tx.setting(_barred(platform.name)) == why:
            return
        tx.set_setting(_barred(platform.name), why)
        line = Line(
            say(
                "{platform} does not let us in: {why} Nothing new comes from there until an owner mends it; the desk "
                "looks again every minute.",
                platform=platform.title,
                why=clean(why),
            ),
            mark="red_circle",
        )
        owe_post(tx, f"barred:{platform.name}:{now.isoformat()}", desk.rules.leads_channel, line, now, lane=Lane.SLA)

    log.error("shut out", extra={"platform": platform.name, "why": why})
    await desk.transact(work)


async def _went_well(desk: Desk, platform: Platform, reads: int, barred: bool) -> None:
    """Count what the look cost, and say that a platform lets us in again."""
    counted = platform.name in desk.rules.monthly_reads
    if not counted and not barred:
        return

    async def work(tx: Tx) -> None:
        now = desk.now()
        if counted:
            for key, more in ((_reads(platform.name, now), reads), (_looks(platform.name, now), 1)):
                tx.set_setting(key, int(tx.setting(key) or 0) + more)
        if barred and tx.setting(_barred(platform.name)) is not None:
            tx.set_setting(_barred(platform.name), None)
            line = Line(
                say("{platform} lets us in again; what came in meanwhile is being read.", platform=platform.title),
                mark="white_check_mark",
            )
            key = f"open:{platform.name}:{now.isoformat()}"
            owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA)

    await desk.transact(work)


# what reading costs


def month_of(at: datetime) -> str:
    """The month in which a read is counted, in UTC: "2026-11"."""
    return at.strftime("%Y-%m")


def _reads(name: str, at: datetime) -> str:
    return f"reads:{name}:{month_of(at)}"


def _looks(name: str, at: datetime) -> str:
    return f"looks:{name}:{month_of(at)}"


def _next_month(at: datetime) -> datetime:
    days = calendar.monthrange(at.year, at.month)[1]
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


async def _nothing_left(desk: Desk, platform: Platform) -> None:
    """This month's reads are used up: no look before the next month, and the leads know."""
    now = desk.now()
    until = _next_month(now)
    desk.next_look[platform.name] = until

    async def work(tx: Tx) -> None:
        said = f"poll:{platform.name}:nothing left"
        if tx.setting(said) == month_of(now):
            return
        tx.set_setting(said, month_of(now))
        used, budget = spent(desk, tx, platform.name)
        line = Line(
            say(
                "The reads on {platform} that the owner allows for this month are used up ({used} of {budget}). "
                "Nothing new comes from there before {until}, unless {setting} is raised under {section} and the desk "
                "started anew. Answers go out as ever.",
                platform=platform.title,
                used=f"{used:,}",
                budget=f"{budget:,}",
                until=when(until, "day"),
                setting="monthly_reads",
                section=f"[{platform.name}]",
            ),
            mark="red_circle",
        )
        key = f"nothing left:{platform.name}:{month_of(now)}"
        owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA)

    log.error("no reads left", extra={"platform": platform.name, "until": until.isoformat()})
    await desk.transact(work)


def spent(desk: Desk, tx: Tx, platform: str) -> tuple[int, int | None]:
    """Reads of this month, and the budget (None: no limit, and nothing is counted)."""
    used = int(tx.setting(_reads(platform, desk.now())) or 0)
    return used, desk.rules.monthly_reads.get(platform)


def pace(desk: Desk, tx: Tx, platform: str) -> timedelta | None:
    """How often we look now: as often as set, but no more than the rest of the month's budget pays for.

    None: it pays for nothing more. What a look costs is taken from the looks of this month.
    """
    now = desk.now()
    used = spent(desk, tx, platform)[0]
    looks = int(tx.setting(_looks(platform, now)) or 0)
    return affordable(desk.rules, platform, used, now, max(1.0, used / looks if looks else 1.0))


def affordable(rules: Rules, platform: str, used: int, now: datetime, cost: float = 1.0) -> timedelta | None:
    """The time between two looks that the rest of this month's budget pays for, a look at `cost` reads; or None."""
    every = rules.poll_every.get(platform, MINUTE)
    budget = rules.monthly_reads.get(platform)
    if budget is None:
        return every
    left = budget - used
    return max(every, (_next_month(now) - now) * (cost / left)) if left > 0 else None


def too_tight(desk: Desk, tx: Tx, platform: str) -> str:
    """A sentence where a promise is tighter than the desk can look now, else ""."""
    title = desk.platforms[platform].title if platform in desk.platforms else platform
    return _tight(desk.rules, platform, title, pace(desk, tx, platform))


def tight_promise(rules: Rules, platform: str, title: str, now: datetime) -> str:
    """The same before a desk runs: for a month whose budget is untouched."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _tight(rules, platform, title, affordable(rules, platform, 0, first))


def _tight(rules: Rules, platform: str, title: str, every: timedelta | None) -> str:
    policy = rules.policy(platform)
    tightest = min(policy.first, policy.next, policy.private)
    promised, section, promises = in_full(tightest), f"[{platform}]", f"[sla.{platform}]"
    if every is None:
        return say(
            "You promise {length} on {platform}, but this month's reads are used up: raise monthly_reads under "
            "{section}.",
            length=promised,
            platform=title,
            section=section,
        )
    if every * 2 <= tightest:
        return ""
    if platform in rules.monthly_reads and every > rules.poll_every.get(platform, timedelta(0)):
        return say(
            "You promise {length} on {platform}, but the budget lets us look every {every}: raise monthly_reads under "
            "{section}, or promise less under {promises}.",
            length=promised,
            platform=title,
            every=in_full(every),
            section=section,
            promises=promises,
        )
    return say(
        "You promise {length} on {platform}, but we look every {every}: lower poll_seconds under {section}, or "
        "promise less under {promises}.",
        length=promised,
        platform=title,
        every=in_full(every),
        section=section,
        promises=promises,
    )
