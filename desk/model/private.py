"""Taking a matter private: the short public invitations, whose turn it is, and what is kept of one until they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.notice import Contact, Filled, fill
from desk.model.tongues import ENGLISH

FACTS = ("name", "ways")
"""What an invitation may ask for: the customer's first name, and the other ways to reach us."""


class Invites(StrEnum):
    """What a public invitation says."""

    SENT = "sent"
    """We have written to you in private: goes out once that message stands."""
    WRITE = "write"
    """Please write to us in private: where we may not write first."""
    WAYS = "ways"
    """By e-mail or phone: where there are no private messages at all."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """The invitations of one language, of each kind several; what stands in [] may be left out."""

    sent: tuple[str, ...]
    write: tuple[str, ...]
    ways: tuple[str, ...]

    def of(self, kind: Invites) -> tuple[str, ...]:
        return {Invites.SENT: self.sent, Invites.WRITE: self.write, Invites.WAYS: self.ways}[kind]


SHIPPED: Mapping[str, Wordings] = {
    "en": Wordings(
        (
            "We have just sent you a private message[, {name}], so that we can sort this out together.",
            "So that nothing personal has to stand here[, {name}], we have written to you in private.",
            "There is a private message from us for you[, {name}]. We go on from what you wrote, nothing is lost.",
        ),
        (
            "We would like to sort this out with you[, {name}]. Please send us a private message when it suits you."
            "[ You can also reach us {ways}.]",
            "So that nothing personal has to stand here[, {name}]: would you write to us in a private message?"
            "[ Or reach us {ways}.]",
            "We are glad to look into this with you[, {name}]. A private message to us is all it takes."
            "[ You can also reach us {ways}.]",
        ),
        (
            "We would like to sort this out with you[, {name}]. You can reach us {ways}.",
            "So that nothing personal has to stand here[, {name}]: you can reach us {ways}.",
        ),
    ),
    "de": Wordings(
        (
            "Wir haben dir gerade eine private Nachricht geschickt[, {name}], damit wir das gemeinsam klären.",
            "Damit hier nichts Persönliches stehen muss[, {name}], haben wir dir privat geschrieben.",
            "Eine private Nachricht von uns ist bei dir[, {name}]. Wir machen dort weiter, wo wir hier sind.",
        ),
        (
            "Das würden wir gern mit dir klären[, {name}]. Schreib uns doch eine private Nachricht, wann es dir passt."
            "[ Du erreichst uns auch {ways}.]",
            "Damit hier nichts Persönliches stehen muss[, {name}]: Magst du uns privat schreiben?"
            "[ Du erreichst uns auch {ways}.]",
            "Wir sehen uns das gern mit dir an[, {name}]. Eine private Nachricht an uns genügt."
            "[ Du erreichst uns auch {ways}.]",
        ),
        (
            "Das würden wir gern mit dir klären[, {name}]. Du erreichst uns {ways}.",
            "Damit hier nichts Persönliches stehen muss[, {name}]: Du erreichst uns {ways}.",
        ),
    ),
    "da": Wordings(
        (
            "Vi har lige sendt dig en privat besked[, {name}], så vi kan løse det sammen.",
            "Så der ikke skal stå noget personligt her[, {name}], har vi skrevet til dig privat.",
            "Der ligger en privat besked til dig fra os[, {name}]. Vi fortsætter der, hvor vi slap.",
        ),
        (
            "Det vil vi gerne løse sammen med dig[, {name}]. Send os en privat besked, når det passer dig."
            "[ Du kan også kontakte os {ways}.]",
            "Så der ikke skal stå noget personligt her[, {name}]: Vil du skrive til os privat?"
            "[ Du kan også kontakte os {ways}.]",
            "Vi ser gerne på det sammen med dig[, {name}]. En privat besked til os er nok."
            "[ Du kan også kontakte os {ways}.]",
        ),
        (
            "Det vil vi gerne løse sammen med dig[, {name}]. Du kan kontakte os {ways}.",
            "Så der ikke skal stå noget personligt her[, {name}]: Du kan kontakte os {ways}.",
        ),
    ),
    "cs": Wordings(
        (
            "Právě jsme vám poslali soukromou zprávu, ať to společně vyřešíme.",
            "Aby tu nemuselo stát nic osobního, napsali jsme vám soukromě.",
            "Čeká na vás naše soukromá zpráva. Navážeme tam, kde jsme tady skončili.",
        ),
        (
            "Rádi to s vámi vyřešíme. Napište nám prosím soukromou zprávu, až se vám to bude hodit."
            "[ Zastihnete nás také {ways}.]",
            "Aby tu nemuselo stát nic osobního: napíšete nám soukromou zprávu?[ Zastihnete nás také {ways}.]",
            "Rádi se na to s vámi podíváme. Stačí nám poslat soukromou zprávu.[ Zastihnete nás také {ways}.]",
        ),
        (
            "Rádi to s vámi vyřešíme. Zastihnete nás {ways}.",
            "Aby tu nemuselo stát nic osobního: zastihnete nás {ways}.",
        ),
    ),
    "hu": Wordings(
        (
            "Most küldtünk önnek egy privát üzenetet, hogy közösen megoldjuk.",
            "Hogy itt ne kelljen személyes dolgoknak állniuk, privátban írtunk önnek.",
            "Privát üzenet várja tőlünk. Ott folytatjuk, ahol itt abbahagytuk.",
        ),
        (
            "Szívesen megoldjuk önnel együtt. Kérjük, írjon nekünk privát üzenetet, amikor önnek jó."
            "[ Így is elér minket: {ways}.]",
            "Hogy itt ne kelljen személyes dolgoknak állniuk: írna nekünk privát üzenetben?"
            "[ Így is elér minket: {ways}.]",
            "Szívesen utánanézünk önnel együtt. Elég egy privát üzenet nekünk.[ Így is elér minket: {ways}.]",
        ),
        (
            "Szívesen megoldjuk önnel együtt. Így ér el minket: {ways}.",
            "Hogy itt ne kelljen személyes dolgoknak állniuk: így ér el minket: {ways}.",
        ),
    ),
}
"""By language. Czech and Hungarian bend names, so theirs go without."""


@dataclass(frozen=True, slots=True)
class GoPrivate:
    """What the owner chose about taking matters private."""

    invite: bool = False
    """Whether a private message to a public inquiry also brings a public line that points to it, unless said else."""
    off: frozenset[str] = frozenset()
    """The platforms where no private message is sent, because nobody here reads what comes back."""
    nudge: timedelta = timedelta(hours=4)
    """Business time after which the owner hears that the customer has not come yet."""
    texts: Mapping[str, Wordings] = field(default_factory=dict)
    """The owner's own, by language."""

    def wordings(self, language: str) -> Wordings:
        """All of a language: the owner's, else the shipped ones, else English."""
        return self.texts.get(language) or SHIPPED.get(language) or self.texts.get(ENGLISH) or SHIPPED[ENGLISH]


