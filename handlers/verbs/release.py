"""`/release`: give an inquiry back, so that anybody can take it."""

from __future__ import annotations

from desk.flows.claim import release as flow
from handlers.verbs.verb import Verb

release = Verb(
    "release",
    "number [reason]",
    "Give an inquiry back, so that anybody can take it.",
    flow,
    ("number", "text"),
    quiet=True,
)
