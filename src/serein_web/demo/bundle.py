"""A FHIR R4 record of an invented person, as another clinic might send it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

Json = dict[str, Any]
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
RXNORM, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
STATUS = "http://terminology.hl7.org/CodeSystem/condition-"
PERSON = "urn:uuid:00000000-0000-4000-8000-000000000001"
CONDITIONS = (
    ("21897009", "Generalized anxiety disorder (disorder)", 2100),
    ("38341003", "Hypertension", 900),
    ("66383009", "Gingivitis (disorder)", 120),
)
MEDICINES = (
    ("312940", "Sertraline 25 MG Oral Tablet", 400),
    ("197527", "Clonazepam 0.5 MG Oral Tablet", 30),
    ("197361", "Amlodipine 5 MG Oral Tablet", 700),
)
VITALS = (("8302-2", "Body Height", 168.0, "cm"), ("29463-7", "Body Weight", 71.5, "kg"))


def record(given: str, family: str, born: dt.date, sex: str, now: dt.datetime) -> bytes:
    """The record as a file: three conditions, three medicines, three measurements of five days ago."""
    person = {
        "resourceType": "Patient",
        "id": PERSON.removeprefix("urn:uuid:"),
        "identifier": [{"system": "https://example.org/synthetic-people", "value": "DEMO-1"}],
        "name": [{"use": "official", "family": family, "given": [given]}],
        "gender": sex,
        "birthDate": born.isoformat(),
    }
    measured = (now - dt.timedelta(days=5)).isoformat()
    resources = [person]
    resources += [_condition(*row, now) for row in CONDITIONS]
    resources += [_medicine(*row, now) for row in MEDICINES]
    resources += [
        _measurement(code, name, measured) | {"valueQuantity": _quantity(value, unit)}
        for code, name, value, unit in VITALS
    ]
    resources.append(_pressure(146.0, 88.0, measured))
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": _entries(resources)}).encode()


def _entries(resources: list[Json]) -> list[Json]:
    return [
        {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{n:012d}", "resource": resource}
        for n, resource in enumerate(resources, start=1)
    ]


def _concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _condition(code: str, display: str, days: int, now: dt.datetime) -> Json:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": f"{STATUS}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{STATUS}ver-status", "code": "confirmed"}]},
        "code": _concept(SNOMED, code, display),
        "subject": {"reference": PERSON},
        "onsetDateTime": (now - dt.timedelta(days=days)).isoformat(),
    }


def _medicine(code: str, display: str, days: int, now: dt.datetime) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept(RXNORM, code, display),
        "subject": {"reference": PERSON},
        "authoredOn": (now - dt.timedelta(days=days)).isoformat(),
    }


def _measurement(code: str, display: str, measured: str) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept(LOINC, code, display),
        "subject": {"reference": PERSON},
        "effectiveDateTime": measured,
    }


def _pressure(systolic: float, diastolic: float, measured: str) -> Json:
    parts = (
        ("8480-6", "Systolic blood pressure", systolic),
        ("8462-4", "Diastolic blood pressure", diastolic),
    )
    return _measurement("85354-9", "Blood pressure panel", measured) | {
        "component": [
            {"code": _concept(LOINC, code, name), "valueQuantity": _quantity(value, "mm[Hg]")}
            for code, name, value in parts
        ]
    }
