"""The model as shipped, against numbers that nobody here made. Sources: PROVENANCE.md beside this file."""

import tomllib
from pathlib import Path

import pytest

import serein.knowledge
from serein.pharmacology import Forecast, ThreeCompartment, forecast

HERE = Path(__file__).parent
OBSERVED = tomllib.loads((HERE / "observed.toml").read_text())


@pytest.fixture(scope="module")
def kamp() -> ThreeCompartment:
    folder = Path(serein.knowledge.__file__).parent
    return ThreeCompartment.from_data(tomllib.loads((folder / "models/kamp-2020.toml").read_text()))


def predicted(model, weight_kg, dose_mg, over_min) -> Forecast:
    answer = forecast(
        model, weight_kg=weight_kg, dose_mg=dose_mg, over_min=over_min, until_min=over_min + 200, every_min=1
    )
    assert isinstance(answer, Forecast), str(answer)
    return answer


@pytest.mark.parametrize("cell", OBSERVED)
def test_the_predicted_peak_is_near_the_published_one(kamp, cell):
    seen = OBSERVED[cell]
    peak = predicted(
        kamp, seen["weight_kg"], seen["dose_mg"], seen["over_min"]
    ).ketamine_plasma_ng_per_ml.max()
    ratio = peak / seen["peak_ng_per_ml"]
    assert 1 / seen["factor"] <= ratio <= seen["factor"], f"{peak:.0f} ng/mL, ratio {ratio:.2f}"


def test_half_a_milligram_a_kilogram_over_forty_minutes_peaks_at_its_end(kamp):
    curve = predicted(kamp, 70, 35, 40)
    assert curve.time_min[curve.ketamine_plasma_ng_per_ml.argmax()] == 40
    # Worked through by SciPy's matrix exponential, apart from the code under test, on 2026-11-22.
    assert curve.ketamine_plasma_ng_per_ml[40] == pytest.approx(253.05, abs=0.05)
    assert curve.ketamine_effect_site_ng_per_ml[40] == pytest.approx(214.70, abs=0.05)
    assert curve.time_min[curve.ketamine_effect_site_ng_per_ml.argmax()] > 40


def test_volume_and_clearance_lie_in_the_intervals_of_the_independent_meta_analysis(kamp):
    volume_l = kamp.typical.v1_l + kamp.typical.v2_l + kamp.typical.v3_l
    assert 200 <= volume_l <= 304
    assert 69 <= kamp.typical.cl_l_per_h <= 90
