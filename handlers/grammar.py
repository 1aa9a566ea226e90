"""From what was typed to what was asked: which verb, which inquiry, whom, and the words that are left."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from desk.desk import Desk
from desk.flows.finding import by_link
from desk.model.asking import SHORT, Answer, Ask
from desk.model.catalogue import known, say
from desk.model.people import Person
from desk.model.plain import plain
from desk.model.refusals import Refusal
from desk.model.words import clean, code, strong, who
from handlers.asked import Asked
from handlers.asking import Mistyped, NotANumber, read_number, read_who, take_flags
from handlers.verbs import BY_NAME, VERBS, Verb

_WORD = re.compile(r"\s*(\S+)[ \t]?(.*)", re.DOTALL)
_OWN = frozenset({"status", "next", "name", "hold", "reach", "invited"})
"""Words behind /desk that are no verbs of their own."""
WORDS_FOR_OTHERS = frozenset({"reply", "private", "note"})
"""Verbs whose text goes to others as it is: nothing in it is an option."""
SHOWN = 40
"""Characters of a mistyped word that are shown."""


@dataclass(frozen=True, slots=True)
class Called:
    """What was called: `verb` (None where the word is none), what stands behind it, and how it was typed.

    `typed` is the whole name ("/acme-claim", "/desk claim", "!claim"), `lead` what stands before a verb there.
    """

    verb: Verb | None
    rest: str
    typed: str
    lead: str
    word: str = ""

    @property
    def wants_help(self) -> bool:
        """`help` behind a verb; to send a customer the one word "help", say it with the number."""
        return self.rest.strip().casefold() == "help"

    @property
    def in_thread(self) -> bool:
        return not self.lead.startswith("/")


def called(command: str, text: str, prefix: str) -> Called:
    """What a slash command calls."""
    name = command.lstrip("/")
    bare = name[len(prefix) :] if prefix and name.startswith(prefix) else name
    if bare != "desk":
        return Called(BY_NAME.get(bare), text, command, command[: len(command) - len(bare)], bare)
    return _routed(f"{command} ", text)


def said(lead: str, word: str, rest: str) -> Called:
    """What a message in a thread calls."""
    return _routed(lead, f"{word} {rest}")


def _routed(lead: str, text: str) -> Called:
    match = _WORD.match(text)
    word, rest = (match[1], match[2]) if match else ("", "")
    name = word.casefold()
    if name in BY_NAME and (name != "desk" or not lead.startswith("/")):
        return Called(BY_NAME[name], rest, f"{lead}{name}", lead, name)
    if name == "desk":
        return _routed(lead, rest)
    if name == "" or name in _OWN:
        return Called(BY_NAME["desk"], text, lead.rstrip() if lead.startswith("/") else f"{lead}desk", lead, name)
    if name == "help" and rest.split() and (about := BY_NAME.get(rest.split()[0].casefold())) is not None:
        return Called(about, "help", f"{lead}{about.name}", lead, about.name)
    return Called(None, rest, f"{lead}{word}".rstrip(), lead, word)


def closest(word: str) -> str | None:
    """The verb that was probably meant."""
    found = difflib.get_close_matches(word.casefold(), list(BY_NAME), n=1, cutoff=0.5)
    return found[0] if found else None


def help_for(what: Called) -> Answer:
    """`help` for one verb; else all of them; for an unknown word the closest, and its text is kept."""
    if what.verb is not None:
        return Answer(f"{_usage(what.verb, what.typed, what.in_thread)} {known(what.verb.help)}")
    if what.word.casefold() == "help":
        lines = [_line(what, verb) for verb in VERBS]
        title = strong(say("What the desk understands"))
        if what.in_thread:
            other = code(f"/reply 42 {say('your words')}")
            told = say("{title} (in the channel, with its number: {other}):", title=title, other=other)
        else:
            told = say(
                "{title} (in a thread, without a number: {other}):",
                title=title,
                other=code(f"!reply {say('your words')}"),
            )
        return Answer(told, lines=tuple(lines))
    guess = closest(what.word)
    shown = what.word if len(what.word) <= SHOWN else f"{what.word[:SHOWN]}…"
    said = [say("“{word}” is no verb of the desk.", word=clean(plain(shown)))]
    if guess:
        said.append(say("Did you mean {command}?", command=code(_name(what, guess))))
    said.append(say("Nothing was sent. All verbs: {help}", help=code(f"{what.lead}help")))
    return Answer(
        " ".join(said),
        refused=True,
        quote=clean(plain(what.rest)).strip(),
    )


def _name(what: Called, verb: str) -> str:
    """How that verb is typed here."""
    if what.in_thread or what.lead.endswith("desk ") or verb in SHORT:
        return f"{what.lead}{verb}"
    return f"{what.lead}desk {verb}"


def _line(what: Called, verb: Verb) -> str:
    typed = what.lead.rstrip() if verb.name == "desk" and not what.in_thread else _name(what, verb.name)
    return f"{_usage(verb, typed, what.in_thread)} {known(verb.help)}"


def _usage(verb: Verb, typed: str, in_thread: bool) -> str:
    usage = verb.usage
    if in_thread:  # the thread is the number
        usage = re.sub(r"^(\[number\]|number)( \| @handle)? ?", "", usage)
    return code(f"{typed} {usage}".strip())


async def read(desk: Desk, what: Called, person: Person, request: Asked, number: int | None = None) -> Ask:
    """An `Ask` from the words behind a verb; `number` is the thread's own. Raises what keeps the words in `quote`."""
    whole = clean(plain(what.rest)).strip()
    try:
        return await _read(desk, what, person, request, number, whole)
    except Mistyped as mistyped:
        mistyped.quote = whole
        raise


