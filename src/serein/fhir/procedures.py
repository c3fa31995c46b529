"""Procedure and Device -> statements.

What was done, or what a person carries, tells of a condition: a clipped aneurysm was one, a shunt asks about pressure
in the head. Words alone answer only where the procedure treats what it names; else they raise the question.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from serein.fhir.answer import Claim
from serein.fhir.elements import Concept, concept, first_instant, items, text, word
from serein.fhir.entry import Entry, Read, Reader, claims, described, not_used
from serein.fhir.index import Hit
from serein.fhir.wording import treats, wording

DONE = ("completed", "in-progress")
NAMED_ONLY = "named by it, whether it is so not recorded"


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
    hits = _told(what, reader, answers=treats(what.texts))
    if not hits:
        return not_used(line)
    doubt = "" if status in DONE else status or "no status"
    because = f"{what}, {status}{f' {done:%Y-%m-%d}' if done else ''}"
    at = done or reader.claimed_at
    return _read(entry, what, hits, doubt, at, done, because) or not_used(line)


def read_device(entry: Entry, reader: Reader) -> Read:
    """A device that a person carries, such as a pacemaker or a shunt. Its words only raise questions."""
    raw = entry.resource
    named = tuple(t for n in items(raw.get("deviceName")) if (t := text(n.get("name"))))
    kind, status = concept(raw.get("type")), word(raw.get("status"))
    what = Concept(kind.codings, tuple(dict.fromkeys(kind.texts + named)))
    line = f"{what or 'Device with no type'}, {status or 'no status'}"
    if not what or status == "entered-in-error":
        return not_used(line)
    hits = _told(what, reader, answers=False)
    because = f"{what}, {status or 'status not recorded'}"
    doubt = "" if status == "active" else status or "no status"
    at = reader.claimed_at
    return _read(entry, what, hits, doubt, at, None, because) or not_used(line)


def _told(what: Concept, reader: Reader, *, answers: bool) -> tuple[Hit, ...]:
    hits = reader.find(what, "procedure", "condition")
    return hits if answers else tuple(h if _is_own(h) else _asking(h) for h in hits)


def _asking(hit: Hit) -> Hit:
    return msgspec.structs.replace(hit, named=False, asked=hit.asked or NAMED_ONLY)


def _is_own(hit: Hit) -> bool:
    """Whether the fact is about procedures themselves."""
    return hit.fact.recorded_as == "procedure"


def _read(
    entry: Entry,
    what: Concept,
    hits: tuple[Hit, ...],
    doubt: str,
    at: dt.datetime,
    began: dt.datetime | None,
    because: str,
) -> Read | None:
    """Of a condition a procedure or device tells that it was, not that it is."""
    said = wording(what.texts)
    own, told = [h for h in hits if _is_own(h)], [h for h in hits if not _is_own(h)]
    found = claims(entry, own, Claim(said, "current", doubt), at=at, began=began, because=because)
    found += claims(entry, told, Claim(said, "unclear", doubt), at=at, began=began, because=because)
    return Read(found, understood=True) if found else None
