"""The channel as the desk's board: opens threads, keeps cards true, says lines; at Slack's pace."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from desk.model.asking import Button
from desk.model.catalogue import say
from desk.model.errors import Refused, Unauthorised
from desk.model.outbox import Operation, OpKind
from platforms.slack import ids
from platforms.slack.blocks.card import customer_message, inquiry_card
from platforms.slack.blocks.home import home_view
from platforms.slack.blocks.lines import line_message
from platforms.slack.blocks.pieces import Block, actions, flat, section
from platforms.slack.client import SlackCaller

log = logging.getLogger("frontdesk.slack")

POST_EVERY = timedelta(seconds=1)
"""Slack takes about one message a second and channel (its rate-limit page; `chat.postMessage` is special tier)."""
MINUTE = timedelta(seconds=60)
EDITS, TELLS = 50, 100
"""Calls a minute of `chat.update` (tier 3) and `chat.postEphemeral` (tier 4), workspace-wide."""
TEXT = 3900
"""Characters of a message's fallback text; Slack recommends 4,000."""
TOPIC = 250
"""Characters of a channel's topic."""
PLAIN = 39_000
"""Characters of a message that is text only; Slack takes 40,000."""
DRAWN = 2000
"""Of so many of its latest messages the board knows how they stand, and does not edit them to what they say already."""
TOO_MUCH = frozenset({"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format", "no_text"})
"""What Slack says to blocks that it will not have; all blocks of a message together may not pass some 13,000
characters, which no reference mentions."""


def is_shared(about: dict[str, Any]) -> bool:
    """Whether another workspace is in a channel, or about to be, by what Slack says about it."""
    return bool(about.get("is_ext_shared") or about.get("is_pending_ext_shared") or about.get("pending_shared"))


