"""The snapshot: all documents at one moment, written beside the old one and put in its place in one step."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from desk import crash
from desk.store.disk import Disk, read_lines
from desk.store.errors import StoreBroken
from desk.store.lines import dumps, frame, header, read_header, read_record, record, unframe

KIND = "snapshot"
NAME = "desk.snapshot"
PREVIOUS = "desk.snapshot.previous"
_CHUNK = 200

Tables = dict[str, dict[int, str]]
"""Table → document id → its JSON."""


class Snapshot(NamedTuple):
    """What a snapshot holds: the documents after transaction `number`; what follows begins in journal `generation`."""

    tables: Tables
    number: int
    generation: int


def write(folder: Path, disk: Disk, tables: Mapping[str, Mapping[int, str]], number: int, generation: int) -> None:
    """Write a new snapshot and keep the one before as the previous one. Raises OSError; then the old one stands.

    Each step leaves the folder so that a start finds everything, whether or not the next step happens.
    """
    temporary, current, previous = folder / f"{NAME}.new", folder / NAME, folder / PREVIOUS
    fd = disk.open_new(temporary)
    try:
        disk.write(fd, header(KIND, number=number, generation=generation))
        count = 0
        for table, documents in tables.items():
            items = list(documents.items())
            count += len(items)
            for start in range(0, len(items), _CHUNK):
                changes = [(table, key, text) for key, text in items[start : start + _CHUNK]]
                disk.write(fd, frame(record(number, changes)))
        disk.write(fd, frame(dumps({"end": count})))
        disk.sync(fd)
    finally:
        os.close(fd)
    if current.exists():
        second = folder / f"{PREVIOUS}.new"
        disk.remove(second)
        disk.link(current, second)
        disk.rename(second, previous)
    crash.reached("CP13")
    disk.rename(temporary, current)
    disk.sync_folder(folder)


def read(path: Path) -> Snapshot:
    """Read a snapshot whole. Raises StoreBroken naming file and offset, StoreNewer for a newer schema's file."""
    lines = read_lines(path)
    first = next(lines, (0, b""))
    fields = read_header(first[1], str(path), KIND)
    tables: Tables = {}
    count = 0
    for offset, line in lines:
        text = unframe(line)
        if text is None:
            raise _broken(path, offset, "the line there fails its checksum")
        if text.startswith('{"end":'):
            if json.loads(text)["end"] != count:
                raise _broken(path, offset, "documents are missing before it")
            return Snapshot(tables, fields["number"], fields["generation"])
        try:
            _, changes = read_record(text)
        except ValueError:
            raise _broken(path, offset, "the line there is no set of documents") from None
        for table, key, document in changes:
            if document is not None:
                tables.setdefault(table, {})[key] = document
                count += 1
    raise _broken(path, path.stat().st_size, "it ends too early")


def generation_of(path: Path) -> int | None:
    """The journal that a snapshot is followed by; None where it cannot be read."""
    try:
        return read_header(next(read_lines(path), (0, b""))[1], str(path), KIND)["generation"]
    except (OSError, StoreBroken):
        return None


def _broken(path: Path, offset: int, why: str) -> StoreBroken:
    way = f"move {path} out of the folder and start again: {PREVIOUS} and the journals beside it hold the same"
    if path.name == PREVIOUS:
        way = "restore the whole folder from a backup"
    return StoreBroken(f"{path} is damaged at byte {offset}: {why}. Nothing was changed. To restore, {way}.")
