"""`/guide`: response times, tone, and what you may decide alone."""

from __future__ import annotations

from desk.flows.about import guide as flow
from handlers.verbs.verb import Verb

guide = Verb(
    "guide",
    "",
    "Response times, tone, and what you may decide alone.",
    flow,
    (),
)
