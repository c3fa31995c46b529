"""A forecast for one regimen: a request is checked, then answered with curves or refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import NormalDist
from typing import Literal

import numpy as np

from serein.errors import Reason, Refusal, refuse
from serein.pharmacology.compartments import Bolus, Infusion, Input, concentration, modes, modes_of
from serein.pharmacology.model import PARAMETERS, Array, Assumption, Parameters, ThreeCompartment

MOST_POINTS = 1_000_000
"""Times in one forecast: more is a slip in `every`, and would not fit a page or a file anybody reads."""
MOST_INPUTS = 1_000
VIRTUAL_PEOPLE = 200
SEED = 2020
TIMES_AT_ONCE = 4_096
"""Times of a band computed together, so that memory stays small however long the grid is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a forecast was computed from, checked: enough to compute it again."""

    model: str
    route: str
    weight_kg: float
    age_years: float | None
    dose_mg: float
    """All that is given, as ketamine base."""
    inputs: tuple[Input, ...]
    until_min: float
    every_min: float

    @property
    def time_min(self) -> Array:
        """The grid: 0, every, 2 every ... up to `until_min`."""
        return np.arange(_points(self.until_min, self.every_min), dtype=np.float64) * self.every_min


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """The typical person's curves (ng/mL, one value for each time) and what the reader must be told."""

    time_min: Array
    ketamine_plasma_ng_per_ml: Array
    ketamine_effect_site_ng_per_ml: Array
    settings: Settings
    marked: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Where the curve runs in people who differ: quantiles (ng/mL) at each time, not the curve of one person."""

    time_min: Array
    low: Array
    median: Array
    high: Array
    levels: tuple[float, float]
    of: str
    settings: Settings
    marked: tuple[Assumption, ...]


def forecast(
    model: ThreeCompartment,
    *,
    weight_kg: float,
    dose_mg: float | None = None,
    over_min: float | None = None,
    inputs: Iterable[Input] | None = None,
    until_min: float,
    every_min: float,
    route: str = "intravenous",
    age_years: float | None = None,
) -> Forecast | Refusal:
    """Plasma and effect-site concentrations of the typical person, or the reason why there are none.

    Give either `dose_mg` (ketamine base) with `over_min`, one infusion from time 0, or `inputs` as they are
    planned or really happened (minutes from time 0, in order, not overlapping).
    """
    settings = settle(
        model,
        weight_kg=weight_kg,
        dose_mg=dose_mg,
        over_min=over_min,
        inputs=inputs,
        until_min=until_min,
        every_min=every_min,
        route=route,
        age_years=age_years,
    )
    if isinstance(settings, Refusal):
        return settings
    curves = concentration(modes(model, settings.weight_kg), settings.inputs, settings.time_min)
    return Forecast(
        time_min=settings.time_min,
        ketamine_plasma_ng_per_ml=curves.plasma_ng_per_ml,
        ketamine_effect_site_ng_per_ml=curves.effect_site_ng_per_ml,
        settings=settings,
        marked=model.told(*_situations(model, settings)),
    )


def band(
    model: ThreeCompartment,
    *,
    weight_kg: float,
    dose_mg: float | None = None,
    over_min: float | None = None,
    inputs: Iterable[Input] | None = None,
    until_min: float,
    every_min: float,
    route: str = "intravenous",
    age_years: float | None = None,
    levels: tuple[float, float] = (0.1, 0.9),
    of: Literal["plasma", "effect_site"] = "plasma",
) -> Band | Refusal:
    """Quantiles `levels` and the median, at each time, over 200 virtual people of this weight.

    Each parameter is log-normal about its typical value with the model's coefficient of variation, drawn by
    a Latin hypercube of fixed seed: the same request gives the same band. The parameters are taken as
    independent, which is an assumption (in people, central volume and clearance go together), and
    measurement error is left out. Refuses what `forecast` refuses, and levels not rising between 0 and 1.
    """
    settings = settle(
        model,
        weight_kg=weight_kg,
        dose_mg=dose_mg,
        over_min=over_min,
        inputs=inputs,
        until_min=until_min,
        every_min=every_min,
        route=route,
        age_years=age_years,
    )
    if isinstance(settings, Refusal):
        return settings
    low, high = levels
    if not 0 < low < high < 1:
        return refuse(
            Reason.OUT_OF_RANGE, "levels", f"{low} to {high}", low="above 0, rising", high="below 1"
        )
    if of not in ("plasma", "effect_site"):
        return refuse(Reason.NOT_A_CHOICE, "of", of, allowed="plasma, effect_site")
    people = modes_of(_virtual_people(model, settings.weight_kg))
    time_min = settings.time_min
    quantiles = np.empty((3, time_min.size))
    for start in range(0, time_min.size, TIMES_AT_ONCE):
        part = slice(start, start + TIMES_AT_ONCE)
        curves = concentration(people, settings.inputs, time_min[part])
        wanted = curves.plasma_ng_per_ml if of == "plasma" else curves.effect_site_ng_per_ml
        quantiles[:, part] = np.quantile(wanted, (low, 0.5, high), axis=0)
    return Band(
        time_min=time_min,
        low=quantiles[0],
        median=quantiles[1],
        high=quantiles[2],
        levels=(low, high),
        of=of,
        settings=settings,
        marked=model.told(*_situations(model, settings), "band"),
    )


def settle(
    model: ThreeCompartment,
    *,
    weight_kg: float,
    dose_mg: float | None,
    over_min: float | None,
    inputs: Iterable[Input] | None,
    until_min: float,
    every_min: float,
    route: str,
    age_years: float | None,
) -> Settings | Refusal:
    """The checked request, or the first refusal in it."""
    if route not in model.routes:
        return refuse(Reason.NOT_A_CHOICE, "route", route, allowed=", ".join(model.routes))
    given = _given(dose_mg, over_min, inputs)
    if isinstance(given, Refusal):
        return given
    total_mg = math.fsum(_dose_mg(one) for one in given)
    wrong = (
        _outside("weight", weight_kg, "kg", model.plausible_weight_kg)
        or (None if age_years is None else _outside("age", age_years, "years", model.plausible_age_years))
        or _not_positive("dose", total_mg, "mg")
        or _outside("dose", total_mg / weight_kg, "mg/kg", model.plausible_dose_mg_per_kg)
        or _bad_grid(until_min, every_min)
    )
    if wrong:
        return wrong
    return Settings(
        model=model.key,
        route=route,
        weight_kg=float(weight_kg),
        age_years=None if age_years is None else float(age_years),
        dose_mg=total_mg,
        inputs=given,
        until_min=float(until_min),
        every_min=float(every_min),
    )


def _given(
    dose_mg: float | None, over_min: float | None, inputs: Iterable[Input] | None
) -> tuple[Input, ...] | Refusal:
    if inputs is not None:
        if dose_mg is not None or over_min is not None:
            return refuse(
                Reason.MISMATCH,
                "dose",
                "a dose and inputs",
                next="Give a dose with its duration, or inputs, not both.",
            )
        return _checked_inputs(tuple(inputs))
    if dose_mg is None:
        return refuse(Reason.MISSING, "dose")
    if over_min is None:
        return refuse(Reason.MISSING, "over")
    wrong = _not_positive("dose", dose_mg, "mg") or _not_positive("over", over_min, "min")
    return wrong or (Infusion(0.0, float(over_min), float(dose_mg) / float(over_min)),)


def _checked_inputs(inputs: tuple[Input, ...]) -> tuple[Input, ...] | Refusal:
    if not inputs:
        return refuse(Reason.MISSING, "inputs")
    if len(inputs) > MOST_INPUTS:
        return refuse(Reason.TOO_LARGE, "inputs", len(inputs), limit=f"{MOST_INPUTS} inputs")
    for place, one in enumerate(inputs):
        wrong = _bad_input(f"inputs[{place}]", one)
        if wrong:
            return wrong
    for place, (before, one) in enumerate(pairwise(inputs), start=1):
        if _start_min(one) < _end_min(before):
            return refuse(
                Reason.OUT_OF_ORDER,
                f"inputs[{place}]",
                f"{_start_min(one):g} min",
                earliest=f"{_end_min(before):g} min",
            )
    return inputs


def _bad_input(name: str, one: Input) -> Refusal | None:
    if isinstance(one, Bolus):
        return _negative(f"{name} time", one.at_min, "min") or _not_positive(
            f"{name} dose", one.dose_mg, "mg"
        )
    return (
        _negative(f"{name} start", one.start_min, "min")
        or _negative(f"{name} rate", one.rate_mg_per_min, "mg/min")
        or _not_positive(f"{name} duration", one.end_min - one.start_min, "min")
    )


def _dose_mg(one: Input) -> float:
    if isinstance(one, Bolus):
        return one.dose_mg
    return one.rate_mg_per_min * (one.end_min - one.start_min)


def _start_min(one: Input) -> float:
    return one.at_min if isinstance(one, Bolus) else one.start_min


def _end_min(one: Input) -> float:
    return one.at_min if isinstance(one, Bolus) else one.end_min


def _not_a_number(field: str, value: float, unit: str) -> Refusal | None:
    return None if math.isfinite(value) else refuse(Reason.NOT_A_NUMBER, field, f"{value} {unit}")


def _not_positive(field: str, value: float, unit: str) -> Refusal | None:
    return _not_a_number(field, value, unit) or (
        refuse(Reason.NEGATIVE, field, f"{value:g} {unit}") if value <= 0 else None
    )


def _negative(field: str, value: float, unit: str) -> Refusal | None:
    return _not_a_number(field, value, unit) or (
        refuse(Reason.NEGATIVE, field, f"{value:g} {unit}") if value < 0 else None
    )


def _outside(field: str, value: float, unit: str, bounds: Sequence[float]) -> Refusal | None:
    low, high = bounds
    wrong = _not_a_number(field, value, unit)
    if wrong or low <= value <= high:
        return wrong
    return refuse(
        Reason.OUT_OF_RANGE, field, f"{value:g} {unit}", low=f"{low:g} {unit}", high=f"{high:g} {unit}"
    )


def _bad_grid(until_min: float, every_min: float) -> Refusal | None:
    wrong = _not_positive("until", until_min, "min") or _not_positive("every", every_min, "min")
    if wrong:
        return wrong
    if every_min > until_min:
        return refuse(
            Reason.OUT_OF_RANGE, "every", f"{every_min:g} min", low="0 min", high=f"{until_min:g} min"
        )
    if until_min / every_min >= MOST_POINTS:
        return refuse(
            Reason.TOO_LARGE, "every", f"{until_min / every_min:.3g} times", limit=f"{MOST_POINTS} times"
        )
    return None


def _points(until_min: float, every_min: float) -> int:
    # 0.3 / 0.1 is just below 3 in binary: the last time must not be lost to that.
    return math.floor(until_min / every_min * (1 + 1e-12)) + 1


def _situations(model: ThreeCompartment, settings: Settings) -> tuple[str, ...]:
    low, high = model.expected_weight_kg
    found = [] if low <= settings.weight_kg <= high else ["weight-beyond-expected"]
    return (*found, "age-not-stated") if settings.age_years is None else tuple(found)


def _virtual_people(model: ThreeCompartment, weight_kg: float) -> Parameters:
    """200 people of one weight: parameters of shape (200,)."""
    typical = model.at_weight(weight_kg)
    spread = {
        name: np.exp(math.sqrt(math.log1p(model.variability[name] ** 2)) * normal)
        for name, normal in zip(PARAMETERS, _hypercube(), strict=True)
    }
    return replace(typical, **{name: getattr(typical, name) * spread[name] for name in PARAMETERS})


@cache
def _hypercube() -> Array:
    """Standard-normal scores, shape (parameters, people): each row hits each of 200 equal strata once.

    `RandomState` because its stream is frozen for ever, so that an old band can be drawn again.
    """
    strata = np.array([NormalDist().inv_cdf((i + 0.5) / VIRTUAL_PEOPLE) for i in range(VIRTUAL_PEOPLE)])
    random = np.random.RandomState(SEED)
    return np.stack([random.permutation(strata) for _ in PARAMETERS])
