"""A desk small enough to read at once, and a clock to go with it, so that the page can be tried without the real bot.

It talks to the stand-ins through slack_sdk and tweepy as the real one does, and posts cards of the same kinds.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import requests
import tweepy
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from platforms.rebase import Rebase
from platforms.sandbox.world import World

START = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
HOLD = timedelta(seconds=10)
TARGET = timedelta(minutes=15)
WARNING = timedelta(minutes=5)
DESK, LEADS = "C0DESK", "C0LEADS"


class LittleClock:
    """Story time that can be played, stopped and moved on; what is due on the way is done in its order."""

    def __init__(self, start: datetime = START) -> None:
        self.rate = 1.0
        self._base = start
        self._since = time.monotonic()
        self._due: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        self._count = itertools.count()
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> str:
        return "playing" if self.rate else "paused"

    def now(self) -> datetime:
        return self._base + timedelta(seconds=(time.monotonic() - self._since) * self.rate)

    def play(self, rate: float) -> None:
        self._base, self._since, self.rate = self.now(), time.monotonic(), rate

    def pause(self) -> None:
        self.play(0.0)

    def places(self) -> list[tuple[str, datetime]]:
        return [
            ("Closing time", datetime(2026, 11, 24, 18, 0, tzinfo=UTC)),
            ("Next opening", datetime(2026, 11, 25, 9, 0, tzinfo=UTC)),
            ("Friday 17:55", datetime(2026, 11, 27, 17, 55, tzinfo=UTC)),
            ("A holiday: Christmas Day", datetime(2026, 12, 25, 10, 0, tzinfo=UTC)),
            ("The night the clocks go forward", datetime(2027, 3, 28, 0, 50, tzinfo=UTC)),
        ]

    def at(self, when: datetime, work: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._due, (when, next(self._count), work))

    async def jump(self, to: datetime) -> None:
        rate = self.rate
        self.pause()
        while self._due and self._due[0][0] <= to:
            when, _, work = heapq.heappop(self._due)
            self._base = max(self._base, when)
            await work()
        self._base = to
        self.play(rate)

    async def run(self) -> None:
        while True:
            while self._due and self._due[0][0] <= self.now():
                await heapq.heappop(self._due)[2]()
            await asyncio.sleep(0.02)


@dataclass
class Matter:
    """One inquiry of the little desk."""

    number: int
    network: str
    conversation: str
    newest: str
    name: str
    words: str
    due: datetime
    root: str = ""
    assignee: str = ""
    state: str = "new"
    link: str = ""
    held: dict[str, Any] = field(default_factory=dict)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}


def words(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def quote(text: str) -> dict[str, Any]:
    part = {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [part]}


def button(action: str, label: str, value: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": plain(label), "value": value, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def when(at: datetime, pattern: str = "{date_short_pretty} at {time}") -> str:
    return f"<!date^{int(at.timestamp())}^{pattern}|{at:%d %b %H:%M} UTC>"


class LittleDesk:
    """Receives, claims, answers and warns; enough for every part of the page."""

    def __init__(self, world: World, clock: LittleClock) -> None:
        self.world = world
        self.clock = clock
        self.matters: dict[int, Matter] = {}
        self.slack = AsyncWebClient(token="xoxb-sandbox", base_url=world.slack.url)
        self.socket = SocketModeClient(app_token="xapp-sandbox", web_client=self.slack)
        self.socket.socket_mode_request_listeners.append(self._heard)  # type: ignore[arg-type]
        self.x = tweepy.Client(**world.x.tokens)
        self.x.session = requests.Session()
        Rebase("https://api.twitter.com", world.x.url, timeouts=(1.0, 2.0)).mount(self.x.session)
        self.queue: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self.tasks: list[asyncio.Task[Any]] = []

    async def start(self) -> None:
        names = ("claim", "reply", "private", "done", "hours", "desk")
        about = {
            "claim": ("[number]", "Take an inquiry; without a number, the most urgent one"),
            "reply": ("number [your answer]", "Answer in public; you have 10 seconds to undo"),
            "private": ("number your answer", "Answer in a private message"),
            "done": ("number [why]", "Close an inquiry"),
            "hours": ("[today|week|set …]", "When the desk is open"),
            "desk": ("[queue|show|help …]", "Everything else"),
        }
        self.world.slack.install(
            {
                "display_information": {"name": "Frontdesk"},
                "features": {
                    "bot_user": {"display_name": "Frontdesk", "always_online": True},
                    "slash_commands": [
                        {
                            "command": f"/{name}",
                            "usage_hint": about[name][0],
                            "description": about[name][1],
                            "should_escape": True,
                        }
                        for name in names
                    ],
                    "app_home": {"home_tab_enabled": True},
                    "shortcuts": [
                        {
                            "name": "Reply to customer",
                            "type": "message",
                            "callback_id": "reply",
                            "description": "Answer from here",
                        }
                    ],
                },
                "oauth_config": {
                    "scopes": {"bot": ["chat:write", "commands", "channels:history", "groups:history", "users:read"]}
                },
                "settings": {
                    "socket_mode_enabled": True,
                    "interactivity": {"is_enabled": True},
                    "event_subscriptions": {"bot_events": ["message.channels", "app_home_opened"]},
                },
            }
        )
        self.world.slack.strict_rates = False  # pacing is the real desk's business
        await self.socket.connect()
        self.world.x.listeners.append(self._on_x)
        self.world.graph.listeners.append(self._on_graph)
        self.tasks = [asyncio.create_task(self._work()), asyncio.create_task(self.clock.run())]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.socket.close()
        self.x.session.close()

    async def _work(self) -> None:
        while True:
            await (await self.queue.get())()

    # what customers write

    def _on_x(self, change: dict[str, Any]) -> None:
        if change["type"] == "post":
            post = change["post"]
            who = f"{post['name']} (@{post['username']})"
            link = f"https://x.com/{post['username']}/status/{post['id']}"
            if "acme" in post["mentions"]:
                self.queue.put_nowait(
                    lambda: self.receive("X", post["conversation_id"], post["id"], who, post["text"], link)
                )

    def _on_graph(self, change: dict[str, Any]) -> None:
        if change["type"] == "message":
            self.queue.put_nowait(
                lambda: self.receive("Messenger", change["person"], change["id"], change["name"], change["text"], "")
            )
        elif change["type"] in ("comment", "post"):
            link = f"https://www.facebook.com/{change['id']}"
            self.queue.put_nowait(
                lambda: self.receive("Facebook", change["id"], change["id"], change["author"], change["text"], link)
            )

    async def receive(self, network: str, conversation: str, id: str, name: str, text: str, link: str) -> None:
        for old in self.matters.values():
            if (old.network, old.conversation) == (network, conversation):
                old.newest = id
                await self.slack.chat_postMessage(
                    channel=DESK,
                    thread_ts=old.root,
                    text=f"{name} wrote again",
                    blocks=[words(f":speech_balloon: *{name}* wrote again"), quote(text)],
                    metadata=self._metadata(old.number, id),
                    unfurl_links=False,
                )
                return
        number = len(self.matters) + 1
        one = Matter(number, network, conversation, id, name, text, self.clock.now() + TARGET, link=link)
        self.matters[number] = one
        said = await self.slack.chat_postMessage(
            channel=DESK,
            text=f"#{number} {network}: {name}",
            blocks=self.card(one),
            metadata=self._metadata(number, id),
            unfurl_links=False,
        )
        one.root = said["ts"]
        self.clock.at(one.due - WARNING, lambda: self.warn(one))
        self.clock.at(one.due, lambda: self.breach(one))

    def _metadata(self, number: int, id: str) -> dict[str, Any]:
        payload = {"op_id": f"op-{id}", "inquiry": number, "message_id": id}
        return {"event_type": "frontdesk", "event_payload": payload}

    def card(self, one: Matter) -> list[dict[str, Any]]:
        sign = {"X": ":bird:", "Facebook": ":blue_heart:", "Messenger": ":speech_balloon:"}[one.network]
        shown = f"<{one.link}|{one.name}>" if one.link else one.name
        number = str(one.number)
        state = f"*OPEN* · first reply due {when(one.due)}"
        if one.assignee:
            state = f":large_blue_circle: *CLAIMED* by <@{one.assignee}> · first reply due {when(one.due)}"
        if one.state == "answered":
            state = f":white_check_mark: *ANSWERED* by <@{one.assignee}> · we wait for {one.name}"
        close = {
            "title": plain("Close without an answer?"),
            "text": plain(f"{one.name} has had no answer yet."),
            "confirm": plain("Close"),
            "deny": plain("Keep it open"),
            "style": "danger",
        }
        head = words(f"{sign} *#{number} · {one.network}* from {shown}\n{state}")
        head["accessory"] = {
            "type": "overflow",
            "action_id": "more",
            "options": [
                {"text": plain("Mark as spam"), "value": "spam"},
                {"text": plain("History"), "value": "history"},
            ],
        }
        buttons = [
            button("claim", "Claim", number, style="primary")
            if not one.assignee
            else button("release", "Release", number),
            button("reply", "Reply…", number),
            button("done", "Close", number, style="danger", confirm=close),
        ]
        if one.link:
            buttons.append(button("open", f"Open on {one.network}", number, url=one.link))
        hint = f"`/claim {number}` here · `!reply your words` in the thread · plain thread talk stays internal"
        context = {"type": "context", "elements": [{"type": "mrkdwn", "text": hint}]}
        return [head, quote(one.words), actions(*buttons), context]

    async def redraw(self, one: Matter) -> None:
        await self.slack.chat_update(channel=DESK, ts=one.root, text=f"#{one.number}", blocks=self.card(one))

    async def warn(self, one: Matter) -> None:
        if one.state == "answered":
            return
        whom = f"<@{one.assignee}>" if one.assignee else "<!subteam^S0AGENTS>"
        await self.slack.chat_postMessage(
            channel=DESK,
            thread_ts=one.root,
            reply_broadcast=True,
            text=f"5 minutes left on #{one.number}",
            blocks=[
                words(
                    f":hourglass_flowing_sand: {whom} *5 minutes left* on #{one.number}, due {when(one.due, '{time}')}"
                )
            ],
        )

    async def breach(self, one: Matter) -> None:
        if one.state == "answered":
            return
        pick = {"type": "users_select", "action_id": "assign", "placeholder": plain(f"Assign #{one.number} to…")}
        sentence = (
            f":rotating_light: <!subteam^S0LEADS> *#{one.number} missed its first reply* · {one.network} · {one.name}"
        )
        await self.slack.chat_postMessage(
            channel=LEADS,
            text=f"#{one.number} is late",
            blocks=[
                words(sentence),
                {"type": "actions", "elements": [pick, button("ack", "I'm on it", str(one.number))]},
            ],
        )

    # what agents do

    async def _heard(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        payload = request.payload
        answer: dict[str, Any] | None = None
        if request.type == "slash_commands":
            answer = await self._command(payload)
        elif payload.get("type") == "block_actions":
            await self._pressed(payload)
        elif payload.get("type") == "view_submission":
            answer = await self._submitted(payload)
        elif payload.get("type") == "message_action":
            await self.open_reply(next(iter(self.matters.values())), payload["trigger_id"])
        elif request.type == "events_api" and payload["event"]["type"] == "app_home_opened":
            user = payload["event"]["user"]
            blocks = [words(f"The page of <@{user}>"), actions(button("claim", "Claim", "1"))]
            await self.slack.views_publish(user_id=user, view={"type": "home", "blocks": blocks})
        elif request.type == "events_api":
            event = payload["event"]
            text = event.get("text", "")
            found = [one for one in self.matters.values() if one.root == event.get("thread_ts")]
            if found and text.startswith("!reply ") and "bot_id" not in event:
                self.hold(found[0], event["user"], text.removeprefix("!reply "))
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))

    async def _command(self, payload: dict[str, Any]) -> dict[str, Any]:
        number, _, text = payload["text"].partition(" ")
        one = self.matters.get(int(number)) if number.isdigit() else None
        if one is None:
            return {"text": f"No inquiry {number or '(no number)'}. Type `{payload['command']} 1` with its number."}
        if payload["command"] == "/claim":
            await self.claim(one, payload["user_id"])
            return {"text": f"#{one.number} is yours. First reply due {when(one.due, '{time}')}."}
        if payload["command"] == "/reply" and text:
            return self.hold(one, payload["user_id"], text)
        await self.open_reply(one, payload["trigger_id"])
        return {}

    async def claim(self, one: Matter, user: str) -> None:
        one.assignee = user
        await self.redraw(one)

    def hold(self, one: Matter, user: str, text: str) -> dict[str, Any]:
        one.assignee = one.assignee or user
        one.held = {"text": text, "user": user}
        mine = one.held
        self.clock.at(self.clock.now() + HOLD, lambda: self.publish(one, mine))
        number = str(one.number)
        ask = actions(button("undo", "Undo", number), button("send_now", "Send now", number, style="primary"))
        sentence = f"Going out to {one.name} in 10 s. {len(text)}/280"
        return {"text": sentence, "blocks": [words(sentence), quote(text), ask]}

    async def open_reply(self, one: Matter, trigger: str) -> None:
        await self.slack.views_open(trigger_id=trigger, view=self.reply_view(one, 0))

    def reply_view(self, one: Matter, length: int) -> dict[str, Any]:
        counter = f"*{length}/280* · {one.network} · public · as @acme"
        kinds = [
            {"text": plain("In public"), "value": "public", "description": plain("Everybody can read it")},
            {"text": plain("In private"), "value": "private", "description": plain(f"Only {one.name} can read it")},
        ]
        return {
            "type": "modal",
            "callback_id": "reply",
            "private_metadata": f'{{"inquiry": {one.number}}}',
            "title": plain(f"Reply to #{one.number}"),
            "submit": plain("Send"),
            "close": plain("Cancel"),
            "blocks": [
                quote(one.words),
                {
                    "type": "input",
                    "block_id": "text",
                    "label": plain("Your answer"),
                    "dispatch_action": True,
                    "element": {
                        "type": "plain_text_input",
                        "action_id": "text",
                        "multiline": True,
                        "focus_on_load": True,
                        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
                    },
                },
                {"type": "context", "block_id": "count", "elements": [{"type": "mrkdwn", "text": counter}]},
                {
                    "type": "input",
                    "block_id": "how",
                    "label": plain("Who can read it?"),
                    "element": {
                        "type": "radio_buttons",
                        "action_id": "how",
                        "options": kinds,
                        "initial_option": kinds[0],
                    },
                },
            ],
        }

    async def _pressed(self, payload: dict[str, Any]) -> None:
        action = payload["actions"][0]
        view = payload.get("view")
        if view is not None and view["type"] == "modal":
            one = self._of_view(view)
            await self.slack.views_update(view_id=view["id"], view=self.reply_view(one, len(action.get("value") or "")))
            return
        one = self.matters.get(int(action.get("value") or 1))
        if one is None:
            return
        user = payload["user"]["id"]
        if action["action_id"] == "claim":
            await self.claim(one, user)
        elif action["action_id"] == "release":
            await self.claim(one, "")
        elif action["action_id"] == "reply":
            await self.open_reply(one, payload["trigger_id"])
        elif action["action_id"] in ("undo", "send_now"):
            held, one.held = one.held, {}
            said = "Taken back. Nothing was sent." if action["action_id"] == "undo" else "Sent."
            async with aiohttp.ClientSession() as session:
                await session.post(payload["response_url"], json={"replace_original": True, "text": said})
            if action["action_id"] == "send_now":
                one.held = held
                self.clock.at(self.clock.now(), lambda: self.publish(one, held))

    def _of_view(self, view: dict[str, Any]) -> Matter:
        return self.matters[int(view["private_metadata"].split(":")[1].strip(" }"))]

    async def _submitted(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        view = payload["view"]
        text = view["state"]["values"]["text"]["text"]["value"]
        if len(text) > 280:
            over = f"{len(text)}/280: {len(text) - 280} too many for X. Shorten it, or answer in private."
            return {"response_action": "errors", "errors": {"text": over}}
        one = self._of_view(view)
        said = self.hold(one, payload["user"]["id"], text)
        await self.slack.chat_postEphemeral(
            channel=DESK, user=payload["user"]["id"], text=said["text"], blocks=said["blocks"]
        )
        return None

    async def publish(self, one: Matter, held: dict[str, Any]) -> None:
        if one.held is not held or not held:
            return
        one.held = {}
        why = ""
        try:
            if one.network == "X":
                text, target = held["text"], one.newest
                await asyncio.to_thread(self.x.create_tweet, text=text, in_reply_to_tweet_id=target, user_auth=True)
            else:
                await self._tell_graph(one, held["text"])
        except tweepy.HTTPException as error:
            why = f"{one.network} said {error.response.status_code}: {'; '.join(error.api_messages) or 'no reason'}"
        except (requests.RequestException, aiohttp.ClientError) as error:
            why = f"{one.network} did not answer ({type(error).__name__})"
        if why:
            sentence = f":red_circle: *Not sent.* {why}. The text is kept."
            blocks = [
                words(sentence),
                {"type": "actions", "elements": [button("send_again", "Send again", str(one.number))]},
            ]
        else:
            one.state = "answered"
            sentence = f":white_check_mark: Sent to {one.name} by <@{held['user']}>."
            blocks = [words(sentence), quote(held["text"])]
        with contextlib.suppress(aiohttp.ClientError):
            await self.slack.chat_postMessage(channel=DESK, thread_ts=one.root, text=sentence, blocks=blocks)
            await self.redraw(one)

    async def _tell_graph(self, one: Matter, text: str) -> None:
        base = f"{self.world.graph.url}/v23.0"
        data: dict[str, Any] = {"access_token": self.world.graph.token}
        url = f"{base}/{one.newest}/comments"
        if one.network == "Messenger":
            url = f"{base}/me/messages"
            data |= {"recipient": {"id": one.conversation}, "message": {"text": text}, "messaging_type": "RESPONSE"}
        else:
            data |= {"message": text}
        async with aiohttp.ClientSession() as session, session.post(url, json=data) as answer:
            answer.raise_for_status()
