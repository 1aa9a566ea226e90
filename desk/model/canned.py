"""Canned answers: prepared text in three parts and several wordings, the facts in it, and which of them fits.

The same facts each time, never the same words: of a response's wordings the least recently used one is offered, and
what an agent makes of it is held against its facts. Nothing that customers or agents wrote is kept here, only prints.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product
from typing import Any

from desk.model.catalogue import say
from desk.model.notice import fill, misformed, names_in

PARTS = ("feeling", "facts", "next")
"""What an answer has, in this order: the feeling that was heard, the facts, and the next step with a date."""
FILLED = ("name", "agent", "desk", "order", "until", "hours", "email", "phone", "web", "faq")
"""Placeholders that the desk fills in by itself where it can; a response may declare further ones (`needs`)."""
WITHIN = timedelta(hours=8)
"""{until} where a response says nothing else: so much business time from now."""
RECENT = timedelta(days=14)
"""A text that was sent on the same topic within this, word for word, is the same words again."""
KEPT_USES = 200
"""How many uses of one response are remembered."""
REWRITTEN = 0.75
"""A sent text less like the offered one than this (0 to 1, by words) was rewritten."""
ALIKE = 0.57
"""From this on (0 to 1) a word is like one that was searched for."""
RESERVED = frozenset({"add", "health", "remove", "approve", "decline", "help"})
"""What the command understands by itself, so that no response can be called so."""
STEM = 5
"""Letters of a word by which it is the same as one with another ending."""
NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
"""The name of a response: small letters, digits and hyphens, a letter first."""

Picks = tuple[int, int, int]
"""Which wording of each part, from 0."""


@dataclass(frozen=True, slots=True)
class Canned:
    """One response in one language. Each part has one or more wordings with `{places}` and `[parts that may go]`.

    `unchanged`: facts (links, amounts, dates, phones) that must stand in the answer as they are. `needs`: places that
    the agent fills (`days=3`). `words` help to find it. `within`: business time until the next step, for {until}.
    `by`: the agent who added it in Slack, "" where it is from a file.
    """

    name: str
    topic: str
    language: str
    feeling: tuple[str, ...]
    facts: tuple[str, ...]
    next: tuple[str, ...]
    about: str = ""
    words: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    within: timedelta = WITHIN
    faq: str = ""
    by: str = ""

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The wordings of the three parts, in order."""
        return (self.feeling, self.facts, self.next)

    @property
    def places(self) -> set[str]:
        """Every place that some wording has."""
        return {name for part in self.parts for text in part for name in names_in(text)}

    def as_json(self) -> dict[str, Any]:
        """The form in which one that was added in Slack is kept."""
        return {
            "name": self.name,
            "topic": self.topic,
            "language": self.language,
            **{part: list(texts) for part, texts in zip(PARTS, self.parts, strict=True)},
            "about": self.about,
            "words": list(self.words),
            "unchanged": list(self.unchanged),
            "needs": list(self.needs),
            "within": int(self.within.total_seconds()),
            "faq": self.faq,
            "by": self.by,
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Canned:
        return Canned(
            kept["name"],
            kept["topic"],
            kept["language"],
            tuple(kept["feeling"]),
            tuple(kept["facts"]),
            tuple(kept["next"]),
            kept["about"],
            tuple(kept["words"]),
            tuple(kept["unchanged"]),
            tuple(kept["needs"]),
            timedelta(seconds=kept["within"]),
            kept["faq"],
            kept["by"],
        )


@dataclass(frozen=True, slots=True)
class Use:
    """One answer that was sent from a response: when (UTC), in which inquiry, which wording, whether it was rewritten,
    and the print of its words."""

    at: datetime
    number: int
    language: str
    picks: Picks
    rewritten: bool
    print: str

    def as_json(self) -> list[Any]:
        at = self.at.astimezone(UTC).isoformat()
        return [at, self.number, self.language, list(self.picks), self.rewritten, self.print]

    @staticmethod
    def from_json(kept: Sequence[Any]) -> Use:
        at, number, language, picks, rewritten, mark = kept
        return Use(datetime.fromisoformat(at), number, language, (picks[0], picks[1], picks[2]), rewritten, mark)


def faults(one: Canned) -> Iterator[tuple[str, str]]:
    """What is wrong with a response: the field, and the middle of a sentence that says the form to write."""
    if one.name in RESERVED:
        yield "name", say("{name} is a word of the command itself; choose another", name=one.name)
    for name in one.needs:
        if not _PLACE.fullmatch(name) or name in FILLED:
            yield (
                "needs",
                say("{name} is no name of an own place; write small letters that no place has yet", name=name),
            )
    known = (*FILLED, *one.needs)
    for part, texts in zip(PARTS, one.parts, strict=True):
        for nth, text in enumerate(texts, start=1):
            if (why := misformed(text, known)) is not None:
                yield part, say("wording {nth}: {why}", nth=nth, why=why)
    for fact in one.unchanged:
        if not any(all(not lost([fact], text) for text in texts) for texts in (one.facts, one.next)):
            yield "unchanged", say("{fact} must stand in every wording of facts, or of next", fact=fact)
    for nth, text in enumerate(one.next, start=1):
        if not names_in(text) & {"until", *one.needs} and not facts_in(text):
            yield "next", say("wording {nth}: it says no date; write {place} in it", nth=nth, place="{until}")


_PLACE = re.compile(r"[a-z][a-z0-9_]{0,29}")


# Choosing the words


def wordings(one: Canned, uses: Sequence[Use]) -> list[Picks]:
    """Every combination of wordings, the one to offer first in front.

    A combination that was used longer ago comes first, one that never was before all others; of equal ones that whose
    wordings were used longest ago.
    """
    whole: dict[Picks, datetime] = {}
    single: list[dict[int, datetime]] = [{}, {}, {}]
    for use in uses:
        if use.language == one.language:
            whole[use.picks] = max(use.at, whole.get(use.picks, use.at))
            for nth, pick in enumerate(use.picks):
                single[nth][pick] = max(use.at, single[nth].get(pick, use.at))
    never = datetime.min.replace(tzinfo=UTC)

    def age(picks: tuple[int, ...]) -> tuple[datetime, list[datetime], tuple[int, ...]]:
        last = sorted((single[nth].get(pick, never) for nth, pick in enumerate(picks)), reverse=True)
        return whole.get((picks[0], picks[1], picks[2]), never), last, picks

    found = sorted(product(*(range(len(part)) for part in one.parts)), key=age)
    return [(picks[0], picks[1], picks[2]) for picks in found]


@dataclass(frozen=True, slots=True)
class Written:
    """A response as text: `missing` places stand in it as {order}; `facts` are those that must stay as they are."""

    text: str
    missing: tuple[str, ...]
    facts: tuple[str, ...]


def written(
    one: Canned, picks: Picks, values: Mapping[str, str], limit: int, length: Callable[[str], int] = len
) -> Written:
    """The text of one combination with its places filled in, in the room that there is, as `length` counts it."""
    template = " ".join(part[pick] for part, pick in zip(one.parts, picks, strict=True))
    missing = fill(template, values, limit, length).missing
    text = fill(template, {**values, **{name: f"{{{name}}}" for name in missing}}, limit, length).text
    given = [values[name] for name in one.needs if values.get(name) and _is_fact(values[name])]
    declared = [fact for fact in (*one.unchanged, *given, values.get("faq", "")) if fact and _stands(fact, text)]
    facts = [*declared, *(fact for fact in facts_in(text) if not any(fact in own for own in declared))]
    return Written(text, missing, tuple(dict.fromkeys(facts)))


# Facts

_FACTS = re.compile(
    r"""
      https?://[^\s<>()\[\]]+[^\s<>()\[\].,;:!?…'"”]          # an address
    | (?<![\w@.])(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/[^\s<>()\[\]]*[^\s<>()\[\].,;:!?]
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                                # an e-mail address
    | (?<![\w.,])(?:[€$£¥]|EUR|USD|GBP|CZK|DKK|HUF)\s?\d(?:[\d.,\u00a0\u202f]*\d)?   # an amount
    | (?<![\w.,])\d[\d.,]*\s?(?:[€$£¥%]|(?:EUR|USD|GBP|CZK|DKK|HUF|Kč|kr|Ft|euros?|dollars?|pounds?)\b)
    | (?<!\w)\d{4}-\d\d-\d\d(?!\w)                                # a date
    | (?<!\w)\+?\d(?:[\d()/\u00a0 .-]{5,}\d)                    # a phone number, or a long number
    | (?<!\w)\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?
    | (?<!\w)\d{1,2}[:.]\d\d(?!\w)                                # a time
    """,
    re.VERBOSE | re.IGNORECASE,
)


def facts_in(text: str) -> tuple[str, ...]:
    """The links, addresses, amounts, phones, dates and times of a text, each once, in their order."""
    return tuple(dict.fromkeys(match[0].strip() for match in _FACTS.finditer(text)))


def lost(facts: Sequence[str], text: str) -> tuple[str, ...]:
    """Those facts that do not stand in a text unchanged. Only the kind of its blanks may differ."""
    return tuple(fact for fact in facts if not _stands(fact, text))


def _stands(fact: str, text: str) -> bool:
    whole, own = " ".join(text.split()), re.escape(" ".join(fact.split()))
    end = r"(?![\w/?#=&%+-]|[.,:]\w)" if "/" in fact else r"(?!\w|[.,]\d)"
    return re.search(rf"(?<!\w)(?<!\d[.,]){own}{end}", whole) is not None


def _is_fact(value: str) -> bool:
    return any(char.isdigit() for char in value) or "://" in value


# The same words


def words_print(text: str, names: Sequence[str] = ()) -> str:
    """A mark of the words alone: letters of any case, without `names`, numbers, links, and signs. It tells equal texts,
    and nothing of what they said."""
    bare = re.sub(r"https?://\S+|\S+@\S+", " ", unicodedata.normalize("NFKC", text)).casefold()
    for name in names:
        bare = re.sub(rf"(?<!\w)@?{re.escape(name.casefold())}(?!\w)", " ", bare) if name else bare
    letters = " ".join(re.findall(r"[^\W\d_]+", bare))
    return hashlib.sha256(letters.encode()).hexdigest()[:16]


def said_lately(mark: str, uses: Sequence[Use], now: datetime) -> Use | None:
    """The latest of a topic's uses with the very same words, or None."""
    same = [use for use in uses if use.print == mark and now - use.at <= RECENT]
    return max(same, key=lambda use: use.at, default=None)


def rewritten(offered: str, sent: str) -> bool:
    """Whether an agent made another text of what was offered."""
    return SequenceMatcher(None, offered.split(), sent.split(), autojunk=False).ratio() < REWRITTEN


# Finding


def in_language(found: Sequence[Canned], language: str) -> list[Canned]:
    """Each response once: in the customer's language where there is one, those first."""
    best: dict[str, Canned] = {}
    for one in found:
        if one.name not in best or (one.language == language and best[one.name].language != language):
            best[one.name] = one
    return sorted(best.values(), key=lambda one: one.language != language)


def named(known: Sequence[Canned], name: str, language: str) -> Canned | None:
    """The response of exactly that name, in that language where there is one."""
    same = [one for one in known if one.name == name.casefold()]
    return next((one for one in in_language(same, language)), None)


def search(known: Sequence[Canned], query: str, language: str = "", limit: int = 10) -> list[Canned]:
    """Responses by their name or words, also mistyped ones, the best first; "" finds none."""
    asked = [word for word in _words(query) if len(word) > 1]
    if not asked:
        return []
    scored = [(_score(one, asked, query), one) for one in in_language(known, language)]
    found = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: -pair[0])
    return [one for _, one in found[:limit]]


