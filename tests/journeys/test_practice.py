"""Practice: played like the real thing, looked at afterwards, and nothing of it reaches anybody or counts anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from platforms.slack import ids
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, Journey, words_of

ROOM = "C0PRACTICE"
GOOD = "Sorry for the wait, Ines. The lamp is at our depot. I'll write to you by tomorrow 10:30."


def root(journey: Journey) -> dict[str, Any]:
    """The card of the newest practice."""
    return journey.slack.messages(ROOM)[-1]


def thread(journey: Journey) -> list[str]:
    """What the desk said below it."""
    replies = journey.slack.replies(ROOM, root(journey)["ts"])
    return [words_of(message) for message in replies if message.get("bot_id")]


async def begins(journey: Journey, user: str = ANA, words: str = "") -> None:
    await journey.types(user, f"/desk practice {words}".strip())
    await journey.pass_(seconds=3)


def outside(journey: Journey) -> list[str]:
    """What was asked of the platforms that could change something there."""
    asked = [*journey.wire.to("x"), *journey.wire.to("graph")]
    return [f"{record.method} {record.path}" for record in asked if record.method != "GET"]


@pytest.mark.parametrize(
    "step", ["I tell you by 16:00.", "I call you by tomorrow 16:00.", "I let you know until Friday."]
)
async def test_a_next_step_in_plain_words_is_one(journey: Journey, step: str) -> None:
    await begins(journey)
    text = f"Sorry for the wait, Ines. The lamp is at our depot. {step}"
    await journey.slack.say(ANA, ROOM, f"!reply {text}", thread_ts=root(journey)["ts"])
    await journey.pass_(seconds=5)
    assert any("Feeling, facts and next step with a date: all there." in said for said in thread(journey))


async def test_practice_is_played_like_the_real_thing_and_looked_at_afterwards(journey: Journey) -> None:
    await begins(journey)
    card = words_of(root(journey))
    assert "PRACTICE 1" in card and "@acme ordered a lamp" in card and "first answer due" in card
    assert "nothing is published" in card
    await journey.pass_(minutes=4)
    assert (await journey.slack.press(ANA, ROOM, root(journey)["ts"], ids.PRACTICE_REPLY)).ok
    view = journey.slack.open_views(ANA)[-1]
    assert view["title"]["text"] == "Practice 1" and "*5/280*" in words_of(view)
    await journey.slack.type_in_view(ANA, view["id"], ids.TEXT_BLOCK, ids.TEXT_INPUT, "Hello")
    assert "*11/280*" in words_of(journey.slack.open_views(ANA)[-1])
    await journey.slack.type_in_view(ANA, view["id"], ids.CANNED_BLOCK, ids.CANNED_INPUT, "late-parcel")
    filled = journey.slack.open_views(ANA)[-1]
    [box] = [block for block in filled["blocks"] if str(block.get("block_id")).startswith(f"{ids.TEXT_BLOCK}:")]
    assert "Ines" in box["element"]["initial_value"] and "{days}" in box["element"]["initial_value"]
    assert filled["title"]["text"] == "Practice 1" and filled["submit"]["text"] == "Try it"
    assert (await journey.slack.submit(ANA, view["id"], {box["block_id"]: {ids.TEXT_INPUT: GOOD}})).ok
    await journey.pass_(seconds=5)
    answer, seen, then = thread(journey)
    assert f"{GOOD} – Ana" in answer
    assert "nothing to add" in seen and "Time: 4 min; 15 min are promised there. In time." in seen
    assert "Signed: – Ana" in seen and "none would have stopped it" in seen and "all there" in seen
    assert "will it be here on Saturday or not?" in then
    await journey.slack.say(
        ANA, ROOM, "!reply NO IDEA SORRY!!!! call me on +351 912 345 678", thread_ts=root(journey)["ts"]
    )
    await journey.pass_(seconds=5)
    seen = thread(journey)[-1]
    assert "have a look at this" in seen and "It shouts" in seen and "A phone number would stand in public" in seen
    assert "Seems to be missing: the next step with a date." in seen
    assert "The customer's name is not in it." in seen and "[Another one]" in seen
    assert "[Reply…]" not in words_of(root(journey))


async def test_practice_reaches_no_platform_and_counts_nowhere(journey: Journey) -> None:
    await begins(journey, words="late-gift")
    before = outside(journey)
    await journey.slack.say(ANA, ROOM, f"!reply {GOOD}", thread_ts=root(journey)["ts"])
    await journey.pass_(hours=5)
    assert journey.published == [] and journey.x.sent_directs == [] and journey.graph.published == []
    assert outside(journey) == before == []
    assert journey.roots() == [] and journey.channel(LEADS) == []
    await journey.types(LEE, "/desk queue")
    assert "#1" not in journey.only_for(LEE)[-1]
    await journey.types(LEE, "/desk status")
    assert "0 open, 0 of them unclaimed; highest is #0." in journey.only_for(LEE)[-1]
    await journey.on_x("@acme a real one now")
    assert "#1 " in journey.root(1)["text"]
    assert not any("lamp" in line for line in [*journey.channel(), *journey.channel(LEADS)])


async def test_nothing_real_can_be_done_from_the_practice_channel(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await begins(journey)
    told = await journey.types(ANA, "/reply 1 On its way!", channel=ROOM)
    assert "no customer is answered from here" in told
    await journey.slack.say(ANA, ROOM, "!reply 1 On its way!")
    await journey.slack.say(ANA, ROOM, "!done 1", thread_ts=root(journey)["ts"])
    await journey.pass_(seconds=3)
    assert sum("no customer is answered from here" in line for line in journey.only_for(ANA, ROOM)) == 3
    await journey.types(ANA, "/canned 1 app-login", channel=ROOM)
    await journey.pass_(seconds=3)
    await journey.presses_in(ANA, ROOM, "app-login for", "canned_use")
    assert "no customer is answered from here" in journey.only_for(ANA, ROOM)[-1]
    await journey.pass_(minutes=1)
    assert journey.published == [] and "CLAIMED" in journey.card(1)


async def test_each_agent_gets_the_next_one_and_may_choose(journey: Journey) -> None:
    await begins(journey)
    await begins(journey, BEN)
    assert words_of(journey.slack.messages(ROOM)[0]).count("ordered a lamp") == 1
    assert "ordered a lamp" in words_of(root(journey))
    await journey.slack.press(BEN, ROOM, root(journey)["ts"], ids.PRACTICE_NEXT)
    await journey.pass_(seconds=3)
    assert "You took 64.90 from my account TWICE" in words_of(root(journey))
    await begins(journey, BEN, "kaputt")
    assert "PRACTICE 4" in words_of(root(journey)) and "Teekanne" in words_of(root(journey))
    assert "no practice “zebra”" in await journey.types(BEN, "/desk practice zebra")
    await journey.types(BEN, "/desk practice list")
    assert "*late-gift* · A present that comes too late" in journey.only_for(BEN, DESK)[-1]


async def test_where_no_channel_is_named_there_is_no_practice(journey: Journey) -> None:
    await journey.owner_sets(practice={"channel": None})
    assert "no place to practise" in await journey.types(ANA, "/desk practice")
    assert "Please do that in" in await journey.types(ANA, "/desk practice", channel=ROOM)
    await journey.pass_(seconds=3)
    assert journey.slack.messages(ROOM) == []


async def test_the_guide_says_what_an_agent_may_decide_alone(journey: Journey) -> None:
    await journey.types(ANA, "/desk guide", channel=ROOM)
    told = journey.only_for(ANA, ROOM)[-1]
    assert "You may decide alone" in told and "Refunds up to 50 euros." in told
    assert "first answer" in told.casefold() or "15 min" in told


async def test_an_old_button_or_one_pressed_twice_answers_once(journey: Journey) -> None:
    await begins(journey, words="praise")
    await journey.slack.say(
        ANA, ROOM, "!reply Thank you, Tomas! I'll tell Rui today by 16:00.", thread_ts=root(journey)["ts"]
    )
    await journey.slack.say(ANA, ROOM, "!reply Once more!", thread_ts=root(journey)["ts"])
    await journey.pass_(seconds=5)
    assert "Practice 1 is answered" in journey.only_for(ANA, ROOM)[-1]
    assert "Once more!" in journey.only_for(ANA, ROOM)[-1]
    assert len(thread(journey)) == 2
