"""A decision of the core as pages show it: every finding with its words, sources and what it rests on."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from serein.knowledge import Knowledge
from serein.safety import Decision, Finding


def shown(decision: Decision, knowledge: Knowledge) -> dict[str, Any]:
    """What the templates of `ui` need to show a decision: conclusion, findings by state, and the binding one."""
    findings = [shown_finding(f, knowledge) for f in decision.findings]
    binding = decision.binding
    return {
        "conclusion": decision.conclusion,
        "at": decision.question.at,
        "findings": findings,
        "firing": [f for f in findings if f["state"] != "unknown"],
        "unknown": [f for f in findings if f["state"] == "unknown"],
        "binding": shown_finding(binding, knowledge) if binding else None,
        "knowledge": decision.knowledge,
    }


def shown_finding(finding: Finding, knowledge: Knowledge) -> dict[str, Any]:
    """One finding for `ui/finding.html`. A rule that the pack no longer has is shown by its key."""
    rule = knowledge.rules.get(finding.rule)
    override = finding.overridden
    return {
        "rule": finding.rule,
        "action": finding.action,
        "state": "overridden" if override else finding.state,
        "title": rule.text.title if rule else finding.rule,
        "why": rule.text.why if rule else "",
        "resolves": rule.text.resolves if rule else "",
        "strength": finding.strength,
        "basis": finding.basis,
        "because": finding.because,
        "evidence": [_source(key, knowledge) for key in finding.evidence],
        "override": {"by": override.by, "at": override.at, "reason": override.reason} if override else None,
        "overridable": finding.overridable and override is None,
        "facts": finding.facts,
        "missing": finding.missing,
    }


def _source(key: str, knowledge: Knowledge) -> dict[str, str]:
    return {
        "key": key,
        "title": key if key in knowledge.evidence else "",
        "url": reverse("screening:evidence", args=[key]),
    }
