"""What the owner chose: one commented TOML file, checked whole, and the secrets from the environment.

`load` gives a `Settings` or raises one `ConfigError` with every mistake, each naming the file, the line, the setting,
what is wrong and the form to write. Only `bot.py` calls it; everything else is handed plain values.
"""

from __future__ import annotations

import difflib
import gettext
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, InstanceOf, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from config import reading
from config.canned import read_canned, shipped
from config.catalogue import English, read_words
from config.customers import CustomersSection
from config.forms import (
    Channel,
    DoorKind,
    Folder,
    Group,
    Handle,
    Line,
    MediaKind,
    Section,
    SignOff,
    SlackUrl,
    Url,
    Zone,
    option,
    wrong,
)
from config.guards import GuardsSection, ReachSection
from config.notices import AcknowledgeSection, AvailabilitySection, ContactSection, HoldingSection, PrivateSection
from config.practice import PracticeSection, read_practice
from config.practice import shipped as practice_cases
from config.reading import NTH, Mistake, Place, Read, is_secret
from config.routes import RouteSection, odd_routes
from config.times import HoursSection, LadderSection, Policies, SlaSection, TeamSection, own_dates
from config.wording import EXAMPLE, explain, lists_of, options_of, sentence, unknown
from desk.model.canned import Canned
from desk.model.holding import TEXTS
from desk.model.hours import BusinessHours, HoursError
from desk.model.ladder import Ladder
from desk.model.policies import Policy
from desk.model.practice import Case, Practice
from desk.model.rules import Rules
from desk.model.storm import Storm
from desk.model.teams import Team

