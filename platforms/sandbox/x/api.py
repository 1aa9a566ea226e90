"""X's API v2 over HTTP: endpoints, their checks, and the shape of their answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Reversible, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from platforms.sandbox.wire import LAG, PARSED
from platforms.sandbox.x import query as queries
from platforms.sandbox.x.access import Caller, Problem, caller, plain
from platforms.sandbox.x.network import Direct, Person, Post, X
from platforms.sandbox.x.texts import DIRECT_LIMIT, POST_LIMIT, cut, escape, named, weight

MENTIONS_DEPTH = 800
TIMELINE_DEPTH = 3200
SEARCH_AGE = timedelta(days=7)
DIRECTS_AGE = timedelta(days=30)
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

Work = Callable[["Call"], Awaitable[tuple[int, dict[str, Any]]]]


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


class Api:
    """The endpoints of one stand-in."""

    def __init__(self, x: X) -> None:
        self.x = x

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.x.wire.middleware("x")], client_max_size=8 * 2**20)
        add = app.router.add_route
        for method, path, lane, work in (
            ("GET", "/2/users/me", "me", self.users_me),
            ("GET", "/2/users/by", "users", self.users_by),
            ("GET", "/2/users/by/username/{name}", "users", self.user_by_name),
            ("GET", "/2/users", "users", self.users),
            ("GET", "/2/users/{id}", "users", self.user),
            ("GET", "/2/users/{id}/mentions", "mentions", self.mentions),
            ("GET", "/2/users/{id}/tweets", "timeline", self.timeline),
            ("GET", "/2/tweets/search/recent", "search", self.search),
            ("GET", "/2/tweets", "lookup", self.tweets),
            ("GET", "/2/tweets/{id}", "lookup", self.tweet),
            ("POST", "/2/tweets", "post", self.create),
            ("DELETE", "/2/tweets/{id}", "delete", self.remove),
            ("PUT", "/2/tweets/{id}/hidden", "hide", self.hide),
            ("GET", "/2/dm_events", "dm_events", self.dm_events),
            ("GET", "/2/dm_conversations/with/{id}/dm_events", "dm_with", self.dm_events_with),
            ("GET", "/2/dm_conversations/{id}/dm_events", "dm_with", self.dm_events_in),
            ("POST", "/2/dm_conversations/with/{id}/messages", "dm_send", self.dm_send_to),
            ("POST", "/2/dm_conversations/{id}/messages", "dm_send", self.dm_send_in),
        ):
            add(method, path, self._door(lane, work))
        add("*", "/{rest:.*}", self._nowhere)
        return app

    def _door(self, lane: str, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            headers: dict[str, str] = {}
            try:
                bases = ("https://api.twitter.com", "https://api.x.com", self.x.url)
                who = caller(request, self.x.access, bases if self.x.check_signatures else ())
                headers = self.x.rates.take(lane, who)
                status, body = await work(Call(request, who))
            except Problem as problem:
                return web.json_response(
                    problem.body, status=problem.status, headers={**headers, **problem.headers, "api-version": "2.100"}
                )
            if status == 201 and "id" in body.get("data", {}):
                headers["location"] = f"https://api.twitter.com/2/tweets/{body['data']['id']}"
            return web.json_response(body, status=status, headers={**headers, "api-version": "2.100"})

        return handler

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        self.x.wire.unexpected.append(f"x: {request.method} {request.path}")
        return web.json_response(plain(404, "Not Found", "Not Found").body, status=404)

    # --- users -------------------------------------------------------------------------------------------------

    async def users_me(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE)
        return 200, {"data": self._user(self.x.me, call)}

    async def user(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE)
        key = call.identifier("id", call.path("id"))
        return 200, self._single("user", "id", key, self.x.shelf.people.get(key), call)

    async def user_by_name(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE)
        name = call.path("name")
        return 200, self._single("user", "username", name, self._by_handle(name), call)

    async def users(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE | {"ids"})
        return 200, self._several("user", "ids", call, self.x.shelf.people.get)

    async def users_by(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE | {"usernames"})
        return 200, self._several("user", "usernames", call, self._by_handle)

    def _by_handle(self, name: str) -> Person | None:
        return self.x.shelf.people.get(self.x.shelf.by_handle.get(name.casefold(), ""))

    # --- posts: reading ------------------------------------------------------------------------------------------

    async def mentions(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE | PAGED | RANGE)
        key = call.identifier("id", call.path("id"))
        if call.who == "user" and key != self.x.me.id and key not in self.x.shelf.people:
            raise invalid("id", key, f"The `id` query parameter value [{key}] is not valid")
        posts = self._standing(self.x.shelf.mentioning.get(key, ()), limit=MENTIONS_DEPTH)
        return 200, self._listed(posts, call, low=5)

    async def timeline(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE | PAGED | RANGE | {"exclude"})
        key = call.identifier("id", call.path("id"))
        posts = self._standing(self.x.shelf.written.get(key, ()), limit=TIMELINE_DEPTH)
        if "replies" in call.listed("exclude"):
            posts = [post for post in posts if post.reply_to is None]
        return 200, self._listed(posts, call, low=5)

    async def search(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE | PAGED | RANGE | {"query", "next_token", "sort_order"})
        oldest = self.x.now() - SEARCH_AGE
        since = call.params.get("since_id")
        if since is not None and int(call.identifier("since_id", since)) < self.x.first_id_at(oldest):
            raise invalid(
                "since_id",
                since,
                f"'since_id' must be a tweet id created after [{oldest:%Y-%m-%dT%H:%MZ}]. "
                f"Please use a 'since_id' that is larger than {self.x.first_id_at(oldest)}",
            )
        start = call.instant("start_time")
        if start is not None and start < oldest:
            raise invalid(
                "start_time", call.params["start_time"], f"'start_time' must be on or after {oldest:%Y-%m-%dT%H:%MZ}"
            )
        text = str(call.params.get("query", ""))
        try:
            test = queries.parse(text)
        except queries.BadQuery as bad:
            raise invalid("query", text, str(bad)) from None
        exact = re.fullmatch(r"\s*conversation_id:(\d+)\b.*", text)
        source: Reversible[str] = self.x.shelf.posts
        if exact and " OR " not in text:
            source = self.x.shelf.conversations.get(exact[1], ())
        posts = [post for post in self._standing(source, oldest) if test(self._facts(post))]
        return 200, self._listed(posts, call, low=10)

    async def tweets(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE | {"ids"})
        return 200, self._several("tweet", "ids", call, self._readable)

    async def tweet(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.check(SHAPE)
        key = call.identifier("id", call.path("id"))
        return 200, self._single("tweet", "id", key, self._readable(key), call)

    def _readable(self, key: str) -> Post | None:
        post = self.x.shelf.posts.get(key)
        return post if post is not None and not post.deleted and post.visible_at <= self.x.now() else None

    def _standing(self, keys: Reversible[str], oldest: datetime | None = None, limit: int | None = None) -> list[Post]:
        """Newest first, without what is deleted, edited away, not yet to be seen, or older than `oldest`."""
        now = self.x.now()
        found: list[Post] = []
        for key in reversed(keys):
            post = self.x.shelf.posts[key]
            if (oldest is not None and post.at < oldest) or len(found) == limit:
                break
            if not post.deleted and not post.replaced and post.visible_at <= now:
                found.append(post)
        return found

    def _facts(self, post: Post) -> queries.Facts:
        people = self.x.shelf.people
        author = people[post.author]
        parent = self.x.shelf.posts.get(post.reply_to or "")
        to: tuple[str, ...] = ()
        if parent is not None:
            to = (people[parent.author].username.casefold(), parent.author)
        return queries.Facts(
            text=f"{post.sent} {post.text}",
            author=(author.username.casefold(), author.id),
            to=to,
            mentions={people[key].username.casefold() for key in post.mentions},
            conversation=post.conversation,
            replies_to=post.reply_to,
            lang=post.lang,
            links=bool(post.links),
            quote=post.quotes is not None,
        )

    # --- posts: writing ------------------------------------------------------------------------------------------

    async def create(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.body({"text", "reply", "quote_tweet_id", "reply_settings"})
        text = call.params.get("text")
        if not isinstance(text, str) or not text.strip():
            raise plain(400, "Invalid Request", "You must provide text or media to create a Tweet.")
        reply = call.params.get("reply")
        parent: Post | None = None
        if reply is not None:
            if not isinstance(reply, dict) or "in_reply_to_tweet_id" not in reply:
                raise invalid("$.reply", reply, "$.reply.in_reply_to_tweet_id: is missing but it is required")
            key = call.identifier("$.reply.in_reply_to_tweet_id", reply["in_reply_to_tweet_id"])
            parent = self.x.shelf.posts.get(key)
            if parent is None or parent.deleted:
                raise plain(
                    403,
                    "Forbidden",
                    "You attempted to reply to a Tweet that is deleted or not visible to you.",
                )
        if weight(text) > POST_LIMIT:
            raise plain(403, "Forbidden", "Your Tweet text is too long.")
        if self.x.is_duplicate(text, parent.id if parent else None):
            raise plain(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        quotes = call.params.get("quote_tweet_id")
        post = self.x.publish(text, parent, call.lag, str(quotes) if quotes else None)
        data = {"id": post.id, "text": escape(post.sent), "edit_history_tweet_ids": list(post.history)}
        return 201, {"data": data}

    async def remove(self, call: Call) -> tuple[int, dict[str, Any]]:
        key = call.identifier("id", call.path("id"))
        post = self.x.shelf.posts.get(key)
        if post is not None and post.author != self.x.me.id:
            raise plain(403, "Forbidden", "You are not authorized to delete this Tweet.")
        if post is not None and not post.deleted:
            self.x.withdraw(post)
            return 200, {"data": {"deleted": True}}
        return 200, {"data": {"deleted": False}}

    async def hide(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.body({"hidden"})
        hidden = call.params.get("hidden")
        if not isinstance(hidden, bool):
            raise invalid("hidden", hidden, "$.hidden: is missing but it is required")
        key = call.identifier("id", call.path("id"))
        post = self._readable(key)
        root = self.x.shelf.posts.get(post.conversation) if post is not None else None
        if post is None or root is None or root.author != self.x.me.id or post.reply_to is None:
            raise plain(403, "Forbidden", "You are not permitted to perform this action.")
        post.hidden = hidden
        return 200, {"data": {"hidden": hidden}}

    # --- direct messages -----------------------------------------------------------------------------------------

    async def dm_events(self, call: Call) -> tuple[int, dict[str, Any]]:
        return 200, self._directs(call, lambda event: True)

    async def dm_events_with(self, call: Call) -> tuple[int, dict[str, Any]]:
        other = call.identifier("participant_id", call.path("id"))
        return 200, self._directs(call, lambda event: other in (event.sender, event.recipient))

    async def dm_events_in(self, call: Call) -> tuple[int, dict[str, Any]]:
        conversation = self._conversation(call.path("id"))
        return 200, self._directs(call, lambda event: event.conversation == conversation)

    def _directs(self, call: Call, wanted: Callable[[Direct], bool]) -> dict[str, Any]:
        call.check(
            PAGED | {"event_types", "dm_event.fields", "user.fields", "tweet.fields", "expansions"} | OTHER_FIELDS
        )
        limit = call.number("max_results", 100, 1, 100)
        kinds = call.listed("event_types") or ["MessageCreate"]
        for kind in kinds:
            if kind not in ("MessageCreate", "ParticipantsJoin", "ParticipantsLeave"):
                raise invalid("event_types", kind, f"The `event_types` query parameter value [{kind}] is not valid")
        now = self.x.now()
        oldest = now - DIRECTS_AGE
        found = [
            event
            for event in reversed(self.x.shelf.directs.values())
            if "MessageCreate" in kinds and event.visible_at <= now and event.at >= oldest and wanted(event)
        ]
        page, meta = self._page(found, call, limit, newest=False)
        fields = call.listed("dm_event.fields")
        if "sender_id" in call.listed("expansions"):
            fields = [*fields, "sender_id"]
        answer: dict[str, Any] = {"data": [self._direct(event, fields) for event in page]} if page else {}
        if "sender_id" in call.listed("expansions") and page:
            people = dict.fromkeys(event.sender for event in page)
            answer["includes"] = {"users": [self._user(self.x.shelf.people[key], call) for key in people]}
        return {**answer, "meta": meta}

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
        if event.links:
            full["entities"] = {"urls": [link.entity(event.sent.index(link.short)) for link in event.links]}
        return {key: value for key, value in full.items() if key in {"id", "text", "event_type", *fields}}

    async def dm_send_to(self, call: Call) -> tuple[int, dict[str, Any]]:
        return self._send(call, call.identifier("participant_id", call.path("id")))

    async def dm_send_in(self, call: Call) -> tuple[int, dict[str, Any]]:
        ids = self._conversation(call.path("id")).split("-")
        other = [key for key in ids if key != self.x.me.id]
        if len(ids) != 2 or len(other) != 1:
            raise plain(403, "Forbidden", "You are not permitted to perform this action.")
        return self._send(call, other[0])

    def _conversation(self, key: str) -> str:
        if not re.fullmatch(r"[0-9]{1,19}-[0-9]{1,19}|[0-9]{15,19}", key):
            raise invalid(
                "dm_conversation_id", key, f"The `dm_conversation_id` query parameter value [{key}] is not valid"
            )
        return key

    def _send(self, call: Call, to: str) -> tuple[int, dict[str, Any]]:
        call.body({"text", "attachments"})
        text = call.params.get("text")
        if not isinstance(text, str) or not text.strip():
            raise invalid("text", text or "", "$.text: is missing but it is required")
        if len(text) > DIRECT_LIMIT:
            raise invalid("text", f"{len(text)} characters", f"$.text: must be at most {DIRECT_LIMIT} characters long")
        person = self.x.shelf.people.get(to)
        if person is None or to == self.x.me.id:
            raise invalid("participant_id", to, f"The `participant_id` query parameter value [{to}] is not valid")
        wrote_us = any(event.sender == to for event in self.x.shelf.directs.values())
        if not person.directs_open and not wrote_us:
            raise plain(403, "Forbidden", "You do not have permission to DM one or more participants.")
        event = self.x.write_direct(self.x.me.id, to, text, call.lag)
        return 201, {"data": {"dm_conversation_id": event.conversation, "dm_event_id": event.id}}

    # --- shapes --------------------------------------------------------------------------------------------------

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
        return {**({"mentions": mentions} if mentions else {}), **({"urls": links} if links else {})}

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
        includes: dict[str, Any] = {}
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
