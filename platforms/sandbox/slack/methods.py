"""Slack's Web API: one function per method, and the table that says what each needs."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from platforms.sandbox.slack import blocks as block_kit
from platforms.sandbox.slack import limits
from platforms.sandbox.slack.files import ALT_TEXT, LARGEST, File, listed, shown
from platforms.sandbox.slack.objects import Channel, Message, View, as_ts, micros, micros_of
from platforms.sandbox.slack.people import People

Params = dict[str, Any]
Answer = dict[str, Any]


class Refusal(Exception):
    """A method says no. `more` goes into the answer's body beside `ok` and `error`."""

    def __init__(self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}
        self.more = more


# --- reading parameters ---


def _flag(params: Params, name: str) -> bool:
    return str(params.get(name, "")).lower() in ("1", "true")


def _json(params: Params, name: str) -> Any:
    """A parameter that is JSON: as it is in a JSON body, as a string in a form."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise Refusal(f"invalid_{name}" if name == "blocks" else "invalid_arguments") from None


def _need(params: Params, *names: str) -> list[str]:
    for name in names:
        if not params.get(name):
            raise Refusal(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
    return [str(params[name]) for name in names]


def _channel(slack: People, params: Params, *, write: bool = False, read: bool = False) -> Channel:
    """The channel that a call names, if the bot may use it."""
    named = params.get("channel")
    if not named:
        raise Refusal("channel_not_found")
    channel = slack.find_channel(str(named))
    if channel is None or (channel.kind == "group" and slack.bot_user not in channel.members):
        raise Refusal("channel_not_found")
    if write and channel.archived:
        raise Refusal("is_archived")
    if (write or read) and slack.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    if read:
        _scope(slack, f"{_family(channel)}:history")
    return channel


def _family(channel: Channel) -> str:
    return {"channel": "channels", "group": "groups", "im": "im"}[channel.kind]


def _scope(slack: People, need: str) -> None:
    if slack.scopes is not None and need not in slack.scopes:
        raise Refusal("missing_scope", needed=need, provided=",".join(sorted(slack.scopes)))


def _content(params: Params, *, old: Message | None = None) -> tuple[str, list[dict[str, Any]] | None]:
    """A message's text and blocks, checked. On an update what is not given stays, except blocks where text is given."""
    text = params.get("text")
    blocks = _json(params, "blocks")
    if text is not None and not isinstance(text, str):
        raise Refusal("invalid_arguments")
    if blocks is not None:
        wrong = block_kit.check_message(blocks)
        if wrong:
            raise Refusal("invalid_blocks", response_metadata={"messages": wrong}, errors=[w[8:] for w in wrong])
        if block_kit.text_length(blocks) > limits.BLOCKS_TEXT:
            raise Refusal("msg_blocks_too_long")
    if old is not None and blocks is None and not text:
        blocks = old.get("blocks")
    if not text and not blocks and not params.get("attachments"):
        raise Refusal("no_text")
    if text and len(text) > limits.TEXT:
        raise Refusal("msg_too_long")
    return text or "", blocks


