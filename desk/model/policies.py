"""Which promises hold for which inquiry, why, and what each event does to their clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from desk.model.catalogue import say
from desk.model.duration import spoken
from desk.model.ladder import NEAR, NORMAL, Shares, Step, Time, steps

TARGETS = ("first", "next", "resolution")
"""To our first answer; from the oldest unanswered message to our next one; to closed as solved."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy is chosen by. `language` is a short code ("de"), "" where it is not known; so is `priority`."""

    platform: str
    private: bool
    kind: str = ""
    priority: str = ""
    vip: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which inquiries a policy is for; what is empty or None does not matter. All that is named must fit."""

    platforms: tuple[str, ...] = ()
    private: bool | None = None
    kinds: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    vip: bool | None = None
    languages: tuple[str, ...] = ()

    def fits(self, facts: Facts) -> bool:
        """Whether an inquiry is meant; letters may be large or small, and "de" also means "de-AT"."""
        language = facts.language.casefold()
        return (
            _among(facts.platform, self.platforms)
            and self.private in (None, facts.private)
            and _among(facts.kind, self.kinds)
            and _among(facts.priority, self.priorities)
            and self.vip in (None, facts.vip)
            and (
                not self.languages
                or any(language == (one := own.casefold()) or language.startswith(f"{one}-") for own in self.languages)
            )
        )

    def words(self, titles: Mapping[str, str] | None = None) -> str:
        """What must be so, for people: "X, public, VIP"; "every inquiry" where nothing must. `titles` by platform."""
        titles = titles or {}
        said = [
            _either([titles.get(name, name) for name in self.platforms]),
            {None: "", True: say("private"), False: say("public")}[self.private],
            _either(self.kinds),
            say("{priorities} priority", priorities=_either(self.priorities)) if self.priorities else "",
            {None: "", True: say("VIP"), False: say("no VIP")}[self.vip],
            say("in {languages}", languages=_either(self.languages)) if self.languages else "",
        ]
        return ", ".join(part for part in said if part) or say("every inquiry")


def _either(ways: Sequence[str]) -> str:
    found = ways[0] if ways else ""
    for way in ways[1:]:
        found = say("{one} or {other}", one=found, other=way)
    return found


def _among(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value.casefold() in [one.casefold() for one in wanted]


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised to the inquiries that `match`. A target that is None is not promised.

    `name` is the owner's word for it. An inquiry keeps the whole policy that it started with.
    """

    name: str
    match: Match = Match()
    first: timedelta | None = None
    next: timedelta | None = None
    resolution: timedelta | None = None
    time: Time = Time.BUSINESS
    shares: Shares = NORMAL

    @property
    def called(self) -> str:
        """Its name for people: the owner's word; of what holds where no policy matches, the team's."""
        return say("Everything else") if self.name == EVERYTHING_ELSE.name else self.name

    def budget(self, target: str) -> timedelta | None:
        """How long the clock of a target ("first", "next", "resolution") may run; None: it is not promised."""
        if target not in TARGETS:
            raise ValueError(f"{target!r} is no target")
        found: timedelta | None = getattr(self, str(target))
        return found

    def ladder(self, target: str, near: timedelta = NEAR) -> tuple[Step, ...]:
        """The steps of a target's clock; () where it is not promised."""
        budget = self.budget(target)
        return () if budget is None else steps(budget, self.shares, near)

    def promises(self) -> str:
        """What is promised: "a first answer within 15 min, each further one within 1 h, in business hours"."""
        said = []
        if self.first:
            said.append(say("a first answer within {time}", time=spoken(self.first)))
        if self.next:
            said.append(say("each further one within {time}", time=spoken(self.next)))
        if self.resolution:
            said.append(say("a solution within {time}", time=spoken(self.resolution)))
        if not said:
            return say("nothing by the clock")
        told = ", ".join(said)
        if self.time is Time.BUSINESS:
            return say("{promises}, in business hours", promises=told)
        return say("{promises}, day and night", promises=told)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The policy of an inquiry, and a sentence that says why it is this one."""

    policy: Policy
    why: str


HOUR = timedelta(hours=1)
EVERYTHING_ELSE = Policy("Everything else", first=HOUR, next=HOUR)
"""What holds where no policy matches: an hour, which 60 % expect (S3)."""


def choose(policies: Sequence[Policy], facts: Facts, titles: Mapping[str, str] | None = None) -> Chosen:
    """The first policy that matches; `EVERYTHING_ELSE` where none does.

    `why` reads “X, public” matches: X, public; it promises a first answer within 15 min … `titles` are the platforms'
    names for people.
    """
    for policy in policies:
        if policy.match.fits(facts):
            return Chosen(policy, because(policy, titles))
    return Chosen(
        EVERYTHING_ELSE,
        say(
            "No policy matches; “{policy}” promises {promises}.",
            policy=EVERYTHING_ELSE.called,
            promises=EVERYTHING_ELSE.promises(),
        ),
    )


def because(policy: Policy, titles: Mapping[str, str] | None = None) -> str:
    """Why an inquiry has this policy, a sentence."""
    return say(
        "“{policy}” matches: {what}; it promises {promises}.",
        policy=policy.called,
        what=policy.match.words(titles),
        promises=policy.promises(),
    )


def never_reached(policies: Sequence[Policy]) -> list[tuple[Policy, Policy]]:
    """Policies that can never be chosen, each with the earlier one that matches all of theirs."""
    found = []
    for index, policy in enumerate(policies):
        earlier = next((one for one in policies[:index] if _covers(one.match, policy.match)), None)
        if earlier is not None:
            found.append((policy, earlier))
    return found


def _covers(wide: Match, narrow: Match) -> bool:
    """Whether all that `narrow` means, `wide` means as well."""

    def within(inner: Iterable[str], outer: Iterable[str]) -> bool:
        allowed, asked = {one.casefold() for one in outer}, {one.casefold() for one in inner}
        return not allowed or (bool(asked) and asked <= allowed)

    return (
        within(narrow.platforms, wide.platforms)
        and wide.private in (None, narrow.private)
        and within(narrow.kinds, wide.kinds)
        and within(narrow.priorities, wide.priorities)
        and wide.vip in (None, narrow.vip)
        and within(narrow.languages, wide.languages)
    )


@dataclass(frozen=True, slots=True)
class Preset:
    """A figure that a guide on social customer service gives, to choose from."""

    name: str
    first: timedelta
    guide: str
    says: str


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("5m", timedelta(minutes=5), "S2", "better than 15 minutes"),
        Preset("15m", timedelta(minutes=15), "S2", "the outer limit"),
        Preset("30m", timedelta(minutes=30), "S3", "30 minutes or less"),
        Preset("1h", timedelta(hours=1), "S3", "what 60 % expect"),
        Preset("2h", timedelta(hours=2), "S0", "2 hours at most"),
    )
}
"""The deadlines of the guides, by name. Goals on the mean (S4: under 1 hour) are no deadlines and not among them."""


class Do(StrEnum):
    """What an event does to a clock."""

    KEEP = "keep"
    """It goes on as it is; one that does not run is not started."""
    START = "start"
    """It starts, unless it runs already: the oldest unanswered message counts."""
    FULFIL = "fulfil"
    """The promise is kept, or broken if it was late; the clock ends."""
    DROP = "drop"
    """The clock ends without a verdict; it is counted neither as kept nor as broken."""
    PAUSE = "pause"
    """It stands still; what is left of it stays."""
    RESUME = "resume"
    """It goes on with what was left."""
    EARLIER = "earlier"
    """Of two clocks the one with the earlier deadline goes on; the other is dropped."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event does to the three clocks of an inquiry."""

    first: Do
    next: Do
    resolution: Do

    def on(self, target: str) -> Do:
        if target not in TARGETS:
            raise ValueError(f"{target!r} is no target")
        found: Do = getattr(self, str(target))
        return found


