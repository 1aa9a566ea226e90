"""The drawing of the house, held true: who may import whom, and what is done in one place only.

Handlers hear, the desk decides, platforms speak, config chooses, and bot.py introduces them to each other.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("bot", "config", "desk", "handlers", "platforms")

# Libraries that a floor may import beside the standard library, each with the reason. The longest prefix that fits a
# file counts alone, so a room inside a floor names all of its own.
LIBRARIES: dict[str, dict[str, str]] = {
    "bot.py": {
        "aiohttp": "one shared session for Slack",
        "slack_bolt": "the app and its Socket Mode connection are built here",
        "slack_sdk": "the Web API client is built here, with its base URL and without retries",
    },
    "config": {
        "pydantic": "the options' types and limits, all mistakes at once",
        "pydantic_core": "pydantic's own errors, to raise and to word",
        "pydantic_settings": "secrets from the environment",
        "babel": "the catalogue of what the bot says, read from the code and from the owner's .po",
        "holidays": "public holidays of a country, turned into dates",
    },
    "desk/__init__.py": {},
    "desk/clock.py": {},
    "desk/crash.py": {},
    "desk/desk.py": {},
    "desk/flows": {},
    "desk/model": {},
    "desk/ports.py": {},
    "desk/store": {"tinydb": "the embedded store"},
    "handlers": {
        "slack_bolt": "every door is a Bolt listener",
        "slack_sdk": "the errors of views.open, the one call of a handler",
        "apscheduler": "the timetable's triggers and scheduler",
    },
    "handlers/web.py": {
        "aiohttp": "webhooks and health are HTTP",
        "slack_bolt": "Slack's requests are handed to the app",
        "slack_sdk": "Slack's signature",
    },
    "platforms": {},
    "platforms/facebook": {"facebook": "facebook-sdk, Meta's Graph API", "requests": "its sessions and errors"},
    "platforms/graph.py": {"facebook": "facebook-sdk, Meta's Graph API", "requests": "its sessions and errors"},
    "platforms/download.py": {"requests": "what hangs on a customer's message"},
    "platforms/directory.py": {"aiohttp": "the calls to the company's own system"},
    "platforms/languages.py": {"py3langid": "in which language a text is written"},
    "platforms/rebase.py": {
        "requests": "the adapter that tweepy's and facebook-sdk's sessions get: time limits, base URL, redaction",
        "urllib3": "requests' own layer, whose errors the adapter sorts",
    },
    "platforms/sandbox": {"aiohttp": "the stand-ins' HTTP and WebSocket servers"},
    "platforms/slack": {
        "aiohttp": "the errors of the client's connections",
        "slack_sdk": "the Web API client",
        "emoji": "where an emoji begins and ends, so that no text is cut inside one",
    },
    "platforms/wording.py": {"emoji": "where an emoji begins and ends, so that no text is cut inside one"},
    "platforms/x": {
        "tweepy": "X's API v2",
        "requests": "its sessions and errors",
        "twitter_text": "X's weighted length",
    },
}

# Our own rooms that a floor may import. The longest prefix that fits a file counts alone. A floor may always import
# itself; "platforms:shared" are the files of platforms/ that belong to no connector, Slack and sandbox left out.
ARROWS: dict[str, tuple[str, ...]] = {
    "bot.py": ("config", "desk", "handlers", "platforms"),
    "config": ("desk.model",),
    "desk/__init__.py": (),
    "desk/clock.py": (),
    "desk/crash.py": (),
    "desk/desk.py": ("desk.model", "desk.ports"),
    "desk/flows": ("desk.desk", "desk.model", "desk.crash", "desk.ports"),  # ports: types, no code
    "desk/model": (),
    "desk/ports.py": ("desk.model",),
    "desk/store": ("desk.model", "desk.crash", "desk.ports"),  # ports: the types that the store promises, no code
    "handlers": (
        "desk.desk",
        "desk.clock",  # schedule: walks the timetable in story time
        "desk.crash",  # points at which a test lets the process die
        "desk.flows",
        "desk.model",
        "desk.ports",
        "platforms.slack.blocks",
        "platforms.slack.ids",
    ),
    "platforms": ("desk.model", "desk.ports", "platforms:shared"),
    "platforms/facebook": ("desk.model", "desk.ports", "platforms:shared"),
    "platforms/sandbox": (),
    "platforms/slack": ("desk.model", "desk.ports", "platforms:shared"),
    "platforms/x": ("desk.model", "desk.ports", "platforms:shared"),
}
CONNECTORS = ("facebook", "x")
"""Connectors: platforms/x.py and what belongs to it, platforms/x_*.py. None imports another."""

# What is done in one place: each with the files that may, and why.
CLOCK = {
    "desk/clock.py": "the one clock",
    "platforms/sandbox/__main__.py": "the stand-ins alone have no desk, and so no clock but the machine's",
}
WALL_SECONDS = {"desk/clock.py": "the one clock", "platforms/sandbox/slack/": "wire time: signatures"}
ENVIRONMENT = {"config/settings.py": "the one reader of the environment"}
SLACK_CALLS = ("apps_", "auth_", "bookmarks_", "chat_", "conversations_", "files_", "users_", "usergroups_", "views_")
OWN_VIEWS = ("views_open", "views_update", "views_push")
"""What a handler may call itself: the modal that belongs to its trigger."""
AT_THE_START = ("auth_test", "conversations_info")
"""What bot.py may call: who we are, before anything else is built; and, for doctor, whether the channels are there."""


@dataclass(frozen=True)
class Seen:
    """One import, or one name that is looked up, with its line."""

    name: str
    line: int


@dataclass
class Room:
    """What a file imports and which dotted names it uses, local names resolved to what they were imported from."""

    imports: list[Seen] = field(default_factory=list)
    uses: list[Seen] = field(default_factory=list)
    calls: list[Seen] = field(default_factory=list)


def look(path: str, source: str, modules: frozenset[str]) -> Room:
    """Reads one file. `modules` are all of ours: `from platforms.slack import ids` is an import of that module."""
    tree = ast.parse(source, path)
    package = PurePosixPath(path).parent.parts
    room = Room()
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                room.imports.append(Seen(alias.name, node.lineno))
                known[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*start, *((node.module or "").split(".") if node.module else ())))
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                room.imports.append(Seen(whole if whole in modules else base, node.lineno))
                known[alias.asname or alias.name] = whole
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node)):
            first, _, rest = name.partition(".")
            room.uses.append(Seen(known.get(first, first) + (f".{rest}" if rest else ""), node.lineno))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            room.calls.append(Seen(node.func.attr, node.lineno))
    return room


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as a text; None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (start := dotted(node.value)):
        return f"{start}.{node.attr}"
    return None


def floor(path: str, floors: Iterable[str]) -> str:
    """The longest prefix that fits: a folder, a file, or a connector's name with what belongs to it."""
    stem = path.removesuffix(".py")

    def fits(prefix: str) -> bool:
        if path == prefix or path.startswith(prefix + "/"):
            return True
        return prefix.split("/")[-1] in CONNECTORS and (stem == prefix or stem.startswith(prefix + "_"))

    found = [prefix for prefix in floors if fits(prefix)]
    assert found, f"{path} stands on no floor: add it to the drawing"
    return max(found, key=len)


