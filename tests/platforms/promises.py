"""What every connector promises to the desk, tried on each against its stand-in: one suite, one `Scene` a network.

A connector's test file has a class that inherits `Promises` and gives it a fixture `scene`; what the outside saw
decides.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.media import Content
from desk.model.message import Change, Does, Message, Outgoing
from desk.ports import Platform
from platforms.sandbox.wire import Fault, Wire

JPEG, PNG = b"\xff\xd8\xff\xe0" + bytes(200), b"\x89PNG\r\n\x1a\n" + bytes(200)
CANARY = "Kanarienvogel 4711"
"""Stands in texts that must not turn up in a log or in an error."""


class Scene(ABC):
    """One stand-in with the connector that talks to it, and that waits 2.5 seconds of wall-clock time for an answer."""

    platform: Platform
    wire: Wire
    to: str
    """The stand-in's name on the wire."""
    publishing: str
    """Which requests publish a public reply, as a fault's glob ("POST /2/tweets")."""
    reading: str
    """Which requests read what customers wrote in public."""
    uploading: str
    """Which requests hand over what goes along with a public reply."""
    secrets: tuple[str, ...] = ()
    """Tokens that must not turn up in a log or in an error."""
    keeps_ids: bool = True
    """Whether an edited message keeps its id."""
    at: datetime

    def later(self, seconds: float = 1.0) -> None:
        self.at += timedelta(seconds=seconds)

    @abstractmethod
    def customer_writes(self, text: str) -> str: ...

    @abstractmethod
    def customer_answers(self, text: str, to: str) -> str:
        """A further message in the conversation of `to`."""

    @abstractmethod
    def customer_writes_privately(self, text: str) -> str: ...

    @abstractmethod
    def customer_edits(self, remote_id: str, text: str) -> str:
        """Returns the id that the message has now."""

    @abstractmethod
    def customer_deletes(self, remote_id: str) -> None: ...

    @abstractmethod
    def colleague_answers(self, text: str, to: str) -> str:
        """Somebody answers as our account, without the desk."""

    @abstractmethod
    def said(self) -> list[str]:
        """The texts that stand published by us, public and private, oldest first."""

    @abstractmethod
    def pictures(self) -> list[int]:
        """How many pictures hang on each text of `said`."""

    @abstractmethod
    def customer_shows(self, data: bytes) -> str:
        """A picture of a customer's; where the platform says that it is."""

    @abstractmethod
    def standing(self) -> list[str]:
        """The texts of ours that stand there in public now, oldest first."""

    @abstractmethod
    def customer_answers_us(self, text: str) -> str:
        """A customer's words below a post of ours; returns their id."""

    @abstractmethod
    def is_hidden(self, remote_id: str) -> bool: ...

    @abstractmethod
    def targets(self) -> list[str | None]:
        """What each of our public texts replies to."""

    @abstractmethod
    def revoke(self) -> None:
        """The token is no longer accepted."""

    def fault(self, match: str, action: Any, **more: Any) -> Fault:
        return self.wire.fault(self.to, match, action, **more)

    def reply(self, message: Message, text: str, op_id: str = "op-1") -> Outgoing:
        if message.private:
            return Outgoing(op_id, "direct", text, to=message.author.remote_id)
        return Outgoing(op_id, "reply", text, reply_to=message.remote_id, people=message.people)


async def first_of(scene: Scene, text: str = "Where is my parcel?") -> Message:
    scene.customer_writes(text)
    fetched = await scene.platform.fetch(None)
    return fetched.messages[-1]


