"""P2: how the cost of taking in one message grows from 1,000 to 100,000 inquiries stored.

First form: the transaction of the intake, on the store, durable.
"""

from __future__ import annotations

import asyncio
import statistics

from tests.benchmarks.measure import REPEATS, Result, exponent, fsync_floor, quantile, sides, told, workshop
from tests.benchmarks.stock import stock

SIZES = (1_000, 10_000, 100_000)
MESSAGES = 100
"""In a turn."""
GOAL = 0.05


def run() -> Result:
    """Measures P2: the exponent of the p50 over the size, the median over the turns."""
    with workshop() as folder:
        for count in SIZES:
            asyncio.run(stock(folder / str(count), count))
        times: dict[int, list[float]] = {count: [] for count in SIZES}
        floor: list[float] = []
        exponents: list[float] = []
        with sides(*[("tests.benchmarks.stock", "intake", folder / str(count), count) for count in SIZES]) as opened:
            for _ in range(REPEATS):
                turn: dict[int, list[float]] = {count: [] for count in SIZES}
                for _ in range(MESSAGES):
                    for count, side in zip(SIZES, opened, strict=True):
                        turn[count] += side.times(1)
                exponents.append(exponent(SIZES, [quantile(turn[count], 0.5) for count in SIZES]))
                for count in SIZES:
                    times[count] += turn[count]
                floor += fsync_floor(folder, 40)
    measured = statistics.median(exponents)
    return {
        "name": "P2",
        "goal": f"≤ {GOAL}",
        "measured": f"{measured:.3f}",
        "met": measured <= GOAL,
        "notes": [
            *[told(f"intake, {count:,} stored", times[count]) for count in SIZES],
            told("fsync floor", floor),
        ],
        "ratios": {"exponent": measured, "lowest turn": min(exponents), "highest turn": max(exponents)},
        "seconds": {f"p50 at {count}": quantile(times[count], 0.5) for count in SIZES}
        | {f"p99 at {count}": quantile(times[count], 0.99) for count in SIZES}
        | {"fsync p50": quantile(floor, 0.5)},
    }
