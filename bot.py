"""Start here: read the configuration, build the desk, open its doors, run. Nothing imports this file."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (a sentence instead of a traceback, on any old Python)
    sys.stderr.write("Frontdesk needs Python 3.11 or newer; this is {}.{}. ".format(*sys.version_info))
    sys.stderr.write("Install a newer one, then run: make setup\n")
    sys.exit(2)

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

try:
    import aiohttp
    from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp

    from config.logs import set_up
    from config.manifest import manifest
    from config.settings import CRASH_ORDERS, ConfigError, Settings, environment, load, parse
except ModuleNotFoundError as missing:
    print(f"A package is missing here: {missing.name}. Run: make setup, then .venv/bin/python bot.py", file=sys.stderr)
    sys.exit(2)

from desk import crash
from desk.clock import NotIdle, StoryClock, WallClock
from desk.desk import Desk
from desk.flows.deliver import recover, run_outbox
from desk.flows.inbox import Inbox
from desk.flows.office import SHOWN, as_configured, would_move
from desk.flows.poll import tight_promise
from desk.flows.sharing import watch_channels
from desk.model import catalogue
from desk.model.errors import Busy, OutsideError, Unauthorised, Unreachable
from desk.model.opening import present
from desk.model.week import format_week
from desk.model.words import bare
from desk.ports import Hook, Platform
from desk.store.errors import StoreBroken, StoreFull, StoreLocked, StoreNewer, StoreUnusable
from desk.store.look import copied
from desk.store.tiny import TinyStore
from handlers import register
from handlers.access import Access
from handlers.schedule.timetable import StoryDriver, start_scheduler, timetable
from handlers.web import Web
from platforms.directory import HttpDirectory
from platforms.facebook import FacebookPlatform
from platforms.facebook_webhook import FacebookWebhook
from platforms.languages import LangId
from platforms.slack.board import SlackBoard, is_shared
from platforms.slack.client import slack_client, socket_address
from platforms.slack.files import SlackFiles
from platforms.slack.people import SlackPeople
from platforms.x import XPlatform, XTokens
from platforms.x_webhook import XWebhook

log = logging.getLogger("frontdesk")
BOLTS_LOG = logging.getLogger("slack_bolt.desk")
"""A name of its own: Bolt prints whole payloads where it may speak freely, and `config/logs.py` does not let it."""

LINE_SECONDS = 2.0
"""So often it is looked whether Slack's line still stands; one that was cut without a word is new within twice that."""
WARM_AFTER = 20.0
"""Real seconds after the start at which what tells languages apart is loaded, unless it was needed before."""
START_AGAIN = 60.0
"""However long Slack is away, a start is tried again after so many seconds, unless Slack asks for more."""
WELL, FAILED, WRONG_USE, LOCKED, DAMAGED = 0, 1, 2, 3, 4
"""Exit codes: all well; ran and failed; wrong use or configuration; another process has the store; it is damaged."""


