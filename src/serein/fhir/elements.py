"""Elements of untyped JSON: each reader gives the element in its type, or an empty one. None of them raises.

A record is other people's data: any field may hold anything.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import msgspec

Json = dict[str, Any]

SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
}
TITLES = {"snomed": "SNOMED CT", "icd10cm": "ICD-10-CM", "loinc": "LOINC", "rxnorm": "RxNorm"}
LONGEST_TEXT = 120
"""Characters of a record's text that are kept; a line must stay a line."""


class Coding(msgspec.Struct, frozen=True):
    system: str
    """One of the systems that facts use, else the address as the record gives it."""
    code: str
    display: str


class Concept(msgspec.Struct, frozen=True):
    """A CodeableConcept: its codings, and its texts with the most telling first."""

    codings: tuple[Coding, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def display(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def main(self) -> Coding:
        """The coding to show: the first in a system that facts use, else the first."""
        known = [c for c in self.codings if c.system in TITLES]
        return (known or [*self.codings, Coding("", "", "")])[0]

    def __bool__(self) -> bool:
        return bool(self.codings or self.texts)

    @property
    def coded(self) -> str:
        """ "SNOMED CT 38341003"; empty without a code."""
        coding = self.main
        return f"{TITLES.get(coding.system, coding.system)} {coding.code}".strip() if coding.code else ""

    def __str__(self) -> str:
        named = self.display or "no words"
        return f"{named} ({self.coded})" if self.coded else named


def mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Json]:
    """The objects of a list; anything else in it is left out."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def type_name(value: Any) -> str:
    """What a JSON value is, in words."""
    for type_, name in ((dict, "an object"), (list, "a list"), (str, "text"), (bool, "true or false")):
        if isinstance(value, type_):
            return name
    return "nothing" if value is None else "a number"


def text(value: Any) -> str:
    """A string on one line, without control characters, cut to `LONGEST_TEXT`."""
    if not isinstance(value, str):
        return ""
    if value.isprintable() and len(value) <= LONGEST_TEXT and "  " not in value:
        return value.strip()
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def word(value: Any) -> str:
    """A code such as a status: a string without control characters, else empty."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return ""
    code = value.strip()
    return code if code.isprintable() else ""


def concept(value: Any) -> Concept:
    """A CodeableConcept."""
    raw = mapping(value)
    codings = tuple(coding(c) for c in items(raw.get("coding")))
    said = [c.display for c in codings] + [text(raw.get("text"))]
    return Concept(
        tuple(c for c in codings if c.code or c.display), tuple(dict.fromkeys(s for s in said if s))
    )


def coding(value: Json) -> Coding:
    system = text(value.get("system"))
    return Coding(SYSTEMS.get(system, system), text(value.get("code")), text(value.get("display")))


def coded_status(value: Any) -> str:
    """The code of a status that R4 writes as a CodeableConcept, such as Condition.clinicalStatus."""
    for one in items(mapping(value).get("coding")):
        if code := word(one.get("code")):
            return code
    return ""


_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def instant(value: Any) -> dt.datetime | None:
    """A FHIR date, dateTime or instant in UTC. A date, month or year is read as its first moment.

    None for anything else, a time without a zone included.
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        if _DATE.fullmatch(value):
            padded = value + "0000-01-01"[len(value) :]
            return dt.datetime.combine(dt.date.fromisoformat(padded), dt.time(), dt.UTC)
        moment = dt.datetime.fromisoformat(value)
        return moment.astimezone(dt.UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def whole_date(value: Any) -> dt.date | None:
    """A FHIR date with year, month and day."""
    if not isinstance(value, str) or len(value) != 10 or not _DATE.fullmatch(value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def first_instant(resource: Json, *names: str) -> dt.datetime | None:
    """The first of these elements that holds a time; of a period, its start."""
    for name in names:
        raw = resource.get(name)
        found = instant(raw.get("start")) if isinstance(raw, dict) else instant(raw)
        if found is not None:
            return found
    return None


def number(value: Any) -> float | None:
    """A finite JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer beyond any float
        return None


def day(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