class Happening(StrEnum):
    """What can happen to an inquiry that matters to its clocks."""

    CUSTOMER_WROTE = "customer wrote"
    ANSWERED = "answered"
    HOLDING_REPLY = "holding reply"
    HOLDING_REPLY_ONLY = "holding reply, where it does not count"
    ANSWERED_OUTSIDE = "answered outside"
    NEEDS_ANSWER = "needs an answer"
    PENDING = "pending"
    SNOOZED = "snoozed"
    SNOOZED_BY_LEAD = "snoozed by a lead"
    HANDED_OVER = "handed over"
    MOVED_PRIVATE = "moved to private"
    MERGED = "merged"
    SOLVED = "solved"
    CLOSED = "closed"
    REOPENED = "reopened"


EFFECTS: Mapping[Happening, Effect] = {
    # A clock that runs goes on; after an answer of ours the next one starts with the customer's message.
    Happening.CUSTOMER_WROTE: Effect(Do.KEEP, Do.START, Do.RESUME),
    # The first or next answer is given.
    Happening.ANSWERED: Effect(Do.FULFIL, Do.FULFIL, Do.KEEP),
    # “Looking into it” counts as the answer, and a promise starts in its place.
    Happening.HOLDING_REPLY: Effect(Do.FULFIL, Do.FULFIL, Do.KEEP),
    # “Looking into it” does not count as the answer here: all clocks go on.
    Happening.HOLDING_REPLY_ONLY: Effect(Do.KEEP, Do.KEEP, Do.KEEP),
    # An answer given outside the desk counts, from the time that the platform gives it.
    Happening.ANSWERED_OUTSIDE: Effect(Do.FULFIL, Do.FULFIL, Do.KEEP),
    # It was no answer after all: the clock counts from the customer's message again.
    Happening.NEEDS_ANSWER: Effect(Do.START, Do.START, Do.RESUME),
    # We have answered and wait for the customer: the clock to a solution stands still.
    Happening.PENDING: Effect(Do.KEEP, Do.KEEP, Do.PAUSE),
    # It is out of the queue for a while. No clock stops: the customer still waits.
    Happening.SNOOZED: Effect(Do.KEEP, Do.KEEP, Do.KEEP),
    # A lead has stopped its clocks until it is back, and said why.
    Happening.SNOOZED_BY_LEAD: Effect(Do.PAUSE, Do.PAUSE, Do.PAUSE),
    # Clocks and promises go to the new owner as they are; none begins anew.
    Happening.HANDED_OVER: Effect(Do.KEEP, Do.KEEP, Do.KEEP),
    # It keeps the policy that it started with. The invitation is an answer; the move itself changes no clock.
    Happening.MOVED_PRIVATE: Effect(Do.KEEP, Do.KEEP, Do.KEEP),
    # The number that stays keeps its policy, and the earlier of two deadlines.
    Happening.MERGED: Effect(Do.EARLIER, Do.EARLIER, Do.EARLIER),
    # It is solved; a question left open counts for nothing.
    Happening.SOLVED: Effect(Do.DROP, Do.DROP, Do.FULFIL),
    # It needed no solution, so none is counted.
    Happening.CLOSED: Effect(Do.DROP, Do.DROP, Do.DROP),
    # It keeps its policy. The next answer is due from the customer's message; while it was closed nothing counted.
    Happening.REOPENED: Effect(Do.KEEP, Do.START, Do.RESUME),
}
"""What each event does, once: what docs/sla.md tells, and the tests hold the flows to. Nothing of it is shown."""
