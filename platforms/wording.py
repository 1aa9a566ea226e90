"""Foreign texts: entities decoded, short links spelt out, handles in front taken off, two texts compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'"}
_ENTITY = re.compile(r"&(amp|lt|gt|quot|#39);")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LINK_END = re.compile(r"(?<=[\w])/(?=\s|$)")
_LEADING = re.compile(r"@([A-Za-z0-9_]{1,20})(?=[\s,:]|$)[\s,:]*")


def unescaped(text: str) -> str:
    """The text with & < > " ' for their entities, decoded once: what a customer typed as "&lt;" stays "&lt;"."""
    return _ENTITY.sub(lambda match: ENTITIES[match[1]], text)


def spelt_out(text: str, links: Mapping[str, str]) -> str:
    """The text with each short link in `links` replaced by what it stands for (an empty string takes it out)."""
    if not links:
        return text
    short = "|".join(re.escape(link) for link in sorted(links, key=len, reverse=True))
    return re.sub(short, lambda match: links[match[0]], text)


def without_leading_handles(text: str, handles: Collection[str] | None = None) -> str:
    """The text without the @handles that it begins with. `handles` (no @) names which go; None: all of them.

    A text of handles only stays as it is: there must be something left to say.
    """
    known = None if handles is None else {handle.removeprefix("@").casefold() for handle in handles}
    rest = start = text.lstrip()
    while (match := _LEADING.match(rest)) and (known is None or match[1].casefold() in known):
        rest = rest[match.end() :]
    return rest if rest and rest != start else text


def folded(text: str) -> str:
    """A text as it is compared: NFC, white space folded, links without scheme and closing slash."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return _LINK_END.sub("", _SCHEME.sub("", text))


def same(one: str, other: str) -> bool:
    """Whether two texts are one, as far as a network's own handling leaves it to be seen."""
    return folded(one) == folded(other)
