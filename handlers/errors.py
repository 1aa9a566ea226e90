"""The one place where an error becomes a sentence; a bug gets a reference number that is in the log as well."""

from __future__ import annotations

import logging
import secrets

from desk.desk import Desk
from desk.flows.tell import tell
from desk.model.asking import Answer
from desk.model.errors import DeskError
from platforms.slack import ids

log = logging.getLogger("frontdesk.errors")


def in_words(error: Exception, text: str = "") -> Answer:
    """The answer that a person reads instead of a traceback; `text` is what they had typed, and is kept."""
    if isinstance(error, DeskError):
        kept = getattr(error, "quote", "") or text
        return Answer(error.sentence, kept, getattr(error, "buttons", ()), refused=True)
    reference = secrets.token_hex(3)
    log.error("bug %s", reference, exc_info=error)
    return Answer(
        f"Something broke here, and it is not your fault. Nothing was sent. Tell the owner the reference {reference}"
        f"{'; your text is kept below.' if text else '.'}",
        quote=text,
        refused=True,
    )


def for_view(answer: Answer) -> dict[str, object]:
    """A refusal as the answer to a form: it stays open with the agent's text in it."""
    from desk.model.words import bare

    return {"response_action": "errors", "errors": {ids.TEXT_BLOCK: bare(answer.sentence)[:1900]}}


async def for_one(desk: Desk, key: str, user: str, channel: str, answer: Answer, thread_ts: str | None = None) -> None:
    """An answer to a button or to a word in a thread: only that person sees it, through the outbox."""
    await tell(desk, key, user, channel, answer, thread_ts)
