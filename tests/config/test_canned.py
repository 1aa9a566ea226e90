"""The folder of canned answers: read whole, every mistake at once with its file, its line and the form to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.canned import SHIPPED, read_canned, shipped
from config.settings import ConfigError, parse

SLACK = '[slack]\nchannel = "C0A1"\nleads_channel = "C0A2"\nagents_group = "S0A1"\nleads_group = "S0A2"\n'
GOOD = """[[canned]]
name = "late"
topic = "delivery"
feeling = ["Sorry."]
facts = ["It needs {days} days. See acme.example/track"]
next = ["We'll write {until}."]
needs = ["days"]
unchanged = ["acme.example/track"]
faq = "https://acme.example/faq"
within = "2h"
"""


def said(folder: Path) -> list[str]:
    return [sentence.replace(f"{folder}/", "") for sentence in read_canned(folder)[1]]


def test_a_folder_is_read_and_the_name_of_a_file_is_its_language(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(GOOD, "utf-8")
    (tmp_path / "en-shop.toml").write_text(GOOD + GOOD.replace('"late"', '"later"'), "utf-8")
    found, mistakes = read_canned(tmp_path)
    assert mistakes == []
    assert [(one.language, one.name) for one in found] == [("de", "late"), ("en", "late"), ("en", "later")]


def test_every_mistake_is_told_at_once_with_its_file_and_line(tmp_path: Path) -> None:
    bad = GOOD.replace('name = "late"', 'name = "Late Parcel"').replace("{days}", "{day}")
    (tmp_path / "de.toml").write_text(bad, "utf-8")
    (tmp_path / "en.toml").write_text(GOOD.replace('topic = "delivery"', 'topik = "delivery"') + GOOD, "utf-8")
    (tmp_path / "fr.toml").write_text('[[canned]]\nname = "late\n', "utf-8")
    (tmp_path / "German.toml").write_text(GOOD, "utf-8")
    mistakes = said(tmp_path)
    for begins in (
        "German.toml: a file of canned answers is named after its language. Call it en.toml",
        "de.toml:2: [[canned]] name",
        "en.toml:1: [[canned]] topic is missing. Write topic = ",
        "en.toml:3: [[canned]] topik is not known. Did you mean topic?",
        "fr.toml:2: [[canned]] name: the closing quote is missing",
    ):
        assert any(sentence.startswith(begins) for sentence in mistakes), (begins, mistakes)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("{days}", "{day}", "facts, wording 1: {day} is not filled in; known are {name}"),
        ("Sorry.", "Sorry[, {name}.", "feeling, wording 1: each [ needs its ]"),
        (
            "See acme.example/track",
            "See acme.example/trace",
            "unchanged: acme.example/track must stand in every wording",
        ),
        ("We'll write {until}.", "We'll write.", "next, wording 1: it says no date; write {until} in it"),
        ('needs = ["days"]', 'needs = ["days", "name"]', "needs: name is no name of an own place"),
        ('within = "2h"', 'within = "soon"', '"soon" is no length of time'),
        ('faq = "https://acme.example/faq"', 'faq = "faq"', "does not have the right form"),
    ],
)
def test_a_response_that_would_mislead_is_refused_with_the_reason(
    tmp_path: Path, before: str, after: str, why: str
) -> None:
    (tmp_path / "en.toml").write_text(GOOD.replace(before, after), "utf-8")
    (mistake,) = said(tmp_path)
    assert mistake.startswith("en.toml:") and why in mistake


def test_a_name_that_stands_twice_in_a_language_is_told(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(GOOD + GOOD, "utf-8")
    assert said(tmp_path) == ["en.toml:11: [[canned]] name: late stands twice, first in en.toml:1. Keep one."]


def test_a_folder_that_is_not_there_or_empty_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in read_canned(tmp_path / "none")[1][0]
    assert "there is no canned answer in it" in read_canned(tmp_path)[1][0]


def test_the_settings_tell_the_mistakes_of_the_folder_with_their_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "en.toml").write_text(GOOD.replace("{until}", "soon"), "utf-8")
    text = '[desk]\ncanned = "mine"\nundo_seconds = 9999\n' + SLACK
    with pytest.raises(ConfigError) as caught:
        parse(text, {}, folder=tmp_path, need_secrets=False)
    assert len(caught.value.mistakes) == 2
    assert "undo_seconds" in caught.value.mistakes[0] and "says no date" in caught.value.mistakes[1]


def test_without_a_folder_the_set_that_comes_with_the_desk_is_there(tmp_path: Path) -> None:
    assert parse(SLACK, {}, need_secrets=False).rules().canned == shipped() == read_canned(SHIPPED)[0]
    assert {one.language for one in shipped()} == {"en", "de"}
    (tmp_path / "en.toml").write_text(GOOD, "utf-8")
    own = parse('[desk]\ncanned = "."\n' + SLACK, {}, folder=tmp_path, need_secrets=False).rules().canned
    assert [one.name for one in own] == ["late"]
