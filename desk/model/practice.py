"""Practice: made-up inquiries for who learns, and what is said of an answer to one. Nothing of it is a real inquiry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """One made-up inquiry. `then`: what the customer writes after the first answer, "" where they are content."""

    name: str
    platform: str
    customer: str
    text: str
    about: str = ""
    handle: str = ""
    language: str = "en"
    private: bool = False
    then: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """Where practice takes place: a Slack channel's id, "" where there is none; and what is practised with."""

    channel: str = ""
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One case played to one agent. `nth` counts runs and is no inquiry's number; `asked_at` is when the customer's
    newest words stood there; `answers` are texts as they were sent."""

    nth: int
    user: str
    case: Case
    began_at: datetime
    asked_at: datetime
    answers: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the customer says nothing more."""
        return len(self.answers) > (1 if self.case.then else 0)

    @property
    def words(self) -> str:
        """The customer's newest words."""
        return self.case.then if self.answers and self.case.then else self.case.text

    def as_json(self) -> dict[str, Any]:
        case = self.case
        return {
            "nth": self.nth,
            "user": self.user,
            "case": {
                "name": case.name,
                "platform": case.platform,
                "customer": case.customer,
                "text": case.text,
                "about": case.about,
                "handle": case.handle,
                "language": case.language,
                "private": case.private,
                "then": case.then,
            },
            "began_at": self.began_at.isoformat(),
            "asked_at": self.asked_at.isoformat(),
            "answers": list(self.answers),
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Run:
        began, asked = datetime.fromisoformat(kept["began_at"]), datetime.fromisoformat(kept["asked_at"])
        return Run(kept["nth"], kept["user"], Case(**kept["case"]), began, asked, tuple(kept["answers"]))


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be said of one answer: how long it took in business time and what is promised there, how it counts, how
    it is signed, what the guards say, and which parts it seems to lack."""

    took: timedelta
    promised: timedelta | None
    size: int
    limit: int
    sign: str
    guards: Sequence[str] = field(default_factory=tuple)
    missing: Sequence[str] = field(default_factory=tuple)
    named: bool = True

    @property
    def faultless(self) -> bool:
        """In time, within the limit, signed, nothing missing, nothing that a guard would have stopped."""
        in_time = self.promised is None or self.took <= self.promised
        return in_time and self.size <= self.limit and bool(self.sign) and not self.guards and not self.missing


def next_case(cases: Sequence[Case], played: Mapping[str, int]) -> Case | None:
    """The case that an agent has played least often so far, in the order of the file."""
    return min(cases, key=lambda case: played.get(case.name, 0), default=None)
