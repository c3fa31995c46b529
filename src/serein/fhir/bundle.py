"""A file -> one patient's record, read, or the refusal that says why not. Nothing is read in part."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.fhir.allergies import read_allergy
from serein.fhir.conditions import read_condition
from serein.fhir.elements import Json, first_instant, instant, items, mapping, word
from serein.fhir.entry import Entry, Read, Reader
from serein.fhir.index import Index
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
from serein.fhir.procedures import read_procedure
from serein.fhir.record import Allergy, Identity, Imported, Medicine, Problem
from serein.fhir.same_person import differences
from serein.fhir.version import other_version
from serein.knowledge.types import Knowledge
from serein.logic import Statement

LIMIT_BYTES = 20_000_000
"""A record of a long life is about 1 MB; what is far larger is another thing, or an attack."""

READERS: dict[str, Callable[[Entry, Reader], Read]] = {
    "Condition": read_condition,
    "MedicationRequest": read_medicine,
    "MedicationStatement": read_medicine,
    "AllergyIntolerance": read_allergy,
    "Observation": read_observation,
    "Procedure": read_procedure,
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
    entries = _entries(bundle)
    refusal = _not_r4(bundle, [e.resource for e in entries])
    if refusal is not None:
        return refusal
    patients = [e for e in entries if e.type == "Patient"]
    if len(patients) != 1:
        reason = Reason.SEVERAL_PATIENTS if patients else Reason.NO_PATIENT
        return refuse(reason, "The bundle", len(patients))
    return _read(entries, patients[0], knowledge, at, expected, hashlib.sha256(data).hexdigest())


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


def _entries(bundle: Json) -> list[Entry]:
    """The bundle's resources, each with an id of its own; an exact repetition is left out."""
    found: dict[str, Entry] = {}
    for place, raw in enumerate(items(bundle.get("entry")), start=1):
        resource, type_ = mapping(raw.get("resource")), word(mapping(raw.get("resource")).get("resourceType"))
        if word(mapping(raw.get("request")).get("method")) == "DELETE":
            type_ = "deletion"
        full_url = word(raw.get("fullUrl"))
        tail = full_url.rsplit("/", 1)[-1].removeprefix("urn:uuid:")
        id_ = f"{type_ or 'entry'}/{word(resource.get('id')) or tail or place}"
        if type_ != "Patient" and id_ in found and found[id_].resource == resource:
            continue
        if id_ in found:
            id_ = f"{id_}.{place}"
        found[id_] = Entry(type_, id_, resource, full_url)
    return list(found.values())


def _read(
    entries: Sequence[Entry],
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
    reader = Reader(Index(knowledge), last_entry or now, at, _medications(entries))
    own = references_to(patient.resource, patient.full_url)
    reads = [_read_entry(e, reader, own, identity) for e in entries if e.type not in NOT_CLINICAL]
    statements = [
        *person_statements(patient, identity, knowledge, reader.claimed_at),
        *(s for r in reads for s in r.statements),
    ]
    charted = [r.charted for r in reads if r.charted is not None]
    left = [*person_left(patient.resource, identity), *(line for r in reads for line in r.left)]
    return Imported(
        identity=identity,
        statements=_with_own_ids(statements),
        problems=tuple(c for c in charted if isinstance(c, Problem)),
        medicines=tuple(c for c in charted if isinstance(c, Medicine)),
        allergies=tuple(c for c in charted if isinstance(c, Allergy)),
        last_entry=last_entry,
        not_understood=_counted(left),
        understood=sum(r.understood for r in reads),
        sha256=sha256,
    )


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
        return Read(left=(f"{entry.type or 'An entry with no resource'}: not read",))
    if whose(entry.resource, own, identity) is None:
        return Read(left=(f"{entry.type}: does not say whose it is",))
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


def _counted(lines: Iterable[str]) -> tuple[str, ...]:
    """Each line once, with how often, in alphabetical order."""
    counts = Counter(lines)
    return tuple(f"{line} (×{n})" if n > 1 else line for line, n in sorted(counts.items()))
