"""`/note`: keep a note for the team; customers never see it."""

from __future__ import annotations

from desk.flows.settle import note as flow
from handlers.verbs.verb import Verb

note = Verb(
    "note",
    "number text",
    "Keep a note for the team; customers never see it.",
    flow,
    ("number", "text"),
)
