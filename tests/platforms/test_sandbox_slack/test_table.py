"""The table of the Slack stand-in's methods and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

from platforms.sandbox.slack.limits import PER_MINUTE
from platforms.sandbox.slack.methods import METHODS

HERE = Path(__file__).resolve().parent
TABLE = (HERE.parents[2] / "docs" / "sandbox" / "slack.md").read_text()
METHOD_ROWS = [
    line for line in TABLE.partition("## Web API")[2].partition("## Limits")[0].splitlines() if line.startswith("| `")
]
TESTS = {name for path in HERE.glob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}


def test_each_method_has_a_row_and_each_row_a_method() -> None:
    assert sorted(row.split("`")[1] for row in METHOD_ROWS) == sorted(METHODS)


def test_each_test_that_the_table_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert named - TESTS == set()
    assert len(named) > 40


def test_each_row_says_how_far_it_is_known() -> None:
    for row in METHOD_ROWS:
        assert row.rstrip(" |").endswith(("documented", "recorded", "guessed"))


def test_each_method_but_posting_has_a_rate() -> None:
    assert set(METHODS) - set(PER_MINUTE) == {"chat.postMessage"}
