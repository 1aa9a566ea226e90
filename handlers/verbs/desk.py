"""`/desk`: how the desk does; and the way to every other verb."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.about import hold, set_name, status
from desk.flows.claim import claim
from desk.flows.private import how_they_fare
from desk.flows.reach import set_reach
from desk.model.asking import Answer, Ask
from handlers.verbs.verb import Verb


async def _desk(desk: Desk, ask: Ask) -> Answer:
    word, _, rest = ask.text.strip().partition(" ")
    match word.casefold():
        case "name":
            return await set_name(desk, replace(ask, text=rest))
        case "next":
            return await claim(desk, replace(ask, number=None, text=""))
        case "reach":
            return await set_reach(desk, replace(ask, text=rest))
        case "invited":
            return await how_they_fare(desk, ask)
        case "hold":
            return await hold(desk, replace(ask, text=rest))
        case _:
            return await status(desk, ask)


desk = Verb(
    "desk",
    "[help | status | next | name Mia | hold [off] | reach second | invited | any verb]",
    "How the desk does; the inquiry that is due first, for you; your name below replies; hold all publishing, "
    "let two look where many listen, or see who came of those that were invited to private messages (leads); and every "
    "other verb behind it.",
    _desk,
    ("text",),
)
