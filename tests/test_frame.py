"""The frame keeps its word: the locks name no host, and a required test cannot be skipped in silence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

INNER = """
import pytest

@pytest.mark.browser
def test_that_needs_a_browser():
    {body}

@pytest.mark.full
def test_that_takes_long():
    pass
"""


def run_inner(
    tmp_path: Path, body: str, *arguments: str, require: str = "", path: str | None = None
) -> tuple[int, str]:
    """Runs a little suite beside our conftest, in a process of its own; its exit code and what it printed."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_inner.py").write_text(INNER.format(body=body), "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser\n    full\n", "utf-8")
    environment = {**os.environ, "FRONTDESK_REQUIRE": require, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if path is not None:
        environment["PATH"] = path
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", *arguments, str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index|--extra-index|--find-links|--trusted)", text, re.MULTILINE)
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(blocks) > 20
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements.lock") < pins("requirements-dev.lock")


def test_a_test_that_needs_a_browser_is_skipped_where_there_is_none(tmp_path: Path) -> None:
    code, said = run_inner(tmp_path, "pass", path=str(tmp_path))
    assert code == 0
    assert "no Chromium here" in said


def test_a_skip_is_a_failure_where_the_browser_is_required(tmp_path: Path) -> None:
    code, said = run_inner(tmp_path, "pass", require="browser", path=str(tmp_path))
    assert code == 1
    assert "FRONTDESK_REQUIRE says that browser tests must run" in said


def test_a_skip_from_inside_a_required_test_is_a_failure_too(tmp_path: Path) -> None:
    code, said = run_inner(tmp_path, "pytest.skip('not today')", require="browser")
    assert code == 1
    assert "not today" in said


def test_a_misspelt_requirement_is_refused(tmp_path: Path) -> None:
    code, said = run_inner(tmp_path, "pass", require="browsers")
    assert code == 4
    assert "it knows only browser, real_data" in said


def test_long_tests_run_only_when_they_are_asked_for(tmp_path: Path) -> None:
    assert "test_that_takes_long PASSED" not in run_inner(tmp_path, "pass", "-v")[1]
    assert "test_that_takes_long PASSED" in run_inner(tmp_path, "pass", "-v", "--full")[1]
    assert "test_that_takes_long PASSED" in run_inner(tmp_path, "pass", "-v", "-m", "full")[1]
