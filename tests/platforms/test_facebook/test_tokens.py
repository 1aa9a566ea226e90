"""Tokens and versions of the Graph API: which are refused, and that no secret ever leaves."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from aiohttp import web

from desk.model.errors import OutsideError, Refused, Unauthorised
from platforms.facebook import FacebookPlatform
from platforms.graph import GraphAPI
from platforms.sandbox.graph import Graph, error_body
from tests.platforms.test_facebook.ways import SECRET, TOKEN, Hands, Looking, comment, connect, reply


async def test_the_account_is_the_page(facebook: FacebookPlatform) -> None:
    account = await facebook.account()
    assert (account.remote_id, account.name, account.handle) == ("2000", "Acme", "")


async def test_a_token_of_somebody_else_is_unauthorised(graph: Graph, clock: Hands) -> None:
    connector = connect(graph, clock, page_id="2001")
    for work in (connector.account(), connector.fetch(None)):
        with pytest.raises(Unauthorised, match="belongs to 2000"):
            await work
    await connector.close()
    right = connect(graph, clock, page_id="2000")
    await right.fetch(None)
    await right.close()


@pytest.mark.parametrize("subcode", [None, 458, 460, 463, 467, 493])
async def test_a_dead_token_is_unauthorised_for_reading_and_writing(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking, subcode: int | None
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    await eyes.look()
    graph.revoke_token(subcode)
    for work in (facebook.account(), eyes.look(), facebook.publish(reply(top, "Yes"))):
        with pytest.raises(Unauthorised) as trouble:
            await work
        assert str(subcode or 190) in trouble.value.why
    graph.accept_token()
    await facebook.publish(reply(top, "Yes"))


async def test_a_missing_permission_is_unauthorised_and_names_it(graph: Graph, facebook: FacebookPlatform) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.permissions.discard("pages_manage_engagement")
    with pytest.raises(Unauthorised) as trouble:
        await facebook.publish(reply(top, "Yes"))
    assert "pages_manage_engagement" in trouble.value.why


async def test_a_version_that_is_gone_is_refused_at_the_start(graph: Graph, clock: Hands) -> None:
    old = connect(graph, clock, version="v19.0")
    with pytest.raises(Refused) as refusal:
        await old.account()
    assert "2635" in refusal.value.why
    await old.close()
    for wrong in ("22.0", "v2", "latest", "v22.0/../me"):
        with pytest.raises(ValueError, match="must look like"):
            connect(graph, clock, version=wrong)


async def test_a_version_that_facebook_silently_replaced_is_noticed(clock: Hands) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"id": "2000", "name": "Acme"}, headers={"facebook-api-version": "v25.0"})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    connector = FacebookPlatform(TOKEN, now=clock.now, base=f"http://127.0.0.1:{runner.addresses[0][1]}")
    with pytest.raises(Refused, match=r"v25\.0"):
        await connector.account()
    await connector.close()
    await runner.cleanup()


async def test_no_token_and_no_words_of_customers_leave_in_logs_errors_or_urls(
    graph: Graph, facebook: FacebookPlatform, eyes: Looking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    top = graph.comment("Mia Holt", "canary words of a customer")
    said = []
    graph.usage = {"app": 85}
    faults: list[tuple[str, dict[str, Any]]] = [
        ("drop_after", {}),
        ("status", {"status": 400, "body": error_body(190, message=f"Bad access_token={TOKEN} or {TOKEN}")}),
        ("status", {"status": 400, "body": error_body(10, message=f"(#10) access_token={TOKEN} lacks it")}),
        ("status", {"status": 400, "body": error_body(12345, message=f"no, {TOKEN}, appsecret_proof=abc")}),
        ("status", {"status": 400, "body": error_body(100, message="(#100) no: canary words of ours, that is")}),
        ("status", {"status": 502, "body": f"<html>{TOKEN}</html>"}),
    ]
    for action, more in faults:
        graph.wire.fault("graph", "POST *", action, **more)  # type: ignore[arg-type]
        with pytest.raises(OutsideError) as trouble:
            await facebook.publish(reply(top, "canary words of ours"))
        error: BaseException | None = trouble.value
        while error is not None:
            said.append(f"{error!r} {error} {vars(error)}")
            error = error.__cause__ or error.__context__
    body = {"data": [{"id": "2000_1", "comments": {"data": [comment(1, message={"canary": 1})]}}]}
    graph.wire.fault("graph", "GET */feed", "status", status=200, body=body)
    await eyes.look()
    everything = "\n".join([*said, caplog.text, repr(facebook), eyes.cursor or ""])
    for canary in (TOKEN, SECRET, "canary words", '"canary"', "appsecret_proof=abc"):
        assert canary not in everything
    for record in graph.wire.to("graph"):
        assert "access_token" not in record.request


def test_the_demanded_sdk_is_what_speaks() -> None:
    import facebook as sdk

    assert issubclass(GraphAPI, sdk.GraphAPI)
