"""What is due, in order, at a size at which its list is kept in pieces."""

from __future__ import annotations

import random

import pytest

from desk.store.dues import PIECE, Dues


def plain(kept: dict[int, tuple[int, bool]], at: int) -> tuple[list[int], int, int, int | None]:
    ordered = sorted((due, number) for number, (due, _) in kept.items())
    late = [due for due, _ in ordered if due <= at]
    coming = next((due for due, _ in ordered if due > at), None)
    return [number for _, number in ordered], sum(free for _, free in kept.values()), len(late), coming


@pytest.mark.parametrize("seed", range(3))
def test_what_is_due_is_found_as_a_plain_list_would_find_it(seed: int) -> None:
    chance, dues, kept = random.Random(seed), Dues(), dict[int, tuple[int, bool]]()
    numbers = range(1, 6 * PIECE)
    for step in range(5 * len(numbers)):
        number, growing = chance.choice(numbers), step < 4 * len(numbers)
        if chance.random() < (0.1 if growing else 0.9):
            kept.pop(number, None)
            dues.set(number, None, chance.random() < 0.5)
        else:
            kept[number] = (chance.randrange(400) if seed else step, chance.random() < 0.5)
            dues.set(number, *kept[number])
        if step % 997 == 0:
            at = chance.randrange(-1, 402) if seed else chance.randrange(-1, step + 2)
            first, free, late, coming = plain(kept, at)
            assert (dues.first(len(kept) + 1), dues.free, dues.until(at), dues.after(at)) == (first, free, late, coming)
            assert dues.first(15) == first[:15] and len(dues) == len(first)
    for number in numbers:
        dues.set(number, None, False)
    assert (dues.first(15), dues.free, dues.until(10**9), dues.after(-1), len(dues)) == ([], 0, 0, None, 0)
