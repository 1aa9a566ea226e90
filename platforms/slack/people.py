"""Who works at the desk: the members of Slack's user groups, read now and then, answered from memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from desk.model.errors import OutsideError
from desk.model.people import Person
from platforms.slack.client import SlackCaller

AGE = timedelta(hours=12)
"""How old a name, a zone or a flag may be where Slack tells of no change; membership is read anew each time."""

CERTAIN = timedelta(minutes=15)
"""So long after the groups were read last, their members may still answer customers; then nothing goes out."""

log = logging.getLogger("frontdesk.people")
MANY = 50
"""More people than this are read from the list of all: one by one Slack takes a hundred a minute (tier 4)."""
PAGE = 1000
"""People on a page of that list, the most that Slack gives."""


class SlackPeople:
    """The port `People`. Guests, bots, strangers and switched-off accounts are nobody, whatever group they are in."""

    def __init__(
        self, client: AsyncWebClient, now: Callable[[], datetime], agents_group: str, leads_group: str, team: str = ""
    ) -> None:
        self.client = client
        self.now = now
        self.call = SlackCaller(client, now)
        self.agents_group, self.leads_group, self.team = agents_group, leads_group, team
        self.read_at: datetime | None = None
        self._people: dict[str, Person] = {}
        self._infos: dict[str, dict[str, Any]] = {}
        self._infos_at: datetime | None = None
        self._reading: set[asyncio.Task[None]] = set()

    async def keep_up(self) -> None:
        """Read again, as a regular job. Where Slack does not let us, what was known stays; `stale` tells its age."""
        try:
            await self.refresh()
        except OutsideError as error:
            log.warning("could not read the groups", extra={"why": type(error).__name__})

    def stale(self) -> bool:
        return self.read_at is None or self.now() - self.read_at > CERTAIN

    async def refresh(self) -> None:
        """Read both groups, and whoever of their members is new or was read long ago.

        Raises the outside errors; what was known stays then.
        """
        body = await self.call(self.client.usergroups_list(include_users=True))
        groups = {str(g["id"]): {str(user) for user in g.get("users", ())} for g in body.get("usergroups", ())}
        agents, leads = groups.get(self.agents_group, set()), groups.get(self.leads_group, set())
        users = sorted({*agents, *leads})
        now = self.now()
        if self._infos_at is None or now - self._infos_at >= AGE:
            self._infos, self._infos_at = {}, now
        missing = [user for user in users if user not in self._infos]
        if len(missing) > MANY:
            await self._list(set(missing))
            missing = [user for user in missing if user not in self._infos]
        for info in await asyncio.gather(*(self._user(user) for user in missing)):
            if info is not None:
                self._infos[str(info["id"])] = info
        people = {}
        for user in users:
            info = self._infos.get(user)
            if info is None or not self._counts(info):
                continue
            profile = info.get("profile") or {}
            real = str(profile.get("real_name") or info.get("real_name") or "").strip()
            first = str(profile.get("first_name") or "").strip() or (real.split()[0] if real else "")
            people[user] = Person(
                user,
                first,
                real or first,
                str(info.get("tz") or "UTC"),
                agent=user in agents or user in leads,
                lead=user in leads,
                handle=str(profile.get("display_name") or info.get("name") or ""),
                groups=frozenset(group for group, members in groups.items() if user in members),
            )
        self._people = people
        self.read_at = self.now()

    async def _list(self, wanted: set[str]) -> None:
        """Read everybody of the workspace, page by page, until all who are wanted were among them."""
        cursor = ""
        while wanted:
            body = await self.call(self.client.users_list(limit=PAGE, cursor=cursor))
            for info in body.get("members", ()):
                if str(info.get("id")) in wanted:
                    wanted.discard(str(info["id"]))
                    self._infos[str(info["id"])] = info
            cursor = str((body.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _user(self, user: str) -> dict[str, Any] | None:
        try:
            body = await self.call(self.client.users_info(user=user))
        except OutsideError as error:
            log.warning("could not read a person", extra={"user": user, "why": type(error).__name__})
            raise
        return body.get("user")

    def _counts(self, info: dict[str, Any]) -> bool:
        barred = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        if any(info.get(flag) for flag in barred):
            return False
        return not self.team or info.get("team_id") in (None, self.team)

    def changed(self, user: str | None) -> None:
        """Read again at once. Until then a person whose account changed is nobody: refusing is the safer mistake."""
        if user is None or user in self._infos:
            if user is not None:
                self._infos.pop(user)
                self._people.pop(user, None)
            task = asyncio.get_running_loop().create_task(self.keep_up(), name="read people again")
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    def person(self, user: str) -> Person | None:
        return self._people.get(user)

    def agents(self) -> Sequence[Person]:
        return [person for person in self._people.values() if person.agent]

    def leads(self) -> Sequence[Person]:
        return [person for person in self._people.values() if person.lead]

    def by_name(self, name: str) -> Person | None:
        wanted = name.lstrip("@").casefold()
        for person in self._people.values():
            if wanted in (person.handle.casefold(), person.first_name.casefold(), person.user.casefold()):
                return person
        return None
