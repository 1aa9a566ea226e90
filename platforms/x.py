"""X, as the desk sees it: what customers write to us there, and our answers. Everything of X's own words ends here."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, TypeVar

import requests
from tweepy.api import API
from tweepy.auth import OAuth1UserHandler
from tweepy.client import Client
from tweepy.errors import TweepyException

from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from desk.model.media import ALT, Content, Takes
from desk.model.message import Account, Capabilities, Change, Does, Fetched, Outgoing, Receipt
from platforms.download import download
from platforms.rebase import CONNECT_SECONDS, READ_SECONDS, Answer, Rebase, never_sent
from platforms.threads import Threads
from platforms.wording import same, without_leading_handles
from platforms.x_sweep import Pace, Quota, Sweep, instant, text_of

T = TypeVar("T")

HOST = "https://api.twitter.com"
MEDIA_HOSTS = frozenset({"pbs.twimg.com", "video.twimg.com"})
"""Where X keeps pictures and videos for everybody who has their address; those of direct messages are elsewhere, and
only for who is logged in."""
UPLOAD_HOST = "https://upload.twitter.com"
PICTURES = dict.fromkeys(("image/jpeg", "image/png", "image/webp", "image/gif"), 5_000_000)
"""Bytes that X takes at once, by kind. It takes GIFs up to 15 MB, and videos, in chunks only."""
POST_LIMIT = 280
"""Weighted characters of a post (twitter-text)."""
DIRECT_LIMIT = 10_000
"""Characters of a direct message."""
PAUSE = timedelta(seconds=60)
"""The least time to wait after "too often"; X's own reset time may ask for more."""
TRY_AGAIN = timedelta(seconds=30)
"""When X could not be reached at all, and so nothing was sent."""
SKEW = timedelta(minutes=2)
"""How far X's clock and ours may differ when we look for what we sent."""
FIND_PAGES = 3
WINDOW = timedelta(minutes=15)
"""How long a rate window of X lasts."""

