"""The deadline board: one pinned message, edited in place, the same after a restart."""

from __future__ import annotations

from typing import Any

from config.manifest import manifest
from tests.journeys.conftest import ANA, DESK, LEADS, Journey, words_of


def boards(journey: Journey) -> list[dict[str, Any]]:
    return [message for message in journey.slack.messages(DESK) if "*unclaimed*:" in words_of(message)]


async def test_one_pinned_message_shows_what_is_due_by_time_left_and_survives_a_restart(journey: Journey) -> None:
    await journey.owner_sets(desk={"board": True})
    await journey.pass_(seconds=15)
    [board] = boards(journey)
    assert "Nothing waits." in words_of(board)
    await journey.comment("Is there lactose in it?")
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(seconds=15)
    [same] = boards(journey)
    words = words_of(same)
    assert same["ts"] == board["ts"], "edited in place"
    assert "*Due*: 2 · *unclaimed*: 2 · *late*: 0" in words
    assert words.index("*#2* due") < words.index("*#1* due"), "fifteen minutes before an hour"
    await journey.types(ANA, "/claim 2")
    await journey.restart()
    await journey.pass_(minutes=20)
    [same] = boards(journey)
    assert same["ts"] == board["ts"]
    assert "*unclaimed*: 1 · *late*: 1" in words_of(same) and f"<@{ANA}>" in words_of(same)
    assert journey.slack.channels[DESK].pins == [board["ts"]]


async def test_a_board_that_somebody_deleted_is_made_anew(journey: Journey) -> None:
    await journey.owner_sets(desk={"board": True})
    await journey.pass_(seconds=15)
    [board] = boards(journey)
    journey.slack.delete_message(DESK, board["ts"])
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(seconds=40)
    [fresh] = boards(journey)
    assert fresh["ts"] != board["ts"] and "*Due*: 1" in words_of(fresh)


async def test_it_is_off_unless_the_owner_wants_it(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=1)
    assert boards(journey) == []


async def test_without_the_permission_to_pin_it_stands_unpinned_and_nothing_else_suffers(journey: Journey) -> None:
    journey.slack.scopes = frozenset(manifest()["oauth_config"]["scopes"]["bot"]) - {"pins:write"}
    await journey.owner_sets(desk={"board": True})
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(seconds=40)
    [board] = boards(journey)
    assert "*Due*: 1" in words_of(board)
    assert journey.slack.channels[DESK].pins == []
    assert journey.channel(LEADS) == []
    await journey.types(ANA, "/claim 1")
    await journey.pass_(seconds=15)
    assert "*unclaimed*: 0" in words_of(boards(journey)[0])
    assert "CLAIMED" in journey.card(1)


async def test_with_the_permission_it_is_pinned(journey: Journey) -> None:
    journey.slack.scopes = frozenset(manifest()["oauth_config"]["scopes"]["bot"])
    await journey.owner_sets(desk={"board": True})
    await journey.pass_(seconds=20)
    assert journey.slack.channels[DESK].pins == [boards(journey)[0]["ts"]]
