"""The workspace: its people, channels and messages, and what each person can see."""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from platforms.sandbox.slack import blocks as block_kit
from platforms.sandbox.slack.files import File, shown
from platforms.sandbox.slack.manifest import ManifestRejected, check
from platforms.sandbox.slack.objects import (
    Address,
    Channel,
    Command,
    Message,
    View,
    as_ts,
    channel_object,
    group_object,
    micros,
    user_object,
)
from platforms.sandbox.slack.socket import Doors


class Workspace:
    """The state of one Slack workspace with one app in it; every time is story time unless it says otherwise.

    `trigger_seconds` is how long a trigger_id lives, in real seconds.
    """

    team_id = "T0ACME"
    team_domain = "acme"
    bot_user = "U0BOT"
    bot_id = "B0BOT"
    app_id = "A0DESK"
    app_name = "frontdesk"

    def __init__(self, now: Callable[[], datetime], doors: Doors, trigger_seconds: float) -> None:
        self.now = now
        self.doors = doors
        self.trigger_seconds = trigger_seconds
        self.base = ""
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, dict[str, Any]] = {}
        self.views: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.places: dict[str, File] = {}
        """Where the app may put the bytes of a file, by what stands at the end of the address."""
        self.commands: list[Command] = []
        self.shortcuts: list[dict[str, Any]] = []
        self.scopes: frozenset[str] | None = None
        """Bot scopes of the installed manifest; None (nothing installed) means that no call is refused for a scope."""
        self.subscribed: frozenset[str] | None = None
        """Events of the installed manifest; None means that each event that the stand-in knows is sent."""
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self.addresses: dict[str, Address] = {}
        self._ephemerals: dict[str, list[Message]] = {}
        self._last_ts = 0
        self._ids = random.Random(7)
        self._triggers: dict[str, tuple[float, str]] = {}
        self._exchanged: set[str] = set()
        self.add_user(self.bot_user, name=self.app_name, real_name="Frontdesk", is_bot=True)
        self._bot_profile = {
            "id": self.bot_id,
            "app_id": self.app_id,
            "user_id": self.bot_user,
            "name": self.app_name,
            "icons": {},
            "deleted": False,
            "updated": micros(now()) // 1_000_000,
            "team_id": self.team_id,
        }

    # --- people and places ---

    def add_user(
        self,
        id: str,
        *,
        name: str,
        real_name: str,
        first_name: str = "",
        display_name: str = "",
        tz: str = "Europe/Lisbon",
        email: str = "",
        **flags: Any,
    ) -> None:
        """A person of the workspace; `flags` as in users.info (deleted, is_restricted, is_bot, is_stranger, team_id…).

        Slack itself fills first and last name from the real name where none is given.
        """
        self.users[id] = user_object(
            id,
            name=name,
            real_name=real_name,
            first_name=first_name,
            display_name=display_name,
            tz=tz,
            email=email,
            at=self.now(),
            team=flags.pop("team_id", self.team_id),
            flags=flags,
        )

    def add_channel(
        self, id: str, name: str, *, members: Iterable[str] = (), private: bool = False, **flags: Any
    ) -> None:
        """A channel; put the bot's id among the members for the bot to be in it. `flags` as in conversations.info."""
        self.channels[id] = Channel(
            id=id,
            name=name,
            kind="group" if private else "channel",
            created=micros(self.now()) // 1_000_000,
            flags=dict(flags),
            members=dict.fromkeys(members),
        )

    def add_usergroup(self, id: str, handle: str, users: Iterable[str]) -> None:
        """A user group (`<!subteam^ID>`); called again it replaces the group."""
        self.usergroups[id] = group_object(id, handle, users, self.now(), self.team_id, by=self.bot_user)

    def install(self, manifest: dict[str, Any]) -> None:
        """Install the app from a manifest: its commands, scopes and events. Raises ManifestRejected."""
        errors = check(manifest)
        if errors:
            raise ManifestRejected(errors)
        features = manifest.get("features", {})
        self.commands = [
            Command(one["command"], one.get("usage_hint", ""), one["description"])
            for one in features.get("slash_commands", [])
        ]
        self.shortcuts = list(features.get("shortcuts", []))
        self.scopes = frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
        events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events") or []
        self.subscribed = frozenset(events)

    def im(self, user: str) -> Channel:
        """The direct conversation between the bot and a person; made at first use."""
        id = "D" + user[1:]
        if id not in self.channels:
            self.channels[id] = Channel(
                id, user, "im", micros(self.now()) // 1_000_000, {}, dict.fromkeys((user, self.bot_user))
            )
        return self.channels[id]

    def find_channel(self, named: str) -> Channel | None:
        """By id, by "#name" or "name", or a person's id for the direct conversation with them."""
        if named in self.channels:
            return self.channels[named]
        if named in self.users:
            return self.im(named)
        name = named.lstrip("#")
        return next((one for one in self.channels.values() if one.name == name and one.kind != "im"), None)

    def channel_info(self, channel: Channel) -> dict[str, Any]:
        """A conversation object as conversations.info gives it."""
        return channel_object(channel, self.team_id, member=self.bot_user in channel.members)

    # --- what people see ---

    def messages(self, channel: str) -> list[Message]:
        """The top-level messages of a channel, oldest first. The dicts are never changed later; do not change them."""
        place = self.channels[channel]
        return [
            message
            for ts in place.shown
            if (message := place.messages[ts]).get("thread_ts", ts) == ts or message.get("subtype") == "tombstone"
        ]

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """The replies under a message, oldest first, without the message itself."""
        place = self.channels[channel]
        return [place.messages[ts] for ts in place.threads.get(thread_ts, ())]

    def message(self, channel: str, ts: str) -> Message | None:
        """One message or reply, or None."""
        place = self.channels.get(channel)
        return None if place is None else place.messages.get(ts)

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees, oldest first; each has `channel`, `ts`, `is_ephemeral`, `thread_ts` if any."""
        return [one for one in self._ephemerals.get(user, ()) if channel is None or one["channel"] == channel]

    def open_views(self, user: str) -> list[dict[str, Any]]:
        """The modals that a person has open, the one on top last; `errors` names inputs that the app refused."""
        return [{**view.body, "errors": dict(view.errors)} for view in self.views.get(user, ())]

    def home(self, user: str) -> dict[str, Any] | None:
        """The Home tab that the app published for a person, or None."""
        view = self.homes.get(user)
        return None if view is None else view.body

    def topic(self, channel: str) -> str:
        """The channel's topic; empty where none is set."""
        return str(self.channels[channel].topic["value"])

    def permalink(self, channel: str, ts: str) -> str:
        """Slack's link to a message."""
        link = f"https://{self.team_domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"
        thread = (self.message(channel, ts) or {}).get("thread_ts")
        return f"{link}?thread_ts={thread}&cid={channel}" if thread and thread != ts else link

    def changed(self, kind: str, **more: Any) -> None:
        """Tell the listeners what people see now."""
        for listener in list(self.listeners):
            listener({"type": kind, **more})

    def file(self, id: str) -> dict[str, Any]:
        """A file object with the channels where it is shown."""
        return {**shown(self, self.files[id]), "shares": {k: list(v) for k, v in self.files[id].shares.items()}}

    # --- writing ---

    def upload(self, user: str, name: str, data: bytes, *, private_url: str = "") -> dict[str, Any]:
        """A person puts a file into a form; the file object that Slack then sends to the app."""
        file = self.new_file(name, user, len(data))
        file.data, file.private_url = data, private_url
        return shown(self, file)

    def new_file(self, name: str, user: str, size: int) -> File:
        """A file of which nothing but the name and the size is known."""
        file = File("F" + self.new_id(9).upper(), name, user, size, micros(self.now()) // 1_000_000)
        self.files[file.id] = file
        return file

    def new_ts(self) -> str:
        """The story time as a Slack `ts`; never twice the same, always growing."""
        self._last_ts = max(micros(self.now()), self._last_ts + 1)
        return as_ts(self._last_ts)

    def new_id(self, length: int = 5) -> str:
        return "".join(self._ids.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=length))

    def bot_message(self, text: str, blocks: list[dict[str, Any]] | None) -> Message:
        """A message of the app, not yet posted."""
        message: Message = {
            "user": self.bot_user,
            "type": "message",
            "ts": "",
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "text": text,
            "team": self.team_id,
            "bot_profile": self._bot_profile,
        }
        if blocks:
            message["blocks"] = block_kit.normalised(blocks, self.new_id)
        return message

    def user_message(self, user: str, text: str) -> Message:
        """A message of a person, not yet posted, with the rich text that Slack's composer makes of it."""
        part = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}] if text else []}
        return {
            "client_msg_id": "-".join(f"{self._ids.getrandbits(bits):0{bits // 4}x}" for bits in (32, 16, 16, 16, 48)),
            "type": "message",
            "text": text,
            "user": user,
            "ts": "",
            "team": self.team_id,
            "blocks": [{"type": "rich_text", "block_id": self.new_id(), "elements": [part]}],
        }

    def post(
        self,
        channel: Channel,
        message: Message,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        lag: float = 0.0,
    ) -> Message:
        """Put a message in a channel or thread. The API shows it after `lag` story seconds; people see it at once."""
        ts = self.new_ts()
        message["ts"] = ts
        if lag > 0:
            channel.readable[ts] = micros(self.now()) + int(lag * 1_000_000)
        if thread_ts is not None:
            parent = channel.messages.get(thread_ts)
            if parent is not None and parent.get("thread_ts", thread_ts) != thread_ts:
                thread_ts = str(parent["thread_ts"])
                parent = channel.messages.get(thread_ts)
            message["thread_ts"] = thread_ts
            channel.threads.setdefault(thread_ts, []).append(ts)
            if parent is not None:
                message["parent_user_id"] = parent.get("user", "")
                channel.messages[thread_ts] = self._with_reply(parent, message)
            if broadcast:
                message["subtype"] = "thread_broadcast"
                message["root"] = channel.messages.get(thread_ts)
        if thread_ts is None or broadcast:
            channel.shown.append(ts)
        channel.messages[ts] = message
        self.changed("message", channel=channel.id, message=message, user=message.get("user"))
        self._tell_message(channel, message)
        return message

    def _with_reply(self, parent: Message, reply: Message) -> Message:
        users = list(parent.get("reply_users", ()))
        if reply.get("user") not in users:
            users.append(reply.get("user"))
        return {
            **parent,
            "thread_ts": parent["ts"],
            "reply_count": int(parent.get("reply_count", 0)) + 1,
            "reply_users_count": len(users),
            "latest_reply": reply["ts"],
            "reply_users": users,
            "is_locked": False,
            "subscribed": False,
        }

    def rewrite(self, channel: Channel, ts: str, new: Message, editor: str) -> Message:
        """Put a new version of a message in its place."""
        old = channel.messages[ts]
        new["edited"] = {"user": editor, "ts": as_ts(micros(self.now()))}
        channel.messages[ts] = new
        self.changed("changed", channel=channel.id, message=new, user=new.get("user"))
        self._tell_hidden(channel, "message_changed", old, message=_public(new))
        return new

    def remove(self, channel: Channel, ts: str) -> None:
        """Delete a message; one that has replies leaves a tombstone, as Slack does."""
        old = channel.messages.get(ts)
        if old is None:
            return
        if channel.threads.get(ts):
            grave = {
                "type": "message",
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
                "hidden": True,
                "ts": ts,
                **{k: v for k, v in old.items() if k.startswith("reply_") or k in ("thread_ts", "latest_reply")},
            }
            channel.messages[ts] = grave
            self.changed("deleted", channel=channel.id, message=old, user=old.get("user"))
            self._tell_hidden(channel, "message_changed", old, message=grave)
            return
        del channel.messages[ts]
        place = bisect_left(channel.shown, ts)
        if place < len(channel.shown) and channel.shown[place] == ts:
            channel.shown.pop(place)
        thread = old.get("thread_ts")
        if thread and thread != ts and ts in channel.threads.get(thread, ()):
            channel.threads[thread].remove(ts)
            parent = channel.messages.get(thread)
            if parent is not None:
                count = max(0, int(parent.get("reply_count", 1)) - 1)
                channel.messages[thread] = {**parent, "reply_count": count}
        self.changed("deleted", channel=channel.id, message=old, user=old.get("user"))
        self._tell_hidden(channel, "message_deleted", old, deleted_ts=ts)

    def show_only(self, user: str, channel: str, message: Message, thread_ts: str | None = None) -> Message:
        """Show a message to one person only."""
        message["ts"] = self.new_ts()
        message["channel"] = channel
        message["is_ephemeral"] = True
        if thread_ts:
            message["thread_ts"] = thread_ts
        self._ephemerals.setdefault(user, []).append(message)
        self.changed("ephemeral", channel=channel, message=message, user=user)
        return message

    def replace_only(self, user: str, ts: str, new: Message | None) -> bool:
        """Replace (or, with None, take away) what one person sees; False where it is not there any more."""
        mine = self._ephemerals.get(user, [])
        for index, old in enumerate(mine):
            if old["ts"] == ts:
                if new is None:
                    mine.pop(index)
                    self.changed("deleted", channel=old["channel"], message=old, user=user)
                else:
                    kept = {k: v for k, v in old.items() if k in ("ts", "channel", "is_ephemeral", "thread_ts")}
                    mine[index] = {**new, **kept}
                    self.changed("ephemeral", channel=old["channel"], message=mine[index], user=user)
                return True
        return False

    def dismiss(self, user: str, ts: str) -> bool:
        """A person clicks "Dismiss" under what only they see."""
        return self.replace_only(user, ts, None)

    # --- triggers and response_urls ---

    def new_trigger(self, user: str) -> str:
        """A trigger_id for one modal, alive for `trigger_seconds` real seconds."""
        trigger = f"{self._ids.getrandbits(40)}.{self._ids.getrandbits(40)}.{self._ids.getrandbits(128):032x}"
        self._triggers[trigger] = (time.monotonic(), user)
        return trigger

    def exchange(self, trigger: str) -> tuple[str, str | None]:
        """The person behind a trigger_id and no error, or "" and Slack's error. A trigger works once."""
        if trigger in self._exchanged:
            return "", "exchanged_trigger_id"
        made = self._triggers.get(trigger)
        if made is None:
            return "", "invalid_trigger_id"
        if time.monotonic() - made[0] > self.trigger_seconds:
            return "", "expired_trigger_id"
        self._exchanged.add(trigger)
        return made[1], None

    def response_url(self, kind: str, address: Address) -> str:
        """A URL that takes 5 answers in 30 story minutes. `kind` is "commands" or "actions"."""
        key = f"{kind}/{self.team_id}/{self._ids.getrandbits(36)}/{self.new_id(24)}"
        self.addresses[key] = address
        return f"{self.base}/{key}"

    # --- events to the app ---

    def _message_subscription(self, channel: Channel) -> str:
        return {"channel": "message.channels", "group": "message.groups", "im": "message.im"}[channel.kind]

    def _tell_message(self, channel: Channel, message: Message) -> None:
        event = {
            **_public(message),
            "channel": channel.id,
            "event_ts": message["ts"],
            "channel_type": channel.kind,
        }
        self.tell(self._message_subscription(channel), event, channel)
        if f"<@{self.bot_user}" in str(message.get("text", "")) and "bot_id" not in message and channel.kind != "im":
            mention = {k: v for k, v in event.items() if k != "channel_type"}
            self.tell("app_mention", {**mention, "type": "app_mention"}, channel)

    def _tell_hidden(self, channel: Channel, subtype: str, old: Message, **more: Any) -> None:
        """Tell the app what became of a message that it knows; nobody sees such an event in the channel."""
        at = self.new_ts()
        event = {
            "type": "message",
            "subtype": subtype,
            **more,
            "previous_message": _public(old),
            "channel": channel.id,
            "hidden": True,
            "ts": at,
            "event_ts": at,
            "channel_type": channel.kind,
        }
        self.tell(self._message_subscription(channel), event, channel)

    def tell(self, subscription: str, event: dict[str, Any], channel: Channel | None = None) -> None:
        """Send an event to the app, if it asked for it and may see the channel; its delivery goes on by itself."""
        if self.subscribed is not None and subscription not in self.subscribed:
            return
        if channel is not None and self.bot_user not in channel.members and not subscription.endswith("_left"):
            return
        if not self.doors.open:
            self.doors.missed.append(event)
            return
        at = micros(self.now()) // 1_000_000
        where = channel.id if channel is not None else "none"
        payload = {
            "token": "sandbox-verification-token",
            "team_id": self.team_id,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self._ids.getrandbits(48):012X}",
            "event_time": at,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self.team_id,
                    "user_id": self.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.flags.get("is_ext_shared")),
            "event_context": f"1-{event['type']}-{self.team_id}-{where}",
        }
        self.doors.send_event(payload)

    # --- what happens to a workspace ---

    def delete_message(self, channel: str, ts: str) -> None:
        """Somebody deletes a message by hand."""
        self.remove(self.channels[channel], ts)

    def edit_message(self, channel: str, ts: str, text: str) -> None:
        """The author of a message edits it by hand."""
        place = self.channels[channel]
        old = place.messages[ts]
        fresh = self.user_message(old["user"], text)
        self.rewrite(place, ts, {**old, "text": text, "blocks": fresh["blocks"]}, old["user"])

    def archive(self, channel: str, archived: bool = True) -> None:
        """A channel is archived (or, with False, opened again)."""
        place = self.channels[channel]
        place.flags["is_archived"] = archived
        kind = f"{place.kind}_{'archive' if archived else 'unarchive'}"
        at = self.new_ts()
        self.tell(kind, {"type": kind, "channel": channel, "user": "USLACKBOT", "event_ts": at}, place)
        self.changed("archived", channel=channel)

    def share(self, channel: str, shared: bool = True) -> None:
        """A channel is shared with another workspace (or, with False, no longer)."""
        place = self.channels[channel]
        place.flags["is_ext_shared"] = shared
        kind = "channel_shared" if shared else "channel_unshared"
        event = {"type": kind, "channel": channel, "event_ts": self.new_ts()}
        more = {"connected_team_id": "T0OTHER"} if shared else {"previously_connected_team_id": "T0OTHER"}
        self.tell(kind, {**event, **more, **({} if shared else {"is_ext_shared": False})}, place)

    def kick_bot(self, channel: str) -> None:
        """Somebody removes the bot from a channel; it is told that it left, as the channel's member and as the app."""
        place = self.channels[channel]
        kind = f"{place.kind}_left"
        self.leave(channel, self.bot_user)
        self.tell(kind, {"type": kind, "channel": channel, "actor_id": "USLACKBOT", "event_ts": self.new_ts()}, place)

    def leave(self, channel: str, user: str) -> None:
        """A person (or the bot) leaves a channel."""
        place = self.channels[channel]
        self._tell_member("member_left_channel", place, user)
        place.members.pop(user, None)

    def change_user(self, user: str, **flags: Any) -> None:
        """An admin changes an account (`is_restricted=True`, `deleted=True`), or a person their own profile."""
        info = self.users[user]
        info.update(flags)
        self.tell("user_change", {"type": "user_change", "user": dict(info), "event_ts": self.new_ts()})

    def change_group(self, group: str, users: Iterable[str]) -> None:
        """An admin changes who is in a user group."""
        self.usergroups[group]["users"] = list(users)
        event = {"type": "subteam_updated", "subteam": {"id": group}, "event_ts": self.new_ts()}
        self.tell("subteam_updated", event)

    def invite(self, channel: str, user: str, inviter: str = "USLACKBOT") -> None:
        """Somebody (or, with the bot's id, the bot) comes into a channel."""
        place = self.channels[channel]
        place.members[user] = None
        self._tell_member("member_joined_channel", place, user, inviter=inviter)

    def _tell_member(self, kind: str, place: Channel, user: str, **more: Any) -> None:
        event = {
            "type": kind,
            "user": user,
            "channel": place.id,
            "channel_type": "C" if place.kind == "channel" else "G",
            "team": self.team_id,
            **more,
            "event_ts": self.new_ts(),
        }
        self.tell(kind, event, place)


def _public(message: Message) -> Message:
    """A message as events show it: without the metadata and without what only the page needs."""
    if "metadata" not in message:
        return message
    return {k: v for k, v in message.items() if k != "metadata"}
