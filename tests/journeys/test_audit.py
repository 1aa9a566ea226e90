"""The closing audit itself: it sees what it is there to see."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from tests.journeys import audit
from tests.journeys.conftest import ANA, DESK, Journey


async def kept_by(journey: Journey) -> audit.Kept:
    return await audit.remembered(journey.sandbox.bot.store, audit.op_ids(journey.world))


async def test_what_is_lost_doubled_or_said_by_nobody_is_seen(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.pass_(seconds=15)
    slack, x = journey.slack, journey.x
    kept = await kept_by(journey)
    for check in (audit.said_in_slack, audit.published, audit.shown):
        check(journey.world, kept)
    assert audit.missing(journey.world, kept) == []

    lost = x.post("maria_k", "@acme and now?")
    assert audit.missing(journey.world, kept) == [lost]
    x.delete(lost)

    root = journey.root(1)
    twin = slack.bot_message("#1", root["blocks"])
    twin["metadata"] = root["metadata"]
    slack.post(slack.channels[DESK], twin)
    with pytest.raises(AssertionError, match="said twice"):
        audit.said_in_slack(journey.world, kept)
    slack.delete_message(DESK, twin["ts"])

    stray = slack.bot_message("hello", [])
    slack.post(slack.channels[DESK], stray)
    with pytest.raises(AssertionError, match="nobody knows why"):
        audit.said_in_slack(journey.world, kept)
    slack.delete_message(DESK, stray["ts"])

    again = x.publish(journey.published[0]["text"], None, 0.0)
    with pytest.raises(AssertionError, match="more often than asked"):
        audit.published(journey.world, kept)
    x.withdraw(again)
    x.shelf.posts.pop(again.id)

    unshown = replace(kept.entries[0], remote_id="1")
    with pytest.raises(AssertionError, match="not shown"):
        audit.shown(journey.world, replace(kept, entries=[*kept.entries, unshown]))


@pytest.mark.parametrize("secret", ["xoxb-sandbox", "xapp-sandbox", "EAA-sandbox", "sandbox-app-secret"])
async def test_a_secret_in_the_log_or_on_the_disk_is_seen(journey: Journey, secret: str) -> None:
    assert secret in audit.secrets_of(journey.sandbox)
    with pytest.raises(AssertionError, match="stands in the log"):
        audit.no_secrets(journey.sandbox, f"the token is {secret}, sadly")
    leak = journey.sandbox.folder / "leak"
    leak.write_text(secret, encoding="utf-8")
    with pytest.raises(AssertionError, match="stands in leak"):
        audit.no_secrets(journey.sandbox, "")
    leak.unlink()


async def test_no_secret_is_said_although_everything_may_be_logged(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="frontdesk")
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("Is there lactose in it?")
    for to in ("x", "graph"):
        journey.wire.fault(to, "POST *", "drop_before")
    journey.wire.fault("slack", "POST /api/chat.postMessage", "status", status=500, body="<html>no</html>")
    await journey.types(ANA, "/reply 1 It comes on Tuesday.")
    await journey.types(ANA, "/reply 2 There is none.")
    await journey.pass_(minutes=2)
    await journey.restart()
    audit.no_secrets(journey.sandbox, caplog.text)
