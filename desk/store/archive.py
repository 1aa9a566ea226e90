"""The archive: closed inquiries in one file a month, found again by number, conversation, thread or message id."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from desk.store.disk import Disk, make_folder, read_line_at, read_lines
from desk.store.errors import StoreBroken
from desk.store.indexes import ENTRIES, INQUIRIES, OPS, Document, entry_keys, inquiry_keys
from desk.store.lines import Change, dumps, frame, header, read_header, read_record, record, torn, unframe

FOLDER = "archive"
KIND = "archive"
INDEX = "index"
_INDEX_KIND = "archive index"
_NAME = re.compile(r"(\d{4})-(\d{2})\.archive")
_OFFSET_BITS = 40
_CACHED = 64
_log = logging.getLogger(__name__)


class Packed(NamedTuple):
    """All documents of one inquiry (or, with number 0, some that belong to none), as they go into the archive."""

    number: int
    month: int
    """When it was closed: 202603."""
    changes: tuple[Change, ...]

    def found_by(self) -> list[str]:
        """What it is to be found by."""
        keys = [f"n {self.number}"] if self.number else []
        for table, _, text in self.changes:
            if text is not None and table in (INQUIRIES, ENTRIES, OPS):
                keys += _document_keys(table, json.loads(text))
        return keys

    def texts(self, table: str) -> list[tuple[int, str]]:
        """Its documents of one table, by id."""
        return sorted((key, text) for name, key, text in self.changes if name == table and text is not None)


def month_of(at: datetime) -> int:
    """The month of an instant in UTC, as 202603."""
    return at.year * 100 + at.month


def op_key(op_id: str) -> str:
    """What an operation is indexed under."""
    return f"o {op_id}"


def _document_keys(table: str, document: Document) -> list[str]:
    if table == INQUIRIES:
        return inquiry_keys(document)
    return entry_keys(document) if table == ENTRIES else [op_key(document["op_id"])]


def _digest(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Places:
    """Key → where in the archive it occurs, sixteen bytes each: sorted runs of (hash, place), merged as they grow.

    Two keys may share a hash, so whoever asks looks into the line.
    """

    def __init__(self, runs: Sequence[tuple[array[int], array[int]]] = ()) -> None:
        self._runs = list(runs)

    def __len__(self) -> int:
        return sum(len(hashes) for hashes, _ in self._runs)

    def runs(self) -> list[tuple[array[int], array[int]]]:
        """The runs, longest first."""
        return self._runs[:]

    def find(self, key: str) -> list[int]:
        """The places, latest first."""
        if not self._runs:
            return []
        wanted = _digest(key)
        found: list[int] = []
        for hashes, places in self._runs:
            at = bisect_left(hashes, wanted)
            while at < len(hashes) and hashes[at] == wanted:
                found.append(places[at])
                at += 1
        return sorted(set(found), reverse=True)

    def add(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Index keys. Takes a moment where it merges runs; readers see the old runs until it is done."""
        runs = [*self._runs, _run([(_digest(key) << 64) | place for key, place in pairs])]
        while len(runs) > 1 and 2 * len(runs[-1][0]) >= len(runs[-2][0]):
            joined: list[int] = []
            for hashes, places in runs[-2:]:
                joined += [(one << 64) | place for one, place in zip(hashes, places, strict=True)]
            runs[-2:] = [_run(joined)]
        self._runs = [run for run in runs if len(run[0])]


def _run(pairs: list[int]) -> tuple[array[int], array[int]]:
    pairs.sort()
    low = (1 << 64) - 1
    return array("Q", [pair >> 64 for pair in pairs]), array("Q", [pair & low for pair in pairs])


