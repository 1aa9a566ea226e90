"""Canned answers that are added in Slack: by command or form, or from a good answer; and how all of them fare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desk.desk import Desk
from desk.flows.canned_said import OWN, added, known, uses_of
from desk.flows.owing import owe_edit, owe_post
from desk.flows.reply import parts_of, signature_of
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.canned import FILLED, NAME, PARTS, Canned, Use, faults
from desk.model.catalogue import say, say_n
from desk.model.general import three_parts
from desk.model.holding import language_of
from desk.model.inquiry import Event, Said
from desk.model.notice import names_in
from desk.model.outbox import Delivery
from desk.model.people import Person
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.words import clean, code, strong, when, who
from desk.ports import Tx

WORDINGS = 6
LONGEST = 1000
"""Characters of one wording."""


# Adding


async def add(desk: Desk, ask: Ask, rest: str) -> Answer:
    """`/canned add name topic feeling | facts | next step`; without words a form opens."""
    example = code(
        f"{ask.typed} add late-parcel delivery Sorry[, {{name}}]. | It is on its way. | I'll write {{until}}."
    )
    if not rest:
        if ask.lead.startswith(("!", "@")):
            raise Refusal(say("Write it whole: {example}", example=example))
        return Answer("", form="canned", number=0)
    found = re.match(r"(\S+)\s+(\S+)\s+(.+)\Z", rest, re.DOTALL)
    parts = [part.strip() for part in found[3].split("|")] if found else []
    if found is None or len(parts) != len(PARTS):
        raise Refusal(
            say(
                "A canned answer has a name, a topic, and three parts with {bar} between them. Write: {form}",
                bar=code("|"),
                form=example,
            ),
            quote=ask.text,
        )
    values = {"name": found[1], "topic": found[2], **dict(zip(PARTS, parts, strict=True))}
    return await keep(desk, ask, values)


class Wrong(Exception):
    """What a form's field holds cannot be used: the field and a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def made(values: Mapping[str, str], by: str, spoken: tuple[str, ...] = ()) -> Canned:
    """A response from what was typed, a wording per line. Raises `Wrong` for the first field that is."""
    name = values["name"].strip().casefold().replace(" ", "-")
    if not NAME.fullmatch(name):
        raise Wrong("name", say("A name has small letters, digits and hyphens, and begins with a letter: late-parcel"))
    topic = clean(" ".join(values["topic"].split()))[:40]
    if not topic:
        raise Wrong("topic", say("A topic is missing. Write one word: delivery"))
    texts: dict[str, tuple[str, ...]] = {}
    for part in PARTS:
        lines = [" ".join(line.split()) for line in values[part].splitlines() if line.strip()]
        if not lines:
            raise Wrong(part, say("There are no words in it. Write at least one wording."))
        if len(lines) > WORDINGS or max(map(len, lines)) > LONGEST:
            raise Wrong(part, say("At most {n} wordings of {long} characters, a line each.", n=WORDINGS, long=LONGEST))
        texts[part] = tuple(lines)
    places = {place for lines in texts.values() for text in lines for place in names_in(text)}
    whole = " ".join(text for lines in texts.values() for text in lines)
    faq = values.get("faq", "").strip()
    if faq and not re.fullmatch(r"https://\S{1,290}", faq):
        raise Wrong("faq", say("A link begins with https://"))
    one = Canned(
        name,
        topic,
        (values.get("language") or "").strip().casefold() or language_of(whole, spoken),
        texts["feeling"],
        texts["facts"],
        texts["next"],
        about=clean(" ".join(values.get("about", "").split()))[:200],
        needs=tuple(sorted(places - set(FILLED))),
        faq=faq,
        by=by,
    )
    if not re.fullmatch(r"[a-z]{2,3}", one.language):
        raise Wrong("language", say("A language is its short code: en"))
    for field, why in faults(one):
        raise Wrong(field if field in (*PARTS, "name") else "facts", f"{field}: {why}.")
    return one


