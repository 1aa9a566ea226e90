"""The platform's own last chance: until when a private answer is possible, and when that is said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from desk.model.hours import BusinessHours
from desk.model.message import Capabilities
from desk.model.windows import Chance, Window, closes_at, for_good, pings, usable, windows

DAY, WEEK = timedelta(days=1), timedelta(days=7)
META = Capabilities(8000, 2000, window=DAY, private_reply_window=WEEK)
X = Capabilities(280, 10000, direct_to_anyone=False)
OFFICE = BusinessHours(ZoneInfo("UTC"), {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def test_a_private_message_opens_a_day() -> None:
    assert windows(META, last_private_at=at(10)) == (Window(Chance.MESSAGE, at(10), at(10, day=1)),)


def test_with_a_persons_tag_a_week_stays_after_the_day() -> None:
    found = windows(META, last_private_at=at(10), tagged=WEEK)
    assert [window.chance for window in found] == [Chance.MESSAGE, Chance.TAGGED]
    assert usable(found, at(9, day=1)) == found[0]
    assert usable(found, at(11, day=1)) == found[1]
    assert usable(found, at(11, day=7)) is None
    assert for_good(found) == found[1]
    assert closes_at(found) == at(10, day=7)


def test_a_comment_leaves_one_private_reply_within_a_week() -> None:
    found = windows(META, last_private_at=None, last_public_at=at(10))
    assert found == (Window(Chance.PRIVATE_REPLY, at(10), at(10, day=7)),)
    assert windows(META, last_private_at=None, last_public_at=at(10), private_reply_used=True) == ()
    assert windows(META, last_private_at=at(11), last_public_at=at(10))[0].chance is Chance.MESSAGE


def test_a_platform_without_limits_closes_nothing() -> None:
    assert windows(X, last_private_at=at(10), last_public_at=at(10)) == ()
    assert closes_at(()) is None


def test_the_closing_instant_itself_is_still_in_time() -> None:
    window = Window(Chance.MESSAGE, at(10), at(10, day=1))
    assert window.is_open(at(10, day=1))
    assert not window.is_open(at(10, 1, day=1))


def test_a_day_is_said_before_its_last_hours_while_somebody_is_there() -> None:
    # Written at noon: 4 hours before the end is 8:00, before the opening, so it is said the evening before.
    assert pings(Window(Chance.MESSAGE, at(12), at(12, day=1)), OFFICE) == (at(16, 30), at(11, day=1))


def test_before_a_weekend_it_is_said_on_friday() -> None:
    friday = Window(Chance.MESSAGE, at(15, day=4), at(15, day=5))
    assert pings(friday, OFFICE) == (at(16, 30, day=4),)


def test_nobody_is_pinged_where_nobody_could_answer_in_time() -> None:
    assert pings(Window(Chance.MESSAGE, at(18, day=4), at(18, day=5)), OFFICE) == ()


def test_a_message_in_the_night_is_said_at_the_opening_if_that_is_in_time() -> None:
    short = Window(Chance.MESSAGE, at(2), at(9, 30))
    assert pings(short, OFFICE)[0] == at(9)


@given(st.integers(0, 14 * 24 * 60), st.sampled_from([DAY, WEEK, timedelta(hours=3)]))
def test_every_ping_is_in_open_hours_inside_the_window(minute: int, length: timedelta) -> None:
    opened = MONDAY + timedelta(minutes=minute)
    window = Window(Chance.MESSAGE, opened, opened + length)
    found = pings(window, OFFICE)
    assert list(found) == sorted(set(found))
    assert len(found) <= 2
    for instant in found:
        assert OFFICE.is_open(instant)
        assert window.opened_at <= instant < window.closes_at
    if OFFICE.between(opened, window.closes_at) > timedelta(hours=1):
        assert found
