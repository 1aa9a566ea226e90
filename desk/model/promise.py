"""A promise with a time: what we said to a customer, until when; and finding one in the words of a reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from desk.model.catalogue import say
from desk.model.hours import BusinessHours, NeverOpen
from desk.model.words import when as shown

REMIND = timedelta(hours=1)
"""The owner is reminded this much business time before a promise is due, or at three quarters of a shorter one."""
EVENING = time(18)
"""What a day without a time means where the desk is closed on it; else the desk's last closing of that day."""
FARTHEST = timedelta(days=92)
"""What a text names beyond this is hardly a promise to a customer."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised by `due_at`. All instants are UTC; the time of a promise is the calendar's.

    `what` is what was promised, in the team's words; "" where only an answer was. `key` tells an inquiry's promises
    apart. It stays when the inquiry's other clocks end, and goes with the inquiry to its next owner.
    """

    key: str
    what: str
    by: str
    made_at: datetime
    due_at: datetime
    warn_at: datetime
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    kept: bool = False
    not_before: datetime | None = None
    """Nobody was there when something was to be said: it is said then, at the opening."""

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def alarm_at(self) -> datetime | None:
        """The next instant at which something must be said about it, or None."""
        if self.ended_at is not None or self.breached_at is not None:
            return None
        at = self.due_at if self.warned_at is not None else min(self.warn_at, self.due_at)
        return at if self.not_before is None else max(at, self.not_before)

    def fulfilled(self, at: datetime) -> Promise:
        """It was kept, late or not; nothing more is said."""
        return replace(self, ended_at=at, kept=True)

    def withdrawn(self, at: datetime) -> Promise:
        """It holds no more (set anew, or not needed); it counts neither as kept nor as broken."""
        return replace(self, ended_at=at, kept=False)

    def late(self, at: datetime) -> bool:
        """Whether it was, or would be, too late at `at`."""
        return (self.ended_at or at) > self.due_at


def promise(key: str, what: str, by: str, made_at: datetime, due_at: datetime, hours: BusinessHours) -> Promise:
    """A promise made at `made_at`, with its reminder in open hours before it is due.

    Raises `ValueError` where it is due before it is made.
    """
    if due_at <= made_at:
        raise ValueError("a promise lies ahead")
    made_at, due_at = made_at.astimezone(UTC), due_at.astimezone(UTC)
    return Promise(key, what, by, made_at, due_at, _reminder(made_at, due_at, hours))


def _reminder(made_at: datetime, due_at: datetime, hours: BusinessHours) -> datetime:
    work = hours.between(made_at, due_at)
    if work <= timedelta(0):
        return made_at + (due_at - made_at) * 0.75
    try:
        return min(due_at, max(made_at, hours.add(made_at, work - min(REMIND, work / 4))))
    except NeverOpen:
        return made_at + (due_at - made_at) * 0.75


def standing(promises: Sequence[Promise]) -> Promise | None:
    """The one that is due first of those that are open, or None."""
    return min((one for one in promises if one.is_open), key=lambda one: one.due_at, default=None)


def in_words(one: Promise) -> str:
    """What is promised until when: "refund status by 16:00", "an answer by 16:00"."""
    return say("{what} by {at}", what=one.what or say("an answer"), at=shown(one.due_at, "day"))


def open_in_words(promises: Sequence[Promise]) -> str:
    """All that is promised and not kept yet, the soonest first; "" where nothing is."""
    still = sorted((one for one in promises if one.is_open), key=lambda one: one.due_at)
    return "; ".join(in_words(one) for one in still)


# Found in a text


@dataclass(frozen=True, slots=True)
class Found:
    """A promise in a text: until when (UTC), the words that say so, where they stand, and their language."""

    due_at: datetime
    words: str
    start: int
    end: int
    language: str


def find(text: str, now: datetime, hours: BusinessHours, language: str = "") -> Found | None:
    """The promise that a reply makes, or None; of several the one due first.

    A sentence must say that we will do something and name a time to come ("We'll call you by tomorrow 4 pm", "Wir
    melden uns bis morgen 16 Uhr"), or the text be nothing but a time. Questions, requests ("please send it by …"),
    what is denied, hours that may be morning or evening ("by 5"), and "next Friday" are no promise. Times are on the
    wall clock of the desk; a day without a time is its last closing. `language` ("de") limits the search to one.
    """
    found: list[Found] = []
    whole = text.strip(" ,.!\n")
    for start, sentence in _sentences(text):
        if sentence.rstrip().endswith("?"):
            continue
        for grammar in _grammars():
            if not language or grammar.code == language.casefold()[:2]:
                found += _in_sentence(start, sentence, whole, grammar, now, hours)
    return min(found, key=lambda one: (one.due_at, one.start), default=None)


