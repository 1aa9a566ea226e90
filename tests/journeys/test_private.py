"""From the public to private messages: one step, one inquiry, and whether the customer came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from config.notices import PrivateSection
from desk.model.private import SHIPPED
from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, LEE, Journey, words_of
from tests.journeys.test_forms import Fields, says, view_of

DM = "POST /2/dm_conversations/*"
NO_DM = {
    "detail": "You do not have permission to DM one or more participants.",
    "title": "Forbidden",
    "status": 403,
    "type": "about:blank",
}
POLITE = "What is your order number?"


async def read(journey: Journey, user: str, command: str) -> str:
    """All that the person who typed it reads, buttons included."""
    return words_of((await journey.slack.command(user, DESK, command)).response or {})


def in_public(journey: Journey) -> list[str]:
    return [str(post["text"]) for post in journey.published]


def in_private(journey: Journey) -> list[str]:
    return [str(one["text"]) for one in journey.x.sent_directs]


def on_the_page(journey: Journey) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in journey.graph.published if one["kind"] != "post"]


async def complains(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck, can somebody please help me with it?")


async def asks(journey: Journey, *, invite: bool = True) -> str:
    """Ana asks in private, with the public line."""
    await journey.owner_sets(private={"invite": invite})
    told = await read(journey, ANA, f"/private 1 {POLITE}")
    await journey.pass_(seconds=15)
    return told


@pytest.mark.looks_every(6)
async def test_on_x_one_step_sends_the_private_message_then_the_public_line_and_the_customer_arrives_in_the_same_thread(
    journey: Journey,
) -> None:
    await complains(journey)
    order: list[str] = []
    journey.x.listeners.append(lambda event: order.append(event["type"]))
    told = await asks(journey)
    assert "privately on X" in told and "Then, once that stands, in public" in told and "[Only privately]" in told
    [line] = in_public(journey)
    assert line.removesuffix(" – Ana") in told
    assert "private" in line and "Maria" in line and line.endswith("– Ana")
    assert in_private(journey) == [f"{POLITE} – Ana"]
    assert [kind for kind in order if kind in ("direct_sent", "published")] == ["direct_sent", "published"]
    assert "It invites them out of the public" in words_of(journey.in_thread(1, line))
    assert "invited to private messages" in journey.card(1) and "not there yet" in journey.card(1)
    await journey.restart()
    await journey.direct_on_x("It is 4711.")
    await journey.pass_(seconds=5)
    assert len(journey.roots()) == 1
    came = words_of(journey.in_thread(1, "It is 4711."))
    assert "in public they wrote: “@acme my parcel is stuck" in came
    assert "has come, " in words_of(journey.in_thread(1, "after the invitation"))
    assert "moved to private, arrived" in journey.card(1)
    await journey.direct_on_x("And my name is Maria.")
    assert "in public they wrote" not in words_of(journey.in_thread(1, "my name is Maria"))
    await journey.types(ANA, "/reply 1 Found it.")
    await journey.pass_(seconds=15)
    assert in_private(journey)[-1] == "Found it. – Ana" and len(in_public(journey)) == 1


async def test_on_facebook_the_private_reply_goes_first_and_the_answer_comes_into_the_same_thread(
    journey: Journey,
) -> None:
    await journey.comment("Ich habe mich beim letzten Mal leider sehr geärgert, was ist da los?", person="Zuzana")
    await asks(journey)
    [(first, private), (then, line)] = on_the_page(journey)
    assert (first, private, then) == ("private_reply", f"{POLITE} – Ana", "comment")
    assert "privat" in line and "Zuzana" in line and line.endswith("– Ana")
    refused = await read(journey, ANA, "/private 1 And the date?")
    assert "it is used" in refused and "And the date?" in refused
    await journey.message("Bestellung 4711.", person="Zuzana")
    assert len(journey.roots()) == 1
    assert "in public they wrote: “Ich habe mich" in words_of(journey.in_thread(1, "Bestellung 4711."))
    assert "moved to private, arrived" in journey.card(1)
    assert "privately on Facebook" in await journey.types(ANA, "/reply 1 Danke!")
    await journey.pass_(seconds=15)
    assert on_the_page(journey)[-1] == ("message", "Danke! – Ana")


async def test_where_the_customer_takes_no_private_message_the_desk_says_so_before_the_agent_writes(
    journey: Journey,
) -> None:
    await journey.owner_sets(private={"invite": True}, contact={"email": "help@acme.example"})
    await complains(journey)
    journey.wire.fault("x", DM, "status", status=403, body=NO_DM, times=1)
    await journey.types(ANA, f"/private 1 {POLITE}")
    await journey.pass_(seconds=15)
    assert in_public(journey) == [] and in_private(journey) == []
    assert any("Nothing was said in public" in words for words in journey.thread(1))
    assert "[Invite to write to us]" in words_of(journey.in_thread(1, "did not go out. This person takes no direct"))
    opened = len(journey.slack.open_views(ANA))
    await journey.presses(ANA, 1, "private")
    told = journey.only_for(ANA)[-1]
    assert len(journey.slack.open_views(ANA)) == opened
    assert "takes no direct messages" in told and "`/private 1 invite`" in told and "help@acme.example" in told
    assert "Not sent" not in told and "[Invite to write to us]" in told
    await journey.presses(ANA, 1, "reply")
    form = words_of(view_of(journey))
    assert "takes no direct messages" in form and "`/private 1 invite`" in form
    assert not any(block["block_id"] == ids.WAY_BLOCK for block in view_of(journey)["blocks"])
    await journey.presses_in(ANA, DESK, "takes no direct messages", "invite")
    await journey.pass_(seconds=15)
    [line] = in_public(journey)
    assert "private message" in line and "by e-mail: help@acme.example" in line and line.endswith("– Ana")
    assert "WAITING FOR THE CUSTOMER" in journey.card(1) and "not there yet" in journey.card(1)
    assert "invited in public already" in await journey.types(ANA, "/private 1 invite")
    await journey.direct_on_x("Here I am, order 4711.")
    await journey.pass_(minutes=4)
    assert len(journey.roots()) == 1
    assert "in public they wrote" in words_of(journey.in_thread(1, "order 4711"))
    assert "moved to private, arrived" in journey.card(1)
    assert "privately on X" in await journey.types(ANA, "/reply 1 Welcome.")
    await journey.pass_(seconds=15)
    assert in_private(journey) == ["Welcome. – Ana"] and len(in_public(journey)) == 1


async def test_where_the_owner_sends_no_private_messages_the_other_ways_are_named(journey: Journey) -> None:
    await journey.owner_sets(private={"off": ["x"], "nudge": timedelta(minutes=30)})
    await complains(journey)
    told = await read(journey, ANA, f"/private 1 {POLITE}")
    assert "No private messages are sent on X here" in told and POLITE in told
    assert "names no other way" in await journey.types(ANA, "/private 1 invite")
    await journey.owner_sets(contact={"email": "help@acme.example", "phone": "+351 21 000 00 00"})
    await journey.types(ANA, "/private 1 invite")
    await journey.pass_(seconds=15)
    [line] = in_public(journey)
    assert "help@acme.example" in line and "+351 21 000 00 00" in line
    assert "how else to reach us" in journey.card(1)
    await journey.pass_(minutes=40)
    assert nudges(journey, 1) == []


async def test_the_undo_of_one_says_what_becomes_of_the_other(journey: Journey) -> None:
    await journey.owner_sets(private={"invite": True})
    await complains(journey)
    await journey.types(ANA, f"/private 1 {POLITE}")
    await journey.presses_in(ANA, DESK, "privately on X", "only_private")
    assert "The private message stays as it is" in journey.only_for(ANA)[-1]
    await journey.pass_(seconds=15)
    assert (in_public(journey), in_private(journey)) == ([], [f"{POLITE} – Ana"])
    await journey.on_x("@acme hello, is somebody there?", handle="tom", name="Tom")
    await journey.types(BEN, f"/private 2 {POLITE}")
    await journey.presses_in(BEN, DESK, "privately on X", "undo")
    told = journey.only_for(BEN)[-1]
    assert "and the public invitation with it. Nothing went out" in told and POLITE in told
    await journey.pass_(minutes=5)
    assert (in_public(journey), in_private(journey)) == ([], [f"{POLITE} – Ana"])
    assert any("Nothing was said in public" in words for words in journey.thread(2))
    refused = await read(journey, BEN, "/private 2 invite")  # nothing private stands: they are asked to write
    await journey.pass_(seconds=15)
    assert "in public on X" in refused and "private message" in in_public(journey)[-1]
    assert in_public(journey)[-1] not in SHIPPED["en"].sent


async def test_the_public_line_can_come_later_once_and_goes_out_after_a_failed_message_was_sent_again(
    journey: Journey,
) -> None:
    await complains(journey)
    told = await asks(journey, invite=False)
    assert "[Invite in public, too]" in told and in_public(journey) == []
    for _ in range(2):
        await journey.presses_in(ANA, DESK, "Going out privately on X", "invite_too")
    assert "invited in public already" in journey.only_for(ANA)[-1]
    await journey.pass_(seconds=15)
    assert len(in_public(journey)) == 1
    await journey.owner_sets(private={"invite": True})
    await journey.on_x("@acme hello, is somebody there?", handle="tom", name="Tom")
    journey.wire.fault("x", DM, "status", status=403, body=NO_DM, times=1)
    await journey.types(BEN, f"/private 2 {POLITE}")
    await journey.pass_(seconds=15)
    assert "did *NOT GO OUT*" in journey.card(2) and len(in_public(journey)) == 1
    await journey.presses_in(BEN, DESK, "to #2 did not go out", "send_again")
    await journey.pass_(seconds=15)
    assert in_private(journey) == [f"{POLITE} – Ana", f"{POLITE} – Ben"] and len(in_public(journey)) == 2
    assert in_public(journey)[0].split("–")[0] != in_public(journey)[1].split("–")[0]


async def test_the_public_line_waits_as_long_as_the_private_message_is_queued_or_in_doubt(journey: Journey) -> None:
    await journey.owner_sets(private={"invite": True})
    await complains(journey)
    reset = {"x-rate-limit-reset": str(int(journey.clock.now().timestamp()) + 180)}
    journey.wire.fault("x", DM, "status", status=429, body={"title": "Too Many Requests"}, headers=reset, times=1)
    await journey.types(ANA, f"/private 1 {POLITE}")
    await journey.pass_(seconds=60)
    assert (in_public(journey), in_private(journey)) == ([], [])
    await journey.presses_in(ANA, DESK, "It invites them out of the public", "send_now")
    assert "as soon as the private message stands" in journey.only_for(ANA)[-1]
    journey.wire.fault("x", DM, "drop_before", times=1)
    await journey.pass_(minutes=2, seconds=10)
    assert in_public(journey) == []
    await journey.pass_(minutes=5)
    assert in_public(journey) == [] and in_private(journey) == []
    await journey.presses_in(ANA, DESK, "I don't know whether your answer to #1", "send_again")
    await journey.pass_(minutes=2)
    assert in_private(journey) == [f"{POLITE} – Ana"] and len(in_public(journey)) == 1


async def test_a_line_that_the_guards_stop_does_not_go_along_and_the_agent_decides(journey: Journey) -> None:
    own = {"en": {"sent": ["We guarantee that a private message waits for you.", "We promise: look into your inbox."]}}
    await says_own(journey, own)
    await complains(journey)
    told = await read(journey, ANA, f"/private 1 {POLITE}")
    assert "No public invitation goes with it yet" in told and "absolute words" in told
    await journey.pass_(seconds=15)
    assert (in_public(journey), in_private(journey)) == ([], [f"{POLITE} – Ana"])
    await journey.presses_in(ANA, DESK, "No public invitation goes with it", "invite_too")
    assert "absolute words" in journey.only_for(ANA)[-1] and "[Send anyway]" in journey.only_for(ANA)[-1]
    await journey.presses_in(ANA, DESK, "absolute words", "send_anyway")
    await journey.pass_(seconds=15)
    assert in_public(journey) == ["We guarantee that a private message waits for you. – Ana"]
    assert "We guarantee that a private message waits for you." in await read(journey, LEE, "/desk invited")


async def says_own(journey: Journey, texts: dict[str, dict[str, list[str]]]) -> None:
    """The owner writes their own invitations."""
    section = PrivateSection.model_validate({"invite": True, **texts})
    kept = journey.sandbox.bot.settings
    journey.sandbox.bot.settings = kept.model_copy(update={"private": section})
    await journey.restart()


async def test_the_owner_of_the_inquiry_is_nudged_once_in_business_time_where_nobody_came(journey: Journey) -> None:
    await journey.owner_sets(private={"invite": True, "nudge": timedelta(minutes=30)})
    await complains(journey)
    await journey.types(ANA, f"/private 1 {POLITE}")
    await journey.pass_(minutes=28)
    assert nudges(journey, 1) == []
    await journey.pass_(minutes=4)
    [nudge] = nudges(journey, 1)
    assert f"<@{ANA}>" in nudge and "invited 30 min ago" in nudge and "[Done]" in nudge
    # Shortly before closing: it waits for the next morning. And who wrote in public again waits for us.
    await journey.down(hours=7, minutes=5)
    await journey.restart()
    for number, handle in ((2, "tom"), (3, "eva")):
        await journey.on_x("@acme my card was charged twice", handle=handle, name=handle.title())
        await journey.types(BEN, f"/private {number} {POLITE}")
    await journey.pass_(seconds=15)
    await journey.on_x("@acme I don't do that.", handle="tom", reply_to=journey.published[1]["id"])
    await journey.pass_(minutes=50)
    assert nudges(journey, 3) == [] and "not there yet" in journey.card(2)
    await journey.down(hours=14, minutes=45)
    await journey.restart()
    await journey.pass_(minutes=40)
    assert [len(nudges(journey, number)) for number in (1, 2, 3)] == [1, 0, 1]


def nudges(journey: Journey, number: int) -> list[str]:
    return [words for words in journey.thread(number) if "has not written in private yet" in words]


async def test_leads_see_of_each_wording_how_many_came(journey: Journey) -> None:
    await journey.owner_sets(private={"invite": True})
    for number, handle in enumerate(("maria_k", "tom", "eva"), start=1):
        await journey.on_x(f"@acme please help me with the parcel {number}", handle=handle, name=handle.title())
        await journey.types(ANA, f"/private {number} {POLITE}")
        await journey.pass_(seconds=15)
    said = [line.split(" – ")[0] for line in in_public(journey)]
    assert len(set(said)) == 3, "never the same twice in a row"
    await journey.direct_on_x("Here.", handle="tom")
    await journey.owner_sets(private={"invite": False})
    await journey.on_x("@acme and mine?", handle="kim", name="Kim")
    await journey.types(ANA, f"/private 4 {POLITE}")
    await journey.pass_(seconds=15)
    assert "Only leads see how invitations fare" in await journey.types(ANA, "/desk invited")
    told = await read(journey, LEE, "/desk invited")
    assert "4 customers were invited, 1 came" in told
    assert "The private message alone: 1 invited, 0 came, 0 %" in told
    assert told.count("1 invited, 0 came, 0 %") == 3 and told.count("1 invited, 1 came, 100 %") == 1
    assert "so that we can sort this out together." in told and "{name}" not in told


@pytest.mark.looks_every(6)
async def test_who_has_an_open_inquiry_in_private_is_seen_to_come_there_and_a_closed_one_is_over(
    journey: Journey,
) -> None:
    await journey.direct_on_x("Where is my invoice?")
    await journey.on_x("@acme and my parcel is stuck, too")
    await journey.types(ANA, f"/private 2 {POLITE}")
    await journey.pass_(seconds=15)
    await journey.direct_on_x("It is 4711.")
    assert "It is 4711." in words_of(journey.in_thread(1, "It is 4711."))
    assert "an inquiry of their own, #1" in words_of(journey.in_thread(2, "has come"))
    assert "moved to private, arrived" in journey.card(2)
    for number in (1, 2):
        await journey.types(ANA, f"/claim {number} --force")
        await journey.types(ANA, f"/done {number}")
    await journey.on_x("@acme and now the next parcel")
    await journey.types(ANA, f"/private 3 {POLITE}")
    await journey.pass_(seconds=15)
    await journey.direct_on_x("It is 4712.")
    assert "It is 4712." in words_of(journey.in_thread(3, "It is 4712."))
    await journey.restart()
    await journey.direct_on_x("And thanks for the help, is it on its way?")
    assert len(journey.roots()) == 3 and "on its way?" in words_of(journey.in_thread(3, "on its way?"))


def field(tick: bool) -> Fields:
    chosen: dict[str, Any] = {ids.INVITE_INPUT: ["invite"] if tick else []}
    return {**says(POLITE, way="private"), ids.INVITE_BLOCK: chosen}


async def test_the_form_shows_the_public_line_and_its_tick_decides(journey: Journey) -> None:
    await complains(journey)
    await journey.presses(ANA, 1, "private")
    view = view_of(journey)
    shown = words_of(view)
    assert "Everybody then reads: “We have just sent you a private message, Maria" in shown
    [box] = [block for block in view["blocks"] if block["block_id"] == ids.INVITE_BLOCK]
    assert "initial_options" not in box["element"]
    await journey.slack.submit(ANA, view["id"], field(tick=True))
    await journey.pass_(seconds=15)
    assert len(in_public(journey)) == 1 and in_private(journey) == [f"{POLITE} – Ana"]
    await journey.owner_sets(private={"invite": True})
    await journey.on_x("@acme hello, is somebody there?", handle="tom", name="Tom")
    await journey.presses(ANA, 2, "reply")
    assert "Everybody then reads" not in words_of(view_of(journey))
    await journey.slack.type_in_view(ANA, view_of(journey)["id"], ids.WAY_BLOCK, ids.WAY_INPUT, "private")
    assert "Everybody then reads" in words_of(view_of(journey))
    await journey.slack.submit(ANA, view_of(journey)["id"], field(tick=False))
    await journey.pass_(seconds=15)
    assert len(in_public(journey)) == 1 and len(in_private(journey)) == 2
