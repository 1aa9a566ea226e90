"""Pictures and files: a customer's in the thread, as links or as files; an agent's to the customer."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.journeys.conftest import ANA, DESK, Journey, words_of

JPEG = b"\xff\xd8\xff\xe0" + bytes(400)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(400)
SHARE = "POST /api/files.completeUploadExternal"


def files_in(journey: Journey, number: int) -> list[dict[str, Any]]:
    """The files that stand in a thread, oldest first."""
    replies = journey.slack.replies(DESK, journey.root(number)["ts"])
    return [file for message in replies for file in message.get("files", ())]


async def test_a_customers_pictures_stand_in_the_thread_as_links_with_what_they_show(journey: Journey) -> None:
    journey.x.add_person("maria_k", "Maria K.")
    cup = journey.x.picture(JPEG, "A *cup* in <!channel> pieces")
    other = journey.x.picture(PNG)
    post = await journey.on_x("@acme look what came", pictures=[cup, other])
    card = journey.card(1)
    assert f"<https://pbs.twimg.com/media/{cup}.jpg|photo> (pbs.twimg.com)" in card
    assert f"<https://pbs.twimg.com/media/{other}.png|photo>" in card and "with 2 photos" in card
    shown = [e for block in journey.root(1)["blocks"] if block["type"] == "context" for e in block["elements"]]
    assert {"type": "plain_text", "text": "“A *cup* in <!channel> pieces”", "emoji": False} in shown
    await journey.on_x("@acme and this", reply_to=post, pictures=[journey.x.picture(JPEG, "The box")])
    assert "“The box”" in words_of(journey.in_thread(1, "and this"))
    journey.x.direct(
        "dana", "privately", pictures=[journey.x.picture(JPEG, "The bill", url="https://ton.x.com/a.jpg")]
    )
    await journey.pass_(minutes=3)
    assert "(ton.x.com)" in journey.card(2) and "“The bill”" in journey.card(2)
    assert files_in(journey, 1) == [] and not [r for r in journey.wire.records if "/media/" in r.path]


async def test_where_the_owner_wants_it_the_pictures_themselves_come_into_the_thread(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    post = await journey.on_x("@acme look", pictures=[journey.x.picture(JPEG, "A broken cup"), journey.x.picture(PNG)])
    await journey.pass_(seconds=10)
    first, second = files_in(journey, 1)
    assert (first["title"], first["alt_txt"], first["mimetype"]) == ("A broken cup", "A broken cup", "image/jpeg")
    assert journey.slack.files[second["id"]].data == PNG and "alt_txt" not in second
    comment = journey.graph.comment("Zuzana M.", "Mine, too")
    journey.graph.attach(comment, journey.graph.picture(JPEG))
    await journey.pass_(seconds=50)
    assert [file["mimetype"] for file in files_in(journey, 2)] == ["image/jpeg"]
    # What a customer takes back leaves Slack altogether.
    journey.x.delete(post)
    await journey.pass_(hours=7)
    assert files_in(journey, 1) == [] and journey.slack.files[first["id"]].deleted


async def test_what_cannot_be_brought_stays_a_link_and_the_thread_says_why(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    big = journey.x.picture(JPEG + bytes(10_000_000))
    odd = journey.x.picture(b"<html>not a picture", mime="image/jpeg")
    inside = journey.x.picture(JPEG, url="https://169.254.169.254/latest/meta-data")
    alike = journey.x.picture(JPEG, url="https://pbs.twimg.com.evil.example/a.jpg")
    before = len(journey.wire.records)
    await journey.on_x("@acme look", pictures=[big, odd, inside, alike])
    await journey.pass_(seconds=90)
    said = "\n".join(journey.thread(1))
    for why in ("larger than 10 MB", "no picture, MP4 video or PDF", "not at one of the platform's own addresses"):
        assert why in said, said
    assert files_in(journey, 1) == [] and f"{big}.jpg|photo>" in journey.card(1)
    asked = [record.path for record in journey.wire.records[before:] if "/media/" in record.path]
    assert sorted(asked) == sorted(f"/pbs.twimg.com/media/{one}.jpg" for one in (big, odd))
    # A host that does not answer is asked a few times, then the link must do.
    journey.wire.fault("x", "GET /pbs.twimg.com/*", "status", times=None, status=503)
    await journey.on_x("@acme one more", handle="ben", pictures=[journey.x.picture(JPEG)])
    await journey.pass_(minutes=3)
    assert "HTTP 503" in "\n".join(journey.thread(2)) and files_in(journey, 2) == []


async def test_a_picture_of_which_nobody_knows_whether_it_stands_is_looked_for(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    journey.wire.fault("slack", SHARE, "drop_after")
    await journey.on_x("@acme look", pictures=[journey.x.picture(JPEG, "one")])
    await journey.pass_(minutes=2)
    assert [file["title"] for file in files_in(journey, 1)] == ["one"]
    journey.wire.fault("slack", SHARE, "drop_before")
    await journey.on_x("@acme look", handle="ben", pictures=[journey.x.picture(JPEG, "two")])
    await journey.pass_(minutes=2)
    assert [file["title"] for file in files_in(journey, 2)] == ["two"]
    # The desk dies while Slack shows the file, and finds it there when it is back.
    before = [record for record in journey.wire.records if SHARE.endswith(record.path)]
    journey.wire.fault("slack", SHARE, "hang_after")
    journey.x.post("eve", "@acme look", pictures=[journey.x.picture(JPEG, "three")])
    going = asyncio.create_task(journey.pass_(seconds=30))
    while len(files_in(journey, 3) if len(journey.roots()) > 2 else ()) == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await journey.sandbox.bot.stop(seconds=0)
    going.cancel()
    journey.wire.clear_faults()
    await journey.restart()
    await journey.pass_(minutes=2)
    assert [file["title"] for file in files_in(journey, 3)] == ["three"]
    assert len([record for record in journey.wire.records if SHARE.endswith(record.path)]) == len(before) + 1


async def test_without_its_permission_the_links_do(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    assert journey.slack.scopes is not None
    journey.slack.scopes -= {"files:write"}
    await journey.on_x("@acme look", pictures=[journey.x.picture(JPEG)])
    await journey.pass_(minutes=1)
    assert "the bot lacks a permission" in "\n".join(journey.thread(1))
    await journey.types(ANA, "/reply 1 Thank you for the picture.")
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1
