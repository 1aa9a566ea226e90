"""The replay's report, held against a small bot that does everything right but for the one thing that it is told."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from platforms.sandbox.replay import Player, part_of, read
from platforms.sandbox.report import FAULTS, as_shown, faultless, report, wire_lines
from platforms.sandbox.world import World

OURS = Path(__file__).resolve().parent.parent / "data" / "conversations"
START = datetime(2025, 11, 3, 8, 0, tzinfo=UTC)


class Story:
    """Story time that goes on to the next sleeper as soon as nobody does anything."""

    def __init__(self) -> None:
        self.at = START
        self._count = itertools.count()
        self._asleep: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, at: datetime) -> None:
        if at > self.at:
            sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._asleep, (at, next(self._count), sleeper))
            await sleeper

    async def drive(self, player: Player, *busy: Callable[[], str | None]) -> None:
        """Run the player to its end; where nobody will ever wake up again, tell it so."""
        run = asyncio.create_task(player.run())
        quiet = 0
        while not run.done():
            quiet = 0 if any(why() for why in (player.busy, *busy)) else quiet + 1
            await asyncio.sleep(0.0005)
            if quiet < 4:
                continue
            quiet = 0
            while self._asleep and self._asleep[0][2].done():
                heapq.heappop(self._asleep)
            if not self._asleep:
                player.give_up("nobody does anything any more")
                break
            self.at, _, sleeper = heapq.heappop(self._asleep)
            sleeper.set_result(None)
        await run


@dataclass
class Bot:
    """A desk in its simplest form. Each `faults` entry is (what goes wrong, a text in which it goes wrong)."""

    world: World
    client: AsyncWebClient
    session: aiohttp.ClientSession
    faults: Sequence[tuple[str, str]]
    threads: dict[str, int] = field(default_factory=dict)
    inquiries: dict[int, dict[str, Any]] = field(default_factory=dict)
    heard: asyncio.Queue[tuple[str, str, str, str]] = field(default_factory=asyncio.Queue)
    open: int = 0
    drafts: dict[int, str] = field(default_factory=dict)

    def wrong(self, what: str, text: str) -> bool:
        return any(what == fault and piece in text for fault, piece in self.faults)

    def busy(self) -> str | None:
        return "the bot is at work" if self.open else None

    # customers

    def on_x(self, event: dict[str, Any]) -> None:
        if event["type"] == "post":
            post = event["post"]
            self.hear("x:" + post["conversation_id"], "x", post["id"], post["text"])
        elif event["type"] == "direct":
            direct = event["direct"]
            self.hear("direct:" + direct["from"], "direct", direct["id"], direct["text"])

    def on_graph(self, event: dict[str, Any]) -> None:
        if event["type"] in ("comment", "post"):
            thing = self.world.graph.things[event["id"]]
            if not thing.by_page:
                top = thing.parent if thing.parent and thing.parent != thing.post else thing.id
                if self.world.graph.things[thing.post or thing.id].kind == "visitor_post":
                    top = thing.post or thing.id
                self.hear("comment:" + top, "comment", event["id"], event["text"])
        elif event["type"] == "message":
            self.hear("message:" + event["person"], "message", event["id"], event["text"])

    def hear(self, matter: str, kind: str, key: str, text: str) -> None:
        self.open += 1
        self.heard.put_nowait((matter, kind, key, text))

    async def work(self) -> None:
        while True:
            matter, kind, key, text = await self.heard.get()
            try:
                await self.show(matter, kind, key, text)
            finally:
                self.open -= 1

    async def show(self, matter: str, kind: str, key: str, text: str) -> None:
        if self.wrong("lose", text):
            return
        if self.wrong("another thread", text):
            matter += "!"
        if self.wrong("join", text):
            matter = next(iter(self.threads), matter)
        number = self.threads.setdefault(matter, len(self.threads) + 1)
        new = number not in self.inquiries
        inquiry = self.inquiries.setdefault(number, {"ts": None, "to": matter.partition(":")[2].strip("!")})
        inquiry.update(kind=kind, oldest=inquiry.get("oldest", key), newest=key)
        shown = as_shown(text)
        if self.wrong("cut", text):
            shown = shown[:20] + "…"
        pieces = [shown]
        if self.wrong("in two", text):
            pieces = [shown[:30], shown[30:]]
        for index, piece in enumerate(pieces, 1):
            payload = {"inquiry": number, "message_id": key}
            if len(pieces) > 1 and (index > 1 or not self.wrong("unnumbered", text)):
                payload["part"] = f"{index}/{len(pieces)}"
            answer = await self.post(number, inquiry["ts"], piece, payload)
            inquiry["ts"] = inquiry["ts"] or answer["ts"]
        if self.wrong("show twice", text):
            await self.post(number, inquiry["ts"], shown, {"inquiry": number, "message_id": key})
        if self.wrong("fold", text):
            folded = {"inquiry": number, "message_id": key, "folded": True}
            await self.post(number, None, shown, folded, text=f"Duplicate of #{number}")
        if new:
            root = self.world.slack.message("C0DESK", inquiry["ts"]) or {}
            await self.client.chat_update(
                channel="C0DESK",
                ts=inquiry["ts"],
                text=f"#{number} open",
                blocks=root["blocks"],
                metadata=root["metadata"],
            )

    async def post(
        self, number: int, thread: str | None, words: str, payload: dict[str, Any], text: str | None = None
    ) -> Any:
        quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]}
        section = {"type": "section", "text": {"type": "mrkdwn", "text": f"*#{number}*"}}
        return await self.client.chat_postMessage(
            channel="C0DESK",
            thread_ts=thread,
            text=text or f"#{number} somebody wrote",
            blocks=[section, {"type": "rich_text", "elements": [quote]}],
            metadata={"event_type": "frontdesk", "event_payload": payload},
        )

    # agents

    def doors(self, app: AsyncApp) -> None:
        app.command("/claim")(self.claim)
        app.command("/reply")(self.reply)
        app.action("split")(self.split)

    async def claim(self, ack: Any, command: dict[str, Any]) -> None:
        await ack(f"#{command['text']} is yours.")

    async def reply(self, ack: Any, command: dict[str, Any]) -> None:
        number, _, text = command["text"].partition(" ")
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        inquiry = self.inquiries[int(number)]
        if inquiry["kind"] == "x" and len(text) > 280:
            self.drafts[int(number)] = text
            button = {"type": "button", "action_id": "split", "value": f"{number}:x", "text": plain_text("Split")}
            await ack(text="Not sent, too long.", blocks=[{"type": "actions", "elements": [button]}])
            return
        self.open += 1
        asyncio.get_running_loop().create_task(self.publish(inquiry, [text]))
        await ack("Going out.")

    async def split(self, ack: Any, action: dict[str, Any]) -> None:
        number = int(action["value"].partition(":")[0])
        pieces = [""]
        for word in self.drafts[number].split():
            if len(pieces[-1]) + len(word) > 200:
                pieces.append("")
            pieces[-1] = f"{pieces[-1]} {word}".strip()
        parts = [f"{piece} {index}/{len(pieces)}" for index, piece in enumerate(pieces, 1)]
        self.open += 1
        asyncio.get_running_loop().create_task(self.publish(self.inquiries[number], parts))
        await ack()

    async def publish(self, inquiry: dict[str, Any], parts: list[str]) -> None:
        try:
            on = inquiry["newest"]
            for text in parts:
                if self.wrong("keep", text):
                    continue
                if self.wrong("wrong target", text):
                    on = inquiry["oldest"]
                if self.wrong("no target", text):
                    on = None
                if self.wrong("change", text):
                    text = text.replace(" ", "  –  ", 1)
                sent = await self.send(inquiry, text, on)
                if self.wrong("publish twice", text):  # past the networks' own check for duplicates
                    await self.send_again(inquiry, text, on)
                on = sent
        finally:
            self.open -= 1

    async def send(self, inquiry: dict[str, Any], text: str, on: str | None) -> str | None:
        x, graph = self.world.x, self.world.graph
        kind = inquiry["kind"]
        if kind in ("x", "direct"):
            body: dict[str, Any] = {"text": text}
            if kind == "x" and on is not None:
                body["reply"] = {"in_reply_to_tweet_id": on}
            path = "/2/tweets" if kind == "x" else f"/2/dm_conversations/with/{inquiry['to']}/messages"
            oauth = f'OAuth oauth_consumer_key="{x.access.consumer_key}", oauth_token="{x.access.access_token}"'
            answer = await self.call(x.url + path, body, {"Authorization": oauth})
            return str(answer["data"].get("id") or answer["data"]["dm_event_id"])
        body = {"access_token": graph.token}
        if kind == "comment":
            return str((await self.call(f"{graph.url}/v23.0/{on}/comments", {**body, "message": text}))["id"])
        body |= {"recipient": {"id": inquiry["to"]}, "message": {"text": text}, "messaging_type": "RESPONSE"}
        return str((await self.call(f"{graph.url}/v23.0/me/messages", body))["message_id"])

    async def send_again(self, inquiry: dict[str, Any], text: str, on: str | None) -> None:
        if inquiry["kind"] == "x":
            self.world.x.publish(text, self.world.x.shelf.posts[on or ""], 0.0)
        else:
            await self.send(inquiry, text, on)

    async def call(self, url: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        async with self.session.post(url, json=body, headers=headers) as answer:
            said = await answer.json()
            assert answer.status < 300, said
            return said


def plain_text(words: str) -> dict[str, str]:
    return {"type": "plain_text", "text": words}


@asynccontextmanager
async def sandbox(faults: Sequence[tuple[str, str]]) -> AsyncIterator[tuple[Story, World, Bot]]:
    story = Story()
    world = World(story.now)
    world.slack.strict_rates = False
    world.x.check_signatures = False
    await world.start()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-sandbox", base_url=world.slack.url, session=session, retry_handlers=[])
        bot = Bot(world, client, session, faults)
        app = AsyncApp(client=client, process_before_response=True)
        bot.doors(app)
        world.x.listeners.append(bot.on_x)
        world.graph.listeners.append(bot.on_graph)
        handler = AsyncSocketModeHandler(app, "xapp-sandbox")
        await handler.connect_async()
        work = asyncio.create_task(bot.work())
        try:
            yield story, world, bot
        finally:
            work.cancel()
            await handler.close_async()
            await world.stop()


async def play(rows: list[dict[str, Any]], *faults: tuple[str, str]) -> tuple[dict[str, Any], Player, World]:
    async with sandbox(faults) as (story, world, bot):
        player = Player(world, story, rows)
        story.at = player.first_at or START
        await story.drive(player, world.busy, bot.busy)
        return report(world, rows, player), player, world


def row(*texts: str, people: str = "maria", **more: Any) -> dict[str, Any]:
    """A conversation: texts that begin with ">" are the agent's; each turn comes five minutes after the one before."""
    names = itertools.cycle(people.split())
    turns = [
        {
            "id": str(index),
            "author": "Acme" if text.startswith(">") else next(names),
            "role": "agent" if text.startswith(">") else "customer",
            "created_at": (START + timedelta(minutes=5 * index)).isoformat().replace("+00:00", ".000Z"),
            "text": text.removeprefix(">"),
        }
        for index, text in enumerate(texts)
    ]
    return {"brand": "Acme", "turns": turns, **more}


