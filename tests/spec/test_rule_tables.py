"""The tables in home.md, work-up.md and by-route.md, run: when a rule speaks, when it is silent, whom it is not for."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from serein.knowledge import load
from serein.knowledge.load import duration_s
from serein.knowledge.types import Rule, Value
from serein.logic import Statement
from serein.safety import Question, evaluate
from serein.safety.evaluate import applicable
from serein.safety.pack import example_value

HERE = Path(__file__).parent
AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
KNOWLEDGE = load()
TABLES = {
    "home.md": ("ketamine sublingual US", "home"),
    "work-up.md": ("ketamine intravenous US", "clinic"),
    "by-route.md": ("ketamine intravenous US", "clinic"),
}
SAID = re.compile(r"^(?P<fact>\w+) = (?P<value>[^()]+?)(?: \((?P<ago>[^()]+) ago\))?$")


def rows() -> list[tuple[str, ...]]:
    found = []
    for name, (usual, setting) in TABLES.items():
        lines = [x for x in (HERE / name).read_text(encoding="utf-8").splitlines() if x.startswith("|")][2:]
        for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines):
            asked = (cells[0] or usual).split()
            found.append((*[*asked, "US"][:3], setting, *cells[1:]))
    return found


def statements(written: str) -> list[Statement]:
    said = []
    for part in written.split(";"):
        match = SAID.match(part.strip())
        assert match, part
        ago = dt.timedelta(seconds=duration_s(match["ago"]) if match["ago"] else 0)
        said.append(Statement(match["fact"], value(match["fact"], match["value"]), AT - ago, "staff"))
    return said


def value(key: str, written: str) -> Value:
    fact = KNOWLEDGE.facts[key]
    return example_value(fact, float(written) if fact.type == "number" else written, key)


def question(rule: Rule, product: str, route: str, land: str, setting: str) -> Question:
    return Question(rule.stages[0], product, route, AT, setting, land, kinds=(rule.kind,))  # type: ignore[arg-type]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[7]}: {row[4]}")
def test_a_rule_speaks_and_is_silent_as_the_table_says(row: tuple[str, ...]) -> None:
    product, route, land, setting, _, speaks, silent, key = row
    rule = KNOWLEDGE.rules[key]
    asked = question(rule, product, route, land, setting)
    if speaks == "does not speak":
        assert rule not in applicable(asked, KNOWLEDGE)
        speaks = ""
    else:
        found = {f.rule: f.state for f in evaluate(asked, statements(speaks), KNOWLEDGE).findings}
        assert found[key] == "fires"
    found = {f.rule: f.state for f in evaluate(asked, statements(silent), KNOWLEDGE).findings}
    assert key not in found


def test_every_rule_of_work_up_surveillance_home_and_crisis_stands_in_a_table() -> None:
    shown = {row[7] for row in rows()}
    kinds = {"work-up", "surveillance", "home", "crisis"}
    assert {r.key for r in KNOWLEDGE.rules.values() if r.kind in kinds} <= shown


def test_no_rule_of_the_home_speaks_in_the_clinic_and_every_one_does_at_home() -> None:
    for rule in KNOWLEDGE.rules.values():
        assert (rule.settings == ("home",)) is (rule.kind == "home"), rule.key


@pytest.mark.parametrize(
    ("product", "route", "rule"),
    [
        ("esketamine", "nasal", "esketamine-at-home"),
        ("ketamine", "intravenous", "infusion-at-home"),
        ("ketamine", "intramuscular", "injection-at-home"),
        ("ketamine", "subcutaneous", "injection-at-home"),
    ],
)
def test_spray_injection_and_infusion_at_home_are_excluded_for_everybody(product, route, rule) -> None:
    from serein.pathway.screening import decide
    from serein.safety import Override

    def now(overrides=()):
        return decide(
            statements=[],
            product=product,
            route=route,
            jurisdiction="US",
            at=AT,
            knowledge=KNOWLEDGE,
            setting="home",
            overrides=overrides,
        )

    asked = now()
    assert asked.conclusion == "exclude"
    assert rule in {f.rule for f in asked.findings if f.state == "fires"}
    tried = [Override(f.rule, f.digest, f.state, "prescriber", AT, "wishes it") for f in asked.findings]
    assert now(tried).conclusion == "exclude"


def test_in_the_clinic_screening_judges_no_rule_of_home_work_up_or_crisis() -> None:
    from serein.pathway.screening import decide

    asked = decide(
        statements=[],
        product="ketamine",
        route="intravenous",
        jurisdiction="US",
        at=AT,
        knowledge=KNOWLEDGE,
    )
    assert {f.kind for f in asked.findings} == {"contraindications", "cautions", "interactions"}


def test_the_work_up_says_what_is_due_before_a_first_dose_and_when_it_was_too_long_ago() -> None:
    from serein.pathway.screening import work_up

    def due(*said: Statement) -> set[str]:
        decision = work_up(
            statements=said,
            product="ketamine",
            route="intravenous",
            jurisdiction="US",
            at=AT,
            knowledge=KNOWLEDGE,
        )
        return {m.fact for m in decision.missing if m.if_unknown == "ask"}

    assert {"liver_tests", "urinalysis", "urine_drug_screen", "prescription_monitoring"} <= due()
    taken = [Statement("liver_tests", "normal", AT - dt.timedelta(days=days), "staff") for days in (182, 183)]
    assert "liver_tests" not in due(taken[0])
    assert "liver_tests" in due(taken[1])


def test_a_red_flag_at_home_is_told_to_call_for_help_and_blocks_nobody_from_it() -> None:
    from serein.pathway.session.home import at_home

    decision = at_home(
        "after the dose",
        [Statement("cannot_be_woken", True, AT, "patient")],
        KNOWLEDGE,
        product="ketamine",
        route="sublingual",
        at=AT,
    )
    assert decision.conclusion == "stop"
    assert "emergency service" in KNOWLEDGE.rules["red-flag-cannot-be-woken"].text.resolves


def test_a_dose_at_home_is_released_only_when_every_check_is_answered() -> None:
    from serein.pathway.session.home import at_home

    decision = at_home("before the dose", [], KNOWLEDGE, product="ketamine", route="sublingual", at=AT)
    assert decision.conclusion == "incomplete"
    assert {m.if_unknown for m in decision.missing} == {"block"}


@pytest.mark.parametrize(
    ("level", "conclusion"), [(0, "eligible"), (2, "eligible"), (3, "hold"), (5, "hold")]
)
def test_the_level_of_the_suicide_screen_decides_what_is_done(level: int, conclusion: str) -> None:
    from serein.pathway.followup import judged

    said = [
        Statement("suicide_severity_level", float(level), AT, "staff"),
        Statement("phq9_self_harm", False, AT, "patient"),
        Statement("suicide_attempt_history", False, AT, "staff"),
    ]
    decision = judged("crisis", said, KNOWLEDGE, product="ketamine", route="intravenous", at=AT)
    assert decision.conclusion == conclusion
    assert all(not f.overridable for f in decision.findings if f.rule == "suicide-risk-high")
