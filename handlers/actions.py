"""The button door: every thing to press, by its action_id."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from desk.desk import Desk
from desk.flows.canned import other_words, show_one, use
from desk.flows.canned_keeping import approve, decline
from desk.flows.correct import delete, hide
from desk.flows.finding import in_thread
from desk.flows.forms import kept_draft
from desk.flows.holding import holding
from desk.flows.home import said_at_home
from desk.flows.office import confirm_hours
from desk.flows.on_it import on_it
from desk.flows.private import invite, invite_too
from desk.flows.promise import it_is_kept, keep_track
from desk.flows.public import post_hours
from desk.flows.reply import from_draft, its_there, send_again, send_now, undo
from desk.flows.settle import needs_answer
from desk.flows.shift import hand_over
from desk.flows.split_flood import split_flood
from desk.flows.talk import keep_internal, send_as_reply
from desk.model.asking import SHORT, Answer, Ask
from desk.model.catalogue import say
from desk.model.people import Person
from desk.model.refusals import Refusal
from desk.model.words import group, who
from handlers import canned, practice
from handlers.asked import asked
from handlers.errors import for_one
from handlers.forms import NO_ANSWER, SECONDS, chosen_canned, count, fill, open_form, show_guide
from handlers.practice import must_be_harmless
from handlers.verbs import BY_NAME
from platforms.slack import ids

log = logging.getLogger("frontdesk.actions")


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press: who, where ("": on their own page), what the button carries. `key` names the press, so that a
    redelivery is the same."""

    desk: Desk
    client: Any
    person: Person
    channel: str
    key: str
    trigger_id: str
    action: str
    value: str
    chosen: str = ""
    """The person that was chosen from a list."""

    def ask(self, number: int | None = None, text: str = "") -> Ask:
        lead = f"/{self.desk.rules.prefix}"
        verb = self.action if self.action in BY_NAME else "desk"
        typed = f"{lead}{verb}" if verb in SHORT else f"{lead}desk {verb}"
        return Ask(self.key, self.person, self.channel, number, text, typed=typed, lead=lead)

    @property
    def number(self) -> int:
        head = self.value.partition(":")[0]
        if not head.isdecimal() or len(head) > DIGITS:
            raise Refusal(say("That button carries no inquiry. Nothing was sent. Use the command with its number."))
        return int(head)

    @property
    def nth(self) -> int:
        tail = self.value.rpartition(":")[2]
        if not tail.isdecimal() or len(tail) > DIGITS:
            raise Refusal(say("That button carries no answer. Nothing was sent. The thread shows what became of it."))
        return int(tail)


DIGITS = 9
"""Digits that a number in a button may have."""

Press = Callable[[Pressed], Awaitable[Answer | None]]


def _verb(name: str) -> Press:
    async def press(p: Pressed) -> Answer | None:
        verb = BY_NAME[name]
        answer = await verb.flow(p.desk, p.ask(p.number))
        return None if verb.quiet and not answer.refused else answer

    return press


def _form(name: str) -> Press:
    async def press(p: Pressed) -> Answer | None:
        if name != "note":
            answer = await BY_NAME[name].flow(p.desk, p.ask(p.number))
            if not answer.form:
                return answer
        return await open_form(p.desk, p.client, p.trigger_id, p.ask(p.number), p.number, name)

    return press


async def _take_over(p: Pressed) -> Answer | None:
    answer = await BY_NAME["claim"].flow(p.desk, replace(p.ask(p.number), force=True))
    return answer if answer.refused else None


async def _assign_to(p: Pressed) -> Answer | None:
    other = p.desk.people.person(p.chosen)
    if other is None or not (other.agent or other.lead):
        raise Refusal(
            say(
                "{who} answers no customers here. Choose a member of {agents}. Nothing was changed.",
                who=who(p.chosen) if p.chosen else say("Nobody"),
                agents=group(p.desk.rules.agents_group),
            )
        )
    return await BY_NAME["assign"].flow(p.desk, replace(p.ask(p.number), other=other))


