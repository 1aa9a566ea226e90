"""TinyDB's tables, kept resident: a change costs what it changes, whatever the table holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from tinydb import TinyDB
from tinydb.table import Table

from desk.store.lines import dumps
from desk.store.storage import JournalStorage, _Documents


class ResidentTable(Table):
    """A TinyDB table over a JournalStorage, with TinyDB's own methods and what they promise.

    Insert, and get, update, upsert and remove by id take constant time; queries walk the table. Documents that are
    handed out are the caller's own.
    """

    _storage: JournalStorage
    _next_id: int | None  # type: ignore[assignment]

    def __init__(self, storage: JournalStorage, name: str, *args: Any, **kwargs: Any) -> None:
        self._highest: int | None = None
        super().__init__(storage, name, *args, **kwargs)

    def text(self, key: int) -> str | None:
        """The JSON of one document. As long as it is the same object, the document has not changed."""
        return self._storage.documents(self._name).get(key)

    def texts(self) -> Mapping[int, str]:
        """The JSON of all documents by id; to read only."""
        return self._storage.documents(self._name)

    def put(self, key: int, text: str | None) -> None:
        """Insert or replace one whole document by its JSON; None removes it."""
        self._change([(key, text)])

    def next_id(self) -> int:
        """An id that no document has."""
        return self._get_next_id()

    def truncate(self) -> None:
        """Remove all documents; ids begin again at 1."""
        super().truncate()
        self._highest = 0

    def _change(self, changes: list[tuple[int, str | None]]) -> None:
        self._storage.apply([(self._name, key, text) for key, text in changes])
        if self._highest is not None:
            for key, _ in changes:
                self._highest = max(self._highest, key)
        self.clear_cache()

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return _Documents(self.texts())  # type: ignore[return-value]

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        working = _Working(self.texts())
        updater(working)  # type: ignore[arg-type]
        self._change(working.changes())

    def _get_next_id(self) -> int:
        if self._next_id is None:
            if self._highest is None:
                self._highest = max(self.texts(), default=0)
            self._next_id = self._highest + 1
        found = self._next_id
        self._next_id = found + 1
        return found


class DeskDB(TinyDB):
    """TinyDB with resident tables over a journal: `DeskDB(folder)`."""

    table_class = ResidentTable  # type: ignore[assignment]
    default_storage_class = JournalStorage  # type: ignore[assignment]


class _Working(MutableMapping[int, Any]):
    """What TinyDB's updaters see as the whole table: only what they look at is parsed, only what differs is written."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts
        self._seen: dict[int, Any] = {}

    def __getitem__(self, key: int) -> Any:
        if key not in self._seen:
            self._seen[key] = json.loads(self._texts[key])
        if self._seen[key] is None:
            raise KeyError(key)
        return self._seen[key]

    def __setitem__(self, key: int, document: Any) -> None:
        self._seen[key] = document

    def __delitem__(self, key: int) -> None:
        if key not in self:
            raise KeyError(key)
        self._seen[key] = None

    def __contains__(self, key: object) -> bool:
        return self._seen[key] is not None if key in self._seen else key in self._texts

    def __iter__(self) -> Iterator[int]:
        yield from [key for key in self._texts if key in self]
        yield from [key for key in list(self._seen) if key not in self._texts and self._seen[key] is not None]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        self._seen = dict.fromkeys(self._texts)

    def changes(self) -> list[tuple[int, str | None]]:
        """What differs now. Raises TypeError or ValueError for what JSON does not know."""
        texts = {key: None if document is None else dumps(document) for key, document in self._seen.items()}
        return [(key, text) for key, text in texts.items() if self._texts.get(key) != text]
