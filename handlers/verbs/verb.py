"""What a verb is: one thing that people can ask the desk to do, the same through every door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from desk.desk import Desk
from desk.model.asking import Answer, Ask

Flow = Callable[[Desk, Ask], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Verb:
    """`takes` says what may stand behind the name, in this order: "number", "who", "text". `usage` is what `help`
    shows after the command's own name. `quiet`: a button press that worked says nothing, the card shows it."""

    name: str
    usage: str
    help: str
    flow: Flow
    takes: tuple[str, ...] = ("number", "text")
    quiet: bool = False
    flags: tuple[str, ...] = ("force",)
    """The options that it has: `--force`."""