def whose_turn(wordings: Sequence[str], last: str) -> str:
    """The wording behind the one that went last, round and round: never the same twice in a row."""
    return wordings[(wordings.index(last) + 1) % len(wordings)] if last in wordings else wordings[0]


def worded(
    wording: str, name: str, contact: Contact, language: str, limit: int, length: Callable[[str], int] = len
) -> Filled:
    """An invitation with its facts in it, within the platform's limit as `length` counts."""
    return fill(wording, {"name": name, "ways": contact.ways(language)}, limit, length)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The customer was asked to go on in private: since when (UTC), whom, and whether they came."""

    at: datetime
    whom: str
    """The customer's id on the platform."""
    by: str
    """The agent."""
    said: str = ""
    """The key of the wording that stands in public; "" where there was only the private message."""
    seen: bool = True
    """Whether the desk would see them come: not by e-mail or phone."""
    nudge_at: datetime | None = None
    """When the owner is told that they have not come; None: said already, or never."""
    arrived_at: datetime | None = None
    elsewhere: int = 0
    """The inquiry that their private messages come into, where that is another one; else 0."""

    @property
    def waits(self) -> bool:
        """Whether they are still to come."""
        return self.arrived_at is None and self.seen


@dataclass(frozen=True, slots=True)
class Fares:
    """How one wording has fared: how many were invited with it, and how many came."""

    kind: str
    language: str
    text: str
    invited: int = 0
    arrived: int = 0

    @property
    def share(self) -> float:
        """Of those invited, who came: 0 to 1."""
        return self.arrived / self.invited if self.invited else 0.0


def key_of(kind: str, language: str, wording: str) -> str:
    """What a wording is counted under."""
    return f"{kind}:{language}:{wording}"
