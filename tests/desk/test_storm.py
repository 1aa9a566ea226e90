"""When a storm begins and ends, and which messages are alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model.storm import Alike, Storm, Weather, turned, turns_at, words_of

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
RULE = Storm(above=60, lasting=timedelta(seconds=60), below=20, alike=3)
SECOND = timedelta(seconds=1)


def after(waiting: list[int]) -> list[Weather]:
    """The weather second by second, for so many that wait."""
    now, found = Weather(), []
    for second, count in enumerate(waiting):
        now = turned(now, {"C0DESK": count}, 1, NOW + second * SECOND, RULE)
        found.append(now)
    return found


def begins(days: list[Weather]) -> int | None:
    """The second in which the storm begins."""
    return next((second for second, one in enumerate(days) if one.since is not None), None)


def test_more_than_sixty_where_the_channel_has_not_kept_up_for_a_minute_is_a_storm() -> None:
    assert begins(after([21] * 30 + [61] * 100)) == 60
    assert begins(after([21] * 100 + [61])) == 100
    assert begins(after([60] * 1000)) is None


def test_a_burst_that_the_channel_takes_within_a_minute_is_none() -> None:
    assert begins(after([max(0, 90 - second) for second in range(90)])) is None


def test_a_moment_of_calm_begins_the_minute_anew() -> None:
    assert begins(after(([61] * 59 + [20]) * 5)) is None


def test_a_storm_lasts_until_fewer_than_twenty_wait() -> None:
    days = after([100] * 61 + [59, 20, 21, 20, 19, 60])
    assert [one.since is not None for one in days[60:]] == [True, True, True, True, True, False, False]


def test_storms_are_counted_and_each_begins_with_what_waits_then() -> None:
    first = turned(Weather({"C0DESK": NOW}), {"C0DESK": 61}, 7, NOW + RULE.lasting, RULE)
    assert (first.nth, first.first) == (1, 7)
    calm = turned(first, {"C0DESK": 3}, 200, NOW + 2 * RULE.lasting, RULE)
    many = {"C0DESK": 61}
    again = turned(turned(calm, many, 300, NOW, RULE), many, 300, NOW + RULE.lasting, RULE)
    assert (again.nth, again.first) == (2, 300)


def test_a_storm_is_in_the_channels_that_do_not_keep_up_and_in_no_other() -> None:
    """One storm, which comes to each channel and leaves it by that channel's own count."""
    now, days = Weather(), []
    for second in range(200):
        waiting = {"C0DESK": 30, "C0FACE": 61 if second < 120 else 19, "C0PORT": 61 if second >= 30 else 0}
        now = turned(now, waiting, second + 1, NOW + second * SECOND, RULE)
        days.append(now)
    assert [day.channels for day in (days[59], days[60], days[89], days[90], days[119], days[120])] == [
        (), ("C0FACE",), ("C0FACE",), ("C0FACE", "C0PORT"), ("C0FACE", "C0PORT"), ("C0PORT",),
    ]  # fmt: skip
    assert (now.nth, now.first, now.since) == (1, 61, NOW + 60 * SECOND), "one storm, whichever channels it is in"
    over = turned(now, {"C0DESK": 30}, 0, NOW + 200 * SECOND, RULE)
    assert (over.since, over.channels) == (None, ())


def test_the_next_look_is_when_the_first_of_the_channels_has_not_kept_up_for_long_enough() -> None:
    now = Weather({"C0DESK": NOW, "C0FACE": NOW + SECOND, "C0PORT": NOW - SECOND})
    waiting = {"C0DESK": 61, "C0FACE": 61, "C0PORT": 60}
    assert turns_at(now, waiting, NOW + 2 * SECOND, RULE) == NOW + RULE.lasting


def test_what_an_older_desk_kept_of_its_one_channel_is_read() -> None:
    kept = {"over_since": NOW.isoformat(), "since": None, "nth": 1, "first": 7, "missed": 0, "told_at": None, "card": 1}
    assert Weather.from_json(kept) == Weather(nth=1, first=7)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), max_size=200))
def test_the_next_turn_is_never_missed_by_looking_when_it_says(waiting: list[tuple[int, int]]) -> None:
    now = Weather()
    for second, (here, there) in enumerate(waiting):
        at, count = NOW + second * SECOND, {"C0DESK": here, "C0FACE": there}
        due, next_one = turns_at(now, count, at, RULE), turned(now, count, 1, at, RULE)
        assert (due is not None and due <= at) == (next_one != now)
        assert Weather.from_json(next_one.as_json()) == next_one
        now = next_one


def test_similar_words_are_one_group_whoever_wrote_them() -> None:
    alike = Alike()
    for n in range(6):
        alike.add(2 * n, f"@acme why is your app down since {n}:00? I can't log in, order {n}", NOW + n * SECOND, 3)
        alike.add(2 * n + 1, f"Lovely coffee number {n} today thank you {'abcdef'[n] * 5}", NOW + n * SECOND * 200, 3)
    [group] = alike.groups()
    assert group.numbers == [0, 2, 4, 6, 8, 10], "the others did not come within five minutes"


def test_names_links_and_numbers_do_not_make_messages_alike() -> None:
    assert words_of("@maria_k see https://t.co/abc #fail 4471") == {"see"}
