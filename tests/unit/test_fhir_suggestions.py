"""Measurements that raise a question, and what they are measured in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from serein.errors import KnowledgeError
from serein.fhir import Imported, read_bundle
from serein.knowledge.types import Knowledge
from serein.logic import Facts, Known, Statement, suggested
from serein.safety.pack import check_examples
from tests import bundles as b
from tests.unit.test_fhir_what_is_told import pack

AT = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
FACTS = """
[pressure]
type = "number"
unit = "mmHg"
plausible = [40, 300]
stage = "screening"
recorded_as = "observation"
codes = [{ system = "loinc", code = "8480-6", means = "value" }]
text = { ask = "Pressure" }

[creatinine]
type = "number"
unit = "mg/dL"
plausible = [0.1, 40]
stage = "screening"
recorded_as = "observation"
molar_mass = 113.12
codes = [{ system = "loinc", code = "2160-0", means = "value" }]
text = { ask = "Creatinine" }

[filtration]
type = "number"
unit = "mL/min/{1.73_m2}"
plausible = [1, 200]
stage = "screening"
recorded_as = "observation"
codes = [
  { system = "loinc", code = "33914-3", means = "value", written_in = ["mL/min"] },
  { system = "loinc", code = "99999-9", means = "value" },
]
text = { ask = "Filtration rate" }

[uncontrolled]
type = "flag"
stage = "screening"
recorded_as = "condition"
text = { ask = "Not under control" }
"""
SUGGESTION = """
key = "pressures"
asks = ["uncontrolled"]
any = [{ fact = "pressure", above = "140 mmHg" }]
days = 2
within = "180 d"
note = "pressures suggest it"
basis = "assumption"
written_by = "a test"
checked_by = "nobody yet"
reviewed_on = 2026-11-25
review_due = 2027-11-25

[[examples]]
note = "two days"
readings = [{ fact = "pressure", value = 141 }, { fact = "pressure", value = 150, days_ago = 180 }]
asks = true

