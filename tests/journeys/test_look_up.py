"""The company's own system is asked who a customer is: shown, cached, and harmless when it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from config.settings import Secret
from desk.model.customer import Known
from platforms.directory import FACTS, known_from
from platforms.sandbox.wire import Wire, serve
from tests.journeys.conftest import ANA, DESK, Journey, words_of
from tests.journeys.test_policies import promises

MARIA = {
    "name": "Maria Kowalska",
    "vip": True,
    "facts": {"Customer since": 2019, "Orders": 14, "<!channel>": "*bold*"},
    "url": "https://crm.acme.example/c/17",
}


class Company:
    """A stand-in of the company's own system; who is in `people` (by handle) is known there."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.people: dict[str, Any] = {"maria_k": MARIA}
        self.tokens: list[str] = []
        self.url = ""

    async def start(self) -> web.AppRunner:
        app = web.Application(middlewares=[self.wire.middleware("company")])
        app.router.add_get("/frontdesk", self._find)
        app.router.add_get("/elsewhere", self._find)
        runner, port = await serve(app, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{port}/frontdesk"
        return runner

    async def _find(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("Authorization", ""))
        found = self.people.get(request.query["handle"])
        if found is None:
            return web.Response(status=404)
        return web.Response(text=found if isinstance(found, str) else json.dumps(found))


@pytest.fixture
async def company(journey: Journey) -> AsyncIterator[Company]:
    """A desk whose owner has named the company's own system."""
    own = Company(journey.wire)
    runner = await own.start()
    try:
        yield own
    finally:
        await runner.cleanup()


async def named(journey: Journey, company: Company, seconds: int = 10) -> None:
    """`seconds` is the limit of one call in real time: long, so that a busy machine is no trouble of the system's."""
    await journey.owner_sets(
        customers={"lookup_url": company.url, "lookup_seconds": seconds},
        secrets={"customers_token": Secret("crm-very-secret")},
    )


async def customer(journey: Journey, command: str) -> str:
    """Everything that Ana reads."""
    return words_of((await journey.slack.command(ANA, DESK, command)).response or {})


async def test_what_the_company_knows_stands_on_the_card_and_makes_a_vip_from_the_start(
    journey: Journey, company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    await promises(journey, {"name": "VIP", "vip": True, "first": "5m"}, {"name": "Rest", "first": "3h"})
    await named(journey, company)
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(seconds=5)
    assert company.tokens == ["Bearer crm-very-secret"]
    [asked] = journey.wire.to("company")
    assert {**asked.request, "id": ""} == {
        "platform": "x",
        "account": "1000",
        "id": "",
        "handle": "maria_k",
        "name": "Maria K.",
    }
    card = journey.card(1)
    assert "*VIP*" in card and "Customer since: 2019 · Orders: 14" in card
    assert "“VIP” matches" in journey.in_thread(1, "The company's own system knows this customer")["text"]
    told = await customer(journey, "/customer 1")
    assert "Maria Kowalska" in told and "Customer since: 2019" in told and "https://crm.acme.example/c/17" in told
    assert "<!channel>" not in told and "*bold*" not in told
    await journey.on_x("@acme and the invoice")
    await journey.pass_(hours=11)
    assert len(company.tokens) == 1, "the first answer still holds"
    await journey.types(ANA, "/customer @maria_k vip off")
    await journey.pass_(hours=2)
    await journey.on_x("@acme one thing more")
    await journey.pass_(seconds=5)
    assert len(company.tokens) == 2
    assert "VIP" not in journey.card(3), "what a person at the desk has set stays"
    assert "crm-very-secret" not in caplog.text
    await journey.restart()
    await journey.pass_(seconds=5)
    assert len(company.tokens) == 2, "and over a restart"
    await journey.on_x("@acme hello", handle="tom", name="Tom")
    await journey.pass_(seconds=5)
    assert "does not know this customer" in await customer(journey, "/customer 4")


async def test_a_system_that_fails_harms_nothing_and_is_asked_again(journey: Journey, company: Company) -> None:
    await named(journey, company, seconds=1)
    troubles = ("status", "drop_before", "hang", "redirect", "no JSON", "too long")
    for number, trouble in enumerate(troubles, start=1):
        who = f"customer{number}"
        if trouble == "no JSON":
            company.people[who] = "<html>"
        elif trouble == "too long":
            company.people[who] = json.dumps({"name": "x" * 70_000})
        elif trouble == "redirect":
            journey.wire.fault("company", "*", "status", times=None, status=302, headers={"Location": "/elsewhere"})
        else:
            journey.wire.fault("company", "*", trouble, times=None, seconds=1.1)  # type: ignore[arg-type]
        await journey.on_x("@acme my parcel is stuck", handle=who, name=f"Customer {number}")
        await journey.pass_(seconds=3)
        assert "VIP" not in journey.card(number), trouble
        assert "gave no answer" in await customer(journey, f"/customer {number}"), trouble
        assert journey.thread(number) == []
        journey.wire.clear_faults()
        company.people[who] = MARIA
        await journey.pass_(minutes=6)
        assert "*VIP*" in journey.card(number), trouble
    assert not [one for one in journey.wire.to("company") if one.path == "/elsewhere"]
    assert not any("system" in words for words in journey.channel())


def test_an_answer_is_read_as_far_as_it_makes_sense() -> None:
    at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    odd = {
        "name": ["no"],
        "vip": "yes",
        "language": "Portuguese",
        "url": "javascript:alert(1)",
        "facts": "none",
        "x": 1,
    }
    assert known_from(odd, at) == Known(at, language="pt")
    many = {"facts": {f"F{n}": n for n in range(20)} | {"": ""}, "vip": False}
    assert len(known_from(many, at).facts) == FACTS and known_from(many, at).vip is False
    long = known_from({"name": "n" * 500, "facts": {"a\nb": "c\u202ed" * 200, "t": True}}, at)
    assert len(long.name) == 100 and [label for label, _ in long.facts] == ["a b"] and "\u202e" not in long.facts[0][1]
    assert known_from({}, at + timedelta(0)) == Known(at)
