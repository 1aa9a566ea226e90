"""Long texts in parts: answers cut where a reader would pause, and customers' texts cut without losing a character."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence

from desk.model.errors import DeskError
from desk.model.signature import unsigned

Length = Callable[[str], int]
"""How long a platform says a text is, in the units of its limit."""

_SPACE = re.compile(r"\s+")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]+"
    r"|(?<![\w@.-])(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}(?:/[^\s\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]*)?",
    re.IGNORECASE,
)
_CLOSERS = "\"'”’»)]}）」』*_"
_ENDS = ".!?…。！？‽।؟"
_WIDE_ENDS = "。！？"
_ABBREVIATIONS = """
dr prof mr mrs ms st vs no nr tel approx etc e.g i.e
bzw ca evtl ggf inkl usw z.b d.h u.a
kl f.eks bl.a ang tzv tzn např atd pl ill stb kb
"""
_SHORT = frozenset(_ABBREVIATIONS.split())
"""Words that end with a full stop in the middle of a sentence."""
_ENOUGH = 0.25
"""A part ends at a sentence if that fills at least this share of what would fit: "Hi! 1/3" helps nobody."""


class CannotSplit(DeskError, ValueError):
    """The text cannot be brought into parts of that length."""


def split(text: str, limit: int, length: Length, sign: str, marks: bool = True) -> list[str]:
    """The text in parts of at most `limit`, as `length` counts, each with the sign-off and then its mark (" 1/2").

    A part ends at a sentence, else at a word; only a word longer than a part is cut, never a URL and never a character
    made of several code points. Without marks and sign-offs the parts, joined with a space, give the text back word for
    word; white space at a border becomes the border. A text that fits as a whole is one part without a mark. A sign-off
    that the text ends with already is not doubled. Raises `CannotSplit`.
    """
    text = text.strip()
    text = unsigned(text, sign)
    if not text:
        raise CannotSplit("There is no text to send. Write what the customer is to read.")
    tail = f" {sign}" if sign else ""
    if length(text + tail) <= limit:
        return [text + tail]
    for digits in range(1, 6):
        # What follows a part is known but for the number of parts: it is as long as its digits.
        ends = [f"{tail} {{}}/{'9' * digits}" if marks else tail] * (10**digits - 1)
        bodies = _bodies(text, limit, length, ends)
        if bodies is not None:
            total = len(bodies)
            return [f"{body}{tail} {number}/{total}" if marks else body + tail for number, body in enumerate(bodies, 1)]
    raise CannotSplit(f"The text is too long to be sent in parts of {limit}. Shorten it.")


def pieces(text: str, size: int) -> list[str]:
    """A text in pieces of at most `size` characters, which joined are the text itself, to the last space.

    Cut behind a line, else behind a word, else between characters as people see them. An empty text is one empty piece.
    """
    if size < 1:
        raise ValueError(f"a piece holds at least one character, not {size}")
    found: list[str] = []
    start = 0
    while len(text) - start > size:
        end = start + size
        low = start + size // 2
        cut = text.rfind("\n", low, end) + 1
        if cut <= low:
            cut = next((at for at in range(end, low, -1) if text[at - 1].isspace() and not _glued(text, at)), 0)
        if not cut:
            cut = next((at for at in range(end, max(start, end - 64), -1) if not _glued(text, at)), end)
        found.append(text[start:cut])
        start = cut
    found.append(text[start:])
    return found


def _bodies(text: str, limit: int, length: Length, ends: Sequence[str]) -> list[str] | None:
    """The text cut so that each body with its end fits; None where there are more bodies than ends."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    stops = [end for _, end in words]
    bodies: list[str] = []
    start, first = 0, 0
    while start < len(text):
        if len(bodies) == len(ends):
            return None
        end = ends[len(bodies)].format(len(bodies) + 1)

        def fits(cut: int, begin: int = start, end: str = end) -> bool:
            return length(text[begin:cut].rstrip() + end) <= limit

        first = bisect_right(stops, start, lo=first)
        fit = _last_that_fits(stops, first, fits)
        if fit < first:
            cut = _inside(text, start, stops[first], fits, limit)
        else:
            cut = stops[fit]
            if fit < len(stops) - 1:
                least = start + (cut - start) * _ENOUGH
                cut = next((at for at in _sentence_ends(text, words, first, fit) if at >= least), cut)
                if (wide := _wide_end(text, start, stops[fit + 1], cut, fits)) is not None:
                    cut = wide
        bodies.append(text[start:cut].strip())
        gap = _SPACE.match(text, cut)
        start = gap.end() if gap else cut
    return bodies


