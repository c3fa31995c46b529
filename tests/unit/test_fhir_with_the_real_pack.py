"""A few records through the whole screen, on the knowledge that is in use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from serein.fhir import Imported, read_bundle
from serein.knowledge.types import Knowledge
from serein.safety import Decision, Question, evaluate
from tests import bundles as b

SOON = dt.datetime(2020, 6, 2, 9, tzinfo=dt.UTC)
YEARS_LATER = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


def screened(knowledge: Knowledge, *resources: dict[str, Any], at: dt.datetime = SOON) -> Decision:
    imported = read_bundle(b.as_bytes(b.bundle(*resources)), knowledge, at=at)
    assert isinstance(imported, Imported)
    question = Question(stage="screening", product="ketamine", route="intravenous", at=at)
    return evaluate(question, imported.statements, knowledge, not_understood=imported.not_understood)


def fires(decision: Decision, fact: str) -> bool:
    return any(fact in f.facts for f in decision.findings if f.state == "fires")


def asked(decision: Decision, fact: str) -> str:
    return " ".join(line for m in decision.missing if m.fact == fact for line in m.because)


def test_a_pregnancy_keeps_a_person_from_treatment_now_and_is_asked_for_years_later(
    knowledge: Knowledge,
) -> None:
    pregnant = b.condition("72892002", "Normal pregnancy")
    now = screened(knowledge, pregnant)
    assert now.conclusion in ("exclude", "refer")
    assert fires(now, "pregnancy")
    later = screened(knowledge, pregnant, at=YEARS_LATER)
    assert not fires(later, "pregnancy")
    assert "pregnancy" in {m.fact for m in later.missing}


def test_a_stroke_of_unknown_type_asks_about_bleeding(knowledge: Knowledge) -> None:
    decision = screened(knowledge, b.condition("230690007", "Stroke"))
    assert "type not recorded: unknown" in asked(decision, "intracerebral_haemorrhage_history")


def test_an_overdose_asks_about_its_intent(knowledge: Knowledge) -> None:
    decision = screened(knowledge, b.condition("55680006", "Drug overdose"))
    assert "past_overdose_intent" in {m.fact for m in decision.missing}


@pytest.mark.parametrize(
    ("display", "fact"),
    [
        ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet", "takes_opioid"),
        ("Clonazepam [Klonopin]", "takes_benzodiazepine"),
        ("Carbamazepine[Tegretol]", "takes_enzyme_inducer"),
    ],
)
def test_a_medicine_by_its_product_name_raises_its_interaction(
    knowledge: Knowledge, display: str, fact: str
) -> None:
    assert fires(screened(knowledge, b.medication_request("123456", display)), fact)


def test_hypertension_is_found(knowledge: Knowledge) -> None:
    assert fires(screened(knowledge, b.condition("38341003", "Hypertension")), "hypertension_diagnosis")


def test_old_vital_signs_are_not_used(knowledge: Knowledge) -> None:
    decision = screened(knowledge, b.blood_pressure(128, 82), at=YEARS_LATER)
    assert "systolic_pressure" in {m.fact for m in decision.missing}
