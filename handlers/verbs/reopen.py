"""`/reopen`: open a closed inquiry again."""

from __future__ import annotations

from desk.flows.settle import reopen as flow
from handlers.verbs.verb import Verb

reopen = Verb(
    "reopen",
    "number",
    "Open a closed inquiry again.",
    flow,
    ("number",),
)