def _last_that_fits(stops: Sequence[int], first: int, fits: Callable[[int], bool]) -> int:
    """The index of the last stop that fits, from `first` on; `first - 1` where none does."""
    step, low = 1, first - 1
    while low + step < len(stops) and fits(stops[low + step]):
        low += step
        step *= 2
    high = min(low + step, len(stops))
    while high - low > 1:
        middle = (low + high) // 2
        if fits(stops[middle]):
            low = middle
        else:
            high = middle
    return low


def _sentence_ends(text: str, words: Sequence[tuple[int, int]], first: int, fit: int) -> list[int]:
    """The ends of words first … fit that are ends of sentences or lines, the last one first."""
    found: list[int] = []
    for index in range(fit, first - 1, -1):
        begin, end = words[index]
        if index + 1 < len(words) and "\n" in text[end : words[index + 1][0]]:
            found.append(end)
            continue
        word = text[begin:end].rstrip(_CLOSERS)
        if not word or word[-1] not in _ENDS:
            continue
        bare = word.rstrip(_ENDS).lstrip("([{\"'“„»").casefold()
        if word[-1] == "." and (bare in _SHORT or bare.isdigit() or (len(bare) == 1 and bare.isalpha())):
            continue
        found.append(end)
    return found


def _wide_end(text: str, start: int, stop: int, cut: int, fits: Callable[[int], bool]) -> int | None:
    """A full stop of a script without spaces, further on than `cut`, in the word that no longer fits as a whole."""
    word_start = cut
    for at in range(stop - 1, word_start, -1):
        if text[at - 1] in _WIDE_ENDS and not _in_url(text, start, at) and fits(at):
            return at
    return None


def _inside(text: str, start: int, stop: int, fits: Callable[[int], bool], limit: int) -> int:
    """Where to cut a word that does not fit into a part of its own; never inside a URL."""
    urls = [(match.start(), match.end()) for match in _URL.finditer(text, start, stop)]
    cuts = [
        at for at in range(start + 1, stop) if not _glued(text, at) and not any(begin < at < end for begin, end in urls)
    ]
    best = _last_that_fits(cuts, 0, fits)
    if best < 0:
        if urls and urls[0][0] == start:
            raise CannotSplit(f"A link in the text is longer than a part of {limit} can be. Use a shorter link.")
        raise CannotSplit(f"With its sign-off and mark, not one character fits into a part of {limit}.")
    least = start + (cuts[best] - start) * _ENOUGH
    for at in reversed(cuts[: best + 1]):
        if at < least:
            break
        if text[at - 1] in "。！？、，；":
            return at
    return cuts[best]


def _in_url(text: str, start: int, at: int) -> bool:
    return any(match.start() < at < match.end() for match in _URL.finditer(text, start))


def _glued(text: str, at: int) -> bool:
    """Whether the characters before and after `at` are one to the eye: marks, joined emoji, flags, CR LF."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii():
        return before == "\r" and after == "\n"
    code = ord(after)
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or after in "\u200c\u200d":
        return True
    if before == "\u200d" or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F:
        return True
    if _is_flag(before) and _is_flag(after):
        run = 0
        while at - 1 - run >= 0 and _is_flag(text[at - 1 - run]):
            run += 1
        return run % 2 == 1
    return False


def _is_flag(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF
