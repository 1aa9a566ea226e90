"""Opening a form, and its live counter: the calls to Slack that a handler makes itself; a trigger lives 3 seconds."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from desk.desk import Desk
from desk.flows.about import guide
from desk.flows.canned import picked
from desk.flows.canned_keeping import form_values
from desk.flows.correct import correct_values
from desk.flows.forms import Draft, note_values, opened, reply_values, shown_before, shut
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.errors import DeskError
from desk.model.people import Person
from handlers.asked import form_text
from platforms.slack import ids
from platforms.slack.blocks.canned import canned_form
from platforms.slack.blocks.forms import correct_form, guide_page, note_form, reply_form

log = logging.getLogger("frontdesk.forms")

SECONDS = 1.5
"""Real time that a call about a form may take; the acknowledgement is due in three seconds."""
NO_ANSWER = (SlackApiError, SlackClientError, OSError, TimeoutError)


async def open_form(
    desk: Desk,
    client: Any,
    trigger_id: str,
    ask: Ask,
    number: int,
    form: str,
    *,
    draft: Draft | None = None,
    nth: int = 0,
) -> Answer | None:
    """Open it, with a kept text to go on with (for "canned" and "correct" our answer `nth`); None when it stands, else
    an answer that says what to type instead."""
    if form == "note":
        view = note_form(await note_values(desk, number), trigger_id)
    elif form == "correct":
        view = correct_form(await correct_values(desk, ask, nth), trigger_id)
    elif form == "canned":
        view = canned_form(await form_values(desk, ask.agent, number, nth), number, trigger_id)
    else:
        text = draft.text if draft else ""
        values = await reply_values(desk, ask.agent, number, private=form == "private", key=trigger_id, text=text)
        view = reply_form({**values, "close": draft is not None and draft.close, "offer": draft.offer if draft else ""})
    replying = view["callback_id"] == ids.REPLY_FORM
    await opened(desk, trigger_id, ask.agent, number, view["callback_id"], channel=ask.channel, replying=replying)
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_open(trigger_id=trigger_id, view=view)
    except NO_ANSWER as error:
        if isinstance(error, SlackApiError) and error.response.get("error") == "exchanged_trigger_id":
            return None  # Slack delivered the click once more: the form stands already
        log.warning("a form did not open: %s", type(error).__name__, extra={"number": number})
        await shut(desk, ask.agent, number)
        return Answer(
            say(
                "Slack did not open the form. Nothing was sent. Type it instead: {command}",
                command=ask.command(form, say("your words"), number),
            ),
            quote=draft.text if draft else "",
            refused=True,
        )
    return None


async def closed(desk: Desk, person: Person, view: dict[str, Any]) -> None:
    """Somebody closed a reply form without sending it."""
    try:
        about = await shown_before(desk, person, ids.REPLY_FORM, str(view.get("private_metadata") or ""))
    except DeskError:
        return
    await shut(desk, person, about.number)


async def show_guide(desk: Desk, client: Any, ask: Ask, trigger_id: str) -> None:
    """The team's guide on top of the form, which stays as it is below."""
    view = guide_page(await guide(desk, ask))
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_push(trigger_id=trigger_id, view=view)
    except NO_ANSWER as error:
        log.warning("the guide did not open: %s", type(error).__name__)


def chosen_way(view: dict[str, Any], private: bool) -> bool:
    """Whether the answer in a reply form is to go privately: what is chosen, else what the form began with."""
    values = view["state"]["values"]
    chosen = (values.get(ids.WAY_BLOCK, {}).get(ids.WAY_INPUT) or {}).get("selected_option") or {}
    return chosen["value"] == "private" if chosen else private


async def fill(desk: Desk, person: Person, view: dict[str, Any], name: str, key: str, client: Any) -> None:
    """A canned answer was chosen in a reply form: its text takes the place of what stands there."""
    carried = str(view.get("private_metadata") or "")
    about = await shown_before(desk, person, ids.REPLY_FORM, carried)
    private = chosen_way(view, about.private)
    text = await picked(desk, person, about.number, name, key)
    values = await reply_values(desk, person, about.number, private=private, key=about.key, text=text)
    form = reply_form({**values, "offer": key, "filled": about.filled + 1})
    form["private_metadata"] = json.dumps({**json.loads(form["private_metadata"]), "version": about.version})
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_update(view_id=view["id"], hash=view["hash"], view=form)
    except NO_ANSWER as error:
        log.warning("a form was not filled in: %s", type(error).__name__, extra={"number": about.number})


def chosen_canned(body: dict[str, Any]) -> str:
    """The canned answer that was chosen with this press in a form; "" where it was another."""
    action = (body.get("actions") or [{}])[0]
    if action.get("action_id") != ids.CANNED_INPUT:
        return ""
    return str((action.get("selected_option") or {}).get("value") or "")


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
    values = await reply_values(
        desk, person, about.number, private=private, key=about.key, text=text, draft=about.draft
    )
    form = reply_form({**values, "text": "", "filled": about.filled})
    form["private_metadata"] = json.dumps({**json.loads(view["private_metadata"]), "private": private})
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_update(view_id=view["id"], hash=view["hash"], view=form)
    except NO_ANSWER as error:
        log.info("a count came late: %s", type(error).__name__, extra={"number": about.number})
