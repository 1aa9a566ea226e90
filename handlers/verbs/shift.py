"""`/shift`: who is there; away and back; one's own hours."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from desk.desk import Desk
from desk.flows.shift import away, back, set_own, show
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.refusals import Refusal
from desk.model.words import code
from handlers.asking import read_when
from handlers.verbs.verb import Verb


async def _shift(desk: Desk, ask: Ask) -> Answer:
    word, _, rest = ask.text.strip().partition(" ")
    match word.casefold():
        case "" | "who":
            return await show(desk, ask)
        case "away" if not rest.strip():
            return await away(desk, ask, None)
        case "away":
            until, _ = read_when(rest.strip(), desk.now(), ZoneInfo(ask.agent.zone), f"{ask.typed} away", None)
            return await away(desk, ask, until)
        case "back":
            return await back(desk, ask)
        case "hours":
            return await set_own(desk, ask, rest.strip())
    example = f"{ask.typed} away 15:00"
    raise Refusal(
        say(
            "{command} knows: away, back, who, hours. For example {example}.", command=ask.typed, example=code(example)
        ),
        quote=ask.text,
    )


shift = Verb(
    "shift",
    "[who | away 15:00 | back | hours mon-thu 8-14]",
    "Who is there; pings go to them. Away asks what you hand over.",
    _shift,
    ("text",),
)
