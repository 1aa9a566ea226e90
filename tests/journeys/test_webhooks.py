"""Meta calls: what it delivers is one inquiry, however often and by whatever way it comes; nothing holds up another."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot
from desk.model.message import Delivered
from desk.ports import Hook
from tests.journeys.conftest import ANA, DESK, TUESDAY, Journey, bugs_in, words_of

SECRET = b"sandbox-app-secret"


@pytest.fixture
async def hooked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Journey]:
    """A desk that Meta calls, and that looks at the Page every five minutes only, once Meta does."""
    caplog.set_level(logging.WARNING)
    sandbox = bot.Sandbox(TUESDAY, tmp_path, door="http")
    await sandbox.start()
    told = Journey(sandbox)
    try:
        await told.pass_(seconds=5)
        yield told
        await told.audit()
    finally:
        await sandbox.stop()
    assert bugs_in(caplog) == told.expected_bugs


async def deliver(journey: Journey, *, times: int = 1) -> list[int]:
    """Meta sends all that happened since, as one batch."""
    statuses: list[int] = await journey.graph.hooks.send(times=times)
    await journey.clock.settle()
    await journey.pass_(seconds=3)
    return statuses


async def post(journey: Journey, body: bytes, *, path: str = "/facebook/webhook", **headers: str) -> int:
    signed = {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()}
    async with (
        aiohttp.ClientSession() as session,
        session.post(journey.sandbox.bot.web.url + path, data=body, headers=headers or signed) as answer,
    ):
        return answer.status


def batch(*changes: dict[str, Any], page: str = "2000") -> bytes:
    """A batch as Meta forms it: comments (`comment_id` …), or messages (`mid` …)."""
    entries: list[dict[str, Any]] = []
    for change in changes:
        if "mid" in change or "message_edit" in change:
            said = change if "message_edit" in change else {"message": change}
            item = {"sender": {"id": "77"}, "recipient": {"id": page}, "timestamp": 1795514400000, **said}
            entries.append({"id": page, "time": 1795514400000, "messaging": [item]})
        else:
            value = {"item": "comment", "verb": "add", "post_id": "2000_1", "parent_id": "2000_1", **change}
            value.setdefault("from", {"id": "77", "name": "Maria Silva"})
            value.setdefault("created_time", 1795514400)
            entries.append({"id": page, "time": 1795514400, "changes": [{"field": "feed", "value": value}]})
    return json.dumps({"object": "page", "entry": entries}).encode()


def looks(journey: Journey) -> int:
    return sum(record.path.endswith("/me/feed") for record in journey.wire.to("graph"))


def words(journey: Journey) -> list[str]:
    return [journey.card(number) for number in range(1, len(journey.roots()) + 1)]


async def test_meta_is_answered_at_once_and_the_comment_is_a_thread_before_the_next_look(hooked: Journey) -> None:
    assert await hooked.graph.hooks.verify("sandbox-verify", "4711") == (200, "4711")
    on = hooked.graph.page_post("Our autumn blend is back.")
    comment = hooked.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    before = looks(hooked)
    assert await hooked.graph.hooks.send() == [200]
    await hooked.clock.settle()
    await hooked.pass_(seconds=1)
    assert looks(hooked) == before
    assert "Where can I buy it?" in hooked.card(1)
    await hooked.types(ANA, "/reply 1 In every shop from Monday.")
    await hooked.pass_(seconds=15)
    assert [one["on"] for one in hooked.graph.published] == [comment]
    await deliver(hooked)  # the echo of our own answer
    assert "outside the desk" not in "".join(hooked.thread(1))


async def test_what_comes_three_times_at_once_and_by_a_look_is_one_inquiry(hooked: Journey) -> None:
    on = hooked.graph.page_post("Our autumn blend is back.")
    hooked.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    hooked.graph.message("Peter Holm", "Hello, is anybody there?")
    entries = hooked.graph.hooks.waiting
    body = json.dumps({"object": "page", "entry": entries}).encode()
    assert await asyncio.gather(*(post(hooked, body) for _ in range(3))) == [200, 200, 200]
    await hooked.pass_(minutes=12)
    assert await deliver(hooked, times=2) == [200, 200]
    assert len(hooked.roots()) == 2
    assert "Peter Holm" in "".join(words(hooked))
    assert not any("edited" in line for number in (1, 2) for line in hooked.thread(number))
    await hooked.restart()
    assert await post(hooked, body) == 200
    await hooked.pass_(minutes=6)
    assert len(hooked.roots()) == 2


async def test_replies_edits_and_removals_go_where_a_look_would_put_them(hooked: Journey) -> None:
    on = hooked.graph.page_post("Our autumn blend is back.")
    top = hooked.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    visitor = hooked.graph.visitor_post("Jan Novak", "Your shop was closed today!")
    await deliver(hooked)
    when = hooked.graph.comment("Zuzana M.", "And when?", on=top)
    hooked.graph.comment("Petra K.", "Mine as well.", on=visitor)
    hooked.graph.edit(top, "Where can I buy it in Brno?")
    await deliver(hooked)
    assert len(hooked.roots()) == 2
    assert "And when?" in "".join(hooked.thread(1))
    assert "in Brno?" in hooked.card(1)
    assert "Before: Where can I buy it?" in "".join(hooked.thread(1))
    assert "Mine as well." in "".join(hooked.thread(2))
    hooked.graph.delete(when)
    await deliver(hooked)
    assert "And when?" not in "".join(hooked.thread(1))
    before = [words(hooked), hooked.thread(1), hooked.thread(2)]
    await hooked.pass_(minutes=12)
    assert [words(hooked), hooked.thread(1), hooked.thread(2)] == before


async def test_what_was_edited_or_taken_back_is_not_undone_by_a_late_delivery(hooked: Journey) -> None:
    hooked.invented = True
    add = batch({"comment_id": "1_9", "message": "My card number is in the parcel"})
    assert await post(hooked, add) == 200
    await hooked.pass_(seconds=3)
    await post(hooked, batch({"comment_id": "1_9", "message": "My parcel is stuck", "verb": "edited"}))
    await hooked.pass_(seconds=3)
    later = batch({"comment_id": "1_9", "message": "My card number is in the parcel", "created_time": 1795514401})
    for body in (add, later):
        await post(hooked, body)
    await hooked.pass_(seconds=3)
    assert "My parcel is stuck" in hooked.card(1)
    # Taken back before it was ever delivered; the add comes behind it.
    await post(hooked, batch({"comment_id": "1_10", "verb": "remove"}))
    await post(hooked, batch({"comment_id": "1_10", "message": "Please forget this"}))
    await hooked.pass_(seconds=3)
    assert len(hooked.roots()) == 1


async def test_a_customer_who_takes_back_what_still_waits_for_slack_is_not_shown(hooked: Journey) -> None:
    hooked.slack.archive(DESK)
    on = hooked.graph.page_post("Our autumn blend is back.")
    comment = hooked.graph.comment("Zuzana M.", "My phone number is 12345", on=on)
    await deliver(hooked)
    hooked.graph.delete(comment)
    await deliver(hooked)
    hooked.slack.channels[DESK].flags["is_archived"] = False
    await hooked.pass_(minutes=3)
    assert not any("12345" in json.dumps(message) for message in hooked.slack.messages(DESK))


async def test_one_malformed_entry_among_ten_is_named_once_and_the_nine_go_on(hooked: Journey) -> None:
    hooked.invented = True
    comments = [
        {"comment_id": f"1_{n}", "message": f"Question {n}", "from": {"id": str(n), "name": "C"}} for n in range(1, 11)
    ]
    comments[4]["comment_id"] = {"not": "an id"}
    body = batch(*comments)
    assert await post(hooked, body) == 200
    await hooked.pass_(minutes=1)
    assert len(hooked.roots()) == 9
    told = [line for line in hooked.channel() if "could not be read and was set aside" in line]
    assert len(told) == 1
    assert "Question" not in told[0]
    assert await post(hooked, body) == 200
    await hooked.pass_(minutes=1)
    assert len(hooked.roots()) == 9
    assert [line for line in hooked.channel() if "could not be read and was set aside" in line] == told


IDS: dict[str, tuple[Any, int]] = {
    "a number": (987654321098765, 1),
    "a text": ("987654321098765", 1),
    "a number with a point": (1.8e18, 0),
    "true": (True, 0),
    "nothing": (None, 0),
    "empty": ("", 0),
    "a path": ("../me/feed", 0),
}


async def test_an_id_may_be_a_number_or_a_text_and_nothing_else(hooked: Journey) -> None:
    hooked.invented = True
    for row, (value, _) in IDS.items():
        assert await post(hooked, batch({"comment_id": value, "message": f"My parcel, {row}"})) == 200
        await hooked.pass_(seconds=5)
    assert len(hooked.roots()) == 1, "the number and the text are one comment"
    assert "My parcel, a text" in hooked.card(1), "another text under a known id is an edit"
    aside = [line for line in hooked.channel() if "could not be read" in line]
    assert len(aside) == sum(not good for _, good in IDS.values())


async def test_a_time_that_makes_no_sense_is_replaced_by_that_of_the_arrival(hooked: Journey) -> None:
    hooked.invented = True
    for number, stamp in enumerate((None, "yesterday", 0, 4_070_908_800, 10**20, True)):
        body = batch({"comment_id": f"1_{number}", "message": "Hello?", "created_time": stamp})
        assert await post(hooked, body) == 200
    await hooked.pass_(minutes=1)
    assert len(hooked.roots()) >= 1
    assert not any("could not be read" in line for line in hooked.channel())


async def test_what_is_no_message_or_not_ours_is_taken_and_changes_nothing(hooked: Journey) -> None:
    hooked.graph.hooks.read("Peter Holm")
    await deliver(hooked)
    like = {"item": "reaction", "verb": "add", "reaction_type": "like"}
    for body in (
        batch(like),
        batch({"comment_id": "9_9", "message": "hi"}, page="3000"),
        b'{"object":"user","entry":[]}',
    ):
        assert await post(hooked, body) == 200
    await hooked.pass_(minutes=1)
    assert hooked.roots() == []
    assert not any("could not be read" in line for line in hooked.channel())


async def test_messengers_edits_and_removals_come_by_webhook_too(hooked: Journey) -> None:
    hooked.invented = True
    await post(hooked, batch({"mid": "m_1", "text": "My order is 4711"}))
    await hooked.pass_(seconds=3)
    await post(hooked, batch({"message_edit": {"mid": "m_1", "text": "My order is 4712", "num_edit": 1}}))
    await hooked.pass_(seconds=3)
    assert "4712" in hooked.card(1)
    await post(hooked, batch({"mid": "m_1", "is_deleted": True}))
    await hooked.pass_(seconds=3)
    assert "4712" not in hooked.card(1)


async def test_looks_are_rare_while_webhooks_come_and_often_again_when_one_was_missed(hooked: Journey) -> None:
    on = hooked.graph.page_post("Our autumn blend is back.")
    hooked.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    await deliver(hooked)
    await hooked.pass_(seconds=10)
    before = looks(hooked)
    for _ in range(20):
        await hooked.pass_(seconds=15)
    assert 1 <= looks(hooked) - before <= 2
    hooked.graph.hooks.url = ""  # Meta has switched the webhook off
    hooked.graph.comment("Jan N.", "Is it vegan?", on=on)
    for _ in range(21):
        await hooked.pass_(seconds=15)
    assert len(hooked.roots()) == 2
    before = looks(hooked)
    for _ in range(4):
        await hooked.pass_(seconds=15)
    assert looks(hooked) - before >= 4


async def test_what_was_kept_is_read_after_a_restart(hooked: Journey) -> None:
    on = hooked.graph.page_post("Our autumn blend is back.")
    hooked.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    hooked.wire.fault("graph", "GET *", "status", times=None, status=503, body="<html>no</html>")
    assert await hooked.graph.hooks.send() == [200]
    await hooked.pass_(seconds=20)
    assert hooked.roots() == []
    await hooked.restart()
    hooked.wire.clear_faults()
    await hooked.pass_(seconds=30)
    assert "Where can I buy it?" in hooked.card(1)


async def test_what_nobody_took_comes_again(hooked: Journey) -> None:
    on = hooked.graph.page_post("Our autumn blend is back.")
    hooked.wire.fault("graph", "GET *", "status", times=None, status=503, body="<html>no</html>")  # no look sees it
    hooked.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    await hooked.sandbox.bot.web.stop()
    assert await hooked.graph.hooks.send() == [0]
    await hooked.restart()
    hooked.wire.fault("graph", "GET */me/feed", "status", times=None, status=503, body="<html>no</html>")
    assert await deliver(hooked) == [200]
    hooked.wire.faults[:] = [fault for fault in hooked.wire.faults if "feed" in fault.match]
    await hooked.pass_(seconds=30)
    assert "Where can I buy it?" in hooked.card(1)


class Poisoned:
    """Meta's hook, but for a body that breaks the reader every time."""

    def __init__(self, hook: Hook) -> None:
        self.hook, self.name, self.tries = hook, hook.name, 0
        self.greet, self.genuine = hook.greet, hook.genuine

    async def read(self, body: Any) -> Delivered:
        if "poison" in json.dumps(body):
            self.tries += 1
            raise RuntimeError("poison, in the customer's own words")
        return await self.hook.read(body)


