"""Who may: members of the agents' group, in the desk's channels, and nobody else through any door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from handlers.actions import PRESSES
from handlers.verbs import VERBS
from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, SAM, Journey

BOT, RANDOM, EVIL = "U0BOT", "C0RANDOM", "U0EVIL"
BARRED: dict[str, dict[str, Any]] = {
    "a guest": {"is_restricted": True},
    "a guest of one channel": {"is_ultra_restricted": True, "is_restricted": True},
    "somebody of a connected workspace": {"is_stranger": True, "team_id": "T0OTHER"},
    "a member of another workspace": {"team_id": "T0OTHER"},
    "an app": {"is_bot": True},
    "somebody who left": {"deleted": True},
}
"""Accounts that are in the agents' group all the same: the group alone lets nobody in."""


async def strangers(journey: Journey, who: str) -> str:
    """The user id of an actor, settled into the workspace long enough for the desk to have read the groups anew."""
    if who == "a colleague who is no agent":
        return SAM
    slack = journey.slack
    slack.add_user(EVIL, name="eve", real_name="Eve Example", **{**BARRED[who], "deleted": False})
    slack.channels[DESK].members[EVIL] = None
    slack.add_usergroup("S0AGENTS", "frontdesk-agents", [ANA, BEN, LEE, EVIL])
    slack.users[EVIL]["deleted"] = bool(BARRED[who].get("deleted"))
    await journey.pass_(minutes=5)
    slack.users[EVIL]["deleted"] = False  # so that the stand-in lets them try
    return EVIL


ACTORS = ("a colleague who is no agent", *BARRED)


def traces(journey: Journey) -> tuple[Any, ...]:
    """Everything that anybody could notice, apart from what single people are told."""
    ours = [m["text"] for m in journey.slack.replies(DESK, journey.root(1)["ts"]) if m["user"] == BOT]
    return (
        journey.card(1),
        ours,
        journey.channel(DESK),
        journey.channel(LEADS),
        [p["text"] for p in journey.published],
        [d["text"] for d in journey.x.sent_directs],
        list(journey.graph.published),
    )


Try = Callable[[Journey, str], Awaitable[Any]]


def types(command: str, channel: str = DESK) -> Try:
    return lambda journey, user: journey.slack.command(user, channel, command)


def presses(action: str) -> Try:
    return lambda journey, user: journey.presses(user, 1, action)


def says(text: str) -> Try:
    return lambda journey, user: journey.says(user, 1, text)


TRIES: dict[str, Try] = {
    **{f"/{verb.name}": types(f"/{verb.name} 1 words") for verb in VERBS},
    "/desk reply": types("/desk reply 1 words"),
    "/desk help": types("/desk help"),
    "button claim": presses("claim"),
    "button reply": presses("reply"),
    "button done": presses("done"),
    "!reply": says("!reply words"),
    "!claim": says("!claim"),
    "! unknown": says("!frobnicate words"),
    "@frontdesk reply": says(f"<@{BOT}> reply words"),
}


@pytest.mark.parametrize("who", ACTORS)
async def test_who_is_no_agent_does_nothing_through_any_door_and_reads_why(journey: Journey, who: str) -> None:
    user = await strangers(journey, who)
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    for name, attempt in TRIES.items():
        told = len(journey.only_for(user))
        await attempt(journey, user)
        await journey.pass_(seconds=2)
        sentences = journey.only_for(user)[told:]
        assert len(sentences) == 1, (name, sentences)
        assert "<!subteam^S0AGENTS>" in sentences[0] or "another workspace" in sentences[0], name
        assert "Nothing was sent or changed." in sentences[0], name
    await journey.pass_(seconds=20)
    assert traces(journey) == before
    assert journey.slack.open_views(user) == []


