"""The TOML file, read statement by statement: its values, the line of each, and every mistake of form at once.

The standard library's reader stops at the first mistake and knows no lines afterwards. Here each `key = value` is
found first, its value is read by that same reader, and a mistake in one leaves the others to be read. What comes out
without a mistake is exactly what `tomllib` makes of the whole file; where the two differ, `tomllib` wins and says why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Place = tuple[str, ...]
"""A place in the file: ("slack", "channel"); where a section stands several times ("policies", NTH + "1", "first")."""
NTH = "\n"
"""Stands before the number of a section that may stand several times; no name in a file can begin with it."""

_BARE = r"[A-Za-z0-9_-]+"
_PART = rf"""(?:{_BARE}|"[^"\n]*"|'[^'\n]*')"""
_KEY = re.compile(rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*=[ \t]*")
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*(\]\]?)[ \t]*(?:#.*)?$")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?::\d{2})?\Z")
_TIMES = re.compile(r"\d{1,2}([:.]\d{2})?\s*[-–]\s*\d{1,2}([:.]\d{2})?\Z")
_POSITION = re.compile(r" \(at (?:line \d+, column \d+|end of document)\)\Z")
_SECRET_WORDS = re.compile(r"token|secret|password|passwd|bearer|consumer_key|api_?key|credential", re.IGNORECASE)
_SECRET_VALUES = re.compile(
    r"xox[a-z]-|xapp-|EAA[A-Za-z0-9]{8}|A{16}|\s*(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9%_=+-]{32,}\s*\Z"
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the line, where there is one, the place, and a sentence that says the form to write."""

    line: int | None
    path: Place
    sentence: str


@dataclass(slots=True)
class Read:
    """What a file holds: `values` as nested dicts, `lines` of every key and table, `mistakes` of form in file order."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def broken(self, path: Place) -> bool:
        """Whether something was already said about this place, or about one around or inside it."""
        return any(
            mistake.path and (mistake.path[: len(path)] == path or path[: len(mistake.path)] == mistake.path)
            for mistake in self.mistakes
        )


@dataclass(frozen=True, slots=True)
class _Statement:
    line: int
    text: str
    """Everything up to its end; several lines for a list or a text of several lines."""


def is_secret(path: Place, value: object) -> bool:
    """Whether a setting is a token or a password by its name, or looks like one."""
    if path and _SECRET_WORDS.search(path[-1]):
        return True
    return isinstance(value, str) and bool(_SECRET_VALUES.match(value.strip("\"'")))


def quoted(value: str) -> str:
    """A text as TOML writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def shown(value: Any) -> str:
    """A value as the file has it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value if len(value) <= 60 else value[:57] + "…")
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    return str(value)


def read(text: str, several: Collection[Place] = ()) -> Read:
    """Reads a whole file. `text` is without a byte order mark; line ends may be those of any system.

    `several` are the sections that may stand more than once, in double brackets; "*" in a place fits any name.
    """
    found = Read()
    text = text.replace("\r\n", "\n")
    table: Place | None = ()
    for statement in _statements(text):
        header = _HEADER.match(statement.text)
        if header is not None:
            table = _open_table(found, header, statement.line, several)
            continue
        key = _KEY.match(statement.text)
        if key is None:
            found.mistakes.append(Mistake(statement.line, (), _no_setting(statement.text)))
        elif table is not None:
            _keep(found, table, key, statement)
    if not found.mistakes:
        try:
            found.values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            sentence = _POSITION.sub("", str(error)) + "."
            found.mistakes.append(Mistake(int(line[1]) if line else None, (), sentence))
    return found


def _statements(text: str) -> Iterator[_Statement]:
    """Each header and each `key = value`, with the line that it begins on; comments and empty lines are left out."""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip() or line.lstrip().startswith("#"):
            index += 1
            continue
        start = index
        key = _KEY.match(line)
        if key is not None and _HEADER.match(line) is None:
            state = _scan(line[key.end() :], ("", 0))
            while state != ("", 0) and index + 1 < len(lines):
                following = lines[index + 1]
                if not state[0] and (_HEADER.match(following) or _KEY.match(following)):
                    break  # A list was never closed: what follows is the next setting.
                index += 1
                state = _scan(following, state)
        yield _Statement(start + 1, "\n".join(lines[start : index + 1]))
        index += 1


def _scan(line: str, state: tuple[str, int]) -> tuple[str, int]:
    """What is still open at the end of a line: a text of several lines (its quotes), and how many brackets."""
    quotes, depth = state
    at = 0
    while at < len(line):
        if quotes:
            if quotes == '"""' and line[at] == "\\":
                at += 2
            elif line.startswith(quotes, at):
                at, quotes = at + 3, ""
            else:
                at += 1
            continue
        if line[at] == "#":
            break
        if line.startswith(('"""', "'''"), at):
            quotes = line[at : at + 3]
            at += 3
        elif line[at] in "\"'":
            at = _end_of_text(line, at)
        else:
            depth = max(0, depth + (line[at] in "[{") - (line[at] in "]}"))
            at += 1
    return quotes, depth


def _end_of_text(line: str, at: int) -> int:
    """Where a text of one line ends; the line's end where it is never closed."""
    quote = line[at]
    at += 1
    while at < len(line) and line[at] != quote:
        at += 2 if quote == '"' and line[at] == "\\" else 1
    return at + 1


def _path(written: str) -> Place:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in re.findall(_PART, written))


def name_of(path: Place) -> str:
    """A section's name as it is written, without the numbers of those that stand several times."""
    return ".".join(part for part in path if not part.startswith(NTH))


def header_of(path: Place) -> str:
    """A section's header as it is written: [slack], [[policies]]."""
    return f"[[{name_of(path)}]]" if path and path[-1].startswith(NTH) else f"[{name_of(path)}]"


