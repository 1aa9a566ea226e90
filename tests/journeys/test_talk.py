"""Talk among colleagues stays among them; a bare thank-you waits for nobody."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import ANA, BEN, DESK, LEE, SAM, Journey, words_of

PLAIN = "has not been answered"


async def waiting(journey: Journey) -> None:
    """One inquiry that Ana has and that waits for its first answer."""
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, "/claim 1")
    await journey.pass_(seconds=2)


@pytest.mark.parametrize(
    "text",
    [
        "I think he is a regular, let us be generous",
        "Hi Maria, it left today.",
        "reply It left today",
        "Sure! reply: it left today",
        "?!",
        "<!here> who knows about parcels?",
    ],
)
async def test_plain_words_in_a_thread_never_leave(journey: Journey, text: str) -> None:
    await waiting(journey)
    for user in (ANA, BEN, LEE, SAM):
        await journey.says(user, 1, text)
    await journey.pass_(minutes=2)
    assert journey.published == []
    assert journey.x.sent_directs == []


async def test_only_the_assignee_is_asked_whether_it_was_meant_as_a_reply(journey: Journey) -> None:
    await waiting(journey)
    await journey.says(BEN, 1, "Hi Maria, it left today.")
    assert not [told for user in (ANA, BEN, LEE, SAM) for told in journey.only_for(user) if PLAIN in told]
    await journey.says(ANA, 1, "Hi Maria, it left today.")
    told = [message for message in journey.slack.ephemerals(ANA) if PLAIN in words_of(message)]
    assert len(told) == 1
    assert words_of(told[0]) == "Internal. @maria_k has not been answered.\n[Send as reply]\n[Keep internal]"
    assert told[0]["thread_ts"] == journey.root(1)["ts"]
    for other in (BEN, LEE, SAM):
        assert not [words for words in journey.only_for(other) if PLAIN in words]


async def test_send_as_reply_sends_it_once_signed_and_undone_it_can_be_sent_again(journey: Journey) -> None:
    await waiting(journey)
    await journey.says(ANA, 1, "Hi Maria &amp; all, it left today.")
    asked = next(message for message in journey.slack.ephemerals(ANA) if PLAIN in words_of(message))
    await journey.slack.press(ANA, DESK, asked["ts"], "send_as_reply")
    await journey.pass_(seconds=2)
    await journey.presses_in(ANA, DESK, "Hi Maria & all, it left today. – Ana", "undo")
    await journey.pass_(seconds=15)
    assert journey.published == []
    for _ in range(2):  # a double click
        await journey.slack.press(ANA, DESK, asked["ts"], "send_as_reply")
    await journey.pass_(seconds=30)
    assert [p["text"] for p in journey.published] == ["Hi Maria & all, it left today. – Ana"]
    lines = [words for words in journey.thread(1) if "– Ana" in words]
    assert ["Taken back" in lines[0], "Published" in lines[1], len(lines)] == [True, True, 2]
    assert "on its way already" in journey.only_for(ANA)[-1]


async def test_keep_internal_keeps_it_internal(journey: Journey) -> None:
    await waiting(journey)
    await journey.says(ANA, 1, "Hi Maria, it left today.")
    asked = next(message for message in journey.slack.ephemerals(ANA) if PLAIN in words_of(message))
    await journey.slack.press(ANA, DESK, asked["ts"], "keep_internal")
    await journey.pass_(seconds=30)
    assert "It stays with the team. @maria_k still waits." in journey.only_for(ANA)[-1]
    assert journey.published == []


async def test_a_colleagues_words_are_not_sent_for_them(journey: Journey) -> None:
    await waiting(journey)
    await journey.says(ANA, 1, "Hi Maria, it left today.")
    asked = next(message for message in journey.slack.ephemerals(ANA) if PLAIN in words_of(message))
    slack = journey.slack
    slack.post(slack.channels[DESK], slack.bot_message("forged", asked["blocks"]), thread_ts=journey.root(1)["ts"])
    await journey.presses_in(BEN, DESK, PLAIN, "send_as_reply")
    assert "Those are a colleague's words" in journey.only_for(BEN)[-1]
    await journey.pass_(seconds=30)
    assert journey.published == []


async def test_what_was_corrected_in_slack_is_what_goes_out(journey: Journey) -> None:
    await waiting(journey)
    ts = await journey.says(ANA, 1, "Hi Maria, it left todya.")
    await journey.slack.edit(DESK, ts, "Hi Maria, it left today.")
    await journey.pass_(seconds=2)
    await journey.presses_in(ANA, DESK, PLAIN, "send_as_reply")
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["Hi Maria, it left today. – Ana"]


async def test_talk_that_was_deleted_in_slack_is_not_kept(journey: Journey) -> None:
    await waiting(journey)
    ts = await journey.says(BEN, 1, "she is my neighbour")
    await journey.types(ANA, "/find neighbour")
    assert "1 found" in journey.only_for(ANA)[-1]
    journey.slack.delete_message(DESK, ts)
    await journey.pass_(seconds=2)
    await journey.types(ANA, "/find neighbour")
    assert "Nothing found" in journey.only_for(ANA)[-1]


async def test_nobody_is_asked_once_it_is_answered(journey: Journey) -> None:
    await waiting(journey)
    await journey.types(ANA, "/reply 1 It left today.")
    await journey.pass_(seconds=15)
    before = len(journey.only_for(ANA))
    await journey.says(ANA, 1, "phew")
    assert len(journey.only_for(ANA)) == before


@pytest.mark.parametrize(
    "text", ["!repyl It left today.", "!replay: It left today.", "!!repl It left today.", "！relpy It left today."]
)
async def test_a_mistyped_verb_is_neither_sent_nor_kept_in_silence(journey: Journey, text: str) -> None:
    await waiting(journey)
    await journey.says(ANA, 1, text)
    told = journey.only_for(ANA)[-1]
    assert "Did you mean `!reply`? Nothing was sent." in told
    assert "It left today." in told
    assert PLAIN not in told
    await journey.pass_(seconds=30)
    assert journey.published == []


@pytest.mark.parametrize(
    "text", ["!reply It left today.", "!reply: It left today.", "! reply It left today.", "！Reply\nIt left today."]
)
async def test_a_verb_is_understood_as_people_type_it(journey: Journey, text: str) -> None:
    await waiting(journey)
    await journey.says(ANA, 1, text)
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["It left today. – Ana"]


async def test_a_reply_that_was_also_sent_to_the_channel_is_not_published(journey: Journey) -> None:
    await waiting(journey)
    await journey.slack.say(ANA, DESK, "!reply It left today.", thread_ts=journey.root(1)["ts"], broadcast=True)
    await journey.pass_(seconds=30)
    told = journey.only_for(ANA)[-1]
    assert "Nothing was sent to the customer" in told and "It left today." in told
    assert journey.published == []


# Thanks


@pytest.mark.parametrize("thanks", ["Thank you so much!", "👍", "danke!", "ok great, thx :)"])
async def test_a_bare_thank_you_starts_no_clock_and_reopens_nothing(journey: Journey, thanks: str) -> None:
    await waiting(journey)
    await journey.types(ANA, "/reply 1 It left today.")
    await journey.pass_(seconds=15)
    await journey.types(ANA, "/done 1")
    await journey.pass_(seconds=2)
    await journey.on_x(f"@acme {thanks}", reply_to=journey.published[0]["id"])
    assert "CLOSED" in journey.card(1)
    shown = journey.in_thread(1, thanks)
    assert "[It needs an answer]" in words_of(shown)
    assert f"<@{ANA}>" not in shown["text"]
    await journey.pass_(hours=3)
    assert "LATE" not in journey.card(1)


async def test_it_needs_an_answer_starts_the_clock_after_all(journey: Journey) -> None:
    await waiting(journey)
    await journey.types(ANA, "/reply 1 It left today.")
    await journey.pass_(seconds=15)
    await journey.on_x("@acme thanks!", reply_to=journey.published[0]["id"])
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)
    shown = journey.in_thread(1, "thanks!")
    await journey.slack.press(ANA, DESK, shown["ts"], "needs_answer")
    await journey.pass_(seconds=3)
    assert "#1 waits for an answer now, due" in journey.only_for(ANA)[-1]
    assert "next answer due" in journey.card(1)
    again = journey.in_thread(1, "thanks!")
    assert "[It needs an answer]" not in words_of(again), "what is done has no button"
    assert not (await journey.slack.press(ANA, DESK, shown["ts"], "needs_answer")).ok


async def test_thanks_with_a_question_waits_for_an_answer(journey: Journey) -> None:
    await waiting(journey)
    await journey.types(ANA, "/reply 1 It left today.")
    await journey.pass_(seconds=15)
    await journey.on_x("@acme thanks! When will it arrive?", reply_to=journey.published[0]["id"])
    assert "next answer due" in journey.card(1)


async def test_a_first_message_that_only_greets_has_the_button_on_its_card(journey: Journey) -> None:
    await journey.on_x("@acme 👋")
    assert "due" not in journey.card(1)
    assert "[It needs an answer]" in journey.card(1)
    await journey.presses(BEN, 1, "needs_answer")
    assert "first answer due" in journey.card(1)
