"""The docs, the manifest, the configuration and the tests hold together: none names what another does not have."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.manifest import BUILT_IN, COMMANDS, MORE
from config.settings import options, parse, secret_names

ROOT = Path(__file__).resolve().parent.parent
MAP = (
    [f"I{n}" for n in range(1, 9)]
    + [f"A{n}" for n in range(1, 17)]
    + [f"T{n}" for n in range(1, 8)]
    + [f"K{n}" for n in range(1, 4)]
    + [f"L{n}" for n in range(1, 3)]
    + [f"C{n}" for n in range(1, 4)]
    + [f"R{n}" for n in range(1, 7)]
    + [f"P{n}" for n in range(1, 3)]
)
SUBCOMMANDS = {"run", "sandbox", "story", "doctor", "manifest"}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLE = (ROOT / "config" / "frontdesk.example.toml").read_text("utf-8")


@dataclass(frozen=True)
class Row:
    """A line of docs/guides.md."""

    id: str
    what: str
    guide: str
    command: str
    test: str
    state: str


def cells(line: str) -> list[str]:
    """The cells of a table's line."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def rows(text: str) -> list[Row]:
    """The lines of the map."""
    found = [cells(line) for line in text.splitlines() if re.match(r"\|\s*[A-Z]\d+\s*\|", line)]
    return [Row(*line) for line in found]


