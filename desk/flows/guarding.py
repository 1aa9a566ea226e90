"""Before an answer goes out the guards look at it; who sends it anyway is bound to those very words, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from desk.desk import Desk
from desk.flows.canned_said import spoiled
from desk.flows.finding import newest_customer_entry
from desk.flows.owing import owe_edit, owe_line
from desk.flows.reach import SECOND, SETTING
from desk.model.asking import Ask, Button, Line, again, carried
from desk.model.catalogue import say
from desk.model.guards import IN_PUBLIC, Guards, Hit, Level, Reply, Rule, check
from desk.model.inquiry import Event, Inquiry, Said
from desk.model.markup import tagged
from desk.model.people import Person
from desk.model.refusals import Refusal, Stopped
from desk.model.sensitive import masked
from desk.model.words import who
from desk.ports import Tx


@dataclass(frozen=True, slots=True)
class Passed:
    """What was shown to the author of a text and may go out all the same, with the inquiry's version of that moment."""

    rules: frozenset[Rule] = frozenset()
    version: int | None = None
    approver: str = ""
    """Who let it go out as the second pair of eyes; "" where nobody had to."""


def look(
    desk: Desk, tx: Tx, inquiry: Inquiry, text: str, *, public: bool, typed: str = "", offer: str = ""
) -> list[Hit]:
    """What the guards find in an answer as the customer is to read it, without its signature. `typed`: as it was
    before Slack's mark-up was taken out of it. `offer`: the canned answer that it began as."""
    newest = newest_customer_entry(tx, inquiry)
    people = (inquiry.customer.handle, newest.author.handle, *inquiry.people)
    names = (*(name for name in (*people, inquiry.customer.name, newest.author.name) if name),)
    entries = tx.entries(inquiry.number)
    canned = spoiled(desk, tx, inquiry, offer, text)
    reply = Reply(
        text,
        public,
        names,
        newest.text,
        language=inquiry.language,
        reach=desk.rules.reach.of(inquiry.customer),
        lost=canned.lost,
        said_before=canned.before,
        tagged=next((name for user in tagged(typed) if (name := called(desk, user))), ""),
        colleagues=tuple(person.handle for person in (*desk.people.agents(), *desk.people.leads()) if person.handle),
        numbers=lambda number: 0 < number <= tx.highest(),
        others=lambda: _others(tx, inquiry),
        quoted=lambda words: (
            not any(words.casefold() in entry.text.casefold() for entry in entries) and _elsewhere(tx, inquiry, words)
        ),
    )
    return check(reply, guards_of(desk, tx))


def guards_of(desk: Desk, tx: Tx) -> Guards:
    """The rules as the owner chose them, with what a lead has set since."""
    chosen = desk.rules.guards
    if tx.setting(SETTING) != SECOND:
        return chosen
    return replace(chosen, levels={**chosen.levels, Rule.REACH: Level.SECOND})


def called(desk: Desk, user: str) -> str:
    """What a member of the team is called, for customers; "" where we don't know them."""
    person = desk.people.person(user)
    return (person.first_name or person.real_name) if person else ""


def _others(tx: Tx, inquiry: Inquiry) -> Sequence[str]:
    own = inquiry.customer
    found = []
    for other in tx.open_inquiries():
        if other.number != inquiry.number and other.customer.remote_id != own.remote_id:
            found += [name for name in (other.customer.handle, other.customer.name) if name]
    return found


def _elsewhere(tx: Tx, inquiry: Inquiry, words: str) -> bool:
    """Whether a customer said so in another inquiry."""
    for other in tx.search(words.split()[:8], limit=5):
        if other.number != inquiry.number and other.customer.remote_id != inquiry.customer.remote_id:
            said = (entry for entry in tx.entries(other.number) if entry.said is Said.CUSTOMER)
            if any(words.casefold() in entry.text.casefold() for entry in said):
                return True
    return False


# what is kept until somebody goes on with it


def kept_with(
    ask: Ask,
    inquiry: Inquiry,
    hits: Sequence[Hit],
    way: str,
    *,
    parts: bool = False,
    also: Mapping[str, Any] | None = None,
    passed: Passed | None = None,
) -> dict[str, Any]:
    """All that a refused text is kept with: whose it is, what they were told, and how it was to go out."""
    told = {*(hit.rule for hit in hits), *(passed.rules if passed else ())}
    return {
        **carried(ask),
        "author": ask.agent.user,
        "about": inquiry.number,
        "way": way,
        "parts": parts,
        "also": dict(also) if also else None,
        "told": sorted(rule.value for rule in told),
        "second": [hit.rule.value for hit in hits if hit.level is Level.SECOND],
        "version": inquiry.version,
        "begun": inquiry.replies_begun,
    }


def passed_in_form(tx: Tx, ask: Ask, number: int, way: str) -> Passed:
    """What a form that is sent once more may pass: the same words of the same person, after they were told why."""
    kept = tx.answer(ask.draft) if ask.draft else None
    same = kept is not None and (kept.get("quote"), kept.get("author"), kept.get("about"), kept.get("way")) == (
        ask.text,
        ask.agent.user,
        number,
        way,
    )
    return _passed(kept) if kept is not None and same else Passed()


