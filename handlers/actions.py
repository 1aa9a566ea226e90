"""The button door: every thing to press, by its action_id."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from desk.desk import Desk
from desk.flows.forms import reply_values
from desk.flows.office import confirm_hours, post_hours
from desk.flows.reply import from_draft, its_there, send_again, send_now, undo
from desk.flows.settle import needs_answer
from desk.flows.talk import keep_internal, send_as_reply
from desk.model.asking import Answer, Ask
from desk.model.people import Person
from desk.model.refusals import Refusal
from handlers.access import Access
from handlers.errors import for_one, in_words
from handlers.forms import open_form
from handlers.verbs import BY_NAME
from platforms.slack import ids
from platforms.slack.blocks.forms import reply_form


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press: who, where, what the button carries."""

    desk: Desk
    client: Any
    person: Person
    channel: str
    thread_ts: str | None
    trigger_id: str
    action: str
    value: str

    def ask(self, number: int | None = None, text: str = "") -> Ask:
        command = f"/{self.desk.rules.prefix}{self.action}"
        key = f"act:{self.trigger_id}:{self.action}"
        return Ask(key, self.person, self.channel, number, text, typed=command)

    @property
    def number(self) -> int:
        head = self.value.partition(":")[0]
        if not head.isdecimal():
            raise Refusal("That button carries no inquiry any more. Use the command with its number.")
        return int(head)

    @property
    def nth(self) -> int:
        tail = self.value.rpartition(":")[2]
        if not tail.isdecimal():
            raise Refusal("That button carries no answer any more. The thread shows what became of it.")
        return int(tail)


Press = Callable[[Pressed], Awaitable[Answer | None]]


def _verb(name: str) -> Press:
    async def press(p: Pressed) -> Answer | None:
        verb = BY_NAME[name]
        answer = await verb.flow(p.desk, p.ask(p.number))
        return None if verb.quiet and not answer.refused else answer

    return press


def _form(name: str) -> Press:
    async def press(p: Pressed) -> Answer | None:
        if name == "note":
            return await open_form(p.desk, p.client, p.trigger_id, p.person, p.number, "note")
        answer = await BY_NAME[name].flow(p.desk, p.ask(p.number))
        if not answer.form:
            return answer
        return await open_form(p.desk, p.client, p.trigger_id, p.person, p.number, name)

    return press


async def _claim_next(p: Pressed) -> Answer | None:
    return await BY_NAME["claim"].flow(p.desk, p.ask())


async def _queue(p: Pressed) -> Answer | None:
    return await BY_NAME["queue"].flow(p.desk, p.ask(text=p.value))


async def _undo(p: Pressed) -> Answer | None:
    return await undo(p.desk, p.ask(p.number), p.nth)


async def _send_now(p: Pressed) -> Answer | None:
    answer = await send_now(p.desk, p.ask(p.number), p.nth)
    return answer if answer.refused else None


async def _its_there(p: Pressed) -> Answer | None:
    return await its_there(p.desk, p.ask(p.number), p.nth)


async def _send_again(p: Pressed) -> Answer | None:
    return await send_again(p.desk, p.ask(p.number), p.nth)


def _draft(*, parts: bool = False, private: bool = False) -> Press:
    async def press(p: Pressed) -> Answer | None:
        _, way, key = p.value.split(":", 2)
        ask = p.ask(p.number)
        return await from_draft(p.desk, ask, private or way == "private", key, parts=parts)

    return press


async def _needs_answer(p: Pressed) -> Answer | None:
    return await needs_answer(p.desk, p.ask(p.number))


async def _send_as_reply(p: Pressed) -> Answer | None:
    return await send_as_reply(p.desk, p.ask(p.number), p.value.partition(":")[2])


async def _keep_internal(p: Pressed) -> Answer | None:
    return await keep_internal(p.desk, p.ask(p.number))


