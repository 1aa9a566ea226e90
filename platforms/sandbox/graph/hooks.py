"""Webhooks that Meta would send: batched, signed over the raw bytes, with echoes of the Page's own messages."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import aiohttp

from platforms.sandbox.graph.page import Page, Thing


class Hooks:
    """Collects what happened while `url` is set, and posts it as one batch when asked."""

    def __init__(self, page: Page, app_secret: str, app_id: str) -> None:
        self.page = page
        self.app_secret = app_secret
        self.app_id = app_id
        self.url = ""
        self.waiting: list[dict[str, Any]] = []
        """Entries that were not sent yet."""
        page.listeners.append(self._note)

    def sign(self, body: bytes) -> str:
        """The value of X-Hub-Signature-256."""
        return "sha256=" + hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()

    async def verify(self, token: str, challenge: str = "1158201444") -> tuple[int, str]:
        """The subscription's GET; returns status and text."""
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        async with aiohttp.ClientSession() as session, session.get(self.url, params=query) as answer:
            return answer.status, await answer.text()

    async def send(self, *, times: int = 1) -> list[int]:
        """Post all that waits as one batch, `times` over (at-least-once delivery); returns the statuses.

        What is not answered with 200 (0: nobody was there) waits on, and comes again with the next call.
        """
        entries, self.waiting = self.waiting, []
        body = json.dumps({"object": "page", "entry": entries}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": self.sign(body)}
        statuses = []
        async with aiohttp.ClientSession() as session:
            for _ in range(times):
                try:
                    async with session.post(self.url, data=body, headers=headers) as answer:
                        statuses.append(answer.status)
                except aiohttp.ClientError:
                    statuses.append(0)
        if statuses and statuses[-1] != 200:
            self.waiting = entries + self.waiting
        return statuses

    def _note(self, event: dict[str, Any]) -> None:
        if not self.url:
            return
        changed = event.get("id", "")
        thing = self.page.things.get(changed)
        if thing is not None:
            verb = {"edited": "edited", "deleted": "remove"}.get(event["type"], "add")
            self._entry("changes", {"field": "feed", "value": self._value(thing, verb)})
        elif (said := self.page.said(changed)) is not None and event["type"] != "deleted":
            message: dict[str, Any] = {"mid": said.id, "text": said.text}
            if said.author is self.page.me:
                message |= {"is_echo": True, "app_id": int(self.app_id)}
                if said.metadata:
                    message["metadata"] = said.metadata
            self._entry(
                "messaging",
                {
                    "sender": {"id": said.author.id},
                    "recipient": {"id": said.to.id},
                    "timestamp": int(said.at.timestamp() * 1000),
                    "message": message,
                },
            )

    def read(self, person: str) -> None:
        """The person has read what we wrote: a read receipt, which is no inquiry."""
        if self.url:
            watermark = int(self.page.now().timestamp() * 1000)
            who = self.page.person(person).id
            item = {"sender": {"id": who}, "recipient": {"id": self.page.me.id}, "read": {"watermark": watermark}}
            self._entry("messaging", item)

    def _entry(self, key: str, item: dict[str, Any]) -> None:
        at = int(self.page.now().timestamp())
        self.waiting.append(
            {"id": self.page.me.id, "time": at if key == "changes" else at * 1000, key: [item]},
        )

    def _value(self, thing: Thing, verb: str) -> dict[str, Any]:
        value: dict[str, Any] = {
            "item": "comment" if thing.kind == "comment" else "post",
            "verb": verb,
            "post_id": thing.post or thing.id,
            "created_time": int(thing.at.timestamp()),
            "from": {"id": thing.author.id, "name": thing.author.name},
        }
        if thing.kind == "comment":
            value["comment_id"] = thing.id
            value["parent_id"] = thing.parent
            value["post"] = {"permalink_url": f"https://www.facebook.com/{thing.post}"}
        if verb != "remove":
            value["message"] = thing.text
        return value