def names_of_tests(path: Path) -> set[str]:
    """The test functions of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def untrue(row: Row) -> Iterator[str]:
    """What is wrong with a line: a state that does not exist, a *works* without a test, a test that is not there."""
    if row.state not in ("works", "not yet"):
        yield f"{row.id} is {row.state!r}; write works, or not yet"
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row.test)
    if row.state == "works" and not named:
        yield f"{row.id} works, but names no test"
    for file, test in named:
        if not (ROOT / file).is_file() or test not in names_of_tests(ROOT / file):
            yield f"{row.id} names {file}::{test}, which does not exist"
    if not row.what or not row.guide or not row.command:
        yield f"{row.id} has an empty cell"


def test_every_row_of_the_map_has_its_line_once() -> None:
    assert [row.id for row in rows((ROOT / "docs" / "guides.md").read_text("utf-8"))] == MAP


def test_what_works_names_a_test_that_exists() -> None:
    assert [said for row in rows((ROOT / "docs" / "guides.md").read_text("utf-8")) for said in untrue(row)] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("| I1 | x | S1 | – | – | works |", "names no test"),
        ("| I1 | x | S1 | – | `tests/test_docs.py::test_of_another_day` | works |", "does not exist"),
        ("| I1 | x | S1 | – | `tests/test_nothing.py::test_a` | not yet |", "does not exist"),
        ("| I1 | x | S1 | – | – | almost |", "write works, or not yet"),
        ("| I1 | x |  | – | – | not yet |", "empty cell"),
    ],
)
def test_a_line_that_is_not_true_is_seen(line: str, said: str) -> None:
    assert any(said in one for row in rows(line) for one in untrue(row))


# The configuration


def documented() -> dict[str, str]:
    """Every option of docs/configuration.md with the default that it shows."""
    found: dict[str, str] = {}
    section = ""
    for line in (ROOT / "docs" / "configuration.md").read_text("utf-8").splitlines():
        if heading := re.match(r"## (?:\[{1,2}([\w.<>]+)\]{1,2})?", line):
            section = heading[1] or ""
        elif section and (row := re.match(r"\| `(\w+)` \| ", line)):
            found[f"{section}.{row[1]}"] = cells(line)[1]
    return found


def shown_in_the_example() -> list[str]:
    """Every option of the example, those in comments included."""
    found = []
    section = ""
    chosen = {"teams.manila": "teams.<name>", ".en": ".<language>"}  # names that are the owner's own
    for line in EXAMPLE.splitlines():
        if heading := re.match(r"(?:# )?\[{1,2}([\w.]+)\]{1,2}$", line):
            section = heading[1]
            for own, general in chosen.items():
                section = section.replace(own, general)
        elif option := re.match(r"(?:# )?([a-z_]+) = ", line):
            found.append(f"{section}.{option[1]}")
    return found


def test_the_example_shows_every_option_and_no_other() -> None:
    assert sorted(shown_in_the_example()) == sorted(place for place, _ in options())


def test_the_docs_explain_every_option_and_no_other() -> None:
    assert sorted(documented()) == sorted(place for place, _ in options())


def test_the_docs_show_the_true_defaults() -> None:
    default = parse(
        '[slack]\nchannel = "C0A1"\nleads_channel = "C0A2"\nagents_group = "S0A1"\nleads_group = "S0A2"\n',
        {},
        need_secrets=False,
    ).model_dump()
    from_docs = ""
    for place, shown in documented().items():
        section, _, key = place.rpartition(".")
        if section in ("slack.routes", "policies", "hours.exceptions") or "<" in section:
            continue  # There is none of these by default.
        if shown.startswith("`"):
            from_docs += f"[{section}]\n" if f"[{section}]\n" not in from_docs else ""
            from_docs += f"{key} = {shown.strip('`')}\n"
    needed = '[slack]\nchannel = "C0A1"\nleads_channel = "C0A2"\nagents_group = "S0A1"\nleads_group = "S0A2"\n'
    assert tomllib.loads(from_docs)
    assert parse(from_docs.replace("[slack]\n", needed), {}, need_secrets=False).model_dump() == default


def test_the_docs_name_every_secret_and_no_other() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert re.findall(r"^\| `(FRONTDESK_\w+)`", text, re.MULTILINE) == secret_names()


def test_no_page_names_a_secret_that_does_not_exist() -> None:
    for page in PAGES:
        named = set(re.findall(r"\bFRONTDESK_(?:SLACK|X|FACEBOOK)_\w+", page.read_text("utf-8")))
        assert named <= set(secret_names()), page


# Commands


def test_every_verb_of_the_house_is_in_the_manifest_and_has_its_heading() -> None:
    headings = re.findall(r"^## /(\w+)", (ROOT / "docs" / "commands.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS | MORE)
    verbs = pytest.importorskip("handlers.verbs")
    assert sorted(verbs.BY_NAME) == sorted(headings)


def test_no_page_names_a_command_that_does_not_exist() -> None:
    for page in PAGES:
        if page.parent.name == "sandbox":
            continue  # These pages name the edges of other people's APIs, which look alike.
        for name in re.findall(r"`/([a-z][a-z_-]*)(?=[ `])", page.read_text("utf-8")):
            bare = name.removeprefix("acme-")
            assert bare in COMMANDS or bare in MORE or bare in BUILT_IN, f"{page.name}: /{name}"


def test_what_pages_tell_people_to_type_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in PAGES:
        text = page.read_text("utf-8")
        for typed in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
            assert typed in targets, f"{page.name}: make {typed}"
        for typed in re.findall(r"python (?:-m )?bot\.py ([a-z]+)", text):
            assert typed in SUBCOMMANDS, f"{page.name}: bot.py {typed}"


# Links and files


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    ):
        found.add(re.sub(r"[^\w\- ]", "", heading.strip().casefold()).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = page if not file else (page.parent / file).resolve()
        assert there.exists(), f"{page.name} links to {target}"
        assert there.is_relative_to(ROOT), f"{page.name} links out of the project: {target}"
        if anchor:
            assert anchor in anchors(there.read_text("utf-8")), f"{page.name} links to {target}"


HOUSE = ("README.md", "CONTRIBUTING.md", "docs/tour.md")


@pytest.mark.parametrize("name", HOUSE)
def test_every_file_that_the_way_through_the_house_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    top = r"(?:bot\.py|(?:config|desk|handlers|platforms|tests|docs)/[\w./-]*)"
    for file in re.findall(rf"`({top})`", text):
        assert (ROOT / file).exists(), f"{name} names {file}"


def test_no_page_holds_what_belongs_to_one_machine_only() -> None:
    for page in PAGES:
        assert not re.search(r"/(home|root|work|Users)/", page.read_text("utf-8")), page
