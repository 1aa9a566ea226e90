"""The thread door: `!reply text`, `@frontdesk reply text`, and plain talk, which is internal and never leaves."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from desk.desk import Desk
from desk.flows.talk import overheard
from desk.model.asking import Answer
from desk.model.refusals import Refusal
from desk.model.words import clean, code
from desk.ports import Tx
from handlers.access import Access
from handlers.errors import for_one, in_words
from handlers.grammar import closest, help_for, read
from handlers.verbs import BY_NAME

BANG = re.compile(r"!\s?([a-zA-Z]+)(?:[ \t\n]|$)(.*)", re.DOTALL)
MENTION = re.compile(r"\s*<@(\w+)(?:\|[^>]*)?>\s*(\S*)[ \t]?(.*)", re.DOTALL)
TALK = frozenset({None, "file_share", "thread_broadcast"})
"""Message subtypes in which a person speaks."""


def register(app: AsyncApp, desk: Desk, access: Access) -> None:
    async def on_message(event: dict[str, Any], body: dict[str, Any]) -> None:
        await heard(desk, access, event, body)

    async def on_mention(event: dict[str, Any], body: dict[str, Any]) -> None:
        await mentioned(desk, access, event, body)

    async def on_other(event: dict[str, Any]) -> None:
        """Events that we asked Slack for and have nothing to do about: acknowledged, or Slack sends them again."""

    app.event("message")(on_message)
    app.event("app_mention")(on_mention)
    app.event(re.compile(r".*"))(on_other)


async def heard(desk: Desk, access: Access, event: dict[str, Any], body: dict[str, Any]) -> None:
    """A message in a channel where the bot is. Only inquiry threads matter."""
    if event.get("subtype") not in TALK or event.get("bot_id") or not event.get("user"):
        return
    thread_ts, channel, text = event.get("thread_ts"), str(event.get("channel")), str(event.get("text") or "")
    if thread_ts is None or channel not in access.channels:
        return
    mention = MENTION.match(text)
    if mention and mention[1] == access.bot_user:
        return
    number = await _number(desk, channel, str(thread_ts))
    if number is None:
        return
    bang = BANG.match(text)
    if bang:
        await _do(desk, access, event, body, number, bang[1], bang[2], "!")
        return
    person = desk.people.person(str(event["user"]))
    if person is None:
        return
    answer = await overheard(desk, person, number, clean(text), str(event["ts"]))
    if answer is not None:
        await for_one(desk, f"talk:{channel}:{event['ts']}", person.user, channel, answer, str(thread_ts))


async def mentioned(desk: Desk, access: Access, event: dict[str, Any], body: dict[str, Any]) -> None:
    """`@frontdesk reply text`, in a thread or, with a number, in the channel."""
    text, channel = str(event.get("text") or ""), str(event.get("channel"))
    match = MENTION.match(text)
    if match is None or (access.bot_user and match[1] != access.bot_user):
        return
    thread_ts = event.get("thread_ts")
    number = await _number(desk, channel, str(thread_ts)) if thread_ts else None
    await _do(desk, access, event, body, number, match[2] or "help", match[3], "@frontdesk ")


async def _do(
    desk: Desk,
    access: Access,
    event: dict[str, Any],
    body: dict[str, Any],
    number: int | None,
    word: str,
    rest: str,
    lead_in: str,
) -> None:
    channel, user, ts = str(event["channel"]), str(event["user"]), str(event["ts"])
    thread_ts = event.get("thread_ts")
    try:
        shared = bool(body.get("is_ext_shared_channel"))
        person = access.person(user, str(body.get("team_id") or ""), shared=shared)
        access.place(channel)
        answer: Answer | None
        verb = BY_NAME.get(word.casefold())
        if verb is None:
            guess = closest(word)
            if word.casefold() == "help":
                answer = help_for(None, f"/{desk.rules.prefix}desk", "help", desk.rules.prefix)
            else:
                meant = f"Did you mean {code(f'{lead_in}{guess}')}? " if guess else ""
                raise Refusal(
                    f"{code(f'{lead_in}{word[:30]}')} is no verb of the desk. {meant}Nothing was sent.", quote=rest
                )
        else:
            ask = await read(
                desk,
                verb,
                rest,
                person,
                channel,
                f"msg:{channel}:{ts}",
                f"/{desk.rules.prefix}{verb.name}",
                number=number,
            )
            if verb.name in ("reply", "private"):
                from dataclasses import replace

                ask = replace(ask, extra="no form")
            answer = await verb.flow(desk, ask)
            if verb.quiet and not answer.refused:
                answer = None
    except Exception as error:
        answer = in_words(error, rest)
    if answer is not None:
        await for_one(desk, f"msg:{channel}:{ts}", user, channel, answer, str(thread_ts) if thread_ts else None)


async def _number(desk: Desk, channel: str, thread_ts: str) -> int | None:
    async def work(tx: Tx) -> int | None:
        return tx.by_thread(channel, thread_ts)

    return await desk.read(work)
