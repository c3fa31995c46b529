"""What a site keeps, as FHIR R4 resources: plain values in, resources out, for leaving with everything.

Only codes that were read with a record or that an instrument's or fact's file has are written; the rest is text. A
resource that R4 has no element for something keeps it in `note` or leaves it to the tables beside it.
Source: the R4 pages of each resource (hl7.org/fhir/R4).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from serein.fhir.questionnaire import BASE, LOINC
from serein.knowledge.types import Fact

Json = dict[str, Any]
SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "loinc": LOINC,
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PRESENT = {"active": "active", "stopped": "inactive", "resolved": "resolved", "completed": "inactive"}


def moment(at: dt.datetime) -> str:
    """An instant as FHIR writes it. It must carry a time zone."""
    assert at.tzinfo is not None, at
    return at.isoformat(timespec="milliseconds")


def reference(kind: str, key: object) -> Json:
    return {"reference": f"{kind}/{key}"}


def concept(text: str, system: str = "", code: str = "") -> Json:
    """A name, with its code where the record had one of a system that we know."""
    found: Json = {"text": text}
    address = SYSTEMS.get(system, system)
    if code and address.startswith(("http://", "urn:")):
        found["coding"] = [{"system": address, "code": code, "display": text}]
    return found


def _resource(kind: str, key: object, **elements: Any) -> Json:
    """A resource without the elements that have nothing to say."""
    return {"resourceType": kind, "id": str(key)} | {
        k: v for k, v in elements.items() if v not in (None, "", [], {})
    }


def patient(
    key: object,
    *,
    given: str,
    family: str,
    birth_date: dt.date,
    sex: str,
    identifiers: list[tuple[str, str]],
    telephone: str,
    email: str,
) -> Json:
    telecom = [("phone", telephone), ("email", email)]
    return _resource(
        "Patient",
        key,
        identifier=[
            {"system": s if ":" in s else f"{BASE}/identifier/{s}", "value": v} for s, v in identifiers
        ],
        name=[{"use": "official", "family": family, "given": given.split()}],
        telecom=[{"system": s, "value": v} for s, v in telecom if v],
        gender=sex,
        birthDate=birth_date.isoformat(),
    )


def condition(
    key: object, whose: object, *, text: str, system: str, code: str, status: str, at: dt.datetime
) -> Json:
    return _resource(
        "Condition",
        key,
        clinicalStatus={"coding": [{"system": CLINICAL, "code": PRESENT.get(status, "inactive")}]},
        code=concept(text, system, code),
        subject=reference("Patient", whose),
        recordedDate=moment(at),
    )


def medication(
    key: object, whose: object, *, text: str, system: str, code: str, status: str, dose: str, at: dt.datetime
) -> Json:
    return _resource(
        "MedicationStatement",
        key,
        status="active" if status == "active" else "stopped",
        medicationCodeableConcept=concept(text, system, code),
        subject=reference("Patient", whose),
        dateAsserted=moment(at),
        dosage=[{"text": dose}] if dose else [],
    )


def allergy(
    key: object, whose: object, *, text: str, system: str, code: str, status: str, at: dt.datetime
) -> Json:
    return _resource(
        "AllergyIntolerance",
        key,
        clinicalStatus={"coding": [{"system": ALLERGY, "code": PRESENT.get(status, "inactive")}]},
        code=concept(text, system, code),
        patient=reference("Patient", whose),
        recordedDate=moment(at),
    )


def observation(
    key: object,
    whose: object,
    *,
    fact: Fact,
    value: Any,
    at: dt.datetime,
    because: str = "",
    session: object = None,
) -> Json:
    """One statement or reading of a fact. A question that was raised and not answered has no value, and says why."""
    code: Json = {"text": fact.text.ask, "coding": [{"system": f"{BASE}/fact", "code": fact.key}]}
    loinc = next(
        (c.code for c in fact.codes if c.system == "loinc" and c.verified and c.means == "value"), ""
    )
    if loinc:
        code["coding"].insert(0, {"system": LOINC, "code": loinc})
    return _resource(
        "Observation",
        key,
        status="final",
        category=[{"coding": [{"system": CATEGORY, "code": "survey"}]}] if fact.group else [],
        code=code,
        subject=reference("Patient", whose),
        encounter=reference("Encounter", session) if session else None,
        effectiveDateTime=moment(at),
        note=[{"text": because}] if because else [],
        **_value(fact, value),
    )


def _value(fact: Fact, value: Any) -> Json:
    if value is None:
        reason = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
        return {"dataAbsentReason": {"coding": [{"system": reason, "code": "asked-unknown"}]}}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        quantity: Json = {"value": value}
        if fact.unit:
            quantity |= {"unit": fact.unit, "system": "http://unitsofmeasure.org", "code": fact.unit}
        return {"valueQuantity": quantity}
    return {"valueString": value if isinstance(value, str) else ", ".join(map(str, value))}


def score(
    key: object, whose: object, *, title: str, loinc: str, total: float | None, band: str, at: dt.datetime
) -> Json:
    code: Json = {"text": title}
    if loinc:
        code["coding"] = [{"system": LOINC, "code": loinc}]
    absent = {"dataAbsentReason": {"text": "too many answers are missing"}} if total is None else {}
    return _resource(
        "Observation",
        key,
        status="final",
        category=[{"coding": [{"system": CATEGORY, "code": "survey"}]}],
        code=code,
        subject=reference("Patient", whose),
        effectiveDateTime=moment(at),
        valueInteger=int(total) if total is not None and float(total).is_integer() else None,
        valueQuantity={"value": total} if total is not None and not float(total).is_integer() else None,
        interpretation=[{"text": band}] if band else [],
        **absent,
    )


def encounter(
    key: object, whose: object, *, number: int, started: dt.datetime, ended: dt.datetime | None, outcome: str
) -> Json:
    period = {"start": moment(started)} | ({"end": moment(ended)} if ended else {})
    return _resource(
        "Encounter",
        key,
        status="finished" if ended else "in-progress",
        **{"class": {"system": ACT, "code": "AMB"}},
        type=[{"text": f"Treatment session {number}"}],
        subject=reference("Patient", whose),
        period=period,
        hospitalization={"dischargeDisposition": {"text": outcome}} if outcome else None,
    )


def administration(
    key: object,
    whose: object,
    session: object,
    *,
    product: str,
    route: str,
    mg: float,
    start: dt.datetime,
    end: dt.datetime | None,
) -> Json:
    """The dose of a session, of the base, in mg."""
    return _resource(
        "MedicationAdministration",
        key,
        status="completed" if end else "in-progress",
        medicationCodeableConcept={"text": product},
        subject=reference("Patient", whose),
        context=reference("Encounter", session),
        effectivePeriod={"start": moment(start)} | ({"end": moment(end)} if end else {}),
        dosage={
            "route": {"text": route},
            "dose": {"value": mg, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"},
        },
    )


def adverse_event(
    key: object, whose: object, *, term: str, grade: int, at: dt.datetime, action: str, session: object
) -> Json:
    """R4 has no grade: CTCAE 1 to 5 stands in the severity's text."""
    return _resource(
        "AdverseEvent",
        key,
        actuality="actual",
        event={"text": term},
        subject=reference("Patient", whose),
        encounter=reference("Encounter", session) if session else None,
        date=moment(at),
        severity={"text": f"CTCAE grade {grade}"},
        outcome={"text": action} if action else None,
    )