async def _on_it(p: Pressed) -> Answer | None:
    return await on_it(p.desk, p.ask(p.number))


async def _claim_next(p: Pressed) -> Answer | None:
    return await BY_NAME["claim"].flow(p.desk, p.ask())


async def _queue(p: Pressed) -> Answer | None:
    return await BY_NAME["queue"].flow(p.desk, p.ask(text=p.value))


async def _undo(p: Pressed) -> Answer | None:
    return await undo(p.desk, p.ask(p.number), p.nth)


async def _invite(p: Pressed) -> Answer | None:
    return await invite(p.desk, p.ask(p.number))


async def _invite_too(p: Pressed) -> Answer | None:
    return await invite_too(p.desk, p.ask(p.number), p.nth)


async def _send_now(p: Pressed) -> Answer | None:
    answer = await send_now(p.desk, p.ask(p.number), p.nth)
    return answer if answer.refused else None


async def _its_there(p: Pressed) -> Answer | None:
    return await its_there(p.desk, p.ask(p.number), p.nth)


async def _send_again(p: Pressed) -> Answer | None:
    return await send_again(p.desk, p.ask(p.number), p.nth)


def _draft(*, parts: bool = False, private: bool = False) -> Press:
    async def press(p: Pressed) -> Answer | None:
        _, way, key = (*p.value.split(":", 2), "", "")[:3]
        return await from_draft(p.desk, p.ask(p.number), private or way == "private", key, parts=parts)

    return press


async def _change(p: Pressed) -> Answer | None:
    _, way, key = (*p.value.split(":", 2), "", "")[:3]
    draft = await kept_draft(p.desk, p.person, key, p.number, private=way == "private")
    return await open_form(p.desk, p.client, p.trigger_id, p.ask(draft.number), draft.number, way, draft=draft)


def _canned(flow: canned.Flow) -> Press:
    async def press(p: Pressed) -> Answer | None:
        return await flow(p.desk, p.ask(p.number), p.value.partition(":")[2])

    return press


async def _canned_edit(p: Pressed) -> Answer | None:
    key = p.value.partition(":")[2]
    return await canned.edit(p.desk, p.client, p.trigger_id, p.ask(p.number), p.number, key)


async def _canned_save(p: Pressed) -> Answer | None:
    return await open_form(p.desk, p.client, p.trigger_id, p.ask(p.number), p.number, "canned", nth=p.nth)


def _canned_judged(flow: canned.Flow) -> Press:
    async def press(p: Pressed) -> Answer | None:
        return await flow(p.desk, p.ask(), p.value)

    return press


async def _practice_reply(p: Pressed) -> Answer | None:
    return await practice.open_practice(p.desk, p.client, p.trigger_id, p.person, p.value)


async def _practice_next(p: Pressed) -> Answer | None:
    return await practice.another(p.desk, p.ask())


async def _holding(p: Pressed) -> Answer | None:
    return await holding(p.desk, p.ask(p.number))


async def _keep_track(p: Pressed) -> Answer | None:
    return await keep_track(p.desk, p.ask(p.number), p.nth)


async def _promise_kept(p: Pressed) -> Answer | None:
    answer = await it_is_kept(p.desk, p.ask(p.number))
    return answer if answer.refused else None


async def _needs_answer(p: Pressed) -> Answer | None:
    return await needs_answer(p.desk, p.ask(p.number))


async def _send_as_reply(p: Pressed) -> Answer | None:
    return await send_as_reply(p.desk, p.ask(p.number), p.value.partition(":")[2])


async def _keep_internal(p: Pressed) -> Answer | None:
    return await keep_internal(p.desk, p.ask(p.number))


async def _split_flood(p: Pressed) -> Answer | None:
    return await split_flood(p.desk, p.ask(p.number))


async def _hours_confirm(p: Pressed) -> Answer | None:
    return await confirm_hours(p.desk, p.ask(text=p.value))


