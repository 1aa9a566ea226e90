"""An agent's day without leaving Slack: their own page, the menu of a message, and a sign on a card."""

from __future__ import annotations

from typing import Any

from platforms.slack.blocks.home import BLOCKS
from tests.journeys.conftest import ANA, BEN, DESK, LEE, SAM, Journey, words_of


def home(journey: Journey, user: str) -> str:
    """The words of somebody's own page, block by block; "" where none was drawn."""
    view = journey.slack.home(user)
    return words_of({"blocks": view["blocks"]}) if view else ""


async def opens(journey: Journey, user: str) -> str:
    await journey.slack.open_home(user)
    await journey.pass_(seconds=3)
    return home(journey, user)


async def presses_at_home(journey: Journey, user: str, action: str, value: str | None = None) -> str:
    view = journey.slack.home(user)
    assert view is not None
    reply = await journey.slack.press_in_view(user, view["id"], action, value=value)
    assert reply.ok, reply
    await journey.pass_(seconds=3)
    return home(journey, user)


async def test_the_page_is_the_agents_own_queue_and_its_buttons_do_what_the_cards_do(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday <!channel> *bold*")
    await journey.comment("Are you open on Sunday?")
    page = await opens(journey, ANA)
    assert "Unclaimed (2)" in page
    assert "You have nothing open." in page
    assert "my parcel is stuck since Monday <!channel> *bold*" in page, "as it was written"

    page = await presses_at_home(journey, ANA, "claim", "1")
    assert "Your queue (1)" in page
    assert "CLAIMED* by <@U0ANA>" in journey.card(1)

    view = journey.slack.home(ANA)
    assert view is not None
    await journey.slack.press_in_view(ANA, view["id"], "reply", value="1")
    (form,) = journey.slack.open_views(ANA)
    await journey.slack.submit(ANA, form["id"], {"text": {"typed": "It comes tomorrow."}})
    await journey.pass_(seconds=40)
    assert [post["text"] for post in journey.published] == ["It comes tomorrow. – Ana"]
    assert "Waiting for the customer, or asleep (1)" in home(journey, ANA)


async def test_the_page_follows_what_others_do_and_is_each_persons_own(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey, ANA)
    await journey.types(BEN, "/claim 1")
    await journey.pass_(seconds=15)
    assert "Everything has somebody." in home(journey, ANA)
    assert home(journey, BEN) == "", "who never opened it has none"
    assert "The team:" not in home(journey, ANA)
    lead = await opens(journey, LEE)
    assert "<@U0BEN>: 1 open" in lead
    stranger = await opens(journey, SAM)
    assert "Only members of" in stranger
    assert "parcel" not in stranger
    await journey.pass_(minutes=45)
    published = [r for r in journey.wire.records if r.path.endswith("views.publish")]
    await journey.types(BEN, "/release 1")
    await journey.pass_(seconds=30)
    later = [r for r in journey.wire.records if r.path.endswith("views.publish")]
    assert len(later) == len(published), "a page that nobody uses any more is left alone"
    assert "1 inquiry has nobody yet." in await opens(journey, ANA)


async def test_a_refusal_stands_on_the_page_where_the_button_was_pressed(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey, ANA)
    stale = journey.slack.home(ANA)
    assert stale is not None
    await journey.types(BEN, "/claim 1")
    await journey.slack.press_in_view(ANA, stale["id"], "claim", value="1")
    await journey.pass_(seconds=3)
    assert "#1 is with <@U0BEN>" in home(journey, ANA)
    assert journey.only_for(ANA, DESK) == []
    page = await presses_at_home(journey, ANA, "shift_away")
    assert "You are away." in page
    page = await presses_at_home(journey, ANA, "shift_back")
    assert "Welcome back." in page


async def test_a_long_queue_fits_the_page_and_shows_more_when_asked(journey: Journey) -> None:
    for n in range(24):
        journey.x.add_person(f"person{n}", f"Person {n}")
        journey.x.post(f"person{n}", f"@acme question number {n}, please")
    await journey.pass_(minutes=2)
    for number in range(1, 24):
        await journey.types(ANA, f"/claim {number}")
    page = await opens(journey, ANA)
    assert "Your queue (23)" in page
    rows = page.count("question number")
    page = await presses_at_home(journey, ANA, "home_more")
    assert page.count("question number") == rows + 3
    view = journey.slack.home(ANA)
    assert view is not None
    assert len(view["blocks"]) <= BLOCKS


async def cut(journey: Journey, user: str, ts: str, callback: str, channel: str = DESK) -> Any:
    reply = await journey.slack.shortcut(user, channel, ts, callback)
    await journey.pass_(seconds=3)
    return reply


async def test_the_menu_of_any_message_in_the_thread_opens_the_reply_form(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    said = await journey.says(BEN, 1, "Looks like the Porto depot.")
    await cut(journey, ANA, said, "reply_here")
    (form,) = journey.slack.open_views(ANA)
    assert form["title"]["text"] == "Reply to #1"
    await journey.slack.submit(ANA, form["id"], {"text": {"typed": "It is in Porto."}})
    await journey.pass_(seconds=40)
    assert [post["text"] for post in journey.published] == ["It is in Porto. – Ana"]
    await cut(journey, BEN, journey.root(1)["ts"], "note_here")
    assert len(journey.slack.open_views(BEN)) == 1


async def test_the_menu_of_a_message_that_is_no_inquirys_says_so_and_strangers_are_refused(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    talk = await journey.slack.say(ANA, DESK, "Lunch?")
    await cut(journey, ANA, talk, "reply_here")
    assert any("belongs to no inquiry" in line for line in journey.only_for(ANA))
    await cut(journey, SAM, journey.root(1)["ts"], "claim_here")
    assert "UNCLAIMED" in journey.card(1)
    assert journey.slack.open_views(SAM) == []
    await cut(journey, BEN, journey.root(1)["ts"], "claim_here")
    assert "CLAIMED* by <@U0BEN>" in journey.card(1)


async def signs(journey: Journey, user: str, name: str, *, remove: bool = False) -> None:
    await journey.slack.react(user, DESK, journey.root(1)["ts"], name, remove=remove)
    await journey.pass_(seconds=3)


async def test_eyes_on_a_card_claim_and_taken_away_give_back(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await signs(journey, SAM, "eyes")
    assert "UNCLAIMED" in journey.card(1), "a stranger's sign is only a sign"
    await signs(journey, ANA, "eyes")
    assert "CLAIMED* by <@U0ANA>" in journey.card(1)
    await signs(journey, BEN, "eyes")
    assert "CLAIMED* by <@U0ANA>" in journey.card(1)
    assert any("#1 is with <@U0ANA>" in line for line in journey.only_for(BEN))
    await signs(journey, BEN, "eyes", remove=True)
    assert "CLAIMED* by <@U0ANA>" in journey.card(1)
    await signs(journey, ANA, "eyes", remove=True)
    assert "UNCLAIMED" in journey.card(1)


async def test_a_check_mark_closes_only_after_a_check_where_the_customer_waits(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await signs(journey, ANA, "white_check_mark")
    assert "CLOSED" not in journey.card(1)
    await journey.presses_in(ANA, DESK, "still waits for an answer", "close_it")
    assert "CLOSED" in journey.card(1)
    await journey.types(ANA, "/reopen 1")
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=30)
    await signs(journey, BEN, "heavy_check_mark")
    await signs(journey, ANA, "heavy_check_mark")
    assert "CLOSED" in journey.card(1)


async def test_where_the_owner_did_not_switch_them_on_signs_mean_nothing(journey: Journey) -> None:
    await journey.owner_sets(slack={"reactions": False})
    await journey.on_x("@acme my parcel is stuck")
    await signs(journey, ANA, "eyes")
    assert "UNCLAIMED" in journey.card(1)
