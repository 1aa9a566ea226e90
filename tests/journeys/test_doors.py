"""Four doors, one desk: what is typed, pressed, or said in a thread does the same; and every verb explains itself."""

from __future__ import annotations

from typing import Any

import pytest

from config.manifest import manifest
from handlers.verbs import VERBS
from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey

DOORS = ("command", "router", "button", "bang", "mention")
BOT = "U0BOT"


async def goes_through(journey: Journey, door: str, user: str, verb: str, text: str = "", number: int = 1) -> str:
    """One act through one door; returns what its author alone reads."""
    before = len(journey.only_for(user))
    if door == "command":
        await journey.types(user, f"/{verb} {number} {text}".strip())
    elif door == "router":
        await journey.types(user, f"/desk {verb} {number} {text}".strip())
    elif door == "bang":
        await journey.says(user, number, f"!{verb} {text}".strip())
    elif door == "mention":
        await journey.says(user, number, f"<@{BOT}> {verb} {text}".strip())
    else:
        reply = await journey.presses(user, number, verb)
        assert reply.ok, reply
        if text:
            await fills_in(journey, user, text)
    await journey.pass_(seconds=2)
    return "\n".join(journey.only_for(user)[before:])


async def reads(journey: Journey, user: str, command: str) -> str:
    """What the author of a command sees below it, block by block."""
    await journey.types(user, command)
    return journey.only_for(user)[-1]


async def fills_in(journey: Journey, user: str, text: str, **more: Any) -> Any:
    """Type into the form that is open, and send it."""
    view = journey.slack.open_views(user)[-1]
    reply = await journey.slack.submit(user, view["id"], {ids.TEXT_BLOCK: {ids.TEXT_INPUT: text}, **more})
    await journey.pass_(seconds=2)
    return reply


@pytest.mark.parametrize("door", DOORS)
async def test_every_door_claims_releases_notes_answers_and_closes(journey: Journey, door: str) -> None:
    post = await journey.on_x("@acme my parcel is stuck")

    await goes_through(journey, door, ANA, "claim")
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)

    await goes_through(journey, door, ANA, "release")
    assert "UNCLAIMED" in journey.card(1)
    assert f"<@{ANA}> gave #1 back." in "\n".join(journey.thread(1))

    await goes_through(journey, door, BEN, "note", "refund approved")
    assert f"Note by <@{BEN}>, for the team:\nrefund approved" in "\n".join(journey.thread(1))

    await goes_through(journey, door, BEN, "reply", "It is on its way.")
    await journey.pass_(seconds=12)
    assert [(p["text"], p["in_reply_to"]) for p in journey.published] == [("It is on its way. – Ben", post)]
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1)

    await goes_through(journey, door, BEN, "done")
    assert f"CLOSED* by <@{BEN}>: solved" in journey.card(1)
    assert len(journey.published) == 1


