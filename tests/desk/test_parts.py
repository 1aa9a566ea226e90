"""Long answers in parts, and long customers' texts in pieces: nothing is lost, nothing is longer than it may be."""

import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from desk.model.errors import DeskError
from desk.model.parts import CannotSplit, pieces, split

URL = re.compile(r"https?://\S+")


def weighted(text: str) -> int:
    """A length as X counts it, near enough: a link 23, wide characters and emoji 2."""
    rest = URL.sub("", text)
    wide = sum(2 if ord(char) > 0x10FF and unicodedata.category(char) not in ("Mn", "Cf") else 1 for char in rest)
    return wide + 23 * len(URL.findall(text))


def stripped(parts: list[str], sign: str) -> list[str]:
    """The parts without their marks and sign-offs."""
    total = len(parts)
    bare = []
    for number, part in enumerate(parts, 1):
        mark = f" {number}/{total}" if total > 1 else ""
        tail = (f" {sign}" if sign else "") + mark
        assert part.endswith(tail)
        bare.append(part.removesuffix(tail))
    return bare


SENTENCES = (
    "Thank you for writing, Maria, and sorry for the wait. Your parcel left our warehouse in Lyon on Monday and should "
    "be with you by Thursday evening. If it is not, please write to us here and we will send another one at once. "
    "You need not do anything else, and the second delivery costs you nothing. Have a good week!"
)


def test_a_text_that_fits_is_one_part_with_its_sign_off_and_no_mark() -> None:
    assert split("On its way!", 280, len, "– Mia") == ["On its way! – Mia"]
    assert split("  On its way!\n", 280, len, "") == ["On its way!"]


def test_parts_end_at_sentences_and_carry_sign_off_and_mark_in_this_order() -> None:
    parts = split(SENTENCES, 280, len, "– Mia")
    assert len(parts) == 2
    assert parts[0].endswith("at once. – Mia 1/2")
    assert parts[1].endswith("Have a good week! – Mia 2/2")
    assert all(len(part) <= 280 for part in parts)
    assert " ".join(stripped(parts, "– Mia")) == SENTENCES


def test_without_a_sentence_in_reach_a_part_ends_at_a_word() -> None:
    text = "word " * 100
    parts = split(text, 60, len, "^MK")
    assert all(re.fullmatch(r"(word ?)+ \^MK \d+/\d+", part) for part in parts)
    assert " ".join(stripped(parts, "^MK")) == text.strip()


def test_a_greeting_alone_is_no_part() -> None:
    parts = split("Hi! " + "word " * 80, 280, len, "")
    assert len(parts[0]) > 200


def test_an_abbreviation_or_an_ordinal_does_not_end_a_sentence() -> None:
    text = "We deliver on Friday. It comes by lorry, e.g. tomorrow or the 24. December, with Dr. " + "Long " * 20
    first = stripped(split(text, 60, len, ""), "")[0]
    assert first == "We deliver on Friday."


def test_a_line_break_is_a_good_border_and_becomes_it() -> None:
    parts = split("First line without a stop\n\n" + "second line " * 8, 100, len, "")
    assert parts[0] == "First line without a stop 1/2"
    assert stripped(parts, "")[1] == ("second line " * 8).strip()


def test_line_breaks_and_spaces_inside_a_part_stay() -> None:
    parts = split("a  b\nc\t d. " + "word " * 20, 60, len, "")
    assert parts[0].startswith("a  b\nc\t d.")


def test_more_than_nine_parts_have_longer_marks_that_still_fit() -> None:
    parts = split("abcd " * 200, 30, len, "-M")
    assert len(parts) > 9
    assert all(len(part) <= 30 for part in parts)
    assert parts[0].endswith(f"-M 1/{len(parts)}")
    assert " ".join(stripped(parts, "-M")) == ("abcd " * 200).strip()


def test_a_sign_off_that_is_there_already_is_not_doubled() -> None:
    assert split("On its way! – Mia", 280, len, "– Mia") == ["On its way! – Mia"]
    parts = split(SENTENCES + " – Mia", 280, len, "– Mia")
    assert parts[-1].count("– Mia") == 1


def test_without_marks_only_the_sign_off_is_added() -> None:
    parts = split(SENTENCES, 200, len, "– Mia", marks=False)
    assert len(parts) > 1
    assert all(part.endswith(" – Mia") for part in parts)
    assert " ".join(part.removesuffix(" – Mia") for part in parts) == SENTENCES


def test_a_word_longer_than_a_part_is_cut_as_the_last_resort() -> None:
    parts = split("Hello " + "x" * 100, 40, len, "")
    assert "".join(stripped(parts, "")).replace("Hello", "") == "x" * 100
    assert all(len(part) <= 40 for part in parts)


