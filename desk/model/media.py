"""Pictures and files on their way between customers and the thread: what they are, and what may go where."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000
LARGEST_IN = 10 * MEGABYTE
"""Bytes of a customer's file that the desk brings into a thread; what is larger stays a link."""
ALT = 1_000
"""Characters of a description that are kept; X takes as many."""

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
}
"""The kinds of files that the desk carries, each told by its first bytes; no other is, whatever it is called."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is carried. `kind` is what its bytes say it is; `alt` says what it shows, "" where nobody did."""

    name: str
    kind: str
    data: bytes
    alt: str = ""


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes, of `EXTENSIONS`; "" where it is none of them."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    return ""


def size(count: int) -> str:
    """ "4.2 MB", "310 kB", for people."""
    if count >= MEGABYTE:
        return f"{count / MEGABYTE:.1f}".removesuffix(".0") + " MB"
    return f"{max(1, round(count / 1000))} kB"
