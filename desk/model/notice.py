"""What the desk says to customers by itself: acknowledgements, and in public when the team is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.hours import DAYS, BusinessHours, NeverCloses, NeverOpen, Spans
from desk.model.tongues import DAYS_ON, ENGLISH, tongue

# Texts with parts that may be left out


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its facts in it.

    `dropped`: how many optional parts were left out for want of room. `fits`: whether it keeps to the limit; one that
    does not is whole all the same, and never to be cut. `missing`: facts that it needs and that there are not: such a
    text is not for people.
    """

    text: str
    dropped: int
    fits: bool
    missing: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it may be said."""
        return self.fits and not self.missing and bool(self.text)


_PIECE = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def names_in(template: str) -> set[str]:
    """The facts that a text asks for: {hours}, {until} …"""
    return set(_NAME.findall(template))


def misformed(template: str, known: Sequence[str]) -> str | None:
    """What is wrong with a text, the middle of a sentence; None where nothing is.

    `{fact}` stands for a fact that is `known`, `[…]` around a part that may be left out; neither stands in its like.
    """
    if unknown := sorted(names_in(template) - set(known)):
        listed = ", ".join("{" + name + "}" for name in known)
        return say("{place} is not filled in; known are {known}", place=f"{{{unknown[0]}}}", known=listed)
    bare = _PIECE.sub("", template)
    if "[" in bare or "]" in bare:
        return say("each [ needs its ], and no [ stands inside another")
    if re.search(r"[{}]", _NAME.sub("", template)):
        return say("each {open} needs its {close}", open="{", close="}")
    if not re.search(r"\w", bare):
        return say("something must stand outside of the brackets")
    return None


def fill(template: str, facts: Mapping[str, str], limit: int, length: Callable[[str], int] = len) -> Filled:
    """A text with its facts, in the room that there is, as `length` counts it.

    A part in brackets is left out where a fact of it is missing or empty; where room is short, those that are left go
    from the last to the first. Nothing is ever cut inside. Outside of brackets a missing fact leaves nothing.
    """
    pieces: list[tuple[bool, str]] = []
    at = 0
    for match in _PIECE.finditer(template):
        pieces.append((False, template[at : match.start()]))
        if all(facts.get(name) for name in names_in(match[1])):
            pieces.append((True, match[1]))
        at = match.end()
    pieces.append((False, template[at:]))
    dropped = 0
    needed = names_in(_PIECE.sub("", template))
    missing = tuple(sorted(name for name in needed if not facts.get(name)))
    while True:
        text = _tidy("".join(_NAME.sub(lambda name: facts.get(name[1], ""), piece) for _, piece in pieces))
        optional = [index for index, (may_go, _) in enumerate(pieces) if may_go]
        if length(text) <= limit:
            return Filled(text, dropped, True, missing)
        if not optional:
            return Filled(text, dropped, False, missing)
        del pieces[optional[-1]]
        dropped += 1


def _tidy(text: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", text).strip()


# When we are there, and how else to reach us


@dataclass(frozen=True, slots=True)
class Contact:
    """Other ways to reach the team, as customers are to read them; "" where there is none."""

    email: str = ""
    phone: str = ""
    web: str = ""

    def ways(self, language: str = ENGLISH) -> str:
        """All of them in a language: "by e-mail: help@example.org, by phone: 0800 1"; "" where there are none."""
        words = tongue(language)
        each = ((words.email, self.email), (words.phone, self.phone), (words.web, self.web))
        return ", ".join(form.format(way=way) for form, way in each if way)


PUBLIC_FACTS = ("hours", "zone", "until", "opens", "ways", "name")
"""What a public text may ask for: the week, the city of the zone, when we close, when we open, other ways, our name."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The public texts of one language: while we are there, and while not."""

    open: str
    closed: str


