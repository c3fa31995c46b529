"""Which FHIR version a bundle speaks, by what only that version writes.

A bundle does not say its version. Source: the "differences" pages of FHIR R4 and R5 (hl7.org/fhir).
"""

from __future__ import annotations

from collections.abc import Iterable

from serein.fhir.elements import Json, mapping

ONLY_OLD = {
    "MedicationOrder": "DSTU2",
    "DiagnosticOrder": "DSTU2",
    "DeviceUseRequest": "DSTU2",
    "ProcedureRequest": "DSTU2 or STU3",
    "ReferralRequest": "DSTU2 or STU3",
    "EligibilityRequest": "DSTU2 or STU3",
    "DeviceComponent": "DSTU2 or STU3",
    "Sequence": "STU3",
}
ONLY_NEW = ("MedicationUsage", "NutritionIntake", "InventoryItem", "Transport", "FormularyItem")
_PROFILE_SIGNS = (
    ("/dstu2/", "DSTU2"),
    ("/stu3/", "STU3"),
    ("/r5/", "R5"),
    ("/5.0/", "R5"),
    ("/3.0/", "STU3"),
)
_VERSIONS = (("1.0", "DSTU2"), ("3.0", "STU3"), ("5.0", "R5"), ("6.0", "R6"))

# (resource, element) -> (type of its value in that version, version)
_SIGNS: dict[tuple[str, str], tuple[type | tuple[type, ...], str]] = {
    ("Condition", "clinicalStatus"): (str, "DSTU2 or STU3"),
    ("Condition", "verificationStatus"): (str, "DSTU2 or STU3"),
    ("Condition", "patient"): (dict, "DSTU2"),
    ("Condition", "assertedDate"): (str, "STU3"),
    ("Condition", "context"): (dict, "STU3"),
    ("AllergyIntolerance", "clinicalStatus"): (str, "STU3"),
    ("AllergyIntolerance", "verificationStatus"): (str, "STU3"),
    ("AllergyIntolerance", "assertedDate"): (str, "STU3"),
    ("AllergyIntolerance", "substance"): (dict, "DSTU2"),
    ("AllergyIntolerance", "type"): (dict, "R5"),
    ("Observation", "context"): (dict, "STU3"),
    ("Observation", "comment"): (str, "STU3"),
    ("Observation", "comments"): (str, "DSTU2"),
    ("MedicationRequest", "context"): (dict, "STU3"),
    ("MedicationRequest", "medication"): (dict, "R5"),
    ("MedicationStatement", "taken"): (str, "STU3"),
    ("MedicationStatement", "wasNotTaken"): (bool, "DSTU2"),
    ("MedicationStatement", "medication"): (dict, "R5"),
    ("Procedure", "notPerformed"): (bool, "DSTU2"),
    ("Procedure", "notDone"): (bool, "STU3"),
    ("Procedure", "occurrenceDateTime"): (str, "R5"),
    ("Procedure", "occurrencePeriod"): (dict, "R5"),
    ("Encounter", "class"): ((str, list), ""),
    ("Encounter", "actualPeriod"): (dict, "R5"),
    ("Encounter", "subjectStatus"): (dict, "R5"),
    ("Patient", "animal"): (dict, "DSTU2 or STU3"),
    ("Patient", "careProvider"): (list, "DSTU2"),
    ("Immunization", "date"): (str, "DSTU2 or STU3"),
}


def other_version(bundle: Json, resources: Iterable[Json]) -> str | None:
    """The name of the version, if it is not R4; None if nothing speaks against R4."""
    for one in (bundle, *resources):
        found = _declared(one) or _by_type(one) or _by_shape(one)
        if found:
            return found
    return None


def _declared(resource: Json) -> str | None:
    written = resource.get("fhirVersion") or mapping(resource.get("meta")).get("fhirVersion")
    if isinstance(written, str):
        for start, name in _VERSIONS:
            if written.startswith(start):
                return name
    profiles = mapping(resource.get("meta")).get("profile")
    for profile in profiles if isinstance(profiles, list) else ():
        for sign, name in _PROFILE_SIGNS:
            if isinstance(profile, str) and sign in profile.lower():
                return name
    return None


def _by_type(resource: Json) -> str | None:
    type_ = resource.get("resourceType")
    if not isinstance(type_, str):
        return None
    return ONLY_OLD.get(type_) or ("R5" if type_ in ONLY_NEW else None)


def _by_shape(resource: Json) -> str | None:
    type_ = resource.get("resourceType")
    for element, value in resource.items():
        sign = _SIGNS.get((type_, element)) if isinstance(type_, str) else None
        if sign and isinstance(value, sign[0]):
            return sign[1] or ("R5" if isinstance(value, list) else "DSTU2")
    return None
