"""The pretend world as a whole: its company, and its control door in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.world import World
from tests.platforms.test_sandbox_slack.ways import Story

ROOT = Path(__file__).resolve().parents[3]


async def test_the_company_has_its_people_channels_and_groups(story: Story) -> None:
    world = World(story)
    await world.start()
    client = AsyncWebClient("xoxb-sandbox", base_url=world.slack.url, retry_handlers=[])
    groups = {one["handle"]: one["users"] for one in (await client.usergroups_list(include_users=True))["usergroups"]}
    assert groups == {"frontdesk-agents": ["U0ANA", "U0BEN", "U0LEE"], "frontdesk-leads": ["U0LEE"]}
    channels = {one["id"]: one["is_member"] for one in (await client.conversations_list())["channels"]}
    assert channels == {"C0DESK": True, "C0LEADS": True, "C0PRACTICE": True, "C0RANDOM": True}
    zones = {one["id"]: one["tz"] for one in (await client.users_list())["members"]}
    assert (zones["U0ANA"], zones["U0BEN"], zones["U0LEE"]) == ("Europe/Lisbon", "America/New_York", "Asia/Manila")
    assert world.busy() is None and world.wire.unexpected == []
    assert world.x.url.startswith("http://127.0.0.1:") and world.graph.url.startswith("http://127.0.0.1:")
    await world.stop()


async def test_another_process_can_do_all_that_python_can() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "platforms.sandbox", "--with-parent", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        where = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        async with aiohttp.ClientSession() as session:

            async def call(method: str, target: str = "slack", **args: Any) -> Any:
                asked = {"target": target, "method": method, "args": args}
                async with session.post(where["control"] + "call", json=asked) as answer:
                    return await answer.json()

            client = AsyncWebClient("xoxb-sandbox", base_url=where["slack"], session=session, retry_handlers=[])
            app = AsyncApp(client=client, process_before_response=True)

            @app.command("/claim")
            async def claim(ack: Any) -> None:
                await ack("Yours.")

            handler = AsyncSocketModeHandler(app, "xapp-sandbox")
            await handler.connect_async()
            answer = await call("command", user="U0ANA", channel="C0DESK", text="/claim 1")
            assert answer["ok"] and answer["result"]["response"] == {"text": "Yours."}
            await handler.close_async()
            await client.chat_postMessage(channel="C0DESK", text="Good morning")
            assert [one["text"] for one in (await call("messages", channel="C0DESK"))["result"]] == ["Good morning"]
            assert (await call("strict_rates", value=False))["result"] is False
            assert (await call("strict_rates"))["result"] is False
            assert (await call("fault", "wire", to="slack", match="*auth.test", action="drop_before"))["ok"]
            post = await call("post", "x", username="maria", text="@acme hello")
            assert post["ok"] and int(post["result"]) > 0
            person = (await call("add_person", "graph", name="Maria Lopes"))["result"]
            assert (await call("message", "graph", person=person, text="hello"))["ok"]
            assert not (await call("_tokens"))["ok"] and not (await call("stop"))["ok"]
            assert "KeyError" in (await call("messages", channel="C0NONE"))["error"]
            async with session.get(where["control"] + "records") as records:
                paths = [one["path"] for one in (await records.json())["records"]]
            assert "/api/chat.postMessage" in paths and not [one for one in paths if "control" in one]
    finally:
        process.terminate()
        assert await process.wait() == 0
