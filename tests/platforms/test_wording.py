"""Slack's mark-up: what is foreign stays words, what is ours becomes people, times and links."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.words import bare, clean, code, group, link, strong, when, where, who
from platforms.slack.wording import date, escape, label, linked, mrkdwn, named, plain, unmarked

AT = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
LIVE = re.compile(r"<[@#!][^>]*>|<(?:https?|mailto|tel)[^>]*>", re.IGNORECASE)
"""What Slack makes alive: mentions, channels, broadcasts, dates, links."""
MARKS = st.sampled_from([*"*_~`<>&|:@#!", "<!channel>", "<@U0BEN>", ":smile:", "```", "\n", "\u202e", "\ud83d", " "])
HOSTILE = st.lists(st.one_of(MARKS, st.text(max_size=6)), max_size=30).map("".join)


def test_an_instant_is_shown_in_each_readers_zone_and_in_utc_where_slack_cannot() -> None:
    assert date(AT) == "<!date^1795530600^{time}|14:30 UTC>"
    assert date(AT, "day") == "<!date^1795530600^{date_short_pretty} at {time}|24 Nov 14:30 UTC>"
    assert date(AT, "date") == "<!date^1795530600^{date_short_pretty}|24 Nov 2026>"
    assert plain(f"due {when(AT)}") == "due 14:30 UTC"


def test_people_groups_channels_links_and_things_to_type_get_slacks_forms() -> None:
    assert mrkdwn(where("C0FACE")) == plain(where("C0FACE")) == "<#C0FACE>"
    assert bare(where("C0FACE")) == "#C0FACE"
    sentence = f"{who('U0ANA')} {group('S0LEADS')} {link('https://x.com/a', 'open')} {strong('#4')} {code('/claim 4')}"
    assert mrkdwn(sentence) == "<@U0ANA> <!subteam^S0LEADS> <https://x.com/a|open> *#4* `/claim 4`"


@pytest.mark.parametrize("text", ["<!channel> help", "<!here>", "<!subteam^S1>", "<@U123> <#C123>", "<https://a|b>"])
def test_what_a_customer_writes_pings_nobody_and_is_no_link(text: str) -> None:
    for made in (mrkdwn(clean(text)), plain(clean(text)), escape(text), named(text), unmarked(text)):
        assert not LIVE.search(made)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Maria K.", "Maria K."),
        ("maria_k", "maria_k"),
        ("_maria_", "ˍmariaˍ"),
        ("*BOSS* ~not~ `really`", "∗BOSS∗ ∼not∼ ˋreallyˋ"),
        ("All done :white_check_mark:", "All done ∶white_check_mark:"),
        ("A & B <C>", "A &amp; B &lt;C&gt;"),
        ("", "@maria_k"),
        ("\u200b\u2800", "@maria_k"),
        ("x" * 200, "x" * 79 + "…"),
        ("Désirée Müller-Ødegård", "Désirée Müller-Ødegård"),
        ("مريم", "مريم"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_name_is_readable_and_never_mark_up(name: str, shown: str) -> None:
    assert named(name, "maria_k") == shown


def test_a_link_goes_to_the_web_or_nowhere() -> None:
    assert linked("https://x.com/a?b=1&c=2", "open") == "<https://x.com/a?b=1&amp;c=2|open>"
    assert linked("javascript:alert(1)", "open") == "open"
    assert linked("", "open") == "open"
    assert linked("https://x.com/<@U0BEN>|here", "o|pen") == "<https://x.com/%3C@U0BEN%3E%7Chere|o¦pen>"


def test_the_words_of_a_button_are_cut_to_what_a_button_takes() -> None:
    assert label("Claim") == "Claim"
    assert len(label("x" * 200)) == 75


@given(HOSTILE)
def test_no_foreign_words_make_anything_alive(text: str) -> None:
    assert not LIVE.search(mrkdwn(clean(text)))
    assert not LIVE.search(plain(clean(text)))
    for made in (named(text), unmarked(text), mrkdwn(strong(text)), mrkdwn(strong(f"{clean(text)}"))):
        inside = made.strip("*")
        assert not LIVE.search(made)
        assert not set("`~") & set(inside)
        assert "*" not in inside
    assert named(text)
    assert "\n" not in named(text) and len(named(text)) <= 80 * 5


@given(HOSTILE)
def test_a_link_holds_one_address_and_one_label(text: str) -> None:
    made = linked(f"https://x.com/{text}", unmarked(text))
    assert made.startswith("<https://x.com/") and made.endswith(">")
    assert made.count("<") == made.count(">") == made.count("|") == 1
