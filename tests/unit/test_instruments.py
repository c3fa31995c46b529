from __future__ import annotations

import datetime as dt
import tomllib

import msgspec
import pytest

from serein.errors import Reason, Refusal
from serein.instruments import (
    Answers,
    NotComputable,
    NoTotal,
    Scored,
    compare,
    disagreements,
    parse_answers,
    parse_total,
    score,
)
from serein.instruments.change import SENTENCES as CHANGE_SENTENCES
from serein.instruments.score import SENTENCES as SCORE_SENTENCES
from serein.knowledge.load import HERE
from serein.knowledge.types import Band, Instrument, Item, ScoreExample
from serein.logic import Truth

AT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=28)


@pytest.fixture(scope="module")
def gad7() -> Instrument:
    return read("gad-7")


@pytest.fixture(scope="module")
def phq9() -> Instrument:
    return read("phq-9")


def read(key: str) -> Instrument:
    text = (HERE / "instruments" / f"{key}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Instrument, strict=False)


def altered(instrument: Instrument, **changes: object) -> Instrument:
    return msgspec.structs.replace(instrument, **changes)


def test_six_answers_to_seven_items_are_refused_with_both_counts(gad7):
    refusal = parse_answers(gad7, ["1"] * 6)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.WRONG_COUNT
    assert refusal.why == "GAD-7 has 6 answers; 7 are needed."


@pytest.mark.parametrize("wrong", ["4", "-1", "", " ", "1.0", "1,5", "NaN", "two", "--", "３", "01", "+1"])
def test_an_answer_that_is_not_one_of_the_four_is_refused_with_its_item(gad7, wrong):
    refusal = parse_answers(gad7, ["0", "0", wrong, "0", "0", "0", "0"])
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.field) == (Reason.NOT_A_CHOICE, "GAD-7 item 3")
    assert "0, 1, 2, 3, -" in refusal.next_step


def test_missing_items_are_named_by_their_numbers(phq9):
    parsed = parse_answers(phq9, ["1", "-", "1", "1", "1", "1", "1", "-", "0"])
    assert isinstance(parsed, Answers)
    got = score(phq9, parsed)
    assert (got.missing, got.answered, str(got.answers)) == ((2, 8), 7, "1 - 1 1 1 1 1 - 0")


def test_no_total_says_whether_too_much_or_everything_is_missing(gad7):
    some = score(gad7, Answers("gad-7", (1, 1, 1, 1, 1, None, None)))
    none = score(gad7, Answers("gad-7", (None,) * 7))
    assert (some.why_no_total, none.why_no_total) == (NoTotal.TOO_MANY_MISSING, NoTotal.NOTHING_ANSWERED)
    assert not some.prorated
    assert not none.prorated


def test_an_instrument_that_does_not_prorate_has_no_total_with_an_item_left_out(gad7):
    strict = altered(gad7, prorate="none", missing_allowed=0)
    assert score(strict, Answers("gad-7", (1, 1, 1, 1, 1, 1, None))).total is None
    assert score(strict, Answers("gad-7", (1, 1, 1, 1, 1, 1, 1))).total == 7


def test_answers_of_one_instrument_are_never_scored_as_another(gad7):
    with pytest.raises(ValueError, match="cannot be scored"):
        score(gad7, Answers("phq-9", (0,) * 9))


def test_a_later_score_from_before_the_baseline_is_refused(gad7):
    refusal = compare(gad7, Scored(12, LATER), Scored(6, AT))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.OUT_OF_ORDER


@pytest.mark.parametrize("total", [-1, 22, float("nan"), float("inf")])
def test_a_total_that_the_instrument_cannot_give_is_refused(gad7, total):
    for pair in ((Scored(total, AT), Scored(5, LATER)), (Scored(5, AT), Scored(total, LATER))):
        refusal = compare(gad7, *pair)
        assert isinstance(refusal, Refusal)
        assert refusal.reason is Reason.OUT_OF_RANGE


def test_a_fall_is_negative_in_points_and_percent(gad7):
    got = compare(gad7, Scored(16, AT), Scored(12, LATER))
    assert (got.points, got.percent) == (-4, -25)
    assert got.important_improvement.answer is Truth.TRUE
    assert got.important_deterioration.answer is Truth.FALSE
    assert got.reliable_improvement.answer is Truth.FALSE


def test_a_rise_by_the_minimal_important_change_is_an_important_deterioration(gad7):
    got = compare(gad7, Scored(8, AT), Scored(12, LATER))
    assert got.important_deterioration.answer is Truth.TRUE
    assert got.important_improvement.answer is Truth.FALSE


def test_percent_of_a_zero_baseline_is_not_given(gad7):
    got = compare(gad7, Scored(0, AT), Scored(6, LATER))
    assert (got.points, got.percent) == (6, None)
    unsaid = altered(gad7, caseness_at_least=0)
    assert compare(unsaid, Scored(0, AT), Scored(0, LATER)).response.why_not is NotComputable.BASELINE_ZERO


def test_without_a_caseness_nobody_remits_from_below_the_limit_of_remission(gad7):
    unsaid = altered(gad7, caseness_at_least=None)
    low = compare(unsaid, Scored(4, AT), Scored(1, LATER))
    enough = compare(unsaid, Scored(5, AT), Scored(1, LATER))
    assert low.remission.why_not is NotComputable.BASELINE_BELOW_CASENESS
    assert enough.remission.answer is Truth.TRUE


def test_a_change_from_a_prorated_total_is_marked(gad7):
    assert compare(gad7, Scored(12, AT, prorated=True), Scored(6, LATER)).prorated
    assert compare(gad7, Scored(12, AT), Scored(6, LATER, prorated=True)).prorated
    assert not compare(gad7, Scored(12, AT), Scored(6, LATER)).prorated


