"""The X stand-in, driven by tweepy alone: what it checks, what it answers, and how that compares with recordings."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import tweepy

from platforms.rebase import Rebase
from platforms.sandbox.wire import Wire
from platforms.sandbox.x import X
from platforms.sandbox.x.api import Api
from platforms.sandbox.x.texts import weight

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOST = "https://api.twitter.com"


class World:
    """The stand-in, its story time, and a tweepy client that believes to talk to X."""

    def __init__(self) -> None:
        self.at = START
        self.wire = Wire(lambda: self.at)
        self.x = X(lambda: self.at, self.wire)

    def client(self, **other: str) -> tweepy.Client:
        client = tweepy.Client(**{**self.x.tokens, **other})
        Rebase(HOST, self.x.url, timeouts=(1.0, 2.0)).mount(client.session)
        return client

    def later(self, seconds: float = 1.0) -> None:
        self.at += timedelta(seconds=seconds)

    async def ask(self, name: str, *args: Any, client: tweepy.Client | None = None, **more: Any) -> tweepy.Response:
        return await asyncio.to_thread(getattr(client or self.client(), name), *args, **more)

    async def refused(self, name: str, *args: Any, client: tweepy.Client | None = None, **more: Any) -> tuple[int, Any]:
        with pytest.raises(tweepy.HTTPException) as caught:
            await self.ask(name, *args, client=client, **more)
        response = caught.value.response
        return response.status_code, response.json()

    async def raw(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.x.access.bearer_token}"}
        return await asyncio.to_thread(
            lambda: requests.request(method, self.x.url + path, headers=headers, timeout=5, **more)
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.x.start()
    yield world
    world.wire.clear_faults()
    await world.x.stop()


# --- reading ----------------------------------------------------------------------------------------------------


async def test_a_mention_is_read_with_its_author_and_its_fields(world: World) -> None:
    key = world.x.post("maria", "@acme my parcel is lost")
    answer = await world.ask(
        "get_users_mentions",
        "1000",
        tweet_fields=["author_id", "conversation_id", "created_at"],
        expansions="author_id",
    )
    (tweet,) = answer.data
    assert (str(tweet.id), tweet.text, str(tweet.conversation_id)) == (key, "@acme my parcel is lost", key)
    assert tweet.created_at == START
    assert [user.username for user in answer.includes["users"]] == ["maria"]


async def test_only_three_fields_come_unasked(world: World) -> None:
    key = world.x.post("maria", "@acme hello")
    body = (await world.raw("GET", "/2/users/1000/mentions")).json()
    assert body["data"] == [{"id": key, "text": "@acme hello", "edit_history_tweet_ids": [key]}]
    assert body["meta"] == {"result_count": 1, "newest_id": key, "oldest_id": key}


async def test_no_results_have_no_data_key(world: World) -> None:
    assert (await world.raw("GET", "/2/users/1000/mentions")).json() == {"meta": {"result_count": 0}}


async def test_ids_grow_with_story_time_and_are_unique_within_an_instant(world: World) -> None:
    first, second = world.x.post("maria", "@acme one"), world.x.post("maria", "@acme two")
    world.later(3600)
    third = world.x.post("maria", "@acme three")
    assert int(first) < int(second) < int(third)
    assert world.x.at_of(third) - world.x.at_of(first) == timedelta(hours=1)


async def test_since_id_is_exclusive_and_pages_lead_to_all(world: World) -> None:
    keys = [world.x.post("maria", f"@acme number {n}") for n in range(12)]
    found: list[str] = []
    token = None
    while True:
        answer = await world.ask("get_users_mentions", "1000", since_id=keys[0], max_results=5, pagination_token=token)
        found += [str(tweet.id) for tweet in answer.data]
        token = answer.meta.get("next_token")
        if token is None:
            break
    assert found == keys[:0:-1]


async def test_only_the_newest_800_mentions_can_be_reached(world: World) -> None:
    keys = [world.x.post("maria", f"@acme number {n}") for n in range(810)]
    found: list[str] = []
    token = None
    for _ in range(20):
        answer = await world.ask(
            "get_users_mentions", "1000", since_id=keys[0], max_results=100, pagination_token=token
        )
        found += [str(tweet.id) for tweet in answer.data or []]
        if (token := answer.meta.get("next_token")) is None:
            break
    assert found == keys[:9:-1]


@pytest.mark.parametrize("wrong", [4, 101])
async def test_page_sizes_out_of_range_are_refused(world: World, wrong: int) -> None:
    status, body = await world.refused("get_users_mentions", "1000", max_results=wrong)
    assert status == 400
    assert body["errors"][0]["parameters"] == {"max_results": [str(wrong)]}
    assert "not between 5 and 100" in body["errors"][0]["message"]


async def test_a_field_that_x_does_not_have_is_refused(world: World) -> None:
    status, body = await world.refused("get_users_mentions", "1000", tweet_fields=["mood"])
    assert (status, body["title"]) == (400, "Invalid Request")


async def test_characters_come_escaped_and_links_shortened(world: World) -> None:
    world.x.post("maria", "@acme 1 < 2 & see https://example.com/a?b=1&c=2, ok?")
    answer = await world.ask("get_users_mentions", "1000", tweet_fields=["entities"])
    (tweet,) = answer.data
    (link,) = tweet.entities["urls"]
    assert tweet.text == f"@acme 1 &lt; 2 &amp; see {link['url']}, ok?"
    assert link["url"].startswith("https://t.co/")
    assert link["expanded_url"] == "https://example.com/a?b=1&c=2"
    assert link["display_url"] == "example.com/a?b=1&c=2"
    assert tweet.entities["mentions"] == [{"start": 0, "end": 5, "username": "acme", "id": "1000"}]


async def test_a_long_post_of_a_customer_is_cut_unless_the_whole_is_asked_for(world: World) -> None:
    text = "@acme " + "Nothing works since Monday. " * 20
    world.x.post("maria", text)
    short = (await world.ask("get_users_mentions", "1000")).data[0]
    whole = (await world.ask("get_users_mentions", "1000", tweet_fields=["note_tweet"])).data[0]
    assert short.text.endswith("…") and weight(short.text) <= 280
    assert whole.data["note_tweet"]["text"] == text


async def test_a_reply_names_the_people_of_its_conversation_unless_they_are_unticked(world: World) -> None:
    root = world.x.post("maria", "@acme hello")
    named = world.x.post("bo", "me too", reply_to=root)
    unticked = world.x.post("cy", "and me", reply_to=root, mentions=[])
    found = [str(tweet.id) for tweet in (await world.ask("get_users_mentions", "1000")).data]
    assert found == [named, root]
    answer = await world.ask("search_recent_tweets", f"conversation_id:{root}", tweet_fields=["conversation_id"])
    assert [str(tweet.id) for tweet in answer.data] == [unticked, named, root]
    assert {str(tweet.conversation_id) for tweet in answer.data} == {root}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:maria", {"root", "thanks"}),
        ("to:acme", {"thanks"}),
        ("parcel", {"root", "other"}),
        ("parcel -from:maria", {"other"}),
        ('"lost again" OR thanks', {"root", "thanks"}),
        ("(from:bo OR from:maria) -@acme -is:retweet", {"other"}),
        ("parcel has:links", {"other"}),
        ("from:acme is:reply", {"answer"}),
    ],
)
async def test_recent_search_knows_the_operators_that_a_desk_needs(world: World, query: str, found: set[str]) -> None:
    keys = {"root": world.x.post("maria", "@acme parcel lost again")}
    keys["answer"] = world.x.native_reply("On its way.", keys["root"])
    keys["thanks"] = world.x.post("maria", "@acme many thanks", reply_to=keys["answer"])
    keys["other"] = world.x.post("bo", "my parcel: https://example.com/p")
    answer = await world.ask("search_recent_tweets", query)
    assert {str(tweet.id) for tweet in answer.data or []} == {keys[name] for name in found}


@pytest.mark.parametrize("query", ["", "-from:maria", "near:lisbon parcel", "(parcel", "x" * 513])
async def test_queries_that_x_does_not_take_are_refused(world: World, query: str) -> None:
    status, body = await world.refused("search_recent_tweets", query)
    assert (status, body["title"]) == (400, "Invalid Request")


async def test_recent_search_reaches_back_seven_days(world: World) -> None:
    old = world.x.post("maria", "@acme old parcel")
    world.later(7 * 86400 + 1)
    new = world.x.post("maria", "@acme new parcel")
    assert [str(tweet.id) for tweet in (await world.ask("search_recent_tweets", "parcel")).data] == [new]
    status, body = await world.refused("search_recent_tweets", "parcel", since_id=old)
    assert status == 400 and "since_id" in body["errors"][0]["message"]


async def test_a_deleted_post_disappears_and_a_look_up_names_it(world: World) -> None:
    key, other = world.x.post("maria", "@acme oops"), world.x.post("bo", "@acme hi")
    world.x.delete(key)
    assert [str(tweet.id) for tweet in (await world.ask("get_users_mentions", "1000")).data] == [other]
    answer = await world.ask("get_tweets", [key, other])
    assert [str(tweet.id) for tweet in answer.data] == [other]
    assert answer.errors[0]["resource_id"] == key
    assert answer.errors[0]["type"].endswith("resource-not-found")


async def test_an_edit_is_a_new_post_that_carries_the_history(world: World) -> None:
    key = world.x.post("maria", "@acme my parsel")
    world.later()
    edited = world.x.edit(key, "@acme my parcel")
    (tweet,) = (await world.ask("get_users_mentions", "1000", tweet_fields=["conversation_id"])).data
    assert (str(tweet.id), tweet.text) == (edited, "@acme my parcel")
    assert [str(one) for one in tweet.edit_history_tweet_ids] == [key, edited]
    assert str(tweet.conversation_id) == key


async def test_people_are_found_by_id_and_by_handle(world: World) -> None:
    key = world.x.add_person("maria", "Maria Silva", followers=7)
    assert world.x.add_person("Maria") == key
    by_name = await world.ask("get_user", username="maria", user_fields=["public_metrics"])
    assert (str(by_name.data.id), by_name.data.public_metrics["followers_count"]) == (key, 7)
    assert (await world.ask("get_user", id=key)).data.username == "maria"
    assert [u.username for u in (await world.ask("get_users", usernames=["maria", "acme"])).data] == ["maria", "acme"]
    many = await world.ask("get_users", ids=[key, "99"])
    assert [user.username for user in many.data] == ["maria"] and many.errors[0]["resource_id"] == "99"
    assert (await world.ask("get_me")).data.username == "acme"


# --- writing ----------------------------------------------------------------------------------------------------


async def test_a_reply_is_published_without_a_handle_and_x_adds_the_people(world: World) -> None:
    root = world.x.post("maria", "@acme and @bo both: where is it?", mentions=["bo"])
    world.later()
    answer = await world.ask("create_tweet", text="On its way & soon!", in_reply_to_tweet_id=root)
    key = str(answer.data["id"])
    (ours,) = world.x.published
    assert ours == {**ours, "id": key, "text": "On its way & soon!", "in_reply_to": root, "conversation_id": root}
    assert ours["at"] == world.at
    read = await world.ask(
        "get_users_tweets",
        "1000",
        user_auth=True,
        tweet_fields=["in_reply_to_user_id", "referenced_tweets", "entities"],
    )
    (tweet,) = read.data
    assert tweet.text == "@maria @bo On its way &amp; soon!"
    assert str(tweet.in_reply_to_user_id) == world.x.add_person("maria")
    assert [(ref.type, str(ref.id)) for ref in tweet.referenced_tweets] == [("replied_to", root)]
    assert [mention["username"] for mention in tweet.entities["mentions"]] == ["maria", "bo"]


async def test_the_people_whom_x_adds_do_not_count(world: World) -> None:
    root = world.x.post("maria", "@acme hello")
    await world.ask("create_tweet", text="a" * 280, in_reply_to_tweet_id=root)
    status, body = await world.refused("create_tweet", text="b" * 281, in_reply_to_tweet_id=root)
    assert (status, body["title"]) == (403, "Forbidden") and "too long" in body["detail"]
    assert [len(post["text"]) for post in world.x.published] == [280]


@pytest.mark.parametrize(
    ("text", "weighs"),
    [
        ("hello", 5),
        ("日本", 4),
        ("Grüße", 5),
        ("👩‍👩‍👧‍👦", 2),
        ("👍🏽 ok", 5),
        ("🇵🇹", 2),
        ("1️⃣", 2),
        ("see https://example.com/a/very/long/path?with=a&query=1.", 4 + 23 + 1),
        ("see example.com", 4 + 23),
        ("two: http://a.com, https://b.org/x", 5 + 23 + 2 + 23),
        ("me@example.com", 14),
        ("“curly” – dash…", 16),
        ("e\u0301", 1),
    ],
)
def test_texts_are_weighed_as_x_weighs_them(text: str, weighs: int) -> None:
    assert weight(text) == weighs


async def test_the_same_text_to_the_same_post_is_refused_however_it_is_spaced(world: World) -> None:
    root, other = world.x.post("maria", "@acme hello"), world.x.post("bo", "@acme hello")
    await world.ask("create_tweet", text="Caf\u00e9 opens  at nine", in_reply_to_tweet_id=root)
    status, body = await world.refused("create_tweet", text="Cafe\u0301 opens at\nnine ", in_reply_to_tweet_id=root)
    assert status == 403
    assert body["detail"] == "You are not allowed to create a Tweet with duplicate content."
    await world.ask("create_tweet", text="Caf\u00e9 opens at nine", in_reply_to_tweet_id=other)
    await world.ask("create_tweet", text="Caf\u00e9 opens at nine")
    assert (await world.refused("create_tweet", text="Caf\u00e9 opens at nine"))[0] == 403
    assert len(world.x.published) == 3


async def test_a_reply_to_what_is_gone_is_refused(world: World) -> None:
    key = world.x.post("maria", "@acme oops")
    world.x.delete(key)
    for target in (key, "12345"):
        status, body = await world.refused("create_tweet", text="Hi", in_reply_to_tweet_id=target)
        assert status == 403 and "deleted or not visible" in body["detail"]
    assert world.x.published == []


async def test_an_empty_text_is_refused(world: World) -> None:
    assert (await world.refused("create_tweet", text="  "))[0] == 400


async def test_we_may_delete_our_own_posts_only(world: World) -> None:
    theirs = world.x.post("maria", "@acme hello")
    ours = (await world.ask("create_tweet", text="Hi")).data["id"]
    assert (await world.ask("delete_tweet", ours)).data == {"deleted": True}
    assert world.x.published == []
    assert (await world.refused("delete_tweet", theirs))[0] == 403


async def test_a_reply_in_our_own_conversation_can_be_hidden(world: World) -> None:
    ours = str((await world.ask("create_tweet", text="We are open")).data["id"])
    reply = world.x.post("maria", "rude words", reply_to=ours)
    assert (await world.ask("hide_reply", reply)).data == {"hidden": True}
    assert (await world.ask("unhide_reply", reply)).data == {"hidden": False}
    elsewhere = world.x.post("maria", "@acme rude words")
    assert (await world.refused("hide_reply", elsewhere))[0] == 403


async def test_what_we_wrote_can_be_read_only_after_the_lag_but_is_already_a_duplicate(world: World) -> None:
    world.wire.fault("x", "POST /2/tweets", "accept", lag=60.0)
    await world.ask("create_tweet", text="Hi")
    assert (await world.ask("get_users_tweets", "1000")).data is None
    assert (await world.refused("create_tweet", text="Hi"))[0] == 403
    world.later(60)
    assert len((await world.ask("get_users_tweets", "1000")).data) == 1


async def test_an_answer_that_is_lost_after_the_post_leaves_one_post(world: World) -> None:
    world.wire.fault("x", "POST /2/tweets", "drop_after")
    with pytest.raises(requests.ConnectionError):
        await world.ask("create_tweet", text="Hi")
    assert [post["text"] for post in world.x.published] == ["Hi"]


# --- direct messages ------------------------------------------------------------------------------------------------


async def test_direct_messages_are_read_newest_first_with_their_sender(world: World) -> None:
    first = world.x.direct("maria", "hello?")
    world.later()
    second = world.x.direct("maria", "1 < 2 https://example.com/x")
    maria = world.x.add_person("maria")
    answer = await world.ask(
        "get_direct_message_events",
        dm_event_fields=["sender_id", "created_at", "dm_conversation_id"],
        expansions=["sender_id"],
        event_types="MessageCreate",
    )
    assert [str(event.id) for event in answer.data] == [second, first]
    assert answer.data[0].text.startswith("1 &lt; 2 https://t.co/")
    assert {str(event.sender_id) for event in answer.data} == {maria}
    assert str(answer.data[0].dm_conversation_id) == "-".join(sorted(["1000", maria], key=int))
    assert [user.username for user in answer.includes["users"]] == ["maria"]


async def test_direct_messages_can_be_sent_to_a_person_and_to_a_conversation(world: World) -> None:
    maria = world.x.add_person("maria")
    one = await world.ask("create_direct_message", participant_id=maria, text="Hello Maria")
    conversation = one.data["dm_conversation_id"]
    await world.ask("create_direct_message", dm_conversation_id=conversation, text="One more")
    assert [(sent["text"], sent["to"], sent["username"]) for sent in world.x.sent_directs] == [
        ("Hello Maria", maria, "maria"),
        ("One more", maria, "maria"),
    ]
    for where in ({"participant_id": maria}, {"dm_conversation_id": conversation}):
        answer = await world.ask("get_direct_message_events", **where)
        assert [event.text for event in answer.data] == ["One more", "Hello Maria"]
    assert [one["ours"] for one in world.x.directs_with("maria")] == [True, True]


async def test_who_takes_no_direct_messages_gets_none_before_they_wrote(world: World) -> None:
    shy = world.x.add_person("shy", directs_open=False)
    status, body = await world.refused("create_direct_message", participant_id=shy, text="Hello")
    assert (status, body["title"]) == (403, "Forbidden")
    world.x.direct("shy", "hello?")
    await world.ask("create_direct_message", participant_id=shy, text="Hello")
    assert len(world.x.sent_directs) == 1


async def test_direct_messages_to_nobody_or_without_text_are_refused(world: World) -> None:
    maria = world.x.add_person("maria")
    assert (await world.refused("create_direct_message", participant_id="5", text="Hello"))[0] == 400
    assert (await world.refused("create_direct_message", participant_id=maria, text=" "))[0] == 400
    assert (await world.refused("create_direct_message", participant_id=maria, text="x" * 10_001))[0] == 400


# --- access, rates, the rest -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"bearer_token": "nonsense"},
        {"consumer_key": "nonsense"},
        {"consumer_secret": "nonsense"},
        {"access_token": "1000-nonsense"},
        {"access_token_secret": "nonsense"},
    ],
)
async def test_wrong_tokens_get_401(world: World, wrong: dict[str, str]) -> None:
    client = world.client(**wrong)
    call = ("get_users_mentions", "1000") if "bearer_token" in wrong else ("get_me",)
    status, body = await world.refused(*call, client=client)
    assert (status, body) == (
        401,
        {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"},
    )


async def test_a_revoked_token_gets_401_from_then_on(world: World) -> None:
    client = world.client()
    await world.ask("get_me", client=client)
    world.x.access.access_token = "1000-other"
    assert (await world.refused("get_me", client=client))[0] == 401


async def test_the_app_alone_may_not_act_for_the_user(world: World) -> None:
    for name, more in (
        ("create_tweet", {"text": "Hi", "user_auth": False}),
        ("get_direct_message_events", {"user_auth": False}),
        ("get_me", {"user_auth": False}),
    ):
        status, body = await world.refused(name, **more)
        assert (status, body["title"]) == (403, "Unsupported Authentication")
    assert world.x.published == []


async def test_a_rate_window_lasts_15_minutes_of_story_time(world: World) -> None:
    world.x.rates.limits["mentions"]["app"] = 2
    first = await world.raw("GET", "/2/users/1000/mentions")
    reset = int((START + timedelta(minutes=15)).timestamp())
    assert (first.headers["x-rate-limit-limit"], first.headers["x-rate-limit-remaining"]) == ("2", "1")
    assert first.headers["x-rate-limit-reset"] == str(reset)
    world.later(600)
    await world.raw("GET", "/2/users/1000/mentions")
    refused = await world.raw("GET", "/2/users/1000/mentions")
    assert refused.status_code == 429
    assert refused.json()["title"] == "Too Many Requests"
    assert (refused.headers["x-rate-limit-remaining"], refused.headers["x-rate-limit-reset"]) == ("0", str(reset))
    assert (await world.ask("get_users_mentions", "1000", user_auth=True)).meta["result_count"] == 0
    world.later(300)
    assert (await world.raw("GET", "/2/users/1000/mentions")).status_code == 200


async def test_a_call_that_no_row_names_gets_404_and_is_remembered(world: World) -> None:
    assert (await world.raw("GET", "/2/lists/1")).status_code == 404
    assert (await world.raw("POST", "/2/users/1000/mentions", json={})).status_code == 404
    assert world.wire.unexpected == ["x: GET /2/lists/1", "x: POST /2/users/1000/mentions"]


async def test_every_request_is_on_the_wires_record_without_tokens(world: World) -> None:
    await world.ask("create_tweet", text="Hi")
    (record,) = world.wire.to("x")
    assert (record.method, record.path, record.status) == ("POST", "/2/tweets", 201)
    assert "sandbox-token-secret" not in json.dumps(record.as_json())


async def test_listeners_hear_what_happens(world: World) -> None:
    heard: list[str] = []
    world.x.listeners.append(lambda event: heard.append(event["type"]))
    key = world.x.post("maria", "@acme hi")
    world.x.edit(key, "@acme hello")
    world.x.direct("maria", "psst")
    await world.ask("create_tweet", text="Hi")
    await world.ask("create_direct_message", participant_id=world.x.add_person("maria"), text="Hi")
    world.x.delete(key)
    assert heard == ["post", "edited", "direct", "published", "direct_sent", "deleted"]
    assert world.x.touched == 4


# --- recorded shapes -------------------------------------------------------------------------------------------------

NOT_PRODUCED = {
    "test_asyncclient_manage_and_lookup_direct_messages.02.json": "group conversations: the desk never opens one",
    "errors/403_duplicate_v1.json": "API v1.1: the desk speaks v2 only",
}
ABOUT_THE_CONVERSATION = {"next_token", "previous_token"}


def _shape(body: Any) -> Any:
    """Keys and types of a body, one element for each list."""
    if isinstance(body, dict):
        return {key: _shape(value) for key, value in sorted(body.items()) if key not in ABOUT_THE_CONVERSATION}
    if isinstance(body, list):
        return [_shape(body[0])] if body else []
    return type(body).__name__


def _prepare(world: World, uri: str, body: Any) -> tuple[str, Any]:
    """Make what a recorded request speaks of, and name it in the request as this world does."""
    path = uri.removeprefix(HOST)
    if path.endswith("/hidden"):
        ours = world.x.publish("We are open", None, 0.0)
        path = re.sub(r"\d{9,}", world.x.post("bo", "rude words", reply_to=ours.id), path)
    elif numbers := re.search(r"\d{9,}(,\d+)?", path) if "/tweets" in path and "/users/" not in path else None:
        keys = [world.x.publish(f"Tweepy {n}", None, 0.0).id for n in range(2)]
        path = path.replace(numbers[0], ",".join(keys) if numbers[1] else keys[0])
    if "/users/by" in path:
        world.x.add_person("Twitter", "Twitter")
        world.x.add_person("TwitterDev", "Twitter Dev")
    if re.search(r"/users/\d+/", path):
        world.x.post("bo", "@acme Tweepy one")
        world.x.native_reply("Tweepy two", world.x.post("bo", "Tweepy three"))
        path = re.sub(r"/users/\d+/", "/users/1000/", path)
    if "search" in path:
        world.x.post("bo", "Tweepy here")
    if "dm_conversations" in path:
        maria = world.x.add_person("maria")
        path = re.sub(r"\d+-\d+", f"1000-{maria}", path)
        path = re.sub(r"/with/\d+", f"/with/{maria}", path)
        if path.endswith("dm_events"):
            world.x.direct("maria", "Testing 1")
    return path, body


async def _produced(world: World, recorded: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    request = recorded["request"]
    path, body = _prepare(world, request["uri"], request["body"])
    adapter = Rebase(HOST, world.x.url)
    client = world.client()
    adapter.mount(client.session)
    route, _, query = path.partition("?")
    params = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    user = request["method"] != "GET" or "dm_" in path
    await asyncio.to_thread(client.request, request["method"], route, params=params, json=body, user_auth=user)
    return adapter.last.status, dict(adapter.last.headers), adapter.last.json()


@pytest.mark.real_data
async def test_every_recorded_exchange_is_produced_in_shape(shared_data: Path) -> None:
    folder = shared_data / "payloads" / "x"
    seen: set[str] = set()
    for file in sorted(folder.glob("*.json")):
        name = file.relative_to(folder).as_posix()
        seen.add(name)
        if name in NOT_PRODUCED:
            continue
        recorded = json.loads(file.read_text())
        world = World()
        await world.x.start()
        try:
            status, headers, body = await _produced(world, recorded)
        finally:
            await world.x.stop()
        expected = recorded["response"]
        shape = _shape(body)
        if recorded["request"]["method"] == "POST" and "/tweets" in recorded["request"]["uri"]:
            shape["data"].pop("edit_history_tweet_ids")  # came with edits, after this recording
        assert (name, status, shape) == (name, expected["status"]["code"], _shape(expected["body"]))
        assert {key for key in expected["headers"] if key.startswith("x-rate-limit")} <= set(headers), name
    assert len(seen) == 16


async def _error(world: World, name: str) -> tuple[int, dict[str, str], Any]:
    headers = {"Authorization": f"Bearer {world.x.access.bearer_token}"}
    path = "/2/users/1000/mentions"
    if name.startswith("401"):
        headers = {"Authorization": "Bearer revoked"}
    if name.startswith("429"):
        world.x.rates.limits["mentions"]["app"] = 0
    if name == "403_duplicate.json":
        await world.ask("create_tweet", text="Hi")
        adapter = Rebase(HOST, world.x.url)
        client = world.client()
        adapter.mount(client.session)
        with pytest.raises(tweepy.Forbidden):
            await world.ask("create_tweet", text="Hi", client=client)
        return adapter.last.status, dict(adapter.last.headers), adapter.last.json()
    answer = await asyncio.to_thread(lambda: requests.get(world.x.url + path, headers=headers, timeout=5))
    return answer.status_code, dict(answer.headers), answer.json()


@pytest.mark.real_data
async def test_every_recorded_error_is_answered_word_for_word(shared_data: Path) -> None:
    folder = shared_data / "payloads" / "x"
    for file in sorted((folder / "errors").glob("*.json")):
        if file.relative_to(folder).as_posix() in NOT_PRODUCED:
            continue
        recorded = json.loads(file.read_text())
        world = World()
        await world.x.start()
        try:
            status, headers, body = await _error(world, file.name)
        finally:
            await world.x.stop()
        assert (file.name, status, body) == (file.name, recorded["status"], recorded["body"])
        assert {key for key in recorded["headers"] if key.startswith("x-rate-limit")} <= set(headers), file.name


@pytest.mark.real_data
def test_real_texts_weigh_what_twitter_text_says(shared_data: Path) -> None:
    from twitter_text import parse_tweet

    turns = [
        turn
        for line in (shared_data / "conversations.jsonl").read_text().splitlines()
        for turn in json.loads(line)["turns"]
    ]
    weighed = [(weight(turn["text"]), parse_tweet(turn["text"]).weightedLength, turn["id"]) for turn in turns]
    assert weighed and [one for one in weighed if one[0] != one[1]] == []


def test_the_page_about_the_stand_in_names_tests_that_exist_and_every_call() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sandbox" / "x.md").read_text()
    here = Path(__file__).read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    assert named and {name for name in named if f"def {name}(" not in here} == set()
    world = World()
    routes = [(route.method, route.resource) for route in Api(world.x).app().router.routes() if route.resource]
    paths = {resource.canonical for method, resource in routes if method != "*" and method != "HEAD"}
    for path in paths - {"/{rest}"}:
        assert re.sub(r"\{name\}", ":u", path).replace("{id}", ":id") in page, path


JPEG = b"\xff\xd8\xff\xe0" + bytes(200)


async def hand_over(world: World, data: bytes, name: str = "cup.jpg", *, alt: str = "", **more: Any) -> dict[str, Any]:
    """A file through tweepy's API v1.1, and what X answers."""
    tokens = world.x.access
    auth = tweepy.OAuth1UserHandler(
        tokens.consumer_key, tokens.consumer_secret, tokens.access_token, tokens.access_token_secret
    )
    api = tweepy.API(auth, timeout=5)
    adapter = Rebase("https://upload.twitter.com", world.x.url, timeouts=(1.0, 2.0))
    adapter.mount(api.session)
    await asyncio.to_thread(api.simple_upload, name, file=io.BytesIO(data), **more)
    kept: dict[str, Any] = adapter.last.json()
    if alt:
        await asyncio.to_thread(api.create_media_metadata, kept["media_id_string"], alt)
    return kept


