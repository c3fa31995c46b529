"""The plan: from what a prescriber wants to an order that could be signed, or the first reason why not.

Clinical situation first, dose second, bounds third, rounding (down) last, and then the bounds again. A dose is
never repaired: what crosses a recommended bound needs a reason, what crosses an absolute one is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from hashlib import sha256

import msgspec

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge import route_for
from serein.knowledge.types import Knowledge, Product, Route, Strength_
from serein.logic import Facts, Known, Statement
from serein.pathway.plan.protocol import phase_of
from serein.pathway.plan.series import Series, minutes, series_refused, too_many
from serein.safety.body_weight import Weights, weights
from serein.safety.guardrail import DoseCheck, check_dose, guardrail_for, pump_rate
from serein.safety.preparation import (
    DrawUp,
    Preparation,
    SiteUse,
    base_mg,
    draw_up,
    injection_sites,
    prepare,
    rounded_mg,
    shown_mg,
    smallest_mg,
    strength_for,
)
from serein.units import Quantity

SETTING_SHOWN = Decimal("0.01")
"""mL, mL/h and mg/h, as a pump shows them; rounded down."""


class AsNeeded(msgspec.Struct, frozen=True):
    """A medicine that may be given beside the dose: what, how much, for what."""

    medicine: str
    dose: str
    for_: str = msgspec.field(name="for")


class Wish(msgspec.Struct, frozen=True):
    """What the prescriber asks for, already parsed at the border. Quantities as text with their units.

    Doses are as the product's label counts them. `dose_low` and `dose_high` empty: the order has one dose.
    `weight_basis` empty: nobody picked. `over` empty: as long as the route takes. `strength` empty: there is only
    one, or a pump's `concentration` says it.
    """

    product_key: str
    route: str
    dose: str
    over: str
    sessions: int
    spacing: str
    series_over: str
    valid_from: dt.datetime
    valid_until: dt.datetime
    dose_low: str = ""
    dose_high: str = ""
    weight_basis: str = ""
    concentration: str = ""
    strength: str = ""
    protocol: str = ""
    phase: str = ""
    as_needed: tuple[AsNeeded, ...] = ()


class Order(msgspec.Struct, frozen=True):
    """What a prescriber signs, complete and in numbers: mg of the base, min, mg/h, mg/mL, mL, mL/h, kg."""

    product: str
    product_key: str
    route: str
    dose: str
    dose_mg: float
    dose_low_mg: float
    dose_high_mg: float
    over_min: float
    rate_mg_per_h: float | None
    concentration_mg_per_ml: float | None
    volume_ml: float | None
    pump_ml_per_h: float | None
    weight_kg: float | None
    weight_basis: str
    weight_measured_at: dt.datetime | None
    as_needed: tuple[AsNeeded, ...]
    series: Series
    valid_from: dt.datetime
    valid_until: dt.datetime
    protocol: str = ""
    phase: str = ""
    given_as: str = ""
    strength: str = ""
    """As labelled, where the dose is not made for a pump: "50 mg/mL", or of one unit, "100 mg"."""
    labelled: str = ""
    """The dose as the label counts it, where that is not the base: "100 mg ketamine hydrochloride"."""
    units: float | None = None
    unit: str = ""
    between_units: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it: what was shown is what is signed."""
        return sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


