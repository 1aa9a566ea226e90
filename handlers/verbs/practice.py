"""`/desk practice`: a made-up inquiry to learn with."""

from __future__ import annotations

from desk.flows.practice import practice as flow
from handlers.verbs.verb import Verb

practice = Verb(
    "practice",
    "[list | name]",
    "A made-up inquiry in the practice channel, answered like a real one and published nowhere; then what was good.",
    flow,
    ("text",),
)
