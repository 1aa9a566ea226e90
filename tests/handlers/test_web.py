"""Bad requests at the HTTP door: each is answered with its status, nothing is done or kept, and the desk stays up."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from multidict import CIMultiDict

import bot
from handlers.inbound.webhook import DEEPEST, Unreadable, strict
from handlers.web import Limits, Web
from platforms.sandbox.slack.socket import sign
from platforms.x_webhook import XWebhook
from tests.journeys.conftest import inquiry_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SLACK, META, X = "/slack/events", "/facebook/webhook", "/x/webhook"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
COMMAND = urlencode(
    {
        "command": "/claim",
        "text": "",
        "user_id": "U0ANA",
        "team_id": "T0ACME",
        "channel_id": "C0DESK",
        "trigger_id": "1.2.bad",
        "response_url": "http://127.0.0.1:9/commands/x",
    }
)
SECRET = b"sandbox-app-secret"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[bot.Sandbox]:
    """One desk for all rows, with X's webhook beside the others."""
    sandbox = bot.Sandbox(START, tmp_path_factory.mktemp("desk"), door="http")
    await sandbox.start()
    await sandbox.clock.settle()
    one = sandbox.bot
    await one.web.stop()
    hooks = {**one.web.hooks, "x": XWebhook(sandbox.world.x.tokens["consumer_secret"])}
    limits = Limits(seconds=0.3, idle=0.3)
    one.web = Web(one.desk, one.inbox, app=one.web.app, signing_secret="sandbox-secret", hooks=hooks, limits=limits)
    await one.web.start("127.0.0.1", 0)
    await sandbox.clock.settle()
    yield sandbox
    await one.web.stop()
    await sandbox.stop()


