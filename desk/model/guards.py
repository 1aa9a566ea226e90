"""The guards: what is worth a second look before a reply goes out, each rule with its reason and its weight."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from desk.model.catalogue import say
from desk.model.holding import certain_language
from desk.model.markup import left_over
from desk.model.sensitive import Spot, cards, ibans, mails, personal, phones, secrets
from desk.model.words import clean


class Level(StrEnum):
    """What a rule does where it finds something."""

    OFF = "off"
    HINT = "hint"
    """A line in the reply form; nothing is stopped."""
    WARN = "warn"
    """The reply waits for *Change* or *Send anyway*."""
    SECOND = "second"
    """The reply waits until another agent or a lead lets it go out."""


class Rule(StrEnum):
    """The rules, by the names that `[guards]` knows them by, in the order in which their reasons are read."""

    CARD = "card"
    IBAN = "iban"
    SECRET = "login"
    REACH = "reach"
    INTERNAL = "internal"
    OTHER_CUSTOMER = "other_customer"
    CONTACT = "contact"
    PERSONAL = "personal"
    ASKING = "asking"
    ABSOLUTE = "absolute"
    MARKUP = "markup"
    LANGUAGE = "language"
    SHOUTING = "shouting"
    WORDLESS = "wordless"
    FACTS = "facts"
    SAME_WORDS = "same_words"


SHIPPED: Mapping[Rule, Level] = {
    **dict.fromkeys(Rule, Level.WARN),
    Rule.CARD: Level.SECOND,
    Rule.IBAN: Level.SECOND,
    Rule.SECRET: Level.SECOND,
    Rule.REACH: Level.OFF,
}
"""What each rule does until the owner says otherwise; `docs/guards.md` has the measurements behind it."""


IN_PUBLIC = frozenset({Rule.CARD, Rule.IBAN, Rule.SECRET, Rule.CONTACT, Rule.PERSONAL, Rule.ASKING})
"""Rules that find nothing in a private message."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What the owner chose: a level for each rule, and what of the company's own may stand in public."""

    levels: Mapping[Rule, Level] = field(default_factory=dict)
    ours: tuple[str, ...] = ()
    """Addresses and numbers that customers may read: "help@acme.example", "@acme.example", "+351 21 000 00 00"."""

    def level(self, rule: Rule) -> Level:
        return self.levels.get(rule, SHIPPED[rule])


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that is about to go out, with what the rules must know of it. `text` stands without the signature."""

    text: str
    public: bool
    people: tuple[str, ...] = ()
    """Handles in the conversation."""
    customer_text: str = ""
    """The message that it answers."""
    colleagues: tuple[str, ...] = ()
    """Handles of the team in Slack."""
    tagged: str = ""
    """The name of a colleague whom it calls in Slack's way."""
    numbers: Callable[[int], bool] = lambda number: False
    """Whether there is an inquiry of that number."""
    others: Callable[[], Sequence[str]] = tuple
    """Handles and full names of customers with other open inquiries; asked for only where the text could name one."""
    quoted: Callable[[str], bool] = lambda words: False
    """Whether another customer wrote those words."""
    language: str = ""
    """The customer's ("de"), where it is known."""
    reach: str = ""
    """Why very many people may read it; "" where nothing says so."""
    lost: tuple[str, ...] = ()
    """Facts of the canned answer that it began as, which stand in it no more."""
    said_before: int = 0
    """The inquiry in which the very same words went out lately on the same topic; 0: none."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that found something, with the sentence that says what."""

    rule: Rule
    level: Level
    reason: str


def check(reply: Reply, guards: Guards) -> list[Hit]:
    """All that the rules find, each rule at most once, in the order of `Rule`."""
    hits = []
    for rule in Rule:
        level = guards.level(rule)
        if level is Level.OFF:
            continue
        reason = _RULES[rule](reply, guards)
        if reason:
            hits.append(Hit(rule, level, reason))
    return hits


def stopping(hits: Sequence[Hit]) -> list[Hit]:
    """Those that hold a reply back."""
    return [hit for hit in hits if hit.level in (Level.WARN, Level.SECOND)]


# in public: what only one person may know


def _card(reply: Reply, guards: Guards) -> str:
    found = cards(reply.text) if reply.public else []
    return say("A card number would stand in public: {shown}.", shown=found[0].shown) if found else ""


def _iban(reply: Reply, guards: Guards) -> str:
    found = [spot for spot in ibans(reply.text) if not _ours(reply.text[spot.start : spot.end], guards)]
    if not found or not reply.public:
        return ""
    return say("A bank account would stand in public: {shown}.", shown=found[0].shown)


