"""P1: what a durable `/claim` costs with 100,000 inquiries stored, against 100.

First form: the transaction that `/claim` makes, on the store, acknowledged once it is on the disk.
"""

from __future__ import annotations

import asyncio
import statistics

from tests.benchmarks.measure import REPEATS, Result, fsync_floor, quantile, sides, told, workshop
from tests.benchmarks.stock import stock

FEW, MANY = 100, 100_000
CLAIMS = 19
"""In a turn; all turns together claim no inquiry of the small store twice."""
GOAL = 1.2


def run() -> Result:
    """Measures P1: p50 with many stored ÷ p50 with few, the median over the turns."""
    module = "tests.benchmarks.stock"
    with workshop() as folder:
        for count in (FEW, MANY):
            asyncio.run(stock(folder / str(count), count))
        few: list[float] = []
        many: list[float] = []
        floor: list[float] = []
        ratios: list[float] = []
        with sides(*[(module, "claim", folder / str(count), count) for count in (FEW, MANY)]) as (small, large):
            for _ in range(REPEATS):
                # the two alternate call by call, so that whatever else the machine does meets both
                turn = [(small.times(1)[0], large.times(1)[0]) for _ in range(CLAIMS)]
                few += [one for one, _ in turn]
                many += [one for _, one in turn]
                ratios.append(quantile([one for _, one in turn], 0.5) / quantile([one for one, _ in turn], 0.5))
                floor += fsync_floor(folder, 40)
    measured = statistics.median(ratios)
    return {
        "name": "P1",
        "goal": f"≤ {GOAL}",
        "measured": f"{measured:.2f}",
        "met": measured <= GOAL,
        "notes": [told("claim, 100 stored", few), told("claim, 100,000 stored", many), told("fsync floor", floor)],
        "ratios": {"p50": measured, "lowest turn": min(ratios), "highest turn": max(ratios)},
        "seconds": {
            "p50 at 100": quantile(few, 0.5),
            "p99 at 100": quantile(few, 0.99),
            "p50 at 100000": quantile(many, 0.5),
            "p99 at 100000": quantile(many, 0.99),
            "fsync p50": quantile(floor, 0.5),
        },
    }
