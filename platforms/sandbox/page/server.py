"""The page's server: one person's view of the sandbox, live over a WebSocket, and what they do in it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import secrets
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from platforms.sandbox.page.columns import columns
from platforms.sandbox.page.steps import Steps
from platforms.sandbox.page.trouble import TROUBLES, Trouble
from platforms.sandbox.slack.files import MIMES
from platforms.sandbox.wire import Record, serve

HERE = Path(__file__).resolve().parent
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NEWEST = 200
"""How many messages of a channel, requests and frames the page is given at once."""
PAUSE = 0.03
"""Real seconds in which changes gather before they are sent together."""
COLUMN_PAUSE = 0.15
OUR_HOSTS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
JUMPS = (("+1 minute", 60), ("+15 minutes", 900), ("+1 hour", 3600))

Body = Mapping[str, Any]


class Clock(Protocol):
    """What the page needs of the story clock; `rate` is story seconds per real second, 0 when it stands.

    A clock may also have `places()`: (label, instant) pairs worth jumping to.
    """

    @property
    def rate(self) -> float: ...
    @property
    def state(self) -> str: ...
    def now(self) -> datetime: ...
    def play(self, rate: float) -> Any: ...
    def pause(self) -> Any: ...
    async def jump(self, to: datetime) -> Any: ...


class Mistake(Exception):
    """Something that the page was asked for and cannot do; its text is shown as it is."""


class Viewer:
    """One open browser window, seen through the eyes of `user`."""

    def __init__(self, socket: web.WebSocketResponse, user: str) -> None:
        self.socket = socket
        self.user = user
        self.waiting: list[dict[str, Any]] = []
        self.told: dict[str, str] = {}
        self.wake = asyncio.Event()

    def push(self, change: dict[str, Any]) -> None:
        self.waiting.append(change)
        self.wake.set()

    def push_if_new(self, name: str, change: dict[str, Any]) -> None:
        """Push a whole part of the page, unless it is what was pushed last under that name."""
        said = dumps(change)
        if self.told.get(name) != said:
            self.told[name] = said
            self.push(change)


class Page:
    """The sandbox in a browser; `await page.start()`, then `page.url`.

    `world` holds the stand-ins (slack, x, graph, wire), `clock` the story time. The page changes nothing by itself:
    all it does is what a person at it asked for.
    """

    def __init__(self, world: Any, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.url = ""
        self.run = secrets.token_hex(4)
        self.steps = Steps(world)
        self.trouble = Trouble(world.wire)
        self._viewers: set[Viewer] = set()
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._frames = 0
        self._unacked: set[int] = set()
        self._columns_due = False
        self._jumping = ""

    # --- life ---

    async def start(self, port: int = 8765, host: str = "127.0.0.1") -> None:
        """Listen on `host`; port 0 takes a free one. Raises OSError where the port is taken."""
        app = web.Application(middlewares=[_only_from_here], client_max_size=64 * 2**20)
        app.router.add_get("/", self._front)
        app.router.add_get("/live", self._live)
        app.router.add_get("/thread/{channel}/{ts}", self._thread)
        app.router.add_get("/wire/{seq}", self._record)
        app.router.add_get("/frame/{seq}", self._frame)
        app.router.add_post("/do/{what}", self._do)
        app.router.add_get("/hung/{file}", self._hung)
        app.router.add_get("/{name}", self._file)
        self._runner, taken = await serve(app, host, port)
        self.url = f"http://{host}:{taken}"
        self.world.slack.listeners.append(self._slack_changed)
        self.world.x.listeners.append(self._customers_changed)
        self.world.graph.listeners.append(self._customers_changed)
        self.world.wire.listeners.append(self._wire_changed)
        self._spawn(self._beat())

    async def stop(self) -> None:
        """Stop listening and let go of every window."""
        for listeners, mine in (
            (self.world.slack.listeners, self._slack_changed),
            (self.world.x.listeners, self._customers_changed),
            (self.world.graph.listeners, self._customers_changed),
            (self.world.wire.listeners, self._wire_changed),
        ):
            if mine in listeners:
                listeners.remove(mine)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for viewer in list(self._viewers):
            with contextlib.suppress(ConnectionError, RuntimeError):
                await viewer.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- files ---

    async def _front(self, request: web.Request) -> web.StreamResponse:
        return _sent("index.html")

    async def _hung(self, request: web.Request) -> web.StreamResponse:
        """A picture that stands in a thread."""
        file = self.world.slack.files.get(request.match_info["file"])
        mime = MIMES.get(file.name.rpartition(".")[2].lower(), "") if file is not None else ""
        if file is None or file.deleted or not file.data or not mime.startswith("image/"):
            raise web.HTTPNotFound
        return web.Response(body=file.data, content_type=mime, headers={"X-Content-Type-Options": "nosniff"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "favicon.ico":
            return web.Response(status=204)
        if Path(name).suffix not in KINDS or name not in {path.name for path in HERE.iterdir()}:
            raise web.HTTPNotFound(text="There is no such file in the sandbox page.")
        return _sent(name)

    # --- live ---

    async def _live(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=30.0, compress=False)
        await socket.prepare(request)
        people = self._people()
        asked = request.query.get("user", "")
        viewer = Viewer(socket, asked if asked in people else next(iter(people), ""))
        self._viewers.add(viewer)
        self._greet(viewer)
        sender = self._spawn(self._send(viewer))
        try:
            async for message in socket:
                if message.type != WSMsgType.TEXT:
                    continue
                said = json.loads(message.data)
                if said.get("as") in people:
                    viewer.user = said["as"]
                    viewer.told.clear()
                    viewer.waiting.clear()
                    self._greet(viewer)
        finally:
            self._viewers.discard(viewer)
            sender.cancel()
        return socket

    async def _send(self, viewer: Viewer) -> None:
        while True:
            await viewer.wake.wait()
            await asyncio.sleep(PAUSE)
            viewer.wake.clear()
            batch, viewer.waiting = viewer.waiting, []
            if batch:
                with contextlib.suppress(ConnectionError):
                    await viewer.socket.send_str(dumps(batch))

    def _greet(self, viewer: Viewer) -> None:
        """Everything, for a window that has just been opened or has changed its person."""
        slack = self.world.slack
        wire = self.world.wire
        viewer.push(
            {
                "type": "hello",
                "run": self.run,
                "me": viewer.user,
                "people": self._people(everybody=True),
                "acting": list(self._people()),
                "groups": {
                    key: {"handle": group["handle"], "users": group["users"]} for key, group in slack.usergroups.items()
                },
                "channels": [self._channel(key, viewer.user) for key in self._channels(viewer.user)],
                "commands": [
                    {"name": one.name, "usage": one.usage_hint, "about": one.description} for one in slack.commands
                ],
                "account": {
                    "x": self.world.x.me.username,
                    "graph": self.world.graph.me.name,
                    "bot": slack.bot_user,
                },
                "troubles": {name: [list(one) for one in TROUBLES[name]] for name in TROUBLES},
                "clock": self._clock(),
                "columns": columns(self.world),
                "ephemerals": slack.ephemerals(viewer.user),
                "views": slack.open_views(viewer.user),
                "home": slack.home(viewer.user),
                "shortcuts": slack.shortcuts,
                "wire": [_summary(record) for record in wire.records[-NEWEST:]],
                "frames": [_frame_summary(at, slack.frames[at]) for at in self._newest_frames()],
                "steps": self.steps.now(),
                "trouble": self.trouble.now(),
            }
        )

    async def _beat(self) -> None:
        """Once a real second: the clock, and what no listener tells."""
        while True:
            self._tell_frames()
            trouble = self.trouble.now()
            steps = self.steps.now()
            for viewer in self._viewers:
                viewer.push({"type": "clock", "clock": self._clock()})
                viewer.push_if_new("trouble", {"type": "trouble", "trouble": trouble})
                viewer.push_if_new("steps", {"type": "steps", "steps": steps})
            await asyncio.sleep(1.0)

    def _slack_changed(self, change: dict[str, Any]) -> None:
        kind = change["type"]
        user = change.get("user")
        channel = change.get("channel", "")
        self.steps.slack(change)
        for viewer in self._viewers:
            if kind in ("message", "changed", "deleted"):
                message = change["message"]
                if message.get("is_ephemeral"):
                    if user == viewer.user:
                        self._push_ephemerals(viewer)
                elif channel in self._channels(viewer.user):
                    self._push_message(viewer, kind, channel, message)
            elif kind == "ephemeral" and user == viewer.user:
                self._push_ephemerals(viewer)
            elif kind in ("view", "view_closed") and user == viewer.user:
                views = self.world.slack.open_views(viewer.user)
                viewer.push({"type": "views", "views": views, "home": self.world.slack.home(viewer.user)})
            elif kind == "topic":
                viewer.push({"type": "topic", "channel": channel, "topic": self.world.slack.topic(channel)})
            elif kind == "archived":
                viewer.push({"type": "archived", "channel": channel})
        self._soon_columns()

    def _push_message(self, viewer: Viewer, kind: str, channel: str, message: dict[str, Any]) -> None:
        slack = self.world.slack
        now = slack.message(channel, message["ts"])
        viewer.push(
            {"type": "message", "channel": channel, "message": now or message, "gone": now is None, "how": kind}
        )
        thread = message.get("thread_ts")
        if thread and thread != message["ts"]:
            root = slack.message(channel, thread)
            if root is not None:
                viewer.push({"type": "message", "channel": channel, "message": root, "gone": False, "how": "thread"})

    def _push_ephemerals(self, viewer: Viewer) -> None:
        viewer.push({"type": "ephemerals", "ephemerals": self.world.slack.ephemerals(viewer.user)})

    def _customers_changed(self, change: dict[str, Any]) -> None:
        self._soon_columns()

    def _soon_columns(self) -> None:
        if not self._columns_due and self._viewers:
            self._columns_due = True
            self._spawn(self._send_columns())

    async def _send_columns(self) -> None:
        await asyncio.sleep(COLUMN_PAUSE)
        self._columns_due = False
        now = columns(self.world)
        steps = self.steps.now()
        for viewer in self._viewers:
            viewer.push_if_new("columns", {"type": "columns", "columns": now})
            viewer.push_if_new("steps", {"type": "steps", "steps": steps})

    def _wire_changed(self, record: Record) -> None:
        summary = _summary(record)
        self._tell_frames()
        for viewer in self._viewers:
            viewer.push({"type": "wire", "record": summary})

    def _newest_frames(self) -> range:
        count = len(self.world.slack.frames)
        return range(max(0, count - NEWEST), count)

    def _tell_frames(self) -> None:
        """Socket frames have no listener: tell what is new, and the acks that have come meanwhile."""
        frames = self.world.slack.frames
        changed = list(range(self._frames, len(frames)))
        self._frames = len(frames)
        for at in list(self._unacked):
            if frames[at]["ack_ms"] is not None or at < self._frames - NEWEST:
                self._unacked.discard(at)
                changed.append(at)
        self._unacked.update(
            at for at in changed if frames[at]["ack_ms"] is None and frames[at]["envelope_id"] and at < len(frames)
        )
        for viewer in self._viewers:
            for at in changed[-NEWEST:]:
                viewer.push({"type": "frame", "frame": _frame_summary(at, frames[at])})

    # --- what there is ---

    def _people(self, everybody: bool = False) -> dict[str, dict[str, Any]]:
        """Those whom one may be at the page: members of an agents' group; with `everybody` all people and the bot."""
        slack = self.world.slack
        groups = slack.usergroups.values()
        out: dict[str, dict[str, Any]] = {}
        for key, user in slack.users.items():
            mine = [group["handle"] for group in groups if key in group["users"]]
            if not everybody and not mine:
                continue
            out[key] = {
                "id": key,
                "handle": user["name"],
                "name": user["real_name"],
                "short": user["profile"]["display_name"] or user["profile"]["first_name"] or user["real_name"],
                "zone": user["tz"],
                "bot": bool(user["is_bot"]),
                "role": "lead" if any("lead" in one for one in mine) else "agent" if mine else "colleague",
            }
        return out

    def _channels(self, user: str) -> list[str]:
        return [key for key, one in self.world.slack.channels.items() if user in one.members and one.kind != "im"] + [
            key for key, one in self.world.slack.channels.items() if user in one.members and one.kind == "im"
        ]

    def _channel(self, key: str, user: str) -> dict[str, Any]:
        slack = self.world.slack
        place = slack.channels[key]
        messages = slack.messages(key)
        replies = [reply for message in messages[-NEWEST:] for reply in slack.replies(key, message["ts"])]
        return {
            "id": key,
            "name": place.name if place.kind != "im" else "Frontdesk",
            "kind": place.kind,
            "topic": slack.topic(key),
            "archived": place.archived,
            "members": len(place.members),
            "older": max(0, len(messages) - NEWEST),
            "messages": messages[-NEWEST:],
            "reply_marks": [[one["ts"], one["thread_ts"], _calls(one)] for one in replies],
        }

    def _clock(self) -> dict[str, Any]:
        places = getattr(self.clock, "places", None)
        now = self.clock.now()
        jumps: list[dict[str, Any]] = [{"label": label, "seconds": seconds} for label, seconds in JUMPS]
        for label, at in sorted(places(), key=lambda place: place[1]) if callable(places) else ():
            if at > now and not label.startswith("+"):  # how far from now is the page's own
                said = label.removeprefix("to ")
                jumps.append({"label": said[:1].upper() + said[1:], "at": at.astimezone(UTC).isoformat()})
        return {
            "now": now.astimezone(UTC).isoformat(),
            "rate": self.clock.rate,
            "state": self._jumping or self.clock.state,
            "jumping": bool(self._jumping),
            "jumps": jumps,
        }

    async def _thread(self, request: web.Request) -> web.StreamResponse:
        channel, ts = request.match_info["channel"], request.match_info["ts"]
        slack = self.world.slack
        if slack.message(channel, ts) is None:
            raise web.HTTPNotFound(text="There is no such message.")
        return _json({"root": slack.message(channel, ts), "replies": slack.replies(channel, ts)})

    async def _record(self, request: web.Request) -> web.StreamResponse:
        records = self.world.wire.records
        seq = int(request.match_info["seq"]) if request.match_info["seq"].isdigit() else -1
        if not 0 <= seq < len(records):
            raise web.HTTPNotFound(text="There is no such request.")
        return _json({**records[seq].as_json(), "fault": records[seq].fault})

    async def _frame(self, request: web.Request) -> web.StreamResponse:
        frames = self.world.slack.frames
        seq = int(request.match_info["seq"]) if request.match_info["seq"].isdigit() else -1
        if not 0 <= seq < len(frames):
            raise web.HTTPNotFound(text="There is no such frame.")
        return _json(frames[seq])

    # --- what a person does ---

    async def _do(self, request: web.Request) -> web.StreamResponse:
        what = request.match_info["what"]
        action = getattr(self, f"_do_{what}", None)
        if action is None:
            raise web.HTTPNotFound(text="The page has no such action.")
        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise Mistake("The page sent something that is not an object.")
            said = await action(body)
        except Mistake as why:
            said = {"ok": False, "error": str(why)}
        except (KeyError, LookupError) as why:
            said = {"ok": False, "error": f"That is not there (any more): {why}"}
        except ValueError as why:
            said = {"ok": False, "error": str(why)}
        self._tell_frames()
        return _json(said)

    async def _do_command(self, body: Body) -> dict[str, Any]:
        slack = self.world.slack
        reply = await slack.command(
            body["user"], body["channel"], self._escaped(body["text"]), thread_ts=body.get("thread_ts") or None
        )
        return _reply(reply, quiet=True)

    async def _do_say(self, body: Body) -> dict[str, Any]:
        text = self._escaped(body["text"])
        ts = await self.world.slack.say(body["user"], body["channel"], text, thread_ts=body.get("thread_ts") or None)
        return {"ok": True, "ts": ts}

    async def _do_press(self, body: Body) -> dict[str, Any]:
        slack = self.world.slack
        if view := body.get("view"):
            if body.get("selected") is None:
                reply = await slack.press_in_view(body["user"], view, body["action_id"], value=body.get("value"))
            else:
                reply = await slack.type_in_view(
                    body["user"], view, body["block_id"], body["action_id"], body["selected"]
                )
            return _reply(reply)
        reply = await slack.press(
            body["user"],
            body["channel"],
            body["ts"],
            body["action_id"],
            value=body.get("value"),
            block_id=body.get("block_id"),
            selected=body.get("selected"),
        )
        return _reply(reply)

    async def _do_type(self, body: Body) -> dict[str, Any]:
        reply = await self.world.slack.type_in_view(
            body["user"], body["view"], body["block_id"], body["action_id"], body["value"]
        )
        return {**_reply(reply), "quiet": True}

    async def _do_submit(self, body: Body) -> dict[str, Any]:
        values = body["values"]
        for fields in values.values():
            for action, value in fields.items():
                if isinstance(value, list) and value and isinstance(value[0], dict) and "data" in value[0]:
                    taken = [(one["name"], base64.b64decode(one["data"])) for one in value]
                    fields[action] = [self.world.slack.upload(body["user"], *one) for one in taken]
        reply = await self.world.slack.submit(body["user"], body["view"], values)
        return _reply(reply, quiet=True)

    async def _do_close(self, body: Body) -> dict[str, Any]:
        return _reply(await self.world.slack.close_view(body["user"], body["view"]), quiet=True)

    async def _do_dismiss(self, body: Body) -> dict[str, Any]:
        return {"ok": self.world.slack.dismiss(body["user"], body["ts"])}

    async def _do_react(self, body: Body) -> dict[str, Any]:
        remove = bool(body.get("remove"))
        await self.world.slack.react(body["user"], body["channel"], body["ts"], body["name"], remove=remove)
        return {"ok": True}

    async def _do_shortcut(self, body: Body) -> dict[str, Any]:
        slack = self.world.slack
        return _reply(await slack.shortcut(body["user"], body["channel"], body["ts"], body["callback_id"]))

    async def _do_home(self, body: Body) -> dict[str, Any]:
        await self.world.slack.open_home(body["user"])
        return {"ok": True}

    async def _do_write(self, body: Body) -> dict[str, Any]:
        """A customer writes: `place` is x, x_direct, facebook or messenger."""
        text = str(body["text"]).strip()
        name = str(body["name"]).strip()
        if not text:
            raise Mistake("An empty message cannot be posted. Write something first.")
        if not name:
            raise Mistake("Who writes? Choose a customer, or type a name.")
        x, graph = self.world.x, self.world.graph
        on = body.get("on") or None
        place = body["place"]
        if place in ("x", "x_direct"):
            handle = _handle(name, x)
            x.add_person(handle, name)
            made = x.post(handle, text, reply_to=on) if place == "x" else x.direct(handle, text)
        elif place == "facebook":
            person = graph.add_person(name)
            made = graph.visitor_post(person, text) if on is None else graph.comment(person, text, on=on)
        elif place == "messenger":
            made = graph.message(graph.add_person(name), text)
        else:
            raise Mistake(f"There is no place called {place}.")
        self.steps.wrote(place, made, name, goes_on=on is not None)
        self._soon_columns()
        return {"ok": True, "id": made}

    async def _do_delete(self, body: Body) -> dict[str, Any]:
        """A customer takes a post or a comment back."""
        (self.world.x if body["place"] == "x" else self.world.graph).delete(body["id"])
        self._soon_columns()
        return {"ok": True}

    async def _do_fault(self, body: Body) -> dict[str, Any]:
        """Turn one kind of trouble of a network on or off."""
        self.trouble.turn(body["network"], body["kind"], bool(body["on"]), self.clock.now())
        now = self.trouble.now()
        for viewer in self._viewers:
            viewer.push_if_new("trouble", {"type": "trouble", "trouble": now})
        return {"ok": True}

    async def _do_clock(self, body: Body) -> dict[str, Any]:
        """`{"play": 60}`, `{"pause": true}`, `{"jump": "2026-…"}` or `{"jump": 900}` (story seconds from now)."""
        if self._jumping:
            raise Mistake("The clock is on its way. One jump at a time.")
        if body.get("pause"):
            await _done(self.clock.pause())
        elif "play" in body:
            await _done(self.clock.play(float(body["play"])))
        elif "jump" in body:
            now = self.clock.now()
            jump = body["jump"]
            to = now + timedelta(seconds=jump) if isinstance(jump, int | float) else datetime.fromisoformat(str(jump))
            if to.tzinfo is None:
                raise Mistake("A time needs its zone.")
            if to < now:
                raise Mistake("The clock only goes forward.")
            await self._jump(to)
        self._tell_clock()
        return {"ok": True, "clock": self._clock()}

    async def _jump(self, to: datetime) -> None:
        self._jumping = "jumping"
        self._tell_clock()
        try:
            await self.clock.jump(to)
        except Exception as why:  # what a clock may raise is its own; the visitor reads why, and the page goes on
            raise Mistake(f"The clock could not go there: {why}") from why
        finally:
            self._jumping = ""
            self._tell_clock()
            self._soon_columns()

    def _tell_clock(self) -> None:
        now = self._clock()
        for viewer in self._viewers:
            viewer.push({"type": "clock", "clock": now})

    def _escaped(self, typed: str) -> str:
        """What a person typed, in Slack's form: `& < >` escaped, and @Name and #channel turned into their tokens."""
        text = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        slack = self.world.slack
        names: dict[str, str] = {}
        for key, user in slack.users.items():
            profile = user["profile"]
            for name in (user["real_name"], profile["display_name"], user["name"]):
                if name:
                    names.setdefault(f"@{name.lower()}", f"<@{key}>")
        for key, group in slack.usergroups.items():
            names.setdefault(f"@{group['handle'].lower()}", f"<!subteam^{key}>")
        for key, place in slack.channels.items():
            if place.kind != "im":
                names.setdefault(f"#{place.name.lower()}", f"<#{key}|{place.name}>")
        words = sorted(map(re.escape, names), key=len, reverse=True)
        pattern = re.compile(rf"(?<![\w&;])({'|'.join(words)})(?![\w-])", re.IGNORECASE)
        return pattern.sub(lambda found: names[found[1].lower()], text)


