"""`/claim`: take an inquiry; without a number the most urgent that nobody has."""

from __future__ import annotations

from desk.flows.claim import claim as flow
from handlers.verbs.verb import Verb

claim = Verb(
    "claim",
    "[number] [--force]",
    "Take an inquiry; without a number the most urgent that nobody has.",
    flow,
    ("number",),
    quiet=True,
)
