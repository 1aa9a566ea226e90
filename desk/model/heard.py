"""Whether an answer has what a good one has: the feeling that was heard, the facts, and the next step with a date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from desk.model.hours import BusinessHours
from desk.model.promise import find

FEELINGS: Mapping[str, str] = {
    "en": r"sorry|apolog\w+|understand\w*|thank\w*|appreciat\w+|annoying|frustrat\w+|disappoint\w+|glad|happy to|"
    r"upset\w*|i see how|i can see|know how|hear that|no fun|worr(?:y|ied|ying)|that is hard|congratulations|love\w*",
    "de": r"tut mir leid|tut uns leid|leid|entschuldig\w+|verst\w+|danke\w*|ärgerlich\w*|schade|bedauer\w+|freu\w+|"
    r"unangenehm\w*|sorge\w*|gern\w*|verzeih\w+",
    "da": r"beklager|undskyld\w*|ked af|forstår|tak|takker|ærgerlig\w*|træls|glad\w*|glæder",
    "cs": r"omlouv\w+|mrzí|líto|chápu|chápeme|rozum\w+|děkuj\w+|díky|nepříjemn\w+|těší|rád\w*",
    "hu": r"sajnál\w+|elnézést|bocsánat\w*|megért\w+|köszön\w+|bosszantó\w*|kellemetlen\w*|örül\w+",
}
"""Words by which a customer feels heard, by language."""
_FELT = {code: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for code, words in FEELINGS.items()}
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten \w+|liebe[rs]?|hej|kære|dobrý den|ahoj|"
    r"szia|kedves|üdv\w*)\b[^.!?,]{0,40}[,.!]?",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+(?!\s|$)[^.!?…\n]*)*[.!?…]*")


def sentences(text: str) -> list[str]:
    """A text by its sentences, nothing lost but the blanks between them."""
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


def missing(text: str, now: datetime, hours: BusinessHours) -> tuple[str, ...]:
    """Which of the three parts an answer does not seem to have: of "feeling", "facts", "next".

    The next step is a sentence that says what we will do and until when, as `desk.model.promise.find` reads it. It is a
    hint for who learns, by words of five languages, and never a reason to hold an answer.
    """
    feeling, facts, next_step = split(text, now, hours)
    return tuple(
        name for name, part in zip(("feeling", "facts", "next"), (feeling, facts, next_step), strict=True) if not part
    )


def split(text: str, now: datetime, hours: BusinessHours) -> tuple[str, str, str]:
    """The sentences of an answer by what they are for: feeling, facts, next step; "" for what it lacks."""
    parts: tuple[list[str], list[str], list[str]] = ([], [], [])
    for sentence in sentences(text):
        bare = _GREETING.sub("", sentence, count=1).strip() if _GREETING.match(sentence) else sentence
        if find(sentence, now, hours) is not None:
            parts[2].append(sentence)
        elif any(felt.search(sentence) for felt in _FELT.values()):
            parts[0].append(sentence)
        elif re.search(r"\w", bare):
            parts[1].append(sentence)
        elif not parts[1] and not parts[2]:
            parts[0].append(sentence)  # a bare greeting leads in what follows
    feeling = parts[0] if any(felt.search(one) for one in parts[0] for felt in _FELT.values()) else []
    return " ".join(feeling), " ".join(parts[1]), " ".join(parts[2])
