"""Who signs an answer, and how: the agent's real name or initials behind each text that a customer reads."""

from __future__ import annotations

import re
import unicodedata

from desk.model.errors import DeskError
from desk.model.refusals import NoName

FORMS = ("– {first}", "^{initials}", "*{initials}", "-{first}", "/{initials}")
"""The sign-offs that teams use; a team may write another one that names {first} or {initials} once."""
LONGEST_FORM = 40
"""Characters of a form beside the name: a sign-off is no second text."""

_HYPHENS = "-‐‑"
_MARKS = r"\-‐‑‒–—―−~^*/"
"""What people put before their name at the end of a text."""
_INSIDE = _HYPHENS + "'’.·"
_NOBODY = frozenset({"bot", "slackbot", "frontdesk"})


class WrongForm(DeskError, ValueError):
    """A sign-off that cannot be used; `form` is what was written."""

    def __init__(self, form: str) -> None:
        super().__init__(
            f'The sign-off "{form}" has no place for the name, or more than one. Write one of: {"  ".join(FORMS)}'
        )
        self.form = form


def checked(form: str) -> str:
    """The form itself. Raises `WrongForm` where it does not hold {first} or {initials} exactly once, in one line."""
    rest = form.replace("{first}", "", 1) if "{first}" in form else form.replace("{initials}", "", 1)
    if rest == form or "{" in rest or "}" in rest or len(rest) > LONGEST_FORM or not form.isprintable():
        raise WrongForm(form)
    return form


def sign_off(form: str, name: str) -> str:
    """The sign-off of the agent called `name` ("Mia", "Mia Krüger"): "– Mia", "^MK". Raises `NoName`, `WrongForm`."""
    checked(form)
    words = _words(name)
    if not words or " ".join(words).casefold() in _NOBODY:
        raise NoName
    return form.replace("{first}", words[0]).replace("{initials}", _initials(words)).strip()


def initials(name: str) -> str:
    """The initials of a name: "Mia Krüger" MK, "Mia" M, "Anne-Marie da Silva" AMS, "花子 田中" 花田.

    Raises `NoName`.
    """
    words = _words(name)
    if not words:
        raise NoName
    return _initials(words)


def sign(text: str, form: str, name: str) -> str:
    """The text with a space and the sign-off behind it; not doubled where it ends with that very sign-off already."""
    return signed(text, sign_off(form, name))


def signed(text: str, off: str) -> str:
    """The text with the sign-off `off` behind it, once; an empty `off` leaves it alone."""
    text = text.rstrip()
    if not off or is_signed(text, off):
        return text
    text = unsigned(text, off)
    return f"{text} {off}" if text else off


def unsigned(text: str, off: str) -> str:
    """The text without the sign-off `off`, or the same name typed by hand in another dress: "- Mia", "^mia"."""
    text = text.rstrip()
    name = off.lstrip("".join(char for char in off if not char.isalnum()))
    if not name:
        return text
    if is_signed(text, off):
        return text[: -len(off)].rstrip()
    if len(name) == 1:
        return text
    own = re.search(rf"(?:^|(?<=\s))[{_MARKS}]{{1,2}}[ \u00a0]?{re.escape(name)}[.!]?$", text, re.IGNORECASE)
    return text[: own.start()].rstrip() if own else text


def is_signed(text: str, off: str) -> bool:
    """Whether the text ends with the sign-off `off`, as a word of its own."""
    text = text.rstrip()
    before = text[: len(text) - len(off)]
    return bool(off) and text.endswith(off) and (not before or before[-1].isspace())


def _words(name: str) -> list[str]:
    """The words of a name that hold a letter, without remarks in brackets, pictures and titles ("Dr.")."""
    kept: list[str] = []
    depth = 0
    for char in unicodedata.normalize("NFC", name):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth = max(0, depth - 1)
        elif depth == 0:
            inside = char.isalnum() or char in _INSIDE or unicodedata.category(char) in ("Mn", "Mc")
            kept.append(char if inside else " ")
    words = [word if word.endswith(".") else word.strip(_INSIDE) for word in "".join(kept).split()]
    words = [word for word in words if any(char.isalpha() for char in word)]
    if len(words) > 1 and words[0].endswith(".") and len(words[0]) > 2:
        del words[0]
    return [word.strip(_INSIDE) for word in words]


def _initials(words: list[str]) -> str:
    """Initials of the words and of their hyphenated parts; particles in small letters ("van", "da") do not count."""
    parts = [part for word in words for part in _split(word)]
    counted = [part for index, part in enumerate(parts) if index == 0 or not part[0].islower()] or parts
    if len(counted) == 1 and len(parts) > 1:
        counted = [parts[0], parts[-1]]  # "mia krüger", all in small letters
    letters = [first.upper() if len((first := _first(part)).upper()) == len(first) else first for part in counted]
    return "".join(letters)


def _split(word: str) -> list[str]:
    for hyphen in _HYPHENS[1:]:
        word = word.replace(hyphen, "-")
    return [part for part in word.split("-") if part and any(char.isalpha() for char in part)]


def _first(part: str) -> str:
    """The first letter with the marks that belong to it."""
    start = next(index for index, char in enumerate(part) if char.isalpha())
    end = start + 1
    while end < len(part) and unicodedata.category(part[end]) in ("Mn", "Mc"):
        end += 1
    return part[start:end]
