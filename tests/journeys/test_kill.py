"""The real process, killed where it hurts: after the restart the customer has one answer, the thread its receipt."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.manifest import manifest
from tests.journeys.process import Bot, Outside, outside, until

ANA = "U0ANA"
UPLOAD = "/1.1/media/upload.json"
PICTURE = {"base64": b64encode(b"\xff\xd8\xff\xe0" + bytes(400)).decode()}
POST = "POST /2/tweets"


@pytest.fixture
async def world() -> AsyncIterator[Outside]:
    async with outside() as standing:
        yield standing


@pytest.fixture
async def bot(world: Outside, tmp_path: Path) -> AsyncIterator[Bot]:
    """The bot beside its stand-ins; not started yet."""
    process = Bot(world, tmp_path)
    try:
        yield process
    finally:
        await process.put_down()


async def asked(world: Outside, bot: Bot) -> None:
    """A customer's post stands in Slack as #1."""
    await world.call("x", "add_person", username="maria_k", name="Maria K.")
    await world.call("x", "post", username="maria_k", text="@acme my parcel is stuck")
    await bot.start()
    await until(world.threads)


async def attempts(world: Outside) -> int:
    return len(await world.records("POST", "/2/tweets"))


async def answered_once(world: Outside) -> None:
    """The closing audit: one post, one attempt that was taken, one thread, one receipt in it."""

    async def receipt() -> bool:
        return "*Published* in public on X" in await world.thread()

    await until(receipt)
    assert await world.published() == ["It comes tomorrow. – Ana"]
    thread = await world.thread()
    assert thread.count("*Published* in public on X") == 1
    assert "https://x.com/acme/status/" in thread
    assert len(await world.threads()) == 1


async def test_killed_right_after_the_answer_was_accepted(world: Outside, bot: Bot) -> None:
    await asked(world, bot)
    assert "Going out" in await world.types(ANA, "/reply 1 It comes tomorrow.")
    await bot.kill()
    assert await world.published() == []
    await bot.start()
    await answered_once(world)
    assert await attempts(world) == 1


async def test_killed_while_the_platform_has_not_answered(world: Outside, bot: Bot) -> None:
    await asked(world, bot)
    await world.fault("x", POST, "hang", seconds=60)
    await world.types(ANA, "/reply 1 It comes tomorrow.")

    async def begun() -> bool:
        return await attempts(world) == 1

    await until(begun)
    await bot.kill()
    await bot.start()

    async def in_doubt() -> bool:
        return "I don't know whether this went out; checking…" in await world.thread()

    await until(in_doubt)
    looks = await world.records("GET", "/2/users/1000/tweets")
    assert len(looks) >= 2
    assert await attempts(world) == 1, "never a second time unasked"
    assert await world.published() == []


async def test_killed_after_the_platform_took_it_and_before_we_heard(world: Outside, bot: Bot) -> None:
    await asked(world, bot)
    await world.fault("x", POST, "drop_after")
    await world.fault("x", "GET /2/users/*/tweets", "status", times=None, status=503, body="")
    await world.types(ANA, "/reply 1 It comes tomorrow.")
    await until(world.published)
    await bot.kill()
    await world.call("wire", "clear_faults")
    await bot.start()
    await answered_once(world)
    assert await attempts(world) == 1


async def test_killed_while_the_thread_is_being_posted(world: Outside, bot: Bot) -> None:
    await world.call("x", "add_person", username="maria_k", name="Maria K.")
    await world.call("x", "post", username="maria_k", text="@acme my parcel is stuck")
    await world.fault("slack", "POST /api/chat.postMessage", "drop_after")
    await world.fault("slack", "* /api/conversations.history", "status", times=None, status=503, body="")
    await bot.start()
    await until(world.threads)
    await bot.kill()
    await world.call("wire", "clear_faults")
    await bot.start()
    assert "Going out" in await world.types(ANA, "/reply 1 It comes tomorrow.")
    await answered_once(world)


