"""What the owner chose: one commented TOML file, checked whole, and the secrets from the environment.

`load` gives a `Settings` or raises one `ConfigError` with every mistake, each naming the file, the line, the setting,
what is wrong and the form to write. Only `bot.py` calls it; everything else is handed plain values.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from config import reading
from config.forms import (
    Channel,
    Duration,
    Group,
    Handle,
    Line,
    Notice,
    SignOff,
    SlackUrl,
    Spans,
    Url,
    Zone,
    option,
    wrong,
)
from config.reading import Mistake, Place, Read, is_secret, quoted
from config.wording import EXAMPLE, explain, options_of, sentence, unknown
from desk.model.hours import DAYS, BusinessHours, HoursError
from desk.model.rules import Rules
from desk.model.sla import SlaPolicy

LARGEST = 256 * 1024
"""Bytes that a configuration file may have; a real one has some thousand."""
PREFIX = "FRONTDESK_"


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` holds every mistake, a sentence each, in the order of the file."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(self.mistakes))


class Secret(SecretStr):
    """A token. It is shown as ••• wherever it is printed; `get_secret_value()` gives it out."""

    def _display(self) -> str:
        return "•••"


def environment() -> dict[str, str]:
    """The process's environment; the one place that reads it."""
    return dict(os.environ)


class Section(BaseModel):
    """A section of the file: frozen, strict, and without options that nobody knows."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", arbitrary_types_allowed=True)


class DeskSection(Section):
    """[desk]: the desk itself. `zone` is where `[hours]` gets its own from; times inside are UTC."""

    name: str = option("Frontdesk", '"Acme"', min_length=1, max_length=60)
    data_dir: str = option("data", '"data"', min_length=1)
    zone: Zone = option(ZoneInfo("UTC"), '"Europe/Lisbon"')
    undo_seconds: int = option(10, "10", ge=0, le=300)
    late_seconds: int = option(60, "60", ge=0, le=3600)
    reopen_days: int = option(30, "30", ge=1, le=3650)

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

    @property
    def poll(self) -> timedelta:
        """How often we look."""
        return timedelta(seconds=self.poll_seconds)

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if self.enabled and not self.page_id:
            raise wrong('page_id is missing; write the number of your Page: page_id = "1234567890"')
        return self


_OFFICE: tuple[tuple[str, str], ...] = (("09:00", "17:00"),)


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

    @property
    def week(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """The open days, "mon" … "sun", each with its opening and closing times ("HH:MM")."""
        written = any(day in self.model_fields_set for day in DAYS)
        days = {day: getattr(self, day) for day in DAYS if not written or day in self.model_fields_set}
        return {day: spans for day, spans in days.items() if spans}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            BusinessHours(ZoneInfo("UTC"), self.week)
        except HoursError as error:
            raise wrong(error.sentence.rstrip(".")) from None
        if not self.week:
            raise wrong('the desk never opens; write the hours of a day: mon = "09:00-17:00"')
        return self


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
    x: PromiseOnX = Field(default_factory=PromiseOnX)
    facebook: Promise = Field(default_factory=Promise)

    @property
    def policies(self) -> dict[str, SlaPolicy]:
        """The promises by platform, as the desk's own values."""
        each = {"x": self.x, "facebook": self.facebook}
        return {name: SlaPolicy(own.first, own.next, own.private, self.warn_at) for name, own in each.items()}


class AvailabilitySection(Section):
    """[availability]: what the public reads about the office hours, by platform."""

    x: Notice = option("We answer here {hours} ({zone}).", quoted("We answer here {hours} ({zone})."), max_length=1000)
    facebook: Notice = option(
        "We answer here {hours} ({zone}).", quoted("We answer here {hours} ({zone})."), max_length=5000
    )


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


