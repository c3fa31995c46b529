"""Files that are refused: whole, with a reason, and never with an exception."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from serein.errors import Reason, Refusal
from serein.fhir import Identity, Imported, Name, read_bundle
from tests import bundles as b
from tests.knowledge_pack import small_pack

AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SMALL = small_pack()


def refused(data: bytes | dict[str, Any], **more: Any) -> Refusal:
    given = data if isinstance(data, bytes) else b.as_bytes(data)
    result = read_bundle(given, SMALL, at=more.pop("at", AT), **more)
    assert isinstance(result, Refusal)
    assert str(result)
    return result


def accepted(data: bytes | dict[str, Any], **more: Any) -> Imported:
    given = data if isinstance(data, bytes) else b.as_bytes(data)
    result = read_bundle(given, SMALL, at=AT, **more)
    assert isinstance(result, Imported), result
    return result


def test_a_file_that_is_cut_off_is_refused_as_incomplete_json() -> None:
    whole = b.as_bytes(b.bundle())
    assert refused(whole[:-40]).reason is Reason.NOT_JSON
    assert refused(b"").reason is Reason.NOT_JSON
    assert refused(b"\xff\xfe\x00").reason is Reason.NOT_JSON


def test_json_nested_without_end_is_refused() -> None:
    assert refused(b"[" * 200_000).reason is Reason.NOT_JSON


def test_not_a_number_is_not_json() -> None:
    whole = b.as_bytes(b.bundle(b.observation("29463-7", "Body Weight", 70.25, "kg")))
    assert refused(whole.replace(b"70.25", b"NaN")).reason is Reason.NOT_JSON


def test_xml_is_refused_as_xml() -> None:
    refusal = refused(b'\n<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/></Bundle>')
    assert (refusal.reason, refusal.value) == (Reason.NOT_FHIR, "XML")


@pytest.mark.parametrize("data", [b"[]", b"1", b'{"a": 1}', b'"text"', b"null"])
def test_json_that_is_no_bundle_is_refused(data: bytes) -> None:
    assert refused(data).reason is Reason.NOT_FHIR


def test_a_patient_alone_is_refused_by_its_name() -> None:
    refusal = refused(b.patient())
    assert (refusal.reason, refusal.value) == (Reason.NOT_FHIR, "a Patient alone")


@pytest.mark.parametrize("type_", ["searchset", "document", "message", "batch", "history", ""])
def test_a_bundle_of_another_type_is_refused(type_: str) -> None:
    assert refused(b.bundle() | {"type": type_}).reason is Reason.WRONG_BUNDLE_TYPE


def test_a_collection_is_read_like_a_transaction() -> None:
    resources = (b.condition("38341003", "Hypertension"),)
    as_collection = accepted(b.bundle(*resources, type_="collection"))
    assert as_collection.statements == accepted(b.bundle(*resources)).statements


OTHER_VERSIONS = {
    "a condition's status is a word": (b.condition("1", "x") | {"clinicalStatus": "active"}, "STU3"),
    "an allergy's status is a word": (b.allergy("1", "x") | {"clinicalStatus": "active"}, "STU3"),
    "an order names its context": (b.medication_request("1", "x", context=b.subject()), "STU3"),
    "a condition has a patient": (b.condition("1", "x", patient=b.subject()), "DSTU2"),
    "a medication order": ({"resourceType": "MedicationOrder", "status": "active"}, "DSTU2"),
    "an encounter's class is a word": (b.encounter(2) | {"class": "ambulatory"}, "DSTU2"),
    "an order has a medication concept": (
        b.medication_request("1", "x", medication={"concept": b.concept(b.RXNORM, "1", "x")}),
        "R5",
    ),
    "an encounter has classes": (b.encounter(2) | {"class": [b.concept("s", "AMB", "x")]}, "R5"),
    "an encounter's period is actual": (b.encounter(2) | {"actualPeriod": {"start": b.START}}, "R5"),
    "a profile of another version": (
        b.condition("1", "x", meta={"profile": ["http://hl7.org/fhir/STU3/condition.html"]}),
        "STU3",
    ),
}


@pytest.mark.parametrize("sign", OTHER_VERSIONS)
def test_a_bundle_of_another_fhir_version_is_refused(sign: str) -> None:
    resource, version = OTHER_VERSIONS[sign]
    refusal = refused(b.bundle(resource))
    assert refusal.reason is Reason.WRONG_FHIR_VERSION
    assert version in refusal.value


def test_no_sign_of_another_version_is_seen_in_r4() -> None:
    assert accepted(b.long_record(20_000)).understood > 0


def test_a_bundle_without_a_patient_is_refused() -> None:
    empty = b.bundle()
    empty["entry"] = [e for e in empty["entry"] if e["resource"]["resourceType"] != "Patient"]
    assert refused(empty).reason is Reason.NO_PATIENT
    assert refused({"resourceType": "Bundle", "type": "collection"}).reason is Reason.NO_PATIENT


def test_a_bundle_of_two_patients_is_refused() -> None:
    refusal = refused(b.bundle(b.patient(2)))
    assert (refusal.reason, refusal.value) == (Reason.SEVERAL_PATIENTS, "2")


def test_the_same_patient_twice_is_still_two() -> None:
    assert refused(b.bundle(b.patient())).reason is Reason.SEVERAL_PATIENTS


@pytest.mark.parametrize("said", [{"deceasedBoolean": True}, {"deceasedDateTime": "2020-01-01"}])
def test_a_deceased_patient_is_refused(said: dict[str, Any]) -> None:
    assert refused(b.bundle(person=b.patient(**said))).reason is Reason.DECEASED


def test_a_patient_said_to_be_alive_is_read() -> None:
    assert accepted(b.bundle(person=b.patient(deceasedBoolean=False))).identity.birth_date


def test_a_file_above_the_limit_is_refused_unread() -> None:
    refusal = refused(b"x" * 50_000_000)
    assert (refusal.reason, refusal.value) == (Reason.TOO_LARGE, "50.0 MB")
    assert refused(b.bundle(), limit_bytes=100).reason is Reason.TOO_LARGE


def test_a_birth_in_the_future_is_refused() -> None:
    assert refused(b.bundle(person=b.patient(born="2027-01-01"))).reason is Reason.IN_THE_FUTURE


@pytest.mark.parametrize(("born", "fine"), [("1816-01-01", False), ("1816", False), ("1913-01-13", True)])
def test_an_age_of_210_is_refused_and_one_of_113_is_not(born: str, fine: bool) -> None:
    record = b.bundle(person=b.patient(born=born))
    if fine:
        assert accepted(record).identity.birth_date == dt.date(1913, 1, 13)
    else:
        refusal = refused(record)
        assert refusal.reason is Reason.OUT_OF_RANGE
        assert "210 years" in refusal.value


def test_an_entry_about_somebody_else_refuses_the_whole_bundle() -> None:
    stray = b.condition("38341003", "Hypertension") | {"subject": b.subject(2)}
    refusal = refused(b.bundle(stray))
    assert refusal.reason is Reason.OTHER_PATIENT
    assert stray["id"] in refusal.field


def test_every_way_to_name_the_bundles_own_patient_is_understood() -> None:
    own = b.patient()
    number = own["identifier"][1]
    for reference in (
        {"reference": f"Patient/{own['id']}"},
        {"reference": f"https://example.org/fhir/Patient/{own['id']}"},
        {"reference": f"Patient/{own['id']}/_history/3"},
        {"reference": f"Patient?identifier={number['system']}|{number['value']}"},
        {"identifier": {"system": number["system"], "value": number["value"]}},
    ):
        found = accepted(b.bundle(b.condition("38341003", "Hypertension") | {"subject": reference}))
        assert [s.fact for s in found.statements if s.fact == "hypertension"] == ["hypertension"], reference


def test_somebody_elses_bundle_is_refused_when_it_is_known_whose_it_must_be() -> None:
    expected = Identity(
        names=(Name("Synthetic2", ("Synthetic",)),),
        birth_date=dt.date(1985, 4, 17),
        identifiers=(("http://hospital.example.org", "SYNTH-000002"),),
    )
    assert refused(b.bundle(), expected=expected).reason is Reason.OTHER_PATIENT


@pytest.mark.parametrize(
    "expected",
    [
        Identity(identifiers=(("http://hospital.example.org", "SYNTH-000001"),)),
        Identity((Name("SYNTHETIC1", ("synthetic",)),), dt.date(1985, 4, 17)),
    ],
    ids=["the same number", "the same name and birth date"],
)
def test_the_expected_persons_bundle_is_read(expected: Identity) -> None:
    assert accepted(b.bundle(), expected=expected).identity.birth_date == dt.date(1985, 4, 17)


@pytest.mark.parametrize(
    "expected",
    [
        Identity(
            birth_date=dt.date(1985, 4, 18), identifiers=(("urn:oid:2.16.840.1.113883.4.3.25", "S00000001"),)
        ),
        Identity((Name("Synthetic1", ("Synthetic",)),)),
        Identity((Name("Another", ("Synthetic",)),), dt.date(1985, 4, 17)),
    ],
    ids=["another birth date", "nothing to compare", "another family name"],
)
def test_a_bundle_that_may_be_somebody_elses_is_refused(expected: Identity) -> None:
    assert refused(b.bundle(), expected=expected).reason is Reason.OTHER_PATIENT


def test_without_any_date_the_records_end_cannot_be_known() -> None:
    undated = b.bundle()
    undated["entry"] = undated["entry"][:1]
    assert refused(undated, at=None).reason is Reason.MISSING


def test_a_byte_order_mark_changes_nothing_but_the_hash() -> None:
    plain = b.as_bytes(b.bundle())
    marked = accepted(b"\xef\xbb\xbf" + plain)
    assert marked.statements == accepted(plain).statements
    assert marked.sha256 != accepted(plain).sha256


def test_the_same_file_read_twice_is_the_same_import() -> None:
    data = json.dumps(b.long_record(20_000)).encode()
    assert accepted(data) == accepted(data)
