"""A second look before a reply goes out: every door, one dialog, those very words, once; for two where it must be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, LEE, Journey, words_of
from tests.journeys.test_forms import opens, sends, view_of

PHONE = "Please call me at +47 22 12 34 56."
CARD = "You paid with 4111 1111 1111 1111, right?"


def last(journey: Journey, user: str = ANA) -> dict[str, Any]:
    """The newest message that only this person sees."""
    return journey.slack.ephemerals(user)[-1]


async def out(journey: Journey) -> list[str]:
    """What stands in public once the hold is over."""
    await journey.pass_(seconds=15)
    return [post["text"] for post in journey.published]


@pytest.mark.parametrize("door", ["command", "thread", "talk", "form"])
async def test_through_every_door_a_warning_comes_first_and_send_anyway_sends_those_words(
    journey: Journey, door: str
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    if door == "command":
        await journey.types(ANA, f"/reply 1 {PHONE}")
    elif door == "thread":
        await journey.says(ANA, 1, f"!reply {PHONE}")
    elif door == "talk":
        await journey.says(ANA, 1, PHONE)
        await journey.presses_in(ANA, DESK, "has not been answered", "send_as_reply")
    else:
        await opens(journey)
        await sends(journey, PHONE)
        view = view_of(journey)
        assert "A phone number would stand in public: +47 22 12 34 56." in words_of(view)
        assert view["submit"]["text"] == "Send anyway"
        assert await out(journey) == []
        assert (await sends(journey, PHONE)).response is None
        assert await out(journey) == [f"{PHONE} – Ana"]
        return
    told = words_of(last(journey))
    assert "A phone number would stand in public: +47 22 12 34 56." in told and PHONE in told
    assert all(f"[{label}]" in told for label in ("Change", "Send privately", "Send anyway"))
    assert await out(journey) == []
    ts = last(journey)["ts"]
    await journey.slack.press(ANA, DESK, ts, "send_anyway")
    assert ts not in [message["ts"] for message in journey.slack.ephemerals(ANA)]
    assert await out(journey) == [f"{PHONE} – Ana"]


async def test_one_dialog_has_all_the_reasons_and_changed_words_are_looked_at_anew(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    await journey.on_x("@acme hello?", reply_to=post)
    await sends(journey, f"We guarantee it. {PHONE}")
    told = words_of(view_of(journey))
    assert told.count("• ") == 3
    assert all(words in told for words in ("#1 has moved", "hello?", "“We guarantee”", "A phone number"))
    await sends(journey, f"We guarantee it! {PHONE}")
    assert words_of(view_of(journey)).count("• ") == 2
    assert (await sends(journey, "It left today.")).response is None
    assert await out(journey) == ["It left today. – Ana"]


async def test_change_opens_the_form_with_the_text_and_send_privately_asks_nothing_more(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/reply 1 {PHONE}")
    await journey.slack.press(ANA, DESK, last(journey)["ts"], "change")
    element = next(b["element"] for b in view_of(journey)["blocks"] if b["block_id"] == ids.TEXT_BLOCK)
    assert element["initial_value"] == PHONE
    await journey.types(ANA, f"/reply 1 {PHONE}")
    await journey.slack.press(ANA, DESK, last(journey)["ts"], "private_draft")
    assert await out(journey) == []
    assert [direct["text"] for direct in journey.x.sent_directs] == [f"{PHONE} – Ana"]


@pytest.mark.parametrize("other", [BEN, LEE])
async def test_a_card_in_public_needs_another_person_who_is_named_to_all(journey: Journey, other: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/reply 1 {CARD}")
    told = words_of(last(journey))
    assert "A card number would stand in public: •••• 1111." in told and "[Send anyway]" not in told
    await journey.pass_(seconds=2)
    asked = journey.in_thread(1, "second pair of eyes")
    assert "4111 1111" not in words_of(asked) and "•••• 1111" in words_of(asked)
    await journey.slack.press(ANA, DESK, asked["ts"], "send_anyway")
    await journey.pass_(seconds=2)
    assert "another agent or a lead presses it" in words_of(last(journey))
    assert await out(journey) == []
    await journey.slack.press(other, DESK, asked["ts"], "send_anyway")
    await journey.slack.press(other, DESK, asked["ts"], "send_anyway")
    assert await out(journey) == [f"{CARD} – Ana"]
    assert f"<@{other}> let <@{ANA}>'s answer go out." in words_of(journey.in_thread(1, "let <@"))
    assert "[Send anyway]" not in journey.thread(1)[0]
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)


async def test_the_form_keeps_what_needs_a_second_person_and_never_sends_it_by_itself(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    for _ in range(3):
        reply = await sends(journey, CARD)
        assert "A card number would stand in public" in reply.response["errors"][ids.TEXT_BLOCK]
    assert await out(journey) == []
    assert view_of(journey)["state"]["values"][ids.TEXT_BLOCK][ids.TEXT_INPUT]["value"] == CARD


async def test_nothing_goes_round_a_guard_by_split_undo_or_another_text_under_an_old_yes(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/reply 1 {'We are sorry about that. ' * 12}{CARD}")
    assert "A card number would stand in public" in words_of(last(journey))
    await journey.slack.press(ANA, DESK, last(journey)["ts"], "split")
    await journey.pass_(seconds=2)
    assert "A card number would stand in public" in words_of(last(journey))
    assert await out(journey) == []
    # said yes, taken back: the yes is used
    await journey.types(ANA, f"/reply 1 {PHONE}")
    warning = last(journey)
    journey.wire.fault("slack", "* /actions/*", "status", status=404)  # so that its buttons stay
    await journey.slack.press(ANA, DESK, warning["ts"], "send_anyway")
    await journey.pass_(seconds=2)
    await journey.slack.press(ANA, DESK, last(journey)["ts"], "undo")
    await journey.pass_(seconds=2)
    assert "Taken back" in words_of(last(journey))
    await journey.slack.press(ANA, DESK, warning["ts"], "send_anyway")
    await journey.pass_(seconds=2)
    assert "sent anyway once, and taken back" in words_of(last(journey)) and PHONE in words_of(last(journey))
    assert await out(journey) == []


async def test_a_conversation_that_moved_stops_a_late_yes(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/reply 1 {CARD}")
    await journey.pass_(seconds=2)
    asked = journey.in_thread(1, "second pair of eyes")
    await journey.on_x("@acme forget it", reply_to=post)
    await journey.slack.press(BEN, DESK, asked["ts"], "send_anyway")
    await journey.pass_(seconds=2)
    assert "has moved since" in words_of(last(journey, BEN))
    assert await out(journey) == []


async def test_customers_see_no_mark_up_of_slack(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 *Sorry*, Tom &amp; Ann: it is _late_ :slightly_smiling_face:")
    assert await out(journey) == ["Sorry, Tom & Ann: it is late 🙂 – Ana"]
    await opens(journey)
    await sends(journey, "Tom &amp; Ann :tada:")
    assert (await out(journey))[1:] == ["Tom & Ann 🎉 – Ana"]
    await journey.types(ANA, "/reply 1 Done :acme-parrot:")
    assert "Slack's mark-up: ∶acme-parrot:" in words_of(last(journey))


async def test_a_colleague_named_a_ticket_and_another_customer_are_asked_about(journey: Journey) -> None:
    await journey.on_x("@acme my parcel came without its lid today", handle="peter_h", name="Peter H.")
    await journey.on_x("@acme mine, too")
    for text, reason in (
        (f"<@{BEN}> please look", "calls a colleague"),
        ("note: she is rude", "It looks internal: “note”"),
        ("It is the same as #1 there, see inquiry 1.", "our own number"),
        ("@peter_h had that, too.", "another customer, peter_h"),
        ("He wrote “my parcel came without its lid today”.", "quotes what another customer wrote"),
    ):
        await journey.types(ANA, f"/reply 2 {text}")
        assert reason in words_of(last(journey)), words_of(last(journey))
    assert await out(journey) == []


async def test_the_form_shows_hints_while_one_types(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    view = await opens(journey)
    await journey.slack.type_in_view(ANA, view["id"], ids.TEXT_BLOCK, ids.TEXT_INPUT, f"{PHONE} :tada:")
    assert "A phone number would stand in public" in words_of(view_of(journey))
    await journey.slack.type_in_view(ANA, view["id"], ids.TEXT_BLOCK, ids.TEXT_INPUT, "It left today.")
    assert "A phone number" not in words_of(view_of(journey))


async def test_a_password_without_a_colon_waits_for_a_second_pair_of_eyes(journey: Journey) -> None:
    await journey.on_x("@acme I cannot log in, my password hunter2 does not work")
    assert "hunter2" not in journey.card(1) and "••••••" in journey.card(1)
    told = await journey.types(ANA, "/reply 1 Please log in with the password winter77.")
    assert "A password, a PIN or a key would stand in public" in told
    await journey.pass_(minutes=1)
    assert journey.published == []
    await journey.types(
        ANA, "/reply 1 We have sent you a password reset. Your password is safe; change your password please."
    )
    await journey.pass_(minutes=1)
    assert len(journey.published) == 1


async def test_cards_and_passwords_of_customers_are_hidden_in_slack_and_on_disk(journey: Journey) -> None:
    post = await journey.on_x("@acme my card 4111 1111 1111 1111 was charged twice, order 1234567812345678")
    await journey.on_x("@acme and my password: Hunter!22 does not work", reply_to=post)
    seen = str(journey.slack.messages(DESK)) + str(journey.slack.replies(DESK, journey.root(1)["ts"]))
    assert "my card •••• 1111 was charged twice, order 1234567812345678" in journey.card(1)
    assert "a card number or a password in it is hidden here" in journey.card(1)
    kept = b"".join(path.read_bytes() for path in journey.sandbox.folder.rglob("*") if path.is_file())
    for secret in ("4111 1111", "Hunter!22"):
        assert secret not in seen and secret.encode() not in kept
    assert any("4111 1111 1111 1111" in one["text"] for one in journey.x.all_posts())


async def test_the_owner_sets_each_rule_and_names_what_is_the_companys_own(journey: Journey) -> None:
    await journey.owner_sets(
        guards={"contact": "second", "shouting": "off", "absolute": "hint", "ours": ["+351 21 000 00 00"]}
    )
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/reply 1 {PHONE}")
    assert "Another agent or a lead" in words_of(last(journey))
    await journey.types(ANA, "/reply 1 WE ARE SORRY, we guarantee that: call +351 21 000 00 00!!!")
    assert await out(journey) == ["WE ARE SORRY, we guarantee that: call +351 21 000 00 00!!! – Ana"]


async def test_reach_is_flagged_told_to_leads_and_stops_only_where_a_lead_says_so(journey: Journey) -> None:
    journey.x.add_person("maria_k", "Maria K.", followers=12_300)
    await journey.on_x("@acme my parcel is stuck")
    assert "followers" not in journey.card(1)  # nobody switched counts on
    await journey.owner_sets(reach={"counts": True, "journalists": ["@anna_writes"]})
    journey.x.add_person("loud", "Loud L.", followers=12_300)
    await journey.on_x("@acme mine, too", handle="loud", name="Loud L.")
    assert "12,300 followers" in journey.card(2)
    await journey.on_x("@acme a question for my paper", handle="anna_writes", name="Anna W.")
    assert "on the journalists' list" in journey.card(3)
    told = [words for words in journey.channel("C0LEADS") if "Very many people may hear" in words]
    assert len(told) == 2 and "12,300 followers" in told[0]
    await journey.types(ANA, "/reply 2 It left today.")
    assert await out(journey) == ["It left today. – Ana"]
    await journey.types(ANA, "/desk reach second")
    assert "Only leads" in words_of(last(journey))
    await journey.types(LEE, "/desk reach second")
    await journey.types(ANA, "/reply 3 It left today.")
    assert "Very many people may read it" in words_of(last(journey))
    await journey.pass_(seconds=2)
    asked = journey.in_thread(3, "second pair of eyes")
    await journey.slack.press(LEE, DESK, asked["ts"], "send_anyway")
    assert len(await out(journey)) == 2
    await journey.types(LEE, "/desk reach flag")
    await journey.types(ANA, "/reply 3 And it arrives tomorrow.")
    assert len(await out(journey)) == 3


async def test_a_form_that_claims_a_yes_of_its_own_is_looked_at_like_any_other(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/reply 1 {CARD}")
    await journey.pass_(seconds=2)
    buttons = journey.in_thread(1, "second pair of eyes")["blocks"][-1]["elements"]
    await opens(journey)
    body = journey.slack.views[ANA][-1].body
    forged = {**json.loads(body["private_metadata"]), "draft": buttons[0]["value"].split(":", 2)[2]}
    body["private_metadata"] = json.dumps(forged)
    reply = await sends(journey, CARD)
    assert "A card number would stand in public" in reply.response["errors"][ids.TEXT_BLOCK]
    assert await out(journey) == []
