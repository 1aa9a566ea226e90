"""Routes: customers of one platform or language have their threads in a channel of their own, and all are one desk."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.routes import RouteSection
from config.times import TeamSection
from tests.journeys.audit import standing
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, TUESDAY, Journey, behind_more, inquiry_of, words_of
from tests.journeys.test_board import boards
from tests.journeys.test_flow import opens, presses_at_home
from tests.journeys.test_forms import sends
from tests.journeys.test_storm import SMALL, cards, sums

FACE, PORT = "C0FACE", "C0PORT"
SLOW = {"ok": False, "error": "ratelimited"}
SAY = "POST /api/chat.postMessage"


async def routed(journey: Journey, **more: dict[str, Any]) -> None:
    """Facebook in a channel of its own, and Portuguese in another, whatever the platform."""
    everybody = [ANA, BEN, LEE, journey.slack.bot_user]
    for channel, name in ((FACE, "frontdesk-facebook"), (PORT, "frontdesk-portugues")):
        journey.slack.add_channel(channel, name, members=everybody)
    portuguese = RouteSection(channel=PORT, language="pt")
    facebook = RouteSection(channel=FACE, platform="facebook")
    routes = {"routes": [portuguese, facebook]}
    await journey.owner_sets(**{**more, "slack": {**routes, **more.get("slack", {})}})


def threads(journey: Journey, channel: str) -> list[int]:
    """The inquiries whose threads stand in a channel, in their order there."""
    return [number for root in journey.slack.messages(channel) if (number := inquiry_of(root))]


def root_in(journey: Journey, channel: str, number: int) -> dict[str, Any]:
    [root] = [one for one in journey.slack.messages(channel) if inquiry_of(one) == number]
    return dict(root)


def below(journey: Journey, channel: str, number: int) -> str:
    """The words of a thread."""
    root = root_in(journey, channel, number)
    return "\n".join(words_of(one) for one in journey.slack.replies(channel, root["ts"]))


def tops(journey: Journey, channel: str) -> list[str]:
    """What stands in a channel outside of threads, and begins none."""
    return [words_of(one) for one in journey.slack.messages(channel) if not inquiry_of(one)]


async def presses(journey: Journey, user: str, channel: str, number: int, action: str) -> Any:
    """A button on the card of an inquiry that lives in that channel."""
    root, more = root_in(journey, channel, number), {}
    if option := behind_more(root, action):
        action, more = "more", {"selected": option}
    reply = await journey.slack.press(user, channel, root["ts"], action, **more)
    await journey.pass_(seconds=2)
    return reply


async def three_customers(journey: Journey) -> None:
    """#1 on X, #2 on Facebook, #3 in Portuguese on X."""
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("Is there lactose in it?")
    await journey.on_x("@acme onde está a minha encomenda?", "ines", "Inês", lang="pt")
    assert (threads(journey, DESK), threads(journey, FACE), threads(journey, PORT)) == ([1], [2], [3])


async def test_each_inquiry_lives_in_its_channel_and_is_answered_from_there(journey: Journey) -> None:
    await routed(journey, desk={"board": True})
    await three_customers(journey)
    assert "You have #2" in await journey.types(ANA, "/claim 2", FACE)
    await journey.slack.react(BEN, PORT, root_in(journey, PORT, 3)["ts"], "eyes")
    await journey.pass_(seconds=2)
    assert f"CLAIMED* by <@{BEN}>" in words_of(root_in(journey, PORT, 3)), "a sign there claims"
    await journey.slack.say(ANA, FACE, "They ask every week.", thread_ts=root_in(journey, FACE, 2)["ts"])
    await journey.slack.say(ANA, FACE, "!reply No, none at all.", thread_ts=root_in(journey, FACE, 2)["ts"])
    await journey.types(BEN, "/reply 3 Chega amanhã.", FACE)
    assert any("Chega amanhã" in words for words in journey.only_for(BEN, FACE)), "told where it was typed"
    reply = await presses(journey, BEN, PORT, 3, "reply")
    assert reply.ok, reply
    await journey.pass_(seconds=20)
    assert "Chega amanhã. – Ben" in journey.published[-1]["text"]
    assert journey.graph.published[-1]["text"] == "No, none at all. – Ana"
    assert "Published" in below(journey, FACE, 2) and "Published" in below(journey, PORT, 3)
    assert f"CLAIMED* by <@{ANA}>" in words_of(root_in(journey, FACE, 2))
    await journey.on_x("@acme e a minha?", "rita", "Rita", lang="pt")
    assert threads(journey, PORT) == [3, 4]
    [board] = boards(journey)
    assert f"archives/{PORT}/p" in words_of(board), "the one board leads to the thread"
    await journey.pass_(minutes=15)
    assert any("#4 missed its" in words for words in tops(journey, LEADS)), "for the leads, wherever it lives"
    assert tops(journey, FACE) == [], "what is for everybody stands in the main channel alone"
    assert {channel for channel, _ in standing(journey.world)} == {DESK, FACE, PORT, LEADS}, "the audit sees them all"


