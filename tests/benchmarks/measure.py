"""How the benchmarks measure: two sides in processes of their own, by turns, and the disk's own floor beside them."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 5
"""Both sides take turns this often; the median of the turns counts."""


class Result(TypedDict, total=False):
    """What a benchmark's `run` returns: always `name`, `goal`, `measured` and `met`; `notes` are lines to print."""

    name: str
    goal: str
    measured: str
    met: bool
    notes: list[str]
    ratios: dict[str, float]
    seconds: dict[str, float]


def quantile(times: Sequence[float], share: float) -> float:
    """The value that `share` of `times` do not exceed."""
    return sorted(times)[min(len(times) - 1, math.ceil(share * len(times)) - 1)]


def told(name: str, times: Sequence[float]) -> str:
    """A line about durations in seconds."""
    return f"{name}: p50 {quantile(times, 0.5) * 1e3:.3f} ms, p99 {quantile(times, 0.99) * 1e3:.3f} ms"


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The growth exponent: the slope of the cost over the size, both logarithmic. 0 is flat, 1 is linear."""
    return statistics.linear_regression([math.log(n) for n in sizes], [math.log(c) for c in costs]).slope


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder on the disk of this checkout (a temporary folder may be memory); gone afterwards."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as folder:
        yield Path(folder)


def fsync_floor(folder: Path, rounds: int = 200, size: int = 1500) -> list[float]:
    """Seconds for appending `size` bytes and one fdatasync, with nothing else around it."""
    fd = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    data, times = b"x" * size, []
    try:
        for _ in range(rounds):
            began = time.perf_counter()
            os.write(fd, data)
            os.fdatasync(fd)
            times.append(time.perf_counter() - began)
    finally:
        os.close(fd)
    return times


class Side:
    """One side of a comparison: `python -m module arguments…`, which says "ready", and answers each line with one."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._answer()

    def times(self, rounds: int) -> list[float]:
        """Seconds of each of so many calls."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rounds}\n")
        self._process.stdin.flush()
        return [float(one) for one in self._answer().split()]

    def close(self) -> None:
        """End the process and wait for it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a side of the benchmark ended early: {self._process.args}")
        return line


@contextmanager
def sides(*commands: Sequence[Any]) -> Iterator[list[Side]]:
    """Start all sides; all are ended, whatever happens."""
    started: list[Side] = []
    try:
        for command in commands:
            started.append(Side(*command))
        yield started
    finally:
        for side in started:
            side.close()
