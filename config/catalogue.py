"""The catalogue of what the bot says to people: made from the code (`make words`), worded anew by the owner (.po)."""

from __future__ import annotations

import ast
import gettext
import io
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

ROOT = Path(__file__).parent.parent
TEMPLATE = Path(__file__).parent / "words" / "frontdesk.pot"
"""Every sentence, sorted, without dates and line numbers: the same code makes the same file."""
KEYWORDS: dict[str, tuple[int, ...]] = {"say": (1,), "say_n": (1, 2), "Verb": (3,)}
"""Which arguments are said: a sentence, or its two forms before a count; the help of a verb."""
WRITTEN = re.compile(r'#.*|((msgid|msgid_plural|msgctxt|msgstr(\[\d\])?)\s+)?"([^"\\]|\\.)*"|')
"""A line of a .po file, or an empty one."""
FORM = 'Each part is msgid "…", and below it msgstr "…".'
LARGEST = 1024 * 1024
HEAD = """\
# What Frontdesk says to your team. Copy this file, fill in the sentences that you want in other words, and name the
# copy in your configuration: [desk] words = "words.po". What stands in {} is filled in by the desk. docs/words.md
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def template() -> str:
    """The text of `config/words/frontdesk.pot` as the code has it now."""
    mapping = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(pattern, one["method"]) for one in mapping for pattern in _listed(one["pattern"])]
    catalog = Catalog(charset="utf-8")
    for name, line, words, _, _ in sorted(
        extract_from_dir(ROOT, methods, keywords=KEYWORDS, directory_filter=_ours),
        key=lambda found: (found[0], found[1]),
    ):
        catalog.add(words, locations=[(name, line)])
    written = io.BytesIO()
    write_po(written, catalog, width=118, omit_header=True, sort_output=True, include_lineno=False)
    return HEAD + written.getvalue().decode("utf-8").lstrip("\n")


def _ours(folder: str | Path) -> bool:
    """Whether sentences to people may stand in this folder: not in the stand-ins, which are Slack and the customers."""
    name = Path(folder).name
    return not name.startswith((".", "_")) and name not in {"tests", "docs", "data", "sandbox"}


def sentences(
    file: BinaryIO, keywords: object, tags: object, options: object
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """What Babel finds in a file of Python: each call of KEYWORDS that is written out, inside other calls as well."""
    for call in ast.walk(ast.parse(file.read())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
            wanted = KEYWORDS[call.func.id]
            asked = [call.args[nth - 1] for nth in wanted if nth <= len(call.args)]
            words = [one.value for one in asked if isinstance(one, ast.Constant)]
            if len(words) == len(wanted):
                # Babel picks the arguments by their place.
                yield call.lineno, call.func.id, (*[None] * (wanted[0] - 1), *words, None), []


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def read_words(path: Path) -> tuple[gettext.NullTranslations, list[str]]:
    """The owner's own wording of a .po file, and a sentence for each mistake in it, with its line."""
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            return English(), [f"{path}: this is more than {LARGEST // 1024} KiB. Keep only what you word anew."]
        text = data.decode("utf-8-sig")
    except OSError as error:
        why = f"the words cannot be read ({error.strerror})"
        return English(), [f"{path}: {why}. Begin with those of Frontdesk: cp config/words/frontdesk.pot {path}"]
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return English(), [f"{path}:{line}: this is not UTF-8. Save the file as UTF-8."]
    odd = [(line, one.strip()) for line, one in enumerate(text.splitlines(), 1) if not WRITTEN.fullmatch(one.strip())]
    if odd:
        return English(), [f"{path}:{line}: {_short(one)} is not as a .po file is written. {FORM}" for line, one in odd]
    try:
        own = read_po(io.StringIO(text), abort_invalid=True, ignore_obsolete=True)
        forms = own.num_plurals
    except PoFileError as error:
        return English(), [f"{path}:{error.lineno + 1}: {_plainly(error)}"]
    except ValueError as error:
        return English(), [f"{path}: this is no .po file: {error}."]
    known = {message.id: message for message in read_po(io.BytesIO(TEMPLATE.read_bytes())) if message.id}
    mistakes = []
    for message in own:
        if message.id and _filled(message):
            line = message.lineno or 0
            mistakes += [(line, why) for why in _wrong(message, known, forms)]
    if mistakes:
        return English(), [f"{path}:{line}: {why}" for line, why in sorted(mistakes)]
    own.locale = own.locale or "en"  # without one, the plural forms are not written
    written = io.BytesIO()
    write_mo(written, own)
    written.seek(0)
    try:
        return gettext.GNUTranslations(written), []
    except ValueError as error:
        return English(), [f"{path}: Plural-Forms at its top cannot be used: {error}."]


English = gettext.NullTranslations
"""The words of the code."""


def _filled(message: Message) -> bool:
    return any(_forms(message.string))


def _forms(text: object) -> tuple[str, ...]:
    """A sentence, or its forms of one and of many."""
    return tuple(str(one or "") for one in text) if isinstance(text, list | tuple) else (str(text or ""),)


def _wrong(message: Message, known: Mapping[Any, Message], forms: int) -> Iterable[str]:
    """What is wrong with one sentence of the owner, a sentence each."""
    begin = _short(_forms(message.id)[0])
    if message.id not in known:
        yield f"Frontdesk does not say {begin}. Copy the msgid as config/words/frontdesk.pot has it."
        return
    told = _forms(message.string)
    counted = isinstance(message.id, list | tuple)
    if counted and (len(told) != forms or not all(told)):
        filled = len([one for one in told if one])
        yield f"{begin} needs {forms} forms, as Plural-Forms says, and has {filled}. Write msgstr[0] to [{forms - 1}]."
    wanted = set().union(*(places(one) for one in _forms(message.id)))
    for one in filter(None, told):
        try:
            found = places(one) if wanted else set()
        except ValueError:
            yield f"in {_short(one)} a {{ or }} stands alone. Write both around a name, or the sign twice."
            continue
        if strange := sorted(found - wanted):
            has = f"There is {_named(wanted)}" if wanted else "There is none"
            yield f"{_short(one)} has {_named(strange)}, which the desk does not fill in there. {has}."
        elif lost := sorted(wanted - found - ({"n"} if counted else set())):
            yield f"{_short(one)} lacks {_named(lost)}, and people would miss it. Put it in."


def places(text: str) -> set[str]:
    """The names of the `{places}` in a sentence. Raises ValueError where a brace stands alone."""
    return {
        name + (f"!{turned}" if turned else "") + (f":{form}" if form else "")
        for _, name, form, turned in string.Formatter().parse(text)
        if name is not None
    }


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


def _plainly(error: PoFileError) -> str:
    if "num_plurals" in str(error):
        return (
            "there are more forms than Plural-Forms says. Write as many as it says, or mend it at the top of the file."
        )
    return f"this is not as a .po file is written ({error.args[0]}). {FORM}"


if __name__ == "__main__":
    TEMPLATE.write_text(template(), "utf-8")
    print(f"Written: {TEMPLATE.relative_to(ROOT)}")