_STOP = re.compile(r"[.!?]+(?=[\s)\"”“’»]|$)|\n+")
_NO_STOP = re.compile(r"(?:\b(?:kl|hod|ca|d|bzw|tzn|pl|[ap]\.m|[ap]))\Z", re.IGNORECASE)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with its place; the dots of "24. 12.", "24. Dezember", "kl. 16" and "p.m. today" end none."""
    start = 0
    for stop in _STOP.finditer(text):
        before, following = text[start : stop.start()], text[stop.end() :].lstrip(" \u00a0\u202f")
        if stop[0] == "." and following and not text[stop.end() :].startswith("\n"):
            goes_on = following[0].isdigit() or following[0].islower() or following.startswith(_GERMAN_MONTHS)
            if (before[-1:].isdigit() and goes_on) or (_NO_STOP.search(before) and goes_on):
                continue
        yield start, text[start : stop.end()]
        start = stop.end()
    yield start, text[start:]


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How one language promises: `will` says that we do something, `never` spoils it, `whens` name a time to come."""

    code: str
    will: re.Pattern[str]
    never: re.Pattern[str]
    whens: tuple[re.Pattern[str], ...]
    days: Mapping[str, int]
    months: Mapping[str, int]


def _in_sentence(
    start: int, sentence: str, words: str, grammar: _Grammar, now: datetime, hours: BusinessHours
) -> list[Found]:
    matches = [match for pattern in grammar.whens for match in pattern.finditer(sentence)]
    found = []
    for match in matches:
        # Of "tomorrow" in "tomorrow 25:00" nothing may be left: the longest words count, readable or not.
        if any(_inside(match, other) for other in matches):
            continue
        alone = words == match[0].strip(" ,.!\n")
        if not alone and (grammar.never.search(sentence) or not grammar.will.search(sentence)):
            continue
        at = _instant(match, grammar, now, hours)
        if at is not None and now < at <= now + FARTHEST:
            said = match[0].strip(" ,")
            begin = start + match.start() + match[0].index(said)
            found.append(Found(at, said, begin, begin + len(said), grammar.code))
    return found


def _inside(match: re.Match[str], other: re.Match[str]) -> bool:
    longer = other.end() - other.start() > match.end() - match.start()
    return longer and other.start() <= match.start() and match.end() <= other.end()


def _instant(match: re.Match[str], grammar: _Grammar, now: datetime, hours: BusinessHours) -> datetime | None:
    """What the words name (UTC), or None where they leave it open or name what does not exist."""
    part = match.groupdict()
    if part.get("count"):
        unit = (
            timedelta(hours=1)
            if part.get("hours")
            else timedelta(minutes=1)
            if part.get("minutes")
            else timedelta(days=1)
        )
        return now.astimezone(UTC) + int(part["count"]) * unit
    day = _day(part, grammar, now.astimezone(hours.zone).date())
    if day is None:
        return None
    if part.get("morning") and not part.get("clock") and not part.get("hour"):
        moment: time | None = time(12)
    elif not (part.get("clock") or part.get("hour") or part.get("noon")):
        return _end_of(day, hours)
    else:
        moment = _time(part)
    return None if moment is None else datetime.combine(day, moment, tzinfo=hours.zone).astimezone(UTC)


def _time(part: Mapping[str, str | None]) -> time | None:
    """The time of day; None for 25:00 and 13 pm."""
    if part.get("noon"):
        return time(12)
    written = part.get("clock") or part.get("hour") or ""
    hour, _, minute = written.replace(".", ":").partition(":")
    first, second = int(hour), int(minute or 0)
    if half := (part.get("half") or "").casefold():
        if not 1 <= first <= 12:
            return None
        first = first % 12 + (12 if half == "p" else 0)
    elif part.get("afternoon") and first < 12:
        first += 12
    return time(first, second) if first < 24 and second < 60 else None


