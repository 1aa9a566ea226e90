"""P6: 100 pings that fall due in one second while 100,000 inquiries are open: how many are lost, and how late they are.

The whole timetable runs, on APScheduler; a ping counts where it stands durably in the outbox, once.
"""

from __future__ import annotations

import asyncio
import statistics
from datetime import timedelta
from pathlib import Path

from desk.ports import Tx
from tests.benchmarks.idle_desk import QUICK, fill, keep, read, running
from tests.benchmarks.measure import REPEATS, Result, quantile, told, workshop

STORED, PINGS = 100_000, 100
HALF = timedelta(minutes=7.5)
"""When the one ping of a 15-minute promise falls due."""
LATEST = 0.050


async def _rounds(folder: Path) -> tuple[list[list[float]], list[float], int]:
    """Seconds of lateness by round, seconds until each was handed to Slack, and how many were not said just once."""
    late: list[list[float]] = []
    handed: list[float] = []
    wrong = 0
    async with running(folder) as desk:
        for nth in range(REPEATS):
            # The first is due behind the next beat: the promises are looked at every ten seconds, and at their instant.
            begins = desk.now() + timedelta(seconds=14)
            due = {1 + nth * PINGS + one: begins + timedelta(seconds=one / PINGS) for one in range(PINGS)}

            async def work(tx: Tx, due: dict = due) -> None:  # type: ignore[type-arg]
                for number, at in due.items():
                    keep(tx, number, at - HALF, QUICK)

            await desk.transact(work)
            await asyncio.sleep(18)
            late.append([])
            for number, at in due.items():
                ops = await desk.read(read(lambda tx, n=number: tx.ops_of(n)))
                said = [op for op in ops if ":warning:" in op.op_id]
                wrong += len(said) != 1
                late[-1] += [(op.created_at - at).total_seconds() for op in said]
                handed += [(op.settled_at - at).total_seconds() for op in said if op.settled_at is not None]
    return late, handed, wrong


def run() -> Result:
    """Measures P6."""
    with workshop() as folder:
        asyncio.run(fill(folder / "store", STORED))
        late, handed, wrong = asyncio.run(_rounds(folder / "store"))
    worst = statistics.median(quantile(one, 0.99) for one in late)
    return {
        "name": "P6",
        "goal": "0 lost; p99 ≤ 50 ms",
        "measured": f"{wrong}; {worst * 1e3:.0f} ms",
        "met": wrong == 0 and worst <= LATEST,
        "notes": [told("late", [one for turn in late for one in turn]), told("late, handed to Slack", handed)],
        "ratios": {"not said once": float(wrong)},
        "seconds": {
            "p99 late": worst,
            "p50 late": quantile([one for turn in late for one in turn], 0.5),
            "p99 handed to Slack": quantile(handed, 0.99),
        },
    }
