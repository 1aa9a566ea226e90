"""`/private`: answer privately; without text a form opens; `invite` asks the customer in public to write to us."""

from __future__ import annotations

from desk.flows.private import private as flow
from handlers.verbs.verb import Verb

private = Verb(
    "private",
    "number text|invite",
    "Answer privately; without text a form opens; the one word invite asks them in public to write to you.",
    flow,
    ("number", "text"),
)