async def _hours_confirm(p: Pressed) -> Answer | None:
    return await confirm_hours(p.desk, p.ask(text=p.value))


async def _hours_post(p: Pressed) -> Answer | None:
    return await post_hours(p.desk, p.ask())


async def _nothing(p: Pressed) -> Answer | None:
    return None


PRESSES: dict[str, Press] = {
    ids.CLAIM: _verb("claim"),
    ids.RELEASE: _verb("release"),
    ids.DONE: _verb("done"),
    ids.REOPEN: _verb("reopen"),
    ids.REPLY: _form("reply"),
    ids.PRIVATE: _form("private"),
    ids.NOTE: _form("note"),
    ids.CLAIM_NEXT: _claim_next,
    ids.QUEUE: _queue,
    ids.UNDO: _undo,
    ids.SEND_NOW: _send_now,
    ids.ITS_THERE: _its_there,
    ids.SEND_AGAIN: _send_again,
    ids.SPLIT: _draft(parts=True),
    ids.PRIVATE_DRAFT: _draft(private=True),
    ids.SEND_ANYWAY: _draft(),
    ids.NEEDS_ANSWER: _needs_answer,
    ids.SEND_AS_REPLY: _send_as_reply,
    ids.KEEP_INTERNAL: _keep_internal,
    ids.HOURS_CONFIRM: _hours_confirm,
    ids.HOURS_POST: _hours_post,
    ids.DISMISS: _nothing,
    ids.OPEN: _nothing,
}


def register(app: AsyncApp, desk: Desk, access: Access) -> None:
    """One listener for every press, in messages and in forms."""

    async def on_press(ack: AsyncAck, body: dict[str, Any], client: Any) -> None:
        if body.get("view"):
            await _typing(desk, access, body, client)
        else:
            await _pressed(desk, access, body, client)
        await ack()

    app.action(re.compile(r".*"))(on_press)


async def _pressed(desk: Desk, access: Access, body: dict[str, Any], client: Any) -> None:
    action = body["actions"][0]
    name = str(action["action_id"])
    user = str(body["user"]["id"])
    channel = str((body.get("channel") or body.get("container") or {}).get("id") or body["container"].get("channel_id"))
    message = body.get("message") or {}
    thread_ts = message.get("thread_ts") or (body.get("container") or {}).get("thread_ts")
    key = f"{body['trigger_id']}:{name}"
    try:
        person = access.person(user, str((body.get("team") or {}).get("id") or ""))
        access.place(channel)
        press = PRESSES.get(name)
        if press is None:
            raise Refusal("That button is from an older version of the desk. Use the command instead.")
        value = str(action.get("value") or "")
        answer = await press(Pressed(desk, client, person, channel, thread_ts, str(body["trigger_id"]), name, value))
    except Exception as error:
        answer = in_words(error)
    if answer is not None:
        await for_one(desk, key, user, channel, answer, thread_ts)


async def _typing(desk: Desk, access: Access, body: dict[str, Any], client: Any) -> None:
    """The counter of a reply form, as the agent types; nothing is kept."""
    view = body["view"]
    if view.get("callback_id") != ids.REPLY_FORM:
        return
    person = access.person(str(body["user"]["id"]), str((body.get("team") or {}).get("id") or ""))
    about = json.loads(view["private_metadata"])
    values = view["state"]["values"]
    text = (values.get(ids.TEXT_BLOCK, {}).get(ids.TEXT_INPUT) or {}).get("value") or ""
    chosen = (values.get(ids.WAY_BLOCK, {}).get(ids.WAY_INPUT) or {}).get("selected_option") or {}
    private = about["private"] if not chosen else chosen.get("value") == "private"
    shown = await reply_values(desk, person, about["number"], private=private, key=about["key"], text=text)
    form = reply_form({**shown, "text": ""})
    form["private_metadata"] = json.dumps({**about, "private": private})
    await client.views_update(view_id=view["id"], hash=view["hash"], view=form)