for _name in ("tweepy", "urllib3", "requests_oauthlib", "oauthlib"):
    # Their debug lines hold tokens, addresses with customers' words, and whole answers.
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class XTokens:
    """What X gave us; its representation shows none. Without a bearer token everything is read as our user."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    bearer_token: str = field(default="", repr=False)


class XPlatform:
    """The connector. Its calls run in threads of its own, each with its own session, bounded in time, never repeated.

    `now` gives story time (UTC). `base` is where X is. `reads` counts the items that X bills; `on_reads` is told how
    many a call took. `directs` False: direct messages are not read. `counts`: how many follow an author is asked, too.
    `search_every`: how often replies that do not name us are looked for in our conversations (None: never).
    `recheck_every`: how often the newest posts are looked up again for deletions (None: only what the regular reading
    shows).
    """

    name = "x"
    title = "X"
    capabilities = Capabilities(
        public_limit=POST_LIMIT,
        private_limit=DIRECT_LIMIT,
        direct_to_anyone=True,
        counting="links count 23, emoji and characters like 漢 2",
        changes=frozenset({Does.DELETE, Does.HIDE, Does.SHOW}),
        hides_replies=True,
        media={"reply": Takes(PICTURES, 4, frozenset({"image/gif"}), ALT), "direct": Takes(PICTURES, alt=ALT)},
    )

    def __init__(
        self,
        tokens: XTokens,
        *,
        now: Callable[[], datetime],
        base: str = HOST,
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        threads: int = 3,
        on_reads: Callable[[int], None] | None = None,
        directs: bool = True,
        counts: bool = False,
        search_every: timedelta | None = timedelta(minutes=2),
        recheck_every: timedelta | None = timedelta(hours=6),
    ) -> None:
        self.reads = 0
        self.on_reads = on_reads
        self._tokens = tokens
        self._now = now
        self._base = base
        self._timeouts = timeouts
        self._directs = directs
        self._counts = counts
        self._search_every = search_every
        self._recheck_every = recheck_every
        self._pace = Pace()
        self._me: Account | None = None
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._sweeping = asyncio.Lock()
        self._threads = Threads(threads, "x", lambda: Unreachable("the connector is closed"))

    def __repr__(self) -> str:
        return f"XPlatform({self._base})"

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._threads.in_flight

    @property
    def look_again_at(self) -> datetime | None:
        """When a part that the last look left out, because X asked us to wait, becomes due (story time)."""
        return self._pace.next(self._now())

    def length(self, text: str, *, private: bool = False) -> int:
        """Weighted characters, as twitter-text counts them; direct messages are not weighted."""
        if private:
            return len(text)
        return int(_twitter_text().parse_tweet(text).weightedLength) if text else 0

    async def account(self) -> Account:
        """Who we are on X; the check that the user's tokens work."""
        return await self._run(self._who)

    async def fetch(self, cursor: str | None) -> Fetched:
        """One look, since `cursor`. A part of it that X makes us wait for comes with a later look, mentions never."""
        async with self._sweeping:
            return await self._run(self._sweep, cursor)

    async def publish(self, out: Outgoing) -> Receipt:
        """One request that publishes, or none. The handles of people whom X adds by itself are taken off in front."""
        text = without_leading_handles(out.text, out.people) if out.way == "reply" else out.text
        self._check(out, text)
        return await self._run(self._send, replace(out, text=text))

    async def change(self, change: Change) -> None:
        """Take a post of ours away, or hide a reply below a post of ours; X lets nobody edit by its API."""
        await self._run(self._change, change)

    async def upload(self, content: Content, way: str) -> str:
        """A picture handed over by the API v1.1, with what it shows: tweepy's API v2 has no call for it. X keeps it
        for 24 hours, those for direct messages apart from others."""
        return await self._run(self._upload, content, way != "reply")

    async def download(self, address: str) -> Content:
        """A picture of X's, from its own hosts."""
        moved = self._base if self._base != HOST else ""
        return await self._run(lambda: download(address, MEDIA_HOSTS, moved_to=moved, timeouts=self._timeouts))

    async def find(self, out: Outgoing, since: datetime) -> Receipt | None:
        """Whether a text of ours stands there since `since`: same target, same words."""
        return await self._run(self._find, out, since)

    async def close(self) -> None:
        self._threads.close()
        for session in self._sessions:
            session.close()

    # --- threads -------------------------------------------------------------------------------------------------

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        """`work` in a thread of ours; what it read is counted, also where nobody gets its outcome."""
        box: list[int] = []

        def job() -> T:
            self._local.reads = 0
            try:
                return work(*args)
            finally:
                box.append(self._local.reads)

        try:
            return await self._threads.run(job)
        finally:
            count = sum(box)
            self.reads += count
            if count and self.on_reads is not None:
                self.on_reads(count)

    def _client(self) -> tuple[Client, Rebase]:
        if not hasattr(self._local, "client"):
            client = Client(  # type: ignore[no-untyped-call]
                bearer_token=self._tokens.bearer_token or None,
                consumer_key=self._tokens.consumer_key,
                consumer_secret=self._tokens.consumer_secret,
                access_token=self._tokens.access_token,
                access_token_secret=self._tokens.access_token_secret,
                return_type=dict,
                wait_on_rate_limit=False,
            )
            adapter = Rebase(HOST, self._base, timeouts=self._timeouts)
            adapter.mount(client.session)
            self._sessions.append(client.session)
            self._local.client, self._local.adapter = client, adapter
        return self._local.client, self._local.adapter

    def _upload(self, content: Content, private: bool) -> str:
        tokens = self._tokens
        auth = OAuth1UserHandler(  # type: ignore[no-untyped-call]
            tokens.consumer_key, tokens.consumer_secret, tokens.access_token, tokens.access_token_secret
        )
        api = API(auth, timeout=self._timeouts)  # type: ignore[no-untyped-call]
        adapter = Rebase(UPLOAD_HOST, self._base if self._base != HOST else UPLOAD_HOST, timeouts=self._timeouts)
        adapter.mount(api.session)
        category = f"{'dm' if private else 'tweet'}_{'gif' if content.kind == 'image/gif' else 'image'}"
        error: OutsideError
        try:
            api.simple_upload(content.name, file=io.BytesIO(content.data), media_category=category)
            key = str((adapter.last.json() or {})["media_id_string"])
            if content.alt:
                api.create_media_metadata(key, content.alt[:ALT])  # type: ignore[no-untyped-call]
            return key
        except VENDOR_ERRORS as raised:
            error = outcome(adapter.last, raised, self._now())
        # What was raised holds our request and its signature; neither may travel on with the error.
        raise error from None

    def _call(self, name: str, *args: Any, **more: Any) -> dict[str, Any]:
        """One request through tweepy, unless X's window is spent; what came back decides, not what tweepy raised."""
        lane = f"{name} with" if "participant_id" in more else name
        quota = self._pace.quotas.get(lane)
        if quota is not None and (free := quota.free_at(self._now())) is not None:
            raise Busy(max(free, self._now() + PAUSE), "X's rate limit")
        client, adapter = self._client()
        if name.startswith(("get_", "search_")) and "user_auth" not in more and name in APP_READS:
            more["user_auth"] = not self._tokens.bearer_token
        more = {key: value for key, value in more.items() if value is not None}
        error: OutsideError
        try:
            body = getattr(client, name)(*args, **more)
        except (
            requests.RequestException,
            TweepyException,
            LookupError,
            ValueError,
            TypeError,
            AttributeError,
        ) as raised:
            error = outcome(adapter.last, raised, self._now())
        else:
            self._note(lane, adapter.last)
            if isinstance(body, dict) and 200 <= adapter.last.status < 300:
                if name in APP_READS or name in USER_READS:
                    data = body.get("data")
                    self._local.reads += len(data) if isinstance(data, list) else int(data is not None)
                return body
            error = Unreachable(f"X answered {adapter.last.status} in a form that makes no sense")
        # What was raised holds X's answer and our request; neither may travel on with the error.
        raise error from None

    def _note(self, lane: str, answer: Answer) -> None:
        """Keep what X says of its rate window."""
        headers = {key.lower(): value for key, value in answer.headers.items()}
        try:
            limit, left, reset = (int(headers[f"x-rate-limit-{word}"]) for word in ("limit", "remaining", "reset"))
            until = datetime.fromtimestamp(reset, UTC)
        except (KeyError, ValueError, OverflowError, OSError):
            return
        # A window that is said to last for hours is no window of X's: its clock or ours is wrong.
        if until - self._now() <= WINDOW + SKEW:
            self._pace.quotas[lane] = Quota(limit, left, until)

    # --- the work, in a thread -------------------------------------------------------------------------------------

    def _who(self) -> Account:
        _twitter_text()  # here, in a thread at the start, and not when the first agent answers
        data = self._call("get_me").get("data")
        if not isinstance(data, dict) or "id" not in data:
            raise Unreachable("X did not say who we are")
        self._me = Account(str(data["id"]), str(data.get("username", "")), str(data.get("name", "")))
        return self._me

    def _sweep(self, cursor: str | None) -> Fetched:
        sweep = Sweep(
            self._call,
            self._me or self._who(),
            self._now(),
            cursor,
            self._pace,
            directs=self._directs,
            counts=self._counts,
            search_every=self._search_every,
            recheck_every=self._recheck_every,
        )
        return replace(sweep.run(), reads=self._local.reads)

    def _check(self, out: Outgoing, text: str) -> None:
        if out.way == "private_reply":
            raise Refused("X has no private reply to a public post. Send a direct message instead.", "not_allowed")
        limit = DIRECT_LIMIT if out.private else POST_LIMIT
        size = self.length(text, private=out.private)
        if size > limit:
            raise Refused(f"The text is too long for X: {size}/{limit}.", "too_long")
        if not text.strip():
            raise Refused("There is no text to send.", "other")

    def _send(self, out: Outgoing) -> Receipt:
        if out.private:
            answer = self._call(
                "create_direct_message",
                participant_id=out.to,
                text=out.text,
                media_id=out.media[0] if out.media else None,
            )
            key = (answer.get("data") or {}).get("dm_event_id")
            if key is None:
                raise Unreachable("X did not say under which id the message stands")
            return Receipt(str(key))
        media = list(out.media) or None
        answer = self._call("create_tweet", text=out.text, in_reply_to_tweet_id=out.reply_to, media_ids=media)
        key = (answer.get("data") or {}).get("id")
        if key is None:
            raise Unreachable("X did not say under which id the post stands")
        return Receipt(str(key), self._url(str(key)))

    def _change(self, change: Change) -> None:
        match change.does:
            case Does.DELETE:
                try:
                    self._call("delete_tweet", change.remote_id)
                except Refused as refused:
                    if refused.code != "gone":
                        raise
            case Does.HIDE | Does.SHOW:
                try:
                    self._call("hide_reply" if change.does is Does.HIDE else "unhide_reply", change.remote_id)
                except Refused as refused:
                    if refused.code != "not_allowed":
                        raise
                    raise Refused("X lets us hide only replies below our own posts.", "not_allowed") from None
            case _:
                raise Refused("X lets no post be changed. Delete it, and answer anew.", "not_allowed")

    def _url(self, key: str) -> str:
        return f"https://x.com/{self._me.handle if self._me else 'i'}/status/{key}"

    def _find(self, out: Outgoing, since: datetime) -> Receipt | None:
        me = self._me or self._who()
        return self._find_direct(out, since, me) if out.private else self._find_post(out, since, me)

    def _find_post(self, out: Outgoing, since: datetime, me: Account) -> Receipt | None:
        wanted = without_leading_handles(out.text)
        token: str | None = None
        for _ in range(FIND_PAGES):
            page = self._call(
                "get_users_tweets",
                me.remote_id,
                max_results=100,
                start_time=(since - SKEW).astimezone(UTC),
                tweet_fields="created_at,entities,note_tweet,referenced_tweets",
                pagination_token=token,
                user_auth=True,
            )
            for item in page.get("data") or ():
                target = [str(ref["id"]) for ref in item.get("referenced_tweets") or () if ref["type"] == "replied_to"]
                whole = item.get("note_tweet") or item
                text = without_leading_handles(text_of(str(whole["text"]), whole.get("entities") or {}))
                if target == ([out.reply_to] if out.reply_to else []) and same(text, wanted):
                    return Receipt(str(item["id"]), self._url(str(item["id"])))
            token = (page.get("meta") or {}).get("next_token")
            if token is None:
                break
        return None

    def _find_direct(self, out: Outgoing, since: datetime, me: Account) -> Receipt | None:
        page = self._call(
            "get_direct_message_events",
            participant_id=out.to,
            max_results=50,
            dm_event_fields="sender_id,created_at,entities",
            event_types="MessageCreate",
        )
        for event in page.get("data") or ():
            at = instant(event.get("created_at"), self._now())
            ours = str(event.get("sender_id")) == me.remote_id and (at is None or at >= since - SKEW)
            if ours and same(text_of(str(event.get("text", "")), event.get("entities") or {}), out.text):
                return Receipt(str(event["id"]))
        return None


