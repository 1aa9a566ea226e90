"""Two at once: one of them has it, the other is told by whom and when, and nothing is done twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from desk.ports import Tx
from tests.journeys.conftest import ANA, BEN, DESK, LEE, Journey

TEAM = (ANA, BEN, LEE)


def envelope(journey: Journey, kind: str) -> str:
    """The newest delivery of that kind."""
    frames = [f for f in journey.slack.frames if f["type"] == kind and f["direction"] == "out"]
    return str(frames[-1]["envelope_id"])


async def at_once(journey: Journey, **typed: str) -> dict[str, str]:
    """Several people send a command in the same instant; what each of them reads."""
    people = {"ana": ANA, "ben": BEN, "lee": LEE}
    answers = await asyncio.gather(*(journey.types(people[name], text) for name, text in typed.items()))
    return dict(zip((people[name] for name in typed), answers, strict=True))


async def pair(journey: Journey, number: int, pace: int) -> str:
    """Two of the team claim a free inquiry at once, one has it, and gives it back; who it was."""
    first, second = TEAM[pace % 3], TEAM[(pace + 1) % 3]
    if pace % 2:
        first, second = second, first
    answers = await asyncio.gather(*(journey.types(user, f"/claim {number}") for user in (first, second)))
    told = dict(zip((first, second), answers, strict=True))
    winners = [user for user, words in told.items() if words.startswith(f"You have #{number}")]
    assert len(winners) == 1, told
    (loser,) = set(told) - set(winners)
    assert f"#{number} is with <@{winners[0]}>, who claimed it" in told[loser], told[loser]
    assert "just now" in told[loser] or "ago" in told[loser]
    again = await journey.types(winners[0], f"/claim {number}")
    assert "is yours already" in again
    await journey.types(winners[0], f"/release {number}")
    return winners[0]


async def rounds(journey: Journey, count: int) -> set[str]:
    for person in range(4):
        await journey.on_x(f"@acme my parcel {person} is stuck", handle=f"customer{person}", name=f"C{person}")
    return {await pair(journey, 1 + pace % 4, pace) for pace in range(count)}


async def test_two_claim_at_once_and_one_has_it(journey: Journey) -> None:
    assert await rounds(journey, 40) == set(TEAM)
    await journey.pass_(seconds=30)
    for number in range(1, 5):
        assert "UNCLAIMED" in journey.card(number)


@pytest.mark.full
async def test_a_thousand_pairs_claim_at_once_and_each_time_one_has_it(journey: Journey) -> None:
    assert await rounds(journey, 1000) == set(TEAM)


async def test_the_card_shows_who_was_first_and_both_have_read_so(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    root = journey.root(1)["ts"]
    await asyncio.gather(*(journey.slack.press(user, DESK, root, "claim") for user in (ANA, BEN)))
    await journey.pass_(seconds=5)
    (owner,) = (user for user in (ANA, BEN) if f"CLAIMED by <@{user}>" in journey.card(1).replace("*", ""))
    (other,) = {ANA, BEN} - {owner}
    assert f"is with <@{owner}>" in journey.only_for(other)[-1]
    assert not any("is with" in words for words in journey.only_for(owner))


async def test_the_history_names_both_who_claimed_and_each_delivery_once(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    root = journey.root(1)["ts"]
    await asyncio.gather(*(journey.slack.press(user, DESK, root, "claim") for user in (ANA, BEN)))
    await journey.slack.redeliver(envelope(journey, "interactive"))
    await journey.pass_(seconds=5)
    (owner,) = (user for user in (ANA, BEN) if f"CLAIMED by <@{user}>" in journey.card(1).replace("*", ""))
    (other,) = {ANA, BEN} - {owner}

    async def history(tx: Tx) -> list[tuple[str, str | None]]:
        return [(event.what, event.agent) for event in tx.events(1) if "claim" in event.what]

    assert await journey.sandbox.bot.desk.read(history) == [("claimed", owner), ("claim refused", other)]


async def test_two_different_answers_at_once_and_only_the_first_goes_out(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    told = await at_once(journey, ana="/reply 1 It comes on Tuesday.", ben="/reply 1 It comes on Friday.")
    held = [user for user, words in told.items() if "Going out" in words]
    assert len(held) == 1
    (other,) = {ANA, BEN} - set(held)
    assert f"is with <@{held[0]}>" in told[other]
    text = "It comes on Friday." if other == BEN else "It comes on Tuesday."
    assert text in journey.only_for(other)[-1], "the text comes back"
    await journey.pass_(minutes=1)
    assert len(journey.published) == 1
    assert text not in journey.published[0]["text"]


@pytest.mark.parametrize("action", ["claim", "send_now", "undo", "done"])
async def test_a_double_click_acts_once_and_is_answered_once_more_as_before(journey: Journey, action: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    ts = journey.root(1)["ts"]
    if action in ("send_now", "undo"):
        await journey.types(ANA, "/reply 1 It comes on Tuesday.")
        ts = journey.slack.ephemerals(ANA)[-1]["ts"]
    elif action == "done":
        await journey.types(ANA, "/reply 1 It comes on Tuesday.")
        await journey.pass_(seconds=15)
    await asyncio.gather(*(journey.slack.press(ANA, DESK, ts, action) for _ in range(2)))
    await journey.slack.redeliver(envelope(journey, "interactive"))
    await journey.pass_(minutes=1)
    assert len(journey.published) == {"claim": 0, "send_now": 1, "undo": 0, "done": 1}[action]
    state = {"claim": "CLAIMED", "send_now": "WAITING", "undo": "CLAIMED", "done": "CLOSED"}[action]
    assert state in journey.card(1)


async def test_a_form_that_is_submitted_twice_at_once_is_one_answer(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.presses(ANA, 1, "reply")
    view = journey.slack.open_views(ANA)[-1]
    values: dict[str, Any] = {"text": {"typed": "It comes on Tuesday."}}
    frames = len(journey.slack.frames)
    await journey.slack.submit(ANA, view["id"], values)
    sent = next(f for f in journey.slack.frames[frames:] if f["direction"] == "out")
    for _ in range(2):
        await journey.slack.redeliver(sent["envelope_id"])
    await journey.pass_(minutes=1)
    assert len(journey.published) == 1


# the line to Slack


async def test_a_line_that_is_renewed_in_the_middle_of_a_burst_loses_and_doubles_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    slack, root = journey.slack, journey.root(1)["ts"]
    for part in range(3):
        texts = [f"!note number {part}{n}" for n in range(4)]
        work = [asyncio.ensure_future(slack.say(ANA, DESK, text, thread_ts=root)) for text in texts]
        slack.disconnect("refresh_requested", close_after=0.2)
        await asyncio.gather(*work)
        for frame in [f for f in slack.frames if f["type"] == "events_api" and f["direction"] == "out"][-2:]:
            await slack.redeliver(frame["envelope_id"])
    assert slack.connections >= 1
    await journey.pass_(minutes=1)
    notes = [line for line in journey.thread(1) if "for the team" in line]
    assert sorted(line[-2:] for line in notes) == [f"{part}{n}" for part in range(3) for n in range(4)]
    await journey.types(BEN, "/claim 1")
    await journey.pass_(seconds=5)
    assert f"<@{BEN}>" in journey.card(1), "the new line hears"


async def test_what_one_agent_says_in_a_thread_comes_once_over_two_lines(journey: Journey) -> None:
    """In its order, but for what the old line took with it: Slack brings that once more, later."""
    await journey.on_x("@acme my parcel is stuck")
    root = journey.root(1)["ts"]
    for n in range(6):
        if n == 3:
            journey.slack.disconnect("refresh_requested", close_after=2.0)
        await journey.slack.say(ANA, DESK, f"!note number {n}", thread_ts=root)
    await journey.pass_(seconds=30)
    notes = [line[-1] for line in journey.thread(1) if "for the team" in line]
    assert notes[:3] == ["0", "1", "2"]
    assert sorted(notes[3:]) == ["3", "4", "5"]
