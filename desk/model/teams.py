"""Teams with hours of their own: one in each region, say, who relieve each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.model.hours import BusinessHours, NeverOpen


@dataclass(frozen=True, slots=True)
class Team:
    """One team. `group` is the Slack user group of its members; `hours` are its own, in its own zone;
    `breaks` stay where a lead sets another week."""

    name: str
    group: str
    hours: BusinessHours
    breaks: tuple[tuple[str, str], ...] = ()


def there(teams: Sequence[Team], at: datetime) -> tuple[Team, ...]:
    """The teams that are open at an instant."""
    return tuple(team for team in teams if team.hours.is_open(at))


def relieved_by(teams: Sequence[Team], leaving: Team, at: datetime) -> Team | None:
    """The team that takes over when one leaves at `at`: another that is there, or else the next to open; None where
    no other ever opens."""
    soonest: tuple[datetime, Team] | None = None
    for team in teams:
        if team == leaving:
            continue
        try:
            opening = team.hours.next_opening(at)
        except NeverOpen:
            continue
        if soonest is None or opening < soonest[0]:
            soonest = opening, team
    return soonest[1] if soonest else None