LONG = " ".join(f"Sentence number {index} of an answer that will not fit." for index in range(1, 13))
PARCEL = row(
    "@Acme where is my parcel &amp; why?",
    ">@maria It is in the van &lt;3\nSee https://t.acme.example/1",
    "@Acme so it is!",
    f">@maria {LONG}",
    "thanks 😊",
)
REFUND = row(
    "I was charged twice", ">Sorry! It goes back today.", "ok", people="otto", platform="facebook", private=True
)
LAMP = row("my lamp flickers", "mine too", ">@ina @lars Please unplug them. 1/2", "done", people="ina lars")
SOUP = row("is there celery in it", ">No.", "lovely", people="Ute", platform="facebook")
SECRET = row("my address is wrong", ">Which one is right?", "Mill Lane 14", people="kit", private=True)
ALL = [PARCEL, REFUND, LAMP, SOUP, SECRET]


def the_four(counts: dict[str, Any]) -> dict[str, int]:
    return {name: counts[name] for name in FAULTS if counts[name]}


async def test_a_run_without_a_fault_counts_what_everybody_saw() -> None:
    counts, player, world = await play(ALL)
    assert the_four(counts) == {}, player.problems
    assert faultless(counts)
    assert player.gave_up is None
    assert {key: counts[key] for key in list(counts)[:6]} == {
        "conversations": 5,
        "customer_turns": 12,
        "agent_turns": 6,
        "skipped": 0,
        "threads": 5,
        "messages_in_threads": 12,
    }
    parts = [post for post in world.x.published if part_of(post["text"]) and "unplug" not in post["text"]]
    assert (counts["published"], counts["published_posts"]) == (6, 5 + len(parts))
    assert len(parts) > 2
    assert counts["slack_calls"] >= 17
    assert (counts["x_reads"], counts["answers_429"]) == (0, 0)
    assert 0 < counts["story_days"] < 1
    assert list(counts) == [
        *("conversations", "customer_turns", "agent_turns", "skipped", "threads", "messages_in_threads"),
        *("lost", "doubled", "misthreaded", "wrong_reply_target", "published", "published_posts"),
        *("slack_calls", "x_reads", "answers_429", "story_days", "wall_seconds"),
    ]


