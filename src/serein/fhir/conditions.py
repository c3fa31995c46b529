"""Condition -> statements and a problem."""

from __future__ import annotations

from serein.fhir.answer import Claim, Standing
from serein.fhir.elements import coded_status, concept, first_instant
from serein.fhir.entry import Entry, Read, Reader, claims, described, not_used
from serein.fhir.record import Problem
from serein.fhir.wording import Wording, stands_in, wording

CURRENT = ("active", "recurrence", "relapse")
PAST = ("resolved", "inactive", "remission")
DOUBTS = ("unconfirmed", "provisional", "differential")
_DENIED = ("refuted", "entered-in-error")
ALLERGIC = ("allergy", "allergic", "hypersensitivity", "anaphylaxis", "anaphylactic")


def read_condition(entry: Entry, reader: Reader) -> Read:
    """A condition that is active, was so, is in doubt, or is refuted.

    A refuted one gives no "no": a fact may stand for many conditions, of which this was one.
    """
    raw = entry.resource
    what, status = concept(raw.get("code")), coded_status(raw.get("clinicalStatus"))
    verified = coded_status(raw.get("verificationStatus"))
    began = first_instant(raw, "onsetDateTime", "onsetPeriod")
    onset = began or first_instant(raw, "recordedDate")
    end = first_instant(raw, "abatementDateTime", "abatementPeriod")
    status = status or ("resolved" if end else "")
    line = f"{what or 'Condition with no code'}, {verified if verified in _DENIED else status or 'no status'}"
    problem = Problem(entry.id, what.display, what.main.system, what.main.code, status, onset, end)
    if verified in _DENIED or not what:
        return not_used(line)
    if reader.is_future(onset):
        return not_used(f"{described(what, status, onset, end)}: dated in the future")
    hits = reader.find(what, *_kinds(what.texts))
    if not hits:
        return not_used(line, problem)
    claim = Claim(wording(what.texts), _standing(status), verified if verified in DOUBTS else "")
    at = reader.claimed_at
    if claim.standing == "past":
        at = min(end or onset or at, at)
    found = claims(entry, hits, claim, at=at, began=began, because=described(what, status, onset, end))
    if not found and claim.wording in (Wording.FAMILY, Wording.NEGATED, Wording.ABOUT):
        return not_used(f"{line}: not a statement about the patient's own state", problem)
    return Read(found, problem, understood=True)


def _kinds(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Allergies are sometimes listed as conditions."""
    lowered = [t.lower() for t in texts]
    allergic = any(stands_in(word, t) for word in ALLERGIC for t in lowered)
    return ("condition", "allergy") if allergic else ("condition",)


def _standing(status: str) -> Standing:
    if status in CURRENT:
        return "current"
    return "past" if status in PAST else "unclear"
