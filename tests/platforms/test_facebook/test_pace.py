"""How fast the Facebook connector asks: it slows down and pauses before Graph locks the app."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.model.errors import Busy
from platforms.facebook import FacebookPlatform
from platforms.graph import read_usage
from platforms.sandbox.graph import Graph
from tests.platforms.test_facebook.ways import START, Hands, Looking, reply


async def test_polling_slows_down_at_80_percent_and_pauses_at_95_while_publishing_goes_on(
    graph: Graph, facebook: FacebookPlatform, clock: Hands, eyes: Looking
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    graph.usage = {"app": 12, "page": 83}
    await eyes.look()
    with pytest.raises(Busy) as slow:
        await eyes.look()
    assert slow.value.retry_at == clock.now() + timedelta(minutes=2)
    clock.on(minutes=2)
    graph.usage = {"app": 12}
    graph.business_usage = 96
    await eyes.look()
    with pytest.raises(Busy) as pause:
        await eyes.look()
    assert pause.value.retry_at == clock.now() + timedelta(minutes=15)
    await facebook.publish(reply(top, "Yes"))
    clock.on(minutes=15)
    graph.business_usage = 20
    await eyes.look()
    await eyes.look()


async def test_graphs_own_estimate_of_a_lock_is_believed(graph: Graph, clock: Hands, eyes: Looking) -> None:
    graph.business_usage = 100
    await eyes.look()
    with pytest.raises(Busy) as pause:
        await eyes.look()
    assert pause.value.retry_at == clock.now() + timedelta(minutes=60)


@pytest.mark.parametrize("code", [4, 17, 32, 613])
async def test_a_rate_limit_is_busy_for_reading_and_writing(
    graph: Graph, facebook: FacebookPlatform, clock: Hands, eyes: Looking, code: int
) -> None:
    top = graph.comment("Mia Holt", "Open?")
    await eyes.look()
    graph.throttled = code
    for work in (eyes.look(), facebook.publish(reply(top, "Yes"))):
        with pytest.raises(Busy) as busy:
            await work
        assert busy.value.retry_at > clock.now()
        assert str(code) in busy.value.why


def test_usage_is_the_highest_of_all_headers_and_junk_is_no_usage() -> None:
    assert read_usage({"X-App-Usage": "junk", "X-Page-Usage": "[1]"}, START) is None
    usage = read_usage({"X-APP-USAGE": '{"call_count": 28, "total_time": 93.6}', "x-page-usage": "{}"}, START)
    assert usage is not None
    assert (usage.percent, usage.regain) == (93, None)
