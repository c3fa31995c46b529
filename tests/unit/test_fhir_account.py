"""Nothing of a record is dropped silently, and what matters in real records is understood."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from serein.errors import Reason, Refusal
from serein.fhir import Imported, read_bundle
from serein.knowledge.types import Knowledge
from serein.logic import Facts, Known
from tests import bundles as b
from tests.knowledge_pack import small_pack

AT = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
SMALL = small_pack()
LABELS = Path(__file__).parents[1] / "reference" / "labelled-record-codes.csv"
ROWS = list(csv.DictReader(LABELS.open(newline="", encoding="utf-8")))
LEAST_SHARE = 0.95

MEASURED: dict[str, tuple[float, str]] = {
    "1742-6": (31.0, "U/L"),
    "6768-6": (34.5, "U/L"),
    "1920-8": (34.3, "U/L"),
    "1975-2": (0.2, "mg/dL"),
    "8302-2": (170.0, "cm"),
    "39156-5": (24.0, "kg/m2"),
    "29463-7": (70.0, "kg"),
    "38483-4": (0.8, "mg/dL"),
    "33914-3": (90.0, "mL/min/{1.73_m2}"),
    "19926-5": (45.0, "%"),
    "10230-1": (35.0, "%"),
    "33762-6": (1600.0, "pg/mL"),
    "72106-8": (17.0, "(score)"),
}
"""A value and unit for each observation that is a number of its own."""


def as_entry(row: dict[str, str]) -> dict[str, Any]:
    """A current entry of the row's kind that carries its code."""
    code, display, system = row["code"], row["display"], row["system"]
    match row["kind"]:
        case "condition":
            return b.condition(code, display, system=system)
        case "medicine":
            return b.medication_request(code, display)
        case "procedure":
            return b.procedure(code, display)
        case "observation" if code == "55284-4":
            return b.blood_pressure(128, 82, panel=code)
        case "observation":
            value, unit = MEASURED.get(code, (5.0, "mg/dL"))
            return b.observation(code, display, value, unit)
    raise AssertionError(row["kind"])


def read(knowledge: Knowledge, *resources: dict[str, Any], **more: Any) -> Imported:
    result = read_bundle(b.as_bytes(b.bundle(*resources, **more)), knowledge, at=AT)
    assert isinstance(result, Imported), result
    return result


def is_understood(row: dict[str, str], knowledge: Knowledge) -> bool:
    return any(c.understood for c in read(knowledge, as_entry(row)).codes if c.code == row["code"])


def test_at_least_95_percent_of_the_active_codes_labelled_as_mattering_are_understood(
    knowledge: Knowledge,
) -> None:
    mattering = [r for r in ROWS if r["matters"] == "yes" and r["active"] == "yes"]
    missed = [r["display"] for r in mattering if not is_understood(r, knowledge)]
    assert len(mattering) > 50
    assert len(missed) <= (1 - LEAST_SHARE) * len(mattering), missed


def test_what_is_labelled_as_not_mattering_is_left_to_the_list(knowledge: Knowledge) -> None:
    taken = [r["display"] for r in ROWS if r["matters"] == "no" and is_understood(r, knowledge)]
    assert taken == []


@pytest.mark.parametrize(
    "display",
    [
        "Miscarriage in first trimester",
        "Induced termination of pregnancy",
        "Pregnancy termination care",
        "Physical exam following abortion",
        "Standard pregnancy test",
    ],
)
def test_a_pregnancy_that_ended_and_a_test_without_its_result_are_not_read_as_pregnant(
    knowledge: Knowledge, display: str
) -> None:
    for entry in (b.condition("1", display), b.procedure("1", display)):
        assert "pregnancy" not in {s.fact for s in read(knowledge, entry).statements}


@pytest.mark.parametrize(
    ("display", "fact"),
    [
        ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet", "takes_opioid"),
        ("Sacubitril 24 MG / Valsartan 26 MG Oral Tablet [Entresto]", "takes_antihypertensive"),
        ("Sacubitril / Valsartan", "takes_antihypertensive"),
        ("24 HR Donepezil hydrochloride 10 MG / Memantine hydrochloride 28 MG", "takes_nmda_antagonist"),
        ("Lasix 40mg", "takes_antihypertensive"),
        ("Klonopin", "takes_benzodiazepine"),
    ],
)
def test_brands_and_combination_products_are_understood_by_name_under_an_unknown_code(
    knowledge: Knowledge, display: str, fact: str
) -> None:
    values = {s.fact: s.value for s in read(knowledge, b.medication_request("0", display)).statements}
    assert values[fact] is True


