"""AllergyIntolerance -> statements and an allergy."""

from __future__ import annotations

from serein.fhir.answer import Claim, Standing
from serein.fhir.conditions import DOUBTS
from serein.fhir.elements import Concept, coded_status, concept, first_instant, items
from serein.fhir.entry import Entry, Read, Reader, claims, described, not_used
from serein.fhir.record import Allergy
from serein.fhir.wording import wording

_STANDING: dict[str, Standing] = {"active": "current", "inactive": "past", "resolved": "past"}


def read_allergy(entry: Entry, reader: Reader) -> Read:
    """An allergy or intolerance; the substances of its reactions count like its own code."""
    raw = entry.resource
    what, status = concept(raw.get("code")), coded_status(raw.get("clinicalStatus"))
    verified = coded_status(raw.get("verificationStatus"))
    onset = first_instant(raw, "onsetDateTime", "onsetPeriod", "recordedDate")
    line = f"{what or 'AllergyIntolerance with no code'}, {status or 'no status'}"
    if verified in ("refuted", "entered-in-error"):
        return not_used(f"{what or 'AllergyIntolerance with no code'}, {verified}")
    if not what:
        return not_used(line)
    if reader.is_future(onset):
        return not_used(f"{described(what, status, onset, None)}: dated in the future")
    allergy = Allergy(entry.id, what.display, what.main.system, what.main.code, status, onset, None)
    hits = reader.find(_with_substances(what, raw.get("reaction")), "allergy")
    if not hits:
        return not_used(line, allergy)
    doubt = verified if verified in DOUBTS else ""
    # An allergy without a status is taken to stand: R4 lets the status be left out, and caution is cheap.
    claim = Claim(wording(what.texts), _STANDING.get(status, "current"), doubt)
    because = "allergy: " + described(what, status, onset, None)
    found = claims(entry, hits, claim, at=reader.claimed_at, began=onset, because=because)
    return Read(found, allergy, understood=True) if found else not_used(line, allergy)


def _with_substances(what: Concept, reactions: object) -> Concept:
    substances = [concept(r.get("substance")) for r in items(reactions)]
    return Concept(
        what.codings + tuple(c for s in substances for c in s.codings),
        what.texts + tuple(t for s in substances for t in s.texts),
    )
