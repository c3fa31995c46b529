"""The table in facts.md, run: how long each answer holds, and which numbers cannot be real."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from serein.errors import Refusal
from serein.knowledge import load
from serein.knowledge.load import duration_s
from serein.knowledge.types import Fact, Value
from serein.logic import Facts, Known, Statement
from serein.monitoring.readings import parse_reading

AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
KNOWLEDGE = load()
CENTURY = dt.timedelta(days=36525)
SECOND = dt.timedelta(seconds=1)


def rows() -> list[tuple[str, ...]]:
    lines = (Path(__file__).parent / "facts.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table]


def some_value(fact: Fact) -> Value:
    if fact.type == "number":
        assert fact.plausible is not None
        return fact.plausible[0]
    if fact.type == "set":
        return fact.choices[:1]
    return {"flag": True, "date": "2020-01-01"}.get(fact.type) or fact.choices[0]


def known(fact: Fact, ago: dt.timedelta) -> bool:
    facts = Facts([Statement(fact.key, some_value(fact), AT - ago, "staff")], KNOWLEDGE, AT)
    return isinstance(facts[fact.key], Known)


@pytest.mark.parametrize(("key", "holds"), [(r[0], r[1]) for r in rows()])
def test_an_answer_holds_as_long_as_the_table_says_and_not_a_second_longer(key: str, holds: str) -> None:
    fact = KNOWLEDGE.facts[key]
    if holds == "lifetime":
        assert known(fact, CENTURY)
        return
    last = dt.timedelta(seconds=duration_s(holds))
    assert known(fact, last)
    assert not known(fact, last + SECOND)


@pytest.mark.parametrize(("key", "plausible"), [(r[0], r[2]) for r in rows() if r[2]])
def test_a_number_that_cannot_be_real_is_refused(key: str, plausible: str) -> None:
    fact = KNOWLEDGE.facts[key]
    span, unit = plausible.rsplit(" ", 1)
    low, high = (float(end) for end in span.split(" to "))
    assert fact.unit == unit
    for value in (low, high):
        assert not isinstance(parse_reading(fact, f"{value:g}"), Refusal)
    for value in (low - 1, high + 1):
        assert isinstance(parse_reading(fact, f"{value:g}"), Refusal)


CODES = [
    ("audit_c_total", "loinc", "75626-2", "value"),
    ("sleep_apnoea", "snomed", "78275009", "yes"),
    ("sleep_apnoea", "icd10cm", "G47.33", "yes"),
    ("mania_ever", "icd10cm", "F30", "yes"),
    ("mania_ever", "icd10cm", "F31", "ask"),
    ("opioid_use_disorder_ever", "icd10cm", "F11.1", "yes"),
    ("opioid_use_disorder_ever", "icd10cm", "F11.2", "yes"),
    ("opioid_use_disorder_ever", "icd10cm", "F11.9", "ask"),
    ("takes_clarithromycin", "rxnorm", "21212", "yes"),
    ("takes_itraconazole", "rxnorm", "28031", "yes"),
    ("takes_ticlopidine", "rxnorm", "10594", "yes"),
    ("takes_rifampicin", "rxnorm", "9384", "yes"),
]


@pytest.mark.parametrize(("key", "system", "code", "means"), CODES)
def test_a_code_of_the_newer_facts_means_what_the_table_says(key, system, code, means) -> None:
    assert (system, code, means) in {(c.system, c.code, c.means) for c in KNOWLEDGE.facts[key].codes}
