"""Business hours against a wall clock that is watched minute by minute, around the days on which zones change."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.model.hours import DAYS, BusinessHours

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Caracas",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Asia/Manila",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Gaza",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Atlantic/Azores",
    "America/Havana",
    "Antarctica/Troll",
    "Pacific/Kiritimati",
    "Asia/Pyongyang",
    "America/Scoresbysund",
)
MINUTE = timedelta(minutes=1)
DAYS_WATCHED = 10


def changes(zone: str) -> list[date]:
    """Dates between 2005 and 2027 on which the zone's offset changes: the days worth watching."""
    here, found, last = ZoneInfo(zone), [], None
    for step in range(23 * 365):
        at = datetime(2005, 1, 1, tzinfo=UTC) + timedelta(days=step)
        offset = at.astimezone(here).utcoffset()
        if last is not None and offset != last:
            found.append(at.date())
        last = offset
    return found or [date(2026, 3, 29)]


CHANGES = {zone: changes(zone) for zone in ZONES}


def watched(zone: str, first: date, spans_on: dict[date, Sequence[tuple[int, int]]]) -> tuple[datetime, list[bool]]:
    """For each minute from the day before `first`, whether the desk is open: seen on the wall clock, nothing else."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=3)
    here = ZoneInfo(zone)
    wall = [
        (begin + step * MINUTE).astimezone(here).replace(tzinfo=None, fold=0)
        for step in range((DAYS_WATCHED + 7) * 24 * 60)
    ]
    seen: dict[datetime, int] = {}
    for step, shown in enumerate(wall):
        seen.setdefault(shown, step)
    jumps = [(a, b) for a, b in pairwise(wall) if b - a > MINUTE]

    def instant(shown: datetime) -> int | None:
        for before, after in jumps:
            if before < shown < after:
                shown += after - before - MINUTE
                break
        return seen.get(shown)

    is_open = [False] * len(wall)
    for day, spans in spans_on.items():
        for start, end in spans:
            midnight = datetime(day.year, day.month, day.day)
            a, b = instant(midnight + start * MINUTE), instant(midnight + end * MINUTE)
            if a is not None and b is not None:
                is_open[a:b] = [True] * max(0, b - a)
    return begin, is_open


def text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def plans(
    draw: st.DrawFn,
) -> tuple[str, date, dict[str, list[tuple[int, int]]], dict[date, list[tuple[int, int]] | None]]:
    """A zone, a first date near one of its changes, a week without overlaps, and some dates that differ from it."""
    zone = draw(st.sampled_from(ZONES))
    first = draw(st.sampled_from(CHANGES[zone])) - timedelta(days=draw(st.integers(3, 9)))
    marks = st.lists(st.sampled_from(range(0, 24 * 60, 15)), min_size=2, max_size=6, unique=True).map(sorted)
    days = st.one_of(
        st.just([]),
        st.just([(0, 24 * 60)]),
        st.just([(9 * 60, 17 * 60)]),
        marks.map(lambda cut: [(a, b) for a, b in zip(cut[::2], cut[1::2], strict=False)]),
    )
    week = {day: draw(days) for day in DAYS}
    if draw(st.booleans()):
        for day, after in zip(DAYS, DAYS[1:] + DAYS[:1], strict=True):
            free = min([start for start, _ in week[after]] or [18 * 60])
            begin = max([end for _, end in week[day]] or [18 * 60])
            if free and begin < 24 * 60 and draw(st.booleans()):
                week[day] = [*week[day], (begin, 24 * 60 + free)]
    differ = draw(st.dictionaries(st.integers(0, DAYS_WATCHED), st.one_of(st.none(), st.just([])), max_size=3))
    return zone, first, week, {first + timedelta(days=step): spans for step, spans in differ.items()}


@settings(deadline=None)
@given(plans(), st.lists(st.integers(0, DAYS_WATCHED * 24 * 60 - 1), min_size=4, max_size=4), st.integers(0, 2000))
def test_every_answer_is_what_a_watcher_of_the_wall_clock_counts(
    plan: tuple[str, date, dict[str, list[tuple[int, int]]], dict[date, list[tuple[int, int]] | None]],
    instants: list[int],
    amount: int,
) -> None:
    zone, first, week, differ = plan
    hours = BusinessHours(
        ZoneInfo(zone),
        {day: [(text(a), text(b)) for a, b in spans] for day, spans in week.items()},
        [day for day, spans in differ.items() if spans is None],
        {day: [(text(a), text(b)) for a, b in spans] for day, spans in differ.items() if spans is not None},
    )
    spans_on: dict[date, Sequence[tuple[int, int]]] = {}
    for step in range(-6, DAYS_WATCHED + 8):
        day = first + timedelta(days=step)
        spans_on[day] = (differ[day] or []) if day in differ else week[DAYS[day.weekday()]]
    begin, is_open = watched(zone, first, spans_on)
    lead = 3 * 24 * 60
    for instant in instants:
        at, step = begin + (lead + instant) * MINUTE, lead + instant
        assert hours.is_open(at) == is_open[step]
        rest = is_open[step:]
        if True not in rest:
            continue
        opening = rest.index(True)
        assert hours.next_opening(at) == at + opening * MINUTE
        if False in rest[opening:] and (closing := rest.index(False, opening)) < len(rest) - 3 * 24 * 60:
            assert hours.next_closing(at) == at + closing * MINUTE
        left, due = amount, None
        for ahead, working in enumerate(rest[: len(rest) - 3 * 24 * 60]):
            if left == 0 and (amount or working):
                due = ahead
                break
            left -= working
        if due is not None:
            assert hours.add(at, amount * MINUTE) == at + due * MINUTE
    low, high = sorted(instants)[:2]
    counted = sum(is_open[lead + low : lead + high])
    assert hours.between(begin + (lead + low) * MINUTE, begin + (lead + high) * MINUTE) == counted * MINUTE


@settings(max_examples=100, deadline=None)
@given(
    plans(),
    st.datetimes(datetime(2004, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(MINUTE, timedelta(days=60)),
)
def test_what_was_added_lies_between(
    plan: tuple[str, date, dict[str, list[tuple[int, int]]], dict[date, list[tuple[int, int]] | None]],
    start: datetime,
    amount: timedelta,
) -> None:
    zone, _, week, _ = plan
    hours = BusinessHours(ZoneInfo(zone), {day: [(text(a), text(b)) for a, b in spans] for day, spans in week.items()})
    if not any(week.values()):
        return
    due = hours.add(start, amount)
    assert hours.between(start, due) == amount
    assert hours.add(start, amount) == due, "the same question has the same answer"
    half = hours.add(start, amount / 2)
    assert hours.add(half, amount - amount / 2) == due
