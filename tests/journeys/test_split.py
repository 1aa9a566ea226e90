"""Long answers: refused before the network, with the count; split where a reader pauses, each part once, in order."""

from __future__ import annotations

from typing import Any

from platforms.x import XPlatform, XTokens
from tests.journeys.conftest import ANA, DESK, Journey, words_of

POST = "POST /2/tweets"
SENTENCES = (
    "We are very sorry that your parcel has been stuck in our depot since Monday morning.",
    "The driver's scanner broke, and nobody noticed until you wrote to us, which should not have happened.",
    "It leaves today at 17:00 with the express van, and reaches you tomorrow before noon.",
    "The shipping costs are already on their way back to your card, which takes two or three working days.",
    "If anything else is wrong with it, please tell us here, and ask for me by my name so that nobody starts anew.",
    "Thank you for your patience, and for telling us in such a friendly way.",
)
LONG = " ".join(SENTENCES)


def weighted(text: str) -> int:
    return XPlatform(XTokens("", "", "", ""), now=lambda: None).length(text)  # type: ignore[arg-type,return-value]


async def too_long(journey: Journey, text: str = LONG, command: str = "/reply 1") -> tuple[str, str]:
    """Inquiry #1 on X, and an answer that is too long for it; what Ana reads, and the customer's post."""
    post = await journey.on_x("@acme my parcel is stuck since Monday")
    told = await journey.types(ANA, f"{command} {text}")
    return told, post


def parts(journey: Journey) -> list[str]:
    return [post["text"] for post in journey.published]


async def test_too_long_is_refused_before_the_network_with_the_count_and_two_ways_on(journey: Journey) -> None:
    told, _ = await too_long(journey)
    size = weighted(f"{LONG} – Ana")
    assert f"{size}/280" in told
    assert "press Split or Private" in told
    shown = journey.only_for(ANA)[-1]
    assert LONG in shown
    assert "[Split]" in shown
    assert "[Private]" in shown
    await journey.pass_(minutes=1)
    assert not any(r.path == "/2/tweets" and r.method == "POST" for r in journey.wire.records)