async def _hours_post(p: Pressed) -> Answer | None:
    return await post_hours(p.desk, p.ask(text=p.value))


async def _hand_over(p: Pressed) -> Answer | None:
    return await hand_over(p.desk, p.ask(text=p.value))


async def _correct_answer(p: Pressed) -> Answer | None:
    return await open_form(p.desk, p.client, p.trigger_id, p.ask(p.number), p.number, "correct", nth=p.nth)


async def _hide(p: Pressed) -> Answer | None:
    return await hide(p.desk, p.ask(p.number), True)


async def _delete_answer(p: Pressed) -> Answer | None:
    return await delete(p.desk, p.ask(p.number), p.nth)


def _shift(word: str) -> Press:
    async def press(p: Pressed) -> Answer | None:
        return await BY_NAME["shift"].flow(p.desk, p.ask(text=word))

    return press


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
    ids.ON_IT: _on_it,
    ids.TAKE_OVER: _take_over,
    ids.ASSIGN_TO: _assign_to,
    ids.QUEUE: _queue,
    ids.UNDO: _undo,
    ids.SEND_NOW: _send_now,
    ids.INVITE: _invite,
    ids.INVITE_TOO: _invite_too,
    ids.ONLY_PRIVATE: _undo,
    ids.ITS_THERE: _its_there,
    ids.SEND_AGAIN: _send_again,
    ids.SPLIT_FLOOD: _split_flood,
    ids.SPLIT: _draft(parts=True),
    ids.PRIVATE_DRAFT: _draft(private=True),
    ids.SEND_ANYWAY: _draft(),
    ids.CHANGE: _change,
    ids.HOLDING: _holding,
    ids.CANNED: _verb("canned"),
    **dict.fromkeys(ids.CANNED_SHOW, _canned(show_one)),
    ids.CANNED_USE: _canned(use),
    ids.CANNED_OTHER: _canned(other_words),
    ids.CANNED_EDIT: _canned_edit,
    ids.CANNED_SAVE: _canned_save,
    ids.CANNED_APPROVE: _canned_judged(approve),
    ids.CANNED_DECLINE: _canned_judged(decline),
    ids.PRACTICE_REPLY: _practice_reply,
    ids.PRACTICE_NEXT: _practice_next,
    ids.KEEP_TRACK: _keep_track,
    ids.PROMISE_KEPT: _promise_kept,
    ids.NEEDS_ANSWER: _needs_answer,
    ids.SEND_AS_REPLY: _send_as_reply,
    ids.KEEP_INTERNAL: _keep_internal,
    ids.HOURS_CONFIRM: _hours_confirm,
    ids.HOURS_POST: _hours_post,
    ids.HAND_OVER: _hand_over,
    **dict.fromkeys(ids.HAND_OVER_ONE, _hand_over),
    ids.SHIFT_AWAY: _shift("away"),
    ids.SHIFT_BACK: _shift("back"),
    ids.CLOSE_IT: _verb("done"),
    ids.CORRECT_ANSWER: _correct_answer,
    ids.DELETE_ANSWER: _delete_answer,
    ids.HIDE: _hide,
    **dict.fromkeys((ids.THANK, *ids.THANK_ONE), _verb("thank")),
    ids.DISMISS: _nothing,
    ids.OPEN: _nothing,
}


HELD = frozenset({ids.UNDO, ids.SEND_NOW})
"""Buttons of an answer that is held: whatever comes of a press, there is nothing to press any more."""
USED_UP = HELD | {ids.SEND_ANYWAY, ids.DELETE_ANSWER}
"""Buttons that do their work once. What only one person sees can't be edited by us later, so they go with the press."""


