"""Properties of whole records of the shape that real ones have: any codes, any status, any order, any reference."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serein.fhir import Imported, read_bundle
from serein.knowledge.types import Knowledge
from serein.logic import Facts
from serein.safety.pack import default_store, usable_pack
from tests import bundles as b

AT = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
REAL: Knowledge = usable_pack(store=default_store())
LABELS = Path(__file__).parents[1] / "reference" / "labelled-record-codes.csv"
ROWS = list(csv.DictReader(LABELS.open(newline="", encoding="utf-8")))


def rows(kind: str) -> list[tuple[str, str]]:
    return [(r["code"], r["display"]) for r in ROWS if r["kind"] == kind]


STATUSES = ["active", "recurrence", "relapse", "inactive", "remission", "resolved", ""]
PAST = ["inactive", "remission", "resolved"]
VERIFICATIONS = ["confirmed", "unconfirmed", "provisional", "differential", "refuted", "entered-in-error"]
DATES = st.sampled_from(
    ["1990-01-01", "2019-12-31T23:59:59+14:00", "2020-06-01T09:00:00Z", "2031-01-01", "1980", "x"]
)
MEDICINE_STATUSES = [
    *("active", "on-hold", "cancelled", "completed", "stopped", "draft", "unknown"),
    *("entered-in-error", "not-taken", "intended", ""),
]
NUMBER = st.floats(min_value=-10, max_value=100_000, allow_nan=False) | st.integers(-5, 400)
UNITS = st.sampled_from(
    ["mm[Hg]", "kg", "g", "cm", "mg/dL", "umol/L", "mL/min", "U/L", "%", "", "stone", "{score}"]
)

conditions = st.builds(
    lambda c, s, v, d: b.condition(*c, status=s, verification=v, onset=d),
    st.sampled_from(rows("condition")),
    st.sampled_from(STATUSES),
    st.sampled_from(VERIFICATIONS),
    DATES,
)
medicines = st.builds(
    lambda c, s, d, i: b.medication_request(*c, status=s, authored=d, intent=i),
    st.sampled_from(rows("medicine")),
    st.sampled_from(MEDICINE_STATUSES),
    DATES,
    st.sampled_from(["order", "plan", "proposal", "instance-order"]),
)
observations = st.builds(
    lambda c, v, u, d, s: b.observation(*c, v, u, at=d, status=s),
    st.sampled_from(rows("observation")),
    NUMBER,
    UNITS,
    DATES,
    st.sampled_from(["final", "amended", "corrected", "preliminary", "cancelled", "entered-in-error", ""]),
)
pressures = st.builds(b.blood_pressure, st.integers(60, 240), st.integers(30, 140), at=DATES)
procedures = st.builds(
    lambda c, s, d: b.procedure(*c, status=s, at=d),
    st.sampled_from(rows("procedure")),
    st.sampled_from(["completed", "in-progress", "not-done", "stopped", "entered-in-error", "unknown"]),
    DATES,
)
others = st.sampled_from(
    [
        {"resourceType": "Immunization", "patient": b.subject()},
        {"resourceType": "FamilyMemberHistory", "condition": [{"code": {"text": "Schizophrenia"}}]},
        {"resourceType": "Claim"},
        {"resourceType": "Unheard", "code": 7},
        b.device("1", "Cardiac pacemaker"),
        b.allergy("1", "Allergy to ketamine"),
        {"resourceType": "Condition"},
        {"resourceType": "Observation", "status": "final", "component": "none"},
    ]
)
RECORDS = st.lists(conditions | medicines | observations | pressures | procedures | others, max_size=12)


def read(resources: list[dict[str, Any]], at: dt.datetime | None = AT) -> Imported:
    found = read_bundle(b.as_bytes(b.bundle(*resources)), REAL, at=at)
    assert isinstance(found, Imported), found
    return found


@given(RECORDS, st.sampled_from([AT, None]))
def test_entries_in_are_entries_understood_listed_or_set_aside(
    resources: list[dict[str, Any]], at: dt.datetime | None
) -> None:
    found = read(resources, at)
    assert sum(c.entries for c in found.counts) == len(resources) + 2  # the patient and an encounter
    for count in found.counts:
        assert count.entries == count.understood + count.listed + count.set_aside
        assert not count.listed or any(line.startswith(f"{count.kind}: ") for line in found.not_understood)
    assert found.understood == sum(c.understood for c in found.counts)


@given(RECORDS)
def test_every_statement_is_about_a_fact_of_the_past_and_has_an_id_of_its_own(
    resources: list[dict[str, Any]],
) -> None:
    found = read(resources)
    assert len({s.id for s in found.statements}) == len(found.statements)
    for one in found.statements:
        assert one.fact in REAL.facts
        assert one.at <= AT
        assert one.because.isprintable()
        assert one.value is not None or one.because.endswith("unknown")
    facts = Facts(found.statements, REAL, AT)
    assert all(facts[key] is not None for key in REAL.facts)


@given(
    st.sampled_from(rows("condition")), st.sampled_from(PAST), st.sampled_from(["confirmed", "provisional"])
)
def test_a_past_condition_says_nothing_of_what_holds_now(
    coded: tuple[str, str], status: str, verification: str
) -> None:
    found = read([b.condition(*coded, status=status, verification=verification)])
    assert all(REAL.facts[s.fact].span == "ever" for s in found.statements if s.id.startswith("Condition/"))


@given(
    st.sampled_from(rows("medicine")),
    st.sampled_from([s for s in MEDICINE_STATUSES if s != "active"]),
)
def test_only_an_active_medicine_is_taken_now(coded: tuple[str, str], status: str) -> None:
    found = read([b.medication_request(*coded, status=status)])
    assert not [s for s in found.statements if s.fact.startswith("takes_") and s.value is True]


@given(
    st.sampled_from(rows("condition")),
    st.sampled_from(["refuted", "entered-in-error"]),
    st.sampled_from(STATUSES),
)
def test_a_refuted_or_mistaken_condition_states_nothing_and_is_listed(
    coded: tuple[str, str], verification: str, status: str
) -> None:
    found = read([b.condition(*coded, verification=verification, status=status)])
    assert not [s for s in found.statements if s.id.startswith("Condition/")]
    assert any(line.startswith("Condition: ") for line in found.not_understood)


@given(
    st.sampled_from(rows("condition")),
    st.sampled_from(
        ["No known {}", "Family history of {}", "No evidence of {}", "Screening for {}", "{} ruled out"]
    ),
)
def test_words_that_deny_or_tell_of_another_never_come_to_yes(coded: tuple[str, str], words: str) -> None:
    display = words.format(coded[1])
    for code in ("0", coded[0]):
        found = read([b.condition(code, display)])
        assert not [s for s in found.statements if s.id.startswith("Condition/") and s.value is True]


@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_a_record_changes_nothing(resources: list[dict[str, Any]], random: Any) -> None:
    distinct = list({json.dumps(r.get("id", r), sort_keys=True): r for r in resources}.values())
    numbered = [r | {"id": f"r{n}"} for n, r in enumerate(distinct)]
    shuffled = list(numbered)
    random.shuffle(shuffled)
    plain, other = read(numbered), read(shuffled)
    assert sorted(other.statements, key=lambda s: s.id) == sorted(plain.statements, key=lambda s: s.id)
    assert (other.counts, other.codes) == (plain.counts, plain.codes)


@given(
    RECORDS,
    st.sampled_from(
        ["urn:uuid:{}", "Patient/{}", "https://example.org/r4/Patient/{}", "Patient/{}/_history/9"]
    ),
)
def test_the_way_in_which_the_patient_is_referred_to_changes_nothing(
    resources: list[dict[str, Any]], form: str
) -> None:
    reference = {"reference": form.format(b.an_id("patient", 1))}
    referred = [{k: reference if k in ("subject", "patient") else v for k, v in r.items()} for r in resources]
    assert read(referred).statements == read(resources).statements
