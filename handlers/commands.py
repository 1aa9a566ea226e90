"""The slash door: `/claim 42`, `/desk claim 42`, and an answer for every command that lands here."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from desk import crash
from desk.desk import Desk
from desk.model.asking import Answer
from desk.model.people import Person
from handlers.asked import asked
from handlers.forms import open_form
from handlers.grammar import called, help_for, read
from handlers.practice import must_be_harmless
from platforms.slack.blocks.lines import answer_message


def register(app: AsyncApp, desk: Desk) -> None:
    """One listener for all commands: the manifest decides which names exist, `handlers/verbs` what they mean."""

    async def on_command(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: Any) -> None:
        answer = await answer_command(desk, context["person"], body, client)
        crash.reached("CP9", str(body["command"]))
        if answer is None:
            await ack()
        else:
            await ack(response_type="ephemeral", **answer_message(answer))

    app.command(re.compile(r".*"))(on_command)


async def answer_command(desk: Desk, person: Person, body: dict[str, Any], client: Any) -> Answer | None:
    """What the person reads; None where a form has opened instead."""
    request = asked(body)
    what = called(str(body["command"]), str(body.get("text") or ""), desk.rules.prefix)
    if what.verb is None or what.wants_help:
        return help_for(what)
    must_be_harmless(desk, request.channel, what.verb.name, text=request.text)
    ask = await read(desk, what, person, request)
    answer = await what.verb.flow(desk, ask)
    if answer.form and answer.number is not None:
        return await open_form(desk, client, str(body["trigger_id"]), ask, answer.number, answer.form)
    return answer