def register(app: AsyncApp, desk: Desk) -> None:
    """One listener for every press, in messages and in forms."""

    async def on_press(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: Any) -> None:
        if (body.get("view") or {}).get("type") == "home":
            await _at_home(desk, context["person"], body, client)
        elif (body.get("actions") or [{}])[0].get("action_id") == ids.GUIDE:
            ask = Ask("", context["person"], desk.rules.channel, lead=f"/{desk.rules.prefix}")
            await show_guide(desk, client, ask, str(body["trigger_id"]))
        elif (chosen := chosen_canned(body)) and body["view"].get("callback_id") == ids.PRACTICE_FORM:
            await practice.fill_practice(desk, context["person"], body["view"], chosen, client)
        elif chosen:
            await fill(desk, context["person"], body["view"], chosen, asked(body).key, client)
        elif (body.get("view") or {}).get("callback_id") == ids.PRACTICE_FORM:
            await practice.count_practice(desk, context["person"], body["view"], client)
        elif body.get("view"):
            await count(desk, context["person"], body["view"], client)
        else:
            await _pressed(desk, context["person"], body, client)
        await ack()

    app.action(re.compile(r".*"))(on_press)


async def _pressed(desk: Desk, person: Person, body: dict[str, Any], client: Any) -> None:
    request = asked(body)
    action = body["actions"][0]
    name, value = str(action["action_id"]), str(action.get("value") or "")
    chosen = str(action.get("selected_user") or "")
    if name == ids.MORE:
        name, _, value = str((action.get("selected_option") or {}).get("value") or "").partition(":")
    if name == ids.ASSIGN_TO:
        value = str(action.get("block_id") or "").partition(":")[2]
    must_be_harmless(desk, request.channel, name, practice.PRESSES)
    press = PRESSES.get(name)
    if press is None:
        raise Refusal(
            say("That button is from another version of the desk. Nothing was sent. Use the command instead.")
        )
    pressed = Pressed(desk, client, person, request.channel, request.key, str(body["trigger_id"]), name, value, chosen)
    await _must_stand_where_it_belongs(pressed, request.thread_ts or str((body.get("message") or {}).get("ts") or ""))
    answer = await press(pressed)
    if answer is not None:
        await for_one(desk, request, answer)
    if name in USED_UP and _is_ephemeral(body) and (name in HELD or answer is None or not answer.refused):
        await _used(body, client, answer)


async def _at_home(desk: Desk, person: Person, body: dict[str, Any], client: Any) -> None:
    """A press on somebody's own page: done like any other, and answered there."""
    request = asked(body)
    action = body["actions"][0]
    name, value = str(action["action_id"]), str(action.get("value") or "")
    if name == ids.HOME_MORE:
        await said_at_home(desk, person.user, None, more=True)
        return
    press = PRESSES.get(name)
    if press is None:
        told = say("That button is from another version of the desk. Nothing was sent. Use the command instead.")
        raise Refusal(told)
    answer = await press(Pressed(desk, client, person, "", request.key, str(body["trigger_id"]), name, value))
    await said_at_home(desk, person.user, answer)


def _is_ephemeral(body: dict[str, Any]) -> bool:
    return bool((body.get("container") or {}).get("is_ephemeral")) and bool(body.get("response_url"))


async def _used(body: dict[str, Any], client: Any, answer: Answer | None) -> None:
    """Take a used message with its buttons away, or leave a word in its place where no other answer comes. It is only
    a courtesy: where Slack does not take it, the buttons stay and answer that all is done."""
    what = AsyncRespond(response_url=str(body["response_url"]), proxy=client.proxy, ssl=client.ssl)
    try:
        async with asyncio.timeout(SECONDS):
            if answer is None:
                await what(say("Going out now."), replace_original=True)
            else:
                await what(delete_original=True)
    except NO_ANSWER as error:
        log.info("a used message stayed: %s", type(error).__name__)


async def _must_stand_where_it_belongs(p: Pressed, thread_ts: str) -> None:
    """A button in an inquiry's thread acts on that inquiry, whatever it carries."""
    own = await in_thread(p.desk, p.channel, thread_ts)
    if own is not None and p.value[:1].isdecimal() and p.number != own:
        raise Refusal(
            say(
                "That button belongs to #{number}, and this is the thread of #{own}. Nothing was sent.",
                number=p.number,
                own=own,
            )
        )