LARGEST = 256 * 1024
"""Bytes that a configuration file may have; a real one has some thousand."""
PREFIX = "FRONTDESK_"
HUMAN_AGENT = timedelta(days=7)
"""How long after a customer's message Messenger takes a person's answer, where Meta has granted the human-agent tag."""


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` holds every mistake, a sentence each, in the order of the file."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(self.mistakes))


class Secret(SecretStr):
    """A token. It is shown as ••• wherever it is printed; `get_secret_value()` gives it out."""

    def _display(self) -> str:
        return "•••"


CRASH_ORDERS = PREFIX + "CRASH_ORDERS"
"""Names a file that tells the desk at which point to die (desk/crash.py). For tests of the desk; no option."""


def environment() -> dict[str, str]:
    """The process's environment; the one place that reads it."""
    return dict(os.environ)


class DeskSection(Section):
    """[desk]: the desk itself. `zone` is where `[hours]` gets its own from; times inside are UTC."""

    name: str = option("Frontdesk", '"Acme"', min_length=1, max_length=60)
    data_dir: Folder = option("data", '"data"', min_length=1)
    zone: Zone = option(ZoneInfo("UTC"), '"Europe/Lisbon"')
    undo_seconds: int = option(10, "10", ge=0, le=300)
    late_seconds: int = option(60, "60", ge=0, le=3600)
    reopen_days: int = option(30, "30", ge=1, le=3650)
    board: bool = option(False, "true")
    good_deeds: int = option(5, "5", ge=0, le=1000)
    canned: str = option("", '"config/canned"', max_length=300)
    words: str = option("", '"config/words/frontdesk.pot"', max_length=300)

    @property
    def undo(self) -> timedelta:
        """How long an answer is held, so that it can be taken back."""
        return timedelta(seconds=self.undo_seconds)

    @property
    def late(self) -> timedelta:
        """How much later than planned a held answer still goes out by itself, after the desk was down."""
        return timedelta(seconds=self.late_seconds)

    @property
    def reopen(self) -> timedelta:
        """How long a closed inquiry stays at hand before it moves to the archive."""
        return timedelta(days=self.reopen_days)


class SlackSection(Section):
    """[slack]: where the desk lives. Channels and groups are ids, which stay when a name changes."""

    base_url: SlackUrl = option("https://slack.com/api/", '"https://slack.com/api/"')
    channel: Channel = option(..., '"C0123ABCD"')
    leads_channel: Channel = option(..., '"C0123EFGH"')
    ops_channel: Channel | None = option(None, '"C0123IJKL"')
    agents_group: Group = option(..., '"S0123ABCD"')
    leads_group: Group = option(..., '"S0123EFGH"')
    command_prefix: str = option("", '"acme-"', pattern=r"^([a-z0-9][a-z0-9_-]{0,19})?$")
    all_verbs: bool = option(False, "true")
    topic: bool = option(False, "true")
    door: DoorKind = option("socket", '"socket"')

    reactions: bool = option(False, "true")
    media: MediaKind = option("links", '"links"')
    routes: list[RouteSection] = Field(default_factory=list, max_length=50)


class SignatureSection(Section):
    """[signature]: how an answer is signed. `form` "" signs nothing, which `required` = false must confirm."""

    form: SignOff = option("– {first}", '"– {first}"')
    required: bool = option(True, "true")

    @model_validator(mode="after")
    def _unsigned_on_purpose(self) -> Self:
        if self.required and not self.form:
            raise wrong('form = "" signs nothing; if that is meant, write also required = false')
        return self


class XSection(Section):
    """[x]: X, by API v2. Money is in US dollars; a month is a calendar month in UTC."""

    enabled: bool = option(False, "true")
    base_url: Url = option("https://api.twitter.com", '"https://api.twitter.com"')
    account: Handle = option("", '"acme"', pattern=r"^[A-Za-z0-9_]{0,15}$")
    poll_seconds: int = option(60, "60", ge=5, le=3600)
    monthly_reads: int = option(10_000, "10000", ge=0, le=100_000_000)
    price_per_read: float = option(0.005, "0.005", ge=0, le=10)
    directs: bool = option(True, "true")
    webhook: bool = option(False, "false")

    @property
    def poll(self) -> timedelta:
        """How often we look at most; the budget may make it rarer."""
        return timedelta(seconds=self.poll_seconds)

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if self.enabled and not self.account:
            raise wrong('account is missing; write the handle that you answer as: account = "acme"')
        return self


class FacebookSection(Section):
    """[facebook]: a Facebook Page and its Messenger, by the Graph API."""

    enabled: bool = option(False, "true")
    base_url: Url = option("https://graph.facebook.com", '"https://graph.facebook.com"')
    version: str = option("v23.0", '"v23.0"', pattern=r"^v\d{1,3}\.\d{1,2}$")
    page_id: str = option("", '"1234567890"', pattern=r"^\d{0,30}$")
    poll_seconds: int = option(60, "60", ge=5, le=3600)
    human_agent: bool = option(False, "true")
    webhook: bool = option(False, "false")
    backstop_seconds: int = option(300, "300", ge=5, le=3600)

    @property
    def poll(self) -> timedelta:
        """How often we look."""
        return timedelta(seconds=self.poll_seconds)

    @property
    def backstop(self) -> timedelta:
        """How often we look while webhooks bring what is new."""
        return timedelta(seconds=max(self.backstop_seconds, self.poll_seconds))

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if self.enabled and not self.page_id:
            raise wrong('page_id is missing; write the number of your Page: page_id = "1234567890"')
        return self


class WebSection(Section):
    """[web]: the desk's own HTTP server, for Slack's other door, webhooks, and the question how the desk does.

    It speaks no TLS: a proxy on the same machine does. Port 0 takes a free one.
    """

    enabled: bool = option(False, "true")
    host: str = option("127.0.0.1", '"127.0.0.1"', min_length=1, max_length=253)
    port: int = option(8760, "8760", ge=0, le=65535)


class GuideSection(Section):
    """[guide]: what `/guide` shows beside the promised times."""

    tone: list[Line] = option([], '["Say hello by name."]', max_length=30)
    decisions: list[Line] = option([], '["Refunds up to 50 euros."]', max_length=30)


class Secrets(BaseSettings):
    """The tokens, from the environment and from nowhere else: FRONTDESK_SLACK_BOT_TOKEN and so on."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    slack_bot_token: Secret | None = None
    slack_app_token: Secret | None = None
    x_bearer_token: Secret | None = None
    x_consumer_key: Secret | None = None
    x_consumer_secret: Secret | None = None
    x_access_token: Secret | None = None
    x_access_token_secret: Secret | None = None
    facebook_page_token: Secret | None = None
    facebook_app_secret: Secret | None = None
    slack_signing_secret: Secret | None = None
    facebook_verify_token: Secret | None = None
    customers_token: Secret | None = None


class StormSection(Section):
    """[storm]: when threads are not pushed any more, but asked for. Counts are of inquiries without a thread yet."""

    above: int = option(60, "60", ge=1, le=100_000)
    seconds: int = option(60, "60", ge=0, le=3600)
    below: int = option(20, "20", ge=1, le=100_000)
    alike: int = option(10, "10", ge=1, le=100_000)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.below > self.above:
            raise wrong("a storm must end below where it begins; write above = 60 and below = 20")
        return self

    def as_rule(self) -> Storm:
        """The desk's own view."""
        return Storm(self.above, timedelta(seconds=self.seconds), self.below, self.alike)


class Settings(Section):
    """Everything that the owner chose. `folder` is where relative paths begin: the file's own folder."""

    desk: DeskSection = Field(default_factory=DeskSection)
    slack: SlackSection
    signature: SignatureSection = Field(default_factory=SignatureSection)
    x: XSection = Field(default_factory=XSection)
    facebook: FacebookSection = Field(default_factory=FacebookSection)
    web: WebSection = Field(default_factory=WebSection)
    hours: HoursSection = Field(default_factory=HoursSection)
    teams: dict[str, TeamSection] = Field(default_factory=dict, examples=["<name>"])
    sla: SlaSection = Field(default_factory=SlaSection)
    policies: Policies = Field(default_factory=list, max_length=100)
    ladder: LadderSection = Field(default_factory=LadderSection)
    storm: StormSection = Field(default_factory=StormSection)
    availability: AvailabilitySection = Field(default_factory=AvailabilitySection)
    acknowledge: AcknowledgeSection = Field(default_factory=AcknowledgeSection)
    holding: HoldingSection = Field(default_factory=HoldingSection)
    contact: ContactSection = Field(default_factory=ContactSection)
    private: PrivateSection = Field(default_factory=PrivateSection)
    customers: CustomersSection = Field(default_factory=CustomersSection)
    guards: GuardsSection = Field(default_factory=GuardsSection)
    reach: ReachSection = Field(default_factory=ReachSection)
    guide: GuideSection = Field(default_factory=GuideSection)
    practice: PracticeSection = Field(default_factory=PracticeSection)
    secrets: Secrets = Field(default_factory=lambda: _secrets({}), exclude=True)
    folder: Path = Field(default=Path(), exclude=True)
    responses: tuple[Canned, ...] = Field(default=(), exclude=True, repr=False)
    cases: tuple[Case, ...] = Field(default=(), exclude=True, repr=False)
    spoken: InstanceOf[gettext.NullTranslations] = Field(default_factory=English, exclude=True, repr=False)

    @property
    def data_dir(self) -> Path:
        """The folder of the store."""
        return self.folder / self.desk.data_dir

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the business hours."""
        return self.hours.zone or self.desk.zone

    @cached_property
    def business_hours(self) -> BusinessHours:
        """When the team is there, until a lead sets other hours by command."""
        return self.hours.as_hours(self.zone)

    @property
    def all_teams(self) -> tuple[Team, ...]:
        """The teams that have hours of their own, in the order of the file."""
        return tuple(
            Team(name, own.group, own.as_team(self.hours, self.zone), tuple(own.breaks))
            for name, own in self.teams.items()
        )

    @property
    def all_policies(self) -> tuple[Policy, ...]:
        """What is promised, in the order in which it is looked up: [[policies]], then [sla.x] and [sla.facebook]."""
        shares = self.ladder.shares(self.sla.warn_at)
        return (*(own.as_policy(shares) for own in self.policies), *self.sla.as_policies(shares))

    @property
    def served(self) -> tuple[str, ...]:
        """The languages in which customers are answered."""
        return tuple(self.customers.languages or self.availability.languages or TEXTS)

    @property
    def without_inquiries(self) -> dict[str, str]:
        """The channels in which no inquiry can live, each with what it is for."""
        each = {
            self.practice.channel: "the practice channel",
            self.slack.ops_channel: "the channel for the desk's own troubles (ops_channel)",
            self.slack.leads_channel: "the leads' channel (leads_channel)",
        }
        return {channel: what for channel, what in each.items() if channel}

    def missing_secrets(self) -> list[str]:
        """A sentence for each token that a part which is switched on needs, and the environment does not hold."""
        return [sentence for _, sentence in self._missing()]

    def _missing(self) -> Iterator[tuple[str, str]]:
        needed = ["slack_bot_token", "slack_app_token" if self.slack.door == "socket" else "slack_signing_secret"]
        if self.x.enabled:
            needed += [name for name in Secrets.model_fields if name.startswith("x_")]
        if self.facebook.enabled:
            needed += ["facebook_page_token", "facebook_app_secret"]
            needed += ["facebook_verify_token"] if self.facebook.webhook else []
        for name in needed:
            if getattr(self.secrets, name) is None:
                section = name.split("_", 1)[0]
                sentence = (
                    f"{PREFIX}{name.upper()} is not set. Put the token into the environment; "
                    f"docs/install/{_PAGES.get(name, _PAGES[section])} says where to find it."
                )
                yield name, sentence

    def rules(self) -> Rules:
        """The desk's own view of all this, without addresses and tokens."""
        on = {name: part for name, part in (("x", self.x), ("facebook", self.facebook)) if part.enabled}
        return Rules(
            name=self.desk.name,
            channel=self.slack.channel,
            leads_channel=self.slack.leads_channel,
            ops_channel=self.slack.ops_channel or "",
            routes=tuple(route.as_route() for route in self.slack.routes),
            agents_group=self.slack.agents_group,
            leads_group=self.slack.leads_group,
            hours=self.business_hours,
            policies=self.sla.policies,
            undo=self.desk.undo,
            late=self.desk.late,
            sign_off=self.signature.form,
            sign_required=self.signature.required,
            warn_channel=self.sla.warn_channel,
            monthly_reads={"x": self.x.monthly_reads} if self.x.enabled and self.x.monthly_reads else {},
            price_per_read={"x": self.x.price_per_read} if self.x.enabled else {},
            poll_every={name: part.poll for name, part in on.items()},
            availability={name: getattr(self.availability, name) for name in on},
            tone=tuple(self.guide.tone),
            decisions=tuple(self.guide.decisions),
            prefix=self.slack.command_prefix,
            promises=self.all_policies,
            ladder=Ladder(self.ladder.merge, self.ladder.quiet, self.ladder.together),
            holding_counts=self.sla.holding_counts,
            holding_within=self.sla.holding_within,
            board=self.desk.board,
            topic=self.slack.topic,
            reactions=self.slack.reactions,
            bring_files=self.slack.media == "files",
            wow_monthly=self.desk.good_deeds,
            teams=self.all_teams,
            storm=self.storm.as_rule(),
            breaks=tuple(self.hours.breaks),
            dates=own_dates(self.hours),
            languages=tuple(self.availability.languages),
            served=tuple(self.customers.languages or self.availability.languages),
            look_up_again=self.customers.lookup_again,
            public_texts=self.availability.texts,
            post_at=tuple(self.availability.post_at),
            acknowledge=self.acknowledge.as_rule(),
            holding=self.holding.as_texts(),
            contact=self.contact.as_contact(),
            private=self.private.as_rule(*(() if self.x.directs else ("x",))),
            guards=self.guards.as_guards(self.contact.email, self.contact.phone),
            reach=self.reach.as_rule(),
            canned=self.responses,
            practice=Practice(self.practice.channel or "", self.cases),
            tagged={"facebook": HUMAN_AGENT} if self.facebook.human_agent else {},
            backstop={"facebook": self.facebook.backstop} if self.facebook.webhook else {},
        )


_PAGES = {
    "slack": "slack.md",
    "x": "x.md",
    "facebook": "meta.md",
    "slack_signing_secret": "http.md",
    "facebook_verify_token": "http.md",
}
_NOT_OPTIONS = {"secrets", "folder", "responses", "cases", "spoken"}


def load(path: Path | None, env: Mapping[str, str], *, need_secrets: bool = True) -> Settings:
    """Reads and checks the file and the secrets. `env` is what `environment()` gives.

    Without a path only defaults and secrets are left, which lacks the channels. `need_secrets=False` lets missing
    tokens pass (they are in `Settings.missing_secrets()`), for what can work without them. Raises `ConfigError` with
    every mistake at once.
    """
    if path is None:
        return parse("", env, need_secrets=need_secrets)
    return parse(_text_of(path), env, name=str(path), folder=path.parent, need_secrets=need_secrets)


def parse(
    text: str,
    env: Mapping[str, str],
    *,
    name: str = "frontdesk.toml",
    folder: Path | None = None,
    need_secrets: bool = True,
) -> Settings:
    """As `load`, from the text of a file. `name` is what mistakes call it."""
    found = reading.read(text.removeprefix("\ufeff"), list(lists_of(Settings)))
    _refuse_secrets(found)
    secrets = _secrets(env)
    about_env = _odd_secrets(env)
    settings: Settings | None = None
    values = {key: value for key, value in found.values.items() if key not in _NOT_OPTIONS}
    for key in _NOT_OPTIONS & found.values.keys():
        found.mistakes.append(Mistake(found.lines.get((key,)), (key,), unknown((key,), Settings)))
    try:
        settings = Settings.model_validate(values | {"secrets": secrets, "folder": folder or Path()})
        found.mistakes += [
            *_odd_teams(settings, found),
            *_shut_doors(settings, found),
            *odd_routes(settings.slack.routes, settings.without_inquiries, settings.served, found),
        ]
    except ValidationError as error:
        explain(error, found, Settings)
    if need_secrets:
        asked = settings or _as_far_as_told(found, secrets)
        about_env += asked.missing_secrets()
    mistakes = [sentence(name, mistake) for mistake in sorted(found.mistakes, key=lambda one: one.line or 0)]
    if settings is not None or not found.broken(("desk", "canned")):
        responses, wrong_ones = _canned(found, folder or Path())
        mistakes += wrong_ones
        settings = None if settings is None else settings.model_copy(update={"responses": responses})
    if settings is not None:
        own = settings.practice.inquiries
        cases, wrong_ones = read_practice(settings.folder / own) if own else (practice_cases(), [])
        mistakes += wrong_ones
        spoken, odd_ones = read_words(settings.folder / named) if (named := settings.desk.words) else (English(), [])
        mistakes += odd_ones
        settings = settings.model_copy(update={"cases": cases, "spoken": spoken})
    mistakes += [f"Environment: {sentence}" for sentence in about_env]
    if mistakes or settings is None:
        raise ConfigError(mistakes)
    return settings


def options() -> Iterator[tuple[str, FieldInfo]]:
    """Every option with its place, in the order of the file: ("desk.undo_seconds", …). For docs and tests."""
    for name, info in options_of(Settings):
        if name not in _NOT_OPTIONS:
            yield name, info


def secret_names() -> list[str]:
    """The environment variables that hold secrets."""
    return [PREFIX + name.upper() for name in Secrets.model_fields]


# Below: reading the file, the environment, and turning what is wrong into sentences.


def _text_of(path: Path) -> str:
    """The text of the file. Raises `ConfigError` where there is none that could be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise ConfigError(
            [f"{path}: there is no such file. Copy the example and fill it in: cp {EXAMPLE} {path}"]
        ) from None
    except OSError as error:
        raise ConfigError(
            [f"{path}: it cannot be read ({error.strerror}). Name a file: --config frontdesk.toml"]
        ) from None
    if len(data) > LARGEST:
        line = data[:LARGEST].count(b"\n") + 1
        raise ConfigError(
            [f"{path}:{line}: this is more than {LARGEST // 1024} KiB. Write only what the example shows."]
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}: this is not UTF-8. Save the file as UTF-8."]) from None


class _FromMapping(EnvSettingsSource):
    """pydantic-settings' reader of the environment, over a mapping that it was handed."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = {key.lower(): value.strip() for key, value in env.items() if value.strip()}
        super().__init__(Secrets)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._env


def _secrets(env: Mapping[str, str]) -> Secrets:
    found = _FromMapping(env)()
    return Secrets.model_construct(None, **{name: Secret(value) for name, value in found.items()})


def _odd_secrets(env: Mapping[str, str]) -> list[str]:
    """Sentences on tokens that cannot be right, and on names that are nearly ours. No value is repeated."""
    said = []
    for name in Secrets.model_fields:
        value = env.get(PREFIX + name.upper(), "").strip()
        if value and (not value.isascii() or re.search(r"[\s\"']", value)):
            said.append(f"{PREFIX}{name.upper()} holds spaces, quotes or odd characters. Copy the token alone.")
    for name, own, other in (("slack_bot_token", "xoxb-", "bot"), ("slack_app_token", "xapp-", "app-level")):
        value = env.get(PREFIX + name.upper(), "").strip()
        if value and not value.startswith(own):
            said.append(f"{PREFIX}{name.upper()} is not the {other} token, which begins with {own}.")
    known = secret_names()
    for key in sorted(env):
        if re.match(f"{PREFIX}(SLACK|X|FACEBOOK|META|TWITTER|CUSTOMERS)_", key) and key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            guess = f" Did you mean {near[0]}?" if near else f" Known are {', '.join(known)}."
            said.append(f"{key} is not known.{guess}")
    return said


def _odd_teams(settings: Settings, found: Read) -> Iterator[Mistake]:
    """A mistake for each team whose own hours and those that it takes from the desk do not go together."""
    for name, own in settings.teams.items():
        try:
            own.as_team(settings.hours, settings.zone)
        except HoursError as error:
            line = found.lines.get(("teams", name))
            yield Mistake(line, (), f"[teams.{name}]: with the desk's own dates: {error.sentence}")


def _canned(found: Read, folder: Path) -> tuple[tuple[Canned, ...], list[str]]:
    """The canned answers and what is wrong with them: those of the owner's folder, else those of Frontdesk."""
    desk = found.values.get("desk")
    named = desk.get("canned") if isinstance(desk, dict) else None
    return read_canned(folder / named) if isinstance(named, str) and named else (shipped(), [])


def _shut_doors(settings: Settings, found: Read) -> Iterator[Mistake]:
    """A mistake for each part that is to be reached by HTTP where the server is not switched on."""
    asked = {
        ("slack", "door"): settings.slack.door == "http",
        ("x", "webhook"): settings.x.webhook,
        ("facebook", "webhook"): settings.facebook.webhook,
    }
    for place, wanted in asked.items():
        if wanted and not settings.web.enabled:
            why = f"{place[1]} needs the desk's own server. Write [web] enabled = true, or take this line out."
            yield Mistake(found.lines.get(place), place, why)


def _as_far_as_told(found: Read, secrets: Secrets) -> Settings:
    """Enough of broken settings to say which tokens are missing: what is switched on."""

    def on(name: str) -> bool:
        section = found.values.get(name)
        return isinstance(section, dict) and section.get("enabled") is True

    x = XSection.model_construct(enabled=on("x"))
    facebook = FacebookSection.model_construct(enabled=on("facebook"))
    return Settings.model_construct(slack=SlackSection.model_construct(), x=x, facebook=facebook, secrets=secrets)


def _refuse_secrets(found: Read) -> None:
    """Says of each secret in the file that it does not belong there, and takes it out before anything can print it."""

    def walk(values: dict[str, Any], path: Place) -> None:
        for key in list(values):
            here = (*path, key)
            value = values[key]
            if isinstance(value, dict):
                walk(value, here)
            elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
                for count, one in enumerate(value, start=1):
                    if isinstance(one, dict):
                        walk(one, (*here, f"{NTH}{count}"))
            elif any(is_secret(here, one) for one in (value if isinstance(value, list) else [value])):
                del values[key]
                found.mistakes.append(Mistake(found.lines.get(here), here, _secret_in_file(here)))

    walk(found.values, ())


def _secret_in_file(path: Place) -> str:
    wanted = PREFIX + "_".join(path[-2:]).upper()
    near = difflib.get_close_matches(wanted, secret_names(), 1, 0.6)
    where = near[0] if near else "the environment (docs/configuration.md lists the names)"
    return (
        f"{path[-1]} looks like a secret, and those stand in no file. Take it out, renew it, and put it into {where}."
    )