VENDOR_ERRORS = (requests.RequestException, TweepyException, LookupError, ValueError, TypeError, AttributeError)
"""What a call through tweepy may raise; odd bodies make it raise the last four."""
APP_READS = frozenset({"get_users_mentions", "search_recent_tweets", "get_tweets"})
"""Reads that the app's own token may do; the rest needs our user."""
USER_READS = frozenset({"get_me", "get_users_tweets", "get_direct_message_events"})

TOKEN_PROBLEMS = ("unsupported-authentication", "oauth1-permissions", "client-forbidden", "client-not-enrolled")


def outcome(answer: Answer, raised: Exception, now: datetime) -> OutsideError:
    """What an answer means for what we asked: done, not done, or nobody knows. X's words are taken from known places
    only (`title`, `detail`), as others repeat what we sent."""
    status = answer.status
    body = answer.json()
    body = body if isinstance(body, dict) else {}
    title, detail = (str(body.get(key) or "")[:200] for key in ("title", "detail"))
    kind = str(body.get("type") or "").rpartition("/")[2]
    if status == 0:
        if never_sent(raised):
            return Busy(now + TRY_AGAIN, "X cannot be reached")
        return Unreachable(f"no answer from X ({type(raised).__name__})")
    if status == 429:
        return Busy(_reset(answer, now), "X's rate limit" if kind != "usage-capped" else "X's monthly cap")
    if status == 401:
        return Unauthorised("X does not accept our tokens (401). Check them, and whether they were revoked.")
    if status == 402:
        return Unauthorised("X says that the account's credits are used up (402).")
    if status == 403:
        return _forbidden(title, detail, kind)
    if status == 404:
        return Refused("X does not have this any more (404).", "gone")
    if 400 <= status < 500 and status != 408:
        return Refused(f"X did not take this ({status}{': ' + _sentence(detail) if detail else ''}).", "other")
    return Unreachable(f"X answered {status}")