def fitting(known: Sequence[Canned], text: str, language: str) -> list[Canned]:
    """All responses, those first that fit what a customer wrote: by language, then by the words that they share, whose
    endings may differ. It is asked with every letter that somebody types into a form, so nothing fuzzy here."""
    asked = {word[:STEM] for word in _words(text) if len(word) > 2}

    def rank(one: Canned) -> tuple[bool, int, str, str]:
        return one.language != language, -len(asked & _stems(one)), one.topic, one.name

    return sorted(in_language(known, language), key=rank)


def _score(one: Canned, asked: Sequence[str], query: str) -> float:
    name = query.strip().casefold().replace(" ", "-")
    if one.name == name:
        return 3.0
    near = _alike(name, one.name)
    if one.name.startswith(name) or near >= ALIKE:
        return 1.5 + near
    every = (*_own_words(one), *_text_words(one))
    return sum(_best(word, every) for word in asked) / len(asked)


def _best(word: str, words: Sequence[str]) -> float:
    return max((1.0 if word == other else _alike(word, other) for other in words), default=0.0)


@lru_cache(maxsize=1024)
def _stems(one: Canned) -> frozenset[str]:
    """The beginnings of the words by which it is known."""
    whole = " ".join((one.name.replace("-", " "), one.topic, *one.words))
    return frozenset(word[:STEM] for word in _words(whole) if len(word) > 2)


@lru_cache(maxsize=1024)
def _own_words(one: Canned) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_words(" ".join((one.name.replace("-", " "), one.topic, one.about, *one.words)))))


@lru_cache(maxsize=1024)
def _text_words(one: Canned) -> tuple[str, ...]:
    return tuple(word for word in dict.fromkeys(_words(" ".join(one.facts))) if len(word) > 3)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


@lru_cache(maxsize=65536)
def _alike(one: str, other: str) -> float:
    """How alike two words are, 0 to 1: the share of the pairs of neighbouring letters that they have in common."""
    pairs, others = _pairs(one), _pairs(other)
    return 2 * len(pairs & others) / (len(pairs) + len(others)) if pairs and others else 0.0


@lru_cache(maxsize=16384)
def _pairs(word: str) -> frozenset[str]:
    whole = f" {word} "
    return frozenset(whole[i : i + 2] for i in range(len(whole) - 1))
