"""The inquiries to practise with: read whole, mistakes with their line."""

from __future__ import annotations

from pathlib import Path

from config.practice import SHIPPED, read_practice, shipped

GOOD = '[[inquiries]]\nname = "late"\ncustomer = "Ines"\ntext = "Where is it?"\n'


def test_those_that_come_with_the_desk_are_for_both_platforms_and_several_languages() -> None:
    assert read_practice(SHIPPED) == (shipped(), [])
    assert {case.platform for case in shipped()} == {"x", "facebook"}
    assert {case.language for case in shipped()} == {"en", "de"}
    assert any(case.private for case in shipped()) and any(case.then for case in shipped())


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD + GOOD + '[[inquiries]]\nname = "Two Words"\nplatform = "myspace"\ntext = "Hi"\n', "utf-8")
    mistakes = [sentence.replace(f"{file}:", "") for sentence in read_practice(file)[1]]
    assert any(one.startswith("9: [[inquiries]] customer is missing. Write customer =") for one in mistakes), mistakes
    assert any(one.startswith("10: [[inquiries]] name") for one in mistakes)
    assert any('"myspace" is no platform' in one for one in mistakes)
    file.write_text(GOOD + GOOD, "utf-8")
    assert "late stands twice" in read_practice(file)[1][0]
    file.write_text("", "utf-8")
    assert "there is no inquiry in it" in read_practice(file)[1][0]
    assert "cannot be read" in read_practice(tmp_path / "none.toml")[1][0]
