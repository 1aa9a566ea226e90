"""The catalogue: every sentence that the bot says to people passes here, so that a team may have it in other words.

English stands in the code, as gettext has it; `say` and `say_n` look it up and fill in the values. What is said to
customers in their language is not here but in `tongues.py` and the owner's texts.
"""

from __future__ import annotations

import gettext
from typing import Any

_words: gettext.NullTranslations = gettext.NullTranslations()


def use(words: gettext.NullTranslations) -> None:
    """Speak with these words from now on; `gettext.NullTranslations()` is the English of the code."""
    global _words
    _words = words


def say(text: str, /, **values: Any) -> str:
    """A sentence, its `{name}` places filled in. A sign like `{` in a value stays what it is.

    `text` is a plain string literal: the catalogue is made by reading the code.
    """
    found = _words.gettext(text)
    return found.format(**values) if values else found


def known(text: str, /) -> str:
    """A sentence without places that stands as a literal elsewhere, in a list that is made before words are chosen.

    `config/catalogue.py` names where: the help of each verb.
    """
    return _words.gettext(text)


def say_n(one: str, many: str, n: int, /, **values: Any) -> str:
    """The form that belongs to the count `n`, which fills `{n}`: "1 inquiry", "2 inquiries"."""
    return _words.ngettext(one, many, n).format(n=n, **values)
