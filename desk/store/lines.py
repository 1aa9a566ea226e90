"""One line of every file that the store keeps: a checksum, a space, JSON in plain ASCII, a newline."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from desk.store.errors import StoreBroken, StoreNewer

APP = "frontdesk"
SCHEMA = 1

Change = tuple[str, int, str | None]
"""A document as it is now: table, id, its JSON (None: removed)."""

_CRC = 8
_HEAD = ',"c":'
_BODY = ',"d":['
_scan = json.JSONDecoder().raw_decode
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


def dumps(value: Any) -> str:
    """JSON, compact and pure ASCII. Raises TypeError or ValueError for what JSON does not know."""
    return _encode(value)


def frame(text: str) -> bytes:
    """The line for a JSON text."""
    body = text.encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def unframe(line: bytes) -> str | None:
    """The JSON text of a line; None where the line is not whole."""
    if len(line) < _CRC + 2 or line[-1:] != b"\n" or line[_CRC : _CRC + 1] != b" ":
        return None
    body = line[_CRC + 1 : -1]
    try:
        if int(line[:_CRC], 16) != zlib.crc32(body):
            return None
        return body.decode("ascii")
    except ValueError:
        return None


def record(number: int, changes: Iterable[Change]) -> str:
    """One transaction as JSON: its number, a head of [table, id, length] (-1: removed), then the documents.

    The lengths let a start cut the documents out without parsing them; each is parsed once, when all is replayed.
    """
    head: list[list[Any]] = []
    documents: list[str] = []
    for table, key, text in changes:
        head.append([table, key, -1 if text is None else len(text)])
        if text is not None:
            documents.append(text)
    return f'{{"n":{number}{_HEAD}{_encode(head)}{_BODY}{",".join(documents)}]}}'


def read_record(text: str) -> tuple[int, list[Change]]:
    """Undo `record`. Raises ValueError where the text is no record."""
    if not text.startswith('{"n":'):
        raise ValueError("no record")
    at = text.index(_HEAD)
    number = int(text[5:at])
    head, at = _scan(text, at + len(_HEAD))
    if not text.startswith(_BODY, at):
        raise ValueError("no record")
    at += len(_BODY)
    changes: list[Change] = []
    for table, key, length in head:
        if length < 0:
            changes.append((table, key, None))
        else:
            changes.append((table, key, text[at : at + length]))
            at += length + 1
    return number, changes


def header(kind: str, **fields: int) -> bytes:
    """The first line of a file: whose it is, in which schema, what kind of file."""
    return frame(dumps({"app": APP, "schema": SCHEMA, "kind": kind, **fields}))


def read_header(line: bytes, name: str, kind: str) -> dict[str, int]:
    """Check a first line. Raises StoreBroken for damage and for another program's file, StoreNewer for a newer one."""
    text = unframe(line)
    fields = json.loads(text) if text is not None else None
    if not isinstance(fields, dict) or fields.get("app") != APP or fields.get("kind") != kind:
        found = _other(line)
        raise StoreBroken(
            f"{name} is not a {kind} of Frontdesk (schema {SCHEMA}){found}: its first line is damaged or was written "
            "by another program. Check that the folder is the right one; then restore the file from a backup."
        )
    schema = fields["schema"]
    if schema > SCHEMA:
        raise StoreNewer(name, schema, SCHEMA)
    return fields


def _other(line: bytes) -> str:
    """What another program's file says of itself, where it says anything."""
    try:
        fields = json.loads(line)
    except ValueError:
        return ""
    if isinstance(fields, dict):
        named = [
            f"{key} {fields[key]}" for key in ("app", "schema", "version") if isinstance(fields.get(key), str | int)
        ]
        if named:
            return f" but says “{', '.join(named)[:80]}”"
    return ""


def torn(lines: Sequence[bytes]) -> bool:
    """Whether these last lines of a file, of which the first is not whole, are a write that was never finished.

    Such a write ends without its newline, or in blocks that never reached the disk and read as zeros, and nothing whole
    follows. Everything else was complete once, so it is damage.
    """
    if any(unframe(line) is not None for line in lines):
        return False
    if any(b"\0" in line for line in lines):
        return True
    return not lines[-1].endswith(b"\n") and unframe(lines[-1][:-1] + b"\n") is None
