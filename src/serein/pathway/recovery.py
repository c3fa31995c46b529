"""Leaving: by which criteria somebody is discharged, and from when each can hold.

"Left before criteria" and "transferred" need none of this and are always open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import cast

import msgspec

from serein.knowledge.types import Compare, Condition, Knowledge, Route, Rule, Substance
from serein.logic import Facts, Statement
from serein.logic import evaluate as evaluate_condition
from serein.pathway.session.due import observed_until
from serein.pathway.session.state import SessionState
from serein.safety import Decision, Finding, Override, Question, evaluate
from serein.safety.decision import Jurisdiction, conclusion_of
from serein.safety.evaluate import applicable

ELAPSED = ("minutes_since_dosing_start", "minutes_since_dosing_end")


class Criterion(msgspec.Struct, frozen=True):
    """One criterion of discharge: whether it holds, why not, and from when it can where that is a matter of time."""

    rule: str
    holds: bool
    because: tuple[str, ...]
    missing: tuple[str, ...]
    can_hold_from: dt.datetime | None
    finding: Finding | None


def discharge(
    statements: Iterable[Statement],
    knowledge: Knowledge,
    *,
    product: str,
    route: str,
    at: dt.datetime,
    jurisdiction: str = "US",
    overrides: Iterable[Override] = (),
) -> Decision:
    """The decision on leaving. Only `eligible` opens discharge."""
    return evaluate(
        question(product=product, route=route, at=at, jurisdiction=jurisdiction),
        statements,
        knowledge,
        overrides=overrides,
    )


def question(*, product: str, route: str, at: dt.datetime, jurisdiction: str = "US") -> Question:
    return Question(
        stage="recovery",
        product=cast(Substance, product),
        route=route,
        at=at,
        jurisdiction=cast(Jurisdiction, jurisdiction),
        kinds=("discharge",),
    )


def criteria(decision: Decision, state: SessionState, knowledge: Knowledge) -> tuple[Criterion, ...]:
    """Every criterion that applies, those that do not hold first, then by name."""
    findings = {f.rule: f for f in decision.findings}
    facts = Facts(decision.statements, knowledge, decision.question.at)
    found = [
        _criterion(rule, findings.get(rule.key), facts, state)
        for rule in applicable(decision.question, knowledge)
    ]
    return tuple(sorted(found, key=lambda c: (c.holds, c.rule)))


def earliest(state: SessionState, route: Route) -> dt.datetime | None:
    """When the time criteria can hold at the earliest; None while dosing has not ended."""
    return observed_until(state, route)


def _criterion(rule: Rule, finding: Finding | None, facts: Facts, state: SessionState) -> Criterion:
    holds = finding is None or conclusion_of(finding) == "eligible"
    used = evaluate_condition(rule.condition, facts)
    said = finding.because if finding else tuple(s.because for k in used.used for s in facts[k].statements)
    missing = finding.missing if finding else ()
    return Criterion(
        rule.key, holds, tuple(dict.fromkeys(said)), missing, _can_hold_from(rule.condition, state), finding
    )


def _can_hold_from(condition: Condition, state: SessionState) -> dt.datetime | None:
    """The instant at which a rule on elapsed minutes falls silent."""
    if not isinstance(condition, Compare):
        found = [t for part in condition.of if (t := _can_hold_from(part, state)) is not None]
        return max(found, default=None)
    if condition.fact not in ELAPSED or condition.operator != "below":
        return None
    since = state.dosing_started_at if condition.fact == ELAPSED[0] else state.dosing_ended_at
    minutes = condition.value
    assert isinstance(minutes, int | float)
    return since + dt.timedelta(minutes=float(minutes)) if since is not None else None
