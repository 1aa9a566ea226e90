"""Slack's check of an app manifest: what it refuses, all mistakes at once."""

from __future__ import annotations

import re
from typing import Any

from platforms.sandbox.slack import limits


class ManifestRejected(ValueError):
    """Slack would not create this app. `errors` names each mistake with its place in the manifest."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


FIELDS: dict[str, frozenset[str]] = {
    "": frozenset({"_metadata", "display_information", "features", "oauth_config", "settings", "functions"}),
    "/_metadata": frozenset({"major_version", "minor_version"}),
    "/display_information": frozenset({"name", "description", "long_description", "background_color"}),
    "/features": frozenset({"app_home", "bot_user", "slash_commands", "shortcuts", "unfurl_domains", "assistant_view"}),
    "/features/app_home": frozenset({"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"}),
    "/features/bot_user": frozenset({"display_name", "always_online"}),
    "/oauth_config": frozenset({"redirect_urls", "scopes", "token_management_enabled", "pkce_enabled"}),
    "/oauth_config/scopes": frozenset({"bot", "user", "bot_optional", "user_optional"}),
    "/settings": frozenset(
        {
            "allowed_ip_address_ranges",
            "event_subscriptions",
            "interactivity",
            "org_deploy_enabled",
            "socket_mode_enabled",
            "token_rotation_enabled",
            "is_hosted",
            "incoming_webhooks",
        }
    ),
    "/settings/event_subscriptions": frozenset({"request_url", "bot_events", "user_events"}),
    "/settings/interactivity": frozenset({"is_enabled", "request_url", "message_menu_options_url"}),
}
COMMAND_FIELDS = frozenset({"command", "description", "usage_hint", "should_escape", "url"})
SHORTCUT_FIELDS = frozenset({"name", "type", "callback_id", "description"})
COMMAND_NAME = re.compile(r"/[a-z0-9][a-z0-9_-]{0,30}")


def check(manifest: dict[str, Any]) -> list[str]:
    """Each mistake as "pointer: what is wrong"; empty where Slack would take the manifest."""
    errors: list[str] = []
    for pointer, fields in FIELDS.items():
        for name in _at(manifest, pointer):
            if name not in fields:
                errors.append(f"{pointer}/{name}: unknown field")
    about = _at(manifest, "/display_information")
    _length(errors, about, "name", 35, "/display_information", required=True)
    _length(errors, about, "description", 140, "/display_information")
    if len(str(about.get("long_description", ""))) > 4_000:
        errors.append("/display_information/long_description: more than 4000 characters")
    _length(errors, _at(manifest, "/features/bot_user"), "display_name", 80, "/features/bot_user")
    scopes = _at(manifest, "/oauth_config/scopes").get("bot", [])
    for scope in scopes:
        if scope not in limits.KNOWN_SCOPES:
            errors.append(f"/oauth_config/scopes/bot: {scope} is not a scope")
    _commands(errors, manifest, scopes)
    _shortcuts(errors, manifest, scopes)
    _events(errors, manifest, scopes)
    settings = _at(manifest, "/settings")
    if not settings.get("socket_mode_enabled"):
        for part in ("event_subscriptions", "interactivity"):
            asks = _at(manifest, f"/settings/{part}")
            if (asks.get("is_enabled") or asks.get("bot_events")) and not asks.get("request_url"):
                errors.append(f"/settings/{part}: needs a request_url, or socket_mode_enabled")
    return errors


def _commands(errors: list[str], manifest: dict[str, Any], scopes: list[str]) -> None:
    commands = _at(manifest, "/features").get("slash_commands")
    if commands is None:
        return
    if not commands:
        errors.append("/features/slash_commands: must have at least 1 item, or be left out")
        return
    if len(commands) > 50:
        errors.append("/features/slash_commands: more than 50 items")
    if "commands" not in scopes:
        errors.append("/oauth_config/scopes/bot: Slash Commands requires `commands` bot scope")
    seen: set[str] = set()
    for index, one in enumerate(commands):
        where = f"/features/slash_commands/{index}"
        name = str(one.get("command", ""))
        errors.extend(f"{where}/{key}: unknown field" for key in one if key not in COMMAND_FIELDS)
        if name in limits.BUILT_IN_COMMANDS:
            errors.append(f"{where}/command: {name} is Slack's own; the slash command has an invalid name")
        elif not COMMAND_NAME.fullmatch(name):
            errors.append(f"{where}/command: {name!r}; the slash command has an invalid name")
        if name in seen:
            errors.append(f"{where}/command: {name} is there twice")
        seen.add(name)
        _length(errors, one, "description", 2_000, where, required=True)
        _length(errors, one, "usage_hint", 1_000, where)


def _shortcuts(errors: list[str], manifest: dict[str, Any], scopes: list[str]) -> None:
    shortcuts = _at(manifest, "/features").get("shortcuts") or []
    if shortcuts and "commands" not in scopes:
        errors.append("/oauth_config/scopes/bot: Shortcuts require `commands` bot scope")
    if len(shortcuts) > 10:
        errors.append("/features/shortcuts: more than 10 items")
    for index, one in enumerate(shortcuts):
        where = f"/features/shortcuts/{index}"
        errors.extend(f"{where}/{key}: unknown field" for key in one if key not in SHORTCUT_FIELDS)
        if one.get("type") not in ("message", "global"):
            errors.append(f"{where}/type: must be message or global")
        _length(errors, one, "name", 24, where, required=True)
        _length(errors, one, "callback_id", 255, where, required=True)
        _length(errors, one, "description", 150, where, required=True)


def _events(errors: list[str], manifest: dict[str, Any], scopes: list[str]) -> None:
    for event in _at(manifest, "/settings/event_subscriptions").get("bot_events") or []:
        need = limits.EVENT_SCOPES.get(event)
        if need is None and event not in limits.EVENTS_WITHOUT_SCOPE:
            errors.append(f"/settings/event_subscriptions/bot_events: {event} is not an event")
        elif need is not None and need not in scopes:
            errors.append(f"/settings/event_subscriptions/bot_events: {event} requires `{need}` bot scope")


def _at(manifest: dict[str, Any], pointer: str) -> dict[str, Any]:
    place: Any = manifest
    for name in pointer.split("/")[1:]:
        place = place.get(name) if isinstance(place, dict) else None
    return place if isinstance(place, dict) else {}


def _length(
    errors: list[str], thing: dict[str, Any], name: str, most: int, where: str, *, required: bool = False
) -> None:
    text = thing.get(name)
    if text is None or text == "":
        if required:
            errors.append(f"{where}/{name}: is missing")
    elif len(str(text)) > most:
        errors.append(f"{where}/{name}: more than {most} characters ({len(str(text))})")
