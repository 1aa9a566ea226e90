"""Our hours in public, on the platforms: on command after a preview, and by themselves once for a date and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from desk.desk import Desk
from desk.flows.owing import owe_post
from desk.model import notice
from desk.model.asking import Answer, Ask, Button, Line
from desk.model.catalogue import say
from desk.model.hours import BusinessHours, NeverOpen
from desk.model.inquiry import Event
from desk.model.opening import FRESH, last_closing_today, present, wall
from desk.model.outbox import Delivery, Lane, Operation, OpKind
from desk.model.refusals import LeadsOnly, Refusal
from desk.model.tongues import tongue
from desk.model.week import format_week
from desk.model.words import clean, code, link, strong, when, who
from desk.ports import Platform, Tx

LOOKS = 3
"""After so many looks a post that may have arrived is left to people."""

Texts = list[tuple[str, str, str]]
"""Platform, language ("" where the owner wrote one text for all), and what is to stand there."""


async def preview(desk: Desk, ask: Ask) -> Answer:
    """What would be posted, where; nothing goes out before *Post it*, and then just these words."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask)
        now = desk.now()
        texts = availability(desk, tx)
        lines = [f"{strong('Slack')}: {present(desk.hours(tx), now)}"]
        for name, language, text in texts:
            platform = desk.platform(name)
            size, limit = platform.length(text), platform.capabilities.public_limit
            if size > limit:
                raise Refusal(
                    say(
                        "Not posted: the text for {where} takes {size} of {limit}. Ask the owner to shorten it under "
                        "[availability] in frontdesk.toml.",
                        where=_where(platform, language),
                        size=size,
                        limit=limit,
                    )
                )
            same = tx.setting(_last(name, language)) == text
            again = say("(word for word what was posted last time; some networks refuse that)")
            line = f"{strong(_where(platform, language))}: {clean(text)}"
            lines.append(f"{line} {again}" if same else line)
        key = now.isoformat()
        tx.set_setting(f"preview:{ask.agent.user}", {"key": key, "texts": [list(one) for one in texts]})
        return Answer(
            say("This would stand in public. Nothing has been posted yet."),
            lines=tuple(lines),
            buttons=(Button("hours_post", say("Post it"), key, "primary", confirm=say("Everybody can read it.")),),
        )

    return await desk.once(ask, work)


def _leads_only(desk: Desk, ask: Ask) -> None:
    if not ask.agent.lead:
        raise LeadsOnly(say("post the office hours in public"), [lead.user for lead in desk.people.leads()], ask.text)


def _where(platform: Platform, language: str) -> str:
    return f"{platform.title} ({language})" if language else platform.title


def _last(name: str, language: str) -> str:
    """The setting that keeps what was posted there last."""
    return f"availability:{name}:{language}" if language else f"availability:{name}"


def availability(desk: Desk, tx: Tx, suffix: Mapping[str, str] | None = None) -> Texts:
    """What is to stand in public now, with the facts filled in; `suffix` comes behind it, by language.

    A text that cannot be shortened to the platform's limit is given as it is: whoever posts it must look.
    """
    open_hours, now, rules = desk.hours(tx), desk.now(), desk.rules
    behind = suffix or {}
    found: Texts = []
    for name, platform in desk.platforms.items():
        if not rules.languages:
            text = _one_text(desk, open_hours, name, now)
            found += [(name, "", text + behind.get("", ""))] if text else []
            continue
        for language in rules.languages:
            end = behind.get(language, "")
            limit = platform.capabilities.public_limit - (platform.length(end) if end else 0)
            [(_, filled)] = notice.availability(
                open_hours,
                now,
                (language,),
                limit,
                platform.length,
                texts=rules.public_texts,
                contact=rules.contact,
                name=rules.name,
            )
            if filled.text:
                found.append((name, language, filled.text + end))
    return found


def _one_text(desk: Desk, open_hours: BusinessHours, name: str, now: datetime) -> str:
    """The one text that the owner wrote for a platform."""
    until, state = _state(open_hours, now)
    facts = {"{hours}": format_week(open_hours.week), "{zone}": open_hours.zone.key, "{until}": until, "{state}": state}
    text = desk.rules.availability.get(name, "{state} Our hours: {hours} ({zone}).")
    for mark, value in facts.items():
        text = text.replace(mark, value)
    return text.strip()


def _state(open_hours: BusinessHours, now: datetime) -> tuple[str, str]:
    """Until when things stay as they are, and how they are, in words for the public."""
    try:
        if open_hours.is_open(now):
            closing = last_closing_today(open_hours, now)
            if closing is None:
                return "further notice", "We are here around the clock."
            until = f"{wall(open_hours, closing)} time"
            return until, f"We are here until {until}."
        opens = open_hours.next_opening(now).astimezone(open_hours.zone)
        return f"{opens:%a %H:%M}", f"We are back on {opens:%A} at {wall(open_hours, opens)} time."
    except NeverOpen:
        return "further notice", "We are closed."


