"""`/find`: search all inquiries."""

from __future__ import annotations

from desk.flows.looking import find as flow
from handlers.verbs.verb import Verb

find = Verb(
    "find",
    "words [from:@maria] [is:open]",
    "Search all inquiries.",
    flow,
    ("text",),
)