def _day(part: Mapping[str, str | None], grammar: _Grammar, today: date) -> date | None:
    """The date that was named, today where only a time was; None where there is no such day."""
    if part.get("tomorrow"):
        return today + timedelta(days=1)
    if part.get("overmorrow"):
        return today + timedelta(days=2)
    if weekday := part.get("weekday"):
        return today + timedelta(days=(grammar.days[weekday.casefold()] - today.weekday()) % 7)
    if not (number := part.get("d")):
        return today
    try:
        month = int(part["m"] or 0) if part.get("m") else grammar.months[(part.get("month") or "").casefold()]
        named = date(int(part.get("y") or today.year), month, int(number))
        return named if named >= today or part.get("y") else named.replace(year=today.year + 1)
    except ValueError:
        return None


def _end_of(day: date, hours: BusinessHours) -> datetime:
    """The last closing of a date (UTC), or its evening where the desk is closed on it."""
    spans = hours.on(day)
    if not spans:
        return datetime.combine(day, EVENING, tzinfo=hours.zone).astimezone(UTC)
    hour, minute = (int(side) for side in spans[-1][1].split(":"))
    wall = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute)
    return wall.replace(tzinfo=hours.zone).astimezone(UTC)


# The five languages. In a `when` a space is any room, or none; BY DAY TIME and so on are pieces. The groups: by,
# today, tomorrow, overmorrow, weekday, d, m, y, month, clock, hour, half, noon, morning, afternoon; count, hours,
# minutes, days.

_GERMAN_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
_CLOCK = r"(?P<clock>\d{1,2}:\d{2})(?![:\d])"
_NUMBERS = r"(?P<d>\d{1,2})\. (?P<m>\d{1,2})\.(?: (?P<y>20\d\d))?(?!\d)"


@lru_cache(maxsize=1)
def _grammars() -> tuple[_Grammar, ...]:
    return (_english(), _german(), _danish(), _czech(), _hungarian())


def _grammar(
    code: str, will: str, never: str, whens: Sequence[str], pieces: Mapping[str, str], days: str, months: str
) -> _Grammar:
    """`days` and `months` are words in order, several for one day divided by |; `pieces` are put in by their names."""
    by_day = {word: index for index, words in enumerate(days.split()) for word in words.split("|")}
    by_month = {word: index for index, words in enumerate(months.split(), start=1) for word in words.split("|")}
    every = {
        **pieces,
        "WEEKDAY": rf"(?P<weekday>{'|'.join(sorted(by_day, key=len, reverse=True))})",
        "MONTH": rf"(?P<month>{'|'.join(sorted(by_month, key=len, reverse=True))})",
        "NUMBERS": _NUMBERS,
        "CLOCK": _CLOCK,
    }
    names = re.compile("|".join(sorted(every, key=len, reverse=True)))
    built = []
    for when in whens:
        while (piece := names.search(when)) is not None:
            when = when[: piece.start()] + every[piece[0]] + when[piece.end() :]
        built.append(re.compile(when.replace(" ", r"[\s,]*"), re.IGNORECASE))
    flags = re.IGNORECASE | re.DOTALL
    return _Grammar(code, re.compile(will, flags), re.compile(never, flags), tuple(built), by_day, by_month)


_TELLING = (
    r"(?:tell|call|ring|phone|answer|inform|update|contact|message|send|give|refund|write(?:\s+to)?|reply\s+to"
    r"|(?:get|come)\s+back\s+to|follow\s+up\s+with)\s+you\b|let\s+you\s+know\b|keep\s+you\s+(?:posted|updated|informed)\b"
)


