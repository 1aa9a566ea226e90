"""Teams with hours of their own: who is there, and who takes over."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from desk.model.hours import DAYS, BusinessHours
from desk.model.teams import Team, relieved_by, there


def team(name: str, zone: str) -> Team:
    return Team(name, f"S0{name.upper()}", BusinessHours(ZoneInfo(zone), {day: [("09:00", "17:00")] for day in DAYS}))


MANILA, LISBON, NEW_YORK = (
    team("manila", "Asia/Manila"),
    team("lisbon", "Europe/Lisbon"),
    team("york", "America/New_York"),
)
TEAMS = (MANILA, LISBON, NEW_YORK)


def at(hour: int) -> datetime:
    return datetime(2026, 11, 24, hour, tzinfo=UTC)


def test_the_teams_that_are_open_are_there() -> None:
    assert there(TEAMS, at(2)) == (MANILA,)
    assert there(TEAMS, at(15)) == (LISBON, NEW_YORK)
    assert there(TEAMS, at(23)) == ()


def test_the_team_that_is_there_or_opens_next_takes_over() -> None:
    assert relieved_by(TEAMS, MANILA, at(9)) == LISBON
    assert relieved_by(TEAMS, LISBON, at(17)) == NEW_YORK
    assert relieved_by(TEAMS, NEW_YORK, at(22)) == MANILA


def test_where_no_other_team_ever_opens_nobody_takes_over() -> None:
    closed = Team("closed", "S0NONE", BusinessHours(ZoneInfo("UTC"), {}))
    assert relieved_by((LISBON, closed), LISBON, at(17)) is None
