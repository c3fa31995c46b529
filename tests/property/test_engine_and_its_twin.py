"""The fast engine and its slow, obvious twin come to the same on any statements, by every question."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from serein.knowledge import load
from serein.knowledge.types import Compare, Fact
from serein.logic import Facts, Statement, Truth, evaluate, truth_of
from serein.safety import Question
from serein.safety import evaluate as decide
from tests.property.slow_engine import told

KNOWLEDGE = load()
AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
STATED = sorted(KNOWLEDGE.facts)


def edges(condition) -> dict[str, set[float]]:
    """Every number that a rule compares a fact with."""
    if isinstance(condition, Compare):
        wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        numbers = {w for w in wanted if isinstance(w, float)}
        return {condition.fact: numbers} if numbers else {}
    found: dict[str, set[float]] = {}
    for part in condition.of:
        for key, numbers in edges(part).items():
            found.setdefault(key, set()).update(numbers)
    return found


EDGES: dict[str, set[float]] = {}
for rule in KNOWLEDGE.rules.values():
    for name, numbers in edges(rule.condition).items():
        EDGES.setdefault(name, set()).update(numbers)


def values(fact: Fact):
    if fact.type == "flag":
        return st.booleans()
    if fact.type == "number":
        at_edges = [n + d for n in EDGES.get(fact.key, {1.0}) for d in (-1.0, -0.01, 0.0, 0.01, 1.0)]
        return st.sampled_from(at_edges) | st.floats(0, 300)
    if fact.type == "date":
        return st.dates(dt.date(1930, 1, 1), dt.date(2026, 11, 22)).map(dt.date.isoformat)
    one = st.sampled_from(sorted(fact.choices))
    return one if fact.type == "choice" else st.lists(one, max_size=3).map(tuple)


@st.composite
def statements(draw):
    found = []
    for number, key in enumerate(draw(st.lists(st.sampled_from(STATED), max_size=80))):
        ago = draw(st.sampled_from([-1, 0, 0, 1, 16, 31, 60, 600, 10_000, 20_000, 600_000]))
        value = None if draw(st.integers(0, 9)) == 0 else draw(values(KNOWLEDGE.facts[key]))
        gone = (str(draw(st.integers(0, number))),) if draw(st.integers(0, 9)) == 0 else ()
        at = AT - dt.timedelta(minutes=ago)
        found.append(Statement(key, value, at, "staff", id=str(number), supersedes=gone))
    return found


QUESTIONS = st.builds(
    lambda stage, way, land: Question(stage, way[0], way[1], AT, jurisdiction=land),
    st.sampled_from(["screening", "plan", "session", "recovery"]),
    st.sampled_from([("ketamine", "intravenous"), ("esketamine", "nasal")]),
    st.sampled_from(["US", "EU", "UK", "AU", "NZ"]),
)


@settings(max_examples=150)
@given(QUESTIONS, statements())
def test_a_decision_is_what_the_slow_twin_says(question, given_):
    decision = decide(question, given_, KNOWLEDGE)
    slow = told(question, given_, KNOWLEDGE)
    assert decision.conclusion == slow["conclusion"]
    assert {f.rule: (f.state, f.facts, f.missing) for f in decision.findings} == slow["findings"]
    assert {m.fact: m.why for m in decision.missing} == slow["missing"]


@settings(max_examples=50)
@given(statements())
def test_the_short_way_to_a_truth_is_the_truth(given_):
    for rule in KNOWLEDGE.rules.values():
        quick = truth_of(rule.condition, Facts(given_, KNOWLEDGE, AT))
        assert quick is evaluate(rule.condition, Facts(given_, KNOWLEDGE, AT)).truth
        assert quick in set(Truth)


@settings(max_examples=50)
@given(QUESTIONS, statements())
def test_the_same_statements_in_another_order_give_the_same_decision(question, given_):
    assert decide(question, given_, KNOWLEDGE) == decide(question, given_[::-1], KNOWLEDGE)