async def test_killed_between_the_hand_over_of_a_picture_and_the_post_that_shows_it(world: Outside, bot: Bot) -> None:
    """A customer's picture is handed to Slack and not shown there yet; an agent's to X, and not posted yet."""
    await world.call("slack", "install", manifest=manifest(all_verbs=True, files=True))
    text = bot.config.read_text("utf-8").replace('channel = "C0DESK"\n', 'channel = "C0DESK"\nmedia = "files"\n', 1)
    bot.config.write_text(text, encoding="utf-8")
    await world.call("x", "add_person", username="maria_k", name="Maria K.")
    cup = await world.call("x", "picture", data=PICTURE, alt="A broken cup")
    await world.call("x", "post", username="maria_k", text="@acme look what came", pictures=[cup])
    bot.die_at("CP4", "file:1:*")
    await bot.spawn()
    await bot.died("CP4", "file:1:0:0")
    (root,) = await world.threads()

    async def shown() -> list[str]:
        replies = await world.call("slack", "replies", channel="C0DESK", thread_ts=root["ts"])
        return [file["title"] for message in replies for file in message.get("files", ())]

    assert await shown() == []
    await bot.start()
    await until(shown)
    await world.types(ANA, "/reply 1")
    (form,) = await world.call("slack", "open_views", user=ANA)
    lid = await world.call("slack", "upload", user=ANA, name="lid.jpg", data=PICTURE)
    bot.die_at("CP4", "reply:1:*")
    fields = {"text": {"typed": "It comes tomorrow."}, "files": {"picked": [lid]}}
    await world.call("slack", "submit", user=ANA, view_id=form["id"], values=fields)
    await bot.died("CP4", "reply:1:1:1")
    assert len(await world.records("POST", UPLOAD)) == 1 and await world.published() == []
    await bot.start()
    await answered_once(world)
    assert await attempts(world) == 1 and len(await world.records("POST", UPLOAD)) == 1
    (post,) = await world.call("x", "published")
    assert len(post["pictures"]) == 1 and await shown() == ["A broken cup"]


async def test_sigterm_while_the_platform_hangs_parks_the_answer_and_ends_within_ten_seconds(
    world: Outside, bot: Bot
) -> None:
    await world.call("x", "add_person", username="jonas_b", name="Jonas B.")
    await world.call("x", "post", username="jonas_b", text="@acme and mine?")
    await asked(world, bot)
    await world.fault("x", POST, "hang", seconds=60)

    async def both() -> bool:
        return len(await world.threads()) == 2

    async def begun() -> bool:
        return await attempts(world) == 1

    await until(both)
    await world.types(ANA, "/reply 1 It comes tomorrow.")
    await until(begun)
    await world.types(ANA, "/reply 2 Yours, too.")
    began = time.monotonic()
    assert await bot.end() == 0
    assert time.monotonic() - began < 10
    assert "Traceback" not in bot.said()
    assert await attempts(world) == 1, "what falls due while it stops is left for the next start"


async def test_a_second_process_on_the_same_store_names_the_first_and_leaves_it_alone(
    world: Outside, bot: Bot, tmp_path: Path
) -> None:
    await asked(world, bot)
    assert bot.process is not None
    second = Bot(world, tmp_path)
    second.log = tmp_path / "second"
    try:
        await second.spawn()
        assert await second.gone() == 3
        assert str(bot.process.pid) in second.said()
        assert "Traceback" not in second.said()
    finally:
        await second.put_down()
    await world.types(ANA, "/reply 1 It comes tomorrow.")
    await answered_once(world)
    began = time.monotonic()
    assert await bot.end() == 0, "SIGTERM ends the first one well"
    assert time.monotonic() - began < 5
    assert "Traceback" not in bot.said()


async def test_a_start_while_slack_is_away_or_rate_limited_waits_for_it(world: Outside, bot: Bot) -> None:
    await world.fault("slack", "POST /api/auth.test", "status", status=503)
    await world.fault("slack", "POST /api/auth.test", "status", status=429, headers={"Retry-After": "2"})
    await asked(world, bot)
    assert [one["status"] for one in await world.records("POST", "/api/auth.test")][:3] == [503, 429, 200]
    assert bot.said().count("not started: Slack does not answer as it should") == 2
    assert "rate limit" in bot.said() and "trying again in 2 s" in bot.said()
    assert "Traceback" not in bot.said()


@pytest.mark.parametrize("wrong", [{"FRONTDESK_SLACK_BOT_TOKEN": "xoxb-no"}, {"FRONTDESK_SLACK_APP_TOKEN": "xapp-no"}])
async def test_a_wrong_token_is_a_sentence_and_exit_code_2(world: Outside, bot: Bot, wrong: dict[str, Any]) -> None:
    await bot.spawn(**wrong)
    assert await bot.gone() == 2
    (name,) = wrong
    assert "token" in bot.said()
    assert "doctor" in bot.said()
    assert wrong[name] not in bot.said()
    assert "Traceback" not in bot.said()
