"""The shapes of the X stand-in's answers: posts, people, direct messages, pages, and what is included on request."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from platforms.sandbox.x.call import PROBLEMS, Call, invalid
from platforms.sandbox.x.network import Direct, Person, Post, X
from platforms.sandbox.x.texts import POST_LIMIT, cut, escape, named, weight


def missing(kind: str, parameter: str, value: str) -> dict[str, Any]:
    """The partial error for something that is not there (or is deleted)."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "resource-not-found",
    }


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def token_of(last: str) -> str:
    """A page token: where the next page begins. Opaque to callers."""
    return "7140" + format(int(last), "x")


def _to_pictures(holder: Post | Direct, shown: str) -> list[dict[str, Any]]:
    """X's own link to the pictures, once for each of them."""
    if not holder.picture_link or holder.picture_link not in shown:
        return []
    start = shown.index(holder.picture_link)
    return [
        {
            "start": start,
            "end": start + len(holder.picture_link),
            "url": holder.picture_link,
            "expanded_url": f"https://twitter.com/i/status/{holder.id}/photo/1",
            "display_url": f"pic.twitter.com/{holder.picture_link.rpartition('/')[2]}",
            "media_key": one.key,
        }
        for one in holder.pictures
    ]


class Shapes:
    """What a thing of the network looks like to one caller."""

    def __init__(self, x: X) -> None:
        self.x = x

    def _readable(self, key: str) -> Post | None:
        post = self.x.shelf.posts.get(key)
        return post if post is not None and not post.deleted and post.visible_at <= self.x.now() else None

    def _direct(self, event: Direct, fields: Sequence[str]) -> dict[str, Any]:
        full: dict[str, Any] = {
            "id": event.id,
            "text": escape(event.sent),
            "event_type": "MessageCreate",
            "created_at": stamp(event.at),
            "dm_conversation_id": event.conversation,
            "sender_id": event.sender,
            "participant_ids": [event.sender, event.recipient],
        }
        urls = [link.entity(event.sent.index(link.short)) for link in event.links]
        if urls := [*urls, *_to_pictures(event, event.sent)]:
            full["entities"] = {"urls": urls}
        if event.pictures:
            full["attachments"] = {"media_keys": [one.key for one in event.pictures]}
        return {key: value for key, value in full.items() if key in {"id", "text", "event_type", *fields}}

    def _page(
        self, items: Sequence[Any], call: Call, limit: int, *, newest: bool
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        token = call.params.get("pagination_token") or call.params.get("next_token")
        if token is not None:
            if not re.fullmatch(r"7140[0-9a-f]{1,16}", str(token)):
                raise invalid("pagination_token", token, f"The `pagination_token` value [{token}] is not valid")
            before = int(str(token)[4:], 16)
            items = [item for item in items if int(item.id) < before]
        page = items[:limit]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page and newest:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(items) > limit:
            meta["next_token"] = token_of(page[-1].id)
        return page, meta

    def _listed(self, posts: list[Post], call: Call, *, low: int) -> dict[str, Any]:
        if (value := call.params.get("since_id")) is not None:
            bound = int(call.identifier("since_id", value))
            posts = [post for post in posts if int(post.id) > bound]
        if (value := call.params.get("until_id")) is not None:
            bound = int(call.identifier("until_id", value))
            posts = [post for post in posts if int(post.id) < bound]
        if (start := call.instant("start_time")) is not None:
            posts = [post for post in posts if post.at >= start]
        if (end := call.instant("end_time")) is not None:
            posts = [post for post in posts if post.at < end]
        page, meta = self._page(posts, call, call.number("max_results", 10, low, 100), newest=True)
        answer = self._with_includes(page, call) if page else {}
        return {**answer, "meta": meta}

    def _single(self, kind: str, name: str, key: str, found: Post | Person | None, call: Call) -> dict[str, Any]:
        if found is None:
            return {"errors": [missing(kind, name, key)]}
        if isinstance(found, Person):
            return {"data": self._user(found, call)}
        answer = self._with_includes([found], call)
        return {**answer, "data": answer["data"][0]}

    def _several(self, kind: str, name: str, call: Call, get: Callable[[str], Post | Person | None]) -> dict[str, Any]:
        keys = call.listed(name)
        if not 1 <= len(keys) <= 100:
            raise invalid(
                name, ",".join(keys), f"The number of values in the `{name}` query parameter list must be 1 to 100"
            )
        if name == "ids":
            for key in keys:
                call.identifier(name, key)
        found = [(key, get(key)) for key in dict.fromkeys(keys)]
        there = [item for _, item in found if item is not None]
        answer: dict[str, Any] = {}
        posts = [item for item in there if isinstance(item, Post)]
        if posts:
            answer = self._with_includes(posts, call)
        elif there:
            answer = {"data": [self._user(item, call) for item in there if isinstance(item, Person)]}
        gone = [missing(kind, name, key) for key, item in found if item is None]
        return {**answer, "errors": gone} if gone else answer

    def _user(self, person: Person, call: Call) -> dict[str, Any]:
        full: dict[str, Any] = {
            "id": person.id,
            "name": person.name,
            "username": person.username,
            "created_at": stamp(person.created_at),
            "description": "",
            "verified": person.verified,
            "protected": False,
            "public_metrics": {
                "followers_count": person.followers,
                "following_count": 0,
                "tweet_count": len(self.x.shelf.written.get(person.id, ())),
                "listed_count": 0,
            },
        }
        wanted = {"id", "name", "username", *call.listed("user.fields")}
        return {key: value for key, value in full.items() if key in wanted}

    def _tweet(self, post: Post, call: Call) -> dict[str, Any]:
        wanted = {"id", "text", "edit_history_tweet_ids", *call.listed("tweet.fields")}
        expansions = call.listed("expansions")
        wanted |= {name for name in ("author_id", "in_reply_to_user_id") if name in expansions}
        wanted |= {"referenced_tweets"} if any(name.startswith("referenced_tweets") for name in expansions) else set()
        wanted |= {"entities"} if "entities.mentions.username" in expansions else set()
        parent = self.x.shelf.posts.get(post.reply_to or "")
        long = not post.added and weight(post.sent) > POST_LIMIT
        shown = cut(post.sent, POST_LIMIT - 2).rstrip() + "…" if long else post.sent
        full: dict[str, Any] = {
            "id": post.id,
            "text": escape(shown),
            "edit_history_tweet_ids": list(post.history),
            "author_id": post.author,
            "conversation_id": post.conversation,
            "created_at": stamp(post.at),
            "lang": post.lang,
            "possibly_sensitive": False,
            "reply_settings": "everyone",
            "public_metrics": {
                "retweet_count": 0,
                "reply_count": 0,
                "like_count": 0,
                "quote_count": 0,
                "bookmark_count": 0,
                "impression_count": 0,
            },
        }
        if entities := self._entities(post, shown):
            full["entities"] = entities
        if long:
            note = self._entities(post, post.sent)
            full["note_tweet"] = {"text": escape(post.sent), **({"entities": note} if note else {})}
        if post.pictures:
            full["attachments"] = {"media_keys": [one.key for one in post.pictures]}
        referenced = [("replied_to", post.reply_to), ("quoted", post.quotes)]
        if parent is not None:
            full["in_reply_to_user_id"] = parent.author
        if any(key for _, key in referenced):
            full["referenced_tweets"] = [{"type": kind, "id": key} for kind, key in referenced if key]
        return {key: value for key, value in full.items() if key in wanted}

    def _entities(self, post: Post, shown: str) -> dict[str, Any]:
        people = self.x.shelf.people
        places = {handle.casefold(): (start, end) for start, end, handle in reversed(named(shown))}
        mentions = []
        for key in post.mentions:
            start, end = places.get(people[key].username.casefold(), (0, 0))
            mentions.append({"start": start, "end": end, "username": people[key].username, "id": key})
        links = [link.entity(shown.index(link.short)) for link in post.links if link.short in shown]
        links += _to_pictures(post, shown)
        return {**({"mentions": mentions} if mentions else {}), **({"urls": links} if links else {})}

    def _pictures(self, holders: Sequence[Post | Direct], call: Call) -> dict[str, Any]:
        """What hangs on them, where that was asked for."""
        if "attachments.media_keys" not in call.listed("expansions"):
            return {}
        fields = call.listed("media.fields")
        found = {one.key: one.shown(fields) for holder in holders for one in holder.pictures}
        return {"media": list(found.values())} if found else {}

    def _with_includes(self, posts: Sequence[Post], call: Call) -> dict[str, Any]:
        shelf = self.x.shelf
        expansions = set(call.listed("expansions"))
        answer: dict[str, Any] = {"data": [self._tweet(post, call) for post in posts]}
        people: dict[str, None] = {}
        referenced = [shelf.posts[key] for post in posts for key in (post.reply_to, post.quotes) if key in shelf.posts]
        if "author_id" in expansions:
            people |= dict.fromkeys(post.author for post in posts)
        if "in_reply_to_user_id" in expansions:
            people |= dict.fromkeys(shelf.posts[post.reply_to].author for post in posts if post.reply_to in shelf.posts)
        if "entities.mentions.username" in expansions:
            people |= dict.fromkeys(key for post in posts for key in post.mentions)
        if "referenced_tweets.id.author_id" in expansions:
            people |= dict.fromkeys(post.author for post in referenced)
        includes: dict[str, Any] = self._pictures(posts, call)
        if people:
            includes["users"] = [self._user(shelf.people[key], call) for key in people]
        if {"referenced_tweets.id", "referenced_tweets.id.author_id"} & expansions:
            there = {post.id: post for post in referenced if self._readable(post.id)}
            if there:
                includes["tweets"] = [self._tweet(post, call) for post in there.values()]
            gone = [missing("tweet", "referenced_tweets.id", post.id) for post in referenced if post.id not in there]
            if gone:
                answer["errors"] = gone
        return {**answer, "includes": includes} if includes else answer
