"""The Graph stand-in, and the Facebook connector that reads and writes there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from platforms.facebook import FacebookPlatform
from platforms.sandbox.graph import Graph
from platforms.sandbox.wire import Wire
from tests.platforms.test_facebook.ways import SECRET, TOKEN, Hands, Looking, connect


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def graph(clock: Hands) -> AsyncIterator[Graph]:
    wire = Wire(clock.now)
    standin = Graph(clock.now, wire, token=TOKEN, app_secret=SECRET)
    standin.require_proof = True
    await standin.start()
    yield standin
    wire.clear_faults()
    await standin.stop()
    assert wire.unexpected == []


@pytest.fixture
async def facebook(graph: Graph, clock: Hands) -> AsyncIterator[FacebookPlatform]:
    connector = connect(graph, clock)
    yield connector
    assert connector.in_flight == 0
    await connector.close()


@pytest.fixture
def eyes(facebook: FacebookPlatform) -> Looking:
    return Looking(facebook)
