"""Patient -> identity, statements about the person, and whose resource a resource is."""

from __future__ import annotations

import datetime as dt

from serein.errors import Reason, Refusal, refuse
from serein.fhir.elements import Json, instant, items, mapping, text, whole_date, word
from serein.fhir.entry import Entry, statement
from serein.fhir.record import Identity, Name, Sex
from serein.knowledge.types import Knowledge
from serein.logic import Statement

_SEXES: dict[str, Sex] = {"female": "female", "male": "male", "other": "other"}
YEAR_D = 365.25


def read_identity(patient: Json) -> Identity:
    names = [_name(n) for n in items(patient.get("name"))]
    identifiers = ((text(i.get("system")), text(i.get("value"))) for i in items(patient.get("identifier")))
    return Identity(
        names=tuple(sorted((n for n in names if n.family or n.given), key=lambda n: n.use != "official")),
        birth_date=whole_date(patient.get("birthDate")),
        sex=_SEXES.get(word(patient.get("gender"))),
        identifiers=tuple(dict.fromkeys((s, v) for s, v in identifiers if v)),
        synthetic=_is_synthetic(patient),
    )


def _name(raw: Json) -> Name:
    given = raw.get("given")
    parts = tuple(text(g) for g in given if text(g)) if isinstance(given, list) else ()
    return Name(text(raw.get("family")), parts, word(raw.get("use")))


def _is_synthetic(patient: Json) -> bool:
    """Marked as test data, or numbered by a maker of synthetic patients."""
    meta = mapping(patient.get("meta"))
    labels = [*items(meta.get("security")), *items(meta.get("tag"))]
    if any(word(label.get("code")) == "HTEST" for label in labels):
        return True
    return any("synth" in text(i.get("system")).lower() for i in items(patient.get("identifier")))


def death(patient: Json) -> Refusal | None:
    if patient.get("deceasedBoolean") is True:
        return refuse(Reason.DECEASED, "The record", "deceased")
    when = patient.get("deceasedDateTime")
    return refuse(Reason.DECEASED, "The record", text(when)) if isinstance(when, str) else None


def implausible_age(
    patient: Json, identity: Identity, knowledge: Knowledge, at: dt.datetime
) -> Refusal | None:
    """A birth after `at`, or an age outside what the fact `age` calls plausible."""
    born = identity.birth_date or _part_of_a_date(patient.get("birthDate"))
    if born is None:
        return None
    if born > at.date():
        return refuse(Reason.IN_THE_FUTURE, "The date of birth", born.isoformat())
    age = knowledge.facts.get("age")
    if age is None or age.plausible is None:
        return None
    years = (at.date() - born).days / YEAR_D
    low, high = age.plausible
    if low <= years < high + 1:
        return None
    value = f"{int(years)} years, born {born.isoformat()}"
    return refuse(Reason.OUT_OF_RANGE, "The age", value, low=f"{low:g}", high=f"{high:g} years")


def _part_of_a_date(value: object) -> dt.date | None:
    moment = instant(value)
    return moment.date() if moment else None


def person_statements(
    entry: Entry, identity: Identity, knowledge: Knowledge, at: dt.datetime
) -> tuple[Statement, ...]:
    """Birth date and sex, where the knowledge has these facts and the record states them in full."""
    found = []
    if identity.birth_date and "birth_date" in knowledge.facts:
        born = identity.birth_date.isoformat()
        found.append(statement(entry, "birth_date", born, at, f"born {born} (record)"))
    if identity.sex and "sex" in knowledge.facts:
        found.append(statement(entry, "sex", identity.sex, at, f"sex {identity.sex} (record)"))
    return tuple(found)


def person_left(patient: Json, identity: Identity) -> tuple[str, ...]:
    """Lines about what the Patient resource does not state in full."""
    left = []
    if identity.birth_date is None:
        said = text(patient.get("birthDate"))
        left.append(f"Date of birth {said or 'not recorded'}: no full date")
    if identity.sex is None:
        left.append(f"Sex {text(patient.get('gender')) or 'not recorded'}: not stated")
    return tuple(left)


def references_to(patient: Json, full_url: str) -> frozenset[str]:
    """Every way in which the bundle may refer to its patient, without what stands before "Patient/"."""
    id_ = word(patient.get("id"))
    own = {full_url, f"Patient/{id_}" if id_ else "", f"urn:uuid:{id_}" if id_ else ""}
    if "Patient/" in full_url:
        own.add(full_url[full_url.rindex("Patient/") :])
    for identifier in items(patient.get("identifier")):
        system, value = word(identifier.get("system")), word(identifier.get("value"))
        own |= {f"Patient?identifier={system}|{value}"} if system and value else set()
    return frozenset(own - {""})


def whose(resource: Json, own: frozenset[str], identity: Identity) -> str | None:
    """ "own", "other", or None where the resource does not say."""
    subject = mapping(resource.get("subject") or resource.get("patient"))
    reference = word(subject.get("reference"))
    if not reference:
        identifier = mapping(subject.get("identifier"))
        pair = (text(identifier.get("system")), text(identifier.get("value")))
        if not pair[1]:
            return None
        return "own" if pair in identity.identifiers else "other"
    reference = reference.split("/_history/")[0]
    if reference in own or ("Patient/" in reference and reference[reference.rindex("Patient/") :] in own):
        return "own"
    return "other" if "Patient" in reference or reference.startswith("urn:") else None
