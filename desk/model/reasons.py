"""Why an inquiry was closed: kept in English, or in an agent's own words; shown in the team's."""

from __future__ import annotations

import re

from desk.model.catalogue import say

SOLVED = "solved"
IGNORED = "ignored"
WITHDRAWN = "taken back before it was shown"
"""Why an inquiry is closed that nobody has seen."""
_MERGED = re.compile(r"merged into #(\d+)")


def merged_into(number: int) -> str:
    """The reason of an inquiry that was merged, as it is kept."""
    return f"merged into #{number}"


def reason_words(reason: str | None) -> str:
    """A kept reason in the team's words; what an agent typed stays as it is. None is *solved*."""
    reason = reason or SOLVED
    if merged := _MERGED.fullmatch(reason):
        return say("merged into #{number}", number=merged[1])
    return {
        SOLVED: say("solved"),
        "spam": say("spam"),
        "no answer needed": say("no answer needed"),
        "duplicate": say("duplicate"),
        IGNORED: say("ignored"),
        WITHDRAWN: say("taken back before it was shown"),
    }.get(reason, reason)
