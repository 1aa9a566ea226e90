"""Durations in the words that people read: "12 min", "1 h 30 min", "2 days"."""

from __future__ import annotations

from datetime import timedelta

from desk.model.catalogue import say, say_n


def spoken(length: timedelta) -> str:
    """Rounded down to what matters: seconds below a minute, minutes below two days, then days and hours."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return say("{n} s", n=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return say("{n} min", n=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else say("{n} h", n=hours)
    days, hours = divmod(hours, 24)
    if hours:
        return say("{days} {hours} h", days=say_n("{n} day", "{n} days", days), hours=hours)
    return say_n("{n} day", "{n} days", days)


def in_full(length: timedelta) -> str:
    """The same with whole words, for sentences: "5 minutes", "1 hour 30 minutes", "2 days"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return say_n("{n} second", "{n} seconds", seconds)
    minutes = seconds // 60
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24) if hours >= 48 else (0, hours)
    return " ".join(
        [
            *([say_n("{n} day", "{n} days", days)] if days else []),
            *([say_n("{n} hour", "{n} hours", hours)] if hours else []),
            *([say_n("{n} minute", "{n} minutes", minutes)] if minutes and not days else []),
        ]
    )
