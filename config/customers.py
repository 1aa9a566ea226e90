"""The section about customers: the languages in which they are answered, and the company's own system."""

from __future__ import annotations

from datetime import timedelta

from config.forms import Duration, Language, Section, Url, option


class CustomersSection(Section):
    """[customers]: in which languages they are answered, [] being those of [availability], else all that the desk has
    texts in; and where the company's own system is asked who they are. `lookup_seconds` are real seconds."""

    languages: list[Language] = option([], '["en", "de"]', max_length=20)
    lookup_url: Url | None = option(None, '"https://crm.acme.example/frontdesk"')
    lookup_seconds: int = option(3, "3", ge=1, le=30)
    lookup_again: Duration = option(timedelta(hours=12), '"12h"')
