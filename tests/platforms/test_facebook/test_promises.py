"""What every connector promises, kept by the one for Facebook."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import pytest

from platforms.facebook import FacebookPlatform
from platforms.sandbox.graph import Graph, error_body
from platforms.sandbox.wire import Fault, Wire
from tests.platforms.promises import Promises, Scene
from tests.platforms.test_facebook.ways import SECRET, START, TOKEN


class FacebookScene(Scene):
    """The Page, its customers, and the connector between it and the desk."""

    to = "graph"
    publishing = "POST *"
    reading = "GET */comments"
    uploading = "POST */photos"
    secrets = (TOKEN, SECRET, hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest())

    def __init__(self) -> None:
        self.at = START
        self.wire = Wire(lambda: self.at)
        self.graph = Graph(lambda: self.at, self.wire, token=TOKEN, app_secret=SECRET)
        self.graph.require_proof = True

    async def open(self) -> None:
        await self.graph.start()
        self.platform = FacebookPlatform(
            TOKEN, app_secret=SECRET, base=self.graph.url, now=lambda: self.at, timeouts=(2.5, 2.5)
        )

    async def close(self) -> None:
        self.wire.clear_faults()
        await self.platform.close()
        await self.graph.stop()

    def fault(self, match: str, action: Any, **more: Any) -> Fault:
        """A read is tried three times, so a fault that is to be felt lasts as long."""
        if match == self.reading:
            more["times"] = 3 * more.get("times", 1)
        return super().fault(match, action, **more)

    def customer_writes(self, text: str) -> str:
        return self.graph.comment("Mia Holt", text)

    def customer_answers(self, text: str, to: str) -> str:
        return self.graph.comment("Tom Reed", text, on=to)

    def customer_writes_privately(self, text: str) -> str:
        return self.graph.message("Mia Holt", text)

    def customer_edits(self, remote_id: str, text: str) -> str:
        self.graph.edit(remote_id, text)
        return remote_id

    def customer_deletes(self, remote_id: str) -> None:
        self.graph.delete(remote_id)

    def colleague_answers(self, text: str, to: str) -> str:
        return self.graph.native_comment(text, to)

    def said(self) -> list[str]:
        return [one["text"] for one in self.graph.published]

    def pictures(self) -> list[int]:
        return [int("picture" in one) for one in self.graph.published]

    def customer_shows(self, data: bytes) -> str:
        return self.graph.picture(data)

    def standing(self) -> list[str]:
        return [thing.text for thing in self.graph.alive() if thing.by_page and thing.kind == "comment"]

    def customer_answers_us(self, text: str) -> str:
        return self.graph.comment("Mia Holt", text, on=self.graph.page_post("We open at nine."))

    def is_hidden(self, remote_id: str) -> bool:
        return self.graph.things[remote_id].hidden

    def targets(self) -> list[str | None]:
        return [one["on"] for one in self.graph.published if one["kind"] == "comment"]

    def revoke(self) -> None:
        self.graph.revoke_token(460)


class TestFacebookKeepsThePromises(Promises):
    @pytest.fixture
    async def scene(self) -> AsyncIterator[Scene]:
        scene = FacebookScene()
        await scene.open()
        yield scene
        await scene.close()
        assert scene.wire.unexpected == []

    def busy(self, scene: Scene) -> dict[str, Any]:
        return {"status": 400, "body": error_body(32)}