def test_every_verdict_carries_its_limit_and_what_that_rests_on(phq9):
    got = compare(phq9, Scored(20, AT), Scored(4, LATER))
    assert (got.reliable_improvement.limit, got.reliable_improvement.basis) == (6, "assumption")
    assert (got.response.limit, got.response.basis) == (50, "practice")
    unsourced = altered(phq9, basis={})
    assert compare(unsourced, Scored(20, AT), Scored(4, LATER)).response.basis == "assumption"


def test_every_reason_has_its_sentence():
    assert set(CHANGE_SENTENCES) == set(NotComputable)
    assert set(SCORE_SENTENCES) == set(NoTotal)


@pytest.mark.parametrize("key", ["gad-7", "phq-9", "pcl-5", "ham-a", "self-ratings"])
def test_the_shipped_instruments_agree_with_their_own_examples(key):
    assert disagreements(read(key)) == []


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"total": 8, "band": "mild"}, "total 8"),
        ({"total": 7, "band": "severe"}, "band severe"),
        ({"total": 7, "band": "mild", "prorated": True}, "prorated True"),
        ({"total": 7, "band": "mild", "safety": "positive"}, "safety positive"),
        ({}, "total None"),
    ],
)
def test_an_example_that_says_something_else_is_reported(gad7, said, complaint):
    wrong = ScoreExample(note="seven times one", answers=("1",) * 7, **said)
    found = disagreements(altered(gad7, examples=(wrong,)))
    assert any(complaint in line and "seven times one" in line for line in found)


def test_an_example_whose_answers_are_refused_is_reported(gad7):
    short = ScoreExample(note="six only", answers=("1",) * 6, total=6, band="mild")
    assert "six only" in disagreements(altered(gad7, examples=(short,)))[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"maximum": 20},
        {"minimum": 1},
        {"safety_item": 8, "safety_at_least": 1},
        {"safety_item": 1},
        {"missing_allowed": 0},
        {"prorate": "none"},
        {"examples": ()},
        {"answers": ()},
        {"items": (Item(number=2, text="second"),)},
    ],
)
def test_an_instrument_that_does_not_add_up_is_reported(gad7, changes):
    assert disagreements(altered(gad7, **changes))


def test_moving_a_band_by_one_point_breaks_an_example(gad7):
    moved = tuple(
        Band(
            low=11 if b.name == "moderate" else b.low,
            high=10 if b.name == "mild" else b.high,
            name=b.name,
            text=b.text,
        )
        for b in gad7.bands
    )
    assert disagreements(altered(gad7, bands=moved))


@pytest.mark.parametrize("written", ["", " ", "1,5", "1.0", "+3", "three", "٣", "1e1", "99999", "-"])
def test_a_total_that_is_not_a_whole_number_is_refused_and_never_repaired(written):
    assert isinstance(parse_total(read("ham-a"), written), Refusal)


def test_an_instrument_whose_questions_are_here_is_answered_and_not_totalled(phq9):
    refusal = parse_total(phq9, "5")
    assert refusal.reason is Reason.NOT_ALLOWED_NOW
    assert "9 answers" in refusal.next_step


def test_a_sub_score_is_refused_by_its_name_and_some_may_be_left_out():
    lsas = read("lsas-ca")
    assert parse_total(lsas, "70", {"fear": "73"}).field == "LSAS (clinician), Fear"
    assert parse_total(lsas, "70", {"dread": "3"}).reason is Reason.NOT_KNOWN_HERE
    assert score(lsas, parse_total(lsas, "70", {"fear": "40"})).parts == {"fear": 40}


def test_any_level_of_suicide_risk_above_none_is_a_safety_answer_and_left_out_is_unknown():
    level = read("c-ssrs")
    found = [score(level, parse_answers(level, [given])).safety for given in ("0", "1", "6", "-")]
    assert found == ["none", "positive", "positive", "unknown"]


def test_a_rise_is_better_where_higher_is_and_no_way_is_where_neither_is(gad7):
    awake = altered(gad7, better="higher")
    got = compare(awake, Scored(8, AT), Scored(16, LATER))
    assert got.reliable_improvement.answer is Truth.TRUE
    assert got.reliable_deterioration.answer is Truth.FALSE
    assert got.points == 8


def test_a_percentage_of_a_scale_that_does_not_begin_at_zero_is_not_given():
    got = compare(read("pswq"), Scored(64, AT), Scored(32, LATER))
    assert (got.points, got.percent) == (-32, None)


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("ham-a", {"items": (Item(number=1, text="one"),)}),
        ("ham-a", {"safety_item": 1}),
        ("ham-a", {"prorate": "mean-of-answered-rounded", "missing_allowed": 1}),
        ("ham-a", {"minimum": 56}),
        ("ham-a", {"better": "higher"}),
        ("lsas-ca", {"maximum": 143}),
        ("lsas-ca", {"parts": read("pcl-5").parts}),
        ("pcl-5", {"parts": read("lsas-ca").parts}),
        ("pcl-5", {"parts": (*read("pcl-5").parts, read("pcl-5").parts[0])}),
        ("self-ratings", {"maximum": 70}),
    ],
)
def test_a_file_whose_totals_and_sub_scores_do_not_fit_is_reported(key, changes):
    assert disagreements(altered(read(key), **changes))


def test_an_example_that_says_refused_and_is_not_is_reported():
    wrong = ScoreExample(note="an ordinary total", answers=("7",), refused=True)
    assert "is not" in disagreements(altered(read("ham-a"), examples=(wrong,)))[0]