async def test_a_form_is_answered_where_it_was_opened(journey: Journey) -> None:
    """Somebody who is in the channel of Facebook alone, or in the main one alone, sees what becomes of their answer."""
    await routed(journey)
    journey.slack.channels[DESK].members.pop(BEN)
    journey.slack.channels[FACE].members.pop(LEE)
    await journey.comment("Is there lactose in it?")
    await presses(journey, BEN, FACE, 1, "claim")
    await presses(journey, BEN, FACE, 1, "reply")
    await sends(journey, "No, none at all.", BEN)
    await journey.pass_(seconds=2)
    assert "No, none at all" in journey.only_for(BEN, FACE)[-1]
    await journey.presses_in(BEN, FACE, "No, none at all", "undo")
    await journey.pass_(seconds=30)
    assert journey.graph.published == []
    await opens(journey, BEN)
    await presses_at_home(journey, BEN, "reply", "1")
    await sends(journey, "Not a trace of it.", BEN)
    await journey.pass_(seconds=2)
    assert "Not a trace of it" in journey.only_for(BEN, FACE)[-1], "from their own page: where the inquiry lives"
    await journey.types(LEE, "/assign 1 @lee")
    await journey.types(LEE, "/reply 1")
    await sends(journey, "None, as Ben says.", LEE)
    await journey.pass_(seconds=2)
    assert "None, as Ben says" in journey.only_for(LEE, DESK)[-1]


async def test_what_is_private_has_its_channel_and_a_guess_at_the_language_counts_for_nothing(journey: Journey) -> None:
    private, german = RouteSection(channel=PORT, private=True), RouteSection(channel=FACE, language="de")
    await routed(journey, slack={"routes": [private, german]})
    await journey.direct_on_x("@acme my parcel is stuck")
    await journey.comment("Tasse kaputt")
    await journey.comment("Wo ist das?", "Peter Holm")
    assert (threads(journey, PORT), threads(journey, DESK), threads(journey, FACE)) == ([1], [2], [3])
    assert "perhaps German" in journey.card(2)


async def test_one_archived_channel_waits_alone_and_drains_in_its_order(journey: Journey) -> None:
    await routed(journey)
    await journey.comment("parcel 0")
    journey.slack.archive(FACE)
    for nth in range(1, 4):
        await journey.comment(f"parcel {nth}", f"Customer {nth}")
        await journey.on_x(f"@acme parcel {nth}", f"customer{nth}", f"C{nth}")
    await journey.pass_(minutes=5)
    assert threads(journey, DESK) == [3, 5, 7], "the other goes on"
    assert "going out" not in below(journey, DESK, 3)
    told = [words for channel in (LEADS, DESK, PORT) for words in tops(journey, channel) if "I can't post in" in words]
    assert len(told) == 1 and f"I can't post in <#{FACE}>" in told[0]
    await journey.slack.command(LEE, LEADS, "/desk")
    assert f"slack {FACE}" in journey.only_for(LEE, LEADS)[-1]
    journey.slack.archive(LEADS)
    await journey.pass_(minutes=11)
    assert any("I can't post in the leads' channel" in words for words in tops(journey, DESK))
    journey.slack.archive(PORT)
    await journey.on_x("@acme onde está?", "ines", "Inês", lang="pt")
    assert any(f"I can't post in <#{PORT}>" in words for words in tops(journey, DESK)), "not where it cannot be read"
    for channel in (FACE, LEADS, PORT):
        journey.slack.archive(channel, False)
    await journey.pass_(minutes=3)
    shown = [words_of(root_in(journey, FACE, number)) for number in threads(journey, FACE)]
    assert [nth for words in shown for nth in range(4) if f"parcel {nth}" in words] == [0, 1, 2, 3]


