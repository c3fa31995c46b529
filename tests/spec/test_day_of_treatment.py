"""What holds a dose back on the day, as tables that a clinician can check by hand."""

from __future__ import annotations

import pytest

from serein.knowledge.load import duration_s
from serein.knowledge.types import All, Compare
from serein.safety import Override
from serein.safety.evaluate import applicable
from tests.spec.situation import NOW, decide, fired, unknown

READY = {
    "order_valid": True,
    "consent_valid": True,
    "acceptance_valid": True,
    "open_safety_task": False,
    "previous_dose": True,
    "hours_since_last_dose": 72.0,
    "identifiers_checked": True,
    "dose_read_by_two": True,
    "monitor_alarms_on": True,
    "medicines_confirmed_today": True,
    "intoxicated_today": False,
    "plans_to_drive_today": False,
    "airway_infection_today": False,
    "alcohol_last_day": False,
    "escort_arranged": True,
    "new_suicidal_thoughts": False,
    "sex": "female",
    "pregnancy_excluded_today": True,
    "pregnancy": False,
    "systolic_pressure": 122.0,
    "diastolic_pressure": 78.0,
    "heart_rate": 72.0,
    "oxygen_saturation": 98.0,
    "sedation_moaas": 5.0,
    "hours_since_food": 9.0,
    "hours_since_drink": 3.0,
}
READY_FOR = {
    "intravenous": READY | {"pump_read_by_two": True, "respiratory_rate": 14.0},
    "nasal": READY
    | {"nasal_product_used_today": False, "doses_last_7_days": 1.0, "weeks_since_first_dose": 1.0},
}

# route, what differs from a ready person, the rules that then hold the dose
HOLDS = [
    ("intravenous", {}, set()),
    ("nasal", {}, set()),
    ("intravenous", {"order_valid": False}, {"order-not-valid"}),
    ("intravenous", {"consent_valid": False}, {"consent-not-valid"}),
    ("intravenous", {"acceptance_valid": False}, {"acceptance-not-valid"}),
    ("intravenous", {"identifiers_checked": False}, {"identifiers-not-checked"}),
    ("intravenous", {"open_safety_task": True}, {"open-safety-task"}),
    ("intravenous", {"intoxicated_today": True}, {"intoxicated-today"}),
    ("intravenous", {"new_suicidal_thoughts": True}, {"new-suicidal-thoughts"}),
    ("intravenous", {"airway_infection_today": True}, {"airway-infection-today"}),
    ("nasal", {"alcohol_last_day": True}, {"alcohol-within-a-day"}),
    ("intravenous", {"escort_arranged": False}, {"no-escort-arranged"}),
    ("intravenous", {"plans_to_drive_today": True}, {"plans-to-drive-after-ketamine"}),
    ("nasal", {"plans_to_drive_today": True}, {"plans-to-drive-after-spray"}),
    ("intravenous", {"medicines_confirmed_today": False}, {"medicines-not-confirmed"}),
    ("intravenous", {"monitor_alarms_on": False}, {"monitor-alarms-off"}),
    ("intravenous", {"dose_read_by_two": False}, {"dose-not-read-by-two"}),
    ("intravenous", {"pump_read_by_two": False}, {"pump-not-read-by-two"}),
    ("nasal", {"pump_read_by_two": False}, set()),
    ("intravenous", {"systolic_pressure": 140.0, "diastolic_pressure": 90.0}, set()),
    ("intravenous", {"systolic_pressure": 141.0}, {"pressure-high-before-ketamine"}),
    ("intravenous", {"diastolic_pressure": 91.0}, {"pressure-high-before-ketamine"}),
    ("nasal", {"systolic_pressure": 141.0}, {"pressure-high-before-spray"}),
    (
        "intravenous",
        {"systolic_pressure": 180.0},
        {"pressure-high-before-ketamine", "pressure-severe-before-dose"},
    ),
    (
        "nasal",
        {"diastolic_pressure": 110.0},
        {"pressure-high-before-spray", "pressure-severe-before-dose"},
    ),
    ("intravenous", {"heart_rate": 110.0}, set()),
    ("intravenous", {"heart_rate": 111.0}, {"heart-rate-before-dose"}),
    ("intravenous", {"heart_rate": 50.0}, set()),
    ("intravenous", {"heart_rate": 49.0}, {"heart-rate-before-dose"}),
    ("intravenous", {"oxygen_saturation": 95.0}, set()),
    ("intravenous", {"oxygen_saturation": 94.0}, {"saturation-before-dose"}),
    ("intravenous", {"respiratory_rate": 25.0}, {"breathing-before-infusion"}),
    ("intravenous", {"respiratory_rate": 9.0}, {"breathing-before-infusion"}),
    ("intravenous", {"sedation_moaas": 4.0}, {"sedated-before-dose"}),
    ("intravenous", {"hours_since_food": 6.0, "hours_since_drink": 2.0}, set()),
    ("intravenous", {"hours_since_food": 5.9}, {"not-fasted-for-infusion"}),
    ("intravenous", {"hours_since_drink": 1.9}, {"not-fasted-for-infusion"}),
    ("nasal", {"hours_since_food": 2.0, "hours_since_drink": 0.5}, set()),
    ("nasal", {"hours_since_food": 1.9}, {"not-fasted-for-spray"}),
    ("nasal", {"hours_since_drink": 0.4}, {"not-fasted-for-spray"}),
    (
        "nasal",
        {"nasal_product_used_today": True, "hours_since_nasal_product": 0.9},
        {"nasal-product-too-recent"},
    ),
    ("nasal", {"nasal_product_used_today": True, "hours_since_nasal_product": 1.0}, set()),
    ("intravenous", {"pregnancy_excluded_today": False}, {"pregnancy-not-excluded-today"}),
    ("intravenous", {"pregnancy_excluded_today": False, "sex": "male"}, set()),
    ("intravenous", {"pregnancy": True}, {"pregnant-in-the-record"}),
    ("intravenous", {"hours_since_last_dose": 47.9}, {"too-soon-after-last-dose-infusion"}),
    ("intravenous", {"hours_since_last_dose": 48.0}, set()),
    ("intravenous", {"hours_since_last_dose": 1.0, "previous_dose": False}, set()),
    ("nasal", {"hours_since_last_dose": 23.9}, {"too-soon-after-last-dose-spray"}),
    ("nasal", {"hours_since_last_dose": 24.0}, set()),
    ("nasal", {"doses_last_7_days": 2.0}, {"third-spray-in-seven-days"}),
    ("nasal", {"weeks_since_first_dose": 4.0}, {"second-spray-in-seven-days-after-week-4"}),
    ("nasal", {"weeks_since_first_dose": 4.0, "doses_last_7_days": 0.0}, set()),
]


