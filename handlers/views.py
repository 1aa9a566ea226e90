"""The form door: what was written in a form goes the same way as a command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from desk.desk import Desk
from desk.flows.correct import correct
from desk.flows.forms import reply_values, shown_before
from desk.flows.reply import private, reply
from desk.flows.settle import note
from desk.model.asking import ALONE, INVITE, Answer, Ask
from desk.model.catalogue import say
from desk.model.errors import DeskError
from desk.model.media import Attached
from desk.model.people import Person
from desk.model.plain import plain
from desk.model.refusals import Refusal
from desk.model.words import bare, clean
from handlers import canned, practice
from handlers.asked import Asked, asked
from handlers.asking import read_when
from handlers.errors import INPUT_ERROR, for_one, for_view
from handlers.forms import chosen_way, closed
from platforms.slack import ids
from platforms.slack.blocks.forms import reply_form
from platforms.slack.blocks.pieces import said

Response = dict[str, Any]


def register(app: AsyncApp, desk: Desk) -> None:
    """One listener for every submitted form, one for those that are closed unsent."""

    async def on_submit(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack(**(await submitted(desk, context["person"], asked(body), body["view"]) or {}))

    async def on_close(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await closed(desk, context["person"], body["view"])
        await ack()

    app.view(re.compile(r".*"))(on_submit)
    app.view_closed(re.compile(r".*"))(on_close)


async def submitted(desk: Desk, person: Person, request: Asked, view: dict[str, Any]) -> Response | None:
    """The answer to a submission: None closes the form, else it stays open with the text in it."""
    callback = str(view.get("callback_id") or "")
    if callback not in (ids.REPLY_FORM, ids.NOTE_FORM, ids.CORRECT_FORM, ids.CANNED_FORM, ids.PRACTICE_FORM):
        raise Refusal(
            say("This form is from another version of the desk. Nothing was sent. Copy your text, and open it anew.")
        )
    about = await shown_before(desk, person, callback, str(view.get("private_metadata") or ""))
    ask = Ask(
        request.key,
        person,
        about.channel,
        about.number,
        clean(plain(request.text)).strip(),
        lead=f"/{desk.rules.prefix}",
        form=f"form:{view['id']}",
        draft=about.draft,
        offer=about.offer,
    )
    if callback == ids.PRACTICE_FORM:
        return await practice.submitted(desk, ask, request, view)
    if callback == ids.CANNED_FORM:
        return await canned.submitted(desk, ask, request, view)
    if callback == ids.CORRECT_FORM:
        answer = await correct(desk, ask, _nth(view))
        if answer.refused:
            return for_view(desk, answer, view)
        await for_one(desk, request, answer, ask.channel)
        return None
    if callback == ids.NOTE_FORM:
        answer = await note(desk, ask)
        return for_view(desk, answer, view) if answer.refused else None
    return await _reply(desk, ask, about.key, chosen_way(view, about.private), about.version, request, view)


def _files(values: dict[str, Any]) -> tuple[Attached, ...]:
    """What was chosen to go along, each with its line of what it shows."""
    chosen = (values.get(ids.FILES_BLOCK, {}).get(ids.FILES_INPUT) or {}).get("files") or ()
    lines = str((values.get(ids.ALT_BLOCK, {}).get(ids.ALT_INPUT) or {}).get("value") or "").split("\n")
    alts = [clean(line).strip() for line in (lines if len(chosen) > 1 else (" ".join(lines),))]
    return tuple(
        Attached(
            str(one.get("id") or ""),
            clean(str(one.get("name") or "file"))[:100],
            str(one.get("mimetype") or ""),
            int(one.get("size") or 0),
            alts[nth] if nth < len(alts) else "",
        )
        for nth, one in enumerate(chosen)
    )


def _nth(view: dict[str, Any]) -> int | None:
    """Which answer a form is about, as it carries it; whose it is is looked at anew."""
    try:
        nth = json.loads(str(view.get("private_metadata") or ""))["nth"]
    except (ValueError, TypeError, KeyError):
        return None
    return nth if isinstance(nth, int) else None


async def _reply(
    desk: Desk, ask: Ask, key: str, privately: bool, version: int, request: Asked, view: dict[str, Any]
) -> Response | None:
    values = view["state"]["values"]
    close = (values.get(ids.CLOSE_BLOCK, {}).get(ids.CLOSE_INPUT) or {}).get("selected_options")
    pointing = (values.get(ids.INVITE_BLOCK, {}).get(ids.INVITE_INPUT) or {}).get("selected_options")
    if ids.INVITE_BLOCK in values:
        ask = replace(ask, flags=frozenset({INVITE if pointing else ALONE}))
    typed = str((values.get(ids.PROMISE_BLOCK, {}).get(ids.PROMISE_INPUT) or {}).get("value") or "").strip()
    promised = None
    if typed:
        try:
            promised = read_when(clean(typed), desk.now(), ZoneInfo(ask.agent.zone))
        except DeskError as unread:
            return {"response_action": "errors", "errors": {ids.PROMISE_BLOCK: bare(unread.sentence)[:INPUT_ERROR]}}
    ask = replace(ask, files=_files(values), version=version, extra="close" if close else "no form", promise=promised)
    answer: Answer = await (private if privately else reply)(desk, ask)
    if not answer.refused:
        await for_one(desk, request, answer, ask.channel)
        return None
    assert ask.number is not None
    if any(button.action == ids.SEND_ANYWAY for button in answer.buttons):
        # A guard speaks against it, or the conversation moved: the form says why, and *Send anyway* then means it.
        shown = await reply_values(
            desk, ask.agent, ask.number, private=privately, key=key, text=ask.text, draft=request.key
        )
        form = reply_form({**shown, "inviting": bool(pointing), "close": bool(close), "hints": [], "offer": ask.offer})
        form["blocks"].insert(0, said(answer.sentence, "warning"))
        return {"response_action": "update", "view": form}
    if answer.buttons:
        await for_one(desk, request, answer, ask.channel)
    return for_view(desk, answer, view)
