"""The people who work at the desk, as Slack knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the team. `zone` is an IANA name; `first_name` may be empty (then replies can't be signed)."""

    user: str
    first_name: str
    real_name: str
    zone: str
    agent: bool
    lead: bool
    handle: str = ""
