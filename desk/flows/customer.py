"""Who the customer is: the record that each inquiry feeds, what the card shows of it, and `/customer`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from desk.desk import Desk, Waits
from desk.flows.finding import meant
from desk.flows.languages import speaks
from desk.flows.owing import owe_card, owe_line
from desk.flows.waiting import chosen, policy_of, titles
from desk.model.asking import Answer, Ask, Line
from desk.model.catalogue import say, say_n
from desk.model.customer import (
    NOTE_LENGTH,
    Customer,
    Known,
    Profile,
    Remark,
    language_name,
    language_named,
    matching,
    nearest_language,
    one_person,
)
from desk.model.inquiry import Event, Flag, Inquiry, Said
from desk.model.message import Author, kind_words
from desk.model.reasons import reason_words
from desk.model.refusals import EmptyText, Refusal, stands
from desk.model.words import clean, code, link, strong, when, who
from desk.ports import Tx

SHOWN = 10
"""How many earlier inquiries, and how many notes, are shown."""
WALK = 200
"""How many inquiries of a customer are looked for where an older desk kept no record."""
LOOKED_AT = 20
"""So many of the last inquiries tell where a customer mostly writes."""
CUT = 140
MOST = 500
"""So many customers may wait; who comes on top is asked for with their next inquiry."""


# the record


def profile_of(inquiry: Inquiry) -> Profile:
    """The account from which an inquiry came."""
    who = inquiry.customer
    return Profile(inquiry.platform, inquiry.account, who.remote_id, who.handle, who.name, who.url)


def person_of(tx: Tx, inquiry: Inquiry) -> Customer | None:
    """The record of an inquiry's customer; None where there is none."""
    return tx.customer_of(profile_of(inquiry).key) if inquiry.customer.remote_id else None


def recorded(tx: Tx, inquiry: Inquiry) -> Customer | None:
    """The record of an inquiry's customer, made where there is none yet, and not kept; None where the platform names
    nobody."""
    if not inquiry.customer.remote_id:
        return None
    profile = profile_of(inquiry)
    person = tx.customer_of(profile.key)
    if person is None:
        return Customer(tx.next_customer(), (profile,), tuple(_walked(tx, inquiry)))
    own = tuple(profile if one.key == profile.key and profile.called else one for one in person.profiles)
    return replace(person, profiles=own)


def _walked(tx: Tx, inquiry: Inquiry) -> list[int]:
    """The inquiries of a customer of whom there is no record, from one to the other."""
    found, to_see = {inquiry.number}, list(inquiry.related)
    while to_see and len(found) < WALK:
        number = to_see.pop()
        other = tx.inquiry(number) if number not in found else None
        if other is not None:
            found.add(number)
            to_see += other.related
    return sorted(found)


def with_customer(tx: Tx, inquiry: Inquiry, language: str, perhaps: str) -> Inquiry:
    """A new inquiry with what is known of its customer, in whose record it stands from now. What an agent said of the
    language beats what the platform says."""
    person = recorded(tx, inquiry)
    if person is None:
        return replace(inquiry, language=language, perhaps="" if language else perhaps)
    spoken = person.language if person.language_by else language or person.language
    numbers = (*(one for one in person.inquiries if one != inquiry.number), inquiry.number)
    tx.keep_customer(replace(person, inquiries=numbers, language=spoken))
    flags = (*inquiry.flags, Flag.VIP) if person.vip and Flag.VIP not in inquiry.flags else inquiry.flags
    return replace(inquiry, language=spoken, perhaps="" if spoken else perhaps, flags=flags)


def with_language(tx: Tx, inquiry: Inquiry, author: Author, language: str) -> Inquiry:
    """An inquiry whose customer's further words tell the language that was not known before."""
    if inquiry.language or not language or author.remote_id != inquiry.customer.remote_id:
        return inquiry
    person = person_of(tx, inquiry)
    if person is not None and not person.language_by:
        tx.keep_customer(replace(person, language=language))
    return replace(inquiry, language=language, perhaps="")


