"""Forecasts and bands: the grid, what is told, what is refused."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

import serein.knowledge
from serein.errors import Reason, Refusal
from serein.pharmacology import Band, Bolus, Forecast, Infusion, ThreeCompartment, band, forecast

KAMP = ThreeCompartment.from_data(
    tomllib.loads((Path(serein.knowledge.__file__).parent / "models/kamp-2020.toml").read_text())
)
USUAL = {"weight_kg": 70.0, "dose_mg": 35.0, "over_min": 40.0, "until_min": 240.0, "every_min": 1.0}


def without_dose(**changes) -> dict:
    return {k: v for k, v in USUAL.items() if k not in {"dose_mg", "over_min"}} | changes


def answered(**changes) -> Forecast:
    answer = forecast(KAMP, **(USUAL | changes))
    assert isinstance(answer, Forecast), str(answer)
    return answer


def keys(answer) -> set[str]:
    return {told.key for told in answer.marked}


def test_the_grid_runs_from_zero_to_the_end_asked_for():
    assert answered().time_min.tolist() == list(range(241))
    assert answered(until_min=0.3, every_min=0.1).time_min == pytest.approx([0, 0.1, 0.2, 0.3])
    assert answered(until_min=10, every_min=4).time_min.tolist() == [0, 4, 8]


def test_nothing_is_there_before_the_infusion_and_everything_falls_after_it():
    curve = answered()
    assert curve.ketamine_plasma_ng_per_ml[0] == curve.ketamine_effect_site_ng_per_ml[0] == 0
    assert (np.diff(curve.ketamine_plasma_ng_per_ml[:41]) > 0).all()
    assert (np.diff(curve.ketamine_plasma_ng_per_ml[40:]) < 0).all()


def test_an_infusion_told_in_parts_is_the_same_as_told_whole():
    parts = [Infusion(0, 10, 0.875), Infusion(10, 25, 0.875), Infusion(25, 40, 0.875)]
    curve = forecast(KAMP, **without_dose(inputs=parts))
    assert curve.ketamine_plasma_ng_per_ml == pytest.approx(answered().ketamine_plasma_ng_per_ml, rel=1e-12)
    assert curve.settings.dose_mg == pytest.approx(35)


def test_a_pause_lowers_both_curves_until_the_infusion_goes_on():
    paused = forecast(KAMP, **without_dose(inputs=[Infusion(0, 10, 1), Infusion(20, 30, 1)]))
    assert paused.ketamine_plasma_ng_per_ml[20] < paused.ketamine_plasma_ng_per_ml[10]
    assert paused.ketamine_plasma_ng_per_ml[30] > paused.ketamine_plasma_ng_per_ml[20]


def test_a_bolus_is_whole_in_the_central_volume_at_once():
    curve = forecast(KAMP, **without_dose(inputs=[Bolus(0, 25.0)]))
    assert curve.ketamine_plasma_ng_per_ml[0] == pytest.approx(1000)  # 25 mg in 25 L
    assert curve.ketamine_effect_site_ng_per_ml[0] == 0


def test_what_the_model_rests_on_is_told_with_every_forecast():
    assert {"parameters-from-code-ports", "arterial-concentration", "dose-as-base"} <= keys(answered())
    assert "adult-assumed" in keys(answered())
    assert "adult-assumed" not in keys(answered(age_years=40))


@pytest.mark.parametrize(
    ("weight_kg", "told"), [(44.9, True), (45, False), (120, False), (120.1, True), (300, True)]
)
def test_a_weight_beyond_the_expected_is_marked_as_extrapolation(weight_kg, told):
    assert ("weight-extrapolated" in keys(answered(weight_kg=weight_kg))) is told


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"dose_mg": 0}, Reason.NEGATIVE, "dose"),
        ({"dose_mg": -5}, Reason.NEGATIVE, "dose"),
        ({"dose_mg": float("nan")}, Reason.NOT_A_NUMBER, "dose"),
        ({"dose_mg": float("inf")}, Reason.NOT_A_NUMBER, "dose"),
        ({"dose_mg": 70 * 200.1}, Reason.OUT_OF_RANGE, "dose"),
        ({"dose_mg": None}, Reason.MISSING, "dose"),
        ({"over_min": None}, Reason.MISSING, "over"),
        ({"over_min": 0}, Reason.NEGATIVE, "over"),
        ({"over_min": -40}, Reason.NEGATIVE, "over"),
        ({"over_min": float("nan")}, Reason.NOT_A_NUMBER, "over"),
        ({"weight_kg": 0}, Reason.OUT_OF_RANGE, "weight"),
        ({"weight_kg": 29.9}, Reason.OUT_OF_RANGE, "weight"),
        ({"weight_kg": 7000}, Reason.OUT_OF_RANGE, "weight"),
        ({"weight_kg": float("nan")}, Reason.NOT_A_NUMBER, "weight"),
        ({"age_years": 17}, Reason.OUT_OF_RANGE, "age"),
        ({"age_years": 210}, Reason.OUT_OF_RANGE, "age"),
        ({"until_min": -1}, Reason.NEGATIVE, "until"),
        ({"until_min": 0}, Reason.NEGATIVE, "until"),
        ({"until_min": float("inf")}, Reason.NOT_A_NUMBER, "until"),
        ({"every_min": 0}, Reason.NEGATIVE, "every"),
        ({"every_min": 241}, Reason.OUT_OF_RANGE, "every"),
        ({"every_min": 1e-9}, Reason.TOO_LARGE, "every"),
        ({"every_min": 5e-324}, Reason.TOO_LARGE, "every"),
        ({"route": "rectal"}, Reason.NOT_A_CHOICE, "route"),
        ({"inputs": [Bolus(0, 1)]}, Reason.MISMATCH, "dose"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(changes, reason, field):
    answer = forecast(KAMP, **(USUAL | changes))
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.field) == (reason, field)
    assert band(KAMP, **(USUAL | changes)) == answer


@pytest.mark.parametrize(
    ("inputs", "reason", "field"),
    [
        ([], Reason.MISSING, "inputs"),
        ([Bolus(0, 0.001)] * 1001, Reason.TOO_LARGE, "inputs"),
        ([Infusion(0, 40, 0)], Reason.NEGATIVE, "dose"),
        ([Infusion(0, 40, -1)], Reason.NEGATIVE, "inputs[0] rate"),
        ([Infusion(0, 40, float("nan"))], Reason.NOT_A_NUMBER, "inputs[0] rate"),
        ([Infusion(40, 40, 1)], Reason.NEGATIVE, "inputs[0] duration"),
        ([Infusion(0, float("inf"), 1)], Reason.NOT_A_NUMBER, "inputs[0] duration"),
        ([Infusion(-5, 40, 1)], Reason.NEGATIVE, "inputs[0] start"),
        ([Bolus(0, 1), Bolus(5, -1)], Reason.NEGATIVE, "inputs[1] dose"),
        ([Infusion(0, 40, 1), Infusion(39, 60, 1)], Reason.OUT_OF_ORDER, "inputs[1]"),
        ([Bolus(9, 1), Bolus(5, 1)], Reason.OUT_OF_ORDER, "inputs[1]"),
    ],
)
def test_inputs_that_cannot_have_happened_are_refused(inputs, reason, field):
    answer = forecast(KAMP, **without_dose(inputs=inputs))
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.field) == (reason, field)


def banded(**changes) -> Band:
    answer = band(KAMP, **(USUAL | changes))
    assert isinstance(answer, Band), str(answer)
    return answer


@pytest.mark.parametrize("of", ["plasma", "effect_site"])
def test_the_band_lies_around_the_typical_curve(of):
    drawn = banded(of=of)
    typical = getattr(answered(), f"ketamine_{of}_ng_per_ml")
    assert (drawn.low <= drawn.median).all()
    assert (drawn.median <= drawn.high).all()
    assert (drawn.low[1:] < typical[1:]).all()
    assert (typical[1:] < drawn.high[1:]).all()
    assert drawn.median[40] == pytest.approx(typical[40], rel=0.03)


def test_the_same_request_gives_the_same_band():
    first, second = banded(), banded()
    assert first.low.tolist() == second.low.tolist()
    assert first.high.tolist() == second.high.tolist()


def test_a_wider_pair_of_levels_gives_a_wider_band():
    narrow, wide = banded(levels=(0.25, 0.75)), banded(levels=(0.05, 0.95))
    assert (wide.low[1:] < narrow.low[1:]).all()
    assert (wide.high[1:] > narrow.high[1:]).all()


def test_at_steady_state_the_band_is_that_of_the_clearance_alone():
    # Css = rate / CL: log-normal with CL's coefficient of variation, 17 %; z(0.9) = 1.2816.
    days = {"dose_mg": 60 * 24 * 20.0 * 0.4, "over_min": 60 * 24 * 20.0, "until_min": 60 * 24 * 20.0}
    drawn = banded(**days, every_min=60 * 24 * 20.0)
    sigma = np.sqrt(np.log1p(0.17**2))
    assert drawn.high[-1] / drawn.median[-1] == pytest.approx(np.exp(1.2816 * sigma), rel=0.01)
    assert drawn.low[-1] / drawn.median[-1] == pytest.approx(np.exp(-1.2816 * sigma), rel=0.01)


def test_a_long_grid_gives_the_same_band_as_a_short_one_at_the_same_times():
    long, short = banded(every_min=0.05), banded(every_min=5.0)
    assert long.time_min.size > 4096  # more than is computed at once
    assert long.high[::100] == pytest.approx(short.high, rel=1e-12)


def test_a_band_says_that_part_of_its_width_is_a_guess():
    assert "variability-partly-guessed" in keys(banded())
    assert "variability-partly-guessed" not in keys(answered())


@pytest.mark.parametrize("levels", [(0.9, 0.1), (0.0, 0.9), (0.1, 1.0), (0.5, 0.5), (float("nan"), 0.9)])
def test_levels_that_do_not_rise_between_zero_and_one_are_refused(levels):
    answer = band(KAMP, **USUAL, levels=levels)
    assert isinstance(answer, Refusal)
    assert answer.field == "levels"