class Promises:
    """The suite. Subclasses give the fixture `scene`."""

    # --- reading ---

    async def test_a_message_arrives_word_for_word(self, scene: Scene) -> None:
        text = "It's <b>late</b> & “wet” – see https://example.com/a?b=1&c=2 😀\nSecond line: &lt;3"
        key = scene.customer_writes(text)
        (message,) = (await scene.platform.fetch(None)).messages
        assert (message.remote_id, message.text, message.own, message.private) == (key, text, False, False)
        assert message.created_at == scene.at
        assert message.created_at is not None and message.created_at.tzinfo is UTC
        assert message.author.name or message.author.handle
        assert key.rpartition("_")[2] in message.url
        assert message.conversation.startswith("post:")

    async def test_a_second_look_brings_nothing_and_leaves_the_cursor(self, scene: Scene) -> None:
        scene.customer_writes("Hello?")
        first = await scene.platform.fetch(None)
        scene.later(30)
        second = await scene.platform.fetch(first.cursor)
        scene.later(7200)
        third = await scene.platform.fetch(second.cursor)
        assert (second.messages, third.messages) == ((), ())
        assert first.cursor == second.cursor == third.cursor

    async def test_an_empty_network_gives_a_cursor_that_misses_nothing(self, scene: Scene) -> None:
        empty = await scene.platform.fetch(None)
        assert empty.messages == ()
        key = scene.customer_writes("First!")
        assert [message.remote_id for message in (await scene.platform.fetch(empty.cursor)).messages] == [key]

    async def test_several_pages_come_whole_and_oldest_first(self, scene: Scene) -> None:
        start = (await scene.platform.fetch(None)).cursor
        keys = []
        for n in range(130):
            keys.append(scene.customer_writes(f"Number {n}"))
            scene.later(1)
        fetched = await scene.platform.fetch(start)
        assert [message.remote_id for message in fetched.messages] == keys
        assert fetched.gap is None
        assert (await scene.platform.fetch(fetched.cursor)).messages == ()

    async def test_one_conversation_has_one_name(self, scene: Scene) -> None:
        root = scene.customer_writes("Where is it?")
        scene.later()
        scene.customer_answers("Anybody?", root)
        first, second = (await scene.platform.fetch(None)).messages
        assert first.conversation == second.conversation
        assert (first.reply_to, second.reply_to) == (None, root) or second.reply_to == root
        scene.later()
        scene.customer_writes("Another matter")
        other = (await scene.platform.fetch(None)).messages[-1]
        assert other.conversation != first.conversation

    async def test_private_messages_are_private_and_one_conversation_a_customer(self, scene: Scene) -> None:
        scene.customer_writes_privately("psst")
        scene.later()
        scene.customer_writes_privately("and <one> more & more")
        first, second = (await scene.platform.fetch(None)).messages
        assert (first.private, second.private) == (True, True)
        assert (first.text, second.text) == ("psst", "and <one> more & more")
        assert first.conversation == second.conversation == f"direct:{first.author.remote_id}"

    async def test_an_answer_given_outside_the_desk_is_ours(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.later(60)
        key = scene.colleague_answers("Found it!", message.remote_id)
        own = [one for one in (await scene.platform.fetch(None)).messages if one.own]
        assert [(one.remote_id, one.text, one.conversation) for one in own] == [
            (key, "Found it!", message.conversation)
        ]

    async def test_an_edit_names_what_it_replaces(self, scene: Scene) -> None:
        key = scene.customer_writes("My parsel")
        first = await scene.platform.fetch(None)
        scene.later(60)
        now = scene.customer_edits(key, "My parcel")
        (edited,) = (await scene.platform.fetch(first.cursor)).messages
        assert (edited.remote_id, edited.previous_id, edited.text) == (now, key, "My parcel")
        assert edited.conversation == first.messages[0].conversation

    async def test_a_deletion_is_told_without_the_text(self, scene: Scene) -> None:
        key, other = scene.customer_writes("Oops, my address!"), scene.customer_writes("Hello")
        first = await scene.platform.fetch(None)
        assert len(first.messages) == 2
        scene.later(20)
        scene.customer_deletes(key)
        fetched = await scene.platform.fetch(first.cursor)
        assert [(one.remote_id, one.deleted, one.text) for one in fetched.messages] == [(key, True, "")]
        assert (await scene.platform.fetch(fetched.cursor)).messages == ()
        assert other

    async def test_a_sweep_that_breaks_off_passes_nothing(self, scene: Scene) -> None:
        start = (await scene.platform.fetch(None)).cursor
        keys = [scene.customer_writes(f"Number {n}") for n in range(130)]
        scene.fault(scene.reading, "status", status=500, body="<html>down</html>", after=1, times=1)
        with pytest.raises(Unreachable):
            await scene.platform.fetch(start)
        fetched = await scene.platform.fetch(start)
        assert sorted(message.remote_id for message in fetched.messages) == sorted(keys)

    async def test_reading_with_a_revoked_token_says_so(self, scene: Scene) -> None:
        start = (await scene.platform.fetch(None)).cursor
        scene.revoke()
        with pytest.raises(Unauthorised):
            await scene.platform.fetch(start)

    # --- publishing ---

    async def test_a_reply_stands_under_the_customers_words(self, scene: Scene) -> None:
        message = await first_of(scene)
        receipt = await scene.platform.publish(scene.reply(message, "On its way & soon – 1 < 2!"))
        assert scene.said() == ["On its way & soon – 1 < 2!"]
        assert scene.targets() == [message.remote_id]
        assert receipt.remote_id and receipt.url.startswith("https://")

    async def test_a_private_message_is_answered_privately(self, scene: Scene) -> None:
        scene.customer_writes_privately("psst")
        (message,) = (await scene.platform.fetch(None)).messages
        receipt = await scene.platform.publish(scene.reply(message, "We hear you"))
        assert scene.said() == ["We hear you"] and scene.targets() == []
        assert receipt.remote_id

    async def test_a_reply_whose_answer_was_lost_is_found(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.later(60)
        since = scene.at
        out = scene.reply(message, "On its way: see https://example.com/track?id=1&x=2 – café 😀 & more")
        scene.fault(scene.publishing, "drop_after")
        with pytest.raises(Unreachable):
            await scene.platform.publish(out)
        scene.later(2)
        found = await scene.platform.find(out, since)
        assert found is not None and found.remote_id
        assert len(scene.said()) == 1

    async def test_a_private_reply_whose_answer_was_lost_is_found(self, scene: Scene) -> None:
        scene.customer_writes_privately("psst")
        (message,) = (await scene.platform.fetch(None)).messages
        scene.later(60)
        since = scene.at
        out = scene.reply(message, "Here: https://example.com/x & more")
        receipt = await scene.platform.publish(out)
        found = await scene.platform.find(out, since)
        assert found is not None and found.remote_id == receipt.remote_id

    async def test_what_was_never_taken_is_not_found(self, scene: Scene) -> None:
        message = await first_of(scene)
        out = scene.reply(message, "On its way")
        scene.fault(scene.publishing, "drop_before")
        with pytest.raises(Unreachable):
            await scene.platform.publish(out)
        assert await scene.platform.find(out, scene.at) is None
        assert scene.said() == []

    async def test_another_text_or_another_target_is_not_taken_for_ours(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.later()
        other_key = scene.customer_writes("Me too")
        other = next(one for one in (await scene.platform.fetch(None)).messages if one.remote_id == other_key)
        since = scene.at
        await scene.platform.publish(scene.reply(message, "On its way"))
        assert await scene.platform.find(scene.reply(message, "On its way!"), since) is None
        assert await scene.platform.find(scene.reply(other, "On its way"), since) is None
        assert await scene.platform.find(scene.reply(message, "On its way"), since) is not None

    async def test_what_cannot_be_read_back_yet_is_found_later(self, scene: Scene) -> None:
        message = await first_of(scene)
        out = scene.reply(message, "On its way")
        since = scene.at
        scene.fault(scene.publishing, "drop_after", lag=60.0)
        with pytest.raises(Unreachable):
            await scene.platform.publish(out)
        scene.later(2)
        assert await scene.platform.find(out, since) is None
        scene.later(60)
        assert await scene.platform.find(out, since) is not None

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 503, "body": "<html>Service Unavailable</html>"},
            {"status": 500, "body": {}},
            {"status": 502, "body": ""},
            {"status": 200, "body": "<html>hello</html>"},
            {"status": 200, "body": {"data": None, "errors": [{"message": "odd"}]}},
            {"status": 200, "body": []},
        ],
        ids=str,
    )
    async def test_an_answer_that_makes_no_sense_leaves_it_open(self, scene: Scene, fault: dict[str, Any]) -> None:
        message = await first_of(scene)
        scene.fault(scene.publishing, "status", **fault)
        with pytest.raises(Unreachable):
            await scene.platform.publish(scene.reply(message, "On its way"))
        assert scene.said() == []

    @pytest.mark.parametrize("body", ["[]", "<html>no</html>", "", {"errors": None}, {"error": None}, {}], ids=str)
    async def test_a_400_is_a_refusal_whatever_its_body(self, scene: Scene, body: Any) -> None:
        message = await first_of(scene)
        scene.fault(scene.publishing, "status", status=400, body=body)
        with pytest.raises(Refused):
            await scene.platform.publish(scene.reply(message, "On its way"))

    async def test_a_server_that_never_answers_is_given_up(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.fault(scene.publishing, "hang", seconds=10.0)
        started = time.monotonic()
        with pytest.raises(Unreachable):
            await scene.platform.publish(scene.reply(message, "On its way"))
        assert time.monotonic() - started < 5

    async def test_others_go_on_while_one_call_hangs(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.fault(scene.publishing, "hang", seconds=10.0)
        hanging = asyncio.create_task(scene.platform.publish(scene.reply(message, "On its way")))
        await asyncio.sleep(0.1)
        assert scene.platform.in_flight == 1
        await asyncio.wait_for(scene.platform.account(), 0.8)
        with pytest.raises(Unreachable):
            await hanging
        await asyncio.sleep(0.05)
        assert scene.platform.in_flight == 0

    async def test_a_publication_is_one_request(self, scene: Scene) -> None:
        message = await first_of(scene)
        for action in ("drop_before", "drop_after"):
            before = len(scene.wire.records)
            scene.fault(scene.publishing, action)
            with pytest.raises(Unreachable):
                await scene.platform.publish(scene.reply(message, f"On its way, {action}"))
            assert len([one for one in scene.wire.records[before:] if one.method == "POST"]) == 1

    async def test_what_we_said_in_public_can_be_taken_away_and_twice_is_as_good(self, scene: Scene) -> None:
        message = await first_of(scene)
        receipt = await scene.platform.publish(Outgoing("a", "reply", "It went out.", message.remote_id))
        assert scene.standing() == ["It went out."]
        taken = Change("c", Does.DELETE, receipt.remote_id)
        await scene.platform.change(taken)
        assert scene.standing() == []
        await scene.platform.change(taken)

    async def test_a_customers_comment_below_ours_is_hidden_and_shown_again(self, scene: Scene) -> None:
        below = scene.customer_answers_us("My card is 4711!")
        await scene.platform.change(Change("c", Does.HIDE, below))
        assert scene.is_hidden(below)
        await scene.platform.change(Change("d", Does.SHOW, below))
        assert not scene.is_hidden(below)

    async def test_our_words_are_edited_where_that_is_possible_and_refused_in_words_where_not(
        self, scene: Scene
    ) -> None:
        message = await first_of(scene)
        receipt = await scene.platform.publish(Outgoing("a", "reply", "It went uot.", message.remote_id))
        edit = Change("c", Does.EDIT, receipt.remote_id, "It went out.")
        if Does.EDIT in scene.platform.capabilities.changes:
            await scene.platform.change(edit)
            assert scene.standing() == ["It went out."]
            return
        with pytest.raises(Refused, match="Delete it, and answer anew"):
            await scene.platform.change(edit)
        assert scene.standing() == ["It went uot."]

    async def test_a_change_whose_answer_was_lost_is_open_and_can_be_asked_again(self, scene: Scene) -> None:
        message = await first_of(scene)
        receipt = await scene.platform.publish(Outgoing("a", "reply", "It went out.", message.remote_id))
        taken = Change("c", Does.DELETE, receipt.remote_id)
        scene.fault("DELETE *", "drop_after")
        with pytest.raises(Unreachable):
            await scene.platform.change(taken)
        await scene.platform.change(taken)
        assert scene.standing() == []

    async def test_publishing_with_a_revoked_token_says_so(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.revoke()
        with pytest.raises(Unauthorised):
            await scene.platform.publish(scene.reply(message, "On its way"))
        assert scene.said() == []

    async def test_a_reply_to_what_was_taken_back_is_refused_in_words(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.customer_deletes(message.remote_id)
        with pytest.raises(Refused) as refused:
            await scene.platform.publish(scene.reply(message, "On its way"))
        assert refused.value.code == "gone"
        assert refused.value.why.endswith(".")

    async def test_what_is_too_long_is_refused_before_the_network(self, scene: Scene) -> None:
        message = await first_of(scene)
        before = len(scene.wire.records)
        with pytest.raises(Refused) as refused:
            await scene.platform.publish(scene.reply(message, "x" * (scene.platform.capabilities.public_limit + 1)))
        assert refused.value.code == "too_long"
        assert len(scene.wire.records) == before

    async def test_the_longest_text_goes_out(self, scene: Scene) -> None:
        message = await first_of(scene)
        text = "x" * scene.platform.capabilities.public_limit
        assert scene.platform.length(text) == scene.platform.capabilities.public_limit
        await scene.platform.publish(scene.reply(message, text))
        assert scene.said() == [text]

    # --- the rest ---

    async def test_we_know_who_we_are(self, scene: Scene) -> None:
        account = await scene.platform.account()
        message = await first_of(scene)
        assert message.account == account.remote_id and message.platform == scene.platform.name

    async def test_a_busy_network_says_when_again(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.fault(scene.publishing, "status", **self.busy(scene))
        with pytest.raises(Busy) as busy:
            await scene.platform.publish(scene.reply(message, "On its way"))
        assert busy.value.retry_at >= scene.at + timedelta(seconds=60)
        assert scene.said() == []

    # --- pictures ---

    async def test_a_picture_goes_along_once_and_is_found_with_its_text(self, scene: Scene) -> None:
        message = await first_of(scene)
        scene.fault(scene.uploading, "drop_after")
        picture = Content("cup.jpg", "image/jpeg", JPEG, "A cup")
        with pytest.raises(Unreachable):
            await scene.platform.upload(picture, "reply")
        assert scene.said() == []
        key = await scene.platform.upload(picture, "reply")
        out = replace(scene.reply(message, "Here it is"), media=(key,))
        scene.fault(scene.publishing, "drop_after")
        with pytest.raises(Unreachable):
            await scene.platform.publish(out)
        assert (scene.said(), scene.pictures()) == (["Here it is"], [1])
        scene.later(20)
        assert await scene.platform.find(out, scene.at - timedelta(seconds=30)) is not None

    async def test_what_goes_along_privately_is_handed_over_for_that(self, scene: Scene) -> None:
        scene.customer_writes_privately("Where is the bill?")
        message = next(one for one in (await scene.platform.fetch(None)).messages if one.private)
        key = await scene.platform.upload(Content("bill.png", "image/png", PNG), "direct")
        apart = scene.platform.capabilities.media["direct"].apart
        out = replace(scene.reply(message, "" if apart else "Here it is"), media=(key,))
        receipt = await scene.platform.publish(out)
        assert scene.pictures() == [1]
        scene.later(20)
        assert await scene.platform.find(out, scene.at - timedelta(seconds=30)) == receipt

    async def test_what_is_no_picture_is_not_taken(self, scene: Scene) -> None:
        with pytest.raises(Refused):
            await scene.platform.upload(Content("cup.jpg", "image/jpeg", b"%PDF-1.7 cup"), "reply")

    async def test_a_customers_picture_is_fetched_from_the_platforms_own_hosts_only(self, scene: Scene) -> None:
        place = scene.customer_shows(JPEG)
        content = await scene.platform.download(place)
        assert (content.kind, content.data) == ("image/jpeg", JPEG)
        before = len(scene.wire.records)
        host = urlsplit(place).hostname
        for elsewhere in (
            "https://example.com/a.jpg",
            f"https://{host}.example.com/a.jpg",
            f"https://{host}@example.com/a.jpg",
            f"https://example.com/{host}/a.jpg",
            place.replace("https:", "http:"),
            place.replace(f"{host}", f"{host}:8080"),
            "https://127.0.0.1/a.jpg",
            "https://[::1/a.jpg",
            "file:///etc/passwd",
        ):
            with pytest.raises(Refused):
                await scene.platform.download(elsewhere)
        assert len(scene.wire.records) == before
        for action, more, error in (
            ("status", {"status": 302, "headers": {"Location": "https://127.0.0.1/"}}, Refused),
            ("status", {"status": 200, "body": "<html>no picture</html>"}, Refused),
            ("status", {"status": 404}, Refused),
            ("status", {"status": 500}, Unreachable),
            ("drop_before", {}, Unreachable),
        ):
            scene.fault(f"GET /{host}/*", action, **more)
            with pytest.raises(error):
                await scene.platform.download(place)

    def busy(self, scene: Scene) -> dict[str, Any]:
        """The fault that says "too often"; a network with another form overrides it."""
        return {"status": 429, "body": {"title": "Too Many Requests", "status": 429, "detail": "Too Many Requests"}}

    async def test_no_token_and_no_customer_text_in_logs_or_errors(
        self, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(0)
        scene.customer_writes_privately(f"{CANARY} privately")
        message = await first_of(scene, f"{CANARY} in public")
        errors: list[OutsideError] = []
        out = scene.reply(message, f"{CANARY} answered")
        for action, more in (
            ("drop_after", {}),
            ("status", {"status": 400, "body": {"errors": [{"message": f"bad value [{CANARY}]"}]}}),
            ("status", {"status": 503, "body": f"<html>{CANARY}</html>"}),
            ("status", {"status": 401, "body": {"title": "Unauthorized"}}),
        ):
            scene.fault(scene.publishing, action, **more)
            with pytest.raises(OutsideError) as caught:
                await scene.platform.publish(out)
            errors.append(caught.value)
        await scene.platform.find(out, scene.at)
        texts = [str(error) + repr(error.__dict__) for error in errors] + [caplog.text]
        for word in (CANARY, *scene.secrets):
            assert [text for text in texts if word in text] == []
        assert not any(secret in repr(scene.platform) for secret in scene.secrets)
