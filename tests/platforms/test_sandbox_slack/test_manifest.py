"""The app's manifest: what installing it lets the app do, and every mistake in it at once."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import ManifestRejected, Slack
from tests.platforms.test_sandbox_slack.ways import refused


def manifest(**features: Any) -> dict[str, Any]:
    return {
        "display_information": {"name": "Frontdesk"},
        "features": {
            "bot_user": {"display_name": "frontdesk"},
            "slash_commands": [{"command": "/claim", "description": "Take an inquiry", "usage_hint": "[number]"}],
            **features,
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:history", "users:read"]}},
        "settings": {
            "socket_mode_enabled": True,
            "interactivity": {"is_enabled": True},
            "event_subscriptions": {"bot_events": ["message.channels"]},
        },
    }


async def test_an_installed_manifest_says_which_commands_there_are(linked: AsyncApp, slack: Slack) -> None:
    slack.install(manifest())
    assert [(one.name, one.usage_hint) for one in slack.commands] == [("/claim", "[number]")]
    unknown = await slack.command("U0ANA", "C0DESK", "/claime 1")
    assert unknown.error == "invalid_command"
    assert "`/claime` is not a valid command." in slack.ephemerals("U0ANA")[0]["text"]


@pytest.mark.usefixtures("hasty")
async def test_an_installed_manifest_says_which_events_and_methods_the_app_may_use(
    linked: AsyncApp, slack: Slack, client: AsyncWebClient
) -> None:
    slack.install(manifest())
    no = await refused(client.users_lookupByEmail(email="ana@acme.example"))
    assert (no["error"], no["needed"]) == ("missing_scope", "users:read.email")
    assert (await refused(client.conversations_history(channel="G0LEADS")))["needed"] == "groups:history"
    assert "email" not in (await client.users_info(user="U0ANA"))["user"]["profile"]
    await slack.say("U0ANA", "C0DESK", "<@U0BOT> hello")
    await slack.say("U0ANA", "G0LEADS", "hello")
    events = [one["payload"]["event"]["type"] for one in slack.frames if one["type"] == "events_api"]
    assert events == ["message"]


@pytest.mark.parametrize("name", ["/close", "/away", "/status", "/remind", "/topic"])
async def test_slacks_own_command_names_are_refused(slack: Slack, name: str) -> None:
    commands = [{"command": name, "description": "x"}]
    with pytest.raises(ManifestRejected, match="is Slack's own"):
        slack.install(manifest(slash_commands=commands))


async def test_a_manifest_is_told_all_its_mistakes_at_once(slack: Slack) -> None:
    bad = manifest(
        slash_commands=[
            {"command": "claim", "description": "x"},
            {"command": "/claim", "description": "", "hint": "?"},
            {"command": "/claim", "description": "x" * 2001},
        ],
        shortcuts=[{"name": "x" * 25, "type": "thread", "callback_id": "a", "description": "b"}],
        emoji=True,
    )
    bad["display_information"] = {"name": "x" * 36, "description": "x" * 141}
    bad["oauth_config"]["scopes"]["bot"] = ["chat:write", "chat:shout"]
    bad["settings"]["event_subscriptions"]["bot_events"] = ["message.channels", "nothing.happened"]
    with pytest.raises(ManifestRejected) as no:
        slack.install(bad)
    told = "\n".join(no.value.errors)
    for part in (
        "/features/emoji: unknown field",
        "/display_information/name: more than 35",
        "/display_information/description: more than 140",
        "/features/slash_commands/0/command",
        "/features/slash_commands/1/hint: unknown field",
        "/features/slash_commands/1/description: is missing",
        "/features/slash_commands/2/command: /claim is there twice",
        "/features/slash_commands/2/description: more than 2000",
        "/features/shortcuts/0/name: more than 24",
        "/features/shortcuts/0/type",
        "Slash Commands requires `commands` bot scope",
        "chat:shout is not a scope",
        "message.channels requires `channels:history`",
        "nothing.happened is not an event",
    ):
        assert part in told
    assert slack.commands == []
