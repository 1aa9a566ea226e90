"""The log: one JSON object a line, no token in it, and nothing that a line could be faked with."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from config.logs import NOISY, JsonLines, set_up

SECRET = "s3cr3t-value-of-ours"


def line(message: str, *arguments: object, secrets: tuple[str, ...] = (), **extra: object) -> str:
    record = logging.getLogger("frontdesk.test").makeRecord(
        "frontdesk.test", logging.INFO, __file__, 1, message, arguments, None, extra=extra
    )
    record.created, record.msecs = 1_795_514_400.25, 250.0
    return JsonLines(secrets).format(record)


def test_a_line_is_one_json_object_with_its_time_in_utc_and_what_it_is_about() -> None:
    assert json.loads(line("opened", number=142, platform="x")) == {
        "at": "2026-11-24T10:00:00.250Z",
        "level": "INFO",
        "who": "frontdesk.test",
        "what": "opened",
        "number": 142,
        "platform": "x",
    }


def test_our_own_secrets_are_hidden_wherever_they_stand() -> None:
    for said in (line(f"token {SECRET}", secrets=(SECRET,)), line("said", why=f"got {SECRET}!", secrets=(SECRET,))):
        assert SECRET not in said
        assert "•••" in " ".join(map(str, json.loads(said).values()))


@pytest.mark.parametrize(
    "token",
    [
        "xoxb-1234-5678-abcdef",
        "xapp-1-A0-1-abcdef",
        "EAAGm0PX4ZCpsBAKZCabcdef",
        "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid",
        "Bearer abc.def.ghi",
        "https://graph/v23.0/me?x=1&access_token=abcdef",
        "https://graph/v23.0/me?appsecret_proof=0123abcd",
    ],
)
def test_what_looks_like_a_token_is_hidden_although_nobody_named_it(token: str) -> None:
    said = line("failed", why=f"before {token} after")
    assert "•••" in json.loads(said)["why"]
    assert token.split("=")[-1].removeprefix("Bearer ") not in said


def test_a_traceback_is_in_the_line_and_hides_tokens_too() -> None:
    try:
        raise ValueError(f"https://graph/me?access_token={SECRET}")
    except ValueError:
        record = logging.LogRecord("frontdesk", logging.ERROR, __file__, 1, "bug", None, sys.exc_info())
    said = JsonLines().format(record)
    assert "ValueError" in json.loads(said)["traceback"]
    assert SECRET not in said


@pytest.mark.parametrize("odd", ["a\nb", 'a\r\n{"what": "faked"}', "\x1b[2J", "\u2028", "\x00"])
def test_nothing_that_is_logged_can_fake_a_line_or_steer_a_terminal(odd: str) -> None:
    said = line("said %s", odd, why=odd)
    assert said.isascii()
    assert len(said.splitlines()) == 1
    assert not any(ord(letter) < 32 for letter in said)
    assert json.loads(said)["why"] == odd


def test_others_are_never_louder_than_warnings() -> None:
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, {name: logging.getLogger(name).level for name in NOISY})
    try:
        set_up(logging.DEBUG)
        assert root.level == logging.DEBUG
        assert {logging.getLogger(name).level for name in NOISY} == {logging.WARNING}
    finally:
        root.handlers[:] = kept[0]
        root.setLevel(kept[1])
        for name, level in kept[2].items():
            logging.getLogger(name).setLevel(level)
