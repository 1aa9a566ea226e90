"""The section about customers: the languages in which they are answered."""

from __future__ import annotations

from config.forms import Language, Section, option


class CustomersSection(Section):
    """[customers]: in which languages they are answered; [] is those of [availability], else all that the desk has
    texts in."""

    languages: list[Language] = option([], '["en", "de"]', max_length=20)
