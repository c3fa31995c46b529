"""What keeps somebody in recovery, as a table; leaving before that is another road, and never blocked."""

from __future__ import annotations

import pytest

from serein.knowledge.load import duration_s
from serein.safety import Override
from tests.spec.situation import NOW, decide, fired, unknown

WELL = {
    "minutes_since_dosing_end": 60.0,
    "minutes_since_dosing_start": 120.0,
    "systolic_pressure": 128.0,
    "diastolic_pressure": 82.0,
    "oxygen_saturation": 97.0,
    "sedation_moaas": 5.0,
    "aldrete_total": 10.0,
    "padss_total": 10.0,
    "back_to_self": True,
    "walks_unaided": True,
    "nausea_rating": 0.0,
    "new_suicidal_thoughts": False,
    "escort_present": True,
    "instructions_given": True,
    "cannula_removed": True,
}

# route, what differs from a person who is well, the rules that hold them
HOLDS = [
    ("intravenous", {}, set()),
    ("nasal", {}, set()),
    ("intravenous", {"minutes_since_dosing_end": 59.0}, {"too-early-after-infusion"}),
    ("nasal", {"minutes_since_dosing_end": 59.0}, set()),
    ("nasal", {"minutes_since_dosing_start": 119.0}, {"too-early-after-spray"}),
    ("intravenous", {"minutes_since_dosing_start": 100.0}, set()),
    ("intravenous", {"systolic_pressure": 159.0, "diastolic_pressure": 99.0}, set()),
    ("intravenous", {"systolic_pressure": 160.0}, {"pressure-at-discharge"}),
    ("nasal", {"diastolic_pressure": 100.0}, {"pressure-at-discharge"}),
    ("intravenous", {"oxygen_saturation": 94.0}, set()),
    ("intravenous", {"oxygen_saturation": 93.0}, {"saturation-at-discharge"}),
    ("intravenous", {"sedation_moaas": 4.0}, {"sedation-at-discharge"}),
    ("intravenous", {"aldrete_total": 9.0}, set()),
    ("intravenous", {"aldrete_total": 8.0}, {"aldrete-at-discharge"}),
    ("intravenous", {"padss_total": 9.0}, set()),
    ("intravenous", {"padss_total": 8.0}, {"padss-at-discharge"}),
    ("intravenous", {"back_to_self": False}, {"not-back-to-self"}),
    ("intravenous", {"walks_unaided": False}, {"does-not-walk-unaided"}),
    ("intravenous", {"nausea_rating": 3.0}, set()),
    ("intravenous", {"nausea_rating": 4.0}, {"nausea-at-discharge"}),
    ("intravenous", {"new_suicidal_thoughts": True}, {"suicidal-thoughts-at-discharge"}),
    ("intravenous", {"escort_present": False}, {"escort-not-here"}),
    ("intravenous", {"instructions_given": False}, {"instructions-not-given"}),
    ("intravenous", {"cannula_removed": False}, {"cannula-not-removed"}),
    ("nasal", {"cannula_removed": False}, set()),
]


@pytest.mark.parametrize(("route", "differs", "holding"), HOLDS)
def test_discharge_is_held_by_exactly_these_rules(knowledge, route, differs, holding):
    decision = decide(knowledge, "discharge", route, WELL | differs)
    assert fired(decision) == holding
    assert unknown(decision) == set()
    assert decision.conclusion == ("hold" if holding else "eligible")


@pytest.mark.parametrize("fact", [k for k in WELL if k not in {"minutes_since_dosing_start", "padss_total"}])
def test_discharge_says_what_is_missing(knowledge, fact):
    facts = {k: v for k, v in WELL.items() if k != fact}
    decision = decide(knowledge, "discharge", "intravenous", facts)
    assert decision.conclusion == "incomplete"
    assert [m.fact for m in decision.missing] == [fact]


def test_nobody_is_held_for_want_of_the_second_score(knowledge):
    facts = {k: v for k, v in WELL.items() if k != "padss_total"}
    decision = decide(knowledge, "discharge", "intravenous", facts)
    assert decision.conclusion == "eligible"
    assert unknown(decision) == {"padss-at-discharge"}


# fact, minutes since it was stated, whether it still counts
FRESHNESS = [
    ("systolic_pressure", 30, True),
    ("systolic_pressure", 31, False),
    ("oxygen_saturation", 31, False),
    ("new_suicidal_thoughts", 60, True),
    ("new_suicidal_thoughts", 61, False),
    ("minutes_since_dosing_end", 16, False),
]


@pytest.mark.parametrize(("fact", "minutes", "counts"), FRESHNESS)
def test_what_was_said_at_check_in_does_not_count_for_leaving(knowledge, fact, minutes, counts):
    decision = decide(knowledge, "discharge", "intravenous", WELL, minutes_ago={fact: minutes})
    assert decision.conclusion == ("eligible" if counts else "incomplete")


# route, what differs, what a prescriber's recorded decision comes to
OVERRIDES = [
    ("intravenous", {"systolic_pressure": 165.0}, "eligible"),
    ("intravenous", {"minutes_since_dosing_end": 45.0}, "eligible"),
    ("intravenous", {"escort_present": False}, "eligible"),
    ("nasal", {"minutes_since_dosing_start": 119.0}, "hold"),
    ("intravenous", {"cannula_removed": False}, "hold"),
]


@pytest.mark.parametrize(("route", "differs", "after"), OVERRIDES)
def test_a_prescribers_decision_lifts_all_but_the_labels_two_hours_and_the_cannula(
    knowledge, route, differs, after
):
    held = decide(knowledge, "discharge", route, WELL | differs)
    decisions = tuple(
        Override(f.rule, f.digest, f.state, "prescriber", NOW, "seen and judged fit") for f in held.findings
    )
    assert held.conclusion == "hold"
    assert decide(knowledge, "discharge", route, WELL | differs, overrides=decisions).conclusion == after


@pytest.mark.parametrize(
    ("rule", "route"), [("too-early-after-infusion", "intravenous"), ("too-early-after-spray", "nasal")]
)
def test_the_observation_of_a_route_and_of_its_rule_are_one_number(knowledge, rule, route):
    minutes = duration_s(knowledge.routes[route].minimum_observation) / 60
    assert knowledge.rules[rule].condition.value == minutes
