"""A file -> one patient's record, read, or the refusal that says why not. Nothing is read in part."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.fhir.account import coded_in, codes, counts, kind_of, lines
from serein.fhir.allergies import read_allergy
from serein.fhir.conditions import read_condition
from serein.fhir.elements import Json, first_instant, instant, items, mapping, type_name, word
from serein.fhir.entry import Entry, Read, Reader, not_used
from serein.fhir.index import index_of
from serein.fhir.medicines import read_medicine
from serein.fhir.observations import read_observation
from serein.fhir.patient import (
    death,
    implausible_age,
    person_left,
    person_statements,
    read_identity,
    references_to,
    whose,
)
from serein.fhir.procedures import read_device, read_procedure
from serein.fhir.record import Allergy, Identity, Imported, Medicine, Problem
from serein.fhir.same_person import differences
from serein.fhir.version import other_version
from serein.knowledge.types import Knowledge
from serein.logic import Statement, suggested

LIMIT_BYTES = 20_000_000
"""A record of a long life is about 1 MB; what is far larger is another thing, or an attack."""

READERS: dict[str, Callable[[Entry, Reader], Read]] = {
    "Condition": read_condition,
    "MedicationRequest": read_medicine,
    "MedicationStatement": read_medicine,
    "AllergyIntolerance": read_allergy,
    "Observation": read_observation,
    "Procedure": read_procedure,
    "Device": read_device,
}
DATES: dict[str, tuple[str, ...]] = {
    "Condition": ("recordedDate", "onsetDateTime", "onsetPeriod", "abatementDateTime"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("dateAsserted", "effectiveDateTime", "effectivePeriod"),
    "AllergyIntolerance": ("recordedDate", "onsetDateTime", "lastOccurrence"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "Encounter": ("period",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "ImagingStudy": ("started",),
    "CarePlan": ("period",),
}
"""When something was done or noted. Bills are left out: they run on after the care."""
SHAPES: dict[str, type] = {
    "code": dict,
    "subject": dict,
    "patient": dict,
    "clinicalStatus": dict,
    "verificationStatus": dict,
    "medicationCodeableConcept": dict,
    "medicationReference": dict,
    "valueQuantity": dict,
    "valueCodeableConcept": dict,
    "component": list,
    "reaction": list,
    "contained": list,
}
"""How R4 builds the elements that are read. An entry with another shape is listed by its path and not used."""
NOT_CLINICAL = frozenset(
    {"Patient", "Medication", "Organization", "Practitioner", "PractitionerRole", "Location"}
    | {"Encounter", "Claim", "ExplanationOfBenefit", "Coverage", "Provenance"}
)
"""Who, where and what it cost: nothing that a rule could miss."""


def read_bundle(
    data: bytes,
    knowledge: Knowledge,
    *,
    at: dt.datetime | None = None,
    expected: Identity | None = None,
    limit_bytes: int = LIMIT_BYTES,
) -> Imported | Refusal:
    """Read a FHIR R4 transaction or collection bundle of one living patient.

    data: the file. at: the instant asked about, with a time zone; what is dated after it is listed and not used
    (None: nothing counts as future, for a caller who asks about the record's own end). expected: whose record it
    must be. Never raises for anything in `data`.
    """
    bundle = _decoded(data, limit_bytes)
    if isinstance(bundle, Refusal):
        return bundle
    refusal = _malformed(bundle)
    if refusal is not None:
        return refusal
    entries, repeated = _entries(bundle)
    refusal = _not_r4(bundle, [e.resource for e in entries])
    if refusal is not None:
        return refusal
    patients = [e for e in entries if e.type == "Patient"]
    if len(patients) != 1:
        reason = Reason.SEVERAL_PATIENTS if patients else Reason.NO_PATIENT
        return refuse(reason, "The bundle", len(patients))
    return _read(entries, repeated, patients[0], knowledge, at, expected, hashlib.sha256(data).hexdigest())


def _decoded(data: bytes, limit_bytes: int) -> Json | Refusal:
    if len(data) > limit_bytes:
        return refuse(
            Reason.TOO_LARGE, "The file", f"{len(data) / 1e6:.1f} MB", limit=f"{limit_bytes / 1e6:.0f} MB"
        )
    body = data.removeprefix(b"\xef\xbb\xbf")
    if body.lstrip()[:1] == b"<":
        return refuse(Reason.NOT_FHIR, "The file", "XML")
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return refuse(Reason.NOT_JSON, "The file", error)
    if not isinstance(decoded, dict) or decoded.get("resourceType") != "Bundle":
        return refuse(Reason.NOT_FHIR, "The file", _kind(decoded))
    return decoded


def _kind(decoded: object) -> str:
    named = word(mapping(decoded).get("resourceType"))
    return f"a {named} alone" if named else "JSON of another kind"


def _not_r4(bundle: Json, resources: Sequence[Json]) -> Refusal | None:
    version = other_version(bundle, resources)
    if version:
        return refuse(Reason.WRONG_FHIR_VERSION, "The bundle", version)
    type_ = word(bundle.get("type"))
    if type_ not in ("transaction", "collection"):
        return refuse(Reason.WRONG_BUNDLE_TYPE, "The file", type_ or "that is not stated")
    return None


def _malformed(bundle: Json) -> Refusal | None:
    """What is not built as a bundle's entries are, by its path. An entry that deletes has no resource."""
    raw = bundle.get("entry", [])
    if not isinstance(raw, list):
        return refuse(Reason.MALFORMED, "Bundle.entry", type_name(raw), expected="a list")
    for place, entry in enumerate(raw):
        path = f"Bundle.entry[{place}]"
        if not isinstance(entry, dict):
            return refuse(Reason.MALFORMED, path, type_name(entry), expected="an object")
        if _deletes(entry) and "resource" not in entry:
            continue
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            return refuse(Reason.MALFORMED, f"{path}.resource", type_name(resource), expected="an object")
        if not word(resource.get("resourceType")):
            kind = type_name(resource.get("resourceType"))
            return refuse(
                Reason.MALFORMED, f"{path}.resource.resourceType", kind, expected="a resource's name"
            )
    return None


def _deletes(raw: Json) -> bool:
    return word(mapping(raw.get("request")).get("method")) == "DELETE"


def _entries(bundle: Json) -> tuple[list[Entry], Counter[str]]:
    """The bundle's resources, each with an id of its own, and how many exact repetitions were left out, by kind."""
    found: dict[str, Entry] = {}
    repeated: Counter[str] = Counter()
    for place, raw in enumerate(items(bundle.get("entry"))):
        resource = mapping(raw.get("resource"))
        type_ = "Deletion" if _deletes(raw) else word(resource.get("resourceType"))
        full_url = word(raw.get("fullUrl"))
        tail = full_url.rsplit("/", 1)[-1].removeprefix("urn:uuid:")
        id_ = f"{type_}/{word(resource.get('id')) or tail or place + 1}"
        if type_ not in ("Patient", "Deletion") and id_ in found and found[id_].resource == resource:
            repeated[kind_of(type_)] += 1
            continue
        if id_ in found:
            id_ = f"{id_}.{place + 1}"
        found[id_] = Entry(type_, id_, resource, full_url, f"Bundle.entry[{place}].resource")
    return list(found.values()), repeated


def _read(
    entries: Sequence[Entry],
    repeated: Counter[str],
    patient: Entry,
    knowledge: Knowledge,
    at: dt.datetime | None,
    expected: Identity | None,
    sha256: str,
) -> Imported | Refusal:
    identity = read_identity(patient.resource)
    last_entry = _last_entry(entries, at)
    now = at or last_entry
    if now is None:
        return refuse(Reason.MISSING, "The date of the record's last entry")
    refusal = (
        death(patient.resource)
        or implausible_age(patient.resource, identity, knowledge, now)
        or _other_person(identity, expected)
        or _other_subject(entries, patient, identity)
    )
    if refusal is not None:
        return refusal
    reader = Reader(index_of(knowledge), last_entry or now, at, _medications(entries))
    own = references_to(patient.resource, patient.full_url)
    reads = [(e, _read_entry(e, reader, own, identity)) for e in entries if e.type not in NOT_CLINICAL]
    statements = [
        *person_statements(patient, identity, knowledge, reader.claimed_at),
        *(s for _, r in reads for s in r.statements),
    ]
    statements += _suggestions(statements, knowledge)
    charted = [r.charted for _, r in reads if r.charted is not None]
    left = [("Patient", line) for line in person_left(patient.resource, identity)]
    left += [(kind_of(e.type), line) for e, r in reads for line in r.left]
    aside = repeated + Counter(kind_of(e.type) for e in entries if e.type in NOT_CLINICAL)
    return Imported(
        identity=identity,
        statements=_with_own_ids(statements),
        problems=tuple(c for c in charted if isinstance(c, Problem)),
        medicines=tuple(c for c in charted if isinstance(c, Medicine)),
        allergies=tuple(c for c in charted if isinstance(c, Allergy)),
        last_entry=last_entry,
        not_understood=lines(left),
        understood=sum(r.understood for _, r in reads),
        counts=counts(reads, aside),
        codes=codes(reads),
        sha256=sha256,
    )


def _suggestions(statements: Sequence[Statement], knowledge: Knowledge) -> list[Statement]:
    """The questions that the record's measurements raise, as of the latest measurement behind each."""
    found = []
    for suggestion in knowledge.suggestions.values():
        behind = suggested(suggestion, statements)
        if not behind:
            continue
        days = len({s.at.date() for s in behind})
        since = f", on {days} days since {behind[-1].at:%Y-%m-%d}" if days > 1 else ""
        because = f"{suggestion.note}: {behind[0].because}{since}: unknown"
        id_ = behind[0].id.split("#")[0]
        found += [Statement(k, None, behind[0].at, "record", because, f"{id_}#{k}") for k in suggestion.asks]
    return found


def _last_entry(entries: Sequence[Entry], at: dt.datetime | None) -> dt.datetime | None:
    """The last moment, not after `at`, at which something was done or noted."""
    moments: set[dt.datetime] = set()
    for entry in entries:
        for name in DATES.get(entry.type, ()):
            moment = first_instant(entry.resource, name)
            moments |= {moment} if moment else set()
        if entry.type == "Encounter" and word(entry.resource.get("status")) == "finished":
            end = instant(mapping(entry.resource.get("period")).get("end"))
            moments |= {end} if end else set()
    return max((m for m in moments if at is None or m <= at), default=None)


def _other_person(identity: Identity, expected: Identity | None) -> Refusal | None:
    against = differences(identity, expected) if expected is not None else ()
    return refuse(Reason.OTHER_PATIENT, "The record", "; ".join(against)) if against else None


def _other_subject(entries: Sequence[Entry], patient: Entry, identity: Identity) -> Refusal | None:
    """One entry about somebody else is enough: nobody can tell what else got mixed."""
    own = references_to(patient.resource, patient.full_url)
    for entry in entries:
        if entry.type in READERS and whose(entry.resource, own, identity) == "other":
            return refuse(Reason.OTHER_PATIENT, f"The entry {entry.id}", "its subject is not the patient")
    return None


def _read_entry(entry: Entry, reader: Reader, own: frozenset[str], identity: Identity) -> Read:
    read = READERS.get(entry.type)
    if read is None:
        return not_used(f"{coded_in(entry) or 'no code'}: this kind of entry is not read")
    for name, shape in SHAPES.items():
        value = entry.resource.get(name)
        if value is not None and not isinstance(value, shape):
            wanted = "a list" if shape is list else "an object"
            return not_used(
                f"{coded_in(entry) or 'no code'}: {entry.path}.{name} is {type_name(value)}, not {wanted}"
            )
    if whose(entry.resource, own, identity) is None:
        return not_used("does not say whose it is")
    return read(entry, reader)


def _medications(entries: Iterable[Entry]) -> dict[str, Json]:
    """Medication resources by every name under which an order may refer to them."""
    found: dict[str, Json] = {}
    for entry in entries:
        if entry.type == "Medication":
            id_ = word(entry.resource.get("id"))
            names = {entry.full_url, *((f"Medication/{id_}", f"urn:uuid:{id_}") if id_ else ())} - {""}
            found |= dict.fromkeys(names, entry.resource)
    return found


def _with_own_ids(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Two components of one entry may state one fact: the second one's id gets a number."""
    seen: Counter[str] = Counter()
    found = []
    for one in statements:
        seen[one.id] += 1
        again = seen[one.id]
        found.append(one if again == 1 else msgspec.structs.replace(one, id=f"{one.id}.{again}"))
    return tuple(found)
