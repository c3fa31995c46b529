"""How long an answer stays true, and which values can be real. Read by a second person.

No source that we have read fixes these spans and ranges; each is an assumption of this programme. They were transcribed
here and read over against what they are for, so that a slip in a fact's file is noticed. An answer about the day lasts the day, about a medicine a month, about
a disease that changes its course up to a year; what happened once is asked once.
"""

from __future__ import annotations

import datetime as dt

import pytest

from serein.logic import Facts, Known, Statement
from serein.monitoring.readings import check_values

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = 60, 3600, 86400
SECOND = dt.timedelta(seconds=1)
A_LIFE = 100 * 365 * DAY

# for how long an answer counts: facts
VALID_FOR = [
    (
        A_LIFE,
        "aneurysmal_vascular_disease arteriovenous_malformation hypertension_diagnosis hypertensive_crisis_history coronary_artery_disease heart_failure cardiac_arrest_history acute_intermittent_porphyria obesity_diagnosis ketamine_liver_injury_history severe_renal_impairment ketamine_hypersensitivity intracerebral_haemorrhage_history stroke_history dementia raised_eye_pressure birth_date sex psychotic_disorder_history suicide_attempt_history past_overdose past_overdose_intent dissociative_disorder significant_lung_disease difficult_airway ketamine_misuse_ever ulcerative_or_interstitial_cystitis",
    ),
    (15 * MINUTE, "minutes_since_dosing_start minutes_since_dosing_end sedation_moaas dissociation_rating"),
    (30 * MINUTE, "back_to_self walks_unaided nausea_rating distress_rating aldrete_total"),
    (2 * HOUR, "escort_present dose_read_by_two pump_read_by_two monitor_alarms_on"),
    (4 * HOUR, "hours_since_food hours_since_drink hours_since_nasal_product"),
    (
        12 * HOUR,
        "order_valid consent_valid acceptance_valid open_safety_task previous_dose hours_since_last_dose doses_last_7_days weeks_since_first_dose nasal_product_used_today intoxicated_today new_suicidal_thoughts pregnancy_excluded_today escort_arranged plans_to_drive_today medicines_confirmed_today instructions_given cannula_removed identifiers_checked baseline_systolic_pressure baseline_diastolic_pressure",
    ),
    (1 * DAY, "body_temperature"),
    (7 * DAY, "acute_suicidality"),
    (14 * DAY, "gad7_total phq9_total phq9_self_harm"),
    (
        30 * DAY,
        "takes_benzodiazepine takes_z_drug takes_opioid takes_gabapentinoid takes_sedating_antihistamine takes_antipsychotic takes_other_sedative takes_mao_inhibitor takes_psychostimulant takes_sympathomimetic takes_theophylline takes_nasal_medicine takes_cyp3a_inhibitor takes_cyp2b6_inhibitor takes_enzyme_inducer takes_lamotrigine takes_opioid_antagonist takes_blunting_antipsychotic takes_lithium takes_nmda_antagonist takes_thyroid_hormone takes_noradrenergic_antidepressant takes_ssri takes_antihypertensive takes_ergot delirium weight active_psychosis current_mania unable_to_consent breast_feeding aspiration_risk nasal_obstruction systolic_pressure diastolic_pressure heart_rate oxygen_saturation respiratory_rate",
    ),
    (42 * DAY, "recent_cardiovascular_event recent_heart_attack"),
    (
        90 * DAY,
        "uncontrolled_hypertension decompensated_heart_failure raised_intracranial_pressure recent_head_injury substance_use_disorder_active unexplained_urinary_symptoms",
    ),
    (
        180 * DAY,
        "uncontrolled_thyroid_disease severe_hepatic_impairment moderate_hepatic_impairment estimated_filtration_rate seizure_disorder_uncontrolled",
    ),
    (300 * DAY, "pregnancy"),
    (
        365 * DAY,
        "pressure_rise_hazard significant_valve_or_rhythm_disease untreated_phaeochromocytoma untreated_severe_sleep_apnoea asa_class",
    ),
    (3650 * DAY, "height"),
]
EACH = [(seconds, fact) for seconds, facts in VALID_FOR for fact in facts.split()]


def known(knowledge, fact, ago):
    """Whether an answer given so long ago still counts. A flag is answered with no: a no never outlives its span."""
    kind = knowledge.facts[fact]
    value = (
        {"flag": False, "number": 1.0, "date": "1985-04-12"}.get(kind.type)
        if not kind.choices
        else kind.choices[0]
    )
    return isinstance(Facts([Statement(fact, value, NOW - ago, "staff")], knowledge, NOW)[fact], Known)


@pytest.mark.parametrize(("seconds", "fact"), EACH)
def test_an_answer_counts_to_the_second_for_as_long_as_was_meant(knowledge, seconds, fact):
    span = dt.timedelta(seconds=seconds)
    assert known(knowledge, fact, span)
    if seconds != A_LIFE:
        assert not known(knowledge, fact, span + SECOND)


# number, lowest and highest that can be real, in the fact's unit
PLAUSIBLE = [
    ("age", 0.0, 125.0, "a"),
    ("hours_since_last_dose", 0.0, 438000.0, "h"),
    ("doses_last_7_days", 0.0, 14.0, "{count}"),
    ("weeks_since_first_dose", 0.0, 2600.0, "wk"),
    ("hours_since_food", 0.0, 168.0, "h"),
    ("hours_since_drink", 0.0, 168.0, "h"),
    ("hours_since_nasal_product", 0.0, 48.0, "h"),
    ("estimated_filtration_rate", 1.0, 200.0, "mL/min/{1.73_m2}"),
    ("weight", 25.0, 350.0, "kg"),
    ("height", 100.0, 250.0, "cm"),
    ("minutes_since_dosing_start", 0.0, 2880.0, "min"),
    ("minutes_since_dosing_end", 0.0, 2880.0, "min"),
    ("gad7_total", 0.0, 21.0, "{score}"),
    ("phq9_total", 0.0, 27.0, "{score}"),
    ("systolic_pressure", 40.0, 300.0, "mmHg"),
    ("diastolic_pressure", 20.0, 200.0, "mmHg"),
    ("heart_rate", 20.0, 250.0, "/min"),
    ("oxygen_saturation", 40.0, 100.0, "%"),
    ("respiratory_rate", 2.0, 80.0, "/min"),
    ("body_temperature", 30.0, 43.0, "Cel"),
    ("baseline_systolic_pressure", 40.0, 300.0, "mmHg"),
    ("baseline_diastolic_pressure", 20.0, 200.0, "mmHg"),
    ("sedation_moaas", 0.0, 5.0, "{score}"),
    ("dissociation_rating", 0.0, 10.0, "{score}"),
    ("nausea_rating", 0.0, 10.0, "{score}"),
    ("distress_rating", 0.0, 10.0, "{score}"),
    ("aldrete_total", 0.0, 10.0, "{score}"),
]


@pytest.mark.parametrize(("fact", "low", "high", "unit"), PLAUSIBLE)
def test_a_value_that_cannot_be_real_is_refused_and_one_that_can_is_taken(knowledge, fact, low, high, unit):
    assert knowledge.facts[fact].unit == unit
    assert knowledge.facts[fact].plausible == (low, high)
    if knowledge.facts[fact].derived:
        return  # nobody enters it
    for value in (low, high):
        assert check_values({fact: value}, knowledge) is None
    for value in (low - 0.01, high + 0.01):
        assert check_values({fact: value}, knowledge) is not None
