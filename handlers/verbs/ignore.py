"""`/ignore`: somebody whose messages call nobody any more; `off` brings them back."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.ignore import bring_back, ignored_people
from desk.flows.ignore import ignore as flow
from desk.model.asking import Answer, Ask
from handlers.verbs.verb import Verb


async def _ignore(desk: Desk, ask: Ask) -> Answer:
    if ask.number is None and not ask.text.strip():
        return await ignored_people(desk, ask)
    if ask.text.strip().casefold() == "off":
        return await bring_back(desk, replace(ask, text=""))
    return await flow(desk, ask)


ignore = Verb(
    "ignore",
    "[number] [why | off]",
    "Take a person out of the queue: what they write is kept and calls nobody. off brings them back.",
    _ignore,
)