def _english() -> _Grammar:
    return _grammar(
        "en",
        will=(
            r"\b(?:i|we|it|team|colleagues?|somebody|someone|refund|replacement|parcel|order|money|answer)"
            r"(?:['’]ll|\s+will|\s+shall)\b|\b(?:we(?:['’]re|\s+are)|i(?:['’]m|\s+am))\s+going\s+to\b|\bi\s+promise\b"
            r"|\byou(?:['’]ll|\s+will)\s+(?:hear|have|get|receive)\b(?!\s+to\b)|\bexpect\s+(?:our|my|an?)\b"
            # as those say it who think in another language: "I tell you by 16:00", "I check and call you by Friday"
            rf"|\b(?:i|we)\s+(?:(?:check|look|ask|find\s+out)(?:\s+(?:it|into\s+it|again))?\s+and\s+)?(?:{_TELLING})"
            r"|\byou\s+(?:hear\s+from\s+(?:me|us)|(?:get|receive)\s+(?:an?|the|our|my)\s+(?:answer|reply|update|call))\b"
        ),
        never=(
            r"\bplease\b(?!\s+(?:bear|be|accept|know|rest|excuse|forgive))|\bcan(?:not|['’]t)\b|\bwon['’]t\b|\bnever\b"
            r"|\b(?:will|shall|are|am|is|may|might|do|can)\s+not\b|\b(?:isn|aren|didn|wasn)['’]t\b|\bunless\b|\bif\b"
            r"|\b(?:hopefully|maybe|perhaps|might|unfortunately)\b|\byou\s+(?:must|should|need|have\s+to)\b"
            # "until Friday" is a time by which we tell something, or one for which something stays as it is
            rf"|^(?!.*\b(?:{_TELLING})).*\b(?:until|till?)\b"
            r"|\b(?:open|closed|here|there|wait|keep|hold|available|away|valid)\b[^.]*\b(?:until|till?)\b"
        ),
        whens=(
            r"\b(?:BY )?(?:on )?DAY(?: MORNING|(?: at| around| by)? TIME|NONE)",
            r"\b(?:BY )?TIME (?:on )?DAY\b",
            r"\bBY TIME",
            r"\b(?:BY )?(?:the |on )?DATE(?: at)?(?: TIME|NONE)",
            r"\b(?:BY )?(?:on )?MONTH (?P<d>\d{1,2})(?:st|nd|rd|th)?\b(?!:)(?:(?: at)? TIME|NONE)",
            r"\b(?P<by>within|in)(?: the next| about)? (?P<count>\d{1,3}) "
            r"(?:(?P<hours>hours?|hrs?)|(?P<minutes>min(?:ute)?s?)|(?P<days>days?))\b(?! ago)",
        ),
        pieces={
            "BY": r"(?P<by>by|before|until|till?|(?:no|not) later than)",
            "DAY": r"(?:(?P<tomorrow>tomorrow)|(?P<today>(?:the )?end of (?:the |to)?day|today|tonight)"
            r"|(?<!next\x20)(?<!last\x20)WEEKDAY)\b",
            "MORNING": r"(?P<morning>morning)\b",
            "TIME": r"(?:(?P<hour>\d{1,2}(?:[:.]\d{2})?) (?P<half>[ap])\.?m\b\.?|CLOCK|(?P<noon>noon)\b)",
            "DATE": r"(?P<d>\d{1,2})(?:st|nd|rd|th)? (?:of )?MONTH\b",
            "NONE": r"(?! (?:at|around|by)? \d)",
        },
        days="monday tuesday wednesday thursday friday saturday sunday",
        months="january|jan february|feb march april|apr may june july august|aug september|sept october|oct "
        "november|nov december|dec",
    )


def _german() -> _Grammar:
    return _grammar(
        "de",
        will=(
            r"^(?=.*\b(?:wir|ich)\b)(?=.*\b(?:melden?|antworten?|schreiben?|schicken?|senden?|rufen?|prüfen?|klären?"
            r"|kümmern?|kümmere|geben?|erstatten?|liefern?|sagen?|werden?|haben?|schauen?|versprechen?|verspreche"
            r"|überweisen?|erledigen?|beantworten?|informieren?)\b)"
            r"|\b(?:sie|du|ihr)\s+(?:hör(?:en|st|t)|erh(?:alten|ältst|altet)|bekomm(?:en|st|t))\b"
            r"|\b(?:hör(?:en|st|t)|erh(?:alten|ältst|altet)|bekomm(?:en|st|t))\s+(?:sie|du|ihr)\b"
        ),
        never=(
            r"\bbitte\b(?!\s+(?:haben?|habt|entschuldig\w*|um\s+(?:etwas\s+)?geduld))|\bnicht\b(?!\s+später)|\bkein\w*"
            r"|\bleider\b|\bvielleicht\b|\bhoffentlich\b|\beventuell\b|\bwenn\b|\bfalls\b|\bmuss\b|\bmüss\w+"
            r"|\b(?:melden|senden|schicken|schreiben|rufen|geben|antworten)\s+sie\b(?!\s+uns)"
        ),
        whens=(
            r"\b(?:BY )?(?:am )?DAY(?: MORNING| (?:um|gegen|bis)? TIME|NONE)",
            r"\bBY (?:um )?TIME",
            r"\b(?:BY )?(?:zum |am |den )?NUMBERS(?: (?:um|bis)? TIME|NONE)",
            r"\b(?:BY )?(?:zum |am |den )?(?P<d>\d{1,2})\. MONTH\b(?: (?P<y>20\d\d)\b)?(?: (?:um|bis)? TIME|NONE)",
            r"\b(?P<by>innerhalb(?: von| der nächsten)?|binnen|in(?: den nächsten)?) (?P<count>\d{1,3}) "
            r"(?:(?P<hours>Stunden?)|(?P<minutes>Minuten?)|(?P<days>Tage?n?))\b",
        ),
        pieces={
            "BY": r"(?P<by>bis spätestens|spätestens bis|spätestens|bis|vor)",
            "DAY": r"(?:(?P<overmorrow>übermorgen)|(?<!guten\x20)(?<!heute\x20)(?<!am\x20)(?P<tomorrow>morgen)"
            r"|(?P<today>heute(?: noch)?|tagesende|ende des tages)|(?<!letzten\x20)(?<!nächsten\x20)WEEKDAY)\b",
            "MORNING": r"(?P<morning>früh|vormittag|mittag)\b",
            "TIME": r"(?:(?P<hour>\d{1,2}(?:[:.]\d{2})?) Uhr\b|CLOCK(?: Uhr\b)?)",
            "NONE": r"(?! (?:um|gegen|bis)? \d)",
        },
        days="montag|montagabend dienstag|dienstagabend mittwoch|mittwochabend donnerstag|donnerstagabend "
        "freitag|freitagabend samstag|sonnabend sonntag",
        months=" ".join(month.casefold() for month in _GERMAN_MONTHS),
    )