def _open_table(found: Read, header: re.Match[str], line: int, several: Collection[Place]) -> Place | None:
    """The table that a header opens, or None where what follows cannot be placed."""
    path = _path(header[2])
    doubled = header[1] == "[[" or header[3] == "]]"
    if doubled != any(_fits(path, one) for one in several):
        form = f"single brackets: [{name_of(path)}]" if doubled else f"double brackets: [[{name_of(path)}]]"
        found.mistakes.append(Mistake(line, path, f"Write the section with {form}."))
        return None
    if doubled:
        count = sum(place[:-1] == path for place in found.lines if place[-1].startswith(NTH))
        found.lines.setdefault(path, line)
        path = (*path, f"{NTH}{count + 1}")
    elif path in found.lines:
        sentence = f"The section [{name_of(path)}] stands twice, first on line {found.lines[path]}. Keep one."
        found.mistakes.append(Mistake(line, (), sentence))
        return path
    found.lines[path] = line
    if not _place(found.values, path, {}):
        sentence = f"The section [{name_of(path)}] clashes with an earlier line of the same name. Keep one."
        found.mistakes.append(Mistake(line, path, sentence))
        return None
    return path


def _fits(path: Place, pattern: Place) -> bool:
    return len(path) == len(pattern) and all(want in ("*", part) for part, want in zip(path, pattern, strict=True))


def _keep(found: Read, table: Place, key: re.Match[str], statement: _Statement) -> None:
    """Reads one value, or says what is wrong with it."""
    path = table + _path(key[1])
    raw = statement.text[key.end() :].strip()
    if path in found.lines:
        sentence = f"{key[1].strip()} is set twice, first on line {found.lines[path]}. Keep one."
        found.mistakes.append(Mistake(statement.line, (), sentence))
        return
    found.lines[path] = statement.line
    try:
        value = tomllib.loads(f"value = {raw}\n")["value"]
    except tomllib.TOMLDecodeError as error:
        found.mistakes.append(Mistake(statement.line, path, _not_a_value(path, raw, error)))
        return
    if not _place(found.values, path, value):
        sentence = f"{key[1].strip()} clashes with an earlier line of the same name. Keep one."
        found.mistakes.append(Mistake(statement.line, path, sentence))


def _place(values: dict[str, Any], path: Place, value: Any) -> bool:
    """Puts a value at its place; False where something else stands there."""
    here: Any = values
    for part, following in pairwise(path):
        if part.startswith(NTH):
            here = here[int(part[1:]) - 1]
        elif following.startswith(NTH):
            here = here.setdefault(part, [])
            if not isinstance(here, list) or len(here) < int(following[1:]) - 1:
                return False
            if len(here) < int(following[1:]):
                here.append({})
        else:
            here = here.setdefault(part, {})
        if not isinstance(here, dict | list):
            return False
    last = path[-1]
    if isinstance(here, list):
        return last.startswith(NTH)
    if isinstance(value, dict) and isinstance(here.get(last), dict):
        return True
    if last in here:
        return False
    here[last] = value
    return True


def _no_setting(text: str) -> str:
    """What to say of a line that is neither a section nor a setting."""
    line = text.strip()
    if is_secret((line,), line):
        return "This line is no setting. Write name = value, and keep tokens out of this file."
    if line.startswith("["):
        return f"{line!r} is no section. Write its name in brackets, alone on its line: [desk]."
    name, colon, value = line.partition(":")
    if colon and re.fullmatch(_BARE, name.strip()):
        value = value.strip().strip("\"'")
        return f"A setting has an equals sign: {name.strip()} = {quoted(value)}."
    return f"{line!r} is no setting. Write name = value."


def _not_a_value(path: Place, raw: str, error: tomllib.TOMLDecodeError) -> str:
    """What to say of a value that TOML cannot read; it never repeats what may be a secret."""
    key = path[-1]
    if is_secret(path, raw):
        return f"{key} looks like a secret, and is not in quotes either. Secrets come from the environment."
    bare = raw.split("#", 1)[0].strip()
    if not bare:
        return f'{key} has no value. Write {key} = "…", or take the line out.'
    if _TIME.match(bare):
        return f"{key}: a time needs quotes. Write {key} = {quoted(bare)}."
    if _TIMES.match(bare):
        return f"{key}: times need quotes. Write {key} = {quoted(bare)}."
    if bare.casefold() in ("true", "yes", "on", "false", "no", "off"):
        word = "true" if bare.casefold() in ("true", "yes", "on") else "false"
        return f"{key} = {bare} is not how TOML says it. Write {key} = {word}."
    if re.fullmatch(r"0\d+", bare):
        return f"{key}: a number has no zero in front. Write {key} = {int(bare)}, or {key} = {quoted(bare)} for a text."
    if raw[0] in "\"'" and "\n" not in raw and raw.count(raw[0]) == 1:
        return f"{key}: the closing quote is missing. Write {key} = {raw}{raw[0]}."
    if raw[0] in "[{":
        inner = [part.strip().strip("\"'") for part in bare.strip("[]").split(",")]
        if inner and all(_TIME.match(part) or _TIMES.match(part) for part in inner if part):
            return f"{key}: times need quotes. Write {key} = [{', '.join(quoted(part) for part in inner if part)}]."
        return f'{key}: the list cannot be read. Write {key} = ["first", "second"], each text in quotes.'
    if "\n" not in bare and not re.search(r"[\"'\[\]{}]", bare):
        return f"{key}: a text needs quotes. Write {key} = {quoted(bare)}."
    return f'{key} cannot be read ({_POSITION.sub("", str(error))}). Write {key} = "…", a text in quotes.'
