"""The honest estimate: true over simulated queues, never rounded down, and silent where little is known."""

import heapq
import random
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.estimate import ENOUGH, Queue, estimate, said, solution
from desk.model.hours import DAYS, BusinessHours
from desk.model.tongues import TONGUES

LISBON = ZoneInfo("Europe/Lisbon")
OFFICE = BusinessHours(LISBON, {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})
ALWAYS = BusinessHours(ZoneInfo("UTC"), {day: [("00:00", "24:00")] for day in DAYS})
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
TENS = [600.0] * 10


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def simulated(seed: int, agents: int, load: float, bursts: bool, inquiries: int = 400) -> tuple[float, float]:
    """A desk that answers in order, ten minutes each on the average; `load` is the work that comes in, per agent.

    Gives the share of customers who had their answer within the estimate, and how many times too long it was for the
    middle one of them.
    """
    dice = random.Random(seed)
    now, came = 0.0, []
    for _ in range(inquiries):
        weight = (2.0 if int(now // 7200) % 2 else 0.4) if bursts else 1.0
        now += dice.expovariate(load * agents / 600 * weight)
        came.append(now)
    free, answered = [0.0] * agents, []
    for moment in came:
        end = max(moment, heapq.heappop(free)) + dice.lognormvariate(0, 0.7) * 600 / 1.28
        heapq.heappush(free, end)
        answered.append(end)
    kept, longer = [], []
    for index, moment in enumerate(came):
        before = list(zip(came[:index], answered[:index], strict=True))
        recent = sorted((end, begin) for begin, end in before if end <= moment)[-40:]
        if len(recent) < 10:
            continue
        queue = Queue(
            sum(end > moment for _, end in before),
            [end - begin for end, begin in recent],
            timedelta(seconds=moment - recent[0][0]),
            agents,
            agents,
        )
        found = estimate(queue, MONDAY + timedelta(seconds=moment), ALWAYS)
        assert found is not None
        kept.append(answered[index] - moment <= found.high.total_seconds())
        longer.append(found.high.total_seconds() / max(60.0, answered[index] - moment))
    return sum(kept) / len(kept), median(longer)


@pytest.mark.parametrize("bursts", [False, True])
@pytest.mark.parametrize("load", [0.3, 0.7, 0.9, 1.1])
@pytest.mark.parametrize("agents", [1, 3, 8])
def test_four_of_five_customers_have_their_answer_in_time_and_the_estimate_is_not_idle(
    agents: int, load: float, bursts: bool
) -> None:
    kept, longer = simulated(agents * 7 + int(load * 10), agents, load, bursts)
    assert kept >= 0.8
    assert longer <= 3.5


def test_with_too_little_to_go_on_nothing_is_said() -> None:
    assert estimate(Queue(0, [600.0] * (ENOUGH - 1)), at(10), OFFICE) is None
    assert solution([], at(10), OFFICE) is None


def test_a_longer_queue_than_usual_takes_longer_and_fewer_people_too() -> None:
    usual = estimate(Queue(0, TENS), at(10), OFFICE)
    longer = estimate(Queue(2, TENS), at(10), OFFICE)
    fewer = estimate(Queue(0, TENS, agents=1, usual_agents=3), at(10), OFFICE)
    assert usual is not None and longer is not None and fewer is not None
    assert (usual.by, longer.by, fewer.by) == (at(10, 10), at(10, 30), at(10, 30))


def test_an_empty_queue_does_not_promise_less_than_half_of_the_usual_wait() -> None:
    found = estimate(Queue(0, [3600.0] * 20, timedelta(hours=2), 1, 1), at(10), OFFICE)
    assert found is not None
    assert found.high >= timedelta(minutes=30)


def test_in_the_night_the_time_counts_from_the_opening() -> None:
    found = estimate(Queue(1, TENS), at(20), OFFICE)
    assert found is not None
    assert found.by == at(9, 20, day=1)


def test_what_lies_weeks_ahead_is_no_estimate() -> None:
    assert solution([80 * 3600.0 * 3] * 9, at(10), OFFICE) is None
    closed = BusinessHours(LISBON, {})
    assert estimate(Queue(0, TENS), at(10), closed) is None


@given(st.integers(0, 500), st.lists(st.floats(0, 1e6), max_size=60), st.integers(0, 9))
def test_any_queue_gives_an_estimate_that_lies_ahead_or_none(ahead: int, recent: list[float], agents: int) -> None:
    found = estimate(Queue(ahead, recent, timedelta(hours=8), agents, 2.0), at(10), OFFICE)
    assert found is None or (found.by > at(10) and found.high >= found.usual)


# In words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "in about 5 minutes"),
        (16, "in about 20 minutes"),
        (20, "in about 20 minutes"),
        (31, "in about 40 minutes"),
        (51, "in about an hour"),
        (61, "in about 90 minutes"),
        (95, "in about 2 hours"),
        (121, "in about 3 hours"),
    ],
)
def test_a_length_of_time_is_rounded_up(minutes: int, words: str) -> None:
    assert said(at(9) + timedelta(minutes=minutes), at(9), OFFICE).words == words


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (at(15, 10), "today by 15:30"),
        (at(9, 31, day=1), "tomorrow by 10:00"),
        (at(10, day=2), "by Wednesday 10:00"),
        (at(10, day=8), "by 1 December, 10:00"),
    ],
)
def test_what_is_further_off_is_a_time_of_day_up_to_the_half_hour(by: datetime, words: str) -> None:
    assert said(by, at(9), OFFICE).words == words


@pytest.mark.parametrize(
    ("language", "soon", "later"),
    [
        ("de", "in etwa 20 Minuten", "morgen bis 10:00 Uhr"),
        ("da", "om cirka 20 minutter", "i morgen senest kl. 10:00"),
        ("cs", "asi za 20 minut", "zítra do 10:00"),
        ("hu", "körülbelül 20 percen belül", "holnap 10:00-ig"),
        ("fr", "in about 20 minutes", "tomorrow by 10:00"),
    ],
)
def test_it_is_said_in_the_customers_language(language: str, soon: str, later: str) -> None:
    assert said(at(9, 17), at(9), OFFICE, language).words == soon
    assert said(at(9, 50, day=1), at(9), OFFICE, language).words == later


def test_the_time_of_day_is_the_desks_own_on_both_sides_of_a_clock_change() -> None:
    manila = BusinessHours(ZoneInfo("Asia/Manila"), {day: [("09:00", "17:00")] for day in DAYS})
    assert said(at(6, 10, day=1), at(1), manila).words == "tomorrow by 14:30"
    summer = datetime(2026, 3, 27, 16, tzinfo=UTC)
    assert said(datetime(2026, 3, 30, 9, tzinfo=UTC), summer, OFFICE).words == "by Monday 10:00"


@given(st.integers(1, 20 * 24 * 3600), st.sampled_from(sorted(TONGUES)))
def test_words_are_never_rounded_down_and_never_by_more_than_an_hour(seconds: int, language: str) -> None:
    by = at(9, 7) + timedelta(seconds=seconds)
    found = said(by, at(9, 7), OFFICE, language)
    assert timedelta(0) <= found.until - by <= timedelta(hours=1)
    assert "{" not in found.words
