"""Leaving: the criteria, from when the ones of time can hold, what a prescriber may decide."""

from __future__ import annotations

from serein.pathway.recovery import criteria, discharge, earliest
from serein.pathway.session import fold, statements
from serein.safety import Override
from tests.session_entries import at, check_in, entry, observed, started

GOOD = {
    "systolic_pressure": 122.0,
    "diastolic_pressure": 78.0,
    "heart_rate": 70.0,
    "oxygen_saturation": 98.0,
    "respiratory_rate": 14.0,
    "sedation_moaas": 5.0,
    "nausea_rating": 0.0,
    "aldrete_total": 10.0,
    "back_to_self": True,
    "walks_unaided": True,
    "cannula_removed": True,
    "new_suicidal_thoughts": False,
}


def log(minute: float, **changes):
    return fold(
        [
            check_in(),
            started(10),
            entry("dosing-stop", 50, {"how": "completed"}),
            observed(minute, **(GOOD | changes)),
            entry("escort", minute, {"name": "Kim", "arrived": True}),
            entry("instructions-given", minute, {"what": "sheet"}),
        ]
    )


def judged(state, knowledge, minute, overrides=()):
    return discharge(
        statements(state, knowledge, at(minute)),
        knowledge,
        product="ketamine",
        route="intravenous",
        at=at(minute),
        overrides=overrides,
    )


def test_discharge_opens_when_every_criterion_holds(knowledge):
    assert judged(log(115), knowledge, 116).conclusion == "eligible"


def test_before_the_observation_is_over_it_says_from_when_it_can_hold(knowledge):
    state = log(90)
    decision = judged(state, knowledge, 91)
    assert decision.conclusion == "hold"
    found = {c.rule: c for c in criteria(decision, state, knowledge)}
    assert not found["too-early-after-infusion"].holds
    assert found["too-early-after-infusion"].can_hold_from == at(110)
    assert found["aldrete-at-discharge"].holds
    assert earliest(state, knowledge.routes["intravenous"]) == at(110)


def test_what_nobody_has_asked_keeps_discharge_closed(knowledge):
    bare = fold([check_in(), started(10), entry("dosing-stop", 50, {"how": "completed"})])
    decision = judged(bare, knowledge, 115)
    assert decision.conclusion == "incomplete"
    assert {"escort_present", "walks_unaided"} <= {m.fact for m in decision.missing}


def test_a_high_pressure_holds_until_a_prescriber_decides(knowledge):
    state = log(115, systolic_pressure=165.0)
    held = judged(state, knowledge, 116)
    assert held.conclusion == "hold"
    finding = held.findings[0]
    assert finding.rule == "pressure-at-discharge"
    made = Override(finding.rule, finding.digest, finding.state, "Dr Invented", at(116), "usual for her")
    assert judged(state, knowledge, 116, [made]).conclusion == "eligible"


def test_the_two_hours_of_the_spray_are_overridden_for_nobody(knowledge):
    rule = knowledge.rules["too-early-after-spray"]
    assert (rule.strength, rule.overridden_by) == ("absolute", "nobody")
