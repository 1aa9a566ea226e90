"""How the desk does, in one value: for `/desk`, for who watches the process, and for the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desk.desk import Desk
from desk.model.outbox import Delivery
from desk.model.words import bare
from desk.ports import Tx


@dataclass(frozen=True, slots=True)
class Health:
    """Green, or what is wrong, a sentence each. `looked` is how many seconds ago each platform was looked at (None: not
    yet); `oldest` how long the eldest message for Slack or a platform has waited, in seconds."""

    wrong: tuple[str, ...]
    looked: dict[str, int | None] = field(default_factory=dict)
    waiting: int = 0
    unsure: int = 0
    oldest: int = 0

    @property
    def green(self) -> bool:
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        """For a machine that asks; no token and no word of a customer is in it."""
        return {
            "status": "green" if self.green else "red",
            "wrong": list(self.wrong),
            "waiting": self.waiting,
            "unsure": self.unsure,
            "oldest_waiting_seconds": self.oldest,
            "last_look_seconds_ago": self.looked,
        }


async def health(desk: Desk, more: Sequence[str] = ()) -> Health:
    """All that is known to be wrong now; `more` is what only the process itself knows."""

    async def work(tx: Tx) -> Health:
        now = desk.now()
        waiting = [op for op in tx.waiting_ops() if op.not_before <= now]
        return Health(
            (*(bare(why) for why in desk.health.values()), *more),
            {name: _seconds(now, desk.looked.get(name)) for name in desk.platforms},
            len(waiting),
            sum(op.state is Delivery.UNSURE for op in waiting),
            max((int((now - op.created_at).total_seconds()) for op in waiting), default=0),
        )

    return await desk.read(work)


def _seconds(now: datetime, at: datetime | None) -> int | None:
    return None if at is None else int((now - at).total_seconds())
