"""Who may: only the agents' group, only in the desk's channels, only from the desk's own workspace.

Asked once, before any listener, for every door; what is not allowed here reaches nobody behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from desk.desk import Desk
from desk.model.catalogue import say
from desk.model.errors import DeskError
from desk.model.people import Person
from desk.model.words import group, link
from handlers.asked import Asked, Door, asked
from handlers.verbs import BY_NAME

log = logging.getLogger("frontdesk.access")


class NotAllowed(DeskError):
    """A stranger asked, or in the wrong place; nothing was done."""


@dataclass(slots=True)
class Access:
    """The one place where every door asks. `team` is the workspace's id ("" before it is known)."""

    desk: Desk
    team: str = ""
    bot_user: str = ""
    shared: set[str] = field(default_factory=set)
    """Channels that Slack says people of another workspace can read."""

    def register(self, app: AsyncApp) -> None:
        """Stand before every listener: each finds the `person` in its context, or is not asked."""

        async def guard(
            body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[object]]
        ) -> None:
            context["person"] = self.admit(body)
            await next_()

        app.use(guard)

    def admit(self, body: dict[str, Any]) -> Person | None:
        """The member of the team behind a request; None for talk that is not for us, and for what no person did.

        Raises `NotAllowed` for everybody else who asks the desk for something.
        """
        request = asked(body, self.bot_user)
        if request.door is Door.TALK:
            (self.shared.add if body.get("is_ext_shared_channel") else self.shared.discard)(request.channel)
        if not request.to_desk or (request.door is Door.TALK and not self._is_for_us(request)):
            return self._overhears(request)
        try:
            return self._member(request)
        except NotAllowed as refusal:
            log.info("refused", extra={"user": request.user, "door": request.door, "why": type(refusal).__name__})
            raise

    def _is_for_us(self, request: Asked) -> bool:
        """Our name is ours everywhere; a `!` only in the desk's channels, and outside threads only before a verb."""
        if not request.user or request.named:
            return bool(request.user)
        return request.channel in self.channels and (request.thread_ts is not None or request.word in BY_NAME)

    def _overhears(self, request: Asked) -> Person | None:
        try:
            quiet = request.door in (Door.TALK, Door.HOME, Door.SIGN)
            return self._member(request) if request.user and quiet else None
        except NotAllowed:
            return None

    def _member(self, request: Asked) -> Person:
        if self.team and request.teams != {self.team}:
            raise NotAllowed(say("This desk belongs to another workspace. Nothing was sent or changed."))
        if request.channel in self.shared or self.desk.lanes.barred(("slack", request.channel)):
            raise NotAllowed(
                say(
                    "This channel is shared with another workspace, so customers' matters do not belong here. "
                    "Nothing was sent or changed."
                )
            )
        person = self.desk.people.person(request.user)
        if person is None:
            raise NotAllowed(
                say(
                    "Only members of {group} answer customers here. Ask a lead to add you; it takes effect within five "
                    "minutes. Nothing was sent or changed.",
                    group=group(self.desk.rules.agents_group),
                )
            )
        if request.door not in (Door.FORM, Door.TYPING, Door.HOME) and request.channel not in self.channels:
            home = link(f"https://slack.com/app_redirect?channel={self.desk.rules.channel}", say("the desk's channel"))
            raise NotAllowed(
                say(
                    "Please do that in {channel}: customers' matters stay there. Nothing was sent or changed.",
                    channel=home,
                )
            )
        return person

    @property
    def channels(self) -> frozenset[str]:
        """Where the desk may be asked for something: where inquiries live, where leads are, where people practise."""
        rules = self.desk.rules
        return frozenset(one for one in (*self.desk.homes, rules.leads_channel, rules.practice.channel) if one)
