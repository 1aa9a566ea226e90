"""Files in Slack: handed over and shown in a thread, read where a person put one, and taken away."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from desk.model.errors import Refused, Unauthorised, Unreachable
from desk.model.media import Content, kind_of, size
from platforms.slack.client import SlackCaller

SECONDS = 20
"""How long the bytes of one file may take in real time, either way."""
PIECE = 64 * 1024


class SlackFiles:
    """The port `Files` on Slack's Web API. The bot's token goes to Slack's own hosts and nowhere else: what a file's
    address says is checked before it is asked, and it may not lead on."""

    def __init__(self, client: AsyncWebClient, call: SlackCaller, token: str, session: aiohttp.ClientSession) -> None:
        self.client = client
        self.call = call
        self._token = token
        self._session = session

    def __repr__(self) -> str:
        return "SlackFiles(…)"

    @property
    def readable(self) -> bool:
        """As Slack says with each answer which permissions the token has; where it does not say, it is assumed."""
        return self.call.scopes is None or "files:read" in self.call.scopes

    async def put(self, content: Content) -> str:
        """Hand a file over; nobody sees it yet. Returns its id."""
        asked: dict[str, Any] = {"filename": content.name, "length": len(content.data)}
        if content.alt:
            asked["alt_txt"] = content.alt
        body = await self.call(self.client.files_getUploadURLExternal(**asked))
        address, file = str(body.get("upload_url") or ""), str(body.get("file_id") or "")
        if not file or not self._slacks(address):
            raise Refused("Slack named a place for the file that is not Slack's.", "foreign")
        self.call.in_flight += 1
        try:
            async with asyncio.timeout(SECONDS):
                async with self._session.post(address, data=content.data, allow_redirects=False) as answer:
                    status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        finally:
            self.call.in_flight -= 1
        if status != 200:
            raise Unreachable(f"HTTP {status}")
        return file

    async def share(self, file: str, title: str, channel: str, thread_ts: str) -> None:
        """Show in a thread what was handed over."""
        told: list[dict[str, str | None]] = [{"id": file, "title": title}]
        await self.call(self.client.files_completeUploadExternal(files=told, channel_id=channel, thread_ts=thread_ts))

    async def shared(self, file: str, channel: str, thread_ts: str) -> str | None:
        """The ts of the message in that thread that shows the file, or None. Raises `Refused` with the code
        "unreadable" where only looking is not allowed."""
        cursor = ""
        while True:
            more: dict[str, Any] = {"limit": 100, **({"cursor": cursor} if cursor else {})}
            try:
                body = await self.call(self.client.conversations_replies(channel=channel, ts=thread_ts, **more))
            except Unauthorised as error:
                if "missing_scope" not in error.why:
                    raise
                raise Refused(error.why, "unreadable") from None
            for message in body.get("messages", ()):
                if any(one.get("id") == file for one in message.get("files") or ()):
                    return str(message["ts"])
            cursor = (body.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def read(self, file: str, most: int) -> Content:
        """The bytes of a file that a person put into Slack, `most` of them."""
        about = (await self.call(self.client.files_info(file=file))).get("file") or {}
        address = str(about.get("url_private_download") or about.get("url_private") or "")
        if about.get("is_external") or not self._slacks(address):
            raise Refused("The file is not kept in Slack itself.", "foreign")
        self.call.in_flight += 1
        try:
            async with asyncio.timeout(SECONDS):
                data = await self._bytes(address, most)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        finally:
            self.call.in_flight -= 1
        return Content(str(about.get("name") or "file"), kind_of(data), data)

    async def _bytes(self, address: str, most: int) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._session.get(address, headers=headers, allow_redirects=False) as answer:
            if answer.status == 429 or answer.status >= 500:
                raise Unreachable(f"HTTP {answer.status}")
            if answer.status != 200:
                raise Refused(f"Slack does not give the file to the bot (HTTP {answer.status}).", "gone")
            data = bytearray()
            async for piece in answer.content.iter_chunked(PIECE):
                data += piece
                if len(data) > most:
                    raise Refused(f"The file is larger than {size(most)}.", "too_large")
        return bytes(data)

    async def forget(self, file: str) -> None:
        """Take a file out of Slack; one that is gone already is as good."""
        try:
            await self.call(self.client.files_delete(file=file))
        except Refused as refused:
            if refused.code not in ("file_not_found", "file_deleted"):
                raise

    def _slacks(self, address: str) -> bool:
        """Whether an address is Slack's own: where the Web API is, or https below slack.com."""
        parts, ours = urlsplit(address), urlsplit(self.client.base_url)
        if (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc):
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and not parts.username and (host == "slack.com" or host.endswith(".slack.com"))
