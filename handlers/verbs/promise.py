"""`/promise`: keep track of what a customer was promised until when."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from desk.desk import Desk
from desk.flows.promise import promise as flow
from desk.flows.promise import withdraw
from desk.model.asking import Answer, Ask
from handlers.asking import read_when
from handlers.verbs.verb import Verb


async def _promise(desk: Desk, ask: Ask) -> Answer:
    if ask.text.strip().casefold() == "off":
        return await withdraw(desk, ask)
    until, what = read_when(ask.text, desk.now(), ZoneInfo(ask.agent.zone), ask.typed, ask.number)
    return await flow(desk, replace(ask, text=what), until)


promise = Verb(
    "promise",
    "number tomorrow 16:00 [what]",
    "Keep track of what the customer was promised: 2h, 16:00, tomorrow 16:00, fri 14:00. You are told before and at "
    "the time; the next answer keeps it, the word off ends it.",
    _promise,
    ("number", "text"),
)
