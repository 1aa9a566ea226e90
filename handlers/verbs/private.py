"""`/private`: answer privately; without text a form opens."""

from __future__ import annotations

from desk.flows.reply import private as flow
from handlers.verbs.verb import Verb

private = Verb(
    "private",
    "number text",
    "Answer privately; without text a form opens.",
    flow,
    ("number", "text"),
)
