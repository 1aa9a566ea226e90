"""A platform calls: is it the platform, can its words be read, and are they kept before it hears *yes*?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from desk import crash
from desk.desk import Desk
from desk.flows.inbox import Full, Inbox
from desk.model.errors import NotKept
from desk.ports import Hook

DEEPEST = 64
"""So deep may lists and objects stand in each other."""

Answered = tuple[int, str]
"""A status, and a word for whoever looks at the platform's own log."""


class Unreadable(ValueError):
    """A body that is no JSON in the strict sense: it will not be kept."""


def strict(raw: bytes) -> Any:
    """The JSON of a body. Raises `Unreadable` for what two readers take in two ways, or one of them not at all: a name
    twice, NaN, another encoding than UTF-8, a byte order mark, or depth that would overwhelm us."""
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable("no readable JSON") from None
    level = [found]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return found
    raise Unreadable("too deep")


def _inside(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return [one for one in value.values() if isinstance(one, dict | list)]
    return [one for one in value if isinstance(one, dict | list)] if isinstance(value, list) else ()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


async def take(desk: Desk, inbox: Inbox, hook: Hook, raw: bytes, headers: Mapping[str, Sequence[str]]) -> Answered:
    """One delivery: 200 means that it is on the disk; all else, that the platform should keep it and come again, or
    that it was not the platform."""
    if not hook.genuine(raw, headers):
        return 401, "The signature is not right."
    try:
        body = strict(raw)
    except Unreadable as error:
        return 400, f"This cannot be read: {error}."
    if not isinstance(body, dict):
        return 400, "This cannot be read: no object."
    if desk.closing:
        return 503, "The desk is about to stop. Please come again."
    crash.reached("CP1", hook.name)
    try:
        await inbox.keep(hook.name, raw.decode("utf-8"))
    except Full:
        return 503, "Very much waits here. Please come again."
    except NotKept:
        return 503, "The disk takes nothing. Please come again."
    crash.reached("CP2", hook.name)
    return 200, "Kept."
