"""Bounds of a dose: what is refused, what needs a reason, what a proposal may be, what the pump is set to.

The numbers are in `knowledge/routes/` and `knowledge/products/`. The order is always the same: clinical
situation, dose, cap, rounding, and then the cap again. A limited dose keeps what it was; nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Basis, Bound, Guardrail, Product, Route
from serein.units import Quantity

BoundName = Literal["clinical situation", "absolute", "recommended", "session cap", "step"]


@dataclass(frozen=True, slots=True)
class SituationLimit:
    """The highest dose that this person's situation allows (an order's range, an earlier reaction), and why."""

    high_mg: Decimal
    why: str
    basis: Basis = "practice"
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """One pair of bounds held against one dose. `written` is how the knowledge writes it."""

    name: BoundName
    low_mg: Decimal
    high_mg: Decimal
    holds: bool
    written: str
    basis: Basis
    evidence: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class DoseCheck:
    """A dose that is not refused, with every bound it was held against, in order."""

    route: str
    product: str
    dose_mg: Decimal
    weight_kg: Decimal | None
    bounds: tuple[BoundCheck, ...]

    @property
    def crossed(self) -> tuple[BoundCheck, ...]:
        """The bounds that the dose does not hold: going on needs a reason for each."""
        return tuple(b for b in self.bounds if not b.holds)

    @property
    def needs_reason(self) -> bool:
        return bool(self.crossed)

    @property
    def binding(self) -> BoundCheck:
        """The bound that stops a larger dose first."""
        return min(self.bounds, key=lambda b: b.high_mg)

    @property
    def mg_per_kg(self) -> Decimal | None:
        return None if self.weight_kg is None else self.dose_mg / self.weight_kg


@dataclass(frozen=True, slots=True)
class AppliedLimit:
    """One upper limit as a proposal met it: the dose before and after."""

    name: BoundName
    high_mg: Decimal
    before_mg: Decimal
    after_mg: Decimal
    basis: Basis
    why: str

    @property
    def limited(self) -> bool:
        return self.after_mg < self.before_mg


@dataclass(frozen=True, slots=True)
class Proposal:
    """A dose to put before a prescriber: what was wanted, what limited it, what is left after rounding down."""

    wanted: Quantity
    original_mg: Decimal
    limits: tuple[AppliedLimit, ...]
    before_rounding_mg: Decimal
    dose_mg: Decimal
    check: DoseCheck

    @property
    def binding(self) -> AppliedLimit | None:
        """The limit that decided the dose; None if the wanted dose passed them all."""
        limiting = [limit for limit in self.limits if limit.limited]
        return limiting[-1] if limiting else None


@dataclass(frozen=True, slots=True)
class PumpSetting:
    """What two persons read off the pump. Volume in mL, rate in mL/h, time in min."""

    dose_mg: Decimal
    concentration_mg_per_ml: Decimal
    volume_ml: Decimal
    rate_ml_per_h: Decimal
    over_min: Decimal


def guardrail_for(route: Route, product: Product) -> Guardrail | Refusal:
    """The bounds of this product by this route; a refusal if it is not given so."""
    if route.key in product.routes:
        for guardrail in route.guardrails:
            if product.substance in guardrail.products:
                return guardrail
    allowed = ", ".join(product.routes)
    return refuse(Reason.NOT_KNOWN_HERE, "route", f"{product.key} {route.key}", allowed=allowed)


def check_dose(
    route: Route,
    product: Product,
    *,
    dose_mg: Decimal,
    weight_kg: Decimal | None,
    limits: Iterable[SituationLimit] = (),
) -> DoseCheck | Refusal:
    """Hold a dose (mg of the base) against every bound.

    Refused: a number that is none, a missing weight where doses go by weight, a dose at or beyond an absolute
    bound, a dose that whole devices cannot give. Everything else comes back with the bounds that it crosses.
    """
    guardrail = guardrail_for(route, product)
    if isinstance(guardrail, Refusal):
        return guardrail
    if refusal := _not_positive("dose", dose_mg, "mg") or _weight_refused(guardrail, weight_kg):
        return refusal
    situation = [_situation_check(limit, dose_mg) for limit in limits]
    absolute = _bound_check("absolute", guardrail.absolute, dose_mg, weight_kg)
    if not absolute.holds:
        return _outside(absolute, dose_mg)
    bounds = [*situation, absolute, _bound_check("recommended", guardrail.recommended, dose_mg, weight_kg)]
    if guardrail.session_cap is not None:
        bounds.append(_bound_check("session cap", guardrail.session_cap, dose_mg, weight_kg))
    steps = _steps_mg(guardrail)
    if steps and dose_mg not in steps:
        return refuse(Reason.NOT_A_CHOICE, "dose", _mg(dose_mg), allowed=", ".join(guardrail.steps))
    return DoseCheck(route.key, product.key, dose_mg, weight_kg, tuple(bounds))


def propose_dose(
    route: Route,
    product: Product,
    *,
    wanted: Quantity,
    weight_kg: Decimal | None,
    rounding_mg: Decimal,
    limits: Iterable[SituationLimit] = (),
) -> Proposal | Refusal:
    """A dose for a prescriber to look at, from `wanted` (mg/kg or mg).

    Situation, recommended bound and session cap each limit it in turn; it is then rounded down, to a whole
    multiple of `rounding_mg` or to whole devices, and checked again. A wanted dose at or beyond an absolute bound
    is refused, not limited: it is more likely a mistake than a wish.
    """
    given = tuple(limits)
    original_mg = _wanted_mg(wanted, weight_kg)
    guardrail = guardrail_for(route, product)
    for value in (guardrail, original_mg):
        if isinstance(value, Refusal):
            return value
    assert isinstance(guardrail, Guardrail)
    assert isinstance(original_mg, Decimal)
    refusal = (
        _weight_refused(guardrail, weight_kg)
        or _not_positive("dose", original_mg, "mg")
        or _not_positive("rounding", rounding_mg, "mg")
    )
    if refusal:
        return refusal
    absolute = _bound_check("absolute", guardrail.absolute, original_mg, weight_kg)
    if not absolute.holds:
        return _outside(absolute, original_mg)
    applied = _apply(_uppers(guardrail, weight_kg, given), original_mg)
    limited = applied[-1].after_mg
    rounded = _round_down(limited, rounding_mg, _steps_mg(guardrail))
    if rounded <= 0:
        smallest = _steps_mg(guardrail)[0] if guardrail.steps else rounding_mg
        return refuse(
            Reason.OUT_OF_RANGE, "dose", _mg(limited), low=_mg(smallest), high=_mg(absolute.high_mg)
        )
    check = check_dose(route, product, dose_mg=rounded, weight_kg=weight_kg, limits=given)
    if isinstance(check, Refusal):
        return check
    return Proposal(wanted, original_mg, applied, limited, rounded, check)


def pump_rate(
    route: Route,
    product: Product,
    *,
    dose_mg: Decimal,
    concentration_mg_per_ml: Decimal,
    over_min: Decimal,
    rate_step_ml_per_h: Decimal | None = None,
) -> PumpSetting | Refusal:
    """Volume = dose / concentration, rate = volume x 60 / minutes.

    `rate_step_ml_per_h` is the pump's smallest step: the rate is rounded down to it and the time grows with it.
    Refused: a route without a pump, a number that is none, a concentration above what the route allows.
    """
    if route.given_as != "infusion" or route.key not in product.routes:
        return refuse(
            Reason.NOT_KNOWN_HERE, "pump", f"{product.key} {route.key}", allowed="an infusion route"
        )
    refusal = (
        _not_positive("dose", dose_mg, "mg")
        or _not_positive("concentration", concentration_mg_per_ml, "mg/mL")
        or _not_positive("duration", over_min, "min")
        or (rate_step_ml_per_h is not None and _not_positive("pump step", rate_step_ml_per_h, "mL/h"))
        or _too_concentrated(route, product, concentration_mg_per_ml)
    )
    if refusal:
        return refusal
    volume_ml = dose_mg / concentration_mg_per_ml
    rate = volume_ml * 60 / over_min
    if rate_step_ml_per_h is not None:
        rate = _floor(rate, rate_step_ml_per_h)
        if rate <= 0:
            step = f"{units.show(rate_step_ml_per_h)} mL/h"
            return refuse(Reason.OUT_OF_RANGE, "rate", "0 mL/h", low=step, high="any rate above")
        over_min = volume_ml * 60 / rate
    return PumpSetting(dose_mg, concentration_mg_per_ml, volume_ml, rate, over_min)


def _too_concentrated(route: Route, product: Product, concentration: Decimal) -> Refusal | None:
    highest = max(
        _amount(strength.highest_concentration.get(route.key, strength.concentration), "mg/mL")
        for strength in product.strengths
    )
    if concentration <= highest:
        return None
    return refuse(
        Reason.OUT_OF_RANGE,
        "concentration",
        f"{units.show(concentration)} mg/mL",
        low="above 0 mg/mL",
        high=f"{units.show(highest)} mg/mL: dilute it",
    )


def _wanted_mg(wanted: Quantity, weight_kg: Decimal | None) -> Decimal | Refusal:
    dimension = units.UNITS[wanted.unit][0]
    if dimension == "mass":
        return wanted.to("mg")
    if dimension != "dose by weight":
        return refuse(Reason.WRONG_DIMENSION, "dose", wanted, unit="mg/kg or mg")
    if weight_kg is None:
        return refuse(Reason.MISSING, "weight")
    return _not_positive("weight", weight_kg, "kg") or wanted.to("mg/kg") * weight_kg


def _uppers(
    guardrail: Guardrail, weight_kg: Decimal | None, limits: tuple[SituationLimit, ...]
) -> list[tuple[BoundName, Decimal, Basis, str]]:
    """Every upper limit in the order in which it is applied."""
    found: list[tuple[BoundName, Decimal, Basis, str]] = [
        ("clinical situation", limit.high_mg, limit.basis, limit.why) for limit in limits
    ]
    recommended, cap = guardrail.recommended, guardrail.session_cap
    found.append(("recommended", _bound_mg(recommended.high, weight_kg), recommended.basis, recommended.why))
    if cap is not None:
        found.append(("session cap", _bound_mg(cap.high, weight_kg), cap.basis, cap.why))
    return found


def _apply(uppers: list[tuple[BoundName, Decimal, Basis, str]], dose_mg: Decimal) -> tuple[AppliedLimit, ...]:
    applied = []
    for name, high_mg, basis, why in uppers:
        after = min(dose_mg, high_mg)
        applied.append(AppliedLimit(name, high_mg, dose_mg, after, basis, why))
        dose_mg = after
    return tuple(applied)


def _round_down(dose_mg: Decimal, rounding_mg: Decimal, steps: tuple[Decimal, ...]) -> Decimal:
    """Never up: rounding must not cross the limit that was just applied."""
    if steps:
        return max((s for s in steps if s <= dose_mg), default=Decimal(0))
    return _floor(dose_mg, rounding_mg)


def _floor(value: Decimal, step: Decimal) -> Decimal:
    whole = (value / step).to_integral_value(rounding=ROUND_FLOOR) * step
    return whole if whole <= value else whole - step  # the division itself may have rounded up


def _situation_check(limit: SituationLimit, dose_mg: Decimal) -> BoundCheck:
    return BoundCheck(
        "clinical situation",
        Decimal(0),
        limit.high_mg,
        dose_mg <= limit.high_mg,
        f"at most {_mg(limit.high_mg)}",
        limit.basis,
        limit.evidence,
        limit.why,
    )


def _bound_check(name: BoundName, bound: Bound, dose_mg: Decimal, weight_kg: Decimal | None) -> BoundCheck:
    """The ends of an absolute bound are outside it; those of any other are inside."""
    low, high = _bound_mg(bound.low, weight_kg), _bound_mg(bound.high, weight_kg)
    strict = name == "absolute"
    holds = low < dose_mg < high if strict else low <= dose_mg <= high
    written = f"above {bound.low} and below {bound.high}" if strict else f"{bound.low} to {bound.high}"
    return BoundCheck(name, low, high, holds, written, bound.basis, bound.evidence, bound.why)


def _bound_mg(written: str, weight_kg: Decimal | None) -> Decimal:
    """A bound in mg: as written, or times the weight where it is written in mg/kg."""
    quantity = units.parse(written, "bound", "mg/kg" if written.endswith("/kg") else "mg")
    assert not isinstance(quantity, Refusal), quantity
    if units.UNITS[quantity.unit][0] == "mass":
        return quantity.to("mg")
    assert weight_kg is not None, "checked before"
    return quantity.to("mg/kg") * weight_kg


def _steps_mg(guardrail: Guardrail) -> tuple[Decimal, ...]:
    return tuple(sorted(_amount(step, "mg") for step in guardrail.steps))


def _amount(written: str, unit: str) -> Decimal:
    quantity = units.parse(written, "amount", unit)
    assert not isinstance(quantity, Refusal), quantity
    return quantity.to(unit)


def _weight_refused(guardrail: Guardrail, weight_kg: Decimal | None) -> Refusal | None:
    if weight_kg is None:
        return refuse(Reason.MISSING, "weight") if guardrail.per == "weight" else None
    return _not_positive("weight", weight_kg, "kg")


def _not_positive(field: str, value: Decimal, unit: str) -> Refusal | None:
    if not value.is_finite():
        return refuse(Reason.NOT_A_NUMBER, field, value)
    return refuse(Reason.NEGATIVE, field, f"{units.show(value)} {unit}") if value <= 0 else None


def _outside(bound: BoundCheck, dose_mg: Decimal) -> Refusal:
    low, high = f"above {_mg(bound.low_mg)}", f"below {_mg(bound.high_mg)} ({bound.written})"
    return refuse(Reason.OUT_OF_RANGE, "dose", _mg(dose_mg), low=low, high=high)


def _mg(value: Decimal) -> str:
    return f"{units.show(value)} mg"
