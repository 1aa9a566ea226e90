"""What must not stand where everybody reads it: card numbers, IBANs, secrets, phone numbers, e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HIDDEN = "•"


@dataclass(frozen=True, slots=True)
class Spot:
    """Something found in a text: where it stands, and how it may be shown to somebody who must not read it."""

    start: int
    end: int
    shown: str


# cards and accounts

_BETWEEN = r"[ \u00a0\u2009\u202f\u200b._\-\u2010-\u2015]{1,2}"
_DIGITS = re.compile(rf"(?<![\w+])\d+(?:{_BETWEEN}\d+)*(?!\w)")
_GROUP = re.compile(r"\d+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_IBAN = re.compile(r"(?<![^\W_])(?=[A-Za-z]{2}\d{2})")
_ROOM = frozenset(" \u00a0\u2009\u202f-\u2010\u2011")
_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country (the registry of SWIFT, ISO 13616)."""


TELECOM = "89"
"""What the number of a SIM card begins with (ITU-T E.118); it has a check digit like a payment card's, and no payment
network has numbers that begin so (ISO/IEC 7812)."""


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others, as on every payment card."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def cards(text: str) -> list[Spot]:
    """Payment card numbers: 13 to 19 digits with a right check digit, with or without blanks, dots and dashes.

    Digits inside a web address are no card, nor is one digit all over, nor what begins like no card.
    """
    links = [match.span() for match in _ADDRESS.finditer(text)]
    found = []
    for run in _DIGITS.finditer(text):
        if any(start <= run.start() < end for start, end in links):
            continue
        groups = [(run.start() + one.start(), run.start() + one.end()) for one in _GROUP.finditer(run[0])]
        for first in range(len(groups)):
            digits = 0
            for last in range(first, len(groups)):
                digits += groups[last][1] - groups[last][0]
                if digits > 19:
                    break
                whole = first == 0 and last == len(groups) - 1
                if digits >= 13 and _is_card(text, groups[first : last + 1], whole):
                    start, end = groups[first][0], groups[last][1]
                    found.append(Spot(start, end, f"{HIDDEN * 4} {text[end - 4 : end]}"))
    return _apart(found)


def _is_card(text: str, groups: list[tuple[int, int]], whole: bool) -> bool:
    """Whether 13 to 19 digits are a card's."""
    sizes = [end - start for start, end in groups]
    # Among other digits ("4111 1111 1111 1111 12 27") only the groups that cards are printed in count.
    printed = (len(sizes) > 3 and set(sizes[:3]) == {4}) or sizes in ([4, 6, 5], [4, 6, 4]) or len(sizes) == 1
    if not (whole or printed):
        return False
    digits = "".join(str(int(char)) for start, end in groups for char in text[start:end])
    if digits.startswith(TELECOM):
        return False
    if digits[0] == "0" or (digits[0] == "1" and len(digits) != 15) or len(set(digits)) == 1:
        return False
    return luhn(digits)


def ibans(text: str) -> list[Spot]:
    """Bank accounts: an IBAN of the length that its country has, with right check digits (mod 97)."""
    found = []
    for match in _IBAN.finditer(text):
        end, taken = match.start(), ""
        length = _LENGTHS.get(text[end : end + 2].upper(), 0)
        while end < len(text) and len(taken) < length:
            char = text[end]
            if char.isascii() and char.isalnum():
                taken += char.upper()
            elif char not in _ROOM or text[end - 1] in _ROOM:
                break
            end += 1
        if not length or len(taken) < length or text[end : end + 1].isalnum():
            continue
        moved = taken[4:] + taken[:4]
        if int("".join(str(int(char, 36)) for char in moved)) % 97 == 1:
            found.append(Spot(match.start(), end, f"{taken[:2]}{HIDDEN * 4} {taken[-4:]}"))
    return _apart(found)


# secrets

_KEYS = re.compile(
    r"\b(?:xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}|sk-[\w-]{16,}|[sr]k_(?:live|test)_\w{10,}|gh[opsu]_\w{20,}"
    r"|github_pat_\w{20,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|EAA[A-Za-z0-9]{24,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,})|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_WORD = (
    r"pass(?:word|code|phrase|wort)|passwd|pwd|pin(?:[- ]?code)?|cvv2?|cvc2?|api[- ]?key|secret(?: key)?"
    r"|access[- ]?token|kennwort|zugangscode|adgangskode|kodeord|heslo|jelszó|jelszava|otp|one[- ]time code"
)
_NAMED = re.compile(
    rf"\b(?:{_WORD})\b(?:\s+(?:is|was|ist|war|lautet|er|je|to)\b)?\s*(?:[:=]\s*|(?<=[a-zéó])\s+(?=[\"“'`]))[\"“'`]?"
    r"(?P<secret>[^\s\"”'`,;]{3,64})",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"\b(?:{_WORD})\s+(?:now\s+)?(?:is|was|ist|war|lautet|er"
    rf"|je)(?:\s+now)?\s+[\"“'`]?(?P<secret>[^\s\"”'`,;]{{3,64}})",
    re.IGNORECASE,
)
_BARE = re.compile(r"\b(?:pin|cvv2?|cvc2?|otp|tan)(?:[- ]?code)?\s+(?P<secret>\d{3,8})\b", re.IGNORECASE)