def within(name: str, prefix: str) -> bool:
    """Whether a dotted name is that module or one inside it."""
    return name == prefix or name.startswith(prefix + ".")


def shared(name: str) -> bool:
    """Whether a module is one of the files of platforms/ that belong to no connector."""
    parts = name.split(".")
    if len(parts) != 2 or parts[0] != "platforms" or parts[1] in ("slack", "sandbox"):
        return False
    return not any(parts[1] == one or parts[1].startswith(one + "_") for one in CONNECTORS)


def own(path: str, name: str, here: str) -> bool:
    """Whether an import stays on its own floor."""
    if path == here:
        return False
    connector = here.split("/")[-1]
    if connector in CONNECTORS:
        return within(name, f"platforms.{connector}") or name.startswith(f"platforms.{connector}_")
    if here == "platforms":
        return False
    return within(name, here.replace("/", "."))


def violations(path: str, source: str, modules: frozenset[str] = frozenset()) -> Iterator[str]:
    """Each arrow of a file that the drawing does not have, as a sentence."""
    room = look(path, source, modules)
    here = floor(path, ARROWS)
    libraries = LIBRARIES[floor(path, LIBRARIES)]
    for seen in room.imports:
        top = seen.name.split(".")[0]
        where = f"{path}:{seen.line}"
        if top == "bot":
            yield f"{where} imports bot, which nobody may"
        elif top == "tests":
            yield f"{where} imports tests"
        elif top in OURS:
            allowed = ARROWS[here]
            if not (
                own(path, seen.name, here)
                or any(within(seen.name, one) for one in allowed)
                or ("platforms:shared" in allowed and shared(seen.name))
            ):
                yield f"{where} imports {seen.name}; {here} may import {', '.join(allowed) or 'only itself'}"
        elif top not in sys.stdlib_module_names and top != "__future__" and top not in libraries:
            yield f"{where} imports {seen.name}; {here} may use {', '.join(libraries) or 'the standard library only'}"
    yield from never(path, room)


