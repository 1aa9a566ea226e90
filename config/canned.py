"""The folder of canned answers: one TOML file or more for each language, read and checked whole, like the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from config import reading
from config.forms import Duration, Section, option, wrong
from config.reading import NTH, Mistake, Read
from config.wording import explain, lists_of, sentence
from desk.model.canned import NAME, WITHIN, Canned, faults

SHIPPED = Path(__file__).parent / "canned"
"""The small set that comes with Frontdesk; a folder of the owner's own takes its place."""
LARGEST = 256 * 1024
"""Bytes that one file may have."""
WORDINGS = 6
"""How many wordings of one part there may be; three parts of six are 216 texts."""

Text = Annotated[str, Field(min_length=1, max_length=1000)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
_FILE = re.compile(r"([a-z]{2,3})(?:[-_.].+)?")


class CannedSection(Section):
    """[[canned]]: one response."""

    name: str = option(..., '"late-parcel"', pattern=rf"^{NAME.pattern}$")
    topic: str = option(..., '"delivery"', min_length=1, max_length=40)
    about: str = option("", '"A parcel has not come"', max_length=200)
    words: list[Word] = option([], '["parcel", "tracking"]', max_length=50)
    feeling: list[Text] = option(..., '["Sorry about the wait[, {name}].", "…"]', min_length=1, max_length=WORDINGS)
    facts: list[Text] = option(..., '["Your parcel is at our depot."]', min_length=1, max_length=WORDINGS)
    next: list[Text] = option(..., '["We write to you {until}."]', min_length=1, max_length=WORDINGS)
    unchanged: list[Word] = option([], '["acme.example/returns"]', max_length=20)
    needs: list[Word] = option([], '["days"]', max_length=10)
    within: Duration = option(WITHIN, '"8h"')
    faq: str = option("", '"https://acme.example/faq#late"', pattern=r"^(https://\S+)?$", max_length=300)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for field, why in faults(self.as_canned("")):
            comma = "," if why.startswith("wording") else ":"
            raise wrong(f"{field}{comma} {why}")
        return self

    def as_canned(self, language: str) -> Canned:
        """The desk's own value."""
        return Canned(
            self.name,
            self.topic,
            language,
            tuple(self.feeling),
            tuple(self.facts),
            tuple(self.next),
            self.about,
            tuple(self.words),
            tuple(self.unchanged),
            tuple(self.needs),
            self.within,
            self.faq,
        )


class CannedFile(Section):
    """One file."""

    canned: list[CannedSection] = Field(default_factory=list, max_length=500)


def read_canned(folder: Path) -> tuple[tuple[Canned, ...], list[str]]:
    """All responses of a folder, and a sentence for each mistake, with its file and line. Files are read by name."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except OSError as error:
        return (), [
            f'{folder}: the canned answers cannot be read ({error.strerror}). Name a folder: canned = "canned".'
        ]
    if not files:
        return (), [f"{folder}: there is no canned answer in it. Copy some: cp {_shown(SHIPPED)}/*.toml {folder}"]
    found: list[Canned] = []
    mistakes: list[str] = []
    seen: dict[tuple[str, str], str] = {}
    for path in files:
        responses, said = _file(path)
        mistakes += said
        for line, one in responses:
            place = f"{path}:{line}"
            if (before := seen.setdefault((one.name, one.language), place)) != place:
                mistakes.append(f"{place}: [[canned]] name: {one.name} stands twice, first in {before}. Keep one.")
            found.append(one)
    return tuple(found), mistakes


@lru_cache(maxsize=1)
def shipped() -> tuple[Canned, ...]:
    """The set that comes with Frontdesk."""
    found, mistakes = read_canned(SHIPPED)
    assert not mistakes, mistakes
    return found


def _file(path: Path) -> tuple[list[tuple[int, Canned]], list[str]]:
    language = _FILE.fullmatch(path.stem)
    if language is None:
        form = "en.toml, or en-returns.toml"
        return [], [f"{path}: a file of canned answers is named after its language. Call it {form}."]
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            return [], [f"{path}: this is more than {LARGEST // 1024} KiB. Make several files: en-returns.toml."]
        text = data.decode("utf-8-sig")
    except OSError as error:
        return [], [f"{path}: it cannot be read ({error.strerror})."]
    except UnicodeDecodeError as error:
        return [], [f"{path}:{data[: error.start].count(10) + 1}: this is not UTF-8. Save the file as UTF-8."]
    found = reading.read(text, list(lists_of(CannedFile)))
    responses: list[tuple[int, Canned]] = []
    try:
        read = CannedFile.model_validate(found.values)
        responses = [(line, one.as_canned(language[1])) for line, one in zip(_lines(found), read.canned, strict=False)]
    except ValidationError as error:
        explain(error, found, CannedFile)
    ordered: list[Mistake] = sorted(found.mistakes, key=lambda one: one.line or 0)
    return responses, [sentence(str(path), mistake) for mistake in ordered]


def _lines(found: Read) -> Iterator[int]:
    nth = 1
    while (line := found.lines.get(("canned", f"{NTH}{nth}"))) is not None:
        yield line
        nth += 1


def _shown(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
