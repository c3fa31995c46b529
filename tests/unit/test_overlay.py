"""A site's overlay: what it may set, what it may not, and that nothing else of the knowledge moves."""

from __future__ import annotations

import datetime as dt

import pytest

from serein.errors import Reason, Refusal
from serein.knowledge import load
from serein.knowledge.load import build
from serein.knowledge.types import Knowledge, Pack
from serein.logic import Statement
from serein.safety import Question, evaluate
from serein.safety.evaluate import replay
from serein.safety.overlay import Overlay, Setting, apply_overlay, lay_over, thresholds

KNOWLEDGE = load()
AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SEVERE, SYSTOLIC = "pressure-severe-before-dose", "when.any.systolic_pressure.at_least"


def one(rule: str, path: str, value: str) -> Overlay:
    return Overlay((Setting(rule, path, value),))


def knowledge_with(when: str, basis: str = "label", if_unknown: str = "block") -> Knowledge:
    """The real pack and one invented rule over systolic pressure."""
    from serein.knowledge.load import parse_toml

    file = f"""
key = "invented"
kind = "day-of-treatment"
stages = ["session"]
products = ["ketamine"]
strength = "relative"
basis = "{basis}"
action = "hold"
if_unknown = "{if_unknown}"
evidence = []
written_by = "invented for a test"
checked_by = "nobody yet"
reviewed_on = 2026-11-22
review_due = 2027-11-22
{when}
[text]
title = "Invented"
why = "Invented."
[[examples]]
note = "a"
state = "fires"
[[examples]]
note = "b"
state = "silent"
[[examples]]
note = "c"
state = "unknown"
"""
    name = "rules/day-of-treatment/invented.toml"
    return build(Pack(KNOWLEDGE.pack.files | {name: parse_toml(name, file)}))


# how a sourced rule compares, where the number is, a stricter number, a looser one
STRICTER = [
    ('when = { fact = "systolic_pressure", at_least = "140 mmHg" }', "when.at_least", "139 mmHg", "141 mmHg"),
    ('when = { fact = "systolic_pressure", above = "140 mmHg" }', "when.above", "139 mmHg", "141 mmHg"),
    ('when = { fact = "systolic_pressure", at_most = "90 mmHg" }', "when.at_most", "91 mmHg", "89 mmHg"),
    ('when = { fact = "systolic_pressure", below = "90 mmHg" }', "when.below", "91 mmHg", "89 mmHg"),
    (
        'when = { fact = "systolic_pressure", within = ["60 mmHg", "90 mmHg"] }',
        "when.within.1",
        "59 mmHg",
        "61 mmHg",
    ),
    (
        'when = { fact = "systolic_pressure", within = ["60 mmHg", "90 mmHg"] }',
        "when.within.2",
        "91 mmHg",
        "89 mmHg",
    ),
    (
        'when = { none = [{ fact = "systolic_pressure", at_least = "140 mmHg" }] }',
        "when.none.systolic_pressure.at_least",
        "141 mmHg",
        "139 mmHg",
    ),
    (
        'when = { none = [{ none = [{ fact = "systolic_pressure", below = "90 mmHg" }] }] }',
        "when.none.1.none.systolic_pressure.below",
        "91 mmHg",
        "89 mmHg",
    ),
    (
        'when = { fact = "systolic_pressure", above = "140 mmHg", taken_within = "30 min" }',
        "when.taken_within",
        "20 min",
        "40 min",
    ),
    (
        'when = { fact = "systolic_pressure", above = "140 mmHg", taken_within = "30 min" }',
        "when.taken_within",
        "1799 s",
        "0.6 h",
    ),
]


@pytest.mark.parametrize(("when", "path", "stricter", "looser"), STRICTER)
def test_a_sourced_number_may_be_made_stricter_and_never_looser(when, path, stricter, looser):
    knowledge = knowledge_with(when)
    assert isinstance(apply_overlay(knowledge, one("invented", path, stricter)), Knowledge)
    refused = apply_overlay(knowledge, one("invented", path, looser))
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.LOOSER
    assert "label" in str(refused)


