"""`/sla`: what we promise, and how much time is left."""

from __future__ import annotations

from desk.flows.looking import sla as flow
from handlers.verbs.verb import Verb

sla = Verb(
    "sla",
    "[number]",
    "What we promise, and how much time is left.",
    flow,
    ("number",),
)