@pytest.mark.parametrize(("route", "differs", "holding"), HOLDS)
def test_a_dose_is_held_by_exactly_these_rules(knowledge, route, differs, holding):
    decision = decide(knowledge, "day-of-treatment", route, READY_FOR[route] | differs)
    assert fired(decision) == holding
    assert unknown(decision) == set()
    assert decision.conclusion == ("hold" if holding else "eligible")


@pytest.mark.parametrize("route", ["intravenous", "nasal"])
def test_with_nothing_known_nothing_starts_and_every_rule_asks(knowledge, route):
    decision = decide(knowledge, "day-of-treatment", route, {})
    applying = {r.key for r in applicable(decision.question, knowledge)}
    assert decision.conclusion == "incomplete"
    assert unknown(decision) == applying
    # Whether the record says pregnant is only noted: the day's own question about pregnancy blocks.
    assert {m.fact: m.if_unknown for m in decision.missing}.pop("pregnancy") == "note"
    assert {m.if_unknown for m in decision.missing if m.fact != "pregnancy"} == {"block"}


# fact, minutes since it was taken, whether it still counts
FRESHNESS = [
    ("systolic_pressure", 30, True),
    ("systolic_pressure", 31, False),
    ("heart_rate", 30, True),
    ("heart_rate", 31, False),
    ("oxygen_saturation", 31, False),
    ("sedation_moaas", 15, True),
    ("sedation_moaas", 16, False),
    ("identifiers_checked", 12 * 60, True),
    ("identifiers_checked", 12 * 60 + 1, False),
    ("dose_read_by_two", 2 * 60 + 1, False),
]


@pytest.mark.parametrize(("fact", "minutes", "counts"), FRESHNESS)
def test_an_old_value_is_asked_for_again(knowledge, fact, minutes, counts):
    facts = READY_FOR["intravenous"]
    decision = decide(knowledge, "day-of-treatment", "intravenous", facts, minutes_ago={fact: minutes})
    assert decision.conclusion == ("eligible" if counts else "incomplete")
    assert [m.fact for m in decision.missing] == ([] if counts else [fact])


def overriding(decision):
    return tuple(
        Override(f.rule, f.digest, f.state, "prescriber", NOW, "weighed with the person")
        for f in decision.findings
    )


# what differs, what a prescriber's recorded decision on every finding comes to
OVERRIDES = [
    ({"systolic_pressure": 150.0}, "eligible"),
    ({"heart_rate": 115.0}, "eligible"),
    ({"escort_arranged": False}, "eligible"),
    ({"hours_since_last_dose": 40.0}, "eligible"),
    ({"new_suicidal_thoughts": True}, "eligible"),
    ({"systolic_pressure": 180.0}, "hold"),
    ({"order_valid": False}, "hold"),
    ({"consent_valid": False}, "hold"),
    ({"identifiers_checked": False}, "hold"),
    ({"intoxicated_today": True}, "hold"),
    ({"plans_to_drive_today": True}, "hold"),
    ({"open_safety_task": True}, "hold"),
    ({"monitor_alarms_on": False}, "hold"),
    ({"dose_read_by_two": False}, "hold"),
    ({"pump_read_by_two": False}, "hold"),
]


@pytest.mark.parametrize(("differs", "after"), OVERRIDES)
def test_a_prescriber_may_go_on_only_where_the_rule_lets_them(knowledge, differs, after):
    facts = READY_FOR["intravenous"] | differs
    held = decide(knowledge, "day-of-treatment", "intravenous", facts)
    again = decide(knowledge, "day-of-treatment", "intravenous", facts, overrides=overriding(held))
    assert held.conclusion == "hold"
    assert again.conclusion == after


@pytest.mark.parametrize(
    ("rule", "route"),
    [
        ("too-soon-after-last-dose-infusion", "intravenous"),
        ("too-soon-after-last-dose-spray", "nasal"),
    ],
)
def test_the_spacing_of_a_route_and_of_its_rule_are_one_number(knowledge, rule, route):
    condition = knowledge.rules[rule].condition
    assert isinstance(condition, All)
    hours = [c.value for c in condition.of if isinstance(c, Compare) and c.fact == "hours_since_last_dose"]
    assert hours == [duration_s(knowledge.routes[route].minimum_spacing) / 3600]