def order(
    key: object, whose: object, *, body: dict[str, Any], signed_by: str, at: dt.datetime, active: bool
) -> Json:
    text = ", ".join(
        f"{k} {v}"
        for k, v in sorted(body.items())
        if isinstance(v, str | int | float) and v not in ("", None)
    )
    return _resource(
        "MedicationRequest",
        key,
        status="active" if active else "stopped",
        intent="order",
        medicationCodeableConcept={"text": str(body.get("product", ""))},
        subject=reference("Patient", whose),
        authoredOn=moment(at),
        requester={"display": signed_by},
        dosageInstruction=[{"text": text}],
    )


def consent(key: object, whose: object, *, title: str, digest: str, at: dt.datetime, withdrawn: bool) -> Json:
    return _resource(
        "Consent",
        key,
        status="inactive" if withdrawn else "active",
        scope={
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]
        },
        category=[{"text": title}],
        patient=reference("Patient", whose),
        dateTime=moment(at),
        policyRule={"text": f"signed text, SHA-256 {digest}"},
    )


def appointment(
    key: object, whose: object, *, kind: str, status: str, start: dt.datetime, end: dt.datetime
) -> Json:
    words = {
        "booked": "booked",
        "arrived": "arrived",
        "in_chair": "checked-in",
        "left": "fulfilled",
        "no_show": "noshow",
    }
    return _resource(
        "Appointment",
        key,
        status=words.get(status, "cancelled"),
        description=kind,
        start=moment(start),
        end=moment(end),
        participant=[{"actor": reference("Patient", whose), "status": "accepted"}],
    )


def document(key: object, whose: object, *, title: str, kind: str, url: str, at: dt.datetime) -> Json:
    return _resource(
        "DocumentReference",
        key,
        status="current",
        type={"text": title},
        subject=reference("Patient", whose),
        date=moment(at),
        content=[
            {
                "attachment": {
                    "contentType": kind,
                    "url": url,
                }
            }
        ],
    )