def test_a_url_is_never_cut() -> None:
    url = "https://acme.example/track/" + "7" * 60
    parts = split(f"Please look here: {url} and tell us. " + "word " * 30, 60, weighted, "– Mia")
    assert sum(url in part for part in parts) == 1
    with pytest.raises(CannotSplit, match="link"):
        split(f"Please look here: {url} and tell us.", 60, len, "– Mia")


def test_text_glued_to_a_url_is_cut_around_it() -> None:
    url = "https://acme.example/abcdef"
    parts = split("(" * 50 + url + "。" + "配送状況をご確認ください。" * 5, 60, len, "")
    assert sum(url in part for part in parts) == 1


def test_characters_of_several_code_points_are_not_torn() -> None:
    family, flag, zalgo = "👩‍👩‍👧‍👦", "🇩🇰", "e\u0301\u0323"
    for unit in (family, flag, zalgo, "👍🏽", "नि"):
        parts = stripped(split(unit * 60, 41, len, ""), "")
        assert all(part == unit * (len(part) // len(unit)) for part in parts), unit


def test_a_script_without_spaces_breaks_behind_its_full_stops() -> None:
    text = "お問い合わせありがとうございます。" * 12
    parts = stripped(split(text, 280, weighted, "– Mia"), "– Mia")
    assert all(part.endswith("。") for part in parts)
    assert "".join(parts) == text


@pytest.mark.parametrize(
    ("text", "limit", "sign"), [("", 280, ""), ("   ", 280, "– Mia"), ("– Mia", 280, "– Mia"), ("abc def", 5, "– Mia")]
)
def test_what_is_impossible_is_refused_with_a_sentence(text: str, limit: int, sign: str) -> None:
    with pytest.raises(CannotSplit) as caught:
        split(text, limit, len, sign)
    assert isinstance(caught.value, DeskError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.sentence


def test_a_very_long_answer_costs_few_measurements() -> None:
    measured = 0

    def counted(text: str) -> int:
        nonlocal measured
        measured += 1
        return len(text)

    parts = split("word and word. " * 3000, 280, counted, "– Mia")
    assert measured < 40 * len(parts)


WORDS = st.lists(
    st.one_of(
        st.text(alphabet="abcäøđ", min_size=1, max_size=9),
        st.sampled_from(
            ["Yes.", "Really?", "No!", "e.g.", "https://acme.example/a/b?c=1", "配送", "です。", "👍", "👩‍👩‍👧‍👦", "…"]
        ),
    ),
    min_size=1,
    max_size=120,
)
SIGNS = st.sampled_from(["", "– Mia", "^MK", "*MK", "-Jürgen"])


@settings(deadline=None)
@given(
    WORDS, st.lists(st.sampled_from([" ", "\n", "  ", "\n\n"]), min_size=1), st.integers(50, 300), SIGNS, st.booleans()
)
def test_nothing_is_lost_and_nothing_too_long(
    words: list[str], gaps: list[str], limit: int, sign: str, marks: bool
) -> None:
    text = "".join(word + gaps[index % len(gaps)] for index, word in enumerate(words)).strip()
    parts = split(text, limit, weighted, sign, marks)
    assert all(weighted(part) <= limit for part in parts)
    bare = stripped(parts, sign) if marks else [part.removesuffix(f" {sign}") if sign else part for part in parts]
    assert " ".join(bare).split() == text.split()
    assert all(body and body == body.strip() for body in bare)
    for body in bare:
        assert body in text, "inside a part nothing changes"


@settings(deadline=None)
@given(st.text(min_size=1, max_size=400), st.integers(30, 80), SIGNS)
def test_any_text_at_all_keeps_its_characters(text: str, limit: int, sign: str) -> None:
    assume(text.strip() and not text.strip().endswith(sign or "\0"))
    try:
        parts = split(text, limit, len, sign)
    except CannotSplit:
        return
    assert all(len(part) <= limit for part in parts)
    assert re.sub(r"\s+", "", "".join(stripped(parts, sign))) == re.sub(r"\s+", "", text)


@given(st.text(max_size=600), st.integers(1, 90))
def test_pieces_joined_are_the_text(text: str, size: int) -> None:
    cut = pieces(text, size)
    assert "".join(cut) == text
    assert all(0 < len(piece) <= size for piece in cut) or (text == "" and cut == [""])


def test_pieces_end_at_a_line_or_a_word() -> None:
    text = "A line of a complaint.\n" * 2000
    assert all(piece.endswith("\n") for piece in pieces(text, 3000))
    assert all(piece.endswith(" ") for piece in pieces("word " * 3000, 3000))
    assert "".join(pieces("👩‍👩‍👧‍👦" * 500, 100)) == "👩‍👩‍👧‍👦" * 500
    assert all(piece.startswith("👩") for piece in pieces("👩‍👩‍👧‍👦" * 500, 100))


def test_a_huge_comment_is_cut_quickly() -> None:
    assert len(pieces("x" * 65_000, 2900)) == 23
