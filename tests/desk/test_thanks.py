"""A message that only thanks, reacts or greets needs no answer; whatever might ask for one gets one."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.model.thanks import needs_no_answer

HARMLESS = [
    "👍",
    "❤️",
    "👍🏽👍🏽",
    "🙏🙏",
    "thanks!",
    "Thank you so much!",
    "danke dir",
    "tak",
    "díky",
    "köszi",
    "ok thx 👍",
    "@acme thank you so much",
    "Thanks for the quick reply",
    "Great, thanks",
    "Ok",
    "okay, thank you",
    "thaaaanks",
    "Thanks sooo much!!!",
    "Perfect thx :)",
    "TY",
    "hi",
    "Hello there",
    "Good morning",
    "hej",
    "Dobrý den",
    "Szia!",
    "Vielen Dank für die schnelle Hilfe!",
    "Vielen lieben Dank euch",
    "Danke schön",
    "Super, danke euch!",
    "Alles klar, danke",
    "Mange tak for hjælpen",
    "Tusind tak",
    "tak skal I have",
    "Fedt, tak!",
    "děkuji moc",
    "Díky moc za rychlou odpověď",
    "Moc děkuji",
    "Super, díky",
    "köszönöm szépen",
    "Nagyon köszönöm a gyors választ",
    "Rendben, köszönöm",
    "Köszi szépen",
    "😊",
    "<3",
    "Thanks <3",
    "Thank you! Have a great day",
    "Danke, schönen Tag noch!",
    "Tak og god weekend",
    "you guys rock, thank you",
    "Great service, thank you!",
    "@acme @ana_k thx",
    "thanks 😂",
    "cheers mate",
    "Much appreciated",
    "I really appreciate your help",
    "merci",
    "lg",
    "Danke und schönes Wochenende",
    "Szép napot",
    "cool",
    "Super",
    ":)",
    "❤️❤️❤️ tysm",
    "Alles gut, danke",
    "Hej og tak",
    "hezký den",
    "moc díky",
    "Liebe Grüße",
    "Servus",
    "Dobrý den a díky",
    "Hallo zusammen",
    "THANK YOU!!!",
    "Thank you - you guys are the best!",
    "to je super, díky",
    "Det var sødt af jer, tak!",
    "ez szuper, köszi",
    "thanks 🙇‍♀️",
]
WANTING = [
    "",
    "@acme",
    "?",
    "thanks?",
    "thanks, but it still does not work",
    "thanks for nothing",
    "no thanks",
    "danke für nichts",
    "Danke, aber",
    "tak, men",
    "díky, ale nefunguje",
    "köszi, de",
    "ok 4711",
    "thanks 12345678",
    "👎",
    "😡",
    "🙏 please",
    "please",
    "help",
    "hi help",
    "yes",
    "no",
    "ja",
    "Ja, danke",
    "ja tak",
    "nein danke",
    "nej tak",
    "thanks in advance",
    "Great...",
    "Thanks…",
    "great service 👏",
    "wow",
    "Thanks a lot for losing my parcel",
    "thank you for your reply my order is late",
    "when",
    "hi where is it",
    "Hello I need help",
    "thanks :(",
    "thanks :/",
    "thx 🙄",
    "🔥",
    "👀",
    "ok and now",
    "thanks https://acme.example",
    "#fail thanks",
    "lol no",
    "not thanks",
    "danke dir und wo ist mein Paket",
    "tak for ingenting",
    "díky za nic",
    "köszi a semmit",
    "thanks Mia",
    "thank you thank you thank you thank you thank you",
    "¿gracias",
    "谢谢",
    "terrible",
    "danke danke nicht",
    "still waiting thanks",
    "thanks a@b.example",
    "sure",
    "refund thanks",
    "hello???",
    "ok ok ok ok ok ok ok ok ok",
    "🤬 thanks",
    "thanks $",
    "call me thanks",
    "dm sent thanks",
    "done",
    "ok? thanks",
    "well",
    "thanks for your service it's broken",
    "tak a co dál",
    "no problem",
    "1",
    "１",
    "thanks ①",
    "thanks but",
    "Danke. Aber wann",
    "You guys are the best",
    "Great job @acme",
    "I love it",
    "thanks again for the same parcel twice",
    "Thank you for the refund you never sent",
    "ok, when",
    "Perfekt, und mein Geld",
    "prosím",
    "kérem",
    "bitte",
    "venligst",
    "hi there I have a question",
    "super, nefunguje to",
    "thanks 50",
    "ok #42",
    "tak, hvor er min pakke",
    "köszi, mikor jön",
    "👍👎",
    "thanks 💔",
    "thank you 😭",
    "cancel it thanks",
    "🆘",
    "!",
    "...",
    "ok\n\nnot ok",
    "thanks%",
    "I want my money thanks",
    "thx ⟦RLO⟧",
    "ＴＨＡＮＫＳ ４２",
    "no worries",
    "nem köszönöm",
    "ikke tak",
    "ne, díky",
    "gerne",
    "danke (nicht)",
    "x" * 5000,
    "👍" * 500,
]


@pytest.mark.parametrize("text", HARMLESS)
def test_only_thanks_reactions_and_greetings_need_no_answer(text: str) -> None:
    assert needs_no_answer(text)


@pytest.mark.parametrize("text", WANTING, ids=lambda text: text[:40])
def test_whatever_may_ask_for_something_needs_one(text: str) -> None:
    assert not needs_no_answer(text)


MORE = """? but aber men ale de not nicht ikke ne nem 4711 #7 where help parcel please 😡 https://acme.example … broken
refund why still"""


@pytest.mark.parametrize("more", MORE.split())
def test_one_more_word_that_is_not_known_as_harmless_is_enough(more: str) -> None:
    for text in HARMLESS:
        assert not needs_no_answer(f"{text} {more}"), text
        assert not needs_no_answer(f"{more} {text}"), text


@settings(deadline=None)
@given(st.sampled_from(HARMLESS), st.text(alphabet=st.characters(categories=["L"]), max_size=12))
def test_an_unknown_word_anywhere_needs_an_answer(text: str, ending: str) -> None:
    words = text.split()
    for at in range(len(words) + 1):
        assert not needs_no_answer(" ".join([*words[:at], "zq" + ending, *words[at:]]))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_judged_and_questions_and_numbers_never_pass(text: str) -> None:
    judged = needs_no_answer(text)
    if judged:
        assert "?" not in text
        assert not any(char.isdigit() for char in text.replace("<3", ""))


def test_names_that_are_known_may_be_thanked() -> None:
    assert not needs_no_answer("Thanks Mia!")
    assert needs_no_answer("Thanks Mia!", names=["Mia", "Jürgen"])
    assert needs_no_answer("Danke dir, Jürgen", names=["Mia", "Jürgen"])
    assert not needs_no_answer("Mia", names=["Mia"])
    assert not needs_no_answer("Thanks Ben!", names=["Mia"])


def test_eight_words_are_judged_in_no_time() -> None:
    began = time.perf_counter()
    for _ in range(20):
        assert not needs_no_answer("super danke super danke super danke super foo")
    assert time.perf_counter() - began < 5, "a guard against patterns that run away, not a measurement"
