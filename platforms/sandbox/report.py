"""The replay's report: what customers and agents really got, counted from the stand-ins' records alone."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from platforms.sandbox.replay import NUMBER, Place, Player, Turn, outgoing, part_of, payload_of, plain

FAULTS = ("lost", "doubled", "misthreaded", "wrong_reply_target")
"""The four that have to be 0."""

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\u200b\ufeff]")
SURROGATES = re.compile("[\ud800-\udfff]")
DIRECTIONS = {
    0x202A: "⟦LRE⟧",
    0x202B: "⟦RLE⟧",
    0x202C: "⟦PDF⟧",
    0x202D: "⟦LRO⟧",
    0x202E: "⟦RLO⟧",
    0x2066: "⟦LRI⟧",
    0x2067: "⟦RLI⟧",
    0x2068: "⟦FSI⟧",
    0x2069: "⟦PDI⟧",
}
"""Characters that turn the direction of writing, and the names that stand for them in Slack."""


def as_shown(text: str) -> str:
    """A customer's text as it has to stand in Slack: without what cannot be seen, what deceives by its name."""
    text = SURROGATES.sub("\ufffd", UNSEEN.sub("", text)).translate(DIRECTIONS)
    return unicodedata.normalize("NFC", text)


def quotes_of(message: Mapping[str, Any]) -> list[str]:
    """The customers' words in a Slack message, quote by quote."""
    return [
        "".join(str(piece.get("text", "")) for piece in element.get("elements") or ())
        for block in message.get("blocks") or ()
        if block.get("type") == "rich_text"
        for element in block.get("elements") or ()
        if element.get("type") == "rich_text_quote"
    ]