# --- small things ---


@web.middleware
async def _only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Another web site in the same browser can neither read the sandbox nor press anything in it."""
    origin = request.headers.get("Origin")
    if not OUR_HOSTS.fullmatch(request.host) or (origin is not None and origin != f"http://{request.host}"):
        return web.Response(status=403, text="The sandbox answers only its own page.")
    return await handler(request)


def _sent(name: str) -> web.Response:
    path = HERE / name
    return web.Response(
        body=path.read_bytes(),
        content_type=KINDS[path.suffix],
        charset="utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws:; style-src 'self' 'unsafe-inline'",
        },
    )


def dumps(value: Any) -> str:
    """JSON with instants in ISO form."""
    return json.dumps(value, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _json(value: Any) -> web.Response:
    return web.Response(text=dumps(value), content_type="application/json", headers={"Cache-Control": "no-store"})


def _reply(reply: Any, quiet: bool = False) -> dict[str, Any]:
    if reply is None:
        return {"ok": True}
    return {"ok": reply.ok, "error": reply.error, "response": reply.response, "quiet": quiet}


def _summary(record: Record) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "at": record.at,
        "to": record.to,
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "ms": record.ms,
        "fault": record.fault,
        "refused": isinstance(record.response, dict) and record.response.get("ok") is False,
    }


def _frame_summary(at: int, frame: Mapping[str, Any]) -> dict[str, Any]:
    payload = frame.get("payload")
    what = ""
    if isinstance(payload, dict):
        inner = payload.get("payload") if isinstance(payload.get("payload"), dict) else payload
        if isinstance(inner, dict):
            actions = inner.get("actions") or [{}]
            event = inner.get("event") or {}
            what = str(
                inner.get("command")
                or (event.get("type") if isinstance(event, dict) else "")
                or actions[0].get("action_id")
                or (inner.get("type") if inner.get("type") != frame["type"] else "")
                or inner.get("response_action")
                or ""
            )
    return {
        "seq": at,
        "at": frame["at"],
        "direction": frame["direction"],
        "type": frame["type"],
        "what": what,
        "envelope": frame["envelope_id"],
        "ms": frame["ack_ms"],
    }


def _calls(message: Mapping[str, Any]) -> list[str]:
    """Ids of the people and groups that a message mentions."""
    said = dumps([message.get("text", ""), message.get("blocks", [])])
    return sorted({user or group for user, group in re.findall(r"<@(U\w+)|<!subteam\^(S\w+)", said)})


def _handle(name: str, x: Any) -> str:
    """The X handle of a customer by name: who is known keeps theirs, "Maria Silva" becomes maria_silva."""
    for person in x.shelf.people.values():
        if name.lstrip("@").casefold() in (person.name.casefold(), person.username.casefold()) and person is not x.me:
            return str(person.username)
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"\W+", "_", letters).strip("_")
    return plain[:15].lower() or f"customer_{sum(map(ord, name)) % 1000}"


async def _done(what: Any) -> None:
    """Wait for it where it is something to wait for."""
    if asyncio.iscoroutine(what) or isinstance(what, asyncio.Future):
        await what
