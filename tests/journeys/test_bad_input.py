"""What people mistype and what customers try: a sentence, the words kept, nothing done, and nothing foreign alive."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bot
from tests.journeys.conftest import ANA, BEN, DESK, LEE, TUESDAY, Journey, bugs_in, words_of

LONG = "We are so sorry about that, Maria. " * 100
ASKED = {"slash_commands", "interactive", "events_api"}
"""3,500 characters."""


async def reads(journey: Journey, user: str, command: str) -> str:
    """What the author of a command sees below it."""
    await journey.types(user, command)
    return journey.only_for(user)[-1]


async def nothing_happened(journey: Journey, before: list[str]) -> None:
    await journey.pass_(seconds=15)
    assert [journey.card(number) for number in range(1, len(before) + 1)] == before
    assert journey.published == []
    assert journey.x.sent_directs == []


# Numbers


async def test_a_number_is_read_as_people_write_it(journey: Journey) -> None:
    ways = ("{n}", "#{n}", "{wide}", "＃{wide}", "{n}:", "#{n},", "{n}.", "  {n}")
    for n, way in enumerate(ways, 1):
        await journey.on_x("@acme my parcel is stuck", handle=f"maria{n}")
        typed = way.format(n=n, wide=chr(ord("０") + n))
        assert f"You have #{n}" in await reads(journey, ANA, f"/claim {typed}"), typed


async def test_what_is_no_number_gets_the_form_to_write(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(seconds=2)
    before = [journey.card(1)]
    for typed in ("-1", "1e3", "0", "1.5", "#", "#12a", "99999999999999999999", "+1", "−1", "1,000"):
        heard = len(journey.only_for(ANA))
        await journey.types(ANA, f"/reply {typed} It left today.")
        (told,) = journey.only_for(ANA)[heard:]
        assert "42" in told or "number" in told, typed
        assert "It left today." in told
        assert "reference" not in told
        await nothing_happened(journey, before)


async def test_words_where_a_number_belongs_take_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.pass_(seconds=2)
    before = [journey.card(1)]
    for command in ("/claim @maria_k", "/claim please", "/reopen it", "/show parcel", "/split them", "/thank her"):
        told = await reads(journey, ANA, command)
        assert f"“{command.split()[1]}” is no inquiry's number." in told, command
    assert "“mood” is no inquiry's number" in await reads(journey, ANA, "/sla mood")
    assert "There is no “is:late”. Write is:new or is:open" in await reads(journey, ANA, "/find parcel is:late")
    assert "thanks, ignored" in await reads(journey, ANA, "/queue mood")
    assert "so nothing was kept. Write: `/desk note 1 your words`" in await reads(journey, ANA, "/note 1")
    await nothing_happened(journey, before)


async def test_a_slip_behind_hold_stops_nothing(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    told = await reads(journey, LEE, "/desk hold of")
    assert "Nothing was changed. `/desk hold` holds all publishing, `/desk hold off` lets it go on." in told
    await journey.types(ANA, "/reply 1 It comes tomorrow.")
    await journey.pass_(seconds=15)
    assert len(journey.published) == 1


async def test_an_unknown_number_names_the_highest_and_one_that_is_near(journey: Journey) -> None:
    assert "There is none yet" in await reads(journey, ANA, "/claim 1")
    for index in range(12):
        await journey.on_x(f"@acme parcel {index} is stuck", handle=f"guest{index}")
    told = await reads(journey, ANA, "/reply 121 It left today.")
    assert "No inquiry #121. The highest is #12. Did you mean #12" in told
    assert "It left today." in told
    told = await reads(journey, ANA, "/note 99999 she called")
    assert "No inquiry #99999." in told and "she called" in told


async def test_links_are_numbers_too(journey: Journey) -> None:
    post = await journey.on_x("@acme my parcel is stuck")
    comment = await journey.comment("Is there lactose in it?")
    root = journey.root(1)["ts"]
    reply = await journey.says(BEN, 1, "a colleague's words")
    answered = journey.slack.permalink(DESK, reply).replace("&", "&amp;")
    for link in (journey.slack.permalink(DESK, root), answered, f"https://x.com/maria_k/status/{post}"):
        assert "*#1*" in await reads(journey, ANA, f"/show <{link}>"), link
    menu = next(e for b in journey.root(2)["blocks"] for e in b.get("elements", ()) if e.get("type") == "overflow")
    there = next(option["url"] for option in menu["options"] if "url" in option)
    assert "*#2*" in await reads(journey, ANA, f"/show <{there.replace('&', '&amp;')}>"), (there, comment)
    told = await reads(journey, ANA, "/reply <https://x.com/somebody/status/1> It left today.")
    assert "belongs to no inquiry" in told and "It left today." in told
    told = await reads(journey, ANA, f"/note <{journey.slack.permalink(DESK, root)}> she called")
    assert "Noted in #1" in told


# Every refusal hands the words back

REFUSED = {
    "no number": "/reply {words}",
    "unknown number": "/reply 99 {words}",
    "a number that is none": "/reply 1e3 {words}",
    "a link of nobody": "/reply <https://x.com/a/status/9> {words}",
    "somebody else's": "/reply 1 {words}",
    "somebody else's, privately": "/private 1 {words}",
    "somebody else's, to be closed": "/done 1 {words}",
    "somebody else's, to be given back": "/release 1 {words}",
    "somebody else's, to sleep": "/snooze 1 2h {words}",
    "closed": "/reply 2 {words}",
    "closed, privately": "/private 2 {words}",
    "too long": "/reply 3 {words}" + " and so on" * 40,
    "an unknown verb": "/desk repyl 1 {words}",
    "a colleague who is none": "/assign 3 @nobody {words}",
    "nobody to assign to": "/assign 3 {words}",
    "no time": "/snooze 3 {words}",
    "an unknown number for a note": "/note 99 {words}",
    "an option that is none": "/release 3 {words} --quickly",
}


async def test_every_refusal_hands_the_words_back(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.on_x("@acme where is my refund", handle="jo")
    await journey.on_x("@acme is there lactose in it", handle="zuz")
    await journey.types(BEN, "/claim 1")
    await journey.types(BEN, "/done 2")
    await journey.pass_(seconds=3)
    before = [journey.card(number) for number in (1, 2, 3)]
    for why, typed in REFUSED.items():
        told = await reads(journey, ANA, typed.format(words=f"sorry &amp; thank you, Märía, {why}"))
        assert f"sorry & thank you, Märía, {why}" in told, told
        assert "reference" not in told
        await nothing_happened(journey, before)


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b", "@maria_k", "@maria_k @acme"])
async def test_an_answer_without_words_is_refused(journey: Journey, text: str) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = [journey.card(1)]
    await journey.says(ANA, 1, f"!reply {text}")
    assert "There are no words in it, so nothing was sent." in journey.only_for(ANA)[-1]
    assert "`!reply your words`" in journey.only_for(ANA)[-1]
    await nothing_happened(journey, before)


async def test_an_answer_of_emoji_only_is_asked_about_before_it_goes_out(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "There are no words in it" in await reads(journey, ANA, "/reply 1 👍")
    await journey.pass_(seconds=15)
    assert journey.published == []
    await journey.presses_in(ANA, DESK, "no words in it", "send_anyway")
    assert "Going out" in journey.only_for(ANA)[-1]
    await journey.pass_(seconds=15)
    assert [p["text"] for p in journey.published] == ["👍 – Ana"]


async def test_three_thousand_characters_are_refused_with_the_count_and_come_back_whole(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    before = [journey.card(1)]
    told = await reads(journey, ANA, f"/reply 1 {LONG}")
    assert re.search(r"Not sent: 3,?5\d\d/280 for X", told), told[:200]
    assert "[Split]" in told
    assert LONG.strip() in told.replace("\n", "")
    await nothing_happened(journey, before)
    await journey.presses_in(ANA, DESK, "Not sent", "split")
    await journey.pass_(seconds=60)
    joined = " ".join(re.sub(r" – Ana \d+/\d+$", "", p["text"]) for p in journey.published)
    assert joined == LONG.strip()


async def test_a_long_note_is_kept_and_shown_whole(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.types(ANA, f"/note 1 {LONG}")
    await journey.pass_(seconds=10)
    assert LONG.strip() in "".join(journey.thread(1)).replace("\n", "")


async def test_what_is_done_already_is_said_and_not_done_again(journey: Journey) -> None:
    await journey.on_x("@acme my parcel is stuck")
    assert "is with nobody already" in await reads(journey, ANA, "/release 1")
    await journey.types(ANA, "/claim 1")
    assert "is yours already" in await reads(journey, ANA, "/claim 1")
    assert "is open already" in await reads(journey, ANA, "/reopen 1")
    await journey.types(ANA, "/done 1")
    told = await reads(journey, ANA, "/done 1")
    assert told == "#1 is closed already: solved."
    told = await reads(journey, ANA, "/claim 1")
    assert f"#1 was closed by <@{ANA}>: solved. Open it again, then repeat: `/desk reopen 1`" in told


# Customers who try


CANARIES = ("<!channel>", "<!here>", "<!everyone>", "<!subteam^S0AGENTS>", "<@U0LEE>", "<#C0RANDOM>", "evil.example")
"""What the desk itself never writes in these journeys; alive in Slack they would be a customer's doing."""

