"""The closed form against a slow, obvious twin (SciPy's matrix exponential of the whole system), and physics."""

import math
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

import serein.knowledge
from serein.pharmacology import Bolus, Infusion, ThreeCompartment, concentration, modes
from serein.pharmacology.compartments import modes_of

KAMP = ThreeCompartment.from_data(
    tomllib.loads((Path(serein.knowledge.__file__).parent / "models/kamp-2020.toml").read_text())
)
TOLERANCE = 1e-9
"""Of the peak."""


def matrix_per_min(person) -> np.ndarray:
    """d(amount1, amount2, amount3, effect-site concentration, 1)/dt, input left at zero."""
    cl, q2, q3 = person.cl_l_per_h / 60, person.q2_l_per_h / 60, person.q3_l_per_h / 60
    ke0 = math.log(2) / person.half_life_min
    rates = np.zeros((5, 5))
    rates[0, :3] = -(cl + q2 + q3) / person.v1_l, q2 / person.v2_l, q3 / person.v3_l
    rates[1, :2] = q2 / person.v1_l, -q2 / person.v2_l
    rates[2, 0], rates[2, 2] = q3 / person.v1_l, -q3 / person.v3_l
    rates[3, 0], rates[3, 3] = ke0 / person.v1_l, -ke0
    return rates


def twin(person, inputs, times) -> np.ndarray:
    """States at `times` (rising), stepping by the matrix exponential from one event or time to the next."""
    edges = {float(t) for t in times} | {0.0}
    for one in inputs:
        edges |= {one.at_min} if isinstance(one, Bolus) else {one.start_min, one.end_min}
    edges = sorted(edges)
    steps = []
    for now, then in pairwise(edges):
        rates = matrix_per_min(person)
        rates[0, 4] = sum(
            one.rate_mg_per_min
            for one in inputs
            if isinstance(one, Infusion) and one.start_min < (now + then) / 2 < one.end_min
        )
        steps.append(rates * (then - now))
    state, found = np.array([0.0, 0, 0, 0, 1]), {}
    for now, step in zip(edges, [*expm(np.array(steps)), np.eye(5)], strict=True):
        state[0] += sum(one.dose_mg for one in inputs if isinstance(one, Bolus) and one.at_min == now)
        found[now] = state.copy()
        state = step @ state
    return np.array([found[float(t)] for t in times])


def agrees(person, inputs, times):
    fast = concentration(modes_of(person), inputs, times)
    slow = twin(person, inputs, times)
    plasma, effect_site = slow[:, 0] / person.v1_l * 1000, slow[:, 3] * 1000
    assert np.abs(fast.plasma_ng_per_ml - plasma).max() <= TOLERANCE * plasma.max()
    assert np.abs(fast.effect_site_ng_per_ml - effect_site).max() <= TOLERANCE * effect_site.max()


factor = st.floats(0.2, 5)
weights = st.floats(30, 300)


@st.composite
def people(draw):
    """Far more different from each other than people are: every parameter between a fifth and five times."""
    typical = KAMP.at_weight(draw(weights))
    return replace(typical, **{f: getattr(typical, f) * draw(factor) for f in typical.__slots__})


@st.composite
def regimens(draw):
    """One to six inputs one after another: infusions, rate changes (no gap), pauses (a gap), boluses."""
    now, inputs = 0.0, []
    for _ in range(draw(st.integers(1, 6))):
        now += draw(st.one_of(st.just(0.0), st.floats(0.1, 600)))
        if draw(st.booleans()):
            end = now + draw(st.floats(0.05, 300))
            inputs.append(Infusion(now, end, draw(st.floats(0.01, 10))))
            now = end
        else:
            inputs.append(Bolus(now, draw(st.floats(0.1, 200))))
            now += 1.0
    return inputs


def grid(inputs) -> np.ndarray:
    last = max(one.at_min if isinstance(one, Bolus) else one.end_min for one in inputs)
    return np.linspace(0, last + 240, 25)


@settings(max_examples=60, deadline=None)
@given(people(), regimens())
def test_the_closed_form_agrees_with_the_matrix_exponential(person, inputs):
    agrees(person, inputs, grid(inputs))


@settings(max_examples=40, deadline=None)
@given(people(), st.integers(0, 2), st.sampled_from([0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, -1e-12, -1e-6]))
@example(KAMP.at_weight(70.0), 1, 0.0)
def test_an_effect_site_as_fast_as_a_mode_loses_no_digits(person, mode, apart):
    rate = modes_of(person).rates_per_min[mode] * (1 + apart)
    person = replace(person, half_life_min=math.log(2) / rate)
    inputs = [Infusion(0.0, 40.0, 0.875), Bolus(100.0, 10.0)]
    agrees(person, inputs, grid(inputs))


@pytest.mark.parametrize("apart", [0.0, 1e-14, 1e-10, 1e-6])
def test_two_peripheral_compartments_with_the_same_rate_lose_no_digits(apart):
    person = replace(KAMP.at_weight(70.0), v3_l=56.0, q3_l_per_h=161.0 * (1 + apart))
    inputs = [Infusion(0.0, 40.0, 0.875)]
    agrees(person, inputs, grid(inputs))


@pytest.mark.parametrize("over_min", [1e-6, 1e-3, 0.1])
def test_a_very_short_infusion_is_a_bolus_to_the_order_of_its_length(over_min):
    person = KAMP.at_weight(70.0)
    times = np.linspace(1, 2000, 40)
    short = concentration(modes_of(person), [Infusion(0.0, over_min, 35 / over_min)], times)
    bolus = concentration(modes_of(person), [Bolus(0.0, 35.0)], times)
    assert short.plasma_ng_per_ml == pytest.approx(bolus.plasma_ng_per_ml, rel=over_min)
    assert short.effect_site_ng_per_ml == pytest.approx(bolus.effect_site_ng_per_ml, rel=over_min)


