"""`/queue`: what waits, by deadline."""

from __future__ import annotations

from desk.flows.looking import queue as flow
from handlers.verbs.verb import Verb

queue = Verb(
    "queue",
    "[mine | late | unclaimed | pending | snoozed | @colleague]",
    "What waits, by deadline.",
    flow,
    ("who", "text"),
)
