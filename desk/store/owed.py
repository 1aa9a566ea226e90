"""What waits to go out, by line and lane: found without looking at all that waits, however much that is."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import Any

from desk.model.outbox import Delivery, Line, OpKind, line_of

Document = Mapping[str, Any]

_WAITING = frozenset({Delivery.OWED.value, Delivery.SENDING.value, Delivery.UNSURE.value})
_NOTHING: Sequence[int] = ()


class Owed:
    """Operations that wait, in the order in which each line takes them: by lane, then as they were owed.

    What waits for another operation to be *sent* stands aside until it is.
    """

    def __init__(self) -> None:
        self.lines: dict[Line, dict[int, list[int]]] = {}
        self.unsure: set[int] = set()
        """Those in doubt, by seq."""
        self.roots: dict[int, int] = {}
        """Inquiries whose thread does not stand yet → the seq of what owes it."""
        self.homes: dict[str, set[int]] = {}
        """Channel → those of them whose thread belongs there."""
        self._unsent: set[str] = set()
        self._behind: dict[str, dict[int, tuple[Line, int]]] = {}
        """Operation → those that wait for it, with the place that is theirs then."""

    def change(self, seq: int, old: Document | None, new: Document | None) -> None:
        """Follow one change of an operation; None is: not there."""
        if old is not None and old["state"] in _WAITING:
            self._leave(seq, old)
        if new is not None and new["state"] in _WAITING:
            self._enter(seq, new)
        was = None if old is None or old["state"] == Delivery.SENT else old["op_id"]
        now = None if new is None or new["state"] == Delivery.SENT else new["op_id"]
        if was != now:
            self._unsent.discard(was or "")
            if now is not None:
                self._unsent.add(now)
            for op_id in {was, now} - {None}:
                self._regroup(op_id or "")

    def seqs(self, line: Line, lane: int) -> Sequence[int]:
        """What may go on a line in that lane, in order; to read only."""
        return self.lines.get(line, {}).get(lane, _NOTHING)

    def _enter(self, seq: int, op: Document) -> None:
        place, after = _place(op), op.get("after")
        if after is not None:
            self._behind.setdefault(after, {})[seq] = place
        if after not in self._unsent:
            self._add(seq, place)
        if op["state"] == Delivery.UNSURE:
            self.unsure.add(seq)
        if op["kind"] == OpKind.ROOT and op.get("number") is not None:
            self.roots[op["number"]] = seq
            self.homes.setdefault(op["place"], set()).add(op["number"])

    def _leave(self, seq: int, op: Document) -> None:
        self._drop(seq, _place(op))
        after = op.get("after")
        if after is not None and (behind := self._behind.get(after)) is not None:
            behind.pop(seq, None)
            if not behind:
                del self._behind[after]
        self.unsure.discard(seq)
        if op["kind"] == OpKind.ROOT and self.roots.get(op.get("number", 0)) == seq:
            del self.roots[op["number"]]
            self.homes[op["place"]].discard(op["number"])
            if not self.homes[op["place"]]:
                del self.homes[op["place"]]

    def _regroup(self, op_id: str) -> None:
        """What waits for that operation goes to its line, or aside."""
        for seq, place in self._behind.get(op_id, {}).items():
            self._drop(seq, place)
            if op_id not in self._unsent:
                self._add(seq, place)

    def _add(self, seq: int, place: tuple[Line, int]) -> None:
        line, lane = place
        seqs = self.lines.setdefault(line, {}).setdefault(lane, [])
        at = bisect_left(seqs, seq)
        if at == len(seqs) or seqs[at] != seq:
            insort(seqs, seq)

    def _drop(self, seq: int, place: tuple[Line, int]) -> None:
        line, lane = place
        seqs = self.lines.get(line, {}).get(lane)
        if seqs is None:
            return
        at = bisect_left(seqs, seq)
        if at < len(seqs) and seqs[at] == seq:
            del seqs[at]
        if not seqs:
            del self.lines[line][lane]
            if not self.lines[line]:
                del self.lines[line]


def _place(op: Document) -> tuple[Line, int]:
    return line_of(op["kind"], op["target"], op["place"]), op["lane"]