async def test_no_button_whatsoever_works_for_a_stranger(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/reply 1 It is on its way.")
    await journey.pass_(seconds=3)
    slack = journey.slack
    kinds = sorted(PRESSES)
    label = {"type": "plain_text", "text": "Press"}
    buttons = [{"type": "button", "action_id": action, "value": "1:1", "text": label} for action in kinds]
    messages = [slack.bot_message("forged", [{"type": "actions", "elements": [button]}]) for button in buttons]
    for message in messages:
        slack.post(slack.channels[DESK], message, thread_ts=journey.root(1)["ts"])
    await journey.pass_(seconds=2)
    before = traces(journey)
    for action, message in zip(kinds, messages, strict=True):
        told = len(journey.only_for(SAM))
        reply = await slack.press(SAM, DESK, message["ts"], action)
        assert reply.ok
        await journey.pass_(seconds=0)
        assert [("<!subteam^S0AGENTS>" in words) for words in journey.only_for(SAM)[told:]] == [True], action
        assert traces(journey) == before, action


@pytest.mark.parametrize("channel", [RANDOM, "D0ANA"])
async def test_an_agent_acts_in_the_desks_channels_only(journey: Journey, channel: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    journey.slack.im(ANA)
    for verb in VERBS:
        told = await journey.types(ANA, f"/{verb.name} 1 words", channel)
        assert "the desk's channel" in told and "Nothing was sent" in told, verb.name
    await journey.pass_(seconds=15)
    assert traces(journey) == before


async def test_our_name_in_another_channel_is_answered_with_the_way_to_the_desk(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    for user in (ANA, SAM):
        await journey.slack.say(user, DESK, "!important: the lift is broken")
    before = traces(journey)
    await journey.slack.say(ANA, RANDOM, f"<@{BOT}> claim 1")
    await journey.slack.say(ANA, RANDOM, "!claim 1")
    await journey.pass_(seconds=3)
    assert len(journey.only_for(ANA)) == 1
    assert journey.only_for(SAM) == []
    assert "the desk's channel" in journey.only_for(ANA, RANDOM)[0]
    assert traces(journey) == before


async def test_a_request_of_another_workspace_is_refused_through_every_door(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before, home = traces(journey), journey.slack.team_id
    journey.slack.team_id = "T0OTHER"
    for attempt in (types("/claim 1"), presses("claim"), says("!claim"), says(f"<@{BOT}> claim")):
        await attempt(journey, ANA)
    journey.slack.team_id = home
    await journey.pass_(seconds=15)
    told = journey.only_for(ANA)
    assert len(told) == 4
    assert all("another workspace" in sentence for sentence in told)
    assert traces(journey) == before


async def test_nothing_is_done_in_a_channel_that_is_shared_with_another_workspace(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    journey.slack.channels[DESK].flags["is_ext_shared"] = True
    await journey.says(ANA, 1, "!reply words")
    await journey.says(ANA, 1, f"<@{BOT}> claim")
    await journey.types(ANA, "/claim 1")
    await journey.presses(ANA, 1, "claim")
    await journey.pass_(seconds=15)
    told = journey.only_for(ANA)
    assert len(told) == 4
    assert all("shared with another workspace" in sentence for sentence in told)
    assert "words" in told[0]
    assert traces(journey) == before
    journey.slack.channels[DESK].flags["is_ext_shared"] = False
    await journey.says(ANA, 1, "!claim")
    assert f"CLAIMED* by <@{ANA}>" in journey.card(1)


async def test_who_is_taken_out_of_the_group_is_out_within_five_minutes_and_keeps_their_text(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    journey.slack.add_usergroup("S0AGENTS", "frontdesk-agents", [ANA, LEE])
    await journey.pass_(minutes=5)
    before = traces(journey)
    await journey.types(BEN, "/reply 1 I have it here")
    assert "Ask a lead to add you" in journey.only_for(BEN)[-1]
    assert "I have it here" in journey.only_for(BEN)[-1]
    await journey.pass_(seconds=15)
    assert traces(journey) == before


async def test_a_form_that_was_open_when_somebody_left_the_group_sends_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.presses(BEN, 1, "reply")
    view = journey.slack.open_views(BEN)[0]
    journey.slack.add_usergroup("S0AGENTS", "frontdesk-agents", [ANA, LEE])
    await journey.pass_(minutes=5)
    before = traces(journey)
    await journey.slack.type_in_view(BEN, view["id"], ids.TEXT_BLOCK, ids.TEXT_INPUT, "I have it here")
    reply = await journey.slack.submit(BEN, view["id"], {ids.TEXT_BLOCK: {ids.TEXT_INPUT: "I have it here"}})
    assert reply.response and "Ask a lead to add you" in reply.response["errors"][ids.TEXT_BLOCK]
    assert journey.slack.open_views(BEN)[0]["state"]["values"][ids.TEXT_BLOCK][ids.TEXT_INPUT]["value"]
    await journey.pass_(seconds=15)
    assert traces(journey) == before


async def test_other_apps_and_workflows_are_not_listened_to(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    await journey.slack.other_bot_says(DESK, f"<@{BOT}> reply 1 words")
    await journey.slack.other_bot_says(DESK, "!reply 1 words", classic=True)
    thread = journey.root(1)["ts"]
    for extra in ({"bot_id": "B0FLOW", "user": ANA}, {"subtype": "bot_message", "user": ANA}, {"user": ""}):
        event = {"type": "message", "channel": DESK, "ts": "1.1", "thread_ts": thread, "text": "!claim", **extra}
        journey.slack.tell("message.channels", event, journey.slack.channels[DESK])
    await journey.pass_(seconds=15)
    shown = traces(journey)
    assert (shown[0], shown[1], shown[4:]) == (before[0], before[1], before[4:])


async def test_a_stranger_who_talks_in_a_thread_is_left_in_peace_and_not_kept(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    await journey.says(SAM, 1, "did you see the match?")
    assert journey.only_for(SAM) == []
    assert traces(journey) == before
    await journey.types(ANA, "/find match")
    assert "Nothing found" in journey.only_for(ANA)[-1]


@pytest.mark.parametrize("door", ["/", "/desk ", "!", "@"])
async def test_only_leads_change_hours_post_them_and_hold_the_desk(journey: Journey, door: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    for typed in ("hours set mon-fri 8-20", "hours post", "desk hold", "desk hold off"):
        told = len(journey.only_for(ANA))
        if door == "/":
            await journey.types(ANA, f"/{typed}")
        elif door == "/desk ":
            await journey.types(ANA, f"/desk {typed.removeprefix('desk ')}")
        else:
            await journey.says(ANA, 1, f"{'!' if door == '!' else f'<@{BOT}> '}{typed}")
        await journey.pass_(seconds=15)
        (refusal,) = journey.only_for(ANA)[told:]
        assert "Only leads" in refusal and f"<@{LEE}>" in refusal, typed
        assert traces(journey) == before, typed


async def test_a_leads_confirmation_is_no_use_to_an_agent(journey: Journey) -> None:
    slack = journey.slack
    elements = [
        {"type": "button", "action_id": action, "value": "mon-sun 0-24", "text": {"type": "plain_text", "text": "Yes"}}
        for action in (ids.HOURS_CONFIRM, ids.HOURS_POST)
    ]
    message = slack.bot_message("forged", [{"type": "actions", "elements": elements}])
    slack.post(slack.channels[DESK], message)
    for action in (ids.HOURS_CONFIRM, ids.HOURS_POST):
        await slack.press(ANA, DESK, message["ts"], action)
        await journey.pass_(seconds=3)
        assert "Only leads" in journey.only_for(ANA)[-1]
    await journey.types(ANA, "/hours week")
    assert "Mon–Fri 09:00–17:00" in journey.only_for(ANA)[-1]
    assert journey.published == []


async def test_a_button_of_another_inquiry_does_not_work_in_this_thread(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme where is my refund", handle="jo")
    slack = journey.slack
    button = {"type": "button", "action_id": "claim", "value": "2", "text": {"type": "plain_text", "text": "Claim"}}
    message = slack.bot_message("forged", [{"type": "actions", "elements": [button]}])
    slack.post(slack.channels[DESK], message, thread_ts=journey.root(1)["ts"])
    await slack.press(ANA, DESK, message["ts"], "claim")
    await journey.pass_(seconds=3)
    assert "That button belongs to #2, and this is the thread of #1" in journey.only_for(ANA)[-1]
    assert "UNCLAIMED" in journey.card(2)


@pytest.mark.parametrize("value", ["", "x", "-1", "99999999999999999999", "1:x:y:z", "１"])
async def test_a_button_with_a_value_that_is_none_of_ours_gets_a_sentence(journey: Journey, value: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = traces(journey)
    slack = journey.slack
    text = {"type": "plain_text", "text": "Press"}
    more = {"value": value} if value else {}
    for action in ("claim", "undo", "split", "send_as_reply", "its_there", "reply", "made_up"):
        element = {"type": "button", "action_id": action, "text": text, **more}
        message = slack.bot_message("forged", [{"type": "actions", "elements": [element]}])
        slack.post(slack.channels[LEADS], message)
        await slack.press(ANA, LEADS, message["ts"], action)
        await journey.pass_(seconds=2)
    told = journey.only_for(ANA)
    assert len(told) >= 4 and not [sentence for sentence in told if "reference" in sentence], told
    assert traces(journey)[4:] == before[4:]


async def test_an_agent_who_becomes_a_guest_is_out_at_once(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    journey.slack.change_user(BEN, is_restricted=True)
    await journey.pass_(seconds=2)
    assert "<!subteam^S0AGENTS>" in await journey.types(BEN, "/claim 1")
    assert "UNCLAIMED" in journey.card(1)
    journey.slack.change_user(BEN, is_restricted=False)
    await journey.pass_(seconds=2)
    assert "You have #1" in await journey.types(BEN, "/claim 1")


async def test_who_joins_or_leaves_the_agents_group_is_known_at_once(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    journey.slack.change_group("S0AGENTS", [ANA, SAM])
    await journey.pass_(seconds=2)
    assert "<!subteam^S0AGENTS>" in await journey.types(BEN, "/claim 1")
    assert "You have #1" in await journey.types(SAM, "/claim 1")
