"""The Facebook connector: a Page's comments, visitor posts and Messenger, through facebook-sdk."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from desk.model.errors import Busy, Refused, Unauthorised, Unreachable
from desk.model.media import ALT, Content, Takes
from desk.model.message import Account, Capabilities, Change, Does, Fetched, Outgoing, Receipt
from platforms.download import download
from platforms.facebook_sweep import NAME, POSTS, Sweep, id_of, read_cursor, time_of
from platforms.graph import HOST, VERSION, GraphAPI, Usage
from platforms.rebase import CONNECT_SECONDS, READ_SECONDS
from platforms.threads import Threads
from platforms.wording import same

T = TypeVar("T")
log = logging.getLogger(__name__)

COMMENT_LIMIT = 8_000
"""Characters of a comment or post of ours (Facebook's form; the Graph reference names none)."""
MESSAGE_LIMIT = 2_000
"""Characters of a Messenger message (Send API reference, `message.text`)."""
WINDOW = timedelta(hours=24)
"""Messenger's standard window after the customer's last message (Messenger Platform policy)."""
HUMAN_AGENT_WINDOW = timedelta(days=7)
"""The window with the HUMAN_AGENT tag, which Meta grants per app and for people only (same policy)."""
PRIVATE_REPLY_WINDOW = timedelta(days=7)
"""One private reply per comment or visitor post, within this time (Private Replies reference)."""

MEDIA_HOSTS = frozenset({".fbcdn.net", "lookaside.fbsbx.com", "cdn.fbsbx.com"})
"""Where Meta keeps what hangs on comments and messages; the addresses are signed, and need no token."""

PHOTOS = dict.fromkeys(("image/jpeg", "image/png"), 4_000_000)
"""Bytes of a photo on a comment, by kind (Photo reference)."""
FILES = {
    **dict.fromkeys(("image/jpeg", "image/png", "image/gif"), 8_000_000),
    **dict.fromkeys(("video/mp4", "application/pdf"), 25_000_000),
}
"""Bytes of an attachment in Messenger, by kind (Send API reference); each is a message of its own."""

SLOW_AT, PAUSE_AT = 80, 95
"""Percent of Graph's allowance from which polling slows down, and stops for a while; publishing goes on."""
SLOW_PACE = timedelta(minutes=2)
PAUSE = timedelta(minutes=15)
THREADS = 3
CLOCK_SLACK = timedelta(seconds=5)
"""Graph's times have whole seconds, and its clock is not ours."""

_ID = re.compile(r"[A-Za-z0-9_.:$=-]+")


class FacebookPlatform:
    """One Facebook Page. facebook-sdk runs in threads of this connector's own, with one client and session each.

    `token` is a Page access token; `app_secret` (optional) proves each call; `page_id` (optional) is the Page that it
    must belong to; `base` is where Graph is; `posts` is how many of the newest posts a sweep looks under; `human_agent`
    says that Meta granted the HUMAN_AGENT tag, which makes Messenger's window 7 days. `now` gives story time (UTC).
    """

    name = NAME
    title = "Facebook"

    def __init__(
        self,
        token: str,
        *,
        now: Callable[[], datetime],
        app_secret: str = "",
        page_id: str = "",
        base: str = HOST,
        version: str = VERSION,
        posts: int = POSTS,
        human_agent: bool = False,
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self.capabilities = Capabilities(
            public_limit=COMMENT_LIMIT,
            private_limit=MESSAGE_LIMIT,
            window=HUMAN_AGENT_WINDOW if human_agent else WINDOW,
            private_reply_window=PRIVATE_REPLY_WINDOW,
            counting="an emoji counts two or more",
            changes=frozenset(Does),
            media={"reply": Takes(PHOTOS, alt=ALT), "direct": Takes(FILES, 4, apart=True)},
        )
        self._base = base
        self._timeouts = timeouts
        self._now = now
        self._page_id = page_id
        self._posts = posts
        self._human_agent = human_agent
        self._me: Account | None = None
        self._usage: Usage | None = None
        self._swept_at: datetime | None = None
        self._threads = Threads(THREADS, "facebook", lambda: Busy(now() + PAUSE, "the connector is closed"))
        self._mine = threading.local()
        self._clients: list[GraphAPI] = []

        def client() -> GraphAPI:
            return GraphAPI(
                token,
                now=now,
                base=base,
                version=version,
                app_secret=app_secret,
                timeouts=timeouts,
                on_usage=self._note_usage,
            )

        self._client = client
        self._clients.append(client())  # so that a wrong version is refused at the start, by ValueError

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._threads.in_flight

    @property
    def look_again_at(self) -> datetime | None:
        """Nothing is ever left out of a look here."""
        return None

    def length(self, text: str, *, private: bool = False) -> int:
        """In UTF-16 units, as browsers count: never less than Facebook does; the same in public and in private."""
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    async def account(self) -> Account:
        """The Page; raises `Unauthorised` where the token is no good, `Refused` where the Graph version is gone."""
        me = await self._run(_account)
        if self._page_id and me.remote_id != self._page_id:
            raise Unauthorised(
                f"The token belongs to {me.remote_id}, not to the Page {self._page_id}. "
                "Take the Page's own token, not that of a person."
            )
        self._me = me
        return me

    async def fetch(self, cursor: str | None) -> Fetched:
        """New comments, replies, visitor posts and messages; edits and removals among the newest 100 items.

        Raises `Busy` where Graph's allowance is nearly used up: from 80 % on it looks every 2 minutes, from 95 % on it
        pauses for 15 minutes or for as long as Graph says.
        """
        self._pace()
        me = self._me or await self.account()
        at = self._now()
        fetched = await self._run(lambda api: Sweep(api, me, at, self._posts, read_cursor(cursor)).run())
        self._swept_at = at
        if fetched.broken:
            log.warning("facebook: %d item(s) could not be read: %s", len(fetched.broken), "; ".join(fetched.broken))
        return fetched

    async def publish(self, out: Outgoing) -> Receipt:
        """Say it. One request, and a second one only where the first was refused for the 24-hour window and the
        HUMAN_AGENT tag is allowed."""
        text = out.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        limit = self.capabilities.private_limit if out.private else self.capabilities.public_limit
        if self.length(text) > limit:
            raise Refused(f"The text is too long for Facebook: {self.length(text)} of {limit}.", "too_long")
        return await self._run(lambda api: self._publish(api, out, text))

    async def change(self, change: Change) -> None:
        """Change or remove a comment of the Page, or hide a customer's."""
        if change.does is Does.EDIT and self.length(change.text) > self.capabilities.public_limit:
            raise Refused(f"The text is too long for Facebook: {self.length(change.text)}.", "too_long")
        await self._run(lambda api: _change(api, change))

    async def upload(self, content: Content, way: str) -> str:
        """A photo for a comment, which stands nowhere yet, or an attachment for Messenger."""
        return await self._run(lambda api: _upload(api, content, way))

    async def download(self, address: str) -> Content:
        """A picture or file of Facebook's or Messenger's, from Meta's own hosts."""
        moved = self._base if self._base != HOST else ""
        return await self._run(lambda _: download(address, MEDIA_HOSTS, moved_to=moved, timeouts=self._timeouts))

    async def find(self, out: Outgoing, since: datetime) -> Receipt | None:
        """What the Page said since then in the same place and in the same words; None where it is not there (yet)."""
        me = self._me or await self.account()
        return await self._run(lambda api: _find(api, me, out, since - CLOCK_SLACK))

    # for its webhook, whose calls name less than a look

    def now(self) -> datetime:
        """Story time, in UTC."""
        return self._now()

    async def me(self) -> Account:
        """Who we are there, asked once."""
        return self._me or await self.account()

    async def about(self, remote_id: str, fields: str) -> dict[str, Any]:
        """One thing by its id. Raises `Refused` where it is gone."""
        return await self._run(lambda api: api.get_object(_plain_id(remote_id), fields=fields))

    async def talk_with(self, customer: str) -> tuple[str, str]:
        """How a customer in Messenger is called, and the address of the talk in the Page's inbox; "" where unknown."""
        asked = {"user_id": _plain_id(customer), "fields": "participants,link", "limit": 1}
        for talk in await self._run(lambda api: _listed(api, "me", "conversations", **asked)):
            people = (talk.get("participants") or {}).get("data", ())
            name = next((str(one.get("name") or "") for one in people if id_of(one) == customer), "")
            link = str(talk.get("link") or "")
            return name, f"https://www.facebook.com{link}" if link.startswith("/") else link
        return "", ""

    async def close(self) -> None:
        """Take no more calls. What is under way ends within its time limit."""
        self._threads.close()
        for api in self._clients:
            api.session.close()

    # inside

    async def _run(self, work: Callable[[GraphAPI], T]) -> T:
        """`work` in a thread of ours, with that thread's client."""
        return await self._threads.run(lambda: work(self._api()))

    def _api(self) -> GraphAPI:
        """This thread's own client: requests promises nothing about a session that is shared."""
        if not hasattr(self._mine, "api"):
            self._mine.api = self._client()
            self._clients.append(self._mine.api)
        api: GraphAPI = self._mine.api
        return api

    def _note_usage(self, usage: Usage) -> None:
        if usage.percent >= SLOW_AT and (self._usage is None or self._usage.percent < SLOW_AT):
            log.warning("facebook: %d %% of Graph's allowance is used; polling slows down", usage.percent)
        self._usage = usage

    def _pace(self) -> None:
        usage = self._usage
        if usage is None or usage.percent < SLOW_AT:
            return
        if usage.percent >= PAUSE_AT:
            until = usage.at + (usage.regain or PAUSE)
        elif self._swept_at is not None:
            until = self._swept_at + SLOW_PACE
        else:
            return
        if self._now() < until:
            raise Busy(until, f"{usage.percent} % of Facebook's allowance is used")

    def _publish(self, api: GraphAPI, out: Outgoing, text: str) -> Receipt:
        if out.way == "post":
            return _receipt(api.put_object("me", "feed", message=text), "id")
        if out.way == "reply" and out.media:
            more = {"message": text, "attachment_id": out.media[0]}
            return _receipt(api.put_object(_plain_id(out.reply_to), "comments", **more), "id")
        if out.way == "reply":
            return _receipt(api.put_comment(_plain_id(out.reply_to), text), "id")
        said: dict[str, Any] = {"text": text, "metadata": out.op_id}
        if out.media:
            kind, _, key = out.media[0].partition(":")
            said = {"attachment": {"type": kind, "payload": {"attachment_id": key}}, "metadata": out.op_id}
        if out.way == "private_reply":
            target = _plain_id(out.reply_to)
            to = {"post_id" if _is_post(api, target, self._me) else "comment_id": target}
            return _receipt(_send(api, to, said), "message_id")
        to = {"id": _plain_id(out.to)}
        try:
            return _receipt(_send(api, to, said), "message_id")
        except Refused as refusal:
            if refusal.code != "window" or not self._human_agent:
                raise
        return _receipt(_send(api, to, said, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT"), "message_id")


def _account(api: GraphAPI) -> Account:
    me = api.get_object("me", fields="id,name")
    api.check_version()
    return Account(str(me["id"]), "", str(me.get("name", "")))


def _upload(api: GraphAPI, content: Content, way: str) -> str:
    """Its id; for Messenger with its kind in front ("image:123"), which the message names again."""
    file = (content.name, content.data, content.kind)
    if way == "reply":
        told: dict[str, Any] = {"published": "false", "temporary": "true"}
        if content.alt:
            told["alt_text_custom"] = content.alt
        return _id_in(api.request(f"{api.version}/me/photos", post_args=told, files={"source": file}), "id")
    kind = {"image": "image", "video": "video"}.get(content.kind.partition("/")[0], "file")
    message = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
    answer = api.request(
        f"{api.version}/me/message_attachments", post_args={"message": message}, files={"filedata": file}
    )
    return f"{kind}:{_id_in(answer, 'attachment_id')}"


def _id_in(answer: Mapping[str, Any], key: str) -> str:
    found = answer.get(key)
    if not isinstance(found, str) or not found:
        raise Unreachable("Facebook's answer names no id")
    return found


def _send(api: GraphAPI, to: dict[str, str], said: dict[str, Any], **more: str) -> dict[str, Any]:
    return api.put_object("me", "messages", **{"recipient": to, "message": said, "messaging_type": "RESPONSE", **more})


def _change(api: GraphAPI, change: Change) -> None:
    target = _plain_id(change.remote_id)
    if change.does is Does.DELETE:
        try:
            api.request(f"{api.version}/{target}", method="DELETE")
        except Refused as refused:
            if refused.code != "gone":
                raise
        return
    said: dict[str, Any] = {"message": change.text}
    if change.does is not Does.EDIT:
        said = {"is_hidden": change.does is Does.HIDE}
    api.request(f"{api.version}/{target}", post_args=said, method="POST")


def _receipt(answer: Mapping[str, Any], key: str) -> Receipt:
    remote_id = answer.get(key)
    if not isinstance(remote_id, str) or not remote_id:
        raise Unreachable("Facebook's answer names no id")
    return Receipt(remote_id, "" if key == "message_id" else f"https://www.facebook.com/{remote_id}")


def _plain_id(remote_id: str | None) -> str:
    """An id as it may stand in a path."""
    if not remote_id or not _ID.fullmatch(remote_id):
        raise Refused("There is nothing on Facebook to answer by that id.", "gone")
    return remote_id


def _is_post(api: GraphAPI, remote_id: str, me: Account | None) -> bool:
    """Post ids begin with the Page's own."""
    return remote_id.startswith(f"{(me or _account(api)).remote_id}_")


# did it arrive?


def _find(api: GraphAPI, me: Account, out: Outgoing, since: datetime) -> Receipt | None:
    try:
        if out.private:
            return _find_message(api, me, out, since)
        if out.way == "post":
            listed = _listed(api, "me", "feed", fields="id,from,message,created_time")
        else:
            target = _plain_id(out.reply_to)
            above = target
            if not _is_post(api, target, me):
                # Facebook hangs replies to replies under the top comment.
                above = api.get_object(target, fields="id,parent{id}").get("parent", {}).get("id", target)
            asked = {"filter": "stream", "order": "reverse_chronological", "fields": "id,from,message,created_time"}
            listed = _listed(api, above, "comments", **asked)
    except Refused as refusal:
        if refusal.code == "gone":
            return None
        raise
    found = _ours(listed, me, out.text, since)
    return Receipt(found, f"https://www.facebook.com/{found}") if found else None


def _find_message(api: GraphAPI, me: Account, out: Outgoing, since: datetime) -> Receipt | None:
    to = out.to
    if out.way == "private_reply" and not to:
        to = api.get_object(_plain_id(out.reply_to), fields="from").get("from", {}).get("id")
    asked = {"fields": "messages.limit(50){id,created_time,from,message,attachments}"}
    if to:
        asked["user_id"] = _plain_id(to)
    for talk in _listed(api, "me", "conversations", **asked):
        listed = talk.get("messages", {}).get("data", [])
        if out.media:  # a file is a message of its own, without words
            listed = [one for one in listed if one.get("attachments")]
        found = _ours(listed, me, out.text, since)
        if found:
            return Receipt(found)
    return None


def _listed(api: GraphAPI, above: str, edge: str, **asked: Any) -> list[dict[str, Any]]:
    data = api.get_connections(above, edge, **{"limit": 50, **asked}).get("data")
    if not isinstance(data, list):
        raise Unreachable("Facebook's answer holds no list")
    return data


def _ours(listed: list[dict[str, Any]], me: Account, text: str, since: datetime) -> str | None:
    """The id of the newest item by us, since then, with the same words."""
    for item in listed:
        at = time_of(item.get("created_time"))
        if at is None or at < since or id_of(item.get("from")) != me.remote_id:
            continue
        if same(str(item.get("message") or ""), text):
            return str(item["id"])
    return None
