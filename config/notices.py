"""The sections about what the desk says to customers by itself: in public, on arrival, and how else to reach us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from config.forms import (
    AckText,
    Duration,
    HoldingText,
    InviteText,
    Kind,
    Language,
    Moment,
    Notice,
    PlatformName,
    PublicText,
    Section,
    WaysText,
    option,
    wrong,
)
from config.reading import quoted
from desk.model.holding import TEXTS as HOLDING
from desk.model.notice import ACKNOWLEDGEMENTS, PUBLIC, Acknowledge, AckTexts, Contact, Texts
from desk.model.private import SHIPPED, GoPrivate, Wordings
from desk.model.tongues import ENGLISH

_HERE = "We answer here {hours} ({zone})."


class PublicTexts(Section):
    """[availability.de]: the public texts of a language."""

    open: PublicText | None = option(None, quoted("Here until {until}.[ By phone: {ways}.]"))
    closed: PublicText | None = option(None, quoted("Closed, back {opens}.[ {ways}.]"))


class AckTextsSection(Section):
    """[acknowledge.de]: the acknowledgements of a language."""

    arrival: AckText | None = option(None, quoted("Thank you[, {name}]. We have it.[ An answer comes {answer}.]"))
    closed: AckText | None = option(None, quoted("Thank you[, {name}]. We are back {opens}."))


class HoldingSection(Section):
    """[holding]: what *Looking into it…* tells the customer, by language; {when} is the time that it promises."""

    en: HoldingText = option(HOLDING["en"], quoted(HOLDING["en"]))
    de: HoldingText = option(HOLDING["de"], quoted(HOLDING["de"]))
    da: HoldingText = option(HOLDING["da"], quoted(HOLDING["da"]))
    cs: HoldingText = option(HOLDING["cs"], quoted(HOLDING["cs"]))
    hu: HoldingText = option(HOLDING["hu"], quoted(HOLDING["hu"]))

    def as_texts(self) -> dict[str, str]:
        """The texts by language."""
        return {language: getattr(self, language) for language in HOLDING}


def _languages(extra: Mapping[str, object] | None, section: str) -> None:
    for key in extra or {}:
        if not re.fullmatch(r"[a-z]{2,3}", key):
            raise wrong(f"{key} is no language; write its short code: [{section}.en]")


class AvailabilitySection(Section):
    """[availability]: what the public reads about the office hours, by platform; or in several languages."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, PublicTexts] = Field(init=False)

    x: Notice = option(_HERE, quoted(_HERE), max_length=1000)
    facebook: Notice = option(_HERE, quoted(_HERE), max_length=5000)
    languages: list[Language] = option([], '["en", "de"]', max_length=20)
    post_at: list[Moment] = option([], '["opening"]', max_length=2)

    @property
    def texts(self) -> dict[str, Texts]:
        """The owner's texts by language; where one of the two is not written, the shipped one."""
        found = {}
        for language, own in (self.__pydantic_extra__ or {}).items():
            shipped = PUBLIC.get(language, PUBLIC[ENGLISH])
            found[language] = Texts(own.open or shipped.open, own.closed or shipped.closed)
        return found

    @model_validator(mode="after")
    def _known(self) -> Self:
        _languages(self.__pydantic_extra__, "availability")
        return self


class AcknowledgeSection(Section):
    """[acknowledge]: whether the desk answers a customer's message by itself, once, before a person does."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, AckTextsSection] = Field(init=False)

    arrival: bool = option(False, "true")
    closed: bool = option(False, "true")
    platforms: list[PlatformName] = option([], '["facebook"]')
    kinds: list[Kind] = option([], '["message"]')
    public: bool = option(False, "true")
    again: Duration = option(timedelta(hours=24), '"24h"')
    estimate: bool = option(True, "true")

    def as_rule(self) -> Acknowledge:
        """The desk's own value."""
        texts = {}
        for language, own in (self.__pydantic_extra__ or {}).items():
            shipped = ACKNOWLEDGEMENTS.get(language, ACKNOWLEDGEMENTS[ENGLISH])
            texts[language] = AckTexts(own.arrival or shipped.arrival, own.closed or shipped.closed)
        return Acknowledge(
            self.arrival,
            self.closed,
            tuple(self.platforms),
            tuple(self.kinds),
            self.public,
            self.again,
            self.estimate,
            texts,
        )

    @model_validator(mode="after")
    def _known(self) -> Self:
        _languages(self.__pydantic_extra__, "acknowledge")
        return self


class ContactSection(Section):
    """[contact]: how else customers reach the team, as they are to read it."""

    email: str = option("", '"help@acme.example"', max_length=100, pattern=r"^(\S+@\S+\.\S+)?$")
    phone: str = option("", '"+351 21 000 00 00"', max_length=60, pattern=r"^([+(]?\d[\d ()/.-]*)?$")
    web: str = option("", '"acme.example/help"', max_length=200, pattern=r"^\S*$")

    def as_contact(self) -> Contact:
        """The desk's own value."""
        return Contact(self.email, self.phone, self.web)


class Invitations(Section):
    """[private.de]: the public invitations of a language, of each kind at least two, which take turns."""

    sent: list[InviteText] | None = option(
        None, '["We have written to you in private[, {name}].", "A private message waits for you."]', min_length=2
    )
    write: list[InviteText] | None = option(
        None, '["Please write to us in private[, {name}].", "Would you send us a private message?"]', min_length=2
    )
    ways: list[WaysText] | None = option(
        None, '["You can reach us {ways}.", "We are glad to help: {ways}."]', min_length=2
    )


class PrivateSection(Section):
    """[private]: taking a matter from the public to private messages."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Invitations] = Field(init=False)

    invite: bool = option(False, "true")
    off: list[PlatformName] = option([], '["x"]')
    nudge: Duration = option(timedelta(hours=4), '"4h"')

    def as_rule(self, *unread: str) -> GoPrivate:
        """The desk's own value. `unread`: platforms whose private messages the desk does not read."""
        texts = {}
        for language, own in (self.__pydantic_extra__ or {}).items():
            shipped = SHIPPED.get(language, SHIPPED[ENGLISH])
            texts[language] = Wordings(
                tuple(own.sent or shipped.sent), tuple(own.write or shipped.write), tuple(own.ways or shipped.ways)
            )
        return GoPrivate(self.invite, frozenset((*self.off, *unread)), self.nudge, texts)

    @model_validator(mode="after")
    def _known(self) -> Self:
        _languages(self.__pydantic_extra__, "private")
        return self
