"""In which language a text is written: sure, or shown as unsure."""

from __future__ import annotations

import pytest

from desk.model.customer import Guess, judged, language_named, nearest_language
from platforms.languages import LangId
from platforms.x_sweep import language_of

SERVED = ("en", "de", "da", "cs", "hu")
TEXTS = {
    "Where is my order? It should have come on Monday.": Guess("en", True),
    "Mein Paket hängt seit Montag fest, bitte helft mir.": Guess("de", True),
    "@acme Kde je můj balík? https://acme.example/track": Guess("cs", True),
    "Hol van a csomagom?": Guess("hu", True),
    "Hvor er min pakke?": Guess("da", True),
    "ok": Guess("", False),
    "4711 😀": Guess("", False),
    "Onde está a minha encomenda? Estou à espera há uma semana.": Guess("", False),
}


async def test_what_is_served_is_told_apart_and_what_is_not_stays_unsure() -> None:
    detector = LangId()
    guesses = await detector.of(list(TEXTS), SERVED)
    assert dict(zip(TEXTS, guesses, strict=True)) == TEXTS
    assert detector.in_flight == 0
    [alone] = await detector.of(["Onde está a minha encomenda? Estou à espera há uma semana."], ("en", "tlh"))
    assert not alone.sure
    assert await detector.of(["Hello there, my friend"], ("tlh",)) == [Guess("", False)]
    await detector.close()


@pytest.mark.parametrize(
    ("among", "of_all", "guess"),
    [
        ([("en", 0.97), ("de", 0.02)], [("en", 0.5), ("nl", 0.3)], Guess("en", True)),
        ([("en", 0.89), ("de", 0.1)], [("en", 0.5)], Guess("en", False)),
        ([("hu", 0.97), ("de", 0.02)], [("pt", 0.91), ("hu", 0.01)], Guess("", False)),
        ([("hu", 0.97), ("de", 0.02)], [("pt", 0.89), ("hu", 0.01)], Guess("hu", True)),
        ([], [("pt", 0.9)], Guess("", False)),
    ],
)
def test_a_language_counts_as_known_only_where_it_is_likely_among_all(
    among: list[tuple[str, float]], of_all: list[tuple[str, float]], guess: Guess
) -> None:
    assert judged(among, of_all) == guess


@pytest.mark.parametrize(
    ("code", "short"), [("en", "en"), ("in", "id"), ("iw", "he"), ("und", ""), ("qme", ""), (None, ""), ("pt-BR", "pt")]
)
def test_what_x_says_of_a_post_is_a_language_or_nothing(code: object, short: str) -> None:
    assert language_of(code) == short


def test_an_agent_may_name_a_language_as_people_do() -> None:
    assert [language_named(one) for one in ("pt", "Portuguese", " DE ", "pt-BR", "klingon")] == [
        "pt",
        "pt",
        "de",
        "pt",
        None,
    ]
    assert nearest_language("portugese") == "Portuguese"
