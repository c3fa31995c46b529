"""The table in contraindications.md, run; and what a table cannot show: how answers age."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from serein.knowledge import load
from serein.knowledge.types import Value
from serein.logic import Statement
from serein.safety import Decision, Question, evaluate

AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
KINDS = ("contraindications", "cautions")
ROUTE = {"ketamine": "intravenous", "esketamine": "nasal"}
KNOWLEDGE = load()
RULES = {key: rule for key, rule in KNOWLEDGE.rules.items() if rule.kind in KINDS}
ASKED = sorted({name for rule in RULES.values() for example in rule.examples for name in example.facts})
MEASURED: dict[str, Value] = {
    "age": 40.0,
    "sex": "female",
    "systolic_pressure": 120.0,
    "diastolic_pressure": 75.0,
    "body_mass_index": 24.0,
    "asa_class": "I",
    "estimated_filtration_rate": 90.0,
}


def well_adult() -> dict[str, Value | None]:
    flags: dict[str, Value | None] = {k: False for k in ASKED if KNOWLEDGE.facts[k].type == "flag"}
    return flags | MEASURED


def value(key: str, written: str) -> Value | None:
    if written == "unknown":
        return None
    kind = KNOWLEDGE.facts[key].type
    if kind == "flag":
        return {"yes": True, "no": False}[written]
    return float(written) if kind == "number" else written


def person(differs: str) -> dict[str, Value | None]:
    facts = well_adult()
    for part in filter(None, (p.strip() for p in differs.split(";"))):
        key, written = (p.strip() for p in part.split("="))
        if written == "not asked":
            del facts[key]
        else:
            facts[key] = value(key, written)
    return facts


def decided(facts: dict[str, Value | None], product: str = "ketamine", land: str = "US") -> Decision:
    statements = [Statement(k, v, AT, "staff", id=k) for k, v in facts.items()]
    return judged(statements, product, land)


def judged(statements: list[Statement], product: str = "ketamine", land: str = "US") -> Decision:
    question = Question("screening", product, ROUTE[product], AT, jurisdiction=land, kinds=KINDS)
    return evaluate(question, statements, KNOWLEDGE)


def states(decision: Decision) -> dict[str, str]:
    return {finding.rule: finding.state for finding in decision.findings}


def rows() -> list[tuple[str, ...]]:
    lines = (Path(__file__).parent / "contraindications.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]} ({row[2]}, {row[3]})")
def test_each_person_of_the_table_is_judged_as_it_says(row: tuple[str, ...]) -> None:
    _, differs, product, land, conclusion, rule, state = row
    decision = decided(person(differs), product, land)
    assert decision.conclusion == conclusion
    if rule == "-":
        assert states(decision) == {}
    else:
        assert states(decision)[rule] == state


@pytest.mark.parametrize("key", sorted(k for k, r in RULES.items() if r.strength == "absolute"))
def test_no_absolute_rule_can_be_overridden_whether_it_fires_or_is_unknown(key: str) -> None:
    rule = RULES[key]
    for example in rule.examples:
        if example.state == "silent":
            continue
        facts = {k: value(k, str(v)) for k, v in example.facts.items()}
        land = rule.jurisdictions[0] if rule.jurisdictions else "US"
        decision = decided(facts, rule.products[0], land)
        found = [f for f in decision.findings if f.rule == key]
        assert [f.state for f in found] == [example.state]
        assert not found[0].overridable


def test_a_record_that_says_nothing_is_incomplete_and_excludes_nobody() -> None:
    decision = judged([])
    assert decision.conclusion == "incomplete"
    assert set(states(decision).values()) == {"unknown"}


def test_most_of_what_must_be_asked_can_be_attested_in_groups() -> None:
    asked = [m.fact for m in judged([]).missing if m.if_unknown != "note"]
    groups = {KNOWLEDGE.facts[k].group for k in asked} - {""}
    alone = [k for k in asked if not KNOWLEDGE.facts[k].group]
    assert len(groups) <= 12
    assert set(alone) <= {"age", "sex", "body_mass_index", "acute_suicidality", "past_overdose_intent"}


def test_suicidality_is_never_answered_by_attesting_a_group() -> None:
    assert KNOWLEDGE.facts["acute_suicidality"].group == ""


def test_an_unknown_overdose_says_in_the_words_of_the_record_what_raised_it() -> None:
    facts = well_adult() | {"past_overdose": True}
    statements = [Statement(k, v, AT, "staff") for k, v in facts.items()]
    note = "Drug overdose; past overdose, intent unknown"
    statements.append(Statement("past_overdose_intent", None, AT, "record", note))
    found = [f for f in judged(statements).findings if f.rule == "past-overdose"]
    assert [(f.state, f.because, f.missing) for f in found] == [
        ("unknown", (note,), ("past_overdose_intent",))
    ]


def pregnancy_said(answer: bool, days_ago: float) -> dict[str, str]:
    facts = well_adult()
    del facts["pregnancy"]
    statements = [Statement(k, v, AT, "staff") for k, v in facts.items()]
    said = Statement("pregnancy", answer, AT - dt.timedelta(days=days_ago), "record", "said")
    return states(judged([*statements, said]))


def test_not_pregnant_counts_for_seven_days() -> None:
    assert "pregnancy" not in pregnancy_said(False, 7)
    assert pregnancy_said(False, 7.01)["pregnancy"] == "unknown"


def test_pregnant_counts_until_no_pregnancy_can_have_lasted() -> None:
    assert pregnancy_said(True, 60)["pregnancy"] == "fires"
    assert pregnancy_said(True, 301)["pregnancy"] == "unknown"


@pytest.mark.parametrize(
    ("fact", "days"),
    [("acute_suicidality", 7), ("active_psychosis", 30), ("recent_cardiovascular_event", 42)],
)
def test_an_answer_about_the_present_lapses_into_unknown(fact: str, days: int) -> None:
    for age, expected in ((days, "eligible"), (days + 1, "incomplete")):
        facts = well_adult()
        del facts[fact]
        statements = [Statement(k, v, AT, "staff") for k, v in facts.items()]
        said = Statement(fact, False, AT - dt.timedelta(days=age), "staff")
        assert judged([*statements, said]).conclusion == expected


def test_a_haemorrhage_long_ago_and_a_later_no_are_a_disagreement_and_block() -> None:
    facts = well_adult()
    del facts["intracerebral_haemorrhage_history"]
    statements = [Statement(k, v, AT, "staff") for k, v in facts.items()]
    record = Statement("intracerebral_haemorrhage_history", True, AT - dt.timedelta(days=7000), "record")
    answer = Statement("intracerebral_haemorrhage_history", False, AT, "patient")
    decision = judged([*statements, record, answer])
    assert decision.conclusion == "incomplete"
    assert states(decision)["intracerebral-haemorrhage"] == "unknown"


def test_every_code_that_only_asks_says_why() -> None:
    codes = [(key, code) for key in ASKED for code in KNOWLEDGE.facts[key].codes]
    asking = [(key, code) for key, code in codes if code.means == "ask"]
    assert asking
    assert [(key, code.code) for key, code in asking if not code.note] == []
    assert [(key, code.code) for key, code in codes if not code.display] == []