async def test_two_channels_go_at_once(journey: Journey) -> None:
    """One that Slack makes wait, and one that others can read, hold up no other; and each has its own second."""
    await routed(journey)
    journey.wire.fault("slack", SAY, "status", status=429, body=SLOW, headers={"Retry-After": "600"})
    await journey.comment("Is there lactose in it?")
    assert threads(journey, FACE) == []
    began = journey.clock.now()
    for nth in range(4):
        journey.x.add_person(f"c{nth}", f"C{nth}")
        journey.x.post(f"c{nth}", f"@acme parcel {nth}, onde está?", lang="pt" if nth % 2 else "en")
    await journey.pass_(seconds=40)
    assert (len(threads(journey, DESK)), len(threads(journey, PORT))) == (2, 2)
    posts = [one for one in journey.wire.to("slack") if one.path.endswith("chat.postMessage") and one.at > began]
    seconds = [(one.at - posts[0].at).total_seconds() for one in posts]
    assert len(posts) == 4 and max(seconds) < 2, "four in two seconds: two in each"
    for channel in (LEADS, PORT):
        journey.slack.share(channel)
        await journey.clock.settle()
    await journey.on_x("@acme e a minha?", "rita", "Rita", lang="pt")
    assert len(threads(journey, PORT)) == 2, "customers' words do not go where others read them"
    told = [words for words in tops(journey, DESK) if "is shared with another workspace" in words]
    assert len(told) == 2 and f"<#{PORT}> is shared" in told[1], "where no stranger reads it"
    assert "shared with another workspace" in await journey.types(ANA, "/desk next", PORT)
    await journey.on_x("@acme and mine?", "tom", "Tom")
    assert len(threads(journey, DESK)) == 3
    for channel in (LEADS, PORT):
        journey.slack.share(channel, False)
    await journey.pass_(minutes=10)
    assert len(threads(journey, PORT)) == 3 and threads(journey, FACE) == [1]


async def test_open_inquiries_keep_their_channel_when_the_routes_change(journey: Journey) -> None:
    await routed(journey)
    post = await journey.comment("Is there lactose in it?")
    journey.x.add_person("ines", "Inês")
    for nth in range(7):
        journey.x.post("ines", f"@acme onde está a encomenda {nth}?", lang="pt")
    await journey.pass_(seconds=40)
    assert threads(journey, PORT) == [2, 3, 4, 5, 6]
    await journey.owner_sets(slack={"routes": []})
    await presses(journey, BEN, PORT, 2, "split_flood")
    await journey.pass_(seconds=10)
    assert threads(journey, PORT) == [2, 3, 4, 5, 6, 7, 8], "what is split out of a thread stays beside it"
    await journey.comment("And sugar?", "Peter Holm")
    assert (threads(journey, FACE), threads(journey, DESK)) == ([1], [9])
    await journey.comment("Hello? Anybody?", on=post)
    assert "Hello? Anybody?" in below(journey, FACE, 1), "it goes on where it began"
    assert "You have #1" in await journey.types(ANA, "/claim 1", FACE)
    journey.slack.share(FACE)
    await journey.clock.settle()
    assert any(f"<#{FACE}> is shared with" in words for words in tops(journey, LEADS)), "and is looked after"
    journey.slack.share(FACE, False)
    await journey.clock.settle()
    await presses(journey, ANA, FACE, 1, "done")
    refused = "customers' matters stay there. Nothing was sent or changed."
    assert refused in await journey.types(ANA, "/claim 9", FACE), "the last one there is closed"
    assert refused in await journey.types(ANA, "/claim 9", "C0RANDOM")
    assert "You have #9" in await journey.types(ANA, "/claim 9")


