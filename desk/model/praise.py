"""Short thanks for praise, so that nobody who says something nice hears nothing, and nobody hears the same twice."""

from __future__ import annotations

from collections.abc import Sequence

_THANKS: dict[str, tuple[str, ...]] = {
    "en": (
        "{hello}thank you for taking the time to say that. It made our day.",
        "{hello}that is so good to read. Thank you!",
        "{hello}thank you! I'll pass this on to the whole team.",
        "{hello}how kind of you. We are glad that it went well.",
    ),
    "de": (
        "{hello}vielen Dank, dass Sie sich die Zeit dafür nehmen. Das freut uns sehr.",
        "{hello}das lesen wir gern. Danke!",
        "{hello}danke schön! Ich gebe es an das ganze Team weiter.",
        "{hello}wie nett von Ihnen. Schön, dass alles geklappt hat.",
    ),
    "da": (
        "{hello}tusind tak, fordi du tog dig tid til at skrive det. Det glæder os.",
        "{hello}det er dejligt at læse. Mange tak!",
        "{hello}tak skal du have! Jeg giver det videre til hele holdet.",
        "{hello}hvor er du sød. Godt at høre, at det gik fint.",
    ),
    "cs": (
        "{hello}děkujeme, že jste si na to našli čas. Udělalo nám to radost.",
        "{hello}to se moc hezky čte. Děkujeme!",
        "{hello}díky! Předám to celému týmu.",
        "{hello}to je od vás milé. Jsme rádi, že vše dopadlo dobře.",
    ),
    "hu": (
        "{hello}köszönjük, hogy időt szánt rá. Nagyon örülünk neki.",
        "{hello}de jó ezt olvasni. Köszönjük!",
        "{hello}köszönjük szépen! Az egész csapatnak átadom.",
        "{hello}ez igazán kedves. Örülünk, hogy minden rendben volt.",
    ),
}
LANGUAGES = tuple(_THANKS)


def thanks(language: str, name: str, said: Sequence[str]) -> tuple[str, str]:
    """A key and the words for one thank-you in that language, else in English: the wording that was used longest ago.

    `name` is how the customer is called, "" where nobody knows; `said` are the keys of what was said before, oldest
    first.
    """
    spoken = language if language in _THANKS else "en"
    keys = [f"{spoken}:{index}" for index in range(len(_THANKS[spoken]))]
    last = {key: index for index, key in enumerate(said)}
    key = min(keys, key=lambda one: last.get(one, -1))
    words = _THANKS[spoken][int(key.rpartition(":")[2])]
    text = words.format(hello=f"{name}, " if name else "")
    return key, text if name else text[:1].upper() + text[1:]


def first_name(name: str) -> str:
    """What to call somebody whose account is named so: "Maria K." is Maria; "" for what is no name of a person."""
    word = name.strip().split(" ")[0].strip(".,") if name.strip() else ""
    return word if word.isalpha() and word[:1].isupper() and len(word) > 1 else ""
