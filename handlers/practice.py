"""The doors of practice; and that no other door of the desk opens in its channel."""

from __future__ import annotations

import asyncio
from typing import Any

from desk.desk import Desk
from desk.flows.forms import opened, shown_before
from desk.flows.practice import answered, in_practice, practice, practice_canned, practice_values
from desk.model.asking import Answer, Ask
from desk.model.catalogue import say
from desk.model.people import Person
from desk.model.refusals import Refusal
from desk.model.words import clean, code
from handlers.asked import Asked, Spoken, form_text
from handlers.errors import for_one, for_view
from handlers.forms import NO_ANSWER, SECONDS
from handlers.grammar import help_for, said
from platforms.slack import ids
from platforms.slack.blocks.forms import reply_form

ALLOWED = frozenset({"practice", "guide", "canned", "hours", "help"})
"""Verbs that may be said in the practice channel: those by which nothing can go out."""
PRESSES = frozenset({ids.PRACTICE_REPLY, ids.PRACTICE_NEXT, ids.DISMISS, ids.OPEN})


def must_be_harmless(desk: Desk, channel: str, name: str, allowed: frozenset[str] = ALLOWED, text: str = "") -> None:
    """Raises `Refusal` where somebody wants in the practice channel what acts on customers."""
    if desk.rules.practice.channel and channel == desk.rules.practice.channel and name not in allowed:
        raise Refusal(
            say("This is the practice channel: no customer is answered from here. Nothing was sent or changed."),
            quote=text,
        )


def _nth(value: str) -> int:
    tail = value.rpartition(":")[2]
    if not tail.isdecimal() or len(tail) > 9:
        raise Refusal(say("That button carries no practice. Begin another: {command}", command=code("/desk practice")))
    return int(tail)


async def another(desk: Desk, ask: Ask) -> Answer | None:
    """*Another one*."""
    answer = await practice(desk, ask)
    return answer if answer.refused else None


async def open_practice(desk: Desk, client: Any, trigger_id: str, person: Person, value: str) -> Answer | None:
    """*Reply…*: the same form as for a real inquiry."""
    nth = _nth(value)
    view = _form(await practice_values(desk, person, nth, key=trigger_id))
    await opened(desk, trigger_id, person, nth, ids.PRACTICE_FORM, channel=desk.rules.practice.channel)
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_open(trigger_id=trigger_id, view=view)
    except NO_ANSWER:
        typed = code(f"!reply {say('your words')}")
        return Answer(
            say("Slack did not open the form. Type it in the thread instead: {typed}", typed=typed), refused=True
        )
    return None


def _form(values: dict[str, Any]) -> dict[str, Any]:
    form = reply_form(values)
    form["callback_id"] = ids.PRACTICE_FORM
    form["title"] = {"type": "plain_text", "text": say("Practice {n}", n=values["inquiry"].number)[:24]}
    form["submit"] = {"type": "plain_text", "text": say("Try it")}
    shown = (ids.PROMISE_BLOCK, ids.CLOSE_BLOCK)
    form["blocks"] = [block for block in form["blocks"] if block.get("block_id") not in shown]
    return form


async def count_practice(desk: Desk, person: Person, view: dict[str, Any], client: Any) -> None:
    """The live counter, as in the real form."""
    about = await shown_before(desk, person, ids.PRACTICE_FORM, str(view.get("private_metadata") or ""))
    values = await practice_values(desk, person, about.number, key=about.key, text=form_text(view))
    form = _form({**values, "text": "", "filled": about.filled})
    form["private_metadata"] = view["private_metadata"]
    await _update(client, view, form)


async def fill_practice(desk: Desk, person: Person, view: dict[str, Any], name: str, client: Any) -> None:
    """A canned answer was chosen in the form: its text takes the place of what stands there, as in the real one."""
    about = await shown_before(desk, person, ids.PRACTICE_FORM, str(view.get("private_metadata") or ""))
    text = await practice_canned(desk, person, about.number, name)
    values = await practice_values(desk, person, about.number, key=about.key, text=text)
    await _update(client, view, _form({**values, "filled": about.filled + 1}))


async def _update(client: Any, view: dict[str, Any], form: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await client.views_update(view_id=view["id"], hash=view["hash"], view=form)
    except NO_ANSWER:
        return  # the next letter counts anew


async def submitted(desk: Desk, ask: Ask, request: Asked, view: dict[str, Any]) -> dict[str, Any] | None:
    """What was written in the form is looked at in the thread; None closes the form."""
    assert ask.number is not None
    answer = await answered(desk, ask, ask.number)
    if answer.refused:
        return for_view(desk, answer, view)
    return None


async def spoken_in_practice(desk: Desk, person: Person, spoken: Spoken, request: Asked) -> None:
    """A `!verb` in the practice channel: `!reply` in a thread of it, or one of the harmless ones."""
    what = said(spoken.lead, spoken.word, spoken.rest)
    nth = await in_practice(desk, request.channel, request.thread_ts)
    name = what.verb.name if what.verb is not None else ""
    if what.verb is None or what.wants_help:
        await for_one(desk, request, help_for(what))
        return
    ask = Ask(request.key, person, request.channel, None, clean(request.text).strip(), typed=what.typed, lead=what.lead)
    if name in ("reply", "private") and nth is not None:
        answer = await answered(desk, ask, nth)
        if answer.refused:
            await for_one(desk, request, answer)
        return
    must_be_harmless(desk, request.channel, name, frozenset({"practice", "guide"}), ask.text)
    await for_one(desk, request, await what.verb.flow(desk, ask))
