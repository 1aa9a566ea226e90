"""Sentences come from one catalogue."""

from __future__ import annotations

import gettext
from collections.abc import Iterator

import pytest

from desk.model import catalogue
from desk.model.catalogue import say, say_n


class Other(gettext.NullTranslations):
    """Another team's words."""

    def gettext(self, message: str) -> str:
        return {"#{number} is yours.": "Take care of #{number}."}.get(message, message)


@pytest.fixture
def other() -> Iterator[None]:
    catalogue.use(Other())
    yield
    catalogue.use(gettext.NullTranslations())


def test_the_english_of_the_code_is_said_where_nothing_else_is_chosen() -> None:
    assert say("#{number} is yours.", number=42) == "#42 is yours."


def test_a_count_takes_its_form() -> None:
    assert [say_n("{n} inquiry", "{n} inquiries", n) for n in (0, 1, 2)] == ["0 inquiries", "1 inquiry", "2 inquiries"]


def test_a_brace_in_a_value_is_only_a_brace() -> None:
    assert say("They wrote: {text}", text="{0.__class__} {x}") == "They wrote: {0.__class__} {x}"


@pytest.mark.usefixtures("other")
def test_a_team_may_have_other_words() -> None:
    assert say("#{number} is yours.", number=42) == "Take care of #42."