async def test_pictures_are_handed_over_described_and_hung_on_a_post(world: World) -> None:
    kept = await hand_over(world, JPEG, alt="A cup, whole again", media_category="tweet_image")
    assert kept["size"] == len(JPEG)
    await world.ask("create_tweet", text="Here it is", media_ids=[kept["media_id_string"]])
    (post,) = world.x.published
    assert post["pictures"] == [{"id": kept["media_id_string"], "alt": "A cup, whole again", "mime": "image/jpeg"}]
    world.x.add_person("maria_k")
    status, body = await world.refused("create_direct_message", participant_id=700001, media_id=kept["media_id"])
    assert (status, body["detail"]) == (400, "Your media IDs are invalid.")
    private = await hand_over(world, JPEG, alt="A cup, whole again", media_category="dm_image")
    await world.ask("create_direct_message", participant_id=700001, text="Look", media_id=private["media_id"])
    assert [one["alt"] for one in world.x.sent_directs[0]["pictures"]] == ["A cup, whole again"]
    world.later(86_401)
    assert (await world.refused("create_tweet", text="Late", media_ids=[kept["media_id_string"]]))[0] == 400


async def test_files_that_x_does_not_take_are_refused(world: World) -> None:
    for data, category, status in (
        (b"%PDF-1.7" + bytes(100), "tweet_image", 400),
        (JPEG, "tweet_gif", 400),
        (JPEG + bytes(5 * 1024 * 1024), "tweet_image", 413),
    ):
        with pytest.raises(tweepy.HTTPException) as caught:
            await hand_over(world, data, media_category=category)
        assert caught.value.response.status_code == status
    assert (await world.refused("create_tweet", text="No such picture", media_ids=["12"]))[0] == 400
    gif = await hand_over(world, b"GIF89a" + bytes(50), "a.gif", media_category="tweet_gif")
    jpg = await hand_over(world, JPEG)
    both = [gif["media_id_string"], jpg["media_id_string"]]
    assert (await world.refused("create_tweet", text="Both", media_ids=both))[0] == 400


async def test_a_customers_pictures_come_with_their_posts(world: World) -> None:
    cup = world.x.picture(JPEG, "A broken cup")
    world.x.post("maria_k", "@acme look", pictures=[cup])
    page = await world.ask(
        "get_users_mentions",
        1000,
        expansions="attachments.media_keys",
        media_fields="url,alt_text",
        tweet_fields="entities,attachments",
    )
    (media,) = page.includes["media"]
    assert (media.url, media.alt_text) == (f"https://pbs.twimg.com/media/{cup}.jpg", "A broken cup")
    assert page.data[0].text.startswith("@acme look https://t.co/")
    assert page.data[0].entities["urls"][0]["media_key"] == media.media_key
    there = await asyncio.to_thread(requests.get, f"{world.x.url}/pbs.twimg.com/media/{cup}.jpg", timeout=5)
    assert (there.content, there.headers["content-type"]) == (JPEG, "image/jpeg")