def _danish() -> _Grammar:
    return _grammar(
        "da",
        will=(
            r"^(?=.*\b(?:vi|jeg)\b)(?=.*\b(?:vender|vil|skriver|svarer|kontakter|ringer|sender|giver|undersøger|følger"
            r"|melder|tjekker|refunderer|lover|kigger|får|har|skal\s+nok)\b)|\bdu\s+(?:hører|får|modtager)\b"
            r"|\b(?:hører|får|modtager)\s+du\b"
        ),
        never=(
            r"\bikke\b(?!\s+senere)|\bmåske\b|\bforhåbentlig\b|\bdesværre\b|\bhvis\b|\bskal\s+du\b|\bdu\s+skal\b"
            r"|\bbedes\b|\bvenligst\b|\bgerne\s+bede\b"
        ),
        whens=(
            r"\b(?:BY )?(?:på )?DAY(?: MORNING| TIME|NONE)",
            r"\bBY TIME(?: DAY)?",
            r"\b(?:BY )?(?:den )?NUMBERS(?: TIME|NONE)",
            r"\b(?:BY )?(?:den )?(?P<d>\d{1,2})\. MONTH\b(?: TIME|NONE)",
            r"\b(?P<by>inden for|indenfor|om)(?: de næste)? (?P<count>\d{1,3}) "
            r"(?:(?P<hours>timer?)|(?P<minutes>minut(?:ter)?)|(?P<days>dage?))\b",
        ),
        pieces={
            "BY": r"(?P<by>senest|inden|før)",
            "DAY": r"(?:(?P<overmorrow>i overmorgen)|(?P<tomorrow>i morgen)|(?P<today>i dag|dagens udgang)|WEEKDAY)\b",
            "MORNING": r"(?P<morning>formiddag|tidlig)\b",
            "TIME": r"(?:inden |senest |før )?(?:(?:kl\.?|klokken) (?P<hour>\d{1,2}(?:[:.]\d{2})?)(?![\d:.]*\d)|CLOCK)",
            "NONE": r"(?! (?:kl\.?|klokken)? \d)",
        },
        days="mandag tirsdag onsdag torsdag fredag lørdag søndag",
        months="januar februar marts april maj juni juli august september oktober november december",
    )


