"""Meta calls: what it delivers is one inquiry, however often and by whatever way it comes; nothing holds up another."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from desk.model.message import Delivered
from desk.ports import Hook
from tests.journeys.conftest import ANA, DESK, Journey, words_of

SECRET = b"sandbox-app-secret"


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


async def test_meta_is_answered_at_once_and_the_comment_is_a_thread_before_the_next_look(called: Journey) -> None:
    assert await called.graph.hooks.verify("sandbox-verify", "4711") == (200, "4711")
    on = called.graph.page_post("Our autumn blend is back.")
    comment = called.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    before = looks(called)
    assert await called.graph.hooks.send() == [200]
    await called.clock.settle()
    await called.pass_(seconds=1)
    assert looks(called) == before
    assert "Where can I buy it?" in called.card(1)
    await called.types(ANA, "/reply 1 In every shop from Monday.")
    await called.pass_(seconds=15)
    assert [one["on"] for one in called.graph.published] == [comment]
    await deliver(called)  # the echo of our own answer
    assert "outside the desk" not in "".join(called.thread(1))


async def test_what_comes_three_times_at_once_and_by_a_look_is_one_inquiry(called: Journey) -> None:
    on = called.graph.page_post("Our autumn blend is back.")
    called.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    called.graph.message("Peter Holm", "Hello, is anybody there?")
    entries = called.graph.hooks.waiting
    body = json.dumps({"object": "page", "entry": entries}).encode()
    assert await asyncio.gather(*(post(called, body) for _ in range(3))) == [200, 200, 200]
    await called.pass_(minutes=12)
    assert await deliver(called, times=2) == [200, 200]
    assert len(called.roots()) == 2
    assert "Peter Holm" in "".join(words(called))
    assert not any("edited" in line for number in (1, 2) for line in called.thread(number))
    await called.restart()
    assert await post(called, body) == 200
    await called.pass_(minutes=6)
    assert len(called.roots()) == 2


async def test_replies_edits_and_removals_go_where_a_look_would_put_them(called: Journey) -> None:
    on = called.graph.page_post("Our autumn blend is back.")
    top = called.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    visitor = called.graph.visitor_post("Jan Novak", "Your shop was closed today!")
    await deliver(called)
    when = called.graph.comment("Zuzana M.", "And when?", on=top)
    called.graph.comment("Petra K.", "Mine as well.", on=visitor)
    called.graph.edit(top, "Where can I buy it in Brno?")
    await deliver(called)
    assert len(called.roots()) == 2
    assert "And when?" in "".join(called.thread(1))
    assert "in Brno?" in called.card(1)
    assert "Before: Where can I buy it?" in "".join(called.thread(1))
    assert "Mine as well." in "".join(called.thread(2))
    called.graph.delete(when)
    await deliver(called)
    assert "And when?" not in "".join(called.thread(1))
    before = [words(called), called.thread(1), called.thread(2)]
    await called.pass_(minutes=12)
    assert [words(called), called.thread(1), called.thread(2)] == before


async def test_what_was_edited_or_taken_back_is_not_undone_by_a_late_delivery(called: Journey) -> None:
    called.invented = True
    add = batch({"comment_id": "1_9", "message": "My card number is in the parcel"})
    assert await post(called, add) == 200
    await called.pass_(seconds=3)
    await post(called, batch({"comment_id": "1_9", "message": "My parcel is stuck", "verb": "edited"}))
    await called.pass_(seconds=3)
    later = batch({"comment_id": "1_9", "message": "My card number is in the parcel", "created_time": 1795514401})
    for body in (add, later):
        await post(called, body)
    await called.pass_(seconds=3)
    assert "My parcel is stuck" in called.card(1)
    # Taken back before it was ever delivered; the add comes behind it.
    await post(called, batch({"comment_id": "1_10", "verb": "remove"}))
    await post(called, batch({"comment_id": "1_10", "message": "Please forget this"}))
    await called.pass_(seconds=3)
    assert len(called.roots()) == 1


async def test_what_was_edited_before_anybody_saw_it_is_not_undone_by_a_delivery_that_comes_again(
    called: Journey,
) -> None:
    called.invented = True
    called.slack.archive(DESK)
    add = batch({"comment_id": "1_9", "message": "My card number is in the parcel"})
    await post(called, add)
    await called.pass_(seconds=3)
    await post(called, batch({"comment_id": "1_9", "message": "My parcel is stuck", "verb": "edited"}))
    await called.pass_(seconds=3)
    await post(called, add)
    called.slack.channels[DESK].flags["is_archived"] = False
    await called.pass_(minutes=3)
    assert "My parcel is stuck" in called.card(1)
    assert called.thread(1) == []


async def test_a_customer_who_takes_back_what_still_waits_for_slack_is_not_shown(called: Journey) -> None:
    called.slack.archive(DESK)
    on = called.graph.page_post("Our autumn blend is back.")
    comment = called.graph.comment("Zuzana M.", "My phone number is 12345", on=on)
    await deliver(called)
    called.graph.delete(comment)
    await deliver(called)
    called.slack.channels[DESK].flags["is_archived"] = False
    await called.pass_(minutes=3)
    assert not any("12345" in json.dumps(message) for message in called.slack.messages(DESK))


async def test_one_malformed_entry_among_ten_is_named_once_and_the_nine_go_on(called: Journey) -> None:
    called.invented = True
    comments = [
        {"comment_id": f"1_{n}", "message": f"Question {n}", "from": {"id": str(n), "name": "C"}} for n in range(1, 11)
    ]
    comments[4]["comment_id"] = {"not": "an id"}
    body = batch(*comments)
    assert await post(called, body) == 200
    await called.pass_(minutes=1)
    assert len(called.roots()) == 9
    told = [line for line in called.channel() if "could not be read and was set aside" in line]
    assert len(told) == 1
    assert "Question" not in told[0]
    assert await post(called, body) == 200
    await called.pass_(minutes=1)
    assert len(called.roots()) == 9
    assert [line for line in called.channel() if "could not be read and was set aside" in line] == told


IDS: dict[str, tuple[Any, int]] = {
    "a number": (987654321098765, 1),
    "a text": ("987654321098765", 1),
    "a number with a point": (1.8e18, 0),
    "true": (True, 0),
    "nothing": (None, 0),
    "empty": ("", 0),
    "a path": ("../me/feed", 0),
}


async def test_an_id_may_be_a_number_or_a_text_and_nothing_else(called: Journey) -> None:
    called.invented = True
    for row, (value, _) in IDS.items():
        assert await post(called, batch({"comment_id": value, "message": f"My parcel, {row}"})) == 200
        await called.pass_(seconds=5)
    assert len(called.roots()) == 1, "the number and the text are one comment"
    assert "My parcel, a text" in called.card(1), "another text under a known id is an edit"
    aside = [line for line in called.channel() if "could not be read" in line]
    assert len(aside) == sum(not good for _, good in IDS.values())


async def test_a_time_that_makes_no_sense_is_replaced_by_that_of_the_arrival(called: Journey) -> None:
    called.invented = True
    for number, stamp in enumerate((None, "yesterday", 0, 4_070_908_800, 10**20, True)):
        body = batch({"comment_id": f"1_{number}", "message": "Hello?", "created_time": stamp})
        assert await post(called, body) == 200
    await called.pass_(minutes=1)
    assert len(called.roots()) >= 1
    assert not any("could not be read" in line for line in called.channel())


async def test_what_is_no_message_or_not_ours_is_taken_and_changes_nothing(called: Journey) -> None:
    called.graph.hooks.read("Peter Holm")
    await deliver(called)
    like = {"item": "reaction", "verb": "add", "reaction_type": "like"}
    for body in (
        batch(like),
        batch({"comment_id": "9_9", "message": "hi"}, page="3000"),
        b'{"object":"user","entry":[]}',
    ):
        assert await post(called, body) == 200
    await called.pass_(minutes=1)
    assert called.roots() == []
    assert not any("could not be read" in line for line in called.channel())


async def test_messengers_edits_and_removals_come_by_webhook_too(called: Journey) -> None:
    called.invented = True
    await post(called, batch({"mid": "m_1", "text": "My order is 4711"}))
    await called.pass_(seconds=3)
    await post(called, batch({"message_edit": {"mid": "m_1", "text": "My order is 4712", "num_edit": 1}}))
    await called.pass_(seconds=3)
    assert "4712" in called.card(1)
    await post(called, batch({"mid": "m_1", "is_deleted": True}))
    await called.pass_(seconds=3)
    assert "4712" not in called.card(1)


async def test_an_edit_in_messenger_that_names_the_words_alone_leaves_the_picture(called: Journey) -> None:
    called.invented = True
    picture = {"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/v/cup.jpg"}}
    await post(called, batch({"mid": "m_1", "text": "My cup is broekn", "attachments": [picture]}))
    await called.pass_(seconds=3)
    await post(called, batch({"message_edit": {"mid": "m_1", "text": "My cup is broken", "num_edit": 1}}))
    await called.pass_(seconds=3)
    assert "is broken" in called.card(1) and "cup.jpg|photo>" in called.card(1)


@pytest.mark.looks_every(6)
async def test_looks_are_rare_while_webhooks_come_and_often_again_when_one_was_missed(called: Journey) -> None:
    on = called.graph.page_post("Our autumn blend is back.")
    called.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    await deliver(called)
    await called.pass_(seconds=10)
    before = looks(called)
    for _ in range(20):
        await called.pass_(seconds=15)
    assert 1 <= looks(called) - before <= 2
    called.graph.hooks.url = ""  # Meta has switched the webhook off
    called.graph.comment("Jan N.", "Is it vegan?", on=on)
    for _ in range(21):
        await called.pass_(seconds=15)
    assert len(called.roots()) == 2
    before = looks(called)
    for _ in range(4):
        await called.pass_(seconds=15)
    assert looks(called) - before >= 4


async def test_what_was_kept_is_read_after_a_restart(called: Journey) -> None:
    on = called.graph.page_post("Our autumn blend is back.")
    called.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    called.wire.fault("graph", "GET *", "status", times=None, status=503, body="<html>no</html>")
    assert await called.graph.hooks.send() == [200]
    await called.pass_(seconds=20)
    assert called.roots() == []
    await called.restart()
    called.wire.clear_faults()
    await called.pass_(seconds=30)
    assert "Where can I buy it?" in called.card(1)


async def test_what_nobody_took_comes_again(called: Journey) -> None:
    on = called.graph.page_post("Our autumn blend is back.")
    called.wire.fault("graph", "GET *", "status", times=None, status=503, body="<html>no</html>")  # no look sees it
    called.graph.comment("Zuzana M.", "Where can I buy it?", on=on)
    await called.sandbox.bot.web.stop()
    assert await called.graph.hooks.send() == [0]
    await called.restart()
    called.wire.fault("graph", "GET */me/feed", "status", times=None, status=503, body="<html>no</html>")
    assert await deliver(called) == [200]
    called.wire.faults[:] = [fault for fault in called.wire.faults if "feed" in fault.match]
    await called.pass_(seconds=30)
    assert "Where can I buy it?" in called.card(1)


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
    called: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    called.invented = True
    one = called.sandbox.bot
    hook = Poisoned(one.inbox.hooks["facebook"])
    one.inbox.hooks = one.web.hooks = {"facebook": hook}
    port = urlsplit(one.web.url).port
    assert port is not None
    await one.web.stop()
    await one.web.start("127.0.0.1", port)  # where Slack and Facebook call
    for text in ("My parcel is stuck", "poison", "Where can I buy it?"):
        assert await post(called, batch({"comment_id": f"1_{len(text)}", "message": text})) == 200
    await called.pass_(seconds=20)
    assert hook.tries == 3
    assert len(called.roots()) == 2
    told = [line for line in called.channel() if "A delivery from Facebook could not be read after 3 tries" in line]
    assert len(told) == 1
    assert "poison" not in told[0] + caplog.text


async def test_xs_challenge_does_not_wait_for_a_hundred_deliveries(called: Journey) -> None:
    called.invented = True
    await called.owner_sets(x={"webhook": True, "poll_seconds": 300})
    called.wire.fault("graph", "GET *", "hang", times=None, seconds=20)
    bodies = [batch({"comment_id": f"1_{n}", "message": f"Question {n}"}) for n in range(100)]
    assert set(await asyncio.gather(*(post(called, body) for body in bodies))) <= {200, 503}
    address = f"{called.sandbox.bot.web.url}/x/webhook?crc_token=abc"
    async with aiohttp.ClientSession() as session, asyncio.timeout(1), session.get(address) as answer:
        assert answer.status == 200
    called.wire.clear_faults()


async def test_a_call_of_xs_makes_the_desk_look_at_once(called: Journey) -> None:
    await called.owner_sets(x={"webhook": True, "poll_seconds": 600})
    await called.pass_(seconds=30)
    called.x.add_person("maria_k", "Maria K.")
    called.x.post("maria_k", "@acme my parcel is stuck")
    body = b'{"for_user_id":"1000","tweet_create_events":[{"id_str":"1"}]}'
    secret = called.x.tokens["consumer_secret"].encode()
    digest = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    headers = {"X-Twitter-Webhooks-Signature": f"sha256={digest}"}
    assert await post(called, body, path="/x/webhook", **headers) == 200
    await called.clock.settle()
    await called.pass_(seconds=10)
    assert "my parcel is stuck" in words_of(called.roots()[0])
