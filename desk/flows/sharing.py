"""A channel of the desk where nothing may be said: its name, and where it is told; one that people of another company
can read gets nothing of a customer's until that ends."""

from __future__ import annotations

import contextlib
import logging

from desk.desk import Desk
from desk.flows.owing import owe_post
from desk.model.asking import Line
from desk.model.catalogue import say
from desk.model.errors import NotKept, OutsideError
from desk.model.outbox import Lane
from desk.model.words import where
from desk.ports import Tx

log = logging.getLogger("frontdesk.sharing")

LIVED_IN = "channels lived in"
"""The setting that names every channel in which threads of ours were ever opened: they are read there still, and may
get a word of a customer's at any time."""


async def watch_channels(desk: Desk) -> None:
    """Look at each channel of the desk. Where Slack does not answer, what was so last is so still."""
    with contextlib.suppress(NotKept):  # there is no room on the disk: next time
        await desk.store.transact(lambda tx: _remember(desk, tx))
    for channel in await desk.read(lambda tx: _ours(desk, tx)):
        known = await desk.read(lambda tx, channel=channel: _known(tx, channel))  # type: ignore[misc]
        try:
            shared = await desk.board.shared(channel)
        except OutsideError:
            shared = known
        await shared_or_not(desk, channel, shared)


async def shared_or_not(desk: Desk, channel: str, shared: bool) -> None:
    """A channel is shared with another company now, or is not: once said, and what belongs there waits or goes on."""
    if channel not in await desk.read(lambda tx: _ours(desk, tx)):
        return
    lane, place = ("slack", channel), f"slack {channel} is shared"
    if shared:
        desk.lanes.bar(lane)
        desk.health[place] = _sentence(desk, channel)
    elif desk.lanes.barred(lane):
        desk.lanes.free(lane)
        desk.health.pop(place, None)
        desk.kick()

    async def work(tx: Tx) -> bool:
        now, known = desk.now(), await _known(tx, channel)
        if known == shared:
            return False
        tx.set_setting(_kept(channel), shared)
        if shared:
            line = Line(_sentence(desk, channel), mark="no_entry")
        else:
            line = Line(say("{where} is shared no more; what waited is posted now.", where=_where(desk, channel)))
        owe_post(tx, f"shared:{channel}:{now.isoformat()}", elsewhere(desk, channel), line, now, lane=Lane.SLA)
        return True

    if await desk.transact(work):
        log.error("channel %s is %s with another workspace", channel, "shared" if shared else "no longer shared")


async def _remember(desk: Desk, tx: Tx) -> None:
    known = tuple(tx.setting(LIVED_IN) or ())
    every = tuple(dict.fromkeys((*known, *desk.homes)))
    if every != known:
        tx.set_setting(LIVED_IN, list(every))


async def _ours(desk: Desk, tx: Tx) -> tuple[str, ...]:
    rules = desk.rules
    every = (*desk.homes, rules.leads_channel, rules.ops_channel, *(tx.setting(LIVED_IN) or ()))
    return tuple(dict.fromkeys(one for one in every if one))


def elsewhere(desk: Desk, channel: str) -> str:
    """Where trouble with a channel is told: the first other one of the desk that people of ours alone read and that is
    in no trouble itself, as far as is known; where there is none, the first other one, where it waits."""
    rules = desk.rules
    every = dict.fromkeys(one for one in (rules.ops_channel, rules.leads_channel, *rules.homes) if one)
    others = [one for one in every if one != channel]
    well = (one for one in others if not desk.lanes.barred(("slack", one)) and f"slack {one}" not in desk.health)
    return next(well, others[0] if others else channel)


def _where(desk: Desk, channel: str) -> str:
    if channel == desk.rules.channel:
        return say("The desk's channel")
    if channel == desk.rules.leads_channel:
        return say("The leads' channel")
    return say("The channel for trouble") if channel == desk.rules.ops_channel else where(channel)


def in_words(desk: Desk, channel: str) -> str:
    """A channel in the middle of a sentence."""
    if channel == desk.rules.channel:
        return say("the desk's channel")
    return say("the leads' channel") if channel == desk.rules.leads_channel else where(channel)


def _sentence(desk: Desk, channel: str) -> str:
    return say(
        "{where} is shared with another workspace, where everybody can read it. Nothing is posted there any more: what "
        "belongs there waits, in its order, until the channel is ours alone. Nothing is lost.",
        where=_where(desk, channel),
    )


def _kept(channel: str) -> str:
    return f"shared:{channel}"


async def _known(tx: Tx, channel: str) -> bool:
    return tx.setting(_kept(channel)) is True
