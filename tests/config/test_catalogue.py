"""The catalogue is what the code says, each sentence with its places; and the owner's own words are checked."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.catalogue import ROOT, TEMPLATE, read_words, template
from config.settings import ConfigError, load

SANDBOX = ROOT / "platforms" / "sandbox"
SLACK = """
[slack]
channel = "C0123ABCD"
leads_channel = "C0123EFGH"
agents_group = "S0123ABCD"
leads_group = "S0123EFGH"
"""
HEAD = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


class Call:
    """One `say` or `say_n` in the code."""

    def __init__(self, path: Path, call: ast.Call, name: str, at_import: bool) -> None:
        self.path, self.call, self.name, self.at_import = path, call, name, at_import

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.call.lineno}"

    @property
    def words(self) -> list[ast.expr]:
        return self.call.args[: 2 if self.name == "say_n" else 1]

    @property
    def literals(self) -> list[str]:
        return [one.value for one in self.words if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def calls() -> Iterator[Call]:
    files = [*(path for part in ("desk", "handlers", "platforms") for path in (ROOT / part).rglob("*.py"))]
    for path in sorted([*files, ROOT / "bot.py"]):
        if not path.is_relative_to(SANDBOX):
            tree = ast.parse(path.read_text("utf-8"))
            yield from _calls(path, tree, at_import=True)


def _calls(path: Path, node: ast.AST, at_import: bool) -> Iterator[Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in ("say", "say_n"):
            yield Call(path, child, child.func.id, at_import)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _calls(path, child, at_import and not inside)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_catalogue_is_what_the_code_says() -> None:
    assert TEMPLATE.read_text("utf-8") == template(), "run: make words"


def test_each_sentence_stands_in_the_code_as_it_is_with_its_places_filled() -> None:
    wrong = []
    for one in calls():
        if len(one.literals) != len(one.words) or not all(one.literals):
            wrong.append(f"{one}: the sentence is put together, not written out")
            continue
        asked = set().union(*(places(text) for text in one.literals))
        given = {keyword.arg or "**" for keyword in one.call.keywords} | ({"n"} if one.name == "say_n" else set())
        if asked - given or given - asked - {"n"}:
            wrong.append(f"{one}: the sentence asks for {sorted(asked)} and gets {sorted(given)}")
        if one.at_import:
            wrong.append(f"{one}: this is said before anybody could choose the words")
    assert not wrong, "\n".join(wrong)


SAID = ("Line", "Answer", "Refusal", "DeskError", "LeadsOnly", "HoursError", "Button", "context", "section")
"""What takes a sentence to people, and shows it."""
TYPED = ("say", "say_n", "known", "code", "command", "startswith", "get", "linked")


def said_outside(node: ast.AST) -> Iterator[ast.Constant]:
    """Words in an expression that pass by the catalogue; what one types, and what a value is named, is none."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            name = getattr(child.func, "id", getattr(child.func, "attr", ""))
            if name in TYPED or name in SAID:
                continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            if re.search(r"[a-zA-Z]{2,}[,.:!?…]? +[a-zA-Z]{2,}|^ ?[A-Z][a-z]+[.!?…:]?$", child.value):
                yield child
        else:
            yield from said_outside(child)


