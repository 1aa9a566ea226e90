"""Files of the workspace: handed over in three steps by the app, put there by people, shown in threads, read with a
token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from platforms.sandbox.wire import ANSWER

if TYPE_CHECKING:
    from platforms.sandbox.slack.workspace import Workspace

ALT_TEXT = 1_000
"""Characters of alt_txt (guessed; no page states a limit)."""
LARGEST = 1024 * 1024 * 1024
"""Bytes of one file (documented: 1 GB)."""
MIMES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "heic": "image/heic",
}
"""What Slack says that a file is: it goes by the name."""


@dataclass(slots=True)
class File:
    """One file. `data` None: a place was given out, and the bytes have not come."""

    id: str
    name: str
    user: str
    size: int
    created: int
    data: bytes | None = None
    alt: str = ""
    title: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)
    deleted: bool = False
    private_url: str = ""
    """Where it claims to be, if not here: what a test wants the app to be told."""


def shown(slack: Workspace, file: File) -> dict[str, Any]:
    """A file object, as payloads and files.info have it."""
    kind = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    address = file.private_url or f"{slack.base}/files-pri/{slack.team_id}-{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": MIMES.get(kind, "application/octet-stream"),
        "filetype": {"jpeg": "jpg"}.get(kind, kind or "binary"),
        "user": file.user,
        "editable": False,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": bool(file.shares),
        "url_private": address,
        "url_private_download": address,
        "permalink": f"https://{slack.team_domain}.slack.com/files/{file.user}/{file.id}/{file.name}",
        **({"alt_txt": file.alt} if file.alt else {}),
    }


def refused_files(element: dict[str, Any], given: Any) -> str:
    """What Slack's own form check says of files; "" where it takes them."""
    most = element.get("max_files", 10)
    if len(given) > most:
        return f"Choose at most {most} files."
    types = {"jpeg" if one == "jpg" else one for one in element.get("filetypes") or ()}
    for one in given:
        kind = str(one["name"]).rpartition(".")[2].lower()
        if types and ("jpeg" if kind == "jpg" else kind) not in types:
            return f"{one['name']} isn't a supported file type."
    return ""


async def take(slack: Workspace, request: web.Request) -> web.Response:
    """The bytes of a file, at the place that was given out for it. The place itself is the permission."""
    file = slack.places.pop(request.match_info["ticket"], None)
    data = await request.read()
    if file is None or len(data) != file.size:
        request[ANSWER] = "refused"
        return web.Response(status=404 if file is None else 400, text="upload failed")
    file.data = data
    request[ANSWER] = f"OK - {len(data)}"
    return web.Response(text=f"OK - {len(data)}")


def give(slack: Workspace, request: web.Request, token: str) -> web.Response:
    """The bytes of a file for who shows the bot's token; others are led to the log-in page, as a browser is."""
    file = slack.files.get(request.match_info["file"].rpartition("-")[2])
    allowed = request.headers.get("Authorization") == f"Bearer {token}" and (
        slack.scopes is None or "files:read" in slack.scopes
    )
    if not allowed:
        request[ANSWER] = "log in"
        return web.Response(status=302, headers={"Location": f"https://{slack.team_domain}.slack.com/?redir=…"})
    if file is None or file.deleted or file.data is None:
        request[ANSWER] = "gone"
        return web.Response(status=404, text="")
    request[ANSWER] = f"<{len(file.data)} bytes>"
    return web.Response(body=file.data, content_type=str(shown(slack, file)["mimetype"]))


def listed(given: Any) -> list[dict[str, Any]]:
    """The parameter `files`: a list, or one as JSON."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return []
    return [one for one in given if isinstance(one, dict) and one.get("id")] if isinstance(given, list) else []
