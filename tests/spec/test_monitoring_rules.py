"""Which readings sound which alarm during a session and after it."""

from __future__ import annotations

import pytest

from tests.spec.situation import decide, fired, unknown

BASELINE = {"baseline_systolic_pressure": 130.0, "baseline_diastolic_pressure": 86.0}
CALM = BASELINE | {
    "systolic_pressure": 130.0,
    "diastolic_pressure": 86.0,
    "heart_rate": 80.0,
    "oxygen_saturation": 97.0,
    "respiratory_rate": 14.0,
    "sedation_moaas": 5.0,
    "distress_rating": 2.0,
    "nausea_rating": 0.0,
    "dissociation_rating": 2.0,
    "agitation_rass": 0.0,
    "hypertensive_symptoms": False,
    "chest_pain": False,
    "vomiting": False,
    "minutes_since_dosing_end": 30.0,
}

# reading, value, the rules that sound
ALARMS = [
    ("systolic_pressure", 159, set()),
    ("systolic_pressure", 160, {"pressure-raised"}),
    ("systolic_pressure", 169, {"pressure-raised"}),
    ("systolic_pressure", 170, {"pressure-raised", "pressure-rise-ketamine"}),
    ("systolic_pressure", 179, {"pressure-raised", "pressure-rise-ketamine"}),
    ("systolic_pressure", 180, {"pressure-raised", "pressure-very-high", "pressure-rise-ketamine"}),
    ("diastolic_pressure", 99, set()),
    ("diastolic_pressure", 100, {"pressure-raised"}),
    ("diastolic_pressure", 110, {"pressure-raised", "pressure-very-high"}),
    ("diastolic_pressure", 111, {"pressure-raised", "pressure-very-high", "pressure-rise-ketamine"}),
    ("heart_rate", 120, set()),
    ("heart_rate", 121, {"heart-rate-fast"}),
    ("heart_rate", 140, {"heart-rate-fast"}),
    ("heart_rate", 141, {"heart-rate-fast", "heart-rate-very-fast"}),
    ("heart_rate", 50, set()),
    ("heart_rate", 49, {"heart-rate-slow"}),
    ("oxygen_saturation", 93, set()),
    ("oxygen_saturation", 92, {"saturation-low"}),
    ("oxygen_saturation", 90, {"saturation-low"}),
    ("oxygen_saturation", 89, {"saturation-low", "saturation-very-low"}),
    ("respiratory_rate", 10, set()),
    ("respiratory_rate", 9, {"breathing-slow"}),
    ("respiratory_rate", 8, {"breathing-slow"}),
    ("respiratory_rate", 7, {"breathing-slow", "breathing-very-slow"}),
    ("sedation_moaas", 4, set()),
    ("sedation_moaas", 3, {"sedation-deep"}),
    ("sedation_moaas", 2, {"sedation-deep", "sedation-very-deep"}),
    ("distress_rating", 6, set()),
    ("distress_rating", 7, {"distress-high"}),
    ("nausea_rating", 3, set()),
    ("nausea_rating", 4, {"nausea-to-treat"}),
    ("agitation_rass", 1, set()),
    ("agitation_rass", 2, {"agitated"}),
    ("agitation_rass", 3, {"agitated", "very-agitated"}),
    ("respiratory_rate", 24, set()),
    ("respiratory_rate", 25, {"breathing-fast"}),
    ("dissociation_rating", 10, set()),
]


@pytest.mark.parametrize(("reading", "value", "sounding"), ALARMS)
def test_a_reading_sounds_exactly_these_alarms(knowledge, reading, value, sounding):
    decision = decide(knowledge, "monitoring", "intravenous", CALM | {reading: float(value)})
    assert fired(decision) == sounding
    assert unknown(decision) == set()


def test_the_rise_is_the_labels_for_the_spray_and_an_assumption_for_ketamine(knowledge):
    risen = CALM | {"systolic_pressure": 170.0}
    assert "pressure-rise-spray" in fired(decide(knowledge, "monitoring", "nasal", risen))
    assert knowledge.rules["pressure-rise-spray"].basis == "label"
    assert knowledge.rules["pressure-rise-ketamine"].basis == "assumption"


def test_a_high_systolic_sounds_though_the_diastolic_was_not_taken(knowledge):
    decision = decide(knowledge, "monitoring", "intravenous", {"systolic_pressure": 185.0})
    assert {"pressure-raised", "pressure-very-high"} <= fired(decision)


@pytest.mark.parametrize(("minutes", "sounds"), [(20, True), (21, False)])
def test_an_old_reading_sounds_nothing(knowledge, minutes, sounds):
    decision = decide(
        knowledge, "monitoring", "intravenous", {"heart_rate": 150.0}, minutes_ago={"heart_rate": minutes}
    )
    assert ("heart-rate-very-fast" in fired(decision)) is sounds


def test_no_readings_raise_no_alarm_and_block_nothing(knowledge):
    decision = decide(knowledge, "monitoring", "intravenous", {})
    assert fired(decision) == set()
    assert decision.conclusion == "eligible"


def test_high_priority_alarms_stay_until_seen_and_every_alarm_says_what_to_do(knowledge):
    rules = [r for r in knowledge.rules.values() if r.kind == "monitoring"]
    assert {r.key for r in rules if r.alarm.priority == "high"} == {
        "pressure-very-high",
        "heart-rate-very-fast",
        "saturation-very-low",
        "breathing-very-slow",
        "sedation-very-deep",
        "pressure-emergency",
        "chest-pain",
        "vomiting-while-sedated",
        "very-agitated",
    }
    assert all(r.alarm.latching for r in rules if r.alarm.priority == "high")
    assert all(r.alarm.do and r.stages == ("session", "recovery") for r in rules)