async def test_customers_and_agent_write_what_the_file_says() -> None:
    _, _, world = await play([PARCEL])
    root, answer = world.x.all_posts()[:2]
    assert (root["text"], root["mentions"]) == ("@Acme where is my parcel & why?", ["acme"])
    assert (answer["text"], answer["in_reply_to"]) == ("It is in the van <3\nSee https://t.acme.example/1", root["id"])
    later = [post for post in world.x.all_posts() if not post["ours"]][1:]
    ours = world.x.published
    assert [post["in_reply_to"] for post in later] == [ours[0]["id"], ours[-1]["id"]]
    typed = [frame["payload"]["command"] for frame in world.slack.frames if frame["type"] == "slash_commands"]
    assert typed == ["/claim", "/reply", "/reply"]


async def test_an_answer_before_any_customer_wrote_is_skipped_and_counted() -> None:
    rows = [row(">@maria hello", ">@maria anybody there?", "@Acme yes, me", ">Good.")]
    counts, _, _ = await play(rows)
    assert (counts["skipped"], counts["agent_turns"], counts["published"]) == (2, 3, 1)
    assert the_four(counts) == {}


async def test_a_message_that_never_reaches_slack_is_lost_and_so_is_all_that_would_have_followed() -> None:
    counts, player, _ = await play(ALL, ("lose", "mine too"))
    assert the_four(counts) == {"lost": 3}
    assert not faultless(counts)
    assert player.gave_up == "nobody does anything any more"
    assert (counts["customer_turns"], counts["messages_in_threads"]) == (12, 10)


