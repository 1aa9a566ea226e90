"""The forms of single values: what an owner may write for a length of time, a zone, an address, a channel.

Each says what is wrong as the middle of a sentence; the form to write is added from the option's own example.
"""

from __future__ import annotations

import re
import string
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from config.reading import quoted, shown
from desk.model.hours import BusinessHours, HoursError, without
from desk.model.notice import ACK_FACTS, PUBLIC_FACTS, misformed, names_in
from desk.model.private import FACTS as INVITE_FACTS
from desk.model.signature import WrongForm, checked
from desk.model.tongues import TONGUES
from desk.model.week import zone_named


def wrong(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("form", "{sentence}", {"sentence": sentence})


class Section(BaseModel):
    """A section of the file: frozen, strict, and without options that nobody knows."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", arbitrary_types_allowed=True)


_DURATION = re.compile(r"(?:(\d{1,4})h)?\s*(?:(\d{1,5})m)?", re.ASCII)


def _duration(value: Any) -> timedelta:
    """A length of time such as "15m", "1h" or "1h 30m"; more than nothing, at most 1,000 hours."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise wrong("a length of time is a text with its unit")
    match = _DURATION.fullmatch(value.strip())
    if match is None or not value.strip():
        raise wrong(f"{quoted(value)} is no length of time; hours are h, minutes are m")
    length = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0))
    if not timedelta(0) < length <= timedelta(hours=1000):
        raise wrong(f"{quoted(value)} must be more than nothing and at most 1000h")
    return length


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    if not isinstance(value, str):
        raise wrong("a time zone is the name of a place, in quotes")
    try:
        return zone_named(value)
    except HoursError as error:
        raise wrong(error.sentence.rstrip(".")) from None


def _spans(value: Any) -> tuple[tuple[str, str], ...]:
    """The hours of a day: "09:00-17:00", a list of such, or "closed"."""
    if isinstance(value, str) and value.strip().casefold() in ("", "closed"):
        return ()
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise wrong("the hours of a day are a text in quotes")
    try:
        return BusinessHours(ZoneInfo("UTC"), {"mon": _sides(parts)}).week.get("mon", ())
    except HoursError as error:
        raise wrong(" ".join(sentence.removeprefix("Monday: ") for sentence in error.mistakes).rstrip(".")) from None


def _sides(parts: list[Any] | tuple[Any, ...]) -> list[tuple[str, str]]:
    """Spans of time as their two sides, each still to be checked."""
    spans = []
    for part in parts:
        if isinstance(part, tuple):
            spans.append(part)
            continue
        if not isinstance(part, str):
            raise wrong(f"{shown(part)} is not a text in quotes")
        sides = [side.strip() for side in re.split(r"[-–]", part)]
        if len(sides) != 2:
            raise wrong(f"{quoted(part)} is no span of time")
        spans.append((sides[0], sides[1]))
    return spans


def _breaks(value: Any) -> tuple[tuple[str, str], ...]:
    """Breaks of a day, written like hours; one in the night counts on beyond 24:00 as well."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise wrong("breaks are a list of texts in quotes")
    sides = _sides(parts)
    try:
        without([("00:00", "48:00")], sides)
    except HoursError as error:
        raise wrong(" ".join(sentence.removeprefix("The break: ") for sentence in error.mistakes).rstrip(".")) from None
    return tuple(sides)


_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTHS = TONGUES["en"].months


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise wrong("a date is a text in quotes")
    match = _ISO.fullmatch(value.strip())
    if match is None:
        raise wrong(f"{quoted(value)} is no date; dates are written year, month, day")
    year, month, day = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        if 1 <= month <= 12:
            raise wrong(f"{quoted(value)}: {year} has no {day} {_MONTHS[month - 1]}") from None
        raise wrong(f"{quoted(value)} is no date; there is no month {month}") from None


def _language(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("a language is its short code, in quotes")
    if not re.fullmatch(r"[a-z]{2,3}", value.strip()):
        raise wrong(f"{quoted(value)} is no language; write its short code in small letters")
    return value.strip()


def _one_of(what: str, *known: str) -> BeforeValidator:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise wrong(f"a {what} is a text in quotes")
        if value.strip() not in known:
            raise wrong(f"{quoted(value)} is no {what}; known are {', '.join(known)}")
        return value.strip()

    return BeforeValidator(check)


def _text(*known: str) -> BeforeValidator:
    """A text for customers, with facts in braces, and parts in brackets that may be left out."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise wrong("this is a text in quotes")
        if (why := misformed(value, known)) is not None:
            raise wrong(why)
        return value

    return BeforeValidator(check)


def _folder(value: Any) -> str:
    """A folder's name; what is seen from the configuration's own folder may not lead out of it."""
    if not isinstance(value, str):
        raise wrong("a folder is a text in quotes")
    if "\0" in value:
        raise wrong(f"{quoted(value)} holds a character that no folder's name may hold")
    if ".." in value.split("/"):
        raise wrong(f"{quoted(value)} leads out of the folder that this file is in; write the whole path, from / on")
    return value


