"""In which of the desk's Slack channels an inquiry lives, by where, how and in which language the customer wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from desk.model.policies import Facts, Match


@dataclass(frozen=True, slots=True)
class Route:
    """Inquiries that `match` have their thread in `channel`, a Slack id."""

    channel: str
    match: Match


def channel_for(routes: Sequence[Route], facts: Facts, otherwise: str) -> str:
    """The channel of the first route that matches; `otherwise` where none does."""
    return next((route.channel for route in routes if route.match.fits(facts)), otherwise)


def never_taken(routes: Sequence[Route], platforms: Sequence[str]) -> list[tuple[int, tuple[int, ...]]]:
    """The routes, by their place in the list, that no inquiry can ever take, each with the earlier ones that take all
    of its inquiries. `platforms` are all that there are."""
    languages = ("", *dict.fromkeys(one for route in routes for one in route.match.languages))
    every = [
        Facts(platform, private, language=language)
        for platform, private, language in product(platforms, (False, True), languages)
    ]
    found = []
    for place, route in enumerate(routes):
        before: list[int | None] = [
            next((nth for nth, other in enumerate(routes[:place]) if other.match.fits(facts)), None)
            for facts in every
            if route.match.fits(facts)
        ]
        if None not in before:
            found.append((place, tuple(sorted({nth for nth in before if nth is not None}))))
    return found
