"""`/split`: take apart what was merged, or what was gathered as a flood."""

from __future__ import annotations

from desk.flows.merge import split as flow
from handlers.verbs.verb import Verb

split = Verb(
    "split",
    "number",
    "Take a merged inquiry out again; or give each post of a flood a thread of its own.",
    flow,
    ("number",),
)