async def ask(
    desk: bot.Sandbox, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """One request; its status, text and content type."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, desk.bot.web.url + path, data=body or None, headers=headers) as answer,
    ):
        return answer.status, await answer.text(), answer.content_type


async def raw(desk: bot.Sandbox, head: bytes, *drops: bytes) -> bytes:
    """The first line of the answer to bytes that no client would send."""
    place = urlsplit(desk.bot.web.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(head)
        for drop in drops:
            await asyncio.sleep(0.2)
            writer.write(drop)
        return await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()


async def nothing_happened(desk: bot.Sandbox) -> None:
    """No inquiry, no answer to anybody, and the desk answers the next one."""
    await desk.clock.settle()
    assert not any(inquiry_of(message) for message in desk.world.slack.messages("C0DESK"))
    assert desk.world.slack.ephemerals("U0ANA") == []
    assert (await ask(desk, "GET", "/readyz"))[0] == 200


def slack_signed(body: str = COMMAND, **changed: str) -> CIMultiDict[str]:
    return CIMultiDict(FORM | sign("sandbox-secret", body) | {name.replace("_", "-"): v for name, v in changed.items()})


def hub(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    return JSON | {"X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}


GOOD = sign("sandbox-secret", COMMAND)["X-Slack-Signature"]
SIGNATURES: dict[str, Any] = {
    "missing": None,
    "twice": None,
    "empty": "",
    "version alone": "v0=",
    "another version": "v1=" + GOOD[3:],
    "upper-case": GOOD[:3] + GOOD[3:].upper().replace("0", "A", 1),
    "no hex": "v0=" + "g" * 64,
    "not ASCII": "v0=ü" + "0" * 63,
    "very long": "v0=" + "0" * 7000,
    "wrong secret": sign("another", COMMAND)["X-Slack-Signature"],
}


@pytest.mark.parametrize("row", SIGNATURES)
async def test_34_a_signature_that_is_none_is_refused(desk: bot.Sandbox, row: str) -> None:
    headers = slack_signed()
    good = headers.popone("X-Slack-Signature")
    values = [good, good] if row == "twice" else SIGNATURES[row]
    for value in [values] if isinstance(values, str) else values or ():
        headers.add("X-Slack-Signature", value)
    assert (await ask(desk, "POST", SLACK, COMMAND.encode(), headers))[0] == 401
    await nothing_happened(desk)


async def test_34_a_header_of_a_megabyte_is_cut_off(desk: bot.Sandbox) -> None:
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slack-Signature: v0=" + b"0" * 2**20
    assert b" 400 " in await raw(desk, head)
    many = b"".join(b"X-%d: %s\r\n" % (n, b"0" * 4000) for n in range(6))
    assert b" 400 " in await raw(desk, b"POST /slack/events HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n")
    await nothing_happened(desk)


STAMPS = ["abc", "", "NaN", "1e9", " 1 ", "-1", "+600", "100000000000000000000", "١٦٠٠٠٠٠٠٠٠", "0x5f", "old", "ahead"]


@pytest.mark.parametrize("stamp", STAMPS)
async def test_35_a_time_that_is_none_or_another_is_refused(desk: bot.Sandbox, stamp: str) -> None:
    off = {"old": -301, "ahead": 320}
    said = str(int(time.time()) + off[stamp]) if stamp in off else stamp
    digest = hmac.new(b"sandbox-secret", f"v0:{said}:{COMMAND}".encode(), hashlib.sha256).hexdigest()
    headers = FORM | {"X-Slack-Request-Timestamp": said, "X-Slack-Signature": f"v0={digest}"}
    assert (await ask(desk, "POST", SLACK, COMMAND.encode(), headers))[0] == 401
    await nothing_happened(desk)


async def test_31_another_body_than_the_signed_one_is_refused(desk: bot.Sandbox) -> None:
    forged = COMMAND.replace("U0ANA", "U0LEE").encode()
    assert (await ask(desk, "POST", SLACK, forged, slack_signed()))[0] == 401
    odd = b"command=%2Fclaim\xff\xfe"
    stamp = str(int(time.time()))
    digest = hmac.new(b"sandbox-secret", b"v0:" + stamp.encode() + b":" + odd, hashlib.sha256).hexdigest()
    headers = FORM | {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    assert (await ask(desk, "POST", SLACK, odd, headers))[0] == 401
    await nothing_happened(desk)


BATCH = json.dumps(
    {
        "object": "page",
        "entry": [
            {
                "id": "2000",
                "time": 1,
                "messaging": [
                    {"sender": {"id": "77"}, "recipient": {"id": "2000"}, "message": {"mid": "m_1", "text": "Hej"}}
                ],
            }
        ],
    }
).encode()


@pytest.mark.parametrize("row", ["missing", "sha1 alone", "serialised anew", "wrong secret", "upper-case", "twice"])
async def test_36_a_delivery_that_meta_did_not_sign_is_refused(desk: bot.Sandbox, row: str) -> None:
    good = hub(BATCH)["X-Hub-Signature-256"]
    headers: CIMultiDict[str] = CIMultiDict(JSON)
    match row:
        case "sha1 alone":
            headers["X-Hub-Signature"] = "sha1=" + hmac.new(SECRET, BATCH, hashlib.sha1).hexdigest()
        case "serialised anew":
            anew = json.dumps(json.loads(BATCH), separators=(",", ":")).encode()
            headers["X-Hub-Signature-256"] = hub(anew)["X-Hub-Signature-256"]
        case "wrong secret":
            headers["X-Hub-Signature-256"] = hub(BATCH, b"another")["X-Hub-Signature-256"]
        case "upper-case":
            headers["X-Hub-Signature-256"] = good.upper()
        case "twice":
            headers.add("X-Hub-Signature-256", good)
            headers.add("X-Hub-Signature-256", good)
    assert (await ask(desk, "POST", META, BATCH, headers))[0] == 401
    await nothing_happened(desk)


QUESTIONS: dict[str, tuple[dict[str, str], int]] = {
    "right": ({}, 200),
    "another word": ({"hub.verify_token": "guess"}, 403),
    "no word": ({"hub.verify_token": ""}, 403),
    "not ASCII": ({"hub.verify_token": "ünïcode"}, 403),
    "a page": ({"hub.challenge": "<script>alert(1)</script>"}, 400),
    "long": ({"hub.challenge": "1" * 4000}, 400),
    "empty": ({"hub.challenge": ""}, 400),
    "another mode": ({"hub.mode": "unsubscribe"}, 400),
}


@pytest.mark.parametrize("row", QUESTIONS)
async def test_37_metas_question_is_answered_with_the_challenge_alone(desk: bot.Sandbox, row: str) -> None:
    changed, status = QUESTIONS[row]
    query = {"hub.mode": "subscribe", "hub.verify_token": "sandbox-verify", "hub.challenge": "1158201444"} | changed
    got, text, kind = await ask(desk, "GET", f"{META}?{urlencode(query)}")
    assert (got, kind) == (status, "text/plain")
    assert (text == "1158201444") is (status == 200)


async def test_37_a_challenge_of_a_megabyte_is_cut_off(desk: bot.Sandbox) -> None:
    assert b" 400 " in await raw(desk, b"GET /facebook/webhook?hub.challenge=" + b"1" * 2**20)


@pytest.mark.parametrize("query", ["", "?crc_token=", f"?crc_token={'a' * 4000}", "?crc_token=%3Chtml%3E"])
async def test_38_a_challenge_of_xs_that_is_none_is_refused(desk: bot.Sandbox, query: str) -> None:
    assert (await ask(desk, "GET", X + query))[0] == 400


async def test_xs_challenge_is_answered_with_the_secrets_signature(desk: bot.Sandbox) -> None:
    status, text, kind = await ask(desk, "GET", f"{X}?crc_token=challenge_string")
    secret = desk.world.x.tokens["consumer_secret"].encode()
    digest = base64.b64encode(hmac.new(secret, b"challenge_string", hashlib.sha256).digest()).decode()
    assert (status, kind) == (200, "application/json")
    assert json.loads(text) == {"response_token": f"sha256={digest}"}


@pytest.mark.parametrize("row", ["missing", "hex", "wrong", "right"])
async def test_xs_own_signature_is_looked_at(desk: bot.Sandbox, row: str) -> None:
    body = b'{"for_user_id":"1000","tweet_create_events":[]}'
    secret = desk.world.x.tokens["consumer_secret"].encode() if row != "wrong" else b"another"
    digest = hmac.new(secret, body, hashlib.sha256)
    value = digest.hexdigest() if row == "hex" else base64.b64encode(digest.digest()).decode()
    headers = JSON | ({} if row == "missing" else {"X-Twitter-Webhooks-Signature": f"sha256={value}"})
    assert (await ask(desk, "POST", X, body, headers))[0] == (200 if row == "right" else 401)


BODIES: dict[str, bytes] = {
    "a name twice": b'{"object":"page","object":"page","entry":[]}',
    "NaN": b'{"object":"page","entry":[NaN]}',
    "infinite": b'{"object":"page","entry":[-Infinity]}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
    "byte order mark": b"\xef\xbb\xbf" + BATCH,
    "UTF-16": BATCH.decode().encode("utf-16"),
    "UTF-16 without a mark": BATCH.decode().encode("utf-16-le"),
    "half": BATCH[:-5],
    "empty": b"",
    "a list": b"[]",
    "a text": b'"page"',
    "a very long number": b'{"a":' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"a":"\xff"}',
}


@pytest.mark.parametrize("row", BODIES)
async def test_39_what_is_no_strict_json_is_refused_though_it_is_signed(desk: bot.Sandbox, row: str) -> None:
    body = BODIES[row]
    assert (await ask(desk, "POST", META, body, hub(body)))[0] == 400
    await nothing_happened(desk)


@pytest.mark.parametrize("row", ["a name twice", "deep", "NaN", "a list", "half"])
async def test_39_slacks_own_bodies_are_read_as_strictly(desk: bot.Sandbox, row: str) -> None:
    text = BODIES[row].decode()
    assert (await ask(desk, "POST", SLACK, text.encode(), JSON | sign("sandbox-secret", text)))[0] == 400
    form = urlencode({"payload": text})
    assert (await ask(desk, "POST", SLACK, form.encode(), FORM | sign("sandbox-secret", form)))[0] == 400
    await nothing_happened(desk)


async def test_39_what_is_packed_or_too_long_is_not_taken_in(desk: bot.Sandbox) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert (await ask(desk, "POST", META, bomb, hub(bomb) | {"Content-Encoding": "gzip"}))[0] == 400
    long = b'{"a":"' + b"0" * 10_000_000 + b'"}'
    for path, headers in ((META, hub(long)), (SLACK, JSON)):
        with contextlib.suppress(aiohttp.ClientOSError):  # It may hang up while we still talk, which is as good.
            assert (await ask(desk, "POST", path, long, headers))[0] == 413
    head = b"POST /facebook/webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"40000\r\n" + b"0" * 0x40000 + b"\r\n"
    assert b" 413 " in await raw(desk, head + chunks * 5)
    await nothing_happened(desk)


async def test_a_body_that_drips_is_given_up_and_hinders_no_other(desk: bot.Sandbox) -> None:
    head = b"POST /facebook/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    slow = asyncio.create_task(raw(desk, head, b"{", b"a", b"b"))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert (await ask(desk, "GET", "/readyz"))[0] == 200
    assert time.monotonic() - began < 0.2
    assert b" 408 " in await slow


@pytest.mark.parametrize(
    "before", [b"", b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["at once", "on an open line"]
)
async def test_a_head_that_drips_is_given_up_however_long_it_goes_on(desk: bot.Sandbox, before: bytes) -> None:
    place = urlsplit(desk.bot.web.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(before)
        if before:
            assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.write(b"GET / HTTP/1.1\r\n")
        drops = 0
        while not writer.is_closing() and drops < 100:
            drops += 1
            writer.write(b"X-Drip: 1\r\n")
            await asyncio.sleep(0.05)
        assert drops < 100, "it is never hung up"
    finally:
        writer.close()
    await nothing_happened(desk)


async def test_the_sixty_fifth_at_once_is_told_to_come_again(desk: bot.Sandbox) -> None:
    head = b"POST /facebook/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    slow = [asyncio.create_task(raw(desk, head)) for _ in range(64)]
    await asyncio.sleep(0.1)
    assert (await ask(desk, "POST", META, BATCH, hub(BATCH)))[0] == 503
    assert (await ask(desk, "GET", f"{X}?crc_token=a"))[0] == 200
    assert {line.split()[1] for line in await asyncio.gather(*slow)} == {b"408"}


async def test_nobody_learns_what_runs_here_or_reads_its_health_from_outside(desk: bot.Sandbox) -> None:
    async with aiohttp.ClientSession() as session, session.get(desk.bot.web.url + "/nowhere") as answer:
        assert answer.status == 404
        assert answer.headers["Server"] == "Frontdesk"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await ask(desk, "GET", "/healthz", headers={"X-Forwarded-For": "203.0.113.9"}))[0] == 404
    assert (await ask(desk, "PUT", SLACK))[0] == 405


@pytest.mark.parametrize("depth", [1, DEEPEST])
async def test_what_is_as_deep_as_allowed_is_read(depth: int) -> None:
    assert strict(b"[" * depth + b"]" * depth) is not None
    with pytest.raises(Unreadable):
        strict(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))
