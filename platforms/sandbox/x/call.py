"""One request to the X stand-in: its parameters, checked as X checks them, and how X says that one is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from platforms.sandbox.wire import LAG, PARSED
from platforms.sandbox.x.access import Caller, Problem

PROBLEMS = "https://api.twitter.com/2/problems/"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TWEET_FIELDS = _words(
    """
    article attachments author_id card_uri community_id context_annotations conversation_id created_at
    display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang
    media_metadata note_tweet possibly_sensitive public_metrics referenced_tweets reply_settings source text
    withheld
    """
)
USER_FIELDS = _words(
    """
    affiliation connection_status created_at description entities id location most_recent_tweet_id name
    pinned_tweet_id profile_banner_url profile_image_url protected public_metrics receives_your_dm url username
    verified verified_type withheld
    """
)
DM_FIELDS = _words(
    """
    attachments created_at dm_conversation_id entities event_type id participant_ids referenced_tweets sender_id
    text
    """
)
OTHER_FIELDS = {"media.fields", "poll.fields", "place.fields"}
TWEET_EXPANSIONS = _words(
    """
    article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet
    attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id
    in_reply_to_user_id entities.note.mentions.username referenced_tweets.id referenced_tweets.id.author_id
    """
)
DM_EXPANSIONS = _words(
    """
    attachments.media_keys participant_ids referenced_tweets.id sender_id
    """
)
PAGED = {"max_results", "pagination_token"}
RANGE = {"since_id", "until_id", "start_time", "end_time"}
SHAPE = {"tweet.fields", "user.fields", "expansions"} | OTHER_FIELDS


def invalid(name: str, value: Any, message: str, *more: dict[str, Any]) -> Problem:
    """400 for a parameter that X does not take."""
    return Problem(
        400,
        {
            "errors": [{"parameters": {name: [str(value)]}, "message": message}, *more],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": PROBLEMS + "invalid-request",
        },
    )


class Call:
    """One request with its parameters checked and its caller known."""

    def __init__(self, request: web.Request, who: Caller) -> None:
        self.request = request
        self.who = who
        self.params: dict[str, Any] = request[PARSED]
        self.lag: float = request[LAG]

    def path(self, name: str) -> str:
        return self.request.match_info[name]

    def listed(self, name: str) -> list[str]:
        value = self.params.get(name)
        return [part for part in str(value).split(",") if part] if value else []

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.params.get(name)
        if value is None:
            return default
        if not str(value).isdigit() or not low <= int(value) <= high:
            raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not between {low} and {high}")
        return int(value)

    def identifier(self, name: str, value: Any) -> str:
        if not re.fullmatch(r"[0-9]{1,19}", str(value)):
            raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid")
        return str(value)

    def instant(self, name: str) -> datetime | None:
        value = self.params.get(name)
        if value is None:
            return None
        try:
            return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not a valid RFC3339") from None

    def check(self, allowed: Iterable[str]) -> None:
        names = set(allowed)
        for name in self.request.query:
            if name not in names:
                raise invalid(
                    name, self.params[name], f"The query parameter [{name}] is not one of [{','.join(sorted(names))}]"
                )
        for name, values in (
            ("tweet.fields", TWEET_FIELDS),
            ("user.fields", USER_FIELDS),
            ("dm_event.fields", DM_FIELDS),
            ("expansions", DM_EXPANSIONS if "dm_event.fields" in names else TWEET_EXPANSIONS),
        ):
            for value in self.listed(name):
                if value not in values and not (name == "expansions" and value == "pinned_tweet_id"):
                    raise invalid(
                        name, value, f"The `{name}` query parameter value [{value}] is not one of [{','.join(values)}]"
                    )

    def body(self, allowed: Iterable[str]) -> None:
        names = set(allowed)
        if "_unreadable" in self.params or "_body" in self.params:
            raise invalid("body", "", "The request body is not a JSON object")
        for name in self.params:
            if name not in names and name not in self.request.query:
                raise invalid(name, self.params[name], f"$.{name}: is not defined in the schema")
