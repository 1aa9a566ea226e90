"""The query language of recent search, as far as a desk needs it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass

QUERY_LIMIT = 512
"""Characters of one query (as documented for recent search)."""

TOKEN = re.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<or>OR\b)|(?P<term>-?(?:[a-z_]+:)?(?:"[^"]*"|[^\s()]+)))')


@dataclass(frozen=True, slots=True)
class Facts:
    """What a query may ask of one post; handles and words are folded to lower case."""

    text: str
    author: tuple[str, str]
    to: tuple[str, ...]
    mentions: Collection[str]
    conversation: str
    replies_to: str | None
    lang: str
    links: bool
    quote: bool


Test = Callable[[Facts], bool]


class BadQuery(ValueError):
    """A query that X would not take; the text says why."""


def _words(text: str) -> str:
    return " " + " ".join(re.findall(r"[\w@#$']+", unicodedata.normalize("NFC", text).casefold())) + " "


def _term(token: str) -> Test:
    negative = token.startswith("-")
    token = token.removeprefix("-")
    operator, colon, value = token.partition(":")
    if not colon or token.startswith(('"', "http")):
        operator, value = "", token
    value = value.strip('"')
    if not value:
        raise BadQuery(f"Reference to missing operand in '{token}'")
    folded = value.casefold().removeprefix("@")
    test: Test
    if operator == "conversation_id":
        if not value.isdigit():
            raise BadQuery(f"'{value}' is not a valid conversation_id")
        test = lambda facts: facts.conversation == value  # noqa: E731
    elif operator == "from":
        test = lambda facts: folded in facts.author  # noqa: E731
    elif operator == "to":
        test = lambda facts: folded in facts.to  # noqa: E731
    elif operator == "in_reply_to_tweet_id":
        test = lambda facts: facts.replies_to == value  # noqa: E731
    elif operator == "lang":
        test = lambda facts: facts.lang == folded  # noqa: E731
    elif operator == "is" and folded in ("retweet", "reply", "quote"):
        known = {"retweet": lambda f: False, "reply": lambda f: f.replies_to is not None, "quote": lambda f: f.quote}
        test = known[folded]
    elif operator == "has" and folded in ("links", "mentions"):
        test = (lambda facts: facts.links) if folded == "links" else (lambda facts: bool(facts.mentions))
    elif operator:
        raise BadQuery(f"'{operator}' is not an operator that this stand-in knows")
    elif value.startswith("@"):
        test = lambda facts: folded in facts.mentions  # noqa: E731
    else:
        words = _words(value)
        test = lambda facts: words in _words(facts.text)  # noqa: E731
    return (lambda facts: not test(facts)) if negative else test


def parse(query: str) -> Test:
    """A test for posts. AND binds by standing side by side, OR is written, brackets group, - negates a term.

    Raises `BadQuery` for what X would refuse and for operators that no one needs here.
    """
    if not 1 <= len(query) <= QUERY_LIMIT:
        raise BadQuery(f"The query is {len(query)} characters long; 1 to {QUERY_LIMIT} are allowed")
    tokens: list[tuple[str, str]] = []
    at = 0
    while query[at:].strip():
        match = TOKEN.match(query, at)
        if match is None:
            raise BadQuery(f"cannot read the query at position {at}")
        kind = match.lastgroup or ""
        tokens.append((kind, match.group(kind)))
        at = match.end()
    if tokens and all(kind != "term" or text.startswith("-") for kind, text in tokens):
        raise BadQuery("Rules must contain at least one positive, non-stopword clause")

    def either(index: int) -> tuple[Test, int]:
        tests: list[Test] = []
        test, index = both(index)
        tests.append(test)
        while index < len(tokens) and tokens[index][0] == "or":
            test, index = both(index + 1)
            tests.append(test)
        return (lambda facts: any(one(facts) for one in tests)), index

    def both(index: int) -> tuple[Test, int]:
        tests: list[Test] = []
        while index < len(tokens) and tokens[index][0] in ("term", "open"):
            kind, text = tokens[index]
            if kind == "open":
                test, index = either(index + 1)
                if index >= len(tokens) or tokens[index][0] != "close":
                    raise BadQuery("missing )")
                index += 1
            else:
                test = _term(text)
                index += 1
            tests.append(test)
        if not tests:
            raise BadQuery("a clause is empty")
        return (lambda facts: all(one(facts) for one in tests)), index

    test, index = either(0)
    if index != len(tokens):
        raise BadQuery("unexpected )")
    return test
