"""Policies: which promise holds for which inquiry, why, and what each event does to the clocks."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.ladder import Shares, Stage, Time
from desk.model.policies import (
    EFFECTS,
    EVERYTHING_ELSE,
    PRESETS,
    TARGETS,
    Do,
    Facts,
    Happening,
    Match,
    Policy,
    because,
    choose,
    never_reached,
)
from desk.store.codec import decode, encode

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
PUBLIC_X = Policy("X, public", Match(("x",), private=False), first=QUARTER, next=HOUR)
VIP = Policy("VIP", Match(vip=True), first=timedelta(minutes=5), resolution=DAY, time=Time.CALENDAR)
GERMAN = Policy("German", Match(languages=("de",), kinds=("comment", "visitor post")), first=HOUR)
TITLES = {"x": "X", "facebook": "Facebook"}


def facts(platform: str = "x", private: bool = False, **more: object) -> Facts:
    return Facts(platform, private, **more)  # type: ignore[arg-type]


def test_the_first_policy_that_matches_holds() -> None:
    assert choose([VIP, PUBLIC_X], facts()).policy is PUBLIC_X
    assert choose([VIP, PUBLIC_X], facts(vip=True)).policy is VIP
    assert choose([PUBLIC_X, VIP], facts(vip=True)).policy is PUBLIC_X


def test_why_is_a_sentence_for_people() -> None:
    assert choose([PUBLIC_X], facts(), TITLES).why == (
        "“X, public” matches: X, public; it promises a first answer within 15 min, each further one within 1 h, "
        "in business hours."
    )
    assert because(VIP) == (
        "“VIP” matches: VIP; it promises a first answer within 5 min, a solution within 24 h, day and night."
    )


def test_where_nothing_matches_an_hour_is_promised_and_said_so() -> None:
    chosen = choose([PUBLIC_X], facts("facebook"))
    assert chosen.policy is EVERYTHING_ELSE
    assert chosen.why.startswith("No policy matches; “Everything else” promises a first answer within 1 h")


@pytest.mark.parametrize(
    ("match", "inquiry", "fits"),
    [
        (Match(), facts(), True),
        (Match(("facebook", "x")), facts(), True),
        (Match(("facebook",)), facts(), False),
        (Match(private=True), facts(private=True), True),
        (Match(private=True), facts(), False),
        (Match(kinds=("Mention",)), facts(kind="mention"), True),
        (Match(kinds=("mention",)), facts(), False),
        (Match(priorities=("urgent", "high")), facts(priority="high"), True),
        (Match(priorities=("urgent",)), facts(priority="low"), False),
        (Match(vip=False), facts(vip=True), False),
        (Match(languages=("de",)), facts(language="de-AT"), True),
        (Match(languages=("de",)), facts(language="den"), False),
        (Match(languages=("de",)), facts(), False),
        (Match(("x",), private=False, vip=True), facts(vip=False), False),
    ],
)
def test_all_that_a_policy_names_must_fit(match: Match, inquiry: Facts, fits: bool) -> None:
    assert match.fits(inquiry) is fits


def test_what_must_fit_is_said_in_words() -> None:
    match = Match(("x", "facebook"), True, ("mention",), ("high", "urgent"), True, ("de", "da"))
    assert match.words(TITLES) == "X or Facebook, private, mention, high or urgent priority, VIP, in de or da"
    assert Match().words() == "every inquiry"


def test_a_target_that_is_not_promised_has_neither_budget_nor_ladder() -> None:
    assert PUBLIC_X.budget("resolution") is None
    assert PUBLIC_X.ladder("resolution") == ()
    assert Policy("Later").promises() == "nothing by the clock"
    with pytest.raises(ValueError, match="no target"):
        PUBLIC_X.budget("name")


def test_the_ladder_of_a_policy_has_its_own_shares() -> None:
    own = Policy("Own", first=timedelta(hours=10), shares=Shares(None, 0.2, None))
    assert [(step.after, step.loudest) for step in own.ladder("first")] == [
        (timedelta(hours=2), Stage.PING),
        (timedelta(hours=10), Stage.BREACH),
    ]


def test_a_policy_behind_one_that_takes_all_of_its_inquiries_is_found() -> None:
    wide = Policy("All of X", Match(("x",)))
    assert never_reached([wide, PUBLIC_X, VIP]) == [(PUBLIC_X, wide)]
    assert never_reached([PUBLIC_X, wide, VIP, GERMAN]) == []


words = st.sampled_from(["a", "b", "c"])
many = st.lists(words, max_size=2).map(tuple)
matches = st.builds(Match, many, st.sampled_from([None, True, False]), many, many, st.sampled_from([None, True]), many)


@given(
    st.lists(matches, max_size=4),
    st.builds(Facts, words, st.booleans(), words, words, st.booleans(), words),
)
def test_a_policy_that_is_never_reached_is_never_chosen(each: list[Match], inquiry: Facts) -> None:
    policies = [Policy(str(index), match) for index, match in enumerate(each)]
    chosen = choose(policies, inquiry).policy
    assert chosen not in [policy for policy, _ in never_reached(policies)]
    earlier = policies[: policies.index(chosen)] if chosen in policies else policies
    assert not any(policy.match.fits(inquiry) for policy in earlier)


def test_a_policy_can_be_kept_whole_with_its_inquiry() -> None:
    for policy in (PUBLIC_X, VIP, GERMAN, Policy("Own", shares=Shares(None, 0.5, None))):
        assert decode(Policy, encode(policy)) == policy


def test_the_presets_are_the_figures_of_the_guides() -> None:
    assert {(preset.guide, preset.first) for preset in PRESETS.values()} == {
        ("S2", timedelta(minutes=5)),
        ("S2", timedelta(minutes=15)),
        ("S3", timedelta(minutes=30)),
        ("S3", timedelta(hours=1)),
        ("S0", timedelta(hours=2)),
    }


def test_every_event_has_a_stated_effect_on_each_clock() -> None:
    assert set(EFFECTS) == set(Happening)
    for effect in EFFECTS.values():
        assert all(isinstance(effect.on(target), Do) for target in TARGETS)


def test_only_pending_and_a_lead_stop_a_clock_and_pending_none_of_the_first_answer() -> None:
    pausing = {happening for happening, effect in EFFECTS.items() if Do.PAUSE in (effect.first, effect.next)}
    assert pausing == {Happening.SNOOZED_BY_LEAD}
    assert EFFECTS[Happening.PENDING].resolution is Do.PAUSE
    assert {EFFECTS[Happening.SNOOZED].on(target) for target in TARGETS} == {Do.KEEP}


def test_moving_to_private_keeps_every_clock_and_an_answer_outside_counts() -> None:
    assert {EFFECTS[Happening.MOVED_PRIVATE].on(target) for target in TARGETS} == {Do.KEEP}
    assert EFFECTS[Happening.ANSWERED_OUTSIDE].first is Do.FULFIL
    assert EFFECTS[Happening.HOLDING_REPLY].first is Do.FULFIL
    assert EFFECTS[Happening.HOLDING_REPLY_ONLY].first is Do.KEEP
