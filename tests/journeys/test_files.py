"""Pictures and files: a customer's in the thread, as links or as files; an agent's to the customer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from platforms.slack import ids
from tests.journeys.conftest import ANA, DESK, Journey, words_of
from tests.journeys.test_forms import opens, view_of

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
    journey.x.direct("dana", "privately", pictures=[journey.x.picture(JPEG, "The bill", url="https://ton.x.com/a.jpg")])
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


async def test_a_matter_that_moves_takes_its_pictures_along(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    await journey.on_x("@acme my cup came")
    post = await journey.on_x("@acme in two", pictures=[journey.x.picture(JPEG, "A broken cup")])
    await journey.pass_(seconds=10)
    (file,) = files_in(journey, 2)
    await journey.types(ANA, "/merge 2 into 1")
    await journey.pass_(minutes=1)
    assert files_in(journey, 2) == [] and journey.slack.files[file["id"]].deleted
    assert [one["title"] for one in files_in(journey, 1)] == ["A broken cup"]
    await journey.types(ANA, "/split 2")
    await journey.pass_(minutes=1)
    assert files_in(journey, 1) == [] and [one["title"] for one in files_in(journey, 2)] == ["A broken cup"]
    journey.x.delete(post)
    await journey.pass_(hours=7)
    assert files_in(journey, 2) == [] and all(one.deleted for one in journey.slack.files.values())


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


@pytest.mark.looks_every(6)
async def test_a_picture_that_slack_is_slow_to_show_stands_once_and_goes_when_it_is_taken_back(
    journey: Journey,
) -> None:
    await journey.owner_sets(slack={"media": "files"})
    journey.wire.fault("slack", SHARE, "drop_after", lag=40)
    await journey.on_x("@acme look", pictures=[journey.x.picture(JPEG, "one")])
    await journey.pass_(minutes=2)
    assert [file["title"] for file in files_in(journey, 1)] == ["one"]
    journey.wire.fault("slack", SHARE, "drop_after", lag=40)
    comment = journey.graph.comment("Zuzana M.", "Mine, too", on=journey.graph.page_post("Our autumn blend is back."))
    journey.graph.attach(comment, journey.graph.picture(JPEG))
    await journey.pass_(seconds=20)
    journey.graph.delete(comment)
    await journey.pass_(minutes=5)
    assert files_in(journey, 2) == [] and [one.deleted for one in journey.slack.files.values()].count(False) == 1


async def test_a_picture_that_the_customer_puts_in_the_place_of_another_does_so_in_slack(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    comment = journey.graph.comment("Zuzana M.", "Mine, too", on=journey.graph.page_post("Our autumn blend is back."))
    journey.graph.attach(comment, journey.graph.picture(JPEG))
    await journey.pass_(seconds=50)
    (first,) = files_in(journey, 1)
    for other in (JPEG + b"2", JPEG + b"3"):
        journey.graph.things[comment].pictures[:] = [journey.graph.picture(other)]
        journey.graph.edit(comment, f"Mine, too: {len(journey.graph.stored)}")
        await journey.pass_(minutes=2)
        assert [journey.slack.files[file["id"]].data for file in files_in(journey, 1)] == [other]
    assert journey.slack.files[first["id"]].deleted
    journey.graph.things[comment].pictures.clear()
    journey.graph.edit(comment, "Never mind the picture")
    await journey.pass_(minutes=2)
    assert files_in(journey, 1) == [] and all(one.deleted for one in journey.slack.files.values())


async def test_without_their_permissions_links_and_words_do(journey: Journey) -> None:
    await journey.owner_sets(slack={"media": "files"})
    assert journey.slack.scopes is not None
    journey.slack.scopes -= {"files:write", "files:read"}
    await journey.on_x("@acme look", pictures=[journey.x.picture(JPEG)])
    await journey.pass_(minutes=1)
    assert "the bot lacks a permission" in "\n".join(journey.thread(1))
    form = await opens(journey)
    assert ids.FILES_BLOCK not in [block["block_id"] for block in form["blocks"]]
    await journey.slack.submit(ANA, form["id"], {ids.TEXT_BLOCK: {ids.TEXT_INPUT: "Thank you for the picture."}})
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1


# an agent's, to the customer

MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(300)
UPLOAD, POST = "POST /1.1/media/upload.json", "POST /2/tweets"


async def answers(
    journey: Journey, text: str, *files: tuple[str, bytes], shows: str = "", way: str = "", **more: Any
) -> Any:
    """Ana sends the open form with files from her computer."""
    picked = [journey.slack.upload(ANA, name, data, **more) for name, data in files]
    fields: dict[str, dict[str, Any]] = {
        ids.TEXT_BLOCK: {ids.TEXT_INPUT: text},
        ids.FILES_BLOCK: {ids.FILES_INPUT: picked},
    }
    if shows:
        fields[ids.ALT_BLOCK] = {ids.ALT_INPUT: shows}
    if way:
        fields[ids.WAY_BLOCK] = {ids.WAY_INPUT: way}
    reply = await journey.slack.submit(ANA, view_of(journey)["id"], fields)
    await journey.pass_(seconds=2)
    return reply


def uploads(journey: Journey, path: str = "/1.1/media/upload.json") -> int:
    return len([record for record in journey.wire.records if record.path.endswith(path)])


async def test_an_agents_pictures_go_out_with_the_answer_on_x(journey: Journey) -> None:
    await journey.on_x("@acme how do I open it?")
    await opens(journey)
    reply = await answers(journey, "Like this.", ("a.jpg", JPEG), ("b.png", PNG), shows="The lid\nThe *hinge*")
    assert reply.ok, reply
    line = words_of(journey.in_thread(1, "Like this."))
    assert "a.jpg" in line and "“The *hinge*”" in line and "with a.jpg, b.png" in journey.only_for(ANA)[-1]
    assert uploads(journey) == 0  # nothing goes out before its time
    await journey.pass_(seconds=15)
    (post,) = journey.published
    assert [one["alt"] for one in post["pictures"]] == ["The lid", "The *hinge*"]
    assert post["text"] == "Like this. – Ana" and "Published" in words_of(journey.in_thread(1, "Like this."))
    # Taken back while it waits, nothing is handed over; in a direct message one goes along.
    journey.x.direct("dana", "And where is the bill?")
    await journey.pass_(minutes=3)
    await journey.presses(ANA, 2, "reply")
    await answers(journey, "Here.", ("bill.png", PNG), shows="The bill")
    await journey.presses_in(ANA, DESK, "Going out privately", "undo")
    await journey.pass_(seconds=20)
    assert uploads(journey) == 2 and journey.x.sent_directs == []
    await journey.presses(ANA, 2, "reply")
    await answers(journey, "Here it is.", ("bill.png", PNG), shows="The bill")
    await journey.pass_(seconds=15)
    assert [(one["text"], one["pictures"][0]["alt"]) for one in journey.x.sent_directs] == [
        ("Here it is. – Ana", "The bill")
    ]


async def test_what_a_platform_does_not_take_is_refused_before_anything_is_written(journey: Journey) -> None:
    await journey.on_x("@acme how do I open it?")
    await opens(journey)
    for files, shows, why in (
        ([("big.jpg", JPEG + bytes(5_000_000))], "", "big.jpg is too large for an answer in public on X: 5 MB of 5 MB"),
        ([("a.gif", b"GIF89a" + bytes(9)), ("b.png", PNG)], "", "a.gif moves, so it goes alone in public on X."),
        ([("a.png", PNG)], "x" * 1001, "1001 of 1000 characters"),
    ):
        reply = await answers(journey, "Like this.", *files, shows=shows)
        assert why in reply.response["errors"][ids.TEXT_BLOCK], reply.response
    reply = await answers(journey, "Like this.", ("manual.pdf", b"%PDF-1.7"))
    assert reply.response["errors"] == {ids.FILES_BLOCK: "manual.pdf isn't a supported file type."}  # Slack itself
    assert view_of(journey)["state"]["values"][ids.TEXT_BLOCK][ids.TEXT_INPUT]["value"] == "Like this."
    # What only pretends to be a picture, or is not kept in Slack, is seen on the way: the text is kept.
    await answers(journey, "Like this.", ("a.png", b"MZ" + bytes(50)), shows="The lid")
    await journey.pass_(seconds=15)
    assert "a.png is not what its name says" in "\n".join(journey.thread(1)) and journey.published == []
    await journey.presses_in(ANA, DESK, "did not go out", "send_again")
    await journey.pass_(seconds=15)
    assert journey.published == []  # looked at again, and as little a picture as before
    await opens(journey)
    await answers(journey, "Or this.", ("a.png", PNG), private_url=f"{journey.x.url}/files-pri/a.png")
    await journey.pass_(seconds=15)
    assert "The file is not kept in Slack itself" in "\n".join(journey.thread(1)) and journey.published == []
    assert not [record for record in journey.wire.to("x") if "files-pri" in record.path]


async def test_a_lost_answer_while_a_picture_is_handed_over_publishes_once(journey: Journey) -> None:
    await journey.on_x("@acme how do I open it?")
    await opens(journey)
    journey.wire.fault("x", UPLOAD, "drop_after")
    await answers(journey, "Like this.", ("a.jpg", JPEG), shows="The lid")
    await journey.pass_(minutes=2)
    assert uploads(journey) == 2 and [len(post["pictures"]) for post in journey.published] == [1]
    # A lost answer to the post itself: looked for, and found.
    journey.wire.fault("x", POST, "drop_after")
    await opens(journey)
    await answers(journey, "Or like that.", ("b.jpg", JPEG))
    await journey.pass_(minutes=2)
    assert [post["text"] for post in journey.published] == ["Like this. – Ana", "Or like that. – Ana"]
    assert "Published" in words_of(journey.in_thread(1, "Or like that."))
    # The desk stops between the two: the picture is there, the answer goes out once.
    await opens(journey)
    journey.wire.fault("x", POST, "status", status=429, headers={"x-rate-limit-reset": "0"})
    await answers(journey, "Third.", ("c.jpg", JPEG))
    await journey.pass_(seconds=15)
    handed = uploads(journey)
    await journey.restart()
    await journey.pass_(minutes=3)
    assert uploads(journey) == handed == 4 and len(journey.published) == 3


async def test_in_messenger_a_file_follows_the_words_and_below_a_comment_goes_a_photo(journey: Journey) -> None:
    await journey.message("How does it work?")
    await opens(journey)
    journey.wire.fault("graph", "POST */message_attachments", "drop_after")
    await answers(journey, "See the video.", ("how.mp4", MP4), ("manual.pdf", b"%PDF-1.7 " + bytes(90)))
    await journey.pass_(minutes=2)
    sent = [(one["text"], "picture" in one) for one in journey.graph.published]
    assert sent == [("See the video. – Ana", False), ("", True), ("", True)]
    assert "Published" in words_of(journey.in_thread(1, "See the video."))
    # A lost answer to a file's own message is looked for, and found.
    await journey.presses(ANA, 1, "reply")
    journey.wire.fault("graph", "POST */me/messages", "drop_after", after=1)
    await answers(journey, "And a picture.", ("a.jpg", JPEG))
    await journey.pass_(minutes=2)
    assert len(journey.graph.published) == 5 and "Published" in words_of(journey.in_thread(1, "And a picture."))
    await journey.comment("Which colour?")
    await journey.presses(ANA, 2, "reply")
    await answers(journey, "This one.", ("red.jpg", JPEG), shows="A red cup")
    await journey.pass_(seconds=15)
    assert (journey.graph.published[-1]["text"], journey.graph.published[-1]["alt"]) == ("This one. – Ana", "A red cup")
    # The one private answer to a comment takes words only, and says so.
    await journey.comment("And a big one?", person="Olga")
    await journey.presses(ANA, 3, "private")
    assert ids.FILES_BLOCK not in [block["block_id"] for block in view_of(journey)["blocks"]]


async def test_files_stay_with_an_answer_that_is_split_or_sent_anyway(journey: Journey) -> None:
    await journey.on_x("@acme how do I open it?")
    await opens(journey)
    await answers(journey, "Turn the lid. " * 30, ("a.jpg", JPEG))
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    await journey.pass_(minutes=1)
    assert [len(post["pictures"]) for post in journey.published][:2] == [1, 0]
    await journey.presses(ANA, 1, "reply")
    await answers(journey, "We guarantee it 100 % for ever, call +49 30 1234567", ("b.jpg", JPEG))
    await answers(journey, "We guarantee it 100 % for ever, call +49 30 1234567", ("b.jpg", JPEG))
    await journey.pass_(seconds=15)
    assert len(journey.published[-1]["pictures"]) == 1 and "for ever" in journey.published[-1]["text"]
