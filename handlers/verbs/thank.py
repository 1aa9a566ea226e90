"""`/thank`: a short thank-you for praise, in words that take turns; without a number, who waits for one."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.praise import thank as flow
from desk.flows.praise import thank_queue
from desk.model.asking import Answer, Ask
from handlers.verbs.verb import Verb


async def _thank(desk: Desk, ask: Ask) -> Answer:
    return await (flow if ask.number is not None else thank_queue)(desk, ask)


thank = Verb(
    "thank",
    "[number] [--force]",
    "Thank for praise with one press; without a number, who waits for that.",
    _thank,
    ("number",),
)
