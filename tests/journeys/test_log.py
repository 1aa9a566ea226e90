"""The log of a desk at work: what happened, and nothing that was said."""

from __future__ import annotations

import json
import logging

import pytest

from config.logs import JsonLines
from tests.journeys.conftest import ANA, Journey


async def test_no_line_of_a_desk_at_work_holds_a_customers_words_an_answer_or_a_token(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("frontdesk", "frontdesk.outbox"):
        caplog.set_level(logging.DEBUG, logger=name)
    await journey.on_x("@acme zebra-parcel is stuck", handle="zebra_maria", name="Zebra Maria")
    await journey.message("zebra-invoice was charged twice", person="Zebra Peter")
    await journey.types(ANA, "/reply 1 zebra-answer comes tomorrow")
    await journey.pass_(seconds=15)
    journey.wire.fault("x", "GET /2/users/*/mentions", "status", status=401, body={"title": "Unauthorized"})
    await journey.pass_(minutes=20)
    await journey.pass_(minutes=20)
    lines = [JsonLines().format(record) for record in caplog.records]
    ours = [json.loads(line) for line in lines if json.loads(line)["who"].startswith("frontdesk")]
    assert {"opened", "published", "breached", "shut out"} <= {line["what"] for line in ours}
    everything = "\n".join(lines).casefold()
    assert "zebra" not in everything
    secrets = (*journey.x.tokens.values(), "xoxb-sandbox", "xapp-sandbox", "EAA-sandbox", "sandbox-app-secret")
    assert [secret for secret in secrets if secret.casefold() in everything] == []
