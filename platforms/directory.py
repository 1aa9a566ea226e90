"""The company's own system, asked over HTTP who a customer is. docs/customers.md describes request and answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from desk.model.customer import Known, Profile, language_named
from desk.model.errors import Unreachable
from desk.model.neutral import neutral
from desk.model.words import clean

LARGEST = 64 * 1024
"""Bytes of an answer that are read; a longer one is none."""
FACTS, LABEL, VALUE, NAME = 8, 40, 200, 100
"""How many facts are kept of an answer, and how many characters of each part."""
PROFILES = 3
"""So many of a person's profiles are asked for, until one is known."""


class HttpDirectory:
    """A `Directory`. `seconds` is the time limit of one call, in real time. The token goes into the header alone."""

    def __init__(self, url: str, token: str, session: aiohttp.ClientSession, seconds: float) -> None:
        self.url = url
        self.in_flight = 0
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._session = session
        self._seconds = seconds

    async def find(self, profiles: Sequence[Profile], at: datetime) -> Known:
        self.in_flight += 1
        try:
            for profile in profiles[:PROFILES]:
                found = await self._ask(profile)
                if found is not None:
                    return known_from(found, at)
            return Known(at, found=False)
        finally:
            self.in_flight -= 1

    async def _ask(self, profile: Profile) -> Mapping[str, Any] | None:
        """The answer for one profile; None: nobody is known. Redirects are not followed: the token stays here."""
        asked = {
            "platform": profile.platform,
            "account": profile.account,
            "id": profile.remote_id,
            "handle": profile.handle,
            "name": profile.name,
        }
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session.get(self.url, params=asked, headers=self._headers, allow_redirects=False) as answer,
            ):
                if answer.status == 404:
                    return None
                if answer.status != 200:
                    raise Unreachable(f"status {answer.status}")
                body = await answer.content.read(LARGEST + 1)
                while len(body) <= LARGEST and (more := await answer.content.read(LARGEST + 1 - len(body))):
                    body += more
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        if len(body) > LARGEST:
            raise Unreachable("a longer answer than anybody reads")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            raise Unreachable("no JSON") from None
        if not isinstance(found, dict):
            raise Unreachable("no JSON object")
        return found


def known_from(found: Mapping[str, Any], at: datetime) -> Known:
    """What an answer says, as far as it can be read; all else in it is passed over."""
    facts = found.get("facts")
    pairs = facts.items() if isinstance(facts, dict) else ()
    url = found.get("url")
    vip = found.get("vip")
    spoken = found.get("language")
    return Known(
        at,
        True,
        _words(found.get("name"), NAME),
        vip if isinstance(vip, bool) else None,
        (language_named(spoken) or "") if isinstance(spoken, str) else "",
        tuple((_words(label, LABEL), said) for label, value in list(pairs)[:FACTS] if (said := _words(value, VALUE))),
        url if isinstance(url, str) and _is_web(url) else "",
    )


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= 2000 and url.isprintable()


def _words(value: Any, most: int) -> str:
    """A text or a number in one line; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    words = " ".join(neutral(clean(str(value))).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
