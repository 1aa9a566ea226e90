"""Canned answers while an answer is on its way: what was offered, what an agent made of it, what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from desk.desk import Desk
from desk.model.asking import Ask
from desk.model.canned import FILLED, KEPT_USES, Canned, Use, lost, rewritten, said_lately, words_print
from desk.model.catalogue import say
from desk.model.inquiry import Inquiry
from desk.model.neutral import name_for_greeting
from desk.model.refusals import Refusal
from desk.model.tongues import ENGLISH
from desk.ports import Tx

OWN = "canned"
"""Where the responses that were added in Slack are kept, by "language:name"; each with its state."""


def own_first(desk: Desk) -> str:
    """The desk's own first language, as the owner chose; English where they chose none."""
    return next(iter((*desk.rules.served, *desk.rules.languages)), ENGLISH)


def known(desk: Desk, tx: Tx) -> list[Canned]:
    """Every response that may be used: the owner's files, and what was added in Slack and approved; those in the desk's
    own first language first, so that they stand for a language that has none."""
    own = [Canned.from_json(kept) for kept in added(tx).values() if kept["state"] == "ready"]
    files = {(one.language, one.name) for one in desk.rules.canned}
    every = [*desk.rules.canned, *(one for one in own if (one.language, one.name) not in files)]
    return sorted(every, key=lambda one: one.language != own_first(desk))


def added(tx: Tx) -> dict[str, dict[str, Any]]:
    """What was added in Slack, by "language:name", whatever its state."""
    return dict(tx.setting(OWN) or {})


def uses_of(tx: Tx, name: str) -> list[Use]:
    """The answers that were sent from a response, the oldest first."""
    return [Use.from_json(kept) for kept in (tx.setting(f"canned:{name}") or {}).get("uses", ())]


@dataclass(frozen=True, slots=True)
class Offer:
    """A text that was offered to an agent for an inquiry, from a response; `given` are the places that they filled."""

    user: str
    number: int
    name: str
    language: str
    picks: tuple[int, int, int]
    text: str
    missing: tuple[str, ...]
    facts: tuple[str, ...]
    given: Mapping[str, str]
    turn: int

    def as_json(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "number": self.number,
            "name": self.name,
            "language": self.language,
            "picks": list(self.picks),
            "text": self.text,
            "missing": list(self.missing),
            "facts": list(self.facts),
            "given": dict(self.given),
            "turn": self.turn,
        }


def offer_of(tx: Tx, key: str, number: int) -> Offer | None:
    """What was offered under that key for that inquiry within the last day."""
    kept = tx.answer(f"canned:{key}") if key else None
    if kept is None or kept["number"] != number:
        return None
    picks = kept["picks"]
    return Offer(
        kept["user"],
        kept["number"],
        kept["name"],
        kept["language"],
        (picks[0], picks[1], picks[2]),
        kept["text"],
        tuple(kept["missing"]),
        tuple(kept["facts"]),
        kept["given"],
        kept["turn"],
    )


# When it goes out


def must_be_filled_in(desk: Desk, tx: Tx, ask: Ask) -> None:
    """Raises `Refusal` where a place of a response still stands in the text as it is: {days}. It may have been copied
    from one by hand."""
    if "{" not in ask.text:
        return
    places = dict.fromkeys((*FILLED, *(name for one in known(desk, tx) for name in one.needs)))
    left = [f"{{{name}}}" for name in places if f"{{{name}}}" in ask.text]
    if left:
        raise Refusal(
            say("Not sent: {places} must be filled in first. Your text is kept:", places=" ".join(left)),
            quote=ask.text,
        )


def begun_as(tx: Tx, key: str, inquiry: Inquiry, text: str) -> dict[str, Any] | None:
    """What an answer carries that began as a canned one, to be remembered once it went out: the wording, whether it was
    rewritten, and the print of its words. None for any other answer."""
    offer = offer_of(tx, key, inquiry.number)
    if offer is None:
        return None
    changed = rewritten(offer.text, text)
    use = Use(datetime.min.replace(tzinfo=UTC), 0, offer.language, offer.picks, changed, print_of(inquiry, text))
    return {"name": offer.name, "use": use.as_json()}


def sent(tx: Tx, number: int, began: dict[str, Any] | None, at: datetime) -> None:
    """An answer stands on the platform; `began` is what it carried where it began as a canned one."""
    if began is None:
        return
    use = replace(Use.from_json(began["use"]), at=at, number=number)
    kept = tx.setting(f"canned:{began['name']}") or {"count": 0, "uses": []}
    uses = [*kept["uses"], use.as_json()][-KEPT_USES:]
    tx.set_setting(f"canned:{began['name']}", {"count": kept["count"] + 1, "uses": uses})


def print_of(inquiry: Inquiry, text: str) -> str:
    """The print of a text's words, without the customer's name."""
    names = [name_for_greeting(inquiry.customer.name), inquiry.customer.name, inquiry.customer.handle]
    return words_print(text, [name for name in names if name])


@dataclass(frozen=True, slots=True)
class Spoiled:
    """What an agent should know of a text that began as a canned one: facts that it lost, and where its very words
    stood before on the same topic."""

    lost: tuple[str, ...] = ()
    before: int = 0
    """The inquiry where the same words went out lately; 0: nowhere."""


def spoiled(desk: Desk, tx: Tx, inquiry: Inquiry, key: str, text: str) -> Spoiled:
    """Hold a text against the facts of its response, and against what went out on its topic lately."""
    offer = offer_of(tx, key, inquiry.number)
    if offer is None:
        return Spoiled(before=_pasted(desk, tx, inquiry, text))
    topic = next((one.topic for one in known(desk, tx) if one.name == offer.name), "")
    names = {one.name for one in known(desk, tx) if one.topic == topic} | {offer.name}
    uses = [use for name in sorted(names) for use in uses_of(tx, name)]
    same = said_lately(print_of(inquiry, text), uses, desk.now())
    return Spoiled(lost(offer.facts, text), same.number if same is not None and same.number != inquiry.number else 0)


def _pasted(desk: Desk, tx: Tx, inquiry: Inquiry, text: str) -> int:
    """Another inquiry where these very words went out lately from a response; 0: none. For what was typed by hand."""
    mark = print_of(inquiry, text)
    uses = [use for one in known(desk, tx) for use in (tx.setting(f"canned:{one.name}") or {}).get("uses", ())]
    same = said_lately(mark, [Use.from_json(use) for use in uses if mark in use], desk.now())
    return same.number if same is not None and same.number != inquiry.number else 0
