"""What docs/reliability.md says is so: every fault has its test, and every guard stands where its list says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.guards import GUARDS, Guard, Stale, copied, noticed, source_without

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reliability.md"
ROWS = 74
"""Faults that are numbered."""
LEAST = 25
"""Guards at least."""


def rows() -> dict[int, list[tuple[str, str]]]:
    """The fault table: file and test of each number."""
    text = PAGE.read_text("utf-8").partition("## Faults")[2].partition("## Crashes")[0]
    found: dict[int, list[tuple[str, str]]] = {}
    for number, cell in re.findall(r"^\| (\d+) \|.*?\| (`.*`) \|$", text, re.MULTILINE):
        assert int(number) not in found, f"{number} stands there twice"
        found[int(number)] = re.findall(r"`([\w/]+\.py)` `(test_\w+)`", cell)
    return found


@cache
def names_in(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_fault_has_a_row_with_tests_that_exist() -> None:
    table = rows()
    assert sorted(table) == list(range(1, ROWS + 1))
    for number, named in table.items():
        assert named, f"fault {number} has no test"
        for file, name in named:
            assert name in names_in(ROOT / "tests" / file), f"fault {number}: no {name} in {file}"


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_every_guard_stands_once_and_names_tests_that_exist(guard: Guard) -> None:
    assert source_without(guard) != (ROOT / guard.file).read_text("utf-8")
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).exists(), test
        assert not name or name.partition("[")[0] in names_in(ROOT / file), test


def test_there_are_guards_enough_and_each_has_its_own_name() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS) >= LEAST


def test_a_marker_that_has_moved_on_is_refused() -> None:
    with pytest.raises(Stale, match="0 times"):
        source_without(Guard("gone", "bot.py", "no such line\n", "", ("tests",)))
    with pytest.raises(Stale, match=r"\d\d+ times"):
        source_without(Guard("everywhere", "bot.py", "import", "", ("tests",)))


CHECKSUM = next(guard for guard in GUARDS if guard.name == "checksum")
HARMLESS = Guard("harmless", CHECKSUM.file, CHECKSUM.marker, f"{CHECKSUM.marker}        # nothing\n", CHECKSUM.tests)


@pytest.mark.parametrize("guard", [CHECKSUM, pytest.param(HARMLESS, marks=pytest.mark.full)], ids=lambda g: g.name)
def test_a_guard_that_is_taken_out_turns_its_test_red_and_a_change_of_no_matter_does_not(
    guard: Guard, tmp_path: Path
) -> None:
    tree = copied(tmp_path)
    assert noticed(guard, tree) == (guard is CHECKSUM)
    assert (tree / guard.file).read_text("utf-8") == (ROOT / guard.file).read_text("utf-8")
