"""`/merge`: two inquiries that are one matter become one."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.merge import merge as flow
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.refusals import Refusal
from handlers.asking import read_number
from handlers.verbs.verb import Verb

BETWEEN = frozenset({"into", "in", "with", "to"})


async def _merge(desk: Desk, ask: Ask) -> Answer:
    """`42 into 41`; in a thread the thread's own number need not be said."""
    words = [word for word in ask.text.split() if word.casefold() not in BETWEEN]
    numbers = [number for word in words if isinstance(number := read_number(word)[0], int)]
    if len(numbers) == 1 and ask.number is not None:
        numbers.insert(0, ask.number)
    if len(numbers) != 2 or len(words) > len(numbers):
        example = replace(ask, number=42).command("merge", "into 41")
        raise Refusal(say("Which one into which? Write: {example}", example=example), quote=ask.text)
    return await flow(desk, replace(ask, number=numbers[0], text=""), numbers[1])


merge = Verb(
    "merge",
    "[number] into another",
    "Two inquiries that are one matter become one; answers and all that follows stand in the second.",
    _merge,
    ("text",),
)
