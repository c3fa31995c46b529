"""The bundles that tests make are FHIR: fhir.resources (R4B) judges them, and the bindings it leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests import bundles as b

STATUSES = {
    "Observation": {"registered", "preliminary", "final", "amended", "corrected", "cancelled"},
    "MedicationRequest": {
        "active",
        "on-hold",
        "cancelled",
        "completed",
        "entered-in-error",
        "stopped",
        "draft",
    },
    "Encounter": {"planned", "arrived", "in-progress", "finished", "cancelled"},
    "Procedure": {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed"},
}


def every_shape() -> dict[str, Any]:
    return b.bundle(
        b.condition("38341003", "Hypertension"),
        b.condition("I10", "Essential (primary) hypertension", system=b.ICD10CM, status="resolved"),
        b.medication_request("197361", "Amlodipine 5 MG Oral Tablet"),
        b.observation("29463-7", "Body Weight", 70.5, "kg"),
        b.blood_pressure(128, 82),
        b.blood_pressure(128, 82, panel="55284-4", at="2020-06-02T09:00:00+00:00"),
        b.allergy("91935009", "Allergy to peanuts"),
        b.procedure("313039003", "Solid organ transplant"),
    )


@pytest.mark.parametrize("record", [every_shape(), b.long_record(20_000)], ids=["every shape", "long"])
def test_a_bundle_made_for_tests_is_valid_r4(record: dict[str, Any]) -> None:
    Bundle.model_validate_json(json.dumps(record))
    for one in record["entry"]:
        resource = one["resource"]
        if resource["resourceType"] in STATUSES:
            assert resource["status"] in STATUSES[resource["resourceType"]]


def test_every_person_made_for_tests_says_that_they_are_synthetic() -> None:
    for seed in range(5):
        for name in b.patient(seed)["name"]:
            assert "Synthetic" in name["family"]
            assert "Synthetic" in name["given"]


def test_a_long_record_is_as_long_as_asked_and_the_same_every_time() -> None:
    assert len(b.as_bytes(b.long_record(200_000))) >= 200_000
    assert b.as_bytes(b.long_record(200_000)) == b.as_bytes(b.long_record(200_000))
