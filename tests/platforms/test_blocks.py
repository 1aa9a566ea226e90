"""Cards and messages as Slack takes them: in every state, for every customer, within every limit."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.flows.flood import FURTHERS
from desk.model.asking import Answer, Button, Line
from desk.model.inquiry import Entry, Flag, Inquiry, Said, Status
from desk.model.ladder import Stage
from desk.model.message import Author
from desk.model.neutral import PIECE, neutral, pieces, same_words
from desk.model.promise import Promise
from desk.model.sensitive import HIDDEN
from desk.model.sla import SlaClock, SlaPolicy, Target
from desk.model.words import clean, when, who
from platforms.sandbox.slack.blocks import acting, check_message, text_length
from platforms.sandbox.slack.limits import BLOCKS_TEXT
from platforms.slack.blocks.card import customer_message, inquiry_card
from platforms.slack.blocks.lines import answer_message, line_message
from tests.journeys.conftest import words_of

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MARIA = Author("700001", "maria_k", "Maria K.", "https://x.com/maria_k")
LIVE = re.compile(r"<([^>|]*)[^>]*>")


def clock_of(start: datetime) -> SlaClock:
    """A promise of a quarter of an hour."""
    quarter = timedelta(minutes=15)
    return SlaClock(Target.FIRST, start, quarter, start + quarter * 0.75, start + quarter)


def entry_of(text: str = "@acme my parcel is stuck", **more: Any) -> Entry:
    plain = Entry(1, 0, Said.CUSTOMER, "x", "111", MARIA, neutral(clean(text)), NOW, "https://x.com/maria_k/status/111")
    return replace(plain, **more)


def inquiry_of(**more: Any) -> Inquiry:
    plain = Inquiry(
        1,
        "x:1000:post:111",
        "x",
        "1000",
        "mention",
        False,
        MARIA,
        Status.NEW,
        NOW,
        NOW,
        "C0DESK",
        "111",
        "111",
        message_count=1,
        clock=clock_of(NOW),
    )
    return replace(plain, **more)


def card_of(inquiry: Inquiry, first: Entry | None = None, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    first = first or entry_of()
    parts = pieces(first.text)
    view = {
        "inquiry": inquiry,
        "first": first,
        "text": parts[0],
        "pieces": len(parts),
        "platform": "X",
        "now": NOW + timedelta(minutes=1),
        "delivery": "",
        "hides": "all",
        "group": "S0AGENTS",
        "prefix": "",
        "policy": SlaPolicy(timedelta(minutes=15), timedelta(hours=1), timedelta(minutes=30)),
        "op_id": "root:1",
        **more,
    }
    return inquiry_card(view)


def message_of(entry: Entry, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    parts = pieces(entry.text)
    view = {
        "inquiry": inquiry_of(),
        "entry": entry,
        "text": parts[0],
        "piece": 0,
        "pieces": len(parts),
        "ping": "",
        "platform": "X",
        "op_id": "show:1:1:0",
        "posts": [],
        **more,
    }
    return customer_message(view)


CLAIMED = {"assignee": "U0ANA", "claimed_at": NOW, "status": Status.OPEN}
CLOSED = {**CLAIMED, "status": Status.CLOSED, "clock": None, "closed_by": "U0ANA", "closed_reason": "solved"}
LATE_SOLUTION = replace(clock_of(NOW - timedelta(hours=1)), target=Target.RESOLUTION)


def promise_of(hours: int) -> Promise:
    """The refund, promised for so many hours from now."""
    due = NOW + timedelta(hours=hours)
    return Promise("1", "the refund", "U0ANA", NOW - timedelta(hours=3), due, due - timedelta(hours=1))


STATES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "new": ({}, {}, "*UNCLAIMED* · first answer due", "unclaimed, due 24 Nov 10:15 UTC"),
    "claimed": (CLAIMED, {}, "*CLAIMED* by <@U0ANA> · first answer due", "claimed by <@U0ANA>, due"),
    "soon due": (
        {"clock": replace(clock_of(NOW), warned_at=NOW)},
        {},
        ":large_orange_circle: *SOON DUE* · *UNCLAIMED*",
        "soon due, unclaimed",
    ),
    "late": (
        {"clock": clock_of(NOW - timedelta(hours=1))},
        {},
        ":red_circle: *LATE* · *UNCLAIMED* · first answer was due",
        "LATE, unclaimed, was due",
    ),
    "pending": (
        {**CLAIMED, "status": Status.PENDING, "clock": None, "first_answered_at": NOW},
        {},
        "*WAITING FOR THE CUSTOMER*",
        "waiting for the customer",
    ),
    "snoozed": (
        {**CLAIMED, "snoozed_until": NOW + timedelta(hours=2)},
        {},
        "*SNOOZED* until <!date^",
        "snoozed until 24 Nov 12:00 UTC",
    ),
    "closed": (
        CLOSED,
        {},
        "*#1 CLOSED* by <@U0ANA>: solved",
        "#1 closed by <@U0ANA>: solved",
    ),
    "in doubt": (CLAIMED, {"delivery": "unsure"}, "*IN DOUBT*", "an answer is in doubt"),
    "failed": (CLAIMED, {"delivery": "failed"}, "did *NOT GO OUT*", "did NOT go out"),
    "held": (CLAIMED, {"delivery": "held"}, "*NOT SENT YET*", "an answer is not sent yet"),
    "going out": (CLAIMED, {"delivery": "going out"}, "an answer is going out", "going out"),
    "thanks only": ({"clock": None}, {}, "*NO ANSWER NEEDED, it seems*", "no answer needed"),
    "answered outside": (
        {"clock": None, "status": Status.PENDING, "flags": (Flag.OUTSIDE,), "first_answered_at": NOW},
        {},
        "*ANSWERED OUTSIDE THE DESK*",
        "answered outside the desk",
    ),
    "taken back": (
        {"clock": None, "status": Status.PENDING, "flags": (Flag.WITHDRAWN,)},
        {"first": entry_of(text="", deleted=True)},
        "*TAKEN BACK BY THE CUSTOMER*",
        "taken back by the customer",
    ),
    "time runs": (
        {"clock": replace(clock_of(NOW), reached=Stage.COLOUR)},
        {},
        ":large_yellow_circle: *TIME RUNS* · *UNCLAIMED*",
        "unclaimed, due",
    ),
    "stopped": (
        {**CLAIMED, "snoozed_until": NOW + timedelta(hours=2), "clock": replace(clock_of(NOW), paused_at=NOW)},
        {},
        "a lead has *STOPPED* the clock until then",
        "clock stopped, snoozed until 24 Nov 12:00 UTC",
    ),
    "promised": (
        {**CLAIMED, "status": Status.PENDING, "clock": None, "first_answered_at": NOW, "promises": (promise_of(2),)},
        {},
        "*PROMISED* the refund by <!date^",
        "promised by 24 Nov 12:00 UTC",
    ),
    "promise late": (
        {**CLAIMED, "status": Status.PENDING, "clock": None, "first_answered_at": NOW, "promises": (promise_of(-1),)},
        {},
        ":red_circle: *PROMISE LATE:* the refund by <!date^",
        "promise LATE, was due 24 Nov 09:00 UTC",
    ),
    "both clocks": (
        {**CLAIMED, "resolution": replace(clock_of(NOW), target=Target.RESOLUTION, due_at=NOW + timedelta(days=1))},
        {},
        "first answer due <!date^1795515300^{date_short_pretty} at {time}|24 Nov 10:15 UTC> · solution due <!date^",
        "due 24 Nov 10:15 UTC, solution due 25 Nov 10:00 UTC",
    ),
    "solution late": (
        {**CLAIMED, "clock": None, "first_answered_at": NOW, "status": Status.PENDING, "resolution": LATE_SOLUTION},
        {},
        ":red_circle: *SOLUTION LATE*, was due <!date^",
        "solution LATE, was due 24 Nov 09:15 UTC",
    ),
    "somebody is replying": (
        {**CLAIMED, "replying": "U0BEN", "replying_until": NOW + timedelta(minutes=3)},
        {},
        "<@U0BEN> is replying",
        "<@U0BEN> is replying",
    ),
    "its own agent is replying": (
        {**CLAIMED, "replying": "U0ANA", "replying_until": NOW + timedelta(minutes=3)},
        {},
        "*CLAIMED* by <@U0ANA>, who is replying · first answer due",
        "claimed by <@U0ANA>, <@U0ANA> is replying",
    ),
    "VIP": (
        {"flags": (Flag.VIP,)},
        {"about": "VIP · English · 2 earlier inquiries · note by Ben: likes oat milk"},
        "VIP · English · 2 earlier inquiries",
        "#1 VIP, unclaimed",
    ),
    "a good deed": (
        {**CLAIMED, "wow": "a hand-written card"},
        {},
        "a good deed is planned: a hand-written card",
        "due",
    ),
    "hidden": (
        {**CLAIMED, "kind": "comment"},
        {"first": entry_of(flags=(Flag.HIDDEN,))},
        "we hid the comment from everybody but its author",
        "X comment",
    ),
    "merged": (
        {**CLOSED, "closed_reason": "merged into #2", "merged_into": 2},
        {"first": entry_of("", said=Said.MOVED, moved_to=2)},
        "(now in #2)",
        "merged into #2",
    ),
    "ignored": (
        {**CLOSED, "closed_reason": "ignored", "flags": (Flag.MUTED,)},
        {},
        "`/desk ignore 1 off` brings",
        "ignored",
    ),
    "closed and answered": (
        {
            **CLOSED,
            "first_answer_seconds": 660.0,
            "last_reply_url": "https://x.com/acme/status/2",
            "message_count": 3,
            "related": (3, 7),
        },
        {"first": entry_of("@acme my parcel is stuck. " * 40)},
        "first answer in 11 min of business time · 3 messages · <https://x.com/acme/status/2|our answer>",
        "closed by <@U0ANA>: solved",
    ),
    "flood": ({"flood": 495}, {}, "*FLOOD*: 495 more posts", "495 more posts"),
    "private": ({"private": True, "kind": "direct message"}, {}, "X direct message", "X direct message"),
    "long": ({}, {"first": entry_of("word " * 13_000)}, "*UNCLAIMED*", "word word"),
}


def assert_fine(text: str, blocks: list[dict[str, Any]]) -> None:
    """What Slack takes, and people can read."""
    assert check_message(blocks) == []
    assert text_length(blocks) <= BLOCKS_TEXT
    assert 0 < len(text) <= 4000
    assert blocks[0]["type"] == "section"


@pytest.mark.parametrize("state", STATES)
def test_the_card_says_its_state_in_words_on_screen_and_to_screen_readers(state: str) -> None:
    inquiry, view, words, spoken = STATES[state]
    text, blocks = card_of(inquiry_of(**inquiry), **view)
    assert_fine(text, blocks)
    assert words in words_of({"blocks": blocks})
    assert spoken in text
    assert re.match(r"#1 ", text), "notifications begin with the number"


@pytest.mark.parametrize("state", STATES)
def test_the_card_offers_only_what_works(state: str) -> None:
    inquiry = inquiry_of(**STATES[state][0])
    view = STATES[state][1]
    _, blocks = card_of(inquiry, **view)
    elements = [element for _, element in acting(blocks)]
    labelled = [element for element in elements if element["type"] == "button"]
    assert len(labelled) <= 5, "a card is for telephones too"
    there = {e["action_id"] for e in labelled}
    there |= {o["value"].partition(":")[0] for e in elements for o in e.get("options", ())}
    closed = inquiry.status is Status.CLOSED
    withdrawn = Flag.WITHDRAWN in inquiry.flags
    assert ("claim" in there) == (inquiry.assignee is None and not closed)
    assert ("release" in there) == (inquiry.assignee is not None and not closed)
    assert ("reply" in there) == (not closed and not withdrawn)
    assert ("private" in there) == (not closed and not inquiry.private and not withdrawn)
    assert ("reopen" in there) == (closed and state not in ("merged", "ignored"))
    assert ("done" in there) == (not closed)
    assert ("needs_answer" in there) == (state == "thanks only")
    assert ("split_flood" in there) == (inquiry.flood > 0)
    assert not withdrawn or "!reply" not in words_of({"blocks": blocks})
    assert ("open" in there) == (not closed and not withdrawn)
    assert {"claim", "reply", "done"} & there <= {e["action_id"] for e in labelled}, "what is done often has its label"


@pytest.mark.parametrize("more", [{}, CLAIMED, {"flood": 4}, {"clock": None}, {"clock": None, "flood": 4}], ids=str)
def test_a_card_number_adds_a_button_and_never_a_sixth(more: dict[str, Any]) -> None:
    first = entry_of(f"my card is {HIDDEN * 12}1111, thank you")
    _, blocks = card_of(inquiry_of(**more), first)
    [row] = [block["elements"] for block in blocks if block["type"] == "actions"]
    *buttons, menu = row
    said = [one["text"]["text"] for one in buttons]
    assert len(said) <= 5 and "Hide it on X" in said and said[-1] == "Done"
    behind = [one["text"]["text"] for one in menu["options"]]
    assert len(behind) <= 5 and "Note…" in behind
    if more == {}:
        assert said == ["Claim", "Reply…", "Private…", "Hide it on X", "Done"] and behind[0] == "Looking into it…"


def test_only_the_mentions_that_we_mean_are_alive() -> None:
    _, blocks = card_of(inquiry_of(**CLAIMED), entry_of("<!channel> <@U0BEN> look: <https://evil.example|bank>"))
    heads = [b["text"]["text"] for b in blocks if b["type"] == "section"]
    live = [found for head in heads for found in LIVE.findall(head)]
    assert [one for one in live if one[0] in "@#!" and not one.startswith("!date")] == ["@U0ANA"]
    assert [one for one in live if one.startswith("http")] == ["https://x.com/maria_k"]


def test_nothing_becomes_a_link_by_itself() -> None:
    author = replace(MARIA, name="www.evil.example", url="")
    text, blocks = card_of(inquiry_of(), entry_of(author=author))
    texts = [b["text"] for b in blocks if b["type"] == "section"]
    texts += [e for b in blocks if b["type"] == "context" for e in b["elements"]]
    assert all(one["verbatim"] is True for one in texts)
    assert_fine(text, blocks)


def test_a_button_names_its_inquiry_to_screen_readers() -> None:
    _, blocks = card_of(inquiry_of())
    [claim] = [e for b in blocks if b["type"] == "actions" for e in b["elements"] if e["action_id"] == "claim"]
    assert claim["accessibility_label"] == "Claim (inquiry 1)"


def test_a_customer_who_is_called_like_the_desk_is_seen_to_be_a_customer() -> None:
    author = Author("7", "", "Acme Support ✓ :white_check_mark:")
    _, blocks = message_of(entry_of(author=author, index=1, url=""))
    assert words_of({"blocks": blocks}).startswith("*Acme Support ✓ ∶white_check_mark:* wrote on X <!date")


def test_a_very_long_name_and_handle_are_cut() -> None:
    author = Author("7", "h" * 400, "N" * 4000, "https://x.com/" + "h" * 400)
    text, blocks = card_of(inquiry_of(customer=author), entry_of(author=author))
    assert_fine(text, blocks)
    head = blocks[0]["text"]["text"]
    assert "N" * 79 + "…" in head and "N" * 80 not in head
    assert "first answer due" in head, "a long name does not push the state out"


@pytest.mark.parametrize("text", ["いつ届きますか？", "متى يصل طردي؟", "مى‌خواهم", "🇵🇹👩‍👩‍👧‍👦", "שָׁלוֹם", "¿dónde está?"])
def test_all_scripts_stand_as_they_were_written(text: str) -> None:
    fallback, blocks = card_of(inquiry_of(), entry_of(text))
    assert blocks[1]["elements"][0]["elements"][0]["text"] == text
    assert text in fallback
    assert_fine(fallback, blocks)


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (("https://pbs.twimg.com/media/a.jpg",), "[photo: open it on X]"),
        (("https://pbs.twimg.com/media/a.jpg", "https://pbs.twimg.com/media/b.jpg"), "[2 photos: open it on X]"),
        (("https://video.twimg.com/a.mp4", "https://x.example/file"), "[video and attachment: open it on X]"),
        ((), "[no text: open it on X]"),
    ],
)
def test_a_message_without_words_says_what_there_is(places: tuple[str, ...], words: str) -> None:
    text, blocks = card_of(inquiry_of(), entry_of("  ", attachments=places))
    assert blocks[1]["elements"][0]["elements"][0]["text"] == words
    assert words in text


def test_thanks_in_the_thread_have_the_button_and_a_piece_of_them_has_not() -> None:
    thanks = entry_of("Thank you!", index=1, starts_clock=False)
    assert "[It needs an answer]" in words_of({"blocks": message_of(thanks)[1]})
    assert "[It needs an answer]" not in words_of({"blocks": message_of(replace(thanks, starts_clock=True))[1]})


def test_thirty_posts_of_a_flood_fit_one_message() -> None:
    posts = [
        entry_of("x" * 280 + f" {n}", index=n, url=f"https://x.com/a/status/{n}" + "0" * 16, flags=(Flag.FLOOD,))
        for n in range(30)
    ]
    text, blocks = message_of(posts[0], posts=posts, ping="U0ANA")
    assert_fine(text, blocks)
    assert text.startswith("<@U0ANA> 30 more posts from @maria_k")
    assert words_of({"blocks": blocks}).count("open on X") == 30


def test_ten_that_were_written_within_seconds_fit_one_message_and_each_says_where_it_stands() -> None:
    posts = [
        entry_of("x" * 800 + f" {n}", index=n, url=f"https://x.com/a/status/{n}", at=NOW + timedelta(seconds=2 * n))
        for n in range(FURTHERS)
    ]
    posts[3] = replace(posts[3], text="", deleted=True)
    posts[4] = replace(posts[4], edits=("before",), flags=(Flag.HIDDEN,), attachments=("https://pbs.twimg.com/a.jpg",))
    text, blocks = message_of(posts[0], posts=posts, ping="U0ANA")
    assert_fine(text, blocks)
    assert text.startswith("<@U0ANA> @maria_k: xxx") and text.count("\n") == FURTHERS - 1
    shown = words_of({"blocks": blocks})
    assert [words in shown for words in ("(taken back by the customer)", "edited", "hidden by us", "with photo")] == [
        True
    ] * 4
    assert shown.count("2 seconds later") == FURTHERS - 1
    assert "800" not in shown and all(f"x {n}" in shown for n in range(FURTHERS) if n != 3)


def test_a_line_and_an_answer_keep_what_is_foreign_in_a_quote() -> None:
    line = Line(f"{who('U0ANA')}, due {when(NOW)}.", quote="<!here> *bold*", buttons=(Button("claim", "Claim", "1"),))
    text, blocks = line_message(line.as_json())
    assert_fine(text, blocks)
    assert text == "<@U0ANA>, due 10:00 UTC."
    assert blocks[1]["elements"][0]["elements"][0]["text"] == "<!here> *bold*"
    told = answer_message(Answer("Not sent.", quote="x" * 9000, lines=("• a line",) * 200))
    assert check_message(told["blocks"]) == []


SPICE = st.sampled_from(
    [*"*_~`<>&|:\n\t\x00", "<!channel>", "<@U0BEN>", ":smile:", "```", "\u202e", "\ud83d", "\u0301" * 20, "👩‍👩‍👧‍👦"]
)
HOSTILE = st.lists(st.one_of(SPICE, st.text(max_size=8)), max_size=40).map("".join)


@given(name=HOSTILE, handle=HOSTILE, text=HOSTILE, url=HOSTILE, reason=HOSTILE, repeat=st.integers(1, 400))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_nothing_that_a_customer_writes_breaks_a_card_pings_or_makes_a_link(
    name: str, handle: str, text: str, url: str, reason: str, repeat: int
) -> None:
    author = Author("7", neutral(clean(handle)), neutral(clean(name * repeat)), "")
    entry = entry_of(text * repeat, author=author, index=1, url="")
    for closed in (False, True):
        state = {"status": Status.CLOSED, "clock": None, "closed_reason": clean(reason)} if closed else {}
        inquiry = inquiry_of(customer=author, last_reply_url=url, **state)
        made = [card_of(inquiry, entry), message_of(entry, ping="U0ANA"), message_of(entry, posts=[entry] * 5)]
        for fallback, blocks in made:
            if text_length(blocks) <= BLOCKS_TEXT:
                assert_fine(fallback, blocks)
            for block in blocks:
                texts = [block["text"]["text"]] if block["type"] == "section" else []
                texts += [e["text"] for e in block["elements"] if "text" in e] if block["type"] == "context" else []
                for one in (*texts, fallback):
                    live = [found for found in LIVE.findall(one) if not found.startswith("!date^")]
                    assert set(live) <= {"@U0ANA"}


@given(
    st.lists(st.sampled_from(["word ", "\n\n", "a" * 3000, ". ", "👩‍👩‍👧‍👦", "é", "e\u0301", " " * 2900]), max_size=30)
)
def test_pieces_give_the_text_back_and_fit(words: list[str]) -> None:
    text = "".join(words)
    cut = pieces(text)
    assert "".join(cut) == text
    assert all(len(piece) <= PIECE for piece in cut)
    assert all(cut) or cut == [""]


def test_a_piece_ends_where_a_reader_would_pause() -> None:
    text = ("A sentence of some words. " * 200).strip()
    assert all(piece.endswith(". ") for piece in pieces(text)[:-1])
    family = "👩‍👩‍👧‍👦" * 1000
    assert all(piece[0] == "👩" for piece in pieces(family)), "a family is not torn apart"


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("It comes tomorrow. – Ana", "@maria_k It comes  tomorrow. – Ana", True),
        ("See https://acme.example/help – Ana", "See https://t.co/abc – Ana", True),
        ("It comes tomorrow. – Ana", "It comes today.", False),
    ],
)
def test_an_echo_is_told_from_other_words(ours: str, theirs: str, same: bool) -> None:
    assert same_words(ours, theirs) is same
