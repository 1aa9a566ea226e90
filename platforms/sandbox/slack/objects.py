"""What there is in a workspace, and how Slack shows it: its times, channels and views, and a user's, a group's and a
channel's object."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Message = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, without the rounding of a float."""
    return (at - EPOCH) // MICROSECOND


def micros_of(ts: str) -> int:
    """Microseconds since 1970 of a Slack `ts` ("1764073800.000100"); ValueError where it is none."""
    seconds, _, fraction = ts.strip().partition(".")
    return int(seconds) * 1_000_000 + int((fraction + "000000")[:6])


def as_ts(at: int) -> str:
    return f"{at // 1_000_000}.{at % 1_000_000:06d}"


@dataclass(slots=True)
class Channel:
    """One conversation with its messages. Messages are never changed in place: an edit puts a new dict there."""

    id: str
    name: str
    kind: str  # "channel", "group" (private) or "im"
    created: int
    flags: dict[str, Any]
    members: dict[str, None]
    topic: dict[str, Any] = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    messages: dict[str, Message] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)  # what history lists: top-level messages and broadcasts, by ts
    threads: dict[str, list[str]] = field(default_factory=dict)
    readable: dict[str, int] = field(default_factory=dict)  # messages that the API shows only from then on
    pins: list[str] = field(default_factory=list)

    @property
    def archived(self) -> bool:
        return bool(self.flags.get("is_archived"))


@dataclass(slots=True)
class Address:
    """What a response_url stands for."""

    user: str
    channel: str
    made: int
    ts: str | None = None
    ephemeral: bool = False
    thread_ts: str | None = None
    uses: int = 0


@dataclass(slots=True)
class View:
    """A modal that a person has open, or their Home tab. `body` is what Slack sends to the app."""

    body: dict[str, Any]
    user: str
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as the composer lists it."""

    name: str
    usage_hint: str
    description: str


def user_object(
    id: str,
    *,
    name: str,
    real_name: str,
    first_name: str,
    display_name: str,
    tz: str,
    email: str,
    at: datetime,
    team: str,
    flags: dict[str, Any],
) -> dict[str, Any]:
    """A person as users.info gives them."""
    first, _, last = real_name.partition(" ")
    offset = at.astimezone(ZoneInfo(tz)).utcoffset() or timedelta()
    return {
        "id": id,
        "team_id": team,
        "name": name,
        "deleted": False,
        "color": "9f69e7",
        "real_name": real_name,
        "tz": tz,
        "tz_label": tz.rpartition("/")[2].replace("_", " "),
        "tz_offset": int(offset.total_seconds()),
        "profile": {
            "title": "",
            "phone": "",
            "real_name": real_name,
            "real_name_normalized": real_name,
            "display_name": display_name,
            "display_name_normalized": display_name,
            "first_name": first_name or first,
            "last_name": last,
            "email": email,
            "status_text": "",
            "status_emoji": "",
            "avatar_hash": "g" + hashlib.sha256(id.encode()).hexdigest()[:11],
            "team": team,
        },
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
        "updated": micros(at) // 1_000_000,
        "is_email_confirmed": True,
        **flags,
    }


def group_object(id: str, handle: str, users: Iterable[str], at: datetime, team: str, by: str) -> dict[str, Any]:
    """A user group as usergroups.list gives it."""
    made = micros(at) // 1_000_000
    return {
        "id": id,
        "team_id": team,
        "is_usergroup": True,
        "is_subteam": True,
        "name": handle.replace("-", " ").title(),
        "description": "",
        "handle": handle,
        "is_external": False,
        "date_create": made,
        "date_update": made,
        "date_delete": 0,
        "auto_type": None,
        "created_by": by,
        "updated_by": by,
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
        "users": list(users),
    }


def channel_object(channel: Channel, team: str, member: bool) -> dict[str, Any]:
    """A conversation as conversations.info gives it; `member`: the app is in it."""
    if channel.kind == "im":
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": channel.name,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "group",
        "created": channel.created,
        "is_archived": False,
        "is_general": False,
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": bool(channel.flags.get("is_ext_shared")),
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": team,
        "updated": channel.created * 1000,
        "parent_conversation": None,
        "creator": "USLACKBOT",
        "is_ext_shared": False,
        "shared_team_ids": [team],
        "pending_connected_team_ids": [],
        "is_member": member,
        "topic": dict(channel.topic),
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "num_members": len(channel.members),
        **channel.flags,
    }
