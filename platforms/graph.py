"""facebook-sdk, made safe: a subclass of its GraphAPI with time limits, a version, and errors that say what is so."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import facebook
import requests

from desk.model.errors import Busy, OutsideError, Refused, Unauthorised, Unreachable
from platforms.rebase import CONNECT_SECONDS, READ_SECONDS, Answer, Rebase, never_sent

HOST = "https://graph.facebook.com"
VERSION = "v23.0"
GET_TRIES = 3
"""A read that Graph answers with 5xx is tried this often; nothing that writes is ever sent twice."""

THROTTLED = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006})
"""Rate limits: of the app, the user, the Page, a custom one, and the business use cases (Graph API, "Rate limits")."""
TOKEN = frozenset({102, 104, 190, 467})
VERSION_GONE = frozenset({2500, 2635})
AMBIGUOUS = frozenset({1, 2})
"""Graph's own trouble: what was asked may have been done."""
WINDOW_SUBCODES = frozenset({2018065, 2018278})
RETRY = timedelta(minutes=5)
"""How long to wait where Graph does not say."""
RETRY_SOON = timedelta(seconds=30)
WHY_TOKEN = {
    458: "the app was removed from the Page",
    459: "the account behind it must log in to Facebook first",
    460: "the password was changed",
    463: "it has expired",
    464: "the account behind it is not confirmed",
    467: "it was logged out",
    492: "the account behind it no longer manages the Page",
    493: "the account behind it has not used the app for 90 days",
}
# Their debug lines hold whole addresses, and so the proof of each call.
logging.getLogger("urllib3").setLevel(logging.WARNING)
_SECRET = re.compile(r"(access_token|appsecret_proof|client_secret)=[^&\s\"']+|\bEAA[A-Za-z0-9_-]{6,}")


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of Graph's allowance is used: the highest percentage of all usage headers, and when we read it.

    `regain` is how long Graph says that a lock lasts, or None.
    """

    percent: int
    at: datetime
    regain: timedelta | None = None


class GraphAPI(facebook.GraphAPI):
    """facebook-sdk's client for one thread. Raises only `Busy`, `Unreachable`, `Refused`, `Unauthorised`.

    The token travels in a header and never in a URL; no exception of requests or of the SDK leaves this class, since
    their texts may hold both URL and answer. `base` is where Graph is (any other server can stand in), `version` what
    is asked of it, `app_secret` (optional) proves each call, `now` is story time for `Busy.retry_at`.
    """

    def __init__(
        self,
        token: str,
        *,
        now: Callable[[], datetime],
        base: str = HOST,
        version: str = VERSION,
        app_secret: str = "",
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        on_usage: Callable[[Usage], None] | None = None,
    ) -> None:
        if not re.fullmatch(r"v\d{1,3}\.\d{1,2}", version):
            raise ValueError(f'The Graph API version must look like "{VERSION}", not "{version[:20]}"')
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        session.max_redirects = 0
        super().__init__(access_token=None, timeout=timeouts, session=session)  # type: ignore[no-untyped-call]
        self.version = version
        self.now = now
        self.on_usage = on_usage
        self.wire = Rebase(HOST, base, timeouts=timeouts, on_answer=self._note_usage)
        self.wire.mount(session)
        self._proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest() if app_secret else ""

    # what the SDK offers, without its traps

    def get_object(self, id: str, **args: Any) -> dict[str, Any]:
        """One node, as the SDK reads it."""
        found: dict[str, Any] = super().get_object(id, **args)  # type: ignore[no-untyped-call]
        return found

    def get_connections(self, id: str, connection_name: str, **args: Any) -> dict[str, Any]:
        """One page of an edge, as the SDK reads it."""
        found: dict[str, Any] = super().get_connections(id, connection_name, **args)  # type: ignore[no-untyped-call]
        return found

    def put_comment(self, object_id: str, message: str) -> dict[str, Any]:
        """A comment below a post or a comment."""
        made: dict[str, Any] = super().put_comment(object_id, message)  # type: ignore[no-untyped-call]
        return made

    def put_object(self, parent_object: str, connection_name: str, **data: Any) -> dict[str, Any]:
        """As the SDK's, which insists on a token of its own; nested values are sent as JSON."""
        return self.request(f"{self.version}/{parent_object}/{connection_name}", post_args=data, method="POST")

    def request(
        self,
        path: str,
        args: Mapping[str, Any] | None = None,
        post_args: Mapping[str, Any] | None = None,
        files: Any = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """One call. The answer is a JSON object that came with status 200; all else is one of the four errors."""
        verb = "POST" if post_args is not None else method or "GET"
        proof = {"appsecret_proof": self._proof} if self._proof else {}
        post = None if post_args is None else encoded({**post_args, **proof})
        query = encoded({**(args or {}), **(proof if post is None else {})})
        tries = GET_TRIES if verb == "GET" else 1
        while True:
            tries -= 1
            result, trouble = self._once(path, query, post, files, verb)
            if trouble is None:
                return result
            if not (tries and isinstance(trouble, Unreachable) and self.wire.last.status >= 500):
                raise trouble

    def check_version(self) -> None:
        """Raise `Refused` where Graph answered the last call as another version than the one that was asked for."""
        served = _header(self.wire.last.headers, "facebook-api-version")
        if served and served != self.version:
            raise Refused(
                f"Facebook answers as {served} although {self.version} was asked for: that version is gone. "
                f"Set the Graph version to {served}."
            )

    # inside

    def _once(
        self, path: str, query: dict[str, Any], post: dict[str, Any] | None, files: Any, verb: str
    ) -> tuple[dict[str, Any], OutsideError | None]:
        """One attempt. Errors are returned, not raised here, so that no foreign exception hangs on to them."""
        self.wire.last = Answer()
        try:
            result = super().request(path, dict(query), post, files, verb)  # type: ignore[no-untyped-call]
        except requests.ConnectionError as error:
            if verb != "GET" and never_sent(error):
                return {}, Busy(self.now() + RETRY_SOON, "Facebook cannot be reached")
            return {}, Unreachable("the connection to Facebook broke or timed out")
        except requests.Timeout:
            return {}, Unreachable("Facebook did not answer in time")
        except (requests.RequestException, facebook.GraphAPIError, LookupError, ValueError, TypeError, AttributeError):
            # Judged by status and body below: the SDK's exception types say nothing about what was done.
            result = None
        if self.wire.last.status == 200 and isinstance(result, dict) and not result.get("error"):
            return result, None
        return {}, judge(self.wire.last, self.now(), _words(post))

    def _note_usage(self, answer: Answer) -> None:
        usage = read_usage(answer.headers, self.now())
        if usage is not None and self.on_usage is not None:
            self.on_usage(usage)


def encoded(args: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as Graph wants them: nested values as JSON, where the SDK would send `recipient=id`; no None."""
    out: dict[str, Any] = {}
    for key, value in args.items():
        if isinstance(value, dict | list | tuple | bool):
            out[key] = json.dumps(value)
        elif value is not None:
            out[key] = value
    return out


def judge(answer: Answer, now: datetime, words: str = "") -> OutsideError:
    """What an answer that is no success says about its call, by status and code; to the SDK a 500 `{}` is success.

    `words` is the text that the call carried; it is kept out of what is told, should Graph repeat it.
    """
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    status = answer.status
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        if status == 429:
            return Busy(_retry_at(answer, now))
        if status == 0:
            return Unreachable("the connection to Facebook broke")
        if status == 401:
            return Unauthorised("Facebook does not accept the Page's token (HTTP 401).")
        if 400 <= status < 500:
            return Refused(f"Facebook refused the call (HTTP {status}).")
        return Unreachable(f"Facebook answered with HTTP {status} and nothing that makes sense")
    code: int = error["code"]
    subcode = error.get("error_subcode")
    name = f"code {code}/{subcode}" if subcode else f"code {code}"
    if code in AMBIGUOUS or status >= 500:
        return Unreachable(f"Facebook had trouble of its own ({name})")
    if code in TOKEN:
        why = WHY_TOKEN.get(subcode) if isinstance(subcode, int) else None
        return Unauthorised(f"Facebook no longer accepts the Page's token ({name}{': ' + why if why else ''}).")
    if code in THROTTLED or status == 429:
        return Busy(_retry_at(answer, now), f"Facebook's rate limit ({name})")
    if code == 10 and subcode in WINDOW_SUBCODES:
        return Refused(
            "Facebook allows private messages only for a time after the customer's last one, and that time is over "
            f"({name}). Answer in public, or wait for the customer to write.",
            "window",
        )
    if code == 10 or 200 <= code <= 299:
        return Unauthorised(f"The Page's token lacks a permission ({name}): {_said(error, words)}")
    known = _known(code, subcode, str(error.get("message", "")))
    if known is not None:
        why, word = known
        return Refused(f"{why} ({name}).", word)
    if error.get("is_transient") is True:
        return Busy(now + RETRY, f"Facebook asks us to try later ({name})")
    return Refused(f"Facebook refused it ({name}): {_said(error, words)}")


def _known(code: int, subcode: object, message: str) -> tuple[str, str] | None:
    """A sentence of ours and the stable word for refusals that we know."""
    if code == 100 and "Length of param" in message:
        return "The text is too long for Facebook", "too_long"
    if code == 803 or (code == 100 and (subcode == 33 or "does not exist" in message)):
        return "It is no longer on Facebook: removed by its author, or no longer visible to the Page", "gone"
    if code == 100 and subcode == 2018292:
        return "The comment is no longer on Facebook, so it cannot get a private reply", "gone"
    if code == 100 and subcode == 2018001:
        return "Facebook knows nobody by that id for this Page", "not_allowed"
    if code in VERSION_GONE:
        return "Facebook does not serve this Graph version or path. Set a newer Graph version", "other"
    return {
        368: ("Facebook has stopped the Page from doing this for now", "not_allowed"),
        506: ("Facebook refuses the same text twice; change the wording", "duplicate"),
        551: ("This person cannot be written to: they block the Page or have left", "not_allowed"),
        10900: ("This comment has had its one private reply", "already_replied"),
        10901: ("A private reply is possible for 7 days only, and they are over", "window"),
        10902: ("Facebook allows no private reply to this", "not_allowed"),
        10903: ("Facebook allows no private reply to this", "not_allowed"),
    }.get(code)


def _words(post: Mapping[str, Any] | None) -> str:
    """The text that a call carries to customers."""
    message = (post or {}).get("message", "")
    try:
        return str(json.loads(message)["text"])
    except (ValueError, LookupError, TypeError):
        return str(message)


def _said(error: Mapping[str, Any], words: str) -> str:
    """What Graph said, in one line, short, and without anything that looks like a secret or that we had sent."""
    message = " ".join(str(error.get("message") or "no reason given").split())
    start = " ".join(words.split())[:20]
    if start and (at := message.find(start)) >= 0:
        message = message[:at] + "…"
    return _SECRET.sub("•••", message)[:200]


def _retry_at(answer: Answer, now: datetime) -> datetime:
    """Graph seldom says how long; Retry-After and the usage headers' own estimate are believed, within a day."""
    usage = read_usage(answer.headers, now)
    if usage is not None and usage.regain is not None:
        return now + min(usage.regain, timedelta(days=1))
    asked = _header(answer.headers, "retry-after")
    if asked.isascii() and asked.isdigit():
        return now + min(timedelta(seconds=max(1, int(asked[:6]))), timedelta(days=1))
    return now + RETRY


def read_usage(headers: Mapping[str, str], now: datetime) -> Usage | None:
    """The highest percentage of X-App-Usage, X-Page-Usage and X-Business-Use-Case-Usage, or None without any."""
    highest: float | None = None
    regain = 0.0
    for name in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        try:
            value = json.loads(_header(headers, name) or "{}")
        except ValueError:
            continue
        entries = [value]
        if name == "x-business-use-case-usage" and isinstance(value, dict):
            entries = [entry for listed in value.values() if isinstance(listed, list) for entry in listed]
        for entry in entries:
            if not isinstance(entry, dict):
                continue
            for key in ("call_count", "total_time", "total_cputime"):
                if isinstance(entry.get(key), int | float):
                    highest = max(highest or 0, entry[key])
            minutes = entry.get("estimated_time_to_regain_access")
            if isinstance(minutes, int | float):
                regain = max(regain, minutes)
    if highest is None:
        return None
    return Usage(int(highest), now, timedelta(minutes=regain) if regain else None)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
