"""Routes to further channels: what the owner may write, and what is said where it cannot be."""

from __future__ import annotations

import pytest

from config.settings import ConfigError, Settings, parse
from desk.model.policies import Facts
from desk.model.routes import channel_for
from tests.config.test_settings import TOKENS

HEAD = """[slack]
channel = "C0DESK"
leads_channel = "C0LEADS"
ops_channel = "C0OPS"
agents_group = "S0AGENTS"
leads_group = "S0LEADS"
[practice]
channel = "C0PRACTICE"
"""
LINES = HEAD.count("\n")


def route(*options: str, channel: str = "C0FACE") -> str:
    return "\n".join(("[[slack.routes]]", f'channel = "{channel}"', *options, ""))


def good(*routes: str) -> Settings:
    return parse(HEAD + "".join(routes), TOKENS)


def mistake(*routes: str) -> tuple[int, str]:
    """The single mistake of these routes: its line, counted from the first of them, and what is said."""
    with pytest.raises(ConfigError) as caught:
        good(*routes)
    [said] = caught.value.mistakes
    _, line, sentence = said.split(":", 2)
    return int(line) - LINES, sentence.strip()


def test_the_first_route_that_matches_holds_and_all_else_stays_in_the_channel() -> None:
    rules = good(
        route('platform = "facebook"', "private = true"),
        route('language = "de"', channel="C0GERMAN"),
        route('platform = "facebook"', channel="C0PAGE"),
        route('platform = "x"', 'language = "da"', channel="C0DESK"),
    ).rules()
    assert rules.homes == ("C0DESK", "C0FACE", "C0GERMAN", "C0PAGE")
    went = {
        facts: channel_for(rules.routes, facts, rules.channel)
        for facts in (
            Facts("facebook", True, language="de"),
            Facts("facebook", False, language="de"),
            Facts("x", True, language="de-AT"),
            Facts("facebook", False),
            Facts("x", False, language="da"),
            Facts("x", False, language="den"),
            Facts("x", True),
        )
    }
    assert list(went.values()) == ["C0FACE", "C0GERMAN", "C0GERMAN", "C0PAGE", "C0DESK", "C0DESK", "C0DESK"]


def test_without_routes_there_is_one_channel() -> None:
    rules = good().rules()
    assert rules.homes == ("C0DESK",)
    assert channel_for(rules.routes, Facts("x", False), rules.channel) == "C0DESK"


@pytest.mark.parametrize(
    ("routes", "line", "said"),
    [
        ([route()], 1, 'go to channel of [slack]; write platform = "facebook", private = true or language = "de".'),
        ([route('platform = "myspace"')], 3, '"myspace" is no platform; known are x, facebook. Write platform = "face'),
        ([route('private = "yes"')], 3, 'private = "yes" is neither true nor false'),
        ([route('language = "german"')], 3, "write its short code in small letters"),
        ([route('language = "pt"')], 3, 'Write [customers] languages = ["en", "de", "da", "cs", "hu", "pt"], or take'),
        ([route('platform = "x"', 'lang = "de"')], 4, "lang is not known. Did you mean language?"),
        (['[[slack.routes]]\nplatform = "x"\n'], 1, 'channel is missing. Write channel = "C0123MNOP".'),
        ([route('platform = "x"', channel="#face")], 2, '"#face" is not the id of a channel; in Slack, click'),
        ([route('platform = "x"', channel="C0LEADS")], 2, "is the leads' channel (leads_channel), and no inquiry"),
        ([route('platform = "x"', channel="C0OPS")], 2, "the channel for the desk's own troubles (ops_channel)"),
        ([route('platform = "x"', channel="C0PRACTICE")], 2, "is the practice channel, and no inquiry can live"),
        ([route('platform = "x"')] * 2, 4, f"it takes the same inquiries as the one on line {LINES + 1}. Take one of"),
        (
            [route('platform = "x"'), route('platform = "x"', "private = true", channel="C0PRIV")],
            4,
            f"because the one on line {LINES + 1} stands before it and takes all of its inquiries. Put the",
        ),
        (
            [route("private = true"), route("private = false"), route('language = "de"')],
            7,
            f"because those on line {LINES + 1} and on line {LINES + 4} stand before it and take all of its inquiries.",
        ),
        (["[slack.routes]\n" + 'channel = "C0FACE"\n'], 1, "Write the section with double brackets: [[slack.routes]]."),
    ],
)  # fmt: skip
def test_what_cannot_be_a_route_is_told_with_its_line_and_what_to_write(
    routes: list[str], line: int, said: str
) -> None:
    where, sentence = mistake(*routes)
    assert said in sentence
    assert where == line
    assert sentence.lstrip("[").startswith("slack")


def test_a_language_that_customers_are_answered_in_may_have_a_channel_of_its_own() -> None:
    rules = good(route('language = "pt"'), '[customers]\nlanguages = ["en", "pt"]\n').rules()
    assert channel_for(rules.routes, Facts("x", False, language="pt-BR"), rules.channel) == "C0FACE"
    with pytest.raises(ConfigError, match=r'"de" is none of the languages .* \(en, pt\)'):
        good(route('language = "de"'), '[customers]\nlanguages = ["en", "pt"]\n')


def test_all_that_is_wrong_with_routes_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        good(route('language = "pt"', channel="C0LEADS"), route('language = "pt"'))
    assert len(caught.value.mistakes) == 4