def test_an_inhaled_steroid_is_no_nasal_one(knowledge: Knowledge) -> None:
    inhaler = "60 ACTUAT Fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler"
    found = read(knowledge, b.medication_request("896209", inhaler))
    assert "takes_nasal_medicine" not in {s.fact for s in found.statements}


@pytest.mark.parametrize(
    ("display", "fact"),
    [
        ("History of myocardial infarction (situation)", "coronary_artery_disease"),
        ("Essential hypertension (disorder)", "hypertension_diagnosis"),
        ("Chronic obstructive lung disease (disorder)", "significant_lung_disease"),
        ("Heart failure (disorder)", "heart_failure"),
        ("Suicide attempt (event)", "suicide_attempt_history"),
        ("End-stage renal disease (disorder)", "severe_renal_impairment"),
        ("Vascular dementia (disorder)", "dementia"),
    ],
)
def test_a_condition_is_understood_by_its_words_under_an_unknown_code(
    knowledge: Knowledge, display: str, fact: str
) -> None:
    assert {s.fact: s.value for s in read(knowledge, b.condition("0", display)).statements}[fact] is True


@pytest.mark.parametrize(
    ("display", "fact"),
    [
        ("Suspected dementia (situation)", "dementia"),
        ("Obstructive sleep apnea syndrome (disorder)", "untreated_severe_sleep_apnoea"),
        ("Asthma (disorder)", "significant_lung_disease"),
        ("Bipolar disorder (disorder)", "current_mania"),
        ("Opioid abuse (disorder)", "substance_use_disorder_active"),
        ("Gastroesophageal reflux disease (disorder)", "aspiration_risk"),
        ("Chronic kidney disease (disorder)", "severe_renal_impairment"),
        ("Traumatic brain injury (disorder)", "recent_head_injury"),
        ("Preeclampsia (disorder)", "pregnancy"),
        ("Aneurysm (disorder)", "aneurysmal_vascular_disease"),
    ],
)
def test_a_condition_that_does_not_tell_enough_raises_the_question_by_its_words(
    knowledge: Knowledge, display: str, fact: str
) -> None:
    values = {s.fact: s.value for s in read(knowledge, b.condition("0", display)).statements}
    assert values[fact] is None


@pytest.mark.parametrize(
    "display", ["Pulmonary hypertension (disorder)", "Portal hypertension (disorder)", "Ocular hypertension"]
)
def test_another_hypertension_is_not_high_blood_pressure(knowledge: Knowledge, display: str) -> None:
    facts = {s.fact for s in read(knowledge, b.condition("0", display)).statements}
    assert not {"hypertension_diagnosis", "uncontrolled_hypertension"} & facts


def test_chronic_kidney_disease_of_a_low_stage_is_not_severe(knowledge: Knowledge) -> None:
    low = b.condition("0", "Chronic kidney disease stage 2 (disorder)")
    assert "severe_renal_impairment" not in {s.fact for s in read(knowledge, low).statements}


def test_every_entry_is_understood_listed_or_set_aside() -> None:
    hypertension = b.condition("38341003", "Hypertension")
    record = b.bundle(
        hypertension,
        hypertension,
        b.condition("1", "Knitting"),
        b.medication_request("7804", "Oxycodone"),
        b.blood_pressure(120, 80),
        b.device("1", "Hearing aid"),
        {"resourceType": "Coverage", "id": "c"},
        {"resourceType": "FamilyMemberHistory", "id": "f", "condition": [{"code": {"text": "Dementia"}}]},
    )
    found = read_bundle(b.as_bytes(record), SMALL, at=AT)
    assert isinstance(found, Imported)
    told = {c.kind: (c.entries, c.understood, c.listed, c.set_aside) for c in found.counts}
    assert told == {
        "Condition": (3, 1, 1, 1),
        "Coverage": (1, 0, 0, 1),
        "Device": (1, 0, 1, 0),
        "Encounter": (1, 0, 0, 1),
        "FamilyMemberHistory": (1, 0, 1, 0),
        "Medicine": (1, 1, 0, 0),
        "Observation": (1, 1, 0, 0),
        "Patient": (1, 0, 0, 1),
    }
    assert sum(c.entries for c in found.counts) == len(record["entry"])


