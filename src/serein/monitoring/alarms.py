"""Alarms: which to raise and which to resolve when a reading comes in.

Judged on arrival, at the instant that the reading claims. One alarm an excursion and rule: while one stands,
the same rule raises no second. Raised, acknowledged and resolved are three things: acknowledging clears
nothing, and a latching alarm is resolved only after somebody has acknowledged it. A late reading may raise an
alarm; it never takes one back. Priorities follow IEC 60601-1-8. The site's own monitor sounds first: these
alarms do not replace it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from serein.knowledge.types import Compare, Condition, Knowledge, Rule
from serein.logic import Facts, Statement, Truth, evaluate


class StandingAlarm(msgspec.Struct, frozen=True):
    """One alarm as the log has it. `id` is that of the entry that raised it."""

    id: str
    rule: str
    priority: str
    because: tuple[str, ...]
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None = None
    acknowledged_by: str = ""
    resolved_at: dt.datetime | None = None

    @property
    def stands(self) -> bool:
        return self.resolved_at is None


class Raise(msgspec.Struct, frozen=True):
    """Raise an alarm of this rule."""

    rule: str
    priority: str
    because: tuple[str, ...]


class Resolve(msgspec.Struct, frozen=True):
    """The alarm of this id is over."""

    alarm: str
    because: tuple[str, ...]


def on_reading(
    rules: Iterable[Rule],
    alarms: Sequence[StandingAlarm],
    statements: Sequence[Statement],
    knowledge: Knowledge,
    *,
    touched: frozenset[str],
    at: dt.datetime,
    now: dt.datetime,
) -> tuple[Raise | Resolve, ...]:
    """What to raise and resolve when readings of the facts `touched`, taken at `at`, come in at `now`.

    `rules` are the monitoring rules that apply; `statements` already hold the new readings.
    """
    then, current = Facts(statements, knowledge, at), Facts(statements, knowledge, now)
    found: list[Raise | Resolve] = []
    for rule in rules:
        standing = [a for a in alarms if a.rule == rule.key and a.stands]
        if not standing and facts_of(rule.condition, knowledge) & touched and _fires(rule, then):
            found.append(_raised(rule, then))
        found += _over(rule, standing, current)
    return tuple(found)


def on_acknowledgement(
    rules: Iterable[Rule],
    alarms: Sequence[StandingAlarm],
    statements: Sequence[Statement],
    knowledge: Knowledge,
    *,
    now: dt.datetime,
) -> tuple[Resolve, ...]:
    """Alarms that were over already and stood only because nobody had acknowledged them."""
    current = Facts(statements, knowledge, now)
    return tuple(
        resolve
        for rule in rules
        for resolve in _over(rule, [a for a in alarms if a.rule == rule.key and a.stands], current)
    )


def facts_of(condition: Condition, knowledge: Knowledge) -> frozenset[str]:
    """The facts that can change a condition, those behind a derived fact included."""
    if isinstance(condition, Compare):
        derived = knowledge.facts[condition.fact].derived
        return frozenset((condition.fact, *(derived.of if derived else ())))
    return frozenset().union(*(facts_of(part, knowledge) for part in condition.of))


def _fires(rule: Rule, facts: Facts) -> bool:
    return evaluate(rule.condition, facts).truth is Truth.TRUE


def _raised(rule: Rule, facts: Facts) -> Raise:
    assert rule.alarm is not None, rule.key
    used = evaluate(rule.condition, facts).used
    said = (s.because for key in used for s in facts[key].statements)
    return Raise(rule.key, rule.alarm.priority, tuple(dict.fromkeys(said)))


def _over(rule: Rule, standing: Iterable[StandingAlarm], facts: Facts) -> list[Resolve]:
    """A condition that is unknown (nothing measured lately) resolves nothing."""
    outcome = evaluate(rule.condition, facts)
    if outcome.truth is not Truth.FALSE:
        return []
    latching = rule.alarm is not None and rule.alarm.latching
    because = tuple(dict.fromkeys(s.because for key in outcome.used for s in facts[key].statements))
    return [Resolve(a.id, because) for a in standing if not latching or a.acknowledged_at is not None]