PUBLIC: Mapping[str, Texts] = {
    "en": Texts(
        "We are here until {until} ({zone} time).[ Our hours: {hours}.][ You can also reach us {ways}.]",
        "We are closed now and back {opens} ({zone} time).[ Our hours: {hours}.][ You can also reach us {ways}.]",
    ),
    "de": Texts(
        "Wir sind bis {until} Uhr für euch da (Ortszeit {zone}).[ Unsere Zeiten: {hours}.]"
        "[ Ihr erreicht uns auch {ways}.]",
        "Gerade ist niemand da. Wir antworten wieder {opens} (Ortszeit {zone}).[ Unsere Zeiten: {hours}.]"
        "[ Ihr erreicht uns auch {ways}.]",
    ),
    "da": Texts(
        "Vi er her til kl. {until} (tid i {zone}).[ Vores tider: {hours}.][ Du kan også kontakte os {ways}.]",
        "Vi har lukket nu og er tilbage {opens} (tid i {zone}).[ Vores tider: {hours}.]"
        "[ Du kan også kontakte os {ways}.]",
    ),
    "cs": Texts(
        "Jsme tu pro vás do {until} (čas {zone}).[ Odpovídáme v čase: {hours}.][ Zastihnete nás také {ways}.]",
        "Teď máme zavřeno, odpovídáme zase {opens} (čas {zone}).[ Odpovídáme v čase: {hours}.]"
        "[ Zastihnete nás také {ways}.]",
    ),
    "hu": Texts(
        "{until}-ig itt vagyunk ({zone}, helyi idő).[ Elérhetőségünk: {hours}.][ Így is elér minket: {ways}.]",
        "Most zárva vagyunk, {opens} újra itt leszünk ({zone}, helyi idő).[ Elérhetőségünk: {hours}.]"
        "[ Így is elér minket: {ways}.]",
    ),
}
"""What stands in public where the owner wrote nothing else."""


def week_in(week: Mapping[str, Spans], language: str = ENGLISH) -> str:
    """A week for customers: "Mon–Fri 09:00–17:00, Sat 10:00–14:00", with the days of a language."""
    words = tongue(language)
    runs: list[tuple[list[int], Spans]] = []
    for index, day in enumerate(DAYS):
        spans: Spans = tuple((start, end) for start, end in week.get(day, ()))
        if spans and runs and runs[-1][1] == spans and runs[-1][0][-1] + 1 == index:
            runs[-1][0].append(index)
        elif spans:
            runs.append(([index], spans))
    if not runs:
        return words.closed
    if len(runs) == 1 and len(runs[0][0]) == 7 and runs[0][1] == (("00:00", "24:00"),):
        return words.always
    written = []
    for days, spans in runs:
        names = words.short[days[0]] + (f"–{words.short[days[-1]]}" if len(days) > 1 else "")
        times = f" {words.and_} ".join(_span(start, end, words.next_day) for start, end in spans)
        written.append(f"{names} {times}")
    return ", ".join(written)


def _span(start: str, end: str, next_day: str) -> str:
    hour, minute = (int(part) for part in end.split(":"))
    if hour > 24 or (hour == 24 and minute):
        return f"{start}–{hour - 24:02d}:{minute:02d} ({next_day})"
    return f"{start}–{end}"


def opens_in(opening: datetime, now: datetime, hours: BusinessHours, language: str = ENGLISH) -> str:
    """When we are back, for customers, on the desk's wall clock: "tomorrow at 09:00", "on Monday at 09:00"."""
    words = tongue(language)
    there, here = opening.astimezone(hours.zone), now.astimezone(hours.zone)
    clock, days = f"{there:%H:%M}", (there.date() - here.date()).days
    if days == 0:
        return words.back_today.format(time=clock)
    if days == 1:
        return words.back_tomorrow.format(time=clock)
    if days < 7:
        day_on = DAYS_ON.get(words.code, words.days)[there.weekday()]
        return words.on_day.format(day=words.days[there.weekday()], day_on=day_on, time=clock)
    return words.on_date.format(d=there.day, month=words.months[there.month - 1], time=clock)


