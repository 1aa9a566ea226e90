"""A promise with a time: its own clock, and what counts as one in the words of a reply."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.hours import BusinessHours
from desk.model.promise import Promise, find, promise, standing
from desk.store.codec import decode, encode

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = BusinessHours(BERLIN, {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})
NOW = datetime(2026, 11, 24, 11, tzinfo=BERLIN).astimezone(UTC)
"""A Tuesday, at 11 in Berlin."""


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def made(due: datetime, at: datetime = NOW) -> Promise:
    return promise("1", "refund status", "U0ANA", at, due, OFFICE)


# Its own clock


def test_the_owner_is_reminded_an_hour_of_work_before_it_is_due() -> None:
    assert made(berlin("2026-11-25 16:00")).warn_at == berlin("2026-11-25 15:00")
    assert made(berlin("2026-11-25 09:30")).warn_at == berlin("2026-11-24 16:30")


def test_a_short_promise_is_recalled_at_three_quarters() -> None:
    assert made(NOW + timedelta(minutes=40)).warn_at == NOW + timedelta(minutes=30)


def test_a_promise_for_the_night_is_recalled_before_the_team_goes_home() -> None:
    assert made(berlin("2026-11-24 22:00")).warn_at == berlin("2026-11-24 16:00")


def test_a_promise_made_and_due_in_closed_hours_is_recalled_all_the_same() -> None:
    late = made(berlin("2026-11-28 14:00"), berlin("2026-11-28 10:00"))
    assert late.warn_at == berlin("2026-11-28 13:00")


def test_a_promise_lies_ahead() -> None:
    with pytest.raises(ValueError, match="ahead"):
        made(NOW)


def test_it_alarms_twice_at_most_and_never_after_its_end() -> None:
    own = made(berlin("2026-11-25 16:00"))
    assert own.alarm_at == own.warn_at
    warned = Promise(**{**{f: getattr(own, f) for f in own.__slots__}, "warned_at": own.warn_at})
    assert warned.alarm_at == own.due_at
    assert own.fulfilled(NOW).alarm_at is None
    assert own.withdrawn(NOW).alarm_at is None
    assert own.fulfilled(NOW).kept
    assert not own.withdrawn(NOW).kept


def test_of_several_the_one_that_is_due_first_stands() -> None:
    early, late = made(berlin("2026-11-25 16:00")), made(berlin("2026-11-26 16:00"))
    assert standing([late, early]) == early
    assert standing([late, early.fulfilled(NOW)]) == late
    assert standing([]) is None


def test_late_is_measured_when_it_ends() -> None:
    own = made(berlin("2026-11-25 16:00"))
    assert not own.late(berlin("2026-11-25 16:00"))
    assert own.late(berlin("2026-11-25 16:01"))
    assert not own.fulfilled(berlin("2026-11-25 15:00")).late(berlin("2026-11-26 10:00"))


def test_a_promise_can_be_kept_with_its_inquiry() -> None:
    own = made(berlin("2026-11-25 16:00"))
    assert decode(Promise, encode(own)) == own


# Found in a reply


@pytest.mark.parametrize(
    ("text", "due", "words"),
    [
        ("We'll get back to you by tomorrow 4 pm, Anna.", "2026-11-25 16:00", "by tomorrow 4 pm"),
        ("I will call you tomorrow. Thanks!", "2026-11-25 17:00", "tomorrow"),
        ("Our team will sort it out by Friday at 16:00.", "2026-11-27 16:00", "by Friday at 16:00"),
        ("Sorry about that! You’ll hear from us by 4 p.m. today.", "2026-11-24 16:00", "by 4 p.m. today"),
        ("We'll send it within 24 hours.", "2026-11-25 11:00", "within 24 hours"),
        ("We'll look at it by end of day.", "2026-11-24 17:00", "by end of day"),
        ("We'll write tomorrow morning.", "2026-11-25 12:00", "tomorrow morning"),
        ("We'll know more by 1 December.", "2026-12-01 17:00", "by 1 December"),
        ("We'll know more by December 1st, 10:30.", "2026-12-01 10:30", "by December 1st, 10:30"),
        ("Don't worry, we'll call by noon tomorrow.", "2026-11-25 12:00", "by noon tomorrow"),
        ("We'll write on Saturday.", "2026-11-28 18:00", "on Saturday"),
        ("I tell you by 16:00.", "2026-11-24 16:00", "by 16:00"),
        ("I tell you by tomorrow 16:00.", "2026-11-25 16:00", "by tomorrow 16:00"),
        ("I check it and call you until Friday.", "2026-11-27 17:00", "until Friday"),
        ("We'll let you know until tomorrow 16:00.", "2026-11-25 16:00", "until tomorrow 16:00"),
        ("I get back to you till Friday 12:00.", "2026-11-27 12:00", "till Friday 12:00"),
        ("You hear from me before 4 pm today.", "2026-11-24 16:00", "before 4 pm today"),
        ("Wir melden uns bis morgen 16 Uhr bei Ihnen.", "2026-11-25 16:00", "bis morgen 16 Uhr"),
        ("Bis spätestens Freitag, 12:00 Uhr melden wir uns.", "2026-11-27 12:00", "Bis spätestens Freitag, 12:00 Uhr"),
        ("Sie erhalten das Geld bis zum 24. Dezember.", "2026-12-24 17:00", "bis zum 24. Dezember"),
        ("Wir melden uns am 1.12. um 9 Uhr. Danke!", "2026-12-01 09:00", "am 1.12. um 9 Uhr"),
        ("Ich antworte innerhalb von 2 Stunden.", "2026-11-24 13:00", "innerhalb von 2 Stunden"),
        ("Wir melden uns morgen früh.", "2026-11-25 12:00", "morgen früh"),
        ("Vi vender tilbage i morgen.", "2026-11-25 17:00", "i morgen"),
        ("Vi vender tilbage i morgen kl. 16.", "2026-11-25 16:00", "i morgen kl. 16"),
        ("Vi svarer senest fredag kl. 12.30.", "2026-11-27 12:30", "senest fredag kl. 12.30"),
        ("Du hører fra os inden for 24 timer.", "2026-11-25 11:00", "inden for 24 timer"),
        ("Ozveme se vám do zítřka.", "2026-11-25 17:00", "do zítřka"),
        ("Ozveme se zítra do 16 hodin.", "2026-11-25 16:00", "zítra do 16 hodin"),
        ("Ozveme se do 24 hodin.", "2026-11-25 11:00", "do 24 hodin"),
        ("Pošleme to do pátku 16:00.", "2026-11-27 16:00", "do pátku 16:00"),
        ("Prosíme o strpení, ozveme se ještě dnes.", "2026-11-24 17:00", "ještě dnes"),
        ("Holnapig jelentkezünk.", "2026-11-25 17:00", "Holnapig"),
        ("Holnap 16:00-ig válaszolunk.", "2026-11-25 16:00", "Holnap 16:00-ig"),
        ("Pénteken 10 órakor felhívjuk.", "2026-11-27 10:00", "Pénteken 10 órakor"),
        ("Holnap délután 4-ig megírjuk.", "2026-11-25 16:00", "Holnap délután 4-ig"),
        ("24 órán belül válaszolunk.", "2026-11-25 11:00", "24 órán belül"),
    ],
)
def test_a_promise_is_found_in_a_reply(text: str, due: str, words: str) -> None:
    found = find(text, NOW, OFFICE)
    assert found is not None
    assert (found.due_at, found.words) == (berlin(due), words)
    assert text[found.start : found.end] == words


@pytest.mark.parametrize("text", ["by tomorrow 4 pm", "bis morgen 16 Uhr", "i morgen", "do zítřka", "holnapig"])
def test_a_time_alone_is_one_as_well(text: str) -> None:
    found = find(text, NOW, OFFICE)
    assert found is not None
    assert found.due_at.astimezone(BERLIN).date().isoformat() == "2026-11-25"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thank you for telling us, Anna.",
        "We shipped it today, it is on its way.",
        "Did you order by tomorrow 4 pm?",
        "Will it be here by tomorrow? We'll see!",
        "Please send us the form by tomorrow 4 pm.",
        "The sale ends by Friday.",
        "We can't promise anything by tomorrow.",
        "We will not be able to answer by tomorrow.",
        "If you write to us, we'll answer by tomorrow.",
        "Hopefully we'll know by tomorrow.",
        "We'll answer by 5.",
        "We'll write tomorrow at 5.",
        "We'll answer by next Friday.",
        "We'll answer tomorrow at 25:00.",
        "We'll call by 9 am today.",
        "We'll be done by 30 February.",
        "We'll be done by 1 November.",
        "We'll call you within 200 days.",
        "You have to pay by tomorrow, and we will help.",
        "We will be open until 5 pm.",
        "We'll keep it for you until Friday.",
        "We'll wait until Friday.",
        "We are here until 16:00 today, and tell you what we can.",
        "We told you by 16:00.",
        "Can you tell us by Friday?",
        "I hope that they call you by Friday.",
        "We will be closed until Monday.",
        "Guten Morgen, wir prüfen das gern.",
        "Danke, wir haben das notiert. Bis morgen!",
        "Bitte senden Sie uns das bis morgen 16 Uhr.",
        "Leider können wir bis morgen nichts versprechen, wir melden uns.",
        "Vi kan desværre ikke svare i morgen.",
        "Prosím pošlete nám to do zítřka.",
        "Bohužel se do zítřka neozveme.",
        "Kérjük, küldje el holnapig.",
        "Holnapig nem tudunk válaszolni.",
    ],
)
def test_what_is_no_promise_of_ours_is_left_alone(text: str) -> None:
    assert find(text, NOW, OFFICE) is None


def test_of_two_times_the_earlier_one_counts() -> None:
    found = find("We'll write by Friday. I'll call you tomorrow at 10:00.", NOW, OFFICE)
    assert found is not None
    assert found.due_at == berlin("2026-11-25 10:00")


def test_the_time_is_the_desks_own() -> None:
    lisbon = BusinessHours(ZoneInfo("Europe/Lisbon"), OFFICE.week)
    found = find("We'll call you tomorrow at 16:00.", NOW, lisbon)
    assert found is not None
    assert found.due_at == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_a_weekday_named_on_itself_is_today_while_its_time_lies_ahead() -> None:
    found = find("We'll call you by Tuesday 16:00.", NOW, OFFICE)
    assert found is not None
    assert found.due_at == berlin("2026-11-24 16:00")
    assert find("We'll call you by Tuesday 10:00.", NOW, OFFICE) is None


def test_the_language_can_be_given() -> None:
    assert find("Wir melden uns bis morgen 16 Uhr.", NOW, OFFICE, "en") is None
    assert find("Wir melden uns bis morgen 16 Uhr.", NOW, OFFICE, "de-AT") is not None


PIECES = """We'll |you'll hear |by |tomorrow |Friday |24. |12. |16:00 |25:99 |4 pm |bis |morgen |Uhr |wir melden |do
|zítřka |ozveme |holnap|-ig |jelentkezünk |kl. |i morgen |vi svarer |99 |hours |. |? |December |Dezember |0 """
pieces = st.sampled_from(PIECES.split("|"))


@given(st.lists(pieces, max_size=14).map("".join), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_whatever_is_found_lies_ahead_and_stands_in_the_text(text: str, now: datetime) -> None:
    at = now.replace(tzinfo=UTC)
    found = find(text, at, OFFICE)
    if found is not None:
        assert found.due_at > at
        assert text[found.start : found.end] == found.words


@given(st.text(max_size=80))
def test_no_text_whatsoever_breaks_it(text: str) -> None:
    find(text, NOW, OFFICE)