@settings(max_examples=40, deadline=None)
@given(people(), regimens())
def test_all_drug_given_is_cleared_or_still_there(person, inputs):
    """Dose = cleared so far + central + both peripheral, each peripheral amount by its own integral."""
    m, v1 = modes_of(person), person.v1_l
    last = grid(inputs)[-1]
    events = sorted({0.0, last} | {t for one in inputs for t in _edges(one)})
    k21, k31 = person.q2_l_per_h / 60 / person.v2_l, person.q3_l_per_h / 60 / person.v3_l
    cleared, in_2, in_3 = 0.0, 0.0, 0.0
    for low, high in pairwise(events):
        t, share = low + (high - low) * NODES, (high - low) * SHARES
        mg_per_l = concentration(m, inputs, t).plasma_ng_per_ml / 1000
        cleared += person.cl_l_per_h / 60 * share @ mg_per_l
        in_2 += person.q2_l_per_h / 60 * share @ (mg_per_l * np.exp(-k21 * (last - t)))
        in_3 += person.q3_l_per_h / 60 * share @ (mg_per_l * np.exp(-k31 * (last - t)))
    in_1 = v1 * concentration(m, inputs, np.array([last])).plasma_ng_per_ml[0] / 1000
    given_mg = sum(
        one.dose_mg if isinstance(one, Bolus) else one.rate_mg_per_min * (one.end_min - one.start_min)
        for one in inputs
    )
    assert cleared + in_1 + in_2 + in_3 == pytest.approx(given_mg, rel=1e-9)


def quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and shares on (0, 1), panels halving towards both ends where curves are steep."""
    half = np.concatenate([[0.0], 0.5 ** np.arange(24, 0, -1)])
    edges = np.concatenate([half, 1 - half[-2::-1]])
    x, w = np.polynomial.legendre.leggauss(24)
    low, width = edges[:-1, None], np.diff(edges)[:, None]
    return (low + width * (x + 1) / 2).ravel(), (width * w / 2).ravel()


NODES, SHARES = quadrature()


def _edges(one):
    return (one.at_min,) if isinstance(one, Bolus) else (one.start_min, one.end_min)


@settings(max_examples=60, deadline=None)
@given(people())
def test_the_area_under_one_milligram_is_one_over_the_clearance(person):
    m = modes_of(person)
    assert m.weights_per_l.sum() * person.v1_l == pytest.approx(1, rel=1e-12)
    assert (m.weights_per_l / m.rates_per_min).sum() == pytest.approx(60 / person.cl_l_per_h, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(people(), regimens(), st.floats(0.01, 100))
def test_twice_the_dose_is_twice_the_concentration(person, inputs, times_more):
    more = [
        replace(one, dose_mg=one.dose_mg * times_more)
        if isinstance(one, Bolus)
        else replace(one, rate_mg_per_min=one.rate_mg_per_min * times_more)
        for one in inputs
    ]
    once, again = (concentration(modes_of(person), i, grid(inputs)) for i in (inputs, more))
    assert again.plasma_ng_per_ml == pytest.approx(once.plasma_ng_per_ml * times_more, rel=1e-12)
    assert again.effect_site_ng_per_ml == pytest.approx(once.effect_site_ng_per_ml * times_more, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(people(), regimens(), st.floats(0, 5000))
def test_the_same_regimen_later_is_the_same_curve_later(person, inputs, later_min):
    shifted = [
        Bolus(one.at_min + later_min, one.dose_mg)
        if isinstance(one, Bolus)
        else Infusion(one.start_min + later_min, one.end_min + later_min, one.rate_mg_per_min)
        for one in inputs
    ]
    # Between grid points of the events, so that rounding cannot put a time on the other side of a bolus.
    times = grid(inputs) + 0.01234567
    now, then = (
        concentration(modes_of(person), i, t) for i, t in ((inputs, times), (shifted, times + later_min))
    )
    peak = now.plasma_ng_per_ml.max()
    near = np.array([min(abs(t - e) for one in inputs for e in _edges(one)) for t in times]) < 1e-6
    assert np.abs(now.plasma_ng_per_ml - then.plasma_ng_per_ml)[~near].max() <= 1e-9 * peak


@settings(max_examples=40, deadline=None)
@given(people(), regimens(), st.randoms(use_true_random=False))
def test_any_order_of_times_and_inputs_gives_the_same_values(person, inputs, random):
    times = grid(inputs)
    places = list(range(times.size))
    random.shuffle(places)
    straight = concentration(modes_of(person), inputs, times)
    shuffled = concentration(modes_of(person), inputs[::-1], times[places])
    assert shuffled.plasma_ng_per_ml == pytest.approx(straight.plasma_ng_per_ml[places], rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.lists(weights, min_size=1, max_size=5))
def test_many_people_at_once_are_each_one_alone(weights_kg):
    inputs, times = [Infusion(0.0, 40.0, 0.875)], np.linspace(0, 240, 31)
    together = concentration(modes(KAMP, np.array(weights_kg)), inputs, times)
    assert together.plasma_ng_per_ml.shape == (len(weights_kg), 31)
    for place, weight_kg in enumerate(weights_kg):
        alone = concentration(modes(KAMP, weight_kg), inputs, times)
        assert together.plasma_ng_per_ml[place] == pytest.approx(alone.plasma_ng_per_ml, rel=1e-12)
        assert together.effect_site_ng_per_ml[place] == pytest.approx(alone.effect_site_ng_per_ml, rel=1e-12)
