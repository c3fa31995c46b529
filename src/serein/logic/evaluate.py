"""A condition over facts -> true, false or unknown, with the facts that made it so and those that were missing."""

from __future__ import annotations

import operator
from typing import Any, assert_never

import msgspec

from serein.knowledge.types import All, Any_, Compare, Condition, None_, Value
from serein.logic.facts import Facts, Known
from serein.logic.truth import Truth, all_of, any_of, negated


class Outcome(msgspec.Struct, frozen=True):
    """What a condition comes to.

    `used` are the facts whose values decided it; `missing` those whose absence left it unknown. Both are empty
    of facts that made no difference: a page asks only for what matters.
    """

    truth: Truth
    used: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def evaluate(condition: Condition, facts: Facts) -> Outcome:
    """Evaluate a condition at the instant of `facts`."""
    if isinstance(condition, Compare):
        return _compare(condition, facts)
    parts = [evaluate(part, facts) for part in condition.of]
    truths = [p.truth for p in parts]
    if isinstance(condition, All):
        return _joined(all_of(truths), parts, decides=Truth.FALSE)
    if isinstance(condition, Any_):
        return _joined(any_of(truths), parts, decides=Truth.TRUE)
    if isinstance(condition, None_):
        return _joined(negated(any_of(truths)), parts, decides=Truth.TRUE)
    assert_never(condition)


def _joined(result: Truth, parts: list[Outcome], decides: Truth) -> Outcome:
    """`decides` is the truth of a part that settles the whole by itself."""
    if result is Truth.UNKNOWN:
        missing = tuple(dict.fromkeys(k for p in parts if p.truth is Truth.UNKNOWN for k in p.missing))
        used = tuple(dict.fromkeys(k for p in parts for k in p.used))
        return Outcome(result, used, missing)
    deciding = [p for p in parts if p.truth is decides] or parts
    return Outcome(result, tuple(dict.fromkeys(k for p in deciding for k in p.used)))


def truth_of(condition: Condition, facts: Facts) -> Truth:
    """The truth of `evaluate` alone: it stops where the rest can change nothing. Most rules are silent."""
    if isinstance(condition, Compare):
        return _truth_of_comparison(condition, facts)
    settles = Truth.FALSE if isinstance(condition, All) else Truth.TRUE
    result = Truth.TRUE if settles is Truth.FALSE else Truth.FALSE
    for part in condition.of:
        found = truth_of(part, facts)
        if found is settles:
            result = found
            break
        if found is Truth.UNKNOWN:
            result = found
    return negated(result) if isinstance(condition, None_) else result


def _compare(compare: Compare, facts: Facts) -> Outcome:
    found = _truth_of_comparison(compare, facts)
    if found is Truth.UNKNOWN:
        return Outcome(found, missing=(compare.fact,))
    return Outcome(found, used=(compare.fact,))


def _truth_of_comparison(compare: Compare, facts: Facts) -> Truth:
    resolved = facts[compare.fact]
    if not isinstance(resolved, Known):
        return Truth.UNKNOWN
    if compare.taken_within_s is not None and facts.age_s(resolved) > compare.taken_within_s:
        return Truth.UNKNOWN
    return Truth.TRUE if HOLDS[compare.operator](resolved.value, compare.value) else Truth.FALSE


def holds(compare: Compare, value: Value) -> bool:
    """Whether a value fulfils a comparison, whenever it was taken."""
    return bool(HOLDS[compare.operator](value, compare.value))


def _includes(value: Any, want: Any) -> bool:
    return isinstance(value, tuple | list) and want in value


def _within(value: Any, want: Any) -> bool:
    low, high = want
    return bool(low <= value <= high)


HOLDS = {
    "is": operator.eq,
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
    "includes": _includes,
    "within": _within,
}
"""Each operator of a comparison: the fact's value first, what the rule says second."""
