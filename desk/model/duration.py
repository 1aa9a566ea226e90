"""Durations in the words that people read: "12 min", "1 h 30 min", "2 days"."""

from __future__ import annotations

from datetime import timedelta


def spoken(length: timedelta) -> str:
    """Rounded down to what matters: seconds below a minute, minutes below two days, then days and hours."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


def in_full(length: timedelta) -> str:
    """The same with whole words, for sentences: "5 minutes", "1 hour 30 minutes", "2 days"."""
    parts = spoken(length).split()
    words = {"s": "second", "min": "minute", "h": "hour", "days": "day"}
    return " ".join(
        f"{count} {words[unit]}{'' if count == '1' else 's'}"
        for count, unit in zip(parts[::2], parts[1::2], strict=True)
    )
