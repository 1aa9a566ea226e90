"""How the desk does, asked by a machine: green, or red with the reasons that people read in /desk; and no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot
from tests.journeys.conftest import DESK, LEADS, LEE, TUESDAY, Journey, bugs_in


@pytest.fixture
async def watched(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Journey]:
    """A desk that Slack calls by HTTP, and that answers how it does."""
    caplog.set_level(logging.WARNING)
    sandbox = bot.Sandbox(TUESDAY, tmp_path, door="http")
    await sandbox.start()
    told = Journey(sandbox)
    try:
        await told.pass_(seconds=5)
        yield told
        await told.audit(caplog.text)
    finally:
        await sandbox.stop()
    assert bugs_in(caplog) == told.expected_bugs


async def health(journey: Journey) -> tuple[int, dict[str, Any]]:
    """What a monitor on this machine reads."""
    address = f"{journey.sandbox.bot.web.url}/healthz"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        text = await answer.text()
    for secret in ("xoxb-", "EAA", "sandbox-secret", *journey.x.tokens.values()):
        assert secret not in text
    return answer.status, json.loads(text)


async def test_a_desk_that_is_well_is_green_and_says_when_it_looked_last(watched: Journey) -> None:
    await watched.on_x("@acme my parcel is stuck")
    status, said = await health(watched)
    assert (status, said["status"], said["wrong"]) == (200, "green", [])
    assert set(said["last_look_seconds_ago"]) == {"x", "facebook"}
    assert all(0 <= seconds <= 60 for seconds in said["last_look_seconds_ago"].values())


async def test_a_shut_channel_is_red_with_what_waits_and_green_again_when_it_has_drained(watched: Journey) -> None:
    watched.slack.archive(DESK)
    await watched.on_x("@acme my parcel is stuck")
    await watched.pass_(minutes=10)
    status, said = await health(watched)
    assert (status, said["status"]) == (503, "red")
    assert any("is_archived" in why for why in said["wrong"])
    assert said["waiting"] >= 1
    assert said["oldest_waiting_seconds"] >= 600
    assert "parcel" not in json.dumps(said)
    await watched.types(LEE, "/desk", LEADS)
    assert "is_archived" in watched.only_for(LEE, LEADS)[-1]
    watched.slack.archive(DESK, False)
    await watched.pass_(minutes=3)
    assert (await health(watched))[0] == 200
    assert len(watched.roots()) == 1


@pytest.mark.parametrize("which", ["slack", "facebook"])
async def test_a_refused_token_is_red_and_names_whose(watched: Journey, which: str) -> None:
    if which == "slack":
        watched.slack.revoke_token()
    else:
        watched.graph.revoke_token()
    await watched.on_x("@acme my parcel is stuck")
    await watched.pass_(minutes=2)
    status, said = await health(watched)
    assert status == 503
    assert any(which in why.casefold() and "token" in why for why in said["wrong"])
    watched.slack.restore_token()
    watched.graph.accept_token()
    await watched.pass_(minutes=6)
    assert (await health(watched))[0] == 200
