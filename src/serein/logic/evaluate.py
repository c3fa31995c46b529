"""A condition over facts -> true, false or unknown, with the facts that made it so and those that were missing."""

from __future__ import annotations

from typing import assert_never

import msgspec

from serein.knowledge.types import All, Any_, Compare, Condition, None_, Value
from serein.logic.facts import Facts, Known
from serein.logic.truth import Truth, all_of, any_of, negated, truth


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


def _compare(compare: Compare, facts: Facts) -> Outcome:
    resolved = facts[compare.fact]
    if not isinstance(resolved, Known):
        return Outcome(Truth.UNKNOWN, missing=(compare.fact,))
    if compare.taken_within_s is not None and facts.age_s(resolved) > compare.taken_within_s:
        return Outcome(Truth.UNKNOWN, missing=(compare.fact,))
    return Outcome(truth(holds(compare, resolved.value)), used=(compare.fact,))


def holds(compare: Compare, value: Value) -> bool:
    """Whether a value fulfils a comparison, whenever it was taken."""
    want = compare.value
    if compare.operator == "is":
        return value == want
    if compare.operator == "includes":
        return isinstance(value, tuple | list) and want in value
    assert isinstance(value, int | float), value
    if compare.operator == "within":
        assert isinstance(want, tuple)
        low, high = want
        return float(low) <= value <= float(high)
    assert isinstance(want, int | float), want
    if compare.operator == "at_least":
        return value >= want
    if compare.operator == "above":
        return value > want
    if compare.operator == "at_most":
        return value <= want
    return value < want
