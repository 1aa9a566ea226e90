"""`/hours` in full: in everybody's own zone, single dates, holidays, breaks, teams; and what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.times import ExceptionSection, TeamSection
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, TUESDAY, Journey, words_of


async def ask(journey: Journey, user: str, command: str) -> str:
    """Everything that the person who typed it reads."""
    return words_of((await journey.slack.command(user, DESK, command)).response or {})


async def set_hours(journey: Journey, command: str) -> None:
    await ask(journey, LEE, command)
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")


async def test_everybody_sees_today_the_week_and_who_is_there_in_their_own_zone(journey: Journey) -> None:
    told = await ask(journey, BEN, "/hours")
    assert "today 09:00–17:00 (Europe/Lisbon)" in told
    assert "In your zone today: 04:00–12:00 (America/New_York)" in told
    assert "The week: Mon–Fri 09:00–17:00 (Europe/Lisbon)" in told
    assert f"On shift: <@{ANA}>, <@{BEN}>, <@{LEE}>" in told
    week = await ask(journey, LEE, "/hours week")
    assert "In your zone this week: Mon–Fri 17:00–01:00 next day (Asia/Manila)" in week
    assert "In your zone" not in await ask(journey, ANA, "/hours")


async def test_a_date_closes_after_a_preview_of_the_deadlines_that_move(journey: Journey) -> None:
    await journey.go_to(datetime(2026, 12, 23, 16, 50, tzinfo=UTC))
    wrote = journey.clock.now()
    await journey.on_x("@acme my parcel is stuck")
    before = f"<!date^{int((wrote + timedelta(hours=16, minutes=15)).timestamp())}^"
    assert before in journey.card(1)
    told = await ask(journey, LEE, "/hours 2026-12-24 closed")
    after = f"<!date^{int((wrote + timedelta(hours=40, minutes=15)).timestamp())}^"
    assert "New hours: *Thu 2026-12-24 closed*" in told
    assert "1 open deadline moves" in told
    assert f"#1: {before}" in told
    assert f"→ {after}" in told
    assert before in journey.card(1)
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    assert after in journey.card(1)
    await journey.restart()
    assert "Thu 2026-12-24: closed" in await ask(journey, ANA, "/hours holidays")
    await journey.go_to(datetime(2026, 12, 24, 12, 0, tzinfo=UTC))
    assert "*Closed*, opens" in await ask(journey, ANA, "/hours")
    assert not any("missed its" in words for words in journey.channel(LEADS))


async def test_a_date_has_other_hours_than_its_week_and_goes_back_to_the_usual_ones(journey: Journey) -> None:
    await set_hours(journey, "/hours 2026-11-25 9-11 and 12-13")
    await set_hours(journey, "/hours set mon-fri 8-18")
    assert "Wed 2026-11-25: 09:00–11:00 and 12:00–13:00" in await ask(journey, ANA, "/hours")
    assert "In force already" in await ask(journey, LEE, "/hours 2026-11-25 9-11 and 12-13")
    await set_hours(journey, "/hours 2026-11-25 usual")
    assert "2026-11-25" not in await ask(journey, ANA, "/hours holidays")
    await journey.go_to(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))
    assert "today 08:00–18:00" in await ask(journey, ANA, "/hours")


async def test_breaks_and_holidays_stay_when_a_lead_sets_another_week(journey: Journey) -> None:
    fair = ExceptionSection.model_validate({"date": "2026-11-27", "hours": "09:00-12:00", "why": "Fair"})
    await journey.owner_sets(
        hours={"breaks": (("12:00", "13:00"),), "closed_on": [date(2026, 11, 26)], "exceptions": [fair]}
    )
    told = await ask(journey, LEE, "/hours set mon-fri 8-18")
    assert "Mon–Fri 08:00–12:00 and 13:00–18:00" in told
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await journey.restart()
    dates = await ask(journey, ANA, "/hours holidays")
    assert "Thu 2026-11-26: closed" in dates
    assert "Fri 2026-11-27: 09:00–12:00 (Fair)" in dates
    await journey.go_to(TUESDAY.replace(hour=12, minute=30))
    assert "*Closed*, opens" in await ask(journey, ANA, "/hours")


REFUSED = {
    "2027-02-29 closed": "2027-02-29 is no date: February 2027 has 28 days",
    "2026-13-01 closed": "months go from 01 to 12",
    "24.12.2026 closed": "Write it with the year first: 2026-12-24",
    "2026-11-23 closed": "2026-11-23 has passed",
    "2026-12-24": "2026-12-24 has no hours",
    "2026-12-24 17:00-09:00": "17:00-09:00 ends before it begins",
    "2026-12-24 25:00-26:00": "25:00",
    "2026-12-24 9-12, 11-14": "overlap",
    "2026-12-24 two hours": "is no day",
    "set mon-fri 25:00-26:00": "25:00",
    "set mon-fri 17:00–09:00": "ends before it begins",
    "set mon two hours": "is no day",
    "set closed": "never open",
    "set": "Which hours?",
}


async def test_what_cannot_be_is_refused_with_the_form_to_write(journey: Journey) -> None:
    for typed, told in REFUSED.items():
        answer = await ask(journey, LEE, f"/hours {typed}")
        assert told in answer, typed
        assert "[Confirm]" not in answer, typed


async def test_only_leads_change_dates(journey: Journey) -> None:
    told = await ask(journey, ANA, "/hours 2026-12-24 closed")
    assert "Only leads" in told
    assert f"<@{LEE}>" in told


async def test_a_team_has_hours_of_its_own_which_leads_change(journey: Journey) -> None:
    manila = TeamSection.model_validate({"group": "S0LEADS", "zone": ZoneInfo("Asia/Manila"), "mon": "06:00-15:00"})
    await journey.owner_sets(teams={"manila": manila})
    assert "*manila*: *Closed*" in await ask(journey, ANA, "/hours")
    told = await ask(journey, LEE, "/hours manila set mon-fri 16-22")
    assert "manila: Mon–Fri 16:00–22:00" in told
    await journey.presses_in(LEE, DESK, "New hours", "hours_confirm")
    await set_hours(journey, "/hours manila 2026-11-25 closed")
    assert "today 16:00–22:00 (Asia/Manila)" in await ask(journey, ANA, "/hours manila")
    assert "Wed 2026-11-25: closed" in await ask(journey, ANA, "/hours manila holidays")
    assert "Mon–Fri 09:00–17:00 (Europe/Lisbon)" in await ask(journey, ANA, "/hours week")
