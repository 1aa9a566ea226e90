"""The one Slack client: a shared session, no retries of its own, and its errors in the desk's four words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from desk.model.errors import Busy, Refused, Unauthorised, Unreachable

SECONDS = 10
"""How long a call may take in real time; then it is unknown whether it was done."""

PLACE = {
    "is_archived": "the channel is archived",
    "channel_not_found": "the channel is not to be found",
    "not_in_channel": "the bot is not in the channel: /invite it",
    "restricted_action": "the workspace does not let the bot post there",
    "no_permission": "the workspace does not let the bot post there",
}
AUTH = {
    "invalid_auth": "the token is wrong",
    "not_authed": "the token is missing",
    "account_inactive": "the bot's account is switched off",
    "token_revoked": "the token was revoked",
    "token_expired": "the token has expired",
    "missing_scope": "the bot lacks a permission; compare the app with `bot.py manifest`",
}
UNKNOWN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})


class SlackCaller:
    """Calls Slack once and says what is known of the effect. `in_flight` counts calls under way."""

    def __init__(self, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        self.client = client
        self.now = now
        self.in_flight = 0
        self.scopes: frozenset[str] | None = None
        """What the token may do, as the last answer said it; None: none has."""

    async def __call__(self, call: Awaitable[Any]) -> dict[str, Any]:
        """The answer's body. Raises `Busy`, `Refused` (code "place" where only that channel is meant), `Unauthorised`
        or `Unreachable`."""
        self.in_flight += 1
        try:
            response = await call
        except SlackApiError as error:
            raise self._translated(error) from None
        except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None
        finally:
            self.in_flight -= 1
        body: dict[str, Any] = response.data if isinstance(response.data, dict) else {}
        if not body.get("ok"):
            raise Unreachable("no readable answer")
        headers = {key.lower(): value for key, value in dict(response.headers or {}).items()}
        if said := headers.get("x-oauth-scopes"):
            self.scopes = frozenset(one.strip() for one in str(said).split(","))
        return body

    def _translated(self, error: SlackApiError) -> Exception:
        status = getattr(error.response, "status_code", 0)
        data = getattr(error.response, "data", None)
        code = data.get("error", "") if isinstance(data, dict) else ""
        if status == 429 or code in ("ratelimited", "rate_limited"):
            headers = {key.lower(): value for key, value in dict(getattr(error.response, "headers", {}) or {}).items()}
            wait = headers.get("retry-after", "")
            seconds = int(wait) if str(wait).isdigit() else 1
            return Busy(self.now() + timedelta(seconds=max(1, seconds)), "Slack's rate limit")
        if status >= 500 or not code or code in UNKNOWN:
            return Unreachable(f"HTTP {status} {code}".strip())
        if code in AUTH:
            return Unauthorised(f"Slack: {AUTH[code]} ({code}).")
        if code in PLACE:
            return Refused(f"Slack: {PLACE[code]} ({code}).", "place")
        return Refused(f"Slack refused it ({code}).", code)


async def socket_address(call: SlackCaller, app_token: str) -> str:
    """Where Socket Mode listens; the check that the app-level token works. Raises what a call raises.

    Slack's own client would try a wrong token again and again, for ever.
    """
    try:
        body = await call(call.client.apps_connections_open(app_token=app_token))
    except (Unauthorised, Refused) as error:
        raise Unauthorised(
            f"Slack does not accept the app-level token, FRONTDESK_SLACK_APP_TOKEN: {error.why}"
        ) from None
    return str(body["url"])


def slack_client(token: str, base_url: str, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
    """A client on a shared session. It retries nothing: a retried post is a post twice."""
    return AsyncWebClient(token=token, base_url=base_url, timeout=SECONDS, session=session, retry_handlers=[])
