"""Kleene's strong three-valued logic. Source: Kleene SC, Introduction to Metamathematics, 1952, §64."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """True, false, or not known. It has no truth value in Python: unknown must never slip through an `if`."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    def __bool__(self) -> bool:
        raise TypeError("compare a Truth with `is`; it may be unknown")


def truth(value: bool) -> Truth:
    return Truth.TRUE if value else Truth.FALSE


def all_of(values: Iterable[Truth]) -> Truth:
    """The least of them; true for none."""
    return min(values, key=lambda t: t.value, default=Truth.TRUE)


def any_of(values: Iterable[Truth]) -> Truth:
    """The greatest of them; false for none."""
    return max(values, key=lambda t: t.value, default=Truth.FALSE)


def negated(value: Truth) -> Truth:
    return Truth(2 - value.value)