def never(path: str, room: Room) -> Iterator[str]:
    """What is done in one place only, done elsewhere."""
    for seen in room.uses:
        where = f"{path}:{seen.line}"
        if seen.name.startswith("datetime.") and seen.name.endswith((".now", ".utcnow", ".today")):
            if path not in CLOCK:
                yield f"{where} asks the machine for the time; only the one clock does"
        elif seen.name in ("time.time", "time.time_ns") and not path.startswith(tuple(WALL_SECONDS)):
            yield f"{where} asks the machine for the time; only the one clock does"
        elif (within(seen.name, "os.environ") or seen.name in ("os.getenv", "os.putenv")) and path not in ENVIRONMENT:
            yield f"{where} reads the environment; only config/settings.py does"
        elif seen.name in ("importlib.import_module", "__import__"):
            yield f"{where} imports by name, which hides an arrow"
    if path.startswith("platforms/slack/"):
        return
    for seen in room.calls:
        its_own = OWN_VIEWS if path.startswith("handlers/") else AT_THE_START if path == "bot.py" else ()
        if seen.name.startswith(SLACK_CALLS) and seen.name not in its_own:
            yield f"{path}:{seen.line} calls Slack ({seen.name}); only platforms/slack does"


def sources() -> list[Path]:
    """Every file of ours that is no test."""
    found = [ROOT / "bot.py"] if (ROOT / "bot.py").exists() else []
    return found + sorted(file for name in OURS for file in (ROOT / name).rglob("*.py"))