async def _read(desk: Desk, what: Called, person: Person, request: Asked, number: int | None, whole: str) -> Ask:
    verb = what.verb
    assert verb is not None, "an unknown word is answered before it is read"
    rest, force, flags = what.rest, False, set[str]()
    if verb.name not in WORDS_FOR_OTHERS:
        rest, flags = take_flags(rest, verb.flags)
        force = "force" in flags
    if "number" in verb.takes:
        number, rest = await _number(desk, what, rest, number, whole)
        if number is None and rest.strip() and verb.takes == ("number",):
            raise NotANumber(rest.split()[0])  # "/claim @maria" is no bare "/claim", which takes the most urgent
    other = None
    if "who" in verb.takes:
        name, after = read_who(rest)
        if name is not None:
            other = desk.people.person(name) or desk.people.by_name(name)
            if other is None:
                found = who(name) if rest.lstrip().startswith("<@") else f"“{clean(name)[:SHOWN]}”"
                raise Refusal(
                    say("I don't know {name} among the agents. Type @ and pick a name from Slack's list.", name=found),
                    quote=whole,
                )
            rest = after
    text = clean(plain(rest)).strip() if "text" in verb.takes else ""
    return Ask(
        request.key,
        person,
        request.channel,
        number,
        text,
        other,
        force,
        typed=what.typed,
        lead=what.lead,
        flags=frozenset(flags),
    )


async def _number(desk: Desk, what: Called, text: str, own: int | None, whole: str) -> tuple[int | None, str]:
    """The inquiry that is meant, and the words behind it. In a thread it is the thread's own, said or not."""
    assert what.verb is not None
    try:
        found, rest = read_number(text)
    except NotANumber:
        if own is not None and "text" in what.verb.takes:
            return own, text
        raise
    if isinstance(found, str):
        if own is not None and "text" in what.verb.takes:
            return own, text  # a link in the answer's own words
        linked = await by_link(desk, found)
        if linked is None:
            raise Refusal(say("That link belongs to no inquiry of this desk. Its number will do: 42."), quote=whole)
        found = linked
    if own is None:
        return found, rest
    if found is None or found == own:
        return own, rest
    if "text" in what.verb.takes and not text.lstrip().startswith(("#", "＃")):
        return own, text  # "2 of them are on their way" is what the customer is to read
    raise Mistyped(
        say(
            "This is the thread of #{own}, and you wrote #{other}. Nothing was sent or changed. Write it in the thread "
            "of #{other}, or in the channel.",
            own=own,
            other=found,
        ),
        whole,
    )
