"""Opening a form, and its live counter: the calls to Slack that a handler makes itself; a trigger lives 3 seconds."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from desk.desk import Desk
from desk.flows.forms import note_values, opened, reply_values, shown_before
from desk.model.asking import Answer, Ask
from desk.model.errors import DeskError
from desk.model.people import Person
from handlers.asked import form_text
from platforms.slack import ids
from platforms.slack.blocks.forms import note_form, reply_form

log = logging.getLogger("frontdesk.forms")

SECONDS = 1.5
"""Real time that a call about a form may take; the acknowledgement is due in three seconds."""
NO_ANSWER = (SlackApiError, SlackClientError, OSError, TimeoutError)


async def open_form(desk: Desk, client: Any, trigger_id: str, ask: Ask, number: int, form: str) -> Answer | None:
    """Open it; None when it stands, else an answer that says what to type instead."""
    if form == "note":
        view = note_form(await note_values(desk, number), trigger_id)
    else:
        view = reply_form(await reply_values(desk, ask.agent, number, private=form == "private", key=trigger_id))
    await opened(desk, trigger_id, ask.agent, number, view["callback_id"])
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_open(trigger_id=trigger_id, view=view)
    except NO_ANSWER as error:
        if isinstance(error, SlackApiError) and error.response.get("error") == "exchanged_trigger_id":
            return None  # Slack delivered the click once more: the form stands already
        log.warning("a form did not open: %s", type(error).__name__, extra={"number": number})
        return Answer(
            f"Slack did not open the form. Nothing was sent. Type it instead: "
            f"{ask.command(form, 'your words', number)}",
            refused=True,
        )
    return None


def chosen_way(view: dict[str, Any], private: bool) -> bool:
    """Whether the answer in a reply form is to go privately: what is chosen, else what the form began with."""
    values = view["state"]["values"]
    chosen = (values.get(ids.WAY_BLOCK, {}).get(ids.WAY_INPUT) or {}).get("selected_option") or {}
    return chosen["value"] == "private" if chosen else private


async def count(desk: Desk, person: Person, view: dict[str, Any], client: Any) -> None:
    """The counter of a reply form, as the agent types; nothing is kept, and a count that comes late is left out."""
    if view.get("callback_id") != ids.REPLY_FORM:
        return
    try:
        about = await shown_before(desk, person, ids.REPLY_FORM, str(view.get("private_metadata") or ""))
    except DeskError:
        return  # sending it will say so
    private = chosen_way(view, about.private)
    text = form_text(view)
    values = await reply_values(desk, person, about.number, private=private, key=about.key, text=text)
    form = reply_form({**values, "text": ""})
    form["private_metadata"] = json.dumps({**json.loads(view["private_metadata"]), "private": private})
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_update(view_id=view["id"], hash=view["hash"], view=form)
    except NO_ANSWER as error:
        log.info("a count came late: %s", type(error).__name__, extra={"number": about.number})