@pytest.mark.parametrize(("when", "path", "stricter", "looser"), STRICTER)
def test_an_assumption_may_be_set_in_either_direction(when, path, stricter, looser):
    knowledge = knowledge_with(when, basis="assumption")
    for value in (stricter, looser):
        assert isinstance(apply_overlay(knowledge, one("invented", path, value)), Knowledge)


@pytest.mark.parametrize("value", ["20 min", "40 min"])
def test_how_long_a_value_counts_is_fixed_where_not_knowing_stops_nothing(value):
    when = 'when = { fact = "systolic_pressure", above = "140 mmHg", taken_within = "30 min" }'
    refused = apply_overlay(
        knowledge_with(when, if_unknown="note"), one("invented", "when.taken_within", value)
    )
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.LOOSER


REFUSED = [
    ("no-such-rule", SYSTOLIC, "170 mmHg", Reason.NOT_KNOWN_HERE),
    (SEVERE, "when.any.heart_rate.at_least", "170 mmHg", Reason.NOT_KNOWN_HERE),
    ("lithium", "when.is", "no", Reason.NOT_KNOWN_HERE),
    (SEVERE, SYSTOLIC, "170", Reason.NO_UNIT),
    (SEVERE, SYSTOLIC, "170 kg", Reason.WRONG_DIMENSION),
    (SEVERE, SYSTOLIC, "170 horses", Reason.UNKNOWN_UNIT),
    (SEVERE, SYSTOLIC, "1,7 mmHg", Reason.DECIMAL_COMMA),
    (SEVERE, SYSTOLIC, "low", Reason.NOT_A_NUMBER),
    (SEVERE, SYSTOLIC, "", Reason.MISSING),
    (SEVERE, SYSTOLIC, "180 mmHg", Reason.ALREADY_DONE),
    (SEVERE, SYSTOLIC, "24 kPa", None),
    (SEVERE, SYSTOLIC, "301 mmHg", Reason.OUT_OF_RANGE),
    (SEVERE, SYSTOLIC, "39 mmHg", Reason.OUT_OF_RANGE),
    (SEVERE, SYSTOLIC, "300 mmHg", None),
    (SEVERE, SYSTOLIC, "40 mmHg", None),
    (SEVERE, "when.any.systolic_pressure.taken_within", "0 min", Reason.NEGATIVE),
    (SEVERE, "when.any.systolic_pressure.taken_within", "-5 min", Reason.NEGATIVE),
    (SEVERE, "when.any.systolic_pressure.taken_within", "5 mmHg", Reason.WRONG_DIMENSION),
]


@pytest.mark.parametrize(("rule", "path", "value", "reason"), REFUSED)
def test_what_an_overlay_may_not_say_is_refused_by_name(rule, path, value, reason):
    got = apply_overlay(KNOWLEDGE, one(rule, path, value))
    assert (got.reason if isinstance(got, Refusal) else None) is reason


def test_an_overlay_of_nothing_and_one_that_says_a_number_twice_are_refused():
    nothing = apply_overlay(KNOWLEDGE, Overlay(()))
    twice = apply_overlay(KNOWLEDGE, Overlay((Setting(SEVERE, SYSTOLIC, "170 mmHg"),) * 2))
    assert isinstance(nothing, Refusal)
    assert isinstance(twice, Refusal)
    assert (nothing.reason, twice.reason) == (Reason.MISSING, Reason.DUPLICATE)


def test_only_the_number_that_was_set_moves():
    before = KNOWLEDGE.rules[SEVERE].when["any"][0]["at_least"]
    made = apply_overlay(KNOWLEDGE, one(SEVERE, SYSTOLIC, "170 mmHg"))
    assert isinstance(made, Knowledge)
    changed = {k for k in KNOWLEDGE.rules if made.rules[k].condition != KNOWLEDGE.rules[k].condition}
    assert changed == {SEVERE}
    assert made.rules[SEVERE].digest != KNOWLEDGE.rules[SEVERE].digest
    assert (made.facts, made.hash, made.pack) == (KNOWLEDGE.facts, KNOWLEDGE.hash, KNOWLEDGE.pack)
    assert KNOWLEDGE.rules[SEVERE].when["any"][0]["at_least"] == before == "180 mmHg"
    assert made.rules[SEVERE].when["any"][1] == KNOWLEDGE.rules[SEVERE].when["any"][1]


