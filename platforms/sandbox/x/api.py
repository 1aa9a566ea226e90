"""X's API v2 over HTTP: endpoints, their checks, and the shape of their answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Reversible
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from platforms.sandbox.x import query as queries
from platforms.sandbox.x.access import Problem, caller, plain
from platforms.sandbox.x.call import OTHER_FIELDS, PAGED, RANGE, SHAPE, Call, invalid
from platforms.sandbox.x.media import ALT_LIMIT, Picture, hung, old_style, read_upload, serve_picture
from platforms.sandbox.x.network import Direct, Person, Post
from platforms.sandbox.x.shapes import Shapes
from platforms.sandbox.x.texts import DIRECT_LIMIT, POST_LIMIT, escape, weight

BASES = ("https://api.twitter.com", "https://api.x.com", "https://upload.twitter.com")
MENTIONS_DEPTH = 800
TIMELINE_DEPTH = 3200
SEARCH_AGE = timedelta(days=7)
DIRECTS_AGE = timedelta(days=30)

Work = Callable[[Call], Awaitable[tuple[int, dict[str, Any]]]]


class Api(Shapes):
    """The endpoints of one stand-in."""

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.x.wire.middleware("x")], client_max_size=32 * 2**20)
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
            ("POST", "/1.1/media/upload.json", "upload", self.upload),
            ("POST", "/1.1/media/metadata/create.json", "upload", self.describe),
        ):
            add(method, path, self._door(lane, work))
        add("GET", "/pbs.twimg.com/media/{name}", self._picture)
        add("*", "/{rest:.*}", self._nowhere)
        return app

    def _door(self, lane: str, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            headers: dict[str, str] = {}
            try:
                bases = (*BASES, self.x.url)
                who = caller(request, self.x.access, bases if self.x.check_signatures else ())
                headers = self.x.rates.take(lane, who)
                status, body = await work(Call(request, who))
            except Problem as problem:
                return web.json_response(
                    problem.body, status=problem.status, headers={**headers, **problem.headers, "api-version": "2.100"}
                )
            if status == 200 and not body:
                return web.Response(status=200, headers=headers)
            if status == 201 and "id" in body.get("data", {}):
                headers["location"] = f"https://api.twitter.com/2/tweets/{body['data']['id']}"
            return web.json_response(body, status=status, headers={**headers, "api-version": "2.100"})

        return handler

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization"):
            self.x.wire.unexpected.append(f"x: a token at the host of pictures: {request.path}")
        return serve_picture(self.x.shelf.media, request)

    # --- pictures ------------------------------------------------------------------------------------------------

    async def upload(self, call: Call) -> tuple[int, dict[str, Any]]:
        data, mime, category = await read_upload(call.request)
        kept = self.x.hand_over(data, mime, category=category, ours=True)
        about = {"image_type": mime, "w": 720, "h": 480}
        answer = {"media_id": int(kept.id), "media_id_string": kept.id, "size": len(data), "expires_after_secs": 86400}
        return 200, {**answer, "media_key": kept.key, "image": about}

    async def describe(self, call: Call) -> tuple[int, dict[str, Any]]:
        call.body({"media_id", "alt_text"})
        kept = self.x.shelf.media.get(str(call.params.get("media_id")))
        said = call.params.get("alt_text")
        text = said.get("text") if isinstance(said, dict) else None
        if kept is None or not kept.ours:
            raise old_style(400, "Media id not found.", 325)
        if not isinstance(text, str) or not 1 <= len(text) <= ALT_LIMIT:
            raise old_style(400, f"alt_text.text must be 1 to {ALT_LIMIT} characters.", 38)
        kept.alt = text
        return 200, {}

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
        call.body({"text", "reply", "quote_tweet_id", "reply_settings", "media"})
        text, media = call.params.get("text") or "", call.params.get("media")
        pictures: tuple[Picture, ...] = ()
        if media is not None:
            if not isinstance(media, dict) or set(media) - {"media_ids", "tagged_user_ids"}:
                raise invalid("$.media", media, "$.media: is not defined in the schema")
            pictures = hung(self.x.shelf.media, media.get("media_ids"), self.x.now(), private=False)
        if not isinstance(text, str) or not (text.strip() or pictures):
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
        post = self.x.publish(text, parent, call.lag, str(quotes) if quotes else None, pictures)
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
        if page and (shown := self._pictures(page, call)):
            answer["includes"] = {**answer.get("includes", {}), **shown}
        return {**answer, "meta": meta}

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
        text, attached = call.params.get("text") or "", call.params.get("attachments")
        pictures: tuple[Picture, ...] = ()
        if attached is not None:
            ids = [one.get("media_id") for one in attached] if isinstance(attached, list) else None
            pictures = hung(self.x.shelf.media, ids, self.x.now(), private=True, most=1)
        if not isinstance(text, str) or not (text.strip() or pictures):
            raise invalid("text", text or "", "$.text: is missing but it is required")
        if len(text) > DIRECT_LIMIT:
            raise invalid("text", f"{len(text)} characters", f"$.text: must be at most {DIRECT_LIMIT} characters long")
        person = self.x.shelf.people.get(to)
        if person is None or to == self.x.me.id:
            raise invalid("participant_id", to, f"The `participant_id` query parameter value [{to}] is not valid")
        wrote_us = any(event.sender == to for event in self.x.shelf.directs.values())
        if not person.directs_open and not wrote_us:
            raise plain(403, "Forbidden", "You do not have permission to DM one or more participants.")
        event = self.x.write_direct(self.x.me.id, to, text, call.lag, pictures)
        return 201, {"data": {"dm_conversation_id": event.conversation, "dm_event_id": event.id}}