def open_ones(tx: Tx, person: Customer) -> list[Inquiry]:
    """The person's inquiries that are open."""
    opened = tx.open_numbers()
    found = (tx.inquiry(number) for number in sorted(person.inquiries) if number in opened)
    return [one for one in found if one is not None]


def followed(tx: Tx, person: Customer, now: datetime) -> list[Inquiry]:
    """The person's open inquiries, with the mark and the language that the record has now; each keeps its policy. What
    one of them was written in stays, unless an agent or the company's own system says otherwise."""
    told = person.language_by or (person.known is not None and person.known.language == person.language)
    found = []
    for inquiry in open_ones(tx, person):
        flags = tuple(flag for flag in inquiry.flags if flag != Flag.VIP)
        flags = (*flags, Flag.VIP) if person.vip else flags
        spoken = person.language if person.language and told else inquiry.language or person.language
        changed = replace(inquiry, flags=flags, language=spoken, perhaps="" if spoken else inquiry.perhaps)
        if changed != inquiry:
            tx.keep_inquiry(changed)
        owe_card(tx, changed, now)
        found.append(changed)
    return found


# the company's own system


def ask_for(desk: Desk, tx: Tx, inquiry: Inquiry) -> None:
    """Let the customer of an inquiry be looked up soon, unless the last answer holds still."""
    if desk.directory is None or len(desk.look_ups) >= MOST or inquiry.number in desk.look_ups:
        return
    person = person_of(tx, inquiry)
    if not inquiry.customer.remote_id or (person is not None and is_fresh(desk, person)):
        return
    desk.look_ups[inquiry.number] = Waits(desk.now())


def is_fresh(desk: Desk, person: Customer) -> bool:
    """Whether what the system said of a person holds still."""
    return person.known is not None and desk.now() - person.known.at < desk.rules.look_up_again


# the section of the card


def about(desk: Desk, tx: Tx, inquiry: Inquiry) -> str:
    """One line on the customer for the card: VIP, priority, language, how many earlier inquiries, what the company's
    system says, the newest note; "" where there is nothing to say."""
    person = person_of(tx, inquiry)
    parts = [strong(say("VIP"))] if inquiry.vip else []
    if reach := desk.rules.reach.of(inquiry.customer):
        parts.append(strong(say("Very many people hear them: {why}", why=reach)))
    if inquiry.priority:
        parts.append(strong(say("{priority} priority", priority=inquiry.priority)))
    parts += _spoken(inquiry)
    if person is not None:
        if (count := len(person.earlier(inquiry.number))) > 0:
            parts.append(say_n("{n} earlier inquiry", "{n} earlier inquiries", count))
        if person.known is not None:
            parts += [f"{clean(label)}: {_cut(value, 40)}" for label, value in person.known.facts[:2]]
        if person.notes:
            note = person.notes[-1]
            parts.append(say("note by {name}: {text}", name=_name(desk, note.by), text=_cut(note.text)))
    return " · ".join(parts)


def _spoken(inquiry: Inquiry) -> list[str]:
    if inquiry.language:
        return [language_name(inquiry.language)]
    if inquiry.perhaps == "?":
        return [say("language unsure")]
    if inquiry.perhaps:
        return [say("language unsure, perhaps {language}", language=language_name(inquiry.perhaps))]
    return []


def _name(desk: Desk, user: str) -> str:
    """An agent by name, so that nobody is pinged."""
    person = desk.people.person(user)
    return (person.first_name or person.real_name) if person is not None else say("a colleague")


