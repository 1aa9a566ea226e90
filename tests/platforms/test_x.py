"""The X connector against the stand-in: every promise of a connector, and what is X's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.model.errors import Busy, Refused, Unauthorised, Unreachable
from desk.model.message import Outgoing
from platforms.sandbox.wire import Wire
from platforms.sandbox.x import X
from platforms.wording import folded, same, spelt_out, unescaped, without_leading_handles
from platforms.x import XPlatform, XTokens
from tests.platforms.promises import Promises, Scene

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class XScene(Scene):
    to = "x"
    publishing = "POST /2/tweets"
    reading = "GET /2/users/*/mentions"
    uploading = "POST /1.1/media/upload.json"
    keeps_ids = False

    def __init__(self) -> None:
        self.at = START
        self.wire = Wire(lambda: self.at)
        self.x = X(lambda: self.at, self.wire)
        self.secrets = tuple(self.x.tokens.values())

    def connect(self, **more: Any) -> XPlatform:
        more = {"timeouts": (2.5, 2.5), "base": self.x.url, **more}
        platform = XPlatform(XTokens(**self.x.tokens), now=lambda: self.at, **more)
        self.platform = platform
        return platform

    def customer_writes(self, text: str) -> str:
        return self.x.post("maria", text, mentions=["acme"])

    def customer_answers(self, text: str, to: str) -> str:
        return self.x.post("maria", text, reply_to=to)

    def customer_writes_privately(self, text: str) -> str:
        return self.x.direct("maria", text)

    def customer_edits(self, remote_id: str, text: str) -> str:
        return self.x.edit(remote_id, text)

    def customer_deletes(self, remote_id: str) -> None:
        self.x.delete(remote_id)

    def colleague_answers(self, text: str, to: str) -> str:
        return self.x.native_reply(text, to)

    def said(self) -> list[str]:
        return [one["text"] for one in (*self.x.published, *self.x.sent_directs)]

    def pictures(self) -> list[int]:
        return [len(one["pictures"]) for one in (*self.x.published, *self.x.sent_directs)]

    def customer_shows(self, data: bytes) -> str:
        return self.x.shelf.media[self.x.picture(data)].address

    def standing(self) -> list[str]:
        return [one["text"] for one in self.x.all_posts() if one["ours"]]

    def customer_answers_us(self, text: str) -> str:
        ours = self.x.write(self.x.me.id, "We open at nine.", parent=None, extra=(), ours=True)
        return self.x.post("maria", text, reply_to=ours.id)

    def is_hidden(self, remote_id: str) -> bool:
        return next(bool(one["hidden"]) for one in self.x.all_posts() if one["id"] == remote_id)

    def targets(self) -> list[str | None]:
        return [one["in_reply_to"] for one in self.x.published]

    def revoke(self) -> None:
        self.x.access.bearer_token = self.x.access.access_token = "revoked"


@pytest.fixture
async def scene() -> AsyncIterator[XScene]:
    scene = XScene()
    await scene.x.start()
    platform = scene.connect()
    yield scene
    scene.wire.clear_faults()
    await platform.close()
    await scene.x.stop()
    assert scene.wire.unexpected == []


class TestPromises(Promises):
    """All that every connector promises."""


# --- reading what is X's own ----------------------------------------------------------------------------------------


async def test_a_mention_says_who_wrote_and_whom_x_addresses(scene: XScene) -> None:
    scene.x.add_person("maria", "Maria Silva")
    key = scene.x.post("maria", "@acme and @bo: hello", mentions=["bo"])
    (message,) = (await scene.platform.fetch(None)).messages
    assert (message.author.handle, message.author.name) == ("maria", "Maria Silva")
    assert message.people == ("maria", "bo")
    assert (message.kind, message.conversation) == ("mention", f"post:{key}")
    assert message.url == f"https://x.com/maria/status/{key}"


async def test_replies_to_us_stand_in_the_conversation_of_the_first_post(scene: XScene) -> None:
    root = scene.x.post("maria", "@acme hello")
    start = await scene.platform.fetch(None)
    scene.later(60)
    receipt = await scene.platform.publish(scene.reply(start.messages[0], "Hello Maria"))
    scene.later(60)
    answer = scene.x.post("maria", "thanks, but where is it?", reply_to=receipt.remote_id)
    fetched = await scene.platform.fetch(start.cursor)
    assert [(one.remote_id, one.own, one.reply_to) for one in fetched.messages] == [
        (receipt.remote_id, True, root),
        (answer, False, receipt.remote_id),
    ]
    assert {one.conversation for one in fetched.messages} == {f"post:{root}"}


async def test_a_reply_that_does_not_name_us_is_found_in_our_conversation(scene: XScene) -> None:
    root = scene.x.post("maria", "@acme hello")
    elsewhere = scene.x.post("bo", "lovely weather")
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(180)
    unticked = scene.x.post("maria", "forgot the number: 5", reply_to=root, mentions=[])
    scene.x.post("cy", "indeed", reply_to=elsewhere, mentions=[])
    fetched = await scene.platform.fetch(cursor)
    assert [(one.remote_id, one.conversation) for one in fetched.messages] == [(unticked, f"post:{root}")]
    scene.later(180)
    assert (await scene.platform.fetch(fetched.cursor)).messages == ()


async def test_many_conversations_are_searched_in_queries_that_fit(scene: XScene) -> None:
    roots = []
    for n in range(30):
        roots.append(scene.x.post(f"customer{n}", "@acme hello"))
        scene.later()
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(180)
    unticked = [scene.x.post("bo", f"me too {n}", reply_to=root, mentions=[]) for n, root in enumerate(roots)]
    found = [one.remote_id for one in (await scene.platform.fetch(cursor)).messages]
    assert found == unticked[8:]


async def test_a_look_that_finds_very_many_conversations_searches_no_more_often_than_any_other(scene: XScene) -> None:
    cursor = (await scene.platform.fetch(None)).cursor
    for n in range(60):
        scene.x.post(f"customer{n}", "@acme hello")
    scene.later(180)
    assert len((await scene.platform.fetch(cursor)).messages) == 60
    assert len([one for one in scene.wire.to("x") if "search/recent" in one.path]) == 2


async def test_a_conversation_of_last_week_breaks_no_search(scene: XScene) -> None:
    root = scene.x.post("maria", "@acme hello")
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(6 * 86400)
    scene.x.post("maria", "@acme still there?", reply_to=root)
    cursor = (await scene.platform.fetch(cursor)).cursor
    scene.later(2 * 86400)
    unticked = scene.x.post("maria", "hello again", reply_to=root, mentions=[])
    fetched = await scene.platform.fetch(cursor)
    assert [one.remote_id for one in fetched.messages] == [unticked]
    scene.later(30 * 86400)
    assert (await scene.platform.fetch(fetched.cursor)).messages == ()


async def test_what_surfaces_late_is_found_within_the_overlap(scene: XScene) -> None:
    start = (await scene.platform.fetch(None)).cursor
    late = scene.x.post("maria", "@acme late", late=120.0)
    scene.later(10)
    prompt = scene.x.post("bo", "@acme prompt")
    first = await scene.platform.fetch(start)
    assert [one.remote_id for one in first.messages] == [prompt]
    scene.later(150)
    second = await scene.platform.fetch(first.cursor)
    assert [one.remote_id for one in second.messages] == [late]
    scene.later(10)
    assert (await scene.platform.fetch(second.cursor)).messages == ()


async def test_more_than_800_are_announced_as_a_gap(scene: XScene) -> None:
    known = scene.x.post("maria", "@acme known")
    start = (await scene.platform.fetch(None)).cursor
    scene.later(3600)
    keys = []
    for n in range(1000):
        keys.append(scene.x.post(f"customer{n % 7}", f"@acme number {n}"))
        scene.later(1)
    fetched = await scene.platform.fetch(start)
    assert [one.remote_id for one in fetched.messages] == keys[200:]
    assert fetched.gap is not None
    assert (fetched.gap.after_id, fetched.gap.before_id) == (known, keys[200])
    assert known in fetched.gap.search_url and keys[200] in fetched.gap.search_url
    scene.later(60)
    after = await scene.platform.fetch(fetched.cursor)
    assert (after.messages, after.gap) == ((), None)


async def test_exactly_as_many_as_x_gives_are_no_gap(scene: XScene) -> None:
    patient = scene.connect(timeouts=(5.0, 20.0))  # 800 posts are a lot for one second on a busy machine
    scene.x.post("maria", "@acme known")
    start = (await scene.platform.fetch(None)).cursor
    scene.later(3600)
    keys = [scene.x.post("bo", f"@acme number {n}") for n in range(799)]
    fetched = await scene.platform.fetch(start)
    await patient.close()
    assert len(fetched.messages) == len(keys)
    assert fetched.gap is None


async def test_an_edit_of_an_edit_names_what_was_handed_over_last(scene: XScene) -> None:
    first = scene.x.post("maria", "@acme one")
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(60)
    skipped = scene.x.edit(first, "@acme two")
    scene.later(1)
    third = scene.x.edit(skipped, "@acme three")
    fetched = await scene.platform.fetch(cursor)
    assert [(one.remote_id, one.previous_id) for one in fetched.messages] == [(third, first)]
    scene.later(60)
    fourth = scene.x.edit(third, "@acme four")
    fetched = await scene.platform.fetch(fetched.cursor)
    assert [(one.remote_id, one.previous_id) for one in fetched.messages] == [(fourth, third)]


async def test_a_deletion_of_hours_ago_is_found_at_the_next_check(scene: XScene) -> None:
    key = scene.x.post("maria", "@acme oops")
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(3600)
    cursor = (await scene.platform.fetch(cursor)).cursor
    scene.x.delete(key)
    scene.later(3600)
    assert (await scene.platform.fetch(cursor)).messages == ()
    scene.later(6 * 3600)
    fetched = await scene.platform.fetch(cursor)
    assert [(one.remote_id, one.deleted) for one in fetched.messages] == [(key, True)]


async def test_one_item_that_cannot_be_read_does_not_hold_up_the_others(scene: XScene) -> None:
    key = scene.x.post("maria", "@acme hello")
    good = {
        "id": key,
        "text": "@acme hello",
        "author_id": "700001",
        "conversation_id": key,
        "created_at": "1970-01-01T00:00:00Z",
        "edit_history_tweet_ids": [key],
    }
    scene.fault(scene.reading, "status", status=200, body={"data": [{"id": "17", "text": "no author"}, good]})
    fetched = await scene.platform.fetch(None)
    assert [(one.remote_id, one.created_at) for one in fetched.messages] == [(key, None)]
    assert fetched.broken == ("17: KeyError",)


async def test_private_messages_beyond_the_first_look_come_whole(scene: XScene) -> None:
    scene.x.direct("maria", "known")
    cursor = (await scene.platform.fetch(None)).cursor
    keys = []
    for n in range(130):
        scene.later(1)
        keys.append(scene.x.direct("bo" if n % 2 else "maria", f"number {n}"))
    fetched = await scene.platform.fetch(cursor)
    assert [one.remote_id for one in fetched.messages] == keys
    assert len({one.conversation for one in fetched.messages}) == 2


async def test_private_answers_given_outside_the_desk_are_ours(scene: XScene) -> None:
    scene.x.direct("maria", "psst")
    maria = scene.x.add_person("maria")
    scene.later()
    await scene.platform.publish(Outgoing("op", "direct", "Yes?", to=maria))
    first, second = (await scene.platform.fetch(None)).messages
    assert (first.own, second.own) == (False, True)
    assert first.conversation == second.conversation == f"direct:{maria}"


async def test_mentions_go_on_while_private_messages_have_to_wait(scene: XScene) -> None:
    scene.x.rates.limits["dm_events"]["user"] = 1
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(60)
    public, private = scene.x.post("maria", "@acme hello"), scene.x.direct("maria", "psst")
    fetched = await scene.platform.fetch(cursor)
    assert [one.remote_id for one in fetched.messages] == [public]
    assert isinstance(scene.platform, XPlatform)
    assert scene.platform.look_again_at == START + timedelta(minutes=15)
    before = len(scene.wire.records)
    scene.later(60)
    cursor = (await scene.platform.fetch(fetched.cursor)).cursor
    assert [one.path for one in scene.wire.records[before:] if "dm_events" in one.path] == []
    scene.later(14 * 60)
    assert [one.remote_id for one in (await scene.platform.fetch(cursor)).messages] == [private]


async def test_looks_in_quick_succession_never_see_a_429(scene: XScene) -> None:
    cursor = (await scene.platform.fetch(None)).cursor
    written, read = [], []
    for n in range(120):
        scene.later(10)
        written.append(scene.x.direct("maria", f"number {n}"))
        fetched = await scene.platform.fetch(cursor)
        cursor = fetched.cursor
        read += [one.remote_id for one in fetched.messages]
        looks = [one for one in scene.wire.to("x") if "dm_events" in one.path]
        assert isinstance(scene.platform, XPlatform)
        assert looks[-1].at >= scene.at - timedelta(seconds=200)
    scene.later(200)
    read += [one.remote_id for one in (await scene.platform.fetch(cursor)).messages]
    assert read == written
    assert [one.path for one in scene.wire.records if one.status == 429] == []


async def test_publishing_waits_where_x_said_that_its_window_is_spent(scene: XScene) -> None:
    scene.x.rates.limits["post"]["user"] = 1
    await scene.platform.publish(Outgoing("op-1", "post", "One"))
    before = len(scene.wire.records)
    with pytest.raises(Busy) as busy:
        await scene.platform.publish(Outgoing("op-2", "post", "Two"))
    assert busy.value.retry_at == START + timedelta(minutes=15)
    assert len(scene.wire.records) == before
    scene.later(15 * 60)
    await scene.platform.publish(Outgoing("op-2", "post", "Two"))
    assert scene.said() == ["One", "Two"]


async def test_without_directs_none_are_read(scene: XScene) -> None:
    await scene.platform.close()
    scene.connect(directs=False)
    scene.x.direct("maria", "psst")
    assert (await scene.platform.fetch(None)).messages == ()
    await scene.platform.close()


async def test_without_a_bearer_token_all_is_read_as_our_user(scene: XScene) -> None:
    await scene.platform.close()
    tokens = {**scene.x.tokens, "bearer_token": ""}
    scene.platform = XPlatform(XTokens(**tokens), now=lambda: scene.at, base=scene.x.url)
    key = scene.x.post("maria", "@acme hello")
    assert [one.remote_id for one in (await scene.platform.fetch(None)).messages] == [key]
    await scene.platform.close()


async def test_too_many_reads_wait_until_x_says(scene: XScene) -> None:
    scene.x.rates.limits["mentions"]["app"] = 1
    cursor = (await scene.platform.fetch(None)).cursor
    scene.later(60)
    with pytest.raises(Busy) as busy:
        await scene.platform.fetch(cursor)
    assert busy.value.retry_at == START + timedelta(minutes=15)
    scene.fault(scene.reading, "status", status=429, body={})
    scene.later(20 * 60)
    with pytest.raises(Busy) as busy:
        await scene.platform.fetch(cursor)
    assert busy.value.retry_at == scene.at + timedelta(seconds=60)


async def test_a_broken_connection_is_tried_once_more_for_a_read(scene: XScene) -> None:
    key = scene.x.post("maria", "@acme hello")
    scene.fault(scene.reading, "drop_before")
    assert [one.remote_id for one in (await scene.platform.fetch(None)).messages] == [key]
    scene.fault(scene.reading, "drop_before", times=2)
    with pytest.raises(Unreachable):
        await scene.platform.fetch(None)


async def test_reads_are_counted_as_x_bills_them(scene: XScene) -> None:
    await scene.platform.close()
    told: list[int] = []
    platform = scene.connect(on_reads=told.append, recheck_every=None)
    await platform.account()
    for n in range(3):
        scene.x.post("maria", f"@acme {n}")
    scene.x.direct("maria", "psst")
    fetched = await platform.fetch(None)
    assert fetched.reads == 4
    assert (platform.reads, told) == (5, [1, 4])
    scene.later(3600)
    quiet = await platform.fetch(fetched.cursor)
    assert quiet.reads == 1  # the newest private message: X has no since_id there
    await platform.close()


async def test_an_unreadable_cursor_reads_again_rather_than_nothing(scene: XScene) -> None:
    key = scene.x.post("maria", "@acme hello")
    assert [one.remote_id for one in (await scene.platform.fetch("torn{")).messages] == [key]


# --- publishing what is X's own -------------------------------------------------------------------------------------


async def test_handles_in_front_that_x_adds_itself_are_taken_off(scene: XScene) -> None:
    scene.x.post("maria", "@acme and @bo: hello", mentions=["bo"])
    (message,) = (await scene.platform.fetch(None)).messages
    out = scene.reply(message, "@Maria @bo, @cy knows more")
    await scene.platform.publish(out)
    assert scene.said() == ["@cy knows more"]
    assert await scene.platform.find(out, START) is not None


async def test_a_post_to_nobody_replies_to_nothing(scene: XScene) -> None:
    out = Outgoing("op", "post", "We are open until 18:00.")
    receipt = await scene.platform.publish(out)
    assert scene.targets() == [None]
    found = await scene.platform.find(out, START)
    assert found is not None and found.remote_id == receipt.remote_id


async def test_a_link_that_x_shortens_is_known_again(scene: XScene) -> None:
    out = Outgoing("op", "post", "See example.com, https://example.org/ and http://example.net/a?b=1&c=2")
    await scene.platform.publish(out)
    assert await scene.platform.find(out, START) is not None


async def test_the_same_text_again_is_a_duplicate_and_reading_finds_the_first(scene: XScene) -> None:
    scene.x.post("maria", "@acme hello")
    (message,) = (await scene.platform.fetch(None)).messages
    out = scene.reply(message, "On its way")
    receipt = await scene.platform.publish(out)
    with pytest.raises(Refused) as refused:
        await scene.platform.publish(out)
    assert refused.value.code == "duplicate" and "wording" in refused.value.why
    assert await scene.platform.find(out, START) == receipt
    assert len(scene.x.published) == 1


async def test_an_old_post_with_the_same_words_is_not_taken_for_the_new_one(scene: XScene) -> None:
    out = Outgoing("op", "post", "We are open.")
    await scene.platform.publish(out)
    scene.later(86400)
    assert await scene.platform.find(out, scene.at) is None


async def test_a_private_message_that_the_person_does_not_take_is_refused_in_words(scene: XScene) -> None:
    shy = scene.x.add_person("shy", directs_open=False)
    with pytest.raises(Refused) as refused:
        await scene.platform.publish(Outgoing("op", "direct", "Hello", to=shy))
    assert (refused.value.code, refused.value.why) == (
        "not_allowed",
        "This person takes no direct messages from us on X.",
    )


async def test_x_has_no_private_reply(scene: XScene) -> None:
    key = scene.x.post("maria", "@acme hello")
    with pytest.raises(Refused) as refused:
        await scene.platform.publish(Outgoing("op", "private_reply", "Hello", reply_to=key))
    assert refused.value.code == "not_allowed"


async def test_private_messages_may_be_long(scene: XScene) -> None:
    maria = scene.x.add_person("maria")
    await scene.platform.publish(Outgoing("op", "direct", "x" * 10_000, to=maria))
    with pytest.raises(Refused):
        await scene.platform.publish(Outgoing("op", "direct", "x" * 10_001, to=maria))
    assert [len(one["text"]) for one in scene.x.sent_directs] == [10_000]


async def test_an_app_without_permission_is_no_fault_of_the_text(scene: XScene) -> None:
    body = {
        "title": "Forbidden",
        "detail": "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
        "type": "https://api.twitter.com/2/problems/oauth1-permissions",
        "status": 403,
    }
    scene.fault(scene.publishing, "status", status=403, body=body)
    with pytest.raises(Unauthorised):
        await scene.platform.publish(Outgoing("op", "post", "Hello"))
    scene.fault(scene.publishing, "status", status=402, body={"title": "CreditsDepleted"})
    with pytest.raises(Unauthorised):
        await scene.platform.publish(Outgoing("op", "post", "Hello"))


async def test_another_403_is_refused_with_what_x_says(scene: XScene) -> None:
    body = {"title": "Forbidden", "detail": "You are not permitted to perform this action.", "status": 403}
    scene.fault(scene.publishing, "status", status=403, body=body)
    with pytest.raises(Refused) as refused:
        await scene.platform.publish(Outgoing("op", "post", "Hello"))
    assert refused.value.why == "X does not allow this: You are not permitted to perform this action."


async def test_an_x_that_cannot_be_reached_has_certainly_published_nothing(scene: XScene) -> None:
    await scene.x.stop()
    with pytest.raises(Busy) as busy:
        await scene.platform.publish(Outgoing("op", "post", "Hello"))
    assert busy.value.retry_at > scene.at


async def test_x_counts_as_the_stand_in_counts(scene: XScene) -> None:
    for text in ("漢" * 140, "👩‍👩‍👧‍👦" * 140, "https://example.com/" + "a" * 200 + " " + "x" * 256):
        assert scene.platform.length(text) == 280
        await scene.platform.publish(Outgoing("op", "post", text))
        with pytest.raises(Refused) as refused:
            await scene.platform.publish(Outgoing("op", "post", text + "!"))
        assert refused.value.code == "too_long"
    assert len(scene.x.published) == 3


async def test_a_swapped_token_works_with_a_new_connector(scene: XScene) -> None:
    scene.revoke()
    with pytest.raises(Unauthorised):
        await scene.platform.account()
    await scene.platform.close()
    assert (await scene.connect().account()).handle == "acme"
    await scene.platform.close()


async def test_a_cancelled_call_stays_in_flight_until_it_has_landed(scene: XScene) -> None:
    scene.fault(scene.publishing, "hang", seconds=10.0)
    task = asyncio.create_task(scene.platform.publish(Outgoing("op", "post", "Hello")))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scene.platform.in_flight == 1
    await asyncio.sleep(3.0)
    assert scene.platform.in_flight == 0


# --- foreign texts --------------------------------------------------------------------------------------------------


def test_entities_are_decoded_once() -> None:
    assert unescaped("1 &lt; 2 &amp;amp; &amp;lt; &copy; &quot;x&quot;") == '1 < 2 &amp; &lt; &copy; "x"'


def test_short_links_are_spelt_out_in_one_pass() -> None:
    links = {"https://t.co/a": "https://t.co/ab", "https://t.co/ab": "https://example.com"}
    assert spelt_out("https://t.co/a https://t.co/ab", links) == "https://t.co/ab https://example.com"


@pytest.mark.parametrize(
    ("text", "handles", "rest"),
    [
        ("@maria hello @bo", {"maria", "bo"}, "hello @bo"),
        ("@maria: hello", {"maria"}, "hello"),
        ("@Maria, @bo hello", {"maria"}, "@bo hello"),
        ("@maria", {"maria"}, "@maria"),
        ("@maria's parcel", {"maria"}, "@maria's parcel"),
        ("  two spaces", {"maria"}, "  two spaces"),
        ("@a @b c", None, "c"),
    ],
)
def test_leading_handles_go_and_words_stay(text: str, handles: set[str] | None, rest: str) -> None:
    assert without_leading_handles(text, handles) == rest


def test_two_texts_are_one_whatever_x_does_to_spaces_forms_and_links() -> None:
    assert same("Cafe\u0301  at https://example.com/ now", "Caf\u00e9 at\nhttp://example.com now")
    assert not same("On its way", "On its way!")
    assert folded(" a\u00a0 b ") == "a b"


@pytest.mark.real_data
async def test_real_texts_arrive_word_for_word(scene: XScene, shared_data: Path) -> None:
    scene.x.rates.limits["mentions"]["app"] = 10_000
    texts: dict[str, str] = {}
    cursor = (await scene.platform.fetch(None)).cursor
    arrived: dict[str, str] = {}
    for line in (shared_data / "conversations.jsonl").read_text().splitlines():
        row = json.loads(line)
        for turn in row["turns"]:
            if turn["role"] == "customer":
                texts[scene.x.post(turn["author"], turn["text"], mentions=["acme"])] = turn["text"]
        if len(texts) - len(arrived) > 150:
            fetched = await scene.platform.fetch(cursor)
            cursor = fetched.cursor
            arrived.update({one.remote_id: one.text for one in fetched.messages})
            scene.later(900)
    arrived.update({one.remote_id: one.text for one in (await scene.platform.fetch(cursor)).messages})
    assert len(texts) > 500
    assert arrived == texts