HOSTILE = [
    "<!channel> help",
    "<!here> <!everyone> <!subteam^S0AGENTS>",
    "<@U0LEE> <#C0RANDOM|general>",
    "<https://evil.example|https://bank.example>",
    "[login](https://evil.example)",
    "```code``` *bold* _it_ ~gone~ > quote `x`",
    "> quoted\n&gt; twice &lt;!channel&gt; &amp;lt;",
    "&lt;!channel&gt; &#60;!here&#62;",
    "{0.__class__} %s %(x)s ${HOME} {{7*7}} {number} $1 \\1",
    "/reply 12 sorry",
    "!reply sorry",
    '{"blocks": [{"type": "section"}], "text": "<!channel>"}',
    ":rotating_light: @here @channel @everyone #general",
    "\ue000who\ue002U0LEE\ue001 \ue000group\ue002S0AGENTS\ue001 \ue000link\ue002https://evil.example\ue002here\ue001",
    "https://evil.example/login and evil.example",
]


def texts_of(thing: Any, kind: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every string that Slack would render, with the object that holds it and the kind of that object."""
    if isinstance(thing, dict):
        kind = str(thing.get("type", kind))
        if isinstance(thing.get("text"), str):
            yield thing["text"], thing, kind
        for key, value in thing.items():
            if key not in ("text", "private_metadata", "metadata", "value") or isinstance(value, dict):
                yield from texts_of(value, kind)
    elif isinstance(thing, list):
        for one in thing:
            yield from texts_of(one, kind)


def alive(journey: Journey) -> list[str]:
    """What of the canaries pings or links in anything that the bot ever sent to Slack.

    In mark-up what stands between angle brackets lives, and without `verbatim` bare addresses and @names too; in rich
    text only elements of other kinds than text do; plain text never does.
    """
    sent: list[Any] = [record.request for record in journey.wire.to("slack")]
    sent += [frame["payload"] for frame in journey.slack.frames if frame["direction"] == "in"]
    found = []
    for body in sent:
        body = dict(body) if isinstance(body, dict) else {}
        for name in ("blocks", "view", "metadata"):
            if isinstance(body.get(name), str):
                body[name] = json.loads(body[name])
        assert body.get("link_names") in (None, False, "0", 0) and body.get("parse") in (None, "none")
        assert "chat.postMessage" not in str(body.get("path", "")) or not body.get("unfurl_links")
        if isinstance(body.get("text"), str):
            found += live_markup(body["text"], automatic=not body.get("blocks"))
        for text, holder, kind in texts_of([body.get("blocks"), body.get("view")]):
            if kind == "mrkdwn":
                found += live_markup(text, automatic=not holder.get("verbatim"))
        found += [str(e) for e in elements(body.get("blocks")) if any(canary in json.dumps(e) for canary in CANARIES)]
    return found


def live_markup(text: str, *, automatic: bool) -> list[str]:
    marks = re.findall(r"<[^<>]+>", text)
    if automatic:
        marks += re.findall(r"(?:https?://|\b)evil\.example\S*|(?<!\w)@(?:here|channel|everyone)\b", text)
    ours = "<!subteam^S0AGENTS>"  # the desk pings the group about what nobody has
    pings = tuple(canary[:-1] for canary in CANARIES if canary.endswith(">"))
    return [m for m in marks if "evil.example" in m or m.startswith("@") or (m.startswith(pings) and m != ours)]


def elements(blocks: Any) -> Iterator[dict[str, Any]]:
    """The elements of rich text that are alive: people, groups, channels, broadcasts, links."""
    if isinstance(blocks, dict):
        if blocks.get("type") in ("user", "usergroup", "channel", "broadcast", "link"):
            yield blocks
        for value in blocks.values():
            yield from elements(value)
    elif isinstance(blocks, list):
        for one in blocks:
            yield from elements(one)


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_customers_write_is_shown_as_it_is_and_nothing_in_it_lives(journey: Journey, text: str) -> None:
    await journey.on_x(f"@acme {text}", name=text[:50])
    await journey.comment(text, person=text[:50])
    shown = re.sub("[\ue000-\ue002]", "", text)
    quotes = [e["text"] for n in (1, 2) for e in quoted(journey.root(n))]
    assert quotes == [f"@acme {shown}", shown]
    for command in (
        "/claim 1",
        "/show 1",
        "/show 2",
        "/queue",
        "/find acme",
        "/reply 1 Hello",
        "/private 2 Hello",
        "/sla 1",
    ):
        await journey.types(ANA, command)
    await journey.types(ANA, "/reply 2")
    await journey.pass_(seconds=20)
    await journey.on_x(f"@acme {text}", name=text[:50], reply_to=journey.published[0]["id"])
    await journey.says(ANA, 1, "let me think")
    await journey.pass_(hours=2)  # warnings and alerts name the customer
    await journey.types(ANA, "/done 1")
    await journey.pass_(seconds=5)
    assert [p["text"] for p in journey.published] == ["Hello – Ana"]
    assert alive(journey) == []
    for message in everything(journey):
        assert "\ue000" not in json.dumps(message, ensure_ascii=False)


def everything(journey: Journey) -> list[dict[str, Any]]:
    tops = [*journey.slack.messages(DESK), *journey.slack.messages("C0LEADS")]
    below = [reply for top in journey.slack.messages(DESK) for reply in journey.slack.replies(DESK, top["ts"])]
    own = [message for user in (ANA, BEN, LEE) for message in journey.slack.ephemerals(user)]
    return [*tops, *below, *own]


def quoted(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        element
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for part in block["elements"]
        if part["type"] == "rich_text_quote"
        for element in part["elements"]
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("pay at \u202eten.koobecaf\u202c now", "pay at ⟦RLO⟧ten.koobecaf⟦PDF⟧ now"),
        ("f\u200bacebook \ufeffhere", "facebook here"),
        ("می\u200cخواهم 👨\u200d👩\u200d👧", "می\u200cخواهم 👨\u200d👩\u200d👧"),
        ("clear \x1b[2J the\x00 screen\r\nlevel=ERROR", "clear [2J the screen\nlevel=ERROR"),
    ],
)
async def test_characters_that_deceive_are_shown_or_left_out(journey: Journey, written: str, shown: str) -> None:
    await journey.on_x(f"@acme {written}")
    assert [e["text"] for e in quoted(journey.root(1))] == [f"@acme {shown}"]


NAMES = (
    "Desk Bot ✓",
    "@here",
    "N" * 200,
    "",
    "مريم",
    "*CLAIMED* by <@U0LEE>",
    ":red_circle: LATE",
    "https://bank.example",
    "\u202eevil",
    "`code` ~x~ _y_",
    "Line\nbreak",
)


async def test_what_customers_call_themselves_deceives_nobody(journey: Journey) -> None:
    for number, name in enumerate(NAMES, 1):
        await journey.on_x("@acme my parcel is stuck", handle=f"maria_{number}", name=name)
        head = journey.root(number)["blocks"][0]["text"]["text"].split("\n")[0]
        assert f"maria_{number}" in head, "the handle always shows"
        assert len(head) < 260
        assert "<@" not in head and "*CLAIMED*" not in head and ":red_circle:" not in head and "\u202e" not in head
        assert "|https://bank" not in head, "a name is no link's label"
        assert journey.root(number)["blocks"][0]["text"]["text"].count("\n") == 1, name
        assert alive(journey) == []


async def test_a_post_of_a_picture_alone_is_an_inquiry_with_a_way_to_see_it(journey: Journey) -> None:
    journey.graph.message("Peter Holm", "")
    await journey.pass_(seconds=40)
    if journey.roots():
        assert "open" in journey.card(1)


# What breaks


async def test_a_command_that_breaks_says_so_with_a_reference_that_is_in_the_log(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    body: dict[str, Any] = {"command": ["/reply"], "text": "1 It left today.", "trigger_id": "1.1"}
    body |= {"user_id": ANA, "team_id": "T0ACME", "channel_id": DESK}
    ack = await journey.slack.doors.send("slash_commands", body, accepts=True)
    assert ack.ok and isinstance(ack.payload, dict)
    broke_in_words(words_of(ack.payload), journey, caplog)
    assert "It left today." in words_of(ack.payload)


async def test_a_button_that_breaks_says_so_with_a_reference_that_is_in_the_log(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    body = {**journey.slack._from(ANA, "block_actions"), "trigger_id": "1.2", "channel": {"id": DESK}}
    body |= {"container": {}, "message": {}, "actions": [{"type": "button", "value": "1"}]}
    assert (await journey.slack.doors.send("interactive", body, accepts=False)).ok
    await journey.pass_(seconds=3)
    broke_in_words(journey.only_for(ANA)[-1], journey, caplog)
    assert "UNCLAIMED" in journey.card(1)


async def test_a_form_that_breaks_says_so_at_its_input_with_a_reference_that_is_in_the_log(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    await journey.on_x("@acme my parcel is stuck")
    await journey.presses(ANA, 1, "reply")
    view = {**journey.slack.views[ANA][-1].body, "state": None}
    body = {**journey.slack._from(ANA, "view_submission"), "trigger_id": "1.3", "view": view}
    ack = await journey.slack.doors.send("interactive", body, accepts=True)
    assert ack.ok and isinstance(ack.payload, dict)
    broke_in_words(ack.payload["errors"]["text"], journey, caplog)


def broke_in_words(told: str, journey: Journey, caplog: pytest.LogCaptureFixture) -> None:
    journey.expected_bugs = bugs_in(caplog)
    assert len(journey.expected_bugs) == 1
    assert "Something broke here" in told and "Nothing was sent." in told
    assert journey.expected_bugs[0].removeprefix("bug ") in told
    assert "Traceback" not in told and "Error" not in told


async def test_when_the_disk_is_full_nothing_is_taken_and_slack_says_that_it_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox = bot.Sandbox(TUESDAY, tmp_path)
    await sandbox.start()
    try:
        journey = Journey(sandbox)
        await journey.on_x("@acme my parcel is stuck")
        card, thread = journey.card(1), journey.root(1)["ts"]
        fill_the_disk(tmp_path)
        assert not (await journey.slack.command(ANA, DESK, "/reply 1 It left today.")).ok, "no yes to what is not kept"
        assert not (await journey.slack.press(ANA, DESK, thread, "claim")).ok
        await journey.slack.say(ANA, DESK, "!claim", thread_ts=thread)
        sent = [f for f in journey.slack.frames if f["direction"] == "out" and f["type"] in ASKED]
        assert [frame["ack_ms"] for frame in sent[-3:]] == [None] * 3
        assert {frame["type"] for frame in sent[-3:]} == ASKED
        assert bugs_in(caplog) == [], "a full disk is no fault of the desk"
        assert "no room left" in caplog.text
        assert journey.card(1) == card
        assert journey.published == []
    finally:
        sandbox.world.slack.doors.retry_seconds = ()
        await sandbox.stop()


def fill_the_disk(folder: Path) -> None:
    """Whatever the desk has open for writing below the folder takes nothing more."""
    full = os.open("/dev/full", os.O_WRONLY)
    for fd in os.listdir("/proc/self/fd"):
        try:
            place = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue
        if place.startswith(str(folder)) and not place.endswith("lock"):
            os.dup2(full, int(fd))
    os.close(full)


async def test_hours_that_cannot_be_come_back_to_the_lead_who_typed_them(journey: Journey) -> None:
    told = await reads(journey, LEE, "/hours set mon-fri, sorry &amp; thank you")
    assert "set mon-fri, sorry & thank you" in told and "reference" not in told
