"""A platform that brings nothing although it usually does: told once, and once more when it speaks again."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from desk.desk import Desk
from desk.flows.owing import owe_post
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.habit import HOURS, REMEMBERED, SOONEST, pace, too_silent
from desk.model.outbox import Lane
from desk.ports import Platform, Tx

log = logging.getLogger("frontdesk.silence")

FRESH = timedelta(minutes=90)
"""Only a platform that was looked at within this time can be silent; else it is we who do not listen."""


def noted(desk: Desk, tx: Tx, platform: Platform, count: int, now: datetime) -> None:
    """Something came: it becomes part of the habit, and ends a silence."""
    name = platform.name
    kept = tx.setting(_habit(name)) or {"first": (now.date() + timedelta(days=1)).isoformat()}
    last = kept.get("last")
    day = _day(tx, name, now.date()) or [0] * HOURS
    day[now.astimezone(UTC).hour] += count
    tx.set_setting(_slot(name, now.date()), {"day": now.date().isoformat(), "counts": day})
    tx.set_setting(_habit(name), {**kept, "last": now.isoformat()})
    if last is not None and tx.setting(_told(name)) is not None:
        tx.set_setting(_told(name), None)
        desk.health.pop(_place(name), None)
        sentence = say(
            "{platform} speaks again, after {length} of silence.",
            platform=platform.title,
            length=spoken(now - datetime.fromisoformat(last)),
        )
        where = desk.rules.ops_channel or desk.rules.leads_channel
        owe_post(tx, f"speaks:{name}:{now.isoformat()}", where, Line(sentence, mark="white_check_mark"), now)


async def watch_silence(desk: Desk) -> None:
    """Whether a platform has been silent for longer than it ever is."""
    for platform in desk.platforms.values():
        looked = desk.looked.get(platform.name)
        if looked is not None and desk.now() - looked <= FRESH and platform.name not in desk.health:
            await _watch(desk, platform)


async def _watch(desk: Desk, platform: Platform) -> None:
    name = platform.name

    async def look(tx: Tx) -> tuple[str, bool] | None:
        now, kept = desk.now(), tx.setting(_habit(name))
        last = datetime.fromisoformat(kept["last"]) if kept else now
        told = tx.setting(_told(name))
        if now - last < SOONEST:
            return None
        first = date.fromisoformat(kept["first"])
        days = [now.date() - timedelta(days=back) for back in range(REMEMBERED + 1)]
        counts = {day: found for day in days if (found := _day(tx, name, day)) is not None}
        if told is None and not too_silent(counts, first, last, now):
            return None
        sentence = say(
            "Nothing has come from {platform} for {length}; usually it is about {pace} an hour at this time. The looks "
            "themselves go well. Is the token still the right one, and may it still read everything?",
            platform=platform.title,
            length=spoken(now - last),
            pace=pace(counts, first, last, now),
        )
        return sentence, told is not None

    found = await desk.read(look)
    if found is None:
        return
    sentence, told = found
    desk.health[_place(name)] = sentence
    if told:
        return

    async def tell(tx: Tx) -> None:
        now = desk.now()
        tx.set_setting(_told(name), now.isoformat())
        where = desk.rules.ops_channel or desk.rules.leads_channel
        line = Line(sentence, mark="warning")
        owe_post(tx, f"silent:{name}:{now.isoformat()}", where, line, now, lane=Lane.SLA)

    log.warning("silent", extra={"platform": name})
    await desk.transact(tell)


def _place(name: str) -> str:
    return f"{name} is silent"


def _habit(name: str) -> str:
    return f"habit:{name}"


def _told(name: str) -> str:
    return f"habit:{name}:told"


def _slot(name: str, day: date) -> str:
    """Days take turns in as many places as are remembered, so that the store does not grow."""
    return f"habit:{name}:{day.toordinal() % (REMEMBERED + 2)}"


def _day(tx: Tx, name: str, day: date) -> list[int] | None:
    kept: dict[str, Any] | None = tx.setting(_slot(name, day))
    return list(kept["counts"]) if kept and kept["day"] == day.isoformat() else None
