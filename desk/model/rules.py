"""What the owner chose: the rules of this desk as one value, checked by `config/` before it gets here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from desk.model.canned import Canned
from desk.model.guards import Guards
from desk.model.hours import BusinessHours
from desk.model.ladder import Ladder
from desk.model.notice import Acknowledge, Contact, Texts
from desk.model.policies import Policy
from desk.model.practice import Practice
from desk.model.private import GoPrivate
from desk.model.reach import Reach
from desk.model.routes import Route
from desk.model.sla import SlaPolicy
from desk.model.storm import Storm
from desk.model.teams import Team


@dataclass(frozen=True, slots=True)
class Rules:
    """One desk. Channels and groups are Slack ids. `policies` is by platform name."""

    name: str
    channel: str
    leads_channel: str
    agents_group: str
    leads_group: str
    hours: BusinessHours
    policies: Mapping[str, SlaPolicy]
    ops_channel: str = ""
    """Where trouble with Slack and the platforms is told; "" is the leads' channel."""
    routes: tuple[Route, ...] = ()
    """Which inquiries have their threads in a channel of their own, the first that matches; all others in `channel`."""
    undo: timedelta = timedelta(seconds=10)
    late: timedelta = timedelta(seconds=60)
    """How much later than planned a held reply may still go out by itself after the desk was down."""
    sign_off: str = "– {first}"
    sign_required: bool = True
    warn_channel: bool = True
    monthly_reads: Mapping[str, int] = field(default_factory=dict)
    """Reads that may be paid for in a month, by platform; absent: no limit."""
    price_per_read: Mapping[str, float] = field(default_factory=dict)
    poll_every: Mapping[str, timedelta] = field(default_factory=dict)
    availability: Mapping[str, str] = field(default_factory=dict)
    """The public text about office hours, by platform, with {hours}, {zone} and {until}."""
    tone: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    """What an agent may decide alone, a line each."""
    prefix: str = ""
    """What stands before each command's name: "acme-"."""
    promises: tuple[Policy, ...] = ()
    """What is promised, in the order in which it is looked up; it includes what `policies` say."""
    ladder: Ladder = field(default_factory=Ladder)
    holding_counts: bool = True
    """Whether "we are looking into it" meets the first response."""
    holding: Mapping[str, str] = field(default_factory=dict)
    """Its words, by language, with {when}; what is missing is as `desk.model.holding` has it."""
    holding_within: timedelta = timedelta(hours=2)
    """The answer that it promises comes within so much business time."""
    topic: bool = False
    """Whether the channel's topic tells at an opening and a closing until when we are there."""
    board: bool = False
    """Whether the deadline board is pinned in the desk's channel."""
    wow_monthly: int = 5
    """How many unexpected good deeds agents may promise in a month."""
    reactions: bool = False
    """Whether 👀 on a card claims, and ✅ closes after a check."""
    teams: tuple[Team, ...] = ()
    dates: Mapping[date, str] = field(default_factory=dict)
    """What a date is called: a holiday's name, the reason of an exception."""
    languages: tuple[str, ...] = ()
    """The languages of public texts about the hours; () is the one text of `availability`."""
    public_texts: Mapping[str, Texts] = field(default_factory=dict)
    post_at: tuple[str, ...] = ()
    """When the public texts are posted by themselves: "opening", "closing"."""
    acknowledge: Acknowledge = field(default_factory=Acknowledge)
    contact: Contact = field(default_factory=Contact)
    tagged: Mapping[str, timedelta] = field(default_factory=dict)
    """How long a person's tag keeps private answers possible, by platform."""
    served: tuple[str, ...] = ()
    """The languages that customers are answered in; () is all that the desk's own texts are written in."""
    look_up_again: timedelta = timedelta(hours=12)
    """How long an answer of the company's own system about a customer holds."""
    backstop: Mapping[str, timedelta] = field(default_factory=dict)
    """How often a platform is looked at while it brings by webhook what is new, by platform; absent: as ever."""
    storm: Storm = field(default_factory=Storm)
    breaks: tuple[tuple[str, str], ...] = ()
    """The breaks of every day; they stay where a lead sets another week."""
    canned: tuple[Canned, ...] = ()
    """The canned answers of the owner's folder; those that were added in Slack are in the store."""
    practice: Practice = field(default_factory=Practice)

    guards: Guards = field(default_factory=Guards)
    """What is worth a second look before a reply goes out."""
    private: GoPrivate = field(default_factory=GoPrivate)
    bring_files: bool = False
    """Whether customers' pictures and files are brought into the thread; else they stand there as links."""
    reach: Reach = field(default_factory=Reach)
    """Whose words very many people hear."""

    @property
    def homes(self) -> tuple[str, ...]:
        """The channels in which new inquiries get their threads, `channel` first, each once."""
        return tuple(dict.fromkeys((self.channel, *(route.channel for route in self.routes))))

    def policy(self, platform: str) -> SlaPolicy:
        """The promise on a platform; platforms without one get an hour for everything."""
        hour = timedelta(hours=1)
        return self.policies.get(platform) or SlaPolicy(hour, hour, hour)
