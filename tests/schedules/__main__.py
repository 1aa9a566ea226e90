"""`python -m tests.schedules`: a life once more (`--life 17`), or new ones for as long as one likes."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.schedules.life import SCHEDULES, Life, Wrong


async def lived(seed: int, schedules: int = SCHEDULES, *, tell: bool = False) -> Life:
    """One life from its beginning to its end."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        async with Life(seed, Path(folder)) as life:
            try:
                await life.live(schedules)
            finally:
                if tell:
                    print("\n  ".join(life.told))
        return life


async def soak(seconds: float, first: int) -> Counter[str]:
    """Lives with new numbers, from `first` on, until the time is over."""
    end = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    seed = first
    while time.monotonic() < end:
        life = await lived(seed)
        counts.update(lives=1, schedules=life.schedules, crashes=life.crashes, **life.counts)
        if counts["lives"] % 10 == 0:
            print(f"{counts['schedules']:>7,} schedules, {counts['crashes']:,} crashes, no fault", flush=True)
        seed += 1
    return counts


def main() -> int:
    """Exit code 0: no fault found; 1: one was, and how it is played again stands below it."""
    parser = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__)
    parser.add_argument("--life", type=int, metavar="N", help="play this life once more, and tell its last schedule")
    parser.add_argument("--seconds", type=float, default=600.0, help="go on for so long (600)")
    parser.add_argument("--first", type=int, metavar="N", help="the first life's number (a new one each time)")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    first = secrets.randbelow(10**9) if chosen.first is None else chosen.first
    try:
        if chosen.life is not None:
            asyncio.run(lived(chosen.life, tell=True))
            return 0
        print(f"Lives from {first} on, for {chosen.seconds:.0f} s", flush=True)
        counts = asyncio.run(soak(chosen.seconds, first))
    except Wrong as wrong:
        print(f"\nWRONG: {wrong}", file=sys.stderr)
        return 1
    print(", ".join(f"{name} {count:,}" for name, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
