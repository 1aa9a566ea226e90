"""Telling one person something, where the door they came through has no answer of its own."""

from __future__ import annotations

from desk.desk import Desk
from desk.flows.owing import owe_tell
from desk.model.asking import Answer, Line
from desk.ports import Tx


async def tell(desk: Desk, key: str, user: str, channel: str, answer: Answer, thread_ts: str | None = None) -> None:
    """Owe a line that only `user` sees; once per `key`."""

    async def work(tx: Tx) -> None:
        text = "\n".join((answer.sentence, *answer.lines))
        line = Line(text, answer.quote, answer.buttons)
        owe_tell(tx, key, user, channel, line, desk.now(), thread_ts=thread_ts)

    await desk.transact(work)
