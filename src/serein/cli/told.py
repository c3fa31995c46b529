"""A screening decision in lines for a person: the conclusion first, then what decides, then what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from serein.fhir import Identity
from serein.knowledge.types import Knowledge
from serein.safety import Decision, Finding, Missing

HEADINGS = {
    "exclude": "Excludes",
    "stop": "Stops",
    "hold": "Holds",
    "refer": "Refers",
    "caution": "Cautions",
    "inform": "To know",
}


def told(decision: Decision, identity: Identity, knowledge: Knowledge) -> Iterator[str]:
    """The lines, without line ends."""
    question = decision.question
    yield decision.conclusion.upper()
    yield f"{identity}{' (synthetic)' if identity.synthetic else ''}"
    yield (
        f"{question.product}, {question.route}, {question.setting}, {question.jurisdiction}, "
        f"at {question.at:%Y-%m-%d %H:%M} UTC"
    )
    for action, heading in HEADINGS.items():
        fires = [f for f in decision.findings if f.state == "fires" and f.action == action]
        if fires:
            yield from ("", heading)
        for finding in fires:
            yield from _finding(finding, knowledge)
    yield from _missing(decision, knowledge)
    yield ""
    kinds = Counter(line.split(": ", 1)[0] for line in decision.not_understood)
    by_kind = "; ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
    yield f"Not understood: {len(decision.not_understood)} kinds of entry (--json lists them): {by_kind or 'none'}"
    yield f"knowledge {decision.knowledge[:12]}, {decision.engine}"


def _finding(finding: Finding, knowledge: Knowledge) -> Iterator[str]:
    said = knowledge.rules[finding.rule].text
    yield f"  {said.title} [{finding.rule}: {finding.strength}, {finding.basis}]"
    yield f"    why: {said.why}"
    yield from (f"    because: {line}" for line in finding.because)
    if said.resolves:
        yield f"    to resolve: {said.resolves}"
    if finding.evidence:
        yield f"    evidence: {', '.join(finding.evidence)}"


def _missing(decision: Decision, knowledge: Knowledge) -> Iterator[str]:
    """What nobody knows, by group: first what must be known before anything starts."""
    for if_unknown, heading in (
        ("block", "Missing, must be known"),
        ("ask", "Missing, to be asked"),
        ("note", "Missing, good to know"),
    ):
        missing = [m for m in decision.missing if m.if_unknown == if_unknown]
        if missing:
            yield from ("", heading)
        groups = {knowledge.facts[m.fact].group for m in missing}
        for group in sorted(groups, key=lambda g: (not g, g)):
            yield f"  {group or 'other'}"
            for one in missing:
                if knowledge.facts[one.fact].group == group:
                    yield from _one_missing(one, knowledge)


def _one_missing(missing: Missing, knowledge: Knowledge) -> Iterator[str]:
    yield f"    {knowledge.facts[missing.fact].text.ask} [{missing.fact}: {missing.why}]"
    yield from (f"      {line}" for line in missing.because)
