"""The thread door: `!reply text`, `@frontdesk reply text`, and plain talk, which is internal and never leaves."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from desk.desk import Desk
from desk.flows.finding import in_thread
from desk.flows.sharing import shared_or_not
from desk.flows.talk import overheard, reworded
from desk.model.asking import Answer
from desk.model.catalogue import say
from desk.model.people import Person
from desk.model.plain import plain
from desk.model.refusals import Refusal
from desk.model.words import clean, code
from handlers.access import Access
from handlers.asked import SLASH, Asked, Spoken, asked, author, names_us, speaks
from handlers.errors import for_one
from handlers.grammar import help_for, read, said
from handlers.practice import spoken_in_practice
from handlers.verbs import BY_NAME

Event = dict[str, Any]


def register(app: AsyncApp, desk: Desk, access: Access) -> None:
    async def on_message(event: Event, body: Event, context: AsyncBoltContext) -> None:
        if event.get("subtype") in ("message_changed", "message_deleted"):
            await changed(desk, access, event)
        elif context["person"] is not None:
            await heard(desk, access, context["person"], event, asked(body, access.bot_user))

    async def on_mention(event: Event, body: Event, context: AsyncBoltContext) -> None:
        spoken = speaks(event, access.bot_user)
        if context["person"] is not None and spoken is not None:
            await spoken_to(desk, context["person"], spoken, asked(body, access.bot_user))

    async def on_other(event: Event) -> None:
        """Events that we asked Slack for and have nothing to do about: acknowledged, or Slack sends them again."""

    async def on_account(event: Event) -> None:
        user = event.get("user")
        desk.people.changed(str(user["id"]) if isinstance(user, dict) else None)

    async def on_shared(event: Event) -> None:
        now_shared = event.get("type") == "channel_shared" or bool(event.get("is_ext_shared"))
        await shared_or_not(desk, str(event.get("channel") or ""), now_shared)

    app.event("message")(on_message)
    app.event("channel_shared")(on_shared)
    app.event("channel_unshared")(on_shared)
    app.event("user_change")(on_account)
    app.event("subteam_updated")(on_account)
    app.event("app_mention")(on_mention)
    app.event(re.compile(r".*"))(on_other)


async def heard(desk: Desk, access: Access, person: Person, event: Event, request: Asked) -> None:
    """A message of an agent in one of the desk's channels: a verb, or talk in an inquiry's thread, or none of ours."""
    text = str(event.get("text") or "")
    if names_us(text, access.bot_user):
        return  # comes once more, as a mention
    spoken = speaks(event, access.bot_user)
    number = await in_thread(desk, request.channel, request.thread_ts)
    if spoken is not None:
        if number is not None or spoken.word.casefold() in BY_NAME:
            await spoken_to(desk, person, spoken, request)
        return
    if number is None:
        return
    slash = SLASH.fullmatch(text)
    if slash and slash[1].removeprefix(desk.rules.prefix) in BY_NAME:
        verb = slash[1].removeprefix(desk.rules.prefix)
        raise Refusal(
            say(
                "Slack takes no commands in threads. Did you mean {command}? Nothing was sent.",
                command=code(f"!{verb}"),
            ),
            quote=clean(plain(slash[2])).strip(),
        )
    answer = await overheard(desk, person, number, clean(plain(text)), str(event["ts"]))
    if answer is not None:
        await for_one(desk, request, answer)


async def spoken_to(desk: Desk, person: Person, spoken: Spoken, request: Asked) -> None:
    """A verb in a thread, or in the channel with a number; only who spoke reads the answer."""
    if desk.rules.practice.channel and request.channel == desk.rules.practice.channel:
        await spoken_in_practice(desk, person, spoken, request)
        return
    number = await in_thread(desk, request.channel, request.thread_ts)
    answer = await _answer(desk, person, spoken, request, number)
    if answer is not None:
        await for_one(desk, request, answer)


async def _answer(desk: Desk, person: Person, spoken: Spoken, request: Asked, number: int | None) -> Answer | None:
    what = said(spoken.lead, spoken.word, spoken.rest)
    if what.verb is None or what.wants_help:
        return help_for(what)
    if request.broadcast and what.verb.name in ("reply", "private"):
        raise Refusal(
            say(
                "That was also sent to the channel, so it may have been meant for colleagues. Nothing was sent to the "
                "customer. Write it once more without “Also send to channel”."
            ),
            quote=request.text,
        )
    ask = await read(desk, what, person, request, number)
    if what.verb.name in ("reply", "private"):
        ask = replace(ask, extra="no form")
    answer = await what.verb.flow(desk, ask)
    return None if what.verb.quiet and not answer.refused else answer


async def changed(desk: Desk, access: Access, event: Event) -> None:
    """Somebody edited or deleted their own talk in a thread: the note that we keep of it follows."""
    old = event.get("previous_message") or {}
    new = event.get("message") or {}
    channel = str(event.get("channel") or "")
    user = author({**old, "hidden": False})
    if channel not in access.channels or not user or not old.get("thread_ts") or old.get("thread_ts") == old.get("ts"):
        return
    gone = event.get("subtype") == "message_deleted" or new.get("subtype") == "tombstone"
    text = "" if gone else str(new.get("text") or "")
    if not gone and text == old.get("text"):
        return
    number = await in_thread(desk, channel, str(old["thread_ts"]))
    if number is not None:
        await reworded(desk, number, str(old["ts"]), clean(plain(text)))
