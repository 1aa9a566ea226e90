"""The Web API: what each method gives, what it refuses and in which words."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.slack import Slack
from platforms.sandbox.wire import Wire
from tests.platforms.test_sandbox_slack.ways import Story, button, refused, section


async def test_the_bot_learns_who_it_is(client: AsyncWebClient) -> None:
    me = await client.auth_test()
    assert (me["team_id"], me["user_id"], me["bot_id"]) == ("T0ACME", "U0BOT", "B0BOT")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-sandbox", "not_allowed_token_type")],
)
async def test_a_wrong_token_is_refused(slack: Slack, token: str, error: str) -> None:
    stranger = AsyncWebClient(token, base_url=slack.url, retry_handlers=[])
    assert (await refused(stranger.auth_test()))["error"] == error


async def test_a_revoked_token_stops_every_call_until_it_is_given_back(slack: Slack, client: AsyncWebClient) -> None:
    for error in ("token_revoked", "account_inactive"):
        slack.revoke_token(error)
        assert (await refused(client.chat_postMessage(channel="C0DESK", text="Hello")))["error"] == error
    slack.restore_token()
    await client.chat_postMessage(channel="C0DESK", text="Hello")


async def test_json_and_form_bodies_say_the_same(slack: Slack, client: AsyncWebClient, story: Story) -> None:
    blocks = '[{"type": "divider"}]'
    async with aiohttp.ClientSession() as session:
        form = {"token": "xoxb-sandbox", "channel": "C0DESK", "text": "form", "blocks": blocks}
        async with session.post(f"{slack.url}chat.postMessage", data=form) as answer:
            assert (await answer.json())["ok"] is True
    story.go_on(seconds=1)
    await client.chat_postMessage(channel="C0DESK", text="json", blocks=[{"type": "divider"}])
    one, two = slack.messages("C0DESK")
    assert [one["text"], two["text"]] == ["form", "json"]
    assert one["blocks"][0]["type"] == two["blocks"][0]["type"] == "divider"


async def test_an_unknown_method_is_answered_as_slack_does_and_noted(
    slack: Slack, client: AsyncWebClient, wire: Wire
) -> None:
    assert (await refused(client.api_call("chat.shout")))["error"] == "unknown_method"
    async with aiohttp.ClientSession() as session, session.get(slack.url[:-4] + "nothing") as answer:
        assert answer.status == 404
    assert wire.unexpected == ["slack POST /api/chat.shout", "slack GET /nothing"]


async def test_an_unreadable_body_is_refused(slack: Slack) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer xoxb-sandbox"}) as session:
        headers = {"Content-Type": "application/json"}
        async with session.post(f"{slack.url}chat.postMessage", data="{nonsense", headers=headers) as answer:
            assert await answer.json() == {"ok": False, "error": "invalid_json"}


# --- chat ---


async def test_a_posted_message_stands_in_the_channel(client: AsyncWebClient, slack: Slack) -> None:
    posted = await client.chat_postMessage(channel="C0DESK", text="Good morning")
    (seen,) = slack.messages("C0DESK")
    assert (seen["ts"], seen["text"], seen["bot_id"]) == (posted["ts"], "Good morning", "B0BOT")
    assert posted["ts"].startswith("1772442000.")


async def test_mark_up_is_kept_as_it_was_sent(client: AsyncWebClient, slack: Slack) -> None:
    text = "Due <!date^1772445600^{time}|11:00 UTC> &lt;b&gt; &amp; <https://acme.example|here>"
    await client.chat_postMessage(channel="C0DESK", text=text)
    assert slack.messages("C0DESK")[0]["text"] == text


async def test_no_two_messages_share_a_ts_and_they_grow(client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    stamps = [(await client.chat_postMessage(channel="C0DESK", text=str(n)))["ts"] for n in range(20)]
    assert stamps == sorted(set(stamps))


async def test_a_reply_stands_in_its_thread_and_is_counted(client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    first = (await client.chat_postMessage(channel="C0DESK", text="one", thread_ts=root))["ts"]
    await client.chat_postMessage(channel="C0DESK", text="two", thread_ts=first)
    assert [one["text"] for one in slack.replies("C0DESK", root)] == ["one", "two"]
    parent = slack.message("C0DESK", root)
    assert parent is not None and parent["reply_count"] == 2
    assert len(slack.messages("C0DESK")) == 1


async def test_a_reply_to_nothing_is_refused(client: AsyncWebClient) -> None:
    call = client.chat_postMessage(channel="C0DESK", text="late", thread_ts="1700000000.000001")
    assert (await refused(call))["error"] == "thread_not_found"


async def test_a_broadcast_reply_stands_in_history_too(client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    await client.chat_postMessage(channel="C0DESK", text="loud", thread_ts=root, reply_broadcast=True)
    history = await client.conversations_history(channel="C0DESK")
    assert [one.get("subtype") for one in history["messages"]] == ["thread_broadcast", None]
    assert [one["text"] for one in slack.messages("C0DESK")] == ["root"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NONE", "channel_not_found"), ("C0RANDOM", "not_in_channel"), ("", "channel_not_found")],
)
async def test_a_channel_that_the_bot_may_not_use_is_refused(client: AsyncWebClient, channel: str, error: str) -> None:
    assert (await refused(client.chat_postMessage(channel=channel, text="Hello")))["error"] == error


async def test_an_archived_channel_and_a_lost_membership_are_refused(slack: Slack, client: AsyncWebClient) -> None:
    slack.archive("C0DESK")
    assert (await refused(client.chat_postMessage(channel="C0DESK", text="Hello")))["error"] == "is_archived"
    slack.archive("C0DESK", archived=False)
    slack.kick_bot("C0DESK")
    assert (await refused(client.chat_postMessage(channel="C0DESK", text="Hello")))["error"] == "not_in_channel"
    assert (await refused(client.conversations_history(channel="C0DESK")))["error"] == "not_in_channel"
    slack.kick_bot("G0LEADS")
    assert (await refused(client.chat_postMessage(channel="G0LEADS", text="Hello")))["error"] == "channel_not_found"


async def test_a_message_without_words_is_refused(client: AsyncWebClient) -> None:
    assert (await refused(client.chat_postMessage(channel="C0DESK", blocks=[], text="")))["error"] == "no_text"


async def test_a_direct_message_opens_the_conversation(client: AsyncWebClient, slack: Slack) -> None:
    posted = await client.chat_postMessage(channel="U0ANA", text="Only you")
    assert posted["channel"] == "D0ANA"
    assert [one["text"] for one in slack.messages("D0ANA")] == ["Only you"]


async def test_an_update_changes_words_and_blocks_and_keeps_the_rest(client: AsyncWebClient, slack: Slack) -> None:
    metadata = {"event_type": "frontdesk", "event_payload": {"op_id": "a"}}
    posted = await client.chat_postMessage(channel="C0DESK", text="open", blocks=[section("open")], metadata=metadata)
    await client.chat_update(channel="C0DESK", ts=posted["ts"], text="claimed", blocks=[section("claimed")])
    (seen,) = slack.messages("C0DESK")
    assert (seen["text"], seen["blocks"][0]["text"]["text"]) == ("claimed", "claimed")
    assert seen["metadata"] == metadata and seen["edited"]["user"] == "U0BOT"


async def test_an_update_with_words_alone_takes_the_blocks_away(client: AsyncWebClient, slack: Slack) -> None:
    posted = await client.chat_postMessage(channel="C0DESK", text="open", blocks=[section("open")])
    await client.chat_update(channel="C0DESK", ts=posted["ts"], text="closed")
    assert "blocks" not in slack.messages("C0DESK")[0]


async def test_only_the_bots_own_messages_can_be_changed(client: AsyncWebClient, slack: Slack) -> None:
    ts = await slack.say("U0ANA", "C0DESK", "mine")
    update = client.chat_update(channel="C0DESK", ts=ts, text="yours")
    assert (await refused(update))["error"] == "cant_update_message"
    assert (await refused(client.chat_delete(channel="C0DESK", ts=ts)))["error"] == "cant_delete_message"
    missing = client.chat_update(channel="C0DESK", ts="1.000001", text="yours")
    assert (await refused(missing))["error"] == "message_not_found"
    assert (await refused(client.chat_delete(channel="C0DESK", ts="1.000001")))["error"] == "message_not_found"


async def test_a_deleted_message_is_gone_but_one_with_replies_leaves_a_stone(
    client: AsyncWebClient, slack: Slack, story: Story
) -> None:
    alone = (await client.chat_postMessage(channel="C0DESK", text="alone"))["ts"]
    story.go_on(seconds=1)
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    story.go_on(seconds=1)
    await client.chat_postMessage(channel="C0DESK", text="reply", thread_ts=root)
    await client.chat_delete(channel="C0DESK", ts=alone)
    slack.delete_message("C0DESK", root)
    (stone,) = slack.messages("C0DESK")
    assert (stone["subtype"], stone["ts"]) == ("tombstone", root)
    assert [one["text"] for one in slack.replies("C0DESK", root)] == ["reply"]
    update = client.chat_update(channel="C0DESK", ts=root, text="back")
    assert (await refused(update))["error"] == "message_not_found"


async def test_an_ephemeral_is_for_one_person_only(client: AsyncWebClient, slack: Slack) -> None:
    sent = await client.chat_postEphemeral(channel="C0DESK", user="U0ANA", text="Only you", thread_ts="1.2")
    (seen,) = slack.ephemerals("U0ANA", "C0DESK")
    assert (seen["ts"], seen["text"], seen["thread_ts"]) == (sent["message_ts"], "Only you", "1.2")
    assert slack.ephemerals("U0BEN") == [] and slack.messages("C0DESK") == []
    history = await client.conversations_history(channel="C0DESK")
    assert history["messages"] == []
    absent = client.chat_postEphemeral(channel="G0LEADS", user="U0BEN", text="Hello")
    assert (await refused(absent))["error"] == "user_not_in_channel"


async def test_a_permalink_names_channel_message_and_thread(client: AsyncWebClient, story: Story) -> None:
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    story.go_on(seconds=1)
    reply = (await client.chat_postMessage(channel="C0DESK", text="reply", thread_ts=root))["ts"]
    link = (await client.chat_getPermalink(channel="C0DESK", message_ts=reply))["permalink"]
    digits = reply.replace(".", "")
    assert link == f"https://acme.slack.com/archives/C0DESK/p{digits}?thread_ts={root}&cid=C0DESK"
    missing = client.chat_getPermalink(channel="C0DESK", message_ts="1.000001")
    assert (await refused(missing))["error"] == "message_not_found"


async def test_reactions_and_pins(client: AsyncWebClient, slack: Slack) -> None:
    ts = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    await client.reactions_add(channel="C0DESK", timestamp=ts, name="eyes")
    assert slack.messages("C0DESK")[0]["reactions"] == [{"name": "eyes", "users": ["U0BOT"], "count": 1}]
    again = client.reactions_add(channel="C0DESK", timestamp=ts, name="eyes")
    assert (await refused(again))["error"] == "already_reacted"
    await client.reactions_remove(channel="C0DESK", timestamp=ts, name="eyes")
    assert "reactions" not in slack.messages("C0DESK")[0]
    none = client.reactions_remove(channel="C0DESK", timestamp=ts, name="eyes")
    assert (await refused(none))["error"] == "no_reaction"
    await client.pins_add(channel="C0DESK", timestamp=ts)
    assert (await refused(client.pins_add(channel="C0DESK", timestamp=ts)))["error"] == "already_pinned"


# --- reading back ---


async def test_metadata_is_given_back_only_where_asked_for(client: AsyncWebClient) -> None:
    metadata = {"event_type": "frontdesk", "event_payload": {"op_id": "a", "inquiry": 1}}
    posted = await client.chat_postMessage(channel="C0DESK", text="root", metadata=metadata)
    plain = await client.conversations_history(channel="C0DESK")
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_history(channel="C0DESK", include_all_metadata=True)
    assert full["messages"][0]["metadata"] == metadata
    thread = await client.conversations_replies(channel="C0DESK", ts=posted["ts"], include_all_metadata=True)
    assert thread["messages"][0]["metadata"] == metadata
    wrong = client.chat_postMessage(channel="G0LEADS", text="root", metadata={"event_type": "frontdesk"})
    assert (await refused(wrong))["error"] == "invalid_metadata_format"


async def test_history_is_paged_newest_first_and_cut_by_time(client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    stamps = [(await client.chat_postMessage(channel="C0DESK", text=str(n)))["ts"] for n in range(7)]
    texts: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await client.conversations_history(channel="C0DESK", limit=3, cursor=cursor)
        texts += [one["text"] for one in page["messages"]]
        cursor = page.get("response_metadata", {}).get("next_cursor", "")
        assert page["has_more"] is bool(cursor)
    assert texts == ["6", "5", "4", "3", "2", "1", "0"]
    cut = await client.conversations_history(channel="C0DESK", oldest=stamps[2], latest=stamps[5])
    assert [one["text"] for one in cut["messages"]] == ["4", "3"]
    whole = await client.conversations_history(channel="C0DESK", oldest=stamps[2], latest=stamps[5], inclusive=True)
    assert [one["text"] for one in whole["messages"]] == ["5", "4", "3", "2"]
    assert (await refused(client.conversations_history(channel="C0DESK", cursor="zzz")))["error"] == "invalid_cursor"


async def test_replies_come_oldest_first_after_their_parent(client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    stamps = [(await client.chat_postMessage(channel="C0DESK", text=str(n), thread_ts=root))["ts"] for n in range(4)]
    page = await client.conversations_replies(channel="C0DESK", ts=root, limit=3)
    assert [one["text"] for one in page["messages"]] == ["root", "0", "1", "2"]
    rest = await client.conversations_replies(
        channel="C0DESK", ts=root, limit=3, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [one["text"] for one in rest["messages"]] == ["root", "3"]
    later = await client.conversations_replies(channel="C0DESK", ts=root, oldest=stamps[1])
    assert [one["text"] for one in later["messages"]] == ["root", "2", "3"]
    none = client.conversations_replies(channel="C0DESK", ts="1.000001")
    assert (await refused(none))["error"] == "thread_not_found"


async def test_channels_are_listed_and_described(client: AsyncWebClient, slack: Slack) -> None:
    public = await client.conversations_list()
    assert [one["id"] for one in public["channels"]] == ["C0DESK", "C0RANDOM"]
    private = await client.conversations_list(types="private_channel", limit=1)
    assert [one["name"] for one in private["channels"]] == ["leads"]
    info = (await client.conversations_info(channel="C0DESK", include_num_members=True))["channel"]
    assert (info["name"], info["is_member"], info["num_members"], info["is_archived"]) == ("frontdesk", True, 3, False)
    slack.archive("C0DESK")
    left = await client.conversations_list(exclude_archived=True)
    assert [one["id"] for one in left["channels"]] == ["C0RANDOM"]


async def test_a_shared_channel_says_so(client: AsyncWebClient, slack: Slack) -> None:
    slack.add_channel("C0SHARED", "shared", members=["U0BOT"], is_ext_shared=True)
    info = (await client.conversations_info(channel="C0SHARED"))["channel"]
    assert info["is_ext_shared"] and info["is_shared"]


async def test_a_topic_is_set_and_leaves_a_notice(client: AsyncWebClient, slack: Slack) -> None:
    await client.conversations_setTopic(channel="C0DESK", topic="Open until 18:00")
    assert slack.topic("C0DESK") == "Open until 18:00"
    assert slack.messages("C0DESK")[-1]["subtype"] == "channel_topic"
    assert (await refused(client.conversations_setTopic(channel="C0DESK", topic="x" * 251)))["error"] == "too_long"


async def test_people_and_groups_are_found(client: AsyncWebClient) -> None:
    ana = (await client.users_info(user="U0ANA"))["user"]
    assert (ana["profile"]["first_name"], ana["tz"], ana["is_bot"]) == ("Ana", "Europe/Lisbon", False)
    assert (await client.users_lookupByEmail(email="Ana@acme.example"))["user"]["id"] == "U0ANA"
    assert (await refused(client.users_lookupByEmail(email="nobody@acme.example")))["error"] == "users_not_found"
    assert (await refused(client.users_info(user="U0NONE")))["error"] == "user_not_found"
    everybody = [one["id"] for one in (await client.users_list())["members"]]
    assert everybody == ["U0BOT", "U0ANA", "U0BEN"]
    (group,) = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (group["handle"], group["users"]) == ("frontdesk-agents", ["U0ANA", "U0BEN"])
    assert (await client.usergroups_users_list(usergroup="S0AGENTS"))["users"] == ["U0ANA", "U0BEN"]
    assert (await refused(client.usergroups_users_list(usergroup="S0NONE")))["error"] == "no_such_subteam"


# --- rates, in story time ---


async def test_one_message_a_second_and_channel(client: AsyncWebClient, story: Story) -> None:
    await client.chat_postMessage(channel="C0DESK", text="one")
    no = await refused(client.chat_postMessage(channel="C0DESK", text="two"))
    assert (no.status_code, no["error"], no.headers["Retry-After"]) == (429, "ratelimited", "1")
    await client.chat_postMessage(channel="G0LEADS", text="elsewhere")
    story.go_on(seconds=1)
    await client.chat_postMessage(channel="C0DESK", text="two")


async def test_a_burst_is_taken_where_it_is_allowed(client: AsyncWebClient, slack: Slack) -> None:
    slack.burst = 3
    for n in range(3):
        await client.chat_postMessage(channel="C0DESK", text=str(n))
    assert (await refused(client.chat_postMessage(channel="C0DESK", text="four")))["error"] == "ratelimited"


async def test_a_method_has_so_many_calls_a_minute(client: AsyncWebClient, story: Story) -> None:
    ts = (await client.chat_postMessage(channel="C0DESK", text="card"))["ts"]
    for n in range(50):
        await client.chat_update(channel="C0DESK", ts=ts, text=str(n))
    story.go_on(seconds=20)
    no = await refused(client.chat_update(channel="C0DESK", ts=ts, text="one more"))
    assert (no.status_code, no.headers["Retry-After"]) == (429, "40")
    story.go_on(seconds=40)
    await client.chat_update(channel="C0DESK", ts=ts, text="one more")


async def test_rates_can_be_switched_off(client: AsyncWebClient, slack: Slack) -> None:
    slack.strict_rates = False
    for n in range(120):
        await client.chat_postMessage(channel="C0DESK", text=str(n))
    assert len(slack.messages("C0DESK")) == 120


# --- faults ---


async def test_a_request_dropped_before_leaves_nothing_and_one_dropped_after_leaves_the_message(
    client: AsyncWebClient, slack: Slack, wire: Wire
) -> None:
    for action in ("drop_before", "drop_after"):
        wire.fault("slack", "* /api/chat.postMessage", action)
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel="C0DESK", text=action)
    assert [one["text"] for one in slack.messages("C0DESK")] == ["drop_after"]
    assert [record.status for record in wire.records] == [0, 0]


async def test_a_status_fault_answers_in_slacks_place(client: AsyncWebClient, slack: Slack, wire: Wire) -> None:
    wire.fault("slack", "* /api/chat.postMessage", "status", status=503, body="<html>sorry</html>")
    no = await refused(client.chat_postMessage(channel="C0DESK", text="lost"))
    assert no.status_code == 503
    wire.fault("slack", "* /api/chat.postMessage", "status", status=200, body={"ok": False, "error": "fatal_error"})
    assert (await refused(client.chat_postMessage(channel="C0DESK", text="lost")))["error"] == "fatal_error"
    assert slack.messages("C0DESK") == []


async def test_what_hangs_is_never_done(slack: Slack, wire: Wire) -> None:
    wire.fault("slack", "* /api/chat.postMessage", "hang")
    hurried = AsyncWebClient("xoxb-sandbox", base_url=slack.url, timeout=1, retry_handlers=[])
    hurried.timeout = 0.1  # type: ignore[assignment]
    with pytest.raises(TimeoutError):
        await hurried.chat_postMessage(channel="C0DESK", text="never")
    wire.clear_faults()
    assert slack.messages("C0DESK") == []


async def test_a_lagging_message_is_seen_at_once_but_read_back_later(
    client: AsyncWebClient, slack: Slack, story: Story, wire: Wire
) -> None:
    root = (await client.chat_postMessage(channel="C0DESK", text="root"))["ts"]
    story.go_on(seconds=1)
    wire.fault("slack", "* /api/chat.postMessage", "lag", times=2, lag=5.0)
    await client.chat_postMessage(channel="C0DESK", text="late")
    story.go_on(seconds=1)
    await client.chat_postMessage(channel="C0DESK", text="late reply", thread_ts=root)
    assert [one["text"] for one in slack.messages("C0DESK")] == ["root", "late"]
    assert [one["text"] for one in (await client.conversations_history(channel="C0DESK"))["messages"]] == ["root"]
    assert len((await client.conversations_replies(channel="C0DESK", ts=root))["messages"]) == 1
    story.go_on(seconds=5)
    history = await client.conversations_history(channel="C0DESK")
    assert [one["text"] for one in history["messages"]] == ["late", "root"]
    assert len((await client.conversations_replies(channel="C0DESK", ts=root))["messages"]) == 2


async def test_every_request_is_recorded_without_its_token(client: AsyncWebClient, slack: Slack, wire: Wire) -> None:
    await client.chat_postMessage(channel="C0DESK", text="one")
    async with aiohttp.ClientSession() as session:
        await session.post(f"{slack.url}auth.test", data={"token": "xoxb-sandbox"})
    first, second = wire.to("slack")
    assert (first.path, first.status, first.request["text"]) == ("/api/chat.postMessage", 200, "one")
    assert first.response["ok"] is True
    assert "xoxb-sandbox" not in str(second)


async def test_a_page_hears_of_every_change(client: AsyncWebClient, slack: Slack) -> None:
    heard: list[str] = []
    slack.listeners.append(lambda change: heard.append(change["type"]))
    ts = (await client.chat_postMessage(channel="C0DESK", text="root", blocks=[section("root")]))["ts"]
    await client.chat_update(
        channel="C0DESK", ts=ts, text="new", blocks=[{"type": "actions", "elements": [button("Claim", "claim")]}]
    )
    await client.chat_postEphemeral(channel="C0DESK", user="U0ANA", text="Only you")
    await client.conversations_setTopic(channel="C0DESK", topic="Open")
    await client.chat_delete(channel="C0DESK", ts=ts)
    assert heard == ["message", "changed", "ephemeral", "message", "topic", "deleted"]
