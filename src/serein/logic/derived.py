"""Facts computed from other facts by a named function; which one, and of what, is said in the fact's TOML.

Unknown in, unknown out. The statement of the result says what it was computed from.
"""

from __future__ import annotations

import datetime as dt

from serein.knowledge.types import Fact
from serein.logic.facts import Facts, Known, Resolved, Statement, Unknown

YEAR_S = 31557600.0  # 365.25 d, the UCUM year
SECONDS = {"a": YEAR_S, "wk": 604800.0, "d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0}


def derive(fact: Fact, facts: Facts) -> Resolved:
    """The value of a derived fact at the instant of `facts`, or unknown with what was missing."""
    assert fact.derived is not None
    inputs = [facts[key] for key in fact.derived.of]
    missing = [r for r in inputs if isinstance(r, Unknown)]
    if missing:
        return Unknown("not computable", tuple(s for r in missing for s in r.statements))
    known = [r for r in inputs if isinstance(r, Known)]
    value = FUNCTIONS[fact.derived.function](fact, known, facts)
    if value is None:
        return Unknown("not computable", tuple(k.statements[0] for k in known))
    words = " and ".join(f"{key} {_word(k)}" for key, k in zip(fact.derived.of, known, strict=True))
    at = facts.at if fact.derived.function == "time_since" else max(k.at for k in known)
    return Known(value, (Statement(fact.key, value, at, "computed", f"computed from {words}"),))


def _word(known: Known) -> str:
    return f"{known.value:g}" if isinstance(known.value, float) else str(known.value)


def time_since(fact: Fact, inputs: list[Known], facts: Facts) -> float | None:
    """Elapsed time since a moment or day, in the fact's unit. Whole years for an age in years.

    A day (ISO date) is read as its midnight in UTC; for an age this is exact to the day.
    """
    text = str(inputs[0].value)
    if len(text) == 10 and fact.unit == "a":
        born, today = dt.date.fromisoformat(text), facts.at.astimezone(dt.UTC).date()
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return float(years) if years >= 0 else None
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    elapsed = (facts.at - moment).total_seconds()
    return elapsed / SECONDS[fact.unit or "s"] if elapsed >= 0 else None


def change_from_baseline(fact: Fact, inputs: list[Known], facts: Facts) -> float | None:
    """The first input minus the second, in their unit."""
    return _number(inputs[0]) - _number(inputs[1])


def percent_change_from_baseline(fact: Fact, inputs: list[Known], facts: Facts) -> float | None:
    """The first input's change from the second, in percent of the second."""
    baseline = _number(inputs[1])
    return 100.0 * (_number(inputs[0]) - baseline) / baseline if baseline else None


def body_mass_index(fact: Fact, inputs: list[Known], facts: Facts) -> float | None:
    """Weight (kg) over height (cm) squared, in kg/m2."""
    height_m = _number(inputs[1]) / 100.0
    return _number(inputs[0]) / height_m**2 if height_m else None


def _number(known: Known) -> float:
    assert isinstance(known.value, int | float), known.value
    return float(known.value)


FUNCTIONS = {
    "time_since": time_since,
    "change_from_baseline": change_from_baseline,
    "percent_change_from_baseline": percent_change_from_baseline,
    "body_mass_index": body_mass_index,
}
