"""Looking at a platform: how often, at what price, and what to do when it does not let us."""

from __future__ import annotations

import calendar
import logging
from datetime import datetime, timedelta

from desk.desk import Desk
from desk.flows.owing import owe_post
from desk.flows.receive import receive
from desk.model.asking import Line
from desk.model.duration import spoken
from desk.model.errors import Busy, OutsideError, Refused, Unauthorised
from desk.model.outbox import Lane
from desk.model.rules import Rules
from desk.model.words import when
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.poll")

RETRY = timedelta(seconds=60)
SLOWEST = timedelta(hours=1)
SLACK = timedelta(seconds=1)
"""A beat may come this much early."""


async def poll(desk: Desk, platform: Platform) -> int:
    """One sweep; returns how many messages were new. Trouble is said once and does not stop the clock's other jobs."""

    async def look(tx: Tx) -> tuple[str | None, str | None, timedelta]:
        paused = tx.setting(f"poll:{platform.name}:not_before")
        return tx.cursor(platform.name), paused, pace(desk, tx, platform.name)

    now = desk.now()
    if now < desk.next_look.get(platform.name, now):
        return 0
    cursor, paused, every = await desk.read(look)
    if paused is not None and datetime.fromisoformat(paused) > now:
        desk.next_look[platform.name] = datetime.fromisoformat(paused)
        return 0
    desk.looked[platform.name] = now
    desk.next_look[platform.name] = now + every - SLACK
    try:
        fetched = await platform.fetch(cursor)
    except Busy as busy:
        await _pause(desk, platform, max(busy.retry_at, now + RETRY), say=True)
        return 0
    except Unauthorised as error:
        await _trouble(desk, platform, error.why)
        await _pause(desk, platform, now + RETRY)
        return 0
    except OutsideError as error:
        log.warning("could not look", extra={"platform": platform.name, "why": type(error).__name__})
        if isinstance(error, Refused):
            await _pause(desk, platform, now + RETRY)
        return 0
    if desk.health.pop(platform.name, None):
        log.info("well again", extra={"platform": platform.name})
    fresh = await receive(desk, platform, fetched)
    await _spent(desk, platform, max(1, fetched.reads))
    return fresh


async def _pause(desk: Desk, platform: Platform, until: datetime, *, say: bool = False) -> None:
    desk.next_look[platform.name] = until

    async def work(tx: Tx) -> None:
        tx.set_setting(f"poll:{platform.name}:not_before", until.isoformat())
        if say:
            line = Line(
                f"{platform.title} asks us to wait: new messages from there come again at {when(until)}. "
                "Answers and pings go on.",
                mark="hourglass",
            )
            owe_post(tx, f"paused:{platform.name}:{until.isoformat()}", desk.rules.channel, line, desk.now())

    await desk.transact(work)


async def _trouble(desk: Desk, platform: Platform, why: str) -> None:
    if desk.health.get(platform.name) == why:
        return
    desk.health[platform.name] = why
    log.error("%s: %s", platform.name, why)

    async def work(tx: Tx) -> None:
        now = desk.now()
        line = Line(
            f"{platform.title} does not let us in: {why} Nothing new comes from there until an owner mends it; "
            "the desk looks again every minute.",
            mark="red_circle",
        )
        key = f"trouble:{platform.name}:{now.date().isoformat()}:{now.hour}"
        owe_post(tx, key, desk.rules.leads_channel, line, now, lane=Lane.SLA)

    await desk.transact(work)


def month_of(at: datetime) -> str:
    return at.strftime("%Y-%m")


async def _spent(desk: Desk, platform: Platform, reads: int) -> None:
    if platform.name not in desk.rules.monthly_reads:
        return

    async def work(tx: Tx) -> None:
        key = f"reads:{platform.name}:{month_of(desk.now())}"
        tx.set_setting(key, int(tx.setting(key) or 0) + reads)

    await desk.transact(work)


def spent(desk: Desk, tx: Tx, platform: str) -> tuple[int, int | None]:
    """Reads of this month, and the budget (None: no limit)."""
    used = int(tx.setting(f"reads:{platform}:{month_of(desk.now())}") or 0)
    return used, desk.rules.monthly_reads.get(platform)


def pace(desk: Desk, tx: Tx, platform: str) -> timedelta:
    """How often we look now: as often as set, but no more than the rest of the month's budget pays for."""
    return affordable(desk.rules, platform, spent(desk, tx, platform)[0], desk.now())


def affordable(rules: Rules, platform: str, used: int, now: datetime) -> timedelta:
    """The time between two looks that the rest of this month's budget pays for, each look counted as one read."""
    every = rules.poll_every.get(platform, timedelta(seconds=60))
    budget = rules.monthly_reads.get(platform)
    if budget is None:
        return every
    days = calendar.monthrange(now.year, now.month)[1]
    end = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    left = budget - used
    if left <= 0:
        return SLOWEST
    return min(SLOWEST, max(every, (end - now) / left))


def too_tight(desk: Desk, tx: Tx, platform: str) -> str:
    """A sentence where a promise is tighter than the desk can look now, else ""."""
    title = desk.platforms[platform].title if platform in desk.platforms else platform
    return _tight(desk.rules, platform, title, pace(desk, tx, platform))


def tight_promise(rules: Rules, platform: str, title: str, now: datetime) -> str:
    """The same before a desk runs: for a month whose budget is untouched."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _tight(rules, platform, title, affordable(rules, platform, 0, first))


def _tight(rules: Rules, platform: str, title: str, every: timedelta) -> str:
    policy = rules.policy(platform)
    tightest = min(policy.first, policy.next)
    if every * 2 <= tightest:
        return ""
    budget = platform in rules.monthly_reads and every > rules.poll_every.get(platform, timedelta(0))
    why = "the budget lets us look" if budget else "we look"
    mend = "raise monthly_reads" if budget else "lower poll_seconds"
    return (
        f"You promise {spoken(tightest)} on {title}, but {why} only every {spoken(every)}: "
        f"{mend} under [{platform}], or promise less under [sla.{platform}]."
    )
