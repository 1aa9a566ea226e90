"""Looking at the platforms: what it costs, how trouble is told, and that nothing is passed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.journeys.conftest import ANA, DESK, LEADS, TUESDAY, Journey, words_of

MENTIONS = "GET /2/users/*/mentions"
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def looks(journey: Journey, since: datetime) -> list[datetime]:
    """When X was asked for mentions."""
    return [r.at for r in journey.wire.records if r.path.endswith("/mentions") and r.at >= since]


async def live(journey: Journey, length: timedelta, beat: timedelta = timedelta(seconds=15)) -> None:
    """Let time pass as it does in life, beat by beat, and not in one jump."""
    end = journey.clock.now() + length
    while journey.clock.now() < end:
        await journey.go_to(min(end, journey.clock.now() + beat))


async def ask(journey: Journey, command: str) -> str:
    return words_of((await journey.slack.command(ANA, DESK, command)).response or {})


# the month's reads


async def test_a_budget_of_reads_makes_looks_rarer_and_holds_to_the_end_of_the_month(journey: Journey) -> None:
    await journey.owner_sets(x={"monthly_reads": 100})
    since = journey.clock.now()
    await live(journey, timedelta(hours=16), timedelta(minutes=3))
    asked = looks(journey, since)[1:]
    apart = [later - sooner for sooner, later in pairwise(asked)]
    fair = (DECEMBER - TUESDAY) / 100
    assert len(apart) > 5
    assert all(fair * 0.9 < gap < fair * 1.3 for gap in apart)


async def test_desk_shows_what_was_read_what_it_costs_and_how_often_we_look(journey: Journey) -> None:
    await journey.owner_sets(x={"monthly_reads": 20_000})
    for index in range(4):
        await journey.on_x(f"@acme parcel {index} is lost", handle=f"person{index}")
    told = await ask(journey, "/desk")
    [line] = [line for line in told.splitlines() if line.startswith("*X*")]
    reads = int(line.split(";")[1].split(" of ")[0].strip())
    assert reads >= 4
    assert f"{reads} of 20,000 reads this month, about ${reads * 0.005:.2f}" in line
    assert "looks every" in line
    assert "last look <!date^" in line
    assert "reads" not in next(line for line in told.splitlines() if line.startswith("*Facebook*"))


async def test_reads_are_counted_over_restarts(journey: Journey) -> None:
    await journey.owner_sets(x={"monthly_reads": 20_000})
    await journey.on_x("@acme my parcel is stuck")
    before = await ask(journey, "/desk")
    await journey.restart()
    after = await ask(journey, "/desk")
    count = [int(told.split("of 20,000")[0].rsplit(";")[-1]) for told in (before, after)]
    assert count[1] >= count[0] > 0


async def test_used_up_reads_end_the_looking_are_told_once_and_come_anew_with_the_month(journey: Journey) -> None:
    await journey.owner_sets(x={"monthly_reads": 3})
    for index in range(5):
        journey.x.add_person(f"person{index}", "Person")
        journey.x.post(f"person{index}", f"@acme parcel {index} is lost")
    await journey.go_to(datetime(2026, 11, 30, 12, tzinfo=UTC))
    await journey.restart()
    await journey.pass_(minutes=5)
    told = [words for words in journey.channel(LEADS) if "used up" in words]
    assert len(told) == 1
    assert "of 3" in told[0]
    assert "raised under [x]" in told[0]
    assert "looks no more this month" in await ask(journey, "/desk")
    assert "this month's reads are used up" in await ask(journey, "/sla")
    before = len(looks(journey, TUESDAY))
    await journey.go_to(DECEMBER + timedelta(minutes=1))
    await journey.pass_(minutes=1)
    assert len(looks(journey, TUESDAY)) > before


async def test_a_promise_that_is_tighter_than_the_looks_is_said_with_what_to_change(journey: Journey) -> None:
    assert "You promise" not in await ask(journey, "/sla")
    promise = journey.sandbox.bot.settings.sla.x.model_copy(update={"first": timedelta(minutes=5)})
    rest = DECEMBER - journey.clock.now()
    await journey.owner_sets(x={"monthly_reads": int(rest / timedelta(minutes=11))}, sla={"x": promise})
    told = await ask(journey, "/sla")
    assert "You promise 5 minutes on X, but the budget lets us look every 11 minutes" in told
    assert "raise monthly_reads under [x], or promise less under [sla.x]" in told
    assert "You promise 5 minutes on X" in await ask(journey, "/desk")


async def test_without_a_budget_the_owners_pace_is_what_is_named(journey: Journey) -> None:
    await journey.owner_sets(facebook={"poll_seconds": 3600})
    told = await ask(journey, "/sla")
    assert "You promise 30 minutes on Facebook, but we look every 1 hour: lower poll_seconds under [facebook]" in told


async def test_whoever_looks_every_ninety_seconds_is_not_charged_for_more_because_of_direct_messages(
    journey: Journey,
) -> None:
    await journey.owner_sets(x={"poll_seconds": 90})
    assert journey.sandbox.bot.settings.x.directs
    since = journey.clock.now()
    await live(journey, timedelta(minutes=25), timedelta(seconds=5))
    for part in ("/mentions", "/dm_events"):
        asked = [r.at for r in journey.wire.records if r.path.endswith(part) and r.at > since]
        busiest = max(sum(first <= at < first + timedelta(minutes=15) for at in asked) for first in asked)
        assert 8 <= busiest <= 10, part


# asked to wait


@pytest.mark.parametrize("reset", [True, False], ids=["with a reset time", "without one"])
async def test_a_rate_limit_pauses_the_looking_alone_and_is_said_once(journey: Journey, reset: bool) -> None:
    await journey.on_x("@acme my parcel is stuck")
    until = journey.clock.now() + timedelta(minutes=10)
    headers = {"x-rate-limit-reset": str(int(until.timestamp()))} if reset else {}
    limit = journey.wire.fault(
        "x", MENTIONS, "status", times=None, status=429, body={"title": "Too Many Requests"}, headers=headers
    )
    await journey.pass_(seconds=20)
    begun = journey.clock.now()
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.comment("Is there lactose in it?")
    assert len(journey.published) == 1
    assert "lactose" in journey.card(2)
    await journey.restart()
    await live(journey, until - journey.clock.now() - timedelta(seconds=2))
    asked = looks(journey, begun + timedelta(milliseconds=1))
    assert len(asked) == 0 if reset else 5 < len(asked) <= 10
    assert len([words for words in journey.channel() if "X can't be read now" in words]) == 1
    limit.times = limit.hits
    await journey.on_x("@acme no heating since Sunday", handle="tom")
    await journey.pass_(minutes=1)
    assert "no heating" in journey.card(3)


async def test_a_second_window_is_said_again(journey: Journey) -> None:
    journey.wire.fault("x", MENTIONS, "status", times=None, status=429, body={})
    await live(journey, timedelta(minutes=14))
    assert len([words for words in journey.channel() if "X can't be read now" in words]) == 1
    await live(journey, timedelta(minutes=3))
    assert len([words for words in journey.channel() if "X can't be read now" in words]) == 2


# not let in


async def test_a_token_that_is_refused_is_told_to_the_leads_once_and_mends_by_itself(journey: Journey) -> None:
    refusal = journey.wire.fault("x", MENTIONS, "status", times=None, status=401, body={"title": "Unauthorized"})
    await journey.pass_(seconds=20)
    since = journey.clock.now()
    await live(journey, timedelta(minutes=2))
    await journey.restart()
    await live(journey, timedelta(minutes=20))
    told = [words for words in journey.channel(LEADS) if "X does not let us in" in words]
    assert len(told) == 1
    assert "401" in told[0]
    minutes = (journey.clock.now() - since) / timedelta(minutes=1)
    assert minutes * 0.75 <= len(looks(journey, since)) <= minutes + 2
    assert "*Trouble* x" in await ask(journey, "/desk")
    refusal.times = refusal.hits
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(minutes=2)
    assert "my parcel is stuck" in journey.card(1)
    assert len([words for words in journey.channel(LEADS) if "X lets us in again" in words]) == 1
    assert "Trouble" not in await ask(journey, "/desk")


async def test_a_facebook_token_that_has_expired_is_told_once(journey: Journey) -> None:
    body = {"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190}}
    journey.wire.fault("graph", "GET /*/feed", "status", times=None, status=400, body=body)
    await journey.pass_(minutes=5)
    await journey.pass_(minutes=5)
    assert len([words for words in journey.channel(LEADS) if "Facebook does not let us in" in words]) == 1


# nothing is passed over


async def test_a_look_that_fails_on_its_second_page_shows_nothing_and_passes_nothing(journey: Journey) -> None:
    await journey.owner_sets(x={"poll_seconds": 120})
    await journey.down(seconds=1)
    journey.x.add_person("maria_k", "Maria K.")
    first = journey.x.post("maria_k", "@acme post number 0 of mine")
    for index in range(1, 250):
        journey.x.post("maria_k", f"@acme post number {index} of mine", reply_to=first)
    journey.wire.fault("x", MENTIONS, "status", status=503, after=1, body={"title": "Service Unavailable"})
    failed = journey.clock.now()
    await journey.restart()
    await journey.pass_(seconds=60)
    assert len(looks(journey, failed)) == 2
    assert journey.roots() == []
    await journey.pass_(minutes=7)
    shown = [journey.card(1), *journey.thread(1)]
    assert [sum(f"number {index} of" in words for words in shown) for index in range(250)] == [1] * 250


@pytest.mark.parametrize(
    "shown", [40, pytest.param(800, marks=pytest.mark.full)], ids=["the first 40", "all 800 of them"]
)
async def test_more_than_x_gives_is_announced_once_and_all_that_it_gives_is_shown(journey: Journey, shown: int) -> None:
    journey.never_seen = "X shows the newest 800 only"
    first = await journey.on_x("@acme post number 0")
    await journey.owner_sets(x={"poll_seconds": 3600})
    await journey.down(seconds=30)
    for index in range(1, 901):
        journey.x.add_person(f"person{index}", f"Person {index}")
        journey.x.post(f"person{index}", f"@acme post number {index}")
    await journey.restart()
    await journey.pass_(seconds=5)
    await journey.restart()
    await journey.pass_(seconds=shown * 1.2 + 30)
    gaps = [words for words in journey.channel() if "may be missing" in words]
    assert len(gaps) == 1
    assert first in gaps[0]
    numbers = [int(words_of(root).split("post number ")[1].split()[0]) for root in journey.roots()[1:]]
    assert numbers[:shown] == list(range(101, 101 + shown))
    await journey.presses_in(ANA, DESK, "may be missing", "dismiss")


async def test_in_the_dark_the_desk_says_what_does_not_answer(journey: Journey) -> None:
    journey.wire.fault("x", MENTIONS, "status", times=None, status=503, body="")
    await journey.pass_(minutes=1)
    assert "X does not answer; the desk goes on trying" in await ask(journey, "/desk")
    await journey.comment("Is there lactose in it?")
    assert "lactose" in journey.card(1)
