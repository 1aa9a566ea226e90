"""What is wrong with a configuration, in sentences: what the owner wrote, why it cannot be, and the form to write."""

from __future__ import annotations

import datetime as dates
import difflib
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.reading import Mistake, Place, Read, quoted, shown

EXAMPLE = "config/frontdesk.example.toml"
"""The file to copy: every option, with its default and what it is for."""

_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def options_of(model: type[BaseModel], place: Place = ()) -> Iterator[tuple[str, FieldInfo]]:
    """Every option of a model and of its sections, in order: ("desk.undo_seconds", …)."""
    for name, info in model.model_fields.items():
        inner = info.annotation
        if info.exclude:
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from options_of(inner, (*place, name))
        else:
            yield ".".join((*place, name)), info


def explain(error: ValidationError, found: Read, model: type[BaseModel]) -> None:
    """Adds a mistake for each thing that the models refuse, except where something was already said."""
    before = Read(mistakes=list(found.mistakes))
    for detail in error.errors(include_url=False):
        path = tuple(str(part) for part in detail["loc"] if not isinstance(part, int))
        field = _field(model, path)
        # A union (an option that may be left out) names its branch at the end of the place.
        while field is None and path and _field(model, path[:-1]) is not None and detail["type"] != "extra_forbidden":
            path = path[:-1]
            field = _field(model, path)
        if before.broken(path) or any(one.path == path for one in found.mistakes if one not in before.mistakes):
            continue
        line = next((found.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found.lines), None)
        found.mistakes.append(Mistake(line, path, _say(detail, path, field, model)))


def _field(model: Any, path: Place) -> FieldInfo | None:
    """The option at a place, or None."""
    info: FieldInfo | None = None
    for part in path:
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or part not in model.model_fields:
            return None
        info = model.model_fields[part]
        model = info.annotation
    return info


def _say(detail: ErrorDetails, path: Place, field: FieldInfo | None, model: type[BaseModel]) -> str:
    """One mistake as a sentence: what is wrong, then the form to write."""
    key, kind, value = path[-1], detail["type"], detail["input"]
    form = field.examples[0] if field is not None and field.examples else None
    write = f"Write {key} = {form}." if form else f"Write [{'.'.join(path)}] as a section of its own."
    if kind == "extra_forbidden":
        return unknown(path, model)
    if kind == "missing":
        if form is None:
            return f"The section [{'.'.join(path)}] is missing. Copy it from {EXAMPLE}."
        return f"{key} is missing. {write}"
    if form is None and kind != "form":
        return f"{key} is a section, not a value. {write}"
    if isinstance(value, dates.time):
        value_form = quoted(value.strftime("%H:%M"))
        return f"{key}: a time needs quotes. Write {key} = {value_form}, or in a span {key} = {form}."
    if form is not None and kind == "string_type" and type(value) in (int, float):
        form = quoted(str(value))
    if form is not None and kind in ("int_type", "float_type") and isinstance(value, str) and _NUMBER.fullmatch(value):
        form = value
    write = f"Write {key} = {form}." if form else write
    if kind == "form":
        sentence = str(detail["ctx"]["sentence"])
        if form is None or " Write " in sentence or "; write " in sentence:
            place = key if form is not None else f"[{'.'.join(path)}]"
            return f"{place}: {sentence}."
        if not isinstance(value, str | list | dict):
            return f"{key} = {shown(value)}: {sentence}. {write}"
        return f"{key}: {sentence}. {write}"
    return f"{key} = {shown(value)} {_KINDS.get(kind, _limits)(detail)}. {write}"


def _limits(detail: ErrorDetails) -> str:
    return f"cannot be used ({detail['msg'].casefold()})"


_KINDS: dict[str, Callable[[ErrorDetails], str]] = {
    "string_type": lambda detail: "is not a text; a text stands in quotes",
    "int_type": lambda detail: "is not a whole number; a number has no quotes",
    "int_from_float": lambda detail: "is not a whole number",
    "float_type": lambda detail: "is not a number; a number has no quotes",
    "bool_type": lambda detail: "is neither true nor false (without quotes)",
    "list_type": lambda detail: "is not a list; a list stands in square brackets",
    "greater_than_equal": lambda detail: f"is too small; the least is {detail['ctx']['ge']}",
    "less_than_equal": lambda detail: f"is too large; the most is {detail['ctx']['le']}",
    "greater_than": lambda detail: f"is too small; it is more than {detail['ctx']['gt']}",
    "less_than": lambda detail: f"is too large; it is less than {detail['ctx']['lt']}",
    "string_too_short": lambda detail: "is empty",
    "string_too_long": lambda detail: f"is too long; at most {detail['ctx']['max_length']} characters",
    "too_long": lambda detail: f"is too long; at most {detail['ctx']['max_length']} lines",
    "string_pattern_mismatch": lambda detail: "does not have the right form",
}


def unknown(path: Place, model: type[BaseModel]) -> str:
    """What to say of an option or a section that nobody knows: the nearest one."""
    every = [tuple(name.split(".")) for name, _ in options_of(model)]
    sections = list(dict.fromkeys(one[:n] for one in every for n in range(1, len(one))))
    word, section = path[-1], path[:-1]
    here = [one[-1] for one in every if one[:-1] == section] + [one[-1] for one in sections if one[:-1] == section]
    near = difflib.get_close_matches(word.casefold(), here, 1, 0.5)
    if near:
        shown = f"[{near[0]}]" if (*section, near[0]) in sections else near[0]
        return f"{word} is not known. Did you mean {shown}?"
    elsewhere = [one for one in every if one[-1] == word]
    if elsewhere:
        return f"{word} does not belong here. It stands in [{'.'.join(elsewhere[0][:-1])}]."
    place = f"[{'.'.join(section)}]" if section else "The file"
    shown_here = ", ".join(f"[{one}]" if (*section, one) in sections else one for one in here)
    return f"{word} is not known. {place} has {shown_here}."


def sentence(name: str, mistake: Mistake) -> str:
    """A mistake with its file, line and section in front."""
    line = f":{mistake.line}" if mistake.line is not None else ""
    section = f"[{'.'.join(mistake.path[:-1])}] " if len(mistake.path) > 1 else ""
    return f"{name}{line}: {section}{mistake.sentence}"
