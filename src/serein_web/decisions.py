"""A decision of the core as pages show it: every finding with its words, sources and what it rests on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from serein.knowledge import Knowledge
from serein.knowledge.types import Fact
from serein.safety import Decision, Finding
from serein_web.ui.site_time import at_site
from serein_web.ui.templatetags.serein import quantity
from serein_web.ui.templatetags.ui import ACTION_WORDS

SOURCE = re.compile(r" \([^()]*\)$")
KEY = re.compile(r"\b[a-z0-9]+(_[a-z0-9]+)+\b")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def shown(decision: Decision, knowledge: Knowledge) -> dict[str, Any]:
    """What the templates of `ui` need to show a decision: conclusion, findings by state, and the binding one."""
    at = decision.question.at
    findings = [shown_finding(f, knowledge, at) for f in decision.findings]
    binding = decision.binding
    return {
        "conclusion": decision.conclusion,
        "at": at,
        "findings": findings,
        "firing": sorted((f for f in findings if f["state"] != "unknown"), key=_severity),
        "unknown": [f for f in findings if f["state"] == "unknown"],
        "binding": shown_finding(binding, knowledge, at) if binding else None,
        "knowledge": decision.knowledge,
    }


def _severity(finding: dict[str, Any]) -> tuple[bool, int]:
    """What stands comes before what was overridden, worst first."""
    return finding["state"] == "overridden", list(ACTION_WORDS).index(finding["action"])


def shown_finding(finding: Finding, knowledge: Knowledge, at: dt.datetime) -> dict[str, Any]:
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
        "because": told(finding.because, knowledge, at),
        "evidence": [source(key, knowledge) for key in finding.evidence],
        "override": {"by": override.by, "at": override.at, "reason": override.reason} if override else None,
        "overridable": finding.overridable and override is None,
        "disputable": [
            (key, fact.text.ask)
            for key in finding.facts
            if (fact := knowledge.facts.get(key)) is not None and fact.derived is None
        ],
        "missing": finding.missing,
    }


def told(because: Iterable[str], knowledge: Knowledge, at: dt.datetime) -> list[str]:
    """Statements of the core as a reader knows them: by the site's clock, facts by their question, numbers with units.

    `at` is when they were used: a time of day without a date is before it.
    """
    facts = knowledge.facts | {fact.text.ask: fact for fact in knowledge.facts.values()}
    return [at_site(_named(said, facts), at) for said in because]


def _asked(said: str, facts: dict[str, Fact]) -> str:
    """ "computed from systolic_pressure 172" with the facts' questions for their keys."""
    return KEY.sub(lambda found: facts[found[0]].text.ask if found[0] in facts else found[0], said)


def _named(said: str, facts: dict[str, Fact]) -> str:
    """ "weight 70.0 (…)" and "Weight: 70 (…)" are "Weight: 70 kg (…)"."""
    source = SOURCE.search(said)
    rest = source[0] if source else ""
    name, _space, value = said.removesuffix(rest).rpartition(" ")
    fact = facts.get(name.removesuffix(":"))
    if fact is None:
        return _asked(said, facts)
    number = fact.type == "number" and NUMBER.fullmatch(value)
    return f"{fact.text.ask}: {quantity(value, fact.unit or '') if number else value}{rest}"


def shown_check(
    rule: str,
    state: str,
    because: Iterable[str],
    finding: Finding | None,
    knowledge: Knowledge,
    at: dt.datetime,
) -> dict[str, Any]:
    """One check of the gate or the door for `ui/checks.html`: what is so, in the rule's own words, never doubly negated.

    `state` is passed, overridden, fires or unknown.
    """
    text = knowledge.rules[rule].text
    override = finding.overridden if finding else None
    return {
        "rule": rule,
        "state": state,
        "title": text.title if state in {"fires", "overridden"} else text.clear or text.title,
        "action": finding.action if finding else "",
        "because": told(because, knowledge, at),
        "resolves": text.resolves if state == "fires" else "",
        "override": {"by": override.by, "reason": override.reason} if override else None,
        "digest": finding.digest if finding else "",
        "finding_state": finding.state if finding else "",
    }


def source(key: str, knowledge: Knowledge) -> dict[str, str]:
    """A link to a source, named as people know it."""
    known = knowledge.evidence.get(key)
    return {
        "title": known.short or known.citation if known else key,
        "url": reverse("screening:evidence", args=[key]) if known else "",
    }
