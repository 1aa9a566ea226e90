"""`/canned`: which responses fit an inquiry, and the text of one with its places filled in, to use or to edit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from desk.desk import Desk
from desk.flows.canned_said import Offer, added, known, offer_of, own_first, uses_of
from desk.flows.finding import customer_name, meant, newest_customer_entry
from desk.flows.reply import begun, send, signature_of, under_way
from desk.model.asking import Answer, Ask, Button
from desk.model.canned import FILLED, Canned, Written, fitting, named, search, wordings, written
from desk.model.catalogue import say, say_n
from desk.model.customer import language_name
from desk.model.estimate import said
from desk.model.holding import language_of
from desk.model.hours import NeverOpen
from desk.model.inquiry import Entry, Inquiry, Said
from desk.model.neutral import name_for_greeting
from desk.model.notice import week_in
from desk.model.people import Person
from desk.model.refusals import Refusal
from desk.model.words import clean, code, strong
from desk.ports import Tx

BUTTONS = 5
"""How many of those that fit are buttons."""
_GIVEN = re.compile(r"(?:^|\s)([a-z][a-z0-9_]{0,29})=(\"[^\"]*\"|“[^”]*”|\S+)")
_ORDER = re.compile(
    r"(?:order|bestell\w*|auftrag\w*|ordre\w*|objedn\w*|rendel\w*)\W{0,3}(?:n(?:o|r|umber|ummer)?\b\W{0,3})?"
    r"(?P<id>[A-Z]{0,4}-?\d[A-Z0-9-]{2,19})\b|#(?P<sign>\d{3,12})\b",
    re.IGNORECASE,
)


def spoken_in(desk: Desk, tx: Tx, inquiry: Inquiry) -> str:
    """The customer's language, as far as it is known; the desk's own first where it is unsure."""
    if _unsure(inquiry):
        return own_first(desk)
    return inquiry.language or language_of(newest_customer_entry(tx, inquiry).text, desk.rules.languages)


def _unsure(inquiry: Inquiry) -> bool:
    return bool(inquiry.perhaps and not inquiry.language)


# What is offered


def offered(
    desk: Desk,
    tx: Tx,
    agent: Person,
    inquiry: Inquiry,
    one: Canned,
    given: Mapping[str, str],
    key: str,
    *,
    turn: int = 0,
) -> Offer:
    """The text of a response for an inquiry: the wording whose turn it is (`turn` further), its places filled in."""
    newest, entries = newest_customer_entry(tx, inquiry), tx.entries(inquiry.number)
    picks, text = worded(desk, tx, agent, inquiry, newest, entries, one, given, turn)
    found = Offer(
        agent.user,
        inquiry.number,
        one.name,
        one.language,
        picks,
        text.text,
        text.missing,
        text.facts,
        given,
        turn,
    )
    tx.remember(f"canned:{key}", found.as_json(), desk.now())
    return found


def worded(
    desk: Desk,
    tx: Tx,
    agent: Person,
    inquiry: Inquiry,
    newest: Entry,
    entries: Sequence[Entry],
    one: Canned,
    given: Mapping[str, str],
    turn: int = 0,
) -> tuple[tuple[int, int, int], Written]:
    """Which wording, and how it reads in answer to `newest`, one of the `entries` of an inquiry that need not be kept
    anywhere (practice)."""
    platform = desk.platform(inquiry.platform)
    privately = inquiry.private or newest.private
    can = platform.capabilities
    room = (can.private_limit if privately else can.public_limit) - len(signature_of(desk, tx, agent, "")) - 1
    ranked = wordings(one, uses_of(tx, one.name))
    picks = ranked[turn % len(ranked)]
    values = {**values_for(desk, tx, agent, inquiry, newest, entries, one), **given}
    return picks, written(one, picks, values, room, lambda text: platform.length(text, private=privately))


def values_for(
    desk: Desk, tx: Tx, agent: Person, inquiry: Inquiry, newest: Entry, entries: Sequence[Entry], one: Canned
) -> dict[str, str]:
    """What the desk can fill in by itself; "" where it knows nothing."""
    now, hours, contact = desk.now(), desk.hours(tx), desk.rules.contact
    try:
        until = said(hours.add(now, one.within), now, hours, one.language).words
    except NeverOpen:
        until = ""
    theirs = [
        entry.text
        for entry in entries
        # What they wrote privately does not go into an answer that everybody can read.
        if entry.said is Said.CUSTOMER and not entry.deleted and (newest.private or not entry.private)
    ]
    orders = [found["id"] or found["sign"] for text in reversed(theirs) for found in _ORDER.finditer(text)]
    return {
        "name": name_for_greeting(inquiry.customer.name),
        "agent": tx.setting(f"name:{agent.user}") or agent.first_name,
        "desk": desk.rules.name,
        "order": orders[0] if orders else "",
        "until": until,
        "hours": week_in(hours.week, one.language),
        "email": contact.email,
        "phone": contact.phone,
        "web": contact.web,
        "faq": one.faq,
    }


# `/canned`


async def canned(desk: Desk, ask: Ask) -> Answer:
    """List the responses; those that fit an inquiry; or one of them with its places filled in, to use or to edit."""

    async def work(tx: Tx) -> Answer:
        given = {name: value.strip('"“”') for name, value in _GIVEN.findall(ask.text)}
        words = _GIVEN.sub("", ask.text).strip()
        if ask.number is None:
            return _list(desk, tx, ask, words)
        inquiry = meant(tx, ask)
        language = spoken_in(desk, tx, inquiry)
        if not words:
            return _those_that_fit(desk, tx, ask, inquiry, language)
        one = named(known(desk, tx), words, language)
        if one is not None:
            if odd := [name for name in given if name not in (*one.needs, *FILLED)]:
                form = code(
                    " ".join([f"{ask.typed} {inquiry.number} {one.name}", *(f"{name}=…" for name in one.needs)])
                )
                raise Refusal(
                    say("{name} has no place “{place}”. Write: {form}", name=one.name, place=odd[0], form=form),
                    quote=ask.text,
                )
            return preview(desk, tx, ask, inquiry, one, given, ask.key)
        found = search(known(desk, tx), words, language)
        if not found:
            raise Refusal(
                say("There is no canned answer like “{words}”. All: {all}", words=clean(words), all=code(ask.typed))
            )
        return Answer(
            say("Canned answers like “{words}”, for #{number}:", words=clean(words), number=inquiry.number),
            lines=tuple(_row(one) for one in found[:BUTTONS]),
            buttons=_shows(inquiry.number, found),
            number=inquiry.number,
        )

    return await desk.once(ask, work)


def _list(desk: Desk, tx: Tx, ask: Ask, words: str) -> Answer:
    every = known(desk, tx)
    ours = own_first(desk)
    every = sorted(every, key=lambda one: (one.topic, one.name, one.language != ours))
    found = search(every, words, ours, limit=20) if words else every
    if not found and words:
        raise _none_like(ask, words)
    if not found:
        return Answer(say("There are no canned answers yet. Add one: {add}", add=code(f"{ask.typed} add")))
    rows: dict[str, str] = {}
    for one in found:
        rows.setdefault(one.name, _row(one, [other.language for other in every if other.name == one.name]))
    waiting = sum(kept["state"] == "waiting" for kept in added(tx).values())
    lines = list(rows.values())
    if waiting:
        lines.append(say_n("{n} waits for a lead's approval.", "{n} wait for a lead's approval.", waiting))
    use = code(f"{ask.typed} 42 {found[0].name}")
    return Answer(say("Canned answers. With an inquiry's number: {use}", use=use), lines=tuple(lines))


def _row(one: Canned, languages: list[str] | None = None) -> str:
    about = f" · {clean(one.about)}" if one.about else ""
    needs = f" · {' '.join(code(f'{name}=…') for name in one.needs)}" if one.needs else ""
    return f"{strong(one.name)} · {clean(one.topic)}{about} · {', '.join(languages or [one.language])}{needs}"


def _none_like(ask: Ask, words: str) -> Refusal:
    return Refusal(say("There is no canned answer like “{words}”. All: {all}", words=clean(words), all=code(ask.typed)))


def _those_that_fit(desk: Desk, tx: Tx, ask: Ask, inquiry: Inquiry, language: str) -> Answer:
    found = fitting(known(desk, tx), newest_customer_entry(tx, inquiry).text, language)
    if not found:
        return Answer(say("There are no canned answers yet. Add one: {add}", add=code(f"{ask.typed} add")))
    more = max(0, len(found) - 20)
    lines = [_row(one) for one in found[:20]]
    if more:
        lines.append(say_n("And {n} more. Say a word of it to find it.", "And {n} more. Say a word of them.", more))
    head = say("Canned answers for #{number}, the customer's language first:", number=inquiry.number)
    if _unsure(inquiry):
        head = say(
            "Canned answers for #{number}, {ours} first, as the customer's language is unsure:",
            number=inquiry.number,
            ours=language_name(language),
        )
    return Answer(
        head,
        lines=tuple(lines),
        buttons=_shows(inquiry.number, found),
        number=inquiry.number,
    )


def _shows(number: int, found: list[Canned]) -> tuple[Button, ...]:
    return tuple(Button(f"canned_{nth}", one.name, f"{number}:{one.name}") for nth, one in enumerate(found[:BUTTONS]))


def preview(
    desk: Desk,
    tx: Tx,
    ask: Ask,
    inquiry: Inquiry,
    one: Canned,
    given: Mapping[str, str],
    key: str,
    *,
    turn: int = 0,
) -> Answer:
    """The text as it would go out, before the signature, with *Use* and *Edit…*."""
    found = offered(desk, tx, ask.agent, inquiry, one, given, key, turn=turn)
    value = f"{inquiry.number}:{key}"
    edit = Button("canned_edit", say("Edit…"), value)
    buttons = [edit] if found.missing else [Button("canned_use", say("Use"), value, "primary"), edit]
    if len(wordings(one, ())) > 1:
        buttons.append(Button("canned_other", say("Other words"), value))
    lines = []
    if found.missing:
        places = " ".join(f"{name}=…" for name in found.missing)
        typed = ask.command("canned", f"{one.name} {places}", inquiry.number)
        lines.append(say("Still to be filled in: {typed}", typed=typed))
    if one.faq:
        lines.append(say("More on it for customers: {faq}", faq=clean(one.faq)))
    theirs = spoken_in(desk, tx, inquiry)
    if _unsure(inquiry):
        lines.append(say("The customer's language is unsure, this is {ours}.", ours=language_name(one.language)))
    elif one.language != theirs:
        lines.append(say("The customer seems to write in {theirs}, this is {ours}.", theirs=theirs, ours=one.language))
    whom = customer_name(inquiry)
    return Answer(
        say("{name} for {customer} in #{number}:", name=one.name, customer=whom, number=inquiry.number),
        quote=found.text,
        lines=tuple(lines),
        buttons=tuple(buttons),
        number=inquiry.number,
    )


async def show_one(desk: Desk, ask: Ask, name: str) -> Answer:
    """A press on one of those that fit."""
    return await canned(desk, replace(ask, text=name))


async def other_words(desk: Desk, ask: Ask, key: str) -> Answer:
    """The same response in the wording whose turn it is next."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        before = _must_be_offered(tx, key, inquiry.number)
        one = _must_be_known(desk, tx, before)
        return preview(desk, tx, ask, inquiry, one, before.given, ask.key, turn=before.turn + 1)

    return await desk.once(ask, work)


