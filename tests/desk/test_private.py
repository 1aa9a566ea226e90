"""The public invitations: short, soft, in five languages, past the guards, and never the same twice in a row."""

from __future__ import annotations

import pytest

from desk.model.guards import Guards, Reply, check, stopping
from desk.model.notice import Contact, misformed
from desk.model.private import FACTS, SHIPPED, GoPrivate, Invites, Wordings, whose_turn, worded

CONTACT = Contact("customer.service@acme.example", "+351 21 000 00 00", "acme.example/help")
OURS = Guards(ours=(CONTACT.email, CONTACT.phone))
SIGNED = 20
"""Characters that a signature may take."""


@pytest.mark.parametrize("kind", Invites)
@pytest.mark.parametrize("language", SHIPPED)
def test_every_shipped_invitation_fits_on_x_and_past_the_guards(language: str, kind: Invites) -> None:
    wordings = SHIPPED[language].of(kind)
    assert len(set(wordings)) == len(wordings) >= 2
    for wording in wordings:
        assert misformed(wording, FACTS) is None
        for name in ("", "Maximiliane"):
            said = worded(wording, name, CONTACT, language, 280 - SIGNED)
            assert said.good and len(said.text) <= 280 - SIGNED
            assert "[" not in said.text and "{" not in said.text
            reply = Reply(said.text, True, language=language)
            assert stopping(check(reply, OURS)) == []
            assert (CONTACT.email in said.text) == (kind is not Invites.SENT)


def test_other_ways_alone_are_never_said_where_there_are_none() -> None:
    for wording in SHIPPED["en"].ways:
        assert not worded(wording, "Maria", Contact(), "en", 280).good
    assert worded(SHIPPED["en"].write[0], "Maria", Contact(), "en", 280).good


def test_the_wordings_take_turns_and_one_that_is_gone_begins_anew() -> None:
    wordings, last = SHIPPED["de"].sent, ""
    said = []
    for _ in range(7):
        last = whose_turn(wordings, last)
        said.append(last)
    assert said == [*wordings, *wordings, wordings[0]]
    assert whose_turn(wordings, "of another year") == wordings[0]


def test_the_owners_own_words_come_before_ours_and_english_where_there_are_none() -> None:
    own = Wordings(("One.", "Two."), ("Three.", "Four."), ("{ways}.", "To reach us: {ways}."))
    rule = GoPrivate(texts={"pt": own})
    assert rule.wordings("pt").of(Invites.SENT) == ("One.", "Two.")
    assert rule.wordings("de") is SHIPPED["de"]
    assert rule.wordings("fi") is SHIPPED["en"]
