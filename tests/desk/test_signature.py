"""Each answer is signed once, with the agent's real name or initials, and never with "Bot"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.errors import DeskError
from desk.model.refusals import NoName
from desk.model.signature import FORMS, WrongForm, checked, initials, sign, sign_off, signed, unsigned


@pytest.mark.parametrize(
    ("form", "off"),
    [
        ("– {first}", "– Mia"),
        ("^{initials}", "^MK"),
        ("*{initials}", "*MK"),
        ("-{first}", "-Mia"),
        ("/{initials}", "/MK"),
    ],
)
def test_each_form_that_teams_use(form: str, off: str) -> None:
    assert form in FORMS
    assert sign_off(form, "Mia Krüger") == off
    assert sign("On its way!", form, "Mia Krüger") == f"On its way! {off}"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Mia Krüger", "MK"),
        ("Mia", "M"),
        ("mia krüger", "MK"),
        ("Anne-Marie Jensen", "AMJ"),
        ("Jean‑Luc Moreau", "JLM"),
        ("Maria da Silva Santos", "MSS"),
        ("Vincent van Gogh", "VG"),
        ("Dr. Mia Krüger", "MK"),
        ("J. Doe", "JD"),
        ("Mia Krüger (she/her)", "MK"),
        ("🌸 Mia 🌸 Krüger", "MK"),
        ("  Mia \n Krüger ", "MK"),
        ("É\u0301mile Žák", "É\u0301Ž"),
        ("E\u0301mile Z\u030cák", "ÉŽ"),
        ("O'Brien Sean", "OS"),
        ("Мария Иванова", "МИ"),
        ("花子 田中", "花田"),
        ("田中花子", "田"),
        ("مريم علي", "مع"),
        ("ßeta Ωmega", "ßΩ"),
    ],
)
def test_initials_of_many_names(name: str, short: str) -> None:
    assert initials(name) == short


@pytest.mark.parametrize(
    ("name", "off"),
    [
        ("Anne-Marie Jensen", "– Anne-Marie"),
        ("Dr. Mia Krüger", "– Mia"),
        ("J. Doe", "– J"),
        ("Mia (away)", "– Mia"),
        ("花子 田中", "– 花子"),
        ("@Mia!", "– Mia"),
        ("O'Neil Sean", "– O'Neil"),
    ],
)
def test_the_first_name_signs(name: str, off: str) -> None:
    assert sign_off("– {first}", name) == off


@pytest.mark.parametrize("name", ["", "  ", "🙂", "123", "(Mia)", "...", "Bot", "bot", "Slackbot", "\u200b"])
def test_without_a_name_nothing_is_signed(name: str) -> None:
    with pytest.raises(NoName) as caught:
        sign("On its way!", "– {first}", name)
    assert isinstance(caught.value, DeskError)
    assert "/desk name Mia" in caught.value.sentence


def test_the_very_same_sign_off_is_not_doubled() -> None:
    assert sign("On its way! – Mia", "– {first}", "Mia Krüger") == "On its way! – Mia"
    assert sign("On its way!\n^MK \n", "^{initials}", "Mia Krüger") == "On its way!\n^MK"
    assert sign("On its way! – Ana", "– {first}", "Mia") == "On its way! – Ana – Mia"
    assert sign("Ask for Anna-Mia", "-{first}", "Mia") == "Ask for Anna-Mia -Mia"
    assert signed("On its way!", "") == "On its way!"
    assert signed("", "– Mia") == "– Mia"


@pytest.mark.parametrize("own", ["- Mia", "-Mia", "— mia", "^Mia", "–  Mia"[:2] + "Mia.", "\n~ Mia"])
def test_the_name_that_somebody_typed_themselves_is_not_doubled(own: str) -> None:
    assert sign(f"On its way! {own}", "– {first}", "Mia Krüger") == "On its way! – Mia"
    assert unsigned(own, "– Mia") == ""


@pytest.mark.parametrize("text", ["Ask for Anna-Mia", "Thank you, Mia", "Ask Mia"])
def test_what_only_looks_like_a_name_stays(text: str) -> None:
    assert unsigned(text, "– Mia") == text


@pytest.mark.parametrize(
    "form",
    ["", "Mia", "{name}", "{first} {first}", "{first} {initials}", "{first}{0}", "x" * 50 + "{first}", "a\n{first}"],
)
def test_a_form_without_a_place_for_the_name_is_refused(form: str) -> None:
    with pytest.raises(WrongForm):
        checked(form)


def test_a_team_may_write_its_own_form() -> None:
    assert sign_off("Best, {first} at Acme", "Mia Krüger") == "Best, Mia at Acme"


@given(st.text(max_size=40), st.sampled_from(FORMS), st.text(max_size=40))
def test_signing_twice_is_signing_once(text: str, form: str, name: str) -> None:
    try:
        once = sign(text, form, name)
    except NoName:
        return
    assert sign(once, form, name) == once
    assert once.endswith(sign_off(form, name))
    assert once.startswith(unsigned(text, sign_off(form, name)))
