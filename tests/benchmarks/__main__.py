"""`make bench`: measure all goals, or those that are named, and say which are met.

`python -m tests.benchmarks [P1 P2 …]`; bench.json gets the same figures and more, and keeps those of the other goals.
Exit code 1 where a goal is missed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.benchmarks.measure import ROOT

GOALS = {"P1": "p1_claim", "P2": "p2_intake", "P5": "p5_storm", "P6": "p6_pings", "P7": "p7_idle", "P8": "p8_hours"}
"""Goal → the module here whose `run()` measures it. A new goal is a new line."""


def line(result: Any) -> str:
    """The one line that a goal gets."""
    verdict = "met" if result["met"] else "missed"
    return f"{result['name']} | goal {result['goal']} | measured {result['measured']} | {verdict}"


def keep(results: Sequence[Any]) -> None:
    """Write what was measured into bench.json; what was not measured this time stays as it stands there."""
    path = ROOT / "bench.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else []
    known = {result["name"]: result for result in (*before, *results)}
    ordered = [known[name] for name in GOALS if name in known]
    path.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    """Run what is asked for. Returns the exit code: 0 all met, 1 missed, 2 an unknown goal."""
    asked = arguments or os.environ.get("ONLY", "").split() or list(GOALS)
    unknown = [name for name in asked if name.upper() not in GOALS]
    if unknown:
        print(f"There is no goal {', '.join(unknown)}. Known are {', '.join(GOALS)}; leave it away to measure all.")
        return 2
    results = []
    for name in asked:
        began = time.perf_counter()
        result = importlib.import_module(f"tests.benchmarks.{GOALS[name.upper()]}").run()
        results.append({**result, "took": round(time.perf_counter() - began, 1)})
        print(line(result), flush=True)
        for note in result.get("notes", ()):
            print(f"     {note}", flush=True)
    keep(results)
    return 0 if all(result["met"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