@pytest.mark.parametrize("door", DOORS)
async def test_every_door_answers_privately(journey: Journey, door: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await goes_through(journey, door, ANA, "private", "May I have your order number?")
    await journey.pass_(seconds=12)
    assert [d["text"] for d in journey.x.sent_directs] == ["May I have your order number? – Ana"]
    assert journey.published == []


@pytest.mark.parametrize("door", DOORS)
async def test_every_door_refuses_in_the_same_words(journey: Journey, door: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.pass_(seconds=2)
    card = journey.card(1)
    told = await goes_through(journey, door, BEN, "done")
    assert f"#1 is with <@{ANA}>" in told
    assert "--force" in told
    assert journey.card(1) == card


async def test_a_door_names_commands_as_they_are_typed_there(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "`/reply 1 your words`" in await reads(journey, ANA, "/claim 1")
    assert "`/claim 1 --force`" in await goes_through(journey, "command", BEN, "claim")
    assert "`/desk claim 1 --force`" in await goes_through(journey, "router", BEN, "claim")
    assert "`!claim --force`" in await goes_through(journey, "bang", BEN, "claim")
    assert "`@frontdesk claim --force`" in await goes_through(journey, "mention", BEN, "claim")
    assert "`!reply your words`" in await goes_through(journey, "bang", ANA, "reply")
    assert journey.published == []


async def test_every_verb_has_help_through_every_door(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    card = journey.card(1)
    for verb, help_ in ((one.name, one.help) for one in VERBS):
        if verb != "desk":
            for typed in (f"/{verb}", f"/desk {verb}"):
                told = await journey.types(ANA, f"{typed} help")
                assert f"{typed}" in told and help_ in told
            assert help_ in await journey.types(ANA, f"/desk help {verb}")
        await journey.says(ANA, 1, f"!{verb} help")
        told = journey.only_for(ANA)[-1]
        assert help_ in told and f"`!{verb}" in told
        assert "number" not in told.split("`")[1], "a thread knows its number"
        heard = len(journey.only_for(ANA))
        await journey.says(ANA, 1, f"<@{BOT}> {verb} help")
        assert [help_ in words for words in journey.only_for(ANA)[heard:]] == [True], verb
        assert journey.card(1) == card, verb
    assert journey.published == []


async def test_desk_help_lists_every_verb(journey: Journey) -> None:
    await journey.types(ANA, "/desk help")
    told = journey.only_for(ANA)[-1]
    for verb in VERBS:
        assert f"/desk {verb.name}" in told or verb.name == "desk"
    await journey.on_x("@acme my parcel is stuck")
    await journey.says(ANA, 1, f"<@{BOT}>")
    assert "`@frontdesk reply text`" in journey.only_for(ANA)[-1]
    await journey.says(ANA, 1, "!help")
    told = journey.only_for(ANA)[-1]
    assert "`!reply text`" in told and "`!customer [vip [off]" in told
    assert [verb.name for verb in VERBS if f"`!{verb.name}" not in told] == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("/desk relase 1", "/desk release"), ("/desk repyl 1 sorry", "/desk reply"), ("/desk qwzx", "")],
)
async def test_an_unknown_verb_gets_the_closest_and_nothing_is_sent(journey: Journey, typed: str, meant: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    card = journey.card(1)
    told = await journey.types(ANA, typed)
    assert "Nothing was sent." in told
    assert (f"Did you mean `{meant}`?" in journey.only_for(ANA)[-1]) if meant else ("Did you mean" not in told)
    if "sorry" in typed:
        assert "sorry" in journey.only_for(ANA)[-1]
    await journey.pass_(seconds=15)
    assert journey.card(1) == card
    assert journey.published == []


async def test_bare_claim_takes_the_most_urgent(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    await journey.on_x("@acme my parcel is stuck")
    assert "You have #2" in await journey.types(ANA, "/claim")
    assert "You have #1" in await journey.types(ANA, "/claim")
    assert "Nothing is waiting" in await journey.types(BEN, "/claim")


async def test_the_only_claimed_inquiry_is_meant_where_no_number_is_given(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme where is my refund", handle="jo")
    await journey.types(ANA, "/claim 2")
    assert "Noted in #2" in await journey.types(ANA, "/note called the bank")
    told = await journey.types(BEN, "/note called the bank")
    assert "Which inquiry?" in told and "Unclaimed now: #1" in told
    assert "called the bank" in journey.only_for(BEN)[-1]


async def test_the_verbs_that_only_look_change_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    card = journey.card(1)
    for typed, told in (
        ("/queue", "#1"),
        ("/queue mine", "You have nothing open."),
        ("/show 1", "my parcel is stuck"),
        ("/find parcel from:@maria_k is:open", "1 found"),
        ("/find camel", "camel"),
        ("/sla", "15 min"),
        ("/sla 1", "left"),
        ("/hours", "Open"),
        ("/guide", "You may decide alone"),
        ("/desk", "1 open"),
    ):
        await journey.types(ANA, typed)
        assert told in journey.only_for(ANA)[-1], typed
    assert journey.card(1) == card


async def test_assign_pings_the_colleague_and_snooze_says_until_when(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    told = await journey.types(ANA, f"/assign 1 <@{BEN}|ben> he knows refunds")
    assert f"#1 is with <@{BEN}> now" in told
    await journey.pass_(seconds=2)
    assert f"<@{BEN}>" in journey.in_thread(1, "he knows refunds.")["text"]
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1)
    assert "#1 sleeps until" in await journey.types(BEN, "/snooze 1 2h waiting for the warehouse")
    await journey.pass_(seconds=2)
    assert "SNOOZED" in journey.card(1)
    assert "To whom?" in await journey.types(BEN, "/assign 1 somebody")
    assert "I don't know" in await journey.types(BEN, "/assign 1 @nobody please")


async def test_who_is_no_agent_is_named_as_people_know_them(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "I don't know <@U0SAM> among the agents." in await journey.types(ANA, "/assign 1 <@U0SAM|sam> please")
    assert "I don't know “bob” among the agents." in await journey.types(ANA, "/assign 1 @bob please")


async def test_a_snooze_is_ended_before_its_time_and_a_stopped_clock_goes_on(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "#1 is not snoozed." in await journey.types(ANA, "/snooze 1 off")
    await journey.types(ANA, "/snooze 1 2h waiting for the warehouse")
    await journey.pass_(seconds=3)
    assert "SNOOZED" in journey.card(1)
    assert "#1 is back in the queue." in await journey.types(ANA, "/snooze 1 off")
    await journey.pass_(seconds=3)
    assert "SNOOZED" not in journey.card(1)
    await journey.types(LEE, "/snooze 1 2h --stop police report")
    await journey.pass_(minutes=30)
    assert "STOPPED" in journey.card(1)
    told = await journey.last_line_after(LEE, "/snooze 1 off")
    assert "let the clocks of #1 go on" in told and "first answer due" in journey.card(1)
    await journey.pass_(minutes=20)
    assert "missed its first answer" in journey.channel("C0LEADS")[-1]


async def test_who_assigns_it_to_themselves_is_not_called(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert f"#1 is with <@{BEN}> now." in await journey.types(BEN, f"/assign 1 <@{BEN}|ben>")
    await journey.pass_(seconds=3)
    assert f"CLAIMED* by <@{BEN}>" in journey.card(1)
    assert f"#1 is with <@{BEN}> already." in await journey.types(BEN, f"/assign 1 <@{BEN}|ben>")
    await journey.pass_(seconds=3)
    assert "gives you" not in " ".join(journey.thread(1))


async def test_reopen_takes_a_closed_one_back(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/done 1 spam")
    await journey.pass_(seconds=2)
    assert "spam" in journey.card(1)
    assert "#1 is open again" in await journey.types(ANA, "/desk reopen 1")
    await journey.pass_(seconds=2)
    assert "first answer due" in journey.card(1)


async def test_slack_refuses_commands_in_threads_and_the_thread_doors_work_there(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    reply = await journey.slack.command(ANA, DESK, "/reply 1 hello", thread_ts=journey.root(1)["ts"])
    assert reply.error == "/reply is not supported in threads. Sorry!"
    await journey.says(ANA, 1, "/reply hello there")  # with a blank before it Slack lets it through as words
    told = journey.only_for(ANA)[-1]
    assert "Did you mean `!reply`? Nothing was sent." in told and "hello there" in told
    await journey.pass_(seconds=15)
    assert journey.published == []


async def test_a_thread_does_not_act_on_another_inquiry(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme where is my refund", handle="jo")
    await journey.says(ANA, 1, "!claim 2")
    assert "This is the thread of #1" in journey.only_for(ANA)[-1]
    assert "UNCLAIMED" in journey.card(1) and "UNCLAIMED" in journey.card(2)
    await journey.says(ANA, 1, "!reply 1 It left today.")
    await journey.pass_(seconds=12)
    assert [p["text"] for p in journey.published] == ["It left today. – Ana"]
    await journey.says(ANA, 1, "!reply 2 of the three boxes are in the van.")
    await journey.pass_(seconds=12)
    assert journey.published[-1]["text"] == "2 of the three boxes are in the van. – Ana"
    await journey.says(ANA, 1, "!reply #2 wrong thread")
    assert "wrong thread" in journey.only_for(ANA)[-1]
    await journey.pass_(seconds=12)
    assert len(journey.published) == 2


async def test_verbs_work_in_the_channel_with_a_number(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.slack.say(ANA, DESK, f"<@{BOT}> claim 1")
    await journey.pass_(seconds=2)
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)
    await journey.slack.say(ANA, DESK, "!note #1 she called as well")
    await journey.pass_(seconds=2)
    journey.in_thread(1, "she called as well")
    before = len(journey.only_for(ANA))
    await journey.slack.say(ANA, DESK, "!nice work everybody")
    await journey.slack.say(ANA, DESK, f"thanks <@{BOT}>, you are great")
    await journey.pass_(seconds=2)
    assert len(journey.only_for(ANA)) == before


async def test_the_leads_channel_is_the_desks_too(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "You have #1" in await journey.types(LEE, "/claim 1", LEADS)


async def test_a_prefix_stands_before_every_command_and_in_the_sentences(journey: Journey) -> None:
    journey.slack.install(manifest(prefix="acme-", all_verbs=True))
    await journey.owner_sets(slack={"command_prefix": "acme-"})
    await journey.on_x("@acme my parcel is stuck")
    assert "`/acme-reply 1 …`" in journey.card(1)
    told = await reads(journey, ANA, "/acme-claim 1")
    assert "You have #1" in told and "`/acme-reply 1 your words`" in told
    assert "`/acme-claim 1 --force`" in await reads(journey, BEN, "/acme-claim 1")
    assert "`/acme-desk claim 1 --force`" in await reads(journey, BEN, "/acme-desk claim 1")
    assert "`/acme-done number [reason]`" in await reads(journey, BEN, "/acme-done help")
    assert "Did you mean `/acme-desk release`?" in await reads(journey, BEN, "/acme-desk relase 1")
    told = await reads(journey, ANA, "/acme-done 1")
    assert "`/acme-desk reopen 1`" in told
    told = await reads(journey, ANA, "/acme-reply 1 hello")
    assert "`/acme-desk reopen 1`" in told


# Delivered twice, pressed twice


async def test_a_command_that_slack_delivers_again_acts_once_and_answers_as_the_first_time(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    first = await journey.slack.command(ANA, DESK, "/reply 1 It is on its way.")
    again = await journey.slack.doors.redeliver(first.envelope_id)
    assert again.ok and again.payload == first.response
    await journey.pass_(seconds=15)
    third = await journey.slack.doors.redeliver(first.envelope_id)
    assert third.payload == first.response
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["It is on its way. – Ana"]


async def test_a_refusal_is_the_same_when_it_is_delivered_again(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    refused = await journey.slack.command(BEN, DESK, "/reply 1 Hello")
    await journey.types(ANA, "/release 1")
    again = await journey.slack.doors.redeliver(refused.envelope_id)
    assert again.payload == refused.response
    await journey.pass_(seconds=15)
    assert journey.published == []


async def test_a_press_that_slack_delivers_again_acts_once_over_a_restart_too(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    pressed = await journey.presses(ANA, 1, "claim")
    await journey.presses(ANA, 1, "release")
    await journey.restart()
    await journey.slack.doors.redeliver(pressed.envelope_id)
    await journey.pass_(seconds=3)
    assert "UNCLAIMED" in journey.card(1)


async def test_words_in_a_thread_that_slack_delivers_again_are_said_once(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.says(ANA, 1, "!reply It is on its way.")
    events = [f for f in journey.slack.frames if f["direction"] == "out" and f["type"] == "events_api"]
    typed = next(f for f in events if f["payload"]["event"].get("text", "").startswith("!reply"))
    before = journey.only_for(ANA)
    for _ in range(3):
        await journey.slack.doors.redeliver(typed["envelope_id"])
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["It is on its way. – Ana"]
    assert len(journey.only_for(ANA)) == len(before)


async def test_a_double_click_acts_once(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It is on its way.")
    await journey.pass_(seconds=1)
    held = journey.in_thread(1, "It is on its way.")
    for _ in range(2):
        await journey.slack.press(ANA, DESK, held["ts"], "send_now")
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1
    await journey.presses(ANA, 1, "done")
    await journey.presses(BEN, 1, "reopen")
    assert "CLOSED" not in journey.card(1)
