"""The closing audit: what must be true when a story is over, whatever went wrong in it.

Nothing that a platform took is missing or shown twice, no inquiry has two threads, nothing was published more often
than agents asked, every message in Slack is one operation of ours, and no secret stands anywhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bot
from desk.model.inquiry import Entry, Flag, Inquiry, Said
from desk.model.outbox import Delivery, Operation, OpKind
from desk.ports import Tx
from desk.store.codec import decode
from desk.store.indexes import OPS
from platforms.sandbox.world import World

Message = dict[str, Any]
FORGED = "forged"
"""What a message says that a test has put there as if it were the bot's."""
AGAIN = frozenset({"send_again"})
"""What an agent presses to have a text said once more although it may be there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a desk remembers, at one instant."""

    inquiries: dict[int, Inquiry]
    entries: list[Entry]
    ops: dict[str, Operation]
    aside: frozenset[str]
    """Ids of what could not be kept, and was named in Slack instead."""
    named: dict[str, bool] = field(default_factory=dict)
    """Whether each op_id that stands in Slack is one of the desk's."""


async def remembered(store: Any, op_ids: frozenset[str]) -> Kept:
    """What is in the store, read in one transaction."""

    async def work(tx: Tx) -> Kept:
        inquiries: dict[int, Inquiry] = {}
        entries: list[Entry] = []
        ops: dict[str, Operation] = {op.op_id: op for op in tx.waiting_ops()}
        for number in range(1, tx.highest() + 1):  # type: ignore[attr-defined]
            inquiry = tx.inquiry(number)
            assert inquiry is not None, f"#{number} was given out and is not in the store"
            inquiries[number] = inquiry
            entries += tx.entries(number)
            ops.update((op.op_id, op) for op in tx.ops_of(number))
        aside = frozenset(str(e.details.get("message")) for e in tx.events(0) if e.what == "set aside")
        known = {op_id: tx.op(op_id) for op_id in op_ids}
        ops.update((op_id, op) for op_id, op in known.items() if op is not None)
        for document in store.db.table(OPS).all():  # those of no inquiry, such as our hours in public
            op = decode(Operation, dict(document))
            ops.setdefault(op.op_id, op)
        return Kept(inquiries, entries, ops, aside, {op_id: op is not None for op_id, op in known.items()})

    kept: Kept = await store.transact(work)
    return kept


# what the platforms took


def accepted(world: World, *, directs: bool = True) -> dict[str, tuple[str, ...]]:
    """What customers wrote to us and did not take back, and the platforms show: each with all ids that it has had."""
    now, me = world.now(), world.x.me.id
    found: dict[str, tuple[str, ...]] = {}
    for post in world.x.shelf.posts.values():
        gone = post.deleted or post.replaced or post.hidden or post.visible_at > now
        if not gone and post.author != me and me in post.mentions:
            found[post.id] = tuple(post.history)
    for event in world.x.shelf.directs.values() if directs else ():
        if event.recipient == me and event.visible_at <= now:
            found[event.id] = (event.id,)
    for thing in world.graph.things.values():
        if not (thing.by_page or thing.deleted or thing.visible > now):
            found[thing.id] = (thing.id,)
    for conversation in world.graph.conversations.values():
        for said in conversation.messages:
            if said.author is conversation.person and not said.deleted and said.visible <= now:
                found[said.id] = (said.id,)
    return found


def ever_written(world: World) -> set[str]:
    """Every id that a stand-in ever gave to anything."""
    graph, x = world.graph, world.x
    said = (said.id for conversation in graph.conversations.values() for said in conversation.messages)
    return {*x.shelf.posts, *x.shelf.directs, *graph.things, *said}


def written(kept: Kept) -> set[str]:
    """The ids of all that customers wrote, as the desk has them."""
    return {entry.remote_id for entry in kept.entries if entry.said is Said.CUSTOMER and entry.remote_id}


def missing(world: World, kept: Kept, *, directs: bool = True) -> list[str]:
    """Ids that a platform took and the desk neither keeps nor has named as unreadable."""
    known = {entry.remote_id for entry in kept.entries} | kept.aside
    taken = accepted(world, directs=directs)
    return [key for key, ids in taken.items() if not any(one in known for one in ids)]


# what stands in Slack


def standing(world: World) -> Iterator[tuple[str, Message]]:
    """Every message of the bot's that stands in a channel or thread, with the channel."""
    for channel in world.slack.channels:
        for top in world.slack.messages(channel):
            below = world.slack.replies(channel, top["ts"]) if top.get("reply_count") else []
            for message in (top, *below):
                # Slack itself posts a line in the bot's name where it changes the topic.
                if message.get("bot_id") == world.slack.bot_id and message.get("subtype") != "channel_topic":
                    yield channel, message


def payload_of(message: Message) -> dict[str, Any]:
    """What the desk wrote into a message for itself."""
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}) if metadata.get("event_type") == "frontdesk" else {}


def shows(message: Message) -> list[str]:
    """The ids of the customers' messages that a message in Slack shows, as it says itself."""
    payload = payload_of(message)
    return [str(one) for one in payload.get("message_ids") or (payload.get("message_id"),) if one]


