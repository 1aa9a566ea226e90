"""How X calls us: its challenge, its signature; what it brings is only a reason to look."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any

from desk.model.message import Delivered, Greeting

SIGNATURE = "x-twitter-webhooks-signature"
_SIGNED = re.compile(r"sha256=([A-Za-z0-9+/]{43}=)", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,256}", re.ASCII)
NEWS = frozenset({"tweet_create_events", "direct_message_events", "tweet_delete_events"})


class XWebhook:
    """The port `Hook` for X's account activity. The challenge must be answered within 3 seconds, some say each hour: it
    needs the consumer secret alone, and waits for nothing."""

    name = "x"

    def __init__(self, consumer_secret: str) -> None:
        self._secret = consumer_secret.encode()

    def greet(self, query: Mapping[str, str]) -> Greeting:
        token = query.get("crc_token", "")
        if not _TOKEN.fullmatch(token):
            return Greeting(400, "This is no challenge of X's.")
        return Greeting(200, dumps({"response_token": f"sha256={self._sign(token.encode())}"}), "application/json")

    def genuine(self, raw: bytes, headers: Mapping[str, Sequence[str]]) -> bool:
        signed = [_SIGNED.fullmatch(one) for one in headers.get(SIGNATURE, ())]
        if len(signed) != 1 or signed[0] is None:
            return False
        return hmac.compare_digest(self._sign(raw).encode(), signed[0][1].encode())

    async def read(self, body: Any) -> Delivered:
        return Delivered(look=isinstance(body, dict) and bool(NEWS & body.keys()))

    def _sign(self, raw: bytes) -> str:
        return base64.b64encode(hmac.new(self._secret, raw, hashlib.sha256).digest()).decode()
