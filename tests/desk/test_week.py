"""A week as it is typed and read back, and the zone it is in: what people write is understood, or named as wrong."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.hours import BusinessHours, HoursError
from desk.model.week import format_spans, format_week, parse_week, zone_named

LONDON = ZoneInfo("Europe/London")


# Zones


def test_a_zone_is_found_by_its_name_in_any_case() -> None:
    assert zone_named(" europe/berlin ").key == "Europe/Berlin"
    assert zone_named("UTC").key == "UTC"


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Europe/Osloo", "Europe/Oslo"),
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("US/Estern", "US/Eastern"),
        ("Europ/Lisbon", "Europe/Lisbon"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_name(typed: str, near: str) -> None:
    with pytest.raises(HoursError) as caught:
        zone_named(typed)
    assert caught.value.sentence == f'"{typed}" is no time zone. Did you mean {near}? Write the IANA name.'


@pytest.mark.parametrize("typed", ["CET", "EST", "", "../etc/passwd", "/", "x" * 5000])
def test_what_no_zone_resembles_gets_the_form(typed: str) -> None:
    with pytest.raises(HoursError, match="is no time zone"):
        zone_named(typed)


# What people type and read


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("mon-fri 9-17, sat 10-14", "Mon–Fri 09:00–17:00, Sat 10:00–14:00"),
        ("Mon–Fri 09:00–17:00, Sat 10:00–14:00", "Mon–Fri 09:00–17:00, Sat 10:00–14:00"),
        ("Monday to Friday 9:30 to 17.45", "Mon–Fri 09:30–17:45"),
        (
            "mon-thu 9-12 and 13-17, fri 9-12; sun closed",
            "Mon–Thu 09:00–12:00 and 13:00–17:00, Fri 09:00–12:00",
        ),
        ("mon-fri 9-12, 13-17, sat 10-14", "Mon–Fri 09:00–12:00 and 13:00–17:00, Sat 10:00–14:00"),
        ("mon, wed & fri 9am-5pm", "Mon 09:00–17:00, Wed 09:00–17:00, Fri 09:00–17:00"),
        ("daily 6pm-12am", "Mon–Sun 18:00–24:00"),
        ("24/7", "Mon–Sun 00:00–24:00"),
        ("every day 8-20", "Mon–Sun 08:00–20:00"),
        ("weekdays: 9-17\nweekend: 10-14", "Mon–Fri 09:00–17:00, Sat–Sun 10:00–14:00"),
        ("fri-mon 22:00-30:00", "Mon 22:00–06:00 next day, Fri–Sun 22:00–06:00 next day"),
        ("mon 22:00-06:00 next day", "Mon 22:00–06:00 next day"),
        ("ｍｏｎ　９－１７", "Mon 09:00–17:00"),
        ("mon-fri 9-24, sat-sun closed", "Mon–Fri 09:00–24:00"),
    ],
)
def test_a_typed_week_is_read_and_shown(typed: str, shown: str) -> None:
    week = parse_week(typed)
    assert format_week(week) == shown
    assert parse_week(shown) == week
    BusinessHours(LONDON, week)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("mon 25:00-26:00", "Monday: 25:00 is no time to open at"),
        ("mon-fri 17:00-09:00", "Monday: 17:00-09:00 ends before it begins."),
        ("mon-fri 17:00-09:00", "as in 22:00-30:00"),
        ("mon-fri 9-5", "If you mean the afternoon, write 09:00-17:00."),
        ("mon 9-12, 11-14", "Monday: 09:00-12:00 and 11:00-14:00 overlap. Write them as one: 09:00-14:00."),
        ("mon 9-12, mon 11-14", "overlap"),
        ("tuse 9-17", '"tuse" is no day. Did you mean tue?'),
        ("mon", 'Monday: no times. Write "mon 9-17", or "mon closed".'),
        ("mon 9", 'Monday: "9" is only one time.'),
        ("9-17", '"9" stands before any day.'),
        ("mon 22-30, tue 5-10", "Monday 22:00-30:00 runs into Tuesday 05:00-10:00."),
        ("mon 9:75-10", "more than 59 minutes"),
        ("mon 9-49", "is past 48:00"),
        ("", "These hours never open. Write days and times like this: mon-fri 9-17, sat 10-14."),
        ("closed", "These hours never open."),
        ("mon two hours", '"two" is no day.'),
        ("mon 13pm-14", '"13pm" is no time. Write 9am, 9pm or 21:00.'),
        ("mon-weekend 9-17", "is no range of days"),
        ("mon 9-17 🙂", '"🙂" is out of place'),
        ("mon 99999999999999-3", "is no time"),
        ("mon 9-17 tue", "Tuesday: no times"),
    ],
)
def test_a_week_that_cannot_be_is_refused_with_the_form_to_write(typed: str, said: str) -> None:
    with pytest.raises(HoursError) as caught:
        parse_week(typed)
    assert said in caught.value.sentence


def test_the_same_mistake_on_five_days_is_said_once() -> None:
    with pytest.raises(HoursError) as caught:
        parse_week("mon-fri 9-12 11-14")
    assert len(caught.value.mistakes) == 1


def test_a_closed_week_reads_as_one() -> None:
    assert format_week({}) == format_week({"mon": ()}) == "closed all week"
    assert format_spans(()) == "closed"


@given(st.text(alphabet="montuewdhfrisa 0123456789-:,–/and\n🙂apxé", max_size=60))
def test_whatever_is_typed_gives_a_week_or_a_sentence(typed: str) -> None:
    try:
        week = parse_week(typed)
    except HoursError:
        return
    assert parse_week(format_week(week)) == week
    BusinessHours(LONDON, week)
