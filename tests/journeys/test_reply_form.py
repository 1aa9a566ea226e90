"""The reply form beside its text: who is at it, the guide on top of it, and what becomes of used buttons."""

from __future__ import annotations

from tests.journeys.conftest import ANA, BEN, DESK, Journey, words_of
from tests.journeys.test_forms import opens, sends, view_of

REPLYING = f"<@{ANA}> is replying"


async def test_the_card_says_who_is_replying_until_they_send_or_close_or_three_minutes_are_over(
    journey: Journey,
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await opens(journey)
    assert REPLYING in journey.card(1)
    await journey.slack.close_view(ANA, view_of(journey)["id"])
    await journey.pass_(seconds=2)
    assert REPLYING not in journey.card(1)
    await opens(journey)
    await journey.pass_(seconds=170)
    assert REPLYING in journey.card(1)
    await journey.pass_(seconds=15)
    assert REPLYING not in journey.card(1)
    await opens(journey)
    await opens(journey, user=BEN)
    assert f"<@{BEN}> is replying" in journey.card(1)
    await journey.slack.close_view(ANA, view_of(journey)["id"])  # Ben still is
    await journey.pass_(seconds=2)
    assert f"<@{BEN}> is replying" in journey.card(1)
    await sends(journey, "It left today.", user=BEN)
    assert "is replying" not in journey.card(1)
    await journey.pass_(seconds=15)
    assert [post["text"] for post in journey.published] == ["It left today. – Ben"]


async def test_nobody_is_replying_where_slack_did_not_open_the_form(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    body = {"ok": False, "error": "expired_trigger_id"}
    journey.wire.fault("slack", "* /api/views.open", "status", status=200, body=body)
    await journey.presses(ANA, 1, "reply")
    assert "is replying" not in journey.card(1)


async def test_the_guide_is_one_press_away_and_the_form_below_keeps_its_text(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    view = await opens(journey)
    await journey.slack.type_in_view(ANA, view["id"], "text", "typed", "It left today.")
    await journey.slack.press_in_view(ANA, view["id"], "show_guide")
    guide = view_of(journey)
    assert guide["title"]["text"] == "The guide" and "Say hello by name" in words_of(guide)
    assert "Refunds up to 50 euros" in words_of(guide)
    await journey.slack.close_view(ANA, guide["id"])
    assert view_of(journey)["state"]["values"]["text"]["typed"]["value"] == "It left today."
    assert REPLYING in journey.card(1)


async def test_undo_and_send_now_go_with_the_press(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    for button, word in (("undo", "Taken back"), ("send_now", "Going out now.")):
        await journey.types(ANA, "/reply 1 It left today.")
        await journey.presses_in(ANA, DESK, "Going out in public", button)
        seen = journey.only_for(ANA)
        assert not any("[Undo]" in words or "[Send now]" in words for words in seen), seen
        assert word in seen[-1]
    await journey.pass_(seconds=15)
    assert [post["text"] for post in journey.published] == ["It left today. – Ana"]
