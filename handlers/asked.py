"""A request in one form, whatever door it came through: who asks, from where, and the words that must not be lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desk.model.plain import plain
from desk.model.words import clean
from platforms.slack import ids

Body = Mapping[str, Any]

BANG = re.compile(r"\s*[!！]+\s*([^\W\d_][^\s:,]*)[:,]?[ \t]?(.*)", re.DOTALL)
SLASH = re.compile(r"\s*/([a-z-]+)[ \t]?(.*)", re.DOTALL)
MENTION = re.compile(r"\s*<@(\w+)(?:\|[^>]*)?>[ \t]*([^\s:,]*)[:,]?[ \t]?(.*)", re.DOTALL)
TALK = frozenset({None, "", "file_share", "thread_broadcast"})
"""Message subtypes in which a person speaks."""


class Door(StrEnum):
    """The ways in. A talk is a message in a channel; `TYPING` is a form's live counter; `SHORTCUT` the menu of a
    message; `HOME` the person's own page, opened or pressed on; `SIGN` a reaction."""

    COMMAND = "command"
    PRESS = "press"
    TYPING = "typing"
    FORM = "form"
    TALK = "talk"
    SHORTCUT = "shortcut"
    HOME = "home"
    SIGN = "sign"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `key` names the very click, command or message, also when Slack delivers it again.

    `teams` are all workspaces that the request names; `to_desk`: a talk that begins with `!` or with our name
    (`named`), and a `word`. `text` is what was typed, in plain words; `broadcast`: in a thread, and in the channel too.
    """

    door: Door
    user: str = ""
    teams: frozenset[str] = frozenset()
    channel: str = ""
    thread_ts: str | None = None
    key: str = ""
    text: str = ""
    to_desk: bool = True
    broadcast: bool = False
    named: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message that speaks to the desk: `lead` is what stands before the verb ("!", "@frontdesk ")."""

    lead: str
    word: str
    rest: str


def asked(body: Body, bot_user: str = "") -> Asked:
    """Read any request. Never raises: what is missing stays empty, and access refuses it."""
    kind = body.get("type")
    if "command" in body:
        return Asked(
            Door.COMMAND,
            _text(body, "user_id"),
            frozenset((_text(body, "team_id"),)),
            _text(body, "channel_id"),
            key=f"cmd:{_text(body, 'trigger_id')}",
            text=clean(plain(_text(body, "text"))),
        )
    if kind == "event_callback":
        return _event(body, _inner(body, "event"), bot_user)
    user, team = _inner(body, "user"), _inner(body, "team")
    teams = frozenset(team for team in (_text(team, "id"), _text(user, "team_id")) if team) or frozenset(("",))
    trigger = _text(body, "trigger_id")
    if kind == "view_submission":
        view = _inner(body, "view")
        return Asked(
            Door.FORM, _text(user, "id"), teams, key=f"view:{_text(view, 'id')}:{trigger}", text=form_text(view)
        )
    if kind == "block_actions" and _text(_inner(body, "view"), "type") == "home":
        actions = body.get("actions") or [{}]
        return Asked(Door.HOME, _text(user, "id"), teams, key=f"act:{trigger}:{_text(actions[0], 'action_id')}")
    if kind == "message_action":
        message = _inner(body, "message")
        ts = _text(message, "thread_ts") or _text(message, "ts") or None
        return Asked(
            Door.SHORTCUT, _text(user, "id"), teams, _text(_inner(body, "channel"), "id"), ts, f"cut:{trigger}"
        )
    if kind == "view_closed":
        return Asked(Door.TYPING, _text(user, "id"), teams)
    if kind == "block_actions" and body.get("view"):
        return Asked(Door.TYPING, _text(user, "id"), teams, key=f"typing:{trigger}")
    if kind == "block_actions":
        container, message = _inner(body, "container"), _inner(body, "message")
        channel = _text(_inner(body, "channel"), "id") or _text(container, "channel_id")
        thread_ts = _text(message, "thread_ts") or _text(container, "thread_ts") or None
        actions = body.get("actions") or [{}]
        key = f"act:{trigger}:{_text(actions[0], 'action_id')}"
        return Asked(Door.PRESS, _text(user, "id"), teams, channel, thread_ts, key)
    return Asked(Door.OTHER, _text(user, "id"), teams)


def _event(body: Body, event: Body, bot_user: str) -> Asked:
    spoken = speaks(event, bot_user)
    if event.get("type") == "app_home_opened":
        team = frozenset((_text(body, "team_id"),))
        return Asked(Door.HOME, _text(event, "user"), team, key=f"home:{_text(body, 'event_id')}", to_desk=False)
    if event.get("type") in ("reaction_added", "reaction_removed"):
        item, team = _inner(event, "item"), frozenset((_text(body, "team_id"),))
        key = f"sign:{_text(body, 'event_id')}"
        return Asked(
            Door.SIGN, _text(event, "user"), team, _text(item, "channel"), _text(item, "ts"), key, to_desk=False
        )
    if event.get("type") not in ("message", "app_mention"):
        return Asked(Door.OTHER, _text(event, "user"), to_desk=False)
    channel, ts = _text(event, "channel"), _text(event, "ts")
    teams = [_text(body, "team_id"), *(_text(event, name) for name in ("team", "user_team", "source_team"))]
    named = frozenset(team for index, team in enumerate(teams) if team or index == 0)
    return Asked(
        Door.TALK,
        author(event),
        named,
        channel,
        _text(event, "thread_ts") or None,
        f"msg:{channel}:{ts}",
        clean(plain(spoken.rest)).strip() if spoken else "",
        spoken is not None,
        event.get("subtype") == "thread_broadcast",
        event.get("type") == "app_mention",
        spoken.word.casefold() if spoken else "",
    )


def author(event: Body) -> str:
    """The person who speaks in a message event; "" for apps, workflows, and what Slack itself says."""
    if event.get("subtype") not in TALK or event.get("bot_id") or event.get("app_id") or event.get("hidden"):
        return ""
    return _text(event, "user")


def speaks(event: Body, bot_user: str) -> Spoken | None:
    """The verb that a message begins with: after `!`, or after our name (which comes as an event of its own)."""
    text = _text(event, "text")
    if event.get("type") == "app_mention":
        named = MENTION.fullmatch(text)
        if named is None or (bot_user and named[1] != bot_user):
            return None
        return Spoken("@frontdesk ", named[2] or "help", named[3])
    bang = BANG.fullmatch(text)
    return Spoken("!", bang[1], bang[2]) if bang else None


def names_us(text: str, bot_user: str) -> bool:
    """Whether a message begins with our name; then its `app_mention` is the event that counts."""
    named = MENTION.fullmatch(text)
    return named is not None and named[1] == bot_user


def form_text(view: Body) -> str:
    """The words that stand in a form's input."""
    values = _inner(_inner(view, "state"), "values")
    block = next((name for name in values if name.partition(":")[0] == ids.TEXT_BLOCK), ids.TEXT_BLOCK)
    return _text(_inner(_inner(values, block), ids.TEXT_INPUT), "value")


def _inner(body: Body, name: str) -> Body:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(body: Body, name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
