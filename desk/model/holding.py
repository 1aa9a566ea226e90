"""The holding reply: "we are looking into it", in the customer's language, with the time of the answer in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from desk.model.notice import fill
from desk.model.tongues import ENGLISH

TEXTS: Mapping[str, str] = {
    "en": "Thank you for writing. We are looking into it and will answer you {when}.",
    "de": "Danke für die Nachricht. Wir gehen der Sache nach und melden uns {when}.",
    "da": "Tak for din besked. Vi undersøger sagen og svarer {when}.",
    "cs": "Děkujeme za zprávu. Věc prověřujeme a ozveme se {when}.",
    "hu": "Köszönjük az üzenetet. Utánanézünk, és válaszolunk {when}.",
}
"""By language. {when} is what `desk.model.estimate.said` makes of the time that is promised: "tomorrow by 10:00"."""

_SMALL = {
    "en": "the is my you your and it i have not can please where when what why this with for of to are was be",
    "de": "der die das ist mein meine ich und nicht habe sie ihr bitte wo wann was warum mit für von zu wird noch",
    "da": "det er min mit jeg og ikke har du i hvor hvornår hvad hvorfor med til af på kan venligst en et",
    "cs": "je můj moje já ne nemám mám kde kdy co proč prosím s pro se si to na že jak jsem není už ale",
    "hu": "a az és nem van hol mikor mit miért kérem hogy egy ez én is meg már de csak vagy ha kell",
}
_WORDS: Mapping[str, frozenset[str]] = {code: frozenset(words.split()) for code, words in _SMALL.items()}
_LETTERS: Mapping[str, str] = {"de": "äöüß", "da": "æøå", "cs": "ěščřžýáíéůúňťď", "hu": "áéíóöőúüű"}


def certain_language(text: str) -> str:
    """The language that a text surely is in, counted by small words; "" where it is short, or mixed, or another one."""
    said = re.findall(r"[^\W\d_]+", text.casefold())
    scores = sorted(((sum(word in words for word in said), code) for code, words in _WORDS.items()), reverse=True)
    (best, code), (second, _) = scores[0], scores[1]
    return code if best >= 4 and best >= 3 * second and best * 6 >= len(said) else ""


def language_of(text: str, spoken: Sequence[str] = ()) -> str:
    """The language that a text seems to be in, of those that are `spoken` (all of `TEXTS` where none are named).

    Counted by small words, and by letters where those say nothing; English, or the first that is spoken, where the
    text tells nothing.
    """
    known = [code for code in (spoken or TEXTS) if code in TEXTS]
    default = ENGLISH if ENGLISH in known or not known else known[0]
    said = re.findall(r"[^\W\d_]+", text.casefold())
    scores = {code: 10 * sum(word in _WORDS[code] for word in said) for code in known}
    for code in known:
        scores[code] += sum(letter in _LETTERS.get(code, "") for letter in text.casefold())
    best = max(known, key=lambda code: (scores[code], code == default), default=default)
    return best if scores.get(best) else default


def holding_text(language: str, when: str, texts: Mapping[str, str] = TEXTS) -> str:
    """The whole text, unsigned; `texts` are the owner's."""
    text = texts.get(language) or TEXTS.get(language) or texts.get(ENGLISH) or TEXTS[ENGLISH]
    return fill(text, {"when": when}, len(text) + len(when)).text
