"""Durations read as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.model.duration import in_full, spoken


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (-5, "0 s", "0 seconds"),
        (0, "0 s", "0 seconds"),
        (1, "1 s", "1 second"),
        (59.9, "59 s", "59 seconds"),
        (60, "1 min", "1 minute"),
        (225, "3 min", "3 minutes"),
        (3600, "1 h", "1 hour"),
        (5400, "1 h 30 min", "1 hour 30 minutes"),
        (47 * 3600, "47 h", "47 hours"),
        (48 * 3600, "2 days", "2 days"),
        (73 * 3600 + 59, "3 days 1 h", "3 days 1 hour"),
    ],
)
def test_a_length_of_time_is_rounded_down_to_what_matters(seconds: float, short: str, long: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == short
    assert in_full(timedelta(seconds=seconds)) == long
