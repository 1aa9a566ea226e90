"""Fourteen named points at which a test lets the process die; in production nobody orders it, and they do nothing.

The order stands in a file, so that a test can give it while the desk runs: a point and, behind it, what the point must
be about ("CP7 publish:3:*"). Only `bot.py` names that file, and only where the environment does (config/settings.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

POINTS = {
    "CP1": "what a platform gave us is read, and not kept yet",
    "CP2": "a webhook is kept, and not answered yet",
    "CP3": "messages are kept, and the cursor has not moved yet",
    "CP4": "something is owed, and not marked as sending yet",
    "CP5": "it is marked as sending, and no request was made yet",
    "CP6": "the request is out, and no answer came yet",
    "CP7": "the answer is here, and not kept yet",
    "CP8": "the outcome is kept, and not shown in the thread yet",
    "CP9": "a command is kept, and not acknowledged yet",
    "CP10": "a command is acknowledged, and nothing was done about it yet",
    "CP11": "an inquiry is claimed, and its card does not say so yet",
    "CP12": "a ping is owed, and not marked as said yet",
    "CP13": "a snapshot is written, and not in its place yet",
    "CP14": "a snapshot is in its place, and the journal was not shortened yet",
}
KILLED = 137
"""The exit code, as of a process that was killed by signal 9."""
UNANSWERED = 1.0
"""Real seconds that a request has to reach the other side before the process dies at CP6."""

_orders: Path | None = None


def obey(orders: Path | None) -> None:
    """Die where the file `orders` says, from now on, whenever it is there; None: never."""
    global _orders
    _orders = orders


def reached(point: str, about: str = "") -> None:
    """The process is at `point` with the operation, platform or command that `about` names."""
    if _orders is not None and _ordered(point, about):
        _die(point, about)


async def unanswered(point: str, about: str, call: Coroutine[Any, Any, T]) -> T:
    """What `call` returns or raises. Under orders the process dies once its request is out and no answer has come."""
    if _orders is None or not _ordered(point, about):
        return await call
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait({task}, timeout=UNANSWERED)
    if not done:
        _die(point, about)
    return await task


def _ordered(point: str, about: str) -> bool:
    assert _orders is not None and point in POINTS
    try:
        wanted, _, pattern = _orders.read_text("utf-8").strip().partition(" ")
    except FileNotFoundError:
        return False
    return wanted == point and fnmatchcase(about, pattern or "*")


def _die(point: str, about: str) -> None:
    os.write(2, f"died at {point} {about}\n".encode())
    os._exit(KILLED)