async def post_hours(desk: Desk, ask: Ask) -> Answer:
    """Owe what the preview showed to Slack and to each platform, once for each preview. `ask.text` names it."""

    async def work(tx: Tx) -> Answer:
        _leads_only(desk, ask)
        now = desk.now()
        shown = tx.setting(f"preview:{ask.agent.user}") or {}
        if shown.get("key") != ask.text:
            raise Refusal(
                say(
                    "That preview is old. Look at a new one: {command}.",
                    command=code(f"/{desk.rules.prefix}hours post"),
                )
            )
        if shown.get("posted"):
            return Answer(
                say(
                    "Posted already, {at}. Nothing is said twice.",
                    at=when(datetime.fromisoformat(shown["posted"]), "day"),
                )
            )
        tx.set_setting(f"preview:{ask.agent.user}", {**shown, "posted": now.isoformat()})
        texts = _kept(desk, shown["texts"])
        for name, language, text in texts:
            tx.set_setting(_last(name, language), text)
            key = f"availability:{name}:{ask.text}" if not language else f"availability:{name}:{language}:{ask.text}"
            _owe(tx, name, text, key, now)
        line = Line(
            say("{who} posts our hours. {hours}", who=who(ask.agent.user), hours=present(desk.hours(tx), now)),
            mark="loudspeaker",
        )
        owe_post(tx, f"availability:{ask.text}", desk.rules.channel, line, now)
        tx.log(Event(now, 0, "hours posted", ask.agent.user))
        titles = dict.fromkeys(desk.platforms[name].title for name, _, _ in texts)
        return Answer(say("Going out to {where}.", where=", ".join(("Slack", *titles))))

    return await desk.once(ask, work)


def _kept(desk: Desk, texts: object) -> Texts:
    """The texts of a preview; those of a desk from before there were languages are by platform alone."""
    rows = [(name, "", text) for name, text in texts.items()] if isinstance(texts, dict) else texts
    assert isinstance(rows, list)
    return [(str(name), str(language), str(text)) for name, language, text in rows if name in desk.platforms]


def owe_scheduled(desk: Desk, tx: Tx, kind: str, day: date, now: datetime) -> None:
    """Owe the public posts of an opening or a closing, where the owner wants them; once for a date, kind, platform and
    language. The date stands behind them, so that no network takes them for the same words again."""
    if kind not in desk.rules.post_at:
        return
    suffix = {
        language: f" ({tongue(language or 'en').short[day.weekday()]} {day.isoformat()})"
        for language in (desk.rules.languages or ("",))
    }
    for name, language, text in availability(desk, tx, suffix):
        platform = desk.platform(name)
        op_id = notice.once_key(kind, day, name, language)
        if tx.op(op_id) is not None:
            continue
        if (size := platform.length(text)) > platform.capabilities.public_limit:
            line = Line(
                say(
                    "Our hours were not posted on {where}: the text takes {size} of {limit}. The owner can shorten it "
                    "under [availability].",
                    where=_where(platform, language),
                    size=size,
                    limit=platform.capabilities.public_limit,
                ),
                mark="red_circle",
            )
            owe_post(tx, f"{op_id}:long", desk.rules.channel, line, now)
            continue
        tx.set_setting(_last(name, language), text)
        _owe(tx, name, text, op_id, now, scheduled=True)
        tx.log(Event(now, 0, "hours posted", None, None, {"kind": kind, "day": day.isoformat(), "platform": name}))


def _owe(tx: Tx, name: str, text: str, op_id: str, now: datetime, *, scheduled: bool = False) -> None:
    said: dict[str, object] = {
        "way": "post",
        "text": text,
        "reply_to": None,
        "to": None,
        "people": [],
        "part": 1,
        "parts": 1,
        "nth": 0,
        **({"scheduled": True} if scheduled else {}),
    }
    tx.keep_op(Operation(op_id, OpKind.PUBLISH, Lane.NOTICE, name, "account", now, now, None, said))
    tx.set_setting("availability", [*(tx.setting("availability") or ()), op_id])


def drop_stale(tx: Tx, now: datetime) -> None:
    """What was to be said by itself and could not for long is true no more: it is not said."""
    for op in _stale(tx, now):
        why = say("It waited too long to be true still.")
        tx.keep_op(replace(op, state=Delivery.CANCELLED, settled_at=now, reason=why))


def _stale(tx: Tx, now: datetime) -> list[Operation]:
    ops = [op for op_id in tx.setting("availability") or () if (op := tx.op(op_id)) is not None]
    waiting = [op for op in ops if op.state is Delivery.OWED and op.payload.get("scheduled")]
    return [op for op in waiting if now - op.created_at > FRESH]


def posts_to_tell(desk: Desk, tx: Tx) -> bool:
    """Whether there is something to say, or to drop, about posts that were owed."""
    return bool(_stale(tx, desk.now()) or _settled(tx))


def _settled(tx: Tx) -> list[Operation]:
    """The posts that were owed, once it is known of each what became of it."""
    ops = [op for op_id in tx.setting("availability") or () if (op := tx.op(op_id)) is not None]
    known = all(not op.waiting or (op.state is Delivery.UNSURE and op.looks >= LOOKS) for op in ops)
    return ops if known else []


def say_how_it_went(desk: Desk, tx: Tx, now: datetime) -> None:
    """One message in the channel about the posts that went out, or did not."""
    drop_stale(tx, now)
    ops = _settled(tx)
    if not ops:
        return
    tx.set_setting("availability", None)
    said = []
    for op in ops:
        title = desk.platforms[op.target].title if op.target in desk.platforms else op.target
        if op.state is Delivery.SENT:
            said.append(say("They stand on {where}.", where=link(op.url, title) if op.url else title))
        elif op.state is Delivery.UNSURE:
            said.append(
                say(
                    "Nobody knows whether {platform} has them: please look, nothing is said twice by itself.",
                    platform=title,
                )
            )
        else:
            said.append(say("{platform} did not take them. {why}", platform=title, why=clean(op.reason or "")).strip())
    well = all(op.state is Delivery.SENT for op in ops)
    line = Line(
        say("Our hours in public: {how}", how=" ".join(said)), mark="white_check_mark" if well else "red_circle"
    )
    owe_post(tx, f"{ops[0].op_id}:outcome", desk.rules.channel, line, now)
