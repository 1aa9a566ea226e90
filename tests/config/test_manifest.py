"""The manifest: what Slack takes, with the least that the bot needs, and no name of Slack's own."""

import json
from datetime import UTC, datetime

import pytest

from config.manifest import BUILT_IN, COMMANDS, LONGEST, MORE, clashes, manifest
from config.settings import ConfigError
from platforms.sandbox.slack import Slack
from platforms.sandbox.slack.limits import BUILT_IN_COMMANDS
from platforms.sandbox.wire import Wire


@pytest.fixture
def slack() -> Slack:
    """A workspace without any app."""

    def now() -> datetime:
        return datetime(2026, 11, 25, 9, tzinfo=UTC)

    return Slack(now, Wire(now))


def names(**options: object) -> list[str]:
    """The commands of a manifest, as people type them."""
    return [one["command"] for one in manifest(**options)["features"]["slash_commands"]]  # type: ignore[arg-type]


def test_six_commands_are_registered_unless_more_are_asked_for() -> None:
    assert names() == ["/claim", "/reply", "/private", "/done", "/hours", "/desk"]


def test_every_verb_can_be_a_command_of_its_own() -> None:
    assert set(names(all_verbs=True)) == {f"/{name}" for name in COMMANDS | MORE}


def test_a_prefix_stands_before_each_name() -> None:
    assert names(prefix="acme-")[:2] == ["/acme-claim", "/acme-reply"]


def test_a_workspace_with_many_apps_can_have_one_command_only() -> None:
    assert names(router_only=True) == ["/desk"]
    assert names(router_only=True, prefix="acme-") == ["/acme-desk"]


@pytest.mark.parametrize("options", [{}, {"all_verbs": True}, {"prefix": "acme-"}, {"router_only": True}])
async def test_slack_takes_it(options: dict[str, bool], slack: Slack) -> None:
    slack.install(manifest(**options))  # type: ignore[arg-type]
    assert [command.name for command in slack.commands] == names(**options)


def test_no_command_is_slacks_own() -> None:
    assert {name.lstrip("/") for name in BUILT_IN_COMMANDS} <= BUILT_IN
    assert not {name.lstrip("/") for name in names(all_verbs=True)} & BUILT_IN


def test_a_name_of_slacks_own_would_be_refused() -> None:
    assert clashes(["claim", "close", "acme-close"]) == ["/close is Slack's own command. Choose another prefix: acme-."]


@pytest.mark.parametrize("prefix", ["/acme", "Acme-", "-acme", "a b", "ä", "a" * 21, "acme\n", "<!here>"])
def test_a_prefix_that_slack_would_refuse_is_a_sentence(prefix: str) -> None:
    with pytest.raises(ConfigError, match=r"cannot begin a command\. Use up to 20 small letters"):
        manifest(prefix=prefix)


def test_the_longest_prefix_leaves_every_name_within_slacks_limit() -> None:
    assert max(len(name) for name in names(prefix="a" * 20, all_verbs=True)) <= LONGEST


def test_all_and_only_one_cannot_be_asked_for_together() -> None:
    with pytest.raises(ConfigError, match="choose one of the two"):
        manifest(all_verbs=True, router_only=True)


def test_people_and_channels_in_a_command_arrive_as_ids() -> None:
    assert all(one["should_escape"] for one in manifest(all_verbs=True)["features"]["slash_commands"])


def test_it_is_what_json_can_hold() -> None:
    assert json.loads(json.dumps(manifest(all_verbs=True))) == manifest(all_verbs=True)


def test_it_asks_for_the_least() -> None:
    scopes = set(manifest()["oauth_config"]["scopes"]["bot"])
    assert scopes == {
        "app_mentions:read",
        "files:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "pins:write",
        "usergroups:read",
        "users:read",
    }


async def test_the_manifest_for_the_http_door_names_one_address_everywhere(slack: Slack) -> None:
    made = manifest(all_verbs=True, http="https://desk.acme.example/")
    slack.install(made)
    address = "https://desk.acme.example/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert {one["url"] for one in made["features"]["slash_commands"]} == {address}
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address


@pytest.mark.parametrize("address", ["http://desk.acme.example", "desk.acme.example", "https://a b", "https://a?b=1"])
def test_an_address_that_slack_would_not_call_is_a_sentence(address: str) -> None:
    with pytest.raises(ConfigError, match="no address that Slack calls"):
        manifest(http=address)