async def use(desk: Desk, ask: Ask, key: str) -> Answer:
    """Send the text that was offered, the same way as any answer."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        text = _must_be_offered(tx, key, inquiry.number).text
        draft = f"canned:{key}"
        if (before := under_way(tx, inquiry.number, draft)) is not None:
            return before
        answer = send(desk, tx, replace(ask, text=text, offer=key), inquiry, private=inquiry.private)
        begun(tx, inquiry.number, draft, desk.now())
        return answer

    return await desk.once(ask, work)


def _must_be_offered(tx: Tx, key: str, number: int) -> Offer:
    found = offer_of(tx, key, number)
    if found is None:
        raise Refusal(say("That text is no longer kept here (a day is the limit). Choose the canned answer again."))
    return found


def _must_be_known(desk: Desk, tx: Tx, offer: Offer) -> Canned:
    same = [one for one in known(desk, tx) if (one.name, one.language) == (offer.name, offer.language)]
    if not same:
        raise Refusal(say("There is no canned answer {name} any more.", name=offer.name))
    return same[0]


# In the reply form


async def offered_text(desk: Desk, number: int, key: str) -> str:
    """The text to open the form with. Raises `Refusal` where it is kept no longer."""

    async def work(tx: Tx) -> str:
        return _must_be_offered(tx, key, number).text

    return await desk.read(work)


async def picked(desk: Desk, person: Person, number: int, name: str, key: str) -> str:
    """The text of the response that was chosen in a form, offered under `key`."""

    async def work(tx: Tx) -> str:
        inquiry = tx.inquiry(number)
        one = None if inquiry is None else named(known(desk, tx), name, spoken_in(desk, tx, inquiry))
        if inquiry is None or one is None:
            raise Refusal(say("There is no canned answer {name} any more.", name=clean(name)))
        return offered(desk, tx, person, inquiry, one, {}, key).text

    return await desk.transact(work)


def choices(desk: Desk, tx: Tx, inquiry: Inquiry) -> list[tuple[str, str]]:
    """(name, what it is about) of each response for the form's list, those that fit first."""
    return choices_for(desk, tx, newest_customer_entry(tx, inquiry).text, spoken_in(desk, tx, inquiry))


def unsure_of(desk: Desk, inquiry: Inquiry) -> str:
    """The language in which the responses are offered to somebody whose own is unsure, for people; else ""."""
    return language_name(own_first(desk)) if _unsure(inquiry) else ""


def choices_for(desk: Desk, tx: Tx, text: str, language: str) -> list[tuple[str, str]]:
    """The same for words in a language."""
    found = fitting(known(desk, tx), text, language)
    return [(one.name, one.about or one.topic) for one in found]