class Frontdesk:
    """One desk from the token to the thread. `written` counts what customers wrote at a stand-in (sandbox only)."""

    def __init__(
        self, settings: Settings, clock: WallClock | StoryClock, written: Callable[[str], int] | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.written = written
        self._stack = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[Any]] = []
        self.broken: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        """Set when a part of the desk that never ends has ended all the same."""

    def _keep_running(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("%s broke", task.get_name(), exc_info=error)
            if not self.broken.done():
                self.broken.set_result(error)

    async def start(self) -> None:
        """Build it in the order in which one would explain it. Raises what hinders: StoreLocked, Unauthorised …"""
        settings, clock, stack = self.settings, self.clock, self._stack
        # How it speaks.
        catalogue.use(settings.spoken)
        # What it remembers.
        self.store = TinyStore.open(settings.data_dir)
        stack.push_async_callback(self.store.close)
        self._keep_running(self.store.until_broken(), "the disk")
        # Slack: one session, one client; who we are there, and who works here.
        session = await stack.enter_async_context(aiohttp.ClientSession())
        token = _secret(settings.secrets.slack_bot_token)
        client = slack_client(token, settings.slack.base_url, session)
        self.board = SlackBoard(client, clock.now)
        me = await self.board.call(client.auth_test())
        self.board.team_url = str(me.get("url") or "")
        rules = settings.rules()
        self.people = SlackPeople(client, clock.now, rules.agents_group, rules.leads_group, str(me["team_id"]))
        await self.people.refresh()
        # The platforms where customers write.
        self.platforms = self.connect()
        for platform in self.platforms.values():
            stack.push_async_callback(platform.close)
            with contextlib.suppress(OutsideError):
                await platform.account()  # its looks say what is wrong, if something is
        # The desk itself, and what the last run left owed.
        self.desk = Desk(rules, clock, self.store, self.board, self.people, self.platforms)
        if settings.customers.lookup_url:
            self.desk.directory = HttpDirectory(
                settings.customers.lookup_url,
                _secret(settings.secrets.customers_token),
                session,
                settings.customers.lookup_seconds,
            )
        self.desk.files = SlackFiles(client, self.board.call, token, session)
        self.desk.languages = self.languages = LangId()
        stack.push_async_callback(self.languages.close)
        if isinstance(clock, WallClock):
            warm = asyncio.get_running_loop().call_later(WARM_AFTER, self.languages.warm)
            stack.callback(warm.cancel)
        await watch_channels(self.desk)
        await recover(self.desk)
        await as_configured(self.desk)
        self._keep_running(run_outbox(self.desk), "outbox")
        # The doors.
        signing_secret = _secret(settings.secrets.slack_signing_secret)
        by_http = settings.slack.door == "http"
        app = AsyncApp(
            client=client,
            process_before_response=True,
            name="frontdesk",
            logger=BOLTS_LOG,
            signing_secret=signing_secret if by_http else None,
        )
        access = Access(self.desk, team=str(me["team_id"]), bot_user=str(me["user_id"]))
        register(app, self.desk, access)
        if not by_http:
            app_token = _secret(settings.secrets.slack_app_token)
            self.socket = AsyncSocketModeHandler(app, app_token, ping_interval=LINE_SECONDS)
            self.socket.client.socket_mode_request_listeners.append(_acknowledged)
            self.socket.client.wss_uri = await socket_address(self.board.call, app_token)
            await self.socket.connect_async()
            stack.push_async_callback(self.socket.close_async)
        hooks = self.hooks()
        self.inbox = Inbox(self.desk, hooks)
        self._keep_running(self.inbox.run(), "inbox")
        if settings.web.enabled:
            self.web = Web(
                self.desk,
                self.inbox,
                app=app if by_http else None,
                signing_secret=signing_secret,
                hooks=hooks,
                more=self._trouble_outside,
            )
            await self.web.start(settings.web.host, settings.web.port)
            stack.push_async_callback(self.web.stop)
            log.info("listening: %s", self.web.url)
        # The clock.
        jobs = timetable(self.desk, self.people.keep_up, self._tidy, self.written)
        if isinstance(clock, StoryClock):
            clock.busy.append(self.busy)
            driver = StoryDriver(clock, self.desk, jobs)
            self._keep_running(driver.run(), "timetable")
        else:
            scheduler = start_scheduler(jobs, clock.now)
            stack.callback(scheduler.shutdown, wait=False)
        log.info("ready: %s", rules.name)

    def connect(self) -> dict[str, Platform]:
        """A connector for each platform that is switched on."""
        settings, secrets = self.settings, self.settings.secrets
        platforms: dict[str, Platform] = {}
        if settings.x.enabled:
            tokens = XTokens(
                bearer_token=_secret(secrets.x_bearer_token),
                consumer_key=_secret(secrets.x_consumer_key),
                consumer_secret=_secret(secrets.x_consumer_secret),
                access_token=_secret(secrets.x_access_token),
                access_token_secret=_secret(secrets.x_access_token_secret),
            )
            platforms["x"] = XPlatform(
                tokens,
                now=self.clock.now,
                base=settings.x.base_url,
                directs=settings.x.directs,
                counts=settings.reach.counts,
            )
        if settings.facebook.enabled:
            platforms["facebook"] = FacebookPlatform(
                token=_secret(secrets.facebook_page_token),
                app_secret=_secret(secrets.facebook_app_secret),
                now=self.clock.now,
                base=settings.facebook.base_url,
                version=settings.facebook.version,
                page_id=settings.facebook.page_id,
            )
        return platforms

    def hooks(self) -> dict[str, Hook]:
        """How the platforms that are switched on call us, where the owner wants that."""
        settings, secrets = self.settings, self.settings.secrets
        hooks: dict[str, Hook] = {}
        facebook = self.platforms.get("facebook")
        if settings.facebook.webhook and isinstance(facebook, FacebookPlatform):
            app_secret, word = _secret(secrets.facebook_app_secret), _secret(secrets.facebook_verify_token)
            hooks["facebook"] = FacebookWebhook(facebook, app_secret, word)
        if settings.x.webhook and "x" in self.platforms:
            hooks["x"] = XWebhook(_secret(secrets.x_consumer_secret))
        return hooks

    async def _trouble_outside(self) -> list[str]:
        """What only the process knows to be wrong, a sentence each."""
        wrong = []
        room = shutil.disk_usage(self.settings.data_dir).free // 2**20
        if room < LEAST_ROOM:
            wrong.append(f"Only {room:,} MB are free on the desk's disk.")
        if self.settings.slack.door == "socket" and not await self.socket.client.is_connected():
            wrong.append("Slack's connection is down; it is opened again by itself.")
        return wrong

    async def _tidy(self) -> None:
        await self.store.archive(self.clock.now() - self.settings.desk.reopen)

    def busy(self) -> str | None:
        """What is under way on our side, so that a story's clock may not jump; None when all is still."""
        if self.store.pending:
            return "the disk"
        if self.board.call.in_flight or self.people.call.in_flight:
            return "a call to Slack"
        if self.desk.directory is not None and self.desk.directory.in_flight:
            return "a customer is looked up"
        if self.languages.in_flight:
            return "a language is detected"
        if (reading := self.inbox.busy()) is not None:
            return reading
        for platform in self.platforms.values():
            if platform.in_flight:
                return f"a call to {platform.title}"
        if self.desk.running:
            return f"delivery of {next(iter(self.desk.running))}"
        return "the outbox looks" if self.desk.wake.is_set() else None

    async def stop(self, seconds: float = 8.0) -> None:
        """Begin nothing new, let what is being sent come to its end, for `seconds` of real time at most, then close
        everything. What is still under way then is *sending* on the disk, and looked for at the next start."""
        if hasattr(self, "desk"):
            self.desk.closing = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while self.desk.running:  # noqa: ASYNC110  (there is no event for "all are done")
                        await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()


def _secret(value: Any) -> str:
    return value.get_secret_value() if value is not None else ""


async def _acknowledged(client: Any, request: Any) -> None:
    crash.reached("CP10", str(request.payload.get("command") or request.type))


async def run(settings: Settings) -> int:
    """The real thing, until SIGTERM or Ctrl-C. Where Slack is away or asks us to wait, the start is tried again."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    stopping = asyncio.ensure_future(stop.wait())
    clock, tries = WallClock(), 0
    while not stop.is_set():
        frontdesk = Frontdesk(settings, clock)
        try:
            try:
                await frontdesk.start()
            except (Busy, Unreachable) as error:
                pause = start_again(error, tries, clock.now())
                why = error.why if isinstance(error, Busy) else error
            else:
                await asyncio.wait((stopping, frontdesk.broken), return_when=asyncio.FIRST_COMPLETED)
                if frontdesk.broken.done():
                    raise frontdesk.broken.result()
                return WELL
        finally:
            await frontdesk.stop()
        tries += 1
        log.warning("not started: Slack does not answer as it should (%s); trying again in %.0f s", why, pause)
        await asyncio.wait((stopping,), timeout=pause)
    return WELL


def start_again(error: Busy | Unreachable, tries: int, now: datetime) -> float:
    """Seconds until a start is tried again, after `tries` that failed before this one: 1, 2, 4 … 60, or what Slack
    asks for."""
    asked = (error.retry_at - now).total_seconds() if isinstance(error, Busy) else 0.0
    return max(asked, min(2.0 ** min(tries, 10), START_AGAIN))


# The sandbox: the same bot, with stand-ins of Slack, X and Facebook around it.


class Sandbox:
    """World, clock and bot in one process and loop, over real HTTP and WebSocket."""

    def __init__(
        self,
        start: datetime,
        folder: Path,
        *,
        form: str = "– {first}",
        poll: int = 6,
        patience: float = 30.0,
        door: str = "socket",
    ) -> None:
        from platforms.sandbox.world import World

        self.clock = StoryClock(start, patience=patience)
        self.world = World(self.clock.now)
        self.folder = folder
        self.form, self.poll, self.door = form, poll, door

    async def start(self) -> None:
        """Stand-ins first, then the bot that can't tell them from the real ones."""
        world = self.world
        await world.start()
        world.slack.install(manifest(all_verbs=True, reactions=True, topic=True, files=True))
        text = (Path(__file__).parent / "config" / "sandbox.toml").read_text("utf-8")
        text = text.format(
            slack=world.slack.url,
            x=world.x.url,
            graph=world.graph.url,
            form=self.form,
            poll=self.poll,
            signed="true" if self.form else "false",
            door=self.door,
            web="true" if self.door == "http" else "false",
        )
        tokens = world.x.tokens
        env = {
            "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-sandbox",
            "FRONTDESK_SLACK_APP_TOKEN": "xapp-sandbox",
            **{f"FRONTDESK_X_{name.upper()}": value for name, value in tokens.items()},
            "FRONTDESK_FACEBOOK_PAGE_TOKEN": "EAA-sandbox",
            "FRONTDESK_FACEBOOK_APP_SECRET": "sandbox-app-secret",
            "FRONTDESK_SLACK_SIGNING_SECRET": "sandbox-secret",
            "FRONTDESK_FACEBOOK_VERIFY_TOKEN": "sandbox-verify",
        }
        touched = {"x": lambda: world.x.touched, "facebook": lambda: world.graph.touched}
        settings = parse(text, env, name="sandbox", folder=self.folder)
        self.clock.busy.append(world.busy)
        self.bot = Frontdesk(settings, self.clock, lambda name: touched[name]())
        await self.bot.start()
        self._point()

    def _point(self) -> None:
        """Tell the stand-ins where the desk is, if they are to call it."""
        if self.door == "http":
            self.world.slack.deliver_to = f"{self.bot.web.url}/slack/events"
            self.world.graph.hooks.url = f"{self.bot.web.url}/facebook/webhook"

    async def stop(self) -> None:
        await self.bot.stop(seconds=2.0)
        await self.world.stop()

    async def restart(self) -> None:
        """The bot goes and comes back; the world has not moved."""
        await self.bot.stop(seconds=2.0)
        self.clock.busy[:] = [self.world.busy]
        self.clock.instants.clear()
        self.clock.on_stop.clear()
        self.bot = Frontdesk(self.bot.settings, self.clock, self.bot.written)
        await self.bot.start()
        self._point()


async def sandbox(arguments: argparse.Namespace) -> int:
    """The page in front of it, or a replay through it."""
    if arguments.replay is not None:
        return await replay(arguments)
    from platforms.sandbox.opening import Places, open_alive, opening_day
    from platforms.sandbox.page.server import Page

    with _folder(arguments.data) as folder:
        world = Sandbox(opening_day(WallClock().now()), folder)
        page = Page(world.world, Places(world.clock, lambda: world.bot.desk.rules.hours))
        try:
            await world.start()
            await open_alive(world.world, world.clock)
            await page.start(arguments.port)
            world.clock.play(1.0)
            print(f"Frontdesk's sandbox is open: {page.url}   (Ctrl-C ends it)", flush=True)
            await asyncio.Event().wait()
        finally:
            await page.stop()
            await world.stop()
    return WELL


async def replay(arguments: argparse.Namespace) -> int:
    """Play conversations through the whole bot, and count what was lost, doubled or misplaced."""
    import json

    from platforms.sandbox.replay import Player
    from platforms.sandbox.report import faultless, report, wire_lines

    rows = list(conversations(arguments.replay))
    first = min(datetime.fromisoformat(turn["created_at"]) for row in rows for turn in row["turns"])
    with _folder(arguments.data) as folder:
        sandbox = Sandbox(first - timedelta(minutes=2), folder, form="", poll=30)
        await sandbox.start()
        player = Player(sandbox.world, sandbox.clock, rows)
        sandbox.clock.busy.append(player.busy)
        playing = asyncio.create_task(player.run(), name="player")
        try:
            if not await sandbox.clock.run(until=lambda: over(player, playing)):
                player.give_up("nothing is to come, and turns still wait")
        except NotIdle as still:
            player.give_up(f"the clock could not go on: {still}")
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        counts = report(sandbox.world, rows, player)
        if player.gave_up:
            print(f"Ended early: {player.gave_up}", file=sys.stderr)
        await sandbox.stop()
    if arguments.record:
        _write(arguments.record, (f"{line}\n" for line in wire_lines(sandbox.world)))
    text = json.dumps(counts, indent=1)
    if arguments.report:
        _write(arguments.report, [f"{text}\n"])
    print(text)
    return WELL if faultless(counts) else FAILED


def _write(path: str, lines: Iterable[str]) -> None:
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(lines)


def over(player: Any, playing: "asyncio.Task[None]") -> bool:
    """Whether the replay is at its end, or nothing more can come of it."""
    if not playing.done() and (why := player.stalled()) is not None:
        player.give_up(why)
    return playing.done()


def conversations(path: str) -> list[dict[str, Any]]:
    """The rows of one file, or of all files of a folder; without a name, those that come with Frontdesk."""
    from platforms.sandbox.replay import read

    place = Path(path) if path else Path(__file__).parent / "tests" / "data" / "conversations"
    try:
        rows = read(place)
    except OSError as error:
        why = f"{error.filename} cannot be read: {error.strerror}."
    except ValueError as error:
        why = f"{place} is not in the form of one JSON object a line: {error}."
    else:
        if rows:
            return rows
        why = f"{place} holds no conversation."
    raise ConfigError([f"{why} Name a file with one conversation a line."])


@contextlib.contextmanager
def _folder(data: str | None) -> Iterator[Path]:
    """The folder that was named, or one that is gone afterwards."""
    if data is not None:
        Path(data).mkdir(parents=True, exist_ok=True)
        yield Path(data)
        return
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as name:
        yield Path(name)


async def doctor(settings: Settings) -> int:
    """Look at everything that a desk needs; a line for each, and what to do where something is wrong."""
    look = Doctor(settings)
    for sentence in settings.missing_secrets():
        look.say(False, sentence)
    async with aiohttp.ClientSession() as session:
        await look.at_slack(session)
    platforms = Frontdesk(settings, look.clock).connect()
    for name, platform in platforms.items():
        await look.at_platform(name, platform)
    look.at_hours()
    await look.at_store(platforms)
    print("All well." if not look.wrong else f"{look.wrong} to mend.")
    return FAILED if look.wrong else WELL


class Doctor:
    """What `doctor` looks at; each look says its own lines, and one that fails hinders no other."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.rules = settings, settings.rules()
        self.clock = WallClock()
        self.wrong = 0

    def say(self, well: bool, sentence: str) -> None:
        """One line; what is not well is counted."""
        self.wrong += not well
        print(f"{'ok   ' if well else 'WRONG'}  {bare(sentence)}", flush=True)

    async def at_slack(self, session: aiohttp.ClientSession) -> None:
        """Both tokens, the clock, the channels, and who works here."""
        secrets = self.settings.secrets
        client = slack_client(_secret(secrets.slack_bot_token), self.settings.slack.base_url, session)
        call = SlackBoard(client, self.clock.now).call
        dates: list[str] = []

        async def dated(request: Any) -> Any:
            response = await request
            dates.append(str(response.headers.get("Date") or ""))
            return response

        if self.settings.slack.door == "socket":
            with self._told("Slack"):
                await socket_address(call, _secret(secrets.slack_app_token))
                self.say(True, "Slack lets the bot listen (Socket Mode).")
        with self._told("Slack"):
            me = await call(dated(client.auth_test()))
            self.say(True, f"Slack knows the bot as {me.get('user')} in {me.get('team')}.")
            self._at_clock(dates[0])
            places = [("[slack] channel", self.rules.channel), ("[slack] leads_channel", self.rules.leads_channel)]
            places += [("[[slack.routes]] channel", one) for one in self.rules.homes if one != self.rules.channel]
            for name, channel in places:
                with self._told(f"{name} = {channel}"):
                    about = (await call(client.conversations_info(channel=channel)))["channel"]
                    trouble = _trouble_with(about)
                    self.say(not trouble, f"{name}: #{about.get('name')}{trouble}")
            groups = (self.rules.agents_group, self.rules.leads_group)
            people = SlackPeople(client, self.clock.now, *groups, str(me["team_id"]))
            await people.refresh()
            for word, found in (("agents", people.agents()), ("leads", people.leads())):
                empty = f": nobody is in [slack] {word}_group, or there is no such group" if not found else ""
                self.say(bool(found), f"{len(found)} {word if len(found) != 1 else word[:-1]}{empty}.")
            for person in people.agents():
                if not person.first_name and self.rules.sign_required:
                    name = person.handle or person.user
                    self.say(False, f"{name} has no name in Slack to sign with. They can set one: /desk name Mia.")

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OutsideError as error:
            why = getattr(error, "why", "") or "no answer that makes sense. Is base_url right, and the network up?"
            self.say(False, why if why.startswith(what) else f"{what}: {why}")

    def _at_clock(self, date: str) -> None:
        try:
            ahead = (self.clock.now() - parsedate_to_datetime(date)).total_seconds()
        except ValueError:
            return
        off = f", {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Slack's: let NTP set it"
        well = abs(ahead) < 30
        self.say(well, f"This machine's clock says {self.clock.now():%H:%M:%S} UTC{'' if well else off}.")

    async def at_platform(self, name: str, platform: Platform) -> None:
        """The tokens, whose they are, and whether the promises can be kept at the pace of looking."""
        asked = {"x": self.settings.x.account, "facebook": self.settings.facebook.page_id}[name]
        with self._told(platform.title):
            account = await platform.account()
            theirs = account.handle if name == "x" else account.remote_id
            other = "" if theirs.casefold() == asked.casefold() else f", but the configuration names {asked}"
            self.say(not other, f"{platform.title} knows us as {account.handle or account.name}{other}.")
        await platform.close()
        warning = tight_promise(self.rules, name, platform.title, self.clock.now())
        self.say(not warning, warning or f"{platform.title} is looked at often enough for what is promised there.")

    def at_hours(self) -> None:
        """When the team is there, and when next."""
        self.say(True, f"Hours: {format_week(self.rules.hours.week)}. {present(self.rules.hours, self.clock.now())}")

    async def at_store(self, platforms: dict[str, Platform]) -> None:
        """Whether the folder can be used, whose deadlines the configuration moves, and the room left on the disk."""
        folder = self.settings.data_dir
        try:
            store = TinyStore.open(folder)
            moved = await self._would_move(store, platforms)
            await store.close()
            self.say(True, f"The store in {folder} can be read and written.")
            self._tell_moved(moved, "")
        except StoreLocked as locked:
            self.say(True, f"The store in {folder} is in use by a running desk (process {locked.pid}).")
            await self._look_aside(folder, platforms)
        except (StoreBroken, StoreNewer) as error:
            self.say(False, error.sentence)
            return
        room = shutil.disk_usage(folder).free // 2**20
        few = "" if room >= LEAST_ROOM else f": make room, a desk wants {LEAST_ROOM} MB at least"
        self.say(not few, f"{room:,} MB are free on its disk{few}.")

    async def _look_aside(self, folder: Path, platforms: dict[str, Platform]) -> None:
        """Whose deadlines the configuration would move, read from a copy: the running desk goes on meanwhile."""
        for _ in range(LOOKS_ASIDE):
            with contextlib.suppress(OSError, StoreBroken), tempfile.TemporaryDirectory() as aside:
                copied(folder, Path(aside))
                store = TinyStore.open(Path(aside))
                moved = await self._would_move(store, platforms)
                await store.close()
                self._tell_moved(moved, ", as it was a moment ago")
                return
        self.say(True, "It could not be looked at beside the desk, so what other hours would move is not shown.")

    def _tell_moved(self, moved: list[str], when: str) -> None:
        if moved:
            said = f"The hours are not those of the last start. Open deadlines that move{when}: {len(moved)}."
            self.say(True, said)
        for words in moved[:SHOWN]:
            self.say(True, words)

    async def _would_move(self, store: TinyStore, platforms: dict[str, Platform]) -> list[str]:
        client = slack_client("", self.settings.slack.base_url)
        board = SlackBoard(client, self.clock.now)
        people = SlackPeople(client, self.clock.now, self.rules.agents_group, self.rules.leads_group, "")
        return await would_move(Desk(self.rules, self.clock, store, board, people, platforms))


LOOKS_ASIDE = 3
"""So often a store in use is copied for a look; its files may change places meanwhile."""
LEAST_ROOM = 200
"""MB that a disk should have left: a year of a busy desk, its snapshot written anew beside the old one."""


def _trouble_with(channel: dict[str, Any]) -> str:
    if channel.get("is_archived"):
        return " is archived. Name another channel, or bring it back"
    if is_shared(channel):
        return " is shared with another workspace: customers' words would be read there. Name another channel"
    return "" if channel.get("is_member") else ": the bot is not in it. Type /invite @frontdesk there"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do the one thing that it names; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bot.py", description="Frontdesk: social customer service from Slack.")
    parser.add_argument("--verbose", action="store_true", help="say more in the log")
    modes = parser.add_subparsers(dest="mode", required=True, metavar="run | sandbox | story | doctor | manifest")
    for name, what in (("run", "the real thing"), ("doctor", "check tokens, channels, people, promises, store")):
        mode = modes.add_parser(name, help=what)
        mode.add_argument("--config", default="frontdesk.toml", help="the configuration (frontdesk.toml)")
    play = modes.add_parser("sandbox", help="the whole desk with no account: a page to click in, or a replay")
    play.add_argument("--port", type=int, default=8765, help="where the page is served (8765)")
    play.add_argument("--data", help="keep the store in this folder")
    play.add_argument("--replay", nargs="?", const="", metavar="FILE", help="play conversations instead of the page")
    play.add_argument("--speed", default="max", choices=["max"], help="how fast the replay goes")
    play.add_argument("--report", metavar="OUT.json", help="write the counts there")
    play.add_argument("--record", metavar="WIRE.jsonl", help="write each request there")
    play.add_argument("--exit", action="store_true", help="end after the replay (it does anyway)")
    modes.add_parser("story", help="one inquiry from the post to the answer, told in a terminal")
    slack = modes.add_parser("manifest", help="the Slack app's manifest, to paste at api.slack.com/apps")
    slack.add_argument("--prefix", default="", help='stands before each command: "acme-"')
    slack.add_argument(
        "--http", default="", metavar="URL", help="Slack calls the desk there: https://desk.acme.example"
    )
    slack.add_argument("--all-verbs", action="store_true", help="a command for each verb")
    slack.add_argument("--router-only", action="store_true", help="only /desk")
    slack.add_argument("--reactions", action="store_true", help="👀 and ✅ on a card, with [slack] reactions = true")
    slack.add_argument(
        "--files", action="store_true", help='customers\' files in the thread, with [slack] media = "files"'
    )
    slack.add_argument("--topic", action="store_true", help="the channel's topic, with [slack] topic = true")
    chosen = parser.parse_args(arguments)
    level = logging.INFO if chosen.verbose or chosen.mode == "run" else logging.ERROR
    try:
        return _do(chosen, level)
    except ConfigError as error:
        print(*error.mistakes, sep="\n", file=sys.stderr)
        return WRONG_USE
    except StoreLocked as error:
        print(error.sentence, file=sys.stderr)
        return LOCKED
    except StoreUnusable as error:
        print(error.sentence, file=sys.stderr)
        return WRONG_USE
    except (StoreBroken, StoreNewer) as error:
        print(error.sentence, file=sys.stderr)
        return DAMAGED
    except StoreFull as error:
        print(error.sentence, file=sys.stderr)
        return FAILED
    except Unauthorised as error:
        print(f"{error.why} Run `bot.py doctor` to check all tokens.", file=sys.stderr)
        return WRONG_USE
    except OutsideError as error:
        print(f"Slack does not answer as it should: {error}. Run `bot.py doctor`.", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return WELL


def _do(chosen: argparse.Namespace, level: int) -> int:
    if chosen.mode == "manifest":
        import json

        try:
            made = manifest(
                chosen.prefix,
                chosen.all_verbs,
                chosen.router_only,
                chosen.http,
                reactions=chosen.reactions,
                topic=chosen.topic,
                files=chosen.files,
            )
        except ValueError as error:
            print(error, file=sys.stderr)
            return WRONG_USE
        print(json.dumps(made, indent=2))
        return WELL
    if chosen.mode in ("sandbox", "story"):
        set_up(level)
        return asyncio.run(sandbox(chosen) if chosen.mode == "sandbox" else story())
    env = environment()
    settings = load(Path(chosen.config), env, need_secrets=chosen.mode == "run")
    crash.obey(Path(env[CRASH_ORDERS]) if env.get(CRASH_ORDERS) and chosen.mode == "run" else None)
    set_up(level, [_secret(getattr(settings.secrets, name)) for name in type(settings.secrets).model_fields])
    return asyncio.run(run(settings) if chosen.mode == "run" else doctor(settings))


async def story() -> int:
    """One inquiry from the post to the answer, told as it happens."""
    from platforms.sandbox.story import tell

    with _folder(None) as folder:
        sandbox = Sandbox(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), folder)
        await sandbox.start()
        try:
            await tell(sandbox.world, sandbox.clock, print)
        finally:
            await sandbox.stop()
    return WELL


def leave(code: int) -> None:
    """End the process now: the interpreter would wait for a connector's thread that hangs in a call."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # its disk is full, or it was never there
            stream.flush()
    os._exit(code)


def no_file_below_three() -> None:
    """A parent may have closed our standard streams: then the store's first file would be number 1, and print() write
    into it."""
    while (fd := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(fd)


if __name__ == "__main__":
    no_file_below_three()
    leave(main())