class SlackBoard:
    """The port `Board` on Slack's Web API. `team_url` ("https://acme.slack.com/") is for links to threads."""

    def __init__(self, client: AsyncWebClient, now: Callable[[], datetime], team_url: str = "") -> None:
        self.client = client
        self.now = now
        self.team_url = team_url
        self.call = SlackCaller(client, now)
        self._posted: dict[str, datetime] = {}
        self._drawn: dict[tuple[str, str], int] = {}
        self._recent: dict[str, deque[datetime]] = {
            "update": deque(maxlen=EDITS),
            "tell": deque(maxlen=TELLS),
        }

    def free_at(self, op: Operation, now: datetime) -> datetime:
        if op.kind in (OpKind.CARD, OpKind.EDIT, OpKind.FOLD, OpKind.PIN, OpKind.TOPIC):
            return self._bucket("update", now)
        if op.kind in (OpKind.TELL, OpKind.HOME):
            return self._bucket("tell", now)
        last = self._posted.get(op.place)
        return now if last is None else max(now, min(last, now) + POST_EVERY)

    def _bucket(self, name: str, now: datetime) -> datetime:
        recent = self._recent[name]
        if len(recent) < (recent.maxlen or 0):
            return now
        return max(now, min(recent[0], now) + MINUTE)

    async def deliver(self, op: Operation, view: dict[str, Any]) -> str:
        """Draw and send. Raises the four outside errors only."""
        now = self.now()
        match op.kind:
            case OpKind.ROOT:
                text, blocks = inquiry_card(view)
                payload = {"op_id": op.op_id, "inquiry": op.number, "message_id": view["first"].remote_id}
                return await self._post(op, text, blocks, payload)
            case OpKind.CARD:
                text, blocks = inquiry_card(view)
                payload = {"op_id": view["op_id"], "inquiry": op.number, "message_id": view["first"].remote_id}
                return await self._update(op, view["ts"], text, blocks, payload, now)
            case OpKind.SHOW:
                text, blocks = customer_message(view)
                return await self._post(op, text, blocks, _shown(view, op.number), thread_ts=view["thread_ts"])
            case OpKind.EDIT:
                return await self._edit(op, view, now)
            case OpKind.HOME:
                return await self._home(op, view, now)
            case OpKind.PIN:
                return await self._pin(op, view["ts"])
            case OpKind.TOPIC:
                return await self._topic(op, view["line"]["text"])
            case OpKind.TELL:
                return await self._tell(op, view, now)
            case _:
                line = view["line"]
                text, blocks = line_message(line)
                if view.get("open"):
                    channel, ts = view["open"]
                    blocks += actions((Button(ids.OPEN, say("Open thread"), url=self.permalink(channel, ts)),))
                payload = {"op_id": op.op_id, "inquiry": op.number}
                broadcast = bool(view.get("broadcast"))
                return await self._post(op, text, blocks, payload, thread_ts=view.get("thread_ts"), broadcast=broadcast)

    async def shared(self, channel: str) -> bool:
        """Whether another workspace is in it, or about to be. Raises the four outside errors."""
        about = (await self.call(self.client.conversations_info(channel=channel))).get("channel") or {}
        return is_shared(about)

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message, as Slack forms it."""
        return f"{self.team_url or 'https://slack.com/'}archives/{channel}/p{ts.replace('.', '')}"

    async def _post(
        self,
        op: Operation,
        text: str,
        blocks: list[Block],
        payload: dict[str, Any],
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> str:
        self._posted[op.place] = self.now()
        message: dict[str, Any] = {
            "channel": op.place,
            "text": text[:TEXT],
            "blocks": blocks,
            "metadata": {"event_type": ids.EVENT_TYPE, "event_payload": payload},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread_ts:
            message["thread_ts"] = thread_ts
            if broadcast:
                message["reply_broadcast"] = True
        ts = await self._said(self.client.chat_postMessage, message)
        self._stands(op.place, ts, _drawing(text, blocks, payload))
        return ts

    def _stands(self, place: str, ts: str, drawing: int) -> None:
        """Slack took it: so the message reads now."""
        self._drawn.pop((place, ts), None)
        self._drawn[place, ts] = drawing
        if len(self._drawn) > DRAWN:
            del self._drawn[next(iter(self._drawn))]

    async def _said(self, method: Callable[..., Any], message: dict[str, Any]) -> str:
        """Post or edit; what Slack will not have in blocks it gets as text, every word of it."""
        try:
            body = await self.call(method(**message))
        except Refused as refused:
            if refused.code not in TOO_MUCH:
                raise
            log.warning("plain text instead of blocks: %s", refused.code)
            words = flat(message["blocks"])[:PLAIN]
            body = await self.call(method(**{**message, "blocks": [], "text": words}))
        return str(body["ts"])

    async def _update(
        self, op: Operation, ts: str, text: str, blocks: list[Block], payload: dict[str, Any], now: datetime
    ) -> str:
        drawing = _drawing(text, blocks, payload)
        if self._drawn.pop((op.place, ts), None) == drawing:
            self._stands(op.place, ts, drawing)
            return ts  # an edit that nobody could see is no call
        self._recent["update"].append(now)
        message = {
            "channel": op.place,
            "ts": ts,
            "text": text[:TEXT],
            "blocks": blocks,
            "metadata": {"event_type": ids.EVENT_TYPE, "event_payload": payload},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        ts = await self._said(self.client.chat_update, message)
        self._stands(op.place, ts, drawing)
        return ts

    async def _edit(self, op: Operation, view: dict[str, Any], now: datetime) -> str:
        if view["edits"] is OpKind.SHOW:
            text, blocks = customer_message(view)
            payload = {**_shown(view, op.number), "op_id": view["said"]}
        else:
            text, blocks = line_message(view["line"])
            payload = {"op_id": view["said"], "inquiry": op.number}
        return await self._update(op, view["ts"], text, blocks, payload, now)

    async def _pin(self, op: Operation, ts: str) -> str:
        """Pinned already is as good. A bot that may not pin says so once; nothing else waits for that."""
        try:
            await self.call(self.client.pins_add(channel=op.place, timestamp=ts))
        except Unauthorised as error:
            if "missing_scope" not in error.why:
                raise
            raise Refused(error.why, "unpinned") from None
        except Refused as refused:
            if refused.code != "already_pinned":
                raise
        return ""

    async def _topic(self, op: Operation, text: str) -> str:
        """A bot that may not set topics says so once; nothing else waits for that."""
        self._recent["update"].append(self.now())
        try:
            await self.call(self.client.conversations_setTopic(channel=op.place, topic=text[:TOPIC]))
        except Unauthorised as error:
            if "missing_scope" not in error.why:
                raise
            raise Refused(error.why, "no topic") from None
        return ""

    async def _tell(self, op: Operation, view: dict[str, Any], now: datetime) -> str:
        self._recent["tell"].append(now)
        text, blocks = line_message(view["line"])
        message: dict[str, Any] = {"channel": op.place, "user": view["user"], "text": text[:TEXT], "blocks": blocks}
        if view.get("thread_ts"):
            message["thread_ts"] = view["thread_ts"]
        await self.call(self.client.chat_postEphemeral(**message))
        return ""

    async def _home(self, op: Operation, view: dict[str, Any], now: datetime) -> str:
        self._recent["tell"].append(now)
        await self.call(self.client.views_publish(user_id=op.place, view=home_view(view)))
        return ""

    async def find(self, op: Operation, thread_ts: str | None) -> str | None:
        """Looks for the op_id in the metadata of what stands in the channel (or thread) since the first attempt began.
        Raises `Refused` with the code "unreadable" where only looking is not allowed."""
        try:
            found = await self._all(op, thread_ts)
        except Unauthorised as error:
            if "missing_scope" not in error.why:
                raise
            raise Refused(error.why, "unreadable") from None
        if not found:
            return None
        kept, *others = sorted(found, key=float)
        for other in others:
            await self._fold(op, kept, other, found[other])
        return kept

    async def _fold(self, op: Operation, kept: str, other: str, payload: dict[str, Any]) -> None:
        """The younger of two equal messages points to the elder; what people said below a root stays there."""
        elder = self.permalink(op.place, kept)
        if op.kind is OpKind.ROOT:
            words = say("Duplicate of {link}, where it goes on.", link=f"<{elder}|#{op.number}>")
            short = say("Duplicate of #{number}", number=op.number)
        else:
            words = say("Said twice by mistake: <{link}|this is the one>.", link=elder)
            short = say("Said twice by mistake")
        await self._update(op, other, short, [section(words)], {**payload, "folded": True}, self.now())

    async def _all(self, op: Operation, thread_ts: str | None) -> dict[str, dict[str, Any]]:
        """The metadata of each message with this op_id that is not folded, by its ts."""
        oldest = f"{(op.first_started_at - timedelta(seconds=2)).timestamp():.6f}"
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        while True:
            more: dict[str, Any] = {"oldest": oldest, "limit": 100, "include_all_metadata": True}
            if cursor:
                more["cursor"] = cursor
            if thread_ts:
                body = await self.call(self.client.conversations_replies(channel=op.place, ts=thread_ts, **more))
            else:
                body = await self.call(self.client.conversations_history(channel=op.place, **more))
            for message in body.get("messages", ()):
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("op_id") == op.op_id and not payload.get("folded"):
                    found[str(message["ts"])] = payload
            cursor = (body.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found


def _drawing(text: str, blocks: list[Block], payload: dict[str, Any]) -> int:
    """A number for how a message reads; equal where nothing of it differs."""
    return hash(json.dumps((text, blocks, payload), sort_keys=True, default=str))


def _shown(view: dict[str, Any], number: int | None) -> dict[str, Any]:
    payload = {"op_id": view["op_id"], "inquiry": number, "message_id": view["entry"].remote_id}
    if view["pieces"] > 1:
        payload["part"] = f"{view['piece'] + 1}/{view['pieces']}"
    if len(view["posts"]) > 1:
        payload["message_ids"] = [post.remote_id for post in view["posts"]]
    return payload
