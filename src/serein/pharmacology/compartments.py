"""The closed form: three compartments and an effect site under any piecewise-constant input.

Amounts a (mg) in the central and two peripheral compartments follow da/dt = -K a + input into the centre.
The effect site follows dCe/dt = ke0 (C - Ce) and takes no drug away. K of such a mammillary system is similar
to a symmetric positive-definite matrix S = D K D^-1 (D scales each peripheral amount by the root of its two
rate constants' ratio), so its rates are the eigenvalues of S, and the share of each rate in the central
compartment is the square of the eigenvector's first element: real, positive and summing to one, without the
differences of nearly equal roots that partial fractions of the cubic would need.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from serein.pharmacology.model import Array, Parameters, ThreeCompartment

MINUTES_PER_HOUR = 60.0
NG_PER_ML_IN_MG_PER_L = 1000.0


@dataclass(frozen=True, slots=True)
class Infusion:
    """A constant rate from `start_min` to `end_min`. A rate change is a second infusion; a pause is a gap."""

    start_min: float
    end_min: float
    rate_mg_per_min: float


@dataclass(frozen=True, slots=True)
class Bolus:
    """A dose that is all there at `at_min`."""

    at_min: float
    dose_mg: float


Input = Infusion | Bolus


@dataclass(frozen=True, slots=True)
class Modes:
    """The plasma concentration after 1 mg at time 0 is the sum of `weights` x exp(-`rates` x t).

    `rates_per_min` and `weights_per_l` have shape (..., 3), rates rising; `ke0_per_min` has shape (...).
    """

    rates_per_min: Array
    weights_per_l: Array
    ke0_per_min: Array


@dataclass(frozen=True, slots=True)
class Concentration:
    """Curves in ng/mL, each of shape (..., number of times)."""

    plasma_ng_per_ml: Array
    effect_site_ng_per_ml: Array


def modes(model: ThreeCompartment, weight_kg: float | Array) -> Modes:
    """Modes of the typical person of `weight_kg` (kg; an array gives one set for each weight)."""
    return modes_of(model.at_weight(weight_kg))


def modes_of(person: Parameters) -> Modes:
    """Modes of one person's parameters, or of many people's at once."""
    v1, v2, v3, cl, q2, q3, half_life_min = np.broadcast_arrays(
        *(
            np.asarray(value, dtype=np.float64)
            for value in (
                person.v1_l,
                person.v2_l,
                person.v3_l,
                person.cl_l_per_h,
                person.q2_l_per_h,
                person.q3_l_per_h,
                person.half_life_min,
            )
        )
    )
    per_min = 1 / MINUTES_PER_HOUR
    symmetric = np.zeros((*v1.shape, 3, 3))
    symmetric[..., 0, 0] = (cl + q2 + q3) / v1 * per_min
    symmetric[..., 1, 1] = q2 / v2 * per_min
    symmetric[..., 2, 2] = q3 / v3 * per_min
    symmetric[..., 0, 1] = symmetric[..., 1, 0] = -q2 / np.sqrt(v1 * v2) * per_min
    symmetric[..., 0, 2] = symmetric[..., 2, 0] = -q3 / np.sqrt(v1 * v3) * per_min
    rates, vectors = np.linalg.eigh(symmetric)
    weights = vectors[..., 0, :] ** 2 / v1[..., None]
    return Modes(rates, weights, np.log(2) / half_life_min)


def concentration(modes: Modes, inputs: Iterable[Input], t_min: Array) -> Concentration:
    """Exact concentrations in ng/mL at `t_min` (minutes, one dimension, any order), inputs superposed.

    At the moment of a bolus the plasma value is the one just after it. Before an input nothing of it is there.
    """
    t = np.asarray(t_min, dtype=np.float64)
    shape = (*modes.rates_per_min.shape[:-1], t.size)
    plasma, effect_site = np.zeros(shape), np.zeros(shape)
    ke0 = modes.ke0_per_min[..., None]
    for given in inputs:
        for i in range(modes.rates_per_min.shape[-1]):
            rate, weight = modes.rates_per_min[..., i, None], modes.weights_per_l[..., i, None]
            in_plasma, in_effect_site = _response(given, rate, ke0, t)
            plasma += weight * in_plasma
            effect_site += weight * in_effect_site
    return Concentration(plasma * NG_PER_ML_IN_MG_PER_L, effect_site * NG_PER_ML_IN_MG_PER_L)


def _response(given: Input, rate: Array, ke0: Array, t: Array) -> tuple[Array, Array]:
    """What one input has put into one mode, and into the effect site behind it, at each time.

    The state at the end of the input is carried onward, so that long after a short infusion nothing is
    the difference of two large numbers.
    """
    if isinstance(given, Bolus):
        since = t - given.at_min
        mode_end, site_end = np.where(since >= 0, given.dose_mg, 0.0), np.zeros_like(t)
        after = np.maximum(since, 0.0)
    else:
        during = np.clip(t - given.start_min, 0.0, given.end_min - given.start_min)
        mode_end = given.rate_mg_per_min * _accumulated(rate, during)
        # ke0 times the integral of `_delayed` over the input, by the effect site's own balance.
        site_end = mode_end - given.rate_mg_per_min * _delayed(rate, ke0, during)
        after = np.maximum(t - given.end_min, 0.0)
    in_mode = mode_end * np.exp(-rate * after)
    in_site = site_end * np.exp(-ke0 * after) + mode_end * ke0 * _delayed(rate, ke0, after)
    return in_mode, in_site


def _accumulated(rate: Array, t: Array) -> Array:
    """Integral of exp(-rate s) for s from 0 to t."""
    return t * _phi(rate * t)


def _delayed(rate: Array, ke0: Array, t: Array) -> Array:
    """(exp(-rate t) - exp(-ke0 t)) / (ke0 - rate), with no digits lost as the two become equal."""
    slower, apart = np.minimum(rate, ke0), np.abs(ke0 - rate)
    return t * np.exp(-slower * t) * _phi(apart * t)


def _phi(x: Array) -> Array:
    """(1 - exp(-x)) / x, and 1 at 0, for x of zero or above."""
    safe = np.where(x > 0, x, 1.0)
    return np.where(x > 0, -np.expm1(-safe) / safe, 1.0)