def _cut(text: str, most: int = CUT) -> str:
    words = " ".join(clean(text).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


# the command

_TARGET = re.compile(
    r"\s*(?:@(?P<handle>[^\s,:]+)[,:]?|[\"“„](?P<name>[^\"”“]+)[\"”“])(?:\s+on\s+(?P<platform>\w+))?\s*(?P<rest>.*)",
    re.DOTALL,
)
_ACTIONS = ("vip", "language", "note", "link", "unlink")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a lead or an agent wants of `/customer`: whom, and what to do with them."""

    person: Customer
    number: int | None
    action: str
    rest: str
    ask: Ask

    def example(self, words: str) -> str:
        return _example(self.ask, f"{self.number or self.person.called} {words}")


def _example(ask: Ask, words: str) -> str:
    return code(f"{ask.typed} {words}")


async def customer(desk: Desk, ask: Ask) -> Answer:
    """`/customer 42`, `/customer @maria vip`, `… language pt`, `… note text`, `… link @other on facebook`."""

    async def work(tx: Tx) -> Answer:
        wanted = _read(desk, tx, ask)
        match wanted.action:
            case "vip":
                return _set_vip(desk, tx, wanted)
            case "language":
                return _set_language(desk, tx, wanted)
            case "note":
                return _add_note(desk, tx, wanted)
            case "link":
                return _link(desk, tx, wanted)
            case "unlink":
                return _unlink(desk, tx, wanted)
        return _shown(desk, tx, wanted)

    return await desk.once(ask, work)


def _read(desk: Desk, tx: Tx, ask: Ask) -> _Wanted:
    """Whom and what, from the words. Raises `Refusal` where it is not clear."""
    number, text = ask.number, ask.text.strip()
    target = _TARGET.fullmatch(text)
    if target is None and number is None and text and text.split()[0].casefold() not in _ACTIONS:
        target = re.fullmatch(r"(?P<name>.+?)(?:\s+on\s+(?P<platform>\w+))?(?P<handle>)(?P<rest>)", text)
    if target is not None:
        word = target["handle"] or target["name"]
        person = _named(desk, tx, ask, word, target["platform"] or "")
        number, text = None, target["rest"]
    else:
        inquiry = meant(tx, ask)
        found = recorded(tx, inquiry)
        if found is None:
            raise Refusal(
                say("The platform does not say who wrote #{number}, so nothing can be kept.", number=inquiry.number),
                quote=ask.text,
            )
        person, number = found, inquiry.number
    action, _, rest = text.strip().partition(" ")
    if action and action.casefold() not in _ACTIONS:
        raise Refusal(
            say(
                "Behind the customer comes: {actions}. For example {example}.",
                actions=", ".join(_ACTIONS),
                example=_example(ask, f"{number or person.called} note prefers e-mail"),
            ),
            quote=ask.text,
        )
    return _Wanted(person, number, action.casefold(), rest.strip(), ask)


def _named(desk: Desk, tx: Tx, ask: Ask, word: str, platform: str) -> Customer:
    """The one person of that handle or name."""
    word = word.strip().lstrip("@")
    wanted = _platform(desk, platform, ask)
    people = matching(tx.customers_named(word), word, wanted)
    if len(people) == 1:
        return people[0]
    if people:
        choice = "; ".join(_short(desk, person) for person in people[:5])
        raise Refusal(
            say("Several people are called so: {people}. Say which, by the number of an inquiry.", people=choice),
            quote=ask.text,
        )
    like = [
        one
        for one in tx.search([word], 5)
        if word.casefold() in f"{one.customer.handle} {one.customer.name}".casefold()
    ]
    near = " ".join(
        dict.fromkeys(
            say("Did you mean {name} (#{number})?", name=clean(profile_of(one).called), number=one.number)
            for one in like[:2]
        )
    )
    sentence = say("Nobody called “{name}” has written to this desk.", name=_cut(word, 60))
    raise Refusal(f"{sentence} {near}".strip(), quote=ask.text)


def _platform(desk: Desk, typed: str, ask: Ask) -> str:
    """The platform that is meant, by its name for people; "" where none was said."""
    if not typed:
        return ""
    for name, title in titles(desk).items():
        if typed.casefold() in (name, title.casefold()):
            return name
    raise Refusal(
        say(
            "This desk has no platform “{name}”. It has: {known}.",
            name=_cut(typed, 40),
            known=", ".join(titles(desk).values()),
        ),
        quote=ask.text,
    )


def _short(desk: Desk, person: Customer) -> str:
    first = person.profiles[0]
    newest = f" (#{person.inquiries[-1]})" if person.inquiries else ""
    return f"{clean(first.called)}, {titles(desk).get(first.platform, first.platform)}{newest}"


def _kept(desk: Desk, tx: Tx, wanted: _Wanted, person: Customer, what: str, **details: object) -> list[Inquiry]:
    """Keep a changed record, log it, and let the cards of the open inquiries show it."""
    now = desk.now()
    tx.keep_customer(person)
    tx.log(Event(now, wanted.number or 0, what, wanted.ask.agent.user, None, {"customer": person.id, **details}))
    return followed(tx, person, now)


def _set_vip(desk: Desk, tx: Tx, wanted: _Wanted) -> Answer:
    person, off = wanted.person, wanted.rest.casefold() in ("off", "no", "end")
    if wanted.rest and not off and wanted.rest.casefold() not in ("on", "yes"):
        example = wanted.example("vip off")
        raise Refusal(say("VIP is on or off. For example {example}.", example=example), quote=wanted.ask.text)
    name = strong(person.called)
    if person.vip is not off:
        same = say("{name} is no VIP.", name=name) if off else say("{name} is a VIP already.", name=name)
        return Answer(same)
    user, now = wanted.ask.agent.user, desk.now()
    person = replace(person, vip=not off, vip_by=user)
    changed = _kept(desk, tx, wanted, person, "vip set", vip=not off)
    for inquiry in changed:
        told = (
            say("{who} took the VIP mark away.", who=who(user))
            if off
            else say("{who} marked the customer as a VIP.", who=who(user))
        )
        owe_line(
            tx, inquiry, f"vip:{now.isoformat()}", Line(f"{told} {_keeps(desk, inquiry)}".strip(), mark="star"), now
        )
    if off:
        return Answer(say("{name} is no VIP any more.", name=name))
    first = say("{name} is a VIP now, and comes first in the queue.", name=name)
    return Answer(" ".join([first, *(_keeps(desk, one) for one in changed[:3])]).strip())


def _keeps(desk: Desk, inquiry: Inquiry) -> str:
    """That an inquiry keeps its policy, where another would be chosen for it now; else ""."""
    today = chosen(desk, inquiry).policy
    if today == policy_of(desk, inquiry):
        return ""
    return say(
        "#{number} keeps the policy that it started with; a new one would get “{policy}”.",
        number=inquiry.number,
        policy=today.called,
    )


def _set_language(desk: Desk, tx: Tx, wanted: _Wanted) -> Answer:
    person, typed = wanted.person, wanted.rest
    name = strong(person.called)
    if typed.casefold() in ("off", "auto"):
        _kept(desk, tx, wanted, replace(person, language_by=""), "language set", language="")
        return Answer(
            say("From their next inquiry on the platform says again which language {name} writes.", name=name)
        )
    if not typed:
        example = wanted.example("language Portuguese")
        raise Refusal(say("Which language? For example {example}.", example=example), quote=wanted.ask.text)
    found = language_named(typed)
    if found is None:
        near = nearest_language(typed)
        example = wanted.example(f"language {near or 'Portuguese'}")
        raise Refusal(
            say(
                "“{typed}” is no language that I know. Write its name or short code: {example}.",
                typed=_cut(typed, 40),
                example=example,
            ),
            quote=wanted.ask.text,
        )
    person = replace(person, language=found, language_by=wanted.ask.agent.user)
    _kept(desk, tx, wanted, person, "language set", language=found)
    told = say("{name} writes {language}.", name=name, language=language_name(found))
    if found in speaks(desk):
        return Answer(told)
    return Answer(f"{told} {say('The desk has no texts of its own in it; answer in it yourself.')}")


def _add_note(desk: Desk, tx: Tx, wanted: _Wanted) -> Answer:
    text = clean(wanted.rest)
    if not text:
        raise EmptyText(wanted.example("note prefers e-mail"), note=True)
    if len(text) > NOTE_LENGTH:
        raise Refusal(
            say("A note has at most {most} characters, and this has {size}.", most=NOTE_LENGTH, size=len(text)),
            quote=text,
        )
    user = wanted.ask.agent.user
    _kept(desk, tx, wanted, wanted.person.with_note(Remark(desk.now(), user, text)), "customer note")
    return Answer(say("Noted about {name}. Only the team sees it.", name=strong(wanted.person.called)))


def _other(desk: Desk, tx: Tx, wanted: _Wanted, verb: str) -> tuple[Customer, str]:
    """The person named behind *link* or *unlink*: by handle, name, or the number of an inquiry; and the word itself."""
    ask, words = wanted.ask, wanted.rest
    if not words:
        raise Refusal(
            say("Who is the same person? For example {example}.", example=wanted.example(f"{verb} @other on facebook")),
            quote=ask.text,
        )
    if number := re.fullmatch(r"#?(\d{1,9})", words):
        inquiry = meant(tx, replace(ask, number=int(number[1])))
        found = recorded(tx, inquiry)
        if found is None:
            raise Refusal(say("The platform does not say who wrote #{number}.", number=inquiry.number), quote=ask.text)
        return found, inquiry.customer.handle or inquiry.customer.name
    match = re.fullmatch(r"[@\"“„]?(?P<name>.+?)[\"”“]?(?:\s+on\s+(?P<platform>\w+))?", words, re.DOTALL)
    assert match is not None, "some words are a name"
    return _named(desk, tx, ask, match["name"], match["platform"] or ""), match["name"]


def _link(desk: Desk, tx: Tx, wanted: _Wanted) -> Answer:
    """Two records are of one person: what was known of either is known of both."""
    person, (other, word) = wanted.person, _other(desk, tx, wanted, "link")
    name, named = strong(person.called), strong(other.called)
    if other.id == person.id or all(person.has(one.key) for one in other.profiles):
        named = strong(word.lstrip("@"))
        return Answer(say("{name} and {other} are known as one person already.", name=name, other=named))
    both = one_person(person, other)
    tx.forget_customer(other.id)
    _kept(desk, tx, wanted, both, "customers linked", other=other.id)
    undo = wanted.example(f"unlink {other.called}")
    return Answer(
        say("{name} and {other} are one person now. If that was wrong: {undo}.", name=name, other=named, undo=undo)
    )


def _unlink(desk: Desk, tx: Tx, wanted: _Wanted) -> Answer:
    """Take a profile out again, with its inquiries; notes and marks stay with the first."""
    person = wanted.person
    other, word = _other(desk, tx, wanted, "unlink")
    name = word.strip().lstrip("@").casefold()
    gone = [one for one in person.profiles if name in (one.handle.casefold(), one.name.casefold())]
    left = tuple(one for one in person.profiles if one not in gone)
    if other.id != person.id or not gone or not left:
        raise Refusal(
            say("{name} has no further profile “{other}”.", name=strong(person.called), other=_cut(word, 60)),
            quote=wanted.ask.text,
        )
    keys = {one.key for one in gone}
    theirs = tuple(n for n in person.inquiries if (i := tx.inquiry(n)) is not None and profile_of(i).key in keys)
    apart = Customer(tx.next_customer(), tuple(gone), theirs)
    stays = replace(person, profiles=left, inquiries=tuple(n for n in person.inquiries if n not in theirs))
    tx.keep_customer(stays)
    _kept(desk, tx, wanted, apart, "customers unlinked", other=stays.id)
    followed(tx, stays, desk.now())
    sentence = say(
        "{name} and {other} are two people again. Notes and marks stay with {name}.",
        name=strong(stays.called),
        other=strong(apart.called),
    )
    return Answer(sentence)


# shown


def _shown(desk: Desk, tx: Tx, wanted: _Wanted) -> Answer:
    person = wanted.person
    newest = tx.inquiry(person.inquiries[-1]) if person.inquiries else None
    if newest is not None:
        ask_for(desk, tx, newest)
    lines = [
        f"{strong(titles(desk).get(one.platform, one.platform))}: "
        f"{link(one.url, one.called) if one.url else clean(one.called)}"
        f"{f' ({clean(one.name)})' if one.name and one.handle else ''}"
        for one in person.profiles
    ]
    lines += _mostly(desk, tx, person)
    lines += _from_the_company(desk, person.known)
    for note in reversed(person.notes[-SHOWN:]):
        lines.append(
            say("{at} note by {who}: {text}", at=when(note.at, "day"), who=who(note.by), text=_cut(note.text, 300))
        )
    others = [number for number in person.inquiries if number != wanted.number]
    lines += _history(desk, tx, reversed(others[-SHOWN:]))
    if len(others) > SHOWN:
        lines.append(say("and {n} more", n=len(others) - SHOWN))
    said = [strong(person.called)]
    if person.vip:
        said.append(strong(say("VIP")))
    if person.language:
        set_by = say("set by {who}", who=who(person.language_by)) if person.language_by else ""
        said.append(f"{language_name(person.language)}{f', {set_by}' if set_by else ''}")
    elif newest is not None:
        said += _spoken(newest)
    what = (
        say_n("{n} other inquiry", "{n} other inquiries", len(others))
        if wanted.number
        else say_n("{n} inquiry", "{n} inquiries", len(others))
    )
    said.append(what)
    return Answer(" · ".join(said), lines=tuple(lines), number=wanted.number)


def _mostly(desk: Desk, tx: Tx, person: Customer) -> list[str]:
    """By which way most of the person's last inquiries came in: there they are reached best. Nothing if none leads."""
    found = [one for number in person.inquiries[-LOOKED_AT:] if (one := tx.inquiry(number)) is not None]
    ways = Counter((one.platform, one.private) for one in found)
    ((platform, private), most), *_ = ways.most_common(1) or [(("", False), 0)]
    if len(found) < 2 or most * 2 <= len(found):
        return []
    title = titles(desk).get(platform, platform)
    where = (
        say("privately on {platform}", platform=title) if private else say("in public on {platform}", platform=title)
    )
    return [say("Mostly writes {where}: {n} of {all} inquiries.", where=where, n=most, all=len(found))]


def _from_the_company(desk: Desk, known: Known | None) -> list[str]:
    if known is None and desk.directory is not None:
        if desk.look_up_failed is not None:
            at = when(desk.look_up_failed, "day")
            return [say("The company's own system gave no answer, {at}. It is asked again.", at=at)]
        return [say("The company's own system is being asked. Look again in a moment.")]
    if known is None:
        return []
    if not known.found:
        return [say("The company's own system does not know this customer.")]
    facts = [f"{clean(label)}: {_cut(value)}" for label, value in known.facts]
    there = link(known.url, say("open it there")) if known.url else ""
    words = " · ".join(part for part in (clean(known.name), *facts, there) if part)
    if not words:
        return [say("The company's own system knows this customer, and says no more.")]
    return [say("From the company's own system, {at}: {facts}", at=when(known.at, "day"), facts=words)]


def _history(desk: Desk, tx: Tx, numbers: Iterable[int]) -> list[str]:
    """One line for each inquiry: what was asked, and what was answered last."""
    found = []
    for number in numbers:
        inquiry = tx.inquiry(number)
        if inquiry is None:
            continue
        entries = tx.entries(number)
        asked = next((one for one in entries if one.said is Said.CUSTOMER and not one.deleted), None)
        answer = next((one for one in reversed(entries) if one.said in (Said.REPLY, Said.OUTSIDE)), None)
        title = titles(desk).get(inquiry.platform, inquiry.platform)
        how = f"{stands(inquiry)}{f' ({clean(reason_words(inquiry.closed_reason))})' if inquiry.closed_reason else ''}"
        words = f" “{_cut(asked.text, 100)}”" if asked is not None else ""
        said = f" → “{_cut(answer.text, 100)}”" if answer is not None else ""
        came = f"{title} {kind_words(inquiry.kind)}, {when(inquiry.created_at, 'date')}"
        found.append(f"{strong(f'#{number}')} {came}, {how}:{words}{said}")
    return found
