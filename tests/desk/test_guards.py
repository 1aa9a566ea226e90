"""The guards' rules: what each finds, what it leaves alone, and how seldom it stops what a good agent writes."""

from __future__ import annotations

import html
import json
from collections import Counter
from pathlib import Path

import pytest

from desk.model.guards import SHIPPED, Guards, Level, Reply, Rule, check, stopping
from desk.model.markup import for_customers, left_over
from desk.model.sensitive import masked, without_cards
from tests.desk.guards_said import FINE, WRONG


def found(text: str, guards: Guards | None = None, **more: object) -> set[str]:
    return {hit.rule.value for hit in check(Reply(text, public=True, **more), guards or Guards())}  # type: ignore[arg-type]


@pytest.mark.parametrize(("rule", "text"), WRONG)
def test_what_must_not_stand_in_public_is_found(rule: str, text: str) -> None:
    assert rule in found(text)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, text in WRONG if rule in ("card", "iban")])
def test_cards_and_accounts_are_hidden_where_others_read_them(rule: str, text: str) -> None:
    digits = "".join(filter(str.isdigit, text))
    assert digits not in "".join(filter(str.isdigit, masked(text)))


def test_hardly_anything_else_is_taken_for_it() -> None:
    rules = {"card", "iban", "login", "contact", "personal", "asking"}
    alarms = [text for text in FINE if found(text) & rules]
    assert len(FINE) >= 50 and len(WRONG) >= 50
    assert len(alarms) <= 0.05 * len(FINE), alarms


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("internal", "note: she was rude on the phone last week"),
        ("internal", "Internal - do not refund before Friday"),
        ("internal", "@ben can you take this one?"),
        ("internal", "Same as #142, closing."),
        ("internal", "Filed as ticket OPS-4411, please wait."),
        ("absolute", "We guarantee that it arrives tomorrow."),
        ("absolute", "This will never happen again."),
        ("absolute", "Das passiert nie wieder."),
        ("markup", "Hello <!here>, we look into it."),
        ("markup", "It is done :acme-parrot:"),
        ("markup", "Ask @U0BEN7 please"),
        ("markup", "Fish &amp; chips"),
        ("other_customer", "Like @peter_h, you have to wait."),
        ("other_customer", "As Zuzana Malá, you have to wait."),
        ("other_customer", "One wrote “my parcel came without its lid today”."),
        ("shouting", "PLEASE READ THE ANSWER ABOVE."),
        ("shouting", "We told you already!!!"),
        ("language", "Wir haben das Paket gefunden und es ist nicht mehr bei uns, bitte warte noch."),
        ("wordless", "👍"),
    ],
)
def test_each_rule_has_a_reason(rule: str, text: str) -> None:
    reply = Reply(
        text,
        public=True,
        people=("maria_k",),
        customer_text="@acme where is my parcel and why can you not tell me?",
        colleagues=("ben", "maria_k"),
        numbers=lambda number: number <= 200,
        others=lambda: ["peter_h", "Zuzana Malá"],
        quoted=lambda words: "lid" in words,
    )
    hits = {hit.rule.value: hit.reason for hit in check(reply, Guards())}
    assert hits.get(rule, "").endswith(".") and len(hits[rule]) < 160


@pytest.mark.parametrize(
    "text",
    [
        "My colleague Ben will call you back.",
        "@maria_k we found it.",
        "You are our #1 fan!",
        "We can't guarantee that it arrives tomorrow.",
        "Can you promise us to try that?",
        "Which RAM, CPU and GPU do you have?",
        "The BBC and the NHS say so.",
        "It opens at 9:00 and closes at 17:30:00.",
        "Tak for din besked.",
        "Note that we close at six.",
    ],
)
def test_ordinary_answers_pass(text: str) -> None:
    more = {"people": ("maria_k",), "colleagues": ("ben", "maria_k"), "numbers": lambda number: number <= 200}
    assert found(text, customer_text="@acme where is it?", **more) == set()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("*Sorry*, it is _late_ :slightly_smiling_face:", "Sorry, it is late 🙂"),
        (":+1::skin-tone-3: great", "👍 great"),
        ("Ask <@U0BEN>", "Ask Ben"),
        ("`code` and 5*3*2 and snake_case_name", "code and 5*3*2 and snake_case_name"),
        ("https://a.example/_x_/*y*", "https://a.example/_x_/*y*"),
        ("It’s “fine” – really", "It’s “fine” – really"),
    ],
)
def test_slacks_mark_up_becomes_plain_words(typed: str, read: str) -> None:
    assert for_customers(typed, lambda user: {"U0BEN": "Ben"}.get(user, "")) == read
    assert left_over(read) == ""


def test_in_private_only_how_it_is_said_is_looked_at() -> None:
    text = "Card 4111 1111 1111 1111, mail me@home.example, PIN 4711, please send me your phone number."
    assert check(Reply(text, public=False), Guards()) == []


def test_the_companys_own_addresses_and_numbers_may_stand_there() -> None:
    ours = Guards(ours=("@acme.example", "+351 21 000 00 00", "help@other.example", "DE89370400440532013000"))
    assert found("Write to care@acme.example or help@other.example, or call 021 000 00 00.", ours) == set()
    assert found("Pay to DE89 3704 0044 0532 0130 00.", ours) == set()
    assert found("Write to care@acme.example.evil or x@notacme.example.", ours) == {"contact"}


def test_each_rule_is_off_a_hint_a_warning_or_for_two() -> None:
    text = "Call 030 1234567"
    for level in Level:
        hits = check(Reply(text, public=True), Guards({Rule.CONTACT: level}))
        assert [hit.level for hit in hits] == ([] if level is Level.OFF else [level])
        assert bool(stopping(hits)) is (level in (Level.WARN, Level.SECOND))


def test_what_a_customer_wrote_is_kept_word_by_word_but_for_cards_and_passwords() -> None:
    text = "My card 4111 1111 1111 1111 was charged, order 1234567812345678, password: Hunter!22 ok?"
    assert without_cards(text) == "My card •••• 1111 was charged, order 1234567812345678, password: •••••• ok?"
    assert without_cards("1 " * 30_000) == "1 " * 30_000


@pytest.mark.real_data
def test_fewer_than_three_in_a_hundred_of_real_answers_are_stopped(shared_data: Path) -> None:
    path = shared_data / "conversations.jsonl"
    shares: Counter[Rule] = Counter()
    answers = stopped = 0
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        people = tuple({row["brand"], *(turn["author"] for turn in row["turns"])})
        last = ""
        for turn in row["turns"]:
            text = html.unescape(turn["text"])
            if turn["role"] == "customer":
                last = text
                continue
            answers += 1
            hits = check(Reply(for_customers(text), True, people, last), Guards())
            stopped += bool(stopping(hits))
            shares.update(hit.rule for hit in hits)
    print(f"{answers} answers, {stopped / answers:.2%} stopped")
    for rule in Rule:
        share = shares[rule] / answers
        print(f"{rule.value:15} {share:6.2%} {SHIPPED[rule].value}")
        assert share <= 0.01 or SHIPPED[rule] in (Level.HINT, Level.OFF)
    assert answers > 500 and stopped / answers < 0.03
