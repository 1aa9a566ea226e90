"""`make load`: every load at its whole count, with a table of what was asked and what was measured.

`python -m tests.load [L1 L3 …] [--scale 0.1]`. Writes only into a folder that is gone afterwards. Exit code 1 where a
line is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.load.shapes import SHAPES


def main() -> int:
    """Runs what is asked for and prints a line for each pass line."""
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("only", nargs="*", metavar="L1", help="which loads; all without it")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 is a tenth of each")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    unknown = [name for name in asked.only if name.upper() not in SHAPES]
    if unknown:
        print(f"There is no load {', '.join(unknown)}. Known are {', '.join(SHAPES)}.")
        return 2
    print("test | pass line | measured | verdict", flush=True)
    met = True
    for name in [one.upper() for one in asked.only] or SHAPES:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="frontdesk-load-") as folder:
            verdicts = asyncio.run(SHAPES[name](Path(folder), asked.scale))
        for verdict in verdicts:
            print(verdict, flush=True)
        met = met and all(verdict.met for verdict in verdicts)
        print(f"     {name} took {time.perf_counter() - began:.0f} s", flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
