"""`/correct`: other words in place of an answer that was published."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.correct import correct as flow
from desk.model.asking import Answer, Ask
from handlers.verbs.verb import Verb


async def _correct(desk: Desk, ask: Ask) -> Answer:
    return await flow(desk, ask)


correct = Verb(
    "correct",
    "number your words",
    "Other words in place of the last answer, where the platform allows it.",
    _correct,
)
