"""How the log looks: one JSON object a line, never a token, never a customer's words, nothing that fakes a line."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Iterable
from typing import Any

_SHAPES = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|EAA\w+|AAAA[\w%]{20,}|(?<=Bearer )\S+|(?<=access_token=)[^&\s]+"
    r"|(?<=appsecret_proof=)[^&\s]+|oauth_\w+=\"[^\"]*\""
)
"""What tokens look like (Slack, Meta, X), so that one that was never handed to us is hidden as well."""
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
NOISY = (
    "tweepy",
    "urllib3",
    "slack_sdk",
    "slack_bolt",
    "aiohttp",
    "requests_oauthlib",
    "oauthlib",
    "apscheduler",
    "asyncio",
)
"""Loggers of others: INFO at the most, whatever ours is set to; some print whole requests below that."""


class JsonLines(logging.Formatter):
    """A record as one line of JSON, its time in UTC, with everything secret shown as •••."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if len(secret) > 5), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "who": record.name,
            "what": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _PLAIN},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(self._told(line), ensure_ascii=True)

    def _told(self, value: Any) -> Any:
        """The value as JSON can carry it, hidden text by text: what is cut out of a whole line may break it."""
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, dict):
            return {self.hidden(str(key)): self._told(one) for key, one in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._told(one) for one in value]
        return self.hidden(str(value))

    def hidden(self, text: str) -> str:
        """The text without anything that is, or looks like, a token."""
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return _SHAPES.sub("•••", text)


def set_up(level: int, secrets: Iterable[str] = ()) -> None:
    """All logging to stderr, in lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