def _secret(reply: Reply, guards: Guards) -> str:
    if not reply.public or not secrets(reply.text):
        return ""
    return say("A password, a PIN or a key would stand in public.")


def _contact(reply: Reply, guards: Guards) -> str:
    if not reply.public:
        return ""
    found = _foreign(reply.text, mails(reply.text), guards)
    if found:
        return say("An e-mail address would stand in public: {shown}.", shown=clean(found[0].shown))
    found = _foreign(reply.text, phones(reply.text), guards)
    return say("A phone number would stand in public: {shown}.", shown=clean(found[0].shown)) if found else ""


def _personal(reply: Reply, guards: Guards) -> str:
    found = personal(reply.text) if reply.public else []
    return say("Something personal would stand in public: “{shown}”.", shown=clean(found[0].shown)) if found else ""


def _foreign(text: str, spots: Sequence[Spot], guards: Guards) -> list[Spot]:
    return [spot for spot in spots if not _ours(text[spot.start : spot.end], guards)]


def _ours(found: str, guards: Guards) -> bool:
    """Whether it is on the list of what is the company's own: by letters, or by digits alone."""
    key = found.strip().casefold()
    digits = re.sub(r"\D", "", key)
    for own in guards.ours:
        mine = own.strip().casefold()
        if key == mine or ("@" in key and key.endswith(mine if mine.startswith("@") else f"@{mine}")):
            return True
        mine_digits = re.sub(r"\D", "", mine)
        if "@" not in key and len(mine_digits) >= 6 and len(digits) >= 6 and _same_number(digits, mine_digits):
            return True
        if len(mine) > 9 and re.sub(r"\W", "", mine) == re.sub(r"\W", "", key):
            return True
    return False


def _same_number(one: str, other: str) -> bool:
    """The same telephone number, with or without the country's code or the leading 0."""
    short, long = sorted((one.removeprefix("00").lstrip("0"), other.removeprefix("00").lstrip("0")), key=len)
    return long.endswith(short) and len(long) - len(short) <= 3


# asking for it in public

