"""The menu of a message: answer, note or claim from where one reads."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from desk.desk import Desk
from desk.flows.finding import in_thread
from desk.model.asking import Ask
from desk.model.catalogue import say
from desk.model.people import Person
from desk.model.refusals import Refusal
from handlers.asked import asked
from handlers.errors import for_one
from handlers.forms import open_form
from handlers.verbs import BY_NAME
from platforms.slack import ids

VERBS = {ids.REPLY_HERE: "reply", ids.NOTE_HERE: "note", ids.CLAIM_HERE: "claim"}


def register(app: AsyncApp, desk: Desk) -> None:
    """One listener for every entry of the menu."""

    async def on_shortcut(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: Any) -> None:
        await chosen(desk, context["person"], body, client)
        await ack()

    app.shortcut(re.compile(r".*"))(on_shortcut)


async def chosen(desk: Desk, person: Person, body: dict[str, Any], client: Any) -> None:
    """What stands in the thread of the message is meant, whoever wrote the message."""
    request = asked(body)
    verb = VERBS.get(str(body.get("callback_id") or ""))
    if verb is None:
        raise Refusal(say("That entry is from another version of the desk. Nothing was sent. Use the command instead."))
    number = await in_thread(desk, request.channel, request.thread_ts)
    if number is None:
        raise Refusal(say("That message belongs to no inquiry. Choose this on a card, or on a message in its thread."))
    lead = f"/{desk.rules.prefix}"
    ask = Ask(request.key, person, request.channel, number, typed=f"{lead}{verb}", lead=lead)
    if verb == "note":
        answer = await open_form(desk, client, str(body["trigger_id"]), ask, number, "note")
    else:
        answer = await BY_NAME[verb].flow(desk, ask)
        if answer.form:
            answer = await open_form(desk, client, str(body["trigger_id"]), ask, number, answer.form)
    if answer is not None:
        await for_one(desk, request, answer)
