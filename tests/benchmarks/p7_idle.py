"""P7: what a minute costs in which nothing happens, with 100,000 inquiries open, by the shipped configuration.

The whole timetable runs, on APScheduler, and so does the outbox. Looks at platforms are not in it: they are calls. The
deadline board, which is off as shipped, is measured beside it.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.idle_desk import fill, running
from tests.benchmarks.measure import ROOT, Result, workshop

FEW, MANY = 100, 100_000
WARM, MINUTE = 25.0, 60.0
GOAL = 0.2


async def _idle(folder: Path, board: bool) -> float:
    async with running(folder, board=board):
        await asyncio.sleep(WARM)
        began = time.process_time()
        await asyncio.sleep(MINUTE)
        return time.process_time() - began


def _begun(folder: Path, board: bool) -> subprocess.Popen[str]:
    """CPU seconds of a minute, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.p7_idle", str(folder), "board" if board else "plain"]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)


def _told(process: subprocess.Popen[str]) -> float:
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a desk that was idle ended with {process.returncode}")
    return float(said.split()[-1])


def run() -> Result:
    """Measures P7; the desks are idle at the same time, because idling takes no core."""
    with workshop() as folder:
        asyncio.run(fill(folder / "few", FEW))
        asyncio.run(fill(folder / "many", MANY))
        shutil.copytree(folder / "many", folder / "board")
        places = ("few", False), ("many", False), ("board", True)
        few, many, board = map(_told, [_begun(folder / name, on) for name, on in places])
    return {
        "name": "P7",
        "goal": f"≤ {GOAL}",
        "measured": f"{many:.2f}",
        "met": many <= GOAL,
        "notes": [
            f"CPU seconds in a minute: {few:.3f} with {FEW} open, {many:.3f} with {MANY:,}; with the deadline board "
            f"switched on as well: {board:.3f}"
        ],
        "ratios": {"many over few": many / few},
        "seconds": {
            "a minute, 100 open": few,
            "a minute, 100,000 open": many,
            "a minute, 100,000 open, with the deadline board": board,
        },
    }


if __name__ == "__main__":
    print(asyncio.run(_idle(Path(sys.argv[1]), sys.argv[2] == "board")))
