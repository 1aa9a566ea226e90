"""P7: what a minute costs in which nothing happens, with 100,000 inquiries open, by the shipped configuration.

The whole timetable runs, on APScheduler, and so does the outbox. Looks at platforms are not in it: they are calls.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.idle_desk import fill, running
from tests.benchmarks.measure import ROOT, Result, workshop

FEW, MANY = 100, 100_000
WARM, MINUTE = 25.0, 60.0
GOAL = 0.2


async def _idle(folder: Path) -> float:
    async with running(folder):
        await asyncio.sleep(WARM)
        began = time.process_time()
        await asyncio.sleep(MINUTE)
        return time.process_time() - began


def _measured(folder: Path, count: int) -> float:
    """CPU seconds of a minute, in a process of its own."""
    asyncio.run(fill(folder, count))
    command = [sys.executable, "-m", "tests.benchmarks.p7_idle", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def run() -> Result:
    """Measures P7."""
    with workshop() as folder:
        few, many = _measured(folder / "few", FEW), _measured(folder / "many", MANY)
    return {
        "name": "P7",
        "goal": f"≤ {GOAL}",
        "measured": f"{many:.2f}",
        "met": many <= GOAL,
        "notes": [f"CPU seconds in a minute: {few:.3f} with {FEW} open, {many:.3f} with {MANY:,}"],
        "ratios": {"many over few": many / few},
        "seconds": {"a minute, 100 open": few, "a minute, 100,000 open": many},
    }


if __name__ == "__main__":
    print(asyncio.run(_idle(Path(sys.argv[1]))))
