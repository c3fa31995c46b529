"""Screening: what to ask so that a decision can be made, what may be attested together, when it may be accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Knowledge, Substance
from serein.logic import Facts, Statement, Unknown
from serein.safety import Decision, Override, Question, evaluate
from serein.safety.decision import Jurisdiction, Setting
from serein.safety.evaluate import STRICTNESS

STAGE = "screening"
KINDS = ("contraindications", "cautions", "interactions")
HOME_KINDS = (*KINDS, "home")
ATTESTABLE = frozenset({"never stated", "lapsed", "not computable"})
"""Only what nobody has spoken to, or long ago. A question that the record raises is answered by itself."""


class Ask(msgspec.Struct, frozen=True):
    """One fact to ask, because some rule cannot be judged without it."""

    fact: str
    group: str
    if_unknown: str
    why: str
    because: tuple[str, ...]
    rules: tuple[str, ...]
    attestable: bool


def decide(
    *,
    statements: Iterable[Statement],
    product: Substance,
    route: str,
    jurisdiction: Jurisdiction,
    at: dt.datetime,
    knowledge: Knowledge,
    overrides: Iterable[Override] = (),
    not_understood: Iterable[str] = (),
    setting: Setting = "clinic",
) -> Decision:
    """The screening decision at an instant, for treatment in the clinic or, stricter, at home."""
    home = setting == "home"
    question = Question(
        stage="screening",
        product=product,
        route=route,
        at=at,
        setting=setting,
        jurisdiction=jurisdiction,
        kinds=HOME_KINDS if home else KINDS,
    )
    said = (*statements, planned_at_home(at)) if home else statements
    return evaluate(question, said, knowledge, overrides=overrides, not_understood=not_understood)


def planned_at_home(at: dt.datetime) -> Statement:
    """That the dose is to be taken at home, said by whoever asks about it."""
    return Statement("dose_at_home", True, at, "computed", "treatment at home is asked about")


def work_up(
    *,
    statements: Iterable[Statement],
    product: Substance,
    route: str,
    jurisdiction: Jurisdiction,
    at: dt.datetime,
    knowledge: Knowledge,
    overrides: Iterable[Override] = (),
) -> Decision:
    """What is still to be done or looked at before the first dose: what is missing is due, what fires is a result."""
    question = Question(
        stage="screening", product=product, route=route, at=at, jurisdiction=jurisdiction, kinds=("work-up",)
    )
    return evaluate(question, statements, knowledge, overrides=overrides)


def to_ask(decision: Decision, knowledge: Knowledge) -> tuple[Ask, ...]:
    """Exactly the facts that would let unjudged rules be judged, strictest first, groups together.

    A fact that is computed is replaced by what it is computed from.
    """
    asks: dict[str, Ask] = {}
    facts = Facts(decision.statements, knowledge, decision.question.at)
    for missing in decision.missing:
        for key in _sources(missing.fact, facts):
            fact = knowledge.facts[key]
            new = Ask(
                fact=key,
                group=fact.group,
                if_unknown=missing.if_unknown,
                why=missing.why,
                because=missing.because,
                rules=missing.rules,
                attestable=fact.type == "flag" and bool(fact.group) and missing.why in ATTESTABLE,
            )
            asks[key] = _merged(asks.get(key), new)
    order = {g: i for i, g in enumerate(dict.fromkeys(a.group for a in _strictest_first(asks.values())))}
    return tuple(
        sorted(asks.values(), key=lambda a: (order[a.group], -STRICTNESS.index(a.if_unknown), a.fact))
    )


def _sources(key: str, facts: Facts) -> tuple[str, ...]:
    """What to ask for a fact: itself, or those inputs of a computed one that nobody knows."""
    derived = facts.knowledge.facts[key].derived
    if derived is None:
        return (key,)
    return tuple(k for k in derived.of if isinstance(facts[k], Unknown))


def _strictest_first(asks: Iterable[Ask]) -> list[Ask]:
    return sorted(asks, key=lambda a: (-STRICTNESS.index(a.if_unknown), a.group, a.fact))


def _merged(old: Ask | None, new: Ask) -> Ask:
    if old is None:
        return new
    strictest = max(old.if_unknown, new.if_unknown, key=STRICTNESS.index)
    rules = tuple(dict.fromkeys((*old.rules, *new.rules)))
    return msgspec.structs.replace(old, if_unknown=strictest, rules=rules)


def attestable(asks: Iterable[Ask], group: str) -> tuple[str, ...]:
    """The facts of a group that "none of these" may answer together."""
    return tuple(a.fact for a in asks if a.group == group and a.attestable)


def may_override(decision: Decision, rule: str) -> Refusal | None:
    """Why a finding of this decision cannot be overridden, or None."""
    finding = next((f for f in decision.findings if f.rule == rule), None)
    if finding is None:
        return refuse(Reason.CHANGED_MEANWHILE, "this finding", rule)
    if finding.overridden is not None:
        return refuse(Reason.ALREADY_DONE, "overriding this finding", rule)
    if finding.overridable:
        return None
    if finding.state == "unknown":
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "overriding this finding",
            "the fact is not known",
            next="Ask for the fact and record it.",
        )
    return refuse(Reason.ABSOLUTE, "this finding", rule)


def refuse_excluded(decision: Decision) -> Refusal | None:
    """The absolute exclusion that holds now, as a refusal, or None.

    An acceptance is not asked again when a later fact makes an absolute rule fire: no order is signed and no dose
    begins until a prescriber has disputed that fact.
    """
    for finding in decision.findings:
        if finding.state == "fires" and finding.strength == "absolute" and finding.action == "exclude":
            return refuse(Reason.ABSOLUTE, "what stands against a dose", finding.rule)
    return None


def may_accept(decision: Decision) -> Refusal | None:
    """Why a course cannot go on to consent on this decision, or None."""
    if decision.conclusion == "eligible":
        return None
    binding = decision.binding
    next_step = {
        "exclude": "An absolute rule is overridden for nobody. If its fact is wrong, a prescriber can dispute the fact.",
        "refer": "Resolve the finding, or a prescriber overrides it with a reason.",
        "incomplete": "Record what is missing first.",
    }.get(decision.conclusion, "Look at the findings.")
    return refuse(
        Reason.NOT_ALLOWED_NOW,
        "accepting",
        f"{decision.conclusion}: {binding.rule if binding else ''}",
        next=next_step,
    )