def _passed(kept: Mapping[str, Any]) -> Passed:
    rules = frozenset(Rule(rule) for rule in kept.get("told", ()) if rule not in kept.get("second", ()))
    return Passed(rules, kept.get("version"))


def resumed(
    desk: Desk, ask: Ask, inquiry: Inquiry, kept: Mapping[str, Any], *, private: bool, used: bool
) -> tuple[Ask, Passed]:
    """Who says the kept words, and what they pass. `used`: they went out once already, and were taken back.

    Raises `Refusal` where the presser may not: not their words, their own where a second person is needed, used up.
    """
    text, author = str(kept["quote"]), kept.get("author", ask.agent.user)
    told, second = kept.get("told") or (), kept.get("second") or ()
    if kept.get("about", inquiry.number) != inquiry.number:
        raise Refusal(say("Those words belong to #{number}. Nothing was sent.", number=kept["about"]))
    if told and used:
        raise Refusal(
            say("That was sent anyway once, and taken back. Send it as a new reply; it is looked at anew."), quote=text
        )
    if author == ask.agent.user:
        if second and not (private and kept.get("way") == "reply"):
            raise Refusal(
                say("That needs a second pair of eyes: another agent or a lead presses it. Nothing was sent."),
                quote=text,
            )
        return again(ask, kept), _passed(kept)
    if not second or private != (kept.get("way") == "private"):
        raise Refusal(say("Those are a colleague's words. Nothing was sent."))
    person = desk.people.person(author)
    if person is None:
        raise Refusal(say("Who wrote that answers no customers here any more. Nothing was sent."))
    if kept.get("version") != inquiry.version or kept.get("begun") != inquiry.replies_begun:
        raise Refusal(
            say(
                "The conversation in #{number} has moved since. {agent} has to send it anew.",
                number=inquiry.number,
                agent=who(author),
            )
        )
    rules = frozenset(Rule(rule) for rule in told)
    return again(replace(ask, agent=person), kept), Passed(rules, kept.get("version"), ask.agent.user)


# stopping it, and letting it go


def stop(
    ask: Ask,
    inquiry: Inquiry,
    text: str,
    hits: Sequence[Hit],
    moved: str,
    value: str,
    kept: dict[str, Any],
    now: datetime,
    *,
    privately: bool,
) -> Refusal:
    """One dialog with all that speaks against an answer; where a second person is needed, the thread is asked, too.

    `moved`: what has happened since its author last looked, "" where nothing has. `text`: as it would go out.
    `privately`: whether the platform has another way, where not everybody reads it.
    """
    reasons = [*([moved] if moved else []), *(hit.reason for hit in hits)]
    second = any(hit.level is Level.SECOND for hit in hits)
    buttons = [Button("change", say("Change") if hits else say("Review"), value, "primary")]
    if privately and any(hit.rule in IN_PUBLIC for hit in hits):
        buttons.append(Button("private_draft", say("Send privately"), value))
    if not second:
        buttons.append(Button("send_anyway", say("Send anyway"), value))
    stopped = Stopped(reasons, ask.text, () if second and ask.form else buttons, number=inquiry.number, second=second)
    stopped.kept = kept
    if second:
        stopped.then = _asks_for_eyes(ask, inquiry, masked(text), reasons, value, now)
    return stopped


def _asks_for_eyes(
    ask: Ask, inquiry: Inquiry, text: str, reasons: Sequence[str], value: str, now: datetime
) -> Callable[[Tx], None]:
    head = say("{agent} has an answer for the public that needs a second pair of eyes.", agent=who(ask.agent.user))
    tail = say("Another agent or a lead can send it anyway:")
    line = Line(
        "\n".join((head, *(f"• {reason}" for reason in reasons), tail)),
        quote=text,
        buttons=(Button("send_anyway", say("Send anyway"), value),),
        mark="eyes",
    )

    def then(tx: Tx) -> None:
        owe_line(tx, inquiry, f"second:{ask.key}", line, now)
        tx.log(Event(now, inquiry.number, "second pair of eyes asked", ask.agent.user))

    return then


def let_go(
    tx: Tx, inquiry: Inquiry, author: Person, passed: Passed, hits: Sequence[Hit], draft: str, now: datetime
) -> None:
    """An answer goes out although a guard spoke against it: kept in the history; a second person is named to all."""
    rules = sorted(hit.rule.value for hit in hits if hit.rule in passed.rules)
    if not rules:
        return
    details = {"rules": rules, "author": author.user, "nth": inquiry.replies_begun}
    tx.log(Event(now, inquiry.number, "sent anyway", passed.approver or author.user, None, details))
    if not passed.approver:
        return
    asked = tx.op(f"say:{inquiry.number}:second:{draft}")
    if asked is not None:
        said = say("{person} let {author}'s answer go out.", person=who(passed.approver), author=who(author.user))
        line = Line(said, quote=str(asked.payload.get("quote") or ""), mark="eyes")
        tx.keep_op(replace(asked, payload={**asked.payload, **line.as_json()}))
        owe_edit(tx, asked.op_id, now)