async def test_a_channel_that_the_desk_has_left_is_looked_after_while_threads_stand_there(journey: Journey) -> None:
    """The last inquiry there is closed: what may still be said in its thread is not said to strangers."""
    await routed(journey)
    post = await journey.comment("Is there lactose in it?")
    await journey.owner_sets(slack={"routes": []})
    journey.slack.share(FACE)
    await journey.clock.settle()
    await journey.types(ANA, "/done 1")
    await journey.pass_(seconds=30)
    before = words_of(root_in(journey, FACE, 1))
    await journey.restart()
    await journey.pass_(minutes=2)
    assert words_of(root_in(journey, FACE, 1)) == before
    await journey.comment("Hello? Anybody?", on=post)
    assert below(journey, FACE, 1) == ""
    journey.slack.share(FACE, False)
    await journey.pass_(minutes=2)
    assert "Hello? Anybody?" in below(journey, FACE, 1)
    await presses(journey, ANA, FACE, 1, "done")
    journey.slack.share(FACE)
    await journey.clock.settle()
    assert len([words for words in tops(journey, LEADS) if f"<#{FACE}> is shared with" in words]) == 2
    await journey.comment("And now?", on=post)
    assert "And now?" not in below(journey, FACE, 1), "shared after the last one there was closed"
    journey.slack.share(FACE, False)
    await journey.pass_(minutes=2)


async def test_what_is_merged_goes_on_in_the_others_thread_and_comes_back_to_its_own(journey: Journey) -> None:
    await routed(journey)
    await journey.on_x("@acme my parcel is stuck")
    await journey.comment("My parcel is stuck!", "Maria K.")
    await journey.types(ANA, "/desk merge 2 into 1", FACE)
    await journey.pass_(seconds=30)
    assert "My parcel is stuck!" in below(journey, DESK, 1)
    assert f"archives/{DESK}/p" in words_of(root_in(journey, FACE, 2)) + below(journey, FACE, 2)
    await journey.types(ANA, "/desk split 2")
    await journey.pass_(seconds=30)
    assert threads(journey, FACE) == [2] and threads(journey, DESK) == [1]
    assert "UNCLAIMED" in words_of(root_in(journey, FACE, 2))


async def test_many_as_one_and_what_is_handed_over_stand_where_the_inquiries_live(journey: Journey) -> None:
    await routed(journey, ladder={"together": 2})
    for nth in range(3):
        journey.x.add_person(f"c{nth}", f"C{nth}")
        journey.x.post(f"c{nth}", f"@acme parcel {nth}")
        journey.x.post(f"c{nth}", f"@acme encomenda {nth}", lang="pt")
    await journey.pass_(seconds=40)
    here, there = threads(journey, DESK), threads(journey, PORT)
    assert len(here) == len(there) == 3
    await journey.pass_(minutes=13)
    for channel, own, others in ((DESK, here, there), (PORT, there, here)):
        [listed] = [words for words in tops(journey, channel) if "Time runs out for 3 inquiries" in words]
        assert all(f"*#{number}*" in listed for number in own)
        assert not any(f"*#{number}*" in listed for number in others), "never a list that mixes"
    for number in (*here, *there):
        await journey.types(ANA, f"/claim {number}")
    await journey.go_to(journey.clock.now().replace(hour=17, minute=1, second=0))
    for channel, own in ((DESK, here), (PORT, there)):
        [asked] = [words for words in tops(journey, channel) if "we close. Hand over" in words]
        assert all(f"#{number} ·" in asked for number in own) and asked.count(" · X ") == 3
    await journey.presses_in(ANA, PORT, "we close. Hand over", "hand_over")
    await journey.pass_(seconds=10)
    [said] = [words for words in tops(journey, PORT) if "hands over" in words]
    assert all(f"#{number} ·" in said for number in there)
    assert not any("hands over" in words for words in tops(journey, DESK)), "what is here was not meant"
    assert all("UNCLAIMED" in words_of(root_in(journey, PORT, number)) for number in there)
    assert all(f"CLAIMED* by <@{ANA}>" in journey.card(number) for number in here)