def shown_by(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The customers' messages that a Slack message shows: the id of each on the network, and its words there.

    Several that were written within seconds stand in one Slack message, a quote each; of one alone all quotes are it.
    """
    payload, quotes = payload_of(message), quotes_of(message)
    together = [str(one) for one in payload.get("message_ids") or ()]
    if together:
        return [(one, words) for one, words in zip(together, quotes, strict=False) if one]
    return [(str(payload["message_id"]), "\n".join(quotes))] if payload.get("message_id") and quotes else []


@dataclass(slots=True)
class Shown:
    """A customer's message as the desk channel shows it. Keys of `parts` are "1/3"; a short one is "1/1".

    A root that goes on in its thread carries no number itself, and is the first part.
    """

    threads: list[str] = field(default_factory=list)
    parts: dict[str, list[str | None]] = field(default_factory=dict)

    def begin_with_root(self) -> None:
        """Count an unnumbered beginning as the first part of what goes on in further ones."""
        of = max(int(label.rpartition("/")[2]) for label in self.parts)
        if of > 1 and "1/1" in self.parts and f"1/{of}" not in self.parts:
            self.parts[f"1/{of}"] = self.parts.pop("1/1")

    def times(self) -> int:
        return max(len(copies) for copies in self.parts.values())

    def repeated(self) -> bool:
        """Whether somebody who reads the channel meets it twice."""
        return self.times() > 1 or len({label.rpartition("/")[2] for label in self.parts}) > 1

    def says(self, text: str) -> bool:
        """Whether the text stands there whole, in order and unchanged; white space may change at a part's border."""
        wanted = as_shown(text)
        of = max(int(label.rpartition("/")[2]) for label in self.parts)
        pieces = [self.parts.get(f"{index}/{of}", [None])[0] for index in range(1, of + 1)]
        if any(piece is None for piece in pieces):
            return False
        words = [unicodedata.normalize("NFC", piece or "") for piece in pieces]
        if of == 1:
            return words[0] == wanted
        return "".join(words) == wanted or " ".join(words).split() == wanted.split()


@dataclass(slots=True, eq=False)
class Sent:
    """Something of ours that a customer can read. `on` is what it replies to; None for messages."""

    id: str
    text: str
    place: Place
    on: str | None
    taken: bool = False


def report(world: Any, rows: Iterable[Mapping[str, Any]], player: Player) -> dict[str, Any]:
    """Count. `rows` is what was to be played; `player` tells which id each turn got, and what was typed when.

    `x_reads` are GET requests to X; `slack_calls` are all requests to Slack's Web API and its response URLs;
    `story_days` and `wall_seconds` run from the start of the run to its end.
    """
    told = [turn for row in rows for turn in row["turns"]]
    customer_turns = [turn for row in player.rows for turn in row.turns if turn.role == "customer"]
    agent_turns = [turn for row in player.rows for turn in row.turns if turn.role == "agent"]
    skipped = [turn for turn in agent_turns if turn.skipped]
    shown, threads = in_slack(world, player.desk)
    sent = outbox(world, player)
    got = answers(player, sent)
    whole = [turn for turn in player.log if _is_whole(turn, got[turn])]
    lost = sum(1 for turn in customer_turns if not _stands(turn, shown)) + len(agent_turns) - len(skipped) - len(whole)
    records = world.wire.records
    story = player.ended_at - player.began_at if player.ended_at and player.began_at else None
    return {
        "conversations": len(player.rows),
        "customer_turns": sum(1 for turn in told if turn["role"] != "agent"),
        "agent_turns": sum(1 for turn in told if turn["role"] == "agent"),
        "skipped": len(skipped),
        "threads": threads,
        "messages_in_threads": sum(one.times() for one in shown.values()),
        "lost": lost,
        "doubled": sum(1 for one in shown.values() if one.repeated()) + published_again(player, sent, got),
        "misthreaded": misthreaded(player, shown),
        "wrong_reply_target": sum(wrong_targets(turn, got[turn]) for turn in player.log),
        "published": len(whole),
        "published_posts": len(sent),
        "slack_calls": sum(1 for record in records if record.to == "slack"),
        "x_reads": sum(1 for record in records if record.to == "x" and record.method == "GET"),
        "answers_429": sum(1 for record in records if record.status == 429),
        "story_days": round(story.total_seconds() / 86_400, 2) if story else 0.0,
        "wall_seconds": round(player.wall_seconds, 1),
    }


def faultless(counts: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, doubled, put in a wrong thread or under a wrong post."""
    return not any(counts[name] for name in FAULTS)


def wire_lines(world: Any) -> Iterator[str]:
    """The lines of WIRE.jsonl, one a request, in the order in which they came in."""
    for record in world.wire.records:
        yield json.dumps(record.as_json(), ensure_ascii=False, default=str)


# --- customers' messages in Slack -----------------------------------------------------------------------------------


def in_slack(world: Any, desk: str) -> tuple[dict[str, Shown], int]:
    """Customers' messages in the desk channel by their id on the network, and how many un-folded roots there are."""
    shown: dict[str, Shown] = {}
    roots = 0
    for root in world.slack.messages(desk):
        payload = payload_of(root)
        if payload.get("message_id") and not payload.get("folded") and NUMBER.match(str(root.get("text", ""))):
            roots += 1
        for message in (root, *world.slack.replies(desk, root["ts"])):
            payload = payload_of(message)
            if payload.get("folded"):
                continue
            for key, words in shown_by(message):
                one = shown.setdefault(key, Shown())
                one.threads.append(str(root["ts"]))
                one.parts.setdefault(str(payload.get("part") or "1/1"), []).append(words)
    for one in shown.values():
        one.begin_with_root()
    return shown, roots


def _stands(turn: Turn, shown: Mapping[str, Shown]) -> bool:
    one = shown.get(turn.id or "")
    return one is not None and one.says(html.unescape(turn.text))


def misthreaded(player: Player, shown: Mapping[str, Shown]) -> int:
    """Customers' turns outside the thread of their row's first one, plus the rows that share such a thread."""
    outside = 0
    homes: Counter[str] = Counter()
    for row in player.rows:
        seen = [shown[turn.id] for turn in row.turns if turn.id in shown and turn.role == "customer" and turn.id]
        if not seen:
            continue
        home = seen[0].threads[0]
        homes[home] += 1
        outside += sum(1 for one in seen if any(thread != home for thread in one.threads))
    return outside + sum(rows for rows in homes.values() if rows > 1)


# --- answers on the networks ------------------------------------------------------------------------------------------


def outbox(world: Any, player: Player) -> list[Sent]:
    """All that we published, on all networks; what belongs together is in the order of its publication."""
    posts = [
        Sent(str(post["id"]), str(post["text"]), ("x", str(post["conversation_id"])), post["in_reply_to"])
        for post in world.x.published
        if not post.get("native")
    ]
    posts += [Sent(str(one["id"]), str(one["text"]), ("direct", str(one["to"])), None) for one in world.x.sent_directs]
    places: dict[str, Place] = {
        turn.id: row.place for row in player.rows for turn in row.turns if turn.id is not None and row.place is not None
    }
    for one in world.graph.published:
        if one.get("to"):
            posts.append(Sent(str(one["id"]), str(one["text"]), ("message", str(one["to"])), None))
            continue
        on = str(one["on"]) if one.get("on") else None
        place = places.get(on or "", ("comment", on or str(one["id"])))
        places[str(one["id"])] = place
        posts.append(Sent(str(one["id"]), str(one["text"]), place, on))
    return posts


def answers(player: Player, sent: Sequence[Sent]) -> dict[Turn, list[Sent]]:
    """What was published of each turn that was typed: one post, or parts in order, as far as they are there.

    A turn is looked for where its row was played; what is then still owed, among all that is left and repeats nothing.
    """
    by_place: dict[Place, list[Sent]] = {}
    for one in sent:
        by_place.setdefault(one.place, []).append(one)
    got: dict[Turn, list[Sent]] = {}
    for turn in player.log:
        got[turn] = _find(turn, by_place.get(turn.row.place or ("", ""), []))
        if not _is_whole(turn, got[turn]):
            for one in got[turn]:
                one.taken = False
            got[turn] = []
    said = {(one.place, plain(one.text)) for posts in got.values() for one in posts}
    left = [one for one in sent if not one.taken and (one.place, plain(one.text)) not in said]
    for turn in player.log:
        if not got[turn] and left:
            near = [one for one in left if one.place == turn.row.place]
            got[turn] = _find(turn, near, partly=True) or _find(turn, left)
    return got


def _find(turn: Turn, among: Sequence[Sent], *, partly: bool = False) -> list[Sent]:
    """The post that says what was typed, else the parts that say it together; they count as taken."""
    wanted = plain(outgoing(turn.text))
    for one in among:
        if not one.taken and plain(one.text) == wanted:
            one.taken = True
            return [one]
    words = wanted.split()
    marked = [(one, part) for one in among if not one.taken and (part := part_of(one.text)) is not None]
    best: list[Sent] = []
    for of in sorted({part[1] for _, part in marked}):
        chain: list[Sent] = []
        said = 0
        for index in range(1, of + 1):
            for one, (which, total, piece) in marked:
                if (which, total) == (index, of) and piece == words[said : said + len(piece)]:
                    chain.append(one)
                    said += len(piece)
                    break
            else:
                break
        if len(chain) == of and said == len(words):
            best = chain
            break
        if partly and len(chain) > len(best):
            best = chain
    for one in best:
        one.taken = True
    return best


def _is_whole(turn: Turn, posts: Sequence[Sent]) -> bool:
    wanted = plain(outgoing(turn.text))
    if len(posts) == 1 and plain(posts[0].text) == wanted:
        return True
    parts = [part_of(one.text) for one in posts]
    if not parts or any(part is None or part[1] != len(posts) for part in parts):
        return False
    return [word for part in parts if part for word in part[2]] == wanted.split()


def published_again(player: Player, sent: Sequence[Sent], got: Mapping[Turn, Sequence[Sent]]) -> int:
    """Turns and parts that a customer meets more than once; each counts once, however often it came out."""
    again: set[str] = set()
    local: dict[tuple[Place, str], str] = {}
    anywhere: dict[str, str] = {}
    whole_of: dict[Place, dict[str, str]] = {}
    for turn in player.log:
        wanted = plain(outgoing(turn.text))
        for one in got[turn]:
            local[one.place, plain(one.text)] = one.id
            anywhere[plain(one.text)] = one.id
            if not _is_whole(turn, got[turn]):
                continue  # a part further on is late rather than doubled
            whole_of.setdefault(one.place, {})[wanted] = one.id
    for one in sent:
        if one.taken:
            continue
        text = plain(one.text)
        of = local.get((one.place, text)) or anywhere.get(text)
        if of is None:
            wholes = whole_of.get(one.place, {})
            of = wholes.get(text)
            part = part_of(text)
            if of is None and part is not None:
                piece = f" {' '.join(part[2])} "
                of = next((key for whole, key in wholes.items() if piece in f" {' '.join(whole.split())} "), None)
        if of is not None:
            again.add(of)
    return len(again)


def wrong_targets(turn: Turn, posts: Sequence[Sent]) -> int:
    """How many posts of an answer hang in the wrong place.

    X: the first replies to the newest customer post of the row when it was typed, each further one to the part before.
    Facebook shows one level of replies, so there the row's first comment (or visitor post) is as good an answer. A
    message has no target but its person.
    """
    wrong = 0
    for index, one in enumerate(posts):
        if one.on is None and one.place[0] in ("direct", "message"):
            right = one.place == turn.row.place
        else:
            wanted = {turn.answers if index == 0 else posts[index - 1].id}
            if turn.row.platform == "facebook":
                wanted |= {turn.row.root, posts[0].on} if index else {turn.row.root}
            right = one.on in wanted
        wrong += not right
    return wrong