async def test_a_player_says_when_nothing_more_is_to_be_expected() -> None:
    async with sandbox([("lose", "flickers")]) as (story, world, _):
        player = Player(world, story, [LAMP])
        run = asyncio.create_task(player.run())
        await asyncio.sleep(0.05)
        assert player.busy() is None
        assert player.stalled() is None
        story.at += timedelta(days=4)
        assert "row 1: customer's turn 1 has not arrived" in str(player.stalled())
        player.give_up("enough")
        await run
        assert (player.gave_up, player.ended_at) == ("enough", START + timedelta(days=4))


async def test_a_message_that_is_cut_is_lost() -> None:
    counts, _, _ = await play(ALL, ("cut", "where is my parcel"))
    assert the_four(counts) == {"lost": 1}


@pytest.mark.parametrize("beginning", ["in two", "unnumbered"])
async def test_a_message_in_two_parts_is_whole(beginning: str) -> None:
    counts, _, _ = await play(ALL, ("in two", "where is my parcel"), (beginning, "where is my parcel"))
    assert the_four(counts) == {}
    assert counts["messages_in_threads"] == 12


async def test_an_answer_of_which_a_part_is_missing_is_lost() -> None:
    counts, _, _ = await play(ALL, ("keep", "number 12"))
    assert the_four(counts) == {"lost": 2}, "the answer, and the thanks that waited for it"
    assert counts["published"] == 5


async def test_an_answer_in_other_words_is_lost() -> None:
    counts, _, _ = await play(ALL, ("change", "It goes back"))
    assert the_four(counts) == {"lost": 2}


async def test_a_message_shown_twice_is_doubled() -> None:
    counts, _, _ = await play(ALL, ("show twice", "so it is"), ("show twice", "mine too"))
    assert the_four(counts) == {"doubled": 2}
    assert counts["messages_in_threads"] == 14


async def test_a_folded_duplicate_is_neither_doubled_nor_a_thread() -> None:
    counts, _, _ = await play(ALL, ("fold", "celery"))
    assert the_four(counts) == {}
    assert counts["threads"] == 5


