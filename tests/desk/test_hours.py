"""Business hours: the rules one by one, and mistakes are named."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk.model.errors import DeskError
from desk.model.hours import DAYS, BusinessHours, HoursError, NeverCloses, NeverOpen, without

BERLIN = ZoneInfo("Europe/Berlin")
LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")
NINE_TO_FIVE = {day: [("09:00", "17:00")] for day in DAYS[:5]}
ALWAYS = {day: [("00:00", "24:00")] for day in DAYS}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The rules, one by one


def test_an_amount_used_up_exactly_at_closing_is_due_at_closing() -> None:
    hours = BusinessHours(BERLIN, NINE_TO_FIVE)
    assert hours.add(utc("2026-11-20T15:00"), HOUR) == utc("2026-11-20T16:00")


def test_a_minute_more_is_due_on_the_next_working_day() -> None:
    hours = BusinessHours(BERLIN, NINE_TO_FIVE)
    assert hours.add(utc("2026-11-20T15:00"), 61 * MINUTE) == utc("2026-11-23T08:01")


def test_zero_at_a_closed_time_is_the_next_opening_and_at_an_open_one_the_instant_itself() -> None:
    hours = BusinessHours(BERLIN, NINE_TO_FIVE)
    assert hours.add(utc("2026-11-21T15:00"), timedelta(0)) == utc("2026-11-23T08:00")
    assert hours.add(utc("2026-11-20T16:00"), timedelta(0)) == utc("2026-11-23T08:00")
    assert hours.add(utc("2026-11-20T12:34"), timedelta(0)) == utc("2026-11-20T12:34")


def test_at_its_opening_the_desk_is_open_and_at_its_closing_closed() -> None:
    hours = BusinessHours(BERLIN, NINE_TO_FIVE)
    assert hours.is_open(utc("2026-11-20T08:00"))
    assert not hours.is_open(utc("2026-11-20T16:00"))
    assert hours.is_open(utc("2026-11-20T16:00") - timedelta(microseconds=1))
    assert hours.next_closing(utc("2026-11-20T16:00")) == utc("2026-11-23T16:00")


def test_answers_are_in_utc_and_keep_microseconds() -> None:
    hours = BusinessHours(BERLIN, NINE_TO_FIVE)
    asked = datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=ZoneInfo("Asia/Manila"))
    for answer in (hours.add(asked, 3 * HOUR), hours.next_opening(asked), hours.next_closing(asked)):
        assert answer.tzinfo is UTC
    assert hours.add(utc("2026-11-20T09:00:00.123456"), HOUR) == utc("2026-11-20T10:00:00.123456")


def test_between_is_zero_where_time_runs_backwards() -> None:
    hours = BusinessHours(BERLIN, ALWAYS)
    assert hours.between(utc("2026-11-20T09:00"), utc("2026-11-20T08:00")) == timedelta(0)
    assert hours.between(utc("2026-11-20T09:00"), utc("2026-11-20T09:00")) == timedelta(0)


def test_a_negative_amount_or_a_time_without_a_zone_is_refused() -> None:
    hours = BusinessHours(BERLIN, NINE_TO_FIVE)
    with pytest.raises(ValueError, match="negative"):
        hours.add(utc("2026-11-20T09:00"), -MINUTE)
    naive = datetime(2026, 11, 20, 9)
    for ask in (hours.is_open, hours.next_opening, hours.next_closing):
        with pytest.raises(ValueError, match="naive"):
            ask(naive)
    with pytest.raises(ValueError, match="naive"):
        hours.add(naive, HOUR)
    with pytest.raises(ValueError, match="naive"):
        hours.add(naive, timedelta(0))
    with pytest.raises(ValueError, match="naive"):
        hours.between(utc("2026-11-20T09:00"), naive)


def test_spans_that_touch_are_one_also_over_midnight() -> None:
    hours = BusinessHours(LONDON, {"fri": [("09:00", "12:00"), ("12:00", "24:00")], "sat": [("00:00", "02:00")]})
    assert hours.next_closing(utc("2026-11-20T09:00")) == utc("2026-11-21T02:00")
    assert hours.is_open(utc("2026-11-20T12:00"))
    assert hours.is_open(utc("2026-11-21T00:00"))


def test_a_night_belongs_to_the_date_on_which_it_begins() -> None:
    week = {day: [("22:00", "30:00")] for day in DAYS[:5]}
    hours = BusinessHours(LONDON, week, holidays=[date(2026, 11, 18)])
    assert hours.is_open(utc("2026-11-18T05:59")), "Tuesday's night runs on into the holiday"
    assert not hours.is_open(utc("2026-11-18T23:00")), "the holiday's own night does not begin"
    assert not hours.is_open(utc("2026-11-19T03:00"))
    assert hours.next_opening(utc("2026-11-18T06:00")) == utc("2026-11-19T22:00")


def test_a_span_may_run_to_the_end_of_the_next_day() -> None:
    hours = BusinessHours(LONDON, {"sat": [("00:00", "48:00")]})
    assert hours.between(utc("2026-11-20T00:00"), utc("2026-11-24T00:00")) == 48 * HOUR


def test_an_exception_beats_a_holiday_and_the_week() -> None:
    christmas = date(2026, 12, 24)
    hours = BusinessHours(
        LONDON,
        NINE_TO_FIVE,
        holidays=[christmas, date(2026, 12, 25)],
        exceptions={christmas: [("09:00", "13:00")], date(2026, 12, 26): [("10:00", "12:00")], date(2026, 12, 23): ()},
    )
    assert hours.on(christmas) == (("09:00", "13:00"),)
    assert hours.on(date(2026, 12, 25)) == hours.on(date(2026, 12, 23)) == ()
    assert hours.next_opening(utc("2026-12-22T17:00")) == utc("2026-12-24T09:00")
    assert hours.between(utc("2026-12-23T00:00"), utc("2026-12-28T00:00")) == 6 * HOUR


def test_a_break_is_cut_out() -> None:
    assert without([("09:00", "17:00")], [("12:00", "12:30")]) == [("09:00", "12:00"), ("12:30", "17:00")]
    assert without([("09:00", "12:00"), ("13:00", "17:00")], [("11:30", "13:30"), ("16:00", "18:00")]) == [
        ("09:00", "11:30"),
        ("13:30", "16:00"),
    ]
    assert without([("09:00", "17:00")], [("08:00", "18:00")]) == []
    assert without([], [("08:00", "18:00")]) == []


def test_a_break_in_the_night_leaves_hours_that_the_desk_accepts() -> None:
    spans = without([("22:00", "30:00")], [("23:45", "24:15"), ("26:00", "26:30")])
    assert spans == [("22:00", "23:45"), ("24:15", "26:00"), ("26:30", "30:00")]
    hours = BusinessHours(LONDON, {"mon": spans})
    assert hours.between(utc("2026-11-16T00:00"), utc("2026-11-18T00:00")) == 7 * HOUR


def test_a_wrong_break_is_refused() -> None:
    with pytest.raises(HoursError, match="The break: 13:00-12:00 ends before it begins"):
        without([("09:00", "17:00")], [("13:00", "12:00")])


# Clock changes


def test_the_night_of_the_spring_change_is_an_hour_shorter_and_of_the_autumn_change_an_hour_longer() -> None:
    hours = BusinessHours(BERLIN, ALWAYS)
    spring, autumn = datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)
    assert hours.between(spring, datetime(2026, 3, 30, tzinfo=BERLIN)) == 23 * HOUR
    assert hours.between(autumn, datetime(2026, 10, 26, tzinfo=BERLIN)) == 25 * HOUR


def test_an_opening_in_the_gap_moves_forward_by_the_gap() -> None:
    hours = BusinessHours(BERLIN, {"sun": [("02:30", "10:00")]})
    assert hours.next_opening(utc("2026-03-29T00:00")) == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN).astimezone(UTC)


def test_a_closing_in_the_gap_moves_forward_by_the_gap() -> None:
    hours = BusinessHours(BERLIN, {"sun": [("01:00", "02:30")]})
    assert hours.next_closing(utc("2026-03-29T00:00")) == utc("2026-03-29T01:30")


def test_spans_that_a_gap_pushes_into_one_another_count_once() -> None:
    hours = BusinessHours(BERLIN, {"sun": [("01:00", "02:30"), ("03:00", "05:00")]})
    assert hours.between(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == 3 * HOUR


def test_a_wall_time_that_comes_twice_is_the_first() -> None:
    hours = BusinessHours(BERLIN, {"sun": [("02:30", "04:00")]})
    assert hours.next_opening(utc("2026-10-24T22:00")) == utc("2026-10-25T00:30")
    assert hours.between(utc("2026-10-25T00:00"), utc("2026-10-25T12:00")) == timedelta(hours=2, minutes=30)
    early = BusinessHours(BERLIN, {"sun": [("01:00", "02:30")]})
    assert early.next_closing(utc("2026-10-24T23:00")) == utc("2026-10-25T00:30")


def test_lord_howe_changes_by_half_an_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    hours = BusinessHours(zone, ALWAYS)
    day = datetime(2026, 4, 5, tzinfo=zone)
    assert hours.between(day, datetime(2026, 4, 6, tzinfo=zone)) == timedelta(hours=24, minutes=30)


def test_a_date_that_a_zone_skipped_moves_its_hours_forward_like_any_gap() -> None:
    zone = ZoneInfo("Pacific/Apia")
    friday_only = BusinessHours(zone, {"fri": [("09:00", "17:00")]})
    saturday = datetime(2011, 12, 31, 9, tzinfo=zone)
    assert friday_only.next_opening(datetime(2011, 12, 29, 12, tzinfo=zone)) == saturday
    both = BusinessHours(zone, {"fri": [("09:00", "17:00")], "sat": [("09:00", "17:00")]})
    assert both.between(datetime(2011, 12, 29, 12, tzinfo=zone), datetime(2012, 1, 1, tzinfo=zone)) == 8 * HOUR


# The horizon


def test_hours_that_never_open_say_so() -> None:
    hours = BusinessHours(LONDON, {})
    now = utc("2026-11-20T09:00")
    for ask in (hours.next_opening, hours.next_closing):
        with pytest.raises(NeverOpen) as caught:
            ask(now)
        assert "does not open within 5 years of 2026-11-20" in caught.value.sentence
    with pytest.raises(NeverOpen):
        hours.add(now, MINUTE)
    assert not hours.is_open(now)
    assert hours.between(now, now + timedelta(days=900)) == timedelta(0)


def test_the_horizon_is_five_years_whatever_was_asked_before() -> None:
    far = {date(2020, 1, 6): [("09:00", "10:00")], date(2030, 1, 7): [("09:00", "10:00")]}
    for warm in (False, True):
        hours = BusinessHours(LONDON, {}, exceptions=far)
        if warm:
            assert hours.next_opening(utc("2029-12-01T00:00")) == utc("2030-01-07T09:00")
            assert hours.next_opening(utc("2019-12-01T00:00")) == utc("2020-01-06T09:00")
        with pytest.raises(NeverOpen):
            hours.next_opening(utc("2021-01-01T00:00"))
        with pytest.raises(NeverOpen):
            hours.add(utc("2020-01-06T09:00"), 61 * MINUTE)
        assert hours.add(utc("2020-01-06T09:00"), HOUR) == utc("2020-01-06T10:00")
        assert hours.next_opening(utc("2025-06-01T00:00")) == utc("2030-01-07T09:00")


def test_a_long_promise_may_end_beyond_the_horizon_if_the_desk_keeps_opening() -> None:
    hours = BusinessHours(UTC_ZONE, {"mon": [("09:00", "10:00")]})
    start = utc("2026-01-05T09:00")
    assert hours.add(start, 400 * HOUR) == start + timedelta(weeks=399) + HOUR


def test_a_desk_that_is_always_open_never_closes() -> None:
    hours = BusinessHours(BERLIN, ALWAYS)
    with pytest.raises(NeverCloses) as caught:
        hours.next_closing(utc("2026-11-20T09:00"))
    assert isinstance(caught.value, DeskError)
    assert hours.add(utc("2026-11-20T09:00"), timedelta(days=1000)) == utc("2026-11-20T09:00") + timedelta(days=1000)


def test_one_closed_day_ends_an_endless_span() -> None:
    hours = BusinessHours(UTC_ZONE, ALWAYS, holidays=[date(2029, 1, 1)])
    assert hours.next_closing(utc("2026-11-20T09:00")) == utc("2029-01-01T00:00")


def test_the_ends_of_the_calendar_are_answered_too() -> None:
    hours = BusinessHours(UTC_ZONE, NINE_TO_FIVE)
    for _ in range(3):
        assert not hours.is_open(datetime.min.replace(tzinfo=UTC))
        with pytest.raises(NeverOpen):
            hours.next_opening(datetime.max.replace(tzinfo=UTC))
    assert hours.next_opening(utc("9999-12-20T23:00")) == utc("9999-12-21T09:00")


# Mistakes


def mistakes(*arguments: object, **named: object) -> tuple[str, ...]:
    with pytest.raises(HoursError) as caught:
        BusinessHours(*arguments, **named)  # type: ignore[arg-type]
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, DeskError)
    assert caught.value.sentence == " ".join(caught.value.mistakes)
    return caught.value.mistakes


def test_a_night_written_backwards_names_the_form_to_write() -> None:
    assert mistakes(LONDON, {"mon": [("22:00", "06:00")]}) == (
        "Monday: 22:00-06:00 ends before it begins. If it ends on the next day, count on beyond midnight: 22:00-30:00.",
    )
    (said,) = mistakes(LONDON, {"tue": [("17:00", "09:00")]})
    assert said.startswith("Tuesday")
    assert "17:00-33:00, as in 22:00-30:00" in said


def test_every_mistake_is_named_at_once() -> None:
    said = mistakes(
        "Europe/Osloo",
        {
            "mon": [("25:00", "26:00")],
            "tue": [("09:00", "12:00"), ("11:00", "13:00")],
            "wed": [(1350, "23:00")],
            "thu": ("09:00", "17:00"),
            "fri": [("09:00", "09:00")],
            "funday": [("09:00", "17:00")],
            "sat": "9-17",
            "sun": [("9 am", "17:00"), ("09:75", "17:00"), ("09:00", "48:01"), (time(22, 30), "23:00"), ("09:00",)],
        },
        ["2026-02-30"],
        {"tomorrow": (), date(2026, 12, 24): [("13:00", "09:00")]},
    )
    for part in (
        "'Europe/Osloo' is no time zone",
        "Monday: 25:00 is no time to open at",
        "Tuesday: 09:00-12:00 and 11:00-13:00 overlap. Write them as one: 09:00-13:00.",
        'Wednesday: 1350 is not a quoted time. Put it in quotes: "22:30".',
        "Thursday: ['09:00', '17:00'] stands alone. Put it in a list: [[\"09:00\", \"17:00\"]].",
        "Friday: 09:00-09:00 is empty",
        '"funday" is no day',
        "Saturday: '9-17' is no list of spans",
        'Sunday: "9 am" is no time',
        'Sunday: "09:75" has more than 59 minutes',
        'Sunday: "48:01" is past 48:00',
        'Sunday: 22:30:00 is not a quoted time. Put it in quotes: "22:30".',
        "Sunday: ('09:00',) is no span",
        "The holiday '2026-02-30' is no date. Write it as 2026-12-25.",
        "The exception for 'tomorrow' needs a date",
        "Thursday 2026-12-24: 13:00-09:00 ends before it begins",
    ):
        assert any(part in sentence for sentence in said), (part, said)
    assert len(said) == 16


@pytest.mark.parametrize(
    "sides", [("09:00", True), ("09:00", None), ("09:00", 17.5), ("-1:00", "09:00"), ("", "09:00")]
)
def test_what_is_no_time_is_a_mistake(sides: tuple[object, object]) -> None:
    assert len(mistakes(LONDON, {"mon": [sides]})) == 1


def test_a_night_may_not_run_into_the_next_day() -> None:
    assert mistakes(LONDON, {"mon": [("22:00", "30:00")], "tue": [("05:00", "10:00")]})[0].startswith(
        "Monday 22:00-30:00 runs into Tuesday 05:00-10:00."
    )
    assert "Sunday" in mistakes(LONDON, {"sun": [("22:00", "30:00")], "mon": [("05:00", "10:00")]})[0]
    assert "Sunday" in mistakes(LONDON, {"sat": [("09:00", "48:00")], "sun": [("10:00", "11:00")]})[0]
    BusinessHours(LONDON, {"mon": [("22:00", "30:00")], "tue": [("06:00", "10:00")]})


def test_an_exception_may_not_overlap_the_night_before_or_the_day_after() -> None:
    nights = {day: [("22:00", "30:00")] for day in DAYS}
    (said,) = mistakes(LONDON, nights, (), {date(2026, 12, 24): [("00:00", "20:00")]})
    assert said.startswith("Wednesday 2026-12-23 22:00-30:00 runs into Thursday 2026-12-24 00:00-20:00.")
    (said,) = mistakes(LONDON, NINE_TO_FIVE, (), {date(2026, 12, 23): [("20:00", "34:00")]})
    assert "Thursday 2026-12-24 09:00-17:00" in said
    BusinessHours(LONDON, NINE_TO_FIVE, [date(2026, 12, 24)], {date(2026, 12, 23): [("20:00", "34:00")]})


def test_two_exceptions_that_overlap_are_one_mistake() -> None:
    pair = {date(2026, 12, 23): [("20:00", "34:00")], date(2026, 12, 24): [("09:00", "17:00")]}
    assert len(mistakes(LONDON, {}, (), pair)) == 1


# Real examples


@pytest.mark.real_data
@pytest.mark.skipif(
    not (Path(__file__).parents[2].parent / "shared" / "data").is_dir(), reason="no ../shared/data here"
)
def test_every_example_of_seven_other_libraries_comes_out_the_same() -> None:
    file = Path(__file__).parents[2].parent / "shared" / "data" / "business_hours_examples.json"
    rows = json.loads(file.read_text("utf-8"))["rows"]
    assert len(rows) >= 50
    for row in rows:
        week = {day: [(start, end) for start, end in spans] for day, spans in row["hours"].items()}
        broken = {date.fromisoformat(day): cuts for day, cuts in row["breaks"].items()}
        hours = BusinessHours(
            ZoneInfo(row["tz"]),
            week,
            [date.fromisoformat(day) for day in row["holidays"]],
            {day: without(week.get(DAYS[day.weekday()], ()), cuts) for day, cuts in broken.items()},
        )

        def at(field: str, row: dict[str, str] = row) -> datetime:
            return datetime.fromisoformat(row[field])

        match row["op"]:
            case "time_after":
                assert hours.add(at("start"), timedelta(seconds=row["seconds"])) == at("expected"), row
                assert hours.next_opening(at("expected")) == at("next_open_value"), row
            case "seconds_between":
                assert hours.between(at("from"), at("to")).total_seconds() == row["expected"], row
            case "in_hours":
                assert hours.is_open(at("at")) == row["expected"], row
            case "next_open":
                assert hours.next_opening(at("at")) == at("expected"), row
            case other:
                pytest.fail(f"an operation that nobody told us of: {other}")


def test_a_century_counts_the_same_after_questions_far_apart() -> None:
    hours, fresh = BusinessHours(BERLIN, NINE_TO_FIVE), BusinessHours(BERLIN, NINE_TO_FIVE)
    hours.is_open(utc("2099-06-01T00:00"))
    hours.is_open(utc("1970-06-01T00:00"))
    a, b = utc("1970-01-01T00:00"), utc("2069-12-31T00:00")
    assert hours.between(a, b) == fresh.between(a, b) > 200_000 * HOUR
    assert fresh.add(a, fresh.between(a, b)) == utc("2069-12-30T16:00")