def _forbidden(title: str, detail: str, kind: str) -> OutsideError:
    said = detail.casefold()
    if kind in TOKEN_PROBLEMS or title == "Unsupported Authentication":
        return Unauthorised(f"X does not let our app do this (403 {title}). Its permissions or plan must allow it.")
    if "duplicate" in said:
        return Refused("X refuses the same text twice. Change the wording.", "duplicate")
    if "deleted or not visible" in said:
        return Refused("The post that this answers is gone from X, or we may not see it.", "gone")
    if "too long" in said:
        return Refused("The text is too long for X.", "too_long")
    if "dm one or more participants" in said or "cannot send messages to this user" in said:
        return Refused("This person takes no direct messages from us on X.", "not_allowed")
    return Refused(f"X does not allow this: {_sentence(detail or title or 'no reason given')}.", "not_allowed")


def _sentence(detail: str) -> str:
    return " ".join(detail.split()).rstrip(".")


def _reset(answer: Answer, now: datetime) -> datetime:
    """When X lets us again: what it says, but not before a minute from now."""
    headers = {key.lower(): value for key, value in answer.headers.items()}
    try:
        reset = datetime.fromtimestamp(int(headers["x-rate-limit-reset"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        reset = now
    return max(min(reset, now + timedelta(days=31)), now + PAUSE)


def _twitter_text() -> ModuleType:
    """The library that counts as X does. Its patterns take half a second to load, which only who counts should pay."""
    import twitter_text

    return twitter_text