async def test_exactly_the_limit_goes_out_and_one_more_does_not(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    fits = "a" * (280 - len(" – Ana"))
    assert "280/280" in await journey.types(ANA, f"/reply 1 {fits}")
    await journey.pass_(seconds=12)
    assert parts(journey) == [f"{fits} – Ana"]
    assert "281/280" in await journey.types(ANA, f"/reply 1 {fits}b")


async def test_split_answers_part_by_part_each_below_the_one_before(journey: Journey) -> None:
    _, post = await too_long(journey)
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    assert parts(journey) == [], "a split answer is held as any other"
    await journey.pass_(seconds=15)
    said = journey.published
    count = len(said)
    assert count >= 2
    assert [p["in_reply_to"] for p in said] == [post, *(p["id"] for p in said[:-1])]
    for number, text in enumerate(parts(journey), 1):
        assert text.endswith(f" – Ana {number}/{count}")
        assert weighted(text) <= 280
    bodies = [text.removesuffix(f" – Ana {number}/{count}") for number, text in enumerate(parts(journey), 1)]
    assert " ".join(bodies) == LONG
    assert all(body.endswith(".") for body in bodies), "each part ends with a sentence"
    receipt = words_of(journey.in_thread(1, "Published"))
    assert all(f"status/{p['id']}" in receipt for p in said)
    assert "WAITING FOR THE CUSTOMER" in journey.card(1)


async def test_a_sentence_longer_than_a_part_is_cut_between_words(journey: Journey) -> None:
    text = " ".join(f"word{n}" for n in range(90))
    await too_long(journey, text)
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    await journey.pass_(seconds=15)
    count = len(journey.published)
    bodies = [part.removesuffix(f" – Ana {n}/{count}") for n, part in enumerate(parts(journey), 1)]
    assert " ".join(bodies) == text


async def test_the_long_text_can_go_privately_instead(journey: Journey) -> None:
    await too_long(journey)
    await journey.presses_in(ANA, DESK, "Not sent", "private_draft")
    await journey.pass_(seconds=15)
    assert parts(journey) == []
    assert [d["text"] for d in journey.x.sent_directs] == [f"{LONG} – Ana"]


async def test_undo_takes_back_every_part(journey: Journey) -> None:
    await too_long(journey)
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    await journey.presses_in(ANA, DESK, "answers in public", "undo")
    await journey.pass_(minutes=2)
    assert parts(journey) == []


async def split_with(journey: Journey, **fault: Any) -> None:
    """Four parts or so; the fault hits the second."""
    await too_long(journey)
    journey.wire.fault("x", POST, after=1, **fault)
    await journey.presses_in(ANA, DESK, "Not sent", "split")


def posts(journey: Journey) -> int:
    return sum(r.path == "/2/tweets" and r.method == "POST" for r in journey.wire.records)


async def test_a_part_in_doubt_holds_back_the_next_until_it_is_found(journey: Journey) -> None:
    await split_with(journey, action="drop_after", lag=10)
    await journey.pass_(seconds=15)
    assert posts(journey) == 2, "the third part waits"
    assert any("checking…" in line for line in journey.thread(1))
    await journey.pass_(minutes=1)
    said = journey.published
    count = len(said)
    assert posts(journey) == count
    assert [p["text"].rpartition(" ")[2] for p in said] == [f"{n}/{count}" for n in range(1, count + 1)]
    assert [p["in_reply_to"] for p in said[1:]] == [p["id"] for p in said[:-1]]


async def test_a_lost_part_is_said_again_only_when_the_agent_wants_and_the_first_never(journey: Journey) -> None:
    await split_with(journey, action="drop_before")
    await journey.pass_(minutes=3)
    assert len(journey.published) == 1
    assert posts(journey) == 2
    assert "part 2 of your answer" in words_of(journey.in_thread(1, "I don't know whether"))
    assert "WAITING" not in journey.card(1), "an answer of which a part is missing is none"
    await journey.presses_in(ANA, DESK, "I don't know whether", "send_again")
    await journey.pass_(seconds=10)
    said = journey.published
    assert posts(journey) == len(said) + 1
    assert [p["text"].rpartition(" ")[2] for p in said] == [f"{n}/{len(said)}" for n in range(1, len(said) + 1)]
    assert [p["in_reply_to"] for p in said[1:]] == [p["id"] for p in said[:-1]]


async def test_a_refused_part_stops_the_rest_and_send_again_goes_on_from_there(journey: Journey) -> None:
    await split_with(journey, action="status", status=403, body={"title": "Forbidden", "detail": "Not now."})
    await journey.pass_(minutes=1)
    assert posts(journey) == 2
    told = words_of(journey.in_thread(1, "did not go out"))
    assert "part 2 of your answer" in told
    assert SENTENCES[-1] in told, "all that is missing is handed back"
    await journey.presses_in(ANA, DESK, "did not go out", "send_again")
    await journey.pass_(seconds=10)
    said = journey.published
    assert [p["text"].rpartition(" ")[2] for p in said] == [f"{n}/{len(said)}" for n in range(1, len(said) + 1)]
    assert [p["in_reply_to"] for p in said[1:]] == [p["id"] for p in said[:-1]]


async def test_a_refusal_in_the_middle_does_not_block_the_next_answer(journey: Journey) -> None:
    await split_with(journey, action="status", status=403, body={"title": "Forbidden", "detail": "Not now."})
    await journey.pass_(minutes=1)
    await journey.types(ANA, "/reply 1 In short: tomorrow before noon.")
    await journey.pass_(seconds=15)
    assert parts(journey)[-1] == "In short: tomorrow before noon. – Ana"
    assert posts(journey) == 3


async def test_a_restart_between_two_parts_goes_on_with_the_next(journey: Journey) -> None:
    await too_long(journey)
    headers = {"x-rate-limit-reset": str(int(journey.clock.now().timestamp()) + 300)}
    journey.wire.fault("x", POST, "status", after=1, status=429, body={"title": "Too Many Requests"}, headers=headers)
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1
    await journey.restart()
    await journey.pass_(minutes=6)
    said = journey.published
    assert [p["text"].rpartition(" ")[2] for p in said] == [f"{n}/{len(said)}" for n in range(1, len(said) + 1)]


async def test_two_answers_one_after_the_other_keep_their_order(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck since Monday")
    journey.wire.fault("x", POST, "status", status=429, body={"title": "Too Many Requests"})
    await journey.types(ANA, "/reply 1 First of all: sorry.")
    await journey.types(ANA, "/reply 1 And it comes tomorrow.")
    await journey.pass_(minutes=3)
    assert parts(journey) == ["First of all: sorry. – Ana", "And it comes tomorrow. – Ana"]


async def test_the_one_private_reply_on_facebook_cannot_be_split(journey: Journey) -> None:
    await journey.comment("Is there lactose in it?")
    told = await journey.types(ANA, f"/private 1 {'There is none. ' * 180}")
    assert "/2000" in told
    assert "press" not in told
    assert "[Split]" not in journey.only_for(ANA)[-1]
