"""What is due, in order: the first few, how many are late and how many nobody has, quick at any size."""

from __future__ import annotations

from bisect import bisect_right, insort

PIECE = 512
"""A piece of the order that grows beyond twice this is cut in two."""

Place = tuple[int, int]
"""(when it is due in microseconds, number)."""


class Dues:
    """Numbers by the instant at which an answer is due, kept in sorted pieces, each of them short."""

    def __init__(self) -> None:
        self._at: dict[int, int] = {}
        self._free: set[int] = set()
        self._pieces: list[list[Place]] = [[]]

    def __len__(self) -> int:
        return len(self._at)

    @property
    def free(self) -> int:
        """How many of them nobody has."""
        return len(self._free)

    def set(self, number: int, at: int | None, free: bool) -> None:
        """When the number's answer is due, and whether nobody has it; None: nothing is due any more."""
        before = self._at.get(number)
        if before != at:
            if before is not None:
                self._drop((before, number))
                del self._at[number]
            if at is not None:
                self._add((at, number))
                self._at[number] = at
        (self._free.add if free and at is not None else self._free.discard)(number)

    def first(self, limit: int) -> list[int]:
        """Numbers, what is due soonest first."""
        found: list[int] = []
        for piece in self._pieces:
            found += [number for _, number in piece[: limit - len(found)]]
            if len(found) >= limit:
                break
        return found

    def until(self, at: int) -> int:
        """How many are due at or before that instant."""
        nth = self._nth((at + 1, 0))
        return sum(map(len, self._pieces[:nth])) + bisect_right(self._pieces[nth], (at + 1, 0))

    def after(self, at: int) -> int | None:
        """The first instant after that one at which something is due."""
        nth = self._nth((at + 1, 0))
        place = bisect_right(self._pieces[nth], (at + 1, 0))
        later = [*self._pieces[nth][place : place + 1], *(piece[0] for piece in self._pieces[nth + 1 : nth + 2])]
        return later[0][0] if later else None

    def _nth(self, place: Place) -> int:
        """The piece to which a place belongs: the last that does not begin behind it."""
        return bisect_right(self._pieces, place, 1, key=lambda piece: piece[0]) - 1

    def _add(self, place: Place) -> None:
        nth = self._nth(place)
        piece = self._pieces[nth]
        insort(piece, place)
        if len(piece) > 2 * PIECE:
            self._pieces[nth : nth + 1] = [piece[:PIECE], piece[PIECE:]]

    def _drop(self, place: Place) -> None:
        nth = self._nth(place)
        piece = self._pieces[nth]
        del piece[bisect_right(piece, place) - 1]
        if not piece and len(self._pieces) > 1:
            del self._pieces[nth]