Folder = Annotated[str, BeforeValidator(_folder)]


def _url(value: Any) -> str:
    """An address without its last slash; in clear text only on this machine, since tokens travel there."""
    if not isinstance(value, str):
        raise wrong("an address is a text in quotes")
    try:
        parts = urlsplit(value.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong(f"{quoted(value)} is no address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise wrong(f"{quoted(value)} is no address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise wrong("an address here has no user, no password, no ? and no #")
    if parts.scheme == "http" and host not in ("127.0.0.1", "::1", "localhost"):
        raise wrong("tokens are sent there, so the address begins with https://")
    return value.strip().rstrip("/")


def _slack_url(value: Any) -> str:
    return _url(value) + "/"


def _slack_id(letters: str, what: str, where: str) -> BeforeValidator:
    pattern = re.compile(f"[{letters}][A-Z0-9]{{2,20}}")

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise wrong(f"a {what} is written by its id, in quotes")
        if not pattern.fullmatch(value.strip()):
            raise wrong(f"{quoted(value)} is not the id of a {what}; {where}")
        return value.strip()

    return BeforeValidator(check)


def _handle(value: Any) -> Any:
    return value.strip().removeprefix("@") if isinstance(value, str) else value


def _sign_off(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("the form of a sign-off is a text in quotes")
    try:
        return checked(value) if value else ""
    except WrongForm as error:
        raise wrong(error.sentence.rstrip(".")) from None


def _availability(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("this is a text in quotes")
    if not set(_fields(value)) <= {"hours", "zone", "until"}:
        raise wrong("only {hours}, {zone} and {until} are filled in")
    return value


def _fields(text: str) -> list[str]:
    """The placeholders of a text. Raises the error of a form where the braces do not match."""
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        raise wrong("each { needs its }") from None
    if any(spec or conversion for _, name, spec, conversion in parsed if name is not None):
        raise wrong("a placeholder is only a name: {first}")
    return [name for _, name, _, _ in parsed if name is not None]


def _names_when(text: str) -> str:
    if "{when}" not in text:
        raise wrong("it must say when the answer comes: {when}")
    return text


def _names_ways(text: str) -> str:
    if "ways" not in names_in(re.sub(r"\[[^\]]*\]", "", text)):
        raise wrong("it must name the other ways, outside of the brackets: {ways}")
    return text


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Spans = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_spans)]
Url = Annotated[str, BeforeValidator(_url)]
_CHANNEL_AT = "in Slack, click the channel's name; the id stands at the end of About"
Channel = Annotated[str, _slack_id("CG", "channel", _CHANNEL_AT)]
_GROUP_AT = "in Slack: Directories, User groups, the three dots, Copy group ID"
Group = Annotated[str, _slack_id("S", "user group", _GROUP_AT)]
SlackUrl = Annotated[str, BeforeValidator(_slack_url)]
Handle = Annotated[str, BeforeValidator(_handle)]
SignOff = Annotated[str, BeforeValidator(_sign_off)]
Notice = Annotated[str, BeforeValidator(_availability)]
Line = Annotated[str, Field(min_length=1, max_length=300)]


Breaks = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_breaks)]
Day = Annotated[date, BeforeValidator(_date)]
Language = Annotated[str, BeforeValidator(_language)]
PlatformName = Annotated[str, _one_of("platform", "x", "facebook")]
Kind = Annotated[
    str, _one_of("kind", "mention", "reply", "comment", "post", "visitor post", "message", "direct message")
]
Priority = Annotated[str, _one_of("priority", "low", "normal", "high", "urgent")]
Moment = Annotated[str, _one_of("moment", "opening", "closing")]
TimeKind = Annotated[str, _one_of("kind of time", "business", "calendar")]
Weight = Annotated[str, _one_of("weight", "off", "hint", "warn", "second")]
DoorKind = Annotated[str, _one_of("door", "socket", "http")]
MediaKind = Annotated[str, _one_of("media", "links", "files")]
PublicText = Annotated[str, _text(*PUBLIC_FACTS), Field(max_length=5000)]
HoldingText = Annotated[str, _text("when"), AfterValidator(_names_when), Field(max_length=220)]
InviteText = Annotated[str, _text(*INVITE_FACTS), Field(max_length=400)]
WaysText = Annotated[str, _text(*INVITE_FACTS), AfterValidator(_names_ways), Field(max_length=400)]
AckText = Annotated[str, _text(*ACK_FACTS), Field(max_length=2000)]


def option(default: Any, form: str, **limits: Any) -> Any:
    """An option with its default (`...`: it must be given) and the form to write."""
    return Field(default, examples=[form], **limits)
