"""Customers' words and names, made harmless to look at and otherwise left as they are."""

from __future__ import annotations

import re
import unicodedata

MARKS = 8
"""Combining marks that one character may carry; no living script stacks more, Zalgo texts do."""
NAME = 80
"""Characters of a display name that are shown."""
BIDI = {
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
"""The controls that turn the direction of text around, by the names that are shown in their place."""

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
_STRIPPED = re.compile("[\x00-\x08\x0b-\x1f\u200b\ufeff]")
_TURNING = re.compile("[" + "".join(BIDI) + "]")
_JOINERS = "\u200c\u200d"
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
PIECE = 2800
"""Characters of a text in one Slack message; a section takes 3,000 (Slack's block limits)."""
_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")
_LINKS = re.compile(r"(?:https?://|www\.)\S+|\S+\.\S+/\S*", re.IGNORECASE)
_HANDLES = re.compile(r"\A(?:@\w+[\s,:]*)+")
_TITLES_TEXT = "dr prof mr mrs ms mx miss sir herr frau hr fr fru pan pani mgr ing mudr judr phdr bc"
_TITLES = frozenset(_TITLES_TEXT.split())
_NO_NAMES_TEXT = "the team official customer support user fan club store shop real its im i"
_NO_NAMES = frozenset(_NO_NAMES_TEXT.split())


def neutral(text: str) -> str:
    """A customer's text as it is shown; applying it again changes nothing.

    Taken out: C0 controls except line feed and tab, U+200B, U+FEFF. Shown by name (⟦RLO⟧): the controls that turn the
    direction of text. Lone surrogates become U+FFFD; beyond 8 combining marks on one character the rest is dropped. The
    joiners of emoji and of Persian, and all else, stay.
    """
    if text.isascii():
        return _STRIPPED.sub("", text)
    text = _LONE.sub("\ufffd", _PAIR.sub(_joined, text))
    text = _STRIPPED.sub("", text)
    text = _TURNING.sub(lambda match: f"⟦{BIDI[match[0]]}⟧", text)
    return _capped(text)


def pieces(text: str, size: int = PIECE) -> list[str]:
    """A text in pieces of at most `size` characters that joined give it back; one piece, "", for no text.

    It is cut after a paragraph, a line, a sentence or a word in the last quarter of a piece, else before any character
    that does not belong to the one before it.
    """
    cut: list[str] = []
    start = 0
    while len(text) - start > size:
        end = _cut(text, start, start + size)
        cut.append(text[start:end])
        start = end
    return [*cut, text[start:]]


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever a platform did to links, spaces and the handles in front."""
    return _bare_words(one) == _bare_words(other)


def display_name(name: str, handle: str) -> str:
    """A customer's name in one line of at most 80 characters, without controls; never empty.

    A name of which nothing can be seen is replaced by "@handle", and by "customer" where that is empty too.
    """
    return _line(name) or ("@" + seen if (seen := _line(handle).lstrip("@")) else "customer")


def name_for_greeting(name: str) -> str:
    """The first name to greet a customer by, or "" where the display name does not look like a person's."""
    words = [word.strip(".,!()[]\"“”'’*~|·•") for word in _line(name).split()]
    letters = [word for word in words if any(char.isalpha() for char in word)]
    while letters and letters[0].casefold() in _TITLES:
        del letters[0]
    if not letters or letters[0].casefold() in _NO_NAMES:
        return ""
    first = letters[0]
    if not 2 <= len(first) <= 30 or not all(char.isalpha() or char in "-'’" or _is_mark(char) for char in first):
        return ""
    if first.islower() or (first.isupper() and len(first) > 2):
        return "-".join(part[:1].upper() + part[1:].lower() for part in first.split("-"))
    return first


def _cut(text: str, start: int, end: int) -> int:
    """Where a piece from `start` ends that may not go beyond `end`."""
    for mark in _BREAKS:
        found = text.rfind(mark, end - (end - start) // 4, end)
        if found >= 0:
            return found + len(mark)
    at = end
    while at > start + 1 and (_clings(text[at]) or text[at - 1] == "\u200d"):
        at -= 1
    return at if at > start + 1 else end


def _clings(char: str) -> bool:
    """Whether a character is drawn onto the one before it: marks, joiners, skin tones, the letters of a flag's tag."""
    return _is_mark(char) or char in _JOINERS or 0x1F3FB <= ord(char) <= 0x1F3FF or 0xE0020 <= ord(char) <= 0xE007F


def _bare_words(text: str) -> str:
    text = _HANDLES.sub("", unicodedata.normalize("NFC", text).strip())
    return " ".join(_LINKS.sub(" ", text).split())


def _joined(pair: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(pair[0][0]) - 0xD800) << 10) + (ord(pair[0][1]) - 0xDC00))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me")


def _capped(text: str) -> str:
    """The text with no more than `MARKS` combining marks in a row; joiners between them do not start a new row."""
    kept: list[str] = []
    run = 0
    for char in text:
        if char.isascii():
            run = 0
        elif _is_mark(char):
            run += 1
            if run > MARKS:
                continue
        elif char not in _JOINERS:
            run = 0
        kept.append(char)
    return "".join(kept)


def _line(name: str) -> str:
    """One line without controls, cut to `NAME`; "" where there is nothing to see."""
    name = _LONE.sub("\ufffd", _PAIR.sub(_joined, name))
    spaced = "".join(" " if char.isspace() else char for char in name)
    clean = "".join(
        char
        for char in spaced
        if char in _JOINERS
        or 0xE0020 <= ord(char) <= 0xE007F
        or unicodedata.category(char) not in ("Cc", "Cf", "Cn", "Co")
    )
    clean = " ".join(_capped(clean).split())
    if not any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in clean):
        return ""
    if len(clean) <= NAME:
        return clean
    cut = NAME - 1
    while cut > 1 and (_is_mark(clean[cut]) or clean[cut] in _JOINERS or clean[cut - 1] in _JOINERS):
        cut -= 1
    return clean[:cut].rstrip() + "…"
