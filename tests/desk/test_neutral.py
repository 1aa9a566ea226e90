"""Customers' words are shown as written, without what deceives or breaks; names are never empty."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.neutral import BIDI, display_name, name_for_greeting, neutral

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(
            [*BIDI, "\u200b", "\ufeff", "\u200d", "\u0301", "\u0335", "\ud83d", "\ude00", "\x00", "\x1b", "\r"]
        ),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel?\n\tIt is late.",
        "می‌خواهم",
        "👩‍👩‍👧‍👦 👍🏽 ❤️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "Ďakujem, děkuji, köszönöm, tårn",
        "שָׁלוֹם בְּרֵאשִׁ֖ית",
        "<!channel> @here *bold* `code` https://acme.example",
        "\x7f\x85 stay",
        "",
    ],
)
def test_ordinary_words_of_any_script_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text


def test_controls_and_invisible_spaces_are_taken_out() -> None:
    assert neutral("f\u200bace\ufeffbook\x00 \x1b[2Jred\r\nnext\x08") == "facebook [2Jred\nnext"


def test_controls_that_turn_text_around_are_shown_by_name() -> None:
    assert neutral("pay at \u202eten.koob\u202c") == "pay at ⟦RLO⟧ten.koob⟦PDF⟧"
    names = "".join(neutral(char) for char in BIDI)
    assert names == "⟦LRE⟧⟦RLE⟧⟦PDF⟧⟦LRO⟧⟦RLO⟧⟦LRI⟧⟦RLI⟧⟦FSI⟧⟦PDI⟧"


def test_half_a_character_becomes_a_replacement_and_two_halves_become_one() -> None:
    assert neutral("so \ud83d sad") == "so \ufffd sad"
    assert neutral("\ude00") == "\ufffd"
    assert neutral("\ud83d\ude00") == "😀"


def test_zalgo_is_capped_for_each_character() -> None:
    tall = "".join(letter + "\u0335\u0301" * 20 for letter in "help")
    shown = neutral(tall)
    assert shown == "".join(letter + "\u0335\u0301" * 4 for letter in "help")
    assert len(neutral("a" + ("\u0301\u200d" * 100)).replace("\u200d", "")) == 9
    assert len(neutral("a" + ("\u0301\u200b" * 100))) == 9


@given(HOSTILE)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    once = neutral(text)
    assert neutral(once) == once
    once.encode()
    assert not set(once) & set(BIDI)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Mn", "Me"])))
def test_text_without_controls_and_marks_is_untouched(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize(
    ("name", "handle", "shown"),
    [
        ("Maria K.", "maria_k", "Maria K."),
        ("  Maria\n\tK. ", "maria_k", "Maria K."),
        ("", "maria_k", "@maria_k"),
        ("\u200b\u202e\x00", "@maria_k", "@maria_k"),
        ("\u3164\u2800", "maria_k", "@maria_k"),
        ("", "", "customer"),
        (" \n", "\u200b", "customer"),
        ("Desk Bot ✓", "x", "Desk Bot ✓"),
        ("@here", "x", "@here"),
        ("\u202eairam", "x", "airam"),
        ("👩‍👩‍👧‍👦", "x", "👩‍👩‍👧‍👦"),
        ("محمد", "x", "محمد"),
    ],
)
def test_a_display_name_is_one_clean_line_and_never_empty(name: str, handle: str, shown: str) -> None:
    assert display_name(name, handle) == shown


def test_a_long_name_is_cut_to_eighty_characters() -> None:
    assert display_name("x" * 200, "h") == "x" * 79 + "…"
    assert len(display_name("e\u0301" * 100, "h")) <= 80
    assert display_name("x" * 80, "h") == "x" * 80


@given(HOSTILE, HOSTILE)
def test_any_name_is_short_clean_and_stable(name: str, handle: str) -> None:
    shown = display_name(name, handle)
    assert 0 < len(shown) <= 80
    assert shown == shown.strip()
    assert not any(unicodedata.category(char) == "Cc" for char in shown)
    assert display_name(shown, handle) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Maria Kovács", "Maria"),
        ("🌸 maria 🌸", "Maria"),
        ("MARIA K", "Maria"),
        ("Dr. Maria Kovács", "Maria"),
        ("Anne-Marie J.", "Anne-Marie"),
        ("ANNE-MARIE", "Anne-Marie"),
        ("Jiří", "Jiří"),
        ("花子", "花子"),
        ("xX_dragon_Xx", ""),
        ("The Real Maria", ""),
        ("maria1987", ""),
        ("K", ""),
        ("@here", ""),
        ("", ""),
        ("👍", ""),
    ],
)
def test_a_greeting_uses_a_first_name_or_none(name: str, greeted: str) -> None:
    assert name_for_greeting(name) == greeted
