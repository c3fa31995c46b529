"""What became of every entry: nothing is dropped silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from serein.fhir.conditions import CURRENT
from serein.fhir.elements import Concept, coded_status, concept, items, word
from serein.fhir.entry import Entry, Read
from serein.fhir.observations import FINAL
from serein.fhir.procedures import DONE
from serein.fhir.record import Coded, Count

KINDS = {
    "AllergyIntolerance": "Allergy",
    "MedicationRequest": "Medicine",
    "MedicationStatement": "Medicine",
}
"""Words that people use for resources; the others go by their own name."""
ACTIVE: Mapping[str, Sequence[str]] = {
    "Condition": CURRENT,
    "AllergyIntolerance": ("active", ""),
    "MedicationRequest": ("active",),
    "MedicationStatement": ("active",),
    "Observation": FINAL,
    "Procedure": DONE,
    "Device": ("active",),
}
_DENIED = ("refuted", "entered-in-error")


def kind_of(type_: str) -> str:
    return KINDS.get(type_, type_)


def coded_in(entry: Entry) -> Concept:
    """What the entry is about, in the element that its resource has for it."""
    raw = entry.resource
    for name in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        if what := concept(raw.get(name)):
            return what
    for name in ("category", "description", "condition"):
        value = raw.get(name)
        if what := concept(items(value)[-1] if items(value) else value):
            return what
    return Concept()


def counts(reads: Iterable[tuple[Entry, Read]], set_aside: Mapping[str, int]) -> tuple[Count, ...]:
    """One count a kind. `set_aside` are entries that were not read on purpose, by kind."""
    understood: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    for entry, read in reads:
        (understood if read.understood else listed)[kind_of(entry.type)] += 1
    found = []
    for kind in sorted({*understood, *listed, *set_aside}):
        each = (understood[kind], listed[kind], set_aside.get(kind, 0))
        found.append(Count(kind, sum(each), *each))
    return tuple(found)


def codes(reads: Iterable[tuple[Entry, Read]]) -> tuple[Coded, ...]:
    """Every distinct code with its display, in order of kind, system and code."""
    found: dict[tuple[str, str, str, str], tuple[int, bool, bool]] = {}
    for entry, read in reads:
        if entry.type not in ACTIVE:
            continue
        for coding in coded_in(entry).codings:
            key = (kind_of(entry.type), coding.system, coding.code, coding.display)
            times, active, understood = found.get(key, (0, False, False))
            found[key] = (times + 1, active or _is_active(entry), understood or read.understood)
    return tuple(Coded(*key, *found[key]) for key in sorted(found))


def _is_active(entry: Entry) -> bool:
    raw = entry.resource
    if coded_status(raw.get("verificationStatus")) in _DENIED:
        return False
    status = coded_status(raw.get("clinicalStatus")) or word(raw.get("status"))
    return status in ACTIVE[entry.type]


def lines(left: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Each line once under its kind, with how often, in alphabetical order: so they stand by kind."""
    counted = Counter(f"{kind}: {line}" for kind, line in left)
    return tuple(f"{line} (×{n})" if n > 1 else line for line, n in sorted(counted.items()))
