"""P5: six hundred inquiries at once against a Slack that takes one message a second in a channel and answers 429.

In story time, with storm mode out of the way, so that every thread is pushed: how long until the last one stands,
against one a second; what is lost, what stands twice, and whether the nearest deadline went first.
"""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from pathlib import Path

from desk.ports import Tx
from tests.benchmarks.measure import Result, workshop
from tests.load.town import Town, town

COUNT = 600
GOAL = 1.05


def run() -> Result:
    """Measures P5."""
    with workshop() as folder:
        return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> Result:
    never = {"above": 100_000, "below": 1}
    async with town(folder, agents=0, poll=5, storm=never) as hall:
        hall.start(hall.flood_of_strangers(COUNT))
        await hall.play(hall.now + timedelta(seconds=COUNT * 1.5))
        shown = hall.shown()
        stood = sorted(shown.at[one] for one in hall.wrote if one in shown.at)
        took = stood[-1] - stood[0]
        lost, doubled = COUNT - len(stood), shown.doubled
        wrong = await _out_of_order(hall)
        refused = hall.tally.refused["slack /api/chat.postMessage"]
    ratio = took / (COUNT - 1)
    return {
        "name": "P5",
        "goal": f"≤ {GOAL}; 0 lost; 0 doubled, nearest deadline first",
        "measured": f"{ratio:.3f}; {lost}; {doubled}, {wrong} out of order",
        "met": ratio <= GOAL and not lost and not doubled and not wrong,
        "notes": [f"{COUNT} threads in {took:.0f} s of story time, {refused} posts refused with 429"],
        "ratios": {"drain over ideal": ratio},
    }


async def _out_of_order(hall: Town) -> int:
    """Threads that stand behind one whose answer is due later."""

    async def work(tx: Tx) -> list[float]:
        dues = []
        for number in sorted(hall.roots, key=lambda one: float(hall.roots[one])):
            inquiry = tx.inquiry(number)
            if inquiry is not None and inquiry.next_due is not None:
                dues.append(inquiry.next_due.timestamp())
        return dues

    dues = await hall.read(work)
    return sum(later < before for before, later in itertools.pairwise(dues))
