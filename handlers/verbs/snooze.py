"""`/snooze`: out of the queue until a time; the clock of a first answer runs on."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from desk.desk import Desk
from desk.flows.settle import awake
from desk.flows.settle import snooze as flow
from desk.model.asking import Answer, Ask
from handlers.asking import read_when
from handlers.verbs.verb import Verb


async def _snooze(desk: Desk, ask: Ask) -> Answer:
    if ask.text.strip().casefold() == "off":
        return await awake(desk, ask)
    until, reason = read_when(ask.text, desk.now(), ZoneInfo(ask.agent.zone), ask.typed, ask.number)
    return await flow(desk, replace(ask, text=reason), until)


snooze = Verb(
    "snooze",
    "number 2h|off [reason] [--stop]",
    "Out of the queue until then: 2h, tomorrow 9:00, fri 14:00. No clock stops, unless a lead says --stop and why.",
    _snooze,
    ("number", "text"),
    flags=("force", "stop"),
)
