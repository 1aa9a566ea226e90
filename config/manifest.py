"""The Slack app's manifest: its commands, what it may read and write, and what it wants to hear.

`python bot.py manifest` prints it; pasted at Slack, it makes the app.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from config.settings import ConfigError

LONGEST = 32
"""Characters of a command's name, the slash included (Slack's limit)."""

_BUILT_IN = """
    active add apps archive away call close collapse create debug dm dnd echo edit expand faq feed feedback files giphy
    help huddle invite invite_people join keys kick leave list_emails me mention mentions msg mute offline online open
    part poll prefs pro rejoin remind remove rename reminders search shortcuts shrug star status topic trigger unarchive
    who whois workflow
"""
BUILT_IN = frozenset(_BUILT_IN.split())
"""Slack's own commands, and some that its own apps take: an app that asks for one is refused, or never heard."""

COMMANDS: dict[str, tuple[str, str]] = {
    "claim": ("Take an inquiry; without a number, the most urgent one", "[number]"),
    "reply": ("Answer where the customer wrote", "[number] [text]"),
    "private": ("Answer in a private message", "[number] [text | invite]"),
    "done": ("Close an inquiry", "[number] [reason]"),
    "hours": ("When the team is there", "[today | week | set mon-fri 9-17 | 2026-12-24 9-13 | holidays | post]"),
    "desk": ("Everything else, and help", "help | <verb> [number] [text]"),
}
"""The commands that every desk has: name, what it does, what may stand behind it."""

MORE: dict[str, tuple[str, str]] = {
    "release": ("Give an inquiry back", "[number] [reason]"),
    "assign": ("Give an inquiry to a colleague", "[number] @who [text]"),
    "canned": ("Prepared answers: all, those that fit, or one of them", "[number] [name] [days=3]"),
    "note": ("Write something down for the team only", "[number] text"),
    "reopen": ("Open a closed inquiry again", "number"),
    "snooze": ("Out of the queue until a time", "number 2h [reason] [--stop]"),
    "promise": ("Keep track of what a customer was promised", "number tomorrow 16:00 [what]"),
    "priority": ("How pressing an inquiry is", "number urgent | high | normal | low"),
    "customer": ("Who the customer is: history, notes, language, VIP", "number | @who [vip | language pt | note text]"),
    "thank": ("Thank for praise with one press", "[number]"),
    "wow": ("Mark an inquiry for an unexpected good deed", "[number [idea | off]]"),
    "ignore": ("Take a person out of the queue", "[number [why | off]]"),
    "correct": ("Other words in place of a published answer", "number text"),
    "delete": ("Take the last answer away from the platform", "number"),
    "hide": ("Hide the customer's public words", "number [off]"),
    "merge": ("Two inquiries that are one matter become one", "number into number"),
    "split": ("Take apart what was merged or gathered", "number"),
    "follow": ("Be called when the customer writes", "number [off]"),
    "show": ("An inquiry and what was said in it", "number"),
    "find": ("Look for an inquiry by its words", "words"),
    "queue": ("What waits, the most urgent first", "[mine | open | late]"),
    "sla": ("What is promised, and how long is left", "[number]"),
    "shift": ("Who is there; away, back, and your own hours", "[who | away 15:00 | back | hours mon-thu 8-14]"),
    "practice": ("A made-up inquiry to learn with; nothing is published", "[list | name]"),
    "guide": ("Promised times, tone, and what you may decide alone", ""),
}
"""The verbs that are commands of their own only if asked for; `/desk release 42` always works."""

SCOPES: dict[str, str] = {
    "commands": "the slash commands",
    "chat:write": "cards, threads and what only one person sees",
    "channels:history": "what is written in the desk's public channels, and to find out whether a post arrived",
    "groups:history": "the same where the desk's channel is private",
    "channels:read": "whether a public channel still exists, and whether the bot is in it",
    "groups:read": "the same where the channel is private",
    "users:read": "agents' names and time zones",
    "usergroups:read": "who is an agent, and who a lead",
    "pins:write": "to pin the deadline board, where it is switched on",
    "app_mentions:read": "@frontdesk in a thread",
    "files:read": "pictures and files that an agent puts into the reply form, for the customer",
}
"""What the bot may do, each with the reason; nothing more."""

TOPIC_SCOPES: dict[str, str] = {
    "channels:write.topic": "to set the desk's channel's topic, where `topic = true`",
    "groups:write.topic": "the same where the channel is private",
}
"""Only with `topic`: a bot that sets no topic need not be allowed to."""

