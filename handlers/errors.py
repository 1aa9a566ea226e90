"""The one place where an error becomes a sentence; a bug gets a reference that is in the log as well."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncRespond

from desk.desk import Desk
from desk.flows.home import said_at_home
from desk.flows.tell import tell
from desk.model.asking import Answer
from desk.model.catalogue import say
from desk.model.errors import DeskError, NotKept
from desk.model.words import bare, code
from handlers.asked import Asked, Door, asked
from platforms.slack import ids
from platforms.slack.blocks.lines import answer_message

log = logging.getLogger("frontdesk.errors")

NOT_TAKEN = 500
"""The status of what is not acknowledged: Slack delivers an event again."""
NOT_KEPT = 503
INPUT_ERROR = 1900
"""Characters of a sentence at a form's input; Slack takes 2,000."""
_ONLY_A_NUMBER = re.compile(r"\s*[#＃]?\d*\s*")
"""Nothing that anybody would miss."""


def register(app: AsyncApp, desk: Desk, bot_user: str) -> None:
    """Every error of every listener, and of the guard before them, ends here."""

    async def on_error(error: Exception, body: dict[str, Any], respond: AsyncRespond) -> BoltResponse:
        return await answer_error(desk, asked(body, bot_user), error, body, respond)

    app.error(on_error)


async def answer_error(
    desk: Desk, request: Asked, error: Exception, body: Mapping[str, Any], respond: AsyncRespond
) -> BoltResponse:
    """The sentence in the form of the door that was used; a command's and a form's stands in the acknowledgement.

    What could not be kept is not acknowledged: Slack delivers an event again, and says itself that a command failed.
    """
    if isinstance(error, NotKept):
        return BoltResponse(status=NOT_KEPT, body="")
    answer = in_words(error, request.text)
    match request.door:
        case Door.COMMAND:
            return BoltResponse(status=200, body={"response_type": "ephemeral", **answer_message(answer)})
        case Door.FORM:
            return BoltResponse(status=200, body=for_view(desk, answer, body["view"]))
        case Door.PRESS | Door.TALK | Door.SHORTCUT | Door.HOME | Door.SIGN:
            try:
                await for_one(desk, request, answer)
            except Exception as second:
                log.error("an answer is lost", exc_info=second)
                if request.door is Door.TALK:
                    return BoltResponse(status=NOT_TAKEN, body="")
                await respond(response_type="ephemeral", replace_original=False, **answer_message(answer))
    return BoltResponse(status=200, body="")


def in_words(error: Exception, text: str = "") -> Answer:
    """The answer that a person reads instead of a traceback; `text` is what they had typed, and is kept."""
    if isinstance(error, DeskError):
        kept = getattr(error, "quote", "") or text
        kept = "" if _ONLY_A_NUMBER.fullmatch(kept) else kept
        return Answer(error.sentence, kept, getattr(error, "buttons", ()), refused=True)
    reference = secrets.token_hex(3)
    log.error("bug %s", reference, exc_info=error, extra={"reference": reference})
    told = say(
        "Something broke here, and it is not your fault. Nothing was sent. Try once more; if it happens again, tell "
        "the owner this reference: {reference}.",
        reference=code(reference),
    )
    return Answer(
        f"{told} {say('Your text is kept below.')}" if text else told,
        quote=text,
        refused=True,
    )


def for_view(desk: Desk, answer: Answer, view: Mapping[str, Any]) -> dict[str, object]:
    """A refusal as the answer to a form: it stays open with the agent's text in it, the sentence at its input."""

    def name(user: str) -> str:
        person = desk.people.person(user)
        return person.first_name or person.real_name if person else f"@{user}"

    inputs = [str(block["block_id"]) for block in view.get("blocks", ()) if block.get("type") == "input"]
    texts = [name for name in inputs if name.partition(":")[0] == ids.TEXT_BLOCK]
    where = next(iter((*texts, *inputs)), ids.TEXT_BLOCK)
    sentence = bare(answer.sentence, name)
    if answer.buttons:
        labels = answer.buttons[0].label
        for button in answer.buttons[1:]:
            labels = say("{one} and {other}", one=labels, other=button.label)
        sentence += " " + say("({buttons}: below this form, in the channel.)", buttons=labels)
    return {"response_action": "errors", "errors": {where: sentence[:INPUT_ERROR]}}


async def for_one(desk: Desk, request: Asked, answer: Answer, channel: str = "") -> None:
    """An answer that only the person who asked sees, through the outbox; once, however often Slack delivers. What was
    asked on their own page is answered there."""
    if request.door is Door.HOME:
        await said_at_home(desk, request.user, answer)
        return
    await tell(desk, request.key, request.user, channel or request.channel, answer, request.thread_ts)
