"""The sections about time: hours and holidays, teams, promises, and the steps on which somebody is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from config.calendars import Place, holidays_of
from config.forms import (
    Breaks,
    Day,
    Duration,
    Group,
    Kind,
    Language,
    Line,
    PlatformName,
    Priority,
    Section,
    Spans,
    TimeKind,
    Zone,
    option,
    wrong,
)
from config.reading import quoted
from desk.model.hours import DAYS, BusinessHours, HoursError, without
from desk.model.ladder import Shares, Time
from desk.model.policies import PRESETS, Match, Policy, never_reached
from desk.model.sla import SlaPolicy

_OFFICE: tuple[tuple[str, str], ...] = (("09:00", "17:00"),)
TITLES = {"x": "X", "facebook": "Facebook"}
"""The platforms' names for people."""


class ExceptionSection(Section):
    """[[hours.exceptions]]: other hours on one date: none, fewer, or more, also where it is a holiday."""

    date: Day = option(..., '"2026-12-24"')
    hours: Spans = option((), '"09:00-13:00"')
    why: str = option("", '"Christmas Eve"', max_length=100)


class HoursSection(Section):
    """[hours]: when the team is there. As soon as one day is written, the days that are not are closed."""

    zone: Zone | None = option(None, '"Europe/Lisbon"')
    mon: Spans = option(_OFFICE, '"09:00-17:00"')
    tue: Spans = option(_OFFICE, '"09:00-17:00"')
    wed: Spans = option(_OFFICE, '"09:00-17:00"')
    thu: Spans = option(_OFFICE, '"09:00-17:00"')
    fri: Spans = option(_OFFICE, '"09:00-17:00"')
    sat: Spans = option((), '"10:00-14:00"')
    sun: Spans = option((), '"closed"')
    breaks: Breaks = option((), '["12:00-12:30"]')
    holidays: Place | None = option(None, '"DE-BY"')
    closed_on: list[Day] = option([], '["2026-12-31"]', max_length=1000)
    exceptions: list[ExceptionSection] = Field(default_factory=list, max_length=1000)

    @property
    def written(self) -> bool:
        """Whether any day of the week was written."""
        return any(day in self.model_fields_set for day in DAYS)

    @property
    def week(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """The open days, "mon" … "sun", each with its opening and closing times ("HH:MM"), the breaks cut out."""
        days = {day: getattr(self, day) for day in DAYS if not self.written or day in self.model_fields_set}
        return {day: tuple(without(spans, self.breaks)) for day, spans in days.items() if spans}

    @property
    def closed_dates(self) -> dict[date, str]:
        """The dates on which the desk is closed, holidays and own ones, each with its name ("" for own ones)."""
        return {**(holidays_of(self.holidays) if self.holidays else {}), **dict.fromkeys(self.closed_on, "")}

    @property
    def other_dates(self) -> dict[date, tuple[tuple[str, str], ...]]:
        """The hours of the dates that are exceptions; the breaks of the week are not cut out of them."""
        return {one.date: one.hours for one in self.exceptions}

    def as_hours(self, zone: ZoneInfo) -> BusinessHours:
        """The business hours in a zone. Raises `HoursError`."""
        return BusinessHours(zone, self.week, self.closed_dates, self.other_dates)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        twice = {one.date for one in self.exceptions if [two.date for two in self.exceptions].count(one.date) > 1}
        if twice:
            raise wrong(f"{min(twice)} stands in two exceptions; write one with all of its hours")
        try:
            self.as_hours(ZoneInfo("UTC"))
        except HoursError as error:
            raise wrong(error.sentence.rstrip(".")) from None
        if not self.week and not any(self.other_dates.values()):
            raise wrong('the desk never opens; write the hours of a day: mon = "09:00-17:00"')
        return self


class TeamSection(HoursSection):
    """[teams.lisbon]: a team with hours of its own. What is not written is as in [hours]."""

    group: Group = option(..., '"S0123ABCD"')

    def as_team(self, desk: HoursSection, zone: ZoneInfo) -> BusinessHours:
        """The team's hours, beside the desk's in `zone`. Raises `HoursError` where the two do not go together."""
        closed = {**(self.closed_dates if self.holidays else desk.closed_dates), **dict.fromkeys(self.closed_on, "")}
        return BusinessHours(
            self.zone or zone,
            self.week if self.written else {day: without(spans, self.breaks) for day, spans in desk.week.items()},
            closed,
            self.other_dates or desk.other_dates,
        )


class Promise(Section):
    """[sla.x], [sla.facebook]: what is promised on one platform, in business time."""

    first: Duration = option(timedelta(hours=1), '"1h"')
    next: Duration = option(timedelta(hours=1), '"1h"')
    private: Duration = option(timedelta(minutes=30), '"30m"')


class PromiseOnX(Promise):
    """[sla.x]: a public answer on X is expected sooner."""

    first: Duration = option(timedelta(minutes=15), '"15m"')


class SlaSection(Section):
    """[sla]: the promises, and when somebody is told that one comes near."""

    warn_at: float = option(0.75, "0.75", gt=0, lt=1)
    warn_channel: bool = option(True, "true")
    holding_counts: bool = option(True, "true")
    holding_within: Duration = option(timedelta(hours=2), '"2h"')
    x: PromiseOnX = Field(default_factory=PromiseOnX)
    facebook: Promise = Field(default_factory=Promise)

    @property
    def policies(self) -> dict[str, SlaPolicy]:
        """The promises by platform, as the desk's own values."""
        each = {"x": self.x, "facebook": self.facebook}
        return {name: SlaPolicy(own.first, own.next, own.private, self.warn_at) for name, own in each.items()}

    def as_policies(self, shares: Shares) -> tuple[Policy, ...]:
        """The same as policies, private talk first: what holds where none of [[policies]] matches."""
        found: list[Policy] = []
        for name, own in (("x", self.x), ("facebook", self.facebook)):
            title = TITLES[name]
            private = Match((name,), private=True)
            found.append(Policy(f"{title}, private", private, own.private, own.private, shares=shares))
            public = Match((name,), private=False)
            found.append(Policy(f"{title}, public", public, own.first, own.next, shares=shares))
        return tuple(found)


class PolicySection(Section):
    """[[policies]]: what is promised to some inquiries. The first that matches holds; [sla.…] comes after them."""

    name: Line = option(..., '"VIP"')
    platforms: list[PlatformName] = option([], '["x"]')
    private: bool | None = option(None, "true")
    kinds: list[Kind] = option([], '["mention"]')
    priorities: list[Priority] = option([], '["urgent"]')
    vip: bool | None = option(None, "true")
    languages: list[Language] = option([], '["de"]')
    preset: str | None = option(None, '"15m"')
    first: Duration | None = option(None, '"15m"')
    next: Duration | None = option(None, '"1h"')
    resolution: Duration | None = option(None, '"24h"')
    time: TimeKind = option("business", '"calendar"')
    ladder: list[float] | None = option(None, "[0.5, 0.75, 0.9]")

    @model_validator(mode="after")
    def _promises(self) -> Self:
        if self.preset is not None and self.preset not in PRESETS:
            known = ", ".join(f"{quoted(one.name)} ({one.guide}: {one.says})" for one in PRESETS.values())
            raise wrong(f"{quoted(self.preset)} is no preset; known are {known}")
        if self.preset is None and self.first is self.next is self.resolution is None:
            raise wrong(f'{quoted(self.name)} promises nothing; write first = "1h", or preset = "1h"')
        if self.ladder is not None:
            if len(self.ladder) != 3 or any(not 0 <= share < 1 for share in self.ladder):
                raise wrong(
                    "ladder has three shares below 1, for colour, ping and channel; write ladder = [0.5, 0.75, 0.9]"
                )
            if (why := _falls(self.ladder)) is not None:
                raise wrong(f"ladder: {why}; write ladder = [0.5, 0.75, 0.9]")
        return self

    def as_policy(self, shares: Shares) -> Policy:
        """The desk's own value; `shares` hold where the policy has none of its own."""
        preset = PRESETS[self.preset].first if self.preset else None
        match = Match(
            tuple(self.platforms),
            self.private,
            tuple(self.kinds),
            tuple(self.priorities),
            self.vip,
            tuple(self.languages),
        )
        return Policy(
            self.name,
            match,
            self.first or preset,
            self.next or preset,
            self.resolution,
            Time(self.time),
            Shares(*(share or None for share in self.ladder)) if self.ladder else shares,
        )


def _falls(shares: list[float]) -> str | None:
    wanted = [share for share in shares if share]
    if any(later < earlier for earlier, later in pairwise(wanted)):
        return "the shares rise: colour first, then ping, then channel"
    return None


def _in_order(policies: list[PolicySection]) -> list[PolicySection]:
    """The policies as they are, unless two have one name, or one can never be chosen."""
    names = [policy.name for policy in policies]
    if twice := [name for name in names if names.count(name) > 1]:
        raise wrong(f"two policies are called {quoted(twice[0])}; give each a name of its own")
    for policy, earlier in never_reached([policy.as_policy(Shares()) for policy in policies]):
        raise wrong(
            f"{quoted(policy.name)} is never reached, because {quoted(earlier.name)} stands before it and takes all of "
            "its inquiries; put the narrower one first"
        )
    return policies


Policies = Annotated[list[PolicySection], AfterValidator(_in_order)]


class LadderSection(Section):
    """[ladder]: at which shares of a promised time something is said, and how often at most. 0 leaves a step out."""

    colour: float = option(0.5, "0.5", ge=0, lt=1)
    ping: float | None = option(None, "0.75", ge=0, lt=1)
    channel: float = option(0.9, "0.9", ge=0, lt=1)
    merge_minutes: int = option(10, "10", ge=0, le=240)
    quiet: Duration = option(timedelta(minutes=30), '"30m"')
    together: int = option(5, "5", ge=1, le=100)

    @property
    def merge(self) -> timedelta:
        """Steps closer than this are one."""
        return timedelta(minutes=self.merge_minutes)

    def shares(self, warn_at: float) -> Shares:
        """The shares; the ping's is that of [sla] unless it is written here. A step that comes too late, or too early,
        for the ping is left out."""
        ping = warn_at if self.ping is None else self.ping or None
        colour, channel = self.colour or None, self.channel or None
        if ping is not None and colour is not None and colour > ping:
            colour = None
        if channel is not None and channel < (ping or colour or 0):
            channel = None
        return Shares(colour, ping, channel)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        steps = [getattr(self, name) for name in ("colour", "ping", "channel") if name in self.model_fields_set]
        if (why := _falls([step for step in steps if step is not None])) is not None:
            raise wrong(f"{why}; write colour = 0.5, ping = 0.75, channel = 0.9")
        return self


def own_dates(hours: HoursSection) -> Mapping[date, str]:
    """What a date is called: a holiday's name, the reason of an exception."""
    return {**hours.closed_dates, **{one.date: one.why for one in hours.exceptions if one.why}}