def test_no_sentence_to_people_passes_by_the_catalogue() -> None:
    found = []
    for path in sorted(
        [*(one for part in ("desk", "handlers", "platforms/slack") for one in (ROOT / part).rglob("*.py"))]
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAID:
                parts: list[ast.AST] = [*node.args, *node.keywords]
                outside = said_outside(ast.Tuple(elts=list(parts), ctx=ast.Load()))  # type: ignore[arg-type]
                found += [f"{path.relative_to(ROOT)}:{one.lineno}: {one.value!r}" for one in outside]
    assert not found, "\n".join(found)


# the owner's own


def worded(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "words.po"
    path.write_text(text, "utf-8")
    return path


def test_the_template_itself_can_be_named_and_changes_nothing(tmp_path: Path) -> None:
    words, mistakes = read_words(worded(tmp_path, TEMPLATE.read_text("utf-8")))
    assert not mistakes
    assert words.gettext("#{number} is not marked.") == "#{number} is not marked."


def test_a_sentence_in_other_words_and_the_forms_of_another_language(tmp_path: Path) -> None:
    text = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"

msgid "#{number} is not marked."
msgstr "#{number} není označeno."

msgid "And {n} more. Say a word of it to find it."
msgid_plural "And {n} more. Say a word of them."
msgstr[0] "A ještě jedna."
msgstr[1] "A ještě {n}, řekněte slovo."
msgstr[2] "A ještě {n} dalších."
"""
    words, mistakes = read_words(worded(tmp_path, text))
    assert not mistakes
    assert words.gettext("#{number} is not marked.") == "#{number} není označeno."
    assert words.gettext("#{number} is not marked any more.") == "#{number} is not marked any more."
    one, many = "And {n} more. Say a word of it to find it.", "And {n} more. Say a word of them."
    assert [words.ngettext(one, many, n)[:12] for n in (1, 3, 5)] == ["A ještě jedn", "A ještě {n},", "A ještě {n} "]


MORE = 'msgid "And {n} more. Say a word of it to find it."\nmsgid_plural "And {n} more. Say a word of them."\n'
MARKED = 'msgid "#{number} is not marked."\n'


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            'msgid "#{number} is marked never."\nmsgstr "x {number}"\n',
            ":5: Frontdesk does not say “#{number} is marked",
        ),
        (MARKED + 'msgstr "Nothing."\n', ":5: “Nothing.” lacks {number}"),
        (MARKED + 'msgstr "{number} {nmber}"\n', ":5: “{number} {nmber}” has {nmber}, which the desk does not fill"),
        (MARKED + 'msgstr "{number.__class__}"\n', ":5: “{number.__class__}” has {number.__class__}"),
        (MARKED + 'msgstr "{number!r}"\n', ":5: “{number!r}” has {number!r}"),
        (MARKED + 'msgstr "{number:>9999999}"\n', ":5: “{number:>9999999}” has {number:>9999999}"),
        (MARKED + 'msgstr "{number"\n', ":5: in “{number” a { or } stands alone"),
        (MORE + 'msgstr[0] "{n} more"\n', ":5: “And {n} more. Say a word of it to find it.” needs 2 forms"),
        (MORE + 'msgstr[0] "{n}"\nmsgstr[1] "{n}"\nmsgstr[2] "{n}"\n', "more forms than Plural-Forms says"),
        (MARKED + "msgstr nothing\n", ":6: “msgstr nothing” is not as a .po file is written"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, mistake: str) -> None:
    path = worded(tmp_path, HEAD + text)
    _, mistakes = read_words(path)
    assert len(mistakes) == 1, mistakes
    assert mistakes[0].startswith(f"{path}:")
    assert mistake in mistakes[0]


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    _, mistakes = read_words(tmp_path / "words.po")
    assert "the words cannot be read (No such file or directory)" in mistakes[0]
    (tmp_path / "words.po").write_bytes(b'msgid "a"\nmsgstr "\xff"\n')
    _, mistakes = read_words(tmp_path / "words.po")
    assert mistakes == [f"{tmp_path / 'words.po'}:2: this is not UTF-8. Save the file as UTF-8."]


def test_forms_that_no_counting_fits_are_told(tmp_path: Path) -> None:
    _, mistakes = read_words(worded(tmp_path, HEAD.replace("(n != 1)", "(n !!= 1)") + MARKED + 'msgstr "{number}"\n'))
    assert len(mistakes) == 1
    assert "Plural-Forms at its top cannot be used" in mistakes[0]


def test_the_desk_does_not_start_with_words_that_do_not_fit(tmp_path: Path) -> None:
    worded(tmp_path, HEAD + MARKED + 'msgstr "Nothing."\n')
    config = tmp_path / "frontdesk.toml"
    config.write_text('[desk]\nwords = "words.po"\n' + SLACK, "utf-8")
    with pytest.raises(ConfigError) as wrong:
        load(config, {}, need_secrets=False)
    assert len(wrong.value.mistakes) == 1
    assert "“Nothing.” lacks {number}" in wrong.value.mistakes[0]
