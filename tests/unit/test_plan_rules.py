"""The plan in the core: from a wish to an order, or the first reason why not."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from serein.errors import Reason, Refusal
from serein.logic import Statement
from serein.pathway.plan import (
    AsNeeded,
    Draft,
    Series,
    Wish,
    chair_minutes,
    curve,
    draft_order,
    may_sign,
    series_starts,
)

NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
BOTH = frozenset({"decision", "consent"})
WISH = Wish(
    product_key="ketamine-hydrochloride-injection",
    route="intravenous",
    dose="0.5 mg/kg",
    over="40 min",
    concentration="1 mg/mL",
    sessions=6,
    spacing="84 h",
    series_over="21 d",
    valid_from=NOW,
    valid_until=NOW + 30 * DAY,
    as_needed=(AsNeeded("ondansetron", "4 mg", "nausea"),),
)
SPRAY = msgspec.structs.replace(
    WISH, product_key="esketamine-nasal-spray", route="nasal", dose="56 mg", over="10 min", concentration=""
)


def said(weight=73.4, height=170.0, age=DAY):
    yield Statement("weight", weight, NOW - age, "staff", id="w")
    yield Statement("height", height, NOW - DAY, "staff", id="h")
    yield Statement("sex", "female", NOW - DAY, "staff", id="s")


def drafted(knowledge, statements=None, wish=WISH, **changes):
    return draft_order(
        msgspec.structs.replace(wish, **changes),
        statements=said() if statements is None else statements,
        at=NOW,
        knowledge=knowledge,
    )


def test_a_dose_by_weight_becomes_an_order_that_can_be_reckoned_again(knowledge):
    draft = drafted(knowledge)
    assert isinstance(draft, Draft)
    order = draft.order
    assert (order.dose_mg, order.dose_low_mg, order.dose_high_mg) == (36.7, 36.7, 36.7)
    assert (order.weight_kg, order.weight_basis) == (73.4, "actual")
    assert (order.volume_ml, order.pump_ml_per_h, order.rate_mg_per_h) == (36.7, 55.05, 55.05)
    assert not draft.needs_reason
    assert list(msgspec.to_builtins(order)["as_needed"]) == [
        {"medicine": "ondansetron", "dose": "4 mg", "for": "nausea"}
    ]


@pytest.mark.parametrize(
    ("dose", "reason"),
    [
        ("1,5 mg/kg", Reason.DECIMAL_COMMA),
        ("0.5", Reason.NO_UNIT),
        ("-5 mg", Reason.NEGATIVE),
        ("NaN mg/kg", Reason.NOT_A_NUMBER),
        ("0.5 mL", Reason.WRONG_DIMENSION),
        ("1.5 mg/kg", Reason.OUT_OF_RANGE),
        ("15 mg/kg", Reason.OUT_OF_RANGE),
        ("", Reason.MISSING),
    ],
)
def test_a_dose_that_is_none_or_beyond_an_absolute_bound_is_refused(knowledge, dose, reason):
    refusal = drafted(knowledge, dose=dose)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason


def test_rounding_down_does_not_carry_a_dose_back_from_an_absolute_bound(knowledge):
    assert drafted(knowledge, said(weight=73.3), dose="1.5 mg/kg").reason is Reason.OUT_OF_RANGE


def test_a_dose_on_the_lower_end_of_a_bound_needs_no_reason_for_having_been_rounded_down(knowledge):
    draft = drafted(knowledge, dose="0.25 mg/kg")  # 18.35 mg, given as 18.3 mg
    assert draft.order.dose_mg == 18.3
    assert not draft.needs_reason
    assert drafted(knowledge, dose="0.249 mg/kg").needs_reason


def test_the_highest_dose_of_a_range_is_held_against_the_bounds_too(knowledge):
    assert drafted(knowledge, dose_high="2 mg/kg").reason is Reason.OUT_OF_RANGE
    assert drafted(knowledge, dose_high="1.2 mg/kg").needs_reason
    assert drafted(knowledge, dose_low="0.75 mg/kg").reason is Reason.MISMATCH


def test_a_weight_that_has_lapsed_asks_for_the_scale(knowledge):
    refusal = drafted(knowledge, said(age=31 * DAY))
    assert (refusal.reason, refusal.field) == (Reason.LAPSED, "weight")
    assert "Measure the weight again" in refusal.next_step


def test_a_weight_or_height_that_nobody_measured_is_missing(knowledge):
    assert drafted(knowledge, []).field == "weight"
    only_weight = [s for s in said() if s.fact == "weight"]
    assert drafted(knowledge, only_weight).field == "height"


def test_from_a_body_mass_index_of_thirty_only_the_prescriber_picks_the_weight(knowledge):
    heavy = list(said(weight=100.0))
    refusal = drafted(knowledge, heavy)
    assert (refusal.reason, refusal.field) == (Reason.MISSING, "weight basis")
    for basis, weight in (("actual", 100.0), ("ideal", 61.4), ("adjusted", 76.9)):
        order = drafted(knowledge, heavy, weight_basis=basis).order
        assert (order.weight_basis, order.weight_kg) == (basis, weight)
    assert drafted(knowledge, said(), weight_basis="ideal").reason is Reason.NOT_A_CHOICE


def test_a_spray_is_ordered_in_whole_devices_and_needs_no_weight(knowledge):
    order = drafted(knowledge, [], SPRAY).order
    assert (order.dose_mg, order.weight_kg, order.pump_ml_per_h) == (56.0, None, None)
    assert drafted(knowledge, [], SPRAY, dose="60 mg").reason is Reason.NOT_A_CHOICE
    assert drafted(knowledge, [], SPRAY, dose="112 mg").reason is Reason.OUT_OF_RANGE
    assert drafted(knowledge, [], SPRAY, dose="0.5 mg/kg").reason is Reason.WRONG_DIMENSION
    assert drafted(knowledge, [], SPRAY, dose="28 mg").needs_reason


def test_a_series_must_fit_its_span_and_the_least_spacing(knowledge):
    assert drafted(knowledge, spacing="24 h").reason is Reason.OUT_OF_RANGE
    assert drafted(knowledge, sessions=8).reason is Reason.MISMATCH
    assert drafted(knowledge, sessions=0).reason is Reason.NEGATIVE


def test_an_order_must_run_out_after_now(knowledge):
    assert drafted(knowledge, valid_until=NOW).reason is Reason.OUT_OF_ORDER


def test_too_strong_a_concentration_is_refused(knowledge):
    assert drafted(knowledge, concentration="100 mg/mL").field == "concentration"


def sign(draft, **changes):
    return may_sign(draft, **({"shown_digest": draft.order.digest, "reason": "", "stands": BOTH} | changes))


def test_signing_needs_a_decision_a_consent_and_the_order_that_was_shown(knowledge):
    draft = drafted(knowledge)
    assert sign(draft) is None
    assert "consent" in sign(draft, stands=frozenset({"decision"})).value
    assert "decision" in sign(draft, stands=frozenset({"consent"})).value
    other = drafted(knowledge, said(weight=80.0))
    assert sign(other, shown_digest=draft.order.digest).reason is Reason.CHANGED_MEANWHILE


def test_crossing_a_recommended_bound_needs_a_reason(knowledge):
    draft = drafted(knowledge, dose="0.2 mg/kg")
    assert sign(draft, reason=" ").reason is Reason.NEEDS_REASON
    assert sign(draft, reason="frail, first dose") is None


def test_the_curve_peaks_at_the_end_of_the_infusion_within_its_band(knowledge):
    draft = drafted(knowledge)
    drawn = curve(draft.order, 73.4, knowledge, 40.0)
    peak = max(range(len(drawn.median)), key=drawn.median.__getitem__)
    assert drawn.time_min[peak] == 40
    assert all(lo <= m <= hi for lo, m, hi in zip(drawn.low, drawn.median, drawn.high, strict=True))
    assert drawn.marked


def test_where_there_is_no_model_no_curve_is_invented(knowledge):
    assert isinstance(curve(drafted(knowledge, [], SPRAY).order, 70.0, knowledge, None), Refusal)


def test_a_series_keeps_its_clock_time_across_a_clock_change_and_alternates_half_days():
    first = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)  # 9:00 in New York; the clocks change on 8 March
    starts = series_starts(first, Series(6, "84 h", "21 d"), "48 h", "America/New_York")
    assert [(s - first).days for s in starts] == [0, 3, 6, 9, 13, 16]
    assert [s.hour for s in starts] == [14, 14, 13, 13, 13, 13]


def test_starts_closer_than_the_least_spacing_are_refused():
    first = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
    refusal = series_starts(first, Series(3, "36 h", "21 d"), "48 h", "America/New_York")
    assert isinstance(refusal, Refusal)


def test_the_chair_is_taken_for_the_dose_and_the_observation(knowledge):
    assert chair_minutes(drafted(knowledge).order.over_min, knowledge.routes["intravenous"]) == 100
    assert chair_minutes(drafted(knowledge, [], SPRAY).order.over_min, knowledge.routes["nasal"]) == 120
