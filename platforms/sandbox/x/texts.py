"""How X treats a text: what it weighs, whom it names, how its links are shortened and its characters escaped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

POST_LIMIT = 280
"""Weighted characters of one post (twitter-text configuration v3)."""
DIRECT_LIMIT = 10_000
"""Characters of one direct message."""
URL_WEIGHT = 23
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1; all others weigh 2 (twitter-text configuration v3)."""

GENERIC = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|aero|coop|museum|jobs|mobi|travel|cat|tel|asia|post|app|dev|page|blog|"
    "shop|store|online|site|website|tech|cloud|live|news|media|email|support|help|care|link|click|xyz|club|life|world|"
    "today|agency|company|digital|solutions|services|systems|network|group|team|bank|money|finance|hotel|flights|game|"
    "games|video|music|fm|tv|google|apple|amazon|microsoft|xbox|example|test|london|berlin|paris|nyc|eu|design|studio"
)
LETTER = r"[a-z0-9\u00a1-\uffff]"
HOST = rf"(?:{LETTER}(?:[a-z0-9\u00a1-\uffff_-]*{LETTER})?\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9]+)"
PATH = r"(?:/[^\s<>\"“”]*)?(?:\?[^\s<>\"“”]*)?"
WITH_SCHEME = re.compile(rf"(?<![@\w])https?://{HOST}(?![a-z0-9])(?::\d+)?{PATH}", re.IGNORECASE)
BARE_HOST = rf"(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+(?:{GENERIC}|[a-z]{{2}})(?![a-z0-9@])"
BARE = re.compile(rf"(?<![@\w./#$-]){BARE_HOST}(?:/[^\s<>\"“”]*)?", re.IGNORECASE)
MENTION = re.compile(r"(?<![A-Za-z0-9_@!#$%&*/.])@([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@])")

EMOJI_RANGES = (
    (0x1F000, 0x1FAFF),
    (0x2600, 0x27BF),
    (0x2B00, 0x2BFF),
    (0x2300, 0x23FF),
    (0x2190, 0x21FF),
    (0x25A0, 0x25FF),
    (0x3030, 0x303D),
    (0x3297, 0x3299),
    (0x203C, 0x2049),
    (0x2122, 0x2139),
    (0x24C2, 0x24C2),
)
FLAG = (0x1F1E6, 0x1F1FF)
TONE = (0x1F3FB, 0x1F3FF)
TAG = (0xE0020, 0xE007F)
VARIATION, KEYCAP, JOINER = 0xFE0F, 0x20E3, 0x200D


def _within(char: str, span: tuple[int, int]) -> bool:
    return span[0] <= ord(char) <= span[1]


def _is_emoji(char: str) -> bool:
    return any(_within(char, span) for span in EMOJI_RANGES)


def emoji_at(text: str, at: int) -> int:
    """How many code points the emoji sequence that begins at `at` takes; 0 where none begins."""
    char = text[at]
    if char in "0123456789#*":
        rest = text[at + 1 : at + 3]
        if rest[:1] and ord(rest[0]) == KEYCAP:
            return 2
        return 3 if len(rest) == 2 and ord(rest[0]) == VARIATION and ord(rest[1]) == KEYCAP else 0
    if _within(char, FLAG):
        return 2 if text[at + 1 : at + 2] and _within(text[at + 1], FLAG) else 1
    if char in "©®":
        return 2 if text[at + 1 : at + 2] == chr(VARIATION) else 0
    if not _is_emoji(char):
        return 0
    end = at + 1
    while end < len(text):
        follows = text[end]
        if ord(follows) == VARIATION or _within(follows, TONE) or _within(follows, TAG):
            end += 1
        elif ord(follows) == JOINER and end + 1 < len(text) and _is_emoji(text[end + 1]):
            end += 2
        else:
            break
    return end - at


def _trim(url: str) -> str:
    """The URL without the punctuation that ends a sentence rather than an address."""
    while url:
        if url[-1] in ".,;:!?'\"…»“”‘’*_~" or (url[-1] == ")" and url.count("(") < url.count(")")) or url[-1] in "]}":
            url = url[:-1]
        else:
            break
    return url


def urls(text: str, *, bare: bool = True) -> list[tuple[int, str]]:
    """The links in a text as (position, link), in order; `bare` also takes `example.com` without a scheme."""
    found = [(match.start(), _trim(match.group())) for match in WITH_SCHEME.finditer(text)]
    if bare:
        spans = [(at, at + len(url)) for at, url in found]
        for match in BARE.finditer(text):
            if not any(start <= match.start() < end for start, end in spans):
                found.append((match.start(), _trim(match.group())))
    return sorted(found)


@lru_cache(maxsize=1024)
def weight(text: str) -> int:
    """The weighted length of a post: a link 23, an emoji sequence 2, most scripts 1, CJK and the rest 2."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    links = dict(urls(text))
    total = at = 0
    while at < len(text):
        if at in links:
            total += URL_WEIGHT
            at += len(links[at])
        elif length := emoji_at(text, at):
            total += 2
            at += length
        else:
            total += 1 if any(_within(text[at], span) for span in LIGHT) else 2
            at += 1
    return total


def cut(text: str, limit: int) -> str:
    """The longest beginning of `text` that weighs at most `limit`."""
    end = min(len(text), limit)
    while end and weight(text[:end]) > limit:
        end -= 1
    return text[:end]


def escape(text: str) -> str:
    """As X's API hands texts out: & < > as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def folded(text: str) -> str:
    """What X compares to tell a duplicate: NFC, runs of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def named(text: str) -> list[tuple[int, int, str]]:
    """Handles in a text, as (start, end, handle without @)."""
    return [(match.start(), match.end(), match.group(1)) for match in MENTION.finditer(text)]


@dataclass(frozen=True, slots=True)
class Link:
    """One shortened link: `short` (t.co) stands in the text for what was written, which leads to `expanded`."""

    short: str
    expanded: str
    display: str

    def entity(self, start: int) -> dict[str, object]:
        return {
            "start": start,
            "end": start + len(self.short),
            "url": self.short,
            "expanded_url": self.expanded,
            "display_url": self.display,
        }


def shorten(text: str, name: Callable[[], str], *, bare: bool) -> tuple[str, tuple[Link, ...]]:
    """The text with each link replaced by one of t.co (`name` gives the next), and what each stands for.

    Links of t.co itself stay as they are. `bare` also shortens `example.com`, which expands to http://example.com.
    """
    links: list[Link] = []
    parts: list[str] = []
    last = 0
    for at, url in urls(text, bare=bare):
        if re.match(r"https?://t\.co/", url, re.IGNORECASE):
            continue
        expanded = url if "://" in url else f"http://{url}"
        shown = re.sub(r"^https?://(www\.)?", "", url, flags=re.IGNORECASE)
        link = Link(f"https://t.co/{name()}", expanded, shown if len(shown) <= 27 else shown[:26] + "…")
        links.append(link)
        parts += [text[last:at], link.short]
        last = at + len(url)
    parts.append(text[last:])
    return "".join(parts), tuple(links)
