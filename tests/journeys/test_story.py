"""`make story`: the main job told in a terminal, and the README that shows it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEPS = (
    r"Maria on X +@acme my parcel",
    r"#frontdesk +#1 · X mention",
    r"#frontdesk ↳ +@agents .* of business time left on #1",
    r"Ana types +/claim 1",
    r"Ana types +/reply 1",
    r"X, public +@acme: Hi Maria, .* – Ana",
    r"#frontdesk ↳ +\(edited\) Published in public on X",
    r"#frontdesk-leads +@leads #2 missed its first answer",
    r"Lee types +/hours post",
    r"#frontdesk +Desk closed",
)
"""What must be told, in this order."""


@pytest.fixture(scope="module")
def told() -> str:
    """What the story prints; it must end by itself."""
    ran = subprocess.run(
        [sys.executable, "bot.py", "story"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def test_the_story_tells_the_main_job_in_order(told: str) -> None:
    at = 0
    for step in STEPS:
        found = re.compile(step).search(told, at)
        assert found is not None, f"not told after the step before it: {step}"
        at = found.end()


def test_the_readme_shows_what_the_story_prints(told: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r"<!-- story -->\n```\n(.*?)```\n<!-- /story -->", readme, re.DOTALL)
    assert shown is not None, "the README has no place for the story"
    assert paragraphs(shown[1]) == paragraphs(told), "put the new output of `make story` into the README"


def paragraphs(text: str) -> list[str]:
    """The things told, each with its wrapped lines. What happens at one moment may be seen in either order."""
    return sorted(re.split(r"\n(?=\S)", text.strip()))
