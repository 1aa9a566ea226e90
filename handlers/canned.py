"""The doors of canned answers beside the command: what is pressed below a preview, and the form that adds one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from desk.desk import Desk
from desk.flows.canned import offered_text
from desk.flows.canned_keeping import Wrong, keep
from desk.flows.forms import Draft
from desk.model.asking import Answer, Ask
from desk.model.words import bare
from handlers.asked import Asked
from handlers.errors import INPUT_ERROR, for_one
from handlers.forms import open_form
from handlers.verbs import BY_NAME
from platforms.slack.blocks.canned import typed_in

Flow = Callable[[Desk, Ask, str], Awaitable[Answer]]


async def edit(desk: Desk, client: Any, trigger_id: str, ask: Ask, number: int, key: str) -> Answer | None:
    """*Edit…*: the reply form with the offered text in it, where the agent may answer."""
    answer = await BY_NAME["reply"].flow(desk, ask)
    if not answer.form:
        return answer
    draft = Draft(number, await offered_text(desk, number, key), private=False, offer=key)
    return await open_form(desk, client, trigger_id, ask, number, "reply", draft=draft)


async def submitted(desk: Desk, ask: Ask, request: Asked, view: Mapping[str, Any]) -> dict[str, Any] | None:
    """The form that adds one: None closes it, else it stays open with the sentence at its field."""
    try:
        answer = await keep(desk, ask, typed_in(view))
    except Wrong as wrong:
        return {"response_action": "errors", "errors": {wrong.field: wrong.sentence[:INPUT_ERROR]}}
    if answer.refused:
        return {"response_action": "errors", "errors": {"name": bare(answer.sentence)[:INPUT_ERROR]}}
    await for_one(desk, request, answer, ask.channel)
    return None
