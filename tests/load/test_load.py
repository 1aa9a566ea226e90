"""Each load in a small form, and in its whole form where it is asked for; the pass lines are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.shapes import SHAPES
from tests.load.town import town

SMALL = {"L1": 0.02, "L2": 0.02, "L3": 0.04, "L4": 0.02, "L5": 0.02, "L6": 0.04, "L8": 0.004}
"""The share of each that every `make test` takes."""


@pytest.mark.parametrize("name", SHAPES)
async def test_a_small_form_of_the_load_keeps_its_lines(tmp_path: Path, name: str) -> None:
    verdicts = await SHAPES[name](tmp_path, SMALL[name])
    assert verdicts
    assert [str(one) for one in verdicts if not one.met] == []


@pytest.mark.full
@pytest.mark.parametrize("name", SHAPES)
async def test_the_whole_load_keeps_its_lines(tmp_path: Path, name: str) -> None:
    assert [str(one) for one in await SHAPES[name](tmp_path) if not one.met] == []


async def test_a_team_of_two_hundred_can_start(tmp_path: Path) -> None:
    async with town(tmp_path, agents=200) as hall:
        people = hall.sandbox.bot.people
        assert all(people.person(user) is not None for user in hall.names)
        assert hall.tally.refused.total() == 0, "Slack takes a hundred single look-ups a minute"