async def test_who_leaves_is_asked_in_each_channel_for_what_lives_there(journey: Journey) -> None:
    lisbon = TeamSection.model_validate({"group": "S0AGENTS", "tue": "09:00-11:00", "wed": "09:00-11:00"})
    manila = TeamSection.model_validate({"group": "S0LEADS", "zone": ZoneInfo("Asia/Manila"), "tue": "18:00-23:00"})
    await routed(journey, teams={"lisbon": lisbon, "manila": manila})
    await journey.types(BEN, "/desk shift hours mon-thu 4-6")
    await journey.comment("Is there lactose in it?")
    await journey.on_x("@acme my parcel is stuck")
    for number in (1, 2):
        await journey.types(BEN, f"/claim {number}")
    await journey.go_to(TUESDAY.replace(hour=11, minute=1))
    for channel, number, other in ((FACE, 1, 2), (DESK, 2, 1)):
        for said in ("your shift is over", "lisbon leaves"):
            [asked] = [words for words in tops(journey, channel) if said in words]
            assert f"#{number} · " in asked and f"#{other} · " not in asked
    await journey.presses_in(BEN, FACE, "your shift is over", "hand_over")
    assert "UNCLAIMED" in words_of(root_in(journey, FACE, 1))
    assert f"CLAIMED* by <@{BEN}>" in journey.card(2), "what is here was not meant"


@pytest.mark.looks_every(6)
async def test_a_storm_in_one_channel_holds_back_no_other_and_the_one_card_adds_up(journey: Journey) -> None:
    await routed(journey, storm=SMALL)
    journey.slack.archive(PORT)
    await journey.on_x("@acme onde está a minha encomenda?", "ines", "Inês", lang="pt")
    journey.wire.fault("slack", SAY, "drop_after", lag=10)
    for nth in range(25):
        journey.graph.visitor_post(
            f"Customer {nth}", f"My parcel {nth} is stuck in the depot since Monday, where is it?"
        )
    await journey.pass_(seconds=30)
    shown = len(threads(journey, FACE))
    assert shown < 25
    [card] = cards(journey)
    assert f"in <#{FACE}> more comes in than Slack takes" in words_of(card), "it stands in the main channel"
    await journey.on_x("@acme and mine?")
    assert len(threads(journey, DESK)) == 1, "pushed as ever"
    await journey.pass_(seconds=15)
    assert len(threads(journey, FACE)) == shown
    left = 25 - shown
    assert sums(journey) == (left + 1, shown + 1, 0, 27), "of all channels; what was in doubt was looked for"
    for _ in range(shown + 3):
        await journey.types(ANA, "/desk next", DESK)
    await journey.pass_(seconds=15)
    assert len(threads(journey, FACE)) == shown + 1, "what was asked for"
    assert any("Here is #" in words for words in journey.only_for(ANA, DESK)), "told where it was asked"
    assert sums(journey) == (left, shown + 2, 0, 27)
    await journey.pass_(minutes=15)
    assert any("#1 missed its" in words for words in tops(journey, LEADS)), "no storm there: it is told by itself"
    for nth in range(20):
        journey.x.add_person(f"c{nth}", f"C{nth}")
        journey.x.post(f"c{nth}", f"@acme parcel {nth} is stuck")
    await journey.pass_(seconds=40)
    [same] = cards(journey)
    assert same["ts"] == card["ts"] and f"in <#{FACE}> <#{DESK}> more" in words_of(same), "it came to a second one"
    queued, _, _, ingested = sums(journey)
    stood = len(threads(journey, DESK)) + len(threads(journey, FACE))
    assert ingested == 47 and queued == 47 - stood
    await journey.restart()
    await journey.pass_(seconds=15)
    assert len(threads(journey, DESK)) + len(threads(journey, FACE)) == stood
    assert sums(journey) == (queued, ingested - queued, 0, ingested)
