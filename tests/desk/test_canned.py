"""Canned answers: least recently used wordings, facts that stay, texts that are not said twice, and finding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from twitter_text import parse_tweet  # type: ignore[import-untyped]

from config.canned import shipped
from desk.model.canned import (
    RECENT,
    Canned,
    Picks,
    Use,
    facts_in,
    fitting,
    in_language,
    lost,
    named,
    rewritten,
    said_lately,
    search,
    wordings,
    words_print,
    written,
)
from desk.model.estimate import said
from desk.model.heard import missing, split
from desk.model.hours import BusinessHours

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOURS = BusinessHours(ZoneInfo("UTC"), {day: (("09:00", "17:00"),) for day in ("mon", "tue", "wed", "thu", "fri")})
PARCEL = Canned(
    "late-parcel",
    "delivery",
    "en",
    ("Sorry[, {name}].", "I apologise[, {name}]."),
    ("It needs {days} days; see acme.example/track.", "Look at acme.example/track: {days} days."),
    ("We'll write {until}.", "You will hear from us {until}.", "I'll tell you {until}."),
    needs=("days",),
    unchanged=("acme.example/track",),
)


def used(picks: Picks, minutes: int, mark: str = "", language: str = "en") -> Use:
    return Use(NOW + timedelta(minutes=minutes), 1, language, picks, False, mark)


def test_every_text_is_offered_once_before_any_comes_again_and_then_the_oldest() -> None:
    uses: list[Use] = []
    for minute in range(24):
        uses.append(used(wordings(PARCEL, uses)[0], minute))
    said_first = [use.picks for use in uses[:12]]
    assert len(set(said_first)) == 12
    assert [use.picks for use in uses[12:]] == said_first
    assert uses[0].picks == (0, 0, 0) and uses[1].picks == (1, 1, 1)


def test_what_was_said_in_another_language_does_not_count() -> None:
    assert wordings(PARCEL, [used((0, 0, 0), 1, language="de")])[0] == (0, 0, 0)


def test_places_are_filled_in_and_what_is_missing_stays_to_be_seen() -> None:
    text = written(PARCEL, (0, 0, 0), {"name": "Maria", "days": "3", "until": "tomorrow by 10:00"}, 280)
    assert text.text == "Sorry, Maria. It needs 3 days; see acme.example/track. We'll write tomorrow by 10:00."
    assert text.missing == () and set(text.facts) == {"acme.example/track", "3", "10:00"}
    bare = written(PARCEL, (0, 0, 0), {"until": "today by 16:00"}, 280)
    assert bare.text.startswith("Sorry. It needs {days} days") and bare.missing == ("days",)


def test_a_part_in_brackets_goes_where_room_is_short() -> None:
    values = {"name": "Maximiliane", "days": "3", "until": "tomorrow by 10:00"}
    whole = written(PARCEL, (0, 0, 0), values, 280).text
    assert written(PARCEL, (0, 0, 0), values, len(whole) - 1).text == whole.replace(", Maximiliane", "")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("See https://acme.example/a?b=1.", ("https://acme.example/a?b=1",)),
        ("It costs €49.90, or 1,200.00 EUR", ("€49.90", "1,200.00 EUR")),
        ("12 % of 30 Kč", ("12 %", "30 Kč")),
        ("Call +351 21 000 00 00 or help@acme.example", ("+351 21 000 00 00", "help@acme.example")),
        ("Until 24.12. or 2026-12-24, 16:00", ("24.12.", "2026-12-24", "16:00")),
        ("Three of them and 4 more", ()),
    ],
)
def test_links_amounts_dates_and_phones_are_facts(text: str, facts: tuple[str, ...]) -> None:
    assert facts_in(text) == facts


@pytest.mark.parametrize(
    ("fact", "text", "gone"),
    [
        ("5 €", "You get 5\u00a0€ back", False),
        ("5 €", "You get 15 € back", True),
        ("5 €", "You get 2.5 € back", True),
        ("16:00", "by 16:30", True),
        ("acme.example/track", "See acme.example/track.", False),
        ("acme.example/track", "See acme.example/tracking", True),
        ("acme.example/track", "See acme.example/track/7", True),
        ("5 working days", "in 5  working\ndays", False),
    ],
)
def test_a_fact_stands_unchanged_or_is_lost(fact: str, text: str, gone: bool) -> None:
    assert bool(lost([fact], text)) is gone


def test_the_same_words_are_seen_whatever_name_and_number_stand_in_them() -> None:
    one = words_print("Sorry, Maria. It needs 3 days.", ["Maria"])
    assert one == words_print("sorry, @Jonas! It needs 14 days", ["Jonas"])
    assert one != words_print("Sorry, Maria. It takes 3 days.", ["Maria"])
    uses = [used((0, 0, 0), 0, one)]
    assert said_lately(one, uses, NOW + timedelta(hours=1)) == uses[0]
    assert said_lately(one, uses, NOW + RECENT + timedelta(hours=1)) is None


def test_a_word_changed_is_no_rewriting_and_half_of_them_is() -> None:
    text = "Sorry, Maria. It needs 3 days and we'll write to you tomorrow by 10:00."
    assert not rewritten(text, text.replace("3", "4"))
    assert rewritten(text, "Hi Maria, that is bad. I asked the driver, and we'll write to you tomorrow by 10:00.")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("late-parcel", "late-parcel"),
        ("late parcel", "late-parcel"),
        ("lateparcel", "late-parcel"),
        ("refnud", "refund-status"),
        ("logged out", "app-login"),
        ("replacment", "broken-item"),
        ("when open", "opening-hours"),
    ],
)
def test_names_and_texts_are_found_also_when_mistyped(query: str, first: str) -> None:
    assert search(shipped(), query, "en")[0].name == first


def test_nothing_is_found_where_nothing_is_like_it() -> None:
    assert search(shipped(), "zebra", "en") == []
    assert search(shipped(), "", "en") == []


def test_what_fits_the_customers_words_and_language_comes_first() -> None:
    german = fitting(shipped(), "Ich warte seit Montag auf mein Paket", "de")
    assert (german[0].name, german[0].language) == ("late-parcel", "de")
    assert [one.language for one in german] == sorted((one.language for one in german), key=lambda code: code != "de")
    assert len({one.name for one in german}) == len(german)
    assert fitting(shipped(), "the zip of my new bag broke", "en")[0].name == "broken-item"


def test_where_the_customers_language_has_none_another_is_taken() -> None:
    assert [one.language for one in in_language(shipped(), "hu") if one.name == "app-login"] == ["en"]
    german = named(shipped(), "Late-Parcel", "de")
    assert german is not None and german.language == "de"


def test_a_response_is_the_same_after_it_was_kept() -> None:
    assert Canned.from_json(PARCEL.as_json()) == PARCEL
    use = used((1, 0, 2), 3, "ab")
    assert Use.from_json(use.as_json()) == use


@pytest.mark.parametrize("one", shipped(), ids=lambda one: f"{one.language}-{one.name}")
def test_every_text_that_comes_with_the_desk_has_three_parts_and_fits_on_x(one: Canned) -> None:
    until = said(HOURS.add(NOW, one.within), NOW, HOURS, one.language).words
    values = {"name": "Konstantina", "days": "3", "amount": "149.90 €", "until": until, "hours": "Mon–Fri 09:00–17:00"}
    for picks in wordings(one, ()):
        text = written(one, picks, values, 280 - len(" – Konstantin"), lambda text: parse_tweet(text).weightedLength)
        assert text.missing == ()
        assert parse_tweet(text.text).weightedLength <= 280 - len(" – Konstantin")
        assert missing(text.text, NOW, HOURS) == ()


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Sorry about that, Maria. It is at the depot. We'll write to you by tomorrow 4 pm.", ()),
        ("It is at the depot. We'll write to you by tomorrow 4 pm.", ("feeling",)),
        ("I'm sorry, Maria! We'll write to you by tomorrow 4 pm.", ("facts",)),
        ("Hi Maria, I'm sorry. It is at the depot. We'll be in touch soon.", ("next",)),
        ("No.", ("feeling", "next")),
        ("Das tut mir leid. Es liegt im Lager. Wir melden uns bis morgen 16 Uhr.", ()),
    ],
)
def test_what_an_answer_lacks_is_named(text: str, lacks: tuple[str, ...]) -> None:
    assert missing(text, NOW, HOURS) == lacks


def test_an_answer_is_taken_apart_by_what_its_sentences_are_for() -> None:
    text = "Sorry about that, Maria. It is at the depot. We'll write to you by tomorrow 4 pm."
    assert split(text, NOW, HOURS) == (
        "Sorry about that, Maria.",
        "It is at the depot.",
        "We'll write to you by tomorrow 4 pm.",
    )