@pytest.mark.parametrize("piece", ["It is in the van", "number 1 ", "goes back", "Which one"])
async def test_an_answer_or_a_part_that_is_published_twice_is_doubled(piece: str) -> None:
    counts, _, _ = await play(ALL, ("publish twice", piece))
    assert the_four(counts) == {"doubled": 1}
    assert counts["published"] == 6


async def test_a_row_in_two_threads_is_misthreaded() -> None:
    counts, _, _ = await play(ALL, ("another thread", "mine too"))
    assert counts["misthreaded"] == 1
    assert counts["threads"] == 6


async def test_two_rows_in_one_thread_are_misthreaded() -> None:
    counts, _, _ = await play([PARCEL, LAMP], ("join", "flickers"))
    assert counts["misthreaded"] >= 2
    assert counts["threads"] == 2


async def test_an_answer_under_an_older_post_has_the_wrong_target() -> None:
    counts, _, _ = await play(ALL, ("wrong target", "Please unplug"))
    assert the_four(counts) == {"wrong_reply_target": 1}


async def test_an_answer_to_nobody_has_the_wrong_target() -> None:
    counts, _, _ = await play(ALL, ("no target", "Please unplug"))
    assert the_four(counts) == {"wrong_reply_target": 1}
    assert counts["published"] == 6


async def test_a_later_part_that_does_not_reply_to_the_part_before_has_the_wrong_target() -> None:
    counts, _, _ = await play(ALL, ("wrong target", "number 12"))
    assert the_four(counts) == {"wrong_reply_target": 1}


async def test_a_run_that_ends_before_it_began_reports_everything_as_lost() -> None:
    async with sandbox([]) as (story, world, _):
        player = Player(world, story, ALL)
        counts = report(world, ALL, player)
    assert (counts["lost"], counts["customer_turns"], counts["agent_turns"]) == (18, 12, 6)
    assert (counts["story_days"], counts["wall_seconds"]) == (0.0, 0.0)


async def test_the_wire_is_written_one_line_a_request() -> None:
    _, _, world = await play([SECRET])
    lines = [json.loads(line) for line in wire_lines(world)]
    assert len(lines) == len(world.wire.records)
    assert {tuple(line) for line in lines} == {("at", "to", "method", "path", "status", "request", "response")}
    assert {line["to"] for line in lines} == {"slack", "x"}


def test_what_cannot_be_seen_is_left_out_and_what_deceives_is_named() -> None:
    assert as_shown("a\u200bb\ufeff\x00\x1b[2J\n\t") == "ab[2J\n\t"
    assert as_shown("\u2066@Acme\u2069 \u202egnp") == "⟦LRI⟧@Acme⟦PDI⟧ ⟦RLO⟧gnp"
    assert as_shown("e\u0301 \ud800") == "\u00e9 \ufffd"


def test_only_a_mark_at_the_end_makes_a_part() -> None:
    assert part_of("Try this. 2/3") == (2, 3, ["Try", "this."])
    assert part_of("open 24/7") is None
    assert part_of("1/1") is None
    assert part_of("See example.org/1/2") is None


def test_the_forty_conversations_are_what_the_docs_say() -> None:
    rows = read(OURS)
    turns = [turn for row in rows for turn in row["turns"]]
    assert len(rows) == 40
    assert 4.5 <= len(turns) / len(rows) <= 5.5
    kinds = {(row["platform"], bool(row.get("private"))) for row in rows}
    assert len(kinds) == 4
    several = [row for row in rows if len({turn["author"] for turn in row["turns"] if turn["role"] == "customer"}) > 1]
    assert len(several) >= 5
    assert any(len(turn["text"]) > 280 for turn in turns if turn["role"] == "customer")
    for row in rows:
        times = [turn["created_at"] for turn in row["turns"]]
        assert times == sorted(times)


async def test_the_forty_conversations_pass_through_a_bot_without_a_fault() -> None:
    rows = read(OURS)
    counts, player, world = await play(rows)
    assert the_four(counts) == {}, (player.problems, player.gave_up)
    assert (counts["conversations"], counts["threads"], counts["skipped"]) == (40, 40, 0)
    assert counts["published"] == counts["agent_turns"]
    assert world.wire.unexpected == []
