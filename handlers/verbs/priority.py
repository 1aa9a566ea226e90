"""`/priority`: how pressing an inquiry is."""

from __future__ import annotations

from desk.flows.priority import priority as flow
from handlers.verbs.verb import Verb

priority = Verb(
    "priority",
    "number urgent | high | normal | low [why]",
    "How pressing it is: it goes ahead in the queue, and the promise is chosen anew. The thread says which holds now.",
    flow,
    ("number", "text"),
)