def _metadata(params: Params) -> dict[str, Any] | None:
    metadata = _json(params, "metadata")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise Refusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _cursor(params: Params, kind: str) -> str | None:
    given = params.get("cursor")
    if not given:
        return None
    try:
        name, _, value = base64.b64decode(str(given), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal("invalid_cursor") from None
    if name != kind:
        raise Refusal("invalid_cursor")
    return value


def _next(kind: str, value: str) -> str:
    return base64.b64encode(f"{kind}:{value}".encode()).decode()


def _limit(params: Params, default: int, most: int) -> int:
    try:
        limit = int(params.get("limit") or default)
    except ValueError:
        raise Refusal("invalid_limit") from None
    if limit < 1:
        raise Refusal("invalid_limit")
    return min(limit, most)


# --- chat ---


def auth_test(slack: People, params: Params, lag: float) -> Answer:
    return {
        "url": f"https://{slack.team_domain}.slack.com/",
        "team": slack.team_domain.title(),
        "user": slack.app_name,
        "team_id": slack.team_id,
        "user_id": slack.bot_user,
        "bot_id": slack.bot_id,
        "is_enterprise_install": False,
    }


def chat_post_message(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, write=True)
    text, blocks = _content(params)
    metadata = _metadata(params)
    thread_ts = params.get("thread_ts")
    if thread_ts and str(thread_ts) not in channel.messages and str(thread_ts) not in channel.threads:
        raise Refusal("thread_not_found")
    message = slack.bot_message(text, blocks)
    if metadata:
        message["metadata"] = metadata
    if params.get("attachments"):
        message["attachments"] = _json(params, "attachments")
    slack.post(
        channel,
        message,
        thread_ts=str(thread_ts) if thread_ts else None,
        broadcast=_flag(params, "reply_broadcast"),
        lag=lag,
    )
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def chat_update(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, write=True)
    (ts,) = _need(params, "ts")
    old = channel.messages.get(ts)
    if old is None or old.get("subtype") == "tombstone":
        raise Refusal("message_not_found")
    if old.get("bot_id") != slack.bot_id:
        raise Refusal("cant_update_message")
    text, blocks = _content(params, old=old)
    metadata = _metadata(params)
    new = {**old, "text": text or old["text"]}
    if blocks:
        new["blocks"] = block_kit.normalised(blocks, slack.new_id)
    else:
        new.pop("blocks", None)
    if metadata is not None:
        new.pop("metadata", None)
        if metadata:
            new["metadata"] = metadata
    slack.rewrite(channel, ts, new, slack.bot_user)
    return {"channel": channel.id, "ts": ts, "text": new["text"], "message": new}


def chat_delete(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, write=True)
    (ts,) = _need(params, "ts")
    old = channel.messages.get(ts)
    if old is None:
        raise Refusal("message_not_found")
    if old.get("bot_id") != slack.bot_id:
        raise Refusal("cant_delete_message")
    slack.remove(channel, ts)
    return {"channel": channel.id, "ts": ts}


def chat_post_ephemeral(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, write=True)
    (user,) = _need(params, "user")
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    text, blocks = _content(params)
    message = slack.bot_message(text, blocks)
    thread_ts = params.get("thread_ts")
    slack.show_only(user, channel.id, message, str(thread_ts) if thread_ts else None)
    return {"message_ts": message["ts"]}


def chat_get_permalink(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params)
    (ts,) = _need(params, "message_ts")
    if ts not in channel.messages:
        raise Refusal("message_not_found")
    return {"channel": channel.id, "permalink": slack.permalink(channel.id, ts)}


# --- conversations ---


def conversations_list(slack: People, params: Params, lag: float) -> Answer:
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    asked = str(params.get("types") or "public_channel").replace(" ", "").split(",")
    if any(one not in kinds for one in asked):
        raise Refusal("invalid_types")
    for one in asked:
        _scope(slack, {"public_channel": "channels", "private_channel": "groups"}.get(one, one) + ":read")
    found = [
        channel
        for channel in slack.channels.values()
        if channel.kind in {kinds[one] for one in asked}
        and not (channel.archived and _flag(params, "exclude_archived"))
        and (channel.kind != "group" or slack.bot_user in channel.members)
    ]
    page, cursor = _page([channel.id for channel in found], params, "channel", 100)
    infos = [slack.channel_info(slack.channels[id]) for id in page]
    return {"channels": infos, "response_metadata": {"next_cursor": cursor}}


def _page(ids: list[str], params: Params, kind: str, default: int) -> tuple[list[str], str]:
    after = _cursor(params, kind)
    start = ids.index(after) if after in ids else 0
    limit = _limit(params, default, 1_000)
    page = ids[start : start + limit]
    rest = ids[start + limit :]
    return page, _next(kind, rest[0]) if rest else ""


def conversations_info(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params)
    _scope(slack, f"{_family(channel)}:read")
    info = slack.channel_info(channel)
    if not _flag(params, "include_num_members"):
        info.pop("num_members", None)
    return {"channel": info}


def _shown(slack: People, channel: Channel, ts: str, metadata: bool, at: int) -> Message | None:
    """A message as the API gives it now, or None while it cannot be read back yet."""
    if channel.readable:
        readable = channel.readable.get(ts)
        if readable is not None:
            if readable > at:
                return None
            del channel.readable[ts]
    message = channel.messages[ts]
    if "metadata" in message and not metadata:
        return {k: v for k, v in message.items() if k != "metadata"}
    return message


def _span(params: Params) -> tuple[str, str, bool]:
    """oldest and latest as ts that sort as text, and whether they count themselves."""
    try:
        oldest = as_ts(micros_of(str(params.get("oldest") or "0")))
        latest = params.get("latest")
        newest = as_ts(micros_of(str(latest))) if latest not in (None, "", "now", "0", 0) else "9" * 10
    except ValueError:
        raise Refusal("invalid_ts_oldest") from None
    return oldest.zfill(17), newest, _flag(params, "inclusive")


def conversations_history(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, read=True)
    limit = _limit(params, 100, 999)
    oldest, latest, inclusive = _span(params)
    before = _cursor(params, "next_ts")
    start = (bisect_left if inclusive else bisect_right)(channel.shown, oldest)
    end = (bisect_right if inclusive else bisect_left)(channel.shown, latest)
    if before is not None:
        end = min(end, bisect_right(channel.shown, before))
    metadata = _flag(params, "include_all_metadata")
    at = micros(slack.now())
    found: list[Message] = []
    cursor = ""
    for place in range(end - 1, start - 1, -1):
        ts = channel.shown[place]
        message = _shown(slack, channel, ts, metadata, at)
        if message is None:
            continue
        if len(found) == limit:
            cursor = _next("next_ts", ts)
            break
        found.append(message)
    answer: Answer = {
        "messages": found,
        "has_more": bool(cursor),
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def conversations_replies(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, read=True)
    (ts,) = _need(params, "ts")
    limit = _limit(params, 1_000, 1_000)
    oldest, latest, inclusive = _span(params)
    metadata = _flag(params, "include_all_metadata")
    at = micros(slack.now())
    parent = _shown(slack, channel, ts, metadata, at) if ts in channel.messages else None
    if parent is None:
        raise Refusal("thread_not_found")
    if parent.get("thread_ts", ts) != ts:
        return {"messages": [parent], "has_more": False}
    replies = channel.threads.get(ts, [])
    after = _cursor(params, "next_ts")
    start = (bisect_left if inclusive else bisect_right)(replies, oldest)
    end = (bisect_right if inclusive else bisect_left)(replies, latest)
    if after is not None:
        start = max(start, bisect_left(replies, after))
    found = [parent]
    cursor = ""
    for place in range(start, end):
        message = _shown(slack, channel, replies[place], metadata, at)
        if message is None:
            continue
        if len(found) - 1 >= limit:
            cursor = _next("next_ts", replies[place])
            break
        found.append(message)
    answer: Answer = {"messages": found, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def conversations_set_topic(slack: People, params: Params, lag: float) -> Answer:
    channel = _channel(slack, params, write=True)
    topic = str(params.get("topic") or "")
    if len(topic) > limits.TOPIC:
        raise Refusal("too_long")
    if slack.scopes is not None and not slack.scopes & {
        f"{_family(channel)}:manage",
        f"{_family(channel)}:write",
        f"{_family(channel)}:write.topic",
    }:
        _scope(slack, f"{_family(channel)}:write.topic")
    at = micros(slack.now()) // 1_000_000
    channel.topic = {"value": topic, "creator": slack.bot_user, "last_set": at}
    notice = slack.bot_message(f"set the channel topic: {topic}", None)
    slack.post(channel, {**notice, "subtype": "channel_topic", "topic": topic})
    slack.changed("topic", channel=channel.id, topic=topic)
    return {"channel": slack.channel_info(channel)}


# --- people ---


def users_info(slack: People, params: Params, lag: float) -> Answer:
    user = slack.users.get(str(params.get("user")))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": _person(slack, user)}


def _person(slack: People, user: dict[str, Any]) -> dict[str, Any]:
    """A person as this app may see them: without the e-mail address where it has no scope for it."""
    if slack.scopes is None or "users:read.email" in slack.scopes:
        return user
    return {**user, "profile": {k: v for k, v in user["profile"].items() if k != "email"}}


def users_list(slack: People, params: Params, lag: float) -> Answer:
    page, cursor = _page(list(slack.users), params, "user", 1_000)
    return {
        "members": [_person(slack, slack.users[id]) for id in page],
        "cache_ts": micros(slack.now()) // 1_000_000,
        "response_metadata": {"next_cursor": cursor},
    }


def users_lookup_by_email(slack: People, params: Params, lag: float) -> Answer:
    email = str(params.get("email") or "").lower()
    for user in slack.users.values():
        if email and user["profile"]["email"].lower() == email and not user["deleted"]:
            return {"user": user}
    raise Refusal("users_not_found")


def usergroups_list(slack: People, params: Params, lag: float) -> Answer:
    groups = []
    for group in slack.usergroups.values():
        shown = {k: v for k, v in group.items() if k != "users"}
        if _flag(params, "include_users"):
            shown["users"] = list(group["users"])
        if _flag(params, "include_count"):
            shown["user_count"] = len(group["users"])
        groups.append(shown)
    return {"usergroups": groups}


def usergroups_users_list(slack: People, params: Params, lag: float) -> Answer:
    group = slack.usergroups.get(str(params.get("usergroup")))
    if group is None:
        raise Refusal("no_such_subteam")
    return {"users": list(group["users"])}


# --- views ---


def _given_view(slack: People, params: Params, kind: str) -> dict[str, Any]:
    view = _json(params, "view")
    wrong = block_kit.check_view(view)
    if not wrong and view["type"] != kind:
        wrong = [f"[ERROR] must be {kind} [json-pointer:/view/type]"]
    if wrong:
        raise Refusal("invalid_arguments", response_metadata={"messages": wrong})
    if any(element["type"] == "file_input" for _, element in block_kit.acting(view["blocks"])):
        _scope(slack, "files:read")
    if len(json.dumps(view)) > limits.VIEW_BYTES:
        raise Refusal("view_too_large")
    assert isinstance(view, dict)
    return view


def views_open(slack: People, params: Params, lag: float) -> Answer:
    (trigger,) = _need(params, "trigger_id")
    given = _given_view(slack, params, "modal")
    external = given.get("external_id")
    if external and any(v.body["external_id"] == external for stack in slack.views.values() for v in stack):
        raise Refusal("duplicate_external_id")
    user, error = slack.exchange(trigger)
    if error is not None:
        raise Refusal(error)
    return {"view": slack.open_view(user, given).body}


def views_push(slack: People, params: Params, lag: float) -> Answer:
    (trigger,) = _need(params, "trigger_id")
    given = _given_view(slack, params, "modal")
    user, error = slack.exchange(trigger)
    if error is not None:
        raise Refusal(error)
    stack = slack.views.get(user, [])
    if not stack:
        raise Refusal("invalid_arguments", response_metadata={"messages": ["[ERROR] no view is open"]})
    if len(stack) >= limits.VIEWS_DEEP:
        raise Refusal("push_limit_reached")
    return {"view": slack.open_view(user, given, on_top=True).body}


def views_update(slack: People, params: Params, lag: float) -> Answer:
    given = _given_view(slack, params, "modal")
    wanted = params.get("view_id")
    external = params.get("external_id")
    if not wanted and not external:
        _need(params, "view_id")
    for stack in slack.views.values():
        for view in stack:
            if view.body["id"] == wanted or (external and view.body["external_id"] == external):
                if params.get("hash") and params["hash"] != view.body["hash"]:
                    raise Refusal("hash_conflict")
                slack.redraw(view, given)
                return {"view": view.body}
    raise Refusal("not_found")


def views_publish(slack: People, params: Params, lag: float) -> Answer:
    (user,) = _need(params, "user_id")
    given = _given_view(slack, params, "home")
    if user not in slack.users:
        raise Refusal("invalid_arguments", response_metadata={"messages": ["[ERROR] user_not_found"]})
    old = slack.homes.get(user)
    if old is not None and params.get("hash") and params["hash"] != old.body["hash"]:
        raise Refusal("hash_conflict")
    view = View(slack.view_body(given, old.body["id"] if old else "V" + slack.new_id(10).upper()), user)
    slack.homes[user] = view
    slack.changed("view", user=user, view=view.body)
    return {"view": view.body}


# --- files ---


def files_get_upload_url(slack: People, params: Params, lag: float) -> Answer:
    (name, length) = _need(params, "filename", "length")
    if not length.isdecimal() or not 0 < int(length) <= LARGEST:
        raise Refusal("invalid_arguments")
    if len(str(params.get("alt_txt") or "")) > ALT_TEXT:
        raise Refusal("alt_txt_too_large")
    file = slack.new_file(name, slack.bot_user, int(length))
    file.alt = str(params.get("alt_txt") or "")
    ticket = slack.new_id(24)
    slack.places[ticket] = file
    return {"upload_url": f"{slack.base}/upload/v1/{ticket}", "file_id": file.id}


def files_complete_upload(slack: People, params: Params, lag: float) -> Answer:
    told = listed(params.get("files"))
    if not told:
        raise Refusal("invalid_arguments")
    files = []
    for one in told:
        file = slack.files.get(str(one["id"]))
        if file is None or file.data is None or file.deleted or file.user != slack.bot_user:
            raise Refusal("file_not_found")
        if file.shares:
            raise Refusal("invalid_arguments", response_metadata={"messages": ["[ERROR] file is shared already"]})
        file.title = str(one.get("title") or file.name)
        files.append(file)
    if params.get("channel_id"):
        channel = _channel(slack, {"channel": params["channel_id"]}, write=True)
        thread_ts = str(params.get("thread_ts") or "") or None
        if thread_ts and thread_ts not in channel.messages:
            raise Refusal("thread_not_found")
        message = slack.bot_message(str(params.get("initial_comment") or ""), None)
        message |= {"files": [shown(slack, file) for file in files], "upload": True, "subtype": "file_share"}
        slack.post(channel, message, thread_ts=thread_ts, lag=lag)
        for file in files:
            file.shares[channel.id] = [message["ts"]]
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _file(slack: People, params: Params) -> File:
    (id,) = _need(params, "file")
    file = slack.files.get(id)
    if file is None or file.data is None:
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    return file


def files_info(slack: People, params: Params, lag: float) -> Answer:
    return {"file": slack.file(_file(slack, params).id), "comments": []}


def files_delete(slack: People, params: Params, lag: float) -> Answer:
    file = _file(slack, params)
    if file.user != slack.bot_user:
        raise Refusal("cant_delete_file")
    file.deleted, file.data = True, b""
    for id, stamps in file.shares.items():
        for ts in stamps:
            slack.remove(slack.channels[id], ts)
    return {}


# --- the rest ---


def apps_connections_open(slack: People, params: Params, lag: float) -> Answer:
    return {"url": f"{slack.base.replace('http', 'ws', 1)}/link?ticket={slack.doors.ticket()}&app_id={slack.app_id}"}


def _item(slack: People, params: Params) -> tuple[Channel, str]:
    channel = _channel(slack, params, write=True)
    (ts,) = _need(params, "timestamp")
    if ts not in channel.messages:
        raise Refusal("message_not_found")
    return channel, ts


def reactions_add(slack: People, params: Params, lag: float) -> Answer:
    channel, ts = _item(slack, params)
    (name,) = _need(params, "name")
    there = channel.messages[ts].get("reactions", ())
    if len(there) >= limits.REACTIONS and all(one["name"] != name for one in there):
        raise Refusal("too_many_emoji")
    if not slack.put_reaction(slack.bot_user, channel.id, ts, name.strip(":")):
        raise Refusal("already_reacted")
    return {}


def reactions_remove(slack: People, params: Params, lag: float) -> Answer:
    channel, ts = _item(slack, params)
    (name,) = _need(params, "name")
    if not slack.put_reaction(slack.bot_user, channel.id, ts, name.strip(":"), remove=True):
        raise Refusal("no_reaction")
    return {}


def pins_add(slack: People, params: Params, lag: float) -> Answer:
    channel, ts = _item(slack, params)
    if ts in channel.pins:
        raise Refusal("already_pinned")
    channel.pins.append(ts)
    slack.changed("pinned", channel=channel.id, message=channel.messages[ts])
    return {}


METHODS: dict[str, Callable[[People, Params, float], Answer]] = {
    "apps.connections.open": apps_connections_open,
    "auth.test": auth_test,
    "chat.delete": chat_delete,
    "chat.getPermalink": chat_get_permalink,
    "chat.postEphemeral": chat_post_ephemeral,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "conversations.history": conversations_history,
    "conversations.info": conversations_info,
    "conversations.list": conversations_list,
    "conversations.replies": conversations_replies,
    "conversations.setTopic": conversations_set_topic,
    "files.completeUploadExternal": files_complete_upload,
    "files.delete": files_delete,
    "files.getUploadURLExternal": files_get_upload_url,
    "files.info": files_info,
    "pins.add": pins_add,
    "reactions.add": reactions_add,
    "reactions.remove": reactions_remove,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroups_users_list,
    "users.info": users_info,
    "users.list": users_list,
    "users.lookupByEmail": users_lookup_by_email,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.push": views_push,
    "views.update": views_update,
}
"""Every method of the stand-in. Each takes the workspace, the parameters and the lag of a write in story seconds."""
APP_TOKEN_METHODS = frozenset({"apps.connections.open"})
"""Methods that want the app-level token (xapp-) instead of the bot's."""
