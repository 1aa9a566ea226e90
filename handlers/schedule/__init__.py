"""The clock's door: one timetable, walked by APScheduler in real life and by a small driver in a story."""
