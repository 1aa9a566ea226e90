"""Files at the Slack stand-in: handed over by the app, put into a form by a person, read with the bot's token."""

from __future__ import annotations

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from tests.platforms.test_sandbox_slack.ways import modal, refused

DATA = b"\xff\xd8\xff" + bytes(60)


async def hand_over(client: AsyncWebClient, data: bytes = DATA, said: int | None = None) -> tuple[str, int]:
    asked = await client.files_getUploadURLExternal(filename="cup.jpg", length=said or len(data), alt_txt="A cup")
    async with aiohttp.ClientSession() as session, session.post(asked["upload_url"], data=data) as answer:
        return str(asked["file_id"]), answer.status


async def test_a_file_is_handed_over_in_three_steps_and_shown_once(slack: Slack, client: AsyncWebClient) -> None:
    top = (await client.chat_postMessage(channel="C0DESK", text="#1"))["ts"]
    file, status = await hand_over(client)
    assert status == 200 and slack.replies("C0DESK", top) == []
    told = [{"id": file, "title": "The cup"}]
    await client.files_completeUploadExternal(files=told, channel_id="C0DESK", thread_ts=top)
    (message,) = slack.replies("C0DESK", top)
    assert [(one["id"], one["title"], one["alt_txt"]) for one in message["files"]] == [(file, "The cup", "A cup")]
    again = await refused(client.files_completeUploadExternal(files=told, channel_id="C0DESK", thread_ts=top))
    assert again["error"] == "invalid_arguments"
    await client.files_delete(file=file)
    assert slack.replies("C0DESK", top) == []
    assert (await refused(client.files_info(file=file)))["error"] == "file_deleted"


async def test_bytes_that_are_not_those_announced_are_not_taken(slack: Slack, client: AsyncWebClient) -> None:
    file, status = await hand_over(client, said=10)
    assert status == 400
    told = [{"id": file, "title": None}]
    no = await refused(client.files_completeUploadExternal(files=told, channel_id="C0DESK"))
    assert no["error"] == "file_not_found"


async def test_a_persons_file_is_read_with_the_bots_token_alone(slack: Slack, client: AsyncWebClient) -> None:
    file = slack.upload("U0ANA", "cup.jpg", DATA)
    about = (await client.files_info(file=file["id"]))["file"]
    assert (about["size"], about["mimetype"]) == (len(DATA), "image/jpeg")
    async with aiohttp.ClientSession() as session:
        for token, status in (("xoxb-sandbox", 200), ("xoxb-other", 302)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(about["url_private"], headers=headers, allow_redirects=False) as answer:
                assert answer.status == status
    assert (await refused(client.files_delete(file=file["id"])))["error"] == "cant_delete_file"


async def test_a_form_takes_so_many_files_of_these_kinds(slack: Slack, client: AsyncWebClient) -> None:
    element = {"type": "file_input", "action_id": "picked", "filetypes": ["jpg", "png"], "max_files": 1}
    block = {"type": "input", "block_id": "files", "label": {"type": "plain_text", "text": "Files"}, "element": element}
    view = slack.open_view("U0ANA", modal(block)).body
    cup, bill = slack.upload("U0ANA", "cup.jpg", DATA), slack.upload("U0ANA", "bill.pdf", DATA)
    for files, why in (([bill], "bill.pdf isn't a supported file type."), ([cup, cup], "Choose at most 1 files.")):
        reply = await slack.submit("U0ANA", view["id"], {"files": {"picked": files}})
        assert reply.response == {"errors": {"files": why}}
