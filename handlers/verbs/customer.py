"""`/customer`: who the customer is, and what the team knows of them."""

from __future__ import annotations

from desk.flows.customer import customer as flow
from handlers.verbs.verb import Verb

customer = Verb(
    "customer",
    "number | @handle [vip [off] | language pt | note text | link @other on facebook | unlink @other]",
    "Who the customer is: earlier inquiries and answers, notes, language, VIP, profiles elsewhere; and to set them.",
    flow,
    ("number", "text"),
)
