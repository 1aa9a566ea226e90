"""Pictures and files on their way between customers and the thread: what they are, and what may go where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.model.catalogue import say, say_n

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


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that an agent put into the reply form. `file` is Slack's id of it, `kind` and `size` (bytes) are what
    Slack says; its bytes are looked at before it goes out. `alt` says what it shows."""

    file: str
    name: str
    kind: str
    size: int
    alt: str = ""

    def as_json(self) -> list[Any]:
        """The form in which it is kept with an answer."""
        return [self.file, self.name, self.kind, self.size, self.alt]


@dataclass(frozen=True, slots=True)
class Takes:
    """What a platform lets go along with an answer. `kinds`: bytes that one file may have, by kind. `alone`: of such a
    kind there may be one, and nothing beside it. `alt`: characters of a description, 0 where it takes none. `apart`:
    each file is a message of its own, after the words."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    most: int = 1
    alone: frozenset[str] = frozenset()
    alt: int = 0
    apart: bool = False

    def words(self) -> str:
        """For people: "up to 4: jpg, png, webp (5 MB), gif (5 MB)"."""
        sizes: dict[int, list[str]] = {}
        for kind, most in self.kinds.items():
            sizes.setdefault(most, []).append(EXTENSIONS[kind])
        said = ", ".join(f"{', '.join(kinds)} ({size(most)})" for most, kinds in sizes.items())
        return say_n("one file: {kinds}", "up to {n} files: {kinds}", self.most, kinds=said)


def why_not(files: Sequence[Attached], takes: Takes | None, where: str) -> str:
    """Why these files cannot go along, as a sentence; "" where they can. `where`: "in public on X"."""
    if takes is None:
        return say("No file can go along {where}.", where=where)
    if len(files) > takes.most:
        return say_n("Only one file goes along {where}.", "Only {n} files go along {where}.", takes.most, where=where)
    for one in files:
        limit = takes.kinds.get(one.kind)
        if limit is None:
            return say("{name} cannot go along {where}. It takes {kinds}.", name=one.name, where=where,
                       kinds=takes.words())  # fmt: skip
        if one.size > limit:
            return say("{name} is too large for an answer {where}: {size} of {limit}.", name=one.name, where=where,
                       size=size(one.size), limit=size(limit))  # fmt: skip
        if one.kind in takes.alone and len(files) > 1:
            return say("{name} moves, so it goes alone {where}.", name=one.name, where=where)
        if len(one.alt) > takes.alt and takes.alt:
            return say("What {name} shows is said in too many words: {size} of {limit} characters.", name=one.name,
                       size=len(one.alt), limit=takes.alt)  # fmt: skip
    return ""
