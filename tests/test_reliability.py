"""What docs/reliability.md says is so: every guard stands where its list says, and a test misses it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.guards import GUARDS, Guard, Stale, copied, noticed, source_without

ROOT = Path(__file__).resolve().parent.parent
LEAST = 25
"""Guards at least."""


@cache
def names_in(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


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
