"""Who signs: the agent's real first name or initials on every text that a customer reads, and nobody as "Bot"."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEE, Journey, words_of


@pytest.mark.parametrize(
    ("form", "end"),
    [
        ("– {first}", " – Ana"),
        ("^{initials}", " ^AS"),
        ("*{initials}", " *AS"),
        ("-{first}", " -Ana"),
        ("/{initials}", " /AS"),
    ],
)
async def test_the_team_chooses_the_form_of_its_signature(journey: Journey, form: str, end: str) -> None:
    await journey.owner_sets(signature={"form": form})
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == [f"It comes tomorrow.{end}"]


async def test_an_agent_may_sign_with_another_name(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/desk name Mia")
    told = await journey.types(ANA, "/reply 1 It comes tomorrow.")
    assert "24/280" in told
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It comes tomorrow. – Mia"]


@pytest.mark.parametrize("own", ["- Ana", "-Ana", "— ana", "^Ana"])
async def test_a_name_typed_by_hand_is_not_doubled(journey: Journey, own: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "24/280" in await journey.types(ANA, f"/reply 1 It comes tomorrow. {own}")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It comes tomorrow. – Ana"]


async def test_a_signature_alone_is_no_answer(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    for typed in ("– Ana", "- Ana"):
        assert "There are no words in it, so nothing was sent." in await journey.types(ANA, f"/reply 1 {typed}")
    await journey.pass_(seconds=12)
    assert journey.published == []


async def test_the_own_name_comes_back_with_off(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/desk name Mia")
    assert "your name in Slack again" in await journey.types(ANA, "/desk name off")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It comes tomorrow. – Ana"]


async def test_what_is_signed_already_is_not_signed_twice(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow. – Ana")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It comes tomorrow. – Ana"]


async def test_private_answers_and_comments_are_signed_too(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    await journey.message("I was charged twice.")
    await journey.direct_on_x("Where is my invoice?")
    await journey.pass_(minutes=5)
    await journey.types(ANA, "/reply 1 There is none.")
    await journey.types(BEN, "/reply 2 You get it back.")
    await journey.types(LEE, "/reply 3 In your mail.")
    await journey.pass_(seconds=12)
    assert {one["text"] for one in journey.graph.published if one["kind"] != "post"} == {
        "There is none. – Ana",
        "You get it back. – Ben",
    }
    assert [one["text"] for one in journey.x.sent_directs] == ["In your mail. – Lee"]


async def test_nobody_without_a_name_answers_a_customer(journey: Journey) -> None:
    journey.slack.add_user("U0ANON", name="anon", real_name="", first_name="", display_name="anon")
    journey.slack.add_usergroup("S0AGENTS", "frontdesk-agents", [ANA, BEN, LEE, "U0ANON"])
    journey.slack.channels[DESK].members["U0ANON"] = None
    await journey.restart()
    await journey.on_x("@acme my parcel is stuck")
    told = await journey.types("U0ANON", "/reply 1 It comes tomorrow.")
    assert "no first name to sign with" in told
    assert "/desk name Mia" in told
    assert "It comes tomorrow." in journey.only_for("U0ANON")[-1]
    await journey.pass_(minutes=1)
    assert journey.published == []
    await journey.types("U0ANON", "/desk name Noa")
    await journey.types("U0ANON", "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It comes tomorrow. – Noa"]


async def test_a_profile_called_bot_is_no_name(journey: Journey) -> None:
    journey.slack.add_user(ANA, name="ana", real_name="Bot", first_name="Bot")
    await journey.restart()
    await journey.on_x("@acme my parcel is stuck")
    assert "no first name to sign with" in await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(minutes=1)
    assert journey.published == []


async def test_unsigned_only_where_the_owner_says_so(journey: Journey) -> None:
    await journey.owner_sets(signature={"form": "", "required": False})
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It comes tomorrow."]
    assert "Published" in words_of(journey.in_thread(1, "It comes tomorrow."))
