"""`/wow`: mark an inquiry for an unexpected good deed."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.wow import good_deeds, take_back
from desk.flows.wow import wow as flow
from desk.model.asking import Answer, Ask
from handlers.verbs.verb import Verb


async def _wow(desk: Desk, ask: Ask) -> Answer:
    if ask.number is None and not ask.text.strip():
        return await good_deeds(desk, ask)
    if ask.text.strip().casefold() == "off":
        return await take_back(desk, ask)
    return await flow(desk, ask)


wow = Verb("wow", "[number] [idea | off]", "Mark an inquiry for an unexpected good deed; bare, this month's.", _wow)