def public_facts(
    hours: BusinessHours, now: datetime, language: str = ENGLISH, contact: Contact | None = None, name: str = ""
) -> dict[str, str]:
    """What is so at `now` (UTC), in a language: the facts of `PUBLIC_FACTS`. `until` or `opens` is "" where it is not
    so; `until` is the last closing of the local day, breaks left aside, and "" where that is more than a day off."""
    facts = {
        "hours": week_in(hours.week, language),
        "zone": hours.zone.key.rsplit("/", 1)[-1].replace("_", " "),
        "until": "",
        "opens": "",
        "ways": (contact or Contact()).ways(language),
        "name": name,
    }
    try:
        if hours.is_open(now):
            facts["until"] = _until(hours, now)
        else:
            facts["opens"] = opens_in(hours.next_opening(now), now, hours, language)
    except (NeverOpen, NeverCloses):
        pass
    return facts


def _until(hours: BusinessHours, now: datetime) -> str:
    """The end of the open time that began on this local day, on the wall clock."""
    day = now.astimezone(hours.zone).date()
    closing = hours.next_closing(now)
    try:
        while hours.next_opening(closing).astimezone(hours.zone).date() == day:
            closing = hours.next_closing(closing)
    except NeverOpen:
        pass
    return "" if closing - now > timedelta(days=1) else f"{closing.astimezone(hours.zone):%H:%M}"


def availability(
    hours: BusinessHours,
    now: datetime,
    languages: Sequence[str],
    limit: int,
    length: Callable[[str], int] = len,
    *,
    texts: Mapping[str, Texts] | None = None,
    contact: Contact | None = None,
    name: str = "",
) -> list[tuple[str, Filled]]:
    """What is to stand in public now, by language, each within the platform's limit if at all possible.

    `texts` are the owner's; a language without any of its own has those of `PUBLIC`, or English ones. Where there is
    neither a closing nor an opening to tell, only the hours and the other ways are said.
    """
    found = []
    for language in languages:
        own = (texts or {}).get(language) or PUBLIC.get(language) or PUBLIC[ENGLISH]
        facts = public_facts(hours, now, language, contact, name)
        if facts["until"]:
            template = own.open
        elif facts["opens"]:
            template = own.closed
        else:
            template = "{hours}.[ {ways}.]"
        found.append((language, fill(template, facts, limit, length)))
    return found


def once_key(kind: str, day: date, platform: str, language: str) -> str:
    """The key under which a post counts as done: once for a date, a kind ("opening"), a platform and a language."""
    return f"availability:{kind}:{day.isoformat()}:{platform}:{language}"


# Acknowledgements


STALE = timedelta(hours=1)
"""A message that reaches us later than this (after a downtime) is answered by people only."""


class Occasion(StrEnum):
    """When the desk may answer by itself."""

    ARRIVAL = "arrival"
    CLOSED = "closed"


ACK_FACTS = ("name", "answer", "solution", "opens", "until", "hours", "zone", "ways")
"""What an acknowledgement may ask for: the customer's first name, when an answer and a solution may be expected, and
the facts of the hours."""


@dataclass(frozen=True, slots=True)
class AckTexts:
    """The acknowledgements of one language: while somebody is there, and while nobody is."""

    arrival: str
    closed: str


