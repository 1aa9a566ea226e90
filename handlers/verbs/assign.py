"""`/assign`: hand an inquiry over; the colleague is pinged."""

from __future__ import annotations

from desk.flows.claim import assign as flow
from handlers.verbs.verb import Verb

assign = Verb(
    "assign",
    "number @colleague [word]",
    "Hand an inquiry over; the colleague is pinged.",
    flow,
    ("number", "who", "text"),
)
