"""A good answer made general: nothing of one customer is left in it, and what is the company's stays."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from desk.model.general import general, three_parts
from desk.model.hours import BusinessHours

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOURS = BusinessHours(ZoneInfo("UTC"), {day: (("09:00", "17:00"),) for day in ("mon", "tue", "wed", "thu", "fri")})
CUSTOMER, TEAM, OURS = ["Maria Kel", "maria_kel"], ["Ana Sousa", "ana"], {"phone": "+351 21 000 00 00"}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Hi Maria, and hello @maria_kel!", "Hi {name}, and hello {name}!"),
        ("Dear Ms Kel, Ana will see to it.", "Dear Ms {name}, {agent} will see to it."),
        ("Your order 4711-B left; order no. 88 too.", "Your order {order} left; order no. {order} too."),
        ("You get 49.90 € and 5 € more.", "You get {amount} and {amount2} more."),
        ("Write to joe@mail.example or call +49 30 1234567.", "Write to {address} or call {number}."),
        ("Call us: +351 21 000 00 00.", "Call us: {phone}."),
        ("See https://acme.example/t/7QK2 and acme.example/help.", "See {link} and acme.example/help."),
        ("On 24.12. at 16:00, code AB12.", "On {date} at {time}, code {number}."),
        ("Manage your anatomy.", "Manage your anatomy."),
    ],
)
def test_names_and_numbers_become_places(text: str, made: str) -> None:
    assert general(text, NOW, HOURS, CUSTOMER, TEAM, OURS) == made


def test_the_promised_time_is_the_place_for_the_date() -> None:
    text = "So sorry, Maria! It is on its way. We'll write to you by tomorrow 4 pm."
    made = ("So sorry, {name}!", "It is on its way.", "We'll write to you {until}.")
    assert three_parts(text, NOW, HOURS, CUSTOMER, TEAM, OURS) == made
