"""What is wrong with a configuration, in sentences: what the owner wrote, why it cannot be, and the form to write."""

from __future__ import annotations

import datetime as dates
import difflib
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.reading import NTH, Mistake, Place, Read, header_of, name_of, quoted, shown

EXAMPLE = "config/frontdesk.example.toml"
"""The file to copy: every option, with its default and what it is for."""

_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def options_of(model: type[BaseModel], place: Place = ()) -> Iterator[tuple[str, FieldInfo]]:
    """Every option of a model and of its sections, in order: ("desk.undo_seconds", …).

    Sections that may stand several times have one name ("policies.first"); where a name is the owner's to choose, it
    stands in angle brackets ("teams.<name>.group", "availability.<language>.open").
    """
    for name, info in model.model_fields.items():
        if info.exclude:
            continue
        inner, way = _inside(info)
        if inner is not None:
            yield from options_of(inner, (*place, name, *([_chosen(info)] if way == "names" else [])))
        else:
            yield ".".join((*place, name)), info
    if (extra := _extra(model)) is not None:
        yield from options_of(extra, (*place, "<language>"))


def lists_of(model: type[BaseModel], place: Place = ()) -> Iterator[Place]:
    """The sections that may stand several times, for the reader of the file; "*" is a name that is the owner's."""
    for name, info in model.model_fields.items():
        inner, way = _inside(info)
        if inner is not None and not info.exclude:
            here = (*place, name)
            if way == "list":
                yield here
            yield from lists_of(inner, (*here, "*") if way == "names" else here)


def _inside(info: FieldInfo) -> tuple[type[BaseModel] | None, str]:
    """The section that an option is, and how: "one", a "list" of them, or several by their "names"."""
    inner: Any = info.annotation
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return inner, "one"
    origin, arguments = get_origin(inner), get_args(inner)
    if origin in (list, dict) and isinstance(arguments[-1], type) and issubclass(arguments[-1], BaseModel):
        return arguments[-1], "list" if origin is list else "names"
    return None, ""


def _chosen(info: FieldInfo) -> str:
    return str((info.examples or ["<name>"])[0])


def _extra(model: type[BaseModel]) -> type[BaseModel] | None:
    """The section that stands under any other name in this one: the texts of a language."""
    if model.model_config.get("extra") != "allow":
        return None
    hint = get_type_hints(model)["__pydantic_extra__"]
    inner: type[BaseModel] = get_args(hint)[1]
    return inner


def explain(error: ValidationError, found: Read, model: type[BaseModel]) -> None:
    """Adds a mistake for each thing that the models refuse, except where something was already said."""
    before = Read(mistakes=list(found.mistakes))
    for detail in error.errors(include_url=False):
        path = _placed(detail["loc"], found)
        field = _field(model, path)
        # A union (an option that may be left out) names its branch at the end of the place.
        while field is None and path and _field(model, path[:-1]) is not None and detail["type"] != "extra_forbidden":
            path = path[:-1]
            field = _field(model, path)
        if before.broken(path) or any(one.path == path for one in found.mistakes if one not in before.mistakes):
            continue
        line = next((found.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found.lines), None)
        if line is None and path:  # [team.manila] has a line, but "team" has none of its own
            line = next((number for place, number in found.lines.items() if place[: len(path)] == path), None)
        found.mistakes.append(Mistake(line, path, _say(detail, path, field, model)))


def _placed(loc: tuple[int | str, ...], found: Read) -> Place:
    """Where a mistake stands in the file: the numbers of sections are kept, those of values in a list are not."""
    path: Place = ()
    for part in loc:
        if isinstance(part, str):
            path = (*path, part)
        elif (*path, f"{NTH}{part + 1}") in found.lines:
            path = (*path, f"{NTH}{part + 1}")
    return path


def _field(model: Any, path: Place) -> FieldInfo | None:
    """The option or the section at a place, or None."""
    info: FieldInfo | None = None
    named = False
    for part in path:
        if part.startswith(NTH):
            continue
        if named:  # the owner's own name of a section
            named = False
            continue
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return None
        if part in model.model_fields:
            info = model.model_fields[part]
            model, way = _inside(info)
            named = way == "names"
        elif (extra := _extra(model)) is not None:
            info = FieldInfo(annotation=extra)
            model = extra
        else:
            return None
    return info


