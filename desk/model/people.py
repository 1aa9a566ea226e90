"""The people who work at the desk, as Slack knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the team. `zone` is an IANA name; `first_name` may be empty (then replies can't be signed);
    `groups` are the ids of the Slack user groups that they are in, those of teams among them."""

    user: str
    first_name: str
    real_name: str
    zone: str
    agent: bool
    lead: bool
    handle: str = ""
    groups: frozenset[str] = frozenset()
