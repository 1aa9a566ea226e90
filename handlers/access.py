"""Who may: only the agents' group, only in the desk's channels, only from the desk's own workspace."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.desk import Desk
from desk.model.errors import DeskError
from desk.model.people import Person
from desk.model.words import group, link


class NotAllowed(DeskError):
    """A stranger asked, or in the wrong place; nothing was done."""


@dataclass(slots=True)
class Access:
    """The one place where every door asks. `team` is the workspace's id ("" before it is known)."""

    desk: Desk
    team: str = ""
    bot_user: str = ""
    channel_names: dict[str, str] = field(default_factory=dict)

    def person(self, user: str, team: str, *, shared: bool = False) -> Person:
        """The member of the team behind a request. Raises `NotAllowed` for everybody else."""
        if self.team and team and team != self.team:
            raise NotAllowed("This desk belongs to another workspace. Nothing was done.")
        if shared:
            raise NotAllowed("This channel is shared with another workspace, so nothing is done here.")
        person = self.desk.people.person(user)
        if person is None:
            raise NotAllowed(
                f"Only members of {group(self.desk.rules.agents_group)} answer customers here. "
                "Ask a lead to add you; it takes effect within a few minutes. Nothing was done."
            )
        return person

    def place(self, channel: str) -> None:
        """Raises `NotAllowed` outside the desk's channels."""
        if channel not in self.channels:
            home = link(f"https://slack.com/app_redirect?channel={self.desk.rules.channel}", "the desk's channel")
            raise NotAllowed(f"Please do that in {home}: customers' matters stay there. Nothing was done.")

    @property
    def channels(self) -> frozenset[str]:
        return frozenset((self.desk.rules.channel, self.desk.rules.leads_channel))
