"""Statements about a person + rules -> `Decision`. Pure: the same arguments give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from serein import ENGINE
from serein.knowledge.types import IfUnknown, Knowledge, Rule
from serein.logic import Facts, Known, Statement, Truth
from serein.logic import evaluate as evaluate_condition
from serein.safety.decision import (
    CONCLUSIONS,
    Decision,
    Finding,
    Missing,
    Override,
    Question,
    conclusion_of,
)

STRICTNESS: tuple[IfUnknown, ...] = ("note", "ask", "block")


def evaluate(
    question: Question,
    statements: Iterable[Statement],
    knowledge: Knowledge,
    *,
    overrides: Iterable[Override] = (),
    not_understood: Iterable[str] = (),
    overlay: str | None = None,
) -> Decision:
    """Judge every rule that applies to the question, and conclude.

    `statements` are all that anybody said of the person; which of them count is decided in `logic.facts`.
    `overrides` of absolute rules, or made for another version or state of a rule, have no effect.
    """
    given = tuple(sorted(statements, key=lambda s: (s.fact, s.at, s.id, s.because)))
    asked = tuple(overrides)
    facts = Facts(given, knowledge, question.at)
    findings = [f for rule in applicable(question, knowledge) if (f := judge(rule, facts, asked))]
    findings.sort(key=lambda f: (CONCLUSIONS.index(conclusion_of(f)), f.state, f.rule))
    return Decision(
        question=question,
        conclusion=min((conclusion_of(f) for f in findings), key=CONCLUSIONS.index, default="eligible"),
        findings=tuple(findings),
        missing=_missing(findings, facts),
        facts=_facts_used(findings, facts),
        statements=given,
        overrides=asked,
        not_understood=tuple(not_understood),
        knowledge=knowledge.hash,
        overlay=overlay,
        engine=ENGINE,
    )


def replay(decision: Decision, knowledge: Knowledge) -> Decision:
    """The same question to the same statements, on `knowledge`. Give the pack of `decision.knowledge`."""
    return evaluate(
        decision.question,
        decision.statements,
        knowledge,
        overrides=decision.overrides,
        not_understood=decision.not_understood,
        overlay=decision.overlay,
    )


def applicable(question: Question, knowledge: Knowledge) -> list[Rule]:
    """The rules that speak to this stage, product, route, setting and jurisdiction on this day."""
    stage = question.stage  # asked of every rule first: it sends most of them away
    return [r for r in knowledge.rules.values() if stage in r.stages and _applies(r, question)]


def _applies(rule: Rule, question: Question) -> bool:
    return (
        question.product in rule.products
        and (not rule.routes or question.route in rule.routes)
        and (not rule.settings or question.setting in rule.settings)
        and (not rule.jurisdictions or question.jurisdiction in rule.jurisdictions)
        and (not question.kinds or rule.kind in question.kinds)
        and (rule.retired_on is None or question.at.date() < rule.retired_on)
    )


def judge(rule: Rule, facts: Facts, overrides: tuple[Override, ...] = ()) -> Finding | None:
    """One rule on the facts: a finding if it fires or cannot be judged, None if it is silent."""
    outcome = evaluate_condition(rule.condition, facts)
    lapsed = rule.lapses_on is not None and facts.at.date() > rule.lapses_on
    if outcome.truth is Truth.FALSE and not lapsed:
        return None
    fires = outcome.truth is Truth.TRUE and not lapsed
    finding = Finding(
        rule=rule.key,
        digest=rule.digest,
        kind=rule.kind,
        action=rule.action,
        strength=rule.strength,
        basis=rule.basis,
        if_unknown=rule.if_unknown,
        state="fires" if fires else "unknown",
        because=_lapsed(rule) if lapsed else _because(outcome.used if fires else outcome.missing, facts),
        facts=outcome.used,
        missing=outcome.missing,
        evidence=rule.evidence,
        resolves=rule.resolves,
        overridable=_overridable(rule, fires),
        grounds=_grounds((*outcome.used, *outcome.missing), facts),
    )
    return msgspec.structs.replace(finding, overridden=_override_for(finding, overrides))


def _lapsed(rule: Rule) -> tuple[str, ...]:
    """What a lapsed rule says of itself: from then on it is not judged, neither for nor against."""
    return (f"what this rule rests on held until {rule.lapses_on}: find out what holds now",)


def _overridable(rule: Rule, fires: bool) -> bool:
    if rule.strength == "absolute" or rule.overridden_by == "nobody":
        return not fires and rule.if_unknown == "note"
    return fires or rule.if_unknown == "ask"


def _override_for(finding: Finding, overrides: tuple[Override, ...]) -> Override | None:
    if not finding.overridable:
        return None
    for override in overrides:
        same = (override.rule, override.digest, override.state) == (
            finding.rule,
            finding.digest,
            finding.state,
        )
        if same and override.grounds in {"", finding.grounds}:
            return override
    return None


def _grounds(keys: Iterable[str], facts: Facts) -> str:
    """What a finding rests on, as a hash: each fact with the values that people, records and devices gave.

    What is computed from the clock (minutes since the dose) is left out: it changes though nothing has happened.
    """
    said = {(s.fact, s.value) for key in keys for s in facts[key].statements if s.source != "computed"}
    seen = sorted(msgspec.json.encode(pair).decode() for pair in said)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def _because(keys: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """What was said, newest first, each once."""
    said = [sentence(s) for key in keys for s in facts[key].statements]
    return tuple(dict.fromkeys(said))


def sentence(statement: Statement) -> str:
    """A statement in one line: what the record says, else fact, value and day."""
    if statement.because:
        return statement.because
    value = {True: "yes", False: "no", None: "not recorded"}.get(statement.value, statement.value)  # type: ignore[arg-type]
    return f"{statement.fact} {value} ({statement.source}, {statement.at:%Y-%m-%d})"


def _missing(findings: list[Finding], facts: Facts) -> tuple[Missing, ...]:
    """Every fact that left a rule unjudged, strictest first."""
    by_fact: dict[str, list[Finding]] = {}
    for finding in findings:
        for key in finding.missing:
            by_fact.setdefault(key, []).append(finding)
    found = []
    for key, needing in by_fact.items():
        resolved = facts[key]
        strictest = max((f.if_unknown for f in needing), key=STRICTNESS.index)
        why = "too old" if isinstance(resolved, Known) else resolved.why
        found.append(Missing(key, why, _because([key], facts), tuple(f.rule for f in needing), strictest))
    return tuple(sorted(found, key=lambda m: (-STRICTNESS.index(m.if_unknown), m.fact)))


def _facts_used(findings: list[Finding], facts: Facts) -> dict[str, tuple[Statement, ...]]:
    used = dict.fromkeys(k for f in findings for k in (*f.facts, *f.missing))
    return {key: facts[key].statements for key in sorted(used)}