class Settings(Section):
    """Everything that the owner chose. `folder` is where relative paths begin: the file's own folder."""

    desk: DeskSection = Field(default_factory=DeskSection)
    slack: SlackSection
    signature: SignatureSection = Field(default_factory=SignatureSection)
    x: XSection = Field(default_factory=XSection)
    facebook: FacebookSection = Field(default_factory=FacebookSection)
    hours: HoursSection = Field(default_factory=HoursSection)
    sla: SlaSection = Field(default_factory=SlaSection)
    availability: AvailabilitySection = Field(default_factory=AvailabilitySection)
    guide: GuideSection = Field(default_factory=GuideSection)
    secrets: Secrets = Field(default_factory=lambda: _secrets({}), exclude=True)
    folder: Path = Field(default=Path(), exclude=True)

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
        return BusinessHours(self.zone, self.hours.week)

    def missing_secrets(self) -> list[str]:
        """A sentence for each token that a part which is switched on needs, and the environment does not hold."""
        return [sentence for _, sentence in self._missing()]

    def _missing(self) -> Iterator[tuple[str, str]]:
        needed = ["slack_bot_token", "slack_app_token"]
        if self.x.enabled:
            needed += [name for name in Secrets.model_fields if name.startswith("x_")]
        if self.facebook.enabled:
            needed += [name for name in Secrets.model_fields if name.startswith("facebook_")]
        for name in needed:
            if getattr(self.secrets, name) is None:
                section = name.split("_", 1)[0]
                sentence = (
                    f"{PREFIX}{name.upper()} is not set. Put the token into the environment; "
                    f"docs/install/{_PAGES[section]} says where to find it."
                )
                yield name, sentence

    def rules(self) -> Rules:
        """The desk's own view of all this, without addresses and tokens."""
        on = {name: part for name, part in (("x", self.x), ("facebook", self.facebook)) if part.enabled}
        return Rules(
            name=self.desk.name,
            channel=self.slack.channel,
            leads_channel=self.slack.leads_channel,
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
        )


_PAGES = {"slack": "slack.md", "x": "x.md", "facebook": "meta.md"}
_NOT_OPTIONS = {"secrets", "folder"}


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
    found = reading.read(text.removeprefix("\ufeff"))
    _refuse_secrets(found)
    secrets = _secrets(env)
    about_env = _odd_secrets(env)
    settings: Settings | None = None
    values = {key: value for key, value in found.values.items() if key not in _NOT_OPTIONS}
    for key in _NOT_OPTIONS & found.values.keys():
        found.mistakes.append(Mistake(found.lines.get((key,)), (key,), unknown((key,), Settings)))
    try:
        settings = Settings.model_validate(values | {"secrets": secrets, "folder": folder or Path()})
    except ValidationError as error:
        explain(error, found, Settings)
    if need_secrets:
        asked = settings or _as_far_as_told(found, secrets)
        about_env += asked.missing_secrets()
    mistakes = [sentence(name, mistake) for mistake in sorted(found.mistakes, key=lambda one: one.line or 0)]
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
        if re.match(f"{PREFIX}(SLACK|X|FACEBOOK|META|TWITTER)_", key) and key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            guess = f" Did you mean {near[0]}?" if near else f" Known are {', '.join(known)}."
            said.append(f"{key} is not known.{guess}")
    return said


def _as_far_as_told(found: Read, secrets: Secrets) -> Settings:
    """Enough of broken settings to say which tokens are missing: what is switched on."""

    def on(name: str) -> bool:
        section = found.values.get(name)
        return isinstance(section, dict) and section.get("enabled") is True

    x = XSection.model_construct(enabled=on("x"))
    return Settings.model_construct(
        x=x, facebook=FacebookSection.model_construct(enabled=on("facebook")), secrets=secrets
    )


def _refuse_secrets(found: Read) -> None:
    """Says of each secret in the file that it does not belong there, and takes it out before anything can print it."""

    def walk(values: dict[str, Any], path: Place) -> None:
        for key in list(values):
            here = (*path, key)
            value = values[key]
            if isinstance(value, dict):
                walk(value, here)
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
