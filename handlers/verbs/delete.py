"""`/delete`: take an answer away from the platform."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.correct import delete as flow
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.refusals import Refusal
from handlers.verbs.verb import Verb


async def _delete(desk: Desk, ask: Ask) -> Answer:
    if ask.text.strip().casefold() not in ("", "yes"):
        raise Refusal(
            say("Nothing was deleted. To delete the last answer: {example}", example=ask.command("delete")),
            quote=ask.text,
        )
    return await flow(desk, ask, sure=bool(ask.text.strip()))


delete = Verb("delete", "number [yes]", "Take the last answer away from the platform, all its parts.", _delete)