_ASK = re.compile(
    r"\b(?:send|share|provide|give|tell|post|reply|confirm|comment|tweet|let (?:me|us) (?:know|have)"
    r"|write|need|what(?:['’]s| is)"
    r"|may (?:i|we) have|could (?:i|we) have|can (?:i|we) (?:have|get)|schick\w*|sende\w*|nenn\w*"
    r"|teil\w* .{0,20}mit|gib|geben"
    r"|brauchen|schreib\w*|oplys\w*|pošl\w*|zašl\w*|napiš\w*|sděl\w*|küld\w*|írja|adja)\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"\b(?:your|ur|ihre?n?|deine?n?|din|dit|jeres|vaš\w*|váš|své|svůj|az ön)\s+(?:\w+\s+){0,2}?(?P<what>"
    r"(?:credit |debit |bank )?card (?:number|details)|card no|cvv|cvc|pin|password|passcode|passwort"
    r"|kennwort|iban|bank (?:details|account)"
    r"|account (?:number|details)|(?:e-?mail|mail)(?:[- ]?adress\w*| address)?|phone(?: number)?"
    r"|(?:mobile|cell|telephone|contact)(?: number| details)?"
    r"|telefonnummer|handynummer|telefonnummer|adresse|kontonummer|kreditkarten?\w*|geburtsdatum"
    r"|home address|(?:postal |billing |shipping |delivery |full )?address"
    r"|date of birth|birth(?:day|date)|dob|passport(?: number)?|social security\w*|ssn|adgangskode"
    r"|kortnummer|heslo|číslo karty|telefon\w*|e-mail\w*|jelszav\w*|telefonszám\w*"
    r"|kártyaszám\w*)\b",
    re.IGNORECASE,
)
_PRIVATELY = re.compile(
    r"\b(?:dms?|pms?|direct(?:ly)? messag\w*|private(?:ly)?|inbox|messenger|direktnachricht\w*|pn"
    r"|privat\w*|nachricht"
    r"|soukrom\w*|zpráv\w*|üzenet\w*|besked|e-?mail us|mail us|call us|by (?:e-?mail|phone)|chat"
    r"|secure\w*|(?:log|sign)(?:ged)?[- ]?in"
    r"|never|do(?: not|n['’]t)|not|nie|niemals|nicht|aldrig|ikke|nikdy|ne|soha)\b"
    r"|https?://",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def _asking(reply: Reply, guards: Guards) -> str:
    if not reply.public:
        return ""
    sentences = _SENTENCE.split(reply.text)
    for index, sentence in enumerate(sentences):
        theirs = _THEIRS.search(sentence)
        around = " ".join(sentences[max(0, index - 1) : index + 2])
        if theirs and _ASK.search(sentence) and not _PRIVATELY.search(around):
            what = clean(theirs["what"])
            return say("It asks for something private ({what}) where everybody reads the answer.", what=what)
    return ""


# not for customers

_NOTE = re.compile(
    r"\A\W{0,3}(?:(?:internal|interner?|intern|fyi|note to (?:self|team)|for the team|team only|todo"
    r"|to do|draft|nb)\b\s*(?:[:\-–—,]|only|note)"
    r"|(?:note|notiz|poznámka|megjegyzés|notat)\s*[:–—])",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\b(?:internal (?:only|note|use)|(?:not|don['’]t) (?:to )?tell (?:the|this) customer|do not (?:send"
    r"|share) (?:this )?(?:with|to) (?:the )?customers?"
    r"|nur intern|intern besprechen|jira|zendesk|between us|the customer (?:is|was|wants|says|claims"
    r"|seems)|der kunde (?:ist|will|sagt))\b"
    r"|\[internal\]|\(internal\)",
    re.IGNORECASE,
)
_TICKET = re.compile(r"(?<![\w&/#])#(\d{1,7})\b|\b(?:inquiry|ticket|case)\s+#?(\d{1,7})\b", re.IGNORECASE)
_AT = re.compile(r"(?<![\w.@/])@([\w.-]{2,})")
_ISSUE_WORDS = re.compile(r"\b(?:see|per|in|ticket|issue|filed|jira|bug)\s+(?:[A-Z]{2,10})-\d{1,6}\b")


def _internal(reply: Reply, guards: Guards) -> str:
    found = _NOTE.search(reply.text) or _INSIDE.search(reply.text) or _ISSUE_WORDS.search(reply.text)
    if found is not None:
        words = clean(found[0].strip(" :,-–—"))
        return say("It looks internal: “{words}”.", words=words)
    if reply.tagged:
        return say("It looks internal: it calls a colleague, @{name}.", name=clean(reply.tagged))
    inside = {handle.casefold() for handle in reply.colleagues} - {handle.casefold() for handle in reply.people}
    for named in _AT.finditer(reply.text):
        if named[1].rstrip(".-").casefold() in inside:
            return say("It looks internal: it calls a colleague, @{name}.", name=clean(named[1].rstrip(".-")))
    for ticket in _TICKET.finditer(reply.text):
        number = int(ticket[1] or ticket[2])
        if (number > 1 or ticket[2]) and reply.numbers(number):  # "#1" is what people say of a champion
            return say("It looks internal: it names our own number {number}.", number=clean(ticket[0]))
    return ""


def _other_customer(reply: Reply, guards: Guards) -> str:
    quoted = (match[1].strip() for match in _QUOTE.finditer(reply.text) if len(match[1].split()) >= 5)
    for words in quoted:
        if words.casefold() not in reply.customer_text.casefold() and reply.quoted(words):
            return say("It quotes what another customer wrote: “{words}”.", words=clean(words[:60]))
    handles = [match[1].rstrip(".-") for match in _AT.finditer(reply.text)]
    if not handles and not _NAME.search(reply.text):
        return ""
    here = {name.casefold() for name in reply.people}
    spoken = {handle.casefold() for handle in handles} - here
    for other in reply.others():
        name = other.casefold()
        as_name = (
            " " in name and name not in here and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", reply.text.casefold())
        )
        if name in spoken or as_name:
            return say("It names another customer, {name}.", name=clean(other))
    return ""


_QUOTE = re.compile(r"[“\"„»«]([^“”\"„»«\n]{20,400})[”\"“«»]")
_NAME = re.compile(r"\b[^\W\d_a-z]\w+ [^\W\d_a-z]")


def _markup(reply: Reply, guards: Guards) -> str:
    left = left_over(reply.text, reply.people)
    return say("Customers would see Slack's mark-up: {found}.", found=clean(left)) if left else ""


# how it is said

_ABSOLUTE = re.compile(
    r"\b(?:(?:we|i)(?:['’]ll| will)? (?:can )?(?:absolutely |fully |100 ?% )?(?:guarantee"
    r"|promise)(?! (?:to look|nothing))|guaranteed (?:to|by|that|today|tomorrow)"
    r"|(?:it |this |that )?(?:will|['’]ll) never happen (?:to you )?again|never (?:ever )?again (?:happen"
    r"|will)|(?:will|['’]ll) (?:definitely|certainly|absolutely|always) (?:be|arrive|get|have|receive"
    r"|come|reach|work)"
    r"|100 ?% (?:sure|certain|safe|secure|guarantee\w*)|without (?:any )?(?:doubt|fail)|no matter what"
    r"|you have (?:my|our) word"
    r"|(?:ich|wir) garantieren|garantiert|(?:ich|wir) verspreche\w*|(?:passiert|kommt) nie wieder"
    r"|hundertprozentig|ganz bestimmt"
    r"|(?:jeg|vi) (?:garanterer|lover)|aldrig (?:ske )?igen|(?:garantujeme|zaručujeme|slibujeme|garantuji"
    r"|slibuji)|už se nikdy|na 100 ?%"
    r"|(?:garantáljuk|megígérjük|ígérjük|garantálom|megígérem)|soha többé)(?!\w)",
    re.IGNORECASE,
)


def _absolute(reply: Reply, guards: Guards) -> str:
    for sentence in _SENTENCE.split(reply.text):
        found = _ABSOLUTE.search(sentence)
        if (
            found is not None
            and not sentence.rstrip().endswith("?")
            and not _DENIED.search(sentence[: found.start() + 12])
        ):
            return say("It promises in absolute words: “{words}”. Say what you can keep.", words=clean(found[0]))
    return ""


_DENIED = re.compile(
    r"\b(?:can(?:not|['’]t)|unable to|won['’]t|not able to|nicht|keine?|nemůžeme|ikke|nem|no)\b", re.IGNORECASE
)


def _shouting(reply: Reply, guards: Guards) -> str:
    for run in _RUN.finditer(_LINK.sub(" ", reply.text)):
        words = run[0].split()
        if len(words) >= 3 and all(word.isupper() for word in words) and max(map(len, words)) > 3:
            return say("It shouts: “{words}”.", words=clean(" ".join(words)))
    if found := re.search(r"[!?]*!{3,}[!?]*|\?{2,}!+[?!]*", reply.text):
        return say("It shouts: “{words}”.", words=clean(found[0]))
    return ""


_RUN = re.compile(r"(?:(?<![^\W_])[^\W\d_a-z]{2,}(?![^\W_])[!']? ?){3,}")
"""Words that follow each other with nothing between them: "RAM, CPU, GPU" is a list."""
_LINK = re.compile(r"https?://\S+|[@#]\w+")


def _language(reply: Reply, guards: Guards) -> str:
    theirs, ours = certain_language(reply.customer_text) or reply.language, certain_language(reply.text)
    if not theirs or not ours or theirs == ours:
        return ""
    return say(
        "The customer wrote in {theirs}, and this looks like {ours}.", theirs=in_english(theirs), ours=in_english(ours)
    )


_TONGUES = {
    "en": "English", "de": "German", "da": "Danish", "cs": "Czech", "hu": "Hungarian", "fr": "French",
    "es": "Spanish", "pt": "Portuguese", "it": "Italian", "nl": "Dutch", "pl": "Polish", "sv": "Swedish",
}  # fmt: skip


def in_english(code: str) -> str:
    """What a language is called, its code where nobody told us."""
    return _TONGUES.get(code, code)


def _wordless(reply: Reply, guards: Guards) -> str:
    return "" if re.search(r"\w", re.sub(r"(?<!\w)@[\w.]+", "", reply.text)) else say("There are no words in it.")


def _reach(reply: Reply, guards: Guards) -> str:
    return say("Very many people may read it: {why}.", why=reply.reach) if reply.public and reply.reach else ""


def _facts(reply: Reply, guards: Guards) -> str:
    if not reply.lost:
        return ""
    return say("A fact of the canned answer was lost or changed: {facts}.", facts=clean(", ".join(reply.lost)))


def _same_words(reply: Reply, guards: Guards) -> str:
    if not reply.said_before:
        return ""
    return say("The very same words went out in #{number} lately. Say it in others.", number=reply.said_before)


_RULES: Mapping[Rule, Callable[[Reply, Guards], str]] = {
    Rule.CARD: _card,
    Rule.IBAN: _iban,
    Rule.SECRET: _secret,
    Rule.REACH: _reach,
    Rule.INTERNAL: _internal,
    Rule.OTHER_CUSTOMER: _other_customer,
    Rule.CONTACT: _contact,
    Rule.PERSONAL: _personal,
    Rule.ASKING: _asking,
    Rule.ABSOLUTE: _absolute,
    Rule.MARKUP: _markup,
    Rule.LANGUAGE: _language,
    Rule.SHOUTING: _shouting,
    Rule.WORDLESS: _wordless,
    Rule.FACTS: _facts,
    Rule.SAME_WORDS: _same_words,
}