FILE_SCOPES: dict[str, str] = {"files:write": 'customers\' pictures and files in the thread, where `media = "files"`'}
"""Only with `media = "files"`: a bot that shows links need not be allowed to."""

EVENTS = (
    "app_mention",
    "message.channels",
    "message.groups",
    "app_home_opened",
    "channel_archive",
    "channel_unarchive",
    "channel_shared",
    "channel_unshared",
    "member_left_channel",
    "user_change",
    "subteam_updated",
)


REACTION_SCOPES = {"reactions:read": "👀 and ✅ on a card"}
REACTION_EVENTS = ("reaction_added", "reaction_removed")
"""What is asked for besides where reactions are a way to claim and to close."""

SHORTCUTS = (
    ("Reply to customer", "reply_here", "Open the reply form for the inquiry of this thread"),
    ("Note for the team", "note_here", "Write something down that customers never see"),
    ("Claim this inquiry", "claim_here", "Take the inquiry of this thread"),
)
"""What stands in the menu of every message: name, callback id (`platforms/slack/ids.py`), what it does."""

DOOR = "/slack/events"
"""Where Slack calls the desk by HTTP: commands, buttons, forms and events at one address."""


def manifest(
    prefix: str = "",
    all_verbs: bool = False,
    router_only: bool = False,
    http: str = "",
    *,
    reactions: bool = False,
    topic: bool = False,
    files: bool = False,
) -> dict[str, Any]:
    """The manifest as Slack takes it, ready for `json.dumps`.

    `http` is the desk's public address ("https://desk.acme.example") where Slack is to call it; "" is Socket Mode.

    `prefix` stands before each command's name ("acme-" makes /acme-claim), for a workspace where another app has the
    short names. `all_verbs` makes every verb a command, `router_only` only /desk. Raises `ConfigError` with every
    mistake: a name of Slack's own, a prefix that Slack would refuse, both switches at once.
    """
    mistakes = []
    if all_verbs and router_only:
        mistakes.append("Every verb as a command, or only /desk: choose one of the two.")
    if prefix and not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,19}", prefix):
        mistakes.append(
            f'The prefix "{prefix}" cannot begin a command. '
            "Use up to 20 small letters, digits, - and _, and no slash: acme-."
        )
    more = (REACTION_SCOPES if reactions else {}) | (TOPIC_SCOPES if topic else {}) | (FILE_SCOPES if files else {})
    scopes = [*SCOPES, *more]
    events = [*EVENTS, *(REACTION_EVENTS if reactions else ())]
    chosen = {"desk": COMMANDS["desk"]} if router_only else COMMANDS | (MORE if all_verbs else {})
    mistakes += clashes([prefix + name for name in chosen])
    if http and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w./~-]*)?", http):
        mistakes.append(
            f'"{http}" is no address that Slack calls. It begins with https:// and has no ?: https://desk.acme.example'
        )
    if mistakes:
        raise ConfigError(mistakes)
    door = {"request_url": http.rstrip("/") + DOOR} if http else {}
    commands = [_command(prefix + name, *about) for name, about in chosen.items()]
    if door:
        commands = [{**command, "url": door["request_url"]} for command in commands]
    return {
        "display_information": {
            "name": "Frontdesk",
            "description": "Social customer service from Slack: inquiries become threads, answers are published.",
            "background_color": "#2c3e50",
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": False},
            "bot_user": {"display_name": "frontdesk", "always_online": True},
            "slash_commands": commands,
            "shortcuts": [
                {"name": name, "type": "message", "callback_id": callback, "description": about}
                for name, callback, about in SHORTCUTS
            ],
        },
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {
            "event_subscriptions": {**door, "bot_events": events},
            "interactivity": {"is_enabled": True, **door},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not http,
            "token_rotation_enabled": False,
        },
    }


def clashes(names: Iterable[str]) -> list[str]:
    """A sentence for each name that is Slack's own command."""
    return [f"/{name} is Slack's own command. Choose another prefix: acme-." for name in names if name in BUILT_IN]


def _command(name: str, description: str, usage: str) -> dict[str, Any]:
    # Escaped, people and channels arrive as ids (<@U0BEN>), which is what the desk needs to know whom /assign means.
    command: dict[str, Any] = {"command": f"/{name}", "description": description, "should_escape": True}
    return command | ({"usage_hint": usage} if usage else {})
