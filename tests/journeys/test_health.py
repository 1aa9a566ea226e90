"""How the desk does, asked by a machine: green, or red with the reasons that people read in /desk; and no secret."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.journeys.conftest import DESK, LEADS, LEE, Journey


async def health(journey: Journey) -> tuple[int, dict[str, Any]]:
    """What a monitor on this machine reads."""
    address = f"{journey.sandbox.bot.web.url}/healthz"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        text = await answer.text()
    for secret in ("xoxb-", "EAA", "sandbox-secret", *journey.x.tokens.values()):
        assert secret not in text
    return answer.status, json.loads(text)


async def test_a_desk_that_is_well_is_green_and_says_when_it_looked_last(called: Journey) -> None:
    await called.on_x("@acme my parcel is stuck")
    status, said = await health(called)
    assert (status, said["status"], said["wrong"]) == (200, "green", [])
    assert set(said["last_look_seconds_ago"]) == {"x", "facebook"}
    assert all(0 <= seconds <= 60 for seconds in said["last_look_seconds_ago"].values())


async def test_a_shut_channel_is_red_with_what_waits_and_green_again_when_it_has_drained(called: Journey) -> None:
    called.slack.archive(DESK)
    await called.on_x("@acme my parcel is stuck")
    await called.pass_(minutes=10)
    status, said = await health(called)
    assert (status, said["status"]) == (503, "red")
    assert any("is_archived" in why for why in said["wrong"])
    assert said["waiting"] >= 1
    assert said["oldest_waiting_seconds"] >= 600
    assert "parcel" not in json.dumps(said)
    await called.types(LEE, "/desk", LEADS)
    assert "is_archived" in called.only_for(LEE, LEADS)[-1]
    called.slack.archive(DESK, False)
    await called.pass_(minutes=3)
    assert (await health(called))[0] == 200
    assert len(called.roots()) == 1


@pytest.mark.parametrize("which", ["slack", "facebook"])
async def test_a_refused_token_is_red_and_names_whose(called: Journey, which: str) -> None:
    if which == "slack":
        called.slack.revoke_token()
    else:
        called.graph.revoke_token()
    await called.on_x("@acme my parcel is stuck")
    await called.pass_(minutes=2)
    status, said = await health(called)
    assert status == 503
    assert any(which in why.casefold() and "token" in why for why in said["wrong"])
    called.slack.restore_token()
    called.graph.accept_token()
    await called.pass_(minutes=6)
    assert (await health(called))[0] == 200