class Archive:
    """Months of closed inquiries. `append` and `save` may run in a thread, one at a time; the rest is for the loop."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        """Read the index and what was appended after it. Raises StoreBroken, StoreNewer."""
        self._folder = folder / FOLDER
        self._disk = disk
        self._sizes: dict[int, int] = {}
        self._cache: dict[int, Packed] = {}
        self.places = Places()
        if self._folder.exists():
            self._open()

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._sizes)

    # looking
    def find(self, key: str) -> list[Packed]:
        """Inquiries in which this key occurs, latest first; of one that was archived twice only its latest form."""
        found = []
        for place in self.places.find(key):
            packed = self._at(place)
            if key in packed.found_by() and (not packed.number or self._latest(packed.number) == place):
                found.append(packed)
        return found

    def inquiry(self, number: int) -> Packed | None:
        """The latest form of an inquiry."""
        place = self._latest(number)
        return None if place is None else self._at(place)

    def _latest(self, number: int) -> int | None:
        for place in self.places.find(f"n {number}"):
            if self._at(place).number == number:
                return place
        return None

    def _at(self, place: int) -> Packed:
        known = self._cache.get(place)
        if known is not None:
            return known
        month, offset = place >> _OFFSET_BITS, place & ((1 << _OFFSET_BITS) - 1)
        path = self._path(month)
        packed = _unpack(read_line_at(path, offset), month, path, offset)
        if len(self._cache) >= _CACHED:
            del self._cache[next(iter(self._cache))]
        self._cache[place] = packed
        return packed

    # adding
    def append(self, packed: Sequence[Packed]) -> None:
        """Write inquiries durably and index them. Raises OSError; then none of them counts."""
        make_folder(self._folder)
        pairs: list[tuple[str, int]] = []
        for month in sorted({one.month for one in packed}):
            path = self._path(month)
            size = self._sizes.get(month, 0)
            if path.exists() and path.stat().st_size > size:
                self._disk.cut(path, size)
            data = b"" if size else header(KIND, month=month)
            for one in packed:
                if one.month == month:
                    pairs += [(key, month << _OFFSET_BITS | (size + len(data))) for key in one.found_by()]
                    data += frame(record(one.number, one.changes))
            fd = self._disk.open_end(path)
            try:
                self._disk.write(fd, data)
                self._disk.sync(fd)
            finally:
                os.close(fd)
            if not size:
                self._disk.sync_folder(self._folder)
            self._sizes[month] = size + len(data)
        self.places.add(pairs)

    def save(self) -> None:
        """Write the index, so that a start need not read the months. Raises OSError; the months are enough."""
        runs = self.places.runs()
        body = b"".join(part.tobytes() for run in runs for part in run)
        fields = {"app": "frontdesk", "schema": 1, "kind": _INDEX_KIND, "order": sys.byteorder}
        counts = {"runs": [len(hashes) for hashes, _ in runs], "crc": zlib.crc32(body)}
        sizes = {"sizes": {str(month): size for month, size in self._sizes.items()}}
        temporary = self._folder / f"{INDEX}.new"
        fd = self._disk.open_new(temporary)
        try:
            self._disk.write(fd, frame(dumps({**fields, **counts, **sizes})))
            self._disk.write(fd, body)
            self._disk.sync(fd)
        finally:
            os.close(fd)
        self._disk.rename(temporary, self._folder / INDEX)
        self._disk.sync_folder(self._folder)

    # the start
    def _path(self, month: int) -> Path:
        return self._folder / f"{month // 100:04}-{month % 100:02}.archive"

    def _open(self) -> None:
        covered = self._read_index()
        present = {
            int(found[1]) * 100 + int(found[2]): path.stat().st_size
            for path in self._folder.iterdir()
            if (found := _NAME.fullmatch(path.name))
        }
        for month, size in covered.items():
            if present.get(month, 0) < size:
                raise StoreBroken(
                    f"{self._path(month)} is missing or shorter than it was ({present.get(month, 0)} of {size} bytes). "
                    "Nothing was changed. Restore it from a backup."
                )
        pairs: list[tuple[str, int]] = []
        for month in sorted(present):
            start = covered.get(month, 0)
            self._sizes[month] = start
            if present[month] > start:
                pairs += self._scan(month, start)
        if pairs:
            self.places.add(pairs)

    def _scan(self, month: int, start: int) -> list[tuple[str, int]]:
        """The keys of what was appended after the index was written. A torn end is cut: the desk still has that."""
        path = self._path(month)
        lines = list(read_lines(path, start))
        pairs: list[tuple[str, int]] = []
        for at, (offset, line) in enumerate(lines):
            if unframe(line) is None:
                if not torn([later for _, later in lines[at:]]):
                    raise _broken(path, offset)
                _log.warning("%s ended in a torn line at byte %d, which was cut off", path.name, offset)
                self._disk.cut(path, offset)
                break
            if offset == 0:
                read_header(line, str(path), KIND)
            else:
                packed = _unpack(line, month, path, offset)
                pairs += [(key, month << _OFFSET_BITS | offset) for key in packed.found_by()]
            self._sizes[month] = offset + len(line)
        return pairs

    def _read_index(self) -> dict[int, int]:
        """Load the index; how much of each month it covers. A damaged one is passed over and made anew."""
        path = self._folder / INDEX
        if not path.exists():
            return {}
        data = path.read_bytes()
        line, _, body = data.partition(b"\n")
        text = unframe(line + b"\n")
        fields = json.loads(text) if text is not None else {}
        whole = fields.get("kind") == _INDEX_KIND and fields.get("order") == sys.byteorder
        if not whole or zlib.crc32(body) != fields["crc"]:
            _log.warning("%s is damaged and made anew from the months", path.name)
            return {}
        runs, at = [], 0
        for count in fields["runs"]:
            hashes, places = array("Q"), array("Q")
            hashes.frombytes(body[at : at + 8 * count])
            places.frombytes(body[at + 8 * count : at + 16 * count])
            at += 16 * count
            runs.append((hashes, places))
        self.places = Places(runs)
        return {int(month): size for month, size in fields["sizes"].items()}


def _unpack(line: bytes, month: int, path: Path, offset: int) -> Packed:
    text = unframe(line)
    if text is None:
        raise _broken(path, offset)
    number, changes = read_record(text)
    return Packed(number, month, tuple(changes))


def _broken(path: Path, offset: int) -> StoreBroken:
    return StoreBroken(
        f"{path} is damaged at byte {offset}: the line there fails its checksum. Nothing was changed. Restore this "
        "file from a backup."
    )
