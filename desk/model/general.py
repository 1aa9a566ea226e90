"""A good answer made general: the names and numbers of one customer taken out, so that it can serve others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from desk.model.canned import facts_in
from desk.model.heard import split
from desk.model.hours import BusinessHours
from desk.model.promise import find

_HANDLE = re.compile(r"(?<![\w@.])@\w[\w.]*\w|(?<![\w@.])@\w")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(r"(?<![\w{])(?=[\w-]*\d)[A-Z0-9](?:[\w-]*[A-Z0-9])?(?![\w}])", re.IGNORECASE)
_ORDER = re.compile(
    r"(?P<word>\b(?:order|bestell\w*|auftrag\w*|ordre\w*|objedn\w*|rendel\w*)(?:\s+(?:no|nr|number|nummer)\.?)?\s*[:#]?\s*)"
    r"(?=[\w-]*\d)[\w-]+",
    re.IGNORECASE,
)


def three_parts(
    text: str,
    now: datetime,
    hours: BusinessHours,
    customer: Sequence[str],
    team: Sequence[str],
    ours: Mapping[str, str],
) -> tuple[str, str, str]:
    """Feeling, facts and next step of an answer without its signature, each made general; "" for what it lacks."""
    feeling, facts, following = (general(part, now, hours, customer, team, ours) for part in split(text, now, hours))
    return feeling, facts, following


def general(
    text: str,
    now: datetime,
    hours: BusinessHours,
    customer: Sequence[str],
    team: Sequence[str],
    ours: Mapping[str, str],
) -> str:
    """The text with places instead of what belongs to one case.

    `customer` and `team` are names ("Maria K.", "maria_k"); `ours` what of the company may stay, by the place that
    fills it in ("phone": "+351 …"). The time of the next step becomes {until}; links without digits stay.
    """
    if (promised := find(text, now, hours)) is not None:
        text = text.replace(promised.words, "{until}." if promised.words.endswith(".") else "{until}", 1)
    for place, value in ours.items():
        if value:
            text = text.replace(value, f"{{{place}}}")
    text = _MAIL.sub("{address}", text)
    for names, place in ((customer, "{name}"), (team, "{agent}")):
        whole = [name for name in names if len(name) > 1]
        for name in sorted({*whole, *(word for one in whole for word in one.split() if len(word) > 2)}, key=len)[::-1]:
            text = re.sub(rf"(?<![\w{{])@?{re.escape(name)}(?![\w}}])", place, text, flags=re.IGNORECASE)
    text = _HANDLE.sub("{name}", text)
    text = re.sub(r"\{name\}(?:\s+\{name\})+", "{name}", text)
    text = _ORDER.sub(lambda found: f"{found['word']}{{order}}", text)
    taken: list[str] = []
    for fact in facts_in(text):
        if re.search(r"\d", fact):
            text = text.replace(fact, _place(_kind(fact), taken), 1)
    return _CODE.sub(lambda found: _place("number", taken), text)


def _kind(fact: str) -> str:
    if "/" in fact and re.search(r"[a-z]", fact, re.IGNORECASE):
        return "link"
    if re.search(r"[€$£¥]|[A-Za-z]", fact):
        return "amount"
    if re.fullmatch(r"\d{1,2}[:.]\d\d", fact):
        return "time"
    return "date" if re.fullmatch(r"\d{4}-\d\d-\d\d|\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?", fact) else "number"


def _place(kind: str, taken: list[str]) -> str:
    """{number}, and {number2} for a second one."""
    count = sum(one == kind for one in taken) + 1
    taken.append(kind)
    return f"{{{kind}{count if count > 1 else ''}}}"
