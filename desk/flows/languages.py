"""The customer's language: as the platform says, else detected; and in which one the desk itself writes to them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from desk.desk import Desk
from desk.model.customer import Guess
from desk.model.holding import TEXTS, language_of
from desk.model.inquiry import Inquiry
from desk.model.message import Message
from desk.model.tongues import ENGLISH

log = logging.getLogger("frontdesk.languages")

UNKNOWN = "?"
"""Stands for a language of which nothing can be said."""


async def with_languages(desk: Desk, messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages, each of a customer's with the language that was detected where the platform gives none. A detector
    that breaks holds up nobody."""
    asked = [n for n, one in enumerate(messages) if not (one.own or one.deleted or one.language) and one.text.strip()]
    if desk.languages is None or not asked:
        return tuple(messages)
    try:
        guesses = await desk.languages.of([messages[n].text for n in asked], desk.rules.served or tuple(TEXTS))
    except Exception:
        log.exception("no language was detected")
        return tuple(messages)
    found = list(messages)
    for n, guess in zip(asked, guesses, strict=True):
        found[n] = _told(found[n], guess)
    return tuple(found)


def _told(message: Message, guess: Guess) -> Message:
    if guess.sure:
        return replace(message, language=guess.language)
    return replace(message, perhaps=guess.language or UNKNOWN)


def speaks(desk: Desk) -> Sequence[str]:
    """The languages in which the desk itself can write to customers here."""
    return [code for code in (desk.rules.served or TEXTS) if code in TEXTS]


def language_for(desk: Desk, inquiry: Inquiry, text: str = "") -> str:
    """The language in which the desk writes to this customer: theirs where it is known and served, English (or the
    first that is served) where it is known and not; where it is unsure, what the words of `text` look most like."""
    own = speaks(desk)
    if inquiry.language in own:
        return inquiry.language
    if not inquiry.language and text:
        return language_of(text, own)
    return ENGLISH if ENGLISH in own or not own else own[0]
