"""The command line, as processes: modes, exit codes, and a sentence for everything that is not right."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import start_again
from desk.flows.office import COUNTED
from desk.model.errors import Busy, Unreachable
from desk.model.sla import SlaClock, Target
from desk.ports import Tx
from desk.store import TinyStore
from tests.store.things import an_inquiry

ROOT = Path(__file__).resolve().parent.parent

CONFIG = """
[desk]
name = "Acme"
zone = "Europe/Lisbon"
[slack]
base_url = "{slack}"
channel = "C0DESK"
leads_channel = "C0LEADS"
agents_group = "S0AGENTS"
leads_group = "S0LEADS"
[x]
enabled = true
base_url = "{x}"
account = "acme"
[facebook]
enabled = true
base_url = "{graph}"
page_id = "2000"
"""
TOKENS = {
    "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-sandbox",
    "FRONTDESK_SLACK_APP_TOKEN": "xapp-sandbox",
    "FRONTDESK_FACEBOOK_PAGE_TOKEN": "EAA-sandbox",
    "FRONTDESK_FACEBOOK_APP_SECRET": "sandbox-app-secret",
}


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def bot(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`python bot.py …` to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(**env),
        timeout=60,
        check=False,
    )


class StandIns:
    """The stand-ins in a process of their own, in real time."""

    def __init__(self, where: dict[str, Any]) -> None:
        self.where = where
        self.tokens = {
            **TOKENS,
            **{f"FRONTDESK_X_{name.upper()}": value for name, value in where["tokens"].items()},
        }

    def config(self, folder: Path, text: str = CONFIG) -> Path:
        path = folder / "frontdesk.toml"
        path.write_text(text.format(**self.where), "utf-8")
        return path

    def call(self, target: str, method: str, **args: Any) -> Any:
        body = json.dumps({"target": target, "method": method, "args": args}).encode()
        request = urllib.request.Request(
            f"{self.where['control']}call", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def records(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.where['control']}records", timeout=10) as answer:
            return list(json.load(answer)["records"])


@pytest.fixture
def stand_ins() -> Iterator[StandIns]:
    process = subprocess.Popen(
        [sys.executable, "-m", "platforms.sandbox", "--with-parent"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        where["tokens"] = x_tokens()
        yield StandIns(where)
    finally:
        process.terminate()
        process.wait(10)


def x_tokens() -> dict[str, str]:
    """The tokens that every X stand-in takes."""
    from datetime import UTC, datetime

    from platforms.sandbox.world import World

    return dict(World(lambda: datetime.now(UTC)).x.tokens)


# use


def test_without_a_mode_the_modes_are_named(tmp_path: Path) -> None:
    ran = bot(cwd=tmp_path)
    assert ran.returncode == 2
    assert "run | sandbox | story | doctor | manifest" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unknown_mode_is_wrong_use(tmp_path: Path) -> None:
    ran = bot("rum", cwd=tmp_path)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_help_explains_each_mode(tmp_path: Path) -> None:
    ran = bot("--help", cwd=tmp_path)
    assert ran.returncode == 0
    for mode in ("run", "sandbox", "story", "doctor", "manifest"):
        assert f"    {mode} " in ran.stdout


@pytest.mark.parametrize("version", [(3, 8, 10), (3, 10, 14)])
def test_a_python_that_is_too_old_gets_a_sentence(tmp_path: Path, version: tuple[int, int, int]) -> None:
    source = (ROOT / "bot.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 8))
    old = f"import sys; sys.version_info = {(*version, 'final', 0)}; exec(compile({source!r}, 'bot.py', 'exec'))"
    ran = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 2
    assert f"Frontdesk needs Python 3.11 or newer; this is {version[0]}.{version[1]}." in ran.stderr
    assert "make setup" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_missing_package_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "slack_bolt.py").write_text("raise ModuleNotFoundError('no', name='slack_bolt')", "utf-8")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), "manifest"],
        capture_output=True,
        text=True,
        env={**environment(), "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert ran.returncode == 2
    assert "A package is missing here: slack_bolt. Run: make setup" in ran.stderr


# manifest


def test_the_manifest_is_json_to_paste(tmp_path: Path) -> None:
    ran = bot("manifest", cwd=tmp_path)
    assert ran.returncode == 0
    commands = [one["command"] for one in json.loads(ran.stdout)["features"]["slash_commands"]]
    assert commands == ["/claim", "/reply", "/private", "/done", "/hours", "/desk"]


def test_the_manifest_takes_a_prefix_all_verbs_or_one_command(tmp_path: Path) -> None:
    prefixed = json.loads(bot("manifest", "--prefix", "acme-", cwd=tmp_path).stdout)
    assert prefixed["features"]["slash_commands"][0]["command"] == "/acme-claim"
    every = json.loads(bot("manifest", "--all-verbs", cwd=tmp_path).stdout)
    assert len(every["features"]["slash_commands"]) > 6
    one = json.loads(bot("manifest", "--router-only", cwd=tmp_path).stdout)
    assert [command["command"] for command in one["features"]["slash_commands"]] == ["/desk"]


@pytest.mark.parametrize("wrong", [["--prefix", "Ac me"], ["--all-verbs", "--router-only"]])
def test_a_manifest_that_slack_would_refuse_is_refused_here(tmp_path: Path, wrong: list[str]) -> None:
    ran = bot("manifest", *wrong, cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.strip()
    assert "Traceback" not in ran.stderr


# configuration


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    for mode in ("run", "doctor"):
        ran = bot(mode, cwd=tmp_path)
        assert ran.returncode == 2
        assert "frontdesk.toml: there is no such file. Copy the example" in ran.stderr
        assert "Traceback" not in ran.stderr


def test_every_mistake_is_told_at_once_with_file_line_and_form(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text(
        '[desk]\nundo_secs = 5\nzone = "Europe/Osloo"\n[hours]\nmon = 22:30\n[sla.x]\nfirst = 15\n'
        '[slack]\nchannel = "#desk"\n',
        "utf-8",
    )
    ran = bot("run", cwd=tmp_path)
    assert ran.returncode == 2
    lines = ran.stderr.splitlines()
    for line, words in ((2, "undo_seconds"), (3, "Europe/Oslo"), (5, "quotes"), (7, "first"), (9, "channel")):
        assert any(told.startswith(f"frontdesk.toml:{line}:") and words in told for told in lines), (line, ran.stderr)
    assert any("FRONTDESK_SLACK_BOT_TOKEN is not set" in told for told in lines)
    assert "Traceback" not in ran.stderr


def test_missing_tokens_are_named_all_of_them(tmp_path: Path) -> None:
    text = CONFIG.format(slack="http://127.0.0.1:9/api/", x="http://127.0.0.1:9", graph="http://127.0.0.1:9")
    (tmp_path / "frontdesk.toml").write_text(text, "utf-8")
    ran = bot("run", cwd=tmp_path, FRONTDESK_SLACK_BOT_TOKEN="xoxb-1")
    assert ran.returncode == 2
    missing = [line.split()[1] for line in ran.stderr.splitlines() if "is not set" in line]
    assert len(missing) == 8
    assert "FRONTDESK_SLACK_BOT_TOKEN" not in missing
    assert all("docs/install/" in line for line in ran.stderr.splitlines() if "is not set" in line)


def test_a_replay_of_nothing_is_wrong_use(tmp_path: Path) -> None:
    ran = bot("sandbox", "--replay", "nothing.jsonl", "--exit", cwd=tmp_path)
    assert ran.returncode == 2
    assert "nothing.jsonl cannot be read" in ran.stderr


# doctor


def test_the_doctor_looks_at_everything_and_says_that_all_is_well(stand_ins: StandIns, tmp_path: Path) -> None:
    stand_ins.config(tmp_path)
    ran = bot("doctor", cwd=tmp_path, **stand_ins.tokens)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[-1] == "All well."
    assert all(line.startswith("ok     ") for line in lines[:-1])
    for words in (
        "Slack lets the bot listen",
        "Slack knows the bot as",
        "This machine's clock says",
        "[slack] channel: #frontdesk",
        "[slack] leads_channel: #frontdesk-leads",
        "3 agents.",
        "1 lead.",
        "X knows us as acme.",
        "X is looked at often enough",
        "Facebook knows us as Acme.",
        "Hours: Mon–Fri 09:00–17:00.",
        "can be read and written",
        "MB are free",
    ):
        assert sum(words in line for line in lines) == 1, (words, ran.stdout)
    assert ran.stderr == ""


def test_the_doctor_names_what_is_wrong_and_looks_on(stand_ins: StandIns, tmp_path: Path) -> None:
    text = CONFIG.replace('"C0DESK"', '"C0NOWHERE"').replace('"S0LEADS"', '"S0NOBODY"').replace('"acme"', '"other"')
    route = '[[slack.routes]]\nchannel = "C0SHUT"\nplatform = "x"\n'
    stand_ins.config(tmp_path, text + '[sla.x]\nfirst = "5m"\n' + route)
    ran = bot("doctor", cwd=tmp_path, **{**stand_ins.tokens, "FRONTDESK_FACEBOOK_PAGE_TOKEN": "EAA-wrong"})
    assert ran.returncode == 1
    wrong = [line for line in ran.stdout.splitlines() if line.startswith("WRONG")]
    for words in (
        "C0NOWHERE",
        "[[slack.routes]] channel = C0SHUT",
        "0 leads: nobody is in [slack] leads_group",
        "X knows us as acme, but the configuration names other",
        "You promise 5 minutes on X, but the budget lets us look every 4 minutes",
        "Facebook",
    ):
        assert any(words in line for line in wrong), (words, ran.stdout)
    assert ran.stdout.splitlines()[-1] == f"{len(wrong)} to mend."
    assert "#frontdesk-leads" in ran.stdout
    assert "EAA-wrong" not in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_doctor_warns_of_a_channel_that_another_workspace_is_invited_to(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    invited = {"members": ["U0BOT"], "pending_shared": ["T0OTHER"]}
    stand_ins.call("slack", "add_channel", id="C0GUESTS", name="guests", **invited)
    stand_ins.config(tmp_path, CONFIG + '[[slack.routes]]\nchannel = "C0GUESTS"\nplatform = "x"\n')
    ran = bot("doctor", cwd=tmp_path, **stand_ins.tokens)
    (wrong,) = [line for line in ran.stdout.splitlines() if line.startswith("WRONG")]
    assert "#guests is shared with another workspace" in wrong


async def counted_in_other_hours(folder: Path) -> None:
    """A store that was last used in other hours, with one inquiry whose answer is due on Christmas Day."""
    store, written = TinyStore.open(folder), datetime(2026, 12, 25, 11, 0, tzinfo=UTC)
    clock = SlaClock(Target.FIRST, written, timedelta(minutes=15), written, written + timedelta(minutes=15))

    async def work(tx: Tx) -> None:
        tx.keep_inquiry(an_inquiry(tx.next_number(), clock=clock))
        tx.set_setting(COUNTED, "other hours")

    await store.transact(work)
    await store.close()


def test_the_doctor_works_without_tokens_and_without_a_network_and_says_whose_deadlines_other_hours_move(
    tmp_path: Path,
) -> None:
    text = CONFIG.format(slack="http://127.0.0.1:9/api/", x="http://127.0.0.1:9", graph="http://127.0.0.1:9")
    text += '[hours]\nmon = "09:00-17:00"\n'
    (tmp_path / "frontdesk.toml").write_text(text, "utf-8")
    asyncio.run(counted_in_other_hours(tmp_path / "data"))
    ran = bot("doctor", cwd=tmp_path)
    assert "Open deadlines that move: 1." in ran.stdout
    assert "#1: Fri 25 Dec 11:15 UTC → Mon 28 Dec 09:15 UTC" in ran.stdout
    assert ran.returncode == 1
    assert ran.stdout.count("is not set") == 9
    assert "Is base_url right" in ran.stdout
    assert "can be read and written" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


# run


def test_a_desk_runs_shows_a_post_and_ends_well_when_told_to(stand_ins: StandIns, tmp_path: Path) -> None:
    stand_ins.config(tmp_path, CONFIG.replace('account = "acme"', 'account = "acme"\npoll_seconds = 5'))
    words = "@acme my parcel 4711 has been stuck since Monday"
    stand_ins.call("x", "add_person", username="maria_k", name="Maria K.")
    stand_ins.call("x", "post", username="maria_k", text=words)
    with running(tmp_path, stand_ins) as process:
        deadline = time.monotonic() + 30
        while not any("parcel 4711" in json.dumps(r["request"]) for r in stand_ins.records() if r["to"] == "slack"):
            assert time.monotonic() < deadline, "the post never came to Slack"
            assert process.poll() is None
            time.sleep(0.1)
        second = bot("run", cwd=tmp_path, **stand_ins.tokens)
        assert second.returncode == 3
        assert f"process {process.pid}" in second.stderr
        other = (tmp_path / "frontdesk.toml").read_text("utf-8") + '[hours]\nthu = "05:00-05:01"\n'
        (tmp_path / "frontdesk.toml").write_text(other, "utf-8")
        looked = bot("doctor", cwd=tmp_path, **stand_ins.tokens).stdout
        assert "in use by a running desk" in looked
        assert "Open deadlines that move, as it was a moment ago: 1." in looked and "#1: " in looked
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert process.stderr is not None
        log = process.stderr.read()
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line["what"] == "opened" and line["number"] == 1 for line in lines)
    assert "4711" not in log
    assert "maria" not in log.casefold()
    for secret in stand_ins.tokens.values():
        assert secret not in log


@contextlib.contextmanager
def running(folder: Path, stand_ins: StandIns) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bot.py"), "run"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(**stand_ins.tokens),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def test_a_wrong_slack_token_is_wrong_use_and_says_what_to_run(stand_ins: StandIns, tmp_path: Path) -> None:
    stand_ins.config(tmp_path)
    ran = bot("run", cwd=tmp_path, **{**stand_ins.tokens, "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-wrong"})
    assert ran.returncode == 2
    assert "token is wrong (invalid_auth)" in ran.stderr
    assert "bot.py doctor" in ran.stderr
    assert "xoxb-wrong" not in ran.stderr


def test_a_damaged_store_is_named_and_left_alone(stand_ins: StandIns, tmp_path: Path) -> None:
    stand_ins.config(tmp_path)
    (tmp_path / "data").mkdir(mode=0o700)
    other = tmp_path / "data" / "desk.snapshot"
    other.write_text('{"_default": {"1": {"name": "another app"}}}', "utf-8")
    before = other.read_text("utf-8")
    for mode, code in (("run", 4), ("doctor", 1)):
        ran = bot(mode, cwd=tmp_path, **stand_ins.tokens)
        assert ran.returncode == code, ran.stderr
        assert "desk.snapshot" in ran.stderr + ran.stdout
        assert "Traceback" not in ran.stderr
    assert other.read_text("utf-8") == before


def test_a_start_is_tried_again_after_a_minute_at_most_however_long_slack_is_away() -> None:
    now, away = datetime(2026, 11, 24, 10, 0, tzinfo=UTC), Unreachable("no answer")
    assert [start_again(away, tries, now) for tries in (0, 1, 2, 6, 5000)] == [1, 2, 4, 60, 60]
    assert start_again(Busy(now + timedelta(seconds=90)), 0, now) == 90
    assert start_again(Busy(now - timedelta(seconds=5)), 0, now) == 1
