"""Procedure -> statements."""

from __future__ import annotations

from serein.fhir.answer import Claim
from serein.fhir.elements import concept, first_instant, word
from serein.fhir.entry import Entry, Read, Reader, claims, described, not_used
from serein.fhir.wording import wording


def read_procedure(entry: Entry, reader: Reader) -> Read:
    """A procedure that was done or is under way. One that was stopped raises the question."""
    raw = entry.resource
    what, status = concept(raw.get("code")), word(raw.get("status"))
    done = first_instant(raw, "performedDateTime", "performedPeriod")
    line = f"{what or 'Procedure with no code'}, {status or 'no status'}"
    if not what or status in ("entered-in-error", "not-done", "preparation"):
        return not_used(line)
    if reader.is_future(done):
        return not_used(f"{described(what, status, done, None)}: dated in the future")
    hits = reader.index.find(what, ("procedure",))
    if not hits:
        return not_used(line)
    certain = status in ("completed", "in-progress")
    claim = Claim(wording(what.texts), "current", "" if certain else status or "no status")
    because = f"{what}, {status}{f' {done:%Y-%m-%d}' if done else ''}"
    found = claims(entry, hits, claim, at=done or reader.claimed_at, began=done, because=because)
    return Read(found, understood=True) if found else not_used(line)
