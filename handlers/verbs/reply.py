"""`/reply`: answer where the customer wrote; without text a form opens."""

from __future__ import annotations

from desk.flows.reply import reply as flow
from handlers.verbs.verb import Verb

reply = Verb(
    "reply",
    "number text",
    "Answer where the customer wrote; without text a form opens.",
    flow,
    ("number", "text"),
)
