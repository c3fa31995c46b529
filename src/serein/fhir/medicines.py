"""MedicationRequest and MedicationStatement -> statements and a medicine.

The ingredient's name inside the display text comes first ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG
Oral Tablet"), the RxNorm code second: records carry product codes, and there are very many.
"""

from __future__ import annotations

from serein.fhir.answer import Claim, Standing
from serein.fhir.elements import Concept, Json, concept, first_instant, items, mapping, text, word
from serein.fhir.entry import Entry, Read, Reader, claims, described, not_used
from serein.fhir.record import Medicine
from serein.fhir.wording import Wording

PAST = ("stopped", "completed", "cancelled")
NOT_TAKEN = ("entered-in-error", "draft", "not-taken", "intended")
PLANS = ("proposal", "plan", "option")
_STARTS = ("authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted")


def read_medicine(entry: Entry, reader: Reader) -> Read:
    """A medicine ordered or stated. Only an active one is taken now; one on hold raises the question."""
    raw = entry.resource
    what, status = _medicine(raw, reader), word(raw.get("status"))
    line = f"{what or f'{entry.type} with no code'}, {status or 'no status'}"
    start = first_instant(raw, *_STARTS)
    medicine = Medicine(entry.id, what.display, what.main.system, what.main.code, status, start, None)
    if raw.get("doNotPerform") is True:
        return not_used(f"{line}: an order not to give it")
    if status in NOT_TAKEN or word(raw.get("intent")) in PLANS:
        return not_used(f"{line}: not taken" if status not in NOT_TAKEN else line)
    if not what:
        return not_used(line)
    if reader.is_future(start):
        return not_used(f"{described(what, status, start, None)}: dated in the future")
    hits = reader.find(what, "medicine")
    if not hits:
        return not_used(line, medicine)
    claim = Claim(Wording.PLAIN, _standing(status), "on hold" if status == "on-hold" else "")
    at = reader.claimed_at
    if claim.standing == "past" and start is not None:
        at = min(start, at)
    found = claims(entry, hits, claim, at=at, began=start, because=described(what, status, start, None))
    return Read(found, medicine, understood=True)


def _standing(status: str) -> Standing:
    if status in ("active", "on-hold"):
        return "current"
    return "past" if status in PAST else "unclear"


def _medicine(raw: Json, reader: Reader) -> Concept:
    """What is given: named in place, contained, or in a Medication of the same bundle with its ingredients."""
    if "medicationCodeableConcept" in raw:
        return concept(raw.get("medicationCodeableConcept"))
    reference = mapping(raw.get("medicationReference"))
    name = text(reference.get("reference")).split("/_history/")[0]
    for inside in items(raw.get("contained")):
        if name and name == f"#{inside.get('id')}":
            return _with_ingredients(inside)
    relative = name[name.rindex("Medication/") :] if "Medication/" in name else name
    for known in (name, relative):
        if known in reader.medications:
            return _with_ingredients(reader.medications[known])
    said = text(reference.get("display"))
    return Concept((), (said,)) if said else Concept()


def _with_ingredients(medication: Json) -> Concept:
    what = concept(medication.get("code"))
    parts = [concept(i.get("itemCodeableConcept")) for i in items(medication.get("ingredient"))]
    return Concept(
        what.codings + tuple(c for p in parts for c in p.codings),
        tuple(dict.fromkeys(what.texts + tuple(t for p in parts for t in p.texts))),
    )