_PASSWORD = (
    r"pass(?:word|code|phrase|wort)|passwd|pwd|pw|kennwort|zugangscode|adgangskode|kodeord|heslo|jelszó|jelszava"
)
_BE = (
    r"is|was|be|ist|war|sei|lautet|er|var|je|bylo|now|jetzt|nun|nu|nyní|will|should|to|as|als|til|na"
    r"|(?:re)?set[ \t]+(?:to|as)|changed[ \t]+to"
)
_ODD = r"(?P<secret>[^\W_][^\s\"”“'`,;()]{4,63})"
_BESIDE = (
    # "password hunter2", "the password will be hunter2", "we set your password to hunter2"
    re.compile(rf"\b(?:{_PASSWORD})(?:[ \t]+(?:{_BE})\b){{0,3}}[ \t]+[\"“„'`(]?{_ODD}", re.IGNORECASE),
    # "Ihr Passwort wurde auf Sommer2026 gesetzt"
    re.compile(
        rf"\b(?:{_PASSWORD})\b[^.!?\n]{{0,30}}?[ \t]auf[ \t]+[\"“„'`]?{_ODD}[\"”“'`]?"
        r"[ \t]+(?:zurück)?(?:ge)?(?:setzt|ändert|setzen|ändern)\b",
        re.IGNORECASE,
    ),
    # "use hunter2 as your password", "hunter2 ist Ihr Passwort"
    re.compile(
        rf"(?<![\w@#./:-]){_ODD}[\"”“'`]?[ \t]+(?:is|as|ist|als|er|som|je|jako)[ \t]+"
        rf"(?:[^\W\d_]{{2,12}}[ \t]+){{0,3}}?(?:{_PASSWORD})\b(?![ \t-]*(?:manager|reset|safe|app\b))",
        re.IGNORECASE,
    ),
)
"""A password with no colon before it: only what can hardly be a word counts (`_strange`)."""


def secrets(text: str) -> list[Spot]:
    """Passwords, PINs and keys: what has the form of a known key, and what is named ("password: …", "PIN 1234").

    After "is" only what looks like no ordinary word counts: "your password is wrong" gives nothing away; and where
    nothing but a blank stands before it ("password hunter2"), only letters and digits in one.
    """
    found = [Spot(match.start(), match.end(), HIDDEN * 6) for match in _KEYS.finditer(text)]
    for pattern in (_NAMED, _SAID, _BARE):
        for match in pattern.finditer(text):
            word = match["secret"].rstrip(".!?)…:")
            if not _guessable(word, sure=pattern is _BARE or (pattern is _NAMED and "=" in match[0])):
                continue
            start = match.start("secret")
            found.append(Spot(start, start + len(word), HIDDEN * 6))
    for pattern in _BESIDE:
        for match in pattern.finditer(text):
            word = match["secret"].rstrip(".!?)…:")
            if _strange(word):
                found.append(Spot(match.start("secret"), match.start("secret") + len(word), HIDDEN * 6))
    return _apart(found)


_NO_SECRET = re.compile(
    # "12-character", "30min", "24h", "10th"; "iOS17", "Office365" and the like; an address
    r"\d+[-+]?[^\W\d_]+|(?:ios|ipados|macos|android|windows|win|office|microsoft|chrome|iphone|ipad|galaxy|pixel|web|"
    r"version|step|schritt|v)[-\d.]+[a-z]{0,3}|1password|\d?fa\d?|(?:https?:|www\.).*|.*@.*\..*|.*://.*|(?:[\w-]+\.)+[a-z]{2,}(?:/.*)?",
    re.IGNORECASE,
)


def _strange(word: str) -> bool:
    """Whether a word can hardly be one: letters and digits in one, and the name of no thing that has a number."""
    letters, digits = any(char.isalpha() for char in word), any(char.isdigit() for char in word)
    return len(word) >= 5 and letters and digits and not _NO_SECRET.fullmatch(word) and HIDDEN not in word