def _czech() -> _Grammar:
    return _grammar(
        "cs",
        will=(
            r"\b(?:ozv(?:eme|u)|odpoví(?:me|m)|budeme|budu|bude|dá(?:me|m)|pošl(?:eme|u)|napíš(?:eme|u)|zašl(?:eme|u)"
            r"|vyřídí(?:me|m)|vrátí(?:me|m)|zjistí(?:me|m)|prověří(?:me|m)|zavolá(?:me|m)|doručíme|opravíme|vyřeší(?:me|m)"
            r"|podívá(?:me|m)|dostanete|uslyšíte|obdržíte|slibuj(?:eme|i|u))\b"
        ),
        never=(
            r"\bpros(?:ím|íme)\b(?!\s+o\s+(?:strpení|trpělivost|chvil\w+))|\bne(?:ozveme|můžeme|dokážeme|stihneme|budeme"
            r"|budu|bude|mohu|odpovíme|pošleme)\b|\bbohužel\b|\bmožná\b|\bsnad\b|\bdoufáme?\b|\bpokud\b|\bjestli\b"
            r"|\bmusíte\b|\bpošlete\b|\bnapište\b"
        ),
        whens=(
            r"\b(?:BY )?(?:ve? )?DAY(?: MORNING| TIME|NONE)",
            r"\b(?P<by>nejpozději do|nejpozději v|do) CLOCK(?: hod(?:in)?\b\.?| h\b)?",
            r"\b(?:BY )?NUMBERS(?: TIME|NONE)",
            r"\b(?:BY )?(?P<d>\d{1,2})\. MONTH\b(?: TIME|NONE)",
            r"\b(?P<by>během|za) (?P<count>\d{1,3}) "
            r"(?:(?P<hours>hodin[uy]?)|(?P<minutes>minut[uy]?)|(?P<days>dn[yíů]))\b",
            r"\b(?P<by>do) (?P<count>24|48|72) (?P<hours>hodin|hod)\b",
        ),
        pieces={
            "BY": r"(?P<by>nejpozději do|nejpozději|do)",
            "DAY": r"(?:(?P<overmorrow>pozítří|pozítřka)|(?P<tomorrow>zítra|zítřka|zítřejška)"
            r"|(?P<today>(?:ještě )?dnes(?:ka)?|dneška|konce dne)|WEEKDAY)\b",
            "MORNING": r"(?P<morning>ráno|dopoledne)\b",
            "TIME": r"(?:do |ve? )?(?:CLOCK(?: hod(?:in)?\b\.?| h\b)?"
            r"|(?P<hour>\d{1,2}(?:\.\d{2})?) (?:h\b|hod\b\.?|hodin\w*))",
            "NONE": r"(?! (?:do|ve?)? \d)",
        },
        days="pondělí úterý středy|středu čtvrtka|čtvrtek pátku|pátek soboty|sobotu neděle|neděli",
        months="ledna února března dubna května června července srpna září října listopadu prosince",
    )


def _hungarian() -> _Grammar:
    return _grammar(
        "hu",
        will=(
            r"\b(?:jelentkez(?:ünk|em)|válaszol(?:unk|ok)|(?:el|meg)?küld(?:jük|öm|ünk|ök)|ír(?:unk|ok)|megír(?:juk|om)"
            r"|visszatér(?:ünk|ek)|fog(?:unk|juk|ok|om)|értesít(?:jük|em)|elintéz(?:zük|em)|utánanéz(?:ünk|ek)"
            r"|megnéz(?:zük|em)|(?:fel|vissza)?hív(?:juk|om)|visszajelz(?:ünk|ek)|visszautal(?:juk|om)|kap(?:sz|nak)?"
            r"|adunk|adok|ígér(?:jük|em))\b"
        ),
        never=(
            r"\bnem\b|\bsajnos\b|\btalán\b|\bremél\w+|\bkér(?:jük|em|lek)\b(?!\s+(?:a\s+)?(?:szíves\s+)?türelm)|\bha\b"
        ),
        whens=(
            r"\bDAY TIME",
            r"\b(?:(?P<overmorrow>holnapután)|(?P<tomorrow>holnap)|WEEKDAY)(?P<by>ig)\b",
            r"\bDAY\b(?: (?P<morning>reggel|délelőtt)\b)?(?! \d)",
            r"\b(?:(?P<afternoon>délután|este) )?(?:CLOCK|(?P<hour>\d{1,2}))(?P<by>-?ig\b| óráig\b)",
            r"\bMONTH (?P<d>\d{1,2})(?:-?(?P<by>ig)\b|-?[áéaeió]n\b)",
            r"\b(?P<count>\d{1,3}) (?:(?P<hours>órán)|(?P<minutes>percen)|(?P<days>napon)) (?P<by>belül)\b",
        ),
        pieces={
            "DAY": r"(?:(?P<overmorrow>holnapután)|(?P<tomorrow>holnap)|(?P<today>ma)|WEEKDAY(?:en|on|ön|n)?)",
            "TIME": r"(?:(?P<afternoon>délután|este) )?(?:CLOCK|(?P<hour>\d{1,2}))"
            r"(?:(?P<by>-?ig\b| óráig\b)|-?kor\b| órakor\b)",
        },
        days="hétfő kedd szerda|szerdá csütörtök péntek szombat vasárnap",
        months="január február március április május június július augusztus szeptember október november december",
    )
