"""Pictures at the X stand-in: handed over by the API v1.1, described, hung on posts and direct messages, and shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from platforms.sandbox.wire import ANSWER
from platforms.sandbox.x.access import Problem, plain

IMAGE_BYTES, GIF_BYTES = 5 * 1024 * 1024, 15 * 1024 * 1024
"""What one picture and one moving picture may weigh (documented: media best practices)."""
ALT_LIMIT = 1_000
"""Characters of a description (documented)."""
KEPT = timedelta(hours=24)
"""How long a picture that hangs on nothing is kept (documented: expires_after_secs)."""
HOST = "pbs.twimg.com"
MOST = 4
TYPES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
CATEGORIES = frozenset({"tweet_image", "tweet_gif", "dm_image", "dm_gif"})


@dataclass(slots=True)
class Picture:
    """One picture. `ours`: handed over through the API. `category` "" is what a customer's app uses."""

    id: str
    mime: str
    data: bytes
    at: datetime
    alt: str = ""
    category: str = ""
    ours: bool = False
    url: str = ""
    """Where it is, if not at our own host: what a test wants the desk to be told."""

    @property
    def key(self) -> str:
        return f"{'16' if self.mime == 'image/gif' else '3'}_{self.id}"

    @property
    def address(self) -> str:
        return self.url or f"https://{HOST}/media/{self.id}.{TYPES.get(self.mime, 'bin')}"

    def shown(self, fields: list[str]) -> dict[str, Any]:
        """As `includes.media` has it."""
        moving = self.mime == "image/gif"
        full: dict[str, Any] = {
            "media_key": self.key,
            "type": "animated_gif" if moving else "photo",
            "preview_image_url" if moving else "url": self.address,
            "width": 720,
            "height": 480,
        }
        if self.alt:
            full["alt_text"] = self.alt
        return {key: value for key, value in full.items() if key in {"media_key", "type", *fields}}


def mime_of(data: bytes) -> str:
    """What a file is by its first bytes; "" where X takes none of that kind."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def old_style(status: int, message: str, code: int = 0) -> Problem:
    """The error body of the API v1.1."""
    if code:
        return Problem(status, {"errors": [{"code": code, "message": message}]})
    return Problem(status, {"request": "/1.1/media/upload.json", "error": message})


async def read_upload(request: web.Request) -> tuple[bytes, str, str]:
    """The file of a simple upload, its kind and its category. Raises `Problem` as X does."""
    if not request.content_type.startswith("multipart/"):
        raise old_style(400, "media parameter is missing.", 38)
    form = await request.post()
    given = form.get("media")
    if not isinstance(given, web.FileField):
        raise old_style(400, "media parameter is missing.", 38)
    data = given.file.read()
    kind, category = mime_of(data), str(form.get("media_category") or "tweet_image")
    if not kind:
        raise old_style(400, "media type unrecognized.")
    if category not in CATEGORIES or (kind == "image/gif") != category.endswith("_gif"):
        raise old_style(400, "media category does not match the media type.", 324)
    limit = GIF_BYTES if kind == "image/gif" else IMAGE_BYTES
    if len(data) > limit:
        raise old_style(413, f"File size exceeds {limit} bytes.")
    return data, kind, category


def hung(
    media: dict[str, Picture], ids: object, now: datetime, *, private: bool, most: int = MOST
) -> tuple[Picture, ...]:
    """The pictures that a post or message of ours names, checked as X checks them."""
    if not isinstance(ids, list) or not 1 <= len(ids) <= most or not all(isinstance(one, str) for one in ids):
        raise plain(400, "Invalid Request", f"$.media.media_ids: must be 1 to {most} ids, as strings")
    found = []
    for one in ids:
        picture = media.get(one)
        if picture is None or not picture.ours or now - picture.at > KEPT:
            raise plain(400, "Invalid Request", "Your media IDs are invalid.")
        if picture.category.startswith("dm_") != private:
            raise plain(400, "Invalid Request", "Your media IDs are invalid.")
        found.append(picture)
    if len(found) > 1 and any(one.mime == "image/gif" for one in found):
        raise plain(400, "Invalid Request", "A Tweet may have four photos or one animated GIF.")
    return tuple(found)


def serve_picture(media: dict[str, Picture], request: web.Request) -> web.Response:
    """The host of pictures: no token is asked for, and none belongs here."""
    found = media.get(request.match_info["name"].partition(".")[0])
    if found is None:
        request[ANSWER] = "no such picture"
        return web.Response(status=404, text="")
    request[ANSWER] = f"<{len(found.data)} bytes>"
    return web.Response(body=found.data, content_type=found.mime)
