"""Slack's numbers: rate tiers, lengths, scopes and reserved names, each in one named place.

Sources: Slack's method pages and its SDKs (documented); what no page states is marked as reported or guessed.
"""

from __future__ import annotations

TIERS: dict[str, int] = {"tier1": 1, "tier2": 20, "tier3": 50, "tier4": 100, "special": 300}
"""Calls per minute and method. Slack writes "1+", "20+" …; "hundreds per minute" is taken as 300 (guessed)."""

PER_MINUTE: dict[str, int] = {
    "apps.connections.open": 60,  # Tier 1 with bursts; several connections at start are normal (guessed)
    "auth.test": TIERS["special"],
    "chat.delete": TIERS["tier3"],
    "chat.getPermalink": TIERS["special"],
    "chat.postEphemeral": TIERS["tier4"],
    "chat.update": TIERS["tier3"],
    "conversations.history": TIERS["tier3"],
    "conversations.info": TIERS["tier3"],
    "conversations.list": TIERS["tier2"],
    "conversations.replies": TIERS["tier3"],
    "conversations.setTopic": TIERS["tier2"],
    "files.completeUploadExternal": TIERS["tier4"],
    "files.delete": TIERS["tier3"],
    "files.getUploadURLExternal": TIERS["tier4"],
    "files.info": TIERS["tier4"],
    "pins.add": TIERS["tier2"],
    "reactions.add": TIERS["tier3"],
    "reactions.remove": TIERS["tier2"],
    "usergroups.list": TIERS["tier2"],
    "usergroups.users.list": TIERS["tier2"],
    "users.info": TIERS["tier4"],
    "users.list": TIERS["tier2"],
    "users.lookupByEmail": TIERS["tier3"],
    "views.open": TIERS["tier4"],
    "views.publish": TIERS["tier4"],
    "views.push": TIERS["tier4"],
    "views.update": TIERS["tier4"],
}
"""Calls per minute of story time, per method; chat.postMessage has a rule of its own (POST_INTERVAL)."""

POST_INTERVAL = 1_000_000
"""Microseconds of story time between two chat.postMessage calls in one channel (documented: about one a second)."""

TEXT = 40_000
"""Characters of a message's text (documented)."""
BLOCKS_TEXT = 13_200
"""Characters of all texts in a message's blocks together (reported: above it Slack says msg_blocks_too_long)."""
MESSAGE_BLOCKS = 50
"""Blocks of one message (documented)."""
VIEW_BLOCKS = 100
"""Blocks of a modal or a Home tab (documented)."""
VIEWS_DEEP = 3
"""Modals that may stand on top of each other (documented)."""
VIEW_BYTES = 250 * 1024
"""Bytes of a view as JSON (documented)."""
VIEW_TITLE = 24
"""Characters of a modal's title, submit and close texts (documented)."""
PRIVATE_METADATA = 3_000
"""Characters of a view's private_metadata (documented)."""
CALLBACK_ID = 255
"""Characters of callback_id, external_id, action_id and block_id (documented)."""
RESPONSE_URL_USES = 5
"""How often a response_url may be used (documented)."""
RESPONSE_URL_MINUTES = 30
"""Story minutes for which a response_url lives (documented)."""
ACK_SECONDS = 3.0
"""Real seconds in which the app acknowledges (documented)."""
CONNECTIONS = 10
"""Socket Mode connections of one app (documented)."""
TOPIC = 250
"""Characters of a channel's topic (documented)."""
REACTIONS = 50
"""Different reactions on one message (documented: too_many_emoji; the number is guessed)."""

BUILT_IN_COMMANDS = frozenset(
    {
        "/active",
        "/archive",
        "/away",
        "/call",
        "/close",
        "/collapse",
        "/dm",
        "/dnd",
        "/expand",
        "/feed",
        "/feedback",
        "/giphy",
        "/invite",
        "/invite_people",
        "/join",
        "/keys",
        "/kick",
        "/leave",
        "/me",
        "/msg",
        "/mute",
        "/open",
        "/part",
        "/prefs",
        "/pro",
        "/remind",
        "/remove",
        "/rename",
        "/search",
        "/shortcuts",
        "/shrug",
        "/star",
        "/status",
        "/topic",
        "/trigger",
        "/who",
    }
)
"""Names that an app may not register: Slack's own commands (documented in its help pages; refused by its manifests)."""

SCOPES: dict[str, str] = {
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "pins.add": "pins:write",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
}
"""The bot scope that a method needs. Methods on conversations need channels:… or groups:…, by the channel."""

EVENT_SCOPES: dict[str, str] = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_left": "channels:read",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_left": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "team_join": "users:read",
    "user_change": "users:read",
}
"""The bot scope that an event subscription needs (documented; Slack refuses a manifest that lacks it)."""

EVENTS_WITHOUT_SCOPE = frozenset(
    {"app_home_opened", "app_uninstalled", "tokens_revoked", "app_rate_limited", "app_requested"}
)
"""Events that need no scope."""

KNOWN_SCOPES = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "bookmarks:read",
        "bookmarks:write",
        "canvases:read",
        "canvases:write",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "channels:write.invites",
        "channels:write.topic",
        "chat:write",
        "chat:write.customize",
        "chat:write.public",
        "commands",
        "conversations.connect:read",
        "dnd:read",
        "emoji:read",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "groups:write.topic",
        "im:history",
        "im:read",
        "im:write",
        "incoming-webhook",
        "links:read",
        "links:write",
        "metadata.message:read",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "pins:read",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "reminders:read",
        "reminders:write",
        "team:read",
        "usergroups:read",
        "usergroups:write",
        "users.profile:read",
        "users:read",
        "users:read.email",
        "users:write",
    }
)
"""Bot scopes that a manifest may ask for (documented; those that a desk could want)."""