@dataclass(frozen=True, slots=True)
class Measured:
    """The weight in force: kg, when it was measured, until when it counts, and what may be picked."""

    weight_kg: Decimal
    at: dt.datetime
    until: dt.datetime | None
    weights: Weights


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that could be signed, with everything it was held against."""

    order: Order
    checks: tuple[tuple[str, DoseCheck], ...]
    """("lowest dose" | "dose" | "highest dose", what it was held against)."""
    measured: Measured | None
    preparation: Preparation | None = None
    """How the dose is counted or drawn, where there is no pump."""
    sites: tuple[SiteUse, ...] = ()
    draw_ups: tuple[DrawUp, ...] = ()
    too_many: str = ""
    """How the series crosses what its protocol allows in a span, in a sentence."""

    @property
    def needs_reason(self) -> bool:
        return bool(self.too_many) or any(check.needs_reason for _, check in self.checks)

    @property
    def check(self) -> DoseCheck:
        return dict(self.checks)["dose"]


def measured(facts: Facts) -> Measured | Refusal:
    """The measured weight within its validity, with actual, ideal and adjusted weight; or what to measure."""
    weight = _number(facts, "weight")
    if isinstance(weight, Refusal):
        return weight
    height = _number(facts, "height")
    if isinstance(height, Refusal):
        return height
    sex = facts["sex"]
    found = weights(facts.knowledge, str(sex.value) if isinstance(sex, Known) else None, height[0], weight[0])
    if isinstance(found, Refusal):
        return found
    validity_s = facts.knowledge.facts["weight"].validity_s
    until = None if validity_s is None else weight[1] + dt.timedelta(seconds=validity_s)
    return Measured(weight[0], weight[1], until, found)


def _number(facts: Facts, key: str) -> tuple[Decimal, dt.datetime] | Refusal:
    resolved = facts[key]
    if isinstance(resolved, Known):
        return Decimal(str(resolved.value)), resolved.at
    if resolved.why == "lapsed":
        at = resolved.statements[0].at
        return refuse(
            Reason.LAPSED, key, f"measured on {at:%Y-%m-%d}", next=f"Measure the {key} again and record it."
        )
    if resolved.why == "disagreement":
        said = ", ".join(str(s.value) for s in resolved.statements)
        return refuse(Reason.MISMATCH, key, said, next=f"Measure the {key} again and record it.")
    return refuse(Reason.MISSING, key)


def draft_order(
    wish: Wish, *, statements: Iterable[Statement], at: dt.datetime, knowledge: Knowledge
) -> Draft | Refusal:
    """The order that this wish would become at this instant, or the first refusal."""
    found = _product_and_route(wish, knowledge)
    if isinstance(found, Refusal):
        return found
    product, route = found
    guardrail = guardrail_for(route, product)
    if isinstance(guardrail, Refusal):
        return guardrail
    weighed: Measured | None = None
    weight_kg: Decimal | None = None
    if guardrail.per == "weight":
        answer = measured(Facts(statements, knowledge, at))
        if isinstance(answer, Refusal):
            return answer
        picked = picked_weight(answer, wish.weight_basis)
        if isinstance(picked, Refusal):
            return picked
        weighed, weight_kg = answer, picked
    strength = strength_for(route, product, wish.strength)
    if isinstance(strength, Refusal):
        return strength
    doses = _doses(wish, weight_kg)
    if isinstance(doses, Refusal):
        return doses
    checks: list[tuple[str, DoseCheck]] = []
    rounded: dict[str, Decimal] = {}
    for name, labelled in doses.items():
        amount = _measurable(strength, labelled, by_weight="/" in _written(wish, name))
        if isinstance(amount, Refusal):
            # beyond a bound is said first: it may be a mistake of unit
            outside = check_dose(route, product, dose_mg=base_mg(product, labelled), weight_kg=weight_kg)
            return _named(outside if isinstance(outside, Refusal) else amount, name)
        check = _checked(route, product, (labelled, amount), weight_kg)
        if isinstance(check, Refusal):
            return _named(check, name)
        checks.append((name, check))
        rounded[name] = amount
    order = _order(wish, product, route, strength, rounded, weighed, weight_kg, at)
    if isinstance(order, Refusal):
        return order
    crossed = too_many(order.series, phase_of(knowledge, wish.protocol, wish.phase))
    draft = Draft(order, tuple(checks), weighed, too_many=crossed)
    return _prepared(draft, product, route, strength, rounded["dose"])


def _measurable(strength: Strength_ | None, labelled: Decimal, *, by_weight: bool) -> Decimal | Refusal:
    """The amount that can be drawn or counted. What was asked for in mg is not silently made another number of units."""
    rounded = rounded_mg(strength, labelled)
    if strength is not None and strength.unit and not by_weight and rounded != labelled:
        step = smallest_mg(strength)
        near = ", ".join(f"{units.show(mg)} mg" for mg in (rounded, rounded + step) if mg > 0)
        return refuse(Reason.NOT_A_CHOICE, "dose", f"{units.show(labelled)} mg", allowed=near)
    if rounded <= 0:
        least, asked = smallest_mg(strength), f"{units.show(labelled)} mg"
        return refuse(Reason.OUT_OF_RANGE, "dose", asked, low=f"{units.show(least)} mg", high="the bounds")
    return rounded


def _checked(
    route: Route, product: Product, labelled: tuple[Decimal, Decimal], weight_kg: Decimal | None
) -> DoseCheck | Refusal:
    """Held against the bounds before rounding and after: rounding must not carry a dose back across one.

    A dose that held a bound and is rounded down past its lower end holds it still: nobody chose to go below.
    """
    exact, rounded = (base_mg(product, mg) for mg in labelled)
    before = check_dose(route, product, dose_mg=exact, weight_kg=weight_kg)
    if isinstance(before, Refusal):
        return before
    after = check_dose(route, product, dose_mg=shown_mg(rounded), weight_kg=weight_kg)
    if isinstance(after, Refusal):
        return after
    bounds = tuple(
        replace(b, holds=b.holds or (was.holds and after.dose_mg < b.low_mg))
        for was, b in zip(before.bounds, after.bounds, strict=True)
    )
    return replace(after, bounds=bounds)


def _prepared(
    draft: Draft, product: Product, route: Route, strength: Strength_ | None, labelled: Decimal
) -> Draft:
    if strength is None:
        concentration = Decimal(str(draft.order.concentration_mg_per_ml))
        made = draw_up(product, dose_mg=labelled, concentration_mg_per_ml=concentration)
        return replace(draft, draw_ups=made)
    prepared = prepare(product, strength, labelled)
    sites = injection_sites(route, prepared.volume_ml) if prepared.volume_ml is not None else ()
    return replace(draft, preparation=prepared, sites=sites)


def _named(refusal: Refusal, name: str) -> Refusal:
    return (
        Refusal(refusal.reason, name, refusal.value, refusal.details) if refusal.field == "dose" else refusal
    )


def _product_and_route(wish: Wish, knowledge: Knowledge) -> tuple[Product, Route] | Refusal:
    product, route = knowledge.products.get(wish.product_key), knowledge.routes.get(wish.route)
    if product is None:
        return refuse(
            Reason.NOT_KNOWN_HERE, "product", wish.product_key, allowed=", ".join(knowledge.products)
        )
    if route is None:
        return refuse(Reason.NOT_KNOWN_HERE, "route", wish.route, allowed=", ".join(product.routes))
    return product, route_for(knowledge, route.key, product.substance)


def picked_weight(found: Measured, basis: str) -> Decimal | Refusal:
    """The weight that the dose goes by. From the body-mass index at which the prescriber picks, nobody else does."""
    choices = found.weights.choices()
    if basis in choices:
        return choices[basis]
    if not basis and not found.weights.prescriber_picks:
        return choices["actual"]
    if not basis:
        return refuse(Reason.MISSING, "weight basis")
    return refuse(Reason.NOT_A_CHOICE, "weight basis", basis, allowed=", ".join(choices))


DOSES = {"lowest dose": "dose_low", "dose": "dose", "highest dose": "dose_high"}
"""How the pages name the three doses of a wish."""


def _written(wish: Wish, name: str) -> str:
    return str(getattr(wish, DOSES[name]))


def _doses(wish: Wish, weight_kg: Decimal | None) -> dict[str, Decimal] | Refusal:
    """The planned dose in mg as labelled, and the lowest and highest of a range; not yet rounded."""
    found: dict[str, Decimal] = {}
    for name in DOSES:
        written = _written(wish, name)
        if name != "dose" and not written:
            continue
        dose_mg = _dose_mg(name, written, weight_kg)
        if isinstance(dose_mg, Refusal):
            return dose_mg
        found[name] = dose_mg
    low, high = _range(found)
    if not low <= found["dose"] <= high:
        return refuse(
            Reason.MISMATCH,
            "dose",
            f"{units.show(found['dose'])} mg outside {units.show(low)} to {units.show(high)} mg",
            next="The dose must lie within the lowest and the highest.",
        )
    return found


def _range(doses: dict[str, Decimal]) -> tuple[Decimal, Decimal]:
    return doses.get("lowest dose", doses["dose"]), doses.get("highest dose", doses["dose"])


def _dose_mg(name: str, written: str, weight_kg: Decimal | None) -> Decimal | Refusal:
    quantity = parse_dose(written, name, by_weight=weight_kg is not None)
    if isinstance(quantity, Refusal):
        return quantity
    if units.UNITS[quantity.unit][0] == "mass":
        dose_mg = quantity.to("mg")
    else:
        assert weight_kg is not None, "parse_dose refuses it"
        dose_mg = quantity.to("mg/kg") * weight_kg
    return dose_mg


def parse_dose(written: str, field: str, *, by_weight: bool) -> Quantity | Refusal:
    """A dose with its unit: mg, or by weight mg/kg where the product goes by weight."""
    wanted = "mg/kg" if by_weight else "mg"
    quantity = units.parse(written, field, wanted, positive=True)
    if by_weight and isinstance(quantity, Refusal) and quantity.reason is Reason.WRONG_DIMENSION:
        quantity = units.parse(written, field, "mg", positive=True)
        if isinstance(quantity, Refusal) and quantity.reason is Reason.WRONG_DIMENSION:
            return refuse(Reason.WRONG_DIMENSION, field, written, unit="mg/kg or mg")
    return quantity


def _order(
    wish: Wish,
    product: Product,
    route: Route,
    strength: Strength_ | None,
    doses: dict[str, Decimal],
    weighed: Measured | None,
    weight_kg: Decimal | None,
    at: dt.datetime,
) -> Order | Refusal:
    """The order. `doses` are as labelled and rounded; what it says in mg is of the base."""
    dose_mg = shown_mg(base_mg(product, doses["dose"]))
    prepared = prepare(product, strength, doses["dose"]) if strength is not None else None
    over_min = _over_min(wish, route, prepared)
    if isinstance(over_min, Refusal):
        return over_min
    series = Series(wish.sessions, wish.spacing, wish.series_over)
    refusal = series_refused(series, route) or _validity_refused(wish, at)
    if refusal:
        return refusal
    pump = _pump(wish, product, route, dose_mg, over_min)
    if isinstance(pump, Refusal):
        return pump
    concentration, volume, rate = pump
    if prepared is not None and prepared.volume_ml is not None:
        concentration = float(_mg_per_ml(prepared.strength))
        volume = float(prepared.volume_ml)
    low, high = _range(doses)
    labelled = f"{units.show(doses['dose'])} mg {product.salt.name}" if product.expressed_as == "salt" else ""
    several = prepared is not None and prepared.units is not None and prepared.units > 1
    return Order(
        product=product.substance,
        product_key=product.key,
        route=route.key,
        dose=wish.dose,
        dose_mg=float(dose_mg),
        dose_low_mg=float(shown_mg(base_mg(product, low))),
        dose_high_mg=float(shown_mg(base_mg(product, high))),
        over_min=float(over_min),
        rate_mg_per_h=_shown(dose_mg * 60 / over_min) if route.given_as == "infusion" else None,
        concentration_mg_per_ml=concentration,
        volume_ml=volume,
        pump_ml_per_h=rate,
        weight_kg=None if weight_kg is None else float(weight_kg),
        weight_basis=(wish.weight_basis or "actual") if weighed else "",
        weight_measured_at=weighed.at if weighed else None,
        as_needed=wish.as_needed,
        series=series,
        valid_from=wish.valid_from,
        valid_until=wish.valid_until,
        protocol=wish.protocol,
        phase=wish.phase,
        given_as=route.given_as,
        strength=prepared.strength if prepared else "",
        labelled=labelled,
        units=float(prepared.units) if prepared and prepared.units is not None else None,
        unit=prepared.unit if prepared else "",
        between_units=route.between_units if several else "",
    )


def _over_min(wish: Wish, route: Route, prepared: Preparation | None) -> Decimal | Refusal:
    """How long the dose takes (min): as asked, else as the route usually takes; never less than its units need."""
    asked = minutes("duration", wish.over or route.delivery)
    if isinstance(asked, Refusal) or not route.between_units or prepared is None or prepared.units is None:
        return asked
    between = minutes("time between units", route.between_units)
    assert isinstance(between, Decimal)
    return max(asked, between * (prepared.units.to_integral_value(rounding=ROUND_CEILING) - 1))


def _mg_per_ml(written: str) -> Decimal:
    quantity = units.parse(written, "strength", "mg/mL")
    assert isinstance(quantity, Quantity), written
    return quantity.to("mg/mL")


def _pump(
    wish: Wish, product: Product, route: Route, dose_mg: Decimal, over_min: Decimal
) -> tuple[float, float, float] | tuple[None, None, None] | Refusal:
    """Concentration (mg/mL), volume (mL) and rate (mL/h) where the route has a pump."""
    if route.given_as != "infusion":
        return None, None, None
    concentration = units.parse(wish.concentration, "concentration", "mg/mL", positive=True)
    if isinstance(concentration, Refusal):
        return concentration
    setting = pump_rate(
        route,
        product,
        dose_mg=dose_mg,
        concentration_mg_per_ml=concentration.to("mg/mL"),
        over_min=over_min,
    )
    if isinstance(setting, Refusal):
        return setting
    return (
        float(setting.concentration_mg_per_ml),
        _shown(setting.volume_ml),
        _shown(setting.rate_ml_per_h),
    )


def _shown(value: Decimal) -> float:
    return float(value.quantize(SETTING_SHOWN, rounding=ROUND_FLOOR))


def _validity_refused(wish: Wish, at: dt.datetime) -> Refusal | None:
    latest = max(wish.valid_from, at)
    if wish.valid_until <= latest:
        return refuse(
            Reason.OUT_OF_ORDER,
            "valid until",
            f"{wish.valid_until:%Y-%m-%d %H:%M} UTC",
            earliest=f"{latest:%Y-%m-%d %H:%M} UTC",
        )
    return None


def may_sign(draft: Draft, *, shown_digest: str, reason: str, stands: frozenset[str]) -> Refusal | None:
    """Why this draft cannot become an order, or None.

    `shown_digest` is of the order that the prescriber saw; `stands` are the kinds that hold for the course now.
    """
    for kind in ("decision", "consent"):
        if kind not in stands:
            return refuse(
                Reason.NOT_ALLOWED_NOW,
                "signing the order",
                f"no valid {kind}",
                next=f"Complete the {kind} first.",
            )
    if draft.order.digest != shown_digest:
        return refuse(
            Reason.CHANGED_MEANWHILE, "the order", f"the dose is now {units.show(draft.order.dose_mg)} mg"
        )
    if draft.needs_reason and not reason.strip():
        return refuse(Reason.NEEDS_REASON, "reason")
    return None