def test_distinct_codes_are_told_with_whether_they_stand_and_were_taken() -> None:
    found = read(
        SMALL,
        b.condition("38341003", "Hypertension"),
        b.condition("1", "Knitting", status="resolved"),
        b.condition("1", "Knitting", status="inactive"),
        b.allergy("2", "Allergy to peanuts"),
        b.condition("3", "Sewing", verification="refuted"),
    )
    assert [(c.kind, c.code, c.times, c.active, c.understood) for c in found.codes] == [
        ("Allergy", "2", 1, True, False),
        ("Condition", "1", 2, False, False),
        ("Condition", "3", 1, False, False),
        ("Condition", "38341003", 1, True, True),
    ]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        (7, "Bundle.entry[1]"),
        (None, "Bundle.entry[1]"),
        ({"fullUrl": "urn:uuid:1"}, "Bundle.entry[1].resource"),
        ({"resource": ["Condition"]}, "Bundle.entry[1].resource"),
        ({"resource": {"id": "1"}}, "Bundle.entry[1].resource.resourceType"),
        ({"resource": {"resourceType": 5}}, "Bundle.entry[1].resource.resourceType"),
    ],
)
def test_an_entry_that_is_not_built_as_one_refuses_the_bundle_by_its_path(entry: Any, path: str) -> None:
    record = b.bundle()
    record["entry"][1] = entry
    refusal = read_bundle(b.as_bytes(record), SMALL, at=AT)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.field) == (Reason.MALFORMED, path)
    assert refusal.next_step


def test_entries_that_are_no_list_refuse_the_bundle() -> None:
    refusal = read_bundle(b.as_bytes(b.bundle() | {"entry": {"resource": b.patient()}}), SMALL, at=AT)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.field, refusal.value) == (Reason.MALFORMED, "Bundle.entry", "an object")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "Hypertension"}, "no code: Bundle.entry[2].resource.code is text, not an object"),
        ({"code": [1]}, "no code: Bundle.entry[2].resource.code is a list, not an object"),
        (
            {"subject": "Patient/1"},
            "Hypertension (SNOMED CT 38341003): Bundle.entry[2].resource.subject is text, not an object",
        ),
    ],
)
def test_an_element_of_another_shape_is_listed_by_its_path_and_the_entry_not_used(
    change: dict[str, Any], said: str
) -> None:
    found = read(SMALL, b.condition("38341003", "Hypertension") | change)
    assert "hypertension" not in {s.fact for s in found.statements}
    assert f"Condition: {said}" in found.not_understood


@pytest.mark.parametrize("type_", ["searchset", "batch", "history"])
def test_a_bundle_of_pages_or_requests_is_refused_with_what_to_export_instead(type_: str) -> None:
    refusal = read_bundle(b.as_bytes(b.bundle(b.condition("1", "x")) | {"type": type_}), SMALL, at=AT)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.WRONG_BUNDLE_TYPE
    assert "transaction or collection" in refusal.next_step


@pytest.mark.parametrize(
    "reference",
    ["https://example.org/fhir/Medication/m1", "Medication/m1/_history/2", "urn:uuid:m1", "Medication/m1"],
)
def test_a_medication_is_found_by_an_absolute_a_versioned_a_relative_and_a_urn_reference(
    reference: str,
) -> None:
    product = {"resourceType": "Medication", "id": "m1", "code": b.concept(b.RXNORM, "7804", "Oxycodone")}
    order = b.medication_request("1", "x", medicationReference={"reference": reference})
    del order["medicationCodeableConcept"]
    assert any(s.fact == "takes_opioid" and s.value is True for s in read(SMALL, order, product).statements)


def test_a_recorded_body_mass_index_counts_only_where_none_can_be_computed(knowledge: Knowledge) -> None:
    recorded = b.observation("39156-5", "Body Mass Index", 41.0, "kg/m2")
    weight, height = (
        b.observation("29463-7", "Weight", 70, "kg"),
        b.observation("8302-2", "Height", 170, "cm"),
    )
    now = dt.datetime(2020, 6, 2, tzinfo=dt.UTC)
    for entries, index in (([recorded], 41.0), ([recorded, weight, height], 24.2)):
        resolved = Facts(read(knowledge, *entries).statements, knowledge, now)["body_mass_index"]
        assert isinstance(resolved, Known)
        assert isinstance(resolved.value, float)
        assert round(resolved.value, 1) == index