def name_of(path: Path) -> str:
    """A file's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = frozenset(name_of(path) for path in sources())


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_arrow_is_in_the_drawing(path: Path) -> None:
    assert list(violations(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"), MODULES)) == []


def test_nothing_but_the_usual_stands_at_the_top() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= {*OURS, "tests"}
    assert {path.name for path in ROOT.glob("*.py")} <= {"bot.py"}


def test_no_test_patches_our_own_functions() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        room = look(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"), MODULES)
        assert not [seen for seen in room.imports if within(seen.name, "unittest.mock")], path


# The checks themselves can fail.


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("desk/model/inquiry.py", "import tinydb"),
        ("desk/model/inquiry.py", "from desk.ports import Clock"),
        ("desk/model/inquiry.py", "def f():\n    import aiohttp"),
        ("desk/ports.py", "from desk.flows.claim import claim"),
        ("desk/flows/claim.py", "from desk.store import TinyStore"),
        ("desk/flows/claim.py", "import slack_sdk"),
        ("desk/flows/claim.py", "from platforms.slack import ids"),
        ("desk/flows/claim.py", "from handlers import access"),
        ("desk/store/tiny.py", "from desk.flows import claim"),
        ("desk/store/tiny.py", "import requests"),
        ("desk/desk.py", "from desk.flows import claim"),
        ("desk/somewhere_new.py", "import json"),
        ("config/settings.py", "from desk.flows import claim"),
        ("config/settings.py", "from platforms import x"),
        ("config/settings.py", "import tinydb"),
        ("handlers/commands.py", "from config.settings import load"),
        ("handlers/commands.py", "from platforms import x"),
        ("handlers/commands.py", "from platforms.slack import board"),
        ("handlers/commands.py", "from platforms.slack.client import Client"),
        ("handlers/commands.py", "from desk.store import TinyStore"),
        ("handlers/commands.py", "import tweepy"),
        ("handlers/commands.py", "import aiohttp"),
        ("handlers/commands.py", "async def f(client):\n    await client.chat_postMessage(text='x')"),
        ("handlers/commands.py", "import bot"),
        ("platforms/x.py", "from platforms import facebook"),
        ("platforms/x_sweep.py", "from platforms.facebook import Facebook"),
        ("platforms/x.py", "from platforms.sandbox import x"),
        ("platforms/x.py", "from platforms.slack import board"),
        ("platforms/x.py", "import slack_sdk"),
        ("platforms/x.py", "from handlers import access"),
        ("platforms/x.py", "from desk.flows import claim"),
        ("platforms/graph.py", "from platforms import x"),
        ("platforms/slack/board.py", "from platforms import x"),
        ("platforms/slack/board.py", "from handlers import errors"),
        ("platforms/sandbox/world.py", "from desk.model import errors"),
        ("platforms/sandbox/world.py", "import slack_sdk"),
        ("platforms/sandbox/world.py", "from ..slack import ids"),
        ("desk/flows/claim.py", "from datetime import datetime\nx = datetime.now()"),
        ("desk/flows/claim.py", "import datetime as dt\nx = dt.datetime.now(dt.UTC)"),
        ("desk/flows/claim.py", "from datetime import date as d\nx = d.today()"),
        ("desk/flows/claim.py", "import datetime\nnow = datetime.datetime.now"),
        ("desk/flows/claim.py", "import time\nx = time.time()"),
        ("platforms/x.py", "import os\nx = os.environ['HOME']"),
        ("platforms/x.py", "from os import environ\nx = environ.get('HOME')"),
        ("bot.py", "import os\nx = os.getenv('HOME')"),
        ("handlers/commands.py", "import importlib\nx = importlib.import_module('config')"),
    ],
)
def test_a_wrong_arrow_is_seen(path: str, source: str) -> None:
    if path == "desk/somewhere_new.py":
        with pytest.raises(AssertionError, match="stands on no floor"):
            list(violations(path, source, MODULES))
    else:
        assert list(violations(path, source, MODULES | {"platforms.slack.board", "platforms.slack.ids"}))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("bot.py", "from config.settings import load\nfrom platforms.sandbox.world import World\nimport slack_bolt"),
        ("desk/model/sla.py", "from desk.model.hours import BusinessHours\nfrom . import errors"),
        ("desk/clock.py", "from datetime import UTC, datetime\nx = datetime.now(UTC)"),
        ("handlers/commands.py", "from platforms.slack import ids\nfrom platforms.slack.blocks.card import card"),
        ("handlers/forms.py", "async def f(client):\n    await client.views_open(trigger_id='x', view={})"),
        ("handlers/commands.py", "async def f(desk):\n    desk.clock.now()"),
        ("platforms/x.py", "from platforms import wording, x_sweep\nimport tweepy"),
        ("platforms/sandbox/x/api.py", "from . import texts\nfrom aiohttp import web"),
        ("platforms/slack/board.py", "async def f(client):\n    await client.chat_update(ts='1')"),
    ],
)
def test_a_right_arrow_is_let_pass(path: str, source: str) -> None:
    assert (
        list(violations(path, source, MODULES | {"platforms.slack.ids", "platforms.wording", "platforms.x_sweep"}))
        == []
    )
