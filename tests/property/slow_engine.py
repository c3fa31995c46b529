"""The slow, obvious twin of the engine: written for reading, judged by nothing but its own plainness.

It says what a decision must come to. It shares no code with `serein.logic` and `serein.safety` but their shapes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from serein.knowledge.types import All, Any_, Compare, Condition, Knowledge, Rule
from serein.logic import Statement
from serein.logic.derived import FUNCTIONS
from serein.logic.facts import Facts, Known
from serein.safety import Question

FALSE, UNKNOWN, TRUE = 0, 1, 2


@dataclass
class Person:
    """What is known of somebody, asked afresh every time."""

    statements: list[Statement]
    knowledge: Knowledge
    at: dt.datetime

    def usable(self, key: str) -> list[Statement]:
        superseded = [i for s in self.statements for i in s.supersedes]
        mine = [s for s in self.statements if s.fact == key and s.at <= self.at]
        mine = [s for s in mine if not (s.id != "" and s.id in superseded)]
        return sorted(mine, key=lambda s: s.at, reverse=True)

    def knows(self, key: str) -> tuple[object, list[Statement], str]:
        """(value, the statements that carry it, "") or (None, statements, why it is unknown)."""
        fact = self.knowledge.facts[key]
        said = self.usable(key)
        if fact.derived is not None:
            computed = self.computes(key)
            if not computed[2] or not said:
                return computed
        if not said:
            return None, [], "never stated"
        valid = [
            s for s in said if fact.validity_s is None or (self.at - s.at).total_seconds() <= fact.validity_s
        ]
        questions = [s for s in valid if s.value is None]
        answers = [s for s in valid if s.value is not None]
        if not answers and questions:
            return None, questions, "asked"
        if not answers:
            return None, said[:1], "lapsed"
        if fact.type == "flag" and fact.span == "ever":
            yes, no = ([s for s in answers if s.value is v] for v in (True, False))
            if yes and no:
                return None, [yes[0], no[0]], "disagreement"
            carrying = yes or no
        else:
            carrying = [s for s in answers if s.at == answers[0].at]
            if any(s.value != carrying[0].value for s in carrying):
                return None, carrying, "disagreement"
        value = carrying[0].value
        asked_later = [s for s in questions if s.at > carrying[0].at]
        if value is False and asked_later:
            return None, asked_later, "asked"
        return value, carrying, ""

    def computes(self, key: str) -> tuple[object, list[Statement], str]:
        fact = self.knowledge.facts[key]
        inputs = [self.knows(k) for k in fact.derived.of]
        if any(why for _, _, why in inputs):
            return None, [s for _, said, why in inputs if why for s in said], "not computable"
        known = [Known(value, tuple(said)) for value, said, _ in inputs]
        value = FUNCTIONS[fact.derived.function](fact, known, Facts((), self.knowledge, self.at))
        if value is None:
            return None, [said[0] for _, said, _ in inputs], "not computable"
        at = self.at if fact.derived.function == "time_since" else max(said[0].at for _, said, _ in inputs)
        return value, [Statement(key, value, at, "computed")], ""

    def truth(self, condition: Condition) -> int:
        if isinstance(condition, Compare):
            return self.compares(condition)
        parts = [self.truth(part) for part in condition.of]
        if isinstance(condition, All):
            return min(parts)
        return max(parts) if isinstance(condition, Any_) else 2 - max(parts)

    def compares(self, compare: Compare) -> int:
        value, said, why = self.knows(compare.fact)
        if why:
            return UNKNOWN
        newest, limit = said[0].at, compare.taken_within_s
        if limit is not None and (self.at - newest).total_seconds() > limit:
            return UNKNOWN
        want = compare.value
        return {
            "is": lambda: TRUE if value == want else FALSE,
            "at_least": lambda: TRUE if value >= want else FALSE,
            "above": lambda: TRUE if value > want else FALSE,
            "at_most": lambda: TRUE if value <= want else FALSE,
            "below": lambda: TRUE if value < want else FALSE,
            "includes": lambda: TRUE if want in value else FALSE,
            "within": lambda: TRUE if want[0] <= value <= want[1] else FALSE,
        }[compare.operator]()

    def behind(self, condition: Condition) -> tuple[list[str], list[str]]:
        """(the facts that decided, the facts that were missing), in the order of the condition."""
        if isinstance(condition, Compare):
            return ([], [condition.fact]) if self.compares(condition) == UNKNOWN else ([condition.fact], [])
        whole, parts = self.truth(condition), list(condition.of)
        if whole == UNKNOWN:
            missing = [k for p in parts if self.truth(p) == UNKNOWN for k in self.behind(p)[1]]
            return once(k for p in parts for k in self.behind(p)[0]), once(missing)
        settling = FALSE if isinstance(condition, All) else TRUE
        deciding = [p for p in parts if self.truth(p) == settling] or parts
        return once(k for p in deciding for k in self.behind(p)[0]), []


def once(keys) -> list[str]:
    return list(dict.fromkeys(keys))


def applies(rule: Rule, question: Question) -> bool:
    return (
        question.stage in rule.stages
        and question.product in rule.products
        and question.route in (rule.routes or (question.route,))
        and question.setting in (rule.settings or (question.setting,))
        and question.jurisdiction in (rule.jurisdictions or (question.jurisdiction,))
        and rule.kind in (question.kinds or (rule.kind,))
        and not (rule.retired_on and question.at.date() >= rule.retired_on)
    )


def concludes(rule: Rule, truth: int) -> str:
    if truth == UNKNOWN:
        return "eligible" if rule.if_unknown == "note" else "incomplete"
    return rule.action if rule.action in {"exclude", "stop", "hold", "refer"} else "eligible"


def told(question: Question, statements: list[Statement], knowledge: Knowledge) -> dict[str, object]:
    """What the decision must come to, without overrides: conclusion, findings by rule, what is missing and why."""
    person = Person(statements, knowledge, question.at)
    findings, conclusions = {}, ["eligible"]
    for rule in knowledge.rules.values():
        truth = person.truth(rule.condition) if applies(rule, question) else FALSE
        last_day = getattr(rule, "lapses_on", None)
        if applies(rule, question) and last_day is not None and question.at.date() > last_day:
            truth = UNKNOWN
        if truth == FALSE:
            continue
        used, missing = person.behind(rule.condition)
        findings[rule.key] = ("fires" if truth == TRUE else "unknown", tuple(used), tuple(missing))
        conclusions.append(concludes(rule, truth))
    worst = ("exclude", "stop", "hold", "refer", "incomplete", "eligible")
    missed = {k for _, _, missing in findings.values() for k in missing}
    return {
        "conclusion": min(conclusions, key=worst.index),
        "findings": findings,
        "missing": {k: person.knows(k)[2] or "too old" for k in missed},
    }
