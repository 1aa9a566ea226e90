"""`/hours`: when we are there; leads change and post it."""

from __future__ import annotations

from desk.flows.office import hours as flow
from handlers.verbs.verb import Verb

hours = Verb(
    "hours",
    "[today | week | set mon-fri 9-17 | 2026-12-24 9-13 | holidays | post]",
    "When we are there; leads change and post it.",
    flow,
    ("text",),
)
