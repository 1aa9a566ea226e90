"""`/show`: one inquiry with its history, only for you."""

from __future__ import annotations

from desk.flows.looking import show as flow
from handlers.verbs.verb import Verb

show = Verb(
    "show",
    "number",
    "One inquiry with its history, only for you.",
    flow,
    ("number",),
)
