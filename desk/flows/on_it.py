"""*I'm on it*: somebody has seen the ping, so it is not repeated for a while; a broken promise is told all the same."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.finding import meant, must_be_open
from desk.flows.owing import owe_card, owe_line
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say
from desk.model.inquiry import Event
from desk.model.words import when, who
from desk.ports import Tx


async def on_it(desk: Desk, ask: Ask) -> Answer:
    """No more pings about this inquiry for a while; it stands in the thread and in the history."""

    async def work(tx: Tx) -> Answer:
        now = desk.now()
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        until = now + desk.rules.ladder.quiet
        hours = desk.hours(tx)
        clocks = {
            name: replace(clock, quiet_until=until).set_for(now, hours)
            for name, clock in (("clock", inquiry.clock), ("resolution", inquiry.resolution))
            if clock is not None and clock.breached_at is None
        }
        quiet = replace(inquiry, clock=clocks.get("clock", inquiry.clock))
        promises = tuple(
            replace(one, warned_at=now) if one.is_open and one.warned_at is None and one.warn_at < until else one
            for one in inquiry.promises
        )
        quiet = replace(quiet, resolution=clocks.get("resolution", inquiry.resolution), promises=promises)
        tx.keep_inquiry(quiet)
        tx.log(Event(now, inquiry.number, "on it", ask.agent.user, None, {"until": until.isoformat()}))
        line = Line(
            say("{who} is on it: no more pings until {until}.", who=who(ask.agent.user), until=when(until)), mark="eyes"
        )
        owe_line(tx, quiet, f"on it:{now.timestamp()}", line, now)
        owe_card(tx, quiet, now)
        told = say(
            "No more pings about #{number} until {until}; if the promise breaks, the leads are told all the same.",
            number=inquiry.number,
            until=when(until),
        )
        free = say("It is still with nobody: claim it if it is yours.")
        return Answer(told if inquiry.assignee else f"{told} {free}")

    return await desk.once(ask, work)