async def test_a_delivery_that_breaks_the_reader_is_set_aside_and_the_queue_moves_on(
    hooked: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    hooked.invented = True
    one = hooked.sandbox.bot
    hook = Poisoned(one.inbox.hooks["facebook"])
    one.inbox.hooks = one.web.hooks = {"facebook": hook}
    await one.web.stop()
    await one.web.start("127.0.0.1", 0)
    for text in ("My parcel is stuck", "poison", "Where can I buy it?"):
        assert await post(hooked, batch({"comment_id": f"1_{len(text)}", "message": text})) == 200
    await hooked.pass_(seconds=20)
    assert hook.tries == 3
    assert len(hooked.roots()) == 2
    told = [line for line in hooked.channel() if "A delivery from Facebook could not be read after 3 tries" in line]
    assert len(told) == 1
    assert "poison" not in told[0] + caplog.text


async def test_xs_challenge_does_not_wait_for_a_hundred_deliveries(hooked: Journey) -> None:
    hooked.invented = True
    await hooked.owner_sets(x={"webhook": True, "poll_seconds": 300})
    hooked.wire.fault("graph", "GET *", "hang", times=None, seconds=20)
    bodies = [batch({"comment_id": f"1_{n}", "message": f"Question {n}"}) for n in range(100)]
    assert set(await asyncio.gather(*(post(hooked, body) for body in bodies))) <= {200, 503}
    address = f"{hooked.sandbox.bot.web.url}/x/webhook?crc_token=abc"
    async with aiohttp.ClientSession() as session, asyncio.timeout(1), session.get(address) as answer:
        assert answer.status == 200
    hooked.wire.clear_faults()


async def test_a_call_of_xs_makes_the_desk_look_at_once(hooked: Journey) -> None:
    await hooked.owner_sets(x={"webhook": True, "poll_seconds": 600})
    await hooked.pass_(seconds=30)
    hooked.x.add_person("maria_k", "Maria K.")
    hooked.x.post("maria_k", "@acme my parcel is stuck")
    body = b'{"for_user_id":"1000","tweet_create_events":[{"id_str":"1"}]}'
    secret = hooked.x.tokens["consumer_secret"].encode()
    digest = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    headers = {"X-Twitter-Webhooks-Signature": f"sha256={digest}"}
    assert await post(hooked, body, path="/x/webhook", **headers) == 200
    await hooked.clock.settle()
    await hooked.pass_(seconds=10)
    assert "my parcel is stuck" in words_of(hooked.roots()[0])
