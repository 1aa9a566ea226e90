"""`/hide`: hide a customer's public words from everybody else."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.correct import hide as flow
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.refusals import Refusal
from handlers.verbs.verb import Verb


async def _hide(desk: Desk, ask: Ask) -> Answer:
    word = ask.text.strip().casefold()
    if word not in ("", "on", "off"):
        raise Refusal(
            say("A comment is hidden, or shown again: {example}", example=ask.command("hide", "off")), quote=ask.text
        )
    return await flow(desk, ask, word != "off")


hide = Verb("hide", "number [off]", "Hide the customer's last public words, where the platform lets us.", _hide)
