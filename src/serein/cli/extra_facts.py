"""A file of facts that the record does not have -> statements, or every refusal in it.

`{"facts": {"pregnancy": "no", "systolic_pressure": "128 mmHg"}, "at": "2026-11-22T08:30Z"}`
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from serein import units
from serein.cli.moment import parse_moment
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Fact, Knowledge, Value
from serein.logic import Statement


def read_extra_facts(
    path: Path, knowledge: Knowledge, at: dt.datetime
) -> tuple[Statement, ...] | list[Refusal]:
    """Statements of source "staff", made at the file's own moment or else at `at`."""
    try:
        raw = msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [refuse(Reason.NOT_JSON, path.name, error)]
    if not isinstance(raw, dict) or not isinstance(raw.get("facts"), dict):
        return [refuse(Reason.MISSING, f'"facts" in {path.name}')]
    if unknown := sorted(set(raw) - {"facts", "at"}):
        return [refuse(Reason.UNKNOWN_KEY, path.name, unknown[0])]
    made = parse_moment(str(raw["at"]), f'"at" in {path.name}') if "at" in raw else at
    if isinstance(made, Refusal):
        return [made]
    if made > at:
        return [refuse(Reason.IN_THE_FUTURE, f'"at" in {path.name}', raw["at"])]
    return _statements(raw["facts"], knowledge, made)


def _statements(
    given: dict[str, Any], knowledge: Knowledge, made: dt.datetime
) -> tuple[Statement, ...] | list[Refusal]:
    found, refused = [], []
    for key, written in sorted(given.items()):
        fact = knowledge.facts.get(key)
        if fact is None:
            refused.append(refuse(Reason.UNKNOWN_KEY, "facts", key))
            continue
        value = None if written == "unknown" else fact_value(fact, written, made)
        if isinstance(value, Refusal):
            refused.append(value)
            continue
        because = f"{key}: {written} (entered, {made:%Y-%m-%d})"
        found.append(Statement(key, value, made, "staff", because, f"extra/{key}@{made.isoformat()}"))
    return refused or tuple(found)


def fact_value(fact: Fact, written: Any, made: dt.datetime) -> Value | Refusal:
    """One answer as a person writes it: "yes", "128 mmHg", one of the choices, a list of them, or a date."""
    if fact.type == "flag":
        if written in ("yes", "no"):
            return bool(written == "yes")
        return refuse(Reason.NOT_A_CHOICE, fact.key, written, allowed="yes, no, unknown")
    if fact.type == "number":
        return _number(fact, written)
    if fact.type == "date":
        return _date(fact, written, made)
    chosen = written if isinstance(written, list) else [written]
    wrong = [w for w in chosen if w not in fact.choices]
    if wrong or (fact.type == "choice" and isinstance(written, list)):
        return refuse(Reason.NOT_A_CHOICE, fact.key, (wrong or chosen)[0], allowed=", ".join(fact.choices))
    return tuple(chosen) if fact.type == "set" else str(chosen[0])


def _number(fact: Fact, written: Any) -> float | Refusal:
    unit = fact.unit or ""
    text = str(written)
    if unit == "{score}" and isinstance(units.number(text, fact.key), Refusal) is False:
        text = f"{text} {unit}"
    quantity = units.parse(text, fact.key, unit)
    if isinstance(quantity, Refusal):
        return quantity
    value = float(quantity.to(unit))
    low, high = fact.plausible or (float("-inf"), float("inf"))
    if not low <= value <= high:
        return refuse(Reason.OUT_OF_RANGE, fact.key, text, low=f"{low:g} {unit}", high=f"{high:g} {unit}")
    return value


def _date(fact: Fact, written: Any, made: dt.datetime) -> str | Refusal:
    try:
        day = dt.date.fromisoformat(written)
    except (ValueError, TypeError):
        return refuse(Reason.NOT_A_TIME, fact.key, written)
    return refuse(Reason.IN_THE_FUTURE, fact.key, written) if day > made.date() else day.isoformat()
