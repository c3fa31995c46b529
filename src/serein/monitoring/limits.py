"""The limits that a reading is shown with: those of the monitoring rules, the tightest on each side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from serein.knowledge.types import Any_, Compare, Condition, Rule


def limits(rules: Iterable[Rule], fact: str) -> tuple[float | None, float | None]:
    """The highest value that alarms below and the lowest that alarms above, in the fact's unit; None where none does.

    Only rules that compare this fact alone, or beside others in an "any", set a limit for it.
    """
    compared = [c for rule in rules for c in _alone(rule.condition) if c.fact == fact]
    below = [float(c.value) for c in compared if c.operator in {"below", "at_most"} and _number(c)]  # type: ignore[arg-type]
    above = [float(c.value) for c in compared if c.operator in {"above", "at_least"} and _number(c)]  # type: ignore[arg-type]
    return max(below, default=None), min(above, default=None)


def fresh_for_s(rules: Iterable[Rule]) -> float | None:
    """How long a reading counts for any alarm, in seconds; an older one says nothing of now. None: for ever."""
    spans = [c.taken_within_s for rule in rules for c in _alone(rule.condition) if c.taken_within_s]
    return max(spans, default=None)


def _alone(condition: Condition) -> Iterator[Compare]:
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Any_):
        for part in condition.of:
            yield from _alone(part)


def _number(compared: Compare) -> bool:
    return isinstance(compared.value, int | float) and not isinstance(compared.value, bool)
