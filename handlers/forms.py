"""Opening a form: the one call to Slack that a handler makes itself, because a trigger lives for three seconds."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from desk.desk import Desk
from desk.flows.forms import note_values, reply_values
from desk.model.asking import Answer
from desk.model.people import Person
from desk.model.words import code
from platforms.slack.blocks.forms import note_form, reply_form

log = logging.getLogger("frontdesk.forms")

SECONDS = 1.5
"""Real time that opening a form may take; the acknowledgement is due in three seconds."""


async def open_form(desk: Desk, client: Any, trigger_id: str, person: Person, number: int, form: str) -> Answer | None:
    """Open it; None when it stands, else an answer that says what to type instead."""
    if form == "note":
        view = note_form(await note_values(desk, number))
    else:
        view = reply_form(await reply_values(desk, person, number, private=form == "private", key=trigger_id))
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_open(trigger_id=trigger_id, view=view)
    except (SlackApiError, SlackClientError, OSError, TimeoutError) as error:
        log.warning("a form did not open: %s", type(error).__name__, extra={"number": number})
        return Answer(
            f"Slack did not open the form. Type it instead: {code(f'/{desk.rules.prefix}{form} {number} your words')}",
            refused=True,
        )
    return None
