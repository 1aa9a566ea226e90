"""Random interleavings of everything that can happen to a desk: a fixed share in every run, 2,000 with `--full`.

Deliver, duplicate, reorder, crash, claim, publish, tick and fault, in story time; each schedule ends with the closing
audit. `python -m tests.schedules --life N` plays a life again; `make soak` goes on with new ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.schedules.__main__ import lived
from tests.schedules.life import SCHEDULES

SHARE = (1, 2, 3, 4)
"""Lives in every run."""
ALL, BLOCK = 250, 10
"""Lives with --full, and how many of them are one test."""


@pytest.mark.parametrize("life", SHARE)
async def test_nothing_is_lost_or_said_twice_in_a_life(life: int, tmp_path: Path) -> None:
    told = await lived(life)
    assert told.schedules == SCHEDULES
    assert told.crashes == told.restarts > 0


@pytest.mark.full
@pytest.mark.parametrize("first", range(1, ALL + 1, BLOCK))
async def test_nothing_is_lost_or_said_twice_in_two_thousand_schedules(first: int) -> None:
    crashes = 0
    for life in range(first, first + BLOCK):
        told = await lived(life)
        assert told.schedules == SCHEDULES
        crashes += told.crashes
    assert crashes > BLOCK


def test_two_thousand_are_two_thousand() -> None:
    assert ALL * SCHEDULES >= 2000
