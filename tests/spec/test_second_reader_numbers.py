"""Numbers outside the rules, beside what the sources say, and what was meant where there is none.

The values of the pack were listed first and then looked up: this is not a blind second reading.

`whence` says where the second reader read it: a source by name, or "meant" for an assumption of this programme.
"""

from __future__ import annotations

import pytest

from serein.knowledge.numbers import numbers
from serein.logic import Statement
from serein.safety import Question, evaluate
from tests.spec.situation import NOW

# file and path without what they share, value, whence
SHARED = {
    "instruments/gad-7.toml": (
        "Spitzer 2006; Toussaint 2020 (important change 4); Bischoff 2020 (reliable change 6)",
        {
            "minimum": 0,
            "maximum": 21,
            "recall_days": 14,
            "bands.minimal.high": 4,
            "bands.mild.high": 9,
            "bands.moderate.high": 14,
            "caseness_at_least": 10,
            "response_percent": 50,
            "remission_below": 5,
            "reliable_change": 6,
            "minimal_important_change": 4,
            "missing_allowed": 1,
        },
    ),
    "instruments/phq-9.toml": (
        "Kroenke 2001",
        {
            "minimum": 0,
            "maximum": 27,
            "recall_days": 14,
            "bands.minimal.high": 4,
            "bands.mild.high": 9,
            "bands.moderate.high": 14,
            "bands.moderately-severe.high": 19,
            "caseness_at_least": 10,
            "response_percent": 50,
            "remission_below": 5,
            "reliable_change": 6,
            "minimal_important_change": 5,
            "missing_allowed": 2,
            "safety_item": 9,
            "safety_at_least": 1,
        },
    ),
    "models/kamp-2020.toml": (
        "Kamp 2020 in two ports of its code; spread by Otto 2021 and Simons 2022, 20 % where they give none; validity meant",
        {
            "disposition.v1_l": 25.0,
            "disposition.v2_l": 56.0,
            "disposition.v3_l": 157.0,
            "disposition.cl_l_per_h": 84.0,
            "disposition.q2_l_per_h": 161.0,
            "disposition.q3_l_per_h": 79.0,
            "disposition.reference_weight_kg": 70.0,
            "disposition.clearance_exponent": 0.75,
            "disposition.volume_exponent": 1.0,
            "effect_site.half_life_min": 8.3,
            "variability.v1_l": 0.27,
            "variability.v2_l": 0.2,
            "variability.v3_l": 0.2,
            "variability.cl_l_per_h": 0.17,
            "variability.q2_l_per_h": 0.2,
            "variability.q3_l_per_h": 0.16,
            "variability.half_life_min": 0.2,
            "validity.expected_weight_kg.1": 45.0,
            "validity.expected_weight_kg.2": 120.0,
            "validity.plausible_age_years.1": 18.0,
            "validity.plausible_age_years.2": 120.0,
            "validity.plausible_dose_mg_per_kg.1": 0.0,
            "validity.plausible_dose_mg_per_kg.2": 200.0,
            "validity.plausible_weight_kg.1": 30.0,
            "validity.plausible_weight_kg.2": 300.0,
        },
    ),
    "models/body-weight.toml": (
        "Devine's formula as dosing references print it: 60 inches are 152.4 cm; adjusted by 0.4",
        {
            "start_male": "50 kg",
            "start_female": "45.5 kg",
            "from_height": "152.4 cm",
            "step": "2.3 kg",
            "step_height": "2.54 cm",
            "adjusted_share": 0.4,
            "choose_from_body_mass_index": "30 kg/m2",
        },
    ),
    "models/modified-aldrete.toml": (
        "Aldrete 1995: within 20 %, 20 to 49 %, 50 % and more; above 92 % on room air",
        {
            "items.circulation.suggested.points.1.below": 20,
            "items.circulation.suggested.points.1.points": 2,
            "items.circulation.suggested.points.2.from": 20,
            "items.circulation.suggested.points.2.below": 50,
            "items.circulation.suggested.points.2.points": 1,
            "items.circulation.suggested.points.3.from": 50,
            "items.circulation.suggested.points.3.points": 0,
            "items.saturation.suggested.points.1.above": 92,
            "items.saturation.suggested.points.1.points": 2,
        },
    ),
    "models/padss.toml": (
        "Chung's score: within 20 %, 20 to 40 %, more than 40 % of before",
        {
            "items.vital_signs.suggested.points.1.below": 20,
            "items.vital_signs.suggested.points.1.points": 2,
            "items.vital_signs.suggested.points.2.from": 20,
            "items.vital_signs.suggested.points.2.to": 40,
            "items.vital_signs.suggested.points.2.points": 1,
            "items.vital_signs.suggested.points.3.above": 40,
            "items.vital_signs.suggested.points.3.points": 0,
            "items.bleeding.usual": 2,
        },
    ),
    "models/followup.toml": (
        "meant",
        {
            "ask_after_dose.1": "1 d",
            "ask_after_dose.2": "7 d",
            "link_valid_for": "7 d",
            "safety_task_within": "4 h",
            "safety_unknown_within": "24 h",
        },
    ),
    "products/ketamine-hydrochloride-injection.toml": (
        "Ketalar's US label: 11.53, 57.67 and 115.33 mg of the salt; 100 mg/mL never undiluted by vein",
        {
            "strengths.10 mg/mL.concentration": "10 mg/mL",
            "strengths.50 mg/mL.concentration": "50 mg/mL",
            "strengths.100 mg/mL.concentration": "100 mg/mL",
            "strengths.100 mg/mL.highest_concentration.intravenous": "50 mg/mL",
            "salt.mg_per_mg_base": 1.15333,
        },
    ),
    "products/esketamine-nasal-spray.toml": (
        "Spravato's US label: 28 mg a device",
        {"strengths.28 mg.concentration": "28 mg", "salt.mg_per_mg_base": 1.15333},
    ),
}
ROWS = [(f"{f} {p}", str(v), w) for f, (w, paths) in SHARED.items() for p, v in paths.items()]


@pytest.mark.parametrize(("path", "value", "whence"), ROWS, ids=[row[0] for row in ROWS])
def test_a_number_is_what_the_second_reader_read(knowledge, path, value, whence):
    assert whence
    assert numbers(knowledge.pack.files)[path] == value


# hours since food, hours since drink, whether a dose at home is held back
AT_HOME = [(2.0, 0.5, False), (1.99, 0.5, True), (2.0, 0.49, True), (8.0, 0.4999, True)]


@pytest.mark.parametrize(("food", "drink", "held"), AT_HOME)
def test_fasting_at_home_is_two_hours_for_food_and_thirty_minutes_for_drink(knowledge, food, drink, held):
    rule = knowledge.rules["home-not-fasted"]
    stated = [
        Statement("hours_since_food", food, NOW, "staff"),
        Statement("hours_since_drink", drink, NOW, "staff"),
    ]
    question = Question(
        rule.stages[0], rule.products[0], (rule.routes or ("sublingual",))[0], NOW, setting="home"
    )
    found = {f.rule: f.state for f in evaluate(question, stated, knowledge).findings}
    assert (found.get("home-not-fasted") == "fires") is held