[[examples]]
note = "on the limit"
readings = [{ fact = "pressure", value = 140 }, { fact = "pressure", value = 140, days_ago = 5 }]
asks = false
"""
KNOWN = pack(FACTS, suggestions__pressures=SUGGESTION)
RULE = KNOWN.suggestions["pressures"]


def taken(value: float, day: int, hour: int = 9) -> Statement:
    return Statement(
        "pressure", value, dt.datetime(2020, 1, 1, hour, tzinfo=dt.UTC) + dt.timedelta(days=day), "record"
    )


def read(*resources: dict[str, Any], knowledge: Knowledge = KNOWN) -> Imported:
    result = read_bundle(b.as_bytes(b.bundle(*resources)), knowledge, at=AT)
    assert isinstance(result, Imported), result
    return result


def pressure(value: float, day: str) -> dict[str, Any]:
    return b.observation("8480-6", "Systolic", value, "mm[Hg]", at=f"{day}T09:00:00Z")


@pytest.mark.parametrize(
    ("readings", "asks"),
    [
        ([taken(141, 0), taken(141, 1)], True),
        ([taken(141, 0), taken(140, 1)], False),
        ([taken(170, 0, 8), taken(170, 0, 20)], False),
        ([taken(141, 0), taken(141, 180)], True),
        ([taken(141, 0), taken(141, 181)], False),
        ([taken(141, 0), taken(120, 1), taken(141, 2)], True),
        ([], False),
    ],
)
def test_enough_days_beyond_the_limit_inside_the_span_raise_the_question(
    readings: list[Statement], asks: bool
) -> None:
    assert bool(suggested(RULE, readings)) is asks
    assert suggested(RULE, readings[::-1]) == suggested(RULE, readings)


def test_a_question_without_an_answer_is_no_measurement() -> None:
    asked = [Statement("pressure", None, taken(0, d).at, "record") for d in range(3)]
    assert suggested(RULE, asked) == ()


def test_pressures_over_time_ask_and_leave_the_answer_to_a_clinician() -> None:
    found = read(pressure(150, "2020-05-01"), pressure(160, "2020-06-01"), pressure(120, "2020-06-02"))
    (one,) = (s for s in found.statements if s.fact == "uncontrolled")
    assert one.value is None
    assert one.at == dt.datetime(2020, 6, 1, 9, tzinfo=dt.UTC)
    assert one.because == (
        "pressures suggest it: Systolic 160 mmHg (LOINC 8480-6), 2020-06-01, on 2 days since 2020-05-01: unknown"
    )


def test_a_clinicians_later_no_stands_and_an_earlier_one_does_not() -> None:
    found = read(pressure(150, "2020-05-01"), pressure(160, "2020-06-01"))
    for day, answered in (
        (dt.datetime(2020, 6, 2, tzinfo=dt.UTC), True),
        (dt.datetime(2020, 5, 2, tzinfo=dt.UTC), False),
    ):
        no = Statement("uncontrolled", False, day, "staff")
        assert isinstance(Facts((*found.statements, no), KNOWN, AT)["uncontrolled"], Known) is answered


def test_one_high_pressure_asks_nothing() -> None:
    assert "uncontrolled" not in {s.fact for s in read(pressure(190, "2020-06-01")).statements}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ('asks = ["uncontrolled"]>asks = ["unheard_of"]', "unknown fact"),
        ('fact = "pressure", above>fact = "unheard_of", above', "unknown fact"),
        ('"140 mmHg">"140 kg"', "wrong kind of unit"),
        ('"180 d">"180 mg"', "wrong kind of unit"),
        ("days = 2>days = 0", "at least one day"),
        ('note = "on the limit"\n>note = "on the limit"\nwrong = 1\n', "wrong"),
    ],
)
def test_a_suggestion_that_cannot_be_is_refused_at_load_by_its_file(change: str, problem: str) -> None:
    before, after = change.split(">")
    assert before in SUGGESTION
    with pytest.raises(KnowledgeError, match=problem) as refused:
        pack(FACTS, suggestions__pressures=SUGGESTION.replace(before, after))
    assert refused.value.file == "suggestions/pressures.toml"


@pytest.mark.parametrize(
    "change", ["140 mmHg>141 mmHg", "140 mmHg>139 mmHg", "days = 2>days = 3", "180 d>179 d"]
)
def test_a_suggestion_that_disagrees_with_its_examples_is_refused(change: str) -> None:
    before, after = change.split(">")
    with pytest.raises(KnowledgeError, match="example"):
        check_examples(pack(FACTS, suggestions__pressures=SUGGESTION.replace(before, after)))


@pytest.mark.parametrize(
    ("value", "unit", "inside"),
    [
        (1.0, "mg/dL", 1.0),
        (88.4, "umol/L", 1.0),
        (88.4, "µmol/L", 1.0),
        (0.0884, "mmol/L", 1.0),
        (10, "mg/L", 1.0),
        (0.01, "g/L", 1.0),
    ],
)
def test_creatinine_comes_in_mass_or_in_amount(value: float, unit: str, inside: float) -> None:
    (one,) = (
        s
        for s in read(b.observation("2160-0", "Creatinine", value, unit)).statements
        if s.fact == "creatinine"
    )
    assert one.value == pytest.approx(inside, rel=1e-3)


@pytest.mark.parametrize(
    ("value", "unit"), [(1.0, ""), (1.0, "1"), (1.0, "U/L"), (9000, "umol/L"), (0.0, "mg/dL")]
)
def test_creatinine_without_a_unit_of_its_kind_or_beyond_belief_is_listed_and_not_used(
    value: float, unit: str
) -> None:
    found = read(b.observation("2160-0", "Creatinine", value, unit))
    assert "creatinine" not in {s.fact for s in found.statements}
    assert any(line.startswith("Observation: Creatinine") for line in found.not_understood)


def test_a_unit_that_stands_for_the_facts_own_counts_only_under_the_code_that_says_so() -> None:
    assert any(s.value == 25.0 for s in read(b.observation("33914-3", "eGFR", 25, "mL/min")).statements)
    assert "filtration" not in {
        s.fact for s in read(b.observation("99999-9", "GFR", 25, "mL/min")).statements
    }
