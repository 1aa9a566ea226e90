"""`/follow`: be called when the customer writes, without having the inquiry."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.merge import follow as flow
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.refusals import Refusal
from handlers.verbs.verb import Verb


async def _follow(desk: Desk, ask: Ask) -> Answer:
    word = ask.text.strip().casefold()
    if word not in ("", "on", "off"):
        raise Refusal(
            say("You follow an inquiry, or no longer: {example}", example=ask.command("follow", "off")), quote=ask.text
        )
    return await flow(desk, ask, word != "off")


follow = Verb(
    "follow",
    "number [off]",
    "Be called in its thread when the customer writes, without having it.",
    _follow,
)