def _guessable(word: str, *, sure: bool) -> bool:
    """Whether a word could be a secret: it has digits or signs in it, or both cases inside; no address, no ellipsis."""
    if len(word) < 3 or word.casefold().startswith(("http", "www.", "<", "[", HIDDEN)) or "://" in word:
        return False
    if sure:
        return True
    if set(word) <= set("*xX._-…"):
        return False
    digits = any(char.isdigit() for char in word)
    signs = any(not char.isalnum() and char not in "-_'’./" for char in word)
    mixed = any(char.isupper() for char in word[1:]) and any(char.islower() for char in word)
    return digits or (signs and len(word) > 4) or mixed


# how to reach a person

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,24}(?![\w-])")
_WRITTEN_OUT = re.compile(
    r"\b[\w.+-]{1,64}\s{0,3}[(\[]\s*(?:at|ät)\s*[)\]]\s*[\w-]+\s*(?:\.|[(\[]\s*dot\s*[)\]])\s*[a-z]{2,24}\b", re.I
)
_WORLD = re.compile(r"(?<![\w+])(?:\+[1-9]|00[1-9]\d{0,2}[ \u00a0().\-/]{1,2}\d)(?:[ \u00a0().\-/]{0,2}\d){5,13}(?!\w)")
_LOCAL = re.compile(
    r"(?<![\w+#./-])(?:\(\d{2,5}\)[ \u00a0]?|0\d{1,4}[ \u00a0/\-]|1?[ -]?8(?:00|33|44|55|66|77|88)[ -]"
    r"|\d{3}[.-](?=\d{3}[.-]\d{4}))"
    r"\d(?:[ \u00a0./\-]?\d){4,9}(?!\w)(?![.-/]\d)"
)
_CALL = re.compile(
    r"\b(?:call|ring|phone|tel|telephone|telefon\w*|mobile|cell|whatsapp|text|sms|dial|rufen|anrufen"
    r"|handy|ring|mobil|volejte|hívj\w*)\b"
    r"[^.!?\d]{0,24}?(?P<number>\d(?:[ \u00a0./\-]?\d){5,12})(?!\w)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\A(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})\Z")


def mails(text: str) -> list[Spot]:
    """E-mail addresses, also written as "name (at) example.com"."""
    found = [*_MAIL.finditer(text), *_WRITTEN_OUT.finditer(text)]
    return _apart(Spot(match.start(), match.end(), match[0]) for match in found)


def phones(text: str) -> list[Spot]:
    """Telephone numbers: with a country code, in the usual national forms, or any number behind "call" and the like."""
    links = [match.span() for match in _ADDRESS.finditer(text)]
    taken = [*links, *((spot.start, spot.end) for spot in (*cards(text), *ibans(text)))]
    found = []
    for pattern in (_WORLD, _LOCAL, _CALL):
        for match in pattern.finditer(text):
            start, end = match.span("number") if pattern is _CALL else match.span()
            digits = sum(char.isdigit() for char in text[start:end])
            if not 6 <= digits <= 15 or _DATE.match(text[start:end].strip()):
                continue
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            found.append(Spot(start, end, text[start:end].strip()))
    return _apart(found)


# born when, travelling with what

_BORN = re.compile(
    r"\b(?:born|birth(?:day|date)?|dob|geboren|geburtsdatum|født|narozen\w*|született)\b[^.!?\n]{0,20}?"
    r"(?:\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.? \w{3,9} \d{4})",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"\b(?:passport|reisepass|personalausweis|id[- ]card|national id|social security|ssn|driv(?:ing"
    r"|er['’]?s) licen[cs]e)\b"
    r"[^.!?\n\d]{0,20}?[A-Z]{0,3}\d(?:[ -]?[A-Z0-9]){4,}",
    re.IGNORECASE,
)
_TRACKED = re.compile(r"\b(?:1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2})\b")


def personal(text: str) -> list[Spot]:
    """A birth date, the number of a passport or the like, or a parcel's tracking number."""
    found = [match for pattern in (_BORN, _PAPER, _TRACKED) for match in pattern.finditer(text)]
    return _apart(Spot(match.start(), match.end(), match[0]) for match in found)


# hiding


def masked(text: str) -> str:
    """The text with card numbers, IBANs and secrets hidden, for where others read it."""
    return _hidden(text, [*cards(text), *ibans(text), *secrets(text)])


def without_cards(text: str) -> str:
    """What a customer wrote without card numbers and passwords; the rest word by word as it was."""
    return _hidden(text, [*cards(text), *secrets(text)])


def _hidden(text: str, spots: Iterable[Spot]) -> str:
    parts, last = [], 0
    for spot in _apart(spots):
        parts += [text[last : spot.start], spot.shown]
        last = spot.end
    return "".join((*parts, text[last:]))


def _apart(spots: Iterable[Spot]) -> list[Spot]:
    """In the order of the text; of what overlaps the one that begins first."""
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda one: (one.start, -one.end)):
        if not kept or spot.start >= kept[-1].end:
            kept.append(spot)
    return kept
