"""What hangs on a message: a customer's pictures and files as links, and an agent's that go along with an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from desk.model.catalogue import say, say_n
from desk.model.inquiry import Entry
from desk.model.media import EXTENSIONS, Takes, size
from platforms.slack import ids
from platforms.slack.blocks.pieces import Block, context
from platforms.slack.wording import escape, linked, unmarked

MOST = 4
"""Of so many things the link stands in the thread; a context block takes ten elements, and each may need two."""
ALT = 300
"""Characters of a description in the thread; the whole goes with the file, or stands on the platform."""

KINDS = {
    "video": (".mp4", ".mov", "video", "amplify"),
    "voice message": (".aac", ".ogg", ".m4a", ".mp3", "audio"),
    "sticker": ("sticker",),
    "photo": (".jpg", ".jpeg", ".png", ".gif", ".webp", "photo", "image", "/media/", "scontent"),
}
"""By what an attachment's address gives itself away; the first that fits."""


def kind_of(place: str) -> str:
    """What kind of thing is there, as far as its address tells."""
    address = place.partition("?")[0].casefold()
    for word, marks in KINDS.items():
        if any(mark in address for mark in marks):
            return word
    return "attachment"


def hanging(entry: Entry) -> list[Block]:
    """One line below a customer's words with a link to each thing, the host that it leads to, and what it shows; what
    customers wrote is plain text in it, never mark-up."""
    if entry.deleted:
        return []
    links = [(place, _alt(entry, nth)) for nth, place in enumerate(entry.attachments) if _is_web(place)]
    if not links:
        return []
    block = context()
    for place, alt in links[:MOST]:
        host = urlsplit(place).hostname or ""
        words = f"{linked(place, escape(_words(kind_of(place))))} ({unmarked(host)})"
        block["elements"].append({"type": "mrkdwn", "text": f":paperclip: {words}", "verbatim": True})
        if alt:
            block["elements"].append({"type": "plain_text", "text": f"“{alt}”", "emoji": False})
    if len(links) > MOST:
        told = say_n("and {n} more", "and {n} more", len(links) - MOST)
        block["elements"].append({"type": "plain_text", "text": told, "emoji": False})
    return [block]


def _alt(entry: Entry, nth: int) -> str:
    alt = " ".join(entry.alts[nth].split()) if nth < len(entry.alts) else ""
    return alt if len(alt) <= ALT else f"{alt[: ALT - 1]}…"


def _words(kind: str) -> str:
    return {
        "video": say("video"),
        "voice message": say("voice message"),
        "sticker": say("sticker"),
        "photo": say("photo"),
    }.get(kind, say("attachment"))


def _is_web(place: str) -> bool:
    try:
        parts = urlsplit(place)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(place) <= 2000
    except ValueError:
        return False


def choosing(takes: Takes | None) -> list[Block]:
    """The fields of a form for what goes along; none where nothing can."""
    if takes is None:
        return []
    types = [EXTENSIONS[kind] for kind in takes.kinds]
    blocks: list[Block] = [
        {
            "type": "input",
            "block_id": ids.FILES_BLOCK,
            "optional": True,
            "label": {"type": "plain_text", "text": say("Pictures and files that go along")},
            "hint": {"type": "plain_text", "text": say("The platform takes {kinds}", kinds=takes.words())[:150]},
            "element": {
                "type": "file_input",
                "action_id": ids.FILES_INPUT,
                "filetypes": [*types, *(["jpeg"] if "jpg" in types else [])],
                "max_files": takes.most,
            },
        }
    ]
    if takes.alt:
        blocks.append(
            {
                "type": "input",
                "block_id": ids.ALT_BLOCK,
                "optional": True,
                "label": {"type": "plain_text", "text": say("What they show, for those who cannot see them")},
                "hint": {"type": "plain_text", "text": say("A line for each, in their order")},
                "element": {
                    "type": "plain_text_input",
                    "action_id": ids.ALT_INPUT,
                    "multiline": takes.most > 1,
                    "max_length": 3000,
                },
            }
        )
    return blocks


def going_along(media: Sequence[Sequence[Any]]) -> list[Block]:
    """One line with what goes along with an answer: name, size, and what it shows; as `Attached.as_json` keeps it."""
    if not media:
        return []
    block = context()
    for _, name, _, count, alt in media[:MOST]:
        told = f"{name} · {size(int(count))}" + (
            f" · “{alt if len(alt) <= ALT else alt[: ALT - 1] + '…'}”" if alt else ""
        )
        block["elements"].append({"type": "plain_text", "text": f"📎 {told}"[:2000], "emoji": True})
    return [block]