ACKNOWLEDGEMENTS: Mapping[str, AckTexts] = {
    "en": AckTexts(
        "Thank you for your message[, {name}]. We have it.[ You can expect an answer {answer}.]"
        "[ Matters like this are usually settled {solution}.]",
        "Thank you for your message[, {name}]. We are closed now and back {opens}.[ You can expect an answer {answer}.]"
        "[ If it cannot wait, you reach us {ways}.]",
    ),
    "de": AckTexts(
        "Danke für die Nachricht[, {name}]. Sie ist bei uns angekommen.[ Mit einer Antwort ist {answer} zu rechnen.]"
        "[ Geklärt ist so etwas meist {solution}.]",
        "Danke für die Nachricht[, {name}]. Gerade ist niemand da, wir sind {opens} wieder hier."
        "[ Mit einer Antwort ist {answer} zu rechnen.][ Wenn es eilt, sind wir auch erreichbar {ways}.]",
    ),
    "da": AckTexts(
        "Tak for din besked[, {name}]. Vi har fået den.[ Du kan regne med et svar {answer}.]"
        "[ Den slags er som regel løst {solution}.]",
        "Tak for din besked[, {name}]. Vi har lukket nu og er tilbage {opens}.[ Du kan regne med et svar {answer}.]"
        "[ Haster det, kan du kontakte os {ways}.]",
    ),
    "cs": AckTexts(
        "Děkujeme za zprávu[, {name}]. Máme ji.[ Odpověď můžete čekat {answer}.]"
        "[ Vyřešeno to obvykle bývá {solution}.]",
        "Děkujeme za zprávu[, {name}]. Teď máme zavřeno, jsme tu zase {opens}.[ Odpověď můžete čekat {answer}.]"
        "[ Pokud to spěchá, zastihnete nás {ways}.]",
    ),
    "hu": AckTexts(
        "Köszönjük az üzenetet[, {name}]. Megkaptuk.[ Válasz várható: {answer}.][ Megoldás általában: {solution}.]",
        "Köszönjük az üzenetet[, {name}]. Most zárva vagyunk, {opens} újra itt leszünk.[ Válasz várható: {answer}.]"
        "[ Ha sürgős, így is elér minket: {ways}.]",
    ),
}
"""What the desk says where the owner wrote nothing else."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """When the desk answers by itself; the default is never.

    `platforms` and `kinds`: only there, () is everywhere. `public`: also where everybody can read it, which a lead must
    have allowed. `again`: nobody is written to by the desk a second time within this.
    """

    arrival: bool = False
    closed: bool = False
    platforms: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    public: bool = False
    again: timedelta = timedelta(hours=24)
    estimate: bool = True
    texts: Mapping[str, AckTexts] = field(default_factory=dict)

    def text(self, occasion: Occasion, language: str) -> str:
        """The text with its braces and brackets, in that language or else in English."""
        own = self.texts.get(language) or ACKNOWLEDGEMENTS.get(language)
        own = own or self.texts.get(ENGLISH) or ACKNOWLEDGEMENTS[ENGLISH]
        return own.arrival if occasion is Occasion.ARRIVAL else own.closed


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to acknowledge, on which occasion, and why (not), in words for the log."""

    occasion: Occasion | None
    why: str


def acknowledge(
    rule: Acknowledge,
    *,
    platform: str,
    kind: str,
    private: bool,
    is_open: bool,
    now: datetime,
    last_at: datetime | None = None,
    needs_answer: bool = True,
    answered: bool = False,
    sent_at: datetime | None = None,
) -> Verdict:
    """Whether a customer's message at `now` (UTC) is acknowledged.

    `last_at`: when the desk last wrote to this person by itself, in whatever inquiry. `needs_answer` is False for bare
    thanks; `answered`: a person has answered already, or is about to. `sent_at`: when the customer wrote, as far as
    known: what is older than an hour when it reaches us is not acknowledged any more.
    """
    occasion = Occasion.ARRIVAL if is_open else Occasion.CLOSED
    wanted = rule.arrival if is_open else rule.closed
    if not wanted:
        return Verdict(None, f"not switched on for {occasion}")
    if rule.platforms and platform not in rule.platforms:
        return Verdict(None, f"not on {platform}")
    if rule.kinds and kind.casefold() not in [one.casefold() for one in rule.kinds]:
        return Verdict(None, f"not for a {kind}")
    if not private and not rule.public:
        return Verdict(None, "never in public")
    if not needs_answer:
        return Verdict(None, "it needs no answer")
    if answered:
        return Verdict(None, "a person answers")
    if sent_at is not None and now - sent_at > STALE:
        return Verdict(None, "it was written a while ago")
    if last_at is not None and now - last_at < rule.again:
        return Verdict(None, "this person had one lately")
    return Verdict(occasion, f"{occasion}, the first within {spoken(rule.again)}")