def op_ids(world: World) -> frozenset[str]:
    return frozenset(str(payload_of(message).get("op_id", "")) for _, message in standing(world))


def said_in_slack(world: World, kept: Kept) -> None:
    """Each message is one operation of the desk, and each operation stands there once."""
    seen: Counter[str] = Counter()
    brought = {str(op.payload["file"]): op.op_id for op in kept.ops.values() if op.payload.get("file")}
    for channel, message in standing(world):
        if message.get("files"):
            # A shared file carries no metadata; the desk wrote its id down before it was shown.
            for file in message["files"]:
                assert file["id"] in brought, f"nobody knows why this file stands in {channel}: {file['name']}"
                seen[brought[file["id"]]] += 1
            continue
        payload = payload_of(message)
        op_id = payload.get("op_id")
        if message.get("text") == FORGED and not op_id:
            continue
        assert op_id, f"nobody knows why this stands in {channel}: {message.get('text')!r}"
        assert kept.named[str(op_id)], f"no operation of the desk: {op_id} in {channel}"
        if not payload.get("folded"):
            seen[str(op_id)] += 1
    # What is still in doubt may stand there already, and be looked for in a moment.
    twice = {op_id: count for op_id, count in seen.items() if count > 1}
    assert not twice, f"said twice in Slack: {twice}"
    roots = Counter(op.number for op_id in seen if (op := kept.ops[op_id]).kind is OpKind.ROOT)
    assert not [number for number, count in roots.items() if count > 1], f"an inquiry has two threads: {roots}"


def shown(world: World, kept: Kept) -> None:
    """What a customer wrote is kept once, and stands in its inquiry's thread once nothing of it is owed any more."""
    there = {one for _, message in standing(world) for one in shows(message)}
    taken = Counter((entry.platform, entry.remote_id) for entry in kept.entries if entry.said is Said.CUSTOMER)
    assert not (twice := [one for one, count in taken.items() if count > 1]), f"taken in twice: {twice}"
    under_way = {op.number for op in kept.ops.values() if op.waiting}
    refused = {op.number for op in kept.ops.values() if op.state is Delivery.FAILED and op.target == "slack"}
    history = {one: tuple(post.history) for one, post in world.x.shelf.posts.items()}
    for entry in kept.entries:
        if entry.said is not Said.CUSTOMER or entry.deleted or Flag.FLOOD in entry.flags:
            continue
        if entry.number in under_way | refused or Flag.MUTED in kept.inquiries[entry.number].flags:
            continue
        ids = history.get(entry.remote_id, (entry.remote_id,))
        assert any(one in there for one in ids), f"kept in #{entry.number}, and not shown: {entry.remote_id}"


# what was published


def pressed_again(world: World) -> int:
    """How often an agent asked for a text once more."""
    presses = 0
    for frame in world.slack.frames:
        if frame["direction"] == "out" and frame["type"] == "interactive":
            presses += any(one.get("action_id") in AGAIN for one in frame["payload"].get("actions", ()))
    return presses


def published(world: World, kept: Kept) -> None:
    """Each text of ours at a platform is one operation; more than one only where an agent pressed *Send again*."""
    owed = [op for op in kept.ops.values() if op.kind is OpKind.PUBLISH]
    out: Counter[tuple[str, str]] = Counter()
    for post in world.x.shelf.posts.values():
        if post.author == world.x.me.id and not post.native and len(post.history) == 1:
            out["x", post.text] += 1
    for event in world.x.shelf.directs.values():
        if event.sender == world.x.me.id:
            out["x", event.text] += 1
    for record in world.graph.published:
        out["facebook", record["text"]] += 1
    allowed = Counter((op.target, op.payload["text"]) for op in owed)
    extra = sum(max(0, count - allowed[one]) for one, count in out.items())
    assert extra <= pressed_again(world), f"published more often than asked: {out - allowed}"
    receipts = Counter((op.target, op.remote_id) for op in owed if op.state is Delivery.SENT and op.remote_id)
    assert not [one for one, count in receipts.items() if count > 1], f"one post, two receipts: {receipts}"


# secrets


def secrets_of(sandbox: bot.Sandbox) -> list[str]:
    """Every token and key that the desk was given."""
    kept = sandbox.bot.settings.secrets
    values = [getattr(kept, name) for name in type(kept).model_fields]
    return [value.get_secret_value() for value in values if value is not None]


def no_secrets(sandbox: bot.Sandbox, logged: str) -> None:
    """None of them is in the log, on the disk, or in anything that Slack was told."""
    files = [path for path in Path(sandbox.folder).rglob("*") if path.is_file()]
    told = json.dumps([record.request for record in sandbox.world.wire.to("slack")], default=str)
    acks = json.dumps([f["payload"] for f in sandbox.world.slack.frames if f["direction"] == "in"], default=str)
    places = {"the log": logged, "a call to Slack": told, "an answer to Slack": acks}
    for secret in secrets_of(sandbox):
        for name, text in places.items():
            assert secret not in text, f"a secret stands in {name}: {secret[:9]}…"
    for path in files:
        data = path.read_bytes()
        for secret in secrets_of(sandbox):
            assert secret.encode() not in data, f"a secret stands in {path.name}: {secret[:9]}…"
