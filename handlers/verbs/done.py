"""`/done`: close an inquiry: solved, spam, no answer needed, or in your words."""

from __future__ import annotations

from desk.flows.settle import done as flow
from handlers.verbs.verb import Verb

done = Verb(
    "done",
    "number [reason]",
    "Close an inquiry: solved, spam, no answer needed, or in your words.",
    flow,
    ("number", "text"),
)
