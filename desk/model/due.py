"""What is due, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DueCount:
    """The open inquiries in which an answer is due, by a clock or by a promise, as of an instant."""

    all: int
    free: int
    """Those that nobody has."""
    late: int
    """Those due at that instant or before."""
    next: datetime | None
    """The first instant after it at which one is due."""
