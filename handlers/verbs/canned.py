"""`/canned`: prepared answers, by name or by what fits."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.canned import canned as flow
from desk.flows.canned_keeping import add, approve, decline, health, remove
from desk.model.asking import Answer, Ask
from handlers.verbs.verb import Verb


async def _canned(desk: Desk, ask: Ask) -> Answer:
    word, _, rest = ask.text.strip().partition(" ")
    own = {"add": add, "health": health, "remove": remove, "approve": approve, "decline": decline}
    if word.casefold() in own:
        return await own[word.casefold()](desk, ask, rest.strip())
    return await flow(desk, ask)


canned = Verb(
    "canned",
    "[number] [name] [days=3]",
    "Prepared answers: all of them, those that fit an inquiry, or one to look at, use or edit. Also: a word to search "
    "for; add; and for leads health and remove.",
    _canned,
    ("number", "text"),
)
