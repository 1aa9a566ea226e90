"""What the desk says to customers by itself: never twice, never in public unasked, and in the room that there is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.hours import DAYS, BusinessHours
from desk.model.notice import (
    ACK_FACTS,
    ACKNOWLEDGEMENTS,
    PUBLIC,
    PUBLIC_FACTS,
    Acknowledge,
    AckTexts,
    Contact,
    Occasion,
    Texts,
    Verdict,
    acknowledge,
    availability,
    fill,
    misformed,
    names_in,
    once_key,
    public_facts,
    week_in,
)
from desk.model.tongues import TONGUES

LISBON = ZoneInfo("Europe/Lisbon")
WEEK = {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = BusinessHours(LISBON, WEEK | {"sat": [("10:00", "14:00")]})
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
HELP = Contact("help@example.org", "+351 21 000 00 00", "example.org/help")


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


# Filling


def test_a_part_whose_fact_is_missing_is_left_out() -> None:
    template = "Thank you[, {name}].[ An answer comes {answer}.]"
    assert fill(template, {"name": "Eva", "answer": "today"}, 200).text == "Thank you, Eva. An answer comes today."
    assert fill(template, {"answer": ""}, 200).text == "Thank you."


def test_where_room_is_short_the_optional_parts_go_from_the_last_to_the_first() -> None:
    template = "One.[ Two.][ Three.] End."
    assert fill(template, {}, 100).text == "One. Two. Three. End."
    assert fill(template, {}, 15).text == "One. Two. End."
    assert fill(template, {}, 9).text == "One. End."
    assert fill(template, {}, 15).dropped == 1


def test_nothing_is_ever_cut_and_what_does_not_fit_is_said_to_be_so() -> None:
    found = fill("One whole sentence.[ More.]", {}, 5)
    assert found.text == "One whole sentence."
    assert not found.fits
    assert not found.good


def test_the_length_is_the_platforms_own() -> None:
    assert fill("ab[ cd]", {}, 4, lambda text: 2 * len(text)).text == "ab"


def test_a_text_that_lacks_what_it_needs_is_not_for_people() -> None:
    found = fill("Back {opens}.", {"opens": ""}, 100)
    assert found.missing == ("opens",)
    assert not found.good


def test_a_name_with_braces_and_brackets_in_it_is_only_a_name() -> None:
    assert fill("Hello {name}.", {"name": "{until} [x]", "until": "5"}, 100).text == "Hello {until} [x]."


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Here {when}", "{when} is not filled in; known are {hours}"),
        ("Here [until {hours}", "each [ needs its ]"),
        ("Here [until [{hours}]]", "no [ stands inside another"),
        ("Here {hours", "each { needs its }"),
        ("[{hours}]", "something must stand outside"),
    ],
)
def test_a_text_in_the_wrong_form_is_refused_with_a_reason(template: str, said: str) -> None:
    assert said in (misformed(template, ["hours"]) or "")


def test_the_shipped_texts_have_the_right_form_in_all_languages() -> None:
    assert set(PUBLIC) == set(ACKNOWLEDGEMENTS) == set(TONGUES)
    for texts in PUBLIC.values():
        for template in (texts.open, texts.closed):
            assert misformed(template, PUBLIC_FACTS) is None
            assert "ways" in names_in(template)
    for own in ACKNOWLEDGEMENTS.values():
        assert misformed(own.arrival, ACK_FACTS) is None
        assert misformed(own.closed, ACK_FACTS) is None


@given(st.sampled_from([text for own in PUBLIC.values() for text in (own.open, own.closed)]), st.integers(0, 400))
def test_in_any_room_a_text_is_made_of_whole_parts(template: str, limit: int) -> None:
    facts = public_facts(OFFICE, at(10), "en", HELP) | {"opens": "tomorrow"}
    whole = fill(template, facts, 10_000).text
    found = fill(template, facts, limit)
    assert found.fits == (len(found.text) <= limit)
    assert whole.startswith(found.text)
    assert found.text.endswith(".")


# The hours in public


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Mon–Fri 09:00–12:00 and 13:00–17:00, Sat 10:00–14:00"),
        ("de", "Mo–Fr 09:00–12:00 und 13:00–17:00, Sa 10:00–14:00"),
        ("da", "man–fre 09:00–12:00 og 13:00–17:00, lør 10:00–14:00"),
        ("cs", "po–pá 09:00–12:00 a 13:00–17:00, so 10:00–14:00"),
        ("hu", "H–P 09:00–12:00 és 13:00–17:00, Szo 10:00–14:00"),
        ("fr", "Mon–Fri 09:00–12:00 and 13:00–17:00, Sat 10:00–14:00"),
    ],
)
def test_the_week_is_written_in_the_language(language: str, words: str) -> None:
    assert week_in(OFFICE.week, language) == words


def test_a_night_closed_weeks_and_weeks_without_an_end_have_their_words() -> None:
    assert week_in({"fri": [("22:00", "30:00")]}) == "Fri 22:00–06:00 (next day)"
    assert week_in({}) == "closed"
    assert week_in({day: [("00:00", "24:00")] for day in DAYS}, "de") == "jeden Tag rund um die Uhr"


def test_while_open_it_says_until_when_and_how_else_to_reach_the_team() -> None:
    found = availability(OFFICE, at(10), ["en"], 1000, contact=HELP)
    assert [(language, filled.text) for language, filled in found] == [
        (
            "en",
            "We are here until 17:00 (Lisbon time). Our hours: Mon–Fri 09:00–12:00 and 13:00–17:00, Sat 10:00–14:00. "
            "You can also reach us by e-mail: help@example.org, by phone: +351 21 000 00 00, "
            "on the web: example.org/help.",
        )
    ]


@pytest.mark.parametrize(
    ("now", "language", "words"),
    [
        (at(18), "en", "We are closed now and back tomorrow at 09:00 (Lisbon time)."),
        (at(12, 30), "en", "We are closed now and back today at 13:00"),
        (at(15, day=5), "de", "Wir antworten wieder am Montag um 09:00 Uhr"),
        (at(15, day=5), "da", "er tilbage mandag kl. 09:00"),
        (at(15, day=5), "cs", "odpovídáme zase v\u00a0pondělí v 09:00"),
        (at(15, day=5), "hu", "hétfőn 09:00-kor újra itt leszünk"),
    ],
)
def test_while_closed_it_says_when_the_team_is_back(now: datetime, language: str, words: str) -> None:
    ((_, filled),) = availability(OFFICE, now, [language], 1000)
    assert words in filled.text
    assert filled.good


def test_after_a_long_holiday_the_date_is_named() -> None:
    away = BusinessHours(LISBON, WEEK, [date(2026, 11, day) for day in range(23, 31)])
    ((_, filled),) = availability(away, at(10), ["en"], 1000)
    assert "back on 1 December at 09:00" in filled.text


def test_in_the_room_of_a_post_the_other_ways_go_first_and_then_the_hours() -> None:
    ((_, filled),) = availability(OFFICE, at(10), ["en"], 140, contact=HELP)
    assert filled.text.endswith("Sat 10:00–14:00.")
    ((_, filled),) = availability(OFFICE, at(10), ["en"], 60, contact=HELP)
    assert filled.text == "We are here until 17:00 (Lisbon time)."
    assert filled.good


def test_each_language_that_is_served_has_its_text_and_the_owners_own_come_first() -> None:
    own = {"de": Texts("Wir sind da bis {until}.", "Zu.")}
    found = dict(availability(OFFICE, at(10), ["en", "de", "fr"], 1000, texts=own))
    assert found["de"].text == "Wir sind da bis 17:00."
    assert found["fr"].text.startswith("We are here")


def test_a_desk_that_never_closes_or_never_opens_says_its_hours() -> None:
    always = BusinessHours(LISBON, {day: [("00:00", "24:00")] for day in DAYS})
    assert availability(always, at(10), ["en"], 100)[0][1].text == "every day, around the clock."
    assert availability(BusinessHours(LISBON, {}), at(10), ["en"], 100)[0][1].text == "closed."


def test_a_post_counts_once_for_a_date_a_kind_a_place_and_a_language() -> None:
    assert once_key("opening", date(2026, 11, 23), "x", "de") == "availability:opening:2026-11-23:x:de"


# Acknowledging

BOTH = Acknowledge(arrival=True, closed=True)


def verdict(rule: Acknowledge = BOTH, **more: object) -> Verdict:
    facts: dict[str, object] = {
        "platform": "facebook",
        "kind": "message",
        "private": True,
        "is_open": True,
        "now": at(10),
    }
    return acknowledge(rule, **(facts | more))  # type: ignore[arg-type]


def test_nothing_is_acknowledged_unless_it_is_switched_on() -> None:
    assert verdict(Acknowledge()).occasion is None
    assert verdict(Acknowledge(closed=True)).occasion is None
    assert verdict(Acknowledge(arrival=True), is_open=False).occasion is None


def test_on_arrival_and_outside_the_hours() -> None:
    assert verdict().occasion is Occasion.ARRIVAL
    assert verdict(is_open=False).occasion is Occasion.CLOSED


@pytest.mark.parametrize(
    ("rule", "more", "why"),
    [
        (BOTH, {"private": False}, "never in public"),
        (BOTH, {"last_at": at(10, day=-1) + timedelta(minutes=1)}, "this person had one lately"),
        (BOTH, {"needs_answer": False}, "it needs no answer"),
        (BOTH, {"answered": True}, "a person answers"),
        (BOTH, {"sent_at": at(8, 59)}, "it was written a while ago"),
        (Acknowledge(True, True, platforms=("x",)), {}, "not on facebook"),
        (Acknowledge(True, True, kinds=("comment",)), {}, "not for a message"),
    ],
)
def test_who_is_not_written_to_by_the_desk(rule: Acknowledge, more: dict[str, object], why: str) -> None:
    assert verdict(rule, **more) == Verdict(None, why)


def test_after_a_while_a_person_may_have_another() -> None:
    assert verdict(last_at=at(10, day=-1)).occasion is Occasion.ARRIVAL


def test_in_public_only_where_a_lead_allows_it() -> None:
    assert verdict(Acknowledge(arrival=True, public=True), private=False).occasion is Occasion.ARRIVAL


def test_the_words_are_the_owners_or_the_shipped_ones_or_english() -> None:
    own = Acknowledge(texts={"de": AckTexts("Da!", "Zu!")})
    assert own.text(Occasion.CLOSED, "de") == "Zu!"
    assert own.text(Occasion.ARRIVAL, "hu") == ACKNOWLEDGEMENTS["hu"].arrival
    assert own.text(Occasion.ARRIVAL, "fr") == ACKNOWLEDGEMENTS["en"].arrival


def test_without_an_estimate_none_is_pretended() -> None:
    text = fill(ACKNOWLEDGEMENTS["en"].arrival, {"name": "Eva", "answer": "", "solution": ""}, 1000).text
    assert text == "Thank you for your message, Eva. We have it."
