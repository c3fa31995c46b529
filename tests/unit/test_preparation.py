"""Salt and base, mL, whole units and halves, places for an injection, what to draw for a pump."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serein.errors import Reason, Refusal
from serein.knowledge import load, route_for
from serein.logic import Statement
from serein.pathway.plan import Draft, Wish, draft_order
from serein.safety.preparation import (
    base_mg,
    draw_up,
    injection_sites,
    prepare,
    rounded_mg,
    salt_mg,
    smallest_mg,
    strength_for,
    ways,
)

PACK = load()
NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
INJECTION = "ketamine-hydrochloride-injection"
SALT, BASE = "compounded-lozenge-hydrochloride", "compounded-lozenge-base"


def wish(route, product, **changes):
    usual = Wish(
        product_key=product,
        route=route,
        dose="100 mg",
        over="",
        sessions=4,
        spacing="7 d",
        series_over="28 d",
        valid_from=NOW,
        valid_until=NOW + dt.timedelta(days=40),
    )
    return msgspec.structs.replace(usual, **changes)


def drafted(route, product, weight=73.4, **changes):
    at = NOW - dt.timedelta(days=1)
    said = [
        Statement("weight", weight, at, "staff", id="w"),
        Statement("height", 185.0, at, "staff", id="h"),
        Statement("sex", "male", at, "staff", id="s"),
    ]
    return draft_order(wish(route, product, **changes), statements=said, at=NOW, knowledge=PACK)


@pytest.mark.parametrize(("base", "salt"), [("10", "11.53"), ("50", "57.67"), ("100", "115.33")])
def test_salt_and_base_convert_as_the_label_writes_them(base, salt):
    product = PACK.products[SALT]
    assert salt_mg(product, D(base)).quantize(D("0.01")) == D(salt)
    assert base_mg(product, salt_mg(product, D(base))).quantize(D("1e-20")) == D(base)


def test_the_same_number_on_a_label_is_less_ketamine_where_it_counts_the_salt():
    salt = drafted("sublingual", SALT, strength="100 mg")
    base = drafted("sublingual", BASE, strength="100 mg")
    assert (salt.order.dose_mg, salt.order.labelled) == (86.7, "100 mg ketamine hydrochloride")
    assert (base.order.dose_mg, base.order.labelled) == (100.0, "")
    assert salt.order.units == base.order.units == 1.0


# product, strength, typed, units of it or the doses that would be nearest
UNITS = [
    (BASE, "100 mg", "150 mg", 1.5),  # a half is allowed
    (BASE, "200 mg", "100 mg", 0.5),
    (BASE, "50 mg", "75 mg", 1.5),
    (BASE, "100 mg", "60 mg", "50 mg, 100 mg"),
    (BASE, "200 mg", "40 mg", "100 mg"),
    ("compounded-rapid-dissolve-tablet", "100 mg", "100 mg", 1.0),
    ("compounded-rapid-dissolve-tablet", "100 mg", "150 mg", "100 mg, 200 mg"),  # never divided
]


@pytest.mark.parametrize(("product", "strength", "dose", "expected"), UNITS)
def test_units_are_whole_or_the_parts_that_the_product_allows(product, strength, dose, expected):
    found = drafted("sublingual", product, strength=strength, dose=dose)
    if isinstance(expected, float):
        assert found.order.units == expected
    else:
        assert (found.reason, dict(found.details)["allowed"]) == (Reason.NOT_A_CHOICE, expected)


def test_a_strength_has_to_be_said_where_there_are_several_and_must_exist():
    assert drafted("sublingual", BASE).reason is Reason.MISSING
    assert drafted("sublingual", BASE, strength="75 mg").reason is Reason.NOT_A_CHOICE
    assert drafted("sublingual", BASE, strength="100").reason is Reason.NO_UNIT


def test_an_injection_is_a_volume_of_one_strength_rounded_down_and_held_against_the_bounds_again():
    draft = drafted("intramuscular", INJECTION, dose="0.5 mg/kg", strength="50 mg/mL")
    order = draft.order  # 36.7 mg would be 0.734 mL
    assert (order.volume_ml, order.dose_mg, order.concentration_mg_per_ml) == (0.73, 36.5, 50.0)
    assert order.pump_ml_per_h is None
    assert draft.check.dose_mg == D("36.5")
    assert [(s.name, s.injections, s.each_ml) for s in draft.sites][-1] == (
        "upper arm (deltoid)",
        1,
        D("0.73"),
    )


def test_a_volume_above_what_a_place_takes_is_divided():
    route = PACK.routes["subcutaneous"]
    found = {s.name: (s.injections, s.each_ml) for s in injection_sites(route, D("3.67"))}
    assert found == {"abdomen or outer thigh": (3, D("1.23")), "upper arm, back of it": (4, D("0.92"))}
    assert all(site.basis == "assumption" and site.why for site in injection_sites(route, D(1)))


def test_each_vial_says_what_to_draw_and_none_is_weaker_than_what_is_made():
    made = draw_up(PACK.products[INJECTION], dose_mg=D("36.7"), concentration_mg_per_ml=D(1))
    assert [(m.strength, m.draw_ml, m.diluent_ml) for m in made] == [
        ("10 mg/mL", D("3.67"), D("33.03")),
        ("50 mg/mL", D("0.73"), D("35.97")),
        ("100 mg/mL", D("0.36"), D("36.34")),
    ]
    strong = draw_up(PACK.products[INJECTION], dose_mg=D(50), concentration_mg_per_ml=D(20))
    assert [m.strength for m in strong] == ["50 mg/mL", "100 mg/mL"]


def test_the_strong_vial_is_never_given_by_vein_undiluted_but_may_go_under_the_skin():
    by_vein = drafted("intravenous", INJECTION, dose="0.5 mg/kg", concentration="100 mg/mL")
    assert (by_vein.reason, by_vein.field) == (Reason.OUT_OF_RANGE, "concentration")
    assert drafted("subcutaneous", INJECTION, dose="0.5 mg/kg", strength="100 mg/mL").order.volume_ml == 0.36


def test_sprays_take_as_long_as_the_time_between_them():
    devices = drafted("nasal", "esketamine-nasal-spray", dose="84 mg", spacing="84 h").order
    assert (devices.units, devices.unit, devices.between_units) == (3.0, "nasal device", "5 min")
    assert devices.over_min == 10.0
    sprays = drafted("nasal", "compounded-nasal-spray", dose="100 mg").order
    assert (sprays.units, sprays.over_min, sprays.dose_mg) == (10.0, 45.0, 86.7)


def test_a_swallowed_solution_is_measured_in_ml():
    order = drafted("oral", "compounded-oral-solution", dose="50 mg", strength="10 mg/mL").order
    assert (order.volume_ml, order.units, order.pump_ml_per_h) == (5.0, None, None)


def test_the_same_dose_is_shown_in_every_strength_that_gives_exactly_it():
    found = ways(PACK.routes["sublingual"], PACK.products[BASE], D(100))
    assert [(w.strength, w.units) for w in found] == [("50 mg", 2), ("100 mg", 1), ("200 mg", D("0.5"))]
    assert [w.strength for w in ways(PACK.routes["sublingual"], PACK.products[BASE], D(75))] == ["50 mg"]


WRITTEN = st.one_of(
    st.builds(lambda n: f"{n * 5} mg", st.integers(1, 130)),
    st.builds(lambda n: f"{n * 28} mg", st.integers(1, 5)),
    st.builds(lambda n: f"{n} mg/kg", st.decimals("0.001", "2.5", places=4)),
    st.builds(
        lambda n, u: f"{n} {u}",
        st.decimals("-50", "5000", places=3),
        st.sampled_from(["mg", "mg/kg", "g", "micrograms", "mL", ""]),
    ),
    st.sampled_from(
        ["1,5 mg", "1,5 mg/kg", "-5", "-5 mg", "0 mg", "5", "", "NaN mg", "1e9 mg", "mg", "½ mg"]
    ),
)
PRODUCTS = sorted((r, p.key) for p in PACK.products.values() for r in p.routes)


@given(
    pair=st.sampled_from(PRODUCTS),
    dose=WRITTEN,
    low=st.just("") | WRITTEN,
    high=st.just("") | WRITTEN,
    weight=st.floats(26, 349),
    basis=st.sampled_from(["", "actual", "ideal", "adjusted"]),
    data=st.data(),
)
def test_no_wish_becomes_a_dose_outside_the_absolute_bounds_rounding_included(
    pair, dose, low, high, weight, basis, data
):
    route, product = PACK.routes[pair[0]], PACK.products[pair[1]]
    strength = data.draw(st.sampled_from(["", *(s.concentration for s in product.strengths)]))
    found = drafted(
        *pair,
        weight=weight,
        dose=dose,
        dose_low=low,
        dose_high=high,
        weight_basis=basis,
        strength=strength,
        concentration="1 mg/mL",
    )
    if isinstance(found, Refusal):
        return
    assert isinstance(found, Draft)
    order = found.order
    guardrail = route_for(PACK, route.key, product.substance).guardrails[0]
    number, unit = guardrail.absolute.high.split()
    top = D(number) * (D(str(order.weight_kg)) if unit == "mg/kg" else 1)
    for mg in (order.dose_low_mg, order.dose_mg, order.dose_high_mg):
        assert 0 < D(str(mg)) < top
    assert order.dose_low_mg <= order.dose_mg <= order.dose_high_mg
    if order.units is not None:
        parts = next(s.parts for s in product.strengths if s.concentration == order.strength)
        assert (D(str(order.units)) * parts) % 1 == 0
    if order.volume_ml is not None and order.pump_ml_per_h is None:
        assert D(str(order.volume_ml)) * D(str(order.concentration_mg_per_ml)) <= D(str(order.dose_mg)) + D(
            "0.1"
        )


@pytest.mark.parametrize("pair", PRODUCTS)
@pytest.mark.parametrize(
    ("dose", "reason"),
    [
        ("1,5 mg", Reason.DECIMAL_COMMA),
        ("-5", Reason.NO_UNIT),
        ("-5 mg", Reason.NEGATIVE),
        ("0 mg", Reason.NEGATIVE),
        ("100", Reason.NO_UNIT),
        ("5000 mg", Reason.OUT_OF_RANGE),
    ],
)
def test_a_dose_that_is_none_is_refused_for_every_product(pair, dose, reason):
    strength = PACK.products[pair[1]].strengths[-1].concentration
    found = drafted(*pair, dose=dose, strength=strength, concentration="1 mg/mL")
    assert (found.reason, found.field) == (reason, "dose")


@given(
    pair=st.sampled_from([p for p in PRODUCTS if p[0] != "intravenous"]),
    mg=st.decimals("0.01", "600", places=3),
    data=st.data(),
)
def test_rounding_is_down_to_what_can_be_measured_and_by_less_than_one_step(pair, mg, data):
    product = PACK.products[pair[1]]
    written = data.draw(st.sampled_from([s.concentration for s in product.strengths]))
    strength = strength_for(PACK.routes[pair[0]], product, written)
    step = smallest_mg(strength)
    rounded = rounded_mg(strength, mg)
    assert 0 <= rounded <= mg < rounded + step
    prepared = prepare(product, strength, rounded)
    assert prepared.base_mg <= base_mg(product, mg)
    assert (prepared.units is None) != (prepared.volume_ml is None)
