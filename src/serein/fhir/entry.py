"""One entry of a bundle, and what was read from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from serein.fhir.answer import Claim, answer, code_and_words_disagree
from serein.fhir.elements import Concept, Json, day
from serein.fhir.index import Hit, Index
from serein.fhir.record import Allergy, Medicine, Problem
from serein.fhir.wording import Wording
from serein.knowledge.types import Value
from serein.logic import Statement

Charted = Problem | Medicine | Allergy


class Entry(msgspec.Struct, frozen=True):
    """A resource with the id that its statements carry ("Condition/0a1b…"), and where it stands in the bundle."""

    type: str
    id: str
    resource: Json
    full_url: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """What every entry is read against.

    `claimed_at` is when the record last claimed what it lists as current; `at` is the instant asked about, after
    which nothing counts (None: no limit). `medications` are the Medication resources by every name they go by.
    """

    index: Index
    claimed_at: dt.datetime
    at: dt.datetime | None
    medications: Mapping[str, Json]
    _found: dict[tuple[Concept, tuple[str, ...]], tuple[Hit, ...]] = field(default_factory=dict)

    def find(self, concept: Concept, *kinds: str) -> tuple[Hit, ...]:
        """The facts recorded in one of these ways at which the concept points; records repeat themselves."""
        if (concept, kinds) not in self._found:
            self._found[concept, kinds] = self.index.find(concept, kinds)
        return self._found[concept, kinds]

    def is_future(self, moment: dt.datetime | None) -> bool:
        return moment is not None and self.at is not None and moment > self.at


class Read(msgspec.Struct, frozen=True):
    """What one entry came to: statements, what the chart shows, and lines about what was not used."""

    statements: tuple[Statement, ...] = ()
    charted: Charted | None = None
    left: tuple[str, ...] = ()
    understood: bool = False


def not_used(line: str, charted: Charted | None = None) -> Read:
    return Read(charted=charted, left=(line,))


def statement(
    entry: Entry, fact: str, value: Value | None, at: dt.datetime, because: str, note: str = ""
) -> Statement:
    """A statement of the record. One that only raises a question says so in its words."""
    if value is None:
        because = f"{because}; {note}" if note else because
        because = because if because.endswith("unknown") else f"{because}: unknown"
    return Statement(fact, value, at, "record", because, f"{entry.id}#{fact}")


def claims(
    entry: Entry,
    hits: Sequence[Hit],
    claim: Claim,
    *,
    at: dt.datetime,
    began: dt.datetime | None,
    because: str,
) -> tuple[Statement, ...]:
    """The statements of an entry that claims something. A fact that is a date takes the day it began."""
    disagree = code_and_words_disagree(hits)
    found = []
    for hit in hits:
        if hit.fact.type == "date":
            if began is not None and not disagree and _is_plain(hit, claim):
                found.append(statement(entry, hit.fact.key, day(began), began, because))
            continue
        given = answer(hit, claim, disagree=disagree)
        if given is not None:
            found.append(statement(entry, hit.fact.key, given.value, at, because, given.note))
    return tuple(found)


def _is_plain(hit: Hit, claim: Claim) -> bool:
    certain = hit.named or any(c.verified and c.means in ("yes", "value") for c in hit.codes)
    return certain and claim.wording is Wording.PLAIN and not claim.doubt and claim.standing != "unclear"


def described(concept: Concept, status: str, start: dt.datetime | None, end: dt.datetime | None) -> str:
    """ "Hypertension (SNOMED CT 38341003), active since 1956-01-19"."""
    since = f" since {day(start)}" if start and not end else ""
    span = f" {day(start)} to {day(end)}".replace("  ", " ") if end else since
    return f"{concept}, {status or 'status not recorded'}{span}"