def test_every_number_of_every_rule_can_be_named_and_set():
    for rule in KNOWLEDGE.rules.values():
        paths = [t.path for t in thresholds(rule)]
        assert len(paths) == len(set(paths)), rule.key
        for threshold in thresholds(rule):
            unit = threshold.value.partition(" ")[2]
            got = apply_overlay(KNOWLEDGE, one(rule.key, threshold.path, f"1.5 {unit}"))
            if isinstance(got, Refusal):
                assert got.reason in {Reason.LOOSER, Reason.OUT_OF_RANGE, Reason.MISMATCH}, (
                    rule.key,
                    threshold,
                )
            else:
                assert got.rules[rule.key].condition != rule.condition


def decide(knowledge: Knowledge, systolic: float):
    stated = [
        Statement("systolic_pressure", systolic, AT, "staff"),
        Statement("diastolic_pressure", 70.0, AT, "staff"),
    ]
    return evaluate(Question("session", "ketamine", "intravenous", AT), stated, knowledge)


def fires(decision) -> bool:
    return any(f.rule == SEVERE and f.state == "fires" for f in decision.findings)


def test_a_decision_names_the_overlay_and_comes_out_the_same_with_it_again():
    overlay = one(SEVERE, SYSTOLIC, "170 mmHg")
    made = apply_overlay(KNOWLEDGE, overlay)
    assert isinstance(made, Knowledge)
    decision = decide(made, 170.0)
    assert fires(decision)
    assert not fires(decide(made, 169.0))
    assert not fires(decide(KNOWLEDGE, 170.0))
    assert decision.overlay == overlay.hash
    assert decide(KNOWLEDGE, 170.0).overlay is None
    assert replay(decision, made) == decision
    assert replay(decision, KNOWLEDGE) != decision


def test_the_hash_is_of_what_is_set_in_any_order():
    settings = (Setting(SEVERE, SYSTOLIC, "170 mmHg"), Setting("obesity", "when.x", "28 kg/m2"))
    assert Overlay(settings).hash == Overlay(settings[::-1]).hash
    assert Overlay(settings).hash != Overlay(settings[:1]).hash
    assert len(Overlay(settings).hash) == 64


def test_the_edge_of_a_band_is_set_on_both_sides_or_not_at_all():
    high = "suicide-risk-high"
    below = next(
        (r.key, t.path)
        for r in KNOWLEDGE.rules.values()
        if r.band_of == KNOWLEDGE.rules[high].band_of and r.key != high
        for t in thresholds(r)
        if t.operator == "below" and t.value == "4 {score}"
    )
    alone = Overlay((Setting(high, "when.at_least", "3 {score}"),))
    refused = apply_overlay(KNOWLEDGE, alone)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.MISMATCH
    kept, misfits = lay_over(KNOWLEDGE, alone)
    assert kept.rules[high].condition == KNOWLEDGE.rules[high].condition
    assert [m.reason for m in misfits] == [Reason.MISMATCH]
    both = apply_overlay(KNOWLEDGE, Overlay((*alone.settings, Setting(*below, "3.5 {score}"))))
    assert isinstance(both, Refusal)


def test_a_signed_number_that_no_longer_fits_leaves_the_shared_one_in_force():
    overlay = Overlay((Setting("gone", "when.at_least", "1 mmHg"), Setting(SEVERE, SYSTOLIC, "170 mmHg")))
    made, misfits = lay_over(KNOWLEDGE, overlay)
    assert [m.reason for m in misfits] == [Reason.NOT_KNOWN_HERE]
    assert fires(decide(made, 170.0))
    assert made.overlay == overlay.hash
