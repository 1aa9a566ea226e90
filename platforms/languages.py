"""In which language a text is written: py3langid, loaded when first needed, in a thread of its own."""

from __future__ import annotations

import asyncio
import copy
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from desk.model.customer import Guess, judged

_NO_WORDS = re.compile(r"https?://\S+|[@#][\w.-]+|\S+@\S+")
LEAST = 4
"""Letters that a text must have; below that nobody can tell."""


class LangId:
    """A `Languages`. The model is shared by the whole process: it takes a second to load, and some 60 MB."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._thread = ThreadPoolExecutor(1, "languages")

    def warm(self) -> None:
        """Load the model beside everything else, so that the first customer waits for nothing."""
        self._thread.submit(_model)

    async def of(self, texts: Sequence[str], among: Sequence[str]) -> Sequence[Guess]:
        self.in_flight += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, lambda: [_guess(text, tuple(among)) for text in texts])
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        """Waits for nothing; the thread ends with what it does."""
        self._thread.shutdown(wait=False, cancel_futures=True)


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _narrowed(among: tuple[str, ...]) -> Any:
    """The model over some languages only; those that it does not know are left out."""
    model = copy.copy(_model())
    model.set_languages([code for code in among if code in model.labels])
    return model


def _guess(text: str, among: tuple[str, ...]) -> Guess:
    words = " ".join(_NO_WORDS.sub(" ", text).split())
    if sum(char.isalpha() for char in words) < LEAST:
        return Guess("", False)
    known = [code for code in among if code in _model().labels]
    if not known:
        return Guess("", False)
    return judged(_narrowed(tuple(known)).rank(words), _model().rank(words))
