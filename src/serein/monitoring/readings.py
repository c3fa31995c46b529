"""A value that somebody typed -> a value of a fact in the fact's unit, or a refusal. Nothing is repaired."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Fact, Knowledge, Value

FLAGS = {"yes": True, "no": False}


def parse_reading(fact: Fact, raw: str) -> Value | Refusal:
    """`"128"` or `"17 kPa"` for a pressure, `"yes"` for a flag. A bare number is in the fact's own unit.

    The page shows that unit beside the input. Refused: not a number, a unit of another kind, outside the
    plausible range, not one of the choices.
    """
    text = raw.strip()
    if not text:
        return refuse(Reason.MISSING, fact.key)
    if fact.type == "number":
        return _number(fact, text)
    if fact.type == "flag":
        return (
            FLAGS[text] if text in FLAGS else refuse(Reason.NOT_A_CHOICE, fact.key, text, allowed="yes, no")
        )
    if fact.type == "choice" and text not in fact.choices:
        return refuse(Reason.NOT_A_CHOICE, fact.key, text, allowed=", ".join(fact.choices))
    return text


def check_values(values: Mapping[str, object], knowledge: Knowledge) -> Refusal | None:
    """Why values that came as JSON cannot be readings (numbers in the fact's unit), or None."""
    for key, value in values.items():
        fact = knowledge.facts.get(key)
        if fact is None:
            return refuse(Reason.UNKNOWN_KEY, "reading", key)
        refused = _check(fact, value)
        if refused is not None:
            return refused
    return None


def _check(fact: Fact, value: object) -> Refusal | None:
    if fact.derived is not None:
        return refuse(Reason.UNKNOWN_KEY, "reading", f"{fact.key} is computed")
    if fact.type == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return refuse(Reason.NOT_A_NUMBER, fact.key, value)
        return _implausible(fact, Decimal(str(value)), str(value))
    if fact.type == "flag":
        return (
            None
            if isinstance(value, bool)
            else refuse(Reason.NOT_A_CHOICE, fact.key, value, allowed="yes, no")
        )
    if fact.type == "choice" and value not in fact.choices:
        return refuse(Reason.NOT_A_CHOICE, fact.key, value, allowed=", ".join(fact.choices))
    return None


def _number(fact: Fact, text: str) -> float | Refusal:
    unit = fact.unit or "{count}"
    bare = isinstance(units.number(text, fact.key), Decimal)
    parsed = units.parse(f"{text} {unit}" if bare else text, fact.key, unit)
    if isinstance(parsed, Refusal):
        return parsed
    value = parsed.to(unit)
    return _implausible(fact, value, text) or float(value)


def _implausible(fact: Fact, value: Decimal, text: str) -> Refusal | None:
    """NaN and infinity compare false with every limit and are refused with the rest."""
    if not value.is_finite():
        return refuse(Reason.NOT_A_NUMBER, fact.key, text)
    if fact.plausible is None:
        return None
    low, high = fact.plausible
    if Decimal(str(low)) <= value <= Decimal(str(high)):
        return None
    edges = {"low": f"{low:g} {fact.unit}", "high": f"{high:g} {fact.unit}"}
    return refuse(Reason.OUT_OF_RANGE, fact.key, text, **edges)