async def keep(desk: Desk, ask: Ask, values: Mapping[str, str]) -> Answer:
    """Keep a response: a lead's can be used at once, an agent's waits until a lead approves it. Raises `Wrong` for what
    cannot be used where a form asks (`ask.form`), else a `Refusal` with the text."""
    try:
        one = made(values, ask.agent.user, desk.rules.languages)
    except Wrong as wrong:
        if ask.form:
            raise
        raise Refusal(wrong.sentence, quote=ask.text) from None

    async def work(tx: Tx) -> Answer:
        now, key, own = desk.now(), f"{one.language}:{one.name}", added(tx)
        before = own.get(key)
        if any((other.language, other.name) == (one.language, one.name) for other in known(desk, tx)) or before:
            raise Refusal(
                say("There is a canned answer {name} in {language} already.", name=one.name, language=one.language),
                quote=ask.text,
            )
        ready = ask.agent.lead
        stamp = now.isoformat()
        own[key] = {**one.as_json(), "state": "ready" if ready else "waiting", "at": stamp}
        tx.set_setting(OWN, own)
        tx.log(Event(now, ask.number or 0, "canned answer added", ask.agent.user, None, {"name": one.name}))
        use = code(f"/{desk.rules.prefix}desk canned 42 {one.name}")
        if ready:
            return Answer(
                say("Kept: {name}, in {language}. Use it: {use}", name=one.name, language=one.language, use=use)
            )
        owe_post(tx, f"canned:{key}:{stamp}", desk.rules.leads_channel, _to_approve(one), now)
        return Answer(
            say("Kept: {name}. A lead has it before them; once approved, use it: {use}", name=one.name, use=use)
        )

    return await desk.once(ask, work)


def _to_approve(one: Canned, verdict: str = "") -> Line:
    text = "\n\n".join("\n".join(part) for part in one.parts)
    value = f"{one.language}:{one.name}"
    head = say(
        "{agent} suggests a canned answer: {name}, about {topic}, in {language}.",
        agent=who(one.by),
        name=strong(one.name),
        topic=one.topic,
        language=one.language,
    )
    buttons = (
        Button("canned_approve", say("Approve"), value, "primary"),
        Button("canned_decline", say("Decline"), value),
    )
    return Line(f"{head}\n{verdict}".strip(), text, () if verdict else buttons, mark="speech_balloon")


async def approve(desk: Desk, ask: Ask, name: str) -> Answer:
    """A lead lets everybody use what an agent added."""
    return await _judged(desk, ask, name, ready=True)


async def decline(desk: Desk, ask: Ask, name: str) -> Answer:
    """A lead does not want it."""
    return await _judged(desk, ask, name, ready=False)


async def _judged(desk: Desk, ask: Ask, name: str, *, ready: bool) -> Answer:
    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly(say("approve canned answers"), [lead.user for lead in desk.people.leads()])
        own = added(tx)
        key = next((key for key in own if key == name or key.partition(":")[2] == name), "")
        kept = own.get(key)
        if kept is None or kept["state"] != "waiting":
            raise Refusal(say("No canned answer {name} waits for an approval.", name=clean(name)))
        one, now = Canned.from_json(kept), desk.now()
        if ready:
            own[key] = {**kept, "state": "ready"}
        else:
            del own[key]
        tx.set_setting(OWN, own)
        verdict = say("{lead} approved it.", lead=who(ask.agent.user))
        if not ready:
            verdict = say("{lead} declined it.", lead=who(ask.agent.user))
        asked = tx.op(f"post:canned:{key}:{kept['at']}")
        if asked is not None:
            tx.keep_op(replace(asked, payload=_to_approve(one, verdict).as_json()))
            owe_edit(tx, asked.op_id, now)
        what = "canned answer approved" if ready else "canned answer declined"
        tx.log(Event(now, 0, what, ask.agent.user, None, {"name": one.name}))
        if ready:
            return Answer(say("{name} can be used now.", name=one.name))
        return Answer(say("{name} is not kept.", name=one.name))

    return await desk.once(ask, work)


