"""From what was typed to what was asked: which verb, which inquiry, whom, and the words that are left."""

from __future__ import annotations

import difflib
import re

from desk.desk import Desk
from desk.model.asking import Answer, Ask
from desk.model.people import Person
from desk.model.plain import plain
from desk.model.refusals import Refusal
from desk.model.words import clean, code, strong
from desk.ports import Tx
from handlers.asking import read_number, read_who, take_flags
from handlers.verbs import BY_NAME, VERBS, Verb

_WORD = re.compile(r"\s*(\S+)[ \t]?(.*)", re.DOTALL)


def verb_called(command: str, text: str, prefix: str) -> tuple[Verb | None, str, str]:
    """The verb of a command, what stands behind it, and the name as it was typed (for the sentences that show it)."""
    name = command.lstrip("/")
    bare = name[len(prefix) :] if prefix and name.startswith(prefix) else name
    if bare != "desk":
        return BY_NAME.get(bare), text, command
    match = _WORD.match(text)
    word = match[1].casefold() if match else ""
    if match and word in BY_NAME and word != "desk":
        return BY_NAME[word], match[2], f"{command} {word}"
    if word in ("", "status", "name", "hold"):
        return BY_NAME["desk"], text, command
    return None, text, command


def closest(word: str) -> str | None:
    """The verb that was probably meant."""
    found = difflib.get_close_matches(word.casefold(), list(BY_NAME), n=1, cutoff=0.5)
    return found[0] if found else None


def help_for(verb: Verb | None, typed: str, text: str, prefix: str) -> Answer:
    """`help` for one verb; for the router all of them; for an unknown word the closest."""
    if verb is not None and verb.name != "desk":
        return Answer(f"{code(f'{typed} {verb.usage}'.strip())} {verb.help}")
    word = text.split()[0] if text.split() else "help"
    lines = [f"{code(f'/{prefix}desk {v.name} {v.usage}'.strip())} {v.help}" for v in VERBS if v.name != "desk"]
    lines.append(
        f"{code(f'/{prefix}desk name Mia')} the name below your answers. "
        f"{code(f'/{prefix}desk hold')} stops all publishing."
    )
    if word.casefold() == "help":
        return Answer(
            f"{strong('What the desk understands')} (in a thread: {code('!reply text')}, no number):",
            lines=tuple(lines),
        )
    guess = closest(word)
    meant = f"Did you mean {code(f'{typed} {guess}')}? " if guess else ""
    return Answer(
        f"“{clean(word)[:40]}” is no verb of the desk. {meant}Nothing was done. All of them: {code(f'{typed} help')}.",
        refused=True,
        quote=text if len(text.split()) > 1 else "",
    )


async def read(
    desk: Desk, verb: Verb, text: str, person: Person, channel: str, key: str, typed: str, *, number: int | None = None
) -> Ask:
    """An `Ask` from the words behind a verb. `number` is given where the door knows it (a thread, a button)."""
    rest, force = text, False
    if verb.name != "reply" and verb.name != "private" and verb.name != "note":
        rest, flags = take_flags(rest)
        force = "force" in flags
    if number is None and "number" in verb.takes:
        found, rest = read_number(rest)
        number = found if isinstance(found, int) or found is None else await _by_link(desk, found)
    other = None
    if "who" in verb.takes:
        name, after = read_who(rest)
        if name is not None:
            other = desk.people.person(name) or desk.people.by_name(name)
            if other is None:
                raise Refusal(
                    f"I don't know “{clean(name)}” among the agents. Pick a name from Slack's list: type @.", quote=text
                )
            rest = after
    return Ask(
        key,
        person,
        channel,
        number,
        clean(plain(rest)).strip() if "text" in verb.takes else "",
        other,
        force,
        typed=typed,
    )


async def _by_link(desk: Desk, url: str) -> int:
    """The inquiry that a Slack permalink or a customer's post belongs to."""
    slack = re.search(r"/archives/(\w+)/p(\d{10})(\d{6})(?:\?thread_ts=([\d.]+))?", url)

    async def work(tx: Tx) -> int | None:
        if slack is not None:
            ts = slack[4] or f"{slack[2]}.{slack[3]}"
            return tx.by_thread(slack[1], ts)
        for name in desk.platforms:
            for word in reversed(re.findall(r"[\w.-]+", url)):
                entry = tx.entry_of(name, word)
                if entry is not None:
                    return entry.number
        return None

    number = await desk.read(work)
    if number is None:
        raise Refusal(f"That link belongs to no inquiry of this desk: {clean(url)[:200]}")
    return number
