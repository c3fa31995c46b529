"""The proposal for the next dose: off until adopted, within what is signed, never upwards when anything speaks against it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serein.errors import Reason, Refusal
from serein.knowledge import load
from serein.knowledge.load import build
from serein.knowledge.types import Pack
from serein.logic import Statement
from serein.pathway.plan import (
    Adoption,
    DoseProposal,
    Event,
    Happened,
    Wish,
    draft_order,
    propose_change,
    protocol_digest,
)

PACK = load()
NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
INFUSION = Wish(
    product_key="ketamine-hydrochloride-injection",
    route="intravenous",
    dose="0.5 mg/kg",
    dose_low="0.25 mg/kg",
    dose_high="0.75 mg/kg",
    over="40 min",
    concentration="1 mg/mL",
    sessions=6,
    spacing="84 h",
    series_over="21 d",
    valid_from=NOW,
    valid_until=NOW + dt.timedelta(days=30),
    protocol="six-infusions",
    phase="induction",
)
SPRAY = msgspec.structs.replace(
    INFUSION,
    product_key="esketamine-nasal-spray",
    route="nasal",
    dose="56 mg",
    dose_low="28 mg",
    dose_high="84 mg",
    concentration="",
    protocol="esketamine-by-the-label",
    phase="weeks-1-to-4",
)
LOZENGE = msgspec.structs.replace(
    INFUSION,
    product_key="compounded-lozenge-hydrochloride",
    route="sublingual",
    dose="100 mg",
    dose_low="50 mg",
    dose_high="200 mg",
    concentration="",
    strength="100 mg",
    protocol="lozenges-weekly",
)
WELL = Happened(
    given_mg=35.0,
    outcome="completed",
    events=(),
    distress=1.0,
    dissociation=4.0,
    improved_percent=5.0,
    open_safety_tasks=0,
)


def order(wish=INFUSION, **changes):
    at = NOW - dt.timedelta(days=1)
    said = [
        Statement("weight", 70.0, at, "staff", id="w"),
        Statement("height", 175.0, at, "staff", id="h"),
        Statement("sex", "male", at, "staff", id="s"),
    ]
    found = draft_order(msgspec.structs.replace(wish, **changes), statements=said, at=NOW, knowledge=PACK)
    assert not isinstance(found, Refusal), str(found)
    return found.order


def adopted(key="six-infusions"):
    return Adoption(key, protocol_digest(PACK, key), "Dr Adopts", NOW)


def proposed(wish=INFUSION, adoption=None, signed=None, **happened):
    signed = signed or order(wish)
    adoption = adoption or adopted(wish.protocol)
    return propose_change(signed, msgspec.structs.replace(WELL, **happened), adoption, PACK)


def test_little_benefit_and_a_quiet_session_propose_one_step_up_and_say_why():
    found = proposed()
    assert isinstance(found, DoseProposal)
    assert (found.direction, found.before_mg, found.dose_mg) == ("up", D("35.0"), D("42.0"))
    assert any("gad-7 improved by 5 %" in r for r in found.reasons)
    assert found.adopted.by_name == "Dr Adopts"


# what happened, and the words of the reason
AGAINST = [
    ({"events": (Event("vomiting", 2),)}, "vomiting, grade 2"),
    ({"events": (Event("nausea", 1), Event("panic", 2))}, "panic, grade 2"),
    ({"open_safety_tasks": 1}, "a safety task is open"),
    ({"outcome": "aborted"}, "not completed"),
    ({"outcome": None}, "not completed"),
    ({"distress": None}, "distress was not rated"),
    ({"distress": 4.0}, "distress was rated 4"),
    ({"dissociation": None}, "dissociation was not rated"),
    ({"dissociation": 8.0}, "dissociation was rated 8"),
    ({"improved_percent": None}, "not known"),
    ({"improved_percent": 20.0}, "the dose is enough"),
]


@pytest.mark.parametrize(("happened", "words"), AGAINST)
def test_whatever_speaks_against_more_keeps_the_dose_and_is_said(happened, words):
    found = proposed(**happened)
    assert (found.direction, found.dose_mg) == ("same", D("35.0"))
    assert any(words in r for r in found.reasons)


def test_a_mild_event_alone_does_not_keep_the_dose():
    assert proposed(events=(Event("dizziness", 1),)).direction == "up"


@pytest.mark.parametrize("grade", [3, 4, 5])
def test_a_severe_event_lowers_the_dose_whatever_else(grade):
    found = proposed(events=(Event("pressure 190", grade),), open_safety_tasks=2)
    assert (found.direction, found.dose_mg) == ("down", D("26.2"))  # 35 less a quarter, rounded down


def test_it_is_off_until_the_site_adopts_the_protocol():
    refusal = propose_change(order(), WELL, None, PACK)
    assert (refusal.reason, refusal.value) == (
        Reason.NOT_ALLOWED_NOW,
        "this site has not adopted six-infusions",
    )
    assert isinstance(proposed(adoption=adopted("lozenges-weekly")), Refusal)


def test_an_adoption_of_an_older_version_no_longer_counts():
    import copy

    files = copy.deepcopy(dict(PACK.pack.files))
    files["protocols/six-infusions.toml"]["change"]["step_up"] = "0.2 mg/kg"
    refusal = propose_change(order(), WELL, adopted(), build(Pack(files)))
    assert "has changed since it was adopted" in refusal.value


def test_before_the_first_dose_nothing_is_proposed():
    assert "no dose of this course" in propose_change(order(), None, adopted(), PACK).value


def test_an_order_of_one_dose_leaves_nothing_to_propose():
    single = order(dose_low="", dose_high="")
    assert "signs one dose" in proposed(signed=single).value


def test_an_order_without_a_protocol_leaves_it_to_the_prescriber():
    assert "follows no protocol" in proposed(signed=order(protocol="")).value


def test_the_signed_range_ends_every_proposal_at_both_ends():
    assert (proposed(given_mg=52.0).direction, proposed(given_mg=52.0).dose_mg) == ("up", D("52.5"))
    top = proposed(given_mg=52.5)
    assert (top.direction, top.dose_mg) == ("same", D("52.5"))
    low = proposed(given_mg=18.0, events=(Event("fall", 3),))
    assert (low.direction, low.dose_mg) == ("down", D("17.5"))
    assert any("a new order could sign less" in r for r in low.reasons)
    assert proposed(given_mg=60.0).dose_mg == D("52.5")
    assert isinstance(proposed(given_mg=10.0), Refusal)


def test_a_range_signed_beyond_a_recommended_bound_is_not_used_by_itself():
    wide = order(dose="1 mg/kg", dose_high="1.2 mg/kg")
    found = proposed(signed=wide, given_mg=70.0)
    assert (found.direction, found.dose_mg) == ("same", D("70.0"))


@pytest.mark.parametrize(
    ("given_mg", "events", "expected"),
    [(56.0, (), 84), (84.0, (), 84), (84.0, (Event("x", 3),), 56), (56.0, (Event("x", 3),), 28)],
)
def test_a_spray_changes_by_whole_devices(given_mg, events, expected):
    assert proposed(SPRAY, given_mg=given_mg, events=events).dose_mg == expected


def test_a_lozenge_labelled_in_salt_changes_by_what_can_be_counted():
    found = proposed(LOZENGE, given_mg=86.7)
    assert (found.direction, found.labelled, found.dose_mg) == ("up", "150 mg", D("130.0"))
    same = proposed(LOZENGE, given_mg=86.7, open_safety_tasks=1)
    assert (same.direction, same.labelled, same.dose_mg) == ("same", "100 mg", D("86.7"))


RATING = st.none() | st.floats(0, 10)


@given(
    wish=st.sampled_from([INFUSION, SPRAY, LOZENGE]),
    given_mg=st.floats(5, 120),
    grade=st.integers(0, 5),
    tasks=st.integers(0, 2),
    outcome=st.sampled_from([None, "completed", "aborted", "part-given"]),
    distress=RATING,
    dissociation=RATING,
    improved=st.none() | st.floats(-100, 100),
)
def test_it_is_never_outside_the_signed_range_and_never_up_over_an_event_or_a_task(
    wish, given_mg, grade, tasks, outcome, distress, dissociation, improved
):
    signed = order(wish)
    found = proposed(
        wish,
        signed=signed,
        given_mg=round(given_mg, 1),
        events=(Event("event", grade),) if grade else (),
        open_safety_tasks=tasks,
        outcome=outcome,
        distress=distress,
        dissociation=dissociation,
        improved_percent=improved,
    )
    if isinstance(found, Refusal):
        assert round(given_mg, 1) < signed.dose_low_mg
        return
    assert D(str(signed.dose_low_mg)) <= found.dose_mg <= D(str(signed.dose_high_mg))
    unknown = None in (outcome, distress, dissociation, improved)
    if grade >= 2 or tasks or unknown or outcome != "completed":
        assert found.dose_mg <= found.before_mg
        assert found.direction != "up"
    assert found.reasons