def _general(model: Any, path: Place) -> Place:
    """A place as `options_of` names it: without numbers, the owner's own names in angle brackets."""
    said: list[str] = []
    named = ""
    for part in path:
        if part.startswith(NTH):
            continue
        if named:
            said.append(named)
            named = ""
            continue
        said.append(part)
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        if part in model.model_fields:
            model, way = _inside(info := model.model_fields[part])
            named = _chosen(info) if way == "names" else ""
        elif (extra := _extra(model)) is not None and part != path[-1]:
            said[-1] = "<language>"
            model = extra
        else:
            model = None
    return tuple(said)


def _say(detail: ErrorDetails, path: Place, field: FieldInfo | None, model: type[BaseModel]) -> str:
    """One mistake as a sentence: what is wrong, then the form to write."""
    key, kind, value = path[-1], detail["type"], detail["input"]
    inner, way = _inside(field) if field is not None else (None, "")
    form = field.examples[0] if field is not None and field.examples and inner is None else None
    header = f"[[{name_of(path)}]]" if way == "list" else header_of(path)
    if way == "names" and len(path) == 1:
        header = f"[{name_of(path)}.{_chosen(field)}]" if field is not None else header
    write = f"Write {key} = {form}." if form else f"Write {header} as a section of its own."
    if kind == "extra_forbidden" or (kind == "model_type" and _is_extra(model, path)):
        return unknown(path, model)
    if kind == "missing":
        if form is None:
            return f"The section {header} is missing. Copy it from {EXAMPLE}."
        return f"{key} is missing. {write}"
    if form is None and kind != "form":
        if key.startswith(NTH):
            return f"{header}: this is a section, not a value. {write}"
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
            place = key if form is not None else header
            return f"{place}: {sentence}."
        if not isinstance(value, str | list | dict):
            return f"{key} = {shown(value)}: {sentence}. {write}"
        return f"{key}: {sentence}. {write}"
    return f"{key} = {shown(value)} {_KINDS.get(kind, _limits)(detail)}. {write}"


def _is_extra(model: type[BaseModel], path: Place) -> bool:
    """Whether a value stands where only the section of a language could."""
    parent = _field(model, path[:-1])
    inner = _inside(parent)[0] if parent is not None else None
    return inner is not None and _extra(inner) is not None and path[-1] not in inner.model_fields


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
    word, section = path[-1], _general(model, path)[:-1]
    here = [one[-1] for one in every if one[:-1] == section] + [one[-1] for one in sections if one[:-1] == section]
    near = difflib.get_close_matches(word.casefold(), here, 1, 0.5)
    elsewhere = [one for one in every if one[-1] == word]
    if near and not elsewhere:
        place = (*section, near[0])
        doubled = place in list(lists_of(model))
        shown = f"[[{near[0]}]]" if doubled else f"[{near[0]}]" if place in sections else near[0]
        return f"{word} is not known. Did you mean {shown}?"
    if elsewhere:
        return f"{word} does not belong here. It stands in {_shown(elsewhere[0][:-1], model)}."
    place_of = _shown(section, model) if section else "The file"
    shown_here = ", ".join(_shown((one,), model) if (*section, one) in sections else one for one in here)
    return f"{word} is not known. {place_of} has {shown_here}."


def _shown(section: Place, model: type[BaseModel]) -> str:
    brackets = ("[[", "]]") if section in list(lists_of(model)) else ("[", "]")
    return f"{brackets[0]}{'.'.join(section)}{brackets[1]}"


def sentence(name: str, mistake: Mistake) -> str:
    """A mistake with its file, line and section in front."""
    line = f":{mistake.line}" if mistake.line is not None else ""
    section = (
        f"{header_of(mistake.path[:-1])} " if len(mistake.path) > 1 and not mistake.path[-1].startswith(NTH) else ""
    )
    return f"{name}{line}: {section}{mistake.sentence}"
