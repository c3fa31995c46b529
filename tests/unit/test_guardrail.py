"""Doses held against their bounds, doses proposed, pumps set, weights to dose by."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serein.errors import Reason, Refusal
from serein.knowledge.load import load
from serein.safety.body_weight import Weights, weights
from serein.safety.guardrail import (
    DoseCheck,
    Proposal,
    PumpSetting,
    SituationLimit,
    check_dose,
    propose_dose,
    pump_rate,
)
from serein.safety.preparation import salt_mg
from serein.units import Quantity

PACK = load()
ROUTES = {"intravenous": PACK.routes["intravenous"], "nasal": PACK.routes["nasal"]}
PRODUCTS = {
    "intravenous": PACK.products["ketamine-hydrochloride-injection"],
    "nasal": PACK.products["esketamine-nasal-spray"],
}
D = Decimal


def check(route, dose, weight, limits=()):
    weight_kg = None if weight is None else D(weight)
    return check_dose(ROUTES[route], PRODUCTS[route], dose_mg=D(dose), weight_kg=weight_kg, limits=limits)


def propose(route, wanted, unit, weight, rounding="1", limits=()):
    return propose_dose(
        ROUTES[route],
        PRODUCTS[route],
        wanted=Quantity(D(wanted), unit),
        weight_kg=None if weight is None else D(weight),
        rounding_mg=D(rounding),
        limits=limits,
    )


# route, mg, kg, bounds that it crosses, the bound that would stop more first
CHECKED = [
    ("intravenous", "35", "70", [], "recommended"),  # 0.5 mg/kg
    ("intravenous", "17.5", "70", [], "recommended"),  # 0.25 mg/kg, on the edge
    ("intravenous", "17.4", "70", ["recommended"], "recommended"),
    ("intravenous", "70", "70", [], "recommended"),  # 1 mg/kg, on the edge
    ("intravenous", "70.1", "70", ["recommended"], "recommended"),
    ("intravenous", "104.9", "70", ["recommended", "session cap"], "recommended"),  # just below 1.5 mg/kg
    ("intravenous", "100", "100", [], "recommended"),
    ("intravenous", "100", "160", [], "session cap"),
    ("intravenous", "100.1", "160", ["session cap"], "session cap"),
    ("nasal", "56", None, [], "recommended"),
    ("nasal", "84", "70", [], "recommended"),
    ("nasal", "28", None, ["recommended"], "recommended"),
]


@pytest.mark.parametrize(("route", "dose", "weight", "crossed", "binding"), CHECKED)
def test_a_dose_says_which_bounds_it_crosses(route, dose, weight, crossed, binding):
    result = check(route, dose, weight)
    assert isinstance(result, DoseCheck)
    assert [b.name for b in result.crossed] == crossed
    assert result.needs_reason is bool(crossed)
    assert result.binding.name == binding
    assert result.dose_mg == D(dose)
    assert all(b.why for b in result.crossed)


# route, mg, kg, why it is refused
REFUSED = [
    ("intravenous", "105", "70", Reason.OUT_OF_RANGE),  # 1.5 mg/kg
    ("intravenous", "350", "70", Reason.OUT_OF_RANGE),
    ("intravenous", "0", "70", Reason.NEGATIVE),
    ("intravenous", "-5", "70", Reason.NEGATIVE),
    ("intravenous", "NaN", "70", Reason.NOT_A_NUMBER),
    ("intravenous", "Infinity", "70", Reason.NOT_A_NUMBER),
    ("intravenous", "35", None, Reason.MISSING),
    ("intravenous", "35", "0", Reason.NEGATIVE),
    ("intravenous", "35", "NaN", Reason.NOT_A_NUMBER),
    ("nasal", "112", None, Reason.OUT_OF_RANGE),
    ("nasal", "57", None, Reason.NOT_A_CHOICE),
    ("nasal", "85", None, Reason.NOT_A_CHOICE),
    ("nasal", "56", "0", Reason.NEGATIVE),
]


@pytest.mark.parametrize(("route", "dose", "weight", "reason"), REFUSED)
def test_a_dose_that_cannot_be_right_is_refused(route, dose, weight, reason):
    result = check(route, dose, weight)
    assert isinstance(result, Refusal)
    assert result.reason is reason


def test_the_refusal_names_the_bound_as_the_knowledge_writes_it():
    result = check("intravenous", "105", "70")
    assert isinstance(result, Refusal)
    assert "above 0 mg/kg and below 1.5 mg/kg" in str(result)
    assert "105 mg" in str(result)


def test_a_product_is_refused_by_a_route_it_is_not_given_by():
    result = check_dose(ROUTES["nasal"], PRODUCTS["intravenous"], dose_mg=D(56), weight_kg=D(70))
    assert isinstance(result, Refusal)
    assert result.reason is Reason.NOT_KNOWN_HERE


def test_the_clinical_situation_is_looked_at_first_and_may_bind():
    limit = SituationLimit(D(30), "the order says 20 to 30 mg")
    result = check("intravenous", "35", "70", [limit])
    assert isinstance(result, DoseCheck)
    assert [b.name for b in result.bounds] == ["clinical situation", "absolute", "recommended", "session cap"]
    assert [b.why for b in result.crossed] == ["the order says 20 to 30 mg"]
    assert result.binding.name == "clinical situation"


# route, wanted, unit, kg, rounding, mg before any limit, mg proposed, what bound
PROPOSED = [
    ("intravenous", "0.5", "mg/kg", "70", "1", "35", "35", None),
    ("intravenous", "0.5", "mg/kg", "83.5", "1", "41.75", "41", None),  # rounded down, never up
    ("intravenous", "0.5", "mg/kg", "83.5", "0.5", "41.75", "41.5", None),
    ("intravenous", "1.2", "mg/kg", "70", "1", "84", "70", "recommended"),
    ("intravenous", "1", "mg/kg", "130", "1", "130", "100", "session cap"),
    ("intravenous", "1.2", "mg/kg", "130", "1", "156", "100", "session cap"),
    ("intravenous", "500", "micrograms/kg", "70", "1", "35", "35", None),
    ("intravenous", "40", "mg", "70", "1", "40", "40", None),
    ("intravenous", "1", "mg/kg", "70.5", "2", "70.5", "70", None),
    ("nasal", "56", "mg", None, "1", "56", "56", None),
    ("nasal", "70", "mg", None, "1", "70", "56", None),
    ("nasal", "100", "mg", None, "1", "100", "84", "recommended"),
]


@pytest.mark.parametrize(
    ("route", "wanted", "unit", "weight", "rounding", "original", "dose", "binding"), PROPOSED
)
def test_a_proposal_keeps_what_was_wanted_and_says_what_limited_it(
    route, wanted, unit, weight, rounding, original, dose, binding
):
    result = propose(route, wanted, unit, weight, rounding)
    assert isinstance(result, Proposal)
    assert result.original_mg == D(original)
    assert result.dose_mg == D(dose)
    assert (result.binding.name if result.binding else None) == binding


def test_limits_are_applied_situation_first_then_dose_then_cap():
    limit = SituationLimit(D(120), "as after the last session")
    result = propose("intravenous", "1", "mg/kg", "130", limits=[limit])
    assert isinstance(result, Proposal)
    assert [(a.name, a.before_mg, a.after_mg) for a in result.limits] == [
        ("clinical situation", D(130), D(120)),
        ("recommended", D(120), D(120)),
        ("session cap", D(120), D(100)),
    ]
    assert result.binding is result.limits[2]


# wanted, unit, kg, rounding, why there is no proposal
NOT_PROPOSED = [
    ("1.5", "mg/kg", "70", "1", Reason.OUT_OF_RANGE),  # refused, not brought down to the cap
    ("5", "mg/kg", "70", "1", Reason.OUT_OF_RANGE),
    ("0.5", "mg/kg", None, "1", Reason.MISSING),
    ("0.5", "mg/kg", "70", "0", Reason.NEGATIVE),
    ("-0.5", "mg/kg", "70", "1", Reason.NEGATIVE),
    ("0.5", "mL", "70", "1", Reason.WRONG_DIMENSION),
    ("0.01", "mg/kg", "70", "1", Reason.OUT_OF_RANGE),  # rounds down to nothing
]


@pytest.mark.parametrize(("wanted", "unit", "weight", "rounding", "reason"), NOT_PROPOSED)
def test_no_dose_is_proposed_from_what_cannot_be_right(wanted, unit, weight, rounding, reason):
    result = propose("intravenous", wanted, unit, weight, rounding)
    assert isinstance(result, Refusal)
    assert result.reason is reason


@settings(deadline=None)
@given(
    per_kg=st.decimals("0.01", "1.49", places=4),
    weight=st.decimals("25", "350", places=3),
    rounding=st.sampled_from(["0.1", "0.25", "0.3", "1", "2.5", "5", "7"]),
    limit=st.none() | st.decimals("0.5", "200", places=3),
)
def test_whatever_is_proposed_never_exceeds_any_cap_after_rounding(per_kg, weight, rounding, limit):
    limits = () if limit is None else (SituationLimit(limit, "situation"),)
    result = propose("intravenous", per_kg, "mg/kg", weight, rounding, limits)
    if isinstance(result, Refusal):
        assert min(per_kg * weight, *(a.high_mg for a in limits), D(100)) < D(rounding)
        return
    caps = [result.original_mg, weight * 1, D(100), *(a.high_mg for a in limits)]
    assert 0 < result.dose_mg <= min(caps)
    assert min(caps) - result.dose_mg < D(rounding)
    assert result.dose_mg % D(rounding) == 0
    assert all(b.low_mg > result.dose_mg for b in result.check.crossed)


@settings(deadline=None)
@given(wanted=st.decimals("0.1", "111", places=2))
def test_a_proposed_spray_is_always_whole_devices_and_never_more_than_wanted(wanted):
    result = propose("nasal", wanted, "mg", None)
    if isinstance(result, Refusal):
        assert wanted < 28
    else:
        assert result.dose_mg in {D(28), D(56), D(84)}
        assert result.dose_mg <= wanted


# mg, mg/mL, min, mL, mL/h
PUMPS = [
    ("35", "1", "40", "35", "52.5"),
    ("50", "1", "40", "50", "75"),
    ("35", "0.5", "40", "70", "105"),
    ("35", "50", "40", "0.7", "1.05"),
]


@pytest.mark.parametrize(("dose", "concentration", "minutes", "volume", "rate"), PUMPS)
def test_the_pump_rate_is_dose_over_concentration_over_time(dose, concentration, minutes, volume, rate):
    result = pump(dose, concentration, minutes)
    assert isinstance(result, PumpSetting)
    assert (result.volume_ml, result.rate_ml_per_h, result.over_min) == (D(volume), D(rate), D(minutes))


def pump(dose, concentration, minutes, step=None):
    return pump_rate(
        ROUTES["intravenous"],
        PRODUCTS["intravenous"],
        dose_mg=D(dose),
        concentration_mg_per_ml=D(concentration),
        over_min=D(minutes),
        rate_step_ml_per_h=None if step is None else D(step),
    )


def test_a_rate_is_rounded_down_to_the_pumps_step_and_the_time_grows():
    result = pump("33", "1", "42", "0.1")
    assert isinstance(result, PumpSetting)
    assert result.rate_ml_per_h == D("47.1")
    assert result.over_min > D(42)
    assert abs(result.rate_ml_per_h * result.over_min / 60 - result.volume_ml) < D("1e-20")


# mg, mg/mL, min, step, why
PUMPS_REFUSED = [
    ("35", "100", "40", None, Reason.OUT_OF_RANGE),  # the 100 mg/mL vial is never given undiluted by vein
    ("35", "50.1", "40", None, Reason.OUT_OF_RANGE),
    ("35", "0", "40", None, Reason.NEGATIVE),
    ("35", "1", "0", None, Reason.NEGATIVE),
    ("0", "1", "40", None, Reason.NEGATIVE),
    ("NaN", "1", "40", None, Reason.NOT_A_NUMBER),
    ("35", "50", "400", "1", Reason.OUT_OF_RANGE),  # slower than the pump can run
]


@pytest.mark.parametrize(("dose", "concentration", "minutes", "step", "reason"), PUMPS_REFUSED)
def test_a_pump_setting_that_must_not_be_is_refused(dose, concentration, minutes, step, reason):
    result = pump(dose, concentration, minutes, step)
    assert isinstance(result, Refusal)
    assert result.reason is reason


def test_a_spray_has_no_pump():
    result = pump_rate(
        ROUTES["nasal"], PRODUCTS["nasal"], dose_mg=D(56), concentration_mg_per_ml=D(1), over_min=D(10)
    )
    assert isinstance(result, Refusal)


def test_salt_and_base_differ_by_the_labels_factor():
    salt = PRODUCTS["intravenous"].salt
    found = {(p.base, p.salt) for p in salt.equivalents}
    assert found == {("10 mg", "11.53 mg"), ("50 mg", "57.67 mg"), ("100 mg", "115.33 mg")}
    for base, written in ((10, "11.53"), (50, "57.67"), (100, "115.33")):
        exact = salt_mg(PRODUCTS["intravenous"], D(base))
        assert exact.quantize(D("0.01")) == D(written)
    assert PRODUCTS["intravenous"].expressed_as == "base"


# sex, cm, kg, ideal, adjusted, index, whether the prescriber picks
WEIGHTS = [
    ("female", "152.4", "60", "45.5", "51.3", "25.8", False),
    ("male", "152.4", "60", "50.0", "54.0", "25.8", False),
    ("male", "177.8", "70", "73.0", "71.8", "22.1", False),  # 70 in: 50 + 2.3 x 10
    ("female", "165.1", "100", "57.0", "74.2", "36.7", True),  # 65 in: 45.5 + 2.3 x 5
    ("male", "200", "119.9", "93.1", "103.8", "30.0", False),  # index 29.98
    ("male", "200", "120", "93.1", "103.9", "30.0", True),  # index 30 exactly
]


@pytest.mark.parametrize(("sex", "height", "weight", "ideal", "adjusted", "index", "picks"), WEIGHTS)
def test_actual_ideal_and_adjusted_weight(sex, height, weight, ideal, adjusted, index, picks):
    result = weights(PACK, sex, D(height), D(weight))
    assert isinstance(result, Weights)
    assert (result.ideal_kg, result.adjusted_kg) == (D(ideal), D(adjusted))
    assert result.body_mass_index == D(index)
    assert result.prescriber_picks is picks
    assert list(result.choices()) == (["actual", "ideal", "adjusted"] if picks else ["actual"])


@pytest.mark.parametrize(("sex", "height"), [("other", "170"), (None, "170"), ("female", "152.3")])
def test_where_the_formula_does_not_reach_the_ideal_weight_is_left_out_and_says_why(sex, height):
    result = weights(PACK, sex, D(height), D(110))
    assert isinstance(result, Weights)
    assert result.ideal_kg is None
    assert result.adjusted_kg is None
    assert isinstance(result.not_computed, Refusal)
    assert result.choices() == {"actual": D("110.0")}


@pytest.mark.parametrize(("height", "weight"), [("170", "0"), ("170", "7000"), ("17", "70"), ("170", "NaN")])
def test_a_height_or_weight_that_cannot_be_real_is_refused(height, weight):
    result = weights(PACK, "female", D(height), D(weight))
    assert isinstance(result, Refusal)
    assert result.reason is Reason.OUT_OF_RANGE
