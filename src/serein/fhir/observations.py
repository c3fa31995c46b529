"""Observation -> statements: numbers in the fact's unit with the moment they were taken, or coded answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from serein import units
from serein.fhir.answer import Claim, answer
from serein.fhir.elements import Concept, Json, concept, first_instant, items, mapping, number, text, word
from serein.fhir.entry import Entry, Read, Reader, not_used, statement
from serein.fhir.index import Hit
from serein.fhir.wording import wording
from serein.logic import Statement

FINAL = ("final", "amended", "corrected")
YES = ("positive", "present", "detected", "yes", "reactive")
NO = ("negative", "absent", "not detected", "no", "non-reactive", "not present")
_TAKEN = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")


def read_observation(entry: Entry, reader: Reader) -> Read:
    """A measurement or an answer, and those of its components.

    Only final ones are used; the time is when it was taken, never when it was issued.
    """
    raw = entry.resource
    what, status = concept(raw.get("code")), word(raw.get("status"))
    line = f"{what or 'Observation with no code'}, {status or 'no status'}"
    parts = items(raw.get("component"))
    if status not in FINAL or (not what and not parts):
        return not_used(line)
    taken = first_instant(raw, *_TAKEN)
    reads = [_read_part(entry, part, status, taken, reader) for part in parts]
    if not parts or reader.find(what, "observation"):
        reads.insert(0, _read_part(entry, raw, status, taken, reader))
    return Read(
        tuple(s for r in reads for s in r.statements),
        left=tuple(left for r in reads for left in r.left),
        understood=any(r.understood for r in reads),
    )


def _read_part(entry: Entry, part: Json, status: str, taken: dt.datetime | None, reader: Reader) -> Read:
    what = concept(part.get("code"))
    hits = _hits(what, reader)
    if not what:
        return not_used(f"Observation with no code, {status}")
    if not hits:
        return not_used(f"{what}, {status}")
    if taken is None:
        return not_used(f"{what}, {status}: no time when it was taken")
    if reader.is_future(taken):
        return not_used(f"{what}, {status}, {taken:%Y-%m-%d}: dated in the future")
    found, left = [], []
    for hit in hits:
        got = _value(entry, hit, part, what, taken, reader)
        if isinstance(got, Statement):
            found.append(got)
        else:
            left.append(got)
    return Read(tuple(found), left=tuple(dict.fromkeys(left)), understood=bool(found))


def _hits(what: Concept, reader: Reader) -> tuple[Hit, ...]:
    """Facts that are observed; one recorded as a condition only where it names the very code of the observation."""
    found = reader.find(what, "observation", "condition")
    return tuple(h for h in found if h.fact.recorded_as == "observation" or h.codes)


def _value(
    entry: Entry, hit: Hit, part: Json, what: Concept, taken: dt.datetime, reader: Reader
) -> Statement | str:
    """The statement, or the line that says why there is none."""
    if hit.fact.type == "number":
        return _measured(entry, hit, part, what, taken)
    return _answered(entry, hit, part, what, taken, reader)


def _measured(entry: Entry, hit: Hit, part: Json, what: Concept, taken: dt.datetime) -> Statement | str:
    fact = hit.fact
    quantity, when = mapping(part.get("valueQuantity")), f", {taken:%Y-%m-%d}"
    value = number(quantity.get("value"))
    if value is None and not quantity:
        value = number(part.get("valueInteger"))
        quantity = {"unit": fact.unit} if fact.unit == "{score}" else {}
    if value is None:
        return f"{what}{when}: no number"
    written = word(quantity.get("code")) or word(quantity.get("unit"))
    shown = f"{what} {text(units.show(Decimal(repr(value))))} {text(written)}".rstrip() + when
    if word(quantity.get("comparator")):
        return f"{shown}: not an exact number"
    inside = _in_unit(hit, Decimal(repr(value)), written, word(quantity.get("unit")))
    if inside is None:
        return f"{what}, in {text(written) or 'no unit'}: not a unit of {fact.key}"
    low, high = fact.plausible or (float("-inf"), float("inf"))
    if not low <= inside <= high:
        return f"{shown}: outside what is plausible ({low:g} to {high:g} {fact.unit})"
    because = f"{what.display or fact.key} {inside:.{fact.decimals}f} {fact.unit}"
    because = f"{because} ({what.coded}){when}"
    if not _certain(hit):
        return statement(entry, fact.key, None, taken, because, "the code alone is not certain")
    return statement(entry, fact.key, inside, taken, because)


def _in_unit(hit: Hit, value: Decimal, *written: str) -> float | None:
    """The value in the fact's unit; None without a unit of its kind. Amounts become mass by the molar mass."""
    fact = hit.fact
    unit = next((u for w in written if (u := units.canonical_unit(w))), None)
    if fact.unit is not None and any(w in code.written_in for code in hit.codes for w in written):
        unit = fact.unit
    if unit is None or fact.unit is None:
        return None
    have, want = units.UNITS[unit][0], units.UNITS[fact.unit][0]
    if have == want:
        return float(units.Quantity(value, unit).to(fact.unit))
    if (have, want) == ("amount concentration", "laboratory mass concentration") and fact.molar_mass:
        in_mg_per_l = units.Quantity(value, unit).to("mmol/L") * Decimal(repr(fact.molar_mass))
        return float(units.Quantity(in_mg_per_l, "mg/L").to(fact.unit))
    return None


def _answered(
    entry: Entry, hit: Hit, part: Json, what: Concept, taken: dt.datetime, reader: Reader
) -> Statement | str:
    """A coded, worded or yes-no answer."""
    said = _said(part)
    when = f"{taken:%Y-%m-%d}"
    if not said:
        return f"{what}, {when}: no answer"
    because = f"{what}: {said}, {when}"
    for own in reader.find(said, "observation", "condition"):
        if own.fact.key == hit.fact.key:
            given = answer(own, Claim(wording(said.texts), "current"))
            if given is not None:
                return statement(entry, hit.fact.key, given.value, taken, because, given.note)
    spoken = said.display.lower()
    if not _certain(hit):
        return statement(entry, hit.fact.key, None, taken, because, "the code alone is not certain")
    if hit.fact.type == "flag" and spoken in (*YES, *NO):
        return statement(entry, hit.fact.key, spoken in YES, taken, because)
    if hit.fact.type == "choice" and spoken in hit.fact.choices:
        return statement(entry, hit.fact.key, spoken, taken, because)
    return statement(entry, hit.fact.key, None, taken, because, "the answer is not one that the fact has")


def _certain(hit: Hit) -> bool:
    return hit.named or any(c.verified for c in hit.codes)


def _said(part: Json) -> Concept:
    if isinstance(flag := part.get("valueBoolean"), bool):
        return Concept((), ("yes" if flag else "no",))
    if spoken := text(part.get("valueString")):
        return Concept((), (spoken,))
    return concept(part.get("valueCodeableConcept"))
