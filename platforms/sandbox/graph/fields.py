"""Reading `fields=`: names, nested braces and modifiers, such as `id,comments.limit(5).filter(stream){id,from}`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from platforms.sandbox.graph.errors import GraphError


@dataclass(slots=True)
class Field:
    """One name in `fields`; `inner` is None where no braces follow it."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    inner: list[Field] | None = None


@lru_cache(maxsize=256)
def read_fields(text: str) -> list[Field]:
    """The fields that `text` names, to be read only; raises GraphError 2500 where it cannot be read."""
    reader = _Reader(text.replace(" ", ""))
    found = reader.names()
    if reader.at < len(reader.text):
        raise reader.trouble()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def trouble(self) -> GraphError:
        return GraphError(
            2500,
            f'Syntax error "Expected end of string instead of "{self.text[self.at : self.at + 1]}"." '
            f"at character {self.at + 1}: {self.text}",
        )

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, mark: str) -> None:
        if self.peek() != mark:
            raise self.trouble()
        self.at += 1

    def word(self) -> str:
        start = self.at
        while self.peek() and (self.peek().isalnum() or self.peek() == "_"):
            self.at += 1
        if start == self.at:
            raise self.trouble()
        return self.text[start : self.at]

    def names(self) -> list[Field]:
        found = [self.one()]
        while self.peek() == ",":
            self.at += 1
            found.append(self.one())
        return found

    def one(self) -> Field:
        found = Field(self.word())
        while self.peek() == ".":
            self.at += 1
            name = self.word()
            self.take("(")
            end = self.text.find(")", self.at)
            if end < 0:
                raise self.trouble()
            found.modifiers[name] = self.text[self.at : end]
            self.at = end + 1
        if self.peek() == "{":
            self.at += 1
            found.inner = self.names()
            self.take("}")
        return found
