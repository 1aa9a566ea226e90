"""Trouble by chance: answers that never come, a bot that is stopped without warning, envelopes that come twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from desk.model.outbox import Delivery, OpKind
from desk.ports import Tx
from platforms.sandbox.wire import Fault
from tests.load.town import POST, Town

if TYPE_CHECKING:
    from tests.load.shapes import Verdict


@dataclass(slots=True)
class Sometimes(Fault):
    """A fault switch for a share of the requests that match."""

    share: float = 0.1
    chance: random.Random = field(default_factory=random.Random)

    def fits(self, to: str, line: str, params: Mapping[str, Any]) -> bool:
        return Fault.fits(self, to, line, params) and self.chance.random() < self.share


class Chaos:
    """Switches on a town's wire. Half of the ambiguous calls did arrive, half did not."""

    def __init__(self, hall: Town, *, slack: float, publish: float, duplicate: float, late: float) -> None:
        self.hall = hall
        self.crashed = 0
        self.in_flight = 0
        self.published: list[Sometimes] = []
        for to, match, share in (
            ("slack", f"POST {POST}", slack),
            ("x", "POST /2/tweets", publish),
            ("graph", "POST */comments", publish),
        ):
            for action in ("drop_after", "drop_before"):
                fault = Sometimes(to, match, action, times=None, share=share / 2, chance=hall.chance)  # type: ignore[arg-type]
                hall.world.wire.faults.append(fault)
                if to != "slack":
                    self.published.append(fault)
        hall.late = late
        hall.doubles = duplicate

    def stop(self) -> None:
        """All is well from now on."""
        self.hall.world.wire.clear_faults()

    async def crashes(self, count: int, end: datetime) -> None:
        """So many times the bot is stopped in the middle of a call, and starts again."""
        hall = self.hall
        begin = hall.now + timedelta(seconds=60)
        step = (end - begin) / count
        for nth in range(count):
            await hall.clock.sleep_until(begin + nth * step)
            posting = asyncio.Event()

            def on_wire(event: dict[str, Any], posting: asyncio.Event = posting) -> None:
                posting.set()

            hall.slack.listeners.append(on_wire)
            await posting.wait()
            hall.slack.listeners.remove(on_wire)
            async with hall.act():
                self.in_flight += bool(hall.sandbox.bot.desk.running)
                await self.crash()

    async def crash(self) -> None:
        """Stopped without warning: nothing is waited for; then started on what the disk has."""
        await self.hall.restart(seconds=0)
        self.crashed += 1

    async def verdicts(self) -> list[Verdict]:
        """What must hold after all that."""
        from tests.load.shapes import Verdict

        hall = self.hall
        texts = Counter(str(post["text"]) for post in (*hall.x.published, *hall.graph.published))
        doubled = sum(count - 1 for count in texts.values())
        doubtful = set(hall.tally.unanswered)

        async def work(tx: Tx) -> tuple[int, int, int, int]:
            resolved = readable = unsure = asked = 0
            for number in range(1, tx.highest() + 1):
                for op in tx.ops_of(number):
                    if op.kind is not OpKind.PUBLISH:
                        continue
                    said = str(op.payload["text"])
                    if any(text.startswith(said) for text in doubtful & texts.keys()):
                        readable += 1
                        resolved += op.state is Delivery.SENT
                    if op.state is Delivery.UNSURE:
                        unsure += 1
                        asked += any(one.op_id.startswith(f"say:{number}:unsure:") for one in tx.ops_of(number))
            return resolved, readable, unsure, asked

        resolved, readable, unsure, asked = await hall.read(work)
        hits = Counter[str]()
        for fault in self.published:
            hits[fault.to] += fault.hits
        told = f"{hits['x']} ambiguous on X, {hits['graph']} on Facebook"
        share = resolved / readable if readable else 0.0
        return [
            Verdict("L6", "crashes in the middle of a call", f"{self.in_flight} of {self.crashed}", self.crashed > 0),
            Verdict("L6", "double publications 0", f"{doubled} ({told})", doubled == 0),
            Verdict(
                "L6", "ambiguous and readable: settled by itself ≥ 95 %", f"{resolved} of {readable}", share >= 0.95
            ),
            Verdict("L6", "the rest is unsure, with buttons, 100 %", f"{asked} of {unsure}", asked == unsure),
        ]
