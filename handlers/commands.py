"""The slash door: `/claim 42`, `/desk claim 42`, and an answer for every command that lands here."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from desk.desk import Desk
from desk.model.asking import Answer
from handlers.access import Access
from handlers.errors import in_words
from handlers.forms import open_form
from handlers.grammar import help_for, read, verb_called
from platforms.slack.blocks.lines import answer_message


def register(app: AsyncApp, desk: Desk, access: Access) -> None:
    """One listener for all commands: the manifest decides which names exist, `handlers/verbs` what they mean."""

    async def on_command(ack: AsyncAck, body: dict[str, Any], client: Any) -> None:
        answer = await answer_command(desk, access, body, client)
        if answer is None:
            await ack()
        else:
            await ack(response_type="ephemeral", **answer_message(answer))

    app.command(re.compile(r".*"))(on_command)


async def answer_command(desk: Desk, access: Access, body: dict[str, Any], client: Any) -> Answer | None:
    """What the person reads; None where a form has opened instead."""
    typed = str(body.get("text") or "")
    try:
        person = access.person(str(body["user_id"]), str(body.get("team_id") or ""))
        access.place(str(body.get("channel_id") or ""))
        verb, rest, name = verb_called(str(body["command"]), typed, desk.rules.prefix)
        if verb is None or rest.strip().casefold() == "help":
            return help_for(verb, name, rest, desk.rules.prefix)
        ask = await read(desk, verb, rest, person, str(body["channel_id"]), f"cmd:{body['trigger_id']}", name)
        answer = await verb.flow(desk, ask)
        if answer.form and answer.number is not None:
            return await open_form(desk, client, str(body["trigger_id"]), person, answer.number, answer.form)
        return answer
    except Exception as error:
        return in_words(error, typed)
