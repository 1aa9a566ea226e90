"""Conversations played through the whole bot, as `bot.py sandbox --replay` does it, and nothing of them is lost."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from platforms.sandbox.replay import read
from platforms.sandbox.report import FAULTS

ROOT = Path(__file__).resolve().parent.parent.parent
NO_FAULT = dict.fromkeys(FAULTS, 0)
SHARE = 20
"""Conversations that every `make test` plays, of ours and of the real ones; all of both are for `make test-full`."""


async def replay(
    folder: Path, *file: Path, seconds: float = 120
) -> tuple[int, dict[str, Any], list[dict[str, Any]], str]:
    """Exit code, report, wire and what was printed; the run is ended after so many real seconds."""
    out, wire = folder / "report.json", folder / "wire.jsonl"
    asked = ["--replay", *map(str, file), "--speed", "max", "--report", str(out), "--record", str(wire), "--exit"]
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "bot.py"),
        "sandbox",
        *asked,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(bot.communicate(), seconds)
    except TimeoutError:
        bot.kill()
        await bot.wait()
        raise
    printed = said.decode("utf-8", "replace")
    assert out.exists(), printed[-3000:]
    lines = [json.loads(line) for line in wire.read_text("utf-8").splitlines()]
    return bot.returncode or 0, json.loads(out.read_text("utf-8")), lines, printed


def the_four(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: counts[name] for name in FAULTS}


@pytest.mark.full
async def test_our_forty_conversations_lose_nothing(tmp_path: Path) -> None:
    code, counts, wire, printed = await replay(tmp_path)
    assert counts["conversations"] == counts["threads"] == len(read(ROOT / "tests" / "data" / "conversations")) == 40
    nothing_is_lost(code, counts, wire, printed)


async def test_a_share_of_our_conversations_loses_nothing(tmp_path: Path) -> None:
    file = drawn(read(ROOT / "tests" / "data" / "conversations"), tmp_path)
    code, counts, wire, printed = await replay(tmp_path, file)
    assert counts["conversations"] == counts["threads"] == SHARE
    nothing_is_lost(code, counts, wire, printed)


def drawn(rows: list[Any], folder: Path) -> Path:
    """A file of SHARE rows that began one after the other, always the same: rows from all over two years would have
    the desk play the days between them, in which nothing happens."""
    rows = sorted(rows, key=lambda row: min(turn["created_at"] for turn in row["turns"]))
    first = random.Random(SHARE).randrange(len(rows) - SHARE + 1)
    file = folder / "share.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows[first : first + SHARE]), "utf-8")
    return file


def nothing_is_lost(code: int, counts: dict[str, Any], wire: list[dict[str, Any]], printed: str) -> None:
    assert (the_four(counts), code) == (NO_FAULT, 0), printed[-3000:]
    assert counts["messages_in_threads"] == counts["customer_turns"]
    assert counts["published"] == counts["agent_turns"]
    assert counts["answers_429"] == 0
    assert {line["to"] for line in wire} == {"slack", "x", "graph"}
    assert {tuple(line) for line in wire} == {("at", "to", "method", "path", "status", "request", "response")}
    assert "xoxb-" not in json.dumps(wire)


@pytest.mark.real_data
async def test_a_share_of_the_real_conversations_loses_nothing(tmp_path: Path, shared_data: Path) -> None:
    file = drawn(read(shared_data / "conversations.jsonl"), tmp_path)
    code, counts, _, printed = await replay(tmp_path, file)
    assert (the_four(counts), code) == (NO_FAULT, 0), printed[-3000:]
    assert counts["conversations"] == SHARE


@pytest.mark.full
@pytest.mark.real_data
async def test_all_real_conversations_lose_nothing_within_three_minutes(tmp_path: Path, shared_data: Path) -> None:
    code, counts, _, printed = await replay(tmp_path, shared_data / "conversations.jsonl", seconds=180)
    assert (the_four(counts), code) == (NO_FAULT, 0), printed[-3000:]
    assert (counts["conversations"], counts["customer_turns"], counts["agent_turns"]) == (500, 571, 568)
    assert counts["threads"] == 500
