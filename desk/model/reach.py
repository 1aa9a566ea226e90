"""Whose words very many people hear: by the number of those who follow them, or by the owner's list."""

from __future__ import annotations

from dataclasses import dataclass

from desk.model.catalogue import say
from desk.model.message import Author


@dataclass(frozen=True, slots=True)
class Reach:
    """What the owner chose. Followers are counted, and kept, only where `counts`; `journalists`: handles or names."""

    counts: bool = False
    followers: int = 10_000
    journalists: tuple[str, ...] = ()

    def kept(self, followers: int | None) -> int | None:
        """How many followers of a customer the desk remembers: none where nobody asked for that."""
        return followers if self.counts else None

    def of(self, author: Author) -> str:
        """Why very many people may hear this customer, in a few words; "" where nothing says so."""
        listed = {name.casefold() for name in self.journalists}
        if listed & ({author.handle.casefold(), author.name.casefold()} - {""}):
            return say("on the journalists' list")
        if self.counts and author.followers is not None and author.followers >= self.followers:
            return say("{count} followers", count=f"{author.followers:,}")
        return ""
