"""Slack's mark-up never reaches a customer, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.plain import escape, internal_mentions, plain


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("On its way!", "On its way!"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt; stays", "&lt; stays"),
        ("&amp;amp;", "&amp;"),
        ("&quot;quoted&quot; &copy;", "&quot;quoted&quot; &copy;"),
        ("see <https://acme.example/a|our page>", "see https://acme.example/a"),
        ("see <https://acme.example/a?b=1&amp;c=2>", "see https://acme.example/a?b=1&c=2"),
        ("see <http://acme.example|acme.example>", "see acme.example"),
        ("see <http://acme.example/|acme.example>", "see acme.example"),
        ("write to <mailto:care@acme.example|care@acme.example>", "write to care@acme.example"),
        ("write to <mailto:care@acme.example>", "write to care@acme.example"),
        ("call <tel:+4530000000|30 00 00 00>", "call 30 00 00 00"),
        ("ask <@U0ANA|ana>", "ask @ana"),
        ("ask <@U0ANA>", "ask @U0ANA"),
        ("in <#C0DESK|frontdesk>", "in #frontdesk"),
        ("<!here> <!subteam^S1|@frontdesk-agents> <!subteam^S1>", "@here @frontdesk-agents @subteam"),
        ("at <!date^1764081000^{time}|14:30 UTC>", "at 14:30 UTC"),
        ("line one\n  line two\t", "line one\n  line two\t"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("<>", "<>"),
        ("", ""),
    ],
)
def test_the_customer_reads_plain_words(typed: str, read: str) -> None:
    assert plain(typed) == read


def test_who_of_the_team_is_named_is_reported() -> None:
    typed = (
        "ask <@U0ANA|ana> or <@U0BEN>, <@U0ANA>, <!here>, <!subteam^S1|@a>, <!date^1^{time}|x>, <#C1|c>, &lt;@U0X&gt;"
    )
    assert internal_mentions(typed) == ("U0ANA", "U0BEN", "!here", "!subteam^S1")


def test_escaping_goes_in_the_right_order() -> None:
    assert escape("a & <b> &amp;") == "a &amp; &lt;b&gt; &amp;amp;"


@given(st.text())
def test_what_was_escaped_reads_the_same_again(text: str) -> None:
    assert plain(escape(text)) == text
    assert internal_mentions(escape(text)) == ()


@given(st.text(alphabet="<>&|@#!^:;/ampltgUC01 \nhttp", max_size=60))
def test_any_soup_of_mark_up_is_read_without_a_fault(text: str) -> None:
    assert plain(escape(text)) == text
    plain(text)
