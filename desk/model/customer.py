"""The customer: one person with all their profiles, what the team knows of them, and what the company knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from desk.model.catalogue import say

NOTES, NOTE_LENGTH = 50, 1000
"""How many notes are kept of one person, the newest; and how long one may be."""
CERTAIN = 0.9
"""A detected language counts as known from this probability on."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One account on one platform. `account` is ours there; `handle` has no @ and may be empty, as may `name`."""

    platform: str
    account: str
    remote_id: str
    handle: str = ""
    name: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """What it is found by, for good."""
        return f"{self.platform}:{self.account}:{self.remote_id}"

    @property
    def called(self) -> str:
        """How people call it: "@maria" where there is a handle, else the name."""
        return f"@{self.handle}" if self.handle else self.name or say("the customer")


@dataclass(frozen=True, slots=True)
class Remark:
    """A note about the person, for the team only; it stays when the inquiry is closed."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the company's own system said of the person at that time (UTC); `found` is False where it knows nobody.

    `facts` are (label, value) pairs in its order; `url` leads there.
    """

    at: datetime
    found: bool = True
    name: str = ""
    vip: bool | None = None
    language: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One person. `inquiries` are theirs by number, oldest first. `language` is a short code, "" where it is not known;
    `language_by` the agent who set it, else "". `muted`: what they write is kept out of the queue."""

    id: int
    profiles: tuple[Profile, ...]
    inquiries: tuple[int, ...] = ()
    language: str = ""
    language_by: str = ""
    vip: bool = False
    vip_by: str = ""
    """Who set the mark, or took it away: a Slack user, or `SYSTEM`; "" where nobody ever did."""
    notes: tuple[Remark, ...] = ()
    muted: bool = False
    known: Known | None = None

    def has(self, key: str) -> bool:
        return any(profile.key == key for profile in self.profiles)

    def with_note(self, note: Remark) -> Customer:
        return replace(self, notes=(*self.notes, note)[-NOTES:])

    def earlier(self, number: int) -> tuple[int, ...]:
        """Their inquiries before this one, oldest first."""
        return tuple(one for one in self.inquiries if one < number)

    @property
    def called(self) -> str:
        return self.profiles[0].called if self.profiles else say("the customer")


SYSTEM = "system"
"""Stands for the company's own system where a person's id would stand."""


def one_person(kept: Customer, other: Customer) -> Customer:
    """Two records of one person as one, under the id of `kept`. What a person set beats what nobody did."""
    own = kept if kept.language_by or not (other.language_by or not kept.language) else other
    mark = kept if kept.vip_by and kept.vip_by != SYSTEM else other if other.vip_by else kept
    return replace(
        kept,
        profiles=(*kept.profiles, *(one for one in other.profiles if not kept.has(one.key))),
        inquiries=tuple(sorted({*kept.inquiries, *other.inquiries})),
        language=own.language,
        language_by=own.language_by,
        vip=kept.vip or other.vip if mark is kept and not kept.vip_by else mark.vip,
        vip_by=mark.vip_by,
        notes=tuple(sorted((*kept.notes, *other.notes), key=lambda note: note.at))[-NOTES:],
        muted=kept.muted or other.muted,
        known=kept.known or other.known,
    )


# languages


@dataclass(frozen=True, slots=True)
class Guess:
    """The language that a text seems to be in; `sure` is False where it may as well be another."""

    language: str
    sure: bool


def judged(among: Sequence[tuple[str, float]], of_all: Sequence[tuple[str, float]]) -> Guess:
    """What two rankings say, best first: over the languages that the desk serves, and over all that there are.

    Unsure where no served one is likely enough, or where another language is: a Portuguese text is no sure Hungarian
    one only because the desk serves no Portuguese.
    """
    if not among:
        return Guess("", False)
    best, share = among[0]
    if of_all and of_all[0][0] not in [code for code, _ in among] and of_all[0][1] >= CERTAIN:
        return Guess("", False)
    return Guess(best, share >= CERTAIN)


_NAMES = (
    "ar=Arabic bg=Bulgarian bn=Bengali bs=Bosnian ca=Catalan cs=Czech cy=Welsh da=Danish de=German el=Greek "
    "en=English es=Spanish et=Estonian eu=Basque fa=Persian fi=Finnish fil=Filipino fr=French ga=Irish gl=Galician "
    "he=Hebrew hi=Hindi hr=Croatian hu=Hungarian hy=Armenian id=Indonesian is=Icelandic it=Italian ja=Japanese "
    "ka=Georgian kk=Kazakh ko=Korean lt=Lithuanian lv=Latvian mk=Macedonian ms=Malay mt=Maltese nl=Dutch "
    "no=Norwegian pl=Polish pt=Portuguese ro=Romanian ru=Russian sk=Slovak sl=Slovenian sq=Albanian sr=Serbian "
    "sv=Swedish sw=Swahili ta=Tamil th=Thai tl=Tagalog tr=Turkish uk=Ukrainian ur=Urdu vi=Vietnamese zh=Chinese"
)
LANGUAGES: Mapping[str, str] = dict(pair.split("=") for pair in _NAMES.split())
"""The languages that people name here, by short code."""


def language_named(typed: str) -> str | None:
    """The short code of a language that an agent typed, as a code or by its English name; None: none that we know."""
    word = typed.strip().casefold()
    if word.partition("-")[0] in LANGUAGES:
        return word.partition("-")[0]
    return next((code for code, name in LANGUAGES.items() if name.casefold() == word), None)


def nearest_language(typed: str) -> str:
    """The name that comes closest to a mistyped one; "" where none does."""
    names = {name.casefold(): name for name in LANGUAGES.values()}
    found = difflib.get_close_matches(typed.strip().casefold(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else ""


def language_name(code: str) -> str:
    """A language for people: "Portuguese"; the code itself where it has no name here."""
    return LANGUAGES.get(code.partition("-")[0], code)


# priority


class Priority(StrEnum):
    """How pressing an agent says that an inquiry is; "" on an inquiry is normal."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


def rank(vip: bool, priority: str) -> int:
    """Who comes first in the queue, smallest first: VIPs, then what an agent has raised, then all others alike."""
    if vip:
        return 0
    return {Priority.URGENT: 1, Priority.HIGH: 2}.get(Priority(priority or Priority.NORMAL), 3)


def matching(people: Iterable[Customer], word: str, platform: str = "") -> list[Customer]:
    """Those who have a profile of that handle or name (on that platform), each once, in their order."""
    wanted = word.strip().lstrip("@").casefold()
    return [
        person
        for person in people
        if any(
            wanted in (one.handle.casefold(), one.name.casefold()) and platform in ("", one.platform)
            for one in person.profiles
        )
    ]
