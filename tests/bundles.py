"""FHIR R4 bundles of people who do not exist, in the shape of Synthea's: transactions of one patient.

Every name says that it is synthetic. Made here from the FHIR specification; no file of anybody else is copied.
The same arguments give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
NAMESPACE = uuid.UUID("5e2e1000-0000-4000-8000-000000000000")
START = "2020-06-01T09:00:00+00:00"


def an_id(*parts: object) -> str:
    return str(uuid.uuid5(NAMESPACE, "/".join(map(str, parts))))


def concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def patient(
    seed: int = 1, *, born: str = "1985-04-17", gender: str = "female", family: str = "", **more: Any
) -> Json:
    """A Patient with the identifiers that such records carry."""
    return {
        "resourceType": "Patient",
        "id": an_id("patient", seed),
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml">Synthetic, made for tests</div>',
        },
        "identifier": [
            {"system": "https://example.org/synthetic-people", "value": an_id("person", seed)},
            {
                "type": concept(
                    "http://terminology.hl7.org/CodeSystem/v2-0203", "MR", "Medical Record Number"
                ),
                "system": "http://hospital.example.org",
                "value": f"SYNTH-{seed:06d}",
            },
            {
                "type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "DL", "Driver's License"),
                "system": "urn:oid:2.16.840.1.113883.4.3.25",
                "value": f"S{seed:08d}",
            },
        ],
        "name": [{"use": "official", "family": family or f"Synthetic{seed}", "given": ["Synthetic"]}],
        "telecom": [{"system": "phone", "value": "555-0100", "use": "home"}],
        "gender": gender,
        "birthDate": born,
        "address": [{"line": ["1 Synthetic Street"], "city": "Exampletown", "country": "US"}],
        **more,
    }


def subject(seed: int = 1) -> Json:
    return {"reference": f"urn:uuid:{an_id('patient', seed)}"}


def encounter(number: int = 0, *, start: str = START, end: str = "2020-06-01T09:15:00+00:00") -> Json:
    return {
        "resourceType": "Encounter",
        "id": an_id("encounter", number),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [concept(SNOMED, "185345009", "Encounter for symptom")],
        "subject": subject(),
        "period": {"start": start, "end": end},
    }


def condition(
    code: str,
    display: str,
    *,
    system: str = SNOMED,
    status: str = "active",
    verification: str = "confirmed",
    onset: str | None = START,
    end: str | None = None,
    **more: Any,
) -> Json:
    found = {
        "resourceType": "Condition",
        "id": an_id("condition", code, display, status, onset),
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": status}]
        },
        "verificationStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": verification}
            ]
        },
        "code": concept(system, code, display),
        "subject": subject(),
        "encounter": {"reference": f"urn:uuid:{an_id('encounter', 0)}"},
        **more,
    }
    if onset:
        found |= {"onsetDateTime": onset, "recordedDate": onset}
    if end:
        found["abatementDateTime"] = end
    return found


def medication_request(
    code: str, display: str, *, status: str = "active", authored: str = START, **more: Any
) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": an_id("medication", code, display, status, authored),
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": concept(RXNORM, code, display),
        "subject": subject(),
        "encounter": {"reference": f"urn:uuid:{an_id('encounter', 0)}"},
        "authoredOn": authored,
        **more,
    }


def quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def observation(
    code: str, display: str, value: float | None, unit: str = "", *, at: str = START, **more: Any
) -> Json:
    found = {
        "resourceType": "Observation",
        "id": an_id("observation", code, at, value),
        "status": "final",
        "category": [
            concept(
                "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "vital-signs"
            )
        ],
        "code": concept(LOINC, code, display),
        "subject": subject(),
        "effectiveDateTime": at,
        "issued": at,
    }
    if value is not None:
        found["valueQuantity"] = quantity(value, unit)
    return found | more


def blood_pressure(systolic: float, diastolic: float, *, at: str = START, panel: str = "85354-9") -> Json:
    """A pressure as a panel with two components (85354-9; older records write 55284-4)."""
    return observation("85354-9", "Blood pressure panel", None, at=at) | {
        "id": an_id("pressure", systolic, diastolic, at),
        "code": concept(LOINC, panel, "Blood Pressure"),
        "component": [
            {
                "code": concept(LOINC, "8462-4", "Diastolic Blood Pressure"),
                "valueQuantity": quantity(diastolic, "mm[Hg]"),
            },
            {
                "code": concept(LOINC, "8480-6", "Systolic Blood Pressure"),
                "valueQuantity": quantity(systolic, "mm[Hg]"),
            },
        ],
    }


def allergy(code: str, display: str, *, system: str = SNOMED, status: str = "active", **more: Any) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "id": an_id("allergy", code, status),
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": status,
                }
            ]
        },
        "verificationStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
                    "code": "confirmed",
                }
            ]
        },
        "code": concept(system, code, display),
        "patient": subject(),
        "recordedDate": START,
        **more,
    }


def procedure(code: str, display: str, *, status: str = "completed", at: str = START) -> Json:
    return {
        "resourceType": "Procedure",
        "id": an_id("procedure", code, at),
        "status": status,
        "code": concept(SNOMED, code, display),
        "subject": subject(),
        "performedPeriod": {"start": at, "end": at},
    }


def device(code: str, display: str, *, status: str = "active", **more: Any) -> Json:
    return {
        "resourceType": "Device",
        "id": an_id("device", code, status),
        "status": status,
        "type": concept(SNOMED, code, display),
        "patient": subject(),
        **more,
    }


def bundle(*resources: Json, type_: str = "transaction", person: Json | None = None) -> Json:
    """A bundle of one patient (or of `person`), an encounter and these resources."""
    everything = [person or patient(), encounter(), *resources]
    return {
        "resourceType": "Bundle",
        "type": type_,
        "entry": [entry(resource, type_) for resource in everything],
    }


def entry(resource: Json, type_: str = "transaction") -> Json:
    found: Json = {"fullUrl": f"urn:uuid:{resource.get('id', an_id('none'))}", "resource": resource}
    if type_ == "transaction":
        found["request"] = {"method": "POST", "url": resource["resourceType"]}
    return found


def as_bytes(bundle: Json) -> bytes:
    return json.dumps(bundle, indent=1).encode()


def long_record(size_bytes: int = 1_000_000) -> Json:
    """A record with years of visits, at least `size_bytes` long: for speed, and for the habits of long records."""
    resources: list[Json] = [
        condition("38341003", "Hypertension", onset="1999-01-19T04:57:07+00:00"),
        condition("195662009", "Acute viral pharyngitis (disorder)", status="resolved", end=START),
        medication_request("197361", "Amlodipine 5 MG Oral Tablet"),
        allergy("91935009", "Allergy to peanuts"),
        procedure("428191000124101", "Documentation of current medications"),
    ]
    day, number, size = dt.datetime(1999, 1, 1, 9, tzinfo=dt.UTC), 0, 0
    while size < size_bytes:
        day, number = day + dt.timedelta(days=7), number + 1
        visit = _visit(day.isoformat(), number)
        resources += visit
        size += sum(len(json.dumps(entry(r), indent=1)) for r in visit)
    return bundle(*resources)


def _visit(at: str, number: int) -> Sequence[Json]:
    return (
        encounter(number, start=at, end=at),
        observation("8302-2", "Body Height", 165.2, "cm", at=at),
        observation("29463-7", "Body Weight", 60 + number % 30 + 0.5, "kg", at=at),
        blood_pressure(110 + number % 25, 70 + number % 15, at=at, panel="55284-4"),
        observation("2339-0", "Glucose", 90 + number % 10, "mg/dL", at=at),
    )
