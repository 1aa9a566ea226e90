"""P8: what business time costs: against businesstimedelta, and for a long span against a short one.

Both sides hold the same calendar: Monday to Friday, 9 to 17 in Berlin, German holidays. The questions are the same too:
two hours from every third hour of a fortnight with a holiday in it, by day, by night and at the week-end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from typing import Any
from zoneinfo import ZoneInfo

from desk.model.hours import DAYS, BusinessHours

REPEATS = 21
"""Both sides take turns this often; the best of each counts, which is what a busy machine disturbs least."""
STARTS = [datetime(2026, 9, 28, 1, 30, tzinfo=UTC) + timedelta(hours=3 * step) for step in range(14 * 8)]


def _best(work: Callable[[datetime], object], rounds: int) -> float:
    """Seconds for one call, over `rounds` times all starts."""
    began = time.perf_counter()
    for _ in range(rounds):
        for start in STARTS:
            work(start)
    return (time.perf_counter() - began) / (rounds * len(STARTS))


def run() -> dict[str, Any]:
    """Measures P8. `ratios` holds what was measured, `seconds` the time of one call of each side."""
    import businesstimedelta as theirs
    import holidays
    import pytz

    off = holidays.country_holidays("DE", years=range(2025, 2029))
    week = {day: [("09:00", "17:00")] for day in DAYS[:5]}
    hours = BusinessHours(ZoneInfo("Europe/Berlin"), week, holidays=list(off))
    zone = pytz.timezone("Europe/Berlin")
    workday = theirs.WorkDayRule(start_time=wall(9), end_time=wall(17), working_days=[0, 1, 2, 3, 4], tz=zone)
    rules = theirs.Rules([workday, theirs.HolidayRule(off, tz=zone)])
    two, one, long = timedelta(hours=2), timedelta(hours=1), timedelta(days=60)
    their_two = theirs.BusinessTimeDelta(rules, hours=2)
    their_bare_two = theirs.BusinessTimeDelta(theirs.Rules([workday]), hours=2)
    for start in STARTS:
        assert hours.add(start, two) == start + their_two, f"both sides answer the same question: {start}"

    # A budget of 60 days is 60 days of open time, half a year and more on the calendar; a span of 60 days is just that.
    sides: dict[str, tuple[Callable[[datetime], object], int]] = {
        "ours_2h": (lambda start: hours.add(start, two), 5),
        "theirs_2h": (lambda start: start + their_two, 1),
        "theirs_2h_no_holidays": (lambda start: start + their_bare_two, 1),
        "ours_add_1h": (lambda start: hours.add(start, one), 5),
        "ours_add_60d": (lambda start: hours.add(start, long), 5),
        "ours_between_1h": (lambda start: hours.between(start, start + one), 5),
        "ours_between_60d": (lambda start: hours.between(start, start + long), 5),
    }
    for work, _ in sides.values():
        work(STARTS[0])
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(REPEATS):
        for name, (work, rounds) in sides.items():
            best[name] = min(best[name], _best(work, rounds))
    against = best["theirs_2h"] / best["ours_2h"]
    growth = max(best["ours_add_60d"] / best["ours_add_1h"], best["ours_between_60d"] / best["ours_between_1h"])
    bare = best["theirs_2h_no_holidays"] / best["ours_2h"]
    return {
        "name": "P8",
        "goal": "≥ 100; ≤ 1.5",
        "measured": f"{against:.0f}; {growth:.2f}",
        "met": against >= 100 and growth <= 1.5,
        "ratios": {
            "businesstimedelta_over_ours_2h": against,
            "businesstimedelta_without_holidays_over_ours_2h": bare,
            "ours_60d_over_1h": growth,
        },
        "seconds": best,
        "notes": [f"both with German holidays; a businesstimedelta that knows no holidays takes {bare:.0f} times ours"],
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2, ensure_ascii=False))
