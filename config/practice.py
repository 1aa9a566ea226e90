"""[practice]: where agents practise, and the made-up inquiries that they practise with."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError

from config import reading
from config.forms import Channel, Language, PlatformName, Section, option
from config.wording import explain, lists_of, sentence
from desk.model.practice import Case, Practice

SHIPPED = Path(__file__).parent / "practice.toml"
LARGEST = 256 * 1024


class PracticeSection(Section):
    """[practice]: a channel of its own, so that nobody takes it for the real thing."""

    channel: Channel | None = option(None, '"C0123PRAC"')
    inquiries: str = option("", '"config/practice.toml"', max_length=300)


class InquirySection(Section):
    """[[inquiries]]: one made-up inquiry."""

    name: str = option(..., '"late-gift"', pattern=r"^[a-z][a-z0-9-]{1,39}$")
    about: str = option("", '"A present that comes too late"', max_length=200)
    platform: PlatformName = option("x", '"x"')
    private: bool = option(False, "true")
    customer: str = option(..., '"Ines Carvalho"', min_length=1, max_length=60)
    handle: str = option("", '"ines_carv"', max_length=30)
    language: Language = option("en", '"en"')
    text: str = option(..., '"Where is my parcel?"', min_length=1, max_length=2000)
    then: str = option("", '"And when?"', max_length=2000)

    def as_case(self) -> Case:
        """The desk's own value."""
        return Case(
            self.name,
            self.platform,
            self.customer,
            self.text,
            self.about,
            self.handle,
            self.language,
            self.private,
            self.then,
        )


class PracticeFile(Section):
    """The file."""

    inquiries: list[InquirySection] = Field(default_factory=list, max_length=200)


def read_practice(path: Path) -> tuple[tuple[Case, ...], list[str]]:
    """The made-up inquiries of a file, and a sentence for each mistake, with its line."""
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            return (), [f"{path}: this is more than {LARGEST // 1024} KiB. Write fewer inquiries."]
        text = data.decode("utf-8-sig")
    except OSError as error:
        why = f"the inquiries for practice cannot be read ({error.strerror})"
        return (), [f"{path}: {why}. Copy those of Frontdesk: cp config/practice.toml {path}"]
    except UnicodeDecodeError as error:
        return (), [f"{path}:{data[: error.start].count(10) + 1}: this is not UTF-8. Save the file as UTF-8."]
    found = reading.read(text, list(lists_of(PracticeFile)))
    cases: tuple[Case, ...] = ()
    try:
        cases = tuple(one.as_case() for one in PracticeFile.model_validate(found.values).inquiries)
    except ValidationError as error:
        explain(error, found, PracticeFile)
    mistakes = [sentence(str(path), mistake) for mistake in sorted(found.mistakes, key=lambda one: one.line or 0)]
    names = [case.name for case in cases]
    mistakes += [
        f"{path}: [[inquiries]] name: {name} stands twice. Keep one."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if not cases and not mistakes:
        mistakes.append(f"{path}: there is no inquiry in it. Write [[inquiries]] with a name, a customer and a text.")
    return cases, mistakes


@lru_cache(maxsize=1)
def shipped() -> tuple[Case, ...]:
    """Those that come with Frontdesk."""
    found, mistakes = read_practice(SHIPPED)
    assert not mistakes, mistakes
    return found


def practice_of(section: PracticeSection, cases: tuple[Case, ...]) -> Practice:
    """The desk's own value."""
    return Practice(section.channel or "", cases)