async def remove(desk: Desk, ask: Ask, name: str) -> Answer:
    """A lead takes one away that was added in Slack; those of the files are the owner's."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly(say("remove canned answers"), [lead.user for lead in desk.people.leads()])
        if not name:
            raise Refusal(say("Which one? Write: {command}", command=code(f"{ask.typed} remove late-parcel")))
        own = added(tx)
        gone = [key for key in own if key == name or key.partition(":")[2] == name]
        if not gone:
            if any(one.name == name for one in desk.rules.canned):
                raise Refusal(say("{name} stands in a file of the owner's, and is changed there.", name=clean(name)))
            raise Refusal(say("There is no canned answer {name} that was added here.", name=clean(name)))
        tx.set_setting(OWN, {key: kept for key, kept in own.items() if key not in gone})
        tx.log(Event(desk.now(), 0, "canned answer removed", ask.agent.user, None, {"name": name}))
        return Answer(say("{name} is removed.", name=clean(name)))

    return await desk.once(ask, work)


# From a good answer


async def form_values(desk: Desk, person: Person, number: int, nth: int) -> dict[str, Any]:
    """What the form shows: empty, or an answer of ours made general. Raises `Refusal` where that did not go out."""

    async def work(tx: Tx) -> dict[str, Any]:
        if not number:
            return {}
        inquiry = tx.inquiry(number)
        parts = parts_of(tx, number, nth) if inquiry is not None else []
        if inquiry is None or not parts or any(op.state is not Delivery.SENT for op in parts):
            raise Refusal(say("Only an answer that went out can be saved as a canned one."))
        text = " ".join(op.payload["text"] for op in parts)
        author = desk.people.person(parts[0].payload["agent"]) or person
        sign = signature_of(desk, tx, author, "")
        if sign:
            text = text.replace(sign, " ")
        team = [name for one in (*desk.people.agents(), *desk.people.leads()) for name in (one.real_name, one.handle)]
        customers = [entry.author for entry in tx.entries(number) if entry.said is Said.CUSTOMER]
        theirs = [name for one in customers for name in (one.name, one.handle)]
        contact = desk.rules.contact
        ours = {"email": contact.email, "phone": contact.phone, "web": contact.web, "faq": ""}
        found = three_parts(" ".join(text.split()), desk.now(), desk.hours(tx), theirs, team, ours)
        language = inquiry.language or language_of(text, desk.rules.languages)
        return {**dict(zip(PARTS, found, strict=True)), "language": language}

    return await desk.read(work)


# How they fare


async def health(desk: Desk, ask: Ask, rest: str = "") -> Answer:
    """For leads: how often each was used, rewritten, and asked again after; what nobody uses; what waits."""

    async def work(tx: Tx) -> Answer:
        if not ask.agent.lead:
            raise LeadsOnly(say("see how canned answers fare"), [lead.user for lead in desk.people.leads()])
        names = sorted({one.name for one in known(desk, tx)})
        used = {name: uses_of(tx, name) for name in names}
        lines = [_fares(tx, name, used[name]) for name in sorted(names, key=lambda one: -len(used[one])) if used[name]]
        unused = [name for name in names if not used[name]]
        if unused:
            lines.append(say("Never used: {names}", names=", ".join(unused)))
        for kept in added(tx).values():
            if kept["state"] == "waiting":
                lines.append(say("Waits for a lead: {name}, from {agent}.", name=kept["name"], agent=who(kept["by"])))
        total = sum(map(len, used.values()))
        head = say_n("Canned answers: {n} answer began as one.", "Canned answers: {n} answers began as one.", total)
        return Answer(head, lines=tuple(lines))

    return await desk.read(work)


def _fares(tx: Tx, name: str, uses: list[Use]) -> str:
    again = sum(_asked_again(tx, use) for use in uses)
    changed = sum(use.rewritten for use in uses)
    return say_n(
        "{name}: used once, rewritten {changed}, asked again after it {again}; last {last}.",
        "{name}: used {n} times, rewritten {changed}, asked again after it {again}; last {last}.",
        len(uses),
        name=strong(name),
        changed=changed,
        again=again,
        last=when(uses[-1].at, "day"),
    )


def _asked_again(tx: Tx, use: Use) -> bool:
    """Whether the customer wrote once more after it, and not only thanks."""
    entries = tx.entries(use.number)
    return any(entry.said is Said.CUSTOMER and entry.starts_clock and entry.at > use.at for entry in entries)
